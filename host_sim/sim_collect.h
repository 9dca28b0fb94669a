/* SPDX-License-Identifier: Apache-2.0
 * What a report is made of: samples of markets and of the crowd, and totals, taken while a world
 * runs, in bounded memory. Totals are exact; samples are for drawing. It knows no rule. */
#ifndef SIM_COLLECT_H
#define SIM_COLLECT_H

#include "sim_mirror.h"
#include "sim_totals.h"

#define SIM_POINTS_MAX   1500u /* points of a chart */
#define SIM_CROWD_POINTS 400u
#define SIM_QUANTILES    5u    /* 10, 25, 50, 75, 90 % */
#define SIM_CODES_MAX    128u
#define SIM_SHARES_MAX   2000u /* E / MM in hundredths, the rest lies in the last one */

/* A stretch of time in one market. */
struct sim_market_point {
    uint64_t time; /* of the last change in it */
    uint64_t slot;
    double price_low;
    double price_high;
    double price;
    double slow;
    double oi;
    double pool;
    double insurance;
    double uncovered;
    double shortfall;
    double taken;  /* notional taken over or closed by force in it */
    double cost;   /* fees of liquidations in it */
    double missed; /* deficits recognised in it */
};

/* The crowd at a moment. */
struct sim_crowd_point {
    uint64_t time;
    uint64_t slot;
    double equity;                   /* sums over accounts with lots, E below 20 MM */
    double maint;
    double quantiles[SIM_QUANTILES]; /* of E / MM */
    uint32_t accounts;               /* with lots */
    uint32_t in_trouble;             /* E < MM */
};

/* Points of one kind; the stretch doubles when there are too many. */
struct sim_market_points {
    struct sim_market_point *rows;
    size_t capacity;
    uint32_t count;
    uint64_t stretch;
};

struct sim_crowd_points {
    struct sim_crowd_point *rows;
    size_t capacity;
    uint32_t count;
    uint64_t stretch;
};

/* Refused operations of one kind. */
struct sim_refusals {
    uint8_t opcode;
    int32_t code;
    uint64_t count;
};

/* What liquidation did to one account. */
struct sim_harmed {
    sim_int taken; /* notional, wad */
    sim_int fees;
    sim_int deficit;
    uint32_t takeovers;
    uint32_t forced;
};

struct sim_collect {
    struct sim_world *world;
    struct sim_mirror *mirror;
    struct sim_market_points *markets; /* MARKETS_MAX */
    struct sim_crowd_points crowd;
    struct sim_refusals refusals[SIM_CODES_MAX];
    uint32_t refusal_count;
    struct sim_refusals refused_prices[SIM_CODES_MAX]; /* aggregates, by code */
    uint32_t refused_price_count;
    struct sim_harmed *harmed;                         /* account id - 1 */
    size_t harmed_capacity;
    uint64_t harmed_count;
    struct sim_totals totals;
    union sim_abi_object *room;
    uint32_t *shares; /* SIM_SHARES_MAX + 1 */
    uint64_t start;   /* time of the first operation */
    uint64_t end;
    bool has_started;
};

struct sim_collect *sim_collect_new(struct sim_world *world);
void sim_collect_follow(struct sim_collect *collect, struct sim_world *world);
void sim_collect_free(struct sim_collect *collect);

/* real: for drawing. */
double sim_collect_real(sim_int value, unsigned decimals);

#endif

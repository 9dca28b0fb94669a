/* SPDX-License-Identifier: Apache-2.0
 * An engine with a hundred thousand accounts, and calls for it that were encoded beforehand.
 * For sim_bench alone. */
#ifndef SIM_BENCH_FLEET_H
#define SIM_BENCH_FLEET_H

#include "sim_engine.h"
#include "sim_random.h"

#define SIM_FLEET_MARKETS 32u

/* Accounts 1 and 2 hold 8 and 32 positions, 3 is the maker and taker; then come `thin` accounts
 * at ten times leverage, then `count` accounts of one position. */
struct sim_fleet {
    struct sim_engine *engine; /* native */
    struct sim_context context;
    struct plm_addr matcher;
    struct plm_addr publisher;
    struct plm_addr token;
    uint32_t count;
    uint32_t thin;
    uint64_t fill_id;
    struct sim_random random;
};

enum sim_fleet_kind {
    SIM_FLEET_OPEN,
    SIM_FLEET_DEPOSIT,
    SIM_FLEET_WITHDRAW,
    SIM_FLEET_TRADE,
    SIM_FLEET_TRADE_SIX,
    SIM_FLEET_PRICE,
    SIM_FLEET_IMPACT,
    SIM_FLEET_SETTLE,
    SIM_FLEET_LEVERAGE,
    SIM_FLEET_FALL, /* one price 6 % lower: the thin accounts become liquidatable */
    SIM_FLEET_FLAG,
    SIM_FLEET_LIQUIDATE,
    SIM_FLEET_MARGIN,
    SIM_FLEET_MARGIN_8,
    SIM_FLEET_MARGIN_32,
};

/* One encoded call. */
struct sim_fleet_call {
    struct sim_context context;
    size_t at; /* in the plan's bytes */
    size_t length;
};

/* Calls in order, made before they are timed. {0} is empty. */
struct sim_fleet_plan {
    struct sim_buffer bytes;
    struct sim_fleet_call *calls;
    size_t capacity;
    uint32_t count;
    uint32_t next;
    bool is_query;
    struct sim_engine *engine;
    struct sim_outcome outcome;
};

/* new: NULL with an error printed where something was refused. */
struct sim_fleet *sim_fleet_new(uint32_t count, uint32_t thin);
void sim_fleet_free(struct sim_fleet *fleet);
/* add: `count` more calls of a kind, numbered from `first` among their kind. */
void sim_fleet_add(struct sim_fleet *fleet,
                   struct sim_fleet_plan *plan,
                   enum sim_fleet_kind kind,
                   uint32_t first,
                   uint32_t count);
/* run: the next `count` calls of a plan; false with an error at the first that is refused. */
bool sim_fleet_run(void *plan, uint32_t count);
/* clear: no calls; the memory stays. free: nothing stays. */
void sim_fleet_clear(struct sim_fleet_plan *plan);
void sim_fleet_plan_free(struct sim_fleet_plan *plan);

#endif

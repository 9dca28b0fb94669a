/* SPDX-License-Identifier: Apache-2.0
 * Who lives in the box: crowds of traders, keepers that liquidate, and the series that move the
 * prices. Spec: docs/SCENARIOS.md, "Crowds". Everything goes through the engine's operations.
 *     crowd COUNT on MARKET[,MARKET] [key value ...]          sim_crowd.c
 *     keepers COUNT [key value ...]                           sim_keepers.c
 *     play FEED[,FEED] [key value ...]                        sim_play.c
 * It knows what traders do, never what a rule allows: the engine says no. */
#ifndef SIM_WORKLOAD_H
#define SIM_WORKLOAD_H

#include "sim_prices.h"
#include "sim_scenario.h"

struct sim_workload;

/* A --prices MARKET=FILE option: the name of a market, asset or feed, and its file; or a series
 * that is there already and is played whole, `from` and `until` do not cut it. */
struct sim_series {
    const char *market;
    const char *path;
    const struct sim_prices *prices;  /* instead of the file, or NULL */
    const struct sim_prices *fits_to; /* what `fit` looks at instead, or NULL */
};

/* new: `series` are the --prices options (they must outlive the workload). */
struct sim_workload *sim_workload_new(const struct sim_series *series,
                                      uint32_t series_count,
                                      uint64_t seed,
                                      bool is_quiet);
/* copy: for a `without` block; series stay shared. free: either. NULL is allowed. */
struct sim_workload *sim_workload_copy(const struct sim_workload *workload);
void sim_workload_free(struct sim_workload *workload);

/* The verbs. The workload and the world are the scenario's; a NULL world is a check: words and
 * numbers are looked at, nothing happens. False with a fault by sim_args_refuse. */
bool sim_workload_crowd(const struct sim_args *args);
bool sim_workload_keepers(const struct sim_args *args);
bool sim_workload_play(const struct sim_args *args);

/* fit: the terms of a market that fit its series: sim_fit.c. A market's line takes them by `fit`.
 * Where the scenario has no workload (a check), those of a generated series. */
struct sim_fit {
    uint32_t price_decimals;
    uint64_t price_max; /* ticks */
    int64_t max_lots;
    uint32_t age;       /* seconds */
    uint32_t gap;
    uint32_t window;
};

bool sim_workload_fit(const struct sim_args *args, const char *name, struct sim_fit *out);

/* flat: whether every trader of the crowds who never had a position owns, to the atom, what it
 * brought, and may take all of it out. *count: how many they are; *why says what is wrong. */
bool sim_workload_flat(const struct sim_workload *workload,
                       struct sim_world *world,
                       uint32_t *count,
                       struct sim_buffer *why);

/* What was played: for reports. */
struct sim_played {
    uint64_t publishes;
    uint64_t bars;
    int64_t shift;     /* block time = the series' time + shift */
    bool has_played;
    bool is_generated; /* some series was generated */
    char notes[1024];  /* gaps and odd bars of the files, a sentence each */
};
const struct sim_played *sim_workload_played(const struct sim_workload *workload);

#endif

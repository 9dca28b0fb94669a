/* SPDX-License-Identifier: Apache-2.0
 * What crowd, keepers and play share: who there is, and how they send. Internal to sim_workload. */
#ifndef SIM_ACTORS_H
#define SIM_ACTORS_H

#include "sim_mirror.h"
#include "sim_random.h"
#include "sim_workload.h"

/* What a trader does besides waiting. */
enum sim_habit {
    SIM_HABIT_NONE,
    SIM_HABIT_CASHER,  /* takes profit out as soon as it is paid */
    SIM_HABIT_RELEVER, /* buys more with profit */
    SIM_HABIT_SCARED,  /* closes half when margin gets thin */
};

struct sim_trader {
    struct plm_addr owner;
    uint64_t account;
    enum sim_habit habit;
};

struct sim_keeper {
    struct plm_addr owner;
    uint64_t account;
    uint64_t delay;  /* seconds between seeing and acting */
    uint64_t unwind; /* seconds between two steps of selling what was taken */
    uint64_t rested; /* when it last unwound */
    uint32_t greed;  /* least fee, ppm */
};

/* Who came and never traded, with what. */
struct sim_flat {
    uint64_t account;
    sim_int cash;  /* wad */
    sim_int atoms; /* of `asset` */
    uint16_t asset;
};

/* An account in trouble, and since when keepers know. */
struct sim_case {
    uint64_t account;
    uint64_t seen;
    uint64_t wait_until;
    uint32_t refusals; /* in a row: waits grow with them */
};

struct sim_workload {
    const struct sim_series *series;
    uint32_t series_count;
    uint64_t seed;
    bool is_quiet;
    struct sim_random random;
    struct sim_trader *traders;
    struct sim_trader *makers;
    struct sim_keeper *keepers;
    struct sim_case *cases;
    struct sim_flat *flats;
    size_t trader_capacity;
    size_t maker_capacity;
    size_t keeper_capacity;
    size_t case_capacity;
    size_t flat_capacity;
    uint32_t trader_count;
    uint32_t maker_count;
    uint32_t keeper_count;
    uint32_t case_count;
    uint32_t flat_count;
    uint32_t next_keeper; /* whose turn it is */
    uint32_t next_maker;
    struct sim_played played;
    /* While a verb runs: */
    const struct sim_args *args;
    struct sim_world *world;
    struct sim_mirror *mirror;
    struct plm_addr matcher;
    int32_t code; /* of the last operation */
};

/* begin: the verb has a world: makes the mirror. end: frees it. */
void sim_actors_begin(struct sim_workload *w, const struct sim_args *args);
void sim_actors_end(struct sim_workload *w);

/* send: an operation; w->code is its code. Returns false, with a fault, only where the world has
 * stopped; *outcome (may be NULL) is valid until the next operation. */
bool sim_actors_send(struct sim_workload *w,
                     const struct plm_addr *caller,
                     uint8_t opcode,
                     const void *message,
                     const struct sim_outcome **outcome);
/* open: an account of the actor `name`, known to the scenario by that name. In a check only the
 * name. *account is 0 there. */
bool sim_actors_open(const struct sim_args *args,
                     const char *name,
                     uint8_t mode,
                     struct sim_trader *out);
/* is_free: no account has this name; else a fault. Ask once, names of a crowd come in thousands. */
bool sim_actors_is_free(const struct sim_args *args, const char *name);
/* deposit: atoms of an asset, out of nowhere. */
bool sim_actors_deposit(struct sim_workload *w,
                        const struct sim_trader *to,
                        const struct sim_named_asset *asset,
                        sim_int atoms);
/* settle: true also where the engine refuses. */
bool sim_actors_settle(struct sim_workload *w, uint64_t account, uint16_t market);
/* trade: one fill at the accepted price. */
bool sim_actors_trade(
    struct sim_workload *w, uint16_t market, uint64_t buyer, uint64_t seller, int64_t lots);
/* fill: its parts, with the next id of the market. */
struct plm_fill sim_actors_fill(
    struct sim_workload *w, uint16_t market, uint64_t buyer, uint64_t seller, int64_t lots);
/* quote: the settlement asset. */
const struct sim_named_asset *sim_actors_quote(const struct sim_args *args);
/* cash: deposits value (wad), rounded up to whole atoms. */
bool sim_actors_deposit_cash(struct sim_workload *w, const struct sim_trader *to, sim_int value);

/* --- words -------------------------------------------------------------------------------------
 * Each reads the word after a key; absent keys leave *out as it is; false with a fault. */
bool sim_actors_ratio(const struct sim_args *args, const char *key, uint32_t *out);
bool sim_actors_count(const struct sim_args *args, const char *key, uint64_t max, uint64_t *out);
bool sim_actors_value(const struct sim_args *args, const char *key, sim_int *out);
bool sim_actors_duration(const struct sim_args *args, const char *key, uint64_t *out);
/* known: every word at an even distance from `first` is one of the keys. */
bool sim_actors_known(const struct sim_args *args,
                      uint32_t first,
                      const char *const *keys,
                      uint32_t key_count);
/* next: the next name of a list "A,B,C"; false at its end. name holds SIM_NAME_BYTES. */
bool sim_actors_next(const char **list, char *name);

/* --- prices ------------------------------------------------------------------------------------
 */
/* series: the bars of a name: its --prices file, or a generated crash. */
bool sim_actors_series(struct sim_workload *w,
                       const char *name,
                       const struct sim_prices_options *options,
                       struct sim_prices *out);
bool sim_actors_has_series(const struct sim_workload *w, const char *name);
/* window: the words from, until and the names of columns. */
bool sim_actors_window(const struct sim_args *args, struct sim_prices_options *out);
/* publish: the same price of each feed by each of its publishers; conf in ppm of the price. */
bool sim_actors_publish(struct sim_workload *w,
                        const uint16_t *feeds,
                        const uint64_t *ticks,
                        uint32_t count,
                        uint32_t conf);

/* --- keepers, sim_keepers.c --------------------------------------------------------------------
 */
/* step: what keepers do after a price. */
bool sim_keepers_step(struct sim_workload *w);
/* rounds: what settles and moves now and then: losers and winners, habits. */
bool sim_keepers_round(struct sim_workload *w);

#endif

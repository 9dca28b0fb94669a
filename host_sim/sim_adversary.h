/* SPDX-License-Identifier: Apache-2.0
 * Adversary search: short plans of a group of accounts under one will, tried in a prepared world
 * beside honest people, climbed toward what the group takes out beyond what it put in.
 * Spec: docs/ADVERSARY.md. It counts money at the chain and what honest people agreed to; it must
 * never judge by the engine's own figures, which only guide the climb. */
#ifndef SIM_ADVERSARY_H
#define SIM_ADVERSARY_H

#include "sim_random.h"
#include "sim_world.h"

#define SIM_ADVERSARY_ACCOUNTS 12u
#define SIM_ADVERSARY_MARKETS  2u
#define SIM_ADVERSARY_FEEDS    4u
#define SIM_ADVERSARY_ASSETS   3u
#define SIM_ADVERSARY_MOVES    24u
#define SIM_ADVERSARY_PATH     32u
#define SIM_ADVERSARY_COVER    3u

/* What the group may do. */
enum sim_adversary_kind {
#define X(name, kind, text) SIM_ADVERSARY_##kind,
#include "sim_adversary_kinds.def"
#undef X
    SIM_ADVERSARY_KIND_COUNT
};

/* How prices go: they stand still; they follow a path of steps inside the margins, and keepers look
 * at each; they fall or rise by what the envelope allows, and keepers come when all is over. */
enum sim_adversary_prices {
    SIM_ADVERSARY_CONSTANT,
    SIM_ADVERSARY_MOVING,
    SIM_ADVERSARY_CRASH,
    SIM_ADVERSARY_PRICES_COUNT
};

/* Accounts by their id. amount: lots, atoms or seconds; 0 = all there is. edge: ppm off the price.
 */
struct sim_adversary_move {
    uint8_t kind;
    uint8_t who;
    uint8_t with;
    uint8_t target; /* a market or an asset */
    int32_t edge;
    int64_t amount;
};

struct sim_adversary_plan {
    uint32_t count;
    struct sim_adversary_move moves[SIM_ADVERSARY_MOVES];
};

/* A prepared world. Accounts are numbered as they are declared: the group first, then the maker who
 * stands with orders, then the others. */
struct sim_adversary_place {
    const char *name;
    const char *text;    /* a scenario */
    const char *backing; /* more of it in a crash: insurance as large as the allotments */
    const char *owners[SIM_ADVERSARY_ACCOUNTS]; /* from 1; "" behind the last */
    uint32_t group;                             /* accounts 1..group */
    uint32_t keeper;                            /* the account that takes over for the honest */
    uint32_t feeds;
    uint32_t markets;
    uint32_t assets;      /* the settlement token included */
    uint32_t market_feed; /* of market 0; the next market's is one more */
    uint32_t asset_feed[SIM_ADVERSARY_ASSETS];
    const char *tokens[SIM_ADVERSARY_ASSETS];
    sim_int asset_unit[SIM_ADVERSARY_ASSETS]; /* 10^(18 - decimals), a multiple of 10^10 */
    uint32_t length;                          /* of a plan */
};

/* One seed's stage: the world as it stands before the first move, and the path of its prices. */
struct sim_adversary_stage {
    const struct sim_adversary_place *place;
    struct sim_world *prepared;
    uint64_t rules;                                        /* switched off */
    enum sim_adversary_prices prices;
    int32_t path[SIM_ADVERSARY_PATH][SIM_ADVERSARY_FEEDS]; /* ppm of the first price */
    struct plm_addr owners[SIM_ADVERSARY_ACCOUNTS];
};

/* Money in 1e-18 quote units. excess = gain - lost - allowed: above the dust bound it is a finding.
 * With rules off lost is at least 0: only the group's own profit counts. */
struct sim_adversary_value {
    sim_int gain;    /* what the group holds at the chain, counted from nothing */
    sim_int lost;    /* what honest people lose by fills they agreed to, at the last price */
    sim_int draws;   /* what insurance paid */
    sim_int allowed; /* of it: within the declared allotment, nothing at a constant price */
    sim_int profit;  /* gain - lost, where what honest people win does not count */
    sim_int excess;
    sim_int guide;   /* the same with what accounts are worth on paper, bankrupt ones nothing */
    uint64_t operations;
    /* Of each kind of move as bits: the codes that it ended in, by their row in errors.def, and
     * which kinds had been accepted before it. */
    uint64_t cover[SIM_ADVERSARY_KIND_COUNT][SIM_ADVERSARY_COVER];
    bool has_stopped; /* a trap, or engines that differ */
};

/* --- worlds and moves (sim_adversary_world.c, sim_adversary_play.c) ------------------------- */
const struct sim_adversary_place *sim_adversary_place(const char *name);
/* begin: false where the world could not be prepared; the error is printed. */
bool sim_adversary_begin(struct sim_adversary_stage *stage,
                         const struct sim_adversary_place *place,
                         uint64_t seed,
                         enum sim_adversary_prices prices,
                         uint64_t rules);
const char *sim_adversary_prices_name(enum sim_adversary_prices prices);
void sim_adversary_end(struct sim_adversary_stage *stage);
/* The dust bound in 1e-18 quote units. */
sim_int sim_adversary_dust(void);
/* Plays a plan from the prepared world, closes what is open, and counts. told: NULL, or where each
 * move and its result is written for people. */
void sim_adversary_play(const struct sim_adversary_stage *stage,
                        const struct sim_adversary_plan *plan,
                        struct sim_adversary_value *value,
                        struct sim_buffer *told);

/* --- the climb (sim_adversary_search.c) ----------------------------------------------------- */
struct sim_adversary_best {
    struct sim_adversary_plan plan;
    struct sim_adversary_value value;
    sim_int profit; /* the most of any plan */
    sim_int draws;
    uint64_t plans;
    uint64_t operations;
    uint64_t cover[SIM_ADVERSARY_KIND_COUNT][SIM_ADVERSARY_COVER];
    bool is_found; /* above the bound */
};

/* Climbs for so many rounds, or until something is above the bound; then shrinks it. */
void sim_adversary_search(const struct sim_adversary_stage *stage,
                          uint64_t seed,
                          uint64_t rounds,
                          struct sim_adversary_best *best);

/* --- files of moves (sim_adversary_moves.c) -------------------------------------------------- */
struct sim_adversary_file {
    char world[16];
    uint64_t seed;
    enum sim_adversary_prices prices;
    uint64_t rules;
    struct sim_adversary_plan plan;
};

/* The bits of rules named as "WD-1,LEDGER-1"; false where one has no switch. */
bool sim_adversary_rules(const char *text, uint64_t *rules);
void sim_adversary_rules_text(uint64_t rules, struct sim_buffer *out);
const char *sim_adversary_kind_name(uint32_t kind);
void sim_adversary_move_text(const struct sim_adversary_move *move, struct sim_buffer *out);
bool sim_adversary_write(const char *path, const struct sim_adversary_file *file);
bool sim_adversary_read(const char *path, struct sim_adversary_file *file);

#endif

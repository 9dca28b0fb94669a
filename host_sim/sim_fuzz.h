/* SPDX-License-Identifier: Apache-2.0
 * Simulation testing: from a seed a world of actors, oracles and faults, step by step, the auditor
 * behind every operation. Spec: docs/FUZZING.md. A step is concrete (who sends which bytes with
 * which tokens), so that a run can be cut down to the few steps that matter and played again.
 * It knows names and types of messages and what traders and oracles do; it judges nothing. */
#ifndef SIM_FUZZ_H
#define SIM_FUZZ_H

#include "sim_audit.h"
#include "sim_random.h"
#include "sim_world.h"

/* --- steps (sim_fuzz_steps.c) -------------------------------------------------------------- */
enum sim_fuzz_kind {
    SIM_FUZZ_SEND,        /* who, funds, message; number: the host call that fails, 0 = none */
    SIM_FUZZ_MIGRATE,     /* who, message */
    SIM_FUZZ_ADVANCE,     /* number: seconds; 0 = the next block in the same second */
    SIM_FUZZ_HOLD,        /* number: 1 payments are kept back from now on, 0 no longer */
    SIM_FUZZ_DELIVER,     /* number: payout; ok */
    SIM_FUZZ_REFUSE,      /* who: payments to him fail from now on (ok 1), or no longer (0) */
    SIM_FUZZ_UNSOLICITED, /* who, funds */
};

#define SIM_FUZZ_FUNDS 2u

struct sim_fuzz_step {
    enum sim_fuzz_kind kind;
    uint32_t fund_count;
    uint64_t number;
    struct plm_addr who;
    struct plm_fund funds[SIM_FUZZ_FUNDS];
    uint8_t *message; /* owned by the list */
    uint32_t length;
    bool ok;
};

struct sim_fuzz_steps {
    struct sim_fuzz_step *rows;
    uint32_t count;
    size_t capacity;
};

void sim_fuzz_steps_free(struct sim_fuzz_steps *steps);
/* Appends a copy, message included. */
void sim_fuzz_steps_add(struct sim_fuzz_steps *steps, const struct sim_fuzz_step *step);
/* Plays one step; the outcome of its operation, or NULL where it is none or the world stopped. */
const struct sim_outcome *sim_fuzz_step_play(struct sim_world *world,
                                             const struct sim_fuzz_step *step);
/* Writes and reads a list as a text file: a line a step. False where it failed; the error is
 * printed. */
bool sim_fuzz_steps_write(const struct sim_fuzz_steps *steps, const char *path);
bool sim_fuzz_steps_read(const char *path, struct sim_fuzz_steps *steps);

/* --- one world (sim_fuzz_world.c, sim_fuzz_messages.c) ------------------------------------- */
#define SIM_FUZZ_OWNERS   12u
#define SIM_FUZZ_ACCOUNTS 64u
#define SIM_FUZZ_FEEDS    8u
#define SIM_FUZZ_OPCODES  64u

/* What a seed is good at: most are markets of a few people, some go to the ends of the tables. */
enum sim_fuzz_profile {
    SIM_FUZZ_MARKET,
    SIM_FUZZ_POSITIONS, /* more markets than an account has room for */
    SIM_FUZZ_POCKETS,   /* more kinds of collateral than an account has room for */
    SIM_FUZZ_LISTINGS,  /* as many markets, feeds and assets as there may be */
    SIM_FUZZ_RICHES,    /* balances at their bound */
};

/* The true price of a feed, and what its oracles are up to. */
struct sim_fuzz_feed {
    uint64_t truth;
    uint64_t start;
    uint32_t frozen; /* rounds without a quote */
    int32_t drift;   /* ppm a round */
    uint32_t drift_rounds;
    uint8_t publishers;
    uint8_t liar; /* publisher + 1 who lies; 0 = none */
};

struct sim_fuzz {
    struct sim_world *world;
    struct sim_audit *audit;
    struct sim_fuzz_steps steps;
    struct sim_random random;
    enum sim_fuzz_profile profile;
    uint32_t weights[SIM_FUZZ_OPCODES]; /* swarm: how often each operation is chosen */
    uint32_t weight_sum;
    uint32_t fault_rate;   /* one in so many operations meets a failing host; 0 = never */
    uint32_t chaos_rate;   /* one in so many messages is damaged; 0 = never */
    struct sim_fuzz_feed feeds[SIM_FUZZ_FEEDS];
    uint32_t feed_count;   /* that are quoted */
    uint32_t market_count;
    uint32_t open_markets; /* listed when the world began */
    uint32_t asset_count;  /* the settlement token included */
    uint64_t accounts[SIM_FUZZ_ACCOUNTS];
    uint8_t owners[SIM_FUZZ_ACCOUNTS];
    uint32_t account_count;
    uint64_t taken_from; /* the account last taken over; 0 = none */
    uint32_t delayed;    /* a step that is sent again later: its number + 1 */
    uint64_t operations;
    uint64_t faults;
};

/* Begins the world of a seed: listings, roles, accounts, deposits, first prices. */
void sim_fuzz_begin(struct sim_fuzz *f, uint64_t seed, enum sim_choice choice, bool audits);
/* One random step, sometimes a round of prices; false where something is broken. */
bool sim_fuzz_next(struct sim_fuzz *f);
void sim_fuzz_end(struct sim_fuzz *f);
/* Plays a step and keeps it. NULL as sim_fuzz_step_play. */
const struct sim_outcome *sim_fuzz_do(struct sim_fuzz *f, const struct sim_fuzz_step *step);
/* Sends a struct of the tables, with at most one fund. */
const struct sim_outcome *sim_fuzz_send(struct sim_fuzz *f,
                                        const struct plm_addr *who,
                                        const struct plm_fund *fund,
                                        uint8_t opcode,
                                        const void *message);
/* The actor `name` or, with an index, `name3`. */
struct plm_addr sim_fuzz_actor(const char *name, uint32_t index);
struct plm_addr sim_fuzz_token(uint32_t asset);
/* A fill between two accounts at the price: what worlds with many positions begin with. */
void sim_fuzz_fill(
    struct sim_fuzz *f, uint16_t market, uint32_t buyer, uint32_t seller, sim_int value);
uint32_t sim_fuzz_decimals(struct sim_fuzz *f, uint16_t asset);
/* Fills a message that means something in this world, who would send it, and what it carries. */
void sim_fuzz_message(struct sim_fuzz *f,
                      const struct sim_abi_op *op,
                      union sim_abi_object *message,
                      struct sim_fuzz_step *step);

/* --- many seeds (sim_fuzz_command.c), for whoever plays many ------------------------------------
 */
/* A number of at least `least`; a seed, or two of them as "1..10". */
bool sim_fuzz_number(const char *text, uint64_t least, uint64_t *value);
bool sim_fuzz_seeds(const char *text, uint64_t *first, uint64_t *last);
/* Memory that processes share; ends the program where there is none. */
void *sim_fuzz_share(size_t bytes);

/* --- findings (sim_fuzz_shrink.c) ----------------------------------------------------------- */
/* What is broken, or an empty text. */
const char *sim_fuzz_broken(struct sim_world *world, struct sim_audit *audit);
/* The word that tells two kinds of failure apart: an invariant's id, "trap", "world". */
void sim_fuzz_class(const char *broken, struct sim_world *world, char *word, size_t size);
/* Leaves out what the failure does not need; the list stays a failing one of the same class.
 * *tried counts the operations that it took. */
void sim_fuzz_shrink(struct sim_fuzz_steps *steps,
                     enum sim_choice choice,
                     const char *word,
                     uint64_t *tried);
/* Plays a list from nothing, with the auditor; false where something broke, told in *out. */
bool sim_fuzz_replay(const struct sim_fuzz_steps *steps,
                     enum sim_choice choice,
                     struct sim_buffer *out,
                     uint64_t *operations);

#endif

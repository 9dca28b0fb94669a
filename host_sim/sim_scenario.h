/* SPDX-License-Identifier: Apache-2.0
 * A scenario under way: a script, its names, and the world it acts on. Without a world it is a
 * check: every name and number is resolved, nothing is applied.
 * Spec: docs/SCENARIOS.md. It knows messages and units; no rule of margin. */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "sim_audit.h"
#include "sim_names.h"
#include "sim_scenario_parse.h"
#include "sim_world.h"

/* Cash that an account took out so far, by events. */
struct sim_withdrawn {
    uint64_t account;
    sim_int atoms;
};

/* A publisher who is proposed, for his name. */
#define SIM_HOPES 8u

struct sim_hope {
    uint64_t proposal; /* 0 = none */
    uint16_t feed;
    char name[SIM_NAME_BYTES];
};

struct sim_workload; /* sim_workload.h: crowds, keepers and series of one run */

struct sim_scenario {
    const char *path;        /* of the file, for messages */
    const struct sim_script *script;
    struct sim_world *world; /* NULL: a check */
    struct sim_workload *workload;
    struct sim_audit *audit; /* NULL: --no-audit, or a check */
    const char *replay;      /* the command that runs this file again */
    struct sim_names names;
    enum sim_choice choice;
    uint64_t seed;
    uint64_t genesis; /* block time at the start */
    const struct sim_statement *now;
    struct sim_fault fault;
    bool is_unexpected; /* the fault is an outcome or a figure, not the file's grammar */
    bool is_lab;        /* inside a `without` block */
    bool is_unjudged;   /* judgements and `without` blocks are passed over */
    bool has_engine;    /* `quote` was seen */
    uint64_t last_fill;
    uint64_t operations;
    uint32_t last_changes; /* keys that the last operation changed */
    int32_t last_code;
    uint64_t last_payout;
    struct sim_hope hopes[SIM_HOPES]; /* the last publishers that were only proposed */
    /* Re-entry: the caller of the operation under way sends it again. */
    bool reenters;
    int32_t reentered_code;         /* -1: did not happen */
    struct plm_addr last_caller;
    const struct sim_outcome *last; /* until the next operation or query */
    struct sim_buffer last_message;
    struct sim_withdrawn *withdrawn;
    uint32_t withdrawn_count;
    size_t withdrawn_capacity;
    struct sim_buffer broken;  /* invariants that `audit all` found broken, "I05 I12 " */
    struct sim_buffer context; /* of an unexpected outcome: the margin figures */
};

/* The words of a line for somebody else's verb: crowd, keepers, play. */
struct sim_args {
    struct sim_scenario *scenario;
    const char *path;
    uint32_t line;
    const char *const *words; /* lets replaced */
    uint32_t count;
};

/* value: the word after the key `name`, or NULL. */
const char *sim_args_value(const struct sim_args *args, const char *name);
/* refuse: "file:line: why" becomes the scenario's fault; returns false. */
__attribute__((format(printf, 2, 3))) bool
sim_args_refuse(const struct sim_args *args, const char *format, ...);

/* begin: an empty scenario; world may be NULL. end: frees all but the world and the script. */
void sim_scenario_begin(struct sim_scenario *s,
                        const char *path,
                        const struct sim_script *script,
                        struct sim_world *world);
void sim_scenario_end(struct sim_scenario *s);
/* run: all statements; false at the first fault or unexpected outcome. */
bool sim_scenario_run(struct sim_scenario *s);

/* --- for the chapters of the scenario itself ---------------------------------------------------
 */
__attribute__((format(printf, 2, 3))) bool
sim_scenario_refuse(struct sim_scenario *s, const char *format, ...);
/* unexpected: as refuse, of an outcome or a figure. */
__attribute__((format(printf, 2, 3))) bool
sim_scenario_unexpected(struct sim_scenario *s, const char *format, ...);

/* slot, rest, word: the words of the statement under way, lets replaced; NULL where absent. */
const char *sim_scenario_slot(struct sim_scenario *s, enum sim_slot slot);
const char *sim_scenario_rest(struct sim_scenario *s, uint32_t i);
const char *sim_scenario_replace(struct sim_scenario *s, const char *word);

/* Names: false with a fault where there is no such thing. */
bool sim_scenario_asset(struct sim_scenario *s, const char *name, struct sim_named_asset **out);
bool sim_scenario_feed(struct sim_scenario *s, const char *name, struct sim_named_feed **out);
bool sim_scenario_market(struct sim_scenario *s, const char *name, struct sim_named_market **out);
bool sim_scenario_account(struct sim_scenario *s, const char *name, struct sim_named_account **out);
/* Numbers: exact, or a fault. what: the word's meaning, for the fault. */
bool sim_scenario_decimal(
    struct sim_scenario *s, const char *what, const char *text, uint32_t decimals, sim_int *out);
bool sim_scenario_count(
    struct sim_scenario *s, const char *what, const char *text, uint64_t max, uint64_t *out);
bool sim_scenario_duration(struct sim_scenario *s, const char *text, uint64_t *out);
/* time: "-30s" and "+5s" from now, "40s" from the start of the scenario. */
bool sim_scenario_time(struct sim_scenario *s, const char *text, uint64_t *out);
/* param: the value of a parameter as a scenario writes it. decimals: of the asset, for amounts. */
bool sim_scenario_param(struct sim_scenario *s,
                        const struct sim_abi_param *param,
                        const char *text,
                        uint8_t decimals,
                        sim_int *out);
/* word: the value of an enumerator, "cross" of MODE. */
bool sim_scenario_word(struct sim_scenario *s, const char *kind, const char *text, uint8_t *out);

/* One message: caller, tokens that come with it, opcode and struct. */
struct sim_send {
    const char *caller; /* an actor's name */
    uint8_t opcode;
    const void *message;
    const struct sim_named_asset *asset; /* of the tokens that come with it, or NULL */
    sim_int atoms;
    bool as_contract;
};

/* send: applies a message, remembers what `expect` and `duplicate` ask about; *code in a check is
 * OK. False where the world stopped. */
bool sim_scenario_send(struct sim_scenario *s, const struct sim_send *send, int32_t *code);
/* took: the same bookkeeping for an outcome that came another way. */
bool sim_scenario_took(struct sim_scenario *s, const struct sim_outcome *outcome, int32_t *code);
/* reply: decodes the reply of the last operation; false where there is none. */
bool sim_scenario_reply(struct sim_scenario *s, uint32_t layout, void *reply);
/* judge: compares a code with the statement's outcome. feed: whose refusal counts, or NULL. */
bool sim_scenario_judge(struct sim_scenario *s, int32_t code, const struct sim_named_feed *feed);
/* caller: the name after `as`, or the usual caller. */
const char *sim_scenario_caller(struct sim_scenario *s, const char *usual);

/* The chapters: one statement each. */
bool sim_scenario_declare(struct sim_scenario *s);
bool sim_scenario_operate(struct sim_scenario *s);
bool sim_scenario_batch(struct sim_scenario *s, uint32_t first, uint32_t end);
bool sim_scenario_show(struct sim_scenario *s);
bool sim_scenario_expect(struct sim_scenario *s);
/* audit: every invariant now; those broken are in s->broken. False where the world stopped. */
bool sim_scenario_audit(struct sim_scenario *s);
/* figures: appends the margin figures of an account, for people. */
void sim_scenario_figures(struct sim_scenario *s,
                          const struct sim_named_account *account,
                          struct sim_buffer *out);

#endif

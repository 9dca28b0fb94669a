/* SPDX-License-Identifier: Apache-2.0
 * The auditor: another mind beside the engine. After every operation it checks, from the bytes
 * written, every invariant that the touched records and the running sums can break; every 1 000
 * operations, and whenever it is asked, from all records. Spec: docs/INVARIANTS.md.
 * It shares no code with contract/core and must never include it: formulas are its own. */
#ifndef SIM_AUDIT_H
#define SIM_AUDIT_H

#include "sim_world.h"

/* The invariants, SIM_I01 and so on, in the order of the table. */
enum sim_audit_id {
#define X(id, name, rules, contract, auditor, tests, sentence) SIM_##id,
#include "sim_audit_invariants.def"
#undef X
    SIM_INVARIANT_COUNT
};

/* A row of sim_audit_invariants.def. */
struct sim_audit_invariant {
    const char *id; /* "I01" */
    const char *name;
    const char *rules;
    const char *contract;
    const char *auditor; /* "": the auditor cannot see it */
    const char *tests;
    const char *sentence;
};
const struct sim_audit_invariant *sim_audit_invariant(enum sim_audit_id id);
/* find: by "I05"; SIM_INVARIANT_COUNT where there is none. */
enum sim_audit_id sim_audit_find(const char *id);

struct sim_audit_options {
    bool collects;       /* note what is broken and go on: inside `without` blocks */
    uint32_t full_every; /* operations between two full recomputations; 0 = SIM_AUDIT_FULL_EVERY */
    const char *replay;  /* the command that replays this run, for reports; may be NULL */
};

#define SIM_AUDIT_FULL_EVERY 1000u

struct sim_audit;

/* new: reads the whole state of a world and observes it from now on. `options` may be NULL. */
struct sim_audit *sim_audit_new(struct sim_world *world, const struct sim_audit_options *options);
/* free: also stops observing. NULL is allowed. */
void sim_audit_free(struct sim_audit *audit);
/* follow: goes on with another world (after a restored snapshot); the old one may be gone. Counts
 * stay. */
void sim_audit_follow(struct sim_audit *audit, struct sim_world *world);

/* full: recomputes everything from all records, now. False where anything is broken, now or
 * earlier. Call it at `audit all` and at the end of a run. */
bool sim_audit_full(struct sim_audit *audit);

/* failure: empty while nothing was broken; else the first violation: id, sentence, operation
 * number, the operation decoded, the numbers, and the command that replays it. After it the run
 * should stop, unless the auditor collects. */
const char *sim_audit_failure(struct sim_audit *audit);
/* is_broken: whether an invariant was broken since the start. */
bool sim_audit_is_broken(const struct sim_audit *audit, enum sim_audit_id id);
/* write_broken: appends the broken ids: "I05 I12 ". */
void sim_audit_write_broken(const struct sim_audit *audit, struct sim_buffer *out);
/* count: how often an invariant was checked. */
uint64_t sim_audit_count(const struct sim_audit *audit, enum sim_audit_id id);
/* write_counts: appends {"I01": 123456, ...}: only invariants that were counted. */
void sim_audit_write_counts(const struct sim_audit *audit, struct sim_buffer *out);

/* results: how often an operation ended in a code. */
uint64_t sim_audit_results(const struct sim_audit *audit, uint8_t opcode, int32_t code);
/* write_results: appends {"DEPOSIT": {"OK": 12, ...}, ...}: only what occurred. */
void sim_audit_write_results(const struct sim_audit *audit, struct sim_buffer *out);

/* write_markdown: appends the page docs/INVARIANTS.md. */
void sim_audit_write_markdown(struct sim_buffer *out);

/* --- for tests of the auditor itself: the same without a world ---------------------------- */
/* new_bare: reads the state from a store. funds_held: what the contract holds of each asset id, or
 * NULL: not looked at. */
struct sim_audit *sim_audit_new_bare(struct sim_store *store,
                                     const sim_int *funds_held,
                                     const struct sim_audit_options *options);
/* operation: one operation as it was applied to that store. */
void sim_audit_operation(struct sim_audit *audit,
                         const struct sim_op *op,
                         const struct sim_outcome *outcome);

#endif

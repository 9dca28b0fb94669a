/* SPDX-License-Identifier: Apache-2.0
 * One call of a contract as its host sees it: the context, the store, what was done, and where a
 * trap goes. sim_host.c implements plm_host.h over it; the wasm engine's imports use the same.
 * Internal to the engines; it knows no rule. */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include "sim_engine.h"

#include <setjmp.h>

/* Where a trap of the running call goes; calls of one thread may nest. */
struct sim_trap {
    jmp_buf landing;
    char *place; /* of sizeof ((struct sim_outcome *)0)->place bytes */
    struct sim_trap *outer;
};

struct plm_host {
    const struct sim_context *context;
    struct sim_store *store;
    struct sim_outcome *outcome;
    bool is_query;        /* nothing may be stored, paid or told */
    bool has_returned;
    uint32_t effects;     /* sets, deletions, events and payments so far */
    size_t spoilt_length; /* 0: no record is spoilt, see spoil_read of the context */
    uint8_t spoilt_key[SIM_KEY_MAX];
};

/* Makes `trap` the landing of this thread's traps, until sim_host_trap_end. Between them:
 *     if (setjmp(trap.landing) == 0) { ... }                                                */
void sim_host_trap_begin(struct sim_trap *trap, char *place);
void sim_host_trap_end(struct sim_trap *trap);
/* Ends the running call of this thread, or the program where none runs. */
__attribute__((noreturn)) void sim_host_trap(const char *place);

/* What the assertions of the native core call; see contract/core/plm_assert.h. */
_Noreturn void plm_assert_fail(const char *file, int line, const char *text);
/* What the lab core asks. */
uint64_t plm_host_lab_rules(struct plm_host *host);

#endif

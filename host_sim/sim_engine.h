/* SPDX-License-Identifier: Apache-2.0
 * One engine and its store behind one interface, whichever way its code runs: the core compiled
 * natively, or the very .wasm of the contract translated by wasm2c, each also as lab build.
 * It is a host: it implements plm_host.h, and knows no rule. */
#ifndef SIM_ENGINE_H
#define SIM_ENGINE_H

#include "sim_abi.h"
#include "sim_store.h"

#include "plm/plm_engine.h"

enum sim_engine_kind {
    SIM_ENGINE_NATIVE,
    SIM_ENGINE_WASM,
    SIM_ENGINE_NATIVE_LAB, /* single rules can be switched off by context.lab */
    SIM_ENGINE_WASM_LAB,
};

/* "native", "wasm", "native-lab", "wasm-lab". */
const char *sim_engine_kind_name(enum sim_engine_kind kind);

/* What a chain tells the contract about one call. */
struct sim_context {
    struct plm_addr caller;
    struct plm_addr self;
    uint64_t time;
    uint64_t height;
    struct plm_fund funds[PLM_FUNDS_MAX];
    uint32_t fund_count;
    uint32_t fail_host_call; /* kv_set, kv_del and pay can fail: the n-th of them does; 0 = none */
    uint32_t spoil_read;     /* the n-th record read comes of a version nobody knows; 0 = none */
    uint64_t lab;            /* lab builds: the rules switched off; 0 = none */
};

struct sim_event {
    uint32_t id;
    struct sim_span bytes; /* layout: sim_abi_find_event(id)->layout */
};

struct sim_payment {
    struct plm_addr to;
    struct plm_addr token;
    sim_int atoms;
    uint64_t payout;
};

/* What one call did. {0} is empty; the same struct may be used again and again, and owns its
 * memory until sim_engine_outcome_free. */
struct sim_outcome {
    int32_t code;    /* enum plm_err; meaningless where trapped */
    bool trapped;    /* an assertion, a wasm trap or plm_host_panic: nothing was stored */
    char place[256]; /* where, as `file:line: condition` or the trap's name */
    struct sim_event *events;
    uint32_t event_count;
    struct sim_payment *payments;
    uint32_t payment_count;
    struct sim_span reply;
    struct sim_writes writes;
    uint32_t host_calls;     /* all calls of host functions */
    uint32_t failable_calls; /* kv_set, kv_del and pay among them: bounds fail_host_call */
    uint32_t reads;          /* kv_get among them that found a record: bounds spoil_read */
    bool host_failed;        /* fail_host_call or spoil_read was reached */
    /* Sets, deletions, events and payments that a refused call had already made: they were undone.
     * More than 0 is a bug of the core unless the code is E_HOST. */
    uint32_t undone;
    struct sim_buffer memory; /* behind events and reply */
    size_t event_capacity;
    size_t payment_capacity;
};

void sim_engine_outcome_free(struct sim_outcome *outcome);
/* Copies all of an outcome, writes included; `to` was {0} or used before. */
void sim_engine_outcome_copy(struct sim_outcome *to, const struct sim_outcome *from);

struct sim_engine;

struct sim_engine *sim_engine_new(enum sim_engine_kind kind);
/* A copy of the state under an engine of a kind that may differ (native to native-lab). */
struct sim_engine *sim_engine_copy(const struct sim_engine *engine, enum sim_engine_kind kind);
void sim_engine_free(struct sim_engine *engine);
enum sim_engine_kind sim_engine_kind_of(const struct sim_engine *engine);
struct sim_store *sim_engine_store(struct sim_engine *engine);

/* One operation: on PLM_OK its writes are committed, else everything it did is undone. Either way
 * the chain of state hashes moves on; a trap leaves it. */
void sim_engine_apply(struct sim_engine *engine,
                      const struct sim_context *context,
                      struct sim_span message,
                      struct sim_outcome *outcome);
/* One query: stores nothing; a query that tries to is reported as trapped. The chain stays. */
void sim_engine_query(struct sim_engine *engine,
                      const struct sim_context *context,
                      struct sim_span message,
                      struct sim_outcome *outcome);
/* plm_engine_migrate; commits and mixes as apply does, with opcode 0. */
void sim_engine_migrate(struct sim_engine *engine,
                        const struct sim_context *context,
                        struct sim_span message,
                        struct sim_outcome *outcome);

#endif

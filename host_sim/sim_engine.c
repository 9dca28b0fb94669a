/* SPDX-License-Identifier: Apache-2.0
 * One engine and its store behind one interface, whichever way its code runs.
 * It is a host, and knows no rule. */
#include "sim_engine.h"

#include "sim_engine_wasm.h"
#include "sim_host.h"

#include <stdlib.h>
#include <string.h>

#define SIM_ENGINE_OUTCOME_BYTES 65536u

/* The lab core's entries: the build renames them, so that both cores fit into one program. */
plm_err plm_lab_engine_apply(struct plm_host *host,
                             struct plm_memory *memory,
                             const uint8_t *message,
                             uint32_t length);
plm_err plm_lab_engine_query(struct plm_host *host,
                             struct plm_memory *memory,
                             const uint8_t *message,
                             uint32_t length);
plm_err plm_lab_engine_migrate(struct plm_host *host,
                               struct plm_memory *memory,
                               const uint8_t *message,
                               uint32_t length);

struct sim_engine {
    enum sim_engine_kind kind;
    struct sim_store *store;
    struct plm_memory *memory; /* of native engines */
};

const char *sim_engine_kind_name(enum sim_engine_kind kind)
{
    switch (kind) {
    case SIM_ENGINE_NATIVE: return "native";
    case SIM_ENGINE_WASM: return "wasm";
    case SIM_ENGINE_NATIVE_LAB: return "native-lab";
    case SIM_ENGINE_WASM_LAB: return "wasm-lab";
    }
    return "?";
}

/* --- life -------------------------------------------------------------------------------- */
static struct sim_engine *sim_engine_over(struct sim_store *store, enum sim_engine_kind kind)
{
    struct sim_engine *engine = sim_bytes_alloc(1, sizeof *engine);
    engine->kind = kind;
    engine->store = store;
    engine->memory = sim_bytes_alloc(1, sizeof *engine->memory);
    return engine;
}

struct sim_engine *sim_engine_new(enum sim_engine_kind kind)
{
    return sim_engine_over(sim_store_new(), kind);
}

struct sim_engine *sim_engine_copy(const struct sim_engine *engine, enum sim_engine_kind kind)
{
    return sim_engine_over(sim_store_copy(engine->store), kind);
}

void sim_engine_free(struct sim_engine *engine)
{
    if (engine != NULL) {
        sim_store_free(engine->store);
        free(engine->memory);
        free(engine);
    }
}

enum sim_engine_kind sim_engine_kind_of(const struct sim_engine *engine)
{
    return engine->kind;
}

struct sim_store *sim_engine_store(struct sim_engine *engine)
{
    return engine->store;
}

/* --- outcomes ---------------------------------------------------------------------------- */
void sim_engine_outcome_free(struct sim_outcome *outcome)
{
    sim_store_writes_free(&outcome->writes);
    sim_bytes_free(&outcome->memory);
    free(outcome->events);
    free(outcome->payments);
    *outcome = (struct sim_outcome){0};
}

/* Forgets what was done and keeps the memory. */
static void sim_engine_outcome_drop(struct sim_outcome *outcome)
{
    outcome->event_count = 0;
    outcome->payment_count = 0;
    outcome->reply = (struct sim_span){NULL, 0};
    outcome->memory.length = 0;
    sim_store_writes_clear(&outcome->writes);
}

static void sim_engine_outcome_clear(struct sim_outcome *outcome)
{
    outcome->memory.bytes = sim_bytes_grow(
        outcome->memory.bytes, &outcome->memory.capacity, SIM_ENGINE_OUTCOME_BYTES, 1);
    sim_engine_outcome_drop(outcome);
    outcome->code = 0;
    outcome->trapped = false;
    outcome->place[0] = '\0';
    outcome->host_calls = 0;
    outcome->failable_calls = 0;
    outcome->reads = 0;
    outcome->host_failed = false;
    outcome->undone = 0;
}

/* The same bytes in the copy's memory. */
static struct sim_span
sim_engine_moved(const struct sim_outcome *to, const struct sim_outcome *from, struct sim_span span)
{
    if (span.bytes == NULL) {
        return span;
    }
    return (struct sim_span){to->memory.bytes + (span.bytes - from->memory.bytes), span.length};
}

void sim_engine_outcome_copy(struct sim_outcome *to, const struct sim_outcome *from)
{
    sim_engine_outcome_clear(to);
    sim_bytes_add(&to->memory, from->memory.bytes, from->memory.length);
    to->code = from->code;
    to->trapped = from->trapped;
    memcpy(to->place, from->place, sizeof to->place);
    to->host_calls = from->host_calls;
    to->failable_calls = from->failable_calls;
    to->reads = from->reads;
    to->host_failed = from->host_failed;
    to->undone = from->undone;
    to->reply = sim_engine_moved(to, from, from->reply);
    to->events = sim_bytes_grow(
        to->events, &to->event_capacity, from->event_count, sizeof(struct sim_event));
    for (uint32_t i = 0; i < from->event_count; i++) {
        to->events[i].id = from->events[i].id;
        to->events[i].bytes = sim_engine_moved(to, from, from->events[i].bytes);
    }
    to->event_count = from->event_count;
    to->payments = sim_bytes_grow(
        to->payments, &to->payment_capacity, from->payment_count, sizeof(struct sim_payment));
    for (uint32_t i = 0; i < from->payment_count; i++) {
        to->payments[i] = from->payments[i];
    }
    to->payment_count = from->payment_count;
    sim_store_writes_copy(&to->writes, &from->writes);
}

/* --- calls ------------------------------------------------------------------------------- */
static plm_err sim_engine_call_native(struct sim_engine *engine,
                                      struct plm_host *host,
                                      enum sim_entry_point entry,
                                      struct sim_span message)
{
    const bool is_lab = engine->kind == SIM_ENGINE_NATIVE_LAB;
    const uint32_t length = (uint32_t)message.length;
    switch (entry) {
    case SIM_ENTRY_APPLY:
        return is_lab ? plm_lab_engine_apply(host, engine->memory, message.bytes, length)
                      : plm_engine_apply(host, engine->memory, message.bytes, length);
    case SIM_ENTRY_QUERY:
        return is_lab ? plm_lab_engine_query(host, engine->memory, message.bytes, length)
                      : plm_engine_query(host, engine->memory, message.bytes, length);
    case SIM_ENTRY_MIGRATE:
        return is_lab ? plm_lab_engine_migrate(host, engine->memory, message.bytes, length)
                      : plm_engine_migrate(host, engine->memory, message.bytes, length);
    }
    return PLM_E_HOST;
}

/* Runs the entry; true unless it trapped. Nothing after the landing reads a local that the call
 * could have changed. */
static bool sim_engine_call(struct sim_engine *engine,
                            struct plm_host *host,
                            enum sim_entry_point entry,
                            struct sim_span message)
{
    static const uint8_t nothing[1] = {0};
    const struct sim_span bytes = {message.length == 0 ? nothing : message.bytes, message.length};
    struct sim_trap trap;
    sim_host_trap_begin(&trap, host->outcome->place);
    if (setjmp(trap.landing) == 0) {
        switch (engine->kind) {
        case SIM_ENGINE_NATIVE:
        case SIM_ENGINE_NATIVE_LAB: {
            const plm_err code = sim_engine_call_native(engine, host, entry, bytes);
            host->outcome->code = (int32_t)code;
            break;
        }
        case SIM_ENGINE_WASM:
        case SIM_ENGINE_WASM_LAB:
            host->outcome->code =
                sim_engine_wasm_call(host, engine->kind == SIM_ENGINE_WASM_LAB, entry, bytes);
            break;
        }
    } else {
        host->outcome->trapped = true;
    }
    sim_host_trap_end(&trap);
    return !host->outcome->trapped;
}

/* An operation or a migration: all of it or nothing. */
static void sim_engine_execute(struct sim_engine *engine,
                               const struct sim_context *context,
                               enum sim_entry_point entry,
                               struct sim_span message,
                               struct sim_outcome *outcome)
{
    struct plm_host host = {.context = context, .store = engine->store, .outcome = outcome};
    sim_engine_outcome_clear(outcome);
    sim_store_begin(engine->store);
    const bool has_ended = sim_engine_call(engine, &host, entry, message);
    if (!has_ended || outcome->code != (int32_t)PLM_OK) {
        outcome->undone = host.effects;
        sim_store_rollback(engine->store);
        sim_engine_outcome_drop(outcome);
    } else {
        sim_store_commit(engine->store, &outcome->writes);
    }
    if (has_ended) {
        const uint8_t opcode =
            entry == SIM_ENTRY_APPLY && message.length > 0 ? message.bytes[0] : 0;
        (void)sim_store_mix(engine->store, opcode, outcome->code, &outcome->writes);
    }
}

void sim_engine_apply(struct sim_engine *engine,
                      const struct sim_context *context,
                      struct sim_span message,
                      struct sim_outcome *outcome)
{
    sim_engine_execute(engine, context, SIM_ENTRY_APPLY, message, outcome);
}

void sim_engine_migrate(struct sim_engine *engine,
                        const struct sim_context *context,
                        struct sim_span message,
                        struct sim_outcome *outcome)
{
    sim_engine_execute(engine, context, SIM_ENTRY_MIGRATE, message, outcome);
}

void sim_engine_query(struct sim_engine *engine,
                      const struct sim_context *context,
                      struct sim_span message,
                      struct sim_outcome *outcome)
{
    struct plm_host host = {
        .context = context, .store = engine->store, .outcome = outcome, .is_query = true};
    sim_engine_outcome_clear(outcome);
    const bool has_ended = sim_engine_call(engine, &host, SIM_ENTRY_QUERY, message);
    if (!has_ended || outcome->code != (int32_t)PLM_OK) {
        outcome->undone = host.effects;
        sim_engine_outcome_drop(outcome);
    }
}

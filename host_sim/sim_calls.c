/* SPDX-License-Identifier: Apache-2.0
 * Writes calls files: an observer of a world, one line of JSON a call.
 * Spec: docs/SCENARIOS.md, "Calls files". It must never know what a message means. */
#include "sim_calls.h"

#include "sim_abi_chain.h"
#include "sim_error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_CALLS_FORMAT 1

/* --- what a line says -------------------------------------------------------------------- */
/* Gives up what was begun; why already says the reason. */
static json_t *sim_calls_drop(json_t *begun)
{
    json_decref(begun);
    return NULL;
}

static void sim_calls_digest(struct sim_world *world, json_t *line)
{
    uint8_t digest[sizeof(struct plm_hash)];
    struct sim_buffer text = {0};
    sim_store_digest(sim_world_store(world), digest);
    sim_bytes_add_hex(&text, (struct sim_span){digest, sizeof digest});
    sim_json_text(line, "state", sim_bytes_text(&text));
    sim_bytes_free(&text);
}

static json_t *sim_calls_events(const struct sim_outcome *outcome, const char **why)
{
    json_t *events = json_array();
    for (uint32_t i = 0; i < outcome->event_count; i++) {
        json_t *event = sim_abi_chain_event(outcome->events[i].id, outcome->events[i].bytes, why);
        if (event == NULL) {
            return sim_calls_drop(events);
        }
        sim_json_add(events, event);
    }
    return events;
}

static json_t *sim_calls_payments(const struct sim_outcome *outcome, const char **why)
{
    json_t *payments = json_array();
    for (uint32_t i = 0; i < outcome->payment_count; i++) {
        const struct sim_payment *payment = &outcome->payments[i];
        json_t *to = sim_abi_chain_addr(&payment->to, why);
        json_t *token = sim_abi_chain_token(&payment->token, why);
        if (to == NULL || token == NULL) {
            json_decref(to);
            json_decref(token);
            return sim_calls_drop(payments);
        }
        json_t *row = sim_json_row(payments);
        sim_json_put(row, "to", to);
        sim_json_put(row, "token", token);
        sim_json_number(row, "amount", payment->atoms);
        sim_json_number(row, "payout", (sim_int)payment->payout);
    }
    return payments;
}

json_t *sim_calls_outcome(struct sim_world *world,
                          const struct sim_op *op,
                          const struct sim_outcome *outcome,
                          const char **why)
{
    json_t *line = json_object();
    json_t *events = sim_calls_events(outcome, why);
    json_t *payments = sim_calls_payments(outcome, why);
    json_t *data = sim_abi_chain_reply(op->opcode, outcome->reply, why);
    if (events == NULL || payments == NULL || data == NULL) {
        json_decref(events);
        json_decref(payments);
        json_decref(data);
        return sim_calls_drop(line);
    }
    sim_json_text(line, "code", sim_abi_code_name(outcome->code));
    sim_json_put(line, "events", events);
    sim_json_put(line, "payments", payments);
    sim_json_put(line, "data", data);
    sim_calls_digest(world, line);
    return line;
}

static void sim_calls_add_hex(json_t *array, struct sim_span span)
{
    struct sim_buffer text = {0};
    sim_bytes_add_hex(&text, span);
    sim_json_add(array, json_string(sim_bytes_text(&text)));
    sim_bytes_free(&text);
}

json_t *sim_calls_end(struct sim_world *world)
{
    json_t *line = json_object();
    json_t *keys = json_array();
    struct sim_cursor at = sim_store_scan(sim_world_store(world), (struct sim_span){NULL, 0});
    while (sim_store_next(&at)) {
        json_t *pair = json_array();
        sim_calls_add_hex(pair, at.key);
        sim_calls_add_hex(pair, at.value);
        sim_json_add(keys, pair);
    }
    sim_json_put(line, "end", json_true());
    sim_calls_digest(world, line);
    sim_json_put(line, "keys", keys);
    return line;
}

/* --- writing ----------------------------------------------------------------------------- */
struct sim_calls {
    FILE *file;
    char *path;
    struct sim_world *world;
    bool has_failed;
};

bool sim_calls_may_follow(const struct sim_script *script, uint32_t *line, const char **verb)
{
    for (uint32_t i = 0; i < script->count; i++) {
        const enum sim_verb of = script->statements[i].verb;
        if (of == SIM_VERB_PLAY || of == SIM_VERB_CROWD) {
            *line = script->statements[i].line;
            *verb = sim_verb_spelling(of);
            return false;
        }
    }
    return true;
}

static void sim_calls_write(struct sim_calls *calls, json_t *line)
{
    struct sim_buffer text = {0};
    sim_json_write(line, JSON_COMPACT, &text);
    sim_bytes_add_text(&text, "\n");
    const size_t written = fwrite(text.bytes, 1, text.length, calls->file);
    calls->has_failed = calls->has_failed || written != text.length;
    sim_bytes_free(&text);
    json_decref(line);
}

static json_t *sim_calls_funds(const struct sim_context *context, const char **why)
{
    json_t *funds = json_array();
    for (uint32_t i = 0; i < context->fund_count; i++) {
        json_t *token = sim_abi_chain_token(&context->funds[i].token, why);
        if (token == NULL) {
            return sim_calls_drop(funds);
        }
        json_t *row = sim_json_row(funds);
        sim_json_put(row, "token", token);
        sim_json_number(row, "amount", sim_abi_int_of(context->funds[i].atoms.atoms));
    }
    return funds;
}

/* The members that say what was called: sender, entry, funds, msg. NULL where it has no JSON form.
 */
static json_t *
sim_calls_call(const struct sim_op *op, const struct sim_outcome *outcome, const char **why)
{
    json_t *line = json_object();
    enum sim_chain_entry entry = SIM_CHAIN_MIGRATE;
    json_t *message = op->is_migration
                          ? json_object()
                          : sim_abi_chain_message(&op->context, op->message, &entry, why);
    json_t *sender = sim_abi_chain_addr(&op->context.caller, why);
    json_t *funds = sim_calls_funds(&op->context, why);
    if (op->is_migration && op->message.length > 0) {
        *why = "a migration has no message";
    } else if (outcome->host_failed) {
        *why = "a call of the host failed on purpose";
    }
    if (*why != NULL) {
        json_decref(message);
        json_decref(sender);
        json_decref(funds);
        return sim_calls_drop(line);
    }
    sim_json_put(line, "sender", sender);
    sim_json_text(line, "entry", sim_abi_chain_entry_name(entry));
    sim_json_put(line, "funds", funds);
    sim_json_put(line, "msg", message);
    return line;
}

static void sim_calls_on_operation(void *self,
                                   struct sim_world *world,
                                   const struct sim_op *op,
                                   const struct sim_outcome *outcome)
{
    const char *why = NULL;
    json_t *line = json_object();
    sim_json_integer(line, "n", (int64_t)op->number);
    sim_json_number(line, "time", (sim_int)op->context.time);
    sim_json_integer(line, "height", (int64_t)op->context.height);
    json_t *call = sim_calls_call(op, outcome, &why);
    json_t *did = sim_calls_outcome(world, op, outcome, &why);
    if (call == NULL || did == NULL) {
        json_decref(call);
        json_decref(did);
        sim_json_text(line, "entry", sim_abi_chain_entry_name(SIM_CHAIN_NONE));
        sim_json_text(line, "why", why);
        sim_json_text(line, "code", sim_abi_code_name(outcome->code));
    } else {
        sim_json_merge(line, call);
        sim_json_merge(line, did);
    }
    sim_calls_write(self, line);
}

struct sim_calls *sim_calls_open(const char *path, const char *name, struct sim_world *world)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        sim_error_at(path, 0, "cannot be written: check the folder and its rights");
        return NULL;
    }
    struct sim_calls *calls = sim_bytes_alloc(1, sizeof *calls);
    calls->file = file;
    calls->path = sim_bytes_alloc(strlen(path) + 1, 1);
    memcpy(calls->path, path, strlen(path));
    calls->world = world;
    const char *why = NULL;
    const struct plm_addr contract = sim_world_contract(world);
    json_t *line = json_object();
    sim_json_integer(line, "calls", SIM_CALLS_FORMAT);
    sim_json_text(line, "name", name);
    sim_json_put(line, "contract", sim_abi_chain_addr(&contract, &why));
    sim_json_number(line, "time", (sim_int)sim_world_time(world));
    sim_json_integer(line, "height", (int64_t)sim_world_height(world));
    sim_calls_write(calls, line);
    sim_world_observe(world, sim_calls_on_operation, calls);
    return calls;
}

bool sim_calls_close(struct sim_calls *calls)
{
    sim_world_unobserve(calls->world, calls);
    sim_calls_write(calls, sim_calls_end(calls->world));
    calls->has_failed = fclose(calls->file) != 0 || calls->has_failed;
    const bool is_whole = !calls->has_failed;
    if (!is_whole) {
        sim_error_at(calls->path, 0, "the calls file is not whole: is the disk full?");
    }
    free(calls->path);
    free(calls);
    return is_whole;
}

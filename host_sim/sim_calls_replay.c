/* SPDX-License-Identifier: Apache-2.0
 * Applies calls files to the engines and compares what each line says it did.
 * Spec: docs/SCENARIOS.md, "Calls files". It must never know what a message means. */
#include "sim_abi_chain.h"
#include "sim_calls.h"
#include "sim_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A calls file being replayed: the file, its line, the world, and what the last call did. */
struct sim_calls_replay {
    const char *path;
    const char *dump;
    FILE *file;
    char *text;
    size_t capacity;
    unsigned line;
    json_t *json;    /* of the line */
    struct sim_world *world;
    json_t *did;     /* of the last call, as sim_calls_outcome */
    const char *why; /* where that has no form */
    struct sim_calls_result *result;
    bool has_ended;
};

/* One call of the file. */
struct sim_calls_line {
    enum sim_chain_entry entry;
    struct plm_addr sender;
    struct plm_fund funds[PLM_FUNDS_MAX];
    uint32_t fund_count;
    struct sim_buffer message;
};

static bool sim_calls_refuse(const struct sim_calls_replay *replay, const char *what)
{
    sim_error_at(replay->path, replay->line, "%s", what);
    return false;
}

/* --- comparing --------------------------------------------------------------------------- */
/* The text of a value, cut where it is long. */
static void sim_calls_print(const json_t *value, struct sim_buffer *out)
{
    const size_t most = 400;
    sim_json_write(value, JSON_COMPACT | JSON_ENCODE_ANY, out);
    if (out->length > most) {
        out->length = most;
        sim_bytes_add_text(out, "...");
    }
}

/* False where the line has this member with another value; says the first element that differs. */
static bool sim_calls_same(const struct sim_calls_replay *replay,
                           const json_t *expected,
                           const json_t *got,
                           const char *name)
{
    const json_t *want = json_object_get(expected, name);
    const json_t *have = json_object_get(got, name);
    if (want == NULL || json_equal(want, have) != 0) {
        return true;
    }
    struct sim_buffer place = {0};
    sim_bytes_add_text(&place, name);
    if (json_is_array(want) && json_is_array(have)) {
        size_t i = 0;
        while (json_equal(json_array_get(want, i), json_array_get(have, i)) != 0) {
            i++;
        }
        sim_bytes_add_format(&place, "[%zu]", i);
        want = json_array_get(want, i);
        have = json_array_get(have, i);
    }
    struct sim_buffer wanted = {0};
    struct sim_buffer had = {0};
    sim_bytes_add_text(&wanted, want == NULL ? "nothing" : "");
    sim_bytes_add_text(&had, have == NULL ? "nothing" : "");
    if (want != NULL) {
        sim_calls_print(want, &wanted);
    }
    if (have != NULL) {
        sim_calls_print(have, &had);
    }
    sim_error_at(replay->path,
                 replay->line,
                 "%s is %s, and the engine gives %s: this is the first difference, look at what "
                 "this call did",
                 sim_bytes_text(&place),
                 sim_bytes_text(&wanted),
                 sim_bytes_text(&had));
    sim_bytes_free(&place);
    sim_bytes_free(&wanted);
    sim_bytes_free(&had);
    return false;
}

static void sim_calls_on_call(void *self,
                              struct sim_world *world,
                              const struct sim_op *op,
                              const struct sim_outcome *outcome)
{
    struct sim_calls_replay *replay = self;
    json_decref(replay->did);
    replay->why = NULL;
    replay->did = sim_calls_outcome(world, op, outcome, &replay->why);
}

/* --- one call ---------------------------------------------------------------------------- */
static bool sim_calls_read_funds(const json_t *json, struct sim_calls_line *line)
{
    const size_t count = json_array_size(json);
    if ((json != NULL && !json_is_array(json)) || count > PLM_FUNDS_MAX) {
        return false;
    }
    line->fund_count = (uint32_t)count;
    for (uint32_t i = 0; i < line->fund_count; i++) {
        const json_t *row = json_array_get(json, i);
        sim_int atoms = 0;
        if (!sim_abi_chain_read_token(json_object_get(row, "token"), &line->funds[i].token) ||
            !sim_abi_chain_read_atoms(json_object_get(row, "amount"), &atoms)) {
            return false;
        }
        line->funds[i].atoms.atoms = sim_abi_i128_of(atoms);
    }
    return true;
}

/* Moves the world to the block of a line. */
static bool sim_calls_read_block(const struct sim_calls_replay *replay)
{
    uint64_t time = 0;
    const json_t *height = json_object_get(replay->json, "height");
    if (!sim_abi_chain_read_u64(json_object_get(replay->json, "time"), &time) ||
        !json_is_integer(height) || json_integer_value(height) < 0) {
        return sim_calls_refuse(replay,
                                "time must be a text of digits, height a number: record it again");
    }
    if (!sim_world_set_time(replay->world, time)) {
        return sim_calls_refuse(replay, "time runs backward: record the calls in their order");
    }
    sim_world_set_height(replay->world, (uint64_t)json_integer_value(height));
    return true;
}

/* Sender, funds and entry of a line; its message is read by itself. */
static bool sim_calls_read_line(const struct sim_calls_replay *replay, struct sim_calls_line *line)
{
    const json_t *json = replay->json;
    const char *entry = json_string_value(json_object_get(json, "entry"));
    const struct plm_addr contract = sim_world_contract(replay->world);
    if (entry == NULL || !sim_abi_chain_find_entry(entry, &line->entry) ||
        line->entry == SIM_CHAIN_QUERY) {
        return sim_calls_refuse(replay,
                                "entry must be instantiate, execute, reply, sudo, migrate or none");
    }
    if (line->entry == SIM_CHAIN_NONE) {
        return true;
    }
    if (!sim_abi_chain_read_addr(json_object_get(json, "sender"), &line->sender)) {
        return sim_calls_refuse(
            replay, "sender must be address: and 20 or 32 bytes in lower-case hexadecimal digits");
    }
    if ((line->entry == SIM_CHAIN_REPLY_OF_PAYOUT || line->entry == SIM_CHAIN_SUDO) &&
        !sim_abi_addr_equal(&line->sender, &contract)) {
        return sim_calls_refuse(replay, "the sender of reply and sudo is the contract itself");
    }
    if (!sim_calls_read_funds(json_object_get(json, "funds"), line)) {
        return sim_calls_refuse(
            replay, "funds must be at most 4 of {\"token\":..,\"amount\":\"5\"}: record it again");
    }
    return sim_calls_read_block(replay);
}

/* True where the line says that the contract's reader refused the message too. */
static bool sim_calls_is_refused_text(const json_t *json)
{
    const char *code = json_string_value(json_object_get(json, "code"));
    return code != NULL && (strcmp(code, "E_LENGTH") == 0 || strcmp(code, "E_FIELD") == 0 ||
                            strcmp(code, "E_RANGE") == 0);
}

/* Applies a payout's outcome: that of a payment kept back, or once more. */
static const struct sim_outcome *sim_calls_settle(struct sim_world *world,
                                                  const struct sim_calls_line *line)
{
    union sim_abi_object object;
    struct plm_settle_out told = {0};
    if (sim_abi_decode_message(sim_bytes_span(&line->message), &object) < PLM_LAYOUT_COUNT) {
        memcpy(&told, &object, sizeof told);
    }
    const uint32_t count = sim_world_held_count(world);
    for (uint32_t i = 0; i < count; i++) {
        if (sim_world_held_at(world, i)->payout == told.payout) {
            return sim_world_deliver(world, told.payout, told.ok != 0);
        }
    }
    return sim_world_apply(world, &line->sender, NULL, 0, sim_bytes_span(&line->message));
}

static bool sim_calls_apply(struct sim_calls_replay *replay, const struct sim_calls_line *line)
{
    const struct sim_span message = sim_bytes_span(&line->message);
    const struct sim_outcome *outcome = NULL;
    if (line->entry == SIM_CHAIN_REPLY_OF_PAYOUT) {
        outcome = sim_calls_settle(replay->world, line);
    } else if (line->entry == SIM_CHAIN_MIGRATE) {
        outcome = sim_world_migrate(replay->world, &line->sender, message);
    } else {
        outcome =
            sim_world_apply(replay->world, &line->sender, line->funds, line->fund_count, message);
    }
    if (outcome == NULL || replay->did == NULL) {
        sim_error_at(replay->path,
                     replay->line,
                     "the world stopped: %s",
                     outcome == NULL ? sim_world_failure(replay->world) : replay->why);
        return false;
    }
    static const char *const members[] = {"code", "events", "payments", "data", "state"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (!sim_calls_same(replay, replay->json, replay->did, members[i])) {
            return false;
        }
    }
    return true;
}

static bool sim_calls_call_line(struct sim_calls_replay *replay)
{
    struct sim_calls_line line = {0};
    struct sim_buffer why = {0};
    bool is_good = sim_calls_read_line(replay, &line);
    if (is_good && line.entry == SIM_CHAIN_NONE) {
        replay->result->skipped++;
        return true;
    }
    if (is_good && !sim_abi_chain_read_message(
                       line.entry, json_object_get(replay->json, "msg"), &line.message, &why)) {
        is_good = sim_calls_is_refused_text(replay->json);
        if (!is_good) {
            sim_error_at(replay->path, replay->line, "msg: %s", sim_bytes_text(&why));
        }
    } else if (is_good) {
        is_good = sim_calls_apply(replay, &line);
    }
    replay->result->calls += is_good ? 1 : 0;
    sim_bytes_free(&line.message);
    sim_bytes_free(&why);
    return is_good;
}

/* --- the file ---------------------------------------------------------------------------- */
/* Reads a line and parses it. False at the end of the file, or at a fault, which is printed. */
static bool sim_calls_read(struct sim_calls_replay *replay, bool *has_failed)
{
    json_error_t error;
    const ssize_t length = getline(&replay->text, &replay->capacity, replay->file);
    json_decref(replay->json);
    replay->json = NULL;
    if (length < 0) {
        if (ferror(replay->file) != 0) {
            sim_error_at(replay->path, 0, "cannot be read: check its name and rights");
            *has_failed = true;
        }
        return false;
    }
    replay->line++;
    replay->json = json_loadb(replay->text, (size_t)length, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(replay->json)) {
        sim_error_at(replay->path,
                     replay->line,
                     "is no object of JSON (%s): record the calls again",
                     replay->json == NULL ? error.text : "another value");
        *has_failed = true;
        return false;
    }
    return true;
}

/* Makes the world that the first line describes. */
static bool sim_calls_header(struct sim_calls_replay *replay, enum sim_choice choice)
{
    struct sim_world_options options = {.choice = choice};
    bool has_failed = false;
    if (!sim_calls_read(replay, &has_failed)) {
        return has_failed ? false : sim_calls_refuse(replay, "is empty: record the calls again");
    }
    const json_t *json = replay->json;
    const json_t *height = json_object_get(json, "height");
    if (json_integer_value(json_object_get(json, "calls")) != 1) {
        return sim_calls_refuse(replay,
                                "is no calls file of version 1: write one with run --calls");
    }
    if (!sim_abi_chain_read_addr(json_object_get(json, "contract"), &options.self) ||
        !sim_abi_chain_read_u64(json_object_get(json, "time"), &options.time) ||
        !json_is_integer(height) || json_integer_value(height) < 0) {
        return sim_calls_refuse(
            replay, "the first line needs contract, time and height: record the calls again");
    }
    options.height = (uint64_t)json_integer_value(height);
    replay->world = sim_world_new(&options);
    sim_world_hold_payments(replay->world, true);
    sim_world_observe(replay->world, sim_calls_on_call, replay);
    return true;
}

/* The last line: the state as a whole. */
static bool sim_calls_last(struct sim_calls_replay *replay)
{
    json_t *got = sim_calls_end(replay->world);
    const bool is_same = sim_calls_same(replay, replay->json, got, "keys") &&
                         sim_calls_same(replay, replay->json, got, "state");
    replay->has_ended = true;
    json_decref(got);
    return is_same;
}

/* Keeps the digest of the last state, and writes the state where it was asked for. */
static bool sim_calls_keep(struct sim_calls_replay *replay)
{
    json_t *got = sim_calls_end(replay->world);
    const char *state = json_string_value(json_object_get(got, "state"));
    (void)snprintf(replay->result->state, sizeof replay->result->state, "%s", state);
    const bool is_kept = replay->dump == NULL ||
                         json_dump_file(got, replay->dump, JSON_COMPACT | JSON_PRESERVE_ORDER) == 0;
    if (!is_kept) {
        sim_error_at(replay->dump, 0, "cannot be written: check the folder and its rights");
    }
    json_decref(got);
    return is_kept;
}

static bool sim_calls_lines(struct sim_calls_replay *replay, enum sim_choice choice)
{
    bool has_failed = false;
    if (!sim_calls_header(replay, choice)) {
        return false;
    }
    while (sim_calls_read(replay, &has_failed)) {
        if (replay->has_ended) {
            return sim_calls_refuse(replay, "stands behind the last line: record the calls again");
        }
        const bool is_last = json_is_true(json_object_get(replay->json, "end"));
        if (is_last ? !sim_calls_last(replay) : !sim_calls_call_line(replay)) {
            return false;
        }
        if (sim_interrupted()) {
            return sim_calls_refuse(replay, "interrupted here; all before it agreed");
        }
    }
    if (!has_failed && !replay->has_ended) {
        return sim_calls_refuse(replay, "the calls end without their last line: record them again");
    }
    return !has_failed && sim_calls_keep(replay);
}

bool sim_calls_is_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    const int first = file == NULL ? EOF : fgetc(file);
    if (file != NULL) {
        (void)fclose(file);
    }
    return first == '{';
}

bool sim_calls_replay(const char *path,
                      enum sim_choice choice,
                      const char *dump,
                      struct sim_calls_result *result)
{
    struct sim_calls_replay replay = {.path = path, .dump = dump, .result = result};
    bool agrees = false;
    *result = (struct sim_calls_result){0};
    replay.file = fopen(path, "rb");
    if (replay.file == NULL) {
        sim_error_at(path, 0, "cannot be read: check its name and rights");
        return false;
    }
    agrees = sim_calls_lines(&replay, choice);
    (void)fclose(replay.file);
    json_decref(replay.json);
    json_decref(replay.did);
    sim_world_free(replay.world);
    free(replay.text);
    return agrees;
}

/* SPDX-License-Identifier: Apache-2.0
 * One vector: set up by scenario lines, act once, compare code, events, reply and queries with the
 * numbers of the file. Spec: docs/VECTORS.md. Expected numbers are read, never computed. */
#include "sim_error.h"
#include "sim_scenario.h"
#include "sim_trace.h"
#include "sim_vectors.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 4u
#define TEXT_MAX  256u

/* What the case's operation did, copied by the observer. */
struct taken {
    struct sim_outcome outcome;
    struct sim_buffer message;
    uint64_t state_hash;
    bool happened;
};

struct run {
    struct sim_vectors_case *c;
    struct sim_world *world;
    struct sim_scenario scenario;
    struct taken taken;
};

__attribute__((format(printf, 2, 3))) static bool
fail(struct sim_vectors_case *c, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    sim_error_at(c->path, 0, "%s: %s", c->id, text);
    c->failures++;
    return false;
}

/* take: keeps the last operation that was sent (payments that arrive are not the case's own). */
static void take(void *self,
                 struct sim_world *world,
                 const struct sim_op *op,
                 const struct sim_outcome *outcome)
{
    struct taken *taken = self;
    (void)world;
    if (op->depth != 0) {
        return;
    }
    sim_engine_outcome_copy(&taken->outcome, outcome);
    taken->message.length = 0;
    sim_bytes_add(&taken->message, op->message.bytes, op->message.length);
    taken->state_hash = op->state_hash;
    taken->happened = true;
}

/* --- scenario lines ----------------------------------------------------------------------------
 */
static bool is_operation(const char *line)
{
    char first[TEXT_MAX];
    const char *word = strncmp(line, "as ", 3) == 0 ? strchr(line + 3, ' ') : line;
    const char *start = word == NULL ? line : word + strspn(word, " ");
    const size_t length = strcspn(start, " ");
    if (length >= sizeof first) {
        return false;
    }
    memcpy(first, start, length);
    first[length] = '\0';
    for (uint32_t i = 0; i < SIM_VERB_COUNT; i++) {
        if (strcmp(sim_verb_spelling((enum sim_verb)i), first) == 0) {
            return sim_verb_kind((enum sim_verb)i) == SIM_KIND_OPERATION;
        }
    }
    return false;
}

/* run_lines: executes the text as a scenario with the names known so far. */
static bool run_lines(struct run *run, struct sim_buffer *text, const char *what)
{
    struct sim_script script = {0};
    struct sim_fault fault = {0};
    if (!sim_script_parse((const char *)text->bytes, text->length, &script, &fault)) {
        return fail(run->c, "%s line %u: %s; correct the line", what, fault.line, fault.why);
    }
    run->scenario.script = &script;
    const bool done = sim_scenario_run(&run->scenario);
    if (!done) {
        (void)fail(
            run->c, "%s line %u: %s", what, run->scenario.fault.line, run->scenario.fault.why);
    }
    sim_script_free(&script);
    return done;
}

/* add_parameters: what the case's "parameters" say of the object that a world's line declares. */
static void add_parameters(const json_t *parameters, const char *line, struct sim_buffer *text)
{
    char kind[TEXT_MAX] = "";
    char name[TEXT_MAX] = "";
    const char *key = NULL;
    json_t *value = NULL;
    if (sscanf(line, "%255s %255s", kind, name) != 2) {
        return;
    }
    if (strcmp(kind, "market") != 0 && strcmp(kind, "feed") != 0 && strcmp(kind, "asset") != 0) {
        return;
    }
    json_object_foreach(json_object_get(parameters, name), key, value)
    {
        sim_bytes_add_format(text, " %s", key);
        if (json_string_length(value) != 0) {
            sim_bytes_add_format(text, " %s", json_string_value(value));
        }
    }
}

static void add_line(const json_t *json, const json_t *parameters, struct sim_buffer *text)
{
    const char *line = json_string_value(json);
    if (line == NULL) {
        return;
    }
    sim_bytes_add_text(text, line);
    add_parameters(parameters, line, text);
    if (is_operation(line) && strstr(line, "->") == NULL) {
        sim_bytes_add_text(text, " -> ok");
    }
    sim_bytes_add_byte(text, '\n');
}

/* --- the operation -----------------------------------------------------------------------------
 */
/* set_field: an integer, `actor:NAME`, or for addresses any text. */
static bool
set_field(struct run *run, uint32_t layout, void *object, const char *path, const char *text)
{
    struct sim_abi_place place;
    sim_int value = 0;
    if (!sim_abi_place(layout, object, path, &place)) {
        return fail(run->c, "there is no field '%s'; see abi/fields.def", path);
    }
    if (place.field != NULL && sim_abi_is_addr(place.field->type)) {
        const bool is_actor = strncmp(text, "actor:", 6) == 0;
        const struct plm_addr addr = is_actor ? sim_world_actor(text + 6) : sim_abi_addr_text(text);
        memcpy(place.bytes, &addr, sizeof addr);
        return true;
    }
    if (place.count != NULL && place.field != NULL && place.field->type == PLM_TYPE_LIST) {
        *place.count = (uint32_t)strtoul(text, NULL, 10);
        return true;
    }
    if (!sim_bytes_parse_decimal(text, strlen(text), 0, &value) ||
        !sim_abi_set_path(layout, object, path, value)) {
        return fail(run->c, "'%s' does not fit field '%s'", text, path);
    }
    return true;
}

/* set_defaults: the parameters of a listing start from those of M0. */
static void set_defaults(const struct sim_abi_op *op, void *object)
{
    struct sim_abi_place place;
    if (!sim_abi_place(op->message, object, "params", &place)) {
        return;
    }
    if (op->opcode == PLM_OP_ADD_MARKET) {
        sim_abi_param_defaults(PLM_TARGET_MARKET, place.bytes);
    } else {
        sim_abi_param_defaults(op->opcode == PLM_OP_ADD_FEED ? PLM_TARGET_FEED : PLM_TARGET_ASSET,
                               place.bytes);
    }
}

/* encode: the bytes of {"send": NAME, "fields": {...}} or {"bytes": HEX}. */
static bool encode(struct run *run, const json_t *operation, struct sim_buffer *out)
{
    const char *hex = json_string_value(json_object_get(operation, "bytes"));
    const char *name = json_string_value(json_object_get(operation, "send"));
    const char *key = NULL;
    json_t *value = NULL;
    if (hex != NULL) {
        return sim_bytes_from_hex(out, hex, strlen(hex)) ||
               fail(run->c, "\"bytes\" is no hexadecimal text");
    }
    const struct sim_abi_op *op = name == NULL ? NULL : sim_abi_find_op_name(name);
    if (op == NULL) {
        return fail(run->c, "an operation is a scenario line, or has \"send\" or \"bytes\"");
    }
    union sim_abi_object *object = sim_bytes_alloc(1, sizeof *object);
    bool fits = true;
    set_defaults(op, object->bytes);
    json_object_foreach(json_object_get(operation, "fields"), key, value)
    {
        const char *text = json_string_value(value);
        fits = fits && text != NULL && set_field(run, op->message, object->bytes, key, text);
    }
    fits = fits && sim_abi_encode_message(op->opcode, object->bytes, out);
    free(object);
    return fits;
}

static bool add_funds(struct run *run, json_t *funds, struct plm_fund *out, uint32_t *count)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(funds, key, value)
    {
        const struct sim_named_asset *asset = sim_names_find_asset(&run->scenario.names, key);
        const char *text = json_string_value(value);
        sim_int atoms = 0;
        if (asset == NULL || text == NULL || *count >= PLM_FUNDS_MAX ||
            !sim_bytes_parse_decimal(text, strlen(text), 0, &atoms)) {
            return fail(run->c, "\"funds\": at most %u of {asset: atoms}", PLM_FUNDS_MAX);
        }
        out[*count].token = asset->token;
        out[*count].atoms.atoms = sim_abi_i128_of(atoms);
        (*count)++;
    }
    return true;
}

static bool send_message(struct run *run, const json_t *operation)
{
    struct plm_fund funds[PLM_FUNDS_MAX] = {0};
    uint32_t count = 0;
    struct sim_buffer message = {0};
    const char *caller = json_string_value(json_object_get(operation, "as"));
    const struct plm_addr from = sim_world_actor(caller == NULL ? "admin" : caller);
    bool done = encode(run, operation, &message) &&
                add_funds(run, json_object_get(operation, "funds"), funds, &count);
    if (done &&
        sim_world_apply(run->world, &from, funds, count, sim_bytes_span(&message)) == NULL) {
        done = fail(run->c, "the world stopped: %s", sim_world_failure(run->world));
    }
    sim_bytes_free(&message);
    return done;
}

/* migrate: the update of the code, by {"migrate": HEX of its message}. */
static bool migrate(struct run *run, const char *hex)
{
    const struct plm_addr from = sim_world_actor("admin");
    struct sim_buffer message = {0};
    bool done = sim_bytes_from_hex(&message, hex, strlen(hex));
    if (!done) {
        (void)fail(run->c, "\"migrate\" is hexadecimal, two digits a byte");
    } else if (sim_world_migrate(run->world, &from, sim_bytes_span(&message)) == NULL) {
        done = fail(run->c, "the world stopped: %s", sim_world_failure(run->world));
    }
    sim_bytes_free(&message);
    return done;
}

/* flush: runs the lines gathered so far. */
static bool flush(struct run *run, struct sim_buffer *text)
{
    const bool done = text->length == 0 || run_lines(run, text, "before");
    text->length = 0;
    return done;
}

static bool set_up(struct run *run)
{
    const json_t *json = run->c->json;
    const char *world = json_string_value(json_object_get(json, "world"));
    const json_t *lines = world == NULL ? NULL : json_object_get(run->c->worlds, world);
    const json_t *before = json_object_get(json, "before");
    struct sim_buffer text = {0};
    bool done = true;
    if (world != NULL && lines == NULL) {
        return fail(run->c, "there is no world '%s' in this file; add it to \"worlds\"", world);
    }
    for (size_t i = 0; i < json_array_size(lines); i++) {
        add_line(json_array_get(lines, i), json_object_get(json, "parameters"), &text);
    }
    for (size_t i = 0; i < json_array_size(before) && done; i++) {
        const json_t *step = json_array_get(before, i);
        if (json_is_object(step)) {
            done = flush(run, &text) && send_message(run, step);
        } else {
            add_line(step, NULL, &text);
        }
    }
    done = done && flush(run, &text);
    sim_bytes_free(&text);
    return done;
}

/* act: the case's own operation; a line of several (a batch) has its outcome written in it. */
static bool act(struct run *run, const json_t *operation)
{
    const char *code = json_string_value(json_object_get(run->c->json, "code"));
    const char *line = json_string_value(operation);
    const char *migration = json_string_value(json_object_get(operation, "migrate"));
    struct sim_buffer text = {0};
    if (migration != NULL) {
        return migrate(run, migration);
    }
    if (json_is_object(operation)) {
        return send_message(run, operation);
    }
    if (json_is_array(operation)) {
        for (size_t i = 0; i < json_array_size(operation); i++) {
            add_line(json_array_get(operation, i), NULL, &text);
        }
    } else if (line != NULL && code != NULL) {
        sim_bytes_add_format(&text, "%s -> %s\n", line, code);
    } else {
        return fail(run->c, "an operation needs \"operation\" and \"code\"");
    }
    const bool done = run_lines(run, &text, "operation");
    sim_bytes_free(&text);
    return done;
}

/* --- comparisons -------------------------------------------------------------------------------
 */
/* differ: one number of the file against the engine's, with the exact difference. */
static bool compare_number(struct run *run, const char *where, const char *expected, sim_int got)
{
    char got_text[SIM_INT_TEXT_MAX];
    char difference[SIM_INT_TEXT_MAX];
    sim_int wanted = 0;
    if (!sim_bytes_parse_decimal(expected, strlen(expected), 0, &wanted)) {
        return fail(run->c, "%s: '%s' is no integer; write decimal digits", where, expected);
    }
    if (wanted == got) {
        return true;
    }
    return fail(run->c,
                "%s: expected %s, got %s, difference %s; one of rule, engine and case is wrong",
                where,
                expected,
                sim_bytes_int_text(got, got_text),
                sim_bytes_int_text(got - wanted, difference));
}

static bool compare_field(struct run *run,
                          const char *where,
                          uint32_t layout,
                          void *object,
                          const char *path,
                          const json_t *value)
{
    char place_text[TEXT_MAX];
    struct sim_abi_place place;
    const char *expected = json_string_value(value);
    (void)snprintf(place_text, sizeof place_text, "%s %s", where, path);
    if (expected == NULL) {
        return fail(run->c, "%s: every number is a string", place_text);
    }
    if (!sim_abi_place(layout, object, path, &place)) {
        return fail(run->c, "%s: there is no such field; see abi/", place_text);
    }
    if (place.field != NULL && place.field->type == PLM_TYPE_LIST) {
        return compare_number(run, place_text, expected, place.count == NULL ? 0 : *place.count);
    }
    if (place.field == NULL || !sim_abi_is_integer(place.field->type)) {
        return fail(run->c, "%s: only integers and counts are compared", place_text);
    }
    sim_int got = 0;
    (void)sim_abi_get_path(layout, object, path, &got);
    return compare_number(run, place_text, expected, got);
}

/* compare_fields: each listed field; all differences are printed. */
static bool
compare_fields(struct run *run, const char *where, uint32_t layout, void *object, json_t *fields)
{
    const char *path = NULL;
    json_t *value = NULL;
    bool same = true;
    json_object_foreach(fields, path, value)
    {
        same = compare_field(run, where, layout, object, path, value) && same;
    }
    return same;
}

static bool compare_code(struct run *run, const char *expected)
{
    const struct sim_outcome *outcome = &run->taken.outcome;
    const bool is_ok = strcmp(expected, "ok") == 0 || strncmp(expected, "refused ", 8) == 0;
    const char *wanted = is_ok ? "OK" : expected;
    const struct sim_abi_error *error = sim_abi_find_error_name(wanted);
    if (error == NULL) {
        return fail(run->c, "there is no code '%s'; see abi/errors.def", expected);
    }
    return error->code == outcome->code ||
           fail(run->c, "expected %s, got %s", expected, sim_abi_code_name(outcome->code));
}

/* compare_event: {"FILLED": {"lots": "5"}} against one event. */
static bool compare_event(struct run *run, size_t i, json_t *expected)
{
    const struct sim_event *event = &run->taken.outcome.events[i];
    const struct sim_abi_event *row = sim_abi_find_event(event->id);
    const char *name = NULL;
    json_t *fields = NULL;
    bool same = true;
    union sim_abi_object *object = sim_bytes_alloc(1, sizeof *object);
    json_object_foreach(expected, name, fields)
    {
        if (row == NULL || strcmp(row->symbol, name) != 0) {
            same = fail(
                run->c, "event %zu: expected %s, got %s", i, name, row == NULL ? "?" : row->symbol);
        } else if (!sim_abi_decode(row->layout, event->bytes, object->bytes)) {
            same = fail(run->c, "event %zu: %s does not decode", i, name);
        } else {
            same = compare_fields(run, name, row->layout, object->bytes, fields);
        }
    }
    free(object);
    return same;
}

static void list_events(const struct sim_outcome *outcome, struct sim_buffer *text)
{
    for (uint32_t i = 0; i < outcome->event_count; i++) {
        const struct sim_abi_event *row = sim_abi_find_event(outcome->events[i].id);
        sim_bytes_add_format(text, "%s%s", i == 0 ? "" : " ", row == NULL ? "?" : row->symbol);
    }
}

static bool compare_events(struct run *run, const json_t *expected)
{
    const struct sim_outcome *outcome = &run->taken.outcome;
    bool same = true;
    if (expected == NULL) {
        return true;
    }
    if (json_array_size(expected) != outcome->event_count) {
        struct sim_buffer text = {0};
        list_events(outcome, &text);
        same = fail(run->c,
                    "expected %zu events, got %u: %s",
                    json_array_size(expected),
                    outcome->event_count,
                    sim_bytes_text(&text));
        sim_bytes_free(&text);
        return same;
    }
    for (size_t i = 0; i < outcome->event_count; i++) {
        same = compare_event(run, i, json_array_get(expected, i)) && same;
    }
    return same;
}

static bool compare_reply(struct run *run, json_t *expected)
{
    if (expected == NULL) {
        return true;
    }
    const uint8_t opcode = run->taken.message.length == 0 ? 0 : run->taken.message.bytes[0];
    const uint32_t layout = sim_abi_reply_of(opcode);
    union sim_abi_object *object = sim_bytes_alloc(1, sizeof *object);
    bool same = false;
    if (layout == PLM_LAYOUT_COUNT ||
        !sim_abi_decode(layout, run->taken.outcome.reply, object->bytes)) {
        same = fail(run->c, "the operation gave no reply");
    } else {
        same = compare_fields(run, "reply", layout, object->bytes, expected);
    }
    free(object);
    return same;
}

/* --- queries -----------------------------------------------------------------------------------
 */
/* id_of: what a word of an `after` key names, for one field of the query. */
static bool id_of(struct run *run, const char *field, const char *word, sim_int *out)
{
    const struct sim_names *names = &run->scenario.names;
    const struct sim_named_account *account = sim_names_find_account(names, word);
    const struct sim_named_market *market = sim_names_find_market(names, word);
    const struct sim_named_asset *asset = sim_names_find_asset(names, word);
    const struct sim_named_feed *feed = sim_names_feed_of(names, word);
    if (strcmp(field, "market") == 0 && market != NULL) {
        *out = market->id;
        return true;
    }
    if (strcmp(field, "asset") == 0 && asset != NULL) {
        *out = asset->id;
        return true;
    }
    if (strcmp(field, "feed") == 0 && feed != NULL) {
        *out = feed->id;
        return true;
    }
    const bool is_account = strcmp(field, "account") == 0 || strcmp(field, "first") == 0 ||
                            strcmp(field, "second") == 0;
    if (is_account && account != NULL) {
        *out = (sim_int)account->id;
        return true;
    }
    return sim_bytes_parse_decimal(word, strlen(word), 0, out) ||
           fail(run->c, "'%s' names no %s", word, field);
}

/* find_query: the query that the first word of an `after` key names. */
static const struct sim_abi_op *find_query(struct run *run, const char *key)
{
    char word[SIM_NAME_BYTES] = {0};
    const struct sim_abi_op *op =
        sscanf(key, "%63s", word) == 1 ? sim_abi_find_query_name(word) : NULL;
    if (op == NULL) {
        (void)fail(run->c, "after '%s': there is no such query; see abi/queries.def", key);
    }
    return op;
}

/* fill_query: "liquidation_price alice M" becomes the query's message, word by word. */
static bool fill_query(struct run *run, const char *key, const struct sim_abi_op *op, void *object)
{
    char words[WORDS_MAX][SIM_NAME_BYTES] = {{0}};
    const int count = sscanf(key, "%63s %63s %63s %63s", words[0], words[1], words[2], words[3]);
    const struct sim_abi_layout *layout = sim_abi_layout(op->message);
    for (uint32_t i = 1; i < (uint32_t)count; i++) {
        sim_int id = 0;
        if (i > layout->field_count) {
            return fail(run->c, "after '%s': too many words", key);
        }
        const struct sim_abi_field *field = &layout->fields[i - 1u];
        if (!id_of(run, field->name, words[i], &id) || !sim_abi_set(field, object, id)) {
            return false;
        }
    }
    return true;
}

static bool compare_query(struct run *run, const char *key, json_t *expected)
{
    const struct sim_abi_op *op = find_query(run, key);
    if (op == NULL) {
        return false;
    }
    union sim_abi_object *ask = sim_bytes_alloc(2, sizeof *ask);
    union sim_abi_object *reply = &ask[1];
    bool same = fill_query(run, key, op, ask->bytes);
    if (same) {
        const int32_t code = sim_world_ask(run->world, op->opcode, ask->bytes, reply->bytes);
        const char *wanted = json_is_string(expected) ? json_string_value(expected) : "OK";
        if (code < 0) {
            same = fail(run->c, "after '%s': %s", key, sim_world_failure(run->world));
        } else if (strcmp(sim_abi_code_name(code), wanted) != 0) {
            same = fail(
                run->c, "after '%s': expected %s, got %s", key, wanted, sim_abi_code_name(code));
        } else if (code == PLM_OK) {
            same = compare_fields(run, key, op->reply, reply->bytes, expected);
        }
    }
    free(ask);
    return same;
}

static bool compare_after(struct run *run, json_t *after)
{
    const char *key = NULL;
    json_t *expected = NULL;
    bool same = true;
    json_object_foreach(after, key, expected)
    {
        same = compare_query(run, key, expected) && same;
    }
    return same;
}

/* --- derived fields ----------------------------------------------------------------------------
 */
/* derive: compares, or with --write fills, one field that the engine gives. */
static bool derive(struct run *run, const char *name, const char *text)
{
    const char *stored = json_string_value(json_object_get(run->c->json, name));
    if (run->c->writes) {
        (void)json_object_set_new(run->c->json, name, json_string(text));
        return true;
    }
    if (stored == NULL) {
        run->c->is_unfilled = true;
        return true;
    }
    return strcmp(stored, text) == 0 ||
           fail(run->c,
                "%s: expected %s, got %s; if the change is meant: plimsoll vectors --write",
                name,
                stored,
                text);
}

static bool derive_all(struct run *run, bool has_operation)
{
    char hash[20];
    bool same = true;
    if (has_operation) {
        struct sim_buffer hex = {0};
        sim_bytes_add_hex(&hex, sim_bytes_span(&run->taken.message));
        same = derive(run, "message", sim_bytes_text(&hex));
        sim_bytes_free(&hex);
    }
    const uint64_t state = has_operation ? run->taken.state_hash : sim_world_state_hash(run->world);
    (void)snprintf(hash, sizeof hash, "%016llx", (unsigned long long)state);
    return derive(run, "state_hash", hash) && same;
}

static void judge_case(struct run *run)
{
    json_t *json = run->c->json;
    json_t *operation = json_object_get(json, "operation");
    if (!set_up(run)) {
        return;
    }
    if (operation != NULL) {
        const char *code = json_string_value(json_object_get(json, "code"));
        run->taken.happened = false;
        const bool acted = act(run, operation);
        if (!acted && !run->taken.happened) {
            return;
        }
        if (acted && code != NULL) {
            (void)compare_code(run, code);
        }
        (void)compare_events(run, json_object_get(json, "events"));
        (void)compare_reply(run, json_object_get(json, "reply"));
    }
    (void)compare_after(run, json_object_get(json, "after"));
    if (run->c->failures == 0) {
        (void)derive_all(run, operation != NULL);
    }
}

/* The case as a trace of its own, where one is asked for; NULL where it cannot be written. */
static struct sim_trace *open_trace(struct run *run)
{
    struct sim_buffer path = {0};
    sim_bytes_add_format(&path, "%s/%s.trace", run->c->traces, run->c->id);
    struct sim_trace *trace = sim_trace_open(sim_bytes_text(&path), false, run->world);
    sim_bytes_free(&path);
    run->c->failures += trace == NULL ? 1u : 0u;
    return trace;
}

bool sim_vectors_judge(struct sim_vectors_case *c)
{
    /* Each operation is also tried with every fault: a refusal must hold under faults too. */
    const struct sim_world_options options = {.choice = c->choice, .fault_loop = true};
    struct run *run = sim_bytes_alloc(1, sizeof *run);
    run->c = c;
    run->world = sim_world_new(&options);
    sim_scenario_begin(&run->scenario, c->path, NULL, run->world);
    run->scenario.choice = c->choice;
    sim_world_observe(run->world, take, &run->taken);
    struct sim_trace *trace = c->traces == NULL ? NULL : open_trace(run);
    judge_case(run);
    c->failures += sim_trace_close(trace) ? 0u : 1u;
    sim_world_unobserve(run->world, &run->taken);
    sim_scenario_end(&run->scenario);
    sim_world_free(run->world);
    sim_engine_outcome_free(&run->taken.outcome);
    sim_bytes_free(&run->taken.message);
    free(run);
    return c->failures == 0;
}

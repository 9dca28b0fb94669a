/* SPDX-License-Identifier: Apache-2.0
 * Trace files, written and replayed. zlib reads and writes both forms, plain and compressed.
 * It must never know what a message means. */
#include "sim_trace.h"

#include "sim_error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define SIM_TRACE_MAGIC     "plimsoll-trace/2"
#define SIM_TRACE_LINE_MAX  16384
#define SIM_TRACE_WORDS_MAX 12u
#define SIM_TRACE_WORDS     9u /* of an operation, without its marks */
#define SIM_TRACE_HEX       16

/* --- what an operation told --------------------------------------------------------------- */
/* Mixes the last `bytes` bytes of a number, big-endian. */
static uint64_t sim_trace_mix_number(uint64_t hash, sim_int value, uint32_t bytes)
{
    uint8_t digits[16];
    for (uint32_t i = 0; i < bytes; i++) {
        digits[i] = (uint8_t)((unsigned __int128)value >> (8u * (bytes - 1u - i)));
    }
    return sim_bytes_mix(hash, digits, bytes);
}

static uint64_t sim_trace_mix_addr(uint64_t hash, const struct plm_addr *addr)
{
    return sim_bytes_mix(
        sim_trace_mix_number(hash, (sim_int)addr->length, 1), addr->bytes, addr->length);
}

uint64_t sim_trace_told(const struct sim_outcome *outcome)
{
    uint64_t hash = SIM_HASH_START;
    for (uint32_t i = 0; i < outcome->event_count; i++) {
        const struct sim_event *event = &outcome->events[i];
        hash = sim_trace_mix_number(hash, (sim_int)event->id, 4);
        hash = sim_trace_mix_number(hash, (sim_int)event->bytes.length, 4);
        hash = sim_bytes_mix(hash, event->bytes.bytes, event->bytes.length);
    }
    for (uint32_t i = 0; i < outcome->payment_count; i++) {
        const struct sim_payment *payment = &outcome->payments[i];
        hash = sim_bytes_mix(hash, "P", 1);
        hash = sim_trace_mix_addr(hash, &payment->to);
        hash = sim_trace_mix_addr(hash, &payment->token);
        hash = sim_trace_mix_number(hash, payment->atoms, 16);
        hash = sim_trace_mix_number(hash, (sim_int)payment->payout, 8);
    }
    hash = sim_bytes_mix(hash, "R", 1);
    hash = sim_trace_mix_number(hash, (sim_int)outcome->reply.length, 4);
    return sim_bytes_mix(hash, outcome->reply.bytes, outcome->reply.length);
}

static void sim_trace_told_text(const struct sim_outcome *outcome, char *text)
{
    if (outcome->code == PLM_OK) {
        (void)snprintf(text, SIM_TRACE_HEX + 1, "%016" PRIx64, sim_trace_told(outcome));
    } else {
        (void)strcpy(text, "-");
    }
}

/* --- writing ----------------------------------------------------------------------------- */
struct sim_trace {
    gzFile file;
    char *path;
    struct sim_world *world;
    struct sim_buffer line;
    uint64_t operations;
    bool has_failed;
};

static void sim_trace_write(struct sim_trace *trace)
{
    const int written = gzwrite(trace->file, trace->line.bytes, (unsigned)trace->line.length);
    trace->has_failed = trace->has_failed || written != (int)trace->line.length;
    trace->line.length = 0;
}

static void sim_trace_add_hex(struct sim_buffer *line, struct sim_span span)
{
    if (span.length == 0) {
        sim_bytes_add_text(line, "-");
    }
    sim_bytes_add_hex(line, span);
}

static void sim_trace_on_operation(void *self,
                                   struct sim_world *world,
                                   const struct sim_op *op,
                                   const struct sim_outcome *outcome)
{
    struct sim_trace *trace = self;
    struct sim_buffer *line = &trace->line;
    const struct sim_context *context = &op->context;
    char told[SIM_TRACE_HEX + 1];
    (void)world;
    sim_bytes_add_format(
        line, "%07" PRIu64 " %" PRIu64 " %" PRIu64 " ", op->number, context->time, context->height);
    sim_trace_add_hex(line, (struct sim_span){context->caller.bytes, context->caller.length});
    sim_bytes_add_text(line, context->fund_count == 0 ? " -" : " ");
    for (uint32_t i = 0; i < context->fund_count; i++) {
        const struct plm_fund *fund = &context->funds[i];
        char atoms[SIM_INT_TEXT_MAX];
        sim_bytes_add_text(line, i > 0 ? "," : "");
        sim_bytes_add_hex(line, (struct sim_span){fund->token.bytes, fund->token.length});
        (void)sim_bytes_int_text(sim_abi_int_of(fund->atoms.atoms), atoms);
        sim_bytes_add_format(line, ":%s", atoms);
    }
    sim_bytes_add_text(line, " ");
    sim_trace_add_hex(line, op->message);
    sim_trace_told_text(outcome, told);
    sim_bytes_add_format(
        line, " %s %016" PRIx64 " %s", sim_abi_code_name(outcome->code), op->state_hash, told);
    if (context->fail_host_call != 0) {
        sim_bytes_add_format(line, " fail=%u", context->fail_host_call);
    }
    sim_bytes_add_text(line, op->is_migration ? " migrate\n" : "\n");
    sim_trace_write(trace);
    trace->operations++;
}

struct sim_trace *sim_trace_open(const char *path, bool appends, struct sim_world *world)
{
    const size_t length = strlen(path);
    const bool is_packed = length > 3 && strcmp(path + length - 3, ".gz") == 0;
    const char *mode = is_packed ? (appends ? "ab" : "wb") : (appends ? "abT" : "wbT");
    gzFile file = strcmp(path, "-") == 0 ? gzdopen(dup(STDOUT_FILENO), "wbT") : gzopen(path, mode);
    if (file == NULL) {
        sim_error_at(path, 0, "cannot be written: check the folder and its rights");
        return NULL;
    }
    struct sim_trace *trace = sim_bytes_alloc(1, sizeof *trace);
    trace->file = file;
    trace->path = sim_bytes_alloc(length + 1, 1);
    memcpy(trace->path, path, length);
    sim_bytes_add_format(&trace->line,
                         SIM_TRACE_MAGIC " version %s genesis %016" PRIx64 "\n",
                         SIM_VERSION,
                         sim_world_state_hash(world));
    sim_trace_write(trace);
    sim_trace_follow(trace, world);
    return trace;
}

void sim_trace_follow(struct sim_trace *trace, struct sim_world *world)
{
    trace->world = world;
    sim_world_observe(world, sim_trace_on_operation, trace);
}

bool sim_trace_close(struct sim_trace *trace)
{
    if (trace == NULL) {
        return true;
    }
    sim_world_unobserve(trace->world, trace);
    sim_bytes_add_format(&trace->line, "end %" PRIu64 "\n", trace->operations);
    sim_trace_write(trace);
    trace->has_failed = gzclose(trace->file) != Z_OK || trace->has_failed;
    const bool is_whole = !trace->has_failed;
    if (!is_whole) {
        sim_error_at(trace->path, 0, "the trace is not whole: is the disk full?");
    }
    sim_bytes_free(&trace->line);
    free(trace->path);
    free(trace);
    return is_whole;
}

/* --- reading ----------------------------------------------------------------------------- */
/* A trace being replayed: the file, the line, its words, the engines. */
struct sim_replay {
    const char *path;
    gzFile file;
    unsigned line;
    char text[SIM_TRACE_LINE_MAX];
    char *words[SIM_TRACE_WORDS_MAX];
    uint32_t word_count;
    enum sim_choice choice;
    struct sim_engine *engines[2];
    uint32_t engine_count;
    struct sim_outcome outcome;
    struct sim_buffer message;
    struct sim_trace_show show;
    uint64_t world;      /* from 1; 0 before the first header */
    uint64_t in_world;   /* operations of this world */
    uint64_t operations; /* of all */
    bool has_ended;
    bool is_shown;
};

/* Reads a line and splits it at blanks. False at the end of the file. */
static bool sim_replay_read(struct sim_replay *replay)
{
    if (gzgets(replay->file, replay->text, SIM_TRACE_LINE_MAX) == NULL) {
        return false;
    }
    replay->line++;
    replay->word_count = 0;
    char *rest = replay->text;
    for (char *word = NULL; (word = strtok_r(rest, " \n", &rest)) != NULL;) {
        if (replay->word_count == SIM_TRACE_WORDS_MAX) {
            break;
        }
        replay->words[replay->word_count++] = word;
    }
    return true;
}

static bool sim_replay_error(const struct sim_replay *replay, const char *what)
{
    sim_error_at(replay->path, replay->line, "%s", what);
    return false;
}

static bool sim_replay_number(const char *text, int base, uint64_t *value)
{
    char *end = NULL;
    const unsigned long long got = strtoull(text, &end, base);
    *value = got;
    return end != text && *end == '\0' && *text != '-';
}

static bool sim_replay_addr(const char *text, size_t length, struct plm_addr *addr)
{
    struct sim_buffer bytes = {0};
    const bool is_empty = length == 1 && text[0] == '-';
    const bool is_read = is_empty || sim_bytes_from_hex(&bytes, text, length);
    const bool fits = is_read && bytes.length <= sizeof addr->bytes;
    if (fits) {
        *addr = sim_abi_addr(bytes.bytes, bytes.length);
    }
    sim_bytes_free(&bytes);
    return fits;
}

/* Reads `token:atoms,token:atoms`. */
static bool sim_replay_funds(char *text, struct sim_context *context)
{
    if (strcmp(text, "-") == 0) {
        return true;
    }
    char *rest = text;
    for (char *word = NULL; (word = strtok_r(rest, ",", &rest)) != NULL;) {
        const char *colon = strchr(word, ':');
        sim_int atoms = 0;
        if (colon == NULL || context->fund_count == PLM_FUNDS_MAX) {
            return false;
        }
        struct plm_fund *fund = &context->funds[context->fund_count++];
        if (!sim_replay_addr(word, (size_t)(colon - word), &fund->token) ||
            !sim_bytes_parse_decimal(colon + 1, strlen(colon + 1), 0, &atoms)) {
            return false;
        }
        fund->atoms.atoms = sim_abi_i128_of(atoms);
    }
    return true;
}

/* The marks behind an operation: `fail=n`, `migrate`. */
static bool
sim_replay_marks(const struct sim_replay *replay, struct sim_context *context, bool *is_migration)
{
    for (uint32_t i = SIM_TRACE_WORDS; i < replay->word_count; i++) {
        uint64_t n = 0;
        if (strcmp(replay->words[i], "migrate") == 0) {
            *is_migration = true;
        } else if (strncmp(replay->words[i], "fail=", 5) == 0 &&
                   sim_replay_number(replay->words[i] + 5, 10, &n) && n <= UINT32_MAX) {
            context->fail_host_call = (uint32_t)n;
        } else {
            return false;
        }
    }
    return true;
}

/* Runs the operation on one engine and compares code and hash with the line's. */
static bool sim_replay_compare(struct sim_replay *replay,
                               uint32_t index,
                               const struct sim_context *context,
                               bool is_migration,
                               uint64_t hash)
{
    struct sim_engine *engine = replay->engines[index];
    const struct sim_span message = sim_bytes_span(&replay->message);
    const char *name = sim_engine_kind_name(sim_engine_kind_of(engine));
    if (is_migration) {
        sim_engine_migrate(engine, context, message, &replay->outcome);
    } else {
        sim_engine_apply(engine, context, message, &replay->outcome);
    }
    const uint64_t got = sim_store_hash(sim_engine_store(engine));
    const char *code = sim_abi_code_name(replay->outcome.code);
    char told[SIM_TRACE_HEX + 1];
    sim_trace_told_text(&replay->outcome, told);
    const bool is_same = !replay->outcome.trapped && got == hash &&
                         strcmp(code, replay->words[6]) == 0 && strcmp(told, replay->words[8]) == 0;
    if (!is_same) {
        struct sim_buffer text = {0};
        sim_abi_print_message(message, &text);
        sim_error_at(replay->path,
                     replay->line,
                     "engine %s gives %s, state %016" PRIx64
                     " and told %s; the trace has %s, %s and %s: this is the first difference, "
                     "in `%s`",
                     name,
                     replay->outcome.trapped ? replay->outcome.place : code,
                     got,
                     told,
                     replay->words[6],
                     replay->words[7],
                     replay->words[8],
                     sim_bytes_text(&text));
        sim_bytes_free(&text);
    }
    return is_same;
}

/* The operation, what it did and what it wrote, for a reader. */
static void sim_replay_print(const struct sim_replay *replay, const struct sim_context *context)
{
    const struct sim_outcome *outcome = &replay->outcome;
    struct sim_buffer text = {0};
    sim_bytes_add_format(&text,
                         "world %" PRIu64 " operation %" PRIu64 " time %" PRIu64 " height %" PRIu64
                         " caller ",
                         replay->world,
                         replay->in_world,
                         context->time,
                         context->height);
    sim_trace_add_hex(&text, (struct sim_span){context->caller.bytes, context->caller.length});
    sim_bytes_add_text(&text, "\n  ");
    sim_abi_print_message(sim_bytes_span(&replay->message), &text);
    sim_bytes_add_format(&text, " -> %s\n", sim_abi_code_name(outcome->code));
    for (uint32_t i = 0; i < outcome->event_count; i++) {
        sim_bytes_add_text(&text, "  event ");
        sim_abi_print_event(outcome->events[i].id, outcome->events[i].bytes, &text);
        sim_bytes_add_text(&text, "\n");
    }
    for (uint32_t i = 0; i < outcome->payment_count; i++) {
        char atoms[SIM_INT_TEXT_MAX];
        const struct sim_payment *payment = &outcome->payments[i];
        sim_bytes_add_format(&text,
                             "  payment %" PRIu64 " of %s to ",
                             payment->payout,
                             sim_bytes_int_text(payment->atoms, atoms));
        sim_trace_add_hex(&text, (struct sim_span){payment->to.bytes, payment->to.length});
        sim_bytes_add_text(&text, "\n");
    }
    sim_bytes_add_text(&text, "  reply ");
    sim_trace_add_hex(&text, outcome->reply);
    sim_bytes_add_text(&text, "\n");
    for (uint32_t i = 0; i < outcome->writes.count; i++) {
        const struct sim_write *row = &outcome->writes.rows[i];
        sim_bytes_add_text(&text, "  wrote ");
        sim_abi_print_key(sim_abi_key_span(&row->key), &text);
        sim_bytes_add_text(&text, ": ");
        if (row->after.length == 0) {
            sim_bytes_add_text(&text, "deleted");
        } else {
            sim_abi_print_record(sim_abi_key_span(&row->key), row->after, &text);
        }
        sim_bytes_add_text(&text, "\n");
    }
    (void)fputs(sim_bytes_text(&text), stdout);
    sim_bytes_free(&text);
}

/* One line of the trace. */
static bool sim_replay_operation(struct sim_replay *replay)
{
    struct sim_context context = {.self = sim_world_self()};
    bool is_migration = false;
    uint64_t hash = 0;
    if (replay->word_count == 2 && strcmp(replay->words[0], "end") == 0) {
        uint64_t count = 0;
        replay->has_ended = true;
        if (!sim_replay_number(replay->words[1], 10, &count) || count != replay->in_world) {
            return sim_replay_error(replay, "the trace has lost lines: record it again");
        }
        return true;
    }
    if (replay->word_count < SIM_TRACE_WORDS || replay->has_ended) {
        return sim_replay_error(replay, "no operation of a trace: record the trace again");
    }
    replay->message.length = 0;
    const char *message = replay->words[5];
    const bool has_message = strcmp(message, "-") != 0;
    if (!sim_replay_number(replay->words[1], 10, &context.time) ||
        !sim_replay_number(replay->words[2], 10, &context.height) ||
        !sim_replay_addr(replay->words[3], strlen(replay->words[3]), &context.caller) ||
        !sim_replay_funds(replay->words[4], &context) ||
        (has_message && !sim_bytes_from_hex(&replay->message, message, strlen(message))) ||
        !sim_replay_number(replay->words[7], SIM_TRACE_HEX, &hash) ||
        !sim_replay_marks(replay, &context, &is_migration)) {
        return sim_replay_error(replay, "a word is damaged: record the trace again");
    }
    replay->in_world++;
    for (uint32_t i = 0; i < replay->engine_count; i++) {
        const bool agrees = sim_replay_compare(replay, i, &context, is_migration, hash);
        if (replay->show.operation == replay->in_world && replay->show.world == replay->world) {
            sim_replay_print(replay, &context);
            replay->is_shown = true;
            return true;
        }
        if (!agrees) {
            return false;
        }
    }
    replay->operations++;
    return true;
}

static void sim_replay_end_world(struct sim_replay *replay)
{
    for (uint32_t i = 0; i < replay->engine_count; i++) {
        sim_engine_free(replay->engines[i]);
    }
    replay->engine_count = 0;
}

/* The header, in `words`: a new world begins. */
static bool sim_replay_header(struct sim_replay *replay)
{
    uint64_t genesis = 0;
    if (replay->word_count != 5 || strcmp(replay->words[0], SIM_TRACE_MAGIC) != 0 ||
        !sim_replay_number(replay->words[4], SIM_TRACE_HEX, &genesis)) {
        return sim_replay_error(replay,
                                "is not a trace (" SIM_TRACE_MAGIC "): write one with run --trace");
    }
    if (genesis != SIM_HASH_START) {
        return sim_replay_error(
            replay, "begins in the middle of a run: record the trace from the first operation");
    }
    sim_replay_end_world(replay);
    if (((unsigned)replay->choice & (unsigned)SIM_CHOICE_NATIVE) != 0) {
        replay->engines[replay->engine_count++] = sim_engine_new(SIM_ENGINE_NATIVE);
    }
    if (((unsigned)replay->choice & (unsigned)SIM_CHOICE_WASM) != 0) {
        replay->engines[replay->engine_count++] = sim_engine_new(SIM_ENGINE_WASM);
    }
    replay->world++;
    replay->in_world = 0;
    replay->has_ended = false;
    return true;
}

static bool sim_replay_lines(struct sim_replay *replay)
{
    if (!sim_replay_read(replay)) {
        replay->word_count = 0;
    }
    if (!sim_replay_header(replay)) {
        return false;
    }
    while (!replay->is_shown && sim_replay_read(replay)) {
        const bool is_next = replay->has_ended && replay->word_count == 5;
        if (is_next ? !sim_replay_header(replay) : !sim_replay_operation(replay)) {
            return false;
        }
        if (sim_interrupted()) {
            return sim_replay_error(replay, "interrupted here; all before it agreed");
        }
    }
    if (replay->show.operation != 0) {
        return replay->is_shown ||
               sim_replay_error(replay, "has no such operation: see --show and --world");
    }
    if (!replay->has_ended) {
        return sim_replay_error(replay, "the trace ends without its last line: record it again");
    }
    return true;
}

bool sim_trace_replay(const char *path,
                      enum sim_choice choice,
                      const struct sim_trace_show *show,
                      uint64_t *operations)
{
    struct sim_replay *replay = sim_bytes_alloc(1, sizeof *replay);
    bool agrees = false;
    replay->path = path;
    replay->choice = choice;
    replay->show = show != NULL ? *show : replay->show;
    replay->file = strcmp(path, "-") == 0 ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(path, "rb");
    if (replay->file == NULL) {
        sim_error_at(path, 0, "cannot be read: check its name and rights");
    } else {
        agrees = sim_replay_lines(replay);
        (void)gzclose(replay->file);
    }
    *operations = replay->operations;
    sim_replay_end_world(replay);
    sim_engine_outcome_free(&replay->outcome);
    sim_bytes_free(&replay->message);
    free(replay);
    return agrees;
}

/* SPDX-License-Identifier: Apache-2.0
 * The parser of scenario files: one pass over the lines, each matched against its verb's pattern.
 * Spec: docs/SCENARIOS.md, "Grammar". It knows neither accounts nor numbers. */
#include "sim_scenario_parse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plm/plm_err.h"

struct verb_row {
    const char *spelling;
    enum sim_verb_kind kind;
    const char *pattern;
    const char *text;
};

static const struct verb_row verb_rows[SIM_VERB_COUNT] = {
#define X(symbol, word, kind, pattern, text)                                                       \
    [SIM_VERB_##symbol] = {word, SIM_KIND_##kind, pattern, text},
#include "sim_verbs.def"
#undef X
};

static const char *const slot_names[SIM_SLOT_ABSENT] = {
#define X(name) [SIM_SLOT_##name] = #name,
#include "sim_slots.def"
#undef X
};

struct error_row {
    const char *symbol;
    uint16_t code;
    const char *text;
};

static const struct error_row error_rows[] = {
#define X(symbol, code, class, text) {#symbol, code, text},
#include "errors.def"
#undef X
};

#define ERROR_COUNT (sizeof error_rows / sizeof error_rows[0])

const char *sim_verb_spelling(enum sim_verb verb)
{
    return verb_rows[verb].spelling;
}

enum sim_verb_kind sim_verb_kind(enum sim_verb verb)
{
    return verb_rows[verb].kind;
}

const char *sim_verb_pattern(enum sim_verb verb)
{
    return verb_rows[verb].pattern;
}

const char *sim_verb_text(enum sim_verb verb)
{
    return verb_rows[verb].text;
}

const char *sim_error_symbol(uint16_t code)
{
    for (size_t i = 1; i < ERROR_COUNT; i++) {
        if (error_rows[i].code == code) {
            return error_rows[i].symbol;
        }
    }
    return code == 0 ? "ok" : "an unknown code";
}

const char *sim_error_text(uint16_t code)
{
    for (size_t i = 0; i < ERROR_COUNT; i++) {
        if (error_rows[i].code == code) {
            return error_rows[i].text;
        }
    }
    return "not in abi/errors.def";
}

bool sim_fault_set(struct sim_fault *fault, uint32_t line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fault->line = line;
    (void)vsnprintf(fault->why, sizeof fault->why, format, arguments);
    va_end(arguments);
    return false;
}

/* --- words ----------------------------------------------------------------------------------- */
const char *
sim_script_word(const struct sim_script *script, const struct sim_statement *statement, uint32_t i)
{
    return i < statement->word_count ? script->words[statement->first_word + i] : NULL;
}

const char *sim_script_caller(const struct sim_script *script,
                              const struct sim_statement *statement)
{
    return statement->has_caller ? script->words[statement->first_word - 2] : NULL;
}

const char *sim_script_slot(const struct sim_script *script,
                            const struct sim_statement *statement,
                            enum sim_slot slot)
{
    const uint32_t at = statement->slots[slot];
    return at == 0 ? NULL : sim_script_word(script, statement, at - 1);
}

const char *
sim_script_rest(const struct sim_script *script, const struct sim_statement *statement, uint32_t i)
{
    if (i >= statement->rest_count) {
        return NULL;
    }
    return sim_script_word(script, statement, statement->slots[SIM_SLOT_REST] - 1u + i);
}

static bool add_word(struct sim_script *script, const char *word)
{
    if (script->word_count == script->word_capacity) {
        const uint32_t capacity = script->word_capacity == 0 ? 256 : script->word_capacity * 2;
        const char **grown = realloc(script->words, capacity * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        script->words = grown;
        script->word_capacity = capacity;
    }
    script->words[script->word_count++] = word;
    return true;
}

static struct sim_statement *add_statement(struct sim_script *script)
{
    if (script->count == script->capacity) {
        const uint32_t capacity = script->capacity == 0 ? 64 : script->capacity * 2;
        struct sim_statement *grown = realloc(script->statements, capacity * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        script->statements = grown;
        script->capacity = capacity;
    }
    struct sim_statement *added = &script->statements[script->count++];
    memset(added, 0, sizeof *added);
    return added;
}

/* --- patterns -------------------------------------------------------------------------------- */
#define PIECES_MAX 40u
#define GROUPS_MAX 6u

enum piece_kind {
    PIECE_LITERAL,
    PIECE_SLOT,
    PIECE_REST,
    PIECE_OPEN,
    PIECE_CLOSE
};

struct piece {
    enum piece_kind kind;
    const char *text;
    size_t length;
    enum sim_slot slot;
};

struct pattern {
    struct piece pieces[PIECES_MAX];
    uint32_t count;
};

/* A line being matched: its words, and where we stand. */
struct matching {
    const struct sim_script *script;
    struct sim_statement *statement;
    uint32_t at;
};

static struct piece piece_of(const char *text, size_t length)
{
    struct piece piece = {.kind = PIECE_LITERAL, .text = text, .length = length};
    if (*text == '[') {
        piece.kind = PIECE_OPEN;
        return piece;
    }
    if (*text == ']') {
        piece.kind = PIECE_CLOSE;
        return piece;
    }
    size_t name = length;
    if (length > 3 && strncmp(text + length - 3, "...", 3) == 0) {
        name = length - 3;
    }
    for (int i = 0; i < (int)SIM_SLOT_ABSENT; i++) {
        if (strlen(slot_names[i]) == name && strncmp(slot_names[i], text, name) == 0) {
            piece.kind = name == length ? PIECE_SLOT : PIECE_REST;
            piece.slot = (enum sim_slot)i;
        }
    }
    return piece;
}

static void split_pattern(const char *text, struct pattern *out)
{
    out->count = 0;
    while (*text != '\0' && out->count < PIECES_MAX) {
        const bool is_bracket = *text == '[' || *text == ']';
        const size_t length = is_bracket ? 1 : strcspn(text, " ]");
        if (length > 0) {
            out->pieces[out->count++] = piece_of(text, length);
        }
        text += length;
        text += strspn(text, " ");
    }
}

static bool is_literal(const struct piece *piece, const char *word)
{
    return piece->kind == PIECE_LITERAL && strlen(word) == piece->length &&
           strncmp(piece->text, word, piece->length) == 0;
}

/* closing: the bracket that closes the one at `open`; groups are not nested. */
static uint32_t closing(const struct pattern *pattern, uint32_t open)
{
    uint32_t at = open;
    while (at < pattern->count && pattern->pieces[at].kind != PIECE_CLOSE) {
        at++;
    }
    return at;
}

/* match_piece: one piece that is not a bracket. */
static bool match_piece(struct matching *line, const struct piece *piece)
{
    const char *word = sim_script_word(line->script, line->statement, line->at);
    if (piece->kind == PIECE_REST) {
        const uint32_t left = line->statement->word_count - line->at;
        line->statement->slots[piece->slot] = (uint8_t)(line->at + 1);
        line->statement->rest_count = (uint8_t)left;
        line->at += left;
        return true;
    }
    if (word == NULL || (piece->kind == PIECE_LITERAL && !is_literal(piece, word))) {
        return false;
    }
    if (piece->kind == PIECE_SLOT) {
        line->statement->slots[piece->slot] = (uint8_t)(line->at + 1);
    }
    line->at++;
    return true;
}

/* is_wanted: does the group that begins after `open` take the word where the line stands? */
static bool is_wanted(const struct matching *line, const struct pattern *pattern, uint32_t open)
{
    const char *word = sim_script_word(line->script, line->statement, line->at);
    if (word == NULL) {
        return false;
    }
    const struct piece *first = &pattern->pieces[open + 1];
    if (first->kind == PIECE_LITERAL) {
        return is_literal(first, word);
    }
    for (uint32_t i = closing(pattern, open); i < pattern->count; i++) {
        if (is_literal(&pattern->pieces[i], word)) {
            return false;
        }
    }
    return true;
}

/* match_groups: a row of [ ] groups from `from` on, in any order, each at most once. */
static bool
match_groups(struct matching *line, const struct pattern *pattern, uint32_t from, uint32_t to)
{
    bool used[PIECES_MAX] = {0};
    for (uint32_t round = 0; round < GROUPS_MAX; round++) {
        for (uint32_t open = from; open < to; open = closing(pattern, open) + 1) {
            if (used[open] || !is_wanted(line, pattern, open)) {
                continue;
            }
            used[open] = true;
            for (uint32_t i = open + 1; i < closing(pattern, open); i++) {
                if (!match_piece(line, &pattern->pieces[i])) {
                    return false;
                }
            }
        }
    }
    return true;
}

static bool match_pattern(struct matching *line, const struct pattern *pattern)
{
    uint32_t at = 0;
    while (at < pattern->count) {
        if (pattern->pieces[at].kind != PIECE_OPEN) {
            if (!match_piece(line, &pattern->pieces[at])) {
                return false;
            }
            at++;
            continue;
        }
        uint32_t to = at;
        while (to < pattern->count && pattern->pieces[to].kind == PIECE_OPEN) {
            to = closing(pattern, to) + 1;
        }
        if (!match_groups(line, pattern, at, to)) {
            return false;
        }
        at = to;
    }
    return line->at == line->statement->word_count;
}

/* --- verbs ----------------------------------------------------------------------------------- */
static bool find_verb(const char *word, enum sim_verb *out)
{
    for (int i = 0; i < (int)SIM_VERB_COUNT; i++) {
        if (strcmp(verb_rows[i].spelling, word) == 0) {
            *out = (enum sim_verb)i;
            return true;
        }
    }
    return false;
}

#define NEAR_LENGTH_MAX 24u

/* distance: edits between two short words; a long word is far from everything. */
static uint32_t distance(const char *a, const char *b)
{
    const size_t rows = strlen(a);
    const size_t columns = strlen(b);
    uint32_t row[NEAR_LENGTH_MAX + 1] = {0};
    if (rows > NEAR_LENGTH_MAX || columns > NEAR_LENGTH_MAX) {
        return UINT32_MAX;
    }
    for (uint32_t j = 0; j <= columns; j++) {
        row[j] = j;
    }
    for (uint32_t i = 1; i <= rows; i++) {
        uint32_t diagonal = row[0];
        row[0] = i;
        for (uint32_t j = 1; j <= columns; j++) {
            const uint32_t above = row[j];
            uint32_t best = diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u);
            best = above + 1 < best ? above + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[columns];
}

static bool refuse_verb(const char *word, uint32_t line, struct sim_fault *fault)
{
    const char *nearest = NULL;
    uint32_t best = 3;
    for (int i = 0; i < (int)SIM_VERB_COUNT; i++) {
        const uint32_t edits = distance(word, verb_rows[i].spelling);
        if (edits < best) {
            best = edits;
            nearest = verb_rows[i].spelling;
        }
    }
    if (nearest != NULL) {
        return sim_fault_set(fault, line, "no verb '%.40s': did you mean '%s'?", word, nearest);
    }
    return sim_fault_set(
        fault, line, "no verb '%.40s': the verbs are listed by plimsoll check --verbs", word);
}

/* --- outcomes -------------------------------------------------------------------------------- */
static bool find_error(const char *word, uint16_t *code)
{
    for (size_t i = 1; i < ERROR_COUNT; i++) {
        if (strcmp(error_rows[i].symbol, word) == 0) {
            *code = error_rows[i].code;
            return true;
        }
    }
    return false;
}

static bool parse_outcome(const char **words,
                          uint32_t count,
                          uint32_t line,
                          struct sim_expected *out,
                          struct sim_fault *fault)
{
    if (count == 1 && strcmp(words[0], "ok") == 0) {
        out->kind = SIM_EXPECTED_OK;
        return true;
    }
    const bool is_refused = count == 2 && strcmp(words[0], "refused") == 0;
    if (count != 1 && !is_refused) {
        return sim_fault_set(
            fault, line, "an outcome is -> ok, -> E_CODE or, for a price, -> refused E_CODE");
    }
    out->kind = is_refused ? SIM_EXPECTED_REFUSED : SIM_EXPECTED_CODE;
    const char *symbol = words[count - 1];
    if (!find_error(symbol, &out->code)) {
        return sim_fault_set(
            fault, line, "no code '%.40s': the codes are those of abi/errors.def", symbol);
    }
    return true;
}

/* --- lines ----------------------------------------------------------------------------------- */
struct parsing {
    struct sim_script *script;
    struct sim_fault *fault;
    uint32_t line;
    uint32_t open[SIM_SCRIPT_DEPTH_MAX]; /* statements whose block is not ended */
    uint32_t depth;
};

static bool is_in_batch(const struct parsing *p)
{
    return p->depth > 0 && p->script->statements[p->open[p->depth - 1]].verb == SIM_VERB_BATCH;
}

static bool check_outcome(const struct parsing *p, const struct sim_statement *statement)
{
    const enum sim_verb_kind kind = verb_rows[statement->verb].kind;
    const char *spelling = verb_rows[statement->verb].spelling;
    const bool has_one = statement->expected.kind != SIM_EXPECTED_NONE;
    if (is_in_batch(p) && statement->verb != SIM_VERB_END) {
        if (statement->verb != SIM_VERB_TRADE || has_one) {
            return sim_fault_set(p->fault,
                                 p->line,
                                 "a batch holds trade lines without outcome: it stands at its end");
        }
        return true;
    }
    if (kind == SIM_KIND_OPERATION && !has_one) {
        return sim_fault_set(p->fault,
                             p->line,
                             "'%s' is an operation: end the line with -> ok or -> E_CODE",
                             spelling);
    }
    if (has_one && kind != SIM_KIND_OPERATION && kind != SIM_KIND_DECLARE &&
        statement->verb != SIM_VERB_END) {
        return sim_fault_set(
            p->fault, p->line, "'%s' has no outcome: leave out what follows ->", spelling);
    }
    if (statement->expected.kind == SIM_EXPECTED_REFUSED && statement->verb != SIM_VERB_PRICE &&
        statement->verb != SIM_VERB_FEED_QUOTES) {
        return sim_fault_set(
            p->fault, p->line, "only prices are refused: write -> E_CODE after '%s'", spelling);
    }
    return true;
}

/* close_block: `end` gives its place, and a batch its outcome, to the block it closes. */
static bool close_block(struct parsing *p, const struct sim_statement *end)
{
    if (p->depth == 0) {
        return sim_fault_set(
            p->fault, p->line, "'end' without repeat, without or batch: remove it");
    }
    struct sim_statement *block = &p->script->statements[p->open[p->depth - 1]];
    const bool is_batch = block->verb == SIM_VERB_BATCH;
    if (is_batch && end->expected.kind == SIM_EXPECTED_NONE) {
        return sim_fault_set(p->fault, p->line, "a batch ends in end -> ok or end -> E_CODE");
    }
    if (!is_batch && end->expected.kind != SIM_EXPECTED_NONE) {
        return sim_fault_set(p->fault, p->line, "only the end of a batch has an outcome");
    }
    block->end = p->script->count - 1;
    block->expected = end->expected;
    block->expected_line = p->line;
    p->depth--;
    return true;
}

static bool track_block(struct parsing *p, const struct sim_statement *statement)
{
    const enum sim_verb verb = statement->verb;
    if (verb == SIM_VERB_END) {
        return close_block(p, statement);
    }
    if (verb == SIM_VERB_REPEAT || verb == SIM_VERB_WITHOUT || verb == SIM_VERB_BATCH) {
        if (p->depth == SIM_SCRIPT_DEPTH_MAX) {
            return sim_fault_set(p->fault, p->line, "blocks are nested too deep: at most 8");
        }
        p->open[p->depth++] = p->script->count - 1;
    }
    return true;
}

/* take_prefix: `as NAME` before the verb. */
static bool
take_prefix(const struct parsing *p, const char **words, uint32_t *first, uint32_t count)
{
    if (strcmp(words[0], "as") != 0) {
        return true;
    }
    if (count < 3) {
        return sim_fault_set(p->fault, p->line, "'as' wants a name and an operation after it");
    }
    *first = 2;
    return true;
}

static bool parse_words(struct parsing *p, uint32_t first, uint32_t count, uint32_t arrow)
{
    const char **words = p->script->words + first;
    uint32_t verb_at = 0;
    enum sim_verb verb = SIM_VERB_END;
    if (arrow == 0) {
        return sim_fault_set(p->fault, p->line, "an outcome without an operation before it");
    }
    if (!take_prefix(p, words, &verb_at, arrow)) {
        return false;
    }
    if (!find_verb(words[verb_at], &verb)) {
        return refuse_verb(words[verb_at], p->line, p->fault);
    }
    struct sim_statement *statement = add_statement(p->script);
    if (statement == NULL) {
        return sim_fault_set(p->fault, p->line, "out of memory");
    }
    const bool has_prefix = verb_at > 0;
    statement->line = p->line;
    statement->expected_line = p->line;
    statement->verb = verb;
    statement->first_word = first + verb_at + 1;
    statement->word_count = arrow - verb_at - 1;
    if (has_prefix && verb_rows[verb].kind != SIM_KIND_OPERATION &&
        verb_rows[verb].kind != SIM_KIND_DECLARE) {
        return sim_fault_set(p->fault, p->line, "'as' stands before operations only");
    }
    if (arrow < count &&
        !parse_outcome(
            words + arrow + 1, count - arrow - 1, p->line, &statement->expected, p->fault)) {
        return false;
    }
    struct pattern pattern = {0};
    split_pattern(verb_rows[verb].pattern, &pattern);
    struct matching line = {.script = p->script, .statement = statement, .at = 0};
    if (!match_pattern(&line, &pattern)) {
        return sim_fault_set(p->fault,
                             p->line,
                             "write it as: %s %s%s",
                             verb_rows[verb].spelling,
                             verb_rows[verb].pattern,
                             verb_rows[verb].kind == SIM_KIND_OPERATION ? " -> ok" : "");
    }
    statement->has_caller = has_prefix;
    return check_outcome(p, statement) && track_block(p, statement);
}

/* parse_line: ends the words of one line by NUL and collects them. */
static bool parse_line(struct parsing *p, char *text)
{
    const uint32_t first = p->script->word_count;
    uint32_t count = 0;
    uint32_t arrow = UINT32_MAX;
    text[strcspn(text, "#")] = '\0';
    while (*(text += strspn(text, " \t\r")) != '\0') {
        const size_t length = strcspn(text, " \t\r");
        const bool is_last = text[length] == '\0';
        for (size_t i = 0; i < length; i++) {
            if (text[i] < '!' || text[i] > '~') {
                return sim_fault_set(
                    p->fault, p->line, "a character that is not plain ASCII, outside a comment");
            }
        }
        text[length] = '\0';
        if (count == SIM_SCRIPT_WORDS_MAX) {
            return sim_fault_set(p->fault, p->line, "more than 250 words: use a feed line");
        }
        if (!add_word(p->script, text)) {
            return sim_fault_set(p->fault, p->line, "out of memory");
        }
        if (strcmp(text, "->") == 0) {
            if (arrow != UINT32_MAX) {
                return sim_fault_set(p->fault, p->line, "two outcomes in one line");
            }
            arrow = count;
        }
        count++;
        text += is_last ? length : length + 1;
    }
    return count == 0 || parse_words(p, first, count, arrow == UINT32_MAX ? count : arrow);
}

static bool parse_lines(struct parsing *p, char *text, size_t length)
{
    size_t at = 0;
    while (at < length) {
        p->line++;
        char *start = text + at;
        const char *newline = memchr(start, '\n', length - at);
        const size_t size = newline == NULL ? length - at : (size_t)(newline - start);
        if (memchr(start, '\0', size) != NULL) {
            return sim_fault_set(p->fault, p->line, "a zero byte: this is not a text file");
        }
        start[size] = '\0';
        if (!parse_line(p, start)) {
            return false;
        }
        at += size + 1;
    }
    if (p->depth > 0) {
        const struct sim_statement *block = &p->script->statements[p->open[p->depth - 1]];
        return sim_fault_set(
            p->fault, block->line, "'%s' has no end", verb_rows[block->verb].spelling);
    }
    return true;
}

bool sim_script_parse(const char *text,
                      size_t length,
                      struct sim_script *out,
                      struct sim_fault *fault)
{
    *out = (struct sim_script){0};
    if (length > SIM_SCRIPT_BYTES_MAX) {
        return sim_fault_set(fault, 0, "larger than 16 MiB: split it, or play a price series");
    }
    out->text = malloc(length + 1);
    if (out->text == NULL) {
        return sim_fault_set(fault, 0, "out of memory");
    }
    memcpy(out->text, text, length);
    out->text[length] = '\0';
    struct parsing p = {.script = out, .fault = fault};
    if (!parse_lines(&p, out->text, length)) {
        sim_script_free(out);
        return false;
    }
    return true;
}

bool sim_script_read(const char *path, struct sim_script *out, struct sim_fault *fault)
{
    *out = (struct sim_script){0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return sim_fault_set(fault, 0, "cannot be opened: %s", strerror(errno));
    }
    char *text = malloc(SIM_SCRIPT_BYTES_MAX + 1);
    if (text == NULL) {
        (void)fclose(file);
        return sim_fault_set(fault, 0, "out of memory");
    }
    const size_t length = fread(text, 1, SIM_SCRIPT_BYTES_MAX + 1, file);
    const bool failed = ferror(file) != 0;
    (void)fclose(file);
    const bool parsed = failed ? sim_fault_set(fault, 0, "cannot be read: %s", strerror(errno))
                               : sim_script_parse(text, length, out, fault);
    free(text);
    return parsed;
}

void sim_script_free(struct sim_script *script)
{
    free(script->text);
    free(script->words);
    free(script->statements);
    *script = (struct sim_script){0};
}

/* SPDX-License-Identifier: Apache-2.0
 * From the text of a scenario file to a list of statements: lines, words, outcomes, blocks.
 * Spec: docs/SCENARIOS.md, "Grammar". It checks shape only; names and numbers are the run's. */
#ifndef SIM_SCENARIO_PARSE_H
#define SIM_SCENARIO_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_SCRIPT_BYTES_MAX (16u << 20)
#define SIM_SCRIPT_WORDS_MAX 250u /* a line */
#define SIM_SCRIPT_NAME_MAX  63u
#define SIM_SCRIPT_DEPTH_MAX 8u
#define SIM_SCRIPT_WHY_MAX   320u

enum sim_verb {
#define X(symbol, word, kind, pattern, text) SIM_VERB_##symbol,
#include "sim_verbs.def"
#undef X
    SIM_VERB_COUNT
};

enum sim_verb_kind {
    SIM_KIND_DECLARE,
    SIM_KIND_OPERATION,
    SIM_KIND_WORLD,
    SIM_KIND_JUDGE,
    SIM_KIND_STRUCTURE
};

/* The named places of the patterns in sim_verbs.def. */
enum sim_slot {
#define X(name) SIM_SLOT_##name,
#include "sim_slots.def"
#undef X
    SIM_SLOT_ABSENT
};

enum sim_expected_kind {
    SIM_EXPECTED_NONE,
    SIM_EXPECTED_OK,
    SIM_EXPECTED_CODE,   /* the operation returns this code */
    SIM_EXPECTED_REFUSED /* the operation is ok, the feed carries this code */
};

struct sim_expected {
    enum sim_expected_kind kind;
    uint16_t code; /* of abi/errors.def */
};

/* A line of the file that says something. */
struct sim_statement {
    uint32_t line;
    uint32_t first_word; /* in the script's words */
    uint32_t word_count; /* after the verb */
    uint32_t end;        /* of a block: index of its end; else 0 */
    uint32_t expected_line;
    enum sim_verb verb;
    struct sim_expected expected;
    bool has_caller;                /* `as NAME` stood before the verb */
    uint8_t slots[SIM_SLOT_ABSENT]; /* word + 1, 0 = absent */
    uint8_t rest_count;             /* words from slots[SIM_SLOT_REST] on */
};

struct sim_script {
    char *text; /* the file, words ended by NUL */
    const char **words;
    uint32_t word_count;
    uint32_t word_capacity;
    struct sim_statement *statements;
    uint32_t count;
    uint32_t capacity;
    uint32_t operations;
};

/* What is wrong with a file, and where. */
struct sim_fault {
    uint32_t line;
    char why[SIM_SCRIPT_WHY_MAX];
};

/* fault_set: writes the fault and returns false, so that a refusal is one line. */
__attribute__((format(printf, 3, 4))) bool
sim_fault_set(struct sim_fault *fault, uint32_t line, const char *format, ...);

/* parse: takes `length` bytes of text; on false nothing is held and *fault says why. */
bool sim_script_parse(const char *text,
                      size_t length,
                      struct sim_script *out,
                      struct sim_fault *fault);
/* read: the same from a file. */
bool sim_script_read(const char *path, struct sim_script *out, struct sim_fault *fault);
void sim_script_free(struct sim_script *script);

/* word: word i after the verb. caller: of `as`, or NULL. slot: the word of a slot,
 * or NULL. rest: the i-th word of REST. */
const char *
sim_script_word(const struct sim_script *script, const struct sim_statement *statement, uint32_t i);
const char *sim_script_caller(const struct sim_script *script,
                              const struct sim_statement *statement);
const char *sim_script_slot(const struct sim_script *script,
                            const struct sim_statement *statement,
                            enum sim_slot slot);
const char *
sim_script_rest(const struct sim_script *script, const struct sim_statement *statement, uint32_t i);
/* spelling, kind, pattern, text: a row of sim_verbs.def. */
const char *sim_verb_spelling(enum sim_verb verb);
enum sim_verb_kind sim_verb_kind(enum sim_verb verb);
const char *sim_verb_pattern(enum sim_verb verb);
const char *sim_verb_text(enum sim_verb verb);
/* error_symbol: "E_AUTH" of a code, "ok" of 0. error_text: its sentence. */
const char *sim_error_symbol(uint16_t code);
const char *sim_error_text(uint16_t code);

#endif

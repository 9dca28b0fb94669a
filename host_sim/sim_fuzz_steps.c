/* SPDX-License-Identifier: Apache-2.0
 * Steps: kept, played, written and read. It must never know what a message means. */
#include "sim_error.h"
#include "sim_fuzz.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_FUZZ_MAGIC     "plimsoll-steps/1"
#define SIM_FUZZ_LINE_MAX  16384
#define SIM_FUZZ_WORDS_MAX 8u

static const char *const sim_fuzz_words[] = {
    "send", "migrate", "advance", "hold", "deliver", "refuse", "unsolicited"};
#define SIM_FUZZ_KINDS (sizeof sim_fuzz_words / sizeof sim_fuzz_words[0])

void sim_fuzz_steps_free(struct sim_fuzz_steps *steps)
{
    for (uint32_t i = 0; i < steps->count; i++) {
        free(steps->rows[i].message);
    }
    free(steps->rows);
    *steps = (struct sim_fuzz_steps){0};
}

void sim_fuzz_steps_add(struct sim_fuzz_steps *steps, const struct sim_fuzz_step *step)
{
    steps->rows =
        sim_bytes_grow(steps->rows, &steps->capacity, steps->count + 1u, sizeof steps->rows[0]);
    struct sim_fuzz_step *row = &steps->rows[steps->count++];
    *row = *step;
    row->message = sim_bytes_alloc(step->length + 1u, 1);
    if (step->length != 0) {
        memcpy(row->message, step->message, step->length);
    }
}

const struct sim_outcome *sim_fuzz_step_play(struct sim_world *world,
                                             const struct sim_fuzz_step *step)
{
    const struct sim_span message = {step->message, step->length};
    switch (step->kind) {
    case SIM_FUZZ_SEND:
        sim_world_fail_host(world, (uint32_t)step->number);
        return sim_world_apply(world, &step->who, step->funds, step->fund_count, message);
    case SIM_FUZZ_MIGRATE: return sim_world_migrate(world, &step->who, message);
    case SIM_FUZZ_ADVANCE: sim_world_advance(world, step->number); return NULL;
    case SIM_FUZZ_HOLD: sim_world_hold_payments(world, step->number != 0); return NULL;
    case SIM_FUZZ_DELIVER: return sim_world_deliver(world, step->number, step->ok);
    case SIM_FUZZ_REFUSE: sim_world_refuse(world, &step->who, step->ok); return NULL;
    case SIM_FUZZ_UNSOLICITED:
        sim_world_unsolicited(
            world, &step->who, &step->funds[0].token, sim_abi_int_of(step->funds[0].atoms.atoms));
        return NULL;
    }
    return NULL;
}

/* --- text ---------------------------------------------------------------------------------- */
static void sim_fuzz_add_hex(struct sim_buffer *out, const uint8_t *bytes, uint32_t length)
{
    sim_bytes_add_text(out, length == 0 ? " -" : " ");
    sim_bytes_add_hex(out, (struct sim_span){bytes, length});
}

/* kind number ok who message token:atoms,token:atoms */
static void sim_fuzz_add_step(struct sim_buffer *out, const struct sim_fuzz_step *step)
{
    sim_bytes_add_format(
        out, "%s %" PRIu64 " %d", sim_fuzz_words[step->kind], step->number, step->ok ? 1 : 0);
    sim_fuzz_add_hex(out, step->who.bytes, step->who.length);
    sim_fuzz_add_hex(out, step->message, step->length);
    sim_bytes_add_text(out, step->fund_count == 0 ? " -" : "");
    for (uint32_t i = 0; i < step->fund_count; i++) {
        char atoms[SIM_INT_TEXT_MAX];
        const struct plm_fund *fund = &step->funds[i];
        sim_bytes_add_text(out, i == 0 ? " " : ",");
        sim_bytes_add_hex(out, (struct sim_span){fund->token.bytes, fund->token.length});
        (void)sim_bytes_int_text(sim_abi_int_of(fund->atoms.atoms), atoms);
        sim_bytes_add_format(out, ":%s", atoms);
    }
    sim_bytes_add_text(out, "\n");
}

bool sim_fuzz_steps_write(const struct sim_fuzz_steps *steps, const char *path)
{
    struct sim_buffer text = {0};
    sim_bytes_add_text(&text, SIM_FUZZ_MAGIC "\n");
    for (uint32_t i = 0; i < steps->count; i++) {
        sim_fuzz_add_step(&text, &steps->rows[i]);
    }
    FILE *file = fopen(path, "wb");
    const bool is_whole = file != NULL && fwrite(text.bytes, text.length, 1, file) == 1;
    if (file == NULL || fclose(file) != 0 || !is_whole) {
        sim_error_at(path, 0, "cannot be written: check the folder and its rights");
        sim_bytes_free(&text);
        return false;
    }
    sim_bytes_free(&text);
    return true;
}

static bool sim_fuzz_read_addr(const char *text, size_t length, struct plm_addr *addr)
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

static bool sim_fuzz_read_funds(char *text, struct sim_fuzz_step *step)
{
    char *rest = text;
    if (strcmp(text, "-") == 0) {
        return true;
    }
    for (char *word = NULL; (word = strtok_r(rest, ",", &rest)) != NULL;) {
        const char *colon = strchr(word, ':');
        sim_int atoms = 0;
        if (colon == NULL || step->fund_count == SIM_FUZZ_FUNDS) {
            return false;
        }
        struct plm_fund *fund = &step->funds[step->fund_count++];
        if (!sim_fuzz_read_addr(word, (size_t)(colon - word), &fund->token) ||
            !sim_bytes_parse_decimal(colon + 1, strlen(colon + 1), 0, &atoms)) {
            return false;
        }
        fund->atoms.atoms = sim_abi_i128_of(atoms);
    }
    return true;
}

static bool sim_fuzz_read_step(char *line, struct sim_fuzz_steps *steps)
{
    char *words[SIM_FUZZ_WORDS_MAX] = {0};
    uint32_t count = 0;
    char *rest = line;
    for (char *word = NULL; (word = strtok_r(rest, " \n", &rest)) != NULL;) {
        if (count == SIM_FUZZ_WORDS_MAX) {
            return false;
        }
        words[count++] = word;
    }
    struct sim_fuzz_step step = {0};
    struct sim_buffer message = {0};
    uint32_t kind = 0;
    while (count == 6 && kind < SIM_FUZZ_KINDS && strcmp(words[0], sim_fuzz_words[kind]) != 0) {
        kind++;
    }
    const bool is_good =
        count == 6 && kind < SIM_FUZZ_KINDS &&
        sim_fuzz_read_addr(words[3], strlen(words[3]), &step.who) &&
        (strcmp(words[4], "-") == 0 || sim_bytes_from_hex(&message, words[4], strlen(words[4]))) &&
        sim_fuzz_read_funds(words[5], &step) &&
        (kind != SIM_FUZZ_UNSOLICITED || step.fund_count != 0);
    if (is_good) {
        step.kind = (enum sim_fuzz_kind)kind;
        step.number = strtoull(words[1], NULL, 10);
        step.ok = words[2][0] == '1';
        step.message = message.bytes;
        step.length = (uint32_t)message.length;
        sim_fuzz_steps_add(steps, &step);
    }
    sim_bytes_free(&message);
    return is_good;
}

bool sim_fuzz_steps_read(const char *path, struct sim_fuzz_steps *steps)
{
    static char line[SIM_FUZZ_LINE_MAX];
    unsigned number = 1;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        sim_error_at(path, 0, "cannot be read: check its name and rights");
        return false;
    }
    bool is_good = fgets(line, sizeof line, file) != NULL && strcmp(line, SIM_FUZZ_MAGIC "\n") == 0;
    while (is_good && fgets(line, sizeof line, file) != NULL) {
        number++;
        is_good = sim_fuzz_read_step(line, steps);
    }
    (void)fclose(file);
    if (!is_good) {
        sim_error_at(path,
                     number,
                     "is no step of a file of steps (" SIM_FUZZ_MAGIC "): take one as plimsoll "
                     "fuzz has written it");
        sim_fuzz_steps_free(steps);
    }
    return is_good;
}

/* SPDX-License-Identifier: Apache-2.0
 * Moves as text: told to people, written to a file, read again. It must never know what a move
 * does. */
#include "sim_adversary.h"
#include "sim_error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "plimsoll-moves/1"

static const char *const kind_words[] = {
#define X(name, kind, text) #name,
#include "sim_adversary_kinds.def"
#undef X
};

/* --- rules ------------------------------------------------------------------------------------ */
bool sim_adversary_rules(const char *text, uint64_t *rules)
{
    char word[32];
    *rules = 0;
    while (*text != '\0') {
        const size_t length = strcspn(text, ", ");
        if (length >= sizeof word) {
            return false;
        }
        memcpy(word, text, length);
        word[length] = '\0';
        const struct sim_abi_lab *lab = sim_abi_find_lab(word);
        if (lab == NULL) {
            return false;
        }
        *rules |= UINT64_C(1) << lab->bit;
        text += length;
        text += strspn(text, ", ");
    }
    return *rules != 0;
}

void sim_adversary_rules_text(uint64_t rules, struct sim_buffer *out)
{
    bool is_first = true;
    for (uint32_t i = 0; sim_abi_lab_at(i) != NULL; i++) {
        const struct sim_abi_lab *lab = sim_abi_lab_at(i);
        if ((rules >> lab->bit & 1u) != 0) {
            sim_bytes_add_format(out, "%s%s", is_first ? "" : ",", lab->rule);
            is_first = false;
        }
    }
    sim_bytes_add_text(out, is_first ? "-" : "");
}

const char *sim_adversary_kind_name(uint32_t kind)
{
    return kind < SIM_ADVERSARY_KIND_COUNT ? kind_words[kind] : "none";
}

/* --- moves ------------------------------------------------------------------------------------ */
void sim_adversary_move_text(const struct sim_adversary_move *move, struct sim_buffer *out)
{
    sim_bytes_add_format(out,
                         "%s who %u with %u target %u amount %" PRId64 " edge %" PRId32,
                         kind_words[move->kind],
                         move->who,
                         move->with,
                         move->target,
                         move->amount,
                         move->edge);
}

bool sim_adversary_write(const char *path, const struct sim_adversary_file *file)
{
    struct sim_buffer text = {0};
    sim_bytes_add_format(&text,
                         MAGIC " world %s seed %" PRIu64 " prices %s without ",
                         file->world,
                         file->seed,
                         sim_adversary_prices_name(file->prices));
    sim_adversary_rules_text(file->rules, &text);
    sim_bytes_add_text(&text, "\n");
    for (uint32_t i = 0; i < file->plan.count; i++) {
        sim_adversary_move_text(&file->plan.moves[i], &text);
        sim_bytes_add_text(&text, "\n");
    }
    FILE *out = fopen(path, "wb");
    const bool is_whole = out != NULL && fwrite(text.bytes, text.length, 1, out) == 1;
    const bool is_good = out != NULL && fclose(out) == 0 && is_whole;
    if (!is_good) {
        sim_error_at(path, 0, "cannot be written: check the folder and its rights");
    }
    sim_bytes_free(&text);
    return is_good;
}

static bool read_move(const char *line, struct sim_adversary_plan *plan)
{
    char word[16];
    unsigned numbers[3] = {0};
    struct sim_adversary_move move = {0};
    if (plan->count == SIM_ADVERSARY_MOVES ||
        sscanf(line,
               "%15s who %u with %u target %u amount %" SCNd64 " edge %" SCNd32,
               word,
               &numbers[0],
               &numbers[1],
               &numbers[2],
               &move.amount,
               &move.edge) != 6) {
        return false;
    }
    while (move.kind < SIM_ADVERSARY_KIND_COUNT && strcmp(word, kind_words[move.kind]) != 0) {
        move.kind++;
    }
    if (move.kind == SIM_ADVERSARY_KIND_COUNT || numbers[0] >= SIM_ADVERSARY_ACCOUNTS ||
        numbers[1] >= SIM_ADVERSARY_ACCOUNTS || numbers[2] >= SIM_ADVERSARY_MARKETS) {
        return false;
    }
    move.who = (uint8_t)numbers[0];
    move.with = (uint8_t)numbers[1];
    move.target = (uint8_t)numbers[2];
    plan->moves[plan->count++] = move;
    return true;
}

static bool read_head(const char *line, struct sim_adversary_file *file)
{
    char prices[16];
    char without[256];
    if (sscanf(line,
               MAGIC " world %15s seed %" SCNu64 " prices %15s without %255s",
               file->world,
               &file->seed,
               prices,
               without) != 4) {
        return false;
    }
    while (file->prices < SIM_ADVERSARY_PRICES_COUNT &&
           strcmp(prices, sim_adversary_prices_name(file->prices)) != 0) {
        file->prices++;
    }
    if (file->prices == SIM_ADVERSARY_PRICES_COUNT) {
        return false;
    }
    return strcmp(without, "-") == 0 || sim_adversary_rules(without, &file->rules);
}

bool sim_adversary_read(const char *path, struct sim_adversary_file *file)
{
    char line[512];
    unsigned number = 1;
    FILE *in = fopen(path, "rb");
    *file = (struct sim_adversary_file){0};
    if (in == NULL) {
        sim_error_at(path, 0, "cannot be read: check its name and rights");
        return false;
    }
    bool is_good = fgets(line, sizeof line, in) != NULL && read_head(line, file);
    while (is_good && fgets(line, sizeof line, in) != NULL) {
        number++;
        is_good = read_move(line, &file->plan);
    }
    (void)fclose(in);
    if (!is_good) {
        sim_error_at(path,
                     number,
                     "is no move of a file of moves (" MAGIC "): take one as plimsoll adversary "
                     "has written it");
    }
    return is_good;
}

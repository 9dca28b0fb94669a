/* SPDX-License-Identifier: Apache-2.0
 * Sums in files, so that paths can be shared out among machines. A part knows which paths it is of
 * and what was played: parts of other scenarios or overlapping seeds are refused. Spec:
 * docs/STRESS.md, "The sum". Little-endian numbers behind a line of text. */
#include "sim_error.h"
#include "sim_page.h"
#include "sim_stress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PART_LINE  "plimsoll-stress-sums/1\n"
#define PART_BYTES (64u << 20)

/* Numbers on their way into a buffer, or out of one: the order is written once. */
struct pipe {
    struct sim_buffer *out; /* NULL: reading */
    const uint8_t *at;
    const uint8_t *end;
    bool is_cut; /* there was less than was asked for */
};

static void pass(struct pipe *pipe, sim_uint *value, size_t bytes)
{
    if (pipe->out != NULL) {
        sim_bytes_add_integer(pipe->out, (sim_int)*value, bytes);
        return;
    }
    *value = 0;
    if ((size_t)(pipe->end - pipe->at) < bytes) {
        pipe->is_cut = true;
        return;
    }
    for (size_t i = 0; i < bytes; i++) {
        *value |= (sim_uint)pipe->at[i] << (8u * i);
    }
    pipe->at += bytes;
}

static void pass_counts(struct pipe *pipe, uint64_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sim_uint value = values[i];
        pass(pipe, &value, sizeof values[i]);
        values[i] = (uint64_t)value;
    }
}

static void pass_money(struct pipe *pipe, sim_int *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sim_uint value = (sim_uint)values[i];
        pass(pipe, &value, sizeof values[i]);
        values[i] = (sim_int)value;
    }
}

static void pass_short(struct pipe *pipe, uint32_t *number)
{
    sim_uint value = *number;
    pass(pipe, &value, sizeof *number);
    *number = (uint32_t)value;
}

static void pass_sum(struct pipe *pipe, struct sim_stress_sum *sum)
{
    pass_counts(pipe, &sum->paths, 1);
    pass_counts(pipe, &sum->failed, 1);
    pass_counts(pipe, &sum->survived, 1);
    pass_counts(pipe, sum->counts, SIM_STRESS_COUNTS);
    pass_money(pipe, sum->paid, SIM_STRESS_PAYERS);
    pass_money(pipe, sum->most, SIM_STRESS_PAYERS);
    for (uint32_t i = 0; i < SIM_STRESS_PAYERS; i++) {
        pass_counts(pipe, sum->bins[i], SIM_STRESS_BINS);
    }
    pass_counts(pipe, sum->falls, SIM_STRESS_FALLS);
    pass_counts(pipe, &sum->hash, 1);
    pass_counts(pipe, &sum->failed_seed, 1);
    pass_short(pipe, &sum->bad_count);
    pipe->is_cut = pipe->is_cut || sum->bad_count > SIM_STRESS_WORST;
    for (uint32_t i = 0; !pipe->is_cut && i < sum->bad_count; i++) {
        pass_counts(pipe, &sum->bad[i].seed, 1);
        pass_money(pipe, sum->bad[i].paid, SIM_STRESS_PAYERS);
        pass_short(pipe, &sum->bad[i].fall);
    }
    for (size_t i = 0; i < sizeof sum->why; i++) {
        sim_uint letter = (unsigned char)sum->why[i];
        pass(pipe, &letter, 1);
        sum->why[i] = (char)letter;
    }
    sum->why[sizeof sum->why - 1u] = '\0';
}

static void pass_head(struct pipe *pipe, struct sim_stress_part *part, uint32_t *sets)
{
    pass_counts(pipe, &part->played, 1);
    pass_short(pipe, sets);
    pass_short(pipe, &part->range_count);
    pipe->is_cut = pipe->is_cut || part->range_count > SIM_STRESS_RANGES;
    for (uint32_t i = 0; !pipe->is_cut && i < part->range_count; i++) {
        pass_counts(pipe, &part->ranges[i].first, 1);
        pass_counts(pipe, &part->ranges[i].paths, 1);
    }
}

uint64_t sim_stress_played(const struct sim_stress_plan *plan, const struct sim_stress_sets *sets)
{
    const uint64_t numbers[] = {plan->kind, plan->length, plan->market_count};
    uint64_t hash = sim_bytes_mix(SIM_HASH_START, numbers, sizeof numbers);
    for (uint32_t i = 0; i < plan->market_count; i++) {
        const struct sim_prices *real = &plan->markets[i].real;
        hash = sim_bytes_mix(hash, plan->markets[i].name, sizeof plan->markets[i].name);
        hash = sim_bytes_mix(hash, real->bars, real->count * sizeof *real->bars);
    }
    for (uint32_t i = 0; i < sets->count; i++) {
        hash = sim_bytes_mix(hash, sets->rows[i].text.bytes, sets->rows[i].text.length);
    }
    return hash;
}

bool sim_stress_part_write(const char *path,
                           struct sim_stress_part *part,
                           struct sim_stress_sum *sums,
                           uint32_t sets)
{
    struct sim_buffer bytes = {0};
    struct pipe pipe = {.out = &bytes};
    uint32_t count = sets;
    sim_bytes_add_text(&bytes, PART_LINE);
    pass_head(&pipe, part, &count);
    for (uint32_t i = 0; i < sets; i++) {
        pass_sum(&pipe, &sums[i]);
    }
    const bool is_good = sim_page_store(path, &bytes);
    sim_bytes_free(&bytes);
    return is_good;
}

/* Whether the paths of another part are new to this one; then they are noted. */
static bool take_ranges(struct sim_stress_part *to, const struct sim_stress_part *from)
{
    for (uint32_t i = 0; i < from->range_count; i++) {
        const struct sim_stress_range *new = &from->ranges[i];
        for (uint32_t k = 0; k < to->range_count; k++) {
            const struct sim_stress_range *old = &to->ranges[k];
            const bool is_before = new->first + new->paths <= old->first;
            const bool is_behind = old->first + old->paths <= new->first;
            if (!is_before && !is_behind) {
                return false;
            }
        }
        if (to->range_count == SIM_STRESS_RANGES) {
            return false;
        }
        to->ranges[to->range_count++] = *new;
    }
    return true;
}

/* What is wrong with a part, or NULL after it was merged. */
static const char *merge_part(struct pipe *pipe,
                              struct sim_stress_part *to,
                              struct sim_stress_sum *sums,
                              uint32_t sets)
{
    struct sim_stress_part part = {0};
    uint32_t count = 0;
    pass_head(pipe, &part, &count);
    if (pipe->is_cut) {
        return "is cut off or damaged: play it again";
    }
    if (part.played != to->played || count != sets) {
        return "is of another scenario, other prices or other sets: give the same options";
    }
    struct sim_stress_sum *read = sim_bytes_alloc(sets, sizeof *read);
    for (uint32_t i = 0; i < sets; i++) {
        pass_sum(pipe, &read[i]);
    }
    const char *why =
        pipe->is_cut || pipe->at != pipe->end ? "is cut off or damaged: play it again"
        : !take_ranges(to, &part)
            ? "has paths that another part has too: give each --seed ranges of its own"
            : NULL;
    for (uint32_t i = 0; why == NULL && i < sets; i++) {
        sim_stress_merge(&sums[i], &read[i]);
    }
    free(read);
    return why;
}

bool sim_stress_part_merge(const char *path,
                           struct sim_stress_part *to,
                           struct sim_stress_sum *sums,
                           uint32_t sets)
{
    struct sim_buffer bytes = {0};
    const char *why = "cannot be read: check the name";
    if (sim_page_load(path, PART_BYTES, &bytes)) {
        const size_t head = sizeof PART_LINE - 1u;
        struct pipe pipe = {.at = bytes.bytes, .end = bytes.bytes + bytes.length};
        why = "is no file of --sums";
        if (bytes.length > head && memcmp(bytes.bytes, PART_LINE, head) == 0) {
            pipe.at += head;
            why = merge_part(&pipe, to, sums, sets);
        }
    }
    if (why != NULL) {
        sim_error_at(path, 0, "%s", why);
    }
    sim_bytes_free(&bytes);
    return why == NULL;
}

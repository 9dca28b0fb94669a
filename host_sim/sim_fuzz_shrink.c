/* SPDX-License-Identifier: Apache-2.0
 * Findings: which kind they are, and the fewest steps that still show them. It must never know
 * what a step does. */
#include "sim_fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_FUZZ_TRIES UINT64_C(3000000) /* operations that shrinking one finding may take */

const char *sim_fuzz_broken(struct sim_world *world, struct sim_audit *audit)
{
    const char *failure = sim_world_failure(world);
    if (failure[0] == '\0' && audit != NULL) {
        failure = sim_audit_failure(audit);
    }
    return failure;
}

void sim_fuzz_class(const char *broken, struct sim_world *world, char *word, size_t size)
{
    if (sim_world_failure(world)[0] != '\0') {
        (void)snprintf(word, size, "%s", sim_world_has_trapped(world) ? "trap" : "world");
    } else {
        (void)snprintf(word, size, "%.*s", (int)strcspn(broken, " :\n"), broken);
    }
}

/* A world, its auditor, and the steps that are not left out, played until something breaks. */
static bool sim_fuzz_fails(const struct sim_fuzz_steps *steps,
                           const bool *left_out,
                           enum sim_choice choice,
                           const char *word,
                           uint64_t *tried)
{
    const struct sim_world_options options = {.choice = choice};
    struct sim_world *world = sim_world_new(&options);
    struct sim_audit *audit = sim_audit_new(world, NULL);
    char found[32] = "";
    for (uint32_t i = 0; i < steps->count && found[0] == '\0'; i++) {
        if (left_out[i]) {
            continue;
        }
        (*tried)++;
        (void)sim_fuzz_step_play(world, &steps->rows[i]);
        const char *broken = sim_fuzz_broken(world, audit);
        if (broken[0] != '\0') {
            sim_fuzz_class(broken, world, found, sizeof found);
        }
    }
    if (found[0] == '\0' && !sim_audit_full(audit)) {
        sim_fuzz_class(sim_audit_failure(audit), world, found, sizeof found);
    }
    sim_audit_free(audit);
    sim_world_free(world);
    return strcmp(found, word) == 0;
}

/* Leaves out runs of `size` steps where the failure stays. True where any went. */
static bool sim_fuzz_cut(const struct sim_fuzz_steps *steps,
                         bool *left_out,
                         uint32_t size,
                         enum sim_choice choice,
                         const char *word,
                         uint64_t *tried)
{
    bool any = false;
    uint32_t end = steps->count;
    while (end > 0 && *tried < SIM_FUZZ_TRIES) {
        uint32_t taken[4096];
        uint32_t count = 0;
        while (end > 0 && count < size) {
            end--;
            if (!left_out[end]) {
                left_out[end] = true;
                taken[count++] = end;
            }
        }
        if (count == 0) {
            break;
        }
        if (sim_fuzz_fails(steps, left_out, choice, word, tried)) {
            any = true;
            continue;
        }
        for (uint32_t i = 0; i < count; i++) {
            left_out[taken[i]] = false;
        }
    }
    return any;
}

void sim_fuzz_shrink(struct sim_fuzz_steps *steps,
                     enum sim_choice choice,
                     const char *word,
                     uint64_t *tried)
{
    bool *left_out = sim_bytes_alloc(steps->count + 1u, sizeof *left_out);
    *tried = 0;
    for (uint32_t size = 4096; size > 0 && *tried < SIM_FUZZ_TRIES;) {
        const bool any =
            size <= steps->count && sim_fuzz_cut(steps, left_out, size, choice, word, tried);
        size = any && size == 1 ? 1 : size / 2u;
    }
    struct sim_fuzz_steps kept = {0};
    for (uint32_t i = 0; i < steps->count; i++) {
        if (!left_out[i]) {
            sim_fuzz_steps_add(&kept, &steps->rows[i]);
        }
    }
    sim_fuzz_steps_free(steps);
    *steps = kept;
    free(left_out);
}

bool sim_fuzz_replay(const struct sim_fuzz_steps *steps,
                     enum sim_choice choice,
                     struct sim_buffer *out,
                     uint64_t *operations)
{
    const struct sim_world_options options = {.choice = choice};
    struct sim_world *world = sim_world_new(&options);
    struct sim_audit *audit = sim_audit_new(world, NULL);
    bool holds = true;
    for (uint32_t i = 0; i < steps->count && holds; i++) {
        (void)sim_fuzz_step_play(world, &steps->rows[i]);
        holds = sim_fuzz_broken(world, audit)[0] == '\0';
    }
    holds = holds && sim_audit_full(audit);
    if (!holds) {
        sim_bytes_add_text(out, sim_fuzz_broken(world, audit));
    }
    *operations = sim_world_operations(world);
    sim_audit_free(audit);
    sim_world_free(world);
    return holds;
}

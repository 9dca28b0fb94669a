/* SPDX-License-Identifier: Apache-2.0
 * Sums of paths that do not depend on who added them: sums, maxima, counts in fixed bins, and the
 * worst few in a total order. Spec: docs/STRESS.md, "The sum". */
#include "sim_stress.h"

#include <stdio.h>
#include <string.h>

#define PPM         1000000
#define FALL_OF_BIN 10000u /* ppm: a percent */

uint32_t sim_stress_bin(sim_int value)
{
    uint32_t top = 0;
    if (value <= 0) {
        return 0;
    }
    while (value >> top > 1) {
        top++;
    }
    const uint32_t quarter = top < 2u ? 0u : (uint32_t)(value >> (top - 2u)) & 3u;
    return 1u + 4u * top + quarter;
}

sim_int sim_stress_bin_edge(uint32_t bin)
{
    if (bin == 0) {
        return 0;
    }
    const uint32_t top = (bin - 1u) / 4u;
    const sim_int quarters = 4 + (bin - 1u) % 4u;
    return top < 2u ? (sim_int)1 << top : quarters << (top - 2u);
}

/* --- the worst ---------------------------------------------------------------------------------
 * By what others paid, then what owners paid, then the seed: no two paths of a set are equal. */
static bool is_worse(const struct sim_stress_bad *a, const struct sim_stress_bad *b)
{
    if (a->paid[SIM_STRESS_BEYOND] != b->paid[SIM_STRESS_BEYOND]) {
        return a->paid[SIM_STRESS_BEYOND] > b->paid[SIM_STRESS_BEYOND];
    }
    if (a->paid[SIM_STRESS_OWNERS] != b->paid[SIM_STRESS_OWNERS]) {
        return a->paid[SIM_STRESS_OWNERS] > b->paid[SIM_STRESS_OWNERS];
    }
    return a->seed < b->seed;
}

static void take_bad(struct sim_stress_sum *sum, const struct sim_stress_bad *bad)
{
    uint32_t at = sum->bad_count;
    while (at > 0 && is_worse(bad, &sum->bad[at - 1u])) {
        at--;
    }
    if (at == SIM_STRESS_WORST) {
        return;
    }
    sum->bad_count += sum->bad_count < SIM_STRESS_WORST ? 1u : 0u;
    for (uint32_t i = sum->bad_count - 1u; i > at; i--) {
        sum->bad[i] = sum->bad[i - 1u];
    }
    sum->bad[at] = *bad;
}

static void take_failure(struct sim_stress_sum *sum, uint64_t seed, const char *why)
{
    if (sum->why[0] == '\0' || seed < sum->failed_seed) {
        sum->failed_seed = seed;
        (void)snprintf(sum->why, sizeof sum->why, "%s", why);
    }
}

/* --- sums --------------------------------------------------------------------------------------
 */
static uint64_t hash_result(const struct sim_stress_result *result)
{
    uint64_t hash = sim_bytes_mix(SIM_HASH_START, &result->seed, sizeof result->seed);
    hash = sim_bytes_mix(hash, &result->state_hash, sizeof result->state_hash);
    hash = sim_bytes_mix(hash, result->counts, sizeof result->counts);
    hash = sim_bytes_mix(hash, result->paid, sizeof result->paid);
    return sim_bytes_mix(hash, &result->fall, sizeof result->fall);
}

void sim_stress_add(struct sim_stress_sum *sum, const struct sim_stress_result *result)
{
    struct sim_stress_bad bad = {.seed = result->seed, .fall = result->fall};
    sum->paths++;
    if (result->has_failed) {
        sum->failed++;
        take_failure(sum, result->seed, result->why);
        return;
    }
    const bool has_survived =
        result->paid[SIM_STRESS_OPPOSING] == 0 && result->paid[SIM_STRESS_UNCOVERED] == 0;
    sum->survived += has_survived ? 1u : 0u;
    for (uint32_t i = 0; i < SIM_STRESS_COUNTS; i++) {
        sum->counts[i] += result->counts[i];
    }
    for (uint32_t i = 0; i < SIM_STRESS_PAYERS; i++) {
        const sim_int paid = result->paid[i];
        sum->paid[i] += paid;
        sum->most[i] = paid > sum->most[i] ? paid : sum->most[i];
        sum->bins[i][sim_stress_bin(paid)]++;
        bad.paid[i] = paid;
    }
    const uint32_t fall = result->fall / FALL_OF_BIN;
    sum->falls[fall < SIM_STRESS_FALLS ? fall : SIM_STRESS_FALLS - 1u]++;
    sum->hash += hash_result(result);
    take_bad(sum, &bad);
}

void sim_stress_merge(struct sim_stress_sum *to, const struct sim_stress_sum *from)
{
    to->paths += from->paths;
    to->failed += from->failed;
    to->survived += from->survived;
    to->hash += from->hash;
    for (uint32_t i = 0; i < SIM_STRESS_COUNTS; i++) {
        to->counts[i] += from->counts[i];
    }
    for (uint32_t i = 0; i < SIM_STRESS_PAYERS; i++) {
        to->paid[i] += from->paid[i];
        to->most[i] = from->most[i] > to->most[i] ? from->most[i] : to->most[i];
        for (uint32_t bin = 0; bin < SIM_STRESS_BINS; bin++) {
            to->bins[i][bin] += from->bins[i][bin];
        }
    }
    for (uint32_t i = 0; i < SIM_STRESS_FALLS; i++) {
        to->falls[i] += from->falls[i];
    }
    for (uint32_t i = 0; i < from->bad_count; i++) {
        take_bad(to, &from->bad[i]);
    }
    if (from->failed != 0) {
        take_failure(to, from->failed_seed, from->why);
    }
}

uint64_t sim_stress_hash(uint64_t hash, const struct sim_stress_sum *sum)
{
    const uint64_t numbers[] = {sum->paths, sum->failed, sum->survived, sum->hash, sum->bad_count};
    uint64_t all = sim_bytes_mix(hash, numbers, sizeof numbers);
    all = sim_bytes_mix(all, sum->counts, sizeof sum->counts);
    all = sim_bytes_mix(all, sum->paid, sizeof sum->paid);
    all = sim_bytes_mix(all, sum->most, sizeof sum->most);
    all = sim_bytes_mix(all, sum->bins, sizeof sum->bins);
    all = sim_bytes_mix(all, sum->falls, sizeof sum->falls);
    for (uint32_t i = 0; i < sum->bad_count; i++) {
        all = sim_bytes_mix(all, &sum->bad[i].seed, sizeof sum->bad[i].seed);
        all = sim_bytes_mix(all, sum->bad[i].paid, sizeof sum->bad[i].paid);
    }
    return all;
}

sim_int
sim_stress_quantile(const struct sim_stress_sum *sum, enum sim_stress_payer payer, uint32_t share)
{
    const uint64_t played = sum->paths - sum->failed;
    uint64_t seen = 0;
    for (uint32_t bin = 0; bin + 1u < SIM_STRESS_BINS; bin++) {
        seen += sum->bins[payer][bin];
        if ((sim_uint)seen * PPM >= (sim_uint)played * share) {
            const sim_int edge = bin == 0 ? 0 : sim_stress_bin_edge(bin + 1u);
            return edge < sum->most[payer] ? edge : sum->most[payer];
        }
    }
    return sum->most[payer];
}

/* SPDX-License-Identifier: Apache-2.0
 * Statistics of price series, in integers. Spec: docs/STRESS.md, "Statistics". They describe a
 * series; nothing is decided by them. */
#include "sim_stress.h"

#include <stdlib.h>

#define NANO       INT64_C(1000000000)
#define PPM        INT64_C(1000000)
#define THOUSAND   1000
#define SCORE_MOST 10000000 /* ten thousand deviations: beyond it the fourth power has no room */
#define HOUR       3600u
#define DAY        86400u

/* The same digit by digit in a machine's word. */
static uint64_t small_root(uint32_t value)
{
    uint32_t rest = value;
    uint32_t root = 0;
    uint32_t bit = UINT32_C(1) << 30;
    while (bit > rest) {
        bit >>= 2;
    }
    for (; bit != 0; bit >>= 2) {
        const bool fits = rest >= root + bit;
        rest -= fits ? root + bit : 0;
        root = (root >> 1) + (fits ? bit : 0);
    }
    return root;
}

uint64_t sim_stress_root(sim_uint value)
{
    sim_uint rest = value;
    sim_uint root = 0;
    if (value <= UINT32_MAX) {
        return small_root((uint32_t)value);
    }
    sim_uint bit = (sim_uint)1 << (value >> 62 == 0 ? 60 : 126);
    while (bit > rest) {
        bit >>= 2;
    }
    for (; bit != 0; bit >>= 2) {
        if (rest >= root + bit) {
            rest -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return (uint64_t)root;
}

int64_t sim_stress_move(uint64_t from, uint64_t to)
{
    if (from == 0) {
        return 0;
    }
    const sim_int move = ((sim_int)to - (sim_int)from) * NANO / (sim_int)from;
    return move < PPM * NANO ? (int64_t)move : PPM * NANO;
}

void sim_stress_moves(const struct sim_prices *prices, int64_t *out)
{
    for (size_t i = 0; i < prices->count; i++) {
        const struct sim_bar *bar = &prices->bars[i];
        const bool is_gap = i != 0 && bar->time - bar[-1].time > prices->step;
        out[i] = is_gap ? 0 : sim_stress_move(i == 0 ? bar->open : bar[-1].close, bar->close);
    }
}

static int64_t size_of(int64_t move)
{
    return move < 0 ? -move : move;
}

/* The mean of fourth powers over the square of the mean of squares. */
static uint64_t kurtosis(const int64_t *moves, size_t count, uint64_t deviation)
{
    sim_int sum = 0;
    if (deviation == 0) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        sim_int score = (sim_int)size_of(moves[i]) * THOUSAND / (sim_int)deviation;
        score = score < SCORE_MOST ? score : SCORE_MOST;
        sum += score * score * score * score / ((sim_int)PPM * THOUSAND);
    }
    return (uint64_t)(sum / (sim_int)count);
}

/* The autocorrelation of sizes at a distance, ppm. */
static int64_t echo(const int64_t *moves, size_t count, size_t distance)
{
    sim_int mean = 0;
    sim_int both = 0;
    sim_int alone = 0;
    if (distance >= count) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        mean += size_of(moves[i]);
    }
    mean /= (sim_int)count;
    for (size_t i = 0; i < count; i++) {
        const sim_int here = size_of(moves[i]) - mean;
        alone += here * here;
        both += i >= distance ? here * (size_of(moves[i - distance]) - mean) : 0;
    }
    return alone < PPM ? 0 : (int64_t)(both / (alone / PPM));
}

/* The largest move from close to close over so many bars, ppm; of the whole series where it is
 * shorter. A stretch with a gap in it does not count. */
static uint64_t largest(const struct sim_prices *prices, uint64_t bars)
{
    uint64_t most = 0;
    const size_t apart = bars < prices->count ? (size_t)bars : prices->count - 1u;
    for (size_t i = apart; i < prices->count; i++) {
        const int64_t move =
            size_of(sim_stress_move(prices->bars[i - apart].close, prices->bars[i].close));
        const uint64_t time = prices->bars[i].time - prices->bars[i - apart].time;
        const bool is_whole = time <= apart * prices->step;
        most = is_whole && (uint64_t)move > most ? (uint64_t)move : most;
    }
    return most / (uint64_t)(NANO / PPM);
}

static uint64_t mean_range(const struct sim_prices *prices, const int64_t *moves)
{
    sim_int ranges = 0;
    sim_int sizes = 0;
    for (size_t i = 0; i < prices->count; i++) {
        const struct sim_bar *bar = &prices->bars[i];
        ranges += sim_stress_move(bar->low, bar->high);
        sizes += size_of(moves[i]);
    }
    return sizes == 0 ? 0 : (uint64_t)(ranges * THOUSAND / sizes);
}

void sim_stress_measure(const struct sim_prices *prices, struct sim_stress_stats *out)
{
    const size_t count = prices->count;
    int64_t *moves = sim_bytes_alloc(count + 1u, sizeof *moves);
    sim_stress_moves(prices, moves);
    sim_uint squares = 0;
    for (size_t i = 0; i < count; i++) {
        squares += (sim_uint)((sim_int)moves[i] * moves[i]);
    }
    const uint64_t step = prices->step;
    const size_t hour = step < HOUR ? (size_t)(HOUR / step) : 12u;
    *out = (struct sim_stress_stats){.bars = count};
    out->deviation = count == 0 ? 0 : sim_stress_root(squares / count);
    if (out->deviation != 0) {
        out->kurtosis = kurtosis(moves, count, out->deviation);
        out->range = mean_range(prices, moves);
        out->echo = echo(moves, count, 1);
        out->echo_hour = echo(moves, count, hour);
        out->largest[SIM_STRESS_BAR] = largest(prices, 1);
        out->largest[SIM_STRESS_HOUR] = largest(prices, (HOUR + step - 1u) / step);
        out->largest[SIM_STRESS_DAY] = largest(prices, (DAY + step - 1u) / step);
    }
    free(moves);
}

int64_t sim_stress_correlation(const int64_t *a, const int64_t *b, size_t count)
{
    sim_int both = 0;
    sim_uint first = 0;
    sim_uint second = 0;
    for (size_t i = 0; i < count; i++) {
        both += (sim_int)a[i] * b[i];
        first += (sim_uint)((sim_int)a[i] * a[i]);
        second += (sim_uint)((sim_int)b[i] * b[i]);
    }
    const sim_int scale = (sim_int)sim_stress_root(first) * (sim_int)sim_stress_root(second);
    return scale < PPM ? 0 : (int64_t)(both / (scale / PPM));
}

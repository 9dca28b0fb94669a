/* SPDX-License-Identifier: Apache-2.0
 * From real series to models: jumps are counted, clustering is searched for on a grid by the
 * models' own series (the method of simulated moments), loadings follow from correlations. Spec:
 * docs/STRESS.md, "The generator". Integers, fixed seeds: the same files give the same models. */
#include "sim_stress.h"

#include <stdlib.h>
#include <string.h>

#define PPM          INT64_C(1000000)
#define THOUSAND     INT64_C(1000)
#define TRIALS       2u
#define FINALISTS    24u
#define TRIAL_BARS   6000u
#define WEIGHT_STEP  INT64_C(200000)
#define WEIGHTS_MOST INT64_C(970000)
#define TRIAL_SEED   UINT64_C(20200312)
#define TRIAL_SCALE  UINT64_C(500000) /* deviation of a trial, 1e-9: small beside 1 */
#define SAMPLES      9u               /* series of which the middle is told */
#define SAMPLE_BARS  20000u
#define ROUNDS       40u
#define SHARED_MOST  INT64_C(990)
#define JUMP_FROM    INT64_C(4000) /* thousandths of the local deviation */
#define JUMP_MOST    INT64_C(100000)
#define MEMORY       32            /* bars that the local deviation remembers */

/* --- jumps -------------------------------------------------------------------------------------
 */
/* Moves of more than four local deviations: how often, and their mean size. The local deviation is
 * a running mean of sizes, x 5 / 4 as of a normal law; a jump counts there as four. */
static void count_jumps(const int64_t *moves, size_t count, struct sim_stress_model *model)
{
    sim_int mean = 0;
    sim_int sizes = 0;
    uint64_t jumps = 0;
    if (count == 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        mean += moves[i] < 0 ? -moves[i] : moves[i];
    }
    mean = mean * THOUSAND / (sim_int)(count + 1u) + 1; /* thousandths of 1e-9 */
    for (size_t i = 0; i < count; i++) {
        sim_int size = (sim_int)(moves[i] < 0 ? -moves[i] : moves[i]) * THOUSAND;
        const sim_int local = mean * 5 / 4 + 1;
        const sim_int score = size * THOUSAND / local;
        if (score > JUMP_FROM) {
            jumps++;
            sizes += score < JUMP_MOST ? score : JUMP_MOST;
            size = local * JUMP_FROM / THOUSAND;
        }
        mean += (size - mean) / MEMORY;
        mean = mean > 0 ? mean : 1;
    }
    model->jump_rate = (uint32_t)(jumps * (uint64_t)PPM / count);
    model->jump_size = jumps == 0 ? 0 : (uint32_t)(sizes / (sim_int)jumps);
}

/* --- the middle of samples ---------------------------------------------------------------------
 */
static int compare(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a;
    const int64_t right = *(const int64_t *)b;
    return left < right ? -1 : (left > right ? 1 : 0);
}

static int64_t middle(int64_t *values)
{
    qsort(values, SAMPLES, sizeof *values, compare);
    return values[SAMPLES / 2u];
}

/* A number of each sample, to take the middle of. */
static int64_t figure(const struct sim_stress_stats *stats, uint32_t which)
{
    const int64_t figures[] = {(int64_t)stats->deviation,
                               (int64_t)stats->kurtosis,
                               (int64_t)stats->range,
                               stats->echo,
                               stats->echo_hour,
                               (int64_t)stats->largest[SIM_STRESS_BAR],
                               (int64_t)stats->largest[SIM_STRESS_HOUR],
                               (int64_t)stats->largest[SIM_STRESS_DAY]};
    return figures[which];
}

static void take_middle(const struct sim_stress_stats *samples, struct sim_stress_stats *out)
{
    int64_t middles[8];
    for (uint32_t which = 0; which < 8u; which++) {
        int64_t values[SAMPLES];
        for (uint32_t i = 0; i < SAMPLES; i++) {
            values[i] = figure(&samples[i], which);
        }
        middles[which] = middle(values);
    }
    *out = (struct sim_stress_stats){
        .bars = samples[0].bars,
        .deviation = (uint64_t)middles[0],
        .kurtosis = (uint64_t)middles[1],
        .range = (uint64_t)middles[2],
        .echo = middles[3],
        .echo_hour = middles[4],
        .largest = {(uint64_t)middles[5], (uint64_t)middles[6], (uint64_t)middles[7]}};
}

/* --- clustering --------------------------------------------------------------------------------
 */
/* How far two numbers are apart, ppm of their mean. */
static int64_t apart(uint64_t a, uint64_t b)
{
    const uint64_t more = a > b ? a - b : b - a;
    return a + b == 0 ? 0 : (int64_t)((sim_uint)more * 2u * (sim_uint)PPM / (a + b));
}

static int64_t distance_of(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* How unlike a trial is to the real series, whatever the scale. The echo of sizes counts most: it
 * is measured by all bars; kurtosis and the largest moves are measured by a few. */
static int64_t unlike(const struct sim_stress_stats *real, const struct sim_stress_stats *trial)
{
    const sim_uint scale = trial->deviation + 1u;
    const sim_uint bar = (sim_uint)trial->largest[SIM_STRESS_BAR] * real->deviation / scale;
    const sim_uint hour = (sim_uint)trial->largest[SIM_STRESS_HOUR] * real->deviation / scale;
    const sim_uint day = (sim_uint)trial->largest[SIM_STRESS_DAY] * real->deviation / scale;
    return 5 * distance_of(real->echo, trial->echo) +
           3 * distance_of(real->echo_hour, trial->echo_hour) +
           apart(real->kurtosis, trial->kurtosis) / 2 +
           apart(real->largest[SIM_STRESS_BAR], (uint64_t)bar) / 2 +
           apart(real->largest[SIM_STRESS_HOUR], (uint64_t)hour) / 2 +
           apart(real->largest[SIM_STRESS_DAY], (uint64_t)day) / 4;
}

/* The middle of some series of one market by itself. */
static void try_model(const struct sim_stress_model *model,
                      const struct sim_stress_market *like,
                      uint32_t bars_most,
                      struct sim_stress_stats *samples,
                      uint32_t sample_count)
{
    const size_t bars = like->real.count < bars_most ? like->real.count : bars_most;
    const struct sim_stress_shape shape = {
        .step = like->real.step, .bars = (uint32_t)bars, .steps = 1};
    struct sim_stress_market *market = sim_bytes_alloc(1, sizeof *market);
    market->model = *model;
    market->model.deviation = TRIAL_SCALE;
    market->model.loading = 0;
    for (uint32_t i = 0; i < sample_count; i++) {
        struct sim_prices prices = {0};
        sim_stress_generate(market, 1, &shape, TRIAL_SEED + i, &prices);
        sim_stress_measure(&prices, &samples[i]);
        sim_prices_free(&prices);
    }
    free(market);
}

/* A model that was tried, and how unlike its series are. */
struct tried {
    struct sim_stress_model model;
    int64_t distance;
};

/* The best models so far, the best first. */
struct search {
    const struct sim_stress_market *market;
    uint32_t counted; /* size of jumps as counted */
    uint32_t count;
    struct tried rows[FINALISTS];
};

static void keep(struct search *search, const struct tried *tried)
{
    uint32_t at = search->count;
    while (at > 0 && tried->distance < search->rows[at - 1u].distance) {
        at--;
    }
    if (at == FINALISTS) {
        return;
    }
    search->count += search->count < FINALISTS ? 1u : 0u;
    for (uint32_t i = search->count - 1u; i > at; i--) {
        search->rows[i] = search->rows[i - 1u];
    }
    search->rows[at] = *tried;
}

static bool is_tried(const struct search *search, const struct sim_stress_model *model)
{
    for (uint32_t i = 0; i < search->count; i++) {
        const struct sim_stress_model *other = &search->rows[i].model;
        if (other->jump_size == model->jump_size &&
            memcmp(other->weights, model->weights, sizeof model->weights) == 0) {
            return true;
        }
    }
    return false;
}

static void try_weights(struct search *search, const int64_t *weights, uint32_t jump_size)
{
    struct tried tried = {.model = search->market->model};
    struct sim_stress_stats samples[TRIALS];
    int64_t sum = 0;
    for (uint32_t i = 0; i < SIM_STRESS_MEMORIES; i++) {
        if (weights[i] < 0) {
            return;
        }
        sum += weights[i];
        tried.model.weights[i] = (uint32_t)weights[i];
    }
    tried.model.jump_size = jump_size;
    if (sum > WEIGHTS_MOST || is_tried(search, &tried.model)) {
        return;
    }
    try_model(&tried.model, search->market, TRIAL_BARS, samples, TRIALS);
    for (uint32_t i = 0; i < TRIALS; i++) {
        tried.distance += unlike(&search->market->stats, &samples[i]);
    }
    keep(search, &tried);
}

/* A grid around a point: -1, 0, 1 steps of each weight. */
static void try_around(struct search *search, int64_t step)
{
    const struct sim_stress_model middle = search->rows[0].model;
    for (uint32_t i = 0; i < 27u; i++) {
        const int64_t weights[] = {(int64_t)middle.weights[0] + ((int64_t)(i % 3u) - 1) * step,
                                   (int64_t)middle.weights[1] + ((int64_t)(i / 3u % 3u) - 1) * step,
                                   (int64_t)middle.weights[2] + ((int64_t)(i / 9u) - 1) * step};
        try_weights(search, weights, middle.jump_size);
    }
}

/* Smaller and larger jumps with the same weights. */
static void try_jumps(struct search *search)
{
    const struct sim_stress_model middle = search->rows[0].model;
    const int64_t weights[] = {middle.weights[0], middle.weights[1], middle.weights[2]};
    for (uint32_t eighths = 4; eighths <= 12u; eighths += 2u) {
        try_weights(search, weights, middle.jump_size * eighths / 8u);
    }
}

/* The finalist whose middle figures are the nearest, at the full length: two trials were a noisy
 * judge. Sets the scale too. */
static void choose(struct search *search, struct sim_stress_market *market)
{
    int64_t least = INT64_MAX;
    uint64_t deviation = TRIAL_SCALE;
    for (uint32_t i = 0; i < search->count; i++) {
        struct sim_stress_stats samples[SAMPLES];
        struct sim_stress_stats middle_stats;
        try_model(&search->rows[i].model, search->market, SAMPLE_BARS, samples, SAMPLES);
        take_middle(samples, &middle_stats);
        const int64_t distance = unlike(&market->stats, &middle_stats);
        if (distance < least) {
            least = distance;
            market->model = search->rows[i].model;
            deviation = middle_stats.deviation;
        }
    }
    market->model.deviation =
        deviation == 0 ? 0
                       : (uint64_t)((sim_uint)TRIAL_SCALE * market->stats.deviation / deviation);
}

/* Searches the weights and the size of jumps, coarsely and then closely. */
static void search_clusters(struct sim_stress_market *market)
{
    struct search *search = sim_bytes_alloc(1, sizeof *search);
    search->market = market;
    search->counted = market->model.jump_size;
    for (uint32_t i = 0; i < 64u * 3u; i++) {
        const int64_t weights[] = {
            i % 4u * WEIGHT_STEP, i / 4u % 4u * WEIGHT_STEP, i / 16u % 4u * WEIGHT_STEP};
        try_weights(search, weights, search->counted * (i / 64u) / 2u);
    }
    try_around(search, WEIGHT_STEP / 2);
    try_jumps(search);
    try_around(search, WEIGHT_STEP / 4);
    try_jumps(search);
    choose(search, market);
    free(search);
}

/* --- links -------------------------------------------------------------------------------------
 */
static uint32_t link_count(uint32_t count)
{
    return count * (count - 1u) / 2u;
}

/* The moves of two series at the times that both have. */
static int64_t correlate(const struct sim_prices *a, const struct sim_prices *b)
{
    int64_t *moves_a = sim_bytes_alloc(a->count + 1u, sizeof *moves_a);
    int64_t *moves_b = sim_bytes_alloc(b->count + 1u, sizeof *moves_b);
    size_t kept = 0;
    size_t j = 0;
    sim_stress_moves(a, moves_a);
    sim_stress_moves(b, moves_b);
    for (size_t i = 0; i < a->count; i++) {
        while (j < b->count && b->bars[j].time < a->bars[i].time) {
            j++;
        }
        if (j < b->count && b->bars[j].time == a->bars[i].time) {
            moves_a[kept] = moves_a[i];
            moves_b[kept] = moves_b[j];
            kept++;
        }
    }
    const int64_t correlation = sim_stress_correlation(moves_a, moves_b, kept);
    free(moves_a);
    free(moves_b);
    return correlation;
}

static int64_t clamp(sim_int loading)
{
    const sim_int low = loading < -SHARED_MOST ? -SHARED_MOST : loading;
    return (int64_t)(low > SHARED_MOST ? SHARED_MOST : low);
}

/* Loadings whose products come nearest to the links that are wanted (ppm): alternating least
 * squares from the root of the mean link. */
static void load_factor(struct sim_stress_market *markets,
                        uint32_t count,
                        const struct sim_stress_link *links,
                        const int64_t *wanted)
{
    for (uint32_t round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < count; i++) {
            sim_int both = 0;
            sim_int alone = 0;
            for (uint32_t k = 0; k < link_count(count); k++) {
                const bool is_first = links[k].first == i;
                if (!is_first && links[k].second != i) {
                    continue;
                }
                const sim_int other =
                    markets[is_first ? links[k].second : links[k].first].model.loading;
                both += (sim_int)wanted[k] * other;
                alone += other * other;
            }
            const sim_int next = alone == 0 ? 0 : both / alone;
            /* Half the way: two markets alone would else swing. */
            markets[i].model.loading = (int32_t)clamp((markets[i].model.loading + clamp(next)) / 2);
        }
    }
}

static void
start_factor(struct sim_stress_market *markets, uint32_t count, const struct sim_stress_link *links)
{
    for (uint32_t i = 0; i < count; i++) {
        sim_int sum = 0;
        for (uint32_t k = 0; k < link_count(count); k++) {
            const bool is_mine = links[k].first == i || links[k].second == i;
            sum += is_mine ? links[k].real : 0;
        }
        const sim_int mean = count > 1u ? sum / (sim_int)(count - 1u) : 0;
        const int64_t root = (int64_t)sim_stress_root((sim_uint)(mean < 0 ? -mean : mean));
        /* Where links are negative, one side of them is: the first market stands for up. */
        markets[i].model.loading = (int32_t)clamp(mean < 0 && i != 0 ? -root : root);
    }
}

/* --- samples -----------------------------------------------------------------------------------
 */
/* Series as long as the real ones: their middle figures and links. */
static void sample(struct sim_stress_market *markets,
                   uint32_t count,
                   struct sim_stress_link *links,
                   uint32_t steps)
{
    struct sim_stress_stats(*stats)[SAMPLES] = sim_bytes_alloc(count, sizeof *stats);
    int64_t (*found)[SAMPLES] = sim_bytes_alloc(link_count(count) + 1u, sizeof *found);
    size_t bars = 0;
    for (uint32_t i = 0; i < count; i++) {
        bars = markets[i].real.count > bars ? markets[i].real.count : bars;
    }
    const struct sim_stress_shape shape = {.step = markets[0].real.step,
                                           .bars =
                                               (uint32_t)(bars < SAMPLE_BARS ? bars : SAMPLE_BARS),
                                           .steps = steps};
    for (uint32_t n = 0; n < SAMPLES; n++) {
        struct sim_prices prices[SIM_STRESS_MARKETS] = {0};
        sim_stress_generate(markets, count, &shape, TRIAL_SEED + 1u + n, prices);
        for (uint32_t i = 0; i < count; i++) {
            sim_stress_measure(&prices[i], &stats[i][n]);
        }
        for (uint32_t k = 0; k < link_count(count); k++) {
            found[k][n] = correlate(&prices[links[k].first], &prices[links[k].second]);
        }
        for (uint32_t i = 0; i < count; i++) {
            sim_prices_free(&prices[i]);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        take_middle(stats[i], &markets[i].generated);
    }
    for (uint32_t k = 0; k < link_count(count); k++) {
        links[k].generated = middle(found[k]);
    }
    free(stats);
    free(found);
}

/* Loadings are raised where heat and jumps of each market's own thin the links out. */
static void
search_loadings(struct sim_stress_market *markets, uint32_t count, struct sim_stress_link *links)
{
    int64_t wanted[SIM_STRESS_LINKS + 1u] = {0};
    for (uint32_t k = 0; k < link_count(count); k++) {
        wanted[k] = links[k].real;
    }
    start_factor(markets, count, links);
    for (uint32_t round = 0; round < 3u && count > 1u; round++) {
        load_factor(markets, count, links, wanted);
        sample(markets, count, links, 1);
        for (uint32_t k = 0; k < link_count(count); k++) {
            wanted[k] += links[k].real - links[k].generated;
        }
    }
    load_factor(markets, count, links, wanted);
}

void sim_stress_fit(struct sim_stress_market *markets,
                    uint32_t count,
                    struct sim_stress_link *links)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct sim_stress_market *market = &markets[i];
        int64_t *moves = sim_bytes_alloc(market->real.count + 1u, sizeof *moves);
        sim_stress_moves(&market->real, moves);
        sim_stress_measure(&market->real, &market->stats);
        market->model = (struct sim_stress_model){.price = market->real.bars[0].open};
        count_jumps(moves, market->real.count, &market->model);
        free(moves);
        search_clusters(market);
        for (uint32_t j = i + 1u; j < count; j++) {
            links[k++] = (struct sim_stress_link){
                .first = i, .second = j, .real = correlate(&market->real, &markets[j].real)};
        }
    }
    search_loadings(markets, count, links);
    sample(markets, count, links, SIM_STRESS_STEPS_BAR);
    /* The scale once more, by the figures that will be told. */
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t got = markets[i].generated.deviation;
        markets[i].model.deviation = got == 0 ? 0
                                              : (uint64_t)((sim_uint)markets[i].model.deviation *
                                                           markets[i].stats.deviation / got);
    }
    sample(markets, count, links, SIM_STRESS_STEPS_BAR);
}

// SPDX-License-Identifier: Apache-2.0
/* What plimsoll stress is made of: statistics, the generator and its fit, sums that do not depend
 * on who added them, parameter sets.
 * build: sim native */
#include "plm_cmocka.h"
#include "sim_stress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ONE UINT64_C(1000000000000)

/* --- statistics ----------------------------------------------------------------------------- */
static struct sim_prices make_series(const uint64_t *closes, size_t count)
{
    struct sim_prices out = {.step = 60};
    out.bars = sim_bytes_grow(NULL, &out.capacity, count, sizeof *out.bars);
    for (size_t i = 0; i < count; i++) {
        const uint64_t open = i == 0 ? closes[0] : closes[i - 1];
        const uint64_t close = closes[i];
        out.bars[out.count++] = (struct sim_bar){.time = 60u * i,
                                                 .open = open,
                                                 .high = open > close ? open : close,
                                                 .low = open < close ? open : close,
                                                 .close = close};
    }
    return out;
}

static void test_roots_are_the_floor(void **state)
{
    static const struct {
        sim_uint value;
        uint64_t root;
    } rows[] = {{0, 0},
                {1, 1},
                {3, 1},
                {4, 2},
                {99, 9},
                {100, 10},
                {(sim_uint)UINT64_MAX * UINT64_MAX, UINT64_MAX},
                {(sim_uint)UINT64_MAX * UINT64_MAX - 1, UINT64_MAX - 1}};

    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_true(sim_stress_root(rows[i].value) == rows[i].root);
    }
}

static void test_a_series_that_swings_has_the_figures_one_can_count(void **state)
{
    /* Up and down by a hundredth, by turns: every move has nearly one size. */
    uint64_t closes[200];
    struct sim_stress_stats stats;

    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(closes); i++) {
        closes[i] = i % 2 == 0 ? 100 * ONE : 101 * ONE;
    }
    struct sim_prices prices = make_series(closes, ARRAY_LEN(closes));
    sim_stress_measure(&prices, &stats);
    assert_true(stats.bars == 200);
    assert_in_range(stats.deviation, 9900000, 10000000);
    assert_in_range(stats.kurtosis, 990, 1010);
    assert_in_range(stats.range, 990, 1010);
    assert_true(stats.largest[SIM_STRESS_BAR] == 10000);
    sim_prices_free(&prices);
}

static void test_a_series_that_stands_still_has_no_figures(void **state)
{
    const uint64_t closes[] = {ONE, ONE, ONE};
    struct sim_prices prices = make_series(closes, ARRAY_LEN(closes));
    struct sim_stress_stats stats;

    (void)state;

    sim_stress_measure(&prices, &stats);
    assert_true(stats.deviation == 0 && stats.kurtosis == 0 && stats.echo == 0);
    sim_prices_free(&prices);
}

static void test_a_move_across_a_gap_does_not_count(void **state)
{
    const uint64_t closes[] = {100 * ONE, 100 * ONE, 200 * ONE};
    struct sim_prices prices = make_series(closes, ARRAY_LEN(closes));
    int64_t moves[3];

    (void)state;

    prices.bars[2].time += 60;
    sim_stress_moves(&prices, moves);
    assert_true(moves[1] == 0 && moves[2] == 0);
    sim_prices_free(&prices);
}

static void test_correlation_of_a_row_with_itself_is_one(void **state)
{
    const int64_t a[] = {1000000, -2000000, 3000000, -500000};
    const int64_t b[] = {-1000000, 2000000, -3000000, 500000};
    const int64_t still[] = {0, 0, 0, 0};

    (void)state;

    assert_in_range(sim_stress_correlation(a, a, 4), 999990, 1000010);
    assert_in_range(-sim_stress_correlation(a, b, 4), 999990, 1000010);
    assert_true(sim_stress_correlation(a, still, 4) == 0);
}

/* --- the generator -------------------------------------------------------------------------- */
static void set_models(struct sim_stress_market *markets)
{
    for (uint32_t i = 0; i < 2; i++) {
        (void)snprintf(markets[i].name, sizeof markets[i].name, "M%u", i);
        markets[i].model = (struct sim_stress_model){.price = 2000 * ONE,
                                                     .deviation = 1000000,
                                                     .weights = {300000, 300000, 100000},
                                                     .jump_rate = 5000,
                                                     .jump_size = 6000,
                                                     .loading = 900};
    }
}

static uint64_t hash_of(const struct sim_prices *prices)
{
    return sim_bytes_mix(SIM_HASH_START, prices->bars, prices->count * sizeof *prices->bars);
}

static void test_a_seed_gives_the_same_bars_and_another_one_others(void **state)
{
    static struct sim_stress_market markets[2];
    const struct sim_stress_shape shape = {.start = 60, .step = 60, .bars = 500, .steps = 12};
    struct sim_prices first[2] = {0};
    struct sim_prices second[2] = {0};
    struct sim_prices third[2] = {0};

    (void)state;

    set_models(markets);
    sim_stress_generate(markets, 2, &shape, 7, first);
    sim_stress_generate(markets, 2, &shape, 7, second);
    sim_stress_generate(markets, 2, &shape, 8, third);
    for (uint32_t i = 0; i < 2; i++) {
        assert_true(first[i].count == 500 && first[i].step == 60);
        assert_true(hash_of(&first[i]) == hash_of(&second[i]));
        assert_true(hash_of(&first[i]) != hash_of(&third[i]));
        for (size_t k = 0; k < first[i].count; k++) {
            const struct sim_bar *bar = &first[i].bars[k];
            assert_true(bar->time == 60 + 60 * k);
            assert_true(bar->low <= bar->open && bar->open <= bar->high);
            assert_true(bar->low <= bar->close && bar->close <= bar->high);
            assert_true(k == 0 || bar->open == bar[-1].close);
        }
        sim_prices_free(&first[i]);
        sim_prices_free(&second[i]);
        sim_prices_free(&third[i]);
    }
}

static void test_a_model_is_found_again_in_its_own_series(void **state)
{
    static struct sim_stress_market markets[2];
    struct sim_stress_link links[SIM_STRESS_LINKS];
    const struct sim_stress_shape shape = {.start = 60, .step = 60, .bars = 8000, .steps = 12};
    struct sim_prices prices[2] = {0};

    (void)state;

    set_models(markets);
    sim_stress_generate(markets, 2, &shape, 3, prices);
    for (uint32_t i = 0; i < 2; i++) {
        markets[i].real = prices[i];
    }
    sim_stress_fit(markets, 2, links);
    for (uint32_t i = 0; i < 2; i++) {
        const struct sim_stress_stats *real = &markets[i].stats;
        const struct sim_stress_stats *found = &markets[i].generated;
        assert_in_range(found->deviation, real->deviation * 4 / 5, real->deviation * 6 / 5);
        assert_in_range(found->kurtosis, real->kurtosis / 5, real->kurtosis * 5);
        assert_in_range(found->echo, real->echo / 2, real->echo * 2);
        sim_prices_free(&markets[i].real);
    }
    assert_in_range(links[0].generated, links[0].real - 100000, links[0].real + 100000);
}

static void test_markets_that_go_apart_get_loadings_of_two_signs(void **state)
{
    static struct sim_stress_market markets[2];
    struct sim_stress_link links[SIM_STRESS_LINKS];
    const struct sim_stress_shape shape = {.start = 60, .step = 60, .bars = 3000, .steps = 12};
    struct sim_prices prices[2] = {0};

    (void)state;

    set_models(markets);
    markets[1].model.loading = -900;
    sim_stress_generate(markets, 2, &shape, 5, prices);
    for (uint32_t i = 0; i < 2; i++) {
        markets[i].real = prices[i];
    }
    sim_stress_fit(markets, 2, links);
    assert_true(links[0].real < -500000);
    assert_true(links[0].generated < -500000);
    assert_true(markets[0].model.loading > 0 && markets[1].model.loading < 0);
    sim_prices_free(&markets[0].real);
    sim_prices_free(&markets[1].real);
}

/* --- sums ------------------------------------------------------------------------------------ */
static void test_bins_hold_what_their_edges_say(void **state)
{
    (void)state;

    assert_true(sim_stress_bin(0) == 0 && sim_stress_bin_edge(0) == 0);
    assert_true(sim_stress_bin(-5) == 0);
    for (uint32_t bit = 2; bit < 127; bit++) {
        for (uint32_t quarter = 0; quarter < 4; quarter++) {
            const sim_int edge = (sim_int)(4 + quarter) << (bit - 2);
            const uint32_t bin = sim_stress_bin(edge);
            assert_true(bin < SIM_STRESS_BINS);
            assert_true(sim_stress_bin_edge(bin) == edge);
            assert_true(sim_stress_bin(edge - 1) < bin);
        }
    }
}

static struct sim_stress_result make_result(uint64_t seed, sim_int beyond)
{
    struct sim_stress_result out = {.seed = seed, .state_hash = seed * 7919, .fall = 250000};
    out.counts[SIM_STRESS_OPERATIONS] = 10 + seed;
    out.paid[SIM_STRESS_OWNERS] = 1000;
    out.paid[SIM_STRESS_TRANCHE] = beyond;
    out.paid[SIM_STRESS_BEYOND] = beyond;
    return out;
}

static void test_a_sum_does_not_depend_on_who_added_in_which_order(void **state)
{
    struct sim_stress_sum *sums = sim_bytes_alloc(4, sizeof *sums);

    (void)state;

    for (uint64_t i = 0; i < 60; i++) {
        struct sim_stress_result result = make_result(i, (sim_int)(i * 37 % 11));
        result.has_failed = i % 20 == 19;
        (void)snprintf(result.why, sizeof result.why, "seed %u", (unsigned)i);
        sim_stress_add(&sums[0], &result);
        sim_stress_add(&sums[1 + i % 3], &result);
    }
    sim_stress_merge(&sums[3], &sums[1]);
    sim_stress_merge(&sums[3], &sums[2]);
    assert_true(sim_stress_hash(1, &sums[0]) == sim_stress_hash(1, &sums[3]));
    assert_true(sums[3].paths == 60 && sums[3].failed == 3 && sums[3].failed_seed == 19);
    assert_string_equal(sums[3].why, "seed 19");
    /* The worst first: more beyond, then the lower seed. */
    assert_true(sums[3].bad_count == SIM_STRESS_WORST);
    assert_true(sums[3].bad[0].seed == 8 && sums[3].bad[1].seed == 30);
    for (uint32_t i = 0; i < SIM_STRESS_WORST; i++) {
        assert_true(sums[0].bad[i].seed == sums[3].bad[i].seed);
    }
    /* One path that ends elsewhere is another sum. */
    struct sim_stress_result other = make_result(60, 0);
    const uint64_t before = sim_stress_hash(1, &sums[3]);
    sim_stress_add(&sums[3], &other);
    other.state_hash++;
    sim_stress_add(&sums[0], &other);
    assert_true(sim_stress_hash(1, &sums[3]) != before);
    assert_true(sim_stress_hash(1, &sums[3]) != sim_stress_hash(1, &sums[0]));
    free(sums);
}

static void test_quantiles_are_upper_edges_and_never_above_the_most(void **state)
{
    struct sim_stress_sum *sum = sim_bytes_alloc(1, sizeof *sum);

    (void)state;

    for (uint64_t i = 0; i < 100; i++) {
        const struct sim_stress_result result = make_result(i, i < 90 ? 0 : 1000);
        sim_stress_add(sum, &result);
    }
    assert_true(sim_stress_quantile(sum, SIM_STRESS_BEYOND, 500000) == 0);
    assert_true(sim_stress_quantile(sum, SIM_STRESS_BEYOND, 900000) == 0);
    assert_true(sim_stress_quantile(sum, SIM_STRESS_BEYOND, 910000) == 1000);
    assert_true(sum->survived == 100);
    free(sum);
}

/* --- parameter sets -------------------------------------------------------------------------- */
static const char file_text[] = "quote  USDC decimals 6\n"
                                "market M fit initial 2% # initial 9%\n"
                                "fund_insurance M 50 -> ok\n"
                                "crowd  5 on M long 60%\n";

static void write_file(char *path)
{
    const int handle = mkstemp(path);
    assert_true(handle >= 0);
    FILE *file = fdopen(handle, "w");
    assert_non_null(file);
    assert_true(fputs(file_text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_sets_are_every_combination_written_into_the_text(void **state)
{
    const char *const options[] = {
        "M initial=3%,4%", "M maint=1%", "fund_insurance M=5,6", "crowd long=50%"};
    char path[] = "/tmp/stress_sets_XXXXXX";
    struct sim_stress_sets *sets = sim_bytes_alloc(1, sizeof *sets);

    (void)state;

    write_file(path);
    assert_true(sim_stress_sets_make(path, options, 4, sets));
    assert_int_equal(sets->count, 4);
    assert_string_equal(sim_bytes_text(&sets->rows[0].text),
                        "quote  USDC decimals 6\n"
                        "market M fit maint 1% initial 3% # initial 9%\n"
                        "fund_insurance M 5 -> ok\n"
                        "crowd  5 on M long 50%\n");
    assert_string_equal(sim_bytes_text(&sets->rows[3].name),
                        "M initial=4%, M maint=1%, fund_insurance M=6, crowd long=50%");
    assert_string_equal(sim_bytes_text(&sets->rows[0].flags),
                        " --set 'M initial=3%' --set 'M maint=1%' --set 'fund_insurance M=5' "
                        "--set 'crowd long=50%'");
    sim_stress_sets_free(sets);
    assert_true(sim_stress_sets_make(path, NULL, 0, sets));
    assert_int_equal(sets->count, 1);
    assert_string_equal(sim_bytes_text(&sets->rows[0].text), file_text);
    sim_stress_sets_free(sets);
    free(sets);
    (void)unlink(path);
}

static void test_a_set_without_a_line_is_refused(void **state)
{
    static const char *const wrong[] = {
        "N initial=3%", "fund_insurance global=5", "keepers delay=1s..2s", "quote decimals=7"};
    static const char *const malformed[] = {"", "M", "M initial", "M =1", " initial=1", "M a=1,,2"};
    char path[] = "/tmp/stress_sets_XXXXXX";
    struct sim_stress_sets *sets = sim_bytes_alloc(1, sizeof *sets);

    (void)state;

    write_file(path);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        const bool is_made = sim_stress_sets_make(path, &wrong[i], 1, sets);
        assert_int_equal(is_made, strcmp(wrong[i], "quote decimals=7") == 0);
        sim_stress_sets_free(sets);
    }
    for (size_t i = 0; i < ARRAY_LEN(malformed); i++) {
        assert_false(sim_stress_sets_may(malformed[i]));
    }
    free(sets);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roots_are_the_floor),
        cmocka_unit_test(test_a_series_that_swings_has_the_figures_one_can_count),
        cmocka_unit_test(test_a_series_that_stands_still_has_no_figures),
        cmocka_unit_test(test_a_move_across_a_gap_does_not_count),
        cmocka_unit_test(test_correlation_of_a_row_with_itself_is_one),
        cmocka_unit_test(test_a_seed_gives_the_same_bars_and_another_one_others),
        cmocka_unit_test(test_a_model_is_found_again_in_its_own_series),
        cmocka_unit_test(test_markets_that_go_apart_get_loadings_of_two_signs),
        cmocka_unit_test(test_bins_hold_what_their_edges_say),
        cmocka_unit_test(test_a_sum_does_not_depend_on_who_added_in_which_order),
        cmocka_unit_test(test_quantiles_are_upper_edges_and_never_above_the_most),
        cmocka_unit_test(test_sets_are_every_combination_written_into_the_text),
        cmocka_unit_test(test_a_set_without_a_line_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

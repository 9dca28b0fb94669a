// SPDX-License-Identifier: Apache-2.0
/* Price series: what is read, what is refused and with which line, how a bar is walked.
 * build: sim native */
#include "plm_cmocka.h"
#include "sim_prices.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define HEAD "timestamp_s,open,high,low,close,volume\n"

#define ONE UINT64_C(1000000000000)

static bool parse(const char *text, struct sim_prices *out, struct sim_prices_fault *fault)
{
    const struct sim_prices_options options = {0};
    return sim_prices_parse(text, strlen(text), &options, out, fault);
}

static void test_a_bad_file_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text;
        uint32_t line;
        const char *why;
    } rows[] = {
        {"", 0, "empty"},
        {HEAD, 0, "no bar"},
        {"time,open,high,low,close\n1,1,1,1,1\n", 1, "no column 'timestamp_s'"},
        {HEAD "1,2,3,1\n", 2, "no close"},
        {HEAD "1,2,3,1,2,0\n2,2,3,1,", 3, "close is ''"},
        {HEAD "1,2,3,1,2,0\n1,2,3,1,2,0\n", 3, "repeats"},
        {HEAD "5,2,3,1,2,0\n4,2,3,1,2,0\n", 3, "before"},
        {HEAD "1,2,1,3,2,0\n", 2, "high is below low"},
        {HEAD "1,0,3,0,2,0\n", 2, "above zero"},
        {HEAD "1,-2,3,1,2,0\n", 2, "open is '-2'"},
        {HEAD "1,2e3,3,1,2,0\n", 2, "exponent"},
        {HEAD "1,2,3,0.0000000000001,2,0\n", 2, "at most 12 decimals"},
        {HEAD "1,2,18446745,1,2,0\n", 2, "below 18 million"},
        {HEAD "1700000000000,2,3,1,2,0\n", 2, "milliseconds"},
        {HEAD "soon,2,3,1,2,0\n", 2, "time is 'soon'"},
    };

    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sim_prices prices = {0};
        struct sim_prices_fault fault = {0};
        assert_false(parse(rows[i].text, &prices, &fault));
        assert_int_equal(fault.line, rows[i].line);
        assert_non_null(strstr(fault.why, rows[i].why));
        assert_null(prices.bars);
    }
}

static void test_numbers_are_exact_and_line_ends_do_not_count(void **state)
{
    struct sim_prices prices = {0};
    struct sim_prices_fault fault = {0};
    (void)state;

    assert_true(parse("\tclose , low,high,open,timestamp_s\r\n0.00000112,0.000001,3.50,2,60\r\n\r\n"
                      "1,1,1,1,120",
                      &prices,
                      &fault));
    assert_int_equal(prices.count, 2);
    assert_int_equal(prices.step, 60);
    assert_true(prices.bars[0].close == 1120000);
    assert_true(prices.bars[0].low == 1000000);
    assert_true(prices.bars[0].high == 3 * ONE + ONE / 2);
    assert_true(prices.bars[0].open == 2 * ONE);
    sim_prices_free(&prices);
}

static void test_gaps_and_odd_bars_are_counted(void **state)
{
    struct sim_prices prices = {0};
    struct sim_prices_fault fault = {0};
    char text[256];
    (void)state;

    assert_true(parse(HEAD
                      "0,2,3,1,2,0\n60,9,3,1,2,0\n240,2,3,1,2,0\n300,2,3,1,2,0\n420,2,3,1,2,0\n",
                      &prices,
                      &fault));
    assert_int_equal(prices.gaps, 2);
    assert_int_equal(prices.missing, 3);
    assert_int_equal(prices.first_gap_line, 4);
    assert_int_equal(prices.outside, 1);
    assert_string_equal(sim_prices_describe(&prices, text, sizeof(text)),
                        "2 gaps, the first before line 4, 3 bars missing; 1 bar open or close "
                        "outside [low, high]");
    sim_prices_free(&prices);
}

static void test_a_window_cuts_the_series(void **state)
{
    static const char text[] = HEAD "0,2,3,1,2,0\n60,3,3,1,2,0\n120,4,5,1,2,0\n";
    struct sim_prices_options options = {.from = 60, .until = 120};
    struct sim_prices prices = {0};
    struct sim_prices_fault fault = {0};
    (void)state;

    assert_true(sim_prices_parse(text, strlen(text), &options, &prices, &fault));
    assert_int_equal(prices.count, 1);
    assert_true(prices.bars[0].open == 3 * ONE);
    sim_prices_free(&prices);
    options.from = 1000;
    options.until = 0;
    assert_false(sim_prices_parse(text, strlen(text), &options, &prices, &fault));
    assert_non_null(strstr(fault.why, "widen"));
}

static void test_a_bar_is_walked_to_the_nearer_extreme_first(void **state)
{
    static const struct sim_bar up = {.open = 100, .high = 104, .low = 90, .close = 95};
    static const struct sim_bar down = {.open = 100, .high = 120, .low = 96, .close = 95};
    (void)state;

    assert_int_equal(sim_prices_corner(&up, 0), 100);
    assert_int_equal(sim_prices_corner(&up, 1), 104);
    assert_int_equal(sim_prices_corner(&up, 2), 90);
    assert_int_equal(sim_prices_corner(&up, 3), 95);
    assert_int_equal(sim_prices_corner(&down, 1), 96);
    assert_int_equal(sim_prices_corner(&down, 2), 120);
    /* The path meets the corners and goes straight between them. */
    assert_int_equal(sim_prices_path(&up, 60, 0), 100);
    assert_int_equal(sim_prices_path(&up, 60, 15), 104);
    assert_int_equal(sim_prices_path(&up, 60, 20), 100);
    assert_int_equal(sim_prices_path(&up, 60, 30), 90);
    assert_int_equal(sim_prices_path(&up, 60, 45), 95);
    assert_int_equal(sim_prices_path(&up, 60, 59), 95);
}

static void test_ticks_round_to_the_nearest_and_never_to_zero(void **state)
{
    bool exact = false;
    (void)state;

    assert_true(sim_prices_ticks(2 * ONE, 10, &exact) == UINT64_C(20000000000) && exact);
    assert_true(sim_prices_ticks(ONE / 1000, 2, &exact) == 1 && !exact);
    assert_true(sim_prices_ticks(15 * ONE / 1000, 2, &exact) == 2 && !exact);
    assert_true(sim_prices_ticks(14 * ONE / 1000, 2, &exact) == 1 && !exact);
    assert_true(sim_prices_ticks(ONE, 16, &exact) == UINT64_C(10000000000000000) && exact);
    assert_true(sim_prices_ticks(2000 * ONE, 18, &exact) == 0);
}

static void test_files_may_be_gzip_and_truncation_is_told(void **state)
{
    char path[] = "/tmp/plimsoll_prices_XXXXXX";
    const struct sim_prices_options options = {0};
    struct sim_prices prices = {0};
    struct sim_prices_fault fault = {0};
    (void)state;

    const int made = mkstemp(path);
    assert_true(made >= 0);
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_true(gzputs(file, HEAD "1,2,3,1,2,0\n2,2,3,1,2,0\n") > 0);
    assert_int_equal(gzclose(file), Z_OK);
    assert_true(sim_prices_read(path, &options, &prices, &fault));
    assert_int_equal(prices.count, 2);
    sim_prices_free(&prices);
    const off_t length = lseek(made, 0, SEEK_END);
    assert_int_equal(ftruncate(made, length - 9), 0);
    assert_false(sim_prices_read(path, &options, &prices, &fault));
    assert_non_null(strstr(fault.why, "truncated"));
    assert_int_equal(close(made), 0);
    assert_int_equal(unlink(path), 0);
    assert_false(sim_prices_read(path, &options, &prices, &fault));
    assert_non_null(strstr(fault.why, "cannot be opened"));
}

static void test_a_generated_crash_is_the_same_for_the_same_seed(void **state)
{
    const struct sim_crash crash = {.seed = 7};
    const struct sim_crash other = {.seed = 8};
    struct sim_prices prices[3] = {{0}, {0}, {0}};
    (void)state;

    sim_prices_generate(&crash, &prices[0]);
    sim_prices_generate(&crash, &prices[1]);
    sim_prices_generate(&other, &prices[2]);
    const size_t size = prices[0].count * sizeof(*prices[0].bars);
    assert_int_equal(prices[0].count, 720);
    assert_memory_equal(prices[0].bars, prices[1].bars, size);
    assert_true(memcmp(prices[0].bars, prices[2].bars, size) != 0);
    uint64_t least = prices[0].bars[0].open;
    for (size_t i = 0; i < prices[0].count; i++) {
        const struct sim_bar *bar = &prices[0].bars[i];
        assert_true(bar->low <= bar->open && bar->open <= bar->high);
        assert_true(bar->low <= bar->close && bar->close <= bar->high);
        least = bar->low < least ? bar->low : least;
    }
    /* It crashes, and comes back in part. */
    assert_true(least < prices[0].bars[0].open * 8 / 10);
    assert_true(prices[0].bars[719].close > least);
    for (size_t i = 0; i < 3; i++) {
        sim_prices_free(&prices[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bad_file_is_refused_with_its_line),
        cmocka_unit_test(test_numbers_are_exact_and_line_ends_do_not_count),
        cmocka_unit_test(test_gaps_and_odd_bars_are_counted),
        cmocka_unit_test(test_a_window_cuts_the_series),
        cmocka_unit_test(test_a_bar_is_walked_to_the_nearer_extreme_first),
        cmocka_unit_test(test_ticks_round_to_the_nearest_and_never_to_zero),
        cmocka_unit_test(test_files_may_be_gzip_and_truncation_is_told),
        cmocka_unit_test(test_a_generated_crash_is_the_same_for_the_same_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

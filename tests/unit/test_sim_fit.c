// SPDX-License-Identifier: Apache-2.0
/* A market that fits its series, dates that name a part of it, and the question whether who never
 * had a position is whole.
 * build: sim native */
#include "plm_cmocka.h"
#include "sim_workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST 1583971200u /* 2020-03-12T00:00Z */

/* Writes a series of `count` bars at one price; the caller removes it. */
static void write_series(char *path, const char *price, uint32_t step, uint32_t count)
{
    int handle = mkstemp(path);
    assert_true(handle >= 0);
    FILE *file = fdopen(handle, "w");
    assert_non_null(file);
    assert_true(fputs("timestamp_s,open,high,low,close,volume\n", file) >= 0);
    for (uint32_t i = 0; i < count; i++) {
        (void)fprintf(file, "%u,%s,%s,%s,%s,0\n", FIRST + i * step, price, price, price, price);
    }
    assert_int_equal(fclose(file), 0);
}

/* The feed of M, as the last run stored it. */
static struct plm_feed fitted;

/* Runs a scenario with the series for M; true when it passes. prices: how many were played. */
static bool run(const char *text, const char *path, uint64_t *prices)
{
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    const struct sim_series series = {.market = "M", .path = path};
    struct sim_world *world = sim_world_new(&options);
    struct sim_script script = {0};
    struct sim_fault fault = {0};
    struct sim_scenario s;
    assert_true(sim_script_parse(text, strlen(text), &script, &fault));
    sim_scenario_begin(&s, "test", &script, world);
    s.workload = sim_workload_new(&series, path != NULL ? 1u : 0u, 1, true);
    const bool is_good = sim_scenario_run(&s);
    *prices = sim_workload_played(s.workload)->publishes;
    (void)sim_world_read_id(world, PLM_KEY_FEED, s.names.feeds[0].id, &fitted);
    sim_workload_free(s.workload);
    sim_scenario_end(&s);
    sim_script_free(&script);
    sim_world_free(world);
    return is_good;
}

static void test_prices_of_every_size_and_bars_of_every_length_fit(void **state)
{
    (void)state;

    static const struct {
        const char *price;
        const char *shown; /* the highest price of the domain, a thousand times that */
        uint32_t step;
        uint32_t age;
        uint32_t gap;
        uint32_t window;
    } rows[] = {
        {"0.0001", "0.1", 60, 30, 60, 300},
        {"2000", "2_000_000", 300, 112, 150, 300},
        {"100000", "100_000_000", 3600, 1350, 1800, 1560},
        {"0.00000001", "0.00001", 86400, 32400, 43200, 32580},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char path[] = "/tmp/plimsoll_fit_XXXXXX";
        char text[1024];
        uint64_t prices = 0;
        write_series(path, rows[i].price, rows[i].step, 8);
        (void)snprintf(text,
                       sizeof(text),
                       "quote USDC decimals 6\n"
                       "market M fit unbacked\n"
                       "show M price_max %s\n"
                       "crowd 60 on M leverage 2x..5x flat 20%% oi 100_000\n"
                       "play M\n"
                       "show M price %s\n"
                       "expect M oi > 0\n"
                       "expect flat whole\n",
                       rows[i].shown,
                       rows[i].price);
        assert_true(run(text, path, &prices));
        assert_int_equal(prices, 32);
        assert_int_equal(fitted.params.age, rows[i].age);
        assert_int_equal(fitted.params.gap, rows[i].gap);
        assert_int_equal(fitted.params.window, rows[i].window);
        assert_int_equal(unlink(path), 0);
    }
}

static void test_keys_behind_fit_change_it(void **state)
{
    (void)state;
    uint64_t prices = 0;
    assert_true(run("quote USDC decimals 6\nmarket M fit age 45s unbacked\n", NULL, &prices));
    assert_int_equal(fitted.params.age, 45);
    assert_int_equal(fitted.params.gap, 60);
}

static void test_dates_name_a_part_of_a_series(void **state)
{
    (void)state;

    static const struct {
        const char *window;
        bool is_good;
        uint64_t prices;
    } rows[] = {
        {"until 2020-03-12T00:02Z", true, 8},
        {"from 2020-03-12T00:01Z until 2020-03-12T00:02Z", true, 4},
        {"from 1583971200 until 2020-03-13", true, 32},
        {"from 2020-02-29T23:59Z until 2020-03-12T00:03Z", true, 12},
        {"from 2020-13-01", false, 0},
        {"from 2020-03-12T24:00Z", false, 0},
        {"from 2020-03-12T08:00", false, 0},
        {"from 2020-3-12", false, 0},
    };

    char path[] = "/tmp/plimsoll_fit_XXXXXX";
    write_series(path, "2000", 60, 8);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[512];
        uint64_t prices = 0;
        (void)snprintf(text,
                       sizeof(text),
                       "quote USDC decimals 6\nmarket M fit unbacked\nplay M %s\n",
                       rows[i].window);
        assert_int_equal(run(text, path, &prices), rows[i].is_good);
        assert_int_equal(prices, rows[i].prices);
    }
    assert_int_equal(unlink(path), 0);
}

static void test_who_took_something_out_is_not_whole(void **state)
{
    (void)state;
    static const char opening[] = "quote USDC decimals 6\n"
                                  "market M unbacked\n"
                                  "crowd 3 on M flat 100%\n"
                                  "expect flat whole\n";
    char text[512];
    uint64_t prices = 0;
    (void)snprintf(text, sizeof(text), "%swithdraw trader2 0.000001 USDC -> ok\n", opening);
    assert_true(run(text, NULL, &prices));
    (void)snprintf(
        text, sizeof(text), "%swithdraw trader2 0.000001 USDC -> ok\nexpect flat whole\n", opening);
    assert_false(run(text, NULL, &prices));
    /* Nobody to ask about is a fault of the file. */
    assert_false(
        run("quote USDC decimals 6\nmarket M unbacked\nexpect flat whole\n", NULL, &prices));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prices_of_every_size_and_bars_of_every_length_fit),
        cmocka_unit_test(test_keys_behind_fit_change_it),
        cmocka_unit_test(test_dates_name_a_part_of_a_series),
        cmocka_unit_test(test_who_took_something_out_is_not_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* Which parameters survive a move with a fund: each answer of plimsoll lint is the last one that
 * does, and the next one does not.
 * build: sim native */
#include "plm_cmocka.h"
#include "sim_lint.h"

#define WAD ((sim_int)1000000000000000000)

static const struct plm_feed_params feed = {
    .age = 30, .sources = 1, .grace = 60, .window = 300, .window_band = {.ppm = 200000}};

static struct plm_market_params make_params(void)
{
    struct plm_market_params params = {.maint = {.ppm = 50000}};
    params.liq_fee_max.ppm = 6000;
    params.liq_insurance_fee.ppm = 2000;
    params.funding_cap.nano = 1000000;
    params.oi_cap.wad = sim_abi_i128_of(5000000 * WAD);
    params.draw_cap.wad = sim_abi_i128_of(1000000 * WAD);
    params.allotment.wad = sim_abi_i128_of(1000000 * WAD);
    return params;
}

static struct sim_lint_market
judge(const struct plm_market_params *params, uint32_t move, sim_int fund)
{
    const struct sim_lint_question question = {.move = move, .fund = fund};
    struct sim_lint_market out = {.horizon = 0};
    sim_lint_judge_market(&question, params, &feed, &out);
    return out;
}

static void test_the_largest_move_is_the_last_that_survives(void **state)
{
    const struct plm_market_params params = make_params();
    const struct sim_lint_market row = judge(&params, 300000, -1);

    (void)state;

    assert_false(row.survives);
    assert_true(row.move_most > 0);
    assert_true(judge(&params, (uint32_t)row.move_most, -1).survives);
    assert_false(judge(&params, (uint32_t)row.move_most + 1, -1).survives);
}

static void test_the_least_maintenance_is_the_first_that_survives(void **state)
{
    struct plm_market_params params = make_params();
    const struct sim_lint_market row = judge(&params, 300000, 100 * WAD);

    (void)state;

    assert_in_range(row.maint_least, 50001, 1000000);
    params.maint.ppm = row.maint_least;
    assert_true(judge(&params, 300000, 100 * WAD).survives);
    params.maint.ppm--;
    assert_false(judge(&params, 300000, 100 * WAD).survives);
}

static void test_the_largest_open_interest_is_the_last_that_survives(void **state)
{
    struct plm_market_params params = make_params();
    const struct sim_lint_market row = judge(&params, 300000, 100 * WAD);

    (void)state;

    params.oi_cap.wad = sim_abi_i128_of(row.oi_most);
    assert_true(judge(&params, 300000, 100 * WAD).survives);
    params.oi_cap.wad = sim_abi_i128_of(row.oi_most + 1000000);
    assert_false(judge(&params, 300000, 100 * WAD).survives);
}

static void test_the_fund_that_is_asked_for_survives_and_one_less_does_not(void **state)
{
    struct plm_market_params params = make_params();
    const struct sim_lint_market row = judge(&params, 300000, 0);

    (void)state;

    params.draw_cap.wad = sim_abi_i128_of(row.loss);
    assert_true(judge(&params, 300000, row.loss).survives);
    assert_false(judge(&params, 300000, row.loss - 1).survives);
}

static void test_fees_alone_may_be_too_much(void **state)
{
    struct plm_market_params params = make_params();

    (void)state;

    params.maint.ppm = 1000;
    assert_int_equal(judge(&params, 300000, 0).move_most, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_largest_move_is_the_last_that_survives),
        cmocka_unit_test(test_the_least_maintenance_is_the_first_that_survives),
        cmocka_unit_test(test_the_largest_open_interest_is_the_last_that_survives),
        cmocka_unit_test(test_the_fund_that_is_asked_for_survives_and_one_less_does_not),
        cmocka_unit_test(test_fees_alone_may_be_too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

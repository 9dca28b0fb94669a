// SPDX-License-Identifier: Apache-2.0
/* plm_params: consistency, the envelope, directions, pauses. [PRICE-7] [GOV-2] [GOV-3] [ACCT-6]
 * [UNIT-1] [UNIT-3] */
#include "plm_cmocka.h"
#include "plm_params.h"

#include <string.h>

#include "support/plm_test_m0.h"

#define START 10000000U

static struct plm_scratch scratch;
static struct plm_market market;
static struct plm_feed feed;
static struct plm_asset asset;

static int set_up(void **unused)
{
    (void)unused;
    memset(&scratch, 0, sizeof scratch);
    market = test_m0_market();
    feed = test_m0_feed();
    asset = test_m0_asset();
    scratch.now.sec = START;
    scratch.feed_count = 1;
    scratch.market_count = 1;
    scratch.feeds[0].record = feed;
    return 0;
}

static plm_val number(int64_t n)
{
    const plm_val made = {plm_wide_i128_from_i64(n)};
    return made;
}

#define EXPECT_MARKET(code) assert_int_equal(plm_params_check_market(&market, &feed), code)
#define EXPECT_FEED(code)   assert_int_equal(plm_params_check_feed(&feed), code)
#define EXPECT_ASSET(code)  assert_int_equal(plm_params_check_asset(&asset, &feed), code)

/* ---- consistency ---- */

static void test_the_default_market_feed_and_asset_are_consistent(void **unused)
{
    (void)unused;
    EXPECT_MARKET(PLM_OK);
    EXPECT_FEED(PLM_OK);
    EXPECT_ASSET(PLM_OK);
    assert_int_equal(plm_params_check_market_envelope(&market, &feed), PLM_OK);
    assert_int_equal(plm_params_check_asset_envelope(&asset, &feed), PLM_OK);
}

static void test_size_and_price_decimals_add_up_to_eighteen(void **unused)
{
    (void)unused;
    market.size_decimals = 7; /* [UNIT-1] */
    EXPECT_MARKET(PLM_E_PARAM_RANGE);
    market.size_decimals = 9;
    EXPECT_MARKET(PLM_E_PARAM_RANGE);
    market.size_decimals = 8;
    EXPECT_MARKET(PLM_OK);
}

static void test_the_largest_position_is_worth_1e12_quote_units(void **unused)
{
    (void)unused;
    market.params.max_lots.lots++; /* [UNIT-3]: the default is exactly at the bound */
    EXPECT_MARKET(PLM_E_PARAM_RANGE);
    market.params.max_lots.lots -= 2;
    EXPECT_MARKET(PLM_OK);
    market.params.max_lots.lots++;
    feed.params.price_max.ticks++;
    EXPECT_MARKET(PLM_E_PARAM_RANGE);
}

static void test_each_market_bound_holds_at_it_and_fails_beyond_it(void **unused)
{
    (void)unused;
    market.params.maint.ppm = 100000;
    EXPECT_MARKET(PLM_OK);
    market.params.maint.ppm = 100001;
    EXPECT_MARKET(PLM_E_PARAM_RANGE);
    (void)set_up(NULL);
    market.params.loss_cap.ppm = 100001;
    EXPECT_MARKET(PLM_E_PARAM_RANGE);
    (void)set_up(NULL);
    market.params.liq_fee.ppm = 25000;
    EXPECT_MARKET(PLM_OK);
    market.params.liq_fee.ppm = 25001;
    EXPECT_MARKET(PLM_E_PARAM_RANGE);
    (void)set_up(NULL);
    market.params.liq_insurance_fee.ppm = 25000; /* 2.5 % + 2.5 % = maintenance */
    EXPECT_MARKET(PLM_OK);
    market.params.liq_insurance_fee.ppm = 25001;
    EXPECT_MARKET(PLM_E_PARAM_RANGE);
    (void)set_up(NULL);
    market.params.oi_upper = plm_val_from_quote(7);
    market.params.oi_lower = plm_val_from_quote(7);
    EXPECT_MARKET(PLM_OK);
    market.params.oi_lower = plm_val_add(market.params.oi_lower, number(1));
    EXPECT_MARKET(PLM_E_PARAM_RANGE);
    (void)set_up(NULL);
    market.params.min_order.lots = market.params.max_lots.lots;
    EXPECT_MARKET(PLM_OK);
    market.params.min_order.lots++;
    EXPECT_MARKET(PLM_E_PARAM_RANGE);
    (void)set_up(NULL);
    market.tick.ticks = feed.params.price_max.ticks - 1;
    EXPECT_MARKET(PLM_OK);
    market.tick.ticks++;
    EXPECT_MARKET(PLM_E_PARAM_RANGE);
}

static void test_each_feed_bound_holds_at_it_and_fails_beyond_it(void **unused)
{
    (void)unused;
    feed.params.band.ppm = 300000;
    EXPECT_FEED(PLM_OK);
    feed.params.band.ppm = 300001;
    EXPECT_FEED(PLM_E_PARAM_RANGE);
    (void)set_up(NULL);
    feed.params.conf_high.ppm = 10000;
    EXPECT_FEED(PLM_OK);
    feed.params.conf_high.ppm = 10001;
    EXPECT_FEED(PLM_E_PARAM_RANGE);
    (void)set_up(NULL);
    feed.params.price_min.ticks = feed.params.price_max.ticks - 1;
    EXPECT_FEED(PLM_OK);
    feed.params.price_min.ticks = feed.params.price_max.ticks;
    EXPECT_FEED(PLM_E_PARAM_RANGE);
}

static void test_each_asset_bound_holds_at_it_and_fails_beyond_it(void **unused)
{
    (void)unused;
    asset.params.weight_initial.ppm = 850000;
    EXPECT_ASSET(PLM_OK);
    asset.params.weight_initial.ppm = 850001;
    EXPECT_ASSET(PLM_E_PARAM_RANGE);
    (void)set_up(NULL);
    asset.params.discount.ppm = 100000;
    EXPECT_ASSET(PLM_OK);
    asset.params.discount.ppm = 100001;
    EXPECT_ASSET(PLM_E_PARAM_RANGE);
    (void)set_up(NULL);
    asset.params.discount_max.ppm = 150000; /* [ACCT-6] */
    EXPECT_ASSET(PLM_OK);
    asset.params.discount_max.ppm = 150001;
    EXPECT_ASSET(PLM_E_PARAM_RANGE);
}

static void test_a_deposit_cap_is_worth_at_most_4e13_quote_units(void **unused)
{
    (void)unused;
    /* [UNIT-3] 2e8 tokens at the highest price 200 000; one atom is below a price tick's value */
    const plm_val atoms = plm_val_from_quote(200000000);
    asset.params.cap.atoms = atoms.wad;
    EXPECT_ASSET(PLM_OK);
    asset.params.cap.atoms = plm_val_add(atoms, number(1)).wad;
    EXPECT_ASSET(PLM_E_PARAM_RANGE);
    asset.params.cap.atoms = plm_wide_i128_make(INT64_MAX, 0); /* leaves 128 bits */
    EXPECT_ASSET(PLM_E_PARAM_RANGE);
}

static void test_the_largest_balance_is_rounded_up(void **unused)
{
    (void)
        unused; /* [UNIT-3]: 4e41 + a rest, over 1e10: above 4e13 quote units by less than 1e-18 */
    feed.params.price_max.ticks = UINT64_C(10000000001);
    asset.decimals = 18;
    asset.params.cap.atoms =
        plm_wide_i128_make(INT64_C(2168404344754), UINT64_C(3107050396378177497));
    EXPECT_ASSET(PLM_E_PARAM_RANGE);
    asset.params.cap.atoms =
        plm_wide_i128_make(INT64_C(2168404344754), UINT64_C(3107050396378177497) - 1);
    EXPECT_ASSET(PLM_OK);
}

/* ---- the envelope [PRICE-7] ---- */

static void test_the_horizon_adds_age_spacings_grace_and_block_bound(void **unused)
{
    (void)unused;
    assert_int_equal(plm_params_horizon(&feed), 30 + 1 + 120 + 30);
    assert_int_equal(plm_params_worst_move(&feed).ppm, 200000);
    feed.params.age = 149; /* T = 300 */
    assert_int_equal(plm_params_worst_move(&feed).ppm, 200000);
    feed.params.age = 150;
    assert_int_equal(plm_params_worst_move(&feed).ppm, 400000);
    feed.params.age = 1050; /* T = 1201: five windows; a rise does not end at 100 % */
    assert_int_equal(plm_params_worst_move(&feed).ppm, 1000000);
    feed.params.age = 1051 + 299;
    assert_int_equal(plm_params_worst_move(&feed).ppm, 1200000);
    feed.params.window = 1;
    feed.params.window_band.ppm = 1000000;
    assert_int_equal(plm_params_worst_move(&feed).ppm, 1501 * 1000000U);
    feed.params.age = 86400; /* more than the number holds: as much as it does */
    assert_int_equal(plm_params_worst_move(&feed).ppm, UINT32_MAX);
}

/* Three windows of 50 %: 150 % + 4 % x 181 / 3600 + 3 % - 2/3 x 5 % = 134 881 / 90 000. */
static void test_a_rise_beyond_all_of_the_price_needs_its_allotment(void **unused)
{
    (void)unused;
    feed.params.window = 61;
    feed.params.window_band.ppm = 500000;
    const plm_val least =
        plm_val_add(plm_val_from_quote(14986777), number(INT64_C(777777777777777778)));
    market.params.allotment = least;
    assert_int_equal(plm_params_check_market_envelope(&market, &feed), PLM_OK);
    market.params.allotment = plm_val_sub(least, number(1));
    assert_int_equal(plm_params_check_market_envelope(&market, &feed), PLM_E_PARAM_ENVELOPE);
}

/* 20 % + 4 % x 181 / 3600 + 3 % - 2/3 x 5 % = 17 881 / 90 000, of 10 M 1 986 777.777... */
static void test_the_allotment_covers_the_worst_move_to_the_last_unit(void **unused)
{
    (void)unused;
    const plm_val least =
        plm_val_add(plm_val_from_quote(1986777), number(INT64_C(777777777777777778)));
    market.params.allotment = least;
    assert_int_equal(plm_params_check_market_envelope(&market, &feed), PLM_OK);
    market.params.allotment = plm_val_sub(least, number(1));
    assert_int_equal(plm_params_check_market_envelope(&market, &feed), PLM_E_PARAM_ENVELOPE);
    market.params.allotment = plm_val_add(least, number(1));
    assert_int_equal(plm_params_check_market_envelope(&market, &feed), PLM_OK);
    market.params.oi_cap = plm_val_from_quote(0);
    market.params.allotment = plm_val_from_quote(0);
    assert_int_equal(plm_params_check_market_envelope(&market, &feed), PLM_OK);
}

static void test_margin_above_the_worst_move_needs_no_allotment(void **unused)
{
    (void)unused;
    market.params.allotment = plm_val_from_quote(0);
    market.params.oi_cap = plm_val_from_quote(1000000000000);
    market.params.funding_cap.nano = 0;
    market.params.maint.ppm = 345000; /* two thirds are 23 % = 20 % + 3 % */
    assert_int_equal(plm_params_check_market_envelope(&market, &feed), PLM_OK);
    market.params.maint.ppm = 344999;
    assert_int_equal(plm_params_check_market_envelope(&market, &feed), PLM_E_PARAM_ENVELOPE);
}

static void test_a_sale_at_a_wrong_price_still_brings_what_maintenance_counted(void **unused)
{
    (void)unused;
    asset.params.discount_max.ppm = 140000; /* 1 % + 14 % = 15 % */
    assert_int_equal(plm_params_check_asset_envelope(&asset, &feed), PLM_OK);
    asset.params.discount_max.ppm = 140001;
    assert_int_equal(plm_params_check_asset_envelope(&asset, &feed), PLM_E_PARAM_ENVELOPE);
    asset.params.discount_max.ppm = 140000;
    feed.params.conf_max.ppm = 10001;
    assert_int_equal(plm_params_check_asset_envelope(&asset, &feed), PLM_E_PARAM_ENVELOPE);
}

/* ---- directions [GOV-3] ---- */

static bool is_safe(uint16_t id, int64_t before, int64_t after)
{
    return plm_params_is_safe(plm_params_find(id), number(before), number(after));
}

static void test_a_parameter_is_safe_against_its_loosening_direction(void **unused)
{
    (void)unused;
    assert_true(is_safe(1, 10, 11)); /* initial loosens down */
    assert_true(is_safe(1, 10, 10));
    assert_false(is_safe(1, 10, 9));
    assert_true(is_safe(9, 10, 9)); /* oi_cap loosens up */
    assert_true(is_safe(9, 10, 10));
    assert_false(is_safe(9, 10, 11));
    static const uint16_t both[] = {
        2, 3, 6, 13, 97}; /* maint, floor, imf, fee_maker, weight_maint */
    for (size_t i = 0; i < ARRAY_LEN(both); i++) {
        assert_true(is_safe(both[i], 10, 10));
        assert_false(is_safe(both[i], 10, 11));
        assert_false(is_safe(both[i], 10, 9));
    }
}

static void test_switching_a_bound_off_is_a_loosening(void **unused)
{
    (void)unused;
    static const uint16_t ids[] = {7, 99}; /* oi_lower, scale_start: 0 is off */
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        assert_false(is_safe(ids[i], 5, 0));
        assert_true(is_safe(ids[i], 0, 5));
        assert_true(is_safe(ids[i], 0, 0));
        assert_true(is_safe(ids[i], 5, 4));
        assert_false(is_safe(ids[i], 5, 6));
    }
    assert_true(is_safe(8, 5, 0)); /* an ordinary one */
}

static plm_err step(uint16_t id, int64_t before, int64_t after)
{
    return plm_params_check_step(plm_params_find(id), number(before), number(after));
}

static void test_a_step_is_a_fifth_or_one(void **unused)
{
    (void)unused;
    assert_int_equal(step(1, 100, 80), PLM_OK);
    assert_int_equal(step(1, 100, 79), PLM_E_PARAM_STEP);
    assert_int_equal(step(1, 100, 120), PLM_OK);
    assert_int_equal(step(1, 100, 121), PLM_E_PARAM_STEP);
    assert_int_equal(step(1, 104, 124), PLM_OK);    /* rounded down */
    assert_int_equal(step(1, 104, 125), PLM_E_PARAM_STEP);
    assert_int_equal(step(66, 3, 2), PLM_OK);       /* sources: one unit at least */
    assert_int_equal(step(66, 3, 1), PLM_E_PARAM_STEP);
    assert_int_equal(step(33, -100, -120), PLM_OK); /* funding_interest has a sign */
    assert_int_equal(step(33, -100, -121), PLM_E_PARAM_STEP);
    assert_int_equal(step(33, -100, -80), PLM_OK);
    assert_int_equal(step(33, -100, -79), PLM_E_PARAM_STEP);
    assert_int_equal(step(96, 0, 200000), PLM_OK);       /* a ratio from nothing */
    assert_int_equal(step(96, 0, 200001), PLM_E_PARAM_STEP);
    assert_int_equal(step(98, 0, 1000000000), PLM_OK);   /* a cap from nothing */
    assert_int_equal(step(7, 100, 0), PLM_E_PARAM_STEP); /* 0 is off: not in one step */
}

static void test_every_parameter_is_found_by_its_id_and_no_other(void **unused)
{
    (void)unused;
    assert_non_null(plm_params_find(1));
    assert_int_equal(plm_params_find(34)->target, PLM_TARGET_MARKET);
    assert_int_equal(plm_params_find(64)->target, PLM_TARGET_FEED);
    assert_int_equal(plm_params_find(102)->target, PLM_TARGET_ASSET);
    assert_null(plm_params_find(0));
    assert_null(plm_params_find(35));
    assert_null(plm_params_find(103));
}

/* ---- pauses [GOV-2] ---- */

static void test_each_bit_but_increase_ends_by_itself(void **unused)
{
    (void)unused;

    static const struct {
        uint8_t bit;
        uint64_t seconds;
    } rows[] = {
        {PLM_PAUSE_REDUCE, 86400},
        {PLM_PAUSE_LIQUIDATE, 14400},
        {PLM_PAUSE_FUND, 14400},
        {PLM_PAUSE_DELEVERAGE, 14400},
        {PLM_PAUSE_DEPOSIT, 86400},
        {PLM_PAUSE_WITHDRAW, 86400},
        {PLM_PAUSE_SETTLE, 86400},
    };
    struct plm_pause_set sets[8];
    memset(sets, 0, sizeof sets);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const uint8_t bits = (uint8_t)(1U << rows[i].bit);
        sets[rows[i].bit].at.sec = START;
        plm_time now = {START + rows[i].seconds - 1};
        assert_int_equal(plm_params_pauses(bits, sets, 8, now), bits);
        now.sec++;
        assert_int_equal(plm_params_pauses(bits, sets, 8, now), 0);
    }
    const plm_time late = {START + UINT64_C(100000000000)};
    assert_int_equal(plm_params_pauses(1, sets, 8, late), 1);
    assert_int_equal(plm_params_pauses(0, sets, 0, late), 0);
    expect_assert_failure(plm_params_pauses(1, sets, 0, late));
}

static void pause_market(uint8_t bit, uint64_t at)
{
    struct plm_market_state *state = &scratch.markets[0].state;
    state->pauses = (uint8_t)(1U << bit);
    state->pause_sets_count = 8;
    state->pause_sets[bit].at.sec = at;
}

static void pause_all(uint8_t bit, uint64_t at)
{
    scratch.config.pauses = (uint8_t)(1U << bit);
    scratch.config.pause_sets_count = 8;
    scratch.config.pause_sets[bit].at.sec = at;
}

static plm_err check(uint8_t bit)
{
    return plm_params_check_pause(&scratch, &scratch.markets[0], bit);
}

static void test_a_bit_pauses_its_own_operation_and_no_other(void **unused)
{
    (void)unused;
    assert_int_equal(check(PLM_PAUSE_SETTLE), PLM_OK);
    pause_market(PLM_PAUSE_SETTLE, START);
    assert_int_equal(check(PLM_PAUSE_SETTLE), PLM_E_PAUSED);
    assert_int_equal(check(PLM_PAUSE_INCREASE), PLM_OK);
    assert_int_equal(check(PLM_PAUSE_LIQUIDATE), PLM_OK);
    pause_all(PLM_PAUSE_WITHDRAW, START);
    assert_int_equal(plm_params_check_pause(&scratch, NULL, PLM_PAUSE_WITHDRAW), PLM_E_PAUSED);
    assert_int_equal(plm_params_check_pause(&scratch, NULL, PLM_PAUSE_DEPOSIT), PLM_OK);
    expect_assert_failure((void)plm_params_check_pause(&scratch, NULL, PLM_PAUSE_SETTLE));
}

static void test_no_liquidation_while_reductions_or_deposits_are_paused(void **unused)
{
    (void)unused;
    pause_market(PLM_PAUSE_REDUCE, START);
    assert_int_equal(check(PLM_PAUSE_LIQUIDATE), PLM_E_PAUSED);
    scratch.now.sec = START + 86400;
    assert_int_equal(check(PLM_PAUSE_LIQUIDATE), PLM_E_GRACE);
    scratch.now.sec = START + 86400 + 119;
    assert_int_equal(check(PLM_PAUSE_LIQUIDATE), PLM_E_GRACE);
    scratch.now.sec++;
    assert_int_equal(check(PLM_PAUSE_LIQUIDATE), PLM_OK);

    pause_all(PLM_PAUSE_DEPOSIT, scratch.now.sec);
    assert_int_equal(check(PLM_PAUSE_LIQUIDATE), PLM_E_PAUSED);
    assert_int_equal(plm_params_check_pause(&scratch, NULL, PLM_PAUSE_LIQUIDATE), PLM_E_PAUSED);
    scratch.now.sec += 86400 + 119;
    assert_int_equal(check(PLM_PAUSE_LIQUIDATE), PLM_E_GRACE);
    assert_int_equal(plm_params_check_pause(&scratch, NULL, PLM_PAUSE_LIQUIDATE), PLM_OK);
    scratch.now.sec++;
    assert_int_equal(check(PLM_PAUSE_LIQUIDATE), PLM_OK);
}

static void test_a_lifted_pause_leaves_a_grace_too(void **unused)
{
    (void)unused;
    scratch.markets[0].state.pause_lifted.sec = START - 119;
    assert_int_equal(check(PLM_PAUSE_LIQUIDATE), PLM_E_GRACE);
    scratch.markets[0].state.pause_lifted.sec = START - 120;
    assert_int_equal(check(PLM_PAUSE_LIQUIDATE), PLM_OK);
    scratch.config.pause_lifted.sec = START - 119;
    assert_int_equal(check(PLM_PAUSE_LIQUIDATE), PLM_E_GRACE);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_default_market_feed_and_asset_are_consistent),
        TEST(test_size_and_price_decimals_add_up_to_eighteen),
        TEST(test_the_largest_position_is_worth_1e12_quote_units),
        TEST(test_each_market_bound_holds_at_it_and_fails_beyond_it),
        TEST(test_each_feed_bound_holds_at_it_and_fails_beyond_it),
        TEST(test_each_asset_bound_holds_at_it_and_fails_beyond_it),
        TEST(test_a_deposit_cap_is_worth_at_most_4e13_quote_units),
        TEST(test_the_horizon_adds_age_spacings_grace_and_block_bound),
        TEST(test_the_largest_balance_is_rounded_up),
        TEST(test_a_rise_beyond_all_of_the_price_needs_its_allotment),
        TEST(test_the_allotment_covers_the_worst_move_to_the_last_unit),
        TEST(test_margin_above_the_worst_move_needs_no_allotment),
        TEST(test_a_sale_at_a_wrong_price_still_brings_what_maintenance_counted),
        TEST(test_a_parameter_is_safe_against_its_loosening_direction),
        TEST(test_switching_a_bound_off_is_a_loosening),
        TEST(test_a_step_is_a_fifth_or_one),
        TEST(test_every_parameter_is_found_by_its_id_and_no_other),
        TEST(test_each_bit_but_increase_ends_by_itself),
        TEST(test_a_bit_pauses_its_own_operation_and_no_other),
        TEST(test_no_liquidation_while_reductions_or_deposits_are_paused),
        TEST(test_a_lifted_pause_leaves_a_grace_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

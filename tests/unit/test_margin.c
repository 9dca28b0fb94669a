// SPDX-License-Identifier: Apache-2.0
/* plm_margin: figures by hand, boundary triples, and the size premium with and without its test of
 * squares. [MARGIN-1] to [MARGIN-7] [ACCT-6] [PRICE-3] [PRICE-4] */
#include "plm_cmocka.h"
#include "plm_margin.h"
#include "plm_test_scratch.h"

static struct plm_margin
compute(const struct plm_scratch *s, const struct plm_account_slot *account, uint32_t flags)
{
    struct plm_margin margin = {0};
    plm_margin_compute(s, &account->record, flags, PLM_NO_MARKET, &margin);
    return margin;
}

static bool is_wval(plm_wval a, plm_wval b)
{
    return plm_wval_cmp(a, b) == 0;
}

static bool is_val(plm_val a, plm_val b)
{
    return plm_val_cmp(a, b) == 0;
}

static void test_a_long_at_its_entry_price_has_its_cash_as_equity(void **state)
{
    (void)state; /* [MARGIN-1] [MARGIN-6] */
    struct plm_scratch *s = fresh_scratch();
    (void)add_market(s, 3, 50000);
    struct plm_account_slot *account = add_account(s, 10000);
    (void)hold(account, 3, BASE, -50000);
    const struct plm_margin margin = compute(s, account, PLM_MARGIN_PLAIN);
    assert_true(is_wval(margin.equity_maint, weighted(10000)));
    assert_true(is_wval(margin.equity_initial, weighted(10000)));
    assert_true(is_val(margin.equity_full, units(10000)));
    assert_true(is_wval(margin.initial, weighted(5000)));
    assert_true(is_wval(margin.maint, weighted(2500)));
    assert_true(is_wval(margin.withdraw_floor, weighted(5000)));
    assert_true(plm_val_is_zero(margin.unsettled_loss));
}

static void test_initial_values_longs_at_lo_and_shorts_at_hi(void **state)
{
    (void)state; /* [MARGIN-2] [PRICE-3] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_market_slot *market = add_market(s, 0, 50000);
    struct plm_market_slot *other = add_market(s, 1, 50000);
    view_of(s, market)->lo = at(49000);
    view_of(s, other)->hi = at(52000);
    struct plm_account_slot *account = add_account(s, 20000);
    (void)hold(account, 0, BASE, -50000);
    (void)hold(account, 1, -BASE, 50000);
    const struct plm_margin margin = compute(s, account, PLM_MARGIN_PLAIN);
    assert_true(is_wval(margin.equity_maint, weighted(20000)));
    assert_true(is_wval(margin.equity_initial, weighted(20000 - 1000 - 2000)));
    assert_true(is_wval(margin.initial, weighted(5000 + 5200))); /* longs at p, shorts at hi */
    assert_true(is_wval(margin.maint, weighted(5000)));
}

static void test_gains_count_by_weight_and_up_to_their_cap(void **state)
{
    (void)state; /* [MARGIN-2] */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_market_slot *market = add_market(s, 0, 50000);
        struct plm_account_slot *account = add_account(s, 0);
        struct plm_position *position = hold(account, 0, BASE, -40000);
        position->quote = plm_val_add(position->quote, wad(step)); /* a gain of 10000 + step */
        market->record.params.gain_cap = units(10000);
        const plm_wval full = plm_fix_val_to_wval(units(10000));
        struct plm_margin margin = compute(s, account, PLM_MARGIN_PLAIN);
        const plm_wval gain = plm_fix_val_to_wval(plm_val_add(units(10000), wad(step)));
        assert_true(is_wval(margin.equity_initial, step < 0 ? gain : full));
        assert_true(is_wval(margin.equity_maint, gain));

        market->record.params.gain_weight = ppm(500000);
        market->record.params.gain_cap = units(5000);
        margin = compute(s, account, PLM_MARGIN_PLAIN);
        const plm_wval half = plm_fix_weigh(plm_val_add(units(10000), wad(step)), ppm(500000));
        assert_true(is_wval(margin.equity_initial, step < 0 ? half : weighted(5000)));

        margin = compute(s, account, PLM_MARGIN_NO_GAINS);
        assert_true(plm_wval_is_zero(margin.equity_initial));
    }
}

static void test_a_claim_is_a_gain_and_a_debt_a_loss_and_neither_requires_anything(void **state)
{
    (void)state; /* [ACCT-5] [MARGIN-2] I13 */
    struct plm_scratch *s = fresh_scratch();
    (void)add_market(s, 0, 50000);
    (void)add_market(s, 1, 50000);
    struct plm_account_slot *account = add_account(s, 100);
    (void)hold(account, 0, 0, 30);
    (void)hold(account, 1, 0, -50);
    const struct plm_margin margin = compute(s, account, PLM_MARGIN_PLAIN);
    assert_true(is_wval(margin.equity_maint, weighted(80)));
    assert_true(is_wval(margin.equity_initial, weighted(80)));
    assert_true(plm_wval_is_zero(margin.maint));
    assert_true(plm_wval_is_zero(margin.initial));
    assert_true(is_val(margin.unsettled_loss, units(50)));
    const struct plm_margin bare = compute(s, account, PLM_MARGIN_NO_GAINS);
    assert_true(is_wval(bare.equity_initial, weighted(50)));
}

static void test_a_requirement_never_falls_below_the_floor(void **state)
{
    (void)state; /* [MARGIN-6] [UNIT-4] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_market_slot *market = add_market(s, 0, 50000);
    const plm_ratio ratio = ppm(50000);
    /* 5 % of 40000 lots at 50000 is 1 quote unit: the floor. */
    const struct plm_market *record = &market->record;
    const plm_wval below = plm_margin_requirement(record, lots(39999), at(50000), ratio);
    const plm_wval equal = plm_margin_requirement(record, lots(-40000), at(50000), ratio);
    const plm_wval above = plm_margin_requirement(record, lots(40001), at(50000), ratio);
    assert_true(is_wval(below, weighted(1)));
    assert_true(is_wval(equal, weighted(1)));
    assert_true(plm_wval_cmp(above, weighted(1)) > 0);
    assert_true(plm_wval_is_zero(plm_margin_requirement(record, lots(0), at(50000), ratio)));
    assert_true(is_wval(plm_margin_requirement(record, lots(1), at(0), ratio), weighted(1)));
}

/* The rule as it is written, with a root for every size. */
static plm_ratio ratio_with_root(const struct plm_market *market, plm_ratio base, plm_qty size)
{
    const uint64_t imf = (uint64_t)market->params.imf.nano;
    const plm_ratio premium = plm_fix_size_premium_ceil(imf, size, market->size_decimals);
    const uint32_t raised = base.ppm - base.ppm / 5 + premium.ppm;
    const uint32_t larger = raised > base.ppm ? raised : base.ppm;
    return ppm(larger < 1000000 ? larger : 1000000);
}

static void test_the_size_premium_is_the_same_with_and_without_its_root(void **state)
{
    (void)state; /* [MARGIN-3] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_market *market = &add_market(s, 0, 50000)->record;
    uint64_t random = 88172645463325252U;
    uint32_t bound = 0;
    for (uint32_t round = 0; round < 200000; round++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        market->params.imf.nano = (int64_t)(random % 1000000001U) >> (random >> 59);
        const int64_t size = (int64_t)(random >> 2) >> (random % 61U);
        const plm_ratio base = ppm((uint32_t)(random >> 20) % 1000001U);
        const plm_ratio ratio = plm_margin_ratio(market, base, lots(round % 2 == 0 ? size : -size));
        assert_int_equal(ratio.ppm, ratio_with_root(market, base, lots(size)).ppm);
        bound += ratio.ppm > base.ppm ? 1 : 0;
    }
    assert_true(bound > 1000 && bound < 199000);
}

static void test_the_size_premium_binds_just_above_its_threshold(void **state)
{
    (void)state; /* [MARGIN-3]: imf 0.001 per root, a fifth of 10 % is 2 %: 400 base units */
    struct plm_scratch *s = fresh_scratch();
    struct plm_market *market = &add_market(s, 0, 50000)->record;
    market->params.imf.nano = 1000000;
    const plm_ratio base = ppm(100000);
    assert_int_equal(plm_margin_ratio(market, base, lots(400 * BASE - 1)).ppm, 100000);
    assert_int_equal(plm_margin_ratio(market, base, lots(-400 * BASE)).ppm, 100000);
    assert_int_equal(plm_margin_ratio(market, base, lots(400 * BASE + 1)).ppm, 100001);
    assert_int_equal(plm_margin_ratio(market, base, lots(900 * BASE)).ppm, 110000);
    assert_int_equal(plm_margin_ratio(market, base, lots(40000000 * BASE)).ppm, 1000000);
    market->params.imf.nano = 0;
    assert_int_equal(plm_margin_ratio(market, base, lots(40000000 * BASE)).ppm, 100000);
}

static void test_the_initial_ratio_grows_with_open_interest_to_one(void **state)
{
    (void)state; /* [MARGIN-4] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_market_slot *market = add_market(s, 0, 1);
    const struct plm_view *view = view_of(s, market);
    market->record.params.oi_lower = units(25);
    market->record.params.oi_upper = units(50);

    const struct {
        int64_t oi;
        uint32_t ratio;
    } cases[] = {{24 * BASE, 100000},
                 {25 * BASE, 100000},
                 {25 * BASE + 1, 100001},
                 {30 * BASE, 280000},
                 {40 * BASE - 1, 640000},
                 {40 * BASE, 640000},
                 {40 * BASE + 1, 640001},
                 {50 * BASE - 1, 1000000},
                 {50 * BASE, 1000000},
                 {51 * BASE, 1000000}};

    for (uint32_t i = 0; i < ARRAY_LEN(cases); i++) {
        market->state.oi = lots(cases[i].oi);
        const plm_ratio scaled = plm_margin_initial_ratio(market, view, lots(1), ppm(0), true);
        const plm_ratio plain = plm_margin_initial_ratio(market, view, lots(1), ppm(0), false);
        assert_int_equal(scaled.ppm, cases[i].ratio);
        assert_int_equal(plain.ppm, 100000);
    }
    market->record.params.oi_lower = units(0); /* off */
    market->state.oi = lots(60 * BASE);
    assert_int_equal(plm_margin_initial_ratio(market, view, lots(1), ppm(0), true).ppm, 100000);
}

static void test_a_users_leverage_cap_only_raises_the_initial_ratio(void **state)
{
    (void)state; /* [MARGIN-6] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_market_slot *market = add_market(s, 0, 50000);
    const struct plm_view *view = view_of(s, market);
    const uint32_t caps[] = {0, 99999, 100000, 100001, 1000000};
    const uint32_t ratios[] = {100000, 100000, 100000, 100001, 1000000};
    for (uint32_t i = 0; i < ARRAY_LEN(caps); i++) {
        const plm_ratio used =
            plm_margin_initial_ratio(market, view, lots(BASE), ppm(caps[i]), false);
        assert_int_equal(used.ppm, ratios[i]);
        struct plm_account_slot *account = &s->accounts[0];
        memset(account, 0, sizeof *account);
        account->record.leverage = ppm(caps[i]);
        (void)hold(account, 0, BASE, -50000);
        const struct plm_margin margin = compute(s, account, PLM_MARGIN_PLAIN);
        assert_true(is_wval(margin.initial, plm_fix_weigh(units(50000), ppm(ratios[i]))));
        assert_true(is_wval(margin.maint, weighted(2500)));
    }
}

static void test_collateral_has_three_values(void **state)
{
    (void)state; /* [MARGIN-1] [MARGIN-2] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_asset_slot *asset = add_asset(s, 1, 1000);
    s->feeds[asset->feed_slot].view.lo = at(900);
    struct plm_account_slot *account = add_account(s, 7);
    (void)pledge(account, asset, 10);
    const struct plm_margin margin = compute(s, account, PLM_MARGIN_PLAIN);
    assert_true(is_wval(margin.equity_maint, weighted(7 + 8500)));
    assert_true(is_wval(margin.equity_initial, weighted(7 + 7200)));
    assert_true(is_val(margin.equity_full, units(7 + 9000)));
}

static void test_the_initial_weight_falls_with_all_deposits(void **state)
{
    (void)state; /* [ACCT-6] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_asset_slot *asset = add_asset(s, 1, 1000);
    asset->record.params.scale_start = units(10000);
    asset->state.total = plm_amt_from_u64(10 * 1000000);
    assert_int_equal(plm_margin_weight_initial(s, asset).ppm, 800000);
    asset->state.total = plm_amt_from_u64(10 * 1000000 + 1);
    assert_int_equal(plm_margin_weight_initial(s, asset).ppm, 799999);
    asset->state.total = plm_amt_from_u64(40 * 1000000);
    assert_int_equal(plm_margin_weight_initial(s, asset).ppm, 200000);
    asset->state.total.atoms = plm_wide_i128_make(INT64_MAX, 0);
    assert_int_equal(plm_margin_weight_initial(s, asset).ppm, 0);
    asset->record.params.scale_start = units(0); /* off */
    assert_int_equal(plm_margin_weight_initial(s, asset).ppm, 800000);
}

static void test_a_collateral_counts_for_no_more_than_its_bound(void **state)
{
    (void)state; /* [UNIT-3]: 2.5e11 quote units */
    struct plm_scratch *s = fresh_scratch();
    struct plm_asset_slot *asset = add_asset(s, 1, 1);
    struct plm_account_slot *account = add_account(s, 0);
    const uint64_t most = UINT64_C(250000000000);
    asset->record.params.weight_maint = ppm(1000000);
    for (uint64_t more = 0; more <= 1; more++) {
        account->record.collaterals_count = 0;
        (void)pledge(account, asset, most + more);
        const struct plm_margin margin = compute(s, account, PLM_MARGIN_PLAIN);
        assert_true(is_wval(margin.equity_maint, weighted(250000000000)));
    }
}

static void test_all_deposits_are_rounded_up_before_a_weight_falls(void **state)
{
    (void)state; /* [ACCT-6] [UNIT-4]: 1e31 + 10 over 1e10 */
    struct plm_scratch *s = fresh_scratch();
    struct plm_asset_slot *asset = add_asset(s, 1, 1);
    asset->record.decimals = 18;
    s->feeds[asset->feed_slot].view.price.ticks = TICKS + 1;
    asset->record.params.scale_start = units(1000);
    asset->state.total.atoms = plm_val_sub(units(1000), wad(INT64_C(99999999990))).wad;
    assert_int_equal(plm_margin_weight_initial(s, asset).ppm, 799999);
}

static void test_bad_feeds_count_in_favour_of_the_account_but_not_the_traded_one(void **state)
{
    (void)state; /* [PRICE-4] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_market_slot *first = add_market(s, 0, 1000);
    struct plm_market_slot *second = add_market(s, 1, 1000);
    view_of(s, first)->liquidation = PLM_E_PRICE_STALE;
    view_of(s, second)->liquidation = PLM_E_PRICE_STALE;
    struct plm_account_slot *account = add_account(s, 1000);
    (void)hold(account, 0, BASE, -1000);
    (void)hold(account, 1, -BASE, 1000);
    struct plm_margin margin = compute(s, account, PLM_MARGIN_FAVOUR);
    assert_true(is_wval(margin.equity_maint, weighted(1000 + 200 + 200)));
    assert_true(is_wval(margin.maint, weighted(60 + 40)));
    plm_margin_compute(s, &account->record, PLM_MARGIN_FAVOUR, 0, &margin);
    assert_true(is_wval(margin.equity_maint, weighted(1000 + 200)));
    assert_true(is_wval(margin.maint, weighted(50 + 40)));
    margin = compute(s, account, PLM_MARGIN_PLAIN);
    assert_true(is_wval(margin.equity_maint, weighted(1000)));
    view_of(s, first)->liquidation = PLM_OK;
    view_of(s, second)->liquidation = PLM_OK;
    margin = compute(s, account, PLM_MARGIN_FAVOUR);
    assert_true(is_wval(margin.equity_maint, weighted(1000)));
}

static void test_levels_begin_strictly_below_their_bounds(void **state)
{
    (void)state; /* [MARGIN-7] I11 */
    const plm_ratio call = ppm(1100000);
    struct plm_margin m = {
        .initial = weighted(100), .maint = weighted(60), .equity_full = units(1)};

    const struct {
        plm_wval initial;
        plm_wval maint;
        uint8_t level;
    } cases[] = {
        {weighted(110), weighted(200), PLM_LEVEL_HEALTHY},
        {plm_wval_sub(weighted(110), wadppm(1)), weighted(200), PLM_LEVEL_MARGIN_CALL},
        {weighted(100), weighted(200), PLM_LEVEL_MARGIN_CALL},
        {plm_wval_sub(weighted(100), wadppm(1)), weighted(200), PLM_LEVEL_RESTRICTED},
        {weighted(0), weighted(60), PLM_LEVEL_RESTRICTED},
        {weighted(0), plm_wval_sub(weighted(60), wadppm(1)), PLM_LEVEL_LIQUIDATABLE},
        {weighted(0), weighted(40), PLM_LEVEL_LIQUIDATABLE},
        {weighted(0), plm_wval_sub(weighted(40), wadppm(1)), PLM_LEVEL_BACKSTOP},
    };

    for (uint32_t i = 0; i < ARRAY_LEN(cases); i++) {
        m.equity_initial = cases[i].initial;
        m.equity_maint = cases[i].maint;
        assert_int_equal(plm_margin_level(&m, call), cases[i].level);
        assert_int_equal(plm_margin_is_liquidatable(&m), cases[i].level >= PLM_LEVEL_LIQUIDATABLE);
    }
    m.equity_full = units(0);
    assert_int_equal(plm_margin_level(&m, call), PLM_LEVEL_BACKSTOP);
    m.equity_full = wad(-1);
    assert_int_equal(plm_margin_level(&m, call), PLM_LEVEL_BANKRUPT);
}

static void test_a_debtor_without_lots_is_liquidatable_below_zero(void **state)
{
    (void)state; /* [MARGIN-7] */
    struct plm_margin m = {0};
    assert_false(plm_margin_is_liquidatable(&m));
    assert_int_equal(plm_margin_level(&m, ppm(1100000)), PLM_LEVEL_HEALTHY);
    m.equity_maint = wadppm(-1);
    assert_true(plm_margin_is_liquidatable(&m));
    m.equity_maint = wadppm(1);
    assert_false(plm_margin_is_liquidatable(&m));
}

static void test_prices_are_judged_by_the_uppermost_row(void **state)
{
    (void)state; /* [PRICE-4] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_market_slot *first = add_market(s, 0, 1000);
    struct plm_market_slot *second = add_market(s, 1, 1000);
    struct plm_asset_slot *asset = add_asset(s, 1, 1000);
    struct plm_account_slot *account = add_account(s, 1000);
    (void)hold(account, 0, BASE, -1000);
    (void)hold(account, 1, 0, 10);
    (void)pledge(account, asset, 1);
    assert_int_equal(plm_margin_check_prices(s, &account->record), PLM_OK);
    view_of(s, second)->risk = PLM_E_PRICE_CONF; /* only a claim: it has no price */
    assert_int_equal(plm_margin_check_prices(s, &account->record), PLM_OK);
    view_of(s, first)->risk = PLM_E_GAP;
    assert_int_equal(plm_margin_check_prices(s, &account->record), PLM_E_GAP);
    s->feeds[asset->feed_slot].view.risk = PLM_E_PRICE_STALE;
    assert_int_equal(plm_margin_check_prices(s, &account->record), PLM_E_PRICE_STALE);
    view_of(s, first)->risk = PLM_E_PRICE_CONF;
    assert_int_equal(plm_margin_check_prices(s, &account->record), PLM_E_PRICE_CONF);
}

static void test_an_account_is_remembered_once(void **state)
{
    (void)state; /* [MARGIN-8] */
    struct plm_scratch *s = fresh_scratch();
    (void)add_market(s, 5, 1000);
    struct plm_account_slot *account = add_account(s, 1000);
    (void)hold(account, 5, -BASE, 1000);
    plm_margin_remember(s, account);
    account->record.positions[0].lots = lots(-2 * BASE);
    plm_margin_remember(s, account);
    assert_true(account->remembered);
    assert_int_equal(account->before_count, 1);
    assert_int_equal(account->before_markets[0], 5);
    assert_int_equal(account->before_lots[0].lots, -BASE);
    assert_true(is_wval(account->before.maint, weighted(50)));
}

static void test_a_market_that_is_not_loaded_is_a_bug(void **state)
{
    (void)state;
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = add_account(s, 1000);
    (void)hold(account, 5, -BASE, 1000);
    expect_assert_failure(compute(s, account, PLM_MARGIN_PLAIN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_long_at_its_entry_price_has_its_cash_as_equity),
        cmocka_unit_test(test_initial_values_longs_at_lo_and_shorts_at_hi),
        cmocka_unit_test(test_gains_count_by_weight_and_up_to_their_cap),
        cmocka_unit_test(test_a_claim_is_a_gain_and_a_debt_a_loss_and_neither_requires_anything),
        cmocka_unit_test(test_a_requirement_never_falls_below_the_floor),
        cmocka_unit_test(test_the_size_premium_is_the_same_with_and_without_its_root),
        cmocka_unit_test(test_the_size_premium_binds_just_above_its_threshold),
        cmocka_unit_test(test_the_initial_ratio_grows_with_open_interest_to_one),
        cmocka_unit_test(test_a_users_leverage_cap_only_raises_the_initial_ratio),
        cmocka_unit_test(test_collateral_has_three_values),
        cmocka_unit_test(test_the_initial_weight_falls_with_all_deposits),
        cmocka_unit_test(test_a_collateral_counts_for_no_more_than_its_bound),
        cmocka_unit_test(test_all_deposits_are_rounded_up_before_a_weight_falls),
        cmocka_unit_test(test_bad_feeds_count_in_favour_of_the_account_but_not_the_traded_one),
        cmocka_unit_test(test_levels_begin_strictly_below_their_bounds),
        cmocka_unit_test(test_a_debtor_without_lots_is_liquidatable_below_zero),
        cmocka_unit_test(test_prices_are_judged_by_the_uppermost_row),
        cmocka_unit_test(test_an_account_is_remembered_once),
        cmocka_unit_test(test_a_market_that_is_not_loaded_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

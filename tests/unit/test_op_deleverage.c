// SPDX-License-Identifier: Apache-2.0
/* Forced closes and resolved debts, judged as the engine does. [LIQ-11] [LOSS-1] [LOSS-2] */
#include "plm_test_liquidation.h"

/* --- forced closes [LIQ-11] --- */

static void test_a_forced_close_needs_bankruptcy_or_a_third_and_grace(void **state)
{
    (void)state;
    const struct plm_deleverage args = {.account = 1, .market = 3, .counterparty = 2};
    make_world(90, 114); /* E = 14 < 15 = MM / 3 */
    assert_int_equal(plm_op_deleverage(&s, &args), PLM_E_NOT_LIQUIDATABLE);
    owner->remembered = false;
    owner->record.liquidatable_since.sec = TEST_NOW - 119;
    assert_int_equal(plm_op_deleverage(&s, &args), PLM_E_NOT_LIQUIDATABLE);
    owner->record.liquidatable_since.sec = TEST_NOW - 120;
    assert_int_equal(finish(plm_op_deleverage(&s, &args)), PLM_OK);
    assert_true(market->state.oi.lots == 0);
    assert_true(same(owner->record.positions[0].quote, quotes(-100)));
    assert_true(same(winner->record.positions[0].quote, quotes(100)));
    make_world(90, 115);
    owner->record.liquidatable_since.sec = TEST_NOW - 120;
    assert_int_equal(plm_op_deleverage(&s, &args), PLM_E_NOT_LIQUIDATABLE);
}

static void test_a_forced_close_pays_its_tip_from_the_tranche(void **state)
{
    (void)state;
    make_world(90, 60);
    test_line(&s, &market->state.insurance, quotes(45));
    const struct plm_deleverage args = {
        .account = 1, .market = 3, .counterparty = 2, .lots = base(5), .tip = 4};
    assert_int_equal(finish(plm_op_deleverage(&s, &args)), PLM_OK);
    /* 20 recognised, then 1 % of 450. */
    assert_true(same(market->state.insurance, plm_val_sub(quotes(25), wads(4500000000000000000))));
    assert_true(same(taker->record.cash, plm_val_add(quotes(100000), wads(4500000000000000000))));
    assert_true(owner->record.positions[0].lots.lots == 5 * TEST_UNIT);
    assert_true(winner->record.positions[0].lots.lots == -5 * TEST_UNIT);
}

static void test_a_tip_is_rounded_down(void **state)
{
    (void)state; /* [LIQ-11] [UNIT-4] */
    make_world(90, 60);
    test_line(&s, &market->state.insurance, quotes(45));
    const plm_qty lots = {5 * TEST_UNIT + 1};
    const plm_ratio fee = {10001};
    market->record.params.liq_fee = fee;
    test_feed_of(&s, market)->view.price.ticks += 1;
    const plm_val value = plm_fix_notional(lots, test_feed_of(&s, market)->view.price);
    const plm_val tip = plm_fix_part_floor(value, fee);
    assert_false(same(tip, plm_fix_part_ceil(value, fee)));
    const struct plm_deleverage args = {
        .account = 1, .market = 3, .counterparty = 2, .lots = lots, .tip = 4};
    assert_int_equal(finish(plm_op_deleverage(&s, &args)), PLM_OK);
    assert_true(same(taker->record.cash, plm_val_add(quotes(100000), tip)));
}

static void test_only_an_opposing_winner_closes_a_leg(void **state)
{
    (void)state;
    make_world(90, 60);
    struct plm_deleverage args = {.account = 1, .market = 3, .counterparty = 1};
    assert_int_equal(plm_op_deleverage(&s, &args), PLM_E_SELF_LIQUIDATION);
    args.counterparty = 4;
    assert_int_equal(plm_op_deleverage(&s, &args), PLM_E_NO_MARKET);
    args.counterparty = 2;
    winner->record.positions[0].quote = quotes(900); /* no profit left */
    assert_int_equal(plm_op_deleverage(&s, &args), PLM_E_NOT_NEEDED);
}

/* A collateral at 9 ticks is sold at floor(8.1) = 8 at worst, which takes more off than a weight of
 * 89 % does: E_full < 0 while E_mm covers MM. It traps nobody and bankrupts nobody. */
static void test_coarse_ticks_bankrupt_nobody_who_is_sound(void **state)
{
    (void)state;
    const struct plm_deleverage args = {.account = 1, .market = 3, .counterparty = 2};
    make_world(90, 0);
    struct plm_asset_slot *asset = test_asset(&s, 5, 1);
    struct plm_view *view = &s.feeds[asset->feed_slot].view;
    asset->record.params.weight_maint.ppm = 890000;
    view->price.ticks = 9;
    view->lo.ticks = 9;
    test_collateral(owner, 5, UINT64_C(125050000000000000)); /* 112.545 of value, 100.04 sold */
    market->record.params.floor = quotes(0);
    market->record.params.maint.ppm = 1;
    owner->record.positions[0].quote = quotes(-1000);
    winner->record.positions[0].quote = plm_val_add(quotes(1000), wads(100000000000000000));
    owner->record.positions[0].quote =
        plm_val_sub(owner->record.positions[0].quote, wads(100000000000000000)); /* 100.1 lost */
    const struct plm_margin margin = margin_of(owner);
    assert_true(plm_val_is_negative(margin.equity_full));
    assert_false(plm_margin_is_liquidatable(&margin));
    assert_int_equal(plm_op_deleverage(&s, &args), PLM_E_NOT_LIQUIDATABLE);
}

static void test_a_debtor_without_lots_is_resolved(void **state)
{
    (void)state;
    make_world(90, 0);
    struct plm_account_slot *debtor = test_account(&s, 9, 'd', quotes(10));
    struct plm_account_slot *claimant = test_account(&s, 10, 'c', quotes(0));
    (void)test_position(debtor, market, base(0), quotes(-100));
    (void)test_position(claimant, market, base(0), quotes(100));
    test_line(&s, &market->state.insurance, quotes(1000));
    struct plm_resolve args = {.account = 9, .market = 3};
    assert_int_equal(finish(plm_op_resolve(&s, &args)), PLM_OK);
    assert_true(same(market->state.insurance, quotes(910))); /* his 10 paid first */
    assert_int_equal(debtor->record.positions_count, 0);
    assert_int_equal(plm_op_resolve(&s, &args), PLM_E_NO_MARKET);
    args.account = 10;
    assert_int_equal(plm_op_resolve(&s, &args), PLM_E_NOT_LIQUIDATABLE);
    args.account = 1; /* bankrupt, with lots */
    assert_int_equal(plm_op_resolve(&s, &args), PLM_E_NOT_NEEDED);
}

/* Anybody may send a debtor a trace of collateral: what no sale would turn into cash holds nothing
 * up, what a sale would is sold first. [LIQ-6] */
static void test_a_trace_of_collateral_keeps_no_debt_alive(void **state)
{
    (void)state;
    make_world(90, 0);
    struct plm_asset_slot *asset = test_asset(&s, 5, 1);
    struct plm_account_slot *debtor = test_account(&s, 9, 'd', quotes(10));
    struct plm_account_slot *claimant = test_account(&s, 10, 'c', quotes(0));
    (void)test_position(debtor, market, base(0), quotes(-100));
    (void)test_position(claimant, market, base(0), quotes(100));
    test_line(&s, &market->state.insurance, quotes(1000));
    const struct plm_resolve args = {.account = 9, .market = 3};
    asset->record.decimals = 18;
    test_collateral(debtor, 5, 2); /* sold at 0.98: 1.96 of the smallest value */
    assert_int_equal(plm_op_resolve(&s, &args), PLM_E_NOT_NEEDED);
    debtor->record.collaterals[0].atoms = plm_amt_from_u64(1);
    s.feeds[asset->feed_slot].view.price.ticks = TEST_TICK / 10 * 9;
    assert_int_equal(finish(plm_op_resolve(&s, &args)), PLM_OK);
    assert_true(same(market->state.insurance, quotes(910)));
    assert_int_equal(debtor->record.positions_count, 0);
}

/* Or a debtor could bring some, and nobody could pay his creditors. [LOSS-2] */
static void test_collateral_that_never_had_a_price_holds_nothing_up(void **state)
{
    (void)state;
    make_world(90, 0);
    struct plm_asset_slot *asset = test_asset(&s, 5, 1);
    struct plm_account_slot *debtor = test_account(&s, 9, 'd', quotes(10));
    struct plm_account_slot *claimant = test_account(&s, 10, 'c', quotes(0));
    (void)test_position(debtor, market, base(0), quotes(-100));
    (void)test_position(claimant, market, base(0), quotes(100));
    test_line(&s, &market->state.insurance, quotes(1000));
    const struct plm_resolve args = {.account = 9, .market = 3};
    test_collateral(debtor, 5, 1000000);
    s.feeds[asset->feed_slot].view.price.ticks = 0;
    assert_int_equal(finish(plm_op_resolve(&s, &args)), PLM_OK);
    assert_true(same(market->state.insurance, quotes(910)));
    assert_int_equal(debtor->record.collaterals_count, 1); /* it is still his */
}

static void test_nobody_is_closed_against_himself(void **state)
{
    (void)state; /* [LIQ-1] [LIQ-11]: another account of the same owner */
    const struct plm_deleverage args = {.account = 1, .market = 3, .counterparty = 2};
    make_world(90, 60);
    winner->record.owner = owner->record.owner;
    assert_int_equal(plm_op_deleverage(&s, &args), PLM_E_SELF_LIQUIDATION);
}

static void test_a_short_is_closed_against_a_long_and_no_other(void **state)
{
    (void)state; /* [LIQ-11]: a short of 10 from 80 at 90, nothing left */
    make_world(90, 500);
    winner->record.cash = quotes(0);
    s.loaded = plm_val_sub(s.loaded, quotes(1000));
    winner->record.positions[0].quote = quotes(800);
    owner->record.positions[0].quote = quotes(-800);
    (void)test_position(taker, market, base(-1), quotes(200));
    struct plm_account_slot *other = test_account(&s, 9, 'z', quotes(0));
    (void)test_position(other, market, base(1), quotes(-200));
    struct plm_deleverage args = {.account = 2, .market = 3, .counterparty = 4};
    assert_int_equal(plm_op_deleverage(&s, &args), PLM_E_NOT_NEEDED);
    args.counterparty = 1;
    assert_int_equal(finish(plm_op_deleverage(&s, &args)), PLM_OK);
    assert_true(owner->record.positions[0].lots.lots == 0);
}

static void test_forced_closes_need_an_open_market(void **state)
{
    (void)state; /* [ACCT-7] */
    const uint8_t statuses[] = {PLM_STATUS_INIT, PLM_STATUS_SETTLING, PLM_STATUS_RESOLVED};
    struct plm_deleverage args = {.account = 1, .market = 3, .counterparty = 2};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        make_world(90, 60);
        market->state.status = statuses[i];
        assert_int_equal(plm_op_deleverage(&s, &args), PLM_E_STATUS);
    }
    make_world(90, 60);
    market->state.status = PLM_STATUS_REDUCE_ONLY;
    assert_int_equal(finish(plm_op_deleverage(&s, &args)), PLM_OK);
    args.market = PLM_LIMIT_MARKETS_MAX;
    assert_int_equal(plm_op_deleverage(&s, &args), PLM_E_NO_MARKET);
}

static void test_only_a_debt_of_this_market_is_resolved_here(void **state)
{
    (void)state; /* [LOSS-1] [LOSS-2]: a debt of 100 there, a claim of 1 here */
    make_world(90, 0);
    struct plm_market_slot *other = test_market(&s, 5, 100);
    struct plm_account_slot *debtor = test_account(&s, 9, 'd', quotes(0));
    (void)test_position(debtor, market, base(0), quotes(1));
    (void)test_position(debtor, other, base(0), quotes(-100));
    struct plm_resolve args = {.account = 9, .market = 3};
    assert_int_equal(plm_op_resolve(&s, &args), PLM_E_NOT_NEEDED);
    args.market = 5;
    assert_int_equal(plm_op_resolve(&s, &args), PLM_OK);
}

static void test_all_collateral_is_looked_at_until_some_can_be_sold(void **state)
{
    (void)state; /* [LIQ-6] [LOSS-2] */
    make_world(90, 0);
    struct plm_account_slot *debtor = test_account(&s, 9, 'd', quotes(0));
    (void)test_position(debtor, market, base(0), quotes(-100));
    (void)test_asset(&s, 5, 1);
    (void)test_asset(&s, 6, 1);
    test_collateral(debtor, 5, 1000000);
    test_collateral(debtor, 6, 1000000);
    const struct plm_resolve args = {.account = 9, .market = 3};
    assert_int_equal(plm_op_resolve(&s, &args), PLM_E_NOT_NEEDED);
    s.feeds[s.assets[0].feed_slot].view.price.ticks = 1; /* of one that brings nothing, too */
    debtor->record.collaterals[0].atoms = plm_amt_from_u64(1);
    s.assets[0].record.decimals = 24;
    assert_int_equal(plm_op_resolve(&s, &args), PLM_E_NOT_NEEDED);
}

static void test_a_debt_is_no_leg_that_could_be_closed(void **state)
{
    (void)state; /* [LIQ-11] */
    make_world(90, 60);
    struct plm_market_slot *other = test_market(&s, 5, 100);
    (void)test_position(owner, other, base(0), quotes(-1));
    (void)test_position(winner, other, base(1), quotes(-50));
    const struct plm_deleverage args = {.account = 1, .market = 5, .counterparty = 2};
    assert_int_equal(plm_op_deleverage(&s, &args), PLM_E_NOT_NEEDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_forced_close_needs_bankruptcy_or_a_third_and_grace),
        cmocka_unit_test(test_a_forced_close_pays_its_tip_from_the_tranche),
        cmocka_unit_test(test_a_tip_is_rounded_down),
        cmocka_unit_test(test_only_an_opposing_winner_closes_a_leg),
        cmocka_unit_test(test_coarse_ticks_bankrupt_nobody_who_is_sound),
        cmocka_unit_test(test_a_debtor_without_lots_is_resolved),
        cmocka_unit_test(test_a_trace_of_collateral_keeps_no_debt_alive),
        cmocka_unit_test(test_collateral_that_never_had_a_price_holds_nothing_up),
        cmocka_unit_test(test_nobody_is_closed_against_himself),
        cmocka_unit_test(test_a_short_is_closed_against_a_long_and_no_other),
        cmocka_unit_test(test_forced_closes_need_an_open_market),
        cmocka_unit_test(test_only_a_debt_of_this_market_is_resolved_here),
        cmocka_unit_test(test_all_collateral_is_looked_at_until_some_can_be_sold),
        cmocka_unit_test(test_a_debt_is_no_leg_that_could_be_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

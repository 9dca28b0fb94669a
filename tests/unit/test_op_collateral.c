// SPDX-License-Identifier: Apache-2.0
/* Collateral sales, judged as the engine does. [LIQ-6] */
#include "plm_test_liquidation.h"

/* --- collateral [LIQ-6] --- */

/* A debt of 1 000 000 against 1 100 of a token worth 1 000, after all lots are gone. */
static struct plm_account_slot *make_debtor(void)
{
    make_world(90, 500);
    (void)test_asset(&s, 1, 1000);
    struct plm_account_slot *debtor = test_account(&s, 9, 'd', quotes(0));
    struct plm_account_slot *claimant = test_account(&s, 10, 'c', quotes(0));
    (void)test_position(debtor, market, base(0), quotes(-1000000));
    (void)test_position(claimant, market, base(0), quotes(1000000));
    test_collateral(debtor, 1, 1100000000);
    taker->record.cash = quotes(2000000);
    s.loaded = plm_val_add(s.loaded, quotes(1900000));
    return debtor;
}

static plm_err sell(uint16_t asset, uint16_t through, uint64_t atoms)
{
    const struct plm_liquidate_collateral args = {.account = 9,
                                                  .asset = asset,
                                                  .taker = 4,
                                                  .market = through,
                                                  .amount = plm_amt_from_u64(atoms)};
    return finish(plm_op_liquidate_collateral(&s, &args));
}

static void test_a_debtor_is_sold_down_to_his_debt_and_no_further(void **state)
{
    (void)state;
    struct plm_account_slot *debtor = make_debtor();
    assert_int_equal(sell(1, PLM_NO_MARKET, 0), PLM_OK);
    assert_true(same(market->state.pool, quotes(1000000)));
    assert_int_equal(debtor->record.positions_count, 0);
    /* ceil(1 000 000 / 980) with 6 decimals. */
    assert_true(plm_ledger_balance(&taker->record, 1).atoms.lo == 1020408164);
    assert_true(plm_ledger_balance(&debtor->record, 1).atoms.lo == 1100000000 - 1020408164);
    assert_true(plm_val_cmp(debtor->record.cash, quotes(0)) >= 0); /* the last atom's rest */
    assert_int_equal(sell(1, PLM_NO_MARKET, 0), PLM_E_NOT_LIQUIDATABLE);
}

static void test_a_debt_above_cash_without_lots_is_enough(void **state)
{
    (void)state;
    struct plm_account_slot *debtor = make_debtor();
    debtor->record.collaterals[0].atoms = plm_amt_from_u64(2000000000); /* far above maintenance */
    assert_int_equal(sell(1, PLM_NO_MARKET, 0), PLM_OK);
    assert_true(debtor->record.liquidatable_since.sec == 0);
    assert_int_equal(debtor->record.positions_count, 0);
}

static void test_a_sale_may_be_partial_and_the_discount_grows(void **state)
{
    (void)state;
    struct plm_account_slot *debtor = make_debtor();
    assert_int_equal(sell(1, PLM_NO_MARKET, 1000000), PLM_OK);
    assert_true(same(market->state.pool, quotes(980)));
    assert_true(debtor->record.liquidatable_since.sec == TEST_NOW);
    s.now.sec += 100;
    assert_int_equal(sell(1, PLM_NO_MARKET, 1000000), PLM_OK);
    assert_true(same(market->state.pool, quotes(980 + 975)));
    s.now.sec += 1000000;
    assert_int_equal(sell(1, PLM_NO_MARKET, 1000000), PLM_OK);
    assert_true(same(market->state.pool, quotes(980 + 975 + 900)));
}

static void test_the_highest_weight_is_sold_first(void **state)
{
    (void)state;
    struct plm_account_slot *debtor = make_debtor();
    struct plm_asset_slot *better = test_asset(&s, 2, 10);
    better->record.params.weight_maint.ppm = 900000;
    test_collateral(debtor, 2, 1000000);
    assert_int_equal(sell(1, PLM_NO_MARKET, 0), PLM_E_NOT_NEEDED);
    s.feeds[better->feed_slot].view.liquidation = PLM_E_PRICE_STALE;
    assert_int_equal(sell(2, PLM_NO_MARKET, 0), PLM_E_PRICE_STALE);
    assert_int_equal(sell(1, PLM_NO_MARKET, 1000), PLM_OK);
    s.feeds[better->feed_slot].view.liquidation = PLM_OK;
    assert_int_equal(sell(2, PLM_NO_MARKET, 0), PLM_OK);
    assert_true(plm_amt_is_zero(plm_ledger_balance(&debtor->record, 2)));
}

static void test_a_buyer_needs_the_cash_and_another_owner(void **state)
{
    (void)state;
    struct plm_account_slot *debtor = make_debtor();
    s.loaded = plm_val_sub(s.loaded, quotes(1999999));
    taker->record.cash = quotes(1);
    assert_int_equal(sell(1, PLM_NO_MARKET, 0), PLM_E_BALANCE);
    taker->record.owner = debtor->record.owner;
    s.caller_hash = taker->record.owner;
    assert_int_equal(sell(1, PLM_NO_MARKET, 0), PLM_E_SELF_LIQUIDATION);
}

static void test_a_buyer_may_spend_all_his_cash(void **state)
{
    (void)state;
    for (int64_t step = 0; step <= 1; step++) {
        (void)make_debtor();
        const plm_val cash = plm_val_sub(quotes(980), wads(step));
        s.loaded = plm_val_add(plm_val_sub(s.loaded, taker->record.cash), cash);
        taker->record.cash = cash;
        assert_int_equal(sell(1, PLM_NO_MARKET, 1000000), step == 0 ? PLM_OK : PLM_E_BALANCE);
    }
}

static void test_a_buyer_is_spared_the_confidence_of_what_he_buys(void **state)
{
    (void)state;                              /* [LIQ-6] */
    (void)make_debtor();
    taker->judge_feed = PLM_LIMIT_FEED_SLOTS; /* as it is loaded */
    s.feeds[s.assets[0].feed_slot].view.risk = PLM_E_PRICE_CONF;
    assert_int_equal(sell(1, PLM_NO_MARKET, 1000000), PLM_OK);
}

static void test_a_sale_brings_an_account_back_to_maintenance_and_no_further(void **state)
{
    (void)state; /* [LIQ-6]: E = 40 + 85 % of 5.8, MM = 45; 0.07 x 98 / 13 is paid at 98 % */
    make_world(90, 140);
    (void)test_asset(&s, 1, 1);
    test_collateral(owner, 1, 5800000);
    test_feed_of(&s, market)->view.liquidation = PLM_E_GAP;
    const struct plm_liquidate_collateral args = {
        .account = 1, .asset = 1, .taker = 4, .market = PLM_NO_MARKET};
    assert_int_equal(finish(plm_op_liquidate_collateral(&s, &args)), PLM_OK);
    assert_true(plm_ledger_balance(&taker->record, 1).atoms.lo == 538462);
    /* With 18 decimals and a weight that leaves a rest, to the last atom. */
    make_world(90, 140);
    struct plm_asset_slot *fine = test_asset(&s, 1, 1);
    fine->record.decimals = 18;
    fine->record.params.weight_maint.ppm = 850001;
    test_collateral(owner, 1, UINT64_C(5800000000000000001));
    test_feed_of(&s, market)->view.liquidation = PLM_E_GAP;
    assert_int_equal(finish(plm_op_liquidate_collateral(&s, &args)), PLM_OK);
    assert_true(plm_ledger_balance(&taker->record, 1).atoms.lo == UINT64_C(538421064777421366));
}

static void test_lots_that_can_be_traded_go_before_collateral(void **state)
{
    (void)state;
    make_world(90, 140);
    (void)test_asset(&s, 1, 1);
    test_collateral(owner, 1, 1000000);
    const struct plm_liquidate_collateral args = {
        .account = 1, .asset = 1, .taker = 4, .market = PLM_NO_MARKET};
    assert_int_equal(plm_op_liquidate_collateral(&s, &args), PLM_E_NOT_NEEDED);
    test_feed_of(&s, market)->view.liquidation = PLM_E_GAP;
    assert_int_equal(finish(plm_op_liquidate_collateral(&s, &args)), PLM_OK);
    assert_true(plm_amt_is_zero(plm_ledger_balance(&owner->record, 1)));
}

static void test_a_winner_who_waited_is_paid_in_the_same_call(void **state)
{
    (void)state;
    struct plm_account_slot *debtor = make_debtor();
    debtor->record.collaterals[0].atoms = plm_amt_from_u64(9000000000); /* perfectly healthy */
    const struct plm_settle waits = {.account = 10, .market = 3};
    assert_int_equal(finish(plm_op_settle(&s, &waits)), PLM_OK);
    s.now.sec += 600;
    assert_int_equal(sell(1, 3, 0), PLM_E_NOT_NEEDED);
    s.now.sec += 1;
    assert_int_equal(sell(1, 3, 0), PLM_OK);
    assert_true(same(s.accounts[4].record.cash, quotes(1000000)));
    assert_true(market->state.shortfall_account == 0);
    assert_true(plm_ledger_balance(&taker->record, 1).atoms.lo ==
                1020408164); /* at 98 %: the seller is healthy */
    assert_int_equal(sell(1, 3, 0), PLM_E_NOT_NEEDED);
}

static void pause(struct plm_market_slot *slot, uint8_t bit)
{
    slot->state.pauses = (uint8_t)(slot->state.pauses | 1U << bit);
    slot->state.pause_sets_count = PLM_LIMIT_PAUSE_BITS;
    slot->state.pause_sets[bit].at = s.now;
}

static void test_a_sale_needs_one_market_that_is_not_paused(void **state)
{
    (void)state; /* [GOV-2] [LIQ-6]: debts in two markets, a claim in a third; the upper row */
    for (uint32_t turn = 0; turn < 2; turn++) {
        struct plm_account_slot *debtor = make_debtor();
        struct plm_market_slot *second = test_market(&s, 5, 100);
        struct plm_market_slot *third = test_market(&s, 6, 100);
        (void)test_position(debtor, second, base(0), quotes(-1));
        (void)test_position(debtor, third, base(0), quotes(1));
        (void)test_position(&s.accounts[4], second, base(0), quotes(1));
        (void)test_position(&s.accounts[4], third, base(0), quotes(-1));
        struct plm_market_slot *paused = turn == 0 ? market : second;
        struct plm_market_slot *waiting = turn == 0 ? second : market;
        pause(paused, PLM_PAUSE_LIQUIDATE);
        waiting->state.pause_lifted = s.now;
        assert_int_equal(sell(1, PLM_NO_MARKET, 1000), PLM_E_PAUSED);
        paused->state.pauses = 0;
        paused->state.pause_lifted = s.now;
        assert_int_equal(sell(1, PLM_NO_MARKET, 1000), PLM_E_GRACE);
        pause(third, PLM_PAUSE_LIQUIDATE); /* a claim is no reason to wait */
        waiting->state.pause_lifted.sec = 0;
        assert_int_equal(sell(1, PLM_NO_MARKET, 1000), PLM_OK);
    }
}

static void test_a_sale_for_a_winner_waits_for_the_pauses_of_his_market(void **state)
{
    (void)state; /* [GOV-2]: it settles there too */
    (void)make_debtor();
    market->state.pause_lifted = s.now;
    pause(market, PLM_PAUSE_SETTLE);
    assert_int_equal(sell(1, 3, 0), PLM_E_PAUSED);
    pause(market, PLM_PAUSE_LIQUIDATE);
    assert_int_equal(sell(1, 3, 0), PLM_E_PAUSED);
    market->state.pauses = 0;
    assert_int_equal(sell(1, 3, 0), PLM_E_GRACE);
    s.now.sec += 120;
    assert_int_equal(sell(1, 3, 0), PLM_E_NOT_NEEDED);
}

/* The claimant has settled and waited: his shortfall is known for longer than grace_pay. */
static struct plm_account_slot *make_waiting(int64_t debt, int64_t cash)
{
    struct plm_account_slot *debtor = make_debtor();
    debtor->record.positions[0].quote = quotes(-debt);
    debtor->record.cash = quotes(cash);
    s.loaded = plm_val_add(s.loaded, quotes(cash));
    market->state.accrued = plm_val_add(market->state.accrued, quotes(1000000 - debt));
    const struct plm_settle waits = {.account = 10, .market = 3};
    assert_int_equal(plm_op_settle(&s, &waits), PLM_OK);
    s.reply_length = 0;
    s.now.sec += 601;
    return debtor;
}

static plm_err sell_for(uint64_t account)
{
    const struct plm_liquidate_collateral args = {
        .account = account, .asset = 1, .taker = 4, .market = 3};
    return plm_op_liquidate_collateral(&s, &args);
}

static void test_what_a_losers_cash_pays_is_not_sold(void **state)
{
    (void)state; /* [LIQ-6]: the winner is paid, or the loser owes nothing any more */
    (void)make_waiting(1000000, 1000000);
    assert_int_equal(sell_for(9), PLM_E_NOT_NEEDED);
    assert_true(plm_val_is_zero(market->state.shortfall));
    (void)make_waiting(10, 100);
    assert_int_equal(sell_for(9), PLM_E_NOT_NEEDED);
    assert_true(same(market->state.shortfall, quotes(1000000 - 10)));
}

static void test_who_has_nothing_in_the_market_owes_its_winner_nothing(void **state)
{
    (void)state; /* [LIQ-6] [LEDGER-7] */
    (void)make_waiting(1000000, 0);
    s.accounts[3].record.positions_count = 0;
    assert_int_equal(sell_for(9), PLM_E_NO_MARKET);
}

static void test_a_winner_with_lots_is_paid_at_a_good_price_only(void **state)
{
    (void)state; /* [LEDGER-1] [PRICE-4] */
    (void)make_waiting(1000000, 0);
    s.accounts[4].record.positions[0].lots = base(1);
    test_feed_of(&s, market)->view.liquidation = PLM_E_PRICE_STALE;
    assert_int_equal(sell_for(9), PLM_E_PRICE_STALE);
}

static void test_no_sale_helps_where_it_brings_no_more_than_its_weight(void **state)
{
    (void)state; /* [LIQ-6]: at 15 % off, collateral counted at 85 % recovers nothing */
    make_world(90, 140);
    struct plm_asset_slot *asset = test_asset(&s, 1, 1);
    asset->record.params.discount_max.ppm = 150000;
    test_collateral(owner, 1, 1000000);
    test_feed_of(&s, market)->view.liquidation = PLM_E_GAP;
    owner->record.liquidatable_since.sec = TEST_NOW - 100000;
    const struct plm_liquidate_collateral args = {
        .account = 1, .asset = 1, .taker = 4, .market = PLM_NO_MARKET};
    assert_int_equal(plm_op_liquidate_collateral(&s, &args), PLM_E_NOT_NEEDED);
    owner->remembered = false;
    asset->record.params.discount_max.ppm = 149999;
    assert_int_equal(plm_op_liquidate_collateral(&s, &args), PLM_OK);
}

static void test_nobody_buys_his_own_collateral(void **state)
{
    (void)state; /* [LIQ-1] */
    struct plm_account_slot *debtor = make_debtor();
    const struct plm_liquidate_collateral args = {
        .account = 9, .asset = 1, .taker = 9, .market = PLM_NO_MARKET};
    s.caller_hash = debtor->record.owner;
    assert_int_equal(plm_op_liquidate_collateral(&s, &args), PLM_E_SELF_LIQUIDATION);
}

static void test_a_sale_into_cash_beyond_its_bound_is_refused(void **state)
{
    (void)state; /* [UNIT-3] */
    struct plm_account_slot *debtor = make_debtor();
    debtor->record.cash = quotes(INT64_C(40000000000000));
    debtor->record.positions[0].quote = quotes(-INT64_C(40000001000000));
    const struct plm_liquidate_collateral args = {
        .account = 9, .asset = 1, .taker = 4, .market = PLM_NO_MARKET};
    assert_int_equal(plm_op_liquidate_collateral(&s, &args), PLM_E_OVERFLOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_debtor_is_sold_down_to_his_debt_and_no_further),
        cmocka_unit_test(test_a_debt_above_cash_without_lots_is_enough),
        cmocka_unit_test(test_a_sale_may_be_partial_and_the_discount_grows),
        cmocka_unit_test(test_the_highest_weight_is_sold_first),
        cmocka_unit_test(test_a_buyer_needs_the_cash_and_another_owner),
        cmocka_unit_test(test_a_buyer_may_spend_all_his_cash),
        cmocka_unit_test(test_a_buyer_is_spared_the_confidence_of_what_he_buys),
        cmocka_unit_test(test_a_sale_brings_an_account_back_to_maintenance_and_no_further),
        cmocka_unit_test(test_lots_that_can_be_traded_go_before_collateral),
        cmocka_unit_test(test_a_winner_who_waited_is_paid_in_the_same_call),
        cmocka_unit_test(test_a_sale_needs_one_market_that_is_not_paused),
        cmocka_unit_test(test_a_sale_for_a_winner_waits_for_the_pauses_of_his_market),
        cmocka_unit_test(test_what_a_losers_cash_pays_is_not_sold),
        cmocka_unit_test(test_who_has_nothing_in_the_market_owes_its_winner_nothing),
        cmocka_unit_test(test_a_winner_with_lots_is_paid_at_a_good_price_only),
        cmocka_unit_test(test_no_sale_helps_where_it_brings_no_more_than_its_weight),
        cmocka_unit_test(test_nobody_buys_his_own_collateral),
        cmocka_unit_test(test_a_sale_into_cash_beyond_its_bound_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

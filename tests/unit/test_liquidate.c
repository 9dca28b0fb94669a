// SPDX-License-Identifier: Apache-2.0
/* plm_liquidate and the operations of a liquidation: size, fees, order, prices, forced closes and
 * sales; each step is judged by the gate and the invariants as the engine does.
 * [LIQ-1] to [LIQ-7] [LIQ-11] [LOSS-2] [MARGIN-9] */
#include "plm_cmocka.h"
#include "plm_gate.h"
#include "plm_insurance.h"
#include "plm_invariant.h"
#include "plm_ledger.h"
#include "plm_liquidate.h"
#include "plm_margin.h"
#include "plm_operations.h"
#include "plm_test_books.h"

static struct plm_scratch s;
static struct plm_market_slot *market;
static struct plm_account_slot *owner;  /* long 10 from 100 */
static struct plm_account_slot *winner; /* short 10 from 100 */
static struct plm_account_slot *taker;

/* At the price `now`, with this cash of the owner. The mark's fall is his loss. */
static void make_world(uint64_t now, int64_t cash)
{
    test_scratch(&s);
    market = test_market(&s, 3, now);
    owner = test_account(&s, 1, 'o', quotes(cash));
    winner = test_account(&s, 2, 'w', quotes(1000));
    taker = test_account(&s, 4, 't', quotes(100000));
    (void)test_position(owner, market, base(10), quotes(-1000));
    (void)test_position(winner, market, base(-10), quotes(1000));
    s.caller_hash = taker->record.owner;
}

/* What the engine does after every operation. */
static plm_err finish(plm_err code)
{
    for (uint32_t i = 0; code == PLM_OK && i < s.account_count; i++) {
        plm_ledger_sweep_positions(&s.accounts[i].record);
        code = plm_gate_check(&s, &s.accounts[i]);
    }
    for (uint32_t i = 0; code == PLM_OK && i < s.account_count; i++) {
        plm_liquidate_refresh_flag(&s, &s.accounts[i]);
    }
    if (code == PLM_OK) {
        plm_invariant_check(&s);
    }
    for (uint32_t i = 0; i < s.account_count; i++) { /* the next operation starts afresh */
        struct plm_account_slot *account = &s.accounts[i];
        account->remembered = false;
        account->judge = PLM_JUDGE_NONE;
        account->fees = quotes(0);
        account->recognised = quotes(0);
    }
    return code;
}

static plm_err liquidate(plm_qty lots)
{
    const struct plm_liquidate args = {.account = 1, .market = 3, .taker = 4, .lots = lots};
    return finish(plm_op_liquidate(&s, &args));
}

static struct plm_margin margin_of(const struct plm_account_slot *account)
{
    struct plm_margin margin;
    plm_margin_compute(&s, &account->record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &margin);
    return margin;
}

static bool is_at_target(const struct plm_account_slot *account)
{
    const struct plm_margin margin = margin_of(account);
    return plm_wval_cmp(margin.equity_maint, plm_liquidate_target(&s, &account->record)) >= 0;
}

/* --- who may be liquidated [LIQ-1] [I11] --- */

static void test_only_an_account_below_maintenance_is_liquidated(void **state)
{
    (void)state;
    make_world(90, 145); /* E = 45 = MM */
    assert_int_equal(liquidate(base(0)), PLM_E_NOT_LIQUIDATABLE);
    make_world(90, 146);
    assert_int_equal(liquidate(base(0)), PLM_E_NOT_LIQUIDATABLE);
    make_world(90, 144);
    assert_int_equal(liquidate(base(0)), PLM_OK);
    assert_true(owner->record.positions[0].lots.lots < 10 * TEST_UNIT);
}

static void test_refusals_come_in_the_order_of_the_table(void **state)
{
    (void)state;
    make_world(90, 500);
    struct plm_liquidate args = {.account = 1, .market = 3, .taker = 4};
    args.limit = at(80);
    s.caller_hash = owner->record.owner;
    market->state.status = PLM_STATUS_SETTLING;
    assert_int_equal(plm_op_liquidate(&s, &args), PLM_E_AUTH);
    s.caller_hash = taker->record.owner;
    assert_int_equal(plm_op_liquidate(&s, &args), PLM_E_STATUS);
    market->state.status = PLM_STATUS_REDUCE_ONLY;
    test_feed_of(&s, market)->view.liquidation = PLM_E_GAP;
    assert_int_equal(plm_op_liquidate(&s, &args), PLM_E_GAP);
    test_feed_of(&s, market)->view.liquidation = PLM_OK;
    assert_int_equal(plm_op_liquidate(&s, &args), PLM_E_FILL_BAND);
    args.limit = at(90);
    assert_int_equal(plm_op_liquidate(&s, &args), PLM_E_NOT_LIQUIDATABLE);
    owner->record.cash = quotes(140);
    taker->record.owner = owner->record.owner;
    s.caller_hash = taker->record.owner;
    assert_int_equal(plm_op_liquidate(&s, &args), PLM_E_SELF_LIQUIDATION);
    args.taker = 1;
    assert_int_equal(plm_op_liquidate(&s, &args), PLM_E_SELF_LIQUIDATION);
}

static void test_a_taker_needs_his_own_initial_margin(void **state)
{
    (void)state;
    make_world(90, 140);
    taker->record.cash = quotes(1);
    s.loaded = plm_val_sub(s.loaded, quotes(99999));
    assert_int_equal(liquidate(base(0)), PLM_E_BELOW_INITIAL);
}

/* --- size [LIQ-2] --- */

static void test_a_takeover_takes_the_least_that_reaches_the_target(void **state)
{
    (void)state;
    make_world(90, 140);
    plm_margin_remember(&s, owner);
    const plm_qty size = plm_liquidate_size(&s, owner, market);
    assert_true(size.lots > 0);
    assert_true(size.lots < 10 * TEST_UNIT);
    assert_int_equal(liquidate(base(0)), PLM_OK);
    assert_true(owner->record.positions[0].lots.lots == 10 * TEST_UNIT - size.lots);
    assert_true(is_at_target(owner));
    assert_true(owner->record.liquidatable_since.sec == 0); /* the clock stopped */
    make_world(90, 140);
    const plm_qty less = {size.lots - 1};
    assert_int_equal(liquidate(less), PLM_OK);
    assert_false(is_at_target(owner));
    assert_true(owner->record.liquidatable_since.sec == TEST_NOW);
}

static void test_a_taker_may_take_less_and_never_more(void **state)
{
    (void)state;
    make_world(90, 140);
    market->record.params.min_order = base(1);
    const plm_qty too_few = {TEST_UNIT - 1};
    assert_int_equal(liquidate(too_few), PLM_E_MIN_ORDER);
    assert_int_equal(liquidate(base(1)), PLM_OK);
    assert_true(owner->record.positions[0].lots.lots == 9 * TEST_UNIT);
    make_world(90, 140);
    assert_int_equal(liquidate(base(10)), PLM_OK);
    assert_true(is_at_target(owner));
    assert_true(owner->record.positions[0].lots.lots > 0);
}

static void test_a_remainder_below_the_minimum_order_is_closed_too(void **state)
{
    (void)state;
    make_world(90, 140);
    market->record.params.min_order = base(9);
    assert_int_equal(liquidate(base(0)), PLM_OK);
    assert_true(owner->record.positions_count == 0 || owner->record.positions[0].lots.lots == 0);
}

static void test_an_account_without_equity_gives_up_the_leg_for_no_fee(void **state)
{
    (void)state;
    make_world(90, 100); /* E = 0 */
    assert_int_equal(liquidate(base(0)), PLM_OK);
    assert_true(owner->record.positions[0].lots.lots == 0);
    assert_true(same(owner->record.positions[0].quote, quotes(-100)));
    assert_true(plm_val_is_zero(market->state.insurance_due));
    assert_true(same(taker->record.positions[0].quote, quotes(-900)));
}

/* --- fees [LIQ-3] [I10] --- */

static void test_the_takers_fee_grows_with_the_clock(void **state)
{
    (void)state;
    make_world(90, 140);
    const struct plm_market_params *params = &market->record.params;
    const plm_time never = {0};
    const plm_time later = {TEST_NOW + 10};
    const plm_time end = {TEST_NOW + 300};
    const plm_time past = {UINT64_MAX};
    assert_true(plm_liquidate_fee(params, never, s.now).ppm == 10000);
    assert_true(plm_liquidate_fee(params, s.now, s.now).ppm == 10000);
    assert_true(plm_liquidate_fee(params, s.now, later).ppm == 10500);
    assert_true(plm_liquidate_fee(params, s.now, end).ppm == 25000);
    assert_true(plm_liquidate_fee(params, s.now, past).ppm == 25000);
    assert_true(plm_liquidate_fee(params, later, s.now).ppm == 10000);
}

static void test_fees_never_take_more_than_the_legs_share_of_equity(void **state)
{
    (void)state;
    plm_val to_taker = {0};
    plm_val to_insurance = {0};
    make_world(90, 104); /* E = 4, MM = 45 */
    plm_margin_remember(&s, owner);
    plm_liquidate_fees(&s, owner, market, base(10), &to_taker, &to_insurance);
    assert_true(same(to_taker, quotes(4))); /* not 9 */
    assert_true(plm_val_is_zero(to_insurance));
    make_world(90, 111);                    /* E = 11: 9 for the taker, 2 of 4.5 for insurance */
    plm_margin_remember(&s, owner);
    plm_liquidate_fees(&s, owner, market, base(10), &to_taker, &to_insurance);
    assert_true(same(to_taker, quotes(9)));
    assert_true(same(to_insurance, quotes(2)));
    make_world(90, 99); /* E = -1 */
    plm_margin_remember(&s, owner);
    plm_liquidate_fees(&s, owner, market, base(10), &to_taker, &to_insurance);
    assert_true(plm_val_is_zero(plm_val_add(to_taker, to_insurance)));
}

/* --- the clock [LIQ-3] --- */

static void test_a_flag_starts_the_clock_once(void **state)
{
    (void)state;
    make_world(90, 145);
    const struct plm_flag args = {.account = 1};
    assert_int_equal(plm_op_flag(&s, &args), PLM_E_NOT_LIQUIDATABLE);
    owner->record.cash = quotes(144);
    s.loaded = plm_val_sub(s.loaded, quotes(1));
    test_feed_of(&s, market)->view.liquidation = PLM_E_PRICE_STALE;
    assert_int_equal(plm_op_flag(&s, &args), PLM_E_PRICE_STALE);
    test_feed_of(&s, market)->view.liquidation = PLM_OK;
    assert_int_equal(finish(plm_op_flag(&s, &args)), PLM_OK);
    assert_true(owner->record.liquidatable_since.sec == TEST_NOW);
    assert_int_equal(plm_op_flag(&s, &args), PLM_E_NOT_NEEDED);
    owner->record.cash = quotes(154); /* above MM, below T = 45 + 25 % of 45 */
    plm_liquidate_refresh_flag(&s, owner);
    assert_true(owner->record.liquidatable_since.sec == TEST_NOW);
    owner->record.cash = quotes(157);
    plm_liquidate_refresh_flag(&s, owner);
    assert_true(owner->record.liquidatable_since.sec == 0);
    assert_int_equal(test_event_count(&s, PLM_EVENT_FLAGGED), 2);
}

static void test_a_flagged_bankruptcy_is_recorded_in_its_markets(void **state)
{
    (void)state;
    make_world(90, 60); /* E_full = -40 */
    const struct plm_flag args = {.account = 1};
    assert_int_equal(finish(plm_op_flag(&s, &args)), PLM_OK);
    assert_true(same(market->state.deficits, quotes(40)));
    assert_int_equal(plm_insurance_check_pending(&s, market), PLM_E_LOSS_PENDING);
    assert_int_equal(liquidate(base(0)), PLM_OK);
    assert_true(plm_val_is_zero(market->state.deficits));
}

/* --- order [LIQ-4] --- */

static void test_the_owners_order_comes_before_the_largest_requirement(void **state)
{
    (void)state;
    make_world(90, 500);
    struct plm_market_slot *small = test_market(&s, 5, 100);
    (void)test_position(owner, small, base(1), quotes(-100)); /* MM 5 of 50 */
    (void)test_position(winner, small, base(-1), quotes(100));
    assert_int_equal(plm_liquidate_first_market(&s, &owner->record), 3);
    owner->record.order_count = 1;
    owner->record.order[0].market = 5;
    assert_int_equal(plm_liquidate_first_market(&s, &owner->record), 5);
    test_feed_of(&s, small)->view.liquidation = PLM_E_GRACE;
    assert_int_equal(plm_liquidate_first_market(&s, &owner->record), 3);
    test_feed_of(&s, market)->view.liquidation = PLM_E_GAP;
    assert_int_equal(plm_liquidate_first_market(&s, &owner->record), PLM_NO_MARKET);
    test_feed_of(&s, small)->view.liquidation = PLM_OK;
    test_feed_of(&s, market)->view.liquidation = PLM_OK;
    owner->record.positions[1].lots.lots = TEST_UNIT - TEST_UNIT * 2 / 5; /* 3: 1/16 of 48 */
    assert_int_equal(plm_liquidate_first_market(&s, &owner->record), 5);
    owner->record.positions[1].lots.lots -= 1;
    assert_int_equal(plm_liquidate_first_market(&s, &owner->record), 3);
}

static void test_another_market_first_is_not_needed(void **state)
{
    (void)state;
    make_world(90, 140);
    struct plm_market_slot *small = test_market(&s, 5, 100);
    (void)test_position(owner, small, base(1), quotes(-100));
    (void)test_position(winner, small, base(-1), quotes(100));
    const struct plm_liquidate args = {.account = 1, .market = 5, .taker = 4};
    assert_int_equal(plm_op_liquidate(&s, &args), PLM_E_NOT_NEEDED);
}

/* --- slices and windows [LIQ-5] --- */

static void test_a_large_position_goes_in_slices(void **state)
{
    (void)state;
    make_world(90, 130); /* E = 30 = 2/3 MM: not below */
    market->record.params.liq_slice_above = quotes(700);
    assert_int_equal(liquidate(base(0)), PLM_OK);
    assert_true(owner->record.positions[0].lots.lots == 8 * TEST_UNIT);
    assert_true(owner->record.cooldown_until.sec == TEST_NOW + 30);
    s.now.sec += 29;
    assert_int_equal(liquidate(base(0)), PLM_E_COOLDOWN);
    s.now.sec += 1;
    assert_int_equal(liquidate(base(0)), PLM_OK);
    make_world(90, 130);
    market->record.params.liq_slice_above = quotes(900); /* not above */
    assert_int_equal(liquidate(base(0)), PLM_OK);
    assert_true(owner->record.positions[0].lots.lots < 8 * TEST_UNIT);
}

static void test_part_of_a_slice_starts_no_cooldown_and_the_backstop_knows_none(void **state)
{
    (void)state;
    make_world(90, 130);
    market->record.params.liq_slice_above = quotes(0);
    assert_int_equal(liquidate(base(1)), PLM_OK);
    assert_true(owner->record.cooldown_until.sec == 0);
    make_world(90, 129); /* below 2/3 */
    market->record.params.liq_slice_above = quotes(0);
    owner->record.cooldown_until.sec = TEST_NOW + 30;
    assert_int_equal(liquidate(base(0)), PLM_OK);
    assert_true(owner->record.positions[0].lots.lots < 8 * TEST_UNIT);
}

static void test_half_of_the_window_is_kept_for_those_who_waited(void **state)
{
    (void)state;
    make_world(90, 130);
    market->record.params.liq_window = 60;
    market->record.params.liq_window_cap = quotes(180); /* 90 = one unit for newcomers */
    assert_int_equal(liquidate(base(0)), PLM_OK);
    assert_true(owner->record.positions[0].lots.lots == 9 * TEST_UNIT);
    assert_int_equal(liquidate(base(0)), PLM_E_COOLDOWN);
    owner->record.liquidatable_since.sec = TEST_NOW - 60;
    assert_int_equal(liquidate(base(0)), PLM_E_COOLDOWN);
    owner->record.liquidatable_since.sec = TEST_NOW - 61;
    assert_int_equal(liquidate(base(0)), PLM_OK);
    assert_true(owner->record.positions[0].lots.lots == 8 * TEST_UNIT);
}

/* --- losses [LOSS-2] --- */

static void test_a_deficit_is_recognised_before_lots_move(void **state)
{
    (void)state;
    make_world(90, 60); /* D = 40 */
    (void)test_position(taker, market, base(-30), quotes(2700));
    (void)test_position(winner, test_market(&s, 5, 100), base(0), quotes(1));
    s.markets[1].state.pool = quotes(1);
    s.loaded = plm_val_add(s.loaded, quotes(1));
    struct plm_account_slot *other = test_account(&s, 9, 'z', quotes(10000));
    (void)test_position(other, market, base(30), quotes(-2700));
    assert_int_equal(liquidate(base(0)), PLM_OK);
    /* 40 over 40 opposing units: the taker's own 30 pay 30. */
    assert_true(same(winner->record.positions[0].quote, quotes(990)));
    /* 2 700 - 30 - 900, and he settled his own loss first. */
    assert_true(same(taker->record.positions[0].quote, quotes(1770 + 30)));
    assert_true(same(taker->record.cash, quotes(100000 - 30)));
    assert_true(same(owner->record.positions[0].quote, quotes(-60)));
    assert_true(plm_val_is_zero(margin_of(owner).equity_full));
}

static void test_part_of_a_bankrupt_leg_recognises_its_part(void **state)
{
    (void)state;
    make_world(90, 60);
    test_line(&s, &market->state.insurance, quotes(1000));
    assert_int_equal(liquidate(base(4)), PLM_OK);
    assert_true(same(market->state.insurance, quotes(984))); /* 40 x 4/10 */
    assert_int_equal(liquidate(base(0)), PLM_OK);
    assert_true(same(market->state.insurance, quotes(960)));
    assert_true(plm_val_is_zero(margin_of(owner).equity_full));
}

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
    assert_true(plm_ledger_balance(&taker->record, 1).atoms.lo == 1052686984); /* at 94.995 % */
    assert_int_equal(sell(1, 3, 0), PLM_E_NOT_NEEDED);
}

/* --- prices [LIQ-7] [MARGIN-9] --- */

static void test_the_bankruptcy_price_uses_up_the_legs_share(void **state)
{
    (void)state;
    make_world(90, 140); /* E_full = 40 over 10 */
    assert_true(plm_liquidate_bankruptcy_price(&s, &owner->record, 3).ticks == 86 * TEST_TICK);
    assert_true(plm_liquidate_bankruptcy_price(&s, &winner->record, 3).ticks == 200 * TEST_TICK);
    owner->record.cash = plm_val_add(quotes(140), wads(1)); /* up: the owner receives no less */
    assert_true(plm_liquidate_bankruptcy_price(&s, &owner->record, 3).ticks == 86 * TEST_TICK);
    owner->record.cash = plm_val_sub(quotes(140), wads(1));
    assert_true(plm_liquidate_bankruptcy_price(&s, &owner->record, 3).ticks == 86 * TEST_TICK + 1);
    owner->record.cash = quotes(5000);
    assert_true(plm_liquidate_bankruptcy_price(&s, &owner->record, 3).ticks == 0);
    struct plm_market_slot *second = test_market(&s, 5, 300); /* shares by requirement: 45 of 60 */
    owner->record.cash = quotes(140);
    (void)test_position(owner, second, base(-1), quotes(300));
    assert_true(plm_liquidate_bankruptcy_price(&s, &owner->record, 3).ticks == 87 * TEST_TICK);
    assert_true(plm_liquidate_bankruptcy_price(&s, &owner->record, 5).ticks == 310 * TEST_TICK);
}

/* Published cases of another system: one leg of 0.1 coins at 50 000. */
static void test_the_bankruptcy_price_has_the_published_direction(void **state)
{
    (void)state;
    test_scratch(&s);
    market = test_market(&s, 3, 50000);
    market->record.params.maint.ppm = 100000;
    owner = test_account(&s, 1, 'o', quotes(0));
    struct plm_position *leg = test_position(owner, market, base(1), quotes(-4501));
    leg->lots.lots = TEST_UNIT / 10;
    assert_true(plm_liquidate_bankruptcy_price(&s, &owner->record, 3).ticks == 45010 * TEST_TICK);
    leg->lots.lots = -TEST_UNIT / 10;
    leg->quote = quotes(5499);
    assert_true(plm_liquidate_bankruptcy_price(&s, &owner->record, 3).ticks == 54990 * TEST_TICK);
}

/* Whether the account is liquidatable with the whole view at this price and `more` ticks. */
static bool is_sick_at(const struct plm_account_slot *account, plm_price price, int64_t more)
{
    struct plm_feed_slot *feed = test_feed_of(&s, market);
    const plm_price moved = {(uint64_t)((int64_t)price.ticks + more)};
    test_set_price(feed, 90);
    feed->view.price = moved;
    feed->view.lo = moved;
    feed->view.hi = moved;
    const struct plm_margin margin = margin_of(account);
    test_set_price(feed, 90);
    return plm_margin_is_liquidatable(&margin);
}

static void test_the_liquidation_price_is_the_first_that_liquidates(void **state)
{
    (void)state;
    plm_price found = {7};
    make_world(90, 200);
    assert_true(plm_liquidate_price(&s, owner, 3, &found));
    assert_true(found.ticks < 90 * TEST_TICK);
    assert_true(is_sick_at(owner, found, -1));
    assert_true(is_sick_at(owner, found, 0));
    assert_false(is_sick_at(owner, found, 1));
    assert_true(plm_liquidate_price(&s, winner, 3, &found));
    assert_true(found.ticks > 90 * TEST_TICK);
    assert_true(is_sick_at(winner, found, 1));
    assert_true(is_sick_at(winner, found, 0));
    assert_false(is_sick_at(winner, found, -1));
    owner->record.cash = quotes(2000); /* no price of this market alone does it */
    assert_false(plm_liquidate_price(&s, owner, 3, &found));
    assert_false(plm_liquidate_price(&s, taker, 3, &found));
    owner->record.positions[0].quote = quotes(-1000000000); /* every price does it */
    assert_true(plm_liquidate_price(&s, owner, 3, &found));
    assert_true(found.ticks == UINT64_C(1999999999999999));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_an_account_below_maintenance_is_liquidated),
        cmocka_unit_test(test_refusals_come_in_the_order_of_the_table),
        cmocka_unit_test(test_a_taker_needs_his_own_initial_margin),
        cmocka_unit_test(test_a_takeover_takes_the_least_that_reaches_the_target),
        cmocka_unit_test(test_a_taker_may_take_less_and_never_more),
        cmocka_unit_test(test_a_remainder_below_the_minimum_order_is_closed_too),
        cmocka_unit_test(test_an_account_without_equity_gives_up_the_leg_for_no_fee),
        cmocka_unit_test(test_the_takers_fee_grows_with_the_clock),
        cmocka_unit_test(test_fees_never_take_more_than_the_legs_share_of_equity),
        cmocka_unit_test(test_a_flag_starts_the_clock_once),
        cmocka_unit_test(test_a_flagged_bankruptcy_is_recorded_in_its_markets),
        cmocka_unit_test(test_the_owners_order_comes_before_the_largest_requirement),
        cmocka_unit_test(test_another_market_first_is_not_needed),
        cmocka_unit_test(test_a_large_position_goes_in_slices),
        cmocka_unit_test(test_part_of_a_slice_starts_no_cooldown_and_the_backstop_knows_none),
        cmocka_unit_test(test_half_of_the_window_is_kept_for_those_who_waited),
        cmocka_unit_test(test_a_deficit_is_recognised_before_lots_move),
        cmocka_unit_test(test_part_of_a_bankrupt_leg_recognises_its_part),
        cmocka_unit_test(test_a_forced_close_needs_bankruptcy_or_a_third_and_grace),
        cmocka_unit_test(test_a_forced_close_pays_its_tip_from_the_tranche),
        cmocka_unit_test(test_only_an_opposing_winner_closes_a_leg),
        cmocka_unit_test(test_a_debtor_without_lots_is_resolved),
        cmocka_unit_test(test_a_debtor_is_sold_down_to_his_debt_and_no_further),
        cmocka_unit_test(test_a_debt_above_cash_without_lots_is_enough),
        cmocka_unit_test(test_a_sale_may_be_partial_and_the_discount_grows),
        cmocka_unit_test(test_the_highest_weight_is_sold_first),
        cmocka_unit_test(test_a_buyer_needs_the_cash_and_another_owner),
        cmocka_unit_test(test_lots_that_can_be_traded_go_before_collateral),
        cmocka_unit_test(test_a_winner_who_waited_is_paid_in_the_same_call),
        cmocka_unit_test(test_the_bankruptcy_price_uses_up_the_legs_share),
        cmocka_unit_test(test_the_bankruptcy_price_has_the_published_direction),
        cmocka_unit_test(test_the_liquidation_price_is_the_first_that_liquidates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

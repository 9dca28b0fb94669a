// SPDX-License-Identifier: Apache-2.0
/* plm_ledger: every change is a move between two named places. [LEDGER-2] [LEDGER-3] [LEDGER-4]
 * [LOSS-7] */
#include "plm_cmocka.h"
#include "plm_fix.h"
#include "plm_ledger.h"

#include <string.h>

struct world {
    struct plm_market_slot market;
    struct plm_account_slot a;
    struct plm_account_slot b;
    struct plm_position *pa;
    struct plm_position *pb;
};

static struct plm_scratch scratch;

static plm_val quote(int64_t units)
{
    return plm_val_from_quote(units);
}

static plm_qty lots(int64_t n)
{
    const plm_qty q = {n};
    return q;
}

/* Two accounts with 1 000 each and an empty position in market 3. */
static struct world make_world(void)
{
    struct world w;
    memset(&w, 0, sizeof w);
    w.market.id = 3;
    w.a.record.cash = quote(1000);
    w.b.record.cash = quote(1000);
    return w;
}

static void open_positions(struct world *w)
{
    assert_int_equal(plm_ledger_open_position(&w->a.record, 3, &w->pa), PLM_OK);
    assert_int_equal(plm_ledger_open_position(&w->b.record, 3, &w->pb), PLM_OK);
}

/* [LEDGER-2] A + lines due = pool + OI x (G_long - G_short). */
static void check_identity(const struct world *w)
{
    const struct plm_market_state *m = &w->market.state;
    plm_val held = plm_val_add(m->accrued, plm_val_add(m->fees_due, m->insurance_due));
    held = plm_val_add(held, m->uncovered);
    const plm_index spread = plm_index_sub(m->index_long, m->index_short);
    const plm_val owed = plm_val_add(m->pool, plm_fix_payment(m->oi, spread));
    assert_int_equal(plm_val_cmp(held, owed), 0);
    assert_int_equal(w->pa->lots.lots + w->pb->lots.lots, 0);
}

static void trade(struct world *w, int64_t n, uint64_t price)
{
    const plm_price p = {price};
    plm_ledger_move_quote(&w->market, w->pa, w->pb, plm_fix_notional(lots(n), p));
    plm_ledger_move_lots(&w->market, w->pb, w->pa, lots(n));
}

static void test_a_fill_keeps_lots_and_quote_zero_sum(void **state)
{
    (void)state;
    struct world w = make_world();
    open_positions(&w);
    trade(&w, 7, 100);
    check_identity(&w);
    assert_int_equal(w.market.state.oi.lots, 7);
    trade(&w, -12, 90); /* a flips from long 7 to short 5 */
    check_identity(&w);
    assert_int_equal(w.market.state.oi.lots, 5);
    assert_int_equal(w.pa->lots.lots, -5);
}

static void test_losses_and_profits_pass_through_the_pool(void **state)
{
    (void)state; /* [LEDGER-1] */
    struct world w = make_world();
    open_positions(&w);
    trade(&w, 1, UINT64_C(5000000000000000000));
    plm_ledger_pay_loss(&w.a, w.pa, &w.market, quote(5));
    assert_int_equal(plm_val_cmp(w.market.state.pool, quote(5)), 0);
    plm_ledger_pay_profit(&w.b, w.pb, &w.market, quote(5));
    assert_true(plm_val_is_zero(w.market.state.pool));
    assert_int_equal(plm_val_cmp(w.a.record.cash, quote(995)), 0);
    assert_int_equal(plm_val_cmp(w.b.record.cash, quote(1005)), 0);
    check_identity(&w);
}

static void test_the_pool_never_pays_what_it_does_not_hold(void **state)
{
    (void)state; /* [I12] */
    struct world w = make_world();
    open_positions(&w);
    plm_ledger_pay_loss(&w.a, w.pa, &w.market, quote(5));
    const plm_val six = quote(6);
    expect_assert_failure(plm_ledger_pay_profit(&w.b, w.pb, &w.market, six));
}

static void test_fees_fill_the_uncovered_line_first(void **state)
{
    (void)state; /* [LOSS-7] */
    struct world w = make_world();
    open_positions(&w);
    plm_ledger_book_uncovered(&w.market, w.pa, quote(10));
    check_identity(&w);
    plm_ledger_charge_fee(&w.market, w.pb, quote(4));
    assert_true(plm_val_is_zero(w.market.state.fees_due));
    assert_int_equal(plm_val_cmp(w.market.state.uncovered, quote(-6)), 0);
    plm_ledger_charge_insurance_fee(&w.market, w.pb, quote(7));
    assert_true(plm_val_is_zero(w.market.state.uncovered));
    assert_int_equal(plm_val_cmp(w.market.state.insurance_due, quote(1)), 0);
    check_identity(&w);
}

static void test_lines_are_paid_last_from_what_no_claim_waits_for(void **state)
{
    (void)state; /* [LEDGER-7] */
    struct world w = make_world();
    plm_val fees = {0};
    plm_val insurance = {0};
    open_positions(&w);
    plm_ledger_charge_fee(&w.market, w.pa, quote(3));
    plm_ledger_charge_insurance_fee(&w.market, w.pa, quote(2));
    plm_ledger_pay_loss(&w.a, w.pa, &w.market, quote(5));
    w.market.state.shortfall = quote(1);
    plm_ledger_pay_lines(&w.market, &fees, &insurance);
    assert_int_equal(plm_val_cmp(fees, quote(3)), 0);
    assert_int_equal(plm_val_cmp(insurance, quote(1)), 0);
    assert_int_equal(plm_val_cmp(w.market.state.pool, quote(1)), 0);
    check_identity(&w);
}

static void test_what_lines_were_due_fills_the_uncovered_line_before_cash(void **state)
{
    (void)state; /* [LOSS-7] */
    struct world w = make_world();
    plm_val fees = {0};
    plm_val insurance = {0};
    open_positions(&w);
    plm_ledger_charge_fee(&w.market, w.pa, quote(3));
    plm_ledger_charge_insurance_fee(&w.market, w.pa, quote(2));
    plm_ledger_pay_loss(&w.a, w.pa, &w.market, quote(5));
    plm_ledger_book_uncovered(&w.market, w.pa, quote(4));
    plm_ledger_pay_lines(&w.market, &fees, &insurance);
    assert_true(plm_val_is_zero(fees));
    assert_int_equal(plm_val_cmp(insurance, quote(1)), 0);
    assert_true(plm_val_is_zero(w.market.state.uncovered));
    check_identity(&w);
}

static void test_what_a_move_changes_is_marked_to_be_stored(void **state)
{
    (void)state; /* [LIQ-9] each move by itself */
    struct world w = make_world();
    plm_val fees = {0};
    plm_val insurance = {0};
    open_positions(&w);
    plm_ledger_charge_fee(&w.market, w.pa, quote(3));
    w.market.state_changed = false;
    plm_ledger_pay_lines(&w.market, &fees, &insurance); /* the pool is empty */
    assert_false(w.market.state_changed);
    plm_ledger_pay_loss(&w.a, w.pa, &w.market, quote(5));
    w.market.state_changed = false;
    plm_ledger_pay_lines(&w.market, &fees, &insurance);
    assert_true(w.market.state_changed);
    plm_ledger_charge_fee(&w.market, w.pa, quote(3));
    plm_ledger_book_uncovered(&w.market, w.pa, quote(3));
    w.market.state_changed = false;
    plm_ledger_pay_lines(&w.market, &fees, &insurance); /* all goes to the uncovered line */
    assert_true(plm_val_is_zero(w.market.state.fees_due));
    assert_true(w.market.state_changed);

    w.market.state.insurance = quote(5);
    w.market.state_changed = false;
    w.a.changed = false;
    plm_ledger_pay_tip(&w.market, &w.a, quote(1));
    assert_true(w.market.state_changed);
    assert_true(w.a.changed);
    w.market.state_changed = false;
    plm_ledger_move_lots(&w.market, w.pa, w.pb, lots(1));
    assert_true(w.market.state_changed);
}

static void test_a_loss_charged_to_a_side_conserves_to_the_last_unit(void **state)
{
    (void)state; /* [LOSS-2] [I32] a is long and credited: shorts pay, the excess is insurance's */
    struct world w = make_world();
    open_positions(&w);
    trade(&w, 7, 100);
    const plm_val before = w.pb->quote;
    const plm_price step = {3};
    const plm_val credit = {{20, 0}};
    plm_ledger_charge_side(&w.market, w.pa, true, step, credit);
    check_identity(&w);
    plm_ledger_apply_index(&w.market, w.pb);
    plm_ledger_apply_index(&w.market, w.pa);
    check_identity(&w);
    assert_int_equal(plm_val_sub(before, w.pb->quote).wad.lo, 21);
    assert_int_equal(w.market.state.insurance_due.wad.lo, 1);
}

static void test_applying_an_index_twice_changes_nothing(void **state)
{
    (void)state;
    struct world w = make_world();
    open_positions(&w);
    trade(&w, 7, 100);
    w.market.state.index_long.ticks = 11;
    w.market.state.index_short.ticks = 11;
    plm_ledger_apply_index(&w.market, w.pa);
    const plm_val once = w.pa->quote;
    plm_ledger_apply_index(&w.market, w.pa);
    assert_int_equal(plm_val_cmp(once, w.pa->quote), 0);
    assert_int_equal((int64_t)once.wad.lo, -700 - 77);
}

static void test_an_isolated_account_admits_one_market(void **state)
{
    (void)state; /* [ACCT-2] */
    struct world w = make_world();
    struct plm_position *p = NULL;
    w.a.record.mode = PLM_MODE_ISOLATED;
    assert_int_equal(plm_ledger_open_position(&w.a.record, 3, &p), PLM_OK);
    assert_int_equal(plm_ledger_open_position(&w.a.record, 3, &p), PLM_OK);
    assert_int_equal(plm_ledger_open_position(&w.a.record, 4, &p), PLM_E_MODE);
}

static void test_the_65th_position_is_refused(void **state)
{
    (void)state; /* [UNIT-3] */
    struct world w = make_world();
    struct plm_position *p = NULL;
    for (uint16_t i = 0; i < PLM_POSITIONS_MAX; i++) {
        assert_int_equal(plm_ledger_open_position(&w.a.record, (uint16_t)(200 - i), &p), PLM_OK);
        p->lots.lots = 1;
    }
    assert_int_equal(plm_ledger_open_position(&w.a.record, 5, &p), PLM_E_POSITIONS_MAX);
    for (uint32_t i = 1; i < w.a.record.positions_count; i++) {
        assert_true(w.a.record.positions[i - 1].market < w.a.record.positions[i].market);
    }
}

static void test_collateral_is_credited_debited_and_gone_at_zero(void **state)
{
    (void)state; /* [LEDGER-3] */
    struct world w = make_world();
    struct plm_asset_slot asset;
    memset(&asset, 0, sizeof asset);
    asset.id = 2;
    const plm_amt five = plm_amt_from_u64(5);
    const plm_amt six = plm_amt_from_u64(6);
    assert_int_equal(plm_ledger_deposit(&scratch, &w.a, &asset, five), PLM_OK);
    assert_int_equal(plm_ledger_withdraw(&scratch, &w.a, &asset, six), PLM_E_BALANCE);
    assert_int_equal(plm_amt_cmp(plm_ledger_balance(&w.a.record, 2), five), 0);
    assert_int_equal(plm_ledger_transfer(&scratch, &w.a, &w.b, &asset, five), PLM_OK);
    assert_int_equal(w.a.record.collaterals_count, 0);
    assert_int_equal(plm_amt_cmp(asset.state.total, five), 0);
    assert_int_equal(plm_ledger_withdraw(&scratch, &w.b, &asset, five), PLM_OK);
    assert_true(plm_amt_is_zero(asset.state.total));
}

static void test_the_ninth_collateral_is_refused(void **state)
{
    (void)state; /* [UNIT-3] */
    struct world w = make_world();
    struct plm_asset_slot asset;
    memset(&asset, 0, sizeof asset);
    for (uint16_t i = 1; i <= PLM_COLLATERALS_MAX; i++) {
        asset.id = i;
        assert_int_equal(plm_ledger_deposit(&scratch, &w.a, &asset, plm_amt_from_u64(1)), PLM_OK);
    }
    asset.id = 9;
    assert_int_equal(plm_ledger_deposit(&scratch, &w.a, &asset, plm_amt_from_u64(1)),
                     PLM_E_COLLATERALS_MAX);
    assert_true(
        plm_amt_is_zero(plm_ledger_balance(&w.a.record, 9))); /* nor found behind the last */
    asset.id = 2;
    assert_int_equal(plm_ledger_withdraw(&scratch, &w.a, &asset, plm_amt_from_u64(1)), PLM_OK);
    assert_int_equal(w.a.record.collaterals_count, PLM_COLLATERALS_MAX - 1U);
    assert_int_equal(w.a.record.collaterals[PLM_COLLATERALS_MAX - 2U].asset, PLM_COLLATERALS_MAX);
}

static void test_no_balance_exceeds_its_bound(void **state)
{
    (void)state; /* [UNIT-3] at the bound, one unit above */
    struct world w = make_world();
    const plm_val zero = {0};
    const plm_val one = {{1, 0}};
    w.b.record.cash = quote(INT64_C(40000000000000));
    w.a.record.cash = zero;
    assert_int_equal(plm_ledger_move_cash(&w.b, &w.a, w.b.record.cash), PLM_OK);
    w.b.record.cash = one;
    assert_int_equal(plm_ledger_move_cash(&w.b, &w.a, one), PLM_E_OVERFLOW);
}

static void test_kinds_of_collateral_stay_in_order(void **state)
{
    (void)state; /* [ACCT-4]: sorted by asset, whatever comes and goes first */
    struct world w = make_world();
    struct plm_asset_slot asset;
    memset(&asset, 0, sizeof asset);
    const uint16_t order[] = {5, 2, 7, 3};
    for (uint16_t i = 0; i < 4; i++) {
        asset.id = order[i];
        asset.state.total = plm_amt_from_u64(0);
        assert_int_equal(plm_ledger_deposit(&scratch, &w.a, &asset, plm_amt_from_u64(asset.id)),
                         PLM_OK);
    }
    const uint16_t sorted[] = {2, 3, 5, 7};
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(w.a.record.collaterals[i].asset, sorted[i]);
        assert_int_equal(w.a.record.collaterals[i].atoms.atoms.lo, sorted[i]);
    }
    asset.id = 3;
    asset.state.total = plm_amt_from_u64(3);
    assert_int_equal(plm_ledger_withdraw(&scratch, &w.a, &asset, plm_amt_from_u64(3)), PLM_OK);
    assert_int_equal(w.a.record.collaterals_count, 3);
    assert_int_equal(w.a.record.collaterals[1].asset, 5);
    assert_int_equal(w.a.record.collaterals[2].asset, 7);
    assert_true(plm_amt_is_zero(plm_ledger_balance(&w.a.record, 3)));
    assert_true(plm_amt_is_zero(plm_ledger_balance(&w.a.record, 9)));
}

static void test_amounts_that_no_sum_can_hold_are_refused(void **state)
{
    (void)state; /* [UNIT-3] */
    struct world w = make_world();
    struct plm_asset_slot asset;
    struct plm_market_slot market;
    memset(&asset, 0, sizeof asset);
    memset(&market, 0, sizeof market);
    memset(&scratch, 0, sizeof scratch);
    scratch.ledger_loaded = true;
    const plm_amt most = {{UINT64_MAX, INT64_MAX}};
    const plm_val all = {{UINT64_MAX, INT64_MAX}};
    asset.record.decimals = 6; /* 10^12 times that is no value */
    assert_int_equal(plm_ledger_deposit(&scratch, &w.a, &asset, most), PLM_E_OVERFLOW);
    assert_int_equal(plm_ledger_withdraw(&scratch, &w.a, &asset, most), PLM_E_OVERFLOW);
    assert_int_equal(plm_ledger_transfer(&scratch, &w.a, &w.b, &asset, most), PLM_E_OVERFLOW);
    asset.record.decimals = 18;
    assert_int_equal(plm_ledger_deposit(&scratch, &w.a, &asset, most), PLM_E_OVERFLOW);
    scratch.ledger.vault = quote(1);
    assert_int_equal(plm_ledger_fund_insurance(&scratch, &market, all), PLM_E_OVERFLOW);
    scratch.ledger.vault = quote(INT64_C(40000000000000));
    const plm_val one = {{1, 0}};
    assert_int_equal(plm_ledger_fund_insurance(&scratch, &market, one), PLM_E_OVERFLOW);
    assert_true(plm_val_is_zero(market.state.insurance));
    asset.id = 1;
    assert_int_equal(plm_ledger_deposit(&scratch, &w.a, &asset, most), PLM_OK);
    assert_int_equal(plm_ledger_deposit(&scratch, &w.a, &asset, plm_amt_from_u64(1)),
                     PLM_E_OVERFLOW);
}

static void test_cash_that_leaves_is_marked_on_both_sides(void **state)
{
    (void)state; /* [LEDGER-3]: the account and the vault */
    struct world w = make_world();
    struct plm_asset_slot cash;
    memset(&cash, 0, sizeof cash);
    memset(&scratch, 0, sizeof scratch);
    scratch.ledger_loaded = true;
    cash.record.decimals = 6;
    const plm_amt five = plm_amt_from_u64(5000000);
    assert_int_equal(plm_ledger_deposit(&scratch, &w.a, &cash, five), PLM_OK);
    scratch.ledger_changed = false;
    w.a.changed = false;
    assert_int_equal(plm_ledger_withdraw(&scratch, &w.a, &cash, five), PLM_OK);
    assert_true(scratch.ledger_changed);
    assert_true(w.a.changed);
    assert_true(plm_val_is_zero(scratch.ledger.vault));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_fill_keeps_lots_and_quote_zero_sum),
        cmocka_unit_test(test_losses_and_profits_pass_through_the_pool),
        cmocka_unit_test(test_the_pool_never_pays_what_it_does_not_hold),
        cmocka_unit_test(test_fees_fill_the_uncovered_line_first),
        cmocka_unit_test(test_lines_are_paid_last_from_what_no_claim_waits_for),
        cmocka_unit_test(test_what_lines_were_due_fills_the_uncovered_line_before_cash),
        cmocka_unit_test(test_what_a_move_changes_is_marked_to_be_stored),
        cmocka_unit_test(test_a_loss_charged_to_a_side_conserves_to_the_last_unit),
        cmocka_unit_test(test_applying_an_index_twice_changes_nothing),
        cmocka_unit_test(test_an_isolated_account_admits_one_market),
        cmocka_unit_test(test_the_65th_position_is_refused),
        cmocka_unit_test(test_collateral_is_credited_debited_and_gone_at_zero),
        cmocka_unit_test(test_the_ninth_collateral_is_refused),
        cmocka_unit_test(test_no_balance_exceeds_its_bound),
        cmocka_unit_test(test_kinds_of_collateral_stay_in_order),
        cmocka_unit_test(test_amounts_that_no_sum_can_hold_are_refused),
        cmocka_unit_test(test_cash_that_leaves_is_marked_on_both_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

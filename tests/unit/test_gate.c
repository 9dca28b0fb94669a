// SPDX-License-Identifier: Apache-2.0
/* plm_gate: each branch at its boundary, from both sides. [MARGIN-7] [MARGIN-8] [WD-1] [PRICE-4]
 * Records are made by hand; what a store would load is in its slots. */
#include "plm_cmocka.h"
#include "plm_gate.h"
#include "plm_margin.h"
#include "plm_test_scratch.h"

/* One long of one base unit at 1000 (IM 100, MM 50) with `cash`, remembered. */
static struct plm_account_slot *actor(struct plm_scratch *s, int64_t cash)
{
    (void)add_market(s, 0, 1000);
    struct plm_account_slot *account = add_account(s, cash);
    (void)hold(account, 0, BASE, -1000);
    plm_margin_remember(s, account);
    account->judge = PLM_JUDGE_ACTOR;
    return account;
}

/* The account buys `count` lots more at 1000, as the ledger would book it. */
static void buy(struct plm_account_slot *account, int64_t count)
{
    struct plm_position *position = &account->record.positions[0];
    const plm_val paid = plm_fix_notional(lots(count), at(1000));
    position->lots = plm_qty_add(position->lots, lots(count));
    position->quote = plm_val_sub(position->quote, paid);
}

static void lose(struct plm_account_slot *account, plm_val value)
{
    struct plm_position *position = &account->record.positions[0];
    position->quote = plm_val_sub(position->quote, value);
}

static void test_more_risk_needs_the_initial_margin_to_the_last_unit(void **state)
{
    (void)state; /* [MARGIN-8] I06 */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_account_slot *account = actor(s, 200);
        buy(account, BASE);
        account->record.cash = plm_val_add(account->record.cash, wad(step));
        assert_int_equal(plm_gate_check(s, account), step < 0 ? PLM_E_BELOW_INITIAL : PLM_OK);
    }
}

static void test_an_advantage_of_the_fill_does_not_count(void **state)
{
    (void)state; /* [MARGIN-2] */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_account_slot *account = actor(s, 200);
        buy(account, BASE);
        lose(account, units(-30));
        account->fill_advantage = plm_val_add(units(30), wad(step));
        assert_int_equal(plm_gate_check(s, account), step > 0 ? PLM_E_BELOW_INITIAL : PLM_OK);
    }
}

static void test_more_risk_counts_open_interest_and_less_does_not(void **state)
{
    (void)state; /* [MARGIN-4] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 200);
    struct plm_market_slot *market = &s->markets[0];
    market->record.params.oi_lower = units(1000);
    market->record.params.oi_upper = units(2000);
    market->state.oi = lots(2 * BASE);
    buy(account, BASE);
    assert_int_equal(plm_gate_check(s, account), PLM_E_BELOW_INITIAL);
    buy(account, -BASE - 1);
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
    account->judge = PLM_JUDGE_INITIAL;
    account->record.positions[0].lots = lots(2 * BASE);
    account->record.positions[0].quote = units(-2000);
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
}

static void test_more_risk_needs_good_prices_and_they_are_reported_first(void **state)
{
    (void)state; /* [PRICE-4] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 100);
    view_of(s, &s->markets[0])->risk = PLM_E_PRICE_STALE;
    buy(account, BASE);
    assert_int_equal(plm_gate_check(s, account), PLM_E_PRICE_STALE);
    buy(account, -BASE);
    assert_int_equal(plm_gate_check(s, account), PLM_OK); /* nothing grew */
    buy(account, -1);
    assert_int_equal(plm_gate_check(s, account), PLM_OK); /* a reduction */
}

static void test_a_claim_elsewhere_does_not_pay_a_debt(void **state)
{
    (void)state; /* [MARGIN-8] */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_account_slot *account = actor(s, 50);
        (void)add_market(s, 1, 1000);
        (void)hold(account, 1, 0, 1000);
        buy(account, 1);
        lose(account, plm_val_sub(units(50), wad(step)));
        assert_int_equal(plm_gate_check(s, account), step < 0 ? PLM_E_DEBT : PLM_OK);
    }
}

static void test_more_risk_leaves_no_quote_above_its_bound(void **state)
{
    (void)state; /* [UNIT-3] */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_account_slot *account = actor(s, 200);
        (void)add_market(s, 1, 1000);
        struct plm_position *claim = hold(account, 1, 0, INT64_C(1000000000000));
        claim->quote = plm_val_add(claim->quote, wad(step));
        buy(account, 1);
        assert_int_equal(plm_gate_check(s, account), step > 0 ? PLM_E_CAP_POSITION : PLM_OK);
    }
}

static void test_below_initial_a_reduction_must_not_worsen_the_ratio(void **state)
{
    (void)state; /* [MARGIN-8]: E 40, MM 50; half of it may cost half of E */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_account_slot *account = actor(s, 40);
        buy(account, -BASE / 2);
        lose(account, plm_val_add(units(20), wad(step)));
        assert_int_equal(plm_gate_check(s, account), step > 0 ? PLM_E_BELOW_INITIAL : PLM_OK);
    }
}

static void test_below_zero_equity_must_not_fall_and_the_requirement_must(void **state)
{
    (void)state; /* [MARGIN-8] I08 */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_account_slot *account = actor(s, 40);
        lose(account, units(60)); /* E = -20 */
        account->remembered = false;
        plm_margin_remember(s, account);
        assert_int_equal(plm_gate_check(s, account), PLM_E_BELOW_INITIAL); /* MM' = MM */
        buy(account, -BASE / 2);
        lose(account, wad(step));
        assert_int_equal(plm_gate_check(s, account), step > 0 ? PLM_E_BELOW_INITIAL : PLM_OK);
    }
}

static void test_closing_everything_needs_equity_or_no_loss(void **state)
{
    (void)state; /* [MARGIN-8] */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_account_slot *account = actor(s, 40);
        buy(account, -BASE);
        lose(account, plm_val_add(units(40), wad(step))); /* E' = -step */
        assert_int_equal(plm_gate_check(s, account), step > 0 ? PLM_E_BELOW_INITIAL : PLM_OK);
    }
}

static void test_a_flip_is_growth_even_when_it_is_smaller(void **state)
{
    (void)state; /* [MARGIN-8] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 4);
    struct plm_margin after = {0};
    buy(account, -BASE - BASE / 2);
    plm_margin_compute(s, &account->record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &after);
    assert_true(plm_gate_is_risk_increasing(account, &after));
    assert_int_equal(plm_gate_check(s, account), PLM_E_BELOW_INITIAL);
}

static void test_a_new_leg_is_growth_even_before_one_that_shrinks(void **state)
{
    (void)state; /* [MARGIN-8]: in the order of markets it comes first */
    struct plm_scratch *s = fresh_scratch();
    (void)add_market(s, 0, 1000);
    (void)add_market(s, 1, 1000);
    struct plm_account_slot *account = add_account(s, 90);
    (void)hold(account, 1, 2 * BASE, -2000);
    plm_margin_remember(s, account);
    account->judge = PLM_JUDGE_ACTOR;
    account->record.positions_count = 0;
    (void)hold(account, 0, BASE / 10, -100);
    (void)hold(account, 1, BASE, -1000);
    assert_int_equal(plm_gate_check(s, account), PLM_E_BELOW_INITIAL);
    account->record.cash = units(110);
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
}

static void test_set_mode_and_withdrawals_have_the_first_branch_only(void **state)
{
    (void)state; /* [ACCT-2] */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_account_slot *account = actor(s, 100);
        account->judge = PLM_JUDGE_INITIAL;
        account->record.cash = plm_val_add(account->record.cash, wad(step));
        assert_int_equal(plm_gate_check(s, account), step < 0 ? PLM_E_BELOW_INITIAL : PLM_OK);
        view_of(s, &s->markets[0])->risk = PLM_E_GAP;
        assert_int_equal(plm_gate_check(s, account), PLM_E_GAP);
        account->record.positions[0].lots = lots(0);
        account->record.positions[0].quote = units(1);
        assert_int_equal(plm_gate_check(s, account), PLM_OK); /* a claim needs no price [WD-2] */
        account->record.positions[0].quote = units(-300);
        assert_int_equal(plm_gate_check(s, account), PLM_E_BELOW_INITIAL);
    }
}

static void test_a_taker_needs_its_other_feeds_but_not_the_leg(void **state)
{
    (void)state; /* [LIQ-1] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 300);
    struct plm_market_slot *other = add_market(s, 1, 1000);
    (void)hold(account, 1, -BASE, 1000);
    account->judge = PLM_JUDGE_TAKER;
    account->judge_feed = s->markets[0].feed_slot;
    view_of(s, &s->markets[0])->risk = PLM_E_PRICE_CONF;
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
    view_of(s, other)->risk = PLM_E_PRICE_STALE;
    assert_int_equal(plm_gate_check(s, account), PLM_E_PRICE_STALE);
    account->judge_feed = PLM_LIMIT_FEED_SLOTS;
    assert_int_equal(plm_gate_check(s, account), PLM_E_PRICE_CONF);
    view_of(s, other)->risk = PLM_OK;
    account->judge_feed = s->markets[0].feed_slot;
    account->record.cash = plm_val_sub(units(200), wad(1));
    assert_int_equal(plm_gate_check(s, account), PLM_E_BELOW_INITIAL);
}

/* A liquidated account: E 40, MM 50; half its lots are gone. */
static struct plm_account_slot *liquidated(struct plm_scratch *s)
{
    struct plm_account_slot *account = actor(s, 40);
    account->judge = PLM_JUDGE_LIQUIDATED;
    account->judge_market = 0;
    buy(account, -BASE / 2);
    return account;
}

static void test_liquidation_fees_are_bounded_by_what_the_step_frees(void **state)
{
    (void)state; /* [MARGIN-8] I09 I10: floor(40 x 25 / 50) = 20 */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_account_slot *account = liquidated(s);
        account->fees = plm_val_add(units(20), wad(step));
        lose(account, account->fees);
        if (step > 0) {
            expect_assert_failure((void)!plm_gate_check(s, account));
        } else {
            assert_int_equal(plm_gate_check(s, account), PLM_OK);
        }
    }
}

static void test_a_liquidated_account_loses_nothing_but_fees(void **state)
{
    (void)state; /* I09 */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = liquidated(s);
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
    lose(account, wad(1));
    expect_assert_failure((void)!plm_gate_check(s, account));
    account->recognised = units(5); /* and not booked */
    expect_assert_failure((void)!plm_gate_check(s, account));
    lose(account, plm_val_neg(plm_val_add(units(5), wad(1))));
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
    buy(account, BASE);
    expect_assert_failure((void)!plm_gate_check(s, account));
}

static void test_at_the_floor_a_leg_may_shrink_without_requiring_less(void **state)
{
    (void)state; /* [MARGIN-6] [MARGIN-8] */
    struct plm_scratch *s = fresh_scratch();
    (void)add_market(s, 0, 1000);
    struct plm_account_slot *account = add_account(s, 0);
    (void)hold(account, 0, BASE / 100, -10); /* 5 % of 10 is below the floor of 1 */
    plm_margin_remember(s, account);
    account->judge = PLM_JUDGE_LIQUIDATED;
    account->judge_market = 0;
    buy(account, -BASE / 200);
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
}

static void test_the_winner_of_a_deleverage_only_shrinks(void **state)
{
    (void)state; /* [LIQ-11] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 0);
    account->judge = PLM_JUDGE_COUNTERPARTY;
    buy(account, -1);
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
    buy(account, -2 * BASE);
    assert_int_equal(plm_gate_check(s, account), PLM_E_BELOW_INITIAL);
}

static void test_a_margin_call_is_one_event_an_episode(void **state)
{
    (void)state; /* [MARGIN-7] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 100);
    account->judge = PLM_JUDGE_NONE;
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
    assert_int_equal(s->event_length, 0);
    lose(account, wad(1));
    view_of(s, &s->markets[0])->risk = PLM_E_PRICE_STALE;
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
    assert_int_equal(account->record.margin_call, 0); /* a bad price calls nobody */
    view_of(s, &s->markets[0])->risk = PLM_OK;
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
    assert_int_equal(account->record.margin_call, 1);
    assert_true(account->changed);
    const uint32_t once = s->event_length;
    assert_true(once > 0);
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
    assert_int_equal(s->event_length, once);
    lose(account, wad(-1));
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
    assert_int_equal(account->record.margin_call, 0);
    assert_int_equal(s->event_length, 2 * once);
}

static void test_a_deleted_account_is_not_judged(void **state)
{
    (void)state;
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 0);
    buy(account, BASE);
    account->deleted = true;
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
}

/* May the account be left with this much less cash? The withdrawal's own words. [WD-1] */
static bool may_pay(struct plm_scratch *s, const struct plm_account *account, plm_val cash)
{
    struct plm_account left = *account;
    struct plm_margin m = {0};
    left.cash = plm_val_sub(left.cash, cash);
    plm_margin_compute(s, &left, PLM_MARGIN_NO_GAINS, PLM_NO_MARKET, &m);
    const plm_wval kept = plm_wval_max(m.initial, m.withdraw_floor);
    return plm_val_cmp(left.cash, m.unsettled_loss) >= 0 &&
           plm_wval_cmp(m.equity_initial, kept) >= 0;
}

static void test_the_withdrawable_cash_may_leave_and_one_unit_more_may_not(void **state)
{
    (void)state; /* [WD-1] I05 */

    const struct {
        int64_t cash;
        int64_t gain;
        uint32_t floor;
        int64_t most;
    } cases[] = {{500, 0, 100000, 400},
                 {500, 70, 100000, 400},
                 {500, -70, 100000, 330},
                 {500, 0, 300000, 200},
                 {100, 0, 100000, 0},
                 {99, 500, 100000, 0},
                 {60, -70, 0, 0},
                 {500, -499, 100000, 0}};

    for (uint32_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_account_slot *account = actor(s, cases[i].cash);
        s->markets[0].record.params.withdraw_floor = ppm(cases[i].floor);
        lose(account, units(-cases[i].gain));
        const plm_val most = plm_gate_withdrawable_cash(s, &account->record);
        assert_int_equal(plm_val_cmp(most, units(cases[i].most)), 0);
        if (cases[i].most > 0) {
            assert_true(may_pay(s, &account->record, most));
            assert_false(may_pay(s, &account->record, plm_val_add(most, wad(1))));
        }
    }
}

static void test_withdrawals_do_not_see_open_interest(void **state)
{
    (void)state; /* [WD-1] [MARGIN-4]: unscaled */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 500);
    struct plm_asset_slot *asset = add_asset(s, 1, 1000);
    s->markets[0].record.params.oi_lower = units(1);
    s->markets[0].record.params.oi_upper = units(2);
    s->markets[0].state.oi = lots(BASE);
    assert_int_equal(plm_val_cmp(plm_gate_withdrawable_cash(s, &account->record), units(400)), 0);
    (void)pledge(account, asset, 1);
    const plm_amt most = plm_gate_withdrawable_atoms(s, account, 1);
    assert_int_equal(plm_amt_cmp(most, plm_amt_from_u64(1000000)), 0);
}

static void test_what_a_loss_will_take_is_no_cash_either(void **state)
{
    (void)state; /* [WD-1]: however much collateral there is */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 100);
    (void)pledge(account, add_asset(s, 1, 1000), 10);
    lose(account, units(30));
    assert_int_equal(plm_val_cmp(plm_gate_withdrawable_cash(s, &account->record), units(70)), 0);
}

static void test_withdrawable_cash_is_rounded_down(void **state)
{
    (void)state; /* [WD-1] [UNIT-4] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 150);
    struct plm_asset_slot *asset = add_asset(s, 1, 1);
    asset->record.params.weight_initial = ppm(800001);
    s->feeds[asset->feed_slot].view.lo.ticks = TICKS + 1;
    (void)pledge(account, asset, 0);
    account->record.collaterals[0].atoms = plm_amt_from_u64(1);
    /* 1.0000000001e-6 x 0.800001 = 800001000080.0001e-18 */
    const plm_val most = plm_val_add(units(50), wad(INT64_C(800001000080)));
    assert_int_equal(plm_val_cmp(plm_gate_withdrawable_cash(s, &account->record), most), 0);
}

static void test_the_withdrawable_atoms_of_a_large_balance(void **state)
{
    (void)state; /* [WD-1]: 2^80 atoms of 18 decimals; 1000 / 80 % = 1250 must stay */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 0);
    struct plm_asset_slot *asset = add_asset(s, 1, 1);
    const plm_amt all = {plm_wide_i128_make(65536, 0)};
    const plm_amt kept = {units(1250).wad};
    asset->record.decimals = 18;
    (void)pledge(account, asset, 0);
    account->record.collaterals[0].atoms = all;
    asset->state.total = all;
    account->record.positions[0].lots = lots(10 * BASE);
    account->record.positions[0].quote = units(-10000);
    const plm_amt most = plm_gate_withdrawable_atoms(s, account, 1);
    assert_int_equal(plm_amt_cmp(most, plm_amt_sub(all, kept)), 0);
}

static void test_a_claim_is_no_cash(void **state)
{
    (void)state; /* [WD-1] [LEDGER-1] */
    struct plm_scratch *s = fresh_scratch();
    (void)add_market(s, 0, 1000);
    struct plm_account_slot *account = add_account(s, 40);
    (void)hold(account, 0, 0, 1000);
    assert_int_equal(plm_val_cmp(plm_gate_withdrawable_cash(s, &account->record), units(40)), 0);
}

static void test_the_withdrawable_atoms_leave_the_account_as_it_was(void **state)
{
    (void)state; /* [WD-1]: 10 units at 1000 and 80 % are 8000; 1000 must stay */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 0);
    struct plm_asset_slot *asset = add_asset(s, 1, 1000);
    (void)pledge(account, asset, 10);
    account->record.positions[0].lots = lots(10 * BASE);
    account->record.positions[0].quote = units(-10000);
    const struct plm_account_slot before = *account;
    const plm_amt most = plm_gate_withdrawable_atoms(s, account, 1);
    assert_int_equal(plm_amt_cmp(most, plm_amt_from_u64(8750000)), 0);
    assert_memory_equal(&before.record, &account->record, sizeof before.record);
    assert_false(account->changed);
    assert_false(asset->state_changed);
    assert_int_equal(plm_amt_cmp(asset->state.total, plm_amt_from_u64(10000000)), 0);
    assert_true(plm_amt_is_zero(plm_gate_withdrawable_atoms(s, account, 2)));
}

static void test_without_risk_all_atoms_may_leave_and_below_initial_none(void **state)
{
    (void)state; /* [WD-1] [WD-2] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 99);
    struct plm_asset_slot *asset = add_asset(s, 1, 1);
    (void)pledge(account, asset, 1); /* 99.8 < 100 */
    assert_true(plm_amt_is_zero(plm_gate_withdrawable_atoms(s, account, 1)));
    account->record.positions[0].lots = lots(0);
    account->record.positions[0].quote = units(5);
    const plm_amt most = plm_gate_withdrawable_atoms(s, account, 1);
    assert_int_equal(plm_amt_cmp(most, plm_amt_from_u64(1000000)), 0);
}

static void test_a_scaled_weight_is_seen_after_the_withdrawal(void **state)
{
    (void)state; /* [ACCT-6]: the asset's total falls with what leaves */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 0);
    struct plm_asset_slot *asset = add_asset(s, 1, 1000);
    asset->record.params.scale_start = units(5000);
    (void)pledge(account, asset, 10);
    const plm_amt most = plm_gate_withdrawable_atoms(s, account, 1);
    account->record.collaterals[0].atoms = plm_amt_sub(account->record.collaterals[0].atoms, most);
    asset->state.total = account->record.collaterals[0].atoms;
    account->judge = PLM_JUDGE_INITIAL;
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
    account->record.collaterals[0].atoms =
        plm_amt_sub(account->record.collaterals[0].atoms, plm_amt_from_u64(1));
    asset->state.total = account->record.collaterals[0].atoms;
    assert_int_equal(plm_gate_check(s, account), PLM_E_BELOW_INITIAL);
}

static void test_a_takers_worst_feed_is_reported_by_its_row(void **state)
{
    (void)state; /* [LIQ-1]: of markets and of collateral, whatever comes first */
    const plm_err codes[] = {PLM_E_PRICE_STALE, PLM_E_GAP};
    for (uint32_t turn = 0; turn < 2; turn++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_account_slot *account = actor(s, 3000);
        for (uint16_t id = 1; id <= 2; id++) {
            (void)hold(account, id, -BASE, 1000);
            view_of(s, add_market(s, id, 1000))->risk = codes[(id + turn) % 2];
        }
        account->judge = PLM_JUDGE_TAKER;
        account->judge_feed = s->markets[0].feed_slot;
        assert_int_equal(plm_gate_check(s, account), PLM_E_PRICE_STALE);

        s = fresh_scratch();
        account = actor(s, 3000);
        for (uint16_t id = 1; id <= 2; id++) {
            struct plm_asset_slot *asset = add_asset(s, id, 10);
            (void)pledge(account, asset, 1);
            s->feeds[asset->feed_slot].view.risk = codes[(id + turn) % 2];
        }
        account->judge = PLM_JUDGE_TAKER;
        account->judge_feed = s->markets[0].feed_slot;
        assert_int_equal(plm_gate_check(s, account), PLM_E_PRICE_STALE);
        s->feeds[s->assets[0].feed_slot].view.risk = PLM_OK;
        s->feeds[s->assets[1].feed_slot].view.risk = PLM_OK;
        assert_int_equal(plm_gate_check(s, account), PLM_OK);
    }
}

static void test_a_taker_needs_no_price_of_a_claim(void **state)
{
    (void)state; /* [LIQ-1] [PRICE-4] */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 300);
    (void)hold(account, 1, 0, 10);
    view_of(s, add_market(s, 1, 1000))->risk = PLM_E_PRICE_STALE;
    account->judge = PLM_JUDGE_TAKER;
    account->judge_feed = s->markets[0].feed_slot;
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
}

static void test_positions_opened_and_closed_at_once_are_no_growth(void **state)
{
    (void)state; /* [MARGIN-8]: a claim and a debt, in markets before, between and after */
    struct plm_scratch *s = fresh_scratch();
    for (uint16_t id = 0; id < 5; id++) {
        (void)add_market(s, id, 1000);
    }
    struct plm_account_slot *account = add_account(s, 1000);
    (void)hold(account, 1, BASE, -1000);
    (void)hold(account, 3, BASE, -1000);
    plm_margin_remember(s, account);
    account->record.positions_count = 0;
    (void)hold(account, 0, 0, 5);
    (void)hold(account, 1, BASE, -1000);
    (void)hold(account, 2, 0, -5);
    (void)hold(account, 3, BASE, -1000);
    struct plm_position *last = hold(account, 4, 0, 5);
    struct plm_margin after = {0};
    plm_margin_compute(s, &account->record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &after);
    assert_false(plm_gate_is_risk_increasing(account, &after));
    last->lots = lots(1); /* and one lot that stays is growth, the requirement as before */
    assert_true(plm_gate_is_risk_increasing(account, &account->before));
}

static void test_closing_everything_may_cost_equity_that_is_there(void **state)
{
    (void)state; /* [MARGIN-8]: MM' = 0, E' = 10 < E, and E_im < 0 as the gain counts for nothing */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_account_slot *account = actor(s, 0);
        (void)add_market(s, 1, 1000);
        s->markets[1].record.params.gain_weight = ppm(0);
        (void)hold(account, 1, 0, 100);
        account->remembered = false;
        plm_margin_remember(s, account);                   /* E = 100 */
        buy(account, -BASE);
        lose(account, plm_val_add(units(100), wad(step))); /* E' = -step */
        assert_int_equal(plm_gate_check(s, account), step > 0 ? PLM_E_BELOW_INITIAL : PLM_OK);
    }
}

static void test_a_step_that_frees_nothing_needs_a_leg_at_its_floor(void **state)
{
    (void)state; /* [MARGIN-6] [MARGIN-8]: the judged leg is not the account's first */
    struct plm_scratch *s = fresh_scratch();
    (void)add_market(s, 0, 1000);
    (void)add_market(s, 1, 1000);
    struct plm_account_slot *account = add_account(s, 0);
    (void)hold(account, 0, BASE, -1000);
    struct plm_position *leg = hold(account, 1, BASE / 100, -10); /* 5 % of 10: the floor of 1 */
    plm_margin_remember(s, account);
    account->judge = PLM_JUDGE_LIQUIDATED;
    account->judge_market = 1;
    leg->lots = lots(BASE / 200);
    leg->quote = units(-5);
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
    account->judge_market = PLM_NO_MARKET; /* no leg: nothing that could have been above */
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
    account->judge_market = 0;             /* above its floor, and nothing of it was freed */
    expect_assert_failure((void)!plm_gate_check(s, account));
}

static void test_collateral_stays_while_a_loss_is_above_the_cash(void **state)
{
    (void)state; /* [WD-1]: margin to spare, but 10 that a loser owes in cash */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_account_slot *account = actor(s, 0);
        struct plm_asset_slot *asset = add_asset(s, 1, 1000);
        (void)pledge(account, asset, 10);
        lose(account, units(10));
        account->record.cash = plm_val_add(units(10), wad(step));
        const plm_amt most = plm_gate_withdrawable_atoms(s, account, 1);
        assert_int_equal(plm_amt_is_zero(most), step < 0);
    }
}

static void test_who_was_not_remembered_is_judged_as_he_is_left(void **state)
{
    (void)state; /* I08 compares with before, where there is one */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 100);
    account->judge = PLM_JUDGE_INITIAL;
    account->remembered = false;
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
}

static void test_who_did_not_act_may_lose_his_equity(void **state)
{
    (void)state; /* I08 holds those to it who act: a loss that is shared out reaches others too */
    const uint8_t judges[] = {PLM_JUDGE_NONE, PLM_JUDGE_COUNTERPARTY};
    for (size_t i = 0; i < ARRAY_LEN(judges); i++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_account_slot *account = actor(s, 10);
        account->judge = judges[i];
        lose(account, units(11)); /* E 10, E' -1 */
        assert_int_equal(plm_gate_check(s, account), PLM_OK);
    }
}

/* An account with as many positions as there may be, in markets 1 and up. */
static struct plm_account_slot *full(struct plm_scratch *s, int64_t cash, int64_t count)
{
    for (uint16_t id = 0; id <= PLM_POSITIONS_MAX; id++) {
        (void)add_market(s, id, 1000);
    }
    struct plm_account_slot *account = add_account(s, cash);
    for (uint16_t id = 1; id <= PLM_POSITIONS_MAX; id++) {
        (void)hold(account, id, count, count == 0 ? 1 : -1000);
    }
    plm_margin_remember(s, account);
    account->judge = PLM_JUDGE_ACTOR;
    return account;
}

static void test_a_full_account_is_judged_to_its_last_position_and_no_further(void **state)
{
    (void)state; /* [UNIT-3] [MARGIN-8]: 64 legs of IM 100 each */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = fresh_scratch();
        struct plm_account_slot *account = full(s, 6500, BASE);
        struct plm_position *last = &account->record.positions[PLM_POSITIONS_MAX - 1U];
        last->lots = lots(2 * BASE);
        last->quote = units(-2000);
        account->record.cash = plm_val_add(units(6500), wad(step));
        assert_int_equal(plm_gate_check(s, account), step < 0 ? PLM_E_BELOW_INITIAL : PLM_OK);
    }
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = full(s, 6400, BASE);
    for (uint32_t i = 0; i < PLM_POSITIONS_MAX; i++) {
        account->before_markets[i] = (uint16_t)i; /* the last of now is behind all of before */
    }
    assert_true(plm_gate_is_risk_increasing(account, &account->before));

    s = fresh_scratch();
    account = full(s, 0, 0); /* claims: no price moves them, so none need be good */
    account->judge = PLM_JUDGE_INITIAL;
    view_of(s, &s->markets[1])->risk = PLM_E_PRICE_STALE;
    assert_int_equal(plm_gate_check(s, account), PLM_OK);
}

static void test_a_full_account_gets_its_collateral_back_after_a_try(void **state)
{
    (void)state; /* [UNIT-3] [WD-1]: all eight kinds */
    struct plm_scratch *s = fresh_scratch();
    struct plm_account_slot *account = actor(s, 0);
    for (uint16_t id = 1; id <= PLM_COLLATERALS_MAX; id++) {
        (void)pledge(account, add_asset(s, id, 10), id);
    }
    const struct plm_account before = account->record;
    assert_int_equal(plm_gate_withdrawable_atoms(s, account, PLM_COLLATERALS_MAX).atoms.lo,
                     PLM_COLLATERALS_MAX * 1000000U);
    assert_memory_equal(&before, &account->record, sizeof before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_risk_needs_the_initial_margin_to_the_last_unit),
        cmocka_unit_test(test_an_advantage_of_the_fill_does_not_count),
        cmocka_unit_test(test_more_risk_counts_open_interest_and_less_does_not),
        cmocka_unit_test(test_more_risk_needs_good_prices_and_they_are_reported_first),
        cmocka_unit_test(test_a_claim_elsewhere_does_not_pay_a_debt),
        cmocka_unit_test(test_more_risk_leaves_no_quote_above_its_bound),
        cmocka_unit_test(test_below_initial_a_reduction_must_not_worsen_the_ratio),
        cmocka_unit_test(test_below_zero_equity_must_not_fall_and_the_requirement_must),
        cmocka_unit_test(test_closing_everything_needs_equity_or_no_loss),
        cmocka_unit_test(test_a_flip_is_growth_even_when_it_is_smaller),
        cmocka_unit_test(test_set_mode_and_withdrawals_have_the_first_branch_only),
        cmocka_unit_test(test_a_taker_needs_its_other_feeds_but_not_the_leg),
        cmocka_unit_test(test_liquidation_fees_are_bounded_by_what_the_step_frees),
        cmocka_unit_test(test_a_liquidated_account_loses_nothing_but_fees),
        cmocka_unit_test(test_at_the_floor_a_leg_may_shrink_without_requiring_less),
        cmocka_unit_test(test_the_winner_of_a_deleverage_only_shrinks),
        cmocka_unit_test(test_a_margin_call_is_one_event_an_episode),
        cmocka_unit_test(test_a_deleted_account_is_not_judged),
        cmocka_unit_test(test_the_withdrawable_cash_may_leave_and_one_unit_more_may_not),
        cmocka_unit_test(test_a_new_leg_is_growth_even_before_one_that_shrinks),
        cmocka_unit_test(test_withdrawals_do_not_see_open_interest),
        cmocka_unit_test(test_what_a_loss_will_take_is_no_cash_either),
        cmocka_unit_test(test_withdrawable_cash_is_rounded_down),
        cmocka_unit_test(test_the_withdrawable_atoms_of_a_large_balance),
        cmocka_unit_test(test_a_claim_is_no_cash),
        cmocka_unit_test(test_the_withdrawable_atoms_leave_the_account_as_it_was),
        cmocka_unit_test(test_without_risk_all_atoms_may_leave_and_below_initial_none),
        cmocka_unit_test(test_a_scaled_weight_is_seen_after_the_withdrawal),
        cmocka_unit_test(test_a_takers_worst_feed_is_reported_by_its_row),
        cmocka_unit_test(test_a_taker_needs_no_price_of_a_claim),
        cmocka_unit_test(test_positions_opened_and_closed_at_once_are_no_growth),
        cmocka_unit_test(test_closing_everything_may_cost_equity_that_is_there),
        cmocka_unit_test(test_a_step_that_frees_nothing_needs_a_leg_at_its_floor),
        cmocka_unit_test(test_collateral_stays_while_a_loss_is_above_the_cash),
        cmocka_unit_test(test_who_was_not_remembered_is_judged_as_he_is_left),
        cmocka_unit_test(test_who_did_not_act_may_lose_his_equity),
        cmocka_unit_test(test_a_full_account_is_judged_to_its_last_position_and_no_further),
        cmocka_unit_test(test_a_full_account_gets_its_collateral_back_after_a_try),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

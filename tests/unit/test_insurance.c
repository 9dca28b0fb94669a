// SPDX-License-Identifier: Apache-2.0
/* plm_insurance: who pays a deficit, in which order, and no more than needed.
 * [LOSS-1] [LOSS-2] [LOSS-7] [LOSS-8] [I28] [I31] [I32] */
#include "plm_cmocka.h"
#include "plm_insurance.h"
#include "plm_invariant.h"
#include "plm_ledger.h"
#include "plm_test_books.h"

static struct plm_scratch s;
static struct plm_market_slot *market;
static struct plm_account_slot *bankrupt;
static struct plm_account_slot *winner;

/* Long 10 from 100 with nothing left, now at 90: 100 beyond equity; two shorts of 4 and 6. */
static void make_world(int64_t tranche, int64_t global)
{
    test_scratch(&s);
    market = test_market(&s, 3, 90);
    bankrupt = test_account(&s, 1, 'b', quotes(0));
    winner = test_account(&s, 2, 'w', quotes(0));
    struct plm_account_slot *second = test_account(&s, 4, 'x', quotes(0));
    (void)test_position(bankrupt, market, base(10), quotes(-1000));
    (void)test_position(winner, market, base(-4), quotes(400));
    (void)test_position(second, market, base(-6), quotes(600));
    test_line(&s, &market->state.insurance, quotes(tranche));
    test_line(&s, &s.ledger.global, quotes(global));
}

static void recognise(int64_t units)
{
    plm_insurance_recognise(&s, bankrupt, market, quotes(units));
    plm_invariant_check(&s);
}

static plm_val quote_of(const struct plm_account_slot *account)
{
    return account->record.positions[0].quote;
}

static void test_the_market_tranche_pays_first(void **state)
{
    (void)state;
    make_world(200, 200);
    recognise(100);
    assert_true(same(market->state.insurance, quotes(100)));
    assert_true(same(s.ledger.global, quotes(200)));
    assert_true(same(market->state.pool, quotes(100)));
    assert_true(same(quote_of(bankrupt), quotes(-900)));
    assert_true(same(bankrupt->recognised, quotes(100)));
    assert_true(plm_index_is_zero(market->state.index_short));
    assert_int_equal(test_event_count(&s, PLM_EVENT_DEFICIT), 1);
}

static void test_each_payer_pays_what_those_before_could_not(void **state)
{
    (void)state;
    make_world(30, 20);
    recognise(100); /* 30 + 20 + 50 on 10 lots of a unit: 5 a unit */
    assert_true(plm_val_is_zero(market->state.insurance));
    assert_true(plm_val_is_zero(s.ledger.global));
    assert_true(same(quote_of(bankrupt), quotes(-900)));
    assert_true(same(quote_of(winner), quotes(380))); /* loaded: brought to the index again */
    assert_true(same(s.accounts[2].record.positions[0].quote, quotes(570)));
    assert_true(winner->changed);
    assert_true(plm_val_is_zero(market->state.uncovered));
}

static void test_a_step_stops_at_the_loss_cap(void **state)
{
    (void)state;
    make_world(0, 0);
    recognise(90); /* 10 % of 90 on 10: exactly the cap */
    assert_true(plm_val_is_zero(market->state.uncovered));
    assert_true(same(quote_of(winner), quotes(364)));
    make_world(0, 0);
    recognise(91);
    assert_true(same(market->state.uncovered, quotes(-1)));
    assert_true(same(quote_of(bankrupt), quotes(-909)));
    make_world(0, 0);
    recognise(89);
    assert_true(plm_val_is_zero(market->state.uncovered));
}

static void test_rounding_excess_is_the_insurance_lines(void **state)
{
    (void)state;
    make_world(0, 0);
    plm_insurance_recognise(&s, bankrupt, market, wads(1));
    plm_invariant_check(&s);
    /* One tick a lot is the least step: 10 x 1e8 are charged for one. */
    assert_true(same(market->state.insurance_due, wads(10 * TEST_UNIT - 1)));
    assert_true(same(quote_of(winner), plm_val_sub(quotes(400), wads(4 * TEST_UNIT))));
}

static void test_longs_pay_for_a_short(void **state)
{
    (void)state;
    test_scratch(&s);
    market = test_market(&s, 3, 110);
    bankrupt = test_account(&s, 1, 'b', quotes(0));
    winner = test_account(&s, 2, 'w', quotes(0));
    (void)test_position(bankrupt, market, base(-10), quotes(1000));
    (void)test_position(winner, market, base(10), quotes(-1000));
    recognise(100);
    assert_true(same(quote_of(winner), quotes(-1100)));
    assert_true(same(quote_of(bankrupt), quotes(1100)));
}

static void test_a_debt_without_lots_has_no_opposing_side(void **state)
{
    (void)state;
    make_world(60, 0);
    struct plm_account_slot *debtor = test_account(&s, 9, 'd', quotes(0));
    struct plm_account_slot *claimant = test_account(&s, 10, 'c', quotes(0));
    (void)test_position(debtor, market, base(0), quotes(-100));
    (void)test_position(claimant, market, base(0), quotes(100));
    plm_insurance_recognise(&s, debtor, market, quotes(100));
    assert_true(same(market->state.uncovered, quotes(-40)));
    assert_true(plm_val_is_zero(quote_of(debtor)));
    plm_ledger_sweep_positions(&debtor->record);
    plm_invariant_check(&s);
    assert_true(plm_index_is_zero(market->state.index_short));
    assert_true(plm_index_is_zero(market->state.index_long));
}

static void test_an_index_at_its_bound_is_not_moved(void **state)
{
    (void)state;
    test_scratch(&s);
    market = test_market(&s, 3, 90);
    market->state.index_short.ticks = -PLM_INDEX_MAX;
    bankrupt = test_account(&s, 1, 'b', quotes(0));
    winner = test_account(&s, 2, 'w', quotes(0));
    (void)test_position(bankrupt, market, base(1), quotes(-100));
    (void)test_position(winner, market, base(-1), quotes(100));
    plm_insurance_recognise(&s, bankrupt, market, quotes(5));
    assert_true(same(market->state.uncovered, quotes(-5)));
    assert_true(market->state.index_short.ticks == -PLM_INDEX_MAX);
}

static void test_draws_of_any_day_stay_within_the_cap(void **state)
{
    (void)state;
    make_world(1000, 0);
    market->record.params.draw_cap = quotes(70);
    recognise(50);
    assert_true(same(plm_insurance_available(&s, market, false), quotes(20)));
    s.now.sec += 86400; /* the next fixed window: the last one still counts */
    assert_true(same(plm_insurance_available(&s, market, false), quotes(20)));
    recognise(30);
    assert_true(same(market->state.insurance, quotes(930)));
    s.now.sec += 86400;
    assert_true(same(plm_insurance_available(&s, market, false), quotes(50)));
    s.now.sec += 2 * 86400;
    assert_true(same(plm_insurance_available(&s, market, false), quotes(70)));
}

static void test_a_draw_counts_to_the_end_of_the_day_after_its_own(void **state)
{
    (void)state; /* [LOSS-1]: days of 86 400 s from the epoch, at their first second */
    for (uint32_t payer = 0; payer < 3; payer++) { /* the tranche, the global one, a tip */
        make_world(payer == 1 ? 0 : 1000, payer == 1 ? 1000 : 0);
        market->record.params.draw_cap = quotes(70);
        s.now.sec = UINT64_C(86400) * 20000;
        if (payer == 2) {
            assert_true(same(plm_insurance_pay_tip(&s, market, winner, quotes(50)), quotes(50)));
        } else {
            recognise(50);
        }
        s.now.sec += 86400;
        assert_true(same(plm_insurance_available(&s, market, payer == 1), quotes(20)));
        s.now.sec += 86399;
        assert_true(same(plm_insurance_available(&s, market, payer == 1), quotes(20)));
        s.now.sec += 1;
        assert_true(same(plm_insurance_available(&s, market, payer == 1), quotes(70)));
    }
}

static void test_a_window_never_gives_less_than_nothing(void **state)
{
    (void)state;
    struct plm_draw_window window = {0, {{0, 0}}, {{0, 0}}};
    plm_insurance_window_use(&window, s.now, 60, quotes(5));
    assert_true(plm_val_is_zero(plm_insurance_window_room(&window, s.now, 60, quotes(4))));
    assert_true(plm_val_is_zero(plm_insurance_window_room(&window, s.now, 60, quotes(5))));
    assert_true(same(plm_insurance_window_room(&window, s.now, 60, quotes(6)), quotes(1)));
    const plm_time before = {0};
    assert_true(plm_val_is_zero(plm_insurance_window_room(&window, before, 60, quotes(5))));
    expect_assert_failure((void)plm_insurance_window_room(&window, s.now, 0, quotes(5)));
}

static void test_a_deficit_is_split_by_loss_and_never_above_it(void **state)
{
    (void)state;
    make_world(0, 0);
    struct plm_market_slot *other = test_market(&s, 5, 100);
    (void)test_position(bankrupt, other, base(0), quotes(-200));
    const struct plm_account *record = &bankrupt->record;
    assert_true(same(plm_insurance_deficit(&s, record, quotes(30), 3), quotes(10)));
    assert_true(same(plm_insurance_deficit(&s, record, quotes(30), 5), quotes(20)));
    assert_true(same(plm_insurance_deficit(&s, record, wads(1), 3), wads(1))); /* up */
    assert_true(same(plm_insurance_deficit(&s, record, quotes(300), 3), quotes(100)));
    assert_true(plm_val_is_zero(plm_insurance_deficit(&s, record, quotes(30), 9)));
    assert_true(plm_val_is_zero(plm_insurance_deficit(&s, &winner->record, quotes(30), 3)));
    expect_assert_failure((void)plm_insurance_deficit(&s, record, quotes(0), 3));
}

static void test_flagged_deficits_are_recorded_and_withdrawn(void **state)
{
    (void)state;
    make_world(50, 0);
    plm_insurance_update_flags(&s, bankrupt, quotes(-100)); /* not flagged */
    assert_true(plm_val_is_zero(market->state.deficits));
    bankrupt->record.liquidatable_since = s.now;
    plm_insurance_update_flags(&s, bankrupt, quotes(0)); /* not bankrupt */
    assert_int_equal(bankrupt->record.deficits_count, 0);
    bankrupt->changed = false;
    plm_insurance_update_flags(&s, bankrupt, quotes(-100));
    assert_true(bankrupt->changed);
    plm_insurance_update_flags(&s, bankrupt, quotes(-60)); /* rewritten, not added */
    assert_true(same(market->state.deficits, quotes(60)));
    assert_int_equal(bankrupt->record.deficits_count, 1);
    bankrupt->changed = false;
    plm_insurance_update_flags(&s, bankrupt, quotes(5));
    assert_true(bankrupt->changed);
    assert_true(plm_val_is_zero(market->state.deficits));
}

static void test_risk_waits_while_deficits_exceed_insurance(void **state)
{
    (void)state;
    make_world(50, 10);
    market->state.deficits = quotes(60);
    assert_int_equal(plm_insurance_check_pending(&s, market), PLM_OK);
    market->state.deficits = plm_val_add(quotes(60), wads(1));
    assert_int_equal(plm_insurance_check_pending(&s, market), PLM_E_LOSS_PENDING);
    market->state.deficits = quotes(59);
    assert_int_equal(plm_insurance_check_pending(&s, market), PLM_OK);
    market->state.deficits = quotes(0);
    s.ledger_loaded = false;
    s.host = NULL; /* nothing is read where nothing is flagged */
    assert_int_equal(plm_insurance_check_pending(&s, market), PLM_OK);
}

static void test_a_tip_is_bounded_by_tranche_and_cap(void **state)
{
    (void)state;
    make_world(50, 0);
    assert_true(same(plm_insurance_pay_tip(&s, market, winner, quotes(20)), quotes(20)));
    market->record.params.draw_cap = quotes(25);
    assert_true(same(plm_insurance_pay_tip(&s, market, winner, quotes(20)), quotes(5)));
    assert_true(same(winner->record.cash, quotes(25)));
    assert_true(same(market->state.insurance, quotes(25)));
    plm_invariant_check(&s);
}

static void test_nothing_to_recognise_tells_nothing(void **state)
{
    (void)state;
    make_world(200, 200);
    recognise(0);
    assert_true(same(market->state.insurance, quotes(200)));
    assert_int_equal(test_event_count(&s, PLM_EVENT_DEFICIT), 0);
    assert_false(bankrupt->changed);
}

static void test_who_holds_nothing_here_is_not_touched(void **state)
{
    (void)state; /* [LOSS-2] */
    make_world(0, 0);
    struct plm_account_slot *stranger = test_account(&s, 9, 's', quotes(5));
    recognise(100);
    assert_false(stranger->changed);
    assert_true(winner->changed);
    assert_int_equal(stranger->record.positions_count, 0);
}

static void test_only_losing_markets_are_flagged(void **state)
{
    (void)state; /* [LOSS-8] */
    make_world(0, 0);
    struct plm_market_slot *other = test_market(&s, 5, 100);
    (void)test_position(bankrupt, other, base(0), quotes(30)); /* a claim */
    bankrupt->record.liquidatable_since = s.now;
    plm_insurance_update_flags(&s, bankrupt, quotes(-70));
    assert_int_equal(bankrupt->record.deficits_count, 1);
    assert_int_equal(bankrupt->record.deficits[0].market, 3);
    assert_true(same(market->state.deficits, quotes(70)));
    assert_true(plm_val_is_zero(other->state.deficits));
}

static void test_a_step_that_no_index_can_hold_is_booked(void **state)
{
    (void)state; /* [LOSS-2] [UNIT-3]: the cap of one step is itself beyond 2^63 ticks */
    test_scratch(&s);
    market = test_market(&s, 3, 90);
    market->record.params.loss_cap.ppm = 1000000;
    struct plm_view *view = &test_feed_of(&s, market)->view;
    view->price.ticks = UINT64_MAX;
    bankrupt = test_account(&s, 1, 'b', quotes(0));
    winner = test_account(&s, 2, 'w', quotes(0));
    const plm_qty one = {1};
    (void)test_position(bankrupt, market, one, quotes(-100));
    (void)test_position(winner, market, plm_qty_neg(one), quotes(100));
    recognise(90);
    assert_true(plm_index_is_zero(market->state.index_short));
    assert_true(same(market->state.uncovered, quotes(-90)));
}

static void test_a_recognised_deficit_is_marked_to_be_stored(void **state)
{
    (void)state; /* [LOSS-1]: of the account too, whoever pays */
    make_world(200, 200);
    recognise(100);
    assert_true(bankrupt->changed);
    assert_true(market->state_changed);
}

static void test_all_positions_of_a_full_account_are_flagged(void **state)
{
    (void)state; /* [UNIT-3] [LOSS-8]: 64 losses of 10 each, 128 beyond equity, and collateral */
    const uint16_t first = 100;
    test_scratch(&s);
    struct plm_account_slot *full = test_account(&s, 1, 'f', quotes(0));
    const plm_time flagged = {TEST_NOW};
    full->record.liquidatable_since = flagged;
    test_collateral(full, 1, 5);
    for (uint16_t i = 0; i < PLM_POSITIONS_MAX; i++) {
        market = test_market(&s, first + i, 90);
        (void)test_position(full, market, base(1), quotes(-100));
    }
    assert_true(same(plm_insurance_deficit(&s, &full->record, quotes(128), first), quotes(2)));
    plm_insurance_update_flags(&s, full, quotes(-128));
    assert_int_equal(full->record.deficits_count, PLM_POSITIONS_MAX);
    for (uint16_t i = 0; i < PLM_POSITIONS_MAX; i++) {
        assert_int_equal(full->record.deficits[i].market, first + i);
        assert_true(same(full->record.deficits[i].value, quotes(2)));
        assert_true(same(s.markets[i].state.deficits, quotes(2)));
    }
}

static void test_a_charged_side_is_applied_to_the_loaded_accounts_only(void **state)
{
    (void)
        state; /* [LOSS-2] [LEDGER-2]: not to what an earlier operation has left in the next slot */
    make_world(0, 0);
    const struct plm_account_slot left_over = s.accounts[2];
    s.accounts[3] = left_over;
    recognise(50); /* 5 a unit */
    assert_true(same(quote_of(&s.accounts[2]), quotes(570)));
    assert_true(same(quote_of(&s.accounts[3]), quotes(600)));
    assert_false(s.accounts[3].changed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_market_tranche_pays_first),
        cmocka_unit_test(test_each_payer_pays_what_those_before_could_not),
        cmocka_unit_test(test_a_step_stops_at_the_loss_cap),
        cmocka_unit_test(test_rounding_excess_is_the_insurance_lines),
        cmocka_unit_test(test_longs_pay_for_a_short),
        cmocka_unit_test(test_a_debt_without_lots_has_no_opposing_side),
        cmocka_unit_test(test_an_index_at_its_bound_is_not_moved),
        cmocka_unit_test(test_draws_of_any_day_stay_within_the_cap),
        cmocka_unit_test(test_a_draw_counts_to_the_end_of_the_day_after_its_own),
        cmocka_unit_test(test_a_window_never_gives_less_than_nothing),
        cmocka_unit_test(test_a_deficit_is_split_by_loss_and_never_above_it),
        cmocka_unit_test(test_flagged_deficits_are_recorded_and_withdrawn),
        cmocka_unit_test(test_risk_waits_while_deficits_exceed_insurance),
        cmocka_unit_test(test_a_tip_is_bounded_by_tranche_and_cap),
        cmocka_unit_test(test_nothing_to_recognise_tells_nothing),
        cmocka_unit_test(test_who_holds_nothing_here_is_not_touched),
        cmocka_unit_test(test_only_losing_markets_are_flagged),
        cmocka_unit_test(test_a_step_that_no_index_can_hold_is_booked),
        cmocka_unit_test(test_a_recognised_deficit_is_marked_to_be_stored),
        cmocka_unit_test(test_all_positions_of_a_full_account_are_flagged),
        cmocka_unit_test(test_a_charged_side_is_applied_to_the_loaded_accounts_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* plm_settle: profit becomes cash only when a loss was collected.
 * [LEDGER-1] [LEDGER-7] */
#include "plm_cmocka.h"
#include "plm_invariant.h"
#include "plm_settle.h"
#include "plm_test_books.h"

static struct plm_scratch s;
static struct plm_market_slot *market;
static struct plm_account_slot *loser;
static struct plm_account_slot *winner;

/* Bought and sold 10 at 100, now at 90: 100 are lost and won. */
static void make_world(int64_t cash)
{
    test_scratch(&s);
    market = test_market(&s, 3, 90);
    loser = test_account(&s, 1, 'l', quotes(cash));
    winner = test_account(&s, 2, 'w', quotes(0));
    (void)test_position(loser, market, base(10), quotes(-1000));
    (void)test_position(winner, market, base(-10), quotes(1000));
}

static plm_val settle(struct plm_account_slot *account)
{
    plm_val value = wads(7);
    assert_int_equal(plm_settle_position(&s, account, 3, &value), PLM_OK);
    plm_invariant_check(&s);
    return value;
}

static void test_profit_waits_until_a_loser_has_paid(void **state)
{
    (void)state;
    make_world(500);
    assert_true(same(settle(winner), quotes(0)));
    assert_true(same(market->state.shortfall, quotes(100)));
    assert_true(market->state.shortfall_account == 2);
    assert_true(market->state.shortfall_since.sec == TEST_NOW);
    assert_true(same(settle(loser), quotes(-100)));
    assert_true(same(market->state.pool, quotes(100)));
    assert_true(same(settle(winner), quotes(100)));
    assert_true(same(winner->record.cash, quotes(100)));
    assert_true(plm_val_is_zero(market->state.shortfall));
    assert_true(market->state.shortfall_account == 0);
    assert_true(market->state.shortfall_since.sec == 0);
    assert_int_equal(test_event_count(&s, PLM_EVENT_SHORTFALL), 2);
    assert_int_equal(test_event_count(&s, PLM_EVENT_SETTLED), 2);
}

static void test_a_loser_pays_no_more_than_his_cash(void **state)
{
    (void)state;
    make_world(40);
    assert_true(same(settle(loser), quotes(-40)));
    assert_true(plm_val_is_zero(loser->record.cash));
    assert_true(same(settle(winner), quotes(40)));
    assert_true(same(market->state.shortfall, quotes(60)));
    assert_true(plm_val_is_zero(market->state.pool));
}

static void test_lots_settle_at_the_smaller_result(void **state)
{
    (void)state;
    make_world(500);
    struct plm_view *view = &test_feed_of(&s, market)->view;
    const struct plm_position *position = &loser->record.positions[0];
    view->slow = at(95);
    assert_true(same(plm_settle_amount(&s, position), quotes(-50)));
    view->slow = at(85);
    assert_true(same(plm_settle_amount(&s, position), quotes(-100)));
    view->slow = at(101);
    assert_true(same(plm_settle_amount(&s, position), quotes(0)));
    assert_true(same(plm_settle_amount(&s, &winner->record.positions[0]), quotes(0)));
    view->slow = at(99);
    assert_true(same(plm_settle_amount(&s, &winner->record.positions[0]), quotes(10)));
    assert_true(same(plm_settle_worth(&s, position), quotes(-100)));
}

static void test_lots_need_a_good_price_and_claims_none(void **state)
{
    (void)state;
    make_world(500);
    plm_val value = wads(7);
    test_feed_of(&s, market)->view.liquidation = PLM_E_PRICE_STALE;
    assert_int_equal(plm_settle_position(&s, loser, 3, &value), PLM_E_PRICE_STALE);
    assert_true(same(value, wads(7)));
    assert_int_equal(plm_settle_losses(&s, loser), PLM_OK);
    assert_true(same(loser->record.cash, quotes(500)));
    loser->record.positions[0].lots = base(0);
    loser->record.positions[0].quote = quotes(-30);
    assert_int_equal(plm_settle_position(&s, loser, 3, &value), PLM_OK);
    assert_true(same(value, quotes(-30)));
    assert_int_equal(plm_settle_position(&s, loser, 3, &value), PLM_OK);
    assert_true(plm_val_is_zero(value));
}

static void test_a_larger_claim_takes_the_record_and_keeps_the_clock(void **state)
{
    (void)state;
    make_world(0);
    struct plm_account_slot *second = test_account(&s, 4, 'x', quotes(0));
    struct plm_account_slot *debtor = test_account(&s, 5, 'y', quotes(0));
    (void)test_position(second, market, base(0), quotes(101));
    (void)test_position(debtor, market, base(0), quotes(-101));
    (void)settle(winner);
    s.now.sec += 50;
    (void)settle(second);
    assert_true(market->state.shortfall_account == 4);
    assert_true(same(market->state.shortfall, quotes(101)));
    assert_true(market->state.shortfall_since.sec == TEST_NOW);
    (void)settle(winner); /* 100 is not more than 101 */
    assert_true(market->state.shortfall_account == 4);
}

static void test_a_claim_of_more_than_twice_the_known_one_is_a_new_shortage(void **state)
{
    (void)state; /* [LEDGER-7]: twice is not more than twice */
    for (int64_t more = 0; more <= 1; more++) {
        make_world(0);
        struct plm_account_slot *second = test_account(&s, 4, 'x', quotes(0));
        struct plm_account_slot *debtor = test_account(&s, 5, 'y', quotes(0));
        (void)test_position(second, market, base(0), plm_val_add(quotes(200), wads(more)));
        (void)test_position(
            debtor, market, base(0), plm_val_neg(plm_val_add(quotes(200), wads(more))));
        (void)settle(winner);
        s.now.sec += 50;
        (void)settle(second);
        assert_true(market->state.shortfall_account == 4);
        assert_true(market->state.shortfall_since.sec == TEST_NOW + (more == 1 ? 50 : 0));
    }
}

static void test_a_claim_that_nothing_pays_is_written_down(void **state)
{
    (void)state; /* [LEDGER-7] */
    make_world(0);
    market->state_changed = false;
    assert_true(same(settle(winner), quotes(0)));
    assert_true(market->state_changed);
    winner->record.positions_count = 0; /* and so is its end */
    market->state_changed = false;
    plm_settle_release(&s, winner);
    assert_true(market->state_changed);
}

static void test_whoever_waited_and_has_left_frees_the_lines(void **state)
{
    (void)state; /* [LEDGER-7]: his claim is gone, and what waited for it is paid */
    plm_val value = wads(7);
    make_world(500);
    (void)settle(winner);
    (void)settle(loser);
    market->state.shortfall = quotes(100);
    market->state.shortfall_account = 9;
    market->state.fees_due = quotes(30);
    struct plm_account_slot *left = test_account(&s, 9, 'g', quotes(0));
    assert_int_equal(plm_settle_position(&s, left, 3, &value), PLM_OK);
    assert_true(plm_val_is_zero(value));
    assert_true(same(market->state.fees, quotes(30)));
    assert_true(market->state.shortfall_account == 0);
}

static void test_lines_are_paid_after_the_known_claim(void **state)
{
    (void)state;
    make_world(500);
    market->state.fees_due = quotes(30);
    market->state.accrued = plm_val_sub(market->state.accrued, quotes(30));
    winner->record.positions[0].quote = quotes(970); /* he was charged the fee */
    (void)settle(winner);
    assert_true(same(market->state.shortfall, quotes(70)));
    (void)settle(loser);
    assert_true(same(market->state.fees, quotes(30)));
    assert_true(same(market->state.pool, quotes(70)));
    assert_int_equal(test_event_count(&s, PLM_EVENT_LINES_PAID), 1);
    assert_true(same(settle(winner), quotes(70)));
}

static void test_losses_of_all_markets_settle_as_far_as_cash_goes(void **state)
{
    (void)state;
    make_world(130);
    struct plm_market_slot *other = test_market(&s, 5, 100);
    (void)test_position(loser, other, base(0), quotes(-60));
    assert_int_equal(plm_settle_losses(&s, loser), PLM_OK);
    assert_true(same(market->state.pool, quotes(100)));
    assert_true(same(other->state.pool, quotes(30)));
    assert_true(plm_val_is_zero(loser->record.cash));
    assert_int_equal(plm_settle_losses(&s, winner), PLM_OK);
    assert_true(plm_val_is_zero(winner->record.cash));
}

static void test_losses_that_events_cannot_tell_are_refused(void **state)
{
    (void)state;
    make_world(130);
    s.event_length = PLM_LIMIT_EVENTS_MAX - 1280 - 98;
    assert_int_equal(plm_settle_losses(&s, loser), PLM_OK);
    make_world(130);
    s.event_length = PLM_LIMIT_EVENTS_MAX - 1280 - 98 + 1;
    assert_int_equal(plm_settle_losses(&s, loser), PLM_E_OVERFLOW);
    assert_true(same(loser->record.cash, quotes(130)));
    assert_int_equal(plm_settle_losses(&s, winner), PLM_OK); /* nothing to tell */
}

static void test_a_record_does_not_outlive_its_claim(void **state)
{
    (void)state;
    make_world(0);
    (void)settle(winner);
    plm_settle_release(&s, winner); /* he still has the position */
    assert_true(market->state.shortfall_account == 2);
    winner->record.positions_count = 0;
    plm_settle_release(&s, winner);
    assert_true(market->state.shortfall_account == 0);
}

static void test_who_holds_nothing_and_waits_for_nothing_has_no_market(void **state)
{
    (void)state; /* [LEDGER-7] */
    plm_val value = wads(7);
    make_world(0);
    (void)settle(winner);
    struct plm_account_slot *stranger = test_account(&s, 9, 's', quotes(0));
    assert_int_equal(plm_settle_position(&s, stranger, 3, &value), PLM_E_NO_MARKET);
    assert_true(same(value, wads(7)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profit_waits_until_a_loser_has_paid),
        cmocka_unit_test(test_a_loser_pays_no_more_than_his_cash),
        cmocka_unit_test(test_lots_settle_at_the_smaller_result),
        cmocka_unit_test(test_lots_need_a_good_price_and_claims_none),
        cmocka_unit_test(test_a_larger_claim_takes_the_record_and_keeps_the_clock),
        cmocka_unit_test(test_a_claim_of_more_than_twice_the_known_one_is_a_new_shortage),
        cmocka_unit_test(test_a_claim_that_nothing_pays_is_written_down),
        cmocka_unit_test(test_whoever_waited_and_has_left_frees_the_lines),
        cmocka_unit_test(test_lines_are_paid_after_the_known_claim),
        cmocka_unit_test(test_losses_of_all_markets_settle_as_far_as_cash_goes),
        cmocka_unit_test(test_losses_that_events_cannot_tell_are_refused),
        cmocka_unit_test(test_a_record_does_not_outlive_its_claim),
        cmocka_unit_test(test_who_holds_nothing_and_waits_for_nothing_has_no_market),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* plm_liquidate: fees, order and prices. [LIQ-3] [LIQ-4] [LIQ-7] [MARGIN-9] */
#include "plm_test_liquidation.h"

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

static void test_another_leg_keeps_its_requirement_at_any_price(void **state)
{
    (void)state; /* [MARGIN-9]: 10 p - 860 < 5 % of 10 p + 5, so p < 865 / 9.5 */
    plm_price price = {0};
    make_world(90, 140);
    struct plm_market_slot *other = test_market(&s, 5, 100);
    (void)test_position(owner, other, base(1), quotes(-100));
    assert_true(plm_liquidate_price(&s, owner, 3, &price));
    assert_true(price.ticks == UINT64_C(910526315789));
}

static void test_a_share_of_equity_is_rounded_down_before_a_price(void **state)
{
    (void)state; /* [LIQ-7]: two legs of one lot share 3, so each gives up 1 */
    make_world(90, 0);
    struct plm_market_slot *other = test_market(&s, 5, 100);
    owner->record.positions[0].lots.lots = 1;
    owner->record.positions[0].quote = wads(-(int64_t)(90 * TEST_TICK));
    (void)test_position(owner, other, base(0), quotes(0));
    owner->record.positions[1].lots.lots = 1;
    owner->record.positions[1].quote = wads(-(int64_t)(100 * TEST_TICK));
    owner->record.cash = wads(3);
    assert_true(plm_liquidate_bankruptcy_price(&s, &owner->record, 3).ticks == 90 * TEST_TICK - 1);
}

static void test_a_slice_is_full_at_its_size(void **state)
{
    (void)state; /* [LIQ-5]: 20 % of 10 */
    make_world(90, 130);
    market->record.params.liq_slice_above = quotes(0);
    plm_margin_remember(&s, owner);
    const struct plm_margin margin = margin_of(owner);
    struct plm_liquidate_bound bound;
    for (int64_t more = -1; more <= 1; more++) {
        const plm_qty size = {2 * TEST_UNIT + more};
        assert_int_equal(plm_liquidate_bound(&s, owner, market, &margin, size, &bound), PLM_OK);
        assert_true(bound.is_slice == (more >= 0));
        assert_true(bound.most.lots == 2 * TEST_UNIT + (more < 0 ? more : 0));
    }
}

static void test_an_order_skips_what_is_not_held(void **state)
{
    (void)state; /* [LIQ-4] */
    make_world(90, 500);
    struct plm_market_slot *other = test_market(&s, 5, 100);
    (void)test_position(owner, other, base(0), quotes(7)); /* a claim */
    owner->record.order_count = 3;
    owner->record.order[0].market = 8;
    owner->record.order[1].market = 5;
    owner->record.order[2].market = 3;
    assert_int_equal(plm_liquidate_first_market(&s, &owner->record), 3);
    owner->record.order_count = 2; /* nothing of it can be traded: the largest goes */
    assert_int_equal(plm_liquidate_first_market(&s, &owner->record), 3);
}

static void test_a_short_that_owes_more_than_its_worth_has_no_bankruptcy_price(void **state)
{
    (void)state; /* [LIQ-7] */
    make_world(90, 500);
    winner->record.cash = quotes(0);
    winner->record.positions[0].quote = quotes(-1000); /* E_full = -1900, its value is 900 */
    assert_true(plm_liquidate_bankruptcy_price(&s, &winner->record, 3).ticks == 0);
    winner->record.positions[0].quote = quotes(0);     /* -900: all of the value */
    assert_true(plm_liquidate_bankruptcy_price(&s, &winner->record, 3).ticks == 0);
    winner->record.positions[0].quote = quotes(10);
    assert_true(plm_liquidate_bankruptcy_price(&s, &winner->record, 3).ticks == TEST_TICK);
}

static void test_the_size_is_the_least_where_a_lot_frees_less_than_a_unit(void **state)
{
    (void)state; /* [LIQ-2]: one tick a lot, 5 % and a quarter of the rest: 0.0625 a lot */
    test_scratch(&s);
    market = test_market(&s, 3, 1);
    market->record.params.floor = quotes(0);
    struct plm_feed_slot *feed = test_feed_of(&s, market);
    const plm_price tick = {1};
    feed->view.price = tick;
    feed->view.slow = tick;
    feed->view.lo = tick;
    feed->view.hi = tick;
    feed->view.favour_lo = tick;
    feed->view.favour_hi = tick;
    owner = test_account(&s, 1, 'o', wads(1));
    const plm_qty count = {30};
    struct plm_position *leg = test_position(owner, market, count, wads(-30)); /* E 1, MM 1.5 */
    plm_margin_remember(&s, owner);
    assert_int_equal(plm_liquidate_size(&s, owner, market).lots, 14);          /* 16 x 0.0625 = 1 */
    leg->lots.lots = 60; /* E 1, MM 3, T 3.75: 2 units freed by all, less than a tick a lot */
    leg->quote = wads(-60);
    owner->remembered = false;
    plm_margin_remember(&s, owner);
    assert_int_equal(plm_liquidate_size(&s, owner, market).lots, 44);
    leg->lots.lots = 10; /* E 0, MM 0.5: closed whole; all of it frees less than a unit */
    leg->quote = wads(-11);
    owner->remembered = false;
    plm_margin_remember(&s, owner);
    assert_int_equal(plm_liquidate_size(&s, owner, market).lots, 10);
}

static void test_the_uppermost_reason_of_all_markets_is_told(void **state)
{
    (void)state; /* [LIQ-4] [PRICE-4]: whichever market comes first */
    make_world(90, 140);
    struct plm_market_slot *other = test_market(&s, 5, 100);
    (void)test_position(owner, other, base(1), quotes(-100));
    test_feed_of(&s, market)->view.liquidation = PLM_E_GAP;
    test_feed_of(&s, other)->view.liquidation = PLM_E_PRICE_STALE;
    assert_int_equal(plm_liquidate_check_account(&s, &owner->record), PLM_E_PRICE_STALE);
    test_feed_of(&s, market)->view.liquidation = PLM_E_PRICE_STALE;
    test_feed_of(&s, other)->view.liquidation = PLM_E_GAP;
    assert_int_equal(plm_liquidate_check_account(&s, &owner->record), PLM_E_PRICE_STALE);
    owner->record.positions[0].lots = base(0); /* only what can be taken over counts */
    assert_int_equal(plm_liquidate_check_account(&s, &owner->record), PLM_E_GAP);
    test_feed_of(&s, other)->view.liquidation = PLM_OK;
    assert_int_equal(plm_liquidate_check_account(&s, &owner->record), PLM_OK);
}

static void test_without_lots_the_markets_of_debts_count(void **state)
{
    (void)state; /* [LIQ-6] [GOV-2] */
    make_world(90, 140);
    struct plm_market_slot *other = test_market(&s, 5, 100);
    owner->record.positions[0].lots = base(0);
    owner->record.positions[0].quote = quotes(10);
    assert_int_equal(plm_liquidate_check_account(&s, &owner->record), PLM_E_NOT_LIQUIDATABLE);
    (void)test_position(owner, other, base(0), quotes(-100));
    test_feed_of(&s, other)->view.liquidation = PLM_E_PRICE_STALE; /* a debt needs no price */
    assert_int_equal(plm_liquidate_check_account(&s, &owner->record), PLM_OK);
    other->state.pauses = 1U << PLM_PAUSE_LIQUIDATE;
    other->state.pause_sets_count = PLM_LIMIT_PAUSE_BITS;
    other->state.pause_sets[PLM_PAUSE_LIQUIDATE].at = s.now;
    assert_int_equal(plm_liquidate_check_account(&s, &owner->record), PLM_E_PAUSED);
}

static void test_a_lifted_pause_leaves_a_grace_to_takeovers(void **state)
{
    (void)state; /* [GOV-2]: the market's status comes before it */
    make_world(90, 140);
    market->state.pause_lifted = s.now;
    assert_int_equal(plm_liquidate_check_market(&s, market), PLM_E_GRACE);
    market->state.status = PLM_STATUS_SETTLING;
    assert_int_equal(plm_liquidate_check_market(&s, market), PLM_E_STATUS);
    market->state.status = PLM_STATUS_REDUCE_ONLY;
    s.now.sec += 120;
    assert_int_equal(plm_liquidate_check_market(&s, market), PLM_OK);
}

static void test_of_collaterals_alike_the_first_is_sold_first(void **state)
{
    (void)state; /* [LIQ-6] */
    make_world(90, 140);
    const plm_time never = {0};
    struct plm_asset_slot *first = test_asset(&s, 1, 10);
    struct plm_asset_slot *second = test_asset(&s, 2, 10);
    test_collateral(owner, 1, 1000000);
    test_collateral(owner, 2, 1000000);
    assert_int_equal(plm_liquidate_first_asset(&s, &owner->record, never), 1);
    second->record.params.weight_maint.ppm = first->record.params.weight_maint.ppm - 1;
    assert_int_equal(plm_liquidate_first_asset(&s, &owner->record, never), 1);
    second->record.params.weight_maint.ppm = first->record.params.weight_maint.ppm + 1;
    assert_int_equal(plm_liquidate_first_asset(&s, &owner->record, never), 2);
}

static void test_a_claim_has_no_liquidation_price(void **state)
{
    (void)state; /* [MARGIN-9] */
    plm_price found = {7};
    make_world(90, 140);
    owner->record.positions[0].lots = base(0);
    assert_false(plm_liquidate_price(&s, owner, 3, &found));
    assert_int_equal(found.ticks, 7);
}

static void test_a_remainder_on_its_floor_is_closed_too(void **state)
{
    (void)state; /* [LIQ-2]: a lot is worth 1000, requires 50 and frees 47.5; the least size leaves
                    40 lots, which require 2000, in the first rows, 39 in the next */

    static const struct row {
        uint64_t price; /* ticks */
        int64_t whole;
        int64_t floor;
        int64_t equity;
        int64_t min_order;
        int64_t expected;
    } rows[] = {
        {1000, 100, 1999, 3400, 1, 60},
        {1000, 100, 2000, 3400, 1, 100},
        {1000, 100, 2001, 3400, 1, 100},
        {1000, 100, 1949, 3399, 1, 61},
        {1000, 100, 1950, 3399, 1, 100},
        {1000, 100, 0, 3400, 40, 60},
        {1000, 100, 0, 3400, 41, 100},
        {1000, 125, 1835, 3482, 1, 125}, /* 88 lots above the floor do not cure it */
        {1000, 61800468, 1207730539, 2121915439, 1, 36644502},
        {1000, 74872430, 2289764195, 3102897260, 1, 74872430},
        {22, 80, 0, 87, 1, 24}, /* fees rounded up: the closed form is one short */
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *row = &rows[i];
        const plm_price price = {row->price};
        const plm_qty whole = {row->whole};
        test_scratch(&s);
        market = test_market(&s, 3, 1);
        market->record.params.floor = wads(row->floor);
        market->record.params.min_order.lots = row->min_order;
        struct plm_feed_slot *feed = test_feed_of(&s, market);
        feed->view.price = price;
        feed->view.slow = price;
        feed->view.lo = price;
        feed->view.hi = price;
        owner = test_account(&s, 1, 'o', wads(row->equity));
        (void)test_position(owner, market, whole, plm_val_neg(plm_fix_notional(whole, price)));
        plm_margin_remember(&s, owner);
        assert_int_equal(plm_liquidate_size(&s, owner, market).lots, row->expected);
    }
}

static void test_a_full_account_and_a_full_order_are_read_to_their_ends(void **state)
{
    (void)state; /* [UNIT-3] [LIQ-4]: 64 claims without lots; 16 markets of an order, none held */
    make_world(90, 140);
    struct plm_account *record = &owner->record;
    record->order_count = PLM_ORDER_MAX;
    for (uint32_t i = 0; i < PLM_ORDER_MAX; i++) {
        record->order[i].market = (uint16_t)(100U + i);
    }
    assert_int_equal(plm_liquidate_first_market(&s, record), 3);
    const plm_qty none = {0};
    for (uint32_t i = 0; i < PLM_POSITIONS_MAX; i++) {
        record->positions[i].lots = none;
    }
    record->positions_count = PLM_POSITIONS_MAX;
    assert_false(plm_liquidate_has_lots(record));
    record->positions[PLM_POSITIONS_MAX - 1U].lots.lots = 1;
    assert_true(plm_liquidate_has_lots(record));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_takers_fee_grows_with_the_clock),
        cmocka_unit_test(test_fees_never_take_more_than_the_legs_share_of_equity),
        cmocka_unit_test(test_the_owners_order_comes_before_the_largest_requirement),
        cmocka_unit_test(test_the_bankruptcy_price_uses_up_the_legs_share),
        cmocka_unit_test(test_the_bankruptcy_price_has_the_published_direction),
        cmocka_unit_test(test_the_liquidation_price_is_the_first_that_liquidates),
        cmocka_unit_test(test_another_leg_keeps_its_requirement_at_any_price),
        cmocka_unit_test(test_a_share_of_equity_is_rounded_down_before_a_price),
        cmocka_unit_test(test_a_slice_is_full_at_its_size),
        cmocka_unit_test(test_an_order_skips_what_is_not_held),
        cmocka_unit_test(test_a_short_that_owes_more_than_its_worth_has_no_bankruptcy_price),
        cmocka_unit_test(test_the_size_is_the_least_where_a_lot_frees_less_than_a_unit),
        cmocka_unit_test(test_the_uppermost_reason_of_all_markets_is_told),
        cmocka_unit_test(test_without_lots_the_markets_of_debts_count),
        cmocka_unit_test(test_a_lifted_pause_leaves_a_grace_to_takeovers),
        cmocka_unit_test(test_of_collaterals_alike_the_first_is_sold_first),
        cmocka_unit_test(test_a_claim_has_no_liquidation_price),
        cmocka_unit_test(test_a_remainder_on_its_floor_is_closed_too),
        cmocka_unit_test(test_a_full_account_and_a_full_order_are_read_to_their_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

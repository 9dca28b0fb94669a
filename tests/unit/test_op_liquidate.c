// SPDX-License-Identifier: Apache-2.0
/* Flag and takeover, each step judged by the gate and the invariants as the engine does.
 * [LIQ-1] [LIQ-2] [LIQ-3] [LIQ-5] [LOSS-2] */
#include "plm_insurance.h"
#include "plm_test_liquidation.h"

static plm_err liquidate(plm_qty lots)
{
    const struct plm_liquidate args = {.account = 1, .market = 3, .taker = 4, .lots = lots};
    return finish(plm_op_liquidate(&s, &args));
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
    struct plm_market_slot *other = test_market(&s, 5, 100);
    (void)test_position(taker, other, base(0), quotes(1));
    taker->record.mode = PLM_MODE_ISOLATED; /* elsewhere: a row further down */
    assert_int_equal(plm_op_liquidate(&s, &args), PLM_E_STATUS);
    taker->record.mode = PLM_MODE_CROSS;
    taker->record.positions_count = 0;
    assert_int_equal(plm_op_liquidate(&s, &args), PLM_E_STATUS);
    market->state.pauses = 1U << PLM_PAUSE_LIQUIDATE; /* a row further up */
    market->state.pause_sets_count = 8;
    market->state.pause_sets[PLM_PAUSE_LIQUIDATE].at = s.now;
    assert_int_equal(plm_op_liquidate(&s, &args), PLM_E_PAUSED);
    market->state.pauses = 0;
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

static void test_a_remainder_of_the_minimum_order_may_stay(void **state)
{
    (void)state; /* [LIQ-2] */
    for (int64_t more = 0; more <= 1; more++) {
        make_world(90, 140);
        plm_margin_remember(&s, owner);
        const plm_qty size = plm_liquidate_size(&s, owner, market);
        market->record.params.min_order.lots = 10 * TEST_UNIT - size.lots + more;
        const plm_qty taken = plm_liquidate_size(&s, owner, market);
        assert_true(taken.lots == (more == 0 ? size.lots : 10 * TEST_UNIT));
    }
}

static void test_the_best_price_of_a_leg_is_rounded_in_its_favour(void **state)
{
    (void)state; /* [PRICE-6] [LIQ-3]: one lot at 90.0000000001, 1 % of it up */
    struct plm_liquidate args = {.account = 1, .market = 3, .taker = 4};
    make_world(90, 2000);
    owner->record.positions[0].lots.lots = 1;
    test_feed_of(&s, market)->view.price.ticks += 1;
    args.limit.ticks = 90 * TEST_TICK + 1 - 9000000001;
    assert_int_equal(plm_op_liquidate(&s, &args), PLM_E_NOT_LIQUIDATABLE);
    args.limit.ticks -= 1;
    assert_int_equal(plm_op_liquidate(&s, &args), PLM_E_FILL_BAND);
}

static void test_half_of_an_odd_window_is_rounded_down(void **state)
{
    (void)state; /* [LIQ-5] [UNIT-4] */
    make_world(90, 130);
    market->record.params.liq_window = 60;
    market->record.params.liq_window_cap = plm_val_sub(quotes(180), wads(1));
    assert_int_equal(liquidate(base(0)), PLM_OK);
    assert_true(owner->record.positions[0].lots.lots == 9 * TEST_UNIT + 1);
}

static void test_a_taker_is_spared_the_confidence_of_the_traded_feed(void **state)
{
    (void)state;                              /* [LIQ-1] */
    make_world(90, 144);
    taker->judge_feed = PLM_LIMIT_FEED_SLOTS; /* as it is loaded */
    test_feed_of(&s, market)->view.risk = PLM_E_PRICE_CONF;
    assert_int_equal(liquidate(base(0)), PLM_OK);
}

static void test_a_taker_who_turns_around_does_not_grow(void **state)
{
    (void)state; /* [UNIT-3]: from 5 short to 5 long; one lot more grows */
    for (int64_t more = 0; more <= 1; more++) {
        make_world(90, 99);
        const plm_qty held = {-5 * TEST_UNIT + more};
        struct plm_account_slot *other = test_account(&s, 9, 'z', quotes(10000));
        (void)test_position(taker, market, held, quotes(450));
        (void)test_position(other, market, plm_qty_neg(held), quotes(-450));
        market->record.params.max_lots.lots = 1;
        assert_int_equal(liquidate(base(0)), more == 0 ? PLM_OK : PLM_E_CAP_POSITION);
    }
}

static void test_a_takers_position_may_reach_its_cap(void **state)
{
    (void)state; /* [UNIT-3]: 10 at 90 */
    for (int64_t step = 0; step <= 1; step++) {
        make_world(90, 99);
        market->record.params.position_cap = plm_val_sub(quotes(900), wads(step));
        assert_int_equal(liquidate(base(0)), step == 0 ? PLM_OK : PLM_E_CAP_POSITION);
    }
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

static void test_a_slice_and_the_window_bind_together(void **state)
{
    (void)state; /* [LIQ-5]: a slice of two units, the window's room beside it */

    static const struct row {
        int64_t room; /* of newcomers, in quote units: half of the cap */
        int64_t left; /* base units of ten */
        bool cools;   /* a full slice was taken */
    } rows[] = {{90, 9, false}, {180, 8, true}, {270, 8, true}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        make_world(90, 130);
        market->record.params.liq_slice_above = quotes(700);
        market->record.params.liq_window = 60;
        market->record.params.liq_window_cap = quotes(2 * rows[i].room);
        assert_int_equal(liquidate(base(0)), PLM_OK);
        assert_true(owner->record.positions[0].lots.lots == rows[i].left * TEST_UNIT);
        assert_int_equal(owner->record.cooldown_until.sec != 0, rows[i].cools);
    }
    make_world(90, 144); /* less than a slice is needed: no slice, no cooldown */
    market->record.params.liq_slice_above = quotes(700);
    market->record.params.liq_slice.ppm = 1000000;
    market->record.params.liq_window = 60;
    market->record.params.liq_window_cap = quotes(18000);
    assert_int_equal(liquidate(base(0)), PLM_OK);
    assert_true(owner->record.cooldown_until.sec == 0);
}

static void test_a_takers_limit_holds_for_shorts_too(void **state)
{
    (void)state; /* [PRICE-6]: a short of 10 from 80 at 90; the taker is paid 90 and 1 % */
    for (int64_t step = -1; step <= 1; step++) {
        make_world(90, 500);
        struct plm_account_slot *sick = winner;
        sick->record.cash = quotes(40);
        s.loaded = plm_val_sub(s.loaded, quotes(960));
        sick->record.positions[0].quote = quotes(900);
        owner->record.positions[0].quote = quotes(-900);
        struct plm_liquidate args = {.account = 2, .market = 3, .taker = 4, .lots = base(1)};
        args.limit.ticks = 90 * TEST_TICK + 90 * TEST_TICK / 100 + (uint64_t)step;
        const plm_err code = finish(plm_op_liquidate(&s, &args));
        assert_int_equal(code, step > 0 ? PLM_E_FILL_BAND : PLM_OK);
    }
}

static void test_a_fee_that_equity_cannot_pay_is_not_at_the_limit(void **state)
{
    (void)state; /* [LIQ-3] [PRICE-6]: 1 % is 9, equity of 1 pays a part: worse than the limit */
    make_world(90, 101);
    struct plm_liquidate args = {.account = 1, .market = 3, .taker = 4};
    args.limit.ticks = 90 * TEST_TICK - 90 * TEST_TICK / 100;
    assert_int_equal(finish(plm_op_liquidate(&s, &args)), PLM_E_FILL_BAND);
    args.limit = at(90);
    assert_int_equal(finish(plm_op_liquidate(&s, &args)), PLM_OK);
}

static void test_a_debt_of_the_market_is_no_leg_to_take_over(void **state)
{
    (void)state; /* [LIQ-1] */
    make_world(90, 50);
    struct plm_market_slot *other = test_market(&s, 5, 100);
    (void)test_position(owner, other, base(0), quotes(-10));
    const struct plm_liquidate args = {.account = 1, .market = 5, .taker = 4};
    assert_int_equal(plm_op_liquidate(&s, &args), PLM_E_NOT_NEEDED);
}

static void test_a_takeover_stops_where_the_engines_numbers_do(void **state)
{
    (void)state;            /* [UNIT-3] [LIQ-1]: max_lots bind what grows, not what shrinks */
    for (int64_t step = -1; step <= 1; step++) {
        make_world(90, 99); /* E_full < 0: closed whole */
        market->record.params.max_lots.lots = 10 * TEST_UNIT - step;
        assert_int_equal(liquidate(base(0)), step > 0 ? PLM_E_CAP_POSITION : PLM_OK);
    }
    make_world(90, 99);
    (void)test_position(taker, market, base(-30), quotes(2700));
    struct plm_account_slot *other = test_account(&s, 9, 'z', quotes(10000));
    (void)test_position(other, market, base(30), quotes(-2700));
    market->record.params.max_lots.lots = 1;
    assert_int_equal(liquidate(base(0)), PLM_OK);
}

static void test_a_takeover_of_no_market_is_refused(void **state)
{
    (void)state;
    make_world(90, 140);
    const struct plm_liquidate args = {.account = 1, .market = PLM_LIMIT_MARKETS_MAX, .taker = 4};
    assert_int_equal(plm_op_liquidate(&s, &args), PLM_E_NO_MARKET);
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
        cmocka_unit_test(test_a_remainder_of_the_minimum_order_may_stay),
        cmocka_unit_test(test_the_best_price_of_a_leg_is_rounded_in_its_favour),
        cmocka_unit_test(test_half_of_an_odd_window_is_rounded_down),
        cmocka_unit_test(test_a_taker_is_spared_the_confidence_of_the_traded_feed),
        cmocka_unit_test(test_a_taker_who_turns_around_does_not_grow),
        cmocka_unit_test(test_a_takers_position_may_reach_its_cap),
        cmocka_unit_test(test_an_account_without_equity_gives_up_the_leg_for_no_fee),
        cmocka_unit_test(test_a_flag_starts_the_clock_once),
        cmocka_unit_test(test_a_flagged_bankruptcy_is_recorded_in_its_markets),
        cmocka_unit_test(test_a_large_position_goes_in_slices),
        cmocka_unit_test(test_part_of_a_slice_starts_no_cooldown_and_the_backstop_knows_none),
        cmocka_unit_test(test_half_of_the_window_is_kept_for_those_who_waited),
        cmocka_unit_test(test_a_deficit_is_recognised_before_lots_move),
        cmocka_unit_test(test_part_of_a_bankrupt_leg_recognises_its_part),
        cmocka_unit_test(test_another_market_first_is_not_needed),
        cmocka_unit_test(test_a_slice_and_the_window_bind_together),
        cmocka_unit_test(test_a_takers_limit_holds_for_shorts_too),
        cmocka_unit_test(test_a_fee_that_equity_cannot_pay_is_not_at_the_limit),
        cmocka_unit_test(test_a_debt_of_the_market_is_no_leg_to_take_over),
        cmocka_unit_test(test_a_takeover_stops_where_the_engines_numbers_do),
        cmocka_unit_test(test_a_takeover_of_no_market_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

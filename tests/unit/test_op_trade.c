// SPDX-License-Identifier: Apache-2.0
/* plm_op_trade: what a fill moves, and every reason to refuse one, in the order of errors.def.
 * [ACCT-3] [ACCT-5] [PRICE-6] [LOSS-8] */
#include "plm_cmocka.h"
#include "plm_gate.h"
#include "plm_margin.h"
#include "plm_operations.h"
#include "plm_test_host.h"
#include "plm_test_scratch.h"

#define OWNER    1
#define DELEGATE 2

static struct plm_hash hash_of(uint8_t name)
{
    struct plm_hash hash = {{0}};
    hash.bytes[0] = name;
    return hash;
}

/* One market at 1000, two accounts with 1000 cash each, the caller is the matcher. */
static struct plm_scratch *venue(void)
{
    struct plm_scratch *s = fresh_scratch();
    s->host = test_host();
    s->ledger_loaded = true;
    s->caller_hash = hash_of(9);
    s->config.matcher = hash_of(9);
    (void)add_market(s, 0, 1000);
    for (uint32_t i = 0; i < 2; i++) {
        struct plm_account_slot *account = add_account(s, 1000);
        account->record.owner = hash_of(OWNER);
    }
    return s;
}

static struct plm_trade order(int64_t count, uint64_t quote)
{
    const struct plm_trade trade = {
        .fills_count = 1,
        .fills[0] = {.id = 1,
                     .market = 0,
                     .buyer = 1,
                     .seller = 2,
                     .lots = {count},
                     .price = {quote * TICKS}},
    };
    return trade;
}

/* What the engine does with an operation before it commits. */
static plm_err submit(struct plm_scratch *s, const struct plm_trade *trade)
{
    PLM_TRY(plm_op_trade(s, trade));
    for (uint32_t i = 0; i < s->account_count; i++) {
        PLM_TRY(plm_gate_check(s, &s->accounts[i]));
        s->accounts[i].remembered = false;
        s->accounts[i].fill_advantage = units(0);
    }
    return PLM_OK;
}

static void assert_order_is(struct plm_scratch *s, struct plm_trade trade, plm_err expected)
{
    assert_int_equal(submit(s, &trade), expected);
}

static void test_a_fill_moves_lots_and_quote_and_charges_both_fees(void **state)
{
    (void)state; /* [ACCT-5] [LEDGER-2] */
    struct plm_scratch *s = venue();
    struct plm_market_slot *market = &s->markets[0];
    market->record.params.fee_taker = ppm(1000);
    market->record.params.fee_maker = ppm(100);
    assert_order_is(s, order(2 * BASE, 1010), PLM_OK);
    const struct plm_position *buyer = &s->accounts[0].record.positions[0];
    const struct plm_position *seller = &s->accounts[1].record.positions[0];
    assert_int_equal(buyer->lots.lots, 2 * BASE);
    assert_int_equal(seller->lots.lots, -2 * BASE);
    const plm_val buyer_quote = plm_val_neg(plm_val_add(units(2022), wad(20000000000000000)));
    assert_int_equal(plm_val_cmp(buyer->quote, buyer_quote), 0); /* 2020 and 0.1 % of it */
    const plm_val seller_quote = plm_val_sub(units(2020), wad(202000000000000000));
    assert_int_equal(plm_val_cmp(seller->quote, seller_quote), 0);
    assert_int_equal(plm_val_cmp(market->state.fees_due, wad(2222000000000000000)), 0);
    assert_int_equal(market->state.oi.lots, 2 * BASE);
    assert_int_equal(market->state.last_fill, 1);
    assert_true(s->accounts[0].changed && s->accounts[1].changed && market->state_changed);
    assert_int_equal(s->accounts[0].judge, PLM_JUDGE_ACTOR);
}

static void test_a_side_is_counted_as_filled_at_the_worse_of_fill_and_mark(void **state)
{
    (void)state; /* [MARGIN-2] */
    struct plm_scratch *s = venue();
    const struct plm_trade trade = order(BASE, 970);
    assert_int_equal(plm_op_trade(s, &trade), PLM_OK);
    assert_int_equal(plm_val_cmp(s->accounts[0].fill_advantage, units(30)), 0);
    assert_true(plm_val_is_zero(s->accounts[1].fill_advantage));
}

static void test_the_shape_is_judged_before_the_role(void **state)
{
    (void)state;
    struct plm_scratch *s = venue();
    struct plm_trade trade = {0};
    s->config.matcher = hash_of(8);
    assert_order_is(s, trade, PLM_E_AMOUNT_ZERO);
    trade = order(0, 1000);
    trade.fills[0].seller = 1;
    assert_order_is(s, trade, PLM_E_FIELD);
    trade.fills[0].seller = 2;
    s->markets[0].record.tick = at(3);
    assert_order_is(s, trade, PLM_E_RANGE);
    trade.fills[0].price = at(999);
    assert_order_is(s, trade, PLM_E_AMOUNT_ZERO);
    trade = order(INT64_MAX, 999);
    assert_order_is(s, trade, PLM_E_OVERFLOW);
    s->markets[0].record.tick.ticks = 1;
    assert_order_is(s, order(INT64_C(400000000000000000), 1000), PLM_E_ROLE); /* 4e12 */
    assert_order_is(s, order(INT64_C(400000000000000001), 1000), PLM_E_OVERFLOW);
    trade = order(BASE, 999);
    assert_order_is(s, trade, PLM_E_ROLE);
}

static void test_an_id_is_used_once(void **state)
{
    (void)state; /* I39 */
    struct plm_scratch *s = venue();
    assert_order_is(s, order(BASE, 1000), PLM_OK);
    /* [ACCT-9] a fill is final: neither repeated nor replaced under its id. */
    assert_order_is(s, order(BASE, 1000), PLM_E_DUPLICATE);
    struct plm_trade next = order(BASE, 1000);
    next.fills[0].id = 2;
    assert_order_is(s, next, PLM_OK);
}

static void test_status_pauses_and_an_uncovered_loss_stop_growth(void **state)
{
    (void)state; /* [ACCT-7] [LOSS-7] */
    const uint8_t closed[] = {PLM_STATUS_INIT, PLM_STATUS_SETTLING, PLM_STATUS_RESOLVED};
    struct plm_scratch *s = venue();
    for (uint32_t i = 0; i < ARRAY_LEN(closed); i++) {
        s->markets[0].state.status = closed[i];
        assert_order_is(s, order(BASE, 1000), PLM_E_STATUS);
    }
    s->markets[0].state.status = PLM_STATUS_REDUCE_ONLY;
    assert_order_is(s, order(BASE, 1000), PLM_E_REDUCE_ONLY);
    s->markets[0].state.status = PLM_STATUS_ACTIVE;
    assert_order_is(s, order(BASE, 1000), PLM_OK);
    s->markets[0].state.uncovered = wad(-1);
    struct plm_trade more = order(BASE, 1000);
    more.fills[0].id = 2;
    assert_order_is(s, more, PLM_E_REDUCE_ONLY);
    more.fills[0].buyer = 2; /* both reduce */
    more.fills[0].seller = 1;
    s->markets[0].state.status = PLM_STATUS_REDUCE_ONLY;
    assert_order_is(s, more, PLM_OK);
    assert_int_equal(s->accounts[0].record.positions_count, 0);
}

static void test_growth_needs_good_prices_and_reductions_do_not(void **state)
{
    (void)state; /* [PRICE-4] */
    struct plm_scratch *s = venue();
    assert_order_is(s, order(BASE, 1000), PLM_OK);
    view_of(s, &s->markets[0])->risk = PLM_E_PRICE_STALE;
    struct plm_trade next = order(BASE, 2000); /* also outside the fill band */
    next.fills[0].id = 2;
    assert_order_is(s, next, PLM_E_PRICE_STALE);
    next = order(BASE, 1000);
    next.fills[0].id = 2;
    next.fills[0].buyer = 2;
    next.fills[0].seller = 1;
    assert_order_is(s, next, PLM_OK);
}

static void test_fills_stay_within_the_band(void **state)
{
    (void)state; /* [PRICE-6] I16: 5 % of 1000 */
    const uint64_t prices[] = {949, 950, 1050, 1051};
    const plm_err codes[] = {PLM_E_FILL_BAND, PLM_OK, PLM_OK, PLM_E_FILL_BAND};
    for (uint32_t i = 0; i < ARRAY_LEN(prices); i++) {
        assert_order_is(venue(), order(BASE, prices[i]), codes[i]);
    }
}

static void test_a_liquidatable_account_reduces_near_the_mark(void **state)
{
    (void)state; /* [PRICE-6]: sells at p - c at worst */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = venue();
        struct plm_trade trade = order(5 * BASE, 1000);
        assert_order_is(s, trade, PLM_OK);
        s->accounts[0].record.cash = units(240); /* below 5 % of 5000 */
        view_of(s, &s->markets[0])->conf = at(4);
        trade = order(BASE, 996);
        trade.fills[0].id = 2;
        trade.fills[0].buyer = 2;
        trade.fills[0].seller = 1;
        trade.fills[0].price.ticks += (uint64_t)(step + 1);
        trade.fills[0].price.ticks -= 1;
        assert_order_is(s, trade, step < 0 ? PLM_E_FILL_BAND : PLM_OK);
    }
}

static void test_caps_bind_what_grows(void **state)
{
    (void)state; /* I20 [UNIT-3] */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = venue();
        s->markets[0].record.params.oi_cap = plm_val_sub(units(2000), wad(step));
        assert_order_is(s, order(2 * BASE, 1000), step > 0 ? PLM_E_CAP_OI : PLM_OK);
        s = venue();
        s->markets[0].record.params.position_cap = plm_val_sub(units(2000), wad(step));
        assert_order_is(s, order(2 * BASE, 1000), step > 0 ? PLM_E_CAP_POSITION : PLM_OK);
        s = venue();
        s->markets[0].record.params.max_lots = lots(2 * BASE - step);
        assert_order_is(s, order(2 * BASE, 1000), step > 0 ? PLM_E_CAP_POSITION : PLM_OK);
    }
}

static void test_a_small_fill_only_closes(void **state)
{
    (void)state; /* [ACCT-7] */
    struct plm_scratch *s = venue();
    s->markets[0].record.params.min_order = lots(100);
    assert_order_is(s, order(99, 1000), PLM_E_MIN_ORDER);
    assert_order_is(s, order(100, 1000), PLM_OK);
    struct plm_trade next = order(99, 1000);
    next.fills[0].id = 2;
    next.fills[0].buyer = 2;
    next.fills[0].seller = 1;
    assert_order_is(s, next, PLM_E_MIN_ORDER);
    s->markets[0].record.params.min_order = lots(101);
    next.fills[0].lots = lots(100);
    assert_order_is(s, next, PLM_OK);
}

static void test_an_isolated_account_stays_in_its_market(void **state)
{
    (void)state; /* [ACCT-2] */
    struct plm_scratch *s = venue();
    (void)add_market(s, 1, 1000);
    s->accounts[0].record.mode = PLM_MODE_ISOLATED;
    assert_order_is(s, order(BASE, 1000), PLM_OK);
    struct plm_trade next = order(BASE, 1000);
    next.fills[0].market = 1;
    assert_order_is(s, next, PLM_E_MODE);
}

static void test_the_gate_judges_both_accounts(void **state)
{
    (void)state; /* [MARGIN-8] */
    assert_order_is(venue(), order(10 * BASE, 1000), PLM_OK);
    assert_order_is(venue(), order(10 * BASE + 1, 1000), PLM_E_BELOW_INITIAL);
    assert_order_is(venue(), order(10 * BASE, 1001), PLM_E_BELOW_INITIAL);
}

/* A grant of 5000 in size, 1 % band and 20 a day. */
static struct plm_grant *give(struct plm_account_slot *account, uint8_t holder)
{
    const struct plm_grant grant = {
        .holder = hash_of(holder),
        .expiry = {1000000},
        .size_cap = units(5000),
        .fill_band = ppm(10000),
        .daily_loss = units(20),
    };
    account->record.grants[0] = grant;
    account->record.grants_count = 1;
    return &account->record.grants[0];
}

static void test_a_delegate_needs_a_grant_that_covers_the_fill(void **state)
{
    (void)state; /* [ACCT-3] */
    struct plm_trade trade = order(2 * BASE, 1000);
    trade.fills[0].buyer_by = 1;
    assert_order_is(venue(), trade, PLM_E_BUDGET);
    struct plm_scratch *exact = venue();
    give(&exact->accounts[0], DELEGATE)->size_cap = units(2000);
    assert_order_is(exact, trade, PLM_OK);
    for (uint32_t i = 0; i < 5; i++) {
        struct plm_scratch *s = venue();
        struct plm_grant *grant = give(&s->accounts[0], DELEGATE);
        struct plm_account *record = &s->accounts[0].record;
        switch (i) {
        case 1: grant->expiry.sec -= 1; break;
        case 2: grant->size_cap = plm_val_sub(units(2000), wad(1)); break;
        case 3: trade.fills[0].price = at(1011); break;
        case 4:
            trade.fills[0].price = at(1000);
            record->grant_markets[0].market = 7;
            record->grant_markets_count = 1;
            break;
        default: break;
        }
        assert_order_is(s, trade, i == 0 ? PLM_OK : PLM_E_BUDGET);
    }
}

static void test_a_days_loss_is_spent_and_comes_back(void **state)
{
    (void)state;                                            /* [ACCT-3] */
    struct plm_scratch *s = venue();
    struct plm_grant *grant = give(&s->accounts[0], OWNER); /* the owner's own budget */
    s->markets[0].record.params.fee_taker = ppm(1000);
    struct plm_trade trade = order(BASE, 1010);
    assert_order_is(s, trade, PLM_OK);
    const plm_val spent = plm_val_add(units(11), wad(10000000000000000)); /* 10 and 0.1 % */
    assert_int_equal(plm_val_cmp(grant->lost_today, spent), 0);
    assert_int_equal(grant->day, 11);
    trade.fills[0].id = 2;
    assert_order_is(s, trade, PLM_E_BUDGET);
    s->now.sec = 12 * 86400;
    assert_order_is(s, trade, PLM_OK); /* expired: the own budget binds no more */
    grant->expiry = s->now;
    trade.fills[0].id = 3;
    assert_order_is(s, trade, PLM_OK);
    assert_int_equal(grant->day, 12);
    assert_int_equal(plm_val_cmp(grant->lost_today, spent), 0);
}

/* A market whose feed never had a price has no band that a grant could ask for. */
static void test_a_budget_without_a_price_leaves_the_answer_to_prices(void **state)
{
    (void)state; /* [ACCT-3] [PRICE-4] */
    struct plm_scratch *s = venue();
    (void)give(&s->accounts[0], OWNER);
    const struct plm_view none = {.risk = PLM_E_PRICE_STALE, .liquidation = PLM_E_PRICE_STALE};
    *view_of(s, &s->markets[0]) = none;
    assert_order_is(s, order(BASE, 1000), PLM_E_PRICE_STALE);
}

static void test_of_two_bad_feeds_the_upper_row_is_told(void **state)
{
    (void)state; /* [PRICE-4] */
    const plm_err codes[] = {PLM_E_PRICE_STALE, PLM_E_GAP};
    for (uint32_t turn = 0; turn < 2; turn++) {
        struct plm_scratch *s = venue();
        struct plm_asset_slot *asset = add_asset(s, 1, 10);
        (void)pledge(&s->accounts[0], asset, 1);
        view_of(s, &s->markets[0])->risk = codes[turn];
        s->feeds[asset->feed_slot].view.risk = codes[1 - turn];
        assert_order_is(s, order(BASE, 1000), PLM_E_PRICE_STALE);
    }
}

static void test_losses_that_events_cannot_tell_stop_either_side(void **state)
{
    (void)state; /* [LEDGER-1]: what earlier fills of the message told stands before them */
    for (uint32_t side = 0; side < 2; side++) {
        struct plm_scratch *s = venue();
        (void)add_market(s, 1, 1000);
        (void)hold(&s->accounts[side], 1, 0, -5);
        s->event_length = PLM_LIMIT_EVENTS_MAX - 1280;
        assert_order_is(s, order(BASE, 1000), PLM_E_OVERFLOW);
    }
}

static void test_a_sellers_cap_binds_where_the_buyer_only_closes(void **state)
{
    (void)state; /* [ACCT-7] I20 */
    for (int64_t step = -1; step <= 1; step++) {
        struct plm_scratch *s = venue();
        (void)hold(&s->accounts[0], 0, -2 * BASE, 2000);
        s->markets[0].state.oi = lots(2 * BASE);
        s->markets[0].record.params.max_lots = lots(2 * BASE - step);
        assert_order_is(s, order(2 * BASE, 1000), step > 0 ? PLM_E_CAP_POSITION : PLM_OK);
    }
}

static void test_sizes_beyond_64_bits_are_refused(void **state)
{
    (void)state; /* [UNIT-3] */
    struct plm_scratch *s = venue();
    struct plm_position *position = hold(&s->accounts[0], 0, INT64_MAX, 0);
    assert_order_is(s, order(1, 1000), PLM_E_OVERFLOW);
    position->lots = lots(0);
    s->markets[0].state.oi = lots(INT64_MAX);
    assert_order_is(s, order(1, 1000), PLM_E_CAP_OI);
}

static void test_a_grant_binds_the_markets_that_it_names_and_no_others(void **state)
{
    (void)state; /* [ACCT-3]: two grants share one list of named markets */

    static const struct row {
        uint8_t grants[3];                    /* which grant names it */
        uint16_t markets[3];
        plm_err expected;                     /* of the delegate, grant 0, in market 0 */
    } rows[] = {
        {{1, 1, 1}, {7, 8, 9}, PLM_OK},       /* the other grant's: this one names none, so all */
        {{1, 0, 1}, {0, 7, 8}, PLM_E_BUDGET}, /* 7 only */
        {{0, 0, 1}, {7, 8, 0}, PLM_E_BUDGET},
        {{0, 1, 0}, {7, 7, 0}, PLM_OK},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct plm_scratch *s = venue();
        struct plm_account *record = &s->accounts[0].record;
        struct plm_trade trade = order(BASE, 1000);
        trade.fills[0].buyer_by = 1;
        (void)give(&s->accounts[0], DELEGATE);
        record->grants[1] = record->grants[0];
        record->grants[1].holder = hash_of(OWNER);
        record->grants_count = 2;
        record->grant_markets_count = 3;
        for (uint32_t j = 0; j < 3; j++) {
            record->grant_markets[j].grant = rows[i].grants[j];
            record->grant_markets[j].market = rows[i].markets[j];
        }
        assert_order_is(s, trade, rows[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_fill_moves_lots_and_quote_and_charges_both_fees),
        cmocka_unit_test(test_a_side_is_counted_as_filled_at_the_worse_of_fill_and_mark),
        cmocka_unit_test(test_the_shape_is_judged_before_the_role),
        cmocka_unit_test(test_an_id_is_used_once),
        cmocka_unit_test(test_status_pauses_and_an_uncovered_loss_stop_growth),
        cmocka_unit_test(test_growth_needs_good_prices_and_reductions_do_not),
        cmocka_unit_test(test_fills_stay_within_the_band),
        cmocka_unit_test(test_a_liquidatable_account_reduces_near_the_mark),
        cmocka_unit_test(test_caps_bind_what_grows),
        cmocka_unit_test(test_a_small_fill_only_closes),
        cmocka_unit_test(test_an_isolated_account_stays_in_its_market),
        cmocka_unit_test(test_the_gate_judges_both_accounts),
        cmocka_unit_test(test_a_delegate_needs_a_grant_that_covers_the_fill),
        cmocka_unit_test(test_a_days_loss_is_spent_and_comes_back),
        cmocka_unit_test(test_a_budget_without_a_price_leaves_the_answer_to_prices),
        cmocka_unit_test(test_of_two_bad_feeds_the_upper_row_is_told),
        cmocka_unit_test(test_losses_that_events_cannot_tell_stop_either_side),
        cmocka_unit_test(test_a_sellers_cap_binds_where_the_buyer_only_closes),
        cmocka_unit_test(test_sizes_beyond_64_bits_are_refused),
        cmocka_unit_test(test_a_grant_binds_the_markets_that_it_names_and_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

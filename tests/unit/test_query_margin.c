// SPDX-License-Identifier: Apache-2.0
/* plm_query_margin: the receipt says what bound each leg; what it promises can be done. [MARGIN-9]
 * [WD-1] [LOSS-9] */
#include "plm_cmocka.h"
#include "plm_codec.h"
#include "plm_operations.h"
#include "plm_test_engine.h"
#include "plm_test_scratch.h"

static struct plm_scratch *venue(void)
{
    struct plm_scratch *s = fresh_scratch();
    s->host = test_host();
    s->ledger_loaded = true;
    s->config.next_account = 2;
    (void)add_market(s, 0, 1000);
    return s;
}

static struct plm_reply_margin receipt(struct plm_scratch *s)
{
    const struct plm_get_margin ask = {.account = 1};
    struct plm_reply_margin reply = {0};
    s->reply_length = 0; /* a new call */
    assert_int_equal(plm_query_get_margin(s, &ask), PLM_OK);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_reply_margin, s->reply, s->reply_length, &reply),
                     PLM_OK);
    return reply;
}

static void test_the_receipt_names_what_bound_the_initial_ratio(void **state)
{
    (void)state; /* [MARGIN-9] */
    struct plm_scratch *s = venue();
    struct plm_account_slot *account = add_account(s, 1000);
    struct plm_position *position = hold(account, 0, BASE, -1000);
    struct plm_market_params *params = &s->markets[0].record.params;
    view_of(s, &s->markets[0])->lo = at(990);
    struct plm_reply_margin reply = receipt(s);
    assert_int_equal(reply.legs[0].bound, 0);
    assert_int_equal(reply.legs[0].price_initial.ticks, 990 * TICKS);
    assert_int_equal(plm_val_cmp(reply.legs[0].mutual_loss, units(100)), 0);
    assert_int_equal(reply.level, PLM_LEVEL_HEALTHY);
    params->imf.nano = 30000000; /* 3 % a root */
    assert_int_equal(receipt(s).legs[0].bound, 1);
    assert_int_equal(receipt(s).legs[0].initial.ppm, 110000);
    account->record.leverage = ppm(200000);
    assert_int_equal(receipt(s).legs[0].bound, 2);
    params->imf.nano = 0;
    account->record.leverage = ppm(0);
    params->floor = units(100); /* what 10 % of 1000 need */
    assert_int_equal(receipt(s).legs[0].bound, 0);
    params->floor = plm_val_add(units(100), wad(1));
    assert_int_equal(receipt(s).legs[0].bound, 3);
    position->lots = lots(1);
    position->quote = units(0);
    params->floor = units(1);
    assert_int_equal(receipt(s).legs[0].bound, 3);
}

static void test_the_receipt_holds_the_account_at_unscaled_ratios(void **state)
{
    (void)state; /* [MARGIN-9] [MARGIN-4] */
    struct plm_scratch *s = venue();
    (void)hold(add_account(s, 1000), 0, BASE, -1000);
    s->markets[0].record.params.oi_lower = units(1);
    s->markets[0].record.params.oi_upper = units(2);
    s->markets[0].state.oi = lots(BASE);
    const struct plm_reply_margin reply = receipt(s);
    assert_int_equal(plm_wval_cmp(reply.initial, weighted(100)), 0);
    assert_int_equal(reply.level, PLM_LEVEL_HEALTHY);
}

static void test_what_one_step_may_charge_is_rounded_down(void **state)
{
    (void)state; /* [LOSS-2] [MARGIN-9] */
    struct plm_scratch *s = venue();
    (void)hold(add_account(s, 1000), 0, BASE, -1000);
    s->markets[0].record.params.loss_cap = ppm(99999);
    view_of(s, &s->markets[0])->price.ticks += 1;
    const uint64_t ticks = (1000 * TICKS + 1) * 99999 / 1000000; /* a remainder is left */
    const plm_price step = {ticks};
    assert_int_equal(
        plm_val_cmp(receipt(s).legs[0].mutual_loss, plm_fix_notional(lots(BASE), step)), 0);
}

static void test_the_receipts_hash_follows_every_input(void **state)
{
    (void)state; /* [MARGIN-9] */
    struct plm_scratch *s = venue();
    struct plm_account_slot *account = add_account(s, 1000);
    struct plm_asset_slot *asset = add_asset(s, 1, 10);
    (void)hold(account, 0, BASE, -1000);
    (void)pledge(account, asset, 1);
    struct plm_hash last = receipt(s).inputs;
    assert_memory_equal(receipt(s).inputs.bytes, last.bytes, sizeof last.bytes);
    for (uint32_t i = 0; i < 6; i++) {
        struct plm_scratch *t = s;
        switch (i) {
        case 0: t->config.epoch++; break;
        case 1: view_of(t, &t->markets[0])->price.ticks++; break;
        case 2: view_of(t, &t->markets[0])->conf.ticks++; break;
        case 3: view_of(t, &t->markets[0])->slow.ticks++; break;
        case 4: t->feeds[asset->feed_slot].view.price.ticks++; break;
        default: account->record.cash = plm_val_add(account->record.cash, wad(1)); break;
        }
        const struct plm_hash now = receipt(s).inputs;
        assert_memory_not_equal(now.bytes, last.bytes, sizeof last.bytes);
        last = now;
    }
}

static uint32_t put_prices(const struct plm_feed_slot *feed, uint8_t *bytes, uint32_t room)
{
    const struct plm_ev_priced prices = {.feed = feed->id,
                                         .price = feed->view.price,
                                         .conf = feed->view.conf,
                                         .slow = feed->view.slow};
    return plm_codec_encode(PLM_LAYOUT_ev_priced, &prices, bytes, room);
}

static void test_the_receipts_hash_is_of_the_bytes_it_names(void **state)
{
    (void)state; /* [MARGIN-9]: id, epoch, the record, the prices of its legs and collaterals */
    struct plm_scratch *s = venue();
    struct plm_account_slot *account = add_account(s, 1000);
    struct plm_asset_slot *asset = add_asset(s, 1, 10);
    static uint8_t bytes[8192] = {1, 0, 0, 0, 0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1};
    uint32_t length = 16;
    struct plm_hash expected = {{0}};
    (void)hold(account, 0, BASE, -1000);
    (void)pledge(account, asset, 1);
    view_of(s, &s->markets[0])->conf.ticks = 3;
    s->config.epoch = UINT64_C(0x0102030405060708);
    const struct plm_hash told = receipt(s).inputs;
    length += plm_codec_encode(
        PLM_LAYOUT_account, &account->record, bytes + length, (uint32_t)sizeof bytes - length);
    length += put_prices(
        &s->feeds[s->markets[0].feed_slot], bytes + length, (uint32_t)sizeof bytes - length);
    length +=
        put_prices(&s->feeds[asset->feed_slot], bytes + length, (uint32_t)sizeof bytes - length);
    plm_host_sha256(s->host, bytes, length, expected.bytes);
    assert_memory_equal(told.bytes, expected.bytes, sizeof told.bytes);
}

static void test_bad_prices_leave_nothing_to_withdraw_while_risk_is_open(void **state)
{
    (void)state; /* [PRICE-4] [WD-1] [WD-2] */
    struct plm_scratch *s = venue();
    struct plm_account_slot *account = add_account(s, 1000);
    (void)hold(account, 0, BASE, -1000);
    assert_int_equal(plm_val_cmp(receipt(s).withdrawable, units(900)), 0);
    view_of(s, &s->markets[0])->risk = PLM_E_PRICE_STALE;
    assert_true(plm_val_is_zero(receipt(s).withdrawable));
    account->record.positions[0].lots = lots(0);
    account->record.positions[0].quote = units(5);
    assert_int_equal(plm_val_cmp(receipt(s).withdrawable, units(1000)), 0);
}

static void test_stale_collateral_holds_back_whoever_has_risk(void **state)
{
    (void)state; /* [PRICE-4] [WD-2]: a claim is no risk; a short is, whatever its quote */
    struct plm_scratch *s = venue();
    struct plm_account_slot *account = add_account(s, 1000);
    struct plm_asset_slot *asset = add_asset(s, 1, 10);
    struct plm_position *position = hold(account, 0, 0, 5);
    (void)pledge(account, asset, 1);
    s->feeds[asset->feed_slot].view.risk = PLM_E_PRICE_STALE;
    assert_int_equal(plm_val_cmp(receipt(s).withdrawable, units(1000)), 0);
    position->quote = units(-5);
    assert_true(plm_val_is_zero(receipt(s).withdrawable));
    position->lots = lots(-BASE);
    position->quote = units(1000);
    assert_true(plm_val_is_zero(receipt(s).withdrawable));
}

static void test_cash_leaves_in_whole_atoms(void **state)
{
    (void)state; /* [WD-1] [UNIT-2] */
    struct plm_scratch *s = venue();
    struct plm_asset_slot *settlement = add_asset(s, 0, 1);
    struct plm_account_slot *account = add_account(s, 3);
    const struct plm_get_withdrawable ask = {.account = 1, .asset = 0};
    struct plm_reply_withdrawable reply = {0};
    settlement->record.decimals = 6;
    account->record.cash = plm_val_add(units(3), wad(1));
    assert_int_equal(plm_query_get_withdrawable(s, &ask), PLM_OK);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_reply_withdrawable, s->reply, s->reply_length, &reply), PLM_OK);
    assert_int_equal(reply.amount.atoms.lo, 3000000);
}

static void test_cover_counts_each_account_once_and_only_its_leg(void **state)
{
    (void)state; /* [LOSS-9] */
    struct plm_scratch *s = venue();
    struct plm_account_slot *first = add_account(s, 10);
    (void)hold(first, 0, BASE, -1000);
    (void)add_account(s, 10);
    s->feeds[0].record.params.age = 30;
    s->feeds[0].record.params.window = 300;
    s->feeds[0].record.params.window_band = ppm(199999);
    view_of(s, &s->markets[0])->price.ticks += 1;
    struct plm_get_cover ask = {.market = 0, .first = 1, .second = 2};
    struct plm_reply_cover one = {0};
    struct plm_reply_cover twice = {0};
    assert_int_equal(plm_query_get_cover(s, &ask), PLM_OK);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_reply_cover, s->reply, s->reply_length, &one),
                     PLM_OK);
    ask.second = 1;
    s->reply_length = 0; /* a new call */
    assert_int_equal(plm_query_get_cover(s, &ask), PLM_OK);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_reply_cover, s->reply, s->reply_length, &twice),
                     PLM_OK);
    assert_int_equal(plm_val_cmp(one.loss, twice.loss), 0);
    /* The step is rounded up: there is a remainder. */
    const plm_price price = view_of(s, &s->markets[0])->price;
    assert_int_not_equal(price.ticks % 1000000 * one.move.ppm % 1000000, 0);
    const plm_price step = plm_fix_price_part_ceil(price, one.move);
    const plm_val equity = plm_val_add(units(10 - 1000), plm_fix_notional(lots(BASE), price));
    const plm_val loss = plm_val_sub(plm_fix_notional(lots(BASE), step), equity);
    assert_true(plm_val_is_positive(loss));
    assert_int_equal(plm_val_cmp(one.loss, loss), 0);
    assert_int_equal(one.loss_a_lot.ticks, 100 * TICKS);
}

#define PAGE_MARKETS 120U /* more than one operation's slots */
#define PAGE_LEGS    40U
#define PAGE_ASSETS  8U

static struct plm_reply_accounts page(struct plm_host *host, uint64_t from, uint8_t limit)
{
    static struct plm_memory memory;
    const struct plm_get_accounts ask = {.from = from, .limit = limit};
    struct plm_reply_accounts reply = {0};
    uint8_t message[32] = {PLM_QUERY_ACCOUNTS};
    const uint32_t length =
        plm_codec_encode(PLM_LAYOUT_get_accounts, &ask, message + 1, sizeof message - 1);
    assert_int_equal(plm_engine_query(host, &memory, message, length + 1), PLM_OK);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_reply_accounts, host->reply, host->reply_length, &reply),
        PLM_OK);
    return reply;
}

/* An account that holds lots in each of PAGE_LEGS markets and assets that nobody else holds,
 * written where it is stored. */
static void store_account(struct plm_host *host, uint8_t id, uint16_t first_market)
{
    const uint8_t key[9] = {PLM_KEY_ACCOUNT, [8] = id};
    struct test_entry *entry = test_find(host, key, sizeof key);
    struct plm_account account = {0};
    assert_non_null(entry);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_account, entry->value + 1, entry->value_length - 1, &account),
        PLM_OK);
    account.cash = units(id);
    account.positions_count = PAGE_LEGS;
    for (uint32_t i = 0; i < PAGE_LEGS; i++) {
        account.positions[i].market = (uint16_t)(first_market + i);
        account.positions[i].lots = lots(1000 * (id + 1));
    }
    account.collaterals_count = PAGE_ASSETS;
    for (uint32_t i = 0; i < PAGE_ASSETS; i++) {
        account.collaterals[i].asset = (uint16_t)(1 + PAGE_ASSETS * (id - 1U) + i);
        account.collaterals[i].atoms = plm_amt_from_u64(1);
    }
    entry->value_length =
        1 + plm_codec_encode(PLM_LAYOUT_account, &account, entry->value + 1, 6143);
}

static void test_a_page_with_more_markets_than_fit_says_what_single_pages_say(void **state)
{
    (void)state;
    struct plm_host *host = test_m0_engine();
    struct plm_market market = test_m0_market();
    const struct plm_feed feed = test_m0_feed();
    struct plm_asset asset = test_m0_asset();
    for (uint16_t i = 1; i < PAGE_MARKETS; i++) {
        assert_int_equal(test_add_feed(host, &feed), PLM_OK);
        assert_int_equal(test_set_publisher(host, i, "pub", 1), PLM_OK);
        market.feed = i;
        assert_int_equal(test_add_market(host, &market, 1), PLM_OK);
    }
    for (uint8_t i = 0; i < 4 * PAGE_ASSETS; i++) {
        asset.token.bytes[0] = (uint8_t)('A' + i);
        const struct plm_add_asset args = {
            .token = asset.token, .decimals = 18, .feed = 0, .params = asset.params};
        assert_int_equal(TEST_APPLY(host, ADD_ASSET, add_asset, &args), PLM_OK);
    }
    for (uint8_t id = 1; id <= 4; id++) {
        const struct plm_open_account open = {.number = id};
        assert_int_equal(TEST_APPLY(host, OPEN_ACCOUNT, open_account, &open), PLM_OK);
        store_account(host, id, (uint16_t)(id * 20U)); /* neighbours share half of their markets */
    }
    test_host_caller(host, "pub");
    for (uint16_t i = 0; i < PAGE_MARKETS; i++) {
        const struct plm_publish_price price = {
            .quotes_count = 1,
            .quotes = {{.feed = i, .price = {50 * TEST_ONE}, .time = host->now}}};
        assert_int_equal(TEST_APPLY(host, PUBLISH_PRICE, publish_price, &price), PLM_OK);
    }

    const struct plm_reply_accounts all = page(host, 1, 32);
    assert_int_equal(all.accounts_count, 4);
    assert_int_equal(all.next, 0);
    for (uint32_t i = 0; i < 4; i++) {
        const struct plm_reply_accounts one = page(host, i + 1, 1);
        assert_int_equal(one.accounts_count, 1);
        assert_int_equal(one.next, i < 3 ? i + 2 : 0);
        assert_int_equal(all.accounts[i].priced, 1);
        assert_true(plm_val_is_positive(all.accounts[i].maint));
        assert_memory_equal(&all.accounts[i], &one.accounts[0], sizeof one.accounts[0]);
    }
}

static void test_a_page_says_what_the_receipts_say(void **state)
{
    (void)state; /* [MARGIN-7] [MARGIN-9]: unscaled, equity rounded down, requirements up */
    struct plm_host *host = test_m0_engine();
    const struct plm_open_account open = {.number = 1};
    struct plm_asset asset = test_m0_asset();
    struct plm_market market = test_m0_market();
    market.params.oi_lower = units(1);
    market.params.oi_upper = units(2);
    assert_int_equal(test_add_market(host, &market, 1), PLM_OK);
    const struct plm_add_asset args = {
        .token = asset.token, .decimals = 18, .feed = 0, .params = asset.params};
    assert_int_equal(TEST_APPLY(host, ADD_ASSET, add_asset, &args), PLM_OK);
    assert_int_equal(TEST_APPLY(host, OPEN_ACCOUNT, open_account, &open), PLM_OK);
    const uint8_t account_key[9] = {PLM_KEY_ACCOUNT, [8] = 1};
    const uint8_t state_key[3] = {PLM_KEY_MARKET_STATE, 0, 1};
    struct test_entry *entry = test_find(host, account_key, sizeof account_key);
    struct plm_account account = {0};
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_account, entry->value + 1, entry->value_length - 1, &account),
        PLM_OK);
    account.cash = units(15);
    account.positions_count = 1;
    account.positions[0].market = 1;
    account.positions[0].lots = lots(BASE + 1);
    account.positions[0].quote = units(-50);
    account.collaterals_count = 1;
    account.collaterals[0].asset = 1;
    account.collaterals[0].atoms = plm_amt_from_u64(1234567);
    entry->value_length =
        1 + plm_codec_encode(PLM_LAYOUT_account, &account, entry->value + 1, 6143);
    entry = test_find(host, state_key, sizeof state_key);
    struct plm_market_state stored = {0};
    test_read(host, PLM_KEY_MARKET_STATE, 1, PLM_LAYOUT_market_state, &stored);
    stored.oi = lots(BASE + 1);
    entry->value_length =
        1 + plm_codec_encode(PLM_LAYOUT_market_state, &stored, entry->value + 1, 6143);
    test_host_caller(host, "pub");
    const struct plm_publish_price price = {
        .quotes_count = 1, .quotes = {{.price = {50 * TEST_ONE + 1}, .time = host->now}}};
    assert_int_equal(TEST_APPLY(host, PUBLISH_PRICE, publish_price, &price), PLM_OK);

    const struct plm_get_margin ask = {.account = 1};
    struct plm_reply_margin reply = {0};
    struct test_entry *stored_account = test_find(host, account_key, sizeof account_key);
    account.cash = units(3); /* above maintenance, below initial */
    (void)plm_codec_encode(PLM_LAYOUT_account, &account, stored_account->value + 1, 6143);
    assert_int_equal(page(host, 1, 1).accounts[0].level, PLM_LEVEL_RESTRICTED);
    account.cash = units(15);
    (void)plm_codec_encode(PLM_LAYOUT_account, &account, stored_account->value + 1, 6143);
    const struct plm_account_line line = page(host, 1, 1).accounts[0];
    assert_int_equal(test_query(host, PLM_QUERY_MARGIN, PLM_LAYOUT_get_margin, &ask), PLM_OK);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_reply_margin, host->reply, host->reply_length, &reply), PLM_OK);
    assert_int_equal(line.level, reply.level);
    assert_int_equal(line.level, PLM_LEVEL_HEALTHY); /* where the scaled ratio asks for 100 % */
    /* Both have a fraction: down, and up. */
    assert_int_equal(plm_val_cmp(line.equity_maint, plm_fix_wval_to_val_floor(reply.equity_maint)),
                     0);
    assert_true(plm_wval_cmp(plm_fix_val_to_wval(line.equity_maint), reply.equity_maint) < 0);
    assert_int_equal(plm_val_cmp(line.maint, plm_fix_wval_to_val_ceil(reply.maint)), 0);
    assert_true(plm_wval_cmp(plm_fix_val_to_wval(line.maint), reply.maint) > 0);
}

static void test_a_page_leaves_out_the_closed_and_the_unreadable_is_told(void **state)
{
    (void)state; /* [GOV-4] */
    struct plm_host *host = test_m0_engine();
    for (uint8_t id = 1; id <= 3; id++) {
        const struct plm_open_account open = {.number = id};
        assert_int_equal(TEST_APPLY(host, OPEN_ACCOUNT, open_account, &open), PLM_OK);
    }
    const struct plm_close_account close = {2};
    assert_int_equal(TEST_APPLY(host, CLOSE_ACCOUNT, close_account, &close), PLM_OK);
    const struct plm_reply_accounts all = page(host, 1, 32);
    assert_int_equal(all.accounts_count, 2);
    assert_int_equal(all.accounts[1].account, 3);
    const uint8_t key[9] = {PLM_KEY_ACCOUNT, [8] = 3};
    test_find(host, key, sizeof key)->value[0] = PLM_RECORD_VERSION + 1;
    const struct plm_get_accounts ask = {.from = 1, .limit = 32};
    assert_int_equal(test_query(host, PLM_QUERY_ACCOUNTS, PLM_LAYOUT_get_accounts, &ask),
                     PLM_E_VERSION);
}

static void test_an_account_is_priced_where_everything_it_uses_is(void **state)
{
    (void)state; /* [MARGIN-7]: lots, a claim, and a collateral, of a feed that never had a price */
    struct plm_host *host = test_m0_engine();
    const struct plm_feed feed = test_m0_feed();
    const struct plm_market market = test_m0_market();
    struct plm_market unpriced = market;
    struct plm_asset asset = test_m0_asset();
    unpriced.feed = 1;
    assert_int_equal(test_add_feed(host, &feed), PLM_OK);
    assert_int_equal(test_add_market(host, &unpriced, 1), PLM_OK);
    for (uint16_t id = 1; id <= 2; id++) {
        asset.token.bytes[0] = (uint8_t)('a' + id);
        const struct plm_add_asset args = {
            .token = asset.token, .decimals = 18, .feed = id % 2, .params = asset.params};
        assert_int_equal(TEST_APPLY(host, ADD_ASSET, add_asset, &args), PLM_OK);
    }
    const struct plm_open_account open = {.number = 1};
    assert_int_equal(TEST_APPLY(host, OPEN_ACCOUNT, open_account, &open), PLM_OK);
    test_host_caller(host, "pub");
    const struct plm_publish_price price = {
        .quotes_count = 1, .quotes = {{.price = {50 * TEST_ONE}, .time = host->now}}};
    assert_int_equal(TEST_APPLY(host, PUBLISH_PRICE, publish_price, &price), PLM_OK);

    static const struct row {
        int64_t lots;   /* in the market without a price */
        uint16_t asset; /* held: 1 has no price, 2 has one, 0 is none */
        uint8_t priced;
    } rows[] = {{0, 0, 1}, {1, 0, 0}, {0, 2, 1}, {0, 1, 0}};

    const uint8_t key[9] = {PLM_KEY_ACCOUNT, [8] = 1};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct test_entry *entry = test_find(host, key, sizeof key);
        struct plm_account account = {0};
        assert_int_equal(
            plm_codec_decode(
                PLM_LAYOUT_account, entry->value + 1, entry->value_length - 1, &account),
            PLM_OK);
        account.positions_count = 1;
        account.positions[0].market = 1;
        account.positions[0].lots = lots(rows[i].lots);
        account.positions[0].quote = units(5);
        account.collaterals_count = rows[i].asset == 0 ? 0 : 1;
        account.collaterals[0].asset = rows[i].asset;
        account.collaterals[0].atoms = plm_amt_from_u64(1);
        entry->value_length =
            1 + plm_codec_encode(PLM_LAYOUT_account, &account, entry->value + 1, 6143);
        assert_int_equal(page(host, 1, 1).accounts[0].priced, rows[i].priced);
    }
}

static void test_the_liquidation_price_of_a_leg_is_asked_for_by_its_market(void **state)
{
    (void)state; /* [MARGIN-9] */
    struct plm_scratch *s = venue();
    s->feeds[0].record.params.price_min.ticks = 1;
    s->feeds[0].record.params.price_max.ticks = UINT64_C(2000000000000000);
    struct plm_account_slot *account = add_account(s, 200);
    (void)hold(account, 0, BASE, -1000);
    struct plm_get_liquidation_price ask = {.account = 1, .market = 0};
    struct plm_reply_liquidation_price reply = {0};
    assert_int_equal(plm_query_get_liquidation_price(s, &ask), PLM_OK);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_reply_liquidation_price, s->reply, s->reply_length, &reply),
        PLM_OK);
    assert_int_equal(reply.exists, 1); /* 200 + p - 1000 < 5 % of p below 842.105... */
    assert_true(reply.price.ticks == UINT64_C(8421052631578));
    account->record.cash = units(2000);
    s->reply_length = 0; /* a new call */
    assert_int_equal(plm_query_get_liquidation_price(s, &ask), PLM_OK);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_reply_liquidation_price, s->reply, s->reply_length, &reply),
        PLM_OK);
    assert_int_equal(reply.exists, 0);
    ask.market = 7;
    assert_int_equal(plm_query_get_liquidation_price(s, &ask), PLM_E_NO_MARKET);
}

static void test_collateral_waits_for_prices_while_risk_is_open(void **state)
{
    (void)state; /* [WD-1] [PRICE-4] */
    struct plm_scratch *s = venue();
    struct plm_account_slot *account = add_account(s, 1000);
    struct plm_asset_slot *asset = add_asset(s, 1, 10);
    (void)hold(account, 0, BASE, -1000);
    (void)pledge(account, asset, 3);
    const struct plm_get_withdrawable ask = {.account = 1, .asset = 1};
    struct plm_reply_withdrawable reply = {0};
    for (uint32_t turn = 0; turn < 2; turn++) {
        view_of(s, &s->markets[0])->risk = turn == 0 ? PLM_OK : PLM_E_PRICE_STALE;
        s->reply_length = 0; /* a new call */
        assert_int_equal(plm_query_get_withdrawable(s, &ask), PLM_OK);
        assert_int_equal(
            plm_codec_decode(PLM_LAYOUT_reply_withdrawable, s->reply, s->reply_length, &reply),
            PLM_OK);
        assert_int_equal(reply.amount.atoms.lo, turn == 0 ? 3000000 : 0);
    }
}

static void test_a_claim_is_not_stressed(void **state)
{
    (void)state; /* [LOSS-9] */
    struct plm_scratch *s = venue();
    s->feeds[0].record.params.age = 30;
    s->feeds[0].record.params.window = 300;
    s->feeds[0].record.params.window_band = ppm(200000);
    struct plm_account_slot *account = add_account(s, 0);
    (void)hold(account, 0, 0, -5);
    const struct plm_get_cover ask = {.market = 0, .first = 1, .second = 1};
    struct plm_reply_cover reply = {0};
    assert_int_equal(plm_query_get_cover(s, &ask), PLM_OK);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_reply_cover, s->reply, s->reply_length, &reply),
                     PLM_OK);
    assert_true(plm_val_is_zero(reply.loss));
    assert_true(!plm_price_is_zero(reply.loss_a_lot));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_page_with_more_markets_than_fit_says_what_single_pages_say),
        cmocka_unit_test(test_the_receipt_names_what_bound_the_initial_ratio),
        cmocka_unit_test(test_the_receipt_holds_the_account_at_unscaled_ratios),
        cmocka_unit_test(test_what_one_step_may_charge_is_rounded_down),
        cmocka_unit_test(test_the_receipts_hash_follows_every_input),
        cmocka_unit_test(test_the_receipts_hash_is_of_the_bytes_it_names),
        cmocka_unit_test(test_stale_collateral_holds_back_whoever_has_risk),
        cmocka_unit_test(test_cash_leaves_in_whole_atoms),
        cmocka_unit_test(test_a_page_says_what_the_receipts_say),
        cmocka_unit_test(test_bad_prices_leave_nothing_to_withdraw_while_risk_is_open),
        cmocka_unit_test(test_cover_counts_each_account_once_and_only_its_leg),
        cmocka_unit_test(test_a_page_leaves_out_the_closed_and_the_unreadable_is_told),
        cmocka_unit_test(test_an_account_is_priced_where_everything_it_uses_is),
        cmocka_unit_test(test_the_liquidation_price_of_a_leg_is_asked_for_by_its_market),
        cmocka_unit_test(test_collateral_waits_for_prices_while_risk_is_open),
        cmocka_unit_test(test_a_claim_is_not_stressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* plm_engine: one path for every operation; an error changes nothing; previews store nothing;
 * migration refuses a downgrade. [GOV-4] [LEDGER-5] [I14] [I47] */
#include "plm_cmocka.h"
#include "plm_operations.h"
#include "plm_store.h"

#include "support/plm_test_engine.h"

static struct plm_host *host;
static struct plm_memory memory;

static int set_up(void **unused)
{
    (void)unused;
    host = test_m0_engine();
    return 0;
}

static void attach(const char *token, uint64_t atoms)
{
    host->funds[0].token = test_addr(token);
    host->funds[0].atoms = plm_amt_from_u64(atoms);
    host->fund_count = 1;
}

static plm_err open_account(const char *owner)
{
    const struct plm_open_account args = {.number = 0, .mode = PLM_MODE_CROSS};
    test_host_caller(host, owner);
    return TEST_APPLY(host, OPEN_ACCOUNT, open_account, &args);
}

static plm_err deposit(uint64_t account, uint64_t atoms)
{
    const struct plm_deposit args = {
        .account = account, .asset = 0, .amount = plm_amt_from_u64(atoms)};
    const plm_err code = TEST_APPLY(host, DEPOSIT, deposit, &args);
    host->fund_count = 0;
    return code;
}

static void test_an_unknown_opcode_is_refused(void **state)
{
    (void)state;
    const uint8_t unknown[] = {0x7f, 1, 2, 3};
    assert_int_equal(plm_engine_apply(host, &memory, unknown, sizeof unknown), PLM_E_FIELD);
    assert_int_equal(plm_engine_query(host, &memory, unknown, sizeof unknown), PLM_E_FIELD);
    host = test_host(); /* whatever state there is */
    assert_int_equal(plm_engine_apply(host, &memory, unknown, sizeof unknown), PLM_E_FIELD);
    assert_int_equal(plm_engine_query(host, &memory, unknown, sizeof unknown), PLM_E_FIELD);
}

static void test_the_longest_message_is_looked_at_and_no_longer_one(void **state)
{
    (void)state;
    static uint8_t message[PLM_LIMIT_MESSAGE_MAX + 1];
    memset(message, 0, sizeof message);
    message[0] = 0x7f;
    const uint32_t most = PLM_LIMIT_MESSAGE_MAX;
    assert_int_equal(plm_engine_apply(host, &memory, message, most), PLM_E_FIELD);
    assert_int_equal(plm_engine_apply(host, &memory, message, most + 1), PLM_E_LENGTH);
    assert_int_equal(plm_engine_query(host, &memory, message, most), PLM_E_FIELD);
    assert_int_equal(plm_engine_query(host, &memory, message, most + 1), PLM_E_LENGTH);
}

static void test_an_operation_without_a_reply_returns_nothing(void **state)
{
    (void)state; /* not even nothing: a chain would store it */
    assert_int_equal(open_account("ann"), PLM_OK);
    const uint32_t before = host->return_count;
    attach("usd", 5);
    assert_int_equal(deposit(1, 5), PLM_OK);
    assert_int_equal(host->return_count, before);
}

static void test_lengths_are_judged_first(void **state)
{
    (void)state;
    static uint8_t message[PLM_LIMIT_MESSAGE_MAX + 1];
    message[0] = PLM_OP_DEPOSIT;
    assert_int_equal(plm_engine_apply(host, &memory, message, 0), PLM_E_LENGTH);
    assert_int_equal(plm_engine_apply(host, &memory, message, sizeof message), PLM_E_LENGTH);
    assert_int_equal(plm_engine_apply(host, &memory, message, 26), PLM_E_LENGTH);
}

static void test_nothing_works_before_initialise(void **state)
{
    (void)state;
    host = test_host();
    assert_int_equal(open_account("ann"), PLM_E_STATUS);
    const uint8_t query[] = {PLM_QUERY_CONFIGURATION, 0};
    assert_int_equal(plm_engine_query(host, &memory, query, sizeof query), PLM_E_STATUS);
}

static void test_a_refused_operation_changes_nothing(void **state)
{
    (void)state; /* [I47] */
    static struct plm_host before;
    assert_int_equal(open_account("ann"), PLM_OK);
    memcpy(&before, host, sizeof before);
    attach("usd", 4);
    assert_int_equal(deposit(1, 5), PLM_E_INSUFFICIENT_FUNDS_ATTACHED);
    assert_memory_equal(before.entries, host->entries, sizeof before.entries);
    assert_int_equal(host->event_count, 0);
}

static void test_unasked_tokens_become_surplus(void **state)
{
    (void)state; /* [LEDGER-5] */
    struct plm_asset_state asset;
    attach("usd", 7);
    assert_int_equal(open_account("ann"), PLM_OK);
    test_read(host, PLM_KEY_ASSET_STATE, 0, PLM_LAYOUT_asset_state, &asset);
    assert_int_equal(asset.surplus.atoms.lo, 7);
    attach("unknown", 7);
    assert_int_equal(open_account("bob"), PLM_E_NO_ASSET);
    host->fund_count = 0;
    assert_int_equal(open_account("bob"), PLM_OK);
}

static void test_a_failing_host_is_an_error(void **state)
{
    (void)state;
    host->fail_set_at = 1;
    assert_int_equal(open_account("ann"), PLM_E_HOST);
    host->fail_set_at = 0;
    assert_int_equal(open_account("ann"), PLM_OK);
}

static void test_a_preview_answers_and_stores_nothing(void **state)
{
    (void)state;
    static struct plm_host before;
    static struct plm_get_preview args;
    static uint8_t bytes[PLM_LIMIT_MESSAGE_MAX];
    assert_int_equal(open_account("ann"), PLM_OK);
    memcpy(&before, host, sizeof before);
    const struct plm_open_account inner = {.number = 5, .mode = PLM_MODE_ISOLATED};
    args.actor = test_addr("ann");
    args.message.bytes[0] = PLM_OP_OPEN_ACCOUNT;
    args.message.length = 1 + plm_codec_encode(PLM_LAYOUT_open_account,
                                               &inner,
                                               args.message.bytes + 1,
                                               sizeof args.message.bytes - 1);
    bytes[0] = PLM_QUERY_PREVIEW;
    const uint32_t length =
        1 + plm_codec_encode(PLM_LAYOUT_get_preview, &args, bytes + 1, sizeof bytes - 1);
    assert_int_equal(plm_engine_query(host, &memory, bytes, length), PLM_OK);
    static struct plm_reply_preview reply;
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_reply_preview, host->reply, host->reply_length, &reply),
        PLM_OK);
    assert_int_equal(reply.code, PLM_OK);
    assert_int_equal(reply.reply.bytes[0], 2);                        /* the id that it would get */
    assert_int_equal(reply.events.bytes[0], PLM_EVENT_ACCOUNT_OPENED);
    assert_int_equal(reply.events.length, 4 + reply.events.bytes[2]); /* one whole event */
    assert_memory_equal(before.entries, host->entries, sizeof before.entries);
}

static void test_migration_reads_older_records_and_refuses_newer_ones(void **state)
{
    (void)state; /* [GOV-4] */
    const uint8_t config_key[] = {PLM_KEY_CONFIG};
    const uint8_t account_key[] = {PLM_KEY_ACCOUNT, 0, 0, 0, 0, 0, 0, 0, 1};
    assert_int_equal(open_account("ann"), PLM_OK);
    struct test_entry *account = test_find(host, account_key, sizeof account_key);
    assert_non_null(account);
    account->value[0] = 1; /* version 1 ended before the de-risking order */
    account->value_length--;
    attach("usd", 5);
    assert_int_equal(deposit(1, 5), PLM_OK);
    assert_int_equal(account->value[0], PLM_RECORD_VERSION);

    struct test_entry *config = test_find(host, config_key, sizeof config_key);
    config->value[0] = 2; /* versions 1 and 2 ended before `live` and the proposals' counter */
    config->value_length -= 9;
    assert_int_equal(plm_engine_migrate(host, &memory, NULL, 0), PLM_OK);
    assert_int_equal(config->value[0], PLM_RECORD_VERSION);
    config->value[0] = PLM_RECORD_VERSION + 1;
    assert_int_equal(plm_engine_migrate(host, &memory, NULL, 0), PLM_E_VERSION);
    assert_int_equal(open_account("bob"), PLM_E_VERSION);
    assert_int_equal(plm_engine_migrate(host, &memory, config_key, 1), PLM_E_LENGTH);
}

/* Feed 0, market 0, asset 1 "t", and account 1 of ann with 5 cash and 7 of the token. */
static void fill_world(void)
{
    struct plm_asset asset = test_m0_asset();
    const struct plm_add_asset list = {
        .token = asset.token, .decimals = asset.decimals, .feed = 0, .params = asset.params};
    struct plm_add_asset args = list;
    args.params.cap = plm_amt_from_u64(100);
    assert_int_equal(TEST_APPLY(host, ADD_ASSET, add_asset, &args), PLM_OK);
    assert_int_equal(open_account("ann"), PLM_OK);
    attach("usd", 5);
    assert_int_equal(deposit(1, 5), PLM_OK);
    attach("t", 7);
    const struct plm_deposit tokens = {.account = 1, .asset = 1, .amount = plm_amt_from_u64(7)};
    assert_int_equal(TEST_APPLY(host, DEPOSIT, deposit, &tokens), PLM_OK);
    host->fund_count = 0;
}

/* A query with its message: what stands in this file's tables. */
struct question {
    uint8_t opcode;
    enum plm_layout_id layout;
    const void *message;
};

static void test_a_query_that_reads_a_newer_record_says_so(void **state)
{
    (void)state; /* [GOV-4]: each record that a query reads, once of a version nobody knows */
    fill_world();
    const struct plm_get_configuration configuration = {0};
    const struct plm_get_parameters of_market = {.target = PLM_TARGET_MARKET, .param = 1};
    const struct plm_get_parameters of_feed = {.target = PLM_TARGET_FEED, .param = 75};
    const struct plm_get_parameters of_asset = {.target = PLM_TARGET_ASSET, .id = 1, .param = 100};
    const struct plm_get_roles roles = {0};
    const struct plm_get_pauses pauses = {0};
    const struct plm_get_asset asset = {.asset = 1};
    const struct plm_get_market market = {0};
    const struct plm_get_feed feed = {0};
    const struct plm_get_lines lines = {0};
    const struct plm_get_account account = {.account = 1};
    const struct plm_get_accounts accounts = {.from = 1, .limit = 1};
    const struct plm_get_margin margin = {.account = 1};
    const struct plm_get_withdrawable withdrawable = {.account = 1, .asset = 0};
    const struct plm_get_cover cover = {.market = 0, .first = 1, .second = 1};
    const struct question questions[] = {
        {PLM_QUERY_CONFIGURATION, PLM_LAYOUT_get_configuration, &configuration},
        {PLM_QUERY_PARAMETERS, PLM_LAYOUT_get_parameters, &of_market},
        {PLM_QUERY_PARAMETERS, PLM_LAYOUT_get_parameters, &of_feed},
        {PLM_QUERY_PARAMETERS, PLM_LAYOUT_get_parameters, &of_asset},
        {PLM_QUERY_ROLES, PLM_LAYOUT_get_roles, &roles},
        {PLM_QUERY_PAUSES, PLM_LAYOUT_get_pauses, &pauses},
        {PLM_QUERY_ASSET, PLM_LAYOUT_get_asset, &asset},
        {PLM_QUERY_MARKET, PLM_LAYOUT_get_market, &market},
        {PLM_QUERY_FEED, PLM_LAYOUT_get_feed, &feed},
        {PLM_QUERY_LINES, PLM_LAYOUT_get_lines, &lines},
        {PLM_QUERY_ACCOUNT, PLM_LAYOUT_get_account, &account},
        {PLM_QUERY_ACCOUNTS, PLM_LAYOUT_get_accounts, &accounts},
        {PLM_QUERY_MARGIN, PLM_LAYOUT_get_margin, &margin},
        {PLM_QUERY_WITHDRAWABLE, PLM_LAYOUT_get_withdrawable, &withdrawable},
        {PLM_QUERY_COVER, PLM_LAYOUT_get_cover, &cover},
    };
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        const struct question *q = &questions[i];
        host->spoil_get_at = 0;
        assert_int_equal(test_query(host, q->opcode, q->layout, q->message), PLM_OK);
        assert_true(host->reply_length > 0);
        const uint32_t reads = host->get_count;
        assert_true(reads > 0);
        for (uint32_t n = 1; n <= reads; n++) {
            host->spoil_get_at = n;
            assert_int_equal(test_query(host, q->opcode, q->layout, q->message), PLM_E_VERSION);
            assert_int_equal(host->reply_length, 0);
        }
    }
    host->spoil_get_at = 0;
}

/* An account with a position in M0's market 0, as it is stored. */
static void store_account(uint8_t id, plm_qty lots, plm_val quote, plm_time liquidatable_since)
{
    const uint8_t key[9] = {PLM_KEY_ACCOUNT, [8] = id};
    struct test_entry *entry = test_find(host, key, sizeof key);
    static struct plm_account account;
    assert_non_null(entry);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_account, entry->value + 1, entry->value_length - 1, &account),
        PLM_OK);
    account.liquidatable_since = liquidatable_since;
    account.positions_count = 1;
    account.positions[0].lots = lots;
    account.positions[0].quote = quote;
    entry->value_length =
        1 + plm_codec_encode(PLM_LAYOUT_account, &account, entry->value + 1, 6143);
}

static struct plm_market_state market_state(void)
{
    struct plm_market_state market;
    test_read(host, PLM_KEY_MARKET_STATE, 0, PLM_LAYOUT_market_state, &market);
    return market;
}

static void store_market(const struct plm_market_state *market)
{
    const uint8_t key[3] = {PLM_KEY_MARKET_STATE};
    struct test_entry *entry = test_find(host, key, sizeof key);
    entry->value_length =
        1 + plm_codec_encode(PLM_LAYOUT_market_state, market, entry->value + 1, 6143);
}

static void test_a_claim_ends_with_its_position(void **state)
{
    (void)state; /* [LEDGER-7]: whichever operation closed it */
    const plm_qty one = {100000000};
    const plm_time never = {0};
    const struct plm_set_role matcher = {.role = PLM_ROLE_MATCHER, .holder = test_addr("matcher")};
    const struct plm_set_status active = {.market = 0, .status = PLM_STATUS_ACTIVE};
    assert_int_equal(TEST_APPLY(host, SET_ROLE, set_role, &matcher), PLM_OK);
    assert_int_equal(TEST_APPLY(host, SET_STATUS, set_status, &active), PLM_OK);
    assert_int_equal(open_account("ann"), PLM_OK);
    assert_int_equal(open_account("bob"), PLM_OK);
    test_host_caller(host, "pub");
    const struct plm_publish_price price = {
        .quotes_count = 1, .quotes = {{.price = {50 * TEST_ONE}, .time = host->now}}};
    assert_int_equal(TEST_APPLY(host, PUBLISH_PRICE, publish_price, &price), PLM_OK);
    store_account(1, one, plm_val_from_quote(-50), never);
    store_account(2, plm_qty_neg(one), plm_val_from_quote(50), never);
    struct plm_market_state market = market_state();
    market.oi = one;
    market.shortfall = plm_val_from_quote(1);
    market.shortfall_account = 1;
    market.shortfall_since = host->now;
    store_market(&market);

    const struct plm_trade trade = {
        .fills_count = 1,
        .fills = {{.id = 1, .buyer = 2, .seller = 1, .lots = one, .price = {50 * TEST_ONE}}}};
    test_host_caller(host, "matcher");
    assert_int_equal(TEST_APPLY(host, TRADE, trade, &trade), PLM_OK);
    assert_int_equal(market_state().shortfall_account, 0);
    assert_true(plm_val_is_zero(market_state().shortfall));
}

static void test_books_that_do_not_balance_are_stopped(void **state)
{
    (void)state; /* [LEDGER-2] [I49]: before anything is stored */
    const plm_qty none = {0};
    const plm_time never = {0};
    static struct plm_host before;
    assert_int_equal(open_account("ann"), PLM_OK);
    store_account(1, none, plm_val_from_quote(5), never);
    struct plm_market_state market = market_state();
    market.accrued = plm_val_from_quote(5);
    store_market(&market);
    before = *host;
    const struct plm_settle settle = {.account = 1, .market = 0};
    expect_assert_failure((void)TEST_APPLY(host, SETTLE, settle, &settle));
    assert_memory_equal(before.entries, host->entries, sizeof before.entries);
}

static void test_a_query_needs_a_message_of_a_bounded_length(void **state)
{
    (void)state;
    static uint8_t message[PLM_LIMIT_MESSAGE_MAX + 1];
    message[0] = PLM_QUERY_ROLES;
    assert_int_equal(plm_engine_query(host, &memory, message, 0), PLM_E_LENGTH);
    assert_int_equal(plm_engine_query(host, &memory, message, sizeof message), PLM_E_LENGTH);
    assert_int_equal(plm_engine_query(host, &memory, message, 3), PLM_E_LENGTH);
    assert_int_equal(plm_engine_query(host, &memory, message, 2), PLM_OK);
}

static struct plm_reply_preview preview(const struct plm_get_preview *args)
{
    struct plm_reply_preview reply = {0};
    assert_int_equal(test_query(host, PLM_QUERY_PREVIEW, PLM_LAYOUT_get_preview, args), PLM_OK);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_reply_preview, host->reply, host->reply_length, &reply),
        PLM_OK);
    return reply;
}

static void test_a_preview_carries_tokens_and_tells_what_would_be_refused(void **state)
{
    (void)state;
    static struct plm_get_preview args;
    memset(&args, 0, sizeof args);
    fill_world();
    args.actor = test_addr("ann");
    assert_int_equal(test_query(host, PLM_QUERY_PREVIEW, PLM_LAYOUT_get_preview, &args),
                     PLM_E_LENGTH); /* of nothing */
    const struct plm_deposit inner = {.account = 1, .asset = 0, .amount = plm_amt_from_u64(9)};
    args.message.bytes[0] = PLM_OP_DEPOSIT;
    args.message.length =
        1 + plm_codec_encode(
                PLM_LAYOUT_deposit, &inner, args.message.bytes + 1, sizeof args.message.bytes - 1);
    assert_int_equal(preview(&args).code, PLM_E_INSUFFICIENT_FUNDS_ATTACHED);
    assert_int_equal(preview(&args).events.length, 0);
    args.funds_count = 1;
    args.funds[0].token = test_addr("usd");
    args.funds[0].atoms = plm_amt_from_u64(9);
    assert_int_equal(preview(&args).code, PLM_OK);
    args.funds_count = PLM_FUNDS_MAX; /* all in one token: what is not asked for is surplus */
    for (uint32_t i = 1; i < PLM_FUNDS_MAX; i++) {
        args.funds[i] = args.funds[0];
    }
    assert_int_equal(preview(&args).code, PLM_OK);
    args.message.length--;
    assert_int_equal(preview(&args).code, PLM_E_LENGTH);
    args.message.bytes[0] = 0x7f;
    assert_int_equal(preview(&args).code, PLM_E_FIELD);
}

static void test_a_preview_has_the_rights_of_its_actor(void **state)
{
    (void)state; /* [GOV-1]: by the hash of his name, and by the name */
    static struct plm_get_preview args;
    memset(&args, 0, sizeof args);
    const struct plm_set_status active = {.market = 0, .status = PLM_STATUS_ACTIVE};
    const struct plm_settle_out outcome = {.payout = 9, .ok = 1};
    test_host_caller(host, "nobody");
    args.message.bytes[0] = PLM_OP_SET_STATUS;
    args.message.length =
        1 + plm_codec_encode(PLM_LAYOUT_set_status, &active, args.message.bytes + 1, 64);
    args.actor = test_addr("ann");
    assert_int_equal(preview(&args).code, PLM_E_ROLE);
    args.actor = test_addr("admin");
    assert_int_equal(preview(&args).code, PLM_OK);
    args.message.bytes[0] = PLM_OP_SETTLE_OUT;
    args.message.length =
        1 + plm_codec_encode(PLM_LAYOUT_settle_out, &outcome, args.message.bytes + 1, 64);
    assert_int_equal(preview(&args).code, PLM_E_ROLE);
    args.actor = test_addr("engine");
    assert_int_equal(preview(&args).code, PLM_E_DUPLICATE);
}

static void test_unasked_tokens_that_cannot_be_booked_are_refused(void **state)
{
    (void)state; /* [LEDGER-5] [GOV-4] */
    const uint8_t asset_key[] = {PLM_KEY_ASSET, 0, 0};
    host->funds[0].token = test_addr("usd");
    host->funds[0].atoms.atoms.lo = UINT64_MAX;
    host->funds[0].atoms.atoms.hi = INT64_MAX;
    host->fund_count = 1;
    assert_int_equal(open_account("ann"), PLM_OK);
    host->funds[0].atoms = plm_amt_from_u64(1);
    assert_int_equal(open_account("bob"), PLM_E_OVERFLOW);
    const struct plm_get_lines lines = {0}; /* that many atoms are no value any more */
    assert_int_equal(test_query(host, PLM_QUERY_LINES, PLM_LAYOUT_get_lines, &lines),
                     PLM_E_OVERFLOW);
    struct test_entry *asset = test_find(host, asset_key, sizeof asset_key);
    assert_non_null(asset);
    asset->value[0] = PLM_RECORD_VERSION + 1;
    assert_int_equal(open_account("bob"), PLM_E_VERSION);
}

static void test_a_contract_without_a_readable_configuration_does_not_migrate(void **state)
{
    (void)state; /* [GOV-4] */
    const uint8_t config_key[] = {PLM_KEY_CONFIG};
    struct test_entry *config = test_find(host, config_key, sizeof config_key);
    config->value_length--;
    assert_int_equal(plm_engine_migrate(host, &memory, NULL, 0), PLM_E_VERSION);
    host = test_host();
    assert_int_equal(plm_engine_migrate(host, &memory, NULL, 0), PLM_E_STATUS);
}

static void test_questions_about_a_leg_read_nothing_newer_either(void **state)
{
    (void)state; /* [GOV-4] [MARGIN-9] [LOSS-9] */
    fill_world();
    assert_int_equal(open_account("bob"), PLM_OK);
    const struct plm_get_liquidation_price price = {.account = 1, .market = 0};
    const struct plm_get_cover cover = {.market = 0, .first = 1, .second = 2};
    assert_int_equal(
        test_query(host, PLM_QUERY_LIQUIDATION_PRICE, PLM_LAYOUT_get_liquidation_price, &price),
        PLM_E_NO_MARKET);
    assert_int_equal(test_query(host, PLM_QUERY_COVER, PLM_LAYOUT_get_cover, &cover), PLM_OK);
    const uint32_t reads = host->get_count;
    for (uint32_t n = 1; n <= reads; n++) {
        host->spoil_get_at = n;
        assert_int_equal(test_query(host, PLM_QUERY_COVER, PLM_LAYOUT_get_cover, &cover),
                         PLM_E_VERSION);
    }
    host->spoil_get_at = 2; /* the configuration, then the account */
    assert_int_equal(
        test_query(host, PLM_QUERY_LIQUIDATION_PRICE, PLM_LAYOUT_get_liquidation_price, &price),
        PLM_E_VERSION);
    host->spoil_get_at = 0;
}

static void test_a_preview_never_shows_half_an_event(void **state)
{
    (void)state;
    static struct plm_scratch s;
    static struct plm_get_preview args;
    static struct plm_reply_preview reply;
    const struct plm_open_account inner = {.number = 5};
    memset(&args, 0, sizeof args);
    args.actor = test_addr("ann");
    args.message.bytes[0] = PLM_OP_OPEN_ACCOUNT;
    args.message.length = 1 + plm_codec_encode(PLM_LAYOUT_open_account,
                                               &inner,
                                               args.message.bytes + 1,
                                               sizeof args.message.bytes - 1);
    assert_int_equal(plm_store_begin(&s, host, true), PLM_OK);
    const struct plm_ev_account_closed told = {7};
    const uint32_t size = 4 + 8;
    const uint32_t whole = PLM_BYTES_MAX / size;
    for (uint32_t i = 0; i < whole; i++) { /* as many as fit, and then the preview's own */
        plm_store_event(&s, PLM_EVENT_ACCOUNT_CLOSED, PLM_LAYOUT_ev_account_closed, &told);
    }
    assert_int_equal(plm_query_get_preview(&s, &args), PLM_OK);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_reply_preview, s.reply, s.reply_length, &reply),
                     PLM_OK);
    assert_int_equal(reply.code, PLM_OK);
    assert_true(s.event_length > PLM_BYTES_MAX);
    assert_int_equal(reply.events.length, whole * size);
}

/* `closed` events of 12 bytes and `settled` ones of 13, before a preview's own. */
static uint32_t shown(uint32_t closed, uint32_t settled)
{
    static struct plm_scratch s;
    static struct plm_get_preview args;
    static struct plm_reply_preview reply;
    const struct plm_ev_account_closed told = {7};
    const struct plm_ev_payout_settled paid = {7, 1};
    const struct plm_open_account inner = {.number = 6};
    memset(&args, 0, sizeof args);
    args.actor = test_addr("ann");
    args.message.bytes[0] = PLM_OP_OPEN_ACCOUNT;
    args.message.length =
        1 + plm_codec_encode(PLM_LAYOUT_open_account, &inner, args.message.bytes + 1, 64);
    assert_int_equal(plm_store_begin(&s, host, true), PLM_OK);
    for (uint32_t i = 0; i < closed; i++) {
        plm_store_event(&s, PLM_EVENT_ACCOUNT_CLOSED, PLM_LAYOUT_ev_account_closed, &told);
    }
    for (uint32_t i = 0; i < settled; i++) {
        plm_store_event(&s, PLM_EVENT_PAYOUT_SETTLED, PLM_LAYOUT_ev_payout_settled, &paid);
    }
    assert_int_equal(s.event_length, 12 * closed + 13 * settled);
    assert_int_equal(plm_query_get_preview(&s, &args), PLM_OK);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_reply_preview, s.reply, s.reply_length, &reply),
                     PLM_OK);
    return reply.events.length;
}

static void test_a_preview_shows_events_to_the_last_byte_that_fits(void **state)
{
    (void)state;
    assert_int_equal(shown(162, 8), PLM_BYTES_MAX);          /* 2048: all of them */
    assert_int_equal(shown(161, 9), PLM_BYTES_MAX + 1 - 13); /* 2049: all but the last */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_an_unknown_opcode_is_refused, set_up),
        cmocka_unit_test_setup(test_lengths_are_judged_first, set_up),
        cmocka_unit_test_setup(test_a_claim_ends_with_its_position, set_up),
        cmocka_unit_test_setup(test_books_that_do_not_balance_are_stopped, set_up),
        cmocka_unit_test_setup(test_the_longest_message_is_looked_at_and_no_longer_one, set_up),
        cmocka_unit_test_setup(test_an_operation_without_a_reply_returns_nothing, set_up),
        cmocka_unit_test_setup(test_a_preview_has_the_rights_of_its_actor, set_up),
        cmocka_unit_test_setup(test_a_preview_shows_events_to_the_last_byte_that_fits, set_up),
        cmocka_unit_test_setup(test_nothing_works_before_initialise, set_up),
        cmocka_unit_test_setup(test_a_refused_operation_changes_nothing, set_up),
        cmocka_unit_test_setup(test_unasked_tokens_become_surplus, set_up),
        cmocka_unit_test_setup(test_a_failing_host_is_an_error, set_up),
        cmocka_unit_test_setup(test_a_preview_answers_and_stores_nothing, set_up),
        cmocka_unit_test_setup(test_migration_reads_older_records_and_refuses_newer_ones, set_up),
        cmocka_unit_test_setup(test_a_query_that_reads_a_newer_record_says_so, set_up),
        cmocka_unit_test_setup(test_a_query_needs_a_message_of_a_bounded_length, set_up),
        cmocka_unit_test_setup(test_a_preview_carries_tokens_and_tells_what_would_be_refused,
                               set_up),
        cmocka_unit_test_setup(test_unasked_tokens_that_cannot_be_booked_are_refused, set_up),
        cmocka_unit_test_setup(test_a_contract_without_a_readable_configuration_does_not_migrate,
                               set_up),
        cmocka_unit_test_setup(test_questions_about_a_leg_read_nothing_newer_either, set_up),
        cmocka_unit_test_setup(test_a_preview_never_shows_half_an_event, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

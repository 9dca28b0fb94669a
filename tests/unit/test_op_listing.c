// SPDX-License-Identifier: Apache-2.0
/* plm_op_listing: the engine is created once; assets, feeds and markets are listed by the admin.
 * [GOV-1] [ACCT-6] [ACCT-7] [PRICE-7] */
#include "plm_cmocka.h"

#include "support/plm_test_engine.h"

static struct plm_config config_of(struct plm_host *host)
{
    static struct plm_config config;
    test_read(host, PLM_KEY_CONFIG, 0, PLM_LAYOUT_config, &config);
    return config;
}

static plm_err add_asset(struct plm_host *host, const char *token, const struct plm_asset *asset)
{
    const struct plm_add_asset args = {.token = test_addr(token),
                                       .decimals = asset->decimals,
                                       .feed = asset->feed,
                                       .params = asset->params};
    return TEST_APPLY(host, ADD_ASSET, add_asset, &args);
}

static void test_anyone_creates_the_engine_once(void **unused)
{
    (void)unused;
    struct plm_host *host = test_host();
    test_host_caller(host, "deployer");
    assert_int_equal(test_initialise(host), PLM_OK);
    assert_int_equal(host->event_ids[0], PLM_EVENT_INITIALISED);
    const struct plm_config config = config_of(host);
    assert_int_equal(config.asset_count, 1);
    assert_int_equal(config.next_account, 1);
    assert_memory_equal(&config.admin, &config.guardian, sizeof config.admin);
    assert_memory_equal(&config.admin, &config.matcher, sizeof config.admin);
    assert_int_equal(test_initialise(host), PLM_E_EXISTS);
}

static void test_the_engine_needs_a_token_and_an_admin(void **unused)
{
    (void)unused;
    struct plm_host *host = test_host();
    struct plm_initialise args = {.token = test_addr("usd"), .admin = test_addr("")};
    assert_int_equal(TEST_APPLY(host, INITIALISE, initialise, &args), PLM_E_FIELD);
    args.token = test_addr("");
    args.admin = test_addr("admin");
    assert_int_equal(TEST_APPLY(host, INITIALISE, initialise, &args), PLM_E_FIELD);
    assert_int_equal(host->set_count, 0);
}

static void test_only_the_admin_lists(void **unused)
{
    (void)unused;
    struct plm_host *host = test_m0_engine();
    const struct plm_feed feed = test_m0_feed();
    const struct plm_market market = test_m0_market();
    const struct plm_asset asset = test_m0_asset();
    test_host_caller(host, "pub");
    assert_int_equal(test_add_feed(host, &feed), PLM_E_ROLE);
    assert_int_equal(test_add_market(host, &market, 0), PLM_E_ROLE);
    assert_int_equal(add_asset(host, "eth", &asset), PLM_E_ROLE);
}

static void test_ids_are_sequential_and_the_reply_names_them(void **unused)
{
    (void)unused;
    struct plm_host *host = test_m0_engine();
    const struct plm_feed feed = test_m0_feed();
    const struct plm_asset asset = test_m0_asset();
    const uint64_t epoch = config_of(host).epoch;
    assert_int_equal(test_add_feed(host, &feed), PLM_OK);
    assert_int_equal(host->reply[0], 1);
    assert_int_equal(add_asset(host, "eth", &asset), PLM_OK);
    assert_int_equal(host->reply[0], 1);
    const struct plm_config config = config_of(host);
    assert_int_equal(config.feed_count, 2);
    assert_int_equal(config.market_count, 1);
    assert_int_equal(config.asset_count, 2);
    assert_int_equal(config.epoch, epoch + 2);
}

static void test_a_token_is_listed_once(void **unused)
{
    (void)unused;
    struct plm_host *host = test_m0_engine();
    const struct plm_asset asset = test_m0_asset();
    assert_int_equal(add_asset(host, "eth", &asset), PLM_OK);
    assert_int_equal(add_asset(host, "eth", &asset), PLM_E_EXISTS);
    assert_int_equal(add_asset(host, "usd", &asset), PLM_E_EXISTS);
    assert_int_equal(add_asset(host, "", &asset), PLM_E_FIELD);
}

static void test_a_listing_on_an_unknown_feed_is_refused(void **unused)
{
    (void)unused;
    struct plm_host *host = test_m0_engine();
    struct plm_market market = test_m0_market();
    struct plm_asset asset = test_m0_asset();
    market.feed = 1;
    asset.feed = 1;
    assert_int_equal(test_add_market(host, &market, 0), PLM_E_NO_MARKET);
    assert_int_equal(add_asset(host, "eth", &asset), PLM_E_NO_MARKET);
}

static void test_inconsistent_parameters_are_refused(void **unused)
{
    (void)unused;
    struct plm_host *host = test_m0_engine();
    struct plm_feed feed = test_m0_feed();
    struct plm_market market = test_m0_market();
    struct plm_asset asset = test_m0_asset();
    feed.params.conf_max.ppm = 4999;
    assert_int_equal(test_add_feed(host, &feed), PLM_E_PARAM_RANGE);
    market.size_decimals = 7; /* [UNIT-1] */
    assert_int_equal(test_add_market(host, &market, 1), PLM_E_PARAM_RANGE);
    asset.params.discount_max.ppm = 150001;
    assert_int_equal(add_asset(host, "eth", &asset), PLM_E_PARAM_RANGE);
    asset.params.discount_max.ppm = 150000;
    assert_int_equal(add_asset(host, "eth", &asset), PLM_E_PARAM_ENVELOPE);
}

static void test_a_market_outside_the_envelope_must_say_that_it_is_unbacked(void **unused)
{
    (void)unused;
    struct plm_host *host = test_m0_engine();
    struct plm_market market = test_m0_market();
    struct plm_market stored;
    market.params.oi_cap = plm_val_from_quote(10066551); /* floor(2 M / (17 881 / 90 000)) */
    assert_int_equal(test_add_market(host, &market, 0), PLM_OK);
    market.params.oi_cap = plm_val_from_quote(10066552);
    assert_int_equal(test_add_market(host, &market, 0), PLM_E_PARAM_ENVELOPE);
    assert_int_equal(test_add_market(host, &market, 1), PLM_OK);
    test_read(host, PLM_KEY_MARKET, 2, PLM_LAYOUT_market, &stored);
    assert_int_equal(stored.unbacked, 1);
}

static void test_a_new_market_is_not_open_and_its_funding_starts_now(void **unused)
{
    (void)unused;
    struct plm_host *host = test_m0_engine();
    struct plm_market_state state;
    test_read(host, PLM_KEY_MARKET_STATE, 0, PLM_LAYOUT_market_state, &state);
    assert_int_equal(state.status, PLM_STATUS_INIT);
    assert_int_equal(state.funding_time.sec, host->now.sec);
}

static void test_tables_are_full_at_their_limits(void **unused)
{
    (void)unused; /* [LIQ-9]: before anybody's role is looked at, as in errors.def */
    struct plm_host *host = test_m0_engine();
    const uint8_t key[1] = {PLM_KEY_CONFIG};
    struct test_entry *entry = test_find(host, key, sizeof key);
    const struct plm_feed feed = test_m0_feed();
    const struct plm_market market = test_m0_market();
    const struct plm_asset asset = test_m0_asset();
    assert_non_null(entry);
    struct plm_config config = config_of(host);
    for (uint32_t less = 0; less < 2; less++) {
        config.asset_count = (uint16_t)(PLM_LIMIT_ASSETS_MAX - less);
        config.feed_count = (uint16_t)(PLM_LIMIT_FEEDS_MAX - less);
        config.market_count = (uint16_t)(PLM_LIMIT_MARKETS_MAX - less);
        entry->value_length =
            1 + plm_codec_encode(PLM_LAYOUT_config, &config, entry->value + 1, 6143);
        test_host_caller(host, less == 0 ? "nobody" : "admin");
        const plm_err expected = less == 0 ? PLM_E_OVERFLOW : PLM_OK;
        assert_int_equal(add_asset(host, "last", &asset), expected);
        assert_int_equal(test_add_feed(host, &feed), expected);
        assert_int_equal(test_add_market(host, &market, 0), expected);
    }
    assert_int_equal(config_of(host).market_count, PLM_LIMIT_MARKETS_MAX);
}

static void test_an_index_that_cannot_be_read_lists_no_token_twice(void **unused)
{
    (void)unused; /* [GOV-4] [CHAIN-3]: configuration, feed, its state, then the token's index */
    struct plm_host *host = test_m0_engine();
    const struct plm_asset asset = test_m0_asset();
    host->spoil_get_at = 4;
    assert_int_equal(add_asset(host, "usd", &asset), PLM_E_VERSION);
    host->spoil_get_at = 0;
    assert_int_equal(add_asset(host, "usd", &asset), PLM_E_EXISTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anyone_creates_the_engine_once),
        cmocka_unit_test(test_the_engine_needs_a_token_and_an_admin),
        cmocka_unit_test(test_only_the_admin_lists),
        cmocka_unit_test(test_ids_are_sequential_and_the_reply_names_them),
        cmocka_unit_test(test_a_token_is_listed_once),
        cmocka_unit_test(test_a_listing_on_an_unknown_feed_is_refused),
        cmocka_unit_test(test_inconsistent_parameters_are_refused),
        cmocka_unit_test(test_a_market_outside_the_envelope_must_say_that_it_is_unbacked),
        cmocka_unit_test(test_a_new_market_is_not_open_and_its_funding_starts_now),
        cmocka_unit_test(test_tables_are_full_at_their_limits),
        cmocka_unit_test(test_an_index_that_cannot_be_read_lists_no_token_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

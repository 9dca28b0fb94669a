// SPDX-License-Identifier: Apache-2.0
/* plm_op_governance: parameters tighten, statuses move, roles change hands, pauses expire.
 * [GOV-1] [GOV-2] [GOV-3] [PRICE-7] */
#include "plm_cmocka.h"

#include "support/plm_test_engine.h"

#define DAY       UINT64_C(86400)
#define BIT(name) ((uint8_t)(1U << PLM_PAUSE_##name))

static struct plm_host *host;

static int set_up(void **unused)
{
    (void)unused;
    host = test_m0_engine();
    return 0;
}

static plm_err tighten(uint8_t target, uint16_t id, uint16_t param, plm_val value)
{
    const struct plm_tighten args = {.target = target, .id = id, .param = param, .value = value};
    return TEST_APPLY(host, TIGHTEN, tighten, &args);
}

static plm_err tighten_to(uint8_t target, uint16_t param, int64_t n)
{
    const plm_val value = {plm_wide_i128_from_i64(n)};
    return tighten(target, 0, param, value);
}

static plm_err set_status(uint8_t status)
{
    const struct plm_set_status args = {.market = 0, .status = status};
    return TEST_APPLY(host, SET_STATUS, set_status, &args);
}

static plm_err set_role(uint8_t role, const char *name)
{
    const struct plm_set_role args = {.role = role, .holder = test_addr(name)};
    return TEST_APPLY(host, SET_ROLE, set_role, &args);
}

static plm_err set_pause(uint16_t market, uint8_t bits)
{
    const struct plm_set_pause args = {.market = market, .bits = bits};
    return TEST_APPLY(host, SET_PAUSE, set_pause, &args);
}

static struct plm_market_state state_of(void)
{
    static struct plm_market_state state;
    test_read(host, PLM_KEY_MARKET_STATE, 0, PLM_LAYOUT_market_state, &state);
    return state;
}

static uint64_t epoch(void)
{
    static struct plm_config config;
    test_read(host, PLM_KEY_CONFIG, 0, PLM_LAYOUT_config, &config);
    return config.epoch;
}

/* ---- tighten ---- */

static void test_a_parameter_is_tightened_at_once_and_never_loosened(void **unused)
{
    (void)unused;
    const uint64_t before = epoch();
    assert_int_equal(tighten_to(PLM_TARGET_MARKET, 1, 100001), PLM_OK);
    assert_int_equal(host->event_ids[0], PLM_EVENT_TIGHTENED);
    assert_int_equal(epoch(), before + 1);
    assert_int_equal(tighten_to(PLM_TARGET_MARKET, 1, 100000), PLM_E_PARAM_LOOSENING);
    assert_int_equal(tighten_to(PLM_TARGET_MARKET, 13, 1), PLM_E_PARAM_LOOSENING);
    assert_int_equal(tighten_to(PLM_TARGET_FEED, 71, 199999), PLM_OK);
    assert_int_equal(tighten_to(PLM_TARGET_FEED, 71, 200000), PLM_E_PARAM_LOOSENING);
    assert_int_equal(epoch(), before + 2);
}

static void test_a_tightening_keeps_the_record_consistent(void **unused)
{
    (void)unused;
    assert_int_equal(tighten_to(PLM_TARGET_MARKET, 2, 100000), PLM_OK); /* maint = initial */
    assert_int_equal(tighten_to(PLM_TARGET_MARKET, 2, 100001), PLM_E_PARAM_RANGE);
    assert_int_equal(tighten_to(PLM_TARGET_MARKET, 1, 1000001), PLM_E_PARAM_RANGE); /* its bound */
    assert_int_equal(tighten_to(PLM_TARGET_FEED, 69, 99999),
                     PLM_E_PARAM_RANGE); /* below the band */
}

static void test_a_tightening_that_costs_insurance_stays_in_the_envelope(void **unused)
{
    (void)unused;
    /* the insurance fee loosens down; raising it takes from the envelope: 1.9868 M of 2 M */
    assert_int_equal(tighten_to(PLM_TARGET_MARKET, 18, 6322), PLM_OK);
    assert_int_equal(tighten_to(PLM_TARGET_MARKET, 18, 6323), PLM_E_PARAM_ENVELOPE);
    /* one second more of funding, in the same window */
    assert_int_equal(tighten_to(PLM_TARGET_FEED, 79, 121), PLM_E_PARAM_ENVELOPE);
    (void)set_up(NULL);
    /* T grows by a second a source: 4 % x 8 / 3600 more is still covered, a long grace is not */
    assert_int_equal(tighten_to(PLM_TARGET_FEED, 66, 8), PLM_OK);
    assert_int_equal(tighten_to(PLM_TARGET_FEED, 79, 232), PLM_OK);
    assert_int_equal(tighten_to(PLM_TARGET_FEED, 79, 233), PLM_E_PARAM_ENVELOPE);
}

static void test_a_parameter_of_another_target_is_no_field(void **unused)
{
    (void)unused;
    assert_int_equal(tighten_to(PLM_TARGET_FEED, 1, 1), PLM_E_FIELD);
    assert_int_equal(tighten_to(PLM_TARGET_MARKET, 500, 1), PLM_E_FIELD);
    const plm_val one = {{1, 0}};
    assert_int_equal(tighten(PLM_TARGET_MARKET, 1, 1, one), PLM_E_NO_MARKET);
    assert_int_equal(tighten(PLM_TARGET_FEED, 1, 64, one), PLM_E_NO_MARKET);
    assert_int_equal(tighten(PLM_TARGET_ASSET, 0, 96, one), PLM_E_NO_ASSET); /* cash has none */
    assert_int_equal(tighten(PLM_TARGET_ASSET, 1, 96, one), PLM_E_NO_ASSET);
}

/* ---- status, roles, publishers ---- */

static void test_a_market_moves_through_its_statuses(void **unused)
{
    (void)unused;
    assert_int_equal(set_status(PLM_STATUS_REDUCE_ONLY), PLM_E_STATUS);
    assert_int_equal(set_status(PLM_STATUS_INIT), PLM_E_STATUS);
    assert_int_equal(set_status(PLM_STATUS_ACTIVE), PLM_OK);
    assert_int_equal(set_status(PLM_STATUS_ACTIVE), PLM_E_STATUS);
    assert_int_equal(set_status(PLM_STATUS_SETTLING), PLM_E_STATUS);
    assert_int_equal(set_status(PLM_STATUS_REDUCE_ONLY), PLM_OK);
    assert_int_equal(set_status(PLM_STATUS_SETTLING), PLM_E_STATUS);
    assert_int_equal(set_status(PLM_STATUS_RESOLVED), PLM_E_STATUS);
    assert_int_equal(set_status(PLM_STATUS_ACTIVE), PLM_OK);
    assert_int_equal(state_of().status, PLM_STATUS_ACTIVE);
}

static void test_a_role_goes_to_its_new_holder_alone(void **unused)
{
    (void)unused;
    assert_int_equal(set_role(PLM_ROLE_GUARDIAN, ""), PLM_E_FIELD);
    assert_int_equal(set_role(PLM_ROLE_GUARDIAN, "guard"), PLM_OK);
    assert_int_equal(set_role(PLM_ROLE_ADMIN, "heir"), PLM_OK);
    assert_int_equal(set_role(PLM_ROLE_MATCHER, "match"), PLM_E_ROLE);
    assert_int_equal(set_status(PLM_STATUS_ACTIVE), PLM_E_ROLE);
    assert_int_equal(tighten_to(PLM_TARGET_MARKET, 1, 100001), PLM_E_ROLE);
    assert_int_equal(test_set_publisher(host, 0, "x", 1), PLM_E_ROLE);
    test_host_caller(host, "heir");
    assert_int_equal(set_role(PLM_ROLE_MATCHER, "match"), PLM_OK);
}

static void test_a_feed_has_at_most_eight_publishers_each_once(void **unused)
{
    (void)unused;
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_int_equal(test_set_publisher(host, 0, names[i], 1), PLM_OK);
    }
    assert_int_equal(test_set_publisher(host, 0, "a", 1), PLM_E_EXISTS);
    assert_int_equal(test_set_publisher(host, 0, "h", 1), PLM_E_PARAM_RANGE);
    assert_int_equal(test_set_publisher(host, 0, "pub", 0), PLM_OK);
    assert_int_equal(test_set_publisher(host, 0, "pub", 0), PLM_E_NOT_NEEDED);
    assert_int_equal(test_set_publisher(host, 0, "h", 1), PLM_OK);
    assert_int_equal(test_set_publisher(host, 1, "h", 1), PLM_E_NO_MARKET);
    assert_int_equal(test_set_publisher(host, 0, "", 1), PLM_E_FIELD);
}

/* ---- pauses ---- */

static void test_bits_belong_to_a_market_or_to_all(void **unused)
{
    (void)unused;
    assert_int_equal(set_pause(0, BIT(DEPOSIT)), PLM_E_FIELD);
    assert_int_equal(set_pause(0, BIT(WITHDRAW)), PLM_E_FIELD);
    assert_int_equal(set_pause(PLM_NO_MARKET, BIT(INCREASE)), PLM_E_FIELD);
    assert_int_equal(set_pause(PLM_NO_MARKET, BIT(DEPOSIT) | BIT(WITHDRAW)), PLM_OK);
    assert_int_equal(set_pause(0, 0x1f | BIT(SETTLE)), PLM_OK);
    assert_int_equal(set_pause(1, BIT(FUND)), PLM_E_NO_MARKET);
    test_host_caller(host, "stranger");
    assert_int_equal(set_pause(0, BIT(FUND)), PLM_E_ROLE);
}

static void test_the_guardian_adds_and_the_admin_replaces(void **unused)
{
    (void)unused;
    assert_int_equal(set_role(PLM_ROLE_GUARDIAN, "guard"), PLM_OK);
    test_host_caller(host, "guard");
    assert_int_equal(set_pause(0, BIT(INCREASE)), PLM_OK);
    assert_int_equal(set_pause(0, BIT(FUND)), PLM_OK);
    assert_int_equal(state_of().pauses, BIT(INCREASE) | BIT(FUND));
    assert_int_equal(set_pause(0, 0), PLM_OK); /* lifts nothing */
    assert_int_equal(state_of().pauses, BIT(INCREASE) | BIT(FUND));
    test_host_caller(host, "admin");
    assert_int_equal(set_pause(0, BIT(INCREASE)), PLM_OK);
    assert_int_equal(state_of().pauses, BIT(INCREASE));
}

static void test_a_pause_is_set_again_only_after_seven_days(void **unused)
{
    (void)unused;
    const uint64_t start = host->now.sec;
    assert_int_equal(set_pause(0, BIT(LIQUIDATE) | BIT(INCREASE)), PLM_OK);
    host->now.sec = start + 14399;
    assert_int_equal(set_pause(0, BIT(LIQUIDATE) | BIT(INCREASE)), PLM_OK);     /* still in force */
    assert_int_equal(state_of().pause_sets[PLM_PAUSE_LIQUIDATE].at.sec, start); /* not renewed */
    host->now.sec = start + 14400;
    assert_int_equal(set_pause(0, BIT(LIQUIDATE)), PLM_E_PAUSED);
    host->now.sec = start + 7 * DAY - 1;
    assert_int_equal(set_pause(0, BIT(LIQUIDATE)), PLM_E_PAUSED);
    host->now.sec = start + 7 * DAY;
    assert_int_equal(set_pause(0, BIT(LIQUIDATE)), PLM_OK);
    assert_int_equal(set_pause(0, BIT(INCREASE)), PLM_OK); /* free to come and go */
    assert_int_equal(set_pause(0, 0), PLM_OK);
    assert_int_equal(set_pause(0, BIT(INCREASE)), PLM_OK);
    assert_int_equal(set_pause(0, BIT(LIQUIDATE)), PLM_E_PAUSED); /* lifted does not mean fresh */
}

static void test_lifting_the_reduce_pause_is_remembered_for_the_grace(void **unused)
{
    (void)unused;
    const uint64_t start = host->now.sec;
    assert_int_equal(set_pause(0, BIT(REDUCE)), PLM_OK);
    host->now.sec = start + 100;
    assert_int_equal(set_pause(0, 0), PLM_OK);
    assert_int_equal(state_of().pause_lifted.sec, start + 100);
    (void)set_up(NULL);
    assert_int_equal(set_pause(0, BIT(REDUCE)), PLM_OK);
    host->now.sec = start + DAY + 50; /* it ended by itself before it was cleared */
    assert_int_equal(set_pause(0, 0), PLM_OK);
    assert_int_equal(state_of().pause_lifted.sec, start + DAY);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

static struct plm_market listed(uint16_t feed)
{
    struct plm_market market = test_m0_market();
    market.feed = feed;
    return market;
}

static void test_a_feed_answers_for_its_own_backed_markets_only(void **unused)
{
    (void)unused; /* [PRICE-7]: a grace of 240 s breaks the envelope of a market like M0 */
    const struct plm_feed feed = test_m0_feed();
    assert_int_equal(test_add_feed(host, &feed), PLM_OK);
    const struct plm_market other = listed(1);
    assert_int_equal(test_add_market(host, &other, 0), PLM_OK);
    assert_int_equal(tighten_to(PLM_TARGET_FEED, 79, 240), PLM_E_PARAM_ENVELOPE);
    assert_int_equal(tighten_to(PLM_TARGET_FEED, 79, 239), PLM_OK); /* and market 1 is passed by */

    assert_int_equal(test_add_feed(host, &feed), PLM_OK);
    const struct plm_market unbacked = listed(2);
    assert_int_equal(test_add_market(host, &unbacked, 1), PLM_OK);
    const plm_val long_grace = {{3600, 0}};
    assert_int_equal(tighten(PLM_TARGET_FEED, 2, 79, long_grace), PLM_OK);
}

static void test_a_tightened_collateral_stays_consistent(void **unused)
{
    (void)
        unused; /* [ACCT-6] [GOV-3] [PRICE-7]: discount_max moves down only, conf_max of the feed */
    struct plm_asset asset = test_m0_asset();
    const struct plm_add_asset list = {
        .token = asset.token, .decimals = asset.decimals, .feed = 0, .params = asset.params};
    assert_int_equal(TEST_APPLY(host, ADD_ASSET, add_asset, &list), PLM_OK);
    const plm_val above = {{1000001, 0}};
    const plm_val crossing = {{750000, 0}};
    const plm_val less = {{790000, 0}};
    const plm_val wide = {{145000, 0}};
    assert_int_equal(tighten(PLM_TARGET_ASSET, 1, 96, above), PLM_E_PARAM_RANGE);
    assert_int_equal(tighten(PLM_TARGET_ASSET, 1, 97, crossing), PLM_E_PARAM_RANGE);
    assert_int_equal(tighten(PLM_TARGET_ASSET, 1, 101, wide), PLM_E_PARAM_ENVELOPE);
    assert_int_equal(tighten(PLM_TARGET_ASSET, 1, 96, less), PLM_OK);
    assert_int_equal(tighten_to(PLM_TARGET_FEED, 64, 86401), PLM_E_PARAM_RANGE);
}

static void test_no_market_returns_from_settling_or_with_a_loss_uncovered(void **unused)
{
    (void)unused; /* [ACCT-7] [LOSS-7] [GOV-5] */
    const uint8_t key[3] = {PLM_KEY_MARKET_STATE};
    const uint8_t statuses[] = {PLM_STATUS_SETTLING, PLM_STATUS_RESOLVED, PLM_STATUS_REDUCE_ONLY};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        struct test_entry *entry = test_find(host, key, sizeof key);
        struct plm_market_state state = state_of();
        assert_non_null(entry);
        state.status = statuses[i];
        state.uncovered = plm_val_from_quote(statuses[i] == PLM_STATUS_REDUCE_ONLY ? -1 : 0);
        entry->value_length =
            1 + plm_codec_encode(PLM_LAYOUT_market_state, &state, entry->value + 1, 6143);
        assert_int_equal(set_status(PLM_STATUS_ACTIVE), PLM_E_STATUS);
    }
}

static void test_the_pauses_for_all_are_not_renewed_either(void **unused)
{
    (void)unused; /* [GOV-2] */
    assert_int_equal(set_pause(PLM_NO_MARKET, BIT(DEPOSIT)), PLM_OK);
    assert_int_equal(set_pause(PLM_NO_MARKET, 0), PLM_OK);
    host->now.sec += 7 * DAY - 1;
    assert_int_equal(set_pause(PLM_NO_MARKET, BIT(DEPOSIT)), PLM_E_PAUSED);
    host->now.sec += 1;
    assert_int_equal(set_pause(PLM_NO_MARKET, BIT(DEPOSIT)), PLM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_parameter_is_tightened_at_once_and_never_loosened),
        TEST(test_a_tightening_keeps_the_record_consistent),
        TEST(test_a_tightening_that_costs_insurance_stays_in_the_envelope),
        TEST(test_a_parameter_of_another_target_is_no_field),
        TEST(test_a_market_moves_through_its_statuses),
        TEST(test_a_role_goes_to_its_new_holder_alone),
        TEST(test_a_feed_has_at_most_eight_publishers_each_once),
        TEST(test_bits_belong_to_a_market_or_to_all),
        TEST(test_the_guardian_adds_and_the_admin_replaces),
        TEST(test_a_pause_is_set_again_only_after_seven_days),
        TEST(test_lifting_the_reduce_pause_is_remembered_for_the_grace),
        cmocka_unit_test_setup(test_a_feed_answers_for_its_own_backed_markets_only, set_up),
        cmocka_unit_test_setup(test_a_tightened_collateral_stays_consistent, set_up),
        cmocka_unit_test_setup(test_no_market_returns_from_settling_or_with_a_loss_uncovered,
                               set_up),
        cmocka_unit_test_setup(test_the_pauses_for_all_are_not_renewed_either, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* plm_op_governance: parameters, statuses, roles and publishers change at once where nobody can
 * lose by it, and otherwise as proposals that wait. [GOV-1] [GOV-3] [PRICE-7] [ACCT-7] */
#include "plm_cmocka.h"

#include "support/plm_test_engine.h"

#define DAY UINT64_C(86400)

static struct plm_host *host;

static int set_up(void **unused)
{
    (void)unused;
    host = test_m0_engine();
    return 0;
}

static plm_err set_param(uint8_t target, uint16_t id, uint16_t param, plm_val value)
{
    const struct plm_set_param args = {.target = target, .id = id, .param = param, .value = value};
    return TEST_APPLY(host, SET_PARAM, set_param, &args);
}

static plm_err move_to(uint8_t target, uint16_t param, int64_t n)
{
    const plm_val value = {plm_wide_i128_from_i64(n)};
    return set_param(target, 0, param, value);
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

static struct plm_market_state state_of(void)
{
    static struct plm_market_state state;
    test_read(host, PLM_KEY_MARKET_STATE, 0, PLM_LAYOUT_market_state, &state);
    return state;
}

static struct plm_config config_of(void)
{
    static struct plm_config config;
    test_read(host, PLM_KEY_CONFIG, 0, PLM_LAYOUT_config, &config);
    return config;
}

static uint64_t epoch(void)
{
    return config_of().epoch;
}

/* As after the first fill. */
static void go_live(void)
{
    const uint8_t key[1] = {PLM_KEY_CONFIG};
    struct plm_config config = config_of();
    struct test_entry *entry = test_find(host, key, sizeof key);
    assert_non_null(entry);
    config.live = 1;
    entry->value_length = 1 + plm_codec_encode(PLM_LAYOUT_config, &config, entry->value + 1, 6143);
}

static plm_err execute(uint64_t proposal)
{
    const struct plm_execute args = {.proposal = proposal};
    return TEST_APPLY(host, EXECUTE, execute, &args);
}

static plm_err cancel(uint64_t proposal)
{
    const struct plm_cancel args = {.proposal = proposal};
    return TEST_APPLY(host, CANCEL, cancel, &args);
}

static struct plm_market market_of(void)
{
    static struct plm_market market;
    test_read(host, PLM_KEY_MARKET, 0, PLM_LAYOUT_market, &market);
    return market;
}

/* The proposal that the last operation became, by its reply; 0: it was done at once. */
static uint64_t proposed(void)
{
    struct plm_reply_proposal reply = {0};
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_reply_proposal, host->reply, host->reply_length, &reply),
        PLM_OK);
    return reply.proposal;
}

static bool is_kept(uint64_t proposal)
{
    const uint8_t key[9] = {PLM_KEY_PROPOSAL, 0, 0, 0, 0, 0, 0, 0, (uint8_t)proposal};
    return test_find(host, key, sizeof key) != NULL;
}

/* ---- parameters ---- */

static void test_before_the_first_fill_every_way_is_free(void **unused)
{
    (void)unused;
    const uint64_t before = epoch();
    assert_int_equal(move_to(PLM_TARGET_MARKET, 1, 200000), PLM_OK);
    assert_int_equal(host->event_ids[0], PLM_EVENT_PARAM_SET);
    assert_int_equal(proposed(), 0);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 1, 100000), PLM_OK);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 13, 1), PLM_OK);
    assert_int_equal(set_role(PLM_ROLE_GUARDIAN, "guard"), PLM_OK);
    assert_int_equal(proposed(), 0);
    assert_int_equal(set_status(PLM_STATUS_ACTIVE), PLM_OK);
    assert_int_equal(proposed(), 0);
    assert_int_equal(epoch(), before + 4);
    assert_int_equal(config_of().last_proposal, 0);
}

static void test_a_live_parameter_is_tightened_at_once_and_loosened_by_proposal(void **unused)
{
    (void)unused;
    go_live();
    const uint64_t before = epoch();
    assert_int_equal(move_to(PLM_TARGET_MARKET, 1, 100001), PLM_OK);
    assert_int_equal(host->event_ids[0], PLM_EVENT_PARAM_SET);
    assert_int_equal(proposed(), 0);
    assert_int_equal(epoch(), before + 1);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 1, 100000), PLM_OK);
    assert_int_equal(host->event_ids[0], PLM_EVENT_PROPOSED);
    assert_int_equal(proposed(), 1);
    assert_true(is_kept(1));
    assert_int_equal(market_of().params.initial.ppm, 100001); /* nothing has changed */
    assert_int_equal(epoch(), before + 1);
    assert_int_equal(move_to(PLM_TARGET_FEED, 71, 199999), PLM_OK);
    assert_int_equal(proposed(), 0);
    assert_int_equal(move_to(PLM_TARGET_FEED, 71, 200000), PLM_OK);
    assert_int_equal(proposed(), 2);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 2, 50001), PLM_OK); /* maint: both ways wait */
    assert_int_equal(proposed(), 3);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 2, 49999), PLM_OK);
    assert_int_equal(proposed(), 4);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 2, 50000), PLM_OK); /* as it is */
    assert_int_equal(proposed(), 0);
    assert_int_equal(config_of().last_proposal, 4);
}

static void test_a_proposal_moves_by_a_fifth_at_most(void **unused)
{
    (void)unused; /* [GOV-3]: withdraw_floor, of 100000, 80000 at least */
    go_live();
    assert_int_equal(move_to(PLM_TARGET_MARKET, 27, 80001), PLM_OK);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 27, 80000), PLM_OK);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 27, 79999), PLM_E_PARAM_STEP);
    assert_int_equal(config_of().last_proposal, 2);
}

static void test_a_proposal_waits_for_its_notice_and_dies(void **unused)
{
    (void)unused; /* [GOV-3]: from two days to seven */
    go_live();
    const uint64_t start = host->now.sec;
    const uint64_t before = epoch();
    assert_int_equal(move_to(PLM_TARGET_MARKET, 27, 90000), PLM_OK);
    assert_int_equal(execute(1), PLM_E_PARAM_DELAY);
    host->now.sec = start + 2 * DAY - 1;
    assert_int_equal(execute(1), PLM_E_PARAM_DELAY);
    host->now.sec = start + 2 * DAY;
    assert_int_equal(execute(1), PLM_OK);
    assert_int_equal(host->event_ids[0], PLM_EVENT_PROPOSAL_ENDED);
    assert_int_equal(host->event_ids[1], PLM_EVENT_PARAM_SET);
    assert_int_equal(host->reply_length, 0);
    assert_int_equal(market_of().params.withdraw_floor.ppm, 90000);
    assert_int_equal(epoch(), before + 1);
    assert_false(is_kept(1));
    assert_int_equal(execute(1), PLM_E_NO_PROPOSAL); /* once */

    assert_int_equal(move_to(PLM_TARGET_MARKET, 27, 80000), PLM_OK);
    host->now.sec += 7 * DAY;
    test_host_caller(host, "stranger");
    assert_int_equal(execute(2), PLM_E_ROLE);
    assert_int_equal(execute(9), PLM_E_ROLE); /* there is none */
    test_host_caller(host, "admin");
    assert_int_equal(execute(2), PLM_OK);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 27, 70000), PLM_OK);
    host->now.sec += 7 * DAY + 1;
    assert_int_equal(execute(3), PLM_E_PROPOSAL_VOID);
    assert_true(is_kept(3));
    assert_int_equal(cancel(3), PLM_OK);
}

static void test_a_proposal_is_bound_to_the_value_it_would_change(void **unused)
{
    (void)unused; /* [GOV-3]: two steps of a fifth do not make one of 44 % */
    go_live();
    assert_int_equal(move_to(PLM_TARGET_MARKET, 27, 90000), PLM_OK);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 27, 80000), PLM_OK);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 1, 100001), PLM_OK); /* another one: no matter */
    host->now.sec += 2 * DAY;
    assert_int_equal(execute(1), PLM_OK);
    assert_int_equal(execute(2), PLM_E_PROPOSAL_VOID);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 27, 100000), PLM_OK); /* back to what it was */
    assert_int_equal(execute(2), PLM_OK);
    assert_int_equal(market_of().params.withdraw_floor.ppm, 80000);
}

static void test_what_was_consistent_may_no_longer_be(void **unused)
{
    (void)unused; /* [GOV-3] [PRICE-7]: all is checked again */
    go_live();
    assert_int_equal(move_to(PLM_TARGET_MARKET, 1, 90000), PLM_E_PARAM_RANGE); /* below loss_cap */
    assert_int_equal(move_to(PLM_TARGET_MARKET, 30, 60000), PLM_OK);
    assert_int_equal(proposed(), 0);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 2, 60000), PLM_OK);
    host->now.sec += 2 * DAY;
    assert_int_equal(execute(1), PLM_OK);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 1, 80000), PLM_OK);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 2, 72000), PLM_OK);
    host->now.sec += 2 * DAY;
    assert_int_equal(execute(2), PLM_OK);
    assert_int_equal(execute(3), PLM_OK);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 1, 75000), PLM_OK);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 2, 79000), PLM_OK);
    host->now.sec += 2 * DAY;
    assert_int_equal(execute(5), PLM_OK);
    assert_int_equal(execute(4), PLM_E_PARAM_RANGE); /* initial would be below maint */
    assert_true(is_kept(4));
}

static void test_roles_and_openings_wait_closings_do_not(void **unused)
{
    (void)unused; /* [GOV-1] [GOV-3] */
    go_live();
    assert_int_equal(set_status(PLM_STATUS_ACTIVE), PLM_OK);
    const uint64_t opening = proposed();
    assert_int_equal(state_of().status, PLM_STATUS_INIT);
    assert_int_equal(set_role(PLM_ROLE_MATCHER, "match"), PLM_OK);
    const uint64_t matcher = proposed();
    assert_int_equal(test_set_publisher(host, 0, "pub", 1), PLM_E_EXISTS);
    assert_int_equal(test_set_publisher(host, 0, "second", 1), PLM_OK);
    const uint64_t second = proposed();
    assert_int_equal(test_set_publisher(host, 0, "pub", 0), PLM_OK); /* a stolen key, at once */
    assert_int_equal(proposed(), 0);
    assert_int_equal(test_set_publisher(host, 0, "second", 0), PLM_E_NOT_NEEDED);
    assert_true(opening == 1 && matcher == 2 && second == 3);
    host->now.sec += 2 * DAY;
    assert_int_equal(execute(opening), PLM_OK);
    assert_int_equal(host->event_ids[1], PLM_EVENT_STATUS_SET);
    assert_int_equal(state_of().status, PLM_STATUS_ACTIVE);
    assert_int_equal(execute(matcher), PLM_OK);
    assert_int_equal(host->event_ids[1], PLM_EVENT_ROLE_SET);
    assert_int_equal(execute(second), PLM_OK);
    assert_int_equal(host->event_ids[1], PLM_EVENT_PUBLISHER_SET);
    assert_int_equal(test_set_publisher(host, 0, "second", 0), PLM_OK);
    assert_int_equal(set_status(PLM_STATUS_REDUCE_ONLY), PLM_OK);
    assert_int_equal(proposed(), 0);
    assert_int_equal(state_of().status, PLM_STATUS_REDUCE_ONLY);
    assert_int_equal(set_status(PLM_STATUS_ACTIVE), PLM_OK);
    assert_int_equal(proposed(), 4);
}

static void test_openings_that_are_no_longer_possible(void **unused)
{
    (void)unused; /* [GOV-3] */
    go_live();
    assert_int_equal(set_status(PLM_STATUS_ACTIVE), PLM_OK);
    assert_int_equal(set_status(PLM_STATUS_ACTIVE), PLM_OK);
    assert_int_equal(test_set_publisher(host, 0, "second", 1), PLM_OK);
    assert_int_equal(test_set_publisher(host, 0, "second", 1), PLM_OK);
    host->now.sec += 2 * DAY;
    assert_int_equal(execute(1), PLM_OK);
    assert_int_equal(execute(2), PLM_E_STATUS);
    assert_int_equal(execute(3), PLM_OK);
    assert_int_equal(execute(4), PLM_E_EXISTS);
}

static void test_a_new_admin_takes_his_role_himself(void **unused)
{
    (void)unused; /* [GOV-3] */
    go_live();
    assert_int_equal(set_role(PLM_ROLE_ADMIN, "heir"), PLM_OK);
    assert_int_equal(set_role(PLM_ROLE_GUARDIAN, "guard"), PLM_OK);
    host->now.sec += 2 * DAY;
    assert_int_equal(execute(1), PLM_E_ROLE); /* the old admin cannot for him */
    test_host_caller(host, "heir");
    assert_int_equal(execute(2), PLM_E_ROLE); /* nor he for another role */
    assert_int_equal(execute(1), PLM_OK);
    assert_int_equal(execute(2), PLM_OK);     /* now he is */
    test_host_caller(host, "admin");
    assert_int_equal(move_to(PLM_TARGET_MARKET, 1, 100001), PLM_E_ROLE);
}

static void test_guardian_and_admin_cancel(void **unused)
{
    (void)unused; /* [GOV-3] */
    assert_int_equal(set_role(PLM_ROLE_GUARDIAN, "guard"), PLM_OK);
    go_live();
    assert_int_equal(move_to(PLM_TARGET_MARKET, 27, 90000), PLM_OK);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 27, 90001), PLM_OK);
    test_host_caller(host, "stranger");
    assert_int_equal(cancel(1), PLM_E_ROLE);
    test_host_caller(host, "guard");
    assert_int_equal(cancel(3), PLM_E_NO_PROPOSAL);
    assert_int_equal(cancel(1), PLM_OK);
    assert_int_equal(host->event_ids[0], PLM_EVENT_PROPOSAL_ENDED);
    assert_false(is_kept(1));
    test_host_caller(host, "admin");
    assert_int_equal(cancel(2), PLM_OK);
    host->now.sec += 2 * DAY;
    assert_int_equal(execute(1), PLM_E_NO_PROPOSAL);
    assert_int_equal(execute(2), PLM_E_NO_PROPOSAL);
}

static void test_a_proposal_can_be_read(void **unused)
{
    (void)unused; /* [GOV-3] */
    static struct plm_reply_proposal_view view;
    go_live();
    assert_int_equal(move_to(PLM_TARGET_MARKET, 27, 90000), PLM_OK);
    const struct plm_get_proposal ask = {.proposal = 1};
    assert_int_equal(test_query(host, PLM_QUERY_PROPOSAL, PLM_LAYOUT_get_proposal, &ask), PLM_OK);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_reply_proposal_view, host->reply, host->reply_length, &view),
        PLM_OK);
    assert_int_equal(view.change.change, PLM_CHANGE_PARAM);
    assert_int_equal(view.change.param, 27);
    assert_int_equal(view.change.before.wad.lo, 100000);
    assert_int_equal(view.change.after.wad.lo, 90000);
    assert_int_equal(view.change.since.sec, host->now.sec);
    assert_int_equal(view.from.sec, host->now.sec + 2 * DAY);
    assert_int_equal(view.until.sec, host->now.sec + 7 * DAY);
    const struct plm_get_proposal other = {.proposal = 2};
    assert_int_equal(test_query(host, PLM_QUERY_PROPOSAL, PLM_LAYOUT_get_proposal, &other),
                     PLM_E_NO_PROPOSAL);
}

static void test_a_new_collateral_counts_for_nothing_once_trading_has_begun(void **unused)
{
    (void)unused; /* [GOV-3] I42 */
    struct plm_asset asset = test_m0_asset();
    struct plm_add_asset list = {
        .token = asset.token, .decimals = asset.decimals, .feed = 0, .params = asset.params};
    go_live();
    assert_int_equal(TEST_APPLY(host, ADD_ASSET, add_asset, &list), PLM_E_PARAM_DELAY);
    list.params.cap = (plm_amt){{0, 0}};
    list.params.weight_initial.ppm = 0;
    list.params.weight_maint.ppm = 1;
    assert_int_equal(TEST_APPLY(host, ADD_ASSET, add_asset, &list), PLM_E_PARAM_DELAY);
    list.params.weight_maint.ppm = 0;
    list.params.cap = (plm_amt){{1, 0}};
    assert_int_equal(TEST_APPLY(host, ADD_ASSET, add_asset, &list), PLM_E_PARAM_DELAY);
    list.params.cap = (plm_amt){{0, 0}};
    assert_int_equal(TEST_APPLY(host, ADD_ASSET, add_asset, &list), PLM_OK);
    const plm_val fifth = {{200000, 0}};
    const plm_val more = {{200001, 0}};
    assert_int_equal(set_param(PLM_TARGET_ASSET, 1, 97, more), PLM_E_PARAM_STEP);
    assert_int_equal(set_param(PLM_TARGET_ASSET, 1, 97, fifth), PLM_OK);
    assert_int_equal(proposed(), 1);
}

static void test_a_tightening_keeps_the_record_consistent(void **unused)
{
    (void)unused;
    assert_int_equal(move_to(PLM_TARGET_MARKET, 2, 100000), PLM_OK); /* maint = initial */
    assert_int_equal(move_to(PLM_TARGET_MARKET, 2, 100001), PLM_E_PARAM_RANGE);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 1, 1000001), PLM_E_PARAM_RANGE); /* its bound */
    assert_int_equal(move_to(PLM_TARGET_FEED, 69, 99999), PLM_E_PARAM_RANGE); /* below the band */
}

static void test_a_tightening_that_costs_insurance_stays_in_the_envelope(void **unused)
{
    (void)unused;
    /* the insurance fee loosens down; raising it takes from the envelope: 1.9868 M of 2 M */
    assert_int_equal(move_to(PLM_TARGET_MARKET, 18, 6322), PLM_OK);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 18, 6323), PLM_E_PARAM_ENVELOPE);
    /* one second more of funding, in the same window */
    assert_int_equal(move_to(PLM_TARGET_FEED, 79, 121), PLM_E_PARAM_ENVELOPE);
    (void)set_up(NULL);
    /* T grows by a second a source: 4 % x 8 / 3600 more is still covered, a long grace is not */
    assert_int_equal(move_to(PLM_TARGET_FEED, 66, 8), PLM_OK);
    assert_int_equal(move_to(PLM_TARGET_FEED, 79, 232), PLM_OK);
    assert_int_equal(move_to(PLM_TARGET_FEED, 79, 233), PLM_E_PARAM_ENVELOPE);
}

static void test_a_parameter_of_another_target_is_no_field(void **unused)
{
    (void)unused;
    assert_int_equal(move_to(PLM_TARGET_FEED, 1, 1), PLM_E_FIELD);
    assert_int_equal(move_to(PLM_TARGET_MARKET, 500, 1), PLM_E_FIELD);
    const plm_val one = {{1, 0}};
    assert_int_equal(set_param(PLM_TARGET_MARKET, 1, 1, one), PLM_E_NO_MARKET);
    assert_int_equal(set_param(PLM_TARGET_FEED, 1, 64, one), PLM_E_NO_MARKET);
    assert_int_equal(set_param(PLM_TARGET_ASSET, 0, 96, one), PLM_E_NO_ASSET); /* cash has none */
    assert_int_equal(set_param(PLM_TARGET_ASSET, 1, 96, one), PLM_E_NO_ASSET);
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
    assert_int_equal(move_to(PLM_TARGET_MARKET, 1, 100001), PLM_E_ROLE);
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
    assert_int_equal(move_to(PLM_TARGET_FEED, 79, 240), PLM_E_PARAM_ENVELOPE);
    assert_int_equal(move_to(PLM_TARGET_FEED, 79, 239), PLM_OK); /* and market 1 is passed by */

    assert_int_equal(test_add_feed(host, &feed), PLM_OK);
    const struct plm_market unbacked = listed(2);
    assert_int_equal(test_add_market(host, &unbacked, 1), PLM_OK);
    const plm_val long_grace = {{3600, 0}};
    assert_int_equal(set_param(PLM_TARGET_FEED, 2, 79, long_grace), PLM_OK);
}

static void test_a_feed_answers_for_its_markets_and_collateral(void **unused)
{
    (void)unused; /* [UNIT-3] [ACCT-6] [PRICE-7]: price_max bounds positions and balances, conf_max
                     is part of a collateral's envelope */
    const struct plm_feed feed = test_m0_feed();
    struct plm_asset asset = test_m0_asset();
    const plm_val highest = plm_codec_get(PLM_FIELD_feed_params_price_max, &feed.params);
    const plm_val one = {{1, 0}};
    const plm_val higher = plm_val_add(highest, one);
    const plm_val wide = {{50000, 0}};
    const plm_val wider = {{50001, 0}};
    assert_int_equal(set_param(PLM_TARGET_FEED, 0, 81, higher), PLM_E_PARAM_RANGE); /* market 0 */
    assert_int_equal(test_add_feed(host, &feed), PLM_OK);
    struct plm_add_asset list = {
        .token = asset.token, .decimals = 0, .feed = 1, .params = asset.params};
    list.params.cap = plm_amt_from_u64(200000000); /* x 2e15 = 4e13 quote units */
    assert_int_equal(TEST_APPLY(host, ADD_ASSET, add_asset, &list), PLM_OK);
    assert_int_equal(set_param(PLM_TARGET_FEED, 1, 81, higher), PLM_E_PARAM_RANGE);
    assert_int_equal(set_param(PLM_TARGET_FEED, 1, 73, wider), PLM_E_PARAM_ENVELOPE);
    assert_int_equal(set_param(PLM_TARGET_FEED, 1, 73, wide), PLM_OK);
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
    assert_int_equal(set_param(PLM_TARGET_ASSET, 1, 96, above), PLM_E_PARAM_RANGE);
    assert_int_equal(set_param(PLM_TARGET_ASSET, 1, 97, crossing), PLM_E_PARAM_RANGE);
    assert_int_equal(set_param(PLM_TARGET_ASSET, 1, 101, wide), PLM_E_PARAM_ENVELOPE);
    assert_int_equal(set_param(PLM_TARGET_ASSET, 1, 96, less), PLM_OK);
    assert_int_equal(move_to(PLM_TARGET_FEED, 64, 86401), PLM_E_PARAM_RANGE);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_before_the_first_fill_every_way_is_free),
        TEST(test_a_live_parameter_is_tightened_at_once_and_loosened_by_proposal),
        TEST(test_a_proposal_moves_by_a_fifth_at_most),
        TEST(test_a_proposal_waits_for_its_notice_and_dies),
        TEST(test_a_proposal_is_bound_to_the_value_it_would_change),
        TEST(test_what_was_consistent_may_no_longer_be),
        TEST(test_roles_and_openings_wait_closings_do_not),
        TEST(test_openings_that_are_no_longer_possible),
        TEST(test_a_new_admin_takes_his_role_himself),
        TEST(test_guardian_and_admin_cancel),
        TEST(test_a_proposal_can_be_read),
        TEST(test_a_new_collateral_counts_for_nothing_once_trading_has_begun),
        TEST(test_a_tightening_keeps_the_record_consistent),
        TEST(test_a_tightening_that_costs_insurance_stays_in_the_envelope),
        TEST(test_a_parameter_of_another_target_is_no_field),
        TEST(test_a_market_moves_through_its_statuses),
        TEST(test_a_role_goes_to_its_new_holder_alone),
        TEST(test_a_feed_has_at_most_eight_publishers_each_once),
        cmocka_unit_test_setup(test_a_feed_answers_for_its_own_backed_markets_only, set_up),
        cmocka_unit_test_setup(test_a_feed_answers_for_its_markets_and_collateral, set_up),
        cmocka_unit_test_setup(test_a_tightened_collateral_stays_consistent, set_up),
        cmocka_unit_test_setup(test_no_market_returns_from_settling_or_with_a_loss_uncovered,
                               set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

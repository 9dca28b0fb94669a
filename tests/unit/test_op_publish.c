// SPDX-License-Identifier: Apache-2.0
/* plm_op_publish: batches of quotes and impact prices. [PRICE-2] [PRICE-5] [FUND-2] [GOV-1] */
#include "plm_cmocka.h"

#include "support/plm_test_engine.h"

static struct plm_host *host;

static int set_up(void **unused)
{
    (void)unused;
    const struct plm_feed feed = test_m0_feed();
    host = test_m0_engine();
    assert_int_equal(test_add_feed(host, &feed), PLM_OK);
    assert_int_equal(test_set_publisher(host, 1, "pub", 1), PLM_OK);
    test_host_caller(host, "pub");
    return 0;
}

static struct plm_quote quote(uint16_t feed, uint64_t ticks)
{
    const struct plm_quote made = {.feed = feed, .price = {ticks}, .time = host->now};
    return made;
}

static plm_err publish_two(struct plm_quote first, struct plm_quote second)
{
    const struct plm_publish_price args = {.quotes_count = 2, .quotes = {first, second}};
    return TEST_APPLY(host, PUBLISH_PRICE, publish_price, &args);
}

static plm_err publish(uint64_t ticks)
{
    const struct plm_publish_price args = {.quotes_count = 1, .quotes = {quote(0, ticks)}};
    return TEST_APPLY(host, PUBLISH_PRICE, publish_price, &args);
}

static plm_err impact(uint64_t bid, uint64_t ask)
{
    const struct plm_publish_impact args = {
        .impacts_count = 1, .impacts = {{.bid = {bid}, .ask = {ask}, .time = host->now}}};
    return TEST_APPLY(host, PUBLISH_IMPACT, publish_impact, &args);
}

static struct plm_feed_state state_of(uint16_t feed)
{
    static struct plm_feed_state state;
    test_read(host, PLM_KEY_FEED_STATE, feed, PLM_LAYOUT_feed_state, &state);
    return state;
}

static void test_one_malformed_quote_fails_the_whole_message(void **unused)
{
    (void)unused;
    assert_int_equal(publish_two(quote(0, TEST_ONE), quote(1, 0)), PLM_E_PRICE_DOMAIN);
    assert_int_equal(publish_two(quote(0, TEST_ONE), quote(2, TEST_ONE)), PLM_E_NO_MARKET);
    assert_int_equal(publish_two(quote(0, TEST_ONE), quote(0, TEST_ONE)), PLM_E_FIELD);
    assert_int_equal(host->set_count, 0);
    assert_int_equal(state_of(0).price.ticks, 0);
}

static void test_an_empty_message_is_refused(void **unused)
{
    (void)unused;
    const struct plm_publish_price prices = {.quotes_count = 0};
    const struct plm_publish_impact impacts = {.impacts_count = 0};
    assert_int_equal(TEST_APPLY(host, PUBLISH_PRICE, publish_price, &prices), PLM_E_AMOUNT_ZERO);
    assert_int_equal(TEST_APPLY(host, PUBLISH_IMPACT, publish_impact, &impacts), PLM_E_AMOUNT_ZERO);
}

static void test_an_unusable_aggregate_never_fails_the_message(void **unused)
{
    (void)unused;
    assert_int_equal(publish_two(quote(0, TEST_ONE), quote(1, TEST_ONE)), PLM_OK);
    host->now.sec += 30;
    assert_int_equal(publish_two(quote(0, TEST_ONE * 2), quote(1, TEST_ONE + 1)), PLM_OK);
    assert_int_equal(host->event_count, 3);
    assert_int_equal(host->event_ids[0], PLM_EVENT_PRICE_REFUSED);
    assert_int_equal(host->event_ids[1], PLM_EVENT_GAP_STARTED);
    assert_int_equal(host->event_ids[2], PLM_EVENT_PRICED);
    assert_int_equal(state_of(0).price.ticks, TEST_ONE);
    assert_int_equal(state_of(0).refused, PLM_E_PRICE_BAND);
    assert_int_equal(state_of(1).price.ticks, TEST_ONE + 1);
}

static void test_leaving_gap_mode_is_an_event(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE), PLM_OK);
    host->now.sec += 61;
    assert_int_equal(publish(TEST_ONE), PLM_OK);
    host->now.sec += 60;
    assert_int_equal(publish(TEST_ONE), PLM_OK);
    assert_int_equal(host->event_count, 2);
    assert_int_equal(host->event_ids[0], PLM_EVENT_GAP_ENDED);
    assert_int_equal(host->event_ids[1], PLM_EVENT_PRICED);
    assert_int_equal(state_of(0).candidates_count, 0);
}

static void test_only_publishers_of_the_feed_are_heard(void **unused)
{
    (void)unused;
    test_host_caller(host, "admin");
    assert_int_equal(publish(TEST_ONE), PLM_E_ROLE);
    assert_int_equal(impact(1000, 1000), PLM_E_ROLE);
}

static void test_the_first_sample_of_an_hour_announces_the_rate(void **unused)
{
    (void)unused;
    host->now.sec = 3600 * 1000;
    assert_int_equal(publish(TEST_ONE), PLM_OK);
    assert_int_equal(impact(TEST_ONE, TEST_ONE), PLM_OK);
    assert_int_equal(host->event_count, 1);
    host->now.sec++;
    assert_int_equal(impact(TEST_ONE, TEST_ONE), PLM_OK);
    assert_int_equal(host->event_count, 0);
    host->now.sec += 3599;
    assert_int_equal(impact(TEST_ONE, TEST_ONE), PLM_OK); /* the price is stale: skipped */
    assert_int_equal(host->event_count, 0);
}

static void test_an_ask_below_the_bid_is_refused(void **unused)
{
    (void)unused;
    assert_int_equal(impact(TEST_ONE + 1, TEST_ONE), PLM_E_RANGE);
    assert_int_equal(impact(TEST_ONE, TEST_ONE), PLM_OK);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

static void test_a_feed_is_named_once_wherever_it_stands(void **unused)
{
    (void)unused; /* [PRICE-2] */
    struct plm_publish_price args = {
        .quotes_count = 3, .quotes = {quote(0, TEST_ONE), quote(1, TEST_ONE), quote(0, TEST_ONE)}};
    assert_int_equal(TEST_APPLY(host, PUBLISH_PRICE, publish_price, &args), PLM_E_FIELD);
    args.quotes[2].feed = 1;
    assert_int_equal(TEST_APPLY(host, PUBLISH_PRICE, publish_price, &args), PLM_E_FIELD);
    args.quotes_count = 2;
    assert_int_equal(TEST_APPLY(host, PUBLISH_PRICE, publish_price, &args), PLM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_malformed_quote_fails_the_whole_message),
        TEST(test_an_empty_message_is_refused),
        TEST(test_an_unusable_aggregate_never_fails_the_message),
        TEST(test_leaving_gap_mode_is_an_event),
        TEST(test_only_publishers_of_the_feed_are_heard),
        TEST(test_the_first_sample_of_an_hour_announces_the_rate),
        TEST(test_an_ask_below_the_bid_is_refused),
        cmocka_unit_test_setup(test_a_feed_is_named_once_wherever_it_stands, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

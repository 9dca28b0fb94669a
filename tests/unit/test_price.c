// SPDX-License-Identifier: Apache-2.0
/* plm_price: quotes to one accepted price, and the price to one view. [PRICE-1] to [PRICE-6] */
#include "plm_cmocka.h"
#include "plm_price.h"

#include <string.h>

#include "support/plm_test_m0.h"

#define START 1000000U

static struct plm_scratch scratch;
static struct plm_feed feed;
static struct plm_feed_state state;
static struct plm_feed_sources sources;
static struct plm_price_outcome outcome;

static plm_price price(uint64_t ticks)
{
    const plm_price made = {ticks};
    return made;
}

/* Publisher n's hash is the byte n + 1. */
static void speak_as(uint8_t publisher)
{
    memset(&scratch.caller_hash, 0, sizeof scratch.caller_hash);
    scratch.caller_hash.bytes[0] = (uint8_t)(publisher + 1U);
}

static int set_up(void **unused)
{
    (void)unused;
    memset(&scratch, 0, sizeof scratch);
    memset(&state, 0, sizeof state);
    memset(&sources, 0, sizeof sources);
    feed = test_m0_feed();
    scratch.now.sec = START;
    sources.sources_count = 5;
    for (uint8_t i = 0; i < 5; i++) {
        sources.sources[i].publisher.bytes[0] = (uint8_t)(i + 1U);
    }
    speak_as(0);
    return 0;
}

static plm_err quote_at(uint64_t ticks, uint64_t conf, uint64_t time)
{
    const struct plm_quote quote = {.price = {ticks}, .conf = {conf}, .time = {time}};
    return plm_price_record(&scratch, &feed, &state, &sources, &quote, &outcome);
}

/* A quote now; what became of its aggregate. */
static plm_err publish(uint64_t ticks, uint64_t conf)
{
    assert_int_equal(quote_at(ticks, conf, scratch.now.sec), PLM_OK);
    assert_int_equal(outcome.refused, state.refused);
    return outcome.refused;
}

static plm_err publish_as(uint8_t publisher, uint64_t ticks)
{
    speak_as(publisher);
    return publish(ticks, 1);
}

static plm_err publish_after(uint64_t seconds, uint64_t ticks)
{
    scratch.now.sec += seconds;
    return publish(ticks, 0);
}

static struct plm_view view(void)
{
    struct plm_view made;
    plm_price_make_view(&scratch, &feed, &state, &made);
    return made;
}

static void expect_view(plm_err risk, plm_err liquidation)
{
    const struct plm_view made = view();
    assert_int_equal(made.risk, risk);
    assert_int_equal(made.liquidation, liquidation);
}

/* ---- quotes [PRICE-2] ---- */

static void test_a_price_at_a_bound_of_the_domain_is_refused(void **unused)
{
    (void)unused;

    static const struct {
        uint64_t ticks;
        plm_err expected;
    } rows[] = {
        {0, PLM_E_PRICE_DOMAIN},
        {99, PLM_E_PRICE_DOMAIN},
        {100, PLM_E_PRICE_DOMAIN},
        {101, PLM_OK},
        {199, PLM_OK},
        {200, PLM_E_PRICE_DOMAIN},
        {201, PLM_E_PRICE_DOMAIN},
        {UINT64_MAX, PLM_E_PRICE_DOMAIN},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)set_up(NULL);
        feed.params.price_min = price(100);
        feed.params.price_max = price(200);
        assert_int_equal(quote_at(rows[i].ticks, 0, START), rows[i].expected);
        assert_int_equal(state.price.ticks, rows[i].expected == PLM_OK ? rows[i].ticks : 0);
    }
}

static void test_a_confidence_must_be_below_the_price(void **unused)
{
    (void)unused;
    feed.params.conf_max.ppm = 1000000;
    assert_int_equal(quote_at(1000, 1001, START), PLM_E_PRICE_DOMAIN);
    assert_int_equal(quote_at(1000, 1000, START), PLM_E_PRICE_DOMAIN);
    assert_int_equal(quote_at(1000, 999, START), PLM_OK);
}

static void test_a_publish_time_lies_between_the_last_one_and_the_skew(void **unused)
{
    (void)unused;
    assert_int_equal(quote_at(1000, 0, START + 6), PLM_E_PRICE_TIME);
    assert_int_equal(quote_at(1000, 0, START + 5), PLM_OK);
    assert_int_equal(state.time.sec, START); /* no accepted price is from the future [I18] */
    assert_int_equal(quote_at(1000, 0, START + 5), PLM_E_PRICE_TIME);
    assert_int_equal(quote_at(1000, 0, START + 4), PLM_E_PRICE_TIME);
    scratch.now.sec++;
    assert_int_equal(quote_at(1000, 0, START + 6), PLM_OK);
}

static void test_a_stranger_is_refused_before_his_quote_is_read(void **unused)
{
    (void)unused;
    speak_as(9); /* [GOV-1] */
    assert_int_equal(quote_at(0, 0, 0), PLM_E_ROLE);
    assert_int_equal(sources.sources[0].price.ticks, 0);
}

static void test_a_malformed_quote_changes_nothing(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    const struct plm_feed_state before = state;
    const struct plm_feed_sources sources_before = sources;
    assert_int_equal(quote_at(0, 0, START + 1), PLM_E_PRICE_DOMAIN);
    assert_int_equal(quote_at(TEST_ONE, 0, START), PLM_E_PRICE_TIME);
    assert_memory_equal(&before, &state, sizeof state);
    assert_memory_equal(&sources_before, &sources, sizeof sources);
}

/* ---- aggregates [PRICE-1] ---- */

static void test_fewer_than_k_quotes_are_refused_and_recorded(void **unused)
{
    (void)unused;
    feed.params.sources = 3;
    assert_int_equal(publish_as(0, 1000), PLM_E_PRICE_SOURCES);
    assert_int_equal(outcome.aggregate.ticks, 0);
    assert_int_equal(publish_as(1, 1000), PLM_E_PRICE_SOURCES);
    assert_int_equal(publish_as(2, 1000), PLM_OK);
    assert_int_equal(sources.sources[1].price.ticks, 1000);
}

static void test_the_median_of_an_even_count_is_the_floor_of_the_middles(void **unused)
{
    (void)unused;
    feed.params.sources = 4;
    feed.params.conf_max.ppm = 1000000;
    (void)publish_as(0, 1007);
    (void)publish_as(1, 1000);
    (void)publish_as(2, 1002);
    assert_int_equal(publish_as(3, 1005), PLM_OK);
    assert_int_equal(state.price.ticks, 1003); /* floor((1002 + 1005) / 2) */
    assert_int_equal(state.low.ticks, 1002);
    assert_int_equal(state.high.ticks, 1005);
    /* distances 4 3 1 2, upper middle 3, ceil(1.5 x 3) = 5 above the reported 1 */
    assert_int_equal(state.conf.ticks, 5);
}

static void test_quotes_that_disagree_widen_the_confidence(void **unused)
{
    (void)unused;
    feed.params.conf_max.ppm = 1000000;
    (void)publish_as(0, 100000);
    assert_int_equal(publish_as(1, 100100), PLM_OK);
    assert_int_equal(state.conf.ticks, 75); /* two quotes 100 apart: 1.5 x 50 */
    assert_int_equal(publish_as(2, 100200), PLM_OK);
    assert_int_equal(state.conf.ticks, 150);
    assert_int_equal(state.price.ticks, 100100);
}

static void test_a_quote_is_live_up_to_its_age(void **unused)
{
    (void)unused;
    feed.params.sources = 2;
    (void)publish_as(0, 1000);
    scratch.now.sec = START + 30;
    assert_int_equal(publish_as(1, 1000), PLM_OK);
    assert_int_equal(state.time.sec, START); /* two quotes are at least as new */
    (void)set_up(NULL);
    feed.params.sources = 2;
    (void)publish_as(0, 1000);
    scratch.now.sec = START + 31;
    assert_int_equal(publish_as(1, 1000), PLM_E_PRICE_SOURCES);
}

static void test_the_aggregates_time_is_that_of_the_kth_newest_quote(void **unused)
{
    (void)unused;
    feed.params.sources = 2;
    (void)publish_as(0, 1000);
    scratch.now.sec = START + 10;
    (void)publish_as(1, 1000);
    scratch.now.sec = START + 20;
    assert_int_equal(publish_as(2, 1000), PLM_OK);
    assert_int_equal(state.time.sec, START + 10);
}

static void test_a_publisher_far_outside_twice_in_a_row_is_muted(void **unused)
{
    (void)unused;
    /* conf_high of 1e10 is 5e7, three times that 1.5e8: at it is near, one above is far */
    const uint64_t far = TEST_ONE + 150000001;
    for (uint8_t i = 1; i < 5; i++) {
        (void)publish_as(i, TEST_ONE);
    }
    (void)publish_as(0, far - 1);
    assert_int_equal(sources.sources[0].strikes, 0);
    scratch.now.sec++;
    (void)publish_as(0, far);
    assert_int_equal(sources.sources[0].strikes, 1);
    scratch.now.sec++;
    (void)publish_as(0, TEST_ONE); /* in a row means in a row */
    assert_int_equal(sources.sources[0].strikes, 0);
    scratch.now.sec++;
    (void)publish_as(0, far);
    assert_int_equal(sources.sources[0].muted_until.sec, 0);
    scratch.now.sec++;
    (void)publish_as(0, far);
    assert_int_equal(sources.sources[0].muted_until.sec, scratch.now.sec + 3600);
    assert_int_equal(state.price.ticks, TEST_ONE);
}

static void test_a_muted_publisher_is_left_out_until_the_hour_is_over(void **unused)
{
    (void)unused;
    sources.sources[0].muted_until.sec = START + 1;
    assert_int_equal(publish_as(0, TEST_ONE), PLM_E_PRICE_SOURCES);
    scratch.now.sec++;
    assert_int_equal(publish_as(0, TEST_ONE), PLM_OK);
}

static void test_two_quotes_cannot_outvote_one(void **unused)
{
    (void)unused;
    (void)publish_as(1, TEST_ONE);
    for (uint64_t i = 0; i < 3; i++) {
        scratch.now.sec++;
        (void)publish_as(0, TEST_ONE * 2);
    }
    assert_int_equal(sources.sources[0].strikes, 0);
    assert_int_equal(sources.sources[0].muted_until.sec, 0);
}

static void test_a_wide_confidence_is_refused_and_a_high_one_is_used(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 100000001), PLM_E_PRICE_CONF);
    assert_int_equal(outcome.aggregate.ticks, TEST_ONE);
    expect_view(PLM_E_PRICE_CONF, PLM_E_PRICE_CONF);
    scratch.now.sec++;
    assert_int_equal(publish(TEST_ONE, 100000000), PLM_OK);
    expect_view(PLM_E_PRICE_CONF, PLM_OK); /* [PRICE-4] */
    scratch.now.sec++;
    assert_int_equal(publish(TEST_ONE, 50000001), PLM_OK);
    expect_view(PLM_E_PRICE_CONF, PLM_OK);
    scratch.now.sec++;
    assert_int_equal(publish(TEST_ONE, 50000000), PLM_OK);
    expect_view(PLM_OK, PLM_OK);
}

/* ---- the band [PRICE-2] ---- */

static void test_the_first_aggregate_is_accepted_without_a_band(void **unused)
{
    (void)unused;
    expect_view(PLM_E_PRICE_STALE, PLM_E_PRICE_STALE);
    assert_int_equal(publish(TEST_ONE, 7), PLM_OK);
    assert_int_equal(state.slow.ticks, TEST_ONE);
    assert_int_equal(state.anchor.ticks, TEST_ONE);
    expect_view(PLM_OK, PLM_OK);
}

static void test_the_band_widens_with_the_time_since_the_accepted_price(void **unused)
{
    (void)unused;

    static const struct {
        uint64_t seconds;
        uint64_t ticks;
        plm_err expected;
    } rows[] = {
        {1, 11005000000, PLM_OK}, /* 10 % + 0.05 % */
        {1, 11005000001, PLM_E_PRICE_BAND},
        {1, 8995000000, PLM_OK},
        {1, 8994999999, PLM_E_PRICE_BAND},
        {30, 11150000000, PLM_OK},
        {30, 11150000001, PLM_E_PRICE_BAND},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)set_up(NULL);
        assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
        assert_int_equal(publish_after(rows[i].seconds, rows[i].ticks), rows[i].expected);
        const bool accepted = rows[i].expected == PLM_OK;
        assert_int_equal(state.price.ticks, accepted ? rows[i].ticks : TEST_ONE);
        assert_int_equal(outcome.gap_started, !accepted);
    }
}

static void test_the_widest_band_is_not_exceeded(void **unused)
{
    (void)unused;
    feed.params.gap = 86400;
    feed.params.age = 86400;
    feed.params.window_band.ppm = 1000000;
    for (uint64_t over = 0; over < 2; over++) {
        (void)set_up(NULL);
        feed.params.gap = 86400;
        feed.params.window_band.ppm = 1000000;
        assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
        assert_int_equal(publish_after(4000, 13000000000 + over),
                         over == 0 ? PLM_OK : PLM_E_PRICE_BAND);
    }
}

static void test_the_window_binds_where_steps_would_not(void **unused)
{
    (void)unused;
    for (uint64_t over = 0; over < 2; over++) {
        (void)set_up(NULL);
        assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
        assert_int_equal(publish_after(30, 11000000000), PLM_OK);
        assert_int_equal(publish_after(30, 12000000000 + over),
                         over == 0 ? PLM_OK : PLM_E_PRICE_BAND);
    }
}

static void test_the_anchor_is_renewed_when_the_window_is_over(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    for (uint64_t i = 1; i < 10; i++) {
        assert_int_equal(publish_after(30, 11000000000), PLM_OK);
        assert_int_equal(state.anchor.ticks, TEST_ONE);
    }
    assert_int_equal(publish_after(29, 11000000000), PLM_OK);
    assert_int_equal(state.anchor.ticks, TEST_ONE);
    assert_int_equal(publish_after(1, 12000000000), PLM_OK);
    assert_int_equal(state.anchor.ticks, 12000000000);
    assert_int_equal(state.anchor_time.sec, START + 300);
}

static void test_the_first_price_of_a_new_window_obeys_the_old_one(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    for (uint64_t i = 1; i < 10; i++) {
        assert_int_equal(publish_after(30, 11500000000 - 500000000 * (i == 1)), PLM_OK);
    }
    assert_int_equal(publish_after(30, 12000000001), PLM_E_PRICE_BAND);
}

/* ---- the slow price [PRICE-3] ---- */

static void test_elapsed_time_is_credited_to_the_price_that_was_in_force(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    assert_int_equal(publish_after(30, 11000000000), PLM_OK);
    assert_int_equal(state.slow.ticks, TEST_ONE); /* nothing was in force but 1.00 */
    assert_int_equal(publish_after(30, 11000000000), PLM_OK);
    /* floor(1e9 x 30 / 3630) = 8264462, below the limit 0.03 % x 30 of 1e10 = 9e7 */
    assert_int_equal(state.slow.ticks, 10008264462);
}

static void test_the_slow_price_lags_when_it_falls_too(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    assert_int_equal(publish_after(30, 9000000000), PLM_OK);
    assert_int_equal(publish_after(30, 9000000000), PLM_OK);
    assert_int_equal(state.slow.ticks, 9991735538); /* the step is floored, s stays above */
}

static void test_the_slow_price_has_a_limited_speed(void **unused)
{
    (void)unused;
    feed.params.slow_tau = 1;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    assert_int_equal(publish_after(1, 11000000000), PLM_OK);
    assert_int_equal(publish_after(30, 11000000000), PLM_OK);
    assert_int_equal(state.slow.ticks, 10090000000);
}

static void test_no_more_time_than_the_age_moves_the_slow_price(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    assert_int_equal(publish_after(30, 11000000000), PLM_OK);
    scratch.now.sec += 30;
    const uint64_t at_age = view().slow.ticks;
    scratch.now.sec += 100000;
    assert_int_equal(view().slow.ticks, at_age);
    assert_int_equal(at_age, 10008264462);
}

static void test_longs_count_at_the_lower_price_and_shorts_at_the_higher(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    scratch.now.sec += 30;
    assert_int_equal(publish(11000000000, 1000000), PLM_OK);
    const struct plm_view made = view();
    assert_int_equal(made.slow.ticks, TEST_ONE);
    assert_int_equal(made.lo.ticks, TEST_ONE);          /* s < p - c */
    assert_int_equal(made.hi.ticks, 11001000000);       /* p + c > s */
    assert_int_equal(made.favour_lo.ticks, 8799000000); /* window band 20 % and c */
    assert_int_equal(made.favour_hi.ticks, 13201000000);
}

/* ---- validity [PRICE-4] ---- */

static void test_a_price_is_good_up_to_its_age(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    scratch.now.sec = START + 30;
    expect_view(PLM_OK, PLM_OK);
    scratch.now.sec = START + 31;
    expect_view(PLM_E_PRICE_STALE, PLM_E_PRICE_STALE);
}

static void test_the_upper_row_of_the_error_table_is_reported(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 60000000), PLM_OK); /* high */
    scratch.now.sec = START + 31;
    expect_view(PLM_E_PRICE_CONF, PLM_E_PRICE_STALE);
    state.refused = PLM_E_PRICE_SOURCES;
    expect_view(PLM_E_PRICE_SOURCES, PLM_E_PRICE_SOURCES);
    state.grace_until.sec = START + 32;
    expect_view(PLM_E_PRICE_SOURCES, PLM_E_GRACE);
}

static void test_a_fill_lies_within_the_band_of_the_view(void **unused)
{
    (void)unused;
    const plm_ratio band = {50000};
    const struct plm_view made = {.price = {1000019}};
    /* floor(1000019 x 5 %) = 50000 [PRICE-6] */
    assert_int_equal(plm_price_check_fill(&made, price(1050019), band), PLM_OK);
    assert_int_equal(plm_price_check_fill(&made, price(1050020), band), PLM_E_FILL_BAND);
    assert_int_equal(plm_price_check_fill(&made, price(950019), band), PLM_OK);
    assert_int_equal(plm_price_check_fill(&made, price(950018), band), PLM_E_FILL_BAND);
}

/* ---- gap mode [PRICE-5] ---- */

static void test_a_jump_in_time_starts_gap_mode_even_inside_the_band(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    assert_int_equal(publish_after(60, TEST_ONE), PLM_OK);
    scratch.now.sec += 61;
    expect_view(PLM_E_PRICE_STALE, PLM_E_PRICE_STALE); /* before any price */
    assert_int_equal(publish(TEST_ONE, 0), PLM_E_GAP);
    assert_true(outcome.gap_started);
    expect_view(PLM_E_GAP, PLM_E_GAP); /* one fresh price */
    assert_int_equal(publish_after(30, TEST_ONE), PLM_E_GAP);
    assert_int_equal(publish_after(29, TEST_ONE), PLM_E_GAP);
    assert_int_equal(publish_after(1, TEST_ONE), PLM_OK); /* 60 s: one band of distance at least */
    assert_true(outcome.gap_ended);
    expect_view(PLM_OK, PLM_E_GRACE);
    scratch.now.sec += 119;
    assert_int_equal(view().liquidation, PLM_E_GRACE);
    scratch.now.sec++;
    assert_int_equal(publish(TEST_ONE, 0), PLM_E_GAP); /* nobody published for two minutes */
}

static void test_a_feed_in_gap_mode_is_stale_when_candidates_stop(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    assert_int_equal(publish_after(61, TEST_ONE), PLM_E_GAP);
    scratch.now.sec += 30;
    expect_view(PLM_E_GAP, PLM_E_GAP);
    scratch.now.sec++;
    expect_view(PLM_E_PRICE_STALE, PLM_E_PRICE_STALE);
}

static void test_a_price_that_fell_from_1_to_0_40_is_live_again_after_300_seconds(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    assert_int_equal(publish_after(30, 4000000000), PLM_E_PRICE_BAND);
    expect_view(PLM_E_PRICE_BAND, PLM_E_PRICE_BAND);
    for (uint64_t i = 1; i < 10; i++) {
        assert_int_equal(publish_after(30, 4000000000), PLM_E_GAP);
        assert_int_equal(state.price.ticks, TEST_ONE);
    }
    /* 60 % are six bands of 10 %: 360 s, capped at 300 s since the first candidate */
    assert_int_equal(publish_after(29, 4000000000), PLM_E_GAP);
    assert_int_equal(publish_after(1, 4000000000), PLM_OK);
    assert_int_equal(state.price.ticks, 4000000000);
    assert_int_equal(state.anchor.ticks, 4000000000);
    assert_int_equal(state.slow.ticks, TEST_ONE); /* s does not jump */
    assert_int_equal(state.grace_until.sec, scratch.now.sec + 120);
    assert_int_equal(state.candidates_count, 0);
    expect_view(PLM_OK, PLM_E_GRACE);
}

static void test_the_hold_grows_with_the_bands_of_distance(void **unused)
{
    (void)unused;

    static const struct {
        uint64_t ticks;
        uint64_t hold;
    } rows[] = {
        {TEST_ONE, 60},    /* no distance: one band */
        {8000000000, 120}, /* exactly two bands */
        {7999999999, 180}, /* a tick more counts as a third */
        {5000000000, 300},
        {4999999999, 300}, /* capped */
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)set_up(NULL);
        assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
        (void)publish_after(61, rows[i].ticks);
        assert_int_equal(publish_after(rows[i].hold - 1, rows[i].ticks), PLM_E_GAP);
        assert_int_equal(publish_after(1, rows[i].ticks), PLM_OK);
    }
}

static void test_a_candidate_that_disagrees_starts_the_list_again(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    assert_int_equal(publish_after(61, TEST_ONE), PLM_E_GAP);
    assert_int_equal(publish_after(59, 10200000000), PLM_E_GAP); /* exactly 2 % agrees */
    assert_int_equal(state.candidates_count, 2);
    assert_int_equal(publish_after(1, 10200000001), PLM_E_GAP);  /* one tick more does not */
    assert_int_equal(state.candidates_count, 1);
    assert_int_equal(state.candidates[0].price.ticks, 10200000001);
}

static void test_the_median_of_the_candidates_becomes_the_price(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    assert_int_equal(publish_after(61, 10100000000), PLM_E_GAP);
    assert_int_equal(publish_after(30, 10000000001), PLM_E_GAP);
    assert_int_equal(publish_after(30, 10050000000), PLM_OK);
    assert_int_equal(state.price.ticks, 10050000000);
}

static void test_k_candidates_and_at_least_two_must_agree(void **unused)
{
    (void)unused;
    feed.params.gap_hold = 1;
    feed.params.sources = 3;
    for (uint8_t i = 0; i < 3; i++) {
        (void)publish_as(i, TEST_ONE);
    }
    scratch.now.sec += 61;
    for (uint8_t i = 0; i < 2; i++) {
        assert_int_equal(publish_as(i, TEST_ONE), PLM_E_PRICE_SOURCES);
    }
    assert_int_equal(publish_as(2, TEST_ONE), PLM_E_GAP);
    scratch.now.sec++;
    assert_int_equal(publish_as(0, TEST_ONE), PLM_E_GAP);
    assert_int_equal(publish_as(1, TEST_ONE), PLM_E_GAP); /* same second: not kept */
    assert_int_equal(state.candidates_count, 2);
    scratch.now.sec++;
    assert_int_equal(publish_as(0, TEST_ONE), PLM_OK);
}

static void test_a_full_list_keeps_its_first_and_newest_candidates(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    assert_int_equal(publish_after(61, 4000000000), PLM_E_PRICE_BAND);
    for (uint64_t i = 1; i <= 12; i++) {
        assert_int_equal(publish_after(1, 4000000000 + i), PLM_E_GAP);
    }
    assert_int_equal(state.candidates_count, 8);
    assert_int_equal(state.candidates[0].price.ticks, 4000000000);
    assert_int_equal(state.candidates[1].price.ticks, 4000000006);
    assert_int_equal(state.candidates[7].price.ticks, 4000000012);
}

static void test_a_wide_aggregate_is_no_candidate(void **unused)
{
    (void)unused;
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    assert_int_equal(publish_after(61, TEST_ONE), PLM_E_GAP);
    scratch.now.sec += 30;
    assert_int_equal(publish(TEST_ONE, 200000000), PLM_E_PRICE_CONF);
    assert_int_equal(state.candidates_count, 1);
    assert_int_equal(state.gap, 1);
}

/* ---- remainders [UNIT-4] ---- */

/* 10 000 000 001 ticks: every part of it leaves a remainder. */
#define ODD (TEST_ONE + 1U)

static void test_a_band_of_an_odd_price_is_rounded_down(void **unused)
{
    (void)unused; /* [PRICE-2]: 10.05 % after a second, 20 % of the window's start */
    for (uint64_t more = 0; more <= 1; more++) {
        (void)set_up(NULL);
        assert_int_equal(publish(ODD, 0), PLM_OK);
        assert_int_equal(publish_after(1, ODD + 1005000000 + more),
                         more == 0 ? PLM_OK : PLM_E_PRICE_BAND);
        (void)set_up(NULL);
        feed.params.band.ppm = 1000000;
        feed.params.band_max.ppm = 1000000;
        assert_int_equal(publish(ODD, 0), PLM_OK);
        assert_int_equal(publish_after(1, ODD + 2000000000 + more),
                         more == 0 ? PLM_OK : PLM_E_PRICE_BAND);
    }
}

static void test_a_confidence_of_an_odd_price_is_rounded_down(void **unused)
{
    (void)unused; /* [PRICE-2] [PRICE-4]: 1 % is refused, 0.5 % adds no risk */
    assert_int_equal(publish(ODD, 100000001), PLM_E_PRICE_CONF);
    (void)set_up(NULL);
    assert_int_equal(publish(ODD, 100000000), PLM_OK);
    (void)set_up(NULL);
    assert_int_equal(publish(ODD, 50000001), PLM_OK);
    expect_view(PLM_E_PRICE_CONF, PLM_OK);
    (void)set_up(NULL);
    assert_int_equal(publish(ODD, 50000000), PLM_OK);
    expect_view(PLM_OK, PLM_OK);
}

static void test_the_favour_of_an_odd_price_is_rounded_up(void **unused)
{
    (void)unused; /* [PRICE-4]: 20 % */
    assert_int_equal(publish(ODD, 0), PLM_OK);
    assert_int_equal(view().favour_lo.ticks, ODD - 2000000001);
    assert_int_equal(view().favour_hi.ticks, ODD + 2000000001);
}

static void test_candidates_agree_within_a_part_that_is_rounded_down(void **unused)
{
    (void)unused; /* [PRICE-5]: 2 % of the lowest; 1 % of their median */
    assert_int_equal(publish(ODD, 0), PLM_OK);
    assert_int_equal(publish_after(61, ODD), PLM_E_GAP);
    assert_int_equal(publish_after(1, ODD + 200000000), PLM_E_GAP);
    assert_int_equal(state.candidates_count, 2);
    assert_int_equal(publish_after(1, ODD + 200000001), PLM_E_GAP);
    assert_int_equal(state.candidates_count, 1);
    for (uint64_t more = 0; more <= 1; more++) {
        (void)set_up(NULL);
        assert_int_equal(publish(ODD, 0), PLM_OK);
        assert_int_equal(publish_after(61, ODD), PLM_E_GAP);
        scratch.now.sec += 60;
        /* Within 1 % of what is quoted, and of the candidates' median or not. */
        assert_int_equal(publish(TEST_ONE + 100, 100000000 + more), more == 0 ? PLM_OK : PLM_E_GAP);
    }
}

static void test_far_from_an_odd_median_is_rounded_down(void **unused)
{
    (void)unused; /* [PRICE-1]: three times 0.5 % */
    for (uint8_t i = 1; i < 5; i++) {
        (void)publish_as(i, ODD);
    }
    (void)publish_as(0, ODD + 150000000);
    assert_int_equal(sources.sources[0].strikes, 0);
    scratch.now.sec++;
    (void)publish_as(0, ODD + 150000001);
    assert_int_equal(sources.sources[0].strikes, 1);
}

static void test_a_publisher_is_judged_again_in_the_second_his_silence_ends(void **unused)
{
    (void)unused; /* [PRICE-1] */
    for (uint8_t i = 1; i < 5; i++) {
        (void)publish_as(i, TEST_ONE);
    }
    for (uint64_t before = 0; before <= 1; before++) {
        sources.sources[0].strikes = 0;
        sources.sources[0].muted_until.sec = scratch.now.sec + before;
        (void)publish_as(0, 2 * TEST_ONE - before);
        assert_int_equal(sources.sources[0].strikes, 1 - before);
        scratch.now.sec++;
    }
}

/* ---- assertions ---- */

static void test_a_fill_without_a_price_is_our_bug(void **unused)
{
    (void)unused;
    const plm_ratio band = {50000};
    const struct plm_view made = {.price = {0}};
    expect_assert_failure((void)plm_price_check_fill(&made, price(1), band));
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

static void test_a_jump_of_block_time_alone_starts_gap_mode(void **unused)
{
    (void)unused; /* [PRICE-5]: the quote is 60 s newer, the block 61 s, and one second less */
    for (uint64_t more = 0; more < 2; more++) {
        (void)set_up(NULL);
        assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
        scratch.now.sec += 60 + more;
        assert_int_equal(quote_at(TEST_ONE, 0, START + 60), PLM_OK);
        assert_int_equal(outcome.refused, more == 0 ? PLM_OK : PLM_E_GAP);
    }
}

static void test_a_quote_that_comes_too_late_is_judged_by_nobody(void **unused)
{
    (void)unused; /* [PRICE-1]: far outside, at its age and a second beyond */
    for (uint64_t more = 0; more < 2; more++) {
        (void)set_up(NULL);
        scratch.now.sec += 100;
        for (uint8_t i = 1; i < 5; i++) {
            (void)publish_as(i, TEST_ONE);
        }
        speak_as(0);
        assert_int_equal(quote_at(2 * TEST_ONE, 1, scratch.now.sec - 30 - more), PLM_OK);
        assert_int_equal(sources.sources[0].strikes, 1 - more);
    }
}

static void test_candidates_far_below_the_last_do_not_take_its_confidence(void **unused)
{
    (void)unused; /* [PRICE-5]: 1 % of the newest median is more than 1 % of the candidates' */
    for (uint64_t conf = 0; conf < 2; conf++) {
        (void)set_up(NULL);
        assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
        assert_int_equal(publish_after(61, TEST_ONE), PLM_E_GAP);
        assert_int_equal(publish_after(30, TEST_ONE), PLM_E_GAP);
        scratch.now.sec += 30;
        const uint64_t newest = TEST_ONE + TEST_ONE / 50;            /* within `agree`: 2 % */
        const plm_err code = publish(newest, TEST_ONE / 100 + conf); /* the candidates' median */
        assert_int_equal(code, conf == 0 ? PLM_OK : PLM_E_GAP);
    }
}

/* Eight publishers fill every list: the middles, the kth newest and the stranger who comes ninth.
 */
static void test_a_feed_may_have_all_its_publishers(void **unused)
{
    (void)unused; /* [PRICE-1] [GOV-1] */
    sources.sources_count = PLM_PUBLISHERS_MAX;
    feed.params.sources = PLM_PUBLISHERS_MAX;
    feed.params.conf_max.ppm = 1000000;
    for (uint8_t i = 0; i < PLM_PUBLISHERS_MAX; i++) {
        sources.sources[i].publisher.bytes[0] = (uint8_t)(i + 1U);
        const plm_err code = publish_as(i, 1000 + 10U * i);
        assert_int_equal(code, i + 1U < PLM_PUBLISHERS_MAX ? PLM_E_PRICE_SOURCES : PLM_OK);
        scratch.now.sec++;
    }
    assert_int_equal(state.price.ticks, 1035);
    assert_int_equal(state.low.ticks, 1030);
    assert_int_equal(state.high.ticks, 1040);
    assert_int_equal(state.conf.ticks, 38); /* distances 5 5 15 15 25 25 35 35: 1.5 x 25 */
    assert_int_equal(state.time.sec, START);
    speak_as(PLM_PUBLISHERS_MAX);
    assert_int_equal(quote_at(1000, 0, scratch.now.sec), PLM_E_ROLE);
}

static void test_gap_mode_blocks_by_itself(void **unused)
{
    (void)unused; /* [PRICE-4] [PRICE-5]: whatever the last aggregate's code */
    assert_int_equal(publish(TEST_ONE, 0), PLM_OK);
    assert_int_equal(publish_after(61, TEST_ONE), PLM_E_GAP);
    state.refused = PLM_OK;
    expect_view(PLM_E_GAP, PLM_E_GAP);
    state.refused = PLM_E_PRICE_BAND; /* a row further up */
    expect_view(PLM_E_PRICE_BAND, PLM_E_PRICE_BAND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_price_at_a_bound_of_the_domain_is_refused),
        TEST(test_a_band_of_an_odd_price_is_rounded_down),
        TEST(test_a_confidence_of_an_odd_price_is_rounded_down),
        TEST(test_the_favour_of_an_odd_price_is_rounded_up),
        TEST(test_candidates_agree_within_a_part_that_is_rounded_down),
        TEST(test_far_from_an_odd_median_is_rounded_down),
        TEST(test_a_publisher_is_judged_again_in_the_second_his_silence_ends),
        TEST(test_a_confidence_must_be_below_the_price),
        TEST(test_a_publish_time_lies_between_the_last_one_and_the_skew),
        TEST(test_a_stranger_is_refused_before_his_quote_is_read),
        TEST(test_a_malformed_quote_changes_nothing),
        TEST(test_fewer_than_k_quotes_are_refused_and_recorded),
        TEST(test_the_median_of_an_even_count_is_the_floor_of_the_middles),
        TEST(test_quotes_that_disagree_widen_the_confidence),
        TEST(test_a_quote_is_live_up_to_its_age),
        TEST(test_the_aggregates_time_is_that_of_the_kth_newest_quote),
        TEST(test_a_publisher_far_outside_twice_in_a_row_is_muted),
        TEST(test_a_muted_publisher_is_left_out_until_the_hour_is_over),
        TEST(test_two_quotes_cannot_outvote_one),
        TEST(test_a_wide_confidence_is_refused_and_a_high_one_is_used),
        TEST(test_the_first_aggregate_is_accepted_without_a_band),
        TEST(test_the_band_widens_with_the_time_since_the_accepted_price),
        TEST(test_the_widest_band_is_not_exceeded),
        TEST(test_the_window_binds_where_steps_would_not),
        TEST(test_the_anchor_is_renewed_when_the_window_is_over),
        TEST(test_the_first_price_of_a_new_window_obeys_the_old_one),
        TEST(test_elapsed_time_is_credited_to_the_price_that_was_in_force),
        TEST(test_the_slow_price_lags_when_it_falls_too),
        TEST(test_the_slow_price_has_a_limited_speed),
        TEST(test_no_more_time_than_the_age_moves_the_slow_price),
        TEST(test_longs_count_at_the_lower_price_and_shorts_at_the_higher),
        TEST(test_a_price_is_good_up_to_its_age),
        TEST(test_the_upper_row_of_the_error_table_is_reported),
        TEST(test_a_fill_lies_within_the_band_of_the_view),
        TEST(test_a_jump_in_time_starts_gap_mode_even_inside_the_band),
        TEST(test_a_feed_in_gap_mode_is_stale_when_candidates_stop),
        TEST(test_a_price_that_fell_from_1_to_0_40_is_live_again_after_300_seconds),
        TEST(test_the_hold_grows_with_the_bands_of_distance),
        TEST(test_a_candidate_that_disagrees_starts_the_list_again),
        TEST(test_the_median_of_the_candidates_becomes_the_price),
        TEST(test_k_candidates_and_at_least_two_must_agree),
        TEST(test_a_full_list_keeps_its_first_and_newest_candidates),
        TEST(test_a_wide_aggregate_is_no_candidate),
        TEST(test_a_fill_without_a_price_is_our_bug),
        TEST(test_a_jump_of_block_time_alone_starts_gap_mode),
        TEST(test_a_quote_that_comes_too_late_is_judged_by_nobody),
        TEST(test_candidates_far_below_the_last_do_not_take_its_confidence),
        TEST(test_a_feed_may_have_all_its_publishers),
        TEST(test_gap_mode_blocks_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

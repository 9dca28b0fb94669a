// SPDX-License-Identifier: Apache-2.0
/* plm_funding: samples to an hourly rate, the rate to an index. [FUND-1] to [FUND-3] */
#include "plm_cmocka.h"
#include "plm_funding.h"

#include <string.h>

#include "support/plm_test_m0.h"

#define HOUR  3600U
#define START (1000U * HOUR)

static struct plm_scratch scratch;
static struct plm_market_slot *const market = &scratch.markets[0];
static struct plm_market_state *const state = &scratch.markets[0].state;
static struct plm_feed_slot *const feed = &scratch.feeds[0];

static int set_up(void **unused)
{
    (void)unused;
    memset(&scratch, 0, sizeof scratch);
    scratch.now.sec = START;
    scratch.feed_count = 1;
    scratch.market_count = 1;
    market->record = test_m0_market();
    feed->record = test_m0_feed();
    feed->view.price.ticks = TEST_ONE;
    state->funding_time.sec = START;
    return 0;
}

static void accrue_to(struct plm_market_state *of, uint64_t seconds)
{
    const plm_time now = {seconds};
    plm_funding_accrue(&market->record.params, of, now);
}

static plm_err sample_at(uint64_t bid, uint64_t ask, uint64_t time, bool *taken)
{
    const struct plm_impact impact = {.bid = {bid}, .ask = {ask}, .time = {time}};
    return plm_funding_sample(&scratch, market, &impact, taken);
}

/* One pair now; whether it was taken. */
static bool sample(uint64_t bid, uint64_t ask)
{
    bool taken = false;
    assert_int_equal(sample_at(bid, ask, scratch.now.sec, &taken), PLM_OK);
    return taken;
}

/* n samples of the same premium, a second apart. */
static void sample_times(uint32_t n, uint64_t bid, uint64_t ask)
{
    for (uint32_t i = 0; i < n; i++) {
        scratch.now.sec++;
        accrue_to(state, scratch.now.sec);
        assert_true(sample(bid, ask));
    }
}

static int64_t rate_of(int64_t sum, uint32_t count)
{
    const plm_rate total = {sum};
    return plm_funding_rate(&market->record.params, total, count).nano;
}

/* ---- the rate [FUND-2] ---- */

static void test_the_premium_is_pulled_toward_interest_by_at_most_its_clamp(void **unused)
{
    (void)unused;

    static const struct {
        int64_t premium; /* mean, 1e-9 in 8 hours */
        int64_t hourly;
    } rows[] = {
        {0, 12500},       /* I - P = 0.01 % within the clamp: I / 8 */
        {600000, 12500},  /* I - P = -0.05 %, exactly the clamp */
        {600008, 12501},  /* one step outside: P - 0.05 % */
        {-400000, 12500}, /* I - P = +0.05 % */
        {-400008, 12499},
        {-400001, 12499}, /* floor(99999 / 8) = 12499 */
        {-2000000, -187500},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(rate_of(rows[i].premium * 15, 15), rows[i].hourly);
    }
}

static void test_a_negative_rate_is_floored_away_from_zero(void **unused)
{
    (void)unused;
    market->record.params.funding_interest.nano = -1;
    assert_int_equal(rate_of(0, 15), -1);
}

static void test_fewer_than_fifteen_samples_leave_the_interest_part(void **unused)
{
    (void)unused;
    assert_int_equal(rate_of(INT64_C(100000000) * 14, 14), 12500);
    assert_int_equal(rate_of(100000000, 1), 12500);
    assert_int_equal(rate_of(INT64_C(100000000) * 15, 15), 12437500); /* (10 % - 0.05 %) / 8 */
    assert_int_equal(rate_of(INT64_C(100000000) * 16, 16), 12437500);
}

static void test_an_hour_without_a_sample_accrues_nothing(void **unused)
{
    (void)unused;
    assert_int_equal(rate_of(0, 0), 0);
}

static void test_the_eight_hour_rate_is_bounded_by_six_margin_widths(void **unused)
{
    (void)unused;
    /* 6 x (10 % - 5 %) = 30 % in 8 hours is 3.75 % an hour, below the cap of 4 % */
    assert_int_equal(rate_of(INT64_C(300500000) * 15, 15), 37500000);
    assert_int_equal(rate_of(INT64_C(300500008) * 15, 15), 37500000);
    assert_int_equal(rate_of(INT64_C(300499992) * 15, 15), 37499999);
    assert_int_equal(rate_of(INT64_C(-900000000) * 15, 15), -37500000);
    market->record.params.maint = market->record.params.initial;
    assert_int_equal(rate_of(INT64_C(300500000) * 15, 15), 0);
}

static void test_the_hourly_rate_is_bounded_by_the_cap(void **unused)
{
    (void)unused;
    market->record.params.funding_cap.nano = 37499999;
    assert_int_equal(rate_of(INT64_C(900000000) * 15, 15), 37499999);
    assert_int_equal(rate_of(INT64_C(-900000000) * 15, 15), -37499999);
    market->record.params.funding_cap.nano = 37500001;
    assert_int_equal(rate_of(INT64_C(900000000) * 15, 15), 37500000);
}

/* ---- samples [FUND-2] ---- */

static void test_a_sample_is_the_impact_price_beyond_the_price(void **unused)
{
    (void)unused;

    static const struct {
        uint64_t bid;
        uint64_t ask;
        int64_t nano;
    } rows[] = {
        {TEST_ONE - 1, TEST_ONE + 1, 0},
        {TEST_ONE, TEST_ONE, 0},
        {10100000000, 10200000000, 10000000},
        {9800000000, 9900000000, -10000000},
        {TEST_ONE + 9, TEST_ONE + 20, 0}, /* floor(9e-10) */
        {TEST_ONE - 20, TEST_ONE - 9, -1},
        {20000000000, 20000000000, 1000000000},
        {30000000000, 30000000000, 1000000000}, /* at most one */
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)set_up(NULL);
        assert_true(sample(rows[i].bid, rows[i].ask));
        assert_int_equal(state->sample_sum.nano, rows[i].nano);
        assert_int_equal(state->sample_count, 1);
        assert_int_equal(state->sample_price.ticks, TEST_ONE);
    }
}

static void test_a_sample_must_be_newer_than_the_last_and_not_from_the_future(void **unused)
{
    (void)unused;
    bool taken = false;
    assert_int_equal(sample_at(1000, 1000, START + 6, &taken), PLM_E_PRICE_TIME);
    assert_int_equal(sample_at(1000, 1000, START + 5, &taken), PLM_OK);
    assert_int_equal(sample_at(1000, 1000, START + 5, &taken), PLM_E_PRICE_TIME);
    assert_int_equal(state->sample_count, 1);
}

static void test_an_impact_price_outside_the_domain_is_an_error(void **unused)
{
    (void)unused;
    bool taken = false;
    assert_int_equal(sample_at(2, 1, START, &taken), PLM_E_RANGE);
    assert_int_equal(sample_at(1, 1000, START, &taken), PLM_E_PRICE_DOMAIN);
    assert_int_equal(sample_at(2, UINT64_C(2000000000000000), START, &taken), PLM_E_PRICE_DOMAIN);
    assert_int_equal(sample_at(2, UINT64_C(1999999999999999), START, &taken), PLM_OK);
}

static void test_samples_are_skipped_where_they_would_mean_nothing(void **unused)
{
    (void)unused;
    feed->view.risk = PLM_E_GAP; /* [PRICE-4] */
    assert_false(sample(1000, 1000));
    feed->view.risk = PLM_OK;
    feed->view.liquidation = PLM_E_GRACE;
    bool taken = true;
    assert_int_equal(sample_at(1000, 1000, START - 31, &taken), PLM_OK);
    assert_false(taken); /* older than a price may be */
    struct plm_market_state before = *state;
    assert_int_equal(sample_at(1000, 1000, START - 30, &taken), PLM_OK);
    assert_true(taken);                   /* and not older */
    *state = before;
    state->pauses = 1U << PLM_PAUSE_FUND; /* [GOV-2] */
    state->pause_sets_count = 8;
    state->pause_sets[PLM_PAUSE_FUND].at.sec = START;
    assert_false(sample(1000, 1000));
    state->pause_sets[PLM_PAUSE_FUND].at.sec = START - 14400;
    state->sample_count = 3600;
    assert_false(sample(1000, 1000));
    state->sample_count = 3599;
    assert_true(sample(1000, 1000)); /* a grace does not matter */
    assert_true(market->state_changed);
}

/* ---- the index [FUND-1] ---- */

static void test_the_rate_of_an_hour_is_charged_in_the_next(void **unused)
{
    (void)unused;
    sample_times(20, 10100000000, 10200000000);
    accrue_to(state, START + HOUR);
    /* 1 % - 0.05 % in 8 hours */
    assert_int_equal(state->funding_rate.nano, 1187500);
    assert_int_equal(state->funding_samples, 20);
    assert_int_equal(state->index_long.ticks, 0);
    assert_int_equal(state->sample_count, 0);
    accrue_to(state, START + HOUR + HOUR);
    assert_int_equal(state->index_long.ticks, 11875000);
    assert_int_equal(state->index_short.ticks, 11875000);
    assert_int_equal(state->funding_rate.nano, 0);
    accrue_to(state, START + 100 * HOUR);
    assert_int_equal(state->index_long.ticks, 11875000); /* skipped hours accrue 0 */
}

static void test_within_an_hour_the_index_is_a_line(void **unused)
{
    (void)unused;
    state->funding_rate.nano = 3600;
    state->funding_price.ticks = UINT64_C(1000000000);
    static const int64_t ticks[] = {0, 1, 2, 3};
    for (uint32_t i = 0; i < ARRAY_LEN(ticks); i++) {
        accrue_to(state, START + i);
        assert_int_equal(state->index_long.ticks, ticks[i]);
    }
}

static void test_a_negative_step_is_floored_and_keeps_its_rest(void **unused)
{
    (void)unused;
    state->funding_rate.nano = -1;
    state->funding_price.ticks = 1;
    accrue_to(state, START + 1);
    assert_int_equal(state->index_long.ticks, -1);
    assert_int_equal(state->funding_rest.wad.lo, UINT64_C(3599999999999));
    accrue_to(state, START + HOUR);
    assert_int_equal(state->index_long.ticks, -1);
    assert_int_equal(state->funding_rest.wad.lo, UINT64_C(3599999996400));
}

/* payment(t1, t3) = payment(t1, t2) + payment(t2, t3), for any splits. */
static void test_accrual_is_additive_over_any_split(void **unused)
{
    (void)unused;
    static const int64_t rates[] = {7, -7, 40000000, -39999999};
    uint64_t seed = 12345;
    for (size_t r = 0; r < ARRAY_LEN(rates); r++) {
        (void)set_up(NULL);
        scratch.now.sec = START + 3000;
        accrue_to(state, scratch.now.sec);
        sample_times(30, 9900000001, 9900000007);
        state->funding_rate.nano = rates[r];
        state->funding_price.ticks = 99999999977;
        for (uint32_t n = 0; n < 200; n++) {
            struct plm_market_state split = *state;
            struct plm_market_state whole = *state;
            uint64_t at = scratch.now.sec;
            for (uint32_t i = 0; i < 8; i++) {
                seed = (seed * 1103515245U + 12345U) & 0x7fffffffU;
                at += (seed >> 8) & 2047U;
                accrue_to(&split, at);
            }
            accrue_to(&whole, at);
            assert_memory_equal(&split, &whole, sizeof whole);
        }
    }
}

static void test_both_sides_stop_together_at_the_index_bound(void **unused)
{
    (void)unused;
    state->funding_rate.nano = 39999999; /* a step that leaves a rest */
    state->funding_price.ticks = UINT64_C(90000000000001);
    state->index_long.ticks = PLM_INDEX_MAX - 5;
    state->index_short.ticks = 100;
    struct plm_market_state split = *state;
    accrue_to(state, START + 1000);
    assert_int_equal(state->index_long.ticks, PLM_INDEX_MAX);
    assert_int_equal(state->index_short.ticks, 105);
    assert_true(plm_val_is_zero(state->funding_rest)); /* what was left out is not owed later */
    for (uint32_t i = 1; i <= 1000; i += 37) {
        accrue_to(&split, START + i);
    }
    accrue_to(&split, START + 1000);
    assert_memory_equal(&split, state, sizeof split);

    state->funding_rate.nano = -40000000;
    state->index_long.ticks = -100;
    state->index_short.ticks = -PLM_INDEX_MAX + 5;
    accrue_to(state, START + 2000);
    assert_int_equal(state->index_long.ticks, -105);
    assert_int_equal(state->index_short.ticks, -PLM_INDEX_MAX);
}

static void test_a_cap_that_was_tightened_binds_the_rate_in_force(void **unused)
{
    (void)unused;
    state->funding_rate.nano = 40000000;
    state->funding_price.ticks = TEST_ONE;
    market->record.params.funding_cap.nano = 10000000; /* [FUND-3] */
    accrue_to(state, START + HOUR);
    assert_int_equal(state->index_long.ticks, 100000000);
}

static void test_a_clock_that_steps_back_charges_nobody(void **unused)
{
    (void)unused;
    state->funding_rate.nano = 40000000;
    state->funding_price.ticks = TEST_ONE;
    const struct plm_market_state before = *state;
    accrue_to(state, START - 1);
    assert_memory_equal(&before, state, sizeof before);
}

static void test_a_remainder_outside_its_range_is_our_bug(void **unused)
{
    (void)unused;
    state->funding_rest.wad.hi = -1;
    expect_assert_failure(accrue_to(state, START + 1));
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

static void test_the_bound_counts_from_the_side_that_is_nearer(void **unused)
{
    (void)unused; /* [FUND-3] [UNIT-3]: the short side's index stands higher */
    state->funding_rate.nano = 40000000;
    state->funding_price.ticks = UINT64_C(90000000000000);
    state->index_long.ticks = 100;
    state->index_short.ticks = PLM_INDEX_MAX - 5;
    accrue_to(state, START + 1000);
    assert_int_equal(state->index_long.ticks, 105);
    assert_int_equal(state->index_short.ticks, PLM_INDEX_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_premium_is_pulled_toward_interest_by_at_most_its_clamp),
        TEST(test_a_negative_rate_is_floored_away_from_zero),
        TEST(test_fewer_than_fifteen_samples_leave_the_interest_part),
        TEST(test_an_hour_without_a_sample_accrues_nothing),
        TEST(test_the_eight_hour_rate_is_bounded_by_six_margin_widths),
        TEST(test_the_hourly_rate_is_bounded_by_the_cap),
        TEST(test_a_sample_is_the_impact_price_beyond_the_price),
        TEST(test_a_sample_must_be_newer_than_the_last_and_not_from_the_future),
        TEST(test_an_impact_price_outside_the_domain_is_an_error),
        TEST(test_samples_are_skipped_where_they_would_mean_nothing),
        TEST(test_the_rate_of_an_hour_is_charged_in_the_next),
        TEST(test_within_an_hour_the_index_is_a_line),
        TEST(test_a_negative_step_is_floored_and_keeps_its_rest),
        TEST(test_accrual_is_additive_over_any_split),
        TEST(test_both_sides_stop_together_at_the_index_bound),
        TEST(test_a_cap_that_was_tightened_binds_the_rate_in_force),
        TEST(test_a_clock_that_steps_back_charges_nobody),
        TEST(test_a_remainder_outside_its_range_is_our_bug),
        cmocka_unit_test_setup(test_the_bound_counts_from_the_side_that_is_nearer, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

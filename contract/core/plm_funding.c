// SPDX-License-Identifier: Apache-2.0
/* The funding index and its hourly rate. [FUND-1] to [FUND-3]
 * An hour's rate and price are fixed before it begins, so the index is a straight line within the
 * hour and can be drawn to any time at any time. It must never know accounts. */
#include "plm_funding.h"

#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_params.h"

static const plm_time plm_funding_start = {0};
static const plm_rate plm_funding_zero = {0};
static const plm_rate plm_funding_spread = {PLM_LIMIT_FUNDING_SPREAD};
static const plm_rate plm_funding_one = {PLM_NANO_ONE};

/* Number of the hour that holds t. */
static uint64_t plm_funding_hour(plm_time t)
{
    return plm_int_div_u64_floor(plm_time_since(t, plm_funding_start), PLM_LIMIT_HOUR);
}

/* ---- the rate ---- */

plm_rate plm_funding_rate(const struct plm_market_params *params, plm_rate sum, uint32_t count)
{
    PLM_ASSERT(plm_rate_cmp(params->funding_cap, plm_funding_zero) >= 0);
    PLM_ASSERT(plm_ratio_cmp(params->maint, params->initial) <= 0);
    if (count == 0) {
        return plm_funding_zero;
    }
    plm_rate eight_hours = params->funding_interest;
    if (count >= PLM_LIMIT_SAMPLES_MIN) {
        const plm_rate premium = plm_fix_rate_div_floor(sum, count);
        const plm_rate pull = plm_rate_sub(params->funding_interest, premium);
        eight_hours = plm_rate_add(premium, plm_rate_clamp(pull, plm_funding_spread));
    }
    const plm_ratio width = plm_fix_ratio_sub_or_zero(params->initial, params->maint);
    const plm_rate bound =
        plm_fix_rate_times(plm_fix_ratio_to_rate(width), PLM_LIMIT_FUNDING_BOUND);
    const plm_rate hourly =
        plm_fix_rate_div_floor(plm_rate_clamp(eight_hours, bound), PLM_LIMIT_FUNDING_HOURS);
    return plm_rate_clamp(hourly, params->funding_cap);
}

/* ---- the index ---- */

/* The part of a step that leaves both indices within their bound. Its size depends on where the
 * index stands and not on how the time was split, so accrual stays additive at the bound too. */
static plm_index plm_funding_room(const struct plm_market_state *state, plm_index step)
{
    const plm_index zero = {0};
    const bool is_up = plm_index_cmp(step, zero) > 0;
    const bool long_is_higher = plm_index_cmp(state->index_long, state->index_short) > 0;
    const plm_index higher = long_is_higher ? state->index_long : state->index_short;
    const plm_index lower = long_is_higher ? state->index_short : state->index_long;
    const plm_index limit = {is_up ? PLM_INDEX_MAX : -PLM_INDEX_MAX};
    const plm_index room = plm_index_sub(limit, is_up ? higher : lower);
    PLM_ASSERT(is_up ? plm_index_cmp(room, step) < 0 : plm_index_cmp(room, step) > 0);
    return room;
}

/* |step| <= ceil(price x cap x seconds / (1e9 x 3600)), the rest carried in included. [FUND-3] */
static bool plm_funding_is_bounded(const struct plm_market_params *params,
                                   const struct plm_market_state *state,
                                   plm_index step,
                                   uint64_t seconds)
{
    plm_val none = {{0, 0}};
    const plm_index most = plm_fix_index_step_floor(
        state->funding_price, params->funding_cap, seconds, PLM_LIMIT_HOUR, &none);
    const plm_index one = {1};
    plm_index limit = {0};
    const plm_err fits = plm_index_add_checked(most, one, &limit);
    return fits == PLM_OK && plm_index_cmp(step, limit) <= 0 &&
           plm_index_cmp(plm_index_neg(step), limit) <= 0;
}

/* Moves both indices by the same step for `seconds` of the hour in force. A cap that was tightened
 * binds the rate that is already in force. */
static void plm_funding_step(const struct plm_market_params *params,
                             struct plm_market_state *state,
                             uint64_t seconds)
{
    PLM_ASSERT(seconds <= PLM_LIMIT_HOUR);
    const plm_val none = {{0, 0}};
    const plm_rate rate = plm_rate_clamp(state->funding_rate, params->funding_cap);
    plm_index step = plm_fix_index_step_floor(
        state->funding_price, rate, seconds, PLM_LIMIT_HOUR, &state->funding_rest);
    PLM_ASSERT(plm_funding_is_bounded(params, state, step, seconds));

    plm_index index_long = {0};
    plm_index index_short = {0};
    const plm_err long_fits = plm_index_add_checked(state->index_long, step, &index_long);
    const plm_err short_fits = plm_index_add_checked(state->index_short, step, &index_short);
    if (long_fits != PLM_OK || short_fits != PLM_OK) {
        step = plm_funding_room(state, step);
        state->funding_rest = none;
        PLM_ASSERT(plm_index_add_checked(state->index_long, step, &index_long) == PLM_OK);
        PLM_ASSERT(plm_index_add_checked(state->index_short, step, &index_short) == PLM_OK);
    }
    state->index_long = index_long;
    state->index_short = index_short;
    state->funding_time = plm_time_add(state->funding_time, seconds);
}

/* The hour ends: its samples fix the next hour's rate, and p at the last of them is what the rate
 * is charged on. */
static void plm_funding_roll(const struct plm_market_params *params, struct plm_market_state *state)
{
    const uint64_t hour = plm_funding_hour(state->funding_time);
    PLM_ASSERT(plm_time_since(state->funding_time, plm_funding_start) == hour * PLM_LIMIT_HOUR);
    const plm_price no_price = {0};
    state->funding_rate = plm_funding_rate(params, state->sample_sum, state->sample_count);
    state->funding_price = state->sample_price;
    state->funding_samples = state->sample_count;
    state->sample_hour = hour;
    state->sample_count = 0;
    state->sample_sum = plm_funding_zero;
    state->sample_price = no_price;
}

void plm_funding_accrue(const struct plm_market_params *params,
                        struct plm_market_state *state,
                        plm_time now)
{
    PLM_ASSERT(state->sample_count <= PLM_LIMIT_SAMPLES_MAX);
    PLM_ASSERT(!plm_val_is_negative(state->funding_rest));
    if (plm_time_cmp(now, state->funding_time) <= 0) {
        return;
    }
    /* The hour in force, then the one that its samples have fixed; in any later hour nobody has
     * sampled, or the state would have been stored then, and nothing accrues. */
    for (uint32_t i = 0; i < 2; i++) {
        const plm_time begin = {plm_funding_hour(state->funding_time) * PLM_LIMIT_HOUR};
        const plm_time end = plm_time_add(begin, PLM_LIMIT_HOUR);
        const plm_time until = plm_time_min(now, end);
        plm_funding_step(params, state, plm_time_since(until, state->funding_time));
        if (plm_time_cmp(now, end) < 0) {
            return;
        }
        plm_funding_roll(params, state);
    }
    if (plm_funding_hour(now) > plm_funding_hour(state->funding_time)) {
        const plm_time begin = {plm_funding_hour(now) * PLM_LIMIT_HOUR};
        state->funding_time = begin;
        plm_funding_roll(params, state);
    }
    PLM_ASSERT(plm_rate_cmp(state->funding_rate, plm_funding_zero) == 0);
    state->funding_time = now;
}

/* ---- samples ---- */

/* (max(0, bid - p) - max(0, p - ask)) / p, floor, at most 1: below -1 it cannot be, because no ask
 * is negative, and a bid farther above p than p itself says no more. */
static plm_rate plm_funding_premium(plm_price price, const struct plm_impact *impact)
{
    PLM_ASSERT(!plm_price_is_zero(price));
    PLM_ASSERT(plm_price_cmp(impact->bid, impact->ask) <= 0);
    plm_price side = price;
    if (plm_price_cmp(impact->bid, price) > 0) {
        side = impact->bid;
    } else if (plm_price_cmp(impact->ask, price) < 0) {
        side = impact->ask;
    }
    plm_index difference = {0};
    const plm_err fits = plm_price_difference_checked(side, price, &difference);
    PLM_ASSERT(fits == PLM_OK);
    return plm_rate_clamp(plm_fix_price_rate_of_floor(price, difference), plm_funding_one);
}

static plm_err plm_funding_check_impact(const struct plm_scratch *s,
                                        const struct plm_market_slot *market,
                                        const struct plm_impact *impact)
{
    PLM_ASSERT(market->feed_slot < s->feed_count);
    const struct plm_feed_params *params = &s->feeds[market->feed_slot].record.params;
    if (plm_price_cmp(impact->bid, impact->ask) > 0) {
        return PLM_E_RANGE;
    }
    if (plm_price_cmp(impact->bid, params->price_min) <= 0 ||
        plm_price_cmp(impact->ask, params->price_max) >= 0) {
        return PLM_E_PRICE_DOMAIN;
    }
    if (plm_time_cmp(impact->time, plm_time_add(s->now, params->skew)) > 0 ||
        plm_time_cmp(impact->time, market->state.sample_time) <= 0) {
        return PLM_E_PRICE_TIME;
    }
    return PLM_OK;
}

plm_err plm_funding_sample(const struct plm_scratch *s,
                           struct plm_market_slot *market,
                           const struct plm_impact *impact,
                           bool *taken)
{
    PLM_TRY(plm_funding_check_impact(s, market, impact));
    struct plm_market_state *state = &market->state;
    const struct plm_feed_slot *feed = &s->feeds[market->feed_slot];
    PLM_ASSERT(plm_time_cmp(state->funding_time, s->now) >= 0);
    *taken = false;
    /* A pair that is older than a price may be says nothing about the market now. */
    const bool is_old = plm_time_since(s->now, impact->time) > feed->record.params.age;
    const bool is_full = state->sample_count >= PLM_LIMIT_SAMPLES_MAX;
    const bool is_paused = plm_params_check_pause(s, market, PLM_PAUSE_FUND) != PLM_OK;
    if (feed->view.risk != PLM_OK || is_old || is_full || is_paused) {
        return PLM_OK;
    }
    const plm_price price = feed->view.price;
    state->sample_sum = plm_rate_add(state->sample_sum, plm_funding_premium(price, impact));
    state->sample_count++;
    state->sample_time = impact->time;
    state->sample_price = price;
    state->sample_hour = plm_funding_hour(s->now);
    market->state_changed = true;
    *taken = true;
    return PLM_OK;
}

// SPDX-License-Identifier: Apache-2.0
/* Parameters: consistency, the envelope, the direction of a change, and pauses. [PRICE-7] [GOV-2]
 * [GOV-3] [ACCT-6] [UNIT-1] [UNIT-3] It must never know which operation asks. */
#include "plm_params.h"

#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_lab.h"
#include "plm_tables.h"

#define PLM_PARAMS_MILLION     1000000
/* The envelope's terms over one denominator: 3 x 3600, two thirds and an hour. */
#define PLM_PARAMS_THIRDS      3U
#define PLM_PARAMS_WHOLE       ((uint32_t)PLM_LIMIT_HOUR * PLM_PARAMS_THIRDS)
#define PLM_PARAMS_TWO_THIRDS  ((uint32_t)PLM_LIMIT_HOUR * 2U)
#define PLM_PARAMS_HORIZON_MAX 1000000U
PLM_STATIC_ASSERT(PLM_LIMIT_PAUSE_BITS == 8, "a pause bit set is a byte");
PLM_STATIC_ASSERT(PLM_PAUSE_SETTLE == PLM_LIMIT_PAUSE_BITS - 1, "and PAUSE fills it");

static const plm_ratio plm_params_one = {PLM_PPM_ONE};

static plm_val plm_params_million_quote(uint32_t millions)
{
    return plm_val_from_quote((int64_t)millions * PLM_PARAMS_MILLION);
}

/* ---- consistency ---- */

static plm_err plm_params_check_fees(const struct plm_market_params *params)
{
    const plm_ratio fees =
        plm_fix_ratio_add_clamped(params->liq_fee_max, params->liq_insurance_fee);
    PLM_ASSERT(plm_ratio_cmp(fees, params->liq_fee_max) >= 0);
    if (plm_ratio_cmp(params->liq_fee, params->liq_fee_max) > 0) {
        return PLM_E_PARAM_RANGE;
    }
    return plm_ratio_cmp(fees, params->maint) > 0 ? PLM_E_PARAM_RANGE : PLM_OK;
}

plm_err plm_params_check_market(const struct plm_market *market, const struct plm_feed *feed)
{
    const struct plm_market_params *params = &market->params;
    PLM_ASSERT(market->price_decimals == feed->price_decimals);
    PLM_ASSERT(plm_price_cmp(feed->params.price_min, feed->params.price_max) < 0);
    /* [UNIT-1] lots x price is a value. */
    if (market->size_decimals + market->price_decimals != PLM_LIMIT_DECIMALS) {
        return PLM_E_PARAM_RANGE;
    }
    /* [UNIT-3] no position above 1e12 quote units, at any price of the domain. */
    const plm_val largest = plm_fix_notional(params->max_lots, feed->params.price_max);
    if (plm_val_cmp(largest, plm_params_million_quote(PLM_LIMIT_NOTIONAL_MAX)) > 0) {
        return PLM_E_PARAM_RANGE;
    }
    if (plm_qty_cmp(params->min_order, params->max_lots) > 0) {
        return PLM_E_PARAM_RANGE;
    }
    if (plm_price_cmp(market->tick, feed->params.price_max) >= 0) {
        return PLM_E_PARAM_RANGE;
    }
    if (plm_ratio_cmp(params->maint, params->initial) > 0) {
        return PLM_E_PARAM_RANGE;
    }
    if (plm_ratio_cmp(params->loss_cap, params->initial) > 0) {
        return PLM_E_PARAM_RANGE;
    }
    if (plm_val_cmp(params->oi_lower, params->oi_upper) > 0) {
        return PLM_E_PARAM_RANGE;
    }
    return plm_params_check_fees(params);
}

plm_err plm_params_check_feed(const struct plm_feed *feed)
{
    const struct plm_feed_params *params = &feed->params;
    PLM_ASSERT(params->sources > 0);
    PLM_ASSERT(params->window > 0);
    if (plm_ratio_cmp(params->band, params->band_max) > 0) {
        return PLM_E_PARAM_RANGE;
    }
    if (plm_ratio_cmp(params->conf_high, params->conf_max) > 0) {
        return PLM_E_PARAM_RANGE;
    }
    if (plm_price_cmp(params->price_min, params->price_max) >= 0) {
        return PLM_E_PARAM_RANGE;
    }
    return PLM_OK;
}

plm_err plm_params_check_asset(const struct plm_asset *asset, const struct plm_feed *feed)
{
    const struct plm_asset_params *params = &asset->params;
    PLM_ASSERT(asset->price_decimals == feed->price_decimals);
    PLM_ASSERT(asset->decimals <= PLM_ASSET_DECIMALS_MAX);
    if (plm_ratio_cmp(params->weight_initial, params->weight_maint) > 0) {
        return PLM_E_PARAM_RANGE;
    }
    if (plm_ratio_cmp(params->discount, params->discount_max) > 0) {
        return PLM_E_PARAM_RANGE;
    }
    /* [ACCT-6] a sale brings at least what maintenance counted. */
    const plm_ratio room = plm_fix_ratio_sub_or_zero(plm_params_one, params->weight_maint);
    if (plm_ratio_cmp(params->discount_max, room) > 0) {
        return PLM_E_PARAM_RANGE;
    }
    /* [UNIT-3] no balance above 4e13 quote units, at any price of the domain. */
    plm_val largest = {{0, 0}};
    const plm_err fits = plm_fix_asset_value_ceil_checked(
        params->cap, feed->params.price_max, asset->decimals, asset->price_decimals, &largest);
    if (fits != PLM_OK ||
        plm_val_cmp(largest, plm_params_million_quote(PLM_LIMIT_BALANCE_MAX)) > 0) {
        return PLM_E_PARAM_RANGE;
    }
    return PLM_OK;
}

/* ---- the envelope ---- */

uint64_t plm_params_horizon(const struct plm_feed *feed)
{
    const struct plm_feed_params *params = &feed->params;
    PLM_ASSERT(params->age > 0);
    const uint64_t horizon = (uint64_t)params->age + (uint64_t)params->sources * PLM_LIMIT_SPACING +
                             params->grace + PLM_LIMIT_BLOCK_BOUND;
    PLM_ASSERT(horizon < PLM_PARAMS_HORIZON_MAX);
    return horizon;
}

plm_ratio plm_params_worst_move(const struct plm_feed *feed)
{
    PLM_ASSERT(feed->params.window > 0);
    const uint64_t windows = plm_int_div_u64_ceil(plm_params_horizon(feed), feed->params.window);
    PLM_ASSERT(windows > 0);
    /* Not held at 100 %: a price cannot fall by more, but it can rise. */
    const plm_ratio none = {0};
    const plm_ratio most = {UINT32_MAX};
    return plm_fix_ratio_grow_clamped(none, feed->params.window_band, windows, most);
}

plm_err plm_params_check_market_envelope(const struct plm_market *market,
                                         const struct plm_feed *feed)
{
    const struct plm_market_params *params = &market->params;
    const plm_rate zero = {0};
    const plm_rate one = {PLM_NANO_ONE};
    const uint32_t horizon = (uint32_t)plm_params_horizon(feed);
    /* Each sum is a rate, 1e-9; times 3 x 3600 every term is whole. */
    const plm_rate fees = plm_rate_add(plm_fix_ratio_to_rate(params->liq_fee_max),
                                       plm_fix_ratio_to_rate(params->liq_insurance_fee));
    const plm_rate move = plm_rate_add(plm_fix_ratio_to_rate(plm_params_worst_move(feed)), fees);
    const plm_rate funding =
        plm_fix_rate_times(plm_fix_rate_times(params->funding_cap, horizon), PLM_PARAMS_THIRDS);
    const plm_rate kept =
        plm_fix_rate_times(plm_fix_ratio_to_rate(params->maint), PLM_PARAMS_TWO_THIRDS);
    const plm_rate lost = plm_rate_add(plm_fix_rate_times(move, PLM_PARAMS_WHOLE), funding);
    const plm_rate excess = plm_rate_sub(lost, kept);
    PLM_ASSERT(plm_rate_cmp(lost, zero) >= 0);
    if (plm_rate_cmp(excess, zero) <= 0) {
        return PLM_OK;
    }
    const plm_rate whole = plm_fix_rate_times(one, PLM_PARAMS_WHOLE);
    if (plm_fix_cmp_rated(params->oi_cap, excess, params->allotment, whole) > 0) {
        return PLM_E_PARAM_ENVELOPE;
    }
    return PLM_OK;
}

plm_err plm_params_check_asset_envelope(const struct plm_asset *asset, const struct plm_feed *feed)
{
    PLM_ASSERT(asset->price_decimals == feed->price_decimals);
    PLM_ASSERT(plm_ratio_cmp(asset->params.weight_maint, plm_params_one) <= 0);
    const plm_rate lost = plm_rate_add(plm_fix_ratio_to_rate(feed->params.conf_max),
                                       plm_fix_ratio_to_rate(asset->params.discount_max));
    const plm_rate kept = plm_fix_ratio_to_rate(
        plm_fix_ratio_sub_or_zero(plm_params_one, asset->params.weight_maint));
    return plm_rate_cmp(lost, kept) > 0 ? PLM_E_PARAM_ENVELOPE : PLM_OK;
}

/* ---- the direction of a change ---- */

const struct plm_param *plm_params_find(uint16_t id)
{
    PLM_STATIC_ASSERT(PLM_PARAM_COUNT > 0, "the table is not empty");
    for (uint32_t i = 0; i < PLM_PARAM_COUNT; i++) {
        if (plm_tables_params[i].id == id) {
            return &plm_tables_params[i];
        }
    }
    return NULL;
}

bool plm_params_is_live(const struct plm_scratch *s)
{
    PLM_ASSERT(s->config.live <= 1);
    return s->config.live == 1 && PLM_RULE_IS_ON(s, GOV_3);
}

/* Parameters whose 0 means off: leaving 0 tightens, returning to it loosens. */
static bool plm_params_is_off(const struct plm_param *param, plm_val value)
{
    const bool has_off = param->field == PLM_FIELD_market_params_oi_lower ||
                         param->field == PLM_FIELD_asset_params_scale_start;
    PLM_ASSERT(!has_off || param->loosening == PLM_LOOSEN_UP);
    return has_off && plm_val_is_zero(value);
}

bool plm_params_is_safe(const struct plm_param *param, plm_val before, plm_val after)
{
    PLM_ASSERT(param != NULL);
    const int direction = plm_val_cmp(after, before);
    if (direction == 0) {
        return true;
    }
    if (plm_params_is_off(param, after)) {
        return false;
    }
    if (plm_params_is_off(param, before)) {
        return true;
    }
    PLM_ASSERT(param->loosening >= PLM_LOOSEN_DOWN);
    PLM_ASSERT(param->loosening <= PLM_LOOSEN_UP);
    return param->loosening != PLM_LOOSEN_NONE && direction != (int)param->loosening;
}

plm_err plm_params_check_step(const struct plm_param *param, plm_val before, plm_val after)
{
    const plm_ratio step = {PLM_LIMIT_STEP};
    const plm_val one = {{1, 0}};
    const plm_val first = {{PLM_LIMIT_STEP, 0}};
    PLM_ASSERT(param != NULL);
    plm_val most = plm_val_max(one, plm_fix_part_floor(plm_val_abs(before), step));
    if (plm_val_is_zero(before)) {
        if (plm_tables_fields[param->field].type != PLM_TYPE_RATIO) {
            return PLM_OK;
        }
        most = first;
    }
    const plm_val moved = plm_val_abs(plm_val_sub(after, before));
    return plm_val_cmp(moved, most) > 0 ? PLM_E_PARAM_STEP : PLM_OK;
}

/* ---- pauses [GOV-2] ---- */

/* How long a bit lasts by itself; 0: until the admin lifts it. */
static const uint32_t plm_params_pause_seconds[PLM_LIMIT_PAUSE_BITS] = {
    [PLM_PAUSE_INCREASE] = 0,
    [PLM_PAUSE_REDUCE] = PLM_LIMIT_PAUSE_LONG,
    [PLM_PAUSE_LIQUIDATE] = PLM_LIMIT_PAUSE_SHORT,
    [PLM_PAUSE_FUND] = PLM_LIMIT_PAUSE_SHORT,
    [PLM_PAUSE_DELEVERAGE] = PLM_LIMIT_PAUSE_SHORT,
    [PLM_PAUSE_DEPOSIT] = PLM_LIMIT_PAUSE_LONG,
    [PLM_PAUSE_WITHDRAW] = PLM_LIMIT_PAUSE_LONG,
    [PLM_PAUSE_SETTLE] = PLM_LIMIT_PAUSE_LONG,
};

static bool plm_params_has_bit(uint8_t bits, uint8_t bit)
{
    return ((uint32_t)bits >> bit & 1U) != 0;
}

plm_time plm_params_pause_end(uint8_t bit, plm_time set_at)
{
    PLM_ASSERT(bit < PLM_LIMIT_PAUSE_BITS);
    const uint32_t seconds = plm_params_pause_seconds[bit];
    const plm_time end = plm_time_add(set_at, seconds == 0 ? (uint64_t)INT64_MAX : seconds);
    PLM_ASSERT(plm_time_cmp(end, set_at) >= 0);
    return end;
}

uint8_t
plm_params_pauses(uint8_t bits, const struct plm_pause_set *sets, uint32_t count, plm_time now)
{
    PLM_ASSERT(count == PLM_LIMIT_PAUSE_BITS || (count == 0 && bits == 0));
    uint32_t in_force = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t bit = (uint8_t)i;
        if (plm_params_has_bit(bits, bit) &&
            plm_time_cmp(now, plm_params_pause_end(bit, sets[bit].at)) < 0) {
            in_force |= 1U << bit;
        }
    }
    PLM_ASSERT((in_force & ~(uint32_t)bits) == 0);
    return (uint8_t)in_force;
}

/* When a pause that is not in force ended: lifted, or by itself. 0 = there was none. */
static plm_time
plm_params_ended(uint8_t bits, const struct plm_pause_set *sets, uint8_t bit, plm_time lifted)
{
    PLM_ASSERT(bit < PLM_LIMIT_PAUSE_BITS);
    if (!plm_params_has_bit(bits, bit)) {
        return lifted;
    }
    return plm_time_max(lifted, plm_params_pause_end(bit, sets[bit].at));
}

/* Liquidations wait while reduce or deposit is paused, and a grace of the market's feed after it,
 * so that nobody is liquidated for what he was kept from doing. */
static plm_err plm_params_check_liquidate(const struct plm_scratch *s,
                                          const struct plm_market_slot *market,
                                          uint8_t for_all)
{
    const struct plm_config *config = &s->config;
    if (plm_params_has_bit(for_all, PLM_PAUSE_DEPOSIT)) {
        return PLM_E_PAUSED;
    }
    if (market == NULL) {
        return PLM_OK;
    }
    const struct plm_market_state *state = &market->state;
    const uint8_t own =
        plm_params_pauses(state->pauses, state->pause_sets, state->pause_sets_count, s->now);
    if (plm_params_has_bit(own, PLM_PAUSE_LIQUIDATE) || plm_params_has_bit(own, PLM_PAUSE_REDUCE)) {
        return PLM_E_PAUSED;
    }
    PLM_ASSERT(market->feed_slot < s->feed_count);
    const plm_time never = {0};
    const plm_time ended = plm_time_max(
        plm_params_ended(
            config->pauses, config->pause_sets, PLM_PAUSE_DEPOSIT, config->pause_lifted),
        plm_params_ended(state->pauses, state->pause_sets, PLM_PAUSE_REDUCE, state->pause_lifted));
    const uint32_t grace = s->feeds[market->feed_slot].record.params.grace;
    if (plm_time_cmp(ended, never) > 0 && plm_time_cmp(s->now, plm_time_add(ended, grace)) < 0) {
        return PLM_E_GRACE;
    }
    return PLM_OK;
}

plm_err plm_params_check_pause(const struct plm_scratch *s,
                               const struct plm_market_slot *market,
                               uint8_t bit)
{
    PLM_ASSERT(bit < PLM_LIMIT_PAUSE_BITS);
    const uint8_t for_all = plm_params_pauses(
        s->config.pauses, s->config.pause_sets, s->config.pause_sets_count, s->now);
    if (bit == PLM_PAUSE_LIQUIDATE) {
        return plm_params_check_liquidate(s, market, for_all);
    }
    if (bit == PLM_PAUSE_DEPOSIT || bit == PLM_PAUSE_WITHDRAW) {
        return plm_params_has_bit(for_all, bit) ? PLM_E_PAUSED : PLM_OK;
    }
    PLM_ASSERT(market != NULL);
    const uint8_t own = plm_params_pauses(
        market->state.pauses, market->state.pause_sets, market->state.pause_sets_count, s->now);
    return plm_params_has_bit(own, bit) ? PLM_E_PAUSED : PLM_OK;
}

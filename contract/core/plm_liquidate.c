// SPDX-License-Identifier: Apache-2.0
/* Sizes, fees, order and prices of liquidations. [LIQ-1] to [LIQ-7]
 * A takeover at p leaves E_mm as it was but for the fees, and only one leg's requirement falls: the
 * rest of the account is summed once and a size is tried on the leg alone, exactly.
 * It must never store or call the gate. */
#include "plm_liquidate.h"

#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_insurance.h"
#include "plm_lab.h"
#include "plm_ledger.h"
#include "plm_margin.h"
#include "plm_params.h"
#include "plm_settle.h"
#include "plm_store.h"

#define ORDER_PART   16U /* LIQ-4: legs under 1/16 of MM do not come first */
#define HALF_PPM     500000U
#define BACKSTOP_NUM 2U  /* LIQ-5, MARGIN-7: 2/3 of maintenance */
#define BACKSTOP_DEN 3U

static bool is_set(plm_time clock)
{
    const plm_time never = {0};
    return plm_time_cmp(clock, never) != 0;
}

/* --- one leg at p, at the market's own unscaled ratios --- */

static plm_wval leg_maint(const struct plm_market_slot *market, plm_price price, plm_qty lots)
{
    const plm_ratio ratio = plm_margin_ratio(&market->record, market->record.params.maint, lots);
    PLM_ASSERT(!plm_qty_is_short(lots));
    return plm_margin_requirement(&market->record, lots, price, ratio);
}

/* ceil(beta x (IM_m - MM_m)). */
static plm_wval leg_extra(const struct plm_market_slot *market, plm_price price, plm_qty lots)
{
    const struct plm_market_params *params = &market->record.params;
    const plm_ratio ratio = plm_margin_ratio(&market->record, params->initial, lots);
    const plm_wval initial = plm_margin_requirement(&market->record, lots, price, ratio);
    const plm_wval spread = plm_wval_sub(initial, leg_maint(market, price, lots));
    PLM_ASSERT(!plm_wval_is_negative(spread));
    return plm_fix_wval_part_ceil(spread, params->liq_target);
}

/* sum of beta_m x (IM_m - MM_m) over the legs. */
static plm_wval sum_extra(const struct plm_scratch *s, const struct plm_account *account)
{
    plm_wval sum = {0};
    PLM_ASSERT(account->positions_count <= PLM_POSITIONS_MAX);
    for (uint32_t i = 0; i < account->positions_count; i++) {
        const struct plm_position *position = &account->positions[i];
        const struct plm_market_slot *market = plm_store_peek_market(s, position->market);
        const plm_price price = plm_store_market_view(s, position->market)->price;
        plm_wval_add_to(&sum, leg_extra(market, price, plm_qty_abs(position->lots)));
    }
    PLM_ASSERT(!plm_wval_is_negative(sum));
    return sum;
}

plm_wval plm_liquidate_target(const struct plm_scratch *s, const struct plm_account *account)
{
    plm_wval target = sum_extra(s, account);
    for (uint32_t i = 0; i < account->positions_count; i++) {
        const struct plm_position *position = &account->positions[i];
        const struct plm_market_slot *market = plm_store_peek_market(s, position->market);
        const plm_price price = plm_store_market_view(s, position->market)->price;
        plm_wval_add_to(&target, leg_maint(market, price, plm_qty_abs(position->lots)));
    }
    PLM_ASSERT(!plm_wval_is_negative(target));
    return target;
}

/* --- fees --- */

plm_ratio plm_liquidate_fee(const struct plm_market_params *params, plm_time since, plm_time now)
{
    const uint64_t seconds = is_set(since) ? plm_time_since(now, since) : 0;
    const plm_ratio fee =
        plm_fix_ratio_grow(params->liq_fee, params->liq_fee_growth, seconds, params->liq_fee_max);
    PLM_ASSERT(plm_ratio_cmp(fee, params->liq_fee_max) <= 0);
    return fee;
}

/* floor(max(0, E) x (MM - MM') / MM) for a step that takes `lots` of the leg. [MARGIN-8] */
static plm_val fee_bound(const struct plm_scratch *s,
                         const struct plm_account_slot *account,
                         const struct plm_market_slot *market,
                         plm_qty whole,
                         plm_qty lots)
{
    const plm_wval nothing = {0};
    const plm_price price = plm_store_market_view(s, market->id)->price;
    const plm_wval equity = plm_wval_max(nothing, account->before.equity_maint);
    const plm_wval freed = plm_wval_sub(leg_maint(market, price, whole),
                                        leg_maint(market, price, plm_qty_sub(whole, lots)));
    PLM_ASSERT(plm_wval_is_positive(account->before.maint));
    PLM_ASSERT(!plm_wval_is_negative(freed));
    return plm_fix_wval_to_val_floor(
        plm_fix_wval_share_floor(equity, freed, account->before.maint));
}

void plm_liquidate_fees(const struct plm_scratch *s,
                        const struct plm_account_slot *account,
                        const struct plm_market_slot *market,
                        plm_qty lots,
                        plm_val *taker,
                        plm_val *insurance)
{
    const struct plm_market_params *params = &market->record.params;
    const struct plm_position *position = plm_ledger_peek_position(&account->record, market->id);
    PLM_ASSERT(account->remembered);
    PLM_ASSERT(position != NULL);
    const plm_val value = plm_fix_notional(lots, plm_store_market_view(s, market->id)->price);
    const plm_ratio ratio = plm_liquidate_fee(params, account->record.liquidatable_since, s->now);
    *taker = plm_fix_part_ceil(value, ratio);
    *insurance = plm_fix_part_ceil(value, params->liq_insurance_fee);
    if (PLM_RULE_IS_ON(s, LIQ_3)) {
        const plm_val most = fee_bound(s, account, market, plm_qty_abs(position->lots), lots);
        *taker = plm_val_min(*taker, most);
        *insurance = plm_val_min(*insurance, plm_val_sub(most, *taker));
    }
    PLM_ASSERT(!plm_val_is_negative(*taker));
    PLM_ASSERT(!plm_val_is_negative(*insurance));
}

/* --- size --- */

/* The account without the leg, summed once. */
struct sizing {
    const struct plm_scratch *s;
    const struct plm_account_slot *account;
    const struct plm_market_slot *market;
    plm_price price;
    plm_qty whole;
    plm_wval equity;
    plm_wval others; /* their MM and beta parts */
};

static plm_wval fees_of(const struct sizing *z, plm_qty lots)
{
    plm_val taker = {0};
    plm_val insurance = {0};
    plm_liquidate_fees(z->s, z->account, z->market, lots, &taker, &insurance);
    return plm_fix_val_to_wval(plm_val_add(taker, insurance));
}

static plm_wval leg_target(const struct sizing *z, plm_qty lots)
{
    return plm_wval_add(leg_maint(z->market, z->price, lots), leg_extra(z->market, z->price, lots));
}

/* A remainder whose requirement is no more than its floor; none at all too. Selling more of it
 * frees nothing and costs fees: it is not left. */
static bool is_on_floor(const struct sizing *z, plm_qty rest)
{
    const plm_wval floor = plm_fix_val_to_wval(z->market->record.params.floor);
    PLM_ASSERT(!plm_qty_is_short(rest));
    return plm_wval_cmp(leg_maint(z->market, z->price, rest), floor) <= 0;
}

/* E_mm - fees >= T after a step of `lots`, or what it leaves is on its floor. Down to there a
 * larger step never falls further behind: it frees more than its fees, which MARGIN-8 bounds. */
static bool suffices(const struct sizing *z, plm_qty lots)
{
    const plm_qty rest = plm_qty_sub(z->whole, lots);
    PLM_ASSERT(plm_qty_is_long(lots));
    if (is_on_floor(z, rest)) {
        return true;
    }
    const plm_wval target = plm_wval_add(z->others, leg_target(z, rest));
    return plm_wval_cmp(plm_wval_sub(z->equity, fees_of(z, lots)), target) >= 0;
}

static struct sizing make_sizing(const struct plm_scratch *s,
                                 const struct plm_account_slot *account,
                                 const struct plm_market_slot *market)
{
    const struct plm_position *position = plm_ledger_peek_position(&account->record, market->id);
    struct plm_margin margin = {0};
    PLM_ASSERT(position != NULL);
    plm_margin_compute(s, &account->record, PLM_MARGIN_FAVOUR, market->id, &margin);
    struct sizing z = {
        .s = s,
        .account = account,
        .market = market,
        .price = plm_store_market_view(s, market->id)->price,
        .whole = plm_qty_abs(position->lots),
        .equity = margin.equity_maint,
    };
    const plm_wval target = plm_wval_add(margin.maint, sum_extra(s, &account->record));
    z.others = plm_wval_sub(target, leg_target(&z, z.whole));
    PLM_ASSERT(!plm_wval_is_negative(z.others));
    return z;
}

/* Closed form for a requirement that is linear in the lots: shortage over what a lot frees, its
 * fees taken off. Exact there; a first guess under a floor or a size premium. */
static plm_qty guess(const struct sizing *z)
{
    const plm_wval leg = leg_target(z, z->whole);
    const plm_wval shortage = plm_wval_sub(plm_wval_add(z->others, leg), z->equity);
    const plm_val freed = plm_fix_wval_to_val_floor(plm_wval_sub(leg, fees_of(z, z->whole)));
    plm_qty lots = z->whole;
    PLM_ASSERT(plm_wval_is_positive(shortage));
    if (plm_val_is_positive(freed)) {
        const plm_price per_lot = plm_fix_price_per_lot_floor(freed, z->whole);
        if (!plm_price_is_zero(per_lot)) {
            lots = plm_fix_lots_ceil(plm_fix_wval_to_val_ceil(shortage), per_lot);
        }
    }
    PLM_ASSERT(plm_qty_is_long(lots));
    return plm_qty_min(lots, z->whole);
}

/* Least size that suffices, between 0, which does not, and the whole leg, which does: two probes at
 * the guess, then halves. */
static plm_qty bisect(const struct sizing *z)
{
    const plm_qty one = {1};
    const plm_ratio half = {HALF_PPM};
    plm_qty low = {0};
    plm_qty high = z->whole;
    plm_qty probe = guess(z);
    for (uint32_t i = 0; i < 2 + PLM_LIMIT_BISECT_MAX; i++) {
        const bool enough = suffices(z, probe);
        high = enough ? probe : high;
        low = enough ? low : probe;
        const plm_qty width = plm_qty_sub(high, low);
        if (plm_qty_cmp(width, one) <= 0) {
            break;
        }
        if (i == 0) {
            probe = enough ? plm_qty_sub(high, one) : plm_qty_add(low, one);
        } else {
            probe = plm_qty_add(low, plm_fix_qty_part_floor(width, half));
        }
    }
    PLM_ASSERT(plm_qty_cmp(plm_qty_sub(high, low), one) == 0);
    return high;
}

plm_qty plm_liquidate_size(const struct plm_scratch *s,
                           const struct plm_account_slot *account,
                           const struct plm_market_slot *market)
{
    const struct sizing z = make_sizing(s, account, market);
    PLM_ASSERT(account->remembered);
    PLM_ASSERT(plm_qty_is_long(z.whole));
    plm_qty size = bisect(&z);
    const plm_qty rest = plm_qty_sub(z.whole, size);
    const bool is_small = plm_qty_cmp(rest, market->record.params.min_order) < 0;
    if (is_small || is_on_floor(&z, rest)) {
        size = z.whole;
    }
    PLM_ASSERT(plm_qty_cmp(size, z.whole) <= 0);
    return size;
}

/* Room of the market's window. Half of the cap is kept for those whose clock has run longer than a
 * window: the others count against the other half. [LIQ-5] */
static plm_val window_room(const struct plm_scratch *s,
                           const struct plm_account_slot *account,
                           const struct plm_market_slot *market)
{
    const struct plm_market_params *params = &market->record.params;
    const plm_time since = account->record.liquidatable_since;
    const plm_ratio half = {HALF_PPM};
    const bool is_old = is_set(since) && plm_time_since(s->now, since) > params->liq_window;
    plm_val cap = params->liq_window_cap;
    if (!is_old) {
        cap = plm_fix_part_floor(cap, half);
    }
    PLM_ASSERT(params->liq_window > 0);
    return plm_insurance_window_room(&market->state.taken, s->now, params->liq_window, cap);
}

plm_err plm_liquidate_bound(const struct plm_scratch *s,
                            const struct plm_account_slot *account,
                            const struct plm_market_slot *market,
                            const struct plm_margin *margin,
                            plm_qty size,
                            struct plm_liquidate_bound *out)
{
    const struct plm_market_params *params = &market->record.params;
    const struct plm_position *position = plm_ledger_peek_position(&account->record, market->id);
    const plm_price price = plm_store_market_view(s, market->id)->price;
    PLM_ASSERT(position != NULL);
    PLM_ASSERT(plm_qty_is_long(size));
    struct plm_liquidate_bound bound = {size, false, false};
    if (plm_margin_is_below_share(margin, BACKSTOP_NUM, BACKSTOP_DEN)) {
        *out = bound;
        return PLM_OK;
    }
    const plm_qty whole = plm_qty_abs(position->lots);
    if (plm_val_cmp(plm_fix_notional(whole, price), params->liq_slice_above) > 0) {
        if (plm_time_cmp(s->now, account->record.cooldown_until) < 0) {
            return PLM_E_COOLDOWN;
        }
        const plm_qty slice = plm_fix_qty_part_ceil(whole, params->liq_slice);
        bound.is_slice = plm_qty_cmp(slice, size) <= 0;
        bound.most = plm_qty_min(size, slice);
    }
    if (params->liq_window > 0) {
        const plm_qty room = plm_fix_lots_floor(window_room(s, account, market), price);
        if (plm_qty_is_zero(room)) {
            return PLM_E_COOLDOWN;
        }
        bound.is_slice = bound.is_slice && plm_qty_cmp(bound.most, room) <= 0;
        bound.most = plm_qty_min(bound.most, room);
        bound.counts = true;
    }
    PLM_ASSERT(plm_qty_is_long(bound.most));
    *out = bound;
    return PLM_OK;
}

/* --- order and permission --- */

/* The upper row of errors.def: in these classes codes grow with the row. */
static plm_err first_of(plm_err a, plm_err b)
{
    PLM_ASSERT(b != PLM_OK);
    return a == PLM_OK || b < a ? b : a;
}

plm_err plm_liquidate_check_market(const struct plm_scratch *s,
                                   const struct plm_market_slot *market)
{
    const struct plm_market_state *m = &market->state;
    const plm_err pause = plm_params_check_pause(s, market, PLM_PAUSE_LIQUIDATE);
    if (pause == PLM_E_PAUSED) {
        return pause;
    }
    if (m->status != PLM_STATUS_ACTIVE && m->status != PLM_STATUS_REDUCE_ONLY) {
        return PLM_E_STATUS;
    }
    PLM_TRY(pause); /* a grace after a pause */
    PLM_ASSERT(market->feed_slot < s->feed_count);
    return s->feeds[market->feed_slot].view.liquidation;
}

bool plm_liquidate_has_lots(const struct plm_account *account)
{
    PLM_ASSERT(account->positions_count <= PLM_POSITIONS_MAX);
    bool found = false;
    for (uint32_t i = 0; i < account->positions_count; i++) {
        found = found || !plm_qty_is_zero(account->positions[i].lots);
    }
    return found;
}

plm_err plm_liquidate_check_account(const struct plm_scratch *s, const struct plm_account *account)
{
    const bool has_lots = plm_liquidate_has_lots(account);
    plm_err first = PLM_OK;
    PLM_ASSERT(account->positions_count <= PLM_POSITIONS_MAX);
    for (uint32_t i = 0; i < account->positions_count; i++) {
        const struct plm_position *position = &account->positions[i];
        const struct plm_market_slot *market = plm_store_peek_market(s, position->market);
        plm_err code = PLM_OK;
        if (has_lots) {
            if (plm_qty_is_zero(position->lots)) {
                continue;
            }
            code = plm_liquidate_check_market(s, market);
        } else {
            if (!plm_val_is_negative(position->quote)) {
                continue;
            }
            code = plm_params_check_pause(s, market, PLM_PAUSE_LIQUIDATE);
        }
        if (code == PLM_OK) {
            return PLM_OK;
        }
        first = first_of(first, code);
    }
    return first_of(first, PLM_E_NOT_LIQUIDATABLE);
}

static plm_wval position_maint(const struct plm_scratch *s, const struct plm_position *position)
{
    const struct plm_market_slot *market = plm_store_peek_market(s, position->market);
    const plm_price price = plm_store_market_view(s, position->market)->price;
    return leg_maint(market, price, plm_qty_abs(position->lots));
}

/* The first market of the user's own order with a leg of at least 1/16 of the total. */
static uint16_t
first_of_order(const struct plm_scratch *s, const struct plm_account *account, plm_wval total)
{
    const plm_wval part = {{ORDER_PART, 0}};
    const plm_wval one = {{1, 0}};
    PLM_ASSERT(account->order_count <= PLM_ORDER_MAX);
    for (uint32_t i = 0; i < account->order_count; i++) {
        const struct plm_position *position =
            plm_ledger_peek_position(account, account->order[i].market);
        if (position == NULL || plm_qty_is_zero(position->lots)) {
            continue;
        }
        if (plm_wval_cmp_products(position_maint(s, position), part, total, one) < 0) {
            continue;
        }
        if (plm_liquidate_check_market(s, plm_store_peek_market(s, position->market)) == PLM_OK) {
            return position->market;
        }
    }
    return PLM_NO_MARKET;
}

/* The largest requirement among those that can be traded now, so that one stale feed shields no
 * account; positions are sorted, so that a tie goes to the lower id. */
uint16_t plm_liquidate_first_market(const struct plm_scratch *s, const struct plm_account *account)
{
    plm_wval total = {0};
    plm_wval largest = {0};
    uint16_t first = PLM_NO_MARKET;
    PLM_ASSERT(account->positions_count <= PLM_POSITIONS_MAX);
    for (uint32_t i = 0; i < account->positions_count; i++) {
        const struct plm_position *position = &account->positions[i];
        const plm_wval maint = position_maint(s, position);
        plm_wval_add_to(&total, maint);
        if (plm_wval_cmp(maint, largest) <= 0) {
            continue;
        }
        if (plm_liquidate_check_market(s, plm_store_peek_market(s, position->market)) == PLM_OK) {
            largest = maint;
            first = position->market;
        }
    }
    const uint16_t chosen = first_of_order(s, account, total);
    PLM_ASSERT(chosen == PLM_NO_MARKET || first != PLM_NO_MARKET);
    return chosen == PLM_NO_MARKET ? first : chosen;
}

bool plm_liquidate_is_same_owner(const struct plm_account *a, const struct plm_account *b)
{
    return plm_store_is_same_hash(&a->owner, &b->owner);
}

/* --- the clock --- */

static void set_clock(struct plm_scratch *s, struct plm_account_slot *account, plm_time since)
{
    account->record.liquidatable_since = since;
    account->changed = true;
    const struct plm_ev_flagged event = {account->id, since};
    plm_store_event(s, PLM_EVENT_FLAGGED, PLM_LAYOUT_ev_flagged, &event);
}

void plm_liquidate_start_clock(struct plm_scratch *s, struct plm_account_slot *account)
{
    PLM_ASSERT(is_set(s->now));
    if (!is_set(account->record.liquidatable_since)) {
        set_clock(s, account, s->now);
    }
    PLM_ASSERT(is_set(account->record.liquidatable_since));
}

void plm_liquidate_refresh_flag(struct plm_scratch *s, struct plm_account_slot *account)
{
    const plm_time never = {0};
    struct plm_margin margin = {0};
    if (!is_set(account->record.liquidatable_since)) {
        PLM_ASSERT(account->record.deficits_count == 0);
        return;
    }
    PLM_ASSERT(!account->deleted);
    plm_margin_compute(s, &account->record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &margin);
    const plm_wval target = plm_liquidate_target(s, &account->record);
    if (plm_wval_cmp(margin.equity_maint, target) >= 0) {
        set_clock(s, account, never);
    }
    plm_insurance_update_flags(s, account, margin.equity_full);
}

/* --- steps --- */

void plm_liquidate_recognise(struct plm_scratch *s,
                             struct plm_account_slot *account,
                             struct plm_market_slot *market,
                             plm_val equity_price,
                             plm_qty lots)
{
    if (!plm_val_is_negative(equity_price)) {
        return;
    }
    const struct plm_position *position = plm_ledger_peek_position(&account->record, market->id);
    PLM_ASSERT(position != NULL);
    const plm_qty whole = plm_qty_abs(position->lots);
    const plm_val deficit =
        plm_insurance_deficit(s, &account->record, plm_val_neg(equity_price), market->id);
    PLM_ASSERT(plm_qty_cmp(lots, whole) <= 0);
    plm_insurance_recognise(s, account, market, plm_fix_share_ceil(deficit, lots, whole));
}

void plm_liquidate_move(struct plm_scratch *s,
                        struct plm_market_slot *market,
                        struct plm_position *from,
                        struct plm_position *to,
                        plm_qty lots)
{
    const plm_val value = plm_fix_notional(lots, plm_store_market_view(s, market->id)->price);
    const bool is_long = plm_qty_is_long(from->lots);
    PLM_ASSERT(plm_qty_is_long(lots));
    PLM_ASSERT(plm_qty_cmp(lots, plm_qty_abs(from->lots)) <= 0);
    plm_ledger_move_lots(market, from, to, is_long ? lots : plm_qty_neg(lots));
    /* Who takes over a long buys it, who takes over a short sells it. */
    plm_ledger_move_quote(market, is_long ? to : from, is_long ? from : to, value);
}

/* --- collateral --- */

plm_ratio plm_liquidate_discount(const struct plm_scratch *s,
                                 const struct plm_asset_slot *asset,
                                 plm_time since)
{
    const struct plm_asset_params *params = &asset->record.params;
    const uint64_t seconds = is_set(since) ? plm_time_since(s->now, since) : 0;
    const plm_ratio discount = plm_fix_ratio_grow(
        params->discount, params->discount_growth, seconds, params->discount_max);
    PLM_ASSERT(plm_ratio_cmp(discount, params->discount_max) <= 0);
    return discount;
}

plm_price plm_liquidate_sale_price(const struct plm_scratch *s,
                                   const struct plm_asset_slot *asset,
                                   plm_time since)
{
    const plm_price price = plm_store_asset_view(s, asset->id)->price;
    const plm_ratio discount = plm_liquidate_discount(s, asset, since);
    return plm_price_sub_or_zero(price, plm_fix_price_part_floor(price, discount));
}

bool plm_liquidate_brings_cash(const struct plm_scratch *s,
                               const struct plm_collateral *collateral,
                               plm_time since)
{
    const struct plm_asset_slot *asset = plm_store_peek_asset(s, collateral->asset);
    const plm_price price = plm_liquidate_sale_price(s, asset, since);
    plm_val value = {{1, 0}}; /* stays where the product does not even fit */
    const plm_err fits = plm_fix_asset_value_floor_checked(
        collateral->atoms, price, asset->record.decimals, asset->record.price_decimals, &value);
    PLM_ASSERT(fits == PLM_OK || plm_val_is_positive(value));
    return plm_val_is_positive(value);
}

uint16_t plm_liquidate_first_asset(const struct plm_scratch *s,
                                   const struct plm_account *account,
                                   plm_time since)
{
    uint16_t first = 0;
    plm_ratio highest = {0};
    PLM_ASSERT(account->collaterals_count <= PLM_COLLATERALS_MAX);
    for (uint32_t i = 0; i < account->collaterals_count; i++) {
        const struct plm_collateral *collateral = &account->collaterals[i];
        const struct plm_asset_slot *asset = plm_store_peek_asset(s, collateral->asset);
        const plm_ratio weight = asset->record.params.weight_maint;
        if (first != 0 && plm_ratio_cmp(weight, highest) <= 0) {
            continue;
        }
        if (plm_store_asset_view(s, asset->id)->liquidation != PLM_OK) {
            continue;
        }
        if (plm_liquidate_brings_cash(s, collateral, since)) {
            first = collateral->asset;
            highest = weight;
        }
    }
    PLM_ASSERT(first < PLM_LIMIT_ASSETS_MAX);
    return first;
}

/* --- prices --- */

plm_price plm_liquidate_bankruptcy_price(const struct plm_scratch *s,
                                         const struct plm_account *account,
                                         uint16_t market)
{
    const struct plm_position *position = plm_ledger_peek_position(account, market);
    struct plm_margin margin = {0};
    plm_price price = {0};
    PLM_ASSERT(position != NULL);
    PLM_ASSERT(!plm_qty_is_zero(position->lots));
    plm_margin_compute(s, account, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &margin);
    const plm_val share = plm_fix_wval_to_val_floor(plm_fix_wval_share_floor(
        plm_fix_val_to_wval(margin.equity_full), position_maint(s, position), margin.maint));
    const plm_qty size = plm_qty_abs(position->lots);
    const plm_val value = plm_fix_notional(size, plm_store_market_view(s, market)->price);
    if (plm_qty_is_long(position->lots)) {
        const plm_val received = plm_val_sub(value, share);
        if (plm_val_is_positive(received)) {
            price = plm_fix_price_per_lot_ceil(received, size);
        }
    } else {
        const plm_val paid = plm_val_add(value, share);
        if (plm_val_is_positive(paid)) {
            price = plm_fix_price_per_lot_floor(paid, size);
        }
    }
    return price;
}

/* The account without the leg, and the leg at any price. */
struct pricing {
    const struct plm_market_slot *market;
    const struct plm_position *position;
    plm_wval equity;
    plm_wval maint;
};

static plm_wval leg_worth(const struct plm_position *position, plm_price price)
{
    return plm_fix_val_to_wval(
        plm_val_add(plm_fix_notional(position->lots, price), position->quote));
}

static bool is_liquidatable_at(const struct pricing *z, plm_price price)
{
    const plm_wval equity = plm_wval_add(z->equity, leg_worth(z->position, price));
    const plm_wval leg = leg_maint(z->market, price, plm_qty_abs(z->position->lots));
    return plm_wval_cmp(equity, plm_wval_add(z->maint, leg)) < 0;
}

/* Between a price that is liquidatable and one that is not, the last liquidatable one: E - MM is
 * monotone in the price of one leg, because no ratio passes one. */
static plm_price bisect_price(const struct pricing *z, plm_price sick, plm_price sound)
{
    const plm_ratio half = {HALF_PPM};
    const plm_price one = {1};
    for (uint32_t i = 0; i < PLM_LIMIT_BISECT_MAX; i++) {
        const plm_price low = plm_price_min(sick, sound);
        const plm_price width = plm_price_sub_or_zero(plm_price_max(sick, sound), low);
        if (plm_price_cmp(width, one) <= 0) {
            break;
        }
        const plm_price middle = plm_price_add_or_max(low, plm_fix_price_part_floor(width, half));
        if (is_liquidatable_at(z, middle)) {
            sick = middle;
        } else {
            sound = middle;
        }
    }
    PLM_ASSERT(is_liquidatable_at(z, sick));
    return sick;
}

bool plm_liquidate_price(const struct plm_scratch *s,
                         const struct plm_account_slot *account,
                         uint16_t market,
                         plm_price *out)
{
    const struct plm_market_slot *slot = plm_store_peek_market(s, market);
    const struct plm_feed_params *domain = &s->feeds[slot->feed_slot].record.params;
    const struct plm_position *position = plm_ledger_peek_position(&account->record, market);
    const plm_price now = plm_store_market_view(s, market)->price;
    const plm_price one = {1};
    struct plm_margin margin = {0};
    if (position == NULL || plm_qty_is_zero(position->lots)) {
        return false;
    }
    plm_margin_compute(s, &account->record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &margin);
    const struct pricing z = {
        .market = slot,
        .position = position,
        .equity = plm_wval_sub(margin.equity_maint, leg_worth(position, now)),
        .maint = plm_wval_sub(margin.maint, position_maint(s, position)),
    };
    PLM_ASSERT(!plm_wval_is_negative(z.maint));
    /* The bounds of the domain are refused themselves. */
    const plm_price low = plm_price_add_or_max(domain->price_min, one);
    const plm_price high = plm_price_sub_or_zero(domain->price_max, one);
    const bool is_long = plm_qty_is_long(position->lots);
    const plm_price worst = is_long ? low : high;
    const plm_price best = is_long ? high : low;
    if (!is_liquidatable_at(&z, worst)) {
        return false;
    }
    *out = is_liquidatable_at(&z, best) ? best : bisect_price(&z, worst, best);
    return true;
}

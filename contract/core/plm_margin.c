// SPDX-License-Identifier: Apache-2.0
/* Equity and requirements of one account at one price view. [MARGIN-1] to [MARGIN-7] [ACCT-6]
 * Values are summed as values and weighted once, so that the pass has no division: nothing is
 * rounded but a collateral's value and its scaled weight. It must never know what an operation
 * wants. */
#include "plm_margin.h"

#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_lab.h"
#include "plm_store.h"

#define PLM_MARGIN_PREMIUM_PART  5U               /* the fifth of MARGIN-3 */
#define PLM_MARGIN_BALANCE_UNITS INT64_C(1000000) /* such limits are in millions */

/* What one pass knows beside the position. */
struct plm_margin_pass {
    const struct plm_scratch *s;
    plm_ratio leverage;
    uint16_t traded;
    bool scaled;    /* [MARGIN-4] */
    bool gains;     /* false: gains weigh 0 [WD-1] */
    bool favour;    /* [PRICE-4] */
    bool two_sided; /* lo and hi; false only in the lab: p [PRICE-3] */
};

/* Running sums: values that still have the weight one, and what is weighted already. */
struct plm_margin_sums {
    plm_val value_maint;       /* cash + PnL at p */
    plm_val value_initial;     /* cash + losses at lo or hi + gains of weight one */
    plm_val value_sale;        /* collateral at its sale price */
    plm_val value_price;       /* collateral at p, weight 1 */
    plm_val unsettled_loss;
    plm_wval weighted_maint;   /* collateral */
    plm_wval weighted_initial; /* collateral, and gains of a weight below one */
    plm_wval initial;
    plm_wval maint;
    plm_wval withdraw_floor;
};

static inline plm_ratio plm_margin_one(void)
{
    const plm_ratio one = {PLM_PPM_ONE};
    return one;
}

static inline const struct plm_market_slot *plm_margin_market(const struct plm_scratch *s,
                                                              uint16_t id)
{
    PLM_ASSERT(id < PLM_LIMIT_MARKETS_MAX);
    const uint32_t place = s->market_index[id];
    PLM_ASSERT(place != 0);
    PLM_ASSERT(place <= s->market_count);
    const struct plm_market_slot *market = &s->markets[place - 1U];
    PLM_ASSERT(market->feed_slot < s->feed_count);
    return market;
}

/* p, or for a feed that is not good for a liquidation the price that favours the account. */
static inline plm_price plm_margin_price(const struct plm_view *view, bool favour, bool is_long)
{
    if (favour && view->liquidation != PLM_OK) {
        return is_long ? view->favour_hi : view->favour_lo;
    }
    return view->price;
}

/* max(r, r - floor(r / 5) + premium) [MARGIN-3] */
static inline plm_ratio plm_margin_raise(plm_ratio base, plm_ratio premium)
{
    const plm_ratio fifth = plm_fix_ratio_div_floor(base, PLM_MARGIN_PREMIUM_PART);
    if (plm_ratio_cmp(premium, fifth) <= 0) {
        return base;
    }
    return plm_fix_ratio_add_clamped(plm_fix_ratio_sub_or_zero(base, fifth), premium);
}

/* The premium where it binds at this ratio, above the fifth; else zero. Whether it does is decided
 * by comparing squares; the root is taken only then. [MARGIN-3] */
static plm_ratio
plm_margin_binding_premium(const struct plm_market *market, plm_ratio base, plm_qty size)
{
    plm_ratio premium = {0};
    const plm_ratio fifth = plm_fix_ratio_div_floor(base, PLM_MARGIN_PREMIUM_PART);
    const plm_rate imf = market->params.imf;
    if (plm_fix_size_premium_is_within(imf, size, market->size_decimals, fifth)) {
        return premium;
    }
    premium = plm_fix_size_premium_of_ceil(imf, size, market->size_decimals);
    PLM_ASSERT(plm_ratio_cmp(premium, fifth) > 0);
    return premium;
}

static inline bool plm_margin_has_premium(const struct plm_market *market)
{
    const plm_rate zero = {0};
    return plm_rate_cmp(market->params.imf, zero) > 0;
}

plm_ratio plm_margin_ratio(const struct plm_market *market, plm_ratio base, plm_qty lots)
{
    PLM_ASSERT(plm_ratio_cmp(base, plm_margin_one()) <= 0);
    if (!plm_margin_has_premium(market)) {
        return base;
    }
    const plm_ratio ratio =
        plm_margin_raise(base, plm_margin_binding_premium(market, base, plm_qty_abs(lots)));
    PLM_ASSERT(plm_ratio_cmp(ratio, base) >= 0);
    return ratio;
}

/* ratio + ceil((1 - ratio) x (OI - lower) / (upper - lower)), from the ratio at the lower bound to
 * one at the upper. [MARGIN-4] Rounded once, against the account. */
static plm_ratio plm_margin_scale_ratio(const struct plm_market_slot *market,
                                        const struct plm_view *view,
                                        plm_ratio ratio)
{
    const struct plm_market_params *params = &market->record.params;
    if (!plm_val_is_positive(params->oi_lower)) {
        return ratio;
    }
    const plm_val interest = plm_fix_notional(market->state.oi, view->price);
    if (plm_val_cmp(interest, params->oi_lower) <= 0) {
        return ratio;
    }
    if (plm_val_cmp(interest, params->oi_upper) >= 0) {
        return plm_margin_one();
    }
    const plm_val above = plm_val_sub(interest, params->oi_lower);
    const plm_val width = plm_val_sub(params->oi_upper, params->oi_lower);
    PLM_ASSERT(plm_val_cmp(above, width) < 0);
    const plm_ratio rest = plm_fix_ratio_sub_or_zero(plm_margin_one(), ratio);
    return plm_fix_ratio_add_clamped(ratio, plm_fix_ratio_scale_ceil(rest, above, width));
}

plm_ratio plm_margin_initial_ratio(const struct plm_market_slot *market,
                                   const struct plm_view *view,
                                   plm_qty lots,
                                   plm_ratio leverage,
                                   bool scaled)
{
    PLM_ASSERT(plm_ratio_cmp(leverage, plm_margin_one()) <= 0);
    const plm_ratio base = market->record.params.initial;
    const plm_ratio sized = plm_margin_ratio(&market->record, base, lots);
    const plm_ratio grown = scaled ? plm_margin_scale_ratio(market, view, sized) : sized;
    PLM_ASSERT(plm_ratio_cmp(grown, base) >= 0);
    return plm_ratio_max(grown, leverage);
}

plm_wval plm_margin_requirement(const struct plm_market *market,
                                plm_qty lots,
                                plm_price price,
                                plm_ratio ratio)
{
    PLM_ASSERT(plm_ratio_cmp(ratio, plm_margin_one()) <= 0);
    plm_wval requirement = {0};
    if (!plm_qty_is_zero(lots)) {
        const plm_val notional = plm_fix_notional(plm_qty_abs(lots), price);
        const plm_wval least = plm_fix_val_to_wval(market->params.floor);
        requirement = plm_wval_max(least, plm_fix_weigh(notional, ratio));
    }
    PLM_ASSERT(!plm_wval_is_negative(requirement));
    return requirement;
}

/* Losses in full; gains x gain_weight, at most gain_cap. The product is formed only where the
 * weight is below one: min(g, cap) x 1e6 is the same number. [MARGIN-2] */
static inline void plm_margin_add_pnl(const struct plm_margin_pass *pass,
                                      const struct plm_market_params *params,
                                      plm_val pnl,
                                      struct plm_margin_sums *sums)
{
    if (plm_val_is_negative(pnl)) {
        plm_val_add_to(&sums->value_initial, pnl);
        return;
    }
    if (!pass->gains) {
        return;
    }
    if (plm_ratio_cmp(params->gain_weight, plm_margin_one()) == 0) {
        const plm_val counted = plm_val_min(pnl, params->gain_cap);
        plm_val_add_to(&sums->value_initial, counted);
        return;
    }
    const plm_wval most = plm_fix_val_to_wval(params->gain_cap);
    const plm_wval gain = plm_wval_min(plm_fix_weigh(pnl, params->gain_weight), most);
    plm_wval_add_to(&sums->weighted_initial, gain);
}

/* Both requirements of a leg with lots. Maintenance at `price`, initial for longs at p and for
 * shorts at hi, which is the magnitude of `worth_initial`. [MARGIN-2] [MARGIN-6] */
static inline void plm_margin_add_requirements(const struct plm_margin_pass *pass,
                                               const struct plm_market_slot *market,
                                               plm_qty lots,
                                               plm_val worth,
                                               plm_val worth_initial,
                                               struct plm_margin_sums *sums)
{
    const struct plm_view *view = &pass->s->feeds[market->feed_slot].view;
    const struct plm_market_params *params = &market->record.params;
    plm_ratio maint = params->maint;
    plm_ratio initial = params->initial;
    PLM_ASSERT(plm_ratio_cmp(maint, initial) <= 0);
    if (plm_margin_has_premium(&market->record)) {
        /* A premium that does not bind at maint <= initial does not bind at initial either. */
        const plm_ratio premium =
            plm_margin_binding_premium(&market->record, maint, plm_qty_abs(lots));
        maint = plm_margin_raise(maint, premium);
        initial = plm_margin_raise(initial, premium);
    }
    if (pass->scaled) {
        initial = plm_margin_scale_ratio(market, view, initial);
    }
    initial = plm_ratio_max(initial, pass->leverage);
    const plm_val notional = plm_val_abs(worth);
    const plm_val notional_mark =
        pass->favour ? plm_fix_notional(plm_qty_abs(lots), view->price) : notional;
    const plm_val notional_initial =
        plm_qty_is_long(lots) ? notional_mark : plm_val_abs(worth_initial);
    const plm_wval least = plm_fix_val_to_wval(params->floor);
    const plm_wval share = plm_wval_max(least, plm_fix_weigh(notional, maint));
    const plm_wval share_initial = plm_wval_max(least, plm_fix_weigh(notional_initial, initial));
    plm_wval_add_to(&sums->maint, share);
    plm_wval_add_to(&sums->initial, share_initial);
    plm_wval_add_to(&sums->withdraw_floor, plm_fix_weigh(notional_mark, params->withdraw_floor));
}

/* One position. A claim or a debt has no lots: its price does not matter and it requires nothing.
 */
static inline void plm_margin_add_position(const struct plm_margin_pass *pass,
                                           const struct plm_position *position,
                                           struct plm_margin_sums *sums)
{
    const struct plm_market_slot *market = plm_margin_market(pass->s, position->market);
    const struct plm_view *view = &pass->s->feeds[market->feed_slot].view;
    const bool is_long = plm_qty_is_long(position->lots);
    const bool favour = pass->favour && position->market != pass->traded;
    const plm_price price = plm_margin_price(view, favour, is_long);
    const plm_price sided = is_long ? view->lo : view->hi;
    const plm_price price_initial = pass->two_sided ? sided : view->price;

    const plm_val worth = plm_fix_notional(position->lots, price);
    const plm_val pnl = plm_val_add(worth, position->quote);
    plm_val_add_to(&sums->value_maint, pnl);
    if (plm_val_is_negative(pnl)) {
        plm_val_sub_from(&sums->unsettled_loss, pnl);
    }
    const plm_val worth_initial = plm_fix_notional(position->lots, price_initial);
    const plm_val pnl_initial = plm_val_add(worth_initial, position->quote);
    plm_margin_add_pnl(pass, &market->record.params, pnl_initial, sums);
    if (plm_qty_is_zero(position->lots)) {
        return;
    }
    plm_margin_add_requirements(pass, market, position->lots, worth, worth_initial, sums);
}

/* floor(atoms x price), at most COLLATERAL_VALUE_MAX, so that every sum of an account fits.
 * [UNIT-3] */
static plm_val
plm_margin_collateral_value(const struct plm_asset *asset, plm_amt atoms, plm_price price)
{
    const plm_val most =
        plm_val_from_quote(PLM_LIMIT_COLLATERAL_VALUE_MAX * PLM_MARGIN_BALANCE_UNITS);
    plm_val value = most; /* stays where the product does not fit at all */
    const plm_err err = plm_fix_asset_value_floor_checked(
        atoms, price, asset->decimals, asset->price_decimals, &value);
    PLM_ASSERT(err == PLM_OK || plm_val_cmp(value, most) == 0);
    PLM_ASSERT(!plm_val_is_negative(value));
    return plm_val_min(value, most);
}

plm_ratio plm_margin_weight_initial(const struct plm_scratch *s, const struct plm_asset_slot *asset)
{
    const struct plm_asset_params *params = &asset->record.params;
    PLM_ASSERT(plm_ratio_cmp(params->weight_initial, plm_margin_one()) <= 0);
    if (!plm_val_is_positive(params->scale_start)) {
        return params->weight_initial;
    }
    PLM_ASSERT(asset->feed_slot < s->feed_count);
    plm_val total = {0};
    const plm_err err = plm_fix_asset_value_ceil_checked(asset->state.total,
                                                         s->feeds[asset->feed_slot].view.price,
                                                         asset->record.decimals,
                                                         asset->record.price_decimals,
                                                         &total);
    if (err != PLM_OK) {
        const plm_ratio nothing = {0}; /* more than any value: the weight has fallen to nothing */
        return nothing;
    }
    const plm_val whole = plm_val_max(params->scale_start, total);
    return plm_fix_ratio_scale_floor(params->weight_initial, params->scale_start, whole);
}

/* One collateral: at p and the maintenance weight, at lo and the scaled initial weight, and at the
 * sale price floor(p x (1 - discount_max)) in full. [MARGIN-1] [MARGIN-2] */
static void plm_margin_add_collateral(const struct plm_margin_pass *pass,
                                      const struct plm_collateral *collateral,
                                      struct plm_margin_sums *sums)
{
    const struct plm_asset_slot *asset = plm_store_peek_asset(pass->s, collateral->asset);
    PLM_ASSERT(asset->feed_slot < pass->s->feed_count);
    const struct plm_view *view = &pass->s->feeds[asset->feed_slot].view;
    const struct plm_asset_params *params = &asset->record.params;
    const plm_price price = plm_margin_price(view, pass->favour, true);
    const plm_price price_initial = pass->two_sided ? view->lo : view->price;
    const plm_ratio kept = plm_fix_ratio_sub_or_zero(plm_margin_one(), params->discount_max);
    const plm_price price_sale = plm_fix_price_part_floor(price, kept);
    const plm_amt atoms = collateral->atoms;

    const plm_val maint = plm_margin_collateral_value(&asset->record, atoms, price);
    const plm_val initial = plm_margin_collateral_value(&asset->record, atoms, price_initial);
    const plm_val sale = plm_margin_collateral_value(&asset->record, atoms, price_sale);
    const plm_ratio weight = plm_margin_weight_initial(pass->s, asset);
    PLM_ASSERT(plm_val_cmp(sale, maint) <= 0);
    plm_wval_add_to(&sums->weighted_maint, plm_fix_weigh(maint, params->weight_maint));
    plm_wval_add_to(&sums->weighted_initial, plm_fix_weigh(initial, weight));
    plm_val_add_to(&sums->value_sale, sale);
    plm_val_add_to(&sums->value_price, maint);
}

void plm_margin_compute(const struct plm_scratch *s,
                        const struct plm_account *account,
                        uint32_t flags,
                        uint16_t traded,
                        struct plm_margin *out)
{
    PLM_ASSERT(account->positions_count <= PLM_POSITIONS_MAX);
    PLM_ASSERT(account->collaterals_count <= PLM_COLLATERALS_MAX);
    const struct plm_margin_pass pass = {
        .s = s,
        .leverage = account->leverage,
        .traded = traded,
        .scaled = (flags & PLM_MARGIN_SCALED) != 0,
        .gains = (flags & PLM_MARGIN_NO_GAINS) == 0,
        .favour = (flags & PLM_MARGIN_FAVOUR) != 0 && PLM_RULE_IS_ON(s, PRICE_4),
        .two_sided = PLM_RULE_IS_ON(s, PRICE_3),
    };
    struct plm_margin_sums sums = {.value_maint = account->cash, .value_initial = account->cash};
    for (uint32_t i = 0; i < account->positions_count; i++) {
        plm_margin_add_position(&pass, &account->positions[i], &sums);
    }
    for (uint32_t i = 0; i < account->collaterals_count; i++) {
        plm_margin_add_collateral(&pass, &account->collaterals[i], &sums);
    }
    PLM_ASSERT(!plm_wval_is_negative(sums.maint));
    PLM_ASSERT(pass.favour || plm_wval_cmp(sums.maint, sums.initial) <= 0); /* I07 */
    out->equity_initial =
        plm_wval_add(plm_fix_val_to_wval(sums.value_initial), sums.weighted_initial);
    out->initial = sums.initial;
    out->equity_maint = plm_wval_add(plm_fix_val_to_wval(sums.value_maint), sums.weighted_maint);
    out->maint = sums.maint;
    out->equity_full = plm_val_add(sums.value_maint, sums.value_sale);
    out->equity_price = plm_val_add(sums.value_maint, sums.value_price);
    out->unsettled_loss = sums.unsettled_loss;
    out->withdraw_floor = sums.withdraw_floor;
}

/* ---- levels [MARGIN-7] ---- */

bool plm_margin_is_liquidatable(const struct plm_margin *margin)
{
    PLM_ASSERT(!plm_wval_is_negative(margin->maint));
    return plm_wval_cmp(margin->equity_maint, margin->maint) < 0;
}

bool plm_margin_is_below_share(const struct plm_margin *margin,
                               uint32_t numerator,
                               uint32_t denominator)
{
    PLM_ASSERT(denominator > 0);
    const plm_wval n = {plm_wide_i128_from_u64(numerator)};
    const plm_wval d = {plm_wide_i128_from_u64(denominator)};
    return plm_wval_cmp_products(margin->equity_maint, d, margin->maint, n) < 0;
}

uint8_t plm_margin_level(const struct plm_margin *margin, plm_ratio call_level)
{
    PLM_ASSERT(!plm_wval_is_negative(margin->maint));
    PLM_ASSERT(!plm_wval_is_negative(margin->initial));
    if (plm_val_is_negative(margin->equity_full)) {
        return PLM_LEVEL_BANKRUPT;
    }
    if (plm_margin_is_below_share(margin, 2, 3)) {
        return PLM_LEVEL_BACKSTOP;
    }
    if (plm_margin_is_liquidatable(margin)) {
        return PLM_LEVEL_LIQUIDATABLE;
    }
    if (plm_wval_cmp(margin->equity_initial, margin->initial) < 0) {
        return PLM_LEVEL_RESTRICTED;
    }
    const plm_val unit = {plm_wide_i128_from_u64(1)};
    const plm_wval call = plm_fix_weigh(unit, call_level);
    const plm_wval one = plm_fix_val_to_wval(unit);
    if (plm_wval_cmp_products(margin->equity_initial, one, margin->initial, call) < 0) {
        return PLM_LEVEL_MARGIN_CALL;
    }
    return PLM_LEVEL_HEALTHY;
}

/* ---- prices and the state before ---- */

/* The upper row of errors.def: in this class codes grow with the row. */
static plm_err plm_margin_worse(plm_err a, plm_err b)
{
    if (a == PLM_OK) {
        return b;
    }
    return b != PLM_OK && b < a ? b : a;
}

plm_err plm_margin_check_prices(const struct plm_scratch *s, const struct plm_account *account)
{
    PLM_ASSERT(account->positions_count <= PLM_POSITIONS_MAX);
    PLM_ASSERT(account->collaterals_count <= PLM_COLLATERALS_MAX);
    const bool matters = PLM_RULE_IS_ON(s, PRICE_4);
    plm_err worst = PLM_OK;
    for (uint32_t i = 0; i < account->positions_count; i++) {
        const struct plm_position *position = &account->positions[i];
        if (plm_qty_is_zero(position->lots)) {
            continue; /* a claim or a debt has no price */
        }
        const struct plm_market_slot *market = plm_margin_market(s, position->market);
        worst = plm_margin_worse(worst, s->feeds[market->feed_slot].view.risk);
    }
    for (uint32_t i = 0; i < account->collaterals_count; i++) {
        const struct plm_asset_slot *asset = plm_store_peek_asset(s, account->collaterals[i].asset);
        worst = plm_margin_worse(worst, s->feeds[asset->feed_slot].view.risk);
    }
    return matters ? worst : PLM_OK;
}

void plm_margin_remember(struct plm_scratch *s, struct plm_account_slot *account)
{
    if (account->remembered) {
        return;
    }
    const struct plm_account *record = &account->record;
    PLM_ASSERT(record->positions_count <= PLM_POSITIONS_MAX);
    plm_margin_compute(s, record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &account->before);
    for (uint32_t i = 0; i < record->positions_count; i++) {
        account->before_markets[i] = record->positions[i].market;
        account->before_lots[i] = record->positions[i].lots;
    }
    account->before_count = record->positions_count;
    account->remembered = true;
    PLM_ASSERT(!plm_wval_is_negative(account->before.maint));
}

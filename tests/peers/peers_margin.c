// SPDX-License-Identifier: Apache-2.0
/* Ratios, weights, transitions, funding: the margin side of the peers' cases. */
#include "plm_fix.h"
#include "plm_gate.h"
#include "plm_margin.h"

#include <stdlib.h>
#include <string.h>

#include "peers.h"

#define MICRO ((peer_int)1000000000000) /* 1e-6 quote in wad */
#define ONE   ((peer_int)1000000)       /* the ratio one */

/* --- open interest [MARGIN-4] -------------------------------------------------------------------
 */
/* fraction: the core's initial ratio of one lot where the open interest is worth `interest` micro
 * units; a lot is one micro unit at a price of 1e12 ticks. */
static peer_int fraction(const json_t *in, peer_int base, peer_int interest)
{
    (void)peer_world();
    struct plm_market_slot *market = peer_add_market(6, MICRO, base, base);
    market->state.oi = peer_qty(interest);
    market->record.params.oi_lower =
        peer_val(peer_number(in, "open_interest_lower_cap_quote_quantums", 0) * MICRO);
    market->record.params.oi_upper =
        peer_val(peer_number(in, "open_interest_upper_cap_quote_quantums", 0) * MICRO);
    return plm_margin_initial_ratio(market, peer_view(market), peer_qty(1), peer_ratio(0), true)
        .ppm;
}

/* margin: the core's requirement of a notional in micro units, rounded up to them. */
static peer_int margin(peer_int notional, peer_int ppm)
{
    (void)peer_world();
    const struct plm_market_slot *market = peer_add_market(6, MICRO, ONE, ONE);
    const plm_wval exact = plm_margin_requirement(
        &market->record, peer_qty(notional), peer_price(MICRO), peer_ratio(ppm));
    return peer_ceil_div(peer_of_val(plm_fix_wval_to_val_ceil(exact)), MICRO);
}

/* of_price: size x price in micro units, times 10^digits: exponents of these cases are small. */
static peer_int notional_of(const json_t *in, const char *size, bool up)
{
    int digits = (int)peer_number(in, "price_exponent", 0) +
                 (int)peer_number(in, "base_atomic_resolution", 0) + 6;
    peer_int value = peer_number(in, size, 0) * peer_number(in, "price_mantissa", 0);
    peer_int divisor = 1;
    for (; digits > 0; digits--) {
        value *= 10;
    }
    for (; digits < 0; digits++) {
        divisor *= 10;
    }
    return up ? peer_ceil_div(value, divisor) : peer_floor_div(value, divisor);
}

static enum peer_result effective_fraction(struct peer_case *c)
{
    const peer_int base = peer_number(c->inputs, "initial_margin_ppm", 0);
    const peer_int got = fraction(
        c->inputs, base, peer_number(c->inputs, "open_interest_notional_quote_quantums", 0));
    const peer_int added = got - peer_law_number(c, "effective_initial_margin_ppm");
    return peer_check(c, added == 0 || (c->law == NULL && added == 1), "the scaled ratio");
}

static enum peer_result margin_from_notional(struct peer_case *c)
{
    const peer_int base = peer_number(c->inputs, "initial_margin_ppm", 0);
    const peer_int notional = peer_number(c->inputs, "notional_quote_quantums", 0);
    const peer_int ppm = fraction(
        c->inputs, base, peer_number(c->inputs, "open_interest_notional_quote_quantums", 0));
    const peer_int added =
        margin(notional, ppm) - peer_law_number(c, "initial_margin_quote_quantums");
    return peer_check(c, added >= 0 && added <= notional / ONE + 1, "the initial margin");
}

static enum peer_result position_margin(struct peer_case *c)
{
    const peer_int base = peer_number(c->inputs, "initial_margin_ppm", 0);
    const peer_int size = peer_number(c->inputs, "position_base_quantums", 0);
    if (size > INT64_MAX) {
        return peer_differs(c, "a position above 1e12 quote units is refused [UNIT-3]");
    }
    const peer_int notional = notional_of(c->inputs, "position_base_quantums", true);
    const peer_int interest = notional_of(c->inputs, "open_interest_base_quantums", false);
    const peer_int ppm = fraction(c->inputs, base, interest);
    const peer_int part = peer_number(c->inputs, "maintenance_fraction_ppm", 0);
    const peer_int maint = plm_fix_ratio_part_ceil(peer_ratio(base), peer_ratio(part)).ppm;
    const peer_int more =
        margin(notional, ppm) - peer_law_number(c, "initial_margin_quote_quantums");
    const peer_int more_maint =
        margin(notional, maint) - peer_law_number(c, "maintenance_margin_quote_quantums");
    /* Upstream rounds the maintenance margin up twice, so ours may be one unit less. */
    return peer_check(c,
                      more >= 0 && more <= notional / ONE + 1 && more_maint >= -1 &&
                          more_maint <= notional / ONE + 1,
                      "the margins of a position");
}

static enum peer_result maintenance_fraction(struct peer_case *c)
{
    const peer_int got =
        plm_fix_ratio_part_ceil(peer_ratio(peer_number(c->inputs, "initial_margin_ppm", 0)),
                                peer_ratio(peer_number(c->inputs, "maintenance_fraction_ppm", 0)))
            .ppm;
    return peer_check(c, got == peer_law_number(c, "maintenance_margin_ppm"), "the fraction");
}

static enum peer_result trade_acceptance(struct peer_case *c)
{
    const peer_int base = peer_number(c->inputs, "initial_margin_ppm", 0);
    const peer_int matched = notional_of(c->inputs, "match_size_base_quantums", true);
    const peer_int interest =
        notional_of(c->inputs, "open_interest_before_base_quantums", false) + matched;
    const peer_int required = margin(matched, fraction(c->inputs, base, interest));
    const bool accepted = peer_number(c->inputs, "trader_usdc_quote_quantums", 0) >= required;
    return peer_check(c, accepted == peer_bool(c->expected, "accepted"), "the acceptance");
}

/* --- size premium and collateral weight [MARGIN-3] [ACCT-6] -------------------------------------
 */
/* premium: the core's ratio of a size in 1e-9 coins; imf in millionths is 1e3 of 1e-9. */
static peer_int premium(peer_int base, peer_int imf, peer_int size)
{
    (void)peer_world();
    struct plm_market_slot *market = peer_add_market(9, MICRO, base, base);
    market->record.params.imf.nano = (int64_t)(imf * 1000);
    return plm_margin_ratio(&market->record, peer_ratio(base), peer_qty(size)).ppm;
}

static enum peer_result liability_premium(struct peer_case *c)
{
    const peer_int base = peer_number(c->inputs, "base_weight_1e4", 0) * 100;
    const peer_int imf = peer_number(c->inputs, "imf_factor_1e6", 0);
    const peer_int expected = peer_number(c->law, "weight_ppm", 0);
    const peer_int size = peer_number(c->inputs, "size_1e9", 0);
    if (expected - base > ONE) {
        return peer_differs(c, "a premium is at most one, as every ratio");
    }
    peer_int got = 0;
    if (base > ONE) { /* their weights of debts start at one; only the premium is ours */
        const plm_rate rate = {(int64_t)(imf * 1000)};
        const peer_int root = plm_fix_size_premium_of_ceil(rate, peer_qty(size), 9).ppm;
        got = base - base / 5 + root > base ? base - base / 5 + root : base;
    } else {
        got = premium(base, imf, size);
    }
    return peer_check(c, got == expected || got == expected - 1, "the premium");
}

static enum peer_result perp_requirement(struct peer_case *c)
{
    const peer_int size = llabs((long long)peer_number(c->inputs, "position_1e9", 0));
    const peer_int ticks = peer_number(c->inputs, "oracle_price_1e6_usd", 0) * 1000;
    const peer_int imf = peer_number(c->inputs, "imf_factor_1e6", 0);
    const peer_int base = peer_number(c->inputs, "margin_ratio_1e4", 0) * 100;
    const peer_int ppm = premium(base, imf, size);
    const peer_int micro = peer_ceil_div(peer_ceil_div(size * ticks, MICRO) * ppm, ONE);
    const peer_int added = micro - peer_number(c->expected, "margin_requirement_1e6_usd", 0);
    /* Their weight has steps of a hundred ppm, rounded down. */
    return peer_check(c,
                      added >= 0 && added <= peer_ceil_div(size * ticks, MICRO) / 10000 + 2,
                      "the requirement");
}

static enum peer_result by_size(struct peer_case *c)
{
    return peer_differs(c,
                        "collateral is scaled by all deposits [ACCT-6], not by size; gains by "
                        "gain_weight and gain_cap [MARGIN-2]");
}

static enum peer_result scaled_weight(struct peer_case *c)
{
    struct plm_scratch *s = peer_world();
    struct plm_asset_slot *asset = &s->assets[0];
    s->asset_count = 1;
    s->feed_count = 1;
    asset->id = 1;
    asset->record.decimals = 6;
    asset->record.price_decimals = 6;
    s->feeds[0].view.price = peer_price(peer_number(c->inputs, "price_usd", 6));
    asset->state.total.atoms = peer_val(peer_number(c->inputs, "total_deposits", 6)).wad;
    asset->record.params.weight_initial =
        peer_ratio(peer_number(c->inputs, "base_weight_1e4", 0) * 100);
    asset->record.params.scale_start = peer_val(peer_number(c->inputs, "scale_start_usd", 18));
    const peer_int got = plm_margin_weight_initial(s, asset).ppm;
    return peer_check(c, got / 100 == peer_number(c->expected, "weight_1e4", 0), "the weight");
}

/* --- ordering and transitions [MARGIN-7] [MARGIN-8] ---------------------------------------------
 */
static plm_wval read_wval(const json_t *in, const char *key)
{
    return peer_wval(peer_number(in, key, 0));
}

static enum peer_result compare(struct peer_case *c)
{
    const plm_wval e1 = read_wval(c->inputs, "first_net_collateral");
    const plm_wval m1 = read_wval(c->inputs, "first_maintenance_margin");
    const plm_wval e2 = read_wval(c->inputs, "second_net_collateral");
    const plm_wval m2 = read_wval(c->inputs, "second_maintenance_margin");
    int order = plm_wval_cmp_products(e2, m1, e1, m2);
    if (order == 0) {
        const bool none = plm_wval_is_zero(m1) && plm_wval_is_zero(m2);
        order = none ? plm_wval_cmp(e2, e1) : plm_wval_cmp(m1, m2);
    }
    return peer_check(c, order == peer_number(c->expected, "order", 0), "the order");
}

static struct plm_margin figures(const json_t *in)
{
    const struct plm_margin made = {
        .equity_maint = read_wval(in, "net_collateral"),
        .maint = peer_is_null(in, "maintenance_margin") ? peer_wval(0)
                                                        : read_wval(in, "maintenance_margin"),
    };
    return made;
}

static enum peer_result liquidatable(struct peer_case *c)
{
    const struct plm_margin now = figures(c->inputs);
    return peer_check(c,
                      plm_margin_is_liquidatable(&now) == peer_bool(c->expected, "liquidatable"),
                      "liquidatable");
}

static enum peer_result meets_initial(struct peer_case *c)
{
    const struct plm_margin now = figures(c->inputs);
    const bool meets = plm_wval_cmp(now.equity_maint, read_wval(c->inputs, "initial_margin")) >= 0;
    return peer_check(c, meets == peer_bool(c->expected, "meets_initial_margin"), "initial");
}

static enum peer_result meets_maintenance(struct peer_case *c)
{
    const struct plm_margin now = figures(c->inputs);
    return peer_check(c,
                      plm_margin_is_liquidatable(&now) !=
                          peer_bool(c->expected, "meets_maintenance_margin"),
                      "maintenance");
}

/* transition: an account with the figures after, one leg of which the requirement comes; the gate
 * judges it against the figures before. IM that was not looked at is made larger than E. */
static enum peer_result transition(struct peer_case *c)
{
    const json_t *in = c->inputs;
    const peer_int equity = peer_number(in, "net_collateral_after", 0);
    const peer_int maint = peer_number(in, "maintenance_margin_after", 0);
    const bool unseen = peer_is_null(in, "initial_margin_after");
    const peer_int notional = !unseen     ? peer_number(in, "initial_margin_after", 0)
                              : maint > 0 ? maint * ONE
                                          : 0;
    struct plm_scratch *s = peer_world();
    struct plm_account_slot *account = peer_account();
    if (notional > 0) {
        const struct plm_market_slot *market =
            peer_add_market(6, MICRO, ONE, maint * ONE / notional);
        peer_add_leg(market, notional, -notional * MICRO);
        account->before_count = 1;
        account->before_lots[0] = peer_qty(notional);
    }
    if (equity < 0) { /* cash is never negative: the rest is a debt */
        peer_add_leg(peer_add_market(6, MICRO, ONE, ONE), 0, equity * MICRO);
    } else {
        account->record.cash = peer_val(equity * MICRO);
    }
    account->judge = PLM_JUDGE_ACTOR;
    account->remembered = true;
    account->before.equity_maint =
        peer_wval(peer_number(in, "net_collateral_before", 0) * MICRO * ONE);
    account->before.equity_initial = account->before.equity_maint;
    account->before.maint =
        peer_wval(peer_number(in, "maintenance_margin_before", 0) * MICRO * ONE);
    account->before.initial = peer_wval(peer_number(in, "initial_margin_before", 0) * MICRO * ONE);
    const bool expected = peer_bool(c->expected, "allowed");
    const bool allowed = plm_gate_check(s, account) == PLM_OK;
    const peer_int before = peer_number(in, "net_collateral_before", 0);
    if (allowed && !expected && maint == 0 && equity >= before) {
        return peer_differs(c, "MM' = 0: an equity that does not fall is allowed [MARGIN-8]");
    }
    return peer_check(c, allowed == expected, "the gate's answer");
}

/* --- funding [FUND-1] [FUND-2] ------------------------------------------------------------------
 */
static enum peer_result index_delta(struct peer_case *c)
{
    const json_t *in = c->inputs;
    int digits = (int)peer_number(in, "price_exponent", 0) +
                 (int)peer_number(in, "base_atomic_resolution", 0) + 6;
    peer_int rate = peer_number(in, "rate_8h_ppm", 0) * peer_number(in, "elapsed_seconds", 0);
    peer_int divisor = 28800;
    const peer_int expected = peer_number(c->expected, "index_delta_ppm", 0);
    for (; digits > 0; digits--) {
        rate *= 10;
    }
    for (; digits < 0; digits++) {
        divisor *= 10;
    }
    const plm_val price = peer_val(peer_number(in, "price_mantissa", 0));
    const plm_val size = peer_val(rate < 0 ? -rate : rate);
    const peer_int up = peer_of_val(plm_fix_muldiv_ceil(size, price, peer_val(divisor)));
    const peer_int down = peer_of_val(plm_fix_muldiv_floor(size, price, peer_val(divisor)));
    const bool is_law =
        c->law == NULL || (up == peer_number(c->law, "payer_index_step_ppm", 0) &&
                           down == peer_number(c->law, "receiver_index_step_ppm", 0));
    return peer_check(c, is_law && (expected < 0 ? -expected : expected) == down, "the step");
}

static enum peer_result funding_clamp(struct peer_case *c)
{
    const plm_ratio initial = peer_ratio(peer_number(c->inputs, "initial_margin_ppm", 0));
    const plm_ratio part = peer_ratio(peer_number(c->inputs, "maintenance_fraction_ppm", 0));
    const plm_ratio spread =
        plm_fix_ratio_sub_or_zero(initial, plm_fix_ratio_part_ceil(initial, part));
    const peer_int bound =
        peer_of_val(plm_fix_muldiv_floor(peer_val(spread.ppm),
                                         peer_val(peer_number(c->inputs, "clamp_factor_ppm", 0)),
                                         peer_val(ONE)));
    const peer_int less = peer_number(c->expected, "max_abs_rate_ppm", 0) - bound;
    return peer_check(c, less >= 0 && less <= 7, "the clamp");
}

static enum peer_result settlement(struct peer_case *c)
{
    const plm_index delta = {(int64_t)(peer_number(c->inputs, "index_now_ppm", 0) -
                                       peer_number(c->inputs, "index_at_entry_ppm", 0))};
    const plm_val paid =
        plm_fix_payment(peer_qty(peer_number(c->inputs, "position_base_quantums", 0)), delta);
    return peer_check(c,
                      -peer_of_val(paid) ==
                          peer_number(c->expected, "settlement_quote_quantums_ppm", 0),
                      "the payment");
}

const struct peer_function peer_margin_functions[] = {
    {"collateral_weight_scaling", "scaled_weight", scaled_weight},
    {"funding_index", "index_delta", index_delta},
    {"funding_index", "funding_clamp", funding_clamp},
    {"funding_index", "settlement", settlement},
    {"less_risky_transition", "transition", transition},
    {"oi_scaled_initial_margin", "effective_initial_margin_fraction", effective_fraction},
    {"oi_scaled_initial_margin", "initial_margin_from_notional", margin_from_notional},
    {"oi_scaled_initial_margin", "position_margin", position_margin},
    {"oi_scaled_initial_margin", "maintenance_margin_fraction", maintenance_fraction},
    {"oi_scaled_initial_margin", "trade_acceptance", trade_acceptance},
    {"risk_ordering", "compare", compare},
    {"risk_ordering", "is_liquidatable", liquidatable},
    {"risk_ordering", "meets_initial", meets_initial},
    {"risk_ordering", "meets_maintenance", meets_maintenance},
    {"size_premium", "asset_size_discount", by_size},
    {"size_premium", "pnl_size_discount", by_size},
    {"size_premium", "liability_size_premium", liability_premium},
    {"size_premium", "perp_requirement", perp_requirement},
    {NULL, NULL, NULL},
};

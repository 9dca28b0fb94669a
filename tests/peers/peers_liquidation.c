// SPDX-License-Identifier: Apache-2.0
/* Prices, sizes, order, fees and windows of liquidations: the other side of the peers' cases. */
#include "plm_fix.h"
#include "plm_insurance.h"
#include "plm_liquidate.h"
#include "plm_margin.h"

#include <stdio.h>
#include <string.h>

#include "peers.h"

#define MICRO    ((peer_int)1000000000000) /* 1e-6 quote in wad */
#define ONE      ((peer_int)1000000)       /* the ratio one */
#define WAD      (MICRO * ONE)
#define LEGS     8U
#define NO_PLACE 99U

/* --- dYdX v4: bankruptcy price, insurance [LIQ-7] [LOSS-1] --------------------------------------
 */
/* build: cash stands in the first leg's quote, so that what is lost is lost in a market. Lots are
 * base quantums, a tick of 1e12 is one quote quantum a lot. Returns the closed market's slot. */
static uint32_t build(const json_t *in, peer_int price_of_closed)
{
    const char *closed = peer_text(in, "close_market");
    const json_t *positions = json_object_get(in, "positions");
    const json_t *markets = json_object_get(in, "markets");
    uint32_t found = NO_PLACE;
    (void)peer_world();
    for (size_t i = 0; i < json_array_size(markets); i++) {
        const json_t *row = json_array_get(markets, i);
        const bool is_closed = strcmp(peer_text(row, "market"), closed) == 0;
        const peer_int worth =
            peer_number(row, "oracle_price_quote_quantums_per_base_quantum", 6) * ONE;
        const peer_int initial = peer_number(row, "initial_margin_ppm", 0);
        const peer_int maint = initial * peer_number(row, "maintenance_fraction_ppm", 0) / ONE;
        const struct plm_market_slot *market = peer_add_market(
            8, is_closed && price_of_closed > 0 ? price_of_closed : worth, initial, maint);
        for (size_t j = 0; j < json_array_size(positions); j++) {
            const json_t *leg = json_array_get(positions, j);
            if (strcmp(peer_text(leg, "market"), peer_text(row, "market")) == 0) {
                found = is_closed ? market->id : found;
                peer_add_leg(market, peer_number(leg, "size_base_quantums", 0), 0);
            }
        }
    }
    if (peer_account()->record.positions_count != 0) {
        peer_account()->record.positions[0].quote =
            peer_val(peer_number(in, "usdc_quote_quantums", 0) * MICRO);
    }
    return found;
}

static enum peer_result bankruptcy_price(struct peer_case *c)
{
    if (json_object_get(c->expected, "error") != NULL) {
        return peer_differs(c, "a taker names a most, never a wrong size: LIQ-2 bounds it");
    }
    const peer_int delta = peer_number(c->inputs, "close_delta_base_quantums", 0);
    const peer_int expected = peer_number(c->expected, "bankruptcy_price_quote_quantums", 0);
    const uint32_t market = build(c->inputs, 0);
    if (delta < 0 && expected < 0) {
        return peer_differs(c, "a price below zero does not exist: 0 is shown [LIQ-7]");
    }
    const peer_int price =
        plm_liquidate_bankruptcy_price(peer_world_now(), &peer_account()->record, (uint16_t)market)
            .ticks;
    /* Ours is a price a lot, from the whole position; theirs the money of the close, rounded up. */
    const peer_int exact = price * -delta;
    const peer_int added = expected * MICRO - exact;
    const peer_int size = delta < 0 ? -delta : delta;
    return peer_check(c, added > -size && added < MICRO + size, "the bankruptcy price");
}

static enum peer_result insurance_delta(struct peer_case *c)
{
    if (json_object_get(c->expected, "error") != NULL) {
        return peer_differs(c, "a takeover of no lots is E_NOT_NEEDED before any fee");
    }
    /* A takeover happens at p: the case's fill price stands for p. */
    const peer_int filled = peer_number(c->inputs, "fill_base_quantums", 0);
    const peer_int price = peer_number(c->inputs, "fill_quote_quantums", 0) * MICRO / filled;
    const uint32_t at = build(c->inputs, price);
    struct plm_scratch *s = peer_world_now();
    if (at >= PLM_LIMIT_MARKET_SLOTS) {
        return peer_fail(c, "the closed market is not among the positions");
    }
    struct plm_market_slot *market = &s->markets[at];
    const peer_int expected = peer_number(c->expected, "insurance_delta_quote_quantums", 0);
    struct plm_margin margin = {0};
    plm_margin_compute(s, &peer_account()->record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &margin);
    if (plm_val_is_negative(margin.equity_full)) {
        const plm_val deficit = plm_val_neg(margin.equity_full);
        const plm_val due = plm_insurance_deficit(s, &peer_account()->record, deficit, market->id);
        return peer_check(c, peer_of_val(due) == -expected * MICRO, "the deficit");
    }
    plm_val taker = {0};
    plm_val fee = {0};
    market->record.params.liq_insurance_fee = peer_ratio(peer_number(c->inputs, "max_fee_ppm", 0));
    plm_margin_remember(s, peer_account());
    plm_liquidate_fees(s, peer_account(), market, peer_qty(filled), &taker, &fee);
    const peer_int added = peer_of_val(fee) - expected * MICRO;
    return peer_check(c, plm_val_is_zero(taker) && added >= 0 && added <= MICRO, "the fee");
}

/* --- Dango perps: schedule and liquidation price [LIQ-2] [LIQ-4] [MARGIN-9] ---------------------
 */
/* add_legs: positions worth nothing yet (quote = -size x entry - funding). */
static void add_legs(const json_t *positions, bool has_entry)
{
    for (size_t i = 0; i < json_array_size(positions); i++) {
        const json_t *row = json_array_get(positions, i);
        const peer_int price = peer_number(row, "price_usd", 6) * ONE;
        const peer_int size = peer_number(row, "size", 6);
        const peer_int ratio = peer_number(row, "maintenance_ratio", 6);
        const peer_int entry = has_entry ? peer_number(row, "entry_price_usd", 6) * ONE : price;
        struct plm_market_slot *market = peer_add_market(6, price, ratio, ratio);
        peer_int quote = -size * entry;
        if (has_entry) {
            quote -= peer_number(row, "accrued_funding_usd", 18);
        } else {
            const peer_int least = peer_number(row, "min_order_notional_usd", 18);
            const peer_int lots = peer_ceil_div(least, price);
            market->record.params.min_order = peer_qty(lots > 0 ? lots : 1);
        }
        peer_add_leg(market, size, quote);
    }
}

/* close_next: the core's first market and size; the lots leave at p. Returns the market. */
static uint16_t close_next(peer_int *closed)
{
    struct plm_scratch *s = peer_world_now();
    struct plm_account_slot *account = peer_account();
    account->remembered = false;
    plm_margin_remember(s, account);
    const uint16_t id = plm_liquidate_first_market(s, &account->record);
    struct plm_market_slot *market = &s->markets[id];
    const plm_qty size = plm_liquidate_size(s, account, market);
    struct plm_position *position = &account->record.positions[id];
    const bool is_long = plm_qty_is_long(position->lots);
    *closed = is_long ? -size.lots : size.lots;
    const plm_qty left = {position->lots.lots + (int64_t)*closed};
    position->quote =
        plm_val_sub(position->quote, plm_fix_notional(peer_qty(*closed), peer_view(market)->price));
    position->lots = left;
    return id;
}

static bool is_below(void)
{
    struct plm_margin margin = {0};
    plm_margin_compute(
        peer_world_now(), &peer_account()->record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &margin);
    return plm_margin_is_liquidatable(&margin);
}

static enum peer_result close_schedule(struct peer_case *c)
{
    const json_t *positions = json_object_get(c->inputs, "positions");
    const json_t *closes = json_object_get(c->expected, "closes");
    struct plm_margin margin = {0};
    (void)peer_world();
    add_legs(positions, false);
    plm_margin_compute(
        peer_world_now(), &peer_account()->record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &margin);
    peer_account()->record.cash = plm_val_sub(plm_fix_wval_to_val_floor(margin.maint),
                                              peer_val(peer_number(c->inputs, "deficit_usd", 18)));
    size_t done = 0;
    while (is_below() && plm_liquidate_has_lots(&peer_account()->record) && done < LEGS) {
        peer_int closed = 0;
        const json_t *expected = json_array_get(closes, done);
        if (expected == NULL) {
            return peer_fail(c, "more closes than expected");
        }
        const uint16_t id = close_next(&closed);
        const char *name = peer_text(json_array_get(positions, id), "market");
        if (strcmp(name, peer_text(expected, "market")) != 0 ||
            closed != peer_number(expected, "close_size", 6)) {
            return peer_fail(c, "the market or the size of a close");
        }
        done++;
    }
    return peer_check(c, done == json_array_size(closes), "the number of closes");
}

static enum peer_result is_liquidatable(struct peer_case *c)
{
    struct plm_margin margin = {0};
    (void)peer_world();
    add_legs(json_object_get(c->inputs, "positions"), true);
    peer_account()->record.cash = peer_val(peer_number(c->inputs, "margin_usd", 18));
    plm_margin_compute(
        peer_world_now(), &peer_account()->record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &margin);
    const bool same =
        peer_of_wval(margin.equity_maint) == peer_number(c->expected, "equity_usd", 18) * ONE &&
        peer_of_wval(margin.maint) == peer_number(c->expected, "maintenance_margin_usd", 18) * ONE;
    return peer_check(c,
                      same && plm_margin_is_liquidatable(&margin) ==
                                  peer_bool(c->expected, "liquidatable"),
                      "equity, maintenance or level");
}

/* check_price: the core's liquidation price of market `at` against the case's, to 1e-6. */
static enum peer_result check_price(struct peer_case *c, uint16_t at)
{
    plm_price price = {0};
    const bool exists = plm_liquidate_price(peer_world_now(), peer_account(), at, &price);
    if (peer_is_null(c->expected, "liquidation_price_usd")) {
        return peer_check(c, !exists || price.ticks == 0, "a price that does not exist");
    }
    const peer_int expected = peer_number(c->expected, "liquidation_price_usd", 12);
    const peer_int added = (peer_int)price.ticks - expected;
    return peer_check(c, exists && added <= ONE && added >= -ONE, "the liquidation price");
}

static enum peer_result cross_account(struct peer_case *c)
{
    const json_t *positions = json_object_get(c->inputs, "positions");
    const char *target = peer_text(c->inputs, "target_market");
    (void)peer_world();
    add_legs(positions, true);
    peer_account()->record.cash = peer_val(peer_number(c->inputs, "margin_usd", 18));
    for (size_t i = 0; i < json_array_size(positions); i++) {
        if (strcmp(peer_text(json_array_get(positions, i), "market"), target) == 0) {
            return check_price(c, (uint16_t)i);
        }
    }
    return peer_check(c, peer_is_null(c->expected, "liquidation_price_usd"), "no position");
}

/* isolated: one leg of `size` micro coins bought at `entry`, with its own cash. */
static enum peer_result isolated(struct peer_case *c, peer_int size, peer_int entry, peer_int cash)
{
    const bool is_long = strcmp(peer_text(c->inputs, "side"), "long") == 0;
    const peer_int ratio = peer_number(c->inputs, "maintenance_ratio", 6);
    const peer_int lots = is_long ? size : -size;
    (void)peer_world();
    const struct plm_market_slot *market = peer_add_market(6, entry, ratio, ratio);
    peer_add_leg(market, lots, -lots * entry);
    peer_account()->record.cash = peer_val(cash);
    return check_price(c, market->id);
}

static enum peer_result isolated_margin_available(struct peer_case *c)
{
    return isolated(c,
                    peer_number(c->inputs, "size", 6),
                    peer_number(c->inputs, "price_usd", 12),
                    peer_number(c->inputs, "isolated_margin_usd", 18));
}

static enum peer_result isolated_entry(struct peer_case *c)
{
    return isolated(c,
                    ONE,
                    peer_number(c->inputs, "entry_price_usd", 12),
                    peer_number(c->inputs, "unit_margin_usd", 18));
}

/* --- Synthetix v3: the window [LIQ-5] -----------------------------------------------------------
 */
/* Ours is kept from two adjacent fixed windows: never more than the cap in any window, at times
 * less. So at each call ours may be below theirs, and the sliding sum never exceeds the cap. */
static enum peer_result window(struct peer_case *c)
{
    const json_t *calls = json_object_get(c->inputs, "calls");
    const json_t *results = json_object_get(c->expected, "results");
    const uint32_t length = (uint32_t)peer_number(c->inputs, "window_seconds", 0);
    const peer_int cap = peer_number(c->expected, "capacity_per_window", 18);
    struct plm_draw_window kept = {0};
    peer_int taken[16] = {0};
    bool same = true;
    for (size_t i = 0; i < json_array_size(calls) && i < 16; i++) {
        const json_t *call = json_array_get(calls, i);
        const peer_int now = peer_number(call, "time_seconds", 0);
        const peer_int wanted = peer_number(call, "requested", 18);
        const plm_time time = {1000000 + (uint64_t)now};
        const peer_int room =
            peer_of_val(plm_insurance_window_room(&kept, time, length, peer_val(cap)));
        peer_int sum = 0;
        taken[i] = wanted < room ? wanted : room;
        if (peer_bool(call, "endorsed")) {
            taken[i] = wanted; /* below 2/3 of maintenance the window is not looked at */
        } else {
            for (size_t j = 0; j <= i; j++) {
                const bool counts = peer_number(json_array_get(calls, j), "time_seconds", 0) >
                                    now - (peer_int)length;
                sum += counts && !peer_bool(json_array_get(calls, j), "endorsed") ? taken[j] : 0;
            }
            plm_insurance_window_use(&kept, time, length, peer_val(taken[i]));
        }
        if (sum > cap) {
            return peer_fail(c, "more than the cap in one window");
        }
        same = same && taken[i] == peer_number(json_array_get(results, i), "liquidated", 18);
    }
    return same ? PEER_PASSED
                : peer_differs(c,
                               "two adjacent fixed windows: at most the cap in any, at times "
                               "less; no skew-fraction rule");
}

/* --- Drift v2: sizes and fees [LIQ-2] [LIQ-3] ---------------------------------------------------
 */
static enum peer_result perp_close_size(struct peer_case *c)
{
    const json_t *in = c->inputs;
    const peer_int ratio = peer_number(in, "margin_ratio_1e4", 0) * 100;
    const peer_int shortage = peer_number(in, "margin_shortage_1e6_usd", 0) * MICRO;
    const peer_int ticks = peer_number(in, "oracle_price_1e6_usd", 0) * 1000 *
                           peer_number(in, "quote_price_1e6_usd", 0) / ONE;
    const peer_int lots = (peer_int)1000000000000; /* a thousand coins: the fee bound is far */
    struct plm_scratch *s = peer_world();
    struct plm_market_slot *market = peer_add_market(9, ticks, ratio, ratio);
    struct plm_market_params *params = &market->record.params;
    const peer_int maint = lots * ticks / ONE * ratio;
    peer_add_leg(market, lots, -lots * ticks);
    peer_account()->record.cash = peer_val(maint - shortage);
    params->liq_fee = peer_ratio(peer_number(in, "liquidator_fee_1e6", 0));
    params->liq_fee_max = params->liq_fee;
    params->liq_insurance_fee = peer_ratio(peer_number(in, "insurance_fee_1e6", 0));
    plm_margin_remember(s, peer_account());
    const plm_qty size = plm_liquidate_size(s, peer_account(), market);
    if (peer_bool(c->expected, "unbounded")) {
        return peer_check(c, size.lots == (int64_t)lots, "the whole leg");
    }
    const peer_int added = size.lots - peer_law_number(c, "close_size_1e9");
    return peer_check(c, added >= 0 && added <= 1, "the size");
}

static enum peer_result no_spot_debt(struct peer_case *c)
{
    return peer_differs(c, "debts are cash only: no token is owed, so none is transferred");
}

static enum peer_result no_share_of_shortage(struct peer_case *c)
{
    return peer_differs(c,
                        "the insurance fee is a parameter within MARGIN-8's bound, not what the "
                        "shortage leaves");
}

/* transfer: what one token is worth in another, by the core's multiply-divide. */
static enum peer_result transfer(struct peer_case *c, bool up)
{
    const json_t *in = c->inputs;
    const char *amount = up ? "asset_amount_native" : "liability_amount_native";
    const char *from = up ? "asset" : "liability";
    const char *to = up ? "liability" : "asset";
    const char *key = up ? "liability_transfer_native" : "asset_transfer_native";
    char name[64];
    peer_int parts[6];
    const char *const fields[3] = {"price_1e6_usd", "multiplier_1e6", "decimals"};
    for (unsigned i = 0; i < 6; i++) {
        (void)snprintf(name, sizeof name, "%s_%s", i < 3 ? from : to, fields[i % 3]);
        parts[i] = peer_number(in, name, 0);
    }
    const unsigned raise = parts[5] >= parts[2] ? (unsigned)(parts[5] - parts[2]) : 0;
    const unsigned lower = parts[2] >= parts[5] ? (unsigned)(parts[2] - parts[5]) : 0;
    const plm_val a = peer_val(peer_number(in, amount, raise) * parts[0] / ONE);
    const plm_val b = peer_val(parts[4]);
    peer_int divisor = parts[3] * parts[1] / ONE;
    for (unsigned i = 0; i < lower; i++) {
        divisor *= 10;
    }
    peer_int got = peer_of_val(up ? plm_fix_muldiv_ceil(a, b, peer_val(divisor))
                                  : plm_fix_muldiv_floor(a, b, peer_val(divisor)));
    if (!up) {
        const peer_int held = peer_number(in, "asset_amount_native", 0);
        got = got < 1 ? 1 : got;
        if (held - got < ONE && held != got) {
            return peer_differs(c, "no rule takes a rest of less than one unit of money");
        }
    }
    return peer_check(c, got == peer_number(c->expected, key, 0), "the transfer");
}

static enum peer_result liability_for_asset(struct peer_case *c)
{
    return transfer(c, true);
}

static enum peer_result asset_for_liability(struct peer_case *c)
{
    return transfer(c, false);
}

static enum peer_result fee(struct peer_case *c)
{
    struct plm_market_params params = {0};
    const plm_time since = {1000000 + (uint64_t)peer_number(c->inputs, "grace_slots", 0)};
    const plm_time now = {1000000 + (uint64_t)peer_number(c->inputs, "slots_elapsed", 0)};
    params.liq_fee = peer_ratio(peer_number(c->inputs, "base_fee_1e6", 0));
    params.liq_fee_max = peer_ratio(peer_number(c->inputs, "max_fee_1e6", 0));
    params.liq_fee_growth = peer_ratio(peer_number(c->inputs, "growth_per_slot_1e6", 0));
    const peer_int got = plm_liquidate_fee(&params, since, now).ppm;
    return peer_check(
        c, got == peer_number(c->expected, "fee_without_jump_1e6", 0), "the fee without a jump");
}

static enum peer_result share(struct peer_case *c)
{
    return peer_differs(c,
                        "large legs are taken in slices with a cooldown [LIQ-5], not by a share "
                        "that grows");
}

const struct peer_function peer_liquidation_functions[] = {
    {"bankruptcy_price", "bankruptcy_price", bankruptcy_price},
    {"close_schedule", "close_schedule", close_schedule},
    {"close_schedule", "is_liquidatable", is_liquidatable},
    {"insurance_delta", "insurance_delta", insurance_delta},
    {"liquidation_price", "cross_account", cross_account},
    {"liquidation_price", "isolated_margin_available", isolated_margin_available},
    {"liquidation_price", "isolated_entry", isolated_entry},
    {"liquidation_rate_window", "window", window},
    {"partial_liquidation_size", "perp_close_size", perp_close_size},
    {"partial_liquidation_size", "spot_transfer_size", no_spot_debt},
    {"partial_liquidation_size", "spot_insurance_fee", no_spot_debt},
    {"partial_liquidation_size", "perp_insurance_fee", no_share_of_shortage},
    {"partial_liquidation_size", "liability_for_asset", liability_for_asset},
    {"partial_liquidation_size", "asset_for_liability", asset_for_liability},
    {"time_growing_fee", "fee", fee},
    {"time_growing_fee", "share", share},
    {NULL, NULL, NULL},
};

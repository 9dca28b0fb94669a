// SPDX-License-Identifier: Apache-2.0
/* Records made by hand, for tests of rules that need no store: a scratch with markets like M0 of
 * the rulebook, collateral assets, one account. Prices are in whole quote units, lots in 1e-8 base.
 */
#ifndef TEST_UNIT_PLM_TEST_SCRATCH_H
#define TEST_UNIT_PLM_TEST_SCRATCH_H

#include "plm_fix.h"
#include "plm_scratch.h"

#include <string.h>

#define BASE   INT64_C(100000000)    /* lots of one base unit */
#define TICKS  UINT64_C(10000000000) /* ticks of one quote unit */
#define NOBODY 65535U

static struct plm_scratch scratch_memory;

static inline plm_val units(int64_t quote)
{
    return plm_val_from_quote(quote);
}

static inline plm_val wad(int64_t smallest)
{
    const plm_val made = {plm_wide_i128_from_i64(smallest)};
    return made;
}

/* A weighted value of whole quote units, and one of its smallest units. */
static inline plm_wval weighted(int64_t quote)
{
    return plm_fix_val_to_wval(units(quote));
}

static inline plm_wval wadppm(int64_t smallest)
{
    const plm_wval made = {plm_wide_i128_from_i64(smallest)};
    return made;
}

static inline plm_price at(uint64_t quote)
{
    const plm_price made = {quote * TICKS};
    return made;
}

static inline plm_ratio ppm(uint32_t parts)
{
    const plm_ratio made = {parts};
    return made;
}

static inline plm_qty lots(int64_t count)
{
    const plm_qty made = {count};
    return made;
}

static inline struct plm_scratch *fresh_scratch(void)
{
    memset(&scratch_memory, 0, sizeof scratch_memory);
    scratch_memory.now.sec = 1000000;
    scratch_memory.config.next_account = 1;
    return &scratch_memory;
}

/* A feed at one price: lo = p = hi, good for everything; favour 20 % away. */
static inline uint8_t add_feed(struct plm_scratch *s, uint64_t quote)
{
    struct plm_feed_slot *feed = &s->feeds[s->feed_count];
    feed->id = (uint16_t)s->feed_count;
    feed->view.price = at(quote);
    feed->view.slow = at(quote);
    feed->view.lo = at(quote);
    feed->view.hi = at(quote);
    feed->view.favour_lo.ticks = quote * TICKS / 10 * 8;
    feed->view.favour_hi.ticks = quote * TICKS / 10 * 12;
    feed->view.risk = PLM_OK;
    feed->view.liquidation = PLM_OK;
    s->feed_count++;
    return (uint8_t)(s->feed_count - 1);
}

static inline struct plm_market_slot *add_market(struct plm_scratch *s, uint16_t id, uint64_t quote)
{
    struct plm_market_slot *market = &s->markets[s->market_count];
    struct plm_market_params *params = &market->record.params;
    market->id = id;
    market->feed_slot = add_feed(s, quote);
    market->record.size_decimals = 8;
    market->record.price_decimals = 10;
    market->record.tick.ticks = 1;
    market->state.status = PLM_STATUS_ACTIVE;
    params->initial = ppm(100000);
    params->maint = ppm(50000);
    params->floor = units(1);
    params->min_order = lots(1);
    params->max_lots = lots(500000000000000);
    params->oi_cap = units(10000000);
    params->position_cap = units(1000000000000);
    params->gain_weight = ppm(1000000);
    params->gain_cap = units(1000000000000);
    params->call_level = ppm(1100000);
    params->fill_band = ppm(50000);
    params->withdraw_floor = ppm(100000);
    params->loss_cap = ppm(100000);
    s->market_count++;
    s->market_index[id] = (uint8_t)s->market_count;
    return market;
}

static inline struct plm_view *view_of(struct plm_scratch *s, const struct plm_market_slot *market)
{
    return &s->feeds[market->feed_slot].view;
}

/* A collateral of 6 decimals, weights 80 % and 85 %, sale discount at most 10 %. */
static inline struct plm_asset_slot *add_asset(struct plm_scratch *s, uint16_t id, uint64_t quote)
{
    struct plm_asset_slot *asset = &s->assets[s->asset_count];
    asset->id = id;
    asset->feed_slot = add_feed(s, quote);
    asset->record.decimals = 6;
    asset->record.price_decimals = 10;
    asset->record.params.weight_initial = ppm(800000);
    asset->record.params.weight_maint = ppm(850000);
    asset->record.params.discount_max = ppm(100000);
    s->asset_count++;
    return asset;
}

static inline struct plm_account_slot *add_account(struct plm_scratch *s, int64_t cash)
{
    struct plm_account_slot *account = &s->accounts[s->account_count];
    s->account_count++;
    account->id = s->account_count;
    account->record.cash = units(cash);
    account->judge_market = NOBODY;
    return account;
}

/* Appends a position of `count` lots with a quote in whole units: markets in rising order. */
static inline struct plm_position *
hold(struct plm_account_slot *account, uint16_t market, int64_t count, int64_t quote)
{
    struct plm_position *position = &account->record.positions[account->record.positions_count];
    position->market = market;
    position->lots = lots(count);
    position->quote = units(quote);
    account->record.positions_count++;
    return position;
}

/* Appends whole units of a collateral of 6 decimals, and lets the asset's total follow. */
static inline struct plm_collateral *
pledge(struct plm_account_slot *account, struct plm_asset_slot *asset, uint64_t whole)
{
    struct plm_collateral *balance =
        &account->record.collaterals[account->record.collaterals_count];
    balance->asset = asset->id;
    balance->atoms = plm_amt_from_u64(whole * 1000000);
    asset->state.total = plm_amt_add(asset->state.total, balance->atoms);
    account->record.collaterals_count++;
    return balance;
}

#endif

// SPDX-License-Identifier: Apache-2.0
/* A scratch made by hand for unit tests of rules: markets like M0, accounts, positions, views, with
 * the books kept so that the invariants hold. It knows no rule. Sizes are base units of 1e8 lots,
 * prices whole quote units of 1e10 ticks. */
#ifndef PLM_TESTS_SUPPORT_PLM_TEST_BOOKS_H
#define PLM_TESTS_SUPPORT_PLM_TEST_BOOKS_H

#include "plm_fix.h"
#include "plm_scratch.h"

#include <string.h>

#define TEST_UNIT INT64_C(100000000)    /* lots of a base unit */
#define TEST_TICK UINT64_C(10000000000) /* ticks of a quote unit */
#define TEST_NOW  UINT64_C(1000000)

static inline plm_val quotes(int64_t units)
{
    return plm_val_from_quote(units);
}

static inline plm_val wads(int64_t wad)
{
    const plm_val value = {plm_wide_i128_from_i64(wad)};
    return value;
}

static inline plm_price at(uint64_t units)
{
    const plm_price price = {units * TEST_TICK};
    return price;
}

static inline plm_qty base(int64_t units)
{
    const plm_qty lots = {units * TEST_UNIT};
    return lots;
}

static inline bool same(plm_val a, plm_val b)
{
    return plm_val_cmp(a, b) == 0;
}

static inline void test_set_price(struct plm_feed_slot *feed, uint64_t units)
{
    feed->view.price = at(units);
    feed->view.slow = at(units);
    feed->view.lo = at(units);
    feed->view.hi = at(units);
    feed->view.favour_lo = at(units);
    feed->view.favour_hi = at(units);
}

static inline struct plm_feed_slot *test_feed(struct plm_scratch *s, uint16_t id, uint64_t units)
{
    struct plm_feed_slot *feed = &s->feeds[s->feed_count];
    s->feed_count++;
    memset(feed, 0, sizeof *feed);
    feed->id = id;
    feed->record.params.price_min.ticks = 1;
    feed->record.params.price_max.ticks = UINT64_C(2000000000000000);
    feed->record.params.grace = 120;
    test_set_price(feed, units);
    return feed;
}

static inline struct plm_market_slot *
test_market(struct plm_scratch *s, uint16_t id, uint64_t units)
{
    struct plm_market_slot *market = &s->markets[s->market_count];
    s->market_count++;
    s->market_index[id] = (uint8_t)s->market_count;
    memset(market, 0, sizeof *market);
    market->id = id;
    market->feed_slot = (uint8_t)s->feed_count;
    (void)test_feed(s, id, units);
    struct plm_market_params *p = &market->record.params;
    market->record.feed = id;
    market->record.size_decimals = 8;
    market->record.price_decimals = 10;
    p->initial.ppm = 100000;
    p->maint.ppm = 50000;
    p->floor = quotes(1);
    p->min_order.lots = 1;
    p->max_lots.lots = INT64_C(500000000000000);
    p->position_cap = quotes(INT64_C(1000000000000));
    p->gain_weight.ppm = 1000000;
    p->gain_cap = quotes(INT64_C(1000000000000));
    p->liq_fee.ppm = 10000;
    p->liq_fee_max.ppm = 25000;
    p->liq_fee_growth.ppm = 50;
    p->liq_insurance_fee.ppm = 5000;
    p->liq_target.ppm = 250000;
    p->liq_slice.ppm = 200000;
    p->liq_slice_above = quotes(100000);
    p->liq_cooldown = 30;
    p->withdraw_floor.ppm = 100000;
    p->draw_cap = quotes(2000000);
    p->loss_cap.ppm = 100000;
    p->grace_pay = 600;
    market->state.status = PLM_STATUS_ACTIVE;
    return market;
}

static inline struct plm_feed_slot *test_feed_of(struct plm_scratch *s,
                                                 const struct plm_market_slot *market)
{
    return &s->feeds[market->feed_slot];
}

/* A collateral asset of 6 decimals with prices of 10. */
static inline struct plm_asset_slot *test_asset(struct plm_scratch *s, uint16_t id, uint64_t units)
{
    struct plm_asset_slot *asset = &s->assets[s->asset_count];
    s->asset_count++;
    memset(asset, 0, sizeof *asset);
    asset->id = id;
    asset->feed_slot = (uint8_t)s->feed_count;
    (void)test_feed(s, (uint16_t)(100U + id), units);
    asset->record.decimals = 6;
    asset->record.price_decimals = 10;
    asset->record.params.weight_initial.ppm = 800000;
    asset->record.params.weight_maint.ppm = 850000;
    asset->record.params.discount.ppm = 20000;
    asset->record.params.discount_max.ppm = 100000;
    asset->record.params.discount_growth.ppm = 50;
    return asset;
}

/* The account with this id, owned by the owner of this letter. */
static inline struct plm_account_slot *
test_account(struct plm_scratch *s, uint64_t id, uint8_t owner, plm_val cash)
{
    struct plm_account_slot *account = &s->accounts[s->account_count];
    s->account_count++;
    memset(account, 0, sizeof *account);
    account->id = id;
    account->judge_market = PLM_NO_MARKET;
    account->record.owner.bytes[0] = owner;
    account->record.cash = cash;
    s->loaded = plm_val_add(s->loaded, cash);
    return account;
}

static inline void test_collateral(struct plm_account_slot *account, uint16_t asset, uint64_t atoms)
{
    struct plm_collateral *entry = &account->record.collaterals[account->record.collaterals_count];
    account->record.collaterals_count++;
    entry->asset = asset;
    entry->atoms = plm_amt_from_u64(atoms);
}

/* Positions are added in the order of their markets; A and the open interest follow. */
static inline struct plm_position *test_position(struct plm_account_slot *account,
                                                 struct plm_market_slot *market,
                                                 plm_qty lots,
                                                 plm_val quote)
{
    struct plm_position *position = &account->record.positions[account->record.positions_count];
    account->record.positions_count++;
    memset(position, 0, sizeof *position);
    position->market = market->id;
    position->lots = lots;
    position->quote = quote;
    if (lots.lots > 0) {
        position->snapshot = market->state.index_long;
        market->state.oi = plm_qty_add(market->state.oi, lots);
    } else if (lots.lots < 0) {
        position->snapshot = market->state.index_short;
    }
    market->state.accrued = plm_val_add(market->state.accrued, quote);
    market->state.accrued =
        plm_val_add(market->state.accrued, plm_fix_payment(lots, position->snapshot));
    return position;
}

/* Cash on a market's line that was there before the operation. */
static inline void test_line(struct plm_scratch *s, plm_val *line, plm_val value)
{
    *line = plm_val_add(*line, value);
    s->loaded = plm_val_add(s->loaded, value);
}

static inline void test_scratch(struct plm_scratch *s)
{
    memset(s, 0, sizeof *s);
    s->now.sec = TEST_NOW;
    s->ledger_loaded = true;
}

/* Identifiers of the events so far. */
static inline uint32_t test_event_count(const struct plm_scratch *s, uint32_t id)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i + 4 <= s->event_length;) {
        const uint32_t found = (uint32_t)s->events[i] | (uint32_t)s->events[i + 1] << 8;
        const uint32_t length = (uint32_t)s->events[i + 2] | (uint32_t)s->events[i + 3] << 8;
        count += found == id ? 1U : 0U;
        i += 4 + length;
    }
    return count;
}

#endif

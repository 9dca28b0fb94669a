// SPDX-License-Identifier: Apache-2.0
/* Publishing quotes and impact prices. [PRICE-1] to [PRICE-5] [FUND-2] [GOV-1]
 * A malformed entry fails the whole message; an unusable aggregate is an event and never fails it.
 */
#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_funding.h"
#include "plm_operations.h"
#include "plm_price.h"
#include "plm_store.h"

/* ---- quotes ---- */

/* A message names a feed once. */
static bool plm_op_is_named_before(const struct plm_publish_price *args, uint32_t index)
{
    PLM_ASSERT(index < args->quotes_count);
    bool named = false;
    for (uint32_t i = 0; i < index; i++) {
        named = named || args->quotes[i].feed == args->quotes[index].feed;
    }
    return named;
}

static void plm_op_emit_price(struct plm_scratch *s,
                              const struct plm_feed_slot *feed,
                              const struct plm_price_outcome *outcome)
{
    const struct plm_ev_gap gap = {.feed = feed->id, .price = feed->state.price};
    PLM_ASSERT(!outcome->gap_started || !outcome->gap_ended);
    if (outcome->refused != PLM_OK) {
        const struct plm_ev_price_refused refused = {
            .feed = feed->id, .code = feed->state.refused, .price = outcome->aggregate};
        PLM_ASSERT(refused.code != 0);
        plm_store_event(s, PLM_EVENT_PRICE_REFUSED, PLM_LAYOUT_ev_price_refused, &refused);
    }
    if (outcome->gap_started) {
        plm_store_event(s, PLM_EVENT_GAP_STARTED, PLM_LAYOUT_ev_gap, &gap);
    }
    if (outcome->gap_ended) {
        plm_store_event(s, PLM_EVENT_GAP_ENDED, PLM_LAYOUT_ev_gap, &gap);
    }
    if (outcome->refused == PLM_OK) {
        const struct plm_ev_priced priced = {.feed = feed->id,
                                             .price = feed->state.price,
                                             .conf = feed->state.conf,
                                             .slow = feed->state.slow};
        plm_store_event(s, PLM_EVENT_PRICED, PLM_LAYOUT_ev_priced, &priced);
    }
}

static plm_err plm_op_record_quote(struct plm_scratch *s, const struct plm_quote *quote)
{
    struct plm_feed_slot *feed = NULL;
    struct plm_sources_slot *sources = NULL;
    struct plm_price_outcome outcome = {.refused = PLM_OK};
    PLM_TRY(plm_store_feed(s, quote->feed, &feed));
    PLM_TRY(plm_store_sources(s, quote->feed, &sources));
    PLM_TRY(plm_price_record(s, &feed->record, &feed->state, &sources->record, quote, &outcome));
    feed->state_changed = true;
    sources->changed = true;
    plm_op_emit_price(s, feed, &outcome);
    return PLM_OK;
}

plm_err plm_op_publish_price(struct plm_scratch *s, const struct plm_publish_price *args)
{
    PLM_ASSERT(args->quotes_count <= PLM_PRICES_MAX);
    if (args->quotes_count == 0) {
        return PLM_E_AMOUNT_ZERO;
    }
    for (uint32_t i = 0; i < args->quotes_count; i++) {
        if (plm_op_is_named_before(args, i)) {
            return PLM_E_FIELD;
        }
    }
    for (uint32_t i = 0; i < args->quotes_count; i++) {
        PLM_TRY(plm_op_record_quote(s, &args->quotes[i]));
    }
    return PLM_OK;
}

/* ---- impact prices ---- */

/* The first sample of an hour announces the rate that the hour before has fixed: accrual itself is
 * a pure function and emits nothing. */
static void plm_op_emit_funding(struct plm_scratch *s, const struct plm_market_slot *market)
{
    PLM_ASSERT(market->state_changed);
    if (market->state.sample_count != 1) {
        return;
    }
    const struct plm_ev_funding_fixed event = {.market = market->id,
                                               .rate = market->state.funding_rate,
                                               .samples = market->state.funding_samples};
    plm_store_event(s, PLM_EVENT_FUNDING_FIXED, PLM_LAYOUT_ev_funding_fixed, &event);
}

static plm_err plm_op_record_impact(struct plm_scratch *s, const struct plm_impact *impact)
{
    struct plm_market_slot *market = NULL;
    struct plm_sources_slot *sources = NULL;
    uint32_t publisher = 0;
    bool taken = false;
    PLM_TRY(plm_store_market(s, impact->market, &market));
    PLM_TRY(plm_store_sources(s, market->record.feed, &sources));
    PLM_TRY(plm_price_find_publisher(s, &sources->record, &publisher));
    PLM_TRY(plm_funding_sample(s, market, impact, &taken));
    if (taken) {
        plm_op_emit_funding(s, market);
    }
    return PLM_OK;
}

plm_err plm_op_publish_impact(struct plm_scratch *s, const struct plm_publish_impact *args)
{
    PLM_ASSERT(args->impacts_count <= PLM_PRICES_MAX);
    if (args->impacts_count == 0) {
        return PLM_E_AMOUNT_ZERO;
    }
    for (uint32_t i = 0; i < args->impacts_count; i++) {
        if (plm_price_cmp(args->impacts[i].bid, args->impacts[i].ask) > 0) {
            return PLM_E_RANGE;
        }
    }
    for (uint32_t i = 0; i < args->impacts_count; i++) {
        PLM_TRY(plm_op_record_impact(s, &args->impacts[i]));
    }
    return PLM_OK;
}

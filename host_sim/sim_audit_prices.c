/* SPDX-License-Identifier: Apache-2.0
 * Prices and time: what may become an accepted price, and when; indices that only funding and
 * recognised losses move. [PRICE-1] [PRICE-2] [PRICE-3] [PRICE-5] [PRICE-6] [FUND-1]
 * I15 I17 I18 I19 I43 I45 I48 */
#include "sim_audit_checks.h"

/* The live quotes of a feed after the operation, and what follows from them. [PRICE-1] */
struct sim_audit_median {
    uint32_t count;
    sim_int price;
    sim_int conf; /* median of the reported ones */
};

static void sim_audit_sort(uint64_t *values, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        for (uint32_t j = i; j > 0 && values[j - 1] > values[j]; j--) {
            const uint64_t swap = values[j];
            values[j] = values[j - 1];
            values[j - 1] = swap;
        }
    }
}

/* Floor of the mean of both middles. */
static sim_int sim_audit_middle(uint64_t *values, uint32_t count)
{
    sim_audit_sort(values, count);
    return ((sim_int)values[(count - 1) / 2] + values[count / 2]) / 2;
}

static struct sim_audit_median
sim_audit_median_of(const struct plm_feed_sources *sources, uint64_t age, uint64_t now)
{
    struct sim_audit_median median = {0};
    uint64_t prices[PLM_PUBLISHERS_MAX] = {0};
    uint64_t confs[PLM_PUBLISHERS_MAX] = {0};
    for (uint32_t i = 0; i < sources->sources_count; i++) {
        const struct plm_source *source = &sources->sources[i];
        const bool is_old = now > source->time.sec && now - source->time.sec > age;
        if (source->price.ticks == 0 || is_old || now < source->muted_until.sec) {
            continue;
        }
        prices[median.count] = source->price.ticks;
        confs[median.count] = source->conf.ticks;
        median.count++;
    }
    if (median.count > 0) {
        median.price = sim_audit_middle(prices, median.count);
        sim_audit_sort(confs, median.count);
        median.conf = (sim_int)confs[median.count / 2];
    }
    return median;
}

/* A message names a feed once, so it is priced once. */
static bool sim_audit_is_priced(const struct sim_audit *audit, uint16_t feed)
{
    for (uint32_t i = 0; i < audit->event_count; i++) {
        const struct sim_audit_event *event = &audit->events[i];
        if (event->id == PLM_EVENT_PRICED && event->as.priced.feed == feed) {
            return true;
        }
    }
    return false;
}

/* --- one accepted price --------------------------------------------------------------------- */
/* |a - b| <= floor(b x ppm). */
static bool sim_audit_is_within(sim_int a, sim_int b, sim_int ppm)
{
    return sim_audit_abs(a - b) <= sim_audit_floor(b * ppm, SIM_PPM);
}

/* Inside the band around the last price and the window's band around its start. [PRICE-2] */
static bool sim_audit_is_in_band(const struct sim_audit_feed *feed, uint64_t now)
{
    const struct plm_feed_params *params = &feed->record.params;
    const struct plm_feed_state *before = &feed->before;
    const sim_int elapsed = (sim_int)now - before->accepted.sec;
    const sim_int band =
        sim_audit_min(params->band_max.ppm, params->band.ppm + elapsed * params->band_rate.ppm);
    const sim_int waited = (sim_int)now - before->anchor_time.sec;
    const sim_int windows = sim_audit_max(1, sim_audit_ceil(waited, params->window));
    const sim_int reach = sim_audit_min(SIM_PPM, windows * params->window_band.ppm);
    return sim_audit_is_within(feed->state.price.ticks, before->price.ticks, band) &&
           sim_audit_is_within(feed->state.price.ticks, before->anchor.ticks, reach);
}

/* No jump of block or publish time beyond `gap`. [PRICE-5] */
static bool sim_audit_has_no_gap(const struct sim_audit_feed *feed, uint64_t now)
{
    const uint64_t gap = feed->record.params.gap;
    const struct plm_feed_state *before = &feed->before;
    return now <= before->accepted.sec + gap && feed->state.time.sec <= before->time.sec + gap;
}

/* k candidates, each a full median, that agree and have persisted for the hold. [PRICE-5] */
static bool sim_audit_has_persisted(const struct sim_audit_feed *feed, sim_int newest, uint64_t now)
{
    const struct plm_feed_params *params = &feed->record.params;
    const struct plm_feed_state *before = &feed->before;
    uint64_t prices[PLM_CANDIDATES_MAX + 1] = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < before->candidates_count; i++) {
        const bool is_forgotten = before->candidates_count == PLM_CANDIDATES_MAX && i == 1;
        if (!is_forgotten) {
            prices[count++] = before->candidates[i].price.ticks;
        }
    }
    if (count == 0) {
        return false;
    }
    prices[count++] = (uint64_t)newest;
    const sim_int price = sim_audit_middle(prices, count);
    const bool agree =
        sim_audit_is_within((sim_int)prices[count - 1], (sim_int)prices[0], params->agree.ppm);
    const sim_int distance = sim_audit_abs(price - (sim_int)before->price.ticks);
    const sim_int band = sim_audit_times(before->price.ticks, params->band.ppm);
    const sim_int bands = sim_audit_max(1, sim_audit_muldiv_ceil(distance, SIM_PPM, band));
    const sim_int hold = sim_audit_min(300, sim_audit_min(bands, 300) * params->gap_hold);
    const sim_int span = (sim_int)now - before->candidates[0].time.sec;
    return agree && count >= params->sources && count >= 2 && span >= hold &&
           price == (sim_int)feed->state.price.ticks;
}

/* Where s stands now, from the price that was in force. [PRICE-3] */
static void sim_audit_check_slow(struct sim_audit *audit, uint16_t id)
{
    const struct sim_audit_feed *feed = &audit->books->feeds[id];
    const struct plm_feed_params *params = &feed->record.params;
    const sim_int p = feed->before.price.ticks;
    const sim_int s = feed->before.slow.ticks;
    sim_int expected = feed->state.price.ticks;
    if (p != 0) {
        const uint64_t now = audit->op->context.time;
        const sim_int elapsed = (sim_int)now - feed->before.slow_time.sec;
        const sim_int dt = sim_audit_min(sim_audit_max(0, elapsed), params->age);
        const sim_int relaxed =
            sim_audit_muldiv_floor(sim_audit_abs(p - s), dt, params->slow_tau + dt);
        const sim_int fastest = sim_audit_muldiv_floor(s * params->slow_rate.nano, dt, 1000000000);
        const sim_int step = sim_audit_min(relaxed, fastest);
        expected = p > s ? s + step : s - step;
    }
    sim_audit_equal(audit, SIM_I19, feed->state.slow.ticks, expected, "slow price of feed", id);
}

static void sim_audit_check_domain(struct sim_audit *audit,
                                   uint16_t id,
                                   const struct sim_audit_sources *sources,
                                   bool was_gap)
{
    const struct sim_audit_feed *feed = &audit->books->feeds[id];
    const struct plm_feed_params *params = &feed->record.params;
    const sim_int p = feed->state.price.ticks;
    const bool is_inside =
        p > (sim_int)params->price_min.ticks && p < (sim_int)params->price_max.ticks;
    sim_audit_true(audit, SIM_I17, is_inside, "accepted price is outside the domain of feed", id);
    sim_audit_at_least(audit,
                       SIM_I17,
                       sim_audit_floor(p * params->conf_max.ppm, SIM_PPM),
                       feed->state.conf.ticks,
                       "confidence bound, and confidence, of feed",
                       id);
    if (sources == NULL) {
        return;
    }
    const struct sim_audit_median median =
        sim_audit_median_of(&sources->after, params->age, audit->op->context.time);
    sim_audit_at_least(
        audit, SIM_I17, median.count, params->sources, "live sources, and k, of feed", id);
    if (!was_gap) {
        sim_audit_equal(audit, SIM_I17, p, median.price, "price, and median, of feed", id);
    }
    sim_audit_at_least(audit,
                       SIM_I17,
                       feed->state.conf.ticks,
                       median.conf,
                       "confidence, and the median of those reported, of feed",
                       id);
}

static void sim_audit_check_accepted(struct sim_audit *audit, uint16_t id)
{
    const struct sim_audit_feed *feed = &audit->books->feeds[id];
    const uint64_t now = audit->op->context.time;
    const bool was_gap = feed->before.gap != 0;
    const struct sim_audit_sources *sources = NULL;
    for (uint32_t i = 0; i < audit->books->source_count; i++) {
        if (audit->books->sources[i].feed == id) {
            sources = &audit->books->sources[i];
        }
    }
    sim_audit_true(audit, SIM_I17, sources != NULL, "a price without a quote of feed", id);
    sim_audit_check_domain(audit, id, sources, was_gap);
    const bool is_past = feed->state.time.sec <= now && feed->state.accepted.sec == now;
    sim_audit_true(audit, SIM_I18, is_past, "accepted price is not of now or the past: feed", id);
    sim_audit_check_slow(audit, id);
    if (feed->before.price.ticks == 0) {
        return;
    }
    if (!was_gap) {
        sim_audit_true(
            audit, SIM_I19, sim_audit_is_in_band(feed, now), "price left the band of feed", id);
        sim_audit_true(
            audit, SIM_I43, sim_audit_has_no_gap(feed, now), "no gap mode after a gap of feed", id);
        return;
    }
    const struct sim_audit_median newest =
        sources == NULL ? (struct sim_audit_median){0}
                        : sim_audit_median_of(&sources->after, feed->record.params.age, now);
    sim_audit_true(audit,
                   SIM_I19,
                   sim_audit_has_persisted(feed, newest.price, now),
                   "gap mode ended without candidates that agree: feed",
                   id);
    const bool has_grace = feed->state.gap == 0 && feed->state.candidates_count == 0 &&
                           feed->state.grace_until.sec == now + feed->record.params.grace;
    sim_audit_true(audit, SIM_I43, has_grace, "no grace after gap mode of feed", id);
}

/* A feed whose price was not accepted keeps it, and everything that moves with it. */
static void sim_audit_check_kept(struct sim_audit *audit, uint16_t id)
{
    const struct plm_feed_state *a = &audit->books->feeds[id].before;
    const struct plm_feed_state *b = &audit->books->feeds[id].state;
    const bool is_kept = a->price.ticks == b->price.ticks && a->conf.ticks == b->conf.ticks &&
                         a->time.sec == b->time.sec && a->accepted.sec == b->accepted.sec &&
                         a->slow.ticks == b->slow.ticks && a->slow_time.sec == b->slow_time.sec &&
                         a->anchor.ticks == b->anchor.ticks &&
                         a->anchor_time.sec == b->anchor_time.sec &&
                         a->grace_until.sec == b->grace_until.sec;
    sim_audit_true(audit, SIM_I15, is_kept, "a price moved that was not accepted: feed", id);
}

/* The caller's own quote is not from the future. */
static void sim_audit_check_quote_time(struct sim_audit *audit,
                                       const struct sim_audit_sources *sources)
{
    const struct plm_feed_params *params = &audit->books->feeds[sources->feed].record.params;
    for (uint32_t i = 0; i < sources->after.sources_count; i++) {
        const struct plm_source *source = &sources->after.sources[i];
        if (sim_audit_same_hash(&source->publisher, &audit->caller)) {
            sim_audit_at_least(audit,
                               SIM_I18,
                               (sim_int)audit->op->context.time + params->skew,
                               source->time.sec,
                               "latest publish time, and that of a quote, of feed",
                               sources->feed);
        }
    }
}

static void sim_audit_check_feeds(struct sim_audit *audit)
{
    const struct sim_audit_books *books = audit->books;
    for (uint32_t i = 0; i < books->touched_feed_count; i++) {
        const uint16_t id = books->touched_feeds[i];
        const struct sim_audit_feed *feed = &books->feeds[id];
        if (!feed->is_written) {
            continue;
        }
        const bool may = audit->op->opcode == PLM_OP_PUBLISH_PRICE;
        if (may && sim_audit_is_priced(audit, id)) {
            sim_audit_check_accepted(audit, id);
        } else {
            sim_audit_check_kept(audit, id);
        }
        const bool is_forward = feed->state.accepted.sec >= feed->before.accepted.sec &&
                                feed->state.slow_time.sec >= feed->before.slow_time.sec &&
                                feed->state.anchor_time.sec >= feed->before.anchor_time.sec;
        sim_audit_true(audit, SIM_I45, is_forward, "a clock ran backward: feed", id);
    }
    for (uint32_t i = 0; i < books->source_count; i++) {
        sim_audit_check_quote_time(audit, &books->sources[i]);
    }
}

/* Every price that an operation tells is that of the view. [PRICE-6] */
static void sim_audit_check_told(struct sim_audit *audit)
{
    for (uint32_t i = 0; i < audit->event_count; i++) {
        const struct sim_audit_event *event = &audit->events[i];
        uint16_t market = 0;
        uint64_t price = 0;
        if (event->id == PLM_EVENT_LIQUIDATED) {
            market = event->as.liquidated.market;
            price = event->as.liquidated.price.ticks;
        } else if (event->id == PLM_EVENT_DELEVERAGED) {
            market = event->as.deleveraged.market;
            price = event->as.deleveraged.price.ticks;
        } else {
            continue;
        }
        sim_audit_equal(audit,
                        SIM_I15,
                        price,
                        sim_audit_market_view(audit, market)->price,
                        "price told, and the view's, of market",
                        market);
    }
}

/* --- funding [FUND-1] ------------------------------------------------------------------------ */
/* The stored indices are the auditor's own accrual plus the losses that this operation charged. */
static void sim_audit_check_indices(struct sim_audit *audit, uint16_t id)
{
    const struct sim_audit_market *market = &audit->books->markets[id];
    const struct sim_audit_accrual *own = sim_audit_accrual(audit, id);
    const struct plm_market_state *state = &market->state;
    sim_audit_equal(audit,
                    SIM_I48,
                    state->index_long.ticks,
                    own->state.index_long.ticks + own->loss_long,
                    "long index, and own accrual, of market",
                    id);
    sim_audit_equal(audit,
                    SIM_I48,
                    state->index_short.ticks,
                    own->state.index_short.ticks + own->loss_short,
                    "short index, and own accrual, of market",
                    id);
    sim_audit_equal(audit,
                    SIM_I45,
                    (sim_int)state->funding_time.sec,
                    (sim_int)audit->op->context.time,
                    "time that funding is accrued to, and now, of market",
                    id);
    sim_audit_equal(audit,
                    SIM_I45,
                    sim_audit_int(state->funding_rest.wad),
                    sim_audit_int(own->state.funding_rest.wad),
                    "rest of the funding step, and own, of market",
                    id);
    sim_audit_equal(audit,
                    SIM_I45,
                    state->funding_rate.nano,
                    own->state.funding_rate.nano,
                    "funding rate, and own, of market",
                    id);
}

void sim_audit_check_funding(struct sim_audit *audit)
{
    const struct sim_audit_books *books = audit->books;
    for (uint32_t i = 0; i < books->touched_market_count; i++) {
        const uint16_t id = books->touched_markets[i];
        if (books->markets[id].is_written && audit->op->opcode != PLM_OP_ADD_MARKET) {
            sim_audit_check_indices(audit, id);
        }
    }
    for (uint32_t i = 0; i < books->account_count; i++) {
        const struct sim_audit_account *account = &books->accounts[i];
        for (uint32_t j = 0; account->is && j < account->after.positions_count; j++) {
            const struct plm_position *position = &account->after.positions[j];
            const int64_t lots = position->lots.lots;
            if (lots == 0 || position->market >= PLM_LIMIT_MARKETS_MAX) {
                continue;
            }
            const struct sim_audit_accrual *own = sim_audit_accrual(audit, position->market);
            sim_audit_equal(audit,
                            SIM_I48,
                            position->snapshot.ticks,
                            lots > 0 ? own->state.index_long.ticks + own->loss_long
                                     : own->state.index_short.ticks + own->loss_short,
                            "snapshot, and index of its side, of account",
                            account->id);
        }
    }
}

void sim_audit_check_prices(struct sim_audit *audit)
{
    sim_audit_check_feeds(audit);
    sim_audit_check_told(audit);
}

// SPDX-License-Identifier: Apache-2.0
/* Raw quotes to one accepted price, and accepted prices to one view. [PRICE-1] to [PRICE-6]
 * A quote passes four questions: is it well-formed, is its aggregate usable, does it lie in the
 * band, and, in gap mode, do prices persist? It must never know accounts, margin or storage. */
#include "plm_price.h"

#include "plm_assert.h"
#include "plm_fix.h"

#define PLM_PRICE_SORT_MAX 8U
#define PLM_PRICE_SPREAD   1500000U
PLM_STATIC_ASSERT(PLM_PUBLISHERS_MAX <= PLM_PRICE_SORT_MAX, "the quotes of a median are sorted");
PLM_STATIC_ASSERT(PLM_CANDIDATES_MAX <= PLM_PRICE_SORT_MAX, "and so are candidates");
PLM_STATIC_ASSERT(PLM_E_PRICE_SOURCES < PLM_E_PRICE_CONF, "numbers follow the precedence");
PLM_STATIC_ASSERT(PLM_E_PRICE_CONF < PLM_E_PRICE_BAND, "same");
PLM_STATIC_ASSERT(PLM_E_PRICE_BAND < PLM_E_PRICE_STALE, "same");
PLM_STATIC_ASSERT(PLM_E_PRICE_STALE < PLM_E_GAP, "same");

/* Three halves of the median absolute deviation estimate a normal spread. [PRICE-1] */
static const plm_ratio plm_price_spread = {PLM_PRICE_SPREAD};
static const plm_ratio plm_price_far = {(uint32_t)PLM_LIMIT_FAR * PLM_PPM_ONE};
static const plm_ratio plm_price_one = {PLM_PPM_ONE};

/* A median of live quotes. */
struct plm_price_median {
    plm_price price; /* floor of the mean of the two middles */
    plm_price low;
    plm_price high;
    plm_price conf;
    plm_time time;
    uint32_t count;
};

/* The live quotes of a feed, column by column. */
struct plm_price_live {
    uint32_t count;
    plm_price prices[PLM_PUBLISHERS_MAX];
    plm_price confs[PLM_PUBLISHERS_MAX];
    plm_time times[PLM_PUBLISHERS_MAX];
};

/* ---- medians ---- */

static void plm_price_sort(plm_price *values, uint32_t count)
{
    PLM_ASSERT(count > 0);
    PLM_ASSERT(count <= PLM_PRICE_SORT_MAX);
    for (uint32_t i = 1; i < count; i++) {
        const plm_price value = values[i];
        uint32_t place = i;
        while (place > 0 && plm_price_cmp(values[place - 1], value) > 0) {
            values[place] = values[place - 1];
            place--;
        }
        values[place] = value;
    }
}

/* The nth newest time, n from 1. */
static plm_time plm_price_nth_newest(const struct plm_price_live *live, uint32_t n)
{
    PLM_ASSERT(n >= 1);
    PLM_ASSERT(n <= live->count);
    plm_time times[PLM_PUBLISHERS_MAX] = {{0}};
    for (uint32_t i = 0; i < live->count; i++) {
        uint32_t place = i;
        while (place > 0 && plm_time_cmp(times[place - 1], live->times[i]) < 0) {
            times[place] = times[place - 1];
            place--;
        }
        times[place] = live->times[i];
    }
    return times[n - 1];
}

/* Quotes not older than the age and not muted. [PRICE-1] */
static void plm_price_collect(const struct plm_scratch *s,
                              const struct plm_feed *feed,
                              const struct plm_feed_sources *sources,
                              struct plm_price_live *out)
{
    PLM_ASSERT(sources->sources_count <= PLM_PUBLISHERS_MAX);
    out->count = 0;
    for (uint32_t i = 0; i < sources->sources_count; i++) {
        const struct plm_source *source = &sources->sources[i];
        const bool quoted = !plm_price_is_zero(source->price);
        const bool fresh = plm_time_since(s->now, source->time) <= feed->params.age;
        const bool heard = plm_time_cmp(s->now, source->muted_until) >= 0;
        if (quoted && fresh && heard) {
            out->prices[out->count] = source->price;
            out->confs[out->count] = source->conf;
            out->times[out->count] = source->time;
            out->count++;
        }
    }
    PLM_ASSERT(out->count <= sources->sources_count);
}

/* The upper middle of the distances from the median, times 3/2, ceil: an outlier widens it. */
static plm_price plm_price_deviation_ceil(const struct plm_price_live *live, plm_price median)
{
    PLM_ASSERT(live->count > 0);
    PLM_ASSERT(live->count <= PLM_PUBLISHERS_MAX);
    plm_price distances[PLM_PUBLISHERS_MAX] = {{0}};
    for (uint32_t i = 0; i < live->count; i++) {
        distances[i] = plm_price_distance(live->prices[i], median);
    }
    plm_price_sort(distances, live->count);
    return plm_fix_price_part_ceil(distances[live->count >> 1], plm_price_spread);
}

/* The lab's mean of whatever quotes there are, floor by quote. */
static plm_price plm_price_mean(const struct plm_price_live *live)
{
    PLM_ASSERT(live->count > 0);
    plm_price mean = {0};
    for (uint32_t i = 0; i < live->count; i++) {
        mean =
            plm_price_add_or_max(mean, plm_fix_price_share_floor(live->prices[i], 1, live->count));
    }
    return mean;
}

/* The aggregate of the live quotes. [PRICE-1] Its time is that of the kth newest quote, so that k
 * quotes are at least as new as the price claims to be. Errors: E_PRICE_SOURCES. */
static plm_err plm_price_aggregate(const struct plm_scratch *s,
                                   const struct plm_feed *feed,
                                   const struct plm_feed_sources *sources,
                                   struct plm_price_median *out)
{
    struct plm_price_live live = {0};
    plm_price_collect(s, feed, sources, &live);
    const uint32_t least = PLM_RULE_IS_ON(s, PRICE_1) ? feed->params.sources : 1U;
    PLM_ASSERT(least > 0);
    if (live.count < least) {
        return PLM_E_PRICE_SOURCES;
    }
    const plm_time time = plm_price_nth_newest(&live, least);
    const plm_price mean = plm_price_mean(&live);

    struct plm_price_live sorted = live;
    plm_price_sort(sorted.prices, sorted.count);
    plm_price_sort(sorted.confs, sorted.count);
    out->low = sorted.prices[(sorted.count - 1) >> 1];
    out->high = sorted.prices[sorted.count >> 1];
    out->price = PLM_RULE_IS_ON(s, PRICE_1) ? plm_price_mean_floor(out->low, out->high) : mean;
    out->conf = sorted.confs[sorted.count >> 1];
    out->time = plm_time_min(time, s->now);
    out->count = live.count;
    if (PLM_RULE_IS_ON(s, PRICE_1)) {
        out->conf = plm_price_max(out->conf, plm_price_deviation_ceil(&live, out->price));
    }
    PLM_ASSERT(plm_price_cmp(out->low, out->high) <= 0);
    PLM_ASSERT(!plm_price_is_zero(out->price));
    return PLM_OK;
}

/* ---- publishers ---- */

plm_err plm_price_find_publisher(const struct plm_scratch *s,
                                 const struct plm_feed_sources *sources,
                                 uint32_t *out)
{
    PLM_ASSERT(sources->sources_count <= PLM_PUBLISHERS_MAX);
    for (uint32_t i = 0; i < sources->sources_count; i++) {
        bool same = true;
        for (uint32_t b = 0; b < sizeof s->caller_hash.bytes; b++) {
            same = same && sources->sources[i].publisher.bytes[b] == s->caller_hash.bytes[b];
        }
        if (same) {
            *out = i;
            return PLM_OK;
        }
    }
    const bool must_be_named = PLM_RULE_IS_ON(s, GOV_1);
    if (must_be_named || sources->sources_count == 0) {
        return PLM_E_ROLE;
    }
    *out = 0; /* the lab: anybody speaks for the first publisher */
    return PLM_OK;
}

plm_err plm_price_check_quote(const struct plm_scratch *s,
                              const struct plm_feed *feed,
                              const struct plm_feed_sources *sources,
                              const struct plm_quote *quote)
{
    const struct plm_feed_params *params = &feed->params;
    uint32_t publisher = 0;
    PLM_TRY(plm_price_find_publisher(s, sources, &publisher));
    PLM_ASSERT(publisher < sources->sources_count);
    /* A bound of the domain is itself refused: a price that rests on it says nothing. */
    if (plm_price_cmp(quote->price, params->price_min) <= 0 ||
        plm_price_cmp(quote->price, params->price_max) >= 0) {
        return PLM_E_PRICE_DOMAIN;
    }
    if (plm_price_cmp(quote->conf, quote->price) >= 0) {
        return PLM_E_PRICE_DOMAIN;
    }
    if (plm_time_cmp(quote->time, plm_time_add(s->now, params->skew)) > 0) {
        return PLM_E_PRICE_TIME;
    }
    if (plm_time_cmp(quote->time, sources->sources[publisher].time) <= 0) {
        return PLM_E_PRICE_TIME;
    }
    return PLM_OK;
}

/* Farther from the median than three times max(c, conf_high x p). [PRICE-1] */
static bool plm_price_is_far(const struct plm_feed *feed,
                             const struct plm_price_median *median,
                             plm_price price)
{
    PLM_ASSERT(median->count >= PLM_LIMIT_FAR_SOURCES);
    PLM_ASSERT(!plm_price_is_zero(price));
    const plm_price usual = plm_fix_price_part_floor(median->price, feed->params.conf_high);
    const plm_price reach =
        plm_fix_price_part_floor(plm_price_max(median->conf, usual), plm_price_far);
    return plm_price_cmp(plm_price_distance(price, median->price), reach) > 0;
}

/* Judges the quote that just came, and no other, so that no quote counts twice. True when its
 * publisher is muted by it. [PRICE-1] */
static bool plm_price_judge_publisher(const struct plm_scratch *s,
                                      const struct plm_feed *feed,
                                      const struct plm_price_median *median,
                                      struct plm_source *source)
{
    const bool was_live = plm_time_cmp(s->now, source->muted_until) >= 0 &&
                          plm_time_since(s->now, source->time) <= feed->params.age;
    PLM_ASSERT(source->strikes < PLM_LIMIT_STRIKES);
    if (!was_live || median->count < PLM_LIMIT_FAR_SOURCES) {
        return false;
    }
    if (!plm_price_is_far(feed, median, source->price)) {
        source->strikes = 0;
        return false;
    }
    source->strikes++;
    if (source->strikes < PLM_LIMIT_STRIKES) {
        return false;
    }
    source->strikes = 0;
    source->muted_until = plm_time_add(s->now, PLM_LIMIT_MUTE);
    return true;
}

/* ---- the slow price ---- */

/* s at now. [PRICE-3] dt = min(now - slow_time, age) is credited to the price in force during it:
 *   |step| = min(floor(|p - s| x dt / (tau + dt)), floor(s x slow_rate x dt)),
 * so s lags behind p by up to one tick more than the formula and never passes it. */
static plm_price plm_price_slow(const struct plm_feed_params *params,
                                const struct plm_feed_state *state,
                                plm_time now)
{
    PLM_ASSERT(!plm_price_is_zero(state->slow));
    PLM_ASSERT(!plm_price_is_zero(state->price));
    const uint64_t elapsed = plm_int_min_u64(plm_time_since(now, state->slow_time), params->age);
    const plm_price distance = plm_price_distance(state->price, state->slow);
    const plm_price step = plm_price_min(
        plm_fix_price_share_floor(distance, elapsed, (uint64_t)params->slow_tau + elapsed),
        plm_fix_price_rate_floor(state->slow, params->slow_rate, elapsed));
    PLM_ASSERT(plm_price_cmp(step, distance) <= 0);
    return plm_price_cmp(state->price, state->slow) > 0 ? plm_price_add_or_max(state->slow, step)
                                                        : plm_price_sub_or_zero(state->slow, step);
}

/* ---- the band ---- */

/* |price - p| <= floor(p x min(band_max, band + band_rate x dt)), dt since p was accepted, and
 * |price - anchor| <= floor(anchor x window_band x n), n the windows begun since the anchor's time,
 * at least one. [PRICE-2] */
static bool plm_price_is_in_band(const struct plm_scratch *s,
                                 const struct plm_feed_params *params,
                                 const struct plm_feed_state *state,
                                 plm_price price)
{
    PLM_ASSERT(!plm_price_is_zero(state->price));
    PLM_ASSERT(!plm_price_is_zero(state->anchor));
    if (!PLM_RULE_IS_ON(s, PRICE_2)) {
        return true;
    }
    const plm_ratio band = plm_fix_ratio_grow_clamped(
        params->band, params->band_rate, plm_time_since(s->now, state->accepted), params->band_max);
    const plm_price step = plm_price_distance(price, state->price);
    if (plm_price_cmp(step, plm_fix_price_part_floor(state->price, band)) > 0) {
        return false;
    }
    const uint64_t begun =
        plm_int_div_u64_ceil(plm_time_since(s->now, state->anchor_time), params->window);
    const plm_ratio none = {0};
    const plm_ratio reach = plm_fix_ratio_grow_clamped(
        none, params->window_band, plm_int_max_u64(begun, 1), plm_price_one);
    const plm_price move = plm_price_distance(price, state->anchor);
    return plm_price_cmp(move, plm_fix_price_part_floor(state->anchor, reach)) <= 0;
}

/* The median becomes the accepted price; s moves by the time that the old one was in force. */
static void plm_price_accept(const struct plm_scratch *s,
                             const struct plm_feed_params *params,
                             struct plm_feed_state *state,
                             const struct plm_price_median *median,
                             bool renew_anchor)
{
    PLM_ASSERT(!plm_price_is_zero(median->price));
    PLM_ASSERT(plm_price_cmp(median->conf, median->price) <= 0);
    const bool is_first = plm_price_is_zero(state->price);
    state->slow = is_first ? median->price : plm_price_slow(params, state, s->now);
    state->slow_time = s->now;
    state->price = median->price;
    state->conf = median->conf;
    state->low = median->low;
    state->high = median->high;
    state->time = median->time;
    state->accepted = s->now;
    const bool window_over = plm_time_since(s->now, state->anchor_time) >= params->window;
    if (is_first || window_over || renew_anchor) {
        state->anchor = median->price;
        state->anchor_time = s->now;
    }
}

/* ---- gap mode [PRICE-5] ---- */

/* Publish or block time jumped by more than `gap` since the accepted price. */
static bool plm_price_is_after_gap(const struct plm_scratch *s,
                                   const struct plm_feed_params *params,
                                   const struct plm_feed_state *state,
                                   const struct plm_price_median *median)
{
    PLM_ASSERT(!plm_price_is_zero(state->price));
    return plm_time_since(median->time, state->time) > params->gap ||
           plm_time_since(s->now, state->accepted) > params->gap;
}

static void plm_price_start_gap(struct plm_feed_state *state, struct plm_price_outcome *out)
{
    PLM_ASSERT(state->gap == 0);
    PLM_ASSERT(state->candidates_count == 0);
    state->gap = 1;
    out->gap_started = true;
}

/* max - min <= floor(min x agree) over all candidates. */
static bool plm_price_do_agree(const struct plm_feed_params *params,
                               const struct plm_feed_state *state)
{
    PLM_ASSERT(state->candidates_count > 0);
    PLM_ASSERT(state->candidates_count <= PLM_CANDIDATES_MAX);
    plm_price low = state->candidates[0].price;
    plm_price high = low;
    for (uint32_t i = 1; i < state->candidates_count; i++) {
        low = plm_price_min(low, state->candidates[i].price);
        high = plm_price_max(high, state->candidates[i].price);
    }
    return plm_price_cmp(plm_price_distance(high, low),
                         plm_fix_price_part_floor(low, params->agree)) <= 0;
}

/* Appends a candidate. A full list forgets the second: the first keeps the span, the newest the
 * price. One that disagrees with any other starts the list again. */
static void plm_price_add_candidate(const struct plm_scratch *s,
                                    const struct plm_feed_params *params,
                                    struct plm_feed_state *state,
                                    plm_price price)
{
    PLM_ASSERT(state->gap == 1);
    if (state->candidates_count == PLM_CANDIDATES_MAX) {
        for (uint32_t i = 1; i + 1 < PLM_CANDIDATES_MAX; i++) {
            state->candidates[i] = state->candidates[i + 1];
        }
        state->candidates_count--;
    }
    PLM_ASSERT(state->candidates_count < PLM_CANDIDATES_MAX);
    const struct plm_candidate candidate = {.price = price, .time = s->now};
    state->candidates[state->candidates_count] = candidate;
    state->candidates_count++;
    if (!plm_price_do_agree(params, state)) {
        state->candidates[0] = candidate;
        state->candidates_count = 1;
    }
}

/* gap_hold for every band of distance from the accepted price, at least one, at most HOLD_MAX. */
static uint64_t plm_price_hold(const struct plm_feed_params *params,
                               const struct plm_feed_state *state,
                               plm_price price)
{
    PLM_ASSERT(!plm_price_is_zero(state->price));
    const uint64_t bands = plm_fix_price_bands_ceil(
        plm_price_distance(price, state->price), state->price, params->band);
    const uint64_t counted = plm_int_min_u64(plm_int_max_u64(bands, 1), PLM_LIMIT_HOLD_MAX);
    const uint64_t hold = plm_int_min_u64(counted * params->gap_hold, PLM_LIMIT_HOLD_MAX);
    PLM_ASSERT(hold > 0);
    return hold;
}

/* True when the candidates are enough, have persisted, and their median is usable with the newest
 * confidence; *median becomes theirs. */
static bool plm_price_has_persisted(const struct plm_feed_params *params,
                                    const struct plm_feed_state *state,
                                    struct plm_price_median *median)
{
    const uint32_t count = state->candidates_count;
    PLM_ASSERT(count > 0);
    if (count < plm_int_max_u64(params->sources, PLM_LIMIT_CANDIDATES_MIN)) {
        return false;
    }
    plm_price prices[PLM_CANDIDATES_MAX] = {{0}};
    for (uint32_t i = 0; i < count; i++) {
        prices[i] = state->candidates[i].price;
    }
    plm_price_sort(prices, count);
    const plm_price low = prices[(count - 1) >> 1];
    const plm_price high = prices[count >> 1];
    const plm_price price = plm_price_mean_floor(low, high);
    const uint64_t span =
        plm_time_since(state->candidates[count - 1].time, state->candidates[0].time);
    if (span < plm_price_hold(params, state, price)) {
        return false;
    }
    if (plm_price_cmp(median->conf, plm_fix_price_part_floor(price, params->conf_max)) > 0) {
        return false;
    }
    median->price = price;
    median->low = low;
    median->high = high;
    PLM_ASSERT(plm_price_cmp(low, high) <= 0);
    return true;
}

/* Persistence replaces the band. The price jumps, s does not, and liquidations wait for a grace. */
static plm_err plm_price_persist(const struct plm_scratch *s,
                                 const struct plm_feed_params *params,
                                 struct plm_feed_state *state,
                                 const struct plm_price_median *median,
                                 struct plm_price_outcome *out)
{
    PLM_ASSERT(state->gap == 1);
    const uint32_t count = state->candidates_count;
    PLM_ASSERT(count > 0); /* what started the gap is the first */
    if (plm_time_since(s->now, state->candidates[count - 1].time) < PLM_LIMIT_SPACING) {
        return PLM_E_GAP;
    }
    plm_price_add_candidate(s, params, state, median->price);
    struct plm_price_median settled = *median;
    if (!plm_price_has_persisted(params, state, &settled)) {
        return PLM_E_GAP;
    }
    plm_price_accept(s, params, state, &settled, true);
    state->gap = 0;
    state->candidates_count = 0;
    state->grace_until = plm_time_add(s->now, params->grace);
    out->gap_ended = true;
    PLM_ASSERT(plm_time_cmp(state->grace_until, s->now) >= 0);
    return PLM_OK;
}

/* ---- one quote ---- */

/* What becomes of a usable aggregate. Errors, to be carried as `refused`: E_PRICE_CONF;
 * E_PRICE_BAND; E_GAP. */
static plm_err plm_price_judge(const struct plm_scratch *s,
                               const struct plm_feed_params *params,
                               struct plm_feed_state *state,
                               const struct plm_price_median *median,
                               struct plm_price_outcome *out)
{
    PLM_ASSERT(median->count > 0);
    if (plm_price_cmp(median->conf, plm_fix_price_part_floor(median->price, params->conf_max)) >
        0) {
        return PLM_E_PRICE_CONF;
    }
    if (plm_price_is_zero(state->price)) {
        PLM_ASSERT(state->gap == 0);
        plm_price_accept(s, params, state, median, true);
        return PLM_OK;
    }
    if (state->gap == 1) {
        return plm_price_persist(s, params, state, median, out);
    }
    const bool in_band = plm_price_is_in_band(s, params, state, median->price);
    if (in_band && !plm_price_is_after_gap(s, params, state, median)) {
        plm_price_accept(s, params, state, median, false);
        return PLM_OK;
    }
    plm_price_start_gap(state, out);
    plm_price_add_candidate(s, params, state, median->price);
    return in_band ? PLM_E_GAP : PLM_E_PRICE_BAND;
}

plm_err plm_price_record(const struct plm_scratch *s,
                         const struct plm_feed *feed,
                         struct plm_feed_state *state,
                         struct plm_feed_sources *sources,
                         const struct plm_quote *quote,
                         struct plm_price_outcome *out)
{
    uint32_t publisher = 0;
    PLM_TRY(plm_price_check_quote(s, feed, sources, quote));
    PLM_TRY(plm_price_find_publisher(s, sources, &publisher));
    PLM_ASSERT(publisher < sources->sources_count);
    struct plm_source *source = &sources->sources[publisher];
    source->price = quote->price;
    source->conf = quote->conf;
    source->time = quote->time;

    struct plm_price_median median = {0};
    plm_err code = plm_price_aggregate(s, feed, sources, &median);
    if (PLM_RULE_IS_ON(s, PRICE_1) && plm_price_judge_publisher(s, feed, &median, source)) {
        const struct plm_price_median none = {0};
        median = none;
        code = plm_price_aggregate(s, feed, sources, &median);
    }
    const struct plm_price_outcome nothing = {.aggregate = median.price};
    *out = nothing;
    if (code == PLM_OK) {
        code = plm_price_judge(s, &feed->params, state, &median, out);
    }
    state->refused = (uint16_t)code;
    out->refused = code;
    return PLM_OK;
}

/* ---- the view ---- */

/* The one of two codes that is reported: the upper row of errors.def. */
static plm_err plm_price_first(plm_err a, plm_err b)
{
    PLM_ASSERT(a == PLM_OK || a >= PLM_E_PRICE_DOMAIN);
    PLM_ASSERT(b >= PLM_E_PRICE_DOMAIN);
    return a == PLM_OK || b < a ? b : a;
}

/* Why the accepted price may not be used now, confidence aside. In gap mode a feed is not stale
 * while candidates come: they say what the price may become, and E_GAP says that we wait. */
static plm_err plm_price_blocked(const struct plm_scratch *s,
                                 const struct plm_feed_params *params,
                                 const struct plm_feed_state *state)
{
    plm_err code = (plm_err)state->refused;
    plm_time newest = state->time;
    if (state->gap == 1) {
        PLM_ASSERT(state->candidates_count > 0);
        PLM_ASSERT(state->candidates_count <= PLM_CANDIDATES_MAX);
        newest = state->candidates[state->candidates_count - 1].time;
        code = plm_price_first(code, PLM_E_GAP);
    }
    if (plm_price_is_zero(state->price) || plm_time_since(s->now, newest) > params->age) {
        code = plm_price_first(code, PLM_E_PRICE_STALE);
    }
    return code;
}

void plm_price_make_view(const struct plm_scratch *s,
                         const struct plm_feed *feed,
                         const struct plm_feed_state *state,
                         struct plm_view *out)
{
    const struct plm_feed_params *params = &feed->params;
    const plm_err blocked = plm_price_blocked(s, params, state);
    const struct plm_view unpriced = {.risk = blocked, .liquidation = blocked};
    *out = unpriced;
    if (plm_price_is_zero(state->price)) {
        PLM_ASSERT(blocked != PLM_OK);
        return;
    }
    const plm_price price = state->price;
    const plm_price conf = state->conf;
    const plm_price reach =
        plm_price_add_or_max(plm_fix_price_part_ceil(price, params->window_band), conf);
    out->price = price;
    out->conf = conf;
    out->slow = plm_price_slow(params, state, s->now);
    out->lo = plm_price_min(plm_price_sub_or_zero(price, conf), out->slow);
    out->hi = plm_price_max(plm_price_add_or_max(price, conf), out->slow);
    out->favour_lo = plm_price_sub_or_zero(price, reach);
    out->favour_hi = plm_price_add_or_max(price, reach);
    if (!PLM_RULE_IS_ON(s, PRICE_3)) {
        out->lo = price;
        out->hi = price;
    }

    const bool is_wide =
        plm_price_cmp(conf, plm_fix_price_part_floor(price, params->conf_high)) > 0;
    if (is_wide) {
        out->risk = plm_price_first(blocked, PLM_E_PRICE_CONF);
    }
    if (plm_time_cmp(s->now, state->grace_until) < 0) {
        out->liquidation = PLM_E_GRACE;
    }
    if (!PLM_RULE_IS_ON(s, PRICE_4)) {
        out->risk = PLM_OK;
        out->liquidation = PLM_OK;
    }
    PLM_ASSERT(plm_price_cmp(out->lo, out->price) <= 0);
    PLM_ASSERT(plm_price_cmp(out->hi, out->price) >= 0);
}

plm_err plm_price_check_fill(const struct plm_view *view, plm_price fill, plm_ratio band)
{
    PLM_ASSERT(!plm_price_is_zero(view->price));
    const plm_price width = plm_fix_price_part_floor(view->price, band);
    PLM_ASSERT(plm_price_cmp(width, view->price) <= 0);
    if (plm_price_cmp(plm_price_distance(fill, view->price), width) > 0) {
        return PLM_E_FILL_BAND;
    }
    return PLM_OK;
}

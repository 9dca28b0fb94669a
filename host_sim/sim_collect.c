/* SPDX-License-Identifier: Apache-2.0
 * Collects what a report needs while a world runs. Totals are exact integers; floats are points of
 * charts. It knows no rule. */
#include "sim_collect.h"

#include <stdlib.h>
#include <string.h>

#define SIM_WAD_DECIMALS 18u

double sim_collect_real(sim_int value, unsigned decimals)
{
    double real = (double)value;
    for (unsigned i = 0; i < decimals; i++) {
        real /= 10.0;
    }
    return real;
}

static double sim_collect_value(plm_val value)
{
    return sim_collect_real(sim_abi_int_of(value.wad), SIM_WAD_DECIMALS);
}

/* --- points of markets -------------------------------------------------------------------------
 */
static void sim_collect_merge(struct sim_market_point *to, const struct sim_market_point *later)
{
    struct sim_market_point merged = *later;
    merged.price_low = to->price_low < later->price_low ? to->price_low : later->price_low;
    merged.price_high = to->price_high > later->price_high ? to->price_high : later->price_high;
    merged.taken += to->taken;
    merged.cost += to->cost;
    merged.missed += to->missed;
    *to = merged;
}

/* Doubles the stretch: neighbours that now share a slot become one. */
static void sim_collect_widen(struct sim_market_points *points)
{
    uint32_t kept = 0;
    points->stretch *= 2u;
    for (uint32_t i = 0; i < points->count; i++) {
        struct sim_market_point row = points->rows[i];
        row.slot /= 2u;
        if (kept != 0 && points->rows[kept - 1u].slot == row.slot) {
            sim_collect_merge(&points->rows[kept - 1u], &row);
        } else {
            points->rows[kept++] = row;
        }
    }
    points->count = kept;
}

/* The point of now, new or under way, with the market as it stands. */
static struct sim_market_point *sim_collect_point(struct sim_collect *c, uint16_t market)
{
    struct sim_market_points *points = &c->markets[market];
    const struct sim_mirror_market *from = &c->mirror->markets[market];
    const struct plm_feed_state *feed = &c->mirror->feeds[from->cold.feed].state;
    unsigned decimals = from->cold.price_decimals;
    points->stretch = points->stretch != 0 ? points->stretch : 1u;
    if (points->count >= SIM_POINTS_MAX) {
        sim_collect_widen(points);
    }
    uint64_t slot = (c->end - c->start) / points->stretch;
    double price = sim_collect_real((sim_int)feed->price.ticks, decimals);
    if (points->count == 0 || points->rows[points->count - 1u].slot != slot) {
        points->rows = sim_bytes_grow(
            points->rows, &points->capacity, points->count + 1u, sizeof(*points->rows));
        points->rows[points->count++] =
            (struct sim_market_point){.slot = slot, .price_low = price, .price_high = price};
    }
    struct sim_market_point *row = &points->rows[points->count - 1u];
    row->time = c->end;
    row->price = price;
    row->price_low = price < row->price_low || row->price_low <= 0.0 ? price : row->price_low;
    row->price_high = price > row->price_high ? price : row->price_high;
    row->slow = sim_collect_real((sim_int)feed->slow.ticks, decimals);
    row->oi = sim_collect_real(from->state.oi.lots, from->cold.size_decimals) * price;
    row->pool = sim_collect_value(from->state.pool);
    row->insurance = sim_collect_value(from->state.insurance);
    row->uncovered = sim_collect_value(from->state.uncovered);
    row->shortfall = sim_collect_value(from->state.shortfall);
    return row;
}

/* --- points of the crowd -----------------------------------------------------------------------
 */
static void sim_collect_widen_crowd(struct sim_crowd_points *points)
{
    uint32_t kept = 0;
    points->stretch *= 2u;
    for (uint32_t i = 0; i < points->count; i++) {
        struct sim_crowd_point row = points->rows[i];
        row.slot /= 2u;
        if (kept != 0 && points->rows[kept - 1u].slot == row.slot) {
            points->rows[kept - 1u] = row;
        } else {
            points->rows[kept++] = row;
        }
    }
    points->count = kept;
}

/* Quantiles by counting: a share of E / MM is kept in hundredths. */
static void sim_collect_quantiles(struct sim_collect *c, struct sim_crowd_point *row)
{
    static const uint32_t wanted[SIM_QUANTILES] = {10, 25, 50, 75, 90};
    uint64_t seen = 0;
    uint32_t share = 0;
    for (uint32_t q = 0; q < SIM_QUANTILES; q++) {
        while (share < SIM_SHARES_MAX &&
               (seen + c->shares[share]) * 100u < (uint64_t)wanted[q] * row->accounts) {
            seen += c->shares[share++];
        }
        row->quantiles[q] = (double)share / 100.0;
    }
}

/* Adds one account to a point of the crowd. */
static void sim_collect_add(struct sim_collect *c,
                            const struct sim_mirrored *account,
                            struct sim_crowd_point *row)
{
    struct sim_figures figures = {0};
    if (account->id == 0 || account->leg_count == 0 ||
        !sim_mirror_figures(c->mirror, account, &figures) || figures.maint == 0) {
        return;
    }
    sim_int share = figures.equity <= 0 ? 0 : figures.equity / (figures.maint / 100 + 1);
    /* The sums are of those who could come into trouble: makers would hide them. */
    if (share < SIM_SHARES_MAX) {
        row->equity += sim_collect_real(figures.equity, 24);
        row->maint += sim_collect_real(figures.maint, 24);
    }
    c->shares[share < SIM_SHARES_MAX ? share : SIM_SHARES_MAX]++;
    row->accounts++;
    row->in_trouble += sim_mirror_is_liquidatable(&figures) ? 1u : 0u;
}

static void sim_collect_crowd(struct sim_collect *c)
{
    struct sim_crowd_points *points = &c->crowd;
    points->stretch = points->stretch != 0 ? points->stretch : 1u;
    if (points->count >= SIM_CROWD_POINTS) {
        sim_collect_widen_crowd(points);
    }
    struct sim_crowd_point row = {.time = c->end, .slot = (c->end - c->start) / points->stretch};
    if (points->count != 0 && points->rows[points->count - 1u].slot == row.slot) {
        return;
    }
    memset(c->shares, 0, (SIM_SHARES_MAX + 1u) * sizeof(*c->shares));
    for (uint64_t i = 0; i < c->mirror->count; i++) {
        sim_collect_add(c, &c->mirror->accounts[i], &row);
    }
    if (row.accounts == 0 && points->count == 0) {
        return;
    }
    sim_collect_quantiles(c, &row);
    c->totals.most_in_trouble =
        row.in_trouble > c->totals.most_in_trouble ? row.in_trouble : c->totals.most_in_trouble;
    points->rows =
        sim_bytes_grow(points->rows, &points->capacity, points->count + 1u, sizeof(*points->rows));
    points->rows[points->count++] = row;
}

/* --- totals ------------------------------------------------------------------------------------
 */
static struct sim_harmed *sim_collect_harmed(struct sim_collect *c, uint64_t account)
{
    c->harmed =
        sim_bytes_grow(c->harmed, &c->harmed_capacity, (size_t)account + 1u, sizeof(*c->harmed));
    for (; c->harmed_count <= account; c->harmed_count++) {
        c->harmed[c->harmed_count] = (struct sim_harmed){0};
    }
    return &c->harmed[account];
}

static void
sim_collect_count(struct sim_refusals *rows, uint32_t *count, uint8_t opcode, int32_t code)
{
    uint32_t i = 0;
    while (i < *count && (rows[i].opcode != opcode || rows[i].code != code)) {
        i++;
    }
    if (i == SIM_CODES_MAX) {
        return;
    }
    if (i == *count) {
        rows[(*count)++] = (struct sim_refusals){.opcode = opcode, .code = code};
    }
    rows[i].count++;
}

static void sim_collect_liquidated(struct sim_collect *c, const struct plm_ev_liquidated *event)
{
    struct sim_market_point *row = sim_collect_point(c, event->market);
    struct sim_harmed *harmed = sim_collect_harmed(c, event->account);
    sim_int value = sim_totals_notional(event->lots, event->price);
    sim_int fees = sim_abi_int_of(event->fee_taker.wad) + sim_abi_int_of(event->fee_insurance.wad);
    harmed->taken += value;
    harmed->fees += fees;
    harmed->takeovers++;
    row->taken += sim_collect_real(value, SIM_WAD_DECIMALS);
    row->cost += sim_collect_real(fees, SIM_WAD_DECIMALS);
}

static void sim_collect_deficit(struct sim_collect *c, const struct plm_ev_deficit *event)
{
    struct sim_market_point *row = sim_collect_point(c, event->market);
    sim_int value = sim_abi_int_of(event->value.wad);
    sim_collect_harmed(c, event->account)->deficit += value;
    row->missed += sim_collect_real(value, SIM_WAD_DECIMALS);
}

static void sim_collect_deleveraged(struct sim_collect *c, const struct plm_ev_deleveraged *event)
{
    struct sim_market_point *row = sim_collect_point(c, event->market);
    sim_int value = sim_totals_notional(event->lots, event->price);
    sim_collect_harmed(c, event->account)->forced++;
    sim_collect_harmed(c, event->account)->taken += value;
    row->taken += sim_collect_real(value, SIM_WAD_DECIMALS);
}

static void sim_collect_event(struct sim_collect *c, const struct sim_event *event)
{
    const void *fields = sim_totals_take(&c->totals, event, c->room);
    if (fields == NULL) {
        return;
    }
    if (event->id == PLM_EVENT_LIQUIDATED) {
        sim_collect_liquidated(c, fields);
    } else if (event->id == PLM_EVENT_DEFICIT) {
        sim_collect_deficit(c, fields);
    } else if (event->id == PLM_EVENT_DELEVERAGED) {
        sim_collect_deleveraged(c, fields);
    } else if (event->id == PLM_EVENT_PRICE_REFUSED) {
        const struct plm_ev_price_refused *refused = fields;
        sim_collect_count(c->refused_prices, &c->refused_price_count, 0, (int32_t)refused->code);
    }
}

/* --- following ---------------------------------------------------------------------------------
 */
static void sim_collect_observe(void *self,
                                struct sim_world *world,
                                const struct sim_op *op,
                                const struct sim_outcome *outcome)
{
    struct sim_collect *c = self;
    (void)world;
    c->start = c->has_started ? c->start : op->context.time;
    c->has_started = true;
    c->end = op->context.time;
    if (outcome->trapped) {
        return;
    }
    if (outcome->code != PLM_OK) {
        c->totals.refused++;
        sim_collect_count(c->refusals, &c->refusal_count, op->opcode, outcome->code);
        return;
    }
    for (uint32_t i = 0; i < outcome->event_count; i++) {
        sim_collect_event(c, &outcome->events[i]);
    }
    for (uint32_t i = 0; i < outcome->writes.count; i++) {
        struct sim_span key = sim_abi_key_span(&outcome->writes.rows[i].key);
        if (key.bytes[0] == PLM_KEY_MARKET_STATE) {
            (void)sim_collect_point(c, (uint16_t)sim_abi_key_id(key));
        }
        for (uint32_t m = 0; key.bytes[0] == PLM_KEY_FEED_STATE && m < c->mirror->market_count;
             m++) {
            if (c->mirror->markets[m].exists &&
                c->mirror->markets[m].cold.feed == sim_abi_key_id(key)) {
                (void)sim_collect_point(c, (uint16_t)m);
            }
        }
    }
    if (op->opcode == PLM_OP_PUBLISH_PRICE) {
        sim_collect_crowd(c);
    }
}

struct sim_collect *sim_collect_new(struct sim_world *world)
{
    struct sim_collect *c = sim_bytes_alloc(1, sizeof(*c));
    c->world = world;
    c->markets = sim_bytes_alloc(PLM_LIMIT_MARKETS_MAX, sizeof(*c->markets));
    c->room = sim_bytes_alloc(1, sizeof(*c->room));
    c->shares = sim_bytes_alloc(SIM_SHARES_MAX + 1u, sizeof(*c->shares));
    c->mirror = sim_mirror_new(world);
    sim_world_observe(world, sim_collect_observe, c);
    return c;
}

void sim_collect_follow(struct sim_collect *collect, struct sim_world *world)
{
    sim_world_unobserve(collect->world, collect);
    sim_mirror_free(collect->mirror);
    collect->world = world;
    collect->mirror = sim_mirror_new(world);
    sim_world_observe(world, sim_collect_observe, collect);
}

void sim_collect_free(struct sim_collect *collect)
{
    sim_world_unobserve(collect->world, collect);
    sim_mirror_free(collect->mirror);
    for (uint32_t i = 0; i < PLM_LIMIT_MARKETS_MAX; i++) {
        free(collect->markets[i].rows);
    }
    free(collect->markets);
    free(collect->crowd.rows);
    free(collect->harmed);
    free(collect->room);
    free(collect->shares);
    free(collect);
}

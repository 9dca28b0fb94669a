/* SPDX-License-Identifier: Apache-2.0
 * A decoded copy of the engine's state and the margin figures on it. Spec: docs/SPEC.md, MARGIN-1,
 * MARGIN-3, MARGIN-6. Exact integers. It must never decide: it only chooses whom to ask about. */
#include "sim_mirror.h"

#include <stdlib.h>
#include <string.h>

#define SIM_PPB INT64_C(1000000000)
#define SIM_DRIFT                                                                                  \
    10000 /* bounds leave room for an index that moved by 1 / SIM_DRIFT of the price */

/* --- keeping it true ---------------------------------------------------------------------------
 */
static void sim_mirror_keep_account(struct sim_mirror *mirror, uint64_t id, struct sim_span bytes)
{
    mirror->accounts =
        sim_bytes_grow(mirror->accounts, &mirror->capacity, (size_t)id, sizeof(*mirror->accounts));
    if (id > mirror->count) {
        memset(&mirror->accounts[mirror->count],
               0,
               (size_t)(id - mirror->count) * sizeof(*mirror->accounts));
        mirror->count = id;
    }
    struct sim_mirrored *to = &mirror->accounts[id - 1];
    to->is_unsure = true;
    to->id = 0;
    if (bytes.bytes == NULL || !sim_abi_decode_record(PLM_LAYOUT_account, bytes, mirror->room)) {
        return;
    }
    const struct plm_account *from = mirror->room;
    to->id = id;
    to->cash = sim_abi_int_of(from->cash.wad);
    to->since = from->liquidatable_since.sec;
    to->cooldown = from->cooldown_until.sec;
    to->mode = from->mode;
    to->leg_count = from->positions_count;
    to->legs =
        sim_bytes_grow(to->legs, &to->leg_capacity, from->positions_count, sizeof(*to->legs));
    for (uint32_t i = 0; i < from->positions_count; i++) {
        const struct plm_position *position = &from->positions[i];
        to->legs[i] = (struct sim_leg){.quote = sim_abi_int_of(position->quote.wad),
                                       .lots = position->lots.lots,
                                       .snapshot = position->snapshot.ticks,
                                       .market = position->market};
    }
    to->pledge_count = from->collaterals_count;
    to->pledges = sim_bytes_grow(
        to->pledges, &to->pledge_capacity, from->collaterals_count, sizeof(*to->pledges));
    for (uint32_t i = 0; i < from->collaterals_count; i++) {
        to->pledges[i] =
            (struct sim_pledge){.atoms = sim_abi_int_of(from->collaterals[i].atoms.atoms),
                                .asset = from->collaterals[i].asset};
    }
}

/* Takes one record that was stored or deleted. */
static void sim_mirror_keep(struct sim_mirror *mirror, struct sim_span key, struct sim_span value)
{
    uint64_t id = sim_abi_key_id(key);
    switch (key.bytes[0]) {
    case PLM_KEY_ACCOUNT: sim_mirror_keep_account(mirror, id, value); break;
    case PLM_KEY_MARKET:
        mirror->markets[id].exists =
            sim_abi_decode_record(PLM_LAYOUT_market, value, &mirror->markets[id].cold);
        if (id >= mirror->market_count) {
            mirror->market_count = (uint32_t)id + 1u;
        }
        for (uint64_t i = 0; i < mirror->count; i++) {
            mirror->accounts[i].is_unsure = true;
        }
        break;
    case PLM_KEY_MARKET_STATE:
        (void)sim_abi_decode_record(PLM_LAYOUT_market_state, value, &mirror->markets[id].state);
        break;
    case PLM_KEY_FEED:
        mirror->feeds[id].exists =
            sim_abi_decode_record(PLM_LAYOUT_feed, value, &mirror->feeds[id].cold);
        break;
    case PLM_KEY_FEED_STATE:
        (void)sim_abi_decode_record(PLM_LAYOUT_feed_state, value, &mirror->feeds[id].state);
        break;
    case PLM_KEY_ASSET:
        mirror->assets[id].exists =
            sim_abi_decode_record(PLM_LAYOUT_asset, value, &mirror->assets[id].cold);
        break;
    case PLM_KEY_LEDGER:
        (void)sim_abi_decode_record(PLM_LAYOUT_ledger, value, &mirror->ledger);
        break;
    default: break;
    }
}

static void sim_mirror_observe(void *self,
                               struct sim_world *world,
                               const struct sim_op *op,
                               const struct sim_outcome *outcome)
{
    (void)world;
    (void)op;
    if (outcome->trapped || outcome->code != PLM_OK) {
        return;
    }
    for (uint32_t i = 0; i < outcome->writes.count; i++) {
        const struct sim_write *row = &outcome->writes.rows[i];
        sim_mirror_keep(self, sim_abi_key_span(&row->key), row->after);
    }
}

struct sim_mirror *sim_mirror_new(struct sim_world *world)
{
    static const enum plm_key_prefix kinds[] = {PLM_KEY_MARKET,
                                                PLM_KEY_MARKET_STATE,
                                                PLM_KEY_FEED,
                                                PLM_KEY_FEED_STATE,
                                                PLM_KEY_ASSET,
                                                PLM_KEY_LEDGER,
                                                PLM_KEY_ACCOUNT};
    struct sim_mirror *mirror = sim_bytes_alloc(1, sizeof(*mirror));
    mirror->world = world;
    mirror->markets = sim_bytes_alloc(PLM_LIMIT_MARKETS_MAX, sizeof(*mirror->markets));
    mirror->feeds = sim_bytes_alloc(PLM_LIMIT_FEEDS_MAX, sizeof(*mirror->feeds));
    mirror->assets = sim_bytes_alloc(PLM_LIMIT_ASSETS_MAX, sizeof(*mirror->assets));
    mirror->room = sim_bytes_alloc(1, sizeof(*mirror->room));
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct sim_cursor at = sim_world_scan(world, kinds[i]);
        while (sim_store_next(&at)) {
            sim_mirror_keep(mirror, at.key, at.value);
        }
    }
    sim_world_observe(world, sim_mirror_observe, mirror);
    return mirror;
}

void sim_mirror_free(struct sim_mirror *mirror)
{
    if (mirror == NULL) {
        return;
    }
    sim_world_unobserve(mirror->world, mirror);
    for (uint64_t i = 0; i < mirror->count; i++) {
        free(mirror->accounts[i].legs);
        free(mirror->accounts[i].pledges);
    }
    free(mirror->accounts);
    free(mirror->markets);
    free(mirror->feeds);
    free(mirror->assets);
    free(mirror->room);
    free(mirror);
}

struct sim_mirrored *sim_mirror_account(const struct sim_mirror *mirror, uint64_t id)
{
    if (id == 0 || id > mirror->count || mirror->accounts[id - 1].id == 0) {
        return NULL;
    }
    return &mirror->accounts[id - 1];
}

const struct sim_leg *sim_mirror_leg(const struct sim_mirrored *account, uint16_t market)
{
    for (uint32_t i = 0; i < account->leg_count; i++) {
        if (account->legs[i].market == market) {
            return &account->legs[i];
        }
    }
    return NULL;
}

/* --- figures -----------------------------------------------------------------------------------
 */
uint64_t sim_mirror_price(const struct sim_mirror *mirror, uint16_t market)
{
    return mirror->feeds[mirror->markets[market].cold.feed].state.price.ticks;
}

sim_int sim_mirror_index(const struct sim_mirror *mirror, uint16_t market, bool is_long)
{
    const struct plm_market_state *state = &mirror->markets[market].state;
    uint64_t now = sim_world_time(mirror->world);
    sim_int stored = is_long ? state->index_long.ticks : state->index_short.ticks;
    if (state->funding_time.sec == 0 || now <= state->funding_time.sec) {
        return stored;
    }
    sim_int seconds = (sim_int)(now - state->funding_time.sec);
    sim_int step = (sim_int)sim_mirror_price(mirror, market) * state->funding_rate.nano * seconds;
    return stored + step / ((sim_int)3600 * SIM_PPB);
}

static sim_int
sim_mirror_profit_at(const struct sim_mirror *mirror, const struct sim_leg *leg, uint64_t price)
{
    if (leg->lots == 0) {
        return leg->quote;
    }
    sim_int moved = sim_mirror_index(mirror, leg->market, leg->lots > 0) - leg->snapshot;
    return leg->quote + (sim_int)leg->lots * ((sim_int)price - moved);
}

sim_int sim_mirror_profit(const struct sim_mirror *mirror, const struct sim_leg *leg)
{
    return sim_mirror_profit_at(mirror, leg, sim_mirror_price(mirror, leg->market));
}

sim_int sim_mirror_payable(const struct sim_mirror *mirror, const struct sim_leg *leg)
{
    uint16_t feed = mirror->markets[leg->market].cold.feed;
    sim_int now = sim_mirror_profit(mirror, leg);
    sim_int slow = sim_mirror_profit_at(mirror, leg, mirror->feeds[feed].state.slow.ticks);
    if ((now < 0) != (slow < 0)) {
        return 0;
    }
    return (now < 0) == (now > slow) ? now : slow;
}

/* floor(sqrt(value)), value < 2^126: the root of the top 62 bits, then Newton's steps from above.
 */
static uint64_t sim_mirror_root(sim_uint value)
{
    uint32_t shift = 0;
    while (value >> shift >= (sim_uint)1 << 62) {
        shift += 2;
    }
    uint64_t rest = (uint64_t)(value >> shift);
    uint64_t root = 0;
    for (uint64_t bit = UINT64_C(1) << 60; bit != 0; bit >>= 2) {
        if (rest >= root + bit) {
            rest -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    if (shift == 0) {
        return root;
    }
    root = (root + 1u) << (shift / 2u);
    for (;;) {
        uint64_t next = (root + (uint64_t)(value / root)) / 2u;
        if (next >= root) {
            return root;
        }
        root = next;
    }
}

static sim_int sim_mirror_power(uint32_t exponent)
{
    sim_int power = 1;
    for (uint32_t i = 0; i < exponent; i++) {
        power *= 10;
    }
    return power;
}

int64_t sim_mirror_ratio(const struct plm_market *market, uint32_t base, sim_int size)
{
    if (market->params.imf.nano == 0) {
        return base;
    }
    /* The root of base units x 1e9 is the root of lots x 10^(18 - size_decimals). */
    uint32_t decimals = market->size_decimals > 18u ? 0u : 18u - market->size_decimals;
    sim_uint root = sim_mirror_root((sim_uint)size * (sim_uint)sim_mirror_power(decimals)) + 1u;
    sim_int premium = ((sim_int)root * market->params.imf.nano + 999999999999) / 1000000000000;
    sim_int ratio = (sim_int)base - base / 5u + premium;
    ratio = ratio > base ? ratio : (sim_int)base;
    return (int64_t)(ratio < SIM_PPM_ONE ? ratio : SIM_PPM_ONE);
}

static sim_int
sim_mirror_requirement(const struct plm_market *market, sim_int size, sim_int price, uint32_t base)
{
    if (size == 0) {
        return 0;
    }
    sim_int floor = sim_abi_int_of(market->params.floor.wad) * SIM_PPM_ONE;
    sim_int need = size * price * sim_mirror_ratio(market, base, size);
    return need > floor ? need : floor;
}

sim_int sim_mirror_worth(const struct sim_mirror *mirror, const struct sim_pledge *pledge)
{
    const struct plm_asset *asset = &mirror->assets[pledge->asset].cold;
    uint32_t decimals = (uint32_t)asset->decimals + asset->price_decimals;
    sim_int value = pledge->atoms * (sim_int)mirror->feeds[asset->feed].state.price.ticks;
    return decimals >= 18u ? value / sim_mirror_power(decimals - 18u)
                           : value * sim_mirror_power(18u - decimals);
}

static void sim_mirror_add_leg(const struct sim_mirror *mirror,
                               const struct sim_leg *leg,
                               struct sim_figures *out)
{
    const struct plm_market *market = &mirror->markets[leg->market].cold;
    sim_int price = (sim_int)sim_mirror_price(mirror, leg->market);
    sim_int size = leg->lots < 0 ? -(sim_int)leg->lots : leg->lots;
    sim_int profit = sim_mirror_profit(mirror, leg);
    out->equity += profit * SIM_PPM_ONE;
    out->full += profit;
    out->losses += profit < 0 ? -profit : 0;
    if (size == 0) {
        out->debts += profit < 0 ? -profit : 0;
        return;
    }
    out->has_lots = true;
    out->notional += size * price;
    out->maint += sim_mirror_requirement(market, size, price, market->params.maint.ppm);
    out->initial += sim_mirror_requirement(market, size, price, market->params.initial.ppm);
}

bool sim_mirror_figures(const struct sim_mirror *mirror,
                        const struct sim_mirrored *account,
                        struct sim_figures *out)
{
    *out = (struct sim_figures){.equity = account->cash * SIM_PPM_ONE, .full = account->cash};
    for (uint32_t i = 0; i < account->leg_count; i++) {
        if (sim_mirror_price(mirror, account->legs[i].market) == 0) {
            return false;
        }
        sim_mirror_add_leg(mirror, &account->legs[i], out);
    }
    for (uint32_t i = 0; i < account->pledge_count; i++) {
        const struct plm_asset_params *params =
            &mirror->assets[account->pledges[i].asset].cold.params;
        sim_int worth = sim_mirror_worth(mirror, &account->pledges[i]);
        out->equity += worth * params->weight_maint.ppm;
        out->full += worth / SIM_PPM_ONE * (SIM_PPM_ONE - (sim_int)params->discount_max.ppm);
    }
    return true;
}

bool sim_mirror_is_liquidatable(const struct sim_figures *figures)
{
    return figures->equity < figures->maint;
}

bool sim_mirror_is_tradable(const struct sim_mirror *mirror, uint16_t market)
{
    const struct sim_mirror_feed *feed = &mirror->feeds[mirror->markets[market].cold.feed];
    uint64_t now = sim_world_time(mirror->world);
    return feed->state.price.ticks != 0 && feed->state.refused == 0 && feed->state.gap == 0 &&
           now >= feed->state.grace_until.sec &&
           now <= feed->state.time.sec + feed->cold.params.age;
}

/* --- bounds ------------------------------------------------------------------------------------
 */
static int64_t sim_mirror_distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

void sim_mirror_renew(struct sim_mirror *mirror)
{
    for (uint32_t market = 0; market < mirror->market_count; market++) {
        struct sim_mirror_market *row = &mirror->markets[market];
        uint64_t price = row->exists ? sim_mirror_price(mirror, (uint16_t)market) : 0;
        if (price == 0) {
            continue;
        }
        int64_t now_long = (int64_t)sim_mirror_index(mirror, (uint16_t)market, true);
        int64_t now_short = (int64_t)sim_mirror_index(mirror, (uint16_t)market, false);
        int64_t room = (int64_t)(price / SIM_DRIFT / 2u);
        if (sim_mirror_distance(now_long, row->seen_long) <= room &&
            sim_mirror_distance(now_short, row->seen_short) <= room) {
            continue;
        }
        row->seen_long = now_long;
        row->seen_short = now_short;
        for (uint64_t i = 0; i < mirror->count; i++) {
            struct sim_mirrored *account = &mirror->accounts[i];
            if (account->id != 0 && sim_mirror_leg(account, (uint16_t)market) != NULL) {
                account->is_unsure = true;
            }
        }
    }
}

/* Adds a feed to the account's bounds: low carries how much of the account hangs on it. False where
 * there is no room. */
static bool sim_mirror_depend(struct sim_mirrored *account, uint16_t feed)
{
    for (uint32_t i = 0; i < account->bound_count; i++) {
        if (account->bounds[i].feed == feed) {
            return true;
        }
    }
    if (account->bound_count == SIM_BOUNDS_MAX) {
        return false;
    }
    account->bounds[account->bound_count++].feed = feed;
    return true;
}

/* Proves how far prices may move together: each by the same share, until the slack is gone. */
static void sim_mirror_set_bounds(struct sim_mirror *mirror,
                                  struct sim_mirrored *account,
                                  const struct sim_figures *figures)
{
    sim_int weight = 0; /* what a move of 100 % would cost at most, wad x ppm */
    sim_int slack = figures->equity - figures->maint;
    bool fits = true;
    account->bound_count = 0;
    for (uint32_t i = 0; i < account->leg_count; i++) {
        const struct sim_leg *leg = &account->legs[i];
        const struct plm_market *market = &mirror->markets[leg->market].cold;
        sim_int size = leg->lots < 0 ? -(sim_int)leg->lots : leg->lots;
        sim_int value = size * (sim_int)sim_mirror_price(mirror, leg->market);
        weight += value * (SIM_PPM_ONE + sim_mirror_ratio(market, market->params.maint.ppm, size));
        slack -= value * (SIM_PPM_ONE / SIM_DRIFT);
        fits = (size == 0 || sim_mirror_depend(account, market->feed)) && fits;
    }
    for (uint32_t i = 0; i < account->pledge_count; i++) {
        const struct plm_asset *asset = &mirror->assets[account->pledges[i].asset].cold;
        weight += sim_mirror_worth(mirror, &account->pledges[i]) * SIM_PPM_ONE;
        fits = sim_mirror_depend(account, asset->feed) && fits;
    }
    account->is_unsure = slack <= 0 || !fits;
    sim_int share = account->is_unsure || weight < SIM_PPB ? 0 : slack / (weight / SIM_PPB + 1);
    for (uint32_t i = 0; i < account->bound_count; i++) {
        struct sim_bound *bound = &account->bounds[i];
        sim_int price = (sim_int)mirror->feeds[bound->feed].state.price.ticks;
        sim_int room = share >= SIM_PPB ? price : price * share / SIM_PPB;
        bound->low = (uint64_t)(price - room);
        bound->high = (uint64_t)(price + room);
    }
}

bool sim_mirror_may_be_liquidatable(struct sim_mirror *mirror,
                                    struct sim_mirrored *account,
                                    struct sim_figures *figures)
{
    bool is_safe = !account->is_unsure;
    for (uint32_t i = 0; is_safe && i < account->bound_count; i++) {
        const struct sim_bound *bound = &account->bounds[i];
        uint64_t price = mirror->feeds[bound->feed].state.price.ticks;
        is_safe = price >= bound->low && price <= bound->high;
    }
    if (is_safe || (account->leg_count == 0 && account->cash >= 0) ||
        !sim_mirror_figures(mirror, account, figures)) {
        return false;
    }
    sim_mirror_set_bounds(mirror, account, figures);
    sim_int cash = account->cash > 0 ? account->cash : 0;
    return sim_mirror_is_liquidatable(figures) || (!figures->has_lots && figures->debts > cash);
}

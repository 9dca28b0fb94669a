/* SPDX-License-Identifier: Apache-2.0
 * The scan: what a market does to a leg is worked out once, then every account is one pass over its
 * legs. Spec: docs/SPEC.md, MARGIN-1 to MARGIN-3 and MARGIN-7. Exact integers. */
#include "sim_mirror_scan.h"

#include <stdlib.h>

/* A market at its price now. */
struct sim_scan_market {
    const struct plm_market *cold;
    sim_int
        net_long; /* price - index of the side: a leg's profit is quote + lots x (net + snapshot) */
    sim_int net_short;
    sim_int price;     /* 0: never published */
    sim_int floor;     /* wad x ppm */
    int64_t free_lots; /* up to this size the size premium does not bind */
    uint32_t maint;
};

/* The largest size whose premium does not bind: the ratio only grows with the size. */
static int64_t sim_scan_free_lots(const struct plm_market *market)
{
    const uint32_t maint = market->params.maint.ppm;
    int64_t low = 0;
    int64_t high = INT64_MAX;
    if (market->params.imf.nano == 0) {
        return high;
    }
    while (low + 1 < high) {
        const int64_t middle = low + (high - low) / 2;
        if (sim_mirror_ratio(market, maint, middle) == (int64_t)maint) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct sim_scan_market sim_scan_begin_market(const struct sim_mirror *mirror, uint16_t id)
{
    const struct plm_market *cold = &mirror->markets[id].cold;
    struct sim_scan_market market = {.cold = cold};
    if (!mirror->markets[id].exists) {
        return market;
    }
    market.price = (sim_int)sim_mirror_price(mirror, id);
    market.net_long = market.price - sim_mirror_index(mirror, id, true);
    market.net_short = market.price - sim_mirror_index(mirror, id, false);
    market.maint = cold->params.maint.ppm;
    market.floor = sim_abi_int_of(cold->params.floor.wad) * SIM_PPM_ONE;
    market.free_lots = sim_scan_free_lots(cold);
    return market;
}

/* E_mm - MM of an account, wad x ppm; *is_priced: false where a price is missing. */
static sim_int sim_scan_account(const struct sim_mirror *mirror,
                                const struct sim_scan_market *markets,
                                const struct sim_mirrored *account,
                                bool *is_priced)
{
    sim_int value = account->cash;
    sim_int weighted = 0;
    for (uint32_t i = 0; i < account->leg_count; i++) {
        const struct sim_leg *leg = &account->legs[i];
        const struct sim_scan_market *market = &markets[leg->market];
        *is_priced = *is_priced && market->price != 0;
        value += leg->quote;
        if (leg->lots == 0) {
            continue;
        }
        const sim_int net = leg->lots > 0 ? market->net_long : market->net_short;
        value += leg->lots * (net + leg->snapshot);
        const int64_t size = leg->lots < 0 ? -leg->lots : leg->lots;
        const int64_t ratio = size <= market->free_lots
                                  ? (int64_t)market->maint
                                  : sim_mirror_ratio(market->cold, market->maint, size);
        const sim_int need = size * market->price * ratio;
        weighted -= need > market->floor ? need : market->floor;
    }
    for (uint32_t i = 0; i < account->pledge_count; i++) {
        const struct plm_asset *asset = &mirror->assets[account->pledges[i].asset].cold;
        weighted += sim_mirror_worth(mirror, &account->pledges[i]) * asset->params.weight_maint.ppm;
    }
    return value * SIM_PPM_ONE + weighted;
}

uint64_t sim_mirror_scan(const struct sim_mirror *mirror, uint64_t *found, uint64_t capacity)
{
    struct sim_scan_market *markets = sim_bytes_alloc(mirror->market_count + 1u, sizeof(*markets));
    uint64_t count = 0;
    for (uint32_t i = 0; i < mirror->market_count; i++) {
        markets[i] = sim_scan_begin_market(mirror, (uint16_t)i);
    }
    for (uint64_t i = 0; i < mirror->count; i++) {
        const struct sim_mirrored *account = &mirror->accounts[i];
        bool is_priced = account->id != 0;
        if (sim_scan_account(mirror, markets, account, &is_priced) < 0 && is_priced) {
            if (count < capacity) {
                found[count] = account->id;
            }
            count++;
        }
    }
    free(markets);
    return count;
}

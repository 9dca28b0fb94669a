/* SPDX-License-Identifier: Apache-2.0
 * A decoded copy of accounts, markets and prices, kept true by the write sets of operations, so
 * that thousands of accounts can be looked at after every price. Spec: docs/SPEC.md, MARGIN-1, -3,
 * -6. Its figures choose whom to ask the engine about; what happens is the engine's answer. */
#ifndef SIM_MIRROR_H
#define SIM_MIRROR_H

#include "sim_world.h"

#define SIM_PPM_ONE    1000000
#define SIM_BOUNDS_MAX 4u

struct sim_leg {
    sim_int quote;
    int64_t lots;
    int64_t snapshot;
    uint16_t market;
};

struct sim_pledge {
    sim_int atoms;
    uint16_t asset;
};

/* While the feed stays within [low, high], the account it stands in cannot be liquidatable. */
struct sim_bound {
    uint64_t low;
    uint64_t high;
    uint16_t feed;
};

struct sim_mirrored {
    uint64_t id;    /* 0: closed */
    sim_int cash;
    uint64_t since; /* flagged; 0 = not */
    uint64_t cooldown;
    struct sim_leg *legs;
    struct sim_pledge *pledges;
    size_t leg_capacity;
    size_t pledge_capacity;
    uint32_t leg_count;
    uint32_t pledge_count;
    struct sim_bound bounds[SIM_BOUNDS_MAX];
    uint8_t bound_count;
    bool is_unsure; /* the bounds are out of date */
    bool is_known;  /* keepers work on it */
    uint8_t mode;
};

struct sim_mirror_market {
    struct plm_market cold;
    struct plm_market_state state;
    int64_t seen_long; /* indices when the bounds of its accounts were last renewed */
    int64_t seen_short;
    bool exists;
};

struct sim_mirror_feed {
    struct plm_feed cold;
    struct plm_feed_state state;
    bool exists;
};

struct sim_mirror_asset {
    struct plm_asset cold;
    bool exists;
};

struct sim_mirror {
    struct sim_world *world;
    struct sim_mirrored *accounts; /* account id - 1 */
    size_t capacity;
    uint64_t count;
    struct sim_mirror_market *markets; /* MARKETS_MAX */
    struct sim_mirror_feed *feeds;     /* FEEDS_MAX */
    struct sim_mirror_asset *assets;   /* ASSETS_MAX */
    uint32_t market_count;
    struct plm_ledger ledger;
    struct plm_account *room; /* for decoding */
};

/* new: reads the world's state and observes it from now on. free: no longer. */
struct sim_mirror *sim_mirror_new(struct sim_world *world);
void sim_mirror_free(struct sim_mirror *mirror);

/* account: NULL where there is none. */
struct sim_mirrored *sim_mirror_account(const struct sim_mirror *mirror, uint64_t id);
const struct sim_leg *sim_mirror_leg(const struct sim_mirrored *account, uint16_t market);

struct sim_figures {
    sim_int equity;   /* E_mm, wad x ppm */
    sim_int maint;    /* MM, wad x ppm */
    sim_int full;     /* E_full, wad */
    sim_int initial;  /* IM at the accepted price, unscaled, wad x ppm */
    sim_int notional; /* gross, wad */
    sim_int debts;    /* losses of legs without lots, wad, at least 0 */
    sim_int losses;   /* losses of all legs, wad, at least 0 */
    bool has_lots;
};

/* figures: false where a price was never published. */
bool sim_mirror_figures(const struct sim_mirror *mirror,
                        const struct sim_mirrored *account,
                        struct sim_figures *out);
bool sim_mirror_is_liquidatable(const struct sim_figures *figures);
/* profit: lots x p + quote of a leg, indices applied, wad. */
sim_int sim_mirror_profit(const struct sim_mirror *mirror, const struct sim_leg *leg);
/* payable: what a settlement could turn into cash: the smaller of the profits at the accepted and
 * the slow price, 0 where they differ in sign; all of a claim or debt. Before the pool is asked. */
sim_int sim_mirror_payable(const struct sim_mirror *mirror, const struct sim_leg *leg);
/* index: of a side now: what stands in the record, and the funding since. */
sim_int sim_mirror_index(const struct sim_mirror *mirror, uint16_t market, bool is_long);
/* ratio: with its size premium: max(r, r - floor(r / 5) + ceil(imf x root of the base size)). */
int64_t sim_mirror_ratio(const struct plm_market *market, uint32_t base, sim_int size);
/* worth: a pledge's value at the accepted price, wad, rounded down. */
sim_int sim_mirror_worth(const struct sim_mirror *mirror, const struct sim_pledge *pledge);
/* price: the accepted price of a market; 0 = never. */
uint64_t sim_mirror_price(const struct sim_mirror *mirror, uint16_t market);
/* is_tradable: the market's feed is good enough to start a liquidation. */
bool sim_mirror_is_tradable(const struct sim_mirror *mirror, uint16_t market);

/* may_be_liquidatable: false where the account's bounds prove that it is not, and it is no debtor
 * without lots whose debts exceed its cash (seen when the account changes). Looks at prices only
 * through the bounds, so that thousands of accounts cost microseconds; renews bounds that do not
 * decide, and then fills *figures. */
bool sim_mirror_may_be_liquidatable(struct sim_mirror *mirror,
                                    struct sim_mirrored *account,
                                    struct sim_figures *figures);
/* renew: call once after a price or an index moved, before may_be_liquidatable. */
void sim_mirror_renew(struct sim_mirror *mirror);

#endif

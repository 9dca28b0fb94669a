/* SPDX-License-Identifier: Apache-2.0
 * crowd: thousands of accounts from a seed. They deposit, and open positions against each other and
 * against a few market makers by matched fills. Spec: docs/SCENARIOS.md, "Crowds".
 * It knows what traders want, never what a rule allows: a refused fill is a trader who stays out.
 */
#include "sim_actors.h"
#include "sim_error.h"
#include "sim_units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_WAD           ((sim_int)1000000000000000000)
#define SIM_CROWD_MAX     1000000u
#define SIM_CROWD_MARKETS 16u
#define SIM_HEAVY         UINT64_C(1000000000)

/* The words of one crowd line. */
struct sim_crowd {
    uint64_t count;
    uint64_t makers;
    uint64_t leverage_low; /* in hundredths */
    uint64_t leverage_high;
    uint32_t is_long;      /* shares, ppm */
    uint32_t isolated;
    uint32_t flat;
    uint32_t pledging;
    uint32_t cashers;
    uint32_t relever;
    uint32_t scared;
    sim_int oi;                          /* one side of each market, wad; 0 = most of the cap */
    sim_int maker_cash;                  /* wad */
    const char *name;
    const struct sim_named_asset *asset; /* collateral, or NULL */
    uint16_t markets[SIM_CROWD_MARKETS];
    uint32_t market_count;
};

/* What one trader wants in one market. */
struct sim_wish {
    uint64_t weight; /* heavy-tailed */
    int64_t lots;
    uint32_t trader;
    uint16_t market;
    bool is_long;
};

/* The crowd while it is made. */
struct sim_crowding {
    struct sim_workload *w;
    const struct sim_crowd *crowd;
    struct sim_wish *wishes;
    uint32_t *leverages; /* of each trader, hundredths */
    size_t wish_capacity;
    uint32_t wish_count;
    uint32_t first_trader;
    uint32_t first_maker;
    struct plm_trade batch;
    uint64_t refused;
};

/* --- words -------------------------------------------------------------------------------------
 */
static bool sim_crowd_leverage(const struct sim_args *args, struct sim_crowd *crowd)
{
    const char *text = sim_args_value(args, "leverage");
    if (text == NULL) {
        return true;
    }
    const char *dots = strstr(text, "..");
    char low[32] = "";
    char high[32] = "";
    size_t length = dots != NULL ? (size_t)(dots - text) : strlen(text);
    const char *second = dots != NULL ? dots + 2 : text;
    sim_int values[2] = {0};
    if (length < sizeof(low) && strlen(second) < sizeof(high)) {
        (void)snprintf(low, sizeof(low), "%.*s", (int)length, text);
        (void)snprintf(high, sizeof(high), "%s", second);
        low[strcspn(low, "x")] = '\0';
        high[strcspn(high, "x")] = '\0';
        if (sim_units_decimal(low, 2, &values[0]) == SIM_UNITS_OK &&
            sim_units_decimal(high, 2, &values[1]) == SIM_UNITS_OK && values[0] >= 1 &&
            values[0] <= values[1] && values[1] <= 100000) {
            crowd->leverage_low = (uint64_t)values[0];
            crowd->leverage_high = (uint64_t)values[1];
            return true;
        }
    }
    return sim_args_refuse(args, "leverage '%.40s': write 2x..50x, from small to large", text);
}

static bool sim_crowd_markets(const struct sim_args *args, struct sim_crowd *crowd)
{
    const char *list = sim_args_value(args, "on");
    char name[SIM_NAME_BYTES];
    if (list == NULL) {
        return sim_args_refuse(args, "write on which markets: `crowd 5000 on ETH-PERP`");
    }
    while (sim_actors_next(&list, name)) {
        const struct sim_named_market *market = sim_names_find_market(&args->scenario->names, name);
        if (market == NULL || crowd->market_count == SIM_CROWD_MARKETS) {
            return sim_args_refuse(args, "there is no market '%.40s': declare it first", name);
        }
        crowd->markets[crowd->market_count++] = market->id;
    }
    return crowd->market_count != 0 || sim_args_refuse(args, "on '%.40s' names no market", list);
}

static bool sim_crowd_asset(const struct sim_args *args, struct sim_crowd *crowd)
{
    const char *name = sim_args_value(args, "collateral");
    if (name == NULL) {
        return true;
    }
    crowd->asset = sim_names_find_asset(&args->scenario->names, name);
    if (crowd->asset == NULL || crowd->asset->id == 0) {
        return sim_args_refuse(
            args, "'%.40s' is no collateral asset: declare it first by `asset`", name);
    }
    return true;
}

static bool sim_crowd_read(const struct sim_args *args, struct sim_crowd *crowd)
{
    static const char *const keys[] = {
        "on",          "leverage",   "long",        "isolated", "flat",        "collateral",
        "pledging",    "cashers",    "relever",     "scared",   "makers",      "maker_cash",
        "oi",          "name",       "from",        "until",    "time_column", "open_column",
        "high_column", "low_column", "close_column"};
    *crowd = (struct sim_crowd){.makers = 4,
                                .leverage_low = 200,
                                .leverage_high = 5000,
                                .is_long = 620000,
                                .isolated = 250000,
                                .flat = 20000,
                                .pledging = 300000,
                                .maker_cash = 20000000 * SIM_WAD,
                                .name = sim_args_value(args, "name")};
    sim_int count = 0;
    crowd->name = crowd->name != NULL ? crowd->name : "trader";
    if (args->count == 0 || sim_units_decimal(args->words[0], 0, &count) != SIM_UNITS_OK ||
        count < 1 || count > SIM_CROWD_MAX) {
        return sim_args_refuse(args, "write how many first, up to a million: `crowd 5000 on ...`");
    }
    crowd->count = (uint64_t)count;
    if (strlen(crowd->name) > 40u || !sim_names_is_valid(crowd->name)) {
        return sim_args_refuse(args, "'%.40s' is no name", crowd->name);
    }
    return sim_actors_known(args, 1, keys, sizeof(keys) / sizeof(keys[0])) &&
           sim_crowd_markets(args, crowd) && sim_crowd_leverage(args, crowd) &&
           sim_crowd_asset(args, crowd) && sim_actors_ratio(args, "long", &crowd->is_long) &&
           sim_actors_ratio(args, "isolated", &crowd->isolated) &&
           sim_actors_ratio(args, "flat", &crowd->flat) &&
           sim_actors_ratio(args, "pledging", &crowd->pledging) &&
           sim_actors_ratio(args, "cashers", &crowd->cashers) &&
           sim_actors_ratio(args, "relever", &crowd->relever) &&
           sim_actors_ratio(args, "scared", &crowd->scared) &&
           sim_actors_count(args, "makers", 1000, &crowd->makers) &&
           sim_actors_value(args, "maker_cash", &crowd->maker_cash) &&
           sim_actors_value(args, "oi", &crowd->oi) &&
           (crowd->makers != 0 || sim_args_refuse(args, "a crowd needs one of `makers` at least"));
}

/* --- prices before anyone trades ---------------------------------------------------------------
 */
/* Where a market has a --prices file, it opens at the file's first price. */
static bool sim_crowd_open_market(struct sim_workload *w, uint16_t market)
{
    const struct sim_names *names = &w->args->scenario->names;
    const struct sim_named_market *named = sim_names_market_by_id(names, market);
    const struct sim_named_feed *feed = sim_names_feed_by_id(names, named->feed);
    uint64_t accepted = sim_mirror_price(w->mirror, market);
    if (feed == NULL || (accepted != 0 && !sim_actors_has_series(w, named->name))) {
        return true;
    }
    struct sim_prices_options window = {0};
    struct sim_prices prices = {0};
    if (!sim_actors_window(w->args, &window) ||
        !sim_actors_series(w, named->name, &window, &prices)) {
        return false;
    }
    bool exact = true;
    uint64_t ticks = sim_prices_ticks(prices.bars[0].open, feed->decimals, &exact);
    sim_prices_free(&prices);
    if (ticks == accepted) {
        return true;
    }
    if (accepted != 0) {
        sim_world_advance(w->world, 1);
    }
    if (!sim_actors_publish(w, &named->feed, &ticks, 1, 0)) {
        return false;
    }
    uint16_t refused = w->mirror->feeds[named->feed].state.refused;
    if (w->code != PLM_OK || refused != 0) {
        return sim_args_refuse(
            w->args,
            "%s cannot open at the first price of its series (%s): leave out the price before "
            "the crowd, or publish one that is close",
            named->name,
            sim_abi_code_name(w->code != PLM_OK ? w->code : refused));
    }
    return true;
}

/* --- who there is ------------------------------------------------------------------------------
 */
static struct sim_trader *sim_crowd_add(struct sim_trader **rows, uint32_t *count, size_t *capacity)
{
    *rows = sim_bytes_grow(*rows, capacity, *count + 1u, sizeof(**rows));
    (*count)++;
    return &(*rows)[*count - 1u];
}

static bool sim_crowd_is(struct sim_workload *w, uint32_t share)
{
    return sim_random_below(&w->random, SIM_PPM_ONE) < share;
}

static enum sim_habit sim_crowd_habit(struct sim_workload *w, const struct sim_crowd *crowd)
{
    uint64_t dice = sim_random_below(&w->random, SIM_PPM_ONE);
    if (dice < crowd->cashers) {
        return SIM_HABIT_CASHER;
    }
    if (dice < (uint64_t)crowd->cashers + crowd->relever) {
        return SIM_HABIT_RELEVER;
    }
    if (dice < (uint64_t)crowd->cashers + crowd->relever + crowd->scared) {
        return SIM_HABIT_SCARED;
    }
    return SIM_HABIT_NONE;
}

/* A leverage between the bounds, small ones more often. */
static uint32_t sim_crowd_draw_leverage(struct sim_workload *w, const struct sim_crowd *crowd)
{
    uint64_t dice = sim_random_below(&w->random, 1000u);
    uint64_t skewed = dice * dice / 1000u;
    return (uint32_t)(crowd->leverage_low +
                      (crowd->leverage_high - crowd->leverage_low) * skewed / 1000u);
}

static void sim_crowd_wish(struct sim_crowding *c, uint32_t trader, bool is_cross)
{
    struct sim_workload *w = c->w;
    uint32_t first = (uint32_t)sim_random_below(&w->random, c->crowd->market_count);
    uint32_t legs = is_cross && c->crowd->market_count > 1u && sim_crowd_is(w, 350000) ? 2u : 1u;
    for (uint32_t i = 0; i < legs; i++) {
        c->wishes =
            sim_bytes_grow(c->wishes, &c->wish_capacity, c->wish_count + 1u, sizeof(*c->wishes));
        c->wishes[c->wish_count++] = (struct sim_wish){
            .weight = SIM_HEAVY / sim_random_between(&w->random, SIM_HEAVY / 1000000u, 1000000u),
            .trader = trader,
            .market = c->crowd->markets[(first + i) % c->crowd->market_count],
            .is_long = sim_crowd_is(w, c->crowd->is_long)};
    }
}

static bool sim_crowd_open_traders(struct sim_crowding *c)
{
    struct sim_workload *w = c->w;
    char name[SIM_NAME_BYTES];
    for (uint32_t i = 0; i < c->crowd->count && !sim_interrupted(); i++) {
        bool is_isolated = sim_crowd_is(w, c->crowd->isolated);
        struct sim_trader trader = {0};
        (void)snprintf(name, sizeof(name), "%s%u", c->crowd->name, i + 1u);
        if (!sim_actors_open(
                w->args, name, is_isolated ? PLM_MODE_ISOLATED : PLM_MODE_CROSS, &trader)) {
            return false;
        }
        trader.habit = sim_crowd_habit(w, c->crowd);
        *sim_crowd_add(&w->traders, &w->trader_count, &w->trader_capacity) = trader;
        c->leverages[i] = sim_crowd_draw_leverage(w, c->crowd);
        if (!sim_crowd_is(w, c->crowd->flat)) {
            sim_crowd_wish(c, i, !is_isolated);
        }
    }
    return true;
}

static bool sim_crowd_open_makers(struct sim_crowding *c)
{
    struct sim_workload *w = c->w;
    char name[SIM_NAME_BYTES];
    for (uint32_t i = 0; i < c->crowd->makers; i++) {
        struct sim_trader maker = {0};
        (void)snprintf(name, sizeof(name), "%s_maker%u", c->crowd->name, i + 1u);
        if (!sim_actors_open(w->args, name, PLM_MODE_CROSS, &maker) ||
            !sim_actors_deposit_cash(w, &maker, c->crowd->maker_cash)) {
            return false;
        }
        if (w->code != PLM_OK) {
            return sim_args_refuse(
                w->args, "%s cannot deposit its maker_cash: %s", name, sim_abi_code_name(w->code));
        }
        *sim_crowd_add(&w->makers, &w->maker_count, &w->maker_capacity) = maker;
    }
    return true;
}

/* --- sizes -------------------------------------------------------------------------------------
 */
/* Turns weights into lots, so that the larger side reaches the wanted open interest. */
static void sim_crowd_size(struct sim_crowding *c, uint16_t market)
{
    const struct sim_mirror_market *row = &c->w->mirror->markets[market];
    sim_int price = (sim_int)sim_mirror_price(c->w->mirror, market);
    sim_int cap = sim_abi_int_of(row->cold.params.oi_cap.wad);
    sim_int wanted = c->crowd->oi != 0 ? c->crowd->oi : (sim_int)c->crowd->count * 4000 * SIM_WAD;
    sim_int target = wanted < cap * 9 / 10 ? wanted : cap * 9 / 10;
    sim_int sums[2] = {0};
    for (uint32_t i = 0; i < c->wish_count; i++) {
        if (c->wishes[i].market == market) {
            sums[c->wishes[i].is_long ? 1 : 0] += (sim_int)c->wishes[i].weight;
        }
    }
    sim_int most = sums[0] > sums[1] ? sums[0] : sums[1];
    for (uint32_t i = 0; i < c->wish_count && most != 0 && price != 0; i++) {
        struct sim_wish *wish = &c->wishes[i];
        if (wish->market == market) {
            wish->lots = (int64_t)(target / most * (sim_int)wish->weight / price);
            wish->lots = wish->lots < row->cold.params.min_order.lots ? 0 : wish->lots;
        }
    }
}

/* What a trader brings: enough for its leverage, and never less than the market asks. Who trades
 * nothing brings up to 50 000 all the same. */
static sim_int sim_crowd_equity(const struct sim_crowding *c, uint32_t trader, uint32_t *wish)
{
    sim_int equity = 10 * SIM_WAD;
    if (*wish >= c->wish_count || c->wishes[*wish].trader != trader) {
        equity += (sim_int)(trader % 50u) * 1000 * SIM_WAD;
    }
    for (; *wish < c->wish_count && c->wishes[*wish].trader == trader; (*wish)++) {
        const struct plm_market_params *params =
            &c->w->mirror->markets[c->wishes[*wish].market].cold.params;
        sim_int value = (sim_int)c->wishes[*wish].lots *
                        (sim_int)sim_mirror_price(c->w->mirror, c->wishes[*wish].market);
        sim_int least = value *
                        (sim_int)(params->initial.ppm + params->initial.ppm / 50u + 3000u +
                                  2u * params->fee_taker.ppm) /
                        SIM_PPM_ONE;
        sim_int asked = value * 100 / (sim_int)c->leverages[trader];
        equity += asked > least ? asked : least;
    }
    return equity;
}

/* Brings part of the equity as collateral. Where the asset's cap is reached, *left stays. */
static bool sim_crowd_pledge(struct sim_crowding *c, const struct sim_trader *to, sim_int *left)
{
    const struct plm_asset *asset = &c->w->mirror->assets[c->crowd->asset->id].cold;
    sim_int price = (sim_int)c->w->mirror->feeds[asset->feed].state.price.ticks;
    sim_int part = *left * 3 / 4;
    uint32_t decimals = (uint32_t)asset->decimals + asset->price_decimals;
    if (price == 0 || asset->params.weight_initial.ppm == 0) {
        return true;
    }
    sim_int atoms = part / price * SIM_PPM_ONE / asset->params.weight_initial.ppm;
    for (uint32_t i = 18; i < decimals; i++) {
        atoms *= 10;
    }
    for (uint32_t i = decimals; i < 18u; i++) {
        atoms /= 10;
    }
    if (atoms == 0) {
        return true;
    }
    if (!sim_actors_deposit(c->w, to, c->crowd->asset, atoms)) {
        return false;
    }
    *left -= c->w->code == PLM_OK ? part : 0;
    return true;
}

static bool sim_crowd_fund(struct sim_crowding *c)
{
    uint32_t wish = 0;
    for (uint32_t i = 0; i < c->crowd->count && !sim_interrupted(); i++) {
        const struct sim_trader *trader = &c->w->traders[c->first_trader + i];
        sim_int left = sim_crowd_equity(c, i, &wish);
        if (c->crowd->asset != NULL && sim_crowd_is(c->w, c->crowd->pledging) &&
            !sim_crowd_pledge(c, trader, &left)) {
            return false;
        }
        if (!sim_actors_deposit_cash(c->w, trader, left)) {
            return false;
        }
        if (c->w->code != PLM_OK) {
            return sim_args_refuse(
                c->w->args, "a trader cannot deposit: %s", sim_abi_code_name(c->w->code));
        }
    }
    return true;
}

/* --- fills -------------------------------------------------------------------------------------
 */
/* Sends the fills collected; where one of them is refused, one by one. */
static bool sim_crowd_flush(struct sim_crowding *c)
{
    struct plm_trade all = c->batch;
    c->batch.fills_count = 0;
    if (all.fills_count == 0) {
        return true;
    }
    if (!sim_actors_send(c->w, &c->w->matcher, PLM_OP_TRADE, &all, NULL)) {
        return false;
    }
    for (uint32_t i = 0; c->w->code != PLM_OK && all.fills_count > 1u && i < all.fills_count; i++) {
        struct plm_trade one = {.fills_count = 1, .fills = {all.fills[i]}};
        if (!sim_actors_send(c->w, &c->w->matcher, PLM_OP_TRADE, &one, NULL)) {
            return false;
        }
        c->refused += c->w->code != PLM_OK ? 1u : 0u;
        c->w->code = PLM_E_BALANCE; /* go on to the end */
    }
    c->refused += all.fills_count == 1u && c->w->code != PLM_OK ? 1u : 0u;
    return true;
}

static bool sim_crowd_match(
    struct sim_crowding *c, uint16_t market, uint64_t buyer, uint64_t seller, int64_t lots)
{
    if (lots < c->w->mirror->markets[market].cold.params.min_order.lots || lots == 0) {
        return true;
    }
    struct plm_fill fill = sim_actors_fill(c->w, market, buyer, seller, lots);
    fill.id += c->batch.fills_count;
    c->batch.fills[c->batch.fills_count++] = fill;
    return c->batch.fills_count < PLM_FILLS_MAX || sim_crowd_flush(c);
}

/* The next wish of a side that still wants lots. */
static struct sim_wish *
sim_crowd_next(const struct sim_crowding *c, uint16_t market, bool is_long, uint32_t *at)
{
    while (*at < c->wish_count && (c->wishes[*at].market != market ||
                                   c->wishes[*at].is_long != is_long || c->wishes[*at].lots == 0)) {
        (*at)++;
    }
    return *at < c->wish_count ? &c->wishes[*at] : NULL;
}

/* How many lots two wishes share; a maker takes all of the other one. */
static int64_t sim_crowd_common(const struct sim_wish *buy, const struct sim_wish *sell)
{
    if (buy == NULL || sell == NULL) {
        return buy != NULL ? buy->lots : sell->lots;
    }
    return buy->lots < sell->lots ? buy->lots : sell->lots;
}

/* Buyers meet sellers; who is left over meets the makers, one after the other. */
static bool sim_crowd_trade_market(struct sim_crowding *c, uint16_t market)
{
    struct sim_workload *w = c->w;
    uint32_t at_long = 0;
    uint32_t at_short = 0;
    uint32_t maker = 0;
    while (!sim_interrupted()) {
        struct sim_wish *buy = sim_crowd_next(c, market, true, &at_long);
        struct sim_wish *sell = sim_crowd_next(c, market, false, &at_short);
        if (buy == NULL && sell == NULL) {
            break;
        }
        int64_t lots = sim_crowd_common(buy, sell);
        uint64_t middle = w->makers[c->first_maker + maker++ % (uint32_t)c->crowd->makers].account;
        uint64_t buyer = buy != NULL ? w->traders[c->first_trader + buy->trader].account : middle;
        uint64_t seller =
            sell != NULL ? w->traders[c->first_trader + sell->trader].account : middle;
        if (buy != NULL) {
            buy->lots -= lots;
        }
        if (sell != NULL) {
            sell->lots -= lots;
        }
        if (!sim_crowd_match(c, market, buyer, seller, lots)) {
            return false;
        }
    }
    return sim_crowd_flush(c);
}

/* Notes who came and has no position. */
static void sim_crowd_note_flat(struct sim_crowding *c)
{
    struct sim_workload *w = c->w;
    for (uint32_t i = c->first_trader; i < w->trader_count; i++) {
        const struct sim_mirrored *account = sim_mirror_account(w->mirror, w->traders[i].account);
        if (account == NULL || account->leg_count != 0) {
            continue;
        }
        w->flats =
            sim_bytes_grow(w->flats, &w->flat_capacity, w->flat_count + 1u, sizeof(*w->flats));
        struct sim_flat *flat = &w->flats[w->flat_count++];
        *flat = (struct sim_flat){.account = account->id, .cash = account->cash};
        if (account->pledge_count != 0) {
            flat->asset = account->pledges[0].asset;
            flat->atoms = account->pledges[0].atoms;
        }
    }
}

/* One atom of the settlement token, wad. */
static sim_int sim_crowd_atom(struct sim_world *world)
{
    struct plm_asset quote = {0};
    sim_int atom = 1;
    (void)sim_world_read_id(world, PLM_KEY_ASSET, 0, &quote);
    for (uint32_t i = quote.decimals; i < SIM_UNITS_WAD_DECIMALS; i++) {
        atom *= 10;
    }
    return atom;
}

/* What is wrong with a flat account, or NULL. */
static const char *sim_crowd_judge_flat(struct sim_world *world, const struct sim_flat *flat)
{
    struct plm_account *now = sim_bytes_alloc(1, sizeof(*now));
    const struct plm_get_withdrawable ask = {.account = flat->account, .asset = 0};
    struct plm_reply_withdrawable got = {0};
    const char *why = NULL;
    sim_int atoms = 0;
    if (!sim_world_read_id(world, PLM_KEY_ACCOUNT, flat->account, now)) {
        free(now);
        return "is gone";
    }
    for (uint32_t i = 0; i < now->collaterals_count; i++) {
        atoms += now->collaterals[i].asset == flat->asset
                     ? sim_abi_int_of(now->collaterals[i].atoms.atoms)
                     : 0;
    }
    if (now->positions_count != 0) {
        why = "has a position now";
    } else if (sim_abi_int_of(now->cash.wad) != flat->cash || atoms != flat->atoms) {
        why = "does not own what it brought";
    }
    free(now);
    if (why == NULL && (sim_world_ask(world, PLM_QUERY_WITHDRAWABLE, &ask, &got) != PLM_OK ||
                        sim_abi_int_of(got.amount.atoms) * sim_crowd_atom(world) != flat->cash)) {
        why = "cannot take all its cash out";
    }
    return why;
}

bool sim_workload_flat(const struct sim_workload *workload,
                       struct sim_world *world,
                       uint32_t *count,
                       struct sim_buffer *why)
{
    *count = workload->flat_count;
    for (uint32_t i = 0; i < workload->flat_count; i++) {
        const char *text = sim_crowd_judge_flat(world, &workload->flats[i]);
        if (text != NULL) {
            sim_bytes_add_format(why,
                                 "account %llu, which never had a position, %s",
                                 (unsigned long long)workload->flats[i].account,
                                 text);
            return false;
        }
    }
    return true;
}

/* A second crowd needs another name. */
static bool sim_crowd_is_new(const struct sim_args *args, const struct sim_crowd *crowd)
{
    char name[SIM_NAME_BYTES];
    (void)snprintf(name, sizeof(name), "%s1", crowd->name);
    return sim_actors_is_free(args, name);
}

static bool sim_crowd_make(struct sim_crowding *c)
{
    const struct sim_crowd *crowd = c->crowd;
    for (uint32_t i = 0; i < crowd->market_count; i++) {
        if (!sim_crowd_open_market(c->w, crowd->markets[i])) {
            return false;
        }
    }
    if (!sim_crowd_is_new(c->w->args, crowd) || !sim_crowd_open_makers(c) ||
        !sim_crowd_open_traders(c)) {
        return false;
    }
    for (uint32_t i = 0; i < crowd->market_count; i++) {
        sim_crowd_size(c, crowd->markets[i]);
    }
    if (!sim_crowd_fund(c)) {
        return false;
    }
    for (uint32_t i = 0; i < crowd->market_count; i++) {
        if (!sim_crowd_trade_market(c, crowd->markets[i])) {
            return false;
        }
    }
    sim_crowd_note_flat(c);
    if (sim_interrupted()) {
        return sim_args_refuse(c->w->args, "interrupted while the crowd came in");
    }
    if (c->refused != 0 && !c->w->is_quiet) {
        (void)fprintf(stderr,
                      "%s:%u: %llu fills of the crowd were refused\n",
                      c->w->args->path,
                      c->w->args->line,
                      (unsigned long long)c->refused);
    }
    return true;
}

/* In a check the names become known, and that is all. */
static bool sim_crowd_check(const struct sim_args *args, const struct sim_crowd *crowd)
{
    struct sim_trader nobody = {0};
    char name[SIM_NAME_BYTES];
    if (!sim_crowd_is_new(args, crowd)) {
        return false;
    }
    for (uint64_t i = 1; i <= crowd->makers; i++) {
        (void)snprintf(name, sizeof(name), "%s_maker%u", crowd->name, (unsigned)i);
        if (!sim_actors_open(args, name, PLM_MODE_CROSS, &nobody)) {
            return false;
        }
    }
    for (uint64_t i = 1; i <= crowd->count; i++) {
        (void)snprintf(name, sizeof(name), "%s%u", crowd->name, (unsigned)i);
        if (!sim_actors_open(args, name, PLM_MODE_CROSS, &nobody)) {
            return false;
        }
    }
    return true;
}

bool sim_workload_crowd(const struct sim_args *args)
{
    struct sim_crowd crowd = {0};
    if (!sim_crowd_read(args, &crowd)) {
        return false;
    }
    if (args->scenario->world == NULL) {
        return sim_crowd_check(args, &crowd);
    }
    struct sim_workload *w = args->scenario->workload;
    sim_actors_begin(w, args);
    struct sim_crowding c = {.w = w,
                             .crowd = &crowd,
                             .leverages = sim_bytes_alloc(crowd.count, sizeof(uint32_t)),
                             .first_trader = w->trader_count,
                             .first_maker = w->maker_count};
    bool is_good = sim_crowd_make(&c);
    free(c.wishes);
    free(c.leverages);
    sim_actors_end(w);
    return is_good;
}

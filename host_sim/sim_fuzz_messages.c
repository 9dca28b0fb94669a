/* SPDX-License-Identifier: Apache-2.0
 * Messages that mean something in the world of a seed: people who are there, sizes near what they
 * have, prices near the price; sometimes the bounds of a field and just beyond, sometimes anybody.
 * It knows names of fields and what people try; it must never know what a rule allows. */
#include "sim_fuzz.h"

#include <stdlib.h>
#include <string.h>

#define WAD ((sim_int)1000000000000000000)

static uint64_t below(struct sim_fuzz *f, uint64_t bound)
{
    return sim_random_below(&f->random, bound);
}

static bool chance(struct sim_fuzz *f, uint32_t one_in)
{
    return below(f, one_in) == 0;
}

/* --- who and what there is ------------------------------------------------------------------ */
static uint64_t any_account(struct sim_fuzz *f)
{
    if (f->account_count == 0 || chance(f, 60)) {
        return 1u + below(f, 70);
    }
    return f->accounts[below(f, f->account_count)];
}

/* Somebody whom the engine calls liquidatable, where a few tries find one. */
static uint64_t any_sick(struct sim_fuzz *f)
{
    static struct plm_reply_margin reply;
    uint64_t id = f->taken_from != 0 && chance(f, 3) ? f->taken_from : any_account(f);
    for (uint32_t i = 0; i < 10u && !chance(f, 40); i++) {
        const struct plm_get_margin ask = {.account = id};
        if (sim_world_ask(f->world, PLM_QUERY_MARGIN, &ask, &reply) == PLM_OK &&
            reply.level >= PLM_LEVEL_LIQUIDATABLE) {
            break;
        }
        id = any_account(f);
    }
    return id;
}

static struct plm_addr owner_of(struct sim_fuzz *f, uint64_t account)
{
    for (uint32_t i = 0; i < f->account_count; i++) {
        if (f->accounts[i] == account) {
            return sim_fuzz_actor("owner", f->owners[i]);
        }
    }
    return sim_fuzz_actor("owner", 0);
}

static uint16_t any_market(struct sim_fuzz *f)
{
    if (f->open_markets == 0 || chance(f, 80)) {
        return (uint16_t)below(f, 256);
    }
    return (uint16_t)below(f, chance(f, 40) ? f->market_count : f->open_markets);
}

static uint16_t any_asset(struct sim_fuzz *f)
{
    return (uint16_t)(chance(f, 60) ? below(f, 64)
                                    : below(f, f->asset_count + 1u) % f->asset_count);
}

static bool read_account(struct sim_fuzz *f, uint64_t id, struct plm_account *account)
{
    return sim_world_read_id(f->world, PLM_KEY_ACCOUNT, id, account);
}

/* The feed of a market, and the accepted price; false where there is none. */
static bool price_of(struct sim_fuzz *f, uint16_t market, uint64_t *price)
{
    struct plm_market cold;
    struct plm_feed_state state;
    if (!sim_world_read_id(f->world, PLM_KEY_MARKET, market, &cold) ||
        !sim_world_read_id(f->world, PLM_KEY_FEED_STATE, cold.feed, &state)) {
        return false;
    }
    *price = state.price.ticks;
    return state.price.ticks != 0;
}

/* A market in which the account has something; any where it has nothing. */
static uint16_t market_of(struct sim_fuzz *f, uint64_t id)
{
    struct plm_account account;
    if (!read_account(f, id, &account) || account.positions_count == 0 || chance(f, 20)) {
        return any_market(f);
    }
    return account.positions[below(f, account.positions_count)].market;
}

static uint16_t collateral_of(struct sim_fuzz *f, uint64_t id)
{
    struct plm_account account;
    if (!read_account(f, id, &account) || account.collaterals_count == 0 || chance(f, 20)) {
        return any_asset(f);
    }
    return account.collaterals[below(f, account.collaterals_count)].asset;
}

/* All of it, a part, or one more. */
static sim_int some_of(struct sim_fuzz *f, sim_int whole)
{
    switch (below(f, 8)) {
    case 0: return whole;
    case 1: return whole + 1;
    case 2: return whole > 0 ? whole - 1 : 0;
    case 3: return whole / 2;
    case 4: return 0;
    case 5: return 1;
    default: return whole / (sim_int)(1 + below(f, 20));
    }
}

static sim_int round_sum(struct sim_fuzz *f, uint32_t zeros)
{
    sim_int value = (sim_int)below(f, 10);
    for (uint64_t i = below(f, zeros + 1u); i > 0; i--) {
        value *= 10;
    }
    return value;
}

/* --- trades --------------------------------------------------------------------------------- */
/* Between one tick and a few percent beside the price, on the tick where it is lucky. */
static uint64_t fill_price(struct sim_fuzz *f, uint16_t market)
{
    struct plm_market cold;
    uint64_t price = 0;
    if (!price_of(f, market, &price) ||
        !sim_world_read_id(f->world, PLM_KEY_MARKET, market, &cold)) {
        return 1u + below(f, 1000);
    }
    const uint64_t band = price / 1000000u * cold.params.fill_band.ppm;
    uint64_t moved = price;
    switch (below(f, 12)) {
    case 0: moved = price + band; break;
    case 1: moved = price - band; break;
    case 2: moved = price + band + price / 1000000u; break;
    case 3: moved = price - price / 500u + below(f, price / 250u + 1u); break;
    default: break;
    }
    const uint64_t tick = cold.tick.ticks;
    return chance(f, 50) ? moved : (moved / tick == 0 ? tick : moved / tick * tick);
}

static int64_t lots_for(struct sim_fuzz *f, uint64_t buyer, uint16_t market)
{
    struct plm_account account;
    uint64_t price = 0;
    if (!price_of(f, market, &price) || !read_account(f, buyer, &account)) {
        return (int64_t)round_sum(f, 12);
    }
    for (uint32_t i = 0; i < account.positions_count; i++) {
        const int64_t lots = account.positions[i].lots.lots;
        if (account.positions[i].market == market && lots != 0 && chance(f, 2)) {
            return (int64_t)some_of(f, lots < 0 ? -(sim_int)lots : lots);
        }
    }
    const sim_int cash = sim_abi_int_of(account.cash.wad) + (sim_int)below(f, 2) * WAD;
    const sim_int value = cash / 20 * (sim_int)(1 + below(f, chance(f, 2) ? 300 : 60));
    const sim_int lots = value / (sim_int)price;
    return lots > INT64_MAX ? INT64_MAX : (int64_t)lots + (chance(f, 100) ? 0 : 1);
}

/* A taker that is not the account itself, mostly. */
static uint64_t any_other(struct sim_fuzz *f, uint64_t account)
{
    uint64_t other = any_account(f);
    for (uint32_t i = 0; i < 3u && other == account; i++) {
        other = any_account(f);
    }
    return other;
}

/* Whether somebody may trade for the owner. */
static bool has_grant(struct sim_fuzz *f, uint64_t id)
{
    struct plm_account account;
    if (!read_account(f, id, &account)) {
        return false;
    }
    for (uint32_t i = 0; i < account.grants_count; i++) {
        if (memcmp(&account.grants[i].holder, &account.owner, sizeof account.owner) != 0) {
            return true;
        }
    }
    return false;
}

static struct plm_fill any_fill(struct sim_fuzz *f)
{
    struct plm_market_state state;
    struct plm_fill fill = {.market = any_market(f), .buyer = any_account(f)};
    fill.seller = chance(f, 100) ? fill.buyer : any_other(f, fill.buyer);
    fill.id = 1;
    if (sim_world_read_id(f->world, PLM_KEY_MARKET_STATE, fill.market, &state)) {
        fill.id = state.last_fill + (chance(f, 60) ? 0 : 1u + below(f, 3));
    }
    fill.lots.lots = lots_for(f, fill.buyer, fill.market);
    fill.price.ticks = fill_price(f, fill.market);
    fill.taker = (uint8_t)below(f, 2);
    fill.buyer_by = chance(f, has_grant(f, fill.buyer) ? 2 : 150) ? 1 : 0;
    fill.seller_by = chance(f, has_grant(f, fill.seller) ? 4 : 200) ? 1 : 0;
    return fill;
}

void sim_fuzz_fill(
    struct sim_fuzz *f, uint16_t market, uint32_t buyer, uint32_t seller, sim_int value)
{
    uint64_t price = 0;
    struct plm_trade message = {.fills_count = 1};
    struct plm_fill *fill = &message.fills[0];
    struct plm_market_state state;
    if (buyer >= f->account_count || seller >= f->account_count || !price_of(f, market, &price) ||
        !sim_world_read_id(f->world, PLM_KEY_MARKET_STATE, market, &state)) {
        return;
    }
    *fill = (struct plm_fill){.id = state.last_fill + 1u,
                              .market = market,
                              .buyer = f->accounts[buyer],
                              .seller = f->accounts[seller]};
    fill->lots.lots = (int64_t)(value / (sim_int)price);
    fill->price.ticks = price / 1000000u * 1000000u;
    const struct plm_addr matcher = sim_fuzz_actor("matcher", 0);
    (void)sim_fuzz_send(f, &matcher, NULL, PLM_OP_TRADE, &message);
}

static void make_trade(struct sim_fuzz *f, struct plm_trade *m)
{
    m->fills_count = chance(f, 5) ? 1u + (uint32_t)below(f, PLM_FILLS_MAX) : 1u;
    for (uint32_t i = 0; i < m->fills_count; i++) {
        m->fills[i] = any_fill(f);
        for (uint32_t k = 0; k < i; k++) {
            if (m->fills[k].market == m->fills[i].market && m->fills[k].id >= m->fills[i].id) {
                m->fills[i].id = m->fills[k].id + 1u;
            }
        }
    }
}

static void make_liquidate(struct sim_fuzz *f, struct plm_liquidate *m)
{
    uint64_t price = 0;
    m->account = any_sick(f);
    m->market = market_of(f, m->account);
    m->taker = any_other(f, m->account);
    m->lots.lots = chance(f, 3) ? (int64_t)round_sum(f, 12) : 0;
    m->limit.ticks = 0;
    if (chance(f, 6) && price_of(f, m->market, &price)) {
        m->limit.ticks = price - price / 50u + below(f, price / 25u + 1u);
    }
}

static void make_collateral(struct sim_fuzz *f, struct plm_liquidate_collateral *m)
{
    struct plm_account account;
    m->account = any_sick(f);
    for (uint32_t i = 0; i < 8u; i++) { /* somebody who has collateral */
        if (read_account(f, m->account, &account) && account.collaterals_count != 0) {
            break;
        }
        m->account = any_account(f);
    }
    m->asset = collateral_of(f, m->account);
    m->asset = m->asset == 0 ? 1 : m->asset;
    m->taker = any_other(f, m->account);
    m->market = chance(f, 3) ? market_of(f, m->account) : (uint16_t)PLM_NO_MARKET;
    m->amount.atoms = sim_abi_i128_of(chance(f, 4) ? round_sum(f, 18) : 0);
    m->limit.ticks = chance(f, 10) ? below(f, 1000) * UINT64_C(10000000000) : 0;
}

static void make_deleverage(struct sim_fuzz *f, struct plm_deleverage *m)
{
    m->account = any_sick(f);
    m->market = market_of(f, m->account);
    m->counterparty = any_other(f, m->account);
    m->lots.lots = chance(f, 4) ? (int64_t)round_sum(f, 12) : 0;
    m->tip = chance(f, 3) ? any_account(f) : 0;
}

/* --- money ---------------------------------------------------------------------------------- */
uint32_t sim_fuzz_decimals(struct sim_fuzz *f, uint16_t asset)
{
    struct plm_asset record;
    return sim_world_read_id(f->world, PLM_KEY_ASSET, asset, &record) ? record.decimals : 6u;
}

/* Atoms near what an account has, or near what the rules let out, as the query says. */
static sim_int atoms_of(struct sim_fuzz *f, uint64_t id, uint16_t asset)
{
    struct plm_account account;
    struct plm_reply_withdrawable reply;
    const struct plm_get_withdrawable ask = {.account = id, .asset = asset};
    if (id != 0 && chance(f, 3) &&
        sim_world_ask(f->world, PLM_QUERY_WITHDRAWABLE, &ask, &reply) == PLM_OK) {
        return sim_abi_int_of(reply.amount.atoms) + (sim_int)below(f, 3) - 1;
    }
    if (!read_account(f, id, &account)) {
        return round_sum(f, 20);
    }
    if (asset != 0) {
        for (uint32_t i = 0; i < account.collaterals_count; i++) {
            if (account.collaterals[i].asset == asset) {
                return some_of(f, sim_abi_int_of(account.collaterals[i].atoms.atoms));
            }
        }
        return round_sum(f, 20);
    }
    sim_int unit = 1;
    for (uint32_t i = sim_fuzz_decimals(f, 0); i < 18u; i++) {
        unit *= 10;
    }
    return some_of(f, sim_abi_int_of(account.cash.wad) / unit);
}

static plm_amt amount(sim_int atoms)
{
    return (plm_amt){.atoms = sim_abi_i128_of(atoms < 0 ? 0 : atoms)};
}

static void make_deposit(struct sim_fuzz *f, struct plm_deposit *m, struct sim_fuzz_step *step)
{
    m->account = any_account(f);
    m->asset = chance(f, 2) ? 0 : any_asset(f);
    m->amount = amount(chance(f, 30) && m->asset == 0 ? 40 * WAD + (sim_int)below(f, 2)
                                                      : round_sum(f, m->asset == 0 ? 12 : 20));
    step->fund_count = 1;
    step->funds[0].token = sim_fuzz_token(m->asset);
    step->funds[0].atoms = m->amount;
}

static void make_fund(struct sim_fuzz *f, struct plm_fund_insurance *m, struct sim_fuzz_step *step)
{
    m->market = chance(f, 4) ? (uint16_t)PLM_NO_MARKET : any_market(f);
    m->amount = amount(round_sum(f, 10));
    step->fund_count = 1;
    step->funds[0].token = sim_fuzz_token(0);
    step->funds[0].atoms = m->amount;
}

/* --- what owners and the admin set ----------------------------------------------------------- */
static void make_delegate(struct sim_fuzz *f, struct plm_set_delegate *m)
{
    m->account = any_account(f);
    m->holder = chance(f, 5) ? owner_of(f, m->account) : sim_fuzz_actor("robot", 0);
    m->holder.length = chance(f, 25) ? 0 : m->holder.length;
    m->expiry.sec = chance(f, 5) ? 0 : sim_world_time(f->world) + below(f, 100000);
    m->expiry.sec = chance(f, 30) ? 1 : m->expiry.sec;
    m->size_cap.wad = sim_abi_i128_of(round_sum(f, chance(f, 5) ? 5 : 11) * WAD);
    m->fill_band.ppm = chance(f, 5) ? (uint32_t)below(f, 60000) : 60000;
    m->daily_loss.wad = sim_abi_i128_of(round_sum(f, chance(f, 5) ? 3 : 11) * WAD);
    m->markets_count = chance(f, 3) ? (uint32_t)below(f, chance(f, 3) ? 17 : 4) : 0;
    for (uint32_t i = 0; i < m->markets_count; i++) {
        m->markets[i].market = chance(f, 2) ? any_market(f) : (uint16_t)i;
    }
}

static void make_order(struct sim_fuzz *f, struct plm_set_order *m)
{
    m->account = any_account(f);
    m->markets_count = (uint32_t)below(f, 4);
    for (uint32_t i = 0; i < m->markets_count; i++) {
        m->markets[i].market = any_market(f);
    }
}

static void *record_room(uint8_t target,
                         struct plm_market *market,
                         struct plm_feed *feed,
                         struct plm_asset *asset)
{
    return target == PLM_TARGET_MARKET
               ? (void *)&market->params
               : (target == PLM_TARGET_FEED ? (void *)&feed->params : (void *)&asset->params);
}

/* One parameter of something that is there, near its value, mostly the tighter way. */
static void make_set_param(struct sim_fuzz *f, struct plm_set_param *m)
{
    static const enum plm_key_prefix prefixes[] = {PLM_KEY_MARKET, PLM_KEY_FEED, PLM_KEY_ASSET};

    union {
        struct plm_market market;
        struct plm_feed feed;
        struct plm_asset asset;
    } room;

    uint32_t rows = 0;
    while (sim_abi_param_at(rows) != NULL) {
        rows++;
    }
    const struct sim_abi_param *param = sim_abi_param_at((uint32_t)below(f, rows));
    m->target = chance(f, 40) ? (uint8_t)below(f, 3) : param->target;
    m->param = chance(f, 40) ? (uint16_t)below(f, 120) : param->id;
    m->id = m->target == PLM_TARGET_MARKET ? any_market(f)
                                           : (uint16_t)below(f, f->feed_count + f->asset_count);
    sim_int value = round_sum(f, 6);
    if (m->target == param->target &&
        sim_world_read_id(f->world, prefixes[m->target], m->id, &room)) {
        const void *params = record_room(m->target, &room.market, &room.feed, &room.asset);
        const sim_int now = sim_abi_get(param->field, params);
        const sim_int step = now / (chance(f, 4) ? 5 : 50) + (sim_int)below(f, 3);
        const bool is_loosened = chance(f, 3);
        const bool grows = (param->loosening < 0) != is_loosened;
        value = grows ? now + step : (now - step < 0 ? 0 : now - step);
        value = chance(f, 8) ? now : value;
    }
    m->value.wad = sim_abi_i128_of(value);
}

static void make_pause(struct sim_fuzz *f, struct plm_set_pause *m)
{
    const bool is_all = chance(f, 3);
    m->market = is_all ? (uint16_t)PLM_NO_MARKET : any_market(f);
    m->bits = chance(f, 2) ? 0 : (uint8_t)(1u << below(f, 8)); /* none: the admin lifts */
    if (!chance(f, 10)) {
        m->bits = (uint8_t)(is_all ? (m->bits & 0x60u) : (m->bits & 0x9fu));
    }
}

static void make_role(struct sim_fuzz *f, struct plm_set_role *m)
{
    static const char *const names[] = {"admin", "guardian", "matcher"};
    m->role = (uint8_t)below(f, 3);
    m->holder = chance(f, 12) ? (struct plm_addr){0} : sim_fuzz_actor(names[m->role], 0);
}

static void make_publisher(struct sim_fuzz *f, struct plm_set_publisher *m)
{
    m->feed = (uint16_t)below(f, f->feed_count + 1u);
    m->publisher =
        chance(f, 20) ? (struct plm_addr){0} : sim_fuzz_actor("oracle", (uint32_t)below(f, 12));
    m->on = chance(f, 4) ? 0 : 1;
}

/* The last one, or one that is older, or none. */
static uint64_t any_proposal(struct sim_fuzz *f)
{
    struct plm_config config = {0};
    (void)sim_world_read_id(f->world, PLM_KEY_CONFIG, 0, &config);
    const uint64_t last = config.last_proposal;
    return last == 0 ? 1u : last + (chance(f, 30) ? 1u : 0) - below(f, last < 4u ? last : 4u);
}

static void make_listing(struct sim_fuzz *f, const struct sim_abi_op *op, void *message)
{
    union {
        struct plm_add_market market;
        struct plm_add_feed feed;
        struct plm_add_asset asset;
    } *m = message;

    switch (op->opcode) {
    case PLM_OP_ADD_MARKET:
        m->market = (struct plm_add_market){.feed = (uint16_t)below(f, f->feed_count + 1u),
                                            .size_decimals = chance(f, 10) ? 7 : 8,
                                            .tick = {1},
                                            .unbacked = (uint8_t)below(f, 2)};
        sim_abi_param_defaults(PLM_TARGET_MARKET, &m->market.params);
        m->market.params.maint.ppm = chance(f, 4) ? (uint32_t)below(f, 200000) : 50000;
        return;
    case PLM_OP_ADD_FEED:
        m->feed = (struct plm_add_feed){.price_decimals = 10};
        sim_abi_param_defaults(PLM_TARGET_FEED, &m->feed.params);
        m->feed.params.band.ppm = chance(f, 4) ? (uint32_t)below(f, 900000) : 100000;
        return;
    default:
        m->asset =
            (struct plm_add_asset){.token = sim_fuzz_token((uint32_t)below(f, f->asset_count + 2u)),
                                   .decimals = (uint8_t)below(f, 25),
                                   .feed = (uint16_t)below(f, f->feed_count + 1u)};
        m->asset.token.length = chance(f, 20) ? 0 : m->asset.token.length;
        sim_abi_param_defaults(PLM_TARGET_ASSET, &m->asset.params);
        m->asset.params.discount_max.ppm = chance(f, 3) ? (uint32_t)below(f, 200000) : 100000;
        if (chance(f, 2)) { /* as it must begin once trading has begun */
            m->asset.params.weight_initial.ppm = 0;
            m->asset.params.weight_maint.ppm = 0;
            m->asset.params.cap = (plm_amt){{0, 0}};
        }
        return;
    }
}

/* --- the whole ------------------------------------------------------------------------------- */
/* The simple ones: an account, a market, an amount. */
static void make_plain(struct sim_fuzz *f, const struct sim_abi_op *op, void *message)
{
    static const char *const accounts[] = {"account", "from", "to"};
    const bool is_sad = op->opcode == PLM_OP_FLAG || op->opcode == PLM_OP_RESOLVE;
    const uint64_t id = is_sad ? any_sick(f) : any_account(f);
    sim_int value = 0;
    for (uint32_t i = 0; i < 3u; i++) {
        (void)sim_abi_set_path(
            op->message, message, accounts[i], (sim_int)(i == 2 ? any_other(f, id) : id));
    }
    const uint16_t asset = chance(f, 2) ? 0 : collateral_of(f, id);
    (void)sim_abi_set_path(op->message, message, "market", market_of(f, id));
    (void)sim_abi_set_path(op->message, message, "asset", asset);
    if (sim_abi_get_path(op->message, message, "amount", &value)) {
        (void)sim_abi_set_path(op->message, message, "amount", atoms_of(f, id, asset));
    }
    (void)sim_abi_set_path(op->message, message, "mode", (sim_int)below(f, 2));
    (void)sim_abi_set_path(op->message, message, "number", (sim_int)below(f, 4));
    (void)sim_abi_set_path(op->message, message, "ratio", (sim_int)below(f, 6) * 100000);
    (void)sim_abi_set_path(op->message, message, "ok", (sim_int)below(f, 2));
    (void)sim_abi_set_path(op->message, message, "payout", (sim_int)(1 + below(f, 40)));
    if (op->opcode == PLM_OP_SET_STATUS) {
        (void)sim_abi_set_path(op->message,
                               message,
                               "status",
                               (sim_int)(chance(f, 3) ? below(f, 5) : PLM_STATUS_ACTIVE));
    }
    if (op->opcode == PLM_OP_SWEEP_SURPLUS) {
        (void)sim_abi_set_path(op->message, message, "amount", round_sum(f, 6));
    }
}

static void
make(struct sim_fuzz *f, const struct sim_abi_op *op, void *m, struct sim_fuzz_step *step)
{
    switch (op->opcode) {
    case PLM_OP_TRADE: make_trade(f, m); return;
    case PLM_OP_LIQUIDATE: make_liquidate(f, m); return;
    case PLM_OP_LIQUIDATE_COLLATERAL: make_collateral(f, m); return;
    case PLM_OP_DELEVERAGE: make_deleverage(f, m); return;
    case PLM_OP_DEPOSIT: make_deposit(f, m, step); return;
    case PLM_OP_FUND_INSURANCE: make_fund(f, m, step); return;
    case PLM_OP_SET_DELEGATE: make_delegate(f, m); return;
    case PLM_OP_SET_ORDER: make_order(f, m); return;
    case PLM_OP_SET_PARAM: make_set_param(f, m); return;
    case PLM_OP_SET_PAUSE: make_pause(f, m); return;
    case PLM_OP_SET_ROLE: make_role(f, m); return;
    case PLM_OP_SET_PUBLISHER: make_publisher(f, m); return;
    case PLM_OP_EXECUTE: ((struct plm_execute *)m)->proposal = any_proposal(f); return;
    case PLM_OP_CANCEL: ((struct plm_cancel *)m)->proposal = any_proposal(f); return;
    case PLM_OP_ADD_ASSET:
    case PLM_OP_ADD_FEED:
    case PLM_OP_ADD_MARKET: make_listing(f, op, m); return;
    default: make_plain(f, op, m); return;
    }
}

static void make_impacts(struct sim_fuzz *f, struct plm_publish_impact *m)
{
    m->impacts_count = (uint32_t)below(f, 3);
    for (uint32_t i = 0; i < m->impacts_count; i++) {
        uint64_t bid = 1u + below(f, UINT64_C(30000000000000));
        bid = chance(f, 4) ? UINT64_C(2000000000000000) : bid;
        m->impacts[i] = (struct plm_impact){.market = any_market(f),
                                            .bid = {bid},
                                            .ask = {bid + below(f, 3) - (chance(f, 8) ? 1u : 0)},
                                            .time = {sim_world_time(f->world)}};
    }
}

/* A stray message of quotes: none, one feed twice, a feed that is not there. */
static void make_quotes(struct sim_fuzz *f, struct plm_publish_price *m)
{
    m->quotes_count = (uint32_t)below(f, 4);
    for (uint32_t i = 0; i < m->quotes_count; i++) {
        const uint16_t feed = (uint16_t)below(f, f->feed_count + 1u);
        const uint64_t truth = feed < SIM_FUZZ_FEEDS ? f->feeds[feed].truth : 1u;
        m->quotes[i] =
            (struct plm_quote){.feed = feed, .price = {truth}, .time = {sim_world_time(f->world)}};
    }
}

/* One field at a bound of its row, or just beyond. */
static void spoil(struct sim_fuzz *f, const struct sim_abi_op *op, uint8_t *message)
{
    const struct sim_abi_layout *layout = sim_abi_layout(op->message);
    if (layout->field_count == 0) {
        return;
    }
    const struct sim_abi_field *field = &layout->fields[below(f, layout->field_count)];
    if (field->type == PLM_TYPE_LIST && chance(f, 2)) {
        const uint32_t none = 0;
        memcpy(message + field->count_offset, &none, sizeof none);
    }
    if (sim_abi_is_integer(field->type)) {
        const sim_int values[] = {field->min,
                                  (sim_int)field->min - 1,
                                  field->max,
                                  (sim_int)field->max + 1,
                                  0,
                                  ((sim_int)1 << 126) + (sim_int)below(f, 2)};
        (void)sim_abi_set(field, message, values[below(f, 6)]);
    }
}

/* A payment under way: only its delivery may tell the contract of its outcome. */
static bool is_held(struct sim_fuzz *f, uint64_t payout)
{
    for (uint32_t i = 0; i < sim_world_held_count(f->world); i++) {
        if (sim_world_held_at(f->world, i)->payout == payout) {
            return true;
        }
    }
    return false;
}

/* Who would send it; now and then somebody else. */
static struct plm_addr
caller_of(struct sim_fuzz *f, const struct sim_abi_op *op, const void *message)
{
    static const char *const accounts[] = {"taker", "from", "account"};
    static const char *const roles[] = {"admin", "guardian", "matcher"};
    if (chance(f, 40)) {
        return sim_fuzz_actor(chance(f, 2) ? "owner" : "stranger", (uint32_t)below(f, 6));
    }
    if (strcmp(op->who, "publisher") == 0) {
        return sim_fuzz_actor("oracle", (uint32_t)below(f, 2));
    }
    if (op->opcode == PLM_OP_SETTLE_OUT) {
        const struct plm_settle_out *m = message;
        return is_held(f, m->payout) ? sim_fuzz_actor("stranger", 0) : sim_world_contract(f->world);
    }
    const bool is_lift =
        op->opcode == PLM_OP_SET_PAUSE && ((const struct plm_set_pause *)message)->bits == 0;
    for (uint32_t i = 0; i < 3u; i++) {
        if (strncmp(op->who, roles[i], strlen(roles[i])) == 0) {
            return sim_fuzz_actor(
                is_lift || (op->opcode == PLM_OP_SET_PAUSE && chance(f, 3)) ? "admin" : roles[i],
                0);
        }
    }
    for (uint32_t i = 0; i < 3u; i++) {
        sim_int id = 0;
        if (sim_abi_get_path(op->message, message, accounts[i], &id)) {
            return owner_of(f, (uint64_t)id);
        }
    }
    return sim_fuzz_actor("owner", (uint32_t)below(f, SIM_FUZZ_OWNERS));
}

void sim_fuzz_message(struct sim_fuzz *f,
                      const struct sim_abi_op *op,
                      union sim_abi_object *message,
                      struct sim_fuzz_step *step)
{
    make(f, op, message->bytes, step);
    if (op->opcode == PLM_OP_INITIALISE) {
        struct plm_initialise *m = (struct plm_initialise *)message;
        m->token = sim_fuzz_token(0);
        m->decimals = 6;
        m->admin = chance(f, 2) ? sim_fuzz_actor("admin", 0) : (struct plm_addr){0};
    }
    if (op->opcode == PLM_OP_PUBLISH_IMPACT) {
        make_impacts(f, (struct plm_publish_impact *)message);
    }
    if (op->opcode == PLM_OP_PUBLISH_PRICE) {
        make_quotes(f, (struct plm_publish_price *)message);
    }
    if (chance(f, 40)) {
        spoil(f, op, message->bytes);
    }
    step->who = caller_of(f, op, message->bytes);
    if (chance(f, 150)) {
        step->fund_count = 1;
        step->funds[0].token = sim_fuzz_token((uint32_t)below(f, f->asset_count + 1u));
        step->funds[0].atoms = amount(round_sum(f, 8));
    }
}

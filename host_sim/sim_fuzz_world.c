/* SPDX-License-Identifier: Apache-2.0
 * The world of a seed: what is listed, who is there, how its prices move, and one step after
 * another. Everything follows from the seed. It must never judge an outcome. */
#include "sim_fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ONE_MILLION   UINT64_C(1000000)
#define WALK_PPM      3000                  /* a round's usual move */
#define PUBLISHERS    5u
#define TICKS_OF_UNIT UINT64_C(10000000000) /* price_decimals 10 */

/* --- names --------------------------------------------------------------------------------- */
struct plm_addr sim_fuzz_actor(const char *name, uint32_t index)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%s%u", name, index);
    return sim_world_actor(text);
}

struct plm_addr sim_fuzz_token(uint32_t asset)
{
    char text[16];
    (void)snprintf(text, sizeof text, "TOKEN%u", asset);
    return sim_abi_addr_text(text);
}

static uint64_t below(struct sim_fuzz *f, uint64_t bound)
{
    return sim_random_below(&f->random, bound);
}

static bool chance(struct sim_fuzz *f, uint32_t one_in)
{
    return one_in != 0 && below(f, one_in) == 0;
}

/* --- doing --------------------------------------------------------------------------------- */
static uint64_t sim_fuzz_account_of(const struct sim_fuzz_step *step)
{
    struct plm_liquidate message;
    const struct sim_span fields = {step->message + 1, step->length - 1u};
    return sim_abi_decode(PLM_LAYOUT_liquidate, fields, &message) ? message.account : 0;
}

/* An account that is closed is gone from the list. */
static void sim_fuzz_forget(struct sim_fuzz *f, const struct sim_fuzz_step *step)
{
    struct plm_close_account message;
    const struct sim_span fields = {step->message + 1, step->length - 1u};
    if (!sim_abi_decode(PLM_LAYOUT_close_account, fields, &message)) {
        return;
    }
    for (uint32_t i = 0; i < f->account_count; i++) {
        if (f->accounts[i] == message.account) {
            f->account_count--;
            f->accounts[i] = f->accounts[f->account_count];
            f->owners[i] = f->owners[f->account_count];
            return;
        }
    }
}

/* Learns which account a success has opened. */
static void sim_fuzz_learn(struct sim_fuzz *f,
                           const struct sim_fuzz_step *step,
                           const struct sim_outcome *outcome)
{
    struct plm_reply_opened reply;
    if (outcome == NULL || outcome->code != PLM_OK || step->kind != SIM_FUZZ_SEND ||
        step->length == 0) {
        return;
    }
    switch (step->message[0]) {
    case PLM_OP_OPEN_ACCOUNT:
        if (f->account_count < SIM_FUZZ_ACCOUNTS &&
            sim_abi_decode(PLM_LAYOUT_reply_opened, outcome->reply, &reply)) {
            uint8_t owner = 0;
            while (owner < SIM_FUZZ_OWNERS) {
                const struct plm_addr one = sim_fuzz_actor("owner", owner);
                if (sim_abi_addr_equal(&one, &step->who)) {
                    break;
                }
                owner++;
            }
            f->accounts[f->account_count] = reply.account;
            f->owners[f->account_count++] = owner;
        }
        return;
    case PLM_OP_CLOSE_ACCOUNT: sim_fuzz_forget(f, step); return;
    case PLM_OP_LIQUIDATE: f->taken_from = sim_fuzz_account_of(step); return;
    case PLM_OP_ADD_MARKET: f->market_count++; return;
    case PLM_OP_ADD_ASSET: f->asset_count++; return;
    default: return;
    }
}

const struct sim_outcome *sim_fuzz_do(struct sim_fuzz *f, const struct sim_fuzz_step *step)
{
    sim_fuzz_steps_add(&f->steps, step);
    const struct sim_outcome *outcome = sim_fuzz_step_play(f->world, step);
    sim_fuzz_learn(f, step, outcome);
    f->faults += outcome != NULL && outcome->host_failed ? 1 : 0;
    return outcome;
}

const struct sim_outcome *sim_fuzz_send(struct sim_fuzz *f,
                                        const struct plm_addr *who,
                                        const struct plm_fund *fund,
                                        uint8_t opcode,
                                        const void *message)
{
    struct sim_buffer bytes = {0};
    struct sim_fuzz_step step = {.kind = SIM_FUZZ_SEND, .who = *who};
    if (fund != NULL) {
        step.funds[step.fund_count++] = *fund;
    }
    (void)sim_abi_encode_message(opcode, message, &bytes);
    step.message = bytes.bytes;
    step.length = (uint32_t)bytes.length;
    const struct sim_outcome *outcome = sim_fuzz_do(f, &step);
    sim_bytes_free(&bytes);
    return outcome;
}

static void send_admin(struct sim_fuzz *f, uint8_t opcode, const void *message)
{
    const struct plm_addr admin = sim_fuzz_actor("admin", 0);
    (void)sim_fuzz_send(f, &admin, NULL, opcode, message);
}

static void advance(struct sim_fuzz *f, uint64_t seconds)
{
    const struct sim_fuzz_step step = {.kind = SIM_FUZZ_ADVANCE, .number = seconds};
    (void)sim_fuzz_do(f, &step);
}

/* --- listings ------------------------------------------------------------------------------ */
/* A parameter at a value between its default and a share of it more or less. */
static uint32_t around(struct sim_fuzz *f, uint32_t value)
{
    return value / 2u + (uint32_t)below(f, value + 1u);
}

static void vary_market(struct sim_fuzz *f, struct plm_market_params *p)
{
    static const uint32_t initials[] = {20000, 50000, 100000, 200000};
    p->initial.ppm = initials[below(f, 4)];
    p->maint.ppm = p->initial.ppm / 2u;
    p->loss_cap.ppm = p->initial.ppm;
    p->liq_fee.ppm = p->maint.ppm / 5u;
    p->liq_fee_max.ppm = p->maint.ppm / 2u;
    p->liq_insurance_fee.ppm = p->maint.ppm / 10u;
    p->fee_taker.ppm = chance(f, 2) ? (uint32_t)below(f, 1000) : 0;
    p->fee_maker.ppm = chance(f, 3) ? (uint32_t)below(f, 500) : 0;
    p->liq_target.ppm = around(f, 250000);
    p->liq_slice_above.wad = sim_abi_i128_of((sim_int)around(f, chance(f, 2) ? 20000 : 200) *
                                             (sim_int)1000000000000000000);
    p->liq_window = chance(f, 3) ? 60 : 0;
    p->liq_window_cap.wad =
        sim_abi_i128_of((sim_int)around(f, 20000) * (sim_int)1000000000000000000);
    p->imf.nano = chance(f, 3) ? (int64_t)below(f, 20000000) : 0;
    p->min_order.lots = chance(f, 2) ? 1 : 1000000;
    p->position_cap.wad = sim_abi_i128_of((sim_int)(chance(f, 4) ? 20000 : 1000000000) *
                                          (sim_int)1000000000000000000);
    p->grace_pay = (uint32_t)below(f, 120);
    p->gain_weight.ppm = chance(f, 3) ? 500000 : 1000000;
    p->draw_cap.wad = sim_abi_i128_of((sim_int)around(f, 2000) * (sim_int)1000000000000000000);
    if (chance(f, 3)) {
        p->oi_lower.wad = sim_abi_i128_of((sim_int)100000 * (sim_int)1000000000000000000);
        p->oi_upper.wad = sim_abi_i128_of((sim_int)900000 * (sim_int)1000000000000000000);
    }
    p->oi_cap.wad = sim_abi_i128_of((sim_int)around(f, 1000000) * (sim_int)1000000000000000000);
}

static void vary_feed(struct sim_fuzz *f, struct plm_feed_params *p, uint8_t publishers)
{
    p->sources = (uint8_t)(1u + below(f, (publishers + 1u) / 2u));
    p->age = chance(f, 2) ? 30 : 120;
    p->gap = chance(f, 2) ? 60 : 180;
    p->gap_hold = chance(f, 2) ? 60 : 10;
    p->grace = (uint32_t)below(f, 120);
    p->slow_tau = chance(f, 3) ? 60 : 3600;
    p->slow_rate.nano = chance(f, 3) ? 10000000 : 300000;
    p->conf_high.ppm = 5000;
    p->conf_max.ppm = 10000;
}

static void add_feed(struct sim_fuzz *f)
{
    struct plm_add_feed message = {.price_decimals = 10};
    const uint32_t index = f->feed_count;
    struct sim_fuzz_feed *feed = &f->feeds[index];
    sim_abi_param_defaults(PLM_TARGET_FEED, &message.params);
    feed->publishers = (uint8_t)(1u + below(f, PUBLISHERS));
    vary_feed(f, &message.params, feed->publishers);
    feed->start = TICKS_OF_UNIT * (uint64_t[]){1, 20, 300, 2000}[below(f, 4)] + below(f, 1000);
    feed->truth = feed->start;
    send_admin(f, PLM_OP_ADD_FEED, &message);
    for (uint8_t i = 0; i < feed->publishers; i++) {
        const struct plm_set_publisher named = {
            .feed = (uint16_t)index, .publisher = sim_fuzz_actor("oracle", i), .on = 1};
        send_admin(f, PLM_OP_SET_PUBLISHER, &named);
    }
    f->feed_count++;
}

static void add_market(struct sim_fuzz *f, uint16_t feed)
{
    struct plm_add_market message = {
        .feed = feed, .size_decimals = 8, .tick = {chance(f, 2) ? 1 : 1000000}, .unbacked = 1};
    const uint32_t id = f->market_count;
    sim_abi_param_defaults(PLM_TARGET_MARKET, &message.params);
    vary_market(f, &message.params);
    if (chance(f, 4)) {
        sim_abi_param_defaults(PLM_TARGET_MARKET, &message.params);
        message.unbacked = 0;
    }
    send_admin(f, PLM_OP_ADD_MARKET, &message);
    const struct plm_set_status open = {.market = (uint16_t)id, .status = PLM_STATUS_ACTIVE};
    send_admin(f, PLM_OP_SET_STATUS, &open);
}

static void add_asset(struct sim_fuzz *f, uint16_t feed)
{
    struct plm_add_asset message = {.token = sim_fuzz_token(f->asset_count),
                                    .decimals = (uint8_t)(6u + below(f, 13)),
                                    .feed = feed};
    sim_int unit = 1;
    sim_abi_param_defaults(PLM_TARGET_ASSET, &message.params);
    for (uint32_t i = 0; i < message.decimals; i++) {
        unit *= 10;
    }
    message.params.cap.atoms = sim_abi_i128_of(unit * (sim_int)(1000 + below(f, 100000)));
    message.params.scale_start.wad = sim_abi_i128_of(
        chance(f, 2) ? 0 : (sim_int)around(f, 100000) * (sim_int)1000000000000000000);
    send_admin(f, PLM_OP_ADD_ASSET, &message);
}

static void list_all(struct sim_fuzz *f)
{
    const struct plm_addr admin = sim_fuzz_actor("admin", 0);
    const struct plm_initialise start = {
        .token = sim_fuzz_token(0), .decimals = chance(f, 8) ? 18 : 6, .admin = admin};
    const struct plm_set_role roles[] = {
        {.role = PLM_ROLE_GUARDIAN, .holder = sim_fuzz_actor("guardian", 0)},
        {.role = PLM_ROLE_MATCHER, .holder = sim_fuzz_actor("matcher", 0)}};
    const uint32_t feeds = 1u + (uint32_t)below(f, 3);
    uint32_t markets = feeds;
    uint32_t assets = (uint32_t)below(f, 4);
    f->asset_count = 1;
    send_admin(f, PLM_OP_INITIALISE, &start);
    send_admin(f, PLM_OP_SET_ROLE, &roles[0]);
    send_admin(f, PLM_OP_SET_ROLE, &roles[1]);
    markets = f->profile == SIM_FUZZ_POSITIONS ? 74u : markets;
    assets = f->profile == SIM_FUZZ_POCKETS ? 27u : assets;
    for (uint32_t i = 0; i < feeds; i++) {
        add_feed(f);
    }
    for (uint32_t i = 0; i < markets; i++) {
        add_market(f, (uint16_t)(i % feeds));
    }
    for (uint32_t i = 0; i < assets; i++) {
        add_asset(f, (uint16_t)below(f, feeds));
    }
    f->open_markets = f->market_count;
}

/* As many feeds, markets and assets as there may be, and one more of each. */
static void list_to_the_end(struct sim_fuzz *f)
{
    struct plm_add_feed feed = {.price_decimals = 10};
    struct plm_add_market market = {.size_decimals = 8, .tick = {1}, .unbacked = 1};
    sim_abi_param_defaults(PLM_TARGET_FEED, &feed.params);
    sim_abi_param_defaults(PLM_TARGET_MARKET, &market.params);
    for (uint32_t i = f->feed_count; i <= PLM_LIMIT_FEEDS_MAX; i++) {
        send_admin(f, PLM_OP_ADD_FEED, &feed);
    }
    for (uint32_t i = f->market_count; i <= PLM_LIMIT_MARKETS_MAX; i++) {
        send_admin(f, PLM_OP_ADD_MARKET, &market);
    }
    for (uint32_t i = f->asset_count; i <= PLM_LIMIT_ASSETS_MAX; i++) {
        add_asset(f, 0);
    }
}

/* --- prices -------------------------------------------------------------------------------- */
/* How a feed's true price moves in one round, and what becomes of its oracles. */
static void move_truth(struct sim_fuzz *f, struct sim_fuzz_feed *feed)
{
    int64_t ppm = sim_random_bell(&f->random) * WALK_PPM / 1000;
    if (feed->drift_rounds > 0) {
        feed->drift_rounds--;
        ppm += feed->drift;
    } else if (chance(f, 30)) {
        feed->drift_rounds = 2u + (uint32_t)below(f, 8);
        feed->drift = (int32_t)below(f, 160000) - 80000; /* a crash or a rally in waves */
    }
    ppm += chance(f, 150) ? (int64_t)below(f, 400000) - 200000 : 0;
    ppm = ppm < -500000 ? -500000 : ppm;
    feed->truth += (uint64_t)((int64_t)(feed->truth / ONE_MILLION) * ppm);
    if (feed->truth < feed->start / 50u || feed->truth > feed->start * 50u) {
        feed->truth = feed->start;
    }
    feed->frozen =
        feed->frozen > 0 ? feed->frozen - 1u : (chance(f, 80) ? 1u + (uint32_t)below(f, 6) : 0);
    if (chance(f, feed->liar != 0 ? 4 : 250)) {
        feed->liar = feed->liar != 0 ? 0 : (uint8_t)below(f, feed->publishers + 1u);
    }
}

/* One quote of one publisher. */
static struct plm_quote quote_of(struct sim_fuzz *f, uint16_t id, uint32_t publisher)
{
    struct sim_fuzz_feed *feed = &f->feeds[id];
    struct plm_quote quote = {.feed = id, .time = {sim_world_time(f->world)}};
    const uint64_t noise = feed->truth / 10000u;
    quote.price.ticks = feed->truth - noise / 2u + below(f, noise + 1u);
    quote.conf.ticks = chance(f, 60) ? feed->truth / 10000u * below(f, 130) : 0;
    if (feed->liar == publisher + 1u) {
        quote.price.ticks = chance(f, 2) ? quote.price.ticks / 10u * 8u : quote.price.ticks * 10u;
    }
    if (chance(f, 300)) {
        quote.price.ticks = (uint64_t[]){0, 1, UINT64_C(2000000000000000), UINT64_MAX}[below(f, 4)];
    }
    if (chance(f, 80)) {
        quote.time.sec += below(f, 20);
        quote.time.sec -= 10;
    }
    return quote;
}

static void publish_round(struct sim_fuzz *f)
{
    for (uint32_t i = 0; i < f->feed_count; i++) {
        move_truth(f, &f->feeds[i]);
    }
    for (uint32_t publisher = 0; publisher < PUBLISHERS; publisher++) {
        struct plm_publish_price message = {0};
        for (uint32_t i = 0; i < f->feed_count; i++) {
            if (publisher < f->feeds[i].publishers && f->feeds[i].frozen == 0 && !chance(f, 40)) {
                message.quotes[message.quotes_count++] = quote_of(f, (uint16_t)i, publisher);
            }
        }
        if (message.quotes_count > 0) {
            const struct plm_addr who = sim_fuzz_actor("oracle", publisher);
            (void)sim_fuzz_send(f, &who, NULL, PLM_OP_PUBLISH_PRICE, &message);
        }
    }
}

static void impact_round(struct sim_fuzz *f)
{
    struct plm_publish_impact message = {0};
    for (uint32_t i = 0; i < f->market_count && i < PLM_PRICES_MAX; i++) {
        const uint64_t truth = f->feeds[i % f->feed_count].truth;
        const uint64_t half = truth / 2000u;
        const uint64_t middle = truth + truth / 10000u * below(f, 40) - truth / 500u;
        message.impacts[message.impacts_count++] =
            (struct plm_impact){.market = (uint16_t)i,
                                .bid = {middle - half},
                                .ask = {middle + half},
                                .time = {sim_world_time(f->world)}};
    }
    const struct plm_addr who = sim_fuzz_actor("oracle", 0);
    (void)sim_fuzz_send(f, &who, NULL, PLM_OP_PUBLISH_IMPACT, &message);
}

/* Until the last proposal may be executed, about; 0 where there is none. */
static uint64_t seconds_to_notice(struct sim_fuzz *f)
{
    struct plm_config config;
    struct plm_proposal proposal;
    if (!sim_world_read_id(f->world, PLM_KEY_CONFIG, 0, &config) ||
        !sim_world_read_id(f->world, PLM_KEY_PROPOSAL, config.last_proposal, &proposal)) {
        return 0;
    }
    const uint64_t due = proposal.since.sec + PLM_LIMIT_NOTICE + below(f, 3) - 1u;
    const uint64_t now = sim_world_time(f->world);
    return due > now ? due - now : 0;
}

static void round_of_prices(struct sim_fuzz *f)
{
    static const uint64_t seconds[] = {0, 1, 1, 2, 3, 5, 5, 8, 10, 10, 12, 15, 20, 25, 30, 31};
    uint64_t wait = seconds[below(f, 16)];
    if (chance(f, 500)) {
        wait = (uint64_t[]){
            61, 121, 601, 3600, 14401, 86401, 172800, 604801}[below(f, 8)]; /* a halt */
    }
    if (chance(f, 40)) {
        wait += seconds_to_notice(f);
    }
    advance(f, wait);
    publish_round(f);
    if (chance(f, 4)) {
        impact_round(f);
    }
}

/* --- people -------------------------------------------------------------------------------- */
static void open_accounts(struct sim_fuzz *f)
{
    const uint32_t owners = 3u + (uint32_t)below(f, SIM_FUZZ_OWNERS - 2u);
    for (uint32_t i = 0; i < owners; i++) {
        const struct plm_addr who = sim_fuzz_actor("owner", i);
        const uint32_t count = 1u + (uint32_t)below(f, 2);
        for (uint32_t k = 0; k < count; k++) {
            const struct plm_open_account open = {
                .number = k, .mode = chance(f, 14) ? PLM_MODE_ISOLATED : PLM_MODE_CROSS};
            (void)sim_fuzz_send(f, &who, NULL, PLM_OP_OPEN_ACCOUNT, &open);
        }
    }
}

static void deposit(struct sim_fuzz *f, uint32_t index, uint16_t asset, sim_int atoms)
{
    const struct plm_addr who = sim_fuzz_actor("owner", f->owners[index]);
    const struct plm_fund fund = {.token = sim_fuzz_token(asset),
                                  .atoms = {sim_abi_i128_of(atoms)}};
    const struct plm_deposit message = {
        .account = f->accounts[index], .asset = asset, .amount = fund.atoms};
    (void)sim_fuzz_send(f, &who, &fund, PLM_OP_DEPOSIT, &message);
}

/* Eight kinds of collateral where that is what the seed is about, else a few. */
static void deposit_collateral(struct sim_fuzz *f, uint32_t index)
{
    const bool is_full = f->profile == SIM_FUZZ_POCKETS;
    for (uint32_t i = 1; i < f->asset_count; i++) {
        const uint16_t asset = (uint16_t)(1u + (i + index * 8u) % (f->asset_count - 1u));
        sim_int atoms = (sim_int)(1 + below(f, 400));
        for (uint32_t k = sim_fuzz_decimals(f, asset); k > 0; k--) {
            atoms *= 10;
        }
        if (is_full ? i <= 8u : chance(f, 3)) {
            deposit(f, index, asset, atoms);
        }
    }
}

static void first_deposits(struct sim_fuzz *f)
{
    static const uint32_t sums[] = {1, 100, 1000, 5000, 50000, 1000000};
    for (uint32_t i = 0; i < f->account_count; i++) {
        sim_int atoms = (sim_int)sums[below(f, 6)] * (sim_int)ONE_MILLION;
        if (f->profile == SIM_FUZZ_RICHES && chance(f, 3)) {
            atoms = (sim_int)ONE_MILLION * (sim_int)ONE_MILLION * (sim_int)ONE_MILLION * 13;
        }
        if (f->profile == SIM_FUZZ_POSITIONS && i < 4u) {
            atoms = (sim_int)20000 * (sim_int)ONE_MILLION;
        }
        deposit(f, i, 0, atoms);
        deposit_collateral(f, i);
    }
}

/* Two pairs with as many positions as they may have; together they use every market. */
static void fill_positions(struct sim_fuzz *f)
{
    const sim_int value = (sim_int)200 * (sim_int)1000000000000000000;
    for (uint32_t i = 0; i < PLM_POSITIONS_MAX; i++) {
        const uint16_t late = (uint16_t)(i + f->open_markets - PLM_POSITIONS_MAX);
        sim_fuzz_fill(f, (uint16_t)i, 0, 1, value);
        sim_fuzz_fill(f, late, 2, 3, late >= PLM_POSITIONS_MAX ? value * 6 : value);
    }
}

/* --- life ---------------------------------------------------------------------------------- */
/* How often an operation is usual in one of a hundred steps or so. */
static uint32_t usual_weight(const struct sim_abi_op *op)
{
    switch (op->opcode) {
    case PLM_OP_TRADE: return 120;
    case PLM_OP_LIQUIDATE:
    case PLM_OP_SETTLE: return 40;
    case PLM_OP_FLAG:
    case PLM_OP_DELEVERAGE:
    case PLM_OP_LIQUIDATE_COLLATERAL:
    case PLM_OP_DEPOSIT:
    case PLM_OP_WITHDRAW:
    case PLM_OP_RESOLVE: return 25;
    case PLM_OP_TRANSFER: return 15;
    case PLM_OP_EXECUTE: return 10;
    case PLM_OP_CANCEL:
    case PLM_OP_CLOSE_ACCOUNT:
    case PLM_OP_SET_STATUS:
    case PLM_OP_ADD_MARKET:
    case PLM_OP_ADD_FEED:
    case PLM_OP_ADD_ASSET:
    case PLM_OP_SET_PUBLISHER:
    case PLM_OP_PUBLISH_PRICE:
    case PLM_OP_INITIALISE: return 1;
    default: return 4;
    }
}

/* Swarm: a seed turns some operations up, some down and some off. */
static void choose_weights(struct sim_fuzz *f)
{
    static const uint32_t scales[] = {0, 1, 2, 4, 4, 8};
    f->weight_sum = 0;
    for (uint32_t i = 0; sim_abi_op_at(i) != NULL && i < SIM_FUZZ_OPCODES; i++) {
        const struct sim_abi_op *op = sim_abi_op_at(i);
        f->weights[i] = op->is_query ? 0 : scales[below(f, 6)] * usual_weight(op);
        f->weight_sum += f->weights[i];
    }
    f->weight_sum += f->weight_sum == 0 ? 1u : 0u;
}

void sim_fuzz_begin(struct sim_fuzz *f, uint64_t seed, enum sim_choice choice, bool audits)
{
    const struct sim_world_options options = {.choice = choice};
    *f = (struct sim_fuzz){.random = {.state = seed * UINT64_C(0x9e3779b97f4a7c15)}};
    f->world = sim_world_new(&options);
    f->audit = audits ? sim_audit_new(f->world, NULL) : NULL;
    f->profile = (enum sim_fuzz_profile)(seed % 16u < 4u ? 1u + seed % 16u : 0);
    f->fault_rate = chance(f, 2) ? 60 : 0;
    f->chaos_rate = chance(f, 2) ? 25 : 0;
    choose_weights(f);
}

static void begin_world(struct sim_fuzz *f)
{
    list_all(f);
    open_accounts(f);
    advance(f, 1);
    publish_round(f);
    first_deposits(f);
    if (f->profile == SIM_FUZZ_POSITIONS) {
        fill_positions(f);
    }
    if (f->profile == SIM_FUZZ_LISTINGS) {
        list_to_the_end(f);
    }
}

static const struct sim_abi_op *choose(struct sim_fuzz *f)
{
    uint64_t at = below(f, f->weight_sum);
    for (uint32_t i = 0; i < SIM_FUZZ_OPCODES && sim_abi_op_at(i) != NULL; i++) {
        if (at < f->weights[i]) {
            return sim_abi_op_at(i);
        }
        at -= f->weights[i];
    }
    return sim_abi_find_op(PLM_OP_TRADE);
}

/* Bytes changed, cut off or behind the end. */
static void damage(struct sim_fuzz *f, struct sim_fuzz_step *step, struct sim_buffer *bytes)
{
    switch (below(f, 4)) {
    case 0: bytes->length -= bytes->length > 0 ? 1 : 0; break;
    case 1: sim_bytes_add_byte(bytes, (uint8_t)below(f, 256)); break;
    case 2: bytes->length = 0; break;
    default:
        if (bytes->length > 0) {
            bytes->bytes[below(f, bytes->length)] = (uint8_t)below(f, 256);
        }
        break;
    }
    step->message = bytes->bytes;
    step->length = (uint32_t)bytes->length;
}

static void operate(struct sim_fuzz *f)
{
    const struct sim_abi_op *op = choose(f);
    struct sim_fuzz_step step = {.kind = SIM_FUZZ_SEND};
    struct sim_buffer bytes = {0};
    union sim_abi_object *message = sim_bytes_alloc(1, sizeof *message);
    sim_fuzz_message(f, op, message, &step);
    (void)sim_abi_encode_message(op->opcode, message->bytes, &bytes);
    step.message = bytes.bytes;
    step.length = (uint32_t)bytes.length;
    const struct plm_addr contract = sim_world_contract(f->world);
    const bool is_own = sim_abi_addr_equal(&step.who, &contract); /* it sends what it means */
    if (!is_own && chance(f, f->chaos_rate)) {
        damage(f, &step, &bytes);
    }
    if (chance(f, f->fault_rate)) {
        step.number = 1u + below(f, 5);
    }
    if (!is_own && chance(f, 300)) {
        f->delayed = f->steps.count + 1u; /* it will come once more, later */
    }
    (void)sim_fuzz_do(f, &step);
    sim_bytes_free(&bytes);
    free(message);
}

/* What a chain does beside operations. */
static void chain_event(struct sim_fuzz *f)
{
    struct sim_fuzz_step step = {.kind = SIM_FUZZ_HOLD, .number = below(f, 2)};
    switch (below(f, 6)) {
    case 0: break;
    case 1:
        step.kind = SIM_FUZZ_REFUSE;
        step.who = sim_fuzz_actor("owner", (uint32_t)below(f, SIM_FUZZ_OWNERS));
        step.ok = chance(f, 2);
        break;
    case 2:
        step.kind = SIM_FUZZ_UNSOLICITED;
        step.who = sim_fuzz_actor("owner", 0);
        step.fund_count = 1;
        step.funds[0].token = sim_fuzz_token((uint32_t)below(f, f->asset_count));
        step.funds[0].atoms.atoms = sim_abi_i128_of((sim_int)(1 + below(f, ONE_MILLION)));
        break;
    case 3:
        step.kind = SIM_FUZZ_MIGRATE;
        step.who = sim_fuzz_actor("admin", 0);
        break;
    default:
        if (sim_world_held_count(f->world) > 0) {
            const uint64_t at = below(f, sim_world_held_count(f->world));
            step.kind = SIM_FUZZ_DELIVER;
            step.number = sim_world_held_at(f->world, (uint32_t)at)->payout;
            step.ok = chance(f, 2);
        }
        break;
    }
    (void)sim_fuzz_do(f, &step);
}

/* An earlier message once more: the last, or one that was delayed. */
static void repeat(struct sim_fuzz *f)
{
    const uint32_t at = f->delayed != 0 ? f->delayed - 1u : f->steps.count - 1u;
    const struct sim_fuzz_step step = f->steps.rows[at];
    const struct plm_addr contract = sim_world_contract(f->world);
    if (step.kind == SIM_FUZZ_SEND && !sim_abi_addr_equal(&step.who, &contract)) {
        (void)sim_fuzz_do(f, &step);
    }
    f->delayed = 0;
}

bool sim_fuzz_next(struct sim_fuzz *f)
{
    if (f->steps.count == 0) {
        begin_world(f);
    } else if (chance(f, 14)) {
        round_of_prices(f);
    } else if (chance(f, 30)) {
        chain_event(f);
    } else if (chance(f, 120)) {
        repeat(f);
    } else {
        operate(f);
    }
    f->operations = sim_world_operations(f->world);
    return sim_fuzz_broken(f->world, f->audit)[0] == '\0';
}

void sim_fuzz_end(struct sim_fuzz *f)
{
    sim_audit_free(f->audit);
    sim_world_free(f->world);
    sim_fuzz_steps_free(&f->steps);
}

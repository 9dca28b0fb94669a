/* SPDX-License-Identifier: Apache-2.0
 * build: sim native
 * The ledger's algebra as a property, through the real engine: random operations with swarm
 * weights, and after each one the auditor counts from the bytes written that lots sum to zero, that
 * A + lines = pool + OI (G_long - G_short), that vault = cash + pools + lines, that nothing but the
 * uncovered line is negative, and everything else it knows. [LEDGER-1] to [LEDGER-7] [FUND-1]
 * [LOSS-2]
 *     prop_ledger [operations [seed [show]]]
 * A failure prints seed, round and operation; the same arguments show it again. */
#include "sim_audit.h"
#include "sim_random.h"
#include "sim_world.h"

#include <stdio.h>
#include <stdlib.h>

#ifndef PLM_LEDGER_OPERATIONS
#define PLM_LEDGER_OPERATIONS 300000
#endif
#define ROUND_OPERATIONS 20000u /* then another world, with other weights and parameters */
#define OWNERS           6u
#define ACCOUNTS         18u
#define MARKETS          3u
#define PRICE            UINT64_C(20000000000000) /* 2 000 at 10 decimals */
#define TICK             UINT64_C(1000000)
#define UNIT             UINT64_C(100000000)      /* lots of one base unit */
#define CASH             UINT64_C(1000000)        /* atoms of one quote unit */

struct round {
    struct sim_world *world;
    struct sim_audit *audit;
    struct sim_random random;
    struct plm_addr admin;
    struct plm_addr owners[OWNERS];
    struct plm_addr quote;
    struct plm_addr coin;         /* the collateral */
    uint64_t prices[MARKETS + 1]; /* true prices; the last is the collateral's */
    uint64_t volatility;          /* ppm a publish */
    uint64_t fill;
    uint64_t sick; /* an account that was seen below maintenance, and a market of it; 0 = none */
    uint16_t sick_leg;
};

typedef void (*action)(struct round *r);

static uint64_t below(struct round *r, uint64_t bound)
{
    return sim_random_below(&r->random, bound);
}

static plm_amt amount_of(uint64_t atoms)
{
    const plm_amt amount = {{atoms, 0}};
    return amount;
}

static plm_val value_of(uint64_t quote)
{
    const sim_int wad = (sim_int)1000000000000000000;
    const plm_val value = {sim_abi_i128_of((sim_int)quote * wad)};
    return value;
}

static uint64_t any_account(struct round *r)
{
    return 1 + below(r, ACCOUNTS);
}

static uint16_t any_market(struct round *r)
{
    return (uint16_t)below(r, MARKETS);
}

/* An account to act against: mostly the one that is known to be sick. */
static uint64_t any_sick(struct round *r)
{
    return r->sick == 0 || below(r, 4) == 0 ? any_account(r) : r->sick;
}

static uint16_t any_sick_leg(struct round *r)
{
    return r->sick == 0 || below(r, 4) == 0 ? any_market(r) : r->sick_leg;
}

static const struct plm_addr *owner_of(const struct round *r, uint64_t account)
{
    return &r->owners[(account - 1) % OWNERS];
}

static const struct sim_outcome *
send(struct round *r, const struct plm_addr *caller, enum plm_opcode opcode, const void *message)
{
    return sim_world_send(r->world, caller, NULL, 0, (uint8_t)opcode, message);
}

static const struct sim_outcome *send_with(struct round *r,
                                           const struct plm_addr *caller,
                                           const struct plm_addr *token,
                                           plm_amt atoms,
                                           enum plm_opcode opcode,
                                           const void *message)
{
    const struct plm_fund fund = {*token, atoms};
    return sim_world_send(r->world, caller, &fund, 1, (uint8_t)opcode, message);
}

/* The same against the sick one, who is forgotten once he is sound. */
static void send_sick(struct round *r,
                      const struct plm_addr *caller,
                      enum plm_opcode opcode,
                      const void *message)
{
    const struct sim_outcome *outcome = send(r, caller, opcode, message);
    if (outcome != NULL && outcome->code == PLM_E_NOT_LIQUIDATABLE) {
        r->sick = 0;
    }
}

/* --- actions: most are refused now and then, and must then change nothing ----------------- */
/* A coin is worth a quote unit at first. */
static uint64_t start_of(uint64_t feed)
{
    return feed < MARKETS ? PRICE : PRICE / 2000;
}

/* The true price walks and jumps, and is published with some noise. */
static void publish(struct round *r)
{
    const uint64_t feed = below(r, MARKETS + 1);
    uint64_t *price = &r->prices[feed];
    const int64_t bell = sim_random_bell(&r->random);
    const uint64_t jump = below(r, 40) == 0 ? 8 : 1;
    const sim_int move = (sim_int)*price * bell * (sim_int)(r->volatility * jump) / 1000000000;
    const sim_int next = (sim_int)*price + move;
    const sim_int start = (sim_int)start_of(feed);
    *price = (uint64_t)(next < start / 100 ? start / 100 : next > start * 20 ? start * 20 : next);
    struct plm_publish_price message = {.quotes_count = 1};
    sim_world_advance(r->world, 1 + below(r, 4) + (below(r, 300) == 0 ? 4000 : 0));
    message.quotes[0] = (struct plm_quote){.feed = (uint16_t)feed,
                                           .price = {*price},
                                           .conf = {*price / 10000 * below(r, 20)},
                                           .time = {sim_world_time(r->world) - below(r, 2)}};
    (void)send(r, &r->admin, PLM_OP_PUBLISH_PRICE, &message);
}

/* Looks at somebody; who is below maintenance is remembered until somebody else is found. */
static void look(struct round *r)
{
    struct plm_reply_margin figures = {0};
    const struct plm_get_margin ask = {.account = any_account(r)};
    if (sim_world_ask(r->world, PLM_QUERY_MARGIN, &ask, &figures) == PLM_OK &&
        figures.level >= PLM_LEVEL_LIQUIDATABLE && figures.legs_count > 0) {
        r->sick = ask.account;
        r->sick_leg = figures.legs[below(r, figures.legs_count)].market;
    }
}

/* With nobody sick most liquidations are pointless: then somebody is looked for instead. */
static bool is_pointless(struct round *r)
{
    if (r->sick != 0 || below(r, 8) == 0) {
        return false;
    }
    look(r);
    return true;
}

static void impact(struct round *r)
{
    struct plm_publish_impact message = {.impacts_count = 1};
    const uint16_t market = any_market(r);
    const uint64_t around = r->prices[market] / 1000 * (990 + below(r, 20));
    message.impacts[0] = (struct plm_impact){.market = market,
                                             .bid = {around},
                                             .ask = {around + PRICE / 10000},
                                             .time = {sim_world_time(r->world)}};
    (void)send(r, &r->admin, PLM_OP_PUBLISH_IMPACT, &message);
}

static void trade(struct round *r)
{
    struct plm_trade message = {.fills_count = 1 + (uint32_t)below(r, 2)};
    for (uint32_t i = 0; i < message.fills_count; i++) {
        const uint16_t market = any_market(r);
        const uint64_t price = r->prices[market] / 1000 * (997 + below(r, 7));
        r->fill++;
        message.fills[i] = (struct plm_fill){
            .id = r->fill,
            .market = market,
            .buyer = any_account(r),
            .seller = any_account(r),
            .lots = {(int64_t)(below(r, below(r, 3) == 0 ? 20 * UNIT : UNIT) + 1)},
            .price = {price / TICK * TICK},
            .taker = (uint8_t)below(r, 2)};
    }
    (void)send(r, &r->admin, PLM_OP_TRADE, &message);
}

static void deposit(struct round *r)
{
    const bool is_coin = below(r, 3) == 0;
    const struct plm_deposit message = {.account = any_account(r),
                                        .asset = is_coin ? 1 : 0,
                                        .amount = amount_of(1 + below(r, 1500 * CASH))};
    (void)send_with(r,
                    owner_of(r, message.account),
                    is_coin ? &r->coin : &r->quote,
                    message.amount,
                    PLM_OP_DEPOSIT,
                    &message);
}

static void withdraw(struct round *r)
{
    struct plm_withdraw message = {.account = any_account(r), .asset = (uint16_t)below(r, 2)};
    const struct plm_get_withdrawable ask = {.account = message.account, .asset = message.asset};
    struct plm_reply_withdrawable most = {0};
    message.amount = amount_of(1 + below(r, 3000 * CASH));
    if (below(r, 2) == 0 &&
        sim_world_ask(r->world, PLM_QUERY_WITHDRAWABLE, &ask, &most) == PLM_OK) {
        message.amount = most.amount;
    }
    (void)send(r, owner_of(r, message.account), PLM_OP_WITHDRAW, &message);
}

static void transfer(struct round *r)
{
    const struct plm_transfer message = {.from = any_account(r),
                                         .to = any_account(r),
                                         .asset = (uint16_t)below(r, 2),
                                         .amount = amount_of(1 + below(r, 2000 * CASH))};
    (void)send(r, owner_of(r, message.from), PLM_OP_TRANSFER, &message);
}

static void settle(struct round *r)
{
    const struct plm_settle message = {.account = any_account(r), .market = any_market(r)};
    (void)send(r, &r->owners[0], PLM_OP_SETTLE, &message);
}

static void flag(struct round *r)
{
    if (is_pointless(r)) {
        return;
    }
    const struct plm_flag message = {.account = any_sick(r)};
    send_sick(r, &r->owners[1], PLM_OP_FLAG, &message);
}

static void liquidate(struct round *r)
{
    if (is_pointless(r)) {
        return;
    }
    const struct plm_liquidate message = {.account = any_sick(r),
                                          .market = any_sick_leg(r),
                                          .taker = any_account(r),
                                          .lots = {below(r, 2) == 0 ? 0 : (int64_t)below(r, UNIT)}};
    send_sick(r, owner_of(r, message.taker), PLM_OP_LIQUIDATE, &message);
}

static void sell(struct round *r)
{
    if (is_pointless(r)) {
        return;
    }
    const struct plm_liquidate_collateral message = {
        .account = any_sick(r),
        .asset = 1,
        .taker = any_account(r),
        .market = below(r, 2) == 0 ? (uint16_t)PLM_NO_MARKET : any_market(r),
        .amount = amount_of(below(r, 2) == 0 ? 0 : below(r, 1000 * CASH))};
    (void)send(r, owner_of(r, message.taker), PLM_OP_LIQUIDATE_COLLATERAL, &message);
}

static void deleverage(struct round *r)
{
    if (is_pointless(r)) {
        return;
    }
    const struct plm_deleverage message = {.account = any_sick(r),
                                           .market = any_sick_leg(r),
                                           .counterparty = any_account(r),
                                           .lots = {below(r, 2) == 0 ? 0 : (int64_t)below(r, UNIT)},
                                           .tip = below(r, 2) == 0 ? 0 : any_account(r)};
    (void)send(r, &r->owners[2], PLM_OP_DELEVERAGE, &message);
}

static void resolve(struct round *r)
{
    if (is_pointless(r)) {
        return;
    }
    const struct plm_resolve message = {.account = any_sick(r), .market = any_sick_leg(r)};
    (void)send(r, &r->owners[3], PLM_OP_RESOLVE, &message);
}

static void abandon(struct round *r)
{
    const struct plm_abandon_claim message = {.account = any_account(r), .market = any_market(r)};
    (void)send(r, owner_of(r, message.account), PLM_OP_ABANDON_CLAIM, &message);
}

static void insure(struct round *r)
{
    const struct plm_fund_insurance message = {.market = below(r, 4) == 0 ? (uint16_t)PLM_NO_MARKET
                                                                          : any_market(r),
                                               .amount = amount_of(1 + below(r, 50 * CASH))};
    (void)send_with(r, &r->owners[4], &r->quote, message.amount, PLM_OP_FUND_INSURANCE, &message);
}

static void choose_leverage(struct round *r)
{
    const struct plm_set_leverage message = {.account = any_account(r),
                                             .ratio = {(uint32_t)below(r, 300000)}};
    (void)send(r, owner_of(r, message.account), PLM_OP_SET_LEVERAGE, &message);
}

static void choose_mode(struct round *r)
{
    const struct plm_set_mode message = {.account = any_account(r), .mode = (uint8_t)below(r, 2)};
    (void)send(r, owner_of(r, message.account), PLM_OP_SET_MODE, &message);
}

/* Payments to somebody fail for a while; tokens come unasked; the admin sweeps them. */
static void disturb(struct round *r)
{
    const struct plm_sweep_surplus sweep = {.asset = 0, .amount = amount_of(1 + below(r, CASH))};
    sim_world_refuse(r->world, &r->owners[below(r, OWNERS)], below(r, 2) == 0);
    const struct plm_set_order message = {.account = any_account(r)};
    (void)send_with(
        r, owner_of(r, message.account), &r->quote, sweep.amount, PLM_OP_SET_ORDER, &message);
    (void)send(r, &r->admin, PLM_OP_SWEEP_SURPLUS, &sweep);
}

/* Each action with its usual weight. */
static const struct {
    action act;
    uint32_t weight;
} actions[] = {
    {publish, 24},
    {trade, 20},
    {deposit, 3},
    {look, 20},
    {withdraw, 8},
    {transfer, 4},
    {settle, 12},
    {flag, 6},
    {liquidate, 24},
    {sell, 12},
    {resolve, 8},
    {abandon, 2},
    {deleverage, 16},
    {impact, 6},
    {insure, 1},
    {choose_leverage, 1},
    {choose_mode, 1},
    {disturb, 1},
};

#define ACTIONS (sizeof actions / sizeof actions[0])

/* --- a world ------------------------------------------------------------------------------- */
static bool must(const struct sim_outcome *outcome, const char *what)
{
    const bool is_ok = outcome != NULL && outcome->code == PLM_OK;
    if (!is_ok) {
        printf("set-up: %s: %s\n",
               what,
               outcome == NULL ? "the world stopped" : sim_abi_code_name(outcome->code));
    }
    return is_ok;
}

/* Half of the feeds believe nearly everything, so that accounts go bankrupt. */
static bool add_feed(struct round *r, uint16_t feed)
{
    struct plm_add_feed add = {.price_decimals = 10};
    const struct plm_set_publisher publisher = {feed, r->admin, 1};
    sim_abi_param_defaults(PLM_TARGET_FEED, &add.params);
    if (below(r, 2) == 0) {
        add.params.band.ppm = 900000;
        add.params.band_max.ppm = 1000000;
        add.params.window_band.ppm = 1000000;
    }
    add.params.age = 600;
    add.params.gap = 700;
    add.params.gap_hold = 5;
    add.params.grace = (uint32_t)below(r, 20);
    add.params.slow_tau = 1 + (uint32_t)below(r, 600);
    return must(send(r, &r->admin, PLM_OP_ADD_FEED, &add), "add_feed") &&
           must(send(r, &r->admin, PLM_OP_SET_PUBLISHER, &publisher), "set_publisher");
}

static bool add_market(struct round *r, uint16_t market)
{
    struct plm_add_market add = {.feed = market, .size_decimals = 8, .tick = {TICK}, .unbacked = 1};
    const struct plm_set_status active = {market, PLM_STATUS_ACTIVE};
    sim_abi_param_defaults(PLM_TARGET_MARKET, &add.params);
    add.params.fee_maker.ppm = (uint32_t)below(r, 3) * 500;
    add.params.fee_taker.ppm = (uint32_t)below(r, 3) * 700;
    add.params.imf.nano = below(r, 2) == 0 ? 0 : (int64_t)below(r, 40000000);
    add.params.gain_weight.ppm = below(r, 2) == 0 ? 1000000 : (uint32_t)below(r, 1000000);
    add.params.loss_cap.ppm = 1000 + (uint32_t)below(r, 99000);
    add.params.draw_cap = value_of(1 + below(r, 500));
    add.params.liq_slice_above = value_of(below(r, 100000));
    add.params.grace_pay = (uint32_t)below(r, 60);
    if (below(r, 2) == 0) {
        add.params.oi_lower = value_of(20000);
        add.params.oi_upper = value_of(2000000);
        add.params.liq_window = 60;
        add.params.liq_window_cap = value_of(100000);
    }
    return must(send(r, &r->admin, PLM_OP_ADD_MARKET, &add), "add_market") &&
           must(send(r, &r->admin, PLM_OP_SET_STATUS, &active), "set_status");
}

static bool add_coin(struct round *r)
{
    struct plm_add_asset add = {.token = r->coin, .decimals = 6, .feed = MARKETS};
    sim_abi_param_defaults(PLM_TARGET_ASSET, &add.params);
    add.params.cap = amount_of(UINT64_C(100000000000000));
    add.params.scale_start = value_of(below(r, 2) == 0 ? 0 : 10000);
    return must(send(r, &r->admin, PLM_OP_ADD_ASSET, &add), "add_asset");
}

static bool begin(struct round *r, uint64_t seed)
{
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    static const char *const names[OWNERS] = {"ann", "bob", "cid", "dan", "eve", "fay"};
    r->random.state = seed;
    r->world = sim_world_new(&options);
    r->admin = sim_world_actor("admin");
    r->quote = sim_abi_addr_text("usdc");
    r->coin = sim_abi_addr_text("coin");
    r->volatility = 200 + below(r, 20000);
    r->fill = 0;
    const struct sim_audit_options audited = {.replay = NULL};
    r->audit = sim_audit_new(r->world, &audited);
    const struct plm_initialise initialise = {r->quote, 6, r->admin};
    bool is_ok = must(send(r, &r->admin, PLM_OP_INITIALISE, &initialise), "initialise");
    for (uint16_t i = 0; is_ok && i < MARKETS + 1; i++) {
        r->prices[i] = start_of(i);
        is_ok = add_feed(r, i) && (i == MARKETS ? add_coin(r) : add_market(r, i));
    }
    for (uint32_t i = 0; i < OWNERS; i++) {
        r->owners[i] = sim_world_actor(names[i]);
    }
    for (uint32_t i = 0; is_ok && i < ACCOUNTS; i++) {
        const struct plm_open_account open = {i, below(r, 8) == 0 ? 1 : 0};
        is_ok = must(send(r, owner_of(r, i + 1), PLM_OP_OPEN_ACCOUNT, &open), "open_account");
    }
    return is_ok;
}

/* --- rounds ---------------------------------------------------------------------------------- */
/* A third of the actions is left out of a round, a third comes more often. */
static uint32_t swarm(struct round *r, uint32_t *weights)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < ACTIONS; i++) {
        const uint64_t dice = i < 4 ? 1 : below(r, 3);
        weights[i] = actions[i].weight * (uint32_t)(dice == 0 ? 0 : dice * dice);
        total += weights[i];
    }
    return total;
}

static bool is_broken(struct round *r, uint64_t seed, uint64_t round)
{
    const char *failure = sim_world_failure(r->world);
    if (failure[0] == '\0') {
        failure = sim_audit_failure(r->audit);
    }
    if (failure[0] == '\0') {
        return false;
    }
    printf("prop_ledger: seed %llu, round %llu, operation %llu:\n%s\n",
           (unsigned long long)seed,
           (unsigned long long)round,
           (unsigned long long)sim_world_operations(r->world),
           failure);
    return true;
}

static bool play(struct round *r, uint64_t operations, uint64_t seed, uint64_t round)
{
    uint32_t weights[ACTIONS] = {0};
    const uint32_t total = swarm(r, weights);
    for (uint64_t i = 0; i < operations; i++) {
        uint64_t dice = below(r, total);
        uint32_t chosen = 0;
        while (dice >= weights[chosen]) {
            dice -= weights[chosen];
            chosen++;
        }
        actions[chosen].act(r);
        if (is_broken(r, seed, round)) {
            return false;
        }
    }
    (void)sim_audit_full(r->audit);
    return !is_broken(r, seed, round);
}

static void show(struct round *r)
{
    struct sim_buffer text = {0};
    sim_audit_write_results(r->audit, &text);
    sim_bytes_add_text(&text, "\n");
    sim_audit_write_counts(r->audit, &text);
    printf("%s\n", sim_bytes_text(&text));
    sim_bytes_free(&text);
}

int main(int argc, char **argv)
{
    uint64_t left = argc > 1 ? strtoull(argv[1], NULL, 10) : PLM_LEDGER_OPERATIONS;
    const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    bool is_ok = true;
    for (uint64_t round = 0; is_ok && left > 0; round++) {
        const uint64_t operations = left < ROUND_OPERATIONS ? left : ROUND_OPERATIONS;
        struct round r = {0};
        is_ok = begin(&r, seed * UINT64_C(1000003) + round) && play(&r, operations, seed, round);
        if (argc > 3) {
            show(&r);
        }
        sim_audit_free(r.audit);
        sim_world_free(r.world);
        left -= operations;
    }
    return is_ok ? 0 : 1;
}

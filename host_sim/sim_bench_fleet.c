/* SPDX-License-Identifier: Apache-2.0
 * An engine full of accounts: declarations by a scenario of its own, accounts by operations.
 * It must never know how long anything takes. */
#include "sim_bench_fleet.h"

#include "sim_error.h"
#include "sim_scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_FLEET_PRICE_OPEN 20000000000000u /* 2 000 at 10 decimals */
#define SIM_FLEET_PRICE_FALL 18800000000000u
#define SIM_FLEET_LOTS       100000000       /* one base unit at 8 decimals */
#define SIM_FLEET_SMALL      1000000
#define SIM_FLEET_USDC       1000000
#define SIM_FLEET_SPECIAL    3u
#define SIM_FLEET_MAKER      3u
#define SIM_FLEET_RICH       1000000000 /* USDC of a special account */
#define SIM_FLEET_STEADY     10000
#define SIM_FLEET_MARGINAL   210

/* --- calls -------------------------------------------------------------------------------------
 */
static struct plm_addr sim_fleet_owner(uint64_t account)
{
    return sim_abi_addr(&account, sizeof account);
}

static void sim_fleet_push(struct sim_fleet_plan *plan,
                           const struct sim_context *context,
                           uint8_t opcode,
                           const void *message)
{
    plan->calls =
        sim_bytes_grow(plan->calls, &plan->capacity, plan->count + 1u, sizeof(*plan->calls));
    struct sim_fleet_call *call = &plan->calls[plan->count++];
    call->context = *context;
    call->at = plan->bytes.length;
    (void)sim_abi_encode_message(opcode, message, &plan->bytes);
    call->length = plan->bytes.length - call->at;
}

/* Any of the accounts of one position. */
static uint64_t sim_fleet_any(struct sim_fleet *fleet)
{
    return 1u + SIM_FLEET_SPECIAL + fleet->thin + sim_random_below(&fleet->random, fleet->count);
}

static void sim_fleet_push_deposit(struct sim_fleet *fleet,
                                   struct sim_fleet_plan *plan,
                                   uint64_t account,
                                   int64_t dollars)
{
    const sim_int atoms = (sim_int)dollars * SIM_FLEET_USDC;
    struct sim_context context = fleet->context;
    context.caller = sim_fleet_owner(account);
    context.fund_count = 1;
    context.funds[0].token = fleet->token;
    context.funds[0].atoms.atoms = sim_abi_i128_of(atoms);
    const struct plm_deposit message = {.account = account, .amount = {sim_abi_i128_of(atoms)}};
    sim_fleet_push(plan, &context, PLM_OP_DEPOSIT, &message);
}

static struct plm_fill
sim_fleet_fill(struct sim_fleet *fleet, uint16_t market, uint64_t buyer, uint64_t seller)
{
    return (struct plm_fill){.id = ++fleet->fill_id,
                             .market = market,
                             .buyer = buyer,
                             .seller = seller,
                             .lots = {SIM_FLEET_LOTS},
                             .price = {SIM_FLEET_PRICE_OPEN}};
}

static void sim_fleet_push_trade(struct sim_fleet *fleet,
                                 struct sim_fleet_plan *plan,
                                 const struct plm_trade *trade)
{
    struct sim_context context = fleet->context;
    context.caller = fleet->matcher;
    sim_fleet_push(plan, &context, PLM_OP_TRADE, trade);
}

static void
sim_fleet_push_random(struct sim_fleet *fleet, struct sim_fleet_plan *plan, uint32_t fills)
{
    struct plm_trade trade = {.fills_count = fills};
    for (uint32_t i = 0; i < fills; i++) {
        const uint64_t buyer = sim_fleet_any(fleet);
        uint64_t seller = sim_fleet_any(fleet);
        while (seller == buyer) {
            seller = sim_fleet_any(fleet);
        }
        trade.fills[i] = sim_fleet_fill(fleet, 0, buyer, seller);
        trade.fills[i].lots.lots = SIM_FLEET_SMALL;
    }
    sim_fleet_push_trade(fleet, plan, &trade);
}

static void
sim_fleet_push_price(struct sim_fleet *fleet, struct sim_fleet_plan *plan, enum sim_fleet_kind kind)
{
    fleet->context.time++;
    struct sim_context context = fleet->context;
    context.caller = fleet->publisher;
    /* A little below every entry: whoever is long has a loss to settle. */
    const uint64_t price = SIM_FLEET_PRICE_OPEN - (1u + context.time % 2u) * 10000000000u;
    if (kind == SIM_FLEET_IMPACT) {
        const struct plm_publish_impact message = {
            .impacts_count = 1,
            .impacts = {{.bid = {price}, .ask = {price + 1u}, .time = {context.time}}}};
        sim_fleet_push(plan, &context, PLM_OP_PUBLISH_IMPACT, &message);
        return;
    }
    const uint64_t shown = kind == SIM_FLEET_FALL ? SIM_FLEET_PRICE_FALL : price;
    const struct plm_publish_price message = {
        .quotes_count = 1, .quotes = {{.price = {shown}, .time = {context.time}}}};
    sim_fleet_push(plan, &context, PLM_OP_PUBLISH_PRICE, &message);
}

/* What an owner does with one of the steady accounts. */
static void sim_fleet_push_owner(struct sim_fleet *fleet,
                                 struct sim_fleet_plan *plan,
                                 enum sim_fleet_kind kind,
                                 uint32_t number)
{
    struct sim_context context = fleet->context;
    const uint64_t account = sim_fleet_any(fleet);
    context.caller = sim_fleet_owner(account);
    if (kind == SIM_FLEET_OPEN) {
        context.caller = sim_fleet_owner((UINT64_C(1) << 40) + number);
        const struct plm_open_account message = {.mode = 0};
        sim_fleet_push(plan, &context, PLM_OP_OPEN_ACCOUNT, &message);
    } else if (kind == SIM_FLEET_WITHDRAW) {
        const struct plm_withdraw message = {.account = account,
                                             .amount = {sim_abi_i128_of(SIM_FLEET_USDC)}};
        sim_fleet_push(plan, &context, PLM_OP_WITHDRAW, &message);
    } else if (kind == SIM_FLEET_LEVERAGE) {
        const struct plm_set_leverage message = {.account = account, .ratio = {number % 100000u}};
        sim_fleet_push(plan, &context, PLM_OP_SET_LEVERAGE, &message);
    } else {
        const struct plm_settle message = {.account = 1u + SIM_FLEET_SPECIAL + fleet->thin +
                                                      number % fleet->count};
        sim_fleet_push(plan, &context, PLM_OP_SETTLE, &message);
    }
}

static void sim_fleet_push_thin(struct sim_fleet *fleet,
                                struct sim_fleet_plan *plan,
                                enum sim_fleet_kind kind,
                                uint32_t number)
{
    struct sim_context context = fleet->context;
    const uint64_t account = 1u + SIM_FLEET_SPECIAL + number % fleet->thin;
    context.caller = sim_fleet_owner(SIM_FLEET_MAKER);
    if (kind == SIM_FLEET_FLAG) {
        const struct plm_flag message = {.account = account};
        sim_fleet_push(plan, &context, PLM_OP_FLAG, &message);
    } else {
        const struct plm_liquidate message = {.account = account, .taker = SIM_FLEET_MAKER};
        sim_fleet_push(plan, &context, PLM_OP_LIQUIDATE, &message);
    }
}

static void sim_fleet_push_margin(struct sim_fleet *fleet,
                                  struct sim_fleet_plan *plan,
                                  enum sim_fleet_kind kind)
{
    struct plm_get_margin message = {.account = 1};
    if (kind == SIM_FLEET_MARGIN) {
        message.account = sim_fleet_any(fleet);
    } else if (kind == SIM_FLEET_MARGIN_32) {
        message.account = 2;
    }
    plan->is_query = true;
    sim_fleet_push(plan, &fleet->context, PLM_QUERY_MARGIN, &message);
}

void sim_fleet_add(struct sim_fleet *fleet,
                   struct sim_fleet_plan *plan,
                   enum sim_fleet_kind kind,
                   uint32_t first,
                   uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++) {
        switch (kind) {
        case SIM_FLEET_OPEN:
        case SIM_FLEET_WITHDRAW:
        case SIM_FLEET_LEVERAGE:
        case SIM_FLEET_SETTLE: sim_fleet_push_owner(fleet, plan, kind, i); break;
        case SIM_FLEET_DEPOSIT: sim_fleet_push_deposit(fleet, plan, sim_fleet_any(fleet), 1); break;
        case SIM_FLEET_TRADE: sim_fleet_push_random(fleet, plan, 1); break;
        case SIM_FLEET_TRADE_SIX: sim_fleet_push_random(fleet, plan, PLM_FILLS_MAX); break;
        case SIM_FLEET_PRICE:
        case SIM_FLEET_IMPACT:
        case SIM_FLEET_FALL: sim_fleet_push_price(fleet, plan, kind); break;
        case SIM_FLEET_FLAG:
        case SIM_FLEET_LIQUIDATE: sim_fleet_push_thin(fleet, plan, kind, i); break;
        case SIM_FLEET_MARGIN:
        case SIM_FLEET_MARGIN_8:
        case SIM_FLEET_MARGIN_32: sim_fleet_push_margin(fleet, plan, kind); break;
        }
    }
}

bool sim_fleet_run(void *plan, uint32_t count)
{
    struct sim_fleet_plan *p = plan;
    for (uint32_t i = 0; i < count && p->next < p->count; i++) {
        const struct sim_fleet_call *call = &p->calls[p->next++];
        const struct sim_span message = {p->bytes.bytes + call->at, call->length};
        if (p->is_query) {
            sim_engine_query(p->engine, &call->context, message, &p->outcome);
        } else {
            sim_engine_apply(p->engine, &call->context, message, &p->outcome);
        }
        if (p->outcome.trapped || p->outcome.code != PLM_OK) {
            sim_error("bench: call %u of opcode 0x%02x: %s %s: report this as a bug",
                      p->next,
                      message.bytes[0],
                      sim_abi_code_name(p->outcome.code),
                      p->outcome.place);
            return false;
        }
    }
    return true;
}

void sim_fleet_clear(struct sim_fleet_plan *plan)
{
    plan->bytes.length = 0;
    plan->count = 0;
    plan->next = 0;
    plan->is_query = false;
}

void sim_fleet_plan_free(struct sim_fleet_plan *plan)
{
    sim_bytes_free(&plan->bytes);
    sim_engine_outcome_free(&plan->outcome);
    free(plan->calls);
    *plan = (struct sim_fleet_plan){.count = 0};
}

/* --- setting up --------------------------------------------------------------------------------
 */
/* The world's operations, once more on the fleet's own engine. */
static void sim_fleet_follow(void *self,
                             struct sim_world *world,
                             const struct sim_op *op,
                             const struct sim_outcome *outcome)
{
    struct sim_fleet *fleet = self;
    struct sim_outcome ours = {0};
    (void)world;
    (void)outcome;
    sim_engine_apply(fleet->engine, &op->context, op->message, &ours);
    sim_engine_outcome_free(&ours);
    fleet->context = op->context;
    fleet->context.fund_count = 0;
}

static void sim_fleet_declarations(struct sim_buffer *text)
{
    sim_bytes_add_text(text, "quote USDC decimals 6\n");
    for (uint32_t i = 0; i < SIM_FLEET_MARKETS; i++) {
        sim_bytes_add_format(
            text,
            "market M%u size_decimals 8 oi_cap 1_000_000_000 age 86400s gap 86400s "
            "unbacked\nprice M%u 2_000 -> ok\n",
            i,
            i);
    }
}

static bool sim_fleet_declare(struct sim_fleet *fleet)
{
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    struct sim_buffer text = {0};
    struct sim_script script = {0};
    struct sim_fault fault = {0};
    struct sim_scenario s;
    sim_fleet_declarations(&text);
    if (!sim_script_parse((const char *)text.bytes, text.length, &script, &fault)) {
        sim_error("bench: line %u: %s: report this as a bug", fault.line, fault.why);
        sim_bytes_free(&text);
        return false;
    }
    struct sim_world *world = sim_world_new(&options);
    sim_world_observe(world, sim_fleet_follow, fleet);
    sim_scenario_begin(&s, "bench", &script, world);
    const bool is_good = sim_scenario_run(&s);
    if (!is_good) {
        sim_error("bench: line %u: %s: report this as a bug", s.fault.line, s.fault.why);
    } else {
        const struct sim_named_feed *feed = sim_names_find_feed(&s.names, "M0");
        fleet->publisher = sim_world_actor(feed != NULL ? feed->publishers[0] : "oracle1");
        fleet->matcher = sim_world_actor("matcher");
        fleet->token = sim_abi_addr_text("USDC");
        fleet->context.time++;
    }
    sim_scenario_end(&s);
    sim_world_free(world);
    sim_script_free(&script);
    sim_bytes_free(&text);
    return is_good;
}

static void sim_fleet_open_all(struct sim_fleet *fleet, struct sim_fleet_plan *plan)
{
    const uint64_t all = (uint64_t)SIM_FLEET_SPECIAL + fleet->thin + fleet->count;
    const struct plm_open_account message = {.mode = 0};
    for (uint64_t i = 1; i <= all; i++) {
        struct sim_context context = fleet->context;
        context.caller = sim_fleet_owner(i);
        sim_fleet_push(plan, &context, PLM_OP_OPEN_ACCOUNT, &message);
        const int64_t others =
            i <= SIM_FLEET_SPECIAL + fleet->thin ? SIM_FLEET_MARGINAL : SIM_FLEET_STEADY;
        sim_fleet_push_deposit(fleet, plan, i, i <= SIM_FLEET_SPECIAL ? SIM_FLEET_RICH : others);
    }
}

/* One position for each account, and several for the first two. */
static void sim_fleet_trade_all(struct sim_fleet *fleet, struct sim_fleet_plan *plan)
{
    const uint64_t first = 1u + SIM_FLEET_SPECIAL;
    for (uint64_t i = 0; i < (uint64_t)fleet->thin + fleet->count; i++) {
        struct plm_trade trade = {.fills_count = 1};
        trade.fills[0] = sim_fleet_fill(fleet, 0, first + i, SIM_FLEET_MAKER);
        sim_fleet_push_trade(fleet, plan, &trade);
    }
    for (uint32_t i = 0; i < SIM_FLEET_MARKETS; i++) {
        struct plm_trade trade = {.fills_count = i < 8u ? 2u : 1u};
        trade.fills[0] = sim_fleet_fill(fleet, (uint16_t)i, 2, SIM_FLEET_MAKER);
        trade.fills[1] = sim_fleet_fill(fleet, (uint16_t)i, 1, SIM_FLEET_MAKER);
        sim_fleet_push_trade(fleet, plan, &trade);
    }
}

struct sim_fleet *sim_fleet_new(uint32_t count, uint32_t thin)
{
    struct sim_fleet *fleet = sim_bytes_alloc(1, sizeof(*fleet));
    struct sim_fleet_plan plan = {0};
    fleet->engine = sim_engine_new(SIM_ENGINE_NATIVE);
    fleet->count = count;
    fleet->thin = thin;
    fleet->random.state = 1;
    bool is_good = sim_fleet_declare(fleet);
    if (is_good) {
        plan.engine = fleet->engine;
        sim_fleet_open_all(fleet, &plan);
        sim_fleet_trade_all(fleet, &plan);
        is_good = sim_fleet_run(&plan, plan.count);
    }
    sim_fleet_plan_free(&plan);
    if (!is_good) {
        sim_fleet_free(fleet);
        return NULL;
    }
    return fleet;
}

void sim_fleet_free(struct sim_fleet *fleet)
{
    if (fleet != NULL) {
        sim_engine_free(fleet->engine);
        free(fleet);
    }
}

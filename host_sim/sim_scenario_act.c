/* SPDX-License-Identifier: Apache-2.0
 * Operations: a line of the file becomes the message of its opcode, sent by its usual caller.
 * Spec: docs/SCENARIOS.md, "Operations". One function a verb; it knows units, no rule. */
#include "sim_scenario.h"
#include "sim_units.h"

#include <stdio.h>
#include <string.h>

#define ADMIN    "admin"
#define GUARDIAN "guardian"
#define MATCHER  "matcher"
#define KEEPER   "keeper"
#define GLOBAL   "global"
#define ALL      "all"

/* --- small readers -----------------------------------------------------------------------------
 */
static bool account_of(struct sim_scenario *s, enum sim_slot slot, struct sim_named_account **out)
{
    return sim_scenario_account(s, sim_scenario_slot(s, slot), out);
}

static bool market_of(struct sim_scenario *s, struct sim_named_market **out)
{
    return sim_scenario_market(s, sim_scenario_slot(s, SIM_SLOT_MARKET), out);
}

/* market_or: a market's id, or 65535 for the word that means none or all. */
static bool market_or(struct sim_scenario *s, const char *word, uint16_t *out)
{
    struct sim_named_market *market = NULL;
    const char *name = sim_scenario_slot(s, SIM_SLOT_MARKET);
    *out = PLM_NO_MARKET;
    if (name == NULL || strcmp(name, word) == 0) {
        return true;
    }
    if (!sim_scenario_market(s, name, &market)) {
        return false;
    }
    *out = market->id;
    return true;
}

static bool atoms_of(struct sim_scenario *s,
                     const struct sim_named_asset *asset,
                     const char *text,
                     sim_int *out)
{
    if (!sim_scenario_decimal(s, "the amount", text, asset->decimals, out)) {
        return false;
    }
    return *out >= 0 || sim_scenario_refuse(s, "an amount is never negative");
}

/* lots_of: an absent size is 0, which the messages read as all that is needed. */
static bool lots_of(struct sim_scenario *s,
                    const struct sim_named_market *market,
                    const char *text,
                    plm_qty *out)
{
    sim_int value = 0;
    if (text != NULL && !sim_scenario_decimal(s, "the size", text, market->size_decimals, &value)) {
        return false;
    }
    if (value < INT64_MIN || value > INT64_MAX) {
        return sim_scenario_refuse(s, "the size %.40s does not fit 64 bits of lots", text);
    }
    out->lots = (int64_t)value;
    return true;
}

static bool price_of(
    struct sim_scenario *s, const char *what, const char *text, uint8_t decimals, plm_price *out)
{
    sim_int value = 0;
    if (text != NULL && !sim_scenario_decimal(s, what, text, decimals, &value)) {
        return false;
    }
    if (value < 0 || value > (sim_int)UINT64_MAX) {
        return sim_scenario_refuse(s, "%s %.40s does not fit a price", what, text);
    }
    out->ticks = (uint64_t)value;
    return true;
}

static bool val_of(struct sim_scenario *s, const char *what, const char *text, plm_val *out)
{
    sim_int value = 0;
    if (text != NULL && !sim_scenario_decimal(s, what, text, SIM_UNITS_WAD_DECIMALS, &value)) {
        return false;
    }
    out->wad = sim_abi_i128_of(value);
    return true;
}

static bool ratio_of(struct sim_scenario *s, const char *text, plm_ratio *out)
{
    sim_int value = 0;
    if (text == NULL) {
        return true;
    }
    const enum sim_units_result result = sim_units_ratio(text, &value);
    if (result != SIM_UNITS_OK) {
        return sim_scenario_refuse(
            s, "'%.40s' %s (write 5%%, or 20x)", text, sim_units_describe(result));
    }
    if (value < 0 || value > UINT32_MAX) {
        return sim_scenario_refuse(s, "the ratio %.40s does not fit its field", text);
    }
    out->ppm = (uint32_t)value;
    return true;
}

/* on_off: one of two words. */
static bool
on_off(struct sim_scenario *s, const char *text, const char *yes, const char *no, bool *out)
{
    *out = strcmp(text, yes) == 0;
    return *out || strcmp(text, no) == 0 ||
           sim_scenario_refuse(s, "'%.40s' should be %s or %s", text, yes, no);
}

/* finish: sends one message by its usual caller and judges it. */
static bool finish(struct sim_scenario *s, const char *usual, uint8_t opcode, const void *message)
{
    int32_t code = PLM_OK;
    const struct sim_send send = {
        .caller = sim_scenario_caller(s, usual), .opcode = opcode, .message = message};
    return sim_scenario_send(s, &send, &code) && sim_scenario_judge(s, code, NULL);
}

/* finish_paid: the same with tokens attached. */
static bool finish_paid(struct sim_scenario *s,
                        const char *usual,
                        uint8_t opcode,
                        const void *message,
                        const struct sim_named_asset *asset,
                        sim_int atoms)
{
    int32_t code = PLM_OK;
    const struct sim_send send = {.caller = sim_scenario_caller(s, usual),
                                  .opcode = opcode,
                                  .message = message,
                                  .asset = asset,
                                  .atoms = atoms};
    return sim_scenario_send(s, &send, &code) && sim_scenario_judge(s, code, NULL);
}

/* --- money -------------------------------------------------------------------------------------
 */
static bool do_deposit(struct sim_scenario *s)
{
    struct sim_named_account *account = NULL;
    struct sim_named_asset *asset = NULL;
    sim_int atoms = 0;
    if (!account_of(s, SIM_SLOT_ACCOUNT, &account) ||
        !sim_scenario_asset(s, sim_scenario_slot(s, SIM_SLOT_ASSET), &asset) ||
        !atoms_of(s, asset, sim_scenario_slot(s, SIM_SLOT_AMOUNT), &atoms)) {
        return false;
    }
    const struct plm_deposit message = {
        .account = account->id, .asset = asset->id, .amount = {.atoms = sim_abi_i128_of(atoms)}};
    /* What really comes may differ from what the message says. */
    const char *brought = sim_scenario_slot(s, SIM_SLOT_BROUGHT);
    if (brought != NULL && !atoms_of(s, asset, brought, &atoms)) {
        return false;
    }
    return finish_paid(s, account->owner, PLM_OP_DEPOSIT, &message, asset, atoms);
}

static bool do_withdraw(struct sim_scenario *s)
{
    struct sim_named_account *account = NULL;
    struct sim_named_asset *asset = NULL;
    sim_int atoms = 0;
    if (!account_of(s, SIM_SLOT_ACCOUNT, &account) ||
        !sim_scenario_asset(s, sim_scenario_slot(s, SIM_SLOT_ASSET), &asset) ||
        !atoms_of(s, asset, sim_scenario_slot(s, SIM_SLOT_AMOUNT), &atoms)) {
        return false;
    }
    const struct plm_withdraw message = {
        .account = account->id, .asset = asset->id, .amount = {.atoms = sim_abi_i128_of(atoms)}};
    return finish(s, account->owner, PLM_OP_WITHDRAW, &message);
}

static bool do_transfer(struct sim_scenario *s)
{
    struct sim_named_account *from = NULL;
    struct sim_named_account *to = NULL;
    struct sim_named_asset *asset = NULL;
    sim_int atoms = 0;
    if (!account_of(s, SIM_SLOT_ACCOUNT, &from) || !account_of(s, SIM_SLOT_OTHER, &to) ||
        !sim_scenario_asset(s, sim_scenario_slot(s, SIM_SLOT_ASSET), &asset) ||
        !atoms_of(s, asset, sim_scenario_slot(s, SIM_SLOT_AMOUNT), &atoms)) {
        return false;
    }
    const struct plm_transfer message = {.from = from->id,
                                         .to = to->id,
                                         .asset = asset->id,
                                         .amount = {.atoms = sim_abi_i128_of(atoms)}};
    return finish(s, from->owner, PLM_OP_TRANSFER, &message);
}

static bool do_fund_insurance(struct sim_scenario *s)
{
    struct plm_fund_insurance message = {0};
    const char *text = sim_scenario_slot(s, SIM_SLOT_AMOUNT);
    sim_int atoms = 0;
    if (!market_or(s, GLOBAL, &message.market) || !atoms_of(s, &s->names.assets[0], text, &atoms)) {
        return false;
    }
    message.amount.atoms = sim_abi_i128_of(atoms);
    return finish_paid(s, ADMIN, PLM_OP_FUND_INSURANCE, &message, &s->names.assets[0], atoms);
}

static bool do_sweep_surplus(struct sim_scenario *s)
{
    struct sim_named_asset *asset = NULL;
    sim_int atoms = 0;
    if (!sim_scenario_asset(s, sim_scenario_slot(s, SIM_SLOT_ASSET), &asset) ||
        !atoms_of(s, asset, sim_scenario_slot(s, SIM_SLOT_AMOUNT), &atoms)) {
        return false;
    }
    const struct plm_sweep_surplus message = {.asset = asset->id,
                                              .amount = {.atoms = sim_abi_i128_of(atoms)}};
    return finish(s, ADMIN, PLM_OP_SWEEP_SURPLUS, &message);
}

/* payout_held: does the world keep this payment back? */
static bool payout_held(const struct sim_scenario *s, uint64_t payout)
{
    for (uint32_t i = 0; s->world != NULL && i < sim_world_held_count(s->world); i++) {
        if (sim_world_held_at(s->world, i)->payout == payout) {
            return true;
        }
    }
    return false;
}

static bool do_settle_out(struct sim_scenario *s)
{
    const char *id = sim_scenario_slot(s, SIM_SLOT_ID);
    uint64_t payout = s->last_payout;
    bool ok = false;
    int32_t code = PLM_OK;
    if (strcmp(id, "last") != 0 && !sim_scenario_count(s, "payout id", id, UINT64_MAX, &payout)) {
        return false;
    }
    if (!on_off(s, sim_scenario_slot(s, SIM_SLOT_WORD), "ok", "failed", &ok)) {
        return false;
    }
    if (!s->now->has_caller && payout_held(s, payout)) {
        return sim_scenario_took(s, sim_world_deliver(s->world, payout, ok), &code) &&
               sim_scenario_judge(s, code, NULL);
    }
    const struct plm_settle_out message = {.payout = payout, .ok = ok ? 1 : 0};
    const struct sim_send send = {.caller = sim_scenario_caller(s, "contract"),
                                  .opcode = PLM_OP_SETTLE_OUT,
                                  .message = &message,
                                  .as_contract = !s->now->has_caller};
    return sim_scenario_send(s, &send, &code) && sim_scenario_judge(s, code, NULL);
}

/* --- trades ------------------------------------------------------------------------------------
 */
/* next_fill: larger than any id this market or this scenario has used. */
static uint64_t next_fill(struct sim_scenario *s, uint16_t market)
{
    struct plm_market_state state = {0};
    if (s->world != NULL && sim_world_read_id(s->world, PLM_KEY_MARKET_STATE, market, &state) &&
        state.last_fill > s->last_fill) {
        s->last_fill = state.last_fill;
    }
    return s->last_fill + 1;
}

/* place_by: whose order it was; `by delegate` speaks of the first account of the line. */
static bool place_by(struct sim_scenario *s, bool is_buy, struct plm_fill *fill)
{
    const char *by = sim_scenario_slot(s, SIM_SLOT_BY);
    bool is_delegate = false;
    if (by == NULL) {
        return true;
    }
    if (!on_off(s, by, "delegate", "owner", &is_delegate)) {
        return false;
    }
    fill->buyer_by = is_buy && is_delegate ? 1 : 0;
    fill->seller_by = !is_buy && is_delegate ? 1 : 0;
    return true;
}

static bool place_taker(struct sim_scenario *s,
                        const struct sim_named_account *first,
                        const struct sim_named_account *second,
                        struct plm_fill *fill)
{
    const char *name = sim_scenario_slot(s, SIM_SLOT_TAKER);
    uint64_t taker = first->id;
    if (name != NULL) {
        struct sim_named_account *account = NULL;
        if (!sim_scenario_account(s, name, &account)) {
            return false;
        }
        taker = account->id;
        if (taker != first->id && taker != second->id) {
            return sim_scenario_refuse(s, "the taker is one of the two accounts of the trade");
        }
    }
    fill->taker = taker == fill->buyer ? 0 : 1;
    return true;
}

/* read_fill: one trade line. */
static bool read_fill(struct sim_scenario *s, struct plm_fill *fill)
{
    struct sim_named_account *first = NULL;
    struct sim_named_account *second = NULL;
    struct sim_named_market *market = NULL;
    const char *id = sim_scenario_slot(s, SIM_SLOT_ID);
    bool is_buy = false;
    if (!account_of(s, SIM_SLOT_ACCOUNT, &first) || !account_of(s, SIM_SLOT_OTHER, &second) ||
        !market_of(s, &market) ||
        !on_off(s, sim_scenario_slot(s, SIM_SLOT_SIDE), "buy", "sell", &is_buy)) {
        return false;
    }
    if (!lots_of(s, market, sim_scenario_slot(s, SIM_SLOT_QTY), &fill->lots) ||
        !price_of(s,
                  "the price",
                  sim_scenario_slot(s, SIM_SLOT_PRICE),
                  market->price_decimals,
                  &fill->price)) {
        return false;
    }
    fill->market = market->id;
    fill->buyer = is_buy ? first->id : second->id;
    fill->seller = is_buy ? second->id : first->id;
    fill->id = next_fill(s, market->id);
    if (id != NULL && !sim_scenario_count(s, "fill_id", id, UINT64_MAX, &fill->id)) {
        return false;
    }
    if (fill->id > s->last_fill && id == NULL) {
        s->last_fill = fill->id;
    }
    return place_taker(s, first, second, fill) && place_by(s, is_buy, fill);
}

static bool do_trade(struct sim_scenario *s)
{
    struct plm_trade message = {.fills_count = 1};
    return read_fill(s, &message.fills[0]) && finish(s, MATCHER, PLM_OP_TRADE, &message);
}

bool sim_scenario_batch(struct sim_scenario *s, uint32_t first, uint32_t end)
{
    const struct sim_statement *batch = s->now;
    struct plm_trade message = {0};
    for (uint32_t i = first; i < end; i++) {
        s->now = &s->script->statements[i];
        if (message.fills_count == PLM_FILLS_MAX) {
            return sim_scenario_refuse(
                s, "more than %u trades in one batch: begin another one", PLM_FILLS_MAX);
        }
        if (!read_fill(s, &message.fills[message.fills_count])) {
            return false;
        }
        message.fills_count++;
    }
    s->now = batch;
    return finish(s, MATCHER, PLM_OP_TRADE, &message);
}

/* --- prices ------------------------------------------------------------------------------------
 */
static bool
publish(struct sim_scenario *s, const char *publisher, const struct plm_quote *quote, int32_t *code)
{
    struct plm_publish_price message = {.quotes_count = 1};
    message.quotes[0] = *quote;
    const struct sim_send send = {.caller = sim_scenario_caller(s, publisher),
                                  .opcode = PLM_OP_PUBLISH_PRICE,
                                  .message = &message};
    return sim_scenario_send(s, &send, code);
}

/* relative_price: "+5%" of the accepted price, rounded down to the tick; other words are decimals.
 */
static bool quoted_price(struct sim_scenario *s,
                         const struct sim_named_feed *feed,
                         const char *text,
                         plm_price *out)
{
    const size_t length = strlen(text);
    struct plm_feed_state state = {0};
    sim_int ppm = 0;
    if (length < 2 || text[length - 1] != '%') {
        return price_of(s, "the price", text, feed->decimals, out);
    }
    if (sim_units_ratio(text, &ppm) != SIM_UNITS_OK || ppm <= -1000000) {
        return sim_scenario_refuse(s, "'%.40s' is no move of a price: write +5%% or -9%%", text);
    }
    if (s->world != NULL) {
        (void)sim_world_read_id(s->world, PLM_KEY_FEED_STATE, feed->id, &state);
        if (state.price.ticks == 0) {
            return sim_scenario_refuse(s, "'%.40s' moves a price that was never published", text);
        }
    }
    const sim_int moved = (sim_int)state.price.ticks * (1000000 + ppm) / 1000000;
    if (moved > (sim_int)UINT64_MAX) {
        return sim_scenario_refuse(s, "the price %.40s does not fit", text);
    }
    out->ticks = (uint64_t)moved;
    return true;
}

static bool do_price(struct sim_scenario *s)
{
    struct sim_named_feed *feed = NULL;
    struct plm_quote quote = {0};
    uint64_t count = 0;
    int32_t code = PLM_OK;
    const char *time = sim_scenario_slot(s, SIM_SLOT_TIME);
    const char *sources = sim_scenario_slot(s, SIM_SLOT_COUNT);
    const char *by = sim_scenario_slot(s, SIM_SLOT_BY);
    if (!sim_scenario_feed(s, sim_scenario_slot(s, SIM_SLOT_FEED), &feed) ||
        !quoted_price(s, feed, sim_scenario_slot(s, SIM_SLOT_PRICE), &quote.price) ||
        !price_of(s, "conf", sim_scenario_slot(s, SIM_SLOT_CONF), feed->decimals, &quote.conf) ||
        !sim_scenario_time(s, time == NULL ? "+0" : time, &quote.time.sec)) {
        return false;
    }
    quote.feed = feed->id;
    count = by != NULL ? 1 : feed->publisher_count;
    if (sources != NULL && !sim_scenario_count(s, "sources", sources, count, &count)) {
        return false;
    }
    if (count == 0) {
        return sim_scenario_refuse(
            s, "feed %s has no publisher: add one, or name one by `by`", feed->name);
    }
    for (uint64_t i = 0; i < count; i++) {
        if (!publish(s, by != NULL ? by : feed->publishers[i], &quote, &code)) {
            return false;
        }
    }
    return sim_scenario_judge(s, code, feed);
}

static bool do_feed_quotes(struct sim_scenario *s)
{
    struct sim_named_feed *feed = NULL;
    int32_t code = PLM_OK;
    if (!sim_scenario_feed(s, sim_scenario_slot(s, SIM_SLOT_FEED), &feed)) {
        return false;
    }
    if (s->now->rest_count == 0 || s->now->rest_count > feed->publisher_count) {
        return sim_scenario_refuse(
            s, "write one price for each of the %u publishers", (unsigned)feed->publisher_count);
    }
    for (uint32_t i = 0; i < s->now->rest_count; i++) {
        const char *text = sim_scenario_rest(s, i);
        struct plm_quote quote = {.feed = feed->id};
        if (strcmp(text, "-") == 0) {
            continue;
        }
        if (!sim_scenario_time(s, "+0", &quote.time.sec) ||
            !price_of(s, "the price", text, feed->decimals, &quote.price) ||
            !publish(s, feed->publishers[i], &quote, &code)) {
            return false;
        }
    }
    return sim_scenario_judge(s, code, feed);
}

static bool do_impact(struct sim_scenario *s)
{
    struct sim_named_market *market = NULL;
    struct plm_publish_impact message = {.impacts_count = 1};
    struct plm_impact *impact = &message.impacts[0];
    const char *time = sim_scenario_slot(s, SIM_SLOT_TIME);
    const char *by = sim_scenario_slot(s, SIM_SLOT_BY);
    if (!market_of(s, &market) ||
        !price_of(s,
                  "the bid",
                  sim_scenario_slot(s, SIM_SLOT_BID),
                  market->price_decimals,
                  &impact->bid) ||
        !price_of(s,
                  "the ask",
                  sim_scenario_slot(s, SIM_SLOT_ASK),
                  market->price_decimals,
                  &impact->ask) ||
        !sim_scenario_time(s, time == NULL ? "+0" : time, &impact->time.sec)) {
        return false;
    }
    const struct sim_named_feed *feed = sim_names_feed_by_id(&s->names, market->feed);
    if (by == NULL) {
        by = feed == NULL || feed->publisher_count == 0 ? "oracle1" : feed->publishers[0];
    }
    impact->market = market->id;
    return finish(s, by, PLM_OP_PUBLISH_IMPACT, &message);
}

/* --- settlement and liquidation ----------------------------------------------------------------
 */
static bool do_settle(struct sim_scenario *s)
{
    struct sim_named_account *account = NULL;
    struct sim_named_market *market = NULL;
    if (!account_of(s, SIM_SLOT_ACCOUNT, &account) || !market_of(s, &market)) {
        return false;
    }
    const struct plm_settle message = {.account = account->id, .market = market->id};
    return finish(s, KEEPER, PLM_OP_SETTLE, &message);
}

static bool do_resolve(struct sim_scenario *s)
{
    struct sim_named_account *account = NULL;
    struct sim_named_market *market = NULL;
    if (!account_of(s, SIM_SLOT_ACCOUNT, &account) || !market_of(s, &market)) {
        return false;
    }
    const struct plm_resolve message = {.account = account->id, .market = market->id};
    return finish(s, KEEPER, PLM_OP_RESOLVE, &message);
}

static bool do_abandon_claim(struct sim_scenario *s)
{
    struct sim_named_account *account = NULL;
    struct sim_named_market *market = NULL;
    if (!account_of(s, SIM_SLOT_ACCOUNT, &account) || !market_of(s, &market)) {
        return false;
    }
    const struct plm_abandon_claim message = {.account = account->id, .market = market->id};
    return finish(s, account->owner, PLM_OP_ABANDON_CLAIM, &message);
}

static bool do_flag(struct sim_scenario *s)
{
    struct sim_named_account *account = NULL;
    if (!account_of(s, SIM_SLOT_ACCOUNT, &account)) {
        return false;
    }
    const struct plm_flag message = {.account = account->id};
    return finish(s, KEEPER, PLM_OP_FLAG, &message);
}

static bool do_liquidate(struct sim_scenario *s)
{
    struct sim_named_account *account = NULL;
    struct sim_named_account *taker = NULL;
    struct sim_named_market *market = NULL;
    struct plm_liquidate message = {0};
    if (!account_of(s, SIM_SLOT_ACCOUNT, &account) || !account_of(s, SIM_SLOT_TAKER, &taker) ||
        !market_of(s, &market) ||
        !lots_of(s, market, sim_scenario_slot(s, SIM_SLOT_QTY), &message.lots) ||
        !price_of(s,
                  "the limit",
                  sim_scenario_slot(s, SIM_SLOT_LIMIT),
                  market->price_decimals,
                  &message.limit)) {
        return false;
    }
    message.account = account->id;
    message.taker = taker->id;
    message.market = market->id;
    return finish(s, taker->owner, PLM_OP_LIQUIDATE, &message);
}

static bool do_liquidate_collateral(struct sim_scenario *s)
{
    struct sim_named_account *account = NULL;
    struct sim_named_account *taker = NULL;
    struct sim_named_asset *asset = NULL;
    struct plm_liquidate_collateral message = {0};
    const char *amount = sim_scenario_slot(s, SIM_SLOT_AMOUNT);
    sim_int atoms = 0;
    if (!account_of(s, SIM_SLOT_ACCOUNT, &account) || !account_of(s, SIM_SLOT_TAKER, &taker) ||
        !sim_scenario_asset(s, sim_scenario_slot(s, SIM_SLOT_ASSET), &asset) ||
        !market_or(s, "none", &message.market) ||
        (amount != NULL && !atoms_of(s, asset, amount, &atoms))) {
        return false;
    }
    const struct sim_named_feed *feed = sim_names_feed_by_id(&s->names, asset->feed);
    const uint8_t decimals = feed == NULL ? 0 : feed->decimals;
    if (!price_of(s, "the limit", sim_scenario_slot(s, SIM_SLOT_LIMIT), decimals, &message.limit)) {
        return false;
    }
    message.account = account->id;
    message.asset = asset->id;
    message.taker = taker->id;
    message.amount.atoms = sim_abi_i128_of(atoms);
    return finish(s, taker->owner, PLM_OP_LIQUIDATE_COLLATERAL, &message);
}

static bool do_deleverage(struct sim_scenario *s)
{
    struct sim_named_account *account = NULL;
    struct sim_named_account *other = NULL;
    struct sim_named_account *tip = NULL;
    struct sim_named_market *market = NULL;
    struct plm_deleverage message = {0};
    const bool has_tip = sim_scenario_slot(s, SIM_SLOT_TAKER) != NULL;
    if (!account_of(s, SIM_SLOT_ACCOUNT, &account) || !account_of(s, SIM_SLOT_OTHER, &other) ||
        (has_tip && !account_of(s, SIM_SLOT_TAKER, &tip)) || !market_of(s, &market) ||
        !lots_of(s, market, sim_scenario_slot(s, SIM_SLOT_QTY), &message.lots)) {
        return false;
    }
    message.account = account->id;
    message.market = market->id;
    message.counterparty = other->id;
    message.tip = tip == NULL ? 0 : tip->id;
    return finish(s, KEEPER, PLM_OP_DELEVERAGE, &message);
}

/* --- what an owner sets ------------------------------------------------------------------------
 */
static bool do_set_mode(struct sim_scenario *s)
{
    struct sim_named_account *account = NULL;
    struct plm_set_mode message = {0};
    if (!account_of(s, SIM_SLOT_ACCOUNT, &account) ||
        !sim_scenario_word(s, "MODE", sim_scenario_slot(s, SIM_SLOT_MODE), &message.mode)) {
        return false;
    }
    message.account = account->id;
    return finish(s, account->owner, PLM_OP_SET_MODE, &message);
}

/* read_markets: the markets that a line ends with. */
static bool read_markets(struct sim_scenario *s, struct plm_market_ref *markets, uint32_t *count)
{
    if (s->now->rest_count > PLM_ORDER_MAX) {
        return sim_scenario_refuse(s, "at most %u markets", PLM_ORDER_MAX);
    }
    for (uint32_t i = 0; i < s->now->rest_count; i++) {
        struct sim_named_market *market = NULL;
        if (!sim_scenario_market(s, sim_scenario_rest(s, i), &market)) {
            return false;
        }
        markets[i].market = market->id;
    }
    *count = s->now->rest_count;
    return true;
}

static bool do_set_delegate(struct sim_scenario *s)
{
    struct sim_named_account *account = NULL;
    struct plm_set_delegate message = {.fill_band = {.ppm = 5000}};
    const char *holder = sim_scenario_slot(s, SIM_SLOT_NAME);
    uint64_t expiry = 0;
    if (!account_of(s, SIM_SLOT_ACCOUNT, &account)) {
        return false;
    }
    if (!sim_scenario_duration(s, sim_scenario_slot(s, SIM_SLOT_TIME), &expiry) ||
        !val_of(s, "size_cap", sim_scenario_slot(s, SIM_SLOT_CAP), &message.size_cap) ||
        !ratio_of(s, sim_scenario_slot(s, SIM_SLOT_BAND), &message.fill_band) ||
        !val_of(s, "daily_loss", sim_scenario_slot(s, SIM_SLOT_LOSS), &message.daily_loss) ||
        !read_markets(s, message.markets, &message.markets_count)) {
        return false;
    }
    message.account = account->id;
    message.holder = sim_world_actor(holder);
    if (expiry > 0) {
        message.expiry.sec = expiry + (s->world == NULL ? 0 : sim_world_time(s->world));
    }
    return finish(s, account->owner, PLM_OP_SET_DELEGATE, &message);
}

static bool do_set_order(struct sim_scenario *s)
{
    struct sim_named_account *account = NULL;
    struct plm_set_order message = {0};
    if (!account_of(s, SIM_SLOT_ACCOUNT, &account) ||
        !read_markets(s, message.markets, &message.markets_count)) {
        return false;
    }
    message.account = account->id;
    return finish(s, account->owner, PLM_OP_SET_ORDER, &message);
}

static bool do_set_leverage(struct sim_scenario *s)
{
    struct sim_named_account *account = NULL;
    struct plm_set_leverage message = {0};
    if (!account_of(s, SIM_SLOT_ACCOUNT, &account) ||
        !ratio_of(s, sim_scenario_slot(s, SIM_SLOT_LEVERAGE), &message.ratio)) {
        return false;
    }
    message.account = account->id;
    return finish(s, account->owner, PLM_OP_SET_LEVERAGE, &message);
}

static bool do_close_account(struct sim_scenario *s)
{
    struct sim_named_account *account = NULL;
    if (!account_of(s, SIM_SLOT_ACCOUNT, &account)) {
        return false;
    }
    const struct plm_close_account message = {.account = account->id};
    return finish(s, account->owner, PLM_OP_CLOSE_ACCOUNT, &message);
}

/* --- governance --------------------------------------------------------------------------------
 */
/* find_target: whose parameter this is; the group of the parameter's name decides. */
static bool find_target(struct sim_scenario *s,
                        const char *name,
                        struct plm_set_param *message,
                        const struct sim_abi_param **param,
                        uint8_t *decimals)
{
    const char *symbol = sim_scenario_slot(s, SIM_SLOT_PARAM);
    const struct sim_named_market *market = sim_names_find_market(&s->names, name);
    const struct sim_named_asset *asset = sim_names_find_asset(&s->names, name);
    const struct sim_named_feed *feed = sim_names_feed_of(&s->names, name);
    const struct sim_abi_param *of_market = sim_abi_find_param_name(PLM_TARGET_MARKET, symbol);
    const struct sim_abi_param *of_asset = sim_abi_find_param_name(PLM_TARGET_ASSET, symbol);
    const struct sim_abi_param *of_feed = sim_abi_find_param_name(PLM_TARGET_FEED, symbol);
    if (market != NULL && of_market != NULL) {
        message->target = PLM_TARGET_MARKET;
        message->id = market->id;
        *param = of_market;
    } else if (asset != NULL && of_asset != NULL) {
        message->target = PLM_TARGET_ASSET;
        message->id = asset->id;
        *decimals = asset->decimals;
        *param = of_asset;
    } else if (feed != NULL && of_feed != NULL) {
        message->target = PLM_TARGET_FEED;
        message->id = feed->id;
        *param = of_feed;
    } else {
        return sim_scenario_refuse(
            s, "'%.40s' has no parameter '%.40s': see abi/params.def", name, symbol);
    }
    message->param = (*param)->id;
    return true;
}

static bool do_set_param(struct sim_scenario *s)
{
    const struct sim_abi_param *param = NULL;
    struct plm_set_param message = {0};
    uint8_t decimals = 0;
    sim_int value = 0;
    if (!find_target(s, sim_scenario_slot(s, SIM_SLOT_NAME), &message, &param, &decimals) ||
        !sim_scenario_param(s, param, sim_scenario_slot(s, SIM_SLOT_VALUE), decimals, &value)) {
        return false;
    }
    message.value.wad = sim_abi_i128_of(value);
    return finish(s, ADMIN, PLM_OP_SET_PARAM, &message);
}

static bool do_set_status(struct sim_scenario *s)
{
    struct sim_named_market *market = NULL;
    struct plm_set_status message = {0};
    if (!market_of(s, &market) ||
        !sim_scenario_word(s, "STATUS", sim_scenario_slot(s, SIM_SLOT_WORD), &message.status)) {
        return false;
    }
    message.market = market->id;
    return finish(s, ADMIN, PLM_OP_SET_STATUS, &message);
}

static bool do_set_role(struct sim_scenario *s)
{
    struct plm_set_role message = {0};
    if (!sim_scenario_word(s, "ROLE", sim_scenario_slot(s, SIM_SLOT_WORD), &message.role)) {
        return false;
    }
    message.holder = sim_world_actor(sim_scenario_slot(s, SIM_SLOT_NAME));
    return finish(s, ADMIN, PLM_OP_SET_ROLE, &message);
}

/* note_publisher: the names follow what the engine accepted. */
static void note_publisher(struct sim_named_feed *feed, const char *name, bool on)
{
    uint8_t kept = 0;
    for (uint8_t i = 0; i < feed->publisher_count; i++) {
        if (strcmp(feed->publishers[i], name) != 0) {
            memmove(feed->publishers[kept++], feed->publishers[i], SIM_NAME_BYTES);
        }
    }
    feed->publisher_count = kept;
    if (on && kept < PLM_PUBLISHERS_MAX) {
        (void)snprintf(feed->publishers[kept], SIM_NAME_BYTES, "%s", name);
        feed->publisher_count++;
    }
}

/* hope_or_note: one who is only proposed publishes from when that is executed. */
static void
hope_or_note(struct sim_scenario *s, struct sim_named_feed *feed, const char *name, bool on)
{
    struct plm_reply_proposal reply = {0};
    if (s->world == NULL || !sim_abi_decode(PLM_LAYOUT_reply_proposal, s->last->reply, &reply) ||
        reply.proposal == 0) {
        note_publisher(feed, name, on);
        return;
    }
    struct sim_hope *hope = &s->hopes[reply.proposal % SIM_HOPES];
    *hope = (struct sim_hope){.proposal = reply.proposal, .feed = feed->id};
    (void)snprintf(hope->name, SIM_NAME_BYTES, "%s", name);
}

static bool do_set_publisher(struct sim_scenario *s)
{
    struct sim_named_feed *feed = NULL;
    const char *name = sim_scenario_slot(s, SIM_SLOT_NAME);
    bool on = false;
    int32_t code = PLM_OK;
    if (!sim_scenario_feed(s, sim_scenario_slot(s, SIM_SLOT_FEED), &feed) ||
        !on_off(s, sim_scenario_slot(s, SIM_SLOT_WORD), "on", "off", &on)) {
        return false;
    }
    const struct plm_set_publisher message = {
        .feed = feed->id, .publisher = sim_world_actor(name), .on = on ? 1 : 0};
    const struct sim_send send = {.caller = sim_scenario_caller(s, ADMIN),
                                  .opcode = PLM_OP_SET_PUBLISHER,
                                  .message = &message};
    if (!sim_scenario_send(s, &send, &code)) {
        return false;
    }
    if (code == PLM_OK && (s->world != NULL || s->now->expected.kind == SIM_EXPECTED_OK)) {
        hope_or_note(s, feed, name, on);
    }
    return sim_scenario_judge(s, code, NULL);
}

/* proposal_of: a number, or the last one that was made. */
static bool proposal_of(struct sim_scenario *s, uint64_t *proposal)
{
    const char *id = sim_scenario_slot(s, SIM_SLOT_ID);
    if (strcmp(id, "last") != 0) {
        return sim_scenario_count(s, "proposal id", id, UINT64_MAX, proposal);
    }
    struct plm_config config = {0};
    *proposal = 1;
    if (s->world != NULL && sim_world_read_id(s->world, PLM_KEY_CONFIG, 0, &config)) {
        *proposal = config.last_proposal;
    }
    return *proposal != 0 || sim_scenario_refuse(s, "'last' is the last proposal: none was made");
}

static bool do_execute(struct sim_scenario *s)
{
    struct plm_execute message = {0};
    int32_t code = PLM_OK;
    if (!proposal_of(s, &message.proposal)) {
        return false;
    }
    const struct sim_send send = {
        .caller = sim_scenario_caller(s, ADMIN), .opcode = PLM_OP_EXECUTE, .message = &message};
    if (!sim_scenario_send(s, &send, &code)) {
        return false;
    }
    const struct sim_hope *hope = &s->hopes[message.proposal % SIM_HOPES];
    if (code == PLM_OK && hope->proposal == message.proposal) {
        note_publisher(sim_names_feed_by_id(&s->names, hope->feed), hope->name, true);
    }
    return sim_scenario_judge(s, code, NULL);
}

static bool do_cancel(struct sim_scenario *s)
{
    struct plm_cancel message = {0};
    return proposal_of(s, &message.proposal) && finish(s, GUARDIAN, PLM_OP_CANCEL, &message);
}

static bool do_pause(struct sim_scenario *s)
{
    struct plm_set_pause message = {0};
    if (!market_or(s, ALL, &message.market)) {
        return false;
    }
    if (s->now->rest_count == 0) {
        return sim_scenario_refuse(s, "name the bits to pause, or none to lift them");
    }
    for (uint32_t i = 0; i < s->now->rest_count; i++) {
        const char *word = sim_scenario_rest(s, i);
        uint8_t bit = 0;
        if (strcmp(word, "none") == 0) {
            continue;
        }
        if (!sim_scenario_word(s, "PAUSE", word, &bit)) {
            return false;
        }
        message.bits |= (uint8_t)(1u << bit);
    }
    const bool is_lifting = message.bits == 0;
    return finish(s, is_lifting ? ADMIN : GUARDIAN, PLM_OP_SET_PAUSE, &message);
}

static bool do_duplicate(struct sim_scenario *s)
{
    int32_t code = PLM_OK;
    if (s->operations == 0) {
        return sim_scenario_refuse(s, "'duplicate' repeats an operation: none came before it");
    }
    if (s->world != NULL && !sim_scenario_took(s, sim_world_duplicate(s->world), &code)) {
        return false;
    }
    return sim_scenario_judge(s, code, NULL);
}

/* --- all ---------------------------------------------------------------------------------------
 */
typedef bool (*operation)(struct sim_scenario *s);

static const operation operations[SIM_VERB_COUNT] = {
    [SIM_VERB_DEPOSIT] = do_deposit,
    [SIM_VERB_WITHDRAW] = do_withdraw,
    [SIM_VERB_TRANSFER] = do_transfer,
    [SIM_VERB_TRADE] = do_trade,
    [SIM_VERB_PRICE] = do_price,
    [SIM_VERB_FEED_QUOTES] = do_feed_quotes,
    [SIM_VERB_IMPACT] = do_impact,
    [SIM_VERB_SETTLE] = do_settle,
    [SIM_VERB_FLAG] = do_flag,
    [SIM_VERB_LIQUIDATE] = do_liquidate,
    [SIM_VERB_LIQUIDATE_COLLATERAL] = do_liquidate_collateral,
    [SIM_VERB_DELEVERAGE] = do_deleverage,
    [SIM_VERB_RESOLVE] = do_resolve,
    [SIM_VERB_ABANDON_CLAIM] = do_abandon_claim,
    [SIM_VERB_FUND_INSURANCE] = do_fund_insurance,
    [SIM_VERB_SWEEP_SURPLUS] = do_sweep_surplus,
    [SIM_VERB_SETTLE_OUT] = do_settle_out,
    [SIM_VERB_SET_MODE] = do_set_mode,
    [SIM_VERB_SET_DELEGATE] = do_set_delegate,
    [SIM_VERB_SET_ORDER] = do_set_order,
    [SIM_VERB_SET_LEVERAGE] = do_set_leverage,
    [SIM_VERB_CLOSE_ACCOUNT] = do_close_account,
    [SIM_VERB_SET_PARAM] = do_set_param,
    [SIM_VERB_SET_STATUS] = do_set_status,
    [SIM_VERB_SET_ROLE] = do_set_role,
    [SIM_VERB_SET_PUBLISHER] = do_set_publisher,
    [SIM_VERB_EXECUTE] = do_execute,
    [SIM_VERB_CANCEL] = do_cancel,
    [SIM_VERB_PAUSE] = do_pause,
    [SIM_VERB_DUPLICATE] = do_duplicate,
};

bool sim_scenario_operate(struct sim_scenario *s)
{
    const operation run = operations[s->now->verb];
    if (run == NULL) {
        return sim_scenario_refuse(s, "'%s' is no operation", sim_verb_spelling(s->now->verb));
    }
    return run(s);
}

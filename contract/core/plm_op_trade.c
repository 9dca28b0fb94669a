// SPDX-License-Identifier: Apache-2.0
/* Matched fills. [ACCT-3] [ACCT-5] [ACCT-7] [PRICE-4] [PRICE-6] [MARGIN-2] [MARGIN-8] [LOSS-8]
 * Fills are final and apply in order, all or none; each is refused by the uppermost row of
 * errors.def that applies to it. It must never know how margin is computed: the engine runs the
 * gate on both accounts. */
#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_insurance.h"
#include "plm_lab.h"
#include "plm_ledger.h"
#include "plm_margin.h"
#include "plm_operations.h"
#include "plm_params.h"
#include "plm_price.h"
#include "plm_settle.h"
#include "plm_store.h"

#define PLM_TRADE_SIDES        2U
#define PLM_TRADE_DAY_SECONDS  UINT64_C(86400)
/* No fill above this value, in millions of quote units: a flip between two positions of
 * NOTIONAL_MAX at the widest fill band stays below it. [UNIT-3] */
#define PLM_TRADE_NOTIONAL_MAX ((int64_t)PLM_LIMIT_NOTIONAL_MAX * INT64_C(4000000))

/* One side of a fill. */
struct plm_trade_side {
    struct plm_account_slot *account;
    struct plm_position *position; /* valid from plm_op_trade_open on */
    struct plm_grant *grant;       /* the budget that covers it; NULL: none applies [ACCT-3] */
    plm_qty before;
    plm_qty after;
    plm_val fee;
    plm_val advantage; /* filled better than p */
    plm_val loss;      /* filled worse than p, and the fee: what a budget counts */
    bool is_buyer;
    bool by_delegate;
    bool grows; /* |lots| grows or the side flips; otherwise it reduces */
};

/* One fill with everything it touches. */
struct plm_trade_fill {
    const struct plm_fill *args;
    struct plm_market_slot *market;
    const struct plm_view *view;
    plm_val notional; /* at the fill price */
    struct plm_trade_side buyer;
    struct plm_trade_side seller;
};

/* --- shape --- */

/* What no state but the market's identity could make valid. Errors: E_FIELD, E_RANGE,
 * E_AMOUNT_ZERO, E_OVERFLOW. */
static plm_err plm_op_trade_check_shape(struct plm_scratch *s, const struct plm_fill *fill)
{
    struct plm_market_slot *market = NULL;
    PLM_ASSERT(!plm_qty_is_short(fill->lots)); /* the codec's bound */
    if (fill->buyer == fill->seller) {
        return PLM_E_FIELD;
    }
    if (plm_store_market(s, fill->market, &market) == PLM_OK &&
        !plm_price_is_multiple(fill->price, market->record.tick)) {
        return PLM_E_RANGE;
    }
    if (plm_qty_is_zero(fill->lots)) {
        return PLM_E_AMOUNT_ZERO;
    }
    const plm_val most = plm_val_from_quote(PLM_TRADE_NOTIONAL_MAX);
    const plm_val notional = plm_fix_notional(fill->lots, fill->price);
    return plm_val_cmp(notional, most) > 0 ? PLM_E_OVERFLOW : PLM_OK;
}

/* --- load --- */

static bool plm_op_trade_is_growth(plm_qty before, plm_qty after)
{
    const bool flips = (plm_qty_is_long(before) && plm_qty_is_short(after)) ||
                       (plm_qty_is_short(before) && plm_qty_is_long(after));
    return flips || plm_qty_cmp(plm_qty_abs(after), plm_qty_abs(before)) > 0;
}

/* Lots before and after, fee, and the distance of the fill from p on this side. Errors:
 * E_OVERFLOW. */
static plm_err plm_op_trade_make_side(const struct plm_scratch *s,
                                      const struct plm_trade_fill *fill,
                                      bool is_buyer,
                                      struct plm_trade_side *side)
{
    const struct plm_fill *args = fill->args;
    const struct plm_market_params *params = &fill->market->record.params;
    const struct plm_position *position =
        plm_ledger_peek_position(&side->account->record, args->market);
    const bool is_taker = is_buyer ? args->taker == 0 : args->taker != 0;
    const plm_price mark = fill->view->price;
    const plm_price above = plm_price_sub_or_zero(args->price, mark);
    const plm_price below = plm_price_sub_or_zero(mark, args->price);
    const plm_qty none = {0};

    PLM_ASSERT(plm_qty_is_long(args->lots));
    side->position = NULL;
    side->grant = NULL;
    side->is_buyer = is_buyer;
    side->by_delegate = is_buyer ? args->buyer_by != 0 : args->seller_by != 0;
    side->before = position == NULL ? none : position->lots;
    PLM_TRY(is_buyer ? plm_qty_add_checked(side->before, args->lots, &side->after)
                     : plm_qty_sub_checked(side->before, args->lots, &side->after));
    side->grows = plm_op_trade_is_growth(side->before, side->after);
    const plm_ratio fee = is_taker ? params->fee_taker : params->fee_maker;
    side->fee = PLM_RULE_IS_ON(s, UNIT_4) ? plm_fix_part_ceil(fill->notional, fee)
                                          : plm_fix_part_floor(fill->notional, fee);
    side->advantage = plm_fix_notional(args->lots, is_buyer ? below : above);
    side->loss = plm_val_add(plm_fix_notional(args->lots, is_buyer ? above : below), side->fee);
    PLM_ASSERT(!plm_val_is_negative(side->fee));
    return PLM_OK;
}

/* Loads the market and both accounts, and remembers both as they were before this operation.
 * Errors: E_OVERFLOW, E_NO_ACCOUNT, E_NO_MARKET, E_VERSION. */
static plm_err
plm_op_trade_load(struct plm_scratch *s, const struct plm_fill *args, struct plm_trade_fill *fill)
{
    fill->args = args;
    PLM_TRY(plm_store_account(s, args->buyer, &fill->buyer.account));
    PLM_TRY(plm_store_account(s, args->seller, &fill->seller.account));
    PLM_TRY(plm_store_market(s, args->market, &fill->market));
    PLM_ASSERT(fill->buyer.account != fill->seller.account);
    fill->view = plm_store_market_view(s, args->market);
    fill->notional = plm_fix_notional(args->lots, args->price);
    plm_margin_remember(s, fill->buyer.account);
    plm_margin_remember(s, fill->seller.account);
    PLM_TRY(plm_op_trade_make_side(s, fill, true, &fill->buyer));
    return plm_op_trade_make_side(s, fill, false, &fill->seller);
}

/* --- budgets [ACCT-3] --- */

/* The grant an order falls under: the delegate's, or the owner's own budget. NULL: none. */
static struct plm_grant *
plm_op_trade_find_grant(struct plm_account *account, bool by_delegate, uint8_t *index)
{
    PLM_ASSERT(account->grants_count <= PLM_GRANTS_MAX);
    for (uint32_t i = 0; i < account->grants_count; i++) {
        struct plm_grant *grant = &account->grants[i];
        const bool is_delegate = !plm_store_is_same_hash(&grant->holder, &account->owner);
        if (is_delegate ? by_delegate : !by_delegate) {
            *index = (uint8_t)i;
            return grant;
        }
    }
    return NULL;
}

/* A grant names markets, or none and so all. */
static bool
plm_op_trade_names_market(const struct plm_account *account, uint8_t index, uint16_t market)
{
    bool names_any = false;
    PLM_ASSERT(account->grant_markets_count <= PLM_GRANT_MARKETS_MAX);
    for (uint32_t i = 0; i < account->grant_markets_count; i++) {
        const struct plm_grant_market *named = &account->grant_markets[i];
        if (named->grant == index && named->market == market) {
            return true;
        }
        names_any = names_any || named->grant == index;
    }
    return !names_any;
}

static uint64_t plm_op_trade_day(const struct plm_scratch *s)
{
    const plm_time start = {0};
    return plm_int_div_u64_floor(plm_time_since(s->now, start), PLM_TRADE_DAY_SECONDS);
}

/* Budget used today, with this fill. */
static plm_val plm_op_trade_lost(const struct plm_scratch *s, const struct plm_trade_side *side)
{
    const plm_val none = {0};
    const bool is_today = side->grant->day == plm_op_trade_day(s);
    PLM_ASSERT(!plm_val_is_negative(side->loss));
    return plm_val_add(is_today ? side->grant->lost_today : none, side->loss);
}

/* A delegate needs a grant in force; the owner's own budget binds only while it is in force. The
 * size cap binds what grows: a reduction is never too large. Errors: E_BUDGET. */
static plm_err plm_op_trade_check_budget(const struct plm_scratch *s,
                                         const struct plm_trade_fill *fill,
                                         struct plm_trade_side *side)
{
    uint8_t index = 0;
    const bool binds = PLM_RULE_IS_ON(s, ACCT_3);
    struct plm_grant *grant =
        plm_op_trade_find_grant(&side->account->record, side->by_delegate, &index);
    const bool in_force = grant != NULL && plm_time_cmp(s->now, grant->expiry) <= 0;
    if (!binds || !in_force) {
        return binds && side->by_delegate ? PLM_E_BUDGET : PLM_OK;
    }
    PLM_ASSERT(index < PLM_GRANTS_MAX);
    side->grant = grant;
    const plm_val size = plm_fix_notional(plm_qty_abs(side->after), fill->view->price);
    if (!plm_op_trade_names_market(&side->account->record, index, fill->args->market)) {
        return PLM_E_BUDGET;
    }
    if (side->grows && plm_val_cmp(size, grant->size_cap) > 0) {
        return PLM_E_BUDGET;
    }
    if (plm_price_is_zero(fill->view->price)) {
        return PLM_OK; /* nothing to measure by: the price's own code follows */
    }
    if (plm_price_check_fill(fill->view, fill->args->price, grant->fill_band) != PLM_OK) {
        return PLM_E_BUDGET;
    }
    const plm_val lost = plm_op_trade_lost(s, side);
    return plm_val_cmp(lost, grant->daily_loss) > 0 ? PLM_E_BUDGET : PLM_OK;
}

/* --- status --- */

/* Fill ids only grow; pauses by what each side does; the market's status; while the uncovered line
 * is negative the market only reduces. [I39] [GOV-2] [LOSS-7] Errors: E_DUPLICATE, E_PAUSED,
 * E_STATUS, E_REDUCE_ONLY. */
static plm_err plm_op_trade_check_status(const struct plm_scratch *s,
                                         const struct plm_trade_fill *fill)
{
    const struct plm_market_state *state = &fill->market->state;
    const bool grows = fill->buyer.grows || fill->seller.grows;
    const bool reduces = !fill->buyer.grows || !fill->seller.grows;
    PLM_ASSERT(!plm_val_is_positive(state->uncovered));
    if (fill->args->id <= state->last_fill) {
        return PLM_E_DUPLICATE;
    }
    if (grows) {
        PLM_TRY(plm_params_check_pause(s, fill->market, PLM_PAUSE_INCREASE));
    }
    if (reduces) {
        PLM_TRY(plm_params_check_pause(s, fill->market, PLM_PAUSE_REDUCE));
    }
    if (state->status != PLM_STATUS_ACTIVE && state->status != PLM_STATUS_REDUCE_ONLY) {
        return PLM_E_STATUS;
    }
    const bool only_reduces =
        state->status == PLM_STATUS_REDUCE_ONLY || plm_val_is_negative(state->uncovered);
    return only_reduces && grows ? PLM_E_REDUCE_ONLY : PLM_OK;
}

/* --- prices --- */

/* A side that grows needs every price its account uses, and the traded one. [PRICE-4] The gate
 * asks again of the account as it is left; here prices come before limits, as in errors.def. */
static plm_err plm_op_trade_check_prices(const struct plm_scratch *s,
                                         const struct plm_trade_fill *fill,
                                         const struct plm_trade_side *side)
{
    const bool matters = PLM_RULE_IS_ON(s, PRICE_4);
    PLM_ASSERT(fill->view != NULL);
    if (!side->grows || !matters) {
        return PLM_OK;
    }
    const plm_err others = plm_margin_check_prices(s, &side->account->record);
    const plm_err traded = fill->view->risk;
    if (others == PLM_OK || traded == PLM_OK) {
        return others == PLM_OK ? traded : others;
    }
    return others < traded ? others : traded; /* codes grow with the row */
}

/* While an account is liquidatable its own reductions fill at p - c or p + c at worst. [PRICE-6]
 * Errors: E_FILL_BAND. */
static plm_err plm_op_trade_check_rescue(const struct plm_trade_fill *fill,
                                         const struct plm_trade_side *side)
{
    const struct plm_view *view = fill->view;
    PLM_ASSERT(side->account->remembered);
    if (side->grows || !plm_margin_is_liquidatable(&side->account->before)) {
        return PLM_OK;
    }
    const plm_price highest = plm_price_add_or_max(view->price, view->conf);
    const plm_price lowest = plm_price_sub_or_zero(view->price, view->conf);
    const bool is_worse = side->is_buyer ? plm_price_cmp(fill->args->price, highest) > 0
                                         : plm_price_cmp(fill->args->price, lowest) < 0;
    return is_worse ? PLM_E_FILL_BAND : PLM_OK;
}

/* --- limits --- */

static plm_qty plm_op_trade_long_part(plm_qty lots)
{
    const plm_qty none = {0};
    return plm_qty_max(lots, none);
}

/* Open interest of one side after the fill: its longs are the two accounts' longs. Where it grows
 * its value stays within oi_cap. Errors: E_CAP_OI. */
static plm_err plm_op_trade_check_interest(const struct plm_trade_fill *fill)
{
    const plm_qty before = plm_qty_add(plm_op_trade_long_part(fill->buyer.before),
                                       plm_op_trade_long_part(fill->seller.before));
    plm_qty after = {0};
    const plm_err summed = plm_qty_add_checked(plm_op_trade_long_part(fill->buyer.after),
                                               plm_op_trade_long_part(fill->seller.after),
                                               &after);
    if (summed == PLM_OK && plm_qty_cmp(after, before) <= 0) {
        return PLM_OK;
    }
    plm_qty interest = {0};
    if (summed != PLM_OK ||
        plm_qty_add_checked(fill->market->state.oi, plm_qty_sub(after, before), &interest) !=
            PLM_OK) {
        return PLM_E_CAP_OI;
    }
    PLM_ASSERT(!plm_qty_is_short(interest));
    const plm_val value = plm_fix_notional(interest, fill->view->price);
    const plm_val cap = fill->market->record.params.oi_cap;
    return plm_val_cmp(value, cap) > 0 ? PLM_E_CAP_OI : PLM_OK;
}

/* A position that grows stays within both caps. Errors: E_CAP_POSITION. [UNIT-3] */
static plm_err plm_op_trade_check_position(const struct plm_trade_fill *fill,
                                           const struct plm_trade_side *side)
{
    const struct plm_market_params *params = &fill->market->record.params;
    const plm_qty size = plm_qty_abs(side->after);
    PLM_ASSERT(plm_qty_is_long(params->max_lots));
    if (!side->grows) {
        return PLM_OK;
    }
    if (plm_qty_cmp(size, params->max_lots) > 0) {
        return PLM_E_CAP_POSITION;
    }
    const plm_val value = plm_fix_notional(size, fill->view->price);
    return plm_val_cmp(value, params->position_cap) > 0 ? PLM_E_CAP_POSITION : PLM_OK;
}

/* A small fill only closes somebody's position. Errors: E_MIN_ORDER; E_LOSS_PENDING. [LOSS-8] */
static plm_err plm_op_trade_check_order(struct plm_scratch *s, const struct plm_trade_fill *fill)
{
    const bool closes = plm_qty_is_zero(fill->buyer.after) || plm_qty_is_zero(fill->seller.after);
    const bool grows = fill->buyer.grows || fill->seller.grows;
    const plm_qty least = fill->market->record.params.min_order;
    PLM_ASSERT(plm_qty_is_long(least));
    if (!closes && plm_qty_cmp(fill->args->lots, least) < 0) {
        return PLM_E_MIN_ORDER;
    }
    return grows ? plm_insurance_check_pending(s, fill->market) : PLM_OK;
}

/* --- act --- */

/* Finds or makes the positions. *room: E_POSITIONS_MAX, reported in its turn. Errors: E_MODE. */
static plm_err plm_op_trade_open(struct plm_trade_fill *fill, plm_err *room)
{
    struct plm_trade_side *const sides[PLM_TRADE_SIDES] = {&fill->buyer, &fill->seller};
    *room = PLM_OK;
    for (uint32_t i = 0; i < PLM_TRADE_SIDES; i++) {
        const plm_err opened = plm_ledger_open_position(
            &sides[i]->account->record, fill->args->market, &sides[i]->position);
        if (opened == PLM_E_POSITIONS_MAX) {
            *room = opened;
            continue;
        }
        PLM_TRY(opened);
        PLM_ASSERT(sides[i]->position != NULL);
    }
    return PLM_OK;
}

/* Fee, budget and judgement of one side. Positions of the account are void afterwards. */
static void plm_op_trade_finish_side(const struct plm_scratch *s,
                                     const struct plm_trade_fill *fill,
                                     const struct plm_trade_side *side)
{
    struct plm_account_slot *account = side->account;
    PLM_ASSERT(plm_qty_cmp(side->position->lots, side->after) == 0);
    plm_ledger_charge_fee(fill->market, side->position, side->fee);
    if (side->grant != NULL) {
        side->grant->lost_today = plm_op_trade_lost(s, side);
        side->grant->day = plm_op_trade_day(s);
        PLM_ASSERT(plm_val_cmp(side->grant->lost_today, side->grant->daily_loss) <= 0);
    }
    plm_val_add_to(&account->fill_advantage, side->advantage);
    account->judge = PLM_JUDGE_ACTOR;
    account->changed = true;
    plm_ledger_sweep_positions(&account->record);
}

static void plm_op_trade_act(struct plm_scratch *s, struct plm_trade_fill *fill)
{
    const struct plm_fill *args = fill->args;
    struct plm_market_slot *market = fill->market;
    PLM_ASSERT(fill->buyer.position->market == market->id);
    PLM_ASSERT(fill->seller.position->market == market->id);
    plm_ledger_move_lots(market, fill->seller.position, fill->buyer.position, args->lots);
    plm_ledger_move_quote(market, fill->buyer.position, fill->seller.position, fill->notional);
    plm_op_trade_finish_side(s, fill, &fill->buyer);
    plm_op_trade_finish_side(s, fill, &fill->seller);
    market->state.last_fill = args->id;
    market->state_changed = true;
    const struct plm_ev_filled event = {
        .id = args->id,
        .market = args->market,
        .buyer = args->buyer,
        .seller = args->seller,
        .lots = args->lots,
        .price = args->price,
        .fee_buyer = fill->buyer.fee,
        .fee_seller = fill->seller.fee,
    };
    plm_store_event(s, PLM_EVENT_FILLED, PLM_LAYOUT_ev_filled, &event);
}

/* Everything that speaks against a fill, in the order of errors.def, and then the fill. */
static plm_err plm_op_trade_fill(struct plm_scratch *s, const struct plm_fill *args)
{
    struct plm_trade_fill fill = {0};
    plm_err room = PLM_OK;
    PLM_TRY(plm_op_trade_load(s, args, &fill));
    PLM_TRY(plm_op_trade_check_budget(s, &fill, &fill.buyer));
    PLM_TRY(plm_op_trade_check_budget(s, &fill, &fill.seller));
    PLM_TRY(plm_op_trade_check_status(s, &fill));
    if (fill.buyer.grows) {
        PLM_TRY(plm_settle_losses(s, fill.buyer.account)); /* [LEDGER-1] */
    }
    if (fill.seller.grows) {
        PLM_TRY(plm_settle_losses(s, fill.seller.account));
    }
    PLM_TRY(plm_op_trade_open(&fill, &room));
    PLM_TRY(plm_op_trade_check_prices(s, &fill, &fill.buyer));
    PLM_TRY(plm_op_trade_check_prices(s, &fill, &fill.seller));
    PLM_TRY(plm_price_check_fill(fill.view, args->price, fill.market->record.params.fill_band));
    PLM_TRY(plm_op_trade_check_rescue(&fill, &fill.buyer));
    PLM_TRY(plm_op_trade_check_rescue(&fill, &fill.seller));
    PLM_TRY(plm_op_trade_check_interest(&fill));
    PLM_TRY(plm_op_trade_check_position(&fill, &fill.buyer));
    PLM_TRY(plm_op_trade_check_position(&fill, &fill.seller));
    PLM_TRY(room);
    PLM_TRY(plm_op_trade_check_order(s, &fill));
    plm_op_trade_act(s, &fill);
    return PLM_OK;
}

/* plm_op_trade: applies the matcher's fills. The gate then judges both accounts of each.
 * Errors: rows TRADE of op_errors.def. Cost: FILLS_MAX fills, two accounts each. */
plm_err plm_op_trade(struct plm_scratch *s, const struct plm_trade *args)
{
    PLM_ASSERT(args->fills_count <= PLM_FILLS_MAX);
    if (args->fills_count == 0) {
        return PLM_E_AMOUNT_ZERO;
    }
    for (uint32_t i = 0; i < args->fills_count; i++) {
        PLM_TRY(plm_op_trade_check_shape(s, &args->fills[i]));
    }
    PLM_TRY(plm_store_check_role(s, &s->config.matcher));

    for (uint32_t i = 0; i < args->fills_count; i++) {
        PLM_TRY(plm_op_trade_fill(s, &args->fills[i]));
    }
    if (s->config.live == 0) { /* [GOV-3] from here on what lowers safety waits */
        s->config.live = 1;
        s->config_changed = true;
    }
    return PLM_OK;
}

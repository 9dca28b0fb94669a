// SPDX-License-Identifier: Apache-2.0
/* What remains when no taker came: forced closes against winners, deficits of debtors without lots.
 * [LIQ-11] [LOSS-1] [LOSS-2] They must never store or call the gate. */
#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_insurance.h"
#include "plm_lab.h"
#include "plm_ledger.h"
#include "plm_liquidate.h"
#include "plm_margin.h"
#include "plm_operations.h"
#include "plm_params.h"
#include "plm_settle.h"
#include "plm_store.h"

#define FORCED_NUM 1U /* LIQ-11: a third of maintenance */
#define FORCED_DEN 3U

/* What one forced close works on. */
struct forced {
    struct plm_account_slot *account;
    struct plm_account_slot *counterparty;
    struct plm_account_slot *tip; /* NULL: nobody */
    struct plm_market_slot *market;
    struct plm_position *leg;
    struct plm_position *against;
    struct plm_margin margin; /* other bad feeds in the account's favour [PRICE-4] */
};

/* Errors: E_NO_ACCOUNT, E_NO_MARKET, E_PAUSED, E_STATUS, the view's code. */
static plm_err load(struct plm_scratch *s, const struct plm_deleverage *args, struct forced *t)
{
    PLM_TRY(plm_store_account(s, args->account, &t->account));
    PLM_TRY(plm_store_account(s, args->counterparty, &t->counterparty));
    if (args->tip != 0) {
        PLM_TRY(plm_store_account(s, args->tip, &t->tip));
    }
    PLM_TRY(plm_store_market(s, args->market, &t->market));
    PLM_TRY(plm_store_ledger(s));
    t->leg = plm_ledger_find_position(&t->account->record, args->market);
    t->against = plm_ledger_find_position(&t->counterparty->record, args->market);
    if (t->leg == NULL || t->against == NULL) {
        return PLM_E_NO_MARKET;
    }
    PLM_TRY(plm_params_check_pause(s, t->market, PLM_PAUSE_DELEVERAGE));
    /* Who may not deposit, reduce or be taken over is not closed by force either. [GOV-2] */
    PLM_TRY(plm_params_check_pause(s, t->market, PLM_PAUSE_LIQUIDATE));
    const uint8_t status = t->market->state.status;
    if (status != PLM_STATUS_ACTIVE && status != PLM_STATUS_REDUCE_ONLY) {
        return PLM_E_STATUS;
    }
    plm_margin_remember(s, t->account);
    plm_margin_remember(s, t->counterparty);
    PLM_ASSERT(t->leg->market == t->against->market);
    return plm_store_market_view(s, args->market)->liquidation;
}

/* Bankrupt; or below a third of maintenance, after takers had the grace of the feed since the clock
 * started. [LIQ-11] */
static bool is_due(const struct plm_scratch *s, const struct forced *t)
{
    const plm_time never = {0};
    const plm_time since = t->account->record.liquidatable_since;
    PLM_ASSERT(t->market->feed_slot < s->feed_count);
    const uint32_t grace = s->feeds[t->market->feed_slot].record.params.grace;
    if (!plm_margin_is_liquidatable(&t->margin)) {
        return false; /* a sale price rounded down may put E_full below zero on its own */
    }
    if (plm_val_is_negative(t->margin.equity_full)) {
        return true;
    }
    return plm_margin_is_below_share(&t->margin, FORCED_NUM, FORCED_DEN) &&
           plm_time_cmp(since, never) != 0 && plm_time_since(s->now, since) >= grace;
}

/* On the other side, and in profit: lots x p + quote > 0. */
static bool is_opposing_winner(const struct plm_scratch *s, const struct forced *t)
{
    const bool opposes = (plm_qty_is_long(t->leg->lots) && plm_qty_is_short(t->against->lots)) ||
                         (plm_qty_is_short(t->leg->lots) && plm_qty_is_long(t->against->lots));
    PLM_ASSERT(t->leg->market == t->market->id);
    return opposes && plm_val_is_positive(plm_settle_worth(s, t->against));
}

/* Errors: E_NOT_LIQUIDATABLE, E_SELF_LIQUIDATION, E_NOT_NEEDED: not an opposing winner. */
static plm_err check_may(const struct plm_scratch *s, struct forced *t)
{
    plm_margin_compute(s, &t->account->record, PLM_MARGIN_FAVOUR, t->market->id, &t->margin);
    if (!is_due(s, t)) {
        return PLM_E_NOT_LIQUIDATABLE;
    }
    PLM_ASSERT(plm_margin_is_liquidatable(&t->margin));
    if (t->account == t->counterparty) {
        return PLM_E_SELF_LIQUIDATION;
    }
    if (PLM_RULE_IS_ON(s, LIQ_1) &&
        plm_liquidate_is_same_owner(&t->account->record, &t->counterparty->record)) {
        return PLM_E_SELF_LIQUIDATION;
    }
    return is_opposing_winner(s, t) ? PLM_OK : PLM_E_NOT_NEEDED;
}

static void act(struct plm_scratch *s, struct forced *t, plm_qty lots)
{
    const plm_price price = plm_store_market_view(s, t->market->id)->price;
    const bool is_long = plm_qty_is_long(t->leg->lots);
    struct plm_ev_deleveraged event = {
        .account = t->account->id,
        .market = t->market->id,
        .counterparty = t->counterparty->id,
        .lots = is_long ? lots : plm_qty_neg(lots),
        .price = price,
    };
    PLM_ASSERT(plm_qty_is_long(lots));
    plm_liquidate_start_clock(s, t->account);
    plm_liquidate_recognise(s, t->account, t->market, t->margin.equity_price, lots);
    plm_liquidate_move(s, t->market, t->leg, t->against, lots);
    if (t->tip != NULL) {
        const plm_val most =
            plm_fix_part_floor(plm_fix_notional(lots, price), t->market->record.params.liq_fee);
        event.tip = plm_insurance_pay_tip(s, t->market, t->tip, most);
    }
    PLM_ASSERT(!plm_val_is_negative(event.tip));
    const struct plm_reply_lots reply = {lots};
    plm_store_event(s, PLM_EVENT_DELEVERAGED, PLM_LAYOUT_ev_deleveraged, &event);
    plm_store_reply(s, PLM_LAYOUT_reply_lots, &reply);
}

/* plm_op_deleverage: closes lots of a bankrupt leg against an opposing winner at p; the deficit is
 * recognised first, no fee is taken, the caller's tip is at most f0 of the value and comes from the
 * market's tranche. [LIQ-11] [LOSS-2] Errors: those of load and check_may above, E_MIN_ORDER fewer
 * lots than the minimum order and than match. */
plm_err plm_op_deleverage(struct plm_scratch *s, const struct plm_deleverage *args)
{
    struct forced t = {0};
    PLM_TRY(load(s, args, &t));

    PLM_TRY(check_may(s, &t));
    plm_qty lots = plm_qty_min(plm_qty_abs(t.leg->lots), plm_qty_abs(t.against->lots));
    if (!plm_qty_is_zero(args->lots)) {
        const plm_qty least = plm_qty_min(lots, t.market->record.params.min_order);
        if (plm_qty_cmp(args->lots, least) < 0) {
            return PLM_E_MIN_ORDER;
        }
        lots = plm_qty_min(lots, args->lots);
    }

    act(s, &t, lots);
    t.account->changed = true;
    t.account->judge = PLM_JUDGE_LIQUIDATED;
    t.account->judge_market = t.market->id;
    t.counterparty->changed = true;
    t.counterparty->judge = PLM_JUDGE_COUNTERPARTY;
    t.counterparty->judge_market = t.market->id;
    PLM_ASSERT(t.account != t.counterparty);
    PLM_ASSERT(t.account->remembered);
    return PLM_OK;
}

/* Collateral of which a sale would bring something, whether or not it may be sold now. A trace that
 * is worth nothing is never sold and holds nothing up; nor does what never had a price, or a debtor
 * could bring some and be left alone. [LIQ-6] */
static bool has_collateral_to_sell(const struct plm_scratch *s, const struct plm_account *account)
{
    bool found = false;
    PLM_ASSERT(account->collaterals_count <= PLM_COLLATERALS_MAX);
    for (uint32_t i = 0; i < account->collaterals_count; i++) {
        const struct plm_collateral *collateral = &account->collaterals[i];
        found = found || plm_liquidate_brings_cash(s, collateral, account->liquidatable_since);
    }
    return found;
}

/* plm_op_resolve: recognises what an account without lots and without collateral owes in one market
 * beyond all it has: its collateral was sold before, cash pays first. [LOSS-1] [LOSS-2] Errors:
 * E_NO_ACCOUNT, E_NO_MARKET, E_PAUSED, E_GRACE, E_NOT_LIQUIDATABLE: nothing is missing;
 * E_NOT_NEEDED: it has lots or collateral to sell first, or no debt here. */
plm_err plm_op_resolve(struct plm_scratch *s, const struct plm_resolve *args)
{
    struct plm_account_slot *account = NULL;
    struct plm_market_slot *market = NULL;
    struct plm_margin margin = {0};
    PLM_TRY(plm_store_account(s, args->account, &account));
    PLM_TRY(plm_store_market(s, args->market, &market));
    PLM_TRY(plm_store_ledger(s));
    const struct plm_position *position = plm_ledger_peek_position(&account->record, market->id);
    if (position == NULL) {
        return PLM_E_NO_MARKET;
    }
    PLM_TRY(plm_params_check_pause(s, market, PLM_PAUSE_LIQUIDATE));

    plm_margin_compute(s, &account->record, PLM_MARGIN_FAVOUR, PLM_NO_MARKET, &margin);
    if (!plm_val_is_negative(margin.equity_price)) {
        return PLM_E_NOT_LIQUIDATABLE;
    }
    const bool has_more_to_give =
        plm_liquidate_has_lots(&account->record) || has_collateral_to_sell(s, &account->record);
    if (has_more_to_give) {
        return PLM_E_NOT_NEEDED;
    }
    PLM_TRY(plm_settle_losses(s, account));
    if (!plm_val_is_negative(position->quote)) {
        return PLM_E_NOT_NEEDED;
    }

    plm_liquidate_start_clock(s, account);
    const plm_val deficit =
        plm_insurance_deficit(s, &account->record, plm_val_neg(margin.equity_price), market->id);
    PLM_ASSERT(plm_val_is_positive(deficit));
    plm_insurance_recognise(s, account, market, deficit);
    PLM_ASSERT(account->changed);
    const struct plm_reply_value reply = {deficit};
    plm_store_reply(s, PLM_LAYOUT_reply_value, &reply);
    return PLM_OK;
}

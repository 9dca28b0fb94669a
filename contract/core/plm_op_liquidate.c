// SPDX-License-Identifier: Apache-2.0
/* Operations of a liquidation: flag an account, take over lots of one leg. [LIQ-1] to [LIQ-5]
 * They must never store or call the gate. */
#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_insurance.h"
#include "plm_lab.h"
#include "plm_ledger.h"
#include "plm_liquidate.h"
#include "plm_margin.h"
#include "plm_operations.h"
#include "plm_settle.h"
#include "plm_store.h"

/* plm_op_flag: anybody starts the clock of a liquidatable account. [LIQ-3] Feeds that are not good
 * count in the account's favour; one market at least can be traded. [PRICE-4] Errors: E_NO_ACCOUNT,
 * what every market says (E_PAUSED, E_STATUS, E_GRACE, the view's code), E_NOT_LIQUIDATABLE,
 * E_NOT_NEEDED: it is flagged. */
plm_err plm_op_flag(struct plm_scratch *s, const struct plm_flag *args)
{
    struct plm_account_slot *account = NULL;
    struct plm_margin margin = {0};
    const plm_time never = {0};
    PLM_TRY(plm_store_account(s, args->account, &account));
    PLM_TRY(plm_liquidate_check_account(s, &account->record));

    plm_margin_compute(s, &account->record, PLM_MARGIN_FAVOUR, PLM_NO_MARKET, &margin);
    if (!plm_margin_is_liquidatable(&margin)) {
        return PLM_E_NOT_LIQUIDATABLE;
    }
    if (plm_time_cmp(account->record.liquidatable_since, never) != 0) {
        return PLM_E_NOT_NEEDED;
    }
    plm_liquidate_start_clock(s, account);
    PLM_ASSERT(account->changed); /* so that the engine records its deficits [LOSS-8] */
    return PLM_OK;
}

/* --- takeover [LIQ-1] --- */

/* What one takeover works on. */
struct takeover {
    struct plm_account_slot *account;
    struct plm_account_slot *taker;
    struct plm_market_slot *market;
    struct plm_position *leg;
    struct plm_position *received;
    struct plm_margin margin; /* of the account, other bad feeds in its favour [PRICE-4] */
    plm_price limit;
    struct plm_liquidate_bound bound;
    plm_qty lots;
    plm_val fee_taker;
    plm_val fee_insurance;
};

/* The taker's money for a size: at the limit or better? He buys a long for value - fee, and is paid
 * value + fee for a short. Errors: E_FILL_BAND. */
static plm_err
check_limit(const struct plm_scratch *s, const struct takeover *t, plm_qty lots, plm_val fee)
{
    const plm_price price = plm_store_market_view(s, t->market->id)->price;
    const plm_val value = plm_fix_notional(lots, price);
    const plm_val most = plm_fix_notional(lots, t->limit);
    PLM_ASSERT(!plm_qty_is_short(lots));
    if (plm_price_is_zero(t->limit)) {
        return PLM_OK;
    }
    if (plm_qty_is_long(t->leg->lots)) {
        return plm_val_cmp(plm_val_sub(value, fee), most) > 0 ? PLM_E_FILL_BAND : PLM_OK;
    }
    return plm_val_cmp(plm_val_add(value, fee), most) < 0 ? PLM_E_FILL_BAND : PLM_OK;
}

/* The best price that any size could give, before anything about the account is looked at. */
static plm_err check_best_price(const struct plm_scratch *s, const struct takeover *t)
{
    const struct plm_account *record = &t->account->record;
    const plm_qty whole = plm_qty_abs(t->leg->lots);
    const plm_ratio fee =
        plm_liquidate_fee(&t->market->record.params, record->liquidatable_since, s->now);
    const plm_val value = plm_fix_notional(whole, plm_store_market_view(s, t->market->id)->price);
    PLM_ASSERT(!plm_val_is_negative(value));
    return check_limit(s, t, whole, plm_fix_part_ceil(value, fee));
}

/* Errors: E_AUTH, E_NO_ACCOUNT, E_NO_MARKET, E_PAUSED, E_STATUS, E_MODE, E_GRACE, the view's code,
 * E_FILL_BAND, E_POSITIONS_MAX. */
static plm_err load(struct plm_scratch *s, const struct plm_liquidate *args, struct takeover *t)
{
    PLM_TRY(plm_store_account(s, args->taker, &t->taker));
    PLM_TRY(plm_store_check_owner(s, t->taker));
    PLM_TRY(plm_store_account(s, args->account, &t->account));
    PLM_TRY(plm_store_market(s, args->market, &t->market));
    if (plm_ledger_peek_position(&t->account->record, args->market) == NULL) {
        return PLM_E_NO_MARKET;
    }
    const plm_err open = plm_liquidate_check_market(s, t->market);
    if (open == PLM_E_PAUSED || open == PLM_E_STATUS) {
        return open;
    }
    plm_margin_remember(s, t->account);
    plm_margin_remember(s, t->taker);
    const plm_err room = plm_ledger_open_position(&t->taker->record, args->market, &t->received);
    if (room == PLM_E_MODE) {
        return room;
    }
    PLM_TRY(open);
    t->leg = plm_ledger_find_position(&t->account->record, args->market);
    t->limit = args->limit;
    PLM_ASSERT(t->leg != NULL);
    PLM_TRY(check_best_price(s, t));
    return room;
}

/* The account may be liquidated, by this taker, in this market, now. Errors: E_NOT_LIQUIDATABLE,
 * E_SELF_LIQUIDATION, E_COOLDOWN, E_NOT_NEEDED: another market goes first. */
static plm_err check_may(const struct plm_scratch *s, struct takeover *t)
{
    const struct plm_account *record = &t->account->record;
    plm_margin_compute(s, record, PLM_MARGIN_FAVOUR, t->market->id, &t->margin);
    if (!plm_margin_is_liquidatable(&t->margin)) {
        return PLM_E_NOT_LIQUIDATABLE;
    }
    if (t->account == t->taker) {
        return PLM_E_SELF_LIQUIDATION;
    }
    if (PLM_RULE_IS_ON(s, LIQ_1) && plm_liquidate_is_same_owner(record, &t->taker->record)) {
        return PLM_E_SELF_LIQUIDATION;
    }
    if (plm_qty_is_zero(t->leg->lots)) {
        return PLM_E_NOT_NEEDED;
    }
    const plm_qty size = plm_liquidate_size(s, t->account, t->market);
    PLM_TRY(plm_liquidate_bound(s, t->account, t->market, &t->margin, size, &t->bound));
    PLM_ASSERT(plm_qty_cmp(t->bound.most, size) <= 0);
    return plm_liquidate_first_market(s, record) == t->market->id ? PLM_OK : PLM_E_NOT_NEEDED;
}

/* How many lots, and at which price for the taker. [LIQ-2] Errors: E_FILL_BAND, E_CAP_POSITION,
 * E_MIN_ORDER. */
static plm_err choose_lots(const struct plm_scratch *s, struct takeover *t, plm_qty wanted)
{
    const struct plm_market_params *params = &t->market->record.params;
    const plm_price price = plm_store_market_view(s, t->market->id)->price;
    t->lots = t->bound.most;
    bool is_too_small = false;
    if (!plm_qty_is_zero(wanted)) {
        const plm_qty least = plm_qty_min(t->bound.most, params->min_order);
        is_too_small = plm_qty_cmp(wanted, least) < 0;
        t->lots = plm_qty_min(t->bound.most, wanted);
    }
    plm_liquidate_fees(s, t->account, t->market, t->lots, &t->fee_taker, &t->fee_insurance);
    PLM_TRY(check_limit(s, t, t->lots, t->fee_taker));
    /* What a takeover may not pass is what the engine's numbers can hold. [UNIT-3] */
    const plm_qty taken = plm_qty_is_long(t->leg->lots) ? t->lots : plm_qty_neg(t->lots);
    const plm_qty after = plm_qty_abs(plm_qty_add(t->received->lots, taken));
    const bool grows = plm_qty_cmp(after, plm_qty_abs(t->received->lots)) > 0;
    if (grows && plm_qty_cmp(after, params->max_lots) > 0) {
        return PLM_E_CAP_POSITION;
    }
    if (grows && plm_val_cmp(plm_fix_notional(after, price), params->position_cap) > 0) {
        return PLM_E_CAP_POSITION;
    }
    PLM_ASSERT(plm_qty_is_long(t->lots));
    return is_too_small ? PLM_E_MIN_ORDER : PLM_OK;
}

static void act(struct plm_scratch *s, struct takeover *t)
{
    const struct plm_market_params *params = &t->market->record.params;
    const plm_price price = plm_store_market_view(s, t->market->id)->price;
    const bool is_long = plm_qty_is_long(t->leg->lots);
    const struct plm_ev_liquidated event = {
        .account = t->account->id,
        .market = t->market->id,
        .taker = t->taker->id,
        .lots = is_long ? t->lots : plm_qty_neg(t->lots),
        .price = price,
        .fee_taker = t->fee_taker,
        .fee_insurance = t->fee_insurance,
        .bankruptcy = plm_liquidate_bankruptcy_price(s, &t->account->record, t->market->id),
    };
    plm_liquidate_start_clock(s, t->account);
    plm_liquidate_recognise(s, t->account, t->market, t->margin.equity_price, t->lots);
    plm_liquidate_move(s, t->market, t->leg, t->received, t->lots);
    plm_ledger_move_quote(t->market, t->leg, t->received, t->fee_taker);
    plm_ledger_charge_insurance_fee(t->market, t->leg, t->fee_insurance);
    if (t->bound.counts) {
        plm_insurance_window_use(
            &t->market->state.taken, s->now, params->liq_window, plm_fix_notional(t->lots, price));
    }
    if (t->bound.is_slice && plm_qty_cmp(t->lots, t->bound.most) == 0) {
        t->account->record.cooldown_until = plm_time_add(s->now, params->liq_cooldown);
    }
    t->account->fees = plm_val_add(t->fee_taker, t->fee_insurance);
    PLM_ASSERT(!plm_val_is_negative(t->account->fees));
    const struct plm_reply_lots reply = {t->lots};
    plm_store_event(s, PLM_EVENT_LIQUIDATED, PLM_LAYOUT_ev_liquidated, &event);
    plm_store_reply(s, PLM_LAYOUT_reply_lots, &reply);
}

/* plm_op_liquidate: the taker takes over what is needed of one leg, or less, at p -+ fee. [LIQ-1]
 * to [LIQ-5] [LOSS-2] The gate judges both. Errors: those of load, check_may, choose_lots above; of
 * the gate: the view's code of another feed of the taker, E_BELOW_INITIAL, E_DEBT. */
plm_err plm_op_liquidate(struct plm_scratch *s, const struct plm_liquidate *args)
{
    struct takeover t = {0};
    PLM_TRY(load(s, args, &t));
    PLM_TRY(plm_store_ledger(s));

    PLM_TRY(check_may(s, &t));
    PLM_TRY(choose_lots(s, &t, args->lots));

    act(s, &t);
    /* The taker's risk grows: its own losses become cash of the pools first. [LEDGER-1] */
    PLM_TRY(plm_settle_losses(s, t.taker));
    t.account->changed = true;
    t.account->judge = PLM_JUDGE_LIQUIDATED;
    t.account->judge_market = t.market->id;
    t.taker->changed = true;
    t.taker->judge = PLM_JUDGE_TAKER;
    t.taker->judge_market = t.market->id;
    t.taker->judge_feed = t.market->feed_slot;
    PLM_ASSERT(t.account != t.taker);
    PLM_ASSERT(t.account->remembered);
    return PLM_OK;
}

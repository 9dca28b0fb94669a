// SPDX-License-Identifier: Apache-2.0
/* Collateral of an account that must pay is sold for a taker's cash. [LIQ-6]
 * Three reasons: the account is liquidatable; it has a debt above its cash and no lots; it owes a
 * market whose winner has waited too long. It must never store or call the gate. */
#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_lab.h"
#include "plm_ledger.h"
#include "plm_liquidate.h"
#include "plm_margin.h"
#include "plm_operations.h"
#include "plm_params.h"
#include "plm_settle.h"
#include "plm_store.h"

/* What one sale works on. */
struct sale {
    struct plm_account_slot *account;
    struct plm_account_slot *taker;
    struct plm_account_slot *claimant; /* who waits, where a market's shortfall is the reason */
    struct plm_asset_slot *asset;
    struct plm_market_slot *market;    /* NULL: the account itself must pay */
    plm_time since;                    /* the discount's clock: the account's own */
    plm_price price;
    plm_val need;
    plm_amt atoms;
    plm_val cash;
};

/* One market in which the account owes or risks something is not paused: the sale may go on. */
static plm_err check_pauses(const struct plm_scratch *s, const struct plm_account *account)
{
    plm_err first = PLM_OK;
    PLM_ASSERT(account->positions_count <= PLM_POSITIONS_MAX);
    for (uint32_t i = 0; i < account->positions_count; i++) {
        const struct plm_position *position = &account->positions[i];
        if (plm_qty_is_zero(position->lots) && !plm_val_is_negative(position->quote)) {
            continue;
        }
        const struct plm_market_slot *market = plm_store_peek_market(s, position->market);
        const plm_err code = plm_params_check_pause(s, market, PLM_PAUSE_LIQUIDATE);
        if (code == PLM_OK) {
            return PLM_OK;
        }
        first = first == PLM_OK || code < first ? code : first;
    }
    return first;
}

/* A sale through a market's shortfall also settles in it. */
static plm_err check_market(const struct plm_scratch *s, const struct plm_market_slot *market)
{
    PLM_ASSERT(market->id < PLM_LIMIT_MARKETS_MAX);
    const plm_err code = plm_params_check_pause(s, market, PLM_PAUSE_LIQUIDATE);
    if (code == PLM_E_PAUSED) {
        return code;
    }
    PLM_TRY(plm_params_check_pause(s, market, PLM_PAUSE_SETTLE));
    return code;
}

/* Errors: E_AUTH, E_NO_ACCOUNT, E_NO_ASSET, E_NO_MARKET, E_PAUSED, E_GRACE, the view's code,
 * E_FILL_BAND, E_COLLATERALS_MAX. */
static plm_err
load(struct plm_scratch *s, const struct plm_liquidate_collateral *args, struct sale *t)
{
    PLM_TRY(plm_store_account(s, args->taker, &t->taker));
    PLM_TRY(plm_store_check_owner(s, t->taker));
    PLM_TRY(plm_store_account(s, args->account, &t->account));
    PLM_TRY(plm_store_asset(s, args->asset, &t->asset));
    t->since = t->account->record.liquidatable_since;
    if (args->market == PLM_NO_MARKET) {
        PLM_TRY(check_pauses(s, &t->account->record));
    } else {
        PLM_TRY(plm_store_market(s, args->market, &t->market));
        PLM_TRY(check_market(s, t->market));
    }
    PLM_TRY(plm_store_asset_view(s, args->asset)->liquidation);
    t->price = plm_liquidate_sale_price(s, t->asset, t->since);
    PLM_ASSERT(t->asset->id == args->asset);
    if (!plm_price_is_zero(args->limit) && plm_price_cmp(t->price, args->limit) > 0) {
        return PLM_E_FILL_BAND;
    }
    const struct plm_account *taker = &t->taker->record;
    if (plm_amt_is_zero(plm_ledger_balance(taker, args->asset)) &&
        taker->collaterals_count == PLM_COLLATERALS_MAX) {
        return PLM_E_COLLATERALS_MAX;
    }
    plm_margin_remember(s, t->account);
    plm_margin_remember(s, t->taker);
    return PLM_OK;
}

/* --- how much must be paid --- */

/* Lots that nobody can trade now and no debt: what brings the account back to maintenance. Sold
 * collateral of weight w brings (1 - d) and takes w away, so that cash c lifts E_mm by
 * c x (1 - d - w) / (1 - d). Rounded up. Errors: E_NOT_NEEDED: no sale helps at this discount. */
static plm_err
need_to_recover(const struct plm_scratch *s, const struct plm_margin *margin, struct sale *t)
{
    const plm_ratio one = {PLM_PPM_ONE};
    const plm_ratio kept =
        plm_fix_ratio_sub_or_zero(one, plm_liquidate_discount(s, t->asset, t->since));
    const plm_ratio gain = plm_fix_ratio_sub_or_zero(kept, t->asset->record.params.weight_maint);
    const plm_ratio none = {0};
    const plm_wval shortage = plm_wval_sub(margin->maint, margin->equity_maint);
    PLM_ASSERT(plm_wval_is_positive(shortage));
    if (plm_ratio_cmp(gain, none) == 0) {
        return PLM_E_NOT_NEEDED;
    }
    t->need = plm_fix_ratio_quotient_ceil(plm_fix_wval_to_val_ceil(shortage), kept, gain);
    return PLM_OK;
}

/* The account itself must pay: its losses beyond its cash. Lots that can be traded go first, unless
 * there is such a debt. Errors: E_NOT_LIQUIDATABLE, E_NOT_NEEDED. */
static plm_err own_need(struct plm_scratch *s, struct sale *t)
{
    const struct plm_account *record = &t->account->record;
    struct plm_margin margin = {0};
    plm_margin_compute(s, record, PLM_MARGIN_FAVOUR, PLM_NO_MARKET, &margin);
    const plm_val debt = plm_val_sub(margin.unsettled_loss, record->cash);
    const bool is_sick = plm_margin_is_liquidatable(&margin);
    const bool has_lots = plm_liquidate_has_lots(record);
    if (!is_sick && (has_lots || !plm_val_is_positive(debt))) {
        return PLM_E_NOT_LIQUIDATABLE;
    }
    if (plm_val_is_positive(debt)) {
        t->need = debt;
    } else {
        PLM_ASSERT(has_lots); /* without lots E_mm < 0 implies a debt above the cash */
        if (plm_liquidate_first_market(s, record) != PLM_NO_MARKET) {
            return PLM_E_NOT_NEEDED;
        }
        PLM_TRY(need_to_recover(s, &margin, t));
    }
    if (is_sick) {
        plm_liquidate_start_clock(s, t->account);
    }
    return PLM_OK;
}

/* A winner has waited longer than grace_pay: the loser's own cash first, then the winner from the
 * pool as it is; what remains between the two is the need. No threshold of margin. Errors:
 * E_NO_MARKET, the view's code, E_NOT_NEEDED. */
static plm_err market_need(struct plm_scratch *s, struct sale *t)
{
    const struct plm_market_state *m = &t->market->state;
    plm_val value = {0};
    if (plm_val_is_zero(m->shortfall) ||
        plm_time_since(s->now, m->shortfall_since) <= t->market->record.params.grace_pay) {
        return PLM_E_NOT_NEEDED;
    }
    const uint64_t waiting = m->shortfall_account;
    PLM_TRY(plm_settle_position(s, t->account, t->market->id, &value));
    PLM_TRY(plm_store_account(s, waiting, &t->claimant));
    PLM_TRY(plm_settle_position(s, t->claimant, t->market->id, &value));
    const struct plm_position *position =
        plm_ledger_peek_position(&t->account->record, t->market->id);
    if (position == NULL || plm_val_is_zero(m->shortfall)) {
        return PLM_E_NOT_NEEDED;
    }
    const plm_val loss = plm_val_neg(plm_settle_amount(s, position));
    t->need = plm_val_min(plm_val_sub(loss, t->account->record.cash), m->shortfall);
    PLM_ASSERT(plm_val_is_positive(m->shortfall));
    return plm_val_is_positive(t->need) ? PLM_OK : PLM_E_NOT_NEEDED;
}

/* --- act --- */

/* At most ceil(need / price) atoms, and what they cost, rounded for the seller. [UNIT-4] */
static void choose_atoms(const struct plm_scratch *s, struct sale *t, plm_amt wanted)
{
    const struct plm_asset *record = &t->asset->record;
    const plm_amt held = plm_ledger_balance(&t->account->record, t->asset->id);
    t->atoms =
        plm_fix_atoms_for_value_ceil(t->need, t->price, record->decimals, record->price_decimals);
    t->atoms = plm_amt_min(t->atoms, held);
    if (!plm_amt_is_zero(wanted)) {
        t->atoms = plm_amt_min(t->atoms, wanted);
    }
    t->cash =
        plm_fix_asset_value_ceil(t->atoms, t->price, record->decimals, record->price_decimals);
    if (!PLM_RULE_IS_ON(s, UNIT_4)) {
        t->cash =
            plm_fix_asset_value_floor(t->atoms, t->price, record->decimals, record->price_decimals);
    }
    PLM_ASSERT(plm_amt_is_positive(t->atoms));
    PLM_INVARIANT(s, plm_val_is_positive(t->cash));
}

static plm_err sell(struct plm_scratch *s, struct sale *t)
{
    plm_val value = {0};
    PLM_TRY(plm_ledger_transfer(s, t->account, t->taker, t->asset, t->atoms));
    PLM_TRY(plm_ledger_move_cash(t->taker, t->account, t->cash));
    const struct plm_ev_collateral_sold event = {
        t->account->id, t->asset->id, t->taker->id, t->atoms, t->cash};
    const struct plm_reply_amount reply = {t->atoms, t->cash};
    plm_store_event(s, PLM_EVENT_COLLATERAL_SOLD, PLM_LAYOUT_ev_collateral_sold, &event);
    plm_store_reply(s, PLM_LAYOUT_reply_amount, &reply);
    if (t->market == NULL) {
        return plm_settle_losses(s, t->account);
    }
    PLM_TRY(plm_settle_position(s, t->account, t->market->id, &value));
    PLM_ASSERT(!plm_val_is_positive(value));
    return plm_settle_position(s, t->claimant, t->market->id, &value);
}

/* plm_op_liquidate_collateral: the taker buys what is needed of the collateral that goes first, or
 * less; the losses that made it necessary are settled, and in the third case the winner is paid in
 * the same call. What the sale brings above them stays the owner's. The seller is not gated; his
 * E_full does not fall. Errors: those of load, own_need and market_need above; E_BALANCE the
 * taker's cash; E_SELF_LIQUIDATION; E_NOT_NEEDED another asset goes first; E_OVERFLOW; of the gate:
 * a code of the taker's prices, E_BELOW_INITIAL, E_DEBT. */
plm_err plm_op_liquidate_collateral(struct plm_scratch *s,
                                    const struct plm_liquidate_collateral *args)
{
    struct sale t = {0};
    struct plm_margin after = {0};
    PLM_TRY(load(s, args, &t));

    PLM_TRY(t.market == NULL ? own_need(s, &t) : market_need(s, &t));
    if (t.account == t.taker) {
        return PLM_E_SELF_LIQUIDATION;
    }
    if (PLM_RULE_IS_ON(s, LIQ_1) &&
        plm_liquidate_is_same_owner(&t.account->record, &t.taker->record)) {
        return PLM_E_SELF_LIQUIDATION;
    }
    if (plm_liquidate_first_asset(s, &t.account->record, t.since) != t.asset->id) {
        return PLM_E_NOT_NEEDED;
    }
    choose_atoms(s, &t, args->amount);
    if (plm_val_cmp(t.cash, t.taker->record.cash) > 0) {
        return PLM_E_BALANCE;
    }

    PLM_TRY(sell(s, &t));
    t.taker->judge = PLM_JUDGE_TAKER;
    t.taker->judge_feed = t.asset->feed_slot;

    plm_margin_compute(s, &t.account->record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &after);
    PLM_INVARIANT(s, plm_val_cmp(after.equity_full, t.account->before.equity_full) >= 0);
    return PLM_OK;
}

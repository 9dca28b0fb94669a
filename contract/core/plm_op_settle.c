// SPDX-License-Identifier: Apache-2.0
/* Operations on results: settle, and giving a claim up. [LEDGER-1] [LEDGER-7] [ACCT-5]
 * They must never know requirements. */
#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_ledger.h"
#include "plm_margin.h"
#include "plm_operations.h"
#include "plm_params.h"
#include "plm_settle.h"
#include "plm_store.h"

/* plm_op_settle: turns one position's result into cash, as far as cash and pool allow. [LEDGER-1]
 * No gate: equity does not change. Errors: E_NO_ACCOUNT, E_NO_MARKET, E_PAUSED, the view's code for
 * open lots, E_NOT_NEEDED where neither cash, nor shortfall, nor a line would move. */
plm_err plm_op_settle(struct plm_scratch *s, const struct plm_settle *args)
{
    struct plm_account_slot *account = NULL;
    struct plm_market_slot *market = NULL;
    PLM_TRY(plm_store_account(s, args->account, &account));
    PLM_TRY(plm_store_market(s, args->market, &market));
    const bool has_position = plm_ledger_peek_position(&account->record, market->id) != NULL;
    if (!has_position && market->state.shortfall_account != account->id) {
        return PLM_E_NO_MARKET;
    }
    PLM_TRY(plm_params_check_pause(s, market, PLM_PAUSE_SETTLE));

    /* Whatever settling changes, it says in an event. */
    const uint32_t events = s->event_length;
    plm_val value = {0};
    PLM_TRY(plm_settle_position(s, account, market->id, &value));
    PLM_ASSERT(plm_val_is_zero(value) || s->event_length > events);
    if (s->event_length == events) {
        return PLM_E_NOT_NEEDED;
    }
    const struct plm_reply_value reply = {value};
    plm_store_reply(s, PLM_LAYOUT_reply_value, &reply);
    return PLM_OK;
}

/* plm_op_abandon_claim: an unpaid claim goes to the market's insurance, the uncovered line first.
 * [ACCT-5] [LOSS-7] The owner acts: the account keeps its initial margin without it, or has no
 * lots; no price is needed. Errors: E_AUTH, E_NO_ACCOUNT, E_NO_MARKET, E_BELOW_INITIAL by the gate,
 * E_NOT_NEEDED: the position is no claim. */
plm_err plm_op_abandon_claim(struct plm_scratch *s, const struct plm_abandon_claim *args)
{
    struct plm_account_slot *account = NULL;
    struct plm_market_slot *market = NULL;
    PLM_TRY(plm_store_account(s, args->account, &account));
    PLM_TRY(plm_store_check_owner(s, account));
    PLM_TRY(plm_store_market(s, args->market, &market));
    struct plm_position *position = plm_ledger_find_position(&account->record, market->id);
    if (position == NULL) {
        return PLM_E_NO_MARKET;
    }
    if (!plm_qty_is_zero(position->lots) || !plm_val_is_positive(position->quote)) {
        return PLM_E_NOT_NEEDED;
    }
    plm_margin_remember(s, account);

    const plm_val claim = position->quote;
    plm_ledger_abandon(market, position, claim);
    plm_ledger_sweep_positions(&account->record);
    plm_settle_release(s, account);
    account->changed = true;
    account->judge = PLM_JUDGE_ACTOR;
    const struct plm_ev_claim_abandoned event = {account->id, market->id, claim};
    const struct plm_reply_value reply = {claim};
    plm_store_event(s, PLM_EVENT_CLAIM_ABANDONED, PLM_LAYOUT_ev_claim_abandoned, &event);
    plm_store_reply(s, PLM_LAYOUT_reply_value, &reply);
    return PLM_OK;
}

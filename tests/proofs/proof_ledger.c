// SPDX-License-Identifier: Apache-2.0
/* The moves of the ledger: contracts of its own helpers, then the product's source, unchanged. */
#include "proof_ledger.h"

#include "plm_ledger.h"

/*@ requires position->market == market->id;
    requires -2 * BOUND <= VAL(by) <= 2 * BOUND && -4 * BOUND <= VAL(position->quote) <= 4 * BOUND;
    requires -4 * BOUND <= VAL(market->state.accrued) <= 4 * BOUND;
    assigns position->quote, market->state.accrued, market->state_changed;
    ensures VAL(position->quote) == VAL(\old(position->quote)) + VAL(by);
    ensures VAL(market->state.accrued) == VAL(\old(market->state.accrued)) + VAL(by); */
static void change_quote(struct plm_market_slot *market, struct plm_position *position, plm_val by);

/*@ requires 0 <= VAL(x) <= VAL(line);
    assigns \nothing;
    ensures VAL(\result) == VAL(line) - VAL(x); */
static plm_val take_not_below_zero(plm_val line, plm_val x);

/*@ assigns \nothing;
    ensures \result != 0 <==> VAL(x) >= 0; */
static bool is_amount(plm_val x);

/*@ requires amount(x) && money(market->state.uncovered);
    requires VAL(market->state.uncovered) <= 0;
    assigns market->state.uncovered;
    ensures 0 <= VAL(\result) <= VAL(x);
    ensures VAL(market->state.uncovered) ==
            VAL(\old(market->state.uncovered)) + VAL(x) - VAL(\result);
    ensures VAL(market->state.uncovered) <= 0;
    ensures VAL(\result) > 0 ==> VAL(market->state.uncovered) == 0; */
static plm_val fill_uncovered(struct plm_market_slot *market, plm_val x);

/*@ requires amount(due) && money(market->state.uncovered);
    requires VAL(market->state.uncovered) <= 0;
    assigns market->state.uncovered, market->state_changed;
    ensures 0 <= VAL(\result) <= VAL(due);
    ensures VAL(market->state.uncovered) ==
            VAL(\old(market->state.uncovered)) + VAL(due) - VAL(\result);
    ensures VAL(market->state.uncovered) <= 0;
    ensures VAL(\result) > 0 ==> VAL(market->state.uncovered) == 0; */
static plm_val give_to_uncovered(struct plm_market_slot *market, plm_val due);

/*@ assigns \nothing;
    ensures VAL(\result) == BALANCE_MAX; */
static plm_val balance_max(void);

/*@ requires s->ledger_loaded && amount(value) && amount(s->ledger.vault);
    assigns s->ledger.vault, s->ledger_changed;
    ensures \result == PLM_OK || \result == PLM_E_OVERFLOW;
    ensures \result == PLM_OK
            ==> VAL(s->ledger.vault) == VAL(\old(s->ledger.vault)) + VAL(value);
    ensures bound: \result == PLM_OK ==> VAL(s->ledger.vault) <= BALANCE_MAX;
    ensures \result != PLM_OK ==> s->ledger.vault == \old(s->ledger.vault); */
static plm_err grow_vault(struct plm_scratch *s, plm_val value);

/*@ requires amount(to->record.cash) && amount(value);
    assigns to->record.cash, to->changed;
    ensures \result == PLM_OK || \result == PLM_E_OVERFLOW;
    ensures \result == PLM_OK
            ==> VAL(to->record.cash) == VAL(\old(to->record.cash)) + VAL(value);
    ensures bound: \result == PLM_OK ==> VAL(to->record.cash) <= BALANCE_MAX;
    ensures \result != PLM_OK ==> to->record.cash == \old(to->record.cash); */
static plm_err credit_cash(struct plm_account_slot *to, plm_val value);

#include "plm_ledger.c"

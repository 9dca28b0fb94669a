// SPDX-License-Identifier: Apache-2.0
/* Contracts of plm_ledger.h: each move keeps the sums of LEDGER-2 and LEDGER-3 and leaves no place
 * negative that may not be. Proved in proof_ledger.c, used by the proofs of the files above it. */
#ifndef PLM_PROOF_LEDGER_H
#define PLM_PROOF_LEDGER_H

#include "plm_scratch.h"

#include "proof_fix.h"

/* No sum of the rulebook's bounds comes near this one. [UNIT-3] */
/*@ logic integer BOUND = 0x1000000000000000000000000000000;
    predicate money(plm_val x) = -BOUND <= VAL(x) <= BOUND;
    predicate amount(plm_val x) = 0 <= VAL(x) <= BOUND;
    predicate index_ok(plm_index i) = -INDEX_MAX <= i.ticks <= INDEX_MAX; */

/* Of a market's state, named by an expression: written out wherever it is used, so that the prover
 * sees fields. */
#define SIGNS(m)                                                                                   \
    (VAL((m).pool) >= 0 && VAL((m).fees) >= 0 && VAL((m).fees_due) >= 0 &&                         \
     VAL((m).insurance) >= 0 && VAL((m).insurance_due) >= 0 && VAL((m).uncovered) <= 0)
#define MARKET_OK(m)                                                                               \
    (SIGNS(m) && money((m).pool) && money((m).fees) && money((m).fees_due) &&                      \
     money((m).insurance) && money((m).insurance_due) && money((m).uncovered) &&                   \
     money((m).accrued) && amount((m).shortfall))
/* The left side of LEDGER-2 less the pool. It equals OI x (G_long - G_short), so a function whose
 * `assigns` names no index and no open interest keeps LEDGER-2 by keeping this sum. */
#define BOOKS(m)                                                                                   \
    (VAL((m).accrued) + VAL((m).fees_due) + VAL((m).insurance_due) + VAL((m).uncovered) -          \
     VAL((m).pool))
#define SPREAD(m)  ((m).index_long.ticks - (m).index_short.ticks)
/* The market's part of the vault. [LEDGER-3] */
#define CASH_OF(m) (VAL((m).pool) + VAL((m).fees) + VAL((m).insurance))
/* A position of the market, as its caller leaves it. */
#define LEG(m, p)  ((p).market == (m).id && MARKET_OK((m).state) && money((p).quote))

/*@ requires LEG(*market, *position) && amount(account->record.cash);
    requires 0 <= VAL(x) <= VAL(account->record.cash);
    assigns account->record.cash, account->changed, position->quote, market->state.pool,
            market->state.accrued, market->state_changed;
    ensures paid: VAL(account->record.cash) == VAL(\old(account->record.cash)) - VAL(x);
    ensures credited: VAL(position->quote) == VAL(\old(position->quote)) + VAL(x);
    ensures no_negative: VAL(account->record.cash) >= 0 && SIGNS(market->state);
    ensures books: BOOKS(market->state) == \old(BOOKS(market->state));
    ensures tracked: VAL(market->state.accrued) - VAL(position->quote) ==
                     VAL(\old(market->state.accrued)) - VAL(\old(position->quote));
    ensures tokens: VAL(account->record.cash) + CASH_OF(market->state) ==
                    VAL(\old(account->record.cash)) + \old(CASH_OF(market->state)); */
void plm_ledger_pay_loss(struct plm_account_slot *account,
                         struct plm_position *position,
                         struct plm_market_slot *market,
                         plm_val x);

/*@ requires LEG(*market, *position) && amount(account->record.cash);
    requires 0 <= VAL(x) <= VAL(market->state.pool);
    assigns account->record.cash, account->changed, position->quote, market->state.pool,
            market->state.accrued, market->state_changed;
    ensures paid: VAL(account->record.cash) == VAL(\old(account->record.cash)) + VAL(x);
    ensures charged: VAL(position->quote) == VAL(\old(position->quote)) - VAL(x);
    ensures no_negative: VAL(account->record.cash) >= 0 && SIGNS(market->state);
    ensures books: BOOKS(market->state) == \old(BOOKS(market->state));
    ensures tracked: VAL(market->state.accrued) - VAL(position->quote) ==
                     VAL(\old(market->state.accrued)) - VAL(\old(position->quote));
    ensures tokens: VAL(account->record.cash) + CASH_OF(market->state) ==
                    VAL(\old(account->record.cash)) + \old(CASH_OF(market->state)); */
void plm_ledger_pay_profit(struct plm_account_slot *account,
                           struct plm_position *position,
                           struct plm_market_slot *market,
                           plm_val x);

/*@ requires LEG(*market, *from) && LEG(*market, *to) && money(value);
    assigns from->quote, to->quote, market->state.accrued, market->state_changed;
    ensures moved: VAL(from->quote) == VAL(\old(from->quote)) - VAL(value) &&
                   VAL(to->quote) == VAL(\old(to->quote)) + VAL(value);
    ensures books: BOOKS(market->state) == \old(BOOKS(market->state));
    ensures accrued: VAL(market->state.accrued) == VAL(\old(market->state.accrued)); */
void plm_ledger_move_quote(struct plm_market_slot *market,
                           struct plm_position *from,
                           struct plm_position *to,
                           plm_val value);

/*@ requires LEG(*market, *from) && amount(fee);
    assigns from->quote, market->state.accrued, market->state.uncovered,
            market->state.fees_due, market->state_changed;
    ensures charged: VAL(from->quote) == VAL(\old(from->quote)) - VAL(fee);
    ensures no_negative: SIGNS(market->state);
    ensures books: BOOKS(market->state) == \old(BOOKS(market->state));
    ensures uncovered_first: VAL(market->state.fees_due) > VAL(\old(market->state.fees_due))
                             ==> VAL(market->state.uncovered) == 0; */
void plm_ledger_charge_fee(struct plm_market_slot *market, struct plm_position *from, plm_val fee);

/*@ requires LEG(*market, *from) && amount(fee);
    assigns from->quote, market->state.accrued, market->state.uncovered,
            market->state.insurance_due, market->state_changed;
    ensures charged: VAL(from->quote) == VAL(\old(from->quote)) - VAL(fee);
    ensures no_negative: SIGNS(market->state);
    ensures books: BOOKS(market->state) == \old(BOOKS(market->state));
    ensures uncovered_first:
        VAL(market->state.insurance_due) > VAL(\old(market->state.insurance_due))
        ==> VAL(market->state.uncovered) == 0; */
void plm_ledger_charge_insurance_fee(struct plm_market_slot *market,
                                     struct plm_position *from,
                                     plm_val fee);

/*@ requires LEG(*market, *from) && amount(x) && from->lots.lots == 0;
    assigns from->quote, market->state.accrued, market->state.uncovered,
            market->state.insurance_due, market->state_changed;
    ensures charged: VAL(from->quote) == VAL(\old(from->quote)) - VAL(x);
    ensures no_negative: SIGNS(market->state);
    ensures books: BOOKS(market->state) == \old(BOOKS(market->state)); */
void plm_ledger_abandon(struct plm_market_slot *market, struct plm_position *from, plm_val x);

/*@ requires MARKET_OK(market->state);
    assigns *fees, *insurance, market->state.pool, market->state.fees, market->state.fees_due,
            market->state.insurance, market->state.insurance_due, market->state.uncovered,
            market->state_changed;
    ensures no_negative: VAL(*fees) >= 0 && VAL(*insurance) >= 0 && SIGNS(market->state);
    ensures books: BOOKS(market->state) == \old(BOOKS(market->state));
    ensures tokens: CASH_OF(market->state) == \old(CASH_OF(market->state));
    ensures last: VAL(*fees) + VAL(*insurance) <=
                  MAX(0, VAL(\old(market->state.pool)) - VAL(market->state.shortfall));
    ensures paid: VAL(market->state.fees) == VAL(\old(market->state.fees)) + VAL(*fees) &&
                  VAL(market->state.insurance) ==
                      VAL(\old(market->state.insurance)) + VAL(*insurance);
    ensures fees_first: VAL(*insurance) > 0 ==> VAL(market->state.fees_due) == 0;
    ensures uncovered_first: VAL(*fees) + VAL(*insurance) > 0
                             ==> VAL(market->state.uncovered) == 0; */
void plm_ledger_pay_lines(struct plm_market_slot *market, plm_val *fees, plm_val *insurance);

/*@ requires LEG(*market, *to) && amount(x);
    requires amount(s->ledger.global) && s->ledger_loaded;
    requires VAL(x) <= (global ? VAL(s->ledger.global) : VAL(market->state.insurance));
    assigns s->ledger.global, s->ledger_changed, market->state.insurance, market->state.pool,
            market->state.accrued, market->state_changed, to->quote;
    ensures from_one: global
        ? VAL(s->ledger.global) == VAL(\old(s->ledger.global)) - VAL(x) &&
              VAL(market->state.insurance) == VAL(\old(market->state.insurance))
        : VAL(s->ledger.global) == VAL(\old(s->ledger.global)) &&
              VAL(market->state.insurance) == VAL(\old(market->state.insurance)) - VAL(x);
    ensures credited: VAL(to->quote) == VAL(\old(to->quote)) + VAL(x);
    ensures no_negative: SIGNS(market->state) && (global ==> VAL(s->ledger.global) >= 0);
    ensures grown: VAL(market->state.pool) == VAL(\old(market->state.pool)) + VAL(x) &&
                   VAL(market->state.accrued) == VAL(\old(market->state.accrued)) + VAL(x);
    ensures books: BOOKS(market->state) == \old(BOOKS(market->state));
    ensures tokens: VAL(s->ledger.global) + CASH_OF(market->state) ==
                    VAL(\old(s->ledger.global)) + \old(CASH_OF(market->state)); */
void plm_ledger_draw(struct plm_scratch *s,
                     struct plm_market_slot *market,
                     struct plm_position *to,
                     plm_val x,
                     bool global);

/* With `books` and `spread` LEDGER-2 holds after if it held before: lemma charged_side. */
/*@ requires LEG(*market, *to) && market->state.oi.lots >= 0 && step.ticks <= INT64_MAX;
    requires index_ok(market->state.index_long) && index_ok(market->state.index_short);
    requires to_long ? -INDEX_MAX <= market->state.index_short.ticks - step.ticks
                     : market->state.index_long.ticks + step.ticks <= INDEX_MAX;
    requires 0 <= VAL(credit) <= market->state.oi.lots * step.ticks <= BOUND;
    assigns to->quote, market->state.accrued, market->state.index_long,
            market->state.index_short, market->state.insurance_due, market->state.uncovered,
            market->state_changed;
    ensures credited: VAL(to->quote) == VAL(\old(to->quote)) + VAL(credit);
    ensures grown: VAL(market->state.accrued) ==
                   VAL(\old(market->state.accrued)) + VAL(credit);
    ensures one_side: to_long
        ? market->state.index_long == \old(market->state.index_long) &&
              market->state.index_short.ticks ==
                  \old(market->state.index_short.ticks) - step.ticks
        : market->state.index_short == \old(market->state.index_short) &&
              market->state.index_long.ticks ==
                  \old(market->state.index_long.ticks) + step.ticks;
    ensures no_negative: SIGNS(market->state);
    ensures books: BOOKS(market->state) ==
                   \old(BOOKS(market->state)) + \old(market->state.oi.lots) * step.ticks;
    ensures spread: SPREAD(market->state) == \old(SPREAD(market->state)) + step.ticks; */
void plm_ledger_charge_side(struct plm_market_slot *market,
                            struct plm_position *to,
                            bool to_long,
                            plm_price step,
                            plm_val credit);

/*@ requires LEG(*market, *to) && amount(x);
    assigns to->quote, market->state.accrued, market->state.uncovered, market->state_changed;
    ensures credited: VAL(to->quote) == VAL(\old(to->quote)) + VAL(x);
    ensures booked: VAL(market->state.uncovered) == VAL(\old(market->state.uncovered)) - VAL(x);
    ensures no_negative: SIGNS(market->state);
    ensures books: BOOKS(market->state) == \old(BOOKS(market->state)); */
void plm_ledger_book_uncovered(struct plm_market_slot *market, struct plm_position *to, plm_val x);

/*@ requires amount(to->record.cash) && MARKET_OK(market->state);
    requires 0 <= VAL(x) <= VAL(market->state.insurance);
    assigns market->state.insurance, market->state_changed, to->record.cash, to->changed;
    ensures paid: VAL(to->record.cash) == VAL(\old(to->record.cash)) + VAL(x);
    ensures drawn: VAL(market->state.insurance) ==
                   VAL(\old(market->state.insurance)) - VAL(x);
    ensures no_negative: VAL(to->record.cash) >= 0 && SIGNS(market->state);
    ensures books: BOOKS(market->state) == \old(BOOKS(market->state));
    ensures tokens: VAL(to->record.cash) + CASH_OF(market->state) ==
                    VAL(\old(to->record.cash)) + \old(CASH_OF(market->state)); */
void plm_ledger_pay_tip(struct plm_market_slot *market, struct plm_account_slot *to, plm_val x);

/* 4e13 quote units: the bound of every balance. [UNIT-3] */
/*@ logic integer BALANCE_MAX = PLM_LIMIT_BALANCE_MAX * 1000000 * 1000000000000000000; */

/*@ requires amount(from->record.cash) && amount(to->record.cash) && from != to;
    requires 0 <= VAL(value) <= VAL(from->record.cash);
    assigns from->record.cash, from->changed, to->record.cash, to->changed;
    ensures code: \result == PLM_OK || \result == PLM_E_OVERFLOW;
    ensures no_negative: VAL(from->record.cash) >= 0 && VAL(to->record.cash) >= 0;
    ensures kept: VAL(from->record.cash) + VAL(to->record.cash) ==
                  VAL(\old(from->record.cash)) + VAL(\old(to->record.cash));
    ensures moved: \result == PLM_OK
                   ==> VAL(to->record.cash) == VAL(\old(to->record.cash)) + VAL(value);
    ensures bound: \result == PLM_OK ==> VAL(to->record.cash) <= BALANCE_MAX;
    ensures refused: \result != PLM_OK ==> from->record.cash == \old(from->record.cash) &&
                                           to->record.cash == \old(to->record.cash); */
plm_err
plm_ledger_move_cash(struct plm_account_slot *from, struct plm_account_slot *to, plm_val value);

/* The market's tranche only: the memory model knows no null pointer (README.md). */
/*@ requires market != \null && s->ledger_loaded && amount(value) && amount(s->ledger.vault);
    requires amount(s->ledger.global) && MARKET_OK(market->state);
    assigns s->ledger.vault, s->ledger.global, s->ledger_changed, market->state.insurance,
            market->state_changed;
    ensures code: \result == PLM_OK || \result == PLM_E_OVERFLOW;
    ensures bound: \result == PLM_OK ==> VAL(s->ledger.vault) <= BALANCE_MAX;
    ensures tokens: VAL(s->ledger.vault) - VAL(s->ledger.global) - CASH_OF(market->state) ==
                    VAL(\old(s->ledger.vault)) - VAL(\old(s->ledger.global)) -
                        \old(CASH_OF(market->state));
    ensures funded: \result == PLM_OK ==>
        VAL(s->ledger.vault) == VAL(\old(s->ledger.vault)) + VAL(value) &&
        VAL(market->state.insurance) == VAL(\old(market->state.insurance)) + VAL(value);
    ensures refused: \result != PLM_OK ==>
        s->ledger.vault == \old(s->ledger.vault) &&
        market->state.insurance == \old(market->state.insurance); */
plm_err
plm_ledger_fund_insurance(struct plm_scratch *s, struct plm_market_slot *market, plm_val value);

#endif

// SPDX-License-Identifier: Apache-2.0
/* The only writer of balances: every change is a move between two named places. [LEDGER-4]
 * Places: an account's cash, an account's quote in a market, a market's lines, the global lines, an
 * asset balance, the outside. Amounts are values >= 0 unless said; each function keeps LEDGER-2 and
 * LEDGER-3 exactly. It must never know margin or prices. */
#ifndef PLM_CORE_LEDGER_H
#define PLM_CORE_LEDGER_H

#include "plm_scratch.h"

/* --- cash <-> quote through the pool [LEDGER-1] --- */
/* A loser pays x: cash -= x, quote += x, pool += x. Asserts 0 <= x <= cash. */
void plm_ledger_pay_loss(struct plm_account_slot *account,
                         struct plm_position *position,
                         struct plm_market_slot *market,
                         plm_val x);
/* A winner is paid x: pool -= x, quote -= x, cash += x. Asserts 0 <= x <= pool. */
void plm_ledger_pay_profit(struct plm_account_slot *account,
                           struct plm_position *position,
                           struct plm_market_slot *market,
                           plm_val x);

/* --- quote between positions and lines --- */
/* Fill: buyer's quote -= value, seller's quote += value (lots are plm_position's). */
void plm_ledger_move_quote(struct plm_market_slot *market,
                           struct plm_position *from,
                           struct plm_position *to,
                           plm_val value);
/* Fee: quote -= fee; fills the uncovered line first, the rest is due to the fee line (insurance: to
 * the insurance line). [LOSS-7] */
void plm_ledger_charge_fee(struct plm_market_slot *market, struct plm_position *from, plm_val fee);
void plm_ledger_charge_insurance_fee(struct plm_market_slot *market,
                                     struct plm_position *from,
                                     plm_val fee);
/* A claim given up: quote -= x, insurance line due += x (uncovered first). */
void plm_ledger_abandon(struct plm_market_slot *market, struct plm_position *from, plm_val x);
/* Lines are paid last: from pool - shortfall, fees first, then insurance; due -> cash. Returns what
 * was paid. [LEDGER-7] */
void plm_ledger_pay_lines(struct plm_market_slot *market, plm_val *fees, plm_val *insurance);

/* --- losses [LOSS-2] --- */
/* Insurance draw: tranche cash -> pool, position's quote += x. `global` false: the market's
 * tranche. */
void plm_ledger_draw(struct plm_scratch *s,
                     struct plm_market_slot *market,
                     struct plm_position *to,
                     plm_val x,
                     bool global);
/* Opposing side: its index moves by step ticks a lot against it; the position's quote += credit;
 * the excess step x oi - credit >= 0 is due to the insurance line. `to_long`: the position is long,
 * so shorts pay. */
void plm_ledger_charge_side(struct plm_market_slot *market,
                            struct plm_position *to,
                            bool to_long,
                            plm_price step,
                            plm_val credit);
/* Uncovered line: line -= x, position's quote += x. */
void plm_ledger_book_uncovered(struct plm_market_slot *market, struct plm_position *to, plm_val x);
/* Tip of a deleverage: market's tranche cash -> account's cash. */
void plm_ledger_pay_tip(struct plm_market_slot *market, struct plm_account_slot *to, plm_val x);

/* --- the token boundary [UNIT-2] [LEDGER-3] --- */
/* In and out of an account. Errors: E_COLLATERALS_MAX, E_OVERFLOW (balance above BALANCE_MAX); out:
 * E_BALANCE. */
plm_err plm_ledger_deposit(struct plm_scratch *s,
                           struct plm_account_slot *to,
                           struct plm_asset_slot *asset,
                           plm_amt atoms);
plm_err plm_ledger_withdraw(struct plm_scratch *s,
                            struct plm_account_slot *from,
                            struct plm_asset_slot *asset,
                            plm_amt atoms);
/* Between accounts. Errors: as the two above. */
plm_err plm_ledger_transfer(struct plm_scratch *s,
                            struct plm_account_slot *from,
                            struct plm_account_slot *to,
                            struct plm_asset_slot *asset,
                            plm_amt atoms);
/* Cash between accounts, for a collateral sale. Asserts value <= cash. Errors: E_OVERFLOW. */
plm_err
plm_ledger_move_cash(struct plm_account_slot *from, struct plm_account_slot *to, plm_val value);
/* Tokens into an insurance tranche; market NULL: the global one. Errors: E_OVERFLOW. */
plm_err
plm_ledger_fund_insurance(struct plm_scratch *s, struct plm_market_slot *market, plm_val value);

/* Positions: the one of a market, NULL where absent. */
struct plm_position *plm_ledger_find_position(struct plm_account *account, uint16_t market);
const struct plm_position *plm_ledger_peek_position(const struct plm_account *account,
                                                    uint16_t market);
/* The same, made (lots 0, quote 0) where absent. Errors: E_POSITIONS_MAX; E_MODE: isolated admits
 * no second market. */
plm_err
plm_ledger_open_position(struct plm_account *account, uint16_t market, struct plm_position **out);
/* Brings one position to its side's index; A is the same before and after. [LEDGER-2] */
void plm_ledger_apply_index(const struct plm_market_slot *market, struct plm_position *position);
/* Removes positions with lots = 0 and quote = 0. [ACCT-5] Pointers to positions are void
 * afterwards. */
void plm_ledger_sweep_positions(struct plm_account *account);
/* Moves q lots (signed) from one position to another at one market: lots, open interest, A,
 * snapshots. Indices must be applied. `from` may be NULL-free only: both sides of a fill, so that
 * the sum of lots stays 0. Asserts bounds. from.lots -= q, to.lots += q. */
void plm_ledger_move_lots(struct plm_market_slot *market,
                          struct plm_position *from,
                          struct plm_position *to,
                          plm_qty q);
plm_amt plm_ledger_balance(const struct plm_account *account,
                           uint16_t asset); /* atoms of a collateral; 0 = none */

#endif

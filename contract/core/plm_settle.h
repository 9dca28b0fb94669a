// SPDX-License-Identifier: Apache-2.0
/* Profit and loss become cash through the pool. [LEDGER-1] [LEDGER-7]
 * It must never know requirements. */
#ifndef PLM_CORE_SETTLE_H
#define PLM_CORE_SETTLE_H

#include "plm_scratch.h"

/* plm_settle_worth: lots x p + quote, the position's unrealised result at the mark. [ACCT-5] Exact;
 * a position without lots needs no price. */
plm_val plm_settle_worth(const struct plm_scratch *s, const struct plm_position *position);

/* plm_settle_amount: what of it may become cash now: lots at the smaller |result| of p and s, 0
 * where the signs differ; claims and debts whole. [LEDGER-1] */
plm_val plm_settle_amount(const struct plm_scratch *s, const struct plm_position *position);

/* plm_settle_position: settles one position of an account as far as cash and pool allow; records
 * the shortfall; pays lines last. Open lots settle at the smaller |PnL| of p and s (0 if they
 * differ in sign) and need a price good for a liquidation; claims and debts are exact and need
 * none. *value: cash gained (+) or paid (-). Events: SETTLED, SHORTFALL, LINES_PAID; none where
 * nothing changed. Errors: E_NO_MARKET no such position (that of the account who waits for the
 * shortfall: the shortfall ends, no error); the view's code (lots only). */
plm_err plm_settle_position(struct plm_scratch *s,
                            struct plm_account_slot *account,
                            uint16_t market,
                            plm_val *value);

/* plm_settle_losses: settles every losing market of an account whose price allows it. Before
 * withdrawals, transfers out and risk-increasing trades. Errors: E_OVERFLOW more than the event
 * bytes of one operation can tell: only where fills of one message settle several accounts. */
plm_err plm_settle_losses(struct plm_scratch *s, struct plm_account_slot *account);

/* plm_settle_release: ends the shortfalls for which this account waits in loaded markets where it
 * no longer has a position, so that no record outlives its claim. [LEDGER-7] Total. */
void plm_settle_release(struct plm_scratch *s, const struct plm_account_slot *account);

#endif

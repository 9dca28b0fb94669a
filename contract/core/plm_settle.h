// SPDX-License-Identifier: Apache-2.0
/* Profit and loss become cash through the pool. [LEDGER-1] [LEDGER-7]
 * It must never know requirements. */
#ifndef PLM_CORE_SETTLE_H
#define PLM_CORE_SETTLE_H

#include "plm_scratch.h"

/* plm_settle_position: settles one position of an account as far as cash and pool allow; records
 * the shortfall; pays lines last. Open lots settle at the smaller |PnL| of p and s (0 if they
 * differ in sign) and need a price good for a liquidation; claims and debts are exact and need
 * none. *value: cash gained (+) or paid (-). Events: SETTLED, SHORTFALL, LINES_PAID. Errors:
 * E_NO_MARKET no such position; the view's code (lots only). */
plm_err plm_settle_position(struct plm_scratch *s,
                            struct plm_account_slot *account,
                            uint16_t market,
                            plm_val *value);

/* plm_settle_losses: settles every losing market of an account whose price allows it; total. Before
 * withdrawals, transfers out and risk-increasing trades. */
void plm_settle_losses(struct plm_scratch *s, struct plm_account_slot *account);

#endif

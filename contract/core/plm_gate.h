// SPDX-License-Identifier: Apache-2.0
/* Which change of an account is allowed: before x after -> code. [MARGIN-8] [WD-1]
 * The engine runs plm_gate_check on every account an operation touched; no operation calls it. */
#ifndef PLM_CORE_GATE_H
#define PLM_CORE_GATE_H

#include "plm_scratch.h"

/* plm_gate_check: judges one touched account by its `judge`. Errors: the price's code where a
 * risk-increasing change needs good prices; E_BELOW_INITIAL, E_DEBT. A liquidated account that
 * breaks its bound is our bug: asserted. */
plm_err plm_gate_check(struct plm_scratch *s, struct plm_account_slot *account);

/* True when some |lots| grew or flipped against `before`, or MM rose. */
bool plm_gate_is_risk_increasing(const struct plm_account_slot *account,
                                 const struct plm_margin *after);

/* plm_gate_withdrawable_cash: the most cash a withdrawal would accept, floor to a value; [WD-1]
 *   min(cash - unsettled losses, E_im(gains 0) - max(IM, withdraw floor)), never below 0. Exact. */
plm_val plm_gate_withdrawable_cash(const struct plm_scratch *s, const struct plm_account *account);
/* The most atoms of a collateral asset that may leave. [WD-1] Cost: bisection, at most BISECT_MAX x
 * 2 evaluations. */
plm_amt plm_gate_withdrawable_atoms(struct plm_scratch *s,
                                    struct plm_account_slot *account,
                                    uint16_t asset);

#endif

// SPDX-License-Identifier: Apache-2.0
/* Who pays a deficit: tranches, the opposing side, the uncovered line. [LOSS-1] [LOSS-2] [LOSS-7]
 * [LOSS-8] It must never know whether an account is liquidatable: callers decide that. */
#ifndef PLM_CORE_INSURANCE_H
#define PLM_CORE_INSURANCE_H

#include "plm_scratch.h"

/* D_m of one market: min(loss_m, ceil(D x loss_m / sum of losses)), D = -E_full > 0. [LOSS-1] */
plm_val plm_insurance_deficit(const struct plm_scratch *s,
                              const struct plm_account *account,
                              plm_val deficit,
                              uint16_t market);
/* Recognises x in the position's favour: market tranche, global tranche, opposing side, uncovered
 * line, in this order. Emits DEFICIT. [LOSS-2] */
void plm_insurance_recognise(struct plm_scratch *s,
                             struct plm_account_slot *account,
                             struct plm_market_slot *market,
                             plm_val x);
/* What the two tranches would pay now for this market. [LOSS-1] */
plm_val
plm_insurance_available(struct plm_scratch *s, const struct plm_market_slot *market, bool global);
/* Rewrites the account's flagged deficits and the markets' sums: none unless flagged and E_full <
 * 0. [LOSS-8] */
void plm_insurance_update_flags(struct plm_scratch *s,
                                struct plm_account_slot *account,
                                plm_val equity_full);
/* Risk may grow in this market. Errors: E_LOSS_PENDING. [LOSS-8] */
plm_err plm_insurance_check_pending(struct plm_scratch *s, const struct plm_market_slot *market);
/* Rolling bound from two adjacent fixed windows: rolls, then what is left of cap. Pure on a copy,
 * or in place. */
plm_val plm_insurance_window_room(const struct plm_draw_window *window,
                                  plm_time now,
                                  uint32_t length,
                                  plm_val cap);
void plm_insurance_window_use(struct plm_draw_window *window,
                              plm_time now,
                              uint32_t length,
                              plm_val used);

#endif

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
/* Recognises x >= 0 in the position's favour: market tranche, global tranche, opposing side,
 * uncovered line, in this order. A position without lots has no opposing side: what the tranches do
 * not pay is uncovered. Before lots move: indices are applied again to every loaded account, so
 * that a taker's own opposing lots pay too. Emits DEFICIT unless x = 0. [LOSS-2] Asserts that the
 * global lines are loaded. */
void plm_insurance_recognise(struct plm_scratch *s,
                             struct plm_account_slot *account,
                             struct plm_market_slot *market,
                             plm_val x);
/* What one tranche, the market's or the global one, would pay now for this market: what is there,
 * at most the draw cap in any 24 h. [LOSS-1] Asserts that the global lines are loaded for `global`.
 */
plm_val plm_insurance_available(const struct plm_scratch *s,
                                const struct plm_market_slot *market,
                                bool global);
/* Tip of a forced close from the market's tranche: min(wanted, available), within the same draw
 * cap, so that tips cannot take more than draws. Returns what was paid. [LIQ-11] */
plm_val plm_insurance_pay_tip(struct plm_scratch *s,
                              struct plm_market_slot *market,
                              struct plm_account_slot *to,
                              plm_val wanted);
/* Rewrites the account's flagged deficits and the markets' sums: none unless flagged and E_full <
 * 0. Asserts that every market of an old entry is loaded. [LOSS-8] */
void plm_insurance_update_flags(struct plm_scratch *s,
                                struct plm_account_slot *account,
                                plm_val equity_full);
/* Risk may grow in this market. Errors: E_LOSS_PENDING. [LOSS-8] */
plm_err plm_insurance_check_pending(struct plm_scratch *s, const struct plm_market_slot *market);
/* What is left of cap, never below 0. The current and the previous fixed window together hold every
 * use of any rolling window that ends now: cap - current - previous never lets a rolling window
 * pass cap, and may refuse up to one length early. Rounded toward refusing. Asserts length > 0. */
plm_val plm_insurance_window_room(const struct plm_draw_window *window,
                                  plm_time now,
                                  uint32_t length,
                                  plm_val cap);
/* Rolls the windows to now and counts `used` >= 0. */
void plm_insurance_window_use(struct plm_draw_window *window,
                              plm_time now,
                              uint32_t length,
                              plm_val used);

#endif

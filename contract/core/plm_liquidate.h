// SPDX-License-Identifier: Apache-2.0
/* Sizes, fees, order and prices of liquidations. [LIQ-1] to [LIQ-7]
 * It must never store or call the gate. */
#ifndef PLM_CORE_LIQUIDATE_H
#define PLM_CORE_LIQUIDATE_H

#include "plm_scratch.h"

/* T = sum over legs of MM_m + beta_m x (IM_m - MM_m), unscaled: where a liquidation ends. [LIQ-2] */
plm_wval plm_liquidate_target(const struct plm_scratch *s, const struct plm_account *account);
/* The least whole lots that bring the account to T (the whole leg where fees make T unreachable; a
 * remainder below the minimum order is closed too), before slices and windows. Cost: closed form,
 * then bisection of at most BISECT_MAX steps. */
plm_qty plm_liquidate_size(struct plm_scratch *s,
                           struct plm_account_slot *account,
                           struct plm_market_slot *market);
/* The taker's fee ratio now, grown with the account's clock. [LIQ-3] */
plm_ratio plm_liquidate_fee(const struct plm_market_params *params, plm_time since, plm_time now);
/* Both fees in value for q lots, bounded by floor(max(0,E) x (MM - MM')/MM) [MARGIN-8]: taker's
 * first, the insurance fee from what is left. */
void plm_liquidate_fees(const struct plm_scratch *s,
                        const struct plm_account_slot *account,
                        const struct plm_market_slot *market,
                        plm_qty lots,
                        plm_val *taker,
                        plm_val *insurance);
/* The market that goes first. [LIQ-4] */
uint16_t plm_liquidate_first_market(const struct plm_scratch *s, const struct plm_account *account);
/* Bankruptcy price of a leg from the whole position and current equity. [LIQ-7] 0 where it would be
 * negative. */
plm_price plm_liquidate_bankruptcy_price(const struct plm_scratch *s,
                                         const struct plm_account *account,
                                         uint16_t market);
/* The price at which this market alone makes the account liquidatable; false: none. Rounded to
 * trigger earlier. [MARGIN-9] */
bool plm_liquidate_price(struct plm_scratch *s,
                         struct plm_account_slot *account,
                         uint16_t market,
                         plm_price *out);

#endif

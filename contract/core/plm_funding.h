// SPDX-License-Identifier: Apache-2.0
/* The funding index and its hourly rate. [FUND-1] to [FUND-3]
 * It must never know accounts. */
#ifndef PLM_CORE_FUNDING_H
#define PLM_CORE_FUNDING_H

#include "plm_scratch.h"

/* plm_funding_accrue: brings both indices to `now`, rolling hours. A pure function of the stored
 * state and now, and additive over any split of the time: it need not be stored. Steps that would
 * leave the index bound are skipped. */
void plm_funding_accrue(const struct plm_market_params *params,
                        struct plm_market_state *state,
                        plm_time now);

/* plm_funding_sample: one pair of impact prices enters the hour's mean. [FUND-2] Errors:
 * E_PRICE_TIME not newer. A feed that is not good skips the sample. */
plm_err plm_funding_sample(struct plm_scratch *s,
                           struct plm_market_slot *market,
                           const struct plm_view *view,
                           const struct plm_impact *impact);

#endif

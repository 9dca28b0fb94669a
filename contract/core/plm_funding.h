// SPDX-License-Identifier: Apache-2.0
/* The funding index and its hourly rate. [FUND-1] to [FUND-3]
 * It must never know accounts. */
#ifndef PLM_CORE_FUNDING_H
#define PLM_CORE_FUNDING_H

#include "plm_scratch.h"

/* plm_funding_accrue: brings both indices to `now`, rolling hours. [FUND-1] Within an hour the
 * index moves by floor((price x rate x seconds + rest) / (1e9 x 3600)) ticks, price and rate fixed
 * when the hour began; the rest is kept. A pure function of the stored state, the parameters and
 * now, and additive over any split of the time: it need not be stored. The part of a step that
 * would leave the index bound is skipped, on both sides alike. Asserts the bound of FUND-3.
 * Cost: three steps, however long the time. */
void plm_funding_accrue(const struct plm_market_params *params,
                        struct plm_market_state *state,
                        plm_time now);

/* plm_funding_rate: the hourly rate that an hour's samples fix for the next. [FUND-2]
 *   rate_8h = P + clamp(I - P, +-0.05 %), P the mean of the samples, clamped to
 *   +-6 x (initial - maint); rate = rate_8h / 8, clamped to the cap.
 * Fewer than SAMPLES_MIN samples: rate_8h = I. No sample: 0. Each quotient is a floor: against
 * those who are paid by less than 1e-9 when the rate is positive, for them when it is negative. */
plm_rate plm_funding_rate(const struct plm_market_params *params, plm_rate sum, uint32_t count);

/* plm_funding_sample: one pair of impact prices enters the hour's mean. [FUND-2]
 *   premium = (max(0, bid - p) - max(0, p - ask)) / p, floor, at most 1.
 * A feed that is not good for more risk, or a pause, skips the sample: *taken is false. Errors:
 * E_RANGE ask below bid; E_PRICE_DOMAIN; E_PRICE_TIME later than now + skew or not newer than the
 * last sample. */
plm_err plm_funding_sample(const struct plm_scratch *s,
                           struct plm_market_slot *market,
                           const struct plm_impact *impact,
                           bool *taken);

#endif

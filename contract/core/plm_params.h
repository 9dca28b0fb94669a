// SPDX-License-Identifier: Apache-2.0
/* Parameters: the envelope, and the directions in which they may move. [PRICE-7] [GOV-2] [GOV-3]
 * [ACCT-6] [UNIT-1] [UNIT-3] It must never know which operation asks. */
#ifndef PLM_CORE_PARAMS_H
#define PLM_CORE_PARAMS_H

#include "plm_scratch.h"

/* Consistency of one record's parameters, beyond the bounds of params.def. Errors: E_PARAM_RANGE.
 */
plm_err plm_params_check_market(const struct plm_market *market, const struct plm_feed *feed);
plm_err plm_params_check_feed(const struct plm_feed *feed);
plm_err plm_params_check_asset(const struct plm_asset *asset, const struct plm_feed *feed);

/* T: from the last price that may still be used to the liquidation it should have caused, outside
 * gap mode: age + k spacings + grace + block bound, in seconds. [PRICE-7] */
uint64_t plm_params_horizon(const struct plm_feed *feed);

/* The worst move of the feed within T: window_band for every window begun, at most 1. The window
 * band is counted from fixed anchors, so an interval that straddles two windows can move further;
 * SPEC says so. [PRICE-7] */
plm_ratio plm_params_worst_move(const struct plm_feed *feed);

/* plm_params_check_market_envelope: [PRICE-7]
 *   oi_cap x max(0, move_T + funding_cap x T / 1 h + liq_fee_max + liq_insurance_fee - 2/3 maint)
 *   <= allotment,
 * cross-multiplied: nothing is rounded. Errors: E_PARAM_ENVELOPE. */
plm_err plm_params_check_market_envelope(const struct plm_market *market,
                                         const struct plm_feed *feed);

/* plm_params_check_asset_envelope: [PRICE-7] [ACCT-6]
 *   conf_max + discount_max <= 1 - weight_maint:
 * a sale at the largest discount, at a price that is wrong by the widest confidence ever accepted,
 * still brings what maintenance counted. No allotment stands behind an asset, so a fall between
 * two sales is not covered here; the tranches of the account's markets bear it. Errors:
 * E_PARAM_ENVELOPE. */
plm_err plm_params_check_asset_envelope(const struct plm_asset *asset, const struct plm_feed *feed);

/* Row of params.def by id, NULL where none. Cost: one pass over the table. */
const struct plm_param *plm_params_find(uint16_t id);

/* True from the first fill on: what lowers safety waits. [GOV-3] */
bool plm_params_is_live(const struct plm_scratch *s);

/* May a live parameter move from before to after at once? Equal values may, and the direction that
 * nobody can lose by. Where 0 means off, 0 is the loosest value. [GOV-3] */
bool plm_params_is_safe(const struct plm_param *param, plm_val before, plm_val after);

/* One proposal moves a parameter by at most floor(|before| / 5), or by one unit; from 0 a ratio to
 * at most STEP, anything else anywhere in its range. Errors: E_PARAM_STEP. [GOV-3] */
plm_err plm_params_check_step(const struct plm_param *param, plm_val before, plm_val after);

/* Pause bits in force at now (expired ones cleared). [GOV-2] Asserts 8 entries, or none and no bit.
 */
uint8_t
plm_params_pauses(uint8_t bits, const struct plm_pause_set *sets, uint32_t count, plm_time now);

/* When a bit that is set ends; 2^63 - 1: not by itself. [GOV-2] */
plm_time plm_params_pause_end(uint8_t bit, plm_time set_at);

/* plm_params_check_pause: may the thing that `bit` pauses be done now? `bit` is a member of PAUSE.
 * deposit and withdraw are paused for all markets at once, and market may be NULL for them; for
 * liquidate too, where no market is concerned. While reduce or deposit is paused liquidate counts
 * as paused, and after it ended a grace of the market's feed runs. Errors: E_PAUSED; E_GRACE. */
plm_err plm_params_check_pause(const struct plm_scratch *s,
                               const struct plm_market_slot *market,
                               uint8_t bit);

#endif

// SPDX-License-Identifier: Apache-2.0
/* Parameters: the envelope, and the directions in which they may move. [PRICE-7] [GOV-3] [ACCT-6]
 * [UNIT-3] */
#ifndef PLM_CORE_PARAMS_H
#define PLM_CORE_PARAMS_H

#include "plm_scratch.h"

/* Consistency of one record's parameters. Errors: E_PARAM_RANGE. */
plm_err plm_params_check_market(const struct plm_market *market, const struct plm_feed *feed);
plm_err plm_params_check_feed(const struct plm_feed *feed);
plm_err plm_params_check_asset(const struct plm_asset *asset, const struct plm_feed *feed);
/* The envelope. Errors: E_PARAM_ENVELOPE. *move: the worst move of the feed in the time T.
 * [PRICE-7] */
plm_ratio plm_params_worst_move(const struct plm_feed *feed);
plm_err plm_params_check_market_envelope(const struct plm_market *market,
                                         const struct plm_feed *feed);
plm_err plm_params_check_asset_envelope(const struct plm_asset *asset, const struct plm_feed *feed);
/* Row of params.def by id, NULL where none. */
const struct plm_param *plm_params_find(uint16_t id);
/* May a live parameter move from before to after? Errors: E_PARAM_LOOSENING. [GOV-3] */
plm_err plm_params_check_tightening(const struct plm_param *param, plm_val before, plm_val after);
/* Pause bits in force at now (expired ones cleared). [GOV-2] */
uint8_t
plm_params_pauses(uint8_t bits, const struct plm_pause_set *sets, uint32_t count, plm_time now);
plm_err plm_params_check_pause(const struct plm_scratch *s,
                               const struct plm_market_slot *market,
                               uint8_t bit); /* E_PAUSED */

#endif

// SPDX-License-Identifier: Apache-2.0
/* Equity and requirements of one account at one price view. [MARGIN-1] to [MARGIN-7]
 * Exact: nothing is divided, so nothing is rounded. It must never know what an operation wants. */
#ifndef PLM_CORE_MARGIN_H
#define PLM_CORE_MARGIN_H

#include "plm_scratch.h"

enum plm_margin_flag {
    PLM_MARGIN_PLAIN = 0,
    PLM_MARGIN_SCALED = 1,   /* initial ratio grows with open interest [MARGIN-4] */
    PLM_MARGIN_NO_GAINS = 2, /* unrealised gains weigh 0 [WD-1] */
    PLM_MARGIN_FAVOUR =
        4, /* feeds not good for a liquidation count in the account's favour [PRICE-4] */
};

/* plm_margin_compute: all figures of an account whose markets and assets are loaded and whose
 * indices are applied. `traded`: with PLM_MARGIN_FAVOUR the market whose feed counts as it is;
 * PLM_NO_MARKET: none. Cost: one pass over positions and collaterals. */
void plm_margin_compute(const struct plm_scratch *s,
                        const struct plm_account *account,
                        uint32_t flags,
                        uint16_t traded,
                        struct plm_margin *out);

/* Ratios of a position of |lots| [MARGIN-3]; *bound: 0 the market's, 1 size premium. */
plm_ratio plm_margin_ratio(const struct plm_market *market, plm_ratio base, plm_qty lots);
/* The initial ratio after open-interest scaling [MARGIN-4] and the user's cap [MARGIN-6]. */
plm_ratio plm_margin_initial_ratio(const struct plm_market_slot *market,
                                   const struct plm_view *view,
                                   plm_qty lots,
                                   plm_ratio leverage,
                                   bool scaled);
/* One leg's requirement: max(floor x 1e6, |lots| x price x ratio); 0 at lots = 0. */
plm_wval plm_margin_requirement(const struct plm_market *market,
                                plm_qty lots,
                                plm_price price,
                                plm_ratio ratio);
/* Scaled initial weight of a collateral. [ACCT-6] */
plm_ratio plm_margin_weight_initial(const struct plm_scratch *s,
                                    const struct plm_asset_slot *asset);

/* Levels. [MARGIN-7] */
bool plm_margin_is_liquidatable(
    const struct plm_margin *margin); /* E_mm < MM strictly; without lots E_mm < 0 */
bool plm_margin_is_below_share(const struct plm_margin *margin,
                               uint32_t numerator,
                               uint32_t denominator); /* E_mm < n/d MM */
uint8_t plm_margin_level(const struct plm_margin *margin, plm_ratio call_level);

/* Every feed the account uses is good for more risk. Errors: the view's code, in precedence over
 * the feeds. [PRICE-4] */
plm_err plm_margin_check_prices(const struct plm_scratch *s, const struct plm_account *account);
/* plm_margin_remember: fills account->before and the lots before, once an operation, after indices
 * were applied. */
void plm_margin_remember(struct plm_scratch *s, struct plm_account_slot *account);

#endif

// SPDX-License-Identifier: Apache-2.0
/* Sizes, fees, order and prices of liquidations. [LIQ-1] to [LIQ-7]
 * It must never store or call the gate. */
#ifndef PLM_CORE_LIQUIDATE_H
#define PLM_CORE_LIQUIDATE_H

#include "plm_scratch.h"

/* T = sum over legs of MM_m + ceil(beta_m x (IM_m - MM_m)), unscaled: where a liquidation ends.
 * [LIQ-2] Both at p and at the market's own ratios: neither confidence nor a user's leverage cap
 * makes a liquidation larger. */
plm_wval plm_liquidate_target(const struct plm_scratch *s, const struct plm_account *account);
/* The least whole lots that bring the account to T, before slices and windows, as a size > 0; the
 * whole leg where T is out of reach, or where the remainder would be below the minimum order or
 * rest on the floor of its requirement. Other feeds that are not good count in the account's
 * favour. Asserts that the account is remembered, has lots and is below T. Cost: closed form, then
 * bisection of at most BISECT_MAX steps on the leg's exact figures; the rest of the account is
 * summed once. */
plm_qty plm_liquidate_size(const struct plm_scratch *s,
                           const struct plm_account_slot *account,
                           const struct plm_market_slot *market);
/* The taker's fee ratio now, grown with the account's clock; f0 without a clock. [LIQ-3] */
plm_ratio plm_liquidate_fee(const struct plm_market_params *params, plm_time since, plm_time now);
/* Both fees in value for a size of q lots, rounded up and bounded by
 * floor(max(0, E) x (MM - MM') / MM) of the remembered figures [MARGIN-8]: taker's first, the
 * insurance fee from what is left. */
void plm_liquidate_fees(const struct plm_scratch *s,
                        const struct plm_account_slot *account,
                        const struct plm_market_slot *market,
                        plm_qty lots,
                        plm_val *taker,
                        plm_val *insurance);

/* Most lots that may be taken now, and whether taking them all starts a cooldown. [LIQ-5] */
struct plm_liquidate_bound {
    plm_qty most;
    bool is_slice;
    bool counts; /* the value taken counts in the market's window */
};

/* size, cut to the slice and the window where the account is at or above 2/3 of maintenance.
 * Errors: E_COOLDOWN, also where the window is used up. */
plm_err plm_liquidate_bound(const struct plm_scratch *s,
                            const struct plm_account_slot *account,
                            const struct plm_market_slot *market,
                            const struct plm_margin *margin,
                            plm_qty size,
                            struct plm_liquidate_bound *out);
/* The market that goes first, of those that can be traded now; PLM_NO_MARKET: none. [LIQ-4] */
uint16_t plm_liquidate_first_market(const struct plm_scratch *s, const struct plm_account *account);
/* Lots of this market may be taken over now. Errors: E_PAUSED (liquidate; reduce or deposit pause
 * it too [GOV-2]); E_STATUS; E_GRACE after such a pause; the view's code. */
plm_err plm_liquidate_check_market(const struct plm_scratch *s,
                                   const struct plm_market_slot *market);
/* One market of the account at least permits that it is flagged or its collateral sold: one with
 * lots that can be traded; for an account without lots one with a debt that is not paused. Errors:
 * the first by precedence of what each market says; E_NOT_LIQUIDATABLE without lots and debts. */
plm_err plm_liquidate_check_account(const struct plm_scratch *s, const struct plm_account *account);
/* Both accounts have one owner. [LIQ-1] */
bool plm_liquidate_is_same_owner(const struct plm_account *a, const struct plm_account *b);
bool plm_liquidate_has_lots(const struct plm_account *account);
/* Starts the account's clock unless it runs. [LIQ-3] Event FLAGGED. */
void plm_liquidate_start_clock(struct plm_scratch *s, struct plm_account_slot *account);
/* After each operation, for every changed account: stops the clock at E_mm >= T (event FLAGGED
 * since 0), never starts it; rewrites the flagged deficits. [LIQ-3] [LOSS-8] */
void plm_liquidate_refresh_flag(struct plm_scratch *s, struct plm_account_slot *account);
/* A step that takes q of the leg's lots from an account of E_full < 0 first recognises
 * ceil(D_m x q / L), the whole D_m with the last lots. [LOSS-2] Nothing when E_full >= 0. */
void plm_liquidate_recognise(struct plm_scratch *s,
                             struct plm_account_slot *account,
                             struct plm_market_slot *market,
                             plm_val equity_price,
                             plm_qty lots);
/* Moves a size of lots of the leg to another position at p: lots, then quote. [LIQ-1] [LIQ-11] */
void plm_liquidate_move(struct plm_scratch *s,
                        struct plm_market_slot *market,
                        struct plm_position *from,
                        struct plm_position *to,
                        plm_qty lots);
/* Discount of a collateral's sale, grown from the asset's first to its largest since `since`; the
 * first without a clock. [LIQ-6] */
plm_ratio plm_liquidate_discount(const struct plm_scratch *s,
                                 const struct plm_asset_slot *asset,
                                 plm_time since);
/* Sale price of a collateral: p - floor(p x d), rounded for the seller. [LIQ-6] */
plm_price plm_liquidate_sale_price(const struct plm_scratch *s,
                                   const struct plm_asset_slot *asset,
                                   plm_time since);
/* A sale of this balance at the clock's discount would bring at least the smallest value. [LIQ-6]
 */
bool plm_liquidate_brings_cash(const struct plm_scratch *s,
                               const struct plm_collateral *collateral,
                               plm_time since);
/* The collateral that is sold first: highest maintenance weight, ties to the lower id, without
 * those whose feed is not good or whose sale would round to nothing; 0: none. [LIQ-6] */
uint16_t plm_liquidate_first_asset(const struct plm_scratch *s,
                                   const struct plm_account *account,
                                   plm_time since);
/* Bankruptcy price of a leg from the whole position and current equity: closing at it uses up
 * exactly floor(E_full x MM_m / MM). [LIQ-7] A long's is rounded up, a short's down; 0 where it
 * would be negative. */
plm_price plm_liquidate_bankruptcy_price(const struct plm_scratch *s,
                                         const struct plm_account *account,
                                         uint16_t market);
/* The price at which this market alone makes the account liquidatable, others held: the highest
 * such price in the feed's domain for a long, the lowest for a short; false: none. [MARGIN-9] Cost:
 * bisection of at most BISECT_MAX steps. */
bool plm_liquidate_price(const struct plm_scratch *s,
                         const struct plm_account_slot *account,
                         uint16_t market,
                         plm_price *out);

#endif

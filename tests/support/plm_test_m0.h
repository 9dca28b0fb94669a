// SPDX-License-Identifier: Apache-2.0
/* The market M0 of the scenarios as records: the defaults of abi/params.def in integers. Size has 8
 * decimals, prices 10; a price of one quote unit is 1e10 ticks. */
#ifndef PLM_TESTS_SUPPORT_PLM_TEST_M0_H
#define PLM_TESTS_SUPPORT_PLM_TEST_M0_H

#include "plm_abi.h"
#include "plm_fix.h"

#define TEST_ONE UINT64_C(10000000000) /* the price 1.0000000000 */

static inline struct plm_feed test_m0_feed(void)
{
    const struct plm_feed feed = {
        .price_decimals = 10,
        .params = {.age = 30,
                   .skew = 5,
                   .sources = 1,
                   .band = {100000},
                   .band_rate = {500},
                   .band_max = {300000},
                   .window = 300,
                   .window_band = {200000},
                   .conf_high = {5000},
                   .conf_max = {10000},
                   .slow_tau = 3600,
                   .slow_rate = {300000},
                   .gap = 60,
                   .gap_hold = 60,
                   .agree = {20000},
                   .grace = 120,
                   .price_min = {1},
                   .price_max = {UINT64_C(2000000000000000)}},
    };
    return feed;
}

static inline struct plm_market test_m0_market(void)
{
    struct plm_market market = {
        .size_decimals = 8,
        .price_decimals = 10,
        .tick = {1},
        .params = {.initial = {100000},
                   .maint = {50000},
                   .min_order = {1},
                   .max_lots = {INT64_C(500000000000000)},
                   .gain_weight = {1000000},
                   .liq_fee = {10000},
                   .liq_fee_max = {25000},
                   .liq_fee_growth = {50},
                   .liq_insurance_fee = {5000},
                   .liq_target = {250000},
                   .liq_slice = {200000},
                   .liq_cooldown = 30,
                   .call_level = {1100000},
                   .fill_band = {50000},
                   .withdraw_floor = {100000},
                   .loss_cap = {100000},
                   .grace_pay = 600,
                   .funding_interest = {100000},
                   .funding_cap = {40000000}},
    };
    market.params.floor = plm_val_from_quote(1);
    market.params.oi_cap = plm_val_from_quote(10000000);
    market.params.position_cap = plm_val_from_quote(1000000000000);
    market.params.gain_cap = plm_val_from_quote(1000000000000);
    market.params.liq_slice_above = plm_val_from_quote(100000);
    market.params.allotment = plm_val_from_quote(2000000);
    market.params.draw_cap = plm_val_from_quote(2000000);
    return market;
}

/* A token of 18 decimals on a feed like M0's. */
static inline struct plm_asset test_m0_asset(void)
{
    const struct plm_asset asset = {
        .token = {.length = 1, .bytes = {'t'}},
        .decimals = 18,
        .price_decimals = 10,
        .params = {.weight_initial = {800000},
                   .weight_maint = {850000},
                   .discount = {20000},
                   .discount_max = {100000},
                   .discount_growth = {50}},
    };
    return asset;
}

#endif

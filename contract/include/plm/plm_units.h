// SPDX-License-Identifier: Apache-2.0
/* The units of the engine: one struct per unit, so that a price cannot be added to a value. [UNIT]
 * Every struct has one member, whose name spells the scale; zero is {0}.
 * This file knows no arithmetic: that is plm_fix. */
#ifndef PLM_INCLUDE_UNITS_H
#define PLM_INCLUDE_UNITS_H

#include <stdint.h>

#ifdef __cplusplus
#define PLM_STATIC_ASSERT(c, text) static_assert(c, text)
#else
#define PLM_STATIC_ASSERT(c, text) _Static_assert(c, text)
#endif

// clang-format off
typedef struct { uint64_t lo; int64_t hi; } plm_i128; /* two's complement; plm_wide's own       */
typedef struct { plm_i128 wad;    } plm_val;   /* money, 1e-18 quote units                      */
typedef struct { plm_i128 wadppm; } plm_wval;  /* value x ppm: a requirement not yet divided    */
typedef struct { plm_i128 atoms;  } plm_amt;   /* token amount, in the token's own decimals     */
typedef struct { int64_t  lots;   } plm_qty;   /* size, + long, - short                         */
typedef struct { uint64_t ticks;  } plm_price; /* quote per base, 10^-price_decimals            */
typedef struct { int64_t  ticks;  } plm_index; /* cumulative payment of one side, 1e-18 per lot */
typedef struct { uint32_t ppm;    } plm_ratio; /* parts per million                             */
typedef struct { int64_t  nano;   } plm_rate;  /* funding, interest, premium, 1e-9              */
typedef struct { uint64_t sec;    } plm_time;  /* seconds of chain time                         */

// clang-format on

PLM_STATIC_ASSERT(sizeof(plm_i128) == 16, "two limbs, no padding");
PLM_STATIC_ASSERT(sizeof(plm_val) == 16, "a unit costs no memory");
PLM_STATIC_ASSERT(sizeof(plm_wval) == 16, "a unit costs no memory");
PLM_STATIC_ASSERT(sizeof(plm_amt) == 16, "a unit costs no memory");
PLM_STATIC_ASSERT(sizeof(plm_qty) == 8, "a unit costs no memory");
PLM_STATIC_ASSERT(sizeof(plm_price) == 8, "a unit costs no memory");
PLM_STATIC_ASSERT(sizeof(plm_index) == 8, "a unit costs no memory");
PLM_STATIC_ASSERT(sizeof(plm_ratio) == 4, "a unit costs no memory");
PLM_STATIC_ASSERT(sizeof(plm_rate) == 8, "a unit costs no memory");
PLM_STATIC_ASSERT(sizeof(plm_time) == 8, "a unit costs no memory");

#endif

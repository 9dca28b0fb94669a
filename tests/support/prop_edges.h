// SPDX-License-Identifier: Apache-2.0
/* Numbers shaped like the edges of wide arithmetic: runs of equal bits, 2^k - 1, 2^k, 2^k + 1, and
 * random ones of random length. One generator, one seed: a run repeats itself. */
#ifndef PLM_SUPPORT_PROP_EDGES_H
#define PLM_SUPPORT_PROP_EDGES_H

#include "plm_wide.h"

#include <stdint.h>

struct prop_source {
    uint64_t state;
};

/* The next 64 bits: a counter through a mixing function. */
static inline uint64_t prop_next(struct prop_source *source)
{
    source->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t bits = source->state;
    bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
    return bits ^ (bits >> 31);
}

static inline uint32_t prop_below(struct prop_source *source, uint32_t bound)
{
    return (uint32_t)(prop_next(source) >> 32) % bound;
}

/* 2^width - 1, for a width of up to 128. */
static inline plm_u128 prop_ones(uint32_t width)
{
    const uint64_t low = width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
    const uint32_t rest = width > 64 ? width - 64 : 0;
    const uint64_t high = rest >= 64 ? UINT64_MAX : (UINT64_C(1) << rest) - 1;
    return plm_wide_make(high, low);
}

/* A number below 2^width, 1 <= width <= 128. */
static inline plm_u128 prop_u128(struct prop_source *source, uint32_t width)
{
    const plm_u128 mask = prop_ones(width);
    const plm_u128 one = plm_wide_make(0, 1);
    const plm_u128 edge = prop_ones(prop_below(source, width + 1));
    const plm_u128 other = prop_ones(prop_below(source, width + 1));
    plm_u128 made = plm_wide_make(prop_next(source), prop_next(source));
    switch (prop_below(source, 8)) {
    case 0: made = edge; break;                                         /* 2^k - 1 */
    case 1: made = plm_wide_add_wrap(edge, one); break;                 /* 2^k */
    case 2: made = plm_wide_add_wrap(edge, plm_wide_make(0, 2)); break; /* 2^k + 1 */
    case 3: made = plm_wide_sub_wrap(edge, one); break;                 /* 2^k - 2 */
    case 4:                                                             /* one run of ones */
        made = plm_wide_make(edge.hi ^ other.hi, edge.lo ^ other.lo);
        break;
    case 5: /* random, of random length */
        made = plm_wide_make(made.hi & edge.hi, made.lo & edge.lo);
        break;
    case 6: /* the top of the range */
        made = plm_wide_sub_wrap(mask, plm_wide_make(0, prop_below(source, 4)));
        break;
    default: break;
    }
    return plm_wide_make(made.hi & mask.hi, made.lo & mask.lo);
}

static inline uint64_t prop_u64(struct prop_source *source, uint32_t width)
{
    return prop_u128(source, width).lo;
}

/* A number within +-(2^63 - 1). */
static inline int64_t prop_i64(struct prop_source *source)
{
    const int64_t magnitude = (int64_t)prop_u64(source, 63);
    return prop_below(source, 2) == 0 ? magnitude : -magnitude;
}

/* A number within +-(2^width - 1), width <= 127. */
static inline plm_i128 prop_i128(struct prop_source *source, uint32_t width)
{
    const plm_u128 magnitude = prop_u128(source, width);
    const plm_i128 positive = plm_wide_i128_make((int64_t)magnitude.hi, magnitude.lo);
    return prop_below(source, 2) == 0 ? positive : plm_wide_i128_neg(positive);
}

#endif

// SPDX-License-Identifier: Apache-2.0
/* Quotients of values, prices and token amounts. [UNIT-2] [UNIT-4] [UNIT-5] [MARGIN-3]
 * Every function forms an exact product of up to 256 bits, divides its magnitude once, and rounds
 * the signed result once. This file knows no record and no rule. */
#define PLM_INLINE_HOME /* the shared copies of small functions, in the contract */
#include "plm_fix.h"

#define PLM_PPM_DECIMALS  6U
#define PLM_NANO_DECIMALS 9U

/* A quotient before it is rounded: its magnitude's floor, whether that floor lost something, its
 * sign, and whether it is below 2^128 at all. */
struct plm_quotient {
    plm_u128 whole;
    bool has_rest;
    bool is_negative;
    bool fits;
};

/* n / d with the given sign. Asserts d > 0, in plm_wide. */
static inline void
plm_fix_divide(const plm_u256 *n, plm_u128 d, bool is_negative, struct plm_quotient *out)
{
    plm_u128 rest = {0, 0};
    *out = (struct plm_quotient){.is_negative = is_negative};
    out->fits = plm_wide_div(n, d, &out->whole, &rest);
    out->has_rest = !plm_wide_is_zero(rest);
}

/* n / 10^exponent with the given sign. Asserts exponent <= PLM_POW10_MAX, in plm_wide. */
static void plm_fix_divide_pow10(const plm_u256 *n,
                                 uint32_t exponent,
                                 bool is_negative,
                                 struct plm_quotient *out)
{
    if (exponent >= PLM_POW10_DIVISORS) {
        plm_fix_divide(n, plm_wide_pow10(exponent), is_negative, out);
        return;
    }
    plm_limb rest = 0;
    *out = (struct plm_quotient){.is_negative = is_negative};
    out->fits = plm_wide_div_by_divisor(n, plm_wide_pow10_divisor(exponent), &out->whole, &rest);
    out->has_rest = rest != 0;
}

/* a * b / d with the given sign, through an exact product. Asserts d > 0, in plm_wide. */
static void plm_fix_divide_product(
    plm_u128 a, plm_limb b, plm_u128 d, bool is_negative, struct plm_quotient *out)
{
    const plm_u256 n = plm_wide_mul_by_limb(a, b);
    plm_fix_divide(&n, d, is_negative, out);
}

/* a * b / 10^exponent with the given sign, through an exact product. */
static void plm_fix_divide_product_pow10(
    plm_u128 a, plm_limb b, uint32_t exponent, bool is_negative, struct plm_quotient *out)
{
    const plm_u256 n = plm_wide_mul_by_limb(a, b);
    plm_fix_divide_pow10(&n, exponent, is_negative, out);
}

/* *out = the magnitude's ceil; false when it does not fit. */
static inline bool plm_fix_magnitude_ceil_checked(const struct plm_quotient *q, plm_u128 *out)
{
    return q->fits && plm_wide_round_up_checked(q->whole, q->has_rest, out);
}

/* *out = the signed quotient toward minus infinity; false when it does not fit. */
static bool plm_fix_floor_checked(const struct plm_quotient *q, plm_i128 *out)
{
    plm_u128 magnitude = q->whole;
    const bool fits = q->is_negative ? plm_fix_magnitude_ceil_checked(q, &magnitude) : q->fits;
    return fits && plm_wide_i128_from_magnitude_checked(magnitude, q->is_negative, out);
}

/* *out = the signed quotient toward plus infinity; false when it does not fit. */
static bool plm_fix_ceil_checked(const struct plm_quotient *q, plm_i128 *out)
{
    plm_u128 magnitude = q->whole;
    const bool fits = q->is_negative ? q->fits : plm_fix_magnitude_ceil_checked(q, &magnitude);
    return fits && plm_wide_i128_from_magnitude_checked(magnitude, q->is_negative, out);
}

/* The signed quotient toward minus infinity. Asserts that it fits. */
static plm_i128 plm_fix_floor(const struct plm_quotient *q)
{
    plm_i128 rounded = {0, 0};
    const bool fits = plm_fix_floor_checked(q, &rounded);
    PLM_ASSERT(fits);
    return rounded;
}

/* The signed quotient toward plus infinity. Asserts that it fits. */
static plm_i128 plm_fix_ceil(const struct plm_quotient *q)
{
    plm_i128 rounded = {0, 0};
    const bool fits = plm_fix_ceil_checked(q, &rounded);
    PLM_ASSERT(fits);
    return rounded;
}

/* min(magnitude's floor, limit). */
static uint64_t plm_fix_magnitude_floor_clamped(const struct plm_quotient *q, uint64_t limit)
{
    PLM_ASSERT(limit > 0);
    if (!q->fits || q->whole.hi != 0) {
        return limit;
    }
    return plm_int_min_u64(q->whole.lo, limit);
}

/* min(magnitude's ceil, limit). */
static uint64_t plm_fix_magnitude_ceil_clamped(const struct plm_quotient *q, uint64_t limit)
{
    PLM_ASSERT(limit > 0);
    plm_u128 rounded = {0, 0};
    if (!plm_fix_magnitude_ceil_checked(q, &rounded) || rounded.hi != 0) {
        return limit;
    }
    return plm_int_min_u64(rounded.lo, limit);
}

/* The signed quotient toward minus infinity, clamped to +-(2^63 - 1). */
static int64_t plm_fix_floor_clamped(const struct plm_quotient *q)
{
    const uint64_t limit = (uint64_t)INT64_MAX;
    if (q->is_negative) {
        return -(int64_t)plm_fix_magnitude_ceil_clamped(q, limit);
    }
    return (int64_t)plm_fix_magnitude_floor_clamped(q, limit);
}

/* The signed quotient toward plus infinity, clamped to +-(2^63 - 1). */
static int64_t plm_fix_ceil_clamped(const struct plm_quotient *q)
{
    const uint64_t limit = (uint64_t)INT64_MAX;
    if (q->is_negative) {
        return -(int64_t)plm_fix_magnitude_floor_clamped(q, limit);
    }
    return (int64_t)plm_fix_magnitude_ceil_clamped(q, limit);
}

/* The magnitude of a number that must not be negative. */
static plm_u128 plm_fix_unsigned(plm_i128 a)
{
    PLM_ASSERT(!plm_wide_i128_is_negative(a));
    return plm_wide_i128_magnitude(a);
}

/* The magnitude of a divisor, which must be positive. */
static plm_u128 plm_fix_positive(plm_i128 a)
{
    PLM_ASSERT(plm_wide_i128_is_positive(a));
    return plm_wide_i128_magnitude(a);
}

/* ---- prices and ratios ---- */

plm_err plm_price_difference_checked(plm_price a, plm_price b, plm_index *out)
{
    PLM_ASSERT(out != NULL);
    int64_t magnitude = 0;
    const bool is_negative = a.ticks < b.ticks;
    const uint64_t distance = is_negative ? b.ticks - a.ticks : a.ticks - b.ticks;
    if (!plm_int_to_i64_checked(distance, &magnitude)) {
        return PLM_E_OVERFLOW;
    }
    out->ticks = is_negative ? -magnitude : magnitude;
    return PLM_OK;
}

plm_ratio plm_fix_ratio_part_floor(plm_ratio a, plm_ratio b)
{
    const uint64_t part = plm_int_div_u64_floor((uint64_t)a.ppm * b.ppm, PLM_PPM_ONE);
    const plm_ratio clamped = {(uint32_t)plm_int_min_u64(part, PLM_PPM_ONE)};
    return clamped;
}

plm_ratio plm_fix_ratio_part_ceil(plm_ratio a, plm_ratio b)
{
    const uint64_t part = plm_int_div_u64_ceil((uint64_t)a.ppm * b.ppm, PLM_PPM_ONE);
    const plm_ratio clamped = {(uint32_t)plm_int_min_u64(part, PLM_PPM_ONE)};
    return clamped;
}

plm_ratio plm_fix_ratio_div_floor(plm_ratio a, uint32_t divisor)
{
    const plm_ratio quotient = {(uint32_t)plm_int_div_u64_floor(a.ppm, divisor)};
    PLM_ASSERT(quotient.ppm <= a.ppm);
    return quotient;
}

plm_ratio
plm_fix_ratio_grow_clamped(plm_ratio start, plm_ratio step, uint64_t times, plm_ratio most)
{
    const plm_u128 product = plm_wide_mul_limb(step.ppm, times);
    uint64_t sum = 0;
    const bool fits = product.hi == 0 && plm_int_add_u64_checked(product.lo, start.ppm, &sum);
    const plm_ratio grown = {fits ? (uint32_t)plm_int_min_u64(sum, most.ppm) : most.ppm};
    PLM_ASSERT(grown.ppm <= most.ppm);
    return grown;
}

/* ---- 256-bit comparison ---- */

/* The sign of a product. */
static int plm_fix_product_sign(plm_i128 a, plm_i128 b)
{
    if (plm_wide_i128_is_zero(a) || plm_wide_i128_is_zero(b)) {
        return 0;
    }
    return (a.hi < 0) != (b.hi < 0) ? -1 : 1;
}

int plm_wval_cmp_products(plm_wval a, plm_wval b, plm_wval c, plm_wval d)
{
    const int sign_left = plm_fix_product_sign(a.wadppm, b.wadppm);
    const int sign_right = plm_fix_product_sign(c.wadppm, d.wadppm);
    if (sign_left != sign_right) {
        return sign_left < sign_right ? -1 : 1;
    }
    const plm_u256 left =
        plm_wide_mul(plm_wide_i128_magnitude(a.wadppm), plm_wide_i128_magnitude(b.wadppm));
    const plm_u256 right =
        plm_wide_mul(plm_wide_i128_magnitude(c.wadppm), plm_wide_i128_magnitude(d.wadppm));
    const int order = plm_wide_cmp_256(&left, &right);
    return sign_left < 0 ? -order : order;
}

int plm_fix_cmp_rated(plm_val a, plm_rate x, plm_val b, plm_rate y)
{
    PLM_ASSERT(x.nano != INT64_MIN);
    PLM_ASSERT(y.nano != INT64_MIN);
    const plm_wval left = {a.wad};
    const plm_wval right = {b.wad};
    const plm_wval left_rate = {plm_wide_i128_from_i64(x.nano)};
    const plm_wval right_rate = {plm_wide_i128_from_i64(y.nano)};
    return plm_wval_cmp_products(left, left_rate, right, right_rate);
}

/* ---- exact products ---- */

plm_wval plm_fix_weigh_wide(plm_val value, plm_ratio ratio)
{
    const plm_u256 product = plm_wide_mul_by_limb(plm_wide_i128_magnitude(value.wad), ratio.ppm);
    PLM_ASSERT(product.limb[2] == 0);
    plm_wval weighted = {{0, 0}};
    const bool fits =
        plm_wide_i128_from_magnitude_checked(plm_wide_make(product.limb[1], product.limb[0]),
                                             plm_val_is_negative(value),
                                             &weighted.wadppm);
    PLM_ASSERT(fits);
    return weighted;
}

/* ---- quotients of values ---- */

static void plm_fix_wval_quotient(plm_wval weighted, struct plm_quotient *out)
{
    plm_fix_divide_product_pow10(plm_wide_i128_magnitude(weighted.wadppm),
                                 1,
                                 PLM_PPM_DECIMALS,
                                 plm_wval_is_negative(weighted),
                                 out);
}

plm_val plm_fix_wval_to_val_floor(plm_wval weighted)
{
    struct plm_quotient q = {0};
    plm_fix_wval_quotient(weighted, &q);
    const plm_val value = {plm_fix_floor(&q)};
    return value;
}

plm_val plm_fix_wval_to_val_ceil(plm_wval weighted)
{
    struct plm_quotient q = {0};
    plm_fix_wval_quotient(weighted, &q);
    const plm_val value = {plm_fix_ceil(&q)};
    return value;
}

static void plm_fix_part_quotient(plm_val value, plm_ratio ratio, struct plm_quotient *out)
{
    plm_fix_divide_product_pow10(plm_wide_i128_magnitude(value.wad),
                                 ratio.ppm,
                                 PLM_PPM_DECIMALS,
                                 plm_val_is_negative(value),
                                 out);
}

plm_val plm_fix_part_floor(plm_val value, plm_ratio ratio)
{
    struct plm_quotient q = {0};
    plm_fix_part_quotient(value, ratio, &q);
    const plm_val part = {plm_fix_floor(&q)};
    return part;
}

plm_val plm_fix_part_ceil(plm_val value, plm_ratio ratio)
{
    struct plm_quotient q = {0};
    plm_fix_part_quotient(value, ratio, &q);
    const plm_val part = {plm_fix_ceil(&q)};
    return part;
}

static inline void
plm_fix_muldiv_quotient(plm_val a, plm_val b, plm_val c, struct plm_quotient *out)
{
    const plm_u256 n = plm_wide_mul(plm_wide_i128_magnitude(a.wad), plm_wide_i128_magnitude(b.wad));
    const bool is_negative = plm_fix_product_sign(a.wad, b.wad) < 0;
    plm_fix_divide(&n, plm_fix_positive(c.wad), is_negative, out);
}

plm_val plm_fix_muldiv_floor(plm_val a, plm_val b, plm_val c)
{
    struct plm_quotient q = {0};
    plm_fix_muldiv_quotient(a, b, c, &q);
    const plm_val result = {plm_fix_floor(&q)};
    return result;
}

plm_val plm_fix_muldiv_ceil(plm_val a, plm_val b, plm_val c)
{
    struct plm_quotient q = {0};
    plm_fix_muldiv_quotient(a, b, c, &q);
    const plm_val result = {plm_fix_ceil(&q)};
    return result;
}

plm_err plm_fix_muldiv_floor_checked(plm_val a, plm_val b, plm_val c, plm_val *out)
{
    PLM_ASSERT(out != NULL);
    struct plm_quotient q = {0};
    plm_fix_muldiv_quotient(a, b, c, &q);
    return plm_fix_floor_checked(&q, &out->wad) ? PLM_OK : PLM_E_OVERFLOW;
}

plm_err plm_fix_muldiv_ceil_checked(plm_val a, plm_val b, plm_val c, plm_val *out)
{
    PLM_ASSERT(out != NULL);
    struct plm_quotient q = {0};
    plm_fix_muldiv_quotient(a, b, c, &q);
    return plm_fix_ceil_checked(&q, &out->wad) ? PLM_OK : PLM_E_OVERFLOW;
}

static inline void plm_fix_wad_quotient(plm_val a, plm_val factor, struct plm_quotient *out)
{
    const plm_u256 n =
        plm_wide_mul(plm_wide_i128_magnitude(a.wad), plm_wide_i128_magnitude(factor.wad));
    const bool is_negative = plm_fix_product_sign(a.wad, factor.wad) < 0;
    plm_fix_divide_pow10(&n, PLM_WAD_DECIMALS, is_negative, out);
}

plm_val plm_fix_mul_wad_floor(plm_val a, plm_val factor)
{
    struct plm_quotient q = {0};
    plm_fix_wad_quotient(a, factor, &q);
    const plm_val product = {plm_fix_floor(&q)};
    return product;
}

plm_val plm_fix_mul_wad_ceil(plm_val a, plm_val factor)
{
    struct plm_quotient q = {0};
    plm_fix_wad_quotient(a, factor, &q);
    const plm_val product = {plm_fix_ceil(&q)};
    return product;
}

static void
plm_fix_share_quotient(plm_val value, plm_qty part, plm_qty whole, struct plm_quotient *out)
{
    PLM_ASSERT(whole.lots > 0);
    plm_fix_divide_product(plm_wide_i128_magnitude(value.wad),
                           plm_int_magnitude_i64(part.lots),
                           plm_wide_make(0, (uint64_t)whole.lots),
                           plm_val_is_negative(value) != plm_qty_is_short(part),
                           out);
}

plm_val plm_fix_share_floor(plm_val value, plm_qty part, plm_qty whole)
{
    struct plm_quotient q = {0};
    plm_fix_share_quotient(value, part, whole, &q);
    const plm_val share = {plm_fix_floor(&q)};
    return share;
}

plm_val plm_fix_share_ceil(plm_val value, plm_qty part, plm_qty whole)
{
    struct plm_quotient q = {0};
    plm_fix_share_quotient(value, part, whole, &q);
    const plm_val share = {plm_fix_ceil(&q)};
    return share;
}

static void plm_fix_accrue_quotient(plm_val value,
                                    plm_rate per_second,
                                    uint64_t seconds,
                                    struct plm_quotient *out)
{
    const plm_u128 magnitude = plm_wide_i128_magnitude(value.wad);
    const plm_u256 each_second =
        plm_wide_mul_by_limb(magnitude, plm_int_magnitude_i64(per_second.nano));
    plm_u256 n = plm_wide_widen(plm_wide_make(0, 0));
    plm_wide_mul_256_by_limb(&each_second, seconds, &n);
    const bool is_negative = plm_val_is_negative(value) != (per_second.nano < 0);
    plm_fix_divide_pow10(&n, PLM_NANO_DECIMALS, is_negative, out);
}

plm_val plm_fix_accrue_floor(plm_val value, plm_rate per_second, uint64_t seconds)
{
    struct plm_quotient q = {0};
    plm_fix_accrue_quotient(value, per_second, seconds, &q);
    const plm_val accrued = {plm_fix_floor(&q)};
    return accrued;
}

plm_val plm_fix_accrue_ceil(plm_val value, plm_rate per_second, uint64_t seconds)
{
    struct plm_quotient q = {0};
    plm_fix_accrue_quotient(value, per_second, seconds, &q);
    const plm_val accrued = {plm_fix_ceil(&q)};
    return accrued;
}

static void plm_fix_lots_quotient(plm_val value, plm_price price, struct plm_quotient *out)
{
    PLM_ASSERT(price.ticks > 0);
    plm_fix_divide_product(
        plm_fix_unsigned(value.wad), 1, plm_wide_make(0, price.ticks), false, out);
}

plm_qty plm_fix_lots_floor(plm_val value, plm_price price)
{
    struct plm_quotient q = {0};
    plm_fix_lots_quotient(value, price, &q);
    const plm_qty lots = {plm_fix_floor_clamped(&q)};
    return lots;
}

plm_qty plm_fix_lots_ceil(plm_val value, plm_price price)
{
    struct plm_quotient q = {0};
    plm_fix_lots_quotient(value, price, &q);
    const plm_qty lots = {plm_fix_ceil_clamped(&q)};
    return lots;
}

static void plm_fix_qty_quotient(plm_qty qty, plm_ratio ratio, struct plm_quotient *out)
{
    PLM_ASSERT(ratio.ppm <= PLM_PPM_ONE);
    const plm_u128 magnitude = plm_wide_make(0, plm_int_magnitude_i64(qty.lots));
    plm_fix_divide_product_pow10(
        magnitude, ratio.ppm, PLM_PPM_DECIMALS, plm_qty_is_short(qty), out);
}

plm_qty plm_fix_qty_part_floor(plm_qty qty, plm_ratio ratio)
{
    struct plm_quotient q = {0};
    plm_fix_qty_quotient(qty, ratio, &q);
    const plm_qty part = {plm_fix_floor_clamped(&q)};
    return part;
}

plm_qty plm_fix_qty_part_ceil(plm_qty qty, plm_ratio ratio)
{
    struct plm_quotient q = {0};
    plm_fix_qty_quotient(qty, ratio, &q);
    const plm_qty part = {plm_fix_ceil_clamped(&q)};
    return part;
}

/* part * scale / whole. Asserts whole > 0. */
static void
plm_fix_scaled_quotient(plm_val part, plm_val whole, uint64_t scale, struct plm_quotient *out)
{
    plm_fix_divide_product(plm_wide_i128_magnitude(part.wad),
                           scale,
                           plm_fix_positive(whole.wad),
                           plm_val_is_negative(part),
                           out);
}

plm_ratio plm_fix_ratio_of_floor(plm_val part, plm_val whole)
{
    const plm_val kept = plm_val_max(part, plm_val_from_quote(0));
    struct plm_quotient q = {0};
    plm_fix_scaled_quotient(kept, whole, PLM_PPM_ONE, &q);
    const plm_ratio ratio = {(uint32_t)plm_fix_magnitude_floor_clamped(&q, PLM_PPM_ONE)};
    return ratio;
}

plm_ratio plm_fix_ratio_of_ceil(plm_val part, plm_val whole)
{
    const plm_val kept = plm_val_max(part, plm_val_from_quote(0));
    struct plm_quotient q = {0};
    plm_fix_scaled_quotient(kept, whole, PLM_PPM_ONE, &q);
    const plm_ratio ratio = {(uint32_t)plm_fix_magnitude_ceil_clamped(&q, PLM_PPM_ONE)};
    return ratio;
}

plm_ratio plm_fix_ratio_scale_floor(plm_ratio a, plm_val part, plm_val whole)
{
    PLM_ASSERT(!plm_val_is_negative(part));
    struct plm_quotient q = {0};
    plm_fix_scaled_quotient(part, whole, a.ppm, &q);
    const plm_ratio ratio = {(uint32_t)plm_fix_magnitude_floor_clamped(&q, PLM_PPM_ONE)};
    return ratio;
}

plm_ratio plm_fix_ratio_scale_ceil(plm_ratio a, plm_val part, plm_val whole)
{
    PLM_ASSERT(!plm_val_is_negative(part));
    struct plm_quotient q = {0};
    plm_fix_scaled_quotient(part, whole, a.ppm, &q);
    const plm_ratio ratio = {(uint32_t)plm_fix_magnitude_ceil_clamped(&q, PLM_PPM_ONE)};
    return ratio;
}

plm_rate plm_fix_rate_of_floor(plm_val part, plm_val whole)
{
    struct plm_quotient q = {0};
    plm_fix_scaled_quotient(part, whole, PLM_NANO_ONE, &q);
    const plm_rate rate = {plm_fix_floor_clamped(&q)};
    return rate;
}

plm_rate plm_fix_rate_of_ceil(plm_val part, plm_val whole)
{
    struct plm_quotient q = {0};
    plm_fix_scaled_quotient(part, whole, PLM_NANO_ONE, &q);
    const plm_rate rate = {plm_fix_ceil_clamped(&q)};
    return rate;
}

/* ---- quotients of prices ---- */

static void plm_fix_price_part_quotient(plm_price price, plm_ratio ratio, struct plm_quotient *out)
{
    plm_fix_divide_product_pow10(
        plm_wide_make(0, price.ticks), ratio.ppm, PLM_PPM_DECIMALS, false, out);
}

plm_price plm_fix_price_part_floor(plm_price price, plm_ratio ratio)
{
    struct plm_quotient q = {0};
    plm_fix_price_part_quotient(price, ratio, &q);
    const plm_price part = {plm_fix_magnitude_floor_clamped(&q, UINT64_MAX)};
    return part;
}

plm_price plm_fix_price_part_ceil(plm_price price, plm_ratio ratio)
{
    struct plm_quotient q = {0};
    plm_fix_price_part_quotient(price, ratio, &q);
    const plm_price part = {plm_fix_magnitude_ceil_clamped(&q, UINT64_MAX)};
    return part;
}

static void plm_fix_price_rate_quotient(plm_price price,
                                        plm_rate per_second,
                                        uint64_t seconds,
                                        struct plm_quotient *out)
{
    PLM_ASSERT(per_second.nano >= 0);
    const plm_u128 step = plm_wide_mul_limb(price.ticks, (uint64_t)per_second.nano);
    plm_fix_divide_product_pow10(step, seconds, PLM_NANO_DECIMALS, false, out);
}

plm_price plm_fix_price_rate_floor(plm_price price, plm_rate per_second, uint64_t seconds)
{
    struct plm_quotient q = {0};
    plm_fix_price_rate_quotient(price, per_second, seconds, &q);
    const plm_price moved = {plm_fix_magnitude_floor_clamped(&q, UINT64_MAX)};
    return moved;
}

plm_price plm_fix_price_rate_ceil(plm_price price, plm_rate per_second, uint64_t seconds)
{
    struct plm_quotient q = {0};
    plm_fix_price_rate_quotient(price, per_second, seconds, &q);
    const plm_price moved = {plm_fix_magnitude_ceil_clamped(&q, UINT64_MAX)};
    return moved;
}

plm_price plm_fix_price_share_floor(plm_price price, uint64_t part, uint64_t whole)
{
    PLM_ASSERT(whole > 0);
    PLM_ASSERT(part <= whole);
    struct plm_quotient q = {0};
    plm_fix_divide_product(plm_wide_make(0, price.ticks), part, plm_wide_make(0, whole), false, &q);
    const plm_price share = {plm_fix_magnitude_floor_clamped(&q, UINT64_MAX)};
    return share;
}

uint64_t plm_fix_price_bands_ceil(plm_price distance, plm_price price, plm_ratio ratio)
{
    PLM_ASSERT(price.ticks > 0);
    PLM_ASSERT(ratio.ppm > 0);
    const plm_u128 band = plm_wide_mul_limb(price.ticks, ratio.ppm);
    struct plm_quotient q = {0};
    plm_fix_divide_product(plm_wide_make(0, distance.ticks), PLM_PPM_ONE, band, false, &q);
    return plm_fix_magnitude_ceil_clamped(&q, UINT64_MAX);
}

plm_index plm_fix_index_step_floor(
    plm_price price, plm_rate rate, uint64_t seconds, uint32_t seconds_per, plm_val *rest)
{
    PLM_ASSERT(seconds_per > 0);
    const plm_u128 unit = plm_wide_mul_limb(PLM_NANO_ONE, seconds_per);
    PLM_ASSERT(!plm_wide_i128_is_negative(rest->wad));
    PLM_ASSERT(plm_wide_cmp(plm_wide_i128_magnitude(rest->wad), unit) < 0);
    const plm_i128 moved = plm_wide_i128_mul_i64_u64(rate.nano, price.ticks);
    const plm_u256 product = plm_wide_mul_by_limb(plm_wide_i128_magnitude(moved), seconds);
    plm_u128 magnitude = {0, 0};
    plm_i128 total = {0, 0};
    const bool fits = plm_wide_narrow_checked(&product, &magnitude) &&
                      plm_wide_i128_from_magnitude_checked(magnitude, rate.nano < 0, &total);
    PLM_ASSERT(fits);
    total = plm_wide_i128_add(total, rest->wad);

    const bool is_negative = plm_wide_i128_is_negative(total);
    struct plm_quotient q = {0};
    plm_fix_divide_product(plm_wide_i128_magnitude(total), 1, unit, is_negative, &q);
    const plm_index step = {plm_fix_floor_clamped(&q)};
    PLM_ASSERT(plm_int_magnitude_i64(step.ticks) < (uint64_t)INT64_MAX);
    rest->wad = plm_wide_i128_sub(total, plm_wide_i128_mul_i64_u64(step.ticks, unit.lo));
    PLM_ASSERT(!plm_wide_i128_is_negative(rest->wad));
    return step;
}

static void
plm_fix_price_rate_of_quotient(plm_price base, plm_index delta, struct plm_quotient *out)
{
    PLM_ASSERT(base.ticks > 0);
    PLM_ASSERT(delta.ticks != INT64_MIN);
    const plm_u128 magnitude = plm_wide_make(0, plm_int_magnitude_i64(delta.ticks));
    const plm_u128 divisor = plm_wide_make(0, base.ticks);
    plm_fix_divide_product(magnitude, PLM_NANO_ONE, divisor, delta.ticks < 0, out);
}

plm_rate plm_fix_price_rate_of_floor(plm_price base, plm_index delta)
{
    struct plm_quotient q = {0};
    plm_fix_price_rate_of_quotient(base, delta, &q);
    const plm_rate rate = {plm_fix_floor_clamped(&q)};
    return rate;
}

plm_rate plm_fix_price_rate_of_ceil(plm_price base, plm_index delta)
{
    struct plm_quotient q = {0};
    plm_fix_price_rate_of_quotient(base, delta, &q);
    const plm_rate rate = {plm_fix_ceil_clamped(&q)};
    return rate;
}

static void plm_fix_per_lot_quotient(plm_val value, plm_qty lots, struct plm_quotient *out)
{
    PLM_ASSERT(lots.lots > 0);
    plm_fix_divide_product(
        plm_fix_unsigned(value.wad), 1, plm_wide_make(0, (uint64_t)lots.lots), false, out);
}

plm_price plm_fix_price_per_lot_floor(plm_val value, plm_qty lots)
{
    struct plm_quotient q = {0};
    plm_fix_per_lot_quotient(value, lots, &q);
    const plm_price price = {plm_fix_magnitude_floor_clamped(&q, UINT64_MAX)};
    return price;
}

plm_price plm_fix_price_per_lot_ceil(plm_val value, plm_qty lots)
{
    struct plm_quotient q = {0};
    plm_fix_per_lot_quotient(value, lots, &q);
    const plm_price price = {plm_fix_magnitude_ceil_clamped(&q, UINT64_MAX)};
    return price;
}

plm_ratio plm_fix_size_premium_ceil(uint64_t imf_nano, plm_qty abs_lots, uint8_t size_decimals)
{
    PLM_ASSERT(abs_lots.lots >= 0);
    PLM_ASSERT(size_decimals <= PLM_SIZE_DECIMALS_MAX);
    plm_ratio premium = {PLM_PPM_ONE};
    const plm_u128 imf_square = plm_wide_mul_limb(imf_nano, imf_nano);
    struct plm_quotient q = {0};
    plm_fix_divide_product_pow10(
        imf_square, (uint64_t)abs_lots.lots, PLM_PPM_DECIMALS + size_decimals, false, &q);
    plm_u128 square = {0, 0};
    if (!plm_fix_magnitude_ceil_checked(&q, &square)) {
        return premium;
    }
    const plm_u128 root = plm_wide_sqrt_ceil(square);
    if (plm_wide_cmp(root, plm_wide_make(0, PLM_PPM_ONE)) < 0) {
        premium.ppm = (uint32_t)root.lo;
    }
    return premium;
}

bool plm_fix_size_premium_is_within(plm_rate imf,
                                    plm_qty abs_lots,
                                    uint8_t size_decimals,
                                    plm_ratio limit)
{
    PLM_ASSERT(imf.nano >= 0);
    PLM_ASSERT(abs_lots.lots >= 0);
    PLM_ASSERT(size_decimals <= PLM_SIZE_DECIMALS_MAX);
    const plm_u128 rate_square = plm_wide_mul_limb((uint64_t)imf.nano, (uint64_t)imf.nano);
    const uint64_t limit_square = (uint64_t)limit.ppm * limit.ppm;
    const plm_u128 scale = plm_wide_pow10(PLM_PPM_DECIMALS + size_decimals);
    if ((rate_square.hi | scale.hi) == 0) { /* a rate up to 4, up to 13 decimals: two products */
        return plm_wide_cmp(plm_wide_mul_limb(rate_square.lo, (uint64_t)abs_lots.lots),
                            plm_wide_mul_limb(scale.lo, limit_square)) <= 0;
    }
    const plm_u256 needed = plm_wide_mul_by_limb(rate_square, (uint64_t)abs_lots.lots);
    const plm_u256 allowed = plm_wide_mul_by_limb(scale, limit_square);
    return plm_wide_cmp_256(&needed, &allowed) <= 0;
}

/* ---- atoms and value ---- */

plm_err plm_fix_atoms_to_val_checked(plm_amt atoms, uint8_t decimals, plm_val *out)
{
    PLM_ASSERT(decimals <= PLM_WAD_DECIMALS);
    PLM_ASSERT(out != NULL);
    const plm_u128 scale = plm_wide_pow10(PLM_WAD_DECIMALS - decimals);
    const plm_u256 product = plm_wide_mul_by_limb(plm_wide_i128_magnitude(atoms.atoms), scale.lo);
    plm_u128 magnitude = {0, 0};
    if (!plm_wide_narrow_checked(&product, &magnitude)) {
        return PLM_E_OVERFLOW;
    }
    const bool is_negative = plm_amt_is_negative(atoms);
    return plm_wide_i128_from_magnitude_checked(magnitude, is_negative, &out->wad) ? PLM_OK
                                                                                   : PLM_E_OVERFLOW;
}

plm_val plm_fix_atoms_to_val(plm_amt atoms, uint8_t decimals)
{
    plm_val value = {{0, 0}};
    const plm_err err = plm_fix_atoms_to_val_checked(atoms, decimals, &value);
    PLM_ASSERT(err == PLM_OK);
    return value;
}

static void plm_fix_atoms_quotient(plm_val value, uint8_t decimals, struct plm_quotient *out)
{
    PLM_ASSERT(decimals <= PLM_WAD_DECIMALS);
    plm_fix_divide_product_pow10(plm_wide_i128_magnitude(value.wad),
                                 1,
                                 PLM_WAD_DECIMALS - decimals,
                                 plm_val_is_negative(value),
                                 out);
}

plm_amt plm_fix_val_to_atoms_floor(plm_val value, uint8_t decimals)
{
    struct plm_quotient q = {0};
    plm_fix_atoms_quotient(value, decimals, &q);
    const plm_amt atoms = {plm_fix_floor(&q)};
    return atoms;
}

plm_amt plm_fix_val_to_atoms_ceil(plm_val value, uint8_t decimals)
{
    struct plm_quotient q = {0};
    plm_fix_atoms_quotient(value, decimals, &q);
    const plm_amt atoms = {plm_fix_ceil(&q)};
    return atoms;
}

static void plm_fix_asset_quotient(plm_amt atoms,
                                   plm_price price,
                                   uint8_t asset_decimals,
                                   uint8_t price_decimals,
                                   struct plm_quotient *out)
{
    PLM_ASSERT(asset_decimals <= PLM_ASSET_DECIMALS_MAX);
    PLM_ASSERT(price_decimals <= PLM_PRICE_DECIMALS_MAX);
    const bool is_negative = plm_amt_is_negative(atoms);
    const plm_u256 n = plm_wide_mul_by_limb(plm_wide_i128_magnitude(atoms.atoms), price.ticks);
    const uint32_t decimals = (uint32_t)asset_decimals + price_decimals;
    if (decimals > PLM_WAD_DECIMALS) {
        plm_fix_divide_pow10(&n, decimals - PLM_WAD_DECIMALS, is_negative, out);
        return;
    }
    plm_u256 scaled = plm_wide_widen(plm_wide_make(0, 0));
    plm_wide_mul_256_by_limb(&n, plm_wide_pow10(PLM_WAD_DECIMALS - decimals).lo, &scaled);
    *out = (struct plm_quotient){.is_negative = is_negative};
    out->fits = plm_wide_narrow_checked(&scaled, &out->whole);
}

plm_err plm_fix_asset_value_floor_checked(
    plm_amt atoms, plm_price price, uint8_t asset_decimals, uint8_t price_decimals, plm_val *out)
{
    PLM_ASSERT(out != NULL);
    struct plm_quotient q = {0};
    plm_fix_asset_quotient(atoms, price, asset_decimals, price_decimals, &q);
    return plm_fix_floor_checked(&q, &out->wad) ? PLM_OK : PLM_E_OVERFLOW;
}

plm_err plm_fix_asset_value_ceil_checked(
    plm_amt atoms, plm_price price, uint8_t asset_decimals, uint8_t price_decimals, plm_val *out)
{
    PLM_ASSERT(out != NULL);
    struct plm_quotient q = {0};
    plm_fix_asset_quotient(atoms, price, asset_decimals, price_decimals, &q);
    return plm_fix_ceil_checked(&q, &out->wad) ? PLM_OK : PLM_E_OVERFLOW;
}

plm_val plm_fix_asset_value_floor(plm_amt atoms,
                                  plm_price price,
                                  uint8_t asset_decimals,
                                  uint8_t price_decimals)
{
    struct plm_quotient q = {0};
    plm_fix_asset_quotient(atoms, price, asset_decimals, price_decimals, &q);
    const plm_val value = {plm_fix_floor(&q)};
    return value;
}

plm_val plm_fix_asset_value_ceil(plm_amt atoms,
                                 plm_price price,
                                 uint8_t asset_decimals,
                                 uint8_t price_decimals)
{
    struct plm_quotient q = {0};
    plm_fix_asset_quotient(atoms, price, asset_decimals, price_decimals, &q);
    const plm_val value = {plm_fix_ceil(&q)};
    return value;
}

static void plm_fix_atoms_for_quotient(plm_val value,
                                       plm_price price,
                                       uint8_t asset_decimals,
                                       uint8_t price_decimals,
                                       struct plm_quotient *out)
{
    PLM_ASSERT(price.ticks > 0);
    PLM_ASSERT(asset_decimals <= PLM_ASSET_DECIMALS_MAX);
    PLM_ASSERT(price_decimals <= PLM_PRICE_DECIMALS_MAX);
    const plm_u128 magnitude = plm_fix_unsigned(value.wad);
    const uint32_t decimals = (uint32_t)asset_decimals + price_decimals;
    if (decimals >= PLM_WAD_DECIMALS) {
        const plm_u256 n = plm_wide_mul(magnitude, plm_wide_pow10(decimals - PLM_WAD_DECIMALS));
        plm_fix_divide(&n, plm_wide_make(0, price.ticks), false, out);
        return;
    }
    const uint64_t scale = plm_wide_pow10(PLM_WAD_DECIMALS - decimals).lo;
    plm_fix_divide_product(magnitude, 1, plm_wide_mul_limb(price.ticks, scale), false, out);
}

plm_amt plm_fix_atoms_for_value_floor(plm_val value,
                                      plm_price price,
                                      uint8_t asset_decimals,
                                      uint8_t price_decimals)
{
    struct plm_quotient q = {0};
    plm_fix_atoms_for_quotient(value, price, asset_decimals, price_decimals, &q);
    plm_amt atoms = {plm_wide_i128_make(INT64_MAX, UINT64_MAX)};
    (void)plm_fix_floor_checked(&q, &atoms.atoms);
    return atoms;
}

plm_amt plm_fix_atoms_for_value_ceil(plm_val value,
                                     plm_price price,
                                     uint8_t asset_decimals,
                                     uint8_t price_decimals)
{
    struct plm_quotient q = {0};
    plm_fix_atoms_for_quotient(value, price, asset_decimals, price_decimals, &q);
    plm_amt atoms = {plm_wide_i128_make(INT64_MAX, UINT64_MAX)};
    (void)plm_fix_ceil_checked(&q, &atoms.atoms);
    return atoms;
}

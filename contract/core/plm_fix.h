// SPDX-License-Identifier: Apache-2.0
/* Typed arithmetic over the units: sums, products and the few quotients of the rulebook. [UNIT]
 * Bounds are checked where a number enters the engine [UNIT-3], so inner sums are total: they
 * assert that they fit and return by value. A `_checked` function returns an error instead.
 * Rounding is in the name, toward -infinity or +infinity. This file knows no record and no rule. */
#ifndef PLM_CORE_FIX_H
#define PLM_CORE_FIX_H

#include "plm_assert.h"
#include "plm_int.h"
#include "plm_wide.h"

#include <plm/plm_err.h>
#include <plm/plm_units.h>

#include <stdbool.h>
#include <stdint.h>

#define PLM_PPM_ONE            1000000U                      /* the ratio one */
#define PLM_NANO_ONE           1000000000U                   /* the rate one */
#define PLM_NANO_PER_PPM       1000                          /* a millionth as a rate */
#define PLM_WAD_ONE            UINT64_C(1000000000000000000) /* one quote unit */
#define PLM_WAD_DECIMALS       18U
#define PLM_ASSET_DECIMALS_MAX 24U
#define PLM_PRICE_DECIMALS_MAX 18U
#define PLM_SIZE_DECIMALS_MAX  18U
/* A cumulative index stays within this bound, so that a difference of two always fits i64. */
#define PLM_INDEX_MAX          ((INT64_C(1) << 62) - 1)

/* ---- plm_val: money ---- */

PLM_INLINE bool plm_val_is_zero(plm_val a)
{
    return plm_wide_i128_is_zero(a.wad);
}

PLM_INLINE bool plm_val_is_negative(plm_val a)
{
    return plm_wide_i128_is_negative(a.wad);
}

PLM_INLINE bool plm_val_is_positive(plm_val a)
{
    return plm_wide_i128_is_positive(a.wad);
}

/* -1, 0 or 1 as a is below, at or above b. */
PLM_INLINE int plm_val_cmp(plm_val a, plm_val b)
{
    return plm_wide_i128_cmp(a.wad, b.wad);
}

/* a + b, exact. Asserts that it fits. [UNIT-3] */
PLM_INLINE plm_val plm_val_add(plm_val a, plm_val b)
{
    const plm_val sum = {plm_wide_i128_add(a.wad, b.wad)};
    return sum;
}

/* a - b, exact. Asserts that it fits. [UNIT-3] */
PLM_INLINE plm_val plm_val_sub(plm_val a, plm_val b)
{
    const plm_val difference = {plm_wide_i128_sub(a.wad, b.wad)};
    return difference;
}

/* *sum becomes *sum + a, or *sum - a, exact. Assert that it fits. [UNIT-3] */
PLM_INLINE void plm_val_add_to(plm_val *sum, plm_val a)
{
    const bool fits = plm_wide_i128_add_checked(sum->wad, a.wad, &sum->wad);
    PLM_ASSERT(fits);
}

PLM_INLINE void plm_val_sub_from(plm_val *sum, plm_val a)
{
    const bool fits = plm_wide_i128_sub_checked(sum->wad, a.wad, &sum->wad);
    PLM_ASSERT(fits);
}

/* *out = a + b, exact. Errors: E_OVERFLOW. */
PLM_INLINE plm_err plm_val_add_checked(plm_val a, plm_val b, plm_val *out)
{
    return plm_wide_i128_add_checked(a.wad, b.wad, &out->wad) ? PLM_OK : PLM_E_OVERFLOW;
}

/* *out = a - b, exact. Errors: E_OVERFLOW. */
PLM_INLINE plm_err plm_val_sub_checked(plm_val a, plm_val b, plm_val *out)
{
    return plm_wide_i128_sub_checked(a.wad, b.wad, &out->wad) ? PLM_OK : PLM_E_OVERFLOW;
}

PLM_INLINE plm_val plm_val_neg(plm_val a)
{
    const plm_val negated = {plm_wide_i128_neg(a.wad)};
    return negated;
}

PLM_INLINE plm_val plm_val_abs(plm_val a)
{
    return plm_val_is_negative(a) ? plm_val_neg(a) : a;
}

PLM_INLINE plm_val plm_val_min(plm_val a, plm_val b)
{
    return plm_val_cmp(b, a) < 0 ? b : a;
}

PLM_INLINE plm_val plm_val_max(plm_val a, plm_val b)
{
    return plm_val_cmp(b, a) > 0 ? b : a;
}

/* whole quote units x 1e18, exact: 2^63 * 10^18 < 2^127. Asserts whole_quote_units > -2^63. */
PLM_INLINE plm_val plm_val_from_quote(int64_t whole_quote_units)
{
    const plm_val value = {plm_wide_i128_mul_i64_u64(whole_quote_units, PLM_WAD_ONE)};
    return value;
}

/* ---- plm_wval: value x ppm ---- */

PLM_INLINE bool plm_wval_is_zero(plm_wval a)
{
    return plm_wide_i128_is_zero(a.wadppm);
}

PLM_INLINE bool plm_wval_is_negative(plm_wval a)
{
    return plm_wide_i128_is_negative(a.wadppm);
}

PLM_INLINE bool plm_wval_is_positive(plm_wval a)
{
    return plm_wide_i128_is_positive(a.wadppm);
}

/* -1, 0 or 1 as a is below, at or above b. */
PLM_INLINE int plm_wval_cmp(plm_wval a, plm_wval b)
{
    return plm_wide_i128_cmp(a.wadppm, b.wadppm);
}

/* a + b, exact. Asserts that it fits. [UNIT-3] */
PLM_INLINE plm_wval plm_wval_add(plm_wval a, plm_wval b)
{
    const plm_wval sum = {plm_wide_i128_add(a.wadppm, b.wadppm)};
    return sum;
}

/* a - b, exact. Asserts that it fits. [UNIT-3] */
PLM_INLINE plm_wval plm_wval_sub(plm_wval a, plm_wval b)
{
    const plm_wval difference = {plm_wide_i128_sub(a.wadppm, b.wadppm)};
    return difference;
}

/* *sum becomes *sum + a, or *sum - a, exact. Assert that it fits. [UNIT-3] */
PLM_INLINE void plm_wval_add_to(plm_wval *sum, plm_wval a)
{
    const bool fits = plm_wide_i128_add_checked(sum->wadppm, a.wadppm, &sum->wadppm);
    PLM_ASSERT(fits);
}

PLM_INLINE void plm_wval_sub_from(plm_wval *sum, plm_wval a)
{
    const bool fits = plm_wide_i128_sub_checked(sum->wadppm, a.wadppm, &sum->wadppm);
    PLM_ASSERT(fits);
}

/* *out = a + b, exact. Errors: E_OVERFLOW. */
PLM_INLINE plm_err plm_wval_add_checked(plm_wval a, plm_wval b, plm_wval *out)
{
    return plm_wide_i128_add_checked(a.wadppm, b.wadppm, &out->wadppm) ? PLM_OK : PLM_E_OVERFLOW;
}

/* *out = a - b, exact. Errors: E_OVERFLOW. */
PLM_INLINE plm_err plm_wval_sub_checked(plm_wval a, plm_wval b, plm_wval *out)
{
    return plm_wide_i128_sub_checked(a.wadppm, b.wadppm, &out->wadppm) ? PLM_OK : PLM_E_OVERFLOW;
}

PLM_INLINE plm_wval plm_wval_neg(plm_wval a)
{
    const plm_wval negated = {plm_wide_i128_neg(a.wadppm)};
    return negated;
}

PLM_INLINE plm_wval plm_wval_abs(plm_wval a)
{
    return plm_wval_is_negative(a) ? plm_wval_neg(a) : a;
}

PLM_INLINE plm_wval plm_wval_min(plm_wval a, plm_wval b)
{
    return plm_wval_cmp(b, a) < 0 ? b : a;
}

PLM_INLINE plm_wval plm_wval_max(plm_wval a, plm_wval b)
{
    return plm_wval_cmp(b, a) > 0 ? b : a;
}

/* ---- plm_amt: token amounts ---- */

PLM_INLINE bool plm_amt_is_zero(plm_amt a)
{
    return plm_wide_i128_is_zero(a.atoms);
}

PLM_INLINE bool plm_amt_is_negative(plm_amt a)
{
    return plm_wide_i128_is_negative(a.atoms);
}

PLM_INLINE bool plm_amt_is_positive(plm_amt a)
{
    return plm_wide_i128_is_positive(a.atoms);
}

/* -1, 0 or 1 as a is below, at or above b. */
PLM_INLINE int plm_amt_cmp(plm_amt a, plm_amt b)
{
    return plm_wide_i128_cmp(a.atoms, b.atoms);
}

/* a + b, exact. Asserts that it fits. [UNIT-3] */
PLM_INLINE plm_amt plm_amt_add(plm_amt a, plm_amt b)
{
    const plm_amt sum = {plm_wide_i128_add(a.atoms, b.atoms)};
    return sum;
}

/* a - b, exact. Asserts that it fits. [UNIT-3] */
PLM_INLINE plm_amt plm_amt_sub(plm_amt a, plm_amt b)
{
    const plm_amt difference = {plm_wide_i128_sub(a.atoms, b.atoms)};
    return difference;
}

/* *sum becomes *sum + a, or *sum - a, exact. Assert that it fits. [UNIT-3] */
PLM_INLINE void plm_amt_add_to(plm_amt *sum, plm_amt a)
{
    const bool fits = plm_wide_i128_add_checked(sum->atoms, a.atoms, &sum->atoms);
    PLM_ASSERT(fits);
}

PLM_INLINE void plm_amt_sub_from(plm_amt *sum, plm_amt a)
{
    const bool fits = plm_wide_i128_sub_checked(sum->atoms, a.atoms, &sum->atoms);
    PLM_ASSERT(fits);
}

/* *out = a + b, exact. Errors: E_OVERFLOW. */
PLM_INLINE plm_err plm_amt_add_checked(plm_amt a, plm_amt b, plm_amt *out)
{
    return plm_wide_i128_add_checked(a.atoms, b.atoms, &out->atoms) ? PLM_OK : PLM_E_OVERFLOW;
}

/* *out = a - b, exact. Errors: E_OVERFLOW. */
PLM_INLINE plm_err plm_amt_sub_checked(plm_amt a, plm_amt b, plm_amt *out)
{
    return plm_wide_i128_sub_checked(a.atoms, b.atoms, &out->atoms) ? PLM_OK : PLM_E_OVERFLOW;
}

PLM_INLINE plm_amt plm_amt_neg(plm_amt a)
{
    const plm_amt negated = {plm_wide_i128_neg(a.atoms)};
    return negated;
}

PLM_INLINE plm_amt plm_amt_abs(plm_amt a)
{
    return plm_amt_is_negative(a) ? plm_amt_neg(a) : a;
}

PLM_INLINE plm_amt plm_amt_min(plm_amt a, plm_amt b)
{
    return plm_amt_cmp(b, a) < 0 ? b : a;
}

PLM_INLINE plm_amt plm_amt_max(plm_amt a, plm_amt b)
{
    return plm_amt_cmp(b, a) > 0 ? b : a;
}

/* floor((a + b) / 2), the step of a bisection. Asserts 0 <= a <= b. */
PLM_INLINE plm_amt plm_amt_mean_floor(plm_amt a, plm_amt b)
{
    PLM_ASSERT(!plm_amt_is_negative(a));
    const plm_i128 width = plm_wide_i128_sub(b.atoms, a.atoms);
    PLM_ASSERT(!plm_wide_i128_is_negative(width));
    const uint64_t high = (uint64_t)width.hi;
    const uint64_t carried = (high & 1U) << 63;
    const plm_i128 half = plm_wide_i128_make((int64_t)(high >> 1), carried | (width.lo >> 1));
    const plm_amt mean = {plm_wide_i128_add(a.atoms, half)};
    return mean;
}

/* An unsigned amount of the token's atoms. */
PLM_INLINE plm_amt plm_amt_from_u64(uint64_t atoms)
{
    const plm_amt amount = {plm_wide_i128_from_u64(atoms)};
    return amount;
}

/* ---- plm_qty: size; -2^63 is not a value ---- */

PLM_INLINE bool plm_qty_is_zero(plm_qty a)
{
    return a.lots == 0;
}

PLM_INLINE bool plm_qty_is_long(plm_qty a)
{
    return a.lots > 0;
}

PLM_INLINE bool plm_qty_is_short(plm_qty a)
{
    return a.lots < 0;
}

/* -1, 0 or 1 as a is below, at or above b. */
PLM_INLINE int plm_qty_cmp(plm_qty a, plm_qty b)
{
    return (a.lots > b.lots ? 1 : 0) - (a.lots < b.lots ? 1 : 0);
}

/* *out = a + b, exact. Errors: E_OVERFLOW. */
PLM_INLINE plm_err plm_qty_add_checked(plm_qty a, plm_qty b, plm_qty *out)
{
    return plm_int_add_i64_checked(a.lots, b.lots, &out->lots) ? PLM_OK : PLM_E_OVERFLOW;
}

/* *out = a - b, exact. Errors: E_OVERFLOW. */
PLM_INLINE plm_err plm_qty_sub_checked(plm_qty a, plm_qty b, plm_qty *out)
{
    return plm_int_sub_i64_checked(a.lots, b.lots, &out->lots) ? PLM_OK : PLM_E_OVERFLOW;
}

/* a + b, exact. Asserts that it fits. [UNIT-3] */
PLM_INLINE plm_qty plm_qty_add(plm_qty a, plm_qty b)
{
    plm_qty sum = {0};
    const bool fits = plm_int_add_i64_checked(a.lots, b.lots, &sum.lots);
    PLM_ASSERT(fits);
    return sum;
}

/* a - b, exact. Asserts that it fits. [UNIT-3] */
PLM_INLINE plm_qty plm_qty_sub(plm_qty a, plm_qty b)
{
    plm_qty difference = {0};
    const bool fits = plm_int_sub_i64_checked(a.lots, b.lots, &difference.lots);
    PLM_ASSERT(fits);
    return difference;
}

/* -a. Asserts that a is a value. */
PLM_INLINE plm_qty plm_qty_neg(plm_qty a)
{
    PLM_ASSERT(a.lots != INT64_MIN);
    const plm_qty negated = {-a.lots};
    return negated;
}

/* |a|. Asserts that a is a value. */
PLM_INLINE plm_qty plm_qty_abs(plm_qty a)
{
    return a.lots < 0 ? plm_qty_neg(a) : a;
}

PLM_INLINE plm_qty plm_qty_min(plm_qty a, plm_qty b)
{
    return b.lots < a.lots ? b : a;
}

PLM_INLINE plm_qty plm_qty_max(plm_qty a, plm_qty b)
{
    return b.lots > a.lots ? b : a;
}

/* ---- plm_price ---- */

PLM_INLINE bool plm_price_is_zero(plm_price a)
{
    return a.ticks == 0;
}

/* -1, 0 or 1 as a is below, at or above b. */
PLM_INLINE int plm_price_cmp(plm_price a, plm_price b)
{
    return (a.ticks > b.ticks ? 1 : 0) - (a.ticks < b.ticks ? 1 : 0);
}

PLM_INLINE plm_price plm_price_min(plm_price a, plm_price b)
{
    return b.ticks < a.ticks ? b : a;
}

PLM_INLINE plm_price plm_price_max(plm_price a, plm_price b)
{
    return b.ticks > a.ticks ? b : a;
}

/* *out = a + b, exact. Errors: E_OVERFLOW. */
PLM_INLINE plm_err plm_price_add_checked(plm_price a, plm_price b, plm_price *out)
{
    return plm_int_add_u64_checked(a.ticks, b.ticks, &out->ticks) ? PLM_OK : PLM_E_OVERFLOW;
}

/* min(a + b, 2^64 - 1): the upper edge of a band never wraps below it. */
PLM_INLINE plm_price plm_price_add_or_max(plm_price a, plm_price b)
{
    plm_price sum = {0};
    if (!plm_int_add_u64_checked(a.ticks, b.ticks, &sum.ticks)) {
        sum.ticks = UINT64_MAX;
    }
    return sum;
}

/* max(a - b, 0): the lower edge of a band never wraps above it. */
PLM_INLINE plm_price plm_price_sub_or_zero(plm_price a, plm_price b)
{
    const plm_price difference = {a.ticks > b.ticks ? a.ticks - b.ticks : 0};
    return difference;
}

/* floor((a + b) / 2), the middle of a median of an even count. */
PLM_INLINE plm_price plm_price_mean_floor(plm_price a, plm_price b)
{
    const plm_price mean = {(a.ticks & b.ticks) + ((a.ticks ^ b.ticks) >> 1)};
    return mean;
}

/* |a - b|. */
PLM_INLINE plm_price plm_price_distance(plm_price a, plm_price b)
{
    const plm_price distance = {a.ticks > b.ticks ? a.ticks - b.ticks : b.ticks - a.ticks};
    return distance;
}

/* True when a is a whole number of steps. Asserts step > 0. */
PLM_INLINE bool plm_price_is_multiple(plm_price a, plm_price step)
{
    return plm_int_mod_u64(a.ticks, step.ticks) == 0;
}

/* *out = a - b, signed. Errors: E_OVERFLOW when |a - b| >= 2^63. */
plm_err plm_price_difference_checked(plm_price a, plm_price b, plm_index *out);

/* ---- plm_index: cumulative payments of one side, and their differences ---- */

/* *out = index + step. Errors: E_OVERFLOW when |index + step| > 2^62 - 1, so that the difference of
 * any two indices fits. [UNIT-3] */
PLM_INLINE plm_err plm_index_add_checked(plm_index index, plm_index step, plm_index *out)
{
    int64_t sum = 0;
    if (!plm_int_add_i64_checked(index.ticks, step.ticks, &sum)) {
        return PLM_E_OVERFLOW;
    }
    if (sum > PLM_INDEX_MAX || sum < -PLM_INDEX_MAX) {
        return PLM_E_OVERFLOW;
    }
    out->ticks = sum;
    return PLM_OK;
}

/* a - b, exact. Asserts that it fits, which two indices within the bound always do. */
PLM_INLINE plm_index plm_index_sub(plm_index a, plm_index b)
{
    plm_index difference = {0};
    const bool fits = plm_int_sub_i64_checked(a.ticks, b.ticks, &difference.ticks);
    PLM_ASSERT(fits);
    return difference;
}

/* -a. Asserts a > -2^63. */
PLM_INLINE plm_index plm_index_neg(plm_index a)
{
    PLM_ASSERT(a.ticks != INT64_MIN);
    const plm_index negated = {-a.ticks};
    return negated;
}

PLM_INLINE bool plm_index_is_zero(plm_index a)
{
    return a.ticks == 0;
}

/* -1, 0 or 1 as a is below, at or above b. */
PLM_INLINE int plm_index_cmp(plm_index a, plm_index b)
{
    return (a.ticks > b.ticks ? 1 : 0) - (a.ticks < b.ticks ? 1 : 0);
}

/* ---- plm_ratio, plm_rate and plm_time ---- */

/* -1, 0 or 1 as a is below, at or above b. */
PLM_INLINE int plm_ratio_cmp(plm_ratio a, plm_ratio b)
{
    return (a.ppm > b.ppm ? 1 : 0) - (a.ppm < b.ppm ? 1 : 0);
}

PLM_INLINE plm_ratio plm_ratio_max(plm_ratio a, plm_ratio b)
{
    return b.ppm > a.ppm ? b : a;
}

PLM_INLINE plm_ratio plm_ratio_min(plm_ratio a, plm_ratio b)
{
    return b.ppm < a.ppm ? b : a;
}

/* -1, 0 or 1 as a is below, at or above b. */
PLM_INLINE int plm_rate_cmp(plm_rate a, plm_rate b)
{
    return (a.nano > b.nano ? 1 : 0) - (a.nano < b.nano ? 1 : 0);
}

/* -1, 0 or 1 as a is before, at or after b. */
PLM_INLINE int plm_time_cmp(plm_time a, plm_time b)
{
    return (a.sec > b.sec ? 1 : 0) - (a.sec < b.sec ? 1 : 0);
}

/* Seconds from then to now, 0 when then lies after now: a clock that stepped back charges nobody.
 */
PLM_INLINE uint64_t plm_time_since(plm_time now, plm_time then)
{
    return now.sec > then.sec ? now.sec - then.sec : 0;
}

/* t + seconds, at most 2^63 - 1: an end that is never reached rather than one that has passed. */
PLM_INLINE plm_time plm_time_add(plm_time t, uint64_t seconds)
{
    plm_time sum = {0};
    if (!plm_int_add_u64_checked(t.sec, seconds, &sum.sec) || sum.sec > (uint64_t)INT64_MAX) {
        sum.sec = (uint64_t)INT64_MAX;
    }
    return sum;
}

PLM_INLINE plm_time plm_time_min(plm_time a, plm_time b)
{
    return b.sec < a.sec ? b : a;
}

PLM_INLINE plm_time plm_time_max(plm_time a, plm_time b)
{
    return b.sec > a.sec ? b : a;
}

/* a + b and a - b, exact. Assert that they fit. */
PLM_INLINE plm_rate plm_rate_add(plm_rate a, plm_rate b)
{
    plm_rate sum = {0};
    const bool fits = plm_int_add_i64_checked(a.nano, b.nano, &sum.nano);
    PLM_ASSERT(fits);
    return sum;
}

PLM_INLINE plm_rate plm_rate_sub(plm_rate a, plm_rate b)
{
    plm_rate difference = {0};
    const bool fits = plm_int_sub_i64_checked(a.nano, b.nano, &difference.nano);
    PLM_ASSERT(fits);
    return difference;
}

/* a within [-bound, bound]. Asserts bound >= 0. */
PLM_INLINE plm_rate plm_rate_clamp(plm_rate a, plm_rate bound)
{
    PLM_ASSERT(bound.nano >= 0);
    const plm_rate low = {-bound.nano};
    const plm_rate capped = a.nano > bound.nano ? bound : a;
    return capped.nano < low.nano ? low : capped;
}

/* rate * times, exact. Asserts that it fits. */
PLM_INLINE plm_rate plm_fix_rate_times(plm_rate rate, uint32_t times)
{
    const plm_i128 product = plm_wide_i128_mul_i64(rate.nano, (int64_t)times);
    const plm_rate scaled = {(int64_t)product.lo};
    PLM_ASSERT(plm_wide_i128_cmp(product, plm_wide_i128_from_i64(scaled.nano)) == 0);
    return scaled;
}

/* floor(rate / divisor), toward minus infinity. Asserts divisor > 0. */
PLM_INLINE plm_rate plm_fix_rate_div_floor(plm_rate rate, uint32_t divisor)
{
    const plm_rate quotient = {plm_int_div_i64_floor(rate.nano, (int64_t)divisor)};
    return quotient;
}

/* The same number as a rate, exact. */
PLM_INLINE plm_rate plm_fix_ratio_to_rate(plm_ratio ratio)
{
    const plm_rate rate = {(int64_t)ratio.ppm * PLM_NANO_PER_PPM};
    return rate;
}

/* min(a + b, 1). Asserts nothing: the sum of two 32-bit numbers fits 64 bits. */
PLM_INLINE plm_ratio plm_fix_ratio_add_clamped(plm_ratio a, plm_ratio b)
{
    const uint64_t sum = (uint64_t)a.ppm + b.ppm;
    const plm_ratio clamped = {sum < PLM_PPM_ONE ? (uint32_t)sum : PLM_PPM_ONE};
    return clamped;
}

/* max(a - b, 0). */
PLM_INLINE plm_ratio plm_fix_ratio_sub_or_zero(plm_ratio a, plm_ratio b)
{
    const plm_ratio difference = {a.ppm > b.ppm ? a.ppm - b.ppm : 0U};
    return difference;
}

/* floor(a * b / 1e6) and ceil(a * b / 1e6), a part of a ratio, clamped to one. */
plm_ratio plm_fix_ratio_part_floor(plm_ratio a, plm_ratio b);
plm_ratio plm_fix_ratio_part_ceil(plm_ratio a, plm_ratio b);

/* floor(a * part / whole) and ceil(a * part / whole): a ratio scaled by two values, rounded once,
 * clamped to one. Asserts part >= 0 and whole > 0. */
plm_ratio plm_fix_ratio_scale_floor(plm_ratio a, plm_val part, plm_val whole);
plm_ratio plm_fix_ratio_scale_ceil(plm_ratio a, plm_val part, plm_val whole);

/* floor(a / divisor), such as the fifth of MARGIN-3. Asserts divisor > 0. */
plm_ratio plm_fix_ratio_div_floor(plm_ratio a, uint32_t divisor);

/* min(most, start + step * times), exact: a band that widens, a fee that grows. */
plm_ratio
plm_fix_ratio_grow_clamped(plm_ratio start, plm_ratio step, uint64_t times, plm_ratio most);

/* ---- exact products ---- */

/* lots x price, signed: the product is the value. [UNIT-1] Exact; it cannot overflow, because
 * |lots| < 2^63 and price < 2^64. Cost: one 64-bit product. */
PLM_INLINE plm_val plm_fix_notional(plm_qty qty, plm_price price)
{
    const plm_val value = {plm_wide_i128_mul_i64_u64(qty.lots, price.ticks)};
    return value;
}

/* lots x index difference, signed. Exact; |lots x difference| <= 2^126. */
PLM_INLINE plm_val plm_fix_payment(plm_qty qty, plm_index delta)
{
    const plm_val value = {plm_wide_i128_mul_i64(qty.lots, delta.ticks)};
    return value;
}

/* The general case of the next function. */
plm_wval plm_fix_weigh_wide(plm_val value, plm_ratio ratio);

/* value x ppm, signed, not divided: a requirement or a haircut. Exact. Asserts that it fits, which
 * |value| <= 1.7e14 quote units at ratios up to one always does. [UNIT-3]
 * Below 2^106, some 8e13 quote units, two's complement is multiplied limb by limb: hi x ppm stays
 * below 2^62, and the carry of lo x ppm below 2^20, so that nothing can overflow. */
PLM_INLINE plm_wval plm_fix_weigh(plm_val value, plm_ratio ratio)
{
    const int64_t hi = value.wad.hi;
    const int64_t bound = INT64_C(1) << 42;
    if (ratio.ppm > PLM_PPM_ONE || hi >= bound || hi < -bound) {
        return plm_fix_weigh_wide(value, ratio);
    }
    const plm_u128 low = plm_wide_mul_limb(value.wad.lo, ratio.ppm);
    const plm_wval weighted = {
        plm_wide_i128_make(hi * (int64_t)ratio.ppm + (int64_t)low.hi, low.lo)};
    return weighted;
}

/* value x 1e6: the side of a margin test that is not weighted. Exact. Asserts that it fits. */
PLM_INLINE plm_wval plm_fix_val_to_wval(plm_val value)
{
    const plm_ratio one = {PLM_PPM_ONE};
    return plm_fix_weigh(value, one);
}

/* The sign of a*b - c*d, exact in 256 bits. Ranking and gates compare ratios by this and never
 * divide. [UNIT-5] */
int plm_wval_cmp_products(plm_wval a, plm_wval b, plm_wval c, plm_wval d);

/* The sign of a*x - b*y for values and rates, exact in 256 bits. [UNIT-5] */
int plm_fix_cmp_rated(plm_val a, plm_rate x, plm_val b, plm_rate y);

/* ---- quotients of values ---- */

/* weighted / 1e6, rounded for display or payment. Cost: one constant-divisor step pair. */
plm_val plm_fix_wval_to_val_floor(plm_wval weighted);
plm_val plm_fix_wval_to_val_ceil(plm_wval weighted);

/* value * ppm / 1e6 through an exact product of 160 bits: floor for what is received, ceil for what
 * is paid. [UNIT-4] Asserts that the result fits, which a ratio up to one always does. */
plm_val plm_fix_part_floor(plm_val value, plm_ratio ratio);
plm_val plm_fix_part_ceil(plm_val value, plm_ratio ratio);

/* a * b / c through an exact product of 256 bits, any signs of a and b. Asserts c > 0 and that the
 * result fits. Cost: one 3-by-2 division. */
plm_val plm_fix_muldiv_floor(plm_val a, plm_val b, plm_val c);
plm_val plm_fix_muldiv_ceil(plm_val a, plm_val b, plm_val c);

/* *out = a * b / c as above. Errors: E_OVERFLOW when the result does not fit. Asserts c > 0. */
plm_err plm_fix_muldiv_floor_checked(plm_val a, plm_val b, plm_val c, plm_val *out);
plm_err plm_fix_muldiv_ceil_checked(plm_val a, plm_val b, plm_val c, plm_val *out);

/* a * factor / 1e18, any signs: shares times a growth factor that starts at one. Asserts that the
 * result fits. Cost: one constant-divisor step pair, a third of the general form. */
plm_val plm_fix_mul_wad_floor(plm_val a, plm_val factor);
plm_val plm_fix_mul_wad_ceil(plm_val a, plm_val factor);

/* value * part / whole: the share of a closed part in a position's entry value, any signs of value
 * and part. Asserts whole > 0 and that the result fits, which |part| <= whole always does. */
plm_val plm_fix_share_floor(plm_val value, plm_qty part, plm_qty whole);
plm_val plm_fix_share_ceil(plm_val value, plm_qty part, plm_qty whole);

/* value * rate * seconds / 1e9, signed: interest on a value over a time. Asserts that the result
 * fits. */
plm_val plm_fix_accrue_floor(plm_val value, plm_rate per_second, uint64_t seconds);
plm_val plm_fix_accrue_ceil(plm_val value, plm_rate per_second, uint64_t seconds);

/* value / price in lots, clamped to 2^63 - 1. Asserts value >= 0 and price > 0. */
plm_qty plm_fix_lots_floor(plm_val value, plm_price price);
plm_qty plm_fix_lots_ceil(plm_val value, plm_price price);

/* lots * ppm / 1e6, signed. Asserts a ratio up to one, with which the result always fits. */
plm_qty plm_fix_qty_part_floor(plm_qty qty, plm_ratio ratio);
plm_qty plm_fix_qty_part_ceil(plm_qty qty, plm_ratio ratio);

/* part * 1e6 / whole as a ratio, clamped to [0, 1e6]; a negative part gives zero. Asserts
 * whole > 0. */
plm_ratio plm_fix_ratio_of_floor(plm_val part, plm_val whole);
plm_ratio plm_fix_ratio_of_ceil(plm_val part, plm_val whole);

/* part * 1e9 / whole as a signed rate, clamped to |rate| <= 2^63 - 1. Asserts whole > 0. */
plm_rate plm_fix_rate_of_floor(plm_val part, plm_val whole);
plm_rate plm_fix_rate_of_ceil(plm_val part, plm_val whole);

/* ---- quotients of prices ---- */

/* price * ppm / 1e6: the width of a band. Clamped to 2^64 - 1, which only a ratio above one
 * reaches. */
plm_price plm_fix_price_part_floor(plm_price price, plm_ratio ratio);
plm_price plm_fix_price_part_ceil(plm_price price, plm_ratio ratio);

/* price * rate * seconds / 1e9: a band that widens, a funding step. Saturates at 2^64 - 1. Asserts
 * rate >= 0; a caller with a signed rate takes its magnitude and puts the sign back. */
plm_price plm_fix_price_rate_floor(plm_price price, plm_rate per_second, uint64_t seconds);
plm_price plm_fix_price_rate_ceil(plm_price price, plm_rate per_second, uint64_t seconds);

/* floor(price * part / whole): a share of a distance between prices. Asserts part <= whole and
 * whole > 0. */
plm_price plm_fix_price_share_floor(plm_price price, uint64_t part, uint64_t whole);

/* ceil(distance / (price * ratio)), a distance counted in bands, exact before it is rounded; 0 for
 * no distance, clamped to 2^64 - 1. Asserts price > 0 and ratio > 0. */
uint64_t plm_fix_price_bands_ceil(plm_price distance, plm_price price, plm_ratio ratio);

/* floor((price * rate * seconds + *rest) / (1e9 * seconds_per)): one step of a cumulative index at
 * a rate per `seconds_per`; *rest becomes the remainder, in [0, 1e9 * seconds_per), so that the
 * steps of any split of an interval add up to the step of the whole. [FUND-1] Asserts seconds_per
 * > 0, a rest in that range, and that the step fits. */
plm_index plm_fix_index_step_floor(
    plm_price price, plm_rate rate, uint64_t seconds, uint32_t seconds_per, plm_val *rest);

/* delta * 1e9 / base: a premium as a signed rate, clamped to |rate| <= 2^63 - 1. Asserts base > 0
 * and delta > -2^63. */
plm_rate plm_fix_price_rate_of_floor(plm_price base, plm_index delta);
plm_rate plm_fix_price_rate_of_ceil(plm_price base, plm_index delta);

/* The floor of the two above, under its shorter name. */
PLM_INLINE plm_rate plm_fix_price_rate_of(plm_price base, plm_index delta)
{
    return plm_fix_price_rate_of_floor(base, delta);
}

/* value / lots in price units: a loss spread over a side, a bankruptcy price. Clamped to 2^64 - 1.
 * Asserts value >= 0 and lots > 0. */
plm_price plm_fix_price_per_lot_floor(plm_val value, plm_qty lots);
plm_price plm_fix_price_per_lot_ceil(plm_val value, plm_qty lots);

/* ceil(imf * sqrt(size)) in ppm, clamped to 1e6. [MARGIN-3]
 * With imf = imf_nano * 1e-9 per root of a base unit and size = lots / 10^size_decimals, the result
 * is the least p with p >= imf_nano * sqrt(lots / 10^size_decimals) / 1000, that is
 *   p = ceil(sqrt(ceil(imf_nano^2 * lots / 10^(6 + size_decimals)))):
 * a square is an integer, so the inner ceil loses nothing and the result is the exact ceil.
 * Against the account by less than one ppm. Asserts abs_lots >= 0, size_decimals <= 18. */
plm_ratio plm_fix_size_premium_ceil(uint64_t imf_nano, plm_qty abs_lots, uint8_t size_decimals);

/* The same with the market's own parameter. Asserts imf >= 0. */
PLM_INLINE plm_ratio plm_fix_size_premium_of_ceil(plm_rate imf,
                                                  plm_qty abs_lots,
                                                  uint8_t size_decimals)
{
    PLM_ASSERT(imf.nano >= 0);
    return plm_fix_size_premium_ceil((uint64_t)imf.nano, abs_lots, size_decimals);
}

/* True when the premium above is at most `limit`, without a root or a division: for an integer k,
 *   ceil(imf * sqrt(size)) <= k  if and only if  imf_nano^2 * lots <= k^2 * 10^(6 + size_decimals).
 * Asserts imf >= 0, abs_lots >= 0, size_decimals <= 18. Cost: four products. */
bool plm_fix_size_premium_is_within(plm_rate imf,
                                    plm_qty abs_lots,
                                    uint8_t size_decimals,
                                    plm_ratio limit);

/* ---- atoms and value: the token boundary ---- */

/* atoms * 10^(18 - decimals), exact. [UNIT-2] Asserts decimals <= 18 and that it fits. */
plm_val plm_fix_atoms_to_val(plm_amt atoms, uint8_t decimals);

/* *out = atoms * 10^(18 - decimals), exact. Errors: E_OVERFLOW. Asserts decimals <= 18. */
plm_err plm_fix_atoms_to_val_checked(plm_amt atoms, uint8_t decimals, plm_val *out);

/* value / 10^(18 - decimals): floor for what is paid out, ceil for what is owed. Asserts
 * decimals <= 18. */
plm_amt plm_fix_val_to_atoms_floor(plm_val value, uint8_t decimals);
plm_amt plm_fix_val_to_atoms_ceil(plm_val value, uint8_t decimals);

/* atoms * price * 10^(18 - asset_decimals - price_decimals) through an exact product of 256 bits:
 * floor for assets, ceil for debts. Asserts asset_decimals <= 24, price_decimals <= 18 and that the
 * result fits. */
plm_val plm_fix_asset_value_floor(plm_amt atoms,
                                  plm_price price,
                                  uint8_t asset_decimals,
                                  uint8_t price_decimals);
plm_val plm_fix_asset_value_ceil(plm_amt atoms,
                                 plm_price price,
                                 uint8_t asset_decimals,
                                 uint8_t price_decimals);

/* *out = the same. Errors: E_OVERFLOW when it does not fit. */
plm_err plm_fix_asset_value_floor_checked(
    plm_amt atoms, plm_price price, uint8_t asset_decimals, uint8_t price_decimals, plm_val *out);
plm_err plm_fix_asset_value_ceil_checked(
    plm_amt atoms, plm_price price, uint8_t asset_decimals, uint8_t price_decimals, plm_val *out);

/* value * 10^(asset_decimals + price_decimals - 18) / price: the atoms worth a value, the inverse
 * of the above. Clamped to 2^127 - 1. Asserts value >= 0, price > 0, asset_decimals <= 24 and
 * price_decimals <= 18. */
plm_amt plm_fix_atoms_for_value_floor(plm_val value,
                                      plm_price price,
                                      uint8_t asset_decimals,
                                      uint8_t price_decimals);
plm_amt plm_fix_atoms_for_value_ceil(plm_val value,
                                     plm_price price,
                                     uint8_t asset_decimals,
                                     uint8_t price_decimals);

/* value * part / whole of weighted values, signed: a leg's share of an equity. [MARGIN-8] [LIQ-7]
 * Asserts whole > 0 and that the result fits, which |part| <= whole always does. */
PLM_INLINE plm_wval plm_fix_wval_share_floor(plm_wval value, plm_wval part, plm_wval whole)
{
    const plm_val numerator = {value.wadppm};
    const plm_val factor = {part.wadppm};
    const plm_val divisor = {whole.wadppm};
    const plm_wval share = {plm_fix_muldiv_floor(numerator, factor, divisor).wad};
    return share;
}

/* weighted * ppm / 1e6, still weighted: beta of a leg's margins. [LIQ-2] Asserts as part_ceil. */
PLM_INLINE plm_wval plm_fix_wval_part_ceil(plm_wval weighted, plm_ratio ratio)
{
    const plm_val plain = {weighted.wadppm};
    const plm_wval part = {plm_fix_part_ceil(plain, ratio).wad};
    return part;
}

/* value * a / b of two ratios, rounded up. Asserts b > 0, value >= 0 and that the result fits. */
PLM_INLINE plm_val plm_fix_ratio_quotient_ceil(plm_val value, plm_ratio a, plm_ratio b)
{
    const plm_val numerator = {plm_wide_i128_from_u64(a.ppm)};
    const plm_val divisor = {plm_wide_i128_from_u64(b.ppm)};
    PLM_ASSERT(!plm_val_is_negative(value));
    return plm_fix_muldiv_ceil(value, numerator, divisor);
}

/* min(most, start + per_second x seconds): a fee, a discount that grows with a clock. [LIQ-3]
 * [LIQ-6] Exact; total, also where the product would leave 64 bits. */
PLM_INLINE plm_ratio plm_fix_ratio_grow(plm_ratio start,
                                        plm_ratio per_second,
                                        uint64_t seconds,
                                        plm_ratio most)
{
    if (start.ppm >= most.ppm) {
        return most;
    }
    if (per_second.ppm == 0) {
        return start;
    }
    if (seconds >= plm_int_div_u64_ceil(most.ppm - start.ppm, per_second.ppm)) {
        return most;
    }
    const plm_ratio grown = {start.ppm + (uint32_t)(seconds * per_second.ppm)};
    PLM_ASSERT(grown.ppm < most.ppm);
    return grown;
}

#endif

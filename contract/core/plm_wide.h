// SPDX-License-Identifier: Apache-2.0
/* Everything above 64 bits: 128- and 256-bit sums, products, quotients and roots.
 * Numbers of one, two and four limbs; names speak of the product, where a limb has 64 bits. With
 * PLM_LIMB_BITS 4 the same source is run on every operand by the exhaustive test.
 * This file knows no unit and no rule. Signed numbers exist at 64-bit limbs only. */
#ifndef PLM_CORE_WIDE_H
#define PLM_CORE_WIDE_H

#include "plm_assert.h"
#include "plm_int.h"

#include <plm/plm_units.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef PLM_LIMB_BITS
#define PLM_LIMB_BITS 64
#endif

PLM_STATIC_ASSERT(PLM_LIMB_BITS == 64 || PLM_LIMB_BITS == 4, "the product's limb, or the test's");

/* The native multiplier is used where there is one; -DPLM_WIDE_PORTABLE refuses it. Both agree bit
 * for bit. In wasm it would become a call into a runtime that the contract does not have. */
#if PLM_LIMB_BITS == 64 && defined(__SIZEOF_INT128__) && !defined(__wasm__) &&                     \
    !defined(PLM_WIDE_PORTABLE)
#define PLM_WIDE_NATIVE 1
#else
#define PLM_WIDE_NATIVE 0
#endif

#define PLM_LIMB_MAX  (UINT64_MAX >> (64 - PLM_LIMB_BITS))
#define PLM_HALF_BITS (PLM_LIMB_BITS / 2)
#define PLM_HALF_MAX  (PLM_LIMB_MAX >> PLM_HALF_BITS)

typedef uint64_t plm_limb; /* always <= PLM_LIMB_MAX */

typedef struct {
    plm_limb lo;
    plm_limb hi;
} plm_u128;

typedef struct {
    plm_limb limb[4]; /* least significant first */
} plm_u256;

/* A divisor of one limb with its reciprocal: norm = divisor * 2^shift has its top bit set and
 * reciprocal = floor((B^2 - 1) / norm) - B, where B = 2^PLM_LIMB_BITS. */
struct plm_divisor {
    plm_limb norm;
    plm_limb reciprocal;
    uint32_t shift;
};

/* ---- unsigned, one limb and two ---- */

/* x mod B: drops what a narrow limb cannot hold; nothing at 64 bits. */
PLM_INLINE plm_limb plm_wide_trim(uint64_t x)
{
    return x & PLM_LIMB_MAX;
}

/* The number hi * B + lo. */
PLM_INLINE plm_u128 plm_wide_make(plm_limb hi, plm_limb lo)
{
    const plm_u128 made = {.lo = lo, .hi = hi};
    return made;
}

PLM_INLINE bool plm_wide_is_zero(plm_u128 a)
{
    return (a.lo | a.hi) == 0;
}

/* -1, 0 or 1 as a is below, at or above b. */
PLM_INLINE int plm_wide_cmp(plm_u128 a, plm_u128 b)
{
    if (a.hi != b.hi) {
        return a.hi < b.hi ? -1 : 1;
    }
    if (a.lo != b.lo) {
        return a.lo < b.lo ? -1 : 1;
    }
    return 0;
}

/* a + b mod B^2. */
PLM_WRAPS PLM_INLINE plm_u128 plm_wide_add_wrap(plm_u128 a, plm_u128 b)
{
    const plm_limb lo = plm_wide_trim(a.lo + b.lo);
    const plm_limb carry = lo < a.lo ? 1U : 0U;
    return plm_wide_make(plm_wide_trim(a.hi + b.hi + carry), lo);
}

/* a - b mod B^2. */
PLM_WRAPS PLM_INLINE plm_u128 plm_wide_sub_wrap(plm_u128 a, plm_u128 b)
{
    const plm_limb borrow = a.lo < b.lo ? 1U : 0U;
    return plm_wide_make(plm_wide_trim(a.hi - b.hi - borrow), plm_wide_trim(a.lo - b.lo));
}

/* *out = a + b, exact; false when the sum leaves two limbs. */
PLM_INLINE bool plm_wide_add_checked(plm_u128 a, plm_u128 b, plm_u128 *out)
{
    const plm_u128 sum = plm_wide_add_wrap(a, b);
    if (plm_wide_cmp(sum, a) < 0) {
        return false;
    }
    *out = sum;
    return true;
}

/* a * b, exact, from four products of half limbs; the form of wasm and of narrow limbs. */
PLM_WRAPS PLM_INLINE plm_u128 plm_wide_mul_limb_portable(plm_limb a, plm_limb b)
{
    const plm_limb a_lo = a & PLM_HALF_MAX;
    const plm_limb a_hi = a >> PLM_HALF_BITS;
    const plm_limb b_lo = b & PLM_HALF_MAX;
    const plm_limb b_hi = b >> PLM_HALF_BITS;
    const plm_limb low = a_lo * b_lo;
    /* Neither sum passes a limb: (H-1)^2 + 2 (H-1) = H^2 - 1, H the half limb's base. */
    const plm_limb cross = a_hi * b_lo + (low >> PLM_HALF_BITS);
    const plm_limb middle = a_lo * b_hi + (cross & PLM_HALF_MAX);
    return plm_wide_make(a_hi * b_hi + (cross >> PLM_HALF_BITS) + (middle >> PLM_HALF_BITS),
                         plm_wide_trim(middle << PLM_HALF_BITS) | (low & PLM_HALF_MAX));
}

#if PLM_WIDE_NATIVE
/* a * b, exact, by the processor's own multiplier. */
PLM_INLINE plm_u128 plm_wide_mul_limb(plm_limb a, plm_limb b)
{
    __extension__ typedef unsigned __int128 plm_native;
    const plm_native product = (plm_native)a * b;
    return plm_wide_make((plm_limb)(product >> 64), (plm_limb)product);
}
#else
/* a * b, exact. */
PLM_INLINE plm_u128 plm_wide_mul_limb(plm_limb a, plm_limb b)
{
    return plm_wide_mul_limb_portable(a, b);
}
#endif

/* a * b, exact: three limbs, the fourth is zero. */
PLM_INLINE plm_u256 plm_wide_mul_by_limb(plm_u128 a, plm_limb b)
{
    const plm_u128 low = plm_wide_mul_limb(a.lo, b);
    const plm_u128 high = plm_wide_add_wrap(plm_wide_mul_limb(a.hi, b), plm_wide_make(0, low.hi));
    const plm_u256 product = {.limb = {low.lo, high.lo, high.hi, 0}};
    return product;
}

/* a * b, exact. No sum of a row can wrap: (B-1)^2 + (B-1) < B^2. */
PLM_INLINE plm_u256 plm_wide_mul(plm_u128 a, plm_u128 b)
{
    const plm_u128 low = plm_wide_mul_limb(a.lo, b.lo);
    const plm_u128 cross =
        plm_wide_add_wrap(plm_wide_mul_limb(a.hi, b.lo), plm_wide_make(0, low.hi));
    const plm_u128 middle =
        plm_wide_add_wrap(plm_wide_mul_limb(a.lo, b.hi), plm_wide_make(0, cross.lo));
    const plm_u128 carried =
        plm_wide_add_wrap(plm_wide_mul_limb(a.hi, b.hi), plm_wide_make(0, cross.hi));
    const plm_u128 high = plm_wide_add_wrap(carried, plm_wide_make(0, middle.hi));
    const plm_u256 product = {.limb = {low.lo, middle.lo, high.lo, high.hi}};
    return product;
}

/* a with two zero limbs above it. */
PLM_INLINE plm_u256 plm_wide_widen(plm_u128 a)
{
    const plm_u256 wide = {.limb = {a.lo, a.hi, 0, 0}};
    return wide;
}

/* *out = a in two limbs; false when a >= B^2. */
PLM_INLINE bool plm_wide_narrow_checked(const plm_u256 *a, plm_u128 *out)
{
    if ((a->limb[2] | a->limb[3]) != 0) {
        return false;
    }
    *out = plm_wide_make(a->limb[1], a->limb[0]);
    return true;
}

/* -1, 0 or 1 as *a is below, at or above *b. */
int plm_wide_cmp_256(const plm_u256 *a, const plm_u256 *b);

/* *out = *a + *b, exact; false when the sum leaves four limbs. */
bool plm_wide_add_256_checked(const plm_u256 *a, const plm_u256 *b, plm_u256 *out);

/* *out = *a * b, exact, for a of at most three limbs. Asserts that the top limb of a is zero. */
void plm_wide_mul_256_by_limb(const plm_u256 *a, plm_limb b, plm_u256 *out);

/* ---- division ----
 * A quotient is computed only where it fits two limbs, which is decided before the first step from
 * the top limbs of the dividend: false means quotient >= B^2, and nothing was written. */

/* The divisor d with its reciprocal. Asserts d > 0. Cost: two divisions of machine words. */
struct plm_divisor plm_wide_divisor_make(plm_limb d);

/* *quotient = floor(n / d), *remainder = n - quotient * d. Cost: two reciprocal steps. */
bool plm_wide_div_by_divisor(const plm_u256 *n,
                             const struct plm_divisor *d,
                             plm_u128 *quotient,
                             plm_limb *remainder);

/* *quotient = floor(n / d), *remainder = n - quotient * d, for any d > 0 (asserted). Cost: one
 * reciprocal and two steps, 3-by-2 when d has two limbs. */
bool plm_wide_div(const plm_u256 *n, plm_u128 d, plm_u128 *quotient, plm_u128 *remainder);

/* *out = ceil(n / d) from the parts of a floor; false when it would be B^2. */
PLM_INLINE bool plm_wide_round_up_checked(plm_u128 quotient, bool has_remainder, plm_u128 *out)
{
    return plm_wide_add_checked(quotient, plm_wide_make(0, has_remainder ? 1U : 0U), out);
}

/* floor(sqrt(n)), one limb. Cost: the root of the top limb and one division. */
plm_limb plm_wide_sqrt_floor(plm_u128 n);

/* ceil(sqrt(n)), at most B, hence two limbs. */
plm_u128 plm_wide_sqrt_ceil(plm_u128 n);

#if PLM_LIMB_BITS == 64

#define PLM_POW10_MAX      38 /* the largest power of ten below 2^127 */
#define PLM_POW10_DIVISORS 20 /* those of one limb: 10^0 .. 10^19 */

/* 10^exponent. Asserts exponent <= PLM_POW10_MAX. */
plm_u128 plm_wide_pow10(uint32_t exponent);

/* 10^exponent with its reciprocal. Asserts exponent < PLM_POW10_DIVISORS. */
const struct plm_divisor *plm_wide_pow10_divisor(uint32_t exponent);

/* ---- signed, two's complement; -2^127 is not a value ---- */

PLM_INLINE plm_i128 plm_wide_i128_make(int64_t hi, uint64_t lo)
{
    const plm_i128 made = {.lo = lo, .hi = hi};
    return made;
}

PLM_INLINE plm_i128 plm_wide_i128_from_i64(int64_t a)
{
    return plm_wide_i128_make(a < 0 ? -1 : 0, (uint64_t)a);
}

PLM_INLINE plm_i128 plm_wide_i128_from_u64(uint64_t a)
{
    return plm_wide_i128_make(0, a);
}

PLM_INLINE bool plm_wide_i128_is_zero(plm_i128 a)
{
    return (a.lo | (uint64_t)a.hi) == 0;
}

PLM_INLINE bool plm_wide_i128_is_negative(plm_i128 a)
{
    return a.hi < 0;
}

PLM_INLINE bool plm_wide_i128_is_positive(plm_i128 a)
{
    return a.hi > 0 || (a.hi == 0 && a.lo != 0);
}

/* True for every bit pattern but that of -2^127. */
PLM_INLINE bool plm_wide_i128_is_value(plm_i128 a)
{
    return a.hi != INT64_MIN || a.lo != 0;
}

/* -1, 0 or 1 as a is below, at or above b. */
PLM_INLINE int plm_wide_i128_cmp(plm_i128 a, plm_i128 b)
{
    if (a.hi != b.hi) {
        return a.hi < b.hi ? -1 : 1;
    }
    if (a.lo != b.lo) {
        return a.lo < b.lo ? -1 : 1;
    }
    return 0;
}

/* *out = a + b, exact; false when |a + b| >= 2^127. */
PLM_WRAPS PLM_INLINE bool plm_wide_i128_add_checked(plm_i128 a, plm_i128 b, plm_i128 *out)
{
    const uint64_t lo = a.lo + b.lo;
    const uint64_t carry = lo < a.lo ? 1U : 0U;
    const uint64_t hi = (uint64_t)a.hi + (uint64_t)b.hi + carry;
    /* The sum overflowed exactly when its sign differs from both operands' signs. */
    if ((((uint64_t)a.hi ^ hi) & ((uint64_t)b.hi ^ hi)) >> 63 != 0) {
        return false;
    }
    const plm_i128 sum = plm_wide_i128_make((int64_t)hi, lo);
    if (!plm_wide_i128_is_value(sum)) {
        return false;
    }
    *out = sum;
    return true;
}

/* *out = a - b, exact; false when |a - b| >= 2^127. */
PLM_WRAPS PLM_INLINE bool plm_wide_i128_sub_checked(plm_i128 a, plm_i128 b, plm_i128 *out)
{
    const uint64_t lo = a.lo - b.lo;
    const uint64_t borrow = a.lo < b.lo ? 1U : 0U;
    const uint64_t hi = (uint64_t)a.hi - (uint64_t)b.hi - borrow;
    /* The difference overflowed exactly when the signs differed and that of a was lost. */
    if ((((uint64_t)a.hi ^ (uint64_t)b.hi) & ((uint64_t)a.hi ^ hi)) >> 63 != 0) {
        return false;
    }
    const plm_i128 difference = plm_wide_i128_make((int64_t)hi, lo);
    if (!plm_wide_i128_is_value(difference)) {
        return false;
    }
    *out = difference;
    return true;
}

/* a + b. Asserts that the sum is a value. */
PLM_INLINE plm_i128 plm_wide_i128_add(plm_i128 a, plm_i128 b)
{
    plm_i128 sum = {0, 0};
    const bool fits = plm_wide_i128_add_checked(a, b, &sum);
    PLM_ASSERT(fits);
    return sum;
}

/* a - b. Asserts that the difference is a value. */
PLM_INLINE plm_i128 plm_wide_i128_sub(plm_i128 a, plm_i128 b)
{
    plm_i128 difference = {0, 0};
    const bool fits = plm_wide_i128_sub_checked(a, b, &difference);
    PLM_ASSERT(fits);
    return difference;
}

/* -a. Asserts that a is a value. */
PLM_WRAPS PLM_INLINE plm_i128 plm_wide_i128_neg(plm_i128 a)
{
    PLM_ASSERT(plm_wide_i128_is_value(a));
    const uint64_t borrow = a.lo != 0 ? 1U : 0U;
    return plm_wide_i128_make((int64_t)((uint64_t)0 - (uint64_t)a.hi - borrow), (uint64_t)0 - a.lo);
}

/* |a| as an unsigned number. Asserts that a is a value. */
PLM_INLINE plm_u128 plm_wide_i128_magnitude(plm_i128 a)
{
    PLM_ASSERT(plm_wide_i128_is_value(a));
    const plm_i128 positive = a.hi < 0 ? plm_wide_i128_neg(a) : a;
    return plm_wide_make((uint64_t)positive.hi, positive.lo);
}

/* *out = magnitude, negated when negative; false when magnitude >= 2^127. */
PLM_INLINE bool
plm_wide_i128_from_magnitude_checked(plm_u128 magnitude, bool negative, plm_i128 *out)
{
    if (magnitude.hi > (uint64_t)INT64_MAX) {
        return false;
    }
    const plm_i128 positive = plm_wide_i128_make((int64_t)magnitude.hi, magnitude.lo);
    *out = negative ? plm_wide_i128_neg(positive) : positive;
    return true;
}

/* a * b, exact: |a| < 2^63 and b < 2^64 give |a * b| < 2^127. Asserts a > -2^63. */
PLM_WRAPS PLM_INLINE plm_i128 plm_wide_i128_mul_i64_u64(int64_t a, uint64_t b)
{
    PLM_ASSERT(a != INT64_MIN);
    const plm_u128 product = plm_wide_mul_limb((uint64_t)a, b);
    /* Two's complement read a as a + 2^64 when negative, so b * 2^64 is too much. */
    const uint64_t excess = a < 0 ? b : 0;
    return plm_wide_i128_make((int64_t)(product.hi - excess), product.lo);
}

/* a * b, exact: |a * b| <= 2^126. */
PLM_WRAPS PLM_INLINE plm_i128 plm_wide_i128_mul_i64(int64_t a, int64_t b)
{
    const plm_u128 product = plm_wide_mul_limb((uint64_t)a, (uint64_t)b);
    const uint64_t excess_a = a < 0 ? (uint64_t)b : 0;
    const uint64_t excess_b = b < 0 ? (uint64_t)a : 0;
    return plm_wide_i128_make((int64_t)(product.hi - excess_a - excess_b), product.lo);
}

#endif /* PLM_LIMB_BITS == 64 */

#endif

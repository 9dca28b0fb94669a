// SPDX-License-Identifier: Apache-2.0
/* Checked and narrowing arithmetic of one machine word; the integer square root of 64 bits.
 * A checked function returns true and writes *out, or returns false and writes nothing.
 * Only this file and plm_wide divide: other files call the functions below, rounding in the name.
 */
#ifndef PLM_CORE_INT_H
#define PLM_CORE_INT_H

#include "plm_assert.h"

#include <stdbool.h>
#include <stdint.h>

/* Marks a function whose unsigned arithmetic wraps on purpose, for the integer sanitizer. */
#if defined(__clang__)
#define PLM_WRAPS __attribute__((no_sanitize("unsigned-integer-overflow", "unsigned-shift-base")))
#else
#define PLM_WRAPS
#endif

/* A small function of the arithmetic headers. Natively each file has its own copy. In the contract
 * those that are not inlined are shared: plm_fix.c, which defines PLM_INLINE_HOME, holds them. */
#if !defined(__wasm__)
#define PLM_INLINE static inline
#elif defined(PLM_INLINE_HOME)
#define PLM_INLINE extern inline
#else
#define PLM_INLINE inline
#endif

/* *out = a + b, exact; false when the sum leaves 64 bits unsigned. */
PLM_INLINE bool plm_int_add_u64_checked(uint64_t a, uint64_t b, uint64_t *out)
{
    uint64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) {
        return false;
    }
    *out = sum;
    return true;
}

/* *out = a - b, exact; false when b > a. */
PLM_INLINE bool plm_int_sub_u64_checked(uint64_t a, uint64_t b, uint64_t *out)
{
    if (b > a) {
        return false;
    }
    *out = a - b;
    return true;
}

/* *out = a + b, exact; false when the sum leaves [-(2^63-1), 2^63-1]: -2^63 is not a value, so
 * that a negation is always possible. */
PLM_INLINE bool plm_int_add_i64_checked(int64_t a, int64_t b, int64_t *out)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) {
        return false;
    }
    if (sum == INT64_MIN) {
        return false;
    }
    *out = sum;
    return true;
}

/* *out = a - b, exact; false when the difference leaves [-(2^63-1), 2^63-1]. */
PLM_INLINE bool plm_int_sub_i64_checked(int64_t a, int64_t b, int64_t *out)
{
    int64_t difference = 0;
    if (__builtin_sub_overflow(a, b, &difference)) {
        return false;
    }
    if (difference == INT64_MIN) {
        return false;
    }
    *out = difference;
    return true;
}

/* |a| as an unsigned number; total, also for -2^63. */
PLM_WRAPS PLM_INLINE uint64_t plm_int_magnitude_i64(int64_t a)
{
    const uint64_t bits = (uint64_t)a;
    return a < 0 ? (uint64_t)0 - bits : bits;
}

/* *out = a as a signed number; false when a > 2^63-1. */
PLM_INLINE bool plm_int_to_i64_checked(uint64_t a, int64_t *out)
{
    if (a > (uint64_t)INT64_MAX) {
        return false;
    }
    *out = (int64_t)a;
    return true;
}

/* *out = a in 32 bits; false when a > 2^32-1. */
PLM_INLINE bool plm_int_to_u32_checked(uint64_t a, uint32_t *out)
{
    if (a > UINT32_MAX) {
        return false;
    }
    *out = (uint32_t)a;
    return true;
}

/* The smaller of two. */
PLM_INLINE uint64_t plm_int_min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The larger of two. */
PLM_INLINE uint64_t plm_int_max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* floor(a / b). Asserts b > 0. */
PLM_INLINE uint64_t plm_int_div_u64_floor(uint64_t a, uint64_t b)
{
    PLM_ASSERT(b != 0);
    return a / b;
}

/* ceil(a / b). Asserts b > 0. */
PLM_INLINE uint64_t plm_int_div_u64_ceil(uint64_t a, uint64_t b)
{
    PLM_ASSERT(b != 0);
    return a / b + (a % b != 0 ? 1U : 0U);
}

/* a - b * floor(a / b), in [0, b). Asserts b > 0. */
PLM_INLINE uint64_t plm_int_mod_u64(uint64_t a, uint64_t b)
{
    PLM_ASSERT(b != 0);
    return a % b;
}

/* floor(a / b), toward minus infinity. Asserts b > 0. */
PLM_INLINE int64_t plm_int_div_i64_floor(int64_t a, int64_t b)
{
    PLM_ASSERT(b > 0);
    return a / b - (a % b < 0 ? 1 : 0);
}

/* ceil(a / b), toward plus infinity. Asserts b > 0. */
PLM_INLINE int64_t plm_int_div_i64_ceil(int64_t a, int64_t b)
{
    PLM_ASSERT(b > 0);
    return a / b + (a % b > 0 ? 1 : 0);
}

/* The number of zero bits above the highest one. Asserts a > 0. */
PLM_INLINE uint32_t plm_int_clz_u64(uint64_t a)
{
    PLM_ASSERT(a != 0);
    return (uint32_t)__builtin_clzll(a);
}

/* floor(sqrt(a)). Newton's method from above: the start is a power of two not below the root, each
 * step falls until the root is reached. Cost: at most 8 steps, one division each. */
PLM_INLINE uint64_t plm_int_sqrt_u64_floor(uint64_t a)
{
    if (a == 0) {
        return 0;
    }
    const uint32_t bits = 64U - plm_int_clz_u64(a);
    uint64_t root = (uint64_t)1 << ((bits + 1U) >> 1);
    for (uint32_t step = 0; step < 8; step++) { /* the error halves, then squares: 8 suffice */
        const uint64_t next = (root + a / root) >> 1;
        if (next >= root) {
            break;
        }
        root = next;
    }
    PLM_ASSERT(root <= a / root);
    PLM_ASSERT(root + 1 > a / (root + 1));
    return root;
}

/* ceil(sqrt(a)), at most 2^32. */
PLM_INLINE uint64_t plm_int_sqrt_u64_ceil(uint64_t a)
{
    const uint64_t root = plm_int_sqrt_u64_floor(a);
    PLM_ASSERT(root <= UINT32_MAX);
    return root * root == a ? root : root + 1;
}

#endif

// SPDX-License-Identifier: Apache-2.0
/* Division by reciprocals and roots, for any limb width.
 * The method is that of N. Moeller and T. Granlund, "Improved division by invariant integers", IEEE
 * Transactions on Computers 60 (2011): multiply by a reciprocal, correct at most twice.
 * This file knows no unit and no rule. */
#include "plm_wide.h"

int plm_wide_cmp_256(const plm_u256 *a, const plm_u256 *b)
{
    PLM_ASSERT(a != NULL);
    PLM_ASSERT(b != NULL);
    const int high =
        plm_wide_cmp(plm_wide_make(a->limb[3], a->limb[2]), plm_wide_make(b->limb[3], b->limb[2]));
    if (high != 0) {
        return high;
    }
    return plm_wide_cmp(plm_wide_make(a->limb[1], a->limb[0]),
                        plm_wide_make(b->limb[1], b->limb[0]));
}

bool plm_wide_add_256_checked(const plm_u256 *a, const plm_u256 *b, plm_u256 *out)
{
    PLM_ASSERT(a != NULL);
    PLM_ASSERT(b != NULL);
    const plm_u128 a_low = plm_wide_make(a->limb[1], a->limb[0]);
    const plm_u128 low = plm_wide_add_wrap(a_low, plm_wide_make(b->limb[1], b->limb[0]));
    const plm_limb carry = plm_wide_cmp(low, a_low) < 0 ? 1U : 0U;
    plm_u128 high = {0, 0};
    if (!plm_wide_add_checked(
            plm_wide_make(a->limb[3], a->limb[2]), plm_wide_make(b->limb[3], b->limb[2]), &high)) {
        return false;
    }
    if (!plm_wide_add_checked(high, plm_wide_make(0, carry), &high)) {
        return false;
    }
    const plm_u256 sum = {.limb = {low.lo, low.hi, high.lo, high.hi}};
    *out = sum;
    return true;
}

void plm_wide_mul_256_by_limb(const plm_u256 *a, plm_limb b, plm_u256 *out)
{
    PLM_ASSERT(a->limb[3] == 0);
    PLM_ASSERT(b <= PLM_LIMB_MAX);
    const plm_u256 low = plm_wide_mul_by_limb(plm_wide_make(a->limb[1], a->limb[0]), b);
    const plm_u128 high =
        plm_wide_add_wrap(plm_wide_mul_limb(a->limb[2], b), plm_wide_make(0, low.limb[2]));
    const plm_u256 product = {.limb = {low.limb[0], low.limb[1], high.lo, high.hi}};
    *out = product;
}

/* a * 2^shift + the top bits of below, mod B: one limb of a shifted number. */
PLM_WRAPS static inline plm_limb plm_wide_shift_limb(plm_limb a, plm_limb below, uint32_t shift)
{
    const plm_limb carried = (below >> 1) >> (PLM_LIMB_BITS - 1 - shift);
    return (plm_wide_trim(a << shift)) | carried;
}

/* The number of zero bits above the highest one of a limb. Asserts a > 0. */
static inline uint32_t plm_wide_clz(plm_limb a)
{
    return plm_int_clz_u64(a) - (64U - PLM_LIMB_BITS);
}

/* One digit of half a limb: floor((*rest * H + next) / norm), H = 2^PLM_HALF_BITS; *rest becomes
 * the remainder. Takes *rest < norm and norm with its top bit set, so that the estimate from the
 * top half of norm is at most 2 too large. */
PLM_WRAPS static plm_limb plm_wide_divide_digit(plm_limb *rest, plm_limb next, plm_limb norm)
{
    const plm_limb top = norm >> PLM_HALF_BITS;
    const plm_limb bottom = norm & PLM_HALF_MAX;
    PLM_ASSERT(top > PLM_HALF_MAX >> 1);
    PLM_ASSERT(*rest < norm);
    plm_limb digit = *rest / top;
    plm_limb estimate_rest = *rest - digit * top;

    for (uint32_t step = 0; step < 2; step++) {
        const bool fits_half = digit <= PLM_HALF_MAX;
        if (fits_half && digit * bottom <= ((estimate_rest << PLM_HALF_BITS) | next)) {
            break;
        }
        digit -= 1;
        estimate_rest += top;
        if (estimate_rest > PLM_HALF_MAX) {
            break;
        }
    }
    *rest = plm_wide_trim((*rest << PLM_HALF_BITS) + next - digit * norm);
    PLM_ASSERT(*rest < norm);
    return digit;
}

/* floor((B^2 - 1) / norm) - B, that is floor(((B - 1 - norm) * B + B - 1) / norm), for a norm with
 * its top bit set. */
static plm_limb plm_wide_reciprocal(plm_limb norm)
{
    plm_limb rest = plm_wide_trim(~norm);
    const plm_limb high = plm_wide_divide_digit(&rest, PLM_HALF_MAX, norm);
    const plm_limb low = plm_wide_divide_digit(&rest, PLM_HALF_MAX, norm);
    PLM_ASSERT(high <= PLM_HALF_MAX);
    PLM_ASSERT(low <= PLM_HALF_MAX);
    return (high << PLM_HALF_BITS) | low;
}

/* floor((B^3 - 1) / norm) - B for a two-limb norm with its top bit set: the reciprocal of the top
 * limb, lowered until it holds for both. */
PLM_WRAPS static plm_limb plm_wide_reciprocal_two(plm_u128 norm)
{
    plm_limb reciprocal = plm_wide_reciprocal(norm.hi);
    plm_limb sum = plm_wide_trim(norm.hi * reciprocal + norm.lo);
    if (sum < norm.lo) {
        reciprocal -= 1;
        if (sum >= norm.hi) {
            reciprocal -= 1;
            sum -= norm.hi;
        }
        sum = plm_wide_trim(sum - norm.hi);
    }
    const plm_u128 product = plm_wide_mul_limb(reciprocal, norm.lo);
    sum = plm_wide_trim(sum + product.hi);
    if (sum < product.hi) {
        reciprocal -= 1;
        if (plm_wide_cmp(plm_wide_make(sum, product.lo), norm) >= 0) {
            reciprocal -= 1;
        }
    }
    PLM_ASSERT(reciprocal <= PLM_LIMB_MAX);
    return reciprocal;
}

/* One limb of a quotient: floor((*rest * B + next) / norm); *rest becomes the remainder. Takes
 * *rest < norm. The second correction is rare. */
PLM_WRAPS static inline plm_limb
plm_wide_step(plm_limb *rest, plm_limb next, plm_limb norm, plm_limb reciprocal)
{
    const plm_u128 estimate =
        plm_wide_add_wrap(plm_wide_mul_limb(reciprocal, *rest), plm_wide_make(*rest, next));
    plm_limb digit = plm_wide_trim(estimate.hi + 1U);
    plm_limb remainder = plm_wide_trim(next - digit * norm);
    /* The first correction is as likely as not, so it is arithmetic and not a branch. */
    const plm_limb excess = remainder > estimate.lo ? 1U : 0U;
    digit = plm_wide_trim(digit - excess);
    remainder = plm_wide_trim(remainder + (norm & ((plm_limb)0 - excess)));
    if (remainder >= norm) {
        digit += 1U;
        remainder -= norm;
    }
    *rest = remainder;
    return digit;
}

/* One limb of a quotient: floor((*rest * B + next) / norm); *rest becomes the remainder. Takes
 * *rest < norm, both of two limbs. */
PLM_WRAPS static plm_limb
plm_wide_step_two(plm_u128 *rest, plm_limb next, plm_u128 norm, plm_limb reciprocal)
{
    PLM_ASSERT(plm_wide_cmp(*rest, norm) < 0);
    const plm_u128 estimate = plm_wide_add_wrap(plm_wide_mul_limb(reciprocal, rest->hi), *rest);
    plm_limb digit = plm_wide_trim(estimate.hi + 1U);
    const plm_limb top = plm_wide_trim(rest->lo - estimate.hi * norm.hi);
    const plm_u128 taken = plm_wide_add_wrap(plm_wide_mul_limb(norm.lo, estimate.hi), norm);
    plm_u128 remainder = plm_wide_sub_wrap(plm_wide_make(top, next), taken);
    if (remainder.hi >= estimate.lo) {
        digit = plm_wide_trim(digit - 1U);
        remainder = plm_wide_add_wrap(remainder, norm);
    }
    if (plm_wide_cmp(remainder, norm) >= 0) {
        digit += 1U;
        remainder = plm_wide_sub_wrap(remainder, norm);
    }
    PLM_ASSERT(plm_wide_cmp(remainder, norm) < 0);
    *rest = remainder;
    return digit;
}

struct plm_divisor plm_wide_divisor_make(plm_limb d)
{
    PLM_ASSERT(d != 0);
    PLM_ASSERT(d <= PLM_LIMB_MAX);
    const uint32_t shift = plm_wide_clz(d);
    const plm_limb norm = d << shift;
    const struct plm_divisor made = {norm, plm_wide_reciprocal(norm), shift};
    return made;
}

bool plm_wide_div_by_divisor(const plm_u256 *n,
                             const struct plm_divisor *d,
                             plm_u128 *quotient,
                             plm_limb *remainder)
{
    PLM_ASSERT(d->norm > PLM_LIMB_MAX >> 1);
    PLM_ASSERT(d->shift < PLM_LIMB_BITS);
    if (n->limb[3] != 0 || n->limb[2] >= d->norm >> d->shift) {
        return false;
    }
    plm_limb rest = plm_wide_shift_limb(n->limb[2], n->limb[1], d->shift);
    const plm_limb middle = plm_wide_shift_limb(n->limb[1], n->limb[0], d->shift);
    const plm_limb low = plm_wide_shift_limb(n->limb[0], 0, d->shift);
    const plm_limb digit_high = plm_wide_step(&rest, middle, d->norm, d->reciprocal);
    const plm_limb digit_low = plm_wide_step(&rest, low, d->norm, d->reciprocal);
    *quotient = plm_wide_make(digit_high, digit_low);
    *remainder = rest >> d->shift;
    return true;
}

/* The case of plm_wide_div where d has two limbs and n / d < B^2. */
PLM_WRAPS static void
plm_wide_div_two(const plm_u256 *n, plm_u128 d, plm_u128 *quotient, plm_u128 *remainder)
{
    PLM_ASSERT(d.hi != 0);
    const uint32_t shift = plm_wide_clz(d.hi);
    const plm_u128 norm =
        plm_wide_make(plm_wide_shift_limb(d.hi, d.lo, shift), plm_wide_shift_limb(d.lo, 0, shift));
    const plm_limb reciprocal = plm_wide_reciprocal_two(norm);
    plm_u128 rest = plm_wide_make(plm_wide_shift_limb(n->limb[3], n->limb[2], shift),
                                  plm_wide_shift_limb(n->limb[2], n->limb[1], shift));
    const plm_limb middle = plm_wide_shift_limb(n->limb[1], n->limb[0], shift);
    const plm_limb low = plm_wide_shift_limb(n->limb[0], 0, shift);
    const plm_limb digit_high = plm_wide_step_two(&rest, middle, norm, reciprocal);
    const plm_limb digit_low = plm_wide_step_two(&rest, low, norm, reciprocal);
    *quotient = plm_wide_make(digit_high, digit_low);
    const plm_limb carried = plm_wide_trim((rest.hi << 1) << (PLM_LIMB_BITS - 1 - shift));
    *remainder = plm_wide_make(rest.hi >> shift, (rest.lo >> shift) | carried);
}

bool plm_wide_div(const plm_u256 *n, plm_u128 d, plm_u128 *quotient, plm_u128 *remainder)
{
    PLM_ASSERT(n != NULL);
    PLM_ASSERT(!plm_wide_is_zero(d));
    if (plm_wide_cmp(plm_wide_make(n->limb[3], n->limb[2]), d) >= 0) {
        return false;
    }
    if (d.hi != 0) {
        plm_wide_div_two(n, d, quotient, remainder);
        return true;
    }
    const struct plm_divisor divisor = plm_wide_divisor_make(d.lo);
    plm_limb rest = 0;
    const bool fits = plm_wide_div_by_divisor(n, &divisor, quotient, &rest);
    PLM_ASSERT(fits);
    *remainder = plm_wide_make(0, rest);
    return true;
}

/* With n scaled by an even power of two so that its top limb t >= B/4, let s = floor(sqrt(t)),
 * r = t - s^2 and H = 2^PLM_HALF_BITS. The root of n is s * H + q or one less, where
 * q = floor((r * H + next half limb) / (2 s)). */
PLM_WRAPS plm_limb plm_wide_sqrt_floor(plm_u128 n)
{
    if (n.hi == 0) {
        return plm_int_sqrt_u64_floor(n.lo);
    }
    const uint32_t shift = plm_wide_clz(n.hi) & ~1U;
    const plm_limb top = plm_wide_shift_limb(n.hi, n.lo, shift);
    const plm_limb low = plm_wide_shift_limb(n.lo, 0, shift);
    const plm_limb root_top = plm_int_sqrt_u64_floor(top);
    const plm_limb rest_top = top - root_top * root_top;
    PLM_ASSERT(root_top != 0);
    PLM_ASSERT(rest_top <= 2U * root_top);

    /* Both sides are halved, so that the dividend fits one limb. */
    const plm_limb halved = (rest_top << (PLM_HALF_BITS - 1)) | (low >> (PLM_HALF_BITS + 1));
    const plm_limb digit = halved / root_top;
    plm_limb root = plm_wide_trim((root_top << PLM_HALF_BITS) + digit);
    PLM_ASSERT(digit <= PLM_HALF_MAX + 1U);

    /* root is B, seen as zero, where the digit overflowed; it is then too large as well. */
    const plm_u128 square = plm_wide_mul_limb(root, root);
    if (root == 0 || plm_wide_cmp(square, plm_wide_make(top, low)) > 0) {
        root = plm_wide_trim(root - 1U);
    }
    return root >> (shift >> 1);
}

plm_u128 plm_wide_sqrt_ceil(plm_u128 n)
{
    const plm_limb root = plm_wide_sqrt_floor(n);
    const plm_u128 square = plm_wide_mul_limb(root, root);
    PLM_ASSERT(plm_wide_cmp(square, n) <= 0);
    const plm_limb step = plm_wide_cmp(square, n) < 0 ? 1U : 0U;
    return plm_wide_add_wrap(plm_wide_make(0, root), plm_wide_make(0, step));
}

#if PLM_LIMB_BITS == 64

// clang-format off
/* Divisor shifted to its top bit, reciprocal, shift; the tests recompute every row. */
static const struct plm_divisor plm_wide_pow10_divisor_table[PLM_POW10_DIVISORS] = {
    {UINT64_C(0x8000000000000000), UINT64_C(0xffffffffffffffff), 63U}, /* 10^0 */
    {UINT64_C(0xa000000000000000), UINT64_C(0x9999999999999999), 60U}, /* 10^1 */
    {UINT64_C(0xc800000000000000), UINT64_C(0x47ae147ae147ae14), 57U}, /* 10^2 */
    {UINT64_C(0xfa00000000000000), UINT64_C(0x0624dd2f1a9fbe76), 54U}, /* 10^3 */
    {UINT64_C(0x9c40000000000000), UINT64_C(0xa36e2eb1c432ca57), 50U}, /* 10^4 */
    {UINT64_C(0xc350000000000000), UINT64_C(0x4f8b588e368f0846), 47U}, /* 10^5 */
    {UINT64_C(0xf424000000000000), UINT64_C(0x0c6f7a0b5ed8d36b), 44U}, /* 10^6 */
    {UINT64_C(0x9896800000000000), UINT64_C(0xad7f29abcaf48578), 40U}, /* 10^7 */
    {UINT64_C(0xbebc200000000000), UINT64_C(0x5798ee2308c39df9), 37U}, /* 10^8 */
    {UINT64_C(0xee6b280000000000), UINT64_C(0x12e0be826d694b2e), 34U}, /* 10^9 */
    {UINT64_C(0x9502f90000000000), UINT64_C(0xb7cdfd9d7bdbab7d), 30U}, /* 10^10 */
    {UINT64_C(0xba43b74000000000), UINT64_C(0x5fd7fe17964955fd), 27U}, /* 10^11 */
    {UINT64_C(0xe8d4a51000000000), UINT64_C(0x19799812dea11197), 24U}, /* 10^12 */
    {UINT64_C(0x9184e72a00000000), UINT64_C(0xc25c268497681c26), 20U}, /* 10^13 */
    {UINT64_C(0xb5e620f480000000), UINT64_C(0x6849b86a12b9b01e), 17U}, /* 10^14 */
    {UINT64_C(0xe35fa931a0000000), UINT64_C(0x203af9ee756159b2), 14U}, /* 10^15 */
    {UINT64_C(0x8e1bc9bf04000000), UINT64_C(0xcd2b297d889bc2b6), 10U}, /* 10^16 */
    {UINT64_C(0xb1a2bc2ec5000000), UINT64_C(0x70ef54646d496892), 7U}, /* 10^17 */
    {UINT64_C(0xde0b6b3a76400000), UINT64_C(0x2725dd1d243aba0e), 4U}, /* 10^18 */
    {UINT64_C(0x8ac7230489e80000), UINT64_C(0xd83c94fb6d2ac34a), 0U}, /* 10^19 */
};

// clang-format on

/* 10^exponent in one limb, from the divisor's own bits. */
static plm_limb plm_wide_pow10_limb(uint32_t exponent)
{
    const struct plm_divisor *divisor = plm_wide_pow10_divisor(exponent);
    PLM_ASSERT(divisor->shift < PLM_LIMB_BITS);
    return divisor->norm >> divisor->shift;
}

plm_u128 plm_wide_pow10(uint32_t exponent)
{
    const uint32_t last = PLM_POW10_DIVISORS - 1;
    PLM_ASSERT(exponent <= PLM_POW10_MAX);
    if (exponent <= last) {
        return plm_wide_make(0, plm_wide_pow10_limb(exponent));
    }
    return plm_wide_mul_limb(plm_wide_pow10_limb(last), plm_wide_pow10_limb(exponent - last));
}

const struct plm_divisor *plm_wide_pow10_divisor(uint32_t exponent)
{
    PLM_ASSERT(exponent < PLM_POW10_DIVISORS);
    return &plm_wide_pow10_divisor_table[exponent];
}

#endif

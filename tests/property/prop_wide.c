// SPDX-License-Identifier: Apache-2.0
/* plm_wide against the compiler's own 256-bit integers, on edge shaped and random operands, and the
 * portable product against the fast one. gcc 12 has no such integers: the test is skipped there. */
#include "plm_wide.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "prop_edges.h"

#if defined(__clang__)

#define ROUNDS 400000U

__extension__ typedef unsigned _BitInt(256) oracle;
__extension__ typedef _BitInt(256) oracle_signed;

static uint64_t round_number;

static void expect(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(
            stderr, "prop_wide: %s fails in round %llu\n", what, (unsigned long long)round_number);
        exit(1);
    }
}

static oracle of_two(plm_u128 a)
{
    return ((oracle)a.hi << 64) | a.lo;
}

static oracle of_four(const plm_u256 *a)
{
    return (of_two(plm_wide_make(a->limb[3], a->limb[2])) << 128) |
           of_two(plm_wide_make(a->limb[1], a->limb[0]));
}

static oracle_signed of_signed(plm_i128 a)
{
    return (oracle_signed)a.hi * ((oracle_signed)1 << 64) + (oracle_signed)a.lo;
}

static void try_products(struct prop_source *source)
{
    const plm_u128 a = prop_u128(source, 128);
    const plm_u128 b = prop_u128(source, 128);
    const plm_u128 fast = plm_wide_mul_limb(a.lo, b.lo);
    const plm_u128 portable = plm_wide_mul_limb_portable(a.lo, b.lo);
    expect(plm_wide_cmp(fast, portable) == 0, "portable equals fast");
    expect(of_two(fast) == (oracle)a.lo * b.lo, "limb product");

    const plm_u256 product = plm_wide_mul(a, b);
    expect(of_four(&product) == of_two(a) * of_two(b), "product");
    const plm_u256 three = plm_wide_mul_by_limb(a, b.hi);
    expect(of_four(&three) == of_two(a) * b.hi, "product by a limb");
    plm_u256 longer = plm_wide_widen(a);
    plm_wide_mul_256_by_limb(&three, b.lo, &longer);
    expect(of_four(&longer) == of_two(a) * b.hi * b.lo, "long product by a limb");

    const oracle sum = of_four(&product) + of_four(&longer);
    plm_u256 total = three;
    const bool fits = plm_wide_add_256_checked(&product, &longer, &total);
    expect(fits == (sum >= of_four(&product)), "long sum's verdict");
    expect(of_four(&total) == (fits ? sum : of_four(&three)), "long sum");
    const int order = (of_four(&product) > of_four(&longer) ? 1 : 0) -
                      (of_four(&product) < of_four(&longer) ? 1 : 0);
    expect(plm_wide_cmp_256(&product, &longer) == order, "long order");
}

static void try_quotients(struct prop_source *source)
{
    plm_u128 d = prop_u128(source, 1 + prop_below(source, 128));
    if (plm_wide_is_zero(d)) {
        d.lo = 1;
    }
    /* Dividends near a multiple of the divisor are where corrections happen. */
    plm_u256 n = plm_wide_mul(prop_u128(source, 128), d);
    const plm_u256 rest = plm_wide_widen(prop_u128(source, 128));
    if (prop_below(source, 2) == 0 && !plm_wide_add_256_checked(&n, &rest, &n)) {
        return;
    }
    plm_u128 quotient = plm_wide_make(1, 2);
    plm_u128 remainder = plm_wide_make(3, 4);
    const oracle expected = of_four(&n) / of_two(d);
    const bool fits = plm_wide_div(&n, d, &quotient, &remainder);
    expect(fits == (expected >> 128 == 0), "quotient's verdict");
    if (fits) {
        expect(of_two(quotient) == expected, "quotient");
        expect(of_two(remainder) == of_four(&n) - expected * of_two(d), "remainder");
    }
    const uint32_t exponent = prop_below(source, PLM_POW10_DIVISORS);
    const oracle power = of_two(plm_wide_pow10(exponent));
    plm_limb left = 0;
    const struct plm_divisor *divisor = plm_wide_pow10_divisor(exponent);
    const bool fits_power = plm_wide_div_by_divisor(&n, divisor, &quotient, &left);
    expect(fits_power == (of_four(&n) / power >> 128 == 0), "power's verdict");
    if (fits_power) {
        expect(of_two(quotient) == of_four(&n) / power, "quotient by a power of ten");
        expect(left == of_four(&n) % power, "remainder by a power of ten");
    }
}

static void try_roots(struct prop_source *source)
{
    plm_u128 n = prop_u128(source, 128);
    if (prop_below(source, 2) == 0) { /* a square, one below, one above */
        const plm_u128 square = plm_wide_mul_limb(n.lo, n.lo);
        n = plm_wide_add_wrap(square, plm_wide_make(0, prop_below(source, 2)));
        n = plm_wide_sub_wrap(n, plm_wide_make(0, prop_below(source, 2)));
    }
    const oracle root = plm_wide_sqrt_floor(n);
    expect(root * root <= of_two(n), "root's floor is not above");
    expect((root + 1) * (root + 1) > of_two(n), "root's floor is not below");
    const oracle ceil = of_two(plm_wide_sqrt_ceil(n));
    expect(ceil == (root * root == of_two(n) ? root : root + 1), "root's ceil");
}

static void try_signed(struct prop_source *source)
{
    const oracle_signed limit = ((oracle_signed)1 << 127) - 1;
    const plm_i128 a = prop_i128(source, 127);
    const plm_i128 b = prop_i128(source, 127);
    const plm_i128 poison = {77, 77};
    const oracle_signed sum = of_signed(a) + of_signed(b);
    const oracle_signed difference = of_signed(a) - of_signed(b);
    plm_i128 out = poison;
    const bool sum_fits = sum <= limit && sum >= -limit;
    expect(plm_wide_i128_add_checked(a, b, &out) == sum_fits, "signed sum's verdict");
    expect(of_signed(out) == (sum_fits ? sum : of_signed(poison)), "signed sum");
    out = poison;
    const bool difference_fits = difference <= limit && difference >= -limit;
    expect(plm_wide_i128_sub_checked(a, b, &out) == difference_fits, "signed difference's verdict");
    expect(of_signed(out) == (difference_fits ? difference : of_signed(poison)),
           "signed difference");
    expect(of_signed(plm_wide_i128_neg(a)) == -of_signed(a), "negation");
    const oracle_signed magnitude = (oracle_signed)of_two(plm_wide_i128_magnitude(a));
    expect(magnitude == (of_signed(a) < 0 ? -of_signed(a) : of_signed(a)), "magnitude");
    const int order = (of_signed(a) > of_signed(b) ? 1 : 0) - (of_signed(a) < of_signed(b) ? 1 : 0);
    expect(plm_wide_i128_cmp(a, b) == order, "signed order");
    const int64_t x = prop_i64(source);
    const int64_t y = prop_i64(source);
    expect(of_signed(plm_wide_i128_mul_i64(x, y)) == (oracle_signed)x * y, "signed product");
    expect(of_signed(plm_wide_i128_mul_i64_u64(x, a.lo)) == (oracle_signed)x * (oracle_signed)a.lo,
           "mixed product");
}

static void try_powers(void)
{
    oracle power = 1;
    for (uint32_t exponent = 0; exponent <= PLM_POW10_MAX; exponent++) {
        expect(of_two(plm_wide_pow10(exponent)) == power, "power of ten");
        if (exponent < PLM_POW10_DIVISORS) {
            const struct plm_divisor made = plm_wide_divisor_make((plm_limb)power);
            const struct plm_divisor *row = plm_wide_pow10_divisor(exponent);
            expect(row->norm == made.norm, "row's divisor");
            expect(row->reciprocal == made.reciprocal, "row's reciprocal");
            expect(row->shift == made.shift, "row's shift");
        }
        power *= 10U;
    }
}

int main(void)
{
    struct prop_source source = {1};
    try_powers();
    for (round_number = 0; round_number < ROUNDS; round_number++) {
        try_products(&source);
        try_quotients(&source);
        try_roots(&source);
        try_signed(&source);
    }
    return 0;
}

#else

int main(void)
{
    return 77; /* skipped */
}

#endif

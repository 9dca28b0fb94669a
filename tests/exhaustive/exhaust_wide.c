// SPDX-License-Identifier: Apache-2.0
// build: -DPLM_LIMB_BITS=4 contract/core/plm_wide.c tests/support/assert_fail.c
/* Every operand of every function of plm_wide, at limbs of four bits, against plain C. */
#include "plm_wide.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define BASE   16U    /* one limb */
#define BASE_2 256U   /* two limbs */
#define BASE_3 4096U  /* three limbs */
#define BASE_4 65536U /* four limbs */

static uint64_t compared;

static void expect(bool holds, const char *what, uint32_t a, uint32_t b)
{
    compared++;
    if (!holds) {
        (void)fprintf(stderr, "exhaust_wide: %s fails at %u and %u\n", what, a, b);
        exit(1);
    }
}

static plm_u128 two(uint32_t a)
{
    return plm_wide_make(a / BASE, a % BASE);
}

static uint32_t from_two(plm_u128 a)
{
    expect(a.hi < BASE && a.lo < BASE, "a limb's bound", (uint32_t)a.hi, (uint32_t)a.lo);
    return (uint32_t)(a.hi * BASE + a.lo);
}

static plm_u256 four(uint32_t a)
{
    const plm_u256 made = {
        .limb = {a % BASE, a / BASE % BASE, a / BASE_2 % BASE, a / BASE_3 % BASE}};
    return made;
}

static uint32_t from_four(const plm_u256 *a)
{
    return from_two(plm_wide_make(a->limb[3], a->limb[2])) * BASE_2 +
           from_two(plm_wide_make(a->limb[1], a->limb[0]));
}

static int sign_of(uint32_t a, uint32_t b)
{
    return (a > b ? 1 : 0) - (a < b ? 1 : 0);
}

static void try_limb_products(void)
{
    for (uint32_t a = 0; a < BASE; a++) {
        for (uint32_t b = 0; b < BASE; b++) {
            expect(from_two(plm_wide_mul_limb(a, b)) == a * b, "limb product", a, b);
        }
    }
}

static void try_pairs(void)
{
    for (uint32_t a = 0; a < BASE_2; a++) {
        expect(plm_wide_is_zero(two(a)) == (a == 0), "is zero", a, 0);
        for (uint32_t b = 0; b < BASE_2; b++) {
            const plm_u256 product = plm_wide_mul(two(a), two(b));
            expect(from_four(&product) == a * b, "product", a, b);
            expect(plm_wide_cmp(two(a), two(b)) == sign_of(a, b), "order", a, b);
            expect(from_two(plm_wide_add_wrap(two(a), two(b))) == (a + b) % BASE_2, "sum", a, b);
            expect(from_two(plm_wide_sub_wrap(two(a), two(b))) == (a + BASE_2 - b) % BASE_2,
                   "difference",
                   a,
                   b);
            plm_u128 sum = two(7);
            const bool fits = plm_wide_add_checked(two(a), two(b), &sum);
            expect(fits == (a + b < BASE_2), "checked sum's verdict", a, b);
            expect(from_two(sum) == (fits ? a + b : 7U), "checked sum", a, b);
        }
        for (uint32_t b = 0; b < BASE; b++) {
            const plm_u256 product = plm_wide_mul_by_limb(two(a), b);
            expect(from_four(&product) == a * b, "product by a limb", a, b);
        }
    }
}

static void try_triples_by_limb(void)
{
    for (uint32_t a = 0; a < BASE_3; a++) {
        for (uint32_t b = 0; b < BASE; b++) {
            const plm_u256 left = four(a);
            plm_u256 product = four(0);
            plm_wide_mul_256_by_limb(&left, b, &product);
            expect(from_four(&product) == a * b, "long product by a limb", a, b);
        }
    }
}

static void try_division_by_limb(uint32_t d)
{
    const struct plm_divisor divisor = plm_wide_divisor_make(d);
    expect(divisor.norm == (plm_limb)d << divisor.shift, "normal divisor", d, 0);
    expect(divisor.reciprocal == (BASE_2 - 1) / (uint32_t)divisor.norm - BASE, "reciprocal", d, 0);
    for (uint32_t n = 0; n < BASE_4; n++) {
        const plm_u256 dividend = four(n);
        plm_u128 quotient = two(77);
        plm_limb remainder = 7;
        const bool fits = plm_wide_div_by_divisor(&dividend, &divisor, &quotient, &remainder);
        expect(fits == (n / d < BASE_2), "quotient's verdict", n, d);
        expect(from_two(quotient) == (fits ? n / d : 77U), "quotient", n, d);
        expect(remainder == (fits ? n % d : 7U), "remainder", n, d);
    }
}

static void try_division(uint32_t d)
{
    for (uint32_t n = 0; n < BASE_4; n++) {
        const plm_u256 dividend = four(n);
        plm_u128 quotient = two(77);
        plm_u128 remainder = two(88);
        const bool fits = plm_wide_div(&dividend, two(d), &quotient, &remainder);
        expect(fits == (n / d < BASE_2), "wide quotient's verdict", n, d);
        expect(from_two(quotient) == (fits ? n / d : 77U), "wide quotient", n, d);
        expect(from_two(remainder) == (fits ? n % d : 88U), "wide remainder", n, d);
    }
}

static void try_roots_and_rounding(void)
{
    for (uint32_t n = 0; n < BASE_2; n++) {
        uint32_t root = 0;
        while ((root + 1) * (root + 1) <= n) {
            root++;
        }
        expect(plm_wide_sqrt_floor(two(n)) == root, "root's floor", n, root);
        const uint32_t ceil = root * root == n ? root : root + 1;
        expect(from_two(plm_wide_sqrt_ceil(two(n))) == ceil, "root's ceil", n, ceil);
        plm_u128 rounded = two(99);
        expect(plm_wide_round_up_checked(two(n), false, &rounded), "rounding nothing", n, 0);
        expect(from_two(rounded) == n, "rounded by nothing", n, 0);
        const bool fits = plm_wide_round_up_checked(two(n), true, &rounded);
        expect(fits == (n + 1 < BASE_2), "rounding up's verdict", n, 1);
        expect(from_two(rounded) == (fits ? n + 1 : n), "rounded up", n, 1);
    }
}

/* Sums and orders of four limbs: all pairs would be 2^32, so one side walks in an odd stride. */
static void try_four_limbs(void)
{
    for (uint32_t a = 0; a < BASE_4; a++) {
        const plm_u256 left = four(a);
        for (uint32_t b = a % 127U; b < BASE_4; b += 127U) {
            const plm_u256 right = four(b);
            plm_u256 sum = four(3);
            const bool fits = plm_wide_add_256_checked(&left, &right, &sum);
            expect(fits == (a + b < BASE_4), "long sum's verdict", a, b);
            expect(from_four(&sum) == (fits ? a + b : 3U), "long sum", a, b);
            expect(plm_wide_cmp_256(&left, &right) == sign_of(a, b), "long order", a, b);
        }
        plm_u128 narrow = two(5);
        const bool narrows = plm_wide_narrow_checked(&left, &narrow);
        expect(narrows == (a < BASE_2), "narrowing's verdict", a, 0);
        expect(from_two(narrow) == (narrows ? a : 5U), "narrowing", a, 0);
        if (narrows) {
            const plm_u256 wide = plm_wide_widen(narrow);
            expect(from_four(&wide) == a, "widening", a, 0);
        }
    }
}

int main(void)
{
    try_limb_products();
    try_pairs();
    try_triples_by_limb();
    try_four_limbs();
    try_roots_and_rounding();
    for (uint32_t d = 1; d < BASE; d++) {
        try_division_by_limb(d);
    }
    for (uint32_t d = 1; d < BASE_2; d++) {
        try_division(d);
    }
    (void)printf("exhaust_wide: %" PRIu64
                 " results at limbs of four bits, each as plain C has it\n",
                 compared);
    return 0;
}

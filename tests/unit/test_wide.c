// SPDX-License-Identifier: Apache-2.0
/* plm_wide: the edges a reader can check by hand, and every assertion. The exhaustive and the
 * property tests carry the proof. */
#include "plm_cmocka.h"
#include "plm_wide.h"

#include <stdbool.h>
#include <stdint.h>

static bool is_equal(plm_u128 a, uint64_t hi, uint64_t lo)
{
    return a.hi == hi && a.lo == lo;
}

static bool is_signed_equal(plm_i128 a, int64_t hi, uint64_t lo)
{
    return a.hi == hi && a.lo == lo;
}

static void test_largest_product_fills_four_limbs(void **state)
{
    (void)state;
    const plm_u128 top = plm_wide_make(UINT64_MAX, UINT64_MAX);
    const plm_u256 square = plm_wide_mul(top, top);
    assert_true(square.limb[0] == 1);
    assert_true(square.limb[1] == 0);
    assert_true(square.limb[2] == UINT64_MAX - 1);
    assert_true(square.limb[3] == UINT64_MAX);
}

static void test_sum_is_refused_when_it_leaves_two_limbs(void **state)
{
    (void)state;
    const plm_u128 top = plm_wide_make(UINT64_MAX, UINT64_MAX);
    plm_u128 out = plm_wide_make(7, 7);
    assert_true(plm_wide_add_checked(top, plm_wide_make(0, 0), &out));
    assert_true(is_equal(out, UINT64_MAX, UINT64_MAX));
    out = plm_wide_make(7, 7);
    assert_false(plm_wide_add_checked(top, plm_wide_make(0, 1), &out));
    assert_true(is_equal(out, 7, 7));
    assert_false(plm_wide_round_up_checked(top, true, &out));
    assert_true(plm_wide_round_up_checked(top, false, &out));
}

static void test_quotient_is_refused_when_it_leaves_two_limbs(void **state)
{
    (void)state;
    const plm_u128 d = plm_wide_make(5, 9);
    const plm_u256 below = {.limb = {UINT64_MAX, UINT64_MAX, 8, 5}};
    const plm_u256 at = {.limb = {0, 0, 9, 5}};
    plm_u128 quotient = plm_wide_make(7, 7);
    plm_u128 remainder = plm_wide_make(7, 7);
    assert_false(plm_wide_div(&at, d, &quotient, &remainder));
    assert_true(is_equal(quotient, 7, 7));
    assert_true(is_equal(remainder, 7, 7));
    assert_true(plm_wide_div(&below, d, &quotient, &remainder));
    assert_true(is_equal(quotient, UINT64_MAX, UINT64_MAX));
    assert_true(is_equal(remainder, 5, 8));
}

static void test_division_undoes_multiplication_by_a_wad(void **state)
{
    (void)state;
    const plm_u128 number = plm_wide_make(3, UINT64_MAX);
    const struct plm_divisor *wad = plm_wide_pow10_divisor(18);
    const plm_u256 product = plm_wide_mul(number, plm_wide_pow10(18));
    plm_u128 quotient = {0, 0};
    plm_limb rest = 7;
    assert_true(plm_wide_div_by_divisor(&product, wad, &quotient, &rest));
    assert_true(is_equal(quotient, 3, UINT64_MAX));
    assert_true(rest == 0);
    assert_true(wad->shift == 4);
    assert_true(wad->norm == UINT64_C(0xde0b6b3a76400000));
    assert_true(wad->reciprocal == UINT64_C(0x2725dd1d243aba0e));
}

static void test_roots_at_both_ends(void **state)
{
    (void)state;
    const plm_u128 top = plm_wide_make(UINT64_MAX, UINT64_MAX);
    const plm_u128 square = plm_wide_mul_limb(UINT64_MAX, UINT64_MAX);
    assert_true(plm_wide_sqrt_floor(plm_wide_make(0, 0)) == 0);
    assert_true(plm_wide_sqrt_floor(top) == UINT64_MAX);
    assert_true(is_equal(plm_wide_sqrt_ceil(top), 1, 0));
    assert_true(plm_wide_sqrt_floor(square) == UINT64_MAX);
    assert_true(is_equal(plm_wide_sqrt_ceil(square), 0, UINT64_MAX));
    const plm_u128 less = plm_wide_sub_wrap(square, plm_wide_make(0, 1));
    assert_true(plm_wide_sqrt_floor(less) == UINT64_MAX - 1);
    assert_true(is_equal(plm_wide_sqrt_ceil(less), 0, UINT64_MAX));
    assert_true(plm_wide_sqrt_floor(plm_wide_make(1, 0)) == UINT64_C(1) << 32);
}

static void test_signed_sums_never_are_the_missing_negative(void **state)
{
    (void)state;
    const plm_i128 top = plm_wide_i128_make(INT64_MAX, UINT64_MAX);
    const plm_i128 bottom = plm_wide_i128_neg(top);
    const plm_i128 one = plm_wide_i128_from_i64(1);
    plm_i128 out = {7, 7};
    assert_false(plm_wide_i128_add_checked(top, one, &out));
    assert_false(plm_wide_i128_sub_checked(bottom, one, &out));
    assert_false(plm_wide_i128_add_checked(bottom, plm_wide_i128_from_i64(-1), &out));
    assert_false(plm_wide_i128_add_checked(bottom, bottom, &out));
    assert_false(plm_wide_i128_sub_checked(top, bottom, &out));
    assert_true(is_signed_equal(out, 7, 7));
    assert_true(plm_wide_i128_add_checked(top, bottom, &out));
    assert_true(plm_wide_i128_is_zero(out));
    assert_true(plm_wide_i128_is_positive(top));
    assert_true(plm_wide_i128_is_positive(one));
    assert_false(plm_wide_i128_is_positive(out));
    assert_false(plm_wide_i128_is_positive(bottom));
    expect_assert_failure((void)plm_wide_i128_add(top, one));
    expect_assert_failure((void)plm_wide_i128_sub(bottom, one));
}

static void test_the_missing_negative_is_asserted_away(void **state)
{
    (void)state;
    const plm_i128 missing = plm_wide_i128_make(INT64_MIN, 0);
    plm_i128 out = {7, 7};
    assert_false(plm_wide_i128_is_value(missing));
    assert_true(plm_wide_i128_is_value(plm_wide_i128_make(INT64_MIN, 1)));
    expect_assert_failure((void)plm_wide_i128_neg(missing));
    expect_assert_failure((void)plm_wide_i128_magnitude(missing));
    expect_assert_failure((void)plm_wide_i128_mul_i64_u64(INT64_MIN, 1));
    const plm_u128 bits = plm_wide_make((uint64_t)1 << 63, 0);
    assert_false(plm_wide_i128_from_magnitude_checked(bits, true, &out));
    assert_true(is_signed_equal(out, 7, 7));
}

static void test_assertions_refuse_zero_and_excess(void **state)
{
    (void)state;
    const plm_u256 long_number = {.limb = {0, 0, 0, 1}};
    plm_u256 out = long_number;
    plm_u128 quotient = {0, 0};
    plm_u128 remainder = {0, 0};
    const plm_u128 zero = {0, 0};
    expect_assert_failure(plm_wide_mul_256_by_limb(&long_number, 1, &out));
    expect_assert_failure((void)plm_wide_div(&long_number, zero, &quotient, &remainder));
    expect_assert_failure((void)plm_wide_divisor_make(0));
    expect_assert_failure((void)plm_wide_pow10(39));
    expect_assert_failure((void)plm_wide_pow10_divisor(20));
}

static void test_a_carry_over_all_limbs_is_seen(void **state)
{
    (void)state; /* 2^256 - 1 and 1; 2^256 - 2^128 and 2^128 */
    const plm_u256 all = {{PLM_LIMB_MAX, PLM_LIMB_MAX, PLM_LIMB_MAX, PLM_LIMB_MAX}};
    const plm_u256 high = {{0, 0, PLM_LIMB_MAX, PLM_LIMB_MAX}};
    const plm_u256 one = {{1, 0, 0, 0}};
    const plm_u256 above = {{0, 0, 1, 0}};
    plm_u256 out = one;
    assert_false(plm_wide_add_256_checked(&all, &one, &out));
    assert_false(plm_wide_add_256_checked(&high, &above, &out));
    assert_int_equal(plm_wide_cmp_256(&out, &one), 0);
    assert_true(plm_wide_add_256_checked(&high, &one, &out));
    assert_int_equal(out.limb[0], 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_largest_product_fills_four_limbs),
        cmocka_unit_test(test_sum_is_refused_when_it_leaves_two_limbs),
        cmocka_unit_test(test_quotient_is_refused_when_it_leaves_two_limbs),
        cmocka_unit_test(test_division_undoes_multiplication_by_a_wad),
        cmocka_unit_test(test_roots_at_both_ends),
        cmocka_unit_test(test_signed_sums_never_are_the_missing_negative),
        cmocka_unit_test(test_the_missing_negative_is_asserted_away),
        cmocka_unit_test(test_assertions_refuse_zero_and_excess),
        cmocka_unit_test(test_a_carry_over_all_limbs_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

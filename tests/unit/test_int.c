// SPDX-License-Identifier: Apache-2.0
/* plm_int: checked sums at their edges, quotients by direction, the root of 64 bits. */
#include "plm_cmocka.h"
#include "plm_int.h"

#include <stdbool.h>
#include <stdint.h>

static void test_unsigned_sum_is_refused_one_above_the_top(void **state)
{
    (void)state;
    uint64_t out = 77;
    assert_true(plm_int_add_u64_checked(UINT64_MAX - 1, 1, &out));
    assert_true(out == UINT64_MAX);
    out = 77;
    assert_false(plm_int_add_u64_checked(UINT64_MAX, 1, &out));
    assert_true(out == 77);
}

static void test_unsigned_difference_is_refused_below_zero(void **state)
{
    (void)state;
    uint64_t out = 77;
    assert_true(plm_int_sub_u64_checked(5, 5, &out));
    assert_true(out == 0);
    out = 77;
    assert_false(plm_int_sub_u64_checked(5, 6, &out));
    assert_true(out == 77);
}

static void test_signed_sum_never_is_the_missing_negative(void **state)
{
    (void)state;

    static const struct {
        int64_t a;
        int64_t b;
        bool sum_fits;
        bool difference_fits;
    } rows[] = {
        {INT64_MAX, 0, true, true},
        {INT64_MAX, 1, false, true},
        {INT64_MAX, -1, true, false},
        {-INT64_MAX, 1, true, false},
        {-INT64_MAX, -1, false, true},
        {-INT64_MAX, -2, false, true},
        {-INT64_MAX, 2, true, false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t out = 77;
        assert_int_equal(plm_int_add_i64_checked(rows[i].a, rows[i].b, &out), rows[i].sum_fits);
        assert_true(rows[i].sum_fits ? out == rows[i].a + rows[i].b : out == 77);
        out = 77;
        assert_int_equal(plm_int_sub_i64_checked(rows[i].a, rows[i].b, &out),
                         rows[i].difference_fits);
        assert_true(rows[i].difference_fits ? out == rows[i].a - rows[i].b : out == 77);
    }
}

static void test_magnitude_is_total(void **state)
{
    (void)state;
    assert_true(plm_int_magnitude_i64(0) == 0);
    assert_true(plm_int_magnitude_i64(-1) == 1);
    assert_true(plm_int_magnitude_i64(INT64_MAX) == (uint64_t)INT64_MAX);
    assert_true(plm_int_magnitude_i64(INT64_MIN) == (uint64_t)1 << 63);
}

static void test_narrowing_is_refused_one_above_the_bound(void **state)
{
    (void)state;
    int64_t wide = 77;
    uint32_t narrow = 77;
    assert_true(plm_int_to_i64_checked((uint64_t)INT64_MAX, &wide));
    assert_true(wide == INT64_MAX);
    assert_false(plm_int_to_i64_checked((uint64_t)INT64_MAX + 1, &wide));
    assert_true(wide == INT64_MAX);
    assert_true(plm_int_to_u32_checked(UINT32_MAX, &narrow));
    assert_true(narrow == UINT32_MAX);
    assert_false(plm_int_to_u32_checked((uint64_t)UINT32_MAX + 1, &narrow));
    assert_true(narrow == UINT32_MAX);
}

static void test_smaller_and_larger(void **state)
{
    (void)state;
    assert_true(plm_int_min_u64(3, 4) == 3);
    assert_true(plm_int_min_u64(4, 3) == 3);
    assert_true(plm_int_max_u64(3, 4) == 4);
    assert_true(plm_int_max_u64(4, 3) == 4);
}

static void test_quotients_keep_their_direction_below_zero(void **state)
{
    (void)state;

    static const struct {
        int64_t n;
        int64_t floor;
        int64_t ceil;
    } rows[] = {
        {-8, -4, -4},
        {-7, -4, -3},
        {-1, -1, 0},
        {0, 0, 0},
        {1, 0, 1},
        {7, 3, 4},
        {8, 4, 4},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_true(plm_int_div_i64_floor(rows[i].n, 2) == rows[i].floor);
        assert_true(plm_int_div_i64_ceil(rows[i].n, 2) == rows[i].ceil);
    }
    assert_true(plm_int_div_u64_floor(UINT64_MAX, 2) == (uint64_t)INT64_MAX);
    assert_true(plm_int_div_u64_ceil(UINT64_MAX, 2) == (uint64_t)1 << 63);
    assert_true(plm_int_mod_u64(17, 5) == 2);
}

static void test_division_by_zero_is_asserted(void **state)
{
    (void)state;
    expect_assert_failure((void)plm_int_div_u64_floor(1, 0));
    expect_assert_failure((void)plm_int_div_u64_ceil(1, 0));
    expect_assert_failure((void)plm_int_mod_u64(1, 0));
    expect_assert_failure((void)plm_int_div_i64_floor(1, 0));
    expect_assert_failure((void)plm_int_div_i64_ceil(1, -1));
    expect_assert_failure((void)plm_int_clz_u64(0));
}

static void test_root_is_exact_at_every_power_of_two(void **state)
{
    (void)state;
    assert_true(plm_int_sqrt_u64_floor(0) == 0);
    assert_true(plm_int_sqrt_u64_ceil(0) == 0);
    assert_true(plm_int_sqrt_u64_floor(UINT64_MAX) == UINT32_MAX);
    assert_true(plm_int_sqrt_u64_ceil(UINT64_MAX) == (uint64_t)1 << 32);
    for (uint32_t k = 1; k <= 32; k++) {
        const uint64_t root = ((uint64_t)1 << k) - 1;
        assert_true(plm_int_sqrt_u64_floor(root * root) == root);
        assert_true(plm_int_sqrt_u64_ceil(root * root) == root);
        assert_true(plm_int_sqrt_u64_floor(root * root + 1) == root);
        assert_true(plm_int_sqrt_u64_ceil(root * root + 1) == root + 1);
        assert_true(plm_int_sqrt_u64_floor(root * root - 1) == root - 1);
        assert_true(plm_int_sqrt_u64_ceil(root * root - 1) == (root == 1 ? 0 : root));
    }
}

static void test_root_of_every_small_number(void **state)
{
    (void)state;
    uint64_t root = 0;
    for (uint64_t n = 0; n < 70000; n++) {
        if ((root + 1) * (root + 1) <= n) {
            root++;
        }
        assert_true(plm_int_sqrt_u64_floor(n) == root);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unsigned_sum_is_refused_one_above_the_top),
        cmocka_unit_test(test_unsigned_difference_is_refused_below_zero),
        cmocka_unit_test(test_signed_sum_never_is_the_missing_negative),
        cmocka_unit_test(test_magnitude_is_total),
        cmocka_unit_test(test_narrowing_is_refused_one_above_the_bound),
        cmocka_unit_test(test_smaller_and_larger),
        cmocka_unit_test(test_quotients_keep_their_direction_below_zero),
        cmocka_unit_test(test_division_by_zero_is_asserted),
        cmocka_unit_test(test_root_is_exact_at_every_power_of_two),
        cmocka_unit_test(test_root_of_every_small_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

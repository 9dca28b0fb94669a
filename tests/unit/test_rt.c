// SPDX-License-Identifier: Apache-2.0
/* plm_rt: the memory functions of the contract, under other names, at every small length and
 * offset. The source is included, because the host has functions of the same names. */
#define memcpy  rt_memcpy
#define memmove rt_memmove
#define memset  rt_memset
#define memcmp  rt_memcmp
#include "../../contract/rt/plm_rt.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp

#include "plm_cmocka.h"

#include <stdint.h>

#define SPAN 40U

static void fill(unsigned char *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        bytes[i] = (unsigned char)(i * 7U + 1U);
    }
}

static void test_moves_keep_order_at_every_overlap(void **state)
{
    (void)state;
    for (uint32_t from = 0; from < SPAN; from++) {
        for (uint32_t to = 0; to < SPAN; to++) {
            const uint32_t room = 2 * SPAN - (from > to ? from : to);
            for (uint32_t count = 0; count <= room; count++) {
                unsigned char moved[2 * SPAN] = {0};
                unsigned char before[2 * SPAN] = {0};
                fill(moved, 2 * SPAN);
                fill(before, 2 * SPAN);
                assert_ptr_equal(rt_memmove(moved + to, moved + from, count), moved + to);
                for (uint32_t i = 0; i < 2 * SPAN; i++) {
                    const int inside = i >= to && i < to + count;
                    assert_int_equal(moved[i], before[inside ? from + i - to : i]);
                }
            }
        }
    }
}

static void test_copies_and_fills_touch_their_range_only(void **state)
{
    (void)state;
    unsigned char source[SPAN] = {0};
    fill(source, SPAN);
    for (uint32_t start = 0; start < 9; start++) {
        for (uint32_t count = 0; count <= SPAN - start; count++) {
            unsigned char copied[SPAN] = {0};
            unsigned char filled[SPAN] = {0};
            assert_ptr_equal(rt_memcpy(copied + start, source, count), copied + start);
            assert_ptr_equal(rt_memset(filled + start, 0x1a5, count), filled + start);
            for (uint32_t i = 0; i < SPAN; i++) {
                const int inside = i >= start && i < start + count;
                assert_int_equal(copied[i], inside ? source[i - start] : 0);
                assert_int_equal(filled[i], inside ? 0xa5 : 0);
            }
        }
    }
}

static void test_comparison_finds_the_first_difference(void **state)
{
    (void)state;
    for (uint32_t at = 0; at < SPAN; at++) {
        unsigned char left[SPAN] = {0};
        unsigned char right[SPAN] = {0};
        fill(left, SPAN);
        fill(right, SPAN);
        assert_int_equal(rt_memcmp(left, right, SPAN), 0);
        left[at] = 0xff;
        right[at] = 0x01;
        if (at + 1 < SPAN) {
            left[at + 1] = 0;
        }
        assert_true(rt_memcmp(left, right, SPAN) > 0);
        assert_true(rt_memcmp(right, left, SPAN) < 0);
        assert_int_equal(rt_memcmp(left, right, at), 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moves_keep_order_at_every_overlap),
        cmocka_unit_test(test_copies_and_fills_touch_their_range_only),
        cmocka_unit_test(test_comparison_finds_the_first_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

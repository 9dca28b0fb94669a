// SPDX-License-Identifier: Apache-2.0
/* plm_cosmwasm_text: numbers, base64, a buffer that is full.
 * build: cosmwasm */
#include "plm_cmocka.h"
#include "plm_cosmwasm_text.h"

static uint8_t out_bytes[256];

static struct plm_cosmwasm_text new_text(void)
{
    return (struct plm_cosmwasm_text){.bytes = out_bytes, .capacity = sizeof out_bytes};
}

static void test_numbers_at_their_bounds(void **state)
{
    static const struct {
        plm_i128 value;
        const char *text;
    } rows[] = {
        {{0, 0}, "0"},
        {{UINT64_MAX, -1}, "-1"},
        {{UINT64_MAX, 0}, "18446744073709551615"},
        {{UINT64_MAX, INT64_MAX}, "170141183460469231731687303715884105727"},
        {{0, INT64_MIN}, "-170141183460469231731687303715884105728"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct plm_cosmwasm_text out = new_text();
        plm_cosmwasm_text_integer(&out, rows[i].value);
        out_bytes[out.length] = 0;
        assert_string_equal((const char *)out_bytes, rows[i].text);
    }
}

static void test_base64_is_padded(void **state)
{
    static const char *const rows[][2] = {
        {"", ""}, {"M", "TQ=="}, {"Ma", "TWE="}, {"Man", "TWFu"}, {"Many", "TWFueQ=="}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct plm_cosmwasm_text out = new_text();
        plm_cosmwasm_text_base64_begin(&out);
        plm_cosmwasm_text_words(&out, rows[i][0]);
        plm_cosmwasm_text_base64_end(&out);
        out_bytes[out.length] = 0;
        assert_string_equal((const char *)out_bytes, rows[i][1]);
    }
}

static void test_a_full_buffer_says_so(void **state)
{
    uint8_t small[4];
    struct plm_cosmwasm_text out = {.bytes = small, .capacity = sizeof small};
    (void)state;
    plm_cosmwasm_text_words(&out, "four");
    assert_false(out.is_full);
    plm_cosmwasm_text_words(&out, "!");
    assert_true(out.is_full);
    assert_int_equal(out.length, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_at_their_bounds),
        cmocka_unit_test(test_base64_is_padded),
        cmocka_unit_test(test_a_full_buffer_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

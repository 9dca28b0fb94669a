// SPDX-License-Identifier: Apache-2.0
/* Exact decimals, hexadecimal text and buffers of the simulator.
 * build: sim native */
#include "plm_cmocka.h"
#include "sim_bytes.h"

#include <string.h>

#define MAX127 ((sim_int)(((sim_uint)1 << 127) - 1u))

static void test_decimals_are_read_exactly_or_refused(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        unsigned decimals;
        bool is_read;
        int64_t value;
    } rows[] = {
        {"0", 0, true, 0},        {"-0", 0, true, 0},
        {"1_000", 0, true, 1000}, {"1884.40", 10, true, 18844000000000},
        {"-0.05", 2, true, -5},   {"0.050", 2, true, 5},
        {"0.051", 2, false, 0},   {"1.", 2, false, 0},
        {".5", 2, false, 0},      {"1__0", 0, false, 0},
        {"_1", 0, false, 0},      {"1_", 0, false, 0},
        {"1_.5", 2, false, 0},    {"1.2.3", 2, false, 0},
        {"", 0, false, 0},        {"-", 0, false, 0},
        {"+1", 0, false, 0},      {"1e3", 0, false, 0},
        {" 1", 0, false, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        sim_int value = 77;
        const bool is_read =
            sim_bytes_parse_decimal(rows[i].text, strlen(rows[i].text), rows[i].decimals, &value);
        assert_int_equal(is_read, rows[i].is_read);
        assert_true(value == (is_read ? (sim_int)rows[i].value : 77));
    }
}

static void test_the_largest_and_the_smallest_number_survive_text(void **state)
{
    (void)state;
    const sim_int numbers[] = {MAX127, -MAX127, -MAX127 - 1, 0, 1, -1};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        char text[SIM_INT_TEXT_MAX];
        char decimal[SIM_DECIMAL_TEXT_MAX];
        sim_int value = 0;
        (void)sim_bytes_int_text(numbers[i], text);
        assert_true(sim_bytes_parse_decimal(text, strlen(text), 0, &value));
        assert_true(value == numbers[i]);
        (void)sim_bytes_decimal_text(numbers[i], 18, decimal);
        assert_true(sim_bytes_parse_decimal(decimal, strlen(decimal), 18, &value));
        assert_true(value == numbers[i]);
    }
    sim_int value = 0;
    const char *const beyond = "170141183460469231731687303715884105728";
    assert_false(sim_bytes_parse_decimal(beyond, strlen(beyond), 0, &value));
    assert_false(sim_bytes_parse_decimal("1000000000000000000000", 22, 18, &value));
}

static void test_decimals_are_written_without_needless_zeros(void **state)
{
    (void)state;
    char text[SIM_DECIMAL_TEXT_MAX];
    assert_string_equal(sim_bytes_decimal_text(0, 18, text), "0");
    assert_string_equal(sim_bytes_decimal_text(5, 2, text), "0.05");
    assert_string_equal(sim_bytes_decimal_text(-5, 2, text), "-0.05");
    assert_string_equal(sim_bytes_decimal_text(1200, 2, text), "12");
    assert_string_equal(sim_bytes_decimal_text(1250, 2, text), "12.5");
    assert_string_equal(sim_bytes_decimal_text(1200, 0, text), "1200");
    assert_string_equal(sim_bytes_decimal_text(1, 38, text),
                        "0.00000000000000000000000000000000000001");
}

static void test_hexadecimal_text_comes_back(void **state)
{
    (void)state;
    struct sim_buffer bytes = {0};
    struct sim_buffer text = {0};
    assert_true(sim_bytes_from_hex(&bytes, "00fFa5", 6));
    sim_bytes_add_hex(&text, sim_bytes_span(&bytes));
    assert_string_equal(sim_bytes_text(&text), "00ffa5");
    assert_false(sim_bytes_from_hex(&bytes, "0", 1));
    assert_false(sim_bytes_from_hex(&bytes, "0g", 2));
    sim_bytes_free(&bytes);
    sim_bytes_free(&text);
}

static void test_integers_are_little_endian(void **state)
{
    (void)state;
    struct sim_buffer bytes = {0};
    struct sim_buffer text = {0};
    sim_bytes_add_integer(&bytes, 0x0102, 2);
    sim_bytes_add_integer(&bytes, -2, 4);
    sim_bytes_add_hex(&text, sim_bytes_span(&bytes));
    assert_string_equal(sim_bytes_text(&text), "0201feffffff");
    sim_bytes_free(&bytes);
    sim_bytes_free(&text);
}

static void test_the_hash_is_the_published_one(void **state)
{
    (void)state;
    uint8_t hash[32];
    struct sim_buffer text = {0};
    sim_bytes_sha256("abc", 3, hash);
    sim_bytes_add_hex(&text, (struct sim_span){hash, sizeof hash});
    assert_string_equal(sim_bytes_text(&text),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(sim_bytes_mix(SIM_HASH_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    sim_bytes_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimals_are_read_exactly_or_refused),
        cmocka_unit_test(test_the_largest_and_the_smallest_number_survive_text),
        cmocka_unit_test(test_decimals_are_written_without_needless_zeros),
        cmocka_unit_test(test_hexadecimal_text_comes_back),
        cmocka_unit_test(test_integers_are_little_endian),
        cmocka_unit_test(test_the_hash_is_the_published_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

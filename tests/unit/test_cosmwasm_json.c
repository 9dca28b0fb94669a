// SPDX-License-Identifier: Apache-2.0
/* plm_cosmwasm_json: which texts are JSON of the users' grammar, walking, numbers, base64.
 * build: cosmwasm */
#include "plm_cmocka.h"
#include "plm_cosmwasm_json.h"

#include <string.h>

static struct plm_cosmwasm_json json_of(const char *text)
{
    return (struct plm_cosmwasm_json){(const uint8_t *)text, (uint32_t)strlen(text), NULL, 0};
}

static struct plm_cosmwasm_span span_of(const char *text)
{
    return (struct plm_cosmwasm_span){(const uint8_t *)text, (uint32_t)strlen(text)};
}

static void test_users_send_a_small_grammar(void **state)
{
    static const struct {
        const char *text;
        const char *fault; /* NULL: accepted */
    } rows[] = {
        {"{}", NULL},
        {" \n\r\t{ \"a\" : [ 1 , -2 , \"x\" , { } , [ ] ] } ", NULL},
        {"null", NULL},
        {"\"text\"", NULL},
        {"170141183460469231731687303715884105727", NULL},
        {"", "a value is missing"},
        {"   ", "a value is missing"},
        {"{", "a name in quotes is missing"},
        {"[1", "a comma or a bracket is missing"},
        {"[1,]", "a value is missing"},
        {"[,1]", "a value is missing"},
        {"{\"a\":1,}", "a name in quotes is missing"},
        {"{\"a\" 1}", "a colon is missing"},
        {"{\"a\":}", "a value is missing"},
        {"{a:1}", "a name in quotes is missing"},
        {"{\"a\":1]", "a comma or a bracket is missing"},
        {"[1}", "a comma or a bracket is missing"},
        {"{}{}", "bytes behind the end"},
        {"{},", "bytes behind the end"},
        {"]", "a value is missing"},
        {"\"abc", "a string does not end"},
        {"\"abc\\\"", "a string does not end"},
        {"\"a\\n\"", "no escapes in strings"},
        {"\"\\u0041\"", "no escapes in strings"},
        {"\"a\tb\"", "strings are printable ASCII"},
        {"\"\xc3\xa9\"", "strings are printable ASCII"},
        {"\"\x7f\"", "strings are printable ASCII"},
        {"1.5", "not a whole number"},
        {"1e3", "not a whole number"},
        {"1E3", "not a whole number"},
        {"01", "not a whole number"},
        {"-0", "not a whole number"},
        {"+1", "not a whole number"},
        {"-", "not a whole number"},
        {"nul", "not a whole number"},
        {"True", "a value is missing"},
        {"NaN", "a value is missing"},
        {"170141183460469231731687303715884105728", NULL},
        {"1701411834604692317316873037158841057280000000000000000000000000", NULL},
        {"1701411834604692317316873037158841057280000000000000000000000.0", "not a whole number"},
        {"[[[[[[[[1]]]]]]]]", NULL},
        {"[[[[[[[[[1]]]]]]]]]", "nested too deep"},
        {"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}", "nested too deep"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct plm_cosmwasm_json json = json_of(rows[i].text);
        const bool accepted = plm_cosmwasm_json_check(&json, true);
        assert_int_equal(accepted, rows[i].fault == NULL);
        if (rows[i].fault != NULL) {
            assert_string_equal(json.fault, rows[i].fault);
            assert_true(json.at <= json.length);
        }
    }
}

static void test_a_nul_byte_is_no_blank(void **state)
{
    static const uint8_t text[] = "{}\0";
    struct plm_cosmwasm_json json = {text, 3, NULL, 0};
    (void)state;
    assert_false(plm_cosmwasm_json_check(&json, true));
}

static void test_the_chain_may_send_any_json(void **state)
{
    struct plm_cosmwasm_json json =
        json_of("{\"a\":\"q \\\" \\\\ \\u00e9 \xc3\xa9\",\"b\":1.5e-3,\"c\":true,\"time\":\"17\"}");
    uint32_t at = 0;
    (void)state;
    assert_true(plm_cosmwasm_json_check(&json, false));
    assert_true(plm_cosmwasm_json_member(&json, 0, "time", &at));
    assert_true(plm_cosmwasm_json_equal(plm_cosmwasm_json_string(&json, at), "17"));
    assert_false(plm_cosmwasm_json_member(&json, 0, "tim", &at));
    assert_false(plm_cosmwasm_json_member(&json, 0, "time ", &at));
}

static void test_walking_visits_each_member_once(void **state)
{
    struct plm_cosmwasm_json json =
        json_of("{ \"one\" : [ 1, {\"x\":2}, \"],}\" ] , \"two\":{} ,\"three\":-3}");
    static const char *const names[] = {"one", "two", "three"};
    struct plm_cosmwasm_span key = {NULL, 0};
    uint32_t cursor = 0;
    uint32_t value = 0;
    uint32_t count = 0;
    (void)state;
    assert_true(plm_cosmwasm_json_check(&json, true));
    while (plm_cosmwasm_json_next(&json, 0, &cursor, &key, &value)) {
        assert_true(plm_cosmwasm_json_equal(key, names[count]));
        count++;
    }
    assert_int_equal(count, 3);
    assert_true(plm_cosmwasm_json_member(&json, 0, "one", &value));
    const uint32_t array = value;
    cursor = 0;
    count = 0;
    while (plm_cosmwasm_json_next(&json, array, &cursor, &key, &value)) {
        count++;
    }
    assert_int_equal(count, 3);
}

static void test_numbers_have_one_form_each(void **state)
{
    static const struct {
        const char *text;
        enum plm_cosmwasm_number kind;
        uint64_t lo;
        int64_t hi;
    } rows[] = {
        {"0", PLM_COSMWASM_NUMBER, 0, 0},
        {"9", PLM_COSMWASM_NUMBER, 9, 0},
        {"-1", PLM_COSMWASM_NUMBER, UINT64_MAX, -1},
        {"18446744073709551615", PLM_COSMWASM_NUMBER, UINT64_MAX, 0},
        {"18446744073709551616", PLM_COSMWASM_NUMBER, 0, 1},
        {"-18446744073709551616", PLM_COSMWASM_NUMBER, 0, -1},
        {"170141183460469231731687303715884105727", PLM_COSMWASM_NUMBER, UINT64_MAX, INT64_MAX},
        {"-170141183460469231731687303715884105727", PLM_COSMWASM_NUMBER, 1, INT64_MIN},
        {"170141183460469231731687303715884105728", PLM_COSMWASM_TOO_LARGE, 0, 0},
        {"340282366920938463463374607431768211456", PLM_COSMWASM_TOO_LARGE, 0, 0},
        {"00", PLM_COSMWASM_NO_NUMBER, 0, 0},
        {"-0", PLM_COSMWASM_NO_NUMBER, 0, 0},
        {"-01", PLM_COSMWASM_NO_NUMBER, 0, 0},
        {"", PLM_COSMWASM_NO_NUMBER, 0, 0},
        {"-", PLM_COSMWASM_NO_NUMBER, 0, 0},
        {"+1", PLM_COSMWASM_NO_NUMBER, 0, 0},
        {" 1", PLM_COSMWASM_NO_NUMBER, 0, 0},
        {"1 ", PLM_COSMWASM_NO_NUMBER, 0, 0},
        {"1_000", PLM_COSMWASM_NO_NUMBER, 0, 0},
        {"0x10", PLM_COSMWASM_NO_NUMBER, 0, 0},
        {"99999999999999999999999999999999999999999999999", PLM_COSMWASM_TOO_LARGE, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        plm_i128 x = {0, 0};
        assert_int_equal(plm_cosmwasm_json_integer(span_of(rows[i].text), &x), rows[i].kind);
        if (rows[i].kind == PLM_COSMWASM_NUMBER) {
            assert_true(x.lo == rows[i].lo && x.hi == rows[i].hi);
        }
    }
}

static void test_base64_has_one_form_each(void **state)
{
    static const struct {
        const char *text;
        int32_t count;
    } rows[] = {
        {"", 0},
        {"TQ==", 1},
        {"TWE=", 2},
        {"TWFu", 3},
        {"TWFuTQ==", 4},
        {"TR==", -1},
        {"TWF=", -1},
        {"TQ=", -1},
        {"TQ", -1},
        {"TQ===", -1},
        {"T===", -1},
        {"====", -1},
        {"TQ==TQ==", -1},
        {"TW-u", -1},
        {"TW u", -1},
        {"TWFuTWFu", -1}, /* longer than the room below */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint8_t out[5] = {0};
        assert_int_equal(plm_cosmwasm_json_base64(span_of(rows[i].text), out, 5), rows[i].count);
        if (rows[i].count > 0) {
            assert_int_equal(out[0], 'M');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_users_send_a_small_grammar),
        cmocka_unit_test(test_a_nul_byte_is_no_blank),
        cmocka_unit_test(test_the_chain_may_send_any_json),
        cmocka_unit_test(test_walking_visits_each_member_once),
        cmocka_unit_test(test_numbers_have_one_form_each),
        cmocka_unit_test(test_base64_has_one_form_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

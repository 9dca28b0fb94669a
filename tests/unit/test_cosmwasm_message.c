// SPDX-License-Identifier: Apache-2.0
/* plm_cosmwasm_message: every message of the tables through JSON and back, and what is refused.
 * [CHAIN-2] [CHAIN-3]
 * build: cosmwasm */
#include "plm_cmocka.h"
#include "plm_codec.h"
#include "plm_cosmwasm_answer.h"
#include "plm_cosmwasm_message.h"
#include "plm_test_cosmwasm.h"
#include "plm_test_message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct plm_cosmwasm_message message;
static uint8_t out_bytes[PLM_COSMWASM_OUT_BYTES];

static struct plm_cosmwasm_text new_text(void)
{
    return (struct plm_cosmwasm_text){.bytes = out_bytes, .capacity = sizeof out_bytes};
}

static struct plm_cosmwasm_span span_of(const char *text)
{
    return (struct plm_cosmwasm_span){(const uint8_t *)text, (uint32_t)strlen(text)};
}

/* {"<name>":<the bytes as JSON>}, as the contract itself writes structs. */
static struct plm_cosmwasm_span
write_message(const struct plm_cosmwasm_variant *variant, const uint8_t *bytes, uint32_t length)
{
    struct plm_cosmwasm_text out = new_text();
    plm_cosmwasm_text_words(&out, "{\"");
    plm_cosmwasm_text_words(&out, variant->name);
    plm_cosmwasm_text_words(&out, "\":");
    plm_cosmwasm_answer_reply(&out, variant->layout, 0, (struct plm_cosmwasm_span){bytes, length});
    plm_cosmwasm_text_words(&out, "}");
    return (struct plm_cosmwasm_span){out.bytes, out.length};
}

static bool is_plain(const struct plm_cosmwasm_variant *variant)
{
    return variant->opcode != PLM_OP_INITIALISE && variant->opcode != PLM_OP_SETTLE_OUT &&
           variant->opcode != PLM_QUERY_PREVIEW && variant->opcode != PLM_QUERY_CONFIGURATION &&
           variant->opcode != PLM_QUERY_ROLES;
}

static void test_every_message_survives_json(void **state)
{
    uint8_t noise[4096];
    uint32_t seed = 1;
    (void)state;
    for (uint32_t round = 0; round < 40; round++) {
        for (size_t i = 0; i < sizeof noise; i++) {
            seed = seed * 1664525U + 1013904223U;
            noise[i] = round == 0 ? 0 : (uint8_t)(seed >> 24);
        }
        const struct plm_cosmwasm_variant *variant = plm_cosmwasm_names_variant(0);
        for (uint32_t i = 0; variant != NULL; i++, variant = plm_cosmwasm_names_variant(i)) {
            uint8_t bytes[PLM_LIMIT_MESSAGE_MAX];
            struct plm_test_choices choices = {noise, sizeof noise, 0};
            if (!is_plain(variant)) {
                continue;
            }
            const uint32_t length =
                plm_test_message_fill(&choices, variant->layout, bytes, sizeof bytes);
            const enum plm_cosmwasm_family family = variant->opcode >= PLM_QUERY_CONFIGURATION
                                                        ? PLM_COSMWASM_QUERY
                                                        : PLM_COSMWASM_EXECUTE;
            const struct plm_cosmwasm_span text = write_message(variant, bytes, length);
            assert_int_equal(plm_cosmwasm_message_read(&message, family, text), PLM_OK);
            assert_int_equal(message.opcode, variant->opcode);
            assert_int_equal(message.bytes[0], variant->opcode);
            assert_int_equal(message.length, length + 1);
            assert_memory_equal(message.bytes + 1, bytes, length);
        }
    }
}

/* The reader's fixed arrays hold every message of the tables. */
static void test_the_tables_fit_the_reader(void **state)
{
    (void)state;
    for (uint32_t i = 0; plm_cosmwasm_names_variant(i) != NULL; i++) {
        const struct plm_cosmwasm_variant *variant = plm_cosmwasm_names_variant(i);
        const struct plm_layout *layout = &plm_tables_layouts[variant->layout];
        assert_true(layout->count <= PLM_COSMWASM_FIELDS);
        for (uint32_t field = layout->first; field < (uint32_t)layout->first + layout->count;
             field++) {
            assert_true(plm_tables_fields[field].type != PLM_TYPE_HASH);
        }
    }
}

struct row {
    enum plm_cosmwasm_family family;
    const char *text;
    plm_err code;
    const char *fault;
};

#define EX PLM_COSMWASM_EXECUTE
#define QU PLM_COSMWASM_QUERY
#define FILL_START                                                                                 \
    "{\"trade\":{\"fills\":[{\"id\":\"1\",\"market\":0,\"buyer\":\"1\",\"seller\":\"2\","
#define FILL_END "\"taker\":0,\"buyer_by\":0,\"seller_by\":0}]}}"

static const struct row rows[] = {
    /* no message at all */
    {EX, "", PLM_E_FIELD, "at byte 0 of the message: a value is missing"},
    {EX, "{}", PLM_E_FIELD, "not an object with one message"},
    {EX, "[]", PLM_E_FIELD, "not an object with one message"},
    {EX, "\"settle\"", PLM_E_FIELD, "not an object with one message"},
    {EX,
     "{\"settle\":{}",
     PLM_E_FIELD,
     "at byte 12 of the message: a comma or a bracket is missing"},
    {EX,
     "{\"flag\":{\"account\":\"1\"}}x",
     PLM_E_FIELD,
     "at byte 24 of the message: bytes behind the end"},
    /* names */
    {EX, "{\"Settle\":{}}", PLM_E_FIELD, "unknown message Settle"},
    {EX, "{\"initialise\":{}}", PLM_E_FIELD, "unknown message initialise"},
    {EX, "{\"settle_out\":{\"payout\":\"1\",\"ok\":0}}", PLM_E_FIELD, "unknown message settle_out"},
    {EX, "{\"get_roles\":{}}", PLM_E_FIELD, "unknown message get_roles"},
    {QU, "{\"settle\":{\"account\":\"1\",\"market\":0}}", PLM_E_FIELD, "unknown message settle"},
    {QU, "{\"get_roles\":{\"reserved\":0}}", PLM_E_FIELD, "get_roles: unknown field reserved"},
    {PLM_COSMWASM_HOOK,
     "{\"withdraw\":{\"account\":\"1\",\"asset\":0,\"amount\":\"1\"}}",
     PLM_E_FIELD,
     "receive.msg: unknown message withdraw"},
    {PLM_COSMWASM_SUDO,
     "{\"withdraw\":{\"account\":\"1\",\"asset\":0,\"amount\":\"1\"}}",
     PLM_E_FIELD,
     "unknown message withdraw"},
    {PLM_COSMWASM_SUDO,
     "{\"sweep_surplus\":{\"asset\":0,\"amount\":\"1\"}}",
     PLM_E_FIELD,
     "unknown message sweep_surplus"},
    {EX,
     "{\"flag\":{\"account\":\"1\"},\"flag\":{\"account\":\"2\"}}",
     PLM_E_FIELD,
     "a second message flag"},
    /* objects */
    {EX, "{\"flag\":[]}", PLM_E_FIELD, "flag: not an object"},
    {EX, "{\"flag\":{}}", PLM_E_FIELD, "flag.account: missing"},
    {EX,
     "{\"settle\":{\"account\":\"1\",\"market\":0,\"x\":1}}",
     PLM_E_FIELD,
     "settle: unknown field x"},
    {EX,
     "{\"settle\":{\"account\":\"1\",\"account\":\"1\"}}",
     PLM_E_FIELD,
     "settle: given twice: account"},
    {EX, "{\"settle\":{\"market\":0}}", PLM_E_FIELD, "settle.account: missing"},
    {EX, "{\"settle\":{\"\":0}}", PLM_E_FIELD, "settle: unknown field "},
    /* numbers */
    {EX, "{\"flag\":{\"account\":1}}", PLM_E_FIELD, "flag.account: not a whole number in quotes"},
    {EX,
     "{\"flag\":{\"account\":\"\"}}",
     PLM_E_FIELD,
     "flag.account: not a whole number in quotes"},
    {EX,
     "{\"flag\":{\"account\":\"01\"}}",
     PLM_E_FIELD,
     "flag.account: not a whole number in quotes"},
    {EX,
     "{\"flag\":{\"account\":\"1.0\"}}",
     PLM_E_FIELD,
     "flag.account: not a whole number in quotes"},
    {EX,
     "{\"flag\":{\"account\":null}}",
     PLM_E_FIELD,
     "flag.account: not a whole number in quotes"},
    {EX, "{\"flag\":{\"account\":\"0\"}}", PLM_E_RANGE, "flag.account: outside its range"},
    {EX, "{\"flag\":{\"account\":\"-1\"}}", PLM_E_RANGE, "flag.account: outside its range"},
    {EX,
     "{\"flag\":{\"account\":\"18446744073709551616\"}}",
     PLM_E_RANGE,
     "flag.account: outside its range"},
    {EX,
     "{\"settle\":{\"account\":\"1\",\"market\":\"0\"}}",
     PLM_E_FIELD,
     "settle.market: not a whole number"},
    {EX,
     "{\"settle\":{\"account\":\"1\",\"market\":256}}",
     PLM_E_RANGE,
     "settle.market: outside its range"},
    {EX,
     "{\"settle\":{\"account\":\"1\",\"market\":65536}}",
     PLM_E_RANGE,
     "settle.market: outside its range"},
    {EX,
     "{\"settle\":{\"account\":\"1\",\"market\":-1}}",
     PLM_E_RANGE,
     "settle.market: outside its range"},
    {EX,
     "{\"settle\":{\"account\":\"1\",\"market\":true}}",
     PLM_E_FIELD,
     "settle.market: not a whole number"},
    {EX,
     "{\"settle\":{\"account\":\"1\",\"market\":1.0}}",
     PLM_E_FIELD,
     "at byte 34 of the message: not a whole number"},
    {EX,
     "{\"withdraw\":{\"account\":\"1\",\"asset\":0,"
     "\"amount\":\"170141183460469231731687303715884105728\"}}",
     PLM_E_RANGE,
     "withdraw.amount: outside its range"},
    {EX,
     "{\"withdraw\":{\"account\":\"1\",\"asset\":0,\"amount\":\"-1\"}}",
     PLM_E_RANGE,
     "withdraw.amount: outside its range"},
    {EX,
     "{\"set_param\":{\"target\":3,\"id\":0,\"param\":1,\"value\":\"1\"}}",
     PLM_E_RANGE,
     "set_param.target: outside its range"},
    /* lists */
    {EX, "{\"trade\":{\"fills\":{}}}", PLM_E_FIELD, "trade.fills: not an array"},
    {EX, "{\"trade\":{\"fills\":[1]}}", PLM_E_FIELD, "trade.fills[0]: not an object"},
    {EX, "{\"trade\":{\"fills\":[1,1,1,1,1,1,1]}}", PLM_E_LENGTH, "trade.fills: too many elements"},
    {EX,
     FILL_START "\"lots\":\"x\",\"price\":\"1\"," FILL_END,
     PLM_E_FIELD,
     "trade.fills[0].lots: not a whole number in quotes"},
    {EX,
     FILL_START "\"lots\":\"1\",\"price\":\"0\"," FILL_END,
     PLM_E_RANGE,
     "trade.fills[0].price: outside its range"},
    {EX,
     FILL_START "\"lots\":\"1\",\"price\":\"9\",\"lots\":\"1\"," FILL_END,
     PLM_E_FIELD,
     "trade.fills[0]: given twice: lots"},
    {EX,
     "{\"set_order\":{\"account\":\"1\",\"markets\":[{\"market\":1},{\"market\":2},{}]}}",
     PLM_E_FIELD,
     "set_order.markets[2].market: missing"},
    /* addresses and tokens */
    {EX,
     "{\"set_role\":{\"role\":0,\"holder\":\"nobody\"}}",
     PLM_E_FIELD,
     "set_role.holder: not an address of this chain"},
    {EX,
     "{\"set_role\":{\"role\":0,\"holder\":\"\"}}",
     PLM_E_FIELD,
     "set_role.holder: not an address of this chain"},
    {EX,
     "{\"set_role\":{\"role\":0,\"holder\":7}}",
     PLM_E_FIELD,
     "set_role.holder: not an address of this chain"},
    /* a preview's message */
    {QU,
     "{\"get_preview\":{\"actor\":\"" PLM_TEST_SENDER "\",\"funds\":[],\"message\":\"\"}}",
     PLM_E_FIELD,
     "get_preview.message: not a message in base64"},
    {QU,
     "{\"get_preview\":{\"actor\":\"" PLM_TEST_SENDER "\",\"funds\":[],\"message\":\"e30=\"}}",
     PLM_E_FIELD,
     "get_preview.message: not an object with one message"},
};

static void test_what_is_refused_and_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct plm_cosmwasm_text out = new_text();
        const plm_err code =
            plm_cosmwasm_message_read(&message, rows[i].family, span_of(rows[i].text));
        assert_int_equal(code, rows[i].code);
        plm_cosmwasm_message_write_fault(&message, &out);
        out_bytes[out.length] = 0;
        assert_string_equal((const char *)out_bytes, rows[i].fault);
    }
}

static void test_tokens_have_one_form_each(void **state)
{
    static const struct {
        const char *token;
        bool ok;
    } tokens[] = {
        {"{\"native\":\"uatom\"}", true},
        {"{\"native\":\"abc\"}", true},
        {"{\"native\":\"ab\"}", false},
        {"{\"native\":\"\"}", false},
        {"{\"native\":\"1abc\"}", false},
        {"{\"native\":\"a b\"}", false},
        {"{\"native\":\"cw20:abc\"}", false}, /* would read as a CW20 token */
        {"{\"native\":\"cw20/abc\"}", true},
        {"{\"native\":\"factory/x/012345678901234567890123456789012345678901234567890123\"}",
         true}, /* 64 characters */
        {"{\"native\":\"factory/x/0123456789012345678901234567890123456789012345678901234\"}",
         false},
        {"{\"native\":\"ibc/0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF\"}",
         true},
        {"{\"native\":\"ibc/0123456789abcdef0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF\"}",
         false},
        {"{\"native\":\"ibd/0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF\"}",
         false},
        {"{\"cw20\":\"" PLM_TEST_TOKEN "\"}", true},
        {"{\"cw20\":\"uatom\"}", false},
        {"{\"cw20\":7}", false},
        {"{\"other\":\"uatom\"}", false},
        {"{\"native\":\"uatom\",\"cw20\":\"" PLM_TEST_TOKEN "\"}", false},
        {"{\"native\":\"uatom\",\"native\":\"uatom\"}", false},
        {"{}", false},
        {"\"uatom\"", false},
        {"[\"uatom\"]", false},
    };

    char text[512];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        (void)snprintf(text,
                       sizeof text,
                       "{\"token\":%s,\"decimals\":6,\"admin\":\"%s\"}",
                       tokens[i].token,
                       PLM_TEST_SENDER);
        const plm_err code =
            plm_cosmwasm_message_read_fields(&message, PLM_OP_INITIALISE, span_of(text));
        assert_int_equal(code, tokens[i].ok ? PLM_OK : PLM_E_FIELD);
    }
}

static void test_a_text_at_and_beyond_its_longest(void **state)
{
    static char text[PLM_COSMWASM_TEXT_MAX + 2];
    static const char flag[] = "{\"flag\":{\"account\":\"1\"}}";
    (void)state;
    memset(text, ' ', sizeof text);
    memcpy(text, flag, sizeof flag - 1);
    const struct plm_cosmwasm_span longest = {(const uint8_t *)text, PLM_COSMWASM_TEXT_MAX};
    const struct plm_cosmwasm_span longer = {(const uint8_t *)text, PLM_COSMWASM_TEXT_MAX + 1};
    assert_int_equal(plm_cosmwasm_message_read(&message, EX, longest), PLM_OK);
    assert_int_equal(plm_cosmwasm_message_read(&message, EX, longer), PLM_E_LENGTH);
}

static void test_fields_may_come_in_any_order(void **state)
{
    static const char *const texts[] = {
        "{\"withdraw\":{\"account\":\"7\",\"asset\":3,\"amount\":\"5\"}}",
        "{\"withdraw\":{\"amount\":\"5\",\"asset\":3,\"account\":\"7\"}}",
        " {\"withdraw\" : {\"asset\":3 ,\n\"account\":\"7\", \"amount\":\"5\" } } ",
    };
    static const uint8_t bytes[] = {PLM_OP_WITHDRAW,
                                    7,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    3,
                                    0,
                                    5,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_int_equal(plm_cosmwasm_message_read(&message, EX, span_of(texts[i])), PLM_OK);
        assert_int_equal(message.length, sizeof bytes);
        assert_memory_equal(message.bytes, bytes, sizeof bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_message_survives_json),
        cmocka_unit_test(test_the_tables_fit_the_reader),
        cmocka_unit_test(test_what_is_refused_and_why),
        cmocka_unit_test(test_tokens_have_one_form_each),
        cmocka_unit_test(test_a_text_at_and_beyond_its_longest),
        cmocka_unit_test(test_fields_may_come_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

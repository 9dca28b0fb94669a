// SPDX-License-Identifier: Apache-2.0
/* Messages in JSON as a chain with JSON messages has them: to bytes and back, and what is refused.
 * build: sim native */
#include "plm_cmocka.h"
#include "sim_abi_chain.h"

#include <string.h>

#define ADDR_20 "address:00112233445566778899aabbccddeeff00112233"
#define ADDR_32 "address:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HASH_UP "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"

static const char *const whole[] = {
    "{\"open_account\":{\"number\":4294967295,\"mode\":1}}",
    "{\"deposit\":{\"account\":\"18446744073709551615\",\"asset\":63,\"amount\":\"5\"}}",
    "{\"withdraw\":{\"account\":\"1\",\"asset\":0,"
    "\"amount\":\"170141183460469231731687303715884105727\"}}",
    "{\"set_param\":{\"target\":2,\"id\":511,\"param\":7,\"value\":\"-5\"}}",
    "{\"set_role\":{\"role\":1,\"holder\":\"" ADDR_32 "\"}}",
    "{\"add_asset\":{\"token\":{\"cw20\":\"" ADDR_32 "\"},\"decimals\":6,\"feed\":0,\"params\":{"
    "\"weight_initial\":900000,\"weight_maint\":950000,\"cap\":\"0\",\"scale_start\":\"0\","
    "\"discount\":1,\"discount_max\":2,\"discount_growth\":3}}}",
    "{\"set_order\":{\"account\":\"1\",\"markets\":[{\"market\":3},{\"market\":1}]}}",
    "{\"set_order\":{\"account\":\"1\",\"markets\":[]}}",
    "{\"trade\":{\"fills\":[{\"id\":\"1\",\"market\":0,\"buyer\":\"1\",\"seller\":\"2\","
    "\"lots\":\"-9223372036854775808\",\"price\":\"10\",\"taker\":0,\"buyer_by\":0,"
    "\"seller_by\":1}]}}",
    "{\"liquidate\":{\"account\":\"1\",\"market\":0,\"taker\":\"2\",\"lots\":\"0\","
    "\"limit\":\"0\"}}",
};

static json_t *parse(const char *text)
{
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    assert_non_null(json);
    return json;
}

/* Reads a message; `why` keeps the sentence of a refusal. */
static bool
reads(enum sim_chain_entry entry, const char *text, struct sim_buffer *out, struct sim_buffer *why)
{
    json_t *json = parse(text);
    why->length = 0;
    const bool is_read = sim_abi_chain_read_message(entry, json, out, why);
    json_decref(json);
    return is_read;
}

static void test_messages_come_back_as_they_were(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        struct sim_buffer bytes = {0};
        struct sim_buffer why = {0};
        const struct sim_context context = {.caller = sim_abi_addr_text("caller"),
                                            .self = sim_abi_addr_text("self")};
        const char *no = NULL;
        enum sim_chain_entry entry = SIM_CHAIN_NONE;
        assert_true(reads(SIM_CHAIN_EXECUTE, whole[i], &bytes, &why));
        json_t *back = sim_abi_chain_message(&context, sim_bytes_span(&bytes), &entry, &no);
        json_t *first = parse(whole[i]);
        assert_null(no);
        assert_int_equal(entry, SIM_CHAIN_EXECUTE);
        assert_true(json_equal(back, first));
        json_decref(back);
        json_decref(first);
        sim_bytes_free(&bytes);
        sim_bytes_free(&why);
    }
}

static void test_entries_take_their_own_messages(void **state)
{
    (void)state;

    static const struct {
        enum sim_chain_entry entry;
        const char *text;
        bool is_taken;
    } rows[] = {
        {SIM_CHAIN_INSTANTIATE,
         "{\"token\":{\"native\":\"uusd\"},\"decimals\":6,\"admin\":\"" ADDR_20 "\"}",
         true},
        {SIM_CHAIN_REPLY_OF_PAYOUT, "{\"payout\":\"1\",\"ok\":0}", true},
        {SIM_CHAIN_MIGRATE, "{}", true},
        {SIM_CHAIN_MIGRATE, "{\"x\":1}", false},
        {SIM_CHAIN_SUDO, "{\"set_status\":{\"market\":0,\"status\":1}}", true},
        {SIM_CHAIN_SUDO, "{\"flag\":{\"account\":\"1\"}}", false},
        {SIM_CHAIN_EXECUTE, "{\"set_status\":{\"market\":0,\"status\":1}}", true},
        {SIM_CHAIN_EXECUTE, "{\"settle_out\":{\"payout\":\"1\",\"ok\":0}}", false},
        {SIM_CHAIN_EXECUTE, "{\"initialise\":{}}", false},
        {SIM_CHAIN_EXECUTE, "{\"get_margin\":{\"account\":\"1\"}}", false},
        {SIM_CHAIN_EXECUTE, "{\"Flag\":{\"account\":\"1\"}}", false},
        {SIM_CHAIN_EXECUTE, "{}", false},
        {SIM_CHAIN_EXECUTE, "[]", false},
        {SIM_CHAIN_EXECUTE, "\"flag\"", false},
        {SIM_CHAIN_EXECUTE,
         "{\"flag\":{\"account\":\"1\"},\"resolve\":{\"account\":\"1\",\"market\":0}}",
         false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sim_buffer bytes = {0};
        struct sim_buffer why = {0};
        assert_int_equal(reads(rows[i].entry, rows[i].text, &bytes, &why), rows[i].is_taken);
        assert_int_equal(why.length == 0, rows[i].is_taken);
        sim_bytes_free(&bytes);
        sim_bytes_free(&why);
    }
}

static void test_refusals_name_the_field(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        const char *why;
    } rows[] = {
        {"{\"deposit\":{\"account\":\"1\",\"asset\":0}}", "deposit.amount: missing"},
        {"{\"deposit\":{\"account\":\"1\",\"asset\":0,\"amount\":\"5\",\"more\":1}}",
         "deposit.more: no such field"},
        {"{\"deposit\":{\"account\":1,\"asset\":0,\"amount\":\"5\"}}", "deposit.account: not a t"},
        {"{\"deposit\":{\"account\":\"01\",\"asset\":0,\"amount\":\"5\"}}", "deposit.account: "},
        {"{\"deposit\":{\"account\":\"+1\",\"asset\":0,\"amount\":\"5\"}}", "deposit.account: "},
        {"{\"deposit\":{\"account\":\"\",\"asset\":0,\"amount\":\"5\"}}", "deposit.account: "},
        {"{\"deposit\":{\"account\":\"-1\",\"asset\":0,\"amount\":\"5\"}}",
         "deposit.account: outside"},
        {"{\"deposit\":{\"account\":\"18446744073709551616\",\"asset\":0,\"amount\":\"5\"}}",
         "deposit.account: outside"},
        {"{\"deposit\":{\"account\":\"1\",\"asset\":\"0\",\"amount\":\"5\"}}",
         "deposit.asset: not an integer"},
        {"{\"deposit\":{\"account\":\"1\",\"asset\":0.0,\"amount\":\"5\"}}",
         "deposit.asset: not an integer"},
        {"{\"deposit\":{\"account\":\"1\",\"asset\":65536,\"amount\":\"5\"}}",
         "deposit.asset: outside"},
        {"{\"deposit\":{\"account\":\"1\",\"asset\":-1,\"amount\":\"5\"}}", "deposit.asset: out"},
        {"{\"deposit\":{\"account\":\"1\",\"asset\":0,\"amount\":\"-0\"}}", "deposit.amount: not"},
        {"{\"deposit\":{\"account\":\"1\",\"asset\":0,\"amount\":\"1_0\"}}", "deposit.amount: not"},
        {"{\"deposit\":{\"account\":\"1\",\"asset\":0,"
         "\"amount\":\"170141183460469231731687303715884105728\"}}",
         "deposit.amount: not"},
        {"{\"deposit\":null}", "deposit: not an object"},
        {"{\"trade\":{\"fills\":{}}}", "trade.fills: not an array"},
        {"{\"trade\":{\"fills\":[1]}}", "trade.fills[0]: not an object"},
        {"{\"trade\":{\"fills\":[{\"id\":\"x\"}]}}", "trade.fills[0].id: not"},
        {"{\"trade\":{\"fills\":[1,2,3,4,5,6,7]}}", "trade.fills: too many"},
        {"{\"set_role\":{\"role\":1,\"holder\":\"00112233\"}}", "set_role.holder: not an addr"},
        {"{\"set_role\":{\"role\":1,\"holder\":\"address:0011\"}}", "set_role.holder: not an addr"},
        {"{\"add_asset\":{\"token\":\"uusd\"}}", "add_asset.token: not a token"},
        {"{\"add_asset\":{\"token\":{\"native\":\"uusd\",\"cw20\":\"" ADDR_20 "\"}}}",
         "add_asset.token: not a token"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sim_buffer bytes = {0};
        struct sim_buffer why = {0};
        assert_false(reads(SIM_CHAIN_EXECUTE, rows[i].text, &bytes, &why));
        assert_int_equal(bytes.length, 0);
        assert_memory_equal(sim_bytes_text(&why), rows[i].why, strlen(rows[i].why));
        sim_bytes_free(&bytes);
        sim_bytes_free(&why);
    }
}

static void test_tokens_of_both_kinds(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        uint32_t length; /* of the engine's bytes; 0 = refused */
        uint8_t first;
    } rows[] = {
        {"{\"native\":\"uusd\"}", 4, 'u'},
        {"{\"native\":\"factory/wasm1abc/u.s:d-x_9\"}", 26, 'f'},
        {"{\"native\":\"ibc/" HASH_UP "\"}", 33, SIM_CHAIN_IBC},
        {"{\"native\":\"ibc/ABC\"}", 7, 'i'},
        {"{\"cw20\":\"" ADDR_20 "\"}", 21, SIM_CHAIN_CW20},
        {"{\"cw20\":\"" ADDR_32 "\"}", 33, SIM_CHAIN_CW20},
        {"{\"native\":\"us\"}", 0, 0},
        {"{\"native\":\"1usd\"}", 0, 0},
        {"{\"native\":\"u usd\"}", 0, 0},
        {"{\"native\":\"a" HASH_UP "\"}", 0, 0},
        {"{\"native\":5}", 0, 0},
        {"{\"cw20\":\"address:00\"}", 0, 0},
        {"{\"other\":\"uusd\"}", 0, 0},
        {"{}", 0, 0},
        {"[]", 0, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct plm_addr token = {0};
        const char *no = NULL;
        json_t *json = parse(rows[i].text);
        assert_int_equal(sim_abi_chain_read_token(json, &token), rows[i].length > 0);
        assert_int_equal(token.length, rows[i].length);
        if (rows[i].length > 0) {
            json_t *back = sim_abi_chain_token(&token, &no);
            assert_int_equal(token.bytes[0], rows[i].first);
            assert_null(no);
            assert_true(json_equal(json, back));
            json_decref(back);
        }
        json_decref(json);
    }
}

static void test_what_has_no_form_says_so(void **state)
{
    (void)state;
    const struct sim_context context = {.caller = sim_abi_addr_text("caller"),
                                        .self = sim_abi_addr_text("self")};
    const struct plm_settle_out told = {.payout = 1, .ok = 1};
    const struct plm_set_role role = {.holder = sim_abi_addr_text("short")};
    const struct plm_add_asset asset = {.token = sim_abi_addr("\0abc", 4)};
    const struct plm_get_margin ask = {.account = 1};

    const struct {
        uint8_t opcode;
        const void *message;
    } rows[] = {
        {PLM_OP_SETTLE_OUT, &told},
        {PLM_OP_SET_ROLE, &role},
        {PLM_OP_ADD_ASSET, &asset},
        {PLM_QUERY_MARGIN, &ask},
        {PLM_OP_FLAG, NULL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sim_buffer bytes = {0};
        const char *no = NULL;
        enum sim_chain_entry entry = SIM_CHAIN_EXECUTE;
        (void)sim_abi_encode_message(rows[i].opcode, rows[i].message, &bytes);
        assert_null(sim_abi_chain_message(&context, sim_bytes_span(&bytes), &entry, &no));
        assert_int_equal(entry, SIM_CHAIN_NONE);
        assert_non_null(no);
        sim_bytes_free(&bytes);
    }
}

static void test_events_are_attributes(void **state)
{
    (void)state;
    const struct plm_ev_initialised event = {.token = sim_abi_addr_text("uusd"), .decimals = 6};
    const struct plm_ev_settled paid = {
        .account = UINT64_MAX, .market = 3, .value.wad = sim_abi_i128_of(-7)};
    struct sim_buffer bytes = {0};
    const char *no = NULL;
    sim_abi_encode(PLM_LAYOUT_ev_initialised, &event, &bytes);
    json_t *got = sim_abi_chain_event(1, sim_bytes_span(&bytes), &no);
    json_t *expected = parse("{\"type\":\"initialised\",\"attributes\":["
                             "{\"key\":\"token\",\"value\":\"uusd\"},"
                             "{\"key\":\"decimals\",\"value\":\"6\"}]}");
    assert_true(json_equal(got, expected));
    json_decref(got);
    json_decref(expected);
    bytes.length = 0;
    sim_abi_encode(PLM_LAYOUT_ev_settled, &paid, &bytes);
    got = sim_abi_chain_event(36, sim_bytes_span(&bytes), &no);
    expected = parse("{\"type\":\"settled\",\"attributes\":["
                     "{\"key\":\"account\",\"value\":\"18446744073709551615\"},"
                     "{\"key\":\"market\",\"value\":\"3\"},{\"key\":\"value\",\"value\":\"-7\"}]}");
    assert_true(json_equal(got, expected));
    json_decref(got);
    json_decref(expected);
    assert_null(sim_abi_chain_event(36, (struct sim_span){bytes.bytes, 3}, &no));
    assert_non_null(no);
    sim_bytes_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_come_back_as_they_were),
        cmocka_unit_test(test_entries_take_their_own_messages),
        cmocka_unit_test(test_refusals_name_the_field),
        cmocka_unit_test(test_tokens_of_both_kinds),
        cmocka_unit_test(test_what_has_no_form_says_so),
        cmocka_unit_test(test_events_are_attributes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

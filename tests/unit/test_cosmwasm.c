// SPDX-License-Identifier: Apache-2.0
/* plm_cosmwasm: the entry points from JSON to JSON, with the real core behind them. [CHAIN-1]
 * [CHAIN-4] [CHAIN-5]
 * build: cosmwasm */
#include "plm_cmocka.h"
#include "plm_test_cosmwasm.h"

#include <stdio.h>
#include <string.h>

#define ADMIN    PLM_TEST_SENDER
#define STRANGER "address:0202020202020202020202020202020202020202"

static char text[65536];

static const char *execute(const char *sender, const char *funds, const char *message)
{
    return plm_test_cosmwasm_call("execute", sender, funds, message);
}

static void expect(const char *answer, const char *part)
{
    assert_non_null(answer);
    if (strstr(answer, part) == NULL) {
        print_error("expected %s\ngot      %s\n", part, answer);
    }
    assert_non_null(strstr(answer, part));
}

/* A running engine: uusdc settles, account 1 is the admin's. */
static int begin(void **state)
{
    (void)state;
    plm_test_cosmwasm_reset();
    const char *answer = plm_test_cosmwasm_call(
        "instantiate",
        ADMIN,
        "[]",
        "{\"token\":{\"native\":\"uusdc\"},\"decimals\":6,\"admin\":\"" ADMIN "\"}");
    if (answer == NULL || strstr(answer, "\"initialised\"") == NULL) {
        return 1;
    }
    answer = execute(ADMIN, "[]", "{\"open_account\":{\"number\":0,\"mode\":0}}");
    return answer == NULL || strstr(answer, "account_opened") == NULL;
}

static const char *
hook(const char *token, const char *sender, const char *amount, const char *inner)
{
    (void)snprintf(text,
                   sizeof text,
                   "{\"receive\":{\"sender\":\"%s\",\"amount\":\"%s\",\"msg\":\"%s\"}}",
                   sender,
                   amount,
                   plm_test_cosmwasm_base64(inner));
    return execute(token, "[]", text);
}

static void deposit_five(void)
{
    expect(execute(ADMIN,
                   "[{\"denom\":\"uusdc\",\"amount\":\"5000000\"}]",
                   "{\"deposit\":{\"account\":\"1\",\"asset\":0,\"amount\":\"5000000\"}}"),
           "\"deposited\"");
}

static void withdraw_two(void)
{
    expect(execute(ADMIN,
                   "[]",
                   "{\"withdraw\":{\"account\":\"1\",\"asset\":0,\"amount\":\"2000000\"}}"),
           "{\"ok\":{\"messages\":[{\"id\":1,\"payload\":\"\",\"msg\":{\"bank\":{\"send\":"
           "{\"to_address\":\"" ADMIN "\",\"amount\":[{\"denom\":\"uusdc\",\"amount\":\"2000000\"}"
           "]}}},\"gas_limit\":null,\"reply_on\":\"always\"}],\"attributes\":[{\"key\":\"action\","
           "\"value\":\"withdraw\"}],\"events\":[{\"type\":\"withdrawn\",\"attributes\":[{\"key\":"
           "\"account\",\"value\":\"1\"},{\"key\":\"asset\",\"value\":\"0\"},{\"key\":\"amount\","
           "\"value\":\"2000000\"},{\"key\":\"payout\",\"value\":\"1\"}]}],"
           "\"data\":\"eyJwYXlvdXQiOiIxIn0=\"}}");
}

static void test_instantiate_writes_cw2_and_happens_once(void **state)
{
    size_t length = 0;
    (void)state;
    const uint8_t *info = plm_test_cosmwasm_stored("contract_info", &length);
    assert_non_null(info);
    assert_memory_equal(info, "{\"contract\":\"plimsoll\",\"version\":\"", 33);
    expect(plm_test_cosmwasm_call(
               "instantiate",
               STRANGER,
               "[]",
               "{\"token\":{\"native\":\"uatom\"},\"decimals\":6,\"admin\":\"" STRANGER "\"}"),
           "{\"error\":\"E_EXISTS: ");
}

static void test_instantiate_takes_no_coins(void **state)
{
    (void)state;
    plm_test_cosmwasm_reset();
    expect(plm_test_cosmwasm_call(
               "instantiate",
               ADMIN,
               "[{\"denom\":\"uusdc\",\"amount\":\"1\"}]",
               "{\"token\":{\"native\":\"uusdc\"},\"decimals\":6,\"admin\":\"" ADMIN "\"}"),
           "{\"error\":\"E_FIELD: instantiate takes no coins\"}");
    assert_int_equal(plm_test_cosmwasm_keys(), 0);
}

static void test_a_payout_that_arrives_is_booked(void **state)
{
    (void)state;
    deposit_five();
    withdraw_two();
    const size_t keys = plm_test_cosmwasm_keys();
    expect(plm_test_cosmwasm_call("reply",
                                  ADMIN,
                                  "[]",
                                  "{\"id\":1,\"payload\":\"\",\"gas_used\":7,\"result\":{\"ok\":{"
                                  "\"events\":[],\"data\":null,\"msg_responses\":[]}}}"),
           "\"payout_settled\"");
    assert_int_equal(plm_test_cosmwasm_keys(), keys - 1);
    expect(plm_test_cosmwasm_ask("{\"get_account\":{\"account\":\"1\"}}"),
           "\"cash\":\"3000000000000000000\"");
}

/* [LEDGER-6] */
static void test_a_payout_that_fails_comes_back_once(void **state)
{
    static const char failed[] =
        "{\"id\":1,\"payload\":\"\",\"gas_used\":7,\"result\":{\"error\":\"codespace: sdk, 5\"}}";
    (void)state;
    deposit_five();
    withdraw_two();
    expect(plm_test_cosmwasm_call("reply", ADMIN, "[]", failed), "\"payout_settled\"");
    expect(plm_test_cosmwasm_ask("{\"get_account\":{\"account\":\"1\"}}"),
           "\"cash\":\"5000000000000000000\"");
    expect(plm_test_cosmwasm_call("reply", ADMIN, "[]", failed), "{\"error\":\"E_DUPLICATE: ");
    assert_null(plm_test_cosmwasm_call(
        "reply", ADMIN, "[]", "{\"id\":1,\"result\":{\"ok\":null,\"error\":\"x\"}}"));
    assert_null(plm_test_cosmwasm_call("reply", ADMIN, "[]", "{\"id\":1,\"result\":{}}"));
    expect(plm_test_cosmwasm_ask("{\"get_account\":{\"account\":\"1\"}}"),
           "\"cash\":\"5000000000000000000\"");
}

static void test_coins_that_are_refused(void **state)
{
    static const char deposit[] = "{\"deposit\":{\"account\":\"1\",\"asset\":0,\"amount\":\"5\"}}";

    static const struct {
        const char *funds;
        const char *answer;
    } rows[] = {
        {"[]", "E_INSUFFICIENT_FUNDS_ATTACHED: "},
        {"[{\"denom\":\"uatom\",\"amount\":\"5\"}]", "E_INSUFFICIENT_FUNDS_ATTACHED: "},
        {"[{\"denom\":\"uusdc\",\"amount\":\"4\"}]", "E_INSUFFICIENT_FUNDS_ATTACHED: "},
        {"[{\"denom\":\"u usdc\",\"amount\":\"5\"}]", "E_FIELD: a coin came whose denomination"},
        {"[{\"denom\":\"uusdc\",\"amount\":\"170141183460469231731687303715884105728\"}]",
         "E_OVERFLOW: the amount sent is not below 2^127"},
        {"[{\"denom\":\"uusdc\",\"amount\":\"-5\"}]", "E_FIELD: the amount sent is not a whole"},
        {"[{\"denom\":\"aaa\",\"amount\":\"1\"},{\"denom\":\"bbb\",\"amount\":\"1\"},"
         "{\"denom\":\"ccc\",\"amount\":\"1\"},{\"denom\":\"ddd\",\"amount\":\"1\"},"
         "{\"denom\":\"uusdc\",\"amount\":\"5\"}]",
         "E_LENGTH: more than 4 tokens came with the call"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        expect(execute(ADMIN, rows[i].funds, deposit), rows[i].answer);
    }
    expect(execute(ADMIN,
                   "[{\"denom\":\"uusdc\",\"amount\":\"0\"}]",
                   "{\"deposit\":{\"account\":\"1\",\"asset\":0,\"amount\":\"0\"}}"),
           "E_AMOUNT_ZERO: ");
    expect(execute(ADMIN, "[{\"denom\":\"uusdc\",\"amount\":\"5\"}]", deposit), "deposited");
    /* what is no asset goes back: beside the right coin, and on a call that takes none */
    expect(
        execute(ADMIN,
                "[{\"denom\":\"ujuno\",\"amount\":\"7\"},{\"denom\":\"uusdc\",\"amount\":\"5\"}]",
                deposit),
        "E_NO_ASSET: ");
    expect(execute(ADMIN,
                   "[{\"denom\":\"ujuno\",\"amount\":\"7\"}]",
                   "{\"open_account\":{\"number\":1,\"mode\":0}}"),
           "E_NO_ASSET: ");
}

/* A running engine whose settlement token is a CW20 token. */
static void begin_cw20(void)
{
    plm_test_cosmwasm_reset();
    expect(plm_test_cosmwasm_call("instantiate",
                                  ADMIN,
                                  "[]",
                                  "{\"token\":{\"cw20\":\"" PLM_TEST_TOKEN
                                  "\"},\"decimals\":6,\"admin\":\"" ADMIN "\"}"),
           "{\"key\":\"token\",\"value\":\"cw20:" PLM_TEST_TOKEN "\"}");
    expect(execute(ADMIN, "[]", "{\"open_account\":{\"number\":0,\"mode\":0}}"), "account_opened");
}

static void test_a_cw20_token_comes_by_its_hook_and_leaves_by_a_transfer(void **state)
{
    (void)state;
    begin_cw20();
    expect(hook(PLM_TEST_TOKEN,
                ADMIN,
                "5000000",
                "{\"deposit\":{\"account\":\"1\",\"asset\":0,\"amount\":\"5000000\"}}"),
           "deposited");
    const char *answer = execute(
        ADMIN, "[]", "{\"withdraw\":{\"account\":\"1\",\"asset\":0,\"amount\":\"2000000\"}}");
    expect(answer, "{\"wasm\":{\"execute\":{\"contract_addr\":\"" PLM_TEST_TOKEN "\",\"msg\":\"");
    expect(answer,
           plm_test_cosmwasm_base64("{\"transfer\":{\"recipient\":\"" ADMIN
                                    "\",\"amount\":\"2000000\"}}"));
    expect(answer, "\",\"funds\":[]}}}");
}

static void test_hooks_that_are_refused(void **state)
{
    static const char deposit[] = "{\"deposit\":{\"account\":\"1\",\"asset\":0,\"amount\":\"5\"}}";
    (void)state;
    begin_cw20();
    /* forged: by a person, by another token, with less than the message says */
    expect(hook(STRANGER, ADMIN, "5", deposit), "E_INSUFFICIENT_FUNDS_ATTACHED: ");
    expect(hook(PLM_TEST_TOKEN, ADMIN, "4", deposit), "E_INSUFFICIENT_FUNDS_ATTACHED: ");
    /* a token may speak for its sender in deposits only */
    expect(hook(PLM_TEST_TOKEN,
                ADMIN,
                "5",
                "{\"withdraw\":{\"account\":\"1\",\"asset\":0,\"amount\":\"5\"}}"),
           "E_FIELD: receive.msg: unknown message withdraw");
    expect(hook(PLM_TEST_TOKEN, ADMIN, "5", "{\"receive\":{}}"),
           "E_FIELD: receive.msg: unknown message receive");
    expect(hook(PLM_TEST_TOKEN, "nobody", "5", deposit),
           "E_FIELD: receive.sender: not an address of this chain");
    expect(hook(PLM_TEST_TOKEN, ADMIN, "x", deposit), "E_FIELD: the amount sent is not a whole");
    expect(hook(PLM_TEST_TOKEN, ADMIN, "170141183460469231731687303715884105728", deposit),
           "E_OVERFLOW: the amount sent is not below 2^127");
    expect(hook(PLM_TEST_TOKEN, ADMIN, "5", ""), "E_FIELD: receive.msg: at byte 0 of the message");
    expect(execute(PLM_TEST_TOKEN,
                   "[]",
                   "{\"receive\":{\"sender\":\"" ADMIN "\",\"amount\":\"5\",\"msg\":\"!\"}}"),
           "E_FIELD: receive.msg: not base64");
    expect(execute(PLM_TEST_TOKEN,
                   "[]",
                   "{\"receive\":{\"sender\":\"" ADMIN "\",\"amount\":\"5\","
                   "\"msg\":\"e30=\",\"more\":1}}"),
           "E_FIELD: receive: sender, amount and msg, and nothing else");
    expect(execute(PLM_TEST_TOKEN, "[]", "{\"receive\":{}}"), "E_FIELD: receive: sender");
    expect(execute(PLM_TEST_TOKEN, "[]", "{\"receive\":7}"), "E_FIELD: receive: sender");
    /* forged by a person who pays with the coin itself, in another's name */
    (void)snprintf(text,
                   sizeof text,
                   "{\"receive\":{\"sender\":\"%s\",\"amount\":\"5\",\"msg\":\"%s\"}}",
                   ADMIN,
                   plm_test_cosmwasm_base64(deposit));
    expect(execute(STRANGER, "[{\"denom\":\"uusdc\",\"amount\":\"5\"}]", text),
           "E_FIELD: receive takes no coins");
    expect(hook(PLM_TEST_TOKEN, ADMIN, "5", deposit), "deposited");
}

static void test_a_denomination_is_no_cw20_token(void **state)
{
    (void)state;
    begin_cw20();
    expect(execute(ADMIN,
                   "[{\"denom\":\"cw20/7070707070707070707070707070707070707070\","
                   "\"amount\":\"5\"}]",
                   "{\"deposit\":{\"account\":\"1\",\"asset\":0,\"amount\":\"5\"}}"),
           "E_INSUFFICIENT_FUNDS_ATTACHED: ");
}

static void test_the_chain_governs_once_the_contract_is_its_own_admin(void **state)
{
    static const char pause[] = "{\"set_pause\":{\"market\":65535,\"bits\":32}}";
    (void)state;
    expect(plm_test_cosmwasm_call("sudo", ADMIN, "[]", pause), "{\"error\":\"E_ROLE: ");
    expect(execute(ADMIN, "[]", "{\"set_role\":{\"role\":0,\"holder\":\"" PLM_TEST_CONTRACT "\"}}"),
           "role_set");
    expect(plm_test_cosmwasm_call("sudo", ADMIN, "[]", pause), "pause_set");
    expect(execute(ADMIN, "[]", "{\"set_role\":{\"role\":0,\"holder\":\"" ADMIN "\"}}"),
           "E_ROLE: ");
    expect(plm_test_cosmwasm_call("sudo", ADMIN, "[]", "{\"settle_out\":{}}"),
           "E_FIELD: unknown message settle_out");
}

static void test_migration_is_for_our_own_state_and_an_empty_message(void **state)
{
    (void)state;
    expect(plm_test_cosmwasm_call("migrate", ADMIN, "[]", "{\"to\":1}"),
           "E_FIELD: migrate takes an empty object");
    expect(plm_test_cosmwasm_call("migrate", ADMIN, "[]", "{} "), "\"value\":\"migrate\"");
    plm_test_cosmwasm_reset();
    expect(plm_test_cosmwasm_call("migrate", ADMIN, "[]", "{}"),
           "E_VERSION: what is stored here is not Plimsoll's");
}

static void test_queries_answer_and_never_write(void **state)
{
    (void)state;
    const size_t writes = plm_test_cosmwasm_writes();
    expect(plm_test_cosmwasm_ask("{\"get_configuration\":{}}"), "{\"abi\":1,\"rulebook\":1,");
    expect(plm_test_cosmwasm_ask("{\"get_accounts\":{\"from\":\"1\",\"limit\":32}}"),
           "\"account\":\"1\"");
    expect(plm_test_cosmwasm_call("query", ADMIN, "[]", "{\"get_account\":{\"account\":\"9\"}}"),
           "{\"error\":\"E_NO_ACCOUNT: no such account\"}");
    expect(plm_test_cosmwasm_call("query", ADMIN, "[]", "{\"get_account\":{\"account\":9}}"),
           "{\"error\":\"E_FIELD: get_account.account: not a whole number in quotes\"}");
    assert_int_equal(plm_test_cosmwasm_writes(), writes);
}

static void test_a_preview_tells_code_events_and_reply(void **state)
{
    (void)state;
    deposit_five();
    (void)snprintf(text,
                   sizeof text,
                   "{\"get_preview\":{\"actor\":\"%s\",\"funds\":[],\"message\":\"%s\"}}",
                   ADMIN,
                   plm_test_cosmwasm_base64(
                       "{\"withdraw\":{\"account\":\"1\",\"asset\":0,\"amount\":\"1000000\"}}"));
    const char *answer = plm_test_cosmwasm_ask(text);
    expect(answer, "{\"code\":0,\"events\":[{\"type\":\"withdrawn\",");
    expect(answer, "\"reply\":{\"payout\":\"1\"}}");
    (void)snprintf(text,
                   sizeof text,
                   "{\"get_preview\":{\"actor\":\"%s\",\"funds\":[],\"message\":\"%s\"}}",
                   STRANGER,
                   plm_test_cosmwasm_base64(
                       "{\"withdraw\":{\"account\":\"1\",\"asset\":0,\"amount\":\"1000000\"}}"));
    expect(plm_test_cosmwasm_ask(text), "{\"code\":201,\"events\":[],\"reply\":null}");
    (void)snprintf(
        text,
        sizeof text,
        "{\"get_preview\":{\"actor\":\"%s\",\"funds\":[{\"token\":{\"native\":"
        "\"uusdc\"},\"atoms\":\"7\"}],\"message\":\"%s\"}}",
        ADMIN,
        plm_test_cosmwasm_base64("{\"deposit\":{\"account\":\"1\",\"asset\":0,\"amount\":\"7\"}}"));
    expect(plm_test_cosmwasm_ask(text), "{\"code\":0,\"events\":[{\"type\":\"deposited\",");
}

/* Messages longer than any, up to more than the arena: an error, or a call that fails; nothing
 * else.
 */
static void test_long_messages_change_nothing(void **state)
{
    static uint8_t bytes[1u << 20];
    static const char start[] = "{\"flag\":{\"account\":\"";
    (void)state;
    memset(bytes, '1', sizeof bytes);
    memcpy(bytes, start, sizeof start - 1);
    const size_t writes = plm_test_cosmwasm_writes();
    for (size_t length = 100; length <= sizeof bytes; length *= 2) {
        const char *answer = plm_test_cosmwasm_call_bytes("execute", ADMIN, "[]", bytes, length);
        if (length > 65536) {
            assert_null(answer);
        } else if (answer != NULL) {
            expect(answer, "{\"error\":\"E_");
        }
    }
    assert_int_equal(plm_test_cosmwasm_writes(), writes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_instantiate_writes_cw2_and_happens_once, begin),
        cmocka_unit_test(test_instantiate_takes_no_coins),
        cmocka_unit_test_setup(test_a_payout_that_arrives_is_booked, begin),
        cmocka_unit_test_setup(test_a_payout_that_fails_comes_back_once, begin),
        cmocka_unit_test_setup(test_coins_that_are_refused, begin),
        cmocka_unit_test(test_a_cw20_token_comes_by_its_hook_and_leaves_by_a_transfer),
        cmocka_unit_test(test_hooks_that_are_refused),
        cmocka_unit_test(test_a_denomination_is_no_cw20_token),
        cmocka_unit_test_setup(test_the_chain_governs_once_the_contract_is_its_own_admin, begin),
        cmocka_unit_test_setup(test_migration_is_for_our_own_state_and_an_empty_message, begin),
        cmocka_unit_test_setup(test_queries_answer_and_never_write, begin),
        cmocka_unit_test_setup(test_a_preview_tells_code_events_and_reply, begin),
        cmocka_unit_test_setup(test_long_messages_change_nothing, begin),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    plm_test_cosmwasm_reset();
    return failed;
}

// SPDX-License-Identifier: Apache-2.0
/* The vectors of the chain's rules, tests/vectors/chain/cosmwasm.json, played on the adapter with
 * the real core behind it. [CHAIN-1] [CHAIN-2] [CHAIN-3] [CHAIN-4] [CHAIN-5] docs/VECTORS.md
 * build: cosmwasm -ljansson */
#include "plm_cmocka.h"
#include "plm_test_cosmwasm.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME PLIMSOLL_ROOT "/tests/vectors/chain/cosmwasm.json"
#define STRANGER  "address:0202020202020202020202020202020202020202"

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static const char *sender_of(const json_t *call)
{
    static const struct {
        const char *name;
        const char *address;
    } people[] = {{"admin", PLM_TEST_SENDER}, {"stranger", STRANGER}, {"token", PLM_TEST_TOKEN}};

    const char *name = text_of(call, "sender");
    for (size_t i = 0; i < ARRAY_LEN(people); i++) {
        if (strcmp(people[i].name, name) == 0) {
            return people[i].address;
        }
    }
    fail_msg("a sender is admin, stranger or token, not %s", name);
    return NULL;
}

/* The text of a call's message: as it stands, of its object, or of a token's hook around one. */
static char *message_of(json_t *call)
{
    json_t *message = json_object_get(call, "message");
    json_t *hook = json_object_get(call, "hook");
    if (json_is_string(message)) {
        const size_t size = json_string_length(message) + 1;
        char *copy = malloc(size);
        assert_non_null(copy);
        memcpy(copy, json_string_value(message), size);
        return copy;
    }
    if (hook == NULL) {
        return json_dumps(message, JSON_COMPACT);
    }
    char *inner = json_dumps(json_object_get(hook, "msg"), JSON_COMPACT);
    json_t *outer =
        json_pack("{s:{s:s,s:s,s:s}}",
                  "receive",
                  "sender",
                  strcmp(text_of(hook, "sender"), "admin") == 0 ? PLM_TEST_SENDER : STRANGER,
                  "amount",
                  text_of(hook, "amount"),
                  "msg",
                  plm_test_cosmwasm_base64(inner));
    char *text = json_dumps(outer, JSON_COMPACT);
    json_decref(outer);
    free(inner);
    return text;
}

static const char *make(json_t *call)
{
    char *message = message_of(call);
    char *funds = json_dumps(json_object_get(call, "funds"), JSON_COMPACT);
    assert_non_null(message);
    assert_non_null(funds);
    const char *answer =
        plm_test_cosmwasm_call(text_of(call, "entry"), sender_of(call), funds, message);
    free(message);
    free(funds);
    return answer;
}

/* A running engine with account 1 of the admin's, settling in a coin or in a CW20 token. */
static void begin(const char *how)
{
    const bool is_native = strcmp(how, "native") == 0;
    plm_test_cosmwasm_reset();
    if (strcmp(how, "nothing") == 0) {
        return;
    }
    const char *answer = plm_test_cosmwasm_call(
        "instantiate",
        PLM_TEST_SENDER,
        "[]",
        is_native ? "{\"token\":{\"native\":\"uusdc\"},\"decimals\":6,\"admin\":\"" PLM_TEST_SENDER
                    "\"}"
                  : "{\"token\":{\"cw20\":\"" PLM_TEST_TOKEN
                    "\"},\"decimals\":6,\"admin\":\"" PLM_TEST_SENDER "\"}");
    assert_non_null(strstr(answer, "initialised"));
    answer = plm_test_cosmwasm_call(
        "execute", PLM_TEST_SENDER, "[]", "{\"open_account\":{\"number\":0,\"mode\":0}}");
    assert_non_null(strstr(answer, "account_opened"));
}

static bool play(json_t *row)
{
    size_t i = 0;
    json_t *step = NULL;
    const char *wanted = text_of(row, "answer");
    begin(text_of(row, "begin"));
    json_array_foreach(json_object_get(row, "before"), i, step)
    {
        const char *answer = make(step);
        if (answer == NULL || strncmp(answer, "{\"ok\":", 6) != 0) {
            print_error("%s: step %zu before it: %s\n", text_of(row, "id"), i, answer);
            return false;
        }
    }
    const size_t writes = plm_test_cosmwasm_writes();
    const char *answer = make(json_object_get(row, "call"));
    if (answer == NULL || strstr(answer, wanted) == NULL) {
        print_error("%s: expected %s\n got %s\n", text_of(row, "id"), wanted, answer);
        return false;
    }
    if (strncmp(answer, "{\"error\":", 9) == 0 && plm_test_cosmwasm_writes() != writes) {
        print_error("%s: a refused call has written\n", text_of(row, "id"));
        return false;
    }
    return true;
}

static void test_every_case_of_the_file(void **state)
{
    json_error_t fault;
    size_t i = 0;
    size_t failed = 0;
    json_t *row = NULL;
    (void)state;
    json_t *file = json_load_file(FILE_NAME, JSON_REJECT_DUPLICATES, &fault);
    if (file == NULL) {
        fail_msg("%s:%d: %s", FILE_NAME, fault.line, fault.text);
    }
    json_t *cases = json_object_get(file, "cases");
    assert_true(json_array_size(cases) > 0);
    json_array_foreach(cases, i, row)
    {
        failed += play(row) ? 0 : 1;
    }
    print_message("%zu chain vectors, %zu failed\n", json_array_size(cases), failed);
    json_decref(file);
    plm_test_cosmwasm_reset();
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_case_of_the_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* The CosmWasm adapter under its JSON. The first byte chooses: texts as they come; messages made
 * from the tables and then damaged; calls of all entry points in a row, with the real core behind.
 * No text crashes; what is accepted a strict JSON library and the simulator's own reader accept
 * too, with the same bytes; written and read again it is the same; every response is JSON; an error
 * and a query store nothing.
 * build: cosmwasm sim tests/fuzz/canary.c */
#include "plm_cosmwasm_answer.h"
#include "plm_cosmwasm_call.h"
#include "plm_test_cosmwasm.h"
#include "plm_test_message.h"
#include "sim_abi_chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/canary.h"

#define TEXT_MAX 32768u

static struct plm_cosmwasm_message message;
static uint8_t out_bytes[PLM_COSMWASM_OUT_BYTES];
static uint8_t text[TEXT_MAX];

static struct plm_fuzz_canary canaries[] = {
    {"texts refused", 1, 0},
    {"texts accepted", 1, 0},
    {"messages of the tables accepted", 1, 0},
    {"messages of the tables, damaged, refused", 1, 0},
    {"calls that succeed", 1, 0},
    {"calls that are refused", 1, 0},
    {"queries answered", 1, 0},
};

enum {
    REFUSED,
    ACCEPTED,
    TABLED,
    DAMAGED,
    SUCCEEDED,
    FAILED,
    ANSWERED
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Noreturn void die(const char *what, const uint8_t *bytes, size_t length)
{
    (void)fprintf(stderr, "fuzz_cosmwasm: %s: %.*s\n", what, (int)length, (const char *)bytes);
    abort();
}

static enum sim_chain_entry entry_of(enum plm_cosmwasm_family family)
{
    switch (family) {
    case PLM_COSMWASM_QUERY: return SIM_CHAIN_QUERY;
    case PLM_COSMWASM_SUDO: return SIM_CHAIN_SUDO;
    case PLM_COSMWASM_EXECUTE:
    case PLM_COSMWASM_HOOK: break;
    }
    return SIM_CHAIN_EXECUTE;
}

/* The other reader, on another library: it takes the text too, and finds the same bytes. (It does
 * not read messages inside messages.) */
static void
check_against_simulator(enum plm_cosmwasm_family family, const uint8_t *at, size_t length)
{
    struct sim_buffer bytes = {0};
    struct sim_buffer why = {0};
    json_error_t error;
    json_t *json =
        json_loadb((const char *)at, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (json == NULL) {
        die("accepted, and no JSON", at, length);
    }
    if (!sim_abi_chain_read_message(entry_of(family), json, &bytes, &why)) {
        die("accepted, and the simulator refuses", at, length);
    }
    if (bytes.length != message.length || memcmp(bytes.bytes, message.bytes, message.length) != 0) {
        die("the simulator reads other bytes", at, length);
    }
    json_decref(json);
    sim_bytes_free(&bytes);
    sim_bytes_free(&why);
}

/* Written as JSON by the simulator and read again: the same bytes. */
static void check_round_trip(enum plm_cosmwasm_family family)
{
    const struct sim_context nobody = {.caller = sim_abi_addr_text("caller"),
                                       .self = sim_abi_addr_text("self")};
    uint8_t before[PLM_LIMIT_MESSAGE_MAX];
    const uint32_t length = message.length;
    enum sim_chain_entry entry = SIM_CHAIN_NONE;
    const char *why = NULL;
    memcpy(before, message.bytes, length);
    json_t *json = sim_abi_chain_message(&nobody, (struct sim_span){before, length}, &entry, &why);
    if (json == NULL) {
        die(why == NULL ? "bytes without a form in JSON" : why, before, length);
    }
    char *again = json_dumps(json, JSON_COMPACT);
    const struct plm_cosmwasm_span span = {(const uint8_t *)again, (uint32_t)strlen(again)};
    if (span.length <= PLM_COSMWASM_TEXT_MAX &&
        (plm_cosmwasm_message_read(&message, family, span) != PLM_OK || message.length != length ||
         memcmp(message.bytes, before, length) != 0)) {
        die("written and read again it is another message", span.bytes, span.length);
    }
    free(again);
    json_decref(json);
}

static bool read_and_check(enum plm_cosmwasm_family family, const uint8_t *at, size_t length)
{
    const struct plm_cosmwasm_span span = {at, (uint32_t)length};
    const plm_err code = plm_cosmwasm_message_read(&message, family, span);
    if (code != PLM_OK) {
        struct plm_cosmwasm_text out = {.bytes = out_bytes, .capacity = sizeof out_bytes};
        plm_cosmwasm_message_write_fault(&message, &out);
        if (out.length == 0) {
            die("refused without a word", at, length);
        }
        canaries[REFUSED].count++;
        return false;
    }
    canaries[ACCEPTED].count++;
    if (message.opcode != PLM_QUERY_PREVIEW) {
        check_against_simulator(family, at, length);
    }
    if (family != PLM_COSMWASM_QUERY) {
        check_round_trip(family);
    }
    return true;
}

/* --- messages of the tables -------------------------------------------------------------- */

static const struct plm_cosmwasm_variant *choose_variant(struct plm_test_choices *choices)
{
    uint32_t count = 0;
    while (plm_cosmwasm_names_variant(count) != NULL) {
        count++;
    }
    return plm_cosmwasm_names_variant(plm_test_message_choose(choices) % count);
}

/* {"<name>":{...}} of chosen fields into text[]; its length. */
static size_t make_message(struct plm_test_choices *choices,
                           const struct plm_cosmwasm_variant *variant)
{
    uint8_t bytes[2 * PLM_LIMIT_MESSAGE_MAX];
    struct plm_cosmwasm_text out = {.bytes = text, .capacity = sizeof text};
    const uint32_t length = plm_test_message_fill(choices, variant->layout, bytes, sizeof bytes);
    plm_cosmwasm_text_words(&out, "{\"");
    plm_cosmwasm_text_words(&out, variant->name);
    plm_cosmwasm_text_words(&out, "\":");
    if (plm_tables_layouts[variant->layout].count == 1 &&
        variant->opcode >= PLM_QUERY_CONFIGURATION &&
        strcmp(plm_cosmwasm_names_field(plm_tables_layouts[variant->layout].first), "reserved") ==
            0) {
        plm_cosmwasm_text_words(&out, "{}");
    } else {
        plm_cosmwasm_answer_reply(
            &out, variant->layout, 0, (struct plm_cosmwasm_span){bytes, length});
    }
    plm_cosmwasm_text_words(&out, "}");
    return out.length;
}

/* Changes, doubles or drops bytes of text[]; its new length. */
static size_t damage(struct plm_test_choices *choices, size_t length)
{
    static const char marks[] = "{}[]\",:0123456789-.eE\\ \tnull";
    const size_t at =
        ((size_t)plm_test_message_choose(choices) << 8 | plm_test_message_choose(choices)) %
        (length + 1);
    const size_t count = 1 + plm_test_message_choose(choices) % 32u;
    switch (plm_test_message_choose(choices) % 4) {
    case 0:
        if (at < length) {
            text[at] = plm_test_message_choose(choices);
        }
        return length;
    case 1:
        if (at + count <= length && length + count <= sizeof text) {
            memmove(text + at + count, text + at, length - at);
            return length + count;
        }
        return length;
    case 2:
        if (at + count <= length) {
            memmove(text + at, text + at + count, length - at - count);
            return length - count;
        }
        return length;
    default:
        if (at < length) {
            text[at] = (uint8_t)marks[plm_test_message_choose(choices) % (sizeof marks - 1)];
        }
        return length;
    }
}

static void try_message(struct plm_test_choices *choices)
{
    const struct plm_cosmwasm_variant *variant = choose_variant(choices);
    const uint8_t times = plm_test_message_choose(choices) % 4;
    const enum plm_cosmwasm_family family =
        variant->opcode >= PLM_QUERY_CONFIGURATION ? PLM_COSMWASM_QUERY : PLM_COSMWASM_EXECUTE;
    size_t length = make_message(choices, variant);
    for (uint8_t i = 0; i < times; i++) {
        length = damage(choices, length);
    }
    const bool accepted = read_and_check(family, text, length);
    canaries[TABLED].count += accepted ? 1 : 0;
    canaries[DAMAGED].count += !accepted && times != 0 ? 1 : 0;
    const bool is_shown =
        plm_cosmwasm_names_allows(family, variant->opcode) && variant->opcode != PLM_QUERY_PREVIEW;
    if (!accepted && times == 0 && is_shown && length <= PLM_COSMWASM_TEXT_MAX) {
        die("a message of the tables is refused", text, length);
    }
}

/* --- calls ------------------------------------------------------------------------------- */

static void check_answer(const char *answer)
{
    struct plm_cosmwasm_json json = {(const uint8_t *)answer, (uint32_t)strlen(answer), NULL, 0};
    if (!plm_cosmwasm_json_check(&json, true)) {
        die("the response is no JSON", json.bytes, json.length);
    }
}

static void call(const char *entry, const char *sender, const char *funds, size_t length)
{
    const size_t writes = plm_test_cosmwasm_writes();
    const char *answer = plm_test_cosmwasm_call_bytes(entry, sender, funds, text, length);
    if (answer == NULL) {
        return;
    }
    check_answer(answer);
    const bool is_error = strncmp(answer, "{\"error\"", 8) == 0;
    const bool is_query = strcmp(entry, "query") == 0;
    canaries[is_error ? FAILED : (is_query ? ANSWERED : SUCCEEDED)].count++;
    if ((is_error || is_query) && plm_test_cosmwasm_writes() != writes) {
        die("an error or a query wrote", text, length);
    }
}

static void use_text(const char *words)
{
    memcpy(text, words, strlen(words));
}

/* A hook whose inner message is text[0..length). */
static size_t make_hook(size_t length)
{
    static uint8_t inner[TEXT_MAX];
    struct plm_cosmwasm_text out = {.bytes = text, .capacity = sizeof text};
    memcpy(inner, text, length);
    plm_cosmwasm_text_words(
        &out, "{\"receive\":{\"sender\":\"" PLM_TEST_SENDER "\",\"amount\":\"1000000\",\"msg\":\"");
    plm_cosmwasm_text_base64_begin(&out);
    plm_cosmwasm_text_bytes(&out, inner, (uint32_t)(length < 8192 ? length : 8192));
    plm_cosmwasm_text_base64_end(&out);
    plm_cosmwasm_text_words(&out, "\"}}");
    return out.length;
}

static void try_calls(struct plm_test_choices *choices)
{
    static const char *const begin[] = {
        "{\"token\":{\"native\":\"uusdc\"},\"decimals\":6,\"admin\":\"" PLM_TEST_SENDER "\"}",
        "{\"token\":{\"cw20\":\"" PLM_TEST_TOKEN "\"},\"decimals\":6,\"admin\":\"" PLM_TEST_SENDER
        "\"}"};
    static const char open_account[] = "{\"open_account\":{\"number\":0,\"mode\":0}}";
    static const char reply[] = "{\"id\":1,\"payload\":\"\",\"gas_used\":1,\"result\":"
                                "{\"error\":\"x\"}}";
    const char *first = begin[plm_test_message_choose(choices) % 2];
    plm_test_cosmwasm_reset();
    use_text(first);
    call("instantiate", PLM_TEST_SENDER, "[]", strlen(first));
    use_text(open_account);
    call("execute", PLM_TEST_SENDER, "[]", sizeof open_account - 1);
    for (uint32_t i = 0; i < 12 && choices->at < choices->length; i++) {
        const uint8_t how = plm_test_message_choose(choices);
        const struct plm_cosmwasm_variant *variant = choose_variant(choices);
        const bool is_query = variant->opcode >= PLM_QUERY_CONFIGURATION;
        const char *funds =
            (how & 1) == 0 ? "[]" : "[{\"denom\":\"uusdc\",\"amount\":\"1000000\"}]";
        size_t length = make_message(choices, variant);
        if ((how & 6) == 6) {
            length = damage(choices, length);
        }
        if ((how & 24) == 24) {
            length = make_hook(length);
            call("execute", PLM_TEST_TOKEN, "[]", length);
        } else if ((how & 96) == 96) {
            call("sudo", PLM_TEST_SENDER, "[]", length);
        } else {
            call(is_query ? "query" : "execute", PLM_TEST_SENDER, funds, length);
        }
        if ((how & 128) != 0) {
            use_text(reply);
            call("reply", PLM_TEST_SENDER, "[]", sizeof reply - 1);
        }
    }
    plm_test_cosmwasm_reset();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plm_fuzz_canaries(canaries, sizeof canaries / sizeof canaries[0]);
    if (size < 2) {
        return 0;
    }
    struct plm_test_choices choices = {data, size, 1};
    plm_cosmwasm_region_release(0);
    switch (data[0] % 3) {
    case 0:
        if (size - 2 <= sizeof text) {
            (void)read_and_check((enum plm_cosmwasm_family)(data[1] % 4), data + 2, size - 2);
        }
        break;
    case 1: try_message(&choices); break;
    default: try_calls(&choices); break;
    }
    return 0;
}

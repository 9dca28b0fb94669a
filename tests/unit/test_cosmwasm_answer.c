// SPDX-License-Identifier: Apache-2.0
/* plm_cosmwasm_answer: all structs of the tables as the simulator writes them, which shares no
 * code; the longest response fits. [CHAIN-2]
 * build: cosmwasm sim */
#include "plm_cmocka.h"
#include "plm_cosmwasm_answer.h"
#include "plm_cosmwasm_json.h"
#include "plm_cosmwasm_names.h"
#include "plm_test_message.h"
#include "sim_abi_chain.h"

#include <string.h>

static uint8_t out_bytes[PLM_COSMWASM_OUT_BYTES];
static const uint8_t zeros[8192] = {0};
static uint8_t high[8192];

static struct plm_cosmwasm_text new_text(void)
{
    return (struct plm_cosmwasm_text){.bytes = out_bytes, .capacity = sizeof out_bytes};
}

static uint32_t write_event(uint32_t id, uint32_t layout, const uint8_t *noise, uint32_t *wire)
{
    static uint8_t bytes[8192];
    struct plm_test_choices choices = {noise, 8192, 0};
    struct plm_cosmwasm_text out = new_text();
    *wire = plm_test_message_fill(&choices, layout, bytes, sizeof bytes);
    plm_cosmwasm_answer_event(&out, id, (struct plm_cosmwasm_span){bytes, *wire});
    assert_false(out.is_full);
    return out.length;
}

static void assert_json(uint32_t length)
{
    struct plm_cosmwasm_json json = {out_bytes, length, NULL, 0};
    assert_true(plm_cosmwasm_json_check(&json, true));
}

/* True for structs whose JSON is more than their fields: hidden ones, bytes that hold messages. */
static bool is_special(uint32_t layout)
{
    for (uint32_t i = 0; i < sim_abi_layout(layout)->field_count; i++) {
        const struct sim_abi_field *field = &sim_abi_layout(layout)->fields[i];
        if (field->type == PLM_TYPE_BYTES || sim_abi_chain_is_hidden(field)) {
            return true;
        }
    }
    return false;
}

static void check_struct(uint32_t layout, const uint8_t *noise)
{
    static uint8_t bytes[PLM_LIMIT_REPLY_MAX + 8192];
    static union sim_abi_object object;
    struct plm_test_choices choices = {noise, sizeof high, 0};
    struct plm_cosmwasm_text out = new_text();
    const char *why = NULL;
    const uint32_t length = plm_test_message_fill(&choices, layout, bytes, sizeof bytes);
    plm_cosmwasm_answer_reply(&out, layout, 0, (struct plm_cosmwasm_span){bytes, length});
    assert_false(out.is_full);
    assert_true(sim_abi_decode(layout, (struct sim_span){bytes, length}, &object));
    json_t *ours = json_loadb((const char *)out_bytes, out.length, JSON_REJECT_DUPLICATES, NULL);
    json_t *theirs = sim_abi_chain_struct(layout, &object, &why);
    assert_non_null(ours);
    assert_non_null(theirs);
    assert_true(json_equal(ours, theirs));
    json_decref(ours);
    json_decref(theirs);
}

static void test_every_struct_is_written_as_the_simulator_writes_it(void **state)
{
    uint32_t seed = 7;
    (void)state;
    for (uint32_t round = 0; round < 20; round++) {
        for (size_t i = 0; i < sizeof high; i++) {
            seed = seed * 1664525U + 1013904223U;
            high[i] = (uint8_t)(seed >> 24);
        }
        for (uint32_t layout = 0; layout < PLM_LAYOUT_COUNT; layout++) {
            if (!is_special(layout)) {
                check_struct(layout, round == 0 ? zeros : high);
            }
        }
    }
}

/* EVENTS_MAX bytes of the event whose JSON is longest by its bytes, and 4096 bytes around them. */
static void test_the_longest_response_fits(void **state)
{
    uint32_t longest = 0;
    uint32_t known = 0;
    (void)state;
    memset(high, 0xfc, sizeof high); /* numbers near their upper bounds */
    for (uint32_t id = 0; id < 256; id++) {
        const char *name = "";
        const uint32_t layout = plm_cosmwasm_names_event(id, &name);
        if (layout == PLM_LAYOUT_COUNT) {
            continue;
        }
        const uint8_t *const noises[] = {zeros, high};
        for (size_t k = 0; k < ARRAY_LEN(noises); k++) {
            uint32_t wire = 0;
            const uint32_t length = write_event(id, layout, noises[k], &wire);
            assert_json(length);
            const uint32_t all = (PLM_LIMIT_EVENTS_MAX / (wire + 4) + 1) * (length + 1);
            longest = all > longest ? all : longest;
        }
        known++;
    }
    static const uint8_t ids[] = {
#define X(symbol, id, event, text) (id),
#include "events.def"
#undef X
    };
    assert_int_equal(known, sizeof ids);
    assert_true(longest + 4096 < PLM_COSMWASM_OUT_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_struct_is_written_as_the_simulator_writes_it),
        cmocka_unit_test(test_the_longest_response_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

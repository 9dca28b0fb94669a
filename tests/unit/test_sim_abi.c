// SPDX-License-Identifier: Apache-2.0
/* The simulator's own reading of the abi tables: names, fields, bytes, text, parameters.
 * build: sim native */
#include "plm_cmocka.h"
#include "sim_abi.h"

#include <string.h>

static uint64_t seed = 1;

/* One step of a 64-bit linear generator; its upper bits are good enough here. */
static uint32_t next_random(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33);
}

static void fill(uint32_t layout, uint8_t *object);

static void fill_field(const struct sim_abi_field *field, uint8_t *object)
{
    uint8_t *at = object + field->offset;
    if (sim_abi_is_integer(field->type)) {
        const struct sim_abi_type *type = sim_abi_type(field->type);
        sim_uint value = 0;
        for (uint32_t i = 0; i < type->bytes; i++) {
            value = value << 8 | (next_random() & 0xffu);
        }
        if (type->is_signed && (next_random() & 1u) != 0) {
            value = ~value;
        }
        /* Half of the range, so that it fits with any sign. */
        sim_int number = (sim_int)value >> 1;
        if (!type->is_signed && number < 0) {
            number = -(number + 1);
        }
        if (!sim_abi_set(field, object, number)) {
            assert_true(sim_abi_set(field, object, 1));
        }
    } else if (field->type == PLM_TYPE_HASH) {
        for (uint32_t i = 0; i < 32; i++) {
            at[i] = (uint8_t)next_random();
        }
    } else if (sim_abi_is_addr(field->type) || field->type == PLM_TYPE_BYTES) {
        const uint32_t limit = field->type != PLM_TYPE_BYTES ? 64 : PLM_BYTES_MAX;
        const uint32_t length = next_random() % (limit + 1u);
        memcpy(at, &length, sizeof length);
        for (uint32_t i = 0; i < length; i++) {
            at[sizeof length + i] = (uint8_t)next_random();
        }
    } else if (field->type == PLM_TYPE_GROUP) {
        fill(field->layout, at);
    } else {
        const uint32_t count = next_random() % (field->count_max + 1u);
        memcpy(object + field->count_offset, &count, sizeof count);
        for (uint32_t i = 0; i < count; i++) {
            fill(field->layout, at + (size_t)i * sim_abi_layout(field->layout)->size);
        }
    }
}

static void fill(uint32_t layout, uint8_t *object)
{
    const struct sim_abi_layout *of = sim_abi_layout(layout);
    for (uint32_t i = 0; i < of->field_count; i++) {
        fill_field(&of->fields[i], object);
    }
}

static void test_every_struct_comes_back_from_its_bytes(void **state)
{
    (void)state;
    static union sim_abi_object object;
    static union sim_abi_object back;
    for (uint32_t layout = 0; layout < PLM_LAYOUT_COUNT; layout++) {
        for (int round = 0; round < 20; round++) {
            struct sim_buffer bytes = {0};
            struct sim_buffer again = {0};
            struct sim_buffer text = {0};
            memset(&object, 0, sizeof object);
            fill(layout, object.bytes);
            sim_abi_encode(layout, &object, &bytes);
            assert_true(sim_abi_decode(layout, sim_bytes_span(&bytes), &back));
            sim_abi_encode(layout, &back, &again);
            assert_true(sim_bytes_equal(sim_bytes_span(&bytes), sim_bytes_span(&again)));
            sim_abi_print(layout, &back, &text);
            assert_true(text.length > 0);

            /* One byte less or more is refused. */
            assert_false(
                sim_abi_decode(layout, (struct sim_span){bytes.bytes, bytes.length - 1}, &back));
            sim_bytes_add_byte(&bytes, 0);
            assert_false(sim_abi_decode(layout, sim_bytes_span(&bytes), &back));
            sim_bytes_free(&bytes);
            sim_bytes_free(&again);
            sim_bytes_free(&text);
        }
    }
}

static void test_a_message_has_the_documented_bytes(void **state)
{
    (void)state;
    const struct plm_deposit deposit = {.account = 1, .asset = 2, .amount = {{3, 0}}};
    struct sim_buffer bytes = {0};
    struct sim_buffer text = {0};
    assert_true(sim_abi_encode_message(PLM_OP_DEPOSIT, &deposit, &bytes));
    sim_bytes_add_hex(&text, sim_bytes_span(&bytes));
    assert_string_equal(sim_bytes_text(&text),
                        "16"
                        "0100000000000000"
                        "0200"
                        "03000000000000000000000000000000");
    text.length = 0;
    sim_abi_print_message(sim_bytes_span(&bytes), &text);
    assert_string_equal(sim_bytes_text(&text), "deposit account 1 asset 2 amount 3");
    sim_bytes_free(&bytes);
    sim_bytes_free(&text);
}

static void test_bytes_that_are_not_canonical_are_refused(void **state)
{
    (void)state;
    union sim_abi_object object;
    /* An amount of 2^127, a list of 17 quotes, an address of 65 bytes. */
    uint8_t amount[26] = {0};
    amount[25] = 0x80;
    assert_false(
        sim_abi_decode(PLM_LAYOUT_deposit, (struct sim_span){amount, sizeof amount}, &object));
    uint8_t list[1 + 17 * 26] = {17};
    assert_false(
        sim_abi_decode(PLM_LAYOUT_publish_price, (struct sim_span){list, sizeof list}, &object));
    uint8_t role[2 + 65] = {0, 65};
    assert_false(
        sim_abi_decode(PLM_LAYOUT_set_role, (struct sim_span){role, sizeof role}, &object));
}

static void test_fields_are_reached_by_path(void **state)
{
    (void)state;
    struct plm_trade trade = {.fills_count = 2};
    struct plm_add_market market = {0};
    struct sim_abi_place place = {0};
    sim_int value = 0;
    assert_true(sim_abi_set_path(PLM_LAYOUT_trade, &trade, "fills.1.lots", -5));
    assert_int_equal(trade.fills[1].lots.lots, -5);
    assert_true(sim_abi_get_path(PLM_LAYOUT_trade, &trade, "fills.1.lots", &value));
    assert_true(value == -5);
    assert_true(sim_abi_set_path(PLM_LAYOUT_add_market, &market, "params.initial", 100000));
    assert_int_equal(market.params.initial.ppm, 100000);
    assert_false(sim_abi_set_path(PLM_LAYOUT_add_market, &market, "unbacked", 256));
    assert_false(sim_abi_set_path(PLM_LAYOUT_add_market, &market, "params", 1));
    assert_false(sim_abi_set_path(PLM_LAYOUT_trade, &trade, "fills.6.lots", 1));
    assert_false(sim_abi_set_path(PLM_LAYOUT_trade, &trade, "fills", 1));
    assert_false(sim_abi_set_path(PLM_LAYOUT_trade, &trade, "nothing", 1));
    assert_true(sim_abi_place(PLM_LAYOUT_trade, &trade, "fills", &place));
    assert_ptr_equal(place.count, &trade.fills_count);
    assert_true(sim_abi_place(PLM_LAYOUT_trade, &trade, "fills.1", &place));
    assert_ptr_equal(place.bytes, &trade.fills[1]);
}

static void test_each_type_keeps_its_range(void **state)
{
    (void)state;
    struct plm_position position = {0};
    const sim_int limit = (sim_int)1 << 103;
    assert_true(sim_abi_set_path(PLM_LAYOUT_position, &position, "quote", limit - 1));
    assert_true(sim_abi_set_path(PLM_LAYOUT_position, &position, "quote", -limit + 1));
    assert_false(sim_abi_set_path(PLM_LAYOUT_position, &position, "quote", limit));
    assert_false(sim_abi_set_path(PLM_LAYOUT_position, &position, "quote", -limit));
    assert_true(sim_abi_set_path(PLM_LAYOUT_position, &position, "lots", INT64_MIN));
    assert_false(sim_abi_set_path(PLM_LAYOUT_position, &position, "lots", (sim_int)INT64_MAX + 1));
    struct plm_deposit deposit = {0};
    assert_false(sim_abi_set_path(PLM_LAYOUT_deposit, &deposit, "amount", -1));
    assert_true(sim_abi_set_path(PLM_LAYOUT_deposit, &deposit, "account", UINT64_MAX));
}

static void test_defaults_are_what_the_table_writes(void **state)
{
    (void)state;
    struct plm_market_params market;
    struct plm_feed_params feed;
    struct plm_asset_params asset;
    sim_abi_param_defaults(PLM_TARGET_MARKET, &market);
    sim_abi_param_defaults(PLM_TARGET_FEED, &feed);
    sim_abi_param_defaults(PLM_TARGET_ASSET, &asset);
    assert_int_equal(market.initial.ppm, 100000);
    assert_int_equal(market.liq_cooldown, 30);
    assert_true(sim_abi_int_of(market.floor.wad) == (sim_int)1000000000000000000);
    assert_int_equal(market.funding_interest.nano, 100000);
    assert_int_equal(feed.band.ppm, 100000);
    assert_int_equal(asset.weight_initial.ppm, 800000);
    sim_int value = 0;
    const struct sim_abi_param *cooldown =
        sim_abi_find_param_name(PLM_TARGET_MARKET, "liq_cooldown");
    assert_true(sim_abi_parse_param(cooldown, "2h", &value));
    assert_true(value == 7200);
    assert_false(sim_abi_parse_param(cooldown, "2x", &value));
    const struct sim_abi_param *initial = sim_abi_find_param_name(PLM_TARGET_MARKET, "initial");
    assert_false(sim_abi_parse_param(initial, "10", &value));
    assert_false(sim_abi_parse_param(initial, "0.00001%", &value));
    assert_null(sim_abi_find_param_name(PLM_TARGET_FEED, "initial"));
}

static void test_rows_are_found_by_name_and_number(void **state)
{
    (void)state;
    assert_int_equal(sim_abi_find_op_name("deposit")->opcode, PLM_OP_DEPOSIT);
    assert_null(sim_abi_find_op_name("margin"));
    assert_int_equal(sim_abi_find_query_name("MARGIN")->opcode, PLM_QUERY_MARGIN);
    assert_string_equal(sim_abi_find_event(PLM_EVENT_FILLED)->name, "filled");
    assert_int_equal(sim_abi_find_error_name("E_BELOW_INITIAL")->code, PLM_E_BELOW_INITIAL);
    assert_string_equal(sim_abi_code_name(PLM_OK), "OK");
    assert_string_equal(sim_abi_code_name(7), "?");
    assert_int_equal(sim_abi_find_enum_name("STATUS", "reduce_only")->value, 2);
    assert_int_equal(sim_abi_reply_of(PLM_OP_WITHDRAW), PLM_LAYOUT_reply_payout);
    assert_int_equal(sim_abi_reply_of(PLM_OP_DEPOSIT), PLM_LAYOUT_COUNT);
    assert_int_equal(sim_abi_find_lab("WD-1")->bit, 0);
    assert_true(sim_abi_precedence(PLM_E_LENGTH) < sim_abi_precedence(PLM_E_BELOW_INITIAL));
    for (uint32_t i = 0; i < PLM_LAYOUT_COUNT; i++) {
        assert_int_equal(sim_abi_find_layout(sim_abi_layout(i)->name), i);
    }
}

static void test_keys_are_prefix_and_big_endian_id(void **state)
{
    (void)state;
    const struct sim_key account = sim_abi_key(PLM_KEY_ACCOUNT, 258);
    const uint8_t expected[] = {0x10, 0, 0, 0, 0, 0, 0, 1, 2};
    const struct plm_addr owner = sim_abi_addr_text("alice");
    const struct sim_key index = sim_abi_key_owner(&owner, 7);
    struct sim_buffer text = {0};
    assert_int_equal(account.length, sizeof expected);
    assert_memory_equal(account.bytes, expected, sizeof expected);
    assert_int_equal(sim_abi_key_id(sim_abi_key_span(&account)), 258);
    assert_int_equal(index.length, 37);
    assert_int_equal(sim_abi_key_id(sim_abi_key_span(&index)), 7);
    sim_abi_print_key(sim_abi_key_span(&account), &text);
    assert_string_equal(sim_bytes_text(&text), "ACCOUNT 258");
    sim_bytes_free(&text);
}

static void test_records_of_older_versions_are_shorter(void **state)
{
    (void)state;
    struct plm_account account = {.number = 9, .mode = 1};
    struct plm_account back = {0};
    for (uint8_t version = 1; version <= PLM_RECORD_VERSION; version++) {
        struct sim_buffer bytes = {0};
        sim_abi_encode_record_of(PLM_LAYOUT_account, version, &account, &bytes);
        assert_true(sim_abi_decode_record(PLM_LAYOUT_account, sim_bytes_span(&bytes), &back));
        assert_int_equal(back.number, 9);
        bytes.bytes[0] = PLM_RECORD_VERSION + 1;
        assert_false(sim_abi_decode_record(PLM_LAYOUT_account, sim_bytes_span(&bytes), &back));
        sim_bytes_free(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_struct_comes_back_from_its_bytes),
        cmocka_unit_test(test_a_message_has_the_documented_bytes),
        cmocka_unit_test(test_bytes_that_are_not_canonical_are_refused),
        cmocka_unit_test(test_fields_are_reached_by_path),
        cmocka_unit_test(test_each_type_keeps_its_range),
        cmocka_unit_test(test_defaults_are_what_the_table_writes),
        cmocka_unit_test(test_rows_are_found_by_name_and_number),
        cmocka_unit_test(test_keys_are_prefix_and_big_endian_id),
        cmocka_unit_test(test_records_of_older_versions_are_shorter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

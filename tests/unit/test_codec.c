// SPDX-License-Identifier: Apache-2.0
/* plm_codec: canonical bytes, bounds, lists, prefixes. [I46] [GOV-4] */
#include "plm_cmocka.h"
#include "plm_codec.h"
#include "plm_fix.h"

#include <string.h>

static struct plm_account sample_account(void)
{
    struct plm_account a = {0};
    a.owner.bytes[0] = 7;
    a.number = 3;
    a.cash.wad.lo = 5;
    a.positions_count = 2;
    a.positions[0].market = 1;
    a.positions[0].lots.lots = -9;
    a.positions[0].quote.wad.lo = UINT64_MAX;
    a.positions[0].quote.wad.hi = -1;
    a.positions[1].market = 4;
    a.positions[1].lots.lots = 11;
    a.order_count = 1;
    a.order[0].market = 4;
    return a;
}

static void test_decode_of_encode_is_the_same_record(void **state)
{
    (void)state;
    const struct plm_account in = sample_account();
    struct plm_account out = {0};
    uint8_t bytes[6144];
    uint8_t again[6144];
    const uint32_t length = plm_codec_encode(PLM_LAYOUT_account, &in, bytes, sizeof bytes);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_account, bytes, length, &out), PLM_OK);
    assert_int_equal(plm_codec_encode(PLM_LAYOUT_account, &out, again, sizeof again), length);
    assert_memory_equal(bytes, again, length);
    assert_int_equal(out.positions[0].lots.lots, -9);
    assert_int_equal(out.positions[0].quote.wad.hi, -1);
    assert_int_equal(out.order[0].market, 4);
}

static void test_a_position_takes_31_bytes(void **state)
{
    (void)state; /* [ACCT-4] */
    const struct plm_position p = {0};
    uint8_t bytes[64];
    assert_int_equal(plm_codec_encode(PLM_LAYOUT_position, &p, bytes, sizeof bytes), 31);
}

static void test_every_wrong_length_is_refused(void **state)
{
    (void)state;
    const struct plm_account in = sample_account();
    struct plm_account out = {0};
    uint8_t bytes[6144] = {0};
    const uint32_t length = plm_codec_encode(PLM_LAYOUT_account, &in, bytes, sizeof bytes);
    for (uint32_t cut = 0; cut < length; cut++) {
        assert_int_equal(plm_codec_decode(PLM_LAYOUT_account, bytes, cut, &out), PLM_E_LENGTH);
    }
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_account, bytes, length + 1, &out), PLM_E_LENGTH);
}

static void test_fields_are_accepted_at_their_bounds_and_refused_beyond(void **state)
{
    (void)state;

    static const struct row {
        uint8_t decimals;
        plm_err expected;
    } rows[] = {{0, PLM_OK}, {18, PLM_OK}, {19, PLM_E_RANGE}, {255, PLM_E_RANGE}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint8_t bytes[] = {1, 'q', rows[i].decimals, 1, 'a'};
        struct plm_initialise out = {0};
        assert_int_equal(plm_codec_decode(PLM_LAYOUT_initialise, bytes, sizeof bytes, &out),
                         rows[i].expected);
    }
}

static void test_values_beyond_the_engine_are_refused(void **state)
{
    (void)state; /* amounts are below 2^127, -2^127 is no value, -2^63 no size [UNIT-3] */
    struct plm_deposit in = {1, 0, {{5, 0}}};
    struct plm_deposit out = {0};
    uint8_t bytes[64];
    const uint32_t length = plm_codec_encode(PLM_LAYOUT_deposit, &in, bytes, sizeof bytes);
    assert_int_equal(length, 8 + 2 + 16);
    bytes[length - 1] = 0x7f;
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_deposit, bytes, length, &out), PLM_OK);
    bytes[length - 1] = 0x80;
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_deposit, bytes, length, &out), PLM_E_RANGE);
}

static void test_a_list_above_its_limit_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[1 + 7 * 60] = {0};
    struct plm_trade out = {0};
    bytes[0] = PLM_FILLS_MAX + 1;
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_trade, bytes, sizeof bytes, &out), PLM_E_LENGTH);
    bytes[0] = 0;
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_trade, bytes, 1, &out), PLM_OK);
}

static void test_a_decoded_list_keeps_nothing_of_what_was_there(void **state)
{
    (void)state;
    struct plm_account in = sample_account();
    struct plm_account out;
    uint8_t bytes[6144];
    in.order_count = 0;
    const uint32_t length = plm_codec_encode(PLM_LAYOUT_account, &in, bytes, sizeof bytes);
    memset(&out, 0x55, sizeof out);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_account, bytes, length, &out), PLM_OK);
    assert_int_equal(out.order[0].market, 0);
    assert_int_equal(out.positions[2].lots.lots, 0);
}

static void test_an_older_record_is_a_prefix(void **state)
{
    (void)state; /* [GOV-4] version 1 of an account had no de-risking order */
    struct plm_account in = sample_account();
    struct plm_account out;
    uint8_t bytes[6144];
    in.order_count = 0;
    const uint32_t length = plm_codec_encode(PLM_LAYOUT_account, &in, bytes, sizeof bytes);
    memset(&out, 0x55, sizeof out);
    assert_int_equal(plm_codec_decode_prefix(PLM_LAYOUT_account, 13, bytes, length - 1, &out),
                     PLM_OK);
    assert_int_equal(out.order_count, 0);
    assert_int_equal(out.positions_count, 2);
    assert_int_equal(plm_codec_decode_prefix(PLM_LAYOUT_account, 13, bytes, length, &out),
                     PLM_E_LENGTH);
}

static void test_one_field_is_read_and_written_within_its_bounds(void **state)
{
    (void)state;
    struct plm_market_params params = {0};
    const plm_val one = {{1000000, 0}};
    const plm_val above = {{1000001, 0}};
    const plm_val below = {{0, 0}};
    const plm_val wide = {{1, 1}};
    const uint32_t field = PLM_FIELD_market_params_initial;
    assert_int_equal(plm_codec_set(field, &params, one), PLM_OK);
    assert_int_equal(params.initial.ppm, 1000000);
    assert_int_equal(plm_codec_set(field, &params, above), PLM_E_PARAM_RANGE);
    assert_int_equal(plm_codec_set(field, &params, below), PLM_E_PARAM_RANGE);
    assert_int_equal(plm_codec_set(field, &params, wide), PLM_E_PARAM_RANGE);
    assert_int_equal(plm_codec_get(field, &params).wad.lo, 1000000);
}

static void test_addresses_and_blobs_end_within_the_message(void **state)
{
    (void)state; /* each cut, and a length that the type cannot hold */
    static struct plm_get_preview in;
    static struct plm_get_preview out;
    static uint8_t bytes[6144];
    in.actor.length = 3;
    in.message.length = 4;
    in.message.bytes[3] = 9;
    const uint32_t length = plm_codec_encode(PLM_LAYOUT_get_preview, &in, bytes, sizeof bytes);
    assert_int_equal(length, 1 + 3 + 1 + 2 + 4);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_get_preview, bytes, length, &out), PLM_OK);
    assert_int_equal(out.message.bytes[3], 9);
    for (uint32_t cut = 0; cut < length; cut++) {
        assert_int_equal(plm_codec_decode(PLM_LAYOUT_get_preview, bytes, cut, &out), PLM_E_LENGTH);
    }
    bytes[0] = PLM_LIMIT_ADDR_MAX;
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_get_preview, bytes, PLM_LIMIT_ADDR_MAX + 4, &out),
                     PLM_OK); /* the rest is zero: no funds, no message */
    bytes[0] = PLM_LIMIT_ADDR_MAX + 1;
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_get_preview, bytes, PLM_LIMIT_ADDR_MAX + 5, &out),
                     PLM_E_LENGTH);
    bytes[0] = 0;
    bytes[1] = 0;
    bytes[2] = (PLM_BYTES_MAX + 1) & 0xff;
    bytes[3] = (PLM_BYTES_MAX + 1) >> 8;
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_get_preview, bytes, 4 + PLM_BYTES_MAX + 1, &out),
                     PLM_E_LENGTH);
    bytes[2] = PLM_BYTES_MAX & 0xff;
    bytes[3] = PLM_BYTES_MAX >> 8;
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_get_preview, bytes, 4 + PLM_BYTES_MAX, &out),
                     PLM_OK);
}

static void test_an_address_at_the_end_is_whole_or_refused(void **state)
{
    (void)state; /* nothing follows it that would notice */
    const uint8_t role_only[] = {PLM_ROLE_ADMIN};
    const uint8_t too_long[] = {PLM_ROLE_ADMIN, PLM_LIMIT_ADDR_MAX + 1};
    const uint8_t cut[] = {PLM_ROLE_ADMIN, 5};
    const uint8_t whole[] = {PLM_ROLE_ADMIN, 2, 'o', 'k'};
    struct plm_set_role out;
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_set_role, role_only, 1, &out), PLM_E_LENGTH);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_set_role, too_long, 2, &out), PLM_E_LENGTH);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_set_role, cut, 2, &out), PLM_E_LENGTH);
    memset(&out, 0x55, sizeof out);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_set_role, whole, 4, &out), PLM_OK);
    assert_int_equal(out.holder.length, 2);
    for (uint32_t i = 2; i < sizeof out.holder.bytes; i++) {
        assert_int_equal(out.holder.bytes[i], 0); /* addresses are compared as a whole */
    }
}

static void test_a_blob_at_the_end_is_no_longer_than_its_type(void **state)
{
    (void)state;
    static struct plm_get_preview out;
    const uint8_t bytes[] = {0, 0, (PLM_BYTES_MAX + 1) & 0xff, (PLM_BYTES_MAX + 1) >> 8};
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_get_preview, bytes, sizeof bytes, &out),
                     PLM_E_LENGTH);
}

static void test_encoding_writes_its_length_and_no_byte_more(void **state)
{
    (void)state; /* a small integer at the end, and a wide one */
    const struct plm_ev_payout_settled narrow = {.payout = 7, .ok = 1};
    const struct plm_reply_value wide = {{{1, -1}}};
    uint8_t bytes[64];
    memset(bytes, 0xa5, sizeof bytes);
    const uint32_t narrow_length =
        plm_codec_encode(PLM_LAYOUT_ev_payout_settled, &narrow, bytes, sizeof bytes);
    for (uint32_t i = narrow_length; i < sizeof bytes; i++) {
        assert_int_equal(bytes[i], 0xa5);
    }
    memset(bytes, 0xa5, sizeof bytes);
    const uint32_t wide_length =
        plm_codec_encode(PLM_LAYOUT_reply_value, &wide, bytes, sizeof bytes);
    assert_int_equal(wide_length, 16);
    for (uint32_t i = wide_length; i < sizeof bytes; i++) {
        assert_int_equal(bytes[i], 0xa5);
    }
}

static void test_no_field_holds_what_its_type_cannot(void **state)
{
    (void)state; /* [UNIT-3]: each edge of a type, and one beyond */

    static const struct row {
        uint32_t field;
        plm_i128 value;
        bool expected;
    } rows[] = {
        {PLM_FIELD_position_quote, {UINT64_MAX, (INT64_C(1) << 39) - 1}, true},
        {PLM_FIELD_position_quote, {0, INT64_C(1) << 39}, false},
        {PLM_FIELD_position_quote, {0, -(INT64_C(1) << 39)}, true},
        {PLM_FIELD_position_quote, {UINT64_MAX, -(INT64_C(1) << 39) - 1}, false},
        {PLM_FIELD_position_lots, {(UINT64_C(1) << 63) + 1, -1}, true},
        {PLM_FIELD_position_lots, {UINT64_C(1) << 63, -1}, false},
        {PLM_FIELD_position_lots, {(UINT64_C(1) << 63) - 1, 0}, true},
        {PLM_FIELD_market_state_accrued, {1, INT64_MIN}, true},
        {PLM_FIELD_market_state_accrued, {0, INT64_MIN}, false},
        {PLM_FIELD_market_state_accrued, {0, INT64_MIN + 1}, true},
        {PLM_FIELD_collateral_atoms, {UINT64_MAX, INT64_MAX}, true},
        {PLM_FIELD_collateral_atoms, {UINT64_MAX, -1}, false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(plm_codec_is_in_bounds(rows[i].field, rows[i].value), rows[i].expected);
    }
}

static void test_a_parameter_must_survive_the_width_of_its_field(void **state)
{
    (void)state; /* [GOV-3] */
    struct plm_market_params params = {0};
    const plm_val negative = {{(uint64_t)-5, -1}};
    const plm_val unsigned_form = {{(uint64_t)-5, 0}}; /* the same 64 bits, another number */
    const plm_val wrapped = {{(UINT64_C(1) << 32) + 1, 0}};
    const uint32_t interest = PLM_FIELD_market_params_funding_interest;
    assert_int_equal(plm_codec_set(interest, &params, negative), PLM_OK);
    assert_int_equal(params.funding_interest.nano, -5);
    assert_int_equal(plm_codec_set(interest, &params, unsigned_form), PLM_E_PARAM_RANGE);
    assert_int_equal(plm_codec_set(PLM_FIELD_market_params_initial, &params, wrapped),
                     PLM_E_PARAM_RANGE);
    assert_int_equal(plm_codec_set(PLM_FIELD_market_params_initial, &params, negative),
                     PLM_E_PARAM_RANGE);
    const plm_val five = {{5, 0}};
    assert_int_equal(plm_codec_set(interest, &params, five), PLM_OK);
    assert_int_equal(params.funding_interest.nano, 5);
    const plm_val none = {{0, 0}}; /* has no sign to carry */
    assert_int_equal(plm_codec_set(interest, &params, none), PLM_OK);
    assert_int_equal(params.funding_interest.nano, 0);
    params.funding_interest.nano = -5;
    assert_int_equal(plm_val_cmp(plm_codec_get(interest, &params), negative), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode_of_encode_is_the_same_record),
        cmocka_unit_test(test_a_position_takes_31_bytes),
        cmocka_unit_test(test_every_wrong_length_is_refused),
        cmocka_unit_test(test_fields_are_accepted_at_their_bounds_and_refused_beyond),
        cmocka_unit_test(test_values_beyond_the_engine_are_refused),
        cmocka_unit_test(test_a_list_above_its_limit_is_refused),
        cmocka_unit_test(test_a_decoded_list_keeps_nothing_of_what_was_there),
        cmocka_unit_test(test_an_older_record_is_a_prefix),
        cmocka_unit_test(test_one_field_is_read_and_written_within_its_bounds),
        cmocka_unit_test(test_addresses_and_blobs_end_within_the_message),
        cmocka_unit_test(test_an_address_at_the_end_is_whole_or_refused),
        cmocka_unit_test(test_a_blob_at_the_end_is_no_longer_than_its_type),
        cmocka_unit_test(test_encoding_writes_its_length_and_no_byte_more),
        cmocka_unit_test(test_no_field_holds_what_its_type_cannot),
        cmocka_unit_test(test_a_parameter_must_survive_the_width_of_its_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

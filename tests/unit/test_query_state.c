// SPDX-License-Identifier: Apache-2.0
/* plm_query_state: what the replies show of the records. [ACCT-8] [GOV-2] */
#include "plm_cmocka.h"
#include "plm_codec.h"
#include "plm_operations.h"
#include "plm_test_engine.h"
#include "plm_test_scratch.h"

static struct plm_scratch *venue(void)
{
    struct plm_scratch *s = fresh_scratch();
    s->host = test_host();
    s->ledger_loaded = true;
    s->config.epoch = 7;
    (void)add_market(s, 0, 1000);
    return s;
}

static void test_a_parameter_is_an_integer_of_its_unit(void **state)
{
    (void)state;
    struct plm_scratch *s = venue();
    struct plm_get_parameters ask = {.target = PLM_TARGET_MARKET, .id = 0, .param = 2};
    struct plm_reply_parameters reply = {0};
    assert_int_equal(plm_query_get_parameters(s, &ask), PLM_OK);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_reply_parameters, s->reply, s->reply_length, &reply), PLM_OK);
    assert_int_equal(plm_val_cmp(reply.value, wad(50000)), 0);
    assert_int_equal(reply.epoch, 7);
    ask.target = PLM_TARGET_FEED; /* the maintenance ratio is no parameter of a feed */
    assert_int_equal(plm_query_get_parameters(s, &ask), PLM_E_FIELD);
    ask.param = 9999;
    assert_int_equal(plm_query_get_parameters(s, &ask), PLM_E_FIELD);
    ask.target = PLM_TARGET_MARKET;
    ask.param = 2;
    ask.id = 5;
    assert_int_equal(plm_query_get_parameters(s, &ask), PLM_E_NO_MARKET);
}

static void test_all_ten_lines_are_shown_in_the_order_of_their_table(void **state)
{
    (void)state; /* [ACCT-8] */
    struct plm_scratch *s = venue();
    struct plm_asset_slot *settlement = add_asset(s, 0, 1);
    const struct plm_get_lines ask = {.market = 0};
    struct plm_reply_lines reply = {0};
    s->markets[0].state.pool = units(1);
    s->markets[0].state.uncovered = units(-6);
    s->ledger.global = units(8);
    settlement->state.surplus = plm_amt_from_u64(10000000);
    assert_int_equal(plm_query_get_lines(s, &ask), PLM_OK);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_reply_lines, s->reply, s->reply_length, &reply),
                     PLM_OK);
    assert_int_equal(reply.lines_count, 10);
    const int64_t values[] = {1, 0, 0, 0, 0, -6, 0, 8, 0, 10};
    for (uint32_t i = 0; i < reply.lines_count; i++) {
        assert_int_equal(reply.lines[i].line, i + 1);
        assert_int_equal(plm_val_cmp(reply.lines[i].value, units(values[i])), 0);
    }
}

static void test_pauses_show_when_they_end(void **state)
{
    (void)state; /* [GOV-2] */
    struct plm_scratch *s = venue();
    struct plm_market_state *market = &s->markets[0].state;
    const struct plm_get_pauses ask = {.market = 0};
    struct plm_reply_pauses reply = {0};
    market->pauses = (1U << PLM_PAUSE_INCREASE) | (1U << PLM_PAUSE_FUND);
    market->pause_sets_count = 8;
    market->pause_sets[PLM_PAUSE_FUND].at = s->now;
    assert_int_equal(plm_query_get_pauses(s, &ask), PLM_OK);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_reply_pauses, s->reply, s->reply_length, &reply),
                     PLM_OK);
    assert_int_equal(reply.pauses_count, 2);
    assert_int_equal(reply.pauses[0].bit, PLM_PAUSE_INCREASE);
    assert_int_equal(reply.pauses[0].until.sec, 0);
    assert_int_equal(reply.pauses[1].bit, PLM_PAUSE_FUND);
    assert_int_equal(reply.pauses[1].until.sec, s->now.sec + 4 * 3600);
}

static void test_an_account_is_shown_whole(void **state)
{
    (void)state;
    struct plm_scratch *s = venue();
    struct plm_account_slot *account = add_account(s, 12);
    (void)hold(account, 0, -BASE, 1000);
    const struct plm_get_account ask = {.account = 1};
    struct plm_reply_account_view reply = {0};
    assert_int_equal(plm_query_get_account(s, &ask), PLM_OK);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_reply_account_view, s->reply, s->reply_length, &reply), PLM_OK);
    assert_int_equal(reply.account.positions[0].lots.lots, -BASE);
    assert_int_equal(plm_val_cmp(reply.account.cash, units(12)), 0);
}

static void test_parameters_of_feeds_and_assets_are_read_by_their_target(void **state)
{
    (void)state;
    struct plm_scratch *s = venue();
    struct plm_asset_slot *asset = add_asset(s, 1, 10);
    s->feeds[0].record.params.grace = 123;
    asset->record.params.weight_maint = ppm(850000);
    struct plm_get_parameters ask = {.target = PLM_TARGET_FEED, .id = 0};
    struct plm_reply_parameters reply = {0};
    for (uint32_t target = PLM_TARGET_FEED; target <= PLM_TARGET_ASSET; target++) {
        const bool is_feed = target == PLM_TARGET_FEED;
        ask.target = (uint8_t)target;
        ask.id = is_feed ? 0 : 1;
        ask.param = is_feed ? 79 : 97;
        s->reply_length = 0; /* a new call */
        assert_int_equal(plm_query_get_parameters(s, &ask), PLM_OK);
        assert_int_equal(
            plm_codec_decode(PLM_LAYOUT_reply_parameters, s->reply, s->reply_length, &reply),
            PLM_OK);
        assert_int_equal(plm_val_cmp(reply.value, wad(is_feed ? 123 : 850000)), 0);
    }
}

static void test_the_pauses_for_all_are_those_of_money(void **state)
{
    (void)state; /* [GOV-2] */
    struct plm_scratch *s = venue();
    const struct plm_get_pauses ask = {.market = PLM_NO_MARKET};
    struct plm_reply_pauses reply = {0};
    s->config.pauses = 1U << PLM_PAUSE_DEPOSIT;
    s->config.pause_sets_count = 8;
    s->config.pause_sets[PLM_PAUSE_DEPOSIT].at = s->now;
    assert_int_equal(plm_query_get_pauses(s, &ask), PLM_OK);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_reply_pauses, s->reply, s->reply_length, &reply),
                     PLM_OK);
    assert_int_equal(reply.pauses_count, 1);
    assert_int_equal(reply.pauses[0].bit, PLM_PAUSE_DEPOSIT);
    assert_int_equal(reply.pauses[0].until.sec, s->now.sec + 24 * 3600);
}

static void test_a_market_without_cover_says_so_beside_its_parameters(void **state)
{
    (void)state; /* [PRICE-7] */
    struct plm_scratch *s = venue();
    const struct plm_get_parameters ask = {.target = PLM_TARGET_MARKET, .id = 0, .param = 2};
    struct plm_reply_parameters reply = {0};
    s->markets[0].record.unbacked = 1;
    assert_int_equal(plm_query_get_parameters(s, &ask), PLM_OK);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_reply_parameters, s->reply, s->reply_length, &reply), PLM_OK);
    assert_int_equal(reply.unbacked, 1);
}

static void test_roles_are_shown_each_in_its_place(void **state)
{
    (void)state; /* [GOV-1] */
    struct plm_scratch *s = venue();
    const struct plm_get_roles ask = {0};
    struct plm_reply_roles reply = {{{0}}, {{0}}, {{0}}};
    s->config.admin.bytes[0] = 1;
    s->config.guardian.bytes[0] = 2;
    s->config.matcher.bytes[31] = 3;
    assert_int_equal(plm_query_get_roles(s, &ask), PLM_OK);
    assert_int_equal(plm_codec_decode(PLM_LAYOUT_reply_roles, s->reply, s->reply_length, &reply),
                     PLM_OK);
    assert_memory_equal(&reply.admin, &s->config.admin, sizeof reply.admin);
    assert_memory_equal(&reply.guardian, &s->config.guardian, sizeof reply.guardian);
    assert_memory_equal(&reply.matcher, &s->config.matcher, sizeof reply.matcher);
}

/* The ledger is read where it is shown. */
static void test_the_ledger_is_shown_as_it_is_stored(void **state)
{
    (void)state; /* [ACCT-8] */
    struct plm_host *host = test_m0_engine();
    const struct plm_get_configuration ask = {0};
    const struct plm_get_lines ask_lines = {.market = 0};
    static struct plm_reply_configuration reply;
    static struct plm_reply_lines lines_reply;
    const uint8_t key[1] = {PLM_KEY_LEDGER};
    struct test_entry *entry = test_find(host, key, sizeof key);
    struct plm_ledger ledger = {0};
    test_read(host, PLM_KEY_LEDGER, 0, PLM_LAYOUT_ledger, &ledger);
    ledger.global = units(77);
    entry->value_length = 1 + plm_codec_encode(PLM_LAYOUT_ledger, &ledger, entry->value + 1, 6143);
    assert_int_equal(test_query(host, PLM_QUERY_LINES, PLM_LAYOUT_get_lines, &ask_lines), PLM_OK);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_reply_lines, host->reply, host->reply_length, &lines_reply),
        PLM_OK);
    assert_int_equal(plm_val_cmp(lines_reply.lines[7].value, units(77)), 0);
    assert_int_equal(test_query(host, PLM_QUERY_CONFIGURATION, PLM_LAYOUT_get_configuration, &ask),
                     PLM_OK);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_reply_configuration, host->reply, host->reply_length, &reply),
        PLM_OK);
    assert_int_equal(plm_val_cmp(reply.ledger.global, units(77)), 0);
    assert_int_equal(reply.abi, PLM_ABI_VERSION);
    assert_int_equal(reply.rulebook, PLM_RULEBOOK_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_parameter_is_an_integer_of_its_unit),
        cmocka_unit_test(test_all_ten_lines_are_shown_in_the_order_of_their_table),
        cmocka_unit_test(test_pauses_show_when_they_end),
        cmocka_unit_test(test_an_account_is_shown_whole),
        cmocka_unit_test(test_parameters_of_feeds_and_assets_are_read_by_their_target),
        cmocka_unit_test(test_the_pauses_for_all_are_those_of_money),
        cmocka_unit_test(test_a_market_without_cover_says_so_beside_its_parameters),
        cmocka_unit_test(test_roles_are_shown_each_in_its_place),
        cmocka_unit_test(test_the_ledger_is_shown_as_it_is_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

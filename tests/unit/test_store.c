// SPDX-License-Identifier: Apache-2.0
/* plm_store: each record once, keys of fixed length, written only at the commit. [LIQ-9] [I46] */
#include "plm_cmocka.h"
#include "plm_invariant.h"
#include "plm_store.h"

#include "support/plm_test_engine.h"

static struct plm_scratch scratch;
static struct plm_host *host;

static int set_up(void **unused)
{
    (void)unused;
    host = test_m0_engine();
    return 0;
}

static void test_a_record_is_loaded_once(void **state)
{
    (void)state;
    struct plm_market_slot *first = NULL;
    struct plm_market_slot *second = NULL;
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
    assert_int_equal(plm_store_market(&scratch, 0, &first), PLM_OK);
    assert_int_equal(plm_store_market(&scratch, 0, &second), PLM_OK);
    assert_ptr_equal(first, second);
    assert_int_equal(scratch.market_count, 1);
    assert_int_equal(scratch.feed_count, 1); /* it brought its feed */
}

static void test_what_is_absent_has_its_own_code(void **state)
{
    (void)state;
    struct plm_market_slot *market = NULL;
    struct plm_account_slot *account = NULL;
    struct plm_asset_slot *asset = NULL;
    struct plm_feed_slot *feed = NULL;
    struct plm_payout payout;
    uint16_t token = 0;
    const struct plm_addr nobody = test_addr("nobody's token");
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
    assert_int_equal(plm_store_market(&scratch, 1, &market), PLM_E_NO_MARKET);
    assert_int_equal(plm_store_market(&scratch, 256, &market), PLM_E_NO_MARKET);
    assert_int_equal(plm_store_feed(&scratch, 9, &feed), PLM_E_NO_MARKET);
    assert_int_equal(plm_store_asset(&scratch, 9, &asset), PLM_E_NO_ASSET);
    assert_int_equal(plm_store_account(&scratch, 9, &account), PLM_E_NO_ACCOUNT);
    assert_int_equal(plm_store_payout(&scratch, 9, &payout), PLM_E_DUPLICATE);
    assert_int_equal(plm_store_find_token(&scratch, &nobody, &token), PLM_E_NO_ASSET);
}

static void test_nothing_is_written_before_the_commit(void **state)
{
    (void)state;
    struct plm_market_slot *market = NULL;
    host->set_count = 0;
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
    assert_int_equal(plm_store_market(&scratch, 0, &market), PLM_OK);
    market->state.last_fill = 77;
    market->state_changed = true;
    assert_int_equal(host->set_count, 0);
    assert_int_equal(plm_store_commit(&scratch), PLM_OK);
    assert_int_equal(host->set_count, 1); /* the state, not the cold record */

    struct plm_market_state stored;
    test_read(host, PLM_KEY_MARKET_STATE, 0, PLM_LAYOUT_market_state, &stored);
    assert_int_equal(stored.last_fill, 77);
}

static void test_roles_and_owners_are_the_caller_or_nobody(void **state)
{
    (void)state; /* [GOV-1] */
    static struct plm_account_slot account;
    test_host_caller(host, "ann");
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
    assert_int_equal(plm_store_check_role(&scratch, &scratch.config.admin), PLM_E_ROLE);
    account.record.owner = scratch.caller_hash;
    assert_int_equal(plm_store_check_owner(&scratch, &account), PLM_OK);
    account.record.owner.bytes[31] ^= 1U;
    assert_int_equal(plm_store_check_owner(&scratch, &account), PLM_E_AUTH);
    assert_int_equal(plm_store_check_self(&scratch), PLM_E_ROLE);
    test_host_caller(host, "engine");
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
    assert_int_equal(plm_store_check_self(&scratch), PLM_OK);
}

static void test_bytes_that_are_not_ours_are_a_version_error(void **state)
{
    (void)state;
    struct plm_market_slot *market = NULL;
    const uint8_t key[] = {PLM_KEY_MARKET, 0, 0};
    struct test_entry *entry = test_find(host, key, sizeof key);
    assert_non_null(entry);
    entry->value_length--;
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
    assert_int_equal(plm_store_market(&scratch, 0, &market), PLM_E_VERSION);
}

static void test_a_version_of_zero_and_a_length_of_none_are_not_ours(void **state)
{
    (void)state; /* [GOV-4] */
    struct plm_market_slot *market = NULL;
    const uint8_t key[] = {PLM_KEY_MARKET, 0, 0};
    struct test_entry *entry = test_find(host, key, sizeof key);
    assert_non_null(entry);
    const uint32_t length = entry->value_length;
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
    entry->value[0] = 0;
    assert_int_equal(plm_store_market(&scratch, 0, &market), PLM_E_VERSION);
    entry->value[0] = PLM_RECORD_VERSION;
    entry->value_length = 0;
    assert_int_equal(plm_store_market(&scratch, 0, &market), PLM_E_VERSION);
    entry->value_length = sizeof scratch.buffer + 1; /* more than any record of ours */
    assert_int_equal(plm_store_market(&scratch, 0, &market), PLM_E_VERSION);
    entry->value_length = length;
    assert_int_equal(plm_store_market(&scratch, 0, &market), PLM_OK);
}

static void test_a_spoilt_configuration_stops_its_creation_too(void **state)
{
    (void)state; /* [GOV-4] */
    const uint8_t key[] = {PLM_KEY_CONFIG};
    struct test_entry *entry = test_find(host, key, sizeof key);
    entry->value[0] = PLM_RECORD_VERSION + 1;
    assert_int_equal(plm_store_begin(&scratch, host, false), PLM_E_VERSION);
    assert_int_equal(test_initialise(host), PLM_E_VERSION);
}

static void test_a_call_carries_a_bounded_number_of_tokens(void **state)
{
    (void)state; /* [LEDGER-5] */
    for (uint32_t i = 0; i < PLM_FUNDS_MAX; i++) {
        host->funds[i].token = test_addr("usd");
    }
    host->fund_count = PLM_FUNDS_MAX;
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
    host->fund_count = PLM_FUNDS_MAX + 1;
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_E_LENGTH);
}

static void test_an_operation_touches_a_bounded_number_of_records(void **state)
{
    (void)state; /* [LIQ-9] */
    const struct plm_feed feed = test_m0_feed();
    const struct plm_asset asset = test_m0_asset();
    char name[] = "a";
    for (uint32_t i = 1; i <= PLM_LIMIT_FEED_SLOTS; i++) {
        assert_int_equal(test_add_feed(host, &feed), PLM_OK);
    }
    for (uint32_t i = 1; i <= PLM_LIMIT_ASSET_SLOTS; i++) {
        const struct plm_add_asset args = {
            .token = test_addr(name), .decimals = 18, .feed = 0, .params = asset.params};
        assert_int_equal(TEST_APPLY(host, ADD_ASSET, add_asset, &args), PLM_OK);
        name[0]++;
    }
    for (uint32_t i = 0; i <= PLM_LIMIT_ACCOUNT_SLOTS; i++) {
        const struct plm_open_account args = {.number = i};
        assert_int_equal(TEST_APPLY(host, OPEN_ACCOUNT, open_account, &args), PLM_OK);
    }
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
    for (uint16_t i = 0; i <= PLM_LIMIT_ASSET_SLOTS; i++) {
        struct plm_asset_slot *slot = NULL;
        assert_int_equal(plm_store_asset(&scratch, i, &slot),
                         i < PLM_LIMIT_ASSET_SLOTS ? PLM_OK : PLM_E_COLLATERALS_MAX);
    }
    for (uint16_t i = 0; i <= PLM_LIMIT_FEED_SLOTS; i++) {
        struct plm_feed_slot *slot = NULL;
        assert_int_equal(plm_store_feed(&scratch, i, &slot),
                         i < PLM_LIMIT_FEED_SLOTS ? PLM_OK : PLM_E_POSITIONS_MAX);
    }
    for (uint64_t i = 1; i <= PLM_LIMIT_ACCOUNT_SLOTS + 1; i++) {
        struct plm_account_slot *slot = NULL;
        assert_int_equal(plm_store_account(&scratch, i, &slot),
                         i <= PLM_LIMIT_ACCOUNT_SLOTS ? PLM_OK : PLM_E_POSITIONS_MAX);
    }
}

static void test_publishers_of_a_feed_are_loaded_once_and_of_so_many(void **state)
{
    (void)state; /* [LIQ-9] */
    const struct plm_feed feed = test_m0_feed();
    struct plm_sources_slot *first = NULL;
    struct plm_sources_slot *again = NULL;
    for (uint32_t i = 1; i <= PLM_PRICES_MAX; i++) {
        assert_int_equal(test_add_feed(host, &feed), PLM_OK);
    }
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
    assert_int_equal(plm_store_sources(&scratch, 0, &first), PLM_OK);
    for (uint16_t i = 1; i <= PLM_PRICES_MAX; i++) {
        assert_int_equal(plm_store_sources(&scratch, i, &again),
                         i < PLM_PRICES_MAX ? PLM_OK : PLM_E_POSITIONS_MAX);
    }
    assert_int_equal(plm_store_sources(&scratch, 0, &again), PLM_OK);
    assert_ptr_equal(first, again);
}

static void test_half_of_a_record_is_a_version_error(void **state)
{
    (void)state; /* [GOV-4]: it is there, and what belongs to it is not */
    const struct plm_asset asset = test_m0_asset();
    const struct plm_add_asset list = {
        .token = asset.token, .decimals = 18, .feed = 0, .params = asset.params};
    const uint8_t keys[][3] = {{PLM_KEY_FEED_STATE, 0, 0},
                               {PLM_KEY_MARKET_STATE, 0, 0},
                               {PLM_KEY_ASSET_STATE, 0, 1},
                               {PLM_KEY_LEDGER}};
    assert_int_equal(TEST_APPLY(host, ADD_ASSET, add_asset, &list), PLM_OK);
    for (uint32_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct plm_feed_slot *feed = NULL;
        struct plm_market_slot *market = NULL;
        struct plm_asset_slot *slot = NULL;
        const uint32_t length = i == 3 ? 1 : 3;
        struct test_entry *entry = test_find(host, keys[i], length);
        assert_non_null(entry);
        entry->key_length = 0;
        assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
        switch (i) {
        case 0: assert_int_equal(plm_store_feed(&scratch, 0, &feed), PLM_E_VERSION); break;
        case 1: assert_int_equal(plm_store_market(&scratch, 0, &market), PLM_E_VERSION); break;
        case 2: assert_int_equal(plm_store_asset(&scratch, 1, &slot), PLM_E_VERSION); break;
        default: assert_int_equal(plm_store_ledger(&scratch), PLM_E_VERSION); break;
        }
        entry->key_length = length;
    }
}

/* Memory is used again without being cleared. */
static void test_a_slot_begins_clean_whatever_was_there(void **state)
{
    (void)state;
    const struct plm_open_account args = {.number = 1};
    struct plm_account_slot *account = NULL;
    struct plm_sources_slot *sources = NULL;
    assert_int_equal(TEST_APPLY(host, OPEN_ACCOUNT, open_account, &args), PLM_OK);
    memset(&scratch, 0x55, sizeof scratch);
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
    assert_int_equal(plm_store_account(&scratch, 1, &account), PLM_OK);
    assert_int_equal(plm_store_sources(&scratch, 0, &sources), PLM_OK);
    assert_false(sources->changed);
    assert_false(account->changed);
    assert_false(account->deleted);
    assert_false(account->remembered);
    assert_int_equal(account->judge, PLM_JUDGE_NONE);
    assert_int_equal(account->judge_market, PLM_NO_MARKET);
    assert_int_equal(account->judge_feed, PLM_LIMIT_FEED_SLOTS);
    assert_int_equal(account->before_count, 0);
    assert_true(plm_val_is_zero(account->fees));
    assert_true(plm_val_is_zero(account->recognised));
    assert_true(plm_val_is_zero(account->fill_advantage));
}

static void test_an_operation_touches_so_many_markets(void **state)
{
    (void)state; /* [LIQ-9] */
    const struct plm_market market = test_m0_market();
    for (uint32_t i = 1; i <= PLM_LIMIT_MARKET_SLOTS; i++) {
        assert_int_equal(test_add_market(host, &market, 1), PLM_OK);
    }
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
    for (uint16_t i = 0; i <= PLM_LIMIT_MARKET_SLOTS; i++) {
        struct plm_market_slot *slot = NULL;
        assert_int_equal(plm_store_market(&scratch, i, &slot),
                         i < PLM_LIMIT_MARKET_SLOTS ? PLM_OK : PLM_E_POSITIONS_MAX);
    }
}

static void test_an_owners_account_is_found_by_its_number(void **state)
{
    (void)state; /* [ACCT-1] */
    uint64_t found = 0;
    for (uint32_t number = 1; number <= 2; number++) {
        const struct plm_open_account args = {.number = number * 1000};
        assert_int_equal(TEST_APPLY(host, OPEN_ACCOUNT, open_account, &args), PLM_OK);
    }
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
    assert_int_equal(plm_store_find_account(&scratch, &scratch.caller_hash, 2000, &found), PLM_OK);
    assert_int_equal(found, 2);
    assert_int_equal(plm_store_find_account(&scratch, &scratch.caller_hash, 1, &found),
                     PLM_E_NO_ACCOUNT);
}

static void test_the_stored_version_is_the_configurations(void **state)
{
    (void)state; /* [GOV-4] */
    const uint8_t key[] = {PLM_KEY_CONFIG};
    struct test_entry *entry = test_find(host, key, sizeof key);
    uint8_t version = 0;
    entry->value[0] = 77;
    assert_int_equal(plm_store_stored_version(host, &version), PLM_OK);
    assert_int_equal(version, 77);
    entry->value_length = 0;
    assert_int_equal(plm_store_stored_version(host, &version), PLM_E_STATUS);
    entry->key_length = 0;
    assert_int_equal(plm_store_stored_version(host, &version), PLM_E_STATUS);
}

static void test_all_that_is_loaded_balances(void **state)
{
    (void)state; /* [LEDGER-3]: cash, pools and lines, dust among them, less the vault */
    struct plm_account_slot *account = NULL;
    struct plm_market_slot *market = NULL;
    const uint8_t key[] = {PLM_KEY_LEDGER};
    const struct plm_open_account args = {.number = 1};
    struct plm_ledger ledger;
    assert_int_equal(TEST_APPLY(host, OPEN_ACCOUNT, open_account, &args), PLM_OK);
    test_read(host, PLM_KEY_LEDGER, 0, PLM_LAYOUT_ledger, &ledger);
    ledger.dust = plm_val_from_quote(3);
    ledger.global = plm_val_from_quote(4);
    ledger.vault = plm_val_from_quote(7);
    struct test_entry *entry = test_find(host, key, sizeof key);
    entry->value_length = 1 + plm_codec_encode(PLM_LAYOUT_ledger, &ledger, entry->value + 1, 6143);
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
    assert_int_equal(plm_store_account(&scratch, 1, &account), PLM_OK);
    assert_int_equal(plm_store_market(&scratch, 0, &market), PLM_OK);
    assert_int_equal(plm_store_ledger(&scratch), PLM_OK);
    assert_true(plm_val_is_zero(scratch.loaded));
    plm_invariant_check(&scratch);
}

static void test_an_asset_that_is_not_loaded_is_our_bug(void **state)
{
    (void)state;
    assert_int_equal(plm_store_begin(&scratch, host, true), PLM_OK);
    expect_assert_failure((void)plm_store_peek_asset(&scratch, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_record_is_loaded_once, set_up),
        cmocka_unit_test_setup(test_what_is_absent_has_its_own_code, set_up),
        cmocka_unit_test_setup(test_nothing_is_written_before_the_commit, set_up),
        cmocka_unit_test_setup(test_roles_and_owners_are_the_caller_or_nobody, set_up),
        cmocka_unit_test_setup(test_bytes_that_are_not_ours_are_a_version_error, set_up),
        cmocka_unit_test_setup(test_a_version_of_zero_and_a_length_of_none_are_not_ours, set_up),
        cmocka_unit_test_setup(test_a_spoilt_configuration_stops_its_creation_too, set_up),
        cmocka_unit_test_setup(test_a_call_carries_a_bounded_number_of_tokens, set_up),
        cmocka_unit_test_setup(test_an_operation_touches_a_bounded_number_of_records, set_up),
        cmocka_unit_test_setup(test_publishers_of_a_feed_are_loaded_once_and_of_so_many, set_up),
        cmocka_unit_test_setup(test_half_of_a_record_is_a_version_error, set_up),
        cmocka_unit_test_setup(test_a_slot_begins_clean_whatever_was_there, set_up),
        cmocka_unit_test_setup(test_an_operation_touches_so_many_markets, set_up),
        cmocka_unit_test_setup(test_an_owners_account_is_found_by_its_number, set_up),
        cmocka_unit_test_setup(test_the_stored_version_is_the_configurations, set_up),
        cmocka_unit_test_setup(test_all_that_is_loaded_balances, set_up),
        cmocka_unit_test_setup(test_an_asset_that_is_not_loaded_is_our_bug, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

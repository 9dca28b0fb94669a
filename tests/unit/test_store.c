// SPDX-License-Identifier: Apache-2.0
/* plm_store: each record once, keys of fixed length, written only at the commit. [LIQ-9] [I46] */
#include "plm_cmocka.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_record_is_loaded_once, set_up),
        cmocka_unit_test_setup(test_what_is_absent_has_its_own_code, set_up),
        cmocka_unit_test_setup(test_nothing_is_written_before_the_commit, set_up),
        cmocka_unit_test_setup(test_roles_and_owners_are_the_caller_or_nobody, set_up),
        cmocka_unit_test_setup(test_bytes_that_are_not_ours_are_a_version_error, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

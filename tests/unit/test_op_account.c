// SPDX-License-Identifier: Apache-2.0
/* plm_op_account: open, close, mode, delegate, order, leverage.
 * [ACCT-1] [ACCT-2] [ACCT-3] [LIQ-4] [MARGIN-6] */
#include "plm_cmocka.h"

#include "support/plm_test_engine.h"

static struct plm_host *host;

static plm_err open_account(const char *owner, uint32_t number, uint8_t mode)
{
    const struct plm_open_account args = {.number = number, .mode = mode};
    test_host_caller(host, owner);
    return TEST_APPLY(host, OPEN_ACCOUNT, open_account, &args);
}

static int set_up(void **unused)
{
    (void)unused;
    host = test_m0_engine();
    return open_account("ann", 0, PLM_MODE_CROSS) == PLM_OK ? 0 : 1;
}

static struct plm_account read_account(uint64_t id)
{
    static struct plm_account account;
    const uint8_t key[9] = {PLM_KEY_ACCOUNT, 0, 0, 0, 0, 0, 0, 0, (uint8_t)id};
    const struct test_entry *entry = test_find(host, key, sizeof key);
    assert_non_null(entry);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_account, entry->value + 1, entry->value_length - 1, &account),
        PLM_OK);
    return account;
}

static void test_ids_are_sequential_and_numbers_are_the_owners_own(void **state)
{
    (void)state; /* [ACCT-1] */
    assert_int_equal(open_account("ann", 0, PLM_MODE_CROSS), PLM_E_EXISTS);
    assert_int_equal(open_account("ann", 1, PLM_MODE_ISOLATED), PLM_OK);
    assert_int_equal(host->reply[0], 2);
    assert_int_equal(open_account("bob", 0, PLM_MODE_CROSS), PLM_OK);
    assert_int_equal(host->reply[0], 3);
    assert_int_equal(read_account(2).mode, PLM_MODE_ISOLATED);
}

static void test_only_the_owner_closes_and_only_an_empty_account(void **state)
{
    (void)state;
    const struct plm_close_account args = {1};
    test_host_caller(host, "bob");
    assert_int_equal(TEST_APPLY(host, CLOSE_ACCOUNT, close_account, &args), PLM_E_AUTH);
    test_host_caller(host, "ann");
    const struct plm_deposit money = {1, 0, plm_amt_from_u64(1)};
    host->funds[0].token = test_addr("usd");
    host->funds[0].atoms = plm_amt_from_u64(1);
    host->fund_count = 1;
    assert_int_equal(TEST_APPLY(host, DEPOSIT, deposit, &money), PLM_OK);
    host->fund_count = 0;
    assert_int_equal(TEST_APPLY(host, CLOSE_ACCOUNT, close_account, &args), PLM_E_BALANCE);
    const struct plm_withdraw out = {1, 0, plm_amt_from_u64(1)};
    assert_int_equal(TEST_APPLY(host, WITHDRAW, withdraw, &out), PLM_OK);
    assert_int_equal(TEST_APPLY(host, CLOSE_ACCOUNT, close_account, &args), PLM_OK);
    assert_int_equal(TEST_APPLY(host, CLOSE_ACCOUNT, close_account, &args), PLM_E_NO_ACCOUNT);
    assert_int_equal(open_account("ann", 0, PLM_MODE_CROSS), PLM_OK); /* the number is free again */
    assert_int_equal(host->reply[0], 2);
}

static plm_err set_mode(uint8_t mode)
{
    const struct plm_set_mode args = {1, mode};
    test_host_caller(host, "ann");
    return TEST_APPLY(host, SET_MODE, set_mode, &args);
}

static void test_an_empty_account_switches_its_mode_freely(void **state)
{
    (void)state; /* [ACCT-2] */
    assert_int_equal(set_mode(PLM_MODE_CROSS), PLM_E_NOT_NEEDED);
    assert_int_equal(set_mode(PLM_MODE_ISOLATED), PLM_OK);
    assert_int_equal(read_account(1).mode, PLM_MODE_ISOLATED);
}

static plm_err set_delegate(const char *holder, uint64_t expiry, uint32_t markets)
{
    struct plm_set_delegate args = {.account = 1, .expiry = {expiry}, .markets_count = markets};
    args.holder = test_addr(holder);
    test_host_caller(host, "ann");
    return TEST_APPLY(host, SET_DELEGATE, set_delegate, &args);
}

static void test_one_delegate_and_one_budget_of_the_owners_own(void **state)
{
    (void)state;                                                   /* [ACCT-3] */
    assert_int_equal(set_delegate("", 2000000, 0), PLM_E_FIELD);
    assert_int_equal(set_delegate("bob", 999999, 0), PLM_E_RANGE); /* one second too late */
    assert_int_equal(set_delegate("bob", 1000000, 0), PLM_OK);     /* valid to this very second */
    assert_int_equal(set_delegate("ann", 2000000, 1), PLM_OK);     /* the own budget */
    assert_int_equal(read_account(1).grants_count, 2);
    assert_int_equal(set_delegate("cid", 2000000, 1), PLM_OK);     /* replaces bob */
    assert_int_equal(read_account(1).grants_count, 2);
    assert_int_equal(read_account(1).grant_markets_count, 2);
    assert_int_equal(set_delegate("cid", 0, 0), PLM_OK);
    assert_int_equal(read_account(1).grants_count, 1);
    assert_int_equal(read_account(1).grant_markets_count, 1);
    assert_int_equal(read_account(1).grant_markets[0].grant, 0);
    assert_int_equal(set_delegate("cid", 0, 0), PLM_E_NOT_NEEDED);
}

static void test_a_de_risking_order_names_each_market_once(void **state)
{
    (void)state; /* [LIQ-4] */
    struct plm_set_order args = {.account = 1, .markets_count = 2};
    test_host_caller(host, "ann");
    assert_int_equal(TEST_APPLY(host, SET_ORDER, set_order, &args), PLM_E_FIELD);
    args.markets[1].market = 1;
    assert_int_equal(TEST_APPLY(host, SET_ORDER, set_order, &args), PLM_E_NO_MARKET);
    args.markets_count = 1;
    assert_int_equal(TEST_APPLY(host, SET_ORDER, set_order, &args), PLM_OK);
    assert_int_equal(read_account(1).order_count, 1);
}

/* An order may be taken back, also where no market is listed: nothing is looked up. */
static void test_an_order_without_markets_looks_up_none(void **state)
{
    (void)state; /* [LIQ-4] */
    const struct plm_set_order args = {.account = 1};
    host = test_host();
    assert_int_equal(test_initialise(host), PLM_OK);
    assert_int_equal(open_account("ann", 0, PLM_MODE_CROSS), PLM_OK);
    assert_int_equal(TEST_APPLY(host, SET_ORDER, set_order, &args), PLM_OK);
    assert_int_equal(read_account(1).order_count, 0);
}

static void test_a_leverage_cap_is_kept(void **state)
{
    (void)state; /* [MARGIN-6] */
    const struct plm_set_leverage args = {1, {500000}};
    test_host_caller(host, "bob");
    assert_int_equal(TEST_APPLY(host, SET_LEVERAGE, set_leverage, &args), PLM_E_AUTH);
    test_host_caller(host, "ann");
    assert_int_equal(TEST_APPLY(host, SET_LEVERAGE, set_leverage, &args), PLM_OK);
    assert_int_equal(read_account(1).leverage.ppm, 500000);
}

static void test_collateral_keeps_an_account_open(void **state)
{
    (void)state;
    const struct plm_close_account args = {1};
    struct plm_asset asset = test_m0_asset();
    asset.params.cap = plm_amt_from_u64(100);
    const struct plm_add_asset list = {
        .token = asset.token, .decimals = asset.decimals, .feed = 0, .params = asset.params};
    const struct plm_deposit tokens = {1, 1, plm_amt_from_u64(1)};
    const struct plm_withdraw back = {1, 1, plm_amt_from_u64(1)};
    test_host_caller(host, "admin");
    assert_int_equal(TEST_APPLY(host, ADD_ASSET, add_asset, &list), PLM_OK);
    test_host_caller(host, "ann");
    host->funds[0].token = asset.token;
    host->funds[0].atoms = plm_amt_from_u64(1);
    host->fund_count = 1;
    assert_int_equal(TEST_APPLY(host, DEPOSIT, deposit, &tokens), PLM_OK);
    host->fund_count = 0;
    assert_int_equal(TEST_APPLY(host, CLOSE_ACCOUNT, close_account, &args), PLM_E_BALANCE);
    assert_int_equal(TEST_APPLY(host, WITHDRAW, withdraw, &back), PLM_OK);
    assert_int_equal(TEST_APPLY(host, CLOSE_ACCOUNT, close_account, &args), PLM_OK);
}

static void test_an_index_that_cannot_be_read_opens_no_second_account(void **state)
{
    (void)state; /* [ACCT-1] [GOV-4]: the configuration is read first, then the owner's index */
    host->spoil_get_at = 2;
    assert_int_equal(open_account("ann", 0, PLM_MODE_CROSS), PLM_E_VERSION);
    host->spoil_get_at = 0;
    assert_int_equal(open_account("ann", 0, PLM_MODE_CROSS), PLM_E_EXISTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_ids_are_sequential_and_numbers_are_the_owners_own, set_up),
        cmocka_unit_test_setup(test_only_the_owner_closes_and_only_an_empty_account, set_up),
        cmocka_unit_test_setup(test_an_empty_account_switches_its_mode_freely, set_up),
        cmocka_unit_test_setup(test_one_delegate_and_one_budget_of_the_owners_own, set_up),
        cmocka_unit_test_setup(test_a_de_risking_order_names_each_market_once, set_up),
        cmocka_unit_test_setup(test_an_order_without_markets_looks_up_none, set_up),
        cmocka_unit_test_setup(test_a_leverage_cap_is_kept, set_up),
        cmocka_unit_test_setup(test_collateral_keeps_an_account_open, set_up),
        cmocka_unit_test_setup(test_an_index_that_cannot_be_read_opens_no_second_account, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

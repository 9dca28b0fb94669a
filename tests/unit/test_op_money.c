// SPDX-License-Identifier: Apache-2.0
/* plm_op_money: deposit, withdraw, transfer, insurance, surplus, payouts.
 * [UNIT-2] [LEDGER-3] [LEDGER-5] [LEDGER-6] [WD-1] [ACCT-6] */
#include "plm_cmocka.h"

#include "support/plm_test_engine.h"

static struct plm_host *host;

static void attach(const char *token, uint64_t atoms)
{
    host->funds[0].token = test_addr(token);
    host->funds[0].atoms = plm_amt_from_u64(atoms);
    host->fund_count = atoms > 0 ? 1 : 0;
}

static plm_err open_account(const char *owner)
{
    const struct plm_open_account args = {.number = 0, .mode = PLM_MODE_CROSS};
    test_host_caller(host, owner);
    return TEST_APPLY(host, OPEN_ACCOUNT, open_account, &args);
}

/* Accounts 1 of ann, 2 of bob; the token "t" is asset 1 with a cap of 100 atoms. */
static int set_up(void **unused)
{
    (void)unused;
    host = test_m0_engine();
    struct plm_asset asset = test_m0_asset();
    asset.params.cap = plm_amt_from_u64(100);
    const struct plm_add_asset args = {
        .token = asset.token, .decimals = asset.decimals, .feed = 0, .params = asset.params};
    assert_int_equal(TEST_APPLY(host, ADD_ASSET, add_asset, &args), PLM_OK);
    assert_int_equal(open_account("ann"), PLM_OK);
    assert_int_equal(open_account("bob"), PLM_OK);
    return 0;
}

static plm_err deposit(uint64_t account, uint16_t asset, uint64_t atoms)
{
    const struct plm_deposit args = {account, asset, plm_amt_from_u64(atoms)};
    const plm_err code = TEST_APPLY(host, DEPOSIT, deposit, &args);
    attach("", 0);
    return code;
}

static plm_err withdraw(const char *owner, uint64_t account, uint16_t asset, uint64_t atoms)
{
    const struct plm_withdraw args = {account, asset, plm_amt_from_u64(atoms)};
    test_host_caller(host, owner);
    return TEST_APPLY(host, WITHDRAW, withdraw, &args);
}

static plm_err settle_out(const char *caller, uint64_t payout, uint8_t ok)
{
    const struct plm_settle_out args = {payout, ok};
    test_host_caller(host, caller);
    return TEST_APPLY(host, SETTLE_OUT, settle_out, &args);
}

static struct plm_ledger ledger(void)
{
    static struct plm_ledger record;
    test_read(host, PLM_KEY_LEDGER, 0, PLM_LAYOUT_ledger, &record);
    return record;
}

static void test_a_deposit_needs_exactly_its_tokens(void **state)
{
    (void)state;
    attach("usd", 5);
    assert_int_equal(deposit(1, 0, 0), PLM_E_AMOUNT_ZERO);
    attach("usd", 4);
    assert_int_equal(deposit(1, 0, 5), PLM_E_INSUFFICIENT_FUNDS_ATTACHED);
    attach("usd", 6);
    assert_int_equal(deposit(1, 0, 5), PLM_E_INSUFFICIENT_FUNDS_ATTACHED);
    attach("t", 5);
    assert_int_equal(deposit(1, 0, 5), PLM_E_INSUFFICIENT_FUNDS_ATTACHED);
    attach("usd", 5);
    assert_int_equal(deposit(1, 0, 5), PLM_OK);
    assert_int_equal(ledger().vault.wad.lo, UINT64_C(5000000000000)); /* 5 x 10^12 [UNIT-2] */
    attach("usd", 5);
    assert_int_equal(deposit(9, 0, 5), PLM_E_NO_ACCOUNT);
    attach("usd", 5);
    assert_int_equal(deposit(1, 9, 5), PLM_E_NO_ASSET);
}

static void test_collateral_stops_at_its_cap(void **state)
{
    (void)state; /* [ACCT-6] at the cap, one atom above, over all accounts together */
    attach("t", 60);
    test_host_caller(host, "bob");
    assert_int_equal(deposit(1, 1, 60), PLM_E_AUTH); /* a new kind is the owner's decision */
    attach("t", 60);
    test_host_caller(host, "ann");
    assert_int_equal(deposit(1, 1, 60), PLM_OK);
    attach("t", 41);
    test_host_caller(host, "bob");
    assert_int_equal(deposit(2, 1, 41), PLM_E_CAP_DEPOSIT);
    attach("t", 40);
    assert_int_equal(deposit(2, 1, 40), PLM_OK);
}

static void test_without_risk_everything_may_leave(void **state)
{
    (void)state; /* [WD-2] no price was ever published */
    attach("usd", 5);
    assert_int_equal(deposit(1, 0, 5), PLM_OK);
    attach("t", 5);
    test_host_caller(host, "ann");
    assert_int_equal(deposit(1, 1, 5), PLM_OK);
    assert_int_equal(withdraw("bob", 1, 0, 5), PLM_E_AUTH);
    assert_int_equal(withdraw("ann", 1, 0, 6), PLM_E_BALANCE);
    assert_int_equal(withdraw("ann", 1, 0, 5), PLM_OK);
    assert_int_equal(withdraw("ann", 1, 1, 6), PLM_E_BALANCE);
    assert_int_equal(withdraw("ann", 1, 1, 5), PLM_OK);
    assert_true(plm_val_is_zero(ledger().vault));
}

static void test_a_failed_payout_is_recredited_once(void **state)
{
    (void)state; /* [LEDGER-6] */
    attach("usd", 5);
    assert_int_equal(deposit(1, 0, 5), PLM_OK);
    assert_int_equal(withdraw("ann", 1, 0, 5), PLM_OK);
    assert_int_equal(host->last_payout, 1);
    assert_int_equal(settle_out("ann", 1, 0), PLM_E_ROLE);
    assert_int_equal(settle_out("engine", 1, 0), PLM_OK);
    assert_int_equal(settle_out("engine", 1, 0), PLM_E_DUPLICATE);
    assert_int_equal(withdraw("ann", 1, 0, 5), PLM_OK);
    assert_int_equal(settle_out("engine", 2, 1), PLM_OK);
    assert_int_equal(withdraw("ann", 1, 0, 1), PLM_E_BALANCE);
}

static void test_a_payout_to_a_closed_account_becomes_surplus(void **state)
{
    (void)state; /* [LEDGER-6] */
    const struct plm_close_account close = {1};
    struct plm_asset_state asset;
    attach("usd", 5);
    assert_int_equal(deposit(1, 0, 5), PLM_OK);
    assert_int_equal(withdraw("ann", 1, 0, 5), PLM_OK);
    assert_int_equal(TEST_APPLY(host, CLOSE_ACCOUNT, close_account, &close), PLM_OK);
    assert_int_equal(settle_out("engine", 1, 0), PLM_OK);
    test_read(host, PLM_KEY_ASSET_STATE, 0, PLM_LAYOUT_asset_state, &asset);
    assert_int_equal(asset.surplus.atoms.lo, 5);

    const struct plm_sweep_surplus more = {0, plm_amt_from_u64(6)};
    const struct plm_sweep_surplus all = {0, plm_amt_from_u64(5)};
    assert_int_equal(TEST_APPLY(host, SWEEP_SURPLUS, sweep_surplus, &all), PLM_E_ROLE);
    test_host_caller(host, "admin");
    assert_int_equal(TEST_APPLY(host, SWEEP_SURPLUS, sweep_surplus, &more), PLM_E_BALANCE);
    assert_int_equal(TEST_APPLY(host, SWEEP_SURPLUS, sweep_surplus, &all), PLM_OK);
}

static void test_a_transfer_moves_and_creates_nothing(void **state)
{
    (void)state; /* [LEDGER-3] */
    const struct plm_transfer self = {1, 1, 0, plm_amt_from_u64(1)};
    const struct plm_transfer most = {1, 2, 0, plm_amt_from_u64(5)};
    attach("usd", 5);
    assert_int_equal(deposit(1, 0, 5), PLM_OK);
    test_host_caller(host, "ann");
    assert_int_equal(TEST_APPLY(host, TRANSFER, transfer, &self), PLM_E_FIELD);
    assert_int_equal(TEST_APPLY(host, TRANSFER, transfer, &most), PLM_OK);
    assert_int_equal(TEST_APPLY(host, TRANSFER, transfer, &most), PLM_E_BALANCE);
    assert_int_equal(withdraw("bob", 2, 0, 5), PLM_OK);
}

static void test_anybody_may_fund_a_tranche(void **state)
{
    (void)state; /* [LOSS-1] */
    const struct plm_fund_insurance market = {0, plm_amt_from_u64(3)};
    const struct plm_fund_insurance global = {PLM_NO_MARKET, plm_amt_from_u64(4)};
    attach("usd", 3);
    assert_int_equal(TEST_APPLY(host, FUND_INSURANCE, fund_insurance, &market), PLM_OK);
    assert_int_equal(TEST_APPLY(host, FUND_INSURANCE, fund_insurance, &global),
                     PLM_E_INSUFFICIENT_FUNDS_ATTACHED);
    attach("usd", 4);
    assert_int_equal(TEST_APPLY(host, FUND_INSURANCE, fund_insurance, &global), PLM_OK);
    attach("", 0);
    assert_int_equal(ledger().global.wad.lo, UINT64_C(4000000000000));
    assert_int_equal(ledger().vault.wad.lo, UINT64_C(7000000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_deposit_needs_exactly_its_tokens, set_up),
        cmocka_unit_test_setup(test_collateral_stops_at_its_cap, set_up),
        cmocka_unit_test_setup(test_without_risk_everything_may_leave, set_up),
        cmocka_unit_test_setup(test_a_failed_payout_is_recredited_once, set_up),
        cmocka_unit_test_setup(test_a_payout_to_a_closed_account_becomes_surplus, set_up),
        cmocka_unit_test_setup(test_a_transfer_moves_and_creates_nothing, set_up),
        cmocka_unit_test_setup(test_anybody_may_fund_a_tranche, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

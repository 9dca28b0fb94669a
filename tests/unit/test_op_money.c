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
    assert_int_equal(host->reply_length, 8); /* the payout's id */
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
    assert_int_equal(host->writes_after_payment, 0); /* records first, tokens last */
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
    assert_int_equal(host->event_ids[host->event_count - 1], PLM_EVENT_INSURANCE_FUNDED);
    assert_int_equal(host->event_lengths[host->event_count - 1], 2 + 16); /* market, atoms */
    assert_int_equal(ledger().global.wad.lo, UINT64_C(4000000000000));
    assert_int_equal(ledger().vault.wad.lo, UINT64_C(7000000000000));
}

/* Rewrites account 1: nothing but these positions and collaterals. */
static void store_account(const struct plm_account *wanted)
{
    const uint8_t key[9] = {PLM_KEY_ACCOUNT, [8] = 1};
    struct test_entry *entry = test_find(host, key, sizeof key);
    struct plm_account account = {0};
    assert_non_null(entry);
    assert_int_equal(
        plm_codec_decode(PLM_LAYOUT_account, entry->value + 1, entry->value_length - 1, &account),
        PLM_OK);
    const struct plm_hash owner = account.owner;
    account = *wanted;
    account.owner = owner;
    entry->value_length =
        1 + plm_codec_encode(PLM_LAYOUT_account, &account, entry->value + 1, 6143);
}

static void test_collateral_of_a_debtor_stays_and_the_reason_is_told(void **state)
{
    (void)state; /* [WD-1]: a debt of 5 above the cash, without and with a claim elsewhere */
    const struct plm_market market = test_m0_market();
    test_host_caller(host, "admin");
    assert_int_equal(test_add_market(host, &market, 1), PLM_OK);
    test_host_caller(host, "pub");
    const struct plm_publish_price price = {
        .quotes_count = 1, .quotes = {{.price = {50 * TEST_ONE}, .time = host->now}}};
    assert_int_equal(TEST_APPLY(host, PUBLISH_PRICE, publish_price, &price), PLM_OK);
    static struct plm_account debtor;
    memset(&debtor, 0, sizeof debtor);
    debtor.positions_count = 1;
    debtor.positions[0].quote = plm_val_from_quote(-5);
    debtor.collaterals_count = 1;
    debtor.collaterals[0].asset = 1;
    debtor.collaterals[0].atoms = plm_amt_from_u64(9);
    const uint8_t key[] = {PLM_KEY_ASSET_STATE, 0, 1};
    struct test_entry *entry = test_find(host, key, sizeof key);
    const struct plm_asset_state total = {.total = plm_amt_from_u64(9)};
    assert_non_null(entry);
    entry->value_length =
        1 + plm_codec_encode(PLM_LAYOUT_asset_state, &total, entry->value + 1, 6143);
    store_account(&debtor);
    assert_int_equal(withdraw("ann", 1, 1, 1), PLM_E_BALANCE);
    debtor.positions_count = 2;
    debtor.positions[1].market = 1;
    debtor.positions[1].quote = plm_val_from_quote(9);
    store_account(&debtor);
    assert_int_equal(withdraw("ann", 1, 1, 1), PLM_E_PROFIT_UNPAID);
}

static void test_a_swept_surplus_that_does_not_arrive_is_surplus_again(void **state)
{
    (void)state; /* [LEDGER-5] [LEDGER-6]: it belongs to no account */
    struct plm_asset_state asset;
    const struct plm_sweep_surplus all = {0, plm_amt_from_u64(5)};
    attach("usd", 5);
    assert_int_equal(open_account("carl"), PLM_OK);
    attach("", 0);
    test_host_caller(host, "admin");
    assert_int_equal(TEST_APPLY(host, SWEEP_SURPLUS, sweep_surplus, &all), PLM_OK);
    assert_int_equal(settle_out("engine", 1, 0), PLM_OK);
    test_read(host, PLM_KEY_ASSET_STATE, 0, PLM_LAYOUT_asset_state, &asset);
    assert_int_equal(asset.surplus.atoms.lo, 5);
}

static void test_a_failed_payout_of_collateral_needs_room_to_come_back(void **state)
{
    (void)state; /* [LEDGER-6]: with room; with eight kinds of which it is one; with eight others */
    const uint64_t left[] = {0, 0, 3}; /* on the surplus line */
    for (uint32_t turn = 0; turn < 3; turn++) {
        assert_int_equal(set_up(NULL), 0);
        struct plm_asset asset = test_m0_asset();
        test_host_caller(host, "admin");
        for (uint16_t id = 2; id <= PLM_COLLATERALS_MAX + 1; id++) {
            asset.token.bytes[0] = (uint8_t)('A' + id);
            const struct plm_add_asset args = {
                .token = asset.token, .decimals = 18, .feed = 0, .params = asset.params};
            assert_int_equal(TEST_APPLY(host, ADD_ASSET, add_asset, &args), PLM_OK);
        }
        attach("t", 5);
        test_host_caller(host, "ann");
        assert_int_equal(deposit(1, 1, 5), PLM_OK);
        assert_int_equal(withdraw("ann", 1, 1, 3), PLM_OK);
        static struct plm_account full;
        memset(&full, 0, sizeof full);
        full.collaterals_count = turn == 0 ? 1 : PLM_COLLATERALS_MAX;
        for (uint32_t i = 0; i < full.collaterals_count; i++) {
            full.collaterals[i].asset = (uint16_t)(i + (turn == 2 ? 2 : 1));
            full.collaterals[i].atoms = plm_amt_from_u64(2);
        }
        store_account(&full);
        assert_int_equal(settle_out("engine", 1, 0), PLM_OK);
        struct plm_asset_state state_of;
        test_read(host, PLM_KEY_ASSET_STATE, 1, PLM_LAYOUT_asset_state, &state_of);
        assert_int_equal(state_of.surplus.atoms.lo, left[turn]);
    }
}

static void test_a_tranche_stops_at_the_bound_of_the_vault(void **state)
{
    (void)state; /* [UNIT-3]: 4e13 quote units of 6 decimals */
    const plm_amt most = {{UINT64_C(3106511852580896768) - 1, 2}};
    const struct plm_fund_insurance rest = {PLM_NO_MARKET, plm_amt_from_u64(1)};
    const struct plm_fund_insurance all = {PLM_NO_MARKET, most};
    const struct plm_fund_insurance wide = {PLM_NO_MARKET, {{UINT64_MAX, INT64_MAX}}};
    attach("usd", 1);
    host->funds[0].atoms = most;
    assert_int_equal(TEST_APPLY(host, FUND_INSURANCE, fund_insurance, &all), PLM_OK);
    attach("usd", 1);
    assert_int_equal(TEST_APPLY(host, FUND_INSURANCE, fund_insurance, &rest), PLM_OK);
    assert_int_equal(TEST_APPLY(host, FUND_INSURANCE, fund_insurance, &rest), PLM_E_OVERFLOW);
    assert_int_equal(TEST_APPLY(host, FUND_INSURANCE, fund_insurance, &wide), PLM_E_OVERFLOW);
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
        cmocka_unit_test_setup(test_collateral_of_a_debtor_stays_and_the_reason_is_told, set_up),
        cmocka_unit_test_setup(test_a_swept_surplus_that_does_not_arrive_is_surplus_again, set_up),
        cmocka_unit_test_setup(test_a_failed_payout_of_collateral_needs_room_to_come_back, set_up),
        cmocka_unit_test_setup(test_a_tranche_stops_at_the_bound_of_the_vault, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

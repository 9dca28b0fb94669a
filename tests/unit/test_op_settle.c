// SPDX-License-Identifier: Apache-2.0
/* Operations on results: settle says when nothing is left, a claim can be given up.
 * [LEDGER-1] [LEDGER-7] [ACCT-5] [LOSS-7] */
#include "plm_cmocka.h"
#include "plm_invariant.h"
#include "plm_operations.h"
#include "plm_settle.h"
#include "plm_test_books.h"

static struct plm_scratch s;
static struct plm_market_slot *market;
static struct plm_account_slot *loser;
static struct plm_account_slot *winner;

/* Bought and sold 10 at 100, now at 90: 100 are lost and won. */
static void make_world(int64_t cash)
{
    test_scratch(&s);
    market = test_market(&s, 3, 90);
    loser = test_account(&s, 1, 'l', quotes(cash));
    winner = test_account(&s, 2, 'w', quotes(0));
    (void)test_position(loser, market, base(10), quotes(-1000));
    (void)test_position(winner, market, base(-10), quotes(1000));
}

static plm_val settle(struct plm_account_slot *account)
{
    plm_val value = wads(7);
    assert_int_equal(plm_settle_position(&s, account, 3, &value), PLM_OK);
    plm_invariant_check(&s);
    return value;
}

static void test_settle_says_when_nothing_is_left_to_do(void **state)
{
    (void)state;
    make_world(500);
    const struct plm_settle args = {.account = 2, .market = 3};
    assert_int_equal(plm_op_settle(&s, &args), PLM_OK);           /* the shortfall is recorded */
    assert_int_equal(plm_op_settle(&s, &args), PLM_E_NOT_NEEDED); /* and again: nothing new */
    assert_true(s.reply_length > 0);                              /* what was gained or paid */
    s.reply_length = 0;
    winner->record.positions_count = 0;
    assert_int_equal(plm_op_settle(&s, &args), PLM_OK); /* the record ends */
    assert_int_equal(plm_op_settle(&s, &args), PLM_E_NO_MARKET);
}

static void test_a_claim_is_given_to_insurance_by_its_owner(void **state)
{
    (void)state;
    make_world(0);
    const struct plm_abandon_claim args = {.account = 2, .market = 3};
    assert_int_equal(plm_op_abandon_claim(&s, &args), PLM_E_AUTH);
    s.caller_hash = winner->record.owner;
    assert_int_equal(plm_op_abandon_claim(&s, &args), PLM_E_NOT_NEEDED); /* it has lots */
    make_world(0);
    s.caller_hash = winner->record.owner;
    loser->record.positions_count = 0;
    market->state.oi = base(0);
    winner->record.positions[0].lots = base(0);
    winner->record.positions[0].quote = quotes(100);
    market->state.accrued = quotes(100);
    market->state.uncovered = quotes(-100);
    (void)settle(winner);
    assert_int_equal(plm_op_abandon_claim(&s, &args), PLM_OK);
    assert_true(plm_val_is_zero(market->state.uncovered)); /* it fills the hole first */
    assert_true(plm_val_is_zero(market->state.insurance_due));
    assert_true(market->state.shortfall_account == 0);
    assert_true(winner->record.positions_count == 0);
    assert_int_equal(plm_op_abandon_claim(&s, &args), PLM_E_NO_MARKET);
    plm_invariant_check(&s);
}

static void test_only_a_claim_of_a_market_is_given_up(void **state)
{
    (void)state; /* [ACCT-5] */
    make_world(0);
    s.caller_hash = winner->record.owner;
    winner->record.positions[0].lots = base(0);
    winner->record.positions[0].quote = quotes(-100); /* a debt */
    struct plm_abandon_claim args = {.account = 2, .market = 3};
    assert_int_equal(plm_op_abandon_claim(&s, &args), PLM_E_NOT_NEEDED);
    winner->record.positions[0].quote = quotes(0);
    assert_int_equal(plm_op_abandon_claim(&s, &args), PLM_E_NOT_NEEDED);
    args.market = PLM_LIMIT_MARKETS_MAX;
    assert_int_equal(plm_op_abandon_claim(&s, &args), PLM_E_NO_MARKET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settle_says_when_nothing_is_left_to_do),
        cmocka_unit_test(test_a_claim_is_given_to_insurance_by_its_owner),
        cmocka_unit_test(test_only_a_claim_of_a_market_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* plm_invariant: each broken identity stops the call. [I01] [I02] [I13] [I49] */
#include "plm_cmocka.h"
#include "plm_fix.h"
#include "plm_invariant.h"

#include <string.h>

static struct plm_scratch scratch;

/* One account with 10 in cash and one market whose pool holds 5 against a claim of 5. */
static struct plm_scratch *make(void)
{
    struct plm_scratch *s = &scratch;
    memset(s, 0, sizeof *s);
    s->account_count = 1;
    s->accounts[0].id = 1;
    s->accounts[0].changed = true;
    s->accounts[0].record.cash = plm_val_from_quote(10);
    s->market_count = 1;
    s->markets[0].state_changed = true;
    s->markets[0].state.pool = plm_val_from_quote(5);
    s->markets[0].state.accrued = plm_val_from_quote(5);
    s->loaded = plm_val_from_quote(15);
    return s;
}

static void test_a_sound_state_passes(void **state)
{
    (void)state;
    plm_invariant_check(make());
}

static void test_cash_from_nowhere_is_caught(void **state)
{
    (void)state;
    struct plm_scratch *s = make();
    s->accounts[0].record.cash = plm_val_from_quote(11);
    expect_assert_failure(plm_invariant_check(s));
}

static void test_a_market_that_does_not_add_up_is_caught(void **state)
{
    (void)state;
    struct plm_scratch *s = make();
    s->markets[0].state.fees_due.wad.lo = 1;
    expect_assert_failure(plm_invariant_check(s));
}

static void test_a_negative_line_is_caught(void **state)
{
    (void)state;
    struct plm_scratch *s = make();
    s->markets[0].state.insurance = plm_val_from_quote(-1);
    s->markets[0].state.fees = plm_val_from_quote(1);
    expect_assert_failure(plm_invariant_check(s));
}

static void test_an_uncovered_line_above_zero_is_caught(void **state)
{
    (void)state;
    struct plm_scratch *s = make();
    s->markets[0].state.uncovered = plm_val_from_quote(1);
    s->markets[0].state.accrued = plm_val_from_quote(4);
    expect_assert_failure(plm_invariant_check(s));
}

static void test_an_empty_position_that_stayed_is_caught(void **state)
{
    (void)state;
    struct plm_scratch *s = make();
    s->accounts[0].record.positions_count = 1;
    expect_assert_failure(plm_invariant_check(s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sound_state_passes),
        cmocka_unit_test(test_cash_from_nowhere_is_caught),
        cmocka_unit_test(test_a_market_that_does_not_add_up_is_caught),
        cmocka_unit_test(test_a_negative_line_is_caught),
        cmocka_unit_test(test_an_uncovered_line_above_zero_is_caught),
        cmocka_unit_test(test_an_empty_position_that_stayed_is_caught),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* plm_op_pause: bits are set, replaced, expire, and come back after seven days. [GOV-2] */
#include "plm_cmocka.h"

#include "support/plm_test_engine.h"

#define DAY        UINT64_C(86400)
#define BIT(name)  ((uint8_t)(1U << PLM_PAUSE_##name))
#define TEST(name) cmocka_unit_test_setup(name, set_up)

static struct plm_host *host;

static int set_up(void **unused)
{
    (void)unused;
    host = test_m0_engine();
    return 0;
}

static plm_err set_role(uint8_t role, const char *name)
{
    const struct plm_set_role args = {.role = role, .holder = test_addr(name)};
    return TEST_APPLY(host, SET_ROLE, set_role, &args);
}

static plm_err set_pause(uint16_t market, uint8_t bits)
{
    const struct plm_set_pause args = {.market = market, .bits = bits};
    return TEST_APPLY(host, SET_PAUSE, set_pause, &args);
}

static struct plm_market_state state_of(void)
{
    static struct plm_market_state state;
    test_read(host, PLM_KEY_MARKET_STATE, 0, PLM_LAYOUT_market_state, &state);
    return state;
}

static void test_bits_belong_to_a_market_or_to_all(void **unused)
{
    (void)unused;
    assert_int_equal(set_pause(0, BIT(DEPOSIT)), PLM_E_FIELD);
    assert_int_equal(set_pause(0, BIT(WITHDRAW)), PLM_E_FIELD);
    assert_int_equal(set_pause(PLM_NO_MARKET, BIT(INCREASE)), PLM_E_FIELD);
    assert_int_equal(set_pause(PLM_NO_MARKET, BIT(DEPOSIT) | BIT(WITHDRAW)), PLM_OK);
    assert_int_equal(set_pause(0, 0x1f | BIT(SETTLE)), PLM_OK);
    assert_int_equal(set_pause(1, BIT(FUND)), PLM_E_NO_MARKET);
    test_host_caller(host, "stranger");
    assert_int_equal(set_pause(0, BIT(FUND)), PLM_E_ROLE);
}

static void test_the_guardian_adds_and_the_admin_replaces(void **unused)
{
    (void)unused;
    assert_int_equal(set_role(PLM_ROLE_GUARDIAN, "guard"), PLM_OK);
    test_host_caller(host, "guard");
    assert_int_equal(set_pause(0, BIT(INCREASE)), PLM_OK);
    assert_int_equal(set_pause(0, BIT(FUND)), PLM_OK);
    assert_int_equal(state_of().pauses, BIT(INCREASE) | BIT(FUND));
    assert_int_equal(set_pause(0, 0), PLM_OK); /* lifts nothing */
    assert_int_equal(state_of().pauses, BIT(INCREASE) | BIT(FUND));
    test_host_caller(host, "admin");
    assert_int_equal(set_pause(0, BIT(INCREASE)), PLM_OK);
    assert_int_equal(state_of().pauses, BIT(INCREASE));
}

static void test_a_pause_is_set_again_only_after_seven_days(void **unused)
{
    (void)unused;
    const uint64_t start = host->now.sec;
    assert_int_equal(set_pause(0, BIT(LIQUIDATE) | BIT(INCREASE)), PLM_OK);
    host->now.sec = start + 14399;
    assert_int_equal(set_pause(0, BIT(LIQUIDATE) | BIT(INCREASE)), PLM_OK);     /* still in force */
    assert_int_equal(state_of().pause_sets[PLM_PAUSE_LIQUIDATE].at.sec, start); /* not renewed */
    host->now.sec = start + 14400;
    assert_int_equal(set_pause(0, BIT(LIQUIDATE)), PLM_E_PAUSED);
    host->now.sec = start + 7 * DAY - 1;
    assert_int_equal(set_pause(0, BIT(LIQUIDATE)), PLM_E_PAUSED);
    host->now.sec = start + 7 * DAY;
    assert_int_equal(set_pause(0, BIT(LIQUIDATE)), PLM_OK);
    assert_int_equal(set_pause(0, BIT(INCREASE)), PLM_OK); /* free to come and go */
    assert_int_equal(set_pause(0, 0), PLM_OK);
    assert_int_equal(set_pause(0, BIT(INCREASE)), PLM_OK);
    assert_int_equal(set_pause(0, BIT(LIQUIDATE)), PLM_E_PAUSED); /* lifted does not mean fresh */
}

static void test_lifting_the_reduce_pause_is_remembered_for_the_grace(void **unused)
{
    (void)unused;
    const uint64_t start = host->now.sec;
    assert_int_equal(set_pause(0, BIT(REDUCE)), PLM_OK);
    host->now.sec = start + 100;
    assert_int_equal(set_pause(0, 0), PLM_OK);
    assert_int_equal(state_of().pause_lifted.sec, start + 100);
    (void)set_up(NULL);
    assert_int_equal(set_pause(0, BIT(REDUCE)), PLM_OK);
    host->now.sec = start + DAY + 50; /* it ended by itself before it was cleared */
    assert_int_equal(set_pause(0, 0), PLM_OK);
    assert_int_equal(state_of().pause_lifted.sec, start + DAY);
}

static void test_the_pauses_for_all_are_not_renewed_either(void **unused)
{
    (void)unused; /* [GOV-2] */
    assert_int_equal(set_pause(PLM_NO_MARKET, BIT(DEPOSIT)), PLM_OK);
    assert_int_equal(set_pause(PLM_NO_MARKET, 0), PLM_OK);
    host->now.sec += 7 * DAY - 1;
    assert_int_equal(set_pause(PLM_NO_MARKET, BIT(DEPOSIT)), PLM_E_PAUSED);
    host->now.sec += 1;
    assert_int_equal(set_pause(PLM_NO_MARKET, BIT(DEPOSIT)), PLM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bits_belong_to_a_market_or_to_all),
        TEST(test_the_guardian_adds_and_the_admin_replaces),
        TEST(test_a_pause_is_set_again_only_after_seven_days),
        TEST(test_lifting_the_reduce_pause_is_remembered_for_the_grace),
        TEST(test_the_pauses_for_all_are_not_renewed_either),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* The language of scenario files: numbers, grammar, names, outcomes, blocks.
 * build: sim native */
#include "plm_cmocka.h"
#include "sim_scenario.h"
#include "sim_units.h"

#include <string.h>

#define OPENING                                                                                    \
    "quote USDC decimals 6\nmarket M size_decimals 8\naccount a cross\naccount b cross\n"

/* --- numbers -----------------------------------------------------------------------------------
 */
struct number_row {
    const char *text;
    enum sim_units_result result;
    int64_t value;
};

typedef enum sim_units_result (*reader)(const char *text, sim_int *out);

static void check_rows(reader read, const struct number_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sim_int value = 0;
        assert_int_equal(read(rows[i].text, &value), rows[i].result);
        if (rows[i].result == SIM_UNITS_OK) {
            assert_true(value == (sim_int)rows[i].value);
        }
    }
}

static void test_ratios_are_percent_or_leverage(void **state)
{
    (void)state;
    static const struct number_row rows[] = {
        {"10%", SIM_UNITS_OK, 100000},
        {"0.05%", SIM_UNITS_OK, 500},
        {"0.0001%", SIM_UNITS_OK, 1},
        {"0.00001%", SIM_UNITS_TOO_FINE, 0},
        {"20x", SIM_UNITS_OK, 50000},
        {"3x", SIM_UNITS_TOO_FINE, 0},
        {"0x", SIM_UNITS_SYNTAX, 0},
        {"0", SIM_UNITS_OK, 0},
        {"5", SIM_UNITS_SYNTAX, 0},
        {"%", SIM_UNITS_SYNTAX, 0},
        {"", SIM_UNITS_SYNTAX, 0},
    };
    check_rows(sim_units_ratio, rows, ARRAY_LEN(rows));
}

static void test_rates_are_percent_or_fractions(void **state)
{
    (void)state;
    static const struct number_row rows[] = {
        {"0.01%", SIM_UNITS_OK, 100000},
        {"0.0001", SIM_UNITS_OK, 100000},
        {"-0.01%", SIM_UNITS_OK, -100000},
        {"0.00000001%", SIM_UNITS_TOO_FINE, 0},
        {"1%%", SIM_UNITS_SYNTAX, 0},
    };
    check_rows(sim_units_rate, rows, ARRAY_LEN(rows));
}

static void test_durations_have_a_unit(void **state)
{
    (void)state;
    static const struct number_row rows[] = {
        {"30s", SIM_UNITS_OK, 30},
        {"10m", SIM_UNITS_OK, 600},
        {"8h", SIM_UNITS_OK, 28800},
        {"2d", SIM_UNITS_OK, 172800},
        {"-30s", SIM_UNITS_OK, -30},
        {"0", SIM_UNITS_OK, 0},
        {"30", SIM_UNITS_SYNTAX, 0},
        {"1.5h", SIM_UNITS_TOO_FINE, 0},
        {"9_223_372_036_854_775_807d", SIM_UNITS_TOO_LARGE, 0},
    };
    check_rows(sim_units_duration, rows, ARRAY_LEN(rows));
}

static void test_decimals_fit_their_unit_or_are_refused(void **state)
{
    (void)state;
    sim_int value = 0;
    assert_int_equal(sim_units_decimal("1_000.500", 1, &value), SIM_UNITS_OK);
    assert_true(value == 10005);
    assert_int_equal(sim_units_decimal("1.05", 1, &value), SIM_UNITS_TOO_FINE);
    assert_int_equal(sim_units_decimal("1__0", 1, &value), SIM_UNITS_SYNTAX);
    assert_int_equal(sim_units_decimal("170141183460469231731687303715884105728", 0, &value),
                     SIM_UNITS_TOO_LARGE);
}

static void test_figures_are_printed_as_a_file_writes_them(void **state)
{
    (void)state;
    char text[SIM_UNITS_TEXT_MAX];
    sim_units_format(-1234567890, 4, text, sizeof text);
    assert_string_equal(text, "-123_456.789");
    sim_units_format(5, 3, text, sizeof text);
    assert_string_equal(text, "0.005");
    sim_units_format(0, 18, text, sizeof text);
    assert_string_equal(text, "0");
}

/* --- faults ------------------------------------------------------------------------------------
 */
/* check: parses and checks a text; true when nothing is wrong. */
static bool check(const char *text, struct sim_fault *fault)
{
    struct sim_script script = {0};
    struct sim_scenario s;
    if (!sim_script_parse(text, strlen(text), &script, fault)) {
        return false;
    }
    sim_scenario_begin(&s, "test.scn", &script, NULL);
    const bool is_good = sim_scenario_run(&s);
    *fault = s.fault;
    sim_scenario_end(&s);
    sim_script_free(&script);
    return is_good;
}

static void test_faults_name_their_line_and_what_to_do(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        uint32_t line;
        const char *why;
    } rows[] = {
        {"quote USDC decimals 6\nwithdrw a 3 USDC -> ok\n", 2, "did you mean 'withdraw'?"},
        {OPENING "deposit a 1 USDC\n", 5, "end the line with -> ok"},
        {OPENING "deposit a 1 -> ok\n",
         5,
         "write it as: deposit ACCOUNT AMOUNT ASSET [brings BROUGHT] -> ok"},
        {OPENING "deposit a 1 USDC -> E_NONE\n", 5, "no code 'E_NONE'"},
        {OPENING "deposit a 1 USDC -> refused E_AUTH\n", 5, "only prices are refused"},
        {OPENING "deposit c 1 USDC -> ok\n", 5, "no account 'c': declare it above"},
        {OPENING "deposit a 0.0000001 USDC -> ok\n", 5, "more than the 6 decimals"},
        {OPENING "\n  # nothing\nadvance 30\n", 7, "is no duration"},
        {OPENING "market N initial 10\n", 5, "its default is written 10%"},
        {OPENING "market N inital 10%\n", 5, "no key 'inital'"},
        {OPENING "account a cross\n", 5, "declared already"},
        {OPENING "show a equty 1\n", 5, "no figure 'equty'"},
        {OPENING "show a equity\n", 5, "no value after it"},
        {OPENING "let x $y\n", 5, "let y VALUE above"},
        {OPENING "advance 1s -> ok\n", 5, "has no outcome"},
        {OPENING "repeat 2\nadvance 1s\n", 5, "'repeat' has no end"},
        {OPENING "end\n", 5, "remove it"},
        {OPENING "batch\ndeposit a 1 USDC\nend -> ok\n", 6, "holds trade lines"},
        {OPENING "without NOTHING-1\nend\n", 5, "abi/lab.def"},
        {OPENING "as b advance 1s\n", 5, "before operations only"},
        {"deposit a 1 USDC -> ok\n", 1, "'quote' comes first"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sim_fault fault = {0};
        assert_false(check(rows[i].text, &fault));
        if (fault.line != rows[i].line || strstr(fault.why, rows[i].why) == NULL) {
            fail_msg("%u: %s (wanted %u: %s)", fault.line, fault.why, rows[i].line, rows[i].why);
        }
    }
}

static void test_the_grammar_is_free_where_it_says_so(void **state)
{
    (void)state;
    struct sim_fault fault = {0};
    static const char text[] =
        OPENING "  let q 12.5   # a number\r\n"
                "\ttrade a buy $q M @ 2_000 with b fill_id 7 by delegate taker b -> E_BUDGET\n"
                "liquidate a M by b -> E_AUTH\nliquidate a M 2 by b limit 5 -> E_AUTH\n"
                "deleverage a M with b tip a -> E_AUTH\ndeleverage a M with b 2 -> E_AUTH\n"
                "repeat 3\nadvance 1s\nend\n"
                "without WD-1\nexpect broken I05\nend\n"
                "show a equity 1 lots M 0.5 initial M 10% level healthy balance USDC 1\n"
                "show M price 5 initial 10% refused ok age 30s status active\n"
                "group g a b\nexpect profit g at M 5 <= -1\nexpect M oi < 3";
    const bool is_good = check(text, &fault);
    if (!is_good) {
        fail_msg("%u: %s", fault.line, fault.why);
    }
}

/* --- runs --------------------------------------------------------------------------------------
 */
/* play: a text on the native engine; the fault stays in *s, which the caller ends. */
static bool
play(const char *text, struct sim_script *script, struct sim_world **world, struct sim_scenario *s)
{
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    struct sim_fault fault = {0};
    assert_true(sim_script_parse(text, strlen(text), script, &fault));
    *world = sim_world_new(&options);
    sim_scenario_begin(s, "test.scn", script, *world);
    s->choice = SIM_CHOICE_NATIVE;
    return sim_scenario_run(s);
}

static void stop(struct sim_script *script, struct sim_world *world, struct sim_scenario *s)
{
    sim_scenario_end(s);
    sim_world_free(world);
    sim_script_free(script);
}

static void test_an_unexpected_outcome_stops_with_the_margin_figures(void **state)
{
    (void)state;
    struct sim_script script = {0};
    struct sim_world *world = NULL;
    struct sim_scenario s;
    assert_false(
        play(OPENING "deposit a 5 USDC -> ok\nwithdraw a 6 USDC -> ok\n", &script, &world, &s));
    assert_true(s.is_unexpected);
    assert_int_equal(s.fault.line, 6);
    assert_non_null(strstr(s.fault.why, "expected ok, got E_BALANCE"));
    assert_non_null(strstr(sim_bytes_text(&s.context), "a: level healthy cash 5"));
    stop(&script, world, &s);
}

static void test_a_figure_that_differs_prints_the_actual_value(void **state)
{
    (void)state;
    struct sim_script script = {0};
    struct sim_world *world = NULL;
    struct sim_scenario s;
    assert_false(play(
        OPENING "deposit a 1_234.5 USDC -> ok\nshow a cash 1_234.500001\n", &script, &world, &s));
    assert_non_null(strstr(s.fault.why, "cash: expected 1_234.500001, is 1_234.5"));
    stop(&script, world, &s);
}

static void test_blocks_batches_and_copies_do_what_they_say(void **state)
{
    (void)state;
    struct sim_script script = {0};
    struct sim_world *world = NULL;
    struct sim_scenario s;
    static const char text[] =
        OPENING "deposit a 1_000 USDC -> ok\ndeposit b 1_000 USDC -> ok\nprice M 100 -> ok\n"
                "batch\ntrade a buy 2 M @ 100 with b\ntrade a sell 1 M @ 100 with b\nend -> ok\n"
                "show a lots M 1\n"
                "repeat 3\ntrade a buy 1 M @ 100 with b -> ok\nend\n"
                "show a lots M 4\nshow b lots M -4\nshow M oi 4\n"
                "without WD-1\ntrade a buy 1 M @ 100 with b -> ok\nshow M oi 5\nend\n"
                "show M oi 4\nwithdraw a 9_999 USDC -> E_BALANCE\nexpect unchanged\n"
                "group g a b\nexpect profit g <= -2_000\nexpect profit g at M 100 == 0\n";
    const bool is_good = play(text, &script, &world, &s);
    if (!is_good) {
        fail_msg("%u: %s", s.fault.line, s.fault.why);
    }
    stop(&script, world, &s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ratios_are_percent_or_leverage),
        cmocka_unit_test(test_rates_are_percent_or_fractions),
        cmocka_unit_test(test_durations_have_a_unit),
        cmocka_unit_test(test_decimals_fit_their_unit_or_are_refused),
        cmocka_unit_test(test_figures_are_printed_as_a_file_writes_them),
        cmocka_unit_test(test_faults_name_their_line_and_what_to_do),
        cmocka_unit_test(test_the_grammar_is_free_where_it_says_so),
        cmocka_unit_test(test_an_unexpected_outcome_stops_with_the_margin_figures),
        cmocka_unit_test(test_a_figure_that_differs_prints_the_actual_value),
        cmocka_unit_test(test_blocks_batches_and_copies_do_what_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

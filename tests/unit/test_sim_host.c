// SPDX-License-Identifier: Apache-2.0
/* Host functions that a contract must not misuse, and outcomes that must be alike.
 * build: sim native */
#include "plm_cmocka.h"
#include "sim_host.h"
#include "sim_world_compare.h"

#include <stdlib.h>
#include <string.h>

static struct sim_store *store;
static struct sim_outcome outcome;

static const uint8_t key[] = {PLM_KEY_CONFIG};
static uint8_t bytes[70000];

static void set_nothing(struct plm_host *host)
{
    const plm_err code = plm_host_kv_set(host, key, 1, bytes, 0);
    assert_int_equal(code, PLM_OK);
}

static void set_too_much(struct plm_host *host)
{
    const plm_err code = plm_host_kv_set(host, key, 1, bytes, PLM_LIMIT_RECORD_MAX + 1);
    assert_int_equal(code, PLM_OK);
}

static void get_a_long_key(struct plm_host *host)
{
    assert_int_equal(plm_host_kv_get(host, bytes, SIM_KEY_MAX + 1, NULL, 0), -1);
}

static void return_twice(struct plm_host *host)
{
    plm_host_return(host, bytes, 1);
    plm_host_return(host, bytes, 1);
}

static void tell_too_much(struct plm_host *host)
{
    plm_host_event(host, 1, bytes, sizeof bytes);
}

static void delete_in_a_query(struct plm_host *host)
{
    host->is_query = true;
    const plm_err code = plm_host_kv_del(host, key, 1);
    assert_int_equal(code, PLM_OK);
}

static void tell_in_a_query(struct plm_host *host)
{
    host->is_query = true;
    plm_host_event(host, 1, bytes, 1);
}

_Noreturn static void fail_an_assertion(struct plm_host *host)
{
    (void)host;
    plm_assert_fail("plm_x.c", 7, "a < b");
}

_Noreturn static void panic_at_once(struct plm_host *host)
{
    plm_host_panic(host, 42);
}

/* Calls `act` as an engine would; the place of its trap, or "" where it did not trap. */
static const char *place_of(void (*act)(struct plm_host *host))
{
    static const struct sim_context context;
    static struct plm_host host;
    struct sim_trap trap;
    host = (struct plm_host){.context = &context, .store = store, .outcome = &outcome};
    outcome.place[0] = '\0';
    sim_host_trap_begin(&trap, outcome.place);
    if (setjmp(trap.landing) == 0) {
        act(&host);
    }
    sim_host_trap_end(&trap);
    return outcome.place;
}

static void test_misuse_ends_the_call_and_not_the_program(void **state)
{
    (void)state;

    static const struct {
        void (*act)(struct plm_host *host);
        const char *place;
    } rows[] = {
        {set_nothing, "a stored value is empty or longer than RECORD_MAX"},
        {set_too_much, "a stored value is empty or longer than RECORD_MAX"},
        {get_a_long_key, "a storage key is empty or longer than 40 bytes"},
        {return_twice, "a call returned twice"},
        {tell_too_much, "events and reply of one call are longer than 64 KiB"},
        {delete_in_a_query, "a query called kv_del: queries store nothing"},
        {tell_in_a_query, "a query emitted an event"},
        {fail_an_assertion, "plm_x.c:7: a < b"},
        {panic_at_once, "panic 42"},
    };

    store = sim_store_new();
    sim_store_begin(store);
    outcome.memory.bytes = sim_bytes_alloc(65536, 1);
    outcome.memory.capacity = 65536;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_string_equal(place_of(rows[i].act), rows[i].place);
    }
    sim_store_free(store);
    sim_engine_outcome_free(&outcome);
}

/* An outcome with one event, one payment and a reply, in memory of the test. */
static struct sim_outcome make_outcome(struct sim_event *event, struct sim_payment *payment)
{
    static const uint8_t told[] = {1, 2, 3};
    *event = (struct sim_event){PLM_EVENT_ACCOUNT_CLOSED, {told, sizeof told}};
    *payment = (struct sim_payment){.atoms = 5, .payout = 1};
    return (struct sim_outcome){.events = event,
                                .event_count = 1,
                                .payments = payment,
                                .payment_count = 1,
                                .reply = {told, 1}};
}

static void
assert_differ(const struct sim_outcome *left, const struct sim_outcome *right, const char *what)
{
    struct sim_buffer text = {0};
    assert_false(sim_world_compare(left, "one", right, "two", &text));
    assert_non_null(strstr(sim_bytes_text(&text), what));
    assert_non_null(strstr(sim_bytes_text(&text), "\n  two: "));
    sim_bytes_free(&text);
}

static void test_the_first_difference_is_named(void **state)
{
    (void)state;
    static const uint8_t before[] = {1};
    static const uint8_t after[] = {2};
    struct sim_event events[2];
    struct sim_payment payments[2];
    struct sim_buffer text = {0};
    const struct sim_outcome left = make_outcome(&events[0], &payments[0]);
    struct sim_outcome right = make_outcome(&events[1], &payments[1]);
    assert_true(sim_world_compare(&left, "one", &right, "two", &text));
    assert_int_equal(text.length, 0);

    struct sim_write rows[] = {{.key = {{PLM_KEY_CONFIG}, 1}, .after = {before, 1}},
                               {.key = {{PLM_KEY_CONFIG}, 1}, .after = {after, 1}}};
    struct sim_outcome writes[] = {left, right};
    writes[0].writes = (struct sim_writes){&rows[0], 1, 1};
    assert_differ(&writes[0], &right, "changed key 1");
    writes[1].writes = (struct sim_writes){&rows[1], 1, 1};
    assert_differ(&writes[0], &writes[1], "CONFIG = 02");

    right.reply.length = 2;
    assert_differ(&left, &right, "in the reply");
    payments[1].atoms = 6;
    assert_differ(&left, &right, "payment 1");
    events[1].id = PLM_EVENT_DEPOSITED;
    assert_differ(&left, &right, "event 1");
    right.event_count = 0;
    assert_differ(&left, &right, "two: none");
    right.code = PLM_E_AUTH;
    assert_differ(&left, &right, "E_AUTH");
    right.trapped = true;
    assert_differ(&left, &right, "in the result");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_misuse_ends_the_call_and_not_the_program),
        cmocka_unit_test(test_the_first_difference_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* The chain in a box: engines in lockstep, tokens, payments, faults, snapshots, traces.
 * build: sim native */
#include "plm_cmocka.h"
#include "sim_trace.h"
#include "sim_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MILLION 1000000

static struct plm_addr usdc(void)
{
    return sim_abi_addr_text("USDC");
}

static plm_amt amount(int64_t atoms)
{
    return (plm_amt){sim_abi_i128_of(atoms)};
}

static void assert_code(struct sim_world *world, const struct sim_outcome *outcome, plm_err code)
{
    if (outcome == NULL) {
        fail_msg("the world stopped: %s", sim_world_failure(world));
    }
    const int expected = (int)code;
    assert_string_equal(sim_abi_code_name(outcome->code), sim_abi_code_name(expected));
}

static struct sim_world *make_world(const struct sim_world_options *options)
{
    struct sim_world *world = sim_world_new(options);
    const struct plm_addr admin = sim_world_actor("admin");
    const struct plm_addr alice = sim_world_actor("alice");
    const struct plm_initialise start = {.token = usdc(), .decimals = 6, .admin = admin};
    const struct plm_open_account open = {.number = 0, .mode = PLM_MODE_CROSS};
    assert_code(world, sim_world_send(world, &admin, NULL, 0, PLM_OP_INITIALISE, &start), PLM_OK);
    assert_code(world, sim_world_send(world, &alice, NULL, 0, PLM_OP_OPEN_ACCOUNT, &open), PLM_OK);
    return world;
}

static const struct sim_outcome *deposit(struct sim_world *world, int64_t told, int64_t attached)
{
    const struct plm_addr alice = sim_world_actor("alice");
    const struct plm_fund fund = {usdc(), amount(attached)};
    const struct plm_deposit message = {.account = 1, .asset = 0, .amount = amount(told)};
    return sim_world_send(world, &alice, &fund, 1, PLM_OP_DEPOSIT, &message);
}

static const struct sim_outcome *withdraw(struct sim_world *world, int64_t atoms)
{
    const struct plm_addr alice = sim_world_actor("alice");
    const struct plm_withdraw message = {.account = 1, .asset = 0, .amount = amount(atoms)};
    return sim_world_send(world, &alice, NULL, 0, PLM_OP_WITHDRAW, &message);
}

static int64_t held_by(struct sim_world *world, const char *name)
{
    const struct plm_addr holder = sim_world_actor(name);
    const struct plm_addr token = usdc();
    return (int64_t)sim_world_balance(world, &holder, &token);
}

static void test_both_engines_do_the_same(void **state)
{
    (void)state;
    const struct sim_world_options options = {.choice = SIM_CHOICE_BOTH};
    struct sim_world *world = make_world(&options);
    assert_code(world, deposit(world, 5 * MILLION, 5 * MILLION), PLM_OK);
    assert_code(world, deposit(world, 5 * MILLION, 1), PLM_E_INSUFFICIENT_FUNDS_ATTACHED);
    const struct plm_addr alice = sim_world_actor("alice");
    assert_int_equal(sim_world_account(world, &alice, 0), 1);
    assert_int_equal(sim_world_account(world, &alice, 1), 0);
    const struct plm_addr token = usdc();
    assert_int_equal(sim_world_asset(world, &token), 0);

    struct plm_account account = {0};
    assert_true(sim_world_read_id(world, PLM_KEY_ACCOUNT, 1, &account));
    assert_true(sim_abi_int_of(account.cash.wad) == (sim_int)5000000000000000000);
    const struct plm_get_margin ask = {.account = 1};
    static struct plm_reply_margin margin;
    assert_int_equal(sim_world_ask(world, PLM_QUERY_MARGIN, &ask, &margin), PLM_OK);
    assert_true(sim_abi_int_of(margin.cash.wad) == (sim_int)5000000000000000000);

    /* Nonsense is refused alike: no opcode, an unknown one, one too long, a cut message. */
    static uint8_t nonsense[6000] = {PLM_OP_DEPOSIT};
    assert_non_null(sim_world_apply(world, &alice, NULL, 0, (struct sim_span){NULL, 0}));
    assert_non_null(sim_world_apply(world, &alice, NULL, 0, (struct sim_span){nonsense, 5}));
    assert_non_null(
        sim_world_apply(world, &alice, NULL, 0, (struct sim_span){nonsense, sizeof nonsense}));
    nonsense[0] = 0xff;
    assert_non_null(sim_world_apply(world, &alice, NULL, 0, (struct sim_span){nonsense, 9}));
    assert_string_equal(sim_world_failure(world), "");
    sim_world_free(world);
}

static void test_tokens_follow_the_operations(void **state)
{
    (void)state;
    const struct sim_world_options options = {.choice = SIM_CHOICE_BOTH};
    struct sim_world *world = make_world(&options);
    assert_code(world, deposit(world, 5 * MILLION, 5 * MILLION), PLM_OK);
    assert_int_equal(held_by(world, "alice"), -5 * MILLION);
    assert_int_equal(held_by(world, "contract"), 5 * MILLION);
    assert_code(world, deposit(world, 5 * MILLION, 4 * MILLION), PLM_E_INSUFFICIENT_FUNDS_ATTACHED);
    assert_int_equal(held_by(world, "contract"), 5 * MILLION);

    /* A withdrawal is paid, and the contract told: no payout is left. */
    const uint64_t before = sim_world_operations(world);
    assert_code(world, withdraw(world, MILLION), PLM_OK);
    assert_int_equal(sim_world_operations(world), before + 2);
    assert_int_equal(held_by(world, "alice"), -4 * MILLION);
    struct sim_cursor payouts = sim_world_scan(world, PLM_KEY_PAYOUT);
    assert_false(sim_store_next(&payouts));

    /* A payee that refuses leaves the tokens; the contract credits them again. */
    const struct plm_addr alice = sim_world_actor("alice");
    sim_world_refuse(world, &alice, true);
    assert_code(world, withdraw(world, MILLION), PLM_OK);
    assert_int_equal(held_by(world, "contract"), 4 * MILLION);
    struct plm_account account = {0};
    assert_true(sim_world_read_id(world, PLM_KEY_ACCOUNT, 1, &account));
    assert_true(sim_abi_int_of(account.cash.wad) == (sim_int)4000000000000000000);
    sim_world_refuse(world, &alice, false);

    /* Held payments wait to be delivered. */
    sim_world_hold_payments(world, true);
    assert_code(world, withdraw(world, MILLION), PLM_OK);
    assert_int_equal(sim_world_held_count(world), 1);
    assert_int_equal(held_by(world, "contract"), 4 * MILLION);
    const uint64_t payout = sim_world_held_at(world, 0)->payout;
    assert_null(sim_world_deliver(world, payout + 1, true));
    assert_code(world, sim_world_deliver(world, payout, true), PLM_OK);
    assert_int_equal(held_by(world, "contract"), 3 * MILLION);
    assert_int_equal(sim_world_held_count(world), 0);
    sim_world_free(world);
}

static void test_a_contract_that_lost_its_tokens_stops_the_world(void **state)
{
    (void)state;
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    struct sim_world *world = make_world(&options);
    const struct plm_addr token = usdc();
    assert_code(world, deposit(world, 5 * MILLION, 5 * MILLION), PLM_OK);
    assert_false(sim_world_seize(world, &token, 5 * MILLION + 1));
    assert_true(sim_world_seize(world, &token, 5 * MILLION));
    assert_null(withdraw(world, MILLION));
    assert_non_null(strstr(sim_world_failure(world), "pays more than it holds"));
    assert_null(deposit(world, 1, 1));
    sim_world_free(world);
}

static void test_a_failing_host_changes_nothing(void **state)
{
    (void)state;
    const struct sim_world_options options = {.choice = SIM_CHOICE_BOTH};
    struct sim_world *world = make_world(&options);
    uint8_t before[32];
    uint8_t after[32];
    sim_store_digest(sim_world_store(world), before);
    sim_world_fail_host(world, 1);
    assert_code(world, deposit(world, 5 * MILLION, 5 * MILLION), PLM_E_HOST);
    sim_store_digest(sim_world_store(world), after);
    assert_memory_equal(before, after, sizeof before);
    assert_int_equal(held_by(world, "contract"), 0);
    assert_code(world, deposit(world, 5 * MILLION, 5 * MILLION), PLM_OK);
    sim_world_free(world);
}

static void test_the_fault_loop_ends_where_a_plain_run_ends(void **state)
{
    (void)state;
    uint64_t hashes[2];
    for (int i = 0; i < 2; i++) {
        const struct sim_world_options options = {.choice = SIM_CHOICE_BOTH, .fault_loop = i == 1};
        struct sim_world *world = make_world(&options);
        assert_code(world, deposit(world, 5 * MILLION, 5 * MILLION), PLM_OK);
        assert_code(world, withdraw(world, MILLION), PLM_OK);
        hashes[i] = sim_world_state_hash(world);
        sim_world_free(world);
    }
    assert_true(hashes[0] == hashes[1]);
}

static void test_a_snapshot_is_another_world(void **state)
{
    (void)state;
    const struct sim_world_options options = {.choice = SIM_CHOICE_BOTH};
    const struct sim_world_options lab = {.choice = SIM_CHOICE_BOTH, .lab = true};
    struct sim_world *world = make_world(&options);
    assert_code(world, deposit(world, 5 * MILLION, 5 * MILLION), PLM_OK);
    struct sim_world *copy = sim_world_copy(world, &lab);
    const uint64_t hash = sim_world_state_hash(world);
    assert_true(sim_world_state_hash(copy) == hash);
    sim_world_advance(copy, 10);
    assert_code(copy, withdraw(copy, MILLION), PLM_OK);
    assert_true(sim_world_state_hash(copy) != hash);
    assert_true(sim_world_state_hash(world) == hash);
    assert_int_equal(held_by(world, "contract"), 5 * MILLION);
    assert_int_equal(held_by(copy, "contract"), 4 * MILLION);
    assert_true(sim_world_time(copy) == sim_world_time(world) + 10);
    assert_false(sim_world_set_time(copy, sim_world_time(world)));
    sim_world_free(world);
    sim_world_free(copy);
}

static void test_a_duplicate_is_the_same_bytes(void **state)
{
    (void)state;
    const struct sim_world_options options = {.choice = SIM_CHOICE_BOTH};
    struct sim_world *world = make_world(&options);
    assert_code(world, deposit(world, 5 * MILLION, 5 * MILLION), PLM_OK);
    assert_code(world, sim_world_duplicate(world), PLM_OK);
    assert_int_equal(held_by(world, "contract"), 10 * MILLION);
    assert_code(world, sim_world_duplicate(world), PLM_OK);
    assert_int_equal(held_by(world, "contract"), 15 * MILLION);
    sim_world_free(world);
}

struct count {
    uint32_t operations;
    uint32_t events;
    uint32_t writes;
};

static void count_operation(void *self,
                            struct sim_world *world,
                            const struct sim_op *op,
                            const struct sim_outcome *outcome)
{
    struct count *count = self;
    count->operations++;
    count->events += outcome->event_count;
    count->writes += outcome->writes.count;
    assert_true(op->state_hash == sim_world_state_hash(world));
    assert_int_equal(op->number, sim_world_operations(world));
}

static void test_observers_see_every_operation(void **state)
{
    (void)state;
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    struct sim_world *world = make_world(&options);
    struct count count = {0};
    sim_world_observe(world, count_operation, &count);
    assert_code(world, deposit(world, 5 * MILLION, 5 * MILLION), PLM_OK);
    assert_code(world, deposit(world, 5 * MILLION, 1), PLM_E_INSUFFICIENT_FUNDS_ATTACHED);
    assert_code(world, withdraw(world, MILLION), PLM_OK);
    assert_int_equal(count.operations, 4); /* settle_out among them */
    assert_true(count.events >= 3);
    assert_true(count.writes >= 3);
    sim_world_unobserve(world, &count);
    assert_code(world, deposit(world, 5 * MILLION, 5 * MILLION), PLM_OK);
    assert_int_equal(count.operations, 4);
    sim_world_free(world);
}

/* Records a short run into a file of this name. */
static void record(const char *path)
{
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    struct sim_world *world = sim_world_new(&options);
    struct sim_trace *trace = sim_trace_open(path, false, world);
    assert_non_null(trace);
    const struct plm_addr admin = sim_world_actor("admin");
    const struct plm_addr alice = sim_world_actor("alice");
    const struct plm_initialise start = {.token = usdc(), .decimals = 6, .admin = admin};
    const struct plm_open_account open = {.number = 0, .mode = PLM_MODE_CROSS};
    (void)sim_world_send(world, &admin, NULL, 0, PLM_OP_INITIALISE, &start);
    (void)sim_world_send(world, &alice, NULL, 0, PLM_OP_OPEN_ACCOUNT, &open);
    sim_world_fail_host(world, 1);
    (void)deposit(world, 5 * MILLION, 5 * MILLION);
    sim_world_advance(world, 60);
    (void)deposit(world, 5 * MILLION, 5 * MILLION);
    (void)withdraw(world, MILLION);
    assert_true(sim_trace_close(trace));
    sim_world_free(world);
}

static void test_a_trace_replays_on_every_engine(void **state)
{
    (void)state;
    static const char *const names[] = {"run.trace", "run.trace.gz"};
    char folder[] = "/tmp/plimsoll_XXXXXX";
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char path[64];
        uint64_t operations = 0;
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        record(path);
        assert_true(sim_trace_replay(path, SIM_CHOICE_BOTH, NULL, &operations));
        assert_int_equal(operations, 6);
        (void)remove(path);
    }
    (void)rmdir(folder);
}

/* Writes a file of one text. */
static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

/* Replays a trace that must be refused, without its error on the terminal. */
static void assert_refused(const char *path)
{
    uint64_t operations = 77;
    const int terminal = dup(STDERR_FILENO);
    assert_true(terminal >= 0);
    assert_non_null(freopen("/dev/null", "w", stderr));
    const bool agrees = sim_trace_replay(path, SIM_CHOICE_NATIVE, NULL, &operations);
    (void)fflush(stderr);
    assert_int_equal(dup2(terminal, STDERR_FILENO), STDERR_FILENO);
    (void)close(terminal);
    assert_false(agrees);
    assert_int_equal(operations, 0);
}

/* Whoever changes an event, a payment or a reply changes told: one digit of it, and it is found. */
static void test_told_is_compared(void **state)
{
    (void)state;
    char folder[] = "/tmp/plimsoll_XXXXXX";
    char path[64];
    static char text[16384];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/told", folder);
    record(path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t length = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[length] = '\0';
    char *line = strchr(text, '\n') + 1;
    char *last = strchr(line, '\n') - 1;
    *last = *last == '0' ? '1' : '0';
    write_text(path, text);
    assert_refused(path);
    (void)remove(path);
    (void)rmdir(folder);
}

static void test_a_damaged_trace_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "something else\n",
        "plimsoll-trace/2 version 0.1.0 genesis 0000000000000001\nend 0\n",
        "plimsoll-trace/2 version 0.1.0 genesis cbf29ce484222325\n",
        "plimsoll-trace/2 version 0.1.0 genesis cbf29ce484222325\nend 1\n",
        "plimsoll-trace/2 version 0.1.0 genesis cbf29ce484222325\nend 0\nend 0 0\n",
        "plimsoll-trace/2 version 0.1.0 genesis cbf29ce484222325\n1 2 3\nend 1\n",
        "plimsoll-trace/2 version 0.1.0 genesis cbf29ce484222325\n1 2 3 zz - 16 OK 0 -\nend 1\n",
        "plimsoll-trace/2 version 0.1.0 genesis cbf29ce484222325\n1 2 3 - 5 16 OK 0 -\nend 1\n",
        "plimsoll-trace/2 version 0.1.0 genesis cbf29ce484222325\n1 2 3 - - 16 OK 0 -\nend 1\n",
    };
    char folder[] = "/tmp/plimsoll_XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/damaged", folder);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        write_text(path, texts[i]);
        assert_refused(path);
    }
    (void)remove(path);
    assert_refused(path);
    uint64_t operations = 0;
    write_text(path,
               "plimsoll-trace/2 version 0.1.0 genesis cbf29ce484222325\nend 0\n"
               "plimsoll-trace/2 version 0.1.0 genesis cbf29ce484222325\nend 0\n");
    assert_true(sim_trace_replay(path, SIM_CHOICE_NATIVE, NULL, &operations));
    (void)remove(path);
    (void)rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_engines_do_the_same),
        cmocka_unit_test(test_tokens_follow_the_operations),
        cmocka_unit_test(test_a_contract_that_lost_its_tokens_stops_the_world),
        cmocka_unit_test(test_a_failing_host_changes_nothing),
        cmocka_unit_test(test_the_fault_loop_ends_where_a_plain_run_ends),
        cmocka_unit_test(test_a_snapshot_is_another_world),
        cmocka_unit_test(test_a_duplicate_is_the_same_bytes),
        cmocka_unit_test(test_observers_see_every_operation),
        cmocka_unit_test(test_a_trace_replays_on_every_engine),
        cmocka_unit_test(test_told_is_compared),
        cmocka_unit_test(test_a_damaged_trace_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* The simulator's key-value store: commit, rollback, order, copies, hashes.
 * build: sim native */
#include "plm_cmocka.h"
#include "sim_store.h"

#include <string.h>

#define MANY 100000u

static struct sim_span span(const char *text)
{
    return (struct sim_span){(const uint8_t *)text, strlen(text)};
}

static void put(struct sim_store *store, const char *key, const char *value)
{
    sim_store_set(store, span(key), span(value));
}

static void assert_holds(const struct sim_store *store, const char *key, const char *value)
{
    struct sim_span got = {NULL, 0};
    const bool is_there = sim_store_get(store, span(key), &got);
    assert_int_equal(is_there, value != NULL);
    assert_true(value == NULL || sim_bytes_equal(got, span(value)));
}

static void test_a_commit_tells_what_changed_in_order(void **state)
{
    (void)state;
    struct sim_store *store = sim_store_new();
    struct sim_writes writes = {0};
    sim_store_begin(store);
    put(store, "b", "1");
    put(store, "a", "1");
    put(store, "c", "1");
    put(store, "b", "2");
    sim_store_commit(store, &writes);
    assert_int_equal(writes.count, 3);
    assert_memory_equal(writes.rows[0].key.bytes, "a", 1);
    assert_memory_equal(writes.rows[1].key.bytes, "b", 1);
    assert_null(writes.rows[1].before.bytes);
    assert_true(sim_bytes_equal(writes.rows[1].after, span("2")));

    /* What ends as it began is no change; a deletion has no bytes after. */
    sim_store_begin(store);
    put(store, "a", "9");
    put(store, "a", "1");
    put(store, "new", "1");
    sim_store_del(store, span("new"));
    sim_store_del(store, span("c"));
    sim_store_del(store, span("absent"));
    sim_store_commit(store, &writes);
    assert_int_equal(writes.count, 1);
    assert_null(writes.rows[0].after.bytes);
    assert_true(sim_bytes_equal(writes.rows[0].before, span("1")));
    assert_int_equal(sim_store_count(store), 2);
    sim_store_free(store);

    /* The write set outlives the store. */
    assert_true(sim_bytes_equal(writes.rows[0].before, span("1")));
    sim_store_writes_free(&writes);
}

static void test_a_rollback_leaves_nothing(void **state)
{
    (void)state;
    struct sim_store *store = sim_store_new();
    uint8_t before[32];
    uint8_t after[32];
    sim_store_begin(store);
    put(store, "a", "1");
    put(store, "b", "1");
    sim_store_commit(store, NULL);
    sim_store_digest(store, before);
    sim_store_begin(store);
    put(store, "a", "2");
    put(store, "a", "3");
    sim_store_del(store, span("b"));
    put(store, "c", "1");
    assert_holds(store, "a", "3");
    assert_holds(store, "b", NULL);
    sim_store_rollback(store);
    assert_holds(store, "a", "1");
    assert_holds(store, "b", "1");
    assert_holds(store, "c", NULL);
    sim_store_digest(store, after);
    assert_memory_equal(before, after, sizeof before);
    assert_int_equal(sim_store_count(store), 2);
    sim_store_free(store);
}

static void test_a_copy_goes_its_own_way(void **state)
{
    (void)state;
    struct sim_store *store = sim_store_new();
    sim_store_begin(store);
    put(store, "a", "1");
    sim_store_commit(store, NULL);
    struct sim_store *copy = sim_store_copy(store);
    sim_store_begin(copy);
    put(copy, "a", "2");
    sim_store_commit(copy, NULL);
    assert_holds(store, "a", "1");
    assert_holds(copy, "a", "2");
    sim_store_free(store);
    assert_holds(copy, "a", "2");
    sim_store_free(copy);
}

static void test_the_chain_depends_on_the_outcome_and_not_on_the_path(void **state)
{
    (void)state;
    uint64_t hashes[2];
    for (int i = 0; i < 2; i++) {
        struct sim_store *store = sim_store_new();
        struct sim_writes writes = {0};
        sim_store_begin(store);
        put(store, i == 0 ? "a" : "b", i == 0 ? "1" : "2");
        put(store, i == 0 ? "b" : "a", i == 0 ? "2" : "1");
        sim_store_commit(store, &writes);
        hashes[i] = sim_store_mix(store, 1, 0, &writes);
        assert_true(sim_store_mix(store, 1, 101, &writes) != hashes[i]);
        sim_store_writes_free(&writes);
        sim_store_free(store);
    }
    assert_true(hashes[0] == hashes[1]);
}

static void set_account(struct sim_store *store, uint64_t id)
{
    const struct sim_key key = sim_abi_key(PLM_KEY_ACCOUNT, id);
    sim_store_begin(store);
    sim_store_set(store, sim_abi_key_span(&key), span("value"));
    sim_store_commit(store, NULL);
}

static void test_many_keys_are_walked_in_order(void **state)
{
    (void)state;
    struct sim_store *store = sim_store_new();
    /* Every id below MANY once, in an order that jumps about. */
    for (uint64_t i = 0; i < MANY; i++) {
        set_account(store, i * 77777u % MANY);
    }
    sim_store_begin(store);
    const struct sim_key other = sim_abi_key(PLM_KEY_MARKET, 1);
    sim_store_set(store, sim_abi_key_span(&other), span("market"));
    sim_store_commit(store, NULL);
    const uint8_t prefix = PLM_KEY_ACCOUNT;
    for (int again = 0; again < 2; again++) {
        uint64_t expected = 0;
        struct sim_cursor at = sim_store_scan(store, (struct sim_span){&prefix, 1});
        while (sim_store_next(&at)) {
            assert_int_equal(sim_abi_key_id(at.key), expected);
            expected++;
        }
        assert_int_equal(expected, MANY + (uint64_t)again);
        set_account(store, MANY);
    }
    assert_int_equal(sim_store_count(store), MANY + 2);
    sim_store_free(store);
}

static void test_keys_that_came_and_went_are_forgotten(void **state)
{
    (void)state;
    struct sim_store *store = sim_store_new();
    set_account(store, 1);
    for (uint64_t id = 1; id <= 20000; id++) {
        const struct sim_key key = sim_abi_key(PLM_KEY_PAYOUT, id);
        sim_store_begin(store);
        sim_store_set(store, sim_abi_key_span(&key), span("payout"));
        sim_store_commit(store, NULL);
        sim_store_begin(store);
        sim_store_del(store, sim_abi_key_span(&key));
        sim_store_commit(store, NULL);
    }
    assert_int_equal(sim_store_count(store), 1);
    struct sim_cursor at = sim_store_scan(store, (struct sim_span){NULL, 0});
    assert_true(sim_store_next(&at));
    assert_int_equal(sim_abi_key_id(at.key), 1);
    assert_false(sim_store_next(&at));
    sim_store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_commit_tells_what_changed_in_order),
        cmocka_unit_test(test_a_rollback_leaves_nothing),
        cmocka_unit_test(test_a_copy_goes_its_own_way),
        cmocka_unit_test(test_the_chain_depends_on_the_outcome_and_not_on_the_path),
        cmocka_unit_test(test_many_keys_are_walked_in_order),
        cmocka_unit_test(test_keys_that_came_and_went_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* Simulation testing: a seed is one run, steps survive a file, and a finding is cut down to what
 * it needs.
 * build: sim */
#include "plm_cmocka.h"
#include "sim_fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t play(struct sim_fuzz *f, uint64_t seed, uint64_t operations)
{
    sim_fuzz_begin(f, seed, SIM_CHOICE_NATIVE, true);
    bool holds = true;
    while (holds && f->operations < operations) {
        holds = sim_fuzz_next(f);
    }
    if (!holds) {
        print_error("%s\n", sim_fuzz_broken(f->world, f->audit));
    }
    assert_true(holds);
    return sim_world_state_hash(f->world);
}

static void test_a_seed_is_one_run(void **state)
{
    (void)state;
    static struct sim_fuzz f;
    const uint64_t first = play(&f, 7, 300);
    sim_fuzz_end(&f);
    assert_int_equal(play(&f, 7, 300), first);
    sim_fuzz_end(&f);
    assert_int_not_equal(play(&f, 8, 300), first);
    sim_fuzz_end(&f);
}

static void test_every_profile_holds(void **state)
{
    (void)state;
    static struct sim_fuzz f;
    bool met[SIM_FUZZ_RICHES + 1] = {false};
    for (uint64_t seed = 16; seed < 21; seed++) {
        (void)play(&f, seed, 900);
        met[f.profile] = true;
        sim_fuzz_end(&f);
    }
    for (uint32_t i = 0; i <= SIM_FUZZ_RICHES; i++) {
        assert_true(met[i]);
    }
}

static void test_steps_survive_a_file(void **state)
{
    (void)state;
    static struct sim_fuzz f;
    struct sim_fuzz_steps again = {0};
    struct sim_buffer text = {0};
    char path[] = "/tmp/plimsoll_steps_XXXXXX";
    uint64_t operations = 0;
    const int file = mkstemp(path);
    assert_true(file >= 0);
    (void)close(file);
    (void)play(&f, 5, 300);
    assert_true(sim_fuzz_steps_write(&f.steps, path));
    assert_true(sim_fuzz_steps_read(path, &again));
    assert_int_equal(again.count, f.steps.count);
    for (uint32_t i = 0; i < again.count; i++) {
        const struct sim_fuzz_step *a = &again.rows[i];
        const struct sim_fuzz_step *b = &f.steps.rows[i];
        assert_true(a->kind == b->kind && a->number == b->number && a->length == b->length);
        assert_memory_equal(a->message, b->message, a->length);
        assert_true(sim_abi_addr_equal(&a->who, &b->who));
        assert_int_equal(a->fund_count, b->fund_count);
    }
    assert_true(sim_fuzz_replay(&again, SIM_CHOICE_NATIVE, &text, &operations));
    assert_int_equal(operations, f.operations);
    sim_fuzz_steps_free(&again);
    sim_fuzz_end(&f);
    sim_bytes_free(&text);
    (void)remove(path);
}

static void test_a_damaged_file_is_refused(void **state)
{
    static const char *const texts[] = {"",
                                        "plimsoll-steps/2\n",
                                        "plimsoll-steps/1\njump 1 0 - - -\n",
                                        "plimsoll-steps/1\nsend 0 0 zz - -\n",
                                        "plimsoll-steps/1\nsend 0 0 - - 01\n",
                                        "plimsoll-steps/1\nunsolicited 0 0 - - -\n",
                                        "plimsoll-steps/1\nsend 0 0 - -\n"};
    char path[] = "/tmp/plimsoll_steps_XXXXXX";
    const int file = mkstemp(path);
    (void)state;
    assert_true(file >= 0);
    (void)close(file);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct sim_fuzz_steps steps = {0};
        FILE *out = fopen(path, "wb");
        assert_non_null(out);
        (void)fputs(texts[i], out);
        (void)fclose(out);
        const int terminal = dup(STDERR_FILENO);
        assert_non_null(freopen("/dev/null", "w", stderr));
        const bool is_read = sim_fuzz_steps_read(path, &steps);
        (void)fflush(stderr);
        assert_int_equal(dup2(terminal, STDERR_FILENO), STDERR_FILENO);
        (void)close(terminal);
        assert_false(is_read);
        assert_int_equal(steps.count, 0);
    }
    (void)remove(path);
}

/* Something that no chain does: the outcome of a payment is told, and then it is delivered. The
 * world stops there; whatever else happened before goes, but for how the payment came about. */
static void test_a_finding_is_cut_down_to_what_it_needs(void **state)
{
    (void)state;
    static struct sim_fuzz f;
    struct sim_buffer text = {0};
    uint64_t tried = 0;
    uint64_t operations = 0;
    (void)play(&f, 5, 400);
    const struct sim_fuzz_step hold = {.kind = SIM_FUZZ_HOLD, .number = 1};
    (void)sim_fuzz_do(&f, &hold);
    const struct plm_addr owner = sim_fuzz_actor("newcomer", 0);
    const struct plm_open_account open = {.number = 0};
    struct plm_reply_opened opened;
    const struct sim_outcome *got = sim_fuzz_send(&f, &owner, NULL, PLM_OP_OPEN_ACCOUNT, &open);
    assert_int_equal(got->code, PLM_OK);
    assert_true(sim_abi_decode(PLM_LAYOUT_reply_opened, got->reply, &opened));
    const struct plm_fund fund = {.token = sim_fuzz_token(0), .atoms = {{.lo = 5}}};
    const struct plm_deposit in = {.account = opened.account, .amount = fund.atoms};
    const struct plm_withdraw out = {.account = opened.account, .amount = fund.atoms};
    (void)sim_fuzz_send(&f, &owner, &fund, PLM_OP_DEPOSIT, &in);
    const struct sim_outcome *paid = sim_fuzz_send(&f, &owner, NULL, PLM_OP_WITHDRAW, &out);
    assert_int_equal(paid->code, PLM_OK);
    const struct plm_settle_out told = {
        .payout = sim_world_held_at(f.world, sim_world_held_count(f.world) - 1u)->payout, .ok = 1};
    const struct plm_addr contract = sim_world_contract(f.world);
    (void)sim_fuzz_send(&f, &contract, NULL, PLM_OP_SETTLE_OUT, &told);
    const struct sim_fuzz_step deliver = {
        .kind = SIM_FUZZ_DELIVER, .number = told.payout, .ok = true};
    (void)sim_fuzz_do(&f, &deliver);
    assert_true(sim_fuzz_broken(f.world, f.audit)[0] != '\0');
    char word[32];
    sim_fuzz_class(sim_fuzz_broken(f.world, f.audit), f.world, word, sizeof word);
    const uint32_t before = f.steps.count;
    sim_fuzz_shrink(&f.steps, SIM_CHOICE_NATIVE, word, &tried);
    print_message("%u of %u steps are left\n", f.steps.count, before);
    assert_true(f.steps.count < before / 8u); /* payouts are numbered: earlier ones stay */
    assert_false(sim_fuzz_replay(&f.steps, SIM_CHOICE_NATIVE, &text, &operations));
    assert_true(text.length > 0);
    sim_bytes_free(&text);
    sim_fuzz_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_seed_is_one_run),
        cmocka_unit_test(test_every_profile_holds),
        cmocka_unit_test(test_steps_survive_a_file),
        cmocka_unit_test(test_a_damaged_file_is_refused),
        cmocka_unit_test(test_a_finding_is_cut_down_to_what_it_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

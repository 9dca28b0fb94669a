// SPDX-License-Identifier: Apache-2.0
/* Crowds, keepers and series against the engine: the mirror's figures are the engine's, no account
 * in trouble is overlooked, who has no position loses nothing, a seed is a run.
 * build: sim native */
#include "plm_cmocka.h"
#include "sim_mirror.h"
#include "sim_workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACCOUNTS_MAX 512u

static const char opening[] =
    "quote    USDC decimals 6\n"
    "asset    WETH decimals 18 weight_initial 80% weight_maint 85% cap 100_000\n"
    "market   ETH-PERP size_decimals 8 initial 5% maint 3% loss_cap 5% age 60s imf 0.5% "
    "fee_taker 0.05% oi_cap 20_000_000 unbacked\n"
    "market   XRP-PERP size_decimals 4 price_decimals 14 initial 5% maint 3% loss_cap 5% age 60s "
    "price_max 100_000_000_000_000_000 max_lots 1_000_000_000 oi_cap 20_000_000 unbacked\n"
    "account  fund cross\n"
    "fund_insurance ETH-PERP 50_000 -> ok\n"
    "fund_insurance XRP-PERP 50_000 -> ok\n"
    "price    ETH-PERP 2000 conf 0.5 -> ok\n"
    "price    XRP-PERP 2 -> ok\n"
    "price    WETH 2000 conf 0.5 -> ok\n"
    "crowd    200 on ETH-PERP,XRP-PERP collateral WETH flat 10% cashers 10% scared 10% relever 5% "
    "oi 1_000_000\n"
    "keepers  3 capital 300_000\n";

/* What went in and out of each account, and whether it ever had a position. */
struct flows {
    sim_int cash[ACCOUNTS_MAX]; /* atoms of USDC */
    sim_int collateral[ACCOUNTS_MAX];
    bool has_traded[ACCOUNTS_MAX];
    uint32_t liquidations;
    uint32_t overlooked;
    struct sim_mirror *mirror;
};

static void note_event(struct flows *flows, const struct sim_event *event)
{
    union sim_abi_object room;
    const struct sim_abi_event *kind = sim_abi_find_event(event->id);
    assert_true(sim_abi_decode(kind->layout, event->bytes, &room));
    if (event->id == PLM_EVENT_DEPOSITED) {
        struct plm_ev_deposited in;
        memcpy(&in, &room, sizeof(in));
        sim_int *to = in.asset == 0 ? flows->cash : flows->collateral;
        to[in.account] += sim_abi_int_of(in.amount.atoms);
    } else if (event->id == PLM_EVENT_FILLED) {
        struct plm_ev_filled fill;
        memcpy(&fill, &room, sizeof(fill));
        flows->has_traded[fill.buyer] = true;
        flows->has_traded[fill.seller] = true;
    } else if (event->id == PLM_EVENT_LIQUIDATED || event->id == PLM_EVENT_COLLATERAL_SOLD) {
        sim_int taker = 0;
        assert_true(sim_abi_get_path(kind->layout, &room, "taker", &taker));
        flows->has_traded[taker] = true;
        flows->liquidations++;
    }
}

/* After each price: the bounds of the mirror overlook nobody whom its figures call liquidatable. */
static void watch(void *self,
                  struct sim_world *world,
                  const struct sim_op *op,
                  const struct sim_outcome *outcome)
{
    struct flows *flows = self;
    (void)world;
    for (uint32_t i = 0; outcome->code == PLM_OK && i < outcome->event_count; i++) {
        note_event(flows, &outcome->events[i]);
    }
    if (op->opcode != PLM_OP_PUBLISH_PRICE) {
        return;
    }
    sim_mirror_renew(flows->mirror);
    for (uint64_t i = 0; i < flows->mirror->count; i++) {
        struct sim_mirrored *account = &flows->mirror->accounts[i];
        struct sim_figures figures = {0};
        struct sim_figures found = {0};
        if (account->id == 0 || !sim_mirror_figures(flows->mirror, account, &figures)) {
            continue;
        }
        const bool is_seen = sim_mirror_may_be_liquidatable(flows->mirror, account, &found);
        flows->overlooked += sim_mirror_is_liquidatable(&figures) && !is_seen ? 1u : 0u;
    }
}

/* Runs the opening and `more`; returns the state hash. */
static uint64_t
run(const char *more, uint64_t seed, void (*look)(struct sim_world *world, struct flows *flows))
{
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    struct sim_world *world = sim_world_new(&options);
    struct flows *flows = sim_bytes_alloc(1, sizeof(*flows));
    struct sim_script script = {0};
    struct sim_fault fault = {0};
    struct sim_scenario s;
    char text[4096];
    assert_true(snprintf(text, sizeof(text), "%s%s", opening, more) < (int)sizeof(text));
    assert_true(sim_script_parse(text, strlen(text), &script, &fault));
    sim_scenario_begin(&s, "test", &script, world);
    s.choice = SIM_CHOICE_NATIVE;
    s.seed = seed;
    s.workload = sim_workload_new(NULL, 0, seed, true);
    flows->mirror = sim_mirror_new(world);
    sim_world_observe(world, watch, flows);
    if (!sim_scenario_run(&s)) {
        fail_msg("line %u: %s", s.fault.line, s.fault.why);
    }
    if (look != NULL) {
        look(world, flows);
    }
    const uint64_t hash = sim_world_state_hash(world);
    sim_world_unobserve(world, flows);
    sim_mirror_free(flows->mirror);
    sim_workload_free(s.workload);
    sim_scenario_end(&s);
    sim_script_free(&script);
    sim_world_free(world);
    free(flows);
    return hash;
}

/* Every account: E_mm and MM of the mirror are the engine's, to the last unit. */
static void compare_figures(struct sim_world *world, struct flows *flows)
{
    uint32_t compared = 0;
    for (uint64_t id = 1; id <= flows->mirror->count; id++) {
        struct sim_mirrored *account = sim_mirror_account(flows->mirror, id);
        const struct plm_get_margin ask = {.account = id};
        struct plm_reply_margin *reply = sim_bytes_alloc(1, sizeof(*reply));
        struct sim_figures figures = {0};
        assert_non_null(account);
        assert_true(sim_mirror_figures(flows->mirror, account, &figures));
        assert_int_equal(sim_world_ask(world, PLM_QUERY_MARGIN, &ask, reply), PLM_OK);
        const sim_int equity = sim_abi_int_of(reply->equity_maint.wadppm);
        /* A collateral's value is not rounded in the engine; ours is cut below 1e-18. */
        const sim_int lost = equity - figures.equity;
        assert_true(lost >= 0 && lost <= (sim_int)account->pledge_count * SIM_PPM_ONE);
        assert_true(sim_abi_int_of(reply->maint.wadppm) == figures.maint);
        compared += account->leg_count;
        free(reply);
    }
    assert_true(compared > 100);
}

static void test_the_mirror_has_the_engines_figures(void **state)
{
    (void)state;
    (void)run("advance 10s\nprice XRP-PERP 1.97 -> ok\n", 1, compare_figures);
}

static void look_after_the_crash(struct sim_world *world, struct flows *flows)
{
    uint32_t flat = 0;
    (void)world;
    assert_int_equal(flows->overlooked, 0);
    assert_true(flows->liquidations > 20);
    for (uint64_t id = 1; id <= flows->mirror->count; id++) {
        const struct sim_mirrored *account = sim_mirror_account(flows->mirror, id);
        if (account == NULL || flows->has_traded[id]) {
            continue;
        }
        flat++;
        assert_true(account->cash == flows->cash[id] * (sim_int)1000000000000);
        assert_int_equal(account->leg_count, 0);
        const sim_int kept = account->pledge_count != 0 ? account->pledges[0].atoms : 0;
        assert_true(kept == flows->collateral[id]);
    }
    assert_true(flat >= 5);
}

static void test_who_has_no_position_loses_nothing_in_a_crash(void **state)
{
    (void)state;
    (void)run("play ETH-PERP,XRP-PERP,WETH=ETH-PERP impact 0.02% premium 0.03%\n",
              3,
              look_after_the_crash);
}

static void test_a_seed_is_a_run(void **state)
{
    static const char more[] = "play ETH-PERP,WETH=ETH-PERP\n";
    (void)state;
    const uint64_t first = run(more, 5, NULL);
    assert_true(run(more, 5, NULL) == first);
    assert_true(run(more, 6, NULL) != first);
}

static void test_bad_words_are_refused_before_anything_happens(void **state)
{
    static const struct {
        const char *line;
        const char *why;
    } rows[] = {
        {"crowd many on ETH-PERP\n", "write how many"},
        {"crowd 5\n", "on which markets"},
        {"crowd 5 on NO-PERP name t\n", "no market 'NO-PERP'"},
        {"crowd 5 on ETH-PERP leverage 9x..2x name t\n", "leverage"},
        {"crowd 5 on ETH-PERP name trader\n", "already"},
        {"crowd 5 on ETH-PERP speed 7 name t\n", "no key 'speed'"},
        {"crowd 5 on ETH-PERP collateral USDC name t\n", "no collateral"},
        {"keepers 0\n", "write how many"},
        {"keepers 2 delay 9s..1s name k\n", "delay"},
        {"play\n", "write what to play"},
        {"play NO-PERP\n", "no market, asset or feed"},
        {"play ETH-PERP,ETH-PERP\n", "names already"},
        {"play ETH-PERP from 9 until 3\n", "from is not before"},
        {"play ETH-PERP every\n", "needs a value"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sim_script script = {0};
        struct sim_fault fault = {0};
        struct sim_scenario s;
        char text[4096];
        (void)snprintf(text, sizeof(text), "%s%s", opening, rows[i].line);
        assert_true(sim_script_parse(text, strlen(text), &script, &fault));
        sim_scenario_begin(&s, "test", &script, NULL);
        s.workload = sim_workload_new(NULL, 0, 1, true);
        assert_false(sim_scenario_run(&s));
        assert_non_null(strstr(s.fault.why, rows[i].why));
        sim_workload_free(s.workload);
        sim_scenario_end(&s);
        sim_script_free(&script);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_mirror_has_the_engines_figures),
        cmocka_unit_test(test_who_has_no_position_loses_nothing_in_a_crash),
        cmocka_unit_test(test_a_seed_is_a_run),
        cmocka_unit_test(test_bad_words_are_refused_before_anything_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

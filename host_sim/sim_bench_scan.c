/* SPDX-License-Identifier: Apache-2.0
 * A full scan of the mirror: one million accounts of one to six legs in 32 markets, a tenth of the
 * legs with a binding size premium. The mirror is filled by hand, not by operations. */
#include "sim_bench.h"
#include "sim_error.h"
#include "sim_mirror_scan.h"
#include "sim_random.h"

#include <stdlib.h>

#define SIM_SCAN_ACCOUNTS       1000000u
#define SIM_SCAN_ACCOUNTS_QUICK 2000u
#define SIM_SCAN_MARKETS        32u
#define SIM_SCAN_PRICE          INT64_C(20000000000000)
#define SIM_SCAN_ONE            INT64_C(100000000) /* a base unit in lots */
#define SIM_SCAN_QUOTE_UNIT     ((sim_int)1000000000 * 1000000000)

struct sim_scan_run {
    struct sim_mirror *mirror;
    uint64_t found;
};

static bool sim_scan_once(void *self, uint32_t count)
{
    struct sim_scan_run *run = self;
    (void)count;
    run->found = sim_mirror_scan(run->mirror, NULL, 0);
    return true;
}

/* The same number by the figures of one account after the other, which knows no shortcut. */
static uint64_t sim_scan_by_figures(const struct sim_mirror *mirror)
{
    uint64_t count = 0;
    for (uint64_t i = 1; i <= mirror->count; i++) {
        const struct sim_mirrored *account = sim_mirror_account(mirror, i);
        struct sim_figures figures = {0};
        if (account != NULL && sim_mirror_figures(mirror, account, &figures) &&
            sim_mirror_is_liquidatable(&figures)) {
            count++;
        }
    }
    return count;
}

static void sim_scan_fill_market(struct sim_mirror *mirror, uint16_t id)
{
    struct sim_mirror_market *market = &mirror->markets[id];
    market->exists = true;
    market->cold.feed = id;
    market->cold.size_decimals = 8;
    market->cold.params.maint.ppm = 50000;
    market->cold.params.initial.ppm = 100000;
    market->cold.params.imf.nano = 1000000;
    market->cold.params.floor.wad = sim_abi_i128_of(SIM_SCAN_QUOTE_UNIT);
    mirror->feeds[id].exists = true;
    mirror->feeds[id].state.price.ticks = (uint64_t)SIM_SCAN_PRICE;
}

static void sim_scan_fill_account(struct sim_mirrored *account, struct sim_random *random)
{
    sim_int gross = 0;
    account->leg_count = 1u + (uint32_t)sim_random_below(random, 6u);
    account->legs = sim_bytes_alloc(account->leg_count, sizeof(*account->legs));
    for (uint32_t i = 0; i < account->leg_count; i++) {
        struct sim_leg *leg = &account->legs[i];
        const int64_t base = sim_random_below(random, 10u) == 0 ? 20000 : 10;
        const int64_t lots = base * SIM_SCAN_ONE + (int64_t)sim_random_below(random, 1000000u);
        leg->market = (uint16_t)sim_random_below(random, SIM_SCAN_MARKETS);
        leg->lots = sim_random_below(random, 2u) == 0 ? lots : -lots;
        leg->quote = -(sim_int)leg->lots * SIM_SCAN_PRICE;
        gross += (sim_int)lots * SIM_SCAN_PRICE;
    }
    /* From 5 % to 25 % of the gross value: some are below maintenance. */
    account->cash = gross / 1000 * (sim_int)sim_random_between(random, 50, 250);
}

bool sim_bench_scan(struct sim_bench *bench)
{
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    const uint32_t count = bench->is_quick ? SIM_SCAN_ACCOUNTS_QUICK : SIM_SCAN_ACCOUNTS;
    struct sim_random random = {.state = 1};
    struct sim_world *world = sim_world_new(&options);
    struct sim_mirror *mirror = sim_mirror_new(world);
    struct sim_scan_run run = {.mirror = mirror};
    uint64_t time = 0;
    for (uint16_t i = 0; i < SIM_SCAN_MARKETS; i++) {
        sim_scan_fill_market(mirror, i);
    }
    mirror->market_count = SIM_SCAN_MARKETS;
    mirror->accounts =
        sim_bytes_grow(mirror->accounts, &mirror->capacity, count, sizeof(*mirror->accounts));
    mirror->count = count;
    for (uint32_t i = 0; i < count; i++) {
        mirror->accounts[i] = (struct sim_mirrored){.id = i + 1u};
        sim_scan_fill_account(&mirror->accounts[i], &random);
    }
    bool is_good = sim_bench_median(bench, sim_scan_once, &run, 1, &time);
    if (is_good && (run.found == 0 || run.found != sim_scan_by_figures(mirror))) {
        sim_error("bench: the scan and the figures of the mirror disagree: report this as a bug");
        is_good = false;
    }
    if (is_good) {
        sim_bench_add(bench,
                      "scan",
                      bench->is_quick ? "2 000 accounts" : "1 000 000 accounts",
                      time,
                      SIM_BENCH_NONE);
    }
    sim_mirror_free(mirror);
    sim_world_free(world);
    return is_good;
}

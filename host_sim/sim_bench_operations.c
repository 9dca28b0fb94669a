/* SPDX-License-Identifier: Apache-2.0
 * Whole operations and queries, from encoded bytes to the committed store, on both engines.
 * It must never know what an operation does. */
#include "sim_bench.h"
#include "sim_bench_fleet.h"

#define SIM_BENCH_ACCOUNTS       100000u
#define SIM_BENCH_ACCOUNTS_QUICK 300u
#define SIM_BENCH_CALLS          2000u
#define SIM_BENCH_CALLS_QUICK    20u

struct sim_bench_operation {
    const char *name;
    enum sim_fleet_kind kind;
};

static const struct sim_bench_operation sim_bench_kinds[] = {
    {"open_account", SIM_FLEET_OPEN},
    {"deposit", SIM_FLEET_DEPOSIT},
    {"withdraw", SIM_FLEET_WITHDRAW},
    {"trade, one fill", SIM_FLEET_TRADE},
    {"trade, six fills", SIM_FLEET_TRADE_SIX},
    {"set_leverage", SIM_FLEET_LEVERAGE},
    {"publish_price, one quote", SIM_FLEET_PRICE},
    {"publish_impact, one market", SIM_FLEET_IMPACT},
    {"settle", SIM_FLEET_SETTLE},
    {"query margin, 1 position", SIM_FLEET_MARGIN},
    {"query margin, 8 positions", SIM_FLEET_MARGIN_8},
    {"query margin, 32 positions", SIM_FLEET_MARGIN_32},
    {"flag", SIM_FLEET_FLAG},
    {"liquidate", SIM_FLEET_LIQUIDATE},
};

#define SIM_BENCH_KINDS (sizeof sim_bench_kinds / sizeof sim_bench_kinds[0])

/* One engine through all kinds, in the order of the table. */
static bool sim_bench_engine(struct sim_bench *bench,
                             struct sim_fleet *fleet,
                             enum sim_engine_kind engine,
                             uint64_t *times)
{
    const uint32_t count = bench->is_quick ? SIM_BENCH_CALLS_QUICK : SIM_BENCH_CALLS;
    struct sim_fleet_plan plan = {.engine = sim_engine_copy(fleet->engine, engine)};
    struct sim_engine *own = plan.engine;
    const uint64_t time = fleet->context.time;
    bool is_good = true;
    for (uint32_t i = 0; i < SIM_BENCH_KINDS && is_good; i++) {
        const enum sim_fleet_kind kind = sim_bench_kinds[i].kind;
        sim_fleet_clear(&plan);
        if (kind == SIM_FLEET_FLAG) {
            sim_fleet_add(fleet, &plan, SIM_FLEET_FALL, 0, 1);
            is_good = sim_fleet_run(&plan, 1);
        }
        sim_fleet_add(fleet, &plan, kind, 0, count * bench->repeats);
        is_good = is_good && sim_bench_median(bench, sim_fleet_run, &plan, count, &times[i]);
    }
    fleet->context.time = time;
    sim_fleet_plan_free(&plan);
    sim_engine_free(own);
    return is_good;
}

bool sim_bench_operations(struct sim_bench *bench)
{
    uint64_t native[SIM_BENCH_KINDS] = {0};
    uint64_t wasm[SIM_BENCH_KINDS] = {0};
    const uint32_t calls = bench->is_quick ? SIM_BENCH_CALLS_QUICK : SIM_BENCH_CALLS;
    struct sim_fleet *fleet = sim_fleet_new(
        bench->is_quick ? SIM_BENCH_ACCOUNTS_QUICK : SIM_BENCH_ACCOUNTS, calls * bench->repeats);
    if (fleet == NULL) {
        return false;
    }
    const uint64_t fill_id = fleet->fill_id;
    bool is_good = sim_bench_engine(bench, fleet, SIM_ENGINE_NATIVE, native);
    fleet->fill_id = fill_id;
    is_good = is_good && sim_bench_engine(bench, fleet, SIM_ENGINE_WASM, wasm);
    for (uint32_t i = 0; i < SIM_BENCH_KINDS && is_good; i++) {
        sim_bench_add(bench, "operations, end to end", sim_bench_kinds[i].name, native[i], wasm[i]);
    }
    sim_fleet_free(fleet);
    return is_good;
}

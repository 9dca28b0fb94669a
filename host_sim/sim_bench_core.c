/* SPDX-License-Identifier: Apache-2.0
 * The kernels of tests/bench, natively and through wasm2c. It must never know what they compute. */
#include "sim_bench.h"
#include "sim_bytes.h"
#include "sim_error.h"
#include "sim_wasm_depth.h"

#include <plimsoll_bench.h>
#include <stdlib.h>

#include "bench_core.h"

#define SIM_BENCH_KERNEL_COUNT 1000000u
#define SIM_BENCH_MARGIN_COUNT 100000u

enum sim_bench_kernel {
    SIM_BENCH_NOTHING,
    SIM_BENCH_CONSTANT,
    SIM_BENCH_GENERIC,
    SIM_BENCH_MARGIN,
};

struct sim_bench_kernel_run {
    enum sim_bench_kernel kernel;
    uint32_t positions;
    Z_plimsoll_bench_instance_t *module; /* NULL: native */
    uint64_t sum;                        /* both engines must agree */
};

static bool sim_bench_run_kernel(void *self, uint32_t count)
{
    struct sim_bench_kernel_run *run = self;
    Z_plimsoll_bench_instance_t *module = run->module;
    switch (run->kernel) {
    case SIM_BENCH_NOTHING:
        run->sum =
            module != NULL ? Z_plimsoll_benchZ_nothing(module, count) : bench_core_nothing(count);
        break;
    case SIM_BENCH_CONSTANT:
        run->sum =
            module != NULL ? Z_plimsoll_benchZ_constant(module, count) : bench_core_constant(count);
        break;
    case SIM_BENCH_GENERIC:
        run->sum =
            module != NULL ? Z_plimsoll_benchZ_generic(module, count) : bench_core_generic(count);
        break;
    case SIM_BENCH_MARGIN:
        run->sum = module != NULL ? Z_plimsoll_benchZ_margin(module, run->positions, count)
                                  : bench_core_margin(run->positions, count);
        break;
    }
    return true;
}

static bool sim_bench_both(struct sim_bench *bench,
                           const char *name,
                           enum sim_bench_kernel kernel,
                           uint32_t positions,
                           Z_plimsoll_bench_instance_t *module)
{
    const uint32_t full =
        kernel == SIM_BENCH_MARGIN ? SIM_BENCH_MARGIN_COUNT / positions : SIM_BENCH_KERNEL_COUNT;
    const uint32_t count = bench->is_quick ? full / 100u : full;
    struct sim_bench_kernel_run native = {.kernel = kernel, .positions = positions};
    struct sim_bench_kernel_run wasm = native;
    uint64_t native_time = 0;
    uint64_t wasm_time = 0;
    wasm.module = module;
    (void)sim_bench_median(bench, sim_bench_run_kernel, &native, count, &native_time);
    (void)sim_bench_median(bench, sim_bench_run_kernel, &wasm, count, &wasm_time);
    if (native.sum != wasm.sum) {
        sim_error("bench: native and wasm disagree on %s: report this as a bug", name);
        return false;
    }
    sim_bench_add(bench, "core", name, native_time, wasm_time);
    return true;
}

bool sim_bench_core(struct sim_bench *bench)
{
    Z_plimsoll_bench_instance_t *module = sim_bytes_alloc(1, sizeof(*module));
    bench_core_begin();
    Z_plimsoll_bench_init_module();
    Z_plimsoll_bench_instantiate(module);
    Z_plimsoll_benchZ_begin(module);
    const bool is_good =
        sim_bench_both(bench, "loop alone", SIM_BENCH_NOTHING, 1, module) &&
        sim_bench_both(bench, "a x b / 1e18", SIM_BENCH_CONSTANT, 1, module) &&
        sim_bench_both(bench, "a x b / c, any c", SIM_BENCH_GENERIC, 1, module) &&
        sim_bench_both(bench, "margin, 1 position", SIM_BENCH_MARGIN, 1, module) &&
        sim_bench_both(bench, "margin, 8 positions", SIM_BENCH_MARGIN, 8, module) &&
        sim_bench_both(bench, "margin, 32 positions", SIM_BENCH_MARGIN, 32, module);
    Z_plimsoll_bench_free(module);
    free(module);
    return is_good;
}

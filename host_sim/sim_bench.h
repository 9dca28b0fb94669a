/* SPDX-License-Identifier: Apache-2.0
 * What the chapters of `plimsoll bench` share: a clock, medians, and the table of results.
 * Times are whole picoseconds. Spec: docs/BENCH.md. Figures are printed, never judged. */
#ifndef SIM_BENCH_H
#define SIM_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_BENCH_ROWS_MAX    64u
#define SIM_BENCH_REPEATS_MAX 9u
#define SIM_BENCH_NONE        UINT64_MAX /* not measured on this engine */

struct sim_bench_row {
    const char *group;
    const char *name;
    uint64_t native; /* picoseconds, or SIM_BENCH_NONE */
    uint64_t wasm;
};

/* Bytes of one function of a module. */
struct sim_bench_function {
    char name[64];
    uint32_t bytes;
};

struct sim_bench {
    struct sim_bench_row rows[SIM_BENCH_ROWS_MAX];
    uint32_t row_count;
    uint32_t repeats;
    bool is_quick;
    struct sim_bench_function *functions; /* by size, largest first; NULL without --module */
    uint32_t function_count;
};

/* A piece of work done `count` times; false where it went wrong (the error is printed). */
typedef bool (*sim_bench_work)(void *self, uint32_t count);

/* now: processor time of this thread, in nanoseconds: other programs hardly count. */
uint64_t sim_bench_now(void);
/* median: of the repetitions, picoseconds for one; false where the work went wrong. */
bool sim_bench_median(
    const struct sim_bench *bench, sim_bench_work work, void *self, uint32_t count, uint64_t *out);
void sim_bench_add(
    struct sim_bench *bench, const char *group, const char *name, uint64_t native, uint64_t wasm);

/* The chapters; false where one went wrong. */
bool sim_bench_core(struct sim_bench *bench);
bool sim_bench_operations(struct sim_bench *bench);
bool sim_bench_scan(struct sim_bench *bench);
bool sim_bench_code(struct sim_bench *bench, const char *path);

#endif

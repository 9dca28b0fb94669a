/* SPDX-License-Identifier: Apache-2.0
 * plimsoll bench: how long the core's arithmetic, a margin, whole operations and a full scan take,
 * natively and through the contract's own bytes. Spec: docs/BENCH.md. */
#include "sim_bench.h"

#include "sim_error.h"
#include "sim_main.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SIM_BENCH_REPEATS       7u
#define SIM_BENCH_REPEATS_QUICK 1u
#define SIM_BENCH_TOP           25u
#define SIM_BENCH_LINE_MAX      256

/* --- the clock and medians ---------------------------------------------------------------------
 */
uint64_t sim_bench_now(void)
{
    struct timespec at = {0, 0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return (uint64_t)at.tv_sec * UINT64_C(1000000000) + (uint64_t)at.tv_nsec;
}

static int sim_bench_order(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;
    return (*a > *b ? 1 : 0) - (*a < *b ? 1 : 0);
}

bool sim_bench_median(
    const struct sim_bench *bench, sim_bench_work work, void *self, uint32_t count, uint64_t *out)
{
    uint64_t times[SIM_BENCH_REPEATS_MAX] = {0};
    for (uint32_t i = 0; i < bench->repeats; i++) {
        const uint64_t start = sim_bench_now();
        if (!work(self, count) || sim_interrupted()) {
            return false;
        }
        times[i] = (sim_bench_now() - start) * 1000u / (count != 0 ? count : 1u);
    }
    qsort(times, bench->repeats, sizeof(times[0]), sim_bench_order);
    *out = times[bench->repeats / 2u];
    return true;
}

void sim_bench_add(
    struct sim_bench *bench, const char *group, const char *name, uint64_t native, uint64_t wasm)
{
    if (bench->row_count < SIM_BENCH_ROWS_MAX) {
        bench->rows[bench->row_count++] =
            (struct sim_bench_row){.group = group, .name = name, .native = native, .wasm = wasm};
    }
}

/* --- the machine -------------------------------------------------------------------------------
 */
/* The processor's name as the system tells it, or "unknown processor". */
static void sim_bench_processor(char *out, size_t capacity)
{
    char line[SIM_BENCH_LINE_MAX];
    FILE *file = fopen("/proc/cpuinfo", "r");
    (void)snprintf(out, capacity, "unknown processor");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && colon != NULL) {
            line[strcspn(line, "\n")] = '\0';
            (void)snprintf(out, capacity, "%s", colon + 2);
            break;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

static void sim_bench_machine(char *out, size_t capacity)
{
    char processor[SIM_BENCH_LINE_MAX];
    sim_bench_processor(processor, sizeof processor);
    (void)snprintf(out,
                   capacity,
                   "%s, %ld cores; %s; plimsoll %s",
                   processor,
                   sysconf(_SC_NPROCESSORS_ONLN),
#if defined(__clang__)
                   "clang " __clang_version__,
#else
                   "gcc " __VERSION__,
#endif
                   SIM_VERSION);
}

/* --- output ------------------------------------------------------------------------------------
 */
static void sim_bench_print_time(uint64_t time)
{
    if (time == SIM_BENCH_NONE) {
        (void)printf(" %13s", "-");
    } else if (time < 100000000u) {
        (void)printf(" %8" PRIu64 ".%" PRIu64 " ns", time / 1000u, time / 100u % 10u);
    } else {
        (void)printf(" %8" PRIu64 ".%" PRIu64 " us", time / 1000000u, time / 100000u % 10u);
    }
}

static void sim_bench_print(const struct sim_bench *bench)
{
    char machine[2 * SIM_BENCH_LINE_MAX];
    const char *group = "";
    sim_bench_machine(machine, sizeof machine);
    (void)printf("%s\nmedian of %" PRIu32 "%s\n\n%-34s %13s %13s\n",
                 machine,
                 bench->repeats,
                 bench->is_quick ? ", --quick: the figures mean nothing" : "",
                 "",
                 "native",
                 "wasm2c");
    for (uint32_t i = 0; i < bench->row_count; i++) {
        const struct sim_bench_row *row = &bench->rows[i];
        if (strcmp(group, row->group) != 0) {
            group = row->group;
            (void)printf("%s\n", group);
        }
        (void)printf("  %-32s", row->name);
        sim_bench_print_time(row->native);
        sim_bench_print_time(row->wasm);
        (void)printf("\n");
    }
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < bench->function_count; i++) {
        bytes += bench->functions[i].bytes;
    }
    if (bench->function_count != 0) {
        (void)printf("code: %" PRIu64 " bytes in %" PRIu32 " functions; the largest\n",
                     bytes,
                     bench->function_count);
    }
    for (uint32_t i = 0; i < bench->function_count && i < SIM_BENCH_TOP; i++) {
        (void)printf("  %-40s %6" PRIu32 "\n", bench->functions[i].name, bench->functions[i].bytes);
    }
}

/* A time as JSON: picoseconds, or null. */
static json_t *sim_bench_json_time(uint64_t time)
{
    return time == SIM_BENCH_NONE ? json_null() : json_integer((json_int_t)time);
}

static bool sim_bench_write_json(const struct sim_bench *bench, const char *path)
{
    char machine[2 * SIM_BENCH_LINE_MAX];
    sim_bench_machine(machine, sizeof machine);
    json_t *rows = json_array();
    for (uint32_t i = 0; i < bench->row_count; i++) {
        const struct sim_bench_row *row = &bench->rows[i];
        (void)json_array_append_new(rows,
                                    json_pack("{s:s, s:s, s:o, s:o}",
                                              "group",
                                              row->group,
                                              "name",
                                              row->name,
                                              "native_ps",
                                              sim_bench_json_time(row->native),
                                              "wasm2c_ps",
                                              sim_bench_json_time(row->wasm)));
    }
    json_t *functions = json_array();
    for (uint32_t i = 0; i < bench->function_count; i++) {
        (void)json_array_append_new(functions,
                                    json_pack("{s:s, s:i}",
                                              "name",
                                              bench->functions[i].name,
                                              "bytes",
                                              (int)bench->functions[i].bytes));
    }
    json_t *all = json_pack("{s:s, s:i, s:b, s:o, s:o}",
                            "machine",
                            machine,
                            "repeats",
                            (int)bench->repeats,
                            "quick",
                            bench->is_quick ? 1 : 0,
                            "rows",
                            rows,
                            "functions",
                            functions);
    const bool is_good = all != NULL && json_dump_file(all, path, JSON_INDENT(1)) == 0;
    json_decref(all);
    if (!is_good) {
        sim_error("bench: %s could not be written", path);
    }
    return is_good;
}

/* --- the command -------------------------------------------------------------------------------
 */
static void sim_bench_help(FILE *out)
{
    (void)fputs(
        "plimsoll bench [--quick] [--json FILE] [--module FILE]\n"
        "\n"
        "Times the core: multiply-divide, the margin of one account, every common operation end\n"
        "to end with 100 000 accounts in the store, and a full scan of 1 000 000 accounts;\n"
        "natively and through wasm2c, the median of seven repetitions. docs/BENCH.md explains\n"
        "the rows.\n"
        "\n"
        "  --quick        little of everything, once: does it work at all?\n"
        "  --json FILE    the same as JSON, times in picoseconds\n"
        "  --module FILE  also the bytes of code of each function of a .wasm; with names where\n"
        "                 the module has a name section, such as plimsoll_sim_named.wasm\n"
        "\n"
        "The exit status says whether everything ran, never whether it was fast.\n",
        out);
}

struct sim_bench_options {
    const char *json;
    const char *module;
    bool is_quick;
};

/* False with an error where an option is none or lacks its value. */
static bool sim_bench_read_options(int argc, char **argv, struct sim_bench_options *options)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0) {
            options->is_quick = true;
        } else if (strcmp(argv[i], "--json") == 0 && i + 1 < argc) {
            options->json = argv[++i];
        } else if (strcmp(argv[i], "--module") == 0 && i + 1 < argc) {
            options->module = argv[++i];
        } else {
            sim_error("bench: %s is no option, or lacks its value: see plimsoll bench --help",
                      argv[i]);
            return false;
        }
    }
    return true;
}

int sim_cmd_bench(int argc, char **argv)
{
    struct sim_bench_options options = {0};
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        sim_bench_help(stdout);
        return SIM_EXIT_OK;
    }
    if (!sim_bench_read_options(argc, argv, &options)) {
        return SIM_EXIT_USAGE;
    }
    struct sim_bench *bench = calloc(1, sizeof(*bench));
    if (bench == NULL) {
        return SIM_EXIT_FAILED;
    }
    bench->is_quick = options.is_quick;
    bench->repeats = options.is_quick ? SIM_BENCH_REPEATS_QUICK : SIM_BENCH_REPEATS;
    bool is_good = sim_bench_core(bench) && sim_bench_operations(bench) && sim_bench_scan(bench) &&
                   (options.module == NULL || sim_bench_code(bench, options.module));
    if (is_good) {
        sim_bench_print(bench);
    }
    if (is_good && options.json != NULL) {
        is_good = sim_bench_write_json(bench, options.json);
    }
    free(bench->functions);
    free(bench);
    return is_good ? SIM_EXIT_OK : SIM_EXIT_FAILED;
}

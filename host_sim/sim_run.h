/* SPDX-License-Identifier: Apache-2.0
 * One scenario file from its text to its verdict: check, world, observers, reports.
 * Spec: docs/SCENARIOS.md, "Running". It knows files and options, no rule. */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include "sim_workload.h"
#include "sim_world.h"

#define SIM_RUN_SERIES_MAX 64u

struct sim_run_options {
    enum sim_choice choice;
    struct sim_series series[SIM_RUN_SERIES_MAX];
    uint32_t series_count;
    const char *json;
    const char *db;
    const char *report;
    const char *trace;
    const char *calls;
    const char *text;   /* of the scenario, instead of the file's; or NULL */
    const char *replay; /* the command that plays this run again, or NULL: plimsoll run */
    uint64_t seed;
    uint32_t jobs;
    bool is_quiet;
    bool is_fault_loop;
    bool has_no_audit;
    bool is_unjudged; /* as of struct sim_scenario */
};

struct sim_run_result {
    bool is_passed;
    uint32_t line; /* of the fault, 0 = none */
    uint64_t operations;
    uint64_t state_hash;
    uint64_t milliseconds;
    char why[SIM_SCRIPT_WHY_MAX];
};

/* check: parses and resolves everything, applies nothing; prints what is wrong. */
bool sim_run_check(const char *path, const struct sim_run_options *options);
/* has_calls: whether a calls file can tell all that the scenario does; prints why not. */
bool sim_run_has_calls(const char *path);
/* file: check, run, reports. `summary`: where the JSON of this run goes, or NULL. */
void sim_run_file(const char *path,
                  const struct sim_run_options *options,
                  const char *summary,
                  struct sim_run_result *result);

#endif

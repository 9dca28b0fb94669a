/* SPDX-License-Identifier: Apache-2.0
 * One scenario file from its text to its verdict. Spec: docs/SCENARIOS.md, "Running".
 * It knows files, observers and reports, no rule. */
#include "sim_run.h"

#include "sim_audit.h"
#include "sim_calls.h"
#include "sim_db.h"
#include "sim_error.h"
#include "sim_report.h"
#include "sim_trace.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static uint64_t milliseconds(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

/* --- check -------------------------------------------------------------------------------------
 */
static bool check_script(const char *path,
                         const struct sim_script *script,
                         const struct sim_run_options *options,
                         struct sim_fault *fault)
{
    struct sim_scenario s;
    sim_scenario_begin(&s, path, script, NULL);
    s.choice = options->choice;
    s.seed = options->seed;
    s.is_unjudged = options->is_unjudged;
    s.workload = sim_workload_new(options->series, options->series_count, options->seed, true);
    const bool is_good = sim_scenario_run(&s);
    *fault = s.fault;
    sim_workload_free(s.workload);
    sim_scenario_end(&s);
    return is_good;
}

/* read_and_check: the script, free of faults that can be seen without a world. */
static bool read_and_check(const char *path,
                           const struct sim_run_options *options,
                           struct sim_script *script,
                           struct sim_fault *fault)
{
    const bool is_read = options->text != NULL
                             ? sim_script_parse(options->text, strlen(options->text), script, fault)
                             : sim_script_read(path, script, fault);
    if (!is_read) {
        return false;
    }
    if (script->count == 0) {
        sim_script_free(script);
        return sim_fault_set(fault, 0, "says nothing: plimsoll new NAME writes a first scenario");
    }
    if (check_script(path, script, options, fault)) {
        return true;
    }
    sim_script_free(script);
    return false;
}

bool sim_run_check(const char *path, const struct sim_run_options *options)
{
    struct sim_script script = {0};
    struct sim_fault fault = {0};
    if (!read_and_check(path, options, &script, &fault)) {
        sim_error_at(path, fault.line, "%s", fault.why);
        return false;
    }
    sim_script_free(&script);
    return true;
}

bool sim_run_has_calls(const char *path)
{
    struct sim_script script = {0};
    struct sim_fault fault = {0};
    uint32_t line = 0;
    const char *verb = NULL;
    if (!sim_script_read(path, &script, &fault)) {
        return true; /* the run itself says what is wrong with the file */
    }
    const bool may_follow = sim_calls_may_follow(&script, &line, &verb);
    if (!may_follow) {
        sim_error_at(
            path, line, "'%s' has no calls file: too many calls for a chain; use --trace", verb);
    }
    sim_script_free(&script);
    return may_follow;
}

/* --- run ---------------------------------------------------------------------------------------
 */
/* Everything that watches a run. */
struct watching {
    struct sim_trace *trace;
    struct sim_calls *calls;
    struct sim_db *db;
    struct sim_report *report;
};

/* open_calls: the calls file is named after the scenario, without folder and suffix. */
static struct sim_calls *
open_calls(const char *calls, const char *scenario, struct sim_world *world)
{
    struct sim_buffer name = {0};
    const char *slash = strrchr(scenario, '/');
    const char *first = slash == NULL ? scenario : slash + 1;
    const char *dot = strrchr(first, '.');
    sim_bytes_add(&name, first, dot == NULL ? strlen(first) : (size_t)(dot - first));
    struct sim_calls *opened = sim_calls_open(calls, sim_bytes_text(&name), world);
    sim_bytes_free(&name);
    return opened;
}

static bool open_watching(const char *path,
                          const struct sim_run_options *options,
                          const char *summary,
                          struct sim_world *world,
                          struct watching *watching)
{
    if (options->trace != NULL) {
        watching->trace = sim_trace_open(options->trace, false, world);
    }
    if (options->calls != NULL) {
        watching->calls = open_calls(options->calls, path, world);
    }
    if (options->db != NULL) {
        watching->db = sim_db_open(options->db, world);
    }
    if (options->report != NULL || summary != NULL) {
        watching->report = sim_report_new(world);
    }
    return (options->trace == NULL || watching->trace != NULL) &&
           (options->calls == NULL || watching->calls != NULL) &&
           (options->db == NULL || watching->db != NULL);
}

/* file_text: the file as its author wrote it; the script's own copy is cut into words. */
static void file_text(const char *path, struct sim_buffer *out)
{
    char block[4096];
    size_t length = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return;
    }
    while ((length = fread(block, 1, sizeof block, file)) > 0) {
        sim_bytes_add(out, block, length);
    }
    (void)fclose(file);
}

static bool write_reports(struct sim_scenario *s,
                          const struct sim_run_options *options,
                          const char *summary,
                          const struct sim_run_result *result,
                          struct sim_report *report)
{
    struct sim_buffer text = {0};
    if (options->text != NULL) {
        sim_bytes_add_text(&text, options->text);
    } else {
        file_text(s->path, &text);
    }
    const struct sim_report_about about = {.scenario = s->path,
                                           .text = sim_bytes_text(&text),
                                           .verdict = result->is_passed ? "passed" : result->why,
                                           .is_passed = result->is_passed,
                                           .seed = options->seed,
                                           .choice = options->choice,
                                           .names = &s->names,
                                           .workload = s->workload};
    bool is_good = true;
    if (options->report != NULL) {
        is_good = sim_report_write_html(report, &about, options->report);
    }
    if (summary != NULL) {
        is_good = sim_report_write_json(report, &about, summary) && is_good;
    }
    sim_bytes_free(&text);
    return is_good;
}

/* close_watching: writes what is asked for, also after a failure: then it is needed most. */
static bool close_watching(struct sim_scenario *s,
                           const struct sim_run_options *options,
                           const char *summary,
                           const struct sim_run_result *result,
                           struct watching *watching)
{
    bool is_good = true;
    if (watching->report != NULL) {
        is_good = write_reports(s, options, summary, result, watching->report);
        sim_report_free(watching->report);
    }
    if (watching->db != NULL) {
        sim_db_names(watching->db, &s->names);
        sim_db_note(watching->db, "scenario", s->path);
        sim_db_note(watching->db, "verdict", result->is_passed ? "passed" : result->why);
        is_good = sim_db_close(watching->db) && is_good;
    }
    if (watching->trace != NULL) {
        is_good = sim_trace_close(watching->trace) && is_good;
    }
    if (watching->calls != NULL) {
        is_good = sim_calls_close(watching->calls) && is_good;
    }
    return is_good;
}

/* replay_command: what a reader types to see the same again. */
static void
replay_command(const char *path, const struct sim_run_options *options, struct sim_buffer *out)
{
    if (options->replay != NULL) {
        sim_bytes_add_text(out, options->replay);
        return;
    }
    const char *const engine = options->choice == SIM_CHOICE_NATIVE ? "native"
                               : options->choice == SIM_CHOICE_WASM ? "wasm"
                                                                    : "both";
    sim_bytes_add_format(
        out, "plimsoll run --engine %s --seed %llu", engine, (unsigned long long)options->seed);
    for (uint32_t i = 0; i < options->series_count; i++) {
        sim_bytes_add_format(
            out, " --prices %s=%s", options->series[i].market, options->series[i].path);
    }
    if (options->is_fault_loop) {
        sim_bytes_add_text(out, " --fault-loop");
    }
    sim_bytes_add_format(out, " %s", path);
}

static void report_failure(struct sim_scenario *s, struct sim_run_result *result)
{
    sim_error_at(s->path, s->fault.line, "%s", s->fault.why);
    if (s->is_unexpected && s->context.length > 0) {
        (void)fputs(sim_bytes_text(&s->context), stderr);
    }
    if (s->is_unexpected) {
        (void)fprintf(stderr, "    again: %s\n", s->replay);
    }
    result->line = s->fault.line;
    (void)snprintf(result->why, sizeof result->why, "%s", s->fault.why);
}

/* audit_end: the last look of the auditor, at everything. */
static bool audit_end(struct sim_scenario *s, struct sim_run_result *result)
{
    if (s->audit == NULL || sim_audit_full(s->audit)) {
        return true;
    }
    (void)snprintf(result->why, sizeof result->why, "the auditor says no at the end");
    sim_error_at(s->path, 0, "%s: %s", result->why, sim_audit_failure(s->audit));
    return false;
}

static void run_script(const char *path,
                       const struct sim_script *script,
                       const struct sim_run_options *options,
                       const char *summary,
                       struct sim_run_result *result)
{
    const struct sim_world_options world_options = {.choice = options->choice,
                                                    .fault_loop = options->is_fault_loop};
    struct sim_world *world = sim_world_new(&world_options);
    struct watching watching = {0};
    struct sim_buffer replay = {0};
    struct sim_scenario s;
    replay_command(path, options, &replay);
    const struct sim_audit_options audit_options = {.replay = sim_bytes_text(&replay)};
    sim_scenario_begin(&s, path, script, world);
    s.choice = options->choice;
    s.seed = options->seed;
    s.is_unjudged = options->is_unjudged;
    s.replay = audit_options.replay;
    s.audit = options->has_no_audit ? NULL : sim_audit_new(world, &audit_options);
    s.workload =
        sim_workload_new(options->series, options->series_count, options->seed, options->is_quiet);
    bool is_good = open_watching(path, options, summary, world, &watching);
    if (is_good) {
        is_good = sim_scenario_run(&s);
        if (!is_good) {
            report_failure(&s, result);
        }
        is_good = is_good && audit_end(&s, result);
    }
    result->is_passed = is_good;
    result->operations = sim_world_operations(world);
    result->state_hash = sim_world_state_hash(world);
    result->is_passed = close_watching(&s, options, summary, result, &watching) && is_good;
    sim_audit_free(s.audit);
    sim_workload_free(s.workload);
    sim_scenario_end(&s);
    sim_world_free(world);
    sim_bytes_free(&replay);
}

void sim_run_file(const char *path,
                  const struct sim_run_options *options,
                  const char *summary,
                  struct sim_run_result *result)
{
    const uint64_t start = milliseconds();
    struct sim_script script = {0};
    struct sim_fault fault = {0};
    *result = (struct sim_run_result){0};
    if (read_and_check(path, options, &script, &fault)) {
        run_script(path, &script, options, summary, result);
        sim_script_free(&script);
    } else {
        sim_error_at(path, fault.line, "%s", fault.why);
        result->line = fault.line;
        (void)snprintf(result->why, sizeof result->why, "%s", fault.why);
    }
    result->milliseconds = milliseconds() - start;
}

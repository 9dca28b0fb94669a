/* SPDX-License-Identifier: Apache-2.0
 * The commands run, check and new: options, several files, processes, the table at the end.
 * Spec: docs/SCENARIOS.md, "Running". It knows nothing of what a scenario says. */
#include "sim_error.h"
#include "sim_main.h"
#include "sim_run.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MAX   64u
#define PART_BYTES 1024u

static const char run_help[] =
    "plimsoll run [options] FILE.scn...: runs scenarios\n"
    "\n"
    "  --engine native|wasm|both  which engines run; both compares them after every operation\n"
    "                             (default both)\n"
    "  --prices MARKET=FILE       a price series, CSV or CSV.gz, for play; may be repeated\n"
    "  --json FILE                a summary for programs\n"
    "  --db FILE                  the run as an SQLite database (one scenario)\n"
    "  --report FILE              the run as a page with charts (one scenario)\n"
    "  --trace FILE               every operation, for plimsoll replay (one scenario)\n"
    "  --calls FILE               every call as a line of JSON, for plimsoll replay and for the\n"
    "                             tests on chains (one scenario, without play and crowd)\n"
    "  --seed N                   of crowds and keepers (default 1)\n"
    "  --jobs N                   so many files at a time (default 1)\n"
    "  --fault-loop               every record that an operation reads is spoilt once before it\n"
    "                             runs, and every call of the host fails once\n"
    "  --no-audit                 without the auditor, for speed\n"
    "  --quiet                    prints only what goes wrong\n"
    "\n"
    "Exit status 0 when all went as the files say, 1 when not, 2 for a wrong command line.\n"
    "The language is described in docs/SCENARIOS.md; plimsoll new NAME writes a first file.\n";

static const char check_help[] =
    "plimsoll check FILE.scn...: reads scenarios, resolves names and numbers, runs nothing\n"
    "plimsoll check --verbs: lists the verbs of the language\n";

static const char new_help[] = "plimsoll new NAME: writes NAME.scn, a commented first scenario\n";

static const char template_text[] =
    "# What this scenario shows: a trader opens a long, the market falls, a keeper takes over.\n"
    "# Run it:  plimsoll run THIS.scn      The language: docs/SCENARIOS.md\n"
    "\n"
    "# The settlement token comes first. Everything not said is the default market M0.\n"
    "quote    USDC decimals 6\n"
    "market   ETH-PERP size_decimals 8 initial 10% maint 5% fill_band 5%\n"
    "account  alice cross\n"
    "account  maker cross\n"
    "account  keeper cross\n"
    "\n"
    "# Every operation ends in the outcome that you expect; anything else fails the file.\n"
    "deposit  alice 20_000 USDC                            -> ok\n"
    "deposit  maker 500_000 USDC                           -> ok\n"
    "deposit  keeper 500_000 USDC                          -> ok\n"
    "price    ETH-PERP 2_000                               -> ok\n"
    "trade    alice buy 50 ETH-PERP @ 2_000 with maker     -> ok\n"
    "show     alice equity 20_000 im 10_000 mm 5_000 level healthy\n"
    "\n"
    "# Ten thousand more than the initial margin are free; one atom more is refused.\n"
    "withdraw alice 10_000.000001 USDC                     -> E_BELOW_INITIAL\n"
    "expect   unchanged\n"
    "\n"
    "# A fall in two steps, each within the band.\n"
    "advance  30s\n"
    "price    ETH-PERP 1_830                               -> ok\n"
    "show     alice equity 11_500 level healthy\n"
    "advance  30s\n"
    "price    ETH-PERP 1_690                               -> ok\n"
    "show     alice equity 4_500 level restricted\n"
    "liquidate alice ETH-PERP by keeper                    -> E_NOT_LIQUIDATABLE\n"
    "advance  30s\n"
    "price    ETH-PERP 1_680                               -> ok\n"
    "show     alice equity 4_000 level liquidatable\n"
    "flag     alice                                        -> ok\n"
    "liquidate alice ETH-PERP by keeper                    -> ok\n"
    "audit    all\n";

/* --- options -----------------------------------------------------------------------------------
 */
struct command_line {
    struct sim_run_options options;
    char **files;
    uint32_t file_count;
    bool wants_help;
    bool wants_verbs;
};

static bool parse_number(const char *text, uint64_t max, uint64_t *out)
{
    char *end = NULL;
    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || value > max) {
        sim_error("'%s' is not a number from 0 to %llu", text, (unsigned long long)max);
        return false;
    }
    *out = value;
    return true;
}

/* take_series: MARKET=FILE; the equals sign becomes the end of the market's name. */
static bool take_series(struct sim_run_options *options, char *text)
{
    char *sign = strchr(text, '=');
    if (sign == NULL || sign == text || sign[1] == '\0') {
        sim_error("--prices wants MARKET=FILE, not '%s'", text);
        return false;
    }
    if (options->series_count == SIM_RUN_SERIES_MAX) {
        sim_error("more than %u price series", SIM_RUN_SERIES_MAX);
        return false;
    }
    *sign = '\0';
    options->series[options->series_count++] =
        (struct sim_series){.market = text, .path = sign + 1};
    return true;
}

static bool take_value(struct sim_run_options *options, const char *name, char *value)
{
    uint64_t number = 0;
    if (strcmp(name, "--engine") == 0) {
        if (!sim_world_parse_choice(value, &options->choice)) {
            sim_error("--engine is native, wasm or both, not '%s'", value);
            return false;
        }
        return true;
    }
    if (strcmp(name, "--prices") == 0) {
        return take_series(options, value);
    }
    if (strcmp(name, "--seed") == 0) {
        return parse_number(value, UINT64_MAX, &options->seed);
    }
    if (strcmp(name, "--jobs") == 0) {
        if (!parse_number(value, JOBS_MAX, &number)) {
            return false;
        }
        options->jobs = number == 0 ? 1 : (uint32_t)number;
        return true;
    }
    const char **const files[] = {
        &options->json, &options->db, &options->report, &options->trace, &options->calls};
    static const char *const names[] = {"--json", "--db", "--report", "--trace", "--calls"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            *files[i] = value;
            return true;
        }
    }
    sim_error("no option '%s': see plimsoll run --help", name);
    return false;
}

static bool take_switch(struct command_line *line, const char *name)
{
    bool *const places[] = {&line->wants_help,
                            &line->wants_verbs,
                            &line->options.is_quiet,
                            &line->options.is_fault_loop,
                            &line->options.has_no_audit};
    static const char *const names[] = {
        "--help", "--verbs", "--quiet", "--fault-loop", "--no-audit"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            *places[i] = true;
            return true;
        }
    }
    return false;
}

/* parse_line: options and files in any order; the files move to the front of argv. */
static bool parse_line(int argc, char **argv, struct command_line *line)
{
    line->files = argv + 1;
    for (int i = 1; i < argc; i++) {
        char *value = NULL;
        if (argv[i][0] != '-') {
            line->files[line->file_count++] = argv[i];
            continue;
        }
        if (take_switch(line, argv[i])) {
            continue;
        }
        char *sign = strchr(argv[i], '=');
        if (strncmp(argv[i], "--", 2) == 0 && sign != NULL) {
            *sign = '\0';
            value = sign + 1;
        } else if (i + 1 < argc) {
            value = argv[i + 1];
        } else {
            sim_error("'%s' wants a value after it: see plimsoll run --help", argv[i]);
            return false;
        }
        if (!take_value(&line->options, argv[i], value)) {
            return false;
        }
        i += sign == NULL ? 1 : 0;
    }
    return true;
}

static bool is_sane(const struct command_line *line)
{
    const struct sim_run_options *options = &line->options;
    if (line->file_count == 0) {
        sim_error("name a scenario file; plimsoll new NAME writes a first one");
        return false;
    }
    if (line->file_count > 1 && (options->db != NULL || options->report != NULL ||
                                 options->trace != NULL || options->calls != NULL)) {
        sim_error("--db, --report, --trace and --calls are of one run: name one file");
        return false;
    }
    return true;
}

/* --- results -----------------------------------------------------------------------------------
 */
static void print_table(const struct command_line *line, const struct sim_run_result *results)
{
    int width = 8;
    for (uint32_t i = 0; i < line->file_count; i++) {
        const int length = (int)strlen(line->files[i]);
        width = length > width ? length : width;
    }
    (void)printf("%-*s  %10s  %-6s  %9s\n", width, "file", "operations", "result", "seconds");
    for (uint32_t i = 0; i < line->file_count; i++) {
        (void)printf("%-*s  %10llu  %-6s  %5llu.%03llu\n",
                     width,
                     line->files[i],
                     (unsigned long long)results[i].operations,
                     results[i].is_passed ? "ok" : "FAILED",
                     (unsigned long long)results[i].milliseconds / 1000u,
                     (unsigned long long)results[i].milliseconds % 1000u);
    }
}

static const char *part_name(const struct sim_run_options *options, uint32_t i, char *text)
{
    if (options->json == NULL) {
        return NULL;
    }
    (void)snprintf(text, PART_BYTES, "%s.%u.part", options->json, (unsigned)i);
    return text;
}

/* result_json: one run; its summary is what the report wrote beside. */
static json_t *result_json(const char *file, const struct sim_run_result *result, const char *part)
{
    char hash[32] = {0};
    (void)snprintf(hash, sizeof hash, "%016llx", (unsigned long long)result->state_hash);
    json_t *row = json_pack("{s:s, s:b, s:I, s:s}",
                            "file",
                            file,
                            "passed",
                            result->is_passed ? 1 : 0,
                            "operations",
                            (json_int_t)result->operations,
                            "state_hash",
                            hash);
    if (row == NULL) {
        return NULL;
    }
    if (!result->is_passed) {
        (void)json_object_set_new(row, "line", json_integer((json_int_t)result->line));
        (void)json_object_set_new(row, "why", json_string(result->why));
    }
    json_t *summary = json_load_file(part, 0, NULL);
    if (summary != NULL) {
        (void)json_object_set_new(row, "summary", summary);
    }
    return row;
}

static bool
write_json(const struct command_line *line, const struct sim_run_result *results, uint32_t failed)
{
    char part[PART_BYTES] = {0};
    json_t *rows = json_array();
    for (uint32_t i = 0; i < line->file_count; i++) {
        const char *name = part_name(&line->options, i, part);
        (void)json_array_append_new(rows, result_json(line->files[i], &results[i], name));
        (void)remove(name);
    }
    json_t *all = json_pack("{s:s, s:s, s:i, s:i, s:o}",
                            "format",
                            "plimsoll-run/1",
                            "version",
                            SIM_VERSION,
                            "files",
                            (int)line->file_count,
                            "failed",
                            (int)failed,
                            "runs",
                            rows);
    const bool is_good =
        all != NULL &&
        json_dump_file(all, line->options.json, JSON_INDENT(2) | JSON_PRESERVE_ORDER) == 0;
    json_decref(all);
    if (!is_good) {
        sim_error_at(line->options.json, 0, "cannot be written");
    }
    return is_good;
}

/* --- processes ---------------------------------------------------------------------------------
 */
/* A file that runs in a process of its own: its words and its result come back in temporary files.
 */
struct job {
    pid_t process;
    FILE *words;
    FILE *result;
};

/* child: runs one file and never returns. */
__attribute__((noreturn)) static void
child(const struct command_line *line, uint32_t i, const struct job *job)
{
    struct sim_run_result result = {0};
    char part[PART_BYTES] = {0};
    (void)dup2(fileno(job->words), STDOUT_FILENO);
    (void)dup2(fileno(job->words), STDERR_FILENO);
    sim_run_file(line->files[i], &line->options, part_name(&line->options, i, part), &result);
    (void)fflush(stdout);
    (void)fwrite(&result, sizeof result, 1, job->result);
    (void)fflush(job->result);
    _exit(0);
}

static bool start_job(const struct command_line *line, uint32_t i, struct job *job)
{
    job->words = tmpfile();
    job->result = tmpfile();
    if (job->words == NULL || job->result == NULL) {
        sim_error("no room for temporary files: use --jobs 1");
        return false;
    }
    (void)fflush(stdout);
    job->process = fork();
    if (job->process == 0) {
        child(line, i, job);
    }
    if (job->process < 0) {
        sim_error("no further process: use --jobs 1");
        return false;
    }
    return true;
}

/* finish_job: waits, prints the file's words, and takes its result. */
static void finish_job(struct job *job, struct sim_run_result *result)
{
    int status = 0;
    int letter = 0;
    if (job->process > 0) {
        (void)waitpid(job->process, &status, 0);
    }
    *result = (struct sim_run_result){0};
    if (job->words != NULL) {
        rewind(job->words);
        while ((letter = fgetc(job->words)) != EOF) {
            (void)fputc(letter, stderr);
        }
        (void)fclose(job->words);
    }
    if (job->result != NULL) {
        rewind(job->result);
        if (fread(result, sizeof *result, 1, job->result) != 1) {
            *result = (struct sim_run_result){0};
            (void)snprintf(result->why, sizeof result->why, "the process ended without a result");
            sim_error("a scenario's process ended early, with status %d", status);
        }
        (void)fclose(job->result);
    }
}

/* run_jobs: a window of processes over the files; words and results come in the files' order. */
static void run_jobs(const struct command_line *line, struct sim_run_result *results)
{
    struct job *jobs = sim_bytes_alloc(line->file_count, sizeof *jobs);
    uint32_t started = 0;
    for (uint32_t i = 0; i < line->file_count; i++) {
        while (started < line->file_count && started < i + line->options.jobs) {
            if (!start_job(line, started, &jobs[started])) {
                break;
            }
            started++;
        }
        finish_job(&jobs[i], &results[i]);
    }
    free(jobs);
}

static void run_here(const struct command_line *line, struct sim_run_result *results)
{
    for (uint32_t i = 0; i < line->file_count && !sim_interrupted(); i++) {
        char part[PART_BYTES] = {0};
        sim_run_file(
            line->files[i], &line->options, part_name(&line->options, i, part), &results[i]);
    }
}

/* --- commands ----------------------------------------------------------------------------------
 */
int sim_cmd_run(int argc, char **argv)
{
    struct command_line line = {.options = {.choice = SIM_CHOICE_BOTH, .seed = 1, .jobs = 1}};
    if (!parse_line(argc, argv, &line)) {
        return SIM_EXIT_USAGE;
    }
    if (line.wants_help) {
        (void)fputs(run_help, stdout);
        return SIM_EXIT_OK;
    }
    if (!is_sane(&line) || (line.options.calls != NULL && !sim_run_has_calls(line.files[0]))) {
        return SIM_EXIT_USAGE;
    }
    struct sim_run_result *results = sim_bytes_alloc(line.file_count, sizeof *results);
    if (line.options.jobs > 1 && line.file_count > 1) {
        run_jobs(&line, results);
    } else {
        sim_error_catch_interrupt();
        run_here(&line, results);
    }
    uint32_t failed = 0;
    for (uint32_t i = 0; i < line.file_count; i++) {
        failed += results[i].is_passed ? 0u : 1u;
    }
    if (!line.options.is_quiet) {
        print_table(&line, results);
    }
    const bool is_written = line.options.json == NULL || write_json(&line, results, failed);
    free(results);
    return failed == 0 && is_written ? SIM_EXIT_OK : SIM_EXIT_FAILED;
}

static bool is_of_kind(enum sim_verb verb, int kind)
{
    const enum sim_verb_kind of = sim_verb_kind(verb);
    return (int)of == kind;
}

static int print_verbs(void)
{
    static const char *const kinds[] = {
        "declarations", "operations", "world", "judgements", "structure"};
    for (int kind = 0; kind < (int)(sizeof kinds / sizeof kinds[0]); kind++) {
        (void)printf("%s%s\n", kind == 0 ? "" : "\n", kinds[kind]);
        for (int i = 0; i < (int)SIM_VERB_COUNT; i++) {
            const enum sim_verb verb = (enum sim_verb)i;
            if (is_of_kind(verb, kind)) {
                (void)printf("  %s %s\n      %s\n",
                             sim_verb_spelling(verb),
                             sim_verb_pattern(verb),
                             sim_verb_text(verb));
            }
        }
    }
    return SIM_EXIT_OK;
}

int sim_cmd_check(int argc, char **argv)
{
    struct command_line line = {.options = {.choice = SIM_CHOICE_BOTH, .seed = 1, .jobs = 1}};
    bool is_good = true;
    if (!parse_line(argc, argv, &line)) {
        return SIM_EXIT_USAGE;
    }
    if (line.wants_help) {
        (void)fputs(check_help, stdout);
        return SIM_EXIT_OK;
    }
    if (line.wants_verbs) {
        return print_verbs();
    }
    if (!is_sane(&line)) {
        return SIM_EXIT_USAGE;
    }
    for (uint32_t i = 0; i < line.file_count; i++) {
        is_good = sim_run_check(line.files[i], &line.options) && is_good;
    }
    return is_good ? SIM_EXIT_OK : SIM_EXIT_FAILED;
}

int sim_cmd_new(int argc, char **argv)
{
    char path[PART_BYTES] = {0};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        (void)fputs(new_help, stdout);
        return SIM_EXIT_OK;
    }
    if (argc != 2 || argv[1][0] == '-') {
        sim_error("write it as: plimsoll new NAME");
        return SIM_EXIT_USAGE;
    }
    const size_t length = strlen(argv[1]);
    const bool has_suffix = length > 4 && strcmp(argv[1] + length - 4, ".scn") == 0;
    (void)snprintf(path, sizeof path, "%s%s", argv[1], has_suffix ? "" : ".scn");
    FILE *file = fopen(path, "wx");
    if (file == NULL) {
        sim_error_at(path, 0, "cannot be written: %s", strerror(errno));
        return SIM_EXIT_FAILED;
    }
    const bool is_good = fputs(template_text, file) != EOF;
    if (fclose(file) != 0 || !is_good) {
        sim_error_at(path, 0, "cannot be written: %s", strerror(errno));
        return SIM_EXIT_FAILED;
    }
    (void)printf("%s is written; run it by: plimsoll run %s\n", path, path);
    return SIM_EXIT_OK;
}

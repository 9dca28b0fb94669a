/* SPDX-License-Identifier: Apache-2.0
 * plimsoll vectors: reads vector files, judges every case, prints a table by rule.
 * Spec: docs/VECTORS.md. It knows files and counts; sim_vectors_case.c knows what a case is. */
#include "sim_vectors.h"

#include "sim_error.h"
#include "sim_main.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FORMAT         "plimsoll-vectors/1"
#define PATH_MAX_BYTES 1024u

struct rule {
    char id[32];
    unsigned passed;
    unsigned failed;
};

struct session {
    enum sim_choice choice;
    bool writes;
    bool is_quiet;
    const char *only;   /* --case: ids that begin with it */
    const char *traces; /* --trace: the folder of the cases' traces */
    struct rule *rules;
    uint32_t rule_count;
    size_t rule_capacity;
    unsigned passed;
    unsigned failed;
    unsigned unfilled;
    unsigned broken; /* files that could not be read or written */
};

static const char usage[] =
    "usage: plimsoll vectors PATH... [--write] [--engine native|wasm|both] [--case ID]\n"
    "                [--trace FOLDER] [--quiet]\n"
    "\n"
    "Judges vector files (format plimsoll-vectors/1; a folder: every .json in it) on both engines\n"
    "and prints, by rule, how many cases passed and failed.\n"
    "  --write    fills the derived fields `message` and `state_hash`; no other number is written\n"
    "  --engine   which engines run (both, in lockstep)\n"
    "  --case     only cases whose id begins with ID\n"
    "  --trace    a folder that is there: each case as a trace, for the reference model\n"
    "  --quiet    prints failures only\n";

static void count_rule(struct session *session, const char *id, bool passed)
{
    uint32_t i = 0;
    while (i < session->rule_count && strcmp(session->rules[i].id, id) != 0) {
        i++;
    }
    if (i == session->rule_count) {
        session->rules = sim_bytes_grow(
            session->rules, &session->rule_capacity, session->rule_count + 1u, sizeof(struct rule));
        session->rules[i] = (struct rule){.passed = 0, .failed = 0};
        (void)snprintf(session->rules[i].id, sizeof session->rules[i].id, "%s", id);
        session->rule_count++;
    }
    if (passed) {
        session->rules[i].passed++;
    } else {
        session->rules[i].failed++;
    }
}

static void judge_one(struct session *session, const char *path, const json_t *file, json_t *json)
{
    struct sim_vectors_case c = {.path = path,
                                 .worlds = json_object_get(file, "worlds"),
                                 .json = json,
                                 .id = json_string_value(json_object_get(json, "id")),
                                 .choice = session->choice,
                                 .traces = session->traces,
                                 .writes = session->writes};
    const json_t *rules = json_object_get(json, "rules");
    if (c.id == NULL || json_array_size(rules) == 0) {
        sim_error_at(path, 0, "a case has no id or no rules; give it both");
        session->failed++;
        return;
    }
    if (session->only != NULL && strncmp(c.id, session->only, strlen(session->only)) != 0) {
        return;
    }
    const bool passed = sim_vectors_judge(&c);
    session->passed += passed ? 1u : 0u;
    session->failed += passed ? 0u : 1u;
    session->unfilled += c.is_unfilled ? 1u : 0u;
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const char *rule = json_string_value(json_array_get(rules, i));
        count_rule(session, rule == NULL ? "?" : rule, passed);
    }
}

static bool is_repeated(const json_t *cases, size_t at)
{
    const char *id = json_string_value(json_object_get(json_array_get(cases, at), "id"));
    for (size_t i = 0; i < at; i++) {
        const char *other = json_string_value(json_object_get(json_array_get(cases, i), "id"));
        if (id != NULL && other != NULL && strcmp(id, other) == 0) {
            return true;
        }
    }
    return false;
}

static void judge_file(struct session *session, const char *path)
{
    json_error_t error;
    json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (file == NULL) {
        sim_error_at(path, (unsigned)(error.line < 0 ? 0 : error.line), "%s", error.text);
        session->broken++;
        return;
    }
    const char *format = json_string_value(json_object_get(file, "format"));
    const json_t *cases = json_object_get(file, "cases");
    if (format == NULL || strcmp(format, FORMAT) != 0 || json_array_size(cases) == 0) {
        sim_error_at(path, 0, "not a file of the format " FORMAT ", or without cases");
        session->broken++;
        json_decref(file);
        return;
    }
    for (size_t i = 0; i < json_array_size(cases) && !sim_interrupted(); i++) {
        if (is_repeated(cases, i)) {
            sim_error_at(path, 0, "case %zu repeats an id; give it another", i);
            session->failed++;
        }
        judge_one(session, path, file, json_array_get(cases, i));
    }
    if (session->writes && !sim_interrupted()) {
        FILE *out = fopen(path, "w");
        const bool written =
            out != NULL && json_dumpf(file, out, JSON_INDENT(1)) == 0 && fputc('\n', out) != EOF;
        if ((out != NULL && fclose(out) != 0) || !written) {
            sim_error_at(path, 0, "cannot be written");
            session->broken++;
        }
    }
    json_decref(file);
}

struct path {
    char text[PATH_MAX_BYTES];
};

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct path *)left)->text, ((const struct path *)right)->text);
}

static void judge_folder(struct session *session, const char *path)
{
    struct path *paths = NULL;
    size_t capacity = 0;
    size_t count = 0;
    DIR *folder = opendir(path);
    const struct dirent *entry = NULL;
    if (folder == NULL) {
        sim_error_at(path, 0, "cannot be opened; give a file or a folder of vectors");
        session->broken++;
        return;
    }
    while ((entry = readdir(folder)) != NULL) { // NOLINT(concurrency-mt-unsafe)
        const size_t length = strlen(entry->d_name);
        if (length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0) {
            paths = sim_bytes_grow(paths, &capacity, count + 1, sizeof *paths);
            (void)snprintf(
                paths[count].text, sizeof paths[count].text, "%s/%s", path, entry->d_name);
            count++;
        }
    }
    (void)closedir(folder);
    if (count == 0) {
        sim_error_at(path, 0, "holds no .json file; give a folder of vectors");
        session->broken++;
    } else {
        qsort(paths, count, sizeof *paths, by_name);
    }
    for (size_t i = 0; i < count; i++) {
        judge_file(session, paths[i].text);
    }
    free(paths);
}

static int by_rule(const void *left, const void *right)
{
    return strcmp(((const struct rule *)left)->id, ((const struct rule *)right)->id);
}

static void print_table(struct session *session)
{
    if (session->rule_count != 0) {
        qsort(session->rules, session->rule_count, sizeof *session->rules, by_rule);
    }
    (void)printf("%-12s %8s %8s\n", "rule", "passed", "failed");
    for (uint32_t i = 0; i < session->rule_count; i++) {
        const struct rule *rule = &session->rules[i];
        (void)printf("%-12s %8u %8u\n", rule->id, rule->passed, rule->failed);
    }
    (void)printf("%-12s %8u %8u\n", "cases", session->passed, session->failed);
    if (session->unfilled != 0) {
        (void)printf("%u cases lack derived fields: plimsoll vectors --write\n", session->unfilled);
    }
}

/* read_option: consumes one option; false where it is none of ours. */
static bool read_option(struct session *session, int argc, char **argv, int *i)
{
    if (strcmp(argv[*i], "--write") == 0) {
        session->writes = true;
        return true;
    }
    if (strcmp(argv[*i], "--quiet") == 0) {
        session->is_quiet = true;
        return true;
    }
    if (*i + 1 >= argc) {
        return false;
    }
    const char *name = argv[*i];
    const char *value = argv[*i + 1];
    *i += 1;
    if (strcmp(name, "--case") == 0) {
        session->only = value;
        return true;
    }
    if (strcmp(name, "--trace") == 0) {
        session->traces = value;
        return true;
    }
    return strcmp(name, "--engine") == 0 && sim_world_parse_choice(value, &session->choice);
}

int sim_cmd_vectors(int argc, char **argv)
{
    struct session session = {.choice = SIM_CHOICE_BOTH};
    int paths = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            (void)fputs(usage, stdout);
            return SIM_EXIT_OK;
        }
        if (argv[i][0] != '-') {
            argv[++paths] = argv[i];
        } else if (!read_option(&session, argc, argv, &i)) {
            sim_error("'%s' is no option of vectors, or lacks its value", argv[i]);
            (void)fputs(usage, stderr);
            return SIM_EXIT_USAGE;
        }
    }
    if (paths == 0) {
        (void)fputs(usage, stderr);
        return SIM_EXIT_USAGE;
    }
    sim_error_catch_interrupt();
    for (int i = 1; i <= paths && !sim_interrupted(); i++) {
        struct stat status;
        if (stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode)) {
            judge_folder(&session, argv[i]);
        } else {
            judge_file(&session, argv[i]);
        }
    }
    if (!session.is_quiet) {
        print_table(&session);
    }
    free(session.rules);
    const bool failed = session.failed != 0 || session.broken != 0 || session.passed == 0;
    return failed || sim_interrupted() ? SIM_EXIT_FAILED : SIM_EXIT_OK;
}

/* SPDX-License-Identifier: Apache-2.0
 * plimsoll replay: replays recorded traces and calls files on any engine and compares.
 * It must never know what a message means. */
#include "sim_calls.h"
#include "sim_error.h"
#include "sim_main.h"
#include "sim_trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sim_replay_line {
    enum sim_choice choice;
    const char *dump;
    struct sim_trace_show show;
    bool is_quiet;
    bool wants_state;
    bool wants_help;
    int files; /* in argv from 1 on */
};

static void sim_replay_help(FILE *out)
{
    (void)fputs(
        "plimsoll replay [--engine native|wasm|both] [--quiet] [--show N [--world K]] [--state]\n"
        "                [--dump OUT] FILE...\n"
        "\n"
        "Replays traces that `plimsoll run --trace` or `plimsoll fuzz --trace` has written,\n"
        "plain or .gz (- is the standard input), and compares the result code, the state hash\n"
        "and a hash of events, payments and reply after every operation. Replays calls files, of\n"
        "`plimsoll run --calls` or of a recorder on a chain, and compares codes, events,\n"
        "payments, replies and states where the file has them (docs/SCENARIOS.md).\n"
        "\n"
        "  --engine E  native: the core compiled into this program; wasm: the contract's\n"
        "              own bytes; both (default)\n"
        "  --quiet     print nothing when all agree\n"
        "  --show N    of traces: print operation N, what it told and the records it wrote;\n"
        "              of the first world of the file, or the one that --world names\n"
        "  --state     of calls files: print the SHA-256 of the last state too\n"
        "  --dump OUT  of one calls file: write the keys of the last state, as JSON\n"
        "\n"
        "Exit status 0 when every line of every file agrees.\n",
        out);
}

/* A number from 1. */
static bool sim_replay_count(const char *text, uint64_t *count)
{
    char *end = NULL;
    *count = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && *count != 0;
}

/* Options and files, in any order. */
static bool sim_replay_parse(int argc, char **argv, struct sim_replay_line *line)
{
    for (int at = 1; at < argc; at++) {
        char *option = argv[at];
        if (option[0] != '-' || option[1] == '\0') {
            argv[1 + line->files++] = option; /* files move to the front: never past `at` */
        } else if (strcmp(option, "--help") == 0) {
            line->wants_help = true;
        } else if (strcmp(option, "--quiet") == 0) {
            line->is_quiet = true;
        } else if (strcmp(option, "--state") == 0) {
            line->wants_state = true;
        } else if (strcmp(option, "--show") == 0 && at + 1 < argc &&
                   sim_replay_count(argv[at + 1], &line->show.operation)) {
            at++;
        } else if (strcmp(option, "--world") == 0 && at + 1 < argc &&
                   sim_replay_count(argv[at + 1], &line->show.world)) {
            at++;
        } else if (strcmp(option, "--dump") == 0 && at + 1 < argc) {
            line->dump = argv[++at];
        } else if (strcmp(option, "--engine") == 0 && at + 1 < argc &&
                   sim_world_parse_choice(argv[at + 1], &line->choice)) {
            at++;
        } else {
            sim_error("replay: %s is no option, or lacks its value: see plimsoll replay --help",
                      option);
            return false;
        }
    }
    if (line->files == 0 && !line->wants_help) {
        sim_error("replay: which file? See plimsoll replay --help");
        return false;
    }
    if (line->dump != NULL && line->files > 1) {
        sim_error("replay: --dump is of one file");
        return false;
    }
    return true;
}

static bool sim_replay_calls(const char *path, const struct sim_replay_line *line)
{
    struct sim_calls_result result = {0};
    if (!sim_calls_replay(path, line->choice, line->dump, &result)) {
        return false;
    }
    if (!line->is_quiet) {
        (void)printf("%s: %" PRIu64 " calls, equal", path, result.calls);
        if (result.skipped > 0) {
            (void)printf("; %" PRIu64 " without a form in JSON left out", result.skipped);
        }
        (void)printf("\n");
    }
    if (line->wants_state) {
        (void)printf("%s: state %s\n", path, result.state);
    }
    return true;
}

static bool sim_replay_trace(const char *path, const struct sim_replay_line *line)
{
    uint64_t operations = 0;
    if (line->wants_state || line->dump != NULL) {
        sim_error_at(path, 0, "is no calls file: --state and --dump are of those");
        return false;
    }
    const bool shows = line->show.operation != 0;
    const bool agrees =
        sim_trace_replay(path, line->choice, shows ? &line->show : NULL, &operations);
    if (agrees && !line->is_quiet && !shows) {
        (void)printf("%s: %" PRIu64 " operations agree\n", path, operations);
    }
    return agrees;
}

int sim_cmd_replay(int argc, char **argv)
{
    struct sim_replay_line line = {.choice = SIM_CHOICE_BOTH, .show = {.world = 1}};
    if (!sim_replay_parse(argc, argv, &line)) {
        return SIM_EXIT_USAGE;
    }
    if (line.wants_help) {
        sim_replay_help(stdout);
        return SIM_EXIT_OK;
    }
    int status = SIM_EXIT_OK;
    for (int i = 1; i <= line.files && !sim_interrupted(); i++) {
        const bool agrees = sim_calls_is_file(argv[i]) ? sim_replay_calls(argv[i], &line)
                                                       : sim_replay_trace(argv[i], &line);
        status = agrees ? status : SIM_EXIT_FAILED;
    }
    return sim_interrupted() ? SIM_EXIT_FAILED : status;
}

/* SPDX-License-Identifier: Apache-2.0
 * plimsoll replay: replays recorded traces on any engine and compares every state hash.
 * It must never know what a message means. */
#include "sim_error.h"
#include "sim_main.h"
#include "sim_trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void sim_replay_help(FILE *out)
{
    (void)fputs(
        "plimsoll replay [--engine native|wasm|both] [--quiet] TRACE...\n"
        "\n"
        "Replays traces that `plimsoll run --trace` has written, plain or .gz, and compares\n"
        "the result code and the state hash after every operation.\n"
        "\n"
        "  --engine E  native: the core compiled into this program; wasm: the contract's\n"
        "              own bytes; both (default): one after the other\n"
        "  --quiet     print nothing when all agree\n"
        "\n"
        "Exit status 0 when every line of every trace agrees.\n",
        out);
}

int sim_cmd_replay(int argc, char **argv)
{
    enum sim_choice choice = SIM_CHOICE_BOTH;
    bool is_quiet = false;
    int first = 1;
    for (; first < argc && argv[first][0] == '-' && argv[first][1] != '\0'; first++) {
        const char *option = argv[first];
        if (strcmp(option, "--help") == 0) {
            sim_replay_help(stdout);
            return SIM_EXIT_OK;
        }
        if (strcmp(option, "--quiet") == 0) {
            is_quiet = true;
        } else if (strcmp(option, "--engine") == 0 && first + 1 < argc &&
                   sim_world_parse_choice(argv[first + 1], &choice)) {
            first++;
        } else {
            sim_error("replay: %s is no option, or lacks its value: see plimsoll replay --help",
                      option);
            return SIM_EXIT_USAGE;
        }
    }
    if (first == argc) {
        sim_error("replay: which trace? See plimsoll replay --help");
        return SIM_EXIT_USAGE;
    }
    int status = SIM_EXIT_OK;
    for (int i = first; i < argc && !sim_interrupted(); i++) {
        uint64_t operations = 0;
        if (!sim_trace_replay(argv[i], choice, &operations)) {
            status = SIM_EXIT_FAILED;
        } else if (!is_quiet) {
            (void)printf("%s: %" PRIu64 " operations agree\n", argv[i], operations);
        }
    }
    return sim_interrupted() ? SIM_EXIT_FAILED : status;
}

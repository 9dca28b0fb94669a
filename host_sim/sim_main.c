/* SPDX-License-Identifier: Apache-2.0
 * plimsoll: finds the command and runs it.
 * It knows the commands' names and nothing of what they do. */
#include "sim_main.h"

#include "plm_abi.h"
#include "sim_error.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct sim_command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *text;
};

/* One row per command whose source exists. */
static const struct sim_command sim_commands[] = {
    {"run", sim_cmd_run, "run scenarios"},
    {"check", sim_cmd_check, "check scenarios without running them"},
    {"new", sim_cmd_new, "write a commented scenario to start from"},
    {"query", sim_cmd_query, "look into the database of a run"},
    {"generate", sim_cmd_generate, "write a generated crash as a price series"},
    {"replay", sim_cmd_replay, "replay a trace or calls file on any engine, comparing every state"},
    {"vectors", sim_cmd_vectors, "judge the auditors' vectors, by rule"},
    {"lint", sim_cmd_lint, "hold a scenario's markets against the envelope"},
    {"fuzz", sim_cmd_fuzz, "search for what breaks an invariant, from seeds"},
    {"adversary", sim_cmd_adversary, "search for a profit of a group of accounts"},
    {"stress", sim_cmd_stress, "play a scenario on many price paths, and sum up who pays"},
    {"bench", sim_cmd_bench, "time the core, operations and a full scan"},
    {"abi", sim_cmd_abi, "print the tables of messages, records, events and errors"},
};

#define SIM_COMMAND_COUNT (sizeof sim_commands / sizeof sim_commands[0])

static void sim_main_help(FILE *out)
{
    (void)fputs("plimsoll COMMAND [ARGUMENTS]\n"
                "\n"
                "A margin engine for crypto derivatives, and the chain in a box that runs it.\n"
                "\n",
                out);
    for (size_t i = 0; i < SIM_COMMAND_COUNT; i++) {
        (void)fprintf(out, "  %-9s  %s\n", sim_commands[i].name, sim_commands[i].text);
    }
    (void)fputs("\nplimsoll COMMAND --help explains a command; plimsoll --version names versions.\n"
                "The exit status is 0 only when all went as expected.\n",
                out);
}

static void sim_main_version(void)
{
    (void)printf("plimsoll %s, ABI version %d, rulebook version %d, record version %d\n",
                 SIM_VERSION,
                 (int)PLM_ABI_VERSION,
                 (int)PLM_RULEBOOK_VERSION,
                 (int)PLM_RECORD_VERSION);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        sim_main_help(stderr);
        return SIM_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        sim_main_help(stdout);
        return SIM_EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        sim_main_version();
        return SIM_EXIT_OK;
    }
    for (size_t i = 0; i < SIM_COMMAND_COUNT; i++) {
        if (strcmp(argv[1], sim_commands[i].name) == 0) {
            sim_error_catch_interrupt();
            const int status = sim_commands[i].run(argc - 1, argv + 1);
            /* A full disk or a closed pipe is seen only here. */
            if (fflush(stdout) != 0 && status == SIM_EXIT_OK) {
                sim_error("the output could not be written: is the disk full?");
                return SIM_EXIT_FAILED;
            }
            return status;
        }
    }
    sim_error("%s is no command: see plimsoll --help", argv[1]);
    return SIM_EXIT_USAGE;
}

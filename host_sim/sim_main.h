/* SPDX-License-Identifier: Apache-2.0
 * The commands of plimsoll. Each handles its own --help, prints errors by sim_error.h, and returns
 * the exit status: 0 only when all went as expected, 1 when not, 2 for a wrong command line.
 * argv[0] is the command's name. A new command is a prototype here and a row in sim_main.c. */
#ifndef SIM_MAIN_H
#define SIM_MAIN_H

#define SIM_EXIT_OK     0
#define SIM_EXIT_FAILED 1
#define SIM_EXIT_USAGE  2

int sim_cmd_run(int argc, char **argv);       /* sim_run.c: scenarios */
int sim_cmd_check(int argc, char **argv);     /* the same: parses only */
int sim_cmd_new(int argc, char **argv);       /* the same: a commented template */
int sim_cmd_replay(int argc, char **argv);    /* sim_replay.c */
int sim_cmd_abi(int argc, char **argv);       /* sim_abi_write.c */
int sim_cmd_query(int argc, char **argv);     /* sim_query.c: looks into a database */
int sim_cmd_generate(int argc, char **argv);  /* sim_generate.c: a price series */
int sim_cmd_vectors(int argc, char **argv);   /* auditors' vectors */
int sim_cmd_lint(int argc, char **argv);      /* parameters against the envelope */
int sim_cmd_fuzz(int argc, char **argv);      /* simulation testing */
int sim_cmd_adversary(int argc, char **argv); /* adversary search */
int sim_cmd_stress(int argc, char **argv);    /* many paths through one scenario */
int sim_cmd_bench(int argc, char **argv);     /* benchmarks */

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Calls files: what happened to a contract, one line of JSON a call, in a form that a chain's test
 * driver can repeat and that a recorder on a real chain can write; and the way back, which applies
 * such a file to the engines and compares. Spec: docs/SCENARIOS.md, "Calls files".
 * It must never know what a message means. */
#ifndef SIM_CALLS_H
#define SIM_CALLS_H

#include "sim_json.h"
#include "sim_scenario_parse.h"
#include "sim_world.h"

struct sim_calls;

/* True where all that a scenario does can be said in a calls file: no series, no crowd. Else *line
 * is the statement's and *verb its word. */
bool sim_calls_may_follow(const struct sim_script *script, uint32_t *line, const char **verb);

/* Opens a calls file and follows the world from now on; `name` is the scenario's. NULL where the
 * file cannot be written (the error is printed). */
struct sim_calls *sim_calls_open(const char *path, const char *name, struct sim_world *world);
/* Writes the last line and frees; false where a write failed (the error is printed). */
bool sim_calls_close(struct sim_calls *calls);

/* The members of a call's line that say what it did: code, events, payments, data, state. */
json_t *sim_calls_outcome(struct sim_world *world,
                          const struct sim_op *op,
                          const struct sim_outcome *outcome,
                          const char **why);
/* The members of the last line: the state's digest and all keys. */
json_t *sim_calls_end(struct sim_world *world);

/* What a replay did. */
struct sim_calls_result {
    uint64_t calls;   /* applied, or refused by both readers of JSON */
    uint64_t skipped; /* lines without a JSON form */
    char state[65];   /* digest of the last state, in hexadecimal */
};

/* True for a file whose first byte begins an object. */
bool sim_calls_is_file(const char *path);
/* Applies a calls file to a new world and compares what each line has: code, events, payments,
 * data, state, keys. Errors are printed as `file:line: what, and what to do`. `dump`: where the
 * last line of the result goes, or NULL. */
bool sim_calls_replay(const char *path,
                      enum sim_choice choice,
                      const char *dump,
                      struct sim_calls_result *result);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Trace files: what happened to a world, one line an operation, so that any engine can replay it.
 *     plimsoll-trace/1 version 0.1.0 genesis <state hash>
 *     number time height caller funds message code hash [fail n]
 * caller and message are hexadecimal (- = empty), funds `token:atoms` joined by commas (- = none;
 * the token hexadecimal), code a symbol of errors.def, hash the state hash after the operation. It
 * must never know what a message means. */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include "sim_world.h"

struct sim_trace;

/* Opens a trace and follows the world from now on; a name that ends in .gz is compressed. NULL
 * where the file cannot be written (the error is printed). */
struct sim_trace *sim_trace_open(const char *path, struct sim_world *world);
/* Goes on with another world (after a restored snapshot); the old one may be gone. */
void sim_trace_follow(struct sim_trace *trace, struct sim_world *world);
/* Writes what is left and frees; false where a write failed (the error is printed). */
bool sim_trace_close(struct sim_trace *trace);

/* Replays a trace on a new world and compares every code and hash. Errors are printed as
 * `file:line: what, and what to do`. Returns true when all agree; *operations counts them. */
bool sim_trace_replay(const char *path, enum sim_choice choice, uint64_t *operations);

#endif

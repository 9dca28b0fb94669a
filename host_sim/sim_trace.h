/* SPDX-License-Identifier: Apache-2.0
 * Trace files: what happened to a world, one line an operation, so that any engine, and the
 * reference model, can replay it.
 *     plimsoll-trace/2 version 0.1.0 genesis <state hash>
 *     number time height caller funds message code hash told [fail=n] [migrate]
 *     end <operations>
 * caller and message are hexadecimal (- = empty), funds `token:atoms` joined by commas (- = none;
 * the token hexadecimal), code a symbol of errors.def, hash the state hash after the operation,
 * told what the operation told (sim_trace_told; - where it was refused). Several worlds may follow
 * one another, each with its header and its end. It must never know what a message means. */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include "sim_world.h"

struct sim_trace;

/* Opens a trace and follows the world from now on; a name that ends in .gz is compressed, -
 * is the standard output; with `appends` it is one more world of the file. NULL
 * where the file cannot be written (the error is printed). */
struct sim_trace *sim_trace_open(const char *path, bool appends, struct sim_world *world);
/* Goes on with another world (after a restored snapshot); the old one may be gone. */
void sim_trace_follow(struct sim_trace *trace, struct sim_world *world);
/* Writes what is left and frees; false where a write failed (the error is printed). */
bool sim_trace_close(struct sim_trace *trace);

/* FNV-64 of what an accepted operation told: of each event its id and length (4 bytes each, big-
 * endian) and its bytes; of each payment `P`, the length of the payee and its bytes, of the token
 * likewise (1 byte each), atoms in 16 and payout in 8 bytes, big-endian; then `R`, the reply's
 * length in 4 bytes, and the reply. */
uint64_t sim_trace_told(const struct sim_outcome *outcome);

/* What to print of a replay: operation `operation` of world `world`, both from 1; 0 = nothing. */
struct sim_trace_show {
    uint64_t world;
    uint64_t operation;
};

/* Replays a trace, each of its worlds from nothing, and compares every code, hash and told. Errors
 * are printed as `file:line: what, and what to do`. `show` may be NULL; what it names is printed
 * on stdout, and what follows it is not replayed. Returns true when all agree; *operations counts
 * them. */
bool sim_trace_replay(const char *path,
                      enum sim_choice choice,
                      const struct sim_trace_show *show,
                      uint64_t *operations);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * How the simulator tells a user what is wrong, and how Ctrl-C ends a run.
 * An error reads `file:line: what, and what to do`. It knows nothing of what went wrong. */
#ifndef SIM_ERROR_H
#define SIM_ERROR_H

#include <stdbool.h>

/* Prints `file:line: text` to stderr; `plimsoll: text` where file is NULL, `file: text` at line 0.
 * Safe from several threads: a message is written at once. */
void sim_error_at(const char *file, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same without a place. */
void sim_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* How many errors were printed so far, by all threads. */
unsigned sim_error_count(void);

/* Ends the program with a sentence: a bug of ours or an exhausted machine, never a user's mistake.
 */
__attribute__((noreturn)) void sim_error_fatal(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* From now on Ctrl-C (and SIGTERM) raise a flag; the second one ends the program. */
void sim_error_catch_interrupt(void);
/* True after Ctrl-C: long loops look at it, write what they have and leave. */
bool sim_interrupted(void);

#endif

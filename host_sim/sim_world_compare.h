/* SPDX-License-Identifier: Apache-2.0
 * Lockstep: two outcomes of the same call must be the same, byte for byte.
 * It knows nothing of what the bytes mean beyond their names. */
#ifndef SIM_WORLD_COMPARE_H
#define SIM_WORLD_COMPARE_H

#include "sim_engine.h"

/* True where both agree in code, trap, events, payments, reply and writes; else `text` says what
 * the first difference is, with key and bytes of both. */
bool sim_world_compare(const struct sim_outcome *left,
                       const char *left_name,
                       const struct sim_outcome *right,
                       const char *right_name,
                       struct sim_buffer *text);

#endif

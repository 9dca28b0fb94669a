/* SPDX-License-Identifier: Apache-2.0
 * Fuzzing the engine: bytes become blocks, prices, operations, queries and faults, sent through
 * the simulator's world to the engines chosen, with the auditor behind every one. */
#ifndef PLM_FUZZ_ENGINE_H
#define PLM_FUZZ_ENGINE_H

#include "sim_world.h"

/* One input: aborts at a trap, a difference of two engines, a refusal that left effects, or an
 * invariant that does not hold, and says what on stderr. With PLIMSOLL_FUZZ_PRINT in the
 * environment every step is printed: for reading a finding. */
void plm_fuzz_engine(enum sim_choice choice, const uint8_t *data, size_t size);

#endif

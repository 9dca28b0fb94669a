/* SPDX-License-Identifier: Apache-2.0
 * Canaries of a fuzz target: places that it must reach. A target counts what it reached; when it
 * ends with PLIMSOLL_FUZZ_CANARIES in the environment, as in every test, it prints the counts and
 * fails where one is too low: a target that no longer reaches its code is blind, and would pass. */
#ifndef PLM_FUZZ_CANARY_H
#define PLM_FUZZ_CANARY_H

#include <stddef.h>
#include <stdint.h>

struct plm_fuzz_canary {
    const char *name;
    uint64_t needed; /* the least count that is no failure */
    uint64_t count;
};

/* Takes the list once, for the end; further calls do nothing. It must live as long as the process.
 */
void plm_fuzz_canaries(struct plm_fuzz_canary *list, size_t count);

#endif

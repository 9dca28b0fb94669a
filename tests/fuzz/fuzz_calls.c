// SPDX-License-Identifier: Apache-2.0
/* Random bytes as a calls file: every message read by the strict JSON reader and applied to the
 * engine, every stated outcome compared, to its end; or refused with a sentence.
 * build: sim tests/fuzz/file.c tests/fuzz/canary.c host_sim/sim_calls.c host_sim/sim_calls_replay.c
 * build: host_sim/sim_abi_chain_read.c */
#include "sim_calls.h"
#include "sim_error.h"

#include <stdlib.h>

#include "fuzz/canary.h"
#include "fuzz/file.h"

static struct plm_fuzz_canary canaries[] = {
    {"files refused", 1, 0},
    {"files that agree to their end", 1, 0},
    {"files with calls", 1, 0},
};

enum {
    REFUSED,
    AGREED,
    CALLED
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sim_calls_result result = {0};
    plm_fuzz_canaries(canaries, sizeof canaries / sizeof canaries[0]);
    const unsigned before = sim_error_count();
    const char *path = plm_fuzz_file(data, size);
    plm_fuzz_hush(true);
    const bool agrees = sim_calls_replay(path, SIM_CHOICE_NATIVE, NULL, &result);
    plm_fuzz_hush(false);
    if (!agrees && sim_error_count() == before) {
        abort(); /* a refusal says what and what to do */
    }
    canaries[agrees ? AGREED : REFUSED].count++;
    canaries[CALLED].count += result.calls != 0 ? 1 : 0;
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
/* Random bytes as a trace, plain or gzip: replayed to its end, or refused with a sentence.
 * build: sim tests/fuzz/file.c tests/fuzz/canary.c host_sim/sim_trace.c */
#include "sim_error.h"
#include "sim_trace.h"

#include <stdlib.h>

#include "fuzz/canary.h"
#include "fuzz/file.h"

static struct plm_fuzz_canary canaries[] = {
    {"traces refused", 1, 0},
    {"traces that agree to their end", 1, 0},
    {"traces of operations", 1, 0},
};

enum {
    REFUSED,
    AGREED,
    PLAYED
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t operations = 0;
    plm_fuzz_canaries(canaries, sizeof canaries / sizeof canaries[0]);
    const unsigned before = sim_error_count();
    const char *path = plm_fuzz_file(data, size);
    plm_fuzz_hush(true);
    const bool agrees = sim_trace_replay(path, SIM_CHOICE_NATIVE, NULL, &operations);
    plm_fuzz_hush(false);
    if (!agrees && sim_error_count() == before) {
        abort(); /* a refusal says what and what to do */
    }
    canaries[agrees ? AGREED : REFUSED].count++;
    canaries[PLAYED].count += operations != 0 ? 1 : 0;
    return 0;
}

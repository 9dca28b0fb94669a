// SPDX-License-Identifier: Apache-2.0
/* Random bytes as a trace, plain or gzip: replayed to its end, or refused with a sentence.
 * build: sim tests/fuzz/file.c host_sim/sim_trace.c */
#include "sim_error.h"
#include "sim_trace.h"

#include <stdlib.h>

#include "fuzz/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t operations = 0;
    const unsigned before = sim_error_count();
    const char *path = plm_fuzz_file(data, size);
    plm_fuzz_hush(true);
    const bool agrees = sim_trace_replay(path, SIM_CHOICE_NATIVE, &operations);
    plm_fuzz_hush(false);
    if (!agrees && sim_error_count() == before) {
        abort(); /* a refusal says what and what to do */
    }
    return 0;
}

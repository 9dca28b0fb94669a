// SPDX-License-Identifier: Apache-2.0
/* The same random operations and queries to the native engine and to the WebAssembly of the
 * contract: their results, events, payments, replies and states agree.
 * build: sim tests/fuzz/engine.c tests/fuzz/canary.c */
#include "fuzz/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plm_fuzz_engine(SIM_CHOICE_BOTH, data, size);
    return 0;
}

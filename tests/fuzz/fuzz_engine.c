// SPDX-License-Identifier: Apache-2.0
/* Random operations and queries to the native engine: it never traps, refuses without a trace, and
 * keeps every invariant of the auditor.
 * build: sim tests/fuzz/engine.c */
#include "fuzz/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plm_fuzz_engine(SIM_CHOICE_NATIVE, data, size);
    return 0;
}

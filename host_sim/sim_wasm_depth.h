/* SPDX-License-Identifier: Apache-2.0
 * The call depth that code of wasm2c counts, one per thread. wasm-rt.h declares one for the whole
 * program; included before it, this header turns that declaration into one of the function below.
 * The build includes it ahead of the generated code. */
#ifndef SIM_WASM_DEPTH_H
#define SIM_WASM_DEPTH_H

#include <stdint.h>

extern _Thread_local uint32_t sim_wasm_depth;

static inline uint32_t *sim_wasm_depth_here(void)
{
    return &sim_wasm_depth;
}

#define wasm_rt_call_stack_depth (*sim_wasm_depth_here())

#endif

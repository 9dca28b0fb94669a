/* SPDX-License-Identifier: Apache-2.0
 * The contract's own bytes, translated to C by wasm2c: one fresh instance per call.
 * Internal to the engines; it knows no rule. */
#ifndef SIM_ENGINE_WASM_H
#define SIM_ENGINE_WASM_H

#include "sim_host.h"

enum sim_entry_point {
    SIM_ENTRY_APPLY,
    SIM_ENTRY_QUERY,
    SIM_ENTRY_MIGRATE,
};

/* Runs one entry of the product's or the lab's module; the result is the module's. Traps leave by
 * sim_host_trap. */
int32_t sim_engine_wasm_call(struct plm_host *host,
                             bool is_lab,
                             enum sim_entry_point entry,
                             struct sim_span message);

#endif

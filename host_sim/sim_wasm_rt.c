/* SPDX-License-Identifier: Apache-2.0
 * The runtime that code of wasm2c needs, for modules of ours: a fixed memory of at most four pages,
 * no table that is called through, traps that end the call. Each thread has one memory, cleared for
 * each instance, so that a call costs no allocation and no run can leak.
 * It knows nothing of the contract. */
#include "sim_error.h"
#include "sim_host.h"
#include "sim_wasm_depth.h"

#include <stdbool.h>
#include <string.h>
#include <wasm-rt.h>

#define SIM_WASM_PAGE      65536u
#define SIM_WASM_PAGES_MAX 4u

_Thread_local uint32_t sim_wasm_depth;

static _Thread_local uint8_t sim_wasm_memory[SIM_WASM_PAGE * SIM_WASM_PAGES_MAX];

bool wasm_rt_is_initialized(void)
{
    return true;
}

void wasm_rt_trap(wasm_rt_trap_t trap)
{
    sim_host_trap(wasm_rt_strerror(trap));
}

const char *wasm_rt_strerror(wasm_rt_trap_t trap)
{
    switch (trap) {
    case WASM_RT_TRAP_NONE: return "wasm: no error";
    case WASM_RT_TRAP_OOB: return "wasm: access outside of the memory";
    case WASM_RT_TRAP_INT_OVERFLOW: return "wasm: a quotient does not fit";
    case WASM_RT_TRAP_DIV_BY_ZERO: return "wasm: division by zero";
    case WASM_RT_TRAP_INVALID_CONVERSION: return "wasm: invalid conversion";
    case WASM_RT_TRAP_UNREACHABLE: return "wasm: unreachable, an assertion of the contract";
    case WASM_RT_TRAP_CALL_INDIRECT: return "wasm: invalid indirect call";
    case WASM_RT_TRAP_UNCAUGHT_EXCEPTION: return "wasm: exception";
    case WASM_RT_TRAP_EXHAUSTION: return "wasm: call depth exhausted";
    }
    return "wasm: unknown trap";
}

/* No type is looked up: nothing of ours is called through a table. */
uint32_t wasm_rt_register_func_type(uint32_t params, uint32_t results, ...)
{
    (void)params;
    (void)results;
    return 1;
}

void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint32_t initial_pages, uint32_t max_pages)
{
    if (initial_pages > SIM_WASM_PAGES_MAX) {
        sim_error_fatal("the module wants %u pages of memory, %u at most: see link.txt",
                        initial_pages,
                        SIM_WASM_PAGES_MAX);
    }
    memory->data = sim_wasm_memory;
    memory->pages = initial_pages;
    memory->max_pages = max_pages;
    memory->size = initial_pages * SIM_WASM_PAGE;
    memset(sim_wasm_memory, 0, memory->size);
}

uint32_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint32_t pages)
{
    (void)memory;
    (void)pages;
    return UINT32_MAX;
}

void wasm_rt_free_memory(wasm_rt_memory_t *memory)
{
    memory->data = NULL;
    memory->size = 0;
}

/* A linker may leave an empty table behind. */
void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t *table,
                                    uint32_t elements,
                                    uint32_t max_elements)
{
    static _Thread_local wasm_rt_funcref_t empty[1];
    if (elements > 1) {
        sim_error_fatal("the module has a table of %u functions: function pointers are not ours",
                        elements);
    }
    table->data = empty;
    table->size = elements;
    table->max_size = max_elements;
}

void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t *table)
{
    table->data = NULL;
    table->size = 0;
}

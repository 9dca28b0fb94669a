/* SPDX-License-Identifier: Apache-2.0
 * The memory that the chain and the contract share.
 * Natively a handle is a distance from the arena's start, so that it fits 32 bits in tests too. */
#include "plm_cosmwasm_region.h"

#define PLM_COSMWASM_ALIGN 8u

static struct {
    uint64_t none[2]; /* no handle is 0 */
    uint64_t words[PLM_COSMWASM_ARENA_BYTES / PLM_COSMWASM_ALIGN];
} plm_cosmwasm_arena;

static uint32_t plm_cosmwasm_used;

#if defined(__wasm__)
static uint32_t handle_of(const void *at)
{
    return (uint32_t)(uintptr_t)at;
}

static uint8_t *address_of(uint32_t handle)
{
    return (uint8_t *)(uintptr_t)handle; /* NOLINT(performance-no-int-to-ptr): that is a handle */
}
#else
static uint32_t handle_of(const void *at)
{
    return (uint32_t)((uintptr_t)at - (uintptr_t)&plm_cosmwasm_arena);
}

static uint8_t *address_of(uint32_t handle)
{
    /* Static memory may lie on either side of the arena. */
    return (uint8_t *)((uintptr_t)&plm_cosmwasm_arena + /* NOLINT(performance-no-int-to-ptr) */
                       (uintptr_t)(intptr_t)(int32_t)handle);
}
#endif

void plm_cosmwasm_region_release(uint32_t mark)
{
    plm_cosmwasm_used = mark;
}

uint32_t plm_cosmwasm_region_mark(void)
{
    return plm_cosmwasm_used;
}

uint32_t plm_cosmwasm_region_of(struct plm_cosmwasm_region *region,
                                const uint8_t *bytes,
                                uint32_t length,
                                uint32_t capacity)
{
    region->offset = handle_of(bytes);
    region->capacity = capacity;
    region->length = length;
    return handle_of(region);
}

struct plm_cosmwasm_span plm_cosmwasm_region_span(uint32_t handle)
{
    struct plm_cosmwasm_region region;
    __builtin_memcpy(&region, address_of(handle), sizeof region);
    return (struct plm_cosmwasm_span){address_of(region.offset), region.length};
}

PLM_COSMWASM_EXPORT("allocate") uint32_t plm_cosmwasm_region_allocate(uint32_t size)
{
    const uint32_t header = 2 * PLM_COSMWASM_ALIGN;
    size += size == 0 ? 1 : 0; /* a region of nothing has an address too */
    const uint32_t left = PLM_COSMWASM_ARENA_BYTES - plm_cosmwasm_used;
    if (size > left || left - size < header + PLM_COSMWASM_ALIGN) {
        return 0;
    }
    uint8_t *at = (uint8_t *)plm_cosmwasm_arena.words + plm_cosmwasm_used;
    const uint32_t rounded = (size + PLM_COSMWASM_ALIGN - 1) / PLM_COSMWASM_ALIGN;
    plm_cosmwasm_used += header + rounded * PLM_COSMWASM_ALIGN;
    return plm_cosmwasm_region_of((struct plm_cosmwasm_region *)(void *)at, at + header, 0, size);
}

PLM_COSMWASM_EXPORT("deallocate") void plm_cosmwasm_region_deallocate(uint32_t handle)
{
    (void)handle; /* the instance ends with the call */
}

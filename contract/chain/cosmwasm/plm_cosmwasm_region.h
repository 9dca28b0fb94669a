/* SPDX-License-Identifier: Apache-2.0
 * The memory that the chain and the contract share: regions, the arena behind them, the imports.
 * A region is how CosmWasm hands bytes over: 12 bytes {offset, capacity, length} in our memory.
 * Every call runs in a fresh instance: nothing is freed but what was only looked at, by going back
 * to a mark. It knows no message and no rule. */
#ifndef PLM_CHAIN_COSMWASM_REGION_H
#define PLM_CHAIN_COSMWASM_REGION_H

#include <stdint.h>

/* Room for what the chain hands in: env, info, the message, and one stored value at a time. */
#define PLM_COSMWASM_ARENA_BYTES 65536u

/* The digits of base64, which the reader and the writer share. */
#define PLM_COSMWASM_BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

struct plm_cosmwasm_region {
    uint32_t offset;
    uint32_t capacity;
    uint32_t length;
};

/* Bytes handed in, and how many there are. */
struct plm_cosmwasm_span {
    const uint8_t *bytes;
    uint32_t length;
};

#if defined(__wasm__)
#define PLM_COSMWASM_IMPORT(name) __attribute__((import_module("env"), import_name(name)))
#define PLM_COSMWASM_EXPORT(name) __attribute__((export_name(name)))
#else /* tests and fuzzers are the chain: they define the imports */
#define PLM_COSMWASM_IMPORT(name)
#define PLM_COSMWASM_EXPORT(name)
#endif

/* Handles are addresses of regions. What each import means: README.md beside this file. */
PLM_COSMWASM_IMPORT("db_read") uint32_t plm_cosmwasm_db_read(uint32_t key);
PLM_COSMWASM_IMPORT("db_write") void plm_cosmwasm_db_write(uint32_t key, uint32_t value);
PLM_COSMWASM_IMPORT("db_remove") void plm_cosmwasm_db_remove(uint32_t key);
PLM_COSMWASM_IMPORT("addr_validate") uint32_t plm_cosmwasm_addr_validate(uint32_t text);
PLM_COSMWASM_IMPORT("addr_canonicalize")
uint32_t plm_cosmwasm_addr_canonicalize(uint32_t text, uint32_t bytes);
PLM_COSMWASM_IMPORT("addr_humanize")
uint32_t plm_cosmwasm_addr_humanize(uint32_t bytes, uint32_t text);
PLM_COSMWASM_IMPORT("abort") _Noreturn void plm_cosmwasm_abort(uint32_t text);

/* The two exports by which the chain gets memory from us; 0 where the arena is full, which the
 * chain reports as a failed call. */
PLM_COSMWASM_EXPORT("allocate") uint32_t plm_cosmwasm_region_allocate(uint32_t size);
PLM_COSMWASM_EXPORT("deallocate") void plm_cosmwasm_region_deallocate(uint32_t handle);

/* plm_cosmwasm_region_release: the arena back to a mark (0: all of it). _mark: where it is now. */
void plm_cosmwasm_region_release(uint32_t mark);
uint32_t plm_cosmwasm_region_mark(void);
/* plm_cosmwasm_region_span: the bytes of a region that the chain filled. */
struct plm_cosmwasm_span plm_cosmwasm_region_span(uint32_t handle);
/* plm_cosmwasm_region_of: fills *region for `length` of `capacity` bytes at `bytes`, and returns
 * its handle. The bytes lie in the module's static memory. */
uint32_t plm_cosmwasm_region_of(struct plm_cosmwasm_region *region,
                                const uint8_t *bytes,
                                uint32_t length,
                                uint32_t capacity);

#endif

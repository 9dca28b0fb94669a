/* SPDX-License-Identifier: Apache-2.0
 * The key-value store under one engine: a hash map whose keys can also be walked in order, a write
 * set per operation with commit and rollback, and the chain of state hashes.
 * It must never know what a key or a value means. */
#ifndef SIM_STORE_H
#define SIM_STORE_H

#include "sim_abi.h"
#include "sim_bytes.h"

/* One key that an operation changed. before.bytes is NULL where the key was absent, after.bytes
 * where it was deleted. */
struct sim_write {
    struct sim_key key;
    struct sim_span before;
    struct sim_span after;
};

/* The changed keys of one operation, in ascending order of the key; writes that changed nothing are
 * left out. It keeps the values alive until it is freed. {0} is empty. */
struct sim_writes {
    struct sim_write *rows;
    uint32_t count;
    size_t capacity;
};

void sim_store_writes_free(struct sim_writes *writes);
/* Empties a write set and keeps its memory; copies one, so that both keep the values alive. */
void sim_store_writes_clear(struct sim_writes *writes);
void sim_store_writes_copy(struct sim_writes *to, const struct sim_writes *from);

struct sim_store;

struct sim_store *sim_store_new(void);
/* A copy that shares the values, not the changes: a hundred thousand accounts in milliseconds. The
 * copy may go to another thread. */
struct sim_store *sim_store_copy(const struct sim_store *store);
void sim_store_free(struct sim_store *store);

/* Reads: what was set in the open operation is seen. False where the key is absent. */
bool sim_store_get(const struct sim_store *store, struct sim_span key, struct sim_span *value);
uint64_t sim_store_count(const struct sim_store *store);

/* One operation: begin, set and del, then commit or rollback. Outside of an operation nothing may
 * be set. The commit replaces `writes` by what changed; `writes` may be NULL. */
void sim_store_begin(struct sim_store *store);
void sim_store_set(struct sim_store *store, struct sim_span key, struct sim_span value);
void sim_store_del(struct sim_store *store, struct sim_span key);
void sim_store_commit(struct sim_store *store, struct sim_writes *writes);
void sim_store_rollback(struct sim_store *store);

/* Mixes one finished operation into the chain: h = mix(h, opcode, code, changed keys in order, new
 * bytes). In bytes: h (8, little-endian), opcode (1), code (2), then per change the key's length
 * (1), the key, the value's length (4; 0 = deleted), the value; FNV-1a of all that is the new h. */
uint64_t sim_store_mix(struct sim_store *store,
                       uint8_t opcode,
                       int32_t code,
                       const struct sim_writes *writes);
/* The chain's last value; SIM_HASH_START at first. */
uint64_t sim_store_hash(const struct sim_store *store);
/* Puts the chain back to an earlier value: the fault loop runs an operation many times. */
void sim_store_set_hash(struct sim_store *store, uint64_t hash);
/* SHA-256 over every key and value in ascending order of the key, each behind its length in four
 * bytes, little-endian. */
void sim_store_digest(struct sim_store *store, uint8_t *out32);

/* Walks the keys that begin with `prefix`, in ascending order. The store must not change meanwhile.
 *     struct sim_cursor at = sim_store_scan(store, prefix);
 *     while (sim_store_next(&at)) { at.key, at.value }                                           */
struct sim_cursor {
    struct sim_span key;
    struct sim_span value;
    const struct sim_store *store;
    size_t position;
    uint8_t prefix[SIM_KEY_MAX];
    uint32_t prefix_length;
};
struct sim_cursor sim_store_scan(struct sim_store *store, struct sim_span prefix);
bool sim_store_next(struct sim_cursor *cursor);

#endif

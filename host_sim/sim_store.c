/* SPDX-License-Identifier: Apache-2.0
 * The key-value store under one engine: a hash map whose keys can also be walked in order, a write
 * set per operation with commit and rollback, and the chain of state hashes.
 * It must never know what a key or a value means. */
#include "sim_store.h"

#include "sim_error.h"

#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SIM_STORE_CHUNK       512u
#define SIM_STORE_SLOTS       1024u
#define SIM_STORE_KEEP_ABSENT 4096u

/* A value never changes once it is stored: copies of the store and write sets share it. */
struct sim_value {
    atomic_uint holders;
    uint32_t length;
    uint8_t bytes[];
};

/* A key that was ever set; value is NULL while it is absent. */
struct sim_entry {
    struct sim_key key;
    struct sim_value *value;
    uint64_t mark; /* the operation that changed it last */
};

struct sim_chunk {
    struct sim_chunk *next;
    uint32_t used;
    struct sim_entry entries[SIM_STORE_CHUNK];
};

/* A key that the open operation changed, with its value before. */
struct sim_change {
    struct sim_entry *entry;
    struct sim_value *before;
};

struct sim_store {
    struct sim_chunk *chunks;
    struct sim_entry **slots; /* open addressing; the size is a power of two */
    size_t slot_count;
    struct sim_entry **order; /* all entries, the first sorted_count in ascending order */
    size_t order_capacity;
    size_t entry_count;
    size_t sorted_count;
    size_t present_count;
    struct sim_change *changes;
    size_t change_count;
    size_t change_capacity;
    uint64_t operation; /* counts operations, for sim_entry.mark */
    uint64_t hash;
    bool is_open;
};

/* --- values ------------------------------------------------------------------------------ */
static struct sim_value *sim_value_new(struct sim_span bytes)
{
    struct sim_value *value = sim_bytes_alloc(1, sizeof(struct sim_value) + bytes.length);
    atomic_init(&value->holders, 1);
    value->length = (uint32_t)bytes.length;
    memcpy(value->bytes, bytes.bytes, bytes.length);
    return value;
}

static struct sim_value *sim_value_hold(struct sim_value *value)
{
    if (value != NULL) {
        atomic_fetch_add_explicit(&value->holders, 1, memory_order_relaxed);
    }
    return value;
}

static void sim_value_release(struct sim_value *value)
{
    if (value != NULL && atomic_fetch_sub_explicit(&value->holders, 1, memory_order_acq_rel) == 1) {
        free(value);
    }
}

static struct sim_span sim_value_span(const struct sim_value *value)
{
    if (value == NULL) {
        return (struct sim_span){NULL, 0};
    }
    return (struct sim_span){value->bytes, value->length};
}

/* The value whose bytes a write set shows. */
static struct sim_value *sim_value_of(struct sim_span span)
{
    if (span.bytes == NULL) {
        return NULL;
    }
    const uintptr_t at = (uintptr_t)span.bytes - offsetof(struct sim_value, bytes);
    return (struct sim_value *)at;
}

/* --- entries ----------------------------------------------------------------------------- */
static struct sim_span sim_entry_key(const struct sim_entry *entry)
{
    return (struct sim_span){entry->key.bytes, entry->key.length};
}

static size_t sim_store_slot(const struct sim_store *store, struct sim_span key)
{
    const size_t mask = store->slot_count - 1;
    uint64_t hash = sim_bytes_mix(SIM_HASH_START, key.bytes, key.length);
    hash ^= hash >> 32;
    size_t slot = (size_t)hash & mask;
    while (store->slots[slot] != NULL && !sim_bytes_equal(sim_entry_key(store->slots[slot]), key)) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void sim_store_rehash(struct sim_store *store, size_t slot_count)
{
    free(store->slots);
    store->slots = sim_bytes_alloc(slot_count, sizeof *store->slots);
    store->slot_count = slot_count;
    for (size_t i = 0; i < store->entry_count; i++) {
        store->slots[sim_store_slot(store, sim_entry_key(store->order[i]))] = store->order[i];
    }
}

static struct sim_entry *sim_store_insert(struct sim_store *store, struct sim_span key)
{
    if (key.length == 0 || key.length > SIM_KEY_MAX) {
        sim_error_fatal("a storage key of %zu bytes: keys have 1 to %u", key.length, SIM_KEY_MAX);
    }
    if ((store->entry_count + 1) * 2 > store->slot_count) {
        sim_store_rehash(store, store->slot_count * 2);
    }
    if (store->chunks == NULL || store->chunks->used == SIM_STORE_CHUNK) {
        struct sim_chunk *chunk = sim_bytes_alloc(1, sizeof *chunk);
        chunk->next = store->chunks;
        store->chunks = chunk;
    }
    struct sim_entry *entry = &store->chunks->entries[store->chunks->used++];
    memcpy(entry->key.bytes, key.bytes, key.length);
    entry->key.length = (uint32_t)key.length;
    store->order = sim_bytes_grow(
        store->order, &store->order_capacity, store->entry_count + 1, sizeof(struct sim_entry *));
    store->order[store->entry_count++] = entry;
    store->slots[sim_store_slot(store, key)] = entry;
    return entry;
}

/* --- life -------------------------------------------------------------------------------- */
struct sim_store *sim_store_new(void)
{
    struct sim_store *store = sim_bytes_alloc(1, sizeof *store);
    store->hash = SIM_HASH_START;
    sim_store_rehash(store, SIM_STORE_SLOTS);
    return store;
}

static void sim_store_free_chunks(struct sim_chunk *chunk)
{
    while (chunk != NULL) {
        struct sim_chunk *next = chunk->next;
        for (uint32_t i = 0; i < chunk->used; i++) {
            sim_value_release(chunk->entries[i].value);
        }
        free(chunk);
        chunk = next;
    }
}

void sim_store_free(struct sim_store *store)
{
    if (store == NULL) {
        return;
    }
    if (store->is_open) {
        sim_store_rollback(store);
    }
    sim_store_free_chunks(store->chunks);
    free(store->slots);
    free(store->order);
    free(store->changes);
    free(store);
}

struct sim_store *sim_store_copy(const struct sim_store *store)
{
    struct sim_store *copy = sim_store_new();
    for (size_t i = 0; i < store->entry_count; i++) {
        struct sim_entry *from = store->order[i];
        if (from->value != NULL) {
            struct sim_entry *entry = sim_store_insert(copy, sim_entry_key(from));
            entry->value = sim_value_hold(from->value);
            copy->present_count++;
        }
    }
    copy->hash = store->hash;
    return copy;
}

/* Forgets absent keys once they are many: payouts come and go. */
static void sim_store_compact(struct sim_store *store)
{
    const size_t absent = store->entry_count - store->present_count;
    if (absent < SIM_STORE_KEEP_ABSENT || absent < store->present_count) {
        return;
    }
    struct sim_store *copy = sim_store_copy(store);
    struct sim_chunk *chunks = store->chunks;
    struct sim_entry **slots = store->slots;
    struct sim_entry **order = store->order;
    store->chunks = copy->chunks;
    store->slots = copy->slots;
    store->slot_count = copy->slot_count;
    store->order = copy->order;
    store->order_capacity = copy->order_capacity;
    store->entry_count = copy->entry_count;
    store->sorted_count = 0;
    sim_store_free_chunks(chunks);
    free(slots);
    free(order);
    free(copy);
}

/* --- reading and writing ----------------------------------------------------------------- */
bool sim_store_get(const struct sim_store *store, struct sim_span key, struct sim_span *value)
{
    const struct sim_entry *entry = store->slots[sim_store_slot(store, key)];
    if (entry == NULL || entry->value == NULL) {
        return false;
    }
    *value = sim_value_span(entry->value);
    return true;
}

uint64_t sim_store_count(const struct sim_store *store)
{
    return store->present_count;
}

void sim_store_begin(struct sim_store *store)
{
    if (store->is_open) {
        sim_error_fatal("an operation began inside another one: a bug of the simulator");
    }
    store->is_open = true;
    store->operation++;
    store->change_count = 0;
}

/* Replaces a value, keeping the one that stood before the operation. */
static void
sim_store_replace(struct sim_store *store, struct sim_entry *entry, struct sim_value *value)
{
    store->present_count += value != NULL ? 1 : 0;
    store->present_count -= entry->value != NULL ? 1 : 0;
    if (entry->mark == store->operation) {
        sim_value_release(entry->value);
    } else {
        entry->mark = store->operation;
        store->changes = sim_bytes_grow(store->changes,
                                        &store->change_capacity,
                                        store->change_count + 1,
                                        sizeof(struct sim_change));
        store->changes[store->change_count++] = (struct sim_change){entry, entry->value};
    }
    entry->value = value;
}

static void sim_store_require_open(const struct sim_store *store)
{
    if (!store->is_open) {
        sim_error_fatal("a write outside of an operation: a bug of the simulator");
    }
}

void sim_store_set(struct sim_store *store, struct sim_span key, struct sim_span value)
{
    sim_store_require_open(store);
    struct sim_entry *entry = store->slots[sim_store_slot(store, key)];
    if (entry == NULL) {
        entry = sim_store_insert(store, key);
    }
    sim_store_replace(store, entry, sim_value_new(value));
}

void sim_store_del(struct sim_store *store, struct sim_span key)
{
    sim_store_require_open(store);
    struct sim_entry *entry = store->slots[sim_store_slot(store, key)];
    if (entry != NULL && entry->value != NULL) {
        sim_store_replace(store, entry, NULL);
    }
}

/* --- the end of an operation ------------------------------------------------------------- */
void sim_store_writes_free(struct sim_writes *writes)
{
    for (uint32_t i = 0; i < writes->count; i++) {
        sim_value_release(sim_value_of(writes->rows[i].before));
        sim_value_release(sim_value_of(writes->rows[i].after));
    }
    free(writes->rows);
    *writes = (struct sim_writes){0};
}

void sim_store_writes_clear(struct sim_writes *writes)
{
    for (uint32_t i = 0; i < writes->count; i++) {
        sim_value_release(sim_value_of(writes->rows[i].before));
        sim_value_release(sim_value_of(writes->rows[i].after));
    }
    writes->count = 0;
}

void sim_store_writes_copy(struct sim_writes *to, const struct sim_writes *from)
{
    sim_store_writes_clear(to);
    to->rows = sim_bytes_grow(to->rows, &to->capacity, from->count, sizeof(struct sim_write));
    for (uint32_t i = 0; i < from->count; i++) {
        to->rows[i] = from->rows[i];
        (void)sim_value_hold(sim_value_of(from->rows[i].before));
        (void)sim_value_hold(sim_value_of(from->rows[i].after));
    }
    to->count = from->count;
}

static int sim_store_compare_writes(const void *left, const void *right)
{
    const struct sim_write *a = left;
    const struct sim_write *b = right;
    return sim_bytes_compare(sim_abi_key_span(&a->key), sim_abi_key_span(&b->key));
}

void sim_store_commit(struct sim_store *store, struct sim_writes *writes)
{
    sim_store_require_open(store);
    if (writes != NULL) {
        sim_store_writes_clear(writes);
        writes->rows = sim_bytes_grow(
            writes->rows, &writes->capacity, store->change_count, sizeof(struct sim_write));
    }
    for (size_t i = 0; i < store->change_count; i++) {
        const struct sim_change *change = &store->changes[i];
        const struct sim_span before = sim_value_span(change->before);
        const struct sim_span after = sim_value_span(change->entry->value);
        const bool is_same =
            (before.bytes == NULL && after.bytes == NULL) ||
            (before.bytes != NULL && after.bytes != NULL && sim_bytes_equal(before, after));
        if (writes == NULL || is_same) {
            sim_value_release(change->before);
            continue;
        }
        /* The write set takes over the old value. */
        (void)sim_value_hold(change->entry->value);
        writes->rows[writes->count++] = (struct sim_write){change->entry->key, before, after};
    }
    if (writes != NULL && writes->count > 1) {
        qsort(writes->rows, writes->count, sizeof(struct sim_write), sim_store_compare_writes);
    }
    store->change_count = 0;
    store->is_open = false;
    sim_store_compact(store);
}

void sim_store_rollback(struct sim_store *store)
{
    sim_store_require_open(store);
    for (size_t i = store->change_count; i > 0; i--) {
        const struct sim_change *change = &store->changes[i - 1];
        store->present_count += change->before != NULL ? 1 : 0;
        store->present_count -= change->entry->value != NULL ? 1 : 0;
        sim_value_release(change->entry->value);
        change->entry->value = change->before;
    }
    store->change_count = 0;
    store->is_open = false;
}

/* --- hashes ------------------------------------------------------------------------------ */
static uint64_t sim_store_mix_integer(uint64_t hash, uint64_t value, unsigned count)
{
    uint8_t bytes[sizeof(uint64_t)];
    for (unsigned i = 0; i < count; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    return sim_bytes_mix(hash, bytes, count);
}

uint64_t sim_store_mix(struct sim_store *store,
                       uint8_t opcode,
                       int32_t code,
                       const struct sim_writes *writes)
{
    uint64_t hash = sim_store_mix_integer(SIM_HASH_START, store->hash, 8);
    hash = sim_store_mix_integer(hash, opcode, 1);
    hash = sim_store_mix_integer(hash, (uint32_t)code, 2);
    for (uint32_t i = 0; i < writes->count; i++) {
        const struct sim_write *write = &writes->rows[i];
        hash = sim_store_mix_integer(hash, write->key.length, 1);
        hash = sim_bytes_mix(hash, write->key.bytes, write->key.length);
        hash = sim_store_mix_integer(hash, write->after.length, 4);
        hash = sim_bytes_mix(hash, write->after.bytes, write->after.length);
    }
    store->hash = hash;
    return hash;
}

uint64_t sim_store_hash(const struct sim_store *store)
{
    return store->hash;
}

void sim_store_set_hash(struct sim_store *store, uint64_t hash)
{
    store->hash = hash;
}

/* A length of four bytes, little-endian, then the bytes. */
static void sim_store_digest_span(EVP_MD_CTX *context, struct sim_span span)
{
    const uint8_t length[] = {(uint8_t)span.length,
                              (uint8_t)(span.length >> 8),
                              (uint8_t)(span.length >> 16),
                              (uint8_t)(span.length >> 24)};
    (void)EVP_DigestUpdate(context, length, sizeof length);
    (void)EVP_DigestUpdate(context, span.bytes, span.length);
}

void sim_store_digest(struct sim_store *store, uint8_t *out32)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        sim_error_fatal("libcrypto has no SHA-256: install libssl-dev and build again");
    }
    struct sim_cursor at = sim_store_scan(store, (struct sim_span){NULL, 0});
    while (sim_store_next(&at)) {
        sim_store_digest_span(context, at.key);
        sim_store_digest_span(context, at.value);
    }
    (void)EVP_DigestFinal_ex(context, out32, NULL);
    EVP_MD_CTX_free(context);
}

/* --- walking ----------------------------------------------------------------------------- */
static int sim_store_compare_entries(const void *left, const void *right)
{
    const struct sim_entry *const *a = left;
    const struct sim_entry *const *b = right;
    return sim_bytes_compare(sim_entry_key(*a), sim_entry_key(*b));
}

/* Sorts the entries that came since the last walk, and merges them. */
static void sim_store_sort(struct sim_store *store)
{
    const size_t old_count = store->sorted_count;
    const size_t new_count = store->entry_count - old_count;
    if (new_count == 0) {
        return;
    }
    struct sim_entry **added = store->order + old_count;
    qsort(added, new_count, sizeof *added, sim_store_compare_entries);
    struct sim_entry **copy = sim_bytes_alloc(new_count, sizeof *copy);
    memcpy(copy, added, new_count * sizeof *copy);
    size_t old_left = old_count;
    size_t new_left = new_count;
    size_t at = store->entry_count;
    while (new_left > 0) {
        at--;
        if (old_left > 0 &&
            sim_store_compare_entries(&store->order[old_left - 1], &copy[new_left - 1]) > 0) {
            store->order[at] = store->order[--old_left];
        } else {
            store->order[at] = copy[--new_left];
        }
    }
    free(copy);
    store->sorted_count = store->entry_count;
}

struct sim_cursor sim_store_scan(struct sim_store *store, struct sim_span prefix)
{
    struct sim_cursor cursor = {.store = store};
    sim_store_sort(store);
    if (prefix.length > SIM_KEY_MAX) {
        cursor.position = store->entry_count;
        return cursor;
    }
    if (prefix.length > 0) {
        memcpy(cursor.prefix, prefix.bytes, prefix.length);
    }
    cursor.prefix_length = (uint32_t)prefix.length;
    size_t low = 0;
    size_t high = store->entry_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (sim_bytes_compare(sim_entry_key(store->order[middle]), prefix) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    cursor.position = low;
    return cursor;
}

bool sim_store_next(struct sim_cursor *cursor)
{
    const struct sim_store *store = cursor->store;
    while (cursor->position < store->entry_count) {
        const struct sim_entry *entry = store->order[cursor->position++];
        const bool is_inside = entry->key.length >= cursor->prefix_length &&
                               memcmp(entry->key.bytes, cursor->prefix, cursor->prefix_length) == 0;
        if (!is_inside) {
            return false;
        }
        if (entry->value != NULL) {
            cursor->key = sim_entry_key(entry);
            cursor->value = sim_value_span(entry->value);
            return true;
        }
    }
    return false;
}

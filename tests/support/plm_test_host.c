// SPDX-License-Identifier: Apache-2.0
/* A host for unit tests of the core. */
#include "plm_test_host.h"

#include "plm_codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct plm_host the_host;
static struct plm_memory the_memory;

struct plm_addr test_addr(const char *name)
{
    struct plm_addr addr = {0, {0}};
    addr.length = (uint32_t)strlen(name);
    memcpy(addr.bytes, name, addr.length);
    return addr;
}

struct plm_host *test_host(void)
{
    memset(&the_host, 0, sizeof the_host);
    the_host.caller = test_addr("admin");
    the_host.self = test_addr("engine");
    the_host.now.sec = 1000000;
    return &the_host;
}

void test_host_caller(struct plm_host *host, const char *name)
{
    host->caller = test_addr(name);
}

plm_err test_apply(struct plm_host *host,
                   enum plm_opcode opcode,
                   enum plm_layout_id layout,
                   const void *message)
{
    uint8_t bytes[PLM_LIMIT_MESSAGE_MAX];
    bytes[0] = (uint8_t)opcode;
    const uint32_t length = 1 + plm_codec_encode(layout, message, bytes + 1, sizeof bytes - 1);
    host->event_count = 0;
    host->reply_length = 0;
    host->set_count = 0;
    host->get_count = 0;
    host->spoilt = NULL;
    host->is_paid = false;
    return plm_engine_apply(host, &the_memory, bytes, length);
}

plm_err
test_query(struct plm_host *host, uint8_t opcode, enum plm_layout_id layout, const void *message)
{
    uint8_t bytes[PLM_LIMIT_MESSAGE_MAX];
    bytes[0] = opcode;
    const uint32_t length = 1 + plm_codec_encode(layout, message, bytes + 1, sizeof bytes - 1);
    host->reply_length = 0;
    host->get_count = 0;
    host->spoilt = NULL;
    return plm_engine_query(host, &the_memory, bytes, length);
}

struct test_entry *test_find(struct plm_host *host, const uint8_t *key, uint32_t length)
{
    for (uint32_t i = 0; i < TEST_ENTRIES; i++) {
        struct test_entry *entry = &host->entries[i];
        if (entry->key_length == length && memcmp(entry->key, key, length) == 0) {
            return entry;
        }
    }
    return NULL;
}

int32_t plm_host_kv_get(struct plm_host *host,
                        const uint8_t *key,
                        uint32_t key_length,
                        uint8_t *buffer,
                        uint32_t capacity)
{
    const struct test_entry *entry = test_find(host, key, key_length);
    if (entry == NULL) {
        return -1;
    }
    memcpy(buffer, entry->value, entry->value_length < capacity ? entry->value_length : capacity);
    host->get_count++;
    host->spoilt = host->get_count == host->spoil_get_at ? entry : host->spoilt;
    if (entry == host->spoilt) {
        buffer[0] = UINT8_MAX;
    }
    return (int32_t)entry->value_length;
}

plm_err plm_host_kv_set(struct plm_host *host,
                        const uint8_t *key,
                        uint32_t key_length,
                        const uint8_t *value,
                        uint32_t value_length)
{
    struct test_entry *entry = test_find(host, key, key_length);
    host->set_count++;
    host->writes_after_payment += host->is_paid ? 1U : 0U;
    if (host->set_count == host->fail_set_at) {
        return PLM_E_HOST;
    }
    for (uint32_t i = 0; entry == NULL && i < TEST_ENTRIES; i++) {
        if (host->entries[i].key_length == 0) {
            entry = &host->entries[i];
        }
    }
    if (entry == NULL || key_length > sizeof entry->key || value_length > sizeof entry->value) {
        return PLM_E_HOST;
    }
    memcpy(entry->key, key, key_length);
    entry->key_length = key_length;
    memcpy(entry->value, value, value_length);
    entry->value_length = value_length;
    return PLM_OK;
}

plm_err plm_host_kv_del(struct plm_host *host, const uint8_t *key, uint32_t key_length)
{
    struct test_entry *entry = test_find(host, key, key_length);
    host->writes_after_payment += host->is_paid ? 1U : 0U;
    if (entry != NULL) {
        entry->key_length = 0;
    }
    return PLM_OK;
}

void plm_host_caller(struct plm_host *host, struct plm_addr *out)
{
    *out = host->caller;
}

void plm_host_self(struct plm_host *host, struct plm_addr *out)
{
    *out = host->self;
}

plm_time plm_host_time(struct plm_host *host)
{
    return host->now;
}

uint64_t plm_host_height(struct plm_host *host)
{
    return host->height;
}

uint32_t plm_host_funds(struct plm_host *host, struct plm_fund *out, uint32_t capacity)
{
    if (capacity > PLM_FUNDS_MAX) {
        abort(); /* the caller has no room for more */
    }
    for (uint32_t i = 0; i < host->fund_count && i < capacity; i++) {
        out[i] = host->funds[i];
    }
    return host->fund_count;
}

plm_err plm_host_pay(struct plm_host *host,
                     const struct plm_addr *to,
                     const struct plm_addr *token,
                     const plm_amt *atoms,
                     uint64_t payout_id)
{
    (void)to;
    (void)token;
    (void)atoms;
    host->last_payout = payout_id;
    host->is_paid = true;
    return PLM_OK;
}

void plm_host_event(struct plm_host *host, uint32_t id, const uint8_t *bytes, uint32_t length)
{
    (void)bytes;
    if (host->event_count < TEST_EVENTS) {
        host->event_ids[host->event_count] = id;
        host->event_lengths[host->event_count] = length;
        host->event_count++;
    }
}

void plm_host_return(struct plm_host *host, const uint8_t *bytes, uint32_t length)
{
    memcpy(host->reply, bytes, length);
    host->reply_length = length;
    host->return_count++;
}

void plm_host_sha256(struct plm_host *host, const uint8_t *bytes, uint32_t length, uint8_t *out32)
{
    (void)host;
    for (uint32_t word = 0; word < 4; word++) {
        uint64_t h = UINT64_C(0xcbf29ce484222325) + word;
        for (uint32_t i = 0; i < length; i++) {
            h = (h ^ bytes[i]) * UINT64_C(0x100000001b3);
        }
        memcpy(out32 + 8 * (size_t)word, &h, sizeof h);
    }
}

_Noreturn void plm_host_panic(struct plm_host *host, uint32_t line)
{
    (void)host;
    fprintf(stderr, "panic at line %u\n", line);
    abort();
}

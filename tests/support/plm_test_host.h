// SPDX-License-Identifier: Apache-2.0
/* A host for unit tests of the core: an in-memory store, a clock, a caller, and what was emitted.
 * It knows no rule. Its hash is a mixer, not SHA-256: unit tests compare hashes, they verify none.
 */
#ifndef PLM_TESTS_SUPPORT_PLM_TEST_HOST_H
#define PLM_TESTS_SUPPORT_PLM_TEST_HOST_H

#include "plm_abi.h"

#include "plm/plm_engine.h"

#define TEST_ENTRIES 1024u
#define TEST_EVENTS  64u

struct test_entry {
    uint8_t key[40];
    uint32_t key_length; /* 0: free */
    uint8_t value[6144];
    uint32_t value_length;
};

struct plm_host {
    struct test_entry entries[TEST_ENTRIES];
    struct plm_addr caller;
    struct plm_addr self;
    plm_time now;
    uint64_t height;
    struct plm_fund funds[4];
    uint32_t fund_count;
    uint32_t fail_set_at;  /* the n-th kv_set fails; 0 = none */
    uint32_t set_count;
    uint32_t spoil_get_at; /* the n-th record read is of a version nobody knows; 0 = none */
    uint32_t get_count;
    const struct test_entry *spoilt; /* and so it is whenever it is read again */
    uint32_t event_ids[TEST_EVENTS];
    uint32_t event_lengths[TEST_EVENTS];
    uint32_t event_count;
    uint64_t last_payout;
    bool is_paid;                  /* in this call */
    uint32_t writes_after_payment; /* must stay 0 */
    uint8_t reply[8192];
    uint32_t reply_length;
    uint32_t return_count; /* in all calls */
};

/* A fresh host: empty store, time 1 000 000, caller "admin", self "engine". Static, one a program.
 */
struct plm_host *test_host(void);
void test_host_caller(struct plm_host *host, const char *name);
struct plm_addr test_addr(const char *name);
/* One call of the engine with a message given as opcode and struct. */
plm_err test_apply(struct plm_host *host,
                   enum plm_opcode opcode,
                   enum plm_layout_id layout,
                   const void *message);
/* One query, likewise. The reply is in the host. */
plm_err
test_query(struct plm_host *host, uint8_t opcode, enum plm_layout_id layout, const void *message);
/* The stored bytes of a key; NULL where absent. */
struct test_entry *test_find(struct plm_host *host, const uint8_t *key, uint32_t length);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * A chain for the CosmWasm adapter compiled natively: the imports over a table in memory, and one
 * function a call. Addresses are written `address:<hex of the bytes>`, as in calls files. The real
 * VM is in tests/chain/cosmwasm-vm; this one is for sanitizers and fuzzers. */
#ifndef PLM_TEST_COSMWASM_H
#define PLM_TEST_COSMWASM_H

#include "plm_cosmwasm_region.h"

#include <stdbool.h>
#include <stddef.h>

#define PLM_TEST_SENDER   "address:0101010101010101010101010101010101010101"
#define PLM_TEST_CONTRACT "address:cccccccccccccccccccccccccccccccccccccccc"
#define PLM_TEST_TOKEN    "address:7070707070707070707070707070707070707070"

/* Frees what was stored. */
void plm_test_cosmwasm_reset(void);
/* One call: "instantiate", "execute" (with a sender and the JSON of its coins), "query", "migrate",
 * "sudo", "reply". Returns the response, valid until the next call, or NULL where the call trapped.
 * On an error nothing is stored, as a chain reverts. */
const char *plm_test_cosmwasm_call(const char *entry,
                                   const char *sender,
                                   const char *funds,
                                   const char *message);
/* The same with any bytes; `length` may be more than the arena takes. */
const char *plm_test_cosmwasm_call_bytes(const char *entry,
                                         const char *sender,
                                         const char *funds,
                                         const uint8_t *message,
                                         size_t length);
/* Base64 of a text, and the text of base64; valid until the second next call of either. */
const char *plm_test_cosmwasm_base64(const char *text);
const char *plm_test_cosmwasm_unbase64(const char *text, size_t length);
/* The answer of a query as JSON; NULL where it was refused. */
const char *plm_test_cosmwasm_ask(const char *message);
/* How many keys are stored; a stored value by key, NULL where there is none. */
size_t plm_test_cosmwasm_keys(void);
const uint8_t *plm_test_cosmwasm_stored(const char *key, size_t *length);
/* Writes since the reset, also those that were reverted. */
size_t plm_test_cosmwasm_writes(void);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * The host interface: everything the core asks of a chain, in thirteen functions. A chain adapter
 * or the simulator implements them. All are total; a refusal by a user's mistake never goes through
 * plm_host_panic. Spec: "Host". It knows nothing of margin, markets or money's meaning. */
#ifndef PLM_INCLUDE_PLM_PLM_HOST_H
#define PLM_INCLUDE_PLM_PLM_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "plm/plm_err.h"
#include "plm/plm_units.h"

#ifdef __cplusplus
extern "C" {
#endif

struct plm_host; /* the embedding's own context */

/* An address of the chain: at most 64 bytes. Storage sees its SHA-256 only. */
struct plm_addr {
    uint32_t length;
    uint8_t bytes[64];
};

/* One token amount credited to the contract by this very call. `token` is the chain's own name of
 * the token. */
struct plm_fund {
    struct plm_addr token;
    plm_amt atoms;
};

/* kv_get: copies min(length, capacity) bytes of the value; returns its whole length, or -1 where
 * the key is absent. */
int32_t plm_host_kv_get(struct plm_host *host,
                        const uint8_t *key,
                        uint32_t key_length,
                        uint8_t *buffer,
                        uint32_t capacity);
/* kv_set: value_length >= 1 always. PLM_E_HOST where the host cannot store. */
plm_err plm_host_kv_set(struct plm_host *host,
                        const uint8_t *key,
                        uint32_t key_length,
                        const uint8_t *value,
                        uint32_t value_length);
/* kv_del: idempotent. */
plm_err plm_host_kv_del(struct plm_host *host, const uint8_t *key, uint32_t key_length);
/* caller: the authenticated immediate caller. self: the contract's own address. */
void plm_host_caller(struct plm_host *host, struct plm_addr *out);
void plm_host_self(struct plm_host *host, struct plm_addr *out);
/* time: seconds of block time, rounded down. height: never a clock. */
plm_time plm_host_time(struct plm_host *host);
uint64_t plm_host_height(struct plm_host *host);
/* funds: tokens that came with this call; returns the count, copies at most `capacity`. */
uint32_t plm_host_funds(struct plm_host *host, struct plm_fund *out, uint32_t capacity);
/* pay: queues one payment of `atoms` of the chain token `token`; sent once per payout id, after the
 * commit. The core calls it after its last kv_set and kv_del. */
plm_err plm_host_pay(struct plm_host *host,
                     const struct plm_addr *to,
                     const struct plm_addr *token,
                     const plm_amt *atoms,
                     uint64_t payout_id);
/* event: `id` and field layout are those of abi/events.def. */
void plm_host_event(struct plm_host *host, uint32_t id, const uint8_t *bytes, uint32_t length);
/* return: the reply of an operation or query, at most once. */
void plm_host_return(struct plm_host *host, const uint8_t *bytes, uint32_t length);
void plm_host_sha256(struct plm_host *host, const uint8_t *bytes, uint32_t length, uint8_t *out32);
/* panic: a broken invariant; everything reverts. */
__attribute__((noreturn)) void plm_host_panic(struct plm_host *host, uint32_t line);

#ifdef __cplusplus
}
#endif

#endif

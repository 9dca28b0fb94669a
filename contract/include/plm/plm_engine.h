/* SPDX-License-Identifier: Apache-2.0
 * The three entries of the engine. Message bytes in, result code out; effects go through the host.
 * Spec: "Engine". An adapter needs this header, plm_host.h and the abi tables, and nothing else of
 * the core. */
#ifndef PLM_INCLUDE_PLM_PLM_ENGINE_H
#define PLM_INCLUDE_PLM_PLM_ENGINE_H

#include <stdint.h>

#include "plm/plm_err.h"
#include "plm/plm_host.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The engine's working memory: the adapter owns it (static or heap), the engine initialises what it
 * uses in each call and keeps nothing in it between calls. */
#define PLM_MEMORY_WORDS 25600u

struct plm_memory {
    uint64_t words[PLM_MEMORY_WORDS];
};

/* plm_engine_apply: executes one operation: decode, operate on a scratch copy, gate, invariants,
 * commit. On any code but PLM_OK nothing was stored, no event was emitted and nothing is paid.
 * Errors: those of abi/op_errors.def, in the order of abi/errors.def.  Cost bound: SPEC "Bounds".
 */
plm_err plm_engine_apply(struct plm_host *host,
                         struct plm_memory *memory,
                         const uint8_t *message,
                         uint32_t length);

/* plm_engine_query: answers one query through plm_host_return; stores nothing. */
plm_err plm_engine_query(struct plm_host *host,
                         struct plm_memory *memory,
                         const uint8_t *message,
                         uint32_t length);

/* plm_engine_migrate: brings the stored records to this build's version; refuses a downgrade
 * [GOV-4]. */
plm_err plm_engine_migrate(struct plm_host *host,
                           struct plm_memory *memory,
                           const uint8_t *message,
                           uint32_t length);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0
 * The engine's bytes to JSON, driven by the abi tables: replies as objects, events as lists of
 * attributes. It never knows what a field means; only reply_preview is known by name, because it
 * holds events and another reply. */
#ifndef PLM_CHAIN_COSMWASM_ANSWER_H
#define PLM_CHAIN_COSMWASM_ANSWER_H

#include "plm_abi.h"
#include "plm_cosmwasm_text.h"

/* plm_cosmwasm_answer_reply: a reply as a JSON object. `previewed`: the operation of a preview, 0
 * elsewhere. */
void plm_cosmwasm_answer_reply(struct plm_cosmwasm_text *out,
                               uint32_t layout,
                               uint8_t previewed,
                               struct plm_cosmwasm_span bytes);
/* plm_cosmwasm_answer_event: {"type":"deposited","attributes":[{"key":"account","value":"1"},...]}.
 */
void plm_cosmwasm_answer_event(struct plm_cosmwasm_text *out,
                               uint32_t id,
                               struct plm_cosmwasm_span bytes);

#endif

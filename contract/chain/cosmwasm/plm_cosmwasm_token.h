/* SPDX-License-Identifier: Apache-2.0
 * Addresses and tokens: the text of the chain and the bytes of the engine.
 *
 *   an address                          its canonical bytes
 *   {"native":"uatom"}                  the denomination's ASCII bytes
 *   {"native":"ibc/<64 hex digits>"}    1, then the 32 bytes (the text would be too long)
 *   {"cw20":"<address>"}                0, then the canonical bytes of the token's contract
 *
 * A denomination begins with a letter, so no two tokens share their bytes; and not with `cw20:`, so
 * none passes for a CW20 token in an event. [CHAIN-3] It knows no
 * asset. */
#ifndef PLM_CHAIN_COSMWASM_TOKEN_H
#define PLM_CHAIN_COSMWASM_TOKEN_H

#include "plm_cosmwasm_text.h"

#include <plm/plm_host.h>

/* How the text of a CW20 token begins in an event. */
#define PLM_COSMWASM_CW20_PREFIX "cw20:"

/* plm_cosmwasm_token_address: canonical bytes of an address. is_checked: the text comes from the
 * chain itself and is not validated once more. False where it is no address of this chain. */
bool plm_cosmwasm_token_address(struct plm_cosmwasm_span text,
                                bool is_checked,
                                struct plm_addr *out);
/* False where the text is no denomination of 3 to 64 characters, nor ibc/ with a hash. */
bool plm_cosmwasm_token_native(struct plm_cosmwasm_span denomination, struct plm_addr *out);
/* False where the text is no address. is_checked as above. */
bool plm_cosmwasm_token_cw20(struct plm_cosmwasm_span contract,
                             bool is_checked,
                             struct plm_addr *out);
bool plm_cosmwasm_token_is_cw20(const struct plm_addr *token);

/* Text of an address; of a token, without saying which kind (is_cw20 tells). */
void plm_cosmwasm_token_write_address(struct plm_cosmwasm_text *out,
                                      const uint8_t *bytes,
                                      uint32_t count);
void plm_cosmwasm_token_write(struct plm_cosmwasm_text *out, const uint8_t *bytes, uint32_t count);

#endif

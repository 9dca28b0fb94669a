/* SPDX-License-Identifier: Apache-2.0
 * What the chain tells about one call: block, contract, sender, coins, a CW20 token's hook, the
 * outcome of a payout. [CHAIN-1] It knows no rule of margin. */
#ifndef PLM_CHAIN_COSMWASM_CALL_H
#define PLM_CHAIN_COSMWASM_CALL_H

#include "plm_cosmwasm_message.h"

#include <plm/plm_host.h>

struct plm_cosmwasm_call {
    uint64_t seconds;
    uint64_t height;
    struct plm_addr self;
    struct plm_addr caller;
    struct plm_fund funds[PLM_FUNDS_MAX];
    uint32_t fund_count;
    const char *fault; /* of coins or a hook that are refused; "" */
};

/* plm_cosmwasm_call_env: block and contract; the caller is the contract itself until _info is read.
 * False where the chain's JSON is not what CosmWasm 1 to 3 sends. */
bool plm_cosmwasm_call_env(struct plm_cosmwasm_call *call, struct plm_cosmwasm_span env);
/* plm_cosmwasm_call_info: sender and coins. Errors: E_FIELD a coin that cannot be an asset, or
 * an amount that is no number; E_OVERFLOW an amount of 2^127 or more; E_LENGTH more coins than
 * FUNDS_MAX. */
plm_err plm_cosmwasm_call_info(struct plm_cosmwasm_call *call, struct plm_cosmwasm_span info);
/* plm_cosmwasm_call_is_hook: true for `{"receive":...}`. */
bool plm_cosmwasm_call_is_hook(struct plm_cosmwasm_span text);
/* plm_cosmwasm_call_hook: `{"receive":{"sender","amount","msg"}}` of a CW20 token: the message
 * inside goes to *m, the sender becomes the caller, and the amount a fund of the token whose
 * contract called, and the only one: coins beside it are refused. Whether that token is an asset,
 * and the one the message names, the engine judges: it takes the fund for no other [CHAIN-1].
 * Errors: those of plm_cosmwasm_message_read; E_OVERFLOW as above. */
plm_err plm_cosmwasm_call_hook(struct plm_cosmwasm_call *call,
                               struct plm_cosmwasm_message *m,
                               struct plm_cosmwasm_span info,
                               struct plm_cosmwasm_span text);
/* plm_cosmwasm_call_is_empty: true for `{}`. */
bool plm_cosmwasm_call_is_empty(struct plm_cosmwasm_span text);
/* plm_cosmwasm_call_outcome: the reply to a payout: its id, and whether it arrived. False where it
 * says neither or both. */
bool plm_cosmwasm_call_outcome(struct plm_cosmwasm_span text, uint64_t *payout, bool *arrived);

#endif

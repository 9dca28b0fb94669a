/* SPDX-License-Identifier: Apache-2.0
 * Who holds how much of which token, outside of the engine.
 * It knows nothing of accounts or of what a token is worth. */
#ifndef SIM_TOKEN_H
#define SIM_TOKEN_H

#include "sim_abi.h"

struct sim_tokens;

struct sim_tokens *sim_token_new(void);
struct sim_tokens *sim_token_copy(const struct sim_tokens *tokens);
void sim_token_free(struct sim_tokens *tokens);

/* 0 for a holder never seen. */
sim_int sim_token_balance(const struct sim_tokens *tokens,
                          const struct plm_addr *holder,
                          const struct plm_addr *token);
/* Moves atoms; either balance may go below 0. */
void sim_token_move(struct sim_tokens *tokens,
                    const struct plm_addr *token,
                    const struct plm_addr *from,
                    const struct plm_addr *to,
                    sim_int atoms);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Who holds how much of which token, outside of the engine.
 * It knows nothing of accounts or of what a token is worth. */
#include "sim_token.h"

#include <stdlib.h>
#include <string.h>

#define SIM_TOKEN_SLOTS 256u

struct sim_holding {
    struct plm_addr holder;
    struct plm_addr token;
    sim_int atoms;
};

struct sim_tokens {
    struct sim_holding *rows;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* open addressing: row number + 1, 0 empty; the size is a power of two */
    size_t slot_count;
};

static size_t sim_token_slot(const struct sim_tokens *tokens,
                             const struct plm_addr *holder,
                             const struct plm_addr *token)
{
    const size_t mask = tokens->slot_count - 1;
    uint64_t hash = sim_bytes_mix(SIM_HASH_START, holder->bytes, holder->length);
    hash = sim_bytes_mix(hash, token->bytes, token->length);
    size_t slot = (size_t)(hash ^ hash >> 32) & mask;
    while (tokens->slots[slot] != 0) {
        const struct sim_holding *row = &tokens->rows[tokens->slots[slot] - 1];
        if (sim_abi_addr_equal(&row->holder, holder) && sim_abi_addr_equal(&row->token, token)) {
            break;
        }
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void sim_token_rehash(struct sim_tokens *tokens, size_t slot_count)
{
    free(tokens->slots);
    tokens->slots = sim_bytes_alloc(slot_count, sizeof *tokens->slots);
    tokens->slot_count = slot_count;
    for (size_t i = 0; i < tokens->count; i++) {
        const struct sim_holding *row = &tokens->rows[i];
        tokens->slots[sim_token_slot(tokens, &row->holder, &row->token)] = (uint32_t)i + 1;
    }
}

struct sim_tokens *sim_token_new(void)
{
    struct sim_tokens *tokens = sim_bytes_alloc(1, sizeof *tokens);
    sim_token_rehash(tokens, SIM_TOKEN_SLOTS);
    return tokens;
}

struct sim_tokens *sim_token_copy(const struct sim_tokens *tokens)
{
    struct sim_tokens *copy = sim_bytes_alloc(1, sizeof *copy);
    copy->rows =
        sim_bytes_grow(NULL, &copy->capacity, tokens->count + 1, sizeof(struct sim_holding));
    if (tokens->count > 0) {
        memcpy(copy->rows, tokens->rows, tokens->count * sizeof(struct sim_holding));
    }
    copy->count = tokens->count;
    sim_token_rehash(copy, tokens->slot_count);
    return copy;
}

void sim_token_free(struct sim_tokens *tokens)
{
    if (tokens != NULL) {
        free(tokens->rows);
        free(tokens->slots);
        free(tokens);
    }
}

sim_int sim_token_balance(const struct sim_tokens *tokens,
                          const struct plm_addr *holder,
                          const struct plm_addr *token)
{
    const uint32_t row = tokens->slots[sim_token_slot(tokens, holder, token)];
    return row == 0 ? 0 : tokens->rows[row - 1].atoms;
}

static void sim_token_add(struct sim_tokens *tokens,
                          const struct plm_addr *holder,
                          const struct plm_addr *token,
                          sim_int atoms)
{
    size_t slot = sim_token_slot(tokens, holder, token);
    if (tokens->slots[slot] == 0) {
        if ((tokens->count + 1) * 2 > tokens->slot_count) {
            sim_token_rehash(tokens, tokens->slot_count * 2);
            slot = sim_token_slot(tokens, holder, token);
        }
        tokens->rows = sim_bytes_grow(
            tokens->rows, &tokens->capacity, tokens->count + 1, sizeof(struct sim_holding));
        tokens->rows[tokens->count] = (struct sim_holding){*holder, *token, 0};
        tokens->slots[slot] = (uint32_t)++tokens->count;
    }
    tokens->rows[tokens->slots[slot] - 1].atoms += atoms;
}

void sim_token_move(struct sim_tokens *tokens,
                    const struct plm_addr *token,
                    const struct plm_addr *from,
                    const struct plm_addr *to,
                    sim_int atoms)
{
    sim_token_add(tokens, from, token, -atoms);
    sim_token_add(tokens, to, token, atoms);
}

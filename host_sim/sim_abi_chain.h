/* SPDX-License-Identifier: Apache-2.0
 * The tables as a chain with JSON messages (CosmWasm) shows them: the form of each type, structs
 * and messages to JSON and back. Integers wider than 32 bits are texts of digits, so that no reader
 * rounds one. Addresses are `address:<hexadecimal>`, whatever the prefix of a chain's own; a token
 * is {"native": denom} or {"cw20": address}. Spec: docs/SCENARIOS.md, "Calls files".
 * Shares nothing with the contract's own reader and writer: they check each other. */
#ifndef SIM_ABI_CHAIN_H
#define SIM_ABI_CHAIN_H

#include "sim_engine.h"
#include "sim_json.h"

#define SIM_CHAIN_ADDR_PREFIX "address:" /* then lower-case hexadecimal digits */
#define SIM_CHAIN_IBC_PREFIX  "ibc/"     /* then upper-case ones */
#define SIM_CHAIN_CW20_PREFIX "cw20:"    /* of a CW20 token's text in events; of no denomination */
#define SIM_CHAIN_CW20        0x00 /* first byte of a CW20 token: then its contract's address */
#define SIM_CHAIN_IBC         0x01 /* first byte of a voucher: then the 32 bytes of ibc/<HASH> */
#define SIM_CHAIN_ADDR_SHORT  20u  /* bytes of a person's address */
#define SIM_CHAIN_ADDR_LONG   32u  /* and of a contract's */

/* --- forms ------------------------------------------------------------------------------- */
enum sim_chain_form {
    SIM_CHAIN_INTEGER, /* a JSON number of at most 32 bits */
    SIM_CHAIN_UINT64,
    SIM_CHAIN_INT64,
    SIM_CHAIN_UINT128,
    SIM_CHAIN_INT128,
    SIM_CHAIN_HEX, /* 64 digits */
    SIM_CHAIN_ADDR,
    SIM_CHAIN_TOKEN,
    SIM_CHAIN_OBJECT,
    SIM_CHAIN_LIST,
    SIM_CHAIN_MESSAGE, /* base64 of the JSON of an execute message */
    SIM_CHAIN_EVENTS,  /* an array of events */
    SIM_CHAIN_REPLY,   /* the reply of an operation, or null */
};

enum sim_chain_form sim_abi_chain_form(const struct sim_abi_field *field);
/* The name of a form whose JSON is a text: "Uint64", "Addr". */
const char *sim_abi_chain_name(const struct sim_abi_field *field);
/* True for fields that are 0 on the wire and not in JSON: `reserved`. */
bool sim_abi_chain_is_hidden(const struct sim_abi_field *field);

/* The entry points of a contract. SIM_CHAIN_NONE: a call that has no JSON form. */
enum sim_chain_entry {
    SIM_CHAIN_NONE,
    SIM_CHAIN_INSTANTIATE,
    SIM_CHAIN_EXECUTE,
    SIM_CHAIN_QUERY,
    SIM_CHAIN_REPLY_OF_PAYOUT,
    SIM_CHAIN_SUDO,
    SIM_CHAIN_MIGRATE,
};

/* "none", "instantiate", "execute", "query", "reply", "sudo", "migrate"; false at other text. */
const char *sim_abi_chain_entry_name(enum sim_chain_entry entry);
bool sim_abi_chain_find_entry(const char *name, enum sim_chain_entry *entry);
/* True for the operations and queries that an entry point takes. */
bool sim_abi_chain_takes(enum sim_chain_entry entry, const struct sim_abi_op *op);

/* True for the lengths that an address of the chain has. */
bool sim_abi_chain_is_addr(size_t length);
/* True for the name of a native coin that the engine stores as it is. */
bool sim_abi_chain_is_denom(const char *text, size_t length);

/* --- to JSON ----------------------------------------------------------------------------- */
/* A value without a JSON form (an address of 5 bytes, a token that is no denom) leaves a sentence
 * in `*why` (NULL at first, static text), and NULL is returned. */
json_t *sim_abi_chain_addr(const struct plm_addr *addr, const char **why);
json_t *sim_abi_chain_token(const struct plm_addr *token, const char **why);
json_t *sim_abi_chain_struct(uint32_t layout, const void *object, const char **why);
/* The message of a call by its bytes, and the entry point that takes it from this caller. */
json_t *sim_abi_chain_message(const struct sim_context *context,
                              struct sim_span message,
                              enum sim_chain_entry *entry,
                              const char **why);
json_t *sim_abi_chain_event(uint32_t id, struct sim_span bytes, const char **why);
/* The reply of an operation; JSON null where it returned nothing. */
json_t *sim_abi_chain_reply(uint8_t opcode, struct sim_span bytes, const char **why);

/* --- from JSON --------------------------------------------------------------------------- */
/* Strict: every field, no other one, each of its form. False with a sentence in `why`, which names
 * the field: `trade.fills[1].price: not a text of digits`. */
bool sim_abi_chain_read_addr(const json_t *json, struct plm_addr *addr);
bool sim_abi_chain_read_token(const json_t *json, struct plm_addr *token);
/* A text of digits, without zeros in front, from 0 to 2^127 - 1. */
bool sim_abi_chain_read_atoms(const json_t *json, sim_int *atoms);
/* A text of digits below 2^64. */
bool sim_abi_chain_read_u64(const json_t *json, uint64_t *value);
/* Appends the bytes of the message that an entry point takes; none for a migration. */
bool sim_abi_chain_read_message(enum sim_chain_entry entry,
                                const json_t *json,
                                struct sim_buffer *out,
                                struct sim_buffer *why);

#endif

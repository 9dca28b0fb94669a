/* SPDX-License-Identifier: Apache-2.0
 * JSON messages to the engine's bytes, driven by the abi tables: every field once, in any order,
 * nothing else. [CHAIN-2] It never knows what a field means; only get_preview is known by name,
 * because its bytes are a message in JSON again. */
#ifndef PLM_CHAIN_COSMWASM_MESSAGE_H
#define PLM_CHAIN_COSMWASM_MESSAGE_H

#include "plm_cosmwasm_json.h"
#include "plm_cosmwasm_names.h"
#include "plm_cosmwasm_text.h"

#define PLM_COSMWASM_FRAMES 4u  /* structs inside structs of a message */
#define PLM_COSMWASM_FIELDS 64u /* fields of one struct of a message */

/* One struct under way. */
struct plm_cosmwasm_frame {
    uint16_t layout;
    uint16_t next;     /* field of the layout */
    uint16_t element;  /* of a list, from 0 */
    uint16_t array_at; /* where the list's array begins; 0: no list */
    uint32_t cursor;   /* in the array */
};

/* A message being read, and afterwards the engine's bytes of it or what is wrong with it. */
struct plm_cosmwasm_message {
    uint8_t bytes[PLM_LIMIT_MESSAGE_MAX];
    uint32_t length;
    uint8_t opcode;
    uint8_t previewed;            /* opcode of the message inside a get_preview; 0 */
    const char *name;             /* of the message in hand */
    const char *where;            /* that stands in: "receive.msg: "; "" */

    plm_err code;                 /* PLM_OK while nothing is wrong */
    const char *fault;
    struct plm_cosmwasm_span key; /* a name that the fault is about; length 0: none */

    struct plm_cosmwasm_json json;
    uint32_t depth;
    struct plm_cosmwasm_frame frames[PLM_COSMWASM_FRAMES];
    uint16_t value_at[PLM_COSMWASM_FRAMES][PLM_COSMWASM_FIELDS]; /* 0: not given */
    bool has_inner;
    struct plm_cosmwasm_json inner;
    uint8_t inner_text[PLM_COSMWASM_TEXT_MAX];
};

/* plm_cosmwasm_message_read: `{"<name>":{...}}` of a family. Errors: E_LENGTH the text or a list is
 * too long; E_FIELD no JSON of the users' grammar, an unknown name, a field unknown, missing, given
 * twice or of the wrong type; E_RANGE a number outside its field's range. Cost: a few walks of the
 * text, one more for each level of nesting. */
plm_err plm_cosmwasm_message_read(struct plm_cosmwasm_message *m,
                                  enum plm_cosmwasm_family family,
                                  struct plm_cosmwasm_span text);
/* plm_cosmwasm_message_read_fields: the same of the bare object of one operation. */
plm_err plm_cosmwasm_message_read_fields(struct plm_cosmwasm_message *m,
                                         uint8_t opcode,
                                         struct plm_cosmwasm_span text);
/* What is wrong, and where: "trade.fills[1].price: not a whole number in quotes". */
void plm_cosmwasm_message_write_fault(const struct plm_cosmwasm_message *m,
                                      struct plm_cosmwasm_text *out);

#endif

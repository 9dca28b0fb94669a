/* SPDX-License-Identifier: Apache-2.0
 * The names of the tables, expanded. It must never know what a name means. */
#include "plm_cosmwasm_names.h"

#define PLM_COSMWASM_COUNT(array) ((uint32_t)(sizeof(array) / sizeof(array)[0]))

static const char *const field_names[PLM_FIELD_COUNT] = {
#define PLM_FIELD(name, field, type, min, max, text) #field,
#define PLM_GROUP(name, field, group, text)          #field,
#define PLM_LIST(name, field, element, max, text)    #field,
#include "plm_abi_tables.h"
};

static const struct plm_cosmwasm_variant variants[] = {
#define X(symbol, opcode, message, who, text) {#message, (opcode), PLM_LAYOUT_##message},
#include "ops.def"
#undef X
#define X(symbol, opcode, message, reply, text) {#message, (opcode), PLM_LAYOUT_##message},
#include "queries.def"
#undef X
};

static const struct {
    uint8_t opcode;
    uint8_t layout;
} replies[] = {

#define X(symbol, reply) {PLM_OP_##symbol, PLM_LAYOUT_##reply},
#include "op_replies.def"
#undef X
#define X(symbol, opcode, message, reply, text) {(opcode), PLM_LAYOUT_##reply},
#include "queries.def"
#undef X
};

static const struct {
    const char *name;
    uint8_t id;
    uint8_t layout;
} events[] = {

#define X(symbol, id, event, text) {#symbol, (id), PLM_LAYOUT_##event},
#include "events.def"
#undef X
};

static const struct {
    const char *text;
    uint16_t code;
} codes[] = {

#define X(symbol, code, class, text) {#symbol ": " text, (code)},
#include "errors.def"
#undef X
};

const char *plm_cosmwasm_names_field(uint32_t field)
{
    return field_names[field];
}

const struct plm_cosmwasm_variant *plm_cosmwasm_names_variant(uint32_t index)
{
    return index < PLM_COSMWASM_COUNT(variants) ? &variants[index] : NULL;
}

uint32_t plm_cosmwasm_names_reply(uint8_t opcode)
{
    for (uint32_t i = 0; i < PLM_COSMWASM_COUNT(replies); i++) {
        if (replies[i].opcode == opcode) {
            return replies[i].layout;
        }
    }
    return PLM_LAYOUT_COUNT;
}

bool plm_cosmwasm_names_allows(enum plm_cosmwasm_family family, uint8_t opcode)
{
    switch (family) {
    case PLM_COSMWASM_EXECUTE: return opcode > PLM_OP_INITIALISE && opcode < PLM_OP_SETTLE_OUT;
    case PLM_COSMWASM_HOOK: return opcode == PLM_OP_DEPOSIT || opcode == PLM_OP_FUND_INSURANCE;
    case PLM_COSMWASM_SUDO:
        return (opcode > PLM_OP_INITIALISE && opcode <= PLM_OP_SET_PAUSE) ||
               opcode == PLM_OP_EXECUTE || opcode == PLM_OP_CANCEL;
    case PLM_COSMWASM_QUERY: return opcode >= PLM_QUERY_CONFIGURATION;
    }
    return false;
}

uint32_t plm_cosmwasm_names_event(uint32_t id, const char **name)
{
    for (uint32_t i = 0; i < PLM_COSMWASM_COUNT(events); i++) {
        if (events[i].id == id) {
            *name = events[i].name;
            return events[i].layout;
        }
    }
    return PLM_LAYOUT_COUNT;
}

const char *plm_cosmwasm_names_code(plm_err code)
{
    uint32_t i = 0;
    while (i + 1 < PLM_COSMWASM_COUNT(codes) && codes[i].code != code) {
        i++;
    }
    return codes[i].text;
}

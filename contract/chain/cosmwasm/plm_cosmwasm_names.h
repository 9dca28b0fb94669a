/* SPDX-License-Identifier: Apache-2.0
 * The names of the tables: fields, messages, events, result codes. The types behind them are those
 * of plm_tables.h. It must never know what a name means. */
#ifndef PLM_CHAIN_COSMWASM_NAMES_H
#define PLM_CHAIN_COSMWASM_NAMES_H

#include "plm_abi.h"

/* Which messages an entry point takes. */
enum plm_cosmwasm_family {
    PLM_COSMWASM_EXECUTE, /* all operations but initialise and settle_out */
    PLM_COSMWASM_HOOK,    /* what a CW20 token may carry: deposit, fund_insurance */
    PLM_COSMWASM_SUDO,    /* governance: add_asset to set_pause */
    PLM_COSMWASM_QUERY,
};

/* An operation or a query. */
struct plm_cosmwasm_variant {
    const char *name;
    uint8_t opcode;
    uint8_t layout; /* of its message */
};

/* The name of a field: an index of plm_tables_fields. */
const char *plm_cosmwasm_names_field(uint32_t field);
/* Row `index` of all operations, then all queries; NULL at the end. */
const struct plm_cosmwasm_variant *plm_cosmwasm_names_variant(uint32_t index);
/* The layout of its reply; PLM_LAYOUT_COUNT where it returns nothing. */
uint32_t plm_cosmwasm_names_reply(uint8_t opcode);
bool plm_cosmwasm_names_allows(enum plm_cosmwasm_family family, uint8_t opcode);
/* An event's name is the lower case of *name; its layout, PLM_LAYOUT_COUNT where there is none. */
uint32_t plm_cosmwasm_names_event(uint32_t id, const char **name);
/* "E_AUTH: the caller does not own this account". */
const char *plm_cosmwasm_names_code(plm_err code);

#endif

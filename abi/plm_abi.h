/* SPDX-License-Identifier: Apache-2.0
 * Expands the tables of this folder into C: constants, structs of every message, record, event and
 * reply, and the indices by which plm_tables.c describes them to the codec. Spec: "ABI". It knows
 * no rule. */
#ifndef PLM_ABI_PLM_ABI_H
#define PLM_ABI_PLM_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plm/plm_err.h"
#include "plm/plm_host.h"
#include "plm/plm_units.h"

/* --- limits, versions, codes --- */
#define PLM_POSITIONS_MAX     64u
#define PLM_COLLATERALS_MAX   8u
#define PLM_CANDIDATES_MAX    8u
#define PLM_PUBLISHERS_MAX    8u
#define PLM_GRANTS_MAX        2u
#define PLM_GRANT_MARKETS_MAX 16u
#define PLM_ORDER_MAX         16u
#define PLM_PAGE_MAX          32u
#define PLM_FILLS_MAX         6u
#define PLM_PRICES_MAX        16u
#define PLM_FUNDS_MAX         4u
#define PLM_BYTES_MAX         2048u

enum plm_limit {
#define X(symbol, value, unit, reason) PLM_LIMIT_##symbol = (value),
#include "limits.def"
#undef X
};

enum plm_version {
#define X(symbol, value, text) PLM_##symbol = (value),
#include "version.def"
#undef X
};

enum plm_opcode {
#define X(symbol, opcode, message, who, text) PLM_OP_##symbol = (opcode),
#include "ops.def"
#undef X
#define X(symbol, opcode, message, reply, text) PLM_QUERY_##symbol = (opcode),
#include "queries.def"
#undef X
};

enum plm_event_id {
#define X(symbol, id, event, text) PLM_EVENT_##symbol = (id),
#include "events.def"
#undef X
};

enum plm_key_prefix {
#define X(symbol, prefix, id_bytes, record, text) PLM_KEY_##symbol = (prefix),
#include "keys.def"
#undef X
};

enum plm_line {
#define X(symbol, id, place, field, may_be_negative, text) PLM_LINE_ID_##symbol = (id),
#include "lines.def"
#undef X
};

enum plm_enumerator {
#define X(kind, symbol, value, text) PLM_##kind##_##symbol = (value),
#include "enums.def"
#undef X
};

#define PLM_NO_MARKET 65535u /* "no market", "all markets" in U16 fields */

/* --- structs --- */
struct plm_hash {
    uint8_t bytes[32];
};

struct plm_bytes {
    uint32_t length;
    uint8_t bytes[PLM_BYTES_MAX];
};

enum plm_type {
#define X(type, c_type, wire_bytes, is_signed, unit, text) PLM_TYPE_##type,
#include "types.def"
#undef X
    PLM_TYPE_GROUP,
    PLM_TYPE_LIST,
};

#define PLM_LO INT64_MIN
#define PLM_HI INT64_MAX

#define X(type, c_type, wire_bytes, is_signed, unit, text) typedef c_type plm_ctype_##type;
#include "types.def"
#undef X

/* A list is its count and, PLM_LIST_GAP bytes on, its elements. */
#define PLM_LIST_GAP 8u

#define PLM_BEGIN(name, text)                        struct plm_##name {
#define PLM_FIELD(name, field, type, min, max, text) plm_ctype_##type field;
#define PLM_GROUP(name, field, group, text)          struct plm_##group field;
#define PLM_LIST(name, field, element, max, text)                                                  \
    _Alignas(PLM_LIST_GAP) uint32_t field##_count;                                                 \
    _Alignas(PLM_LIST_GAP) struct plm_##element field[max];
#define PLM_END(name)                                                                              \
    }                                                                                              \
    ;
#include "plm_abi_tables.h"

/* --- layouts: one index per struct, one per field --- */
enum plm_layout_id {
#define PLM_BEGIN(name, text) PLM_LAYOUT_##name,
#include "plm_abi_tables.h"
    PLM_LAYOUT_COUNT
};

enum plm_field_id {
#define PLM_BEGIN(name, text) PLM_FIRST_##name, PLM_BEFORE_##name = PLM_FIRST_##name - 1,
#define PLM_FIELD(name, field, type, min, max, text) PLM_FIELD_##name##_##field,
#define PLM_GROUP(name, field, group, text)          PLM_FIELD_##name##_##field,
#define PLM_LIST(name, field, element, max, text)    PLM_FIELD_##name##_##field,
#define PLM_END(name) PLM_END_##name, PLM_LAST_##name = PLM_END_##name - 1,
#include "plm_abi_tables.h"
    PLM_FIELD_COUNT
};

/* How the codec sees a field, and where a struct's fields stand in the flat table of plm_tables.c.
 */
struct plm_field {
    uint8_t type;    /* enum plm_type */
    uint8_t layout;  /* of a group or of a list's elements */
    uint8_t limit;   /* largest count of a list */
    uint8_t bounds;  /* of a scalar, in plm_tables_bounds */
    uint16_t offset; /* in the struct */
};

struct plm_bound {
    int64_t min;
    int64_t max;
};

struct plm_layout {
    uint16_t first; /* in plm_tables_fields */
    uint16_t count;
    uint16_t size;  /* sizeof the struct */
};

/* One row of params.def. */
struct plm_param {
    uint16_t id;
    uint16_t field; /* enum plm_field_id */
    uint8_t target; /* PLM_TARGET_* */
    int8_t loosening;
};

#define PLM_LOOSEN_UP   1
#define PLM_LOOSEN_DOWN (-1)
#define PLM_LOOSEN_NONE 0

#endif

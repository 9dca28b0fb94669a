/* SPDX-License-Identifier: Apache-2.0
 * The abi tables with their names, and how to find a row.
 * Spec: "ABI". It must never know what a field means. */
#include "sim_abi.h"

#include <ctype.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

#define SIM_NAME_MAX     32u
#define SIM_COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* --- structs ----------------------------------------------------------------------------- */
static const struct sim_abi_field sim_abi_fields[] = {
#define PLM_FIELD(name, field, type, min, max, text)                                               \
    {#field, text, PLM_TYPE_##type, 0, 0, offsetof(struct plm_##name, field), 0, (min), (max)},
#define PLM_GROUP(name, field, group, text)                                                        \
    {#field,                                                                                       \
     text,                                                                                         \
     PLM_TYPE_GROUP,                                                                               \
     PLM_LAYOUT_##group,                                                                           \
     0,                                                                                            \
     offsetof(struct plm_##name, field),                                                           \
     0,                                                                                            \
     PLM_LO,                                                                                       \
     PLM_HI},
#define PLM_LIST(name, field, element, max, text)                                                  \
    {#field,                                                                                       \
     text,                                                                                         \
     PLM_TYPE_LIST,                                                                                \
     PLM_LAYOUT_##element,                                                                         \
     (max),                                                                                        \
     offsetof(struct plm_##name, field),                                                           \
     offsetof(struct plm_##name, field##_count),                                                   \
     PLM_LO,                                                                                       \
     PLM_HI},
#include "plm_abi_tables.h"
};

static const struct sim_abi_layout sim_abi_layouts[] = {
#define PLM_BEGIN(name, text)                                                                      \
    {#name,                                                                                        \
     text,                                                                                         \
     &sim_abi_fields[PLM_FIRST_##name],                                                            \
     (uint32_t)(PLM_LAST_##name - PLM_FIRST_##name + 1),                                           \
     (uint32_t)sizeof(struct plm_##name)},
#include "plm_abi_tables.h"
};

/* Every struct fits into union sim_abi_object. */
#define PLM_BEGIN(name, text)                                                                      \
    _Static_assert(sizeof(struct plm_##name) <= SIM_ABI_OBJECT_MAX, "SIM_ABI_OBJECT_MAX");
#include "plm_abi_tables.h"

static const struct sim_abi_type sim_abi_types[] = {
#define X(type, c_type, wire_bytes, is_signed, unit, text)                                         \
    {#type, unit, text, (wire_bytes), (is_signed) != 0},
#include "types.def"
#undef X
    {"GROUP", "", "a struct", 0, false},
    {"LIST", "", "a count byte, then its elements", 0, false},
};

const struct sim_abi_layout *sim_abi_layout(uint32_t layout)
{
    return layout < SIM_COUNT(sim_abi_layouts) ? &sim_abi_layouts[layout] : NULL;
}

uint32_t sim_abi_find_layout(const char *name)
{
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_layouts); i++) {
        if (strcmp(sim_abi_layouts[i].name, name) == 0) {
            return i;
        }
    }
    return PLM_LAYOUT_COUNT;
}

const struct sim_abi_field *sim_abi_find_field(uint32_t layout, const char *name)
{
    const struct sim_abi_layout *of = sim_abi_layout(layout);
    for (uint32_t i = 0; of != NULL && i < of->field_count; i++) {
        if (strcmp(of->fields[i].name, name) == 0) {
            return &of->fields[i];
        }
    }
    return NULL;
}

const struct sim_abi_type *sim_abi_type(enum plm_type type)
{
    return &sim_abi_types[type];
}

bool sim_abi_is_integer(enum plm_type type)
{
    return type != PLM_TYPE_HASH && type != PLM_TYPE_BYTES && type != PLM_TYPE_GROUP &&
           type != PLM_TYPE_LIST && !sim_abi_is_addr(type);
}

bool sim_abi_is_addr(enum plm_type type)
{
    return type == PLM_TYPE_ADDR || type == PLM_TYPE_TOKEN;
}

unsigned sim_abi_scale(enum plm_type type)
{
    const bool is_value = type == PLM_TYPE_VAL || type == PLM_TYPE_VAL104;
    const unsigned scale_value = 18;
    const unsigned scale_weighted = 24;
    const unsigned scale_ratio = 4; /* of a percent */
    const unsigned scale_rate = 7;  /* of a percent */
    if (is_value) {
        return scale_value;
    }
    if (type == PLM_TYPE_WVAL) {
        return scale_weighted;
    }
    if (type == PLM_TYPE_RATIO) {
        return scale_ratio;
    }
    return type == PLM_TYPE_RATE ? scale_rate : 0;
}

bool sim_abi_is_percent(enum plm_type type)
{
    return type == PLM_TYPE_RATIO || type == PLM_TYPE_RATE;
}

/* --- records of older versions ----------------------------------------------------------- */
static const struct {
    uint32_t layout;
    uint32_t version;
    uint32_t fields;
} sim_abi_history[] = {

#define X(record, version, fields) {PLM_LAYOUT_##record, (version), (fields)},
#include "history.def"
#undef X
};

uint32_t sim_abi_record_fields(uint32_t layout, uint8_t version)
{
    if (version == 0 || version > PLM_RECORD_VERSION) {
        return 0;
    }
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_history); i++) {
        if (sim_abi_history[i].layout == layout && sim_abi_history[i].version == version) {
            return sim_abi_history[i].fields;
        }
    }
    return sim_abi_layouts[layout].field_count;
}

/* --- operations and queries -------------------------------------------------------------- */
#define SIM_QUERY_PREFIX_LENGTH 4u /* "get_" */

static const struct sim_abi_op sim_abi_ops[] = {
#define X(symbol, opcode, message, who, text)                                                      \
    {#symbol, #message, who, text, (opcode), false, PLM_LAYOUT_##message, PLM_LAYOUT_COUNT},
#include "ops.def"
#undef X
#define X(symbol, opcode, message, reply, text)                                                    \
    {#symbol,                                                                                      \
     &#message[SIM_QUERY_PREFIX_LENGTH],                                                           \
     "",                                                                                           \
     text,                                                                                         \
     (opcode),                                                                                     \
     true,                                                                                         \
     PLM_LAYOUT_##message,                                                                         \
     PLM_LAYOUT_##reply},
#include "queries.def"
#undef X
};

const struct sim_abi_op *sim_abi_op_at(uint32_t index)
{
    return index < SIM_COUNT(sim_abi_ops) ? &sim_abi_ops[index] : NULL;
}

const struct sim_abi_op *sim_abi_find_op(uint8_t opcode)
{
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_ops); i++) {
        if (sim_abi_ops[i].opcode == opcode) {
            return &sim_abi_ops[i];
        }
    }
    return NULL;
}

static const struct sim_abi_op *sim_abi_find_named(const char *name, bool is_query)
{
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_ops); i++) {
        if (sim_abi_ops[i].is_query == is_query && strcasecmp(sim_abi_ops[i].symbol, name) == 0) {
            return &sim_abi_ops[i];
        }
    }
    return NULL;
}

const struct sim_abi_op *sim_abi_find_op_name(const char *name)
{
    return sim_abi_find_named(name, false);
}

const struct sim_abi_op *sim_abi_find_query_name(const char *name)
{
    return sim_abi_find_named(name, true);
}

uint32_t sim_abi_reply_of(uint8_t opcode)
{
    static const struct {
        uint8_t opcode;
        uint32_t reply;
    } rows[] = {

#define X(symbol, reply) {PLM_OP_##symbol, PLM_LAYOUT_##reply},
#include "op_replies.def"
#undef X
    };

    for (uint32_t i = 0; i < SIM_COUNT(rows); i++) {
        if (rows[i].opcode == opcode) {
            return rows[i].reply;
        }
    }
    const struct sim_abi_op *op = sim_abi_find_op(opcode);
    return op == NULL ? PLM_LAYOUT_COUNT : op->reply;
}

/* --- events, enums, lines: their names are made once ------------------------------------- */
static struct sim_abi_event sim_abi_events[] = {
#define X(symbol, id, event, text) {#symbol, NULL, text, (id), PLM_LAYOUT_##event},
#include "events.def"
#undef X
};

static struct sim_abi_enum sim_abi_enums[] = {
#define X(kind, symbol, value, text) {#kind, #symbol, NULL, text, (value)},
#include "enums.def"
#undef X
};

static char sim_abi_event_names[SIM_COUNT(sim_abi_events)][SIM_NAME_MAX];
static char sim_abi_enum_names[SIM_COUNT(sim_abi_enums)][SIM_NAME_MAX];

static const char *sim_abi_lower(const char *symbol, char *name)
{
    size_t i = 0;
    for (; symbol[i] != '\0' && i + 1 < SIM_NAME_MAX; i++) {
        name[i] = (char)tolower((unsigned char)symbol[i]);
    }
    name[i] = '\0';
    return name;
}

static void sim_abi_make_names(void)
{
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_events); i++) {
        sim_abi_events[i].name = sim_abi_lower(sim_abi_events[i].symbol, sim_abi_event_names[i]);
    }
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_enums); i++) {
        sim_abi_enums[i].name = sim_abi_lower(sim_abi_enums[i].symbol, sim_abi_enum_names[i]);
    }
}

static void sim_abi_need_names(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, sim_abi_make_names);
}

const struct sim_abi_event *sim_abi_event_at(uint32_t index)
{
    sim_abi_need_names();
    return index < SIM_COUNT(sim_abi_events) ? &sim_abi_events[index] : NULL;
}

const struct sim_abi_event *sim_abi_find_event(uint32_t id)
{
    sim_abi_need_names();
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_events); i++) {
        if (sim_abi_events[i].id == id) {
            return &sim_abi_events[i];
        }
    }
    return NULL;
}

const struct sim_abi_event *sim_abi_find_event_name(const char *name)
{
    sim_abi_need_names();
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_events); i++) {
        if (strcasecmp(sim_abi_events[i].symbol, name) == 0) {
            return &sim_abi_events[i];
        }
    }
    return NULL;
}

const struct sim_abi_enum *sim_abi_enum_at(uint32_t index)
{
    sim_abi_need_names();
    return index < SIM_COUNT(sim_abi_enums) ? &sim_abi_enums[index] : NULL;
}

const struct sim_abi_enum *sim_abi_find_enum(const char *kind, uint32_t value)
{
    sim_abi_need_names();
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_enums); i++) {
        if (strcasecmp(sim_abi_enums[i].kind, kind) == 0 && sim_abi_enums[i].value == value) {
            return &sim_abi_enums[i];
        }
    }
    return NULL;
}

const struct sim_abi_enum *sim_abi_find_enum_name(const char *kind, const char *name)
{
    sim_abi_need_names();
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_enums); i++) {
        if (strcasecmp(sim_abi_enums[i].kind, kind) == 0 &&
            strcasecmp(sim_abi_enums[i].symbol, name) == 0) {
            return &sim_abi_enums[i];
        }
    }
    return NULL;
}

/* Where a line of lines.def is stored. */
#define SIM_LINE_OF_MARKET(field) &sim_abi_fields[PLM_FIELD_market_state_##field]
#define SIM_LINE_OF_LEDGER(field) &sim_abi_fields[PLM_FIELD_ledger_##field]
#define SIM_LINE_OF_ASSET(field)  &sim_abi_fields[PLM_FIELD_asset_state_##field]

static const struct sim_abi_line sim_abi_lines[] = {
#define X(symbol, id, place, field, may_be_negative, text)                                         \
    {#symbol, #field, #place, text, SIM_LINE_OF_##place(field), (id), (may_be_negative) != 0},
#include "lines.def"
#undef X
};

const struct sim_abi_line *sim_abi_line_at(uint32_t index)
{
    return index < SIM_COUNT(sim_abi_lines) ? &sim_abi_lines[index] : NULL;
}

/* --- errors ------------------------------------------------------------------------------ */
static const struct sim_abi_error sim_abi_errors[] = {
#define X(symbol, code, class, text) {#symbol, #class, text, (code)},
#include "errors.def"
#undef X
};

const struct sim_abi_error *sim_abi_error_at(uint32_t index)
{
    return index < SIM_COUNT(sim_abi_errors) ? &sim_abi_errors[index] : NULL;
}

const struct sim_abi_error *sim_abi_find_error(int32_t code)
{
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_errors); i++) {
        if (sim_abi_errors[i].code == code) {
            return &sim_abi_errors[i];
        }
    }
    return NULL;
}

const struct sim_abi_error *sim_abi_find_error_name(const char *name)
{
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_errors); i++) {
        if (strcasecmp(sim_abi_errors[i].symbol, name) == 0) {
            return &sim_abi_errors[i];
        }
    }
    return NULL;
}

const char *sim_abi_code_name(int32_t code)
{
    const struct sim_abi_error *error = sim_abi_find_error(code);
    return error == NULL ? "?" : error->symbol;
}

uint32_t sim_abi_precedence(int32_t code)
{
    const struct sim_abi_error *error = sim_abi_find_error(code);
    return error == NULL ? SIM_COUNT(sim_abi_errors) : (uint32_t)(error - sim_abi_errors);
}

static const struct sim_abi_pair sim_abi_pairs[] = {
#define X(operation, error) {PLM_OP_##operation, PLM_##error},
#include "op_errors.def"
#undef X
};

const struct sim_abi_pair *sim_abi_pair_at(uint32_t index)
{
    return index < SIM_COUNT(sim_abi_pairs) ? &sim_abi_pairs[index] : NULL;
}

bool sim_abi_may_return(uint8_t opcode, int32_t code)
{
    static const int32_t always[] = {
        PLM_OK,
        PLM_E_LENGTH,
        PLM_E_RANGE,
        PLM_E_FIELD,
        PLM_E_STATUS,
        PLM_E_HOST,
        PLM_E_NO_ASSET /* a token came with the call that is no asset [LEDGER-5] */};
    for (uint32_t i = 0; i < SIM_COUNT(always); i++) {
        if (always[i] == code) {
            return true;
        }
    }
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_pairs); i++) {
        if (sim_abi_pairs[i].opcode == opcode && sim_abi_pairs[i].code == code) {
            return true;
        }
    }
    return false;
}

/* --- parameters -------------------------------------------------------------------------- */
static const struct sim_abi_param sim_abi_params[] = {
#define PLM_PARAM_MARKET(symbol, id, type, min, max, def, loose, rule, text)                       \
    {#symbol,                                                                                      \
     rule,                                                                                         \
     text,                                                                                         \
     def,                                                                                          \
     (id),                                                                                         \
     PLM_TARGET_MARKET,                                                                            \
     &sim_abi_fields[PLM_FIELD_market_params_##symbol],                                            \
     PLM_LOOSEN_##loose},
#define PLM_PARAM_FEED(symbol, id, type, min, max, def, loose, rule, text)                         \
    {#symbol,                                                                                      \
     rule,                                                                                         \
     text,                                                                                         \
     def,                                                                                          \
     (id),                                                                                         \
     PLM_TARGET_FEED,                                                                              \
     &sim_abi_fields[PLM_FIELD_feed_params_##symbol],                                              \
     PLM_LOOSEN_##loose},
#define PLM_PARAM_ASSET(symbol, id, type, min, max, def, loose, rule, text)                        \
    {#symbol,                                                                                      \
     rule,                                                                                         \
     text,                                                                                         \
     def,                                                                                          \
     (id),                                                                                         \
     PLM_TARGET_ASSET,                                                                             \
     &sim_abi_fields[PLM_FIELD_asset_params_##symbol],                                             \
     PLM_LOOSEN_##loose},
#include "params.def"
};

const struct sim_abi_param *sim_abi_param_at(uint32_t index)
{
    return index < SIM_COUNT(sim_abi_params) ? &sim_abi_params[index] : NULL;
}

const struct sim_abi_param *sim_abi_find_param(uint16_t id)
{
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_params); i++) {
        if (sim_abi_params[i].id == id) {
            return &sim_abi_params[i];
        }
    }
    return NULL;
}

const struct sim_abi_param *sim_abi_find_param_name(uint8_t target, const char *name)
{
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_params); i++) {
        if (sim_abi_params[i].target == target && strcmp(sim_abi_params[i].name, name) == 0) {
            return &sim_abi_params[i];
        }
    }
    return NULL;
}

uint32_t sim_abi_param_layout(uint8_t target)
{
    static const uint32_t layouts[] = {
        PLM_LAYOUT_market_params, PLM_LAYOUT_feed_params, PLM_LAYOUT_asset_params};
    return target < SIM_COUNT(layouts) ? layouts[target] : PLM_LAYOUT_COUNT;
}

/* --- keys -------------------------------------------------------------------------------- */
static const struct sim_abi_key sim_abi_keys[] = {
#define X(symbol, prefix, id_bytes, record, text)                                                  \
    {#symbol, text, (prefix), (id_bytes), PLM_LAYOUT_##record},
#include "keys.def"
#undef X
};

const struct sim_abi_key *sim_abi_key_at(uint32_t index)
{
    return index < SIM_COUNT(sim_abi_keys) ? &sim_abi_keys[index] : NULL;
}

const struct sim_abi_key *sim_abi_find_key(uint8_t prefix)
{
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_keys); i++) {
        if (sim_abi_keys[i].prefix == prefix) {
            return &sim_abi_keys[i];
        }
    }
    return NULL;
}

const struct sim_abi_key *sim_abi_find_key_name(const char *symbol)
{
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_keys); i++) {
        if (strcasecmp(sim_abi_keys[i].symbol, symbol) == 0) {
            return &sim_abi_keys[i];
        }
    }
    return NULL;
}

/* --- limits, versions, rules of the lab -------------------------------------------------- */
static const struct sim_abi_limit sim_abi_limits[] = {
#define X(symbol, value, unit, reason) {#symbol, unit, reason, (value)},
#include "limits.def"
#undef X
};

static const struct sim_abi_limit sim_abi_versions[] = {
#define X(symbol, value, text) {#symbol, "", text, (value)},
#include "version.def"
#undef X
};

static const struct sim_abi_lab sim_abi_labs[] = {
#define X(symbol, bit, rule, text) {#symbol, rule, text, (bit)},
#include "lab.def"
#undef X
};

const struct sim_abi_limit *sim_abi_limit_at(uint32_t index)
{
    return index < SIM_COUNT(sim_abi_limits) ? &sim_abi_limits[index] : NULL;
}

const struct sim_abi_limit *sim_abi_version_at(uint32_t index)
{
    return index < SIM_COUNT(sim_abi_versions) ? &sim_abi_versions[index] : NULL;
}

const struct sim_abi_lab *sim_abi_lab_at(uint32_t index)
{
    return index < SIM_COUNT(sim_abi_labs) ? &sim_abi_labs[index] : NULL;
}

const struct sim_abi_lab *sim_abi_find_lab(const char *rule)
{
    for (uint32_t i = 0; i < SIM_COUNT(sim_abi_labs); i++) {
        if (strcmp(sim_abi_labs[i].rule, rule) == 0) {
            return &sim_abi_labs[i];
        }
    }
    return NULL;
}

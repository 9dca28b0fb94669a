/* SPDX-License-Identifier: Apache-2.0
 * The tables as a chain with JSON messages shows them: forms, entry points, structs to JSON.
 * Spec: docs/SCENARIOS.md, "Calls files". It must never know what a field means. */
#include "sim_abi_chain.h"

#include <ctype.h>
#include <string.h>

#define SIM_CHAIN_DENOM_MIN 3u

/* --- forms ------------------------------------------------------------------------------- */
static enum sim_chain_form sim_abi_chain_integer_form(const struct sim_abi_type *type)
{
    if (type->bytes <= sizeof(uint32_t)) {
        return SIM_CHAIN_INTEGER;
    }
    if (type->bytes <= sizeof(uint64_t)) {
        return type->is_signed ? SIM_CHAIN_INT64 : SIM_CHAIN_UINT64;
    }
    return type->is_signed ? SIM_CHAIN_INT128 : SIM_CHAIN_UINT128;
}

enum sim_chain_form sim_abi_chain_form(const struct sim_abi_field *field)
{
    if (sim_abi_is_integer(field->type)) {
        return sim_abi_chain_integer_form(sim_abi_type(field->type));
    }
    if (sim_abi_is_addr(field->type)) {
        return field->type == PLM_TYPE_TOKEN ? SIM_CHAIN_TOKEN : SIM_CHAIN_ADDR;
    }
    if (field->type == PLM_TYPE_GROUP || field->type == PLM_TYPE_LIST) {
        return field->type == PLM_TYPE_LIST ? SIM_CHAIN_LIST : SIM_CHAIN_OBJECT;
    }
    if (field->type == PLM_TYPE_HASH) {
        return SIM_CHAIN_HEX;
    }
    /* BYTES: what is inside is known by the field alone. */
    if (strcmp(field->name, "events") == 0) {
        return SIM_CHAIN_EVENTS;
    }
    return strcmp(field->name, "reply") == 0 ? SIM_CHAIN_REPLY : SIM_CHAIN_MESSAGE;
}

const char *sim_abi_chain_name(const struct sim_abi_field *field)
{
    switch (sim_abi_chain_form(field)) {
    case SIM_CHAIN_UINT64: return "Uint64";
    case SIM_CHAIN_INT64: return "Int64";
    case SIM_CHAIN_UINT128: return "Uint128";
    case SIM_CHAIN_INT128: return "Int128";
    case SIM_CHAIN_HEX: return "HexBinary";
    case SIM_CHAIN_ADDR: return "Addr";
    case SIM_CHAIN_MESSAGE: return "Binary";
    case SIM_CHAIN_INTEGER:
    case SIM_CHAIN_TOKEN:
    case SIM_CHAIN_OBJECT:
    case SIM_CHAIN_LIST:
    case SIM_CHAIN_EVENTS:
    case SIM_CHAIN_REPLY: break;
    }
    return "";
}

bool sim_abi_chain_is_hidden(const struct sim_abi_field *field)
{
    return strcmp(field->name, "reserved") == 0;
}

/* --- entry points ------------------------------------------------------------------------ */
static const char *const sim_chain_entries[] = {
    "none", "instantiate", "execute", "query", "reply", "sudo", "migrate"};

const char *sim_abi_chain_entry_name(enum sim_chain_entry entry)
{
    return sim_chain_entries[entry];
}

bool sim_abi_chain_find_entry(const char *name, enum sim_chain_entry *entry)
{
    for (size_t i = 0; i < sizeof sim_chain_entries / sizeof sim_chain_entries[0]; i++) {
        if (strcmp(sim_chain_entries[i], name) == 0) {
            *entry = (enum sim_chain_entry)i;
            return true;
        }
    }
    return false;
}

bool sim_abi_chain_takes(enum sim_chain_entry entry, const struct sim_abi_op *op)
{
    const bool is_first = op->opcode == PLM_OP_INITIALISE;
    const bool is_reply = op->opcode == PLM_OP_SETTLE_OUT;
    switch (entry) {
    case SIM_CHAIN_INSTANTIATE: return is_first;
    case SIM_CHAIN_EXECUTE: return !op->is_query && !is_first && !is_reply;
    case SIM_CHAIN_QUERY: return op->is_query;
    case SIM_CHAIN_REPLY_OF_PAYOUT: return is_reply;
    case SIM_CHAIN_SUDO:
        return (op->opcode >= PLM_OP_ADD_ASSET && op->opcode <= PLM_OP_SET_PAUSE) ||
               op->opcode == PLM_OP_EXECUTE || op->opcode == PLM_OP_CANCEL;
    case SIM_CHAIN_NONE:
    case SIM_CHAIN_MIGRATE: break;
    }
    return false;
}

/* --- values ------------------------------------------------------------------------------ */
/* Says why there is no JSON, once, and gives up what was begun. */
static json_t *sim_abi_chain_refuse(json_t *begun, const char **why, const char *text)
{
    if (*why == NULL) {
        *why = text;
    }
    json_decref(begun);
    return NULL;
}

json_t *sim_abi_chain_addr(const struct plm_addr *addr, const char **why)
{
    struct sim_buffer text = {0};
    if (!sim_abi_chain_is_addr(addr->length)) {
        return sim_abi_chain_refuse(NULL, why, "an address has neither 20 nor 32 bytes");
    }
    sim_bytes_add_text(&text, SIM_CHAIN_ADDR_PREFIX);
    sim_bytes_add_hex(&text, (struct sim_span){addr->bytes, addr->length});
    json_t *json = json_string(sim_bytes_text(&text));
    sim_bytes_free(&text);
    return json;
}

bool sim_abi_chain_is_denom(const char *text, size_t length)
{
    if (length < SIM_CHAIN_DENOM_MIN || length > PLM_LIMIT_ADDR_MAX ||
        isalpha((unsigned char)text[0]) == 0 ||
        strncmp(text, SIM_CHAIN_CW20_PREFIX, strlen(SIM_CHAIN_CW20_PREFIX)) == 0) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (isalnum((unsigned char)text[i]) == 0 && strchr("/:._-", text[i]) == NULL) {
            return false;
        }
    }
    return true;
}

bool sim_abi_chain_is_addr(size_t length)
{
    return length == SIM_CHAIN_ADDR_SHORT || length == SIM_CHAIN_ADDR_LONG;
}

/* The denom of a native token; false where the bytes are none. */
static bool sim_abi_chain_denom(const struct plm_addr *token, struct sim_buffer *out)
{
    if (token->length == sizeof(struct plm_hash) + 1 && token->bytes[0] == SIM_CHAIN_IBC) {
        sim_bytes_add_text(out, SIM_CHAIN_IBC_PREFIX);
        const size_t first = out->length;
        sim_bytes_add_hex(out, (struct sim_span){token->bytes + 1, sizeof(struct plm_hash)});
        for (size_t i = first; i < out->length; i++) {
            out->bytes[i] = (uint8_t)toupper(out->bytes[i]);
        }
        return true;
    }
    sim_bytes_add(out, token->bytes, token->length);
    return sim_abi_chain_is_denom(sim_bytes_text(out), token->length);
}

json_t *sim_abi_chain_token(const struct plm_addr *token, const char **why)
{
    json_t *json = json_object();
    if (token->length > 0 && token->bytes[0] == SIM_CHAIN_CW20) {
        const struct plm_addr contract = sim_abi_addr(token->bytes + 1, token->length - 1);
        json_t *addr = sim_abi_chain_addr(&contract, why);
        if (addr == NULL) {
            return sim_abi_chain_refuse(json, why, "");
        }
        sim_json_put(json, "cw20", addr);
        return json;
    }
    struct sim_buffer denom = {0};
    const bool is_denom = sim_abi_chain_denom(token, &denom);
    if (is_denom) {
        sim_json_text(json, "native", sim_bytes_text(&denom));
    }
    sim_bytes_free(&denom);
    return is_denom ? json : sim_abi_chain_refuse(json, why, "a token's name is no denom");
}

/* --- structs ----------------------------------------------------------------------------- */
static json_t *
sim_abi_chain_list(const struct sim_abi_field *field, const uint8_t *object, const char **why)
{
    json_t *array = json_array();
    uint32_t count = 0;
    memcpy(&count, object + field->count_offset, sizeof count);
    const size_t size = sim_abi_layout(field->layout)->size;
    for (uint32_t i = 0; i < count; i++) {
        json_t *element =
            sim_abi_chain_struct(field->layout, object + field->offset + i * size, why);
        if (element == NULL) {
            return sim_abi_chain_refuse(array, why, "");
        }
        sim_json_add(array, element);
    }
    return array;
}

static json_t *
sim_abi_chain_value(const struct sim_abi_field *field, const uint8_t *object, const char **why)
{
    const uint8_t *at = object + field->offset;
    switch (sim_abi_chain_form(field)) {
    case SIM_CHAIN_INTEGER: return json_integer((json_int_t)sim_abi_get(field, object));
    case SIM_CHAIN_UINT64:
    case SIM_CHAIN_INT64:
    case SIM_CHAIN_UINT128:
    case SIM_CHAIN_INT128: {
        char digits[SIM_INT_TEXT_MAX];
        return json_string(sim_bytes_int_text(sim_abi_get(field, object), digits));
    }
    case SIM_CHAIN_HEX: {
        struct sim_buffer text = {0};
        sim_bytes_add_hex(&text, (struct sim_span){at, sizeof(struct plm_hash)});
        json_t *json = json_string(sim_bytes_text(&text));
        sim_bytes_free(&text);
        return json;
    }
    case SIM_CHAIN_ADDR:
    case SIM_CHAIN_TOKEN: {
        struct plm_addr addr;
        memcpy(&addr, at, sizeof addr);
        return field->type == PLM_TYPE_TOKEN ? sim_abi_chain_token(&addr, why)
                                             : sim_abi_chain_addr(&addr, why);
    }
    case SIM_CHAIN_OBJECT: return sim_abi_chain_struct(field->layout, at, why);
    case SIM_CHAIN_LIST: return sim_abi_chain_list(field, object, why);
    case SIM_CHAIN_MESSAGE:
    case SIM_CHAIN_EVENTS:
    case SIM_CHAIN_REPLY: break;
    }
    return sim_abi_chain_refuse(NULL, why, "bytes inside a query have no form here");
}

json_t *sim_abi_chain_struct(uint32_t layout, const void *object, const char **why)
{
    const struct sim_abi_layout *of = sim_abi_layout(layout);
    json_t *json = json_object();
    for (uint32_t i = 0; i < of->field_count; i++) {
        const struct sim_abi_field *field = &of->fields[i];
        if (sim_abi_chain_is_hidden(field)) {
            continue;
        }
        json_t *value = sim_abi_chain_value(field, object, why);
        if (value == NULL) {
            return sim_abi_chain_refuse(json, why, "");
        }
        sim_json_put(json, field->name, value);
    }
    return json;
}

/* --- messages, events, replies ----------------------------------------------------------- */
json_t *sim_abi_chain_message(const struct sim_context *context,
                              struct sim_span message,
                              enum sim_chain_entry *entry,
                              const char **why)
{
    union sim_abi_object object;
    *entry = SIM_CHAIN_NONE;
    const uint32_t layout = sim_abi_decode_message(message, &object);
    const struct sim_abi_op *op =
        layout < PLM_LAYOUT_COUNT ? sim_abi_find_op(message.bytes[0]) : NULL;
    if (op == NULL || op->is_query) {
        return sim_abi_chain_refuse(NULL, why, "its bytes are no operation");
    }
    const bool is_own = sim_abi_addr_equal(&context->caller, &context->self);
    if (op->opcode == PLM_OP_SETTLE_OUT && !is_own) {
        return sim_abi_chain_refuse(NULL, why, "settle_out is the contract's own");
    }
    json_t *fields = sim_abi_chain_struct(layout, &object, why);
    if (fields == NULL) {
        return NULL;
    }
    if (op->opcode == PLM_OP_SETTLE_OUT || op->opcode == PLM_OP_INITIALISE) {
        const bool is_reply = op->opcode == PLM_OP_SETTLE_OUT;
        *entry = is_reply ? SIM_CHAIN_REPLY_OF_PAYOUT : SIM_CHAIN_INSTANTIATE;
        return fields;
    }
    json_t *json = json_object();
    sim_json_put(json, sim_abi_layout(layout)->name, fields);
    *entry = SIM_CHAIN_EXECUTE;
    return json;
}

/* The plain text of a value, as in an attribute. */
static json_t *sim_abi_chain_plain(const json_t *value)
{
    struct sim_buffer text = {0};
    if (json_is_object(value)) {
        const char *cw20 = json_string_value(json_object_get(value, "cw20"));
        const char *native = json_string_value(json_object_get(value, "native"));
        sim_bytes_add_text(&text, cw20 != NULL ? SIM_CHAIN_CW20_PREFIX : "");
        sim_bytes_add_text(&text, cw20 != NULL ? cw20 : native);
    } else if (json_is_string(value)) {
        sim_bytes_add_text(&text, json_string_value(value));
    } else {
        sim_bytes_add_format(&text, "%lld", (long long)json_integer_value(value));
    }
    json_t *json = json_string(sim_bytes_text(&text));
    sim_bytes_free(&text);
    return json;
}

json_t *sim_abi_chain_event(uint32_t id, struct sim_span bytes, const char **why)
{
    union sim_abi_object object;
    const struct sim_abi_event *event = sim_abi_find_event(id);
    if (event == NULL || !sim_abi_decode(event->layout, bytes, &object)) {
        return sim_abi_chain_refuse(NULL, why, "an event does not decode");
    }
    json_t *fields = sim_abi_chain_struct(event->layout, &object, why);
    if (fields == NULL) {
        return NULL;
    }
    json_t *json = json_object();
    json_t *attributes = json_array();
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(fields, key, value)
    {
        json_t *attribute = sim_json_row(attributes);
        sim_json_text(attribute, "key", key);
        sim_json_put(attribute, "value", sim_abi_chain_plain(value));
    }
    sim_json_text(json, "type", event->name);
    sim_json_put(json, "attributes", attributes);
    json_decref(fields);
    return json;
}

json_t *sim_abi_chain_reply(uint8_t opcode, struct sim_span bytes, const char **why)
{
    union sim_abi_object object;
    const uint32_t layout = sim_abi_reply_of(opcode);
    if (bytes.length == 0) {
        return json_null();
    }
    if (layout >= PLM_LAYOUT_COUNT || !sim_abi_decode(layout, bytes, &object)) {
        return sim_abi_chain_refuse(NULL, why, "a reply does not decode");
    }
    return sim_abi_chain_struct(layout, &object, why);
}

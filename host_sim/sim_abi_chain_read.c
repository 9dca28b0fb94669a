/* SPDX-License-Identifier: Apache-2.0
 * Messages of a chain with JSON messages to the bytes of the engine, strictly: every field, no
 * other one, each of its form. Spec: docs/SCENARIOS.md, "Calls files".
 * It must never know what a field means. */
#include "sim_abi_chain.h"

#include <string.h>

/* --- texts ------------------------------------------------------------------------------- */
/* An integer of base ten: no zero in front, no plus, no minus zero. */
static bool sim_chain_read_digits(const json_t *json, sim_int *value)
{
    const char *text = json_is_string(json) ? json_string_value(json) : "";
    const size_t length = json_is_string(json) ? json_string_length(json) : 0;
    const size_t first = text[0] == '-' ? 1 : 0;
    if (length == first || strspn(text + first, "0123456789") != length - first) {
        return false;
    }
    if (text[first] == '0' && length > 1) {
        return false;
    }
    return sim_bytes_parse_decimal(text, length, 0, value);
}

bool sim_abi_chain_read_atoms(const json_t *json, sim_int *atoms)
{
    return sim_chain_read_digits(json, atoms) && *atoms >= 0;
}

bool sim_abi_chain_read_u64(const json_t *json, uint64_t *value)
{
    sim_int got = 0;
    if (!sim_chain_read_digits(json, &got) || got < 0 || got > (sim_int)UINT64_MAX) {
        return false;
    }
    *value = (uint64_t)got;
    return true;
}

/* Lower-case hexadecimal digits of exactly `length` bytes (0: any number of them). */
static bool
sim_chain_read_hex(const char *text, size_t digits, size_t length, struct sim_buffer *out)
{
    return strspn(text, "0123456789abcdef") == digits && (length == 0 || digits == 2 * length) &&
           sim_bytes_from_hex(out, text, digits);
}

bool sim_abi_chain_read_addr(const json_t *json, struct plm_addr *addr)
{
    const size_t prefix = strlen(SIM_CHAIN_ADDR_PREFIX);
    const char *text = json_is_string(json) ? json_string_value(json) : "";
    if (strncmp(text, SIM_CHAIN_ADDR_PREFIX, prefix) != 0) {
        return false;
    }
    struct sim_buffer bytes = {0};
    const bool is_addr = sim_chain_read_hex(text + prefix, strlen(text) - prefix, 0, &bytes) &&
                         sim_abi_chain_is_addr(bytes.length);
    if (is_addr) {
        *addr = sim_abi_addr(bytes.bytes, bytes.length);
    }
    sim_bytes_free(&bytes);
    return is_addr;
}

/* ibc/ and 64 upper-case digits: one byte, then the 32 of the hash. */
static bool sim_chain_read_voucher(const char *denom, struct plm_addr *token)
{
    const char *digits = denom + strlen(SIM_CHAIN_IBC_PREFIX);
    struct sim_buffer bytes = {0};
    sim_bytes_add_byte(&bytes, SIM_CHAIN_IBC);
    const size_t count = strlen(digits);
    const bool is_voucher = count == 2 * sizeof(struct plm_hash) &&
                            strspn(digits, "0123456789ABCDEF") == count &&
                            sim_bytes_from_hex(&bytes, digits, count);
    if (is_voucher) {
        *token = sim_abi_addr(bytes.bytes, bytes.length);
    }
    sim_bytes_free(&bytes);
    return is_voucher;
}

bool sim_abi_chain_read_token(const json_t *json, struct plm_addr *token)
{
    struct plm_addr contract = {0};
    if (!json_is_object(json) || json_object_size(json) != 1) {
        return false;
    }
    const json_t *cw20 = json_object_get(json, "cw20");
    if (cw20 != NULL) {
        if (!sim_abi_chain_read_addr(cw20, &contract)) {
            return false;
        }
        token->length = contract.length + 1;
        token->bytes[0] = SIM_CHAIN_CW20;
        memcpy(token->bytes + 1, contract.bytes, contract.length);
        return true;
    }
    const json_t *native = json_object_get(json, "native");
    const char *denom = json_is_string(native) ? json_string_value(native) : "";
    if (strncmp(denom, SIM_CHAIN_IBC_PREFIX, strlen(SIM_CHAIN_IBC_PREFIX)) == 0 &&
        sim_chain_read_voucher(denom, token)) {
        return true;
    }
    if (!sim_abi_chain_is_denom(denom, strlen(denom))) {
        return false;
    }
    *token = sim_abi_addr_text(denom);
    return true;
}

/* --- structs ----------------------------------------------------------------------------- */
/* A struct under way: where a fault is, and its sentence. */
struct sim_chain_reading {
    struct sim_buffer path;
    struct sim_buffer *why;
};

static bool sim_chain_refuse(struct sim_chain_reading *reading, const char *what)
{
    sim_bytes_add(reading->why, reading->path.bytes, reading->path.length);
    sim_bytes_add_format(reading->why, ": %s", what);
    return false;
}

static bool sim_chain_read_struct(struct sim_chain_reading *reading,
                                  uint32_t layout,
                                  const json_t *json,
                                  uint8_t *object);

static bool sim_chain_read_list(struct sim_chain_reading *reading,
                                const struct sim_abi_field *field,
                                const json_t *json,
                                uint8_t *object)
{
    if (!json_is_array(json)) {
        return sim_chain_refuse(reading, "not an array");
    }
    if (json_array_size(json) > field->count_max) {
        return sim_chain_refuse(reading, "too many elements");
    }
    const uint32_t count = (uint32_t)json_array_size(json);
    const size_t size = sim_abi_layout(field->layout)->size;
    const size_t length = reading->path.length;
    memcpy(object + field->count_offset, &count, sizeof count);
    for (uint32_t i = 0; i < count; i++) {
        sim_bytes_add_format(&reading->path, "[%u]", i);
        if (!sim_chain_read_struct(reading,
                                   field->layout,
                                   json_array_get(json, i),
                                   object + field->offset + i * size)) {
            return false;
        }
        reading->path.length = length;
    }
    return true;
}

/* A number of the chain: JSON's own below 33 bits, else a text of digits. */
static bool sim_chain_read_number(struct sim_chain_reading *reading,
                                  const struct sim_abi_field *field,
                                  const json_t *json,
                                  uint8_t *object)
{
    sim_int value = 0;
    if (sim_abi_chain_form(field) == SIM_CHAIN_INTEGER) {
        if (!json_is_integer(json)) {
            return sim_chain_refuse(reading, "not an integer");
        }
        value = json_integer_value(json);
    } else if (!sim_chain_read_digits(json, &value)) {
        return sim_chain_refuse(reading, "not a text of digits, or more than 127 bits of them");
    }
    return sim_abi_set(field, object, value) || sim_chain_refuse(reading, "outside of its type");
}

static bool sim_chain_read_value(struct sim_chain_reading *reading,
                                 const struct sim_abi_field *field,
                                 const json_t *json,
                                 uint8_t *object)
{
    uint8_t *at = object + field->offset;
    switch (sim_abi_chain_form(field)) {
    case SIM_CHAIN_INTEGER:
    case SIM_CHAIN_UINT64:
    case SIM_CHAIN_INT64:
    case SIM_CHAIN_UINT128:
    case SIM_CHAIN_INT128: return sim_chain_read_number(reading, field, json, object);
    case SIM_CHAIN_HEX: {
        struct sim_buffer bytes = {0};
        const char *text = json_is_string(json) ? json_string_value(json) : "";
        const bool is_hash =
            sim_chain_read_hex(text, strlen(text), sizeof(struct plm_hash), &bytes);
        if (is_hash) {
            memcpy(at, bytes.bytes, bytes.length);
        }
        sim_bytes_free(&bytes);
        return is_hash || sim_chain_refuse(reading, "not 64 lower-case hexadecimal digits");
    }
    case SIM_CHAIN_ADDR:
    case SIM_CHAIN_TOKEN: {
        struct plm_addr addr = {0};
        const bool is_token = field->type == PLM_TYPE_TOKEN;
        if (is_token ? !sim_abi_chain_read_token(json, &addr)
                     : !sim_abi_chain_read_addr(json, &addr)) {
            return sim_chain_refuse(reading,
                                    is_token ? "not a token" : "not an address of 20 or 32 bytes");
        }
        memcpy(at, &addr, sizeof addr);
        return true;
    }
    case SIM_CHAIN_OBJECT: return sim_chain_read_struct(reading, field->layout, json, at);
    case SIM_CHAIN_LIST: return sim_chain_read_list(reading, field, json, object);
    case SIM_CHAIN_MESSAGE:
    case SIM_CHAIN_EVENTS:
    case SIM_CHAIN_REPLY: break;
    }
    return sim_chain_refuse(reading, "bytes inside a query are not read here");
}

/* The first member that the struct has not. */
static bool
sim_chain_refuse_stranger(struct sim_chain_reading *reading, uint32_t layout, const json_t *json)
{
    void *at = json_object_iter((json_t *)(uintptr_t)json);
    for (; at != NULL; at = json_object_iter_next((json_t *)(uintptr_t)json, at)) {
        const char *key = json_object_iter_key(at);
        const struct sim_abi_field *field = sim_abi_find_field(layout, key);
        if (field == NULL || sim_abi_chain_is_hidden(field)) {
            sim_bytes_add_format(&reading->path, ".%s", key);
            return sim_chain_refuse(reading, "no such field");
        }
    }
    return true;
}

/* Recursion ends: a struct holds only structs declared above it. */
static bool sim_chain_read_struct(struct sim_chain_reading *reading,
                                  uint32_t layout,
                                  const json_t *json,
                                  uint8_t *object)
{
    const struct sim_abi_layout *of = sim_abi_layout(layout);
    const size_t length = reading->path.length;
    if (!json_is_object(json)) {
        return sim_chain_refuse(reading, "not an object");
    }
    for (uint32_t i = 0; i < of->field_count; i++) {
        const struct sim_abi_field *field = &of->fields[i];
        if (sim_abi_chain_is_hidden(field)) {
            continue;
        }
        const json_t *value = json_object_get(json, field->name);
        sim_bytes_add_format(&reading->path, ".%s", field->name);
        if (value == NULL) {
            return sim_chain_refuse(reading, "missing");
        }
        if (!sim_chain_read_value(reading, field, value, object)) {
            return false;
        }
        reading->path.length = length;
    }
    return sim_chain_refuse_stranger(reading, layout, json);
}

/* --- messages ---------------------------------------------------------------------------- */
/* The operation or query that a message of `execute`, `sudo` or `query` names by its only member.
 */
static const struct sim_abi_op *sim_chain_read_name(enum sim_chain_entry entry, const json_t *json)
{
    if (!json_is_object(json) || json_object_size(json) != 1) {
        return NULL;
    }
    const char *name = json_object_iter_key(json_object_iter((json_t *)(uintptr_t)json));
    const struct sim_abi_op *op = NULL;
    for (uint32_t i = 0; (op = sim_abi_op_at(i)) != NULL; i++) {
        if (strcmp(sim_abi_layout(op->message)->name, name) == 0) {
            break;
        }
    }
    return op != NULL && sim_abi_chain_takes(entry, op) ? op : NULL;
}

bool sim_abi_chain_read_message(enum sim_chain_entry entry,
                                const json_t *json,
                                struct sim_buffer *out,
                                struct sim_buffer *why)
{
    if (entry == SIM_CHAIN_MIGRATE) {
        const bool is_empty = json_is_object(json) && json_object_size(json) == 0;
        sim_bytes_add_text(why, is_empty ? "" : "migrate: the message is {}");
        return is_empty;
    }
    const bool is_named =
        entry == SIM_CHAIN_EXECUTE || entry == SIM_CHAIN_SUDO || entry == SIM_CHAIN_QUERY;
    const bool is_first = entry == SIM_CHAIN_INSTANTIATE;
    const struct sim_abi_op *op =
        is_named ? sim_chain_read_name(entry, json)
                 : sim_abi_find_op((uint8_t)(is_first ? PLM_OP_INITIALISE : PLM_OP_SETTLE_OUT));
    if (op == NULL) {
        sim_bytes_add_format(why,
                             "%s: an object whose only member is the name of a message",
                             sim_abi_chain_entry_name(entry));
        return false;
    }
    union sim_abi_object object = {0};
    const char *name = sim_abi_layout(op->message)->name;
    struct sim_chain_reading reading = {.why = why};
    sim_bytes_add_text(&reading.path, name);
    const bool is_read = sim_chain_read_struct(
        &reading, op->message, is_named ? json_object_get(json, name) : json, object.bytes);
    if (is_read) {
        (void)sim_abi_encode_message(op->opcode, &object, out);
    }
    sim_bytes_free(&reading.path);
    return is_read;
}

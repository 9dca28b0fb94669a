/* SPDX-License-Identifier: Apache-2.0
 * Fields of the structs, canonical bytes and back, storage keys.
 * Spec: "ABI". Shares nothing with the core's codec: the two check each other. */
#include "sim_abi.h"

#include "sim_error.h"

#include <stdlib.h>
#include <string.h>

#define SIM_ADDR_MAX ((size_t)PLM_LIMIT_ADDR_MAX)

/* --- integers ---------------------------------------------------------------------------- */
sim_int sim_abi_int_of(plm_i128 value)
{
    return (sim_int)((sim_uint)(uint64_t)value.hi << 64 | value.lo);
}

plm_i128 sim_abi_i128_of(sim_int value)
{
    const sim_uint bits = (sim_uint)value;
    return (plm_i128){.lo = (uint64_t)bits, .hi = (int64_t)(uint64_t)(bits >> 64)};
}

/* Bytes of an integer type in its struct member: those of the wire, but a VAL104 is a plm_val. */
static uint32_t sim_abi_member_bytes(enum plm_type type)
{
    return type == PLM_TYPE_VAL104 ? (uint32_t)sizeof(plm_val) : sim_abi_type(type)->bytes;
}

/* Reads `count` bytes, little-endian, as a number with or without a sign. */
static sim_int sim_abi_load(const uint8_t *bytes, uint32_t count, bool is_signed)
{
    sim_uint value = is_signed && (bytes[count - 1] & 0x80u) != 0 ? ~(sim_uint)0 : 0;
    for (uint32_t i = count; i > 0; i--) {
        value = value << 8 | bytes[i - 1];
    }
    return (sim_int)value;
}

/* The members of the structs in bytes, whatever the machine's own order: through their types. */
sim_int sim_abi_get(const struct sim_abi_field *field, const void *object)
{
    const uint8_t *at = (const uint8_t *)object + field->offset;
    const bool is_signed = sim_abi_type(field->type)->is_signed;
    const uint32_t count = sim_abi_member_bytes(field->type);
    uint64_t value = 0;
    switch (count) {
    case 1: value = at[0]; break;
    case 2: {
        uint16_t half = 0;
        memcpy(&half, at, sizeof half);
        value = half;
        break;
    }
    case 4: {
        uint32_t word = 0;
        memcpy(&word, at, sizeof word);
        value = word;
        break;
    }
    case 8: memcpy(&value, at, sizeof value); break;
    case 16: {
        plm_i128 wide = {0};
        memcpy(&wide, at, sizeof wide);
        return sim_abi_int_of(wide);
    }
    default: sim_error_fatal("%s is no integer field: a bug of the simulator", field->name);
    }
    return is_signed ? (sim_int)(int64_t)value : (sim_int)value;
}

/* True where a value fits the type: unsigned ones start at 0, an AMT has 127 bits. */
static bool sim_abi_fits(enum plm_type type, sim_int value)
{
    const struct sim_abi_type *row = sim_abi_type(type);
    if (!row->is_signed && value < 0) {
        return false;
    }
    if (row->bytes >= sizeof(sim_int)) {
        return true;
    }
    const unsigned bits = row->bytes * 8u - (row->is_signed ? 1u : 0u);
    const sim_int limit = (sim_int)1 << bits;
    if (type == PLM_TYPE_VAL104) {
        return value > -limit && value < limit;
    }
    return value >= (row->is_signed ? -limit : 0) && value < limit;
}

bool sim_abi_set(const struct sim_abi_field *field, void *object, sim_int value)
{
    uint8_t *at = (uint8_t *)object + field->offset;
    if (!sim_abi_is_integer(field->type) || !sim_abi_fits(field->type, value)) {
        return false;
    }
    const plm_i128 wide = sim_abi_i128_of(value);
    switch (sim_abi_member_bytes(field->type)) {
    case 1: at[0] = (uint8_t)wide.lo; break;
    case 2: {
        const uint16_t half = (uint16_t)wide.lo;
        memcpy(at, &half, sizeof half);
        break;
    }
    case 4: {
        const uint32_t word = (uint32_t)wide.lo;
        memcpy(at, &word, sizeof word);
        break;
    }
    case 8: memcpy(at, &wide.lo, sizeof wide.lo); break;
    default: memcpy(at, &wide, sizeof wide); break;
    }
    return true;
}

/* --- paths ------------------------------------------------------------------------------- */
static uint32_t *sim_abi_count(const struct sim_abi_field *field, uint8_t *object)
{
    void *at = object + field->count_offset;
    return at;
}

/* Reads an index that fills the whole segment. */
static bool sim_abi_index(const char *text, size_t length, uint32_t *index)
{
    sim_int value = 0;
    if (!sim_bytes_parse_decimal(text, length, 0, &value) || value < 0 || value > UINT16_MAX) {
        return false;
    }
    *index = (uint32_t)value;
    return true;
}

/* One segment further: a field of a struct, or an element of a list. */
static bool sim_abi_step(struct sim_abi_place *place, const char *segment, size_t length)
{
    const bool is_list = place->field != NULL && place->field->type == PLM_TYPE_LIST;
    if (is_list) {
        uint32_t index = 0;
        if (!sim_abi_index(segment, length, &index) || index >= place->field->count_max) {
            return false;
        }
        place->bytes += (size_t)index * sim_abi_layout(place->layout)->size;
        place->field = NULL;
        place->count = NULL;
        return true;
    }
    const struct sim_abi_layout *layout = sim_abi_layout(place->layout);
    for (uint32_t i = 0; layout != NULL && i < layout->field_count; i++) {
        const struct sim_abi_field *field = &layout->fields[i];
        if (strlen(field->name) == length && memcmp(field->name, segment, length) == 0) {
            const bool is_inner = field->type == PLM_TYPE_LIST || field->type == PLM_TYPE_GROUP;
            place->count = field->type == PLM_TYPE_LIST ? sim_abi_count(field, place->bytes) : NULL;
            place->bytes += field->offset;
            place->field = field;
            place->layout = is_inner ? field->layout : PLM_LAYOUT_COUNT;
            return true;
        }
    }
    return false;
}

bool sim_abi_place(uint32_t layout, void *object, const char *path, struct sim_abi_place *place)
{
    *place = (struct sim_abi_place){.layout = layout, .bytes = object};
    for (const char *at = path;;) {
        const size_t length = strcspn(at, ".");
        if (!sim_abi_step(place, at, length)) {
            return false;
        }
        if (at[length] == '\0') {
            return true;
        }
        at += length + 1;
    }
}

/* The integer field at a path, as if its struct began at *object. */
static const struct sim_abi_field *
sim_abi_integer_at(uint32_t layout, void *object, const char *path, void **owner)
{
    struct sim_abi_place place = {0};
    if (!sim_abi_place(layout, object, path, &place) || place.field == NULL ||
        !sim_abi_is_integer(place.field->type)) {
        return NULL;
    }
    *owner = place.bytes - place.field->offset;
    return place.field;
}

bool sim_abi_get_path(uint32_t layout, const void *object, const char *path, sim_int *value)
{
    void *owner = NULL;
    const uintptr_t same = (uintptr_t)object;
    const struct sim_abi_field *field = sim_abi_integer_at(layout, (void *)same, path, &owner);
    if (field != NULL) {
        *value = sim_abi_get(field, owner);
    }
    return field != NULL;
}

bool sim_abi_set_path(uint32_t layout, void *object, const char *path, sim_int value)
{
    void *owner = NULL;
    const struct sim_abi_field *field = sim_abi_integer_at(layout, object, path, &owner);
    return field != NULL && sim_abi_set(field, owner, value);
}

/* --- struct to bytes --------------------------------------------------------------------- */
/* Groups and lists nest three deep at most: `reply_market.state.draws`. */
static void sim_abi_encode_field(const struct sim_abi_field *field,
                                 const uint8_t *object,
                                 struct sim_buffer *out)
{
    const uint8_t *at = object + field->offset;
    if (sim_abi_is_integer(field->type)) {
        sim_bytes_add_integer(out, sim_abi_get(field, object), sim_abi_type(field->type)->bytes);
    } else if (field->type == PLM_TYPE_HASH) {
        sim_bytes_add(out, at, sizeof(struct plm_hash));
    } else if (sim_abi_is_addr(field->type)) {
        struct plm_addr addr;
        memcpy(&addr, at, sizeof addr);
        sim_bytes_add_integer(out, addr.length, 1);
        sim_bytes_add(out, addr.bytes, addr.length < SIM_ADDR_MAX ? addr.length : SIM_ADDR_MAX);
    } else if (field->type == PLM_TYPE_BYTES) {
        struct plm_bytes bytes;
        memcpy(&bytes, at, sizeof bytes);
        sim_bytes_add_integer(out, bytes.length, 2);
        sim_bytes_add(
            out, bytes.bytes, bytes.length < PLM_BYTES_MAX ? bytes.length : PLM_BYTES_MAX);
    } else if (field->type == PLM_TYPE_GROUP) {
        sim_abi_encode(field->layout, at, out);
    } else {
        uint32_t count = 0;
        memcpy(&count, object + field->count_offset, sizeof count);
        sim_bytes_add_integer(out, count, 1);
        /* A count beyond the maximum is written as it is, so that tests can send nonsense. */
        for (uint32_t i = 0; i < count && i < field->count_max; i++) {
            sim_abi_encode(
                field->layout, at + (size_t)i * sim_abi_layout(field->layout)->size, out);
        }
    }
}

void sim_abi_encode(uint32_t layout, const void *object, struct sim_buffer *out)
{
    const struct sim_abi_layout *of = sim_abi_layout(layout);
    for (uint32_t i = 0; i < of->field_count; i++) {
        sim_abi_encode_field(&of->fields[i], object, out);
    }
}

bool sim_abi_encode_message(uint8_t opcode, const void *message, struct sim_buffer *out)
{
    const struct sim_abi_op *op = sim_abi_find_op(opcode);
    if (op == NULL) {
        return false;
    }
    sim_bytes_add_byte(out, opcode);
    if (message != NULL) {
        sim_abi_encode(op->message, message, out);
    }
    return true;
}

void sim_abi_encode_record(uint32_t layout, const void *object, struct sim_buffer *out)
{
    sim_abi_encode_record_of(layout, PLM_RECORD_VERSION, object, out);
}

void sim_abi_encode_record_of(uint32_t layout,
                              uint8_t version,
                              const void *object,
                              struct sim_buffer *out)
{
    const struct sim_abi_layout *of = sim_abi_layout(layout);
    const uint32_t count = sim_abi_record_fields(layout, version);
    sim_bytes_add_byte(out, version);
    for (uint32_t i = 0; i < count; i++) {
        sim_abi_encode_field(&of->fields[i], object, out);
    }
}

/* --- bytes to struct --------------------------------------------------------------------- */
/* Takes bytes from the front; NULL where they are too few. */
static const uint8_t *sim_abi_take(struct sim_span *bytes, size_t count)
{
    if (bytes->length < count) {
        return NULL;
    }
    const uint8_t *at = bytes->bytes;
    bytes->bytes += count;
    bytes->length -= count;
    return at;
}

/* Takes a length or count of `width` bytes, at most `limit`. */
static bool
sim_abi_take_count(struct sim_span *bytes, uint32_t width, uint32_t limit, uint32_t *count)
{
    const uint8_t *at = sim_abi_take(bytes, width);
    if (at == NULL) {
        return false;
    }
    *count = (uint32_t)sim_abi_load(at, width, false);
    return *count <= limit;
}

static bool
sim_abi_decode_bytes(struct sim_span *bytes, uint8_t *to, uint32_t width, uint32_t limit)
{
    uint32_t length = 0;
    if (!sim_abi_take_count(bytes, width, limit, &length)) {
        return false;
    }
    const uint8_t *at = sim_abi_take(bytes, length);
    if (at == NULL) {
        return false;
    }
    /* plm_addr and plm_bytes are alike: a length, then the bytes. */
    memcpy(to, &length, sizeof length);
    memcpy(to + sizeof length, at, length);
    return true;
}

static bool sim_abi_decode_fields(uint32_t layout, struct sim_span *bytes, uint8_t *object);

static bool
sim_abi_decode_list(const struct sim_abi_field *field, struct sim_span *bytes, uint8_t *object)
{
    uint32_t count = 0;
    if (!sim_abi_take_count(bytes, 1, field->count_max, &count)) {
        return false;
    }
    *sim_abi_count(field, object) = count;
    uint8_t *at = object + field->offset;
    for (uint32_t i = 0; i < count; i++) {
        if (!sim_abi_decode_fields(field->layout, bytes, at)) {
            return false;
        }
        at += sim_abi_layout(field->layout)->size;
    }
    return true;
}

static bool
sim_abi_decode_field(const struct sim_abi_field *field, struct sim_span *bytes, uint8_t *object)
{
    uint8_t *to = object + field->offset;
    if (field->type == PLM_TYPE_LIST) {
        return sim_abi_decode_list(field, bytes, object);
    }
    if (field->type == PLM_TYPE_GROUP) {
        return sim_abi_decode_fields(field->layout, bytes, to);
    }
    if (sim_abi_is_addr(field->type)) {
        return sim_abi_decode_bytes(bytes, to, 1, PLM_LIMIT_ADDR_MAX);
    }
    if (field->type == PLM_TYPE_BYTES) {
        return sim_abi_decode_bytes(bytes, to, 2, PLM_BYTES_MAX);
    }
    const struct sim_abi_type *type = sim_abi_type(field->type);
    const uint8_t *at = sim_abi_take(bytes, type->bytes);
    if (at == NULL) {
        return false;
    }
    if (field->type == PLM_TYPE_HASH) {
        memcpy(to, at, type->bytes);
        return true;
    }
    return sim_abi_set(field, object, sim_abi_load(at, type->bytes, type->is_signed));
}

/* Recursion ends: a struct holds only structs declared above it. */
static bool sim_abi_decode_fields(uint32_t layout, struct sim_span *bytes, uint8_t *object)
{
    const struct sim_abi_layout *of = sim_abi_layout(layout);
    for (uint32_t i = 0; i < of->field_count; i++) {
        if (!sim_abi_decode_field(&of->fields[i], bytes, object)) {
            return false;
        }
    }
    return true;
}

bool sim_abi_decode(uint32_t layout, struct sim_span bytes, void *object)
{
    const struct sim_abi_layout *of = sim_abi_layout(layout);
    if (of == NULL) {
        return false;
    }
    memset(object, 0, of->size);
    return sim_abi_decode_fields(layout, &bytes, object) && bytes.length == 0;
}

bool sim_abi_decode_record(uint32_t layout, struct sim_span bytes, void *object)
{
    const uint8_t *version = sim_abi_take(&bytes, 1);
    const struct sim_abi_layout *of = sim_abi_layout(layout);
    if (version == NULL || of == NULL) {
        return false;
    }
    const uint32_t count = sim_abi_record_fields(layout, *version);
    memset(object, 0, of->size);
    for (uint32_t i = 0; i < count; i++) {
        if (!sim_abi_decode_field(&of->fields[i], &bytes, object)) {
            return false;
        }
    }
    return count > 0 && bytes.length == 0;
}

uint32_t sim_abi_decode_message(struct sim_span bytes, void *object)
{
    const uint8_t *opcode = sim_abi_take(&bytes, 1);
    const struct sim_abi_op *op = opcode == NULL ? NULL : sim_abi_find_op(*opcode);
    if (op == NULL || !sim_abi_decode(op->message, bytes, object)) {
        return PLM_LAYOUT_COUNT;
    }
    return op->message;
}

/* --- keys -------------------------------------------------------------------------------- */
static void sim_abi_key_add(struct sim_key *key, uint64_t value, uint32_t count)
{
    for (uint32_t i = count; i > 0; i--) {
        key->bytes[key->length++] = (uint8_t)(value >> (8u * (i - 1)));
    }
}

struct sim_key sim_abi_key(enum plm_key_prefix prefix, uint64_t id)
{
    struct sim_key key = {0};
    const struct sim_abi_key *row = sim_abi_find_key((uint8_t)prefix);
    if (row == NULL || row->id_bytes > sizeof id) {
        sim_error_fatal("key %u has no number as its id: a bug of the simulator", prefix);
    }
    sim_abi_key_add(&key, (uint64_t)prefix, 1);
    sim_abi_key_add(&key, id, row->id_bytes);
    return key;
}

struct sim_key sim_abi_key_owner(const struct plm_addr *owner, uint32_t number)
{
    struct sim_key key = {0};
    sim_abi_key_add(&key, PLM_KEY_OWNER, 1);
    sim_bytes_sha256(owner->bytes, owner->length, key.bytes + key.length);
    key.length += (uint32_t)sizeof(struct plm_hash);
    sim_abi_key_add(&key, number, (uint32_t)sizeof number);
    return key;
}

struct sim_key sim_abi_key_token(const struct plm_addr *token)
{
    struct sim_key key = {0};
    sim_abi_key_add(&key, PLM_KEY_TOKEN, 1);
    sim_bytes_sha256(token->bytes, token->length, key.bytes + key.length);
    key.length += (uint32_t)sizeof(struct plm_hash);
    return key;
}

struct sim_span sim_abi_key_span(const struct sim_key *key)
{
    return (struct sim_span){key->bytes, key->length};
}

uint64_t sim_abi_key_id(struct sim_span key)
{
    const size_t first = key.length > sizeof(uint64_t) + 1 ? key.length - sizeof(uint32_t) : 1;
    uint64_t id = 0;
    for (size_t i = first; i < key.length; i++) {
        id = id << 8 | key.bytes[i];
    }
    return id;
}

/* --- addresses --------------------------------------------------------------------------- */
struct plm_addr sim_abi_addr(const void *bytes, size_t length)
{
    struct plm_addr addr = {0};
    if (length > SIM_ADDR_MAX) {
        sim_error_fatal("an address of %zu bytes: 64 at most", length);
    }
    addr.length = (uint32_t)length;
    if (length > 0) {
        memcpy(addr.bytes, bytes, length);
    }
    return addr;
}

struct plm_addr sim_abi_addr_text(const char *text)
{
    return sim_abi_addr(text, strlen(text));
}

bool sim_abi_addr_equal(const struct plm_addr *left, const struct plm_addr *right)
{
    return left->length == right->length && memcmp(left->bytes, right->bytes, left->length) == 0;
}

/* --- parameters -------------------------------------------------------------------------- */
/* Seconds from a number with an optional unit: s, m, h, d. */
static bool sim_abi_parse_seconds(const char *text, size_t length, sim_int *value)
{
    static const char units[] = "smhd";
    static const uint32_t seconds[] = {1, 60, 3600, 86400};
    const char *unit = length > 0 ? strchr(units, text[length - 1]) : NULL;
    if (unit == NULL || *unit == '\0') {
        return sim_bytes_parse_decimal(text, length, 0, value);
    }
    if (!sim_bytes_parse_decimal(text, length - 1, 0, value) || *value > UINT32_MAX) {
        return false;
    }
    *value *= seconds[unit - units];
    return true;
}

bool sim_abi_parse_param(const struct sim_abi_param *param, const char *text, sim_int *value)
{
    const enum plm_type type = param->field->type;
    const size_t length = strlen(text);
    sim_int got = 0;
    bool is_read = false;
    if (sim_abi_is_percent(type)) {
        const bool has_sign = length > 0 && text[length - 1] == '%';
        is_read = sim_bytes_parse_decimal(
            text, has_sign ? length - 1 : length, sim_abi_scale(type), &got);
        /* Without the sign only zero is clear. */
        is_read = is_read && (has_sign || got == 0);
    } else if (type == PLM_TYPE_U32) {
        is_read = sim_abi_parse_seconds(text, length, &got);
    } else {
        is_read = sim_bytes_parse_decimal(text, length, sim_abi_scale(type), &got);
    }
    if (!is_read || !sim_abi_fits(type, got)) {
        return false;
    }
    *value = got;
    return true;
}

void sim_abi_param_defaults(uint8_t target, void *params)
{
    memset(params, 0, sim_abi_layout(sim_abi_param_layout(target))->size);
    const struct sim_abi_param *param = NULL;
    for (uint32_t i = 0; (param = sim_abi_param_at(i)) != NULL; i++) {
        sim_int value = 0;
        if (param->target != target) {
            continue;
        }
        if (!sim_abi_parse_param(param, param->written, &value) ||
            !sim_abi_set(param->field, params, value)) {
            sim_error_fatal("the default '%s' of %s in abi/params.def is not of its type",
                            param->written,
                            param->name);
        }
    }
}

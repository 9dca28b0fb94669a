/* SPDX-License-Identifier: Apache-2.0
 * Structs, messages, events, keys and records as text, with exact numbers.
 * Spec: "ABI". It must never know what a field means. */
#include "sim_abi.h"

#include <string.h>

/* Printable addresses are token names of the chain. */
static void sim_abi_print_addr(const struct plm_addr *addr, struct sim_buffer *out)
{
    bool is_text = addr->length > 0;
    for (uint32_t i = 0; i < addr->length; i++) {
        is_text = is_text && addr->bytes[i] > ' ' && addr->bytes[i] < 0x7f;
    }
    if (is_text) {
        sim_bytes_add(out, addr->bytes, addr->length);
    } else if (addr->length == 0) {
        sim_bytes_add_text(out, "-");
    } else {
        sim_bytes_add_hex(out, (struct sim_span){addr->bytes, addr->length});
    }
}

void sim_abi_print_value(const struct sim_abi_field *field,
                         const void *object,
                         struct sim_buffer *out)
{
    const uint8_t *at = (const uint8_t *)object + field->offset;
    if (sim_abi_is_integer(field->type)) {
        char text[SIM_DECIMAL_TEXT_MAX];
        sim_bytes_add_text(
            out,
            sim_bytes_decimal_text(sim_abi_get(field, object), sim_abi_scale(field->type), text));
        if (sim_abi_is_percent(field->type)) {
            sim_bytes_add_text(out, "%");
        }
    } else if (field->type == PLM_TYPE_HASH) {
        sim_bytes_add_hex(out, (struct sim_span){at, sizeof(struct plm_hash)});
    } else if (sim_abi_is_addr(field->type)) {
        struct plm_addr addr;
        memcpy(&addr, at, sizeof addr);
        sim_abi_print_addr(&addr, out);
    } else if (field->type == PLM_TYPE_BYTES) {
        struct plm_bytes bytes;
        memcpy(&bytes, at, sizeof bytes);
        sim_bytes_add_hex(out, (struct sim_span){bytes.bytes, bytes.length});
        if (bytes.length == 0) {
            sim_bytes_add_text(out, "-");
        }
    } else {
        sim_abi_print(field->layout, at, out);
    }
}

static void sim_abi_print_fields(uint32_t layout,
                                 const uint8_t *object,
                                 const char *prefix,
                                 struct sim_buffer *out);

/* The elements of a list, or how many there are where there is none. */
static void sim_abi_print_list(const struct sim_abi_field *field,
                               const uint8_t *object,
                               const char *path,
                               struct sim_buffer *out)
{
    uint32_t count = 0;
    memcpy(&count, object + field->count_offset, sizeof count);
    if (count == 0) {
        sim_bytes_add_format(out, "%s%s none", out->length > 0 ? " " : "", path);
    }
    for (uint32_t i = 0; i < count && i < field->count_max; i++) {
        struct sim_buffer element = {0};
        sim_bytes_add_format(&element, "%s.%u.", path, i);
        const size_t size = sim_abi_layout(field->layout)->size;
        sim_abi_print_fields(
            field->layout, object + field->offset + i * size, sim_bytes_text(&element), out);
        sim_bytes_free(&element);
    }
}

/* Recursion ends: a struct holds only structs declared above it. */
static void sim_abi_print_fields(uint32_t layout,
                                 const uint8_t *object,
                                 const char *prefix,
                                 struct sim_buffer *out)
{
    const struct sim_abi_layout *of = sim_abi_layout(layout);
    for (uint32_t i = 0; i < of->field_count; i++) {
        const struct sim_abi_field *field = &of->fields[i];
        struct sim_buffer path = {0};
        sim_bytes_add_format(&path, "%s%s", prefix, field->name);
        if (field->type == PLM_TYPE_LIST) {
            sim_abi_print_list(field, object, sim_bytes_text(&path), out);
        } else if (field->type == PLM_TYPE_GROUP) {
            sim_bytes_add_text(&path, ".");
            sim_abi_print_fields(field->layout, object + field->offset, sim_bytes_text(&path), out);
        } else {
            sim_bytes_add_format(out, "%s%s ", out->length > 0 ? " " : "", sim_bytes_text(&path));
            sim_abi_print_value(field, object, out);
        }
        sim_bytes_free(&path);
    }
}

void sim_abi_print(uint32_t layout, const void *object, struct sim_buffer *out)
{
    sim_abi_print_fields(layout, object, "", out);
}

/* Decodes a struct and prints it; as hexadecimal where it does not decode. */
static void sim_abi_print_bytes(uint32_t layout, struct sim_span bytes, struct sim_buffer *out)
{
    union sim_abi_object object;
    if (layout < PLM_LAYOUT_COUNT && sim_abi_decode(layout, bytes, &object)) {
        sim_abi_print(layout, &object, out);
    } else {
        sim_bytes_add_text(out, " bytes ");
        sim_bytes_add_hex(out, bytes);
    }
}

void sim_abi_print_message(struct sim_span bytes, struct sim_buffer *out)
{
    const struct sim_abi_op *op = bytes.length > 0 ? sim_abi_find_op(bytes.bytes[0]) : NULL;
    if (op == NULL) {
        sim_bytes_add_text(out, "unknown");
        sim_abi_print_bytes(PLM_LAYOUT_COUNT, bytes, out);
        return;
    }
    sim_bytes_add_text(out, op->name);
    const struct sim_span fields = {bytes.bytes + 1, bytes.length - 1};
    sim_abi_print_bytes(op->message, fields, out);
}

void sim_abi_print_event(uint32_t id, struct sim_span bytes, struct sim_buffer *out)
{
    const struct sim_abi_event *event = sim_abi_find_event(id);
    if (event == NULL) {
        sim_bytes_add_format(out, "event %u", id);
        sim_abi_print_bytes(PLM_LAYOUT_COUNT, bytes, out);
        return;
    }
    sim_bytes_add_text(out, event->symbol);
    sim_abi_print_bytes(event->layout, bytes, out);
}

void sim_abi_print_key(struct sim_span key, struct sim_buffer *out)
{
    const struct sim_abi_key *row = key.length > 0 ? sim_abi_find_key(key.bytes[0]) : NULL;
    if (row == NULL || key.length != row->id_bytes + 1u) {
        sim_bytes_add_hex(out, key);
        return;
    }
    const size_t hash = row->id_bytes >= sizeof(struct plm_hash) ? sizeof(struct plm_hash) : 0;
    sim_bytes_add_text(out, row->symbol);
    if (hash > 0) {
        sim_bytes_add_text(out, " ");
        sim_bytes_add_hex(out, (struct sim_span){key.bytes + 1, hash});
    }
    if (row->id_bytes > hash) {
        sim_bytes_add_format(out, " %llu", (unsigned long long)sim_abi_key_id(key));
    }
}

void sim_abi_print_record(struct sim_span key, struct sim_span value, struct sim_buffer *out)
{
    union sim_abi_object object;
    const struct sim_abi_key *row = key.length > 0 ? sim_abi_find_key(key.bytes[0]) : NULL;
    if (value.bytes == NULL) {
        sim_bytes_add_text(out, "absent");
    } else if (row != NULL && sim_abi_decode_record(row->record, value, &object)) {
        sim_abi_print(row->record, &object, out);
    } else {
        sim_bytes_add_hex(out, value);
    }
}

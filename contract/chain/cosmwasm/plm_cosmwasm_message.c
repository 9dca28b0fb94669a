/* SPDX-License-Identifier: Apache-2.0
 * JSON messages to the engine's bytes. One loop over the fields of the tables, with a small stack
 * of frames in place of recursion: the names in an object are looked up once, then its fields are
 * written in wire order. */
#include "plm_cosmwasm_message.h"

#include "plm_codec.h"
#include "plm_cosmwasm_token.h"

#define PLM_COSMWASM_KEY_MAX 64u /* of an unknown name, as much is repeated in the error */

PLM_STATIC_ASSERT(PLM_COSMWASM_TEXT_MAX <= UINT16_MAX, "a position fits 16 bits");

/* --- faults and output ------------------------------------------------------------------- */

static plm_err refuse(struct plm_cosmwasm_message *m, plm_err code, const char *fault)
{
    m->code = code;
    m->fault = fault;
    return code;
}

static void put(struct plm_cosmwasm_message *m, uint8_t byte)
{
    if (m->length < sizeof m->bytes) {
        m->bytes[m->length] = byte;
    } else if (m->code == PLM_OK) {
        (void)refuse(m, PLM_E_LENGTH, "longer than any message");
    }
    m->length++;
}

static void put_integer(struct plm_cosmwasm_message *m, uint32_t count, plm_i128 x)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t word = i < 8 ? x.lo : (uint64_t)x.hi;
        put(m, (uint8_t)(word >> (8 * (i % 8)) & 255));
    }
}

static void put_address(struct plm_cosmwasm_message *m, const struct plm_addr *address)
{
    put(m, (uint8_t)address->length);
    for (uint32_t i = 0; i < address->length; i++) {
        put(m, address->bytes[i]);
    }
}

/* --- values ------------------------------------------------------------------------------ */

/* Whole numbers of more than 32 bits are written in quotes, so that no reader rounds them. */
static bool is_quoted(uint8_t type)
{
    return plm_tables_types[type].bytes > 4;
}

/* True where x can be written in the type's bytes. */
static bool fits(uint8_t type, plm_i128 x)
{
    const uint32_t bits = 8u * plm_tables_types[type].bytes;
    if (bits > 64) {
        return true; /* 128 bits, or judged by the codec's bounds */
    }
    if (plm_tables_types[type].is_signed) {
        return x.hi == ((int64_t)x.lo < 0 ? -1 : 0);
    }
    return x.hi == 0 && (bits == 64 || x.lo >> bits == 0);
}

static plm_err read_integer(struct plm_cosmwasm_message *m, uint32_t field, uint32_t at)
{
    const uint8_t type = plm_tables_fields[field].type;
    const bool quoted = is_quoted(type);
    const struct plm_cosmwasm_span text =
        quoted ? plm_cosmwasm_json_string(&m->json, at) : plm_cosmwasm_json_number(&m->json, at);
    plm_i128 x = {0, 0};
    const enum plm_cosmwasm_number number = plm_cosmwasm_json_integer(text, &x);
    if (number == PLM_COSMWASM_NO_NUMBER) {
        return refuse(
            m, PLM_E_FIELD, quoted ? "not a whole number in quotes" : "not a whole number");
    }
    if (number == PLM_COSMWASM_TOO_LARGE || !fits(type, x) || !plm_codec_is_in_bounds(field, x)) {
        return refuse(m, PLM_E_RANGE, "outside its range");
    }
    put_integer(m, plm_tables_types[type].bytes, x);
    return m->code;
}

static plm_err read_address(struct plm_cosmwasm_message *m, uint32_t at)
{
    struct plm_addr address = {0};
    if (!plm_cosmwasm_token_address(plm_cosmwasm_json_string(&m->json, at), false, &address)) {
        return refuse(m, PLM_E_FIELD, "not an address of this chain");
    }
    put_address(m, &address);
    return m->code;
}

static plm_err read_token(struct plm_cosmwasm_message *m, uint32_t at)
{
    struct plm_addr token = {0};
    struct plm_cosmwasm_span key = {NULL, 0};
    uint32_t cursor = 0;
    uint32_t value = 0;
    bool ok = plm_cosmwasm_json_kind(&m->json, at) == '{' &&
              plm_cosmwasm_json_next(&m->json, at, &cursor, &key, &value);
    const struct plm_cosmwasm_span text = plm_cosmwasm_json_string(&m->json, value);
    if (plm_cosmwasm_json_equal(key, "native")) {
        ok = ok && plm_cosmwasm_token_native(text, &token);
    } else {
        ok = ok && plm_cosmwasm_json_equal(key, "cw20") &&
             plm_cosmwasm_token_cw20(text, false, &token);
    }
    if (!ok || plm_cosmwasm_json_next(&m->json, at, &cursor, &key, &value)) {
        return refuse(
            m, PLM_E_FIELD, "not a token: one of native with a denomination, cw20 with an address");
    }
    put_address(m, &token);
    return m->code;
}

/* The message inside a preview: kept until its outer message has been read. */
static plm_err read_inner(struct plm_cosmwasm_message *m, uint32_t at)
{
    const struct plm_cosmwasm_span text = plm_cosmwasm_json_string(&m->json, at);
    const int32_t count = plm_cosmwasm_json_base64(text, m->inner_text, sizeof m->inner_text);
    if (count <= 0) {
        return refuse(m, PLM_E_FIELD, "not a message in base64");
    }
    m->has_inner = true;
    m->inner.bytes = m->inner_text;
    m->inner.length = (uint32_t)count;
    return PLM_OK;
}

/* --- structs ----------------------------------------------------------------------------- */

/* Fields that hold nothing yet are no part of the JSON; on the wire they are 0. */
static bool is_hidden(uint32_t field)
{
    static const char reserved[] = "reserved";
    const struct plm_cosmwasm_span word = {(const uint8_t *)reserved, sizeof reserved - 1};
    return plm_cosmwasm_json_equal(word, plm_cosmwasm_names_field(field));
}

/* The position of a name in a layout, tried first where the last one left off; the count of fields
 * where there is none. */
static uint32_t
find_field(const struct plm_layout *layout, struct plm_cosmwasm_span key, uint32_t guess)
{
    for (uint32_t i = 0; i < layout->count; i++) {
        const uint32_t place = (guess + i) % layout->count;
        const uint32_t field = layout->first + place;
        if (!is_hidden(field) && plm_cosmwasm_json_equal(key, plm_cosmwasm_names_field(field))) {
            return place;
        }
    }
    return layout->count;
}

/* Notes where each field's value stands; each must be there once, and nothing else. */
static plm_err open_object(struct plm_cosmwasm_message *m, uint32_t at)
{
    struct plm_cosmwasm_frame *frame = &m->frames[m->depth - 1];
    uint16_t *value_at = m->value_at[m->depth - 1];
    const struct plm_layout *layout = &plm_tables_layouts[frame->layout];
    struct plm_cosmwasm_span key = {NULL, 0};
    uint32_t cursor = 0;
    uint32_t value = 0;
    uint32_t place = layout->count - 1u;
    frame->next = 0;
    __builtin_memset(value_at, 0, sizeof m->value_at[0]);
    if (plm_cosmwasm_json_kind(&m->json, at) != '{') {
        return refuse(m, PLM_E_FIELD, "not an object");
    }
    while (plm_cosmwasm_json_next(&m->json, at, &cursor, &key, &value)) {
        place = find_field(layout, key, place + 1);
        if (place == layout->count || value_at[place] != 0) {
            m->key = key;
            return refuse(
                m, PLM_E_FIELD, place == layout->count ? "unknown field " : "given twice: ");
        }
        value_at[place] = (uint16_t)value;
    }
    for (uint32_t i = 0; i < layout->count; i++) {
        if (value_at[i] == 0 && !is_hidden(layout->first + i)) {
            frame->next = (uint16_t)(i + 1);
            return refuse(m, PLM_E_FIELD, "missing");
        }
    }
    return PLM_OK;
}

static void push(struct plm_cosmwasm_message *m, uint8_t layout, uint32_t array_at)
{
    if (m->depth == PLM_COSMWASM_FRAMES || plm_tables_layouts[layout].count > PLM_COSMWASM_FIELDS) {
        __builtin_trap(); /* the tables outgrew the reader: its tests walk all of them */
    }
    const struct plm_cosmwasm_frame frame = {layout, 0, 0, (uint16_t)array_at, 0};
    m->frames[m->depth] = frame;
    m->depth++;
}

/* The next element of the list on top, which is left where there is none. */
static plm_err next_element(struct plm_cosmwasm_message *m)
{
    struct plm_cosmwasm_frame *frame = &m->frames[m->depth - 1];
    struct plm_cosmwasm_span key = {NULL, 0};
    uint32_t value = 0;
    const bool is_first = frame->cursor == 0;
    if (frame->array_at == 0 ||
        !plm_cosmwasm_json_next(&m->json, frame->array_at, &frame->cursor, &key, &value)) {
        m->depth--;
        return PLM_OK;
    }
    frame->element = (uint16_t)(frame->element + (is_first ? 0 : 1));
    return open_object(m, value);
}

static plm_err read_list(struct plm_cosmwasm_message *m, const struct plm_field *f, uint32_t at)
{
    struct plm_cosmwasm_span key = {NULL, 0};
    uint32_t cursor = 0;
    uint32_t value = 0;
    uint32_t count = 0;
    if (plm_cosmwasm_json_kind(&m->json, at) != '[') {
        return refuse(m, PLM_E_FIELD, "not an array");
    }
    while (plm_cosmwasm_json_next(&m->json, at, &cursor, &key, &value)) {
        count++;
    }
    if (count > f->limit) {
        return refuse(m, PLM_E_LENGTH, "too many elements");
    }
    put(m, (uint8_t)count);
    if (count == 0) {
        return m->code;
    }
    push(m, f->layout, at);
    return next_element(m);
}

static plm_err read_field(struct plm_cosmwasm_message *m, uint32_t field, uint32_t at)
{
    const struct plm_field *f = &plm_tables_fields[field];
    if (is_hidden(field)) {
        put_integer(m, plm_tables_types[f->type].bytes, (plm_i128){0, 0});
        return m->code;
    }
    switch (f->type) {
    case PLM_TYPE_GROUP: push(m, f->layout, 0); return open_object(m, at);
    case PLM_TYPE_LIST: return read_list(m, f, at);
    case PLM_TYPE_ADDR: return read_address(m, at);
    case PLM_TYPE_TOKEN: return read_token(m, at);
    case PLM_TYPE_BYTES: return read_inner(m, at);
    default: return read_integer(m, field, at);
    }
}

/* --- messages ---------------------------------------------------------------------------- */

static plm_err read_struct(struct plm_cosmwasm_message *m, uint8_t layout, uint32_t at)
{
    push(m, layout, 0);
    PLM_TRY(open_object(m, at));
    while (m->depth > 0) {
        struct plm_cosmwasm_frame *frame = &m->frames[m->depth - 1];
        const struct plm_layout *fields = &plm_tables_layouts[frame->layout];
        if (frame->next < fields->count) {
            const uint32_t place = frame->next;
            const uint32_t at_value = m->value_at[m->depth - 1][place];
            frame->next++;
            PLM_TRY(read_field(m, fields->first + place, at_value));
        } else {
            PLM_TRY(next_element(m));
        }
    }
    return m->code;
}

static const struct plm_cosmwasm_variant *find_variant(enum plm_cosmwasm_family family,
                                                       struct plm_cosmwasm_span key)
{
    const struct plm_cosmwasm_variant *variant = plm_cosmwasm_names_variant(0);
    for (uint32_t i = 1; variant != NULL; i++) {
        if (plm_cosmwasm_names_allows(family, variant->opcode) &&
            plm_cosmwasm_json_equal(key, variant->name)) {
            break;
        }
        variant = plm_cosmwasm_names_variant(i);
    }
    return variant;
}

static plm_err check_text(struct plm_cosmwasm_message *m)
{
    if (m->json.length > PLM_COSMWASM_TEXT_MAX) {
        return refuse(m, PLM_E_LENGTH, "longer than any message");
    }
    if (!plm_cosmwasm_json_check(&m->json, true)) {
        return refuse(m, PLM_E_FIELD, m->json.fault);
    }
    return PLM_OK;
}

static plm_err
read_variant(struct plm_cosmwasm_message *m, enum plm_cosmwasm_family family, uint8_t *opcode)
{
    struct plm_cosmwasm_span key = {NULL, 0};
    uint32_t cursor = 0;
    uint32_t value = 0;
    uint32_t other = 0;
    PLM_TRY(check_text(m));
    if (plm_cosmwasm_json_kind(&m->json, 0) != '{' ||
        !plm_cosmwasm_json_next(&m->json, 0, &cursor, &key, &value)) {
        return refuse(m, PLM_E_FIELD, "not an object with one message");
    }
    m->key = key;
    const struct plm_cosmwasm_variant *variant = find_variant(family, key);
    if (variant == NULL) {
        return refuse(m, PLM_E_FIELD, "unknown message ");
    }
    if (plm_cosmwasm_json_next(&m->json, 0, &cursor, &key, &other)) {
        m->key = key;
        return refuse(m, PLM_E_FIELD, "a second message ");
    }
    m->key.length = 0;
    m->name = variant->name;
    *opcode = variant->opcode;
    put(m, variant->opcode);
    return read_struct(m, variant->layout, value);
}

/* The message inside a preview: its bytes behind their count, as BYTES on the wire. */
static plm_err read_previewed(struct plm_cosmwasm_message *m)
{
    const uint32_t counted = m->length;
    if (counted > sizeof m->bytes - 2) {
        return refuse(m, PLM_E_LENGTH, "longer than any message");
    }
    m->where = "get_preview.message: ";
    m->json = m->inner;
    m->name = "";
    put(m, 0);
    put(m, 0);
    PLM_TRY(read_variant(m, PLM_COSMWASM_EXECUTE, &m->previewed));
    const uint32_t count = m->length - counted - 2;
    if (count > PLM_LIMIT_BYTES_MAX) {
        return refuse(m, PLM_E_LENGTH, "longer than a preview takes");
    }
    m->bytes[counted] = (uint8_t)(count & 255);
    m->bytes[counted + 1] = (uint8_t)(count >> 8);
    return PLM_OK;
}

static void begin(struct plm_cosmwasm_message *m, struct plm_cosmwasm_span text)
{
    m->length = 0;
    m->opcode = 0;
    m->previewed = 0;
    m->name = "";
    m->where = "";
    m->code = PLM_OK;
    m->fault = "";
    m->key = (struct plm_cosmwasm_span){NULL, 0};
    m->json = (struct plm_cosmwasm_json){text.bytes, text.length, NULL, 0};
    m->depth = 0;
    m->has_inner = false;
}

plm_err plm_cosmwasm_message_read(struct plm_cosmwasm_message *m,
                                  enum plm_cosmwasm_family family,
                                  struct plm_cosmwasm_span text)
{
    begin(m, text);
    m->where = family == PLM_COSMWASM_HOOK ? "receive.msg: " : "";
    PLM_TRY(read_variant(m, family, &m->opcode));
    return m->has_inner ? read_previewed(m) : PLM_OK;
}

plm_err plm_cosmwasm_message_read_fields(struct plm_cosmwasm_message *m,
                                         uint8_t opcode,
                                         struct plm_cosmwasm_span text)
{
    begin(m, text);
    const struct plm_cosmwasm_variant *variant = plm_cosmwasm_names_variant(0);
    for (uint32_t i = 0; variant->opcode != opcode; i++) {
        variant = plm_cosmwasm_names_variant(i);
    }
    m->name = variant->name;
    m->opcode = opcode;
    PLM_TRY(check_text(m));
    put(m, opcode);
    return read_struct(m, variant->layout, 0);
}

/* --- what is wrong ----------------------------------------------------------------------- */

static void write_place(const struct plm_cosmwasm_message *m, struct plm_cosmwasm_text *out)
{
    plm_cosmwasm_text_words(out, m->name);
    for (uint32_t i = 0; i < m->depth; i++) {
        const struct plm_cosmwasm_frame *frame = &m->frames[i];
        if (frame->array_at != 0) {
            plm_cosmwasm_text_byte(out, '[');
            plm_cosmwasm_text_integer(out, (plm_i128){frame->element, 0});
            plm_cosmwasm_text_byte(out, ']');
        }
        if (frame->next > 0) {
            const uint32_t field = plm_tables_layouts[frame->layout].first + frame->next - 1u;
            plm_cosmwasm_text_byte(out, '.');
            plm_cosmwasm_text_words(out, plm_cosmwasm_names_field(field));
        }
    }
}

void plm_cosmwasm_message_write_fault(const struct plm_cosmwasm_message *m,
                                      struct plm_cosmwasm_text *out)
{
    plm_cosmwasm_text_words(out, m->where);
    if (m->json.fault != NULL) { /* no JSON: there are no fields yet */
        plm_cosmwasm_text_words(out, "at byte ");
        plm_cosmwasm_text_integer(out, (plm_i128){m->json.at, 0});
        plm_cosmwasm_text_words(out, " of the message: ");
    } else if (m->name[0] != 0) {
        write_place(m, out);
        plm_cosmwasm_text_words(out, ": ");
    }
    plm_cosmwasm_text_words(out, m->fault);
    const uint32_t count = m->key.length;
    plm_cosmwasm_text_bytes(
        out, m->key.bytes, count < PLM_COSMWASM_KEY_MAX ? count : PLM_COSMWASM_KEY_MAX);
}

/* SPDX-License-Identifier: Apache-2.0
 * The engine's bytes to JSON. One loop over the fields of the tables, with a small stack of frames
 * in place of recursion; the bytes are the engine's own, so they are as the tables say. */
#include "plm_cosmwasm_answer.h"

#include "plm_cosmwasm_names.h"
#include "plm_cosmwasm_token.h"
#include "plm_tables.h"

#define PLM_COSMWASM_ANSWER_FRAMES 5u

struct frame {
    uint16_t layout;
    uint16_t next; /* field of the layout */
    uint16_t left; /* structs of the list, this one included */
    bool is_list;
};

struct writer {
    struct plm_cosmwasm_text *out;
    struct plm_cosmwasm_span bytes;
    uint32_t at;
    uint32_t depth;
    struct frame frames[PLM_COSMWASM_ANSWER_FRAMES];
    uint8_t previewed;
};

/* --- scalars ----------------------------------------------------------------------------- */

static uint64_t take_word(struct writer *w, uint32_t count)
{
    uint64_t word = 0;
    for (uint32_t i = 0; i < count; i++) {
        word |= (uint64_t)w->bytes.bytes[w->at + i] << (8 * i);
    }
    w->at += count;
    return word;
}

/* The word with the sign of its highest bit of `count` bytes. */
static uint64_t extend(uint64_t word, uint32_t count)
{
    const bool negative = (word >> (8 * count - 1) & 1) != 0;
    return negative && count < 8 ? word | ~UINT64_C(0) << (8 * count) : word;
}

static plm_i128 take_integer(struct writer *w, uint8_t type)
{
    const uint32_t count = plm_tables_types[type].bytes;
    plm_i128 x = {take_word(w, count < 8 ? count : 8), 0};
    if (count > 8) {
        const uint32_t high = count - 8;
        x.hi = (int64_t)extend(take_word(w, high), high);
    } else if (plm_tables_types[type].is_signed) {
        x.lo = extend(x.lo, count);
        x.hi = (int64_t)x.lo < 0 ? -1 : 0;
    }
    return x;
}

/* True where JSON has the value in quotes. */
static bool is_quoted(uint8_t type)
{
    return plm_tables_types[type].bytes == 0 || plm_tables_types[type].bytes > 4;
}

/* A value as text, without quotes. */
static void write_scalar(struct writer *w, uint8_t type)
{
    const uint8_t *at = w->bytes.bytes + w->at;
    if (type == PLM_TYPE_HASH) {
        plm_cosmwasm_text_hex(w->out, at, plm_tables_types[type].bytes, false);
        w->at += plm_tables_types[type].bytes;
    } else if (type == PLM_TYPE_ADDR) {
        plm_cosmwasm_token_write_address(w->out, at + 1, *at);
        w->at += 1u + *at;
    } else if (type == PLM_TYPE_TOKEN) {
        plm_cosmwasm_token_write(w->out, at + 1, *at);
        w->at += 1u + *at;
    } else {
        plm_cosmwasm_text_integer(w->out, take_integer(w, type));
    }
}

static void quote(struct plm_cosmwasm_text *out)
{
    plm_cosmwasm_text_byte(out, '"');
}

static void write_value(struct writer *w, uint8_t type)
{
    const bool is_token = type == PLM_TYPE_TOKEN;
    const uint8_t *at = w->bytes.bytes + w->at;
    if (is_token) {
        plm_cosmwasm_text_words(w->out, at[0] > 0 && at[1] == 0 ? "{\"cw20\":" : "{\"native\":");
    }
    if (is_quoted(type)) {
        quote(w->out);
    }
    write_scalar(w, type);
    if (is_quoted(type)) {
        quote(w->out);
    }
    if (is_token) {
        plm_cosmwasm_text_byte(w->out, '}');
    }
}

/* --- events ------------------------------------------------------------------------------ */

static void write_lower(struct plm_cosmwasm_text *out, const char *name)
{
    for (; *name != 0; name++) {
        const bool is_upper = *name >= 'A' && *name <= 'Z';
        plm_cosmwasm_text_byte(out, (uint8_t)(is_upper ? *name - 'A' + 'a' : *name));
    }
}

void plm_cosmwasm_answer_event(struct plm_cosmwasm_text *out,
                               uint32_t id,
                               struct plm_cosmwasm_span bytes)
{
    const char *name = "";
    const uint32_t index = plm_cosmwasm_names_event(id, &name);
    if (index == PLM_LAYOUT_COUNT) {
        __builtin_trap(); /* the engine emits events of the table only */
    }
    const struct plm_layout *layout = &plm_tables_layouts[index];
    struct writer w = {.out = out, .bytes = bytes};
    plm_cosmwasm_text_words(out, "{\"type\":\"");
    write_lower(out, name);
    plm_cosmwasm_text_words(out, "\",\"attributes\":[");
    for (uint32_t field = layout->first; field < (uint32_t)layout->first + layout->count; field++) {
        plm_cosmwasm_text_words(out, field == layout->first ? "{\"key\":\"" : ",{\"key\":\"");
        plm_cosmwasm_text_words(out, plm_cosmwasm_names_field(field));
        plm_cosmwasm_text_words(out, "\",\"value\":\"");
        if (plm_tables_fields[field].type == PLM_TYPE_TOKEN && bytes.bytes[w.at] > 0 &&
            bytes.bytes[w.at + 1] == 0) {
            plm_cosmwasm_text_words(out, PLM_COSMWASM_CW20_PREFIX);
        }
        write_scalar(&w, plm_tables_fields[field].type);
        plm_cosmwasm_text_words(out, "\"}");
    }
    plm_cosmwasm_text_words(out, "]}");
}

/* The events of a preview: each U16 id, U16 length, bytes. */
static void write_events(struct writer *w)
{
    const uint32_t end =
        w->at + 2 + (uint32_t)(w->bytes.bytes[w->at] | (uint32_t)w->bytes.bytes[w->at + 1] << 8);
    w->at += 2;
    plm_cosmwasm_text_byte(w->out, '[');
    for (bool first = true; w->at < end; first = false) {
        const uint32_t id = (uint32_t)take_word(w, 2);
        const uint32_t length = (uint32_t)take_word(w, 2);
        if (!first) {
            plm_cosmwasm_text_byte(w->out, ',');
        }
        plm_cosmwasm_answer_event(
            w->out, id, (struct plm_cosmwasm_span){w->bytes.bytes + w->at, length});
        w->at += length;
    }
    plm_cosmwasm_text_byte(w->out, ']');
}

/* --- replies ----------------------------------------------------------------------------- */

static void push(struct writer *w, uint32_t layout, uint32_t count, bool is_list)
{
    if (w->depth == PLM_COSMWASM_ANSWER_FRAMES) {
        __builtin_trap(); /* the tables outgrew the writer: its tests walk all of them */
    }
    const struct frame frame = {(uint16_t)layout, 0, (uint16_t)count, is_list};
    w->frames[w->depth] = frame;
    w->depth++;
    plm_cosmwasm_text_words(w->out, is_list ? "[{" : "{");
}

/* The reply of a previewed operation stands in the same bytes: one more struct to walk. */
static void open_previewed(struct writer *w)
{
    const uint32_t length = (uint32_t)take_word(w, 2);
    const uint32_t layout = plm_cosmwasm_names_reply(w->previewed);
    if (length == 0 || layout == PLM_LAYOUT_COUNT) {
        plm_cosmwasm_text_words(w->out, "null");
        return;
    }
    push(w, layout, 1, false);
}

static void open_list(struct writer *w, const struct plm_field *f)
{
    const uint32_t count = (uint32_t)take_word(w, 1);
    if (count == 0) {
        plm_cosmwasm_text_words(w->out, "[]");
        return;
    }
    push(w, f->layout, count, true);
}

static void write_field(struct writer *w, uint32_t field)
{
    if (field >= PLM_FIELD_COUNT) {
        __builtin_trap(); /* no layout has it */
    }
    const struct plm_field *f = &plm_tables_fields[field];
    quote(w->out);
    plm_cosmwasm_text_words(w->out, plm_cosmwasm_names_field(field));
    plm_cosmwasm_text_words(w->out, "\":");
    if (f->type == PLM_TYPE_GROUP) {
        push(w, f->layout, 1, false);
    } else if (f->type == PLM_TYPE_LIST) {
        open_list(w, f);
    } else if (f->type != PLM_TYPE_BYTES) {
        write_value(w, f->type);
    } else if (field == PLM_FIELD_reply_preview_events) {
        write_events(w);
    } else {
        open_previewed(w);
    }
}

/* The end of a struct: its next sibling in the list, or the end of what is open. */
static void close_struct(struct writer *w)
{
    struct frame *top = &w->frames[w->depth - 1];
    top->left--;
    top->next = 0;
    if (top->left > 0) {
        plm_cosmwasm_text_words(w->out, "},{");
        return;
    }
    plm_cosmwasm_text_words(w->out, top->is_list ? "}]" : "}");
    w->depth--;
}

void plm_cosmwasm_answer_reply(struct plm_cosmwasm_text *out,
                               uint32_t layout,
                               uint8_t previewed,
                               struct plm_cosmwasm_span bytes)
{
    struct writer w = {.out = out, .bytes = bytes, .previewed = previewed};
    push(&w, layout, 1, false);
    while (w.depth > 0) {
        struct frame *top = &w.frames[w.depth - 1];
        const struct plm_layout *fields = &plm_tables_layouts[top->layout];
        if (top->next == fields->count) {
            close_struct(&w);
            continue;
        }
        if (top->next > 0) {
            plm_cosmwasm_text_byte(out, ',');
        }
        top->next++;
        write_field(&w, (uint32_t)fields->first + top->next - 1u);
    }
}

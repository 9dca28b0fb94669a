// SPDX-License-Identifier: Apache-2.0
/* Canonical bytes of messages, records, events and replies, from the abi tables. [I46]
 * One walk over the flat field table, with a small stack of frames in place of recursion.
 * It must never know what a field means. */
#include "plm_codec.h"

#include "plm_assert.h"
#include "plm_fix.h"

#define FRAMES_MAX  5u
#define VAL104_HIGH (INT64_C(1) << 39) /* 103 bits of magnitude, 64 of them in the low word */

/* One struct under way: the next field, and how many structs of its list are left. */
struct frame {
    uint16_t layout;
    uint16_t next;
    uint16_t left;
    uint32_t base; /* offset in the outermost struct */
};

struct walk {
    uint32_t depth;
    uint32_t fields; /* of the outermost struct */
    struct frame frames[FRAMES_MAX];
};

static void walk_begin(struct walk *w, enum plm_layout_id layout)
{
    PLM_ASSERT(layout < PLM_LAYOUT_COUNT);
    const struct frame first = {(uint16_t)layout, 0, 1, 0};
    w->depth = 1;
    w->fields = plm_tables_layouts[layout].count;
    w->frames[0] = first;
}

static void walk_push(struct walk *w, uint8_t layout, uint32_t base, uint32_t count)
{
    PLM_ASSERT(w->depth < FRAMES_MAX);
    PLM_ASSERT(layout < PLM_LAYOUT_COUNT);
    const struct frame inner = {layout, 0, (uint16_t)count, base};
    w->frames[w->depth] = inner;
    w->depth++;
}

/* The next field of the walk, and the offset of its struct; -1 at the end. Lists and groups are
 * reported once, and the caller pushes their frames. */
static int32_t walk_next(struct walk *w, uint32_t *base)
{
    while (w->depth > 0) {
        struct frame *top = &w->frames[w->depth - 1];
        const struct plm_layout *layout = &plm_tables_layouts[top->layout];
        const uint32_t fields = w->depth == 1 ? w->fields : layout->count;
        if (top->left > 0 && top->next < fields) {
            *base = top->base;
            top->next++;
            return layout->first + top->next - 1;
        }
        if (top->left > 1) {
            top->left--;
            top->next = 0;
            top->base += layout->size;
        } else {
            w->depth--;
        }
    }
    return -1;
}

/* --- integers in memory and on the wire --- */

static uint64_t load_word(const uint8_t *at, uint32_t size)
{
    uint64_t word = 0;
    for (uint32_t i = size; i > 0; i--) {
        word = word << 8 | at[i - 1];
    }
    return word;
}

static void store_word(uint8_t *at, uint32_t size, uint64_t word)
{
    for (uint32_t i = 0; i < size; i++) {
        at[i] = (uint8_t)(word >> (8 * i) & 0xff);
    }
}

/* A scalar in a struct: the structs' own integers, in the machine's byte order. */
static plm_i128 read_member(const uint8_t *at, uint8_t type)
{
    plm_i128 x = {0, 0};
    const uint32_t size = plm_tables_types[type].bytes > 8 ? 16 : plm_tables_types[type].bytes;
    if (size == 16) {
        __builtin_memcpy(&x, at, sizeof x);
        return x;
    }
    if (size == 1) {
        x.lo = *at;
    } else if (size == 2) {
        uint16_t half = 0;
        __builtin_memcpy(&half, at, sizeof half);
        x.lo = half;
    } else if (size == 4) {
        uint32_t word = 0;
        __builtin_memcpy(&word, at, sizeof word);
        x.lo = word;
    } else {
        __builtin_memcpy(&x.lo, at, sizeof x.lo);
    }
    if (plm_tables_types[type].is_signed && (int64_t)x.lo < 0) {
        x.hi = -1;
    }
    return x;
}

static void write_member(uint8_t *at, uint8_t type, plm_i128 x)
{
    const uint32_t size = plm_tables_types[type].bytes > 8 ? 16 : plm_tables_types[type].bytes;
    if (size == 16) {
        __builtin_memcpy(at, &x, sizeof x);
    } else if (size == 1) {
        *at = (uint8_t)x.lo;
    } else if (size == 2) {
        const uint16_t half = (uint16_t)x.lo;
        __builtin_memcpy(at, &half, sizeof half);
    } else if (size == 4) {
        const uint32_t word = (uint32_t)x.lo;
        __builtin_memcpy(at, &word, sizeof word);
    } else {
        __builtin_memcpy(at, &x.lo, sizeof x.lo);
    }
}

static plm_i128 read_wire(const uint8_t *at, uint8_t type)
{
    const uint32_t size = plm_tables_types[type].bytes;
    PLM_ASSERT(size > 0);
    plm_i128 x = {load_word(at, size < 8 ? size : 8), 0};
    if (size > 8) {
        const uint32_t high_bytes = size - 8;
        uint64_t high = load_word(at + 8, high_bytes);
        if (high_bytes < 8 && (high >> (8 * high_bytes - 1)) != 0) {
            high |= ~(~UINT64_C(0) >> (64 - 8 * high_bytes));
        }
        x.hi = (int64_t)high;
    } else if (plm_tables_types[type].is_signed && (int64_t)x.lo < 0) {
        x.hi = -1;
    }
    return x;
}

static void write_wire(uint8_t *at, uint8_t type, plm_i128 x)
{
    const uint32_t size = plm_tables_types[type].bytes;
    store_word(at, size < 8 ? size : 8, x.lo);
    if (size > 8) {
        store_word(at + 8, size - 8, (uint64_t)x.hi);
    }
}

/* --- bounds --- */

/* What no field of a type may hold, whatever its row says: amounts are unsigned on the wire and
 * below 2^127 inside, -2^127 is no value, -2^63 no size, a packed quote has 104 bits. */
static bool is_in_type(uint8_t type, plm_i128 x)
{
    const plm_val value = {x};
    if (type == PLM_TYPE_AMT) {
        return !plm_val_is_negative(value);
    }
    if (type == PLM_TYPE_VAL104) {
        return x.hi < VAL104_HIGH && x.hi >= -VAL104_HIGH;
    }
    if (type == PLM_TYPE_QTY) {
        return x.hi != -1 || x.lo != UINT64_C(1) << 63;
    }
    return x.hi != INT64_MIN || x.lo != 0;
}

/* A bound of the tables as a value: whole quote units for VAL, a plain integer for the rest. */
static plm_val bound_value(uint8_t type, int64_t bound)
{
    PLM_ASSERT(type < PLM_TYPE_HASH);
    if (type == PLM_TYPE_VAL || type == PLM_TYPE_VAL104) {
        return plm_val_from_quote(bound);
    }
    const plm_val plain = {{(uint64_t)bound, bound < 0 ? -1 : 0}};
    return plain;
}

bool plm_codec_is_in_bounds(uint32_t field, plm_i128 x)
{
    const uint8_t type = plm_tables_fields[field].type;
    const plm_val value = {x};
    if (!is_in_type(type, x)) {
        return false;
    }
    const struct plm_bound *bound = &plm_tables_bounds[plm_tables_fields[field].bounds];
    if (bound->min != PLM_LO && plm_val_cmp(value, bound_value(type, bound->min)) < 0) {
        return false;
    }
    const bool is_capped = bound->max != PLM_HI && type != PLM_TYPE_AMT;
    return !is_capped || plm_val_cmp(value, bound_value(type, bound->max)) <= 0;
}

/* --- decode --- */

struct reader {
    const uint8_t *bytes;
    uint32_t length;
    uint32_t at;
    bool in_range;
};

static bool has_left(const struct reader *r, uint32_t count)
{
    PLM_ASSERT(r->at <= r->length);
    return r->length - r->at >= count;
}

static plm_err decode_addr(struct reader *r, struct plm_addr *out)
{
    if (!has_left(r, 1)) {
        return PLM_E_LENGTH;
    }
    const uint32_t count = r->bytes[r->at];
    r->at++;
    if (count > sizeof out->bytes) {
        return PLM_E_LENGTH;
    }
    if (!has_left(r, count)) {
        return PLM_E_LENGTH;
    }
    out->length = count;
    __builtin_memcpy(out->bytes, r->bytes + r->at, count);
    __builtin_memset(out->bytes + count, 0, sizeof out->bytes - count);
    r->at += count;
    return PLM_OK;
}

static plm_err decode_bytes(struct reader *r, struct plm_bytes *out)
{
    if (!has_left(r, 2)) {
        return PLM_E_LENGTH;
    }
    const uint32_t count = (uint32_t)load_word(r->bytes + r->at, 2);
    r->at += 2;
    if (count > sizeof out->bytes) {
        return PLM_E_LENGTH;
    }
    if (!has_left(r, count)) {
        return PLM_E_LENGTH;
    }
    out->length = count;
    __builtin_memcpy(out->bytes, r->bytes + r->at, count);
    r->at += count;
    return PLM_OK;
}

static plm_err decode_scalar(struct reader *r, uint32_t field, uint8_t *at)
{
    const uint8_t type = plm_tables_fields[field].type;
    const uint32_t size = plm_tables_types[type].bytes;
    if (!has_left(r, size)) {
        return PLM_E_LENGTH;
    }
    if (type == PLM_TYPE_HASH) {
        __builtin_memcpy(at, r->bytes + r->at, size);
    } else {
        const plm_i128 x = read_wire(r->bytes + r->at, type);
        if (!plm_codec_is_in_bounds(field, x)) {
            r->in_range = false;
        } else {
            write_member(at, type, x);
        }
    }
    r->at += size;
    return PLM_OK;
}

static plm_err decode_list(
    struct reader *r, const struct plm_field *f, struct walk *w, uint8_t *out, uint32_t base)
{
    if (!has_left(r, 1)) {
        return PLM_E_LENGTH;
    }
    const uint32_t count = r->bytes[r->at];
    r->at++;
    if (count > f->limit) {
        return PLM_E_LENGTH;
    }
    __builtin_memcpy(out + base + f->offset - PLM_LIST_GAP, &count, sizeof count);
    /* What a longer list left behind must not be seen when this one grows. */
    const size_t size = plm_tables_layouts[f->layout].size;
    const size_t left = f->limit - count;
    PLM_ASSERT(size > 0);
    __builtin_memset(out + base + f->offset + count * size, 0, left * size);
    walk_push(w, f->layout, base + f->offset, count);
    return PLM_OK;
}

static plm_err decode_fields(struct walk *w, const uint8_t *bytes, uint32_t length, void *out)
{
    struct reader r = {bytes, length, 0, true};
    uint8_t *target = out;
    uint32_t base = 0;
    for (int32_t field = walk_next(w, &base); field >= 0; field = walk_next(w, &base)) {
        const struct plm_field *f = &plm_tables_fields[field];
        uint8_t *at = target + base + f->offset;
        plm_err code = PLM_OK;
        if (f->type == PLM_TYPE_GROUP) {
            walk_push(w, f->layout, base + f->offset, 1);
        } else if (f->type == PLM_TYPE_LIST) {
            code = decode_list(&r, f, w, target, base);
        } else if (f->type == PLM_TYPE_ADDR || f->type == PLM_TYPE_TOKEN) {
            code = decode_addr(&r, (struct plm_addr *)(void *)at);
        } else if (f->type == PLM_TYPE_BYTES) {
            code = decode_bytes(&r, (struct plm_bytes *)(void *)at);
        } else {
            code = decode_scalar(&r, (uint32_t)field, at);
        }
        if (code != PLM_OK) {
            return code;
        }
    }
    if (r.at != length) {
        return PLM_E_LENGTH;
    }
    return r.in_range ? PLM_OK : PLM_E_RANGE;
}

plm_err
plm_codec_decode(enum plm_layout_id layout, const uint8_t *bytes, uint32_t length, void *out)
{
    struct walk w;
    walk_begin(&w, layout);
    return decode_fields(&w, bytes, length, out);
}

plm_err plm_codec_decode_prefix(
    enum plm_layout_id layout, uint32_t fields, const uint8_t *bytes, uint32_t length, void *out)
{
    struct walk w;
    walk_begin(&w, layout);
    PLM_ASSERT(fields <= w.fields);
    w.fields = fields;
    __builtin_memset(out, 0, plm_tables_layouts[layout].size);
    return decode_fields(&w, bytes, length, out);
}

/* --- encode --- */

struct writer {
    uint8_t *bytes;
    uint32_t capacity;
    uint32_t at;
};

static uint8_t *reserve(struct writer *w, uint32_t count)
{
    PLM_ASSERT(w->at <= w->capacity);
    PLM_ASSERT(w->capacity - w->at >= count);
    uint8_t *at = w->bytes + w->at;
    w->at += count;
    return at;
}

static void
encode_counted(struct writer *out, uint32_t count_bytes, const uint8_t *bytes, uint32_t count)
{
    store_word(reserve(out, count_bytes), count_bytes, count);
    __builtin_memcpy(reserve(out, count), bytes, count);
}

static void encode_scalar(struct writer *out, uint32_t field, const uint8_t *at)
{
    const uint8_t type = plm_tables_fields[field].type;
    uint8_t *wire = reserve(out, plm_tables_types[type].bytes);
    if (type == PLM_TYPE_HASH) {
        __builtin_memcpy(wire, at, plm_tables_types[type].bytes);
        return;
    }
    const plm_i128 x = read_member(at, type);
    PLM_ASSERT(plm_codec_is_in_bounds(field, x));
    write_wire(wire, type, x);
}

uint32_t
plm_codec_encode(enum plm_layout_id layout, const void *in, uint8_t *bytes, uint32_t capacity)
{
    struct writer out = {bytes, capacity, 0};
    struct walk w;
    const uint8_t *source = in;
    uint32_t base = 0;
    walk_begin(&w, layout);
    for (int32_t field = walk_next(&w, &base); field >= 0; field = walk_next(&w, &base)) {
        const struct plm_field *f = &plm_tables_fields[field];
        const uint8_t *at = source + base + f->offset;
        if (f->type == PLM_TYPE_GROUP) {
            walk_push(&w, f->layout, base + f->offset, 1);
        } else if (f->type == PLM_TYPE_LIST) {
            uint32_t count = 0;
            __builtin_memcpy(&count, source + base + f->offset - PLM_LIST_GAP, sizeof count);
            PLM_ASSERT(count <= f->limit);
            *reserve(&out, 1) = (uint8_t)count;
            walk_push(&w, f->layout, base + f->offset, count);
        } else if (f->type == PLM_TYPE_ADDR || f->type == PLM_TYPE_TOKEN) {
            const struct plm_addr *addr = (const struct plm_addr *)(const void *)at;
            encode_counted(&out, 1, addr->bytes, addr->length);
        } else if (f->type == PLM_TYPE_BYTES) {
            const struct plm_bytes *blob = (const struct plm_bytes *)(const void *)at;
            encode_counted(&out, 2, blob->bytes, blob->length);
        } else {
            encode_scalar(&out, (uint32_t)field, at);
        }
    }
    return out.at;
}

/* --- one field --- */

plm_val plm_codec_get(uint32_t field, const void *record)
{
    PLM_ASSERT(field < PLM_FIELD_COUNT);
    const struct plm_field *f = &plm_tables_fields[field];
    PLM_ASSERT(f->type < PLM_TYPE_HASH);
    const plm_val value = {read_member((const uint8_t *)record + f->offset, f->type)};
    return value;
}

plm_err plm_codec_set(uint32_t field, void *record, plm_val value)
{
    PLM_ASSERT(field < PLM_FIELD_COUNT);
    const struct plm_field *f = &plm_tables_fields[field];
    PLM_ASSERT(f->type < PLM_TYPE_HASH);
    const uint32_t size = plm_tables_types[f->type].bytes;
    const bool needs_sign = plm_tables_types[f->type].is_signed;
    if (size <= 8) {
        /* The integer must survive the field's own width before its bounds are looked at. */
        const int64_t extension = needs_sign && (int64_t)value.wad.lo < 0 ? -1 : 0;
        if (value.wad.hi != extension) {
            return PLM_E_PARAM_RANGE;
        }
        if (size < 8 && value.wad.lo >> (8 * size) != 0) {
            return PLM_E_PARAM_RANGE;
        }
    }
    if (!plm_codec_is_in_bounds(field, value.wad)) {
        return PLM_E_PARAM_RANGE;
    }
    write_member((uint8_t *)record + f->offset, f->type, value.wad);
    return PLM_OK;
}

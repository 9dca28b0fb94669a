/* SPDX-License-Identifier: Apache-2.0
 * Wire bytes of any layout, made from a stream of choices. */
#include "plm_test_message.h"

#include "plm_codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct out {
    uint8_t *bytes;
    uint32_t capacity;
    uint32_t length;
};

uint8_t plm_test_message_choose(struct plm_test_choices *choices)
{
    if (choices->at == choices->length) {
        return 0;
    }
    choices->at++;
    return choices->bytes[choices->at - 1];
}

static void put(struct out *out, uint8_t byte)
{
    if (out->length == out->capacity) {
        (void)fprintf(stderr, "test message: no room for a message of the tables\n");
        abort();
    }
    out->bytes[out->length] = byte;
    out->length++;
}

static uint64_t choose_word(struct plm_test_choices *choices)
{
    uint64_t word = 0;
    for (int i = 0; i < 8; i++) {
        word = word << 8 | plm_test_message_choose(choices);
    }
    return word;
}

/* A number near a bound of the field or anywhere, as far as the codec takes it; else its minimum or
 * 0. */
static plm_i128 choose_integer(struct plm_test_choices *choices, uint32_t field, uint8_t type)
{
    const struct plm_bound *bound = &plm_tables_bounds[plm_tables_fields[field].bounds];
    const uint32_t bits = 8 * plm_tables_types[type].bytes;
    const uint8_t how = plm_test_message_choose(choices);
    plm_i128 x = {choose_word(choices) >> (how >> 3 & 63), 0};
    if (how % 8 == 1 && bound->min != PLM_LO) {
        x = (plm_i128){(uint64_t)bound->min, bound->min < 0 ? -1 : 0};
    } else if (how % 8 == 2 && bound->max != PLM_HI) {
        x = (plm_i128){(uint64_t)bound->max, 0};
    } else if (how % 8 == 3 && bits > 64) {
        x.hi = (int64_t)(choose_word(choices) >> 1);
    } else if (how % 8 == 4 && plm_tables_types[type].is_signed) {
        x = (plm_i128){~x.lo, -1};
    }
    if (bits < 64) {
        x.lo &= (UINT64_C(1) << bits) - 1;
        x.hi = 0;
    } else if (bits == 64) {
        x.hi = plm_tables_types[type].is_signed && (int64_t)x.lo < 0 ? -1 : 0;
    }
    if (!plm_codec_is_in_bounds(field, x)) {
        const int64_t least = bound->min == PLM_LO ? 0 : bound->min;
        x = (plm_i128){(uint64_t)least, least < 0 ? -1 : 0};
    }
    return x;
}

static void put_integer(struct out *out, plm_i128 x, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t word = i < 8 ? x.lo : (uint64_t)x.hi;
        put(out, (uint8_t)(word >> (8 * (i % 8)) & 255));
    }
}

static void put_address(struct plm_test_choices *choices, struct out *out)
{
    const uint32_t count = plm_test_message_choose(choices) % 2 == 0 ? 20 : 32;
    put(out, (uint8_t)count);
    for (uint32_t i = 0; i < count; i++) {
        put(out, plm_test_message_choose(choices));
    }
}

static void put_token(struct plm_test_choices *choices, struct out *out)
{
    static const char letters[] = "abzABZ019/:._-";
    const uint8_t kind = plm_test_message_choose(choices) % 3;
    if (kind < 2) { /* 0 with an address, 1 with a hash */
        const uint32_t count = kind == 0 ? 20 : 32;
        put(out, (uint8_t)(count + 1));
        put(out, kind);
        for (uint32_t i = 0; i < count; i++) {
            put(out, plm_test_message_choose(choices));
        }
        return;
    }
    const uint32_t count = 3 + plm_test_message_choose(choices) % 62u;
    put(out, (uint8_t)count);
    put(out, 'u');
    for (uint32_t i = 1; i < count; i++) {
        put(out, (uint8_t)letters[plm_test_message_choose(choices) % (sizeof letters - 1)]);
    }
}

/* Recursion is as deep as the tables: structs in structs. */
static void fill(struct plm_test_choices *choices, uint32_t layout, struct out *out)
{
    const struct plm_layout *fields = &plm_tables_layouts[layout];
    for (uint32_t field = fields->first; field < (uint32_t)fields->first + fields->count; field++) {
        const struct plm_field *f = &plm_tables_fields[field];
        if (f->type == PLM_TYPE_GROUP) {
            fill(choices, f->layout, out);
        } else if (f->type == PLM_TYPE_LIST) {
            const uint32_t count = plm_test_message_choose(choices) % (f->limit + 1u);
            put(out, (uint8_t)count);
            for (uint32_t i = 0; i < count; i++) {
                fill(choices, f->layout, out);
            }
        } else if (f->type == PLM_TYPE_ADDR) {
            put_address(choices, out);
        } else if (f->type == PLM_TYPE_TOKEN) {
            put_token(choices, out);
        } else if (f->type == PLM_TYPE_BYTES) {
            put(out, 0);
            put(out, 0);
        } else if (f->type == PLM_TYPE_HASH) {
            for (uint32_t i = 0; i < 32; i++) {
                put(out, plm_test_message_choose(choices));
            }
        } else {
            put_integer(
                out, choose_integer(choices, field, f->type), plm_tables_types[f->type].bytes);
        }
    }
}

uint32_t plm_test_message_fill(struct plm_test_choices *choices,
                               uint32_t layout,
                               uint8_t *bytes,
                               uint32_t capacity)
{
    struct out out = {bytes, capacity, 0};
    fill(choices, layout, &out);
    return out.length;
}

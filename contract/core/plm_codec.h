// SPDX-License-Identifier: Apache-2.0
/* Canonical bytes of messages, records, events and replies, from the abi tables. [I46]
 * Little-endian, fixed width; a list is a count byte and its elements; one value has one encoding.
 * It must never know what a field means. */
#ifndef PLM_CORE_CODEC_H
#define PLM_CORE_CODEC_H

#include "plm_tables.h"

/* plm_codec_decode: bytes to the struct of a layout; every field range-checked, exactly `length`
 * bytes consumed. Errors: E_LENGTH too short, too long or a list above its limit; E_RANGE a field
 * outside its bounds. On error *out may be partly written. Cost: one pass over the fields. */
plm_err
plm_codec_decode(enum plm_layout_id layout, const uint8_t *bytes, uint32_t length, void *out);

/* plm_codec_decode_prefix: the same for an older version of a record that had only its first
 * `fields` fields; the others become zero. [GOV-4] */
plm_err plm_codec_decode_prefix(
    enum plm_layout_id layout, uint32_t fields, const uint8_t *bytes, uint32_t length, void *out);

/* plm_codec_encode: the struct of a layout to bytes; returns their number. Asserts that they fit
 * and are in bounds. */
uint32_t
plm_codec_encode(enum plm_layout_id layout, const void *in, uint8_t *bytes, uint32_t capacity);

/* plm_codec_is_in_bounds: true where a scalar field may hold x, by its row and by its type; x fits
 * the type's bytes. */
bool plm_codec_is_in_bounds(uint32_t field, plm_i128 x);

/* plm_codec_get / plm_codec_set: one scalar field of a struct as a 128-bit integer in the field's
 * own unit. set: E_PARAM_RANGE outside the field's bounds, then nothing is written. Asserts a
 * scalar type. */
plm_val plm_codec_get(uint32_t field, const void *record);
plm_err plm_codec_set(uint32_t field, void *record, plm_val value);

#endif

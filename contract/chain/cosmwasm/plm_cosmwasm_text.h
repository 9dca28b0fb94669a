/* SPDX-License-Identifier: Apache-2.0
 * Writing text into a fixed buffer, plainly or as base64 of what is written. What does not fit
 * stops the call: the buffer holds the longest response there can be. It knows no message. */
#ifndef PLM_CHAIN_COSMWASM_TEXT_H
#define PLM_CHAIN_COSMWASM_TEXT_H

#include "plm_cosmwasm_region.h"

#include <plm/plm_units.h>

#include <stdbool.h>

/* Longer than the longest response: EVENTS_MAX bytes of events, the shortest ones, written as JSON;
 * test_cosmwasm_answer computes it from the tables. */
#define PLM_COSMWASM_OUT_BYTES 196608u

struct plm_cosmwasm_text {
    uint8_t *bytes;
    uint32_t capacity;
    uint32_t length;
    uint32_t bits; /* base64: up to 2 bytes not yet written */
    uint8_t held;
    bool is_base64;
    bool is_full; /* something did not fit, and was left out */
};

/* One byte, some bytes, a C string: as they are. */
void plm_cosmwasm_text_byte(struct plm_cosmwasm_text *out, uint8_t byte);
void plm_cosmwasm_text_bytes(struct plm_cosmwasm_text *out, const uint8_t *bytes, uint32_t count);
void plm_cosmwasm_text_words(struct plm_cosmwasm_text *out, const char *text);
/* Lower case, or upper case as denominations have it. */
void plm_cosmwasm_text_hex(struct plm_cosmwasm_text *out,
                           const uint8_t *bytes,
                           uint32_t count,
                           bool is_upper);
/* A whole number of 128 bits with a sign, in canonical decimal. */
void plm_cosmwasm_text_integer(struct plm_cosmwasm_text *out, plm_i128 value);
/* From now on everything is written as base64; _end pads and goes back to plain. */
void plm_cosmwasm_text_base64_begin(struct plm_cosmwasm_text *out);
void plm_cosmwasm_text_base64_end(struct plm_cosmwasm_text *out);

#endif

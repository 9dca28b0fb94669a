/* SPDX-License-Identifier: Apache-2.0
 * Writing text into a fixed buffer, plainly or as base64 of what is written. */
#include "plm_cosmwasm_text.h"

#define PLM_COSMWASM_DIGITS  40u /* of 2^127 */
#define PLM_COSMWASM_DECIMAL 10u
#define PLM_COSMWASM_SEXTET  6u

static void put(struct plm_cosmwasm_text *out, uint8_t byte)
{
    if (out->length == out->capacity) {
        out->is_full = true;
        return;
    }
    out->bytes[out->length] = byte;
    out->length++;
}

static void put_sextet(struct plm_cosmwasm_text *out, uint32_t value)
{
    put(out, (uint8_t)PLM_COSMWASM_BASE64[value & 63]);
}

void plm_cosmwasm_text_byte(struct plm_cosmwasm_text *out, uint8_t byte)
{
    if (!out->is_base64) {
        put(out, byte);
        return;
    }
    out->bits = out->bits << 8 | byte;
    out->held++;
    if (out->held == 3) {
        for (uint32_t i = 4; i > 0; i--) {
            put_sextet(out, out->bits >> (PLM_COSMWASM_SEXTET * (i - 1)));
        }
        out->bits = 0;
        out->held = 0;
    }
}

void plm_cosmwasm_text_bytes(struct plm_cosmwasm_text *out, const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        plm_cosmwasm_text_byte(out, bytes[i]);
    }
}

void plm_cosmwasm_text_words(struct plm_cosmwasm_text *out, const char *text)
{
    for (; *text != 0; text++) {
        plm_cosmwasm_text_byte(out, (uint8_t)*text);
    }
}

void plm_cosmwasm_text_hex(struct plm_cosmwasm_text *out,
                           const uint8_t *bytes,
                           uint32_t count,
                           bool is_upper)
{
    const char *digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
    for (uint32_t i = 0; i < count; i++) {
        plm_cosmwasm_text_byte(out, (uint8_t)digits[bytes[i] >> 4]);
        plm_cosmwasm_text_byte(out, (uint8_t)digits[bytes[i] & (16 - 1)]);
    }
}

/* Divides by ten in place; the remainder. */
static uint32_t next_digit(uint32_t limbs[4])
{
    uint64_t rest = 0;
    for (uint32_t k = 4; k > 0; k--) {
        rest = rest << 32 | limbs[k - 1];
        limbs[k - 1] = (uint32_t)(rest / PLM_COSMWASM_DECIMAL);
        rest %= PLM_COSMWASM_DECIMAL;
    }
    return (uint32_t)rest;
}

void plm_cosmwasm_text_integer(struct plm_cosmwasm_text *out, plm_i128 value)
{
    uint64_t lo = value.lo;
    uint64_t hi = (uint64_t)value.hi;
    if (value.hi < 0) {
        plm_cosmwasm_text_byte(out, '-');
        hi = ~hi + (lo == 0 ? 1 : 0);
        lo = ~lo + 1;
    }
    uint32_t limbs[4] = {(uint32_t)lo, (uint32_t)(lo >> 32), (uint32_t)hi, (uint32_t)(hi >> 32)};
    uint8_t digits[PLM_COSMWASM_DIGITS];
    uint32_t count = 0;
    do {
        digits[count] = (uint8_t)('0' + next_digit(limbs));
        count++;
    } while ((limbs[0] | limbs[1] | limbs[2] | limbs[3]) != 0);
    for (; count > 0; count--) {
        plm_cosmwasm_text_byte(out, digits[count - 1]);
    }
}

void plm_cosmwasm_text_base64_begin(struct plm_cosmwasm_text *out)
{
    out->is_base64 = true;
    out->bits = 0;
    out->held = 0;
}

void plm_cosmwasm_text_base64_end(struct plm_cosmwasm_text *out)
{
    out->is_base64 = false;
    if (out->held == 0) {
        return;
    }
    const uint32_t bits = out->bits << (8 * (3u - out->held));
    put_sextet(out, bits >> 18); /* NOLINT(readability-magic-numbers): three sextets above */
    put_sextet(out, bits >> 12); /* NOLINT(readability-magic-numbers) */
    if (out->held == 2) {
        put_sextet(out, bits >> PLM_COSMWASM_SEXTET);
    } else {
        put(out, '=');
    }
    put(out, '=');
    out->held = 0;
}

/* SPDX-License-Identifier: Apache-2.0
 * Walking JSON text in place: no tree, no copy, no recursion. */
#include "plm_cosmwasm_json.h"

#include <stddef.h>

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' || c == 'E';
}

static uint32_t past_blanks(const struct plm_cosmwasm_json *json, uint32_t at)
{
    while (at < json->length && is_blank(json->bytes[at])) {
        at++;
    }
    return at;
}

static uint8_t byte_at(const struct plm_cosmwasm_json *json, uint32_t at)
{
    return at < json->length ? json->bytes[at] : 0;
}

/* Position behind the string whose opening quote is at `at`; beyond the text where it does not end.
 */
static uint32_t past_string(const struct plm_cosmwasm_json *json, uint32_t at)
{
    at++;
    while (at < json->length && json->bytes[at] != '"') {
        at += json->bytes[at] == '\\' ? 2 : 1;
    }
    return at < json->length ? at + 1 : json->length + 1;
}

static uint32_t past_word(const struct plm_cosmwasm_json *json, uint32_t at)
{
    while (is_word(byte_at(json, at))) {
        at++;
    }
    return at;
}

/* --- checking ---------------------------------------------------------------------------- */

/* What the checker expects next, outside of strings. */
enum expect {
    PLM_EXPECT_VALUE,
    PLM_EXPECT_FIRST, /* a value or the end of an array; a name or the end of an object */
    PLM_EXPECT_NAME,
    PLM_EXPECT_COLON,
    PLM_EXPECT_NEXT, /* a comma or the end of what is open; the end of the text */
};

struct checker {
    struct plm_cosmwasm_json *json;
    enum expect expect;
    uint32_t at;
    uint32_t depth;
    uint32_t objects; /* bit n: what is open at depth n is an object */
    bool strict;
};

static bool fault(struct checker *c, const char *text)
{
    c->json->fault = text;
    c->json->at = c->at;
    return false;
}

static bool is_in_object(const struct checker *c)
{
    return c->depth > 0 && (c->objects >> c->depth & 1) != 0;
}

static bool check_string(struct checker *c)
{
    const struct plm_cosmwasm_json *json = c->json;
    const uint32_t end = past_string(json, c->at);
    if (end > json->length) {
        return fault(c, "a string does not end");
    }
    for (uint32_t i = c->at + 1; c->strict && i + 1 < end; i++) {
        if (json->bytes[i] == '\\') {
            return fault(c, "no escapes in strings");
        }
        if (json->bytes[i] < ' ' || json->bytes[i] > '~') {
            return fault(c, "strings are printable ASCII");
        }
    }
    c->at = end;
    c->expect = c->expect == PLM_EXPECT_NAME ? PLM_EXPECT_COLON : PLM_EXPECT_NEXT;
    return true;
}

/* Numbers and literals. Of a number in the users' grammar only whole ones have a meaning. */
static bool check_word(struct checker *c)
{
    const struct plm_cosmwasm_json *json = c->json;
    const uint32_t end = past_word(json, c->at);
    struct plm_cosmwasm_span word = {json->bytes + c->at, end - c->at};
    const bool is_literal = plm_cosmwasm_json_equal(word, "null") ||
                            plm_cosmwasm_json_equal(word, "true") ||
                            plm_cosmwasm_json_equal(word, "false");
    plm_i128 ignored = {0, 0};
    if (word.length == 0) {
        return fault(c, "a value is missing");
    }
    if (c->strict && !is_literal &&
        plm_cosmwasm_json_integer(word, &ignored) == PLM_COSMWASM_NO_NUMBER) {
        return fault(c, "not a whole number");
    }
    c->at = end;
    c->expect = PLM_EXPECT_NEXT;
    return true;
}

static bool check_open(struct checker *c, bool is_object)
{
    if (c->depth == PLM_COSMWASM_DEPTH_MAX) {
        return fault(c, "nested too deep");
    }
    c->depth++;
    c->objects &= ~(1u << c->depth);
    c->objects |= (is_object ? 1u : 0u) << c->depth;
    c->at++;
    c->expect = PLM_EXPECT_FIRST;
    return true;
}

static bool check_value(struct checker *c)
{
    const uint8_t byte = byte_at(c->json, c->at);
    if (byte == '{' || byte == '[') {
        return check_open(c, byte == '{');
    }
    return byte == '"' ? check_string(c) : check_word(c);
}

/* A comma, or the end of what is open. */
static bool check_next(struct checker *c)
{
    const uint8_t byte = byte_at(c->json, c->at);
    if (byte == ',' && c->depth > 0) {
        c->at++;
        c->expect = is_in_object(c) ? PLM_EXPECT_NAME : PLM_EXPECT_VALUE;
        return true;
    }
    if (c->depth > 0 && byte == (is_in_object(c) ? '}' : ']')) {
        c->at++;
        c->depth--;
        c->expect = PLM_EXPECT_NEXT;
        return true;
    }
    return fault(c, c->depth == 0 ? "bytes behind the end" : "a comma or a bracket is missing");
}

static bool check_step(struct checker *c)
{
    const uint8_t byte = byte_at(c->json, c->at);
    if (c->expect == PLM_EXPECT_FIRST) {
        if (byte == (is_in_object(c) ? '}' : ']')) {
            return check_next(c);
        }
        c->expect = is_in_object(c) ? PLM_EXPECT_NAME : PLM_EXPECT_VALUE;
    }
    if (c->expect == PLM_EXPECT_VALUE) {
        return check_value(c);
    }
    if (c->expect == PLM_EXPECT_NAME) {
        return byte == '"' ? check_string(c) : fault(c, "a name in quotes is missing");
    }
    if (c->expect == PLM_EXPECT_COLON) {
        c->at++;
        c->expect = PLM_EXPECT_VALUE;
        return byte == ':' || fault(c, "a colon is missing");
    }
    return check_next(c);
}

bool plm_cosmwasm_json_check(struct plm_cosmwasm_json *json, bool strict)
{
    struct checker c = {json, PLM_EXPECT_VALUE, 0, 0, 0, strict};
    json->fault = NULL;
    for (;;) {
        c.at = past_blanks(json, c.at);
        if (c.at == json->length && c.depth == 0 && c.expect == PLM_EXPECT_NEXT) {
            return true;
        }
        if (!check_step(&c)) {
            return false;
        }
    }
}

/* --- walking ----------------------------------------------------------------------------- */

uint8_t plm_cosmwasm_json_kind(const struct plm_cosmwasm_json *json, uint32_t at)
{
    return byte_at(json, past_blanks(json, at));
}

/* Position behind the value at `at`. */
static uint32_t past_value(const struct plm_cosmwasm_json *json, uint32_t at)
{
    uint32_t depth = 0;
    at = past_blanks(json, at);
    while (at < json->length) {
        const uint8_t byte = json->bytes[at];
        if (byte == '"') {
            at = past_string(json, at);
        } else if (is_word(byte)) {
            at = past_word(json, at);
        } else {
            depth += byte == '{' || byte == '[' ? 1 : 0;
            depth -= byte == '}' || byte == ']' ? 1 : 0;
            at++;
        }
        if (depth == 0) {
            break;
        }
    }
    return at;
}

bool plm_cosmwasm_json_next(const struct plm_cosmwasm_json *json,
                            uint32_t at,
                            uint32_t *cursor,
                            struct plm_cosmwasm_span *key,
                            uint32_t *value)
{
    const uint32_t open = past_blanks(json, at);
    uint32_t here = past_blanks(json, *cursor == 0 ? open + 1 : *cursor);
    if (*cursor != 0 && byte_at(json, here) == ',') {
        here = past_blanks(json, here + 1);
    }
    if (byte_at(json, here) == '}' || byte_at(json, here) == ']') {
        return false;
    }
    if (byte_at(json, open) == '{') {
        *key = plm_cosmwasm_json_string(json, here);
        here = past_blanks(json, past_string(json, here)) + 1;
    }
    *value = past_blanks(json, here);
    *cursor = past_value(json, here);
    return true;
}

bool plm_cosmwasm_json_member(const struct plm_cosmwasm_json *json,
                              uint32_t at,
                              const char *name,
                              uint32_t *value)
{
    struct plm_cosmwasm_span key = {NULL, 0};
    uint32_t cursor = 0;
    if (plm_cosmwasm_json_kind(json, at) != '{') {
        return false;
    }
    while (plm_cosmwasm_json_next(json, at, &cursor, &key, value)) {
        if (plm_cosmwasm_json_equal(key, name)) {
            return true;
        }
    }
    return false;
}

struct plm_cosmwasm_span plm_cosmwasm_json_string(const struct plm_cosmwasm_json *json, uint32_t at)
{
    at = past_blanks(json, at);
    if (byte_at(json, at) != '"') {
        return (struct plm_cosmwasm_span){NULL, 0};
    }
    return (struct plm_cosmwasm_span){json->bytes + at + 1, past_string(json, at) - at - 2};
}

struct plm_cosmwasm_span plm_cosmwasm_json_number(const struct plm_cosmwasm_json *json, uint32_t at)
{
    at = past_blanks(json, at);
    return (struct plm_cosmwasm_span){json->bytes + at, past_word(json, at) - at};
}

bool plm_cosmwasm_json_equal(struct plm_cosmwasm_span span, const char *text)
{
    uint32_t i = 0;
    while (i < span.length && text[i] != 0 && (uint8_t)text[i] == span.bytes[i]) {
        i++;
    }
    return i == span.length && text[i] == 0;
}

/* --- values ------------------------------------------------------------------------------ */

enum plm_cosmwasm_number plm_cosmwasm_json_integer(struct plm_cosmwasm_span text, plm_i128 *out)
{
    const bool negative = text.length > 0 && text.bytes[0] == '-';
    const uint32_t first = negative ? 1 : 0;
    uint32_t limbs[4] = {0};
    bool is_large = false;
    if (text.length == first || (text.bytes[first] == '0' && text.length > 1)) {
        return PLM_COSMWASM_NO_NUMBER;
    }
    for (uint32_t i = first; i < text.length; i++) {
        if (!is_digit(text.bytes[i])) {
            return PLM_COSMWASM_NO_NUMBER;
        }
        uint64_t carry = (uint64_t)text.bytes[i] - '0';
        for (uint32_t k = 0; k < 4; k++) {
            carry += (uint64_t)limbs[k] * 10; /* NOLINT(readability-magic-numbers): decimal */
            limbs[k] = (uint32_t)carry;
            carry >>= 32;
        }
        is_large = is_large || carry != 0;
    }
    uint64_t lo = limbs[0] | (uint64_t)limbs[1] << 32;
    uint64_t hi = limbs[2] | (uint64_t)limbs[3] << 32;
    if (is_large || hi >> 63 != 0) {
        return PLM_COSMWASM_TOO_LARGE;
    }
    if (negative) {
        hi = ~hi + (lo == 0 ? 1 : 0);
        lo = ~lo + 1;
    }
    out->lo = lo;
    out->hi = (int64_t)hi;
    return PLM_COSMWASM_NUMBER;
}

static int32_t sextet(uint8_t c)
{
    const char *alphabet = PLM_COSMWASM_BASE64;
    for (int32_t i = 0; i < 64; i++) {
        if ((uint8_t)alphabet[i] == c) {
            return i;
        }
    }
    return -1;
}

int32_t plm_cosmwasm_json_base64(struct plm_cosmwasm_span text, uint8_t *out, uint32_t capacity)
{
    uint32_t length = text.length;
    uint32_t count = 0;
    uint32_t bits = 0;
    uint32_t held = 0;
    if (length % 4 != 0) {
        return -1;
    }
    for (uint32_t pad = 0; pad < 2 && length > 0 && text.bytes[length - 1] == '='; pad++) {
        length--;
    }
    for (uint32_t i = 0; i < length; i++) {
        const int32_t value = sextet(text.bytes[i]);
        if (value < 0) {
            return -1;
        }
        bits = bits << 6 | (uint32_t)value; /* NOLINT(readability-magic-numbers): base64 */
        held += 6;                          /* NOLINT(readability-magic-numbers) */
        if (held >= 8) {
            held -= 8;
            if (count == capacity) {
                return -1;
            }
            out[count] = (uint8_t)(bits >> held & 255);
            count++;
        }
    }
    return (bits & ((1u << held) - 1)) == 0 ? (int32_t)count : -1;
}

/* SPDX-License-Identifier: Apache-2.0
 * Spans, growing buffers, memory that never fails, hexadecimal text, 128-bit integers.
 * It knows nothing of margin, chains or files. */
#include "sim_bytes.h"

#include "sim_error.h"

#include <openssl/sha.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_HASH_PRIME  UINT64_C(0x100000001b3)
#define SIM_BYTES_FIRST 64u
#define SIM_BASE        10
#define SIM_INT_MAX     ((sim_int)(((sim_uint)1 << 127) - 1u))
#define SIM_INT_MIN     (-SIM_INT_MAX - 1)

/* --- memory ------------------------------------------------------------------------------ */
void *sim_bytes_alloc(size_t count, size_t size)
{
    void *memory = calloc(count == 0 ? 1 : count, size);
    if (memory == NULL) {
        sim_error_fatal("out of memory at %zu x %zu bytes: run with fewer accounts", count, size);
    }
    return memory;
}

void *sim_bytes_grow(void *array, size_t *capacity, size_t count, size_t size)
{
    if (count <= *capacity) {
        return array;
    }
    size_t wanted = *capacity < SIM_BYTES_FIRST ? SIM_BYTES_FIRST : *capacity;
    while (wanted < count) {
        wanted *= 2;
    }
    void *grown = realloc(array, wanted * size);
    if (grown == NULL) {
        sim_error_fatal("out of memory at %zu x %zu bytes: run with fewer accounts", wanted, size);
    }
    *capacity = wanted;
    return grown;
}

/* --- buffers ----------------------------------------------------------------------------- */
void sim_bytes_add(struct sim_buffer *buffer, const void *bytes, size_t length)
{
    if (length == 0) {
        return;
    }
    buffer->bytes =
        sim_bytes_grow(buffer->bytes, &buffer->capacity, buffer->length + length, sizeof(uint8_t));
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

void sim_bytes_add_byte(struct sim_buffer *buffer, uint8_t byte)
{
    sim_bytes_add(buffer, &byte, 1);
}

void sim_bytes_add_integer(struct sim_buffer *buffer, sim_int value, size_t count)
{
    sim_uint rest = (sim_uint)value;
    for (size_t i = 0; i < count; i++) {
        sim_bytes_add_byte(buffer, (uint8_t)(rest & 0xffu));
        rest >>= 8;
    }
}

void sim_bytes_add_text(struct sim_buffer *buffer, const char *text)
{
    sim_bytes_add(buffer, text, strlen(text));
}

void sim_bytes_add_format(struct sim_buffer *buffer, const char *format, ...)
{
    va_list values;
    va_list again;
    va_start(values, format);
    va_copy(again, values);
    const int length = vsnprintf(NULL, 0, format, values);
    va_end(values);
    if (length > 0) {
        const size_t size = (size_t)length + 1;
        buffer->bytes = sim_bytes_grow(
            buffer->bytes, &buffer->capacity, buffer->length + size, sizeof(uint8_t));
        (void)vsnprintf((char *)buffer->bytes + buffer->length, size, format, again);
        buffer->length += (size_t)length;
    }
    va_end(again);
}

const char *sim_bytes_text(struct sim_buffer *buffer)
{
    sim_bytes_add_byte(buffer, 0);
    buffer->length--;
    return (const char *)buffer->bytes;
}

void sim_bytes_free(struct sim_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct sim_buffer){0};
}

/* --- spans ------------------------------------------------------------------------------- */
struct sim_span sim_bytes_span(const struct sim_buffer *buffer)
{
    return (struct sim_span){buffer->bytes, buffer->length};
}

bool sim_bytes_equal(struct sim_span left, struct sim_span right)
{
    return left.length == right.length &&
           (left.length == 0 || memcmp(left.bytes, right.bytes, left.length) == 0);
}

int sim_bytes_compare(struct sim_span left, struct sim_span right)
{
    const size_t shorter = left.length < right.length ? left.length : right.length;
    const int order = shorter == 0 ? 0 : memcmp(left.bytes, right.bytes, shorter);
    if (order != 0) {
        return order;
    }
    return (left.length > right.length) - (left.length < right.length);
}

void sim_bytes_add_hex(struct sim_buffer *buffer, struct sim_span span)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < span.length; i++) {
        sim_bytes_add_byte(buffer, (uint8_t)digits[span.bytes[i] >> 4]);
        sim_bytes_add_byte(buffer, (uint8_t)digits[span.bytes[i] & 0xfu]);
    }
}

/* The value of a hexadecimal digit, or -1. */
static int sim_bytes_digit(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + SIM_BASE;
    }
    if (digit >= 'A' && digit <= 'F') {
        return digit - 'A' + SIM_BASE;
    }
    return -1;
}

bool sim_bytes_from_hex(struct sim_buffer *buffer, const char *text, size_t length)
{
    if (length % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < length; i += 2) {
        const int high = sim_bytes_digit(text[i]);
        const int low = sim_bytes_digit(text[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        sim_bytes_add_byte(buffer, (uint8_t)(high * 16 + low));
    }
    return true;
}

/* --- hashes ------------------------------------------------------------------------------ */
void sim_bytes_sha256(const void *bytes, size_t length, uint8_t *out32)
{
    static const uint8_t nothing[1] = {0};
    (void)SHA256(length == 0 ? nothing : bytes, length, out32);
}

/* The product wraps: that is the hash. */
uint64_t sim_bytes_mix(uint64_t hash, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ at[i]) * SIM_HASH_PRIME;
    }
    return hash;
}

/* --- numbers ----------------------------------------------------------------------------- */
/* The digits of a magnitude, at the end of a text; returns where they begin. */
static char *sim_bytes_digits(sim_uint value, char *end)
{
    *end = '\0';
    do {
        end--;
        *end = (char)('0' + (int)(value % SIM_BASE));
        value /= SIM_BASE;
    } while (value != 0);
    return end;
}

static sim_uint sim_bytes_magnitude(sim_int value)
{
    return value < 0 ? (sim_uint)(-(value + 1)) + 1u : (sim_uint)value;
}

const char *sim_bytes_int_text(sim_int value, char *text)
{
    char digits[SIM_INT_TEXT_MAX];
    const char *begin = sim_bytes_digits(sim_bytes_magnitude(value), digits + sizeof digits - 1);
    (void)snprintf(text, SIM_INT_TEXT_MAX, "%s%s", value < 0 ? "-" : "", begin);
    return text;
}

const char *sim_bytes_decimal_text(sim_int value, unsigned decimals, char *text)
{
    char digits[SIM_INT_TEXT_MAX];
    const char *begin = sim_bytes_digits(sim_bytes_magnitude(value), digits + sizeof digits - 1);
    const size_t count = strlen(begin);
    char *at = text;
    if (value < 0) {
        *at++ = '-';
    }
    const size_t whole = count > decimals ? count - decimals : 0;
    if (whole == 0) {
        *at++ = '0';
    }
    memcpy(at, begin, whole);
    at += whole;
    size_t kept = count;
    while (kept > whole && begin[kept - 1] == '0') {
        kept--;
    }
    if (kept > whole) {
        *at++ = '.';
        for (size_t zeros = count > decimals ? decimals : count; zeros < decimals; zeros++) {
            *at++ = '0';
        }
        memcpy(at, begin + whole, kept - whole);
        at += kept - whole;
    }
    *at = '\0';
    return text;
}

/* Appends a digit to a magnitude; false where it would leave 2^127. */
static bool sim_bytes_push_digit(sim_uint *value, char digit)
{
    const sim_uint limit = (sim_uint)1 << 127;
    const sim_uint next = (sim_uint)(digit - '0');
    if (*value > (limit - next) / SIM_BASE) {
        return false;
    }
    *value = *value * SIM_BASE + next;
    return true;
}

bool sim_bytes_parse_decimal(const char *text, size_t length, unsigned decimals, sim_int *value)
{
    size_t at = 0;
    const bool negative = length > 0 && text[0] == '-';
    at += negative ? 1 : 0;
    sim_uint sum = 0;
    unsigned places = 0;
    bool has_point = false;
    bool has_digit = false; /* the character before was a digit */
    for (; at < length; at++) {
        const bool digit_follows = at + 1 < length && text[at + 1] >= '0' && text[at + 1] <= '9';
        if (text[at] == '_' || text[at] == '.') {
            if (!has_digit || !digit_follows || (text[at] == '.' && has_point)) {
                return false;
            }
            has_point = has_point || text[at] == '.';
            has_digit = false;
            continue;
        }
        if (text[at] < '0' || text[at] > '9') {
            return false;
        }
        has_digit = true;
        places += has_point ? 1 : 0;
        /* Zeros beyond the unit's decimals say nothing; any other digit would be lost. */
        if (places > decimals && text[at] != '0') {
            return false;
        }
        if (places <= decimals && !sim_bytes_push_digit(&sum, text[at])) {
            return false;
        }
    }
    for (; places < decimals; places++) {
        if (!sim_bytes_push_digit(&sum, '0')) {
            return false;
        }
    }
    if (!has_digit || (!negative && sum > (sim_uint)SIM_INT_MAX)) {
        return false;
    }
    *value = negative ? (sum > (sim_uint)SIM_INT_MAX ? SIM_INT_MIN : -(sim_int)sum) : (sim_int)sum;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0
 * Spans, growing buffers, memory that never fails, hexadecimal text, 128-bit integers.
 * Every file of the simulator may use it; it knows nothing of margin, chains or files. */
#ifndef SIM_BYTES_H
#define SIM_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every number of the tables fits it: VAL, WVAL and AMT as well as all 64-bit types. */
__extension__ typedef __int128 sim_int;
__extension__ typedef unsigned __int128 sim_uint;

#define SIM_INT_TEXT_MAX     48u /* a sign, 39 digits, the end */
#define SIM_DECIMAL_TEXT_MAX 96u /* a sign, 39 digits, a point, zeros in front, the end */

/* Bytes that somebody else owns. A span of length 0 may have bytes NULL. */
struct sim_span {
    const uint8_t *bytes;
    size_t length;
};

/* Bytes that grow; {0} is empty. Text in it is not terminated: see sim_bytes_text. */
struct sim_buffer {
    uint8_t *bytes;
    size_t length;
    size_t capacity;
};

/* Memory, zeroed; the program ends with a sentence where there is none left. */
void *sim_bytes_alloc(size_t count, size_t size);
/* Grows an array to hold `count` elements; *capacity is in elements. Returns the array, new or old.
 */
void *sim_bytes_grow(void *array, size_t *capacity, size_t count, size_t size);

void sim_bytes_add(struct sim_buffer *buffer, const void *bytes, size_t length);
void sim_bytes_add_byte(struct sim_buffer *buffer, uint8_t byte);
/* Appends the low `count` bytes of value, little-endian; count is at most 16. */
void sim_bytes_add_integer(struct sim_buffer *buffer, sim_int value, size_t count);
void sim_bytes_add_text(struct sim_buffer *buffer, const char *text);
void sim_bytes_add_format(struct sim_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Terminates the buffer with a zero beyond its length and returns it as text. */
const char *sim_bytes_text(struct sim_buffer *buffer);
void sim_bytes_free(struct sim_buffer *buffer);

struct sim_span sim_bytes_span(const struct sim_buffer *buffer);
bool sim_bytes_equal(struct sim_span left, struct sim_span right);
/* As memcmp; a span that begins another one comes first. */
int sim_bytes_compare(struct sim_span left, struct sim_span right);
void sim_bytes_add_hex(struct sim_buffer *buffer, struct sim_span span);
/* Appends the bytes that hexadecimal text names; false at an odd length or a strange character. */
bool sim_bytes_from_hex(struct sim_buffer *buffer, const char *text, size_t length);

/* SHA-256 by the system's library. */
void sim_bytes_sha256(const void *bytes, size_t length, uint8_t *out32);
/* FNV-1a, 64 bits, to compare runs: not for security. Start with SIM_HASH_START. */
#define SIM_HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t sim_bytes_mix(uint64_t hash, const void *bytes, size_t length);

/* Writes an integer in base ten; returns `text`, which holds SIM_INT_TEXT_MAX. */
const char *sim_bytes_int_text(sim_int value, char *text);
/* Writes value x 10^-decimals exactly, without zeros at the end ("-0.05", "1200"). `text` holds
 * SIM_DECIMAL_TEXT_MAX; decimals is at most 38. */
const char *sim_bytes_decimal_text(sim_int value, unsigned decimals, char *text);
/* Reads a decimal such as "-1_200.05" as an integer of 10^-decimals units. False where it is no
 * number, has more decimals than that, or does not fit 128 bits. Underscores stand between digits.
 */
bool sim_bytes_parse_decimal(const char *text, size_t length, unsigned decimals, sim_int *value);

#endif

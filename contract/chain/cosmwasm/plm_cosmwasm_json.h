/* SPDX-License-Identifier: Apache-2.0
 * Walking JSON text in place: no tree, no copy, no recursion. Positions are indices into the text.
 * Two grammars: what users send is strict (printable ASCII, no escapes, whole numbers), what the
 * chain sends may be any JSON. It knows no message. */
#ifndef PLM_CHAIN_COSMWASM_JSON_H
#define PLM_CHAIN_COSMWASM_JSON_H

#include "plm_cosmwasm_region.h"

#include <plm/plm_units.h>

#include <stdbool.h>

/* Longest text of a message; deepest nesting: the attributes of the events of a payout's reply are
 * 7 levels down, a message of a user at most 4. */
#define PLM_COSMWASM_TEXT_MAX  16384u
#define PLM_COSMWASM_DEPTH_MAX 8u

struct plm_cosmwasm_json {
    const uint8_t *bytes;
    uint32_t length;
    const char *fault; /* what is wrong with the text, once something is */
    uint32_t at;       /* where */
};

/* plm_cosmwasm_json_check: true where the whole text is one JSON value and nothing behind it.
 * strict: the users' grammar. Cost: one pass. Everything below assumes a text that passed. */
bool plm_cosmwasm_json_check(struct plm_cosmwasm_json *json, bool strict);

/* First byte of the value at or after `at`, past blanks. */
uint8_t plm_cosmwasm_json_kind(const struct plm_cosmwasm_json *json, uint32_t at);
/* Walks the members of the object, or the elements of the array, that begins at `at`: *cursor is 0
 * at first. False at the end. For an object *key is the name without quotes; *value is where the
 * value begins. */
bool plm_cosmwasm_json_next(const struct plm_cosmwasm_json *json,
                            uint32_t at,
                            uint32_t *cursor,
                            struct plm_cosmwasm_span *key,
                            uint32_t *value);
/* The value of the first member of that name: false where `at` is no object or has none. */
bool plm_cosmwasm_json_member(const struct plm_cosmwasm_json *json,
                              uint32_t at,
                              const char *name,
                              uint32_t *value);
/* The text between the quotes at `at`; length 0 and bytes NULL where there is no string. */
struct plm_cosmwasm_span plm_cosmwasm_json_string(const struct plm_cosmwasm_json *json,
                                                  uint32_t at);
/* The text of a number at `at`. */
struct plm_cosmwasm_span plm_cosmwasm_json_number(const struct plm_cosmwasm_json *json,
                                                  uint32_t at);
bool plm_cosmwasm_json_equal(struct plm_cosmwasm_span span, const char *text);

enum plm_cosmwasm_number {
    PLM_COSMWASM_NO_NUMBER,
    PLM_COSMWASM_TOO_LARGE, /* 2^127 or more, or at most -2^127 */
    PLM_COSMWASM_NUMBER,    /* in *out */
};

/* A whole number in canonical decimal: no sign but -, no leading zero, no -0. */
enum plm_cosmwasm_number plm_cosmwasm_json_integer(struct plm_cosmwasm_span text, plm_i128 *out);
/* Padded standard base64; returns the count of bytes, or -1 where the text is none or does not fit
 * `capacity`. One value has one text: bits left over must be 0. */
int32_t plm_cosmwasm_json_base64(struct plm_cosmwasm_span text, uint8_t *out, uint32_t capacity);

#endif

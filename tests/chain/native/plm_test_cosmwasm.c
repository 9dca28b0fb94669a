/* SPDX-License-Identifier: Apache-2.0
 * A chain for the CosmWasm adapter compiled natively. */
#include "plm_test_cosmwasm.h"

#include "plm_cosmwasm.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX    512u
#define KEY_BYTES   64u
#define TEXT_BYTES  262144u
#define ADDR_PREFIX "address:"

#define BLOCK_SECONDS 1700000000u

struct pair {
    uint8_t key[KEY_BYTES];
    size_t key_length;
    uint8_t *value;
    size_t length;
};

struct table {
    struct pair pairs[KEYS_MAX];
    size_t count;
};

static struct table now;
static struct table before;
static size_t writes;
static bool is_query;
static jmp_buf trap;
static char response[TEXT_BYTES];
static char texts[2][TEXT_BYTES];
static unsigned text_turn;

_Noreturn void plm_assert_fail(const char *file, int line, const char *text);

static _Noreturn void die(const char *text)
{
    (void)fprintf(stderr, "test chain: %s\n", text);
    abort();
}

_Noreturn void plm_assert_fail(const char *file, int line, const char *text)
{
    (void)fprintf(stderr, "%s:%d: %s\n", file, line, text);
    abort();
}

/* --- storage ----------------------------------------------------------------------------- */

static void *copy_of(const void *bytes, size_t length)
{
    void *copy = malloc(length == 0 ? 1 : length);
    if (copy == NULL) {
        die("out of memory");
    }
    memcpy(copy, bytes, length);
    return copy;
}

static void clear(struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        free(table->pairs[i].value);
    }
    table->count = 0;
}

static void copy_table(struct table *to, const struct table *from)
{
    clear(to);
    for (size_t i = 0; i < from->count; i++) {
        to->pairs[i] = from->pairs[i];
        to->pairs[i].value = copy_of(from->pairs[i].value, from->pairs[i].length);
    }
    to->count = from->count;
}

static struct pair *find(struct table *table, const uint8_t *key, size_t length)
{
    for (size_t i = 0; i < table->count; i++) {
        struct pair *pair = &table->pairs[i];
        if (pair->key_length == length && memcmp(pair->key, key, length) == 0) {
            return pair;
        }
    }
    return NULL;
}

void plm_test_cosmwasm_reset(void)
{
    clear(&now);
    clear(&before);
    writes = 0;
}

size_t plm_test_cosmwasm_keys(void)
{
    return now.count;
}

size_t plm_test_cosmwasm_writes(void)
{
    return writes;
}

const uint8_t *plm_test_cosmwasm_stored(const char *key, size_t *length)
{
    const struct pair *pair = find(&now, (const uint8_t *)key, strlen(key));
    *length = pair == NULL ? 0 : pair->length;
    return pair == NULL ? NULL : pair->value;
}

/* --- imports ----------------------------------------------------------------------------- */

static uint32_t give(const void *bytes, size_t length)
{
    const uint32_t handle = plm_cosmwasm_region_allocate((uint32_t)length);
    if (handle == 0) {
        longjmp(trap, 1);
    }
    const struct plm_cosmwasm_span span = plm_cosmwasm_region_span(handle);
    struct plm_cosmwasm_region *region =
        (struct plm_cosmwasm_region *)(void *)((uintptr_t)span.bytes - 16);
    memcpy((uint8_t *)(uintptr_t)span.bytes, bytes, length);
    region->length = (uint32_t)length;
    return handle;
}

uint32_t plm_cosmwasm_db_read(uint32_t key)
{
    const struct plm_cosmwasm_span at = plm_cosmwasm_region_span(key);
    const struct pair *pair = find(&now, at.bytes, at.length);
    return pair == NULL ? 0 : give(pair->value, pair->length);
}

static void check_write(struct plm_cosmwasm_span key)
{
    if (is_query) {
        longjmp(trap, 1);
    }
    if (key.length > KEY_BYTES) {
        die("a key is too long");
    }
    writes++;
}

void plm_cosmwasm_db_write(uint32_t key, uint32_t value)
{
    const struct plm_cosmwasm_span at = plm_cosmwasm_region_span(key);
    const struct plm_cosmwasm_span bytes = plm_cosmwasm_region_span(value);
    check_write(at);
    struct pair *pair = find(&now, at.bytes, at.length);
    if (bytes.length == 0 || (pair == NULL && now.count == KEYS_MAX)) {
        die("an empty value, or too many keys");
    }
    if (pair == NULL) {
        pair = &now.pairs[now.count];
        now.count++;
        memcpy(pair->key, at.bytes, at.length);
        pair->key_length = at.length;
    } else {
        free(pair->value);
    }
    pair->value = copy_of(bytes.bytes, bytes.length);
    pair->length = bytes.length;
}

void plm_cosmwasm_db_remove(uint32_t key)
{
    const struct plm_cosmwasm_span at = plm_cosmwasm_region_span(key);
    check_write(at);
    struct pair *pair = find(&now, at.bytes, at.length);
    if (pair != NULL) {
        free(pair->value);
        now.count--;
        *pair = now.pairs[now.count];
    }
}

static int nibble(uint8_t c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c == 0 ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)(at - digits);
}

/* The bytes of `address:<hex>`: 20 of a person, 32 of a contract; 0 where the text is none. */
static size_t address_bytes(struct plm_cosmwasm_span text, uint8_t *out)
{
    const size_t prefix = strlen(ADDR_PREFIX);
    if (text.length <= prefix || memcmp(text.bytes, ADDR_PREFIX, prefix) != 0 ||
        (text.length != prefix + 40 && text.length != prefix + 64)) {
        return 0;
    }
    for (size_t i = prefix; i < text.length; i += 2) {
        const int high = nibble(text.bytes[i]);
        const int low = nibble(text.bytes[i + 1]);
        if (high < 0 || low < 0) {
            return 0;
        }
        out[(i - prefix) / 2] = (uint8_t)(high << 4 | low);
    }
    return (text.length - prefix) / 2;
}

uint32_t plm_cosmwasm_addr_validate(uint32_t text)
{
    uint8_t bytes[32];
    const char *fault = "no address";
    return address_bytes(plm_cosmwasm_region_span(text), bytes) > 0 ? 0
                                                                    : give(fault, strlen(fault));
}

/* Fills a region of the contract's: its header is where the handle points. */
static void fill(uint32_t handle, const void *bytes, size_t length)
{
    const struct plm_cosmwasm_span span = plm_cosmwasm_region_span(handle);
    static struct plm_cosmwasm_region probe;
    const uintptr_t base = (uintptr_t)&probe - (uintptr_t)(intptr_t)(int32_t)plm_cosmwasm_region_of(
                                                   &probe, (const uint8_t *)&probe, 0, 0);
    struct plm_cosmwasm_region *region =
        (struct plm_cosmwasm_region *)(base + (uintptr_t)(intptr_t)(int32_t)handle);
    if (region->capacity < length) {
        die("a region of the contract's is too small");
    }
    memcpy((uint8_t *)(uintptr_t)span.bytes, bytes, length);
    region->length = (uint32_t)length;
}

uint32_t plm_cosmwasm_addr_canonicalize(uint32_t text, uint32_t bytes)
{
    uint8_t out[32];
    const size_t length = address_bytes(plm_cosmwasm_region_span(text), out);
    if (length == 0) {
        return give("no address", 10);
    }
    fill(bytes, out, length);
    return 0;
}

uint32_t plm_cosmwasm_addr_humanize(uint32_t bytes, uint32_t text)
{
    const struct plm_cosmwasm_span from = plm_cosmwasm_region_span(bytes);
    char out[160];
    int length = snprintf(out, sizeof out, "%s", ADDR_PREFIX);
    if (from.length == 0 || from.length > 60) {
        return give("no address", 10);
    }
    for (uint32_t i = 0; i < from.length; i++) {
        length += snprintf(out + length, sizeof out - (size_t)length, "%02x", from.bytes[i]);
    }
    fill(text, out, (size_t)length);
    return 0;
}

_Noreturn void plm_cosmwasm_abort(uint32_t text)
{
    const struct plm_cosmwasm_span span = plm_cosmwasm_region_span(text);
    (void)fprintf(stderr, "abort: %.*s\n", (int)span.length, (const char *)span.bytes);
    longjmp(trap, 1);
}

/* --- calls ------------------------------------------------------------------------------- */

static uint32_t run(const char *entry, uint32_t env, uint32_t info, uint32_t message)
{
    if (strcmp(entry, "instantiate") == 0) {
        return plm_cosmwasm_instantiate(env, info, message);
    }
    if (strcmp(entry, "execute") == 0) {
        return plm_cosmwasm_execute(env, info, message);
    }
    if (strcmp(entry, "query") == 0) {
        return plm_cosmwasm_query(env, message);
    }
    if (strcmp(entry, "migrate") == 0) {
        return plm_cosmwasm_migrate(env, message);
    }
    if (strcmp(entry, "sudo") == 0) {
        return plm_cosmwasm_sudo(env, message);
    }
    if (strcmp(entry, "reply") == 0) {
        return plm_cosmwasm_reply(env, message);
    }
    die("no such entry");
}

const char *plm_test_cosmwasm_call_bytes(
    const char *entry, const char *sender, const char *funds, const uint8_t *message, size_t length)
{
    static char env[512];
    static char info[4096];
    const int env_length = snprintf(env,
                                    sizeof env,
                                    "{\"block\":{\"height\":12,\"time\":\"%u999999999\","
                                    "\"chain_id\":\"a \\\"b\\\" c\"},\"transaction\":null,"
                                    "\"contract\":{\"address\":\"%s\"}}",
                                    BLOCK_SECONDS,
                                    PLM_TEST_CONTRACT);
    const int info_length =
        snprintf(info, sizeof info, "{\"sender\":\"%s\",\"funds\":%s}", sender, funds);
    const char *volatile answer = NULL;
    is_query = strcmp(entry, "query") == 0;
    plm_cosmwasm_region_release(0);
    copy_table(&before, &now);
    if (setjmp(trap) == 0) {
        const uint32_t told = give(env, (size_t)env_length);
        const uint32_t about = give(info, (size_t)info_length);
        const struct plm_cosmwasm_span out =
            plm_cosmwasm_region_span(run(entry, told, about, give(message, length)));
        if (out.length >= sizeof response) {
            die("the response is longer than the test's room");
        }
        memcpy(response, out.bytes, out.length);
        response[out.length] = 0;
        answer = response;
    }
    if (answer == NULL || strncmp(response, "{\"error\"", 8) == 0) {
        copy_table(&now, &before);
    }
    return answer;
}

const char *plm_test_cosmwasm_call(const char *entry,
                                   const char *sender,
                                   const char *funds,
                                   const char *message)
{
    return plm_test_cosmwasm_call_bytes(
        entry, sender, funds, (const uint8_t *)message, strlen(message));
}

/* --- base64 ------------------------------------------------------------------------------ */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const char *plm_test_cosmwasm_base64(const char *text)
{
    char *out = texts[text_turn++ % 2];
    size_t at = 0;
    const size_t length = strlen(text);
    for (size_t i = 0; i < length; i += 3) {
        const size_t left = length - i;
        unsigned bits = (unsigned)(uint8_t)text[i] << 16;
        bits |= left > 1 ? (unsigned)(uint8_t)text[i + 1] << 8 : 0;
        bits |= left > 2 ? (unsigned)(uint8_t)text[i + 2] : 0;
        out[at++] = alphabet[bits >> 18 & 63];
        out[at++] = alphabet[bits >> 12 & 63];
        out[at++] = left > 1 ? alphabet[bits >> 6 & 63] : '=';
        out[at++] = left > 2 ? alphabet[bits & 63] : '=';
    }
    out[at] = 0;
    return out;
}

const char *plm_test_cosmwasm_unbase64(const char *text, size_t length)
{
    char *out = texts[text_turn++ % 2];
    size_t at = 0;
    unsigned bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < length && text[i] != '='; i++) {
        const char *place = strchr(alphabet, text[i]);
        bits = bits << 6 | (unsigned)(place - alphabet);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[at++] = (char)(bits >> held & 255);
        }
    }
    out[at] = 0;
    return out;
}

const char *plm_test_cosmwasm_ask(const char *message)
{
    const char *answer = plm_test_cosmwasm_call("query", PLM_TEST_SENDER, "[]", message);
    const char *begin = "{\"ok\":\"";
    if (answer == NULL || strncmp(answer, begin, strlen(begin)) != 0) {
        return NULL;
    }
    answer += strlen(begin);
    return plm_test_cosmwasm_unbase64(answer, strlen(answer) - 2);
}

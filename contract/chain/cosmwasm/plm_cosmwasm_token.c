/* SPDX-License-Identifier: Apache-2.0
 * Addresses and tokens: the text of the chain and the bytes of the engine. */
#include "plm_cosmwasm_token.h"

#define PLM_COSMWASM_TEXT_BYTES 128u /* an address as text: at most 90 characters */
#define PLM_COSMWASM_IBC_PREFIX 4u
#define PLM_COSMWASM_IBC_LENGTH 68u
#define PLM_COSMWASM_DENOM_MIN  3u

enum token_kind {
    PLM_TOKEN_CW20 = 0,
    PLM_TOKEN_IBC = 1, /* any other first byte is the first letter of a denomination */
};

/* Static, because the chain reads and writes it: one address at a time. */
static uint8_t address_text[PLM_COSMWASM_TEXT_BYTES];
static struct plm_addr address_bytes;
static struct plm_cosmwasm_region source;
static struct plm_cosmwasm_region target;

/* Drops what the chain allocated to tell why: the caller names the field. */
static bool chain_says_ok(uint32_t result, uint32_t mark)
{
    plm_cosmwasm_region_release(mark);
    return result == 0;
}

bool plm_cosmwasm_token_address(struct plm_cosmwasm_span text,
                                bool is_checked,
                                struct plm_addr *out)
{
    const uint32_t mark = plm_cosmwasm_region_mark();
    if (text.length == 0 || text.length > sizeof address_text) {
        return false;
    }
    __builtin_memcpy(address_text, text.bytes, text.length);
    const uint32_t from = plm_cosmwasm_region_of(&source, address_text, text.length, text.length);
    if (!is_checked && !chain_says_ok(plm_cosmwasm_addr_validate(from), mark)) {
        return false;
    }
    const uint32_t to =
        plm_cosmwasm_region_of(&target, address_bytes.bytes, 0, sizeof address_bytes.bytes);
    if (!chain_says_ok(plm_cosmwasm_addr_canonicalize(from, to), mark) || target.length == 0) {
        return false;
    }
    __builtin_memset(out, 0, sizeof *out);
    out->length = target.length;
    __builtin_memcpy(out->bytes, address_bytes.bytes, target.length);
    return true;
}

/* --- denominations ----------------------------------------------------------------------- */

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool begins(struct plm_cosmwasm_span text, const char *prefix)
{
    uint32_t i = 0;
    while (i < text.length && prefix[i] != 0 && (uint8_t)prefix[i] == text.bytes[i]) {
        i++;
    }
    return prefix[i] == 0;
}

/* What the bank module calls one, but for names that would read as a CW20 token in an event. */
static bool is_denomination(struct plm_cosmwasm_span text)
{
    if (text.length < PLM_COSMWASM_DENOM_MIN || !is_letter(text.bytes[0]) ||
        begins(text, PLM_COSMWASM_CW20_PREFIX)) {
        return false;
    }
    for (uint32_t i = 1; i < text.length; i++) {
        const uint8_t c = text.bytes[i];
        const bool is_mark = c == '/' || c == ':' || c == '.' || c == '_' || c == '-';
        if (!is_letter(c) && !is_digit(c) && !is_mark) {
            return false;
        }
    }
    return true;
}

/* An upper-case hexadecimal digit; -1 for anything else. */
static int32_t hex_digit(uint8_t c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; /* NOLINT(readability-magic-numbers) */
}

static bool read_ibc(struct plm_cosmwasm_span text, struct plm_addr *out)
{
    out->bytes[0] = PLM_TOKEN_IBC;
    out->length = 1;
    for (uint32_t i = PLM_COSMWASM_IBC_PREFIX; i < text.length; i += 2) {
        const int32_t high = hex_digit(text.bytes[i]);
        const int32_t low = hex_digit(text.bytes[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out->bytes[out->length] = (uint8_t)(high << 4 | low);
        out->length++;
    }
    return true;
}

bool plm_cosmwasm_token_native(struct plm_cosmwasm_span denomination, struct plm_addr *out)
{
    __builtin_memset(out, 0, sizeof *out);
    if (!is_denomination(denomination)) {
        return false;
    }
    if (denomination.length == PLM_COSMWASM_IBC_LENGTH && begins(denomination, "ibc/")) {
        return read_ibc(denomination, out);
    }
    if (denomination.length > sizeof out->bytes) {
        return false;
    }
    out->length = denomination.length;
    __builtin_memcpy(out->bytes, denomination.bytes, denomination.length);
    return true;
}

bool plm_cosmwasm_token_cw20(struct plm_cosmwasm_span contract,
                             bool is_checked,
                             struct plm_addr *out)
{
    struct plm_addr address = {0};
    if (!plm_cosmwasm_token_address(contract, is_checked, &address) ||
        address.length == sizeof address.bytes) {
        return false;
    }
    __builtin_memset(out, 0, sizeof *out);
    out->bytes[0] = PLM_TOKEN_CW20;
    out->length = address.length + 1;
    __builtin_memcpy(out->bytes + 1, address.bytes, address.length);
    return true;
}

bool plm_cosmwasm_token_is_cw20(const struct plm_addr *token)
{
    return token->length > 0 && token->bytes[0] == PLM_TOKEN_CW20;
}

/* --- writing ----------------------------------------------------------------------------- */

void plm_cosmwasm_token_write_address(struct plm_cosmwasm_text *out,
                                      const uint8_t *bytes,
                                      uint32_t count)
{
    const uint32_t mark = plm_cosmwasm_region_mark();
    __builtin_memcpy(address_bytes.bytes, bytes, count);
    const uint32_t from = plm_cosmwasm_region_of(&source, address_bytes.bytes, count, count);
    const uint32_t to = plm_cosmwasm_region_of(&target, address_text, 0, sizeof address_text);
    if (chain_says_ok(plm_cosmwasm_addr_humanize(from, to), mark)) {
        plm_cosmwasm_text_bytes(out, address_text, target.length);
    } else { /* bytes that no address of this chain has: nobody's */
        plm_cosmwasm_text_hex(out, bytes, count, false);
    }
}

void plm_cosmwasm_token_write(struct plm_cosmwasm_text *out, const uint8_t *bytes, uint32_t count)
{
    if (count > 0 && bytes[0] == PLM_TOKEN_CW20) {
        plm_cosmwasm_token_write_address(out, bytes + 1, count - 1);
    } else if (count > 0 && bytes[0] == PLM_TOKEN_IBC) {
        plm_cosmwasm_text_words(out, "ibc/");
        plm_cosmwasm_text_hex(out, bytes + 1, count - 1, true);
    } else {
        plm_cosmwasm_text_bytes(out, bytes, count);
    }
}

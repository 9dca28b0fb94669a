/* SPDX-License-Identifier: Apache-2.0
 * SHA-256, as FIPS 180-4 states it. The constants are the first 32 bits of the fractional parts of
 * the cube roots (of 64 primes) and of the square roots (of 8) there. */
#include "plm_sha256.h"

#include <stddef.h>

#define PLM_SHA256_BLOCK  64u
#define PLM_SHA256_WORDS  16u
#define PLM_SHA256_LENGTH 56u /* where the length stands in the last block */

static const uint32_t rounds[PLM_SHA256_BLOCK] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u,
    0xab1c5ed5u, 0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu,
    0x9bdc06a7u, 0xc19bf174u, 0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu,
    0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau, 0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u,
    0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u, 0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu,
    0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u, 0xa2bfe8a1u, 0xa81a664bu,
    0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u, 0x19a4c116u,
    0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u,
    0xc67178f2u,
};

static const uint32_t begin[8] = {0x6a09e667u,
                                  0xbb67ae85u,
                                  0x3c6ef372u,
                                  0xa54ff53au,
                                  0x510e527fu,
                                  0x9b05688cu,
                                  0x1f83d9abu,
                                  0x5be0cd19u};

static uint32_t rotate(uint32_t x, uint32_t count)
{
    return x >> count | x << (32u - count);
}

/* NOLINTBEGIN(readability-magic-numbers): the rotations are those of the standard */
static void add_block(uint32_t state[8], const uint8_t *block)
{
    uint32_t w[PLM_SHA256_WORDS];
    uint32_t v[8];
    __builtin_memcpy(v, state, sizeof v);
    for (uint32_t i = 0; i < PLM_SHA256_BLOCK; i++) {
        uint32_t *word = &w[i % PLM_SHA256_WORDS];
        if (i < PLM_SHA256_WORDS) {
            const uint8_t *at = block + (size_t)4 * i;
            *word = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
        } else {
            const uint32_t x = w[(i + 1) % PLM_SHA256_WORDS];
            const uint32_t y = w[(i + 14) % PLM_SHA256_WORDS];
            *word += (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) + w[(i + 9) % PLM_SHA256_WORDS] +
                     (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10);
        }
        const uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
        const uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        const uint32_t first = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) +
                               choice + rounds[i] + *word;
        const uint32_t second = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) + majority;
        for (uint32_t k = 7; k > 0; k--) {
            v[k] = v[k - 1];
        }
        v[4] += first;
        v[0] = first + second;
    }
    for (uint32_t k = 0; k < 8; k++) {
        state[k] += v[k];
    }
}

/* NOLINTEND(readability-magic-numbers) */

static void store_big_endian(uint8_t *at, uint64_t word, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        at[i] = (uint8_t)(word >> (8u * (count - 1u - i)) & 255u);
    }
}

void plm_sha256(const uint8_t *bytes, uint32_t length, uint8_t *out32)
{
    uint32_t state[8];
    uint8_t last[2 * PLM_SHA256_BLOCK] = {0};
    const uint32_t whole = length - length % PLM_SHA256_BLOCK;
    const uint32_t rest = length - whole;
    const uint32_t padded = rest < PLM_SHA256_LENGTH ? PLM_SHA256_BLOCK : 2 * PLM_SHA256_BLOCK;
    __builtin_memcpy(state, begin, sizeof state);
    for (uint32_t at = 0; at < whole; at += PLM_SHA256_BLOCK) {
        add_block(state, bytes + at);
    }
    __builtin_memcpy(last, bytes + whole, rest);
    last[rest] = 0x80u; /* NOLINT(readability-magic-numbers): the one bit behind the message */
    store_big_endian(last + padded - 8, (uint64_t)length * 8u, 8);
    for (uint32_t at = 0; at < padded; at += PLM_SHA256_BLOCK) {
        add_block(state, last + at);
    }
    for (uint32_t k = 0; k < 8; k++) {
        store_big_endian(out32 + (size_t)4 * k, state[k], 4);
    }
}

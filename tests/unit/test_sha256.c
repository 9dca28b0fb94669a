// SPDX-License-Identifier: Apache-2.0
/* plm_sha256: the standard's own examples, and every length of three blocks against OpenSSL.
 * build: contract/rt/plm_sha256.c -lcrypto */
#include "plm_cmocka.h"

#include <openssl/sha.h>
#include <string.h>

#include "../../contract/rt/plm_sha256.h"

static void test_the_examples_of_the_standard_hold(void **state)
{
    static const struct {
        const char *text;
        uint8_t first[4];
    } rows[] = {
        {"", {0xe3, 0xb0, 0xc4, 0x42}},
        {"abc", {0xba, 0x78, 0x16, 0xbf}},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", {0x24, 0x8d, 0x6a, 0x61}},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint8_t hash[PLM_SHA256_BYTES];
        plm_sha256((const uint8_t *)rows[i].text, (uint32_t)strlen(rows[i].text), hash);
        assert_memory_equal(hash, rows[i].first, sizeof rows[i].first);
    }
}

static void test_every_length_of_three_blocks_equals_openssl(void **state)
{
    uint8_t bytes[192];
    (void)state;
    for (uint32_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 37U + 11U);
    }
    for (uint32_t length = 0; length <= sizeof bytes; length++) {
        uint8_t ours[PLM_SHA256_BYTES];
        uint8_t theirs[SHA256_DIGEST_LENGTH];
        plm_sha256(bytes, length, ours);
        (void)SHA256(bytes, length, theirs);
        assert_memory_equal(ours, theirs, sizeof ours);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_examples_of_the_standard_hold),
        cmocka_unit_test(test_every_length_of_three_blocks_equals_openssl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* Random bytes to every layout's decoder, and bytes made from the tables, one of them changed: it
 * refuses, or what it read encodes to the same bytes. [I46]
 * build: core tests/fuzz/canary.c tests/chain/native/plm_test_message.c */
#include "plm_codec.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "chain/native/plm_test_message.h"
#include "fuzz/canary.h"

/* Large enough for the largest struct of the tables, and aligned as all of them. */
static union plm_any {
    uint64_t words[2048];
    uint8_t bytes[16384];
} record;

static struct plm_fuzz_canary canaries[] = {
    {"layouts decoded", PLM_LAYOUT_COUNT, 0},
    {"inputs refused", 1, 0},
};

enum {
    DECODED,
    REFUSED
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decodes, and encodes again; true where it was accepted. */
static bool try_bytes(enum plm_layout_id layout, const uint8_t *bytes, uint32_t length)
{
    static uint8_t again[16384];
    static bool decoded[PLM_LAYOUT_COUNT];
    if (plm_tables_layouts[layout].size > sizeof record.bytes) {
        abort();
    }
    memset(&record, 0, sizeof record);
    if (plm_codec_decode(layout, bytes, length, &record) != PLM_OK) {
        canaries[REFUSED].count++;
        return false;
    }
    const uint32_t encoded = plm_codec_encode(layout, &record, again, sizeof again);
    if (encoded != length || memcmp(again, bytes, length) != 0) {
        abort();
    }
    canaries[DECODED].count += decoded[layout] ? 0 : 1;
    decoded[layout] = true;
    return true;
}

/* Bytes of the tables, as the choices say; then one of them changed. */
static void try_made(enum plm_layout_id layout, const uint8_t *data, size_t size)
{
    static uint8_t made[16384];
    struct plm_test_choices choices = {data, size, 0};
    const uint32_t length = plm_test_message_fill(&choices, layout, made, sizeof made);
    if (!try_bytes(layout, made, length)) {
        abort(); /* a message of the tables is refused */
    }
    const uint32_t at =
        (uint32_t)plm_test_message_choose(&choices) << 8 | plm_test_message_choose(&choices);
    if (length != 0) {
        made[at % length] ^= plm_test_message_choose(&choices);
        (void)try_bytes(layout, made, length);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plm_fuzz_canaries(canaries, sizeof canaries / sizeof canaries[0]);
    if (size < 2 || size > 8192) {
        return 0;
    }
    const enum plm_layout_id layout = (enum plm_layout_id)(data[1] % PLM_LAYOUT_COUNT);
    if (data[0] % 2 == 0) {
        (void)try_bytes(layout, data + 2, (uint32_t)size - 2);
    } else {
        try_made(layout, data + 2, size - 2);
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
/* Random bytes to every layout's decoder: it refuses, or what it read encodes to the same bytes.
 * [I46] */
#include "plm_codec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Large enough for the largest struct of the tables, and aligned as all of them. */
static union plm_any {
    uint64_t words[2048];
    uint8_t bytes[16384];
} record;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t again[16384];
    if (size < 1 || size > 8192) {
        return 0;
    }
    const enum plm_layout_id layout = (enum plm_layout_id)(data[0] % PLM_LAYOUT_COUNT);
    const uint32_t length = (uint32_t)size - 1;
    if (plm_tables_layouts[layout].size > sizeof record.bytes) {
        abort();
    }
    memset(&record, 0, sizeof record);
    if (plm_codec_decode(layout, data + 1, length, &record) != PLM_OK) {
        return 0;
    }
    const uint32_t encoded = plm_codec_encode(layout, &record, again, sizeof again);
    if (encoded != length || memcmp(again, data + 1, length) != 0) {
        abort();
    }
    return 0;
}

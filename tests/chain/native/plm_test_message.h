/* SPDX-License-Identifier: Apache-2.0
 * Wire bytes of any layout, made from a stream of choices and within the bounds of the tables: for
 * round trips through JSON, in tests and in the fuzzer. */
#ifndef PLM_TEST_MESSAGE_H
#define PLM_TEST_MESSAGE_H

#include "plm_tables.h"

struct plm_test_choices {
    const uint8_t *bytes;
    size_t length;
    size_t at;
};

/* The next choice; 0 behind the end. */
uint8_t plm_test_message_choose(struct plm_test_choices *choices);
/* Appends the fields of a layout: integers at their bounds and between, addresses of 20 or 32
 * bytes, tokens of all three kinds. BYTES are empty. Returns the count of bytes. */
uint32_t plm_test_message_fill(struct plm_test_choices *choices,
                               uint32_t layout,
                               uint8_t *out,
                               uint32_t capacity);

#endif

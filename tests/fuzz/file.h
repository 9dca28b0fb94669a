/* SPDX-License-Identifier: Apache-2.0
 * For targets whose reader takes a path: the input as a file without a name, and a silent stderr
 * while the reader explains what is wrong with it. */
#ifndef PLM_FUZZ_FILE_H
#define PLM_FUZZ_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The path of a file with these bytes; the same file every time. */
const char *plm_fuzz_file(const uint8_t *data, size_t size);
/* Sends stderr nowhere, or back to where it went. */
void plm_fuzz_hush(bool hushes);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * SHA-256 (FIPS 180-4), for chains whose host has none. */
#ifndef PLM_RT_PLM_SHA256_H
#define PLM_RT_PLM_SHA256_H

#include <stdint.h>

#define PLM_SHA256_BYTES 32u

/* plm_sha256: the 32 bytes of the hash of `length` bytes. Cost: one pass, 64 bytes a block. */
void plm_sha256(const uint8_t *bytes, uint32_t length, uint8_t *out32);

#endif

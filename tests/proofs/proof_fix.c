// SPDX-License-Identifier: Apache-2.0
/* The typed arithmetic on 128-bit numbers: contracts, then the product's headers, unchanged. */
#include "proof_fix.h"

#include "plm_fix.h"

// SPDX-License-Identifier: Apache-2.0
// build: -DPLM_WIDE_PORTABLE contract/core/plm_wide.c tests/support/assert_fail.c
/* The same properties for the form that wasm gets: products from halves of limbs. */
#include "prop_wide.c"

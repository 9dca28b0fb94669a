// SPDX-License-Identifier: Apache-2.0
/* The test library and the four system headers it needs before it: the one file that includes it.
 * Our formatter sorts includes, so their order is kept here by hand. */
#ifndef PLM_TESTS_CMOCKA_H
#define PLM_TESTS_CMOCKA_H

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

/* expect_assert_failure is a bare block, so the semicolon after it is an empty statement. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wextra-semi-stmt"
#endif

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#endif

// SPDX-License-Identifier: Apache-2.0
/* What a failed assertion does in a test that has no cmocka: it names the place and stops. Weak,
 * so that a test linked with the simulator gets the simulator's. */
#include <stdio.h>
#include <stdlib.h>

_Noreturn void plm_assert_fail(const char *file, int line, const char *text);

__attribute__((weak)) _Noreturn void plm_assert_fail(const char *file, int line, const char *text)
{
    (void)fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, text);
    abort();
}

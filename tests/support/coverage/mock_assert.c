// SPDX-License-Identifier: Apache-2.0
/* The coverage build has one form of the core, whose assertions call cmocka's function: programs
 * without cmocka get this one, which hands a failure on to the host's. */
#include "plm_assert.h"

_Noreturn void plm_assert_fail(const char *file, int line, const char *text);

void mock_assert(const int result,
                 const char *const expression,
                 const char *const file,
                 const int line)
{
    if (result == 0) {
        plm_assert_fail(file, line, expression);
    }
}

// SPDX-License-Identifier: Apache-2.0
/* Assertions: what only our own bug can make false. What a user can cause is an error code instead.
 * PLM_ASSERT is on in every build; PLM_AUDIT may scan and is on where PLM_AUDIT_ON is defined.
 * This file knows no rule and no unit. */
#ifndef PLM_CORE_ASSERT_H
#define PLM_CORE_ASSERT_H

#include <plm/plm_units.h> /* PLM_STATIC_ASSERT */

#include <stdbool.h>

#if defined(PLM_UNIT_TEST) || defined(PLM_COVERAGE)
/* The test library's own function: a failed assertion becomes a result a test can expect. */
void mock_assert(const int result,
                 const char *const expression,
                 const char *const file,
                 const int line);
#endif
#if defined(PLM_COVERAGE)
/* A call and no branch: coverage counts what rules decide, and an assertion decides nothing. */
#define PLM_ASSERT(c) mock_assert(!!(c), #c, __FILE__, __LINE__)
#elif defined(PLM_UNIT_TEST)
#define PLM_ASSERT(c) mock_assert((c) ? 1 : 0, #c, __FILE__, __LINE__)
#elif defined(__wasm__)
/* The trap makes the chain revert the call: nothing of it was stored. */
#define PLM_ASSERT(c) ((c) ? (void)0 : __builtin_trap())
#else
/* The host or the test provides this function: it prints the place to stderr and stops. */
_Noreturn void plm_assert_fail(const char *file, int line, const char *text);
#define PLM_ASSERT(c) ((c) ? (void)0 : plm_assert_fail(__FILE__, __LINE__, #c))
#endif

/* A check that may cost a scan; the condition is still compiled where it is not evaluated. */
#if defined(PLM_AUDIT_ON)
#define PLM_AUDIT(c) PLM_ASSERT(c)
#else
#define PLM_AUDIT(c) ((void)sizeof((c) ? 1 : 0))
#endif

/* A branch believed dead: `if (PLM_NEVER(c)) { take the safe side }`. The contract keeps the
 * branch; everywhere else reaching it is a bug that stops the run. */
#if defined(__wasm__) && !defined(PLM_UNIT_TEST)
#define PLM_NEVER(c) (c)
#else
#define PLM_NEVER(c) plm_assert_never((c) ? true : false)

static inline bool plm_assert_never(bool reached)
{
    PLM_ASSERT(!reached);
    return reached;
}
#endif

/* Both outcomes happen, on purpose: a note to the reader and to the coverage report. */
#define PLM_MAYBE(c) (c)

#endif

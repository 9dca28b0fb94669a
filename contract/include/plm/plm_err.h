/* SPDX-License-Identifier: Apache-2.0
 * Result codes: what a user can cause is a value of plm_err, never a trap.
 * Spec: "Errors". Source of every row: abi/errors.def. */
#ifndef PLM_INCLUDE_PLM_PLM_ERR_H
#define PLM_INCLUDE_PLM_PLM_ERR_H

#if defined(__clang__)
#define PLM_MUST_USE __attribute__((warn_unused_result))
#else
#define PLM_MUST_USE
#endif

typedef enum PLM_MUST_USE plm_err {
#define X(symbol, code, class, text) PLM_##symbol = code,
#include "errors.def"
#undef X
} plm_err;

/* PLM_TRY: leaves the function with the code of a refused step; on error nothing was changed. */
#define PLM_TRY(expression)                                                                        \
    do {                                                                                           \
        const plm_err plm_try_code = (expression);                                                 \
        if (plm_try_code != PLM_OK) {                                                              \
            return plm_try_code;                                                                   \
        }                                                                                          \
    } while (0)

#endif

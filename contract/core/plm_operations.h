// SPDX-License-Identifier: Apache-2.0
/* One prototype per row of abi/ops.def and abi/queries.def, and nothing else.
 * An operation reads as four paragraphs: shape, load and settle, act, judge its own limit. */
#ifndef PLM_CORE_OPERATIONS_H
#define PLM_CORE_OPERATIONS_H

#include "plm_scratch.h"

#define X(symbol, opcode, message, who, text)                                                      \
    plm_err plm_op_##message(struct plm_scratch *s, const struct plm_##message *args);
#include "ops.def"
#undef X

#define X(symbol, opcode, message, reply, text)                                                    \
    plm_err plm_query_##message(struct plm_scratch *s, const struct plm_##message *args);
#include "queries.def"
#undef X

#endif

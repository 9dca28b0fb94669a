// SPDX-License-Identifier: Apache-2.0
/* The lab build: single rules can be switched off, to show in scenarios what each prevents.
 * [abi/lab.def] In the contract and in every product build PLM_RULE_IS_ON is the constant true, and
 * nothing of this remains. */
#ifndef PLM_CORE_LAB_H
#define PLM_CORE_LAB_H

#include "plm_assert.h"

#include <stdbool.h>
#include <stdint.h>

enum plm_lab_rule {
#define X(symbol, bit, rule, text) PLM_LAB_##symbol = (bit),
#include "lab.def"
#undef X
};

#if defined(PLM_LAB)
struct plm_host;
/* The lab host's answer: bit n set = rule n is off. */
uint64_t plm_host_lab_rules(struct plm_host *host);
#define PLM_RULE_IS_ON(s, rule) (((plm_host_lab_rules((s)->host) >> PLM_LAB_##rule) & 1U) == 0)
#define PLM_INVARIANT(s, c)     PLM_ASSERT(plm_host_lab_rules((s)->host) != 0 || (c))
#else
/* The constant true: the optimiser removes the other branch. */
static inline bool plm_lab_rule_is_on(const void *scratch)
{
    (void)scratch;
    return true;
}

#define PLM_RULE_IS_ON(s, rule) plm_lab_rule_is_on(s)
/* An invariant of the rulebook: broken only by our own bug, or by the lab. */
#define PLM_INVARIANT(s, c)     ((void)(s), PLM_ASSERT(c))
#endif

#endif

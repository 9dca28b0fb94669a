// SPDX-License-Identifier: Apache-2.0
/* The invariants that one operation can break, checked before anything is stored: O(touched
 * records). A false one is our bug: the call traps and reverts. [I01] [I02] [I04] [I12] [I49] */
#ifndef PLM_CORE_INVARIANT_H
#define PLM_CORE_INVARIANT_H

#include "plm_scratch.h"

/* plm_invariant_check: conservation, market identities and signs of lines over everything loaded.
 * Cost: one pass over the slots. */
void plm_invariant_check(const struct plm_scratch *s);

#endif

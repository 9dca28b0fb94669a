// SPDX-License-Identifier: Apache-2.0
/* Values are compared by plm_val_cmp, never by an operator. [UNIT] */
#include "plm_fix.h"

bool plm_twin(plm_val a, plm_val b);

bool plm_twin(plm_val a, plm_val b)
{
#ifdef TWIN
    return plm_val_cmp(a, b) == 0;
#else
    return a == b;
#endif
}

// SPDX-License-Identifier: Apache-2.0
/* A refused sum must be looked at. [UNIT] */
#include "plm_fix.h"

plm_val plm_twin(plm_val a, plm_val b);

plm_val plm_twin(plm_val a, plm_val b)
{
#ifdef TWIN
    plm_val sum = {{0, 0}};
    if (plm_val_add_checked(a, b, &sum) != PLM_OK) {
        return a;
    }
    return sum;
#else
    plm_val sum = {{0, 0}};
    plm_val_add_checked(a, b, &sum);
    return sum;
#endif
}

// SPDX-License-Identifier: Apache-2.0
/* A weighted value is not divided yet, so it does not add to a value. [UNIT] */
#include "plm_fix.h"

plm_val plm_twin(plm_val value, plm_wval weighted);

plm_val plm_twin(plm_val value, plm_wval weighted)
{
#ifdef TWIN
    return plm_val_add(value, plm_fix_wval_to_val_floor(weighted));
#else
    return plm_val_add(value, weighted);
#endif
}

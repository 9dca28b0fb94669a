// SPDX-License-Identifier: Apache-2.0
/* A weighted value is not a value. [UNIT] */
#include "plm_fix.h"

plm_val plm_twin(plm_wval weighted);

plm_val plm_twin(plm_wval weighted)
{
#ifdef TWIN
    return plm_fix_wval_to_val_ceil(weighted);
#else
    return weighted;
#endif
}

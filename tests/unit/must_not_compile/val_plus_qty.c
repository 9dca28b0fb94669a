// SPDX-License-Identifier: Apache-2.0
/* A size is not money. [UNIT] */
#include "plm_fix.h"

plm_val plm_twin(plm_val value, plm_qty qty);

plm_val plm_twin(plm_val value, plm_qty qty)
{
#ifdef TWIN
    (void)qty;
    return plm_val_add(value, value);
#else
    return value + qty;
#endif
}

// SPDX-License-Identifier: Apache-2.0
/* The sum of values takes values. [UNIT] */
#include "plm_fix.h"

plm_val plm_twin(plm_val value, plm_price price);

plm_val plm_twin(plm_val value, plm_price price)
{
#ifdef TWIN
    (void)price;
    return plm_val_add(value, value);
#else
    return plm_val_add(value, price);
#endif
}

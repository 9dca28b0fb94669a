// SPDX-License-Identifier: Apache-2.0
/* A price is not money. [UNIT] */
#include "plm_fix.h"

plm_val plm_twin(plm_val value, plm_price price);

plm_val plm_twin(plm_val value, plm_price price)
{
#ifdef TWIN
    (void)price;
    return plm_val_add(value, value);
#else
    return value + price;
#endif
}

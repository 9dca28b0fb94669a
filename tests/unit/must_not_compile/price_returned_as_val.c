// SPDX-License-Identifier: Apache-2.0
/* A price is not a value. [UNIT] */
#include "plm_fix.h"

plm_val plm_twin(plm_price price, plm_qty qty);

plm_val plm_twin(plm_price price, plm_qty qty)
{
#ifdef TWIN
    return plm_fix_notional(qty, price);
#else
    (void)qty;
    return price;
#endif
}

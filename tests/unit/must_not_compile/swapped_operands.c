// SPDX-License-Identifier: Apache-2.0
/* Size and price do not trade places. [UNIT] */
#include "plm_fix.h"

plm_val plm_twin(plm_qty qty, plm_price price);

plm_val plm_twin(plm_qty qty, plm_price price)
{
#ifdef TWIN
    return plm_fix_notional(qty, price);
#else
    return plm_fix_notional(price, qty);
#endif
}

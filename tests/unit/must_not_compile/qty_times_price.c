// SPDX-License-Identifier: Apache-2.0
/* Lots times price is a value only through plm_fix_notional. [UNIT] */
#include "plm_fix.h"

plm_val plm_twin(plm_qty qty, plm_price price);

plm_val plm_twin(plm_qty qty, plm_price price)
{
#ifdef TWIN
    return plm_fix_notional(qty, price);
#else
    return qty * price;
#endif
}

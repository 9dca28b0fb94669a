// SPDX-License-Identifier: Apache-2.0
/* A ratio of a price is not a price. [UNIT] */
#include "plm_fix.h"

plm_price plm_twin(plm_price price, plm_ratio ratio);

plm_price plm_twin(plm_price price, plm_ratio ratio)
{
#ifdef TWIN
    return plm_fix_price_part_floor(price, ratio);
#else
    (void)price;
    return ratio;
#endif
}

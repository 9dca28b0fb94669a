// SPDX-License-Identifier: Apache-2.0
/* Prices are compared by plm_price_cmp. [UNIT] */
#include "plm_fix.h"

bool plm_twin(plm_price a, plm_price b);

bool plm_twin(plm_price a, plm_price b)
{
#ifdef TWIN
    return plm_price_cmp(a, b) == 0;
#else
    return a == b;
#endif
}

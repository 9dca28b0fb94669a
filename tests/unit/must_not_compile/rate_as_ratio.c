// SPDX-License-Identifier: Apache-2.0
/* A rate in 1e-9 is not a ratio in ppm. [UNIT] */
#include "plm_fix.h"

plm_wval plm_twin(plm_val value, plm_rate rate, plm_ratio ratio);

plm_wval plm_twin(plm_val value, plm_rate rate, plm_ratio ratio)
{
#ifdef TWIN
    (void)rate;
    return plm_fix_weigh(value, ratio);
#else
    (void)ratio;
    return plm_fix_weigh(value, rate);
#endif
}

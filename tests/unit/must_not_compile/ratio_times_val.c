// SPDX-License-Identifier: Apache-2.0
/* Weighing keeps the ppm in the type. [UNIT] */
#include "plm_fix.h"

plm_wval plm_twin(plm_val value, plm_ratio ratio);

plm_wval plm_twin(plm_val value, plm_ratio ratio)
{
#ifdef TWIN
    return plm_fix_weigh(value, ratio);
#else
    return value * ratio;
#endif
}

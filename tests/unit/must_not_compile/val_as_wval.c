// SPDX-License-Identifier: Apache-2.0
/* A value is not a weighted value. [UNIT] */
#include "plm_fix.h"

plm_wval plm_twin(plm_val value);

plm_wval plm_twin(plm_val value)
{
#ifdef TWIN
    return plm_fix_val_to_wval(value);
#else
    return value;
#endif
}

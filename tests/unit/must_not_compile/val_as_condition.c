// SPDX-License-Identifier: Apache-2.0
/* A value is not a truth: plm_val_is_zero asks. [UNIT] */
#include "plm_fix.h"

bool plm_twin(plm_val value);

bool plm_twin(plm_val value)
{
#ifdef TWIN
    return !plm_val_is_zero(value);
#else
    return !value;
#endif
}

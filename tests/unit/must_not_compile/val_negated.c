// SPDX-License-Identifier: Apache-2.0
/* A value is negated by plm_val_neg, which knows the missing -2^127. [UNIT] */
#include "plm_fix.h"

plm_val plm_twin(plm_val value);

plm_val plm_twin(plm_val value)
{
#ifdef TWIN
    return plm_val_neg(value);
#else
    return -value;
#endif
}

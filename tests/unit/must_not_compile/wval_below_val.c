// SPDX-License-Identifier: Apache-2.0
/* Only equals are compared: a requirement with equity in the same unit. [UNIT] */
#include "plm_fix.h"

bool plm_twin(plm_wval required, plm_val equity);

bool plm_twin(plm_wval required, plm_val equity)
{
#ifdef TWIN
    return plm_wval_cmp(required, plm_fix_val_to_wval(equity)) < 0;
#else
    return plm_wval_cmp(required, equity) < 0;
#endif
}

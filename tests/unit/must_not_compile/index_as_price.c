// SPDX-License-Identifier: Apache-2.0
/* An index difference may be negative; a price may not. [UNIT] */
#include "plm_fix.h"

plm_val plm_twin(plm_qty qty, plm_index delta);

plm_val plm_twin(plm_qty qty, plm_index delta)
{
#ifdef TWIN
    return plm_fix_payment(qty, delta);
#else
    return plm_fix_notional(qty, delta);
#endif
}

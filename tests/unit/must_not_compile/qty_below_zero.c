// SPDX-License-Identifier: Apache-2.0
/* A size is not a number: its sign has a name. [UNIT] */
#include "plm_fix.h"

bool plm_twin(plm_qty qty);

bool plm_twin(plm_qty qty)
{
#ifdef TWIN
    return plm_qty_is_short(qty);
#else
    return qty < 0;
#endif
}

// SPDX-License-Identifier: Apache-2.0
/* A bare number is not a size. [UNIT] */
#include "plm_fix.h"

plm_qty plm_twin(int64_t number);

plm_qty plm_twin(int64_t number)
{
#ifdef TWIN
    const plm_qty qty = {number};
    return qty;
#else
    return number;
#endif
}

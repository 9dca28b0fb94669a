// SPDX-License-Identifier: Apache-2.0
/* Seconds between two times never wrap below zero. [UNIT] */
#include "plm_fix.h"

uint64_t plm_twin(plm_time now, plm_time then);

uint64_t plm_twin(plm_time now, plm_time then)
{
#ifdef TWIN
    return plm_time_since(now, then);
#else
    return now - then;
#endif
}

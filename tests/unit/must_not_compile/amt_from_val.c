// SPDX-License-Identifier: Apache-2.0
/* Money becomes atoms only through plm_fix, with a direction. [UNIT] */
#include "plm_fix.h"

plm_amt plm_twin(plm_val value);

plm_amt plm_twin(plm_val value)
{
#ifdef TWIN
    const plm_amt atoms = plm_fix_val_to_atoms_floor(value, 6);
    return atoms;
#else
    const plm_amt atoms = value;
    return atoms;
#endif
}

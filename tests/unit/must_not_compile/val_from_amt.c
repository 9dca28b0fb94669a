// SPDX-License-Identifier: Apache-2.0
/* Atoms become money only through plm_fix. [UNIT] */
#include "plm_fix.h"

plm_val plm_twin(plm_amt atoms);

plm_val plm_twin(plm_amt atoms)
{
#ifdef TWIN
    const plm_val value = plm_fix_atoms_to_val(atoms, 6);
    return value;
#else
    const plm_val value = atoms;
    return value;
#endif
}

// SPDX-License-Identifier: Apache-2.0
/* Token atoms are not money before plm_fix has scaled them. [UNIT] */
#include "plm_fix.h"

plm_val plm_twin(plm_val value, plm_amt atoms);

plm_val plm_twin(plm_val value, plm_amt atoms)
{
#ifdef TWIN
    return plm_val_add(value, plm_fix_atoms_to_val(atoms, 6));
#else
    return plm_val_add(value, atoms);
#endif
}

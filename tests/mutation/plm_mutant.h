// SPDX-License-Identifier: Apache-2.0
/* Which mutant of the core is awake. instrument.py writes the places that ask. */
#ifndef PLM_TESTS_MUTANT_H
#define PLM_TESTS_MUTANT_H

#include "plm_mutant_count.h"

#include <stdint.h>

/* The number in PLM_MUTANT of the environment; 0: none. */
extern uint32_t plm_mutant_awake;
/* Which places were asked; written to the file PLM_MUTANT_SEEN at the end. */
extern unsigned char plm_mutant_seen[PLM_MUTANTS];

#define PLM_MUTANT(number) (plm_mutant_seen[number] = 1, plm_mutant_awake == (number))

#endif

// SPDX-License-Identifier: Apache-2.0
/* Wakes the mutant that the environment names, and tells which places were reached. */
#include "plm_mutant.h"

#include <stdio.h>
#include <stdlib.h>

uint32_t plm_mutant_awake;
unsigned char plm_mutant_seen[PLM_MUTANTS];

static void plm_mutant_tell(void)
{
    const char *path = getenv("PLM_MUTANT_SEEN");
    FILE *file = path == NULL ? NULL : fopen(path, "ab");
    if (file == NULL) {
        return;
    }
    fwrite(plm_mutant_seen, 1, PLM_MUTANTS, file);
    fclose(file);
}

__attribute__((constructor)) static void plm_mutant_wake(void)
{
    const char *text = getenv("PLM_MUTANT");
    plm_mutant_awake = text == NULL ? 0 : (uint32_t)strtoul(text, NULL, 10);
    if (getenv("PLM_MUTANT_SEEN") != NULL) {
        atexit(plm_mutant_tell);
    }
}

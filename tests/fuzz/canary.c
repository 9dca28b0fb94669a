// SPDX-License-Identifier: Apache-2.0
/* Listens to the canaries when the process ends. It knows nothing of what they stand for. */
#include "fuzz/canary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BLIND_STATUS 70

static struct plm_fuzz_canary *canaries;
static size_t canary_count;

static void listen_to_all(void)
{
    size_t silent = 0;
    if (getenv("PLIMSOLL_FUZZ_CANARIES") == NULL) {
        return;
    }
    for (size_t i = 0; i < canary_count; i++) {
        const struct plm_fuzz_canary *canary = &canaries[i];
        (void)fprintf(stderr,
                      "canary: %s %" PRIu64 " of %" PRIu64 "%s\n",
                      canary->name,
                      canary->count,
                      canary->needed,
                      canary->count < canary->needed ? ": the target is blind" : "");
        silent += canary->count < canary->needed ? 1 : 0;
    }
    if (silent != 0) {
        (void)fflush(stderr);
        _exit(BLIND_STATUS);
    }
}

void plm_fuzz_canaries(struct plm_fuzz_canary *list, size_t count)
{
    if (canaries != NULL) {
        return;
    }
    canaries = list;
    canary_count = count;
    if (atexit(listen_to_all) != 0) {
        abort();
    }
}

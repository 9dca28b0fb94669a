// SPDX-License-Identifier: Apache-2.0
/* Random bytes as a file of vectors: judged, or refused with a sentence. Lines that would play for
 * hours are left out.
 * build: sim tests/fuzz/file.c tests/fuzz/canary.c host_sim/sim_vectors.c
 * host_sim/sim_vectors_case.c */
#include "sim_error.h"
#include "sim_main.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/canary.h"
#include "fuzz/file.h"

static struct plm_fuzz_canary canaries[] = {
    {"files that fail", 1, 0},
    {"files whose every case holds", 1, 0},
};

enum {
    FAILED,
    HELD
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool holds(const uint8_t *data, size_t size, const char *word)
{
    const size_t length = strlen(word);
    for (size_t i = 0; i + length <= size; i++) {
        if (memcmp(data + i, word, length) == 0) {
            return true;
        }
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char command[] = "vectors";
    char quiet[] = "--quiet";
    char option[] = "--engine";
    char native[] = "native";
    char path[64];
    char *argv[] = {command, quiet, option, native, path, NULL};
    plm_fuzz_canaries(canaries, sizeof canaries / sizeof canaries[0]);
    if (holds(data, size, "repeat") || holds(data, size, "crowd") || holds(data, size, "play")) {
        return 0;
    }
    (void)strcpy(path, plm_fuzz_file(data, size));
    const unsigned before = sim_error_count();
    plm_fuzz_hush(true);
    const int status = sim_cmd_vectors(5, argv);
    plm_fuzz_hush(false);
    if (status != SIM_EXIT_OK && sim_error_count() == before) {
        abort(); /* a refusal says what and what to do */
    }
    canaries[status == SIM_EXIT_OK ? HELD : FAILED].count++;
    return 0;
}

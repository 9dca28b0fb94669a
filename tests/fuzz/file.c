// SPDX-License-Identifier: Apache-2.0
/* Inputs as files: one unlinked temporary file, rewritten for every input.
 * It knows nothing of what the bytes mean. */
#include "fuzz/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

const char *plm_fuzz_file(const uint8_t *data, size_t size)
{
    static char path[64];
    static int file = -1;
    if (file < 0) {
        char name[] = "/tmp/plimsoll-fuzz-XXXXXX";
        file = mkstemp(name);
        require(file >= 0 && unlink(name) == 0);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    require(ftruncate(file, 0) == 0);
    require(pwrite(file, data, size, 0) == (ssize_t)size);
    return path;
}

void plm_fuzz_hush(bool hushes)
{
    static int kept = -1;
    static int nowhere = -1;
    if (kept < 0) {
        kept = dup(STDERR_FILENO);
        nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        require(kept >= 0 && nowhere >= 0);
    }
    (void)fflush(stderr);
    require(dup2(hushes ? nowhere : kept, STDERR_FILENO) >= 0);
}

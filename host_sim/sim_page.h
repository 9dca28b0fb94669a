/* SPDX-License-Identifier: Apache-2.0
 * One HTML file that asks for no other: a page of host_sim/web with its style, a script and the
 * data that the script draws. It knows nothing of what the data says. */
#ifndef SIM_PAGE_H
#define SIM_PAGE_H

#include "sim_bytes.h"

/* Which script draws the data. */
enum sim_page_script {
    SIM_PAGE_RUN,    /* report.js, with the chart library */
    SIM_PAGE_STRESS, /* stress.js, which draws by itself */
};

struct sim_page {
    const char *title;
    enum sim_page_script script;
    struct sim_span data; /* JSON without the character < */
};

/* write: false where the file cannot be written or the chart library is missing; the error is
 * printed. */
bool sim_page_write(const struct sim_page *page, const char *path);
/* store: a whole file, or false with the error printed. */
bool sim_page_store(const char *path, const struct sim_buffer *text);
/* load: appends a file, `most` bytes and a block of it at most; false where it cannot be read. */
bool sim_page_load(const char *path, size_t most, struct sim_buffer *out);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Puts a page together. The chart library is Debian's, read when a page is written. */
#include "sim_page.h"

#include "sim_error.h"
#include "sim_web_data.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SIM_LIBRARY "/usr/share/javascript/dygraphs/dygraph.min"

bool sim_page_store(const char *path, const struct sim_buffer *text)
{
    FILE *file = fopen(path, "wb");
    bool is_good = file != NULL && fwrite(text->bytes, 1, text->length, file) == text->length;
    int saved = errno;
    if (file != NULL && fclose(file) != 0) {
        saved = is_good ? errno : saved;
        is_good = false;
    }
    if (!is_good) {
        sim_error_at(path,
                     0,
                     "cannot be written (%s): is the folder there, and room on the disk?",
                     strerror(saved));
    }
    return is_good;
}

bool sim_page_load(const char *path, size_t most, struct sim_buffer *out)
{
    FILE *file = fopen(path, "rb");
    uint8_t block[4096];
    if (file == NULL) {
        return false;
    }
    size_t got = fread(block, 1, sizeof(block), file);
    sim_bytes_add(out, block, got);
    while (got == sizeof(block) && out->length < most) {
        got = fread(block, 1, sizeof(block), file);
        sim_bytes_add(out, block, got);
    }
    bool is_good = ferror(file) == 0;
    (void)fclose(file);
    return is_good;
}

/* One of the two files of the chart library, without the line that names its source map: a page
 * asks for no other file. */
static bool sim_page_library(const char *suffix, struct sim_buffer *to)
{
    char path[128];
    struct sim_buffer library = {0};
    (void)snprintf(path, sizeof(path), "%s%s", SIM_LIBRARY, suffix);
    const bool is_good = sim_page_load(path, SIZE_MAX, &library);
    if (is_good) {
        const char *text = sim_bytes_text(&library);
        const char *map = strstr(text, "# sourceMappingURL=");
        if (map != NULL) {
            library.bytes[map - text + 2] = 'x'; /* a comment like any other */
        }
        sim_bytes_add(to, library.bytes, library.length);
    } else {
        sim_error_at(path, 0, "cannot be read: install the Debian package libjs-dygraphs");
    }
    sim_bytes_free(&library);
    return is_good;
}

/* Names in a title: nothing that HTML would read. */
static void sim_page_title(const char *title, struct sim_buffer *to)
{
    for (const char *at = title; *at != '\0'; at++) {
        bool is_plain = *at != '<' && *at != '>' && *at != '&' && *at != '"';
        sim_bytes_add_byte(to, is_plain ? (uint8_t)*at : ' ');
    }
}

static void sim_page_script(enum sim_page_script script, struct sim_buffer *to)
{
    switch (script) {
    case SIM_PAGE_RUN: sim_bytes_add(to, sim_web_js, sizeof(sim_web_js)); return;
    case SIM_PAGE_STRESS: sim_bytes_add(to, sim_web_stress_js, sizeof(sim_web_stress_js)); return;
    }
}

/* Replaces one @@NAME@@ of the page. */
static bool
sim_page_piece(const struct sim_page *page, const char *name, size_t length, struct sim_buffer *to)
{
    if (length == 5u && memcmp(name, "TITLE", length) == 0) {
        sim_page_title(page->title, to);
    } else if (length == 5u && memcmp(name, "STYLE", length) == 0) {
        sim_bytes_add(to, sim_web_css, sizeof(sim_web_css));
    } else if (length == 6u && memcmp(name, "SCRIPT", length) == 0) {
        sim_page_script(page->script, to);
    } else if (length == 4u && memcmp(name, "DATA", length) == 0) {
        sim_bytes_add(to, page->data.bytes, page->data.length);
    } else if (page->script == SIM_PAGE_RUN) {
        return sim_page_library(length == strlen("LIBRARY") ? ".js" : ".css", to);
    }
    return true;
}

bool sim_page_write(const struct sim_page *page, const char *path)
{
    struct sim_buffer template = {0};
    struct sim_buffer text = {0};
    bool is_good = true;
    sim_bytes_add(&template, sim_web_html, sizeof(sim_web_html));
    const char *at = sim_bytes_text(&template);
    const char *mark = strstr(at, "@@");
    while (mark != NULL && is_good) {
        const char *end = strstr(mark + 2, "@@");
        sim_bytes_add(&text, at, (size_t)(mark - at));
        is_good = sim_page_piece(page, mark + 2, (size_t)(end - mark - 2), &text);
        at = end + 2;
        mark = strstr(at, "@@");
    }
    sim_bytes_add_text(&text, at);
    is_good = is_good && sim_page_store(path, &text);
    sim_bytes_free(&template);
    sim_bytes_free(&text);
    return is_good;
}

/* SPDX-License-Identifier: Apache-2.0
 * Bytes of code of each function of a WebAssembly module, with the names of its name section where
 * it has one. It trusts nothing in the file: every read is checked against its end. */
#include "sim_bench.h"
#include "sim_bytes.h"
#include "sim_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_CODE_FILE_MAX      (4u << 20)
#define SIM_CODE_HEADER        8u
#define SIM_CODE_FUNCTIONS_MAX 65536u
#define SIM_SECTION_NAME       0u
#define SIM_SECTION_IMPORT     2u
#define SIM_SECTION_CODE       10u
#define SIM_NAMES_OF_FUNCTIONS 1u

/* A cursor; once broken it stays so, and reads zeros. */
struct sim_code_reader {
    const uint8_t *bytes;
    size_t at;
    size_t end;
    bool is_broken;
};

static uint8_t sim_code_byte(struct sim_code_reader *r)
{
    if (r->at >= r->end) {
        r->is_broken = true;
        return 0;
    }
    return r->bytes[r->at++];
}

static uint32_t sim_code_number(struct sim_code_reader *r)
{
    uint32_t number = 0;
    for (uint32_t shift = 0; shift < 35u; shift += 7u) {
        const uint8_t byte = sim_code_byte(r);
        number |= (uint32_t)((uint64_t)(byte & 0x7fu) << shift);
        if (byte < 0x80u) {
            return number;
        }
    }
    r->is_broken = true;
    return 0;
}

/* The next `length` bytes as a reader of their own. */
static struct sim_code_reader sim_code_take(struct sim_code_reader *r, uint32_t length)
{
    struct sim_code_reader part = {r->bytes, r->at, r->at, r->is_broken};
    if (r->end - r->at < length) {
        r->is_broken = true;
        part.is_broken = true;
        return part;
    }
    part.end = r->at + length;
    r->at += length;
    return part;
}

/* How many functions are imported: they come first in the numbering. False for other imports. */
static bool sim_code_imports(struct sim_code_reader section, uint32_t *count)
{
    const uint32_t rows = sim_code_number(&section);
    for (uint32_t i = 0; i < rows && !section.is_broken; i++) {
        (void)sim_code_take(&section, sim_code_number(&section));
        (void)sim_code_take(&section, sim_code_number(&section));
        if (sim_code_byte(&section) != 0) {
            return false;
        }
        (void)sim_code_number(&section);
    }
    *count = rows;
    return !section.is_broken;
}

static bool sim_code_bodies(struct sim_bench *bench, struct sim_code_reader section)
{
    const uint32_t count = sim_code_number(&section);
    if (count > SIM_CODE_FUNCTIONS_MAX) {
        return false;
    }
    bench->functions = sim_bytes_alloc(count + 1u, sizeof(*bench->functions));
    bench->function_count = count;
    for (uint32_t i = 0; i < count && !section.is_broken; i++) {
        struct sim_bench_function *to = &bench->functions[i];
        to->bytes = sim_code_number(&section);
        (void)snprintf(to->name, sizeof to->name, "function %u", i);
        (void)sim_code_take(&section, to->bytes);
    }
    return !section.is_broken;
}

static void
sim_code_name_functions(struct sim_bench *bench, struct sim_code_reader names, uint32_t imports)
{
    const uint32_t count = sim_code_number(&names);
    for (uint32_t i = 0; i < count && !names.is_broken; i++) {
        const uint32_t index = sim_code_number(&names);
        const struct sim_code_reader text = sim_code_take(&names, sim_code_number(&names));
        if (index >= imports && index - imports < bench->function_count && !text.is_broken) {
            struct sim_bench_function *to = &bench->functions[index - imports];
            (void)snprintf(to->name,
                           sizeof to->name,
                           "%.*s",
                           (int)(text.end - text.at),
                           (const char *)text.bytes + text.at);
        }
    }
}

/* A custom section: only that called "name" is looked at. */
static void
sim_code_custom(struct sim_bench *bench, struct sim_code_reader section, uint32_t imports)
{
    const struct sim_code_reader title = sim_code_take(&section, sim_code_number(&section));
    if (title.end - title.at != 4 || memcmp(title.bytes + title.at, "name", 4) != 0) {
        return;
    }
    while (section.at < section.end && !section.is_broken) {
        const uint8_t kind = sim_code_byte(&section);
        const struct sim_code_reader part = sim_code_take(&section, sim_code_number(&section));
        if (kind == SIM_NAMES_OF_FUNCTIONS) {
            sim_code_name_functions(bench, part, imports);
        }
    }
}

static int sim_code_order(const void *left, const void *right)
{
    const struct sim_bench_function *a = left;
    const struct sim_bench_function *b = right;
    if (a->bytes != b->bytes) {
        return a->bytes > b->bytes ? -1 : 1;
    }
    return strcmp(a->name, b->name);
}

static bool sim_code_walk(struct sim_bench *bench, const uint8_t *bytes, size_t length)
{
    static const uint8_t magic[SIM_CODE_HEADER] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    struct sim_code_reader all = {bytes, SIM_CODE_HEADER, length, false};
    uint32_t imports = 0;
    bool is_good = length >= sizeof magic && memcmp(bytes, magic, sizeof magic) == 0;
    while (is_good && all.at < all.end) {
        const uint8_t id = sim_code_byte(&all);
        const struct sim_code_reader section = sim_code_take(&all, sim_code_number(&all));
        if (id == SIM_SECTION_IMPORT) {
            is_good = sim_code_imports(section, &imports);
        } else if (id == SIM_SECTION_CODE && bench->functions == NULL) {
            is_good = sim_code_bodies(bench, section);
        } else if (id == SIM_SECTION_NAME) {
            sim_code_custom(bench, section, imports);
        }
        is_good = is_good && !all.is_broken;
    }
    if (is_good && bench->function_count > 1u) {
        qsort(bench->functions, bench->function_count, sizeof(*bench->functions), sim_code_order);
    }
    return is_good;
}

bool sim_bench_code(struct sim_bench *bench, const char *path)
{
    uint8_t *bytes = sim_bytes_alloc(SIM_CODE_FILE_MAX, 1);
    FILE *file = fopen(path, "rb");
    const size_t length = file != NULL ? fread(bytes, 1, SIM_CODE_FILE_MAX, file) : 0;
    if (file != NULL) {
        (void)fclose(file);
    }
    const bool is_good = length < SIM_CODE_FILE_MAX && sim_code_walk(bench, bytes, length);
    free(bytes);
    if (!is_good) {
        sim_error("bench: %s cannot be read, or is no WebAssembly module of ours", path);
    }
    return is_good;
}

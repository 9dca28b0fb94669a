/* SPDX-License-Identifier: Apache-2.0
 * Parameter sets: the scenario's own text with other values in it, so that a set is a scenario that
 * its reader could have written. Spec: docs/STRESS.md, "Parameter sets". It knows words, no rule.
 */
#include "sim_error.h"
#include "sim_page.h"
#include "sim_stress.h"

#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 8u
#define VALUES_MAX  SIM_STRESS_SETS

/* One --set option, "NAME key=v1,v2", cut up. */
struct option {
    char *text;
    const char *name;
    const char *key;
    const char *values[VALUES_MAX];
    uint32_t count;
};

/* --- the option --------------------------------------------------------------------------------
 */
static bool refuse_option(const char *text)
{
    sim_error(
        "stress: --set '%s': write 'ETH-PERP initial=2%%,5%%': a market, asset or feed, or the "
        "verb of a line (crowd, keepers, play, fund_insurance); a key; values",
        text);
    return false;
}

static bool cut_option(const char *text, struct option *out)
{
    struct sim_buffer copy = {0};
    sim_bytes_add_text(&copy, text);
    (void)sim_bytes_text(&copy);
    out->text = (char *)copy.bytes;
    char *blank = strchr(out->text, ' ');
    char *sign = strchr(out->text, '=');
    if (blank == NULL || sign == NULL || blank == out->text || sign < blank) {
        return refuse_option(text);
    }
    *blank = '\0';
    *sign = '\0';
    out->name = out->text;
    out->key = blank + 1 + strspn(blank + 1, " ");
    if (*out->key == '\0' || strchr(out->key, ' ') != NULL) {
        return refuse_option(text);
    }
    for (char *at = sign + 1; at != NULL;) {
        char *comma = strchr(at, ',');
        if (comma != NULL) {
            *comma = '\0';
        }
        if (*at == '\0' || out->count == VALUES_MAX || strpbrk(at, " #\n") != NULL) {
            return refuse_option(text);
        }
        out->values[out->count++] = at;
        at = comma != NULL ? comma + 1 : NULL;
    }
    return true;
}

bool sim_stress_sets_may(const char *option)
{
    struct option *cut = sim_bytes_alloc(1, sizeof *cut);
    const bool is_good = cut_option(option, cut);
    free(cut->text);
    free(cut);
    return is_good;
}

/* --- one line ----------------------------------------------------------------------------------
 */
/* A word of a line: [first, first + length). */
struct word {
    const char *first;
    size_t length;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word before a comment; false at the end. */
static bool next_word(const char **at, const char *end, struct word *out)
{
    while (*at < end && is_blank(**at)) {
        (*at)++;
    }
    out->first = *at;
    while (*at < end && !is_blank(**at) && **at != '#') {
        (*at)++;
    }
    out->length = (size_t)(*at - out->first);
    return out->length != 0;
}

static bool is_word(const struct word *word, const char *text)
{
    return strlen(text) == word->length && memcmp(word->first, text, word->length) == 0;
}

/* Whether an option is about this line. *behind: where a key that is not there yet may be put, or
 * NULL where keys are no pairs. */
static bool
is_about(const struct option *option, const char *line, const char *end, const char **behind)
{
    const char *at = line;
    struct word verb;
    struct word name;
    *behind = NULL;
    if (!next_word(&at, end, &verb)) {
        return false;
    }
    const char *after_verb = at;
    const bool has_name = next_word(&at, end, &name);
    const bool is_listing =
        is_word(&verb, "market") || is_word(&verb, "asset") || is_word(&verb, "feed");
    if (is_listing && has_name && is_word(&name, option->name)) {
        *behind = at;
        struct word fit;
        if (next_word(&at, end, &fit) && is_word(&fit, "fit")) {
            *behind = at;
        }
        return true;
    }
    const bool has_pairs =
        is_word(&verb, "crowd") || is_word(&verb, "keepers") || is_word(&verb, "play");
    if (is_word(&verb, option->name)) {
        at = after_verb;
        *behind = has_pairs && next_word(&at, end, &name) ? at : NULL;
        return true;
    }
    return false;
}

/* Where the value of a key stands in a line. */
static bool
find_value(const struct option *option, const char *line, const char *end, struct word *out)
{
    const char *at = line;
    struct word word;
    bool is_verb = true;
    while (next_word(&at, end, &word)) {
        if (!is_verb && is_word(&word, option->key)) {
            return next_word(&at, end, out);
        }
        is_verb = false;
    }
    return false;
}

/* Appends a line with the value in it; *changed counts. */
static void put_line(const struct option *option,
                     const char *value,
                     struct word line,
                     struct sim_buffer *out,
                     uint32_t *changed)
{
    const char *end = line.first + line.length;
    const char *behind = NULL;
    struct word old = {0};
    if (!is_about(option, line.first, end, &behind)) {
        sim_bytes_add(out, line.first, line.length);
        return;
    }
    if (find_value(option, line.first, end, &old)) {
        sim_bytes_add(out, line.first, (size_t)(old.first - line.first));
        sim_bytes_add_text(out, value);
        behind = old.first + old.length;
    } else if (behind != NULL) {
        sim_bytes_add(out, line.first, (size_t)(behind - line.first));
        sim_bytes_add_format(out, " %s %s", option->key, value);
    } else {
        sim_bytes_add(out, line.first, line.length);
        return;
    }
    (*changed)++;
    sim_bytes_add(out, behind, (size_t)(end - behind));
}

/* The text with one value of one option; how many lines changed. */
static uint32_t put_value(const struct option *option, const char *value, struct sim_buffer *text)
{
    struct sim_buffer out = {0};
    uint32_t changed = 0;
    const char *at = sim_bytes_text(text);
    while (*at != '\0') {
        const size_t length = strcspn(at, "\n");
        const struct word line = {.first = at, .length = length};
        put_line(option, value, line, &out, &changed);
        at += length;
        if (*at == '\n') {
            sim_bytes_add_byte(&out, '\n');
            at++;
        }
    }
    sim_bytes_free(text);
    *text = out;
    return changed;
}

/* --- all combinations --------------------------------------------------------------------------
 */
static bool make_set(const char *path,
                     const struct option *options,
                     uint32_t count,
                     uint32_t number,
                     struct sim_stress_set *out)
{
    uint32_t rest = number;
    if (!sim_page_load(path, SIM_SCRIPT_BYTES_MAX, &out->text)) {
        sim_error_at(path, 0, "cannot be read: check the name");
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        const char *value = options[i].values[rest % options[i].count];
        rest /= options[i].count;
        if (put_value(&options[i], value, &out->text) == 0) {
            sim_error_at(path,
                         0,
                         "no line for --set '%s %s=...': name a market, asset or feed that is "
                         "declared, or a verb of the file with its key",
                         options[i].name,
                         options[i].key);
            return false;
        }
        sim_bytes_add_format(
            &out->name, "%s%s %s=%s", i == 0 ? "" : ", ", options[i].name, options[i].key, value);
        sim_bytes_add_format(
            &out->flags, " --set '%s %s=%s'", options[i].name, options[i].key, value);
    }
    if (count == 0) {
        sim_bytes_add_text(&out->name, "as the file says");
    }
    return true;
}

bool sim_stress_sets_make(const char *path,
                          const char *const *options,
                          uint32_t option_count,
                          struct sim_stress_sets *out)
{
    struct option *cut = sim_bytes_alloc(OPTIONS_MAX, sizeof *cut);
    uint64_t all = 1;
    bool is_good = option_count <= OPTIONS_MAX;
    if (!is_good) {
        sim_error("stress: %u --set options at most", OPTIONS_MAX);
    }
    for (uint32_t i = 0; is_good && i < option_count; i++) {
        is_good = cut_option(options[i], &cut[i]);
        all *= is_good ? cut[i].count : 1u;
    }
    if (is_good && all > SIM_STRESS_SETS) {
        sim_error("stress: %llu combinations of --set values, %u at most",
                  (unsigned long long)all,
                  SIM_STRESS_SETS);
        is_good = false;
    }
    for (uint32_t i = 0; is_good && i < all; i++) {
        out->count++;
        is_good = make_set(path, cut, option_count, i, &out->rows[i]);
    }
    for (uint32_t i = 0; i < OPTIONS_MAX; i++) {
        free(cut[i].text);
    }
    free(cut);
    return is_good;
}

void sim_stress_sets_free(struct sim_stress_sets *sets)
{
    for (uint32_t i = 0; i < sets->count; i++) {
        sim_bytes_free(&sets->rows[i].name);
        sim_bytes_free(&sets->rows[i].flags);
        sim_bytes_free(&sets->rows[i].text);
        sim_bytes_free(&sets->rows[i].refused);
    }
    sets->count = 0;
}

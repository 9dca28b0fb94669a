/* SPDX-License-Identifier: Apache-2.0
 * Reading price series. Spec: docs/SCENARIOS.md, "Price series".
 * It knows files and bars, never a world or a rule. No number passes through a float. */
#include "sim_prices.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SIM_COLUMN_COUNT 5u
#define SIM_FIELDS_MAX   64u
#define SIM_FILE_MAX     (1u << 30)
#define SIM_TIME_MAX     UINT64_C(32503680000) /* the year 3000: beyond it, it is no second */

/* The file under the reader's eyes. */
struct sim_csv {
    const char *at;
    const char *end;
    struct sim_prices_fault *fault;
    uint32_t line;
    uint32_t field_count;
    uint32_t header_count;              /* fields of the header: a line with fewer is cut off */
    uint32_t columns[SIM_COLUMN_COUNT]; /* where time, open, high, low, close stand */
    const char *fields[SIM_FIELDS_MAX];
    size_t lengths[SIM_FIELDS_MAX];
};

__attribute__((format(printf, 3, 4))) static bool
sim_prices_refuse(struct sim_prices_fault *fault, uint32_t line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fault->line = line;
    (void)vsnprintf(fault->why, sizeof(fault->why), format, arguments);
    va_end(arguments);
    return false;
}

/* Takes the next line apart; false at the end of the file. Blanks and CR around fields do not
 * count. */
static bool sim_csv_next(struct sim_csv *csv)
{
    if (csv->at == csv->end) {
        return false;
    }
    const char *stop = memchr(csv->at, '\n', (size_t)(csv->end - csv->at));
    const char *end = stop != NULL ? stop : csv->end;
    const char *at = csv->at;
    csv->at = stop != NULL ? stop + 1 : csv->end;
    csv->line++;
    csv->field_count = 0;
    for (;;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *first = at;
        const char *last = comma != NULL ? comma : end;
        while (first < last && (*first == ' ' || *first == '\t')) {
            first++;
        }
        while (last > first && (last[-1] == ' ' || last[-1] == '\t' || last[-1] == '\r')) {
            last--;
        }
        if (csv->field_count < SIM_FIELDS_MAX) {
            csv->fields[csv->field_count] = first;
            csv->lengths[csv->field_count] = (size_t)(last - first);
            csv->field_count++;
        }
        if (comma == NULL) {
            return true;
        }
        at = comma + 1;
    }
}

static bool sim_csv_is_blank(const struct sim_csv *csv)
{
    return csv->field_count == 1u && csv->lengths[0] == 0;
}

/* Finds the five columns in the header. */
static bool sim_csv_header(struct sim_csv *csv, const struct sim_columns *names)
{
    const char *wanted[SIM_COLUMN_COUNT] = {
        names->time != NULL ? names->time : "timestamp_s",
        names->open != NULL ? names->open : "open",
        names->high != NULL ? names->high : "high",
        names->low != NULL ? names->low : "low",
        names->close != NULL ? names->close : "close",
    };
    if (!sim_csv_next(csv)) {
        return sim_prices_refuse(
            csv->fault, 0, "the file is empty: it needs a header and a line a bar");
    }
    csv->header_count = csv->field_count;
    for (uint32_t column = 0; column < SIM_COLUMN_COUNT; column++) {
        uint32_t i = 0;
        while (i < csv->field_count &&
               (strlen(wanted[column]) != csv->lengths[i] ||
                memcmp(wanted[column], csv->fields[i], csv->lengths[i]) != 0)) {
            i++;
        }
        if (i == csv->field_count) {
            return sim_prices_refuse(csv->fault,
                                     csv->line,
                                     "the header has no column '%s': write "
                                     "timestamp_s,open,high,low,close,volume, or name the columns",
                                     wanted[column]);
        }
        csv->columns[column] = i;
    }
    return true;
}

static void sim_csv_quote(const struct sim_csv *csv, uint32_t field, char *out, size_t capacity)
{
    size_t length = csv->lengths[field] < capacity - 1 ? csv->lengths[field] : capacity - 1;
    for (size_t i = 0; i < length; i++) {
        char c = csv->fields[field][i];
        out[i] = c >= ' ' && c <= '~' ? c : '?';
    }
    out[length] = '\0';
}

/* Multiplies by 10^count; false where it does not fit. */
static bool sim_csv_scale(uint64_t *value, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (__builtin_mul_overflow(*value, UINT64_C(10), value)) {
            return false;
        }
    }
    return true;
}

/* Reads digits with at most `decimals` behind the point; zeros beyond them are allowed. */
static bool sim_csv_decimal(const char *text, size_t length, uint32_t decimals, uint64_t *out)
{
    uint64_t value = 0;
    uint32_t behind = 0;
    bool has_point = false;
    bool has_digit = false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.' && !has_point) {
            has_point = true;
            continue;
        }
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        has_digit = true;
        if (has_point && behind == decimals) {
            if (text[i] != '0') {
                return false;
            }
            continue;
        }
        if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
            __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value)) {
            return false;
        }
        behind += has_point ? 1u : 0u;
    }
    *out = value;
    return has_digit && sim_csv_scale(out, decimals - behind);
}

/* Reads one column of the line under way. */
static bool sim_csv_number(struct sim_csv *csv, uint32_t column, uint64_t *out)
{
    static const char *const names[SIM_COLUMN_COUNT] = {"time", "open", "high", "low", "close"};
    uint32_t field = csv->columns[column];
    char text[48];
    if (field >= csv->field_count) {
        return sim_prices_refuse(
            csv->fault,
            csv->line,
            "the line has no %s: it ends after %u fields; is the file cut off?",
            names[column],
            csv->field_count);
    }
    sim_csv_quote(csv, field, text, sizeof(text));
    uint32_t decimals = column == 0 ? 0 : SIM_PRICES_DECIMALS;
    if (!sim_csv_decimal(csv->fields[field], csv->lengths[field], decimals, out)) {
        return sim_prices_refuse(csv->fault,
                                 csv->line,
                                 "%s is '%s': write a plain number with at most %u decimals, "
                                 "below 18 million, without an exponent",
                                 names[column],
                                 text,
                                 decimals);
    }
    if (column == 0 && *out > SIM_TIME_MAX) {
        return sim_prices_refuse(csv->fault,
                                 csv->line,
                                 "time is %s: times are Unix seconds; are these milliseconds?",
                                 text);
    }
    if (column != 0 && *out == 0) {
        return sim_prices_refuse(
            csv->fault, csv->line, "%s is '%s': a price is above zero", names[column], text);
    }
    return true;
}

/* Reads the line as a bar. */
static bool sim_csv_bar(struct sim_csv *csv, struct sim_bar *bar)
{
    uint64_t *const targets[SIM_COLUMN_COUNT] = {
        &bar->time, &bar->open, &bar->high, &bar->low, &bar->close};
    for (uint32_t column = 0; column < SIM_COLUMN_COUNT; column++) {
        if (!sim_csv_number(csv, column, targets[column])) {
            return false;
        }
    }
    if (csv->field_count < csv->header_count) {
        return sim_prices_refuse(csv->fault,
                                 csv->line,
                                 "the line has %u fields, the header %u: is the file cut off?",
                                 csv->field_count,
                                 csv->header_count);
    }
    if (bar->high < bar->low) {
        return sim_prices_refuse(csv->fault,
                                 csv->line,
                                 "high is below low: correct the line, or check the columns' "
                                 "names");
    }
    return true;
}

/* Notes what is odd about a bar, and keeps it. */
static bool sim_prices_take(struct sim_csv *csv,
                            const struct sim_prices_options *options,
                            const struct sim_bar *bar,
                            struct sim_prices *out)
{
    if (bar->time < options->from || (options->until != 0 && bar->time >= options->until)) {
        return true;
    }
    if (out->count != 0 && bar->time <= out->bars[out->count - 1].time) {
        return sim_prices_refuse(csv->fault,
                                 csv->line,
                                 "time %llu %s the line before: sort the file, and keep each time "
                                 "once",
                                 (unsigned long long)bar->time,
                                 bar->time == out->bars[out->count - 1].time ? "repeats that of"
                                                                             : "is before that of");
    }
    if (bar->open < bar->low || bar->open > bar->high || bar->close < bar->low ||
        bar->close > bar->high) {
        out->outside++;
    }
    out->bars = sim_bytes_grow(out->bars, &out->capacity, out->count + 1, sizeof(*out->bars));
    out->bars[out->count] = *bar;
    out->count++;
    return true;
}

/* The usual distance of two bars is the smallest one; whatever is larger is a gap. */
static void sim_prices_find_gaps(struct sim_prices *prices, const uint32_t *lines)
{
    prices->step = 0;
    for (size_t i = 1; i < prices->count; i++) {
        uint64_t distance = prices->bars[i].time - prices->bars[i - 1].time;
        if (prices->step == 0 || distance < prices->step) {
            prices->step = distance;
        }
    }
    if (prices->step == 0) {
        prices->step = 60;
    }
    for (size_t i = 1; i < prices->count; i++) {
        uint64_t distance = prices->bars[i].time - prices->bars[i - 1].time;
        if (lines != NULL && distance > prices->step) {
            prices->gaps++;
            prices->missing += distance / prices->step - 1;
            prices->first_gap_line =
                prices->first_gap_line != 0 ? prices->first_gap_line : lines[i];
        }
    }
}

/* Reads all lines behind the header; lines[i] is the line of bar i. */
static bool sim_prices_bars(struct sim_csv *csv,
                            const struct sim_prices_options *options,
                            struct sim_prices *out,
                            uint32_t **lines)
{
    size_t capacity = 0;
    bool has_bar = false;
    while (sim_csv_next(csv)) {
        if (sim_csv_is_blank(csv)) {
            continue;
        }
        struct sim_bar bar = {0};
        has_bar = true;
        if (!sim_csv_bar(csv, &bar) || !sim_prices_take(csv, options, &bar, out)) {
            return false;
        }
        if (out->count != 0) {
            *lines = sim_bytes_grow(*lines, &capacity, out->count, sizeof(**lines));
            (*lines)[out->count - 1] = csv->line;
        }
    }
    if (!has_bar) {
        return sim_prices_refuse(csv->fault, 0, "there is no bar behind the header");
    }
    if (out->count == 0) {
        return sim_prices_refuse(
            csv->fault, 0, "no bar lies between from and until: widen the window");
    }
    return true;
}

bool sim_prices_parse(const char *text,
                      size_t length,
                      const struct sim_prices_options *options,
                      struct sim_prices *out,
                      struct sim_prices_fault *fault)
{
    struct sim_csv csv = {.at = text, .end = text + length, .fault = fault};
    uint32_t *lines = NULL;
    memset(out, 0, sizeof(*out));
    bool is_good =
        sim_csv_header(&csv, &options->columns) && sim_prices_bars(&csv, options, out, &lines);
    if (is_good) {
        sim_prices_find_gaps(out, lines);
    } else {
        sim_prices_free(out);
    }
    free(lines);
    return is_good;
}

/* Reads and expands the whole file. zlib passes a file that is not gzip through as it is. */
static bool
sim_prices_load(const char *path, struct sim_buffer *text, struct sim_prices_fault *fault)
{
    gzFile file = gzopen(path, "rb");
    if (file == NULL) {
        return sim_prices_refuse(
            fault, 0, "cannot be opened (%s): check the name", strerror(errno));
    }
    static const size_t block = 1u << 16;
    uint8_t *piece = sim_bytes_alloc(block, 1);
    int got = gzread(file, piece, (unsigned)block);
    while (got > 0 && text->length < SIM_FILE_MAX) {
        sim_bytes_add(text, piece, (size_t)got);
        got = gzread(file, piece, (unsigned)block);
    }
    free(piece);
    int state = Z_OK;
    (void)gzerror(file, &state);
    int saved = errno;
    int closed = gzclose_r(file);
    if (state == Z_ERRNO) {
        return sim_prices_refuse(fault, 0, "cannot be read (%s)", strerror(saved));
    }
    if (got < 0 || state != Z_OK || closed != Z_OK) {
        return sim_prices_refuse(fault, 0, "the gzip file is truncated or damaged: fetch it again");
    }
    if (got > 0) {
        return sim_prices_refuse(fault, 0, "is larger than 1 GiB: cut it to the window");
    }
    return true;
}

bool sim_prices_read(const char *path,
                     const struct sim_prices_options *options,
                     struct sim_prices *out,
                     struct sim_prices_fault *fault)
{
    struct sim_buffer text = {0};
    memset(out, 0, sizeof(*out));
    bool is_good = sim_prices_load(path, &text, fault) &&
                   sim_prices_parse(sim_bytes_text(&text), text.length, options, out, fault);
    sim_bytes_free(&text);
    return is_good;
}

void sim_prices_free(struct sim_prices *prices)
{
    free(prices->bars);
    memset(prices, 0, sizeof(*prices));
}

const char *sim_prices_describe(const struct sim_prices *prices, char *text, size_t capacity)
{
    char gaps[128] = "";
    char outside[128] = "";
    if (prices->gaps != 0) {
        (void)snprintf(gaps,
                       sizeof(gaps),
                       "%u gap%s, the first before line %u, %llu bars missing",
                       prices->gaps,
                       prices->gaps == 1 ? "" : "s",
                       prices->first_gap_line,
                       (unsigned long long)prices->missing);
    }
    if (prices->outside != 0) {
        (void)snprintf(outside,
                       sizeof(outside),
                       "%u bar%s open or close outside [low, high]",
                       prices->outside,
                       prices->outside == 1 ? "" : "s");
    }
    const char *between = gaps[0] != '\0' && outside[0] != '\0' ? "; " : "";
    (void)snprintf(text, capacity, "%s%s%s", gaps, between, outside);
    return text;
}

uint64_t sim_prices_ticks(uint64_t price, uint32_t decimals, bool *exact)
{
    *exact = true;
    if (decimals >= SIM_PRICES_DECIMALS) {
        uint64_t ticks = price;
        for (uint32_t i = SIM_PRICES_DECIMALS; i < decimals; i++) {
            if (__builtin_mul_overflow(ticks, UINT64_C(10), &ticks)) {
                return 0;
            }
        }
        return ticks;
    }
    uint64_t scale = 1;
    for (uint32_t i = decimals; i < SIM_PRICES_DECIMALS; i++) {
        scale *= 10u;
    }
    uint64_t ticks = price / scale + (price % scale >= scale / 2 ? 1u : 0u);
    *exact = price % scale == 0;
    return ticks != 0 ? ticks : 1u;
}

static uint64_t sim_prices_distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

uint64_t sim_prices_corner(const struct sim_bar *bar, uint32_t i)
{
    bool high_first =
        sim_prices_distance(bar->open, bar->high) < sim_prices_distance(bar->open, bar->low);
    switch (i) {
    case 0: return bar->open;
    case 1: return high_first ? bar->high : bar->low;
    case 2: return high_first ? bar->low : bar->high;
    default: return bar->close;
    }
}

uint64_t sim_prices_path(const struct sim_bar *bar, uint64_t step, uint64_t after)
{
    sim_int quarters = (sim_int)after * 4;
    sim_int leg = quarters / (sim_int)step;
    if (leg >= 3) {
        return bar->close;
    }
    sim_int from = (sim_int)sim_prices_corner(bar, (uint32_t)leg);
    sim_int to = (sim_int)sim_prices_corner(bar, (uint32_t)leg + 1u);
    return (uint64_t)(from + (to - from) * (quarters - leg * (sim_int)step) / (sim_int)step);
}

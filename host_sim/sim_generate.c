/* SPDX-License-Identifier: Apache-2.0
 * A crash that nobody suffered: a seeded walk, calm at first, then jumpy, then a fall in waves,
 * then a rebound. Spec: docs/SCENARIOS.md, "Price series". Integers only: the same seed gives the
 * same bars on every machine. */
#include "sim_error.h"
#include "sim_main.h"
#include "sim_prices.h"
#include "sim_random.h"
#include "sim_units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_PPM         INT64_C(1000000)
#define SIM_PPB         INT64_C(1000000000)
#define SIM_SUBSTEPS    12u
#define SIM_PRICE_SCALE UINT64_C(1000000000000)

/* Where the story stands: shares of all bars, in thousandths. */
#define SIM_CALM_END  420u
#define SIM_JUMPY_END 560u
#define SIM_FALL_END  640u
#define SIM_BACK_END  760u

/* The phases of a crash, told by the share of bars gone. */
struct sim_mood {
    int64_t deviation; /* of one substep, 1e-9 */
    int64_t drift;     /* of one substep, 1e-9 */
    uint32_t jump_of;  /* one bar in so many jumps; 0 = none */
    int64_t jump;      /* deviation of a jump, 1e-9 */
};

/* The drift that covers `ppm` in a number of substeps. Waves: the fall comes in three. */
static struct sim_mood sim_generate_mood(const struct sim_crash *crash, uint32_t bar)
{
    uint32_t share = (uint32_t)((uint64_t)bar * 1000u / crash->bars);
    uint64_t per_share = (uint64_t)crash->bars * SIM_SUBSTEPS;
    int64_t fall = (int64_t)crash->depth_ppm * 1000;
    int64_t back = (int64_t)((uint64_t)crash->depth_ppm * crash->rebound_ppm / 1000u);
    struct sim_mood mood = {.deviation = 90000};
    if (share < SIM_CALM_END) {
        return mood;
    }
    if (share < SIM_JUMPY_END) {
        mood.deviation = 260000;
        mood.jump_of = 9;
        mood.jump = 3000000;
        return mood;
    }
    if (share < SIM_FALL_END) {
        uint64_t steps = per_share * (SIM_FALL_END - SIM_JUMPY_END) / 1000u + 1u;
        uint32_t third = (share - SIM_JUMPY_END) * 9u / (SIM_FALL_END - SIM_JUMPY_END) % 3u;
        mood.deviation = 700000;
        /* Two thirds of a wave fall, one third hesitates. */
        mood.drift = third == 2u ? fall / (int64_t)steps / 4 : -fall * 5 / 3 / (int64_t)steps;
        mood.jump_of = 6;
        mood.jump = 5000000;
        return mood;
    }
    if (share < SIM_BACK_END) {
        uint64_t steps = per_share * (SIM_BACK_END - SIM_FALL_END) / 1000u + 1u;
        mood.deviation = 400000;
        mood.drift = back / (int64_t)steps;
        mood.jump_of = 15;
        mood.jump = 3000000;
        return mood;
    }
    mood.deviation = 180000;
    return mood;
}

/* Moves a price by a share in 1e-9; it never falls by more than half at once, nor to zero. */
static uint64_t sim_generate_move(uint64_t price, int64_t share)
{
    int64_t bound = share < -SIM_PPB / 2 ? -SIM_PPB / 2 : share;
    uint64_t moved = (uint64_t)((sim_int)price * (SIM_PPB + bound) / SIM_PPB);
    return moved != 0 ? moved : 1u;
}

/* Six digits or so: what an exchange prints. */
static uint64_t sim_generate_print(uint64_t price, uint64_t unit)
{
    return price < unit ? unit : price / unit * unit;
}

/* What was left open. */
static struct sim_crash sim_generate_fill(const struct sim_crash *given)
{
    struct sim_crash crash = *given;
    crash.step = crash.step != 0 ? crash.step : 60u;
    crash.bars = crash.bars != 0 ? crash.bars : 720u;
    crash.price = crash.price != 0 ? crash.price : 2000u * SIM_PRICE_SCALE;
    crash.depth_ppm = crash.depth_ppm != 0 ? crash.depth_ppm : 350000u;
    crash.rebound_ppm = crash.rebound_ppm != 0 ? crash.rebound_ppm : 450000u;
    return crash;
}

void sim_prices_generate(const struct sim_crash *crash, struct sim_prices *out)
{
    const struct sim_crash full = sim_generate_fill(crash);
    struct sim_random random = {.state = full.seed ^ UINT64_C(0x706c696d736f6c6c)};
    uint64_t price = full.price;
    uint64_t unit = 1;
    while (price / unit >= 1000000u) {
        unit *= 10u;
    }
    memset(out, 0, sizeof(*out));
    out->bars = sim_bytes_grow(NULL, &out->capacity, full.bars, sizeof(*out->bars));
    for (uint32_t i = 0; i < full.bars; i++) {
        struct sim_mood mood = sim_generate_mood(&full, i);
        uint64_t shown = sim_generate_print(price, unit);
        struct sim_bar bar = {.time = full.start + i * full.step,
                              .open = shown,
                              .high = shown,
                              .low = shown,
                              .close = shown};
        bool jumps = mood.jump_of != 0 && sim_random_below(&random, mood.jump_of) == 0;
        uint64_t when = sim_random_below(&random, SIM_SUBSTEPS);
        for (uint32_t k = 0; k < SIM_SUBSTEPS; k++) {
            int64_t share = mood.drift + sim_random_bell(&random) * mood.deviation / 1000;
            if (jumps && k == when) {
                share += sim_random_bell(&random) * mood.jump / 1000;
            }
            price = sim_generate_move(price, share);
            bar.close = sim_generate_print(price, unit);
            bar.high = bar.close > bar.high ? bar.close : bar.high;
            bar.low = bar.close < bar.low ? bar.close : bar.low;
        }
        out->bars[out->count++] = bar;
    }
    out->step = full.step;
    out->is_generated = true;
}

void sim_prices_write_csv(const struct sim_prices *prices, struct sim_buffer *out)
{
    sim_bytes_add_text(out, "timestamp_s,open,high,low,close,volume\n");
    for (size_t i = 0; i < prices->count; i++) {
        const struct sim_bar *bar = &prices->bars[i];
        const uint64_t columns[4] = {bar->open, bar->high, bar->low, bar->close};
        sim_bytes_add_format(out, "%llu", (unsigned long long)bar->time);
        for (uint32_t k = 0; k < 4u; k++) {
            char text[SIM_DECIMAL_TEXT_MAX];
            sim_bytes_add_format(
                out, ",%s", sim_bytes_decimal_text((sim_int)columns[k], SIM_PRICES_DECIMALS, text));
        }
        sim_bytes_add_text(out, ",0\n");
    }
}

static const char sim_generate_help[] =
    "plimsoll generate [--seed N] [--bars N] [--step 60s] [--price 2000] [--depth 35%]\n"
    "                  [--rebound 45%] [--start UNIX_SECONDS] --out FILE.csv\n"
    "\n"
    "Writes a generated crash as a price series: a calm walk, jumps, a fall in waves, a rebound.\n"
    "It is no market's history. The same seed gives the same file. FILE - is the standard "
    "output.\n";

/* A number between 0 and `most`, by one of the readers of units. */
static bool sim_generate_number(
    const char *name, const char *value, enum sim_units_result result, sim_int number, sim_int most)
{
    if (result == SIM_UNITS_OK && (number < 0 || number > most)) {
        result = SIM_UNITS_TOO_LARGE;
    }
    if (result != SIM_UNITS_OK) {
        sim_error("%s '%s' %s", name, value, sim_units_describe(result));
    }
    return result == SIM_UNITS_OK;
}

static bool sim_generate_ratio(const char *name, const char *value, uint32_t *out)
{
    sim_int number = 0;
    enum sim_units_result got = sim_units_ratio(value, &number);
    bool is_good = sim_generate_number(name, value, got, number, SIM_PPM - 1);
    *out = is_good ? (uint32_t)number : 0;
    return is_good;
}

static bool sim_generate_count(
    const char *name, const char *value, uint32_t decimals, uint64_t most, uint64_t *out)
{
    sim_int number = 0;
    enum sim_units_result got = sim_units_decimal(value, decimals, &number);
    bool is_good = sim_generate_number(name, value, got, number, (sim_int)most);
    *out = is_good ? (uint64_t)number : 0;
    return is_good;
}

/* Reads one option; false at an error, which was printed. */
static bool
sim_generate_option(struct sim_crash *crash, const char **path, const char *name, const char *value)
{
    if (strcmp(name, "--out") == 0) {
        *path = value;
        return true;
    }
    if (strcmp(name, "--depth") == 0) {
        return sim_generate_ratio(name, value, &crash->depth_ppm);
    }
    if (strcmp(name, "--rebound") == 0) {
        return sim_generate_ratio(name, value, &crash->rebound_ppm);
    }
    if (strcmp(name, "--seed") == 0) {
        return sim_generate_count(name, value, 0, UINT64_MAX, &crash->seed);
    }
    if (strcmp(name, "--start") == 0) {
        return sim_generate_count(name, value, 0, UINT32_MAX, &crash->start);
    }
    if (strcmp(name, "--price") == 0) {
        return sim_generate_count(
            name, value, SIM_PRICES_DECIMALS, 1000000u * SIM_PRICE_SCALE, &crash->price);
    }
    if (strcmp(name, "--bars") == 0) {
        uint64_t bars = 0;
        bool is_good = sim_generate_count(name, value, 0, 10000000u, &bars);
        crash->bars = (uint32_t)bars;
        return is_good;
    }
    if (strcmp(name, "--step") == 0) {
        sim_int number = 0;
        enum sim_units_result got = sim_units_duration(value, &number);
        bool is_good = sim_generate_number(name, value, got, number, 86400);
        crash->step = is_good ? (uint64_t)number : 0;
        return is_good;
    }
    sim_error("generate has no option %s; see plimsoll generate --help", name);
    return false;
}

static int sim_generate_write(const struct sim_crash *crash, const char *path)
{
    struct sim_prices prices = {0};
    struct sim_buffer text = {0};
    sim_prices_generate(crash, &prices);
    sim_prices_write_csv(&prices, &text);
    bool is_stdout = strcmp(path, "-") == 0;
    FILE *file = is_stdout ? stdout : fopen(path, "wb");
    bool is_good = file != NULL && fwrite(text.bytes, 1, text.length, file) == text.length;
    if (file != NULL) {
        is_good = (is_stdout ? fflush(file) : fclose(file)) == 0 && is_good;
    }
    if (!is_good) {
        sim_error_at(path, 0, "cannot be written: is there such a folder, and room on the disk?");
    }
    sim_bytes_free(&text);
    sim_prices_free(&prices);
    return is_good ? SIM_EXIT_OK : SIM_EXIT_FAILED;
}

int sim_cmd_generate(int argc, char **argv)
{
    struct sim_crash crash = {.start = UINT64_C(1700000000)};
    const char *path = NULL;
    for (int i = 1; i < argc; i += 2) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            (void)fputs(sim_generate_help, stdout);
            return SIM_EXIT_OK;
        }
        if (i + 1 == argc) {
            sim_error("%s needs a value; see plimsoll generate --help", argv[i]);
            return SIM_EXIT_USAGE;
        }
        if (!sim_generate_option(&crash, &path, argv[i], argv[i + 1])) {
            return SIM_EXIT_USAGE;
        }
    }
    if (path == NULL) {
        (void)fputs(sim_generate_help, stderr);
        return SIM_EXIT_USAGE;
    }
    return sim_generate_write(&crash, path);
}

/* SPDX-License-Identifier: Apache-2.0
 * Price series: CSV files, plain or gzip, as exact integers; the walk of a bar as four publishes;
 * a seeded generator of a crash. Spec: docs/SCENARIOS.md, "Price series".
 * It knows files and bars, never a world or a rule. No number passes through a float. */
#ifndef SIM_PRICES_H
#define SIM_PRICES_H

#include "sim_bytes.h"

#define SIM_PRICES_WHY_MAX  384u
/* Prices are kept with this many decimals: LUNA fell to 0.00000112. */
#define SIM_PRICES_DECIMALS 12u

/* One bar: it opened at `time`, and lasted as long as the series' step. */
struct sim_bar {
    uint64_t time;
    uint64_t open; /* 10^-SIM_PRICES_DECIMALS quote per base */
    uint64_t high;
    uint64_t low;
    uint64_t close;
};

/* The names of the columns in a file's header. */
struct sim_columns {
    const char *time;
    const char *open;
    const char *high;
    const char *low;
    const char *close;
};

/* Which bars of a file are wanted: from <= time < until; until 0 = to the end. */
struct sim_prices_options {
    struct sim_columns columns; /* a NULL name is the usual one: timestamp_s, open, ... */
    uint64_t from;
    uint64_t until;
};

struct sim_prices {
    struct sim_bar *bars;
    size_t count;
    size_t capacity;
    uint64_t step;           /* the usual distance of two bars, in seconds */
    uint64_t missing;        /* bars that gaps leave out */
    uint32_t gaps;           /* how many gaps */
    uint32_t first_gap_line; /* the line after the first one; 0 = none */
    uint32_t outside;        /* bars whose open or close lies outside [low, high], as BitMEX has */
    bool is_generated;
};

/* What is wrong with a file: `line` 0 where it is the file as a whole. */
struct sim_prices_fault {
    uint32_t line;
    char why[SIM_PRICES_WHY_MAX];
};

/* parse: from the bytes of a CSV file. On false nothing is held and *fault says what, and what to
 * do. Errors: empty, wrong header, bad number, price not above zero, high below low, time that
 * repeats or runs backward, no bar in the window. */
bool sim_prices_parse(const char *text,
                      size_t length,
                      const struct sim_prices_options *options,
                      struct sim_prices *out,
                      struct sim_prices_fault *fault);
/* read: the same from a file, which may be gzip, whatever its name. Errors also: no such file,
 * truncated or damaged gzip. */
bool sim_prices_read(const char *path,
                     const struct sim_prices_options *options,
                     struct sim_prices *out,
                     struct sim_prices_fault *fault);
void sim_prices_free(struct sim_prices *prices);

/* describe: a sentence about gaps and odd bars, "" where there is nothing to say. */
const char *sim_prices_describe(const struct sim_prices *prices, char *text, size_t capacity);

/* ticks: a price in ticks of 10^-decimals, rounded to the nearest, halves up, at least 1; *exact
 * says whether nothing was lost. 0 where it does not fit. */
uint64_t sim_prices_ticks(uint64_t price, uint32_t decimals, bool *exact);

/* --- a bar as four publishes -------------------------------------------------------------------
 */
/* corner: price i of 0..3 of a bar's walk: open, the nearer extreme, the other one, close. */
uint64_t sim_prices_corner(const struct sim_bar *bar, uint32_t i);
/* path: the price of a walk of `step` seconds, `after` seconds behind the bar's time: straight
 * lines through the corners, which stand at 0, 1/4, 2/4 and 3/4 of the step, then level. */
uint64_t sim_prices_path(const struct sim_bar *bar, uint64_t step, uint64_t after);

/* --- a generated crash -------------------------------------------------------------------------
 */
struct sim_crash {
    uint64_t seed;
    uint64_t start;       /* time of the first bar */
    uint64_t step;        /* seconds a bar; 0 = 60 */
    uint32_t bars;        /* 0 = 720 */
    uint64_t price;       /* of the first open, as in struct sim_bar; 0 = 2000 quote */
    uint32_t depth_ppm;   /* how far the crash falls; 0 = 35 % */
    uint32_t rebound_ppm; /* how much of the fall comes back; 0 = 45 % */
};

/* generate: calm walk, jumps, a crash in waves, a rebound; the same bars for the same seed on every
 * machine. */
void sim_prices_generate(const struct sim_crash *crash, struct sim_prices *out);
/* write_csv: appends a series as a file with the usual header. */
void sim_prices_write_csv(const struct sim_prices *prices, struct sim_buffer *out);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * The human's numbers: exact decimals, percentages and durations of a scenario file become the
 * integers of abi/types.def, or are refused. Nothing is ever rounded on the way in.
 * It knows the scale of a unit, never a rule. */
#ifndef SIM_UNITS_H
#define SIM_UNITS_H

#include "sim_bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_units_result {
    SIM_UNITS_OK,
    SIM_UNITS_SYNTAX,   /* not a number of this kind */
    SIM_UNITS_TOO_FINE, /* more digits than the unit has */
    SIM_UNITS_TOO_LARGE /* does not fit 127 bits, or not the field */
};

#define SIM_UNITS_WAD_DECIMALS  18u
#define SIM_UNITS_WVAL_DECIMALS 24u
#define SIM_UNITS_TEXT_MAX      72u

/* decimal: "-1_234.50" times 10^decimals. */
enum sim_units_result sim_units_decimal(const char *text, uint32_t decimals, sim_int *out);
/* ratio: "10%" in parts per million, or "20x" as 1 / 20; "0" needs no sign. */
enum sim_units_result sim_units_ratio(const char *text, sim_int *out);
/* rate: "0.01%", or the plain fraction "0.0001", in 1e-9. */
enum sim_units_result sim_units_rate(const char *text, sim_int *out);
/* duration: "30s", "10m", "8h", "2d"; "0" needs no sign. */
enum sim_units_result sim_units_duration(const char *text, sim_int *out);

/* describe: what was wrong, and what to do, for the file's author. */
const char *sim_units_describe(enum sim_units_result result);

/* format: the shortest exact decimal of value / 10^decimals, digits grouped as in a file. */
void sim_units_format(sim_int value, uint32_t decimals, char *out, size_t capacity);

#endif

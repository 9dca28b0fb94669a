/* SPDX-License-Identifier: Apache-2.0
 * Exact decimals, both ways. Spec: docs/SCENARIOS.md, "Numbers".
 * It knows the scale of a unit, never a rule. */
#include "sim_units.h"

#include <stdio.h>
#include <string.h>

#define MAX_DECIMALS 38u
#define PPM          1000000

static sim_int largest(void)
{
    return (sim_int)(~(sim_uint)0 >> 1);
}

/* push: appends one decimal digit to *value; false where it no longer fits. */
static bool push(sim_int *value, int digit)
{
    if (*value > (largest() - digit) / 10) {
        return false;
    }
    *value = *value * 10 + digit;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* take_digits: digits with single underscores between them; returns how many, or -1. */
static int take_digits(const char **text, sim_int *value, bool *fits, uint32_t keep)
{
    int count = 0;
    bool underscore = false;
    for (; is_digit(**text) || **text == '_'; (*text)++) {
        if (**text == '_') {
            if (underscore || count == 0) {
                return -1;
            }
            underscore = true;
            continue;
        }
        underscore = false;
        const int digit = **text - '0';
        if ((uint32_t)count < keep) {
            *fits = push(value, digit) && *fits;
        } else if (digit != 0) {
            *fits = false;
        }
        count++;
    }
    return underscore ? -1 : count;
}

enum sim_units_result sim_units_decimal(const char *text, uint32_t decimals, sim_int *out)
{
    const bool is_negative = *text == '-';
    if (*text == '-' || *text == '+') {
        text++;
    }
    if (decimals > MAX_DECIMALS) {
        return SIM_UNITS_TOO_LARGE;
    }
    sim_int value = 0;
    bool fits = true;
    const int whole = take_digits(&text, &value, &fits, UINT32_MAX);
    if (whole < 0 || !fits) {
        return whole < 0 ? SIM_UNITS_SYNTAX : SIM_UNITS_TOO_LARGE;
    }
    int fraction = 0;
    if (*text == '.') {
        text++;
        fraction = take_digits(&text, &value, &fits, decimals);
        if (fraction <= 0) {
            return SIM_UNITS_SYNTAX;
        }
    }
    if (*text != '\0' || whole == 0) {
        return SIM_UNITS_SYNTAX;
    }
    if (!fits) {
        return SIM_UNITS_TOO_FINE;
    }
    for (uint32_t i = (uint32_t)fraction; i < decimals; i++) {
        if (!push(&value, 0)) {
            return SIM_UNITS_TOO_LARGE;
        }
    }
    *out = is_negative ? -value : value;
    return SIM_UNITS_OK;
}

/* with_suffix: the decimal before the one-letter suffix. */
static enum sim_units_result
with_suffix(const char *text, size_t length, uint32_t decimals, sim_int *out)
{
    char body[SIM_UNITS_TEXT_MAX] = {0};
    if (length < 2 || length > sizeof body) {
        return SIM_UNITS_SYNTAX;
    }
    memcpy(body, text, length - 1);
    return sim_units_decimal(body, decimals, out);
}

enum sim_units_result sim_units_ratio(const char *text, sim_int *out)
{
    const size_t length = strlen(text);
    if (length > 0 && text[length - 1] == '%') {
        return with_suffix(text, length, 4, out);
    }
    if (length > 0 && text[length - 1] == 'x') {
        sim_int leverage = 0;
        const enum sim_units_result result = with_suffix(text, length, 0, &leverage);
        if (result != SIM_UNITS_OK) {
            return result;
        }
        if (leverage <= 0) {
            return SIM_UNITS_SYNTAX;
        }
        *out = PPM / leverage;
        return PPM % leverage == 0 ? SIM_UNITS_OK : SIM_UNITS_TOO_FINE;
    }
    const enum sim_units_result result = sim_units_decimal(text, 0, out);
    return result == SIM_UNITS_OK && *out == 0 ? SIM_UNITS_OK : SIM_UNITS_SYNTAX;
}

enum sim_units_result sim_units_rate(const char *text, sim_int *out)
{
    const size_t length = strlen(text);
    if (length > 0 && text[length - 1] == '%') {
        return with_suffix(text, length, 7, out);
    }
    return sim_units_decimal(text, 9, out);
}

static sim_int seconds_of(char suffix)
{
    switch (suffix) {
    case 's': return 1;
    case 'm': return 60;
    case 'h': return 3600;
    case 'd': return 86400;
    default: return 0;
    }
}

enum sim_units_result sim_units_duration(const char *text, sim_int *out)
{
    const size_t length = strlen(text);
    const sim_int unit = length > 0 ? seconds_of(text[length - 1]) : 0;
    if (unit == 0) {
        const enum sim_units_result result = sim_units_decimal(text, 0, out);
        return result == SIM_UNITS_OK && *out == 0 ? SIM_UNITS_OK : SIM_UNITS_SYNTAX;
    }
    sim_int count = 0;
    const enum sim_units_result result = with_suffix(text, length, 0, &count);
    if (result != SIM_UNITS_OK) {
        return result;
    }
    if (count > INT64_MAX / unit || count < -(INT64_MAX / unit)) {
        return SIM_UNITS_TOO_LARGE;
    }
    *out = count * unit;
    return SIM_UNITS_OK;
}

const char *sim_units_describe(enum sim_units_result result)
{
    switch (result) {
    case SIM_UNITS_OK: return "is a number";
    case SIM_UNITS_SYNTAX: return "is not a number of this kind";
    case SIM_UNITS_TOO_FINE:
        return "has more digits than its unit: nothing is rounded, write a coarser number";
    case SIM_UNITS_TOO_LARGE: return "is too large for its field";
    }
    return "is not a number";
}

/* digits_backwards: the decimal digits of value, the last first; at least decimals + 1 of them. */
static uint32_t digits_backwards(sim_int value, uint32_t decimals, char *digits)
{
    sim_uint rest = value < 0 ? (sim_uint)0 - (sim_uint)value : (sim_uint)value;
    uint32_t count = 0;
    while (rest != 0 || count <= decimals) {
        digits[count] = (char)('0' + (int)(rest % 10));
        rest /= 10;
        count++;
    }
    return count;
}

void sim_units_format(sim_int value, uint32_t decimals, char *out, size_t capacity)
{
    char digits[MAX_DECIMALS + 8] = {0};
    char text[2 * sizeof digits] = {0};
    const uint32_t scale = decimals > MAX_DECIMALS ? MAX_DECIMALS : decimals;
    const uint32_t count = digits_backwards(value, scale, digits);
    uint32_t last = 0;
    while (last < scale && digits[last] == '0') {
        last++;
    }
    uint32_t length = 0;
    if (value < 0) {
        text[length++] = '-';
    }
    for (uint32_t i = count; i-- > scale;) {
        text[length++] = digits[i];
        if (i > scale && (i - scale) % 3 == 0) {
            text[length++] = '_';
        }
    }
    if (last < scale) {
        text[length++] = '.';
    }
    for (uint32_t i = scale; i-- > last;) {
        text[length++] = digits[i];
    }
    (void)snprintf(out, capacity, "%s", text);
}

/* SPDX-License-Identifier: Apache-2.0
 * Error messages with their place, and the flag that Ctrl-C raises.
 * It knows nothing of what went wrong. */
#include "sim_error.h"

#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SIM_ERROR_TEXT_MAX 4096u

static atomic_uint sim_error_printed;
static volatile sig_atomic_t sim_error_signal;

/* Writes place and text as one piece, so that messages of two threads do not mix. */
__attribute__((format(printf, 3, 0))) static void
sim_error_write(const char *file, unsigned line, const char *format, va_list values)
{
    char text[SIM_ERROR_TEXT_MAX];
    (void)vsnprintf(text, sizeof text, format, values);
    if (file == NULL) {
        (void)fprintf(stderr, "plimsoll: %s\n", text);
    } else if (line == 0) {
        (void)fprintf(stderr, "%s: %s\n", file, text);
    } else {
        (void)fprintf(stderr, "%s:%u: %s\n", file, line, text);
    }
}

void sim_error_at(const char *file, unsigned line, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    sim_error_write(file, line, format, values);
    va_end(values);
    atomic_fetch_add_explicit(&sim_error_printed, 1, memory_order_relaxed);
}

void sim_error(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    sim_error_write(NULL, 0, format, values);
    va_end(values);
    atomic_fetch_add_explicit(&sim_error_printed, 1, memory_order_relaxed);
}

unsigned sim_error_count(void)
{
    return atomic_load_explicit(&sim_error_printed, memory_order_relaxed);
}

void sim_error_fatal(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    sim_error_write(NULL, 0, format, values);
    va_end(values);
    abort();
}

static void sim_error_on_signal(int number)
{
    if (sim_error_signal != 0) {
        _exit(128 + number);
    }
    sim_error_signal = number;
}

void sim_error_catch_interrupt(void)
{
    struct sigaction action = {0};
    action.sa_handler = sim_error_on_signal;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

bool sim_interrupted(void)
{
    return sim_error_signal != 0;
}

/* SPDX-License-Identifier: Apache-2.0
 * The run as one HTML file with charts, and as a JSON summary. It observes a world from the start;
 * floats are for drawing only. It knows no rule. */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include "sim_names.h"
#include "sim_workload.h"
#include "sim_world.h"

struct sim_report;

/* What the world does not know of itself. */
struct sim_report_about {
    const char *scenario; /* the file's name */
    const char *text;     /* its text, or NULL */
    const char *verdict;  /* "passed", or what went wrong */
    bool is_passed;
    uint64_t seed;
    enum sim_choice choice;
    const struct sim_names *names;       /* or NULL */
    const struct sim_workload *workload; /* or NULL */
    const char *const *broken;           /* sentences of the auditor, or NULL */
    uint32_t broken_count;
};

/* new: observes the world from now on. */
struct sim_report *sim_report_new(struct sim_world *world);
/* follow: goes on with another world; the old one may be gone. */
void sim_report_follow(struct sim_report *report, struct sim_world *world);
/* write: false where the file cannot be written or the chart library is missing (the error is
 * printed). May be called any number of times; the world must still be there. */
bool sim_report_write_html(struct sim_report *report,
                           const struct sim_report_about *about,
                           const char *path);
bool sim_report_write_json(struct sim_report *report,
                           const struct sim_report_about *about,
                           const char *path);
void sim_report_free(struct sim_report *report);

#endif

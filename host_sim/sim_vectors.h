/* SPDX-License-Identifier: Apache-2.0
 * Vectors of the format plimsoll-vectors/1: one case is a world, an operation and what must follow.
 * Spec: docs/VECTORS.md. It knows messages, queries and scenario lines; no rule of margin. */
#ifndef SIM_VECTORS_H
#define SIM_VECTORS_H

#include "sim_world.h"

#include <jansson.h>

/* One case of a file, while it is being judged. */
struct sim_vectors_case {
    const char *path;     /* of the file, for messages */
    const json_t *worlds; /* the file's "worlds" */
    json_t *json;         /* the case; with `writes` its derived fields are filled */
    const char *id;
    enum sim_choice choice;
    const char *traces; /* a folder for the case's trace, or NULL */
    bool writes;
    bool is_unfilled;   /* a derived field is absent */
    unsigned failures;
};

/* judge: runs the case on a fresh world; failures are printed and counted. True when none. */
bool sim_vectors_judge(struct sim_vectors_case *c);

#endif

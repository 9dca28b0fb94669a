/* SPDX-License-Identifier: Apache-2.0
 * Building JSON with jansson, whose functions fail only where no memory is left: then the program
 * ends. It knows nothing of what it writes. */
#ifndef SIM_JSON_H
#define SIM_JSON_H

#include "sim_bytes.h"

#include <jansson.h>

/* Add a member to an object; put and add take the reference over. */
void sim_json_put(json_t *object, const char *name, json_t *value);
void sim_json_text(json_t *object, const char *name, const char *text);
/* A number of the tables, as text, so that no reader rounds it. */
void sim_json_number(json_t *object, const char *name, sim_int value);
/* A JSON number, for what fits 32 bits. */
void sim_json_integer(json_t *object, const char *name, int64_t value);
/* Appends to an array. */
void sim_json_add(json_t *array, json_t *value);
/* Appends a new object to an array and returns it. */
json_t *sim_json_row(json_t *array);
/* Adds every member of another object, whose reference is taken over. */
void sim_json_merge(json_t *object, json_t *from);
/* Appends the text of a value; flags are those of json_dumps, its order is kept. */
void sim_json_write(const json_t *value, size_t flags, struct sim_buffer *out);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Building JSON with jansson, whose functions fail only where no memory is left.
 * It knows nothing of what it writes. */
#include "sim_json.h"

#include "sim_error.h"

#include <stdlib.h>

static void sim_json_need(bool is_done)
{
    if (!is_done) {
        sim_error_fatal("out of memory while writing JSON");
    }
}

void sim_json_put(json_t *object, const char *name, json_t *value)
{
    sim_json_need(json_object_set_new(object, name, value) == 0);
}

void sim_json_text(json_t *object, const char *name, const char *text)
{
    sim_json_put(object, name, json_string(text));
}

void sim_json_number(json_t *object, const char *name, sim_int value)
{
    char text[SIM_INT_TEXT_MAX];
    sim_json_text(object, name, sim_bytes_int_text(value, text));
}

void sim_json_integer(json_t *object, const char *name, int64_t value)
{
    sim_json_put(object, name, json_integer(value));
}

void sim_json_add(json_t *array, json_t *value)
{
    sim_json_need(json_array_append_new(array, value) == 0);
}

json_t *sim_json_row(json_t *array)
{
    json_t *row = json_object();
    sim_json_add(array, row);
    return row;
}

void sim_json_merge(json_t *object, json_t *from)
{
    sim_json_need(json_object_update(object, from) == 0);
    json_decref(from);
}

void sim_json_write(const json_t *value, size_t flags, struct sim_buffer *out)
{
    char *text = json_dumps(value, flags | JSON_PRESERVE_ORDER);
    sim_json_need(text != NULL);
    sim_bytes_add_text(out, text);
    free(text);
}

/* SPDX-License-Identifier: Apache-2.0
 * The abi tables as JSON: stable order, every number a string, so that no reader rounds one.
 * It must never know what a field means. */
#include "sim_abi.h"
#include "sim_json.h"

static json_t *sim_json_field(json_t *fields, const struct sim_abi_field *field)
{
    json_t *row = sim_json_row(fields);
    sim_json_text(row, "name", field->name);
    sim_json_text(row, "type", sim_abi_type(field->type)->name);
    if (field->type == PLM_TYPE_GROUP || field->type == PLM_TYPE_LIST) {
        sim_json_text(row, "of", sim_abi_layout(field->layout)->name);
    }
    if (field->type == PLM_TYPE_LIST) {
        sim_json_number(row, "count_max", field->count_max);
    }
    if (field->min != PLM_LO) {
        sim_json_number(row, "min", field->min);
    }
    if (field->max != PLM_HI) {
        sim_json_number(row, "max", field->max);
    }
    sim_json_text(row, "text", field->text);
    return row;
}

static json_t *sim_json_structs(void)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < PLM_LAYOUT_COUNT; i++) {
        const struct sim_abi_layout *layout = sim_abi_layout(i);
        json_t *row = sim_json_row(array);
        json_t *fields = json_array();
        sim_json_text(row, "name", layout->name);
        sim_json_text(row, "text", layout->text);
        for (uint32_t j = 0; j < layout->field_count; j++) {
            (void)sim_json_field(fields, &layout->fields[j]);
        }
        sim_json_put(row, "fields", fields);
    }
    return array;
}

static json_t *sim_json_types(void)
{
    json_t *array = json_array();
    for (unsigned i = 0; i <= (unsigned)PLM_TYPE_LIST; i++) {
        const struct sim_abi_type *type = sim_abi_type((enum plm_type)i);
        json_t *row = sim_json_row(array);
        sim_json_text(row, "name", type->name);
        sim_json_number(row, "bytes", type->bytes);
        sim_json_text(row, "signed", type->is_signed ? "1" : "0");
        sim_json_text(row, "unit", type->unit);
        sim_json_text(row, "text", type->text);
    }
    return array;
}

/* The codes that an operation can return, beyond those that all can. */
static json_t *sim_json_pairs(uint8_t opcode)
{
    json_t *array = json_array();
    const struct sim_abi_pair *pair = NULL;
    for (uint32_t i = 0; (pair = sim_abi_pair_at(i)) != NULL; i++) {
        if (pair->opcode == opcode) {
            sim_json_add(array, json_string(sim_abi_code_name(pair->code)));
        }
    }
    return array;
}

static json_t *sim_json_ops(bool are_queries)
{
    json_t *array = json_array();
    const struct sim_abi_op *op = NULL;
    for (uint32_t i = 0; (op = sim_abi_op_at(i)) != NULL; i++) {
        if (op->is_query != are_queries) {
            continue;
        }
        json_t *row = sim_json_row(array);
        const uint32_t reply = sim_abi_reply_of(op->opcode);
        sim_json_text(row, "name", op->name);
        sim_json_text(row, "symbol", op->symbol);
        sim_json_number(row, "opcode", op->opcode);
        sim_json_text(row, "message", sim_abi_layout(op->message)->name);
        if (reply < PLM_LAYOUT_COUNT) {
            sim_json_text(row, "reply", sim_abi_layout(reply)->name);
        }
        if (!are_queries) {
            sim_json_text(row, "who", op->who);
            sim_json_put(row, "errors", sim_json_pairs(op->opcode));
        }
        sim_json_text(row, "text", op->text);
    }
    return array;
}

static json_t *sim_json_events(void)
{
    json_t *array = json_array();
    const struct sim_abi_event *event = NULL;
    for (uint32_t i = 0; (event = sim_abi_event_at(i)) != NULL; i++) {
        json_t *row = sim_json_row(array);
        sim_json_text(row, "name", event->name);
        sim_json_number(row, "id", event->id);
        sim_json_text(row, "fields", sim_abi_layout(event->layout)->name);
        sim_json_text(row, "text", event->text);
    }
    return array;
}

static json_t *sim_json_errors(void)
{
    json_t *array = json_array();
    const struct sim_abi_error *error = NULL;
    for (uint32_t i = 0; (error = sim_abi_error_at(i)) != NULL; i++) {
        json_t *row = sim_json_row(array);
        sim_json_text(row, "symbol", error->symbol);
        sim_json_number(row, "code", error->code);
        sim_json_text(row, "family", error->family);
        sim_json_text(row, "text", error->text);
    }
    return array;
}

static json_t *sim_json_keys(void)
{
    json_t *array = json_array();
    const struct sim_abi_key *key = NULL;
    for (uint32_t i = 0; (key = sim_abi_key_at(i)) != NULL; i++) {
        json_t *row = sim_json_row(array);
        sim_json_text(row, "symbol", key->symbol);
        sim_json_number(row, "prefix", key->prefix);
        sim_json_number(row, "id_bytes", key->id_bytes);
        sim_json_text(row, "record", sim_abi_layout(key->record)->name);
        sim_json_text(row, "text", key->text);
    }
    return array;
}

static json_t *sim_json_params(void)
{
    json_t *array = json_array();
    const struct sim_abi_param *param = NULL;
    for (uint32_t i = 0; (param = sim_abi_param_at(i)) != NULL; i++) {
        json_t *row = sim_json_row(array);
        sim_json_text(row, "name", param->name);
        sim_json_number(row, "id", param->id);
        sim_json_text(row, "target", sim_abi_find_enum("TARGET", param->target)->name);
        sim_json_text(row, "type", sim_abi_type(param->field->type)->name);
        sim_json_number(row, "min", param->field->min);
        sim_json_number(row, "max", param->field->max);
        sim_json_text(row, "default", param->written);
        sim_json_number(row, "loosening", param->loosening);
        sim_json_text(row, "rule", param->rule);
        sim_json_text(row, "text", param->text);
    }
    return array;
}

static json_t *sim_json_limits(const struct sim_abi_limit *(*at)(uint32_t index))
{
    json_t *array = json_array();
    const struct sim_abi_limit *limit = NULL;
    for (uint32_t i = 0; (limit = at(i)) != NULL; i++) {
        json_t *row = sim_json_row(array);
        sim_json_text(row, "symbol", limit->symbol);
        sim_json_number(row, "value", (sim_int)limit->value);
        sim_json_text(row, "unit", limit->unit);
        sim_json_text(row, "text", limit->text);
    }
    return array;
}

static json_t *sim_json_lines(void)
{
    json_t *array = json_array();
    const struct sim_abi_line *line = NULL;
    for (uint32_t i = 0; (line = sim_abi_line_at(i)) != NULL; i++) {
        json_t *row = sim_json_row(array);
        sim_json_text(row, "symbol", line->symbol);
        sim_json_number(row, "id", line->id);
        sim_json_text(row, "place", line->place);
        sim_json_text(row, "field", line->name);
        sim_json_text(row, "may_be_negative", line->may_be_negative ? "1" : "0");
        sim_json_text(row, "text", line->text);
    }
    return array;
}

static json_t *sim_json_enums(void)
{
    json_t *array = json_array();
    const struct sim_abi_enum *member = NULL;
    for (uint32_t i = 0; (member = sim_abi_enum_at(i)) != NULL; i++) {
        json_t *row = sim_json_row(array);
        sim_json_text(row, "kind", member->kind);
        sim_json_text(row, "symbol", member->symbol);
        sim_json_number(row, "value", member->value);
        sim_json_text(row, "text", member->text);
    }
    return array;
}

void sim_abi_write_json(struct sim_buffer *out)
{
    json_t *all = json_object();
    sim_json_text(all, "format", "plimsoll-abi/1");
    sim_json_put(all, "versions", sim_json_limits(sim_abi_version_at));
    sim_json_put(all, "types", sim_json_types());
    sim_json_put(all, "operations", sim_json_ops(false));
    sim_json_put(all, "queries", sim_json_ops(true));
    sim_json_put(all, "events", sim_json_events());
    sim_json_put(all, "errors", sim_json_errors());
    sim_json_put(all, "structs", sim_json_structs());
    sim_json_put(all, "keys", sim_json_keys());
    sim_json_put(all, "params", sim_json_params());
    sim_json_put(all, "limits", sim_json_limits(sim_abi_limit_at));
    sim_json_put(all, "lines", sim_json_lines());
    sim_json_put(all, "enums", sim_json_enums());
    sim_json_write(all, JSON_INDENT(1), out);
    sim_bytes_add_text(out, "\n");
    json_decref(all);
}

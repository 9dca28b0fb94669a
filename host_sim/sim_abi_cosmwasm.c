/* SPDX-License-Identifier: Apache-2.0
 * The IDL of the CosmWasm contract: its messages as JSON schema (draft 7), from the tables, in the
 * form that client generators read. docs/SCENARIOS.md says how a type looks in JSON.
 * It must never know what a field means. */
#include "sim_abi.h"
#include "sim_abi_chain.h"
#include "sim_json.h"

#include <ctype.h>
#include <string.h>

#define SIM_IDL_NAME_MAX 64u
#define SIM_IDL_QUERY    4u /* of "get_" */

/* --- parts ------------------------------------------------------------------------------- */
/* `asset_params` as `AssetParams`. */
static const char *sim_idl_name(const char *name, char *text)
{
    size_t length = 0;
    bool is_first = true;
    for (const char *at = name; *at != '\0' && length + 1 < SIM_IDL_NAME_MAX; at++) {
        if (*at == '_') {
            is_first = true;
            continue;
        }
        text[length++] = (char)(is_first ? toupper((unsigned char)*at) : *at);
        is_first = false;
    }
    text[length] = '\0';
    return text;
}

static json_t *sim_idl_ref(const char *name)
{
    struct sim_buffer path = {0};
    json_t *ref = json_object();
    sim_bytes_add_format(&path, "#/definitions/%s", name);
    sim_json_text(ref, "$ref", sim_bytes_text(&path));
    sim_bytes_free(&path);
    return ref;
}

/* A list of the one or two alternatives given; `second` may be NULL. */
static json_t *sim_idl_pair(json_t *first, json_t *second)
{
    json_t *array = json_array();
    sim_json_add(array, first);
    if (second != NULL) {
        sim_json_add(array, second);
    }
    return array;
}

/* An empty object schema: `required` and `properties` are filled by sim_idl_property. */
static json_t *sim_idl_object(const char *text)
{
    json_t *schema = json_object();
    if (text[0] != '\0') {
        sim_json_text(schema, "description", text);
    }
    sim_json_text(schema, "type", "object");
    sim_json_put(schema, "required", json_array());
    sim_json_put(schema, "properties", json_object());
    sim_json_put(schema, "additionalProperties", json_false());
    return schema;
}

static void sim_idl_property(json_t *schema, const char *name, json_t *value)
{
    sim_json_put(json_object_get(schema, "properties"), name, value);
    sim_json_add(json_object_get(schema, "required"), json_string(name));
}

static void sim_idl_define(json_t *definitions, const char *name, json_t *schema)
{
    sim_json_put(definitions, name, schema);
}

/* A text with a pattern. */
static json_t *sim_idl_string(const char *text, const char *pattern)
{
    json_t *schema = json_object();
    sim_json_text(schema, "description", text);
    sim_json_text(schema, "type", "string");
    if (pattern != NULL) {
        sim_json_text(schema, "pattern", pattern);
    }
    return schema;
}

/* --- the types of the tables ------------------------------------------------------------- */
/* The forms that a value of the tables takes in JSON, each with its definition. */
static const struct {
    const char *name;
    const char *text;
    const char *pattern;
} sim_idl_strings[] = {
    {"Addr", "An address of the chain, in bech32.", NULL},
    {"Binary", "Bytes in base64.", NULL},
    {"HexBinary", "32 bytes as lower-case hexadecimal digits.", "^[0-9a-f]{64}$"},
    {"Int128", "An integer from -2^127 to 2^127 - 1, in digits.", "^(0|-?[1-9][0-9]*)$"},
    {"Int64", "An integer from -2^63 to 2^63 - 1, in digits.", "^(0|-?[1-9][0-9]*)$"},
    {"Uint128", "An integer from 0 to 2^127 - 1, in digits.", "^(0|[1-9][0-9]*)$"},
    {"Uint64", "An integer from 0 to 2^64 - 1, in digits.", "^(0|[1-9][0-9]*)$"},
};

/* Refers to one of sim_idl_strings and defines it. */
static json_t *sim_idl_text(json_t *definitions, const char *name)
{
    for (size_t i = 0; i < sizeof sim_idl_strings / sizeof sim_idl_strings[0]; i++) {
        if (strcmp(sim_idl_strings[i].name, name) == 0) {
            sim_idl_define(definitions,
                           name,
                           sim_idl_string(sim_idl_strings[i].text, sim_idl_strings[i].pattern));
        }
    }
    return sim_idl_ref(name);
}

static json_t *sim_idl_token(json_t *definitions)
{
    json_t *native = sim_idl_object("A coin of the chain, by its denom.");
    json_t *cw20 = sim_idl_object("A CW20 token, by its contract.");
    json_t *token = json_object();
    sim_idl_property(native, "native", sim_idl_string("The denom.", NULL));
    sim_idl_property(cw20, "cw20", sim_idl_text(definitions, "Addr"));
    sim_json_text(token, "description", "The chain's name of a token.");
    sim_json_put(token, "oneOf", sim_idl_pair(native, cw20));
    sim_idl_define(definitions, "Token", token);
    return sim_idl_ref("Token");
}

static json_t *sim_idl_struct(json_t *definitions, uint32_t layout);

/* One event as the chain shows it. */
static json_t *sim_idl_event(json_t *definitions)
{
    json_t *attribute = sim_idl_object("A field of an event.");
    json_t *event = sim_idl_object("An event of the engine.");
    json_t *attributes = json_object();
    sim_idl_property(attribute, "key", sim_idl_string("The field.", NULL));
    sim_idl_property(attribute, "value", sim_idl_string("Its value, as in JSON.", NULL));
    sim_idl_define(definitions, "EventAttribute", attribute);
    sim_json_text(attributes, "type", "array");
    sim_json_put(attributes, "items", sim_idl_ref("EventAttribute"));
    sim_idl_property(event, "type", sim_idl_string("The event, as in docs/ABI.md.", NULL));
    sim_idl_property(event, "attributes", attributes);
    sim_idl_define(definitions, "Event", event);
    return sim_idl_ref("Event");
}

/* What an operation may return: any of the replies of op_replies.def. */
static json_t *sim_idl_operation_reply(json_t *definitions)
{
    json_t *reply = json_object();
    json_t *choices = json_array();
    json_t *seen = json_object();
    const struct sim_abi_op *op = NULL;
    for (uint32_t i = 0; (op = sim_abi_op_at(i)) != NULL; i++) {
        const uint32_t layout = sim_abi_reply_of(op->opcode);
        if (op->is_query || layout >= PLM_LAYOUT_COUNT ||
            json_object_get(seen, sim_abi_layout(layout)->name) != NULL) {
            continue;
        }
        sim_json_put(seen, sim_abi_layout(layout)->name, json_true());
        sim_json_add(choices, sim_idl_struct(definitions, layout));
    }
    json_decref(seen);
    sim_json_text(reply, "description", "What an operation returned.");
    sim_json_put(reply, "anyOf", choices);
    sim_idl_define(definitions, "OperationReply", reply);
    return sim_idl_ref("OperationReply");
}

/* A field without its description: a reference, an array, or a choice. */
static json_t *sim_idl_value(json_t *definitions, const struct sim_abi_field *field)
{
    json_t *schema = json_object();
    switch (sim_abi_chain_form(field)) {
    case SIM_CHAIN_INTEGER: {
        const struct sim_abi_type *type = sim_abi_type(field->type);
        struct sim_buffer format = {0};
        const int64_t most = (INT64_C(1) << (type->bytes * 8u)) - 1;
        sim_bytes_add_format(&format, "uint%u", type->bytes * 8u);
        sim_json_text(schema, "type", "integer");
        sim_json_text(schema, "format", sim_bytes_text(&format));
        sim_json_integer(schema, "minimum", field->min == PLM_LO ? 0 : field->min);
        sim_json_integer(schema, "maximum", field->max == PLM_HI ? most : field->max);
        sim_bytes_free(&format);
        return schema;
    }
    case SIM_CHAIN_LIST:
        sim_json_text(schema, "type", "array");
        sim_json_put(schema, "items", sim_idl_struct(definitions, field->layout));
        return schema;
    case SIM_CHAIN_EVENTS:
        sim_json_text(schema, "type", "array");
        sim_json_put(schema, "items", sim_idl_event(definitions));
        return schema;
    case SIM_CHAIN_REPLY: {
        json_t *nothing = json_object();
        sim_json_text(nothing, "type", "null");
        sim_json_put(schema, "anyOf", sim_idl_pair(sim_idl_operation_reply(definitions), nothing));
        return schema;
    }
    case SIM_CHAIN_OBJECT:
        sim_json_put(
            schema, "allOf", sim_idl_pair(sim_idl_struct(definitions, field->layout), NULL));
        return schema;
    case SIM_CHAIN_TOKEN:
        sim_json_put(schema, "allOf", sim_idl_pair(sim_idl_token(definitions), NULL));
        return schema;
    case SIM_CHAIN_UINT64:
    case SIM_CHAIN_INT64:
    case SIM_CHAIN_UINT128:
    case SIM_CHAIN_INT128:
    case SIM_CHAIN_HEX:
    case SIM_CHAIN_ADDR:
    case SIM_CHAIN_MESSAGE: break;
    }
    sim_json_put(
        schema, "allOf", sim_idl_pair(sim_idl_text(definitions, sim_abi_chain_name(field)), NULL));
    return schema;
}

/* The sentence of the table, with the unit and the bounds that the schema cannot say. */
static void sim_idl_describe(json_t *schema, const struct sim_abi_field *field)
{
    const struct sim_abi_type *type = sim_abi_type(field->type);
    const enum sim_chain_form form = sim_abi_chain_form(field);
    const bool is_text = sim_abi_is_integer(field->type) && form != SIM_CHAIN_INTEGER;
    const bool is_value = field->type == PLM_TYPE_VAL; /* its bounds are in whole quote units */
    struct sim_buffer text = {0};
    /* The table's sentence tells the layout of bytes that are objects here. */
    sim_bytes_add_text(&text,
                       form == SIM_CHAIN_EVENTS ? "its events, those that fit into 2048 bytes"
                                                : field->text);
    if (field->type == PLM_TYPE_BYTES) {
        sim_bytes_add_text(&text,
                           form == SIM_CHAIN_MESSAGE ? "; the JSON of an execute message" : "");
    } else if (field->type == PLM_TYPE_LIST) {
        /* Not as maxItems: generators make a union of all lengths of it. */
        sim_bytes_add_format(&text, "; at most %u", field->count_max);
    } else if (type->unit[0] != '\0' && strcmp(type->unit, field->text) != 0) {
        sim_bytes_add_format(&text, "; unit: %s", type->unit);
    }
    if (is_text && field->min != PLM_LO && (field->min > 0 || type->is_signed)) {
        sim_bytes_add_format(
            &text, "; at least %lld%s", (long long)field->min, is_value ? " quote" : "");
    }
    if (is_text && field->max != PLM_HI) {
        sim_bytes_add_format(
            &text, "; at most %lld%s", (long long)field->max, is_value ? " quote" : "");
    }
    sim_json_text(schema, "description", sim_bytes_text(&text));
    sim_bytes_free(&text);
}

/* The fields of a struct as an object. */
static json_t *sim_idl_fields(json_t *definitions, uint32_t layout, const char *text)
{
    const struct sim_abi_layout *of = sim_abi_layout(layout);
    json_t *schema = sim_idl_object(text);
    for (uint32_t i = 0; i < of->field_count; i++) {
        const struct sim_abi_field *field = &of->fields[i];
        if (sim_abi_chain_is_hidden(field)) {
            continue;
        }
        json_t *value = sim_idl_value(definitions, field);
        sim_idl_describe(value, field);
        sim_idl_property(schema, field->name, value);
    }
    return schema;
}

/* Refers to a struct and defines it. Recursion ends: a struct holds only structs above it. */
static json_t *sim_idl_struct(json_t *definitions, uint32_t layout)
{
    char name[SIM_IDL_NAME_MAX];
    const struct sim_abi_layout *of = sim_abi_layout(layout);
    (void)sim_idl_name(of->name, name);
    if (json_object_get(definitions, name) == NULL) {
        sim_idl_define(definitions, name, sim_idl_fields(definitions, layout, of->text));
    }
    return sim_idl_ref(name);
}

/* --- messages ---------------------------------------------------------------------------- */
/* One variant: an object with one member, the message's name. */
static json_t *sim_idl_variant(const char *name, const char *text, json_t *value)
{
    json_t *variant = sim_idl_object(text);
    sim_idl_property(variant, name, value);
    return variant;
}

static json_t *sim_idl_op(json_t *definitions, const struct sim_abi_op *op)
{
    struct sim_buffer text = {0};
    sim_bytes_add_text(&text, op->text);
    if (!op->is_query) {
        sim_bytes_add_format(&text, "; caller: %s", op->who);
    }
    json_t *variant = sim_idl_variant(sim_abi_layout(op->message)->name,
                                      sim_bytes_text(&text),
                                      sim_idl_fields(definitions, op->message, ""));
    sim_bytes_free(&text);
    return variant;
}

/* What a CW20 contract sends along with its tokens. */
static json_t *sim_idl_receive(json_t *definitions)
{
    json_t *receive = sim_idl_object("The message of a CW20 contract's send.");
    sim_idl_property(receive, "sender", sim_idl_string("Who sent the tokens: the caller.", NULL));
    sim_idl_property(receive, "amount", sim_idl_text(definitions, "Uint128"));
    sim_idl_property(receive, "msg", sim_idl_text(definitions, "Binary"));
    sim_idl_define(definitions, "Cw20ReceiveMsg", receive);
    return sim_idl_variant("receive",
                           "CW20 tokens that came with a deposit or fund_insurance message in msg; "
                           "caller: the token's contract",
                           sim_idl_ref("Cw20ReceiveMsg"));
}

/* A schema of its own: the draft, its title, the given members, the definitions that it uses. */
static json_t *sim_idl_schema(const char *title, json_t *members, json_t *definitions)
{
    json_t *schema = json_object();
    sim_json_text(schema, "$schema", "http://json-schema.org/draft-07/schema#");
    sim_json_text(schema, "title", title);
    sim_json_merge(schema, members);
    if (json_object_size(definitions) > 0) {
        sim_json_put(schema, "definitions", definitions);
    } else {
        json_decref(definitions);
    }
    return schema;
}

static json_t *sim_idl_variants(const char *title, enum sim_chain_entry entry)
{
    json_t *definitions = json_object();
    json_t *variants = json_array();
    json_t *members = json_object();
    const struct sim_abi_op *op = NULL;
    for (uint32_t i = 0; (op = sim_abi_op_at(i)) != NULL; i++) {
        if (sim_abi_chain_takes(entry, op)) {
            sim_json_add(variants, sim_idl_op(definitions, op));
        }
    }
    if (entry == SIM_CHAIN_EXECUTE) {
        sim_json_add(variants, sim_idl_receive(definitions));
    }
    sim_json_put(members, "oneOf", variants);
    return sim_idl_schema(title, members, definitions);
}

static json_t *sim_idl_instantiate(void)
{
    json_t *definitions = json_object();
    const struct sim_abi_op *op = sim_abi_find_op(PLM_OP_INITIALISE);
    json_t *members = sim_idl_fields(definitions, op->message, op->text);
    return sim_idl_schema("InstantiateMsg", members, definitions);
}

/* The replies of the queries; a title such as MarginResponse names the client's type. */
static json_t *sim_idl_responses(void)
{
    json_t *responses = json_object();
    const struct sim_abi_op *op = NULL;
    for (uint32_t i = 0; (op = sim_abi_op_at(i)) != NULL; i++) {
        if (!op->is_query) {
            continue;
        }
        const char *message = sim_abi_layout(op->message)->name;
        struct sim_buffer title = {0};
        char name[SIM_IDL_NAME_MAX];
        json_t *definitions = json_object();
        sim_bytes_add_format(&title, "%sResponse", sim_idl_name(message + SIM_IDL_QUERY, name));
        json_t *members = sim_idl_fields(definitions, op->reply, sim_abi_layout(op->reply)->text);
        sim_json_put(
            responses, message, sim_idl_schema(sim_bytes_text(&title), members, definitions));
        sim_bytes_free(&title);
    }
    return responses;
}

void sim_abi_write_cosmwasm(struct sim_buffer *out)
{
    json_t *all = json_object();
    sim_json_text(all, "contract_name", "plimsoll");
    sim_json_text(all, "contract_version", SIM_VERSION);
    sim_json_text(all, "idl_version", "1.0.0");
    sim_json_put(all, "instantiate", sim_idl_instantiate());
    sim_json_put(all, "execute", sim_idl_variants("ExecuteMsg", SIM_CHAIN_EXECUTE));
    sim_json_put(all, "query", sim_idl_variants("QueryMsg", SIM_CHAIN_QUERY));
    sim_json_put(all,
                 "migrate",
                 sim_idl_schema("MigrateMsg",
                                sim_idl_object("brings the stored records to the new code"),
                                json_object()));
    sim_json_put(all, "sudo", sim_idl_variants("SudoMsg", SIM_CHAIN_SUDO));
    sim_json_put(all, "responses", sim_idl_responses());
    sim_json_write(all, JSON_INDENT(2), out);
    sim_bytes_add_text(out, "\n");
    json_decref(all);
}

/* SPDX-License-Identifier: Apache-2.0
 * plimsoll abi: the abi tables as JSON, or as the page docs/ABI.md.
 * It must never know what a field means. */
#include "sim_abi.h"
#include "sim_audit.h"
#include "sim_error.h"
#include "sim_main.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Text of a table cell: a bar would end it. */
static void sim_page_cell(const char *text, struct sim_buffer *out)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '|') {
            sim_bytes_add_text(out, "\\");
        }
        sim_bytes_add_byte(out, (uint8_t)*at);
    }
    sim_bytes_add_text(out, " |\n");
}

/* --- the page ---------------------------------------------------------------------------- */
/* A bound as text, or nothing. */
static void sim_page_bounds(const struct sim_abi_field *field, struct sim_buffer *out)
{
    const bool has_min = field->min != PLM_LO;
    const bool has_max = field->max != PLM_HI;
    if (has_min && has_max) {
        sim_bytes_add_format(out, "%" PRId64 " to %" PRId64, field->min, field->max);
    } else if (has_min) {
        sim_bytes_add_format(out, "from %" PRId64, field->min);
    } else if (has_max) {
        sim_bytes_add_format(out, "at most %" PRId64, field->max);
    }
}

static void sim_page_type(const struct sim_abi_field *field, struct sim_buffer *out)
{
    if (field->type == PLM_TYPE_LIST) {
        sim_bytes_add_format(out,
                             "at most %u of [%s](#%s)",
                             field->count_max,
                             sim_abi_layout(field->layout)->name,
                             sim_abi_layout(field->layout)->name);
    } else if (field->type == PLM_TYPE_GROUP) {
        sim_bytes_add_format(out,
                             "[%s](#%s)",
                             sim_abi_layout(field->layout)->name,
                             sim_abi_layout(field->layout)->name);
    } else {
        sim_bytes_add_text(out, sim_abi_type(field->type)->name);
    }
}

static void sim_page_fields(uint32_t layout, struct sim_buffer *out)
{
    const struct sim_abi_layout *of = sim_abi_layout(layout);
    sim_bytes_add_text(out, "| field | type | bounds | meaning |\n| --- | --- | --- | --- |\n");
    for (uint32_t i = 0; i < of->field_count; i++) {
        const struct sim_abi_field *field = &of->fields[i];
        sim_bytes_add_format(out, "| `%s` | ", field->name);
        sim_page_type(field, out);
        sim_bytes_add_text(out, " | ");
        sim_page_bounds(field, out);
        sim_bytes_add_text(out, " | ");
        sim_page_cell(field->text, out);
    }
    sim_bytes_add_text(out, "\n");
}

static void sim_page_types(struct sim_buffer *out)
{
    sim_bytes_add_text(out,
                       "## Types\n\n"
                       "Integers are little-endian, two's complement where signed. ADDR is a "
                       "length byte, then the bytes; BYTES two length bytes, then the bytes; a "
                       "list a count byte, then its elements; a struct inside a struct its "
                       "fields. A bound of a VAL is in whole quote units.\n\n"
                       "| type | bytes | signed | unit | meaning |\n"
                       "| --- | --- | --- | --- | --- |\n");
    for (unsigned i = 0; i < (unsigned)PLM_TYPE_GROUP; i++) {
        const struct sim_abi_type *type = sim_abi_type((enum plm_type)i);
        sim_bytes_add_format(out, "| %s | ", type->name);
        if (type->bytes == 0) {
            sim_bytes_add_text(out, "variable");
        } else {
            sim_bytes_add_format(out, "%u", type->bytes);
        }
        sim_bytes_add_format(out, " | %s | %s | ", type->is_signed ? "yes" : "", type->unit);
        sim_page_cell(type->text, out);
    }
    sim_bytes_add_text(out, "\n");
}

/* The codes that an operation can return, beyond those that all can. */
static void sim_page_pairs(uint8_t opcode, struct sim_buffer *out)
{
    const struct sim_abi_pair *pair = NULL;
    const char *before = "Refusals of its own: ";
    for (uint32_t i = 0; (pair = sim_abi_pair_at(i)) != NULL; i++) {
        if (pair->opcode == opcode) {
            sim_bytes_add_format(out, "%s`%s`", before, sim_abi_code_name(pair->code));
            before = ", ";
        }
    }
    sim_bytes_add_text(out, before[0] == ',' ? ".\n\n" : "");
}

static void sim_page_ops(bool are_queries, struct sim_buffer *out)
{
    const struct sim_abi_op *op = NULL;
    for (uint32_t i = 0; (op = sim_abi_op_at(i)) != NULL; i++) {
        if (op->is_query != are_queries) {
            continue;
        }
        const uint32_t reply = sim_abi_reply_of(op->opcode);
        sim_bytes_add_format(out, "### %s\n\n0x%02x: %s.", op->name, op->opcode, op->text);
        if (!are_queries) {
            sim_bytes_add_format(out, " Caller: %s.", op->who);
        }
        if (reply < PLM_LAYOUT_COUNT) {
            sim_bytes_add_format(out,
                                 " Returns [%s](#%s).",
                                 sim_abi_layout(reply)->name,
                                 sim_abi_layout(reply)->name);
        }
        sim_bytes_add_text(out, "\n\n");
        sim_page_fields(op->message, out);
        sim_page_pairs(op->opcode, out);
    }
}

static void sim_page_events(struct sim_buffer *out)
{
    const struct sim_abi_event *event = NULL;
    sim_bytes_add_text(out, "## Events\n\n");
    for (uint32_t i = 0; (event = sim_abi_event_at(i)) != NULL; i++) {
        sim_bytes_add_format(
            out, "### %s\n\nId %u: %s.\n\n", event->symbol, event->id, event->text);
        sim_page_fields(event->layout, out);
    }
}

static void sim_page_errors(struct sim_buffer *out)
{
    const struct sim_abi_error *error = NULL;
    sim_bytes_add_text(out,
                       "## Errors\n\n"
                       "Where two faults coincide the upper row is reported, unless the rulebook "
                       "states an order: a trade\nchecks the shape of all its fills, then the "
                       "caller's role, then fill by fill. On any code but OK nothing\nhas "
                       "changed.\n\n"
                       "| symbol | code | class | meaning |\n| --- | --- | --- | --- |\n");
    for (uint32_t i = 0; (error = sim_abi_error_at(i)) != NULL; i++) {
        sim_bytes_add_format(out,
                             "| `%s` | %d | %s | %s |\n",
                             error->symbol,
                             error->code,
                             error->family,
                             error->text);
    }
    sim_bytes_add_text(out, "\n");
}

/* True for structs that have no section of their own as a message or an event. */
static bool sim_page_is_shared(uint32_t layout)
{
    const struct sim_abi_op *op = NULL;
    for (uint32_t i = 0; (op = sim_abi_op_at(i)) != NULL; i++) {
        if (op->message == layout) {
            return false;
        }
    }
    const struct sim_abi_event *event = NULL;
    for (uint32_t i = 0; (event = sim_abi_event_at(i)) != NULL; i++) {
        if (event->layout == layout) {
            return false;
        }
    }
    return true;
}

static void sim_page_structs(struct sim_buffer *out)
{
    sim_bytes_add_text(out, "## Records, replies and their parts\n\n");
    for (uint32_t i = 0; i < PLM_LAYOUT_COUNT; i++) {
        const struct sim_abi_layout *layout = sim_abi_layout(i);
        if (!sim_page_is_shared(i)) {
            continue;
        }
        /* The anchor, because a message may have the same heading. */
        sim_bytes_add_format(
            out, "<a id=\"%s\"></a>\n\n### struct %s\n\n", layout->name, layout->name);
        if (layout->text[0] != '\0') {
            sim_bytes_add_format(out, "%s.\n\n", layout->text);
        }
        sim_page_fields(i, out);
    }
}

static void sim_page_keys(struct sim_buffer *out)
{
    const struct sim_abi_key *key = NULL;
    sim_bytes_add_text(out,
                       "## Storage keys\n\n"
                       "A key is the prefix byte, then the id, big-endian. A record is a version "
                       "byte, then its fields.\n\n"
                       "| kind | prefix | id bytes | record | id |\n"
                       "| --- | --- | --- | --- | --- |\n");
    for (uint32_t i = 0; (key = sim_abi_key_at(i)) != NULL; i++) {
        sim_bytes_add_format(out,
                             "| %s | 0x%02x | %u | [%s](#%s) | %s |\n",
                             key->symbol,
                             key->prefix,
                             key->id_bytes,
                             sim_abi_layout(key->record)->name,
                             sim_abi_layout(key->record)->name,
                             key->text);
    }
    sim_bytes_add_text(out, "\n");
}

static const char *sim_page_loosening(int8_t loosening)
{
    if (loosening == 0) {
        return "never while live";
    }
    return loosening > 0 ? "down only" : "up only";
}

static void sim_page_params(struct sim_buffer *out)
{
    const struct sim_abi_param *param = NULL;
    sim_bytes_add_text(out,
                       "## Parameters\n\n"
                       "The default is what a scenario gets that does not name the parameter. A "
                       "live parameter moves only the way the column says.\n\n"
                       "| name | id | of | type | bounds | default | moves | rule | meaning |\n"
                       "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (uint32_t i = 0; (param = sim_abi_param_at(i)) != NULL; i++) {
        sim_bytes_add_format(out,
                             "| `%s` | %u | %s | %s | ",
                             param->name,
                             param->id,
                             sim_abi_find_enum("TARGET", param->target)->name,
                             sim_abi_type(param->field->type)->name);
        sim_page_bounds(param->field, out);
        sim_bytes_add_format(out,
                             " | %s | %s | %s | %s |\n",
                             param->written,
                             sim_page_loosening(param->loosening),
                             param->rule,
                             param->text);
    }
    sim_bytes_add_text(out, "\n");
}

static void sim_page_rest(struct sim_buffer *out)
{
    const struct sim_abi_limit *limit = NULL;
    sim_bytes_add_text(out,
                       "## Limits\n\n| limit | value | unit | reason |\n"
                       "| --- | --- | --- | --- |\n");
    for (uint32_t i = 0; (limit = sim_abi_limit_at(i)) != NULL; i++) {
        sim_bytes_add_format(out,
                             "| %s | %" PRIu64 " | %s | %s |\n",
                             limit->symbol,
                             limit->value,
                             limit->unit,
                             limit->text);
    }
    const struct sim_abi_line *line = NULL;
    sim_bytes_add_text(out,
                       "\n## Named lines\n\n| line | id | place | field | meaning |\n"
                       "| --- | --- | --- | --- | --- |\n");
    for (uint32_t i = 0; (line = sim_abi_line_at(i)) != NULL; i++) {
        sim_bytes_add_format(out,
                             "| %s | %u | %s | `%s` | %s%s |\n",
                             line->symbol,
                             line->id,
                             line->place,
                             line->name,
                             line->text,
                             line->may_be_negative ? "; may be negative" : "");
    }
    const struct sim_abi_enum *member = NULL;
    sim_bytes_add_text(out,
                       "\n## Enumerations\n\n| enumeration | member | value | meaning |\n"
                       "| --- | --- | --- | --- |\n");
    for (uint32_t i = 0; (member = sim_abi_enum_at(i)) != NULL; i++) {
        sim_bytes_add_format(out,
                             "| %s | %s | %u | %s |\n",
                             member->kind,
                             member->symbol,
                             member->value,
                             member->text);
    }
}

void sim_abi_write_markdown(struct sim_buffer *out)
{
    const struct sim_abi_limit *version = NULL;
    sim_bytes_add_text(out,
                       "# ABI\n\n"
                       "Written by `plimsoll abi --markdown` from the tables in `abi/`; change "
                       "those, not this page.\n\n"
                       "| version | value | of |\n| --- | --- | --- |\n");
    for (uint32_t i = 0; (version = sim_abi_version_at(i)) != NULL; i++) {
        sim_bytes_add_format(
            out, "| %s | %" PRIu64 " | %s |\n", version->symbol, version->value, version->text);
    }
    sim_bytes_add_text(out, "\n");
    sim_page_types(out);
    sim_bytes_add_text(
        out,
        "## Operations\n\n"
        "The bytes of an operation are its opcode, then its fields in order. Every "
        "operation may also be refused with `E_LENGTH`, `E_RANGE`, `E_FIELD`, "
        "`E_HOST`, before `initialise` with `E_STATUS`, and with `E_NO_ASSET` where a "
        "token comes along that is no asset.\n\n");
    sim_page_ops(false, out);
    sim_bytes_add_text(out, "## Queries\n\n");
    sim_page_ops(true, out);
    sim_page_events(out);
    sim_page_errors(out);
    sim_page_structs(out);
    sim_page_keys(out);
    sim_page_params(out);
    sim_page_rest(out);
}

/* --- the command ------------------------------------------------------------------------- */
static void sim_abi_help(FILE *out)
{
    (void)fputs("plimsoll abi --json | --markdown | --invariants | --cosmwasm | --decode HEX\n"
                "\n"
                "Prints the tables of messages, records, events, replies, errors, parameters and\n"
                "limits from which this program was built.\n"
                "\n"
                "  --json        for programs; every number is a string (abi/plm_abi.json)\n"
                "  --markdown    for people (docs/ABI.md)\n"
                "  --invariants  what the auditor counts (docs/INVARIANTS.md)\n"
                "  --cosmwasm    the messages of the CosmWasm contract as JSON schema, an IDL for\n"
                "                client generators (clients/cosmwasm-ts/schema/plimsoll.json)\n"
                "  --decode HEX  the operation or query that these bytes are\n",
                out);
}

/* Prints the message that hexadecimal text spells. */
static int sim_abi_decode_text(const char *text)
{
    struct sim_buffer bytes = {0};
    struct sim_buffer out = {0};
    const bool is_hex = sim_bytes_from_hex(&bytes, text, strlen(text));
    if (is_hex) {
        sim_abi_print_message(sim_bytes_span(&bytes), &out);
        (void)printf("%s\n", sim_bytes_text(&out));
    } else {
        sim_error("abi: %s is not hexadecimal: give an even number of digits 0-9 a-f", text);
    }
    sim_bytes_free(&bytes);
    sim_bytes_free(&out);
    return is_hex ? SIM_EXIT_OK : SIM_EXIT_USAGE;
}

int sim_cmd_abi(int argc, char **argv)
{
    struct sim_buffer out = {0};
    const char *option = argc >= 2 ? argv[1] : "";
    if (strcmp(option, "--help") == 0) {
        sim_abi_help(stdout);
        return SIM_EXIT_OK;
    }
    if (argc == 3 && strcmp(option, "--decode") == 0) {
        return sim_abi_decode_text(argv[2]);
    }
    if (argc == 2 && strcmp(option, "--json") == 0) {
        sim_abi_write_json(&out);
    } else if (argc == 2 && strcmp(option, "--markdown") == 0) {
        sim_abi_write_markdown(&out);
    } else if (argc == 2 && strcmp(option, "--invariants") == 0) {
        sim_audit_write_markdown(&out);
    } else if (argc == 2 && strcmp(option, "--cosmwasm") == 0) {
        sim_abi_write_cosmwasm(&out);
    } else {
        sim_error("abi: --json, --markdown, --invariants, --cosmwasm or --decode HEX? See plimsoll "
                  "abi --help");
        return SIM_EXIT_USAGE;
    }
    (void)fwrite(out.bytes, 1, out.length, stdout);
    sim_bytes_free(&out);
    return SIM_EXIT_OK;
}

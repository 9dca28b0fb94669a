/* SPDX-License-Identifier: Apache-2.0
 * What the auditor has to say: the failure, the counts, the results, the page of invariants. */
#include "sim_audit_checks.h"

#include <stdlib.h>

const char *sim_audit_failure(struct sim_audit *audit)
{
    if (!audit->is_broken) {
        return "";
    }
    if (audit->replay != NULL) {
        sim_bytes_add_format(&audit->failure, "  to see it again: %s\n", audit->replay);
        free(audit->replay);
        audit->replay = NULL;
    }
    return sim_bytes_text(&audit->failure);
}

bool sim_audit_is_broken(const struct sim_audit *audit, enum sim_audit_id id)
{
    return id < SIM_INVARIANT_COUNT && audit->broken[id];
}

void sim_audit_write_broken(const struct sim_audit *audit, struct sim_buffer *out)
{
    for (uint32_t id = 0; id < SIM_INVARIANT_COUNT; id++) {
        if (audit->broken[id]) {
            sim_bytes_add_format(out, "%s ", sim_audit_invariant((enum sim_audit_id)id)->id);
        }
    }
}

uint64_t sim_audit_count(const struct sim_audit *audit, enum sim_audit_id id)
{
    return id < SIM_INVARIANT_COUNT ? audit->counts[id] : 0;
}

void sim_audit_write_counts(const struct sim_audit *audit, struct sim_buffer *out)
{
    const char *comma = "";
    sim_bytes_add_text(out, "{");
    for (uint32_t id = 0; id < SIM_INVARIANT_COUNT; id++) {
        if (audit->counts[id] > 0) {
            sim_bytes_add_format(out,
                                 "%s\"%s\": %llu",
                                 comma,
                                 sim_audit_invariant((enum sim_audit_id)id)->id,
                                 (unsigned long long)audit->counts[id]);
            comma = ", ";
        }
    }
    sim_bytes_add_text(out, "}");
}

uint64_t sim_audit_results(const struct sim_audit *audit, uint8_t opcode, int32_t code)
{
    const uint32_t row = sim_abi_precedence(code);
    return row < SIM_AUDIT_CODES ? audit->results[opcode][row] : 0;
}

static void sim_audit_write_codes(const uint64_t *counts, struct sim_buffer *out)
{
    const char *comma = "";
    for (uint32_t row = 0; sim_abi_error_at(row) != NULL && row < SIM_AUDIT_CODES; row++) {
        if (counts[row] > 0) {
            sim_bytes_add_format(out,
                                 "%s\"%s\": %llu",
                                 comma,
                                 sim_abi_error_at(row)->symbol,
                                 (unsigned long long)counts[row]);
            comma = ", ";
        }
    }
}

void sim_audit_write_results(const struct sim_audit *audit, struct sim_buffer *out)
{
    const char *comma = "";
    sim_bytes_add_text(out, "{");
    for (uint32_t opcode = 0; opcode < 256u; opcode++) {
        const struct sim_abi_op *op = sim_abi_find_op((uint8_t)opcode);
        uint64_t total = 0;
        for (uint32_t row = 0; row < SIM_AUDIT_CODES; row++) {
            total += audit->results[opcode][row];
        }
        if (total == 0) {
            continue;
        }
        sim_bytes_add_format(out, "%s\"%s\": {", comma, op == NULL ? "?" : op->symbol);
        sim_audit_write_codes(audit->results[opcode], out);
        sim_bytes_add_text(out, "}");
        comma = ", ";
    }
    sim_bytes_add_text(out, "}");
}

/* --- docs/INVARIANTS.md ---------------------------------------------------------------------- */
static const char *sim_audit_or_dash(const char *text)
{
    return text[0] == '\0' ? "–" : text;
}

void sim_audit_write_markdown(struct sim_buffer *out)
{
    sim_bytes_add_text(
        out,
        "# Invariants\n\n"
        "<!-- Generated from host_sim/sim_audit_invariants.def by `plimsoll abi --invariants`. "
        "-->\n\n"
        "What must hold after every operation, whoever asked for it. An id never changes its\n"
        "meaning. The *contract* column says whether the contract itself asserts it before it\n"
        "stores anything (deltas: of the running sums). The *auditor* is the simulator's other\n"
        "mind: it shares no code with the contract, reads the bytes that were written, and counts\n"
        "how often it checked each; every 1 000 operations, at `audit all` and at the end of a "
        "run\n"
        "it counts everything again from all records (with more than 1 000 records, as often as\n"
        "there are records). Each of its checks has a planted violation in `tests/sim`, so that\n"
        "none is a check that cannot fail. *Tests* names what shows the invariant beside that.\n\n"
        "| id | name | what holds | rules | contract | auditor, for | tests |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n");
    for (uint32_t id = 0; id < SIM_INVARIANT_COUNT; id++) {
        const struct sim_audit_invariant *row = sim_audit_invariant((enum sim_audit_id)id);
        sim_bytes_add_format(out,
                             "| %s | %s | %s | %s | %s | %s | %s |\n",
                             row->id,
                             row->name,
                             row->sentence,
                             row->rules,
                             sim_audit_or_dash(row->contract),
                             sim_audit_or_dash(row->auditor),
                             sim_audit_or_dash(row->tests));
    }
}

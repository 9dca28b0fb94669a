/* SPDX-License-Identifier: Apache-2.0
 * A scenario under way: statement after statement, blocks, messages, outcomes, faults of the world.
 * Spec: docs/SCENARIOS.md. It knows messages and units; no rule of margin. */
#include "sim_scenario.h"

#include "sim_error.h"
#include "sim_units.h"
#include "sim_workload.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPEAT_MAX 1000000u

/* --- faults ------------------------------------------------------------------------------------
 */
bool sim_scenario_refuse(struct sim_scenario *s, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    s->fault.line = s->now == NULL ? 0 : s->now->line;
    (void)vsnprintf(s->fault.why, sizeof s->fault.why, format, arguments);
    va_end(arguments);
    s->is_unexpected = false;
    return false;
}

bool sim_scenario_unexpected(struct sim_scenario *s, const char *format, ...)
{
    static const enum sim_slot accounts[] = {
        SIM_SLOT_ACCOUNT, SIM_SLOT_OTHER, SIM_SLOT_TAKER, SIM_SLOT_NAME};

    va_list arguments;
    va_start(arguments, format);
    s->fault.line = s->now->expected_line;
    (void)vsnprintf(s->fault.why, sizeof s->fault.why, format, arguments);
    va_end(arguments);
    s->is_unexpected = true;
    s->context.length = 0;
    const struct sim_named_account *shown[4] = {0};
    for (size_t i = 0; i < sizeof accounts / sizeof accounts[0]; i++) {
        const char *name = sim_scenario_slot(s, accounts[i]);
        shown[i] = name == NULL ? NULL : sim_names_find_account(&s->names, name);
        bool is_new = shown[i] != NULL;
        for (size_t j = 0; j < i; j++) {
            is_new = is_new && shown[j] != shown[i];
        }
        if (is_new) {
            sim_scenario_figures(s, shown[i], &s->context);
        }
    }
    return false;
}

bool sim_args_refuse(const struct sim_args *args, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    args->scenario->fault.line = args->line;
    (void)vsnprintf(args->scenario->fault.why, sizeof args->scenario->fault.why, format, arguments);
    va_end(arguments);
    args->scenario->is_unexpected = false;
    return false;
}

const char *sim_args_value(const struct sim_args *args, const char *name)
{
    for (uint32_t i = 0; i + 1 < args->count; i++) {
        if (strcmp(args->words[i], name) == 0) {
            return args->words[i + 1];
        }
    }
    return NULL;
}

/* --- words -------------------------------------------------------------------------------------
 */
const char *sim_scenario_replace(struct sim_scenario *s, const char *word)
{
    if (word == NULL || word[0] != '$') {
        return word;
    }
    const char *value = sim_names_find_let(&s->names, word + 1);
    return value == NULL ? word : value;
}

const char *sim_scenario_slot(struct sim_scenario *s, enum sim_slot slot)
{
    return sim_scenario_replace(s, sim_script_slot(s->script, s->now, slot));
}

const char *sim_scenario_rest(struct sim_scenario *s, uint32_t i)
{
    return sim_scenario_replace(s, sim_script_rest(s->script, s->now, i));
}

const char *sim_scenario_caller(struct sim_scenario *s, const char *usual)
{
    const char *named = sim_scenario_replace(s, sim_script_caller(s->script, s->now));
    return named == NULL ? usual : named;
}

/* check_lets: every $NAME of the line is known, so that no reader meets a dollar sign. */
static bool check_lets(struct sim_scenario *s)
{
    for (uint32_t i = 0; i < s->now->word_count; i++) {
        const char *word = sim_script_word(s->script, s->now, i);
        if (word[0] == '$' && sim_names_find_let(&s->names, word + 1) == NULL) {
            return sim_scenario_refuse(
                s, "%.40s has no value: write let %.40s VALUE above", word, word + 1);
        }
    }
    return true;
}

/* --- names -------------------------------------------------------------------------------------
 */
bool sim_scenario_asset(struct sim_scenario *s, const char *name, struct sim_named_asset **out)
{
    *out = sim_names_find_asset(&s->names, name);
    return *out != NULL || sim_scenario_refuse(s, "no asset '%.40s': declare it above", name);
}

bool sim_scenario_feed(struct sim_scenario *s, const char *name, struct sim_named_feed **out)
{
    *out = sim_names_feed_of(&s->names, name);
    return *out != NULL ||
           sim_scenario_refuse(s, "no feed, market or asset '%.40s': declare it above", name);
}

bool sim_scenario_market(struct sim_scenario *s, const char *name, struct sim_named_market **out)
{
    *out = sim_names_find_market(&s->names, name);
    return *out != NULL || sim_scenario_refuse(s, "no market '%.40s': declare it above", name);
}

bool sim_scenario_account(struct sim_scenario *s, const char *name, struct sim_named_account **out)
{
    *out = sim_names_find_account(&s->names, name);
    return *out != NULL || sim_scenario_refuse(s, "no account '%.40s': declare it above", name);
}

/* --- numbers -----------------------------------------------------------------------------------
 */
bool sim_scenario_decimal(
    struct sim_scenario *s, const char *what, const char *text, uint32_t decimals, sim_int *out)
{
    const enum sim_units_result result = sim_units_decimal(text, decimals, out);
    if (result == SIM_UNITS_TOO_FINE) {
        return sim_scenario_refuse(s,
                                   "%s %.60s has more than the %u decimals of its unit: "
                                   "nothing is rounded, write a coarser number",
                                   what,
                                   text,
                                   (unsigned)decimals);
    }
    return result == SIM_UNITS_OK ||
           sim_scenario_refuse(s, "%s: '%.60s' %s", what, text, sim_units_describe(result));
}

bool sim_scenario_count(
    struct sim_scenario *s, const char *what, const char *text, uint64_t max, uint64_t *out)
{
    sim_int value = 0;
    if (!sim_scenario_decimal(s, what, text, 0, &value)) {
        return false;
    }
    if (value < 0 || value > (sim_int)max) {
        return sim_scenario_refuse(
            s, "%s %.40s is outside 0 to %llu", what, text, (unsigned long long)max);
    }
    *out = (uint64_t)value;
    return true;
}

bool sim_scenario_duration(struct sim_scenario *s, const char *text, uint64_t *out)
{
    sim_int value = 0;
    const enum sim_units_result result = sim_units_duration(text, &value);
    if (result != SIM_UNITS_OK || value < 0) {
        return sim_scenario_refuse(s, "'%.40s' is no duration: write 30s, 10m, 8h or 2d", text);
    }
    *out = (uint64_t)value;
    return true;
}

bool sim_scenario_time(struct sim_scenario *s, const char *text, uint64_t *out)
{
    const bool is_relative = text[0] == '+' || text[0] == '-';
    const uint64_t now = s->world == NULL ? s->genesis : sim_world_time(s->world);
    sim_int value = 0;
    const enum sim_units_result result = sim_units_duration(text, &value);
    if (result != SIM_UNITS_OK) {
        return sim_scenario_refuse(
            s, "'%.40s' is no time: write -30s or +5s from now, 40s since the start", text);
    }
    value += (sim_int)(is_relative ? now : s->genesis);
    if (value < 0 || value > INT64_MAX) {
        return sim_scenario_refuse(s, "the time %.40s is out of range", text);
    }
    *out = (uint64_t)value;
    return true;
}

/* param_number: by the unit of the parameter's type. */
static enum sim_units_result
param_number(const struct sim_abi_param *param, const char *text, uint8_t decimals, sim_int *out)
{
    const enum plm_type type = param->field->type;
    if (type == PLM_TYPE_RATIO) {
        return sim_units_ratio(text, out);
    }
    if (type == PLM_TYPE_RATE) {
        return sim_units_rate(text, out);
    }
    if (type == PLM_TYPE_U32) {
        return sim_units_duration(text, out);
    }
    if (type == PLM_TYPE_VAL) {
        return sim_units_decimal(text, SIM_UNITS_WAD_DECIMALS, out);
    }
    return sim_units_decimal(text, type == PLM_TYPE_AMT ? decimals : 0, out);
}

bool sim_scenario_param(struct sim_scenario *s,
                        const struct sim_abi_param *param,
                        const char *text,
                        uint8_t decimals,
                        sim_int *out)
{
    const enum sim_units_result result = param_number(param, text, decimals, out);
    return result == SIM_UNITS_OK ||
           sim_scenario_refuse(s,
                               "%s: '%.40s' %s; its default is written %s",
                               param->name,
                               text,
                               sim_units_describe(result),
                               param->written);
}

bool sim_scenario_word(struct sim_scenario *s, const char *kind, const char *text, uint8_t *out)
{
    const struct sim_abi_enum *row = sim_abi_find_enum_name(kind, text);
    struct sim_buffer known = {0};
    if (row != NULL) {
        *out = (uint8_t)row->value;
        return true;
    }
    for (uint32_t i = 0; sim_abi_enum_at(i) != NULL; i++) {
        const struct sim_abi_enum *other = sim_abi_enum_at(i);
        if (strcmp(other->kind, kind) == 0) {
            sim_bytes_add_format(&known, "%s%s", known.length == 0 ? "" : ", ", other->name);
        }
    }
    (void)sim_scenario_refuse(s, "'%.40s' should be one of: %s", text, sim_bytes_text(&known));
    sim_bytes_free(&known);
    return false;
}

/* --- messages ----------------------------------------------------------------------------------
 */
/* note_withdrawn: observer; sums what each account took out of the settlement asset. */
static void note_withdrawn(void *self,
                           struct sim_world *world,
                           const struct sim_op *op,
                           const struct sim_outcome *outcome)
{
    struct sim_scenario *s = self;
    (void)world;
    (void)op;
    for (uint32_t i = 0; i < outcome->event_count && outcome->code == PLM_OK; i++) {
        struct plm_ev_withdrawn event = {0};
        if (outcome->events[i].id != PLM_EVENT_WITHDRAWN ||
            !sim_abi_decode(PLM_LAYOUT_ev_withdrawn, outcome->events[i].bytes, &event)) {
            continue;
        }
        s->last_payout = event.payout;
        if (event.asset != 0) {
            continue;
        }
        uint32_t at = 0;
        while (at < s->withdrawn_count && s->withdrawn[at].account != event.account) {
            at++;
        }
        if (at == s->withdrawn_count) {
            s->withdrawn =
                sim_bytes_grow(s->withdrawn, &s->withdrawn_capacity, at + 1u, sizeof *s->withdrawn);
            s->withdrawn[at] = (struct sim_withdrawn){.account = event.account};
            s->withdrawn_count++;
        }
        s->withdrawn[at].atoms += sim_abi_int_of(event.amount.atoms);
    }
}

/* send_again: the payee calls back while his payment is under way. */
static void send_again(void *self, struct sim_world *world, const struct sim_payment *payment)
{
    struct sim_scenario *s = self;
    (void)payment;
    sim_world_on_payment(world, NULL, NULL);
    const struct sim_outcome *outcome =
        sim_world_apply(world, &s->last_caller, NULL, 0, sim_bytes_span(&s->last_message));
    s->reentered_code = outcome == NULL ? -1 : outcome->code;
}

static bool stopped(struct sim_scenario *s)
{
    (void)sim_scenario_unexpected(s, "the world stopped: %s", sim_world_failure(s->world));
    return false;
}

bool sim_scenario_took(struct sim_scenario *s, const struct sim_outcome *outcome, int32_t *code)
{
    s->operations++;
    s->last = outcome;
    if (outcome == NULL) {
        return stopped(s);
    }
    *code = outcome->code;
    s->last_code = outcome->code;
    s->last_changes = outcome->code == PLM_OK ? outcome->writes.count : 0;
    return true;
}

bool sim_scenario_send(struct sim_scenario *s, const struct sim_send *send, int32_t *code)
{
    struct plm_fund fund = {0};
    *code = PLM_OK;
    if (s->world == NULL) {
        s->operations++;
        return true;
    }
    s->last_caller = send->as_contract ? sim_world_self() : sim_world_actor(send->caller);
    if (send->asset != NULL) {
        fund.token = send->asset->token;
        fund.atoms.atoms = sim_abi_i128_of(send->atoms);
    }
    s->last_message.length = 0;
    if (!sim_abi_encode_message(send->opcode, send->message, &s->last_message)) {
        return sim_scenario_refuse(s, "operation %u has no row in ops.def", send->opcode);
    }
    if (s->reenters) {
        sim_world_on_payment(s->world, send_again, s);
    }
    const bool has_funds = send->asset != NULL && send->atoms > 0;
    const struct sim_outcome *outcome = sim_world_apply(s->world,
                                                        &s->last_caller,
                                                        has_funds ? &fund : NULL,
                                                        has_funds ? 1 : 0,
                                                        sim_bytes_span(&s->last_message));
    if (s->reenters) {
        sim_world_on_payment(s->world, NULL, NULL);
        s->reenters = false;
    }
    return sim_scenario_took(s, outcome, code);
}

bool sim_scenario_reply(struct sim_scenario *s, uint32_t layout, void *reply)
{
    return s->world != NULL && s->last != NULL && s->last->code == PLM_OK &&
           s->last->reply.length > 0 && sim_abi_decode(layout, s->last->reply, reply);
}

/* --- outcomes ----------------------------------------------------------------------------------
 */
static void print_expected(const struct sim_expected *expected, char *text, size_t capacity)
{
    (void)snprintf(text,
                   capacity,
                   "%s%s",
                   expected->kind == SIM_EXPECTED_REFUSED ? "refused " : "",
                   sim_error_symbol(expected->code));
}

/* feed_refusal: the code that the feed carries. */
static uint16_t feed_refusal(struct sim_scenario *s, const struct sim_named_feed *feed)
{
    struct plm_feed_state state = {0};
    if (feed != NULL) {
        (void)sim_world_read_id(s->world, PLM_KEY_FEED_STATE, feed->id, &state);
    }
    return state.refused;
}

bool sim_scenario_judge(struct sim_scenario *s, int32_t code, const struct sim_named_feed *feed)
{
    const struct sim_expected *expected = &s->now->expected;
    char wanted[80] = {0};
    if (s->world == NULL) {
        return true;
    }
    const uint16_t refused = code == PLM_OK ? feed_refusal(s, feed) : 0;
    const bool wants_refusal = expected->kind == SIM_EXPECTED_REFUSED;
    const uint16_t wanted_code = wants_refusal ? 0 : expected->code;
    const uint16_t wanted_refusal = wants_refusal ? expected->code : 0;
    if (code == wanted_code && refused == wanted_refusal) {
        return true;
    }
    print_expected(expected, wanted, sizeof wanted);
    const uint16_t actual = code == PLM_OK ? refused : (uint16_t)code;
    return sim_scenario_unexpected(s,
                                   "%s: expected %s, got %s%s (%s)",
                                   sim_verb_spelling(s->now->verb),
                                   wanted,
                                   refused != 0 ? "refused " : "",
                                   sim_error_symbol(actual),
                                   sim_error_text(actual));
}

/* --- the world ---------------------------------------------------------------------------------
 */
static bool do_advance(struct sim_scenario *s)
{
    uint64_t seconds = 0;
    if (!sim_scenario_duration(s, sim_scenario_slot(s, SIM_SLOT_DURATION), &seconds)) {
        return false;
    }
    if (s->world != NULL) {
        sim_world_advance(s->world, seconds);
    }
    return true;
}

static bool do_fail_host(struct sim_scenario *s)
{
    uint64_t count = 0;
    if (!sim_scenario_count(
            s, "fail_host", sim_scenario_slot(s, SIM_SLOT_COUNT), UINT32_MAX, &count)) {
        return false;
    }
    if (s->world != NULL) {
        sim_world_fail_host(s->world, (uint32_t)count);
    }
    return true;
}

/* is_on: the word on or off; absent is on. */
static bool is_on(struct sim_scenario *s, bool *on)
{
    const char *word = sim_scenario_slot(s, SIM_SLOT_WORD);
    *on = word == NULL || strcmp(word, "on") == 0;
    return *on || strcmp(word, "off") == 0 ||
           sim_scenario_refuse(s, "'%.40s' should be on or off", word);
}

static bool do_refuse_payout(struct sim_scenario *s)
{
    bool on = false;
    const char *name = sim_scenario_slot(s, SIM_SLOT_NAME);
    const struct sim_named_account *account = sim_names_find_account(&s->names, name);
    if (!is_on(s, &on)) {
        return false;
    }
    if (s->world != NULL) {
        const struct plm_addr payee = sim_world_actor(account == NULL ? name : account->owner);
        sim_world_refuse(s->world, &payee, on);
    }
    return true;
}

static bool do_hold_payouts(struct sim_scenario *s)
{
    bool on = false;
    if (!is_on(s, &on)) {
        return false;
    }
    if (s->world != NULL) {
        sim_world_hold_payments(s->world, on);
    }
    return true;
}

static bool do_unsolicited(struct sim_scenario *s)
{
    struct sim_named_asset *asset = NULL;
    sim_int atoms = 0;
    if (!sim_scenario_asset(s, sim_scenario_slot(s, SIM_SLOT_ASSET), &asset) ||
        !sim_scenario_decimal(
            s, "the amount", sim_scenario_slot(s, SIM_SLOT_AMOUNT), asset->decimals, &atoms)) {
        return false;
    }
    if (s->world != NULL) {
        const struct plm_addr from = sim_world_actor("stranger");
        sim_world_unsolicited(s->world, &from, &asset->token, atoms);
    }
    return true;
}

static bool do_workload(struct sim_scenario *s)
{
    const char *words[SIM_SCRIPT_WORDS_MAX] = {0};
    for (uint32_t i = 0; i < s->now->rest_count; i++) {
        words[i] = sim_scenario_rest(s, i);
    }
    const struct sim_args args = {.scenario = s,
                                  .path = s->path,
                                  .line = s->now->line,
                                  .words = words,
                                  .count = s->now->rest_count};
    if (s->now->verb == SIM_VERB_CROWD) {
        return sim_workload_crowd(&args);
    }
    if (s->now->verb == SIM_VERB_KEEPERS) {
        return sim_workload_keepers(&args);
    }
    return sim_workload_play(&args);
}

static bool do_let(struct sim_scenario *s)
{
    const char *name = sim_scenario_slot(s, SIM_SLOT_NAME);
    const char *value = sim_scenario_slot(s, SIM_SLOT_VALUE);
    if (!sim_names_is_valid(name)) {
        return sim_scenario_refuse(s, "'%.40s' is no name for a value", name);
    }
    if (strlen(value) >= SIM_NAME_BYTES) {
        return sim_scenario_refuse(s, "the value of %s is longer than 63 characters", name);
    }
    char kept[SIM_NAME_BYTES] = {0};
    (void)snprintf(kept, sizeof kept, "%s", value);
    sim_names_set_let(&s->names, name, kept);
    return true;
}

bool sim_scenario_audit(struct sim_scenario *s)
{
    s->broken.length = 0;
    if (s->audit == NULL) {
        return true;
    }
    (void)sim_audit_full(s->audit);
    sim_audit_write_broken(s->audit, &s->broken);
    return true;
}

/* check_audit: outside of `without` a broken invariant ends the run at the line that broke it. */
static bool check_audit(struct sim_scenario *s)
{
    if (s->audit == NULL || s->is_lab || sim_audit_failure(s->audit)[0] == '\0') {
        return true;
    }
    (void)sim_scenario_unexpected(s, "the auditor says no:");
    sim_bytes_add_format(&s->context, "    %s\n", sim_audit_failure(s->audit));
    return false;
}

static bool do_audit(struct sim_scenario *s)
{
    const char *what = sim_scenario_slot(s, SIM_SLOT_WORD);
    if (strcmp(what, "all") != 0) {
        return sim_scenario_refuse(s, "write it as: audit all");
    }
    if (!sim_scenario_audit(s)) {
        return false;
    }
    return true; /* what is broken stops the run by check_audit */
}

/* --- blocks ------------------------------------------------------------------------------------
 */
static bool run_range(struct sim_scenario *s, uint32_t from, uint32_t to);

static bool do_repeat(struct sim_scenario *s, uint32_t at)
{
    const struct sim_statement *repeat = s->now;
    uint64_t count = 0;
    if (!sim_scenario_count(
            s, "repeat", sim_scenario_slot(s, SIM_SLOT_COUNT), REPEAT_MAX, &count)) {
        return false;
    }
    if (s->world == NULL && count > 1) {
        count = 1; /* a check sees the body once */
    }
    for (uint64_t i = 0; i < count; i++) {
        if (!run_range(s, at + 1, repeat->end)) {
            return false;
        }
    }
    return true;
}

struct lab_row {
    const char *symbol;
    const char *rule;
    uint64_t bit;
};

static const struct lab_row lab_rows[] = {
#define X(symbol, bit, rule, text) {#symbol, rule, UINT64_C(1) << (bit)},
#include "lab.def"
#undef X
};

/* lab_rules: the bits of the rules named, by rule id or by switch name. */
static bool lab_rules(struct sim_scenario *s, uint64_t *rules)
{
    *rules = 0;
    if (s->now->rest_count == 0) {
        return sim_scenario_refuse(s, "name the rules to switch off: without WD-1");
    }
    for (uint32_t i = 0; i < s->now->rest_count; i++) {
        const char *word = sim_scenario_rest(s, i);
        uint64_t found = 0;
        for (size_t j = 0; j < sizeof lab_rows / sizeof lab_rows[0]; j++) {
            if (strcmp(lab_rows[j].rule, word) == 0 || strcmp(lab_rows[j].symbol, word) == 0) {
                found |= lab_rows[j].bit;
            }
        }
        if (found == 0) {
            return sim_scenario_refuse(
                s,
                "no switch for rule '%.40s': those of abi/lab.def have one; parameters are "
                "switched off by their values",
                word);
        }
        *rules |= found;
    }
    return true;
}

/* Everything that a block on a copy must give back. */
struct kept {
    struct sim_world *world;
    struct sim_workload *workload;
    struct sim_audit *audit;
    struct sim_names names;
    struct sim_withdrawn *withdrawn;
    uint32_t withdrawn_count;
    size_t withdrawn_capacity;
    uint32_t last_changes;
    bool is_lab;
};

static void enter_copy(struct sim_scenario *s, uint64_t rules, struct kept *kept)
{
    *kept = (struct kept){.world = s->world,
                          .workload = s->workload,
                          .audit = s->audit,
                          .names = s->names,
                          .withdrawn = s->withdrawn,
                          .withdrawn_count = s->withdrawn_count,
                          .withdrawn_capacity = s->withdrawn_capacity,
                          .last_changes = s->last_changes,
                          .is_lab = s->is_lab};
    sim_names_copy(&s->names, &kept->names);
    s->withdrawn = sim_bytes_alloc(kept->withdrawn_count + 1u, sizeof *s->withdrawn);
    s->withdrawn_capacity = kept->withdrawn_count + 1u;
    if (kept->withdrawn_count > 0) {
        memcpy(s->withdrawn, kept->withdrawn, kept->withdrawn_count * sizeof *s->withdrawn);
    }
    s->is_lab = true;
    if (kept->world != NULL) {
        const struct sim_world_options options = {.choice = s->choice, .lab = true};
        s->world = sim_world_copy(kept->world, &options);
        s->workload = sim_workload_copy(kept->workload);
        sim_world_set_lab(s->world, rules);
        sim_world_observe(s->world, note_withdrawn, s);
        if (kept->audit != NULL) {
            const struct sim_audit_options collecting = {.collects = true, .replay = s->replay};
            s->audit = sim_audit_new(s->world, &collecting);
        }
    }
}

static void leave_copy(struct sim_scenario *s, const struct kept *kept)
{
    if (kept->world != NULL) {
        if (kept->audit != NULL) {
            sim_audit_free(s->audit);
        }
        sim_workload_free(s->workload);
        sim_world_free(s->world);
    }
    sim_names_free(&s->names);
    free(s->withdrawn);
    s->world = kept->world;
    s->workload = kept->workload;
    s->audit = kept->audit;
    s->names = kept->names;
    s->withdrawn = kept->withdrawn;
    s->withdrawn_count = kept->withdrawn_count;
    s->withdrawn_capacity = kept->withdrawn_capacity;
    s->last_changes = kept->last_changes;
    s->is_lab = kept->is_lab;
    s->last = NULL;
}

static bool do_without(struct sim_scenario *s, uint32_t at)
{
    const struct sim_statement *without = s->now;
    struct kept kept = {0};
    uint64_t rules = 0;
    if (s->is_lab) {
        return sim_scenario_refuse(s, "'without' inside 'without': name all rules in one line");
    }
    if (!lab_rules(s, &rules)) {
        return false;
    }
    if (s->is_unjudged) {
        return true;
    }
    enter_copy(s, rules, &kept);
    const bool is_good = run_range(s, at + 1, without->end);
    leave_copy(s, &kept);
    return is_good;
}

/* --- statements --------------------------------------------------------------------------------
 */
static bool run_world(struct sim_scenario *s)
{
    switch ((int)s->now->verb) {
    case SIM_VERB_ADVANCE:
    case SIM_VERB_HALT: return do_advance(s);
    case SIM_VERB_FAIL_HOST: return do_fail_host(s);
    case SIM_VERB_REENTER:
        s->reenters = true;
        s->reentered_code = -1;
        return true;
    case SIM_VERB_REFUSE_PAYOUT: return do_refuse_payout(s);
    case SIM_VERB_HOLD_PAYOUTS: return do_hold_payouts(s);
    case SIM_VERB_UNSOLICITED: return do_unsolicited(s);
    default: return do_workload(s);
    }
}

static bool run_judge(struct sim_scenario *s)
{
    if (s->now->verb == SIM_VERB_SHOW) {
        return sim_scenario_show(s);
    }
    return s->now->verb == SIM_VERB_EXPECT ? sim_scenario_expect(s) : do_audit(s);
}

static bool run_structure(struct sim_scenario *s, uint32_t at)
{
    switch ((int)s->now->verb) {
    case SIM_VERB_REPEAT: return do_repeat(s, at);
    case SIM_VERB_WITHOUT: return do_without(s, at);
    case SIM_VERB_BATCH: return sim_scenario_batch(s, at + 1, s->now->end);
    case SIM_VERB_GROUP: return sim_scenario_declare(s);
    case SIM_VERB_LET: return do_let(s);
    default: return true;
    }
}

static bool run_statement(struct sim_scenario *s, uint32_t at)
{
    const enum sim_verb verb = s->now->verb;
    if (!check_lets(s)) {
        return false;
    }
    if (!s->has_engine && verb != SIM_VERB_QUOTE && verb != SIM_VERB_LET) {
        return sim_scenario_refuse(s, "'quote' comes first: quote USDC decimals 6");
    }
    switch (sim_verb_kind(verb)) {
    case SIM_KIND_DECLARE: return sim_scenario_declare(s);
    case SIM_KIND_OPERATION: return sim_scenario_operate(s);
    case SIM_KIND_WORLD: return run_world(s);
    case SIM_KIND_JUDGE: return s->is_unjudged || run_judge(s);
    case SIM_KIND_STRUCTURE: return run_structure(s, at);
    }
    return false;
}

static bool run_range(struct sim_scenario *s, uint32_t from, uint32_t to)
{
    uint32_t at = from;
    while (at < to) {
        s->now = &s->script->statements[at];
        const uint32_t end = s->now->end;
        if (!run_statement(s, at) || !check_audit(s)) {
            return false;
        }
        if (s->world != NULL && sim_interrupted()) {
            return sim_scenario_refuse(s, "interrupted here");
        }
        at = end == 0 ? at + 1 : end + 1;
    }
    return true;
}

void sim_scenario_begin(struct sim_scenario *s,
                        const char *path,
                        const struct sim_script *script,
                        struct sim_world *world)
{
    *s = (struct sim_scenario){.path = path,
                               .script = script,
                               .world = world,
                               .choice = SIM_CHOICE_BOTH,
                               .genesis = SIM_WORLD_TIME,
                               .reentered_code = -1};
    if (world != NULL) {
        s->genesis = sim_world_time(world);
        sim_world_observe(world, note_withdrawn, s);
    }
}

void sim_scenario_end(struct sim_scenario *s)
{
    if (s->world != NULL) {
        sim_world_unobserve(s->world, s);
    }
    sim_names_free(&s->names);
    sim_bytes_free(&s->last_message);
    sim_bytes_free(&s->broken);
    sim_bytes_free(&s->context);
    free(s->withdrawn);
    *s = (struct sim_scenario){0};
}

bool sim_scenario_run(struct sim_scenario *s)
{
    return run_range(s, 0, s->script->count);
}

/* SPDX-License-Identifier: Apache-2.0
 * plimsoll lint: reads the declarations of a scenario by running them on a native world, and hands
 * what add_market and add_asset said to the envelope's arithmetic. */
#include "sim_error.h"
#include "sim_lint.h"
#include "sim_main.h"
#include "sim_scenario.h"
#include "sim_units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sim_lint_options {
    struct sim_lint_question question;
    const char *path;
    bool is_json;
};

/* A run of declarations, observed. */
struct sim_lint_run {
    struct sim_lint *lint;
    struct sim_scenario *scenario;
    struct sim_script *script;      /* declarations only */
    bool has_disagreed;             /* the engine judged otherwise: a bug of one of us */
    bool is_retried;                /* an unexpected refusal was noted: once more */
    bool marked[SIM_LINT_ROWS_MAX]; /* statements whose refusal we took on us */
};

static void sim_lint_name(const struct sim_lint_run *run, enum sim_slot slot, char *out)
{
    const struct sim_scenario *s = run->scenario;
    const char *name = s->now == NULL ? NULL : sim_script_slot(s->script, s->now, slot);
    (void)snprintf(out, SIM_LINT_NAME_BYTES, "%s", name == NULL ? "?" : name);
}

/* Whether the file itself expects the refusal of the declaration under way. */
static bool sim_lint_is_expected(const struct sim_lint_run *run, int32_t code)
{
    const struct sim_scenario *s = run->scenario;
    const ptrdiff_t at = s->now == NULL ? -1 : s->now - s->script->statements;
    if (code == PLM_OK || at < 0 || at >= (ptrdiff_t)SIM_LINT_ROWS_MAX) {
        return false;
    }
    return s->now->expected.kind == SIM_EXPECTED_CODE && !run->marked[at];
}

/* The engine and this arithmetic come to the same verdict, or one of them is wrong. */
static void
sim_lint_compare(struct sim_lint_run *run, const char *name, bool is_listed, int32_t code)
{
    if (is_listed != (code == PLM_OK)) {
        sim_error(
            "lint: %s: the engine says %s: report this as a bug", name, sim_abi_code_name(code));
        run->has_disagreed = true;
    }
}

static void sim_lint_observe(void *self,
                             struct sim_world *world,
                             const struct sim_op *op,
                             const struct sim_outcome *outcome)
{
    struct sim_lint_run *run = self;
    struct sim_lint *lint = run->lint;
    struct plm_feed feed = {.price_decimals = 0};

    union plm_lint_message {
        struct plm_add_market market;
        struct plm_add_asset asset;
    } message;

    if (outcome->code != PLM_OK && outcome->code != (int32_t)PLM_E_PARAM_ENVELOPE) {
        return;
    }
    if (op->opcode == PLM_OP_ADD_MARKET && lint->market_count < SIM_LINT_ROWS_MAX &&
        sim_abi_decode_message(op->message, &message) != 0 &&
        sim_world_read_id(world, PLM_KEY_FEED, message.market.feed, &feed)) {
        struct sim_lint_market *row = &lint->markets[lint->market_count++];
        sim_lint_judge_market(&lint->question, &message.market.params, &feed.params, row);
        sim_lint_name(run, SIM_SLOT_MARKET, row->name);
        row->is_unbacked = message.market.unbacked != 0;
        row->is_refusal_expected = sim_lint_is_expected(run, outcome->code);
        sim_lint_compare(run, row->name, row->is_accepted || row->is_unbacked, outcome->code);
    } else if (op->opcode == PLM_OP_ADD_ASSET && lint->asset_count < SIM_LINT_ROWS_MAX &&
               sim_abi_decode_message(op->message, &message) != 0 &&
               sim_world_read_id(world, PLM_KEY_FEED, message.asset.feed, &feed)) {
        struct sim_lint_asset *row = &lint->assets[lint->asset_count++];
        sim_lint_judge_asset(&lint->question, &message.asset.params, &feed.params, row);
        sim_lint_name(run, SIM_SLOT_ASSET, row->name);
        row->is_refusal_expected = sim_lint_is_expected(run, outcome->code);
        sim_lint_compare(run, row->name, row->is_accepted, outcome->code);
    }
}

/* Keeps the declarations up to the first operation; what judges in between is left out. */
static void sim_lint_keep_declarations(struct sim_script *script)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < script->count; i++) {
        const enum sim_verb verb = script->statements[i].verb;
        const enum sim_verb_kind kind = sim_verb_kind(verb);
        if (kind == SIM_KIND_DECLARE || verb == SIM_VERB_LET || verb == SIM_VERB_GROUP) {
            script->statements[kept++] = script->statements[i];
        } else if (kind != SIM_KIND_JUDGE) {
            break;
        }
    }
    script->count = kept;
}

/* One run of all declarations. An envelope's refusal that the file does not expect is noted in the
 * script, so that the next run gets past it. False with an error at any other fault. */
static bool sim_lint_run_once(struct sim_lint_run *run, const char *path)
{
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    struct sim_world *world = sim_world_new(&options);
    struct sim_scenario s;
    run->scenario = &s;
    run->is_retried = false;
    run->lint->market_count = 0;
    run->lint->asset_count = 0;
    sim_scenario_begin(&s, path, run->script, world);
    sim_world_observe(world, sim_lint_observe, run);
    bool is_good = sim_scenario_run(&s);
    const ptrdiff_t at = s.now == NULL ? -1 : s.now - run->script->statements;
    if (!is_good && s.last_code == (int32_t)PLM_E_PARAM_ENVELOPE && at >= 0 &&
        at < (ptrdiff_t)SIM_LINT_ROWS_MAX && !run->marked[at]) {
        run->script->statements[at].expected = (struct sim_expected){
            .kind = SIM_EXPECTED_CODE, .code = (uint16_t)PLM_E_PARAM_ENVELOPE};
        run->marked[at] = true;
        run->is_retried = true;
        is_good = true;
    } else if (!is_good) {
        sim_error_at(path, s.fault.line, "%s", s.fault.why);
    }
    sim_world_unobserve(world, run);
    sim_scenario_end(&s);
    sim_world_free(world);
    return is_good && !run->has_disagreed;
}

static bool sim_lint_file(const char *path, struct sim_lint *lint)
{
    struct sim_script script = {0};
    struct sim_fault fault = {0};
    if (!sim_script_read(path, &script, &fault)) {
        sim_error_at(path, fault.line, "%s", fault.why);
        return false;
    }
    sim_lint_keep_declarations(&script);
    struct sim_lint_run run = {.lint = lint, .script = &script};
    bool is_good = sim_lint_run_once(&run, path);
    while (is_good && run.is_retried) {
        is_good = sim_lint_run_once(&run, path);
    }
    sim_script_free(&script);
    return is_good;
}

static void sim_lint_help(FILE *out)
{
    (void)fputs(
        "plimsoll lint FILE.scn [--move 30%] [--fund 5_000_000] [--json]\n"
        "\n"
        "Reads the declarations of a scenario, up to its first operation, and holds every market\n"
        "and collateral against the envelope of PRICE-7: how long a liquidation may take, how\n"
        "far the price may move meanwhile, what that could cost beyond margins, and what the\n"
        "market's allotment is. Then which parameters survive a move with a fund, that is, the\n"
        "other side pays nothing: those of the file, or which one of them would have to change.\n"
        "\n"
        "  --move M   a price move; what it loses beyond margins, and who would pay (default:\n"
        "             the worst move of each feed). Funding and liquidation fees count too.\n"
        "  --fund F   what the market's insurance tranche holds (default: its allotment); it\n"
        "             pays at most draw_cap a day\n"
        "  --json     the same as JSON\n"
        "\n"
        "Exit status 1 where something lies outside the envelope, unbacked or refused; a refusal\n"
        "that the scenario expects does not count.\n",
        out);
}

/* The value of an option, or false with an error. */
static bool
sim_lint_read_value(const char *option, const char *value, struct sim_lint_question *question)
{
    sim_int number = 0;
    const bool is_move = strcmp(option, "--move") == 0;
    const enum sim_units_result result =
        is_move ? sim_units_ratio(value, &number)
                : sim_units_decimal(value, SIM_UNITS_WAD_DECIMALS, &number);
    if (result != SIM_UNITS_OK || number < 0 || (is_move && (number == 0 || number > 1000000))) {
        sim_error("lint: %s %s: write a move as 30%%, up to 100%%, and a fund as 5_000_000",
                  option,
                  value);
        return false;
    }
    if (is_move) {
        question->move = (uint32_t)number;
    } else {
        question->fund = number;
    }
    return true;
}

static bool sim_lint_read_options(int argc, char **argv, struct sim_lint_options *options)
{
    for (int i = 1; i < argc; i++) {
        const bool has_value = strcmp(argv[i], "--move") == 0 || strcmp(argv[i], "--fund") == 0;
        if (strcmp(argv[i], "--json") == 0) {
            options->is_json = true;
        } else if (has_value && i + 1 < argc) {
            if (!sim_lint_read_value(argv[i], argv[i + 1], &options->question)) {
                return false;
            }
            i++;
        } else if (argv[i][0] != '-' && options->path == NULL) {
            options->path = argv[i];
        } else {
            sim_error("lint: %s is no option, or lacks its value: see plimsoll lint --help",
                      argv[i]);
            return false;
        }
    }
    if (options->path == NULL) {
        sim_error("lint: which scenario? See plimsoll lint --help");
    }
    return options->path != NULL;
}

int sim_cmd_lint(int argc, char **argv)
{
    struct sim_lint_options options = {.question = {.fund = -1}};
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        sim_lint_help(stdout);
        return SIM_EXIT_OK;
    }
    if (!sim_lint_read_options(argc, argv, &options)) {
        return SIM_EXIT_USAGE;
    }
    struct sim_lint *lint = sim_bytes_alloc(1, sizeof(*lint));
    lint->question = options.question;
    bool is_good = sim_lint_file(options.path, lint);
    if (is_good && options.is_json) {
        is_good = sim_lint_print_json(lint);
    } else if (is_good) {
        sim_lint_print(lint);
    }
    is_good = is_good && !sim_lint_is_outside(lint);
    free(lint);
    return is_good ? SIM_EXIT_OK : SIM_EXIT_FAILED;
}

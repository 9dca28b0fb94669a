/* SPDX-License-Identifier: Apache-2.0
 * plimsoll stress: options, what is played on what, the run, one path again. Spec: docs/STRESS.md.
 * It knows files and words; no rule. */
#include "sim_error.h"
#include "sim_fuzz.h"
#include "sim_main.h"
#include "sim_page.h"
#include "sim_stress.h"
#include "sim_units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX    256u
#define PATHS_MAX   UINT64_C(100000000)
#define OPTIONS_MAX 8u
#define MERGES_MAX  64u
#define LENGTH_MAX  (UINT64_C(366) * 86400u)
#define BARS_MAX    UINT64_C(1000000)

struct line {
    const char *file;
    char *prices[SIM_STRESS_MARKETS]; /* NAME=FILE */
    uint32_t price_count;
    const char *sets[OPTIONS_MAX];
    uint32_t set_count;
    enum sim_stress_kind kind;
    bool has_kind;
    bool has_length;
    uint64_t length;
    uint64_t paths;
    uint64_t seed;
    uint64_t replay;
    uint32_t jobs;
    const char *json;
    const char *report;
    const char *out;
    const char *sums;
    const char *merges[MERGES_MAX];
    uint32_t merge_count;
    bool has_replay;
    bool audits;
    bool is_quiet;
    bool wants_help;
};

static void help(void)
{
    (void)puts(
        "plimsoll stress FILE.scn [--paths N] [--seed N] [--prices NAME=FILE]... [--model M]\n"
        "                [--length 1d] [--set 'NAME key=v1,v2']... [--jobs N] [--audit]\n"
        "                [--json FILE] [--report FILE] [--quiet]\n"
        "plimsoll stress FILE.scn [the same] --replay SEED [--report FILE] [--out PREFIX]\n"
        "\n"
        "Plays the scenario's crowd and keepers on many price paths by the native engine, audits\n"
        "each path at its end, and sums up who paid what. What the file expects of its own prices\n"
        "(show, expect, audit) is passed over.\n"
        "\n"
        "  --paths N            price paths (default 100); path i has the seed N + i, of its "
        "crowd,\n"
        "                       keepers and prices\n"
        "  --seed N             the seed of the first path (default 1)\n"
        "  --prices NAME=FILE   the real series of a played market, CSV or CSV.gz; all of them or\n"
        "                       none\n"
        "  --model generated    paths from a generator that is calibrated from these series\n"
        "                       (default with --prices): volatility clusters, jumps, correlation\n"
        "  --model real         stretches of these series, where they begin is drawn\n"
        "  --model crash        the crash of plimsoll generate, 12 hours (default without)\n"
        "  --length D           of a path: 1d (default), 6h, 30m\n"
        "  --set 'NAME k=a,b'   parameter sets: k of a market, asset or feed, or of the lines "
        "crowd,\n"
        "                       keepers, play, fund_insurance, takes each value; of several "
        "options\n"
        "                       every combination is played, on the same paths\n"
        "  --jobs N             so many processes (default: one a core); the result is the same "
        "for\n"
        "                       any N\n"
        "  --audit              the auditor after every operation, not at the end of a path alone\n"
        "  --json FILE          the result, for programs\n"
        "  --report FILE        the result as a page with charts; with --replay a run's report\n"
        "  --sums FILE          the sums as a part, to be merged with those of other seeds\n"
        "  --merge FILE         with the same options: merges parts instead of playing; may be\n"
        "                       repeated. The hash is that of one run over all of the seeds\n"
        "  --replay SEED        plays one path alone, by both engines, with the auditor\n"
        "  --out PREFIX         with --replay: its prices as PREFIX-NAME.csv, for plimsoll run\n"
        "  --quiet              no progress\n"
        "\n"
        "Exit status 0 when every path was played and audited, 1 when one failed, 2 for a wrong\n"
        "command line. What the figures say and what they do not: docs/STRESS.md.");
}

/* --- the command line ---------------------------------------------------------------------------
 */
static bool
take_number(const char *name, const char *value, uint64_t least, uint64_t most, uint64_t *out)
{
    const bool is_good = strlen(value) < 20u && sim_fuzz_number(value, least, out) && *out <= most;
    if (!is_good) {
        sim_error("stress: %s '%s': write a number from %" PRIu64 " to %" PRIu64,
                  name,
                  value,
                  least,
                  most);
    }
    return is_good;
}

static bool take_length(struct line *line, const char *value)
{
    sim_int seconds = 0;
    const enum sim_units_result got = sim_units_duration(value, &seconds);
    if (got != SIM_UNITS_OK || seconds < 1 || seconds > (sim_int)LENGTH_MAX) {
        sim_error("stress: --length '%s': write a duration such as 1d, 6h or 30m, a year at most",
                  value);
        return false;
    }
    line->length = (uint64_t)seconds;
    line->has_length = true;
    return true;
}

static bool take_model(struct line *line, const char *value)
{
    static const char *const names[] = {"crash", "generated", "real"};
    for (uint32_t i = 0; i < 3u; i++) {
        if (strcmp(value, names[i]) == 0) {
            line->kind = (enum sim_stress_kind)i;
            line->has_kind = true;
            return true;
        }
    }
    sim_error("stress: --model is generated, real or crash, not '%s'", value);
    return false;
}

static bool take_prices(struct line *line, char *value)
{
    const char *sign = strchr(value, '=');
    if (sign == NULL || sign == value || sign[1] == '\0' ||
        (size_t)(sign - value) >= SIM_STRESS_NAME) {
        sim_error("stress: --prices wants NAME=FILE, not '%s'", value);
        return false;
    }
    if (line->price_count == SIM_STRESS_MARKETS) {
        sim_error("stress: %u price series at most", SIM_STRESS_MARKETS);
        return false;
    }
    line->prices[line->price_count++] = value;
    return true;
}

static bool take_set(struct line *line, const char *value)
{
    if (line->set_count == OPTIONS_MAX) {
        sim_error("stress: %u --set options at most", OPTIONS_MAX);
        return false;
    }
    line->sets[line->set_count++] = value;
    return sim_stress_sets_may(value);
}

static bool take_merge(struct line *line, const char *value)
{
    if (line->merge_count == MERGES_MAX) {
        sim_error("stress: %u parts at most", MERGES_MAX);
        return false;
    }
    line->merges[line->merge_count++] = value;
    return true;
}

/* The options that are a number. */
static bool take_count(struct line *line, const char *name, const char *value, bool *is_known)
{
    uint64_t jobs = 0;
    *is_known = true;
    if (strcmp(name, "--paths") == 0) {
        return take_number(name, value, 1, PATHS_MAX, &line->paths);
    }
    if (strcmp(name, "--seed") == 0) {
        return take_number(name, value, 0, INT64_MAX, &line->seed);
    }
    if (strcmp(name, "--replay") == 0) {
        line->has_replay = true;
        return take_number(name, value, 0, INT64_MAX, &line->replay);
    }
    if (strcmp(name, "--jobs") == 0) {
        const bool is_good = take_number(name, value, 1, JOBS_MAX, &jobs);
        line->jobs = (uint32_t)jobs;
        return is_good;
    }
    *is_known = false;
    return false;
}

static bool take_value(struct line *line, const char *name, char *value)
{
    bool is_known = false;
    const bool is_number = take_count(line, name, value, &is_known);
    if (is_known) {
        return is_number;
    }
    if (strcmp(name, "--prices") == 0) {
        return take_prices(line, value);
    }
    if (strcmp(name, "--model") == 0) {
        return take_model(line, value);
    }
    if (strcmp(name, "--length") == 0) {
        return take_length(line, value);
    }
    if (strcmp(name, "--set") == 0) {
        return take_set(line, value);
    }
    if (strcmp(name, "--merge") == 0) {
        return take_merge(line, value);
    }

    const struct {
        const char *name;
        const char **place;
    } texts[] = {{"--json", &line->json},
                 {"--report", &line->report},
                 {"--out", &line->out},
                 {"--sums", &line->sums}};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].place = value;
            return true;
        }
    }
    sim_error("stress: no option '%s': see plimsoll stress --help", name);
    return false;
}

static bool parse(int argc, char **argv, struct line *line)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            line->wants_help = true;
        } else if (strcmp(argv[i], "--quiet") == 0) {
            line->is_quiet = true;
        } else if (strcmp(argv[i], "--audit") == 0) {
            line->audits = true;
        } else if (argv[i][0] != '-' && line->file == NULL) {
            line->file = argv[i];
        } else if (argv[i][0] != '-') {
            sim_error("stress: one scenario at a time: '%s' is a second one", argv[i]);
            return false;
        } else if (i + 1 == argc) {
            sim_error("stress: %s is no option, or wants a value after it: see plimsoll stress "
                      "--help",
                      argv[i]);
            return false;
        } else if (!take_value(line, argv[i], argv[i + 1])) {
            return false;
        } else {
            i++;
        }
    }
    return true;
}

static bool is_sane(struct line *line)
{
    if (line->file == NULL) {
        sim_error("stress: name a scenario file with a crowd, keepers and a play line");
        return false;
    }
    if (!line->has_kind) {
        line->kind = line->price_count != 0 ? SIM_STRESS_GENERATED : SIM_STRESS_CRASH;
    }
    if (line->kind == SIM_STRESS_CRASH && (line->price_count != 0 || line->has_length)) {
        sim_error("stress: the crash model has no --prices and no --length: use --model generated");
        return false;
    }
    if (line->kind != SIM_STRESS_CRASH && line->price_count == 0) {
        sim_error(
            "stress: this model needs real series: --prices NAME=FILE for each played market");
        return false;
    }
    if (line->merge_count != 0 && (line->has_replay || line->sums != NULL)) {
        sim_error("stress: --merge plays nothing: leave out --replay and --sums");
        return false;
    }
    if (line->out != NULL && !line->has_replay) {
        sim_error("stress: --out is of one path: add --replay SEED");
        return false;
    }
    return true;
}

/* --- what is played ----------------------------------------------------------------------------
 */
/* Everything that is held while the command runs. */
struct stage {
    const struct line *line;
    struct sim_stress_plan *plan;
    struct sim_stress_sets *sets;
    struct sim_script *scripts;
    struct sim_stress_sum *sums;
};

static bool has_verb(const struct sim_script *script, enum sim_verb verb)
{
    for (uint32_t i = 0; i < script->count; i++) {
        if (script->statements[i].verb == verb) {
            return true;
        }
    }
    return false;
}

static struct sim_stress_market *find_market(struct sim_stress_plan *plan, const char *name)
{
    for (uint32_t i = 0; i < plan->market_count; i++) {
        if (strcmp(plan->markets[i].name, name) == 0) {
            return &plan->markets[i];
        }
    }
    return NULL;
}

/* Notes the series that a list such as "A,B=A" plays: A. */
static bool note_series(struct sim_stress_plan *plan, const char *list)
{
    for (const char *at = list; *at != '\0';) {
        const size_t length = strcspn(at, ",");
        const char *sign = memchr(at, '=', length);
        const char *name = sign == NULL ? at : sign + 1;
        const size_t size = (size_t)(at + length - name);
        char text[SIM_STRESS_NAME] = "";
        if (size == 0 || size >= sizeof text) {
            sim_error_at(plan->path, 0, "a play line names no series in '%s'", list);
            return false;
        }
        memcpy(text, name, size);
        if (find_market(plan, text) == NULL) {
            if (plan->market_count == SIM_STRESS_MARKETS) {
                sim_error_at(plan->path, 0, "plays more than %u series", SIM_STRESS_MARKETS);
                return false;
            }
            memcpy(plan->markets[plan->market_count++].name, text, sizeof text);
        }
        at += length + (at[length] == ',' ? 1u : 0u);
    }
    return true;
}

static bool note_all_series(struct sim_stress_plan *plan, const struct sim_script *script)
{
    for (uint32_t i = 0; i < script->count; i++) {
        const struct sim_statement *statement = &script->statements[i];
        if (statement->verb == SIM_VERB_PLAY && statement->word_count != 0 &&
            !note_series(plan, sim_script_word(script, statement, 0))) {
            return false;
        }
    }
    return true;
}

static bool read_scripts(struct stage *stage)
{
    const char *file = stage->line->file;
    if (!sim_stress_sets_make(file, stage->line->sets, stage->line->set_count, stage->sets)) {
        return false;
    }
    for (uint32_t i = 0; i < stage->sets->count; i++) {
        struct sim_buffer *text = &stage->sets->rows[i].text;
        struct sim_fault fault = {0};
        const char *bytes = sim_bytes_text(text);
        if (!sim_script_parse(bytes, text->length, &stage->scripts[i], &fault)) {
            sim_error_at(file, fault.line, "%s", fault.why);
            return false;
        }
    }
    const struct sim_script *script = &stage->scripts[0];
    if (!has_verb(script, SIM_VERB_CROWD) || !has_verb(script, SIM_VERB_PLAY)) {
        sim_error_at(file,
                     0,
                     "has no %s line: stress plays a crowd on prices, see docs/STRESS.md",
                     has_verb(script, SIM_VERB_CROWD) ? "play" : "crowd");
        return false;
    }
    if (!has_verb(script, SIM_VERB_KEEPERS)) {
        sim_error_at(file, 0, "has no keepers line: nobody would liquidate");
        return false;
    }
    return true;
}

static bool read_series(struct sim_stress_market *market, const char *path)
{
    const struct sim_prices_options all = {0};
    struct sim_prices_fault fault = {0};
    market->path = path;
    if (!sim_prices_read(path, &all, &market->real, &fault)) {
        sim_error_at(path, fault.line, "%s", fault.why);
        return false;
    }
    if (market->real.count < SIM_STRESS_BARS_MIN) {
        sim_error_at(path,
                     0,
                     "%zu bars: at least %u say how a market moves",
                     market->real.count,
                     SIM_STRESS_BARS_MIN);
        return false;
    }
    return true;
}

/* Whether the series have bars of one length, and the paths some of them. */
static bool fits_together(const struct sim_stress_plan *plan)
{
    const struct sim_prices *first = &plan->markets[0].real;
    for (uint32_t i = 0; i < plan->market_count; i++) {
        const struct sim_stress_market *market = &plan->markets[i];
        if (market->path == NULL) {
            sim_error_at(plan->path,
                         0,
                         "plays %s, which has no series: add --prices %s=FILE",
                         market->name,
                         market->name);
            return false;
        }
        if (market->real.step != first->step) {
            sim_error_at(market->path,
                         0,
                         "has bars of %" PRIu64 " s, %s of %" PRIu64
                         " s: use series with the same bars",
                         market->real.step,
                         plan->markets[0].path,
                         first->step);
            return false;
        }
        const uint64_t end = market->real.bars[market->real.count - 1u].time;
        if (plan->kind == SIM_STRESS_REAL && end <= first->bars[0].time) {
            sim_error_at(market->path, 0, "ends before %s begins", plan->markets[0].path);
            return false;
        }
        if (plan->kind == SIM_STRESS_REAL &&
            market->real.bars[0].time >= first->bars[first->count - 1u].time) {
            sim_error_at(market->path, 0, "begins after %s ends", plan->markets[0].path);
            return false;
        }
    }
    const uint64_t bars = first->step == 0 ? 0 : plan->length / first->step;
    if (bars < 2u || bars > BARS_MAX) {
        sim_error("stress: --length is %" PRIu64 " bars of %" PRIu64 " s: from 2 to %" PRIu64,
                  bars,
                  first->step,
                  BARS_MAX);
        return false;
    }
    return true;
}

static bool make_plan(struct stage *stage)
{
    const struct line *line = stage->line;
    struct sim_stress_plan *plan = stage->plan;
    *plan = (struct sim_stress_plan){
        .path = line->file, .kind = line->kind, .length = line->length, .audits = line->audits};
    if (!note_all_series(plan, &stage->scripts[0])) {
        return false;
    }
    if (plan->kind == SIM_STRESS_CRASH) {
        plan->market_count = 0;
        return true;
    }
    for (uint32_t i = 0; i < line->price_count; i++) {
        char name[SIM_STRESS_NAME] = "";
        const char *sign = strchr(line->prices[i], '=');
        memcpy(name, line->prices[i], (size_t)(sign - line->prices[i]));
        struct sim_stress_market *market = find_market(plan, name);
        if (market == NULL || market->path != NULL) {
            sim_error("stress: --prices %s: %s",
                      line->prices[i],
                      market == NULL ? "the scenario plays no series of that name"
                                     : "this series has a file already");
            return false;
        }
        if (!read_series(market, sign + 1)) {
            return false;
        }
    }
    if (!fits_together(plan)) {
        return false;
    }
    if (plan->kind == SIM_STRESS_GENERATED) {
        sim_stress_fit(plan->markets, plan->market_count, plan->links);
        return true;
    }
    for (uint32_t i = 0; i < plan->market_count; i++) {
        sim_stress_measure(&plan->markets[i].real, &plan->markets[i].stats);
    }
    return true;
}

/* --- before the paths --------------------------------------------------------------------------
 */
/* What the engine says to the lines before the crowd: a set that it refuses is a result, anything
 * else that is wrong is the file's. */
static bool try_declarations(struct stage *stage, uint32_t set)
{
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    struct sim_stress_prices *prices = sim_bytes_alloc(1, sizeof *prices);
    struct sim_world *world = sim_world_new(&options);
    struct sim_script script = stage->scripts[set];
    struct sim_scenario s;
    script.count = 0;
    while (script.count < stage->scripts[set].count &&
           script.statements[script.count].verb != SIM_VERB_CROWD) {
        script.count++;
    }
    sim_stress_prices_make(stage->plan, stage->line->seed, prices);
    sim_scenario_begin(&s, stage->line->file, &script, world);
    s.is_unjudged = true;
    s.choice = SIM_CHOICE_NATIVE;
    s.workload = sim_workload_new(prices->series, prices->count, stage->line->seed, true);
    bool is_good = sim_scenario_run(&s);
    if (!is_good && s.is_unexpected && stage->line->set_count != 0) {
        struct sim_buffer *refused = &stage->sets->rows[set].refused;
        sim_bytes_add_format(refused, "line %u: %s", s.fault.line, s.fault.why);
        is_good = true;
    } else if (!is_good) {
        sim_error_at(stage->line->file, s.fault.line, "%s", s.fault.why);
    }
    sim_workload_free(s.workload);
    sim_scenario_end(&s);
    sim_world_free(world);
    sim_stress_prices_free(prices);
    free(prices);
    return is_good;
}

/* Everything that can be seen before a path is played. */
static bool check_all(struct stage *stage)
{
    bool is_any = false;
    for (uint32_t i = 0; i < stage->sets->count; i++) {
        struct sim_run_options options = {.choice = SIM_CHOICE_NATIVE, .is_unjudged = true};
        options.text = sim_bytes_text(&stage->sets->rows[i].text);
        struct sim_stress_prices *prices = sim_bytes_alloc(1, sizeof *prices);
        sim_stress_prices_make(stage->plan, stage->line->seed, prices);
        options.series_count = prices->count;
        memcpy(options.series, prices->series, sizeof prices->series);
        const bool is_good = sim_run_check(stage->line->file, &options);
        sim_stress_prices_free(prices);
        free(prices);
        if (!is_good || !try_declarations(stage, i)) {
            return false;
        }
        is_any = is_any || stage->sets->rows[i].refused.length == 0;
    }
    if (!is_any) {
        sim_error_at(stage->line->file,
                     0,
                     "the engine refuses every set: %s",
                     sim_bytes_text(&stage->sets->rows[0].refused));
    }
    return is_any;
}

/* --- the run -----------------------------------------------------------------------------------
 */
static void add_quoted(struct sim_buffer *out, const char *text)
{
    const bool is_plain = strpbrk(text, " '\"$&|<>;()*?") == NULL;
    sim_bytes_add_format(out, is_plain ? " %s" : " '%s'", text);
}

/* What plays one path again, but for its set and its seed. */
static void make_command(const struct line *line, struct sim_buffer *out)
{
    static const char *const kinds[] = {"crash", "generated", "real"};
    sim_bytes_add_text(out, "plimsoll stress");
    add_quoted(out, line->file);
    for (uint32_t i = 0; i < line->price_count; i++) {
        sim_bytes_add_text(out, " --prices");
        add_quoted(out, line->prices[i]);
    }
    sim_bytes_add_format(out, " --model %s", kinds[line->kind]);
    if (line->has_length) {
        sim_bytes_add_format(out, " --length %" PRIu64 "s", line->length);
    }
}

/* Plays the paths; what the machine gave for them goes into *told. */
static bool play_paths(struct stage *stage, struct sim_stress_told *told)
{
    const struct line *line = stage->line;
    struct timespec start;
    struct timespec end;
    struct sim_stress_work work = {.plan = stage->plan,
                                   .sets = stage->sets,
                                   .scripts = stage->scripts,
                                   .sums = stage->sums,
                                   .first_seed = line->seed,
                                   .paths = line->paths,
                                   .jobs = line->jobs,
                                   .is_quiet = line->is_quiet};
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    const bool is_good = sim_stress_run(&work);
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    told->cpu_milliseconds = work.cpu_milliseconds;
    told->kibibytes = work.kibibytes;
    told->jobs = line->jobs;
    told->milliseconds = (uint64_t)((int64_t)(end.tv_sec - start.tv_sec) * 1000 +
                                    (int64_t)(end.tv_nsec - start.tv_nsec) / 1000000);
    if (sim_interrupted()) {
        sim_error("stress: interrupted: the sums are of the paths that had ended");
        return false;
    }
    struct sim_stress_part part = {.played = sim_stress_played(stage->plan, stage->sets),
                                   .range_count = 1,
                                   .ranges = {{.first = line->seed, .paths = line->paths}}};
    return (line->sums == NULL ||
            sim_stress_part_write(line->sums, &part, stage->sums, stage->sets->count)) &&
           is_good;
}

/* The sums of the files of --merge; the first path and how many there are go into *told. */
static bool merge_parts(struct stage *stage, struct sim_stress_told *told)
{
    const struct line *line = stage->line;
    struct sim_stress_part *part = sim_bytes_alloc(1, sizeof *part);
    bool is_good = true;
    part->played = sim_stress_played(stage->plan, stage->sets);
    for (uint32_t i = 0; is_good && i < line->merge_count; i++) {
        is_good = sim_stress_part_merge(line->merges[i], part, stage->sums, stage->sets->count);
    }
    told->parts = line->merge_count;
    told->paths = 0;
    for (uint32_t i = 0; i < part->range_count; i++) {
        told->paths += part->ranges[i].paths;
        told->first_seed = i == 0 || part->ranges[i].first < told->first_seed
                               ? part->ranges[i].first
                               : told->first_seed;
    }
    free(part);
    return is_good;
}

static int play_many(struct stage *stage)
{
    const struct line *line = stage->line;
    struct sim_buffer command = {0};
    struct sim_stress_told told = {.plan = stage->plan,
                                   .sets = stage->sets,
                                   .sums = stage->sums,
                                   .first_seed = line->seed,
                                   .paths = line->paths,
                                   .hash = SIM_HASH_START};
    bool is_good = true;
    if (line->merge_count != 0) {
        if (!merge_parts(stage, &told)) {
            return SIM_EXIT_FAILED;
        }
    } else {
        is_good = play_paths(stage, &told);
    }
    make_command(line, &command);
    told.command = sim_bytes_text(&command);
    for (uint32_t i = 0; i < stage->sets->count; i++) {
        told.hash = sim_stress_hash(told.hash, &stage->sums[i]);
        is_good = is_good && stage->sums[i].failed == 0;
    }
    sim_stress_print(&told);
    is_good = (line->json == NULL || sim_stress_write_json(&told, line->json)) && is_good;
    is_good = (line->report == NULL || sim_stress_write_html(&told, line->report)) && is_good;
    sim_bytes_free(&command);
    return is_good ? SIM_EXIT_OK : SIM_EXIT_FAILED;
}

/* --- one path again ----------------------------------------------------------------------------
 */
static bool write_prices(const char *prefix, const struct sim_stress_prices *prices)
{
    bool is_good = true;
    for (uint32_t i = 0; i < prices->count && is_good; i++) {
        struct sim_buffer path = {0};
        struct sim_buffer text = {0};
        sim_bytes_add_format(&path, "%s-%s.csv", prefix, prices->series[i].market);
        sim_prices_write_csv(&prices->prices[i], &text);
        is_good = sim_page_store(sim_bytes_text(&path), &text);
        sim_bytes_free(&path);
        sim_bytes_free(&text);
    }
    return is_good;
}

static void print_result(const struct sim_stress_result *result)
{
    static const char *const names[SIM_STRESS_PAYERS] = {
        "owners", "tranches", "global", "opposing", "uncovered", "beyond"};
    (void)printf("seed %" PRIu64 ": %" PRIu64 " operations, %" PRIu64
                 " liquidations, state %016" PRIx64 "\n",
                 result->seed,
                 result->counts[SIM_STRESS_OPERATIONS],
                 result->counts[SIM_STRESS_LIQUIDATIONS],
                 result->state_hash);
    for (uint32_t i = 0; i < SIM_STRESS_PAYERS; i++) {
        char text[SIM_DECIMAL_TEXT_MAX];
        (void)printf("  %-10s %s\n",
                     names[i],
                     sim_bytes_decimal_text(result->paid[i], SIM_UNITS_WAD_DECIMALS, text));
    }
    if (result->has_failed) {
        sim_error("stress: seed %" PRIu64 ": %s", result->seed, result->why);
    }
}

/* The path as the run of a scenario, both engines in lockstep, the auditor behind every operation;
 * its state is the one that the native engine came to by itself. */
static int play_one(struct stage *stage)
{
    const struct line *line = stage->line;
    struct sim_stress_result result;
    struct sim_run_result run = {0};
    struct sim_buffer command = {0};
    if (stage->sets->count != 1u || stage->sets->rows[0].refused.length != 0) {
        sim_error("stress: --replay plays one set: give each --set one value%s%s",
                  stage->sets->count == 1u ? ": " : "",
                  stage->sets->count == 1u ? sim_bytes_text(&stage->sets->rows[0].refused) : "");
        return SIM_EXIT_USAGE;
    }
    sim_stress_play(stage->plan, &stage->scripts[0], line->replay, &result);
    print_result(&result);
    make_command(line, &command);
    sim_bytes_add(&command, stage->sets->rows[0].flags.bytes, stage->sets->rows[0].flags.length);
    sim_bytes_add_format(&command, " --replay %" PRIu64, line->replay);
    struct sim_stress_prices *prices = sim_bytes_alloc(1, sizeof *prices);
    sim_stress_prices_make(stage->plan, line->replay, prices);
    struct sim_run_options options = {.choice = SIM_CHOICE_BOTH,
                                      .series_count = prices->count,
                                      .report = line->report,
                                      .text = sim_bytes_text(&stage->sets->rows[0].text),
                                      .replay = sim_bytes_text(&command),
                                      .seed = line->replay,
                                      .is_quiet = line->is_quiet,
                                      .is_unjudged = true};
    memcpy(options.series, prices->series, sizeof prices->series);
    sim_run_file(line->file, &options, line->json, &run);
    bool is_good = run.is_passed && !result.has_failed;
    if (is_good && run.state_hash != result.state_hash) {
        sim_error("stress: the run ends in another state, %016" PRIx64 ": report this as a bug",
                  run.state_hash);
        is_good = false;
    }
    is_good = (line->out == NULL || write_prices(line->out, prices)) && is_good;
    sim_stress_prices_free(prices);
    free(prices);
    sim_bytes_free(&command);
    return is_good ? SIM_EXIT_OK : SIM_EXIT_FAILED;
}

static int run_stage(struct stage *stage)
{
    if (!read_scripts(stage) || !make_plan(stage) || !check_all(stage)) {
        return SIM_EXIT_FAILED;
    }
    if (stage->line->has_replay) {
        return play_one(stage);
    }
    sim_stress_print_models(stage->plan);
    return play_many(stage);
}

int sim_cmd_stress(int argc, char **argv)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct line line = {.length = 86400, .paths = 100, .seed = 1, .jobs = 1};
    line.jobs = cores > 0 && cores < (long)JOBS_MAX ? (uint32_t)cores : 1u;
    if (!parse(argc, argv, &line)) {
        return SIM_EXIT_USAGE;
    }
    if (line.wants_help) {
        help();
        return SIM_EXIT_OK;
    }
    if (!is_sane(&line)) {
        return SIM_EXIT_USAGE;
    }
    struct stage stage = {.line = &line};
    stage.plan = sim_bytes_alloc(1, sizeof *stage.plan);
    stage.sets = sim_bytes_alloc(1, sizeof *stage.sets);
    stage.scripts = sim_bytes_alloc(SIM_STRESS_SETS, sizeof *stage.scripts);
    stage.sums = sim_bytes_alloc(SIM_STRESS_SETS, sizeof *stage.sums);
    const int status = run_stage(&stage);
    for (uint32_t i = 0; i < SIM_STRESS_SETS; i++) {
        sim_script_free(&stage.scripts[i]);
    }
    for (uint32_t i = 0; i < SIM_STRESS_MARKETS; i++) {
        sim_prices_free(&stage.plan->markets[i].real);
    }
    sim_stress_sets_free(stage.sets);
    free(stage.plan);
    free(stage.sets);
    free(stage.scripts);
    free(stage.sums);
    return status;
}

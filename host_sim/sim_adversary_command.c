/* SPDX-License-Identifier: Apache-2.0
 * plimsoll adversary: many seeds, at a constant and at moving prices, and what to do about a
 * finding. Seeds are searched by processes; what is told does not depend on how many. */
#include "sim_adversary.h"
#include "sim_error.h"
#include "sim_fuzz.h"
#include "sim_main.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX 256u

struct line {
    const struct sim_adversary_place *place;
    uint64_t first;
    uint64_t last;
    uint64_t rounds;
    uint64_t rules;
    uint32_t jobs;
    const char *json;
    const char *out;
    const char *replay;
    bool is_quiet;
    bool wants_help;
};

/* Of one seed, at each kind of prices. */
struct result {
    struct sim_adversary_best best[SIM_ADVERSARY_PRICES_COUNT];
    bool is_done;
};

static void help(void)
{
    (void)puts(
        "plimsoll adversary [--world tiny|medium|loose] [--seed N | --seeds A..B] [--rounds N]\n"
        "                   [--without RULES] [--jobs N] [--json FILE] [--out PREFIX] [--quiet]\n"
        "plimsoll adversary --replay FILE.moves\n"
        "\n"
        "Searches for a profit of a group of accounts under one will. Beside it stand honest\n"
        "people: a maker with orders at the true price, a long and a short near their limit, a\n"
        "keeper. A plan is a short list of moves; plans are changed, tried and kept where they\n"
        "are better, for so many rounds at each of three kinds of prices, which the group cannot\n"
        "set: constant; moving by steps inside the margins, keepers at every step; a crash as\n"
        "large as the envelope allows, insurance at the allotment, keepers only afterwards. At "
        "the\n"
        "end the group closes what it holds at the true price, all settle, and it takes out what\n"
        "the engine lets it take.\n"
        "\n"
        "Objective: what the group holds at the chain (put in counts against it), less what "
        "honest\n"
        "people lose by fills that they agreed to, valued at the last true price.\n"
        "Bound: 0 at a constant price; else what insurance paid, at most the markets' allotments.\n"
        "Dust bound: 0 atoms, because every rounding is against who acts [UNIT-4] and money "
        "enters\n"
        "and leaves in whole atoms [UNIT-2]. Anything above it is a finding.\n"
        "\n"
        "  --world W       tiny (default): three accounts, one market; medium: four accounts, two\n"
        "                  markets with fees, collateral of few atoms; loose: tiny with nothing\n"
        "                  behind its market, where a crash does pay\n"
        "  --seeds A..B    or --seed N (default 1..4)\n"
        "  --rounds N      plans to try, a seed and kind of prices (default 2000)\n"
        "  --without RULES switches rules off in the lab build, as WD-1,LEDGER-1: then the search\n"
        "                  must find a profit\n"
        "  --jobs N        so many processes (default 1); the result is the same for any N\n"
        "  --json FILE     the result, for programs\n"
        "  --out PREFIX    where a finding's moves go (default finding: finding-<seed>.moves)\n"
        "  --replay FILE   plays the moves of a finding and tells each result\n"
        "  --quiet         no progress\n"
        "\n"
        "Exit status 0 when nothing is above the bound, 1 when something is.");
}

/* --- one seed ----------------------------------------------------------------------------------
 */
static bool search_seed(const struct line *line, uint64_t seed, struct result *result)
{
    for (uint32_t kind = 0; kind < SIM_ADVERSARY_PRICES_COUNT; kind++) {
        const enum sim_adversary_prices prices = (enum sim_adversary_prices)kind;
        struct sim_adversary_stage stage;
        if (!sim_adversary_begin(&stage, line->place, seed, prices, line->rules)) {
            return false;
        }
        sim_adversary_search(
            &stage, seed * SIM_ADVERSARY_PRICES_COUNT + kind, line->rounds, &result->best[kind]);
        sim_adversary_end(&stage);
    }
    result->is_done = true;
    return true;
}

static bool job(const struct line *line, struct result *results, uint32_t index)
{
    for (uint64_t seed = line->first + index; seed <= line->last; seed += line->jobs) {
        if (sim_interrupted() || !search_seed(line, seed, &results[seed - line->first])) {
            return false;
        }
        if (index == 0 && !line->is_quiet && isatty(STDERR_FILENO) != 0) {
            (void)fprintf(stderr, "\rseed %" PRIu64 " of %" PRIu64 " ", seed, line->last);
        }
    }
    return true;
}

static bool search_all(const struct line *line, struct result *results)
{
    pid_t processes[JOBS_MAX] = {0};
    bool is_good = true;
    (void)fflush(stdout);
    for (uint32_t i = 1; i < line->jobs; i++) {
        processes[i] = fork();
        if (processes[i] == 0) {
            _exit(job(line, results, i) ? 0 : 1);
        }
        if (processes[i] < 0) {
            sim_error("no further process: use --jobs 1");
            is_good = false;
        }
    }
    is_good = job(line, results, 0) && is_good;
    for (uint32_t i = 1; i < line->jobs; i++) {
        int status = 0;
        if (processes[i] > 0 && (waitpid(processes[i], &status, 0) < 0 || status != 0)) {
            is_good = false;
        }
    }
    if (!line->is_quiet && isatty(STDERR_FILENO) != 0) {
        (void)fputs("\r                              \r", stderr);
    }
    return is_good;
}

/* --- what to say -------------------------------------------------------------------------------
 */
static void add_money(struct sim_buffer *out, sim_int value)
{
    char text[SIM_INT_TEXT_MAX];
    sim_bytes_add_text(out, sim_bytes_decimal_text(value, 18, text));
}

static void add_value(struct sim_buffer *out, const struct sim_adversary_value *value)
{
    sim_bytes_add_text(out, "excess ");
    add_money(out, value->excess);
    sim_bytes_add_text(out, " = gain ");
    add_money(out, value->gain);
    sim_bytes_add_text(out, " - lost by agreed fills ");
    add_money(out, value->lost);
    sim_bytes_add_text(out, " - allotted ");
    add_money(out, value->allowed);
    sim_bytes_add_text(out, " (insurance paid ");
    add_money(out, value->draws);
    sim_bytes_add_text(out, ")");
}

/* Plays a plan once more and tells each move. */
static bool tell_plan(const struct sim_adversary_file *file, struct sim_buffer *out)
{
    struct sim_adversary_stage stage;
    struct sim_adversary_value value;
    const struct sim_adversary_place *place = sim_adversary_place(file->world);
    if (place == NULL ||
        !sim_adversary_begin(&stage, place, file->seed, file->prices, file->rules)) {
        return false;
    }
    sim_adversary_play(&stage, &file->plan, &value, out);
    sim_bytes_add_text(out, "  ");
    add_value(out, &value);
    sim_bytes_add_text(out, "\n");
    sim_adversary_end(&stage);
    return !value.has_stopped && value.excess <= sim_adversary_dust();
}

static void report(const struct line *line,
                   uint64_t seed,
                   enum sim_adversary_prices prices,
                   const struct result *result)
{
    struct sim_adversary_file file = {
        .seed = seed, .prices = prices, .rules = line->rules, .plan = result->best[prices].plan};
    char path[256];
    struct sim_buffer text = {0};
    (void)snprintf(file.world, sizeof file.world, "%s", line->place->name);
    (void)snprintf(path,
                   sizeof path,
                   "%s-%s-%" PRIu64 ".moves",
                   line->out,
                   sim_adversary_prices_name(prices),
                   seed);
    (void)tell_plan(&file, &text);
    (void)printf("finding, seed %" PRIu64 ", prices %s:\n%s",
                 seed,
                 sim_adversary_prices_name(prices),
                 sim_bytes_text(&text));
    if (sim_adversary_write(path, &file)) {
        (void)printf("  again: plimsoll adversary --replay %s\n", path);
    }
    sim_bytes_free(&text);
}

struct totals {
    uint64_t plans;
    uint64_t operations;
    uint32_t findings;
    struct sim_adversary_best most[SIM_ADVERSARY_PRICES_COUNT];
    uint64_t hash;
};

static struct totals add_up(const struct line *line, const struct result *results)
{
    struct totals all = {.hash = SIM_HASH_START};
    for (uint64_t seed = line->first; seed <= line->last; seed++) {
        for (uint32_t kind = 0; kind < SIM_ADVERSARY_PRICES_COUNT; kind++) {
            const struct sim_adversary_best *best = &results[seed - line->first].best[kind];
            struct sim_adversary_best *most = &all.most[kind];
            const bool is_more = most->plans == 0 || best->value.excess > most->value.excess;
            most->value.excess = is_more ? best->value.excess : most->value.excess;
            most->profit = best->profit > most->profit ? best->profit : most->profit;
            most->draws = best->draws > most->draws ? best->draws : most->draws;
            most->plans += best->plans;
            all.plans += best->plans;
            all.operations += best->operations;
            all.findings += best->is_found ? 1 : 0;
            for (uint32_t i = 0; i < SIM_ADVERSARY_KIND_COUNT; i++) {
                most->cover[i][0] |= best->cover[i][0];
                most->cover[i][1] |= best->cover[i][1];
            }
            all.hash = sim_bytes_mix(all.hash, &best->operations, sizeof best->operations);
            all.hash = sim_bytes_mix(all.hash, &best->value.excess, sizeof best->value.excess);
        }
    }
    return all;
}

/* Kinds of moves that were never accepted: the search is blind to what follows them. */
static uint32_t add_refused(const struct totals *all, struct sim_buffer *out)
{
    const uint32_t row = sim_abi_precedence(PLM_OK);
    uint32_t accepted = 0;
    for (uint32_t kind = 0; kind < SIM_ADVERSARY_KIND_COUNT; kind++) {
        bool is_accepted = false;
        for (uint32_t i = 0; i < SIM_ADVERSARY_PRICES_COUNT; i++) {
            const uint64_t codes = all->most[i].cover[kind][row / 64u % 2u];
            is_accepted = is_accepted || (codes >> (row % 64u) & 1u) != 0;
        }
        accepted += is_accepted ? 1 : 0;
        if (!is_accepted) {
            sim_bytes_add_format(out, " %s", sim_adversary_kind_name(kind));
        }
    }
    return accepted;
}

static bool write_json(const struct line *line, const struct totals *all)
{
    struct sim_buffer text = {0};
    sim_bytes_add_format(&text,
                         "{\"format\": \"plimsoll-adversary/1\", \"world\": \"%s\", "
                         "\"first_seed\": \"%" PRIu64 "\", \"last_seed\": \"%" PRIu64
                         "\", \"rounds\": \"%" PRIu64 "\", \"without\": \"",
                         line->place->name,
                         line->first,
                         line->last,
                         line->rounds);
    sim_adversary_rules_text(line->rules, &text);
    sim_bytes_add_format(&text,
                         "\", \"plans\": \"%" PRIu64 "\", \"operations\": \"%" PRIu64
                         "\", \"findings\": %u",
                         all->plans,
                         all->operations,
                         all->findings);
    for (uint32_t kind = 0; kind < SIM_ADVERSARY_PRICES_COUNT; kind++) {
        sim_bytes_add_format(&text,
                             ", \"%s\": {\"excess\": \"",
                             sim_adversary_prices_name((enum sim_adversary_prices)kind));
        add_money(&text, all->most[kind].value.excess);
        sim_bytes_add_text(&text, "\", \"profit\": \"");
        add_money(&text, all->most[kind].profit);
        sim_bytes_add_text(&text, "\", \"insurance\": \"");
        add_money(&text, all->most[kind].draws);
        sim_bytes_add_text(&text, "\"}");
    }
    sim_bytes_add_format(&text, ", \"hash\": \"%016" PRIx64 "\"}\n", all->hash);
    FILE *file = fopen(line->json, "wb");
    const bool is_whole = file != NULL && fwrite(text.bytes, text.length, 1, file) == 1;
    const bool is_good = file != NULL && fclose(file) == 0 && is_whole;
    if (!is_good) {
        sim_error_at(line->json, 0, "cannot be written: check the folder and its rights");
    }
    sim_bytes_free(&text);
    return is_good;
}

static void add_prices(struct sim_buffer *out, const struct totals *all, uint32_t kind)
{
    const char *name = sim_adversary_prices_name((enum sim_adversary_prices)kind);
    sim_bytes_add_format(out, "  %-8s prices: most above what is allowed ", name);
    add_money(out, all->most[kind].value.excess);
    sim_bytes_add_text(out, " (bound ");
    add_money(out, sim_adversary_dust());
    sim_bytes_add_text(out, "), most won ");
    add_money(out, all->most[kind].profit);
    sim_bytes_add_text(out, ", insurance paid at most ");
    add_money(out, all->most[kind].draws);
    sim_bytes_add_text(out, "\n");
}

static int tell(const struct line *line, const struct result *results, double seconds)
{
    const struct totals all = add_up(line, results);
    struct sim_buffer text = {0};
    struct sim_buffer refused = {0};
    for (uint64_t seed = line->first; seed <= line->last; seed++) {
        for (uint32_t kind = 0; kind < SIM_ADVERSARY_PRICES_COUNT; kind++) {
            const struct result *result = &results[seed - line->first];
            if (result->best[kind].is_found) {
                report(line, seed, (enum sim_adversary_prices)kind, result);
            }
        }
    }
    const uint32_t accepted = add_refused(&all, &refused);
    sim_bytes_add_format(&text,
                         "adversary %s: %" PRIu64 " seeds, %" PRIu64 " plans, %" PRIu64
                         " operations, %.1f s; without ",
                         line->place->name,
                         line->last - line->first + 1u,
                         all.plans,
                         all.operations,
                         seconds);
    sim_adversary_rules_text(line->rules, &text);
    sim_bytes_add_text(&text, "\n");
    for (uint32_t kind = 0; kind < SIM_ADVERSARY_PRICES_COUNT; kind++) {
        add_prices(&text, &all, kind);
    }
    sim_bytes_add_format(&text,
                         "  %u of %u kinds of moves accepted%s%s; %u findings; run %016" PRIx64,
                         accepted,
                         (unsigned)SIM_ADVERSARY_KIND_COUNT,
                         accepted < (unsigned)SIM_ADVERSARY_KIND_COUNT ? ", never:" : "",
                         sim_bytes_text(&refused),
                         all.findings,
                         all.hash);
    (void)puts(sim_bytes_text(&text));
    sim_bytes_free(&text);
    sim_bytes_free(&refused);
    const bool is_written = line->json == NULL || write_json(line, &all);
    return all.findings == 0 && is_written ? SIM_EXIT_OK : SIM_EXIT_FAILED;
}

/* --- the command line ---------------------------------------------------------------------------
 */
static bool option(const char *name, const char *value, struct line *line)
{
    uint64_t number = 0;
    if (strcmp(name, "--world") == 0) {
        line->place = sim_adversary_place(value);
        return line->place != NULL;
    }
    if (strcmp(name, "--seeds") == 0 || strcmp(name, "--seed") == 0) {
        return sim_fuzz_seeds(value, &line->first, &line->last);
    }
    if (strcmp(name, "--rounds") == 0) {
        return sim_fuzz_number(value, 1, &line->rounds);
    }
    if (strcmp(name, "--without") == 0) {
        return sim_adversary_rules(value, &line->rules);
    }
    if (strcmp(name, "--jobs") == 0) {
        const bool is_good = sim_fuzz_number(value, 1, &number) && number <= JOBS_MAX;
        line->jobs = (uint32_t)number;
        return is_good;
    }

    const struct {
        const char *name;
        const char **place;
    } texts[] = {{"--json", &line->json}, {"--out", &line->out}, {"--replay", &line->replay}};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].place = value;
            return true;
        }
    }
    return false;
}

static bool parse(int argc, char **argv, struct line *line)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            line->wants_help = true;
        } else if (strcmp(argv[i], "--quiet") == 0) {
            line->is_quiet = true;
        } else if (i + 1 < argc && option(argv[i], argv[i + 1], line)) {
            i++;
        } else {
            sim_error("adversary: %s is no option, or its value is missing or wrong: see plimsoll "
                      "adversary --help",
                      argv[i]);
            return false;
        }
    }
    return true;
}

static int play_again(const struct line *line)
{
    struct sim_adversary_file file;
    struct sim_buffer text = {0};
    if (!sim_adversary_read(line->replay, &file)) {
        return SIM_EXIT_FAILED;
    }
    const bool is_within = tell_plan(&file, &text);
    (void)fputs(sim_bytes_text(&text), stdout);
    sim_bytes_free(&text);
    return is_within ? SIM_EXIT_OK : SIM_EXIT_FAILED;
}

static double seconds_since(const struct timespec *start)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

int sim_cmd_adversary(int argc, char **argv)
{
    struct line line = {.place = sim_adversary_place("tiny"),
                        .first = 1,
                        .last = 4,
                        .rounds = 2000,
                        .jobs = 1,
                        .out = "finding"};
    struct timespec start;
    if (!parse(argc, argv, &line)) {
        return SIM_EXIT_USAGE;
    }
    if (line.wants_help) {
        help();
        return SIM_EXIT_OK;
    }
    if (line.replay != NULL) {
        return play_again(&line);
    }
    const size_t bytes = (line.last - line.first + 1u) * sizeof(struct result);
    struct result *results = sim_fuzz_share(bytes);
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    int status = SIM_EXIT_FAILED;
    if (search_all(&line, results)) {
        status = tell(&line, results, seconds_since(&start));
    } else {
        sim_error("the search has not ended: use --jobs 1 to see where");
    }
    (void)munmap(results, bytes);
    return status;
}

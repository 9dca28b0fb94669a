/* SPDX-License-Identifier: Apache-2.0
 * What plimsoll stress says, for people. Money is cut to hundredths; exact figures are in the JSON.
 * It decides nothing. */
#include "sim_stress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NANO_PERCENT ((sim_int)10000000) /* of 1e-9 */
#define PPM_PERCENT  ((sim_int)10000)
#define CENT         ((sim_int)10000000000000000)

/* A number with two digits behind the point and its digits in groups: "12 345.60". */
struct text {
    char text[SIM_DECIMAL_TEXT_MAX];
};

static struct text cents_text(sim_int cents)
{
    struct text out;
    char digits[SIM_INT_TEXT_MAX];
    size_t used = 0;
    (void)sim_bytes_int_text((cents < 0 ? -cents : cents) / 100, digits);
    const size_t length = strlen(digits);
    if (cents < 0) {
        out.text[used++] = '-';
    }
    for (size_t i = 0; i < length; i++) {
        if (i != 0 && (length - i) % 3u == 0) {
            out.text[used++] = ' ';
        }
        out.text[used++] = digits[i];
    }
    const int rest = (int)((cents < 0 ? -cents : cents) % 100);
    (void)snprintf(out.text + used, sizeof out.text - used, ".%02d", rest);
    return out;
}

static struct text money(sim_int wad)
{
    return cents_text(wad / CENT);
}

/* A share of one in units of which `percent` are a percent: three digits behind the point. */
static struct text percent(sim_int value, sim_int unit)
{
    struct text out;
    const sim_int thousandths = (value < 0 ? -value : value) * 1000 / unit;
    (void)snprintf(out.text,
                   sizeof out.text,
                   "%s%lld.%03lld",
                   value < 0 ? "-" : "",
                   (long long)(thousandths / 1000),
                   (long long)(thousandths % 1000));
    return out;
}

/* --- models ------------------------------------------------------------------------------------
 */
static void print_row(const char *name, const char *unit, struct text real, struct text generated)
{
    (void)printf("  %-34s %14s %14s %s\n", name, real.text, generated.text, unit);
}

static void print_market(const struct sim_stress_market *market)
{
    const struct sim_stress_stats *a = &market->stats;
    const struct sim_stress_stats *b = &market->generated;
    const struct sim_stress_model *model = &market->model;
    (void)printf("%s like %s: %" PRIu64 " bars of %" PRIu64 " s\n",
                 market->name,
                 market->path,
                 a->bars,
                 market->real.step);
    (void)printf("  %-34s %14s %14s\n", "", "real", "generated");
    print_row("deviation of a bar's move",
              "%",
              percent((sim_int)a->deviation, NANO_PERCENT),
              percent((sim_int)b->deviation, NANO_PERCENT));
    print_row("kurtosis (3 = normal)",
              "",
              percent((sim_int)a->kurtosis, 1000),
              percent((sim_int)b->kurtosis, 1000));
    print_row("range over size of move",
              "",
              percent((sim_int)a->range, 1000),
              percent((sim_int)b->range, 1000));
    print_row("echo of sizes at one bar",
              "%",
              percent(a->echo, PPM_PERCENT),
              percent(b->echo, PPM_PERCENT));
    print_row("echo of sizes at an hour",
              "%",
              percent(a->echo_hour, PPM_PERCENT),
              percent(b->echo_hour, PPM_PERCENT));
    static const char *const spans[] = {
        "largest move in a bar", "largest move in an hour", "largest move in a day"};
    for (uint32_t i = 0; i < SIM_STRESS_SPANS; i++) {
        print_row(spans[i],
                  "%",
                  percent((sim_int)a->largest[i], PPM_PERCENT),
                  percent((sim_int)b->largest[i], PPM_PERCENT));
    }
    (void)printf(
        "  model: deviation %s %%, weights %s %%, %s %%, %s %%, jumps in %s %% of bars of %s "
        "deviations, loading %s\n",
        percent((sim_int)model->deviation, NANO_PERCENT).text,
        percent(model->weights[0], PPM_PERCENT).text,
        percent(model->weights[1], PPM_PERCENT).text,
        percent(model->weights[2], PPM_PERCENT).text,
        percent(model->jump_rate, PPM_PERCENT).text,
        percent(model->jump_size, 1000).text,
        percent(model->loading, 1000).text);
}

void sim_stress_print_models(const struct sim_stress_plan *plan)
{
    if (plan->kind != SIM_STRESS_GENERATED) {
        return;
    }
    for (uint32_t i = 0; i < plan->market_count; i++) {
        print_market(&plan->markets[i]);
    }
    for (uint32_t k = 0; k < plan->market_count * (plan->market_count - 1u) / 2u; k++) {
        const struct sim_stress_link *link = &plan->links[k];
        char name[2u * SIM_STRESS_NAME + 32u];
        (void)snprintf(name,
                       sizeof name,
                       "correlation %s, %s",
                       plan->markets[link->first].name,
                       plan->markets[link->second].name);
        print_row(
            name, "%", percent(link->real, PPM_PERCENT), percent(link->generated, PPM_PERCENT));
    }
}

/* --- sums --------------------------------------------------------------------------------------
 */
static void print_payers(const struct sim_stress_sum *sum)
{
    static const char *const names[SIM_STRESS_PAYERS] = {"owners, from their margin",
                                                         "markets' tranches",
                                                         "global tranche",
                                                         "opposing side",
                                                         "uncovered",
                                                         "all but owners"};
    const uint64_t played = sum->paths - sum->failed;
    (void)printf("  %-26s %18s %16s %16s %16s %16s\n",
                 "paid by",
                 "mean",
                 "half below",
                 "95 % below",
                 "99 % below",
                 "most");
    for (uint32_t i = 0; i < SIM_STRESS_PAYERS && played != 0; i++) {
        const enum sim_stress_payer payer = (enum sim_stress_payer)i;
        (void)printf("  %-26s %18s %16s %16s %16s %16s\n",
                     names[i],
                     money(sum->paid[i] / (sim_int)played).text,
                     money(sim_stress_quantile(sum, payer, 500000)).text,
                     money(sim_stress_quantile(sum, payer, 950000)).text,
                     money(sim_stress_quantile(sum, payer, 990000)).text,
                     money(sum->most[i]).text);
    }
}

static void print_bad(const struct sim_stress_told *told, uint32_t set)
{
    const struct sim_stress_sum *sum = &told->sums[set];
    struct sim_stress_set *row = &told->sets->rows[set];
    const uint32_t shown = sum->bad_count < 3u ? sum->bad_count : 3u;
    for (uint32_t i = 0; i < shown; i++) {
        const struct sim_stress_bad *bad = &sum->bad[i];
        (void)printf("  worst %u: seed %" PRIu64
                     ", owners %s, tranches %s, global %s, opposing %s, "
                     "uncovered %s, fall %s %%\n",
                     i + 1u,
                     bad->seed,
                     money(bad->paid[SIM_STRESS_OWNERS]).text,
                     money(bad->paid[SIM_STRESS_TRANCHE]).text,
                     money(bad->paid[SIM_STRESS_GLOBAL]).text,
                     money(bad->paid[SIM_STRESS_OPPOSING]).text,
                     money(bad->paid[SIM_STRESS_UNCOVERED]).text,
                     percent(bad->fall, PPM_PERCENT).text);
    }
    if (shown != 0) {
        (void)printf("  again: %s%s --replay %" PRIu64 "\n",
                     told->command,
                     sim_bytes_text(&row->flags),
                     sum->bad[0].seed);
    }
}

static void print_set(const struct sim_stress_told *told, uint32_t set)
{
    const struct sim_stress_sum *sum = &told->sums[set];
    struct sim_stress_set *row = &told->sets->rows[set];
    (void)printf("%s\n", sim_bytes_text(&row->name));
    if (row->refused.length != 0) {
        (void)printf("  not played: the engine refuses it: %s\n", sim_bytes_text(&row->refused));
        return;
    }
    const uint64_t played = sum->paths - sum->failed;
    (void)printf("  survived %" PRIu64 " of %" PRIu64
                 " paths (nobody paid but owners and insurance); %" PRIu64 " liquidations, %" PRIu64
                 " forced closes, %" PRIu64 " deficits, %" PRIu64 " gaps, %" PRIu64
                 " prices refused\n",
                 sum->survived,
                 played,
                 sum->counts[SIM_STRESS_LIQUIDATIONS],
                 sum->counts[SIM_STRESS_FORCED],
                 sum->counts[SIM_STRESS_DEFICITS],
                 sum->counts[SIM_STRESS_GAPS],
                 sum->counts[SIM_STRESS_REFUSED_PRICES]);
    print_payers(sum);
    print_bad(told, set);
    if (sum->failed != 0) {
        (void)printf("  FAILED %" PRIu64 " paths, the first of them seed %" PRIu64 ": %s\n",
                     sum->failed,
                     sum->failed_seed,
                     sum->why);
    }
}

/* Sets side by side: what others than owners paid. */
static void print_sets(const struct sim_stress_told *told)
{
    (void)printf("%-14s %16s %16s %16s %16s  %s\n",
                 "survived",
                 "others, mean",
                 "99 % below",
                 "most",
                 "liquidations",
                 "set");
    for (uint32_t i = 0; i < told->sets->count; i++) {
        const struct sim_stress_sum *sum = &told->sums[i];
        const uint64_t played = sum->paths - sum->failed;
        char survived[48];
        (void)snprintf(survived, sizeof survived, "%" PRIu64 " of %" PRIu64, sum->survived, played);
        (void)printf("%-14s %16s %16s %16s %16" PRIu64 "  %s%s\n",
                     survived,
                     money(played == 0 ? 0 : sum->paid[SIM_STRESS_BEYOND] / (sim_int)played).text,
                     money(sim_stress_quantile(sum, SIM_STRESS_BEYOND, 990000)).text,
                     money(sum->most[SIM_STRESS_BEYOND]).text,
                     sum->counts[SIM_STRESS_LIQUIDATIONS],
                     sim_bytes_text(&told->sets->rows[i].name),
                     told->sets->rows[i].refused.length != 0 ? " (refused)" : "");
    }
}

void sim_stress_print(const struct sim_stress_told *told)
{
    uint64_t paths = 0;
    uint64_t accounts = 0;
    uint64_t operations = 0;
    for (uint32_t i = 0; i < told->sets->count; i++) {
        paths += told->sums[i].paths;
        accounts += told->sums[i].counts[SIM_STRESS_ACCOUNTS];
        operations += told->sums[i].counts[SIM_STRESS_OPERATIONS];
        print_set(told, i);
    }
    if (told->sets->count > 1u) {
        print_sets(told);
    }
    (void)printf("stress: %" PRIu64 " paths, %" PRIu64 " account-paths, %" PRIu64 " operations, ",
                 paths,
                 accounts,
                 operations);
    if (told->parts != 0) {
        (void)printf("from %u parts; hash %016" PRIx64 "\n", told->parts, told->hash);
        return;
    }
    (void)printf("%" PRIu64 ".%" PRIu64 " s, %" PRIu64 " s of CPU, with %u processes, %" PRIu64
                 " MiB each at most; hash %016" PRIx64 "\n",
                 told->milliseconds / 1000u,
                 told->milliseconds / 100u % 10u,
                 told->cpu_milliseconds / 1000u,
                 told->jobs,
                 (told->kibibytes + 1023u) / 1024u,
                 told->hash);
}

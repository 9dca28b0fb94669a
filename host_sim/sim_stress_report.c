/* SPDX-License-Identifier: Apache-2.0
 * The result of plimsoll stress as JSON, and as one HTML page that draws it. Money is exact text.
 * It decides nothing. */
#include "sim_json.h"
#include "sim_page.h"
#include "sim_stress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WAD_DECIMALS 18u

static const char *const payer_names[SIM_STRESS_PAYERS] = {
    "owners", "tranches", "global", "opposing", "uncovered", "beyond"};

static void put_money(json_t *to, const char *name, sim_int wad)
{
    char text[SIM_DECIMAL_TEXT_MAX];
    sim_json_text(to, name, sim_bytes_decimal_text(wad, WAD_DECIMALS, text));
}

static void put_count(json_t *to, const char *name, uint64_t count)
{
    sim_json_number(to, name, (sim_int)count);
}

static void put_hash(json_t *to, uint64_t hash)
{
    char text[17];
    (void)snprintf(text, sizeof text, "%016" PRIx64, hash);
    sim_json_text(to, "hash", text);
}

/* --- models ------------------------------------------------------------------------------------
 */
static json_t *stats_json(const struct sim_stress_stats *stats)
{
    json_t *row = json_object();
    put_count(row, "bars", stats->bars);
    put_count(row, "deviation_nano", stats->deviation);
    put_count(row, "kurtosis_thousandths", stats->kurtosis);
    put_count(row, "range_thousandths", stats->range);
    sim_json_number(row, "echo_ppm", stats->echo);
    sim_json_number(row, "echo_hour_ppm", stats->echo_hour);
    put_count(row, "largest_bar_ppm", stats->largest[SIM_STRESS_BAR]);
    put_count(row, "largest_hour_ppm", stats->largest[SIM_STRESS_HOUR]);
    put_count(row, "largest_day_ppm", stats->largest[SIM_STRESS_DAY]);
    return row;
}

static json_t *model_json(const struct sim_stress_model *model)
{
    json_t *row = json_object();
    put_count(row, "deviation_nano", model->deviation);
    json_t *weights = json_array();
    for (uint32_t i = 0; i < SIM_STRESS_MEMORIES; i++) {
        sim_json_add(weights, json_integer(model->weights[i]));
    }
    sim_json_put(row, "weights_ppm", weights);
    sim_json_integer(row, "jump_rate_ppm", model->jump_rate);
    sim_json_integer(row, "jump_size_thousandths", model->jump_size);
    sim_json_integer(row, "loading_thousandths", model->loading);
    return row;
}

static void put_markets(json_t *to, const struct sim_stress_plan *plan)
{
    json_t *markets = json_array();
    json_t *links = json_array();
    const bool is_generated = plan->kind == SIM_STRESS_GENERATED;
    for (uint32_t i = 0; i < plan->market_count; i++) {
        const struct sim_stress_market *market = &plan->markets[i];
        json_t *row = sim_json_row(markets);
        sim_json_text(row, "name", market->name);
        sim_json_text(row, "file", market->path);
        put_count(row, "step_s", market->real.step);
        sim_json_put(row, "real", stats_json(&market->stats));
        if (is_generated) {
            sim_json_put(row, "generated", stats_json(&market->generated));
            sim_json_put(row, "model", model_json(&market->model));
        }
    }
    for (uint32_t k = 0; is_generated && k < plan->market_count * (plan->market_count - 1u) / 2u;
         k++) {
        json_t *row = sim_json_row(links);
        sim_json_text(row, "first", plan->markets[plan->links[k].first].name);
        sim_json_text(row, "second", plan->markets[plan->links[k].second].name);
        sim_json_number(row, "real_ppm", plan->links[k].real);
        sim_json_number(row, "generated_ppm", plan->links[k].generated);
    }
    sim_json_put(to, "markets", markets);
    sim_json_put(to, "correlations", links);
}

/* --- sets --------------------------------------------------------------------------------------
 */
/* The bins that are not empty: [least value, paths]. */
static json_t *bins_json(const struct sim_stress_sum *sum, uint32_t payer)
{
    json_t *bins = json_array();
    for (uint32_t bin = 0; bin < SIM_STRESS_BINS; bin++) {
        if (sum->bins[payer][bin] != 0) {
            char text[SIM_DECIMAL_TEXT_MAX];
            const char *edge = sim_bytes_decimal_text(sim_stress_bin_edge(bin), WAD_DECIMALS, text);
            json_t *row = json_array();
            sim_json_add(row, json_string(edge));
            sim_json_add(row, json_integer((json_int_t)sum->bins[payer][bin]));
            sim_json_add(bins, row);
        }
    }
    return bins;
}

static json_t *paid_json(const struct sim_stress_sum *sum)
{
    json_t *paid = json_object();
    for (uint32_t i = 0; i < SIM_STRESS_PAYERS; i++) {
        const enum sim_stress_payer payer = (enum sim_stress_payer)i;
        json_t *row = json_object();
        put_money(row, "sum", sum->paid[i]);
        put_money(row, "half_below", sim_stress_quantile(sum, payer, 500000));
        put_money(row, "95_below", sim_stress_quantile(sum, payer, 950000));
        put_money(row, "99_below", sim_stress_quantile(sum, payer, 990000));
        put_money(row, "most", sum->most[i]);
        sim_json_put(row, "bins", bins_json(sum, i));
        sim_json_put(paid, payer_names[i], row);
    }
    return paid;
}

static json_t *counts_json(const struct sim_stress_sum *sum)
{
    static const char *const names[SIM_STRESS_COUNTS] = {"operations",
                                                         "accounts",
                                                         "liquidations",
                                                         "forced_closes",
                                                         "deficits",
                                                         "refused_prices",
                                                         "gaps"};
    json_t *counts = json_object();
    for (uint32_t i = 0; i < SIM_STRESS_COUNTS; i++) {
        put_count(counts, names[i], sum->counts[i]);
    }
    return counts;
}

static json_t *worst_json(const struct sim_stress_told *told, uint32_t set)
{
    const struct sim_stress_sum *sum = &told->sums[set];
    struct sim_buffer *flags = &told->sets->rows[set].flags;
    json_t *worst = json_array();
    for (uint32_t i = 0; i < sum->bad_count; i++) {
        struct sim_buffer again = {0};
        json_t *row = sim_json_row(worst);
        put_count(row, "seed", sum->bad[i].seed);
        for (uint32_t k = 0; k < SIM_STRESS_PAYERS; k++) {
            put_money(row, payer_names[k], sum->bad[i].paid[k]);
        }
        sim_json_integer(row, "fall_ppm", sum->bad[i].fall);
        sim_bytes_add_format(&again,
                             "%s%s --replay %" PRIu64,
                             told->command,
                             sim_bytes_text(flags),
                             sum->bad[i].seed);
        sim_json_text(row, "again", sim_bytes_text(&again));
        sim_bytes_free(&again);
    }
    return worst;
}

static void put_text(json_t *to, const char *name, const struct sim_buffer *text)
{
    sim_json_put(to, name, json_stringn((const char *)text->bytes, text->length));
}

static void put_set(json_t *sets, const struct sim_stress_told *told, uint32_t set)
{
    const struct sim_stress_sum *sum = &told->sums[set];
    json_t *row = sim_json_row(sets);
    json_t *falls = json_array();
    put_text(row, "name", &told->sets->rows[set].name);
    if (told->sets->rows[set].refused.length != 0) {
        put_text(row, "refused", &told->sets->rows[set].refused);
    }
    put_count(row, "paths", sum->paths);
    put_count(row, "failed", sum->failed);
    put_count(row, "survived", sum->survived);
    if (sum->failed != 0) {
        put_count(row, "failed_seed", sum->failed_seed);
        sim_json_text(row, "why", sum->why);
    }
    sim_json_put(row, "counts", counts_json(sum));
    sim_json_put(row, "paid", paid_json(sum));
    for (uint32_t i = 0; i < SIM_STRESS_FALLS; i++) {
        sim_json_add(falls, json_integer((json_int_t)sum->falls[i]));
    }
    sim_json_put(row, "falls_by_percent", falls);
    sim_json_put(row, "worst", worst_json(told, set));
    put_hash(row, sim_stress_hash(SIM_HASH_START, sum));
}

static json_t *told_json(const struct sim_stress_told *told)
{
    static const char *const kinds[] = {"crash", "generated", "real"};
    json_t *all = json_object();
    json_t *sets = json_array();
    sim_json_text(all, "format", "plimsoll-stress/1");
    sim_json_text(all, "version", SIM_VERSION);
    sim_json_text(all, "scenario", told->plan->path);
    sim_json_text(all, "model", kinds[told->plan->kind]);
    put_count(all, "length_s", told->plan->length);
    put_count(all, "first_seed", told->first_seed);
    put_count(all, "paths", told->paths);
    sim_json_integer(all, "processes", told->jobs);
    put_count(all, "milliseconds", told->milliseconds);
    put_count(all, "cpu_milliseconds", told->cpu_milliseconds);
    put_count(all, "kibibytes", told->kibibytes);
    put_hash(all, told->hash);
    put_markets(all, told->plan);
    for (uint32_t i = 0; i < told->sets->count; i++) {
        put_set(sets, told, i);
    }
    sim_json_put(all, "sets", sets);
    return all;
}

bool sim_stress_write_json(const struct sim_stress_told *told, const char *path)
{
    struct sim_buffer text = {0};
    json_t *all = told_json(told);
    sim_json_write(all, JSON_INDENT(1), &text);
    sim_bytes_add_text(&text, "\n");
    json_decref(all);
    const bool is_good = sim_page_store(path, &text);
    sim_bytes_free(&text);
    return is_good;
}

bool sim_stress_write_html(const struct sim_stress_told *told, const char *path)
{
    struct sim_buffer text = {0};
    struct sim_buffer data = {0};
    json_t *all = told_json(told);
    sim_json_write(all, JSON_COMPACT, &text);
    json_decref(all);
    /* Only texts of JSON have a <: escaped, no script element can end in one. */
    for (size_t i = 0; i < text.length; i++) {
        if (text.bytes[i] == '<') {
            sim_bytes_add_text(&data, "\\u003c");
        } else {
            sim_bytes_add_byte(&data, text.bytes[i]);
        }
    }
    const struct sim_page page = {
        .title = "stress", .script = SIM_PAGE_STRESS, .data = sim_bytes_span(&data)};
    const bool is_good = sim_page_write(&page, path);
    sim_bytes_free(&text);
    sim_bytes_free(&data);
    return is_good;
}

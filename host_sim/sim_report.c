/* SPDX-License-Identifier: Apache-2.0
 * Writes a run as one HTML page and as a JSON summary. Money in tables is exact text; floats are
 * points of charts. The chart library is Debian's, read when a page is written. */
#include "sim_report.h"

#include "sim_collect.h"
#include "sim_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SIM_WAD_DECIMALS 18u
#define SIM_WORST_MAX    20u
#define SIM_TEXT_MAX     262144u /* of a scenario shown in a page */

struct sim_report {
    struct sim_collect *collect;
    struct timespec started;
};

struct sim_report *sim_report_new(struct sim_world *world)
{
    struct sim_report *report = sim_bytes_alloc(1, sizeof(*report));
    report->collect = sim_collect_new(world);
    (void)clock_gettime(CLOCK_MONOTONIC, &report->started);
    return report;
}

void sim_report_follow(struct sim_report *report, struct sim_world *world)
{
    sim_collect_follow(report->collect, world);
}

void sim_report_free(struct sim_report *report)
{
    sim_collect_free(report->collect);
    free(report);
}

/* --- JSON --------------------------------------------------------------------------------------
 */
/* Text between quotes; `<` is escaped too, so that a page can carry it in a script element. */
static void sim_report_quote(struct sim_buffer *out, const char *text)
{
    sim_bytes_add_byte(out, '"');
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (c < 0x20u || c == '"' || c == '\\' || c == '<' || c == 0x7fu) {
            sim_bytes_add_format(out, "\\u%04x", c);
        } else {
            sim_bytes_add_byte(out, c);
        }
    }
    sim_bytes_add_byte(out, '"');
}

static void sim_report_key(struct sim_buffer *out, const char *key)
{
    if (out->length != 0 && out->bytes[out->length - 1u] != '{' &&
        out->bytes[out->length - 1u] != '[') {
        sim_bytes_add_text(out, ",");
    }
    if (key != NULL) {
        sim_bytes_add_format(out, "\"%s\":", key);
    }
}

static void sim_report_text(struct sim_buffer *out, const char *key, const char *text)
{
    sim_report_key(out, key);
    sim_report_quote(out, text);
}

static void sim_report_count(struct sim_buffer *out, const char *key, uint64_t value)
{
    sim_report_key(out, key);
    sim_bytes_add_format(out, "%llu", (unsigned long long)value);
}

/* An exact decimal, as a string. */
static void
sim_report_decimal(struct sim_buffer *out, const char *key, sim_int value, unsigned decimals)
{
    char text[SIM_DECIMAL_TEXT_MAX];
    sim_report_text(out, key, sim_bytes_decimal_text(value, decimals, text));
}

static void sim_report_money(struct sim_buffer *out, const char *key, sim_int value)
{
    sim_report_decimal(out, key, value, SIM_WAD_DECIMALS);
}

/* A column of points: `offset` finds the double in each row of `size` bytes. */
static void sim_report_column(struct sim_buffer *out,
                              const char *key,
                              const void *rows,
                              uint32_t count,
                              size_t size,
                              size_t offset)
{
    sim_report_key(out, key);
    sim_bytes_add_text(out, "[");
    for (uint32_t i = 0; i < count; i++) {
        double value = 0.0;
        memcpy(&value, (const uint8_t *)rows + i * size + offset, sizeof(value));
        sim_bytes_add_format(out, "%s%.9g", i == 0 ? "" : ",", value);
    }
    sim_bytes_add_text(out, "]");
}

/* --- data --------------------------------------------------------------------------------------
 */
struct sim_report_writing {
    struct sim_report *report;
    const struct sim_report_about *about;
    struct sim_buffer *out;
    int64_t shift; /* block time minus the series' own time */
};

static const char *sim_report_market_name(const struct sim_report_about *about,
                                          uint16_t market,
                                          char *room,
                                          size_t capacity)
{
    const struct sim_named_market *named =
        about->names != NULL ? sim_names_market_by_id(about->names, market) : NULL;
    (void)snprintf(room, capacity, "market %u", market);
    return named != NULL ? named->name : room;
}

static const char *sim_report_account_name(const struct sim_report_about *about,
                                           uint64_t account,
                                           char *room,
                                           size_t capacity)
{
    const struct sim_named_account *named =
        about->names != NULL ? sim_names_account_by_id(about->names, account) : NULL;
    (void)snprintf(room, capacity, "account %llu", (unsigned long long)account);
    return named != NULL ? named->name : room;
}

static void sim_report_time(struct sim_report_writing *w, uint64_t time, bool is_first)
{
    sim_bytes_add_format(
        w->out, "%s%lld", is_first ? "" : ",", (long long)((int64_t)time - w->shift));
}

static void sim_report_market_end(struct sim_report_writing *w, uint16_t market)
{
    const struct sim_mirror *mirror = w->report->collect->mirror;
    const struct sim_mirror_market *row = &mirror->markets[market];
    const struct sim_abi_enum *status = sim_abi_find_enum("STATUS", row->state.status);
    sim_report_key(w->out, "end");
    sim_bytes_add_text(w->out, "{");
    sim_report_text(w->out, "status", status != NULL ? status->name : "?");
    sim_report_decimal(
        w->out, "price", (sim_int)sim_mirror_price(mirror, market), row->cold.price_decimals);
    sim_report_decimal(w->out, "oi", row->state.oi.lots, row->cold.size_decimals);
    sim_report_money(w->out, "insurance", sim_abi_int_of(row->state.insurance.wad));
    sim_report_money(w->out, "pool", sim_abi_int_of(row->state.pool.wad));
    sim_report_money(w->out, "fees", sim_abi_int_of(row->state.fees.wad));
    sim_report_money(w->out, "shortfall", sim_abi_int_of(row->state.shortfall.wad));
    sim_report_money(w->out, "uncovered", sim_abi_int_of(row->state.uncovered.wad));
    sim_bytes_add_text(w->out, "}");
}

static void sim_report_market_points(struct sim_report_writing *w,
                                     const struct sim_market_points *points)
{
    static const struct {
        const char *name;
        size_t offset;
    } columns[] = {{"low", offsetof(struct sim_market_point, price_low)},
                   {"high", offsetof(struct sim_market_point, price_high)},
                   {"price", offsetof(struct sim_market_point, price)},
                   {"slow", offsetof(struct sim_market_point, slow)},
                   {"oi", offsetof(struct sim_market_point, oi)},
                   {"pool", offsetof(struct sim_market_point, pool)},
                   {"insurance", offsetof(struct sim_market_point, insurance)},
                   {"uncovered", offsetof(struct sim_market_point, uncovered)},
                   {"shortfall", offsetof(struct sim_market_point, shortfall)},
                   {"taken", offsetof(struct sim_market_point, taken)},
                   {"cost", offsetof(struct sim_market_point, cost)},
                   {"missed", offsetof(struct sim_market_point, missed)}};

    /* Before its first price a market has nothing to draw. */
    uint32_t first = 0;
    while (first < points->count && points->rows[first].slow <= 0.0) {
        first++;
    }
    uint32_t count = points->count - first;
    sim_report_key(w->out, "time");
    sim_bytes_add_text(w->out, "[");
    for (uint32_t i = 0; i < count; i++) {
        sim_report_time(w, points->rows[first + i].time, i == 0);
    }
    sim_bytes_add_text(w->out, "]");
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        sim_report_column(w->out,
                          columns[i].name,
                          count != 0 ? &points->rows[first] : NULL,
                          count,
                          sizeof(struct sim_market_point),
                          columns[i].offset);
    }
}

/* with_points: a page wants them, a summary does not. */
static void sim_report_markets(struct sim_report_writing *w, bool with_points)
{
    const struct sim_collect *c = w->report->collect;
    char room[64];
    sim_report_key(w->out, "markets");
    sim_bytes_add_text(w->out, "[");
    for (uint32_t market = 0; market < c->mirror->market_count; market++) {
        if (!c->mirror->markets[market].exists) {
            continue;
        }
        sim_report_key(w->out, NULL);
        sim_bytes_add_text(w->out, "{");
        sim_report_text(
            w->out, "name", sim_report_market_name(w->about, (uint16_t)market, room, sizeof(room)));
        if (with_points) {
            sim_report_market_points(w, &c->markets[market]);
        }
        sim_report_market_end(w, (uint16_t)market);
        sim_bytes_add_text(w->out, "}");
    }
    sim_bytes_add_text(w->out, "]");
}

static void sim_report_crowd(struct sim_report_writing *w)
{
    static const char *const names[SIM_QUANTILES] = {"q10", "q25", "q50", "q75", "q90"};
    const struct sim_crowd_points *points = &w->report->collect->crowd;
    const size_t size = sizeof(struct sim_crowd_point);
    sim_report_key(w->out, "crowd");
    sim_bytes_add_text(w->out, "{\"time\":[");
    for (uint32_t i = 0; i < points->count; i++) {
        sim_report_time(w, points->rows[i].time, i == 0);
    }
    sim_bytes_add_text(w->out, "],\"in_trouble\":[");
    for (uint32_t i = 0; i < points->count; i++) {
        sim_bytes_add_format(w->out, "%s%u", i == 0 ? "" : ",", points->rows[i].in_trouble);
    }
    sim_bytes_add_text(w->out, "]");
    sim_report_column(w->out,
                      "equity",
                      points->rows,
                      points->count,
                      size,
                      offsetof(struct sim_crowd_point, equity));
    sim_report_column(w->out,
                      "maint",
                      points->rows,
                      points->count,
                      size,
                      offsetof(struct sim_crowd_point, maint));
    for (uint32_t q = 0; q < SIM_QUANTILES; q++) {
        sim_report_column(w->out,
                          names[q],
                          points->rows,
                          points->count,
                          size,
                          offsetof(struct sim_crowd_point, quantiles) + q * sizeof(double));
    }
    sim_bytes_add_text(w->out, "}");
}

/* The account that stands after `rank` others in the order of harm; 0 = none. */
static uint64_t sim_report_next_worst(const struct sim_collect *c, const bool *is_listed)
{
    uint64_t worst = 0;
    for (uint64_t i = 1; i < c->harmed_count; i++) {
        const struct sim_harmed *a = &c->harmed[i];
        const struct sim_harmed *b = &c->harmed[worst];
        bool is_worse =
            a->deficit > b->deficit || (a->deficit == b->deficit && a->taken > b->taken);
        if (!is_listed[i] && (a->takeovers != 0 || a->forced != 0 || a->deficit != 0) &&
            (worst == 0 || is_worse)) {
            worst = i;
        }
    }
    return worst;
}

static void sim_report_worst(struct sim_report_writing *w)
{
    const struct sim_collect *c = w->report->collect;
    bool *is_listed = sim_bytes_alloc(c->harmed_count + 1u, sizeof(*is_listed));
    char room[64];
    sim_report_key(w->out, "worst");
    sim_bytes_add_text(w->out, "[");
    for (uint32_t rank = 0; rank < SIM_WORST_MAX; rank++) {
        uint64_t at = sim_report_next_worst(c, is_listed);
        if (at == 0) {
            break;
        }
        is_listed[at] = true;
        sim_report_key(w->out, NULL);
        sim_bytes_add_text(w->out, "{");
        sim_report_text(
            w->out, "account", sim_report_account_name(w->about, at, room, sizeof(room)));
        sim_report_count(w->out, "takeovers", c->harmed[at].takeovers);
        sim_report_count(w->out, "forced", c->harmed[at].forced);
        sim_report_money(w->out, "taken", c->harmed[at].taken);
        sim_report_money(w->out, "fees", c->harmed[at].fees);
        sim_report_money(w->out, "deficit", c->harmed[at].deficit);
        sim_bytes_add_text(w->out, "}");
    }
    sim_bytes_add_text(w->out, "]");
    free(is_listed);
}

static void sim_report_refusals(struct sim_report_writing *w,
                                const char *key,
                                const struct sim_refusals *rows,
                                uint32_t count)
{
    sim_report_key(w->out, key);
    sim_bytes_add_text(w->out, "[");
    for (uint32_t i = 0; i < count; i++) {
        const struct sim_abi_op *op = sim_abi_find_op(rows[i].opcode);
        sim_report_key(w->out, NULL);
        sim_bytes_add_text(w->out, "{");
        sim_report_text(w->out, "operation", op != NULL ? op->name : "");
        sim_report_text(w->out, "code", sim_abi_code_name(rows[i].code));
        sim_report_count(w->out, "count", rows[i].count);
        sim_bytes_add_text(w->out, "}");
    }
    sim_bytes_add_text(w->out, "]");
}

static void sim_report_events(struct sim_report_writing *w)
{
    const uint64_t *counts = w->report->collect->totals.events;
    sim_report_key(w->out, "events");
    sim_bytes_add_text(w->out, "[");
    for (uint32_t i = 0; sim_abi_event_at(i) != NULL; i++) {
        const struct sim_abi_event *event = sim_abi_event_at(i);
        if (event->id < SIM_EVENTS_MAX && counts[event->id] != 0) {
            sim_report_key(w->out, NULL);
            sim_bytes_add_text(w->out, "{");
            sim_report_text(w->out, "event", event->name);
            sim_report_count(w->out, "count", counts[event->id]);
            sim_bytes_add_text(w->out, "}");
        }
    }
    sim_bytes_add_text(w->out, "]");
}

static uint64_t sim_report_elapsed(const struct sim_report *report)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t gone = (int64_t)(now.tv_sec - report->started.tv_sec) * 1000 +
                   (int64_t)(now.tv_nsec - report->started.tv_nsec) / 1000000;
    return gone > 0 ? (uint64_t)gone : 0;
}

static const char *sim_report_engines(enum sim_choice choice)
{
    switch (choice) {
    case SIM_CHOICE_NATIVE: return "native";
    case SIM_CHOICE_WASM: return "wasm";
    case SIM_CHOICE_BOTH: return "native = wasm, compared at every operation";
    }
    return "?";
}

static uint64_t sim_report_accounts(const struct sim_collect *c)
{
    uint64_t count = 0;
    for (uint64_t i = 0; i < c->mirror->count; i++) {
        count += c->mirror->accounts[i].id != 0 ? 1u : 0u;
    }
    return count;
}

static void sim_report_head(struct sim_report_writing *w)
{
    const struct sim_report_about *about = w->about;
    const struct sim_collect *c = w->report->collect;
    char text[64];
    sim_report_text(w->out, "scenario", about->scenario != NULL ? about->scenario : "");
    sim_report_key(w->out, "passed");
    sim_bytes_add_text(w->out, about->is_passed ? "true" : "false");
    sim_report_text(w->out, "verdict", about->verdict != NULL ? about->verdict : "");
    sim_report_text(w->out, "version", SIM_VERSION);
    (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)about->seed);
    sim_report_text(w->out, "seed", text);
    sim_report_text(w->out, "engines", sim_report_engines(about->choice));
    (void)snprintf(
        text, sizeof(text), "%016llx", (unsigned long long)sim_world_state_hash(c->world));
    sim_report_text(w->out, "state_hash", text);
    sim_report_count(w->out, "elapsed_ms", sim_report_elapsed(w->report));
    sim_report_count(w->out, "accounts", sim_report_accounts(c));
    sim_report_count(w->out, "operations", sim_world_operations(c->world));
    sim_report_count(w->out, "simulated_seconds", c->end - c->start);
    const struct sim_played *played =
        about->workload != NULL ? sim_workload_played(about->workload) : NULL;
    sim_report_count(w->out, "prices_played", played != NULL ? played->publishes : 0);
    sim_report_key(w->out, "generated");
    sim_bytes_add_text(w->out, played != NULL && played->is_generated ? "true" : "false");
    sim_report_text(w->out, "series_notes", played != NULL ? played->notes : "");
    sim_report_key(w->out, "broken");
    sim_bytes_add_text(w->out, "[");
    for (uint32_t i = 0; i < about->broken_count; i++) {
        sim_report_text(w->out, NULL, about->broken[i]);
    }
    sim_bytes_add_text(w->out, "]");
}

static void sim_report_totals(struct sim_report_writing *w)
{
    const struct sim_collect *c = w->report->collect;
    const struct sim_totals *totals = &c->totals;
    sim_report_count(w->out, "refused_count", totals->refused);
    sim_report_count(w->out, "fills", totals->events[PLM_EVENT_FILLED]);
    sim_report_count(w->out, "takeovers", totals->events[PLM_EVENT_LIQUIDATED]);
    sim_report_count(w->out, "collateral_sales", totals->events[PLM_EVENT_COLLATERAL_SOLD]);
    sim_report_count(w->out, "forced_closes", totals->events[PLM_EVENT_DELEVERAGED]);
    sim_report_count(w->out, "deficits", totals->events[PLM_EVENT_DEFICIT]);
    sim_report_count(w->out, "most_in_trouble", totals->most_in_trouble);
    sim_report_money(w->out, "taken", totals->taken);
    sim_report_money(w->out, "forced", totals->forced);
    sim_report_money(w->out, "collateral_cash", totals->collateral_cash);
    sim_report_money(w->out, "liquidation_fees", totals->fee_taker + totals->fee_insurance);
    sim_report_money(w->out, "deficit", totals->deficit);
    sim_report_money(w->out, "winners_paid", totals->winners_paid);
    sim_report_key(w->out, "paid");
    sim_bytes_add_text(w->out, "{");
    sim_report_money(w->out, "equity", totals->equity_paid);
    sim_report_money(w->out, "insurance", totals->insurance);
    sim_report_money(w->out, "global", totals->global);
    sim_report_money(w->out, "opposing", totals->opposing);
    sim_report_money(w->out, "uncovered", totals->uncovered);
    sim_bytes_add_text(w->out, "}");
    sim_report_refusals(w, "refused", c->refusals, c->refusal_count);
    sim_report_refusals(w, "refused_prices", c->refused_prices, c->refused_price_count);
    sim_report_events(w);
    sim_report_worst(w);
}

/* --- files -------------------------------------------------------------------------------------
 */
static void sim_report_data(struct sim_report_writing *w)
{
    struct sim_buffer text = {0};
    sim_bytes_add_text(w->out, "{");
    sim_report_head(w);
    sim_report_totals(w);
    sim_report_markets(w, true);
    sim_report_crowd(w);
    if (w->about->text == NULL && w->about->scenario != NULL) {
        (void)sim_page_load(w->about->scenario, SIM_TEXT_MAX, &text);
    }
    sim_report_text(
        w->out, "text", w->about->text != NULL ? w->about->text : sim_bytes_text(&text));
    sim_bytes_add_text(w->out, "}");
    sim_bytes_free(&text);
}

static int64_t sim_report_shift(const struct sim_report_about *about)
{
    const struct sim_played *played =
        about->workload != NULL ? sim_workload_played(about->workload) : NULL;
    return played != NULL && played->has_played && !played->is_generated ? played->shift : 0;
}

bool sim_report_write_html(struct sim_report *report,
                           const struct sim_report_about *about,
                           const char *path)
{
    struct sim_buffer data = {0};
    struct sim_report_writing w = {
        .report = report, .about = about, .out = &data, .shift = sim_report_shift(about)};
    sim_report_data(&w);
    const struct sim_page page = {.title = about->scenario != NULL ? about->scenario : "run",
                                  .script = SIM_PAGE_RUN,
                                  .data = sim_bytes_span(&data)};
    const bool is_good = sim_page_write(&page, path);
    sim_bytes_free(&data);
    return is_good;
}

bool sim_report_write_json(struct sim_report *report,
                           const struct sim_report_about *about,
                           const char *path)
{
    struct sim_buffer text = {0};
    struct sim_report_writing w = {.report = report, .about = about, .out = &text};
    sim_bytes_add_text(&text, "{");
    sim_report_head(&w);
    sim_report_totals(&w);
    sim_report_markets(&w, false);
    sim_bytes_add_text(&text, "}\n");
    bool is_good = sim_page_store(path, &text);
    sim_bytes_free(&text);
    return is_good;
}

/* SPDX-License-Identifier: Apache-2.0
 * One path: its prices, the engine that plays them, the auditor at its end, and what it came to.
 * Spec: docs/STRESS.md. All that happens goes through the engine's operations; it knows no rule. */
#include "sim_audit.h"
#include "sim_stress.h"
#include "sim_totals.h"
#include "sim_workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PPM       1000000
#define TRIES     64u
#define SALT_REAL UINT64_C(0x7265616c70617468)

/* --- prices ------------------------------------------------------------------------------------
 */
static uint32_t bars_of(const struct sim_stress_plan *plan)
{
    return (uint32_t)(plan->length / plan->markets[0].real.step);
}

/* The bars of a series from a time on, for so long. */
static void
cut(const struct sim_prices *from, uint64_t start, uint64_t length, struct sim_prices *out)
{
    size_t first = 0;
    size_t end = 0;
    while (first < from->count && from->bars[first].time < start) {
        first++;
    }
    end = first;
    while (end < from->count && from->bars[end].time - start < length) {
        end++;
    }
    *out = (struct sim_prices){.step = from->step};
    out->bars = sim_bytes_grow(NULL, &out->capacity, end - first + 1u, sizeof *out->bars);
    out->count = end - first;
    if (out->count != 0) {
        memcpy(out->bars, from->bars + first, out->count * sizeof *out->bars);
    }
}

/* The same stretch of every series; false where a series has less than half of its bars. */
static bool
cut_all(const struct sim_stress_plan *plan, uint64_t start, uint64_t length, struct sim_prices *out)
{
    bool is_whole = true;
    for (uint32_t i = 0; i < plan->market_count; i++) {
        cut(&plan->markets[i].real, start, length, &out[i]);
        is_whole = is_whole && out[i].count * 2u * out[i].step >= length && out[i].count != 0;
    }
    return is_whole;
}

/* A stretch of the time that all series cover; one with long gaps is drawn again. */
static void draw_real(const struct sim_stress_plan *plan, uint64_t seed, struct sim_prices *out)
{
    struct sim_random random = {.state = seed ^ SALT_REAL};
    uint64_t from = 0;
    uint64_t until = UINT64_MAX;
    for (uint32_t i = 0; i < plan->market_count; i++) {
        const struct sim_prices *real = &plan->markets[i].real;
        const uint64_t last = real->bars[real->count - 1u].time + real->step;
        from = real->bars[0].time > from ? real->bars[0].time : from;
        until = last < until ? last : until;
    }
    const uint64_t step = plan->markets[0].real.step;
    const uint64_t length = plan->length < until - from ? plan->length : until - from;
    const uint64_t starts = (until - from - length) / step + 1u;
    for (uint32_t i = 0; i < TRIES; i++) {
        const uint64_t start = from + sim_random_below(&random, starts) * step;
        if (cut_all(plan, start, length, out)) {
            return;
        }
        for (uint32_t k = 0; k < plan->market_count; k++) {
            sim_prices_free(&out[k]);
        }
    }
    (void)cut_all(plan, from, until - from, out);
}

void sim_stress_prices_make(const struct sim_stress_plan *plan,
                            uint64_t seed,
                            struct sim_stress_prices *out)
{
    *out = (struct sim_stress_prices){.count = 0};
    switch (plan->kind) {
    case SIM_STRESS_CRASH: return;
    case SIM_STRESS_REAL: draw_real(plan, seed, out->prices); break;
    case SIM_STRESS_GENERATED: {
        const struct sim_stress_shape shape = {.start = plan->markets[0].real.bars[0].time,
                                               .step = plan->markets[0].real.step,
                                               .bars = bars_of(plan),
                                               .steps = SIM_STRESS_STEPS_BAR};
        sim_stress_generate(plan->markets, plan->market_count, &shape, seed, out->prices);
        break;
    }
    }
    out->count = plan->market_count;
    for (uint32_t i = 0; i < out->count; i++) {
        out->series[i] = (struct sim_series){.market = plan->markets[i].name,
                                             .path = plan->markets[i].path,
                                             .prices = &out->prices[i],
                                             .fits_to = &plan->markets[i].real};
    }
}

void sim_stress_prices_free(struct sim_stress_prices *prices)
{
    for (uint32_t i = 0; i < prices->count; i++) {
        sim_prices_free(&prices->prices[i]);
    }
    prices->count = 0;
}

/* --- watching ----------------------------------------------------------------------------------
 */
struct watch {
    struct sim_totals totals;
    union sim_abi_object room;
    uint64_t peaks[PLM_LIMIT_FEEDS_MAX]; /* the highest accepted price so far, ticks */
    uint32_t fall;
};

static void take_price(struct watch *watch, const struct sim_event *event)
{
    const struct sim_abi_event *kind = sim_abi_find_event(event->id);
    if (kind == NULL || !sim_abi_decode(kind->layout, event->bytes, &watch->room)) {
        return;
    }
    const struct plm_ev_priced *priced = (const void *)&watch->room;
    if (priced->feed >= PLM_LIMIT_FEEDS_MAX) {
        return;
    }
    uint64_t *peak = &watch->peaks[priced->feed];
    const uint64_t price = priced->price.ticks;
    *peak = price > *peak ? price : *peak;
    const sim_uint fall = *peak == 0 ? 0 : (sim_uint)(*peak - price) * PPM / *peak;
    watch->fall = (uint32_t)fall > watch->fall ? (uint32_t)fall : watch->fall;
}

static void observe(void *self,
                    struct sim_world *world,
                    const struct sim_op *op,
                    const struct sim_outcome *outcome)
{
    struct watch *watch = self;
    (void)world;
    (void)op;
    if (outcome->trapped || outcome->code != PLM_OK) {
        return;
    }
    for (uint32_t i = 0; i < outcome->event_count; i++) {
        (void)sim_totals_take(&watch->totals, &outcome->events[i], &watch->room);
        if (outcome->events[i].id == PLM_EVENT_PRICED) {
            take_price(watch, &outcome->events[i]);
        }
    }
}

/* --- playing -----------------------------------------------------------------------------------
 */
static void
take_result(const struct watch *watch, struct sim_world *world, struct sim_stress_result *out)
{
    const struct sim_totals *totals = &watch->totals;
    out->state_hash = sim_world_state_hash(world);
    out->counts[SIM_STRESS_OPERATIONS] = sim_world_operations(world);
    out->counts[SIM_STRESS_ACCOUNTS] = totals->events[PLM_EVENT_ACCOUNT_OPENED];
    out->counts[SIM_STRESS_LIQUIDATIONS] = totals->events[PLM_EVENT_LIQUIDATED] +
                                           totals->events[PLM_EVENT_COLLATERAL_SOLD] +
                                           totals->events[PLM_EVENT_DELEVERAGED];
    out->counts[SIM_STRESS_FORCED] = totals->events[PLM_EVENT_DELEVERAGED];
    out->counts[SIM_STRESS_DEFICITS] = totals->events[PLM_EVENT_DEFICIT];
    out->counts[SIM_STRESS_REFUSED_PRICES] = totals->events[PLM_EVENT_PRICE_REFUSED];
    out->counts[SIM_STRESS_GAPS] = totals->events[PLM_EVENT_GAP_STARTED];
    out->paid[SIM_STRESS_OWNERS] = totals->equity_paid;
    out->paid[SIM_STRESS_TRANCHE] = totals->insurance;
    out->paid[SIM_STRESS_GLOBAL] = totals->global;
    out->paid[SIM_STRESS_OPPOSING] = totals->opposing;
    out->paid[SIM_STRESS_UNCOVERED] = totals->uncovered;
    out->paid[SIM_STRESS_BEYOND] =
        totals->insurance + totals->global + totals->opposing + totals->uncovered;
    out->fall = watch->fall;
}

/* The full audit at the end, and the question whether who never traded is whole; false with why. */
static bool is_sound(struct sim_scenario *s, char *why)
{
    struct sim_buffer flat = {0};
    uint32_t count = 0;
    struct sim_audit *audit = s->audit != NULL ? s->audit : sim_audit_new(s->world, NULL);
    const bool holds = sim_audit_full(audit);
    if (!holds) {
        (void)snprintf(why, SIM_SCRIPT_WHY_MAX, "%s", sim_audit_failure(audit));
    }
    if (s->audit == NULL) {
        sim_audit_free(audit);
    }
    const bool is_whole = sim_workload_flat(s->workload, s->world, &count, &flat);
    if (holds && !is_whole) {
        (void)snprintf(why, SIM_SCRIPT_WHY_MAX, "%s", sim_bytes_text(&flat));
    }
    sim_bytes_free(&flat);
    return holds && is_whole;
}

void sim_stress_play(const struct sim_stress_plan *plan,
                     const struct sim_script *script,
                     uint64_t seed,
                     struct sim_stress_result *out)
{
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    struct sim_stress_prices *prices = sim_bytes_alloc(1, sizeof *prices);
    struct watch *watch = sim_bytes_alloc(1, sizeof *watch);
    struct sim_world *world = sim_world_new(&options);
    struct sim_scenario s;
    *out = (struct sim_stress_result){.seed = seed};
    sim_stress_prices_make(plan, seed, prices);
    sim_scenario_begin(&s, plan->path, script, world);
    s.choice = SIM_CHOICE_NATIVE;
    s.seed = seed;
    s.is_unjudged = true;
    s.audit = plan->audits ? sim_audit_new(world, NULL) : NULL;
    s.workload = sim_workload_new(prices->series, prices->count, seed, true);
    sim_world_observe(world, observe, watch);
    bool is_good = sim_scenario_run(&s);
    if (!is_good) {
        (void)snprintf(out->why, sizeof out->why, "line %u: %.280s", s.fault.line, s.fault.why);
    }
    is_good = is_good && is_sound(&s, out->why);
    out->has_failed = !is_good;
    take_result(watch, world, out);
    sim_world_unobserve(world, watch);
    sim_audit_free(s.audit);
    sim_workload_free(s.workload);
    sim_scenario_end(&s);
    sim_world_free(world);
    sim_stress_prices_free(prices);
    free(prices);
    free(watch);
}

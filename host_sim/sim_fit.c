/* SPDX-License-Identifier: Apache-2.0
 * fit: the terms of a market that its price series asks for: decimals and bounds from the highest
 * price, ages from the length of a bar. Spec: docs/SCENARIOS.md, "Price series". */
#include "sim_actors.h"

#include <string.h>

#define SIM_FIT_STEP  60u                       /* seconds a bar, as generated series have them */
#define SIM_FIT_PRICE (2000 * SIM_FIT_ONE)      /* likewise */
#define SIM_FIT_ONE   UINT64_C(1000000000000)   /* 10^SIM_PRICES_DECIMALS */
#define SIM_FIT_TICKS UINT64_C(100000000000000) /* at the highest price at least so many */
#define SIM_FIT_DAY   86400u

/* The series that stands for many paths of one market, so that all of them get the same terms. */
static const struct sim_prices *sim_fit_given(const struct sim_workload *w, const char *name)
{
    for (uint32_t i = 0; i < w->series_count; i++) {
        if (strcmp(w->series[i].market, name) == 0) {
            return w->series[i].fits_to;
        }
    }
    return NULL;
}

/* The highest price and the length of a bar; of a series that is not there, the generated one's. */
static bool
sim_fit_measure(const struct sim_args *args, const char *name, uint64_t *high, uint64_t *step)
{
    struct sim_workload *w = args->scenario->workload;
    struct sim_prices_options all = {0};
    struct sim_prices prices = {0};
    *high = SIM_FIT_PRICE;
    *step = SIM_FIT_STEP;
    if (w == NULL) {
        return true;
    }
    w->args = args;
    const struct sim_prices *given = sim_fit_given(w, name);
    if (given == NULL && !sim_actors_series(w, name, &all, &prices)) {
        return false;
    }
    const struct sim_prices *from = given != NULL ? given : &prices;
    *high = 1;
    for (size_t i = 0; i < from->count; i++) {
        *high = from->bars[i].high > *high ? from->bars[i].high : *high;
    }
    *step = from->step != 0 ? from->step : SIM_FIT_STEP;
    sim_prices_free(&prices);
    return true;
}

static uint32_t sim_fit_seconds(uint64_t least, uint64_t seconds)
{
    uint64_t more = seconds > least ? seconds : least;
    return (uint32_t)(more < SIM_FIT_DAY ? more : SIM_FIT_DAY);
}

bool sim_workload_fit(const struct sim_args *args, const char *name, struct sim_fit *out)
{
    uint64_t high = 0;
    uint64_t step = 0;
    bool exact = true;
    if (!sim_fit_measure(args, name, &high, &step)) {
        return false;
    }
    uint32_t decimals = 0;
    while (decimals < 18u && sim_prices_ticks(high, decimals, &exact) < SIM_FIT_TICKS) {
        decimals++;
    }
    /* The domain reaches up to a thousand times the highest price; the largest position follows
     * from it [UNIT-3]. */
    const uint64_t top = sim_prices_ticks(high, decimals, &exact) * 1000u;
    sim_int lots = (sim_int)1000000000000 * SIM_FIT_ONE * 1000000 / (sim_int)top;
    const sim_int most = (sim_int)4000000000000000000;
    const uint64_t apart = (step + 3u) / 4u; /* of two publishes */
    *out = (struct sim_fit){.price_decimals = decimals,
                            .price_max = top,
                            .max_lots = (int64_t)(lots < most ? lots : most),
                            .age = sim_fit_seconds(30, apart * 3u / 2u),
                            .gap = sim_fit_seconds(60, apart * 2u)};
    /* One window outlasts what the envelope counts with: age, sources, grace and reaction. */
    out->window = sim_fit_seconds(300, (out->age + 8u + 120u + 30u + 59u) / 60u * 60u);
    return true;
}

/* SPDX-License-Identifier: Apache-2.0
 * The worlds of the adversary search: who stands there, how prices move, and the dust bound.
 * It must never look at what a plan does. */
#include "sim_adversary.h"
#include "sim_error.h"
#include "sim_scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MILLION INT64_C(1000000)
#define WALK    INT64_C(4000)   /* ppm of a usual step */
#define JUMP    INT64_C(99000)  /* ppm: just inside the band of 10 % */
#define AWAY    INT64_C(90000)  /* ppm: how far the path goes from its start, inside the window */
#define CRASH   UINT64_C(92000) /* ppm: two of them stay inside 20 % */
#define CALM_ONE_IN 4u

/* One market with a small cap, backed by insurance; three accounts of two owners against a maker, a
 * long and a short at their limit, and a keeper. */
static const struct sim_adversary_place tiny = {
    .name = "tiny",
    .text = "quote   USDC decimals 6\n"
            "market  ETH-PERP oi_cap 10_000 allotment 2_000 draw_cap 2_000\n"
            "account ann cross\n"
            "account bob cross\n"
            "account cid cross owner ann\n"
            "account maker cross\n"
            "account lena cross\n"
            "account sam cross\n"
            "account kim cross\n"
            "deposit ann 500 USDC -> ok\n"
            "deposit bob 500 USDC -> ok\n"
            "deposit cid 500 USDC -> ok\n"
            "deposit maker 100_000 USDC -> ok\n"
            "deposit lena 200 USDC -> ok\n"
            "deposit sam 200 USDC -> ok\n"
            "deposit kim 100_000 USDC -> ok\n"
            "fund_insurance ETH-PERP 20 -> ok\n"
            "price   ETH-PERP 2_000 -> ok\n"
            "trade   lena buy 0.9 ETH-PERP @ 2_000 with maker -> ok\n"
            "trade   sam sell 0.9 ETH-PERP @ 2_000 with maker -> ok\n",
    .backing = "fund_insurance ETH-PERP 1_980 -> ok\n",
    .owners = {"", "ann", "bob", "ann", "maker", "lena", "sam", "kim"},
    .group = 3,
    .keeper = 7,
    .feeds = 1,
    .markets = 1,
    .assets = 1,
    .market_feed = 0,
    .tokens = {"USDC"},
    .length = 10,
};

/* The same without the envelope: nothing stands behind the market. [PRICE-7] */
static const struct sim_adversary_place loose = {
    .name = "loose",
    .text = "quote   USDC decimals 6\n"
            "market  ETH-PERP oi_cap 1_000_000 allotment 0 draw_cap 0 unbacked\n"
            "account ann cross\n"
            "account bob cross\n"
            "account cid cross owner ann\n"
            "account maker cross\n"
            "account lena cross\n"
            "account sam cross\n"
            "account kim cross\n"
            "deposit ann 500 USDC -> ok\n"
            "deposit bob 500 USDC -> ok\n"
            "deposit cid 500 USDC -> ok\n"
            "deposit maker 100_000 USDC -> ok\n"
            "deposit lena 200 USDC -> ok\n"
            "deposit sam 200 USDC -> ok\n"
            "deposit kim 100_000 USDC -> ok\n"
            "price   ETH-PERP 2_000 -> ok\n"
            "trade   lena buy 0.9 ETH-PERP @ 2_000 with maker -> ok\n"
            "trade   sam sell 0.9 ETH-PERP @ 2_000 with maker -> ok\n",
    .backing = "",
    .owners = {"", "ann", "bob", "ann", "maker", "lena", "sam", "kim"},
    .group = 3,
    .keeper = 7,
    .feeds = 1,
    .markets = 1,
    .assets = 1,
    .market_feed = 0,
    .tokens = {"USDC"},
    .length = 10,
};

/* Two markets with fees, size premium, slices and a window of takeovers; collateral of few atoms
 * and a discount; four accounts of three owners; the long has some of the collateral. */
static const struct sim_adversary_place medium = {
    .name = "medium",
    .text = "quote   USDC decimals 6\n"
            "asset   WETH decimals 2 cap 1_000 weight_initial 80% weight_maint 85%\n"
            "market  ETH-PERP oi_cap 40_000 allotment 8_000 draw_cap 8_000 fee_taker 0.05% "
            "fee_maker 0.02% oi_lower 20_000 oi_upper 60_000 liq_slice_above 4_000 grace_pay 60s "
            "gain_weight 80%\n"
            "market  BTC-PERP oi_cap 40_000 allotment 8_000 draw_cap 8_000 imf 0.5%\n"
            "account ann cross\n"
            "account bob cross\n"
            "account cid cross owner ann\n"
            "account dan cross\n"
            "account maker cross\n"
            "account lena cross\n"
            "account sam cross\n"
            "account kim cross\n"
            "deposit ann 1_500 USDC -> ok\n"
            "deposit bob 1_500 USDC -> ok\n"
            "deposit cid 200 USDC -> ok\n"
            "deposit maker 1_000_000 USDC -> ok\n"
            "deposit lena 250 USDC -> ok\n"
            "deposit sam 1_000 USDC -> ok\n"
            "deposit kim 1_000_000 USDC -> ok\n"
            "fund_insurance ETH-PERP 30 -> ok\n"
            "fund_insurance BTC-PERP 30 -> ok\n"
            "fund_insurance global 20 -> ok\n"
            "price   WETH 2_000 -> ok\n"
            "price   ETH-PERP 2_000 -> ok\n"
            "price   BTC-PERP 60_000 -> ok\n"
            "deposit dan 1 WETH -> ok\n"
            "deposit lena 0.3 WETH -> ok\n"
            "trade   lena buy 3 ETH-PERP @ 2_000 with maker -> ok\n"
            "trade   sam sell 3 ETH-PERP @ 2_000 with maker -> ok\n"
            "trade   sam sell 0.05 BTC-PERP @ 60_000 with maker -> ok\n",
    .backing = "fund_insurance ETH-PERP 7_970 -> ok\n"
               "fund_insurance BTC-PERP 7_970 -> ok\n",
    .owners = {"", "ann", "bob", "ann", "dan", "maker", "lena", "sam", "kim"},
    .group = 4,
    .keeper = 8,
    .feeds = 3,
    .markets = 2,
    .assets = 2,
    .market_feed = 1,
    .asset_feed = {0, 0},
    .tokens = {"USDC", "WETH"},
    .asset_unit = {0, (sim_int)10000000000000000},
    .length = 20,
};

const struct sim_adversary_place *sim_adversary_place(const char *name)
{
    static const struct sim_adversary_place *const places[] = {&tiny, &medium, &loose};

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (strcmp(name, places[i]->name) == 0) {
            return places[i];
        }
    }
    return NULL;
}

/* Every rounding is against who acts, in lots, ticks and 1e-18 alike, and what enters and leaves
 * are whole atoms: nothing is left to gain. [UNIT-2] [UNIT-4] */
sim_int sim_adversary_dust(void)
{
    return 0;
}

/* Small steps and now and then a jump to just inside the band; never further from the start than
 * what every window allows. */
static void draw_walk(struct sim_adversary_stage *stage, struct sim_random *random, uint32_t feed)
{
    int64_t at = MILLION;
    for (uint32_t i = 1; i < SIM_ADVERSARY_PATH; i++) {
        int64_t ppm = sim_random_bell(random) * WALK / 1000;
        if (sim_random_below(random, CALM_ONE_IN) == 0) {
            ppm = sim_random_below(random, 2) == 0 ? JUMP : -JUMP;
        }
        int64_t next = at + at * ppm / MILLION;
        next = next > MILLION + AWAY ? MILLION + AWAY : next;
        next = next < MILLION - AWAY ? MILLION - AWAY : next;
        ppm = (next - at) * MILLION / at;
        ppm = ppm > JUMP ? JUMP : (ppm < -JUMP ? -JUMP : ppm);
        stage->path[i][feed] = (int32_t)ppm;
        at += at * ppm / MILLION;
    }
}

/* Two steps that together stay inside the window's band, one after the other, somewhere early. */
static void draw_crash(struct sim_adversary_stage *stage, struct sim_random *random, uint32_t feed)
{
    const bool falls = sim_random_below(random, 2) == 0;
    const uint32_t at = 1u + (uint32_t)sim_random_below(random, 2);
    for (uint32_t i = at; i < at + 2u; i++) {
        const int32_t ppm = (int32_t)sim_random_between(random, 50000, CRASH);
        stage->path[i][feed] = falls ? -ppm : ppm;
    }
}

static void draw_path(struct sim_adversary_stage *stage, uint64_t seed)
{
    struct sim_random random = {.state = seed ^ UINT64_C(0x70617468)};
    for (uint32_t feed = 0; feed < stage->place->feeds; feed++) {
        switch (stage->prices) {
        case SIM_ADVERSARY_CONSTANT: break;
        case SIM_ADVERSARY_MOVING: draw_walk(stage, &random, feed); break;
        case SIM_ADVERSARY_CRASH: draw_crash(stage, &random, feed); break;
        case SIM_ADVERSARY_PRICES_COUNT: break;
        }
    }
}

const char *sim_adversary_prices_name(enum sim_adversary_prices prices)
{
    static const char *const names[] = {"constant", "moving", "crash"};
    return prices < SIM_ADVERSARY_PRICES_COUNT ? names[prices] : "none";
}

static struct sim_world *prepare(const struct sim_adversary_stage *stage)
{
    const struct sim_adversary_place *place = stage->place;
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE,
                                              .lab = stage->rules != 0};
    struct sim_script script = {0};
    struct sim_fault fault = {0};
    struct sim_scenario scenario;
    struct sim_buffer text = {0};
    struct sim_world *world = sim_world_new(&options);
    sim_bytes_add_text(&text, place->text);
    sim_bytes_add_text(&text, stage->prices == SIM_ADVERSARY_CRASH ? place->backing : "");
    const char *whole = sim_bytes_text(&text);
    bool is_good = sim_script_parse(whole, strlen(whole), &script, &fault);
    if (is_good) {
        sim_scenario_begin(&scenario, place->name, &script, world);
        is_good = sim_scenario_run(&scenario);
        fault = scenario.fault;
        sim_scenario_end(&scenario);
        sim_script_free(&script);
    }
    if (!is_good) {
        sim_error_at(place->name, fault.line, "%s", fault.why);
        sim_world_free(world);
        world = NULL;
    }
    sim_bytes_free(&text);
    return world;
}

bool sim_adversary_begin(struct sim_adversary_stage *stage,
                         const struct sim_adversary_place *place,
                         uint64_t seed,
                         enum sim_adversary_prices prices,
                         uint64_t rules)
{
    *stage = (struct sim_adversary_stage){.place = place, .rules = rules, .prices = prices};
    for (uint32_t i = 1; i < SIM_ADVERSARY_ACCOUNTS && place->owners[i] != NULL; i++) {
        stage->owners[i] = sim_world_actor(place->owners[i]);
    }
    stage->owners[0] = sim_world_actor("nobody");
    draw_path(stage, seed);
    stage->prepared = prepare(stage);
    if (stage->prepared != NULL) {
        sim_world_set_lab(stage->prepared, rules);
    }
    return stage->prepared != NULL;
}

void sim_adversary_end(struct sim_adversary_stage *stage)
{
    sim_world_free(stage->prepared);
    stage->prepared = NULL;
}

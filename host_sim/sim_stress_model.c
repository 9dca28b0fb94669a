/* SPDX-License-Identifier: Apache-2.0
 * Price paths from models: clusters of volatility, jumps, one factor that markets share. Spec:
 * docs/STRESS.md, "The generator". The same seed gives the same bars on every machine. */
#include "sim_stress.h"

#include <string.h>

#define PPM        INT64_C(1000000)
#define NANO       INT64_C(1000000000)
#define THOUSAND   INT64_C(1000)
#define WARM_BARS  1500u /* played before the first bar, so that heat is any day's */
#define SQUARE_MAX (INT64_C(25) * PPM)
#define HEAT_MAX   (INT64_C(400) * PPM)
#define SCALE_MAX  (INT64_C(10) * NANO) /* of z = 1: a price is bounded at each step anyway */
#define JUMP_MAX   INT64_C(1000000)     /* thousandths: a thousand deviations */
#define EDGE       500u                 /* a price stays within this factor of its first */
#define PRICE_MAX  UINT64_C(18000000000000000000)
#define SALT       UINT64_C(0x7374726573730001)

/* One market on its way. */
struct walk {
    const struct sim_stress_model *model;
    uint64_t price;
    int64_t scale;                         /* what a z of one moves in this bar, 1e-9 */
    int64_t heat2;                         /* ppm, 1 in the long run */
    int64_t memories[SIM_STRESS_MEMORIES]; /* means of squares of moves, ppm */
    int64_t own;                           /* what is left beside the shared factor, thousandths */
    int64_t jump;     /* of this bar, thousandths of the deviation of the moment */
    uint32_t jump_at; /* in which of its steps */
    int64_t z;        /* of this bar so far, thousandths times the root of its steps */
};

/* What a z of one moves in a bar, 1e-9: deviation x heat. */
static void set_scale(struct walk *walk)
{
    const sim_int heat = (sim_int)sim_stress_root((sim_uint)walk->heat2);
    const sim_int scale = (sim_int)walk->model->deviation * heat / THOUSAND;
    walk->scale = (int64_t)(scale < SCALE_MAX ? scale : SCALE_MAX);
}

static void begin(const struct sim_stress_model *model, struct walk *out)
{
    const int64_t shared = (int64_t)model->loading * model->loading;
    *out = (struct walk){.model = model,
                         .price = model->price,
                         .heat2 = PPM,
                         .memories = {PPM, PPM, PPM},
                         .own = (int64_t)sim_stress_root((sim_uint)(PPM - shared))};
    set_scale(out);
}

/* What all markets share in a bar: whether and when the common clock jumps, where to, how far. */
struct clock {
    uint64_t dice; /* below PPM */
    uint64_t at;
    bool is_up;
    int64_t size; /* thousandths of a mean jump */
};

/* A size whose mean is 1000 and whose tail is exponential: halves and halves again. */
static int64_t draw_size(struct sim_random *random)
{
    uint64_t bits = sim_random_next(random);
    int64_t size = 0;
    while ((bits & 1u) != 0 && size < 40 * THOUSAND) {
        size += 693;
        bits >>= 1;
    }
    return size + (int64_t)sim_random_below(random, 614);
}

static struct clock draw_clock(struct sim_random *random, uint32_t steps)
{
    struct clock clock = {.dice = sim_random_below(random, (uint64_t)PPM)};
    clock.at = sim_random_below(random, steps);
    clock.is_up = sim_random_below(random, 2) != 0;
    clock.size = draw_size(random);
    return clock;
}

/* A market follows the common clock as often as its loading's square says, else its own. */
static void
set_jump(struct walk *walk, struct sim_random *random, const struct clock *common, uint32_t steps)
{
    const struct clock own = draw_clock(random, steps);
    const int64_t shared = (int64_t)walk->model->loading * walk->model->loading;
    const bool follows = (int64_t)sim_random_below(random, (uint64_t)PPM) < shared;
    const struct clock *clock = follows ? common : &own;
    const bool is_up = clock->is_up != (follows && walk->model->loading < 0);
    const int64_t drawn = (int64_t)walk->model->jump_size * clock->size / THOUSAND;
    const int64_t size = drawn < JUMP_MAX ? drawn : JUMP_MAX;
    walk->jump = clock->dice < walk->model->jump_rate ? (is_up ? size : -size) : 0;
    walk->jump_at = (uint32_t)clock->at;
    walk->z = 0;
}

/* Moves a price by a share in 1e-9: it never halves nor doubles at once. */
static void move_price(struct walk *walk, int64_t share)
{
    int64_t bound = share < -NANO / 2 ? -NANO / 2 : share;
    bound = bound > NANO ? NANO : bound;
    sim_int moved = (sim_int)walk->price * (NANO + bound) / NANO;
    const sim_int least = (sim_int)(walk->model->price / EDGE) + 1;
    sim_int most = (sim_int)walk->model->price * EDGE;
    most = most < (sim_int)PRICE_MAX ? most : (sim_int)PRICE_MAX;
    moved = moved < least ? least : moved;
    walk->price = (uint64_t)(moved > most ? most : moved);
}

/* One step of one market. root: of the number of steps, thousandths. */
static void
take_step(struct walk *walk, struct sim_random *random, int64_t common, uint32_t step, int64_t root)
{
    int64_t z = (walk->model->loading * common + walk->own * sim_random_bell(random)) / THOUSAND;
    z += step == walk->jump_at ? walk->jump * root / THOUSAND : 0;
    walk->z += z;
    move_price(walk, walk->scale * z / root);
}

/* After a bar: the next one is hotter where this one, and those before it, moved far. */
static void take_heat(struct walk *walk, int64_t root)
{
    static const int64_t paces[SIM_STRESS_MEMORIES] = SIM_STRESS_PACES;
    const sim_int z = (sim_int)walk->z * THOUSAND / root;
    const sim_int square = z * z < SQUARE_MAX ? z * z : SQUARE_MAX;
    const int64_t moved = (int64_t)(walk->heat2 * square / PPM);
    sim_int heat2 = PPM * PPM;
    for (uint32_t i = 0; i < SIM_STRESS_MEMORIES; i++) {
        walk->memories[i] += (moved - walk->memories[i]) / paces[i];
        heat2 += (sim_int)walk->model->weights[i] * (walk->memories[i] - PPM);
    }
    heat2 = heat2 / PPM + 1;
    walk->heat2 = heat2 < HEAT_MAX ? (int64_t)heat2 : HEAT_MAX;
    set_scale(walk);
}

/* A bar of every market; bars is NULL while the walk warms up. */
static void take_bar(struct walk *walks,
                     uint32_t count,
                     uint32_t steps,
                     struct sim_random *random,
                     struct sim_bar *bars)
{
    const int64_t root = (int64_t)sim_stress_root((sim_uint)steps * (sim_uint)PPM);
    const struct clock common = draw_clock(random, steps);
    for (uint32_t i = 0; i < count; i++) {
        set_jump(&walks[i], random, &common, steps);
    }
    for (uint32_t step = 0; step < steps; step++) {
        const int64_t shared = sim_random_bell(random);
        for (uint32_t i = 0; i < count; i++) {
            take_step(&walks[i], random, shared, step, root);
            if (bars != NULL) {
                const uint64_t price = walks[i].price;
                bars[i].high = price > bars[i].high ? price : bars[i].high;
                bars[i].low = price < bars[i].low ? price : bars[i].low;
                bars[i].close = price;
            }
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        take_heat(&walks[i], root);
    }
}

void sim_stress_generate(const struct sim_stress_market *markets,
                         uint32_t count,
                         const struct sim_stress_shape *shape,
                         uint64_t seed,
                         struct sim_prices *out)
{
    struct sim_random random = {.state = seed ^ SALT};
    struct walk walks[SIM_STRESS_MARKETS];
    struct sim_bar bars[SIM_STRESS_MARKETS];
    for (uint32_t i = 0; i < count; i++) {
        begin(&markets[i].model, &walks[i]);
        out[i] = (struct sim_prices){.step = shape->step, .is_generated = true};
        out[i].bars = sim_bytes_grow(NULL, &out[i].capacity, shape->bars, sizeof *out[i].bars);
    }
    for (uint32_t bar = 0; bar < WARM_BARS; bar++) {
        take_bar(walks, count, 1, &random, NULL);
    }
    for (uint32_t i = 0; i < count; i++) {
        walks[i].price = markets[i].model.price;
    }
    for (uint32_t bar = 0; bar < shape->bars; bar++) {
        for (uint32_t i = 0; i < count; i++) {
            bars[i] = (struct sim_bar){.time = shape->start + bar * shape->step,
                                       .open = walks[i].price,
                                       .high = walks[i].price,
                                       .low = walks[i].price,
                                       .close = walks[i].price};
        }
        take_bar(walks, count, shape->steps, &random, bars);
        for (uint32_t i = 0; i < count; i++) {
            out[i].bars[out[i].count++] = bars[i];
        }
    }
}

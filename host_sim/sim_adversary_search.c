/* SPDX-License-Identifier: Apache-2.0
 * The climb: a pool of plans, changed and tried; what is better or meets a code that was not met
 * stays; after a while without progress it begins anew. It knows the fields of a move, and must
 * never know what a move does. */
#include "sim_adversary.h"

#include <string.h>

#define GOOD    12u   /* plans kept because they are good */
#define POOL    36u   /* and those behind them because they were new, the oldest goes first */
#define PATIENT 1500u /* rounds without a better plan before a restart */
#define STRANGE 24u   /* one plan in so many begins from nothing */

/* plans[0 .. good) and plans[GOOD .. GOOD + strange). */
struct pool {
    struct sim_adversary_plan plans[POOL];
    sim_int scores[POOL];
    uint32_t good;
    uint32_t strange;
    uint32_t next; /* of the strange ones, the place that is overwritten */
    uint64_t cover[SIM_ADVERSARY_KIND_COUNT][SIM_ADVERSARY_COVER];
};

struct climb {
    const struct sim_adversary_stage *stage;
    struct sim_random random;
    struct pool pool;
    struct sim_adversary_best *best;
};

static uint64_t below(struct climb *c, uint64_t bound)
{
    return sim_random_below(&c->random, bound);
}

/* --- moves ------------------------------------------------------------------------------------ */
static uint8_t group_member(struct climb *c)
{
    return (uint8_t)(1u + below(c, c->stage->place->group));
}

/* A member, or now and then the maker. */
static uint8_t partner(struct climb *c)
{
    return (uint8_t)(1u + below(c, c->stage->place->group + 1u));
}

/* A member, or one of the honest behind the maker. */
static uint8_t anybody(struct climb *c)
{
    const struct sim_adversary_place *place = c->stage->place;
    const uint32_t first = place->group + 2u;
    return below(c, 2) == 0 ? (uint8_t)(first + below(c, place->keeper - first + 1u))
                            : group_member(c);
}

static int64_t some_lots(struct climb *c)
{
    static const int64_t lots[] = {0,
                                   0,
                                   1,
                                   7,
                                   100000,
                                   1000000,
                                   5000000,
                                   25000000,
                                   50000000,
                                   100000000,
                                   200000000,
                                   300000000,
                                   500000000};
    return lots[below(c, sizeof lots / sizeof lots[0])];
}

static int64_t some_atoms(struct climb *c, uint8_t asset)
{
    static const int64_t atoms[] = {
        0, 0, 1, 2, 1000000, 50000000, 200000000, 500000000, 1000000000, 5000000000};
    static const int64_t coins[] = {0, 1, 3, 50, 100, 1000};
    return asset == 0 ? atoms[below(c, sizeof atoms / sizeof atoms[0])]
                      : coins[below(c, sizeof coins / sizeof coins[0])];
}

static int32_t some_edge(struct climb *c)
{
    static const int32_t edges[] = {
        0, 0, 1, -1, 5000, -5000, 30000, -30000, 50000, -50000, 99000, -99000};
    return edges[below(c, sizeof edges / sizeof edges[0])];
}

static uint8_t some_kind(struct climb *c)
{
    static const uint8_t usual[] = {SIM_ADVERSARY_TRADE,
                                    SIM_ADVERSARY_PRICE,
                                    SIM_ADVERSARY_WITHDRAW,
                                    SIM_ADVERSARY_TRANSFER,
                                    SIM_ADVERSARY_SETTLE,
                                    SIM_ADVERSARY_LIQUIDATE};
    return below(c, 2) == 0 ? usual[below(c, sizeof usual)]
                            : (uint8_t)below(c, SIM_ADVERSARY_KIND_COUNT);
}

static bool is_money(uint8_t kind)
{
    return kind == SIM_ADVERSARY_DEPOSIT || kind == SIM_ADVERSARY_WITHDRAW ||
           kind == SIM_ADVERSARY_TRANSFER || kind == SIM_ADVERSARY_INSURE ||
           kind == SIM_ADVERSARY_DONATE;
}

/* A field of a move anew: 0 who, 1 with, 2 target, 3 amount, 4 edge. Only members act; the group
 * trades with the maker too, and touches anybody where anybody may. */
static void renew(struct climb *c, struct sim_adversary_move *move, uint32_t field)
{
    const bool trades = move->kind == SIM_ADVERSARY_TRADE || move->kind == SIM_ADVERSARY_ROUND;
    const bool touches = move->kind >= SIM_ADVERSARY_SETTLE && move->kind <= SIM_ADVERSARY_RESOLVE;
    const bool is_closing = move->kind == SIM_ADVERSARY_DELEVERAGE;
    switch (field) {
    case 0: move->who = touches ? anybody(c) : group_member(c); break;
    case 1: move->with = trades ? partner(c) : (is_closing ? anybody(c) : group_member(c)); break;
    case 2:
        move->target = (uint8_t)below(
            c, is_money(move->kind) ? c->stage->place->assets : c->stage->place->markets);
        break;
    case 3:
        move->amount = is_money(move->kind) ? some_atoms(c, move->target) : some_lots(c);
        if (move->kind == SIM_ADVERSARY_WAIT) {
            move->amount = (int64_t[]){1, 10, 29, 30, 59}[below(c, 5)];
        }
        break;
    default: move->edge = some_edge(c); break;
    }
    if (trades && below(c, 4) == 0 && field == 1) {
        const uint8_t who = move->who;
        move->who = move->with;
        move->with = who;
    }
    if (trades && move->who > c->stage->place->group && move->with > c->stage->place->group) {
        move->who = group_member(c);
    }
}

static struct sim_adversary_move fresh_move(struct climb *c)
{
    struct sim_adversary_move move = {.kind = some_kind(c)};
    for (uint32_t field = 0; field < 5; field++) {
        renew(c, &move, field);
    }
    return move;
}

/* --- changes ---------------------------------------------------------------------------------- */
static void insert(struct climb *c, struct sim_adversary_plan *plan)
{
    if (plan->count >= c->stage->place->length) {
        return;
    }
    const uint32_t at = (uint32_t)below(c, plan->count + 1u);
    memmove(&plan->moves[at + 1], &plan->moves[at], (plan->count - at) * sizeof plan->moves[0]);
    plan->moves[at] = fresh_move(c);
    plan->count++;
}

static void delete(struct sim_adversary_plan *plan, uint32_t at)
{
    plan->count--;
    memmove(&plan->moves[at], &plan->moves[at + 1], (plan->count - at) * sizeof plan->moves[0]);
}

static void change_field(struct climb *c, struct sim_adversary_plan *plan)
{
    struct sim_adversary_move *move = &plan->moves[below(c, plan->count)];
    const uint64_t pick = below(c, 8);
    if (pick < 5) {
        renew(c, move, (uint32_t)pick);
    } else if (pick == 5) {
        const int64_t more = move->amount / (below(c, 2) == 0 ? 1 : 8);
        move->amount += move->amount < INT64_C(1) << 40 ? more : 0;
    } else if (pick == 6) {
        move->amount -= move->amount / (below(c, 2) == 0 ? 2 : 8);
    } else {
        move->amount += move->amount > 0 && below(c, 2) == 0 ? -1 : 1;
    }
    if (move->kind == SIM_ADVERSARY_WAIT && (move->amount < 1 || move->amount > 59)) {
        move->amount = 10;
    }
}

/* One of the pool: the better of two good ones, or a strange one. */
static uint32_t choose(struct climb *c)
{
    const struct pool *pool = &c->pool;
    if (pool->strange > 0 && below(c, 2) == 0) {
        return GOOD + (uint32_t)below(c, pool->strange);
    }
    const uint32_t one = (uint32_t)below(c, pool->good);
    const uint32_t two = (uint32_t)below(c, pool->good);
    return pool->scores[one] >= pool->scores[two] ? one : two;
}

static void splice(struct climb *c, struct sim_adversary_plan *plan)
{
    const struct sim_adversary_plan *other = &c->pool.plans[choose(c)];
    const uint32_t kept = (uint32_t)below(c, plan->count + 1u);
    const uint32_t from = (uint32_t)below(c, other->count + 1u);
    plan->count = kept;
    for (uint32_t i = from; i < other->count && plan->count < c->stage->place->length; i++) {
        plan->moves[plan->count++] = other->moves[i];
    }
}

static void change(struct climb *c, struct sim_adversary_plan *plan)
{
    const uint64_t pick = plan->count == 0 ? 0 : below(c, c->pool.good == 0 ? 9 : 10);
    if (pick < 4) {
        insert(c, plan);
    } else if (pick < 5) {
        delete(plan, (uint32_t)below(c, plan->count));
    } else if (pick < 8) {
        change_field(c, plan);
    } else if (pick < 9) {
        const uint32_t one = (uint32_t)below(c, plan->count);
        const uint32_t two = (uint32_t)below(c, plan->count);
        const struct sim_adversary_move move = plan->moves[one];
        plan->moves[one] = plan->moves[two];
        plan->moves[two] = move;
    } else {
        splice(c, plan);
    }
}

/* --- the climb --- */
/* With rules off an engine that stops itself is no profit. */
static bool is_above(const struct sim_adversary_stage *stage,
                     const struct sim_adversary_value *value)
{
    if (value->has_stopped) {
        return stage->rules == 0;
    }
    return value->excess > sim_adversary_dust();
}

/* True where the plan met a result, or one accepted move behind another, that none before it met.
 */
static bool is_new(struct pool *pool, const struct sim_adversary_value *value)
{
    bool any = false;
    for (uint32_t kind = 0; kind < SIM_ADVERSARY_KIND_COUNT; kind++) {
        for (uint32_t i = 0; i < SIM_ADVERSARY_COVER; i++) {
            any = any || (value->cover[kind][i] & ~pool->cover[kind][i]) != 0;
            pool->cover[kind][i] |= value->cover[kind][i];
        }
    }
    return any;
}

/* Puts a plan in the place of the worst of the good. */
static void keep_good(struct pool *pool, const struct sim_adversary_plan *plan, sim_int score)
{
    uint32_t at = 0;
    if (pool->good < GOOD) {
        at = pool->good++;
    } else {
        for (uint32_t i = 1; i < GOOD; i++) {
            at = pool->scores[i] < pool->scores[at] ? i : at;
        }
    }
    pool->plans[at] = *plan;
    pool->scores[at] = score;
}

static void keep_strange(struct pool *pool, const struct sim_adversary_plan *plan, sim_int score)
{
    const uint32_t at = GOOD + pool->next;
    pool->plans[at] = *plan;
    pool->scores[at] = score;
    pool->next = (pool->next + 1u) % (POOL - GOOD);
    pool->strange += pool->strange < POOL - GOOD ? 1 : 0;
}

static void note_best(struct climb *c,
                      const struct sim_adversary_plan *plan,
                      const struct sim_adversary_value *value)
{
    struct sim_adversary_best *best = c->best;
    const bool is_above_bound = is_above(c->stage, value);
    best->operations += value->operations;
    best->profit = value->profit > best->profit ? value->profit : best->profit;
    best->draws = value->draws > best->draws ? value->draws : best->draws;
    for (uint32_t kind = 0; kind < SIM_ADVERSARY_KIND_COUNT; kind++) {
        for (uint32_t i = 0; i < SIM_ADVERSARY_COVER; i++) {
            best->cover[kind][i] |= value->cover[kind][i];
        }
    }
    if (best->plans == 0 || (is_above_bound && value->has_stopped) ||
        (!value->has_stopped && value->excess > best->value.excess)) {
        best->plan = *plan;
        best->value = *value;
        best->is_found = is_above_bound;
    }
    best->plans++;
}

/* Leaves out single moves for as long as half of the finding stays. */
static void shrink(const struct sim_adversary_stage *stage, struct sim_adversary_best *best)
{
    const sim_int least = best->value.excess / 2;
    bool any = true;
    while (any) {
        any = false;
        for (uint32_t i = best->plan.count; i-- > 0;) {
            struct sim_adversary_plan less = best->plan;
            struct sim_adversary_value value;
            delete(&less, i);
            sim_adversary_play(stage, &less, &value, NULL);
            if (is_above(stage, &value) && value.has_stopped == best->value.has_stopped &&
                (value.has_stopped || value.excess >= least)) {
                best->plan = less;
                best->value = value;
                any = true;
            }
        }
    }
}

/* The next plan: a few changes of one of the pool, or at first and now and then a whole one at
 * random. The very first is to do nothing. */
static sim_int propose(struct climb *c, uint64_t round, struct sim_adversary_plan *plan)
{
    const bool is_fresh = c->pool.good < GOOD || below(c, STRANGE) == 0;
    uint64_t changes = round == 0 ? 0 : 2u + below(c, c->stage->place->length);
    sim_int score = 0;
    *plan = (struct sim_adversary_plan){0};
    if (!is_fresh) {
        const uint32_t parent = choose(c);
        *plan = c->pool.plans[parent];
        score = c->pool.scores[parent];
        changes = 1u + below(c, 4);
    }
    for (; changes > 0; changes--) {
        change(c, plan);
    }
    return score;
}

void sim_adversary_search(const struct sim_adversary_stage *stage,
                          uint64_t seed,
                          uint64_t rounds,
                          struct sim_adversary_best *best)
{
    static struct climb c;
    uint64_t quiet = 0;
    c = (struct climb){.stage = stage, .random = {.state = seed}, .best = best};
    *best = (struct sim_adversary_best){0};
    /* With rules off the climb goes on for the whole profit; with them on one finding is enough. */
    for (uint64_t round = 0; round < rounds && (!best->is_found || stage->rules != 0); round++) {
        struct sim_adversary_plan plan;
        struct sim_adversary_value value;
        const sim_int score = propose(&c, round, &plan);
        sim_adversary_play(stage, &plan, &value, NULL);
        note_best(&c, &plan, &value);
        quiet = value.guide > score ? 0 : quiet + 1u;
        if (is_new(&c.pool, &value)) {
            keep_strange(&c.pool, &plan, value.guide);
        }
        /* As good as its parent is good enough: what follows may need the change. */
        if (c.pool.good < GOOD || value.guide > score ||
            (value.guide == score && below(&c, 2) == 0)) {
            keep_good(&c.pool, &plan, value.guide);
        }
        if (quiet > PATIENT) {
            c.pool = (struct pool){0};
            quiet = 0;
        }
    }
    if (best->is_found) {
        shrink(stage, best);
    }
}

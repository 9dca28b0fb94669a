/* SPDX-License-Identifier: Apache-2.0
 * build: sim native
 * What compares two worlds, so that no auditor of one can see it.
 * [I51] Other things equal, a long's equity does not fall and a short's does not rise as the price
 * rises; requirements, levels and what may leave follow. [I52] A deposit never turns an accepted
 * operation of an owner, or a fill, into a refused one. [I36] Who asks does not matter: the same
 * steps with the owners' addresses exchanged end in the same codes.
 *     prop_monotone [seeds [first]] */
#include "sim_fuzz.h"
#include "sim_scenario.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_SEEDS 24u
#define OPERATIONS    1200u
#define PRICES        180
#define ADDRESS       20u

static const char book[] = "quote USDC decimals 6\n"
                           "asset WETH decimals 18 cap 1_000_000\n"
                           "market M imf 0.02 oi_cap 9_000_000\n"
                           "market N\n"
                           "account long cross\n"
                           "account short cross\n"
                           "account mixed cross\n"
                           "account maker cross\n"
                           "deposit long 12_000 USDC -> ok\n"
                           "deposit short 12_000 USDC -> ok\n"
                           "deposit mixed 4_000 USDC -> ok\n"
                           "deposit maker 4_000_000 USDC -> ok\n"
                           "price WETH 2_000 -> ok\n"
                           "price M 1_000 -> ok\n"
                           "price N 50 -> ok\n"
                           "deposit mixed 5 WETH -> ok\n"
                           "trade long buy 40 M @ 1_000 with maker -> ok\n"
                           "trade short sell 40 M @ 1_000 with maker -> ok\n"
                           "trade mixed buy 9 M @ 1_000 with maker -> ok\n"
                           "trade mixed sell 90 N @ 50 with maker -> ok\n"
                           "advance 10s\n"
                           "price WETH 2_000 -> ok\n"
                           "price N 50 -> ok\n";

static void require(bool holds, const char *what, uint64_t where)
{
    if (!holds) {
        (void)fprintf(stderr, "prop_monotone: %s, at %" PRIu64 "\n", what, where);
        abort();
    }
}

/* --- [I51] --------------------------------------------------------------------------------- */
static struct sim_world *open_book(void)
{
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    struct sim_world *world = sim_world_new(&options);
    struct sim_script script = {0};
    struct sim_fault fault = {0};
    struct sim_scenario scenario;
    require(sim_script_parse(book, sizeof book - 1, &script, &fault), fault.why, fault.line);
    sim_scenario_begin(&scenario, "book", &script, world);
    require(sim_scenario_run(&scenario), scenario.fault.why, scenario.fault.line);
    sim_scenario_end(&scenario);
    sim_script_free(&script);
    return world;
}

static struct plm_reply_margin margin_at(const struct sim_world *base, uint64_t id, uint64_t ticks)
{
    struct plm_reply_margin reply = {0};
    const struct plm_get_margin ask = {.account = id};
    struct sim_world *world = sim_world_copy(base, NULL);
    struct plm_publish_price message = {.quotes_count = 1};
    const struct plm_addr oracle = sim_world_actor("oracle1");
    message.quotes[0] =
        (struct plm_quote){.feed = 1, .price = {ticks}, .time = {sim_world_time(world)}};
    const struct sim_outcome *outcome =
        sim_world_send(world, &oracle, NULL, 0, PLM_OP_PUBLISH_PRICE, &message);
    require(outcome != NULL && outcome->code == PLM_OK, "the price is refused", ticks);
    require(sim_world_ask(world, PLM_QUERY_MARGIN, &ask, &reply) == PLM_OK, "no margin", id);
    sim_world_free(world);
    return reply;
}

static sim_int equity(const struct plm_reply_margin *reply)
{
    return sim_abi_int_of(reply->equity_maint.wadppm);
}

static void prove_price(void)
{
    /* ids in the order of the file: long 1, short 2, mixed 3, which is long of M */
    static const int signs[] = {1, -1, 1};
    struct sim_world *base = open_book();
    for (uint64_t id = 1; id <= 3; id++) {
        struct plm_reply_margin before = {0};
        for (uint64_t i = 0; i <= PRICES; i++) {
            const uint64_t ticks = UINT64_C(9100000000000) + i * UINT64_C(10000000000) + i;
            const struct plm_reply_margin now = margin_at(base, id, ticks);
            if (i > 0) {
                const sim_int step = (equity(&now) - equity(&before)) * signs[id - 1];
                require(step >= 0, "equity moves against the side", ticks);
                require(id == 3 || (signs[id - 1] > 0 ? now.level <= before.level
                                                      : now.level >= before.level),
                        "the level moves against the side",
                        ticks);
                require(sim_abi_int_of(now.maint.wadppm) >= sim_abi_int_of(before.maint.wadppm),
                        "maintenance falls with the price",
                        ticks);
            }
            before = now;
        }
    }
    sim_world_free(base);
    (void)printf("prop_monotone: 3 accounts at %d prices [I51]\n", PRICES + 1);
}

/* --- [I52] --------------------------------------------------------------------------------- */
/* The accounts of the operation whose owner more money would help. */
static uint32_t who_acts(const struct sim_fuzz_step *step, uint64_t *ids)
{
    static union sim_abi_object message;
    const uint32_t layout =
        sim_abi_decode_message((struct sim_span){step->message, step->length}, &message);
    if (layout == PLM_LAYOUT_trade) {
        const struct plm_trade *m = (const struct plm_trade *)&message;
        for (uint32_t i = 0; i < m->fills_count; i++) {
            ids[2u * i] = m->fills[i].buyer;
            ids[2u * i + 1u] = m->fills[i].seller;
        }
        return 2u * m->fills_count;
    }
    if (layout == PLM_LAYOUT_withdraw || layout == PLM_LAYOUT_set_leverage ||
        layout == PLM_LAYOUT_set_mode || layout == PLM_LAYOUT_transfer) {
        ids[0] = layout == PLM_LAYOUT_transfer ? ((const struct plm_transfer *)&message)->from
                                               : ((const struct plm_withdraw *)&message)->account;
        return 1;
    }
    return 0;
}

/* The step again, on a copy of the world before it, after a deposit to each who acts. */
static uint64_t try_richer(struct sim_world *before, const struct sim_fuzz_step *step)
{
    uint64_t ids[2u * PLM_FILLS_MAX];
    const uint32_t count = who_acts(step, ids);
    if (count == 0) {
        return 0;
    }
    const struct plm_addr giver = sim_fuzz_actor("giver", 0);
    for (uint32_t i = 0; i < count; i++) {
        const struct plm_fund fund = {.token = sim_fuzz_token(0), .atoms = {{.lo = 1234567}}};
        const struct plm_deposit gift = {.account = ids[i], .amount = fund.atoms};
        const struct sim_outcome *outcome =
            sim_world_send(before, &giver, &fund, 1, PLM_OP_DEPOSIT, &gift);
        if (outcome == NULL || outcome->code != PLM_OK) {
            return 0; /* deposits are paused, or at their bound */
        }
    }
    const struct sim_outcome *outcome = sim_fuzz_step_play(before, step);
    require(outcome != NULL && outcome->code == PLM_OK,
            "a deposit turned an accepted operation into a refused one",
            sim_world_operations(before));
    return 1;
}

static uint64_t prove_money(const struct sim_fuzz_steps *steps)
{
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    struct sim_world *world = sim_world_new(&options);
    uint64_t tried = 0;
    for (uint32_t i = 0; i < steps->count; i++) {
        const struct sim_fuzz_step *step = &steps->rows[i];
        uint64_t ids[2u * PLM_FILLS_MAX];
        const bool matters =
            step->kind == SIM_FUZZ_SEND && step->number == 0 && who_acts(step, ids) != 0;
        struct sim_world *before = matters ? sim_world_copy(world, NULL) : NULL;
        const struct sim_outcome *outcome = sim_fuzz_step_play(world, step);
        if (matters && outcome != NULL && outcome->code == PLM_OK) {
            tried += try_richer(before, step);
        }
        sim_world_free(before);
    }
    sim_world_free(world);
    return tried;
}

/* --- [I36] --------------------------------------------------------------------------------- */
static uint32_t owner_at(const uint8_t *bytes)
{
    for (uint32_t i = 0; i < SIM_FUZZ_OWNERS; i++) {
        const struct plm_addr one = sim_fuzz_actor("owner", i);
        if (memcmp(bytes, one.bytes, ADDRESS) == 0) {
            return i;
        }
    }
    return SIM_FUZZ_OWNERS;
}

/* Every owner's address in the bytes becomes that of his mirror image. */
static void exchange(uint8_t *bytes, uint32_t length)
{
    for (uint32_t i = 0; i + ADDRESS <= length; i++) {
        const uint32_t owner = owner_at(bytes + i);
        if (owner < SIM_FUZZ_OWNERS) {
            const struct plm_addr other = sim_fuzz_actor("owner", SIM_FUZZ_OWNERS - 1u - owner);
            memcpy(bytes + i, other.bytes, ADDRESS);
            i += ADDRESS - 1u;
        }
    }
}

static uint64_t prove_names(const struct sim_fuzz_steps *steps)
{
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    struct sim_world *one = sim_world_new(&options);
    struct sim_world *two = sim_world_new(&options);
    for (uint32_t i = 0; i < steps->count; i++) {
        struct sim_fuzz_steps copy = {0};
        sim_fuzz_steps_add(&copy, &steps->rows[i]);
        exchange(copy.rows[0].who.bytes, (uint32_t)copy.rows[0].who.length);
        exchange(copy.rows[0].message, copy.rows[0].length);
        const struct sim_outcome *a = sim_fuzz_step_play(one, &steps->rows[i]);
        const int32_t code = a == NULL ? -1 : a->code;
        const struct sim_outcome *b = sim_fuzz_step_play(two, copy.rows);
        require((a == NULL) == (b == NULL) && (b == NULL || b->code == code),
                "another name, another code",
                sim_world_operations(one));
        sim_fuzz_steps_free(&copy);
    }
    const uint64_t operations = sim_world_operations(one);
    sim_world_free(one);
    sim_world_free(two);
    return operations;
}

int main(int argc, char **argv)
{
    static struct sim_fuzz f;
    const uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : DEFAULT_SEEDS;
    const uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 100;
    uint64_t richer = 0;
    uint64_t renamed = 0;
    prove_price();
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        sim_fuzz_begin(&f, seed, SIM_CHOICE_NATIVE, false);
        while (f.operations < OPERATIONS) {
            require(sim_fuzz_next(&f), "the world broke", seed);
        }
        richer += prove_money(&f.steps);
        renamed += prove_names(&f.steps);
        sim_fuzz_end(&f);
    }
    require(richer >= seeds, "hardly any operation was tried again with more money", richer);
    (void)printf("prop_monotone: %" PRIu64 " accepted operations again after a deposit [I52]; "
                 "%" PRIu64 " operations under exchanged names [I36]\n",
                 richer,
                 renamed);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
/* Kernels of the core for `plimsoll bench`. Operands are those of design measurements: a in
 * [2^60, 2^80), b in [2^56, 2^84), divisors in [2^60, 2^90). It must never know a clock. */
#include "bench_core.h"

#include "plm_fix.h"
#include "plm_margin.h"

#define OPERANDS     64U
#define ACCOUNTS     4U
#define MARKETS      32U
#define PRICE        UINT64_C(20000000000000) /* 2 000 at 10 decimals */
#define LOTS_BINDING 10U                      /* of so many positions one is large */

struct bench_operands {
    plm_val a;
    plm_val b;
    plm_val c;
};

static struct bench_operands operands[OPERANDS];
static struct plm_account accounts[ACCOUNTS];
static struct plm_scratch scratch;
static uint64_t state;

/* A multiplicative generator: good enough for operands. */
PLM_WRAPS static uint64_t bench_next(void)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (state >> 24) ^ (state << 13);
}

/* A value of exactly `bits` significant bits. */
static plm_val bench_value(uint32_t bits)
{
    const uint64_t lo = bench_next();
    const uint64_t hi = bench_next();
    plm_val value = {{lo, 0}};
    if (bits > 64) {
        const uint64_t top = UINT64_C(1) << (bits - 65);
        value.wad.hi = (int64_t)((hi & (top - 1)) | top);
    } else {
        const uint64_t top = UINT64_C(1) << (bits - 1);
        value.wad.lo = (lo & (top - 1)) | top;
    }
    return value;
}

static void bench_begin_market(uint32_t i)
{
    struct plm_market_slot *market = &scratch.markets[i];
    struct plm_feed_slot *feed = &scratch.feeds[i];
    struct plm_market_params *params = &market->record.params;
    scratch.market_index[i] = (uint8_t)(i + 1U);
    market->id = (uint16_t)i;
    market->feed_slot = (uint8_t)i;
    market->record.feed = (uint16_t)i;
    market->record.size_decimals = 8;
    params->initial.ppm = 100000;
    params->maint.ppm = 50000;
    params->imf.nano = 1000000; /* binds above 100 base units: 1 % of the root of 100 is 0.1 % */
    params->floor = plm_val_from_quote(1);
    params->gain_weight.ppm = PLM_PPM_ONE;
    params->gain_cap = plm_val_from_quote(1000000000);
    params->withdraw_floor.ppm = 100000;
    params->oi_lower = plm_val_from_quote(1000000000);
    params->oi_upper = plm_val_from_quote(2000000000);
    feed->id = (uint16_t)i;
    feed->view.price.ticks = PRICE;
    feed->view.lo.ticks = PRICE - 10000000000;
    feed->view.hi.ticks = PRICE + 10000000000;
}

static void bench_begin_account(struct plm_account *account)
{
    account->cash = plm_val_from_quote(1000000);
    for (uint32_t i = 0; i < MARKETS; i++) {
        struct plm_position *position = &account->positions[i];
        const uint64_t pick = bench_next();
        const bool is_large = plm_int_mod_u64(pick, LOTS_BINDING) == 0;
        const int64_t base = is_large ? 20000 : 10;
        const int64_t lots = base * 100000000 + (int64_t)(pick & 0xffffff);
        position->market = (uint16_t)i;
        position->lots.lots = (pick >> 60) % 2U == 0 ? lots : -lots;
        const plm_price entry = {PRICE - (pick & 0xfffffff)};
        position->quote = plm_val_neg(plm_fix_notional(position->lots, entry));
    }
}

void bench_core_begin(void)
{
    state = 1;
    for (uint32_t i = 0; i < OPERANDS; i++) {
        operands[i].a = bench_value(61U + (uint32_t)(bench_next() % 20U));
        operands[i].b = bench_value(57U + (uint32_t)(bench_next() % 28U));
        operands[i].c = bench_value(61U + (uint32_t)(bench_next() % 30U));
    }
    scratch.market_count = MARKETS;
    scratch.feed_count = MARKETS;
    for (uint32_t i = 0; i < MARKETS; i++) {
        bench_begin_market(i);
    }
    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        bench_begin_account(&accounts[i]);
    }
}

uint64_t bench_core_nothing(uint32_t count)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum ^= operands[i % OPERANDS].a.wad.lo;
    }
    return sum;
}

uint64_t bench_core_constant(uint32_t count)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct bench_operands *at = &operands[i % OPERANDS];
        sum ^= plm_fix_mul_wad_floor(at->a, at->b).wad.lo;
    }
    return sum;
}

uint64_t bench_core_generic(uint32_t count)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct bench_operands *at = &operands[i % OPERANDS];
        sum ^= plm_fix_muldiv_floor(at->a, at->b, at->c).wad.lo;
    }
    return sum;
}

uint64_t bench_core_margin(uint32_t positions, uint32_t count)
{
    PLM_ASSERT(positions <= MARKETS);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        accounts[i].positions_count = positions;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct plm_margin margin;
        plm_margin_compute(
            &scratch, &accounts[i % ACCOUNTS], PLM_MARGIN_SCALED, PLM_NO_MARKET, &margin);
        sum ^= margin.equity_maint.wadppm.lo ^ margin.initial.wadppm.lo;
    }
    return sum;
}

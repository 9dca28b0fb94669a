/* SPDX-License-Identifier: Apache-2.0
 * The auditor's prices, indices and margin, by its own hand. [PRICE-3] [PRICE-4] [FUND-1] [FUND-2]
 * [MARGIN-1] to [MARGIN-6] [ACCT-6] Nothing here is shared with the core, so that a slip there and
 * the same slip here would have to happen twice. */
#include "sim_audit_checks.h"

#define SIM_NANO         1000000000
#define SIM_HOUR         UINT64_C(3600)
#define SIM_WAD_DECIMALS 18

/* --- views [PRICE-3] [PRICE-4] ------------------------------------------------------------ */
static uint64_t sim_audit_since(uint64_t now, uint64_t then)
{
    return now > then ? now - then : 0;
}

static uint64_t sim_audit_clamp_price(sim_int price)
{
    if (price < 0) {
        return 0;
    }
    return price > UINT64_MAX ? UINT64_MAX : (uint64_t)price;
}

/* s moves toward p for the time that p was in force, at most `age`: by |p - s| dt / (tau + dt), and
 * not faster than slow_rate. */
static uint64_t sim_audit_slow(const struct plm_feed_params *params,
                               const struct plm_feed_state *state,
                               uint64_t now)
{
    const sim_int p = state->price.ticks;
    const sim_int s = state->slow.ticks;
    sim_int dt = sim_audit_since(now, state->slow_time.sec);
    dt = sim_audit_min(dt, params->age);
    const sim_int distance = sim_audit_abs(p - s);
    const sim_int relaxed = sim_audit_muldiv_floor(distance, dt, params->slow_tau + dt);
    const sim_int fastest = sim_audit_muldiv_floor(s * params->slow_rate.nano, dt, SIM_NANO);
    const sim_int step = sim_audit_min(relaxed, fastest);
    return sim_audit_clamp_price(p > s ? s + step : s - step);
}

static void
sim_audit_make_view(const struct sim_audit_feed *feed, uint64_t now, struct sim_audit_view *view)
{
    const struct plm_feed_params *params = &feed->record.params;
    const struct plm_feed_state *state = &feed->before;
    const sim_int p = state->price.ticks;
    const sim_int c = state->conf.ticks;
    const bool is_fresh = sim_audit_since(now, state->time.sec) <= params->age;
    const bool is_usable = p != 0 && state->refused == 0 && state->gap == 0 && is_fresh;
    const bool is_wide = c > sim_audit_floor(p * params->conf_high.ppm, SIM_PPM);
    view->price = state->price.ticks;
    view->is_good = is_usable && !is_wide;
    view->is_good_to_sell = is_usable && now >= state->grace_until.sec;
    if (p == 0) {
        view->low = view->high = view->favour_low = view->favour_high = 0;
        return;
    }
    const sim_int slow = sim_audit_slow(params, state, now);
    const sim_int reach = sim_audit_ceil(p * params->window_band.ppm, SIM_PPM) + c;
    view->low = sim_audit_clamp_price(sim_audit_min(p - c, slow));
    view->high = sim_audit_clamp_price(sim_audit_max(p + c, slow));
    view->favour_low = sim_audit_clamp_price(p - reach);
    view->favour_high = sim_audit_clamp_price(p + reach);
}

const struct sim_audit_view *sim_audit_view(struct sim_audit *audit, uint16_t feed)
{
    struct sim_audit_view *view = &audit->views[feed % PLM_LIMIT_FEEDS_MAX];
    if (view->operation != audit->operation) {
        view->operation = audit->operation;
        sim_audit_make_view(
            &audit->books->feeds[feed % PLM_LIMIT_FEEDS_MAX], audit->op->context.time, view);
    }
    return view;
}

const struct sim_audit_view *sim_audit_market_view(struct sim_audit *audit, uint16_t market)
{
    return sim_audit_view(audit, audit->books->markets[market].record.feed);
}

/* --- funding [FUND-1] [FUND-2] ------------------------------------------------------------ */
static sim_int sim_audit_floor_signed(sim_int n, sim_int d)
{
    const sim_int quotient = n / d;
    return n % d != 0 && n < 0 ? quotient - 1 : quotient;
}

static sim_int sim_audit_clamp(sim_int x, sim_int bound)
{
    return sim_audit_max(-bound, sim_audit_min(bound, x));
}

/* The hour's rate from its samples. Fewer than 15: the interest part; none: nothing accrues. */
static sim_int sim_audit_rate(const struct plm_market_params *params, sim_int sum, uint32_t count)
{
    const sim_int interest = params->funding_interest.nano;
    const sim_int width = (sim_int)params->initial.ppm - params->maint.ppm;
    sim_int eight_hours = interest;
    if (count == 0) {
        return 0;
    }
    if (count >= 15) {
        const sim_int premium = sim_audit_floor_signed(sum, count);
        eight_hours = premium + sim_audit_clamp(interest - premium, 500000);
    }
    eight_hours = sim_audit_clamp(eight_hours, 6 * width * (SIM_NANO / SIM_PPM));
    return sim_audit_clamp(sim_audit_floor_signed(eight_hours, 8), params->funding_cap.nano);
}

/* Both indices move by floor((price x rate x seconds + rest) / (1e9 x 3600)). */
static void sim_audit_accrue_step(const struct plm_market_params *params,
                                  struct plm_market_state *state,
                                  uint64_t seconds)
{
    const sim_int unit = (sim_int)SIM_NANO * SIM_HOUR;
    const sim_int rate = sim_audit_clamp(state->funding_rate.nano, params->funding_cap.nano);
    const sim_int whole = sim_audit_add(
        sim_audit_times(sim_audit_times(state->funding_price.ticks, rate), (sim_int)seconds),
        sim_audit_int(state->funding_rest.wad));
    sim_int step = sim_audit_floor_signed(whole, unit);
    sim_int rest = whole - step * unit;
    const sim_int most = (sim_int)1 << 62;
    const sim_int high = sim_audit_max(state->index_long.ticks, state->index_short.ticks);
    const sim_int low = sim_audit_min(state->index_long.ticks, state->index_short.ticks);
    if (high + step > most || low + step < -most) {
        step = step > 0 ? most - high : -most - low;
        rest = 0;
    }
    state->index_long.ticks = (int64_t)(state->index_long.ticks + step);
    state->index_short.ticks = (int64_t)(state->index_short.ticks + step);
    state->funding_rest.wad = sim_abi_i128_of(rest);
    state->funding_time.sec += seconds;
}

/* A full hour: its samples fix the rate of the next. */
static void sim_audit_roll(const struct plm_market_params *params, struct plm_market_state *state)
{
    state->funding_rate.nano =
        (int64_t)sim_audit_rate(params, state->sample_sum.nano, state->sample_count);
    state->funding_price = state->sample_price;
    state->sample_count = 0;
    state->sample_sum.nano = 0;
    state->sample_price.ticks = 0;
}

/* Hour by hour; after two hours nobody has sampled, and what does not accrue can be skipped. */
static void sim_audit_accrue(const struct plm_market_params *params,
                             struct plm_market_state *state,
                             uint64_t now)
{
    uint32_t hours = 0;
    while (state->funding_time.sec < now) {
        const uint64_t end = (state->funding_time.sec / SIM_HOUR + 1) * SIM_HOUR;
        if (hours == 2 && state->funding_rate.nano == 0 && state->sample_count == 0) {
            state->funding_time.sec = now;
            return;
        }
        const uint64_t until = now < end ? now : end;
        sim_audit_accrue_step(params, state, until - state->funding_time.sec);
        if (until == end) {
            sim_audit_roll(params, state);
            hours++;
        }
    }
}

/* What the deficits of this operation added to both indices. [LOSS-2] */
static void
sim_audit_sum_losses(struct sim_audit *audit, uint16_t market, struct sim_audit_accrual *accrual)
{
    accrual->loss_long = 0;
    accrual->loss_short = 0;
    for (uint32_t i = 0; i < audit->event_count; i++) {
        const struct sim_audit_event *event = &audit->events[i];
        if (event->id != PLM_EVENT_DEFICIT || event->as.deficit.market != market) {
            continue;
        }
        struct plm_account room;
        const struct plm_account *of =
            sim_audit_account_before(audit, event->as.deficit.account, &room);
        const int64_t lots = of == NULL ? 0 : sim_audit_lots(of, market);
        if (lots > 0) {
            accrual->loss_short -= event->as.deficit.step.ticks;
        } else if (lots < 0) {
            accrual->loss_long += event->as.deficit.step.ticks;
        }
    }
}

const struct sim_audit_accrual *sim_audit_accrual(struct sim_audit *audit, uint16_t market)
{
    const struct sim_audit_market *of = &audit->books->markets[market % PLM_LIMIT_MARKETS_MAX];
    struct sim_audit_accrual *accrual = &audit->accruals[market % PLM_LIMIT_MARKETS_MAX];
    if (accrual->operation != audit->operation) {
        accrual->operation = audit->operation;
        accrual->state = of->before;
        /* A parameter that was tightened binds from this operation on, not before it. */
        sim_audit_accrue(&of->record_before.params, &accrual->state, audit->op->context.time);
        sim_audit_sum_losses(audit, market, accrual);
    }
    return accrual;
}

/* --- worth ---------------------------------------------------------------------------------- */
sim_int sim_audit_worth(struct sim_audit *audit,
                        const struct plm_position *position,
                        bool before,
                        uint64_t price)
{
    const sim_int lots = position->lots.lots;
    const sim_int quote = sim_audit_int(position->quote.wad);
    if (lots == 0) {
        return quote;
    }
    const struct sim_audit_accrual *accrual = sim_audit_accrual(audit, position->market);
    const bool is_long = lots > 0;
    sim_int index = is_long ? accrual->state.index_long.ticks : accrual->state.index_short.ticks;
    if (!before) {
        index += is_long ? accrual->loss_long : accrual->loss_short;
    }
    const sim_int paid = sim_audit_times(lots, index - position->snapshot.ticks);
    return sim_audit_add(sim_audit_sub(quote, paid), sim_audit_times(lots, price));
}

/* atoms x price in WAD: 10^(18 - decimals - price_decimals), either way. */
static sim_int
sim_audit_asset_value(const struct plm_asset *asset, sim_int atoms, uint64_t price, bool up)
{
    const int exponent = SIM_WAD_DECIMALS - asset->decimals - asset->price_decimals;
    if (exponent >= 0) {
        const sim_int scale = sim_audit_power((uint32_t)exponent);
        return sim_audit_muldiv_floor(atoms, sim_audit_times(price, scale), 1);
    }
    const sim_int scale = sim_audit_power((uint32_t)-exponent);
    return up ? sim_audit_muldiv_ceil(atoms, price, scale)
              : sim_audit_muldiv_floor(atoms, price, scale);
}

sim_int sim_audit_asset_floor(const struct plm_asset *asset, sim_int atoms, uint64_t price)
{
    return sim_audit_asset_value(asset, atoms, price, false);
}

sim_int sim_audit_asset_ceil(const struct plm_asset *asset, sim_int atoms, uint64_t price)
{
    return sim_audit_asset_value(asset, atoms, price, true);
}

/* --- ratios [MARGIN-3] [MARGIN-4] ----------------------------------------------------------- */
/* The least integer n with n >= imf x 1e-9 x sqrt(lots / 10^size_decimals) x 1e6, that is with
 * n^2 x 1e6 x 10^size_decimals >= imf^2 x lots; found by halving, at most 1 000 000. */
static sim_int sim_audit_premium(sim_int imf, sim_int lots, uint8_t size_decimals)
{
    const sim_int scale = sim_audit_power(size_decimals + 6u);
    sim_int low = -1; /* too small */
    sim_int high = SIM_PPM;
    while (high - low > 1) {
        const sim_int middle = low + (high - low) / 2;
        if (sim_audit_compare(middle * middle, scale, imf * imf, lots) >= 0) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return high;
}

static sim_int sim_audit_ratio(const struct plm_market *market, sim_int base, sim_int lots)
{
    const sim_int imf = market->params.imf.nano;
    if (imf <= 0) {
        return base;
    }
    /* Where a fifth of the ratio is at least the premium, the ratio stays as it is. */
    const sim_int scale = sim_audit_power(market->size_decimals + 6u);
    const sim_int fifth = base / 5;
    if (sim_audit_compare(fifth * fifth, scale, imf * imf, lots) >= 0) {
        return base;
    }
    const sim_int premium = sim_audit_premium(imf, lots, market->size_decimals);
    const sim_int sized = sim_audit_min(SIM_PPM, base - base / 5 + premium);
    return sim_audit_max(base, sized);
}

/* From the ratio at oi_lower to 100 % at oi_upper, linear in the value of the open interest. */
static sim_int
sim_audit_scaled(const struct sim_audit_market *market, sim_int ratio, uint64_t price)
{
    const sim_int lower = sim_audit_int(market->record.params.oi_lower.wad);
    const sim_int upper = sim_audit_int(market->record.params.oi_upper.wad);
    const sim_int interest = sim_audit_times(market->state.oi.lots, price);
    if (lower <= 0 || interest <= lower) {
        return ratio;
    }
    if (interest >= upper) {
        return SIM_PPM;
    }
    return ratio + sim_audit_muldiv_ceil(SIM_PPM - ratio, interest - lower, upper - lower);
}

static sim_int sim_audit_require(const struct plm_market_params *params,
                                 sim_int lots,
                                 uint64_t price,
                                 sim_int ratio)
{
    const sim_int least = sim_audit_int(params->floor.wad) * SIM_PPM;
    return sim_audit_max(least, sim_audit_times(sim_audit_times(lots, price), ratio));
}

sim_int sim_audit_leg_maint(const struct sim_audit_market *market, int64_t lots, uint64_t price)
{
    const struct plm_market_params *params = &market->record.params;
    const sim_int size = sim_audit_abs(lots);
    if (lots == 0) {
        return 0;
    }
    return sim_audit_require(
        params, size, price, sim_audit_ratio(&market->record, params->maint.ppm, size));
}

/* --- figures -------------------------------------------------------------------------------- */
static void sim_audit_put(struct sim_audit_figures *figures, sim_int *sum, sim_int by)
{
    if (__builtin_add_overflow(*sum, by, sum)) {
        figures->overflows = true;
    }
}

/* Adds value x ppm. */
static void
sim_audit_put_weighted(struct sim_audit_figures *figures, sim_int *sum, sim_int value, sim_int ppm)
{
    sim_int weighted = 0;
    if (__builtin_mul_overflow(value, ppm, &weighted)) {
        figures->overflows = true;
    }
    sim_audit_put(figures, sum, weighted);
}

static void sim_audit_put_gain(struct sim_audit_figures *figures,
                               const struct plm_market_params *params,
                               sim_int pnl,
                               bool no_gains)
{
    if (pnl < 0) {
        sim_audit_put_weighted(figures, &figures->equity_initial, pnl, SIM_PPM);
    } else if (!no_gains) {
        const sim_int most = sim_audit_times(sim_audit_int(params->gain_cap.wad), SIM_PPM);
        const sim_int gain = sim_audit_times(pnl, params->gain_weight.ppm);
        sim_audit_put(figures, &figures->equity_initial, sim_audit_min(gain, most));
    }
}

static void sim_audit_put_requirements(const struct sim_audit_market *market,
                                       const struct sim_audit_view *view,
                                       const struct sim_audit_mode *mode,
                                       sim_int size_and_side,
                                       sim_int leverage,
                                       struct sim_audit_figures *out,
                                       uint64_t price)
{
    const struct plm_market_params *params = &market->record.params;
    const sim_int size = sim_audit_abs(size_and_side);
    sim_int initial = sim_audit_ratio(&market->record, params->initial.ppm, size);
    if (mode->scaled) {
        initial = sim_audit_scaled(market, initial, view->price);
    }
    initial = sim_audit_max(initial, leverage);
    const sim_int maint = sim_audit_ratio(&market->record, params->maint.ppm, size);
    const uint64_t price_initial = size_and_side > 0 ? view->price : view->high;
    sim_audit_put(out, &out->maint, sim_audit_require(params, size, price, maint));
    sim_audit_put(out, &out->initial, sim_audit_require(params, size, price_initial, initial));
    sim_audit_put_weighted(
        out, &out->withdraw_floor, sim_audit_times(size, view->price), params->withdraw_floor.ppm);
}

static void sim_audit_put_position(struct sim_audit *audit,
                                   const struct plm_position *position,
                                   const struct sim_audit_mode *mode,
                                   sim_int leverage,
                                   struct sim_audit_figures *out)
{
    const struct sim_audit_market *market =
        &audit->books->markets[position->market % PLM_LIMIT_MARKETS_MAX];
    const struct sim_audit_view *view = sim_audit_view(audit, market->record.feed);
    const sim_int lots = position->lots.lots;
    uint64_t price = view->price;
    if (mode->favour && position->market != mode->traded && !view->is_good_to_sell) {
        price = lots > 0 ? view->favour_high : view->favour_low;
    }
    const sim_int worth = sim_audit_worth(audit, position, mode->before, price);
    const uint64_t sided = lots > 0 ? view->low : view->high;
    const sim_int worth_initial = sim_audit_worth(audit, position, mode->before, sided);
    sim_audit_put_weighted(out, &out->equity_maint, worth, SIM_PPM);
    sim_audit_put(out, &out->equity_full, worth);
    sim_audit_put(out, &out->cash_equity, worth);
    if (worth < 0) {
        sim_audit_put(out, &out->unsettled, -worth);
    }
    sim_audit_put_gain(out, &market->record.params, worth_initial, mode->no_gains);
    if (lots == 0) {
        return;
    }
    out->has_lots = true;
    out->all_good = out->all_good && view->is_good;
    out->all_sell = out->all_sell && view->is_good_to_sell;
    sim_audit_put_requirements(market, view, mode, lots, leverage, out, price);
}

/* Weight of a collateral in initial equity, scaled by what all accounts hold of it. [ACCT-6] */
static sim_int sim_audit_weight(const struct sim_audit_asset *asset, uint64_t price, bool before)
{
    const struct plm_asset_params *params = &asset->record.params;
    const sim_int start = sim_audit_int(params->scale_start.wad);
    const struct plm_asset_state *state = before ? &asset->before : &asset->state;
    if (start <= 0) {
        return params->weight_initial.ppm;
    }
    const sim_int total =
        sim_audit_asset_ceil(&asset->record, sim_audit_int(state->total.atoms), price);
    if (total == SIM_INT_MOST) {
        return 0;
    }
    const sim_int whole = sim_audit_max(start, total);
    return sim_audit_muldiv_floor(params->weight_initial.ppm, start, whole);
}

static sim_int sim_audit_counted(const struct plm_asset *asset, sim_int atoms, uint64_t price)
{
    const sim_int most = 250000 * sim_audit_power(24); /* 2.5e11 quote units [UNIT-3] */
    return sim_audit_min(most, sim_audit_asset_floor(asset, atoms, price));
}

static void sim_audit_put_collateral(struct sim_audit *audit,
                                     const struct plm_collateral *collateral,
                                     const struct sim_audit_mode *mode,
                                     struct sim_audit_figures *out)
{
    const struct sim_audit_asset *asset =
        &audit->books->assets[collateral->asset % PLM_LIMIT_ASSETS_MAX];
    const struct plm_asset_params *params = &asset->record.params;
    const struct sim_audit_view *view = sim_audit_view(audit, asset->record.feed);
    const sim_int atoms = sim_audit_int(collateral->atoms.atoms);
    const bool in_favour = mode->favour && !view->is_good_to_sell;
    const uint64_t price = in_favour ? view->favour_high : view->price;
    const sim_int kept = SIM_PPM - (sim_int)params->discount_max.ppm;
    const uint64_t sale = sim_audit_clamp_price(sim_audit_floor(price * kept, SIM_PPM));
    sim_audit_put_weighted(out,
                           &out->equity_maint,
                           sim_audit_counted(&asset->record, atoms, price),
                           params->weight_maint.ppm);
    sim_audit_put_weighted(out,
                           &out->equity_initial,
                           sim_audit_counted(&asset->record, atoms, view->low),
                           sim_audit_weight(asset, view->price, mode->before));
    sim_audit_put(out, &out->equity_full, sim_audit_counted(&asset->record, atoms, sale));
    out->all_good = out->all_good && view->is_good;
    out->all_sell = out->all_sell && view->is_good_to_sell;
}

void sim_audit_figures(struct sim_audit *audit,
                       const struct plm_account *account,
                       const struct sim_audit_mode *mode,
                       struct sim_audit_figures *out)
{
    const sim_int cash = sim_audit_int(account->cash.wad);
    *out = (struct sim_audit_figures){.all_good = true, .all_sell = true};
    out->equity_full = cash;
    out->cash_equity = cash;
    sim_audit_put_weighted(out, &out->equity_maint, cash, SIM_PPM);
    sim_audit_put_weighted(out, &out->equity_initial, cash, SIM_PPM);
    for (uint32_t i = 0; i < account->positions_count; i++) {
        sim_audit_put_position(audit, &account->positions[i], mode, account->leverage.ppm, out);
    }
    for (uint32_t i = 0; i < account->collaterals_count; i++) {
        sim_audit_put_collateral(audit, &account->collaterals[i], mode, out);
    }
}

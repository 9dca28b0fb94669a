/* SPDX-License-Identifier: Apache-2.0
 * The envelope's arithmetic, written from the text of PRICE-7 and not from the core. */
#include "sim_lint.h"

#define SIM_LINT_PPM     1000000
#define SIM_LINT_NANO    INT64_C(1000000000)
#define SIM_LINT_HOUR    3600
#define SIM_LINT_THIRDS  (INT64_C(3) * SIM_LINT_HOUR) /* every term is whole over it */
#define SIM_LINT_WHOLE   (SIM_LINT_NANO * SIM_LINT_THIRDS)
#define SIM_LINT_PER_PPM 1000

static sim_int sim_lint_least(sim_int a, sim_int b)
{
    return a < b ? a : b;
}

/* ceil(value x share / SIM_LINT_WHOLE): the value is cut in two, so that no product overflows. */
static sim_int sim_lint_part(sim_int value, sim_int share)
{
    if (share <= 0) {
        return 0;
    }
    const sim_int rest = value % SIM_LINT_WHOLE * share;
    return value / SIM_LINT_WHOLE * share + (rest + SIM_LINT_WHOLE - 1) / SIM_LINT_WHOLE;
}

/* What a move takes beyond two thirds of maintenance, 1e-9 over SIM_LINT_THIRDS. */
static sim_int sim_lint_excess(const struct sim_lint_market *m,
                               const struct plm_market_params *params,
                               uint32_t move)
{
    const sim_int shares = ((sim_int)move + m->fees) * SIM_LINT_PER_PPM * SIM_LINT_THIRDS;
    const sim_int funding = (sim_int)params->funding_cap.nano * (sim_int)m->horizon * 3;
    const sim_int kept = (sim_int)params->maint.ppm * SIM_LINT_PER_PPM * 2 * SIM_LINT_HOUR;
    return shares + funding - kept;
}

/* --- what survives -----------------------------------------------------------------------------
 * A market survives a move where its tranche pays all that the move takes beyond margins. Each
 * answer halves a range: losses rise with the move and the open interest, and fall with margin. */
static int32_t sim_lint_move_most(const struct sim_lint_market *m,
                                  const struct plm_market_params *params,
                                  sim_int draw)
{
    int32_t low = -1;
    int32_t high = SIM_LINT_PPM;
    while (low < high) {
        const int32_t middle = low + (high - low + 1) / 2;
        if (sim_lint_part(m->oi_cap, sim_lint_excess(m, params, (uint32_t)middle)) <= draw) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

static uint32_t sim_lint_maint_least(const struct sim_lint_market *m,
                                     const struct plm_market_params *params,
                                     sim_int draw)
{
    struct plm_market_params tried = *params;
    uint32_t low = 0;
    uint32_t high = SIM_LINT_PPM + 1;
    while (low < high) {
        tried.maint.ppm = low + (high - low) / 2u;
        if (sim_lint_part(m->oi_cap, sim_lint_excess(m, &tried, m->move)) <= draw) {
            high = tried.maint.ppm;
        } else {
            low = tried.maint.ppm + 1u;
        }
    }
    return low;
}

static sim_int sim_lint_oi_most(const struct sim_lint_market *m,
                                const struct plm_market_params *params,
                                sim_int draw)
{
    const sim_int excess = sim_lint_excess(m, params, m->move);
    sim_int low = 0;
    sim_int high = m->oi_cap;
    while (low < high) {
        const sim_int middle = low + (high - low + 1) / 2;
        if (sim_lint_part(middle, excess) <= draw) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

void sim_lint_judge_market(const struct sim_lint_question *question,
                           const struct plm_market_params *params,
                           const struct plm_feed_params *feed,
                           struct sim_lint_market *out)
{
    out->horizon = (uint64_t)feed->age + (uint64_t)feed->sources * (uint64_t)PLM_LIMIT_SPACING +
                   feed->grace + (uint64_t)PLM_LIMIT_BLOCK_BOUND;
    const uint64_t windows = (out->horizon + feed->window - 1u) / feed->window;
    const sim_int worst = (sim_int)feed->window_band.ppm * (sim_int)windows;
    out->worst = (uint32_t)sim_lint_least(worst, SIM_LINT_PPM);
    const sim_int funding = (sim_int)params->funding_cap.nano * (sim_int)out->horizon;
    out->funding = (funding + SIM_LINT_HOUR - 1) / SIM_LINT_HOUR;
    out->fees = params->liq_fee_max.ppm + params->liq_insurance_fee.ppm;
    out->kept = params->maint.ppm / 3u * 2u + params->maint.ppm % 3u * 2u / 3u;
    out->oi_cap = sim_abi_int_of(params->oi_cap.wad);
    out->allotment = sim_abi_int_of(params->allotment.wad);
    out->need = sim_lint_part(out->oi_cap, sim_lint_excess(out, params, out->worst));
    out->is_accepted = out->need <= out->allotment;
    out->move = question->move != 0 ? question->move : out->worst;
    out->loss = sim_lint_part(out->oi_cap, sim_lint_excess(out, params, out->move));
    const sim_int fund = question->fund >= 0 ? question->fund : out->allotment;
    const sim_int draw = sim_lint_least(fund, sim_abi_int_of(params->draw_cap.wad));
    out->paid = sim_lint_least(out->loss, draw);
    out->opposing = out->loss - out->paid;
    out->survives = out->opposing == 0;
    out->move_most = sim_lint_move_most(out, params, draw);
    out->maint_least = sim_lint_maint_least(out, params, draw);
    out->oi_most = sim_lint_oi_most(out, params, draw);
}

void sim_lint_judge_asset(const struct sim_lint_question *question,
                          const struct plm_asset_params *params,
                          const struct plm_feed_params *feed,
                          struct sim_lint_asset *out)
{
    const struct sim_lint_question envelope = {.fund = -1};
    const struct plm_market_params none = {.maint = {0}};
    struct sim_lint_market worst = {.horizon = 0};
    sim_lint_judge_market(&envelope, &none, feed, &worst);
    out->lost = feed->conf_max.ppm + params->discount_max.ppm;
    out->haircut = (uint32_t)SIM_LINT_PPM - params->weight_maint.ppm;
    out->is_accepted = out->lost <= out->haircut;
    out->move = question->move != 0 ? question->move : worst.worst;
    const uint32_t all = out->lost + out->move;
    out->uncovered = all > out->haircut ? all - out->haircut : 0;
}

bool sim_lint_is_outside(const struct sim_lint *lint)
{
    for (uint32_t i = 0; i < lint->market_count; i++) {
        if (!lint->markets[i].is_accepted && !lint->markets[i].is_refusal_expected) {
            return true;
        }
    }
    for (uint32_t i = 0; i < lint->asset_count; i++) {
        if (!lint->assets[i].is_accepted && !lint->assets[i].is_refusal_expected) {
            return true;
        }
    }
    return false;
}

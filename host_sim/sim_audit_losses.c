/* SPDX-License-Identifier: Apache-2.0
 * Liquidations and losses: who may be liquidated, at which price, who pays what nobody has.
 * [LIQ-1] to [LIQ-11] [LOSS-1] [LOSS-2] I09 I10 I11 I26 I28 I29 I30 I31 I32 I43 */
#include "sim_audit_checks.h"

#define SIM_DAY UINT64_C(86400)

/* --- who pays [LOSS] -------------------------------------------------------------------------- */
/* What a tranche may still pay: its balance, and the cap less what two fixed days used. */
static sim_int sim_audit_room(const struct plm_draw_window *window,
                              const struct sim_audit *audit,
                              sim_int cap,
                              sim_int balance)
{
    const uint64_t day = audit->op->context.time / SIM_DAY;
    sim_int used =
        sim_audit_add(sim_audit_int(window->current.wad), sim_audit_int(window->previous.wad));
    if (day == window->number + 1) {
        used = sim_audit_int(window->current.wad);
    } else if (day > window->number) {
        used = 0;
    }
    return sim_audit_max(0, sim_audit_min(balance, sim_audit_sub(cap, used)));
}

/* One deficit: the market's tranche, the global one, the other side, the uncovered line. */
static void sim_audit_check_deficit(struct sim_audit *audit,
                                    const struct plm_ev_deficit *deficit,
                                    sim_int tranche,
                                    sim_int global)
{
    const uint16_t id = deficit->market;
    const struct sim_audit_market *market = &audit->books->markets[id];
    const sim_int cap = sim_audit_int(market->record.params.draw_cap.wad);
    const sim_int value = sim_audit_int(deficit->value.wad);
    const sim_int room = sim_audit_room(&market->before.draws, audit, cap, tranche);
    const sim_int room_global = sim_audit_room(&market->before.global_draws, audit, cap, global);
    const sim_int insurance = sim_audit_int(deficit->insurance.wad);
    const sim_int from_global = sim_audit_int(deficit->global.wad);
    sim_audit_equal(audit,
                    SIM_I31,
                    insurance,
                    sim_audit_min(value, room),
                    "draw, and min(deficit, tranche, cap), of market",
                    id);
    sim_audit_equal(audit,
                    SIM_I28,
                    from_global,
                    sim_audit_min(value - insurance, room_global),
                    "global draw, and what the market's tranche left, of market",
                    id);
    const sim_int rest = value - insurance - from_global;
    const sim_int opposing = sim_audit_int(deficit->opposing.wad);
    const sim_int step = deficit->step.ticks;
    const sim_int interest = market->before.oi.lots;
    sim_audit_equal(audit,
                    SIM_I32,
                    opposing,
                    sim_audit_times(step, interest),
                    "charge, and step x open interest, of market",
                    id);
    const sim_int uncovered = sim_audit_int(deficit->uncovered.wad);
    sim_audit_equal(audit,
                    SIM_I32,
                    uncovered,
                    sim_audit_max(0, rest - opposing),
                    "uncovered, and what the side did not pay, of market",
                    id);
    const sim_int p = sim_audit_market_view(audit, id)->price;
    const sim_int most = sim_audit_floor(p * market->record.params.loss_cap.ppm, SIM_PPM);
    sim_audit_at_least(audit, SIM_I32, most, step, "loss cap, and step, of market", id);
    /* One tick less would not have paid: the excess is smaller than the side. */
    sim_audit_true(audit,
                   SIM_I32,
                   step == 0 || (step - 1) * interest < rest,
                   "more was charged than is owed: market",
                   id);
    struct plm_account room_for;
    const struct plm_account *of = sim_audit_account_before(audit, deficit->account, &room_for);
    const bool has_side = of != NULL && sim_audit_lots(of, id) != 0 && interest > 0;
    sim_audit_true(audit,
                   SIM_I28,
                   uncovered == 0 || !has_side || step == most,
                   "uncovered before the other side paid its cap: market",
                   id);
}

/* Follows both tranches through the events, in their order. */
static void sim_audit_check_tranche(struct sim_audit *audit, uint16_t id)
{
    struct sim_audit_books *books = audit->books;
    const struct sim_audit_market *market = &books->markets[id];
    const sim_int scale =
        sim_audit_power(18u - (uint32_t)sim_audit_min(18, books->assets[0].record.decimals));
    sim_int tranche = sim_audit_int(market->before.insurance.wad);
    for (uint32_t i = 0; i < audit->event_count; i++) {
        const struct sim_audit_event *event = &audit->events[i];
        if (event->id == PLM_EVENT_DEFICIT && event->as.deficit.market == id) {
            const sim_int global = sim_audit_int(books->ledger_before.global.wad);
            sim_audit_check_deficit(audit, &event->as.deficit, tranche, global);
            tranche = sim_audit_sub(tranche, sim_audit_int(event->as.deficit.insurance.wad));
        } else if (event->id == PLM_EVENT_LINES_PAID && event->as.lines_paid.market == id) {
            tranche = sim_audit_add(tranche, sim_audit_int(event->as.lines_paid.insurance.wad));
        } else if (event->id == PLM_EVENT_INSURANCE_FUNDED &&
                   event->as.insurance_funded.market == id) {
            const sim_int atoms = sim_audit_int(event->as.insurance_funded.amount.atoms);
            tranche = sim_audit_add(tranche, sim_audit_times(atoms, scale));
        } else if (event->id == PLM_EVENT_DELEVERAGED && event->as.deleveraged.market == id) {
            tranche = sim_audit_sub(tranche, sim_audit_int(event->as.deleveraged.tip.wad));
        }
    }
    sim_audit_equal(audit,
                    SIM_I31,
                    sim_audit_int(market->state.insurance.wad),
                    tranche,
                    "tranche, and what the events say, of market",
                    id);
    const sim_int used = sim_audit_add(sim_audit_int(market->state.draws.current.wad),
                                       sim_audit_int(market->state.draws.previous.wad));
    const bool has_drawn = sim_audit_int(market->state.draws.current.wad) !=
                               sim_audit_int(market->before.draws.current.wad) ||
                           market->state.draws.number != market->before.draws.number;
    if (has_drawn) {
        sim_audit_at_least(audit,
                           SIM_I31,
                           sim_audit_int(market->record.params.draw_cap.wad),
                           used,
                           "draw cap, and draws of two days, of market",
                           id);
    }
}

static void sim_audit_check_global(struct sim_audit *audit)
{
    const struct sim_audit_books *books = audit->books;
    const sim_int scale =
        sim_audit_power(18u - (uint32_t)sim_audit_min(18, books->assets[0].record.decimals));
    sim_int global = sim_audit_int(books->ledger_before.global.wad);
    for (uint32_t i = 0; i < audit->event_count; i++) {
        const struct sim_audit_event *event = &audit->events[i];
        if (event->id == PLM_EVENT_DEFICIT) {
            global = sim_audit_sub(global, sim_audit_int(event->as.deficit.global.wad));
        } else if (event->id == PLM_EVENT_INSURANCE_FUNDED &&
                   event->as.insurance_funded.market == PLM_NO_MARKET) {
            const sim_int atoms = sim_audit_int(event->as.insurance_funded.amount.atoms);
            global = sim_audit_add(global, sim_audit_times(atoms, scale));
        }
    }
    sim_audit_equal(audit,
                    SIM_I31,
                    sim_audit_int(books->ledger.global.wad),
                    global,
                    "global tranche, and what the events say, of ledger",
                    0);
}

void sim_audit_check_losses(struct sim_audit *audit)
{
    const struct sim_audit_books *books = audit->books;
    for (uint32_t i = 0; i < books->touched_market_count; i++) {
        const uint16_t id = books->touched_markets[i];
        if (books->markets[id].is_written) {
            sim_audit_check_tranche(audit, id);
        }
    }
    if (books->is_ledger_written) {
        sim_audit_check_global(audit);
    }
}

/* --- who may be liquidated [MARGIN-7] --------------------------------------------------------- */
/* The account before the operation, feeds that are not good in its favour. False: none such. */
static bool sim_audit_sick_figures(struct sim_audit *audit,
                                   uint64_t id,
                                   uint16_t traded,
                                   struct sim_audit_figures *out)
{
    struct plm_account room;
    const struct plm_account *account = sim_audit_account_before(audit, id, &room);
    const struct sim_audit_mode mode = {.before = true, .favour = true, .traded = traded};
    if (account == NULL) {
        return false;
    }
    sim_audit_figures(audit, account, &mode, out);
    return !out->overflows;
}

static void sim_audit_check_sick(struct sim_audit *audit, uint64_t id, uint16_t traded)
{
    struct sim_audit_figures figures;
    if (sim_audit_sick_figures(audit, id, traded, &figures)) {
        sim_audit_true(audit,
                       SIM_I11,
                       figures.equity_maint < figures.maint,
                       "not below maintenance: account",
                       id);
    }
}

/* A price that is good, after any gap's grace, and a grace after users could not act. [PRICE-4] */
static void sim_audit_check_tradable(struct sim_audit *audit, uint16_t id)
{
    if (id >= PLM_LIMIT_MARKETS_MAX) {
        return;
    }
    const struct sim_audit_market *market = &audit->books->markets[id];
    const struct sim_audit_view *view = sim_audit_market_view(audit, id);
    const uint64_t lifted = market->before.pause_lifted.sec;
    const uint64_t grace = audit->books->feeds[market->record.feed].record.params.grace;
    sim_audit_true(audit,
                   SIM_I43,
                   view->is_good_to_sell,
                   "a liquidation at a price that is not good, or in its grace: market",
                   id);
    sim_audit_true(audit,
                   SIM_I43,
                   lifted == 0 || audit->op->opcode != PLM_OP_LIQUIDATE ||
                       audit->op->context.time >= lifted + grace,
                   "a liquidation in the grace after a pause: market",
                   id);
}

/* --- takeover [LIQ-1] to [LIQ-3] ---------------------------------------------------------------
 */
static bool sim_audit_same_owner(struct sim_audit *audit, uint64_t a, uint64_t b)
{
    struct plm_account room_a;
    struct plm_account room_b;
    const struct plm_account *one = sim_audit_account_after(audit, a, &room_a);
    const struct plm_account *two = sim_audit_account_after(audit, b, &room_b);
    return one != NULL && two != NULL && sim_audit_same_hash(&one->owner, &two->owner);
}

/* Fees by the clock: from f0, growing by the second, to f_max. */
static void sim_audit_check_fees(struct sim_audit *audit, const struct plm_ev_liquidated *taken)
{
    const struct plm_market_params *params = &audit->books->markets[taken->market].record.params;
    const sim_int value = sim_audit_times(sim_audit_abs(taken->lots.lots), taken->price.ticks);
    struct plm_account room;
    const struct plm_account *account = sim_audit_account_before(audit, taken->account, &room);
    const uint64_t since = account == NULL ? 0 : account->liquidatable_since.sec;
    const sim_int seconds = since == 0 ? 0 : (sim_int)audit->op->context.time - since;
    const sim_int fee = sim_audit_min(params->liq_fee_max.ppm,
                                      params->liq_fee.ppm + seconds * params->liq_fee_growth.ppm);
    sim_audit_at_least(audit,
                       SIM_I10,
                       sim_audit_muldiv_ceil(value, fee, SIM_PPM),
                       sim_audit_int(taken->fee_taker.wad),
                       "taker's most, and fee, from account",
                       taken->account);
    sim_audit_at_least(audit,
                       SIM_I10,
                       sim_audit_muldiv_ceil(value, params->liq_insurance_fee.ppm, SIM_PPM),
                       sim_audit_int(taken->fee_insurance.wad),
                       "insurance's most, and fee, from account",
                       taken->account);
}

/* Lots of the leg shrink, MM falls unless the leg rests on its floor, E over MM does not fall while
 * E >= 0, and the fees are within equity's share of what was freed. */
static void sim_audit_check_helped(struct sim_audit *audit, const struct plm_ev_liquidated *taken)
{
    const struct sim_audit_account *account = sim_audit_books_find(audit->books, taken->account);
    const struct sim_audit_mode before = {.before = true, .traded = PLM_NO_MARKET};
    const struct sim_audit_mode after = {.traded = PLM_NO_MARKET};
    struct sim_audit_figures a;
    struct sim_audit_figures b;
    if (account == NULL || !account->was || !account->is) {
        sim_audit_true(
            audit, SIM_I29, false, "a takeover moved nothing of account", taken->account);
        return;
    }
    sim_audit_figures(audit, &account->before, &before, &a);
    sim_audit_figures(audit, &account->after, &after, &b);
    const int64_t lots = sim_audit_lots(&account->before, taken->market);
    const int64_t left = sim_audit_lots(&account->after, taken->market);
    const bool shrinks =
        sim_audit_abs(left) < sim_audit_abs(lots) && (left == 0 || (left > 0) == (lots > 0));
    sim_audit_true(audit, SIM_I29, shrinks, "the leg did not shrink: account", taken->account);
    const struct sim_audit_market *market = &audit->books->markets[taken->market];
    const sim_int least = sim_audit_int(market->record.params.floor.wad) * SIM_PPM;
    const bool on_floor = sim_audit_leg_maint(market, lots, taken->price.ticks) == least;
    sim_audit_true(audit,
                   SIM_I09,
                   b.maint < a.maint || (on_floor && b.maint <= a.maint),
                   "maintenance did not fall: account",
                   taken->account);
    const sim_int equity = sim_audit_max(0, a.equity_maint);
    const sim_int fees =
        sim_audit_add(sim_audit_int(taken->fee_taker.wad), sim_audit_int(taken->fee_insurance.wad));
    sim_audit_true(
        audit,
        SIM_I10,
        sim_audit_compare(
            sim_audit_times(fees, SIM_PPM), a.maint, equity, sim_audit_sub(a.maint, b.maint)) <= 0,
        "fees beyond equity's share: account",
        taken->account);
    sim_audit_true(audit,
                   SIM_I09,
                   a.equity_maint < 0 ||
                       sim_audit_compare(b.equity_maint, a.maint, a.equity_maint, b.maint) >= 0,
                   "equity over maintenance fell: account",
                   taken->account);
}

static void sim_audit_check_takeover(struct sim_audit *audit, const struct plm_ev_liquidated *taken)
{
    if (taken->market >= PLM_LIMIT_MARKETS_MAX) {
        return;
    }
    sim_audit_check_sick(audit, taken->account, taken->market);
    sim_audit_check_tradable(audit, taken->market);
    sim_audit_check_fees(audit, taken);
    sim_audit_check_helped(audit, taken);
    sim_audit_true(audit,
                   SIM_I10,
                   !sim_audit_same_owner(audit, taken->account, taken->taker),
                   "an owner took over from himself: account",
                   taken->account);
}

/* --- collateral [LIQ-6] -------------------------------------------------------------------------
 */
/* p less a discount that grows with the clock: the account's, or that of the market that waits. */
static uint64_t sim_audit_sale_price(struct sim_audit *audit,
                                     const struct plm_ev_collateral_sold *sold,
                                     const struct sim_audit_view *view)
{
    const struct plm_asset_params *params = &audit->books->assets[sold->asset].record.params;
    struct plm_account room;
    const struct plm_account *account = sim_audit_account_before(audit, sold->account, &room);
    const uint64_t since = account == NULL ? 0 : account->liquidatable_since.sec;
    const sim_int seconds = since == 0 ? 0 : (sim_int)audit->op->context.time - since;
    const sim_int discount = sim_audit_min(
        params->discount_max.ppm, params->discount.ppm + seconds * params->discount_growth.ppm);
    return (uint64_t)(view->price - sim_audit_floor(view->price * discount, SIM_PPM));
}

static void sim_audit_check_sale(struct sim_audit *audit, const struct plm_ev_collateral_sold *sold)
{
    struct sim_audit_books *books = audit->books;
    const uint16_t through = audit->message.liquidate_collateral.market;
    struct sim_audit_figures figures;
    if (sold->asset >= PLM_LIMIT_ASSETS_MAX) {
        return;
    }
    if (through < PLM_LIMIT_MARKETS_MAX) {
        const struct sim_audit_market *market = &books->markets[through];
        const uint64_t since = market->before.shortfall_since.sec;
        const bool is_due = sim_audit_int(market->before.shortfall.wad) > 0 &&
                            audit->op->context.time > since + market->record.params.grace_pay;
        sim_audit_true(audit, SIM_I11, is_due, "nobody waits for money in market", through);
    } else if (sim_audit_sick_figures(audit, sold->account, PLM_NO_MARKET, &figures)) {
        struct plm_account room;
        const struct plm_account *account = sim_audit_account_before(audit, sold->account, &room);
        const bool is_debtor =
            !figures.has_lots && figures.unsettled > sim_audit_int(account->cash.wad);
        sim_audit_true(audit,
                       SIM_I11,
                       figures.equity_maint < figures.maint || is_debtor,
                       "neither liquidatable nor a debtor: account",
                       sold->account);
    }
    const struct sim_audit_asset *asset = &books->assets[sold->asset];
    const struct sim_audit_view *view = sim_audit_view(audit, asset->record.feed);
    const sim_int atoms = sim_audit_int(sold->amount.atoms);
    sim_audit_true(audit,
                   SIM_I43,
                   view->is_good_to_sell,
                   "a sale at a price that is not good: asset",
                   sold->asset);
    sim_audit_at_least(
        audit,
        SIM_I26,
        sim_audit_int(sold->cash.wad),
        sim_audit_asset_ceil(&asset->record, atoms, sim_audit_sale_price(audit, sold, view)),
        "cash paid, and the price at the clock's discount, for account",
        sold->account);
    sim_audit_true(audit, SIM_I29, atoms > 0, "nothing was sold of account", sold->account);
    sim_audit_true(audit,
                   SIM_I10,
                   !sim_audit_same_owner(audit, sold->account, sold->taker),
                   "an owner bought from himself: account",
                   sold->account);
}

/* --- forced close [LIQ-11] ----------------------------------------------------------------------
 */
static void sim_audit_check_winner(struct sim_audit *audit, const struct plm_ev_deleveraged *closed)
{
    const struct sim_audit_account *winner =
        sim_audit_books_find(audit->books, closed->counterparty);
    const struct sim_audit_mode before = {.before = true, .traded = PLM_NO_MARKET};
    const struct sim_audit_mode after = {.traded = PLM_NO_MARKET};
    struct sim_audit_figures a;
    struct sim_audit_figures b;
    if (winner == NULL || !winner->was || !winner->is) {
        sim_audit_true(
            audit, SIM_I30, false, "no winner was written: account", closed->counterparty);
        return;
    }
    sim_audit_figures(audit, &winner->before, &before, &a);
    sim_audit_figures(audit, &winner->after, &after, &b);
    const struct plm_position *position = sim_audit_position(&winner->before, closed->market);
    const sim_int worth =
        position == NULL ? 0 : sim_audit_worth(audit, position, true, closed->price.ticks);
    sim_audit_true(audit, SIM_I30, worth > 0, "no winner: account", closed->counterparty);
    sim_audit_at_least(audit,
                       SIM_I30,
                       a.maint,
                       b.maint,
                       "requirement before, and after, of the winner, account",
                       closed->counterparty);
    const int64_t lots = position == NULL ? 0 : position->lots.lots;
    const int64_t left = sim_audit_lots(&winner->after, closed->market);
    const bool shrinks =
        sim_audit_abs(left) < sim_audit_abs(lots) && (left == 0 || (left > 0) == (lots > 0));
    const bool opposes = (closed->lots.lots > 0) == (lots < 0);
    sim_audit_true(audit,
                   SIM_I30,
                   shrinks && opposes,
                   "a winner flipped or grew: account",
                   closed->counterparty);
}

static void sim_audit_check_forced(struct sim_audit *audit, const struct plm_ev_deleveraged *closed)
{
    struct sim_audit_figures figures;
    if (closed->market >= PLM_LIMIT_MARKETS_MAX) {
        return;
    }
    sim_audit_check_tradable(audit, closed->market);
    if (sim_audit_sick_figures(audit, closed->account, closed->market, &figures)) {
        const bool is_due = figures.equity_full < 0 ||
                            sim_audit_compare(figures.equity_maint, 3, figures.maint, 1) < 0;
        sim_audit_true(
            audit, SIM_I11, is_due, "neither bankrupt nor below a third: account", closed->account);
    }
    sim_audit_check_winner(audit, closed);
    const struct plm_market_params *params = &audit->books->markets[closed->market].record.params;
    const sim_int value = sim_audit_times(sim_audit_abs(closed->lots.lots), closed->price.ticks);
    sim_audit_at_least(audit,
                       SIM_I30,
                       sim_audit_muldiv_floor(value, params->liq_fee.ppm, SIM_PPM),
                       sim_audit_int(closed->tip.wad),
                       "largest tip, and tip, for account",
                       closed->account);
    sim_audit_true(
        audit, SIM_I29, closed->lots.lots != 0, "nothing closed of account", closed->account);
}

/* --- debtors without lots, and the clock ------------------------------------------------------ */
static void sim_audit_check_resolved(struct sim_audit *audit)
{
    struct sim_audit_figures figures;
    const uint64_t id = audit->message.resolve.account;
    if (sim_audit_sick_figures(audit, id, PLM_NO_MARKET, &figures)) {
        sim_audit_true(audit,
                       SIM_I11,
                       figures.equity_full < 0 && !figures.has_lots,
                       "no bankrupt debtor without lots: account",
                       id);
    }
}

/* The clock starts only for the sick: below maintenance, or bankrupt. */
static void sim_audit_check_started(struct sim_audit *audit,
                                    const struct sim_audit_account *account)
{
    struct sim_audit_figures figures;
    const uint16_t traded = audit->op->opcode == PLM_OP_LIQUIDATE ? audit->message.liquidate.market
                            : audit->op->opcode == PLM_OP_DELEVERAGE
                                ? audit->message.deleverage.market
                                : PLM_NO_MARKET;
    if (sim_audit_sick_figures(audit, account->id, traded, &figures)) {
        sim_audit_true(audit,
                       SIM_I11,
                       figures.equity_maint < figures.maint || figures.equity_full < 0,
                       "a clock started for a sound account",
                       account->id);
    }
}

static void sim_audit_check_clock(struct sim_audit *audit)
{
    for (uint32_t i = 0; i < audit->books->account_count; i++) {
        const struct sim_audit_account *account = &audit->books->accounts[i];
        const bool starts = account->is && account->after.liquidatable_since.sec != 0 &&
                            account->before.liquidatable_since.sec == 0;
        if (starts) {
            sim_audit_check_started(audit, account);
        }
    }
}

void sim_audit_check_liquidations(struct sim_audit *audit)
{
    for (uint32_t i = 0; i < audit->event_count; i++) {
        const struct sim_audit_event *event = &audit->events[i];
        if (event->id == PLM_EVENT_LIQUIDATED) {
            sim_audit_check_takeover(audit, &event->as.liquidated);
        } else if (event->id == PLM_EVENT_COLLATERAL_SOLD) {
            sim_audit_check_sale(audit, &event->as.collateral_sold);
        } else if (event->id == PLM_EVENT_DELEVERAGED) {
            sim_audit_check_forced(audit, &event->as.deleveraged);
        }
    }
    if (audit->op->opcode == PLM_OP_RESOLVE && audit->has_message) {
        sim_audit_check_resolved(audit);
    }
    sim_audit_check_clock(audit);
}

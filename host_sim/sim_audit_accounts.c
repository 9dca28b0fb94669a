/* SPDX-License-Identifier: Apache-2.0
 * What an operation did to the accounts it wrote: the gate, equity that moves only by what the
 * events say, caps, fills. Margin is recomputed at the operation's view, before and after.
 * [MARGIN-7] [MARGIN-8] [WD-1] [PRICE-4] [PRICE-6] [ACCT-7]
 * I04 I05 I06 I07 I08 I16 I18 I20 I24 I38 */
#include "sim_audit_checks.h"

/* An account with its figures around the operation. */
struct sim_audit_case {
    const struct sim_audit_account *account;
    struct sim_audit_figures before;
    struct sim_audit_figures after;
};

/* --- flows: what the events say ------------------------------------------------------------- */
static sim_int sim_audit_scale_of_cash(const struct sim_audit *audit)
{
    const uint8_t decimals = audit->books->assets[0].record.decimals;
    return sim_audit_power(decimals < 18 ? 18u - decimals : 0);
}

/* What a failed payout brings back: nothing to an account that has no room for one more kind of
 * collateral. [LEDGER-6] */
static sim_int
sim_audit_brought_back(const struct sim_audit *audit, uint64_t account, uint16_t asset)
{
    const struct sim_audit_books *books = audit->books;
    const struct sim_audit_account *holder = sim_audit_books_find(books, account);
    sim_int sum = 0;
    if (holder == NULL ||
        (asset != 0 && holder->before.collaterals_count == PLM_LIMIT_COLLATERALS_MAX &&
         sim_audit_atoms(&holder->before, asset) == 0)) {
        return 0;
    }
    for (uint32_t i = 0; i < books->payouts_ended_count; i++) {
        const struct plm_payout *payout = &books->payouts_ended[i].record;
        sum += payout->account == account && payout->asset == asset
                   ? sim_audit_int(payout->atoms.atoms)
                   : 0;
    }
    return sum;
}

/* Atoms of an asset that an event brought to an account. */
static sim_int sim_audit_atoms_by(const struct sim_audit *audit,
                                  const struct sim_audit_event *event,
                                  uint64_t account,
                                  uint16_t asset)
{
    sim_int sum = 0;
    if (event->id == PLM_EVENT_DEPOSITED && event->as.deposited.asset == asset &&
        event->as.deposited.account == account) {
        sum = sim_audit_int(event->as.deposited.amount.atoms);
    } else if (event->id == PLM_EVENT_WITHDRAWN && event->as.withdrawn.asset == asset &&
               event->as.withdrawn.account == account) {
        sum = -sim_audit_int(event->as.withdrawn.amount.atoms);
    } else if (event->id == PLM_EVENT_TRANSFERRED && event->as.transferred.asset == asset) {
        const sim_int amount = sim_audit_int(event->as.transferred.amount.atoms);
        sum = event->as.transferred.to == account ? amount : 0;
        sum -= event->as.transferred.from == account ? amount : 0;
    } else if (event->id == PLM_EVENT_COLLATERAL_SOLD && event->as.collateral_sold.asset == asset) {
        const sim_int amount = sim_audit_int(event->as.collateral_sold.amount.atoms);
        sum = event->as.collateral_sold.taker == account ? amount : 0;
        sum -= event->as.collateral_sold.account == account ? amount : 0;
    } else if (event->id == PLM_EVENT_PAYOUT_SETTLED && event->as.payout_settled.ok == 0) {
        sum = sim_audit_brought_back(audit, account, asset);
    }
    return sum;
}

/* A fill at another price than p moves value between its two sides; each pays its fee. */
static sim_int
sim_audit_filled_by(struct sim_audit *audit, const struct plm_ev_filled *filled, uint64_t account)
{
    const sim_int p = sim_audit_market_view(audit, filled->market)->price;
    const sim_int gain = sim_audit_times(filled->lots.lots, p - (sim_int)filled->price.ticks);
    if (filled->buyer == account) {
        return sim_audit_sub(gain, sim_audit_int(filled->fee_buyer.wad));
    }
    if (filled->seller == account) {
        return sim_audit_sub(-gain, sim_audit_int(filled->fee_seller.wad));
    }
    return 0;
}

/* A deficit is credited to its account and charged to every lot of the other side. [LOSS-2] */
static sim_int sim_audit_deficit_by(struct sim_audit *audit,
                                    const struct plm_ev_deficit *deficit,
                                    const struct sim_audit_account *account)
{
    struct plm_account room;
    if (deficit->account == account->id) {
        return sim_audit_int(deficit->value.wad);
    }
    const struct plm_account *of = sim_audit_account_before(audit, deficit->account, &room);
    const sim_int credited = of == NULL ? 0 : sim_audit_lots(of, deficit->market);
    const sim_int lots = sim_audit_lots(&account->before, deficit->market);
    if ((credited > 0 && lots < 0) || (credited < 0 && lots > 0)) {
        return -sim_audit_times(sim_audit_abs(lots), deficit->step.ticks);
    }
    return 0;
}

/* Value that an event brought to an account, collateral not counted. */
static sim_int sim_audit_value_by(struct sim_audit *audit,
                                  const struct sim_audit_event *event,
                                  const struct sim_audit_account *account)
{
    const uint64_t id = account->id;
    switch ((uint32_t)event->id) {
    case PLM_EVENT_FILLED: return sim_audit_filled_by(audit, &event->as.filled, id);
    case PLM_EVENT_DEFICIT: return sim_audit_deficit_by(audit, &event->as.deficit, account);
    case PLM_EVENT_CLAIM_ABANDONED:
        return event->as.claim_abandoned.account == id
                   ? -sim_audit_int(event->as.claim_abandoned.value.wad)
                   : 0;
    case PLM_EVENT_LIQUIDATED: {
        const sim_int fee = sim_audit_int(event->as.liquidated.fee_taker.wad);
        const sim_int insured = sim_audit_int(event->as.liquidated.fee_insurance.wad);
        if (event->as.liquidated.account == id) {
            return -fee - insured;
        }
        return event->as.liquidated.taker == id ? fee : 0;
    }
    case PLM_EVENT_COLLATERAL_SOLD: {
        const sim_int cash = sim_audit_int(event->as.collateral_sold.cash.wad);
        if (event->as.collateral_sold.account == id) {
            return cash;
        }
        return event->as.collateral_sold.taker == id ? -cash : 0;
    }
    case PLM_EVENT_DELEVERAGED:
        return audit->message.deleverage.tip == id ? sim_audit_int(event->as.deleveraged.tip.wad)
                                                   : 0;
    default:
        return sim_audit_times(sim_audit_atoms_by(audit, event, id, 0),
                               sim_audit_scale_of_cash(audit));
    }
}

/* Equity moves by exactly what the events say: what was not told did not happen. */
static void sim_audit_check_flows(struct sim_audit *audit, const struct sim_audit_case *c)
{
    sim_int value = 0;
    for (uint32_t i = 0; i < audit->event_count; i++) {
        value = sim_audit_add(value, sim_audit_value_by(audit, &audit->events[i], c->account));
    }
    sim_audit_equal(audit,
                    SIM_I08,
                    sim_audit_sub(c->after.cash_equity, c->before.cash_equity),
                    value,
                    "change of cash and results, and what the events say, of account",
                    c->account->id);
    for (uint32_t i = 0; i < audit->books->touched_asset_count; i++) {
        const uint16_t asset = audit->books->touched_assets[i];
        sim_int atoms = 0;
        if (asset == 0) {
            continue;
        }
        for (uint32_t j = 0; j < audit->event_count; j++) {
            atoms += sim_audit_atoms_by(audit, &audit->events[j], c->account->id, asset);
        }
        sim_audit_equal(audit,
                        SIM_I08,
                        sim_audit_atoms(&c->account->after, asset) -
                            sim_audit_atoms(&c->account->before, asset),
                        atoms,
                        "change of collateral, and what the events say, of account",
                        c->account->id);
    }
}

/* --- equity [MARGIN-8] ---------------------------------------------------------------------- */
static bool sim_audit_is_charged(struct sim_audit *audit, const struct sim_audit_account *account)
{
    for (uint32_t i = 0; i < audit->event_count; i++) {
        const struct sim_audit_event *event = &audit->events[i];
        if (event->id == PLM_EVENT_DEFICIT &&
            sim_audit_deficit_by(audit, &event->as.deficit, account) < 0) {
            return true;
        }
    }
    return false;
}

/* Equity that was not negative stays so; negative equity only rises. A collateral's value is
 * rounded to a unit, so that a sale may move equity by one. */
static void sim_audit_check_equity(struct sim_audit *audit, const struct sim_audit_case *c)
{
    if (sim_audit_is_charged(audit, c->account)) {
        return;
    }
    const sim_int unit = c->account->before.collaterals_count > 0 ? SIM_PPM : 0;
    const sim_int least = sim_audit_min(0, c->before.equity_maint);
    sim_audit_at_least(audit,
                       SIM_I08,
                       c->after.equity_maint + unit,
                       least,
                       "equity, and the least it may be, of account",
                       c->account->id);
}

/* --- the gate [MARGIN-8] -------------------------------------------------------------------- */
static bool sim_audit_grew(int64_t before, int64_t after)
{
    const bool flips = (before > 0 && after < 0) || (before < 0 && after > 0);
    return flips || sim_audit_abs(after) > sim_audit_abs(before);
}

static bool sim_audit_has_grown(const struct sim_audit_account *account)
{
    for (uint32_t i = 0; i < account->after.positions_count; i++) {
        const struct plm_position *position = &account->after.positions[i];
        const int64_t before = sim_audit_lots(&account->before, position->market);
        if (sim_audit_grew(before, position->lots.lots)) {
            return true;
        }
    }
    return false;
}

/* What fills better than p gave: not counted, for a fill counts as the worse of both. [MARGIN-2] */
static sim_int sim_audit_advantage(struct sim_audit *audit, uint64_t account)
{
    sim_int sum = 0;
    for (uint32_t i = 0; i < audit->event_count; i++) {
        const struct plm_ev_filled *filled = &audit->events[i].as.filled;
        if (audit->events[i].id != PLM_EVENT_FILLED) {
            continue;
        }
        const sim_int p = sim_audit_market_view(audit, filled->market)->price;
        const sim_int better = filled->buyer == account ? p - (sim_int)filled->price.ticks
                                                        : (sim_int)filled->price.ticks - p;
        const bool is_party = filled->buyer == account || filled->seller == account;
        if (is_party && better > 0) {
            sum = sim_audit_add(sum, sim_audit_times(better, filled->lots.lots));
        }
    }
    return sum;
}

/* The second branch: nothing grew, MM did not rise, E over MM did not fall. */
static bool sim_audit_has_reduced(const struct sim_audit_case *c)
{
    const sim_int e = c->before.equity_maint;
    const sim_int e_after = c->after.equity_maint;
    const sim_int mm = c->before.maint;
    const sim_int mm_after = c->after.maint;
    if (sim_audit_has_grown(c->account) || mm_after > mm) {
        return false;
    }
    if (mm_after == 0) {
        return e_after >= 0 || e_after >= e;
    }
    if (e < 0) {
        return e_after >= e && mm_after < mm;
    }
    return sim_audit_compare(e_after, mm, e, mm_after) >= 0;
}

static void sim_audit_check_debt(struct sim_audit *audit, const struct sim_audit_case *c)
{
    sim_audit_at_least(audit,
                       SIM_I06,
                       sim_audit_int(c->account->after.cash.wad),
                       c->after.unsettled,
                       "cash, and losses that are not yet cash, of account",
                       c->account->id);
}

/* E_im >= IM, gains of the fill not counted. */
static void sim_audit_check_initial(struct sim_audit *audit,
                                    const struct sim_audit_case *c,
                                    const struct sim_audit_figures *figures,
                                    sim_int advantage)
{
    sim_audit_at_least(audit,
                       SIM_I06,
                       sim_audit_sub(figures->equity_initial, sim_audit_times(advantage, SIM_PPM)),
                       figures->initial,
                       "initial equity, and requirement, of account",
                       c->account->id);
}

/* Who trades, or gives up a claim. */
static void sim_audit_check_actor(struct sim_audit *audit, const struct sim_audit_case *c)
{
    const sim_int advantage = sim_audit_advantage(audit, c->account->id);
    const bool takes_risk = sim_audit_has_grown(c->account) || c->after.maint > c->before.maint;
    if (!takes_risk) {
        const sim_int counted =
            sim_audit_sub(c->after.equity_initial, sim_audit_times(advantage, SIM_PPM));
        const bool passes = counted >= c->after.initial || sim_audit_has_reduced(c);
        sim_audit_true(audit,
                       SIM_I06,
                       passes,
                       "neither initial margin nor less risk: account",
                       c->account->id);
        return;
    }
    const struct sim_audit_mode mode = {.scaled = true, .traded = PLM_NO_MARKET};
    struct sim_audit_figures scaled;
    sim_audit_figures(audit, &c->account->after, &mode, &scaled);
    sim_audit_check_initial(audit, c, &scaled, advantage);
    sim_audit_check_debt(audit, c);
    sim_audit_true(audit,
                   SIM_I18,
                   c->after.all_good,
                   "risk taken at a price that is not good: account",
                   c->account->id);
}

/* Who changes his mode or his leverage, or lets something go with risk open. */
static void sim_audit_check_standing(struct sim_audit *audit, const struct sim_audit_case *c)
{
    sim_audit_check_initial(audit, c, &c->after, 0);
    sim_audit_check_debt(audit, c);
    if (c->after.has_lots) {
        sim_audit_true(audit,
                       SIM_I18,
                       c->after.all_good,
                       "money or mode moved at a price that is not good: account",
                       c->account->id);
    }
}

static bool sim_audit_has_risk(const struct plm_account *account)
{
    for (uint32_t i = 0; i < account->positions_count; i++) {
        const struct plm_position *position = &account->positions[i];
        if (position->lots.lots != 0 || sim_audit_int(position->quote.wad) < 0) {
            return true;
        }
    }
    return false;
}

/* What is left behind a withdrawal: gains at weight 0. [WD-1] */
static void sim_audit_check_left(struct sim_audit *audit, const struct sim_audit_case *c)
{
    if (!sim_audit_has_risk(&c->account->after)) {
        return;
    }
    const struct sim_audit_mode mode = {.no_gains = true, .traded = PLM_NO_MARKET};
    struct sim_audit_figures figures;
    sim_audit_figures(audit, &c->account->after, &mode, &figures);
    sim_audit_at_least(audit,
                       SIM_I05,
                       figures.equity_initial,
                       sim_audit_max(figures.initial, figures.withdraw_floor),
                       "equity without gains, and requirement or floor, of account",
                       c->account->id);
    sim_audit_at_least(audit,
                       SIM_I05,
                       sim_audit_int(c->account->after.cash.wad),
                       figures.unsettled,
                       "cash, and losses that are not yet cash, of account",
                       c->account->id);
    sim_audit_check_standing(audit, c);
}

/* Who takes lots or collateral over: unscaled. A wide confidence of the traded feed stops nobody.
 */
static void sim_audit_check_taker(struct sim_audit *audit, const struct sim_audit_case *c)
{
    sim_audit_check_initial(audit, c, &c->after, 0);
    sim_audit_check_debt(audit, c);
}

static void sim_audit_check_role(struct sim_audit *audit, const struct sim_audit_case *c)
{
    const union sim_audit_message *m = &audit->message;
    const uint64_t id = c->account->id;
    const bool has_positions = c->account->after.positions_count > 0;
    switch (audit->op->opcode) {
    case PLM_OP_TRADE:
    case PLM_OP_ABANDON_CLAIM: sim_audit_check_actor(audit, c); break;
    case PLM_OP_WITHDRAW: sim_audit_check_left(audit, c); break;
    case PLM_OP_TRANSFER:
        if (id == m->transfer.from) {
            sim_audit_check_left(audit, c);
        }
        break;
    case PLM_OP_SET_MODE:
        if (has_positions) {
            sim_audit_check_standing(audit, c);
        }
        break;
    case PLM_OP_SET_LEVERAGE:
        if (has_positions && c->account->after.leverage.ppm > c->account->before.leverage.ppm) {
            sim_audit_check_standing(audit, c);
        }
        break;
    case PLM_OP_LIQUIDATE:
        if (id == m->liquidate.taker) {
            sim_audit_check_taker(audit, c);
        }
        break;
    case PLM_OP_LIQUIDATE_COLLATERAL:
        if (id == m->liquidate_collateral.taker) {
            sim_audit_check_taker(audit, c);
        }
        break;
    default: break; /* it received, or was settled */
    }
}

/* --- caps [MARGIN-4] [UNIT-3] --------------------------------------------------------------- */
static void sim_audit_check_caps(struct sim_audit *audit, const struct sim_audit_case *c)
{
    const struct plm_account *after = &c->account->after;
    for (uint32_t i = 0; i < after->positions_count; i++) {
        const struct plm_position *position = &after->positions[i];
        const int64_t before = sim_audit_lots(&c->account->before, position->market);
        if (position->market >= PLM_LIMIT_MARKETS_MAX ||
            !sim_audit_grew(before, position->lots.lots)) {
            continue;
        }
        const struct plm_market_params *params =
            &audit->books->markets[position->market].record.params;
        const sim_int size = sim_audit_abs(position->lots.lots);
        const sim_int p = sim_audit_market_view(audit, position->market)->price;
        sim_audit_at_least(audit,
                           SIM_I20,
                           params->max_lots.lots,
                           size,
                           "max_lots, and lots, of account",
                           c->account->id);
        sim_audit_at_least(audit,
                           SIM_I20,
                           sim_audit_int(params->position_cap.wad),
                           sim_audit_times(size, p),
                           "position cap, and position, of account",
                           c->account->id);
    }
}

static void sim_audit_check_interest(struct sim_audit *audit)
{
    for (uint32_t i = 0; i < audit->books->touched_market_count; i++) {
        const uint16_t id = audit->books->touched_markets[i];
        const struct sim_audit_market *market = &audit->books->markets[id];
        if (audit->op->opcode == PLM_OP_TRADE && market->state.oi.lots > market->before.oi.lots) {
            const sim_int p = sim_audit_market_view(audit, id)->price;
            sim_audit_at_least(audit,
                               SIM_I20,
                               sim_audit_int(market->record.params.oi_cap.wad),
                               sim_audit_times(market->state.oi.lots, p),
                               "cap, and open interest, of market",
                               id);
        }
    }
}

/* --- fills [PRICE-6] [ACCT-7] --------------------------------------------------------------- */
static sim_int sim_audit_fee(const struct plm_ev_filled *filled, uint32_t ppm)
{
    const sim_int value = sim_audit_times(filled->lots.lots, filled->price.ticks);
    return sim_audit_muldiv_ceil(value, ppm, SIM_PPM);
}

static void sim_audit_check_fill(struct sim_audit *audit,
                                 const struct plm_ev_filled *filled,
                                 const struct plm_fill *asked)
{
    if (filled->market >= PLM_LIMIT_MARKETS_MAX) {
        return;
    }
    const struct plm_market *market = &audit->books->markets[filled->market].record;
    const sim_int p = sim_audit_market_view(audit, filled->market)->price;
    const sim_int distance = sim_audit_abs((sim_int)filled->price.ticks - p);
    sim_audit_at_least(audit,
                       SIM_I16,
                       sim_audit_floor(p * market->params.fill_band.ppm, SIM_PPM),
                       distance,
                       "fill band, and distance from the price, of fill",
                       filled->id);
    const bool is_on_tick = filled->price.ticks % sim_audit_max(1, market->tick.ticks) == 0;
    const bool is_asked = filled->id == asked->id && filled->market == asked->market &&
                          filled->lots.lots == asked->lots.lots &&
                          filled->price.ticks == asked->price.ticks &&
                          filled->buyer == asked->buyer && filled->seller == asked->seller;
    sim_audit_true(audit, SIM_I16, is_on_tick && is_asked, "not as asked: fill", filled->id);
    const bool buyer_took = asked->taker == 0;
    const uint32_t maker = market->params.fee_maker.ppm;
    const uint32_t taker = market->params.fee_taker.ppm;
    sim_audit_equal(audit,
                    SIM_I24,
                    sim_audit_int(filled->fee_buyer.wad),
                    sim_audit_fee(filled, buyer_took ? taker : maker),
                    "buyer's fee, and its ceiling, of fill",
                    filled->id);
    sim_audit_equal(audit,
                    SIM_I24,
                    sim_audit_int(filled->fee_seller.wad),
                    sim_audit_fee(filled, buyer_took ? maker : taker),
                    "seller's fee, and its ceiling, of fill",
                    filled->id);
}

static void sim_audit_check_fills(struct sim_audit *audit)
{
    const struct plm_trade *trade = &audit->message.trade;
    uint32_t count = 0;
    if (audit->op->opcode != PLM_OP_TRADE || !audit->has_message) {
        return;
    }
    for (uint32_t i = 0; i < audit->event_count; i++) {
        if (audit->events[i].id == PLM_EVENT_FILLED && count < trade->fills_count) {
            sim_audit_check_fill(audit, &audit->events[i].as.filled, &trade->fills[count]);
            count++;
        }
    }
    sim_audit_equal(audit,
                    SIM_I16,
                    count,
                    trade->fills_count,
                    "fills told, and asked, of operation",
                    audit->op->number);
}

/* Lots move by fills, takeovers and forced closes, and by nothing else. [LEDGER-2] */
static sim_int
sim_audit_lots_by(const struct sim_audit_event *event, uint64_t account, uint16_t market)
{
    uint64_t from = 0;
    uint64_t to = 0;
    sim_int lots = 0;
    if (event->id == PLM_EVENT_FILLED && event->as.filled.market == market) {
        from = event->as.filled.seller;
        to = event->as.filled.buyer;
        lots = event->as.filled.lots.lots;
    } else if (event->id == PLM_EVENT_LIQUIDATED && event->as.liquidated.market == market) {
        from = event->as.liquidated.account;
        to = event->as.liquidated.taker;
        lots = event->as.liquidated.lots.lots;
    } else if (event->id == PLM_EVENT_DELEVERAGED && event->as.deleveraged.market == market) {
        from = event->as.deleveraged.account;
        to = event->as.deleveraged.counterparty;
        lots = event->as.deleveraged.lots.lots;
    }
    return (to == account ? lots : 0) - (from == account ? lots : 0);
}

static void sim_audit_check_lots(struct sim_audit *audit, const struct sim_audit_account *account)
{
    for (uint32_t i = 0; i < audit->books->touched_market_count; i++) {
        const uint16_t market = audit->books->touched_markets[i];
        const sim_int before = sim_audit_lots(&account->before, market);
        const sim_int after = sim_audit_lots(&account->after, market);
        sim_int moved = 0;
        for (uint32_t j = 0; j < audit->event_count; j++) {
            moved += sim_audit_lots_by(&audit->events[j], account->id, market);
        }
        sim_audit_equal(audit,
                        SIM_I04,
                        after - before,
                        moved,
                        "change of lots, and what the events say, of account",
                        account->id);
    }
}

/* --- one account ------------------------------------------------------------------------------ */
static void sim_audit_check_account(struct sim_audit *audit,
                                    const struct sim_audit_account *account)
{
    const struct sim_audit_mode before = {.before = true, .traded = PLM_NO_MARKET};
    const struct sim_audit_mode after = {.traded = PLM_NO_MARKET};
    struct sim_audit_case c = {.account = account};
    sim_audit_figures(audit, &account->before, &before, &c.before);
    sim_audit_figures(audit, &account->after, &after, &c.after);
    sim_audit_true(audit, SIM_I38, !c.after.overflows, "a sum left 128 bits: account", account->id);
    if (c.after.overflows || c.before.overflows) {
        return;
    }
    sim_audit_at_least(audit,
                       SIM_I07,
                       c.after.initial,
                       c.after.maint,
                       "initial, and maintenance, of account",
                       account->id);
    sim_audit_check_flows(audit, &c);
    sim_audit_check_equity(audit, &c);
    sim_audit_check_lots(audit, account);
    sim_audit_check_role(audit, &c);
    if (audit->op->opcode == PLM_OP_TRADE || audit->op->opcode == PLM_OP_LIQUIDATE) {
        sim_audit_check_caps(audit, &c);
    }
}

void sim_audit_check_accounts(struct sim_audit *audit)
{
    for (uint32_t i = 0; i < audit->books->account_count; i++) {
        const struct sim_audit_account *account = &audit->books->accounts[i];
        if (account->is) {
            sim_audit_check_account(audit, account);
        }
    }
    sim_audit_check_interest(audit);
    sim_audit_check_fills(audit);
}

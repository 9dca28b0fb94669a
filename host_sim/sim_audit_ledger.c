/* SPDX-License-Identifier: Apache-2.0
 * Money: conservation, named negatives, payouts, open interest, the zero sum of every market.
 * [LEDGER-2] [LEDGER-3] [LEDGER-6] [ACCT-5] [ACCT-8] I01 I02 I03 I04 I12 I13 I31 I37 I49 */
#include "sim_audit_checks.h"

#include <string.h>

/* --- one market: O(1) by the sums that are carried along ---------------------------------- */
void sim_audit_check_market_sums(struct sim_audit *audit, uint16_t id)
{
    const struct sim_audit_market *market = &audit->books->markets[id];
    const struct plm_market_state *state = &market->state;
    const struct sim_audit_sums *sums = &market->sums;
    sim_audit_equal(audit, SIM_I04, sums->longs, sums->shorts, "long and short lots of market", id);
    sim_audit_equal(audit, SIM_I04, sums->longs, state->oi.lots, "open interest of market", id);
    sim_audit_equal(
        audit, SIM_I49, sums->accrued, sim_audit_int(state->accrued.wad), "A of market", id);
    sim_audit_equal(audit,
                    SIM_I49,
                    sums->deficits,
                    sim_audit_int(state->deficits.wad),
                    "flagged deficits of market",
                    id);
    /* A + lines due = pool + OI (G_long - G_short). */
    const sim_int due = sim_audit_add(sim_audit_int(state->fees_due.wad),
                                      sim_audit_add(sim_audit_int(state->insurance_due.wad),
                                                    sim_audit_int(state->uncovered.wad)));
    const sim_int spread = sim_audit_sub(state->index_long.ticks, state->index_short.ticks);
    const sim_int owed =
        sim_audit_add(sim_audit_int(state->pool.wad), sim_audit_times(state->oi.lots, spread));
    sim_audit_equal(audit,
                    SIM_I49,
                    sim_audit_add(sums->accrued, due),
                    owed,
                    "quotes and lines due, and pool, of market",
                    id);
}

void sim_audit_check_market_signs(struct sim_audit *audit, uint16_t id)
{
    const struct plm_market_state *state = &audit->books->markets[id].state;
    const sim_int uncovered = sim_audit_int(state->uncovered.wad);
    sim_audit_at_least(audit, SIM_I12, sim_audit_int(state->pool.wad), 0, "pool of market", id);
    sim_audit_at_least(audit, SIM_I02, sim_audit_int(state->fees.wad), 0, "fees of market", id);
    sim_audit_at_least(
        audit, SIM_I02, sim_audit_int(state->fees_due.wad), 0, "fees due of market", id);
    sim_audit_at_least(
        audit, SIM_I31, sim_audit_int(state->insurance.wad), 0, "insurance of market", id);
    sim_audit_at_least(
        audit, SIM_I02, sim_audit_int(state->insurance_due.wad), 0, "insurance due of market", id);
    sim_audit_at_least(
        audit, SIM_I02, sim_audit_int(state->shortfall.wad), 0, "shortfall of market", id);
    sim_audit_at_least(audit, SIM_I02, -uncovered, 0, "uncovered line, negated, of market", id);
}

/* --- totals over all accounts -------------------------------------------------------------- */
void sim_audit_check_totals(struct sim_audit *audit)
{
    const struct sim_audit_books *books = audit->books;
    const struct plm_ledger *ledger = &books->ledger;
    const sim_int lines =
        sim_audit_add(sim_audit_int(ledger->global.wad), sim_audit_int(ledger->dust.wad));
    const sim_int held = sim_audit_add(books->cash, sim_audit_add(books->lines, lines));
    sim_audit_equal(audit,
                    SIM_I01,
                    sim_audit_int(ledger->vault.wad),
                    held,
                    "vault, and cash with pools and lines, of asset",
                    0);
}

/* Atoms that the contract must hold of an asset, payouts under way not counted. */
static sim_int sim_audit_owed(const struct sim_audit_books *books, uint16_t id)
{
    const struct sim_audit_asset *asset = &books->assets[id];
    sim_int total = asset->atoms;
    if (id == 0) {
        const uint8_t decimals = asset->record.decimals;
        const sim_int scale = sim_audit_power(decimals < 18 ? 18u - decimals : 0);
        total = sim_audit_int(books->ledger.vault.wad) / scale;
    }
    return sim_audit_add(total, sim_audit_int(asset->state.surplus.atoms));
}

void sim_audit_check_balances(struct sim_audit *audit, bool exact)
{
    for (uint16_t id = 0; id < audit->books->config.asset_count && id < PLM_LIMIT_ASSETS_MAX;
         id++) {
        const struct sim_audit_asset *asset = &audit->books->assets[id];
        if (audit->world == NULL && audit->held == NULL) {
            return;
        }
        const sim_int held = audit->world == NULL
                                 ? audit->held[id]
                                 : sim_world_contract_balance(audit->world, &asset->record.token);
        sim_int owed = sim_audit_owed(audit->books, id);
        if (exact) {
            owed = sim_audit_add(owed, asset->pending);
        }
        sim_audit_at_least(audit, SIM_I01, held, owed, "tokens held, and owed, of asset", id);
    }
}

/* --- one operation: what came in and what went out ------------------------------------------ */
static sim_int sim_audit_funds_in(const struct sim_audit *audit, const struct plm_addr *token)
{
    const struct sim_context *context = &audit->op->context;
    sim_int sum = 0;
    for (uint32_t i = 0; i < context->fund_count; i++) {
        if (sim_abi_addr_equal(&context->funds[i].token, token)) {
            sum = sim_audit_add(sum, sim_audit_int(context->funds[i].atoms.atoms));
        }
    }
    return sum;
}

/* Atoms of payouts that this operation booked as delivered. */
static sim_int sim_audit_delivered(const struct sim_audit *audit, uint16_t asset)
{
    const struct sim_audit_books *books = audit->books;
    sim_int sum = 0;
    for (uint32_t i = 0; i < books->payouts_ended_count; i++) {
        if (books->payouts_ended[i].record.asset == asset && audit->message.settle_out.ok != 0) {
            sum = sim_audit_add(sum, sim_audit_int(books->payouts_ended[i].record.atoms.atoms));
        }
    }
    return sum;
}

/* Change of (owed + payouts under way) = funds in - payouts delivered. */
static void sim_audit_check_flow(struct sim_audit *audit, uint16_t id)
{
    const struct sim_audit_books *books = audit->books;
    const struct sim_audit_asset *asset = &books->assets[id];
    sim_int change = sim_audit_sub(sim_audit_int(asset->state.surplus.atoms),
                                   sim_audit_int(asset->before.surplus.atoms));
    change = sim_audit_add(change, sim_audit_sub(asset->pending, asset->pending_before));
    sim_int in = sim_audit_sub(sim_audit_funds_in(audit, &asset->record.token),
                               sim_audit_delivered(audit, id));
    if (id == 0) {
        const uint8_t decimals = asset->record.decimals;
        const sim_int scale = sim_audit_power(decimals < 18 ? 18u - decimals : 0);
        const sim_int vault = sim_audit_sub(sim_audit_int(books->ledger.vault.wad),
                                            sim_audit_int(books->ledger_before.vault.wad));
        change = sim_audit_add(sim_audit_times(change, scale), vault);
        in = sim_audit_times(in, scale);
    } else {
        change = sim_audit_add(change,
                               sim_audit_sub(sim_audit_int(asset->state.total.atoms),
                                             sim_audit_int(asset->before.total.atoms)));
    }
    sim_audit_equal(audit, SIM_I01, change, in, "change of what is owed, and flow, of asset", id);
}

static void sim_audit_check_assets(struct sim_audit *audit)
{
    struct sim_audit_books *books = audit->books;
    for (uint32_t i = 0; i < books->touched_asset_count; i++) {
        const uint16_t id = books->touched_assets[i];
        const struct sim_audit_asset *asset = &books->assets[id];
        sim_audit_equal(audit,
                        SIM_I01,
                        id == 0 ? 0 : asset->atoms,
                        sim_audit_int(asset->state.total.atoms),
                        "balances of all accounts, and total, of asset",
                        id);
        sim_audit_at_least(
            audit, SIM_I02, sim_audit_int(asset->state.surplus.atoms), 0, "surplus of asset", id);
        if (id != 0) {
            sim_audit_check_flow(audit, id);
        }
    }
    if (books->assets[0].exists && audit->op->opcode != PLM_OP_INITIALISE) {
        sim_audit_check_flow(audit, 0);
    }
}

/* --- payouts [LEDGER-6] --------------------------------------------------------------------- */
static void sim_audit_check_payment(struct sim_audit *audit, const struct sim_payment *payment)
{
    struct sim_audit_books *books = audit->books;
    bool is_found = false;
    for (uint32_t i = 0; i < books->payouts_made_count; i++) {
        const struct sim_audit_payout *payout = &books->payouts_made[i];
        const uint16_t asset = payout->record.asset;
        if (payout->id != payment->payout || asset >= PLM_LIMIT_ASSETS_MAX) {
            continue;
        }
        is_found = sim_abi_addr_equal(&payment->token, &books->assets[asset].record.token) &&
                   payment->atoms == sim_audit_int(payout->record.atoms.atoms);
        if (payout->record.account != 0) {
            struct plm_account room;
            const struct plm_account *account =
                sim_audit_account_after(audit, payout->record.account, &room);
            is_found = is_found && account != NULL &&
                       sim_audit_same_hash(sim_audit_hash_of(audit, &payment->to), &account->owner);
        }
    }
    sim_audit_true(audit, SIM_I03, is_found, "no such record behind payment", payment->payout);
}

static void sim_audit_check_payouts(struct sim_audit *audit)
{
    struct sim_audit_books *books = audit->books;
    const struct sim_outcome *outcome = audit->outcome;
    for (uint32_t i = 0; i < outcome->payment_count; i++) {
        sim_audit_check_payment(audit, &outcome->payments[i]);
    }
    if (books->payouts_made_count > 0 || outcome->payment_count > 0) {
        sim_audit_equal(audit,
                        SIM_I03,
                        outcome->payment_count,
                        books->payouts_made_count,
                        "payments, and payout records made, by operation",
                        audit->op->number);
    }
    const uint64_t next_before = books->ledger_before.next_payout;
    const uint64_t next = books->ledger.next_payout;
    for (uint32_t i = 0; i < books->payouts_made_count; i++) {
        const uint64_t id = books->payouts_made[i].id;
        sim_audit_true(audit, SIM_I39, id >= next_before && id < next, "used payout id", id);
    }
    for (uint32_t i = 0; i < books->payouts_ended_count; i++) {
        const uint64_t id = books->payouts_ended[i].id;
        const bool is_settled =
            audit->op->opcode == PLM_OP_SETTLE_OUT && audit->message.settle_out.payout == id;
        sim_audit_true(audit, SIM_I03, is_settled, "nobody settled payout", id);
    }
    if (books->is_ledger_written && audit->op->opcode != PLM_OP_INITIALISE) {
        sim_audit_at_least(audit, SIM_I39, next, next_before, "next payout id", 0);
        sim_audit_at_least(audit,
                           SIM_I37,
                           sim_audit_int(books->ledger.dust.wad),
                           sim_audit_int(books->ledger_before.dust.wad),
                           "dust line",
                           0);
        sim_audit_at_least(
            audit, SIM_I31, sim_audit_int(books->ledger.global.wad), 0, "global tranche", 0);
        sim_audit_at_least(audit, SIM_I02, sim_audit_int(books->ledger.vault.wad), 0, "vault", 0);
    }
}

/* --- account records [ACCT-5] --------------------------------------------------------------- */
void sim_audit_check_account_record(struct sim_audit *audit,
                                    uint64_t id,
                                    const struct plm_account *account)
{
    sim_audit_at_least(audit, SIM_I02, sim_audit_int(account->cash.wad), 0, "cash of account", id);
    bool is_closed = true;
    for (uint32_t i = 0; i < account->positions_count; i++) {
        const struct plm_position *position = &account->positions[i];
        const bool has_lots = position->lots.lots != 0;
        const bool is_sorted = i == 0 || account->positions[i - 1].market < position->market;
        is_closed = is_closed && is_sorted && position->market < PLM_LIMIT_MARKETS_MAX &&
                    (has_lots || position->snapshot.ticks == 0) &&
                    (has_lots || sim_audit_int(position->quote.wad) != 0);
    }
    for (uint32_t i = 0; i < account->collaterals_count; i++) {
        const struct plm_collateral *collateral = &account->collaterals[i];
        const bool is_sorted = i == 0 || account->collaterals[i - 1].asset < collateral->asset;
        is_closed = is_closed && is_sorted && sim_audit_int(collateral->atoms.atoms) > 0;
    }
    is_closed = is_closed && (account->mode == PLM_MODE_CROSS || account->positions_count <= 1);
    sim_audit_true(audit, SIM_I13, is_closed, "an empty, doubled or unsorted entry in account", id);
}

/* A closed account had nothing, and its owner's entry went with it. */
static void sim_audit_check_closed(struct sim_audit *audit, const struct sim_audit_account *account)
{
    const struct plm_account *was = &account->before;
    const bool is_empty = sim_audit_int(was->cash.wad) == 0 && was->positions_count == 0 &&
                          was->collaterals_count == 0 && was->deficits_count == 0;
    sim_audit_true(audit, SIM_I13, is_empty, "something was left in account", account->id);
    sim_audit_equal(
        audit, SIM_I13, audit->books->owners_ended, 1, "owner entries of account", account->id);
}

void sim_audit_check_ledger(struct sim_audit *audit)
{
    struct sim_audit_books *books = audit->books;
    for (uint32_t i = 0; i < books->touched_market_count; i++) {
        const uint16_t id = books->touched_markets[i];
        sim_audit_check_market_sums(audit, id);
        if (books->markets[id].is_written) {
            sim_audit_check_market_signs(audit, id);
        }
    }
    for (uint32_t i = 0; i < books->account_count; i++) {
        const struct sim_audit_account *account = &books->accounts[i];
        if (account->is) {
            sim_audit_check_account_record(audit, account->id, &account->after);
        } else {
            sim_audit_check_closed(audit, account);
        }
    }
    sim_audit_check_totals(audit);
    sim_audit_check_assets(audit);
    sim_audit_check_payouts(audit);
    sim_audit_check_balances(audit, false);
}

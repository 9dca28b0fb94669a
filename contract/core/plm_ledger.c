// SPDX-License-Identifier: Apache-2.0
/* The only writer of balances: every change is a move between two named places. [LEDGER-4]
 * Each function keeps, exactly: sum of lots = 0, A + lines due = pool + OI x (G_long - G_short)
 * [LEDGER-2], and vault = cash of accounts + pools + cash lines [LEDGER-3]. It must never know
 * margin or prices. */
#include "plm_ledger.h"

#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_lab.h"

/* A = sum of quote + lots x snapshot over accounts: it follows every change of a quote. */
static void change_quote(struct plm_market_slot *market, struct plm_position *position, plm_val by)
{
    PLM_ASSERT(position->market == market->id);
    plm_val_add_to(&position->quote, by);
    plm_val_add_to(&market->state.accrued, by);
    market->state_changed = true;
}

static plm_val take_not_below_zero(plm_val line, plm_val x)
{
    PLM_ASSERT(plm_val_cmp(x, line) <= 0);
    return plm_val_sub(line, x);
}

static bool is_amount(plm_val x)
{
    return !plm_val_is_negative(x);
}

/* --- cash <-> quote through the pool --- */

void plm_ledger_pay_loss(struct plm_account_slot *account,
                         struct plm_position *position,
                         struct plm_market_slot *market,
                         plm_val x)
{
    PLM_ASSERT(is_amount(x));
    account->record.cash = take_not_below_zero(account->record.cash, x);
    account->changed = true;
    plm_val_add_to(&market->state.pool, x);
    change_quote(market, position, x);
}

void plm_ledger_pay_profit(struct plm_account_slot *account,
                           struct plm_position *position,
                           struct plm_market_slot *market,
                           plm_val x)
{
    PLM_ASSERT(is_amount(x));
#if defined(PLM_LAB)
    plm_val_sub_from(&market->state.pool, x);
#else
    market->state.pool = take_not_below_zero(market->state.pool, x);
#endif
    plm_val_add_to(&account->record.cash, x);
    account->changed = true;
    change_quote(market, position, plm_val_neg(x));
}

/* --- quote between positions and lines --- */

void plm_ledger_move_quote(struct plm_market_slot *market,
                           struct plm_position *from,
                           struct plm_position *to,
                           plm_val value)
{
    PLM_ASSERT(from != to);
    change_quote(market, from, plm_val_neg(value));
    change_quote(market, to, value);
}

/* What a line receives fills the uncovered line first; the rest is returned. [LOSS-7] */
static plm_val fill_uncovered(struct plm_market_slot *market, plm_val x)
{
    const plm_val hole = plm_val_neg(market->state.uncovered);
    const plm_val filled = plm_val_min(x, hole);
    PLM_ASSERT(is_amount(hole));
    plm_val_add_to(&market->state.uncovered, filled);
    return plm_val_sub(x, filled);
}

void plm_ledger_charge_fee(struct plm_market_slot *market, struct plm_position *from, plm_val fee)
{
    PLM_ASSERT(is_amount(fee));
    change_quote(market, from, plm_val_neg(fee));
    plm_val_add_to(&market->state.fees_due, fill_uncovered(market, fee));
}

void plm_ledger_charge_insurance_fee(struct plm_market_slot *market,
                                     struct plm_position *from,
                                     plm_val fee)
{
    PLM_ASSERT(is_amount(fee));
    change_quote(market, from, plm_val_neg(fee));
    plm_val_add_to(&market->state.insurance_due, fill_uncovered(market, fee));
}

void plm_ledger_abandon(struct plm_market_slot *market, struct plm_position *from, plm_val x)
{
    PLM_ASSERT(plm_qty_is_zero(from->lots));
    plm_ledger_charge_insurance_fee(market, from, x);
}

/* What a line was due before the uncovered line turned negative fills it too. [LOSS-7] */
static plm_val give_to_uncovered(struct plm_market_slot *market, plm_val due)
{
    const plm_val kept = fill_uncovered(market, due);
    PLM_ASSERT(is_amount(kept));
    if (plm_val_cmp(kept, due) != 0) {
        market->state_changed = true;
    }
    return kept;
}

void plm_ledger_pay_lines(struct plm_market_slot *market, plm_val *fees, plm_val *insurance)
{
    struct plm_market_state *m = &market->state;
    const plm_val zero = {0};
    m->fees_due = give_to_uncovered(market, m->fees_due);
    m->insurance_due = give_to_uncovered(market, m->insurance_due);
    plm_val room = plm_val_max(zero, plm_val_sub(m->pool, m->shortfall));
    *fees = plm_val_min(room, m->fees_due);
    plm_val_sub_from(&room, *fees);
    *insurance = plm_val_min(room, m->insurance_due);
    const plm_val both = plm_val_add(*fees, *insurance);
    if (plm_val_is_zero(both)) {
        return;
    }
    PLM_ASSERT(plm_val_cmp(both, m->pool) <= 0);
    plm_val_sub_from(&m->pool, both);
    plm_val_sub_from(&m->fees_due, *fees);
    plm_val_add_to(&m->fees, *fees);
    plm_val_sub_from(&m->insurance_due, *insurance);
    plm_val_add_to(&m->insurance, *insurance);
    market->state_changed = true;
}

/* --- losses --- */

void plm_ledger_draw(struct plm_scratch *s,
                     struct plm_market_slot *market,
                     struct plm_position *to,
                     plm_val x,
                     bool global)
{
    PLM_ASSERT(is_amount(x));
    if (global) {
        PLM_ASSERT(s->ledger_loaded);
        s->ledger.global = take_not_below_zero(s->ledger.global, x);
        s->ledger_changed = true;
    } else {
        market->state.insurance = take_not_below_zero(market->state.insurance, x);
    }
    plm_val_add_to(&market->state.pool, x);
    change_quote(market, to, x);
}

void plm_ledger_charge_side(struct plm_market_slot *market,
                            struct plm_position *to,
                            bool to_long,
                            plm_price step,
                            plm_val credit)
{
    struct plm_market_state *m = &market->state;
    const plm_val charged = plm_fix_notional(m->oi, step);
    const plm_val excess = plm_val_sub(charged, credit);
    PLM_ASSERT(is_amount(excess));
    const plm_price none = {0};
    plm_index by = {0};
    const plm_err is_small = plm_price_difference_checked(step, none, &by);
    PLM_ASSERT(is_small == PLM_OK);
    /* A long that is credited is paid by shorts, whose index falls; a short by longs, whose index
     * rises. */
    plm_index *side = to_long ? &m->index_short : &m->index_long;
    const plm_err fits = plm_index_add_checked(*side, to_long ? plm_index_neg(by) : by, side);
    PLM_ASSERT(fits == PLM_OK);
    change_quote(market, to, credit);
    plm_val_add_to(&m->insurance_due, fill_uncovered(market, excess));
}

void plm_ledger_book_uncovered(struct plm_market_slot *market, struct plm_position *to, plm_val x)
{
    PLM_ASSERT(is_amount(x));
    plm_val_sub_from(&market->state.uncovered, x);
    change_quote(market, to, x);
}

void plm_ledger_pay_tip(struct plm_market_slot *market, struct plm_account_slot *to, plm_val x)
{
    PLM_ASSERT(is_amount(x));
    market->state.insurance = take_not_below_zero(market->state.insurance, x);
    market->state_changed = true;
    plm_val_add_to(&to->record.cash, x);
    to->changed = true;
}

/* --- the token boundary --- */

static plm_val balance_max(void)
{
    return plm_val_from_quote((int64_t)PLM_LIMIT_BALANCE_MAX * PLM_PPM_ONE);
}

/* Tokens came in: the vault holds more, within the bound of any balance. [UNIT-3] [LEDGER-3] */
static plm_err grow_vault(struct plm_scratch *s, plm_val value)
{
    plm_val vault = {0};
    PLM_ASSERT(s->ledger_loaded);
    PLM_TRY(plm_val_add_checked(s->ledger.vault, value, &vault));
    if (plm_val_cmp(vault, balance_max()) > 0) {
        return PLM_E_OVERFLOW;
    }
    s->ledger.vault = vault;
    s->ledger_changed = true;
    return PLM_OK;
}

static plm_err credit_cash(struct plm_account_slot *to, plm_val value)
{
    plm_val cash = {0};
    PLM_TRY(plm_val_add_checked(to->record.cash, value, &cash));
    if (plm_val_cmp(cash, balance_max()) > 0) {
        return PLM_E_OVERFLOW;
    }
    to->record.cash = cash;
    to->changed = true;
    return PLM_OK;
}

/* Index of an asset's balance, or of the first one after it, in the sorted list. */
static uint32_t find_collateral(const struct plm_account *account, uint16_t asset)
{
    uint32_t i = 0;
    while (i < account->collaterals_count && account->collaterals[i].asset < asset) {
        i++;
    }
    return i;
}

plm_amt plm_ledger_balance(const struct plm_account *account, uint16_t asset)
{
    const uint32_t i = find_collateral(account, asset);
    plm_amt balance = {0};
    if (i < account->collaterals_count && account->collaterals[i].asset == asset) {
        balance = account->collaterals[i].atoms;
    }
    return balance;
}

static plm_err credit_collateral(struct plm_account_slot *to, uint16_t asset, plm_amt atoms)
{
    struct plm_account *account = &to->record;
    const uint32_t i = find_collateral(account, asset);
    if (i == account->collaterals_count || account->collaterals[i].asset != asset) {
        if (account->collaterals_count == PLM_COLLATERALS_MAX) {
            return PLM_E_COLLATERALS_MAX;
        }
        for (uint32_t j = account->collaterals_count; j > i; j--) {
            account->collaterals[j] = account->collaterals[j - 1];
        }
        const struct plm_collateral fresh = {asset, {{0, 0}}};
        account->collaterals[i] = fresh;
        account->collaterals_count++;
    }
    to->changed = true;
    return plm_amt_add_checked(
        account->collaterals[i].atoms, atoms, &account->collaterals[i].atoms);
}

static plm_err debit_collateral(struct plm_account_slot *from, uint16_t asset, plm_amt atoms)
{
    struct plm_account *account = &from->record;
    const uint32_t i = find_collateral(account, asset);
    if (plm_amt_cmp(plm_ledger_balance(account, asset), atoms) < 0) {
        return PLM_E_BALANCE;
    }
    PLM_ASSERT(i < account->collaterals_count);
    plm_amt_sub_from(&account->collaterals[i].atoms, atoms);
    if (plm_amt_is_zero(account->collaterals[i].atoms)) {
        account->collaterals_count--;
        for (uint32_t j = i; j < account->collaterals_count; j++) {
            account->collaterals[j] = account->collaterals[j + 1];
        }
    }
    from->changed = true;
    return PLM_OK;
}

plm_err plm_ledger_deposit(struct plm_scratch *s,
                           struct plm_account_slot *to,
                           struct plm_asset_slot *asset,
                           plm_amt atoms)
{
    PLM_ASSERT(plm_amt_is_positive(atoms));
    if (asset->id == 0) {
        PLM_ASSERT(s->ledger_loaded);
        plm_val value = {0};
        PLM_TRY(plm_fix_atoms_to_val_checked(atoms, asset->record.decimals, &value));
        PLM_TRY(credit_cash(to, value));
        PLM_TRY(grow_vault(s, value));
        return PLM_OK;
    }
    PLM_TRY(plm_amt_add_checked(asset->state.total, atoms, &asset->state.total));
    asset->state_changed = true;
    return credit_collateral(to, asset->id, atoms);
}

plm_err plm_ledger_withdraw(struct plm_scratch *s,
                            struct plm_account_slot *from,
                            struct plm_asset_slot *asset,
                            plm_amt atoms)
{
    PLM_ASSERT(plm_amt_is_positive(atoms));
    if (asset->id == 0) {
        PLM_ASSERT(s->ledger_loaded);
        plm_val value = {0};
        PLM_TRY(plm_fix_atoms_to_val_checked(atoms, asset->record.decimals, &value));
        if (plm_val_cmp(value, from->record.cash) > 0) {
            return PLM_E_BALANCE;
        }
        plm_val_sub_from(&from->record.cash, value);
        from->changed = true;
        plm_val_sub_from(&s->ledger.vault, value);
        s->ledger_changed = true;
        return PLM_OK;
    }
    PLM_TRY(debit_collateral(from, asset->id, atoms));
    PLM_ASSERT(plm_amt_cmp(asset->state.total, atoms) >= 0);
    plm_amt_sub_from(&asset->state.total, atoms);
    asset->state_changed = true;
    return PLM_OK;
}

plm_err plm_ledger_transfer(struct plm_scratch *s,
                            struct plm_account_slot *from,
                            struct plm_account_slot *to,
                            struct plm_asset_slot *asset,
                            plm_amt atoms)
{
    (void)s;
    PLM_ASSERT(from != to);
    if (asset->id == 0) {
        plm_val value = {0};
        PLM_TRY(plm_fix_atoms_to_val_checked(atoms, asset->record.decimals, &value));
        if (plm_val_cmp(value, from->record.cash) > 0) {
            return PLM_E_BALANCE;
        }
        return plm_ledger_move_cash(from, to, value);
    }
    PLM_TRY(debit_collateral(from, asset->id, atoms));
    return credit_collateral(to, asset->id, atoms);
}

plm_err
plm_ledger_move_cash(struct plm_account_slot *from, struct plm_account_slot *to, plm_val value)
{
    PLM_ASSERT(is_amount(value));
    PLM_ASSERT(from != to);
    PLM_TRY(credit_cash(to, value));
    from->record.cash = take_not_below_zero(from->record.cash, value);
    from->changed = true;
    return PLM_OK;
}

plm_err
plm_ledger_fund_insurance(struct plm_scratch *s, struct plm_market_slot *market, plm_val value)
{
    PLM_ASSERT(s->ledger_loaded);
    PLM_ASSERT(is_amount(value));
    PLM_TRY(grow_vault(s, value));
    if (market == NULL) {
        plm_val_add_to(&s->ledger.global, value);
    } else {
        plm_val_add_to(&market->state.insurance, value);
        market->state_changed = true;
    }
    return PLM_OK;
}

/* --- positions --- */

static uint32_t find_index(const struct plm_account *account, uint16_t market)
{
    uint32_t i = 0;
    while (i < account->positions_count && account->positions[i].market < market) {
        i++;
    }
    return i;
}

const struct plm_position *plm_ledger_peek_position(const struct plm_account *account,
                                                    uint16_t market)
{
    const uint32_t i = find_index(account, market);
    if (i == account->positions_count || account->positions[i].market != market) {
        return NULL;
    }
    return &account->positions[i];
}

struct plm_position *plm_ledger_find_position(struct plm_account *account, uint16_t market)
{
    const uint32_t i = find_index(account, market);
    if (i == account->positions_count || account->positions[i].market != market) {
        return NULL;
    }
    return &account->positions[i];
}

plm_err
plm_ledger_open_position(struct plm_account *account, uint16_t market, struct plm_position **out)
{
    const uint32_t i = find_index(account, market);
    if (i < account->positions_count && account->positions[i].market == market) {
        *out = &account->positions[i];
        return PLM_OK;
    }
    if (account->mode == PLM_MODE_ISOLATED && account->positions_count > 0) {
        return PLM_E_MODE;
    }
    if (account->positions_count == PLM_POSITIONS_MAX) {
        return PLM_E_POSITIONS_MAX;
    }
    for (uint32_t j = account->positions_count; j > i; j--) {
        account->positions[j] = account->positions[j - 1];
    }
    const struct plm_position fresh = {market, {0}, {{0, 0}}, {0}};
    account->positions[i] = fresh;
    account->positions_count++;
    *out = &account->positions[i];
    return PLM_OK;
}

void plm_ledger_sweep_positions(struct plm_account *account)
{
    uint32_t kept = 0;
    PLM_ASSERT(account->positions_count <= PLM_POSITIONS_MAX);
    for (uint32_t i = 0; i < account->positions_count; i++) {
        const struct plm_position *position = &account->positions[i];
        if (plm_qty_is_zero(position->lots) && plm_val_is_zero(position->quote)) {
            continue;
        }
        account->positions[kept] = *position;
        kept++;
    }
    account->positions_count = kept;
}

static plm_index side_index(const struct plm_market_slot *market, plm_qty lots)
{
    plm_index index = {0};
    if (plm_qty_is_long(lots)) {
        index = market->state.index_long;
    } else if (plm_qty_is_short(lots)) {
        index = market->state.index_short;
    }
    return index;
}

void plm_ledger_apply_index(const struct plm_market_slot *market, struct plm_position *position)
{
    PLM_ASSERT(position->market == market->id);
    const plm_index now = side_index(market, position->lots);
    const plm_index delta = plm_index_sub(now, position->snapshot);
    /* quote + lots x snapshot, and so A, is the same before and after. [LEDGER-2] */
    plm_val_sub_from(&position->quote, plm_fix_payment(position->lots, delta));
    position->snapshot = now;
}

/* Long lots of one position, for the open interest. */
static plm_qty long_part(plm_qty lots)
{
    const plm_qty none = {0};
    return plm_qty_is_long(lots) ? lots : none;
}

static void change_lots(struct plm_market_slot *market, struct plm_position *position, plm_qty by)
{
    PLM_ASSERT(plm_index_cmp(position->snapshot, side_index(market, position->lots)) == 0);
    struct plm_market_state *m = &market->state;
    const plm_qty before = position->lots;
    plm_val_sub_from(&m->accrued, plm_fix_payment(before, position->snapshot));
    m->oi = plm_qty_sub(m->oi, long_part(before));
    position->lots = plm_qty_add(before, by);
    position->snapshot = side_index(market, position->lots);
    plm_val_add_to(&m->accrued, plm_fix_payment(position->lots, position->snapshot));
    m->oi = plm_qty_add(m->oi, long_part(position->lots));
    market->state_changed = true;
}

void plm_ledger_move_lots(struct plm_market_slot *market,
                          struct plm_position *from,
                          struct plm_position *to,
                          plm_qty q)
{
    PLM_ASSERT(from != to);
    /* The receiving side first: the open interest then never dips below zero in between. */
    if (plm_qty_is_long(q)) {
        change_lots(market, to, q);
        change_lots(market, from, plm_qty_neg(q));
    } else {
        change_lots(market, from, plm_qty_neg(q));
        change_lots(market, to, q);
    }
    PLM_ASSERT(!plm_qty_is_short(market->state.oi));
}

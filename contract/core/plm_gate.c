// SPDX-License-Identifier: Apache-2.0
/* Which change of an account is allowed: before x after -> code. [MARGIN-8] [WD-1] [MARGIN-7]
 * Every test compares exact sums or products of two of them; nothing is divided. [UNIT-5]
 * It must never know which operation it judges: the slot says as what. */
#include "plm_gate.h"

#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_lab.h"
#include "plm_ledger.h"
#include "plm_margin.h"
#include "plm_store.h"

/* A risk-increasing change leaves no quote above NOTIONAL_MAX, in millions of quote units. */
#define PLM_GATE_QUOTE_MAX ((int64_t)PLM_LIMIT_NOTIONAL_MAX * INT64_C(1000000))

/* --- lots before and after --- */

/* |lots| grew, or the side changed. */
static bool plm_gate_is_growth(plm_qty before, plm_qty after)
{
    if (plm_qty_cmp(plm_qty_abs(after), plm_qty_abs(before)) > 0) {
        return true;
    }
    return (plm_qty_is_long(before) && plm_qty_is_short(after)) ||
           (plm_qty_is_short(before) && plm_qty_is_long(after));
}

/* Lots of a market before the operation; 0 where there was no position. */
static plm_qty plm_gate_lots_before(const struct plm_account_slot *account, uint16_t market)
{
    PLM_ASSERT(account->remembered);
    PLM_ASSERT(account->before_count <= PLM_POSITIONS_MAX);
    plm_qty lots = {0};
    for (uint32_t i = 0; i < account->before_count; i++) {
        if (account->before_markets[i] == market) {
            lots = account->before_lots[i];
            break;
        }
    }
    return lots;
}

/* Some position grew or flipped. Both lists are sorted by market: one pass over the two. */
static bool plm_gate_has_growth(const struct plm_account_slot *account)
{
    const struct plm_account *record = &account->record;
    PLM_ASSERT(account->remembered);
    PLM_ASSERT(record->positions_count <= PLM_POSITIONS_MAX);
    uint32_t j = 0;
    for (uint32_t i = 0; i < record->positions_count; i++) {
        const uint16_t market = record->positions[i].market;
        while (j < account->before_count && account->before_markets[j] < market) {
            j++;
        }
        plm_qty before = {0};
        if (j < account->before_count && account->before_markets[j] == market) {
            before = account->before_lots[j];
        }
        if (plm_gate_is_growth(before, record->positions[i].lots)) {
            return true;
        }
    }
    return false;
}

bool plm_gate_is_risk_increasing(const struct plm_account_slot *account,
                                 const struct plm_margin *after)
{
    PLM_ASSERT(account->remembered);
    if (plm_wval_cmp(after->maint, account->before.maint) > 0) {
        return true;
    }
    return plm_gate_has_growth(account);
}

/* --- the conditions --- */

/* E_im - advantage x 1e6 >= IM: a fill better than p counts as one at p. [MARGIN-2] [MARGIN-8] */
static bool plm_gate_has_initial(const struct plm_margin *after, plm_val advantage)
{
    PLM_ASSERT(!plm_val_is_negative(advantage));
    const plm_wval counted = plm_wval_sub(after->equity_initial, plm_fix_val_to_wval(advantage));
    return plm_wval_cmp(counted, after->initial) >= 0;
}

/* cash + sum of min(0, lots x p + quote) >= -debt_limit; the limit is 0 in this version. */
static plm_err plm_gate_check_debt(const struct plm_account *account,
                                   const struct plm_margin *after)
{
    PLM_ASSERT(!plm_val_is_negative(after->unsettled_loss));
    return plm_val_cmp(account->cash, after->unsettled_loss) >= 0 ? PLM_OK : PLM_E_DEBT;
}

/* |quote| <= 1e12 quote units in every position. [UNIT-3] */
static plm_err plm_gate_check_quotes(const struct plm_account *account)
{
    const plm_val most = plm_val_from_quote(PLM_GATE_QUOTE_MAX);
    PLM_ASSERT(account->positions_count <= PLM_POSITIONS_MAX);
    for (uint32_t i = 0; i < account->positions_count; i++) {
        if (plm_val_cmp(plm_val_abs(account->positions[i].quote), most) > 0) {
            return PLM_E_CAP_POSITION;
        }
    }
    return PLM_OK;
}

/* The second branch: nothing grew (the caller knows) and MM did not rise; then E' x MM >= E x MM'.
 * Where MM' = 0: E' >= 0 or E' >= E. Where E < 0: E' >= E and MM' < MM. [MARGIN-8] */
static bool plm_gate_is_pure_reduction(const struct plm_margin *before,
                                       const struct plm_margin *after)
{
    PLM_ASSERT(plm_wval_cmp(after->maint, before->maint) <= 0);
    PLM_ASSERT(!plm_wval_is_negative(after->maint));
    const bool not_worse = plm_wval_cmp(after->equity_maint, before->equity_maint) >= 0;
    if (plm_wval_is_zero(after->maint)) {
        return not_worse || !plm_wval_is_negative(after->equity_maint);
    }
    if (plm_wval_is_negative(before->equity_maint)) {
        return not_worse && plm_wval_cmp(after->maint, before->maint) < 0;
    }
    return plm_wval_cmp_products(
               after->equity_maint, before->maint, before->equity_maint, after->maint) >= 0;
}

/* True where an account has lots: only then do prices move it. [PRICE-4] */
static bool plm_gate_has_lots(const struct plm_account *account)
{
    PLM_ASSERT(account->positions_count <= PLM_POSITIONS_MAX);
    for (uint32_t i = 0; i < account->positions_count; i++) {
        if (!plm_qty_is_zero(account->positions[i].lots)) {
            return true;
        }
    }
    return false;
}

/* --- one judgement a role --- */

/* More risk: good prices, bounded quotes, IM with open-interest scaling, no debt. [MARGIN-4]
 * [MARGIN-8] [PRICE-4] In the order of errors.def. */
static plm_err plm_gate_check_increase(const struct plm_scratch *s,
                                       const struct plm_account_slot *account)
{
    const uint32_t flags = PLM_RULE_IS_ON(s, MARGIN_4) ? PLM_MARGIN_SCALED : PLM_MARGIN_PLAIN;
    struct plm_margin after = {0};
    PLM_TRY(plm_margin_check_prices(s, &account->record));
    PLM_TRY(plm_gate_check_quotes(&account->record));
    plm_margin_compute(s, &account->record, flags, PLM_NO_MARKET, &after);
    if (!plm_gate_has_initial(&after, account->fill_advantage)) {
        return PLM_E_BELOW_INITIAL;
    }
    return plm_gate_check_debt(&account->record, &after);
}

static plm_err plm_gate_check_actor(const struct plm_scratch *s,
                                    const struct plm_account_slot *account,
                                    const struct plm_margin *after)
{
    PLM_ASSERT(account->remembered);
    if (plm_gate_is_risk_increasing(account, after)) {
        return plm_gate_check_increase(s, account);
    }
    if (plm_gate_has_initial(after, account->fill_advantage)) {
        return PLM_OK;
    }
    return plm_gate_is_pure_reduction(&account->before, after) ? PLM_OK : PLM_E_BELOW_INITIAL;
}

/* set_mode, transfer out, withdrawals: unscaled. Without lots the debt test alone implies
 * E_im >= IM = 0 at any price of the collateral, so prices need not be good. [WD-2] */
static plm_err plm_gate_check_initial(const struct plm_scratch *s,
                                      const struct plm_account_slot *account,
                                      const struct plm_margin *after)
{
    const plm_val none = {0};
    if (plm_gate_has_lots(&account->record)) {
        PLM_TRY(plm_margin_check_prices(s, &account->record));
    }
    if (!plm_gate_has_initial(after, none)) {
        return PLM_E_BELOW_INITIAL;
    }
    return plm_gate_check_debt(&account->record, after);
}

/* A feed of the taker's own, not the one it trades at: good for more risk. */
static plm_err plm_gate_check_other_feed(const struct plm_scratch *s, uint8_t feed, uint32_t traded)
{
    PLM_ASSERT(feed < s->feed_count);
    const bool matters = PLM_RULE_IS_ON(s, PRICE_4);
    return matters && feed != traded ? s->feeds[feed].view.risk : PLM_OK;
}

/* A takeover is priced at the view and has its own test of that feed; a wide confidence there does
 * not stop it. [LIQ-1] Every other feed that the taker uses must be good. */
static plm_err plm_gate_check_taker(const struct plm_scratch *s,
                                    const struct plm_account_slot *account,
                                    const struct plm_margin *after)
{
    const struct plm_account *record = &account->record;
    const plm_val none = {0};
    PLM_ASSERT(record->positions_count <= PLM_POSITIONS_MAX);
    PLM_ASSERT(record->collaterals_count <= PLM_COLLATERALS_MAX);
    const uint32_t traded = account->judge_feed;
    plm_err worst = PLM_OK;
    for (uint32_t i = 0; i < record->positions_count; i++) {
        const struct plm_position *position = &record->positions[i];
        const uint8_t feed = plm_store_peek_market(s, position->market)->feed_slot;
        const plm_err code = plm_gate_check_other_feed(s, feed, traded);
        if (!plm_qty_is_zero(position->lots) && code != PLM_OK) {
            worst = worst == PLM_OK || code < worst ? code : worst;
        }
    }
    for (uint32_t i = 0; i < record->collaterals_count; i++) {
        const uint8_t feed = plm_store_peek_asset(s, record->collaterals[i].asset)->feed_slot;
        const plm_err code = plm_gate_check_other_feed(s, feed, traded);
        if (code != PLM_OK) {
            worst = worst == PLM_OK || code < worst ? code : worst;
        }
    }
    PLM_TRY(worst);
    if (!plm_gate_has_initial(after, none)) {
        return PLM_E_BELOW_INITIAL;
    }
    return plm_gate_check_debt(record, after);
}

/* True where the leg's requirement before stood above its floor, so that fewer lots require less.
 * At the floor it only falls when the leg is closed. [MARGIN-6] */
static bool plm_gate_leg_is_above_floor(const struct plm_scratch *s,
                                        const struct plm_account_slot *account)
{
    if (account->judge_market == PLM_NO_MARKET) {
        return false;
    }
    const struct plm_market *market = &plm_store_peek_market(s, account->judge_market)->record;
    const plm_price price = plm_store_market_view(s, account->judge_market)->price;
    const plm_qty lots = plm_gate_lots_before(account, account->judge_market);
    const plm_ratio ratio = plm_margin_ratio(market, market->params.maint, lots);
    const plm_wval least = plm_fix_val_to_wval(market->params.floor);
    PLM_ASSERT(!plm_wval_is_negative(least));
    return plm_wval_cmp(plm_margin_requirement(market, lots, price, ratio), least) > 0;
}

/* An account that is liquidated: what breaks here is our bug. I09, I10:
 * lots of the leg shrink, MM' < MM, E' >= E - fees + recognised deficit, and
 * fees <= floor(max(0, E) x (MM - MM') / MM), compared as products: fees is a whole number. */
static void plm_gate_assert_liquidated(const struct plm_scratch *s,
                                       const struct plm_account_slot *account,
                                       const struct plm_margin *after)
{
    PLM_ASSERT(account->remembered);
    const struct plm_margin *before = &account->before;
    const plm_wval zero = {0};
    const plm_wval fees = plm_fix_val_to_wval(account->fees);
    const plm_wval recognised = plm_fix_val_to_wval(account->recognised);
    const plm_wval least = plm_wval_add(plm_wval_sub(before->equity_maint, fees), recognised);
    const plm_wval own = plm_wval_max(before->equity_maint, zero);
    const plm_wval freed = plm_wval_sub(before->maint, after->maint);
    PLM_INVARIANT(s, !plm_gate_has_growth(account));
    PLM_INVARIANT(s, !plm_wval_is_negative(freed));
    PLM_INVARIANT(s, !plm_wval_is_zero(freed) || !plm_gate_leg_is_above_floor(s, account));
    PLM_INVARIANT(s, plm_wval_cmp(after->equity_maint, least) >= 0);
    PLM_INVARIANT(s, plm_wval_cmp_products(fees, before->maint, own, freed) <= 0);
}

/* The winner of a deleverage: MM' <= MM, no flip. [LIQ-11] */
static plm_err plm_gate_check_counterparty(const struct plm_account_slot *account,
                                           const struct plm_margin *after)
{
    PLM_ASSERT(account->remembered);
    return plm_gate_is_risk_increasing(account, after) ? PLM_E_BELOW_INITIAL : PLM_OK;
}

static plm_err plm_gate_judge(const struct plm_scratch *s,
                              const struct plm_account_slot *account,
                              const struct plm_margin *after)
{
    plm_err code = PLM_E_BELOW_INITIAL;
    PLM_ASSERT(account->judge <= PLM_JUDGE_COUNTERPARTY);
    switch ((enum plm_judge)account->judge) {
    case PLM_JUDGE_NONE: code = PLM_OK; break;
    case PLM_JUDGE_ACTOR: code = plm_gate_check_actor(s, account, after); break;
    case PLM_JUDGE_INITIAL: code = plm_gate_check_initial(s, account, after); break;
    case PLM_JUDGE_TAKER: code = plm_gate_check_taker(s, account, after); break;
    case PLM_JUDGE_LIQUIDATED:
        plm_gate_assert_liquidated(s, account, after);
        code = PLM_OK;
        break;
    case PLM_JUDGE_COUNTERPARTY: code = plm_gate_check_counterparty(account, after); break;
    }
    return code;
}

/* I08: who acted of his own will and had E >= 0 still has; below 0 it only rises. */
static bool plm_gate_keeps_equity(const struct plm_account_slot *account,
                                  const struct plm_margin *after)
{
    const bool is_user = account->judge == PLM_JUDGE_ACTOR || account->judge == PLM_JUDGE_INITIAL ||
                         account->judge == PLM_JUDGE_TAKER;
    if (!is_user || !account->remembered) {
        return true;
    }
    if (!plm_wval_is_negative(after->equity_maint)) {
        return true;
    }
    return plm_wval_is_negative(account->before.equity_maint) &&
           plm_wval_cmp(after->equity_maint, account->before.equity_maint) >= 0;
}

/* A margin call opens when E_im < IM and ends when E_im >= IM: one event each. [MARGIN-7] Prices
 * that are not good call nobody. */
static void plm_gate_update_call(struct plm_scratch *s,
                                 struct plm_account_slot *account,
                                 const struct plm_margin *after)
{
    PLM_ASSERT(account->record.margin_call <= 1);
    if (plm_margin_check_prices(s, &account->record) != PLM_OK) {
        return;
    }
    const uint8_t call = plm_wval_cmp(after->equity_initial, after->initial) < 0 ? 1U : 0U;
    if (call == account->record.margin_call) {
        return;
    }
    account->record.margin_call = call;
    account->changed = true;
    const struct plm_ev_margin_call event = {.account = account->id, .open = call};
    PLM_ASSERT(account->id > 0);
    plm_store_event(s, PLM_EVENT_MARGIN_CALL, PLM_LAYOUT_ev_margin_call, &event);
}

plm_err plm_gate_check(struct plm_scratch *s, struct plm_account_slot *account)
{
    if (account->deleted) {
        return PLM_OK;
    }
    const bool is_gated = PLM_RULE_IS_ON(s, MARGIN_8);
    struct plm_margin after = {0};
    plm_margin_compute(s, &account->record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &after);
    if (is_gated) {
        PLM_TRY(plm_gate_judge(s, account, &after));
    }
    PLM_INVARIANT(s, plm_gate_keeps_equity(account, &after));
    plm_gate_update_call(s, account, &after);
    PLM_ASSERT(!plm_val_is_negative(account->record.cash));
    return PLM_OK;
}

/* --- withdrawals [WD-1] --- */

/* E_im with gains at 0 - max(IM, withdraw floor), unscaled; negative: nothing may leave. */
static plm_wval plm_gate_free_margin(const struct plm_margin *margin)
{
    PLM_ASSERT(!plm_wval_is_negative(margin->initial));
    PLM_ASSERT(!plm_wval_is_negative(margin->withdraw_floor));
    const plm_wval kept = plm_wval_max(margin->initial, margin->withdraw_floor);
    return plm_wval_sub(margin->equity_initial, kept);
}

plm_val plm_gate_withdrawable_cash(const struct plm_scratch *s, const struct plm_account *account)
{
    const plm_val zero = {0};
    const bool is_bounded = PLM_RULE_IS_ON(s, WD_1);
    const uint32_t flags = is_bounded ? PLM_MARGIN_NO_GAINS : PLM_MARGIN_PLAIN;
    struct plm_margin margin = {0};
    plm_margin_compute(s, account, flags, PLM_NO_MARKET, &margin);
    const plm_wval free = is_bounded ? plm_gate_free_margin(&margin)
                                     : plm_wval_sub(margin.equity_initial, margin.initial);
    const plm_val settled =
        is_bounded ? plm_val_sub(account->cash, margin.unsettled_loss) : account->cash;
    const plm_val most = plm_val_min(settled, plm_fix_wval_to_val_floor(free));
    PLM_ASSERT(plm_val_cmp(most, account->cash) <= 0);
    PLM_ASSERT(!plm_val_is_negative(account->cash));
    return plm_val_max(most, zero);
}

/* True where the account, as it stands, may have been left behind by a withdrawal. */
static bool plm_gate_may_be_left(const struct plm_scratch *s, const struct plm_account *account)
{
    const bool is_bounded = PLM_RULE_IS_ON(s, WD_1);
    const uint32_t flags = is_bounded ? PLM_MARGIN_NO_GAINS : PLM_MARGIN_PLAIN;
    struct plm_margin margin = {0};
    plm_margin_compute(s, account, flags, PLM_NO_MARKET, &margin);
    if (!is_bounded) {
        return plm_wval_cmp(margin.equity_initial, margin.initial) >= 0;
    }
    return !plm_wval_is_negative(plm_gate_free_margin(&margin)) &&
           plm_gate_check_debt(account, &margin) == PLM_OK;
}

/* May these atoms leave? Tries the ledger's own move, asset totals included, and takes it back. */
static bool plm_gate_may_withdraw(struct plm_scratch *s,
                                  struct plm_account_slot *account,
                                  struct plm_asset_slot *asset,
                                  plm_amt atoms)
{
    if (plm_amt_is_zero(atoms)) {
        return plm_gate_may_be_left(s, &account->record);
    }
    const bool changed = account->changed;
    const bool asset_changed = asset->state_changed;
    const struct plm_asset_state state = asset->state;
    const uint32_t count = account->record.collaterals_count;
    struct plm_collateral collaterals[PLM_COLLATERALS_MAX] = {0};
    PLM_ASSERT(count <= PLM_COLLATERALS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        collaterals[i] = account->record.collaterals[i];
    }
    const plm_err moved = plm_ledger_withdraw(s, account, asset, atoms);
    const bool may = moved == PLM_OK && plm_gate_may_be_left(s, &account->record);
    PLM_ASSERT(moved == PLM_OK);
    for (uint32_t i = 0; i < count; i++) {
        account->record.collaterals[i] = collaterals[i];
    }
    account->record.collaterals_count = count;
    asset->state = state;
    asset->state_changed = asset_changed;
    account->changed = changed;
    return may;
}

/* n such that n atoms may leave and n + 1 may not; *most may, refused may not. Each step halves
 * what lies between, so that twice BISECT_MAX steps end it. A weight that is scaled by the asset's
 * total [ACCT-6] is rounded, so n need not be the only such number; it is always an honest one. */
static void plm_gate_bisect_atoms(struct plm_scratch *s,
                                  struct plm_account_slot *account,
                                  struct plm_asset_slot *asset,
                                  plm_amt refused,
                                  plm_amt *most)
{
    PLM_ASSERT(plm_amt_cmp(*most, refused) < 0);
    for (uint32_t step = 0; step < 2U * PLM_LIMIT_BISECT_MAX; step++) {
        const plm_amt middle = plm_amt_mean_floor(*most, refused);
        if (plm_amt_cmp(middle, *most) == 0) {
            break;
        }
        if (plm_gate_may_withdraw(s, account, asset, middle)) {
            *most = middle;
        } else {
            refused = middle;
        }
    }
    PLM_ASSERT(plm_amt_cmp(plm_amt_sub(refused, *most), plm_amt_from_u64(1)) == 0);
}

plm_amt
plm_gate_withdrawable_atoms(struct plm_scratch *s, struct plm_account_slot *account, uint16_t asset)
{
    PLM_ASSERT(asset != 0);
    const plm_amt none = {0};
    const plm_amt balance = plm_ledger_balance(&account->record, asset);
    plm_amt most = balance;
    if (plm_amt_is_zero(balance)) {
        return most;
    }
    struct plm_asset_slot *slot = NULL;
    const plm_err loaded = plm_store_asset(s, asset, &slot); /* by the account: it is there */
    PLM_ASSERT(loaded == PLM_OK);
    if (!plm_gate_may_withdraw(s, account, slot, balance)) {
        most = none;
        if (plm_gate_may_withdraw(s, account, slot, none)) {
            plm_gate_bisect_atoms(s, account, slot, balance, &most);
        }
    }
    PLM_ASSERT(plm_amt_cmp(most, balance) <= 0);
    return most;
}

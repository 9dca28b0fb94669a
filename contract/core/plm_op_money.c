// SPDX-License-Identifier: Apache-2.0
/* Operations that move tokens: deposit, withdraw, transfer, fund insurance, sweep surplus, settle
 * out. [UNIT-2] [LEDGER-3] [LEDGER-5] [LEDGER-6] [WD-1] [WD-2] [ACCT-6] */
#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_lab.h"
#include "plm_ledger.h"
#include "plm_margin.h"
#include "plm_operations.h"
#include "plm_params.h"
#include "plm_settle.h"
#include "plm_store.h"

static bool is_same_addr(const struct plm_addr *a, const struct plm_addr *b)
{
    if (a->length != b->length) {
        return false;
    }
    return __builtin_memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* The call must carry exactly the amount it claims; it is then no surplus. Errors:
 * E_INSUFFICIENT_FUNDS_ATTACHED. */
static plm_err
take_attached(struct plm_scratch *s, const struct plm_asset_slot *asset, plm_amt amount)
{
    PLM_ASSERT(s->fund_count <= PLM_FUNDS_MAX);
    for (uint32_t i = 0; i < s->fund_count; i++) {
        const bool is_ours = is_same_addr(&s->funds[i].token, &asset->record.token);
        if (is_ours && !s->fund_used[i] && plm_amt_cmp(s->funds[i].atoms, amount) == 0) {
            s->fund_used[i] = true;
            return PLM_OK;
        }
    }
    return PLM_E_INSUFFICIENT_FUNDS_ATTACHED;
}

/* Deposit and withdraw bits hold for all markets at once. [GOV-2] Errors: E_PAUSED. */
static plm_err check_money_pause(const struct plm_scratch *s, uint8_t bit)
{
    const uint8_t bits = plm_params_pauses(
        s->config.pauses, s->config.pause_sets, s->config.pause_sets_count, s->now);
    PLM_ASSERT(bit < 8);
    return (bits >> bit & 1U) != 0 ? PLM_E_PAUSED : PLM_OK;
}

/* A new kind of collateral enters an account by its owner only: a stranger's dust of a dead feed
 * would stop whatever needs every price of the account. [PRICE-4] Errors: E_AUTH. */
static plm_err check_new_kind(const struct plm_scratch *s,
                              const struct plm_account_slot *to,
                              const struct plm_asset_slot *asset)
{
    PLM_ASSERT(to != NULL);
    const bool is_held =
        asset->id == 0 || plm_amt_is_positive(plm_ledger_balance(&to->record, asset->id));
    return is_held ? PLM_OK : plm_store_check_owner(s, to);
}

/* plm_op_deposit: credits attached tokens; never needs a price. [PRICE-4]
 * Errors: E_AMOUNT_ZERO, E_OVERFLOW, E_AUTH, E_NO_ACCOUNT, E_NO_ASSET, E_PAUSED, E_CAP_DEPOSIT,
 * E_COLLATERALS_MAX, E_INSUFFICIENT_FUNDS_ATTACHED. */
plm_err plm_op_deposit(struct plm_scratch *s, const struct plm_deposit *args)
{
    if (plm_amt_is_zero(args->amount)) {
        return PLM_E_AMOUNT_ZERO;
    }

    struct plm_account_slot *account = NULL;
    struct plm_asset_slot *asset = NULL;
    PLM_TRY(plm_store_account(s, args->account, &account));
    PLM_TRY(plm_store_asset(s, args->asset, &asset));
    PLM_TRY(check_new_kind(s, account, asset));
    PLM_TRY(plm_store_ledger(s));
    PLM_TRY(check_money_pause(s, PLM_PAUSE_DEPOSIT));

    PLM_TRY(plm_ledger_deposit(s, account, asset, args->amount));

    const bool is_collateral = asset->id != 0;
    if (is_collateral && plm_amt_cmp(asset->state.total, asset->record.params.cap) > 0) {
        return PLM_E_CAP_DEPOSIT;
    }
    PLM_TRY(take_attached(s, asset, args->amount));
    const struct plm_ev_deposited event = {args->account, args->asset, args->amount};
    plm_store_event(s, PLM_EVENT_DEPOSITED, PLM_LAYOUT_ev_deposited, &event);
    return PLM_OK;
}

/* --- what may leave an account [WD-1] --- */

static bool has_risk(const struct plm_account *account)
{
    bool risk = false;
    for (uint32_t i = 0; i < account->positions_count; i++) {
        const struct plm_position *p = &account->positions[i];
        risk = risk || !plm_qty_is_zero(p->lots) || plm_val_is_negative(p->quote);
    }
    return risk;
}

/* A profit or claim that no loser has paid yet, at the view's prices. */
static bool has_unpaid_profit(const struct plm_scratch *s, const struct plm_account *account)
{
    for (uint32_t i = 0; i < account->positions_count; i++) {
        const struct plm_position *p = &account->positions[i];
        const struct plm_view *view = plm_store_market_view(s, p->market);
        if (plm_val_is_positive(plm_val_add(plm_fix_notional(p->lots, view->price), p->quote))) {
            return true;
        }
    }
    return false;
}

/* Before anything leaves: prices good where risk is open, losing markets settled. [LEDGER-1]
 * [PRICE-4] */
static plm_err prepare_outflow(struct plm_scratch *s, struct plm_account_slot *from)
{
    PLM_TRY(check_money_pause(s, PLM_PAUSE_WITHDRAW));
    plm_margin_remember(s, from);
    if (has_risk(&from->record)) {
        PLM_TRY(plm_margin_check_prices(s, &from->record));
        from->judge = PLM_JUDGE_INITIAL;
    }
    PLM_TRY(plm_settle_losses(s, from));
    if (PLM_RULE_IS_ON(s, LEDGER_1)) {
        return PLM_OK;
    }
    for (uint32_t i = 0; i < from->record.positions_count; i++) {
        plm_val paid = {0};
        const plm_err code = plm_settle_position(s, from, from->record.positions[i].market, &paid);
        if (code != PLM_OK && code != PLM_E_NOT_NEEDED) {
            return code;
        }
    }
    return PLM_OK;
}

/* The account as it would be left: cash covers its unsettled losses, and without any gain it stays
 * at or above initial margin and the withdrawal floor. Errors: E_PROFIT_UNPAID, E_BALANCE,
 * E_BELOW_INITIAL. [WD-1] */
static plm_err judge_outflow(const struct plm_scratch *s, const struct plm_account_slot *from)
{
    struct plm_margin after = {0};
    if (!PLM_RULE_IS_ON(s, WD_1) || !has_risk(&from->record)) {
        return PLM_OK;
    }
    plm_margin_compute(s, &from->record, PLM_MARGIN_NO_GAINS, PLM_NO_MARKET, &after);
    if (plm_val_cmp(from->record.cash, after.unsettled_loss) < 0) {
        return has_unpaid_profit(s, &from->record) ? PLM_E_PROFIT_UNPAID : PLM_E_BALANCE;
    }
    const plm_wval bound = plm_wval_max(after.initial, after.withdraw_floor);
    return plm_wval_cmp(after.equity_initial, bound) < 0 ? PLM_E_BELOW_INITIAL : PLM_OK;
}

/* Cash that is not there: because a profit waits for a payer, or simply not there. */
static plm_err name_missing(const struct plm_scratch *s,
                            const struct plm_account_slot *from,
                            uint16_t asset,
                            plm_err code)
{
    if (code != PLM_E_BALANCE || asset != 0) {
        return code;
    }
    return has_unpaid_profit(s, &from->record) ? PLM_E_PROFIT_UNPAID : PLM_E_BALANCE;
}

static void start_payout(struct plm_scratch *s,
                         uint64_t account,
                         const struct plm_asset_slot *asset,
                         plm_amt amount)
{
    const uint64_t id = s->ledger.next_payout;
    PLM_ASSERT(s->ledger_loaded);
    s->ledger.next_payout++;
    s->ledger_changed = true;
    const struct plm_payout record = {account, asset->id, amount};
    s->payout_record = record;
    s->payout_created = id;
    s->payment.due = true;
    s->payment.payout = id;
    s->payment.to = s->caller;
    s->payment.token = asset->record.token;
    s->payment.atoms = amount;
    const struct plm_reply_payout reply = {id};
    plm_store_reply(s, PLM_LAYOUT_reply_payout, &reply);
}

/* plm_op_withdraw: atoms leave to the owner, exactly. [UNIT-2] [WD-1] [WD-2]
 * Errors: E_AMOUNT_ZERO, E_OVERFLOW, E_AUTH, E_NO_ACCOUNT, E_NO_ASSET, E_PAUSED, the price's code,
 * E_BALANCE, E_PROFIT_UNPAID, E_BELOW_INITIAL, E_DEBT. */
plm_err plm_op_withdraw(struct plm_scratch *s, const struct plm_withdraw *args)
{
    if (plm_amt_is_zero(args->amount)) {
        return PLM_E_AMOUNT_ZERO;
    }

    struct plm_account_slot *account = NULL;
    struct plm_asset_slot *asset = NULL;
    PLM_TRY(plm_store_account(s, args->account, &account));
    PLM_TRY(plm_store_check_owner(s, account));
    PLM_TRY(plm_store_asset(s, args->asset, &asset));
    PLM_TRY(plm_store_ledger(s));
    PLM_TRY(prepare_outflow(s, account));

    const plm_err moved = plm_ledger_withdraw(s, account, asset, args->amount);
    PLM_TRY(name_missing(s, account, asset->id, moved));
    PLM_TRY(judge_outflow(s, account));

    start_payout(s, args->account, asset, args->amount);
    const struct plm_ev_withdrawn event = {
        args->account, args->asset, args->amount, s->payout_created};
    plm_store_event(s, PLM_EVENT_WITHDRAWN, PLM_LAYOUT_ev_withdrawn, &event);
    return PLM_OK;
}

/* plm_op_transfer: the giver passes what a withdrawal would. [WD-1]
 * Errors: E_FIELD, E_AMOUNT_ZERO, E_OVERFLOW, E_AUTH, E_NO_ACCOUNT, E_NO_ASSET, E_PAUSED, the
 * price's code, E_COLLATERALS_MAX, E_BALANCE, E_PROFIT_UNPAID, E_BELOW_INITIAL, E_DEBT. */
plm_err plm_op_transfer(struct plm_scratch *s, const struct plm_transfer *args)
{
    if (args->from == args->to) {
        return PLM_E_FIELD;
    }
    if (plm_amt_is_zero(args->amount)) {
        return PLM_E_AMOUNT_ZERO;
    }

    struct plm_account_slot *from = NULL;
    struct plm_account_slot *to = NULL;
    struct plm_asset_slot *asset = NULL;
    PLM_TRY(plm_store_account(s, args->from, &from));
    PLM_TRY(plm_store_check_owner(s, from));
    PLM_TRY(plm_store_account(s, args->to, &to));
    PLM_TRY(plm_store_asset(s, args->asset, &asset));
    PLM_TRY(check_new_kind(s, to, asset));
    PLM_TRY(prepare_outflow(s, from));

    const plm_err moved = plm_ledger_transfer(s, from, to, asset, args->amount);
    PLM_TRY(name_missing(s, from, asset->id, moved));
    PLM_TRY(judge_outflow(s, from));

    const struct plm_ev_transferred event = {args->from, args->to, args->asset, args->amount};
    plm_store_event(s, PLM_EVENT_TRANSFERRED, PLM_LAYOUT_ev_transferred, &event);
    return PLM_OK;
}

/* plm_op_fund_insurance: anybody may strengthen a tranche; nobody gets it back. [LOSS-1]
 * Errors: E_AMOUNT_ZERO, E_OVERFLOW, E_NO_MARKET, E_INSUFFICIENT_FUNDS_ATTACHED. */
plm_err plm_op_fund_insurance(struct plm_scratch *s, const struct plm_fund_insurance *args)
{
    if (plm_amt_is_zero(args->amount)) {
        return PLM_E_AMOUNT_ZERO;
    }

    struct plm_asset_slot *asset = NULL;
    struct plm_market_slot *market = NULL;
    plm_val value = {0};
    PLM_TRY(plm_store_asset(s, 0, &asset));
    PLM_TRY(plm_fix_atoms_to_val_checked(args->amount, asset->record.decimals, &value));
    if (args->market != PLM_NO_MARKET) {
        PLM_TRY(plm_store_market(s, args->market, &market));
    }
    PLM_TRY(plm_store_ledger(s));

    PLM_TRY(plm_ledger_fund_insurance(s, market, value));

    PLM_TRY(take_attached(s, asset, args->amount));
    const struct plm_ev_insurance_funded event = {args->market, args->amount};
    plm_store_event(s, PLM_EVENT_INSURANCE_FUNDED, PLM_LAYOUT_ev_insurance_funded, &event);
    return PLM_OK;
}

/* plm_op_sweep_surplus: tokens that came unasked leave to the admin. [LEDGER-5]
 * Errors: E_AMOUNT_ZERO, E_ROLE, E_NO_ASSET, E_BALANCE. */
plm_err plm_op_sweep_surplus(struct plm_scratch *s, const struct plm_sweep_surplus *args)
{
    if (plm_amt_is_zero(args->amount)) {
        return PLM_E_AMOUNT_ZERO;
    }

    PLM_TRY(plm_store_check_role(s, &s->config.admin));
    struct plm_asset_slot *asset = NULL;
    PLM_TRY(plm_store_asset(s, args->asset, &asset));
    PLM_TRY(plm_store_ledger(s));
    if (plm_amt_cmp(asset->state.surplus, args->amount) < 0) {
        return PLM_E_BALANCE;
    }

    plm_amt_sub_from(&asset->state.surplus, args->amount);
    asset->state_changed = true;
    start_payout(s, 0, asset, args->amount);

    const struct plm_ev_surplus event = {args->asset, args->amount};
    plm_store_event(s, PLM_EVENT_SURPLUS_SWEPT, PLM_LAYOUT_ev_surplus, &event);
    return PLM_OK;
}

/* A failed payout goes back to its account; to the surplus line where the account is gone or has no
 * room. [LEDGER-6] */
static plm_err
recredit(struct plm_scratch *s, const struct plm_payout *payout, struct plm_asset_slot *asset)
{
    struct plm_account_slot *account = NULL;
    plm_err code = PLM_E_NO_ACCOUNT;
    if (payout->account != 0) {
        code = plm_store_account(s, payout->account, &account);
    }
    if (code != PLM_OK && code != PLM_E_NO_ACCOUNT) {
        return code; /* it is there, and cannot be read: the outcome waits */
    }
    const bool has_room =
        code == PLM_OK &&
        (asset->id == 0 || account->record.collaterals_count < PLM_COLLATERALS_MAX ||
         plm_amt_is_positive(plm_ledger_balance(&account->record, asset->id)));
    if (has_room) {
        return plm_ledger_deposit(s, account, asset, payout->atoms);
    }
    asset->state_changed = true;
    return plm_amt_add_checked(asset->state.surplus, payout->atoms, &asset->state.surplus);
}

/* plm_op_settle_out: books a payout's outcome, once. [LEDGER-6] [I39]
 * Errors: E_ROLE not the contract itself; E_DUPLICATE settled before, or never made. */
plm_err plm_op_settle_out(struct plm_scratch *s, const struct plm_settle_out *args)
{
    PLM_TRY(plm_store_check_self(s));

    struct plm_payout payout = {0};
    struct plm_asset_slot *asset = NULL;
    PLM_TRY(plm_store_payout(s, args->payout, &payout));
    PLM_TRY(plm_store_asset(s, payout.asset, &asset));
    PLM_TRY(plm_store_ledger(s));

    s->payout_deleted = args->payout;
    if (args->ok == 0) {
        PLM_TRY(recredit(s, &payout, asset));
    }
    const struct plm_ev_payout_settled event = {args->payout, args->ok};
    plm_store_event(s, PLM_EVENT_PAYOUT_SETTLED, PLM_LAYOUT_ev_payout_settled, &event);
    return PLM_OK;
}

// SPDX-License-Identifier: Apache-2.0
/* Operations of an owner on his account: open, close, mode, delegate, order, leverage. [ACCT-1] to
 * [ACCT-3] [LIQ-4] [MARGIN-6] Each reads as four paragraphs: shape, load, act, own limit. The
 * engine runs the gate. */
#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_gate.h"
#include "plm_margin.h"
#include "plm_operations.h"
#include "plm_store.h"

static void announce(struct plm_scratch *s, uint64_t account, enum plm_opcode operation)
{
    const struct plm_ev_account_set event = {account, (uint8_t)operation};
    plm_store_event(s, PLM_EVENT_ACCOUNT_SET, PLM_LAYOUT_ev_account_set, &event);
}

/* Loads the caller's own account. */
static plm_err load_own(struct plm_scratch *s, uint64_t id, struct plm_account_slot **out)
{
    PLM_TRY(plm_store_account(s, id, out));
    return plm_store_check_owner(s, *out);
}

/* plm_op_open_account [ACCT-1]: the next sequential id, indexed by (owner, number).
 * Errors: E_EXISTS. */
plm_err plm_op_open_account(struct plm_scratch *s, const struct plm_open_account *args)
{
    uint64_t existing = 0;
    const plm_err found = plm_store_find_account(s, &s->caller_hash, args->number, &existing);
    if (found != PLM_E_NO_ACCOUNT) {
        return found == PLM_OK ? PLM_E_EXISTS : found;
    }

    const uint64_t id = s->config.next_account;
    s->config.next_account++;
    s->config_changed = true;
    struct plm_account_slot *slot = plm_store_new_account(s, id);
    slot->record.owner = s->caller_hash;
    slot->record.number = args->number;
    slot->record.mode = args->mode;
    s->owner_key = s->caller_hash;
    s->owner_number = args->number;
    s->owner_created = id;

    const struct plm_ev_account_opened event = {id, s->caller_hash, args->number, args->mode};
    const struct plm_reply_opened reply = {id};
    plm_store_event(s, PLM_EVENT_ACCOUNT_OPENED, PLM_LAYOUT_ev_account_opened, &event);
    plm_store_reply(s, PLM_LAYOUT_reply_opened, &reply);
    return PLM_OK;
}

/* plm_op_close_account: only an empty account. Errors: E_AUTH, E_NO_ACCOUNT, E_BALANCE. */
plm_err plm_op_close_account(struct plm_scratch *s, const struct plm_close_account *args)
{
    struct plm_account_slot *slot = NULL;
    PLM_TRY(load_own(s, args->account, &slot));
    const struct plm_account *account = &slot->record;

    const bool holds_something = account->positions_count > 0 || account->collaterals_count > 0 ||
                                 plm_val_is_positive(account->cash);
    if (holds_something) {
        return PLM_E_BALANCE;
    }

    slot->deleted = true;
    s->owner_key = account->owner;
    s->owner_number = account->number;
    s->owner_deleted = true;
    const struct plm_ev_account_closed event = {args->account};
    plm_store_event(s, PLM_EVENT_ACCOUNT_CLOSED, PLM_LAYOUT_ev_account_closed, &event);
    return PLM_OK;
}

/* plm_op_set_mode [ACCT-2]: with positions E_im >= IM in the new mode, by the gate's first branch
 * only; never while liquidatable; isolated admits one market, claims and debts included. Errors:
 * E_AUTH, E_NO_ACCOUNT, E_STATUS, E_MODE, the price's code, E_BELOW_INITIAL, E_DEBT, E_NOT_NEEDED.
 */
plm_err plm_op_set_mode(struct plm_scratch *s, const struct plm_set_mode *args)
{
    struct plm_account_slot *slot = NULL;
    PLM_TRY(load_own(s, args->account, &slot));
    struct plm_margin now = {0};
    plm_margin_remember(s, slot);
    plm_margin_compute(s, &slot->record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &now);

    if (plm_margin_is_liquidatable(&now)) {
        return PLM_E_STATUS;
    }
    if (args->mode == PLM_MODE_ISOLATED && slot->record.positions_count > 1) {
        return PLM_E_MODE;
    }
    if (args->mode == slot->record.mode) {
        return PLM_E_NOT_NEEDED;
    }

    slot->record.mode = args->mode;
    slot->changed = true;
    slot->judge = slot->record.positions_count > 0 ? PLM_JUDGE_INITIAL : PLM_JUDGE_NONE;
    announce(s, args->account, PLM_OP_SET_MODE);
    return PLM_OK;
}

/* Index of the grant of the same kind: the own budget, or the delegate; grants_count where none. */
static uint32_t find_grant(const struct plm_account *account, bool is_own)
{
    uint32_t i = 0;
    PLM_ASSERT(account->grants_count <= PLM_GRANTS_MAX);
    while (i < account->grants_count &&
           plm_store_is_same_hash(&account->grants[i].holder, &account->owner) != is_own) {
        i++;
    }
    return i;
}

static void remove_grant(struct plm_account *account, uint32_t index)
{
    uint32_t kept = 0;
    PLM_ASSERT(account->grants_count <= PLM_GRANTS_MAX);
    PLM_ASSERT(index < account->grants_count);
    for (uint32_t i = 0; i < account->grant_markets_count; i++) {
        struct plm_grant_market named = account->grant_markets[i];
        if (named.grant == index) {
            continue;
        }
        named.grant = named.grant > index ? (uint8_t)(named.grant - 1) : named.grant;
        account->grant_markets[kept] = named;
        kept++;
    }
    account->grant_markets_count = kept;
    account->grants_count--;
    for (uint32_t i = index; i < account->grants_count; i++) {
        account->grants[i] = account->grants[i + 1];
    }
}

static plm_err add_grant(struct plm_scratch *s,
                         struct plm_account *account,
                         const struct plm_hash *holder,
                         const struct plm_set_delegate *args)
{
    const struct plm_grant grant = {
        *holder, args->expiry, args->size_cap, args->fill_band, args->daily_loss, 0, {{0, 0}}};
    PLM_ASSERT(account->grants_count < PLM_GRANTS_MAX);
    for (uint32_t i = 0; i < args->markets_count; i++) {
        struct plm_market_slot *market = NULL;
        PLM_TRY(plm_store_market(s, args->markets[i].market, &market));
        if (account->grant_markets_count == PLM_GRANT_MARKETS_MAX) {
            return PLM_E_POSITIONS_MAX;
        }
        const struct plm_grant_market named = {(uint8_t)account->grants_count, market->id};
        account->grant_markets[account->grant_markets_count] = named;
        account->grant_markets_count++;
    }
    account->grants[account->grants_count] = grant;
    account->grants_count++;
    return PLM_OK;
}

/* plm_op_set_delegate [ACCT-3]: one delegate at most, and one budget of the owner's own; expiry 0
 * removes. Errors: E_FIELD, E_RANGE, E_AUTH, E_NO_ACCOUNT, E_NO_MARKET, E_POSITIONS_MAX,
 * E_NOT_NEEDED. */
plm_err plm_op_set_delegate(struct plm_scratch *s, const struct plm_set_delegate *args)
{
    if (args->holder.length == 0) {
        return PLM_E_FIELD;
    }
    const plm_time never = {0};
    const bool removes = plm_time_cmp(args->expiry, never) == 0;
    if (!removes && plm_time_cmp(args->expiry, s->now) < 0) {
        return PLM_E_RANGE;
    }

    struct plm_account_slot *slot = NULL;
    PLM_TRY(load_own(s, args->account, &slot));
    struct plm_account *account = &slot->record;
    struct plm_hash holder = {{0}};
    plm_store_hash_addr(s, &args->holder, &holder);
    const bool is_own = plm_store_is_same_hash(&holder, &account->owner);
    const uint32_t old = find_grant(account, is_own);

    if (old < account->grants_count) {
        remove_grant(account, old);
    } else if (removes) {
        return PLM_E_NOT_NEEDED;
    }
    if (!removes) {
        PLM_TRY(add_grant(s, account, &holder, args));
    }
    slot->changed = true;
    announce(s, args->account, PLM_OP_SET_DELEGATE);
    return PLM_OK;
}

/* plm_op_set_order [LIQ-4]: which markets are reduced first; each once. Errors: E_FIELD, E_AUTH,
 * E_NO_ACCOUNT, E_NO_MARKET. */
plm_err plm_op_set_order(struct plm_scratch *s, const struct plm_set_order *args)
{
    for (uint32_t i = 0; i < args->markets_count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (args->markets[i].market == args->markets[j].market) {
                return PLM_E_FIELD;
            }
        }
    }

    struct plm_account_slot *slot = NULL;
    PLM_TRY(load_own(s, args->account, &slot));

    slot->record.order_count = args->markets_count;
    for (uint32_t i = 0; i < args->markets_count; i++) {
        struct plm_market_slot *market = NULL;
        PLM_TRY(plm_store_market(s, args->markets[i].market, &market));
        slot->record.order[i].market = market->id;
    }
    slot->changed = true;
    announce(s, args->account, PLM_OP_SET_ORDER);
    return PLM_OK;
}

/* plm_op_set_leverage [MARGIN-6]: the user's cap may only raise the requirement; raising it needs
 * E_im >= IM afterwards. Errors: E_AUTH, E_NO_ACCOUNT, the price's code, E_BELOW_INITIAL, E_DEBT.
 */
plm_err plm_op_set_leverage(struct plm_scratch *s, const struct plm_set_leverage *args)
{
    struct plm_account_slot *slot = NULL;
    PLM_TRY(load_own(s, args->account, &slot));
    plm_margin_remember(s, slot);

    const bool raises = plm_ratio_cmp(args->ratio, slot->record.leverage) > 0;
    slot->record.leverage = args->ratio;
    slot->changed = true;
    if (raises && slot->record.positions_count > 0) {
        slot->judge = PLM_JUDGE_INITIAL;
    }
    announce(s, args->account, PLM_OP_SET_LEVERAGE);
    return PLM_OK;
}

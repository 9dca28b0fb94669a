// SPDX-License-Identifier: Apache-2.0
/* Profit and loss become cash through the pool. [LEDGER-1] [LEDGER-7]
 * First come, first served between winners; lines wait for the largest known unpaid claim.
 * It must never know requirements. */
#include "plm_settle.h"

#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_lab.h"
#include "plm_ledger.h"
#include "plm_store.h"

/* Bytes of events that one position settles with, and those an operation tells beside: six fills,
 * twelve margin calls and clocks, the funds that came unasked. */
#define PLM_SETTLE_EVENT_BYTES 98U
#define PLM_SETTLE_EVENT_OTHER 1280U
PLM_STATIC_ASSERT(PLM_POSITIONS_MAX *PLM_SETTLE_EVENT_BYTES + PLM_SETTLE_EVENT_OTHER <=
                      PLM_LIMIT_EVENTS_MAX,
                  "one account can always settle all it has");

plm_val plm_settle_worth(const struct plm_scratch *s, const struct plm_position *position)
{
    if (plm_qty_is_zero(position->lots)) {
        return position->quote;
    }
    const struct plm_view *view = plm_store_market_view(s, position->market);
    return plm_val_add(plm_fix_notional(position->lots, view->price), position->quote);
}

plm_val plm_settle_amount(const struct plm_scratch *s, const struct plm_position *position)
{
    const plm_val zero = {0};
    if (plm_qty_is_zero(position->lots) || !PLM_RULE_IS_ON(s, LEDGER_1)) {
        return plm_settle_worth(s, position);
    }
    const plm_val mark = plm_settle_worth(s, position);
    const struct plm_view *view = plm_store_market_view(s, position->market);
    const plm_val slow = plm_val_add(plm_fix_notional(position->lots, view->slow), position->quote);
    /* The result nearer to zero, and zero where one price says profit and the other loss. */
    if (plm_val_is_negative(mark)) {
        return plm_val_min(zero, plm_val_max(mark, slow));
    }
    return plm_val_max(zero, plm_val_min(mark, slow));
}

/* The largest unpaid claim that is known, whose it is, and since when somebody waits. [LEDGER-7]
 * `since` stays when the claim passes to a somewhat larger one: the market has been short all the
 * time. A claim of more than twice the old one is a new shortage: a dust claim kept alive must not
 * have waited for it. */
static void
note_unpaid(struct plm_scratch *s, struct plm_market_slot *market, uint64_t account, plm_val unpaid)
{
    struct plm_market_state *m = &market->state;
    const plm_time never = {0};
    PLM_ASSERT(account != 0);
    PLM_ASSERT(!plm_val_is_negative(unpaid));
    const int order = plm_val_cmp(unpaid, m->shortfall);
    if (m->shortfall_account == account ? order == 0 : order <= 0) {
        return;
    }
    const bool is_new = plm_val_cmp(unpaid, plm_val_add(m->shortfall, m->shortfall)) > 0;
    m->shortfall = unpaid;
    if (plm_val_is_zero(unpaid)) {
        m->shortfall_account = 0;
        m->shortfall_since = never;
    } else {
        m->shortfall_account = account;
        m->shortfall_since = is_new ? s->now : m->shortfall_since;
    }
    market->state_changed = true;
    const struct plm_ev_shortfall event = {market->id, account, unpaid};
    plm_store_event(s, PLM_EVENT_SHORTFALL, PLM_LAYOUT_ev_shortfall, &event);
}

/* Fees and insurance are paid last, from what no known claim waits for. [LEDGER-7] */
static void pay_lines(struct plm_scratch *s, struct plm_market_slot *market)
{
    struct plm_ev_lines_paid event = {market->id, {{0, 0}}, {{0, 0}}};
    plm_ledger_pay_lines(market, &event.fees, &event.insurance);
    PLM_ASSERT(!plm_val_is_negative(event.fees));
    PLM_ASSERT(!plm_val_is_negative(event.insurance));
    if (plm_val_is_positive(plm_val_add(event.fees, event.insurance))) {
        plm_store_event(s, PLM_EVENT_LINES_PAID, PLM_LAYOUT_ev_lines_paid, &event);
    }
}

/* A loser pays min(loss, cash), a winner is paid min(profit, pool): value is the change of cash. */
static plm_val settle(struct plm_scratch *s,
                      struct plm_account_slot *account,
                      struct plm_position *position,
                      struct plm_market_slot *market)
{
    const plm_val zero = {0};
    const plm_val amount = plm_settle_amount(s, position);
    plm_val value = zero;
    plm_val unpaid = zero;
    if (plm_val_is_negative(amount)) {
        const plm_val paid = plm_val_min(plm_val_neg(amount), account->record.cash);
        PLM_ASSERT(!plm_val_is_negative(paid));
        plm_ledger_pay_loss(account, position, market, paid);
        value = plm_val_neg(paid);
    } else {
        value = amount;
        if (PLM_RULE_IS_ON(s, LEDGER_1)) {
            value = plm_val_min(amount, market->state.pool);
        }
        plm_ledger_pay_profit(account, position, market, value);
        unpaid = plm_val_sub(amount, value);
    }
    if (!plm_val_is_zero(value)) {
        const struct plm_ev_settled event = {account->id, market->id, value};
        plm_store_event(s, PLM_EVENT_SETTLED, PLM_LAYOUT_ev_settled, &event);
    }
    note_unpaid(s, market, account->id, unpaid);
    pay_lines(s, market);
    PLM_INVARIANT(s, !plm_val_is_negative(market->state.pool));
    PLM_ASSERT(!plm_val_is_negative(account->record.cash));
    return value;
}

plm_err plm_settle_position(struct plm_scratch *s,
                            struct plm_account_slot *account,
                            uint16_t market,
                            plm_val *value)
{
    const plm_val zero = {0};
    struct plm_market_slot *slot = plm_store_get_market(s, market);
    struct plm_position *position = plm_ledger_find_position(&account->record, market);
    if (position == NULL) {
        if (slot->state.shortfall_account != account->id) {
            return PLM_E_NO_MARKET;
        }
        note_unpaid(s, slot, account->id, zero);
        pay_lines(s, slot);
        *value = zero;
        return PLM_OK;
    }
    if (!plm_qty_is_zero(position->lots)) {
        PLM_TRY(plm_store_market_view(s, market)->liquidation);
    }
    PLM_ASSERT(slot->id == market);
    *value = settle(s, account, position, slot);
    return PLM_OK;
}

plm_err plm_settle_losses(struct plm_scratch *s, struct plm_account_slot *account)
{
    const uint32_t room = PLM_LIMIT_EVENTS_MAX - PLM_SETTLE_EVENT_OTHER - PLM_SETTLE_EVENT_BYTES;
    PLM_ASSERT(account->record.positions_count <= PLM_POSITIONS_MAX);
    for (uint32_t i = 0; i < account->record.positions_count; i++) {
        struct plm_position *position = &account->record.positions[i];
        struct plm_market_slot *market = plm_store_get_market(s, position->market);
        const bool has_lots = !plm_qty_is_zero(position->lots);
        PLM_ASSERT(market->id == position->market);
        if (has_lots && plm_store_market_view(s, market->id)->liquidation != PLM_OK) {
            continue;
        }
        if (!plm_val_is_negative(plm_settle_amount(s, position))) {
            continue;
        }
        if (s->event_length > room) {
            return PLM_E_OVERFLOW;
        }
        (void)settle(s, account, position, market);
    }
    return PLM_OK;
}

void plm_settle_release(struct plm_scratch *s, const struct plm_account_slot *account)
{
    const plm_val zero = {0};
    PLM_ASSERT(s->market_count <= PLM_LIMIT_MARKET_SLOTS);
    PLM_ASSERT(account->id != 0);
    for (uint32_t i = 0; i < s->market_count; i++) {
        struct plm_market_slot *market = &s->markets[i];
        if (market->state.shortfall_account == account->id &&
            plm_ledger_peek_position(&account->record, market->id) == NULL) {
            note_unpaid(s, market, account->id, zero);
        }
    }
}

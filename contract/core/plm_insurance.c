// SPDX-License-Identifier: Apache-2.0
/* Who pays a deficit: tranches, the opposing side, the uncovered line. [LOSS-1] [LOSS-2] [LOSS-7]
 * [LOSS-8] Each payer pays only what those before it could not.
 * It must never know whether an account is liquidatable: callers decide that. */
#include "plm_insurance.h"

#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_int.h"
#include "plm_lab.h"
#include "plm_ledger.h"
#include "plm_settle.h"
#include "plm_store.h"

#define DAY_SECONDS 86400U

/* --- rolling windows --- */

static struct plm_draw_window
roll(const struct plm_draw_window *window, plm_time now, uint32_t length)
{
    const plm_time epoch = {0};
    const plm_val zero = {0};
    struct plm_draw_window rolled = *window;
    const uint64_t number = plm_int_div_u64_floor(plm_time_since(now, epoch), length);
    if (number > window->number) {
        rolled.previous = number - window->number == 1 ? window->current : zero;
        rolled.current = zero;
        rolled.number = number;
    }
    PLM_ASSERT(rolled.number >= number);
    PLM_ASSERT(!plm_val_is_negative(rolled.current));
    return rolled;
}

plm_val plm_insurance_window_room(const struct plm_draw_window *window,
                                  plm_time now,
                                  uint32_t length,
                                  plm_val cap)
{
    const plm_val zero = {0};
    const struct plm_draw_window rolled = roll(window, now, length);
    const plm_val used = plm_val_add(rolled.current, rolled.previous);
    PLM_ASSERT(!plm_val_is_negative(cap));
    return plm_val_max(zero, plm_val_sub(cap, used));
}

void plm_insurance_window_use(struct plm_draw_window *window,
                              plm_time now,
                              uint32_t length,
                              plm_val used)
{
    PLM_ASSERT(!plm_val_is_negative(used));
    *window = roll(window, now, length);
    plm_val_add_to(&window->current, used);
}

/* --- deficits --- */

static plm_val loss_of(const struct plm_scratch *s, const struct plm_position *position)
{
    const plm_val zero = {0};
    const plm_val worth = plm_settle_worth(s, position);
    return plm_val_is_negative(worth) ? plm_val_neg(worth) : zero;
}

static plm_val sum_losses(const struct plm_scratch *s, const struct plm_account *account)
{
    plm_val sum = {0};
    PLM_ASSERT(account->positions_count <= PLM_POSITIONS_MAX);
    for (uint32_t i = 0; i < account->positions_count; i++) {
        plm_val_add_to(&sum, loss_of(s, &account->positions[i]));
    }
    return sum;
}

/* min(loss, ceil(deficit x loss / sum)); 0 where nothing is lost. */
static plm_val share_of(plm_val deficit, plm_val loss, plm_val sum)
{
    PLM_ASSERT(plm_val_is_positive(deficit));
    if (!plm_val_is_positive(loss)) {
        return loss;
    }
    PLM_ASSERT(plm_val_cmp(loss, sum) <= 0);
    return plm_val_min(loss, plm_fix_muldiv_ceil(deficit, loss, sum));
}

plm_val plm_insurance_deficit(const struct plm_scratch *s,
                              const struct plm_account *account,
                              plm_val deficit,
                              uint16_t market)
{
    plm_val share = {0};
    const struct plm_position *position = plm_ledger_peek_position(account, market);
    PLM_ASSERT(plm_val_is_positive(deficit));
    if (position != NULL) {
        share = share_of(deficit, loss_of(s, position), sum_losses(s, account));
    }
    return share;
}

/* --- the tranches --- */

plm_val plm_insurance_available(const struct plm_scratch *s,
                                const struct plm_market_slot *market,
                                bool global)
{
    const struct plm_market_state *m = &market->state;
    const plm_val cap = market->record.params.draw_cap;
    if (global) {
        PLM_ASSERT(s->ledger_loaded);
        return plm_val_min(s->ledger.global,
                           plm_insurance_window_room(&m->global_draws, s->now, DAY_SECONDS, cap));
    }
    PLM_ASSERT(!plm_val_is_negative(m->insurance));
    return plm_val_min(m->insurance,
                       plm_insurance_window_room(&m->draws, s->now, DAY_SECONDS, cap));
}

static plm_val draw(struct plm_scratch *s,
                    struct plm_market_slot *market,
                    struct plm_position *position,
                    plm_val wanted,
                    bool global)
{
    const plm_val x = plm_val_min(wanted, plm_insurance_available(s, market, global));
    PLM_ASSERT(!plm_val_is_negative(x));
    if (plm_val_is_positive(x)) {
        plm_ledger_draw(s, market, position, x, global);
        plm_insurance_window_use(
            global ? &market->state.global_draws : &market->state.draws, s->now, DAY_SECONDS, x);
    }
    return x;
}

plm_val plm_insurance_pay_tip(struct plm_scratch *s,
                              struct plm_market_slot *market,
                              struct plm_account_slot *to,
                              plm_val wanted)
{
    const plm_val x = plm_val_min(wanted, plm_insurance_available(s, market, false));
    PLM_ASSERT(!plm_val_is_negative(x));
    if (plm_val_is_positive(x)) {
        plm_ledger_pay_tip(market, to, x);
        plm_insurance_window_use(&market->state.draws, s->now, DAY_SECONDS, x);
    }
    return x;
}

/* --- the opposing side --- */

/* The index step that pays `rest`: ceil(rest / OI) ticks a lot, at most loss_cap x p. A step that
 * would leave the bound of the index is refused whole. [LOSS-2] [UNIT-3] */
static plm_price step_for(const struct plm_scratch *s,
                          const struct plm_market_slot *market,
                          bool to_long,
                          plm_val rest)
{
    const plm_price none = {0};
    const struct plm_view *view = plm_store_market_view(s, market->id);
    const plm_price most = plm_fix_price_part_floor(view->price, market->record.params.loss_cap);
    plm_price step = plm_price_min(most, plm_fix_price_per_lot_ceil(rest, market->state.oi));
    plm_index by = {0};
    plm_index moved = to_long ? market->state.index_short : market->state.index_long;
    PLM_ASSERT(plm_val_is_positive(rest));
    const bool fits =
        plm_price_difference_checked(step, none, &by) == PLM_OK &&
        plm_index_add_checked(moved, to_long ? plm_index_neg(by) : by, &moved) == PLM_OK;
    if (!fits) {
        step = none;
    }
    PLM_ASSERT(plm_price_cmp(step, most) <= 0);
    return step;
}

/* Loaded accounts were brought to the index on load: those on the charged side are brought to it
 * again, whoever they are. A is unchanged by it. [LEDGER-2] */
static void apply_again(struct plm_scratch *s, const struct plm_market_slot *market)
{
    PLM_ASSERT(s->account_count <= PLM_LIMIT_ACCOUNT_SLOTS);
    for (uint32_t i = 0; i < s->account_count; i++) {
        struct plm_account_slot *account = &s->accounts[i];
        struct plm_position *position = plm_ledger_find_position(&account->record, market->id);
        if (position != NULL) {
            const plm_index before = position->snapshot;
            plm_ledger_apply_index(market, position);
            if (plm_index_cmp(before, position->snapshot) != 0) {
                account->changed = true;
            }
        }
    }
}

/* Charges the opposing side as it stands; returns how much of rest it covers. */
static plm_val charge(struct plm_scratch *s,
                      struct plm_market_slot *market,
                      struct plm_position *position,
                      plm_val rest,
                      struct plm_ev_deficit *event)
{
    plm_val covered = {0};
    const bool to_long = plm_qty_is_long(position->lots);
    if (plm_qty_is_zero(position->lots) || plm_val_is_zero(rest)) {
        return covered;
    }
    event->step = step_for(s, market, to_long, rest);
    if (plm_price_is_zero(event->step)) {
        return covered;
    }
    event->opposing = plm_fix_notional(market->state.oi, event->step);
    covered = plm_val_min(rest, event->opposing);
    plm_ledger_charge_side(market, position, to_long, event->step, covered);
    apply_again(s, market);
    PLM_ASSERT(plm_val_is_positive(covered));
    PLM_ASSERT(plm_val_cmp(covered, rest) <= 0);
    return covered;
}

void plm_insurance_recognise(struct plm_scratch *s,
                             struct plm_account_slot *account,
                             struct plm_market_slot *market,
                             plm_val x)
{
    struct plm_position *position = plm_ledger_find_position(&account->record, market->id);
    struct plm_ev_deficit event = {.account = account->id, .market = market->id, .value = x};
    PLM_ASSERT(position != NULL);
    PLM_ASSERT(!plm_val_is_negative(x));
    if (plm_val_is_zero(x)) {
        return;
    }
    event.insurance = draw(s, market, position, x, false);
    plm_val rest = plm_val_sub(x, event.insurance);
    event.global = draw(s, market, position, rest, true);
    plm_val_sub_from(&rest, event.global);
    plm_val_sub_from(&rest, charge(s, market, position, rest, &event));
    if (plm_val_is_positive(rest)) {
        plm_ledger_book_uncovered(market, position, rest);
        event.uncovered = rest;
    }
    plm_val_add_to(&account->recognised, x);
    account->changed = true;
    market->state_changed = true;
    plm_store_event(s, PLM_EVENT_DEFICIT, PLM_LAYOUT_ev_deficit, &event);
}

/* --- flagged deficits --- */

void plm_insurance_update_flags(struct plm_scratch *s,
                                struct plm_account_slot *account,
                                plm_val equity_full)
{
    struct plm_account *record = &account->record;
    const plm_time never = {0};
    for (uint32_t i = 0; i < record->deficits_count; i++) {
        struct plm_market_slot *market = plm_store_get_market(s, record->deficits[i].market);
        plm_val_sub_from(&market->state.deficits, record->deficits[i].value);
        market->state_changed = true;
        account->changed = true;
        PLM_ASSERT(!plm_val_is_negative(market->state.deficits));
    }
    record->deficits_count = 0;
    if (plm_time_cmp(record->liquidatable_since, never) == 0 || !plm_val_is_negative(equity_full)) {
        return;
    }
    const plm_val sum = sum_losses(s, record);
    for (uint32_t i = 0; i < record->positions_count; i++) {
        const struct plm_position *position = &record->positions[i];
        const plm_val value = share_of(plm_val_neg(equity_full), loss_of(s, position), sum);
        if (!plm_val_is_positive(value)) {
            continue;
        }
        struct plm_market_slot *market = plm_store_get_market(s, position->market);
        const struct plm_deficit entry = {position->market, value};
        record->deficits[record->deficits_count] = entry;
        record->deficits_count++;
        plm_val_add_to(&market->state.deficits, value);
        market->state_changed = true;
        account->changed = true;
    }
    PLM_ASSERT(record->deficits_count <= record->positions_count);
}

plm_err plm_insurance_check_pending(struct plm_scratch *s, const struct plm_market_slot *market)
{
    if (!PLM_RULE_IS_ON(s, LOSS_8) || plm_val_is_zero(market->state.deficits)) {
        return PLM_OK;
    }
    PLM_TRY(plm_store_ledger(s));
    const plm_val most = plm_val_add(plm_insurance_available(s, market, false),
                                     plm_insurance_available(s, market, true));
    PLM_ASSERT(!plm_val_is_negative(most));
    return plm_val_cmp(market->state.deficits, most) > 0 ? PLM_E_LOSS_PENDING : PLM_OK;
}

// SPDX-License-Identifier: Apache-2.0
/* Draw caps, tranches and what they may pay: contracts, then the product's source. */
#include "plm_insurance.h"

#include "proof_ledger.h"

/* What a window holds when number n has begun: the current and the previous fixed one. */
/*@ logic integer CURRENT(struct plm_draw_window w, integer n) =
        n > w.number ? 0 : VAL(w.current);
    logic integer PREVIOUS(struct plm_draw_window w, integer n) =
        n > w.number ? (n == w.number + 1 ? VAL(w.current) : 0) : VAL(w.previous); */
#define USED(w, n)   (CURRENT(w, n) + PREVIOUS(w, n))
#define WINDOW_OK(w) (amount((w).current) && amount((w).previous))
#define DAY(s)       ((s)->now.sec / 86400)
#define TRANCHES_OK(s, m)                                                                          \
    ((s)->ledger_loaded && amount((s)->ledger.global) && MARKET_OK((m).state) &&                   \
     WINDOW_OK((m).state.draws) && WINDOW_OK((m).state.global_draws) &&                            \
     amount((m).record.params.draw_cap))

/*@ requires length > 0 && WINDOW_OK(*window);
    assigns \nothing;
    ensures number: \result.number == MAX(window->number, now.sec / length);
    ensures current: VAL(\result.current) == CURRENT(*window, now.sec / length);
    ensures previous: VAL(\result.previous) == PREVIOUS(*window, now.sec / length); */
static struct plm_draw_window
roll(const struct plm_draw_window *window, plm_time now, uint32_t length);

/*@ requires length > 0 && WINDOW_OK(*window) && amount(cap);
    assigns \nothing;
    ensures room: VAL(\result) == MAX(0, VAL(cap) - USED(*window, now.sec / length)); */
plm_val plm_insurance_window_room(const struct plm_draw_window *window,
                                  plm_time now,
                                  uint32_t length,
                                  plm_val cap);

/*@ requires length > 0 && WINDOW_OK(*window) && amount(used);
    assigns *window;
    ensures counted: USED(*window, now.sec / length) ==
                     USED(\old(*window), now.sec / length) + VAL(used); */
void plm_insurance_window_use(struct plm_draw_window *window,
                              plm_time now,
                              uint32_t length,
                              plm_val used);

/*@ requires TRANCHES_OK(s, *market);
    assigns \nothing;
    ensures not_negative: VAL(\result) >= 0;
    ensures tranche: VAL(\result) <= (global ? VAL(s->ledger.global)
                                             : VAL(market->state.insurance));
    ensures cap: VAL(\result) > 0 ==>
        (global ? USED(market->state.global_draws, DAY(s)) : USED(market->state.draws, DAY(s))) +
            VAL(\result) <= VAL(market->record.params.draw_cap);
    ensures most: VAL(\result) == MIN(global ? VAL(s->ledger.global)
                                             : VAL(market->state.insurance),
        MAX(0, VAL(market->record.params.draw_cap) -
            (global ? USED(market->state.global_draws, DAY(s))
                    : USED(market->state.draws, DAY(s))))); */
plm_val plm_insurance_available(const struct plm_scratch *s,
                                const struct plm_market_slot *market,
                                bool global);

/*@ requires TRANCHES_OK(s, *market) && LEG(*market, *position) && amount(wanted);
    assigns s->ledger.global, s->ledger_changed, market->state.insurance, market->state.pool,
            market->state.accrued, market->state_changed, market->state.draws,
            market->state.global_draws, position->quote;
    ensures wanted: 0 <= VAL(\result) <= VAL(wanted);
    ensures fallen: VAL(s->ledger.global) + VAL(market->state.insurance) + VAL(\result) ==
                    VAL(\old(s->ledger.global)) + VAL(\old(market->state.insurance));
    ensures no_negative: SIGNS(market->state) && VAL(s->ledger.global) >= 0;
    ensures other: global ? market->state.insurance == \old(market->state.insurance)
                          : s->ledger.global == \old(s->ledger.global);
    ensures cap: VAL(\result) > 0 ==>
        (global ? USED(market->state.global_draws, DAY(s)) : USED(market->state.draws, DAY(s)))
            <= VAL(market->record.params.draw_cap);
    ensures counted:
        (global ? USED(market->state.global_draws, DAY(s)) : USED(market->state.draws, DAY(s))) ==
        (global ? USED(\old(market->state.global_draws), DAY(s))
                : USED(\old(market->state.draws), DAY(s))) + VAL(\result);
    ensures next_pays: VAL(\result) < VAL(wanted) ==>
        (global ? VAL(s->ledger.global) : VAL(market->state.insurance)) == 0 ||
        (global ? USED(market->state.global_draws, DAY(s)) : USED(market->state.draws, DAY(s)))
            >= VAL(market->record.params.draw_cap);
    ensures credited: VAL(position->quote) == VAL(\old(position->quote)) + VAL(\result);
    ensures books: BOOKS(market->state) == \old(BOOKS(market->state)); */
static plm_val draw(struct plm_scratch *s,
                    struct plm_market_slot *market,
                    struct plm_position *position,
                    plm_val wanted,
                    bool global);

/*@ requires TRANCHES_OK(s, *market) && amount(to->record.cash) && amount(wanted);
    assigns market->state.insurance, market->state_changed, market->state.draws,
            to->record.cash, to->changed;
    ensures wanted: 0 <= VAL(\result) <= VAL(wanted);
    ensures paid: VAL(to->record.cash) == VAL(\old(to->record.cash)) + VAL(\result);
    ensures tokens: VAL(to->record.cash) + CASH_OF(market->state) ==
                    VAL(\old(to->record.cash)) + \old(CASH_OF(market->state));
    ensures no_negative: SIGNS(market->state);
    ensures counted: USED(market->state.draws, DAY(s)) ==
                     USED(\old(market->state.draws), DAY(s)) + VAL(\result);
    ensures cap: VAL(\result) > 0 ==>
        USED(market->state.draws, DAY(s)) <= VAL(market->record.params.draw_cap); */
plm_val plm_insurance_pay_tip(struct plm_scratch *s,
                              struct plm_market_slot *market,
                              struct plm_account_slot *to,
                              plm_val wanted);

#include "plm_insurance.c"

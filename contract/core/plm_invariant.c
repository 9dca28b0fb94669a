// SPDX-License-Identifier: Apache-2.0
/* The invariants that one operation can break, checked before anything is stored.
 * Written against the records only: it must never know which operation ran. */
#include "plm_invariant.h"

#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_lab.h"

/* [I01] Cash of accounts, pools and cash lines, minus the vault, moved by nothing. [LEDGER-3] */
static plm_val cash_of_everything(const struct plm_scratch *s)
{
    plm_val sum = {0};
    for (uint32_t i = 0; i < s->account_count; i++) {
        if (!s->accounts[i].deleted) {
            plm_val_add_to(&sum, s->accounts[i].record.cash);
        }
    }
    for (uint32_t i = 0; i < s->market_count; i++) {
        const struct plm_market_state *m = &s->markets[i].state;
        plm_val_add_to(&sum, m->pool);
        plm_val_add_to(&sum, m->fees);
        plm_val_add_to(&sum, m->insurance);
    }
    if (s->ledger_loaded) {
        plm_val_add_to(&sum, s->ledger.global);
        plm_val_add_to(&sum, s->ledger.dust);
        plm_val_sub_from(&sum, s->ledger.vault);
    }
    return sum;
}

/* [I49] A + lines due = pool + OI x (G_long - G_short), and [I02] the signs of the lines. */
static void check_market(const struct plm_scratch *s, const struct plm_market_slot *market)
{
    const struct plm_market_state *m = &market->state;
    const plm_index spread = plm_index_sub(m->index_long, m->index_short);
    const plm_val owed = plm_val_add(m->pool, plm_fix_payment(m->oi, spread));
    plm_val held = m->accrued;
    plm_val_add_to(&held, m->fees_due);
    plm_val_add_to(&held, m->insurance_due);
    plm_val_add_to(&held, m->uncovered);
    PLM_INVARIANT(s, plm_val_cmp(held, owed) == 0);
    PLM_INVARIANT(s, !plm_val_is_negative(m->pool));
    PLM_INVARIANT(s, !plm_val_is_negative(m->fees));
    PLM_INVARIANT(s, !plm_val_is_negative(m->fees_due));
    PLM_INVARIANT(s, !plm_val_is_negative(m->insurance));
    PLM_INVARIANT(s, !plm_val_is_negative(m->insurance_due));
    PLM_INVARIANT(s, !plm_val_is_positive(m->uncovered));
    PLM_INVARIANT(s, !plm_qty_is_short(m->oi));
}

/* [I13] A position without lots and quote is gone; [ACCT-2] isolated means one market. */
static void check_account(const struct plm_scratch *s, const struct plm_account *account)
{
    PLM_INVARIANT(s, !plm_val_is_negative(account->cash));
    PLM_INVARIANT(s, account->mode != PLM_MODE_ISOLATED || account->positions_count <= 1);
    for (uint32_t i = 0; i < account->positions_count; i++) {
        const struct plm_position *p = &account->positions[i];
        PLM_INVARIANT(s, !plm_qty_is_zero(p->lots) || !plm_val_is_zero(p->quote));
        PLM_INVARIANT(s, i == 0 || account->positions[i - 1].market < p->market);
    }
}

void plm_invariant_check(const struct plm_scratch *s)
{
    PLM_INVARIANT(s, plm_val_cmp(cash_of_everything(s), s->loaded) == 0);
    for (uint32_t i = 0; i < s->market_count; i++) {
        if (s->markets[i].state_changed) {
            check_market(s, &s->markets[i]);
        }
    }
    for (uint32_t i = 0; i < s->account_count; i++) {
        if (s->accounts[i].changed) {
            check_account(s, &s->accounts[i].record);
        }
    }
}

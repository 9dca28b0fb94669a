// SPDX-License-Identifier: Apache-2.0
/* The gate's judgements and the withdrawable cash: contracts, then the product's source. The
 * margin of an account is abstract: any equity, any requirement that is not negative. */
#include "plm_gate.h"
#include "plm_margin.h"

#include "proof_ledger.h"

/*@ axiomatic Margin {
        logic integer EQUITY(struct plm_account a, integer flags);
        logic integer REQUIRED(struct plm_account a, integer flags);
        logic integer KEPT(struct plm_account a, integer flags);
        logic integer UNSETTLED(struct plm_account a, integer flags);
    }
    predicate weighed(plm_wval x) = -BOUND <= WVAL(x) <= BOUND; */

/* The figures at one view of prices, whatever they are, with the signs of plm_margin.h. ASSUMED */
/*@ assigns *out;
    ensures WVAL(out->equity_initial) == EQUITY(*account, flags) && weighed(out->equity_initial);
    ensures WVAL(out->initial) == REQUIRED(*account, flags) >= 0 && weighed(out->initial);
    ensures WVAL(out->withdraw_floor) == KEPT(*account, flags) >= 0 &&
            weighed(out->withdraw_floor);
    ensures VAL(out->unsettled_loss) == UNSETTLED(*account, flags) >= 0 &&
            amount(out->unsettled_loss); */
void plm_margin_compute(const struct plm_scratch *s,
                        const struct plm_account *account,
                        uint32_t flags,
                        uint16_t traded,
                        struct plm_margin *out);

/*@ assigns \nothing;
    ensures \result != 0; */
static inline bool plm_lab_rule_is_on(const void *scratch);

/*@ requires before.lots != INT64_MIN && after.lots != INT64_MIN;
    assigns \nothing;
    ensures growth: \result == 0 <==>
        0 <= after.lots <= before.lots || before.lots <= after.lots <= 0; */
static bool plm_gate_is_growth(plm_qty before, plm_qty after);

/*@ requires amount(advantage) && VAL(advantage) * 1000000 <= BOUND;
    requires weighed(after->equity_initial);
    assigns \nothing;
    ensures initial: \result != 0 <==>
        WVAL(after->equity_initial) - VAL(advantage) * 1000000 >= WVAL(after->initial); */
static bool plm_gate_has_initial(const struct plm_margin *after, plm_val advantage);

/*@ requires VAL(after->unsettled_loss) >= 0;
    assigns \nothing;
    ensures code: \result == PLM_OK || \result == PLM_E_DEBT;
    ensures debt: \result == PLM_OK <==> VAL(account->cash) >= VAL(after->unsettled_loss); */
static plm_err plm_gate_check_debt(const struct plm_account *account,
                                   const struct plm_margin *after);

/*@ requires 0 <= WVAL(after->maint) <= WVAL(before->maint);
    assigns \nothing;
    ensures at_zero: \result != 0 && WVAL(after->maint) == 0 ==>
        WVAL(after->equity_maint) >= WVAL(before->equity_maint) ||
        WVAL(after->equity_maint) >= 0;
    ensures below_zero: \result != 0 && WVAL(after->maint) > 0 && WVAL(before->equity_maint) < 0
        ==> WVAL(after->equity_maint) >= WVAL(before->equity_maint) &&
            WVAL(after->maint) < WVAL(before->maint);
    ensures as_safe: \result != 0 && WVAL(after->maint) > 0 && WVAL(before->equity_maint) >= 0
        ==> WVAL(after->equity_maint) * WVAL(before->maint) >=
            WVAL(before->equity_maint) * WVAL(after->maint);
    ensures accepted: WVAL(after->maint) > 0 && WVAL(before->equity_maint) >= 0 &&
        WVAL(after->equity_maint) * WVAL(before->maint) >=
            WVAL(before->equity_maint) * WVAL(after->maint) ==> \result != 0; */
static bool plm_gate_is_pure_reduction(const struct plm_margin *before,
                                       const struct plm_margin *after);

/*@ requires weighed(margin->equity_initial) && weighed(margin->initial);
    requires weighed(margin->withdraw_floor);
    requires WVAL(margin->initial) >= 0 && WVAL(margin->withdraw_floor) >= 0;
    assigns \nothing;
    ensures free: WVAL(\result) == WVAL(margin->equity_initial) -
                  MAX(WVAL(margin->initial), WVAL(margin->withdraw_floor)); */
static plm_wval plm_gate_free_margin(const struct plm_margin *margin);

/* Cash counts once in the equity, so `margin` is the gate's inequality after the withdrawal. */
/*@ requires amount(account->cash);
    assigns \nothing;
    ensures balance: 0 <= VAL(\result) <= VAL(account->cash);
    ensures margin: VAL(\result) > 0 ==>
        EQUITY(*account, PLM_MARGIN_NO_GAINS) - VAL(\result) * 1000000 >=
            MAX(REQUIRED(*account, PLM_MARGIN_NO_GAINS), KEPT(*account, PLM_MARGIN_NO_GAINS));
    ensures losses: VAL(\result) > 0 ==>
        VAL(account->cash) - VAL(\result) >= UNSETTLED(*account, PLM_MARGIN_NO_GAINS);
    ensures most:
        VAL(account->cash) - VAL(\result) - 1 < UNSETTLED(*account, PLM_MARGIN_NO_GAINS) ||
        EQUITY(*account, PLM_MARGIN_NO_GAINS) - (VAL(\result) + 1) * 1000000 <
            MAX(REQUIRED(*account, PLM_MARGIN_NO_GAINS), KEPT(*account, PLM_MARGIN_NO_GAINS)); */
plm_val plm_gate_withdrawable_cash(const struct plm_scratch *s, const struct plm_account *account);

#include "plm_gate.c"

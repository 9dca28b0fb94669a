// SPDX-License-Identifier: Apache-2.0
/* Contracts of the typed arithmetic: each function of plm_fix.h as a statement about integers.
 * They are proved from the bodies in plm_fix.h and the contracts of proof_wide.h, but for those
 * marked ASSUMED, whose bodies multiply or divide limbs (README.md). */
#ifndef PLM_PROOF_FIX_H
#define PLM_PROOF_FIX_H

#include <plm/plm_err.h>
#include <plm/plm_units.h>

#include "proof_wide.h"

/* The number a value holds. */
/*@ logic integer VAL(plm_val a) = I128(a.wad);
    logic integer WVAL(plm_wval a) = I128(a.wadppm);
    logic integer AMT(plm_amt a) = I128(a.atoms);
    logic integer MIN(integer a, integer b) = a < b ? a : b;
    logic integer MAX(integer a, integer b) = a > b ? a : b;
    logic integer ABS(integer a) = a < 0 ? -a : a; */

/* ---- plm_val ---- */
/*@ assigns \nothing;
    ensures \result != 0 <==> VAL(a) == 0; */
static inline bool plm_val_is_zero(plm_val a);
/*@ assigns \nothing;
    ensures \result != 0 <==> VAL(a) < 0; */
static inline bool plm_val_is_negative(plm_val a);
/*@ assigns \nothing;
    ensures \result != 0 <==> VAL(a) > 0; */
static inline bool plm_val_is_positive(plm_val a);
/*@ assigns \nothing;
    ensures \result == -1 || \result == 0 || \result == 1;
    ensures \result < 0 <==> VAL(a) < VAL(b);
    ensures \result > 0 <==> VAL(a) > VAL(b); */
static inline int plm_val_cmp(plm_val a, plm_val b);
/*@ requires fits_i128(VAL(a) + VAL(b));
    assigns \nothing;
    ensures VAL(\result) == VAL(a) + VAL(b); */
static inline plm_val plm_val_add(plm_val a, plm_val b);
/*@ requires fits_i128(VAL(a) - VAL(b));
    assigns \nothing;
    ensures VAL(\result) == VAL(a) - VAL(b); */
static inline plm_val plm_val_sub(plm_val a, plm_val b);
/*@ requires \valid(sum);
    requires fits_i128(VAL(*sum) + VAL(a));
    assigns *sum;
    ensures VAL(*sum) == VAL(\old(*sum)) + VAL(a); */
static inline void plm_val_add_to(plm_val *sum, plm_val a);
/*@ requires \valid(sum);
    requires fits_i128(VAL(*sum) - VAL(a));
    assigns *sum;
    ensures VAL(*sum) == VAL(\old(*sum)) - VAL(a); */
static inline void plm_val_sub_from(plm_val *sum, plm_val a);
/*@ requires \valid(out);
    assigns *out;
    ensures \result == PLM_OK || \result == PLM_E_OVERFLOW;
    ensures \result == PLM_OK <==> fits_i128(VAL(a) + VAL(b));
    ensures \result == PLM_OK ==> VAL(*out) == VAL(a) + VAL(b);
    ensures \result != PLM_OK ==> *out == \old(*out); */
static inline plm_err plm_val_add_checked(plm_val a, plm_val b, plm_val *out);
/*@ requires \valid(out);
    assigns *out;
    ensures \result == PLM_OK || \result == PLM_E_OVERFLOW;
    ensures \result == PLM_OK <==> fits_i128(VAL(a) - VAL(b));
    ensures \result == PLM_OK ==> VAL(*out) == VAL(a) - VAL(b);
    ensures \result != PLM_OK ==> *out == \old(*out); */
static inline plm_err plm_val_sub_checked(plm_val a, plm_val b, plm_val *out);
/*@ requires fits_i128(VAL(a));
    assigns \nothing;
    ensures VAL(\result) == -VAL(a); */
static inline plm_val plm_val_neg(plm_val a);
/*@ requires fits_i128(VAL(a));
    assigns \nothing;
    ensures VAL(\result) == ABS(VAL(a)); */
static inline plm_val plm_val_abs(plm_val a);
/*@ assigns \nothing;
    ensures VAL(\result) == MIN(VAL(a), VAL(b)); */
static inline plm_val plm_val_min(plm_val a, plm_val b);
/*@ assigns \nothing;
    ensures VAL(\result) == MAX(VAL(a), VAL(b)); */
static inline plm_val plm_val_max(plm_val a, plm_val b);

/* ---- plm_wval ---- */
/*@ assigns \nothing;
    ensures \result != 0 <==> WVAL(a) == 0; */
static inline bool plm_wval_is_zero(plm_wval a);
/*@ assigns \nothing;
    ensures \result != 0 <==> WVAL(a) < 0; */
static inline bool plm_wval_is_negative(plm_wval a);
/*@ assigns \nothing;
    ensures \result != 0 <==> WVAL(a) > 0; */
static inline bool plm_wval_is_positive(plm_wval a);
/*@ assigns \nothing;
    ensures \result == -1 || \result == 0 || \result == 1;
    ensures \result < 0 <==> WVAL(a) < WVAL(b);
    ensures \result > 0 <==> WVAL(a) > WVAL(b); */
static inline int plm_wval_cmp(plm_wval a, plm_wval b);
/*@ requires fits_i128(WVAL(a) + WVAL(b));
    assigns \nothing;
    ensures WVAL(\result) == WVAL(a) + WVAL(b); */
static inline plm_wval plm_wval_add(plm_wval a, plm_wval b);
/*@ requires fits_i128(WVAL(a) - WVAL(b));
    assigns \nothing;
    ensures WVAL(\result) == WVAL(a) - WVAL(b); */
static inline plm_wval plm_wval_sub(plm_wval a, plm_wval b);
/*@ assigns \nothing;
    ensures WVAL(\result) == MAX(WVAL(a), WVAL(b)); */
static inline plm_wval plm_wval_max(plm_wval a, plm_wval b);

/* ---- plm_amt ---- */
/*@ assigns \nothing;
    ensures \result != 0 <==> AMT(a) == 0; */
static inline bool plm_amt_is_zero(plm_amt a);
/*@ assigns \nothing;
    ensures \result != 0 <==> AMT(a) < 0; */
static inline bool plm_amt_is_negative(plm_amt a);
/*@ assigns \nothing;
    ensures \result != 0 <==> AMT(a) > 0; */
static inline bool plm_amt_is_positive(plm_amt a);
/*@ assigns \nothing;
    ensures \result == -1 || \result == 0 || \result == 1;
    ensures \result < 0 <==> AMT(a) < AMT(b);
    ensures \result > 0 <==> AMT(a) > AMT(b); */
static inline int plm_amt_cmp(plm_amt a, plm_amt b);
/*@ requires \valid(sum);
    requires fits_i128(AMT(*sum) - AMT(a));
    assigns *sum;
    ensures AMT(*sum) == AMT(\old(*sum)) - AMT(a); */
static inline void plm_amt_sub_from(plm_amt *sum, plm_amt a);
/*@ requires \valid(out);
    assigns *out;
    ensures \result == PLM_OK || \result == PLM_E_OVERFLOW;
    ensures \result == PLM_OK <==> fits_i128(AMT(a) + AMT(b));
    ensures \result == PLM_OK ==> AMT(*out) == AMT(a) + AMT(b);
    ensures \result != PLM_OK ==> *out == \old(*out); */
static inline plm_err plm_amt_add_checked(plm_amt a, plm_amt b, plm_amt *out);
/* ASSUMED */
/*@ requires whole_quote_units != INT64_MIN;
    assigns \nothing;
    ensures VAL(\result) == whole_quote_units * 1000000000000000000; */
static inline plm_val plm_val_from_quote(int64_t whole_quote_units);

/* ---- sizes, prices, indices ---- */
/*@ assigns \nothing;
    ensures \result != 0 <==> a.lots == 0; */
static inline bool plm_qty_is_zero(plm_qty a);
/*@ assigns \nothing;
    ensures \result != 0 <==> a.lots > 0; */
static inline bool plm_qty_is_long(plm_qty a);
/*@ assigns \nothing;
    ensures \result != 0 <==> a.lots < 0; */
static inline bool plm_qty_is_short(plm_qty a);
/*@ assigns \nothing;
    ensures \result == -1 || \result == 0 || \result == 1;
    ensures \result < 0 <==> a.lots < b.lots;
    ensures \result > 0 <==> a.lots > b.lots; */
static inline int plm_qty_cmp(plm_qty a, plm_qty b);
/*@ assigns \nothing;
    ensures \result == -1 || \result == 0 || \result == 1;
    ensures \result < 0 <==> a.ticks < b.ticks;
    ensures \result > 0 <==> a.ticks > b.ticks; */
static inline int plm_price_cmp(plm_price a, plm_price b);
/*@ assigns \nothing;
    ensures \result == -1 || \result == 0 || \result == 1;
    ensures \result < 0 <==> a.ticks < b.ticks;
    ensures \result > 0 <==> a.ticks > b.ticks; */
static inline int plm_index_cmp(plm_index a, plm_index b);
/*@ assigns \nothing;
    ensures \result == -1 || \result == 0 || \result == 1;
    ensures \result < 0 <==> a.sec < b.sec;
    ensures \result > 0 <==> a.sec > b.sec; */
static inline int plm_time_cmp(plm_time a, plm_time b);
/*@ requires -INT64_MAX <= a.lots + b.lots <= INT64_MAX;
    assigns \nothing;
    ensures \result.lots == a.lots + b.lots; */
static inline plm_qty plm_qty_add(plm_qty a, plm_qty b);
/*@ requires -INT64_MAX <= a.lots - b.lots <= INT64_MAX;
    assigns \nothing;
    ensures \result.lots == a.lots - b.lots; */
static inline plm_qty plm_qty_sub(plm_qty a, plm_qty b);
/*@ requires \valid(out);
    assigns *out;
    ensures \result == PLM_OK || \result == PLM_E_OVERFLOW;
    ensures \result == PLM_OK <==> -INT64_MAX <= a.lots + b.lots <= INT64_MAX;
    ensures \result == PLM_OK ==> out->lots == a.lots + b.lots;
    ensures \result != PLM_OK ==> *out == \old(*out); */
static inline plm_err plm_qty_add_checked(plm_qty a, plm_qty b, plm_qty *out);
/*@ requires a.lots != INT64_MIN;
    assigns \nothing;
    ensures \result.lots == -a.lots; */
static inline plm_qty plm_qty_neg(plm_qty a);
/*@ requires a.lots != INT64_MIN;
    assigns \nothing;
    ensures \result.lots == ABS(a.lots); */
static inline plm_qty plm_qty_abs(plm_qty a);
/*@ assigns \nothing;
    ensures \result.lots == MAX(a.lots, b.lots); */
static inline plm_qty plm_qty_max(plm_qty a, plm_qty b);
/*@ assigns \nothing;
    ensures \result.lots == MIN(a.lots, b.lots); */
static inline plm_qty plm_qty_min(plm_qty a, plm_qty b);
/*@ assigns \nothing;
    ensures \result != 0 <==> a.ticks == 0; */
static inline bool plm_price_is_zero(plm_price a);
/*@ assigns \nothing;
    ensures \result.ticks == MIN(a.ticks, b.ticks); */
static inline plm_price plm_price_min(plm_price a, plm_price b);
/* ASSUMED */
/*@ requires \valid(out);
    assigns *out;
    ensures \result == PLM_OK || \result == PLM_E_OVERFLOW;
    ensures \result == PLM_OK <==> -INT64_MAX <= a.ticks - b.ticks <= INT64_MAX;
    ensures \result == PLM_OK ==> out->ticks == a.ticks - b.ticks; */
plm_err plm_price_difference_checked(plm_price a, plm_price b, plm_index *out);
/*@ logic integer INDEX_MAX = 0x3fffffffffffffff; */
/*@ requires \valid(out);
    assigns *out;
    ensures \result == PLM_OK || \result == PLM_E_OVERFLOW;
    ensures \result == PLM_OK <==> -INDEX_MAX <= index.ticks + step.ticks <= INDEX_MAX;
    ensures \result == PLM_OK ==> out->ticks == index.ticks + step.ticks;
    ensures \result != PLM_OK ==> *out == \old(*out); */
static inline plm_err plm_index_add_checked(plm_index index, plm_index step, plm_index *out);
/*@ requires -INT64_MAX <= a.ticks - b.ticks <= INT64_MAX;
    assigns \nothing;
    ensures \result.ticks == a.ticks - b.ticks; */
static inline plm_index plm_index_sub(plm_index a, plm_index b);
/*@ requires a.ticks != INT64_MIN;
    assigns \nothing;
    ensures \result.ticks == -a.ticks; */
static inline plm_index plm_index_neg(plm_index a);
/*@ assigns \nothing;
    ensures \result == MAX(0, now.sec - then.sec); */
static inline uint64_t plm_time_since(plm_time now, plm_time then);

/* ---- products and quotients ---- */

/*@ requires qty.lots != INT64_MIN;
    assigns \nothing;
    ensures VAL(\result) == qty.lots * price.ticks; */
static inline plm_val plm_fix_notional(plm_qty qty, plm_price price);
/*@ assigns \nothing;
    ensures VAL(\result) == qty.lots * delta.ticks; */
static inline plm_val plm_fix_payment(plm_qty qty, plm_index delta);
/* ASSUMED */
/*@ requires fits_i128(VAL(value) * 1000000);
    assigns \nothing;
    ensures WVAL(\result) == VAL(value) * 1000000; */
static inline plm_wval plm_fix_val_to_wval(plm_val value);
/* ASSUMED */
/*@ assigns \nothing;
    ensures VAL(\result) * 1000000 <= WVAL(weighted) < VAL(\result) * 1000000 + 1000000; */
plm_val plm_fix_wval_to_val_floor(plm_wval weighted);
/* The comparison of two products in 256 bits: the whole of what the gate knows of them. ASSUMED */
/*@ assigns \nothing;
    ensures \result == -1 || \result == 0 || \result == 1;
    ensures \result < 0 <==> WVAL(a) * WVAL(b) < WVAL(c) * WVAL(d);
    ensures \result > 0 <==> WVAL(a) * WVAL(b) > WVAL(c) * WVAL(d); */
int plm_wval_cmp_products(plm_wval a, plm_wval b, plm_wval c, plm_wval d);

/* LEDGER-2 after an index step: what is booked grows by OI x step as the other side does. */
/*@ lemma charged_side: \forall integer books, oi, spread, step;
        books == oi * spread ==> books + oi * step == oi * (spread + step); */

#endif

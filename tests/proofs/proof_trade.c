// SPDX-License-Identifier: Apache-2.0
/* The caps of a fill: open interest and position. The records of a fill are the source's own, so
 * the contracts stand behind it. */
#include "proof_ledger.h"

/*@ predicate size_ok(plm_qty q) = q.lots != INT64_MIN; */

#include "plm_op_trade.c"

#define LONG(q) MAX((q).lots, 0)
/* Lots by which the open interest of a side grows. */
#define GROWTH(f)                                                                                  \
    (LONG((f)->buyer.after) + LONG((f)->seller.after) - LONG((f)->buyer.before) -                  \
     LONG((f)->seller.before))

/*@ assigns \nothing;
    ensures \result.lots == LONG(lots); */
static plm_qty plm_op_trade_long_part(plm_qty lots);

/*@ requires \valid_read(fill) && \valid_read(fill->market) && \valid_read(fill->view);
    requires size_ok(fill->buyer.before) && size_ok(fill->buyer.after);
    requires size_ok(fill->seller.before) && size_ok(fill->seller.after);
    requires LONG(fill->buyer.before) + LONG(fill->seller.before) <= fill->market->state.oi.lots;
    requires fill->market->state.oi.lots <= INT64_MAX;
    assigns \nothing;
    ensures code: \result == PLM_OK || \result == PLM_E_CAP_OI;
    ensures free: GROWTH(fill) <= 0 ==> \result == PLM_OK; */
static plm_err plm_op_trade_check_interest(const struct plm_trade_fill *fill);

/*@ requires \valid_read(fill) && \valid_read(side) && \valid_read(fill->market);
    requires \valid_read(fill->view) && size_ok(side->after);
    requires fill->market->record.params.max_lots.lots > 0;
    assigns \nothing;
    ensures code: \result == PLM_OK || \result == PLM_E_CAP_POSITION;
    ensures lots: \result == PLM_OK && side->grows ==>
        ABS(side->after.lots) <= fill->market->record.params.max_lots.lots;
    ensures cap: \result == PLM_OK && side->grows ==>
        ABS(side->after.lots) * fill->view->price.ticks <=
            VAL(fill->market->record.params.position_cap);
    ensures free: !side->grows ==> \result == PLM_OK; */
static plm_err plm_op_trade_check_position(const struct plm_trade_fill *fill,
                                           const struct plm_trade_side *side);

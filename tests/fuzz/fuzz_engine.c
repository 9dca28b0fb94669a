// SPDX-License-Identifier: Apache-2.0
/* Random operations and queries to the native engine: it never traps, refuses without a trace, and
 * keeps every invariant of the auditor.
 * The core is built into the target, so that libFuzzer sees its branches.
 * build: sim tests/fuzz/engine.c tests/fuzz/canary.c -DPLM_AUDIT_ON
 * build: contract/core/plm_op_collateral.c contract/core/plm_op_deleverage.c
 * build: contract/core/plm_op_liquidate.c contract/core/plm_op_money.c
 * build: contract/core/plm_op_settle.c contract/core/plm_op_trade.c
 * build: contract/core/plm_op_publish.c contract/core/plm_price.c
 * build: contract/core/plm_liquidate.c contract/core/plm_insurance.c
 * build: contract/core/plm_settle.c contract/core/plm_gate.c contract/core/plm_margin.c
 * build: contract/core/plm_ledger.c contract/core/plm_funding.c
 * build: contract/core/plm_op_governance.c contract/core/plm_op_account.c */
#include "fuzz/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plm_fuzz_engine(SIM_CHOICE_NATIVE, data, size);
    return 0;
}

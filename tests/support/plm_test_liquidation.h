// SPDX-License-Identifier: Apache-2.0
/* The world of the liquidation tests: an owner long 10 from 100, a winner short 10, a taker; and
 * what the engine does after every operation. It knows no rule. */
#ifndef PLM_TESTS_SUPPORT_PLM_TEST_LIQUIDATION_H
#define PLM_TESTS_SUPPORT_PLM_TEST_LIQUIDATION_H

#include "plm_cmocka.h"
#include "plm_gate.h"
#include "plm_invariant.h"
#include "plm_ledger.h"
#include "plm_liquidate.h"
#include "plm_margin.h"
#include "plm_operations.h"
#include "plm_test_books.h"

static struct plm_scratch s;
static struct plm_market_slot *market;
static struct plm_account_slot *owner;  /* long 10 from 100 */
static struct plm_account_slot *winner; /* short 10 from 100 */
static struct plm_account_slot *taker;

/* At the price `now`, with this cash of the owner. The mark's fall is his loss. */
static inline void make_world(uint64_t now, int64_t cash)
{
    test_scratch(&s);
    market = test_market(&s, 3, now);
    owner = test_account(&s, 1, 'o', quotes(cash));
    winner = test_account(&s, 2, 'w', quotes(1000));
    taker = test_account(&s, 4, 't', quotes(100000));
    (void)test_position(owner, market, base(10), quotes(-1000));
    (void)test_position(winner, market, base(-10), quotes(1000));
    s.caller_hash = taker->record.owner;
}

/* What the engine does after every operation. */
static inline plm_err finish(plm_err code)
{
    for (uint32_t i = 0; code == PLM_OK && i < s.account_count; i++) {
        plm_ledger_sweep_positions(&s.accounts[i].record);
        code = plm_gate_check(&s, &s.accounts[i]);
    }
    for (uint32_t i = 0; code == PLM_OK && i < s.account_count; i++) {
        plm_liquidate_refresh_flag(&s, &s.accounts[i]);
    }
    if (code == PLM_OK) {
        plm_invariant_check(&s);
    }
    s.reply_length = 0;
    for (uint32_t i = 0; i < s.account_count; i++) { /* the next operation starts afresh */
        struct plm_account_slot *account = &s.accounts[i];
        account->remembered = false;
        account->judge = PLM_JUDGE_NONE;
        account->fees = quotes(0);
        account->recognised = quotes(0);
    }
    return code;
}

static inline struct plm_margin margin_of(const struct plm_account_slot *account)
{
    struct plm_margin margin;
    plm_margin_compute(&s, &account->record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &margin);
    return margin;
}

#endif

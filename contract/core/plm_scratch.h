// SPDX-License-Identifier: Apache-2.0
/* The scratch copy: everything one operation may read or change, decoded, before anything is
 * stored. [LIQ-9] Records live in slots, loaded once by plm_store; rules change the slots; the
 * engine judges and commits. It must never know a chain: only plm_store and plm_engine use the host
 * pointer. */
#ifndef PLM_CORE_SCRATCH_H
#define PLM_CORE_SCRATCH_H

#include "plm_abi.h"
#include "plm_lab.h"

/* How the engine judges an account that an operation touched. [MARGIN-8] The operation sets it, the
 * gate reads it. */
enum plm_judge {
    PLM_JUDGE_NONE,         /* only received, or settled: no gate */
    PLM_JUDGE_ACTOR,        /* E_im >= IM, or a pure reduction of risk */
    PLM_JUDGE_INITIAL,      /* E_im >= IM only: set_mode, transfer out, collateral out; unscaled */
    PLM_JUDGE_TAKER,        /* takes over in a liquidation: E_im >= IM, unscaled */
    PLM_JUDGE_LIQUIDATED,   /* lots of the leg shrink, MM' < MM, E' >= E - fee */
    PLM_JUDGE_COUNTERPARTY, /* of a deleverage: MM' <= MM, no flip */
};

/* The figures of one account at one price view, exact. [MARGIN-1] to [MARGIN-6] */
struct plm_margin {
    plm_wval equity_initial; /* E_im */
    plm_wval initial;        /* IM */
    plm_wval equity_maint;   /* E_mm */
    plm_wval maint;          /* MM */
    plm_val equity_full;     /* E_full: collateral at its sale price */
    plm_val equity_price;    /* collateral at p, weight 1: what a deficit is measured by [LOSS-1] */
    plm_val unsettled_loss;  /* -sum of min(0, lots x p + quote), >= 0 */
    plm_wval withdraw_floor; /* sum of withdraw_floor x |lots| x p */
};

/* One feed's prices for this operation, fixed at its start. [PRICE-6] */
struct plm_view {
    plm_price price;     /* p */
    plm_price conf;      /* c */
    plm_price slow;      /* s */
    plm_price lo;        /* min(p - c, s): initial price of longs and collateral */
    plm_price hi;        /* max(p + c, s): initial price of shorts and debts */
    plm_price favour_lo; /* p lowered by window band + c: a bad feed's price in favour of shorts */
    plm_price favour_hi; /* p raised by the same: in favour of longs and collateral */
    plm_err risk;    /* PLM_OK: good for more risk, withdrawals, set_mode; else why not [PRICE-4] */
    plm_err
        liquidation; /* PLM_OK: good for starting a liquidation, a sale, a deficit; else why not */
};

struct plm_feed_slot {
    uint16_t id;
    bool state_changed;
    bool record_changed;
    struct plm_feed record;
    struct plm_feed_state state;
    struct plm_view view;
};

struct plm_market_slot {
    uint16_t id;
    bool state_changed;
    bool record_changed;
    uint8_t feed_slot;             /* index into plm_scratch.feeds */
    struct plm_market record;
    struct plm_market_state state; /* funding accrued to now on load [FUND-1] */
};

/* A feed's publishers: loaded where quotes or publishers change. */
struct plm_sources_slot {
    uint16_t feed;
    bool changed;
    struct plm_feed_sources record;
};

struct plm_asset_slot {
    uint16_t id;
    bool state_changed;
    bool record_changed;
    uint8_t feed_slot; /* meaningless for the settlement asset */
    struct plm_asset record;
    struct plm_asset_state state;
};

struct plm_account_slot {
    struct plm_account record; /* indices applied to every position; first, for short offsets */
    uint64_t id;
    bool changed;
    bool deleted;
    bool remembered;       /* `before` is filled */
    uint8_t judge;         /* enum plm_judge */
    uint16_t judge_market; /* the leg, for LIQUIDATED and COUNTERPARTY */
    uint8_t judge_feed;    /* slot of the feed a taker trades at, FEED_SLOTS: none [LIQ-1] */
    plm_val
        fill_advantage;    /* fills better than the view's price: not counted for E_im [MARGIN-2] */
    plm_val fees;          /* fees charged to it in a liquidation step [MARGIN-8] */
    plm_val recognised;    /* deficit recognised in its favour in this step [LOSS-2] */
    struct plm_margin before; /* at this operation's view, before it acted */
    uint32_t before_count;
    uint16_t before_markets[PLM_POSITIONS_MAX];
    plm_qty before_lots[PLM_POSITIONS_MAX];
};

/* The payment an operation ends with: at most one. */
struct plm_payment {
    bool due;
    uint64_t payout;
    struct plm_addr to;
    struct plm_addr token;
    plm_amt atoms;
};

/* The decoded message of the call. */
union plm_message {
#define X(symbol, opcode, message, who, text) struct plm_##message message;
#include "ops.def"
#undef X
#define X(symbol, opcode, message, reply, text) struct plm_##message message;
#include "queries.def"
#undef X
};

struct plm_scratch {
    struct plm_host *host;
    plm_time now;
    struct plm_addr caller;
    struct plm_hash caller_hash;
    union plm_message args;
    struct plm_get_preview preview; /* a previewed call's own message [I15] */
    plm_val loaded; /* cash of everything loaded, minus vault: unchanged at the end [I01] */
    bool config_exists;

    struct plm_config config;
    struct plm_ledger ledger;
    bool config_changed;
    bool ledger_loaded;
    bool ledger_changed;

    uint32_t account_count;
    uint32_t market_count;
    uint32_t feed_count;
    uint32_t asset_count;
    uint8_t market_index[PLM_LIMIT_MARKETS_MAX]; /* id -> slot + 1; 0 = not loaded */

    struct plm_payment payment;
    uint64_t payout_deleted;   /* payout record to delete; 0 = none */
    struct plm_payout payout_record;
    uint64_t payout_created;   /* payout record to write; 0 = none */
    struct plm_proposal proposal_record;
    uint64_t proposal_created; /* proposal to write; 0 = none */
    uint64_t proposal_deleted; /* proposal to delete; 0 = none */
    struct plm_hash owner_key; /* owner index entry to write or delete with an account */
    uint32_t owner_number;
    uint64_t owner_created;    /* account id to index; 0 = none */
    bool owner_deleted;
    struct plm_hash token_key; /* token index entry to write with a new asset */
    bool token_created;
    uint16_t token_asset;
    uint32_t sources_count;

    uint32_t fund_count;
    struct plm_fund funds[PLM_FUNDS_MAX];
    bool fund_used[PLM_FUNDS_MAX];

    uint32_t event_length; /* each event: id U16, length U16, bytes */
    uint32_t reply_length;
    uint8_t events[PLM_LIMIT_EVENTS_MAX];
    uint8_t reply[PLM_LIMIT_REPLY_MAX];
    uint8_t buffer[PLM_LIMIT_RECORD_MAX]; /* one encoded record */

    struct plm_account_slot accounts[PLM_LIMIT_ACCOUNT_SLOTS];
    struct plm_market_slot markets[PLM_LIMIT_MARKET_SLOTS];
    struct plm_feed_slot feeds[PLM_LIMIT_FEED_SLOTS];
    struct plm_asset_slot assets[PLM_LIMIT_ASSET_SLOTS];
    struct plm_sources_slot sources[PLM_PRICES_MAX];
};

#endif

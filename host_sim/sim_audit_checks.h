/* SPDX-License-Identifier: Apache-2.0
 * Inside the auditor: one operation under audit, and the chapters that check it. A chapter looks at
 * the books, the message and the events, and counts each invariant it checks. */
#ifndef SIM_AUDIT_CHECKS_H
#define SIM_AUDIT_CHECKS_H

#include "sim_audit.h"
#include "sim_audit_books.h"

#define SIM_AUDIT_CODES 96u /* rows of errors.def, and room */

/* An event of the operation, decoded. */
struct sim_audit_event {
    enum plm_event_id id;

    union {
        struct plm_ev_status_set status_set;
        struct plm_ev_deposited deposited;
        struct plm_ev_withdrawn withdrawn;
        struct plm_ev_transferred transferred;
        struct plm_ev_claim_abandoned claim_abandoned;
        struct plm_ev_insurance_funded insurance_funded;
        struct plm_ev_surplus surplus;
        struct plm_ev_payout_settled payout_settled;
        struct plm_ev_filled filled;
        struct plm_ev_priced priced;
        struct plm_ev_price_refused price_refused;
        struct plm_ev_gap gap;
        struct plm_ev_settled settled;
        struct plm_ev_lines_paid lines_paid;
        struct plm_ev_flagged flagged;
        struct plm_ev_liquidated liquidated;
        struct plm_ev_collateral_sold collateral_sold;
        struct plm_ev_deficit deficit;
        struct plm_ev_deleveraged deleveraged;
        uint8_t bytes[256]; /* the others, not looked at */
    } as;
};

/* The message of the operation, decoded. */
union sim_audit_message {
#define X(symbol, opcode, message, who, text) struct plm_##message message;
#include "ops.def"
#undef X
};

/* A feed's prices at the operation's time, before it. [PRICE-3] [PRICE-4] */
struct sim_audit_view {
    uint64_t operation;   /* that it was made for */
    bool is_good;         /* for more risk */
    bool is_good_to_sell; /* for liquidations */
    uint64_t price;
    uint64_t low;         /* of longs and collateral, initial */
    uint64_t high;        /* of shorts, initial */
    uint64_t favour_low;
    uint64_t favour_high;
};

/* A market's indices at the operation's time, by the auditor's own accrual. [FUND-1] */
struct sim_audit_accrual {
    uint64_t operation;
    struct plm_market_state state; /* the stored one before the operation, brought to its time */
    sim_int loss_long;             /* what recognised losses added to the indices in it */
    sim_int loss_short;
};

/* Figures of one account, exact. [MARGIN-1] to [MARGIN-6] */
struct sim_audit_figures {
    sim_int equity_initial; /* x ppm, as the next three and the last */
    sim_int initial;
    sim_int equity_maint;
    sim_int maint;
    sim_int withdraw_floor;
    sim_int equity_full;
    sim_int cash_equity; /* cash and results at p, without collateral */
    sim_int unsettled;   /* losses that are not yet cash, >= 0 */
    bool overflows;
    bool has_lots;
    bool all_good; /* every feed it uses is good for more risk */
    bool all_sell; /* and for a liquidation */
};

/* How to compute figures. */
struct sim_audit_mode {
    bool scaled;     /* [MARGIN-4] */
    bool no_gains;   /* [WD-1] */
    bool favour;     /* [PRICE-4] */
    uint16_t traded; /* with favour: this market's feed counts as it is */
    bool before;     /* the account before the operation, indices without its losses */
};

struct sim_audit_hash {
    struct plm_addr addr;
    struct plm_hash hash;
};

#define SIM_AUDIT_HASHES 64u

struct sim_audit {
    struct sim_world *world; /* NULL: bare */
    struct sim_store *store;
    const sim_int *held;     /* bare: tokens held of each asset, or NULL */
    struct sim_audit_options options;
    char *replay;            /* NULL once it was told */

    uint64_t counts[SIM_INVARIANT_COUNT];
    bool broken[SIM_INVARIANT_COUNT];
    bool is_broken;
    struct sim_buffer failure;
    uint64_t results[256][SIM_AUDIT_CODES]; /* opcode x row of errors.def */

    struct sim_audit_books *books;
    struct sim_audit_books *fresh;
    uint64_t since_full;
    uint64_t full_period;
    uint64_t last_number;
    uint64_t last_time;
    uint64_t last_hash;
    bool has_last;

    /* The operation under audit. */
    uint64_t operation; /* a number of our own, never 0 */
    const struct sim_op *op;
    const struct sim_outcome *outcome;
    union sim_audit_message message;
    bool has_message;
    struct plm_hash caller;
    struct sim_audit_event *events;
    uint32_t event_count;
    size_t event_capacity;
    struct sim_audit_view views[PLM_LIMIT_FEEDS_MAX];
    struct sim_audit_accrual accruals[PLM_LIMIT_MARKETS_MAX];
    struct sim_audit_hash hashes[SIM_AUDIT_HASHES];
};

/* --- findings ------------------------------------------------------------------------------ */
/* Each counts one check of an invariant. what, of: named in the report where the check fails. */
void sim_audit_true(
    struct sim_audit *audit, enum sim_audit_id id, bool holds, const char *what, uint64_t of);
void sim_audit_equal(struct sim_audit *audit,
                     enum sim_audit_id id,
                     sim_int left,
                     sim_int right,
                     const char *what,
                     uint64_t of);
void sim_audit_at_least(struct sim_audit *audit,
                        enum sim_audit_id id,
                        sim_int value,
                        sim_int least,
                        const char *what,
                        uint64_t of);

/* --- look-ups ------------------------------------------------------------------------------ */
const struct plm_hash *sim_audit_hash_of(struct sim_audit *audit, const struct plm_addr *addr);
bool sim_audit_same_hash(const struct plm_hash *a, const struct plm_hash *b);
/* The account after the operation, also one it did not write. NULL where there is none; `room` is
 * where a record of the store is decoded. */
const struct plm_account *
sim_audit_account_after(struct sim_audit *audit, uint64_t id, struct plm_account *room);
const struct plm_account *
sim_audit_account_before(struct sim_audit *audit, uint64_t id, struct plm_account *room);
bool sim_audit_read(
    struct sim_audit *audit, enum plm_key_prefix prefix, uint64_t id, uint32_t layout, void *room);

/* --- prices, indices, margin --------------------------------------------------------------- */
const struct sim_audit_view *sim_audit_view(struct sim_audit *audit, uint16_t feed);
const struct sim_audit_view *sim_audit_market_view(struct sim_audit *audit, uint16_t market);
const struct sim_audit_accrual *sim_audit_accrual(struct sim_audit *audit, uint16_t market);
/* floor of an asset's value in WAD at a price, and ceil. */
sim_int sim_audit_asset_floor(const struct plm_asset *asset, sim_int atoms, uint64_t price);
sim_int sim_audit_asset_ceil(const struct plm_asset *asset, sim_int atoms, uint64_t price);
void sim_audit_figures(struct sim_audit *audit,
                       const struct plm_account *account,
                       const struct sim_audit_mode *mode,
                       struct sim_audit_figures *out);
/* The requirement of one leg at maintenance, unscaled. */
sim_int sim_audit_leg_maint(const struct sim_audit_market *market, int64_t lots, uint64_t price);
/* Worth of a position at a price, indices of before or after the operation applied. */
sim_int sim_audit_worth(struct sim_audit *audit,
                        const struct plm_position *position,
                        bool before,
                        uint64_t price);

/* --- chapters ------------------------------------------------------------------------------ */
void sim_audit_check_result(struct sim_audit *audit);
void sim_audit_check_ledger(struct sim_audit *audit);
void sim_audit_check_market_sums(struct sim_audit *audit, uint16_t market);
void sim_audit_check_totals(struct sim_audit *audit);
void sim_audit_check_balances(struct sim_audit *audit, bool exact);
void sim_audit_check_account_record(struct sim_audit *audit,
                                    uint64_t id,
                                    const struct plm_account *account);
void sim_audit_check_market_signs(struct sim_audit *audit, uint16_t market);
void sim_audit_check_funding(struct sim_audit *audit);
void sim_audit_check_prices(struct sim_audit *audit);
void sim_audit_check_authority(struct sim_audit *audit);
void sim_audit_check_governance(struct sim_audit *audit);
void sim_audit_check_accounts(struct sim_audit *audit);
void sim_audit_check_losses(struct sim_audit *audit);
void sim_audit_check_liquidations(struct sim_audit *audit);

#endif

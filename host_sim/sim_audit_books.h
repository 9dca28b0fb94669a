/* SPDX-License-Identifier: Apache-2.0
 * The auditor's own books: every record of the engine decoded, as it was before the operation and
 * as it is after it, and sums over all accounts that are carried along. Filled from write sets; for
 * a full recomputation from all records. It knows what records hold, never what is allowed. */
#ifndef SIM_AUDIT_BOOKS_H
#define SIM_AUDIT_BOOKS_H

#include "sim_audit_number.h"
#include "sim_engine.h"

/* Sums over the accounts of one market. */
struct sim_audit_sums {
    sim_int accrued;  /* quote + lots x snapshot [LEDGER-2] */
    sim_int longs;    /* lots of the long side, and of the short side as a positive number */
    sim_int shorts;
    sim_int deficits; /* flagged shares */
};

struct sim_audit_market {
    bool exists;
    bool is_written;                /* the state, by this operation */
    bool is_record_written;
    bool is_touched;                /* a position or the state, by this operation */
    struct plm_market record;       /* after the operation */
    struct plm_market record_before;
    struct plm_market_state before; /* before the operation */
    struct plm_market_state state;  /* after it */
    struct sim_audit_sums sums;     /* after it */
};

struct sim_audit_feed {
    bool exists;
    bool is_written; /* the state */
    bool is_record_written;
    struct plm_feed record;
    struct plm_feed record_before;
    struct plm_feed_state before;
    struct plm_feed_state state;
};

struct sim_audit_asset {
    bool exists;
    bool is_written;
    bool is_record_written;
    struct plm_asset record;
    struct plm_asset record_before;
    struct plm_asset_state before;
    struct plm_asset_state state;
    sim_int atoms;   /* balances of all accounts */
    sim_int pending; /* payouts under way */
    sim_int pending_before;
};

/* An account that the operation wrote. */
struct sim_audit_account {
    uint64_t id;
    bool was; /* it existed before */
    bool is;  /* it exists after */
    struct plm_account before;
    struct plm_account after;
};

struct sim_audit_payout {
    uint64_t id;
    struct plm_payout record;
};

/* A record of a publisher list that the operation wrote. */
struct sim_audit_sources {
    uint16_t feed;
    struct plm_feed_sources after;
};

struct sim_audit_books {
    bool has_config;
    bool is_config_written;
    struct plm_config config_before;
    struct plm_config config;
    bool is_ledger_written;
    struct plm_ledger ledger_before;
    struct plm_ledger ledger;
    struct sim_audit_market markets[PLM_LIMIT_MARKETS_MAX];
    struct sim_audit_feed feeds[PLM_LIMIT_FEEDS_MAX];
    struct sim_audit_asset assets[PLM_LIMIT_ASSETS_MAX];
    sim_int cash;  /* of all accounts */
    sim_int lines; /* pools, fees and tranches of all markets */

    /* What this operation touched. */
    uint16_t touched_markets[PLM_LIMIT_MARKETS_MAX];
    uint32_t touched_market_count;
    uint16_t touched_feeds[PLM_LIMIT_FEEDS_MAX];
    uint32_t touched_feed_count;
    uint16_t touched_assets[PLM_LIMIT_ASSETS_MAX];
    uint32_t touched_asset_count;
    struct sim_audit_account accounts[PLM_LIMIT_ACCOUNT_SLOTS];
    uint32_t account_count;
    uint32_t account_overflow; /* accounts written beyond what limits.def allows */
    struct sim_audit_payout payouts_made[4];
    uint32_t payouts_made_count;
    struct sim_audit_payout payouts_ended[4];
    uint32_t payouts_ended_count;
    uint32_t proposals_made;
    uint32_t proposals_ended;
    struct plm_proposal proposal_made;  /* the one, where there is one */
    struct plm_proposal proposal_ended; /* as it was */
    struct sim_audit_sources sources[PLM_PRICES_MAX];
    uint32_t source_count;
    uint32_t owners_made;
    uint32_t owners_ended;
    const char *refused; /* why a key or record cannot be what it claims: "" = all are canonical */
    uint32_t refused_write;

    struct sim_buffer bytes; /* one record encoded again */
};

/* clear: empty books. load: all records of a store, as state before the next operation; false where
 * one does not decode. */
void sim_audit_books_clear(struct sim_audit_books *books);
bool sim_audit_books_load(struct sim_audit_books *books, struct sim_store *store);
void sim_audit_books_free(struct sim_audit_books *books);

/* begin: what the last operation wrote becomes the state before the next one. enter: one
 * operation's writes. */
void sim_audit_books_begin(struct sim_audit_books *books);
void sim_audit_books_enter(struct sim_audit_books *books, const struct sim_writes *writes);

/* find: an account that the operation wrote, NULL where it did not. */
const struct sim_audit_account *sim_audit_books_find(const struct sim_audit_books *books,
                                                     uint64_t account);
/* lots, position: of a market in an account record; 0 or NULL where there is none. */
int64_t sim_audit_lots(const struct plm_account *account, uint16_t market);
const struct plm_position *sim_audit_position(const struct plm_account *account, uint16_t market);
sim_int sim_audit_atoms(const struct plm_account *account, uint16_t asset);

/* sums_equal: the carried sums are those of other books, loaded from all records. *where: the first
 * difference, for people. */
bool sim_audit_books_equal(const struct sim_audit_books *books,
                           const struct sim_audit_books *fresh,
                           struct sim_buffer *where);

#endif

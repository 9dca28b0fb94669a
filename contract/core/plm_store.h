// SPDX-License-Identifier: Apache-2.0
/* Typed load and save: the only reader and writer of the host's key-value store below the engine.
 * Each record is loaded once an operation into its slot of the scratch; plm_store_commit writes
 * what changed. It must never know a rule. */
#ifndef PLM_CORE_STORE_H
#define PLM_CORE_STORE_H

#include "plm_scratch.h"

/* plm_store_begin: clears the scratch for one call: time, caller, funds, configuration.
 * Errors: E_VERSION stored by another version; E_STATUS not initialised (skipped for `initialise`).
 */
plm_err plm_store_begin(struct plm_scratch *s, struct plm_host *host, bool must_exist);

/* Slots: loaded on first use, the same pointer afterwards. Errors: E_NO_ACCOUNT, E_NO_MARKET,
 * E_NO_ASSET (a feed: E_NO_MARKET); E_POSITIONS_MAX where the operation would touch more than
 * limits.def allows; E_VERSION. A market brings its feed; its funding is accrued to now. An asset
 * brings its feed. A feed's view is made on load. */
plm_err plm_store_feed(struct plm_scratch *s, uint16_t id, struct plm_feed_slot **out);
plm_err plm_store_market(struct plm_scratch *s, uint16_t id, struct plm_market_slot **out);
plm_err plm_store_asset(struct plm_scratch *s, uint16_t id, struct plm_asset_slot **out);
/* An account brings every market and collateral asset it uses; indices are applied to its positions
 * [LEDGER-2]. */
plm_err plm_store_account(struct plm_scratch *s, uint64_t id, struct plm_account_slot **out);
plm_err plm_store_ledger(struct plm_scratch *s);
/* A feed's publishers; the first PRICES_MAX feeds of an operation, then E_POSITIONS_MAX. */
plm_err plm_store_sources(struct plm_scratch *s, uint16_t feed, struct plm_sources_slot **out);
struct plm_market_slot *plm_store_get_market(struct plm_scratch *s, uint16_t id);
const struct plm_market_slot *plm_store_peek_market(const struct plm_scratch *s, uint16_t id);
const struct plm_asset_slot *plm_store_peek_asset(const struct plm_scratch *s, uint16_t id);
const struct plm_view *plm_store_market_view(const struct plm_scratch *s, uint16_t market);
const struct plm_view *plm_store_asset_view(const struct plm_scratch *s, uint16_t asset);

/* Gives the account slots back, for queries that read one account after another. */
void plm_store_forget_accounts(struct plm_scratch *s);

/* New slots for records that do not exist yet. */
struct plm_account_slot *plm_store_new_account(struct plm_scratch *s, uint64_t id);
struct plm_market_slot *plm_store_new_market(struct plm_scratch *s, uint16_t id);
struct plm_feed_slot *plm_store_new_feed(struct plm_scratch *s, uint16_t id);
struct plm_sources_slot *plm_store_new_sources(struct plm_scratch *s, uint16_t feed);
struct plm_asset_slot *plm_store_new_asset(struct plm_scratch *s, uint16_t id);

/* Look-ups. Errors: E_NO_ACCOUNT, E_NO_ASSET, E_NO_MARKET (a payout that does not exist:
 * E_DUPLICATE), E_NO_PROPOSAL. */
plm_err plm_store_find_account(struct plm_scratch *s,
                               const struct plm_hash *owner,
                               uint32_t number,
                               uint64_t *out);
plm_err plm_store_find_token(struct plm_scratch *s, const struct plm_addr *token, uint16_t *out);
plm_err plm_store_payout(struct plm_scratch *s, uint64_t id, struct plm_payout *out);
plm_err plm_store_proposal(struct plm_scratch *s, uint64_t id, struct plm_proposal *out);

/* A market's or asset's cold record alone, into no slot: for walks over all of them. It must not
 * have been changed in this operation. */
plm_err plm_store_read_market(struct plm_scratch *s, uint16_t id, struct plm_market *out);
plm_err plm_store_read_asset(struct plm_scratch *s, uint16_t id, struct plm_asset *out);

/* Version byte of the stored configuration. Errors: E_STATUS where there is none. */
plm_err plm_store_stored_version(struct plm_host *host, uint8_t *out);

/* Authority at the leaf [GOV-1]. Errors: E_AUTH; E_ROLE. */
plm_err plm_store_check_owner(const struct plm_scratch *s, const struct plm_account_slot *account);
plm_err plm_store_check_role(const struct plm_scratch *s, const struct plm_hash *holder);
plm_err plm_store_check_self(const struct plm_scratch *s); /* the contract itself calls: E_ROLE */
bool plm_store_is_same_hash(const struct plm_hash *a, const struct plm_hash *b);
void plm_store_hash_addr(struct plm_scratch *s, const struct plm_addr *addr, struct plm_hash *out);

/* Events and the reply wait in the scratch until the commit. */
void plm_store_event(struct plm_scratch *s,
                     enum plm_event_id id,
                     enum plm_layout_id layout,
                     const void *event);
void plm_store_reply(struct plm_scratch *s, enum plm_layout_id layout, const void *reply);

/* plm_store_commit: writes every changed record, then emits events, the reply and the payment.
 * Nothing was written before it. Errors: E_HOST (the host reverts what was written). */
plm_err plm_store_commit(struct plm_scratch *s);

#endif

// SPDX-License-Identifier: Apache-2.0
/* Typed load and save: the only reader and writer of the host's key-value store below the engine.
 * Each record is loaded once an operation; plm_store_commit writes what changed, in a fixed order.
 * It must never know a rule. */
#include "plm_store.h"

#include "plm_assert.h"
#include "plm_codec.h"
#include "plm_fix.h"
#include "plm_funding.h"
#include "plm_ledger.h"
#include "plm_price.h"

#define HASH_KEY 33u /* prefix and SHA-256 */
#define KEY_MAX  37u

struct key {
    uint8_t bytes[KEY_MAX];
    uint32_t length;
};

/* How many leading fields an older version of a record had. [GOV-4] */
struct history {
    uint16_t layout;
    uint8_t version;
    uint8_t fields;
};

enum {
    PLM_HISTORY_COUNT = 0
#define X(record, version, fields) +1
#include "history.def"
#undef X
};

static const struct history histories[PLM_HISTORY_COUNT] = {
#define X(record, version, fields) {PLM_LAYOUT_##record, (version), (fields)},
#include "history.def"
#undef X
};

/* --- keys --- */

static struct key make_key(enum plm_key_prefix prefix, uint64_t id, uint32_t id_bytes)
{
    struct key key = {{0}, 1 + id_bytes};
    PLM_ASSERT(id_bytes <= 8);
    key.bytes[0] = (uint8_t)prefix;
    for (uint32_t i = 0; i < id_bytes; i++) {
        key.bytes[1 + i] = (uint8_t)(id >> (8 * (id_bytes - 1 - i)) & 0xff);
    }
    return key;
}

static struct key
make_hash_key(enum plm_key_prefix prefix, const struct plm_hash *hash, uint32_t id, uint32_t bytes)
{
    struct key key = {{0}, HASH_KEY + bytes};
    PLM_ASSERT(key.length <= KEY_MAX);
    key.bytes[0] = (uint8_t)prefix;
    __builtin_memcpy(key.bytes + 1, hash->bytes, sizeof hash->bytes);
    for (uint32_t i = 0; i < bytes; i++) {
        key.bytes[HASH_KEY + i] = (uint8_t)(id >> (8 * (bytes - 1 - i)) & 0xff);
    }
    return key;
}

/* --- one record --- */

static plm_err decode_record(
    enum plm_layout_id layout, uint8_t version, const uint8_t *bytes, uint32_t length, void *out)
{
    if (version > PLM_RECORD_VERSION || version == 0) {
        return PLM_E_VERSION;
    }
    for (uint32_t i = 0; i < PLM_HISTORY_COUNT; i++) {
        if (histories[i].layout == layout && histories[i].version == version) {
            return plm_codec_decode_prefix(layout, histories[i].fields, bytes, length, out);
        }
    }
    return plm_codec_decode(layout, bytes, length, out);
}

/* Loads the record of a key; `absent` is the code where there is none. */
static plm_err load(struct plm_scratch *s,
                    const struct key *key,
                    enum plm_layout_id layout,
                    plm_err absent,
                    void *out)
{
    const int32_t length =
        plm_host_kv_get(s->host, key->bytes, key->length, s->buffer, sizeof s->buffer);
    if (length < 0) {
        return absent;
    }
    if (length < 1 || (uint32_t)length > sizeof s->buffer) {
        return PLM_E_VERSION;
    }
    const plm_err code =
        decode_record(layout, s->buffer[0], s->buffer + 1, (uint32_t)length - 1, out);
    /* Bytes that we wrote ourselves decode, or the store is not ours. */
    return code == PLM_OK ? PLM_OK : PLM_E_VERSION;
}

static plm_err
save(struct plm_scratch *s, const struct key *key, enum plm_layout_id layout, const void *record)
{
    s->buffer[0] = PLM_RECORD_VERSION;
    const uint32_t length =
        1 + plm_codec_encode(layout, record, s->buffer + 1, sizeof s->buffer - 1);
    PLM_ASSERT(length > 1);
    return plm_host_kv_set(s->host, key->bytes, key->length, s->buffer, length);
}

/* The same by a number of `id_bytes` bytes. One more parameter than the habit, because a key made
 * at each of its ten calls makes the contract larger. */
// NOLINTNEXTLINE(readability-function-size)
static plm_err load_id(struct plm_scratch *s,
                       enum plm_key_prefix prefix,
                       uint64_t id,
                       uint32_t id_bytes,
                       enum plm_layout_id layout,
                       plm_err absent,
                       void *out)
{
    const struct key key = make_key(prefix, id, id_bytes);
    return load(s, &key, layout, absent, out);
}

static plm_err save_id(struct plm_scratch *s,
                       enum plm_key_prefix prefix,
                       uint64_t id,
                       uint32_t id_bytes,
                       enum plm_layout_id layout,
                       const void *record)
{
    const struct key key = make_key(prefix, id, id_bytes);
    return save(s, &key, layout, record);
}

/* --- begin --- */

void plm_store_hash_addr(struct plm_scratch *s, const struct plm_addr *addr, struct plm_hash *out)
{
    PLM_ASSERT(addr->length <= sizeof addr->bytes);
    plm_host_sha256(s->host, addr->bytes, addr->length, out->bytes);
}

static void clear(struct plm_scratch *s)
{
    const struct plm_payment no_payment = {0};
    const plm_val zero = {0};
    s->config_exists = false;
    s->config_changed = false;
    s->ledger_loaded = false;
    s->ledger_changed = false;
    s->account_count = 0;
    s->market_count = 0;
    s->feed_count = 0;
    s->asset_count = 0;
    __builtin_memset(s->market_index, 0, sizeof s->market_index);
    s->payment = no_payment;
    s->payout_deleted = 0;
    s->payout_created = 0;
    s->proposal_created = 0;
    s->proposal_deleted = 0;
    s->owner_created = 0;
    s->owner_deleted = false;
    s->token_created = false;
    s->sources_count = 0;
    s->event_length = 0;
    s->reply_length = 0;
    s->loaded = zero;
}

plm_err plm_store_begin(struct plm_scratch *s, struct plm_host *host, bool must_exist)
{
    PLM_ASSERT(host != NULL);
    s->host = host;
    clear(s);
    s->now = plm_host_time(host);
    plm_host_caller(host, &s->caller);
    plm_store_hash_addr(s, &s->caller, &s->caller_hash);
    s->fund_count = plm_host_funds(host, s->funds, PLM_FUNDS_MAX);
    if (s->fund_count > PLM_FUNDS_MAX) {
        return PLM_E_LENGTH;
    }
    for (uint32_t i = 0; i < PLM_FUNDS_MAX; i++) {
        s->fund_used[i] = false;
    }
    const plm_err code =
        load_id(s, PLM_KEY_CONFIG, 0, 0, PLM_LAYOUT_config, PLM_E_STATUS, &s->config);
    s->config_exists = code == PLM_OK;
    if (must_exist || code == PLM_E_VERSION) {
        return code;
    }
    return PLM_OK;
}

/* --- slots --- */

plm_err plm_store_feed(struct plm_scratch *s, uint16_t id, struct plm_feed_slot **out)
{
    for (uint32_t i = 0; i < s->feed_count; i++) {
        if (s->feeds[i].id == id) {
            *out = &s->feeds[i];
            return PLM_OK;
        }
    }
    if (s->feed_count == PLM_LIMIT_FEED_SLOTS) {
        return PLM_E_POSITIONS_MAX;
    }
    struct plm_feed_slot *slot = &s->feeds[s->feed_count];
    PLM_TRY(load_id(s, PLM_KEY_FEED, id, 2, PLM_LAYOUT_feed, PLM_E_NO_MARKET, &slot->record));
    PLM_TRY(
        load_id(s, PLM_KEY_FEED_STATE, id, 2, PLM_LAYOUT_feed_state, PLM_E_VERSION, &slot->state));
    slot->id = id;
    slot->state_changed = false;
    slot->record_changed = false;
    plm_price_make_view(s, &slot->record, &slot->state, &slot->view);
    s->feed_count++;
    *out = slot;
    return PLM_OK;
}

static uint8_t feed_slot_of(const struct plm_scratch *s, const struct plm_feed_slot *feed)
{
    return (uint8_t)(feed - s->feeds);
}

plm_err plm_store_market(struct plm_scratch *s, uint16_t id, struct plm_market_slot **out)
{
    if (id >= PLM_LIMIT_MARKETS_MAX) {
        return PLM_E_NO_MARKET;
    }
    if (s->market_index[id] != 0) {
        *out = &s->markets[s->market_index[id] - 1];
        return PLM_OK;
    }
    if (s->market_count == PLM_LIMIT_MARKET_SLOTS) {
        return PLM_E_POSITIONS_MAX;
    }
    struct plm_market_slot *slot = &s->markets[s->market_count];
    struct plm_feed_slot *feed = NULL;
    PLM_TRY(load_id(s, PLM_KEY_MARKET, id, 2, PLM_LAYOUT_market, PLM_E_NO_MARKET, &slot->record));
    PLM_TRY(load_id(
        s, PLM_KEY_MARKET_STATE, id, 2, PLM_LAYOUT_market_state, PLM_E_VERSION, &slot->state));
    PLM_TRY(plm_store_feed(s, slot->record.feed, &feed));
    slot->id = id;
    slot->state_changed = false;
    slot->record_changed = false;
    slot->feed_slot = feed_slot_of(s, feed);
    plm_val_add_to(&s->loaded, slot->state.pool);
    plm_val_add_to(&s->loaded, slot->state.fees);
    plm_val_add_to(&s->loaded, slot->state.insurance);
    plm_funding_accrue(&slot->record.params, &slot->state, s->now);
    s->market_count++;
    s->market_index[id] = (uint8_t)s->market_count;
    *out = slot;
    return PLM_OK;
}

plm_err plm_store_asset(struct plm_scratch *s, uint16_t id, struct plm_asset_slot **out)
{
    for (uint32_t i = 0; i < s->asset_count; i++) {
        if (s->assets[i].id == id) {
            *out = &s->assets[i];
            return PLM_OK;
        }
    }
    if (s->asset_count == PLM_LIMIT_ASSET_SLOTS) {
        return PLM_E_COLLATERALS_MAX;
    }
    struct plm_asset_slot *slot = &s->assets[s->asset_count];
    PLM_TRY(load_id(s, PLM_KEY_ASSET, id, 2, PLM_LAYOUT_asset, PLM_E_NO_ASSET, &slot->record));
    PLM_TRY(load_id(
        s, PLM_KEY_ASSET_STATE, id, 2, PLM_LAYOUT_asset_state, PLM_E_VERSION, &slot->state));
    slot->id = id;
    slot->state_changed = false;
    slot->record_changed = false;
    slot->feed_slot = 0;
    if (id != 0) {
        struct plm_feed_slot *feed = NULL;
        PLM_TRY(plm_store_feed(s, slot->record.feed, &feed));
        slot->feed_slot = feed_slot_of(s, feed);
    }
    s->asset_count++;
    *out = slot;
    return PLM_OK;
}

static void clear_account_slot(struct plm_account_slot *slot, uint64_t id)
{
    const plm_val zero = {0};
    slot->id = id;
    slot->changed = false;
    slot->deleted = false;
    slot->remembered = false;
    slot->judge = PLM_JUDGE_NONE;
    slot->judge_market = PLM_NO_MARKET;
    slot->judge_feed = PLM_LIMIT_FEED_SLOTS;
    slot->fill_advantage = zero;
    slot->fees = zero;
    slot->recognised = zero;
    slot->before_count = 0;
}

plm_err plm_store_account(struct plm_scratch *s, uint64_t id, struct plm_account_slot **out)
{
    for (uint32_t i = 0; i < s->account_count; i++) {
        if (s->accounts[i].id == id) {
            *out = &s->accounts[i];
            return PLM_OK;
        }
    }
    if (s->account_count == PLM_LIMIT_ACCOUNT_SLOTS) {
        return PLM_E_POSITIONS_MAX;
    }
    struct plm_account_slot *slot = &s->accounts[s->account_count];
    PLM_TRY(
        load_id(s, PLM_KEY_ACCOUNT, id, 8, PLM_LAYOUT_account, PLM_E_NO_ACCOUNT, &slot->record));
    clear_account_slot(slot, id);
    for (uint32_t i = 0; i < slot->record.positions_count; i++) {
        struct plm_market_slot *market = NULL;
        PLM_TRY(plm_store_market(s, slot->record.positions[i].market, &market));
        plm_ledger_apply_index(market, &slot->record.positions[i]);
    }
    for (uint32_t i = 0; i < slot->record.collaterals_count; i++) {
        struct plm_asset_slot *asset = NULL;
        PLM_TRY(plm_store_asset(s, slot->record.collaterals[i].asset, &asset));
    }
    plm_val_add_to(&s->loaded, slot->record.cash);
    s->account_count++;
    *out = slot;
    return PLM_OK;
}

void plm_store_forget_accounts(struct plm_scratch *s)
{
    PLM_ASSERT(s->account_count <= PLM_LIMIT_ACCOUNT_SLOTS);
    for (uint32_t i = 0; i < s->account_count; i++) {
        PLM_ASSERT(!s->accounts[i].changed);
        plm_val_sub_from(&s->loaded, s->accounts[i].record.cash);
    }
    s->account_count = 0;
}

plm_err plm_store_ledger(struct plm_scratch *s)
{
    if (s->ledger_loaded) {
        return PLM_OK;
    }
    PLM_TRY(load_id(s, PLM_KEY_LEDGER, 0, 0, PLM_LAYOUT_ledger, PLM_E_VERSION, &s->ledger));
    plm_val_add_to(&s->loaded, s->ledger.global);
    plm_val_add_to(&s->loaded, s->ledger.dust);
    plm_val_sub_from(&s->loaded, s->ledger.vault);
    s->ledger_loaded = true;
    return PLM_OK;
}

plm_err plm_store_sources(struct plm_scratch *s, uint16_t feed, struct plm_sources_slot **out)
{
    for (uint32_t i = 0; i < s->sources_count; i++) {
        if (s->sources[i].feed == feed) {
            *out = &s->sources[i];
            return PLM_OK;
        }
    }
    if (s->sources_count == PLM_PRICES_MAX) {
        return PLM_E_POSITIONS_MAX;
    }
    struct plm_sources_slot *slot = &s->sources[s->sources_count];
    PLM_TRY(load_id(
        s, PLM_KEY_FEED_SOURCES, feed, 2, PLM_LAYOUT_feed_sources, PLM_E_NO_MARKET, &slot->record));
    slot->feed = feed;
    slot->changed = false;
    s->sources_count++;
    *out = slot;
    return PLM_OK;
}

/* --- loaded slots --- */

struct plm_market_slot *plm_store_get_market(struct plm_scratch *s, uint16_t id)
{
    PLM_ASSERT(id < PLM_LIMIT_MARKETS_MAX);
    PLM_ASSERT(s->market_index[id] != 0);
    return &s->markets[s->market_index[id] - 1];
}

const struct plm_market_slot *plm_store_peek_market(const struct plm_scratch *s, uint16_t id)
{
    PLM_ASSERT(id < PLM_LIMIT_MARKETS_MAX);
    PLM_ASSERT(s->market_index[id] != 0);
    return &s->markets[s->market_index[id] - 1];
}

const struct plm_asset_slot *plm_store_peek_asset(const struct plm_scratch *s, uint16_t id)
{
    uint32_t i = 0;
    while (i < s->asset_count && s->assets[i].id != id) {
        i++;
    }
    PLM_ASSERT(i < s->asset_count);
    return &s->assets[i];
}

const struct plm_view *plm_store_market_view(const struct plm_scratch *s, uint16_t market)
{
    return &s->feeds[plm_store_peek_market(s, market)->feed_slot].view;
}

const struct plm_view *plm_store_asset_view(const struct plm_scratch *s, uint16_t asset)
{
    PLM_ASSERT(asset != 0);
    return &s->feeds[plm_store_peek_asset(s, asset)->feed_slot].view;
}

/* --- new slots --- */

struct plm_account_slot *plm_store_new_account(struct plm_scratch *s, uint64_t id)
{
    PLM_ASSERT(s->account_count < PLM_LIMIT_ACCOUNT_SLOTS);
    struct plm_account_slot *slot = &s->accounts[s->account_count];
    clear_account_slot(slot, id);
    __builtin_memset(&slot->record, 0, sizeof slot->record);
    slot->changed = true;
    s->account_count++;
    return slot;
}

struct plm_feed_slot *plm_store_new_feed(struct plm_scratch *s, uint16_t id)
{
    PLM_ASSERT(s->feed_count < PLM_LIMIT_FEED_SLOTS);
    struct plm_feed_slot *slot = &s->feeds[s->feed_count];
    __builtin_memset(slot, 0, sizeof *slot);
    slot->id = id;
    slot->state_changed = true;
    slot->record_changed = true;
    s->feed_count++;
    return slot;
}

struct plm_market_slot *plm_store_new_market(struct plm_scratch *s, uint16_t id)
{
    PLM_ASSERT(s->market_count < PLM_LIMIT_MARKET_SLOTS);
    PLM_ASSERT(id < PLM_LIMIT_MARKETS_MAX);
    struct plm_market_slot *slot = &s->markets[s->market_count];
    __builtin_memset(slot, 0, sizeof *slot);
    slot->id = id;
    slot->state_changed = true;
    slot->record_changed = true;
    s->market_count++;
    s->market_index[id] = (uint8_t)s->market_count;
    return slot;
}

struct plm_asset_slot *plm_store_new_asset(struct plm_scratch *s, uint16_t id)
{
    PLM_ASSERT(s->asset_count < PLM_LIMIT_ASSET_SLOTS);
    struct plm_asset_slot *slot = &s->assets[s->asset_count];
    __builtin_memset(slot, 0, sizeof *slot);
    slot->id = id;
    slot->state_changed = true;
    slot->record_changed = true;
    s->asset_count++;
    return slot;
}

struct plm_sources_slot *plm_store_new_sources(struct plm_scratch *s, uint16_t feed)
{
    PLM_ASSERT(s->sources_count < PLM_PRICES_MAX);
    struct plm_sources_slot *slot = &s->sources[s->sources_count];
    __builtin_memset(slot, 0, sizeof *slot);
    slot->feed = feed;
    slot->changed = true;
    s->sources_count++;
    return slot;
}

/* --- look-ups --- */

plm_err plm_store_find_account(struct plm_scratch *s,
                               const struct plm_hash *owner,
                               uint32_t number,
                               uint64_t *out)
{
    struct plm_owner_index entry = {0};
    const struct key key = make_hash_key(PLM_KEY_OWNER, owner, number, 4);
    PLM_TRY(load(s, &key, PLM_LAYOUT_owner_index, PLM_E_NO_ACCOUNT, &entry));
    *out = entry.account;
    return PLM_OK;
}

plm_err plm_store_find_token(struct plm_scratch *s, const struct plm_addr *token, uint16_t *out)
{
    struct plm_hash hash = {{0}};
    struct plm_token_index entry = {0};
    plm_store_hash_addr(s, token, &hash);
    const struct key key = make_hash_key(PLM_KEY_TOKEN, &hash, 0, 0);
    PLM_TRY(load(s, &key, PLM_LAYOUT_token_index, PLM_E_NO_ASSET, &entry));
    *out = entry.asset;
    return PLM_OK;
}

plm_err plm_store_payout(struct plm_scratch *s, uint64_t id, struct plm_payout *out)
{
    return load_id(s, PLM_KEY_PAYOUT, id, 8, PLM_LAYOUT_payout, PLM_E_DUPLICATE, out);
}

plm_err plm_store_proposal(struct plm_scratch *s, uint64_t id, struct plm_proposal *out)
{
    return load_id(s, PLM_KEY_PROPOSAL, id, 8, PLM_LAYOUT_proposal, PLM_E_NO_PROPOSAL, out);
}

plm_err plm_store_read_market(struct plm_scratch *s, uint16_t id, struct plm_market *out)
{
    return load_id(s, PLM_KEY_MARKET, id, 2, PLM_LAYOUT_market, PLM_E_NO_MARKET, out);
}

plm_err plm_store_read_asset(struct plm_scratch *s, uint16_t id, struct plm_asset *out)
{
    return load_id(s, PLM_KEY_ASSET, id, 2, PLM_LAYOUT_asset, PLM_E_NO_ASSET, out);
}

plm_err plm_store_stored_version(struct plm_host *host, uint8_t *out)
{
    const struct key key = make_key(PLM_KEY_CONFIG, 0, 0);
    PLM_ASSERT(out != NULL);
    return plm_host_kv_get(host, key.bytes, key.length, out, 1) > 0 ? PLM_OK : PLM_E_STATUS;
}

/* --- authority --- */

bool plm_store_is_same_hash(const struct plm_hash *a, const struct plm_hash *b)
{
    PLM_ASSERT(a != NULL);
    PLM_ASSERT(b != NULL);
    return __builtin_memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

plm_err plm_store_check_owner(const struct plm_scratch *s, const struct plm_account_slot *account)
{
    PLM_ASSERT(account != NULL);
    return plm_store_is_same_hash(&s->caller_hash, &account->record.owner) ? PLM_OK : PLM_E_AUTH;
}

plm_err plm_store_check_role(const struct plm_scratch *s, const struct plm_hash *holder)
{
    PLM_ASSERT(holder != NULL);
    return plm_store_is_same_hash(&s->caller_hash, holder) ? PLM_OK : PLM_E_ROLE;
}

plm_err plm_store_check_self(const struct plm_scratch *s)
{
    struct plm_addr self = {0};
    plm_host_self(s->host, &self);
    PLM_ASSERT(self.length <= sizeof self.bytes);
    if (self.length != s->caller.length) {
        return PLM_E_ROLE;
    }
    const int order = __builtin_memcmp(self.bytes, s->caller.bytes, self.length);
    return order == 0 ? PLM_OK : PLM_E_ROLE;
}

/* --- events and the reply --- */

void plm_store_event(struct plm_scratch *s,
                     enum plm_event_id id,
                     enum plm_layout_id layout,
                     const void *event)
{
    PLM_ASSERT(s->event_length + 4 <= sizeof s->events);
    uint8_t *at = s->events + s->event_length;
    const uint32_t length =
        plm_codec_encode(layout, event, at + 4, (uint32_t)sizeof s->events - s->event_length - 4);
    at[0] = (uint8_t)((uint32_t)id & 0xff);
    at[1] = (uint8_t)((uint32_t)id >> 8);
    at[2] = (uint8_t)(length & 0xff);
    at[3] = (uint8_t)(length >> 8);
    s->event_length += 4 + length;
}

void plm_store_reply(struct plm_scratch *s, enum plm_layout_id layout, const void *reply)
{
    PLM_ASSERT(s->reply_length == 0);
    s->reply_length = plm_codec_encode(layout, reply, s->reply, sizeof s->reply);
}

/* --- commit --- */

static plm_err commit_accounts(struct plm_scratch *s)
{
    for (uint32_t i = 0; i < s->account_count; i++) {
        struct plm_account_slot *slot = &s->accounts[i];
        const struct key key = make_key(PLM_KEY_ACCOUNT, slot->id, 8);
        if (slot->deleted) {
            PLM_TRY(plm_host_kv_del(s->host, key.bytes, key.length));
        } else if (slot->changed) {
            PLM_TRY(save(s, &key, PLM_LAYOUT_account, &slot->record));
        }
    }
    const struct key owner = make_hash_key(PLM_KEY_OWNER, &s->owner_key, s->owner_number, 4);
    if (s->owner_created != 0) {
        const struct plm_owner_index entry = {s->owner_created};
        PLM_TRY(save(s, &owner, PLM_LAYOUT_owner_index, &entry));
    }
    if (s->owner_deleted) {
        PLM_TRY(plm_host_kv_del(s->host, owner.bytes, owner.length));
    }
    return PLM_OK;
}

static plm_err commit_markets(struct plm_scratch *s)
{
    for (uint32_t i = 0; i < s->market_count; i++) {
        const struct plm_market_slot *slot = &s->markets[i];
        if (slot->record_changed) {
            PLM_TRY(save_id(s, PLM_KEY_MARKET, slot->id, 2, PLM_LAYOUT_market, &slot->record));
        }
        if (slot->state_changed) {
            PLM_TRY(save_id(
                s, PLM_KEY_MARKET_STATE, slot->id, 2, PLM_LAYOUT_market_state, &slot->state));
        }
    }
    return PLM_OK;
}

static plm_err commit_feeds(struct plm_scratch *s)
{
    for (uint32_t i = 0; i < s->feed_count; i++) {
        const struct plm_feed_slot *slot = &s->feeds[i];
        if (slot->record_changed) {
            PLM_TRY(save_id(s, PLM_KEY_FEED, slot->id, 2, PLM_LAYOUT_feed, &slot->record));
        }
        if (slot->state_changed) {
            PLM_TRY(
                save_id(s, PLM_KEY_FEED_STATE, slot->id, 2, PLM_LAYOUT_feed_state, &slot->state));
        }
    }
    for (uint32_t i = 0; i < s->sources_count; i++) {
        const struct plm_sources_slot *slot = &s->sources[i];
        if (slot->changed) {
            PLM_TRY(save_id(
                s, PLM_KEY_FEED_SOURCES, slot->feed, 2, PLM_LAYOUT_feed_sources, &slot->record));
        }
    }
    return PLM_OK;
}

static plm_err commit_assets(struct plm_scratch *s)
{
    for (uint32_t i = 0; i < s->asset_count; i++) {
        const struct plm_asset_slot *slot = &s->assets[i];
        if (slot->record_changed) {
            PLM_TRY(save_id(s, PLM_KEY_ASSET, slot->id, 2, PLM_LAYOUT_asset, &slot->record));
        }
        if (slot->state_changed) {
            PLM_TRY(
                save_id(s, PLM_KEY_ASSET_STATE, slot->id, 2, PLM_LAYOUT_asset_state, &slot->state));
        }
    }
    if (s->token_created) {
        const struct plm_token_index entry = {s->token_asset};
        const struct key key = make_hash_key(PLM_KEY_TOKEN, &s->token_key, 0, 0);
        PLM_TRY(save(s, &key, PLM_LAYOUT_token_index, &entry));
    }
    return PLM_OK;
}

static plm_err commit_payouts(struct plm_scratch *s)
{
    if (s->payout_created != 0) {
        PLM_TRY(
            save_id(s, PLM_KEY_PAYOUT, s->payout_created, 8, PLM_LAYOUT_payout, &s->payout_record));
    }
    if (s->payout_deleted != 0) {
        const struct key key = make_key(PLM_KEY_PAYOUT, s->payout_deleted, 8);
        PLM_TRY(plm_host_kv_del(s->host, key.bytes, key.length));
    }
    return PLM_OK;
}

static plm_err commit_proposals(struct plm_scratch *s)
{
    if (s->proposal_created != 0) {
        PLM_TRY(save_id(
            s, PLM_KEY_PROPOSAL, s->proposal_created, 8, PLM_LAYOUT_proposal, &s->proposal_record));
    }
    if (s->proposal_deleted != 0) {
        const struct key key = make_key(PLM_KEY_PROPOSAL, s->proposal_deleted, 8);
        PLM_TRY(plm_host_kv_del(s->host, key.bytes, key.length));
    }
    return PLM_OK;
}

static void emit_events(struct plm_scratch *s)
{
    uint32_t at = 0;
    while (at < s->event_length) {
        const uint8_t *event = s->events + at;
        const uint32_t id = (uint32_t)event[0] | (uint32_t)event[1] << 8;
        const uint32_t length = (uint32_t)event[2] | (uint32_t)event[3] << 8;
        plm_host_event(s->host, id, event + 4, length);
        at += 4 + length;
    }
    PLM_ASSERT(at == s->event_length);
}

plm_err plm_store_commit(struct plm_scratch *s)
{
    if (s->config_changed) {
        PLM_TRY(save_id(s, PLM_KEY_CONFIG, 0, 0, PLM_LAYOUT_config, &s->config));
    }
    if (s->ledger_changed) {
        PLM_ASSERT(s->ledger_loaded);
        PLM_TRY(save_id(s, PLM_KEY_LEDGER, 0, 0, PLM_LAYOUT_ledger, &s->ledger));
    }
    PLM_TRY(commit_accounts(s));
    PLM_TRY(commit_markets(s));
    PLM_TRY(commit_feeds(s));
    PLM_TRY(commit_assets(s));
    PLM_TRY(commit_payouts(s));
    PLM_TRY(commit_proposals(s));
    if (s->payment.due) {
        PLM_TRY(plm_host_pay(
            s->host, &s->payment.to, &s->payment.token, &s->payment.atoms, s->payment.payout));
    }
    emit_events(s);
    if (s->reply_length > 0) {
        plm_host_return(s->host, s->reply, s->reply_length);
    }
    return PLM_OK;
}

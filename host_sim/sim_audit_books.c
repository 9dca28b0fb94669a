/* SPDX-License-Identifier: Apache-2.0
 * Enters write sets into the auditor's books and carries the sums along: what an account held
 * before is taken off, what it holds after is put on. */
#include "sim_audit_books.h"

#include <stdlib.h>
#include <string.h>

/* --- look-ups ---------------------------------------------------------------------------- */
const struct sim_audit_account *sim_audit_books_find(const struct sim_audit_books *books,
                                                     uint64_t account)
{
    for (uint32_t i = 0; i < books->account_count; i++) {
        if (books->accounts[i].id == account) {
            return &books->accounts[i];
        }
    }
    return NULL;
}

const struct plm_position *sim_audit_position(const struct plm_account *account, uint16_t market)
{
    for (uint32_t i = 0; i < account->positions_count; i++) {
        if (account->positions[i].market == market) {
            return &account->positions[i];
        }
    }
    return NULL;
}

int64_t sim_audit_lots(const struct plm_account *account, uint16_t market)
{
    const struct plm_position *position = sim_audit_position(account, market);
    return position == NULL ? 0 : position->lots.lots;
}

sim_int sim_audit_atoms(const struct plm_account *account, uint16_t asset)
{
    for (uint32_t i = 0; i < account->collaterals_count; i++) {
        if (account->collaterals[i].asset == asset) {
            return sim_audit_int(account->collaterals[i].atoms.atoms);
        }
    }
    return 0;
}

/* --- what an operation touches ----------------------------------------------------------- */
static struct sim_audit_market *sim_audit_touch_market(struct sim_audit_books *books, uint64_t id)
{
    struct sim_audit_market *market = &books->markets[id];
    if (!market->is_touched) {
        market->is_touched = true;
        books->touched_markets[books->touched_market_count++] = (uint16_t)id;
    }
    return market;
}

static struct sim_audit_feed *sim_audit_touch_feed(struct sim_audit_books *books, uint64_t id)
{
    struct sim_audit_feed *feed = &books->feeds[id];
    if (!feed->is_written && !feed->is_record_written) {
        books->touched_feeds[books->touched_feed_count++] = (uint16_t)id;
    }
    return feed;
}

static struct sim_audit_asset *sim_audit_touch_asset(struct sim_audit_books *books, uint64_t id)
{
    for (uint32_t i = 0; i < books->touched_asset_count; i++) {
        if (books->touched_assets[i] == id) {
            return &books->assets[id];
        }
    }
    books->touched_assets[books->touched_asset_count++] = (uint16_t)id;
    return &books->assets[id];
}

/* --- sums -------------------------------------------------------------------------------- */
/* Adds an account to the sums, or takes it off (sign -1). */
static void sim_audit_sum_position(struct sim_audit_books *books,
                                   const struct plm_position *position,
                                   sim_int sign)
{
    if (position->market >= PLM_LIMIT_MARKETS_MAX) {
        return;
    }
    struct sim_audit_sums *sums = &sim_audit_touch_market(books, position->market)->sums;
    const sim_int lots = position->lots.lots;
    const sim_int part = sim_audit_add(sim_audit_int(position->quote.wad),
                                       sim_audit_times(lots, position->snapshot.ticks));
    sums->accrued = sim_audit_add(sums->accrued, sim_audit_times(sign, part));
    if (lots > 0) {
        sums->longs += sign * lots;
    } else {
        sums->shorts -= sign * lots;
    }
}

static void sim_audit_sum_account(struct sim_audit_books *books,
                                  const struct plm_account *account,
                                  sim_int sign)
{
    books->cash =
        sim_audit_add(books->cash, sim_audit_times(sign, sim_audit_int(account->cash.wad)));
    for (uint32_t i = 0; i < account->positions_count; i++) {
        sim_audit_sum_position(books, &account->positions[i], sign);
    }
    for (uint32_t i = 0; i < account->collaterals_count; i++) {
        const struct plm_collateral *collateral = &account->collaterals[i];
        if (collateral->asset < PLM_LIMIT_ASSETS_MAX) {
            struct sim_audit_asset *asset = sim_audit_touch_asset(books, collateral->asset);
            const sim_int atoms = sim_audit_int(collateral->atoms.atoms);
            asset->atoms = sim_audit_add(asset->atoms, sim_audit_times(sign, atoms));
        }
    }
    for (uint32_t i = 0; i < account->deficits_count; i++) {
        const struct plm_deficit *deficit = &account->deficits[i];
        if (deficit->market < PLM_LIMIT_MARKETS_MAX) {
            struct sim_audit_sums *sums = &sim_audit_touch_market(books, deficit->market)->sums;
            const sim_int value = sim_audit_int(deficit->value.wad);
            sums->deficits = sim_audit_add(sums->deficits, sim_audit_times(sign, value));
        }
    }
}

static sim_int sim_audit_lines(const struct plm_market_state *state)
{
    return sim_audit_add(
        sim_audit_int(state->pool.wad),
        sim_audit_add(sim_audit_int(state->fees.wad), sim_audit_int(state->insurance.wad)));
}

/* --- one write --------------------------------------------------------------------------- */
static void sim_audit_refuse(struct sim_audit_books *books, uint32_t write, const char *why)
{
    if (books->refused == NULL) {
        books->refused = why;
        books->refused_write = write;
    }
}

/* Decodes the bytes after a write; they must encode to the same bytes. False: not canonical. */
static bool sim_audit_decode(struct sim_audit_books *books,
                             uint32_t index,
                             uint32_t layout,
                             struct sim_span bytes,
                             void *record)
{
    if (!sim_abi_decode_record(layout, bytes, record)) {
        sim_audit_refuse(books, index, "the record does not decode");
        return false;
    }
    books->bytes.length = 0;
    sim_abi_encode_record(layout, record, &books->bytes);
    if (!sim_bytes_equal(sim_bytes_span(&books->bytes), bytes)) {
        sim_audit_refuse(books, index, "the record encodes to other bytes");
        return false;
    }
    return true;
}

static void sim_audit_enter_account(struct sim_audit_books *books,
                                    uint32_t index,
                                    const struct sim_write *write,
                                    uint64_t id)
{
    if (books->account_count == PLM_LIMIT_ACCOUNT_SLOTS) {
        books->account_overflow++;
        return;
    }
    struct sim_audit_account *account = &books->accounts[books->account_count];
    account->id = id;
    account->was = write->before.bytes != NULL &&
                   sim_abi_decode_record(PLM_LAYOUT_account, write->before, &account->before);
    account->is = write->after.bytes != NULL &&
                  sim_audit_decode(books, index, PLM_LAYOUT_account, write->after, &account->after);
    books->account_count++;
    if (account->was) {
        sim_audit_sum_account(books, &account->before, -1);
    } else {
        memset(&account->before, 0, sizeof account->before);
    }
    if (account->is) {
        sim_audit_sum_account(books, &account->after, 1);
    } else {
        memset(&account->after, 0, sizeof account->after);
    }
}

static void sim_audit_enter_market(struct sim_audit_books *books,
                                   uint32_t index,
                                   const struct sim_write *write,
                                   uint64_t id)
{
    if (id >= PLM_LIMIT_MARKETS_MAX || write->after.bytes == NULL) {
        sim_audit_refuse(books, index, "no such market can be");
        return;
    }
    struct sim_audit_market *market = sim_audit_touch_market(books, id);
    if (write->key.bytes[0] == PLM_KEY_MARKET) {
        market->is_record_written = true;
        (void)sim_audit_decode(books, index, PLM_LAYOUT_market, write->after, &market->record);
        return;
    }
    books->lines = sim_audit_sub(books->lines, sim_audit_lines(&market->state));
    market->exists = true;
    market->is_written = true;
    (void)sim_audit_decode(books, index, PLM_LAYOUT_market_state, write->after, &market->state);
    books->lines = sim_audit_add(books->lines, sim_audit_lines(&market->state));
}

static void sim_audit_enter_feed(struct sim_audit_books *books,
                                 uint32_t index,
                                 const struct sim_write *write,
                                 uint64_t id)
{
    if (id >= PLM_LIMIT_FEEDS_MAX || write->after.bytes == NULL) {
        sim_audit_refuse(books, index, "no such feed can be");
        return;
    }
    if (write->key.bytes[0] == PLM_KEY_FEED_SOURCES) {
        if (books->source_count < PLM_PRICES_MAX) {
            struct sim_audit_sources *sources = &books->sources[books->source_count++];
            sources->feed = (uint16_t)id;
            (void)sim_audit_decode(
                books, index, PLM_LAYOUT_feed_sources, write->after, &sources->after);
        }
        return;
    }
    struct sim_audit_feed *feed = sim_audit_touch_feed(books, id);
    feed->exists = true;
    if (write->key.bytes[0] == PLM_KEY_FEED) {
        feed->is_record_written = true;
        (void)sim_audit_decode(books, index, PLM_LAYOUT_feed, write->after, &feed->record);
        return;
    }
    feed->is_written = true;
    (void)sim_audit_decode(books, index, PLM_LAYOUT_feed_state, write->after, &feed->state);
}

static void sim_audit_enter_asset(struct sim_audit_books *books,
                                  uint32_t index,
                                  const struct sim_write *write,
                                  uint64_t id)
{
    if (id >= PLM_LIMIT_ASSETS_MAX || write->after.bytes == NULL) {
        sim_audit_refuse(books, index, "no such asset can be");
        return;
    }
    struct sim_audit_asset *asset = sim_audit_touch_asset(books, id);
    asset->exists = true;
    if (write->key.bytes[0] == PLM_KEY_ASSET) {
        asset->is_record_written = true;
        (void)sim_audit_decode(books, index, PLM_LAYOUT_asset, write->after, &asset->record);
        return;
    }
    asset->is_written = true;
    (void)sim_audit_decode(books, index, PLM_LAYOUT_asset_state, write->after, &asset->state);
}

static void sim_audit_enter_payout(struct sim_audit_books *books,
                                   uint32_t index,
                                   const struct sim_write *write,
                                   uint64_t id)
{
    const uint32_t most = (uint32_t)(sizeof books->payouts_made / sizeof books->payouts_made[0]);
    struct plm_payout before = {0};
    struct plm_payout after = {0};
    const bool was = write->before.bytes != NULL &&
                     sim_abi_decode_record(PLM_LAYOUT_payout, write->before, &before);
    const bool is = write->after.bytes != NULL &&
                    sim_audit_decode(books, index, PLM_LAYOUT_payout, write->after, &after);
    if (was && before.asset < PLM_LIMIT_ASSETS_MAX) {
        struct sim_audit_asset *asset = sim_audit_touch_asset(books, before.asset);
        asset->pending = sim_audit_sub(asset->pending, sim_audit_int(before.atoms.atoms));
        if (books->payouts_ended_count < most) {
            books->payouts_ended[books->payouts_ended_count++] =
                (struct sim_audit_payout){id, before};
        }
    }
    if (is && after.asset < PLM_LIMIT_ASSETS_MAX) {
        struct sim_audit_asset *asset = sim_audit_touch_asset(books, after.asset);
        asset->pending = sim_audit_add(asset->pending, sim_audit_int(after.atoms.atoms));
        if (books->payouts_made_count < most) {
            books->payouts_made[books->payouts_made_count++] = (struct sim_audit_payout){id, after};
        }
    }
}

static void sim_audit_enter_proposal(struct sim_audit_books *books,
                                     uint32_t index,
                                     const struct sim_write *write)
{
    if (write->before.bytes != NULL &&
        sim_abi_decode_record(PLM_LAYOUT_proposal, write->before, &books->proposal_ended)) {
        books->proposals_ended++;
    }
    if (write->after.bytes != NULL &&
        sim_audit_decode(books, index, PLM_LAYOUT_proposal, write->after, &books->proposal_made)) {
        books->proposals_made++;
    }
}

static void
sim_audit_enter_index(struct sim_audit_books *books, uint32_t index, const struct sim_write *write)
{
    const bool is_owner = write->key.bytes[0] == PLM_KEY_OWNER;
    union sim_abi_object *object = sim_bytes_alloc(1, sizeof *object);
    if (write->after.bytes != NULL) {
        const uint32_t layout = is_owner ? PLM_LAYOUT_owner_index : PLM_LAYOUT_token_index;
        (void)sim_audit_decode(books, index, layout, write->after, object);
    }
    if (is_owner && write->before.bytes == NULL) {
        books->owners_made++;
    }
    if (is_owner && write->after.bytes == NULL) {
        books->owners_ended++;
    }
    free(object);
}

static void
sim_audit_enter_write(struct sim_audit_books *books, uint32_t index, const struct sim_write *write)
{
    const struct sim_span key = sim_abi_key_span(&write->key);
    const struct sim_abi_key *row = key.length == 0 ? NULL : sim_abi_find_key(key.bytes[0]);
    if (row == NULL || key.length != row->id_bytes + 1u) {
        sim_audit_refuse(books, index, "the key is of no kind");
        return;
    }
    const uint64_t id = sim_abi_key_id(key);
    switch ((enum plm_key_prefix)row->prefix) {
    case PLM_KEY_CONFIG:
        books->is_config_written = true;
        books->has_config = true;
        (void)sim_audit_decode(books, index, PLM_LAYOUT_config, write->after, &books->config);
        break;
    case PLM_KEY_LEDGER:
        books->is_ledger_written = true;
        (void)sim_audit_decode(books, index, PLM_LAYOUT_ledger, write->after, &books->ledger);
        break;
    case PLM_KEY_ACCOUNT: sim_audit_enter_account(books, index, write, id); break;
    case PLM_KEY_MARKET:
    case PLM_KEY_MARKET_STATE: sim_audit_enter_market(books, index, write, id); break;
    case PLM_KEY_FEED:
    case PLM_KEY_FEED_STATE:
    case PLM_KEY_FEED_SOURCES: sim_audit_enter_feed(books, index, write, id); break;
    case PLM_KEY_ASSET:
    case PLM_KEY_ASSET_STATE: sim_audit_enter_asset(books, index, write, id); break;
    case PLM_KEY_PAYOUT: sim_audit_enter_payout(books, index, write, id); break;
    case PLM_KEY_PROPOSAL: sim_audit_enter_proposal(books, index, write); break;
    case PLM_KEY_OWNER:
    case PLM_KEY_TOKEN: sim_audit_enter_index(books, index, write); break;
    }
}

void sim_audit_books_enter(struct sim_audit_books *books, const struct sim_writes *writes)
{
    for (uint32_t i = 0; i < writes->count; i++) {
        sim_audit_enter_write(books, i, &writes->rows[i]);
    }
}

/* --- from one operation to the next ------------------------------------------------------ */
void sim_audit_books_begin(struct sim_audit_books *books)
{
    for (uint32_t i = 0; i < books->touched_market_count; i++) {
        struct sim_audit_market *market = &books->markets[books->touched_markets[i]];
        if (market->is_written) {
            market->before = market->state;
        }
        if (market->is_record_written) {
            market->record_before = market->record;
        }
        market->is_written = false;
        market->is_record_written = false;
        market->is_touched = false;
    }
    for (uint32_t i = 0; i < books->touched_feed_count; i++) {
        struct sim_audit_feed *feed = &books->feeds[books->touched_feeds[i]];
        feed->before = feed->state;
        feed->record_before = feed->record;
        feed->is_written = false;
        feed->is_record_written = false;
    }
    for (uint32_t i = 0; i < books->touched_asset_count; i++) {
        struct sim_audit_asset *asset = &books->assets[books->touched_assets[i]];
        if (asset->is_record_written) {
            asset->record_before = asset->record;
        }
        asset->before = asset->state;
        asset->pending_before = asset->pending;
        asset->is_written = false;
        asset->is_record_written = false;
    }
    if (books->is_config_written) {
        books->config_before = books->config;
    }
    if (books->is_ledger_written) {
        books->ledger_before = books->ledger;
    }
    books->is_config_written = false;
    books->is_ledger_written = false;
    books->touched_market_count = 0;
    books->touched_feed_count = 0;
    books->touched_asset_count = 0;
    books->account_count = 0;
    books->account_overflow = 0;
    books->payouts_made_count = 0;
    books->payouts_ended_count = 0;
    books->proposals_made = 0;
    books->proposals_ended = 0;
    books->source_count = 0;
    books->owners_made = 0;
    books->owners_ended = 0;
    books->refused = NULL;
}

void sim_audit_books_clear(struct sim_audit_books *books)
{
    struct sim_buffer bytes = books->bytes;
    memset(books, 0, sizeof *books);
    bytes.length = 0;
    books->bytes = bytes;
}

void sim_audit_books_free(struct sim_audit_books *books)
{
    sim_bytes_free(&books->bytes);
}

bool sim_audit_books_load(struct sim_audit_books *books, struct sim_store *store)
{
    bool is_canonical = true;
    sim_audit_books_clear(books);
    for (uint32_t kind = 0; sim_abi_key_at(kind) != NULL; kind++) {
        const uint8_t prefix = sim_abi_key_at(kind)->prefix;
        struct sim_cursor at = sim_store_scan(store, (struct sim_span){&prefix, 1});
        while (sim_store_next(&at)) {
            struct sim_write write = {.after = at.value};
            memcpy(write.key.bytes, at.key.bytes, at.key.length);
            write.key.length = (uint32_t)at.key.length;
            sim_audit_enter_write(books, 0, &write);
            books->account_count = 0;
            books->payouts_made_count = 0;
            books->source_count = 0;
        }
    }
    is_canonical = books->refused == NULL;
    sim_audit_books_begin(books);
    return is_canonical;
}

/* --- running sums against all records ---------------------------------------------------- */
static bool sim_audit_same(
    struct sim_buffer *where, const char *what, uint32_t id, sim_int carried, sim_int counted)
{
    if (carried == counted) {
        return true;
    }
    char left[SIM_INT_TEXT_MAX];
    char right[SIM_INT_TEXT_MAX];
    sim_bytes_add_format(where,
                         "%s of %u: carried along %s, counted from all records %s; ",
                         what,
                         id,
                         sim_bytes_int_text(carried, left),
                         sim_bytes_int_text(counted, right));
    return false;
}

/* Two states are the same where their bytes are. */
static bool sim_audit_same_state(const struct sim_audit_market *a, const struct sim_audit_market *b)
{
    struct sim_buffer left = {0};
    struct sim_buffer right = {0};
    if (!a->exists && !b->exists) {
        return true;
    }
    sim_abi_encode(PLM_LAYOUT_market_state, &a->state, &left);
    sim_abi_encode(PLM_LAYOUT_market_state, &b->state, &right);
    const bool same = sim_bytes_equal(sim_bytes_span(&left), sim_bytes_span(&right));
    sim_bytes_free(&left);
    sim_bytes_free(&right);
    return same;
}

bool sim_audit_books_equal(const struct sim_audit_books *books,
                           const struct sim_audit_books *fresh,
                           struct sim_buffer *where)
{
    bool same = sim_audit_same(where, "cash", 0, books->cash, fresh->cash);
    same = sim_audit_same(where, "pools and cash lines", 0, books->lines, fresh->lines) && same;
    for (uint32_t i = 0; i < PLM_LIMIT_MARKETS_MAX; i++) {
        const struct sim_audit_sums *a = &books->markets[i].sums;
        const struct sim_audit_sums *b = &fresh->markets[i].sums;
        same = sim_audit_same(where, "A of market", i, a->accrued, b->accrued) && same;
        same = sim_audit_same(where, "long lots of market", i, a->longs, b->longs) && same;
        same = sim_audit_same(where, "short lots of market", i, a->shorts, b->shorts) && same;
        same = sim_audit_same(where, "deficits of market", i, a->deficits, b->deficits) && same;
        const bool same_state = sim_audit_same_state(&books->markets[i], &fresh->markets[i]);
        same = sim_audit_same(where, "state of market", i, same_state ? 1 : 0, 1) && same;
    }
    for (uint32_t i = 0; i < PLM_LIMIT_ASSETS_MAX; i++) {
        const struct sim_audit_asset *a = &books->assets[i];
        const struct sim_audit_asset *b = &fresh->assets[i];
        same = sim_audit_same(where, "atoms of asset", i, a->atoms, b->atoms) && same;
        same = sim_audit_same(where, "payouts of asset", i, a->pending, b->pending) && same;
    }
    return same;
}

// SPDX-License-Identifier: Apache-2.0
/* Creating the engine; listing assets, feeds and markets. [GOV-1] [ACCT-6] [ACCT-7] [PRICE-7]
 * Spec: "Roles, emergency, governance". What is listed starts without quotes, balances or fills. */
#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_operations.h"
#include "plm_params.h"
#include "plm_store.h"

/* Every change of parameters, roles, publishers or listings is a new parameter epoch. */
static void plm_op_next_epoch(struct plm_scratch *s)
{
    PLM_ASSERT(s->config.epoch < UINT64_MAX);
    s->config.epoch++;
    s->config_changed = true;
}

/* Writes a token's name to the index of assets. */
static void plm_op_index_token(struct plm_scratch *s, const struct plm_addr *token, uint16_t asset)
{
    PLM_ASSERT(token->length > 0);
    PLM_ASSERT(!s->token_created);
    plm_store_hash_addr(s, token, &s->token_key);
    s->token_created = true;
    s->token_asset = asset;
}

static void plm_op_emit_listed(struct plm_scratch *s, uint8_t target, uint16_t id, uint8_t unbacked)
{
    const struct plm_ev_listed event = {.target = target, .id = id, .unbacked = unbacked};
    const struct plm_reply_listed reply = {.id = id};
    PLM_ASSERT(unbacked <= 1);
    plm_store_event(s, PLM_EVENT_LISTED, PLM_LAYOUT_ev_listed, &event);
    plm_store_reply(s, PLM_LAYOUT_reply_listed, &reply);
}

/* The call that deploys the engine; whoever makes it names the admin. [GOV-1] */
plm_err plm_op_initialise(struct plm_scratch *s, const struct plm_initialise *args)
{
    PLM_ASSERT(args->decimals <= PLM_WAD_DECIMALS);
    if (args->token.length == 0 || args->admin.length == 0) {
        return PLM_E_FIELD;
    }
    if (s->config_exists) {
        return PLM_E_EXISTS;
    }

    const struct plm_config config = {.next_account = 1, .asset_count = 1};
    const struct plm_ledger ledger = {.next_payout = 1};
    s->config = config;
    s->ledger = ledger;
    plm_store_hash_addr(s, &args->admin, &s->config.admin);
    s->config.guardian = s->config.admin;
    s->config.matcher = s->config.admin;
    s->ledger_loaded = true;
    s->ledger_changed = true;
    plm_op_next_epoch(s);

    /* Asset 0 is cash: it has no feed, and its parameters are never read. */
    struct plm_asset_slot *asset = plm_store_new_asset(s, 0);
    PLM_ASSERT(asset->id == 0);
    asset->record.token = args->token;
    asset->record.decimals = args->decimals;
    plm_op_index_token(s, &args->token, 0);

    const struct plm_ev_initialised event = {.token = args->token, .decimals = args->decimals};
    plm_store_event(s, PLM_EVENT_INITIALISED, PLM_LAYOUT_ev_initialised, &event);
    return PLM_OK;
}

static bool plm_op_counts_for_nothing(const struct plm_add_asset *args)
{
    const plm_ratio none = {0};
    PLM_ASSERT(args->token.length > 0);
    return plm_ratio_cmp(args->params.weight_initial, none) == 0 &&
           plm_ratio_cmp(args->params.weight_maint, none) == 0 && plm_amt_is_zero(args->params.cap);
}

plm_err plm_op_add_asset(struct plm_scratch *s, const struct plm_add_asset *args)
{
    if (args->token.length == 0) {
        return PLM_E_FIELD;
    }
    if (s->config.asset_count >= PLM_LIMIT_ASSETS_MAX) {
        return PLM_E_OVERFLOW;
    }
    PLM_TRY(plm_store_check_role(s, &s->config.admin));

    struct plm_feed_slot *feed = NULL;
    uint16_t known = 0;
    PLM_TRY(plm_store_feed(s, args->feed, &feed));
    const plm_err found = plm_store_find_token(s, &args->token, &known);
    if (found != PLM_E_NO_ASSET) {
        return found == PLM_OK ? PLM_E_EXISTS : found;
    }

    const struct plm_asset record = {.token = args->token,
                                     .decimals = args->decimals,
                                     .feed = args->feed,
                                     .price_decimals = feed->record.price_decimals,
                                     .params = args->params};
    PLM_TRY(plm_params_check_asset(&record, &feed->record));
    PLM_TRY(plm_params_check_asset_envelope(&record, &feed->record));
    /* [GOV-3] once trading has begun a new collateral counts for nothing until proposals say so. */
    if (plm_params_is_live(s) && !plm_op_counts_for_nothing(args)) {
        return PLM_E_PARAM_DELAY;
    }

    const uint16_t id = s->config.asset_count;
    PLM_ASSERT(id > 0);
    struct plm_asset_slot *asset = plm_store_new_asset(s, id);
    asset->record = record;
    s->config.asset_count++;
    plm_op_index_token(s, &args->token, id);
    plm_op_next_epoch(s);
    plm_op_emit_listed(s, PLM_TARGET_ASSET, id, 0);
    return PLM_OK;
}

plm_err plm_op_add_feed(struct plm_scratch *s, const struct plm_add_feed *args)
{
    PLM_ASSERT(args->price_decimals <= PLM_PRICE_DECIMALS_MAX);
    if (s->config.feed_count >= PLM_LIMIT_FEEDS_MAX) {
        return PLM_E_OVERFLOW;
    }
    PLM_TRY(plm_store_check_role(s, &s->config.admin));

    const struct plm_feed record = {.price_decimals = args->price_decimals, .params = args->params};
    PLM_TRY(plm_params_check_feed(&record));

    const uint16_t id = s->config.feed_count;
    struct plm_feed_slot *feed = plm_store_new_feed(s, id);
    const struct plm_sources_slot *sources = plm_store_new_sources(s, id);
    PLM_ASSERT(sources->record.sources_count == 0);
    feed->record = record;
    s->config.feed_count++;
    plm_op_next_epoch(s);
    plm_op_emit_listed(s, PLM_TARGET_FEED, id, 0);
    return PLM_OK;
}

plm_err plm_op_add_market(struct plm_scratch *s, const struct plm_add_market *args)
{
    if (s->config.market_count >= PLM_LIMIT_MARKETS_MAX) {
        return PLM_E_OVERFLOW;
    }
    PLM_TRY(plm_store_check_role(s, &s->config.admin));
    struct plm_feed_slot *feed = NULL;
    PLM_TRY(plm_store_feed(s, args->feed, &feed));

    const struct plm_market record = {.kind = args->kind,
                                      .feed = args->feed,
                                      .size_decimals = args->size_decimals,
                                      .price_decimals = feed->record.price_decimals,
                                      .tick = args->tick,
                                      .unbacked = args->unbacked,
                                      .params = args->params};
    PLM_TRY(plm_params_check_market(&record, &feed->record));
    /* [PRICE-7] a market that asked to be unbacked says so in every query. */
    if (record.unbacked == 0) {
        PLM_TRY(plm_params_check_market_envelope(&record, &feed->record));
    }

    const uint16_t id = s->config.market_count;
    struct plm_market_slot *market = plm_store_new_market(s, id);
    PLM_ASSERT(market->state.status == PLM_STATUS_INIT);
    market->record = record;
    market->feed_slot = (uint8_t)(feed - s->feeds);
    market->state.funding_time = s->now;
    s->config.market_count++;
    plm_op_next_epoch(s);
    plm_op_emit_listed(s, PLM_TARGET_MARKET, id, record.unbacked);
    return PLM_OK;
}

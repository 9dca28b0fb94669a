// SPDX-License-Identifier: Apache-2.0
/* Queries that show records: configuration, parameters, roles, pauses, assets, markets, feeds,
 * lines, accounts. A market is shown accrued to now, an account with its indices applied.
 * They store nothing. It must never know margin. */
#include "plm_assert.h"
#include "plm_codec.h"
#include "plm_fix.h"
#include "plm_operations.h"
#include "plm_params.h"
#include "plm_store.h"

#define PLM_QUERY_PAUSE_BITS 8U

/* plm_query_get_configuration: versions, roles, counters, totals. */
plm_err plm_query_get_configuration(struct plm_scratch *s, const struct plm_get_configuration *args)
{
    PLM_ASSERT(args->reserved == 0);
    PLM_TRY(plm_store_ledger(s));
    const struct plm_reply_configuration reply = {
        .abi = PLM_ABI_VERSION,
        .rulebook = PLM_RULEBOOK_VERSION,
        .config = s->config,
        .ledger = s->ledger,
    };
    plm_store_reply(s, PLM_LAYOUT_reply_configuration, &reply);
    return PLM_OK;
}

/* The parameters of a target, loaded. Errors: E_NO_ASSET, E_NO_MARKET. */
static plm_err plm_query_state_params(struct plm_scratch *s,
                                      const struct plm_get_parameters *args,
                                      const void **params,
                                      uint8_t *unbacked)
{
    PLM_ASSERT(args->target <= PLM_TARGET_ASSET); /* the codec's bound */
    *unbacked = 0;
    if (args->target == PLM_TARGET_MARKET) {
        struct plm_market_slot *market = NULL;
        PLM_TRY(plm_store_market(s, args->id, &market));
        *params = &market->record.params;
        *unbacked = market->record.unbacked;
    } else if (args->target == PLM_TARGET_FEED) {
        struct plm_feed_slot *feed = NULL;
        PLM_TRY(plm_store_feed(s, args->id, &feed));
        *params = &feed->record.params;
    } else {
        struct plm_asset_slot *asset = NULL;
        PLM_TRY(plm_store_asset(s, args->id, &asset));
        *params = &asset->record.params;
    }
    return PLM_OK;
}

/* plm_query_get_parameters: one parameter as an integer of its unit.
 * Errors: E_FIELD the target has no such parameter; E_NO_ASSET, E_NO_MARKET. */
plm_err plm_query_get_parameters(struct plm_scratch *s, const struct plm_get_parameters *args)
{
    const struct plm_param *param = plm_params_find(args->param);
    if (param == NULL || param->target != args->target) {
        return PLM_E_FIELD;
    }
    const void *params = NULL;
    struct plm_reply_parameters reply = {.epoch = s->config.epoch};
    PLM_TRY(plm_query_state_params(s, args, &params, &reply.unbacked));
    PLM_ASSERT(params != NULL);
    reply.value = plm_codec_get(param->field, params);
    plm_store_reply(s, PLM_LAYOUT_reply_parameters, &reply);
    return PLM_OK;
}

/* plm_query_get_roles: who holds what. */
plm_err plm_query_get_roles(struct plm_scratch *s, const struct plm_get_roles *args)
{
    PLM_ASSERT(args->reserved == 0);
    const struct plm_reply_roles reply = {
        .admin = s->config.admin,
        .guardian = s->config.guardian,
        .matcher = s->config.matcher,
    };
    plm_store_reply(s, PLM_LAYOUT_reply_roles, &reply);
    return PLM_OK;
}

/* The bits in force with their ends; 0: until somebody lifts it. [GOV-2] */
static void plm_query_state_list_pauses(uint8_t bits,
                                        const struct plm_pause_set *sets,
                                        struct plm_reply_pauses *reply)
{
    const plm_time until_lifted = {0};
    reply->pauses_count = 0;
    for (uint32_t bit = 0; bit < PLM_QUERY_PAUSE_BITS; bit++) {
        if ((bits >> bit & 1U) == 0) {
            continue;
        }
        struct plm_pause_view *view = &reply->pauses[reply->pauses_count];
        view->bit = (uint8_t)bit;
        view->until = until_lifted;
        if (bit != PLM_PAUSE_INCREASE) {
            view->until = plm_params_pause_end((uint8_t)bit, sets[bit].at);
        }
        reply->pauses_count++;
    }
    PLM_ASSERT(reply->pauses_count <= PLM_QUERY_PAUSE_BITS);
}

/* plm_query_get_proposal: as stored, and when it may be executed. [GOV-3] Errors: E_NO_PROPOSAL. */
plm_err plm_query_get_proposal(struct plm_scratch *s, const struct plm_get_proposal *args)
{
    struct plm_reply_proposal_view reply = {0};
    PLM_TRY(plm_store_proposal(s, args->proposal, &reply.change));
    reply.from = plm_time_add(reply.change.since, PLM_LIMIT_NOTICE);
    reply.until = plm_time_add(reply.change.since, PLM_LIMIT_PROPOSAL_LIFE);
    PLM_ASSERT(plm_time_cmp(reply.from, reply.until) < 0);
    plm_store_reply(s, PLM_LAYOUT_reply_proposal_view, &reply);
    return PLM_OK;
}

/* plm_query_get_pauses: of one market, or those for all. Errors: E_NO_MARKET. */
plm_err plm_query_get_pauses(struct plm_scratch *s, const struct plm_get_pauses *args)
{
    uint8_t bits = s->config.pauses;
    const struct plm_pause_set *sets = s->config.pause_sets;
    uint32_t count = s->config.pause_sets_count;
    if (args->market != PLM_NO_MARKET) {
        struct plm_market_slot *market = NULL;
        PLM_TRY(plm_store_market(s, args->market, &market));
        bits = market->state.pauses;
        sets = market->state.pause_sets;
        count = market->state.pause_sets_count;
    }
    struct plm_reply_pauses reply = {0};
    const uint8_t in_force = plm_params_pauses(bits, sets, count, s->now);
    PLM_ASSERT((in_force & ~bits) == 0);
    plm_query_state_list_pauses(in_force, sets, &reply);
    plm_store_reply(s, PLM_LAYOUT_reply_pauses, &reply);
    return PLM_OK;
}

/* plm_query_get_asset: Errors: E_NO_ASSET. */
plm_err plm_query_get_asset(struct plm_scratch *s, const struct plm_get_asset *args)
{
    struct plm_asset_slot *asset = NULL;
    PLM_TRY(plm_store_asset(s, args->asset, &asset));
    PLM_ASSERT(asset->id == args->asset);
    const struct plm_reply_asset reply = {.asset = asset->record, .state = asset->state};
    plm_store_reply(s, PLM_LAYOUT_reply_asset, &reply);
    return PLM_OK;
}

/* plm_query_get_market: Errors: E_NO_MARKET. */
plm_err plm_query_get_market(struct plm_scratch *s, const struct plm_get_market *args)
{
    struct plm_market_slot *market = NULL;
    PLM_TRY(plm_store_market(s, args->market, &market));
    PLM_ASSERT(market->id == args->market);
    const struct plm_reply_market reply = {.market = market->record, .state = market->state};
    plm_store_reply(s, PLM_LAYOUT_reply_market, &reply);
    return PLM_OK;
}

/* plm_query_get_feed: Errors: E_NO_MARKET. */
plm_err plm_query_get_feed(struct plm_scratch *s, const struct plm_get_feed *args)
{
    struct plm_feed_slot *feed = NULL;
    struct plm_sources_slot *sources = NULL;
    PLM_TRY(plm_store_feed(s, args->feed, &feed));
    PLM_TRY(plm_store_sources(s, args->feed, &sources));
    PLM_ASSERT(sources->feed == args->feed);
    const struct plm_reply_feed reply = {
        .feed = feed->record, .state = feed->state, .sources = sources->record};
    plm_store_reply(s, PLM_LAYOUT_reply_feed, &reply);
    return PLM_OK;
}

/* --- lines [ACCT-8] --- */

static void plm_query_state_add_line(struct plm_reply_lines *reply, uint8_t line, plm_val value)
{
    const struct plm_line_view view = {.line = line, .value = value};
    PLM_ASSERT((reply->lines_count + 1) * sizeof view <= sizeof reply->lines);
    reply->lines[reply->lines_count] = view;
    reply->lines_count++;
}

/* plm_query_get_lines: the market's lines, then the global ones and the settlement asset's surplus,
 * in the order of lines.def. Errors: E_NO_MARKET. */
plm_err plm_query_get_lines(struct plm_scratch *s, const struct plm_get_lines *args)
{
    struct plm_market_slot *market = NULL;
    struct plm_asset_slot *settlement = NULL;
    PLM_TRY(plm_store_market(s, args->market, &market));
    PLM_TRY(plm_store_asset(s, 0, &settlement));
    PLM_TRY(plm_store_ledger(s));
    struct plm_reply_lines reply = {.unbacked = market->record.unbacked};
    plm_val surplus = {0};
    PLM_TRY(plm_fix_atoms_to_val_checked(
        settlement->state.surplus, settlement->record.decimals, &surplus));
#define PLM_QUERY_LINE_MARKET(field) market->state.field
#define PLM_QUERY_LINE_LEDGER(field) s->ledger.field
#define PLM_QUERY_LINE_ASSET(field)  surplus
#define X(symbol, id, place, field, may_be_negative, text)                                         \
    plm_query_state_add_line(&reply, (id), PLM_QUERY_LINE_##place(field));
#include "lines.def"
#undef X
    PLM_ASSERT(!plm_val_is_negative(market->state.pool));
    plm_store_reply(s, PLM_LAYOUT_reply_lines, &reply);
    return PLM_OK;
}

/* plm_query_get_account: Errors: E_NO_ACCOUNT. */
plm_err plm_query_get_account(struct plm_scratch *s, const struct plm_get_account *args)
{
    struct plm_account_slot *account = NULL;
    PLM_TRY(plm_store_account(s, args->account, &account));
    PLM_ASSERT(account->id == args->account);
    const struct plm_reply_account_view reply = {.account = account->record};
    plm_store_reply(s, PLM_LAYOUT_reply_account_view, &reply);
    return PLM_OK;
}

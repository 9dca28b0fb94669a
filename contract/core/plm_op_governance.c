// SPDX-License-Identifier: Apache-2.0
/* Parameters, statuses, roles and publishers: at once where safety does not fall, else as a
 * proposal that waits for its notice; executing and cancelling proposals. [GOV-1] [GOV-3] [ACCT-7]
 * Spec: "Roles, emergency, governance". No balance changes here.
 * A change is checked in full when it is proposed and again when it is executed, by the same lines;
 * `is_due` tells them apart: the change was proposed, and its notice has passed. */
#include "plm_assert.h"
#include "plm_codec.h"
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

/* ---- what waits ---- */

/* Until the first fill nothing can be lost, and an engine is set up at once. */
static bool plm_op_waits(const struct plm_scratch *s, bool is_due)
{
    return plm_params_is_live(s) && !is_due;
}

static void plm_op_reply(struct plm_scratch *s, bool is_due, uint64_t proposal)
{
    const struct plm_reply_proposal reply = {proposal};
    if (!is_due) {
        plm_store_reply(s, PLM_LAYOUT_reply_proposal, &reply);
    }
}

static void plm_op_propose(struct plm_scratch *s, const struct plm_proposal *change)
{
    PLM_ASSERT(s->config.last_proposal < UINT64_MAX);
    PLM_ASSERT(s->proposal_created == 0);
    s->config.last_proposal++;
    s->config_changed = true;
    s->proposal_created = s->config.last_proposal;
    s->proposal_record = *change;
    s->proposal_record.since = s->now;
    const struct plm_ev_proposed event = {.proposal = s->proposal_created,
                                          .change = change->change,
                                          .target = change->target,
                                          .id = change->id,
                                          .param = change->param,
                                          .before = change->before,
                                          .after = change->after,
                                          .state = change->state,
                                          .holder = change->holder};
    plm_store_event(s, PLM_EVENT_PROPOSED, PLM_LAYOUT_ev_proposed, &event);
    plm_op_reply(s, false, s->proposal_created);
}

/* ---- parameters ---- */

/* Whether the change, from `change->before`, waits. Errors: E_PROPOSAL_VOID the value is no longer
 * the one that the proposal was made against; E_PARAM_STEP. */
static plm_err plm_op_judge(const struct plm_scratch *s,
                            const struct plm_param *param,
                            struct plm_proposal *change,
                            plm_val before,
                            bool is_due,
                            bool *waits)
{
    *waits = false;
    if (is_due) {
        return plm_val_cmp(before, change->before) == 0 ? PLM_OK : PLM_E_PROPOSAL_VOID;
    }
    change->before = before;
    if (!plm_op_waits(s, is_due) || plm_params_is_safe(param, before, change->after)) {
        return PLM_OK;
    }
    *waits = true;
    return plm_params_check_step(param, before, change->after);
}

static plm_err plm_op_change_market(struct plm_scratch *s,
                                    const struct plm_param *param,
                                    struct plm_proposal *change,
                                    bool is_due,
                                    bool *waits)
{
    PLM_ASSERT(param->target == PLM_TARGET_MARKET);
    struct plm_market_slot *slot = NULL;
    PLM_TRY(plm_store_market(s, change->id, &slot));
    struct plm_market record = slot->record;
    const struct plm_feed *feed = &s->feeds[slot->feed_slot].record;
    const plm_val before = plm_codec_get(param->field, &record.params);
    PLM_TRY(plm_codec_set(param->field, &record.params, change->after));
    PLM_TRY(plm_params_check_market(&record, feed));
    if (record.unbacked == 0) {
        PLM_TRY(plm_params_check_market_envelope(&record, feed));
    }
    PLM_TRY(plm_op_judge(s, param, change, before, is_due, waits));
    if (!*waits) {
        slot->record = record;
        slot->record_changed = true;
        /* Funding was accrued to now under the old parameters: what has passed stays as it was. */
        slot->state_changed = true;
    }
    return PLM_OK;
}

/* Errors: E_PARAM_RANGE, E_PARAM_ENVELOPE: a market or asset on this feed would break its rules. */
static plm_err
plm_op_check_users_of(struct plm_scratch *s, uint16_t feed, const struct plm_feed *after)
{
    PLM_ASSERT(s->config.market_count <= PLM_LIMIT_MARKETS_MAX);
    PLM_ASSERT(s->config.asset_count <= PLM_LIMIT_ASSETS_MAX);
    struct plm_market market = {0};
    struct plm_asset asset = {0};
    for (uint16_t id = 0; id < s->config.market_count; id++) {
        PLM_TRY(plm_store_read_market(s, id, &market));
        if (market.feed == feed) {
            PLM_TRY(plm_params_check_market(&market, after));
            if (market.unbacked == 0) {
                PLM_TRY(plm_params_check_market_envelope(&market, after));
            }
        }
    }
    for (uint16_t id = 1; id < s->config.asset_count; id++) {
        PLM_TRY(plm_store_read_asset(s, id, &asset));
        if (asset.feed == feed) {
            PLM_TRY(plm_params_check_asset(&asset, after));
            PLM_TRY(plm_params_check_asset_envelope(&asset, after));
        }
    }
    return PLM_OK;
}

/* Cost: one load a market and asset of the engine. */
static plm_err plm_op_change_feed(struct plm_scratch *s,
                                  const struct plm_param *param,
                                  struct plm_proposal *change,
                                  bool is_due,
                                  bool *waits)
{
    PLM_ASSERT(param->target == PLM_TARGET_FEED);
    struct plm_feed_slot *slot = NULL;
    PLM_TRY(plm_store_feed(s, change->id, &slot));
    struct plm_feed record = slot->record;
    const plm_val before = plm_codec_get(param->field, &record.params);
    PLM_TRY(plm_codec_set(param->field, &record.params, change->after));
    PLM_TRY(plm_params_check_feed(&record));
    PLM_TRY(plm_op_check_users_of(s, change->id, &record));
    PLM_TRY(plm_op_judge(s, param, change, before, is_due, waits));
    if (!*waits) {
        slot->record = record;
        slot->record_changed = true;
    }
    return PLM_OK;
}

static plm_err plm_op_change_asset(struct plm_scratch *s,
                                   const struct plm_param *param,
                                   struct plm_proposal *change,
                                   bool is_due,
                                   bool *waits)
{
    PLM_ASSERT(param->target == PLM_TARGET_ASSET);
    if (change->id == 0) { /* cash has no parameters */
        return PLM_E_NO_ASSET;
    }
    struct plm_asset_slot *slot = NULL;
    PLM_TRY(plm_store_asset(s, change->id, &slot));
    struct plm_asset record = slot->record;
    const struct plm_feed *feed = &s->feeds[slot->feed_slot].record;
    const plm_val before = plm_codec_get(param->field, &record.params);
    PLM_TRY(plm_codec_set(param->field, &record.params, change->after));
    PLM_TRY(plm_params_check_asset(&record, feed));
    PLM_TRY(plm_params_check_asset_envelope(&record, feed));
    PLM_TRY(plm_op_judge(s, param, change, before, is_due, waits));
    if (!*waits) {
        slot->record = record;
        slot->record_changed = true;
    }
    return PLM_OK;
}

static plm_err plm_op_change_param(struct plm_scratch *s, struct plm_proposal *change, bool is_due)
{
    const struct plm_param *param = plm_params_find(change->param);
    bool waits = false;
    PLM_ASSERT(param != NULL);
    PLM_ASSERT(param->target == change->target);
    if (param->target == PLM_TARGET_MARKET) {
        PLM_TRY(plm_op_change_market(s, param, change, is_due, &waits));
    } else if (param->target == PLM_TARGET_FEED) {
        PLM_TRY(plm_op_change_feed(s, param, change, is_due, &waits));
    } else {
        PLM_TRY(plm_op_change_asset(s, param, change, is_due, &waits));
    }
    if (waits) {
        plm_op_propose(s, change);
        return PLM_OK;
    }
    plm_op_next_epoch(s);
    const struct plm_ev_param_set event = {.target = change->target,
                                           .id = change->id,
                                           .param = change->param,
                                           .before = change->before,
                                           .after = change->after};
    plm_store_event(s, PLM_EVENT_PARAM_SET, PLM_LAYOUT_ev_param_set, &event);
    plm_op_reply(s, is_due, 0);
    return PLM_OK;
}

plm_err plm_op_set_param(struct plm_scratch *s, const struct plm_set_param *args)
{
    const struct plm_param *param = plm_params_find(args->param);
    if (param == NULL || param->target != args->target) {
        return PLM_E_FIELD;
    }
    PLM_TRY(plm_store_check_role(s, &s->config.admin));
    struct plm_proposal change = {.change = PLM_CHANGE_PARAM,
                                  .target = args->target,
                                  .id = args->id,
                                  .param = args->param,
                                  .after = args->value};
    return plm_op_change_param(s, &change, false);
}

/* ---- status [ACCT-7] ---- */

/* init -> active -> reduce_only, and back to active while nothing is uncovered [LOSS-7]. Settling
 * needs a settlement price [GOV-5], which this version does not have: a market cannot close. */
static bool plm_op_may_move_status(const struct plm_market_state *state, uint8_t to)
{
    PLM_ASSERT(state->status <= PLM_STATUS_RESOLVED);
    PLM_ASSERT(!plm_val_is_positive(state->uncovered));
    if (state->status == PLM_STATUS_INIT) {
        return to == PLM_STATUS_ACTIVE;
    }
    if (state->status == PLM_STATUS_ACTIVE) {
        return to == PLM_STATUS_REDUCE_ONLY;
    }
    const bool is_reduce_only = state->status == PLM_STATUS_REDUCE_ONLY;
    return is_reduce_only && to == PLM_STATUS_ACTIVE && plm_val_is_zero(state->uncovered);
}

static plm_err
plm_op_change_status(struct plm_scratch *s, const struct plm_proposal *change, bool is_due)
{
    const uint8_t status = change->state;
    struct plm_market_slot *market = NULL;
    PLM_TRY(plm_store_market(s, change->id, &market));
    if (!plm_op_may_move_status(&market->state, status)) {
        return PLM_E_STATUS;
    }
    if (status == PLM_STATUS_ACTIVE && plm_op_waits(s, is_due)) {
        plm_op_propose(s, change);
        return PLM_OK;
    }
    market->state.status = status;
    market->state_changed = true;
    const struct plm_ev_status_set event = {.market = change->id, .status = status};
    plm_store_event(s, PLM_EVENT_STATUS_SET, PLM_LAYOUT_ev_status_set, &event);
    plm_op_reply(s, is_due, 0);
    return PLM_OK;
}

plm_err plm_op_set_status(struct plm_scratch *s, const struct plm_set_status *args)
{
    PLM_TRY(plm_store_check_role(s, &s->config.admin));
    const struct plm_proposal change = {
        .change = PLM_CHANGE_STATUS, .id = args->market, .state = args->status};
    return plm_op_change_status(s, &change, false);
}

/* ---- roles and publishers [GOV-1] ---- */

static plm_err
plm_op_change_role(struct plm_scratch *s, const struct plm_proposal *change, bool is_due)
{
    PLM_ASSERT(change->id <= PLM_ROLE_MATCHER);
    if (plm_op_waits(s, is_due)) {
        plm_op_propose(s, change);
        return PLM_OK;
    }
    if (change->id == PLM_ROLE_ADMIN) {
        s->config.admin = change->holder;
    } else if (change->id == PLM_ROLE_GUARDIAN) {
        s->config.guardian = change->holder;
    } else {
        s->config.matcher = change->holder;
    }
    plm_op_next_epoch(s);
    const struct plm_ev_role_set event = {.role = (uint8_t)change->id, .holder = change->holder};
    plm_store_event(s, PLM_EVENT_ROLE_SET, PLM_LAYOUT_ev_role_set, &event);
    plm_op_reply(s, is_due, 0);
    return PLM_OK;
}

plm_err plm_op_set_role(struct plm_scratch *s, const struct plm_set_role *args)
{
    if (args->holder.length == 0) {
        return PLM_E_FIELD;
    }
    PLM_TRY(plm_store_check_role(s, &s->config.admin));
    struct plm_proposal change = {.change = PLM_CHANGE_ROLE, .id = args->role};
    plm_store_hash_addr(s, &args->holder, &change.holder);
    return plm_op_change_role(s, &change, false);
}

/* Index of a publisher; the count where it is not one. */
static uint32_t plm_op_find_source(const struct plm_feed_sources *sources,
                                   const struct plm_hash *publisher)
{
    PLM_ASSERT(sources->sources_count <= PLM_PUBLISHERS_MAX);
    uint32_t found = sources->sources_count;
    for (uint32_t i = 0; i < sources->sources_count; i++) {
        bool same = true;
        for (uint32_t b = 0; b < sizeof publisher->bytes; b++) {
            same = same && sources->sources[i].publisher.bytes[b] == publisher->bytes[b];
        }
        if (same) {
            found = i;
        }
    }
    PLM_ASSERT(found <= sources->sources_count);
    return found;
}

/* Errors: E_EXISTS; E_PARAM_RANGE the feed has PUBLISHERS_MAX. */
static plm_err plm_op_add_source(struct plm_feed_sources *sources, const struct plm_hash *publisher)
{
    const uint32_t count = sources->sources_count;
    PLM_ASSERT(count <= PLM_PUBLISHERS_MAX);
    if (plm_op_find_source(sources, publisher) < count) {
        return PLM_E_EXISTS;
    }
    if (count == PLM_PUBLISHERS_MAX) {
        return PLM_E_PARAM_RANGE;
    }
    const struct plm_source source = {.publisher = *publisher};
    sources->sources[count] = source;
    sources->sources_count = count + 1;
    return PLM_OK;
}

/* His last quote leaves with him. Fewer than k may remain: a stolen key must be removable, and the
 * feed then refuses to price. Errors: E_NOT_NEEDED he is not one. */
static plm_err plm_op_remove_source(struct plm_feed_sources *sources,
                                    const struct plm_hash *publisher)
{
    const uint32_t place = plm_op_find_source(sources, publisher);
    PLM_ASSERT(sources->sources_count <= PLM_PUBLISHERS_MAX);
    if (place == sources->sources_count) {
        return PLM_E_NOT_NEEDED;
    }
    for (uint32_t i = place; i + 1 < sources->sources_count; i++) {
        sources->sources[i] = sources->sources[i + 1];
    }
    sources->sources_count--;
    return PLM_OK;
}

/* To remove one never waits: a stolen key must be removable. */
static plm_err
plm_op_change_publisher(struct plm_scratch *s, const struct plm_proposal *change, bool is_due)
{
    const bool is_on = change->state == 1;
    struct plm_sources_slot *slot = NULL;
    PLM_TRY(plm_store_sources(s, change->id, &slot));
    struct plm_feed_sources record = slot->record;
    if (is_on) {
        PLM_TRY(plm_op_add_source(&record, &change->holder));
    } else {
        PLM_TRY(plm_op_remove_source(&record, &change->holder));
    }
    if (is_on && plm_op_waits(s, is_due)) {
        plm_op_propose(s, change);
        return PLM_OK;
    }
    slot->record = record;
    slot->changed = true;
    plm_op_next_epoch(s);
    const struct plm_ev_publisher_set event = {
        .feed = change->id, .publisher = change->holder, .on = change->state};
    plm_store_event(s, PLM_EVENT_PUBLISHER_SET, PLM_LAYOUT_ev_publisher_set, &event);
    plm_op_reply(s, is_due, 0);
    return PLM_OK;
}

plm_err plm_op_set_publisher(struct plm_scratch *s, const struct plm_set_publisher *args)
{
    if (args->publisher.length == 0) {
        return PLM_E_FIELD;
    }
    PLM_TRY(plm_store_check_role(s, &s->config.admin));
    struct plm_proposal change = {
        .change = PLM_CHANGE_PUBLISHER, .id = args->feed, .state = args->on};
    plm_store_hash_addr(s, &args->publisher, &change.holder);
    return plm_op_change_publisher(s, &change, false);
}

/* ---- proposals [GOV-3] ---- */

static void plm_op_end_proposal(struct plm_scratch *s, uint64_t proposal, uint8_t executed)
{
    PLM_ASSERT(executed <= 1);
    PLM_ASSERT(s->proposal_deleted == 0);
    s->proposal_deleted = proposal;
    const struct plm_ev_proposal_ended event = {.proposal = proposal, .executed = executed};
    plm_store_event(s, PLM_EVENT_PROPOSAL_ENDED, PLM_LAYOUT_ev_proposal_ended, &event);
}

/* The admin's; but a new admin takes his role himself, so that it is never given to a key that
 * nobody holds. */
plm_err plm_op_execute(struct plm_scratch *s, const struct plm_execute *args)
{
    struct plm_proposal change = {0};
    const plm_err found = plm_store_proposal(s, args->proposal, &change);
    if (found == PLM_E_NO_PROPOSAL) {
        PLM_TRY(plm_store_check_role(s, &s->config.admin));
    }
    PLM_TRY(found);
    const bool is_handover = change.change == PLM_CHANGE_ROLE && change.id == PLM_ROLE_ADMIN;
    PLM_TRY(plm_store_check_role(s, is_handover ? &change.holder : &s->config.admin));
    const uint64_t waited = plm_time_since(s->now, change.since);
    if (waited > PLM_LIMIT_PROPOSAL_LIFE) {
        return PLM_E_PROPOSAL_VOID;
    }
    if (waited < PLM_LIMIT_NOTICE) {
        return PLM_E_PARAM_DELAY;
    }
    plm_op_end_proposal(s, args->proposal, 1);
    switch (change.change) {
    case PLM_CHANGE_PARAM: return plm_op_change_param(s, &change, true);
    case PLM_CHANGE_STATUS: return plm_op_change_status(s, &change, true);
    case PLM_CHANGE_ROLE: return plm_op_change_role(s, &change, true);
    default: return plm_op_change_publisher(s, &change, true);
    }
}

plm_err plm_op_cancel(struct plm_scratch *s, const struct plm_cancel *args)
{
    struct plm_proposal change = {0};
    if (plm_store_check_role(s, &s->config.guardian) != PLM_OK) {
        PLM_TRY(plm_store_check_role(s, &s->config.admin));
    }
    PLM_TRY(plm_store_proposal(s, args->proposal, &change));
    plm_op_end_proposal(s, args->proposal, 0);
    return PLM_OK;
}

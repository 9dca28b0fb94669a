// SPDX-License-Identifier: Apache-2.0
/* Tightening parameters, moving a market's status, naming roles and publishers, pausing.
 * [GOV-1] [GOV-2] [GOV-3] Spec: "Roles, emergency, governance". No balance changes here. */
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

/* ---- tighten [GOV-3] ---- */

/* Whatever is listed may only be tightened, a market in `init` too. */
static plm_err plm_op_check_direction(const struct plm_scratch *s,
                                      const struct plm_param *param,
                                      plm_val before,
                                      plm_val after)
{
    PLM_ASSERT(param != NULL);
    if (!PLM_RULE_IS_ON(s, GOV_3)) {
        return PLM_OK;
    }
    return plm_params_check_tightening(param, before, after);
}

static plm_err plm_op_tighten_market(struct plm_scratch *s,
                                     const struct plm_tighten *args,
                                     const struct plm_param *param,
                                     plm_val *before)
{
    PLM_ASSERT(param->target == PLM_TARGET_MARKET);
    struct plm_market_slot *slot = NULL;
    PLM_TRY(plm_store_market(s, args->id, &slot));
    struct plm_market record = slot->record;
    const struct plm_feed *feed = &s->feeds[slot->feed_slot].record;
    *before = plm_codec_get(param->field, &record.params);
    PLM_TRY(plm_codec_set(param->field, &record.params, args->value));
    PLM_TRY(plm_params_check_market(&record, feed));
    if (record.unbacked == 0) {
        PLM_TRY(plm_params_check_market_envelope(&record, feed));
    }
    PLM_TRY(plm_op_check_direction(s, param, *before, args->value));
    slot->record = record;
    slot->record_changed = true;
    /* Funding was accrued to now under the old parameters: what has passed stays as it was. */
    slot->state_changed = true;
    return PLM_OK;
}

/* Errors: E_PARAM_ENVELOPE where a market on this feed would leave its envelope. */
static plm_err plm_op_check_market_of(struct plm_scratch *s,
                                      uint16_t id,
                                      uint16_t feed,
                                      const struct plm_feed *after)
{
    PLM_ASSERT(id < s->config.market_count);
    struct plm_market_slot *market = NULL;
    PLM_TRY(plm_store_market(s, id, &market));
    if (market->record.feed != feed || market->record.unbacked == 1) {
        return PLM_OK;
    }
    return plm_params_check_market_envelope(&market->record, after);
}

/* A feed's change that lengthens T or widens its move must leave every market on it inside its
 * envelope. [PRICE-7] Cost: one load a market; E_POSITIONS_MAX above MARKET_SLOTS markets. */
static plm_err plm_op_check_markets_of(struct plm_scratch *s,
                                       uint16_t feed,
                                       const struct plm_feed *before,
                                       const struct plm_feed *after)
{
    PLM_ASSERT(s->config.market_count <= PLM_LIMIT_MARKETS_MAX);
    const bool is_longer = plm_params_horizon(after) > plm_params_horizon(before);
    const bool is_wider =
        plm_ratio_cmp(plm_params_worst_move(after), plm_params_worst_move(before)) > 0;
    if (!is_longer && !is_wider) {
        return PLM_OK;
    }
    for (uint16_t id = 0; id < s->config.market_count; id++) {
        PLM_TRY(plm_op_check_market_of(s, id, feed, after));
    }
    return PLM_OK;
}

static plm_err plm_op_tighten_feed(struct plm_scratch *s,
                                   const struct plm_tighten *args,
                                   const struct plm_param *param,
                                   plm_val *before)
{
    PLM_ASSERT(param->target == PLM_TARGET_FEED);
    struct plm_feed_slot *slot = NULL;
    PLM_TRY(plm_store_feed(s, args->id, &slot));
    struct plm_feed record = slot->record;
    *before = plm_codec_get(param->field, &record.params);
    PLM_TRY(plm_codec_set(param->field, &record.params, args->value));
    PLM_TRY(plm_params_check_feed(&record));
    PLM_TRY(plm_op_check_markets_of(s, args->id, &slot->record, &record));
    PLM_TRY(plm_op_check_direction(s, param, *before, args->value));
    slot->record = record;
    slot->record_changed = true;
    return PLM_OK;
}

static plm_err plm_op_tighten_asset(struct plm_scratch *s,
                                    const struct plm_tighten *args,
                                    const struct plm_param *param,
                                    plm_val *before)
{
    PLM_ASSERT(param->target == PLM_TARGET_ASSET);
    if (args->id == 0) { /* cash has no parameters */
        return PLM_E_NO_ASSET;
    }
    struct plm_asset_slot *slot = NULL;
    PLM_TRY(plm_store_asset(s, args->id, &slot));
    struct plm_asset record = slot->record;
    const struct plm_feed *feed = &s->feeds[slot->feed_slot].record;
    *before = plm_codec_get(param->field, &record.params);
    PLM_TRY(plm_codec_set(param->field, &record.params, args->value));
    PLM_TRY(plm_params_check_asset(&record, feed));
    PLM_TRY(plm_params_check_asset_envelope(&record, feed));
    PLM_TRY(plm_op_check_direction(s, param, *before, args->value));
    slot->record = record;
    slot->record_changed = true;
    return PLM_OK;
}

plm_err plm_op_tighten(struct plm_scratch *s, const struct plm_tighten *args)
{
    const struct plm_param *param = plm_params_find(args->param);
    if (param == NULL || param->target != args->target) {
        return PLM_E_FIELD;
    }
    PLM_TRY(plm_store_check_role(s, &s->config.admin));

    plm_val before = {{0, 0}};
    if (param->target == PLM_TARGET_MARKET) {
        PLM_TRY(plm_op_tighten_market(s, args, param, &before));
    } else if (param->target == PLM_TARGET_FEED) {
        PLM_TRY(plm_op_tighten_feed(s, args, param, &before));
    } else {
        PLM_TRY(plm_op_tighten_asset(s, args, param, &before));
    }
    plm_op_next_epoch(s);
    const struct plm_ev_tightened event = {.target = args->target,
                                           .id = args->id,
                                           .param = args->param,
                                           .before = before,
                                           .after = args->value};
    plm_store_event(s, PLM_EVENT_TIGHTENED, PLM_LAYOUT_ev_tightened, &event);
    return PLM_OK;
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

plm_err plm_op_set_status(struct plm_scratch *s, const struct plm_set_status *args)
{
    PLM_TRY(plm_store_check_role(s, &s->config.admin));
    struct plm_market_slot *market = NULL;
    PLM_TRY(plm_store_market(s, args->market, &market));
    if (!plm_op_may_move_status(&market->state, args->status)) {
        return PLM_E_STATUS;
    }
    market->state.status = args->status;
    market->state_changed = true;
    const struct plm_ev_status_set event = {.market = args->market, .status = args->status};
    plm_store_event(s, PLM_EVENT_STATUS_SET, PLM_LAYOUT_ev_status_set, &event);
    return PLM_OK;
}

/* ---- roles and publishers [GOV-1] ---- */

plm_err plm_op_set_role(struct plm_scratch *s, const struct plm_set_role *args)
{
    if (args->holder.length == 0) {
        return PLM_E_FIELD;
    }
    PLM_TRY(plm_store_check_role(s, &s->config.admin));
    struct plm_hash holder = {{0}};
    plm_store_hash_addr(s, &args->holder, &holder);
    if (args->role == PLM_ROLE_ADMIN) {
        s->config.admin = holder;
    } else if (args->role == PLM_ROLE_GUARDIAN) {
        s->config.guardian = holder;
    } else {
        PLM_ASSERT(args->role == PLM_ROLE_MATCHER);
        s->config.matcher = holder;
    }
    plm_op_next_epoch(s);
    const struct plm_ev_role_set event = {.role = args->role, .holder = holder};
    plm_store_event(s, PLM_EVENT_ROLE_SET, PLM_LAYOUT_ev_role_set, &event);
    return PLM_OK;
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

plm_err plm_op_set_publisher(struct plm_scratch *s, const struct plm_set_publisher *args)
{
    if (args->publisher.length == 0) {
        return PLM_E_FIELD;
    }
    PLM_TRY(plm_store_check_role(s, &s->config.admin));
    struct plm_sources_slot *slot = NULL;
    struct plm_hash publisher = {{0}};
    PLM_TRY(plm_store_sources(s, args->feed, &slot));
    plm_store_hash_addr(s, &args->publisher, &publisher);
    if (args->on == 1) {
        PLM_TRY(plm_op_add_source(&slot->record, &publisher));
    } else {
        PLM_TRY(plm_op_remove_source(&slot->record, &publisher));
    }
    slot->changed = true;
    plm_op_next_epoch(s);
    const struct plm_ev_publisher_set event = {
        .feed = args->feed, .publisher = publisher, .on = args->on};
    plm_store_event(s, PLM_EVENT_PUBLISHER_SET, PLM_LAYOUT_ev_publisher_set, &event);
    return PLM_OK;
}

/* ---- pauses [GOV-2] ---- */

#define PLM_OP_FOR_ALL ((1U << PLM_PAUSE_DEPOSIT) | (1U << PLM_PAUSE_WITHDRAW))

/* The pauses of one place: the configuration's or a market's. */
struct plm_op_pauses {
    uint8_t bits; /* as stored: a bit that ended by itself is still set */
    uint32_t count;
    struct plm_pause_set sets[PLM_LIMIT_PAUSE_BITS];
    plm_time lifted; /* end of the pause that liquidations also wait for */
};

static bool plm_op_has_bit(uint32_t bits, uint8_t bit)
{
    PLM_ASSERT(bit < PLM_LIMIT_PAUSE_BITS);
    return (bits >> bit & 1U) != 0;
}

/* Clears one bit; `watched` is the bit whose end liquidations wait for. */
static void
plm_op_lift_pause(struct plm_op_pauses *pauses, uint8_t bit, uint8_t watched, plm_time now)
{
    PLM_ASSERT(plm_op_has_bit(pauses->bits, bit));
    PLM_ASSERT(pauses->count == PLM_LIMIT_PAUSE_BITS);
    pauses->bits = (uint8_t)(pauses->bits & ~(1U << bit));
    if (bit == watched) {
        const plm_time end = plm_params_pause_end(bit, pauses->sets[bit].at);
        pauses->lifted = plm_time_max(pauses->lifted, plm_time_min(end, now));
    }
}

/* The wanted bits are set; others stay, or are lifted where `replaces`. A bit that is in force
 * keeps its clock: nothing renews it. Errors: E_PAUSED a bit was set less than PAUSE_AGAIN ago. */
static plm_err plm_op_change_pauses(
    struct plm_op_pauses *pauses, uint32_t wanted, bool replaces, uint8_t watched, plm_time now)
{
    const plm_time never = {0};
    const uint32_t in_force = plm_params_pauses(pauses->bits, pauses->sets, pauses->count, now);
    PLM_ASSERT(wanted < 1U << PLM_LIMIT_PAUSE_BITS);
    pauses->count = PLM_LIMIT_PAUSE_BITS;
    for (uint32_t i = 0; i < PLM_LIMIT_PAUSE_BITS; i++) {
        const uint8_t bit = (uint8_t)i;
        const plm_time at = pauses->sets[bit].at;
        const bool was_set = plm_time_cmp(at, never) > 0;
        const bool too_soon = was_set && plm_time_since(now, at) < PLM_LIMIT_PAUSE_AGAIN;
        if (!plm_op_has_bit(wanted, bit)) {
            if (replaces && plm_op_has_bit(pauses->bits, bit)) {
                plm_op_lift_pause(pauses, bit, watched, now);
            }
        } else if (!plm_op_has_bit(in_force, bit)) {
            if (bit != PLM_PAUSE_INCREASE && too_soon) {
                return PLM_E_PAUSED;
            }
            pauses->bits = (uint8_t)(pauses->bits | 1U << bit);
            pauses->sets[bit].at = now;
        }
    }
    return PLM_OK;
}

static void plm_op_copy_sets(const struct plm_pause_set *from, struct plm_pause_set *to)
{
    PLM_ASSERT(from != to);
    for (uint32_t i = 0; i < PLM_LIMIT_PAUSE_BITS; i++) {
        to[i] = from[i];
    }
}

/* Deposits and withdrawals are paused for all markets at once. */
static plm_err
plm_op_pause_all(struct plm_scratch *s, uint32_t wanted, bool replaces, uint8_t *in_force)
{
    struct plm_config *config = &s->config;
    PLM_ASSERT((wanted & ~PLM_OP_FOR_ALL) == 0);
    struct plm_op_pauses pauses = {
        .bits = config->pauses, .count = config->pause_sets_count, .lifted = config->pause_lifted};
    plm_op_copy_sets(config->pause_sets, pauses.sets);
    PLM_TRY(plm_op_change_pauses(&pauses, wanted, replaces, PLM_PAUSE_DEPOSIT, s->now));
    config->pauses = pauses.bits;
    config->pause_sets_count = pauses.count;
    config->pause_lifted = pauses.lifted;
    plm_op_copy_sets(pauses.sets, config->pause_sets);
    s->config_changed = true;
    *in_force = plm_params_pauses(pauses.bits, pauses.sets, pauses.count, s->now);
    return PLM_OK;
}

static plm_err plm_op_pause_market(struct plm_scratch *s,
                                   struct plm_market_slot *market,
                                   uint32_t wanted,
                                   bool replaces,
                                   uint8_t *in_force)
{
    struct plm_market_state *state = &market->state;
    PLM_ASSERT((wanted & PLM_OP_FOR_ALL) == 0);
    struct plm_op_pauses pauses = {
        .bits = state->pauses, .count = state->pause_sets_count, .lifted = state->pause_lifted};
    plm_op_copy_sets(state->pause_sets, pauses.sets);
    PLM_TRY(plm_op_change_pauses(&pauses, wanted, replaces, PLM_PAUSE_REDUCE, s->now));
    state->pauses = pauses.bits;
    state->pause_sets_count = pauses.count;
    state->pause_lifted = pauses.lifted;
    plm_op_copy_sets(pauses.sets, state->pause_sets);
    market->state_changed = true;
    *in_force = plm_params_pauses(pauses.bits, pauses.sets, pauses.count, s->now);
    return PLM_OK;
}

/* The guardian's bits are added; the admin's replace what is there, so that he alone can lift. */
plm_err plm_op_set_pause(struct plm_scratch *s, const struct plm_set_pause *args)
{
    const bool is_for_all = args->market == PLM_NO_MARKET;
    const uint32_t foreign = is_for_all ? ~PLM_OP_FOR_ALL : PLM_OP_FOR_ALL;
    if ((args->bits & foreign) != 0) {
        return PLM_E_FIELD;
    }
    const bool is_admin = plm_store_check_role(s, &s->config.admin) == PLM_OK;
    if (!is_admin) {
        PLM_TRY(plm_store_check_role(s, &s->config.guardian));
    }

    uint8_t in_force = 0;
    if (is_for_all) {
        PLM_TRY(plm_op_pause_all(s, args->bits, is_admin, &in_force));
    } else {
        struct plm_market_slot *market = NULL;
        PLM_TRY(plm_store_market(s, args->market, &market));
        PLM_TRY(plm_op_pause_market(s, market, args->bits, is_admin, &in_force));
    }
    PLM_ASSERT((args->bits & ~(uint32_t)in_force) == 0);
    const struct plm_ev_pause_set event = {.market = args->market, .bits = in_force};
    plm_store_event(s, PLM_EVENT_PAUSE_SET, PLM_LAYOUT_ev_pause_set, &event);
    return PLM_OK;
}

// SPDX-License-Identifier: Apache-2.0
/* Pausing, and lifting pauses. [GOV-2] Spec: "Roles, emergency, governance". How long a pause lasts
 * and what it stops is plm_params' business. No balance changes here. */
#include "plm_assert.h"
#include "plm_fix.h"
#include "plm_operations.h"
#include "plm_params.h"
#include "plm_store.h"

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

/* SPDX-License-Identifier: Apache-2.0
 * Parameters, roles, publishers and statuses: what changed, and that it may. [GOV-1] [GOV-3]
 * I07 I40 I41 I42 */
#include "sim_audit_checks.h"

#include <string.h>

/* --- what was proposed ----------------------------------------------------------------------- */
/* Before the first fill everything changes at once. */
static bool sim_audit_is_live(const struct sim_audit *audit)
{
    return audit->books->config_before.live == 1;
}

/* The proposal that this operation executed, NULL where it executed none. */
static const struct plm_proposal *sim_audit_executed(const struct sim_audit *audit)
{
    const struct sim_audit_books *books = audit->books;
    const bool is_one = audit->op->opcode == PLM_OP_EXECUTE && books->proposals_ended == 1;
    return is_one ? &books->proposal_ended : NULL;
}

/* One may end only by execute or cancel, be made only by the four operations that change things,
 * and be executed only in its time. */
static void sim_audit_check_proposals(struct sim_audit *audit)
{
    const struct sim_audit_books *books = audit->books;
    const uint8_t opcode = audit->op->opcode;
    const bool may_make = opcode == PLM_OP_SET_PARAM || opcode == PLM_OP_SET_STATUS ||
                          opcode == PLM_OP_SET_ROLE || opcode == PLM_OP_SET_PUBLISHER;
    const uint32_t ends = opcode == PLM_OP_EXECUTE || opcode == PLM_OP_CANCEL ? 1u : 0;
    sim_audit_true(audit,
                   SIM_I41,
                   books->proposals_ended == ends &&
                       books->proposals_made <= (may_make && sim_audit_is_live(audit) ? 1u : 0),
                   "a proposal was made or ended by operation",
                   audit->op->number);
    const struct plm_proposal *executed = sim_audit_executed(audit);
    if (executed != NULL) {
        const sim_int waited = (sim_int)audit->op->context.time - (sim_int)executed->since.sec;
        sim_audit_at_least(audit,
                           SIM_I41,
                           waited,
                           (sim_int)2 * 86400,
                           "its wait, and the notice, of operation",
                           audit->op->number);
        sim_audit_at_least(audit,
                           SIM_I41,
                           (sim_int)7 * 86400,
                           waited,
                           "its life, and the wait, of operation",
                           audit->op->number);
    }
    if (books->proposals_made == 1) {
        sim_audit_true(audit,
                       SIM_I41,
                       books->proposal_made.since.sec == audit->op->context.time,
                       "a proposal with another time than that of operation",
                       audit->op->number);
    }
}

/* --- roles, publishers, statuses [GOV-1] ------------------------------------------------------ */
static void sim_audit_check_role(struct sim_audit *audit,
                                 uint16_t role,
                                 const struct plm_hash *before,
                                 const struct plm_hash *after)
{
    const struct plm_proposal *executed = sim_audit_executed(audit);
    bool may = audit->op->opcode == PLM_OP_INITIALISE ||
               (audit->op->opcode == PLM_OP_SET_ROLE && !sim_audit_is_live(audit));
    if (executed != NULL) {
        may = executed->change == PLM_CHANGE_ROLE && executed->id == role &&
              sim_audit_same_hash(&executed->holder, after);
    }
    sim_audit_true(audit,
                   SIM_I40,
                   may || sim_audit_same_hash(before, after),
                   "a role changed by operation",
                   audit->op->number);
}

static void sim_audit_check_roles(struct sim_audit *audit)
{
    const struct plm_config *a = &audit->books->config_before;
    const struct plm_config *b = &audit->books->config;
    if (audit->books->is_config_written) {
        sim_audit_check_role(audit, PLM_ROLE_ADMIN, &a->admin, &b->admin);
        sim_audit_check_role(audit, PLM_ROLE_GUARDIAN, &a->guardian, &b->guardian);
        sim_audit_check_role(audit, PLM_ROLE_MATCHER, &a->matcher, &b->matcher);
        sim_audit_at_least(audit,
                           SIM_I41,
                           b->live,
                           a->live,
                           "live, after and before, of operation",
                           audit->op->number);
    }
}

/* A market opens, and a feed gets a publisher, at once only while nothing is at risk. */
static void sim_audit_check_openings(struct sim_audit *audit)
{
    const struct sim_audit_books *books = audit->books;
    const struct plm_proposal *executed = sim_audit_executed(audit);
    const bool is_live = sim_audit_is_live(audit);
    for (uint32_t i = 0; i < books->touched_market_count; i++) {
        const struct sim_audit_market *market = &books->markets[books->touched_markets[i]];
        const bool opens = market->is_written && market->state.status == PLM_STATUS_ACTIVE &&
                           market->before.status != PLM_STATUS_ACTIVE;
        const bool may = !is_live || (executed != NULL && executed->change == PLM_CHANGE_STATUS &&
                                      executed->id == books->touched_markets[i]);
        sim_audit_true(audit,
                       SIM_I41,
                       !opens || may,
                       "opened without notice: market",
                       books->touched_markets[i]);
    }
    if (audit->op->opcode == PLM_OP_SET_PUBLISHER && is_live) {
        sim_audit_true(audit,
                       SIM_I41,
                       books->source_count == 0 || audit->message.set_publisher.on == 0,
                       "a publisher without notice, of feed",
                       audit->message.set_publisher.feed);
    }
}

/* --- parameters [GOV-3] ------------------------------------------------------------------------
 */
/* Of these 0 means "off", which is looser than any value. [ACCT-6] [MARGIN-4] */
static bool sim_audit_is_off(const struct sim_abi_param *param, sim_int value)
{
    const bool has_off =
        strcmp(param->name, "scale_start") == 0 || strcmp(param->name, "oi_lower") == 0;
    return has_off && value == 0;
}

/* At most a fifth of what it was, or one; from nothing a ratio to at most 20 %. */
static bool sim_audit_is_a_step(const struct sim_abi_param *param, sim_int before, sim_int after)
{
    const sim_int size = before < 0 ? -before : before;
    const sim_int moved = after < before ? before - after : after - before;
    if (before == 0) {
        return param->field->type != PLM_TYPE_RATIO || after <= SIM_PPM / 5;
    }
    return moved <= (size / 5 > 1 ? size / 5 : 1);
}

/* What changed in a parameter record. */
struct sim_audit_move {
    uint32_t count;
    bool is_safe;     /* none moved a way that somebody could lose by */
    bool is_proposed; /* as the executed proposal says, by a step */
};

static struct sim_audit_move sim_audit_moved(const struct plm_proposal *executed,
                                             uint8_t target,
                                             const void *before,
                                             const void *after)
{
    struct sim_audit_move move = {.is_safe = true, .is_proposed = true};
    for (uint32_t i = 0; sim_abi_param_at(i) != NULL; i++) {
        const struct sim_abi_param *param = sim_abi_param_at(i);
        if (param->target != target) {
            continue;
        }
        const sim_int a = sim_abi_get(param->field, before);
        const sim_int b = sim_abi_get(param->field, after);
        if (a == b) {
            continue;
        }
        move.count++;
        const bool is_up = sim_audit_is_off(param, b) || (b > a && !sim_audit_is_off(param, a));
        move.is_safe = move.is_safe && param->loosening != 0 && is_up == (param->loosening < 0);
        move.is_proposed = move.is_proposed && executed != NULL && executed->param == param->id &&
                           sim_audit_int(executed->before.wad) == a &&
                           sim_audit_int(executed->after.wad) == b &&
                           sim_audit_is_a_step(param, a, b);
    }
    return move;
}

static void sim_audit_check_moved(
    struct sim_audit *audit, uint8_t target, uint16_t id, const void *before, const void *after)
{
    const struct plm_proposal *executed = sim_audit_executed(audit);
    const struct sim_audit_move move = sim_audit_moved(executed, target, before, after);
    bool may = audit->op->opcode == PLM_OP_SET_PARAM && audit->message.set_param.target == target &&
               audit->message.set_param.id == id && (move.is_safe || !sim_audit_is_live(audit));
    if (executed != NULL) {
        may = executed->change == PLM_CHANGE_PARAM && executed->target == target &&
              executed->id == id && move.is_proposed;
    }
    sim_audit_true(audit,
                   SIM_I41,
                   move.count == 0 || (may && move.count == 1),
                   "a parameter moved without notice, too far or unasked, of record",
                   id);
}

static void sim_audit_check_market_record(struct sim_audit *audit, uint16_t id)
{
    const struct sim_audit_market *market = &audit->books->markets[id];
    const struct plm_market_params *params = &market->record.params;
    if (audit->op->opcode != PLM_OP_ADD_MARKET) {
        sim_audit_check_moved(
            audit, PLM_TARGET_MARKET, id, &market->record_before.params, &market->record.params);
    }
    sim_audit_at_least(audit,
                       SIM_I07,
                       params->initial.ppm,
                       params->maint.ppm,
                       "initial, and maint, of market",
                       id);
    sim_audit_at_least(audit,
                       SIM_I07,
                       params->initial.ppm,
                       params->loss_cap.ppm,
                       "initial, and loss_cap, of market",
                       id);
}

static void sim_audit_check_asset_record(struct sim_audit *audit, uint16_t id)
{
    const struct sim_audit_asset *asset = &audit->books->assets[id];
    const struct plm_asset_params *params = &asset->record.params;
    if (audit->op->opcode == PLM_OP_ADD_ASSET) {
        const bool is_nothing = params->weight_initial.ppm == 0 && params->weight_maint.ppm == 0 &&
                                sim_audit_int(params->cap.atoms) == 0;
        sim_audit_true(audit,
                       SIM_I42,
                       is_nothing || !sim_audit_is_live(audit),
                       "it counts from its first day: asset",
                       id);
    } else if (audit->op->opcode != PLM_OP_INITIALISE) {
        sim_audit_check_moved(
            audit, PLM_TARGET_ASSET, id, &asset->record_before.params, &asset->record.params);
    }
    sim_audit_at_least(audit,
                       SIM_I07,
                       SIM_PPM - (sim_int)params->weight_maint.ppm,
                       id == 0 ? 0 : params->discount_max.ppm,
                       "1 - weight_maint, and discount_max, of asset",
                       id);
}

static void sim_audit_check_parameters(struct sim_audit *audit)
{
    const struct sim_audit_books *books = audit->books;
    for (uint32_t i = 0; i < books->touched_market_count; i++) {
        if (books->markets[books->touched_markets[i]].is_record_written) {
            sim_audit_check_market_record(audit, books->touched_markets[i]);
        }
    }
    for (uint32_t i = 0; i < books->touched_feed_count; i++) {
        const struct sim_audit_feed *feed = &books->feeds[books->touched_feeds[i]];
        if (feed->is_record_written && audit->op->opcode != PLM_OP_ADD_FEED) {
            sim_audit_check_moved(audit,
                                  PLM_TARGET_FEED,
                                  books->touched_feeds[i],
                                  &feed->record_before.params,
                                  &feed->record.params);
        }
    }
    for (uint32_t i = 0; i < books->touched_asset_count; i++) {
        if (books->assets[books->touched_assets[i]].is_record_written) {
            sim_audit_check_asset_record(audit, books->touched_assets[i]);
        }
    }
}

void sim_audit_check_governance(struct sim_audit *audit)
{
    sim_audit_check_proposals(audit);
    sim_audit_check_roles(audit);
    sim_audit_check_openings(audit);
    sim_audit_check_parameters(audit);
}

/* SPDX-License-Identifier: Apache-2.0
 * Who may do what, parameters, identities, work, refusals, replay. [GOV-1] [GOV-3] [LEDGER-6]
 * I34 I39 I40 I41 I07 I45 I46 I47 I50 */
#include "sim_audit_checks.h"

#include <string.h>

/* Reads and writes of every slot that limits.def allows, events, and room for the rest. */
#define SIM_RECORDS_MAX                                                                            \
    (4u + PLM_LIMIT_ACCOUNT_SLOTS + 2u * PLM_LIMIT_MARKET_SLOTS + 3u * PLM_LIMIT_FEED_SLOTS +      \
     2u * PLM_LIMIT_ASSET_SLOTS)
#define SIM_HOST_CALLS_MAX (2u * SIM_RECORDS_MAX + 512u)

/* --- the result ------------------------------------------------------------------------------ */
static uint64_t sim_audit_mix(uint64_t hash, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static uint64_t sim_audit_mix_number(uint64_t hash, uint64_t value, uint32_t count)
{
    uint8_t bytes[8] = {0};
    for (uint32_t i = 0; i < count; i++) {
        bytes[i] = (uint8_t)(value >> (8u * i));
    }
    return sim_audit_mix(hash, bytes, count);
}

/* h = mix(h, opcode, code, changed keys in order, new bytes). */
static uint64_t sim_audit_next_hash(const struct sim_audit *audit)
{
    const struct sim_writes *writes = &audit->outcome->writes;
    uint64_t hash = sim_audit_mix_number(SIM_HASH_START, audit->last_hash, 8);
    hash = sim_audit_mix_number(hash, audit->op->opcode, 1);
    hash = sim_audit_mix_number(hash, (uint64_t)audit->outcome->code, 2);
    for (uint32_t i = 0; i < writes->count; i++) {
        const struct sim_write *write = &writes->rows[i];
        hash = sim_audit_mix_number(hash, write->key.length, 1);
        hash = sim_audit_mix(hash, write->key.bytes, write->key.length);
        hash = sim_audit_mix_number(hash, write->after.length, 4);
        hash = sim_audit_mix(hash, write->after.bytes, write->after.length);
    }
    return hash;
}

void sim_audit_check_result(struct sim_audit *audit)
{
    const struct sim_outcome *outcome = audit->outcome;
    const uint64_t number = audit->op->number;
    sim_audit_at_least(audit,
                       SIM_I34,
                       SIM_HOST_CALLS_MAX,
                       outcome->host_calls,
                       "most host calls, and those, of operation",
                       number);
    sim_audit_at_least(audit,
                       SIM_I34,
                       SIM_RECORDS_MAX,
                       outcome->writes.count,
                       "most records, and those written, of operation",
                       number);
    if (audit->has_last) {
        sim_audit_at_least(audit,
                           SIM_I45,
                           (sim_int)audit->op->context.time,
                           (sim_int)audit->last_time,
                           "block time, and the last, of operation",
                           number);
        sim_audit_true(audit,
                       SIM_I50,
                       sim_audit_next_hash(audit) == audit->op->state_hash,
                       "the state hash does not follow from the writes of operation",
                       number);
    }
    if (outcome->code != PLM_OK) {
        const bool is_silent = outcome->writes.count == 0 && outcome->event_count == 0 &&
                               outcome->payment_count == 0 && outcome->reply.length == 0 &&
                               (outcome->undone == 0 || outcome->code == PLM_E_HOST);
        sim_audit_true(audit, SIM_I47, is_silent, "effects of refused operation", number);
    }
}

/* --- authority [GOV-1] ------------------------------------------------------------------------ */
static bool sim_audit_is_caller(const struct sim_audit *audit, const struct plm_hash *holder)
{
    return sim_audit_same_hash(&audit->caller, holder);
}

static bool sim_audit_owns(struct sim_audit *audit, uint64_t id)
{
    struct plm_account room;
    const struct plm_account *account = sim_audit_account_before(audit, id, &room);
    return account != NULL && sim_audit_is_caller(audit, &account->owner);
}

static bool sim_audit_publishes(const struct sim_audit *audit,
                                const struct plm_feed_sources *sources)
{
    for (uint32_t i = 0; i < sources->sources_count; i++) {
        if (sim_audit_is_caller(audit, &sources->sources[i].publisher)) {
            return true;
        }
    }
    return false;
}

static bool sim_audit_publishes_feed(struct sim_audit *audit, uint16_t feed)
{
    struct plm_feed_sources room;
    return sim_audit_read(audit, PLM_KEY_FEED_SOURCES, feed, PLM_LAYOUT_feed_sources, &room) &&
           sim_audit_publishes(audit, &room);
}

/* Every feed that is quoted, or behind a market whose impact is published. */
static bool sim_audit_may_publish(struct sim_audit *audit)
{
    bool may = true;
    if (audit->op->opcode == PLM_OP_PUBLISH_PRICE) {
        for (uint32_t i = 0; i < audit->books->source_count; i++) {
            may = may && sim_audit_publishes(audit, &audit->books->sources[i].after);
        }
        return may;
    }
    const struct plm_publish_impact *message = &audit->message.publish_impact;
    for (uint32_t i = 0; i < message->impacts_count; i++) {
        const uint16_t market = message->impacts[i].market;
        may = may && market < PLM_LIMIT_MARKETS_MAX &&
              sim_audit_publishes_feed(audit, audit->books->markets[market].record.feed);
    }
    return may;
}

static bool sim_audit_opened_own(const struct sim_audit *audit)
{
    const struct sim_audit_books *books = audit->books;
    return books->account_count == 1 && !books->accounts[0].was && books->owners_made == 1 &&
           sim_audit_is_caller(audit, &books->accounts[0].after.owner);
}

/* The admin; a new one his own hand-over. [GOV-3] */
static const struct plm_hash *sim_audit_executor(const struct sim_audit_books *books)
{
    const struct plm_proposal *ended = &books->proposal_ended;
    const bool is_handover = books->proposals_ended == 1 && ended->change == PLM_CHANGE_ROLE &&
                             ended->id == PLM_ROLE_ADMIN;
    return is_handover ? &ended->holder : &books->config_before.admin;
}

/* The caller whom the row of ops.def names. */
static bool sim_audit_may(struct sim_audit *audit)
{
    const struct plm_config *config = &audit->books->config_before;
    const union sim_audit_message *m = &audit->message;
    switch (audit->op->opcode) {
    case PLM_OP_ADD_ASSET:
    case PLM_OP_ADD_FEED:
    case PLM_OP_ADD_MARKET:
    case PLM_OP_SET_PARAM:
    case PLM_OP_SET_STATUS:
    case PLM_OP_SET_ROLE:
    case PLM_OP_SET_PUBLISHER:
    case PLM_OP_SWEEP_SURPLUS: return sim_audit_is_caller(audit, &config->admin);
    case PLM_OP_EXECUTE: return sim_audit_is_caller(audit, sim_audit_executor(audit->books));
    case PLM_OP_CANCEL:
    case PLM_OP_SET_PAUSE:
        return sim_audit_is_caller(audit, &config->admin) ||
               sim_audit_is_caller(audit, &config->guardian);
    case PLM_OP_TRADE: return sim_audit_is_caller(audit, &config->matcher);
    case PLM_OP_PUBLISH_PRICE:
    case PLM_OP_PUBLISH_IMPACT: return sim_audit_may_publish(audit);
    case PLM_OP_OPEN_ACCOUNT: return sim_audit_opened_own(audit);
    case PLM_OP_SET_MODE: return sim_audit_owns(audit, m->set_mode.account);
    case PLM_OP_SET_DELEGATE: return sim_audit_owns(audit, m->set_delegate.account);
    case PLM_OP_SET_ORDER: return sim_audit_owns(audit, m->set_order.account);
    case PLM_OP_SET_LEVERAGE: return sim_audit_owns(audit, m->set_leverage.account);
    case PLM_OP_CLOSE_ACCOUNT: return sim_audit_owns(audit, m->close_account.account);
    case PLM_OP_WITHDRAW: return sim_audit_owns(audit, m->withdraw.account);
    case PLM_OP_TRANSFER: return sim_audit_owns(audit, m->transfer.from);
    case PLM_OP_ABANDON_CLAIM: return sim_audit_owns(audit, m->abandon_claim.account);
    case PLM_OP_LIQUIDATE: return sim_audit_owns(audit, m->liquidate.taker);
    case PLM_OP_LIQUIDATE_COLLATERAL: return sim_audit_owns(audit, m->liquidate_collateral.taker);
    case PLM_OP_SETTLE_OUT:
        return sim_abi_addr_equal(&audit->op->context.caller, &audit->op->context.self);
    default: return true; /* anyone */
    }
}

/* Owners never change. */
static void sim_audit_check_owners(struct sim_audit *audit)
{
    const struct sim_audit_books *books = audit->books;
    for (uint32_t i = 0; i < books->account_count; i++) {
        const struct sim_audit_account *account = &books->accounts[i];
        if (account->was && account->is) {
            sim_audit_true(audit,
                           SIM_I40,
                           sim_audit_same_hash(&account->before.owner, &account->after.owner),
                           "another owner of account",
                           account->id);
        }
    }
}

/* --- identities [I39] ---------------------------------------------------------------------------
 */
static void sim_audit_check_fill_ids(struct sim_audit *audit)
{
    uint64_t last = 0;
    uint16_t market = PLM_NO_MARKET;
    for (uint32_t i = 0; i < audit->event_count; i++) {
        const struct sim_audit_event *event = &audit->events[i];
        if (event->id != PLM_EVENT_FILLED || event->as.filled.market >= PLM_LIMIT_MARKETS_MAX) {
            continue;
        }
        if (event->as.filled.market != market) {
            market = event->as.filled.market;
            last = audit->books->markets[market].before.last_fill;
        }
        const uint64_t after = audit->books->markets[market].state.last_fill;
        const bool is_new = event->as.filled.id > last && event->as.filled.id <= after;
        sim_audit_true(audit, SIM_I39, is_new, "used fill id", event->as.filled.id);
        last = event->as.filled.id;
    }
}

void sim_audit_check_authority(struct sim_audit *audit)
{
    const struct sim_audit_books *books = audit->books;
    sim_audit_true(audit,
                   SIM_I46,
                   books->refused == NULL,
                   books->refused == NULL ? "" : books->refused,
                   books->refused_write);
    sim_audit_equal(audit,
                    SIM_I34,
                    books->account_overflow,
                    0,
                    "accounts beyond the limit, of operation",
                    audit->op->number);
    if (audit->op->opcode == PLM_OP_INITIALISE) {
        sim_audit_true(audit,
                       SIM_I40,
                       sim_audit_int(books->ledger_before.vault.wad) == 0 &&
                           books->ledger_before.next_payout == 0,
                       "initialised again by operation",
                       audit->op->number);
    } else if (audit->has_message) {
        sim_audit_true(
            audit, SIM_I40, sim_audit_may(audit), "not its caller's: operation", audit->op->number);
    }
    sim_audit_check_owners(audit);
    sim_audit_check_fill_ids(audit);
}

// SPDX-License-Identifier: Apache-2.0
/* The engine: decode, operate on the scratch, gate, flags, invariants, commit; queries; migration.
 * [I14] Every operation passes through the same lines below; none has an exit before the last
 * check. Spec: "Engine". */
#include "plm/plm_engine.h"

#include "plm_assert.h"
#include "plm_codec.h"
#include "plm_fix.h"
#include "plm_gate.h"
#include "plm_invariant.h"
#include "plm_ledger.h"
#include "plm_liquidate.h"
#include "plm_operations.h"
#include "plm_settle.h"
#include "plm_store.h"

PLM_STATIC_ASSERT(sizeof(struct plm_scratch) <= sizeof(struct plm_memory), "the scratch fits");

/* --- dispatch: the tables, expanded --- */

/* Layout of an operation's or a query's message; PLM_LAYOUT_COUNT for an unknown opcode. */
static uint8_t operation_layout(uint8_t opcode)
{
    switch (opcode) {
#define X(symbol, opcode, message, who, text)                                                      \
    case (opcode): return PLM_LAYOUT_##message;
#include "ops.def"
#undef X
    default: return PLM_LAYOUT_COUNT;
    }
}

static uint8_t query_layout(uint8_t opcode)
{
    switch (opcode) {
#define X(symbol, opcode, message, reply, text)                                                    \
    case (opcode): return PLM_LAYOUT_##message;
#include "queries.def"
#undef X
    default: return PLM_LAYOUT_COUNT;
    }
}

static plm_err operate(struct plm_scratch *s, uint8_t opcode)
{
    switch (opcode) {
#define X(symbol, opcode, message, who, text)                                                      \
    case (opcode): return plm_op_##message(s, &s->args.message);
#include "ops.def"
#undef X
    default: return PLM_E_FIELD;
    }
}

static plm_err answer(struct plm_scratch *s, uint8_t opcode)
{
    switch (opcode) {
#define X(symbol, opcode, message, reply, text)                                                    \
    case (opcode): return plm_query_##message(s, &s->args.message);
#include "queries.def"
#undef X
    default: return PLM_E_FIELD;
    }
}

static plm_err
decode(struct plm_scratch *s, uint8_t layout, const uint8_t *message, uint32_t length)
{
    PLM_ASSERT(length > 0);
    if (layout == PLM_LAYOUT_COUNT) {
        return PLM_E_FIELD;
    }
    return plm_codec_decode(layout, message + 1, length - 1, &s->args);
}

/* --- one operation --- */

/* Tokens that came with the call and were not asked for: the surplus line. What is no asset refuses
 * the call, so that the chain gives it back. [LEDGER-5] Errors: E_NO_ASSET, E_OVERFLOW. */
static plm_err book_unasked(struct plm_scratch *s)
{
    for (uint32_t i = 0; i < s->fund_count; i++) {
        uint16_t id = 0;
        struct plm_asset_slot *asset = NULL;
        if (s->fund_used[i]) {
            continue;
        }
        PLM_TRY(plm_store_find_token(s, &s->funds[i].token, &id));
        PLM_TRY(plm_store_asset(s, id, &asset));
        PLM_TRY(
            plm_amt_add_checked(asset->state.surplus, s->funds[i].atoms, &asset->state.surplus));
        asset->state_changed = true;
        const struct plm_ev_surplus event = {id, s->funds[i].atoms};
        plm_store_event(s, PLM_EVENT_SURPLUS_BOOKED, PLM_LAYOUT_ev_surplus, &event);
    }
    return PLM_OK;
}

/* Everything between the decoded message and the commit: the same for an operation and its preview.
 */
static plm_err run(struct plm_scratch *s, uint8_t opcode)
{
    PLM_TRY(operate(s, opcode));
    PLM_TRY(book_unasked(s));
    for (uint32_t i = 0; i < s->account_count; i++) {
        if (!s->accounts[i].deleted) {
            plm_ledger_sweep_positions(&s->accounts[i].record);
            PLM_TRY(plm_gate_check(s, &s->accounts[i]));
        }
    }
    for (uint32_t i = 0; i < s->account_count; i++) {
        plm_settle_release(s, &s->accounts[i]);
        if (!s->accounts[i].deleted) {
            plm_liquidate_refresh_flag(s, &s->accounts[i]);
        }
    }
    plm_invariant_check(s);
    return PLM_OK;
}

plm_err plm_engine_apply(struct plm_host *host,
                         struct plm_memory *memory,
                         const uint8_t *message,
                         uint32_t length)
{
    struct plm_scratch *s = (struct plm_scratch *)(void *)memory;
    PLM_ASSERT(memory != NULL);
    if (length == 0 || length > PLM_LIMIT_MESSAGE_MAX) {
        return PLM_E_LENGTH;
    }
    const uint8_t opcode = message[0];
    PLM_TRY(decode(s, operation_layout(opcode), message, length));
    PLM_TRY(plm_store_begin(s, host, opcode != PLM_OP_INITIALISE));
    PLM_TRY(run(s, opcode));
    return plm_store_commit(s);
}

/* --- queries --- */

plm_err plm_engine_query(struct plm_host *host,
                         struct plm_memory *memory,
                         const uint8_t *message,
                         uint32_t length)
{
    struct plm_scratch *s = (struct plm_scratch *)(void *)memory;
    PLM_ASSERT(memory != NULL);
    if (length == 0 || length > PLM_LIMIT_MESSAGE_MAX) {
        return PLM_E_LENGTH;
    }
    const uint8_t opcode = message[0];
    PLM_TRY(decode(s, query_layout(opcode), message, length));
    PLM_TRY(plm_store_begin(s, host, true));
    PLM_TRY(answer(s, opcode));
    plm_host_return(host, s->reply, s->reply_length);
    return PLM_OK;
}

/* Bytes of the leading events that fit whole into `most`: a reader never meets half of one. */
static uint32_t whole_events(const struct plm_scratch *s, uint32_t most)
{
    uint32_t at = 0;
    while (at < s->event_length) {
        const uint8_t *event = s->events + at;
        const uint32_t next = at + 4 + ((uint32_t)event[2] | (uint32_t)event[3] << 8);
        if (next > most) {
            break;
        }
        at = next;
    }
    PLM_ASSERT(at <= most);
    return at;
}

/* plm_query_get_preview: runs an operation as `actor` would call it, up to the commit, and answers
 * with its code, events and reply. The same lines as plm_engine_apply, nothing stored. */
plm_err plm_query_get_preview(struct plm_scratch *s, const struct plm_get_preview *args)
{
    s->preview = *args;
    const struct plm_get_preview *call = &s->preview;
    if (call->message.length == 0) {
        return PLM_E_LENGTH;
    }
    const uint8_t opcode = call->message.bytes[0];
    s->caller = call->actor;
    plm_store_hash_addr(s, &s->caller, &s->caller_hash);
    s->fund_count = call->funds_count;
    for (uint32_t i = 0; i < call->funds_count; i++) {
        s->funds[i].token = call->funds[i].token;
        s->funds[i].atoms = call->funds[i].atoms;
        s->fund_used[i] = false;
    }
    plm_err code = decode(s, operation_layout(opcode), call->message.bytes, call->message.length);
    if (code == PLM_OK) {
        code = run(s, opcode);
    }
    struct plm_reply_preview reply = {(uint16_t)code, {0, {0}}, {0, {0}}};
    if (code == PLM_OK) {
        PLM_ASSERT(s->reply_length <= PLM_BYTES_MAX);
        reply.events.length = whole_events(s, PLM_BYTES_MAX);
        __builtin_memcpy(reply.events.bytes, s->events, reply.events.length);
        reply.reply.length = s->reply_length;
        __builtin_memcpy(reply.reply.bytes, s->reply, s->reply_length);
    }
    s->reply_length = 0;
    plm_store_reply(s, PLM_LAYOUT_reply_preview, &reply);
    return PLM_OK;
}

/* --- migration --- */

plm_err plm_engine_migrate(struct plm_host *host,
                           struct plm_memory *memory,
                           const uint8_t *message,
                           uint32_t length)
{
    struct plm_scratch *s = (struct plm_scratch *)(void *)memory;
    uint8_t stored = 0;
    (void)message;
    if (length != 0) {
        return PLM_E_LENGTH;
    }
    PLM_TRY(plm_store_stored_version(host, &stored));
    if (stored > PLM_RECORD_VERSION) {
        return PLM_E_VERSION;
    }
    /* Every other record is read in its own version and rewritten in this one when it next changes.
     */
    PLM_TRY(plm_store_begin(s, host, true));
    s->config_changed = true;
    return plm_store_commit(s);
}

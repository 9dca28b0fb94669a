/* SPDX-License-Identifier: Apache-2.0
 * The auditor's life: it reads a state, observes a world, hands every operation to the chapters,
 * and tells what broke. The chapters: sim_audit_ledger, _prices, _authority, _accounts, _losses. */
#include "sim_audit_checks.h"
#include "sim_error.h"

#include <stdlib.h>
#include <string.h>

static const struct sim_audit_invariant sim_audit_invariants[] = {
#define X(id, name, rules, contract, auditor, tests, sentence)                                     \
    {#id, name, rules, contract, auditor, tests, sentence},
#include "sim_audit_invariants.def"
#undef X
};

const struct sim_audit_invariant *sim_audit_invariant(enum sim_audit_id id)
{
    return id < SIM_INVARIANT_COUNT ? &sim_audit_invariants[id] : NULL;
}

enum sim_audit_id sim_audit_find(const char *id)
{
    uint32_t i = 0;
    while (i < SIM_INVARIANT_COUNT && strcmp(sim_audit_invariants[i].id, id) != 0) {
        i++;
    }
    return (enum sim_audit_id)i;
}

/* --- findings ------------------------------------------------------------------------------- */
static void sim_audit_describe(struct sim_audit *audit, enum sim_audit_id id)
{
    struct sim_buffer *out = &audit->failure;
    const struct sim_audit_invariant *row = &sim_audit_invariants[id];
    sim_bytes_add_format(out, "%s %s: %s\n", row->id, row->name, row->sentence);
    if (audit->op == NULL) {
        sim_bytes_add_text(out, "  found in the state as it was given\n");
    } else {
        sim_bytes_add_format(out,
                             "  operation %llu at time %llu: ",
                             (unsigned long long)audit->op->number,
                             (unsigned long long)audit->op->context.time);
        sim_abi_print_message(audit->op->message, out);
        sim_bytes_add_format(out, " -> %s\n", sim_abi_code_name(audit->outcome->code));
    }
}

/* The first violation is told in full, with the numbers of those that come with it. */
static void sim_audit_break(struct sim_audit *audit,
                            enum sim_audit_id id,
                            const char *what,
                            uint64_t of,
                            const char *numbers)
{
    const size_t most = 16384;
    audit->broken[id] = true;
    if (audit->failure.length > most) {
        return;
    }
    if (!audit->is_broken) {
        sim_audit_describe(audit, id);
    }
    audit->is_broken = true;
    sim_bytes_add_format(&audit->failure,
                         "  %s: %s %llu%s\n",
                         sim_audit_invariants[id].id,
                         what,
                         (unsigned long long)of,
                         numbers);
}

void sim_audit_true(
    struct sim_audit *audit, enum sim_audit_id id, bool holds, const char *what, uint64_t of)
{
    audit->counts[id]++;
    if (!holds) {
        sim_audit_break(audit, id, what, of, "");
    }
}

static void sim_audit_break_pair(struct sim_audit *audit,
                                 enum sim_audit_id id,
                                 const char *what,
                                 uint64_t of,
                                 const sim_int *pair)
{
    char left[SIM_INT_TEXT_MAX];
    char right[SIM_INT_TEXT_MAX];
    struct sim_buffer numbers = {0};
    sim_bytes_add_format(&numbers,
                         ": %s and %s",
                         sim_bytes_int_text(pair[0], left),
                         sim_bytes_int_text(pair[1], right));
    sim_audit_break(audit, id, what, of, sim_bytes_text(&numbers));
    sim_bytes_free(&numbers);
}

void sim_audit_equal(struct sim_audit *audit,
                     enum sim_audit_id id,
                     sim_int left,
                     sim_int right,
                     const char *what,
                     uint64_t of)
{
    audit->counts[id]++;
    if (left != right) {
        sim_audit_break_pair(audit, id, what, of, (const sim_int[]){left, right});
    }
}

void sim_audit_at_least(struct sim_audit *audit,
                        enum sim_audit_id id,
                        sim_int value,
                        sim_int least,
                        const char *what,
                        uint64_t of)
{
    audit->counts[id]++;
    if (value < least) {
        sim_audit_break_pair(audit, id, what, of, (const sim_int[]){value, least});
    }
}

/* --- look-ups ------------------------------------------------------------------------------- */
bool sim_audit_same_hash(const struct plm_hash *a, const struct plm_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

const struct plm_hash *sim_audit_hash_of(struct sim_audit *audit, const struct plm_addr *addr)
{
    const uint32_t length = addr->length <= sizeof addr->bytes ? addr->length : 0;
    const uint64_t mixed = sim_bytes_mix(SIM_HASH_START, addr->bytes, length);
    struct sim_audit_hash *slot = &audit->hashes[mixed % SIM_AUDIT_HASHES];
    if (slot->addr.length != length || length == 0 ||
        memcmp(slot->addr.bytes, addr->bytes, length) != 0) {
        slot->addr = *addr;
        sim_bytes_sha256(addr->bytes, length, slot->hash.bytes);
    }
    return &slot->hash;
}

bool sim_audit_read(
    struct sim_audit *audit, enum plm_key_prefix prefix, uint64_t id, uint32_t layout, void *room)
{
    const struct sim_key key = sim_abi_key(prefix, id);
    struct sim_span value = {0};
    return audit->store != NULL && sim_store_get(audit->store, sim_abi_key_span(&key), &value) &&
           sim_abi_decode_record(layout, value, room);
}

const struct plm_account *
sim_audit_account_after(struct sim_audit *audit, uint64_t id, struct plm_account *room)
{
    const struct sim_audit_account *written = sim_audit_books_find(audit->books, id);
    if (written != NULL) {
        return written->is ? &written->after : NULL;
    }
    return sim_audit_read(audit, PLM_KEY_ACCOUNT, id, PLM_LAYOUT_account, room) ? room : NULL;
}

const struct plm_account *
sim_audit_account_before(struct sim_audit *audit, uint64_t id, struct plm_account *room)
{
    const struct sim_audit_account *written = sim_audit_books_find(audit->books, id);
    if (written != NULL) {
        return written->was ? &written->before : NULL;
    }
    return sim_audit_read(audit, PLM_KEY_ACCOUNT, id, PLM_LAYOUT_account, room) ? room : NULL;
}

/* --- one operation --------------------------------------------------------------------------- */
static void sim_audit_decode_message(struct sim_audit *audit)
{
    const struct sim_span bytes = audit->op->message;
    const struct sim_abi_op *row = sim_abi_find_op(audit->op->opcode);
    audit->has_message = false;
    if (row == NULL || row->is_query || bytes.length == 0) {
        return;
    }
    const struct sim_span fields = {bytes.bytes + 1, bytes.length - 1};
    audit->has_message = sim_abi_decode(row->message, fields, &audit->message);
    sim_audit_true(audit,
                   SIM_I46,
                   audit->has_message,
                   "an accepted message does not decode: operation",
                   audit->op->number);
}

static void sim_audit_decode_events(struct sim_audit *audit)
{
    const struct sim_outcome *outcome = audit->outcome;
    audit->events = sim_bytes_grow(
        audit->events, &audit->event_capacity, outcome->event_count, sizeof audit->events[0]);
    audit->event_count = 0;
    for (uint32_t i = 0; i < outcome->event_count; i++) {
        const struct sim_abi_event *row = sim_abi_find_event(outcome->events[i].id);
        struct sim_audit_event *event = &audit->events[audit->event_count];
        const bool decodes = row != NULL && sim_abi_layout(row->layout)->size <= sizeof event->as &&
                             sim_abi_decode(row->layout, outcome->events[i].bytes, &event->as);
        sim_audit_true(
            audit, SIM_I46, decodes, "an event does not decode: operation", audit->op->number);
        if (decodes) {
            event->id = (enum plm_event_id)row->id;
            audit->event_count++;
        }
    }
}

static void sim_audit_accepted(struct sim_audit *audit)
{
    sim_audit_decode_message(audit);
    sim_audit_decode_events(audit);
    audit->caller = *sim_audit_hash_of(audit, &audit->op->context.caller);
    sim_audit_books_enter(audit->books, &audit->outcome->writes);
    sim_audit_check_authority(audit);
    sim_audit_check_governance(audit);
    sim_audit_check_ledger(audit);
    sim_audit_check_funding(audit);
    sim_audit_check_prices(audit);
    sim_audit_check_accounts(audit);
    sim_audit_check_losses(audit);
    sim_audit_check_liquidations(audit);
}

static uint32_t sim_audit_row_of(int32_t code)
{
    const uint32_t row = sim_abi_precedence(code);
    return row < SIM_AUDIT_CODES ? row : SIM_AUDIT_CODES - 1u;
}

void sim_audit_operation(struct sim_audit *audit,
                         const struct sim_op *op,
                         const struct sim_outcome *outcome)
{
    if ((audit->is_broken && !audit->options.collects) || outcome->trapped) {
        return;
    }
    const bool was_broken = audit->is_broken;
    audit->operation++;
    audit->op = op;
    audit->outcome = outcome;
    audit->results[op->opcode][sim_audit_row_of(outcome->code)]++;
    sim_audit_check_result(audit);
    if (outcome->code == PLM_OK) {
        sim_audit_accepted(audit);
    }
    audit->has_last = true;
    audit->last_hash = op->state_hash;
    audit->last_time = op->context.time;
    audit->last_number = op->number;
    audit->since_full++;
    if (audit->since_full >= audit->full_period || audit->is_broken != was_broken) {
        (void)sim_audit_full(audit);
    }
    sim_audit_books_begin(audit->books);
    audit->op = NULL;
    audit->outcome = NULL;
}

/* The observer of a world. */
static void sim_audit_observe(void *self,
                              struct sim_world *world,
                              const struct sim_op *op,
                              const struct sim_outcome *outcome)
{
    struct sim_audit *audit = self;
    audit->store = sim_world_store(world);
    sim_audit_operation(audit, op, outcome);
}

/* --- from all records ------------------------------------------------------------------------- */
/* A full recomputation costs as much as there are accounts: with very many, it comes less often. */
static void sim_audit_plan_full(struct sim_audit *audit)
{
    const uint32_t chosen = audit->options.full_every;
    const uint64_t records = audit->store == NULL ? 0 : sim_store_count(audit->store);
    audit->since_full = 0;
    audit->full_period = chosen != 0 ? chosen : SIM_AUDIT_FULL_EVERY;
    if (chosen == 0 && records > audit->full_period) {
        audit->full_period = records;
    }
}

static void sim_audit_check_records(struct sim_audit *audit)
{
    const struct sim_span prefix = {(const uint8_t[]){PLM_KEY_ACCOUNT}, 1};
    struct sim_cursor at = sim_store_scan(audit->store, prefix);
    struct plm_account account;
    while (sim_store_next(&at)) {
        if (sim_abi_decode_record(PLM_LAYOUT_account, at.value, &account)) {
            sim_audit_check_account_record(audit, sim_abi_key_id(at.key), &account);
        }
    }
}

bool sim_audit_full(struct sim_audit *audit)
{
    struct sim_buffer where = {0};
    sim_audit_plan_full(audit);
    if (audit->store == NULL) {
        return !audit->is_broken;
    }
    const bool is_canonical = sim_audit_books_load(audit->fresh, audit->store);
    sim_audit_true(audit,
                   SIM_I46,
                   is_canonical,
                   "a stored record is not canonical, of operation",
                   audit->last_number);
    if (!sim_audit_books_equal(audit->books, audit->fresh, &where)) {
        sim_audit_true(audit, SIM_I01, false, sim_bytes_text(&where), audit->last_number);
    }
    sim_bytes_free(&where);
    /* Every check of a market and an account again, over what was just counted. */
    struct sim_audit_books *carried = audit->books;
    audit->books = audit->fresh;
    for (uint32_t id = 0; id < PLM_LIMIT_MARKETS_MAX; id++) {
        if (audit->books->markets[id].exists) {
            sim_audit_check_market_sums(audit, (uint16_t)id);
            sim_audit_check_market_signs(audit, (uint16_t)id);
        }
    }
    sim_audit_check_totals(audit);
    sim_audit_check_balances(audit, audit->op == NULL);
    sim_audit_check_records(audit);
    audit->books = carried;
    if (audit->world != NULL) {
        const char *failure = sim_world_failure(audit->world);
        sim_audit_true(audit, SIM_I50, failure[0] == '\0', failure, audit->last_number);
    }
    return !audit->is_broken;
}

/* --- life ------------------------------------------------------------------------------------- */
static void sim_audit_start(struct sim_audit *audit, struct sim_store *store)
{
    audit->store = store;
    audit->has_last = false;
    const bool is_canonical = sim_audit_books_load(audit->books, store);
    sim_audit_true(audit, SIM_I46, is_canonical, "a stored record is not canonical at start", 0);
    sim_audit_plan_full(audit);
}

static struct sim_audit *sim_audit_make(const struct sim_audit_options *options)
{
    struct sim_audit *audit = sim_bytes_alloc(1, sizeof *audit);
    audit->books = sim_bytes_alloc(1, sizeof *audit->books);
    audit->fresh = sim_bytes_alloc(1, sizeof *audit->fresh);
    if (options != NULL) {
        audit->options = *options;
    }
    if (audit->options.replay != NULL) {
        const size_t length = strlen(audit->options.replay) + 1;
        audit->replay = sim_bytes_alloc(length, 1);
        memcpy(audit->replay, audit->options.replay, length);
    }
    return audit;
}

struct sim_audit *sim_audit_new_bare(struct sim_store *store,
                                     const sim_int *funds_held,
                                     const struct sim_audit_options *options)
{
    struct sim_audit *audit = sim_audit_make(options);
    audit->held = funds_held;
    sim_audit_start(audit, store);
    return audit;
}

struct sim_audit *sim_audit_new(struct sim_world *world, const struct sim_audit_options *options)
{
    struct sim_audit *audit = sim_audit_make(options);
    sim_audit_follow(audit, world);
    return audit;
}

void sim_audit_follow(struct sim_audit *audit, struct sim_world *world)
{
    audit->world = world;
    sim_audit_start(audit, sim_world_store(world));
    audit->has_last = true;
    audit->last_hash = sim_world_state_hash(world);
    audit->last_time = sim_world_time(world);
    sim_world_observe(world, sim_audit_observe, audit);
}

void sim_audit_free(struct sim_audit *audit)
{
    if (audit == NULL) {
        return;
    }
    if (audit->world != NULL) {
        sim_world_unobserve(audit->world, audit);
    }
    sim_audit_books_free(audit->books);
    sim_audit_books_free(audit->fresh);
    sim_bytes_free(&audit->failure);
    free(audit->books);
    free(audit->fresh);
    free(audit->events);
    free(audit->replay);
    free(audit);
}

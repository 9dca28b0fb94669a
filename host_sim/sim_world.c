/* SPDX-License-Identifier: Apache-2.0
 * The chain in a box: a clock, actors, tokens, and one or two engines in lockstep.
 * It moves tokens as a chain does; it knows no rule of margin. */
#include "sim_world.h"

#include "sim_error.h"
#include "sim_token.h"
#include "sim_world_compare.h"

#include <stdlib.h>
#include <string.h>

#define SIM_WORLD_ENGINES    2u
#define SIM_WORLD_DEPTH_MAX  8u
#define SIM_WORLD_FAULTS_MAX 10000u
#define SIM_WORLD_DIGEST_MAX 4096u /* keys: larger stores are not hashed at every fault */
#define SIM_ACTOR_BYTES      20u

/* The outcomes of one operation; operations nest when a payment calls settle_out, or a payee. */
struct sim_frame {
    struct sim_outcome outcomes[SIM_WORLD_ENGINES];
};

struct sim_watcher {
    sim_observer observer;
    void *self;
};

struct sim_world {
    struct sim_engine *engines[SIM_WORLD_ENGINES];
    uint32_t engine_count;
    struct sim_world_options options;
    uint64_t time;
    uint64_t height;
    uint64_t operations;
    uint64_t lab;
    struct plm_addr self;
    struct sim_tokens *tokens;
    struct sim_frame *frames[SIM_WORLD_DEPTH_MAX];
    struct sim_frame answers; /* of queries */
    uint32_t depth;
    struct sim_watcher *watchers;
    size_t watcher_count;
    size_t watcher_capacity;
    struct plm_addr *refusers;
    size_t refuser_count;
    size_t refuser_capacity;
    struct sim_payment *held;
    size_t held_count;
    size_t held_capacity;
    bool holds;
    sim_payee payee;
    void *payee_self;
    uint32_t fail_host; /* of the next operation */
    struct sim_context last_context;
    struct sim_buffer last_message;
    struct sim_buffer failure;
    bool has_trapped;
};

/* One call that goes to all engines. */
struct sim_call {
    struct sim_context context;
    struct sim_span message;
    bool is_migration;
    bool is_own; /* settle_out of the world itself */
};

bool sim_world_parse_choice(const char *text, enum sim_choice *choice)
{
    static const char *const names[] = {"native", "wasm", "both"};

    static const enum sim_choice choices[] = {SIM_CHOICE_NATIVE, SIM_CHOICE_WASM, SIM_CHOICE_BOTH};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) == 0) {
            *choice = choices[i];
            return true;
        }
    }
    return false;
}

/* --- life -------------------------------------------------------------------------------- */
/* Makes the engines that the options name: new, or as copies of `from`'s first one. */
static void sim_world_make_engines(struct sim_world *world, const struct sim_world *from)
{
    const bool is_lab = world->options.lab;
    enum sim_engine_kind kinds[SIM_WORLD_ENGINES];
    if (((unsigned)world->options.choice & (unsigned)SIM_CHOICE_NATIVE) != 0) {
        kinds[world->engine_count++] = is_lab ? SIM_ENGINE_NATIVE_LAB : SIM_ENGINE_NATIVE;
    }
    if (((unsigned)world->options.choice & (unsigned)SIM_CHOICE_WASM) != 0) {
        kinds[world->engine_count++] = is_lab ? SIM_ENGINE_WASM_LAB : SIM_ENGINE_WASM;
    }
    if (world->engine_count == 0) {
        sim_error_fatal("a world without an engine: a bug of the simulator");
    }
    for (uint32_t i = 0; i < world->engine_count; i++) {
        world->engines[i] =
            from == NULL ? sim_engine_new(kinds[i]) : sim_engine_copy(from->engines[0], kinds[i]);
    }
}

struct sim_world *sim_world_new(const struct sim_world_options *options)
{
    struct sim_world *world = sim_bytes_alloc(1, sizeof *world);
    world->options = *options;
    world->time = options->time == 0 ? SIM_WORLD_TIME : options->time;
    world->height = options->height == 0 ? 1 : options->height;
    world->self = options->self.length == 0 ? sim_world_self() : options->self;
    world->tokens = sim_token_new();
    sim_world_make_engines(world, NULL);
    return world;
}

struct sim_world *sim_world_copy(const struct sim_world *world,
                                 const struct sim_world_options *options)
{
    struct sim_world *copy = sim_bytes_alloc(1, sizeof *copy);
    copy->options = options == NULL ? world->options : *options;
    copy->time = world->time;
    copy->height = world->height;
    copy->operations = world->operations;
    copy->lab = world->lab;
    copy->self = world->self;
    copy->tokens = sim_token_copy(world->tokens);
    copy->holds = world->holds;
    copy->fail_host = world->fail_host;
    copy->last_context = world->last_context;
    sim_bytes_add(&copy->last_message, world->last_message.bytes, world->last_message.length);
    copy->refusers = sim_bytes_grow(
        NULL, &copy->refuser_capacity, world->refuser_count + 1, sizeof(struct plm_addr));
    for (size_t i = 0; i < world->refuser_count; i++) {
        copy->refusers[copy->refuser_count++] = world->refusers[i];
    }
    copy->held = sim_bytes_grow(
        NULL, &copy->held_capacity, world->held_count + 1, sizeof(struct sim_payment));
    for (size_t i = 0; i < world->held_count; i++) {
        copy->held[copy->held_count++] = world->held[i];
    }
    sim_world_make_engines(copy, world);
    return copy;
}

static void sim_world_free_frame(struct sim_frame *frame)
{
    for (uint32_t i = 0; i < SIM_WORLD_ENGINES; i++) {
        sim_engine_outcome_free(&frame->outcomes[i]);
    }
}

void sim_world_free(struct sim_world *world)
{
    if (world == NULL) {
        return;
    }
    for (uint32_t i = 0; i < world->engine_count; i++) {
        sim_engine_free(world->engines[i]);
    }
    for (uint32_t i = 0; i < SIM_WORLD_DEPTH_MAX; i++) {
        if (world->frames[i] != NULL) {
            sim_world_free_frame(world->frames[i]);
            free(world->frames[i]);
        }
    }
    sim_world_free_frame(&world->answers);
    sim_token_free(world->tokens);
    free(world->watchers);
    free(world->refusers);
    free(world->held);
    sim_bytes_free(&world->last_message);
    sim_bytes_free(&world->failure);
    free(world);
}

void sim_world_observe(struct sim_world *world, sim_observer observer, void *self)
{
    world->watchers = sim_bytes_grow(world->watchers,
                                     &world->watcher_capacity,
                                     world->watcher_count + 1,
                                     sizeof(struct sim_watcher));
    world->watchers[world->watcher_count++] = (struct sim_watcher){observer, self};
}

void sim_world_unobserve(struct sim_world *world, void *self)
{
    size_t kept = 0;
    for (size_t i = 0; i < world->watcher_count; i++) {
        if (world->watchers[i].self != self) {
            world->watchers[kept++] = world->watchers[i];
        }
    }
    world->watcher_count = kept;
}

/* --- time -------------------------------------------------------------------------------- */
uint64_t sim_world_time(const struct sim_world *world)
{
    return world->time;
}

uint64_t sim_world_height(const struct sim_world *world)
{
    return world->height;
}

void sim_world_advance(struct sim_world *world, uint64_t seconds)
{
    world->time += seconds;
    world->height++;
}

bool sim_world_set_time(struct sim_world *world, uint64_t time)
{
    if (time < world->time) {
        return false;
    }
    world->height += time > world->time ? 1 : 0;
    world->time = time;
    return true;
}

void sim_world_set_height(struct sim_world *world, uint64_t height)
{
    world->height = height;
}

uint64_t sim_world_operations(const struct sim_world *world)
{
    return world->operations;
}

uint64_t sim_world_state_hash(const struct sim_world *world)
{
    return sim_store_hash(sim_engine_store(world->engines[0]));
}

/* --- actors and tokens ------------------------------------------------------------------- */
struct plm_addr sim_world_actor(const char *name)
{
    uint8_t hash[32];
    sim_bytes_sha256(name, strlen(name), hash);
    return sim_abi_addr(hash, SIM_ACTOR_BYTES);
}

struct plm_addr sim_world_self(void)
{
    return sim_world_actor("contract");
}

struct plm_addr sim_world_contract(const struct sim_world *world)
{
    return world->self;
}

sim_int sim_world_balance(const struct sim_world *world,
                          const struct plm_addr *holder,
                          const struct plm_addr *token)
{
    return sim_token_balance(world->tokens, holder, token);
}

sim_int sim_world_contract_balance(const struct sim_world *world, const struct plm_addr *token)
{
    return sim_token_balance(world->tokens, &world->self, token);
}

void sim_world_unsolicited(struct sim_world *world,
                           const struct plm_addr *from,
                           const struct plm_addr *token,
                           sim_int atoms)
{
    sim_token_move(world->tokens, token, from, &world->self, atoms);
}

bool sim_world_seize(struct sim_world *world, const struct plm_addr *token, sim_int atoms)
{
    const struct plm_addr nobody = {0};
    if (sim_world_contract_balance(world, token) < atoms) {
        return false;
    }
    sim_token_move(world->tokens, token, &world->self, &nobody, atoms);
    return true;
}

/* --- operations -------------------------------------------------------------------------- */
const char *sim_world_failure(const struct sim_world *world)
{
    return world->failure.length == 0 ? "" : (const char *)world->failure.bytes;
}

bool sim_world_has_trapped(const struct sim_world *world)
{
    return world->has_trapped;
}

/* Writes what stopped the world behind the operation's number and text. */
static void sim_world_stop(struct sim_world *world, const struct sim_call *call, const char *what)
{
    if (world->failure.length > 0) {
        return;
    }
    sim_bytes_add_format(&world->failure,
                         "operation %llu at time %llu: %s\n  operation: ",
                         (unsigned long long)world->operations,
                         (unsigned long long)world->time,
                         what);
    sim_abi_print_message(call->message, &world->failure);
    sim_bytes_add_text(&world->failure, "\n  caller: ");
    sim_bytes_add_hex(&world->failure,
                      (struct sim_span){call->context.caller.bytes, call->context.caller.length});
    (void)sim_bytes_text(&world->failure);
}

static const char *sim_world_engine_name(const struct sim_world *world, uint32_t index)
{
    return sim_engine_kind_name(sim_engine_kind_of(world->engines[index]));
}

static void sim_world_call_engine(struct sim_engine *engine,
                                  const struct sim_context *context,
                                  const struct sim_call *call,
                                  struct sim_outcome *outcome)
{
    if (call->is_migration) {
        sim_engine_migrate(engine, context, call->message, outcome);
    } else {
        sim_engine_apply(engine, context, call->message, outcome);
    }
}

/* Why a run with a fault was not as it should be; NULL where it was: refused, no event, no payment,
 * no write, and a store with the bytes that it had. A host call that fails is E_HOST. */
static const char *sim_world_fault_left(struct sim_store *store,
                                        const struct sim_outcome *outcome,
                                        bool is_read,
                                        const uint8_t *before)
{
    uint8_t after[32];
    if (outcome->trapped) {
        return outcome->place;
    }
    if (is_read ? outcome->code == (int32_t)PLM_OK : outcome->code != (int32_t)PLM_E_HOST) {
        return sim_abi_code_name(outcome->code);
    }
    if (outcome->event_count > 0 || outcome->payment_count > 0 || outcome->writes.count > 0) {
        return "a refusal with events, payments or writes";
    }
    if (sim_store_count(store) > SIM_WORLD_DIGEST_MAX) {
        return NULL;
    }
    sim_store_digest(store, after);
    return memcmp(before, after, sizeof after) == 0 ? NULL : "a refusal with another state";
}

static bool sim_world_fault_stop(struct sim_world *world,
                                 const struct sim_call *call,
                                 uint32_t index,
                                 const struct sim_context *fault,
                                 const char *answer)
{
    struct sim_buffer text = {0};
    if (fault->spoil_read > 0) {
        sim_bytes_add_format(&text, "record %u that it reads was spoilt", fault->spoil_read);
    } else {
        sim_bytes_add_format(&text, "host call %u failed", fault->fail_host_call);
    }
    sim_bytes_add_format(
        &text, ", and engine %s answered %s", sim_world_engine_name(world, index), answer);
    sim_world_stop(world, call, sim_bytes_text(&text));
    sim_bytes_free(&text);
    return false;
}

/* Runs the operation with one fault at a time, until it meets none any more: first each record that
 * it reads is of a version which the engine does not know, then each call of the host that can fail
 * does. Every such run must be refused and leave nothing; the last one stands. [ASSURANCE 3.6] */
static bool sim_world_run_faults(struct sim_world *world,
                                 const struct sim_call *call,
                                 uint32_t index,
                                 struct sim_outcome *outcome)
{
    struct sim_engine *engine = world->engines[index];
    struct sim_store *store = sim_engine_store(engine);
    const uint64_t hash = sim_store_hash(store);
    struct sim_context context = call->context;
    uint8_t digest[32] = {0};
    struct sim_context odd = context; /* a spoilt record that was answered with another code */
    int32_t odd_code = (int32_t)PLM_E_VERSION;
    context.spoil_read = 1;
    context.fail_host_call = 1; /* so that the run behind the last record does not stand yet */
    if (sim_store_count(store) <= SIM_WORLD_DIGEST_MAX) {
        sim_store_digest(store, digest);
    }
    for (uint32_t n = 1; n <= SIM_WORLD_FAULTS_MAX; n++) {
        sim_world_call_engine(engine, &context, call, outcome);
        if (!outcome->host_failed) {
            /* What is refused anyway may be refused with its own code, and nothing else may. */
            const bool is_fair =
                outcome->code != (int32_t)PLM_OK || odd_code == (int32_t)PLM_E_VERSION;
            return is_fair ||
                   sim_world_fault_stop(world, call, index, &odd, sim_abi_code_name(odd_code));
        }
        if (outcome->reads < context.spoil_read) {
            context.spoil_read = 0; /* behind the last record: a call of the host has failed */
        }
        const bool is_read = context.spoil_read > 0;
        const char *left = sim_world_fault_left(store, outcome, is_read, digest);
        if (left != NULL) {
            return sim_world_fault_stop(world, call, index, &context, left);
        }
        if (is_read && outcome->code != (int32_t)PLM_E_VERSION) {
            odd = context;
            odd_code = outcome->code;
        }
        sim_store_set_hash(store, hash);
        *(is_read ? &context.spoil_read : &context.fail_host_call) += 1;
    }
    sim_world_stop(world, call, "more than 10 000 host calls in one operation");
    return false;
}

static bool sim_world_run_engine(struct sim_world *world,
                                 const struct sim_call *call,
                                 uint32_t index,
                                 struct sim_outcome *outcome)
{
    if (world->options.fault_loop && call->context.fail_host_call == 0) {
        return sim_world_run_faults(world, call, index, outcome);
    }
    sim_world_call_engine(world->engines[index], &call->context, call, outcome);
    return true;
}

/* False where an engine trapped, or refused an operation that it had begun to carry out. */
static bool sim_world_judge(struct sim_world *world,
                            const struct sim_call *call,
                            uint32_t index,
                            const struct sim_outcome *outcome)
{
    struct sim_buffer text = {0};
    const char *name = sim_world_engine_name(world, index);
    if (outcome->trapped) {
        world->has_trapped = true;
        sim_bytes_add_format(&text, "engine %s trapped at %s", name, outcome->place);
    } else if (outcome->undone > 0 && outcome->code != (int32_t)PLM_E_HOST) {
        sim_bytes_add_format(&text,
                             "engine %s refused with %s after %u writes, events or payments",
                             name,
                             sim_abi_code_name(outcome->code),
                             outcome->undone);
    } else {
        return true;
    }
    sim_world_stop(world, call, sim_bytes_text(&text));
    sim_bytes_free(&text);
    return false;
}

/* Runs all engines and compares them. */
static bool
sim_world_run(struct sim_world *world, const struct sim_call *call, struct sim_frame *frame)
{
    for (uint32_t i = 0; i < world->engine_count; i++) {
        if (!sim_world_run_engine(world, call, i, &frame->outcomes[i])) {
            return false;
        }
    }
    bool is_agreed = true;
    if (world->engine_count > 1) {
        struct sim_buffer text = {0};
        is_agreed = sim_world_compare(&frame->outcomes[0],
                                      sim_world_engine_name(world, 0),
                                      &frame->outcomes[1],
                                      sim_world_engine_name(world, 1),
                                      &text);
        if (!is_agreed) {
            world->has_trapped = frame->outcomes[0].trapped && frame->outcomes[1].trapped;
            sim_world_stop(world, call, sim_bytes_text(&text));
        }
        sim_bytes_free(&text);
    }
    for (uint32_t i = 0; is_agreed && i < world->engine_count; i++) {
        is_agreed = sim_world_judge(world, call, i, &frame->outcomes[i]);
    }
    return is_agreed;
}

static void sim_world_tell(struct sim_world *world,
                           const struct sim_call *call,
                           const struct sim_outcome *outcome)
{
    const struct sim_op op = {
        .number = world->operations,
        .context = call->context,
        .message = call->message,
        .opcode = call->is_migration || call->message.length == 0 ? 0 : call->message.bytes[0],
        .state_hash = sim_world_state_hash(world),
        .depth = world->depth,
        .is_migration = call->is_migration,
    };
    for (size_t i = 0; i < world->watcher_count; i++) {
        world->watchers[i].observer(world->watchers[i].self, world, &op, outcome);
    }
}

static const struct sim_outcome *sim_world_execute(struct sim_world *world, struct sim_call *call);

static bool sim_world_refuses(const struct sim_world *world, const struct plm_addr *payee)
{
    for (size_t i = 0; i < world->refuser_count; i++) {
        if (sim_abi_addr_equal(&world->refusers[i], payee)) {
            return true;
        }
    }
    return false;
}

/* Moves a payment's tokens, or not, and tells the contract. */
static const struct sim_outcome *sim_world_pay(struct sim_world *world,
                                               const struct sim_call *cause,
                                               const struct sim_payment *payment,
                                               bool ok)
{
    if (ok && sim_world_contract_balance(world, &payment->token) < payment->atoms) {
        sim_world_stop(world, cause, "the contract pays more than it holds");
        return NULL;
    }
    if (ok) {
        sim_token_move(world->tokens, &payment->token, &world->self, &payment->to, payment->atoms);
        if (world->payee != NULL) {
            world->payee(world->payee_self, world, payment);
        }
    }
    const struct plm_settle_out told = {.payout = payment->payout, .ok = ok ? 1 : 0};
    struct sim_buffer message = {0};
    (void)sim_abi_encode_message(PLM_OP_SETTLE_OUT, &told, &message);
    struct sim_call call = {.message = sim_bytes_span(&message), .is_own = true};
    call.context.caller = world->self;
    const struct sim_outcome *outcome = sim_world_execute(world, &call);
    if (outcome != NULL && outcome->code != (int32_t)PLM_OK) {
        sim_world_stop(world, &call, "the contract refused settle_out for its own payment");
        outcome = NULL;
    }
    sim_bytes_free(&message);
    return outcome;
}

/* Sends what an operation has paid, or keeps it back. False where that stopped the world. */
static bool sim_world_send_payments(struct sim_world *world,
                                    const struct sim_call *call,
                                    const struct sim_outcome *outcome)
{
    for (uint32_t i = 0; i < outcome->payment_count; i++) {
        const struct sim_payment payment = outcome->payments[i];
        if (world->holds) {
            world->held = sim_bytes_grow(world->held,
                                         &world->held_capacity,
                                         world->held_count + 1,
                                         sizeof(struct sim_payment));
            world->held[world->held_count++] = payment;
            continue;
        }
        world->depth++;
        const bool ok = !sim_world_refuses(world, &payment.to);
        const bool is_paid = sim_world_pay(world, call, &payment, ok) != NULL;
        world->depth--;
        if (!is_paid) {
            return false;
        }
    }
    return true;
}

/* Remembers an operation for sim_world_duplicate. */
static void sim_world_remember(struct sim_world *world, const struct sim_call *call)
{
    if (!call->is_own && !call->is_migration && world->depth == 0 &&
        call->message.bytes != world->last_message.bytes) {
        world->last_context = call->context;
        world->last_message.length = 0;
        sim_bytes_add(&world->last_message, call->message.bytes, call->message.length);
    }
}

static const struct sim_outcome *sim_world_execute(struct sim_world *world, struct sim_call *call)
{
    if (world->failure.length > 0) {
        return NULL;
    }
    world->operations++;
    call->context.self = world->self;
    call->context.time = world->time;
    call->context.height = world->height;
    call->context.lab = world->lab;
    call->context.fail_host_call = call->is_own ? 0 : world->fail_host;
    world->fail_host = call->is_own ? world->fail_host : 0;
    if (world->depth >= SIM_WORLD_DEPTH_MAX) {
        sim_world_stop(world, call, "payees call back more than 8 deep");
        return NULL;
    }
    sim_world_remember(world, call);
    if (world->frames[world->depth] == NULL) {
        world->frames[world->depth] = sim_bytes_alloc(1, sizeof(struct sim_frame));
    }
    struct sim_frame *frame = world->frames[world->depth];
    if (!sim_world_run(world, call, frame)) {
        return NULL;
    }
    const struct sim_outcome *outcome = &frame->outcomes[0];
    if (outcome->code == (int32_t)PLM_OK) {
        for (uint32_t i = 0; i < call->context.fund_count; i++) {
            const struct plm_fund *fund = &call->context.funds[i];
            sim_token_move(world->tokens,
                           &fund->token,
                           &call->context.caller,
                           &world->self,
                           sim_abi_int_of(fund->atoms.atoms));
        }
    }
    sim_world_tell(world, call, outcome);
    if (!sim_world_send_payments(world, call, outcome)) {
        return NULL;
    }
    return world->failure.length > 0 ? NULL : outcome;
}

const struct sim_outcome *sim_world_apply(struct sim_world *world,
                                          const struct plm_addr *caller,
                                          const struct plm_fund *funds,
                                          uint32_t fund_count,
                                          struct sim_span message)
{
    struct sim_call call = {.message = message};
    if (fund_count > PLM_FUNDS_MAX) {
        sim_error_fatal("a call with %u funds: %u at most", fund_count, PLM_FUNDS_MAX);
    }
    call.context.caller = *caller;
    call.context.fund_count = fund_count;
    for (uint32_t i = 0; i < fund_count; i++) {
        call.context.funds[i] = funds[i];
    }
    return sim_world_execute(world, &call);
}

const struct sim_outcome *sim_world_send(struct sim_world *world,
                                         const struct plm_addr *caller,
                                         const struct plm_fund *funds,
                                         uint32_t fund_count,
                                         uint8_t opcode,
                                         const void *message)
{
    struct sim_buffer bytes = {0};
    if (!sim_abi_encode_message(opcode, message, &bytes)) {
        sim_error_fatal("opcode %u is in no table: a bug of the simulator", opcode);
    }
    const struct sim_outcome *outcome =
        sim_world_apply(world, caller, funds, fund_count, sim_bytes_span(&bytes));
    sim_bytes_free(&bytes);
    return outcome;
}

const struct sim_outcome *sim_world_duplicate(struct sim_world *world)
{
    struct sim_call call = {.context = world->last_context,
                            .message = sim_bytes_span(&world->last_message)};
    return sim_world_execute(world, &call);
}

const struct sim_outcome *
sim_world_migrate(struct sim_world *world, const struct plm_addr *caller, struct sim_span message)
{
    struct sim_call call = {.message = message, .is_migration = true};
    call.context.caller = *caller;
    return sim_world_execute(world, &call);
}

/* --- faults ------------------------------------------------------------------------------ */
void sim_world_fail_host(struct sim_world *world, uint32_t n)
{
    world->fail_host = n;
}

void sim_world_refuse(struct sim_world *world, const struct plm_addr *payee, bool refuses)
{
    size_t kept = 0;
    for (size_t i = 0; i < world->refuser_count; i++) {
        if (!sim_abi_addr_equal(&world->refusers[i], payee)) {
            world->refusers[kept++] = world->refusers[i];
        }
    }
    world->refuser_count = kept;
    if (refuses) {
        world->refusers = sim_bytes_grow(
            world->refusers, &world->refuser_capacity, kept + 1, sizeof(struct plm_addr));
        world->refusers[world->refuser_count++] = *payee;
    }
}

void sim_world_hold_payments(struct sim_world *world, bool holds)
{
    world->holds = holds;
}

uint32_t sim_world_held_count(const struct sim_world *world)
{
    return (uint32_t)world->held_count;
}

const struct sim_payment *sim_world_held_at(const struct sim_world *world, uint32_t index)
{
    return index < world->held_count ? &world->held[index] : NULL;
}

const struct sim_outcome *sim_world_deliver(struct sim_world *world, uint64_t payout, bool ok)
{
    size_t at = 0;
    while (at < world->held_count && world->held[at].payout != payout) {
        at++;
    }
    if (at == world->held_count || world->failure.length > 0) {
        return NULL;
    }
    const struct sim_payment payment = world->held[at];
    world->held_count--;
    memmove(&world->held[at],
            &world->held[at + 1],
            (world->held_count - at) * sizeof(struct sim_payment));
    const struct sim_call cause = {.context = {.caller = world->self}};
    return sim_world_pay(world, &cause, &payment, ok);
}

void sim_world_on_payment(struct sim_world *world, sim_payee payee, void *self)
{
    world->payee = payee;
    world->payee_self = self;
}

void sim_world_set_lab(struct sim_world *world, uint64_t rules)
{
    world->lab = rules;
}

/* --- looking ----------------------------------------------------------------------------- */
struct sim_store *sim_world_store(struct sim_world *world)
{
    return sim_engine_store(world->engines[0]);
}

bool sim_world_read(struct sim_world *world, const struct sim_key *key, void *record)
{
    struct sim_span value = {NULL, 0};
    const struct sim_abi_key *row = sim_abi_find_key(key->bytes[0]);
    if (row == NULL || !sim_store_get(sim_world_store(world), sim_abi_key_span(key), &value)) {
        return false;
    }
    if (!sim_abi_decode_record(row->record, value, record)) {
        struct sim_buffer text = {0};
        const struct sim_call nothing = {0};
        sim_bytes_add_text(&text, "a stored record does not decode: ");
        sim_abi_print_key(sim_abi_key_span(key), &text);
        sim_bytes_add_text(&text, " = ");
        sim_bytes_add_hex(&text, value);
        sim_world_stop(world, &nothing, sim_bytes_text(&text));
        sim_bytes_free(&text);
        return false;
    }
    return true;
}

bool sim_world_read_id(struct sim_world *world,
                       enum plm_key_prefix prefix,
                       uint64_t id,
                       void *record)
{
    const struct sim_key key = sim_abi_key(prefix, id);
    return sim_world_read(world, &key, record);
}

struct sim_cursor sim_world_scan(struct sim_world *world, enum plm_key_prefix prefix)
{
    const uint8_t byte = (uint8_t)prefix;
    return sim_store_scan(sim_world_store(world), (struct sim_span){&byte, 1});
}

const struct sim_outcome *sim_world_query(struct sim_world *world, struct sim_span message)
{
    struct sim_call call = {.message = message};
    call.context.caller = world->self;
    call.context.self = world->self;
    call.context.time = world->time;
    call.context.height = world->height;
    call.context.lab = world->lab;
    if (world->failure.length > 0) {
        return NULL;
    }
    for (uint32_t i = 0; i < world->engine_count; i++) {
        struct sim_outcome *outcome = &world->answers.outcomes[i];
        sim_engine_query(world->engines[i], &call.context, message, outcome);
    }
    if (world->engine_count > 1) {
        struct sim_buffer text = {0};
        if (!sim_world_compare(&world->answers.outcomes[0],
                               sim_world_engine_name(world, 0),
                               &world->answers.outcomes[1],
                               sim_world_engine_name(world, 1),
                               &text)) {
            sim_world_stop(world, &call, sim_bytes_text(&text));
        }
        sim_bytes_free(&text);
    }
    if (world->failure.length > 0 ||
        !sim_world_judge(world, &call, 0, &world->answers.outcomes[0])) {
        return NULL;
    }
    return &world->answers.outcomes[0];
}

int32_t sim_world_ask(struct sim_world *world, uint8_t opcode, const void *message, void *reply)
{
    struct sim_buffer bytes = {0};
    const struct sim_abi_op *op = sim_abi_find_op(opcode);
    if (op == NULL || !op->is_query || !sim_abi_encode_message(opcode, message, &bytes)) {
        sim_error_fatal("opcode %u is no query: a bug of the simulator", opcode);
    }
    const struct sim_outcome *outcome = sim_world_query(world, sim_bytes_span(&bytes));
    int32_t code = outcome == NULL ? -1 : outcome->code;
    if (code == (int32_t)PLM_OK && !sim_abi_decode(op->reply, outcome->reply, reply)) {
        const struct sim_call call = {.message = sim_bytes_span(&bytes)};
        sim_world_stop(world, &call, "the reply of this query does not decode");
        code = -1;
    }
    sim_bytes_free(&bytes);
    return code;
}

uint64_t sim_world_account(struct sim_world *world, const struct plm_addr *owner, uint32_t number)
{
    struct plm_owner_index index = {0};
    const struct sim_key key = sim_abi_key_owner(owner, number);
    return sim_world_read(world, &key, &index) ? index.account : 0;
}

int32_t sim_world_asset(struct sim_world *world, const struct plm_addr *token)
{
    struct plm_token_index index = {0};
    const struct sim_key key = sim_abi_key_token(token);
    return sim_world_read(world, &key, &index) ? (int32_t)index.asset : -1;
}

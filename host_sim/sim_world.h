/* SPDX-License-Identifier: Apache-2.0
 * The chain in a box: a clock, actors, tokens, and one or two engines to which every operation
 * goes. Two engines run in lockstep: the first difference stops the world. Observers see every
 * operation. It moves tokens as a chain does; it knows no rule of margin. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "sim_engine.h"

/* Which engines run. Both: native first, then wasm, compared byte for byte. */
enum sim_choice {
    SIM_CHOICE_NATIVE = 1,
    SIM_CHOICE_WASM = 2,
    SIM_CHOICE_BOTH = 3,
};

/* "native", "wasm", "both"; false at other text. */
bool sim_world_parse_choice(const char *text, enum sim_choice *choice);

struct sim_world_options {
    enum sim_choice choice;
    bool lab;             /* lab builds of the engines */
    bool fault_loop;      /* before each operation, run it with host call 1, 2, ... failing */
    uint64_t time;        /* genesis; 0 = SIM_WORLD_TIME */
    uint64_t height;      /* 0 = 1 */
    struct plm_addr self; /* the contract's own address; empty: sim_world_self() */
};

#define SIM_WORLD_TIME UINT64_C(1700000000)

struct sim_world;

/* One operation as it was applied. Pointers are valid during the callback. */
struct sim_op {
    uint64_t number; /* from 1, also for refused operations */
    struct sim_context context;
    struct sim_span message;
    uint8_t opcode;      /* 0 for empty messages */
    uint64_t state_hash; /* of the chain after it */
    uint32_t depth;      /* 0, or how deep inside the payments of another operation */
    bool is_migration;
};

/* Called after every operation, refused ones included, in the order of registration. The state is
 * the one after the operation, its payments not yet delivered. It must not apply operations. */
typedef void (*sim_observer)(void *self,
                             struct sim_world *world,
                             const struct sim_op *op,
                             const struct sim_outcome *outcome);

struct sim_world *sim_world_new(const struct sim_world_options *options);
/* A snapshot: state, clock, tokens, counters and settings, no observers. `options` chooses engines
 * again (a lab copy for a `without` block) or is NULL; its time and height are not used. To restore
 * is to free the world and go on with the copy. */
struct sim_world *sim_world_copy(const struct sim_world *world,
                                 const struct sim_world_options *options);
void sim_world_free(struct sim_world *world);

void sim_world_observe(struct sim_world *world, sim_observer observer, void *self);
void sim_world_unobserve(struct sim_world *world, void *self);

/* --- time -------------------------------------------------------------------------------- */
uint64_t sim_world_time(const struct sim_world *world);
uint64_t sim_world_height(const struct sim_world *world);
/* Moves the clock, and the height by one. */
void sim_world_advance(struct sim_world *world, uint64_t seconds);
/* Sets the clock; a chain's clock never runs backward: an earlier time is refused, false. */
bool sim_world_set_time(struct sim_world *world, uint64_t time);
void sim_world_set_height(struct sim_world *world, uint64_t height);
uint64_t sim_world_operations(const struct sim_world *world);
uint64_t sim_world_state_hash(const struct sim_world *world);

/* --- actors and tokens
 * ---------------------------------------------------------------- */
/* The address of a named actor: the first 20 bytes of SHA-256(name). */
struct plm_addr sim_world_actor(const char *name);
/* The contract's own address where the options name no other: the actor "contract". */
struct plm_addr sim_world_self(void);
/* The contract's own address in this world. */
struct plm_addr sim_world_contract(const struct sim_world *world);
/* What an actor holds of a token, counted from 0 at the start: actors may go below, for the world
 * outside lends to them; so it is also what an actor has won or lost. The contract never may. */
sim_int sim_world_balance(const struct sim_world *world,
                          const struct plm_addr *holder,
                          const struct plm_addr *token);
/* Sends tokens to the contract without an operation. */
void sim_world_unsolicited(struct sim_world *world,
                           const struct plm_addr *from,
                           const struct plm_addr *token,
                           sim_int atoms);
/* Takes tokens away from the contract (a token that misbehaves): false where it holds less. */
bool sim_world_seize(struct sim_world *world, const struct plm_addr *token, sim_int atoms);

/* --- operations
 * ----------------------------------------------------------------------- */
/* Applies an operation of `caller` with attached funds. On PLM_OK the funds move in, the payments
 * go out, and settle_out is applied for each (unless held). Returns the outcome, valid until the
 * next operation or query of this world, or NULL where the world has stopped: engines differ, an
 * engine trapped, a refused call left effects, the contract pays more than it holds. */
const struct sim_outcome *sim_world_apply(struct sim_world *world,
                                          const struct plm_addr *caller,
                                          const struct plm_fund *funds,
                                          uint32_t fund_count,
                                          struct sim_span message);
/* The same from a struct of the tables: sim_world_send(w, &alice, NULL, 0, PLM_OP_SETTLE, &settle).
 */
const struct sim_outcome *sim_world_send(struct sim_world *world,
                                         const struct plm_addr *caller,
                                         const struct plm_fund *funds,
                                         uint32_t fund_count,
                                         uint8_t opcode,
                                         const void *message);
/* Applies the last operation (not settle_out of the world itself) once more, byte for byte. */
const struct sim_outcome *sim_world_duplicate(struct sim_world *world);
const struct sim_outcome *
sim_world_migrate(struct sim_world *world, const struct plm_addr *caller, struct sim_span message);
/* Empty while the world runs; else what stopped it: operation number, the operation decoded, the
 * first key and bytes that differ, or the place of a trap. */
const char *sim_world_failure(const struct sim_world *world);
/* True where a trap stopped the world, rather than a difference. */
bool sim_world_has_trapped(const struct sim_world *world);

/* --- faults
 * --------------------------------------------------------------------------- */
/* In the next operation the n-th call of kv_set, kv_del or pay fails. */
void sim_world_fail_host(struct sim_world *world, uint32_t n);
/* Payments to this actor fail from now on (or no longer): settle_out with ok 0 follows. */
void sim_world_refuse(struct sim_world *world, const struct plm_addr *payee, bool refuses);
/* Payments are kept back (or no longer) until sim_world_deliver; those kept stay. */
void sim_world_hold_payments(struct sim_world *world, bool holds);
uint32_t sim_world_held_count(const struct sim_world *world);
const struct sim_payment *sim_world_held_at(const struct sim_world *world, uint32_t index);
/* Delivers a payment kept back, or lets it fail, and applies settle_out. NULL also where there is
 * no such payment, and then sim_world_failure is empty. */
const struct sim_outcome *sim_world_deliver(struct sim_world *world, uint64_t payout, bool ok);
/* Called when a payment has arrived and before settle_out: a payee that calls back (re-entry) may
 * apply operations here. */
typedef void (*sim_payee)(void *self, struct sim_world *world, const struct sim_payment *payment);
void sim_world_on_payment(struct sim_world *world, sim_payee payee, void *self);
/* Lab builds: the rules switched off (bits of the lab interface). */
void sim_world_set_lab(struct sim_world *world, uint64_t rules);

/* --- looking
 * -------------------------------------------------------------------------- */
/* Reads a stored record into its struct (struct plm_account and so on): false where there is none.
 * The first engine is asked; stored bytes that do not decode stop the world. */
bool sim_world_read(struct sim_world *world, const struct sim_key *key, void *record);
bool sim_world_read_id(struct sim_world *world,
                       enum plm_key_prefix prefix,
                       uint64_t id,
                       void *record);
/* Walks all keys of a kind in ascending order: sim_store_next. Decode by sim_abi_decode_record. */
struct sim_cursor sim_world_scan(struct sim_world *world, enum plm_key_prefix prefix);
/* The store of the first engine. */
struct sim_store *sim_world_store(struct sim_world *world);
/* Asks all engines and compares. `message` and `reply` are structs of the tables:
 *     struct plm_get_margin ask = {.account = 1};
 *     struct plm_reply_margin got;
 *     int32_t code = sim_world_ask(world, PLM_QUERY_MARGIN, &ask, &got);
 * Returns the code; -1 where the world has stopped. `reply` is written on PLM_OK. Queries are no
 * operations: observers do not see them, the hash stays. */
int32_t sim_world_ask(struct sim_world *world, uint8_t opcode, const void *message, void *reply);
/* The same with bytes; the outcome is valid until the next call. NULL where the world has stopped.
 */
const struct sim_outcome *sim_world_query(struct sim_world *world, struct sim_span message);
/* The account id of an owner and number, by the owner index; 0 = none. */
uint64_t sim_world_account(struct sim_world *world, const struct plm_addr *owner, uint32_t number);
/* The asset id of a token; -1 = none. The settlement asset is 0. */
int32_t sim_world_asset(struct sim_world *world, const struct plm_addr *token);
/* All that stands of an asset's token on the contract's own account at the chain. */
sim_int sim_world_contract_balance(const struct sim_world *world, const struct plm_addr *token);

#endif

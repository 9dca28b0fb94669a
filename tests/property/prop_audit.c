/* SPDX-License-Identifier: Apache-2.0
 * build: sim native
 * No check that cannot fail: real operations are shown to the auditor with one thing forged, and it
 * must name exactly the invariants that this breaks, and nothing where nothing is forged.
 *     prop_audit [--write]     --write: writes docs/INVARIANTS.md from the table first */
#include "sim_audit.h"
#include "sim_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ETH  UINT64_C(20000000000000) /* 2 000 at 10 decimals */
#define COIN UINT64_C(10000000000)    /* 1 */
#define CASH UINT64_C(1000000)
#define LOT  INT64_C(100000000)       /* one base unit */
#define WAD  ((sim_int)1000000000000000000)

/* A world before the operation that is forged, and that operation. */
struct bench {
    struct sim_world *world;
    struct sim_store *store;   /* what the auditor believes was before, and is after */
    struct plm_addr admin;
    struct plm_addr owners[4]; /* of accounts 1 to 4 */
    struct plm_addr quote;
    struct plm_addr coin;
    uint64_t fill;
    bool is_ok;

    const struct plm_addr *caller;
    struct plm_fund fund;
    uint8_t opcode;
    struct sim_buffer message;

    struct sim_outcome seen;    /* as observed: owns its memory */
    struct sim_op op;
    struct sim_outcome outcome; /* forged: arrays of its own, that point into the one seen */
    uint64_t hash_before;
    sim_int held[2];            /* tokens that the contract holds of both assets */
    void *kept[64];             /* bytes of forged records */
    uint32_t kept_count;
};

/* --- a world -------------------------------------------------------------------------------- */
static plm_amt amount_of(uint64_t atoms)
{
    const plm_amt amount = {{atoms, 0}};
    return amount;
}

static void
step(struct bench *b, const struct plm_addr *caller, enum plm_opcode opcode, const void *message)
{
    const struct sim_outcome *outcome =
        sim_world_send(b->world, caller, NULL, 0, (uint8_t)opcode, message);
    if (outcome == NULL || outcome->code != PLM_OK) {
        printf("set-up: %s: %s\n",
               sim_abi_find_op((uint8_t)opcode)->name,
               outcome == NULL ? sim_world_failure(b->world) : sim_abi_code_name(outcome->code));
        b->is_ok = false;
    }
}

static void deposit(struct bench *b, uint64_t account, uint16_t asset, uint64_t atoms)
{
    const struct plm_deposit message = {account, asset, amount_of(atoms)};
    const struct plm_fund fund = {asset == 0 ? b->quote : b->coin, message.amount};
    const struct sim_outcome *outcome =
        sim_world_send(b->world, &b->owners[account - 1], &fund, 1, PLM_OP_DEPOSIT, &message);
    b->is_ok = b->is_ok && outcome != NULL && outcome->code == PLM_OK;
}

static void insure(struct bench *b, uint16_t market, uint64_t quote)
{
    const struct plm_fund_insurance message = {market, amount_of(quote * CASH)};
    const struct plm_fund fund = {b->quote, message.amount};
    const struct sim_outcome *outcome =
        sim_world_send(b->world, &b->admin, &fund, 1, PLM_OP_FUND_INSURANCE, &message);
    b->is_ok = b->is_ok && outcome != NULL && outcome->code == PLM_OK;
}

static struct plm_publish_price price_of(struct bench *b, uint64_t eth)
{
    struct plm_publish_price message = {.quotes_count = 2};
    const plm_time now = {sim_world_time(b->world)};
    message.quotes[0] = (struct plm_quote){0, {eth * (ETH / 2000)}, {ETH / 10000}, now};
    message.quotes[1] = (struct plm_quote){1, {COIN}, {COIN / 10000}, now};
    return message;
}

static void publish(struct bench *b, uint64_t eth)
{
    sim_world_advance(b->world, 2);
    const struct plm_publish_price message = price_of(b, eth);
    step(b, &b->admin, PLM_OP_PUBLISH_PRICE, &message);
}

static struct plm_trade fill_of(struct bench *b, uint64_t buyer, uint64_t seller, uint64_t eth)
{
    struct plm_trade message = {.fills_count = 1};
    b->fill++;
    message.fills[0] = (struct plm_fill){.id = b->fill,
                                         .buyer = buyer,
                                         .seller = seller,
                                         .lots = {10 * LOT},
                                         .price = {eth * (ETH / 2000)}};
    return message;
}

static void trade(struct bench *b, uint64_t buyer, uint64_t seller, uint64_t eth)
{
    const struct plm_trade message = fill_of(b, buyer, seller, eth);
    step(b, &b->admin, PLM_OP_TRADE, &message);
}

static void list(struct bench *b)
{
    struct plm_add_feed feed = {.price_decimals = 10};
    struct plm_add_market market = {.size_decimals = 8, .tick = {1}, .unbacked = 1};
    struct plm_add_asset coin = {.token = b->coin, .decimals = 6, .feed = 1};
    const struct plm_set_status active = {0, PLM_STATUS_ACTIVE};
    sim_abi_param_defaults(PLM_TARGET_FEED, &feed.params);
    sim_abi_param_defaults(PLM_TARGET_MARKET, &market.params);
    sim_abi_param_defaults(PLM_TARGET_ASSET, &coin.params);
    market.params.fee_taker.ppm = 500;
    feed.params.slow_tau = 1; /* s follows at once, so that results settle */
    feed.params.slow_rate.nano = 1000000000;
    coin.params.cap = amount_of(UINT64_C(100000000) * CASH);
    for (uint16_t i = 0; i < 2; i++) {
        const struct plm_set_publisher publisher = {i, b->admin, 1};
        step(b, &b->admin, PLM_OP_ADD_FEED, &feed);
        step(b, &b->admin, PLM_OP_SET_PUBLISHER, &publisher);
    }
    step(b, &b->admin, PLM_OP_ADD_MARKET, &market);
    step(b, &b->admin, PLM_OP_SET_STATUS, &active);
    step(b, &b->admin, PLM_OP_ADD_ASSET, &coin);
}

static void begin(struct bench *b)
{
    static const char *const names[] = {"ann", "bob", "cid", "dan"};
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    const sim_int plenty = (sim_int)1 << 100;
    *b = (struct bench){.is_ok = true, .held = {plenty, plenty}};
    b->world = sim_world_new(&options);
    b->admin = sim_world_actor("admin");
    b->quote = sim_abi_addr_text("usdc");
    b->coin = sim_abi_addr_text("coin");
    const struct plm_initialise initialise = {b->quote, 6, b->admin};
    step(b, &b->admin, PLM_OP_INITIALISE, &initialise);
    list(b);
    for (uint32_t i = 0; i < 4; i++) {
        const struct plm_open_account open = {0, PLM_MODE_CROSS};
        b->owners[i] = sim_world_actor(names[i]);
        step(b, &b->owners[i], PLM_OP_OPEN_ACCOUNT, &open);
    }
    deposit(b, 1, 0, 2100 * CASH);
    deposit(b, 2, 0, 100000 * CASH);
    deposit(b, 3, 0, 100000 * CASH);
    deposit(b, 4, 1, 3000 * CASH);
    publish(b, 2000);
}

/* --- operations to be forged ---------------------------------------------------------------- */
static void
last(struct bench *b, const struct plm_addr *caller, enum plm_opcode opcode, const void *message)
{
    b->caller = caller;
    b->opcode = (uint8_t)opcode;
    (void)sim_abi_encode_message(b->opcode, message, &b->message);
}

static void a_deposit(struct bench *b)
{
    const struct plm_deposit message = {1, 0, amount_of(1000 * CASH)};
    b->fund = (struct plm_fund){b->quote, message.amount};
    last(b, &b->owners[0], PLM_OP_DEPOSIT, &message);
}

static void a_withdrawal(struct bench *b)
{
    const struct plm_withdraw message = {1, 0, amount_of(50 * CASH)};
    trade(b, 1, 2, 2000);
    last(b, &b->owners[0], PLM_OP_WITHDRAW, &message);
}

static void a_trade(struct bench *b)
{
    const struct plm_trade message = fill_of(b, 1, 2, 2001);
    last(b, &b->admin, PLM_OP_TRADE, &message);
}

static void a_price(struct bench *b)
{
    sim_world_advance(b->world, 2);
    const struct plm_publish_price message = price_of(b, 2010);
    last(b, &b->admin, PLM_OP_PUBLISH_PRICE, &message);
}

static void a_settlement(struct bench *b)
{
    const struct plm_settle loser = {2, 0};
    const struct plm_settle winner = {1, 0};
    trade(b, 1, 2, 2000);
    publish(b, 2100);
    sim_world_advance(b->world, 10); /* s follows p */
    step(b, &b->admin, PLM_OP_SETTLE, &loser);
    last(b, &b->admin, PLM_OP_SETTLE, &winner);
}

static void a_takeover(struct bench *b)
{
    const struct plm_liquidate message = {.account = 1, .taker = 3};
    trade(b, 1, 2, 2000);
    publish(b, 1880);
    last(b, &b->owners[2], PLM_OP_LIQUIDATE, &message);
}

static void a_sale(struct bench *b)
{
    const struct plm_liquidate_collateral message = {
        .account = 4, .asset = 1, .taker = 3, .market = PLM_NO_MARKET};
    struct plm_trade bought = fill_of(b, 4, 2, 2000);
    bought.fills[0].taker = 1; /* who has no cash cannot pay a fee */
    step(b, &b->admin, PLM_OP_TRADE, &bought);
    publish(b, 1820);
    last(b, &b->owners[2], PLM_OP_LIQUIDATE_COLLATERAL, &message);
}

/* A loss of 3 000 against 2 090 of cash: insurance 300, global 200, the short side the rest. */
static void a_deficit(struct bench *b)
{
    const struct plm_liquidate message = {.account = 1, .taker = 3};
    insure(b, 0, 300);
    insure(b, PLM_NO_MARKET, 200);
    trade(b, 1, 2, 2000);
    publish(b, 1820);
    publish(b, 1700);
    last(b, &b->owners[2], PLM_OP_LIQUIDATE, &message);
}

/* The same where the short side pays hardly anything: most of it is nobody's. */
static void a_hole(struct bench *b)
{
    const struct sim_abi_param *cap = sim_abi_find_param_name(PLM_TARGET_MARKET, "loss_cap");
    const struct plm_set_param message = {
        PLM_TARGET_MARKET, 0, cap->id, {sim_abi_i128_of((sim_int)10)}};
    step(b, &b->admin, PLM_OP_SET_PARAM, &message);
    a_deficit(b);
}

static void a_tightening(struct bench *b)
{
    const struct sim_abi_param *cap = sim_abi_find_param_name(PLM_TARGET_MARKET, "loss_cap");
    const struct plm_set_param message = {
        PLM_TARGET_MARKET, 0, cap->id, {sim_abi_i128_of((sim_int)10)}};
    last(b, &b->admin, PLM_OP_SET_PARAM, &message);
}

/* The guardian is to be another: 1 is the proposal. */
static void a_proposal(struct bench *b)
{
    const struct plm_set_role message = {PLM_ROLE_GUARDIAN, b->owners[0]};
    trade(b, 1, 2, 2000);
    step(b, &b->admin, PLM_OP_SET_ROLE, &message);
}

static void an_execution(struct bench *b)
{
    const struct plm_execute message = {1};
    a_proposal(b);
    sim_world_advance(b->world, 2u * 86400u);
    last(b, &b->admin, PLM_OP_EXECUTE, &message);
}

static void a_cancellation(struct bench *b)
{
    const struct plm_cancel message = {1};
    a_proposal(b);
    last(b, &b->admin, PLM_OP_CANCEL, &message);
}

static void a_loosening(struct bench *b)
{
    const struct sim_abi_param *band = sim_abi_find_param_name(PLM_TARGET_MARKET, "fill_band");
    const struct plm_set_param message = {
        PLM_TARGET_MARKET, 0, band->id, {sim_abi_i128_of((sim_int)60000)}};
    const struct plm_execute execute = {1};
    trade(b, 1, 2, 2000);
    step(b, &b->admin, PLM_OP_SET_PARAM, &message);
    sim_world_advance(b->world, 2u * 86400u);
    last(b, &b->admin, PLM_OP_EXECUTE, &execute);
}

static void an_addition(struct bench *b)
{
    const struct plm_set_publisher message = {0, b->owners[0], 1};
    last(b, &b->admin, PLM_OP_SET_PUBLISHER, &message);
}

static void a_status(struct bench *b)
{
    const struct plm_set_status message = {0, PLM_STATUS_REDUCE_ONLY};
    const struct plm_set_status back = {0, PLM_STATUS_ACTIVE};
    step(b, &b->admin, PLM_OP_SET_STATUS, &message);
    last(b, &b->admin, PLM_OP_SET_STATUS, &back);
}

static void a_new_collateral(struct bench *b)
{
    struct plm_add_asset coin = {.token = sim_abi_addr_text("new"), .decimals = 6, .feed = 1};
    sim_abi_param_defaults(PLM_TARGET_ASSET, &coin.params);
    last(b, &b->admin, PLM_OP_ADD_ASSET, &coin);
}

static void a_forced_close(struct bench *b)
{
    const struct plm_deleverage message = {.account = 1, .counterparty = 2, .tip = 3};
    insure(b, 0, 5000);
    trade(b, 1, 2, 2000);
    publish(b, 1820);
    publish(b, 1700);
    last(b, &b->admin, PLM_OP_DELEVERAGE, &message);
}

static void an_opening(struct bench *b)
{
    const struct plm_open_account message = {7, PLM_MODE_CROSS};
    last(b, &b->owners[0], PLM_OP_OPEN_ACCOUNT, &message);
}

static void a_listing(struct bench *b)
{
    struct plm_add_market message = {.size_decimals = 8, .tick = {1}, .unbacked = 1};
    sim_abi_param_defaults(PLM_TARGET_MARKET, &message.params);
    last(b, &b->admin, PLM_OP_ADD_MARKET, &message);
}

static void a_refusal(struct bench *b)
{
    const struct plm_withdraw message = {1, 0, amount_of(1000000 * CASH)};
    last(b, &b->owners[0], PLM_OP_WITHDRAW, &message);
}

/* --- forging -------------------------------------------------------------------------------- */
enum where {
    NOWHERE,
    BEFORE, /* the record before, and after where it was written: the auditor's own picture */
    AFTER,  /* the record after; written where it was not */
    EVENT,  /* the first event of that id */
    NEW_EVENT,
    PAYMENT,
    RESULT
};

enum how {
    ADD,
    SET
};

/* One thing that is forged. */
struct edit {
    enum where where;
    uint32_t kind; /* key prefix, or event id */
    uint64_t id;
    const char *path;
    enum how how;
    sim_int value;
};

static struct sim_span keep(struct bench *b, const struct sim_buffer *bytes)
{
    void *copy = sim_bytes_alloc(bytes->length, 1);
    memcpy(copy, bytes->bytes, bytes->length);
    b->kept[b->kept_count++] = copy;
    return (struct sim_span){copy, bytes->length};
}

/* Changes one field of an object, or the count of a list ("#positions"); a path that does not exist
 * is a mistake of this test. */
static bool change(uint32_t layout, void *object, const struct edit *edit)
{
    sim_int value = 0;
    struct sim_abi_place place = {0};
    if (edit->path[0] == '#') {
        const bool is_list = sim_abi_place(layout, object, edit->path + 1, &place);
        if (is_list && place.count != NULL) {
            *place.count += (uint32_t)edit->value;
        }
        return is_list;
    }
    const bool is_there = sim_abi_get_path(layout, object, edit->path, &value);
    value = edit->how == ADD ? value + edit->value : edit->value;
    return is_there && sim_abi_set_path(layout, object, edit->path, value);
}

/* The same record with one field changed; a path "+" lengthens it by a byte instead. */
static struct sim_span
forge_record(struct bench *b, uint32_t layout, struct sim_span bytes, const struct edit *edit)
{
    union sim_abi_object *object = sim_bytes_alloc(1, sizeof *object);
    struct sim_buffer forged = {0};
    bool is_ok = sim_abi_decode_record(layout, bytes, object);
    if (strcmp(edit->path, "+") != 0) {
        is_ok = is_ok && change(layout, object, edit);
        sim_abi_encode_record(layout, object, &forged);
    } else {
        sim_bytes_add(&forged, bytes.bytes, bytes.length);
        sim_bytes_add_byte(&forged, 0);
    }
    b->is_ok = b->is_ok && is_ok;
    const struct sim_span kept = keep(b, &forged);
    sim_bytes_free(&forged);
    free(object);
    return kept;
}

static struct sim_write *find_write(struct bench *b, struct sim_span key)
{
    for (uint32_t i = 0; i < b->outcome.writes.count; i++) {
        if (sim_bytes_equal(sim_abi_key_span(&b->outcome.writes.rows[i].key), key)) {
            return &b->outcome.writes.rows[i];
        }
    }
    return NULL;
}

/* An owner's entry is found by its prefix alone; the others by their id. */
static struct sim_key key_of(struct bench *b, const struct edit *edit)
{
    if (edit->kind == PLM_KEY_OWNER) {
        return sim_abi_key_owner(&b->owners[0], (uint32_t)edit->id);
    }
    return sim_abi_key((enum plm_key_prefix)edit->kind, edit->id);
}

static void forge_before(struct bench *b, const struct edit *edit)
{
    const struct sim_key key = key_of(b, edit);
    const struct sim_span span = sim_abi_key_span(&key);
    const uint32_t layout = sim_abi_find_key((uint8_t)edit->kind)->record;
    struct sim_span value = {0};
    if (!sim_store_get(b->store, span, &value)) {
        b->is_ok = false;
        return;
    }
    const struct sim_span forged = forge_record(b, layout, value, edit);
    sim_store_begin(b->store);
    sim_store_set(b->store, span, forged);
    sim_store_commit(b->store, NULL);
    struct sim_write *write = find_write(b, span);
    if (write != NULL) {
        write->before = forged;
        if (write->after.bytes != NULL) {
            write->after = forge_record(b, layout, write->after, edit);
        }
    }
}

static void forge_after(struct bench *b, const struct edit *edit)
{
    const struct sim_key key = key_of(b, edit);
    const struct sim_span span = sim_abi_key_span(&key);
    const uint32_t layout = sim_abi_find_key((uint8_t)edit->kind)->record;
    struct sim_write *write = find_write(b, span);
    if (write == NULL) {
        struct sim_writes *writes = &b->outcome.writes;
        writes->rows = sim_bytes_grow(
            writes->rows, &writes->capacity, writes->count + 1u, sizeof writes->rows[0]);
        write = &writes->rows[writes->count++];
        *write = (struct sim_write){.key = key};
        b->is_ok = b->is_ok && sim_store_get(b->store, span, &write->before);
        write->after = write->before;
    }
    write->after = forge_record(b, layout, write->after, edit);
}

static void forge_event(struct bench *b, const struct edit *edit)
{
    const uint32_t layout = sim_abi_find_event(edit->kind)->layout;
    struct sim_outcome *outcome = &b->outcome;
    union sim_abi_object *object = sim_bytes_alloc(1, sizeof *object);
    struct sim_buffer forged = {0};
    uint32_t at = 0;
    while (at < outcome->event_count &&
           (edit->where == NEW_EVENT || outcome->events[at].id != edit->kind)) {
        at++;
    }
    if (at == outcome->event_count) {
        b->is_ok = b->is_ok && edit->where == NEW_EVENT;
        outcome->events = sim_bytes_grow(
            outcome->events, &outcome->event_capacity, at + 1u, sizeof outcome->events[0]);
        outcome->event_count++;
        outcome->events[at].id = edit->kind;
    } else {
        b->is_ok = b->is_ok && sim_abi_decode(layout, outcome->events[at].bytes, object);
    }
    b->is_ok = b->is_ok && change(layout, object, edit);
    sim_abi_encode(layout, object, &forged);
    outcome->events[at].bytes = keep(b, &forged);
    sim_bytes_free(&forged);
    free(object);
}

/* What the host says of the call. */
static void forge_result(struct bench *b, const struct edit *edit)
{
    if (strcmp(edit->path, "host_calls") == 0) {
        b->outcome.host_calls = (uint32_t)edit->value;
    } else if (strcmp(edit->path, "time") == 0) {
        b->op.context.time += (uint64_t)edit->value;
    } else if (strcmp(edit->path, "caller") == 0) {
        b->op.context.caller = b->owners[edit->value];
    } else if (strcmp(edit->path, "held") == 0) {
        b->held[0] = sim_world_contract_balance(b->world, &b->quote) + edit->value;
        b->held[1] = sim_world_contract_balance(b->world, &b->coin);
    } else if (strcmp(edit->path, "undone") == 0) {
        b->outcome.undone = (uint32_t)edit->value;
    } else {
        b->is_ok = b->is_ok && strcmp(edit->path, "hash") == 0;
    }
}

static void forge(struct bench *b, const struct edit *edit)
{
    switch (edit->where) {
    case NOWHERE: break;
    case BEFORE: forge_before(b, edit); break;
    case AFTER: forge_after(b, edit); break;
    case EVENT:
    case NEW_EVENT: forge_event(b, edit); break;
    case PAYMENT:
        b->is_ok = b->is_ok && b->outcome.payment_count > 0;
        if (b->is_ok) {
            b->outcome.payments[0].atoms += edit->value;
        }
        break;
    case RESULT: forge_result(b, edit); break;
    }
}

/* --- plants ----------------------------------------------------------------------------------- */
#define EDITS 4

struct plant {
    const char *expected; /* the ids that break, in order, each with a blank behind */
    const char *name;
    void (*operation)(struct bench *b);
    struct edit edits[EDITS];
};

#define M  PLM_KEY_MARKET, 0
#define MS PLM_KEY_MARKET_STATE, 0
#define F  PLM_KEY_FEED, 0
#define FS PLM_KEY_FEED_STATE, 0
#define L  PLM_KEY_LEDGER, 0
#define CF PLM_KEY_CONFIG, 0
#define P1 PLM_KEY_PROPOSAL, 1
#define A1 PLM_KEY_ACCOUNT, 1
#define C  PLM_KEY_ASSET, 1

static const struct plant plants[] = {
    {"", "nothing, in a deposit", a_deposit, {{0}}},
    {"", "nothing, in a withdrawal", a_withdrawal, {{0}}},
    {"", "nothing, in a trade", a_trade, {{0}}},
    {"", "nothing, in a price", a_price, {{0}}},
    {"", "nothing, in a settlement", a_settlement, {{0}}},
    {"", "nothing, in a takeover", a_takeover, {{0}}},
    {"", "nothing, in a sale", a_sale, {{0}}},
    {"", "nothing, in a deficit", a_deficit, {{0}}},
    {"", "nothing, in a forced close", a_forced_close, {{0}}},
    {"", "nothing, in an opening", an_opening, {{0}}},
    {"", "nothing, in a listing", a_listing, {{0}}},
    {"", "nothing, in a refusal", a_refusal, {{0}}},
    {"", "nothing, in a tightening", a_tightening, {{0}}},
    {"", "nothing, in an execution", an_execution, {{0}}},
    {"", "nothing, in a cancellation", a_cancellation, {{0}}},
    {"", "nothing, in a loosening", a_loosening, {{0}}},
    {"", "nothing, in an addition", an_addition, {{0}}},
    {"", "nothing, in a status", a_status, {{0}}},
    {"", "nothing, in a new collateral", a_new_collateral, {{0}}},
    {"", "nothing, where nobody pays", a_hole, {{0}}},
    {"", "nothing, tokens counted", a_deposit, {{RESULT, 0, 0, "held", ADD, 0}}},
    {"I01 ", "a token that is not there", a_deposit, {{RESULT, 0, 0, "held", ADD, -1}}},
    {"I01 ", "vault without cash", a_deposit, {{AFTER, L, "vault", ADD, 1}}},
    {"I01 ",
     "atoms that no account has",
     a_sale,
     {{AFTER, PLM_KEY_ASSET_STATE, 1, "total", ADD, 1}}},
    {"I02 ",
     "a negative fee line",
     a_trade,
     {{AFTER, MS, "fees", SET, -5}, {AFTER, L, "dust", ADD, 5}}},
    {"I03 ", "a payment of more than its record", a_withdrawal, {{PAYMENT, 0, 0, "", ADD, 1}}},
    {"I04 ", "open interest that nobody has", a_trade, {{AFTER, MS, "oi", ADD, 1}}},
    {"I05 ",
     "a withdrawal through the floor",
     a_withdrawal,
     {{BEFORE, M, "params.withdraw_floor", SET, 1000000}}},
    {"I06 ",
     "a trade below initial margin",
     a_trade,
     {{BEFORE, M, "params.initial", SET, 1000000}}},
    {"I07 ",
     "maintenance above initial",
     a_listing,
     {{AFTER, PLM_KEY_MARKET, 1, "params.maint", SET, 200000}}},
    {"I08 ",
     "more told than happened",
     a_deposit,
     {{EVENT, PLM_EVENT_DEPOSITED, 0, "amount", ADD, 1}}},
    {"I08 I09 ",
     "a takeover that costs more than its fees",
     a_takeover,
     {{AFTER, A1, "cash", ADD, -700 * WAD}, {AFTER, L, "dust", ADD, 700 * WAD}}},
    {"I10 ",
     "a fee above its maximum",
     a_takeover,
     {{BEFORE, M, "params.liq_fee", SET, 0}, {BEFORE, M, "params.liq_fee_max", SET, 0}}},
    {"I11 ",
     "a takeover from a sound account",
     a_takeover,
     {{BEFORE, M, "params.maint", SET, 100}, {BEFORE, M, "params.floor", SET, 0}}},
    {"I12 ",
     "profit from an empty pool",
     a_settlement,
     {{AFTER, MS, "pool", ADD, -2000 * WAD},
      {AFTER, MS, "uncovered", ADD, -2000 * WAD},
      {AFTER, L, "dust", ADD, 2000 * WAD}}},
    {"I13 ", "a position of nothing", a_deposit, {{AFTER, A1, "#positions", ADD, 1}}},
    {"I15 ", "a price moved by a deposit", a_deposit, {{AFTER, FS, "price", ADD, 1}}},
    {"I15 ", "another price told", a_takeover, {{EVENT, PLM_EVENT_LIQUIDATED, 0, "price", ADD, 1}}},
    {"I16 ", "a fill outside the band", a_trade, {{BEFORE, M, "params.fill_band", SET, 100}}},
    {"I17 ", "a price outside the domain", a_price, {{BEFORE, F, "params.price_max", SET, 1000}}},
    {"I17 ", "a price that is no median", a_price, {{BEFORE, F, "params.sources", SET, 2}}},
    {"I18 ", "a price from the future", a_price, {{AFTER, FS, "time", ADD, 1}}},
    {"I18 ", "risk at an old price", a_trade, {{BEFORE, FS, "time", ADD, -31}}},
    {"I19 ",
     "a price outside the band",
     a_price,
     {{BEFORE, F, "params.band", SET, 1}, {BEFORE, F, "params.band_rate", SET, 0}}},
    {"I19 ", "a price beyond the window", a_price, {{BEFORE, F, "params.window_band", SET, 1}}},
    {"I20 ", "a position above its cap", a_trade, {{BEFORE, M, "params.position_cap", SET, 1}}},
    {"I20 ", "open interest above its cap", a_trade, {{BEFORE, M, "params.oi_cap", SET, 1}}},
    {"I24 ", "a fee rounded down", a_trade, {{BEFORE, M, "params.fee_taker", ADD, 1}}},
    {"I26 ", "collateral given away", a_sale, {{BEFORE, C, "params.discount", SET, 0}}},
    {"I28 ",
     "the other side before the global tranche",
     a_deficit,
     {{BEFORE, L, "global", ADD, 1 * WAD}, {BEFORE, L, "vault", ADD, 1 * WAD}}},
    {"I28 ",
     "a hole before the other side paid",
     a_hole,
     {{BEFORE, M, "params.loss_cap", SET, 1000}}},
    {"I29 ",
     "a sale of nothing",
     a_sale,
     {{NEW_EVENT, PLM_EVENT_COLLATERAL_SOLD, 0, "asset", SET, 1}}},
    {"I30 ", "a tip above its bound", a_forced_close, {{BEFORE, M, "params.liq_fee", SET, 0}}},
    {"I31 ",
     "a draw of less than there was",
     a_deficit,
     {{BEFORE, MS, "insurance", ADD, 1 * WAD}, {BEFORE, L, "vault", ADD, 1 * WAD}}},
    {"I32 ",
     "a charge that is no number of ticks",
     a_deficit,
     {{EVENT, PLM_EVENT_DEFICIT, 0, "opposing", ADD, 1}}},
    {"I34 ", "too much work", a_deposit, {{RESULT, 0, 0, "host_calls", SET, 1000000}}},
    {"I37 ",
     "dust that vanished",
     a_trade,
     {{BEFORE, L, "dust", ADD, 10},
      {BEFORE, L, "vault", ADD, 10},
      {AFTER, L, "dust", ADD, -5},
      {AFTER, MS, "fees", ADD, 5}}},
    {"I38 ",
     "a sum beyond 128 bits",
     a_deposit,
     {{BEFORE, A1, "cash", ADD, (sim_int)1 << 120}, {BEFORE, L, "vault", ADD, (sim_int)1 << 120}}},
    {"I39 ", "a fill id used twice", a_trade, {{BEFORE, MS, "last_fill", ADD, 5}}},
    {"I40 ", "somebody else's money", a_withdrawal, {{RESULT, 0, 0, "caller", SET, 1}}},
    {"I41 ", "a parameter that moved by itself", a_deposit, {{AFTER, M, "params.initial", ADD, 1}}},
    {"I41 ", "two parameters at once", a_tightening, {{AFTER, M, "params.initial", ADD, 1}}},
    {"I41 ",
     "a parameter loosened",
     a_tightening,
     {{BEFORE, CF, "live", SET, 1},
      {AFTER, CF, "live", SET, 1},
      {BEFORE, M, "params.loss_cap", SET, 5},
      {AFTER, M, "params.loss_cap", SET, 10}}},
    {"I41 ", "trading that never began", an_execution, {{AFTER, CF, "live", SET, 0}}},
    {"I41 ", "executed before its notice", an_execution, {{BEFORE, P1, "since", ADD, 1}}},
    {"I41 ", "executed after its life", an_execution, {{BEFORE, P1, "since", ADD, -432001}}},
    {"I40 ", "a role that nobody proposed", an_execution, {{BEFORE, P1, "id", SET, 2}}},
    {"I40 ", "a role for a parameter", an_execution, {{BEFORE, P1, "change", SET, 0}}},
    {"I41 ", "a change from another value", a_loosening, {{BEFORE, P1, "before", ADD, 1}}},
    {"I41 ", "a change to another value", a_loosening, {{BEFORE, P1, "after", ADD, 1}}},
    {"I41 ", "a change of another thing", a_loosening, {{BEFORE, P1, "id", SET, 1}}},
    {"I41 ",
     "a step too far",
     a_loosening,
     {{BEFORE, P1, "after", ADD, 1}, {AFTER, M, "params.fill_band", ADD, 1}}},
    {"I41 ",
     "a publisher without notice",
     an_addition,
     {{BEFORE, CF, "live", SET, 1}, {AFTER, CF, "live", SET, 1}}},
    {"I41 ",
     "a market that opened without notice",
     a_status,
     {{BEFORE, CF, "live", SET, 1}, {AFTER, CF, "live", SET, 1}}},
    {"I42 ",
     "a collateral that counts at once",
     a_new_collateral,
     {{BEFORE, CF, "live", SET, 1}, {AFTER, CF, "live", SET, 1}}},
    {"I43 ", "no gap mode after a gap", a_price, {{BEFORE, F, "params.gap", SET, 1}}},
    {"I43 ", "a takeover in the grace", a_takeover, {{BEFORE, FS, "grace_until", SET, INT64_MAX}}},
    {"I45 ", "a clock that ran backward", a_refusal, {{RESULT, 0, 0, "time", ADD, -100}}},
    {"I45 ", "funding that forgot its rest", a_trade, {{AFTER, MS, "funding_rest", ADD, 1}}},
    {"I46 ", "a record with a byte too many", an_opening, {{AFTER, PLM_KEY_OWNER, 7, "+", ADD, 0}}},
    {"I47 ", "a refusal with effects", a_refusal, {{RESULT, 0, 0, "undone", SET, 1}}},
    {"I48 ",
     "indices that moved by themselves",
     a_trade,
     {{AFTER, MS, "index_long", ADD, 1}, {AFTER, MS, "index_short", ADD, 1}}},
    {"I49 ", "A that nobody holds", a_trade, {{AFTER, MS, "accrued", ADD, 1}}},
    {"I50 ", "another hash", a_deposit, {{RESULT, 0, 0, "hash", ADD, 1}}},
};

/* --- one plant -------------------------------------------------------------------------------- */
/* Keeps the operation as it was; the settle_out that follows a payment is another one. */
static void observe(void *self,
                    struct sim_world *world,
                    const struct sim_op *op,
                    const struct sim_outcome *outcome)
{
    struct bench *b = self;
    (void)world;
    if (op->depth == 0) {
        b->op = *op;
        b->op.message = sim_bytes_span(&b->message);
        sim_engine_outcome_copy(&b->seen, outcome);
    }
}

static void *copy_rows(const void *rows, size_t count, size_t size)
{
    void *copy = sim_bytes_alloc(count + 1u, size);
    if (count > 0) {
        memcpy(copy, rows, count * size);
    }
    return copy;
}

static void copy_seen(struct bench *b)
{
    struct sim_outcome *to = &b->outcome;
    *to = b->seen;
    to->writes.rows = copy_rows(to->writes.rows, to->writes.count, sizeof to->writes.rows[0]);
    to->writes.capacity = to->writes.count;
    to->events = copy_rows(to->events, to->event_count, sizeof to->events[0]);
    to->event_capacity = to->event_count;
    to->payments = copy_rows(to->payments, to->payment_count, sizeof to->payments[0]);
}

static void commit(struct bench *b)
{
    sim_store_begin(b->store);
    for (uint32_t i = 0; i < b->outcome.writes.count; i++) {
        const struct sim_write *write = &b->outcome.writes.rows[i];
        if (write->after.bytes == NULL) {
            sim_store_del(b->store, sim_abi_key_span(&write->key));
        } else {
            sim_store_set(b->store, sim_abi_key_span(&write->key), write->after);
        }
    }
    sim_store_commit(b->store, NULL);
    sim_store_set_hash(b->store, b->hash_before);
    b->op.state_hash = sim_store_mix(b->store, b->op.opcode, b->outcome.code, &b->outcome.writes);
}

/* An auditor that has seen one refused operation before: it knows a time and a hash. */
static struct sim_audit *start_auditor(struct bench *b)
{
    const struct sim_audit_options options = {.collects = true};
    const uint8_t message[] = {PLM_OP_CLOSE_ACCOUNT};
    struct sim_audit *audit = sim_audit_new_bare(b->store, b->held, &options);
    struct sim_outcome refused = {.code = PLM_E_LENGTH};
    struct sim_op op = b->op;
    op.message = (struct sim_span){message, sizeof message};
    op.opcode = PLM_OP_CLOSE_ACCOUNT;
    op.context.time = sim_world_time(b->world);
    op.state_hash = b->hash_before;
    sim_audit_operation(audit, &op, &refused);
    return audit;
}

static void audit_forged(struct bench *b, const struct plant *plant, struct sim_buffer *broken)
{
    for (uint32_t i = 0; i < EDITS && plant->edits[i].where != NOWHERE; i++) {
        if (plant->edits[i].where == BEFORE) {
            forge(b, &plant->edits[i]);
        }
    }
    struct sim_audit *audit = start_auditor(b);
    for (uint32_t i = 0; i < EDITS && plant->edits[i].where != NOWHERE; i++) {
        if (plant->edits[i].where != BEFORE) {
            forge(b, &plant->edits[i]);
        }
    }
    commit(b);
    for (uint32_t i = 0; i < EDITS; i++) {
        const struct edit *edit = &plant->edits[i];
        if (edit->where == RESULT && strcmp(edit->path, "hash") == 0) {
            b->op.state_hash += (uint64_t)edit->value;
        }
    }
    sim_audit_operation(audit, &b->op, &b->outcome);
    (void)sim_audit_full(audit);
    sim_audit_write_broken(audit, broken);
    const char *failure = sim_audit_failure(audit);
    if (strcmp(sim_bytes_text(broken), plant->expected) != 0) {
        printf("%s: expected \"%s\", found \"%s\"\n%s",
               plant->name,
               plant->expected,
               sim_bytes_text(broken),
               failure);
    }
    sim_audit_free(audit);
}

static bool try_plant(const struct plant *plant)
{
    struct bench b;
    struct sim_buffer broken = {0};
    begin(&b);
    plant->operation(&b);
    b.store = sim_store_copy(sim_world_store(b.world));
    b.hash_before = sim_world_state_hash(b.world);
    sim_world_observe(b.world, observe, &b);
    const bool has_fund = b.fund.token.length > 0;
    (void)sim_world_apply(b.world, b.caller, &b.fund, has_fund ? 1 : 0, sim_bytes_span(&b.message));
    copy_seen(&b);
    const bool is_refused = plant->operation == a_refusal;
    if (!b.is_ok || (b.outcome.code == PLM_OK) == is_refused) {
        printf("%s: the operation ended in %s\n", plant->name, sim_abi_code_name(b.outcome.code));
        b.is_ok = false;
    } else {
        audit_forged(&b, plant, &broken);
    }
    const bool is_good = b.is_ok && strcmp(sim_bytes_text(&broken), plant->expected) == 0;
    if (!b.is_ok) {
        printf("%s: this test names something that is not there\n", plant->name);
    }
    free(b.outcome.writes.rows);
    free(b.outcome.events);
    free(b.outcome.payments);
    sim_engine_outcome_free(&b.seen);
    sim_store_free(b.store);
    sim_world_free(b.world);
    sim_bytes_free(&b.message);
    sim_bytes_free(&broken);
    for (uint32_t i = 0; i < b.kept_count; i++) {
        free(b.kept[i]);
    }
    return is_good;
}

/* --- the whole ----------------------------------------------------------------------------------
 */
/* Every invariant that the auditor says it counts has a plant. */
static bool is_complete(void)
{
    bool is_good = true;
    for (uint32_t id = 0; id < SIM_INVARIANT_COUNT; id++) {
        const struct sim_audit_invariant *row = sim_audit_invariant((enum sim_audit_id)id);
        bool has_plant = false;
        for (size_t i = 0; i < sizeof plants / sizeof plants[0]; i++) {
            has_plant = has_plant || strstr(plants[i].expected, row->id) != NULL;
        }
        if (has_plant == (row->auditor[0] == '\0')) {
            printf("%s: the table says \"%s\", and there is %s plant\n",
                   row->id,
                   row->auditor,
                   has_plant ? "a" : "no");
            is_good = false;
        }
    }
    return is_good;
}

/* The page is what the table gives. */
static bool is_page_current(bool writes)
{
    struct sim_buffer page = {0};
    struct sim_buffer stored = {0};
    FILE *file = fopen(PLIMSOLL_ROOT "/docs/INVARIANTS.md", writes ? "wb" : "rb");
    sim_audit_write_markdown(&page);
    if (file == NULL) {
        sim_bytes_free(&page);
        return false;
    }
    if (writes) {
        (void)fwrite(page.bytes, 1, page.length, file);
    } else {
        int byte = 0;
        while ((byte = fgetc(file)) != EOF) {
            sim_bytes_add_byte(&stored, (uint8_t)byte);
        }
    }
    (void)fclose(file);
    const bool same = writes || sim_bytes_equal(sim_bytes_span(&page), sim_bytes_span(&stored));
    if (!same) {
        printf("docs/INVARIANTS.md is stale: run prop_audit --write\n");
    }
    sim_bytes_free(&page);
    sim_bytes_free(&stored);
    return same;
}

int main(int argc, char **argv)
{
    bool is_good = is_page_current(argc > 1 && strcmp(argv[1], "--write") == 0);
    is_good = is_complete() && is_good;
    for (size_t i = 0; i < sizeof plants / sizeof plants[0]; i++) {
        is_good = try_plant(&plants[i]) && is_good;
    }
    return is_good ? 0 : 1;
}

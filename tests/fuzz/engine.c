// SPDX-License-Identifier: Apache-2.0
/* Bytes to a run of the engine. Fields are filled by the tables: mostly values that mean something
 * in the prepared world, sometimes the bounds and just beyond, sometimes anything.
 * It knows names and types of messages, and no rule. */
#include "fuzz/engine.h"

#include "sim_scenario.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/canary.h"

#define WORLD_FILE   PLIMSOLL_ROOT "/tests/fuzz/engine_world.scn"
#define STEPS_MAX    160u
#define ACTORS       17u
#define ACCOUNTS     12u
#define COUNTERS     8192u
#define FIRST_FILL   1000u
#define MESSAGE_ROOM 8192u
#define LIST_ROOM    3u

/* Bytes of the input; zeros after its end. */
struct input {
    const uint8_t *at;
    size_t left;
};

struct fuzz {
    struct input in;
    struct sim_world *world;
    struct sim_audit *audit;
    uint64_t fill_id;
    uint16_t feed; /* the feed or market named last: prices lie around its own */
    bool prints;
};

/* What libFuzzer counts as new besides the target's own branches: an operation with its code, and
 * each event that it wrote. */
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[COUNTERS];

/* Operations that must be accepted, or the target is blind. */
static struct plm_fuzz_canary canaries[] = {
    {"TRADE accepted", 1, 0},
    {"WITHDRAW accepted", 1, 0},
    {"SETTLE accepted", 1, 0},
    {"FLAG accepted", 1, 0},
    {"LIQUIDATE accepted", 1, 0},
    {"LIQUIDATE_COLLATERAL accepted", 1, 0},
    {"DELEVERAGE accepted", 1, 0},
    {"RESOLVE accepted", 1, 0},
};
static const uint8_t sung_by[] = {PLM_OP_TRADE,
                                  PLM_OP_WITHDRAW,
                                  PLM_OP_SETTLE,
                                  PLM_OP_FLAG,
                                  PLM_OP_LIQUIDATE,
                                  PLM_OP_LIQUIDATE_COLLATERAL,
                                  PLM_OP_DELEVERAGE,
                                  PLM_OP_RESOLVE};

static const char *const actors[ACTORS] = {"admin",
                                           "guardian",
                                           "matcher",
                                           "oracle1",
                                           "oracle2",
                                           "oracle3",
                                           "maker",
                                           "alice",
                                           "keeper",
                                           "broke",
                                           "debtor",
                                           "pawn",
                                           "iso",
                                           "winner",
                                           "thin",
                                           "rich",
                                           "robot"};

/* --- input -------------------------------------------------------------------------------- */
static uint8_t take(struct fuzz *f)
{
    if (f->in.left == 0) {
        return 0;
    }
    f->in.left--;
    return *f->in.at++;
}

static uint64_t take_word(struct fuzz *f)
{
    uint64_t word = 0;
    for (uint32_t i = 0; i < 8u; i++) {
        word = word << 8 | take(f);
    }
    return word;
}

/* A digit and zeros behind it: 3, 70, 500 000 000 000. */
static sim_int take_round(struct fuzz *f, uint32_t zeros)
{
    const uint8_t byte = take(f);
    sim_int value = byte % 10u;
    for (uint32_t i = take(f) % (zeros + 1u); i > 0; i--) {
        value *= 10;
    }
    return value;
}

static struct plm_addr take_actor(struct fuzz *f)
{
    return sim_world_actor(actors[take(f) % ACTORS]);
}

/* --- fields ------------------------------------------------------------------------------- */
static uint64_t price_of(struct fuzz *f)
{
    static struct plm_feed_state state;
    if (!sim_world_read_id(f->world, PLM_KEY_FEED_STATE, f->feed, &state)) {
        return 1000;
    }
    return (uint64_t)state.price.ticks;
}

/* Around the feed's accepted price: mostly +-3 % in steps of 0.1 %, sometimes +-12 %. */
static sim_int take_price(struct fuzz *f)
{
    const sim_int price = (sim_int)price_of(f);
    const uint8_t byte = take(f);
    const int step = byte < 192 ? (int)(byte % 64u) - 32 : ((int)(byte % 64u) - 32) * 4;
    return price + price / 1000 * step;
}

static sim_int take_bound(struct fuzz *f, const struct sim_abi_field *field)
{
    switch (take(f) % 6u) {
    case 0: return field->min;
    case 1: return (sim_int)field->min - 1;
    case 2: return field->max;
    case 3: return (sim_int)field->max + 1;
    case 4: return (sim_int)take_word(f);
    default: return (sim_int)(int64_t)take_word(f) * ((sim_int)1 << 62) + (sim_int)take_word(f);
    }
}

static sim_int take_small(struct fuzz *f, const struct sim_abi_field *field)
{
    if (strcmp(field->name, "param") == 0) {
        const struct sim_abi_param *param = sim_abi_param_at(take(f) % 80u);
        return param == NULL ? 1 : param->id;
    }
    if (strcmp(field->name, "tip") == 0) {
        return take(f) % (ACCOUNTS + 1u);
    }
    if (strcmp(field->name, "market") == 0 || strcmp(field->name, "id") == 0) {
        const uint8_t byte = take(f) % 5u;
        return byte == 4 ? 65535 : byte;
    }
    const uint8_t byte = take(f);
    if (strcmp(field->name, "buyer_by") == 0 || strcmp(field->name, "seller_by") == 0) {
        return byte >= 224 ? 1 : 0;
    }
    if (field->max >= 0 && field->max < 255) {
        return byte % (field->max + 1);
    }
    return byte;
}

/* A value that means something: an account there is, a price near the price. */
static sim_int take_sense(struct fuzz *f, const struct sim_abi_field *field)
{
    const enum plm_type type = field->type;
    if (type == PLM_TYPE_ACCOUNT) {
        return 1 + take(f) % ACCOUNTS;
    }
    if (type == PLM_TYPE_MARKET || type == PLM_TYPE_FEED) {
        static const uint16_t markets[] = {0, 0, 0, 0, 0, 1, 1, 2, 2, 0, 0, 0, 1, 2, 0, 3};
        const uint16_t shift = type == PLM_TYPE_MARKET ? 1 : 0; /* feed 0 is the collateral's */
        f->feed = (uint16_t)(shift + markets[take(f) % 16u]);
        return f->feed - shift;
    }
    if (type == PLM_TYPE_U64 && strcmp(field->name, "id") == 0) {
        return (sim_int)f->fill_id++;
    }
    if (type == PLM_TYPE_PRICE && strcmp(field->name, "conf") != 0 &&
        strcmp(field->name, "limit") != 0) {
        return take_price(f);
    }
    if (type == PLM_TYPE_ASSET) {
        const uint8_t byte = take(f);
        return byte >= 240 ? 2 : (field->min == 1 ? 1 : byte % 2u);
    }
    if (type == PLM_TYPE_PRICE || type == PLM_TYPE_QTY) {
        return take_round(f, 11);
    }
    if (type == PLM_TYPE_VAL) {
        return take_round(f, 24) - take_round(f, 6);
    }
    if (type == PLM_TYPE_AMT) {
        return take_round(f, 22);
    }
    if (type == PLM_TYPE_TIME) {
        return (sim_int)sim_world_time(f->world) + take(f) / 8 - 16;
    }
    if (type == PLM_TYPE_RATIO || type == PLM_TYPE_RATE) {
        return take_round(f, 6);
    }
    return take_small(f, field);
}

static void fill(struct fuzz *f, uint32_t layout, uint8_t *object);

static void fill_list(struct fuzz *f, const struct sim_abi_field *field, uint8_t *object)
{
    const uint32_t size = sim_abi_layout(field->layout)->size;
    const uint32_t room = field->count_max < LIST_ROOM ? field->count_max : LIST_ROOM;
    const uint8_t byte = take(f);
    uint32_t count = byte == 255 ? field->count_max : byte % (room + 1u);
    count = byte < 160 && room > 0 ? 1 : count;
    memcpy(object + field->count_offset, &count, sizeof count);
    for (uint32_t i = 0; i < count; i++) {
        fill(f, field->layout, object + field->offset + (size_t)i * size);
    }
}

static uint32_t make_message(struct fuzz *f, bool is_query, struct sim_buffer *out);

static void fill_field(struct fuzz *f, const struct sim_abi_field *field, uint8_t *object)
{
    if (field->type == PLM_TYPE_GROUP) {
        fill(f, field->layout, object + field->offset);
        return;
    }
    if (field->type == PLM_TYPE_LIST) {
        fill_list(f, field, object);
        return;
    }
    if (sim_abi_is_addr(field->type)) {
        const bool is_token = field->type == PLM_TYPE_TOKEN;
        const struct plm_addr addr =
            is_token ? sim_abi_addr_text(take(f) % 2u == 0 ? "USDC" : "WETH") : take_actor(f);
        memcpy(object + field->offset, &addr, sizeof addr);
        return;
    }
    if (field->type == PLM_TYPE_BYTES) {
        struct sim_buffer inner = {0};
        struct plm_bytes bytes = {0};
        (void)make_message(f, false, &inner);
        bytes.length =
            (uint16_t)(inner.length < sizeof bytes.bytes ? inner.length : sizeof bytes.bytes);
        memcpy(bytes.bytes, inner.bytes, bytes.length);
        memcpy(object + field->offset, &bytes, sizeof bytes);
        sim_bytes_free(&inner);
        return;
    }
    if (sim_abi_is_integer(field->type)) {
        const bool is_wild = take(f) >= 250;
        const sim_int value = is_wild ? take_bound(f, field) : take_sense(f, field);
        (void)sim_abi_set(field, object, value);
    }
}

/* A whole struct. Parameters start from their defaults: one or two of them are changed. */
static void fill(struct fuzz *f, uint32_t layout, uint8_t *object)
{
    const struct sim_abi_layout *fields = sim_abi_layout(layout);
    for (uint8_t target = 0; target <= PLM_TARGET_ASSET; target++) {
        if (sim_abi_param_layout(target) == layout) {
            sim_abi_param_defaults(target, object);
            for (uint32_t i = take(f) % 3u; i > 0; i--) {
                fill_field(f, &fields->fields[take(f) % fields->field_count], object);
            }
            return;
        }
    }
    for (uint32_t i = 0; i < fields->field_count; i++) {
        fill_field(f, &fields->fields[i], object);
    }
}

/* --- messages ----------------------------------------------------------------------------- */
static union sim_abi_object message;

/* Appends a message and leaves its struct in `message`; returns its opcode. */
static uint32_t make_message(struct fuzz *f, bool is_query, struct sim_buffer *out)
{
    uint32_t rows = 0;
    while (sim_abi_op_at(rows) != NULL) {
        rows++;
    }
    const struct sim_abi_op *op = sim_abi_op_at(take(f) % rows);
    /* What the admin does is rare: it would soon leave no role and no market as they were. */
    const bool is_rare = strstr(op->who, "admin") != NULL && take(f) < 208;
    for (uint32_t i = 0; op->is_query != is_query || (is_rare && i == 0); i++) {
        op = sim_abi_op_at((i + 16u + take(f)) % rows);
    }
    static union sim_abi_object local;
    memset(&local, 0, sizeof local);
    fill(f, op->message, local.bytes);
    sim_abi_encode_message(op->opcode, local.bytes, out);
    message = local;
    return op->opcode;
}

/* Whose account it is; the first actor where it is nobody's. */
static struct plm_addr owner_of(struct fuzz *f, uint64_t id)
{
    static struct plm_account account;
    if (sim_world_read_id(f->world, PLM_KEY_ACCOUNT, id, &account)) {
        for (uint32_t i = 0; i < ACTORS; i++) {
            const struct plm_addr actor = sim_world_actor(actors[i]);
            uint8_t hash[32];
            sim_bytes_sha256(actor.bytes, actor.length, hash);
            if (memcmp(hash, account.owner.bytes, sizeof hash) == 0) {
                return actor;
            }
        }
    }
    return sim_world_actor(actors[0]);
}

/* Mostly who may send it, sometimes anybody. */
static struct plm_addr take_caller(struct fuzz *f, const struct sim_abi_op *op)
{
    static const char *const fields[] = {"taker", "from", "account"};
    if (take(f) >= 240) {
        return take_actor(f);
    }
    if (strstr(op->who, "owner") != NULL) {
        for (uint32_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
            sim_int id = 0;
            if (sim_abi_get_path(op->message, message.bytes, fields[i], &id)) {
                return owner_of(f, (uint64_t)id);
            }
        }
    }
    if (strcmp(op->who, "publisher") == 0) {
        return sim_world_actor(actors[3u + take(f) % 3u]);
    }
    if (strcmp(op->who, "the contract") == 0) {
        return sim_world_self();
    }
    for (uint32_t i = 0; i < 3u; i++) {
        if (strncmp(op->who, actors[i], strlen(actors[i])) == 0) {
            return sim_world_actor(actors[i]);
        }
    }
    return take_actor(f);
}

/* The tokens that the message speaks of, or others. */
static uint32_t take_funds(struct fuzz *f, const struct sim_abi_op *op, struct plm_fund *fund)
{
    sim_int asset = 0;
    sim_int atoms = 0;
    const bool pays = op->opcode == PLM_OP_DEPOSIT || op->opcode == PLM_OP_FUND_INSURANCE;
    const uint8_t byte = take(f);
    if (!pays && byte < 250) {
        return 0;
    }
    (void)sim_abi_get_path(op->message, message.bytes, "asset", &asset);
    if (!sim_abi_get_path(op->message, message.bytes, "amount", &atoms) || byte >= 250) {
        atoms = take_round(f, 20);
    }
    fund->token = sim_abi_addr_text(asset == 0 ? "USDC" : "WETH");
    fund->atoms = (plm_amt){sim_abi_i128_of(atoms)};
    return 1;
}

/* --- findings ----------------------------------------------------------------------------- */
static void check(struct fuzz *f)
{
    const char *failure = sim_world_failure(f->world);
    const char *broken = sim_audit_failure(f->audit);
    if (failure[0] != '\0' || broken[0] != '\0') {
        (void)fprintf(stderr, "fuzz: %s\n%s\n", failure, broken);
        abort();
    }
}

static void count(uint32_t a, uint32_t b, uint32_t c)
{
    const uint32_t place = (a * 2654435761u ^ b * 40503u ^ c * 2246822519u) >> 7;
    counters[place % COUNTERS] = 1;
}

static void print_step(struct sim_span bytes, const struct sim_outcome *outcome)
{
    struct sim_buffer text = {0};
    sim_abi_print_message(bytes, &text);
    const char *code = outcome == NULL ? "stopped" : sim_abi_code_name(outcome->code);
    (void)fprintf(stderr, "  %s -> %s\n", sim_bytes_text(&text), code);
    sim_bytes_free(&text);
}

static void took(struct fuzz *f, struct sim_span bytes, const struct sim_outcome *outcome)
{
    if (f->prints) {
        print_step(bytes, outcome);
    }
    check(f);
    if (outcome == NULL || bytes.length == 0) {
        return;
    }
    count(bytes.bytes[0], (uint32_t)outcome->code, 0);
    for (uint32_t i = 0; i < outcome->event_count; i++) {
        count(bytes.bytes[0], outcome->events[i].id, i + 1u);
    }
    for (uint32_t i = 0; i < sizeof sung_by && outcome->code == (int32_t)PLM_OK; i++) {
        canaries[i].count += sung_by[i] == bytes.bytes[0] ? 1 : 0;
    }
}

/* --- steps -------------------------------------------------------------------------------- */
static void step_time(struct fuzz *f)
{
    static const uint64_t seconds[] = {
        1, 1, 5, 5, 10, 10, 20, 20, 29, 30, 30, 31, 61, 121, 3600, 90000};
    const uint64_t span = seconds[take(f) % 16u];
    sim_world_advance(f->world, span);
    if (f->prints) {
        (void)fprintf(stderr, "  advance %" PRIu64 "\n", span);
    }
}

/* All publishers of a feed agree on a price near the old one. */
static void step_price(struct fuzz *f, uint16_t feed)
{
    f->feed = feed;
    struct plm_publish_price sent = {.quotes_count = 1};
    sent.quotes[0].feed = f->feed;
    sent.quotes[0].price.ticks = (uint64_t)take_price(f);
    sent.quotes[0].time.sec = sim_world_time(f->world);
    for (uint32_t i = 0; i < (feed == 2 ? 3u : 1u); i++) {
        const struct plm_addr oracle = sim_world_actor(actors[3u + i]);
        struct sim_buffer bytes = {0};
        sim_abi_encode_message(PLM_OP_PUBLISH_PRICE, &sent, &bytes);
        const struct sim_span span = sim_bytes_span(&bytes);
        took(f, span, sim_world_apply(f->world, &oracle, NULL, 0, span));
        sim_bytes_free(&bytes);
    }
}

static void step_operation(struct fuzz *f)
{
    struct sim_buffer bytes = {0};
    struct plm_fund fund = {0};
    const uint8_t opcode = (uint8_t)make_message(f, false, &bytes);
    const struct sim_abi_op *op = sim_abi_find_op(opcode);
    const struct plm_addr caller = take_caller(f, op);
    const uint32_t funds = take_funds(f, op, &fund);
    const struct sim_span span = sim_bytes_span(&bytes);
    took(f, span, sim_world_apply(f->world, &caller, &fund, funds, span));
    sim_bytes_free(&bytes);
}

static void step_query(struct fuzz *f)
{
    struct sim_buffer bytes = {0};
    (void)make_message(f, true, &bytes);
    const struct sim_span span = sim_bytes_span(&bytes);
    took(f, span, sim_world_query(f->world, span));
    sim_bytes_free(&bytes);
}

/* Bytes as they are: an operation or a query that no table made. */
static void step_raw(struct fuzz *f)
{
    static uint8_t raw[MESSAGE_ROOM];
    uint32_t length = take(f);
    length = length == 255 ? PLM_LIMIT_MESSAGE_MAX + 1u : length;
    for (uint32_t i = 0; i < length; i++) {
        raw[i] = take(f);
    }
    const struct sim_span span = {raw, length};
    const struct plm_addr caller = take_actor(f);
    const bool is_query = length > 0 && raw[0] >= 0x80;
    took(f,
         span,
         is_query ? sim_world_query(f->world, span)
                  : sim_world_apply(f->world, &caller, NULL, 0, span));
}

static void step_chain(struct fuzz *f)
{
    const uint8_t byte = take(f);
    const struct plm_addr actor = take_actor(f);
    switch (byte % 4u) {
    case 0: sim_world_fail_host(f->world, 1u + byte / 32u); break;
    case 1: sim_world_refuse(f->world, &actor, byte >= 128); break;
    case 2: sim_world_unsolicited(f->world, &actor, &(struct plm_addr){0}, 1); break;
    default:
        (void)sim_world_duplicate(f->world);
        check(f);
        break;
    }
}

static void step(struct fuzz *f)
{
    const uint8_t kind = take(f);
    if (kind < 24) {
        step_time(f);
    } else if (kind < 48) {
        step_price(f, (uint16_t)(take(f) % 4u));
    } else if (kind < 80) {
        for (uint16_t feed = 0; feed < 4u; feed++) {
            step_price(f, feed);
        }
    } else if (kind < 100) {
        step_query(f);
    } else if (kind < 104) {
        step_raw(f);
    } else if (kind < 110) {
        step_chain(f);
    } else {
        step_operation(f);
    }
}

/* --- the prepared world ------------------------------------------------------------------- */
static struct sim_world *prepare(enum sim_choice choice)
{
    const struct sim_world_options options = {.choice = choice};
    struct sim_script script = {0};
    struct sim_fault fault = {0};
    struct sim_scenario scenario;
    struct sim_world *world = sim_world_new(&options);
    if (!sim_script_read(WORLD_FILE, &script, &fault)) {
        (void)fprintf(stderr, "%s:%u: %s\n", WORLD_FILE, fault.line, fault.why);
        abort();
    }
    sim_scenario_begin(&scenario, WORLD_FILE, &script, world);
    if (!sim_scenario_run(&scenario)) {
        (void)fprintf(stderr, "%s:%u: %s\n", WORLD_FILE, scenario.fault.line, scenario.fault.why);
        abort();
    }
    sim_scenario_end(&scenario);
    sim_script_free(&script);
    return world;
}

void plm_fuzz_engine(enum sim_choice choice, const uint8_t *data, size_t size)
{
    static struct sim_world *prepared;
    plm_fuzz_canaries(canaries, sizeof canaries / sizeof canaries[0]);
    if (prepared == NULL) {
        prepared = prepare(choice);
    }
    struct fuzz f = {.in = {data, size}, .fill_id = FIRST_FILL};
    f.prints = getenv("PLIMSOLL_FUZZ_PRINT") != NULL;
    f.world = sim_world_copy(prepared, NULL);
    f.audit = sim_audit_new(f.world, NULL);
    for (uint32_t i = 0; i < STEPS_MAX && f.in.left > 0; i++) {
        step(&f);
    }
    (void)sim_audit_full(f.audit);
    check(&f);
    sim_audit_free(f.audit);
    sim_world_free(f.world);
}

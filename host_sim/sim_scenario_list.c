/* SPDX-License-Identifier: Apache-2.0
 * Declarations: the engine and its roles, assets, feeds, markets, accounts, groups.
 * Spec: docs/SCENARIOS.md, "Declarations". What is not said comes from abi/params.def. */
#include "sim_scenario.h"
#include "sim_workload.h"

#include <stdio.h>
#include <string.h>

#define ADMIN                  "admin"
#define DEFAULT_PRICE_DECIMALS 10u

/* What a feed line, or the feed of an asset or market, says. */
struct feed_words {
    struct plm_feed_params params;
    uint64_t decimals;
    uint64_t publishers; /* 0: as many as sources */
};

/* is_refused_later: in a check, a declaration that expects a code leaves no name behind. */
static bool leaves_name(const struct sim_scenario *s, int32_t code)
{
    return code == PLM_OK && (s->world != NULL || s->now->expected.kind != SIM_EXPECTED_CODE);
}

static bool check_name(struct sim_scenario *s, const char *name)
{
    if (!sim_names_is_valid(name)) {
        return sim_scenario_refuse(
            s, "'%.40s' is no name: a letter, then letters, digits and _ . -", name);
    }
    if (sim_names_find_asset(&s->names, name) != NULL ||
        sim_names_find_market(&s->names, name) != NULL ||
        sim_names_find_account(&s->names, name) != NULL ||
        sim_names_find_group(&s->names, name) != NULL) {
        return sim_scenario_refuse(s, "'%.40s' is declared already: choose another name", name);
    }
    return true;
}

static bool send_admin(struct sim_scenario *s, uint8_t opcode, const void *message, int32_t *code)
{
    const struct sim_send send = {
        .caller = sim_scenario_caller(s, ADMIN), .opcode = opcode, .message = message};
    return sim_scenario_send(s, &send, code);
}

/* listed_id: the id in the reply of add_asset, add_feed, add_market; in a check the next one. */
static uint16_t listed_id(struct sim_scenario *s, uint32_t next)
{
    struct plm_reply_listed reply = {.id = (uint16_t)next};
    (void)sim_scenario_reply(s, PLM_LAYOUT_reply_listed, &reply);
    return reply.id;
}

/* --- quote -------------------------------------------------------------------------------------
 */
static bool set_roles(struct sim_scenario *s, int32_t *code)
{
    const struct plm_set_role guardian = {.role = PLM_ROLE_GUARDIAN,
                                          .holder = sim_world_actor("guardian")};
    const struct plm_set_role matcher = {.role = PLM_ROLE_MATCHER,
                                         .holder = sim_world_actor("matcher")};
    if (!send_admin(s, PLM_OP_SET_ROLE, &guardian, code)) {
        return false;
    }
    return *code != PLM_OK || send_admin(s, PLM_OP_SET_ROLE, &matcher, code);
}

static bool declare_quote(struct sim_scenario *s)
{
    const char *name = sim_scenario_slot(s, SIM_SLOT_ASSET);
    uint64_t decimals = 0;
    int32_t code = PLM_OK;
    if (!check_name(s, name)) {
        return false;
    }
    if (s->now->rest_count != 2 || strcmp(sim_scenario_rest(s, 0), "decimals") != 0) {
        return sim_scenario_refuse(s, "write it as: quote USDC decimals 6");
    }
    if (!sim_scenario_count(s, "decimals", sim_scenario_rest(s, 1), 18, &decimals)) {
        return false;
    }
    const struct plm_initialise message = {.token = sim_abi_addr_text(name),
                                           .decimals = (uint8_t)decimals,
                                           .admin = sim_world_actor(ADMIN)};
    if (!send_admin(s, PLM_OP_INITIALISE, &message, &code) ||
        (code == PLM_OK && !set_roles(s, &code))) {
        return false;
    }
    if (leaves_name(s, code)) {
        struct sim_named_asset *asset = sim_names_add_asset(&s->names, name);
        asset->token = message.token;
        asset->decimals = (uint8_t)decimals;
        s->has_engine = true;
    }
    return sim_scenario_judge(s, code, NULL);
}

/* --- key value pairs ---------------------------------------------------------------------------
 */
/* pair: the i-th key with its value; a key at the end of the line has none. */
static bool pair(struct sim_scenario *s, uint32_t i, const char **key, const char **value)
{
    *key = sim_scenario_rest(s, i);
    *value = sim_scenario_rest(s, i + 1);
    return *value != NULL || sim_scenario_refuse(s, "'%.40s' has no value after it", *key);
}

/* take_param: key and value of a group of params.def; *taken tells whether the key is one. */
static bool take_param(
    struct sim_scenario *s, uint8_t target, void *params, uint8_t decimals, uint32_t i, bool *taken)
{
    const char *key = NULL;
    const char *value = NULL;
    sim_int number = 0;
    if (!pair(s, i, &key, &value)) {
        return false;
    }
    const struct sim_abi_param *param = sim_abi_find_param_name(target, key);
    if (param == NULL) {
        return true;
    }
    *taken = true;
    if (!sim_scenario_param(s, param, value, decimals, &number)) {
        return false;
    }
    return sim_abi_set(param->field, params, number) ||
           sim_scenario_refuse(s, "%s %.40s is too large for its field", key, value);
}

static bool take_feed_word(struct sim_scenario *s, struct feed_words *feed, uint32_t i, bool *taken)
{
    const char *key = NULL;
    const char *value = NULL;
    if (!pair(s, i, &key, &value)) {
        return false;
    }
    if (strcmp(key, "publishers") == 0) {
        *taken = true;
        return sim_scenario_count(s, key, value, PLM_PUBLISHERS_MAX, &feed->publishers);
    }
    if (strcmp(key, "price_decimals") == 0) {
        *taken = true;
        return sim_scenario_count(s, key, value, 18, &feed->decimals);
    }
    return take_param(s, PLM_TARGET_FEED, &feed->params, 0, i, taken);
}

static bool unknown_key(struct sim_scenario *s, const char *key)
{
    return sim_scenario_refuse(
        s, "no key '%.40s' here: the keys are in docs/SCENARIOS.md, \"Parameters\"", key);
}

/* --- feeds -------------------------------------------------------------------------------------
 */
static struct feed_words default_feed(void)
{
    struct feed_words words = {.decimals = DEFAULT_PRICE_DECIMALS};
    sim_abi_param_defaults(PLM_TARGET_FEED, &words.params);
    return words;
}

static bool add_publishers(struct sim_scenario *s, uint16_t id, uint64_t count, int32_t *code)
{
    for (uint64_t i = 0; i < count && *code == PLM_OK; i++) {
        struct sim_named_feed *feed = sim_names_feed_by_id(&s->names, id);
        char *name = feed->publishers[i];
        (void)snprintf(name, SIM_NAME_BYTES, "oracle%u", (unsigned)(i + 1));
        const struct plm_set_publisher message = {
            .feed = id, .publisher = sim_world_actor(name), .on = 1};
        if (!send_admin(s, PLM_OP_SET_PUBLISHER, &message, code)) {
            return false;
        }
        feed->publisher_count++;
    }
    return true;
}

/* create_feed: add_feed and its publishers; the name stands for it from here on. */
static bool create_feed(struct sim_scenario *s,
                        const char *name,
                        const struct feed_words *words,
                        uint16_t *id,
                        int32_t *code)
{
    const struct plm_add_feed message = {.price_decimals = (uint8_t)words->decimals,
                                         .params = words->params};
    if (!send_admin(s, PLM_OP_ADD_FEED, &message, code)) {
        return false;
    }
    if (*code != PLM_OK) {
        return true;
    }
    uint64_t publishers = words->publishers;
    if (publishers == 0) {
        publishers = words->params.sources == 0 ? 1 : words->params.sources;
    }
    if (publishers > PLM_PUBLISHERS_MAX) {
        publishers = PLM_PUBLISHERS_MAX;
    }
    *id = listed_id(s, s->names.feed_count);
    struct sim_named_feed *feed = sim_names_add_feed(&s->names, name);
    feed->id = *id;
    feed->decimals = (uint8_t)words->decimals;
    return add_publishers(s, *id, publishers, code);
}

static bool declare_feed(struct sim_scenario *s)
{
    const char *name = sim_scenario_slot(s, SIM_SLOT_FEED);
    struct feed_words words = default_feed();
    uint16_t id = 0;
    int32_t code = PLM_OK;
    if (!check_name(s, name)) {
        return false;
    }
    if (sim_names_find_feed(&s->names, name) != NULL) {
        return sim_scenario_refuse(s, "'%.40s' is declared already: choose another name", name);
    }
    for (uint32_t i = 0; i < s->now->rest_count; i += 2) {
        bool taken = false;
        if (!take_feed_word(s, &words, i, &taken)) {
            return false;
        }
        if (!taken) {
            return unknown_key(s, sim_scenario_rest(s, i));
        }
    }
    return create_feed(s, name, &words, &id, &code) && sim_scenario_judge(s, code, NULL);
}

/* --- assets ------------------------------------------------------------------------------------
 */
struct asset_words {
    struct plm_asset_params params;
    struct feed_words feed;
    struct sim_named_feed *named; /* `feed NAME`, or NULL */
    uint64_t decimals;
    bool has_decimals;
    bool wants_most; /* `cap most` */
};

static bool take_asset_word(struct sim_scenario *s, struct asset_words *words, uint32_t i)
{
    const char *key = NULL;
    const char *value = NULL;
    bool taken = false;
    if (!pair(s, i, &key, &value)) {
        return false;
    }
    if (strcmp(key, "decimals") == 0) {
        words->has_decimals = true;
        return sim_scenario_count(s, key, value, 24, &words->decimals);
    }
    if (strcmp(key, "feed") == 0) {
        return sim_scenario_feed(s, value, &words->named);
    }
    if (strcmp(key, "cap") == 0 && strcmp(value, "most") == 0) {
        words->wants_most = true;
        return true;
    }
    if (!take_param(s, PLM_TARGET_ASSET, &words->params, (uint8_t)words->decimals, i, &taken)) {
        return false;
    }
    if (!taken && !take_feed_word(s, &words->feed, i, &taken)) {
        return false;
    }
    return taken || unknown_key(s, key);
}

static bool read_asset_words(struct sim_scenario *s, struct asset_words *words)
{
    words->feed = default_feed();
    sim_abi_param_defaults(PLM_TARGET_ASSET, &words->params);
    for (uint32_t i = 0; i < s->now->rest_count; i += 2) {
        if (i == 0 && strcmp(sim_scenario_rest(s, 0), "decimals") != 0) {
            break;
        }
        if (!take_asset_word(s, words, i)) {
            return false;
        }
    }
    return words->has_decimals ||
           sim_scenario_refuse(s, "write it as: asset WETH decimals 18 cap 1_000 ...");
}

/* take_most: the cap that the price domain of the feed leaves: a quarter of what UNIT-3 allows. */
static void take_most(struct sim_scenario *s, struct asset_words *words)
{
    struct plm_feed stored = {.params = words->feed.params};
    uint32_t digits = (uint32_t)(words->decimals + words->feed.decimals);
    if (words->named != NULL) {
        digits = (uint32_t)words->decimals + words->named->decimals;
        if (s->world != NULL) {
            (void)sim_world_read_id(s->world, PLM_KEY_FEED, words->named->id, &stored);
        }
    }
    sim_int atoms = (sim_int)10000000000000 * 1000000000000000000;
    atoms /= stored.params.price_max.ticks != 0 ? (sim_int)stored.params.price_max.ticks : 1;
    for (uint32_t i = 18; i < digits; i++) {
        atoms *= 10;
    }
    for (uint32_t i = digits; i < 18u; i++) {
        atoms /= 10;
    }
    words->params.cap.atoms = sim_abi_i128_of(atoms);
}

static bool declare_asset(struct sim_scenario *s)
{
    const char *name = sim_scenario_slot(s, SIM_SLOT_ASSET);
    struct asset_words words = {0};
    uint16_t feed = 0;
    int32_t code = PLM_OK;
    if (!check_name(s, name) || !read_asset_words(s, &words)) {
        return false;
    }
    if (words.named != NULL) {
        feed = words.named->id;
    } else if (!create_feed(s, name, &words.feed, &feed, &code)) {
        return false;
    }
    if (words.wants_most) {
        take_most(s, &words);
    }
    const struct plm_add_asset message = {.token = sim_abi_addr_text(name),
                                          .decimals = (uint8_t)words.decimals,
                                          .feed = feed,
                                          .params = words.params};
    if (code == PLM_OK && !send_admin(s, PLM_OP_ADD_ASSET, &message, &code)) {
        return false;
    }
    if (leaves_name(s, code)) {
        const uint16_t id = listed_id(s, s->names.asset_count);
        struct sim_named_asset *asset = sim_names_add_asset(&s->names, name);
        asset->token = message.token;
        asset->decimals = (uint8_t)words.decimals;
        asset->feed = feed;
        asset->id = id;
    }
    return sim_scenario_judge(s, code, NULL);
}

/* --- markets -----------------------------------------------------------------------------------
 */
struct market_words {
    struct plm_market_params params;
    struct feed_words feed;
    struct sim_named_feed *named;
    const char *tick; /* as written: it waits for price_decimals */
    uint64_t size_decimals;
    bool has_price_decimals;
    bool is_unbacked;
};

static bool take_market_word(struct sim_scenario *s, struct market_words *words, uint32_t i)
{
    const char *key = NULL;
    const char *value = NULL;
    bool taken = false;
    if (!pair(s, i, &key, &value)) {
        return false;
    }
    if (strcmp(key, "size_decimals") == 0) {
        return sim_scenario_count(s, key, value, 18, &words->size_decimals);
    }
    if (strcmp(key, "tick") == 0) {
        words->tick = value;
        return true;
    }
    if (strcmp(key, "feed") == 0) {
        return sim_scenario_feed(s, value, &words->named);
    }
    words->has_price_decimals |= strcmp(key, "price_decimals") == 0;
    if (!take_param(s, PLM_TARGET_MARKET, &words->params, 0, i, &taken)) {
        return false;
    }
    if (!taken && !take_feed_word(s, &words->feed, i, &taken)) {
        return false;
    }
    return taken || unknown_key(s, key);
}

/* take_fit: what the market's series asks for; keys behind `fit` change it again. */
static bool take_fit(struct sim_scenario *s, struct market_words *words)
{
    struct sim_fit fit = {0};
    const struct sim_args args = {.scenario = s, .path = s->path, .line = s->now->line};
    if (!sim_workload_fit(&args, sim_scenario_slot(s, SIM_SLOT_MARKET), &fit)) {
        return false;
    }
    words->size_decimals = 18u - fit.price_decimals;
    words->params.max_lots.lots = fit.max_lots;
    words->feed.params.price_max.ticks = fit.price_max;
    words->feed.params.age = fit.age;
    words->feed.params.gap = fit.gap;
    words->feed.params.window = fit.window;
    return true;
}

static bool read_market_words(struct sim_scenario *s, struct market_words *words)
{
    words->size_decimals = 8;
    words->feed = default_feed();
    sim_abi_param_defaults(PLM_TARGET_MARKET, &words->params);
    for (uint32_t i = 0; i < s->now->rest_count;) {
        if (strcmp(sim_scenario_rest(s, i), "unbacked") == 0) {
            words->is_unbacked = true;
            i++;
            continue;
        }
        if (strcmp(sim_scenario_rest(s, i), "fit") == 0) {
            if (!take_fit(s, words)) {
                return false;
            }
            i++;
            continue;
        }
        if (!take_market_word(s, words, i)) {
            return false;
        }
        i += 2;
    }
    if (words->named != NULL) {
        words->feed.decimals = words->named->decimals;
    } else if (!words->has_price_decimals) {
        words->feed.decimals = 18 - words->size_decimals;
    }
    return true;
}

/* list_market: add_market and status active. */
static bool list_market(struct sim_scenario *s,
                        const char *name,
                        const struct plm_add_market *add,
                        uint8_t price_decimals,
                        int32_t *code)
{
    if (!send_admin(s, PLM_OP_ADD_MARKET, add, code)) {
        return false;
    }
    if (!leaves_name(s, *code)) {
        return true;
    }
    const uint16_t id = listed_id(s, s->names.market_count);
    struct sim_named_market *market = sim_names_add_market(&s->names, name);
    market->id = id;
    market->feed = add->feed;
    market->size_decimals = add->size_decimals;
    market->price_decimals = price_decimals;
    const struct plm_set_status status = {.market = id, .status = PLM_STATUS_ACTIVE};
    return send_admin(s, PLM_OP_SET_STATUS, &status, code);
}

static bool declare_market(struct sim_scenario *s)
{
    const char *name = sim_scenario_slot(s, SIM_SLOT_MARKET);
    struct market_words words = {0};
    uint16_t feed = 0;
    int32_t code = PLM_OK;
    sim_int tick = 1;
    if (!check_name(s, name) || !read_market_words(s, &words)) {
        return false;
    }
    if (words.tick != NULL &&
        !sim_scenario_decimal(s, "tick", words.tick, (uint32_t)words.feed.decimals, &tick)) {
        return false;
    }
    if (tick < 0 || tick > INT64_MAX) {
        return sim_scenario_refuse(s, "the tick is out of range");
    }
    if (words.named != NULL) {
        feed = words.named->id;
    } else if (!create_feed(s, name, &words.feed, &feed, &code)) {
        return false;
    }
    const struct plm_add_market message = {.kind = 0,
                                           .feed = feed,
                                           .size_decimals = (uint8_t)words.size_decimals,
                                           .tick = {.ticks = (uint64_t)tick},
                                           .unbacked = words.is_unbacked ? 1 : 0,
                                           .params = words.params};
    if (code == PLM_OK && !list_market(s, name, &message, (uint8_t)words.feed.decimals, &code)) {
        return false;
    }
    return sim_scenario_judge(s, code, NULL);
}

/* --- accounts ----------------------------------------------------------------------------------
 */
static bool declare_account(struct sim_scenario *s)
{
    const char *name = sim_scenario_slot(s, SIM_SLOT_ACCOUNT);
    const char *owner = sim_scenario_slot(s, SIM_SLOT_OWNER);
    const char *number_text = sim_scenario_slot(s, SIM_SLOT_NUMBER);
    uint64_t number = 0;
    uint8_t mode = 0;
    int32_t code = PLM_OK;
    if (!check_name(s, name)) {
        return false;
    }
    if (owner == NULL) {
        owner = name;
    } else if (!sim_names_is_valid(owner)) {
        return sim_scenario_refuse(s, "'%.40s' is no name of an owner", owner);
    }
    if (!sim_scenario_word(s, "MODE", sim_scenario_slot(s, SIM_SLOT_MODE), &mode)) {
        return false;
    }
    number = sim_names_next_number(&s->names, owner);
    if (number_text != NULL && !sim_scenario_count(s, "number", number_text, UINT32_MAX, &number)) {
        return false;
    }
    const struct plm_open_account message = {.number = (uint32_t)number, .mode = mode};
    const struct sim_send send = {.caller = sim_scenario_caller(s, owner),
                                  .opcode = PLM_OP_OPEN_ACCOUNT,
                                  .message = &message};
    if (!sim_scenario_send(s, &send, &code)) {
        return false;
    }
    if (leaves_name(s, code)) {
        struct plm_reply_opened reply = {.account = s->names.account_count + 1u};
        (void)sim_scenario_reply(s, PLM_LAYOUT_reply_opened, &reply);
        struct sim_named_account *account = sim_names_add_account(&s->names, name);
        account->id = reply.account;
        account->number = (uint32_t)number;
        (void)snprintf(account->owner, sizeof account->owner, "%s", owner);
    }
    return sim_scenario_judge(s, code, NULL);
}

static bool declare_group(struct sim_scenario *s)
{
    const char *name = sim_scenario_slot(s, SIM_SLOT_NAME);
    if (!check_name(s, name)) {
        return false;
    }
    for (uint32_t i = 0; i < s->now->rest_count; i++) {
        struct sim_named_account *account = NULL;
        if (!sim_scenario_account(s, sim_scenario_rest(s, i), &account)) {
            return false;
        }
    }
    struct sim_named_group *group = sim_names_add_group(&s->names, name);
    group->accounts = sim_bytes_alloc(s->now->rest_count + 1u, sizeof *group->accounts);
    for (uint32_t i = 0; i < s->now->rest_count; i++) {
        const struct sim_named_account *account =
            sim_names_find_account(&s->names, sim_scenario_rest(s, i));
        group->accounts[group->count++] = (uint32_t)(account - s->names.accounts);
    }
    return true;
}

bool sim_scenario_declare(struct sim_scenario *s)
{
    const enum sim_verb verb = s->now->verb;
    if (verb == SIM_VERB_QUOTE) {
        return declare_quote(s);
    }
    if (verb == SIM_VERB_GROUP) {
        return declare_group(s);
    }
    if (verb == SIM_VERB_ASSET) {
        return declare_asset(s);
    }
    if (verb == SIM_VERB_FEED) {
        return declare_feed(s);
    }
    if (verb == SIM_VERB_MARKET) {
        return declare_market(s);
    }
    return declare_account(s);
}

/* SPDX-License-Identifier: Apache-2.0
 * Who there is, how they send, and how the words of their verbs are read. Spec: docs/SCENARIOS.md,
 * "Crowds". It knows what traders do, never what a rule allows. */
#include "sim_actors.h"
#include "sim_error.h"
#include "sim_units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- life --------------------------------------------------------------------------------------
 */
struct sim_workload *sim_workload_new(const struct sim_series *series,
                                      uint32_t series_count,
                                      uint64_t seed,
                                      bool is_quiet)
{
    struct sim_workload *w = sim_bytes_alloc(1, sizeof(*w));
    w->series = series;
    w->series_count = series_count;
    w->seed = seed;
    w->is_quiet = is_quiet;
    w->random.state = seed;
    return w;
}

static void *sim_workload_clone(const void *rows, uint32_t count, size_t size)
{
    void *copy = sim_bytes_alloc(count + 1u, size);
    if (count != 0) {
        memcpy(copy, rows, count * size);
    }
    return copy;
}

struct sim_workload *sim_workload_copy(const struct sim_workload *workload)
{
    if (workload == NULL) {
        return NULL;
    }
    struct sim_workload *w = sim_workload_clone(workload, 1, sizeof(*w));
    w->traders = sim_workload_clone(w->traders, w->trader_count, sizeof(*w->traders));
    w->makers = sim_workload_clone(w->makers, w->maker_count, sizeof(*w->makers));
    w->keepers = sim_workload_clone(w->keepers, w->keeper_count, sizeof(*w->keepers));
    w->cases = sim_workload_clone(w->cases, w->case_count, sizeof(*w->cases));
    w->flats = sim_workload_clone(w->flats, w->flat_count, sizeof(*w->flats));
    w->trader_capacity = w->trader_count + 1u;
    w->maker_capacity = w->maker_count + 1u;
    w->keeper_capacity = w->keeper_count + 1u;
    w->case_capacity = w->case_count + 1u;
    w->flat_capacity = w->flat_count + 1u;
    w->mirror = NULL;
    return w;
}

void sim_workload_free(struct sim_workload *workload)
{
    if (workload == NULL) {
        return;
    }
    sim_mirror_free(workload->mirror);
    free(workload->traders);
    free(workload->makers);
    free(workload->keepers);
    free(workload->cases);
    free(workload->flats);
    free(workload);
}

const struct sim_played *sim_workload_played(const struct sim_workload *workload)
{
    return &workload->played;
}

void sim_actors_begin(struct sim_workload *w, const struct sim_args *args)
{
    w->args = args;
    w->world = args->scenario->world;
    w->matcher = sim_world_actor("matcher");
    w->mirror = sim_mirror_new(w->world);
    w->case_count = 0; /* the mirror is new: who is in trouble is found again */
}

void sim_actors_end(struct sim_workload *w)
{
    sim_mirror_free(w->mirror);
    w->mirror = NULL;
}

/* --- sending -----------------------------------------------------------------------------------
 */
static bool sim_actors_send_funded(struct sim_workload *w,
                                   const struct plm_addr *caller,
                                   const struct plm_fund *fund,
                                   uint8_t opcode,
                                   const void *message)
{
    const struct sim_outcome *got =
        sim_world_send(w->world, caller, fund, fund != NULL ? 1u : 0u, opcode, message);
    if (got == NULL) {
        return sim_args_refuse(w->args, "%s", sim_world_failure(w->world));
    }
    w->code = got->code;
    return true;
}

bool sim_actors_send(struct sim_workload *w,
                     const struct plm_addr *caller,
                     uint8_t opcode,
                     const void *message,
                     const struct sim_outcome **outcome)
{
    const struct sim_outcome *got = sim_world_send(w->world, caller, NULL, 0, opcode, message);
    if (got == NULL) {
        return sim_args_refuse(w->args, "%s", sim_world_failure(w->world));
    }
    w->code = got->code;
    if (outcome != NULL) {
        *outcome = got;
    }
    return true;
}

bool sim_actors_is_free(const struct sim_args *args, const char *name)
{
    return sim_names_find_account(&args->scenario->names, name) == NULL ||
           sim_args_refuse(args, "there is an account %s already: give another `name`", name);
}

bool sim_actors_open(const struct sim_args *args,
                     const char *name,
                     uint8_t mode,
                     struct sim_trader *out)
{
    struct sim_scenario *s = args->scenario;
    *out = (struct sim_trader){.owner = sim_world_actor(name)};
    if (s->world != NULL) {
        const struct sim_outcome *got = NULL;
        struct plm_open_account message = {.number = 0, .mode = mode};
        struct plm_reply_opened reply = {0};
        if (!sim_actors_send(s->workload, &out->owner, PLM_OP_OPEN_ACCOUNT, &message, &got)) {
            return false;
        }
        if (got == NULL || got->code != PLM_OK ||
            !sim_abi_decode(PLM_LAYOUT_reply_opened, got->reply, &reply)) {
            return sim_args_refuse(args,
                                   "account %s cannot be opened: %s",
                                   name,
                                   sim_abi_code_name(s->workload->code));
        }
        out->account = reply.account;
    }
    struct sim_named_account *named = sim_names_add_account(&s->names, name);
    (void)snprintf(named->owner, sizeof(named->owner), "%s", name);
    named->id = s->world != NULL ? out->account : s->names.account_count;
    return true;
}

bool sim_actors_deposit(struct sim_workload *w,
                        const struct sim_trader *to,
                        const struct sim_named_asset *asset,
                        sim_int atoms)
{
    struct plm_deposit message = {
        .account = to->account, .asset = asset->id, .amount = {.atoms = sim_abi_i128_of(atoms)}};
    struct plm_fund fund = {.token = asset->token, .atoms = message.amount};
    return sim_actors_send_funded(w, &to->owner, &fund, PLM_OP_DEPOSIT, &message);
}

const struct sim_named_asset *sim_actors_quote(const struct sim_args *args)
{
    const struct sim_names *names = &args->scenario->names;
    for (uint32_t i = 0; i < names->asset_count; i++) {
        if (names->assets[i].id == 0) {
            return &names->assets[i];
        }
    }
    return NULL;
}

bool sim_actors_deposit_cash(struct sim_workload *w, const struct sim_trader *to, sim_int value)
{
    const struct sim_named_asset *quote = sim_actors_quote(w->args);
    sim_int atom = 1;
    for (uint32_t i = quote->decimals; i < SIM_UNITS_WAD_DECIMALS; i++) {
        atom *= 10;
    }
    return sim_actors_deposit(w, to, quote, (value + atom - 1) / atom);
}

bool sim_actors_settle(struct sim_workload *w, uint64_t account, uint16_t market)
{
    struct plm_settle message = {.account = account, .market = market};
    return sim_actors_send(w, &w->matcher, PLM_OP_SETTLE, &message, NULL);
}

struct plm_fill sim_actors_fill(
    struct sim_workload *w, uint16_t market, uint64_t buyer, uint64_t seller, int64_t lots)
{
    const struct sim_mirror_market *row = &w->mirror->markets[market];
    uint64_t tick = row->cold.tick.ticks != 0 ? row->cold.tick.ticks : 1u;
    uint64_t price = (sim_mirror_price(w->mirror, market) + tick / 2u) / tick * tick;
    return (struct plm_fill){.id = row->state.last_fill + 1u,
                             .market = market,
                             .buyer = buyer,
                             .seller = seller,
                             .lots = {.lots = lots},
                             .price = {.ticks = price != 0 ? price : tick}};
}

bool sim_actors_trade(
    struct sim_workload *w, uint16_t market, uint64_t buyer, uint64_t seller, int64_t lots)
{
    struct plm_trade message = {.fills_count = 1};
    message.fills[0] = sim_actors_fill(w, market, buyer, seller, lots);
    return sim_actors_send(w, &w->matcher, PLM_OP_TRADE, &message, NULL);
}

/* --- words -------------------------------------------------------------------------------------
 */
static bool sim_actors_take(const struct sim_args *args,
                            const char *key,
                            const char *text,
                            enum sim_units_result result)
{
    return result == SIM_UNITS_OK ||
           sim_args_refuse(args, "%s '%.40s' %s", key, text, sim_units_describe(result));
}

bool sim_actors_ratio(const struct sim_args *args, const char *key, uint32_t *out)
{
    const char *text = sim_args_value(args, key);
    sim_int value = 0;
    if (text == NULL) {
        return true;
    }
    if (!sim_actors_take(args, key, text, sim_units_ratio(text, &value))) {
        return false;
    }
    if (value < 0 || value > SIM_PPM_ONE) {
        return sim_args_refuse(args, "%s is from 0%% to 100%%", key);
    }
    *out = (uint32_t)value;
    return true;
}

bool sim_actors_count(const struct sim_args *args, const char *key, uint64_t max, uint64_t *out)
{
    const char *text = sim_args_value(args, key);
    sim_int value = 0;
    if (text == NULL) {
        return true;
    }
    if (!sim_actors_take(args, key, text, sim_units_decimal(text, 0, &value))) {
        return false;
    }
    if (value < 0 || value > (sim_int)max) {
        return sim_args_refuse(args, "%s is from 0 to %llu", key, (unsigned long long)max);
    }
    *out = (uint64_t)value;
    return true;
}

bool sim_actors_value(const struct sim_args *args, const char *key, sim_int *out)
{
    const char *text = sim_args_value(args, key);
    sim_int value = 0;
    if (text == NULL) {
        return true;
    }
    if (!sim_actors_take(
            args, key, text, sim_units_decimal(text, SIM_UNITS_WAD_DECIMALS, &value))) {
        return false;
    }
    if (value < 0) {
        return sim_args_refuse(args, "%s is never negative", key);
    }
    *out = value;
    return true;
}

bool sim_actors_duration(const struct sim_args *args, const char *key, uint64_t *out)
{
    const char *text = sim_args_value(args, key);
    sim_int value = 0;
    if (text == NULL) {
        return true;
    }
    if (!sim_actors_take(args, key, text, sim_units_duration(text, &value))) {
        return false;
    }
    *out = (uint64_t)value;
    return true;
}

bool sim_actors_known(const struct sim_args *args,
                      uint32_t first,
                      const char *const *keys,
                      uint32_t key_count)
{
    for (uint32_t i = first; i < args->count; i += 2u) {
        uint32_t k = 0;
        while (k < key_count && strcmp(args->words[i], keys[k]) != 0) {
            k++;
        }
        if (k == key_count) {
            struct sim_buffer text = {0};
            for (k = 0; k < key_count; k++) {
                sim_bytes_add_format(&text, "%s%s", k == 0 ? "" : ", ", keys[k]);
            }
            bool result = sim_args_refuse(
                args, "there is no key '%.40s': use %s", args->words[i], sim_bytes_text(&text));
            sim_bytes_free(&text);
            return result;
        }
        if (i + 1u == args->count) {
            return sim_args_refuse(args, "%.40s needs a value", args->words[i]);
        }
    }
    return true;
}

bool sim_actors_next(const char **list, char *name)
{
    size_t length = strcspn(*list, ",");
    if (length == 0 || length >= SIM_NAME_BYTES) {
        return false;
    }
    memcpy(name, *list, length);
    name[length] = '\0';
    *list += length + ((*list)[length] == ',' ? 1u : 0u);
    return true;
}

/* --- prices ------------------------------------------------------------------------------------
 */
bool sim_actors_has_series(const struct sim_workload *w, const char *name)
{
    for (uint32_t i = 0; i < w->series_count; i++) {
        if (strcmp(w->series[i].market, name) == 0) {
            return true;
        }
    }
    return false;
}

/* A price of the engine in the unit of bars; 0 where it does not fit. */
static uint64_t sim_actors_unit(uint64_t ticks, uint32_t decimals)
{
    sim_int value = (sim_int)ticks;
    for (uint32_t i = decimals; i < SIM_PRICES_DECIMALS; i++) {
        value *= 10;
    }
    for (uint32_t i = SIM_PRICES_DECIMALS; i < decimals; i++) {
        value /= 10;
    }
    return value <= (sim_int)UINT64_MAX ? (uint64_t)value : 0;
}

/* A series of its own with the bars of another. */
static void sim_actors_copy(const struct sim_prices *from, struct sim_prices *out)
{
    *out = *from;
    out->bars = sim_workload_clone(from->bars, (uint32_t)from->count, sizeof(*from->bars));
    out->capacity = from->count + 1u;
}

bool sim_actors_series(struct sim_workload *w,
                       const char *name,
                       const struct sim_prices_options *options,
                       struct sim_prices *out)
{
    for (uint32_t i = 0; i < w->series_count; i++) {
        struct sim_prices_fault fault = {0};
        if (strcmp(w->series[i].market, name) != 0) {
            continue;
        }
        if (w->series[i].prices != NULL) {
            sim_actors_copy(w->series[i].prices, out);
            return true;
        }
        if (sim_prices_read(w->series[i].path, options, out, &fault)) {
            return true;
        }
        if (fault.line == 0) {
            return sim_args_refuse(w->args, "%s: %s", w->series[i].path, fault.why);
        }
        return sim_args_refuse(w->args, "%s:%u: %s", w->series[i].path, fault.line, fault.why);
    }
    const struct sim_named_feed *feed = sim_names_feed_of(&w->args->scenario->names, name);
    struct sim_crash crash = {.seed = sim_bytes_mix(w->seed, name, strlen(name))};
    if (feed != NULL) {
        crash.price = sim_actors_unit(w->mirror->feeds[feed->id].state.price.ticks, feed->decimals);
    }
    sim_prices_generate(&crash, out);
    return true;
}

/* Two digits of a date, or a refusal. */
static bool sim_actors_digits(const char **at, uint32_t digits, uint64_t *out)
{
    *out = 0;
    for (uint32_t i = 0; i < digits; i++) {
        if (**at < '0' || **at > '9') {
            return false;
        }
        *out = *out * 10u + (uint64_t)(**at - '0');
        (*at)++;
    }
    return true;
}

/* "2020-03-12" and "2020-03-12T08:30Z" as UTC seconds. */
static bool sim_actors_date(const char *text, uint64_t *out)
{
    uint64_t part[5] = {0};
    static const char between[5] = {'-', '-', 'T', ':', 'Z'};
    static const uint32_t digits[5] = {4, 2, 2, 2, 2};
    for (uint32_t i = 0; i < 5u; i++) {
        if (!sim_actors_digits(&text, digits[i], &part[i])) {
            return false;
        }
        if (i == 2u && *text == '\0') {
            break;
        }
        if (*text++ != between[i]) {
            return false;
        }
    }
    if (*text != '\0' || part[0] < 1970u || part[1] < 1u || part[1] > 12u || part[2] < 1u ||
        part[2] > 31u || part[3] > 23u || part[4] > 59u) {
        return false;
    }
    /* Years that begin in March, so that the leap day is the last one. */
    const uint64_t year = part[0] - (part[1] < 3u ? 1u : 0u);
    const uint64_t month = (part[1] + 9u) % 12u;
    const uint64_t days = 365u * year + year / 4u - year / 100u + year / 400u +
                          (153u * month + 2u) / 5u + part[2] - 1u;
    *out = (days - 719468u) * 86400u + part[3] * 3600u + part[4] * 60u;
    return true;
}

/* A moment of a series: a date, or UTC seconds. */
static bool sim_actors_moment(const struct sim_args *args, const char *key, uint64_t *out)
{
    const char *text = sim_args_value(args, key);
    if (text == NULL || strchr(text, '-') == NULL) {
        return sim_actors_count(args, key, UINT32_MAX, out);
    }
    return sim_actors_date(text, out) ||
           sim_args_refuse(
               args, "%s '%.40s': write 2020-03-12 or 2020-03-12T08:30Z, in UTC", key, text);
}

bool sim_actors_window(const struct sim_args *args, struct sim_prices_options *out)
{
    *out = (struct sim_prices_options){.columns = {.time = sim_args_value(args, "time_column"),
                                                   .open = sim_args_value(args, "open_column"),
                                                   .high = sim_args_value(args, "high_column"),
                                                   .low = sim_args_value(args, "low_column"),
                                                   .close = sim_args_value(args, "close_column")}};
    return sim_actors_moment(args, "from", &out->from) &&
           sim_actors_moment(args, "until", &out->until);
}

/* One call of one publisher, for the feeds that know it. */
static bool sim_actors_publish_as(struct sim_workload *w,
                                  const char *publisher,
                                  struct plm_publish_price *message)
{
    struct plm_addr caller = sim_world_actor(publisher);
    return message->quotes_count == 0 ||
           sim_actors_send(w, &caller, PLM_OP_PUBLISH_PRICE, message, NULL);
}

static bool sim_actors_has_publisher(const struct sim_named_feed *feed, const char *name)
{
    for (uint8_t i = 0; feed != NULL && i < feed->publisher_count; i++) {
        if (strcmp(feed->publishers[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether a publisher of feed `at` was already met at an earlier feed. */
static bool sim_actors_is_met(const struct sim_names *names,
                              const uint16_t *feeds,
                              uint32_t at,
                              const char *name)
{
    for (uint32_t i = 0; i < at; i++) {
        if (sim_actors_has_publisher(sim_names_feed_by_id(names, feeds[i]), name)) {
            return true;
        }
    }
    return false;
}

bool sim_actors_publish(struct sim_workload *w,
                        const uint16_t *feeds,
                        const uint64_t *ticks,
                        uint32_t count,
                        uint32_t conf)
{
    const struct sim_names *names = &w->args->scenario->names;
    for (uint32_t i = 0; i < count; i++) {
        const struct sim_named_feed *feed = sim_names_feed_by_id(names, feeds[i]);
        for (uint8_t k = 0; feed != NULL && k < feed->publisher_count; k++) {
            const char *publisher = feed->publishers[k];
            struct plm_publish_price message = {0};
            if (sim_actors_is_met(names, feeds, i, publisher)) {
                continue;
            }
            for (uint32_t j = i; j < count && message.quotes_count < PLM_PRICES_MAX; j++) {
                if (!sim_actors_has_publisher(sim_names_feed_by_id(names, feeds[j]), publisher)) {
                    continue;
                }
                message.quotes[message.quotes_count++] = (struct plm_quote){
                    .feed = feeds[j],
                    .price = {.ticks = ticks[j]},
                    .conf = {.ticks = (uint64_t)((sim_int)ticks[j] * conf / SIM_PPM_ONE)},
                    .time = {.sec = sim_world_time(w->world)}};
            }
            if (!sim_actors_publish_as(w, publisher, &message)) {
                return false;
            }
        }
    }
    return true;
}

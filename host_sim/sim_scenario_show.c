/* SPDX-License-Identifier: Apache-2.0
 * Judgements: figures of accounts, markets, feeds and assets against exact decimals, and statements
 * about groups. Spec: docs/SCENARIOS.md, "Judgements".
 * It reads records and receipts by the abi tables; what a figure means is the engine's business. */
#include "sim_scenario.h"
#include "sim_units.h"
#include "sim_workload.h"

#include <string.h>

enum figure_kind {
    FIGURE_DECIMAL,
    FIGURE_RATIO,
    FIGURE_RATE,
    FIGURE_TIME, /* seconds since the start of the scenario; 0 is 0 */
    FIGURE_WORD,
    FIGURE_CODE
};

/* One figure, with how a human writes it. */
struct figure {
    sim_int value;
    enum figure_kind kind;
    uint32_t decimals;
    const char *words; /* kind of enums.def */
};

/* What a subject's records are, and the decimals of its units. */
struct subject {
    const char *name;
    uint32_t layouts[4];
    const void *records[4];
    uint32_t count;
    uint8_t size_decimals;
    uint8_t price_decimals;
    uint8_t amount_decimals;
};

struct market_records {
    struct plm_market_state state;
    struct plm_market market;
    struct plm_asset_state asset_state;
    struct plm_asset asset;
    struct plm_feed_state feed_state;
    struct plm_feed feed;
    struct plm_ledger ledger;
};

/* Where the words of the line stand. */
struct reading {
    uint32_t at; /* in REST */
    struct market_records records;
    struct subject subject;
    struct sim_named_account *account; /* or NULL */
    struct plm_account stored;
    struct plm_reply_margin receipt;
    int32_t receipt_code;
};

/* --- figures -----------------------------------------------------------------------------------
 */
static struct figure
figure_of(const struct sim_abi_field *field, sim_int value, const struct subject *subject)
{
    struct figure figure = {.value = value, .kind = FIGURE_DECIMAL};
    switch (field->type) {
    case PLM_TYPE_VAL:
    case PLM_TYPE_VAL104: figure.decimals = SIM_UNITS_WAD_DECIMALS; break;
    case PLM_TYPE_WVAL: figure.decimals = SIM_UNITS_WVAL_DECIMALS; break;
    case PLM_TYPE_AMT: figure.decimals = subject->amount_decimals; break;
    case PLM_TYPE_QTY: figure.decimals = subject->size_decimals; break;
    case PLM_TYPE_PRICE:
    case PLM_TYPE_INDEX: figure.decimals = subject->price_decimals; break;
    case PLM_TYPE_RATIO: figure.kind = FIGURE_RATIO; break;
    case PLM_TYPE_RATE: figure.kind = FIGURE_RATE; break;
    case PLM_TYPE_TIME: figure.kind = FIGURE_TIME; break;
    case PLM_TYPE_U8:
    case PLM_TYPE_U16:
    case PLM_TYPE_U32:
    case PLM_TYPE_U64:
    case PLM_TYPE_ACCOUNT:
    case PLM_TYPE_MARKET:
    case PLM_TYPE_ASSET:
    case PLM_TYPE_FEED:
    case PLM_TYPE_HASH:
    case PLM_TYPE_ADDR:
    case PLM_TYPE_TOKEN:
    case PLM_TYPE_BYTES:
    case PLM_TYPE_GROUP:
    case PLM_TYPE_LIST: break;
    }
    if (strcmp(field->name, "status") == 0 || strcmp(field->name, "level") == 0 ||
        strcmp(field->name, "mode") == 0) {
        figure.kind = FIGURE_WORD;
        figure.words = field->name[0] == 's' ? "STATUS" : field->name[0] == 'l' ? "LEVEL" : "MODE";
    }
    if (strcmp(field->name, "refused") == 0) {
        figure.kind = FIGURE_CODE;
    }
    return figure;
}

static void print_figure(const struct sim_scenario *s,
                         const struct figure *figure,
                         sim_int value,
                         struct sim_buffer *out)
{
    char text[2 * SIM_UNITS_TEXT_MAX] = {0};
    sim_int shown = value;
    switch (figure->kind) {
    case FIGURE_DECIMAL:
        sim_units_format(value, figure->decimals, text, sizeof text);
        sim_bytes_add_text(out, text);
        return;
    case FIGURE_RATIO:
    case FIGURE_RATE:
        sim_units_format(value, figure->kind == FIGURE_RATIO ? 4 : 7, text, sizeof text);
        sim_bytes_add_format(out, "%s%%", text);
        return;
    case FIGURE_TIME:
        shown = value == 0 ? 0 : value - (sim_int)s->genesis;
        sim_units_format(shown, 0, text, sizeof text);
        sim_bytes_add_format(out, "%s%s", text, value == 0 ? "" : "s");
        return;
    case FIGURE_WORD: {
        const struct sim_abi_enum *row = sim_abi_find_enum(figure->words, (uint32_t)value);
        sim_bytes_add_text(out, row == NULL ? "?" : row->name);
        return;
    }
    case FIGURE_CODE: sim_bytes_add_text(out, sim_error_symbol((uint16_t)value)); return;
    }
}

static bool read_code(struct sim_scenario *s, const char *text, sim_int *out)
{
    const struct sim_abi_error *error = sim_abi_find_error_name(text);
    if (strcmp(text, "ok") == 0 || strcmp(text, "none") == 0) {
        *out = 0;
        return true;
    }
    if (error == NULL) {
        return sim_scenario_refuse(s, "'%.40s' is no code of abi/errors.def", text);
    }
    *out = error->code;
    return true;
}

static bool read_time(struct sim_scenario *s, const char *text, sim_int *out)
{
    const enum sim_units_result result = sim_units_duration(text, out);
    if (result != SIM_UNITS_OK) {
        return sim_scenario_refuse(
            s, "'%.40s' %s: write 30s, the time since the start", text, sim_units_describe(result));
    }
    *out += strcmp(text, "0") == 0 ? 0 : (sim_int)s->genesis;
    return true;
}

/* read_value: the human's text in the figure's unit. */
static bool read_value(struct sim_scenario *s,
                       const char *what,
                       const struct figure *figure,
                       const char *text,
                       sim_int *out)
{
    uint8_t word = 0;
    enum sim_units_result result = SIM_UNITS_OK;
    switch (figure->kind) {
    case FIGURE_TIME: return read_time(s, text, out);
    case FIGURE_CODE: return read_code(s, text, out);
    case FIGURE_WORD:
        if (!sim_scenario_word(s, figure->words, text, &word)) {
            return false;
        }
        *out = word;
        return true;
    case FIGURE_RATIO: result = sim_units_ratio(text, out); break;
    case FIGURE_RATE: result = sim_units_rate(text, out); break;
    case FIGURE_DECIMAL:
        result = sim_units_decimal(text, figure->decimals, out);
        if (result == SIM_UNITS_SYNTAX && figure->decimals == 0) {
            result = sim_units_duration(text, out);
        }
        break;
    }
    if (result != SIM_UNITS_OK) {
        return sim_scenario_refuse(s, "%s: '%.40s' %s", what, text, sim_units_describe(result));
    }
    return true;
}

/* --- subjects ----------------------------------------------------------------------------------
 */
static void add_record(struct subject *subject, uint32_t layout, const void *record)
{
    subject->layouts[subject->count] = layout;
    subject->records[subject->count] = record;
    subject->count++;
}

static void load(struct sim_scenario *s, enum plm_key_prefix prefix, uint64_t id, void *record)
{
    if (s->world != NULL) {
        (void)sim_world_read_id(s->world, prefix, id, record);
    }
}

static void load_feed(struct sim_scenario *s, struct reading *r, uint16_t id)
{
    load(s, PLM_KEY_FEED_STATE, id, &r->records.feed_state);
    load(s, PLM_KEY_FEED, id, &r->records.feed);
    add_record(&r->subject, PLM_LAYOUT_feed_state, &r->records.feed_state);
    add_record(&r->subject, PLM_LAYOUT_feed, &r->records.feed);
}

static void
load_market(struct sim_scenario *s, struct reading *r, const struct sim_named_market *market)
{
    load(s, PLM_KEY_MARKET_STATE, market->id, &r->records.state);
    load(s, PLM_KEY_MARKET, market->id, &r->records.market);
    add_record(&r->subject, PLM_LAYOUT_market_state, &r->records.state);
    add_record(&r->subject, PLM_LAYOUT_market, &r->records.market);
    r->subject.size_decimals = market->size_decimals;
    r->subject.price_decimals = market->price_decimals;
    load_feed(s, r, market->feed);
}

static void
load_asset(struct sim_scenario *s, struct reading *r, const struct sim_named_asset *asset)
{
    load(s, PLM_KEY_ASSET_STATE, asset->id, &r->records.asset_state);
    load(s, PLM_KEY_ASSET, asset->id, &r->records.asset);
    add_record(&r->subject, PLM_LAYOUT_asset_state, &r->records.asset_state);
    add_record(&r->subject, PLM_LAYOUT_asset, &r->records.asset);
    r->subject.amount_decimals = asset->decimals;
    const struct sim_named_feed *feed = sim_names_feed_of(&s->names, asset->name);
    if (feed != NULL) {
        r->subject.price_decimals = feed->decimals;
        load_feed(s, r, feed->id);
    }
}

/* load_account: the record, and the receipt where every price it needs is there. */
static void load_account(struct sim_scenario *s, struct reading *r)
{
    r->receipt_code = PLM_OK;
    if (s->world == NULL) {
        return;
    }
    const struct plm_get_margin ask = {.account = r->account->id};
    (void)sim_world_read_id(s->world, PLM_KEY_ACCOUNT, r->account->id, &r->stored);
    r->receipt_code = sim_world_ask(s->world, PLM_QUERY_MARGIN, &ask, &r->receipt);
}

static bool find_subject(struct sim_scenario *s, const char *name, struct reading *r)
{
    const struct sim_named_market *market = sim_names_find_market(&s->names, name);
    const struct sim_named_asset *asset = sim_names_find_asset(&s->names, name);
    const struct sim_named_feed *feed = sim_names_find_feed(&s->names, name);
    r->subject.name = name;
    r->account = sim_names_find_account(&s->names, name);
    if (r->account != NULL) {
        load_account(s, r);
    } else if (strcmp(name, "global") == 0) {
        load(s, PLM_KEY_LEDGER, 0, &r->records.ledger);
        add_record(&r->subject, PLM_LAYOUT_ledger, &r->records.ledger);
    } else if (market != NULL) {
        load_market(s, r, market);
    } else if (asset != NULL) {
        load_asset(s, r, asset);
    } else if (feed != NULL) {
        r->subject.price_decimals = feed->decimals;
        load_feed(s, r, feed->id);
    } else {
        return sim_scenario_refuse(
            s, "'%.40s' is no account, market, asset or feed declared above", name);
    }
    return true;
}

/* find_figure: a field of the subject's records, or of their parameters. */
static bool find_figure(const struct subject *subject, const char *key, struct figure *out)
{
    for (uint32_t i = 0; i < subject->count; i++) {
        for (int in_params = 0; in_params < 2; in_params++) {
            struct sim_buffer path = {0};
            struct sim_abi_place place = {0};
            union sim_abi_object copy;
            sim_bytes_add_format(&path, "%s%s", in_params == 0 ? "" : "params.", key);
            memcpy(copy.bytes, subject->records[i], sim_abi_layout(subject->layouts[i])->size);
            sim_int value = 0;
            const bool found =
                sim_abi_get_path(subject->layouts[i], &copy, sim_bytes_text(&path), &value) &&
                sim_abi_place(subject->layouts[i], &copy, sim_bytes_text(&path), &place);
            sim_bytes_free(&path);
            if (found && place.field != NULL) {
                *out = figure_of(place.field, value, subject);
                return true;
            }
        }
    }
    return false;
}

/* --- accounts ----------------------------------------------------------------------------------
 */
static const char *full_name(const char *key)
{
    static const char *const aliases[][2] = {{"equity", "equity_maint"},
                                             {"im", "initial"},
                                             {"mm", "maint"},
                                             {"flagged_since", "liquidatable_since"}};
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        if (strcmp(aliases[i][0], key) == 0) {
            return aliases[i][1];
        }
    }
    return key;
}

static const struct plm_margin_leg *find_leg(const struct reading *r, uint16_t market)
{
    static const struct plm_margin_leg none = {0};
    for (uint32_t i = 0; i < r->receipt.legs_count; i++) {
        if (r->receipt.legs[i].market == market) {
            return &r->receipt.legs[i];
        }
    }
    return &none;
}

static bool need_receipt(struct sim_scenario *s, const struct reading *r)
{
    if (r->receipt_code == PLM_OK) {
        return true;
    }
    return sim_scenario_unexpected(s,
                                   "the margin receipt of %s answers %s",
                                   r->subject.name,
                                   r->receipt_code < 0
                                       ? "nothing: the world has stopped"
                                       : sim_error_symbol((uint16_t)r->receipt_code));
}

/* leg_figure: `lots M`, `quote M`, `pnl M` and every other field of a leg. */
static bool
leg_figure(struct sim_scenario *s, struct reading *r, const char *key, struct figure *out)
{
    struct sim_named_market *market = NULL;
    const char *name = sim_scenario_rest(s, r->at++);
    if (name == NULL) {
        return sim_scenario_refuse(s, "'%s' wants a market after it", key);
    }
    if (!sim_scenario_market(s, name, &market)) {
        return false;
    }
    struct subject units = {.size_decimals = market->size_decimals,
                            .price_decimals = market->price_decimals};
    if (strcmp(key, "lots") == 0) {
        *out = (struct figure){.kind = FIGURE_DECIMAL, .decimals = market->size_decimals};
        for (uint32_t i = 0; i < r->stored.positions_count; i++) {
            if (r->stored.positions[i].market == market->id) {
                out->value = r->stored.positions[i].lots.lots;
            }
        }
        return true;
    }
    if (!need_receipt(s, r)) {
        return false;
    }
    const struct plm_margin_leg *leg = find_leg(r, market->id);
    if (strcmp(key, "pnl") == 0) {
        *out = (struct figure){.kind = FIGURE_DECIMAL, .decimals = SIM_UNITS_WAD_DECIMALS};
        out->value =
            (sim_int)leg->lots.lots * (sim_int)leg->price.ticks + sim_abi_int_of(leg->quote.wad);
        return true;
    }
    const struct sim_abi_field *field = sim_abi_find_field(PLM_LAYOUT_margin_leg, key);
    *out = figure_of(field, sim_abi_get(field, leg), &units);
    return true;
}

static bool
asset_figure(struct sim_scenario *s, struct reading *r, const char *key, struct figure *out)
{
    struct sim_named_asset *asset = NULL;
    const char *name = sim_scenario_rest(s, r->at++);
    if (name == NULL) {
        return sim_scenario_refuse(s, "'%s' wants an asset after it", key);
    }
    if (!sim_scenario_asset(s, name, &asset)) {
        return false;
    }
    *out = (struct figure){.kind = FIGURE_DECIMAL, .decimals = asset->decimals};
    if (strcmp(key, "balance") == 0 && asset->id == 0) {
        out->decimals = SIM_UNITS_WAD_DECIMALS;
        out->value = sim_abi_int_of(r->stored.cash.wad);
    } else if (strcmp(key, "balance") == 0) {
        for (uint32_t i = 0; i < r->stored.collaterals_count; i++) {
            if (r->stored.collaterals[i].asset == asset->id) {
                out->value = sim_abi_int_of(r->stored.collaterals[i].atoms.atoms);
            }
        }
    } else if (s->world != NULL) {
        const struct plm_get_withdrawable ask = {.account = r->account->id, .asset = asset->id};
        struct plm_reply_withdrawable reply = {0};
        const int32_t code = sim_world_ask(s->world, PLM_QUERY_WITHDRAWABLE, &ask, &reply);
        if (code != PLM_OK) {
            return sim_scenario_unexpected(
                s, "the query answers %s", sim_error_symbol((uint16_t)code));
        }
        out->value = sim_abi_int_of(reply.amount.atoms);
    }
    return true;
}

/* is_of_leg: a figure of one position; `initial M` is the leg's ratio, `initial` the requirement.
 */
static bool is_of_leg(struct sim_scenario *s, const struct reading *r, const char *key)
{
    static const char *const only[] = {"pnl", "lots", "quote", "liquidation_price", "mutual_loss"};
    const char *next = sim_scenario_rest(s, r->at);
    for (size_t i = 0; i < sizeof only / sizeof only[0]; i++) {
        if (strcmp(key, only[i]) == 0) {
            return true;
        }
    }
    return next != NULL && sim_names_find_market(&s->names, next) != NULL &&
           sim_abi_find_field(PLM_LAYOUT_margin_leg, key) != NULL;
}

static bool
account_figure(struct sim_scenario *s, struct reading *r, const char *key, struct figure *out)
{
    static const struct subject plain = {0};
    const char *name = full_name(key);
    const struct sim_abi_field *stored = sim_abi_find_field(PLM_LAYOUT_account, name);
    const struct sim_abi_field *figure = sim_abi_find_field(PLM_LAYOUT_reply_margin, name);
    if (strcmp(key, "balance") == 0 || strcmp(key, "withdrawable_of") == 0) {
        return asset_figure(s, r, key, out);
    }
    if (strcmp(key, "positions") == 0 || strcmp(key, "collaterals") == 0) {
        *out = (struct figure){.kind = FIGURE_DECIMAL};
        out->value = key[0] == 'p' ? r->stored.positions_count : r->stored.collaterals_count;
        return true;
    }
    if (is_of_leg(s, r, key)) {
        return leg_figure(s, r, key, out);
    }
    if (stored != NULL && sim_abi_is_integer(stored->type)) {
        *out = figure_of(stored, sim_abi_get(stored, &r->stored), &plain);
        return true;
    }
    if (figure != NULL && sim_abi_is_integer(figure->type)) {
        *out = figure_of(figure, sim_abi_get(figure, &r->receipt), &plain);
        return need_receipt(s, r);
    }
    return sim_scenario_refuse(
        s, "accounts have no figure '%.40s': see docs/SCENARIOS.md, \"Judgements\"", key);
}

/* next_figure: reads a key (with its market or asset) at the line's place. */
static bool next_figure(struct sim_scenario *s, struct reading *r, struct figure *out)
{
    const char *key = sim_scenario_rest(s, r->at++);
    if (key == NULL) {
        return sim_scenario_refuse(s, "name a figure after %s", r->subject.name);
    }
    if (r->account != NULL) {
        return account_figure(s, r, key, out);
    }
    return find_figure(&r->subject, key, out) ||
           sim_scenario_refuse(s,
                               "%s has no figure '%.40s': see docs/SCENARIOS.md, \"Judgements\"",
                               r->subject.name,
                               key);
}

/* --- show --------------------------------------------------------------------------------------
 */
static bool is_true(sim_int left, const char *relation, sim_int right)
{
    const int sign = (left > right) - (left < right);
    if (strcmp(relation, "<=") == 0) {
        return sign <= 0;
    }
    if (strcmp(relation, ">=") == 0) {
        return sign >= 0;
    }
    if (strcmp(relation, "<") == 0) {
        return sign < 0;
    }
    if (strcmp(relation, ">") == 0) {
        return sign > 0;
    }
    return sign == 0;
}

static bool is_relation(const char *word)
{
    static const char *const relations[] = {"<=", ">=", "<", ">", "=="};
    for (size_t i = 0; i < sizeof relations / sizeof relations[0]; i++) {
        if (strcmp(word, relations[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* compare: figure, relation and text; a mismatch prints the actual value. */
static bool compare(struct sim_scenario *s,
                    const char *what,
                    const struct figure *figure,
                    const char *relation,
                    const char *text)
{
    sim_int wanted = 0;
    if (text == NULL) {
        return sim_scenario_refuse(s, "'%s' has no value after it", what);
    }
    if (!read_value(s, what, figure, text, &wanted)) {
        return false;
    }
    if (s->world == NULL || is_true(figure->value, relation, wanted)) {
        return true;
    }
    struct sim_buffer actual = {0};
    print_figure(s, figure, figure->value, &actual);
    const bool is_exact = strcmp(relation, "==") == 0;
    (void)sim_scenario_unexpected(s,
                                  "%s: expected %s%s%s, is %s",
                                  what,
                                  is_exact ? "" : relation,
                                  is_exact ? "" : " ",
                                  text,
                                  sim_bytes_text(&actual));
    sim_bytes_free(&actual);
    return false;
}

bool sim_scenario_show(struct sim_scenario *s)
{
    struct reading r = {0};
    if (!find_subject(s, sim_scenario_slot(s, SIM_SLOT_NAME), &r)) {
        return false;
    }
    if (s->now->rest_count == 0) {
        return sim_scenario_refuse(s, "say which figure, and its value: show alice equity 1_000");
    }
    while (r.at < s->now->rest_count) {
        const char *key = sim_scenario_rest(s, r.at);
        struct figure figure = {0};
        if (!next_figure(s, &r, &figure)) {
            return false;
        }
        if (!compare(s, key, &figure, "==", sim_scenario_rest(s, r.at++))) {
            return false;
        }
    }
    return true;
}

/* --- expect ------------------------------------------------------------------------------------
 */
static bool expect_unchanged(struct sim_scenario *s)
{
    if (s->world == NULL || s->last_changes == 0) {
        return true;
    }
    return sim_scenario_unexpected(s,
                                   "the last operation changed %u records, none was expected to",
                                   (unsigned)s->last_changes);
}

/* expect_figure: `expect M insurance >= v`, and the reading order `expect insurance M >= v`. */
static bool expect_figure(struct sim_scenario *s, const char *subject)
{
    struct reading r = {0};
    struct figure figure = {0};
    const char *key = sim_scenario_rest(s, 0);
    if (!find_subject(s, subject, &r) || !next_figure(s, &r, &figure)) {
        return false;
    }
    const char *relation = sim_scenario_rest(s, r.at);
    if (relation == NULL || !is_relation(relation)) {
        return sim_scenario_refuse(s, "write it as: expect %s %s >= 100", subject, key);
    }
    return compare(s, key, &figure, relation, sim_scenario_rest(s, r.at + 1));
}

static bool expect_insurance(struct sim_scenario *s)
{
    struct reading r = {0};
    struct figure figure = {0};
    const char *name = sim_scenario_rest(s, 0);
    const char *relation = sim_scenario_rest(s, 1);
    if (name == NULL || relation == NULL || !is_relation(relation)) {
        return sim_scenario_refuse(s, "write it as: expect insurance ETH-PERP >= 100");
    }
    if (!find_subject(s, name, &r)) {
        return false;
    }
    const char *key = strcmp(name, "global") == 0 ? "global" : "insurance";
    if (!find_figure(&r.subject, key, &figure)) {
        return sim_scenario_refuse(s, "%s has no insurance", name);
    }
    return compare(s, "insurance", &figure, relation, sim_scenario_rest(s, 2));
}

static bool find_group(struct sim_scenario *s, struct sim_named_group **out)
{
    const char *name = sim_scenario_rest(s, 0);
    *out = name == NULL ? NULL : sim_names_find_group(&s->names, name);
    if (*out == NULL) {
        return sim_scenario_refuse(
            s, "name a group after it: group crooks alice bob, then expect profit crooks <= 0");
    }
    return true;
}

/* is_first_of_owner: an owner of two accounts of the group is counted once. */
static bool
is_first_of_owner(const struct sim_scenario *s, const struct sim_named_group *group, uint32_t i)
{
    for (uint32_t j = 0; j < i; j++) {
        if (strcmp(s->names.accounts[group->accounts[j]].owner,
                   s->names.accounts[group->accounts[i]].owner) == 0) {
            return false;
        }
    }
    return true;
}

/* in_wad: an amount of an asset at the price accepted last; the settlement token at 1. */
static sim_int in_wad(struct sim_scenario *s, const struct sim_named_asset *asset, sim_int atoms)
{
    struct plm_feed_state feed = {0};
    sim_int scale = 1;
    if (asset->id == 0) {
        for (uint32_t i = asset->decimals; i < SIM_UNITS_WAD_DECIMALS; i++) {
            scale *= 10;
        }
        return atoms * scale;
    }
    const struct sim_named_feed *named = sim_names_feed_by_id(&s->names, asset->feed);
    load(s, PLM_KEY_FEED_STATE, asset->feed, &feed);
    const uint32_t digits = asset->decimals + (named == NULL ? 0u : named->decimals);
    sim_int value = atoms * (sim_int)feed.price.ticks;
    for (uint32_t i = digits; i < SIM_UNITS_WAD_DECIMALS; i++) {
        value *= 10;
    }
    for (uint32_t i = SIM_UNITS_WAD_DECIMALS; i < digits; i++) {
        value /= 10;
    }
    return value;
}

/* pocket: what an owner holds outside the engine, counted from the start, which is 0. */
static sim_int pocket(struct sim_scenario *s, const char *owner)
{
    const struct plm_addr address = sim_world_actor(owner);
    sim_int sum = 0;
    for (uint32_t i = 0; i < s->names.asset_count; i++) {
        const struct sim_named_asset *asset = &s->names.assets[i];
        sum += in_wad(s, asset, sim_world_balance(s->world, &address, &asset->token));
    }
    return sum;
}

/* stated_price: the price after `at M p`, or the accepted one. */
static bool stated_price(struct sim_scenario *s,
                         uint32_t from,
                         uint32_t to,
                         const struct sim_named_market *market,
                         sim_int *price)
{
    struct plm_feed_state feed = {0};
    for (uint32_t i = from; i + 1 < to; i += 2) {
        if (strcmp(sim_scenario_rest(s, i), market->name) == 0) {
            return sim_scenario_decimal(
                s, "the price", sim_scenario_rest(s, i + 1), market->price_decimals, price);
        }
    }
    load(s, PLM_KEY_FEED_STATE, market->feed, &feed);
    *price = (sim_int)feed.price.ticks;
    return true;
}

/* claims: what an account is worth at true prices: cash, collateral, lots at the stated price. */
static bool claims(struct sim_scenario *s,
                   const struct sim_named_account *account,
                   uint32_t from,
                   uint32_t to,
                   sim_int *sum)
{
    struct reading r = {.account = s->names.accounts + (account - s->names.accounts)};
    load_account(s, &r);
    *sum += sim_abi_int_of(r.stored.cash.wad);
    for (uint32_t i = 0; i < r.stored.collaterals_count; i++) {
        for (uint32_t j = 0; j < s->names.asset_count; j++) {
            const struct sim_named_asset *asset = &s->names.assets[j];
            if (asset->id == r.stored.collaterals[i].asset) {
                *sum += in_wad(s, asset, sim_abi_int_of(r.stored.collaterals[i].atoms.atoms));
            }
        }
    }
    for (uint32_t i = 0; i < r.stored.positions_count; i++) {
        const struct plm_position *position = &r.stored.positions[i];
        const struct sim_named_market *market = sim_names_market_by_id(&s->names, position->market);
        const struct plm_margin_leg *leg = find_leg(&r, position->market);
        sim_int price = 0;
        if (market == NULL || !stated_price(s, from, to, market, &price)) {
            return market == NULL;
        }
        const sim_int quote = leg->lots.lots == position->lots.lots && leg->market == market->id
                                  ? sim_abi_int_of(leg->quote.wad)
                                  : sim_abi_int_of(position->quote.wad);
        *sum += (sim_int)position->lots.lots * price + quote;
    }
    return true;
}

/* check_stated: `at M p M p` in a check: the markets and prices can be read. */
static bool check_stated(struct sim_scenario *s, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i + 1 < to; i += 2) {
        struct sim_named_market *market = NULL;
        sim_int price = 0;
        if (!sim_scenario_market(s, sim_scenario_rest(s, i), &market) ||
            !sim_scenario_decimal(
                s, "the price", sim_scenario_rest(s, i + 1), market->price_decimals, &price)) {
            return false;
        }
    }
    return true;
}

/* expect_profit: profit G [at M p ...] <= v. With `at` what the accounts are worth counts too. */
static bool expect_profit(struct sim_scenario *s)
{
    struct sim_named_group *group = NULL;
    struct figure sum = {.kind = FIGURE_DECIMAL, .decimals = SIM_UNITS_WAD_DECIMALS};
    uint32_t to = 1;
    if (!find_group(s, &group)) {
        return false;
    }
    while (to < s->now->rest_count && !is_relation(sim_scenario_rest(s, to))) {
        to++;
    }
    if (to + 2 != s->now->rest_count || (to > 1 && strcmp(sim_scenario_rest(s, 1), "at") != 0)) {
        return sim_scenario_refuse(s, "write it as: expect profit G [at ETH-PERP 1_800] <= 0");
    }
    if (!check_stated(s, 2, to)) {
        return false;
    }
    for (uint32_t i = 0; s->world != NULL && i < group->count; i++) {
        const struct sim_named_account *account = &s->names.accounts[group->accounts[i]];
        sum.value += is_first_of_owner(s, group, i) ? pocket(s, account->owner) : 0;
        if (to > 1 && !claims(s, account, 2, to, &sum.value)) {
            return false;
        }
    }
    return compare(s, "profit", &sum, sim_scenario_rest(s, to), sim_scenario_rest(s, to + 1));
}

static bool expect_withdrawn(struct sim_scenario *s)
{
    struct sim_named_group *group = NULL;
    const char *relation = sim_scenario_rest(s, 1);
    if (!find_group(s, &group)) {
        return false;
    }
    if (s->now->rest_count != 3 || !is_relation(relation)) {
        return sim_scenario_refuse(s, "write it as: expect total_withdrawn G <= 100");
    }
    struct figure sum = {.kind = FIGURE_DECIMAL, .decimals = s->names.assets[0].decimals};
    for (uint32_t i = 0; i < group->count; i++) {
        for (uint32_t j = 0; j < s->withdrawn_count; j++) {
            if (s->withdrawn[j].account == s->names.accounts[group->accounts[i]].id) {
                sum.value += s->withdrawn[j].atoms;
            }
        }
    }
    return compare(s, "total_withdrawn", &sum, relation, sim_scenario_rest(s, 2));
}

static bool expect_reentered(struct sim_scenario *s)
{
    sim_int wanted = 0;
    const char *text = sim_scenario_rest(s, 0);
    if (text == NULL || !read_code(s, text, &wanted)) {
        return text != NULL || sim_scenario_refuse(s, "write it as: expect reentered E_CODE");
    }
    if (s->world == NULL || s->reentered_code == wanted) {
        return true;
    }
    return sim_scenario_unexpected(s,
                                   "re-entry: expected %s, %s",
                                   text,
                                   s->reentered_code < 0
                                       ? "it did not happen"
                                       : sim_error_symbol((uint16_t)s->reentered_code));
}

/* expect_broken: every invariant named was found broken by the audit before. */
static bool expect_broken(struct sim_scenario *s)
{
    if (s->now->rest_count == 0) {
        return sim_scenario_refuse(s, "name the invariants: expect broken I05");
    }
    if (s->world == NULL) {
        return true;
    }
    if (!sim_scenario_audit(s)) {
        return false;
    }
    for (uint32_t i = 0; i < s->now->rest_count; i++) {
        const char *id = sim_scenario_rest(s, i);
        if (strstr(sim_bytes_text(&s->broken), id) == NULL) {
            return sim_scenario_unexpected(s,
                                           "invariant %s holds, it was expected to be broken; "
                                           "broken are: %s",
                                           id,
                                           s->broken.length == 0 ? "none"
                                                                 : sim_bytes_text(&s->broken));
        }
    }
    return true;
}

/* expect_flat: `expect flat whole`: who came with a crowd and never traded has what it brought. */
static bool expect_flat(struct sim_scenario *s)
{
    struct sim_buffer why = {0};
    const char *word = sim_scenario_rest(s, 0);
    uint32_t count = 0;
    if (s->now->rest_count != 1 || strcmp(word, "whole") != 0) {
        return sim_scenario_refuse(s, "write it as: expect flat whole");
    }
    if (s->world == NULL) {
        return true;
    }
    bool is_good = sim_workload_flat(s->workload, s->world, &count, &why);
    if (!is_good) {
        (void)sim_scenario_unexpected(s, "%s", sim_bytes_text(&why));
    } else if (count == 0) {
        is_good = sim_scenario_refuse(s, "nobody is flat: give the crowd a share, `flat 5%%`");
    }
    sim_bytes_free(&why);
    return is_good;
}

bool sim_scenario_expect(struct sim_scenario *s)
{
    const char *what = sim_scenario_slot(s, SIM_SLOT_WORD);
    if (strcmp(what, "unchanged") == 0) {
        return expect_unchanged(s);
    }
    if (strcmp(what, "profit") == 0) {
        return expect_profit(s);
    }
    if (strcmp(what, "insurance") == 0) {
        return expect_insurance(s);
    }
    if (strcmp(what, "total_withdrawn") == 0) {
        return expect_withdrawn(s);
    }
    if (strcmp(what, "broken") == 0) {
        return expect_broken(s);
    }
    if (strcmp(what, "reentered") == 0) {
        return expect_reentered(s);
    }
    if (strcmp(what, "flat") == 0) {
        return expect_flat(s);
    }
    return expect_figure(s, what);
}

/* --- figures for people ------------------------------------------------------------------------
 */
static void add_figure(const struct sim_scenario *s,
                       const char *name,
                       const struct figure *figure,
                       struct sim_buffer *out)
{
    sim_bytes_add_format(out, " %s ", name);
    print_figure(s, figure, figure->value, out);
}

static void add_legs(const struct sim_scenario *s, const struct reading *r, struct sim_buffer *out)
{
    static const char *const names[] = {"lots", "quote", "price", "liquidation_price"};
    for (uint32_t i = 0; i < r->receipt.legs_count; i++) {
        const struct plm_margin_leg *leg = &r->receipt.legs[i];
        const struct sim_named_market *market = sim_names_market_by_id(&s->names, leg->market);
        struct subject units = {0};
        if (market != NULL) {
            units.size_decimals = market->size_decimals;
            units.price_decimals = market->price_decimals;
        }
        sim_bytes_add_format(out, "\n        %s", market == NULL ? "?" : market->name);
        for (size_t j = 0; j < sizeof names / sizeof names[0]; j++) {
            const struct sim_abi_field *field = sim_abi_find_field(PLM_LAYOUT_margin_leg, names[j]);
            const struct figure figure = figure_of(field, sim_abi_get(field, leg), &units);
            add_figure(s, names[j], &figure, out);
        }
    }
}

void sim_scenario_figures(struct sim_scenario *s,
                          const struct sim_named_account *account,
                          struct sim_buffer *out)
{
    static const char *const names[] = {"level",
                                        "cash",
                                        "equity_maint",
                                        "maint",
                                        "equity_initial",
                                        "initial",
                                        "equity_full",
                                        "withdrawable"};
    static const struct subject plain = {0};
    struct reading r = {.account = s->names.accounts + (account - s->names.accounts)};
    if (s->world == NULL || sim_world_failure(s->world)[0] != '\0') {
        return;
    }
    load_account(s, &r);
    sim_bytes_add_format(out, "    %s:", account->name);
    if (r.receipt_code != PLM_OK) {
        sim_bytes_add_format(out,
                             " no margin receipt: %s\n",
                             r.receipt_code < 0 ? "the world has stopped"
                                                : sim_error_symbol((uint16_t)r.receipt_code));
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct sim_abi_field *field = sim_abi_find_field(PLM_LAYOUT_reply_margin, names[i]);
        const struct figure figure = figure_of(field, sim_abi_get(field, &r.receipt), &plain);
        add_figure(s, names[i], &figure, out);
    }
    add_legs(s, &r, out);
    sim_bytes_add_text(out, "\n");
}

/* SPDX-License-Identifier: Apache-2.0
 * Writing a run as an SQLite database. Tables and columns of events come from abi/events.def, so a
 * new event needs no line here. It only looks; it knows no rule. */
#include "sim_db.h"

#include "sim_error.h"
#include "sim_mirror.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIM_DB_MARK      0x504c4d53 /* application_id of our files: "PLMS" */
#define SIM_DB_BATCH     20000u     /* rows a transaction */
#define SIM_DB_EVENTS    64u
#define SIM_DB_SPACING   60u        /* an account is written at most once in so many seconds */
#define SIM_DB_SNAPSHOTS 200000u    /* so many rows later the spacing doubles */
#define SIM_DB_SQL_MAX   4096u
#define SIM_WAD_DECIMALS 18u

enum sim_db_table {
    SIM_DB_REFUSED,
    SIM_DB_ACCOUNTS,
    SIM_DB_POSITIONS,
    SIM_DB_MARKETS,
    SIM_DB_NAMES,
    SIM_DB_RUN,
    SIM_DB_TABLE_COUNT
};

struct sim_db {
    sqlite3 *sql;
    char *path;
    struct sim_world *world;
    struct sim_mirror *mirror;
    sqlite3_stmt *events[SIM_DB_EVENTS]; /* by event id */
    sqlite3_stmt *tables[SIM_DB_TABLE_COUNT];
    union sim_abi_object *room;
    uint64_t *written; /* per account: when its last row was written */
    size_t written_capacity;
    uint64_t written_count;
    uint64_t spacing;
    uint64_t snapshots;
    uint64_t op;
    uint64_t time;
    uint32_t pending;
    bool has_failed;
};

static const char *const sim_db_schema[SIM_DB_TABLE_COUNT] = {
    [SIM_DB_REFUSED] = "refused(op INTEGER, time INTEGER, operation TEXT, code TEXT, caller TEXT)",
    [SIM_DB_ACCOUNTS] = "accounts(op INTEGER, time INTEGER, account INTEGER, cash TEXT, cash_real "
                        "REAL, equity_maint TEXT, equity_maint_real REAL, maint TEXT, maint_real "
                        "REAL, flagged_since INTEGER, positions INTEGER, collaterals INTEGER)",
    [SIM_DB_POSITIONS] = "positions(op INTEGER, time INTEGER, account INTEGER, market INTEGER, "
                         "lots TEXT, lots_real REAL, quote TEXT, quote_real REAL)",
    [SIM_DB_MARKETS] =
        "market_state(op INTEGER, time INTEGER, market INTEGER, price TEXT, price_real REAL, conf "
        "TEXT, slow TEXT, slow_real REAL, oi TEXT, oi_real REAL, pool TEXT, pool_real REAL, "
        "insurance TEXT, insurance_real REAL, fees TEXT, fees_real REAL, uncovered TEXT, "
        "uncovered_real REAL, shortfall TEXT, shortfall_real REAL, refused TEXT, gap INTEGER, "
        "status INTEGER)",
    [SIM_DB_NAMES] = "names(kind TEXT, id INTEGER, name TEXT)",
    [SIM_DB_RUN] = "run(name TEXT, value TEXT)",
};

/* --- errors ------------------------------------------------------------------------------------
 */
/* The first failure is told; after it nothing more is written. */
static void sim_db_fail(struct sim_db *db)
{
    if (!db->has_failed) {
        sim_error_at(db->path,
                     0,
                     "the database cannot be written (%s): is the folder there, and room on the "
                     "disk?",
                     sqlite3_errmsg(db->sql));
    }
    db->has_failed = true;
}

static void sim_db_execute(struct sim_db *db, const char *sql)
{
    if (!db->has_failed && sqlite3_exec(db->sql, sql, NULL, NULL, NULL) != SQLITE_OK) {
        sim_db_fail(db);
    }
}

static void sim_db_row(struct sim_db *db, sqlite3_stmt *row)
{
    if (!db->has_failed && sqlite3_step(row) != SQLITE_DONE) {
        sim_db_fail(db);
    }
    (void)sqlite3_reset(row);
    db->pending++;
    if (db->pending >= SIM_DB_BATCH) {
        db->pending = 0;
        sim_db_execute(db, "COMMIT");
        sim_db_execute(db, "BEGIN");
    }
}

/* --- columns -----------------------------------------------------------------------------------
 */
static void sim_db_put_int(sqlite3_stmt *row, int *at, uint64_t value)
{
    (void)sqlite3_bind_int64(row, (*at)++, (sqlite3_int64)value);
}

static void sim_db_put_text(sqlite3_stmt *row, int *at, const char *text)
{
    (void)sqlite3_bind_text(row, (*at)++, text, -1, SQLITE_TRANSIENT);
}

static double sim_db_real(sim_int value, unsigned decimals)
{
    double real = (double)value;
    for (unsigned i = 0; i < decimals; i++) {
        real /= 10.0;
    }
    return real;
}

/* A number twice: exact text, and real for charts. */
static void sim_db_put_number(sqlite3_stmt *row, int *at, sim_int value, unsigned decimals)
{
    char text[SIM_DECIMAL_TEXT_MAX];
    sim_db_put_text(row, at, sim_bytes_decimal_text(value, decimals, text));
    (void)sqlite3_bind_double(row, (*at)++, sim_db_real(value, decimals));
}

static void sim_db_put_value(sqlite3_stmt *row, int *at, plm_val value)
{
    sim_db_put_number(row, at, sim_abi_int_of(value.wad), SIM_WAD_DECIMALS);
}

/* Which columns a field has: an integer, text, or text and a real. */
enum sim_db_shape {
    SIM_DB_INTEGER,
    SIM_DB_TEXT,
    SIM_DB_NUMBER
};

static enum sim_db_shape sim_db_shape(const struct sim_abi_field *field)
{
    switch (field->type) {
    case PLM_TYPE_U8:
    case PLM_TYPE_U16:
    case PLM_TYPE_U32:
    case PLM_TYPE_U64:
    case PLM_TYPE_ACCOUNT:
    case PLM_TYPE_MARKET:
    case PLM_TYPE_ASSET:
    case PLM_TYPE_FEED:
    case PLM_TYPE_INDEX:
    case PLM_TYPE_TIME: return SIM_DB_INTEGER;
    case PLM_TYPE_VAL:
    case PLM_TYPE_VAL104:
    case PLM_TYPE_WVAL:
    case PLM_TYPE_AMT:
    case PLM_TYPE_QTY:
    case PLM_TYPE_PRICE:
    case PLM_TYPE_RATIO:
    case PLM_TYPE_RATE: return SIM_DB_NUMBER;
    case PLM_TYPE_HASH:
    case PLM_TYPE_ADDR:
    case PLM_TYPE_TOKEN:
    case PLM_TYPE_BYTES:
    case PLM_TYPE_GROUP:
    case PLM_TYPE_LIST: return SIM_DB_TEXT;
    }
    return SIM_DB_TEXT;
}

/* The decimals of a field of an event, by the market, feed or asset that the event names. */
static unsigned
sim_db_decimals(const struct sim_db *db, uint32_t layout, const struct sim_abi_field *field)
{
    sim_int market = PLM_NO_MARKET;
    sim_int feed = PLM_NO_MARKET;
    sim_int asset = 0;
    const struct sim_mirror *mirror = db->mirror;
    (void)sim_abi_get_path(layout, db->room, "market", &market);
    (void)sim_abi_get_path(layout, db->room, "feed", &feed);
    (void)sim_abi_get_path(layout, db->room, "asset", &asset);
    bool has_market = market < (sim_int)mirror->market_count;
    switch (field->type) {
    case PLM_TYPE_PRICE:
        return has_market                            ? mirror->markets[market].cold.price_decimals
               : feed < (sim_int)PLM_LIMIT_FEEDS_MAX ? mirror->feeds[feed].cold.price_decimals
                                                     : 0u;
    case PLM_TYPE_QTY: return has_market ? mirror->markets[market].cold.size_decimals : 0u;
    case PLM_TYPE_AMT: return mirror->assets[asset].cold.decimals;
    case PLM_TYPE_RATIO: return 6u;
    case PLM_TYPE_RATE: return 9u;
    case PLM_TYPE_WVAL: return 24u;
    case PLM_TYPE_VAL:
    case PLM_TYPE_VAL104:
        /* The values of a parameter are integers of the parameter's own unit. */
        return layout == PLM_LAYOUT_ev_param_set || layout == PLM_LAYOUT_ev_proposed
                   ? 0u
                   : SIM_WAD_DECIMALS;
    case PLM_TYPE_U8:
    case PLM_TYPE_U16:
    case PLM_TYPE_U32:
    case PLM_TYPE_U64:
    case PLM_TYPE_ACCOUNT:
    case PLM_TYPE_MARKET:
    case PLM_TYPE_ASSET:
    case PLM_TYPE_FEED:
    case PLM_TYPE_INDEX:
    case PLM_TYPE_TIME:
    case PLM_TYPE_HASH:
    case PLM_TYPE_ADDR:
    case PLM_TYPE_TOKEN:
    case PLM_TYPE_BYTES:
    case PLM_TYPE_GROUP:
    case PLM_TYPE_LIST: break;
    }
    return 0;
}

static void sim_db_event(struct sim_db *db, const struct sim_event *event)
{
    const struct sim_abi_event *kind = sim_abi_find_event(event->id);
    if (kind == NULL || event->id >= SIM_DB_EVENTS ||
        !sim_abi_decode(kind->layout, event->bytes, db->room)) {
        return;
    }
    const struct sim_abi_layout *layout = sim_abi_layout(kind->layout);
    sqlite3_stmt *row = db->events[event->id];
    int at = 1;
    sim_db_put_int(row, &at, db->op);
    sim_db_put_int(row, &at, db->time);
    for (uint32_t i = 0; i < layout->field_count; i++) {
        const struct sim_abi_field *field = &layout->fields[i];
        switch (sim_db_shape(field)) {
        case SIM_DB_INTEGER:
            sim_db_put_int(row, &at, (uint64_t)sim_abi_get(field, db->room));
            break;
        case SIM_DB_NUMBER:
            sim_db_put_number(
                row, &at, sim_abi_get(field, db->room), sim_db_decimals(db, kind->layout, field));
            break;
        case SIM_DB_TEXT: {
            struct sim_buffer text = {0};
            sim_abi_print_value(field, db->room, &text);
            sim_db_put_text(row, &at, sim_bytes_text(&text));
            sim_bytes_free(&text);
            break;
        }
        }
    }
    sim_db_row(db, row);
}

/* --- accounts and markets ----------------------------------------------------------------------
 */
static void sim_db_account(struct sim_db *db, const struct sim_mirrored *account)
{
    struct sim_figures figures = {0};
    (void)sim_mirror_figures(db->mirror, account, &figures);
    sqlite3_stmt *row = db->tables[SIM_DB_ACCOUNTS];
    int at = 1;
    sim_db_put_int(row, &at, db->op);
    sim_db_put_int(row, &at, db->time);
    sim_db_put_int(row, &at, account->id);
    sim_db_put_number(row, &at, account->cash, SIM_WAD_DECIMALS);
    sim_db_put_number(row, &at, figures.equity, 24);
    sim_db_put_number(row, &at, figures.maint, 24);
    sim_db_put_int(row, &at, account->since);
    sim_db_put_int(row, &at, account->leg_count);
    sim_db_put_int(row, &at, account->pledge_count);
    sim_db_row(db, row);
    for (uint32_t i = 0; i < account->leg_count; i++) {
        const struct sim_leg *leg = &account->legs[i];
        row = db->tables[SIM_DB_POSITIONS];
        at = 1;
        sim_db_put_int(row, &at, db->op);
        sim_db_put_int(row, &at, db->time);
        sim_db_put_int(row, &at, account->id);
        sim_db_put_int(row, &at, leg->market);
        sim_db_put_number(row, &at, leg->lots, db->mirror->markets[leg->market].cold.size_decimals);
        sim_db_put_number(row, &at, leg->quote, SIM_WAD_DECIMALS);
        sim_db_row(db, row);
    }
}

/* An account changed: written unless it was a moment ago. */
static void sim_db_sample(struct sim_db *db, uint64_t id)
{
    const struct sim_mirrored *account = sim_mirror_account(db->mirror, id);
    db->written =
        sim_bytes_grow(db->written, &db->written_capacity, (size_t)id + 1u, sizeof(uint64_t));
    for (; db->written_count <= id; db->written_count++) {
        db->written[db->written_count] = 0;
    }
    if (account == NULL || db->time < db->written[id] + db->spacing) {
        return;
    }
    db->written[id] = db->time;
    db->snapshots++;
    if (db->snapshots % SIM_DB_SNAPSHOTS == 0) {
        db->spacing *= 2u;
    }
    sim_db_account(db, account);
}

static void sim_db_market(struct sim_db *db, uint16_t market)
{
    const struct sim_mirror_market *from = &db->mirror->markets[market];
    const struct plm_feed_state *feed = &db->mirror->feeds[from->cold.feed].state;
    unsigned decimals = from->cold.price_decimals;
    sqlite3_stmt *row = db->tables[SIM_DB_MARKETS];
    char text[SIM_DECIMAL_TEXT_MAX];
    int at = 1;
    sim_db_put_int(row, &at, db->op);
    sim_db_put_int(row, &at, db->time);
    sim_db_put_int(row, &at, market);
    sim_db_put_number(row, &at, (sim_int)feed->price.ticks, decimals);
    sim_db_put_text(row, &at, sim_bytes_decimal_text((sim_int)feed->conf.ticks, decimals, text));
    sim_db_put_number(row, &at, (sim_int)feed->slow.ticks, decimals);
    sim_db_put_number(row, &at, from->state.oi.lots, from->cold.size_decimals);
    sim_db_put_value(row, &at, from->state.pool);
    sim_db_put_value(row, &at, from->state.insurance);
    sim_db_put_value(row, &at, from->state.fees);
    sim_db_put_value(row, &at, from->state.uncovered);
    sim_db_put_value(row, &at, from->state.shortfall);
    sim_db_put_text(row, &at, feed->refused == 0 ? "" : sim_abi_code_name((int32_t)feed->refused));
    sim_db_put_int(row, &at, feed->gap);
    sim_db_put_int(row, &at, from->state.status);
    sim_db_row(db, row);
}

/* --- following ---------------------------------------------------------------------------------
 */
static void sim_db_refusal(struct sim_db *db, const struct sim_op *op, int32_t code)
{
    const struct sim_abi_op *kind = sim_abi_find_op(op->opcode);
    struct sim_buffer caller = {0};
    sqlite3_stmt *row = db->tables[SIM_DB_REFUSED];
    int at = 1;
    sim_bytes_add_hex(
        &caller,
        (struct sim_span){.bytes = op->context.caller.bytes, .length = op->context.caller.length});
    sim_db_put_int(row, &at, db->op);
    sim_db_put_int(row, &at, db->time);
    sim_db_put_text(row, &at, kind != NULL ? kind->name : "?");
    sim_db_put_text(row, &at, sim_abi_code_name(code));
    sim_db_put_text(row, &at, sim_bytes_text(&caller));
    sim_db_row(db, row);
    sim_bytes_free(&caller);
}

static void sim_db_observe(void *self,
                           struct sim_world *world,
                           const struct sim_op *op,
                           const struct sim_outcome *outcome)
{
    struct sim_db *db = self;
    (void)world;
    db->op = op->number;
    db->time = op->context.time;
    if (db->has_failed || outcome->trapped) {
        return;
    }
    if (outcome->code != PLM_OK) {
        sim_db_refusal(db, op, outcome->code);
        return;
    }
    for (uint32_t i = 0; i < outcome->event_count; i++) {
        sim_db_event(db, &outcome->events[i]);
    }
    for (uint32_t i = 0; i < outcome->writes.count; i++) {
        struct sim_span key = sim_abi_key_span(&outcome->writes.rows[i].key);
        if (key.bytes[0] == PLM_KEY_ACCOUNT) {
            sim_db_sample(db, sim_abi_key_id(key));
        } else if (key.bytes[0] == PLM_KEY_FEED_STATE) {
            for (uint32_t market = 0; market < db->mirror->market_count; market++) {
                if (db->mirror->markets[market].exists &&
                    db->mirror->markets[market].cold.feed == sim_abi_key_id(key)) {
                    sim_db_market(db, (uint16_t)market);
                }
            }
        }
    }
}

/* --- opening and closing -----------------------------------------------------------------------
 */
static void sim_db_prepare(struct sim_db *db, const char *table, int columns, sqlite3_stmt **out)
{
    char sql[SIM_DB_SQL_MAX];
    size_t used = (size_t)snprintf(sql, sizeof(sql), "INSERT INTO \"%s\" VALUES(", table);
    for (int i = 0; i < columns && used < sizeof(sql); i++) {
        used += (size_t)snprintf(sql + used, sizeof(sql) - used, i == 0 ? "?" : ",?");
    }
    (void)snprintf(sql + used, sizeof(sql) - used, ")");
    if (!db->has_failed && sqlite3_prepare_v2(db->sql, sql, -1, out, NULL) != SQLITE_OK) {
        sim_db_fail(db);
    }
}

static void sim_db_create_event(struct sim_db *db, const struct sim_abi_event *event)
{
    static const char *const types[] = {"INTEGER", "TEXT", "TEXT"};
    const struct sim_abi_layout *layout = sim_abi_layout(event->layout);
    struct sim_buffer sql = {0};
    int columns = 2;
    sim_bytes_add_format(&sql, "CREATE TABLE \"%s\"(op INTEGER, time INTEGER", event->name);
    for (uint32_t i = 0; i < layout->field_count; i++) {
        const struct sim_abi_field *field = &layout->fields[i];
        enum sim_db_shape shape = sim_db_shape(field);
        sim_bytes_add_format(&sql, ", \"%s\" %s", field->name, types[shape]);
        columns++;
        if (shape == SIM_DB_NUMBER) {
            sim_bytes_add_format(&sql, ", \"%s_real\" REAL", field->name);
            columns++;
        }
    }
    sim_bytes_add_text(&sql, ")");
    sim_db_execute(db, sim_bytes_text(&sql));
    sim_bytes_free(&sql);
    if (event->id < SIM_DB_EVENTS) {
        sim_db_prepare(db, event->name, columns, &db->events[event->id]);
    }
}

static void sim_db_create(struct sim_db *db)
{
    char sql[SIM_DB_SQL_MAX];
    (void)snprintf(sql, sizeof(sql), "PRAGMA application_id = %d", SIM_DB_MARK);
    sim_db_execute(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    sim_db_execute(db, sql);
    sim_db_execute(db, "BEGIN");
    for (uint32_t i = 0; sim_abi_event_at(i) != NULL; i++) {
        sim_db_create_event(db, sim_abi_event_at(i));
    }
    for (uint32_t i = 0; i < SIM_DB_TABLE_COUNT; i++) {
        char name[64];
        int columns = 1;
        (void)snprintf(
            name, sizeof(name), "%.*s", (int)strcspn(sim_db_schema[i], "("), sim_db_schema[i]);
        for (const char *at = sim_db_schema[i]; *at != '\0'; at++) {
            columns += *at == ',' ? 1 : 0;
        }
        (void)snprintf(sql, sizeof(sql), "CREATE TABLE %s", sim_db_schema[i]);
        sim_db_execute(db, sql);
        sim_db_prepare(db, name, columns, &db->tables[i]);
    }
    /* What is wrong with the place shows here, not after an hour. */
    sim_db_execute(db, "COMMIT");
    sim_db_execute(db, "BEGIN");
}

static int sim_db_read_mark(void *self, int count, char **values, char **names)
{
    (void)names;
    *(long *)self = count == 1 && values[0] != NULL ? strtol(values[0], NULL, 10) : 0;
    return 0;
}

/* An older database of ours gives way; any other file does not. */
static bool sim_db_make_room(const char *path)
{
    struct stat at = {0};
    if (stat(path, &at) != 0 || !S_ISREG(at.st_mode)) {
        return true;
    }
    sqlite3 *sql = NULL;
    long mark = 0;
    if (at.st_size > 0 && sqlite3_open_v2(path, &sql, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) {
        (void)sqlite3_exec(sql, "PRAGMA application_id", sim_db_read_mark, &mark, NULL);
    }
    (void)sqlite3_close(sql);
    if (at.st_size > 0 && mark != SIM_DB_MARK) {
        sim_error_at(path, 0, "is there already and is no database of plimsoll: name another file");
        return false;
    }
    if (unlink(path) != 0) {
        sim_error_at(path, 0, "cannot be replaced (%s)", strerror(errno));
        return false;
    }
    return true;
}

static void sim_db_watch(struct sim_db *db, struct sim_world *world)
{
    db->world = world;
    db->mirror = sim_mirror_new(world);
    sim_world_observe(world, sim_db_observe, db);
}

static void sim_db_unwatch(struct sim_db *db)
{
    sim_world_unobserve(db->world, db);
    sim_mirror_free(db->mirror);
    db->mirror = NULL;
}

static void sim_db_free(struct sim_db *db)
{
    for (uint32_t i = 0; i < SIM_DB_EVENTS; i++) {
        (void)sqlite3_finalize(db->events[i]);
    }
    for (uint32_t i = 0; i < SIM_DB_TABLE_COUNT; i++) {
        (void)sqlite3_finalize(db->tables[i]);
    }
    (void)sqlite3_close(db->sql);
    free(db->written);
    free(db->room);
    free(db->path);
    free(db);
}

struct sim_db *sim_db_open(const char *path, struct sim_world *world)
{
    if (!sim_db_make_room(path)) {
        return NULL;
    }
    struct sim_db *db = sim_bytes_alloc(1, sizeof(*db));
    db->path = sim_bytes_alloc(strlen(path) + 1u, 1);
    memcpy(db->path, path, strlen(path));
    db->room = sim_bytes_alloc(1, sizeof(*db->room));
    db->spacing = SIM_DB_SPACING;
    if (sqlite3_open(path, &db->sql) != SQLITE_OK) {
        sim_db_fail(db);
    }
    sim_db_create(db);
    if (db->has_failed) {
        sim_db_free(db);
        return NULL;
    }
    sim_db_watch(db, world);
    return db;
}

void sim_db_follow(struct sim_db *db, struct sim_world *world)
{
    sim_db_unwatch(db);
    sim_db_watch(db, world);
}

void sim_db_note(struct sim_db *db, const char *name, const char *value)
{
    sqlite3_stmt *row = db->tables[SIM_DB_RUN];
    int at = 1;
    sim_db_put_text(row, &at, name);
    sim_db_put_text(row, &at, value);
    sim_db_row(db, row);
}

static void sim_db_name(struct sim_db *db, const char *kind, uint64_t id, const char *name)
{
    sqlite3_stmt *row = db->tables[SIM_DB_NAMES];
    int at = 1;
    sim_db_put_text(row, &at, kind);
    sim_db_put_int(row, &at, id);
    sim_db_put_text(row, &at, name);
    sim_db_row(db, row);
}

void sim_db_names(struct sim_db *db, const struct sim_names *names)
{
    for (uint32_t i = 0; i < names->asset_count; i++) {
        sim_db_name(db, "asset", names->assets[i].id, names->assets[i].name);
    }
    for (uint32_t i = 0; i < names->feed_count; i++) {
        sim_db_name(db, "feed", names->feeds[i].id, names->feeds[i].name);
    }
    for (uint32_t i = 0; i < names->market_count; i++) {
        sim_db_name(db, "market", names->markets[i].id, names->markets[i].name);
    }
    for (uint32_t i = 0; i < names->account_count; i++) {
        sim_db_name(db, "account", names->accounts[i].id, names->accounts[i].name);
    }
}

bool sim_db_close(struct sim_db *db)
{
    char hash[32];
    (void)snprintf(
        hash, sizeof(hash), "%016llx", (unsigned long long)sim_world_state_hash(db->world));
    sim_db_note(db, "state_hash", hash);
    (void)snprintf(hash, sizeof(hash), "%llu", (unsigned long long)sim_world_operations(db->world));
    sim_db_note(db, "operations", hash);
    for (uint64_t i = 0; i < db->mirror->count && !db->has_failed; i++) {
        if (db->mirror->accounts[i].id != 0) {
            sim_db_account(db, &db->mirror->accounts[i]);
        }
    }
    for (uint32_t market = 0; market < db->mirror->market_count; market++) {
        if (db->mirror->markets[market].exists) {
            sim_db_market(db, (uint16_t)market);
        }
    }
    sim_db_execute(db, "CREATE INDEX accounts_by_id ON accounts(account, op)");
    sim_db_execute(db, "COMMIT");
    bool is_good = !db->has_failed;
    sim_db_unwatch(db);
    sim_db_free(db);
    return is_good;
}

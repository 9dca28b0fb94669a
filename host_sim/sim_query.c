/* SPDX-License-Identifier: Apache-2.0
 * plimsoll query: looks into the database of a run. */
#include "sim_error.h"
#include "sim_main.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char sim_query_help[] =
    "plimsoll query DB [summary]        what happened, and how often\n"
    "plimsoll query DB tables           the tables with their columns and rows\n"
    "plimsoll query DB liquidations     every takeover, collateral sale, deficit, forced close\n"
    "plimsoll query DB account NAME     the account's rows over time (a name, or an id)\n"
    "plimsoll query DB --sql \"SELECT ...\"\n"
    "\n"
    "Prints rows with columns separated by tabs, names first.\n";

static const char sim_query_summary[] =
    "SELECT name AS what, value AS much FROM run UNION ALL "
    "SELECT 'accounts', count(DISTINCT account) FROM accounts UNION ALL "
    "SELECT 'fills', count(*) FROM filled UNION ALL "
    "SELECT 'prices accepted', count(*) FROM priced UNION ALL "
    "SELECT 'prices refused, ' || code, count(*) FROM price_refused GROUP BY code UNION ALL "
    "SELECT 'takeovers', count(*) FROM liquidated UNION ALL "
    "SELECT 'collateral sales', count(*) FROM collateral_sold UNION ALL "
    "SELECT 'forced closes', count(*) FROM deleveraged UNION ALL "
    "SELECT 'deficits', count(*) FROM deficit UNION ALL "
    "SELECT 'paid by insurance', coalesce(sum(insurance_real), 0) FROM deficit UNION ALL "
    "SELECT 'paid by the global tranche', coalesce(sum(global_real), 0) FROM deficit UNION ALL "
    "SELECT 'paid by the opposing side', coalesce(sum(opposing_real), 0) FROM deficit UNION ALL "
    "SELECT 'uncovered', coalesce(sum(uncovered_real), 0) FROM deficit UNION ALL "
    "SELECT 'refused, ' || operation || ', ' || code, count(*) FROM refused "
    "GROUP BY operation, code";

static const char sim_query_liquidations[] =
    "SELECT l.op, l.time, 'takeover' AS kind, coalesce(a.name, l.account) AS account, "
    "coalesce(m.name, l.market) AS at, coalesce(t.name, l.taker) AS taker, l.lots AS amount, "
    "l.price, l.fee_taker AS fee, l.fee_insurance AS insurance FROM liquidated l "
    "LEFT JOIN names a ON a.kind = 'account' AND a.id = l.account "
    "LEFT JOIN names t ON t.kind = 'account' AND t.id = l.taker "
    "LEFT JOIN names m ON m.kind = 'market' AND m.id = l.market UNION ALL "
    "SELECT c.op, c.time, 'collateral', coalesce(a.name, c.account), coalesce(s.name, c.asset), "
    "coalesce(t.name, c.taker), c.amount, c.cash, '', '' FROM collateral_sold c "
    "LEFT JOIN names a ON a.kind = 'account' AND a.id = c.account "
    "LEFT JOIN names t ON t.kind = 'account' AND t.id = c.taker "
    "LEFT JOIN names s ON s.kind = 'asset' AND s.id = c.asset UNION ALL "
    "SELECT d.op, d.time, 'deficit', coalesce(a.name, d.account), coalesce(m.name, d.market), '', "
    "d.value, '', d.uncovered, d.insurance FROM deficit d "
    "LEFT JOIN names a ON a.kind = 'account' AND a.id = d.account "
    "LEFT JOIN names m ON m.kind = 'market' AND m.id = d.market UNION ALL "
    "SELECT x.op, x.time, 'forced close', coalesce(a.name, x.account), "
    "coalesce(m.name, x.market), coalesce(t.name, x.counterparty), x.lots, x.price, x.tip, '' "
    "FROM deleveraged x "
    "LEFT JOIN names a ON a.kind = 'account' AND a.id = x.account "
    "LEFT JOIN names t ON t.kind = 'account' AND t.id = x.counterparty "
    "LEFT JOIN names m ON m.kind = 'market' AND m.id = x.market ORDER BY 1";

static const char sim_query_account[] =
    "SELECT a.* FROM accounts a WHERE a.account IN "
    "(SELECT id FROM names WHERE kind = 'account' AND name = ?1 UNION "
    "SELECT CAST(?1 AS INTEGER)) ORDER BY a.op";

static void sim_query_row(sqlite3_stmt *row, int columns)
{
    for (int i = 0; i < columns; i++) {
        const unsigned char *text = sqlite3_column_text(row, i);
        (void)printf("%s%s", i == 0 ? "" : "\t", text != NULL ? (const char *)text : "");
    }
    (void)fputs("\n", stdout);
}

/* Prints all rows of a statement; false where SQLite refuses (printed). *count is how many. */
static bool
sim_query_print(sqlite3 *db, const char *path, const char *sql, const char *value, uint64_t *count)
{
    sqlite3_stmt *row = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK || row == NULL) {
        sim_error_at(path,
                     0,
                     "%s: see plimsoll query %s tables",
                     row == NULL && sqlite3_errcode(db) == SQLITE_OK ? "the query is empty"
                                                                     : sqlite3_errmsg(db),
                     path);
        return false;
    }
    if (value != NULL) {
        (void)sqlite3_bind_text(row, 1, value, -1, SQLITE_TRANSIENT);
    }
    int columns = sqlite3_column_count(row);
    int state = SQLITE_ROW;
    for (int i = 0; i < columns; i++) {
        (void)printf("%s%s", i == 0 ? "" : "\t", sqlite3_column_name(row, i));
    }
    (void)fputs(columns > 0 ? "\n" : "", stdout);
    *count = 0;
    while (!sim_interrupted() && (state = sqlite3_step(row)) == SQLITE_ROW) {
        sim_query_row(row, columns);
        (*count)++;
    }
    bool is_good = state == SQLITE_DONE;
    if (!is_good) {
        sim_error_at(path, 0, "%s", sqlite3_errmsg(db));
    }
    (void)sqlite3_finalize(row);
    return is_good;
}

/* Every table with its columns and the number of its rows. */
static bool sim_query_tables(sqlite3 *db, const char *path)
{
    sqlite3_stmt *row = NULL;
    static const char sql[] = "SELECT name, (SELECT group_concat(name, ' ') FROM "
                              "pragma_table_info(m.name)) FROM sqlite_master m "
                              "WHERE type = 'table' ORDER BY name";
    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK) {
        sim_error_at(path, 0, "%s", sqlite3_errmsg(db));
        return false;
    }
    (void)fputs("table\trows\tcolumns\n", stdout);
    while (sqlite3_step(row) == SQLITE_ROW) {
        char *counting = sqlite3_mprintf("SELECT count(*) FROM \"%w\"",
                                         (const char *)sqlite3_column_text(row, 0));
        sqlite3_stmt *rows = NULL;
        sqlite3_int64 count = 0;
        if (sqlite3_prepare_v2(db, counting, -1, &rows, NULL) == SQLITE_OK &&
            sqlite3_step(rows) == SQLITE_ROW) {
            count = sqlite3_column_int64(rows, 0);
        }
        (void)sqlite3_finalize(rows);
        sqlite3_free(counting);
        (void)printf("%s\t%lld\t%s\n",
                     (const char *)sqlite3_column_text(row, 0),
                     (long long)count,
                     (const char *)sqlite3_column_text(row, 1));
    }
    (void)sqlite3_finalize(row);
    return true;
}

static int sim_query_usage(void)
{
    (void)fputs(sim_query_help, stderr);
    return SIM_EXIT_USAGE;
}

static int sim_query_answer(sqlite3 *db, int argc, char **argv)
{
    const char *path = argv[1];
    const char *what = argc > 2 ? argv[2] : "summary";
    uint64_t count = 0;
    bool is_good = false;
    if (strcmp(what, "summary") == 0 && argc <= 3) {
        is_good = sim_query_print(db, path, sim_query_summary, NULL, &count);
    } else if (strcmp(what, "tables") == 0 && argc == 3) {
        is_good = sim_query_tables(db, path);
    } else if (strcmp(what, "liquidations") == 0 && argc == 3) {
        is_good = sim_query_print(db, path, sim_query_liquidations, NULL, &count);
    } else if (strcmp(what, "account") == 0 && argc == 4) {
        is_good = sim_query_print(db, path, sim_query_account, argv[3], &count);
        if (is_good && count == 0) {
            sim_error_at(path,
                         0,
                         "there is no account '%s': see --sql \"SELECT name FROM names WHERE kind "
                         "= 'account'\"",
                         argv[3]);
            is_good = false;
        }
    } else if (strcmp(what, "--sql") == 0 && argc == 4) {
        is_good = sim_query_print(db, path, argv[3], NULL, &count);
    } else {
        return sim_query_usage();
    }
    return is_good ? SIM_EXIT_OK : SIM_EXIT_FAILED;
}

int sim_cmd_query(int argc, char **argv)
{
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        (void)fputs(sim_query_help, stdout);
        return SIM_EXIT_OK;
    }
    if (argc < 2) {
        return sim_query_usage();
    }
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
        sim_error_at(argv[1],
                     0,
                     "cannot be opened (%s): write one by plimsoll run --db",
                     sqlite3_errmsg(db));
        (void)sqlite3_close(db);
        return SIM_EXIT_FAILED;
    }
    int status = sim_query_answer(db, argc, argv);
    (void)sqlite3_close(db);
    return status;
}

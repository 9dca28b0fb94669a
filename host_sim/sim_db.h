/* SPDX-License-Identifier: Apache-2.0
 * The run as an SQLite database: a table per event kind, accounts when they change, markets step by
 * step, refused operations. Numbers are exact decimal text in human units; columns that end in
 * _real are the same for charts. It only looks; it knows no rule. */
#ifndef SIM_DB_H
#define SIM_DB_H

#include "sim_names.h"
#include "sim_world.h"

struct sim_db;

/* open: a new database; an older one of ours is replaced, another file is not. Observes the world.
 * NULL where it cannot be written (the error is printed). */
struct sim_db *sim_db_open(const char *path, struct sim_world *world);
/* follow: goes on with another world; the old one may be gone. */
void sim_db_follow(struct sim_db *db, struct sim_world *world);
/* note: a fact about the run, in the table `run`. */
void sim_db_note(struct sim_db *db, const char *name, const char *value);
/* names: who is who, in the table `names`. */
void sim_db_names(struct sim_db *db, const struct sim_names *names);
/* close: writes what is left and the final state of every account, frees; false where a write
 * failed (the error is printed). The world must still be there. */
bool sim_db_close(struct sim_db *db);

#endif

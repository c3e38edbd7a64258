/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the core keeps beside its database: the ledger, read as bytes of the disk and held against the table, and the spool of a store
 * that is away. Called by laws.c. */
#ifndef CAUNOI_SIMULATION_BOOKS_H
#define CAUNOI_SIMULATION_BOOKS_H

#include <sqlite3.h>
#include <stdbool.h>

struct world;

/* Every opt-out that is committed stands in the ledger, lifted or not, and every erasure. Not asked while the core knows that its ledger failed. */
void books_check(struct world *w, sqlite3 *db);
/* Does an entry of the spool hold this inbound message? What stands there is as good as stored. */
bool books_spooled(struct world *w, const char *channel, const char *id);

#endif

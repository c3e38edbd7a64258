/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file that the core keeps beside its database, read as bytes of the disk and held against the table. Called by laws.c. */
#ifndef CAUNOI_SIMULATION_BOOKS_H
#define CAUNOI_SIMULATION_BOOKS_H

#include <sqlite3.h>

struct world;

/* Every opt-out that is committed stands in the ledger, lifted or not. Not asked while the core knows that its ledger failed. */
void books_check(struct world *w, sqlite3 *db);

#endif

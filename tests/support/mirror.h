/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a PostgreSQL database holds, as SQLite: tests ask their questions in one way. Only the tables and views that a statement names
 * are copied, all at one moment, each time it is asked. Every step that fails ends the test. */
#ifndef CAUNOI_TESTS_SUPPORT_MIRROR_H
#define CAUNOI_TESTS_SUPPORT_MIRROR_H

#include <sqlite3.h>

struct mirror;

struct mirror *mirror_open(const char *uri);
void mirror_close(struct mirror *m);
/* Copies what sql names; the database to run it on, which stays the mirror's. Further databases may be attached to it. */
sqlite3 *mirror_of(struct mirror *m, const char *sql);

#endif

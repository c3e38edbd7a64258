/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the SQLite engine share; nobody else includes this. */
#ifndef CAUNOI_STORE_SQLITE_H
#define CAUNOI_STORE_SQLITE_H

#include <sqlite3.h>

#include "gateway/store/engine.h"

#define SQLITE_BUSY_MS 5000 /* patience with another program that holds the lock */

struct sqlite_statement {
	struct statement base;
	sqlite3_stmt *st;
};

struct sqlite {
	struct store base;
	sqlite3 *db;
	char *file;
	bool read_only, broken;
	bool damaged; /* broken because of what stands in the file */
	bool begun;  /* a transaction was opened; a full disk makes SQLite take it back by itself */
	bool locked; /* by another program, when last tried */
	int64_t wal_pages;
	int64_t limit_at_ms; /* monotonic; 0 = none */
};

static inline struct sqlite *sqlite_of(struct store *s)
{
	return (struct sqlite *)s;
}

static inline sqlite3_stmt *sqlite_st(struct statement *st)
{
	return ((struct sqlite_statement *)st)->st;
}

extern const struct store_ops sqlite_ops;

/* Told by SQLite at each commit how long the log has become. */
int sqlite_on_wal(void *self, sqlite3 *db, const char *name, int n_pages);
/* Writes the log beside file once more and syncs it; no log is no failure. E_IO, E_NOMEM. */
MUST_CHECK int sqlite_log_renew(const char *file);
/* Syncs the folder of file: a log whose name a power cut takes away takes its commits along. E_IO, E_NOMEM. */
MUST_CHECK int sqlite_names_sync(const char *file);
/* Adds what a database of an older release lacks, in one transaction; *c says why it could not. */
MUST_CHECK int sqlite_upgrade(struct sqlite *s, struct complaint *c);
/* The text with its marks as this engine says them; the caller's, NULL out of memory. */
char *sqlite_marked(const char *sql);
/* Prepares with the marks replaced; a failure is logged. SQLite's code. */
int sqlite_prepare_marked(struct sqlite *s, const char *sql, unsigned flags, sqlite3_stmt **ret);
int sqlite_check(struct store *s, bool full, char *out, size_t room);
int sqlite_explain(struct store *s, const struct sql_module *m, char *out, size_t room);

#endif

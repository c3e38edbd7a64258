/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the SQLite engine share; nobody else includes this. */
#ifndef CAUNOI_STORE_SQLITE_H
#define CAUNOI_STORE_SQLITE_H

#include <sqlite3.h>

#include "gateway/store/store.h"

#define MODULES_MAX 64
#define NAMES_MAX 32

struct statement {
	sqlite3_stmt *st;
	struct store *db;
	const char *name; /* module's, for logs */
	struct {
		const char *text; /* the caller's literal: compared by address */
		int place;
	} names[NAMES_MAX];
	int n_names;
};

struct prepared {
	const struct sql_module *module;
	struct statement *statements; /* n_sql of them */
};

struct store {
	sqlite3 *db;
	char *file;
	bool read_only, broken;
	bool begun;  /* a transaction was opened; a full disk makes SQLite take it back by itself */
	bool locked; /* by another program, when last tried */
	int64_t wal_pages;
	int64_t limit_at_ms; /* monotonic; 0 = none */
	struct prepared prepared[MODULES_MAX];
	size_t n_prepared;
};

/* Prepares with the marks replaced; a failure is logged. SQLite's code. */
int sqlite_prepare(struct store *s, const char *sql, unsigned flags, sqlite3_stmt **ret);

#endif

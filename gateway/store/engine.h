/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an engine gives to store.c, and what both share. Included by the engines in gateway/store/ and by test engines that stand
 * before one; everybody else uses store.h. An engine's own structs begin with these two, so that one pointer serves both. */
#ifndef CAUNOI_STORE_ENGINE_H
#define CAUNOI_STORE_ENGINE_H

#include "gateway/base/buffer.h"
#include "gateway/store/store.h"

#define MODULES_MAX 96
#define NAMES_MAX 48

struct statement {
	struct store *db;
	const char *name; /* its module's, for logs */
	struct {
		const char *text; /* the caller's literal: compared by address */
		int place;
	} names[NAMES_MAX];
	int n_names;
};

struct prepared {
	const struct sql_module *module;
	struct statement **statements; /* n_sql of them, made at first use */
};

struct store {
	const struct store_ops *ops;
	struct prepared prepared[MODULES_MAX];
	size_t n_prepared;
	int (*wait)(void *arg, int fd, short events, int limit_ms); /* NULL: poll */
	void *wait_arg;
};

/* Each as the function of the same name in store.h, unless it says otherwise. NULL where an engine has nothing to do (0, false). */
struct store_ops {
	bool is_file; /* SQLite */
	void (*close)(struct store *s); /* its statements are dropped already; frees s */

	int (*begin)(struct store *s);
	int (*commit)(struct store *s);
	void (*rollback)(struct store *s);
	bool (*in_transaction)(const struct store *s);
	void (*quiet)(struct store *s);
	int (*savepoint)(struct store *s);
	int (*savepoint_undo)(struct store *s);
	int (*savepoint_keep)(struct store *s);
	int (*settle)(struct store *s);
	bool (*away)(const struct store *s);
	bool (*damaged)(const struct store *s);
	int (*lease)(struct store *s, const char *node, const char *holder, struct complaint *c);
	int (*decide)(struct store *s, int64_t *ret_tick);

	/* NULL when it cannot be prepared (logged). The text's marks are still in it. */
	struct statement *(*prepare)(struct store *s, const char *sql, bool keep);
	void (*drop)(struct statement *st);
	void (*reset)(struct statement *st);
	int (*place)(struct statement *st, const char *name); /* 0: no such name */
	void (*bind_int)(struct statement *st, int place, int64_t value);
	void (*bind_real)(struct statement *st, int place, double value);
	void (*bind_text)(struct statement *st, int place, const char *value);
	void (*bind_blob)(struct statement *st, int place, const void *data, size_t n_bytes);
	void (*bind_null)(struct statement *st, int place);
	int (*row)(struct statement *st);
	int (*run)(struct statement *st); /* NULL: rows to the end and reset */
	int (*write)(struct statement *st, int64_t n); /* NULL: run, and the count compared */
	int (*write_row)(struct statement *st); /* NULL: write of one */
	void (*ahead)(struct statement *st);
	void (*forget_aheads)(struct store *s);
	int64_t (*round_trips)(const struct store *s);
	int64_t (*changes)(struct store *s);
	int64_t (*last_id)(struct store *s);
	int64_t (*total_changes)(struct store *s);

	int64_t (*column_int)(struct statement *st, int i);
	double (*column_real)(struct statement *st, int i);
	const char *(*column_text)(struct statement *st, int i);
	const void *(*column_blob)(struct statement *st, int i, size_t *ret_bytes);
	bool (*column_null)(struct statement *st, int i);
	int (*columns)(struct statement *st);
	const char *(*column_name)(struct statement *st, int i);

	int64_t (*scalar)(struct store *s, const char *sql, int64_t otherwise);
	int (*script)(struct store *s, const char *sql);
	int64_t (*wal_bytes)(struct store *s);
	int (*checkpoint)(struct store *s, bool truncate);
	int (*copy)(struct store *s, const char *file);
	int (*check)(struct store *s, bool full, char *out, size_t room);
	int (*explain)(struct store *s, const struct sql_module *m, char *out, size_t room);
	void (*limit_ms)(struct store *s, int64_t ms);
};

/* One of the marks of SQL texts and what an engine puts there. */
struct store_mark {
	const char *mark, *text;
};
/* The text with its marks replaced; the caller's. NULL out of memory. */
char *store_replace_marks(const char *sql, const struct store_mark *marks, size_t n_marks);
/* Waits until fd is ready, while the owner's loop goes on: >0 ready, 0 the time is over, negative failed. */
int store_wait(struct store *s, int fd, short events, int limit_ms);

MUST_CHECK int sqlite_open(const char *file, enum store_mode mode, const char *schema, struct store **ret, struct complaint *c);
MUST_CHECK int pgsql_open(const char *uri, enum store_mode mode, struct store **ret, struct complaint *c);

#endif

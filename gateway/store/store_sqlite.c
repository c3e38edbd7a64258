/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store on SQLite: WAL, synchronous=FULL, one read-write connection that also does every checkpoint, read-only ones
 * for queries. Knows nothing of what the tables mean. */
#include "gateway/store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/log.h"
#include "gateway/base/own.h"

#define BUSY_AGAIN_MS 250

static int64_t mono_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* SQLite's codes in ours. A full disk or a lock is refused and can be tried again; damage and failed I/O stop the core. */
static int translate(struct sqlite *s, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE: return 0;
	case SQLITE_ROW: return 1;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_INTERRUPT:
	case SQLITE_FULL: return E_UNAVAILABLE;
	case SQLITE_NOMEM: return E_NOMEM;
	case SQLITE_CONSTRAINT:
		return rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY || rc == SQLITE_CONSTRAINT_ROWID
			       ? E_EXISTS
			       : E_REFUSED;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: s->broken = s->damaged = true; return s->read_only ? E_CORRUPT : E_BROKEN;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY: s->broken = true; return E_BROKEN;
	}
	return E_INVALID;
}

static int run_text(struct sqlite *s, const char *sql)
{
	char *message = NULL;
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, &message);
	if (rc != SQLITE_OK)
		log_debug("store.text", "rc=%d message=%s", rc, message ? message : "");
	sqlite3_free(message);
	return rc == SQLITE_OK ? 0 : translate(s, sqlite3_extended_errcode(s->db));
}

/* SQLite has ended the transaction that its owner believes in: what came now would be committed alone. */
static bool transaction_lost(const struct sqlite *s)
{
	return s->begun && sqlite3_get_autocommit(s->db);
}

static int script(struct store *s, const char *sql)
{
	return transaction_lost(sqlite_of(s)) ? E_UNAVAILABLE : run_text(sqlite_of(s), sql);
}

int sqlite_on_wal(void *self, sqlite3 *db, const char *name, int n_pages)
{
	(void)db;
	(void)name;
	((struct sqlite *)self)->wal_pages = n_pages;
	return SQLITE_OK;
}

static int on_progress(void *self)
{
	struct sqlite *s = self;
	return s->limit_at_ms && mono_ms() > s->limit_at_ms;
}

static void limit_ms(struct store *store, int64_t ms)
{
	struct sqlite *s = sqlite_of(store);
	s->limit_at_ms = ms ? mono_ms() + ms : 0;
	sqlite3_progress_handler(s->db, ms ? 1000 : 0, ms ? on_progress : NULL, s);
}

/* The marks, as this engine says them. */
char *sqlite_marked(const char *sql)
{
	static const struct store_mark marks[] = { { "{id}", "INTEGER PRIMARY KEY AUTOINCREMENT" },
						   { "{blob}", "BLOB" },
						   { "{strict}", "STRICT" },
						   { "{skip locked}", "" },
						   { "{nulls first}", "" },
						   { "{ready}", "state IN ('queued', 'retry')" },
						   { "{held}", "state = 'held'" },
						   { "{waiting}", "(state = 'held' OR state = 'queued' OR state = 'retry')" } };
	return store_replace_marks(sql, marks, COUNT_OF(marks));
}

/* ---- transactions ---- */

static bool in_transaction(const struct store *store)
{
	return !sqlite3_get_autocommit(((const struct sqlite *)store)->db);
}

static int begin(struct store *store)
{
	struct sqlite *s = sqlite_of(store);
	if (s->broken && !s->read_only)
		return E_BROKEN;
	int r = run_text(s, s->read_only ? "BEGIN" : "BEGIN IMMEDIATE");
	s->begun = r == 0;
	bool locked = !s->read_only && r == E_UNAVAILABLE;
	if (locked != s->locked) {
		/* patience once: what comes in while another program keeps the lock is refused at once */
		s->locked = locked;
		sqlite3_busy_timeout(s->db, locked ? BUSY_AGAIN_MS : SQLITE_BUSY_MS);
	}
	return r;
}

static void rollback(struct store *store)
{
	struct sqlite *s = sqlite_of(store);
	if (in_transaction(store) && run_text(s, "ROLLBACK"))
		s->broken = true;
	s->begun = false;
}

static int commit(struct store *store)
{
	struct sqlite *s = sqlite_of(store);
	int r = transaction_lost(s) ? E_UNAVAILABLE : run_text(s, "COMMIT");
	if (r && !s->broken && in_transaction(store))
		rollback(store);
	s->begun = false;
	return r;
}

static void quiet(struct store *store)
{
	struct sqlite *s = sqlite_of(store);
	for (sqlite3_stmt *st = NULL; (st = sqlite3_next_stmt(s->db, st));)
		if (sqlite3_stmt_busy(st))
			sqlite3_reset(st);
	rollback(store);
}

static int savepoint(struct store *store)
{
	return script(store, "SAVEPOINT frame");
}

static int savepoint_undo(struct store *store)
{
	return script(store, "ROLLBACK TO frame; RELEASE frame");
}

static int savepoint_keep(struct store *store)
{
	return script(store, "RELEASE frame");
}

/* ---- statements ---- */

int sqlite_prepare_marked(struct sqlite *s, const char *sql, unsigned flags, sqlite3_stmt **ret)
{
	OWN(mem) char *text = strchr(sql, '{') ? sqlite_marked(sql) : NULL;
	int rc = sqlite3_prepare_v3(s->db, text ? text : sql, -1, flags, ret, NULL);
	if (rc != SQLITE_OK)
		log_error("store.prepare", "error=%s sql=%.200s", sqlite3_errmsg(s->db), sql);
	return rc;
}

static struct statement *prepare(struct store *store, const char *sql, bool keep)
{
	struct sqlite_statement *st = calloc(1, sizeof(*st));
	if (!st)
		return NULL;
	st->base.db = store;
	if (sqlite_prepare_marked(sqlite_of(store), sql, keep ? SQLITE_PREPARE_PERSISTENT : 0, &st->st) != SQLITE_OK) {
		free(st);
		return NULL;
	}
	return &st->base;
}

static void drop(struct statement *st)
{
	sqlite3_finalize(sqlite_st(st));
	free(st);
}

static void reset(struct statement *st)
{
	sqlite3_reset(sqlite_st(st));
	sqlite3_clear_bindings(sqlite_st(st));
}

static int place(struct statement *st, const char *name)
{
	return sqlite3_bind_parameter_index(sqlite_st(st), name);
}

static void put_int(struct statement *st, int i, int64_t value)
{
	sqlite3_bind_int64(sqlite_st(st), i, value);
}

static void put_real(struct statement *st, int i, double value)
{
	sqlite3_bind_double(sqlite_st(st), i, value);
}

static void put_text(struct statement *st, int i, const char *value)
{
	sqlite3_bind_text(sqlite_st(st), i, value, -1, SQLITE_STATIC);
}

static void put_blob(struct statement *st, int i, const void *data, size_t n_bytes)
{
	sqlite3_bind_blob64(sqlite_st(st), i, data, n_bytes, SQLITE_STATIC);
}

static void put_null(struct statement *st, int i)
{
	sqlite3_bind_null(sqlite_st(st), i);
}

static int row(struct statement *st)
{
	struct sqlite *s = sqlite_of(st->db);
	if (transaction_lost(s))
		return E_UNAVAILABLE;
	int rc = sqlite3_step(sqlite_st(st));
	if (rc != SQLITE_ROW && rc != SQLITE_DONE && rc != SQLITE_CONSTRAINT_UNIQUE && rc != SQLITE_CONSTRAINT_PRIMARYKEY)
		log_warn("store.row", "module=%s rc=%d error=%s", st->name, rc, sqlite3_errstr(rc));
	return translate(s, rc);
}

static int64_t changes(struct store *store)
{
	return sqlite3_changes64(sqlite_of(store)->db);
}

static int64_t last_id(struct store *store)
{
	return sqlite3_last_insert_rowid(sqlite_of(store)->db);
}

static int64_t total_changes(struct store *store)
{
	return sqlite3_total_changes64(sqlite_of(store)->db);
}

static int64_t get_int(struct statement *st, int i)
{
	return sqlite3_column_int64(sqlite_st(st), i);
}

static double get_real(struct statement *st, int i)
{
	return sqlite3_column_double(sqlite_st(st), i);
}

static const char *get_text(struct statement *st, int i)
{
	return (const char *)sqlite3_column_text(sqlite_st(st), i);
}

static const void *get_blob(struct statement *st, int i, size_t *ret_bytes)
{
	const void *data = sqlite3_column_blob(sqlite_st(st), i);
	*ret_bytes = (size_t)sqlite3_column_bytes(sqlite_st(st), i);
	return data;
}

static bool get_null(struct statement *st, int i)
{
	return sqlite3_column_type(sqlite_st(st), i) == SQLITE_NULL;
}

static int columns(struct statement *st)
{
	return sqlite3_column_count(sqlite_st(st));
}

static const char *name_of(struct statement *st, int i)
{
	return sqlite3_column_name(sqlite_st(st), i);
}

/* ---- the whole ---- */

static int64_t scalar(struct store *store, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *st = NULL;
	int64_t value = otherwise;
	if (sqlite3_prepare_v2(sqlite_of(store)->db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		value = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return value;
}

static int64_t wal_bytes(struct store *store)
{
	return sqlite_of(store)->wal_pages * 4096;
}

static int checkpoint(struct store *store, bool truncate)
{
	struct sqlite *s = sqlite_of(store);
	int log = 0, done = 0;
	sqlite3_busy_timeout(s->db, truncate ? 200 : 0);
	int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, &log, &done);
	sqlite3_busy_timeout(s->db, SQLITE_BUSY_MS);
	if (rc == SQLITE_OK && log == done)
		s->wal_pages = 0;
	return (rc & 0xff) == SQLITE_BUSY ? E_AGAIN : translate(s, rc);
}

static int copy_to(struct store *store, const char *file)
{
	sqlite3_stmt *st = NULL;
	if (sqlite3_prepare_v2(sqlite_of(store)->db, "VACUUM INTO $file", -1, &st, NULL) != SQLITE_OK)
		return E_INVALID;
	sqlite3_bind_text(st, 1, file, -1, SQLITE_STATIC);
	int rc = sqlite3_step(st);
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : rc == SQLITE_FULL ? E_UNAVAILABLE : E_IO;
}

static void close_store(struct store *store)
{
	struct sqlite *s = sqlite_of(store);
	sqlite3_close_v2(s->db);
	free(s->file);
	free(s);
}

static bool damaged(const struct store *store)
{
	return ((const struct sqlite *)store)->damaged;
}

const struct store_ops sqlite_ops = {
	.is_file = true,
	.damaged = damaged,
	.close = close_store, .begin = begin, .commit = commit, .rollback = rollback, .in_transaction = in_transaction, .quiet = quiet,
	.savepoint = savepoint, .savepoint_undo = savepoint_undo, .savepoint_keep = savepoint_keep,
	.prepare = prepare, .drop = drop, .reset = reset, .place = place, .bind_int = put_int, .bind_real = put_real,
	.bind_text = put_text, .bind_blob = put_blob, .bind_null = put_null, .row = row, .changes = changes, .last_id = last_id,
	.total_changes = total_changes, .column_int = get_int, .column_real = get_real, .column_text = get_text, .column_blob = get_blob,
	.column_null = get_null, .columns = columns, .column_name = name_of, .scalar = scalar, .script = script, .wal_bytes = wal_bytes,
	.checkpoint = checkpoint, .copy = copy_to, .check = sqlite_check, .explain = sqlite_explain, .limit_ms = limit_ms,
};

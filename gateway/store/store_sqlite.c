/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store on SQLite: WAL, synchronous=FULL, one read-write connection that also does every checkpoint, read-only ones
 * for queries. The only file that includes sqlite3.h. Knows nothing of what the tables mean. */
#include "gateway/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/buffer.h"
#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/store/schema.h"
#include "gateway/store/sqlite.h"

#define CACHE_KIB 14336
#define BUSY_MS 5000
#define BUSY_AGAIN_MS 250

static int64_t mono_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* SQLite's codes in ours. A full disk or a lock is refused and can be tried again; damage and failed I/O stop the core. */
static int translate(struct store *s, int rc)
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
	case SQLITE_NOTADB: s->broken = true; return s->read_only ? E_CORRUPT : E_BROKEN;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY: s->broken = true; return E_BROKEN;
	}
	return E_INVALID;
}

static int run_text(struct store *s, const char *sql)
{
	char *message = NULL;
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, &message);
	if (rc != SQLITE_OK)
		log_debug("store.text", "rc=%d message=%s", rc, message ? message : "");
	sqlite3_free(message);
	return rc == SQLITE_OK ? 0 : translate(s, sqlite3_extended_errcode(s->db));
}

/* SQLite has ended the transaction that its owner believes in: what came now would be committed alone. */
static bool transaction_lost(const struct store *s)
{
	return s->begun && sqlite3_get_autocommit(s->db);
}

int store_script(struct store *db, const char *sql)
{
	if (transaction_lost(db))
		return E_UNAVAILABLE;
	return run_text(db, sql);
}

static int on_wal(void *self, sqlite3 *db, const char *name, int n_pages)
{
	(void)db;
	(void)name;
	((struct store *)self)->wal_pages = n_pages;
	return SQLITE_OK;
}

static int on_progress(void *self)
{
	struct store *s = self;
	return s->limit_at_ms && mono_ms() > s->limit_at_ms;
}

void store_limit_ms(struct store *db, int64_t ms)
{
	db->limit_at_ms = ms ? mono_ms() + ms : 0;
	sqlite3_progress_handler(db->db, ms ? 1000 : 0, ms ? on_progress : NULL, db);
}

/* The four marks, as this engine says them. */
static char *replace_marks(const char *sql)
{
	static const char *const marks[][2] = { { "{id}", "INTEGER PRIMARY KEY AUTOINCREMENT" },
						{ "{blob}", "BLOB" },
						{ "{strict}", "STRICT" },
						{ "{skip locked}", "" } };
	OWN(buffer) struct buffer out = { 0 };
	while (*sql) {
		size_t i = 0;
		while (i < COUNT_OF(marks) && strncmp(sql, marks[i][0], strlen(marks[i][0])))
			i++;
		int r = i < COUNT_OF(marks) ? buffer_puts(&out, marks[i][1]) : buffer_put(&out, sql, 1);
		if (r)
			return NULL;
		sql += i < COUNT_OF(marks) ? strlen(marks[i][0]) : 1;
	}
	return MOVE(out.data);
}

static int configure(struct store *s)
{
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_busy_timeout(s->db, s->read_only ? 1000 : BUSY_MS);
	char text[160];
	snprintf(text, sizeof(text), "PRAGMA cache_size=-%d; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA foreign_keys=ON;",
		 s->read_only ? 4096 : CACHE_KIB);
	int r = run_text(s, text);
	if (r || s->read_only)
		return r;
	r = run_text(s, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA cell_size_check=ON;");
	sqlite3_wal_hook(s->db, on_wal, s); /* after wal_autocheckpoint, which takes the hook away */
	return r;
}

static int create_schema(struct store *s)
{
	char text[120];
	snprintf(text, sizeof(text), "PRAGMA application_id=%d; PRAGMA user_version=%d;", STORE_APPLICATION_ID, STORE_SCHEMA);
	OWN(mem) char *tables = replace_marks(schema_0001_first), *views = replace_marks(schema_sqlite_views);
	if (!tables || !views)
		return E_NOMEM;
	int r = run_text(s, "BEGIN IMMEDIATE");
	if (!r)
		r = run_text(s, text);
	if (!r)
		r = run_text(s, tables);
	if (!r)
		r = run_text(s, views);
	if (!r)
		r = run_text(s, "COMMIT");
	return r;
}

static int check_schema(struct store *s, struct complaint *c)
{
	int64_t id = store_scalar(s, "PRAGMA application_id", -1), version = store_scalar(s, "PRAGMA user_version", -1);
	if (id < 0 || version < 0) {
		complaint_set(c, "", "damaged", "is damaged or no database; restore a backup: caunoi restore FILE");
		return E_CORRUPT;
	}
	if (id != STORE_APPLICATION_ID) {
		complaint_set(c, "", "foreign", "is no database of caunoi; restore a backup: caunoi restore FILE");
		return E_CORRUPT;
	}
	if (version > STORE_SCHEMA) {
		complaint_set(c, "", "newer", "has schema %lld, this release knows %d; install the newer release again",
			      (long long)version, STORE_SCHEMA);
		return E_NEWER;
	}
	if (version < 1 || store_scalar(s, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' OR (type = 'view' AND substr(name, 1, 2) <> 'v_')", -1) != 0 ||
	    store_scalar(s, "SELECT count(*) FROM meta", -1) < 0) {
		complaint_set(c, "", "foreign", "holds things that caunoi never makes; restore a backup: caunoi restore FILE");
		return E_CORRUPT;
	}
	return 0;
}

static int open_file(struct store *s, enum store_mode mode, struct complaint *c)
{
	struct stat st;
	bool there = lstat(s->file, &st) == 0;
	if (there && !S_ISREG(st.st_mode)) {
		complaint_set(c, "", "foreign", "is no regular file");
		return E_CORRUPT;
	}
	if (mode == STORE_CREATE && there) {
		complaint_set(c, "", "exists", "exists already");
		return E_EXISTS;
	}
	if (mode != STORE_CREATE && (!there || st.st_size == 0)) {
		complaint_set(c, "", "missing", "is missing or empty; restore a backup: caunoi restore FILE, or start anew: caunoi init");
		return E_CORRUPT;
	}
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW;
	flags |= s->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	if (mode == STORE_CREATE)
		flags |= SQLITE_OPEN_CREATE;
	mode_t before = umask(077);
	int rc = sqlite3_open_v2(s->file, &s->db, flags, NULL);
	umask(before);
	if (rc != SQLITE_OK) {
		complaint_set(c, "", "unreadable", "cannot be opened: %s", sqlite3_errstr(rc));
		return E_IO;
	}
	return 0;
}

/* One thread, and no counting of memory: both cost a lock at every allocation. Has no effect once SQLite is in use. */
static void configure_library(void)
{
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int store_open(const char *uri, const char *data_dir, enum store_mode mode, struct store **ret, struct complaint *c)
{
	if (strcmp(uri, "sqlite")) {
		complaint_set(c, "store", "unknown_engine", "this release knows store = \"sqlite\" only");
		return E_CONFIG;
	}
	configure_library();
	struct store *s = calloc(1, sizeof(*s));
	if (!s || asprintf(&s->file, "%s/caunoi.db", data_dir) < 0) {
		free(s);
		return E_NOMEM;
	}
	s->read_only = mode == STORE_READ_ONLY;
	snprintf(c->file, sizeof(c->file), "%s", s->file);
	int r = open_file(s, mode, c);
	if (!r && mode != STORE_CREATE)
		r = check_schema(s, c);
	if (!r)
		r = configure(s);
	if (!r && mode == STORE_CREATE)
		r = create_schema(s);
	if (r) {
		if (!c->text[0])
			complaint_set(c, "", "unreadable", "cannot be used: %s", s->db ? sqlite3_errmsg(s->db) : err_text(r));
		store_close(s);
		return r == E_BROKEN ? E_CORRUPT : r;
	}
	*ret = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_prepared; i++) {
		for (size_t k = 0; k < s->prepared[i].module->n_sql; k++)
			sqlite3_finalize(s->prepared[i].statements[k].st);
		free(s->prepared[i].statements);
	}
	sqlite3_close_v2(s->db);
	free(s->file);
	free(s);
}

bool store_in_transaction(const struct store *s)
{
	return !sqlite3_get_autocommit(s->db);
}

int store_begin(struct store *s)
{
	if (s->broken && !s->read_only)
		return E_BROKEN;
	int r = run_text(s, s->read_only ? "BEGIN" : "BEGIN IMMEDIATE");
	s->begun = r == 0;
	bool locked = !s->read_only && r == E_UNAVAILABLE;
	if (locked != s->locked) {
		/* patience once: what comes in while another program keeps the lock is refused at once */
		s->locked = locked;
		sqlite3_busy_timeout(s->db, locked ? BUSY_AGAIN_MS : BUSY_MS);
	}
	return r;
}

int store_commit(struct store *s)
{
	int r = transaction_lost(s) ? E_UNAVAILABLE : run_text(s, "COMMIT");
	if (r && !s->broken && store_in_transaction(s))
		store_rollback(s);
	s->begun = false;
	return r;
}

void store_rollback(struct store *s)
{
	if (store_in_transaction(s) && run_text(s, "ROLLBACK"))
		s->broken = true;
	s->begun = false;
}

void store_quiet(struct store *s)
{
	for (sqlite3_stmt *st = NULL; (st = sqlite3_next_stmt(s->db, st));)
		if (sqlite3_stmt_busy(st))
			sqlite3_reset(st);
	store_rollback(s);
}

int store_savepoint(struct store *s)
{
	return transaction_lost(s) ? E_UNAVAILABLE : run_text(s, "SAVEPOINT frame");
}

int store_savepoint_undo(struct store *s)
{
	return transaction_lost(s) ? E_UNAVAILABLE : run_text(s, "ROLLBACK TO frame; RELEASE frame");
}

int store_savepoint_keep(struct store *s)
{
	return transaction_lost(s) ? E_UNAVAILABLE : run_text(s, "RELEASE frame");
}

static struct prepared *module_of(struct store *s, const struct sql_module *m)
{
	for (size_t i = 0; i < s->n_prepared; i++)
		if (s->prepared[i].module == m)
			return &s->prepared[i];
	if (s->n_prepared == MODULES_MAX)
		return NULL;
	struct prepared *p = &s->prepared[s->n_prepared];
	*p = (struct prepared){ .module = m, .statements = calloc(m->n_sql, sizeof(*p->statements)) };
	if (!p->statements)
		return NULL;
	s->n_prepared++;
	return p;
}

int sqlite_prepare(struct store *s, const char *sql, unsigned flags, sqlite3_stmt **ret)
{
	OWN(mem) char *text = strchr(sql, '{') ? replace_marks(sql) : NULL;
	int rc = sqlite3_prepare_v3(s->db, text ? text : sql, -1, flags, ret, NULL);
	if (rc != SQLITE_OK)
		log_error("store.prepare", "error=%s sql=%.200s", sqlite3_errmsg(s->db), sql);
	return rc;
}

/* Stands for a statement that could not be prepared, so that callers need one check only: in store_row. */
static struct statement *broken_statement(struct statement *st, struct store *s, const char *name)
{
	*st = (struct statement){ .db = s, .name = name };
	return st;
}

struct statement *store_prepare(struct store *s, const struct sql_module *m, size_t index)
{
	struct prepared *p = module_of(s, m);
	if (!p)
		abort();
	struct statement *st = &p->statements[index];
	if (!st->st) {
		if (sqlite_prepare(s, m->sql[index], SQLITE_PREPARE_PERSISTENT, &st->st) != SQLITE_OK)
			return broken_statement(st, s, m->name);
		st->db = s;
		st->name = m->name;
	} else {
		sqlite3_reset(st->st);
		sqlite3_clear_bindings(st->st);
	}
	return st;
}

struct statement *store_prepare_text(struct store *s, const char *sql)
{
	struct statement *st = calloc(1, sizeof(*st));
	if (!st)
		abort();
	broken_statement(st, s, "text");
	if (sqlite_prepare(s, sql, 0, &st->st) != SQLITE_OK)
		st->st = NULL;
	return st;
}

void store_drop(struct statement *st)
{
	if (!st)
		return;
	sqlite3_finalize(st->st);
	free(st);
}

static int place(struct statement *st, const char *name)
{
	for (int k = 0; k < st->n_names; k++)
		if (st->names[k].text == name)
			return st->names[k].place;
	int i = st->st ? sqlite3_bind_parameter_index(st->st, name) : 0;
	if (!i)
		log_error("store.bind", "module=%s unknown=%s", st->name, name);
	else if (st->n_names < NAMES_MAX)
		st->names[st->n_names++] = (__typeof__(st->names[0])){ name, i };
	return i;
}

void bind_int(struct statement *st, const char *name, int64_t value)
{
	sqlite3_bind_int64(st->st, place(st, name), value);
}

void bind_real(struct statement *st, const char *name, double value)
{
	sqlite3_bind_double(st->st, place(st, name), value);
}

void bind_text(struct statement *st, const char *name, const char *value)
{
	sqlite3_bind_text(st->st, place(st, name), value, -1, SQLITE_STATIC);
}

void bind_blob(struct statement *st, const char *name, const void *data, size_t n_bytes)
{
	sqlite3_bind_blob64(st->st, place(st, name), data, n_bytes, SQLITE_STATIC);
}

void bind_null(struct statement *st, const char *name)
{
	sqlite3_bind_null(st->st, place(st, name));
}

int store_row(struct statement *st)
{
	if (!st->st)
		return E_INVALID;
	if (transaction_lost(st->db))
		return E_UNAVAILABLE;
	int rc = sqlite3_step(st->st);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE && rc != SQLITE_CONSTRAINT_UNIQUE && rc != SQLITE_CONSTRAINT_PRIMARYKEY)
		log_warn("store.row", "module=%s rc=%d error=%s", st->name, rc, sqlite3_errstr(rc));
	return translate(st->db, rc);
}

int store_run(struct statement *st)
{
	int r;
	do
		r = store_row(st);
	while (r > 0);
	store_reset(st);
	return r;
}

void store_reset(struct statement *st)
{
	if (!st->st)
		return;
	sqlite3_reset(st->st);
	sqlite3_clear_bindings(st->st);
}

int64_t store_changes(struct store *s)
{
	return sqlite3_changes64(s->db);
}

int64_t store_last_id(struct store *s)
{
	return sqlite3_last_insert_rowid(s->db);
}

int64_t store_total_changes(struct store *s)
{
	return sqlite3_total_changes64(s->db);
}

int64_t column_int(struct statement *st, int i)
{
	return sqlite3_column_int64(st->st, i);
}

double column_real(struct statement *st, int i)
{
	return sqlite3_column_double(st->st, i);
}

const char *column_text(struct statement *st, int i)
{
	return (const char *)sqlite3_column_text(st->st, i);
}

const void *column_blob(struct statement *st, int i, size_t *ret_bytes)
{
	const void *data = sqlite3_column_blob(st->st, i);
	*ret_bytes = (size_t)sqlite3_column_bytes(st->st, i);
	return data;
}

bool column_null(struct statement *st, int i)
{
	return sqlite3_column_type(st->st, i) == SQLITE_NULL;
}

int store_columns(struct statement *st)
{
	return st->st ? sqlite3_column_count(st->st) : 0;
}

const char *column_name(struct statement *st, int i)
{
	return sqlite3_column_name(st->st, i);
}

int64_t store_scalar(struct store *s, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *st = NULL;
	int64_t value = otherwise;
	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		value = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return value;
}

int64_t store_wal_bytes(struct store *s)
{
	return s->wal_pages * 4096;
}

int store_checkpoint(struct store *s, bool truncate)
{
	int log = 0, done = 0;
	sqlite3_busy_timeout(s->db, truncate ? 200 : 0);
	int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, &log, &done);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	if (rc == SQLITE_OK && log == done)
		s->wal_pages = 0;
	return (rc & 0xff) == SQLITE_BUSY ? E_AGAIN : translate(s, rc);
}

int store_copy(struct store *s, const char *file)
{
	sqlite3_stmt *st = NULL;
	if (sqlite3_prepare_v2(s->db, "VACUUM INTO $file", -1, &st, NULL) != SQLITE_OK)
		return E_INVALID;
	sqlite3_bind_text(st, 1, file, -1, SQLITE_STATIC);
	int rc = sqlite3_step(st);
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : rc == SQLITE_FULL ? E_UNAVAILABLE : E_IO;
}

void store_seed(struct random *r)
{
	uint32_t seed;
	random_fill(r, &seed, sizeof(seed));
	sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)(seed | 1), NULL);
}

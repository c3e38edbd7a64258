/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening a database on SQLite: the file as it is found, the settings of the connection, a new schema, the log of a past life. Called by
 * store.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/log.h"
#include "gateway/base/mutant.h"
#include "gateway/base/own.h"
#include "gateway/store/schema.h"
#include "gateway/store/sqlite.h"

#define CACHE_KIB 14336
#define CACHE_READ_KIB 3072 /* of the query process, which has the word lists besides */

static int run(struct sqlite *s, const char *sql)
{
	return store_script(&s->base, sql);
}

static int configure(struct sqlite *s)
{
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_busy_timeout(s->db, s->read_only ? 1000 : SQLITE_BUSY_MS);
	char text[160];
	snprintf(text, sizeof(text), "PRAGMA cache_size=-%d; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA foreign_keys=ON;",
		 s->read_only ? CACHE_READ_KIB : CACHE_KIB);
	int r = run(s, text);
	if (r || s->read_only)
		return r;
	r = run(s, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA cell_size_check=ON;");
	if (!r && MUTANT(COMMIT_UNSYNCED))
		r = run(s, "PRAGMA synchronous=NORMAL");
	sqlite3_wal_hook(s->db, sqlite_on_wal, s); /* after wal_autocheckpoint, which takes the hook away */
	return r;
}

static int create_schema(struct sqlite *s, const char *schema)
{
	char text[120];
	snprintf(text, sizeof(text), "PRAGMA application_id=%d; PRAGMA user_version=%d;", STORE_APPLICATION_ID, STORE_SCHEMA);
	OWN(mem) char *tables = sqlite_marked(schema ? schema : schema_0001_first), *views = sqlite_marked(schema ? "" : schema_sqlite_views);
	if (!tables || !views)
		return E_NOMEM;
	int r = run(s, "BEGIN IMMEDIATE");
	if (!r)
		r = run(s, text);
	if (!r)
		r = run(s, tables);
	if (!r)
		r = run(s, views);
	if (!r)
		r = run(s, "COMMIT");
	return r;
}

static int check_schema(struct sqlite *s, bool small, struct complaint *c)
{
	int64_t id = store_scalar(&s->base, "PRAGMA application_id", -1), version = store_scalar(&s->base, "PRAGMA user_version", -1);
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
	if (small)
		return 0;
	if (version < 1 || store_scalar(&s->base, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' OR (type = 'view' AND substr(name, 1, 2) <> 'v_')", -1) != 0 ||
	    store_scalar(&s->base, "SELECT count(*) FROM meta", -1) < 0) {
		complaint_set(c, "", "foreign", "holds things that caunoi never makes; restore a backup: caunoi restore FILE");
		return E_CORRUPT;
	}
	return 0;
}

/* A small file whose making was cut short: no table is there, so nothing was ever promised. */
static bool is_unfinished(struct sqlite *s)
{
	return store_scalar(&s->base, "PRAGMA application_id", -1) == 0 && store_scalar(&s->base, "SELECT count(*) FROM sqlite_schema", -1) == 0;
}

static int open_file(struct sqlite *s, enum store_mode mode, bool small, struct complaint *c)
{
	struct stat st;
	bool there = lstat(s->file, &st) == 0;
	if (there && !S_ISREG(st.st_mode)) {
		complaint_set(c, "", "foreign", "is no regular file");
		return E_CORRUPT;
	}
	if (there && !s->read_only && st.st_nlink != 1) {
		complaint_set(c, "", "foreign", "has a second name (a hard link), under which somebody else may write it; remove that");
		return E_CORRUPT;
	}
	if (mode == STORE_CREATE && there) {
		complaint_set(c, "", "exists", "exists already");
		return E_EXISTS;
	}
	if (mode != STORE_CREATE && (!there || (st.st_size == 0 && !small))) {
		complaint_set(c, "", there ? "empty" : "missing", there ? "is empty; restore a backup: caunoi restore FILE"
			      : "is missing; restore a backup: caunoi restore FILE, or start anew: caunoi init");
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

/* What the log holds goes into the database, and a new log is begun before anything more is promised. A reader or a full disk is no
 * obstacle. */
static int begin_log(struct sqlite *s)
{
	int r = store_checkpoint(&s->base, true);
	return r == E_AGAIN || r == E_UNAVAILABLE ? 0 : r;
}

int sqlite_open(const char *file, enum store_mode mode, const char *schema, struct store **ret, struct complaint *c)
{
	configure_library();
	struct sqlite *s = calloc(1, sizeof(*s));
	if (!s || !(s->file = strdup(file))) {
		free(s);
		return E_NOMEM;
	}
	s->base.ops = &sqlite_ops;
	s->read_only = mode == STORE_READ_ONLY;
	if (schema && access(file, F_OK))
		mode = STORE_CREATE;
	snprintf(c->file, sizeof(c->file), "%s", file);
	int r = mode == STORE_READ_WRITE ? sqlite_log_renew(file) : 0;
	if (!r)
		r = open_file(s, mode, schema != NULL, c);
	bool make = mode == STORE_CREATE || (!r && schema && is_unfinished(s));
	if (!r && !make)
		r = check_schema(s, schema != NULL, c);
	if (!r)
		r = configure(s);
	if (!r && mode == STORE_READ_WRITE)
		r = begin_log(s);
	if (!r && make)
		r = create_schema(s, schema);
	if (!r && mode == STORE_READ_WRITE && !schema)
		r = sqlite_upgrade(s, c);
	if (!r && !s->read_only)
		r = sqlite_names_sync(file);
	if (r) {
		if (!c->text[0])
			complaint_set(c, "", "unreadable", "cannot be used: %s", s->db ? sqlite3_errmsg(s->db) : err_text(r));
		store_close(&s->base);
		return r == E_BROKEN ? E_CORRUPT : r;
	}
	*ret = &s->base;
	return 0;
}

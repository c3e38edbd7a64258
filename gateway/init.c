/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making a data folder. Called by main through local.c. A database file is made in a folder of its own inside and moved into
 * place last, so that an init cut short is told from a database that has gone: only the first may be begun again. A database
 * on a server is made once; with the same key a second machine joins it. */
#include "gateway/init.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/account.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/seal.h"
#include "gateway/folder.h"
#include "gateway/lock.h"
#include "gateway/moved.h"
#include "gateway/store/store.h"
#include "gateway/token.h"

#define HOUR_MS ((int64_t)60 * 60 * 1000)

enum { INIT_META, INIT_NODE, INIT_FINGERPRINT, INIT_SQL_COUNT };
static const char *const init_sql[INIT_SQL_COUNT] = {
	[INIT_META] = "INSERT INTO meta (one, schema, oldest_reader, instance, created_at, fingerprint) "
		      "VALUES (1, $schema, 1, $instance, $now, $fingerprint)",
	[INIT_NODE] = "INSERT INTO node (name, epoch, recovered, tick, seq, now_at) VALUES ('main', 0, 1, 0, 0, $now)",
	[INIT_FINGERPRINT] = "SELECT fingerprint FROM meta",
};
const struct sql_module init_module = { "init", init_sql, INIT_SQL_COUNT };

struct paths {
	char *key, *db, *temporary, *temporary_db;
};

static void paths_done(struct paths *p)
{
	free(p->key);
	free(p->db);
	free(p->temporary);
	free(p->temporary_db);
}

static char *join(const char *folder, const char *name)
{
	char *path = NULL;
	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static int paths_init(struct paths *p, const char *data_dir)
{
	*p = (struct paths){ join(data_dir, "identity.key"), join(data_dir, "caunoi.db"), join(data_dir, "init.tmp"),
			     join(data_dir, "init.tmp/caunoi.db") };
	return p->key && p->db && p->temporary && p->temporary_db ? 0 : E_NOMEM;
}

static bool there(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

static int lost(struct complaint *c, const char *file, const char *rule, const char *text)
{
	snprintf(c->file, sizeof(c->file), "%s", file);
	complaint_set(c, "", rule, "%s", text);
	return E_CORRUPT;
}

static int check(const struct paths *p, struct complaint *c)
{
	bool key = there(p->key), db = there(p->db);
	if (key && db)
		return 0;
	if (key && !there(p->temporary))
		return lost(c, p->db, "missing", "is missing although its key is there; restore a backup: caunoi restore FILE");
	if (db)
		return lost(c, p->key, "missing", "is missing although its database is there; put it back from where the keys are kept");
	return E_NOT_FOUND;
}

static int state_of(const struct config *cfg, const struct paths *p, struct complaint *c)
{
	if (store_is_shared(cfg->store))
		return there(p->key) ? 0 : E_NOT_FOUND;
	return check(p, c);
}

int init_check(const struct config *cfg, struct complaint *c)
{
	struct paths p;
	int r = paths_init(&p, cfg->data_dir);
	if (!r)
		r = state_of(cfg, &p, c);
	if (!r && !store_is_shared(cfg->store))
		r = moved_check(cfg->data_dir, c);
	paths_done(&p);
	return r;
}

static void fingerprint_of(const struct seal *seal, uint8_t ret[32])
{
	seal_derive(seal, "fingerprint", ret);
}

int init_check_key(struct store *db, const struct seal *seal, const char *data_dir, struct complaint *c)
{
	uint8_t mine[32];
	size_t n = 0;
	fingerprint_of(seal, mine);
	struct statement *st = store_prepare(db, &init_module, INIT_FINGERPRINT);
	int r = store_row(st);
	const void *theirs = r > 0 ? column_blob(st, 0, &n) : NULL;
	bool same = theirs && n == sizeof(mine) && !memcmp(theirs, mine, n);
	store_reset(st);
	if (r == 0)
		return E_NOT_FOUND;
	if (r < 0 || same)
		return r < 0 ? r : 0;
	snprintf(c->file, sizeof(c->file), "%s/identity.key", data_dir);
	complaint_set(c, "", "other_key", "is another key than the database was made with; copy identity.key from a machine that serves this "
		      "database (mode 0600) in its place");
	return E_CORRUPT;
}

static int put_rows(struct tick *t)
{
	uint8_t id[4];
	char instance[9];
	uint8_t fingerprint[32];
	random_fill(t->in.random, id, sizeof(id));
	fingerprint_of(t->in.seal, fingerprint);
	snprintf(instance, sizeof(instance), "%02x%02x%02x%02x", id[0], id[1], id[2], id[3]);
	struct statement *st = store_prepare(t->in.db, &init_module, INIT_META);
	bind_int(st, "$schema", STORE_SCHEMA);
	bind_text(st, "$instance", instance);
	bind_int(st, "$now", t->in.now_ms);
	bind_blob(st, "$fingerprint", fingerprint, sizeof(fingerprint));
	int r = store_run(st);
	if (r)
		return r;
	st = store_prepare(t->in.db, &init_module, INIT_NODE);
	bind_int(st, "$now", t->in.now_ms);
	return store_run(st);
}

static int put_admin(struct tick *t, char ret_login[TOKEN_BYTES])
{
	int64_t account, token;
	int r = account_new(t, "admin", ROLE_ADMINISTRATOR, "", &account);
	if (!r)
		r = token_new(t, account, "first login", "login", t->in.now_ms + TOKEN_LOGIN_HOURS * HOUR_MS, ret_login, &token);
	return r ? r : audit_put(t, "init", "user.add", "user:admin", "administrator");
}

static int fill(struct tick *t, char ret_login[TOKEN_BYTES])
{
	int r = store_begin(t->in.db);
	if (!r)
		r = put_rows(t);
	if (!r)
		r = put_admin(t, ret_login);
	if (!r)
		r = store_commit(t->in.db);
	if (r)
		store_rollback(t->in.db);
	return r;
}

static struct tick tick_of(const struct local *l, struct store *db, const struct seal *seal)
{
	return (struct tick){ .in = { .db = db, .config = l->config, .seal = seal, .random = l->random, .now_ms = clock_now_ms(l->clock) } };
}

static int make_database(const struct local *l, const struct paths *p, char ret_login[TOKEN_BYTES], struct complaint *c)
{
	struct seal *seal = NULL;
	struct store *db = NULL;
	int r = seal_open(p->key, &seal);
	if (r)
		return lost(c, p->key, "damaged", "cannot be used as an identity key (damaged, or open to others)");
	r = store_open(l->config->store, p->temporary, STORE_CREATE, &db, c);
	struct tick t = tick_of(l, db, seal);
	if (!r)
		r = fill(&t, ret_login);
	store_close(db);
	seal_free(seal);
	return r;
}

static int make(const struct local *l, const struct paths *p, char ret_login[TOKEN_BYTES], struct complaint *c)
{
	folder_drop_temporary(p->temporary);
	int r = folder_make(p->temporary);
	if (!r && !there(p->key))
		r = seal_create(p->key, l->random);
	if (!r)
		r = make_database(l, p, ret_login, c);
	if (!r)
		r = folder_sync_file(p->temporary_db);
	if (!r && rename(p->temporary_db, p->db))
		r = E_IO;
	if (!r)
		r = folder_sync(l->config->data_dir);
	if (!r)
		folder_drop_temporary(p->temporary);
	return r;
}

/* ---- a database on a server ---- */

static int open_shared(const struct local *l, struct store **ret, struct complaint *c)
{
	int r = store_open(l->config->store, l->config->data_dir, STORE_CREATE, ret, c);
	if (r != E_EXISTS)
		return r;
	*c = (struct complaint){ 0 };
	return store_open(l->config->store, l->config->data_dir, STORE_READ_WRITE, ret, c);
}

static int needs_key(const struct paths *p, struct complaint *c)
{
	return lost(c, p->key, "key_needed", "is missing, and the database is in use already; copy identity.key from a machine that serves it "
		    "(mode 0600), then run caunoi init again");
}

/* The key is on the disk before the database holds anything that needs it; rows without their fingerprint are an init cut short. */
static int make_shared(const struct local *l, const struct paths *p, char ret_login[TOKEN_BYTES], bool *ret_made, struct complaint *c)
{
	struct store *db = NULL;
	struct seal *seal = NULL;
	int r = open_shared(l, &db, c);
	bool used = !r && store_scalar(db, "SELECT count(*) FROM meta", 0) > 0;
	if (!r && used && !there(p->key))
		r = needs_key(p, c);
	if (!r && !there(p->key))
		r = seal_create(p->key, l->random);
	if (!r)
		r = folder_sync(l->config->data_dir);
	if (!r && seal_open(p->key, &seal))
		r = lost(c, p->key, "damaged", "cannot be used as an identity key (damaged, or open to others)");
	struct tick t = tick_of(l, db, seal);
	if (!r)
		r = used ? init_check_key(db, seal, l->config->data_dir, c) : fill(&t, ret_login);
	if (!r)
		*ret_made = !used;
	store_close(db);
	seal_free(seal);
	return r;
}

static int open_folder(const char *data_dir, struct complaint *c)
{
	int r = folder_make(data_dir);
	if (r) {
		snprintf(c->file, sizeof(c->file), "%s", data_dir);
		complaint_set(c, "", "unwritable", "cannot be made");
		return r;
	}
	struct stat st;
	if (lstat(data_dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & 077) && chmod(data_dir, 0700))
		return E_IO;
	return lock_check_folder(data_dir, c);
}

static json_t *outcome(const struct local *l, const char *login)
{
	return json_pack("{s:s,s:b,s:s?,s:s?}", "data_dir", l->config->data_dir, "changed", login != NULL, "user", login ? "admin" : NULL,
			 "login", login);
}

/* What is there is left alone, but not called good when no core could use it. */
static int check_database(const struct config *cfg, struct complaint *c)
{
	struct store *db = NULL;
	int r = store_open(cfg->store, cfg->data_dir, STORE_READ_ONLY, &db, c);
	store_close(db);
	return r;
}

/* *ret_made: there was nothing yet, and the first administrator may log in with ret_login. */
static int make_any(const struct local *l, const struct paths *p, char ret_login[TOKEN_BYTES], bool *ret_made, struct complaint *c)
{
	bool shared = store_is_shared(l->config->store);
	int fd = -1, r = state_of(l->config, p, c);
	bool made = !shared && r == E_NOT_FOUND;
	if (!made && !shared)
		return r ? r : check_database(l->config, c);
	r = lock_take(l->config->data_dir, &fd, c);
	if (r == E_EXISTS && shared && there(p->key)) {
		*c = (struct complaint){ 0 }; /* a core runs here: there is nothing left to make */
		r = 0;
	} else if (!r) {
		r = shared ? make_shared(l, p, ret_login, &made, c) : make(l, p, ret_login, c);
	}
	if (fd >= 0)
		close(fd);
	*ret_made = made;
	return r;
}

int init_run(const struct local *l, const json_t *args, json_t **ret, struct complaint *c)
{
	(void)args;
	struct paths p;
	char login[TOKEN_BYTES];
	bool made = false;
	int r = paths_init(&p, l->config->data_dir);
	if (!r)
		r = open_folder(l->config->data_dir, c);
	if (!r)
		r = make_any(l, &p, login, &made, c);
	paths_done(&p);
	if (r)
		return r;
	*ret = outcome(l, made ? login : NULL);
	return *ret ? 0 : E_NOMEM;
}

static const struct verb verbs[] = {
	{ .noun = "", .name = "init", .kind = VERB_LOCAL, .roles = R_(OPERATOR), .help_en = "make data folder, keys and the first administrator",
	  .help_vi = "tạo thư mục dữ liệu, khóa và quản trị viên đầu tiên" },
};
const struct verb_table init_verbs = VERB_TABLE(verbs);

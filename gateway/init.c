/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making a data folder. Called by main through local.c. The database is made in a folder of its own inside and moved into
 * place last, so that an init cut short is told from a database that has gone: only the first may be begun again. */
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
#include "gateway/store/store.h"
#include "gateway/token.h"

#define HOUR_MS ((int64_t)60 * 60 * 1000)

enum { INIT_META, INIT_NODE, INIT_SQL_COUNT };
static const char *const init_sql[INIT_SQL_COUNT] = {
	[INIT_META] = "INSERT INTO meta (one, schema, oldest_reader, instance, created_at) VALUES (1, $schema, 1, $instance, $now)",
	[INIT_NODE] = "INSERT INTO node (name, epoch, recovered, tick, seq, now_at) VALUES ('main', 0, 1, 0, 0, $now)",
};
static const struct sql_module init_module = { "init", init_sql, INIT_SQL_COUNT };

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

int init_check(const char *data_dir, struct complaint *c)
{
	struct paths p;
	int r = paths_init(&p, data_dir);
	if (!r)
		r = check(&p, c);
	paths_done(&p);
	return r;
}

static int put_rows(struct tick *t)
{
	uint8_t id[4];
	char instance[9];
	random_fill(t->in.random, id, sizeof(id));
	snprintf(instance, sizeof(instance), "%02x%02x%02x%02x", id[0], id[1], id[2], id[3]);
	struct statement *st = store_prepare(t->in.db, &init_module, INIT_META);
	bind_int(st, "$schema", STORE_SCHEMA);
	bind_text(st, "$instance", instance);
	bind_int(st, "$now", t->in.now_ms);
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

static int make_database(const struct local *l, const struct paths *p, char ret_login[TOKEN_BYTES], struct complaint *c)
{
	struct seal *seal = NULL;
	struct store *db = NULL;
	int r = seal_open(p->key, &seal);
	if (r)
		return lost(c, p->key, "damaged", "cannot be used as an identity key (damaged, or open to others)");
	r = store_open(l->config->store, p->temporary, STORE_CREATE, &db, c);
	struct tick t = { .in = { .db = db, .config = l->config, .seal = seal, .random = l->random, .now_ms = clock_now_ms(l->clock) } };
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

int init_run(const struct local *l, const json_t *args, json_t **ret, struct complaint *c)
{
	(void)args;
	struct paths p;
	char login[TOKEN_BYTES];
	int fd = -1;
	int r = paths_init(&p, l->config->data_dir);
	if (!r)
		r = open_folder(l->config->data_dir, c);
	int state = r ? r : check(&p, c);
	if (!r && state == E_NOT_FOUND) {
		r = lock_take(l->config->data_dir, &fd, c);
		if (!r)
			r = make(l, &p, login, c);
	} else if (!r) {
		r = state;
	}
	if (fd >= 0)
		close(fd);
	paths_done(&p);
	if (r)
		return r;
	*ret = outcome(l, state == E_NOT_FOUND ? login : NULL);
	return *ret ? 0 : E_NOMEM;
}

static const struct verb verbs[] = {
	{ .noun = "", .name = "init", .kind = VERB_LOCAL, .roles = R_(OPERATOR), .help_en = "make data folder, keys and the first administrator",
	  .help_vi = "tạo thư mục dữ liệu, khóa và quản trị viên đầu tiên" },
};
const struct verb_table init_verbs = VERB_TABLE(verbs);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backups. As a command the query process is asked, which starts a child of its own for it: neither the core's loop nor
 * queries stand still. Without a core, main runs the same function. Never touches the live database but to read. */
#include "gateway/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/folder.h"
#include "gateway/migrate.h"
#include "gateway/moved.h"
#include "gateway/restore.h"
#include "gateway/store/store.h"
#include "gateway/vault.h"

#define TEMPORARY "backup.tmp-"
#define ASK_LIMIT_MS (15 * 60 * 1000)
#define APPLICATION_ID_AT 68 /* SQLite's file header */

enum backup_sql { BACKUP_DONE, BACKUP_SQL_COUNT };
static const char *const backup_sql[BACKUP_SQL_COUNT] = {
	[BACKUP_DONE] = "UPDATE meta SET backed_up_at = $now WHERE one = 1",
};
static const struct sql_module backup_module = { "backup", backup_sql, BACKUP_SQL_COUNT };

static int complain(struct complaint *c, int err, const char *file, const char *rule, const char *text)
{
	if (c->text[0])
		return err;
	snprintf(c->file, sizeof(c->file), "%s", file);
	complaint_set(c, "", rule, "%s", text);
	return err;
}

static bool is_backup(const char *file)
{
	if (vault_is_sealed(file))
		return true;
	OWN(fd) int fd = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	uint8_t id[4];
	if (fd < 0 || pread(fd, id, sizeof(id), APPLICATION_ID_AT) != (ssize_t)sizeof(id))
		return false;
	return ((uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3]) == STORE_APPLICATION_ID;
}

static int check_place(const struct config *cfg, const char *file, const char *folder, struct complaint *c)
{
	struct stat st;
	if (stat(folder, &st) || !S_ISDIR(st.st_mode))
		return complain(c, E_IO, folder, "missing", "is no folder that can be reached");
	if (folder_same(folder, cfg->data_dir))
		return complain(c, E_REFUSED, file, "data_folder", "lies in the data folder; a backup belongs on another disk");
	if (lstat(file, &st) == 0 && !is_backup(file))
		return complain(c, E_EXISTS, file, "exists", "exists and is no backup; it is left alone");
	return 0;
}

static int copy(const struct config *cfg, const char *to, struct complaint *c)
{
	struct store *db = NULL;
	int r = store_is_shared(cfg->store) ? 0 : moved_check(cfg->data_dir, c);
	if (!r)
		r = store_open(cfg->store, cfg->data_dir, STORE_READ_ONLY, &db, c);
	if (!r)
		r = store_copy(db, to);
	store_close(db);
	if (r)
		return complain(c, r, to, "unwritable", "cannot be written");
	return chmod(to, 0600) ? E_IO : folder_sync_file(to);
}

/* Into a folder beside the file first: what is found under the name asked for is always a whole, checked copy. */
static int write_beside(const struct config *cfg, const char *file, const char *folder, const char *temporary, struct complaint *c)
{
	OWN(mem) char *made = NULL;
	if (asprintf(&made, "%s/caunoi.db", temporary) < 0)
		return E_NOMEM;
	int r = copy(cfg, made, c);
	if (!r)
		r = restore_verify(temporary, false, NULL, c);
	if (!r && rename(made, file))
		r = complain(c, E_IO, file, "unwritable", strerror(errno));
	return r ? r : folder_sync(folder);
}

/* The plain copy stays where the database is; only what is sealed reaches the other disk. */
static int write_sealed(const struct config *cfg, const char *file, const char *folder, struct random *random, struct complaint *c)
{
	OWN(mem) char *temporary = NULL, *made = NULL, *sealed = NULL;
	OWN(fd) int held = -1;
	folder_sweep(cfg->data_dir, TEMPORARY);
	if (asprintf(&sealed, "%s.tmp-sealed", file) < 0)
		return E_NOMEM;
	int r = folder_temporary(cfg->data_dir, TEMPORARY, &temporary, &held);
	if (r)
		return complain(c, r, cfg->data_dir, "unwritable", strerror(errno));
	if (asprintf(&made, "%s/caunoi.db", temporary) < 0)
		return E_NOMEM;
	(void)unlink(sealed); /* of a call that was killed */
	r = copy(cfg, made, c);
	if (!r)
		r = restore_verify(temporary, false, NULL, c);
	if (!r && (r = vault_seal(made, sealed, cfg->backup.public_key, random)))
		complain(c, r, file, r == E_INVALID ? "bad_key" : "unwritable", r == E_INVALID ? "backup.public_key is no key" : "cannot be written");
	if (!r && rename(sealed, file))
		r = complain(c, E_IO, file, "unwritable", strerror(errno));
	(void)unlink(sealed);
	folder_drop_temporary(temporary);
	return r ? r : folder_sync(folder);
}

static int write_plain(const struct config *cfg, const char *file, const char *folder, struct complaint *c)
{
	const char *slash = strrchr(file, '/');
	OWN(mem) char *temporary = NULL, *prefix = NULL;
	OWN(fd) int held = -1;
	if (asprintf(&prefix, "%s.tmp-", slash ? slash + 1 : file) < 0) {
		prefix = NULL;
		return E_NOMEM;
	}
	folder_sweep(folder, prefix);
	int r = folder_temporary(folder, prefix, &temporary, &held);
	if (r)
		return complain(c, r, file, "unwritable", strerror(errno));
	r = write_beside(cfg, file, folder, temporary, c);
	folder_drop_temporary(temporary);
	return r;
}

void backup_tidy(const char *data_dir)
{
	static const char *const prefixes[] = { TEMPORARY, "restore.tmp", "migrate.tmp" };
	for (size_t i = 0; i < COUNT_OF(prefixes); i++)
		folder_sweep(data_dir, prefixes[i]);
}

int backup_write(const struct config *cfg, const char *file, struct random *random, struct complaint *c)
{
	OWN(mem) char *folder = folder_of(file);
	if (!folder)
		return E_NOMEM;
	int r = check_place(cfg, file, folder, c);
	if (r)
		return r;
	return *cfg->backup.public_key ? write_sealed(cfg, file, folder, random, c) : write_plain(cfg, file, folder, c);
}

int backup_key_run(const struct local *l, const json_t *args, json_t **ret, struct complaint *c)
{
	const char *file = json_str(args, "file", "");
	char public[VAULT_KEY_CHARS + 1];
	int r = vault_key_new(file, l->random, public);
	if (r)
		return complain(c, r, file, r == E_EXISTS ? "exists" : "unwritable", r == E_EXISTS ? "is there already; it is left alone" : "cannot be written");
	*ret = json_pack("{s:s,s:s}", "file", file, "public_key", public);
	return *ret ? 0 : E_NOMEM;
}

int backup_run(const struct local *l, const json_t *args, json_t **ret, struct complaint *c)
{
	const char *file = json_str(args, "file", "");
	int r = backup_write(l->config, file, l->random, c);
	if (r)
		return r;
	OWN(mem) char *full = realpath(file, NULL);
	*ret = json_pack("{s:s}", "file", full ? full : file);
	return *ret ? 0 : E_NOMEM;
}

int backup_check_run(const struct local *l, const json_t *args, json_t **ret, struct complaint *c)
{
	(void)args;
	struct store *db = NULL;
	char found[2048];
	int r = store_open(l->config->store, l->config->data_dir, STORE_READ_ONLY, &db, c);
	if (r)
		return r;
	int n = store_check(db, true, found, sizeof(found));
	store_close(db);
	if (n) {
		found[strcspn(found, "\n")] = '\0';
		complaint_set(c, "", "damaged", "%d problems, the first: %.200s; restore a backup: caunoi restore FILE", n, found);
		return E_CORRUPT;
	}
	*ret = json_pack("{s:b,s:[]}", "ok", 1, "problems");
	return *ret ? 0 : E_NOMEM;
}

/* ---- backup as a command of a running core ---- */

static int note_done(struct tick *t)
{
	struct statement *st = store_prepare(t->in.db, &backup_module, BACKUP_DONE);
	bind_int(st, "$now", t->in.now_ms);
	return store_run(st);
}

static int written(struct tick *t, const struct call *c, const json_t *answer, json_t **ret, struct refusal *why)
{
	const json_t *result = json_object_get(answer, "result");
	const char *file = json_str(result, "file", NULL);
	if (!file)
		return refuse(why, E_REFUSED, 409, json_str(result, "rule", "backup"), "file", "%s",
			      json_str(result, "text", "The backup was not written."));
	int r = audit_put(t, c->actor, "backup", "backup", file);
	r = r ? r : note_done(t);
	if (r)
		return r;
	*ret = json_pack("{s:s}", "file", file);
	return *ret ? 0 : E_NOMEM;
}

static int backup_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	(void)ret;
	const char *file = json_str(c->args, "file", "");
	if (file[0] != '/')
		return refuse(why, E_INVALID, 422, "relative_path", "file", "file must be an absolute path.");
	json_t *frame = json_pack("{s:s,s:s}", "op", "backup", "file", file);
	return frame ? tick_ask(t, c, NULL, frame, ASK_LIMIT_MS, written) : E_NOMEM;
}

static const struct verb_arg backup_args[] = {
	{ .name = "file", .type = ARG_TEXT, .rank = 1, .required = true, .min = 1, .max = 4096, .help_en = "file to write",
	  .help_vi = "tệp sẽ ghi" },
};
static const struct verb_arg restore_args[] = {
	{ .name = "file", .type = ARG_TEXT, .rank = 1, .required = true, .min = 1, .max = 4096, .help_en = "backup to restore",
	  .help_vi = "bản sao lưu cần khôi phục" },
	{ .name = "key-file", .type = ARG_TEXT, .max = 4096, .help_en = "secret key, where the backup is encrypted", .help_vi = "tệp khóa bí mật, nếu bản sao được mã hóa" },
};
static const struct verb_arg key_args[] = {
	{ .name = "file", .type = ARG_TEXT, .rank = 1, .required = true, .min = 1, .max = 4096, .help_en = "new file for the secret key; keep it elsewhere",
	  .help_vi = "tệp mới cho khóa bí mật; cất ở nơi khác" },
};

static const struct verb_arg migrate_args[] = {
	{ .name = "to", .type = ARG_TEXT, .required = true, .min = 1, .max = 1000, .help_en = "postgresql://USER@HOST/DATABASE (empty), or sqlite",
	  .help_vi = "postgresql://NGƯỜI_DÙNG@MÁY/CSDL (còn trống), hoặc sqlite" },
};

static const struct verb verbs[] = {
	{ .noun = "", .name = "backup", .whole = true, .kind = VERB_COMMAND, .roles = R_(ADMINISTRATOR), VERB_ARGS(backup_args),
	  .help_en = "copy the database into a file", .help_vi = "sao lưu cơ sở dữ liệu ra tệp", .command = backup_command },
	{ .noun = "", .name = "restore", .kind = VERB_LOCAL, .roles = R_(OPERATOR), VERB_ARGS(restore_args),
	  .help_en = "put a backup in the database's place; the service must be stopped",
	  .help_vi = "khôi phục từ bản sao lưu; phải dừng dịch vụ trước" },
	{ .noun = "", .name = "backup-key", .kind = VERB_LOCAL, .roles = R_(OPERATOR), VERB_ARGS(key_args),
	  .help_en = "draw the keys of encrypted backups; prints what backup.public_key is set to", .help_vi = "tạo khóa mã hóa bản sao lưu" },
	{ .noun = "db", .name = "check", .kind = VERB_LOCAL, .roles = R_(OPERATOR), .help_en = "look for damage in the whole database",
	  .help_vi = "kiểm tra toàn bộ cơ sở dữ liệu" },
	{ .noun = "db", .name = "migrate", .kind = VERB_LOCAL, .roles = R_(OPERATOR), VERB_ARGS(migrate_args),
	  .help_en = "move the database to a server, or back into a file; the service must be stopped",
	  .help_vi = "chuyển cơ sở dữ liệu lên máy chủ, hoặc về lại tệp; phải dừng dịch vụ trước" },
};
const struct verb_table backup_verbs = VERB_TABLE(verbs);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Restoring. Called by main through local.c, and by backup.c to check what it has written. Works on a copy inside the data
 * folder until everything about it is known to be good, then moves two names. */
#include "gateway/restore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/seal.h"
#include "gateway/base/zone.h"
#include "gateway/folder.h"
#include "gateway/ledger.h"
#include "gateway/lock.h"
#include "gateway/migrate.h"
#include "gateway/moved.h"
#include "gateway/store/fill.h"
#include "gateway/store/store.h"
#include "gateway/vault.h"

/* Numbers of messages are never used twice: they go on far beyond what is sent between two backups, and by the clock, which also
 * tells one restoring of the same backup from the next. */
#define SKIP_IDS 1000000

/* What waited when the backup was made may have been sent since: campaigns wait for a person, also those whose hour had not
 * come; single messages are not sent again. */
static const char hold_what_waits[] =
	"UPDATE campaign SET state = 'paused' WHERE state = 'running';"
	"UPDATE campaign SET state = 'paused' WHERE state = 'scheduled' AND started_at IS NOT NULL;" /* between two turns */
	"UPDATE campaign SET state = 'approved' WHERE state = 'scheduled';"
	"DELETE FROM occurrence WHERE campaign IN (SELECT id FROM campaign WHERE state = 'approved');"
	"UPDATE flow SET state = 'paused' WHERE state = 'running' AND id > 2;"
	"UPDATE message SET state = 'cancelled', reason = 'restored', final_at = state_since "
	"WHERE (state = 'held' OR state = 'queued' OR state = 'retry') AND flow <= 2;"
	"UPDATE flow SET cancelled = cancelled + held + queued + retry, held = 0, queued = 0, retry = 0 WHERE id <= 2;";

enum { RESTORE_SEALED, RESTORE_SQL_COUNT };
static const char *const restore_sql[RESTORE_SQL_COUNT] = {
	[RESTORE_SEALED] = "SELECT sealed FROM address WHERE length(sealed) > 0 ORDER BY id LIMIT 1",
};
static const struct sql_module restore_module = { "restore", restore_sql, RESTORE_SQL_COUNT };

static int complain(struct complaint *c, int err, const char *file, const char *rule, const char *text)
{
	snprintf(c->file, sizeof(c->file), "%s", file);
	complaint_set(c, "", rule, "%s", text);
	return err;
}

int restore_verify(const char *folder, bool full, int64_t *ret_audit_seq, struct complaint *c)
{
	struct store *db = NULL;
	char found[2048];
	uint8_t hash[32];
	int64_t seq = 0;
	int r = store_open("sqlite", folder, STORE_READ_ONLY, &db, c);
	if (r)
		return r;
	if (store_check(db, full, found, sizeof(found)))
		r = complain(c, E_CORRUPT, folder, "damaged", "holds a damaged database");
	struct scope in = { .db = db };
	if (!r)
		r = audit_head(&in, &seq, hash);
	store_close(db);
	if (!r && ret_audit_seq)
		*ret_audit_seq = seq;
	return r;
}

/* Sealed numbers of the backup must open with the key of this folder, or nothing could ever be sent. */
static int check_key(struct store *db, const char *key_file, struct complaint *c)
{
	struct seal *seal = NULL;
	if (seal_open(key_file, &seal))
		return complain(c, E_CORRUPT, key_file, "missing", "is missing, damaged or open to others; put the identity key back first");
	struct statement *st = store_prepare(db, &restore_module, RESTORE_SEALED);
	int r = store_row(st);
	size_t n;
	const void *box = r > 0 ? column_blob(st, 0, &n) : NULL;
	OWN(mem) char *text = NULL;
	if (box && seal_open_box(seal, box, n, &text, NULL))
		r = complain(c, E_CORRUPT, key_file, "other_key", "is not the key that the backup was made with");
	store_reset(st);
	seal_free(seal);
	return r < 0 ? r : 0;
}

static int skip_ids(struct store *db, int64_t now_ms)
{
	char sql[160];
	snprintf(sql, sizeof(sql), "UPDATE sqlite_sequence SET seq = max(seq + %d, %lld) WHERE name IN ('message', 'attempt', 'inbound')", SKIP_IDS,
		 (long long)now_ms);
	return store_script(db, sql);
}

static int prepare(const struct local *l, const char *temporary, struct complaint *c)
{
	OWN(mem) char *key = NULL;
	struct store *db = NULL;
	if (asprintf(&key, "%s/identity.key", l->config->data_dir) < 0)
		return E_NOMEM;
	int r = store_open("sqlite", temporary, STORE_READ_WRITE, &db, c);
	if (!r)
		r = check_key(db, key, c);
	if (!r)
		r = skip_ids(db, clock_now_ms(l->clock));
	if (!r)
		r = store_script(db, hold_what_waits);
	if (!r)
		r = store_checkpoint(db, true);
	store_close(db);
	return r;
}

static int put_in_place(const struct local *l, const char *temporary, const char *stamp, int64_t audit_seq)
{
	const char *data_dir = l->config->data_dir;
	OWN(mem) char *from = NULL, *to = NULL;
	if (asprintf(&from, "%s/caunoi.db", temporary) < 0 || asprintf(&to, "%s/caunoi.db", data_dir) < 0)
		return E_NOMEM;
	OWN(mem) char *end = NULL;
	if (asprintf(&end, "before-restore-%s", stamp) < 0)
		return E_NOMEM;
	int r = folder_sync_file(from);
	if (!r)
		r = folder_put_aside(data_dir, end);
	if (!r && rename(from, to))
		r = E_IO;
	if (!r)
		r = folder_sync(data_dir);
	if (!r)
		r = moved_forget(data_dir); /* restoring here says that this is the place that counts */
	return r ? r : ledger_note_restored(data_dir, audit_seq, clock_now_ms(l->clock));
}

void restore_stamp(const struct local *l, char ret[RESTORE_STAMP_BYTES])
{
	struct zone *zone = NULL;
	int64_t now = clock_now_ms(l->clock);
	struct calendar k = { .year = 1970, .month = 1, .day = 1 };
	if (!zone_load("UTC", &zone))
		k = calendar_local(zone, now);
	zone_free(zone);
	snprintf(ret, RESTORE_STAMP_BYTES, "%04d%02d%02dT%02d%02d%02d.%03d", k.year % 10000, k.month % 100, k.day % 100, k.hour % 100, k.minute % 100,
		 k.second % 100, k.ms % 1000);
}

/* Into an empty database only: what stands on a server is put aside by those who keep the server. */
static int put_on_server(const struct local *l, const char *temporary, int64_t audit_seq, struct complaint *c)
{
	struct store *from = NULL, *to = NULL;
	OWN(mem) struct copier_report *report = calloc(1, sizeof(*report));
	if (!report)
		return E_NOMEM;
	int r = store_open("sqlite", temporary, STORE_READ_ONLY, &from, c);
	if (!r)
		*c = (struct complaint){ 0 }; /* what follows is about the server */
	if (!r)
		r = migrate_open_target(l, l->config->store, &to, c);
	if (!r)
		r = fill_run(from, to, NULL, report, c);
	if (!r)
		r = ledger_note_restored(l->config->data_dir, audit_seq, clock_now_ms(l->clock));
	if (!r)
		r = fill_finish(to);
	store_close(from);
	store_close(to);
	return r;
}

static int take_sealed(const char *file, const char *key_file, const char *copy, struct complaint *c)
{
	if (!key_file)
		return complain(c, E_REFUSED, file, "sealed", "is encrypted; say where its key is: --key-file FILE");
	int r = vault_open(file, copy, key_file);
	if (r == E_DENIED)
		return complain(c, E_CORRUPT, key_file, "no_key", "is missing, no key, or open to others (chmod 600)");
	if (r == E_CORRUPT)
		return complain(c, r, file, "damaged", "is damaged or cut short, or was encrypted to another key");
	return r ? complain(c, r, file, "unreadable", "cannot be copied") : 0;
}

static int take_copy(const char *file, const char *key_file, const char *copy, struct complaint *c)
{
	if (vault_is_sealed(file))
		return take_sealed(file, key_file, copy, c);
	int r = folder_copy_file(file, copy);
	return r ? complain(c, r, file, r == E_NOT_FOUND ? "missing" : "unreadable", r == E_NOT_FOUND ? "is not there" : "cannot be copied") : 0;
}

static int restore_locked(const struct local *l, const char *file, const char *key_file, char stamp[RESTORE_STAMP_BYTES], struct complaint *c)
{
	OWN(mem) char *temporary = NULL, *copy = NULL;
	int64_t audit_seq = 0;
	if (asprintf(&temporary, "%s/restore.tmp", l->config->data_dir) < 0 || asprintf(&copy, "%s/caunoi.db", temporary) < 0)
		return E_NOMEM;
	folder_drop_temporary(temporary);
	int r = folder_make(temporary);
	if (r)
		complain(c, r, file, "unreadable", "cannot be copied");
	if (!r)
		r = take_copy(file, key_file, copy, c);
	bool copied = !r;
	if (!r)
		r = restore_verify(temporary, true, &audit_seq, c);
	if (r && copied)
		snprintf(c->file, sizeof(c->file), "%s", file); /* what is wrong with the copy is wrong with what was named */
	if (!r)
		r = prepare(l, temporary, c);
	if (!r)
		r = store_is_shared(l->config->store) ? put_on_server(l, temporary, audit_seq, c) : put_in_place(l, temporary, stamp, audit_seq);
	folder_drop_temporary(temporary);
	return r;
}

int restore_run(const struct local *l, const json_t *args, json_t **ret, struct complaint *c)
{
	const char *file = json_str(args, "file", "");
	char stamp[RESTORE_STAMP_BYTES];
	int fd;
	int r = lock_take(l->config->data_dir, &fd, c);
	if (r)
		return r == E_EXISTS ? E_REFUSED : r;
	restore_stamp(l, stamp);
	r = restore_locked(l, file, json_str(args, "key-file", NULL), stamp, c);
	close(fd);
	if (r)
		return r;
	if (store_is_shared(l->config->store))
		*ret = json_pack("{s:s,s:n}", "file", file, "kept");
	else
		*ret = json_pack("{s:s,s:s+}", "file", file, "kept", "caunoi.db.before-restore-", stamp);
	return *ret ? 0 : E_NOMEM;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moving between engines. Called by main through local.c, and by restore for its target. Knows who may work on which database; the rows
 * are the store's (fill, copier). */
#include "gateway/migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/seal.h"
#include "gateway/folder.h"
#include "gateway/init.h"
#include "gateway/lock.h"
#include "gateway/moved.h"
#include "gateway/progress.h"
#include "gateway/restore.h"
#include "gateway/spool.h"
#include "gateway/store/fill.h"

#define DRIVERS_WAIT_MS 5000
#define TOUCH_MS 1000
#define SUM_SHOWN 8 /* bytes */

static int complain(struct complaint *c, int err, const char *file, const char *rule, const char *text)
{
	snprintf(c->file, sizeof(c->file), "%s", file);
	complaint_set(c, "", rule, "%s", text);
	return err;
}

/* ---- what is answered ---- */

static json_t *sum_json(const struct checksum *side)
{
	char text[2 * SUM_SHOWN + 1];
	for (size_t i = 0; i < SUM_SHOWN; i++)
		snprintf(text + 2 * i, 3, "%02x", side->sum[i]);
	return json_string(text);
}

static json_t *lines_json(const struct copier_report *report)
{
	json_t *list = json_array();
	for (size_t i = 0; i < report->n_lines; i++) {
		const struct copier_line *line = &report->lines[i];
		json_array_append_new(list, json_pack("{s:s,s:I,s:I,s:o,s:o}", "table", line->table, "rows", (json_int_t)line->from.n_rows,
						      "copied", (json_int_t)line->to.n_rows, "checksum", sum_json(&line->from),
						      "checksum_copied", sum_json(&line->to)));
	}
	return list;
}

static int answer(const char *place, bool has_password, bool changed, const char *kept, json_t *lines, json_t **ret)
{
	OWN(mem) char *setting = NULL;
	if (asprintf(&setting, "store = \"%s\";", place) < 0) {
		setting = NULL;
		json_decref(lines);
		return E_NOMEM;
	}
	const char *next = has_password ? "put the setting into the configuration (the password into ~/.pgpass of the service's user, or "
					  "passfile= in the address), then start the "
					  "service"
					: "put the setting into the configuration, then start the service";
	*ret = json_pack("{s:b,s:o,s:s?,s:s,s:s}", "changed", changed, "tables", lines, "kept", kept, "setting", setting, "next", next);
	return *ret ? 0 : E_NOMEM;
}

/* ---- the address ---- */

/* Without "user:PASSWORD@" and without "password=…" among its options; the caller's. */
static char *without_password(const char *uri, bool *ret_had)
{
	char *place = strdup(uri);
	char *from = place ? strstr(place, "://") : NULL;
	*ret_had = false;
	if (!from)
		return place;
	from += 3;
	size_t n = strcspn(from, "/?");
	char *at = memrchr(from, '@', n), *colon = at ? memchr(from, ':', (size_t)(at - from)) : NULL;
	if (colon) {
		memmove(colon, at, strlen(at) + 1);
		*ret_had = true;
	}
	for (char *option; (option = strstr(place, "password=")) && option > place && strchr("?&l", option[-1]);) {
		char *start = option[-1] == 'l' ? option - 3 : option; /* sslpassword */
		size_t value = strcspn(start, "&");
		memmove(start, start + value + (start[value] == '&'), strlen(start + value + (start[value] == '&')) + 1);
		*ret_had = true;
	}
	for (size_t end = strlen(place); end && strchr("?&", place[end - 1]); end--)
		place[end - 1] = '\0';
	return place;
}

/* ---- onto a server ---- */

int migrate_open_target(const struct local *l, const char *uri, struct store **ret, struct complaint *c)
{
	struct store *to = NULL;
	char holder[40];
	uint32_t n;
	random_fill(l->random, &n, sizeof(n));
	snprintf(holder, sizeof(holder), "caunoi-filling-%08x", n);
	int r = store_open(uri, l->config->data_dir, STORE_FILL, &to, c);
	if (!r)
		r = store_lease(to, holder, holder, c);
	if (r == E_AGAIN) {
		complaint_set(c, "to", "in_use", "another program is filling this database just now; wait for it, or end it");
		r = E_REFUSED;
	}
	if (r) {
		store_close(to);
		return r;
	}
	*ret = to;
	return 0;
}

static int open_source(const struct local *l, struct store **ret, struct complaint *c)
{
	char found[2048];
	struct store *from = NULL;
	int r = store_open("sqlite", l->config->data_dir, STORE_READ_ONLY, &from, c);
	if (r)
		return r;
	*c = (struct complaint){ 0 }; /* the file's name, which the store leaves there */
	if (store_check(from, true, found, sizeof(found)))
		r = complain(c, E_CORRUPT, l->config->data_dir, "damaged",
			     "holds a damaged database; restore a backup first: caunoi restore FILE");
	else if (store_scalar(from, "SELECT schema FROM meta", 0) != STORE_SCHEMA)
		r = complain(c, E_REFUSED, l->config->data_dir, "older",
			     "holds a database of an earlier release; start the service once, then stop it and migrate");
	if (r) {
		store_close(from);
		return r;
	}
	*ret = from;
	return 0;
}

/* The last run was cut short after all was done: the database there is ours, and this folder says so. */
static bool arrived_before(const struct local *l, struct store *from, const char *to)
{
	struct store *there = NULL;
	struct complaint c = { 0 };
	char mine[16], its[16];
	if (!moved_exists(l->config->data_dir) || store_open(to, l->config->data_dir, STORE_READ_ONLY, &there, &c))
		return false;
	bool same = !fill_instance(from, mine) && !fill_instance(there, its) && !strcmp(mine, its);
	store_close(there);
	return same;
}

/* The folder says where the database is before that one can be used: never are there two. */
static int arrive(const struct local *l, struct store *to, const char *place, struct complaint *c)
{
	int r = moved_note(l->config->data_dir, place);
	if (r)
		return complain(c, r, l->config->data_dir, "unwritable",
				"takes no file that says where the database is now; put that right and run this again");
	return fill_finish(to);
}

static int to_server(const struct local *l, const char *uri, json_t **ret, struct complaint *c)
{
	struct store *from = NULL, *to = NULL;
	bool had = false;
	OWN(mem) char *place = without_password(uri, &had);
	OWN(mem) struct copier_report *report = calloc(1, sizeof(*report));
	struct progress progress = progress_begin("copying", l->clock);
	const struct copier_watch watch = { .arg = &progress, .step = progress_step };
	if (!place || !report)
		return E_NOMEM;
	int r = open_source(l, &from, c);
	if (r)
		return r;
	r = migrate_open_target(l, uri, &to, c);
	bool before = r == E_EXISTS && arrived_before(l, from, uri);
	if (!r)
		r = fill_run(from, to, &watch, report, c);
	progress_end(&progress);
	if (!r)
		r = arrive(l, to, place, c);
	if (!r || before)
		r = answer(place, had, !before, NULL, before ? json_array() : lines_json(report), ret);
	store_close(to);
	store_close(from);
	return r;
}

/* ---- back into a file ---- */

struct returning {
	struct store *held; /* the connection with the lease: every core stands by while it lives */
	struct progress progress;
	int64_t touched_ms;
};

static int while_returning(void *arg, const char *table, int64_t done, int64_t total)
{
	struct returning *b = arg;
	int64_t now = clock_mono_ms(b->progress.clock);
	int r = progress_step(&b->progress, table, done, total);
	if (r || now < b->touched_ms + TOUCH_MS)
		return r;
	b->touched_ms = now;
	return fill_touch(b->held);
}

/* What this machine took in while the server was away is told by a core, to the server. */
static int check_spool(const struct local *l, const struct seal *seal, struct complaint *c)
{
	struct spool *spool = NULL;
	if (!spool_exists(l->config->data_dir))
		return 0;
	int r = spool_open(l->config->data_dir, seal, l->random, &spool, c);
	if (!r && spool_count(spool))
		r = complain(c, E_REFUSED, l->config->data_dir, "spooled",
			     "holds messages that came in while the server was away; start the service, wait until caunoi status says that "
			     "nothing is spooled, stop it, then migrate");
	spool_close(spool);
	return r;
}

static int check_folder(const struct local *l, struct store *held, struct complaint *c)
{
	OWN(mem) char *key = NULL, *db = NULL;
	struct seal *seal = NULL;
	if (asprintf(&key, "%s/identity.key", l->config->data_dir) < 0 || asprintf(&db, "%s/caunoi.db", l->config->data_dir) < 0)
		return E_NOMEM;
	if (seal_open(key, &seal))
		return complain(c, E_CORRUPT, key, "missing", "is missing, damaged or open to others; put the identity key back first");
	int r = init_check_key(held, seal, l->config->data_dir, c);
	if (!r)
		r = check_spool(l, seal, c);
	if (!r && access(db, F_OK) == 0 && !moved_exists(l->config->data_dir))
		r = complain(c, E_REFUSED, db, "not_empty", "is there already; move it away first");
	seal_free(seal);
	return r;
}

static int copy_file(const struct local *l, struct store *held, const char *temporary, struct copier_report *report, struct complaint *c)
{
	OWN(mem) char *file = NULL;
	struct store *from = NULL;
	struct returning b = { .held = held, .progress = progress_begin("copying", l->clock) };
	const struct copier_watch watch = { .arg = &b, .step = while_returning };
	if (asprintf(&file, "%s/caunoi.db", temporary) < 0)
		return E_NOMEM;
	folder_drop_temporary(temporary);
	int r = folder_make(temporary);
	if (!r)
		r = store_open(l->config->store, l->config->data_dir, STORE_READ_ONLY, &from, c);
	if (!r)
		r = copier_to_file(from, file, &watch, report, c);
	progress_end(&b.progress);
	store_close(from);
	if (!r)
		r = restore_verify(temporary, true, NULL, c);
	if (!r && chmod(file, 0600))
		r = E_IO;
	if (!r)
		r = folder_sync_file(file);
	return r ? r : folder_sync(temporary);
}

/* The last two steps: the server's database says that it is left, then the file gets its name. */
static int put_file(const struct local *l, const char *temporary, char kept[64])
{
	const char *data_dir = l->config->data_dir;
	OWN(mem) char *from = NULL, *to = NULL;
	char stamp[RESTORE_STAMP_BYTES];
	if (asprintf(&from, "%s/caunoi.db", temporary) < 0 || asprintf(&to, "%s/caunoi.db", data_dir) < 0)
		return E_NOMEM;
	bool old = access(to, F_OK) == 0;
	restore_stamp(l, stamp);
	snprintf(kept, 64, "caunoi.db.before-migrate-%s", stamp);
	int r = old ? folder_put_aside(data_dir, kept + strlen("caunoi.db.")) : 0;
	if (!r)
		r = moved_forget(data_dir); /* between here and the rename there is no database on which a core would start */
	if (!r && rename(from, to))
		r = E_IO;
	if (!r)
		r = folder_sync(data_dir);
	folder_drop_temporary(temporary);
	if (!old)
		kept[0] = '\0';
	return r;
}

static int leave_server(const struct local *l, struct store *held, const char *temporary, struct copier_report *report, struct complaint *c)
{
	char host[128] = "", place[400];
	int r = check_folder(l, held, c);
	if (!r)
		r = copy_file(l, held, temporary, report, c);
	if (r)
		return r;
	gethostname(host, sizeof(host) - 1);
	snprintf(place, sizeof(place), "%s on %s", l->config->data_dir, host);
	return fill_leave(held, place);
}

static int hold_server(const struct local *l, struct store **ret, struct complaint *c)
{
	char holder[40];
	uint32_t n;
	random_fill(l->random, &n, sizeof(n));
	snprintf(holder, sizeof(holder), "caunoi-migrate-%08x", n);
	int r = store_open(l->config->store, l->config->data_dir, STORE_READ_WRITE, ret, c);
	if (!r)
		r = store_lease(*ret, holder, holder, c);
	if (r != E_AGAIN)
		return r;
	complaint_set(c, "store", "in_use", "another core works on this database; stop the service on every machine first");
	return E_REFUSED;
}

static int to_file(const struct local *l, json_t **ret, struct complaint *c)
{
	struct store *held = NULL;
	OWN(mem) char *temporary = NULL, *made = NULL;
	OWN(mem) struct copier_report *report = calloc(1, sizeof(*report));
	char kept[64] = "";
	if (!report || asprintf(&temporary, "%s/migrate.tmp", l->config->data_dir) < 0 || asprintf(&made, "%s/caunoi.db", temporary) < 0)
		return E_NOMEM;
	int r = hold_server(l, &held, c);
	if (!r)
		r = leave_server(l, held, temporary, report, c);
	else if (r == E_REFUSED && !strcmp(c->rule, "moved") && access(made, F_OK) == 0)
		r = 0; /* an earlier run left the server and was cut short before the last step */
	store_close(held);
	if (!r)
		r = put_file(l, temporary, kept);
	if (r)
		return r;
	*c = (struct complaint){ 0 };
	return answer("sqlite", false, true, kept[0] ? kept : NULL, lines_json(report), ret);
}

/* ---- the verb ---- */

static int check_to(const struct local *l, const char *to, struct complaint *c)
{
	bool shared = store_is_shared(l->config->store), to_shared = store_is_shared(to);
	if (!to_shared && strcmp(to, "sqlite")) {
		complaint_set(c, "to", "unknown_engine", "takes postgresql://USER@HOST/DATABASE, or sqlite");
		return E_CONFIG;
	}
	if (shared != to_shared)
		return 0;
	complaint_set(c, "to", "same_engine",
		      shared ? "the installation stands on a server already; between servers it is moved by their own means (pg_dump, "
			       "replication)"
			     : "the installation stands in a SQLite file already");
	return E_REFUSED;
}

/* Whatever was on its way is decided by the next run: it looks at both sides. */
static int interrupted(int err, struct complaint *c)
{
	if (err == E_UNKNOWN || !c->text[0])
		complaint_set(c, "to", "interrupted",
			      "the server went away or its disk is full; when that is put right, run the same again: it goes on where it "
			      "stopped");
	return E_UNAVAILABLE;
}

int migrate_run(const struct local *l, const json_t *args, json_t **ret, struct complaint *c)
{
	const char *to = json_str(args, "to", "");
	OWN(fd) int fd = -1;
	OWN(fd) int drivers = -1;
	int r = check_to(l, to, c);
	if (!r)
		r = lock_take(l->config->data_dir, &fd, c);
	if (!r)
		r = lock_take_drivers(l->config->data_dir, DRIVERS_WAIT_MS, &drivers, c);
	if (r)
		return r == E_EXISTS ? E_REFUSED : r;
	r = store_is_shared(to) ? to_server(l, to, ret, c) : to_file(l, ret, c);
	return r == E_UNAVAILABLE || r == E_UNKNOWN ? interrupted(r, c) : r;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An engine before the SQLite engine. The server outlives its connections: it is the process's, as its address is all that
 * store_open is given. Statements are in model_rows.c. */
#include "tests/simulation/model_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/model.h"

#define ROOT "/server"
#define INSIDE_MAX 64 /* a connection lost inside a transaction is lost within so many rows */
#define OTHER_CORE_MS 10000

static struct server {
	struct disk *disk;
	const struct clock *clock;
	struct random *random;
	struct model_odds odds;
	struct model_figures figures;
	int64_t away_until_mono_ms, other_until_mono_ms;
} server;

/* ---- the server ---- */

int model_store_start(const struct clock *clock, struct random *random)
{
	model_store_stop();
	server = (struct server){ .clock = clock, .random = random };
	if (disk_new(ROOT, random, &server.disk) || disk_make_folder(server.disk, MODEL_STORE_FOLDER))
		return E_NOMEM;
	return 0;
}

void model_store_stop(void)
{
	disk_free(server.disk);
	server = (struct server){ 0 };
}

void model_store_set_odds(const struct model_odds *odds)
{
	server.odds = *odds;
}

struct model_figures model_store_figures(void)
{
	return server.figures;
}

static bool happens(unsigned of_10000)
{
	return of_10000 && random_below(server.random, 10000) < of_10000;
}

bool model_unreachable(void)
{
	return clock_mono_ms(server.clock) < server.away_until_mono_ms;
}

static void go_away(void)
{
	int64_t most = server.odds.away_ms < 1 ? 1 : server.odds.away_ms;
	server.away_until_mono_ms = clock_mono_ms(server.clock) + random_below(server.random, (uint32_t)most);
	server.figures.lost++;
}

static bool other_core_active(void)
{
	return clock_mono_ms(server.clock) < server.other_until_mono_ms;
}

/* ---- transactions ---- */

int model_lose(struct model *m)
{
	asked_forget(&m->asked);
	store_rollback(m->rows);
	m->lost = true;
	go_away();
	return E_UNAVAILABLE;
}

static enum trouble draw_trouble(void)
{
	const struct model_odds *o = &server.odds;
	return happens(o->lost_inside)	  ? TROUBLE_INSIDE
	       : happens(o->lost_at_commit) ? TROUBLE_AT_COMMIT
	       : happens(o->unknown)	  ? TROUBLE_UNKNOWN
	       : happens(o->lease_taken)  ? TROUBLE_LEASE
					  : TROUBLE_NONE;
}

static int begin(struct store *s)
{
	struct model *m = model_of(s);
	if (m->fenced)
		return E_BROKEN;
	if (model_unreachable() || (!m->read_only && happens(server.odds.lost_at_begin))) {
		if (!model_unreachable())
			go_away();
		server.figures.refused++;
		return E_UNAVAILABLE;
	}
	m->lost = false;
	m->deferred = 0;
	asked_forget(&m->asked);
	m->trouble = m->read_only ? TROUBLE_NONE : draw_trouble();
	m->rows_left = m->trouble == TROUBLE_INSIDE ? (int)random_below(server.random, INSIDE_MAX) : 0;
	server.figures.transactions++;
	return store_begin(m->rows);
}

static int commit_unknown(struct model *m)
{
	bool done = random_below(server.random, 2);
	int r = done ? store_commit(m->rows) : 0;
	if (!done)
		store_rollback(m->rows);
	if (r)
		return r;
	server.figures.unknown_done += done;
	server.figures.unknown_undone += !done;
	m->lost = true;
	go_away();
	return E_UNKNOWN;
}

/* The other core has raised the epoch; ours may not commit any more. */
static int lose_lease(struct model *m)
{
	store_rollback(m->rows);
	m->fenced = true;
	m->leased = false;
	server.other_until_mono_ms = clock_mono_ms(server.clock) + OTHER_CORE_MS;
	server.figures.leases_taken++;
	return E_BROKEN;
}

static int commit(struct store *s)
{
	struct model *m = model_of(s);
	if (m->lost)
		return E_UNAVAILABLE;
	asked_forget(&m->asked);
	if (m->deferred) {
		store_rollback(m->rows);
		return m->deferred == E_BROKEN ? E_BROKEN : E_UNDO;
	}
	switch (m->trouble) {
	case TROUBLE_AT_COMMIT: return model_lose(m);
	case TROUBLE_UNKNOWN: return commit_unknown(m);
	case TROUBLE_LEASE:
		if (m->leased)
			return lose_lease(m);
		break;
	case TROUBLE_INSIDE: /* fewer rows than it would have taken */
	case TROUBLE_NONE: break;
	}
	return store_commit(m->rows);
}

static void rollback(struct store *s)
{
	store_rollback(model_of(s)->rows);
	model_of(s)->deferred = 0;
	asked_forget(&model_of(s)->asked);
}

bool model_in_transaction(const struct store *s)
{
	return store_in_transaction(((const struct model *)s)->rows);
}

static void quiet(struct store *s)
{
	store_quiet(model_of(s)->rows);
}

static int settle(struct store *s)
{
	struct model *m = model_of(s);
	return m->lost ? E_UNAVAILABLE : m->deferred ? E_UNDO : 0;
}

static int savepoint(struct store *s)
{
	int r = settle(s);
	return r ? r : store_savepoint(model_of(s)->rows);
}

static int savepoint_undo(struct store *s)
{
	struct model *m = model_of(s);
	if (m->lost)
		return E_UNAVAILABLE;
	m->deferred = 0;
	return store_savepoint_undo(m->rows);
}

static int savepoint_keep(struct store *s)
{
	int r = settle(s);
	return r ? r : store_savepoint_keep(model_of(s)->rows);
}

static bool away(const struct store *s)
{
	(void)s;
	return model_unreachable();
}

static int lease(struct store *s, const char *node, const char *holder, struct complaint *c)
{
	(void)holder;
	struct model *m = model_of(s);
	if (model_unreachable())
		return E_UNAVAILABLE;
	if (other_core_active()) {
		complaint_set(c, "", "standby", "another core is active");
		return E_AGAIN;
	}
	m->leased = true;
	snprintf(m->node, sizeof(m->node), "%s", node);
	return 0;
}

static int decide(struct store *s, int64_t *ret_tick)
{
	struct model *m = model_of(s);
	if (model_unreachable())
		return E_UNAVAILABLE;
	if (other_core_active())
		return E_BROKEN;
	int64_t tick = store_scalar(m->rows, "SELECT max(tick) FROM node", -1);
	if (tick < 0)
		return E_BROKEN;
	m->lost = false;
	*ret_tick = tick;
	return 0;
}

/* ---- the whole ---- */

static int64_t scalar(struct store *s, const char *sql, int64_t otherwise)
{
	struct model *m = model_of(s);
	return m->lost || model_unreachable() ? otherwise : store_scalar(m->rows, sql, otherwise);
}

static int script(struct store *s, const char *sql)
{
	struct model *m = model_of(s);
	return m->lost || model_unreachable() ? E_UNAVAILABLE : store_script(m->rows, sql);
}

static int check(struct store *s, bool full, char *out, size_t room)
{
	return store_check(model_of(s)->rows, full, out, room);
}

static int explain(struct store *s, const struct sql_module *module, char *out, size_t room)
{
	return store_explain(model_of(s)->rows, module, out, room);
}

static void limit_ms(struct store *s, int64_t ms)
{
	store_limit_ms(model_of(s)->rows, ms);
}

static void close_model(struct store *s)
{
	asked_forget(&model_of(s)->asked);
	store_close(model_of(s)->rows);
	free(s);
}

static const struct store_ops model_ops = {
	.close = close_model,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
	.in_transaction = model_in_transaction,
	.quiet = quiet,
	.savepoint = savepoint,
	.savepoint_undo = savepoint_undo,
	.savepoint_keep = savepoint_keep,
	.settle = settle,
	.away = away,
	.lease = lease,
	.decide = decide,
	.prepare = model_prepare,
	.drop = model_drop,
	.reset = model_reset,
	.place = model_place,
	.bind_int = model_put_int,
	.bind_real = model_put_real,
	.bind_text = model_put_text,
	.bind_blob = model_put_blob,
	.bind_null = model_put_null,
	.row = model_row,
	.write = model_write_ahead,
	.ahead = model_ahead,
	.forget_aheads = model_forget_aheads,
	.changes = model_changes,
	.last_id = model_last_id,
	.total_changes = model_total_changes,
	.column_int = model_get_int,
	.column_real = model_get_real,
	.column_text = model_get_text,
	.column_blob = model_get_blob,
	.column_null = model_get_null,
	.columns = model_columns,
	.column_name = model_name_of,
	.scalar = scalar,
	.script = script,
	.check = check,
	.explain = explain,
	.limit_ms = limit_ms,
};

int pgsql_open(const char *uri, enum store_mode mode, struct store **ret, struct complaint *c)
{
	(void)uri;
	if (!server.disk || model_unreachable()) {
		complaint_set(c, "store", "unreachable", "the database server does not answer");
		return E_UNAVAILABLE;
	}
	struct model *m = calloc(1, sizeof(*m));
	if (!m)
		return E_NOMEM;
	m->base.ops = &model_ops;
	m->read_only = mode == STORE_READ_ONLY;
	int r = sqlite_open(MODEL_STORE_FOLDER "/caunoi.db", mode, NULL, &m->rows, c);
	if (r)
		free(m);
	else
		*ret = &m->base;
	return r;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An engine before the SQLite engine. The server outlives its connections: it is the process's, as its address is all that
 * store_open is given. A statement belongs to the engine below while one of its functions runs, to this one otherwise. */
#include "tests/simulation/model_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/store/engine.h"
#include "tests/simulation/asked.h"
#include "tests/simulation/disk.h"

#define ROOT "/server"
#define INSIDE_MAX 64 /* a connection lost inside a transaction is lost within so many rows */
#define OTHER_CORE_MS 10000

enum trouble { TROUBLE_NONE, TROUBLE_INSIDE, TROUBLE_AT_COMMIT, TROUBLE_UNKNOWN, TROUBLE_LEASE };

static struct server {
	struct disk *disk;
	const struct clock *clock;
	struct random *random;
	struct model_odds odds;
	struct model_figures figures;
	int64_t away_until_mono_ms, other_until_mono_ms;
} server;

struct model {
	struct store base;
	struct store *rows; /* the engine below */
	enum trouble trouble;
	int rows_left;  /* TROUBLE_INSIDE: until it strikes */
	int deferred;   /* the first fault of what was written ahead */
	struct asked asked;
	bool lost;      /* the connection, inside this transaction */
	bool read_only, leased, fenced;
	char node[64];
};

static struct model *model_of(struct store *s)
{
	return (struct model *)s;
}

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

static bool unreachable(void)
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

/* What the server does with the transaction of a connection that is gone. */
static int lose(struct model *m)
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
	if (unreachable() || (!m->read_only && happens(server.odds.lost_at_begin))) {
		if (!unreachable())
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
	case TROUBLE_AT_COMMIT: return lose(m);
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

static bool in_transaction(const struct store *s)
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
	return unreachable();
}

static int lease(struct store *s, const char *node, const char *holder, struct complaint *c)
{
	(void)holder;
	struct model *m = model_of(s);
	if (unreachable())
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
	if (unreachable())
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

/* ---- statements ---- */

static struct model *enter(struct statement *st)
{
	struct model *m = model_of(st->db);
	st->db = m->rows;
	return m;
}

static void leave(struct model *m, struct statement *st)
{
	st->db = &m->base;
}

static struct statement *prepare(struct store *s, const char *sql, bool keep)
{
	struct model *m = model_of(s);
	struct statement *st = m->rows->ops->prepare(m->rows, sql, keep);
	if (st)
		leave(m, st);
	return st;
}

static void drop(struct statement *st)
{
	struct model *m = enter(st);
	asked_forget(&m->asked); /* none may outlive its statement */
	asked_done(&m->asked, st);
	m->rows->ops->drop(st);
}

static void reset(struct statement *st)
{
	struct model *m = enter(st);
	asked_done(&m->asked, st);
	m->rows->ops->reset(st);
	leave(m, st);
}

static int place(struct statement *st, const char *name)
{
	struct model *m = enter(st);
	int i = m->rows->ops->place(st, name);
	leave(m, st);
	return i;
}

static void put_int(struct statement *st, int i, int64_t value)
{
	struct model *m = enter(st);
	m->rows->ops->bind_int(st, i, value);
	leave(m, st);
}

static void put_real(struct statement *st, int i, double value)
{
	struct model *m = enter(st);
	m->rows->ops->bind_real(st, i, value);
	leave(m, st);
}

static void put_text(struct statement *st, int i, const char *value)
{
	struct model *m = enter(st);
	m->rows->ops->bind_text(st, i, value);
	leave(m, st);
}

static void put_blob(struct statement *st, int i, const void *data, size_t n_bytes)
{
	struct model *m = enter(st);
	m->rows->ops->bind_blob(st, i, data, n_bytes);
	leave(m, st);
}

static void put_null(struct statement *st, int i)
{
	struct model *m = enter(st);
	m->rows->ops->bind_null(st, i);
	leave(m, st);
}

static bool strikes(struct model *m)
{
	return m->trouble == TROUBLE_INSIDE && in_transaction(&m->base) && m->rows_left-- <= 0;
}

static int row(struct statement *st)
{
	struct model *m = model_of(st->db);
	struct answer *here = asked_served(&m->asked, st);
	if (here)
		return answer_row(here);
	if (m->lost || unreachable())
		return E_UNAVAILABLE;
	if (strikes(m)) {
		reset(st);
		return lose(m);
	}
	if (m->deferred)
		return E_UNDO;
	enter(st);
	bool taken = in_transaction(&m->base) && asked_take(&m->asked, st);
	int r = taken ? answer_row(asked_served(&m->asked, st)) : m->rows->ops->row(st);
	leave(m, st);
	return r;
}

static void ahead(struct statement *st)
{
	struct model *m = enter(st);
	if (in_transaction(&m->base) && !m->lost && !m->deferred && !unreachable())
		asked_put(&m->asked, st);
	else
		m->rows->ops->reset(st);
	leave(m, st);
}

static void forget_aheads(struct store *s)
{
	asked_forget(&model_of(s)->asked);
}

/* Sent with others: what goes wrong is said later. */
static int write_ahead(struct statement *st, int64_t n)
{
	struct model *m = model_of(st->db);
	if (m->lost)
		return E_UNAVAILABLE;
	if (m->deferred) {
		reset(st);
		return 0;
	}
	int r;
	do
		r = row(st);
	while (r > 0);
	reset(st);
	if (!r && n >= 0 && store_changes(m->rows) != n)
		r = E_UNDO;
	if (r == E_UNAVAILABLE)
		return r;
	m->deferred = r;
	return 0;
}

static int64_t changes(struct store *s)
{
	return store_changes(model_of(s)->rows);
}

static int64_t last_id(struct store *s)
{
	return store_last_id(model_of(s)->rows);
}

static int64_t total_changes(struct store *s)
{
	return store_total_changes(model_of(s)->rows);
}

/* ---- columns: of a row that is here already ---- */

static int64_t get_int(struct statement *st, int i)
{
	const struct answer *here = asked_served(&model_of(st->db)->asked, st);
	if (here)
		return answer_int(here, i);
	struct model *m = enter(st);
	int64_t value = m->rows->ops->column_int(st, i);
	leave(m, st);
	return value;
}

static double get_real(struct statement *st, int i)
{
	const struct answer *here = asked_served(&model_of(st->db)->asked, st);
	if (here)
		return answer_real(here, i);
	struct model *m = enter(st);
	double value = m->rows->ops->column_real(st, i);
	leave(m, st);
	return value;
}

static const char *get_text(struct statement *st, int i)
{
	const struct answer *here = asked_served(&model_of(st->db)->asked, st);
	if (here)
		return answer_text(here, i);
	struct model *m = enter(st);
	const char *value = m->rows->ops->column_text(st, i);
	leave(m, st);
	return value;
}

static const void *get_blob(struct statement *st, int i, size_t *ret_bytes)
{
	const struct answer *here = asked_served(&model_of(st->db)->asked, st);
	if (here)
		return answer_blob(here, i, ret_bytes);
	struct model *m = enter(st);
	const void *value = m->rows->ops->column_blob(st, i, ret_bytes);
	leave(m, st);
	return value;
}

static bool get_null(struct statement *st, int i)
{
	const struct answer *here = asked_served(&model_of(st->db)->asked, st);
	if (here)
		return answer_null(here, i);
	struct model *m = enter(st);
	bool value = m->rows->ops->column_null(st, i);
	leave(m, st);
	return value;
}

static int columns(struct statement *st)
{
	struct model *m = enter(st);
	int n = m->rows->ops->columns(st);
	leave(m, st);
	return n;
}

static const char *name_of(struct statement *st, int i)
{
	struct model *m = enter(st);
	const char *name = m->rows->ops->column_name(st, i);
	leave(m, st);
	return name;
}

/* ---- the whole ---- */

static int64_t scalar(struct store *s, const char *sql, int64_t otherwise)
{
	struct model *m = model_of(s);
	return m->lost || unreachable() ? otherwise : store_scalar(m->rows, sql, otherwise);
}

static int script(struct store *s, const char *sql)
{
	struct model *m = model_of(s);
	return m->lost || unreachable() ? E_UNAVAILABLE : store_script(m->rows, sql);
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
	.in_transaction = in_transaction,
	.quiet = quiet,
	.savepoint = savepoint,
	.savepoint_undo = savepoint_undo,
	.savepoint_keep = savepoint_keep,
	.settle = settle,
	.away = away,
	.lease = lease,
	.decide = decide,
	.prepare = prepare,
	.drop = drop,
	.reset = reset,
	.place = place,
	.bind_int = put_int,
	.bind_real = put_real,
	.bind_text = put_text,
	.bind_blob = put_blob,
	.bind_null = put_null,
	.row = row,
	.write = write_ahead,
	.ahead = ahead,
	.forget_aheads = forget_aheads,
	.changes = changes,
	.last_id = last_id,
	.total_changes = total_changes,
	.column_int = get_int,
	.column_real = get_real,
	.column_text = get_text,
	.column_blob = get_blob,
	.column_null = get_null,
	.columns = columns,
	.column_name = name_of,
	.scalar = scalar,
	.script = script,
	.check = check,
	.explain = explain,
	.limit_ms = limit_ms,
};

int pgsql_open(const char *uri, enum store_mode mode, struct store **ret, struct complaint *c)
{
	(void)uri;
	if (!server.disk || unreachable()) {
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

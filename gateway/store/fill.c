/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The row in which a database on a server says that it is being filled. Called by migrate and restore; the rows themselves are the
 * copier's. */
#include "gateway/store/fill.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"

enum fill_sql {
	FILL_INSTANCE,
	FILL_SOURCE,
	FILL_ROW,
	FILL_BEGIN,
	FILL_NOTE,
	FILL_FORGET,
	FILL_FINISH,
	FILL_LEAVE,
	FILL_TOUCH,
	FILL_SQL_COUNT,
};
static const char *const fill_sql[FILL_SQL_COUNT] = {
	[FILL_INSTANCE] = "SELECT instance FROM meta",
	[FILL_SOURCE] = "SELECT max(epoch), max(tick), max(seq), max(now_at) FROM node",
	[FILL_ROW] = "SELECT instance, source FROM migration WHERE state = 'filling'",
	[FILL_BEGIN] = "UPDATE migration SET instance = $instance, source = $source, at_table = '', n_rows = 0",
	[FILL_NOTE] = "UPDATE migration SET at_table = $table, n_rows = n_rows + $n",
	[FILL_FORGET] = "UPDATE migration SET source = ''",
	[FILL_FINISH] = "DELETE FROM migration WHERE state = 'filling'",
	[FILL_LEAVE] = "INSERT INTO migration (one, state, place) VALUES (1, 'moved', $place)",
	[FILL_TOUCH] = "UPDATE node SET tick = tick",
};
static const struct sql_module fill_module = { "fill", fill_sql, FILL_SQL_COUNT };

static int in_one(struct store *db, struct statement *st, int64_t n)
{
	int r = store_begin(db);
	if (!r)
		r = store_write(st, n);
	if (!r)
		r = store_commit(db);
	if (r)
		store_rollback(db);
	return r;
}

/* ---- what it comes from ---- */

int fill_instance(struct store *db, char ret[16])
{
	struct statement *st = store_prepare(db, &fill_module, FILL_INSTANCE);
	int r = store_row(st);
	if (r > 0)
		snprintf(ret, 16, "%s", column_text(st, 0) ? column_text(st, 0) : "");
	store_reset(st);
	return r > 0 ? 0 : r ? r : E_NOT_FOUND;
}

/* Every tick that writes moves it. */
static int source_of(struct store *from, char ret[128])
{
	struct statement *st = store_prepare(from, &fill_module, FILL_SOURCE);
	int r = store_row(st);
	if (r > 0)
		snprintf(ret, 128, "epoch %lld tick %lld seq %lld at %lld", (long long)column_int(st, 0), (long long)column_int(st, 1),
			 (long long)column_int(st, 2), (long long)column_int(st, 3));
	store_reset(st);
	return r > 0 ? 0 : r ? r : E_CORRUPT;
}

enum how { GO_ON, BEGIN_ANEW, ANOTHERS };

static int look(struct store *to, const char *instance, const char *source, enum how *ret)
{
	struct statement *st = store_prepare(to, &fill_module, FILL_ROW);
	int r = store_row(st);
	const char *its = r > 0 ? column_text(st, 0) : NULL, *from = r > 0 ? column_text(st, 1) : NULL;
	if (its && from)
		*ret = *its && strcmp(its, instance) ? ANOTHERS : !strcmp(from, source) ? GO_ON : BEGIN_ANEW;
	store_reset(st);
	return r > 0 ? 0 : r ? r : E_CORRUPT;
}

/* Emptied in a transaction of its own, before the row says what comes: a copy cut short in between begins anew once more. */
static int begin_anew(struct copier *m, const char *instance, const char *source)
{
	int r = copier_clear(m);
	if (r)
		return r;
	struct statement *st = store_prepare(m->to, &fill_module, FILL_BEGIN);
	bind_text(st, "$instance", instance);
	bind_text(st, "$source", source);
	return in_one(m->to, st, 1);
}

static int prepare(struct copier *m, struct complaint *c)
{
	char instance[16], source[128];
	enum how how = GO_ON;
	int r = fill_instance(m->from, instance);
	if (!r)
		r = source_of(m->from, source);
	if (!r)
		r = look(m->to, instance, source, &how);
	if (!r && how == ANOTHERS) {
		complaint_set(c, "to", "not_empty", "the database is being filled from another installation; name an empty database");
		r = E_REFUSED;
	}
	return r || how == GO_ON ? r : begin_anew(m, instance, source);
}

/* ---- filling ---- */

struct filling {
	struct store *to;
	const struct copier_watch *watch;
};

static int note(void *arg, const char *table, int64_t n_rows)
{
	struct filling *f = arg;
	struct statement *st = store_prepare(f->to, &fill_module, FILL_NOTE);
	bind_text(st, "$table", table);
	bind_int(st, "$n", n_rows);
	return store_write(st, 1);
}

static int step(void *arg, const char *table, int64_t done, int64_t total)
{
	struct filling *f = arg;
	return f->watch && f->watch->step ? f->watch->step(f->watch->arg, table, done, total) : 0;
}

static int differs(struct store *to, const struct copier_line *line, struct complaint *c)
{
	complaint_set(c, "to", "copy_differs",
		      "the copy of table %s is not the same as its source (%lld rows, %lld there); run it again, it begins anew. Is "
		      "somebody else "
		      "writing to the database?",
		      line->table, (long long)line->from.n_rows, (long long)line->to.n_rows);
	int r = in_one(to, store_prepare(to, &fill_module, FILL_FORGET), 1);
	return r ? r : E_CORRUPT;
}

int fill_run(struct store *from, struct store *to, const struct copier_watch *watch, struct copier_report *ret, struct complaint *c)
{
	struct filling f = { .to = to, .watch = watch };
	const struct copier_watch ours = { .arg = &f, .note = note, .step = step };
	struct copier m;
	int r = copier_init(&m, from, to, &ours, c);
	if (r)
		return r;
	r = prepare(&m, c);
	if (!r)
		r = copier_copy(&m);
	if (!r)
		r = copier_compare(&m, ret);
	copier_done(&m);
	const struct copier_line *line = r ? NULL : copier_difference(ret);
	return line ? differs(to, line, c) : r;
}

int fill_finish(struct store *to)
{
	return in_one(to, store_prepare(to, &fill_module, FILL_FINISH), 1);
}

int fill_leave(struct store *db, const char *place)
{
	struct statement *st = store_prepare(db, &fill_module, FILL_LEAVE);
	bind_text(st, "$place", place);
	return in_one(db, st, 1);
}

int fill_touch(struct store *db)
{
	return in_one(db, store_prepare(db, &fill_module, FILL_TOUCH), -1);
}

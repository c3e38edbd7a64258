/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running a statement of the PostgreSQL engine: the id it draws, its answer waited for, or sent with others. Called through
 * store.c, inside a transaction or alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/store/pgsql.h"

/* ---- ids ---- */

static struct pg_table *table_of(struct pgsql *s, const struct pg_statement *st)
{
	for (size_t i = 0; st->table[0] && i < s->n_tables; i++)
		if (!strcmp(s->tables[i].name, st->table))
			return &s->tables[i];
	return NULL;
}

/* The next id of the table, bound as the statement's last parameter. Outside a transaction the server draws it. */
static int draw(struct pgsql *s, struct pg_statement *st, struct pg_table **ret)
{
	struct pg_table *t = table_of(s, st);
	if (t && s->tables_stale) {
		int r = pg_load_tables(s);
		if (r)
			return r;
	}
	if (t) {
		pg_put_int(&st->base, st->n_parameters, ++t->last);
		s->last_id = t->last;
	}
	*ret = t;
	return 0;
}

/* ---- running ---- */

static int fetch(struct pgsql *s, struct pg_statement *st)
{
	bool taken = false;
	int r = s->begun ? pg_ahead_take(s, st, &taken) : 0;
	if (r || taken)
		return r;
	r = pg_send_statement(s, st, (struct pg_entry){ .kind = PG_TAKE, .guarded = !s->begun });
	if (!r)
		r = pg_exchange(s);
	if (r)
		return r;
	if (s->taken_error)
		return s->taken_error;
	if (!s->taken)
		return s->begun && s->failed ? pg_lost_or_failed(s) : E_UNAVAILABLE;
	st->result = MOVE(s->taken);
	st->until = PQntuples(st->result);
	return 0;
}

/* One change between two marks, so that its fault is its own. */
static int guarded(struct pgsql *s, struct pg_statement *st)
{
	int r = pg_plain(s, "SAVEPOINT one");
	if (!r)
		r = pg_send_statement(s, st, (struct pg_entry){ .kind = PG_TAKE, .guarded = true });
	if (!r)
		r = pg_plain(s, "RELEASE one");
	if (!r)
		r = pg_exchange(s);
	if (r)
		return r;
	if (s->failed)
		return pg_lost_or_failed(s);
	if (!s->taken_error)
		return 0;
	r = pg_plain(s, "ROLLBACK TO one");
	if (!r)
		r = pg_plain(s, "RELEASE one");
	return r ? r : s->taken_error;
}

static int alone(struct pgsql *s, struct pg_statement *st)
{
	int r = pg_send_statement(s, st, (struct pg_entry){ .kind = PG_TAKE, .guarded = true });
	if (!r)
		r = pg_exchange(s);
	return r ? r : s->taken_error;
}

static int change(struct pgsql *s, struct pg_statement *st)
{
	struct pg_table *t = NULL;
	int r = draw(s, st, &t);
	if (r)
		return r;
	bool begun = s->begun;
	if (!begun && t)
		r = pg_begin(&s->base);
	if (!r)
		r = s->begun ? guarded(s, st) : alone(s, st);
	s->changes = !r && s->taken ? strtoll(PQcmdTuples(s->taken), NULL, 10) : 0;
	s->total += s->changes;
	s->wrote = true;
	if (t && !s->changes && t->last > t->committed)
		t->last--; /* not used: the next one counts on from here */
	if (!begun && t) {
		int end = r ? r : pg_commit(&s->base);
		if (r)
			pg_rollback(&s->base);
		r = end;
	}
	return r;
}

static int execute(struct pg_statement *st)
{
	struct pgsql *s = pgsql_of(st->base.db);
	pg_call(s);
	int r = s->begun ? pg_lost_or_failed(s) : pg_connected(s);
	if (r)
		return r;
	pg_forget_result(st);
	return st->reads ? fetch(s, st) : change(s, st);
}

int pg_row(struct statement *base)
{
	struct pg_statement *st = pg_st(base);
	if (!st->result) {
		if (st->row >= 0)
			return 0; /* a change that was run already */
		int r = execute(st);
		if (r)
			return r;
		if (!st->result) {
			st->row = 0;
			return 0;
		}
	} else {
		pg_forget_row(st);
	}
	return ++st->row < st->until ? 1 : 0;
}

int pg_run(struct statement *base)
{
	int r = execute(pg_st(base));
	pg_statement_reset(base);
	return r;
}

static int send_row(struct pgsql *s, struct pg_statement *st)
{
	if (pg_batch_fits(st))
		return pg_batch_add(s, st);
	int r = pg_send_statement(s, st, (struct pg_entry){ .kind = PG_WRITE, .n = 1 });
	return r ? r : pg_ask_types(s, st);
}

static int write_rows(struct statement *base, int64_t n, bool one_by_id)
{
	struct pg_statement *st = pg_st(base);
	struct pgsql *s = pgsql_of(base->db);
	struct pg_table *t = NULL;
	pg_call(s);
	if (!s->begun) {
		int alone_r = pg_run(base);
		return alone_r ? alone_r : n >= 0 && s->changes != n ? E_UNDO : 0;
	}
	int r = pg_lost_or_failed(s);
	if (!r)
		r = draw(s, st, &t);
	if (!r)
		r = one_by_id ? send_row(s, st) : pg_send_statement(s, st, (struct pg_entry){ .kind = PG_WRITE, .n = n });
	s->wrote = true;
	s->counted |= n >= 0;
	s->total += n > 0 ? n : 1;
	pg_statement_reset(base);
	return r;
}

int pg_write(struct statement *base, int64_t n)
{
	return write_rows(base, n, false);
}

int pg_write_row(struct statement *base)
{
	return write_rows(base, 1, true);
}

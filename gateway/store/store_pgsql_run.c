/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running a statement of the PostgreSQL engine: the id it draws, its answer waited for, sent with others, or asked ahead. Called through
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

static bool same_values(const struct pg_statement *st, const struct pg_ahead *a)
{
	for (int i = 0; i < st->n_parameters; i++) {
		const struct pg_value *v = &st->values[i], *w = &a->values[i];
		if (v->kind != w->kind)
			return false;
		if (v->kind == PG_NULL)
			continue;
		bool small = v->kind == PG_INT || v->kind == PG_REAL;
		if (v->n_bytes != w->n_bytes || memcmp(small ? v->small : v->data, small ? w->small : w->data, (size_t)v->n_bytes))
			return false;
	}
	return true;
}

/* The answer that was asked for ahead; it is used once. */
static int take_ahead(struct pgsql *s, struct pg_statement *st, bool *ret_taken)
{
	*ret_taken = false;
	for (struct pg_ahead *a = s->aheads; a; a = a->next) {
		if (a->st != st || !same_values(st, a))
			continue;
		if (a->sent) {
			int r = pg_exchange(s);
			if (r)
				return r;
			r = pg_lost_or_failed(s);
			if (r)
				return r;
		}
		st->result = MOVE(a->result);
		a->st = NULL;
		*ret_taken = st->result != NULL;
		return 0;
	}
	return 0;
}

static int fetch(struct pgsql *s, struct pg_statement *st)
{
	bool taken = false;
	int r = s->begun ? take_ahead(s, st, &taken) : 0;
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
	return ++st->row < PQntuples(st->result) ? 1 : 0;
}

int pg_run(struct statement *base)
{
	int r = execute(pg_st(base));
	pg_statement_reset(base);
	return r;
}

int pg_write(struct statement *base, int64_t n)
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
		r = pg_send_statement(s, st, (struct pg_entry){ .kind = PG_WRITE, .n = n });
	s->wrote = true;
	s->counted |= n >= 0;
	s->total += n > 0 ? n : 1;
	pg_statement_reset(base);
	return r;
}

/* ---- asked ahead ---- */

static int keep_values(struct pg_ahead *a, const struct pg_statement *st)
{
	size_t n = 1;
	for (int i = 0; i < st->n_parameters; i++)
		if (st->values[i].kind == PG_TEXT || st->values[i].kind == PG_BLOB)
			n += (size_t)st->values[i].n_bytes;
	char *to = a->bytes = malloc(n);
	if (!to)
		return E_NOMEM;
	for (int i = 0; i < st->n_parameters; i++) {
		a->values[i] = st->values[i];
		if (st->values[i].kind != PG_TEXT && st->values[i].kind != PG_BLOB)
			continue;
		if (st->values[i].n_bytes)
			memcpy(to, st->values[i].data, (size_t)st->values[i].n_bytes);
		a->values[i].data = to;
		to += st->values[i].n_bytes;
	}
	return 0;
}

void pg_ask_ahead(struct statement *base)
{
	struct pg_statement *st = pg_st(base);
	struct pgsql *s = pgsql_of(base->db);
	struct pg_ahead *a = s->begun && st->reads && !pg_lost_or_failed(s) ? calloc(1, sizeof(*a)) : NULL;
	if (a && keep_values(a, st)) {
		free(a);
		a = NULL;
	}
	if (a) {
		a->st = st;
		a->sent = true;
		struct pg_ahead **last = &s->aheads;
		while (*last)
			last = &(*last)->next;
		*last = a;
		pg_call(s);
		if (pg_send_statement(s, st, (struct pg_entry){ .kind = PG_AHEAD, .ahead = a }))
			log_debug("store.ahead", "lost=%d", s->lost); /* the read itself says what is wrong */
	}
	pg_statement_reset(base);
}

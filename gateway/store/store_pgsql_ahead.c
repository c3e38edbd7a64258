/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads of the PostgreSQL engine that were asked ahead: kept by statement and values until the read itself comes, each used
 * once. Those of one statement wait as arrays and are asked as one before anything else is sent. All are forgotten with the
 * transaction. Called by the engine's other files; waits only for an answer under way. */
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/store/pgsql.h"

static bool is_small(const struct pg_value *v)
{
	return v->kind == PG_INT || v->kind == PG_REAL;
}

static uint64_t mix(uint64_t h, const void *data, size_t n_bytes)
{
	for (const unsigned char *p = data, *end = p + n_bytes; p < end; p++)
		h = (h ^ *p) * UINT64_C(0x100000001b3);
	return h;
}

static size_t place_of(const struct pg_statement *st)
{
	uint64_t h = mix(UINT64_C(0xcbf29ce484222325), &st, sizeof(st));
	for (int i = 0; i < st->n_parameters; i++) {
		const struct pg_value *v = &st->values[i];
		if (v->kind != PG_NULL && v->n_bytes)
			h = mix(h, is_small(v) ? v->small : v->data, (size_t)v->n_bytes);
	}
	return (h ^ h >> 32) % PG_AHEADS;
}

static bool same_values(const struct pg_statement *st, const struct pg_ahead *a)
{
	for (int i = 0; i < st->n_parameters; i++) {
		const struct pg_value *v = &st->values[i], *w = &a->values[i];
		if (v->kind != w->kind)
			return false;
		if (v->kind == PG_NULL)
			continue;
		if (v->n_bytes != w->n_bytes ||
		    (v->n_bytes && memcmp(is_small(v) ? v->small : v->data, is_small(w) ? w->small : w->data, (size_t)v->n_bytes)))
			return false;
	}
	return true;
}

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

static void free_one(struct pg_ahead *a)
{
	pg_shared_release(a->shared);
	free(a->bytes);
	free(a);
}

int pg_ahead_take(struct pgsql *s, struct pg_statement *st, bool *ret_taken)
{
	*ret_taken = false;
	struct pg_ahead **at = s->n_aheads ? &s->aheads[place_of(st)] : NULL;
	while (at && *at && ((*at)->st != st || !same_values(st, *at)))
		at = &(*at)->next;
	struct pg_ahead *a = at ? *at : NULL;
	if (!a)
		return 0;
	int r = a->open ? pg_exchange(s) : 0; /* a connection that is lost has forgotten it */
	if (!r)
		r = pg_lost_or_failed(s);
	if (r)
		return r;
	if (a->shared) {
		st->shared = MOVE(a->shared);
		st->result = st->shared->result;
		st->row = a->from - 1;
		st->until = a->until;
		*ret_taken = true;
	}
	*at = a->next;
	s->n_aheads--;
	free_one(a);
	return 0;
}

/* ---- asking many at once ---- */

struct pg_asking {
	struct pg_rows *rows;
	struct pg_ahead *first, *last;
};

/* Each question's rows behind each other, in its own order, with its number as the last column. */
static int many_text(const struct pg_statement *st, char **ret)
{
	OWN(buffer) struct buffer out = { 0 };
	int r = buffer_puts(&out, "SELECT r.*, " PG_ROWS_ALIAS ".n");
	if (!r)
		r = pg_rows_from(&out, st->n_parameters, true);
	if (!r)
		r = buffer_puts(&out, ", LATERAL (");
	if (!r)
		r = pg_rows_columns(&out, st->sql, st->sql + strlen(st->sql));
	if (!r)
		r = buffer_put(&out, ") AS r", sizeof(") AS r"));
	if (!r)
		*ret = MOVE(out.data);
	return r;
}

static int asking_new(struct pg_statement *st)
{
	struct pg_asking *k = calloc(1, sizeof(*k));
	char *sql = NULL;
	int r = k ? many_text(st, &sql) : E_NOMEM;
	if (!r)
		r = pg_rows_new(st, sql, &k->rows);
	if (r)
		free(k);
	else
		st->asking = k;
	return r;
}

static void asking_empty(struct pg_asking *k)
{
	k->first = k->last = NULL;
	pg_rows_empty(k->rows);
}

int pg_asked_send(struct pgsql *s)
{
	struct pg_statement *list[PG_BATCHES_MAX];
	size_t n = s->n_asking;
	int r = 0;
	memcpy(list, s->asking, n * sizeof(list[0]));
	s->n_asking = 0; /* sending comes here again */
	for (size_t i = 0; i < n; i++) {
		struct pg_asking *k = list[i]->asking;
		if (!r)
			r = pg_rows_send(s, k->rows, (struct pg_entry){ .kind = PG_AHEAD, .ahead = k->first });
		asking_empty(k);
	}
	return r;
}

static int ask_together(struct pgsql *s, struct pg_statement *st, struct pg_ahead *a)
{
	int r = pg_batches_send(s); /* what was changed before it was asked is seen */
	if (!r && !st->asking)
		r = asking_new(st);
	if (!r && (!pg_rows_join(st->asking->rows, st) || (!st->asking->first && s->n_asking == PG_BATCHES_MAX)))
		r = pg_asked_send(s);
	if (r)
		return r;
	struct pg_asking *k = st->asking;
	if (!k->first) {
		s->asking[s->n_asking++] = st;
		k->first = a;
	} else {
		k->last->beside = a;
	}
	k->last = a;
	r = pg_rows_add(k->rows, st);
	a->n = k->rows->n;
	return r;
}

/* NULL when it was asked already, or out of memory. */
static struct pg_ahead *keep(struct pgsql *s, struct pg_statement *st)
{
	struct pg_ahead **end = &s->aheads[place_of(st)];
	for (; *end; end = &(*end)->next)
		if ((*end)->st == st && same_values(st, *end))
			return NULL;
	struct pg_ahead *a = calloc(1, sizeof(*a));
	if (!a || keep_values(a, st)) {
		free(a);
		return NULL;
	}
	a->st = st;
	a->open = true;
	*end = a;
	s->n_aheads++;
	return a;
}

void pg_ahead_ask(struct statement *base)
{
	struct pg_statement *st = pg_st(base);
	struct pgsql *s = pgsql_of(base->db);
	struct pg_ahead *a = s->begun && st->reads && !pg_lost_or_failed(s) ? keep(s, st) : NULL;
	if (a) {
		bool together = st->n_parameters && pg_rows_fit(st);
		pg_call(s);
		if (together ? ask_together(s, st, a) : pg_send_statement(s, st, (struct pg_entry){ .kind = PG_AHEAD, .ahead = a }))
			log_debug("store.ahead", "lost=%d", s->lost); /* the read itself says what is wrong */
	}
	pg_statement_reset(base);
}

/* ---- answers ---- */

void pg_shared_release(struct pg_shared *shared)
{
	if (!shared || --shared->users)
		return;
	PQclear(shared->result);
	free(shared);
}

/* Up to which row the answers to question n go. */
static int rows_of(const PGresult *res, int row, int64_t n)
{
	int last = PQnfields(res) - 1;
	while (row < PQntuples(res) && (!n || strtoll(PQgetvalue(res, row, last), NULL, 10) == n))
		row++;
	return row;
}

void pg_ahead_answer(struct pg_ahead *first, PGresult *res)
{
	struct pg_shared *shared = res ? malloc(sizeof(*shared)) : NULL;
	int row = 0;
	if (shared)
		*shared = (struct pg_shared){ res, 1 };
	else
		PQclear(res);
	for (struct pg_ahead *a = first; a; a = a->beside) {
		a->open = false;
		if (!shared)
			continue; /* the read asks again */
		a->from = row;
		a->until = row = rows_of(res, row, a->n);
		a->shared = shared;
		shared->users++;
	}
	pg_shared_release(shared);
}

/* ---- forgetting ---- */

/* The answers may still be under way: they are read and thrown away. */
void pg_ahead_forget(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	for (size_t i = 0; i < s->n_asking; i++)
		asking_empty(s->asking[i]->asking);
	s->n_asking = 0;
	if (!s->n_aheads)
		return;
	for (size_t i = s->queue_from; i < s->n_queue; i++)
		s->queue[i].ahead = NULL;
	for (size_t i = 0; i < PG_AHEADS; i++)
		while (s->aheads[i]) {
			struct pg_ahead *a = s->aheads[i];
			s->aheads[i] = a->next;
			free_one(a);
		}
	s->n_aheads = 0;
}

void pg_ahead_statement_gone(struct pgsql *s, struct pg_statement *st)
{
	for (size_t i = 0; s->n_aheads && i < PG_AHEADS; i++)
		for (struct pg_ahead *a = s->aheads[i]; a; a = a->next)
			if (a->st == st)
				a->st = NULL;
	if (!st->asking)
		return;
	for (size_t i = 0; i < s->n_asking; i++)
		if (s->asking[i] == st)
			s->asking[i--] = s->asking[--s->n_asking];
	pg_rows_free(s, st->asking->rows);
	free(st->asking);
	st->asking = NULL;
}

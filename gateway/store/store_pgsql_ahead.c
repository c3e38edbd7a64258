/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads of the PostgreSQL engine that were asked ahead: kept by statement and values until the read itself comes, each used once, the
 * oldest first. All are forgotten with the transaction. Called by the engine's other files; waits only for an answer under way. */
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
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
	PQclear(a->result);
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
	int r = a->sent ? pg_exchange(s) : 0; /* a connection that is lost has forgotten it */
	if (!r)
		r = pg_lost_or_failed(s);
	if (r)
		return r;
	st->result = a->result;
	a->result = NULL;
	*ret_taken = st->result != NULL;
	*at = a->next;
	s->n_aheads--;
	free_one(a);
	return 0;
}

void pg_ahead_ask(struct statement *base)
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
		struct pg_ahead **end = &s->aheads[place_of(st)];
		while (*end)
			end = &(*end)->next;
		*end = a;
		s->n_aheads++;
		pg_call(s);
		if (pg_send_statement(s, st, (struct pg_entry){ .kind = PG_AHEAD, .ahead = a }))
			log_debug("store.ahead", "lost=%d", s->lost); /* the read itself says what is wrong */
	}
	pg_statement_reset(base);
}

/* The answers may still be under way: they are read and thrown away. */
void pg_ahead_forget(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
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

void pg_ahead_statement_gone(struct pgsql *s, const struct pg_statement *st)
{
	for (size_t i = 0; s->n_aheads && i < PG_AHEADS; i++)
		for (struct pg_ahead *a = s->aheads[i]; a; a = a->next)
			if (a->st == st)
				a->st = NULL;
}

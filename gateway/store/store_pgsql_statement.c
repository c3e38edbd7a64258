/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A statement of the PostgreSQL engine: its text, what is bound to it, the rows it gave. Called through store.c; sends nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/store/pgsql.h"

void pg_forget_row(struct pg_statement *st)
{
	int n = st->blobs ? PQnfields(st->result) : 0;
	for (int i = 0; i < n; i++)
		PQfreemem(st->blobs[i]);
	free(st->blobs);
	st->blobs = NULL;
}

void pg_forget_result(struct pg_statement *st)
{
	pg_forget_row(st);
	if (!st->shared)
		PQclear(st->result);
	pg_shared_release(st->shared);
	st->shared = NULL;
	st->result = NULL;
	st->row = -1;
}

void pg_statement_drop(struct statement *base)
{
	struct pg_statement *st = pg_st(base);
	struct pgsql *s = pgsql_of(base->db);
	for (size_t i = s->queue_from; i < s->n_queue; i++)
		if (s->queue[i].st == st)
			s->queue[i].st = NULL;
	pg_ahead_statement_gone(s, st);
	pg_batch_free(st);
	pg_forget_result(st);
	for (int i = 0; i < st->n_parameters; i++)
		free(st->names[i]);
	free(st->sql);
	free(st);
}

struct statement *pg_statement_new(struct store *store, const char *sql, bool keep)
{
	struct pgsql *s = pgsql_of(store);
	struct pg_statement *st = calloc(1, sizeof(*st));
	if (!st)
		return NULL;
	st->base.db = store;
	st->keep = keep;
	st->row = -1;
	if (pg_translate(st, sql, s->tables, s->n_tables)) {
		log_error("store.prepare", "sql=%.200s", sql);
		pg_statement_drop(&st->base);
		return NULL;
	}
	return &st->base;
}

void pg_statement_reset(struct statement *base)
{
	struct pg_statement *st = pg_st(base);
	pg_forget_result(st);
	for (int i = 0; i < st->n_parameters; i++)
		st->values[i].kind = PG_NULL;
}

int pg_place(struct statement *base, const char *name)
{
	struct pg_statement *st = pg_st(base);
	for (int i = 0; i < st->n_parameters; i++)
		if (!strcmp(st->names[i], name))
			return i + 1;
	return 0;
}

static struct pg_value *value_at(struct statement *base, int i, enum pg_kind kind)
{
	struct pg_value *v = &pg_st(base)->values[i - 1];
	v->kind = kind;
	return v;
}

void pg_put_int(struct statement *st, int i, int64_t value)
{
	struct pg_value *v = value_at(st, i, PG_INT);
	v->n_bytes = snprintf(v->small, sizeof(v->small), "%lld", (long long)value);
}

void pg_put_real(struct statement *st, int i, double value)
{
	struct pg_value *v = value_at(st, i, PG_REAL);
	v->n_bytes = snprintf(v->small, sizeof(v->small), "%.17g", value);
}

void pg_put_text(struct statement *st, int i, const char *value)
{
	struct pg_value *v = value_at(st, i, value ? PG_TEXT : PG_NULL);
	v->data = value;
	v->n_bytes = value ? (int)strlen(value) : 0;
}

void pg_put_blob(struct statement *st, int i, const void *data, size_t n_bytes)
{
	struct pg_value *v = value_at(st, i, data ? PG_BLOB : PG_NULL);
	v->data = data;
	v->n_bytes = (int)n_bytes;
}

void pg_put_null(struct statement *st, int i)
{
	value_at(st, i, PG_NULL);
}

/* ---- columns ---- */

bool pg_get_null(struct statement *base, int i)
{
	const struct pg_statement *st = pg_st(base);
	return !st->result || st->row >= st->until || PQgetisnull(st->result, st->row, i);
}

const char *pg_get_text(struct statement *base, int i)
{
	return pg_get_null(base, i) ? NULL : PQgetvalue(pg_st(base)->result, pg_st(base)->row, i);
}

int64_t pg_get_int(struct statement *base, int i)
{
	const char *text = pg_get_text(base, i);
	if (!text)
		return 0;
	return *text == 't' ? 1 : strtoll(text, NULL, 10);
}

double pg_get_real(struct statement *base, int i)
{
	const char *text = pg_get_text(base, i);
	return text ? strtod(text, NULL) : 0;
}

const void *pg_get_blob(struct statement *base, int i, size_t *ret_bytes)
{
	struct pg_statement *st = pg_st(base);
	const char *text = pg_get_text(base, i);
	*ret_bytes = 0;
	if (!text)
		return NULL;
	if (strncmp(text, "\\x", 2)) {
		*ret_bytes = (size_t)PQgetlength(st->result, st->row, i);
		return text;
	}
	if (!st->blobs)
		st->blobs = calloc((size_t)PQnfields(st->result), sizeof(*st->blobs));
	if (!st->blobs)
		return NULL;
	*ret_bytes = (size_t)(PQgetlength(st->result, st->row, i) - 2) / 2;
	if (!st->blobs[i]) {
		size_t n;
		st->blobs[i] = PQunescapeBytea((const unsigned char *)text, &n);
	}
	return st->blobs[i];
}

int pg_columns(struct statement *base)
{
	return pg_st(base)->result ? PQnfields(pg_st(base)->result) : 0;
}

const char *pg_column_name(struct statement *base, int i)
{
	return pg_st(base)->result ? PQfname(pg_st(base)->result, i) : NULL;
}

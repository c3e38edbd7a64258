/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of many executions of one statement as arrays, for a statement that does all of them at once. Called by batches and by what
 * is asked ahead; knows nothing of what the statement is. */
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/store/pgsql.h"

#define OID_BYTEA 17
#define OID_INT8 20
#define OID_TEXT 25
#define OID_FLOAT8 701

/* ---- the text ---- */

int pg_rows_columns(struct buffer *out, const char *from, const char *end)
{
	int r = 0;
	bool quoted = false;
	for (const char *p = from; !r && p < end; p++) {
		quoted ^= *p == '\'';
		r = *p == '$' && !quoted ? buffer_puts(out, PG_ROWS_ALIAS ".p") : buffer_put(out, p, 1);
	}
	return r;
}

/* word1, word2 … */
static int put_list(struct buffer *out, const char *word, int n)
{
	int r = 0;
	for (int i = 1; !r && i <= n; i++)
		r = buffer_printf(out, "%s%s%d", i > 1 ? ", " : "", word, i);
	return r;
}

int pg_rows_from(struct buffer *out, int n_parameters, bool counted)
{
	int r = buffer_puts(out, " FROM unnest(");
	if (!r)
		r = put_list(out, "$", n_parameters);
	if (!r)
		r = buffer_puts(out, counted ? ") WITH ORDINALITY AS " PG_ROWS_ALIAS "(" : ") AS " PG_ROWS_ALIAS "(");
	if (!r)
		r = put_list(out, "p", n_parameters);
	return r ? r : buffer_puts(out, counted ? ", n)" : ")");
}

/* ---- life ---- */

int pg_rows_new(const struct pg_statement *st, char *sql, struct pg_rows **ret)
{
	struct pg_rows *rows = calloc(1, sizeof(*rows));
	struct pg_statement *many = calloc(1, sizeof(*many));
	if (!rows || !many) {
		free(rows);
		free(many);
		free(sql);
		return E_NOMEM;
	}
	*many = (struct pg_statement){ .base = { .db = st->base.db, .name = st->base.name }, .sql = sql, .keep = true, .row = -1,
				       .n_parameters = st->n_parameters };
	rows->many = many;
	*ret = rows;
	return 0;
}

void pg_rows_free(struct pgsql *s, struct pg_rows *rows)
{
	if (!rows)
		return;
	for (size_t i = s->queue_from; i < s->n_queue; i++)
		if (s->queue[i].st == rows->many)
			s->queue[i].st = NULL;
	for (int i = 0; i < rows->many->n_parameters; i++)
		buffer_done(&rows->arrays[i]);
	free(rows->many->sql);
	free(rows->many);
	free(rows);
}

void pg_rows_empty(struct pg_rows *rows)
{
	for (int i = 0; i < rows->many->n_parameters; i++)
		buffer_cut(&rows->arrays[i], 0);
	rows->n = 0;
}

/* ---- values ---- */

static int put_text(struct buffer *to, const char *text, int n)
{
	int r = buffer_puts(to, "\"");
	for (int i = 0; !r && i < n;) {
		int plain = 0;
		while (i + plain < n && text[i + plain] != '"' && text[i + plain] != '\\')
			plain++;
		r = buffer_put(to, text + i, (size_t)plain);
		i += plain;
		if (!r && i < n)
			r = buffer_printf(to, "\\%c", text[i++]);
	}
	return r ? r : buffer_puts(to, "\"");
}

static int put_blob(struct buffer *to, const char *data, int n)
{
	int r = buffer_puts(to, "\"\\\\x");
	for (int i = 0; !r && i < n; i++)
		r = buffer_printf(to, "%02x", (unsigned)(unsigned char)data[i]);
	return r ? r : buffer_puts(to, "\"");
}

static int put_value(struct buffer *to, const struct pg_value *v)
{
	switch (v->kind) {
	case PG_NULL: return buffer_puts(to, "NULL");
	case PG_INT:
	case PG_REAL: return buffer_put(to, v->small, (size_t)v->n_bytes);
	case PG_TEXT: return put_text(to, v->data, v->n_bytes);
	case PG_BLOB: return put_blob(to, v->data, v->n_bytes);
	case PG_ARRAY: return E_INVALID;
	}
	return E_INVALID;
}

static enum pg_kind kind_of(Oid type)
{
	return type == OID_INT8 ? PG_INT : type == OID_FLOAT8 ? PG_REAL : type == OID_TEXT ? PG_TEXT : type == OID_BYTEA ? PG_BLOB : PG_NULL;
}

static enum pg_kind element_kind(const struct pg_statement *st, int i)
{
	return st->values[i].kind != PG_NULL ? st->values[i].kind : kind_of(st->types[i] ? st->types[i] : st->asked[i]);
}

bool pg_rows_fit(const struct pg_statement *st)
{
	for (int i = 0; i < st->n_parameters; i++)
		if (element_kind(st, i) == PG_NULL)
			return false;
	return st->keep;
}

bool pg_rows_join(const struct pg_rows *rows, const struct pg_statement *st)
{
	for (int i = 0; rows->n && i < st->n_parameters; i++)
		if (rows->kinds[i] != element_kind(st, i))
			return false;
	return rows->n < PG_ROWS_MAX;
}

int pg_rows_add(struct pg_rows *rows, const struct pg_statement *st)
{
	int r = 0;
	for (int i = 0; !r && i < st->n_parameters; i++) {
		rows->kinds[i] = element_kind(st, i);
		r = buffer_puts(&rows->arrays[i], rows->n ? "," : "{");
		if (!r)
			r = put_value(&rows->arrays[i], &st->values[i]);
	}
	rows->n++; /* in any case: half a row is sent as a fault, not left out */
	return r;
}

static Oid array_of(enum pg_kind kind)
{
	switch (kind) {
	case PG_INT: return 1016;
	case PG_REAL: return 1022;
	case PG_TEXT: return 1009;
	case PG_BLOB: return 1001;
	case PG_NULL:
	case PG_ARRAY: return 0;
	}
	return 0;
}

int pg_rows_send(struct pgsql *s, struct pg_rows *rows, struct pg_entry e)
{
	struct pg_statement *many = rows->many;
	int r = 0;
	for (int i = 0; !r && i < many->n_parameters; i++) {
		struct buffer *array = &rows->arrays[i];
		r = buffer_put(array, "}", 2); /* with its NUL */
		if (many->types[i] != array_of(rows->kinds[i]))
			many->connection = 0;
		many->types[i] = array_of(rows->kinds[i]);
		many->values[i] = (struct pg_value){ .kind = PG_ARRAY, .data = buffer_text(array), .n_bytes = (int)buffer_left(array) - 1 };
	}
	if (!r)
		r = pg_send_statement(s, many, e);
	pg_rows_empty(rows);
	return r;
}

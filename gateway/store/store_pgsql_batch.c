/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes of single rows that are sent together: those of one statement wait as arrays and go as one change of many rows before anything
 * else is sent. A change of a row that waits already sends all of them first. Called by the engine's other files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/store/pgsql.h"

#define ROWS_MAX 512
#define OID_BYTEA 17
#define OID_INT8 20
#define OID_TEXT 25
#define OID_FLOAT8 701

struct pg_batch {
	struct pg_statement *many; /* the same change, of arrays */
	enum pg_kind kinds[PG_PARAMETERS_MAX]; /* of the elements */
	struct buffer arrays[PG_PARAMETERS_MAX];
	int64_t ids[ROWS_MAX]; /* of the rows */
	int n;
};

/* ---- the text of many ---- */

/* "…$3…" becomes "…v.p3…"; quoted parts stay. */
static int put_columns(struct buffer *out, const char *from, const char *end)
{
	int r = 0;
	bool quoted = false;
	for (const char *p = from; !r && p < end; p++) {
		quoted ^= *p == '\'';
		r = *p == '$' && !quoted ? buffer_puts(out, "v.p") : buffer_put(out, p, 1);
	}
	return r;
}

static int put_rows(struct buffer *out, int n)
{
	int r = buffer_puts(out, " FROM unnest(");
	for (int i = 1; !r && i <= n; i++)
		r = buffer_printf(out, "%s$%d", i > 1 ? ", " : "", i);
	if (!r)
		r = buffer_puts(out, ") AS v(");
	for (int i = 1; !r && i <= n; i++)
		r = buffer_printf(out, "%sp%d", i > 1 ? ", " : "", i);
	return r ? r : buffer_puts(out, ")");
}

static const char *last_of(const char *text, const char *part)
{
	const char *last = NULL;
	for (const char *p = text; (p = strstr(p, part)); p++)
		last = p;
	return last;
}

static int put_insert(struct buffer *out, const struct pg_statement *st, const char *values)
{
	const char *end = st->sql + strlen(st->sql);
	int r = values && end[-1] == ')' ? put_columns(out, st->sql, values) : E_INVALID;
	if (!r)
		r = buffer_puts(out, " SELECT ");
	if (!r)
		r = put_columns(out, values + strlen(" VALUES ("), end - 1);
	return r ? r : put_rows(out, st->n_parameters);
}

static int put_update(struct buffer *out, const struct pg_statement *st, const char *where)
{
	int r = where ? put_columns(out, st->sql, where) : E_INVALID;
	if (!r)
		r = put_rows(out, st->n_parameters);
	return r ? r : put_columns(out, where, st->sql + strlen(st->sql));
}

static int many_text(const struct pg_statement *st, char **ret)
{
	OWN(buffer) struct buffer out = { 0 };
	int r = st->table[0] ? put_insert(&out, st, strstr(st->sql, " VALUES (")) : put_update(&out, st, last_of(st->sql, " WHERE "));
	if (!r)
		r = buffer_put(&out, "", 1);
	if (!r)
		*ret = MOVE(out.data);
	return r;
}

static bool is_update(const struct pg_statement *st)
{
	return !strncmp(st->sql, "UPDATE ", 7);
}

/* The table whose row is changed; its name ends at a space. */
static const char *table_of(const struct pg_statement *st)
{
	return st->sql + (is_update(st) ? strlen("UPDATE ") : strlen("INSERT INTO "));
}

static bool same_table(const struct pg_statement *a, const struct pg_statement *b)
{
	const char *p = table_of(a), *q = table_of(b);
	size_t n = strcspn(p, " ");
	return n == strcspn(q, " ") && !memcmp(p, q, n);
}

/* Where the id of the row stands among the values: drawn, or named. */
static int id_place(const struct pg_statement *st)
{
	for (int i = 0; i < st->n_parameters; i++)
		if (!strcmp(st->names[i], st->table[0] ? "" : "$id"))
			return i;
	return -1;
}

static int batch_new(struct pg_statement *st)
{
	struct pg_batch *b = calloc(1, sizeof(*b));
	struct pg_statement *many = calloc(1, sizeof(*many));
	int r = b && many ? many_text(st, &many->sql) : E_NOMEM;
	if (r) {
		free(b);
		free(many);
		return r;
	}
	many->base = (struct statement){ .db = st->base.db, .name = st->base.name };
	many->keep = true;
	many->row = -1;
	many->n_parameters = st->n_parameters;
	b->many = many;
	st->batch = b;
	return 0;
}

void pg_batch_free(struct pg_statement *st)
{
	struct pg_batch *b = st->batch;
	if (!b)
		return;
	struct pgsql *s = pgsql_of(st->base.db);
	for (size_t i = 0; i < s->n_batches; i++)
		if (s->batches[i] == st)
			s->batches[i--] = s->batches[--s->n_batches];
	for (size_t i = s->queue_from; i < s->n_queue; i++)
		if (s->queue[i].st == b->many)
			s->queue[i].st = NULL;
	for (int i = 0; i < st->n_parameters; i++)
		buffer_done(&b->arrays[i]);
	free(b->many->sql);
	free(b->many);
	free(b);
	st->batch = NULL;
}

/* ---- the rows ---- */

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

/* Of which kind the array of value i is; PG_NULL: not known yet. */
static enum pg_kind element_kind(const struct pg_statement *st, int i)
{
	return st->values[i].kind != PG_NULL ? st->values[i].kind : kind_of(st->types[i] ? st->types[i] : st->asked[i]);
}

bool pg_batch_fits(const struct pg_statement *st)
{
	int id = id_place(st);
	for (int i = 0; i < st->n_parameters; i++)
		if (element_kind(st, i) == PG_NULL)
			return false;
	return st->keep && id >= 0 && st->values[id].kind == PG_INT && (st->table[0] || is_update(st));
}

static bool waits(const struct pgsql *s, const struct pg_statement *st, int64_t id)
{
	for (size_t i = 0; i < s->n_batches; i++) {
		const struct pg_batch *b = s->batches[i]->batch;
		for (int k = 0; same_table(s->batches[i], st) && k < b->n; k++)
			if (b->ids[k] == id)
				return true;
	}
	return false;
}

/* Of the same kinds as those that wait? */
static bool joins(const struct pg_statement *st)
{
	const struct pg_batch *b = st->batch;
	for (int i = 0; b->n && i < st->n_parameters; i++)
		if (b->kinds[i] != element_kind(st, i))
			return false;
	return b->n < ROWS_MAX;
}

static int add_values(struct pg_statement *st)
{
	struct pg_batch *b = st->batch;
	int r = 0;
	for (int i = 0; !r && i < st->n_parameters; i++) {
		b->kinds[i] = element_kind(st, i);
		r = buffer_puts(&b->arrays[i], b->n ? "," : "{");
		if (!r)
			r = put_value(&b->arrays[i], &st->values[i]);
	}
	return r;
}

int pg_batch_add(struct pgsql *s, struct pg_statement *st)
{
	int64_t id = strtoll(st->values[id_place(st)].small, NULL, 10);
	int r = st->batch ? 0 : batch_new(st);
	if (!r && (!joins(st) || waits(s, st, id) || (!st->batch->n && s->n_batches == PG_BATCHES_MAX)))
		r = pg_batches_send(s);
	if (r)
		return r;
	struct pg_batch *b = st->batch;
	if (!b->n)
		s->batches[s->n_batches++] = st;
	r = add_values(st);
	b->ids[b->n++] = id; /* counted in any case: half a row is sent as a fault, not left out */
	return r;
}

static void empty(struct pg_batch *b, int n_parameters)
{
	for (int i = 0; i < n_parameters; i++)
		buffer_cut(&b->arrays[i], 0);
	b->n = 0;
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

static int send_one(struct pgsql *s, struct pg_statement *st)
{
	struct pg_batch *b = st->batch;
	struct pg_statement *many = b->many;
	int r = 0, n = b->n;
	for (int i = 0; !r && i < many->n_parameters; i++) {
		r = buffer_put(&b->arrays[i], "}", 2); /* with its NUL */
		if (many->types[i] != array_of(b->kinds[i]))
			many->connection = 0;
		many->types[i] = array_of(b->kinds[i]);
		many->values[i] = (struct pg_value){ .kind = PG_ARRAY, .data = buffer_text(&b->arrays[i]),
						     .n_bytes = (int)buffer_left(&b->arrays[i]) - 1 };
	}
	if (!r)
		r = pg_send_statement(s, many, (struct pg_entry){ .kind = PG_WRITE, .n = n });
	empty(b, many->n_parameters);
	return r;
}

int pg_batches_send(struct pgsql *s)
{
	struct pg_statement *list[PG_BATCHES_MAX];
	size_t n = s->n_batches;
	int r = 0;
	memcpy(list, s->batches, n * sizeof(list[0]));
	s->n_batches = 0; /* sending comes here again */
	for (size_t i = 0; i < n; i++) {
		if (!r)
			r = send_one(s, list[i]);
		else
			empty(list[i]->batch, list[i]->n_parameters);
	}
	return r;
}

void pg_batches_forget(struct pgsql *s)
{
	for (size_t i = 0; i < s->n_batches; i++)
		empty(s->batches[i]->batch, s->batches[i]->n_parameters);
	s->n_batches = 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paging by key. Called by the copier; writes nothing. */
#include "gateway/store/cursor.h"

#include <string.h>

#include "gateway/base/own.h"
#include "gateway/store/engine.h"

#define ROWS_FIRST 16
#define ROWS_MIN 4
#define ROWS_MAX 1000
#define BATCH_BYTES (1 << 20)

/* Kept by the server until the connection ends, as the copier's own does. */
static struct statement *prepare(struct store *db, const struct shape_table *t, enum shape_sql which)
{
	struct statement *st = db->ops->prepare(db, t->sql[which], true);
	if (st)
		st->name = t->name;
	return st;
}

int cursor_init(struct cursor *c, struct store *db, const struct shape_table *table)
{
	*c = (struct cursor){ .db = db, .table = table, .n_rows = ROWS_FIRST };
	c->first = prepare(db, table, SHAPE_FIRST);
	c->next = prepare(db, table, SHAPE_NEXT);
	for (int i = 0; i < table->n_keys; i++)
		c->key[0][i].kind = c->key[1][i].kind = table->columns[table->keys[i]].kind;
	if (c->first && c->next)
		return 0;
	cursor_done(c);
	return E_INVALID;
}

void cursor_done(struct cursor *c)
{
	store_drop(c->first);
	store_drop(c->next);
	for (int i = 0; i < SHAPE_KEYS_MAX; i++) {
		buffer_done(&c->key[0][i].bytes);
		buffer_done(&c->key[1][i].bytes);
	}
	*c = (struct cursor){ 0 };
}

/* ---- values ---- */

int cursor_value(const struct cursor *c, struct statement *st, int i, struct cursor_value *ret)
{
	struct cursor_value v = { .kind = c->table->columns[i].kind, .null = column_null(st, i) };
	if (v.null) {
		*ret = v;
		return 0;
	}
	switch (v.kind) {
	case SHAPE_INT: v.number = column_int(st, i); break;
	case SHAPE_REAL: v.real = column_real(st, i); break;
	case SHAPE_TEXT:
		v.bytes = column_text(st, i);
		if (!v.bytes)
			return E_NOMEM;
		v.n_bytes = strlen(v.bytes);
		break;
	case SHAPE_BLOB: v.bytes = column_blob(st, i, &v.n_bytes); break;
	}
	if (v.kind == SHAPE_TEXT && c->db->ops->is_file) {
		size_t n;
		column_blob(st, i, &n);
		if (n != v.n_bytes)
			return E_CORRUPT;
	}
	if (!v.bytes)
		v.bytes = ""; /* an empty blob is no NULL */
	*ret = v;
	return 0;
}

/* ---- the place ---- */

static int keep(struct cursor_key *k, struct statement *st, int i)
{
	const char *text = NULL;
	size_t n = 0;
	buffer_take(&k->bytes, buffer_left(&k->bytes));
	switch (k->kind) {
	case SHAPE_INT: k->number = column_int(st, i); return 0;
	case SHAPE_TEXT:
		text = column_text(st, i);
		n = text ? strlen(text) : 0;
		break;
	case SHAPE_BLOB: text = column_blob(st, i, &n); break;
	case SHAPE_REAL: return E_INVALID; /* no key */
	}
	return buffer_put(&k->bytes, text ? text : "", n);
}

static void bind(const struct cursor_key *k, struct statement *st, const char *name)
{
	if (k->kind == SHAPE_INT)
		bind_int(st, name, k->number);
	else if (k->kind == SHAPE_TEXT)
		bind_text(st, name, buffer_text(&k->bytes));
	else
		bind_blob(st, name, buffer_text(&k->bytes), buffer_left(&k->bytes));
}

int cursor_seek(struct cursor *c, struct store *other)
{
	struct statement *st = prepare(other, c->table, SHAPE_LAST);
	int r = store_row(st);
	bool found = r > 0;
	for (int i = 0; r >= 0 && found && i < c->table->n_keys; i++)
		r = keep(&c->key[c->at][i], st, i);
	store_drop(st);
	c->started = found && r >= 0;
	return r < 0 ? r : 0;
}

/* ---- rows ---- */

static int64_t weigh(const struct cursor *c, struct statement *st)
{
	int64_t bytes = 0;
	for (int i = 0; i < c->table->n_columns; i++) {
		size_t n = 8;
		if (c->table->columns[i].kind == SHAPE_BLOB)
			column_blob(st, i, &n);
		else if (c->table->columns[i].kind == SHAPE_TEXT)
			n = column_text(st, i) ? strlen(column_text(st, i)) : 0;
		bytes += (int64_t)n;
	}
	return bytes;
}

/* As many next time as make a batch, judged by these, and never a big jump. */
static void adapt(struct cursor *c, int n, int64_t bytes)
{
	int64_t rows = (int64_t)BATCH_BYTES * n / (bytes + 1);
	if (rows > c->n_rows * 4)
		rows = c->n_rows * 4;
	c->n_rows = rows < ROWS_MIN ? ROWS_MIN : rows > ROWS_MAX ? ROWS_MAX : (int)rows;
}

static int take_row(struct cursor *c, struct statement *st, int (*row)(void *arg, struct statement *st), void *arg, int64_t *bytes)
{
	int r = 0;
	for (int i = 0; !r && i < c->table->n_keys; i++)
		r = keep(&c->key[!c->at][i], st, c->table->keys[i]);
	if (r)
		return r;
	*bytes += weigh(c, st);
	return row(arg, st);
}

int cursor_take(struct cursor *c, int (*row)(void *arg, struct statement *st), void *arg, int *ret_rows)
{
	struct statement *st = c->started ? c->next : c->first;
	int n = 0, r;
	int64_t bytes = 0;
	for (int i = 0; c->started && i < c->table->n_keys; i++)
		bind(&c->key[c->at][i], st, shape_key_name(i));
	bind_int(st, "$n", c->n_rows);
	while ((r = store_row(st)) > 0) {
		r = take_row(c, st, row, arg, &bytes);
		if (r)
			break;
		n++;
	}
	store_reset(st);
	if (r < 0)
		return r;
	bool more = n == c->n_rows;
	if (n) {
		adapt(c, n, bytes);
		c->at = !c->at;
		c->started = true;
	}
	*ret_rows = n;
	return more;
}

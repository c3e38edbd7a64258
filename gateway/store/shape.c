/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads SQLite's catalogue and writes the texts of a table's whole copy. Called by the copier; touches no row of a table. */
#include "gateway/store/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/own.h"

static const char tables_text[] = "SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY rowid";
static const char columns_text[] = "SELECT name, type, pk FROM pragma_table_info($table) ORDER BY cid";

static const char *const column_names[SHAPE_COLUMNS_MAX] = {
	"$c0",	"$c1",	"$c2",	"$c3",	"$c4",	"$c5",	"$c6",	"$c7",	"$c8",	"$c9",	"$c10", "$c11", "$c12", "$c13",
	"$c14", "$c15", "$c16", "$c17", "$c18", "$c19", "$c20", "$c21", "$c22", "$c23", "$c24", "$c25", "$c26", "$c27",
	"$c28", "$c29", "$c30", "$c31", "$c32", "$c33", "$c34", "$c35", "$c36", "$c37", "$c38", "$c39",
};
static const char *const key_names[SHAPE_KEYS_MAX] = { "$k0", "$k1", "$k2", "$k3" };

const char *shape_column_name(int i)
{
	return column_names[i];
}

const char *shape_key_name(int i)
{
	return key_names[i];
}

/* ---- the catalogue ---- */

static int kind_of(const char *type, enum shape_kind *ret)
{
	static const char *const types[] = { [SHAPE_INT] = "INTEGER", [SHAPE_REAL] = "REAL", [SHAPE_TEXT] = "TEXT", [SHAPE_BLOB] = "BLOB" };
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (!strcmp(type, types[i])) {
			*ret = (enum shape_kind)i;
			return 0;
		}
	return E_CORRUPT;
}

static int read_column(struct statement *st, struct shape_table *t)
{
	const char *name = column_text(st, 0), *type = column_text(st, 1);
	int64_t key = column_int(st, 2); /* counted from 1; 0: not in the key */
	if (!name || !type || t->n_columns == SHAPE_COLUMNS_MAX || key > SHAPE_KEYS_MAX)
		return E_CORRUPT;
	struct shape_column *column = &t->columns[t->n_columns];
	snprintf(column->name, sizeof(column->name), "%s", name);
	if (key > 0) {
		t->keys[key - 1] = t->n_columns;
		t->n_keys++;
	}
	t->n_columns++;
	return kind_of(type, &column->kind);
}

static int read_columns(struct statement *st, struct shape_table *t)
{
	int r;
	bind_text(st, "$table", t->name);
	while ((r = store_row(st)) > 0)
		if ((r = read_column(st, t)) < 0)
			break;
	store_reset(st);
	if (!r && !t->n_keys)
		r = E_CORRUPT;
	t->counted = t->n_keys == 1 && t->columns[t->keys[0]].kind == SHAPE_INT && !strcmp(t->columns[t->keys[0]].name, "id");
	return r;
}

/* ---- the texts ---- */

static int put_names(struct buffer *b, const struct shape_table *t, bool keys, const char *end)
{
	int n = keys ? t->n_keys : t->n_columns, r = 0;
	for (int i = 0; !r && i < n; i++)
		r = buffer_printf(b, "%s%s%s", i ? ", " : "", t->columns[keys ? t->keys[i] : i].name, end);
	return r;
}

static int put_places(struct buffer *b, const char *const *names, int n)
{
	int r = 0;
	for (int i = 0; !r && i < n; i++)
		r = buffer_printf(b, "%s%s", i ? ", " : "", names[i]);
	return r;
}

static int text_of_read(struct buffer *b, const struct shape_table *t, bool behind)
{
	int r = buffer_puts(b, "SELECT ");
	if (!r)
		r = put_names(b, t, false, "");
	if (!r)
		r = buffer_printf(b, " FROM %s", t->name);
	if (!r && behind)
		r = buffer_puts(b, " WHERE (");
	if (!r && behind)
		r = put_names(b, t, true, "");
	if (!r && behind)
		r = buffer_puts(b, ") > (");
	if (!r && behind)
		r = put_places(b, key_names, t->n_keys);
	if (!r && behind)
		r = buffer_puts(b, ")");
	if (!r)
		r = buffer_puts(b, " ORDER BY ");
	if (!r)
		r = put_names(b, t, true, "");
	return r ? r : buffer_puts(b, " LIMIT $n");
}

static int text_of_last(struct buffer *b, const struct shape_table *t)
{
	int r = buffer_puts(b, "SELECT ");
	if (!r)
		r = put_names(b, t, true, "");
	if (!r)
		r = buffer_printf(b, " FROM %s ORDER BY ", t->name);
	if (!r)
		r = put_names(b, t, true, " DESC");
	return r ? r : buffer_puts(b, " LIMIT 1");
}

static int text_of_write(struct buffer *b, const struct shape_table *t)
{
	int r = buffer_printf(b, "INSERT INTO %s (", t->name);
	if (!r)
		r = put_names(b, t, false, "");
	if (!r)
		r = buffer_puts(b, ") VALUES (");
	if (!r)
		r = put_places(b, column_names, t->n_columns);
	return r ? r : buffer_puts(b, ")");
}

static int text_of(struct buffer *b, const struct shape_table *t, enum shape_sql which)
{
	switch (which) {
	case SHAPE_FIRST: return text_of_read(b, t, false);
	case SHAPE_NEXT: return text_of_read(b, t, true);
	case SHAPE_LAST: return text_of_last(b, t);
	case SHAPE_WRITE: return text_of_write(b, t);
	case SHAPE_COUNT: return buffer_printf(b, "SELECT count(*) FROM %s", t->name);
	case SHAPE_SQL_COUNT: break;
	}
	return E_INVALID;
}

static int write_texts(struct shape_table *t)
{
	for (int i = 0; i < SHAPE_SQL_COUNT; i++) {
		OWN(buffer) struct buffer b = { 0 };
		int r = text_of(&b, t, (enum shape_sql)i);
		if (r)
			return r;
		t->sql[i] = MOVE(b.data);
	}
	return 0;
}

/* ---- all of them ---- */

static int read_names(struct store *db, struct shape *s)
{
	struct statement *st = store_prepare_text(db, tables_text);
	int r;
	while ((r = store_row(st)) > 0) {
		const char *name = column_text(st, 0);
		if (!name || s->n_tables == SHAPE_TABLES_MAX || strlen(name) >= sizeof(s->tables[0].name)) {
			r = E_CORRUPT;
			break;
		}
		snprintf(s->tables[s->n_tables].name, sizeof(s->tables[0].name), "%s", name);
		s->n_tables++;
	}
	store_drop(st);
	return r;
}

int shape_read(struct store *db, struct shape **ret)
{
	struct shape *s = calloc(1, sizeof(*s));
	if (!s)
		return E_NOMEM;
	int r = read_names(db, s);
	struct statement *st = store_prepare_text(db, columns_text);
	for (size_t i = 0; !r && i < s->n_tables; i++)
		r = read_columns(st, &s->tables[i]);
	store_drop(st);
	for (size_t i = 0; !r && i < s->n_tables; i++)
		r = write_texts(&s->tables[i]);
	if (r) {
		shape_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

void shape_free(struct shape *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_tables; i++)
		for (int k = 0; k < SHAPE_SQL_COUNT; k++)
			free(s->tables[i].sql[k]);
	free(s);
}

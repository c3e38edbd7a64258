/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the one SQL text of a module to what PostgreSQL takes: marks replaced, SQLite's index hints left out, $name numbered in the order
 * of first appearance, the id added to an INSERT. Called when a statement is prepared; knows texts only, never a connection. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/store/pgsql.h"

static const struct store_mark marks[] = {
	{ "{id}", "bigint PRIMARY KEY" },
	{ "{blob}", "bytea" },
	{ "{strict}", "" },
	{ "{skip locked}", "FOR UPDATE SKIP LOCKED" },
	{ "{nulls first}", "NULLS FIRST" },
	{ "{ready}", "waits = 'ready'" },
	{ "{held}", "waits = 'held'" },
	{ "{waiting}", "(waits = 'held' OR waits = 'ready')" },
};

/* The types of the schema. Texts are ordered by their bytes, as in SQLite, whatever the database's locale. */
static const struct store_mark types[] = {
	{ " INTEGER", " bigint" },
	{ " REAL", " double precision" },
	{ " TEXT", " text COLLATE \"C\"" },
};

/* A blob as the server writes it: x'…' would be a run of bits there. */
static const char *put_blob_text(const char *p, struct buffer *out, int *r)
{
	const char *end = strchr(p + 2, '\'');
	size_t n = end ? (size_t)(end - p - 2) : strlen(p + 2);
	*r = buffer_printf(out, "'\\x%.*s'::bytea", (int)n, p + 2);
	return end ? end + 1 : p + 2 + n;
}

char *pg_schema_text(const char *text)
{
	OWN(mem) char *typed = store_replace_marks(text, types, COUNT_OF(types));
	return typed ? store_replace_marks(typed, marks, COUNT_OF(marks)) : NULL;
}

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Where the quoted text or the comment that begins at p ends; p itself when neither begins there. */
static const char *behind_quoted(const char *p)
{
	if (*p == '\'' || *p == '"') {
		const char *end = strchr(p + 1, *p);
		return end ? end + 1 : p + strlen(p);
	}
	if (p[0] == '-' && p[1] == '-')
		return p + strcspn(p, "\n");
	return p;
}

static const char *skip_space(const char *p)
{
	return p + strspn(p, " \t\n");
}

static const char *skip_name(const char *p)
{
	while (in_name(*p))
		p++;
	return p;
}

static int number_of(struct pg_statement *st, const char *name, size_t n)
{
	for (int i = 0; i < st->n_parameters; i++)
		if (strlen(st->names[i]) == n && !memcmp(st->names[i], name, n))
			return i + 1;
	if (st->n_parameters == PG_PARAMETERS_MAX - 1)
		return E_INVALID;
	char *copy = strndup(name, n);
	if (!copy)
		return E_NOMEM;
	st->names[st->n_parameters++] = copy;
	return st->n_parameters;
}

static int put_parameter(struct pg_statement *st, const char **p, struct buffer *out)
{
	const char *end = skip_name(*p + 1);
	int k = number_of(st, *p, (size_t)(end - *p));
	*p = end;
	return k < 0 ? k : buffer_printf(out, "$%d", k);
}

/* One piece of the text: a quoted part, a blob, a parameter, a hint, or a character. st NULL: a script, without parameters. */
static int put_piece(struct pg_statement *st, const char *text, const char **p, struct buffer *out)
{
	const char *end = behind_quoted(*p);
	int r = 0;
	if ((**p == 'x' || **p == 'X') && (*p)[1] == '\'' && (*p == text || !in_name((*p)[-1]))) {
		*p = put_blob_text(*p, out, &r);
		return r;
	}
	if (st && end == *p && **p == '$' && in_name((*p)[1]))
		return put_parameter(st, p, out);
	if (end == *p && !strncmp(*p, "INDEXED BY ", 11) && (*p == text || !in_name((*p)[-1]))) {
		*p = skip_name(*p + 11);
		return 0;
	}
	if (end == *p)
		end++;
	r = buffer_put(out, *p, (size_t)(end - *p));
	*p = end;
	return r;
}

char *pg_script_text(const char *text)
{
	OWN(buffer) struct buffer out = { 0 };
	int r = 0;
	for (const char *p = text; !r && *p;)
		r = put_piece(NULL, text, &p, &out);
	return r || buffer_put(&out, "", 1) ? NULL : MOVE(out.data);
}

static bool is_drawn(const struct pg_table *tables, size_t n, const char *name, size_t n_name)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(tables[i].name) == n_name && !memcmp(tables[i].name, name, n_name))
			return true;
	return false;
}

/* "INSERT INTO table (columns) VALUES (" of a table whose ids are drawn, without an id of its own: where the columns begin and where
 * the values do. */
static bool insert_parts(struct pg_statement *st, const struct pg_table *tables, size_t n, const char **ret_columns, const char **ret_values)
{
	static const char into[] = "INSERT INTO ";
	const char *p = skip_space(st->sql);
	if (strncmp(p, into, sizeof(into) - 1))
		return false;
	const char *name = p + sizeof(into) - 1, *end = skip_name(name), *open = skip_space(end);
	size_t n_name = (size_t)(end - name);
	if (*open != '(' || n_name >= sizeof(st->table) || !is_drawn(tables, n, name, n_name))
		return false;
	const char *first = skip_space(open + 1), *close = strchr(open, ')');
	if (!close || !strncmp(first, "id,", 3) || !strncmp(first, "id)", 3))
		return false;
	const char *values = skip_space(close + 1);
	if (strncmp(values, "VALUES", 6) || *skip_space(values + 6) != '(')
		return false;
	memcpy(st->table, name, n_name);
	*ret_columns = open + 1;
	*ret_values = skip_space(values + 6) + 1;
	return true;
}

static int add_id(struct pg_statement *st, const struct pg_table *tables, size_t n)
{
	const char *columns, *values;
	if (!insert_parts(st, tables, n, &columns, &values))
		return 0;
	char *text;
	if (!(st->names[st->n_parameters] = strdup("")))
		return E_NOMEM;
	st->n_parameters++;
	if (asprintf(&text, "%.*sid, %.*s$%d, %s", (int)(columns - st->sql), st->sql, (int)(values - columns), columns, st->n_parameters, values) < 0)
		return E_NOMEM;
	free(st->sql);
	st->sql = text;
	return 0;
}

int pg_translate(struct pg_statement *st, const char *text, const struct pg_table *tables, size_t n_tables)
{
	OWN(mem) char *marked = store_replace_marks(text, marks, COUNT_OF(marks));
	OWN(buffer) struct buffer out = { 0 };
	if (!marked)
		return E_NOMEM;
	int r = 0;
	for (const char *p = marked; !r && *p;)
		r = put_piece(st, marked, &p, &out);
	if (!r)
		r = buffer_put(&out, "", 1);
	if (r)
		return r;
	st->sql = MOVE(out.data);
	const char *first = skip_space(st->sql);
	st->reads = !strncmp(first, "SELECT", 6) || !strncmp(first, "WITH", 4) || !strncmp(first, "EXPLAIN", 7) || !strncmp(first, "SHOW", 4);
	return add_id(st, tables, n_tables);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the schema's text as it is written in this house: a statement ends with ";", a comment begins with "--", words in quotes hold
 * neither a comma nor a parenthesis. Called by the engines; runs nothing by itself. */
#include "gateway/store/upgrade.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

#define TABLE "CREATE TABLE "
#define INDEX "CREATE INDEX "
#define UNIQUE_INDEX "CREATE UNIQUE INDEX "
#define VIEW "CREATE VIEW "

/* ---- what is there ---- */

int catalogue_add(struct catalogue *c, const char *name)
{
	if (c->n == c->room) {
		size_t room = c->room ? c->room * 2 : 512;
		char **names = reallocarray(c->names, room, sizeof(*names));
		if (!names)
			return E_NOMEM;
		c->names = names;
		c->room = room;
	}
	c->names[c->n] = strdup(name);
	return c->names[c->n] ? (void)c->n++, 0 : E_NOMEM;
}

void catalogue_done(struct catalogue *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->names[i]);
	free(c->names);
	*c = (struct catalogue){ 0 };
}

/* "table", with any column; "table" and column; or "index". */
static bool holds(const struct catalogue *c, const char *name, size_t n_name, const char *column, size_t n_column)
{
	for (size_t i = 0; i < c->n; i++) {
		const char *p = c->names[i];
		if (strncmp(p, name, n_name))
			continue;
		p += n_name;
		if (!*p && !column)
			return true;
		if (*p == '.' && (!n_column || (!strncmp(p + 1, column, n_column) && !p[1 + n_column])))
			return true;
	}
	return false;
}

/* ---- the text ---- */

static char *without_comments(const char *text)
{
	OWN(buffer) struct buffer out = { 0 };
	while (*text) {
		const char *comment = strstr(text, "--");
		size_t n = comment ? (size_t)(comment - text) : strlen(text);
		if (buffer_put(&out, text, n))
			return NULL;
		text += n;
		text += strcspn(text, "\n");
	}
	return buffer_put(&out, "", 1) ? NULL : MOVE(out.data);
}

static size_t word(const char *p)
{
	return strcspn(p, " \t\n(),;");
}

/* Where the piece of a list that begins at p ends: at a comma or at the list's own parenthesis. */
static const char *piece_end(const char *p)
{
	int depth = 0;
	while (*p && !(depth == 0 && (*p == ',' || *p == ')'))) {
		depth += (*p == '(') - (*p == ')');
		p++;
	}
	return p;
}

static bool is_rule(const char *p)
{
	return !strncmp(p, "PRIMARY KEY", 11) || !strncmp(p, "UNIQUE", 6) || !strncmp(p, "CHECK", 5);
}

struct adding {
	const struct catalogue *has;
	struct buffer *out;
	int n;
};

static int add(struct adding *a, const char *text, size_t n)
{
	a->n++;
	int r = buffer_put(a->out, text, n);
	return r ? r : buffer_puts(a->out, ";\n");
}

static int add_columns(struct adding *a, const char *table, size_t n_table)
{
	int r = 0;
	for (const char *p = strchr(table, '('), *end; !r && p && (*p == '(' || *p == ','); p = end) {
		p += 1 + strspn(p + 1, " \t\n");
		end = piece_end(p);
		if (is_rule(p) || holds(a->has, table, n_table, p, word(p)))
			continue;
		r = buffer_printf(a->out, "ALTER TABLE %.*s ADD COLUMN ", (int)n_table, table);
		if (!r)
			r = add(a, p, (size_t)(end - p));
	}
	return r;
}

static int add_statement(struct adding *a, const char *text, size_t n)
{
	const char *name = text + strlen(TABLE);
	if (!strncmp(text, TABLE, strlen(TABLE)))
		return holds(a->has, name, word(name), "", 0) ? add_columns(a, name, word(name)) : add(a, text, n);
	const char *kind = !strncmp(text, INDEX, strlen(INDEX)) ? INDEX : !strncmp(text, UNIQUE_INDEX, strlen(UNIQUE_INDEX)) ? UNIQUE_INDEX : NULL;
	name = kind ? text + strlen(kind) : NULL;
	return name && !holds(a->has, name, word(name), NULL, 0) ? add(a, text, n) : 0;
}

static int put_views(const char *views, struct buffer *out)
{
	OWN(mem) char *text = without_comments(views);
	int r = text ? 0 : E_NOMEM;
	for (const char *p = text; !r && (p = strstr(p, VIEW)); p += strlen(VIEW))
		r = buffer_printf(out, "DROP VIEW IF EXISTS %.*s;\n", (int)word(p + strlen(VIEW)), p + strlen(VIEW));
	return r ? r : buffer_puts(out, text);
}

int upgrade_text(const char *schema, const char *views, const struct catalogue *has, struct buffer *out, int *ret_n)
{
	OWN(mem) char *text = without_comments(schema);
	struct adding a = { .has = has, .out = out };
	int r = text ? 0 : E_NOMEM;
	for (const char *p = text, *end; !r && p && (end = strchr(p += strspn(p, " \t\n"), ';')); p = end + 1)
		r = add_statement(&a, p, (size_t)(end - p));
	if (!r && a.n)
		r = put_views(views, out);
	if (!r)
		*ret_n = a.n;
	return r;
}

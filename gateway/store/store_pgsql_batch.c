/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes of single rows that are sent together: those of one statement wait as arrays and go as one change of many rows before anything
 * else is sent. A change of a row that waits already sends all of them first. Called by the engine's other files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/store/pgsql.h"

#define EARLY 32 /* rows worth a change of their own: the server is at it while the next ones are made */

struct pg_batch {
	struct pg_rows *rows;
	int64_t ids[PG_ROWS_MAX]; /* of the rows */
};

/* ---- the text of many ---- */

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
	int r = values && end[-1] == ')' ? pg_rows_columns(out, st->sql, values) : E_INVALID;
	if (!r)
		r = buffer_puts(out, " SELECT ");
	if (!r)
		r = pg_rows_columns(out, values + strlen(" VALUES ("), end - 1);
	return r ? r : pg_rows_from(out, st->n_parameters, false);
}

static int put_update(struct buffer *out, const struct pg_statement *st, const char *where)
{
	int r = where ? pg_rows_columns(out, st->sql, where) : E_INVALID;
	if (!r)
		r = pg_rows_from(out, st->n_parameters, false);
	return r ? r : pg_rows_columns(out, where, st->sql + strlen(st->sql));
}

static bool is_update(const struct pg_statement *st)
{
	return !strncmp(st->sql, "UPDATE ", 7);
}

static int many_text(const struct pg_statement *st, char **ret)
{
	OWN(buffer) struct buffer out = { 0 };
	int r = is_update(st) ? put_update(&out, st, last_of(st->sql, " WHERE ")) : put_insert(&out, st, strstr(st->sql, " VALUES ("));
	if (!r)
		r = buffer_put(&out, "", 1);
	if (!r)
		*ret = MOVE(out.data);
	return r;
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
	char *sql = NULL;
	int r = b ? many_text(st, &sql) : E_NOMEM;
	if (!r)
		r = pg_rows_new(st, sql, &b->rows);
	if (r) {
		free(b);
		return r;
	}
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
	pg_rows_free(s, b->rows);
	free(b);
	st->batch = NULL;
}

/* ---- the rows ---- */

bool pg_batch_fits(const struct pg_statement *st)
{
	int id = id_place(st);
	return id >= 0 && st->values[id].kind == PG_INT && pg_rows_fit(st);
}

static bool waits(const struct pgsql *s, const struct pg_statement *st, int64_t id)
{
	for (size_t i = 0; i < s->n_batches; i++) {
		const struct pg_batch *b = s->batches[i]->batch;
		for (int k = 0; same_table(s->batches[i], st) && k < b->rows->n; k++)
			if (b->ids[k] == id)
				return true;
	}
	return false;
}

static int send_early(struct pgsql *s)
{
	int r = pg_batches_send(s);
	if (!r && PQflush(s->conn) < 0)
		log_debug("store.early", "lost=1"); /* who waits for an answer says so */
	return r;
}

int pg_batch_add(struct pgsql *s, struct pg_statement *st)
{
	int64_t id = strtoll(st->values[id_place(st)].small, NULL, 10);
	int r = pg_asked_send(s);
	if (!r && !st->batch)
		r = batch_new(st);
	if (!r && (!pg_rows_join(st->batch->rows, st) || waits(s, st, id) || (!st->batch->rows->n && s->n_batches == PG_BATCHES_MAX)))
		r = pg_batches_send(s);
	if (r)
		return r;
	struct pg_batch *b = st->batch;
	if (!b->rows->n)
		s->batches[s->n_batches++] = st;
	b->ids[b->rows->n] = id;
	r = pg_rows_add(b->rows, st);
	return r || b->rows->n < EARLY ? r : send_early(s);
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
			r = pg_rows_send(s, list[i]->batch->rows, (struct pg_entry){ .kind = PG_WRITE, .n = list[i]->batch->rows->n });
		else
			pg_rows_empty(list[i]->batch->rows);
	}
	return r;
}

void pg_batches_forget(struct pgsql *s)
{
	for (size_t i = 0; i < s->n_batches; i++)
		pg_rows_empty(s->batches[i]->batch->rows);
	s->n_batches = 0;
}

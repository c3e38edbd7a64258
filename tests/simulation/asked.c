/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two lists of copied rows: answers nobody wanted yet, and those that statements read from. */
#include "tests/simulation/asked.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/store/sqlite.h"
#include "tests/simulation/model.h"

struct answer {
	struct answer *next;
	const struct model_statement *st;
	uint64_t bound[NAMES_MAX];
	sqlite3_value **values; /* row by row */
	size_t n, room;
	int columns;
	int64_t row; /* the current one; -1 before the first */
};

static void answer_free(struct answer *r)
{
	for (size_t i = 0; i < r->n; i++)
		sqlite3_value_free(r->values[i]);
	free(r->values);
	free(r);
}

static bool keep_row(struct answer *r, sqlite3_stmt *st)
{
	if (r->n + (size_t)r->columns > r->room) {
		size_t room = r->room * 2 + (size_t)r->columns * 8;
		sqlite3_value **v = realloc(r->values, room * sizeof(*v));
		if (!v)
			return false;
		r->values = v;
		r->room = room;
	}
	for (int i = 0; i < r->columns; i++) {
		sqlite3_value *v = sqlite3_value_dup(sqlite3_column_value(st, i));
		if (!v)
			return false;
		r->values[r->n++] = v;
	}
	return true;
}

static bool ask(struct answer *r, struct model_statement *st)
{
	int more;
	r->st = st;
	r->row = -1;
	memcpy(r->bound, st->values, sizeof(r->bound));
	r->columns = sqlite3_column_count(sqlite_st(st->rows));
	while ((more = store_row(st->rows)) > 0)
		if (!keep_row(r, sqlite_st(st->rows)))
			return false;
	return more == 0;
}

static void append(struct answer **list, struct answer *r)
{
	while (*list)
		list = &(*list)->next;
	r->next = NULL;
	*list = r;
}

static struct answer **find(struct asked *a, const struct model_statement *st)
{
	struct answer **at = &a->waiting;
	while (*at && ((*at)->st != st || memcmp((*at)->bound, st->values, sizeof(st->values))))
		at = &(*at)->next;
	return at;
}

void asked_put(struct asked *a, struct model_statement *st)
{
	bool asks = sqlite3_stmt_readonly(sqlite_st(st->rows)) && !*find(a, st);
	struct answer *r = asks ? calloc(1, sizeof(*r)) : NULL;
	if (r && ask(r, st))
		append(&a->waiting, r);
	else if (r)
		answer_free(r);
	store_reset(&st->base);
}

bool asked_take(struct asked *a, struct model_statement *st)
{
	struct answer **at = find(a, st), *r = *at;
	if (!r || sqlite3_stmt_busy(sqlite_st(st->rows)))
		return false;
	*at = r->next;
	append(&a->served, r);
	return true;
}

struct answer *asked_served(const struct asked *a, const struct model_statement *st)
{
	struct answer *r = a->served;
	while (r && r->st != st)
		r = r->next;
	return r;
}

void asked_done(struct asked *a, const struct model_statement *st)
{
	struct answer **at = &a->served;
	while (*at && (*at)->st != st)
		at = &(*at)->next;
	struct answer *r = *at;
	if (!r)
		return;
	*at = r->next;
	answer_free(r);
}

void asked_forget(struct asked *a)
{
	while (a->waiting) {
		struct answer *r = a->waiting;
		a->waiting = r->next;
		answer_free(r);
	}
}

/* ---- an answer ---- */

static sqlite3_value *value(const struct answer *r, int i)
{
	return r->values[(size_t)r->row * (size_t)r->columns + (size_t)i];
}

int answer_row(struct answer *r)
{
	return (size_t)++r->row * (size_t)r->columns < r->n;
}

int64_t answer_int(const struct answer *r, int i)
{
	return sqlite3_value_int64(value(r, i));
}

double answer_real(const struct answer *r, int i)
{
	return sqlite3_value_double(value(r, i));
}

const char *answer_text(const struct answer *r, int i)
{
	return (const char *)sqlite3_value_text(value(r, i));
}

const void *answer_blob(const struct answer *r, int i, size_t *ret_bytes)
{
	const void *data = sqlite3_value_blob(value(r, i));
	*ret_bytes = (size_t)sqlite3_value_bytes(value(r, i));
	return data;
}

bool answer_null(const struct answer *r, int i)
{
	return sqlite3_value_type(value(r, i)) == SQLITE_NULL;
}

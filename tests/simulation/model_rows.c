/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements of the modelled engine: each has one of the engine below and knows what is bound to it. What was asked ahead is answered
 * from memory, what is written ahead says its fault later. */
#include "tests/simulation/model.h"

#include <stdlib.h>
#include <string.h>

#define FNV_FIRST UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static struct statement *rows_of(struct statement *st)
{
	return model_st(st)->rows;
}

static const struct store_ops *ops_of(struct statement *st)
{
	return rows_of(st)->db->ops;
}

struct statement *model_prepare(struct store *s, const char *sql, bool keep)
{
	struct model *m = model_of(s);
	struct model_statement *st = calloc(1, sizeof(*st));
	if (!st || !(st->rows = m->rows->ops->prepare(m->rows, sql, keep))) {
		free(st);
		return NULL;
	}
	st->rows->name = "model";
	st->base.db = s;
	return &st->base;
}

void model_drop(struct statement *st)
{
	struct model *m = model_of(st->db);
	asked_forget(&m->asked); /* none may outlive its statement */
	asked_done(&m->asked, model_st(st));
	ops_of(st)->drop(rows_of(st));
	free(st);
}

void model_reset(struct statement *st)
{
	asked_done(&model_of(st->db)->asked, model_st(st));
	memset(model_st(st)->values, 0, sizeof(model_st(st)->values));
	ops_of(st)->reset(rows_of(st));
}

int model_place(struct statement *st, const char *name)
{
	return ops_of(st)->place(rows_of(st), name);
}

/* ---- values ---- */

static void note_value(struct statement *st, int i, int kind, const void *data, size_t n_bytes)
{
	uint64_t hash = (FNV_FIRST ^ (uint64_t)kind) * FNV_PRIME;
	for (size_t k = 0; k < n_bytes; k++)
		hash = (hash ^ ((const uint8_t *)data)[k]) * FNV_PRIME;
	model_st(st)->values[i % NAMES_MAX] = hash;
}

void model_put_int(struct statement *st, int i, int64_t value)
{
	note_value(st, i, 'i', &value, sizeof(value));
	ops_of(st)->bind_int(rows_of(st), i, value);
}

void model_put_real(struct statement *st, int i, double value)
{
	note_value(st, i, 'r', &value, sizeof(value));
	ops_of(st)->bind_real(rows_of(st), i, value);
}

void model_put_text(struct statement *st, int i, const char *value)
{
	note_value(st, i, value ? 't' : 'n', value, value ? strlen(value) : 0);
	ops_of(st)->bind_text(rows_of(st), i, value);
}

void model_put_blob(struct statement *st, int i, const void *data, size_t n_bytes)
{
	note_value(st, i, data ? 'b' : 'n', data, data ? n_bytes : 0);
	ops_of(st)->bind_blob(rows_of(st), i, data, n_bytes);
}

void model_put_null(struct statement *st, int i)
{
	note_value(st, i, 'n', NULL, 0);
	ops_of(st)->bind_null(rows_of(st), i);
}

/* ---- rows ---- */

static bool strikes(struct model *m)
{
	return m->trouble == TROUBLE_INSIDE && model_in_transaction(&m->base) && m->rows_left-- <= 0;
}

int model_row(struct statement *st)
{
	struct model *m = model_of(st->db);
	struct answer *here = asked_served(&m->asked, model_st(st));
	if (here)
		return answer_row(here);
	if (m->lost || model_unreachable())
		return E_UNAVAILABLE;
	if (strikes(m)) {
		model_reset(st);
		return model_lose(m);
	}
	if (m->deferred)
		return E_UNDO;
	if (model_in_transaction(&m->base) && asked_take(&m->asked, model_st(st)))
		return answer_row(asked_served(&m->asked, model_st(st)));
	return store_row(rows_of(st));
}

void model_ahead(struct statement *st)
{
	struct model *m = model_of(st->db);
	if (model_in_transaction(&m->base) && !m->lost && !m->deferred && !model_unreachable())
		asked_put(&m->asked, model_st(st));
	else
		model_reset(st);
}

void model_forget_aheads(struct store *s)
{
	asked_forget(&model_of(s)->asked);
}

/* Sent with others: what goes wrong is said later. */
int model_write_ahead(struct statement *st, int64_t n)
{
	struct model *m = model_of(st->db);
	if (m->lost)
		return E_UNAVAILABLE;
	if (m->deferred) {
		model_reset(st);
		return 0;
	}
	int r;
	do
		r = model_row(st);
	while (r > 0);
	model_reset(st);
	if (!r && n >= 0 && store_changes(m->rows) != n)
		r = E_UNDO;
	if (r == E_UNAVAILABLE)
		return r;
	m->deferred = r;
	return 0;
}

int64_t model_changes(struct store *s)
{
	return store_changes(model_of(s)->rows);
}

int64_t model_last_id(struct store *s)
{
	return store_last_id(model_of(s)->rows);
}

int64_t model_total_changes(struct store *s)
{
	return store_total_changes(model_of(s)->rows);
}

/* Columns are of a row that is here already. */

static const struct answer *here(struct statement *st)
{
	return asked_served(&model_of(st->db)->asked, model_st(st));
}

int64_t model_get_int(struct statement *st, int i)
{
	return here(st) ? answer_int(here(st), i) : ops_of(st)->column_int(rows_of(st), i);
}

double model_get_real(struct statement *st, int i)
{
	return here(st) ? answer_real(here(st), i) : ops_of(st)->column_real(rows_of(st), i);
}

const char *model_get_text(struct statement *st, int i)
{
	return here(st) ? answer_text(here(st), i) : ops_of(st)->column_text(rows_of(st), i);
}

const void *model_get_blob(struct statement *st, int i, size_t *ret_bytes)
{
	return here(st) ? answer_blob(here(st), i, ret_bytes) : ops_of(st)->column_blob(rows_of(st), i, ret_bytes);
}

bool model_get_null(struct statement *st, int i)
{
	return here(st) ? answer_null(here(st), i) : ops_of(st)->column_null(rows_of(st), i);
}

int model_columns(struct statement *st)
{
	return ops_of(st)->columns(rows_of(st));
}

const char *model_name_of(struct statement *st, int i)
{
	return ops_of(st)->column_name(rows_of(st), i);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements of the modelled engine: each belongs to the engine below while one of its functions runs, to this one otherwise. What was
 * asked ahead is answered from memory, what is written ahead says its fault later. */
#include "tests/simulation/model.h"

static struct model *enter(struct statement *st)
{
	struct model *m = model_of(st->db);
	st->db = m->rows;
	return m;
}

static void leave(struct model *m, struct statement *st)
{
	st->db = &m->base;
}

struct statement *model_prepare(struct store *s, const char *sql, bool keep)
{
	struct model *m = model_of(s);
	struct statement *st = m->rows->ops->prepare(m->rows, sql, keep);
	if (st)
		leave(m, st);
	return st;
}

void model_drop(struct statement *st)
{
	struct model *m = enter(st);
	asked_forget(&m->asked); /* none may outlive its statement */
	asked_done(&m->asked, st);
	m->rows->ops->drop(st);
}

void model_reset(struct statement *st)
{
	struct model *m = enter(st);
	asked_done(&m->asked, st);
	m->rows->ops->reset(st);
	leave(m, st);
}

int model_place(struct statement *st, const char *name)
{
	struct model *m = enter(st);
	int i = m->rows->ops->place(st, name);
	leave(m, st);
	return i;
}

void model_put_int(struct statement *st, int i, int64_t value)
{
	struct model *m = enter(st);
	m->rows->ops->bind_int(st, i, value);
	leave(m, st);
}

void model_put_real(struct statement *st, int i, double value)
{
	struct model *m = enter(st);
	m->rows->ops->bind_real(st, i, value);
	leave(m, st);
}

void model_put_text(struct statement *st, int i, const char *value)
{
	struct model *m = enter(st);
	m->rows->ops->bind_text(st, i, value);
	leave(m, st);
}

void model_put_blob(struct statement *st, int i, const void *data, size_t n_bytes)
{
	struct model *m = enter(st);
	m->rows->ops->bind_blob(st, i, data, n_bytes);
	leave(m, st);
}

void model_put_null(struct statement *st, int i)
{
	struct model *m = enter(st);
	m->rows->ops->bind_null(st, i);
	leave(m, st);
}

static bool strikes(struct model *m)
{
	return m->trouble == TROUBLE_INSIDE && model_in_transaction(&m->base) && m->rows_left-- <= 0;
}

int model_row(struct statement *st)
{
	struct model *m = model_of(st->db);
	struct answer *here = asked_served(&m->asked, st);
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
	enter(st);
	bool taken = model_in_transaction(&m->base) && asked_take(&m->asked, st);
	int r = taken ? answer_row(asked_served(&m->asked, st)) : m->rows->ops->row(st);
	leave(m, st);
	return r;
}

void model_ahead(struct statement *st)
{
	struct model *m = enter(st);
	if (model_in_transaction(&m->base) && !m->lost && !m->deferred && !model_unreachable())
		asked_put(&m->asked, st);
	else
		m->rows->ops->reset(st);
	leave(m, st);
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

int64_t model_get_int(struct statement *st, int i)
{
	const struct answer *here = asked_served(&model_of(st->db)->asked, st);
	if (here)
		return answer_int(here, i);
	struct model *m = enter(st);
	int64_t value = m->rows->ops->column_int(st, i);
	leave(m, st);
	return value;
}

double model_get_real(struct statement *st, int i)
{
	const struct answer *here = asked_served(&model_of(st->db)->asked, st);
	if (here)
		return answer_real(here, i);
	struct model *m = enter(st);
	double value = m->rows->ops->column_real(st, i);
	leave(m, st);
	return value;
}

const char *model_get_text(struct statement *st, int i)
{
	const struct answer *here = asked_served(&model_of(st->db)->asked, st);
	if (here)
		return answer_text(here, i);
	struct model *m = enter(st);
	const char *value = m->rows->ops->column_text(st, i);
	leave(m, st);
	return value;
}

const void *model_get_blob(struct statement *st, int i, size_t *ret_bytes)
{
	const struct answer *here = asked_served(&model_of(st->db)->asked, st);
	if (here)
		return answer_blob(here, i, ret_bytes);
	struct model *m = enter(st);
	const void *value = m->rows->ops->column_blob(st, i, ret_bytes);
	leave(m, st);
	return value;
}

bool model_get_null(struct statement *st, int i)
{
	const struct answer *here = asked_served(&model_of(st->db)->asked, st);
	if (here)
		return answer_null(here, i);
	struct model *m = enter(st);
	bool value = m->rows->ops->column_null(st, i);
	leave(m, st);
	return value;
}

int model_columns(struct statement *st)
{
	struct model *m = enter(st);
	int n = m->rows->ops->columns(st);
	leave(m, st);
	return n;
}

const char *model_name_of(struct statement *st, int i)
{
	struct model *m = enter(st);
	const char *name = m->rows->ops->column_name(st, i);
	leave(m, st);
	return name;
}

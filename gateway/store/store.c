/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The front of the store: which engine a connection has, the statements it keeps, the places of their names. Called by everybody who
 * reads or writes rows; knows neither an engine's library nor what the tables mean. */
#include "gateway/store/store.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/store/copier.h"
#include "gateway/store/engine.h"

char *store_replace_marks(const char *sql, const struct store_mark *marks, size_t n_marks)
{
	OWN(buffer) struct buffer out = { 0 };
	while (*sql) {
		size_t i = 0;
		while (i < n_marks && strncmp(sql, marks[i].mark, strlen(marks[i].mark)))
			i++;
		int r = i < n_marks ? buffer_puts(&out, marks[i].text) : buffer_put(&out, sql, 1);
		if (r)
			return NULL;
		sql += i < n_marks ? strlen(marks[i].mark) : 1;
	}
	return buffer_put(&out, "", 1) ? NULL : MOVE(out.data);
}

/* ---- a connection ---- */

static bool is_postgresql(const char *uri)
{
	return !strncmp(uri, "postgresql://", 13) || !strncmp(uri, "postgres://", 11);
}

bool store_is_shared(const char *uri)
{
	return is_postgresql(uri);
}

int store_open(const char *uri, const char *data_dir, enum store_mode mode, struct store **ret, struct complaint *c)
{
	if (is_postgresql(uri))
		return pgsql_open(uri, mode, ret, c);
	if (strcmp(uri, "sqlite")) {
		complaint_set(c, "store", "unknown_engine", "the store is \"sqlite\" or \"postgresql://HOST/DATABASE\"");
		return E_CONFIG;
	}
	OWN(mem) char *file = NULL;
	if (asprintf(&file, "%s/caunoi.db", data_dir) < 0)
		return E_NOMEM;
	return sqlite_open(file, mode == STORE_FILL ? STORE_CREATE : mode, NULL, ret, c);
}

int store_open_file(const char *file, const char *schema, struct store **ret, struct complaint *c)
{
	return sqlite_open(file, STORE_READ_WRITE, schema, ret, c);
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_prepared; i++) {
		for (size_t k = 0; k < s->prepared[i].module->n_sql; k++)
			if (s->prepared[i].statements[k])
				s->ops->drop(s->prepared[i].statements[k]);
		free(s->prepared[i].statements);
	}
	s->ops->close(s);
}

void store_wait_by(struct store *s, int (*wait)(void *arg, int fd, short events, int limit_ms), void *arg)
{
	s->wait = wait;
	s->wait_arg = arg;
}

int store_wait(struct store *s, int fd, short events, int limit_ms)
{
	if (s->wait)
		return s->wait(s->wait_arg, fd, events, limit_ms);
	struct pollfd p = { .fd = fd, .events = events };
	return poll(&p, 1, limit_ms);
}

/* ---- transactions ---- */

int store_begin(struct store *s)
{
	return s->ops->begin(s);
}

int store_commit(struct store *s)
{
	return s->ops->commit(s);
}

void store_rollback(struct store *s)
{
	s->ops->rollback(s);
}

bool store_in_transaction(const struct store *s)
{
	return s->ops->in_transaction(s);
}

void store_quiet(struct store *s)
{
	s->ops->quiet(s);
}

int store_savepoint(struct store *s)
{
	return s->ops->savepoint(s);
}

int store_savepoint_undo(struct store *s)
{
	return s->ops->savepoint_undo(s);
}

int store_savepoint_keep(struct store *s)
{
	return s->ops->savepoint_keep(s);
}

int store_settle(struct store *s)
{
	return s->ops->settle ? s->ops->settle(s) : 0;
}

bool store_damaged(const struct store *s)
{
	return s->ops->damaged && s->ops->damaged(s);
}

bool store_away(const struct store *s)
{
	return s->ops->away && s->ops->away(s);
}

int store_lease(struct store *s, const char *node, const char *holder, struct complaint *c)
{
	return s->ops->lease ? s->ops->lease(s, node, holder, c) : 0;
}

int store_decide(struct store *s, int64_t *ret_tick)
{
	return s->ops->decide ? s->ops->decide(s, ret_tick) : E_INVALID;
}

/* ---- statements ---- */

static struct prepared *module_of(struct store *s, const struct sql_module *m)
{
	for (size_t i = 0; i < s->n_prepared; i++)
		if (s->prepared[i].module == m)
			return &s->prepared[i];
	if (s->n_prepared == MODULES_MAX)
		return NULL;
	struct prepared *p = &s->prepared[s->n_prepared];
	*p = (struct prepared){ .module = m, .statements = calloc(m->n_sql, sizeof(struct statement *)) };
	if (!p->statements)
		return NULL;
	s->n_prepared++;
	return p;
}

struct statement *store_prepare(struct store *s, const struct sql_module *m, size_t index)
{
	struct prepared *p = module_of(s, m);
	if (!p)
		abort();
	struct statement **st = &p->statements[index];
	if (*st)
		s->ops->reset(*st);
	else if ((*st = s->ops->prepare(s, m->sql[index], true)))
		(*st)->name = m->name;
	return *st;
}

struct statement *store_prepare_text(struct store *s, const char *sql)
{
	struct statement *st = s->ops->prepare(s, sql, false);
	if (st)
		st->name = "text";
	return st;
}

void store_drop(struct statement *st)
{
	if (st)
		st->db->ops->drop(st);
}

void store_reset(struct statement *st)
{
	if (st)
		st->db->ops->reset(st);
}

static int place(struct statement *st, const char *name)
{
	if (!st)
		return 0;
	for (int k = 0; k < st->n_names; k++)
		if (st->names[k].text == name)
			return st->names[k].place;
	int i = st->db->ops->place(st, name);
	if (!i)
		log_error("store.bind", "module=%s unknown=%s", st->name, name);
	else if (st->n_names < NAMES_MAX)
		st->names[st->n_names++] = (__typeof__(st->names[0])){ name, i };
	return i;
}

void bind_int(struct statement *st, const char *name, int64_t value)
{
	int i = place(st, name);
	if (i)
		st->db->ops->bind_int(st, i, value);
}

void bind_real(struct statement *st, const char *name, double value)
{
	int i = place(st, name);
	if (i)
		st->db->ops->bind_real(st, i, value);
}

void bind_text(struct statement *st, const char *name, const char *value)
{
	int i = place(st, name);
	if (i)
		st->db->ops->bind_text(st, i, value);
}

void bind_blob(struct statement *st, const char *name, const void *data, size_t n_bytes)
{
	int i = place(st, name);
	if (i)
		st->db->ops->bind_blob(st, i, data, n_bytes);
}

void bind_null(struct statement *st, const char *name)
{
	int i = place(st, name);
	if (i)
		st->db->ops->bind_null(st, i);
}

int store_row(struct statement *st)
{
	/* the texts are right, a test prepares them all: what fails when the core runs is memory, and passes */
	return st ? st->db->ops->row(st) : E_NOMEM;
}

int store_run(struct statement *st)
{
	if (st && st->db->ops->run)
		return st->db->ops->run(st);
	int r;
	do
		r = store_row(st);
	while (r > 0);
	store_reset(st);
	return r;
}

int store_write_row(struct statement *st)
{
	return st && st->db->ops->write_row ? st->db->ops->write_row(st) : store_write(st, 1);
}

int store_write(struct statement *st, int64_t n)
{
	if (st && st->db->ops->write)
		return st->db->ops->write(st, n);
	int r = store_run(st);
	if (!r && n >= 0 && store_changes(st->db) != n)
		r = E_UNDO;
	return r;
}

void store_ahead(struct statement *st)
{
	if (!st)
		return;
	if (st->db->ops->ahead)
		st->db->ops->ahead(st);
	else
		store_reset(st);
}

bool store_asks_ahead(const struct store *s)
{
	return s->ops->ahead != NULL;
}

void store_forget_aheads(struct store *s)
{
	if (s->ops->forget_aheads)
		s->ops->forget_aheads(s);
}

int64_t store_changes(struct store *s)
{
	return s->ops->changes(s);
}

int64_t store_last_id(struct store *s)
{
	return s->ops->last_id(s);
}

int64_t store_total_changes(struct store *s)
{
	return s->ops->total_changes(s);
}

int64_t store_round_trips(const struct store *s)
{
	return s->ops->round_trips ? s->ops->round_trips(s) : 0;
}

/* ---- columns ---- */

int64_t column_int(struct statement *st, int i)
{
	return st->db->ops->column_int(st, i);
}

double column_real(struct statement *st, int i)
{
	return st->db->ops->column_real(st, i);
}

const char *column_text(struct statement *st, int i)
{
	return st->db->ops->column_text(st, i);
}

const void *column_blob(struct statement *st, int i, size_t *ret_bytes)
{
	return st->db->ops->column_blob(st, i, ret_bytes);
}

bool column_null(struct statement *st, int i)
{
	return st->db->ops->column_null(st, i);
}

int store_columns(struct statement *st)
{
	return st ? st->db->ops->columns(st) : 0;
}

const char *column_name(struct statement *st, int i)
{
	return st->db->ops->column_name(st, i);
}

/* ---- the whole ---- */

int64_t store_scalar(struct store *s, const char *sql, int64_t otherwise)
{
	return s->ops->scalar(s, sql, otherwise);
}

int store_script(struct store *s, const char *sql)
{
	return s->ops->script(s, sql);
}

int64_t store_wal_bytes(struct store *s)
{
	return s->ops->wal_bytes ? s->ops->wal_bytes(s) : 0;
}

int store_checkpoint(struct store *s, bool truncate)
{
	return s->ops->checkpoint ? s->ops->checkpoint(s, truncate) : 0;
}

static int copy_rows(struct store *s, const char *file)
{
	struct complaint c = { 0 };
	int r = copier_to_file(s, file, NULL, NULL, &c);
	if (r && c.text[0])
		log_warn("store.copy", "%s", c.text);
	return r;
}

int store_copy(struct store *s, const char *file)
{
	return s->ops->copy ? s->ops->copy(s, file) : copy_rows(s, file);
}

int store_check(struct store *s, bool full, char *out, size_t room)
{
	return s->ops->check(s, full, out, room);
}

int store_explain(struct store *s, const struct sql_module *m, char *out, size_t room)
{
	return s->ops->explain(s, m, out, room);
}

void store_limit_ms(struct store *s, int64_t ms)
{
	s->ops->limit_ms(s, ms);
}

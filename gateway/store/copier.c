/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies and compares. Called by fill.c for a database on a server, and by store_copy for a file. Decides nothing about who may work on
 * either side. */
#include "gateway/store/copier.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/store/counts.h"
#include "gateway/store/cursor.h"
#include "gateway/store/engine.h"

#define IDS "ids"
#define LOG_BYTES_MAX (16 << 20)

/* ---- beginning and end ---- */

static int count_rows(struct copier *m)
{
	m->total = 0;
	for (size_t i = 0; i < m->shape->n_tables; i++) {
		int64_t n = store_scalar(m->from, m->shape->tables[i].sql[SHAPE_COUNT], -1);
		if (n < 0)
			return E_UNAVAILABLE;
		m->total += n;
	}
	return 0;
}

int copier_init(struct copier *m, struct store *from, struct store *to, const struct copier_watch *watch, struct complaint *c)
{
	*m = (struct copier){ .from = from, .to = to, .watch = watch, .c = c };
	if (!from->ops->is_file && !to->ops->is_file)
		return E_INVALID;
	int r = shape_read(from->ops->is_file ? from : to, &m->shape);
	/* between two reads stands a batch of writes on another disk */
	if (!r && !from->ops->is_file)
		r = store_script(from, "SET idle_in_transaction_session_timeout = 0");
	if (!r)
		r = store_begin(from);
	if (!r)
		r = count_rows(m);
	if (r)
		copier_done(m);
	return r;
}

void copier_done(struct copier *m)
{
	if (m->from)
		store_rollback(m->from);
	shape_free(m->shape);
	*m = (struct copier){ 0 };
}

static int step(struct copier *m, const char *table)
{
	return m->watch && m->watch->step ? m->watch->step(m->watch->arg, table, m->done, m->total) : 0;
}

/* ---- emptying ---- */

static int clear_text(const struct copier *m, struct buffer *b)
{
	bool file = m->to->ops->is_file;
	int r = buffer_puts(b, file ? "" : "TRUNCATE ");
	for (size_t i = m->shape->n_tables; !r && i-- > 0;)
		r = buffer_printf(b, file ? "DELETE FROM %s;" : i ? "%s, " : "%s", m->shape->tables[i].name);
	return r;
}

int copier_clear(struct copier *m)
{
	OWN(buffer) struct buffer text = { 0 };
	int r = clear_text(m, &text);
	return r ? r : store_script(m->to, buffer_text(&text));
}

/* ---- copying ---- */

struct writing {
	struct copier *m;
	const struct shape_table *table;
	struct cursor *cursor;
	struct statement *st;
	bool singly;	 /* each row's own error is wanted */
	const char *odd; /* the column whose value cannot be carried */
};

static int carry(struct writing *w, struct statement *from, int i)
{
	const char *name = shape_column_name(i);
	struct cursor_value v;
	int r = cursor_value(w->cursor, from, i, &v);
	if (r) {
		w->odd = w->table->columns[i].name;
		return r;
	}
	if (v.null) {
		bind_null(w->st, name);
		return 0;
	}
	switch (v.kind) {
	case SHAPE_INT: bind_int(w->st, name, v.number); break;
	case SHAPE_REAL: bind_real(w->st, name, v.real); break;
	case SHAPE_TEXT: bind_text(w->st, name, v.bytes); break;
	case SHAPE_BLOB: bind_blob(w->st, name, v.bytes, v.n_bytes); break;
	}
	return 0;
}

static int write_row(void *arg, struct statement *from)
{
	struct writing *w = arg;
	store_reset(w->st);
	for (int i = 0; i < w->table->n_columns; i++) {
		int r = carry(w, from, i);
		if (r)
			return r;
	}
	return w->singly ? store_run(w->st) : store_write(w->st, 1);
}

/* The copy's log would grow with the whole database otherwise. */
static int tend_log(struct copier *m)
{
	if (store_wal_bytes(m->to) < LOG_BYTES_MAX)
		return 0;
	int r = store_checkpoint(m->to, true);
	return r == E_AGAIN ? 0 : r;
}

static int write_batch(struct writing *w, int *ret_more)
{
	struct copier *m = w->m;
	int n = 0, more = 0;
	int r = store_begin(m->to);
	if (r)
		return r;
	more = cursor_take(w->cursor, write_row, w, &n);
	r = more < 0 ? more : 0;
	if (!r && m->watch && m->watch->note)
		r = m->watch->note(m->watch->arg, w->table->name, n);
	if (!r)
		r = store_commit(m->to);
	if (r) {
		store_rollback(m->to);
		return r;
	}
	m->done += n;
	*ret_more = more;
	return tend_log(m);
}

static int explain(struct copier *m, const struct writing *w, int err)
{
	const char *table = w->table->name;
	bool unfit = err == E_UNDO || err == E_REFUSED || err == E_EXISTS || err == E_INVALID;
	if (m->c->text[0])
		return err;
	if (err == E_CORRUPT && w->odd)
		complaint_set(m->c, "", "nul_byte",
			      "table %s: column %s holds a text with a NUL byte, which the other engine cannot keep; nothing was changed",
			      table, w->odd);
	else if (unfit)
		complaint_set(
			m->c, "", "unfit_row",
			"table %s holds a row that the other engine does not take (words that are no UTF-8, or a row without its other "
			"half: see caunoi db check); nothing was changed here",
			table);
	else if (err == E_UNAVAILABLE || err == E_UNKNOWN)
		complaint_set(m->c, "", "interrupted",
			      "the copy stopped at table %s: the target takes no more (its disk is full), or a database went away; when "
			      "that is put "
			      "right, run the same again: what was copied is kept",
			      table);
	return unfit ? E_CORRUPT : err == E_UNKNOWN ? E_UNAVAILABLE : err;
}

/* What went wrong with rows that were sent ahead is known only of them together: once more, one by one. */
static int write_singly(struct writing *w, int *ret_more)
{
	int r = cursor_seek(w->cursor, w->m->to);
	w->singly = true;
	if (!r)
		r = write_batch(w, ret_more);
	w->singly = false;
	return r;
}

static int copy_table(struct copier *m, const struct shape_table *t)
{
	struct cursor cursor;
	int more = 1, r = cursor_init(&cursor, m->from, t);
	if (r)
		return r;
	struct writing w = { .m = m, .table = t, .cursor = &cursor, .st = m->to->ops->prepare(m->to, t->sql[SHAPE_WRITE], true) };
	if (w.st)
		w.st->name = t->name;
	r = w.st ? cursor_seek(&cursor, m->to) : E_INVALID;
	while (!r && more) {
		r = write_batch(&w, &more);
		if (r == E_UNDO)
			r = write_singly(&w, &more);
		if (!r)
			r = step(m, t->name);
	}
	if (r)
		r = explain(m, &w, r);
	store_drop(w.st);
	cursor_done(&cursor);
	return r;
}

/* ---- counts of ids ---- */

static int set_count(struct copier *m, const char *table)
{
	int64_t last = 0;
	int r = counts_get(m->from, table, &last);
	return r ? r : counts_set(m->to, table, last);
}

static int copy_counts(struct copier *m)
{
	int r = store_begin(m->to);
	for (size_t i = 0; !r && i < m->shape->n_tables; i++)
		if (m->shape->tables[i].counted)
			r = set_count(m, m->shape->tables[i].name);
	if (!r)
		r = store_commit(m->to);
	if (r)
		store_rollback(m->to);
	return r;
}

int copier_copy(struct copier *m)
{
	int r = 0;
	m->done = 0;
	for (size_t i = 0; !r && i < m->shape->n_tables; i++)
		r = copy_table(m, &m->shape->tables[i]);
	return r ? r : copy_counts(m);
}

/* ---- comparing ---- */

static int after_rows(void *arg, const char *table, int n_rows)
{
	struct copier *m = arg;
	m->done += n_rows;
	return step(m, table);
}

int copier_compare(struct copier *m, struct copier_report *ret)
{
	int r = 0;
	*ret = (struct copier_report){ 0 };
	m->done = 0;
	m->total *= 2;
	for (size_t i = 0; !r && i < m->shape->n_tables; i++) {
		const struct shape_table *t = &m->shape->tables[i];
		struct copier_line *line = &ret->lines[ret->n_lines++];
		snprintf(line->table, sizeof(line->table), "%s", t->name);
		r = checksum_table(m->from, t, after_rows, m, &line->from);
		if (!r)
			r = checksum_table(m->to, t, after_rows, m, &line->to);
	}
	m->total /= 2;
	struct copier_line *line = &ret->lines[ret->n_lines++];
	snprintf(line->table, sizeof(line->table), IDS);
	if (!r)
		r = checksum_counts(m->from, m->shape, &line->from);
	return r ? r : checksum_counts(m->to, m->shape, &line->to);
}

const struct copier_line *copier_difference(const struct copier_report *report)
{
	for (size_t i = 0; i < report->n_lines; i++)
		if (!checksum_same(&report->lines[i].from, &report->lines[i].to))
			return &report->lines[i];
	return NULL;
}

/* ---- into a file ---- */

/* One file when it is closed, without a log beside it. */
static int close_file(struct store *to, int r)
{
	if (!r)
		r = store_checkpoint(to, true);
	if (!r)
		r = store_script(to, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL");
	store_close(to);
	return r;
}

static int fill_file(struct store *from, struct store *to, const struct copier_watch *watch, struct copier_report *report,
		     struct complaint *c)
{
	struct copier m;
	/* until it is whole nobody needs it: its maker syncs it once */
	int r = store_script(to, "PRAGMA synchronous=OFF");
	if (!r)
		r = copier_init(&m, from, to, watch, c);
	if (r)
		return r;
	r = copier_clear(&m);
	if (!r)
		r = copier_copy(&m);
	if (!r)
		r = copier_compare(&m, report);
	if (!r && copier_difference(report)) {
		complaint_set(c, "", "copy_differs", "the copy of table %s is not the same as its source",
			      copier_difference(report)->table);
		r = E_CORRUPT;
	}
	copier_done(&m);
	return r;
}

int copier_to_file(struct store *from, const char *file, const struct copier_watch *watch, struct copier_report *ret, struct complaint *c)
{
	struct store *to = NULL;
	OWN(mem) struct copier_report *own = ret ? NULL : calloc(1, sizeof(*own));
	struct complaint opening = { 0 };
	int r = ret || own ? sqlite_open(file, STORE_CREATE, NULL, &to, &opening) : E_NOMEM;
	if (opening.text[0])
		*c = opening;
	if (!r)
		r = close_file(to, fill_file(from, to, watch, ret ? ret : own, c));
	if (r && r != E_EXISTS)
		unlink(file);
	return r;
}

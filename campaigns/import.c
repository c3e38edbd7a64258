/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The import job: fill a window, write it, and so on; then mark, apply, tidy. Its cursor is all it needs to know. A failed or cancelled import
 * is taken back by clear, in pieces, through what the cursor knows. */
#include "campaigns/import.h"

#include <stdlib.h>
#include <string.h>

#include "campaigns/filejob.h"
#include "campaigns/reader.h"
#include "campaigns/staging.h"
#include "campaigns/unstage.h"
#include "campaigns/window.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/group.h"
#include "gateway/store/store.h"

#define ROWS_READ 3000   /* rows a step that reads */
#define PAGES_STAGED 4 /* of rows a step that writes, while there is time */

enum import_sql { IMPORT_BUSY, IMPORT_STATE, IMPORT_SQL_COUNT };
static const char *const import_sql[IMPORT_SQL_COUNT] = {
	[IMPORT_BUSY] = "SELECT 1 FROM import WHERE state = 'staging' AND id <> $id LIMIT 1",
	[IMPORT_STATE] = "UPDATE import SET state = $state, grp = $grp WHERE id = $id AND state <> 'done'",
};
const struct sql_module import_module = { "import", import_sql, IMPORT_SQL_COUNT };

/* One step's work; tallies are read from the cursor and written back to it. */
struct piece {
	struct tick *t;
	struct job *job;
	struct staging staging;
	json_t *refused, *reasons;
	int64_t rows, added, updated, unchanged, duplicates, n_refused, members;
};

static const char *const tallies[] = { "rows", "added", "updated", "unchanged", "duplicates", "n_refused", "members" };

static void tally_places(struct piece *p, int64_t *ret[COUNT_OF(tallies)])
{
	int64_t *const places[] = { &p->rows, &p->added, &p->updated, &p->unchanged, &p->duplicates, &p->n_refused, &p->members };
	memcpy(ret, places, sizeof(places));
}

static json_t *kept(json_t *cursor, const char *key, json_t *fresh)
{
	json_t *there = json_object_get(cursor, key);
	if (there) {
		json_decref(fresh);
		return there;
	}
	return !fresh || json_object_set_new(cursor, key, fresh) ? NULL : fresh;
}

static int piece_init(struct piece *p, struct tick *t, struct job *j)
{
	int64_t *places[COUNT_OF(tallies)];
	json_t *c = j->cursor;
	memset(p, 0, sizeof(*p));
	p->t = t;
	p->job = j;
	p->staging = (struct staging){ .import = json_int(j->args, "import", 0), .grp = json_int(c, "grp", 0),
				       .dry = json_flag(j->args, "dry-run", false), .basis = json_str(j->args, "basis", "") };
	p->refused = kept(c, "refused", json_array());
	p->reasons = kept(c, "reasons", json_object());
	tally_places(p, places);
	for (size_t i = 0; i < COUNT_OF(tallies); i++)
		*places[i] = json_int(c, tallies[i], 0);
	return p->refused && p->reasons ? 0 : E_NOMEM;
}

static int piece_save(struct piece *p)
{
	int64_t *places[COUNT_OF(tallies)];
	int r = 0;
	tally_places(p, places);
	for (size_t i = 0; !r && i < COUNT_OF(tallies); i++)
		r = json_set_int(p->job->cursor, tallies[i], *places[i]);
	return r;
}

static int shape(const struct piece *p, json_t **ret)
{
	bool none = p->n_refused > 0;
	*ret = json_pack("{s:I, s:I, s:I, s:I, s:I, s:O, s:O, s:b}", "rows", (json_int_t)p->rows, "added", (json_int_t)(none ? 0 : p->added),
			 "updated", (json_int_t)(none ? 0 : p->updated), "unchanged", (json_int_t)(none ? 0 : p->unchanged), "duplicates",
			 (json_int_t)p->duplicates, "refused", p->refused, "reasons", p->reasons, "dry_run", p->staging.dry);
	return *ret ? 0 : E_NOMEM;
}

/* ---- phases ---- */

static int set_state(struct tick *t, const struct staging *s, const char *state)
{
	struct statement *st = store_prepare(t->in.db, &import_module, IMPORT_STATE);
	bind_int(st, "$id", s->import);
	bind_text(st, "$state", state);
	if (s->grp)
		bind_int(st, "$grp", s->grp);
	return store_run(st);
}

static int set_phase(struct job *j, const char *phase)
{
	int r = json_set_str(j->cursor, "phase", phase);
	return r ? r : E_AGAIN;
}

static int is_busy(struct tick *t, int64_t import)
{
	struct statement *st = store_prepare(t->in.db, &import_module, IMPORT_BUSY);
	bind_int(st, "$id", import);
	int r = store_row(st);
	store_reset(st);
	return r;
}

/* One import stages at a time: two that bring the same person could not tell whose it is. */
static int phase_wait(struct piece *p)
{
	struct tick *t = p->t;
	json_t *c = p->job->cursor, *args = (json_t *)(uintptr_t)p->job->args;
	struct group g = { 0 };
	int64_t newest = 0;
	bool is_new = false;
	int r = is_busy(t, p->staging.import);
	if (r)
		return r > 0 ? E_AGAIN : r;
	r = filejob_check(&t->in, args, p->job->actor, &p->job->total, p->job->why);
	if (!r)
		r = staging_newest(&t->in, &newest);
	if (!r && p->staging.dry) {
		r = group_find_own(&t->in, json_str(args, "group", ""), json_str(args, "unit", NULL), &g);
		r = r == E_NOT_FOUND ? 0 : r;
	} else if (!r) {
		r = group_put(t, json_str(args, "group", ""), json_str(args, "unit", NULL), &g, &is_new);
	}
	if (r == E_DENIED)
		return group_refuse_stranger(p->job->why, "group");
	p->staging.grp = g.id;
	if (!r)
		r = set_state(t, &p->staging, p->staging.dry ? "dry" : "staging");
	if (!r && (json_set_int(c, "first", newest) || json_set_int(c, "grp", g.id) || json_object_set_new(c, "grp_new", json_boolean(is_new))))
		r = E_NOMEM;
	return r ? r : set_phase(p->job, "convert");
}

static int refuse_all(struct piece *p)
{
	int r = shape(p, &p->job->result);
	if (r)
		return r;
	return refuse(p->job->why, E_INVALID, 422, "import_refused", "file", "%lld of %lld rows are refused; nothing was imported.",
		      (long long)p->n_refused, (long long)p->rows);
}

static int refuse_file(struct piece *p, const struct complaint *c)
{
	int r = shape(p, &p->job->result);
	return r ? r : filejob_refuse(p->job, c);
}

/* A spreadsheet's rows are known by their place in the sheet, as those who look at it see them. */
static int phase_convert(struct piece *p)
{
	struct complaint c = { 0 };
	bool sheet = false;
	int r = filejob_convert(p->t, p->job, &sheet, &c);
	if (r == E_INVALID && c.rule[0])
		return refuse_file(p, &c);
	if (!r && sheet)
		r = reader_place_save(&(struct reader_place){ .by_line = true }, p->job->cursor, "place");
	return r ? r : set_phase(p->job, "fill");
}

/* ---- windows: fill one from the file, write it, fill the next ---- */

/* The window that begins where the cursor says: the one in memory, or a new one. */
static int window_of(struct piece *p, struct window **ret)
{
	struct reader_place start = reader_place_load(p->job->cursor, "place");
	struct window *w = p->job->forget == window_free ? p->job->memory : NULL;
	if (!w || w->import != p->staging.import || w->start.bytes != start.bytes || w->check_only != (p->n_refused > 0)) {
		int r = window_new(p->staging.import, &start, p->n_refused > 0, &w);
		if (r)
			return r;
		if (p->job->memory)
			p->job->forget(p->job->memory);
		p->job->memory = w;
		p->job->forget = window_free;
	}
	*ret = w;
	return 0;
}

static int fill_some(struct piece *p, struct window *w)
{
	struct complaint c = { 0 };
	int r = window_fill(&p->t->in, w, filejob_source(p->job), json_str(p->job->args, "map", NULL), ROWS_READ, &c);
	if (r == E_INVALID && c.rule[0])
		return refuse_file(p, &c);
	p->job->done = w->at.bytes;
	return r;
}

/* What reading it found, into the cursor, once. */
static int add_findings(struct piece *p, const struct window *w)
{
	const char *reason;
	json_t *n, *one;
	size_t i;
	p->rows += w->n_rows;
	p->n_refused += w->n_refused;
	json_object_foreach(w->reasons, reason, n)
		if (json_set_int(p->reasons, reason, json_int(p->reasons, reason, 0) + json_integer_value(n)))
			return E_NOMEM;
	json_array_foreach(w->refused, i, one)
		if (json_array_size(p->refused) < IMPORT_REFUSED_LISTED && json_array_append(p->refused, one))
			return E_NOMEM;
	return piece_save(p);
}

static int go_behind(struct piece *p, const struct reader_place *next)
{
	int r = reader_place_save(next, p->job->cursor, "place");
	if (r)
		return r;
	if (!next->ended)
		return set_phase(p->job, "fill");
	return set_phase(p->job, p->staging.dry ? "drop" : "mark");
}

static int phase_fill(struct piece *p)
{
	struct window *w = NULL;
	int r = window_of(p, &w);
	if (!r && !w->full)
		r = fill_some(p, w);
	if (r || !w->full)
		return r ? r : E_AGAIN;
	r = add_findings(p, w);
	if (r)
		return r;
	if (p->n_refused && w->at.ended)
		return refuse_all(p);
	if (p->n_refused)
		return go_behind(p, &w->at);
	return json_set_int(p->job->cursor, "written", 0) ? E_NOMEM : set_phase(p->job, "write");
}

static int count_row(struct piece *p, const struct staged_fate *f)
{
	p->members += f->member;
	if (f->off && f->as != STAGED_DUPLICATE && json_set_int(p->reasons, "opted_out", json_int(p->reasons, "opted_out", 0) + 1))
		return E_NOMEM;
	switch (f->as) {
	case STAGED_ADDED: p->added++; break;
	case STAGED_UPDATED: p->updated++; break;
	case STAGED_UNCHANGED: p->unchanged++; break;
	case STAGED_DUPLICATE:
		p->duplicates++;
		return json_set_int(p->reasons, "duplicate", p->duplicates);
	}
	return 0;
}

struct page {
	struct staged rows[STAGING_ROWS_MAX];
	struct staged_fate fates[STAGING_ROWS_MAX];
};

/* Writes the rows from *at on, a page of them. */
static int write_page(struct piece *p, const struct window *w, struct page *page, size_t *at)
{
	int n = 0, r = 0;
	for (; !r && n < STAGING_ROWS_MAX && *at + (size_t)n < w->n_entries; n++)
		r = window_row(w, *at + (size_t)n, &page->rows[n]);
	if (!r)
		r = staging_put(p->t, &p->staging, page->rows, n, page->fates);
	for (int i = 0; !r && i < n; i++)
		r = count_row(p, &page->fates[i]);
	*at += (size_t)n;
	return r;
}

static int phase_write(struct piece *p)
{
	struct window *w = NULL;
	OWN(mem) struct page *page = malloc(sizeof(*page));
	int r = page ? window_of(p, &w) : E_NOMEM;
	if (!r && !w->full) /* lost: read again, nothing is counted twice */
		r = fill_some(p, w);
	if (r || !w->full)
		return r ? r : E_AGAIN;
	size_t at = (size_t)json_int(p->job->cursor, "written", 0);
	for (int i = 0; !r && i < PAGES_STAGED && at < w->n_entries && (i == 0 || job_has_time(p->t)); i++)
		r = write_page(p, w, page, &at);
	if (!r)
		r = piece_save(p);
	if (!r)
		r = json_set_int(p->job->cursor, "written", (int64_t)at);
	if (r)
		return r;
	return at < w->n_entries ? E_AGAIN : go_behind(p, &w->at);
}

static int audit(struct piece *p)
{
	char subject[40];
	OWN(mem) char *detail = NULL;
	snprintf(subject, sizeof(subject), "import:%lld", (long long)p->staging.import);
	if (asprintf(&detail, "group %s, basis %s, rows %lld", json_str(p->job->args, "group", ""), p->staging.basis, (long long)p->rows) < 0)
		return E_NOMEM;
	return audit_put(p->t, p->job->actor, "contact.import", subject, detail);
}

/* The one update by which everything becomes visible. */
static int phase_mark(struct piece *p)
{
	int r = staging_mark_done(p->t, p->staging.import);
	if (!r && (p->members || p->added || p->updated))
		r = group_grown(p->t, p->staging.grp, p->members);
	if (!r)
		r = audit(p);
	if (r)
		return r;
	tick_changed(p->t, "contact");
	return set_phase(p->job, "apply");
}

static int phase_apply(struct piece *p)
{
	int r = unstage_apply(p->t, p->staging.import);
	return r ? r : set_phase(p->job, "tidy");
}

static int phase_drop(struct piece *p)
{
	int r = unstage_drop(p->t, &p->staging, json_int(p->job->cursor, "first", 0));
	return r ? r : set_phase(p->job, "tidy");
}

static int phase_tidy(struct piece *p)
{
	int r = filejob_drop(p->t, p->job);
	return r ? r : shape(p, &p->job->result);
}

static int step(struct tick *t, struct job *j)
{
	static const struct {
		const char *name;
		int (*run)(struct piece *p);
	} phases[] = { { "wait", phase_wait }, { "convert", phase_convert }, { "fill", phase_fill }, { "write", phase_write }, { "mark", phase_mark },
		        { "apply", phase_apply },
		       { "drop", phase_drop }, { "tidy", phase_tidy } };
	struct piece p;
	const char *phase = json_str(j->cursor, "phase", "wait");
	int r = piece_init(&p, t, j);
	for (size_t i = 0; !r && i < COUNT_OF(phases); i++)
		if (!strcmp(phases[i].name, phase)) {
			r = phases[i].run(&p);
			break;
		}
	return r;
}

static bool is_visible(const struct job *j)
{
	const char *phase = json_str(j->cursor, "phase", "");
	return !strcmp(phase, "apply") || (!strcmp(phase, "tidy") && !json_flag(j->args, "dry-run", false));
}

/* Cancelled behind the mark, an import stays: its changes are applied to the end. */
static int clear(struct tick *t, struct job *j)
{
	struct staging s = { .import = json_int(j->args, "import", 0), .grp = json_int(j->cursor, "grp", 0) };
	int r = 0;
	if (is_visible(j))
		r = unstage_apply(t, s.import);
	else if (json_object_get(j->cursor, "first"))
		r = unstage_drop(t, &s, json_int(j->cursor, "first", 0));
	if (!r)
		r = filejob_drop(t, j);
	if (!r && !is_visible(j) && json_flag(j->cursor, "grp_new", false))
		r = group_drop_unused(t, s.grp);
	if (!r && !is_visible(j))
		r = set_state(t, &s, "dropped");
	return r;
}

const struct job_kind import_job = { .verb = "contact.import", .step = step, .clear = clear };

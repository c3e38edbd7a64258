/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header. Used by tests of the core's side of a store that can be away. */
#include "tests/support/fake_store.h"

#include <stdlib.h>
#include <string.h>

static struct fake_store *of(const struct store *s)
{
	return (struct fake_store *)(uintptr_t)s->ops;
}

static int begin(struct store *s)
{
	struct fake_store *f = of(s);
	f->spoilt = false;
	return f->away ? E_UNAVAILABLE : f->real->begin(s);
}

static int commit(struct store *s)
{
	struct fake_store *f = of(s);
	enum fake_commit how = f->next_commit;
	f->next_commit = FAKE_COMMIT_GOOD;
	f->commits++;
	if (f->fenced || how == FAKE_COMMIT_FENCED || f->spoilt || how == FAKE_COMMIT_LOST || f->away)
		f->real->rollback(s);
	if (f->fenced || how == FAKE_COMMIT_FENCED)
		return E_BROKEN;
	if (f->spoilt || f->away)
		return f->away ? E_UNAVAILABLE : E_UNDO;
	if (how == FAKE_COMMIT_GOOD)
		return f->real->commit(s);
	int r = how == FAKE_COMMIT_UNSEEN ? f->real->commit(s) : 0;
	f->away = true;
	return r ? r : E_UNKNOWN;
}

static int savepoint_keep(struct store *s)
{
	struct fake_store *f = of(s);
	return f->unkept > 0 && f->unkept-- ? E_NOMEM : f->real->savepoint_keep(s);
}

static int settle(struct store *s)
{
	of(s)->settles++;
	return of(s)->spoilt ? E_UNDO : 0;
}

static int row(struct statement *st)
{
	const struct fake_store *f = of(st->db);
	return f->full && !strcmp(f->full, st->name) ? E_UNAVAILABLE : f->real->row(st);
}

static int run(struct statement *st)
{
	const struct fake_store *f = of(st->db);
	int r = f->full && !strcmp(f->full, st->name) ? E_UNAVAILABLE : 0;
	if (!r && f->real->run)
		return f->real->run(st);
	bool more = !r;
	while (more) {
		r = f->real->row(st);
		more = r > 0;
	}
	f->real->reset(st);
	return r;
}

static int savepoint_undo(struct store *s)
{
	struct fake_store *f = of(s);
	f->spoilt = false;
	return f->stuck > 0 && f->stuck-- ? E_NOMEM : f->real->savepoint_undo(s);
}

static bool away(const struct store *s)
{
	return of(s)->away;
}

static int lease(struct store *s, const char *node, const char *holder, struct complaint *c)
{
	(void)node;
	(void)holder;
	if (of(s)->lease)
		complaint_set(c, "store", "standby", "the core %s is active", of(s)->active);
	return of(s)->lease;
}

static int decide(struct store *s, int64_t *ret_tick)
{
	struct fake_store *f = of(s);
	f->decides++;
	if (f->fenced)
		return E_BROKEN;
	if (f->away)
		return E_UNAVAILABLE;
	*ret_tick = f->real->scalar(s, "SELECT tick FROM node", -1);
	return 0;
}

static void close_store(struct store *s)
{
	struct fake_store *f = of(s);
	s->ops = f->real;
	f->real->close(s);
	free(f);
}

struct fake_store *fake_store_before(struct store *s)
{
	struct fake_store *f = calloc(1, sizeof(*f));
	if (!f)
		abort();
	f->real = s->ops;
	f->ops = *s->ops;
	f->ops.begin = begin;
	f->ops.commit = commit;
	f->ops.settle = settle;
	f->ops.savepoint_keep = savepoint_keep;
	f->ops.savepoint_undo = savepoint_undo;
	f->ops.row = row;
	f->ops.run = run;
	f->ops.away = away;
	f->ops.lease = lease;
	f->ops.decide = decide;
	f->ops.close = close_store;
	s->ops = &f->ops;
	return f;
}

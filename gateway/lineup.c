/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which flows may send, and who is first. Called by dispatch.c, once a tick. Whose turn it is stands in memory only: after a restart
 * the oldest begins. */
#include "gateway/lineup.h"

#include "gateway/core.h"
#include "gateway/store/store.h"

enum lineup_sql { LINEUP_FIRST, LINEUP_BEHIND, LINEUP_SQL_COUNT };
static const char *const lineup_sql[LINEUP_SQL_COUNT] = {
	[LINEUP_FIRST] = "SELECT id, lane, class FROM flow WHERE state = 'running' AND start_at <= $now ORDER BY lane, id LIMIT $n",
	[LINEUP_BEHIND] = "SELECT id, lane, class FROM flow WHERE state = 'running' AND lane = 1 AND id > $turn AND start_at <= $now "
			  "ORDER BY id LIMIT $n",
};
const struct sql_module lineup_module = { "lineup", lineup_sql, LINEUP_SQL_COUNT };

static struct statement *bind(struct tick *t, size_t sql)
{
	struct statement *st = store_prepare(t->in.db, &lineup_module, sql);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$n", LINEUP_MAX);
	return st;
}

static int append(struct statement *st, struct lineup *l)
{
	int r = 0;
	while (l->n < LINEUP_MAX && (r = store_row(st)) > 0) {
		struct lineup_flow f = { .id = column_int(st, 0), .lane = (int)column_int(st, 1) };
		if (!message_class_parse(column_text(st, 2), &f.class))
			l->flows[l->n++] = f;
	}
	store_reset(st);
	return r < 0 ? r : 0;
}

static void append_campaigns(const struct lineup *from, bool behind, int64_t turn, struct lineup *l)
{
	for (int i = from->n_answers; i < from->n && l->n < LINEUP_MAX; i++)
		if ((from->flows[i].id > turn) == behind)
			l->flows[l->n++] = from->flows[i];
}

int lineup_read(struct tick *t, struct lineup *ret)
{
	struct lineup all = { 0 };
	int64_t turn = t->core->turn;
	int r = append(bind(t, LINEUP_FIRST), &all);
	while (all.n_answers < all.n && all.flows[all.n_answers].lane == 0)
		all.n_answers++;
	*ret = all;
	ret->n = all.n_answers;
	ret->crowded = all.n == LINEUP_MAX;
	if (!r && ret->crowded) {
		struct statement *st = bind(t, LINEUP_BEHIND);
		bind_int(st, "$turn", turn);
		r = append(st, ret);
	} else {
		append_campaigns(&all, true, turn, ret);
	}
	append_campaigns(&all, false, turn, ret);
	return r;
}

void lineup_ahead(struct tick *t)
{
	store_ahead(bind(t, LINEUP_FIRST));
}

static void take_turn(struct core *core, int64_t flow, int64_t unused)
{
	(void)unused;
	core->turn = flow;
}

int lineup_served(struct lineup *l, struct tick *t, int64_t flow)
{
	if (l->turned)
		return 0;
	l->turned = true;
	return tick_after(t, take_turn, flow, 0);
}

int lineup_end(struct lineup *l, struct tick *t)
{
	return l->crowded && l->n > l->n_answers ? lineup_served(l, t, l->flows[l->n - 1].id) : 0;
}

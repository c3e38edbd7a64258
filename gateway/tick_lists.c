/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a tick gathers besides its rows: frames to write, calls for after the commit, flows' counts, commands that wait; and the marks to
 * which a part of it can be taken back. Called by core.c; knows nothing of frames that came in. */
#include "gateway/tick_lists.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/pending.h"

enum tick_lists_sql { TICK_LISTS_FLOW, TICK_LISTS_SQL_COUNT };
static const char *const tick_lists_sql[TICK_LISTS_SQL_COUNT] = {
	[TICK_LISTS_FLOW] = "UPDATE flow SET held = held + $held, queued = queued + $queued, sending = sending + $sending, "
			  "retry = retry + $retry, sent = sent + $sent, unclear = unclear + $unclear, delivered = delivered + $delivered, "
			  "failed = failed + $failed, expired = expired + $expired, suppressed = suppressed + $suppressed, "
			  "cancelled = cancelled + $cancelled WHERE id = $id",
};
const struct sql_module tick_lists_module = { "tick_lists", tick_lists_sql, TICK_LISTS_SQL_COUNT };

struct tick_mark {
	size_t text, out, after, asked, n_flows;
	int64_t seq;
	struct flow_delta flows[]; /* copy, as increments may touch old entries */
};

void tick_lists_clear(struct tick_lists *l)
{
	buffer_take(&l->text, buffer_left(&l->text));
	for (size_t i = 0; i < l->n_asked; i++)
		pending_done(&l->asked[i]);
	l->n_out = l->n_after = l->n_flows = l->n_asked = 0;
}

void tick_lists_done(struct tick_lists *l)
{
	tick_lists_clear(l);
	buffer_done(&l->text);
	free(l->out);
	free(l->after);
	free(l->flows);
	free(l->asked);
}

int tick_mark(struct tick *t, struct tick_mark **ret)
{
	struct tick_lists *l = &t->core->lists;
	struct tick_mark *m = malloc(sizeof(*m) + l->n_flows * sizeof(m->flows[0]));
	if (!m)
		return E_NOMEM;
	*m = (struct tick_mark){ buffer_left(&l->text), l->n_out, l->n_after, l->n_asked, l->n_flows, t->seq };
	if (l->n_flows)
		memcpy(m->flows, l->flows, l->n_flows * sizeof(m->flows[0]));
	int r = store_savepoint(t->core->db);
	if (r)
		free(m);
	else
		*ret = m;
	return r;
}

static void lists_back(struct tick *t, const struct tick_mark *m)
{
	struct tick_lists *l = &t->core->lists;
	buffer_cut(&l->text, m->text);
	for (size_t i = m->asked; i < l->n_asked; i++)
		pending_done(&l->asked[i]);
	l->n_out = m->out;
	l->n_after = m->after;
	l->n_asked = m->asked;
	l->n_flows = m->n_flows;
	if (m->n_flows)
		memcpy(l->flows, m->flows, m->n_flows * sizeof(m->flows[0]));
	t->seq = m->seq;
	t->audit.known = false;
}

int tick_mark_end(struct tick *t, struct tick_mark *m, bool keep)
{
	int r = keep ? store_savepoint_keep(t->core->db) : 0;
	if (!keep || r) {
		/* a mark that could not be kept still stands: the next one's end would be taken for its */
		int undone = store_savepoint_undo(t->core->db);
		lists_back(t, m);
		t->core->mark_stands |= undone != 0;
		r = r ? r : undone;
	}
	free(m);
	return r;
}

int tick_settle(struct tick *t)
{
	return t->core->singly ? store_settle(t->core->db) : 0;
}

int tick_lists_write(struct core *core)
{
	static const char *const names[MESSAGE_STATES] = {
		[MESSAGE_HELD] = "$held", [MESSAGE_QUEUED] = "$queued", [MESSAGE_SENDING] = "$sending", [MESSAGE_RETRY] = "$retry",
		[MESSAGE_SENT] = "$sent", [MESSAGE_UNCLEAR] = "$unclear", [MESSAGE_DELIVERED] = "$delivered",
		[MESSAGE_FAILED] = "$failed", [MESSAGE_EXPIRED] = "$expired", [MESSAGE_SUPPRESSED] = "$suppressed",
		[MESSAGE_CANCELLED] = "$cancelled",
	};
	for (size_t i = 0; i < core->lists.n_flows; i++) {
		struct flow_delta *d = &core->lists.flows[i];
		struct statement *st = store_prepare(core->db, &tick_lists_module, TICK_LISTS_FLOW);
		bind_int(st, "$id", d->flow);
		for (int s = 0; s < MESSAGE_STATES; s++)
			bind_int(st, names[s], d->by[s]);
		int r = store_write(st, -1);
		if (r)
			return r;
	}
	return 0;
}

/* The driver went away before its frame could be put: nothing is open with it. */
static void forget_open(struct core *core, int64_t attempt)
{
	for (int i = 0; i < core->n_channels; i++)
		if (channel_has_open(&core->channels[i], attempt))
			channel_closed(&core->channels[i], attempt, clock_mono_ms(core->clock));
}

/* Only here frames leave for the peers' outputs: behind the commit. */
void tick_lists_flush(struct core *core)
{
	struct tick_lists *l = &core->lists;
	struct peer *p = NULL;
	for (size_t i = 0; i < l->n_out; i++) {
		struct outgoing *o = &l->out[i];
		if (!p || p->id != o->peer)
			p = core_peer_find(core, o->peer);
		if (!p && o->attempt)
			forget_open(core, o->attempt);
		if (p && peer_output(p, buffer_text(&l->text) + o->from, o->n_bytes, o->attempt))
			peer_doom(p, "out of memory");
	}
}


/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replies and opt-outs of campaigns, and the reminders that they end. Finds the campaign by the key of the sender's last campaign message.
 * Called once for every message from outside, in its tick. */
#include "campaigns/response.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/schedule.h"
#include "gateway/outbox_row.h"
#include "gateway/store/store.h"

#define REMEMBERED_MS (INT64_C(7) * 24 * 3600000)
#define WAITING_MAX 32

enum response_sql { RESPONSE_LAST, RESPONSE_FIRST_STOP, RESPONSE_ADD, RESPONSE_WAITING, RESPONSE_SQL_COUNT };
static const char *const response_sql[RESPONSE_SQL_COUNT] = {
	[RESPONSE_LAST] = "SELECT key, claimed_at FROM message WHERE address = $address AND claimed_at > $since AND substr(key, 1, 9) = 'campaign:' "
			  "ORDER BY claimed_at DESC NULLS LAST LIMIT 1",
	[RESPONSE_FIRST_STOP] = "SELECT inbound FROM optout WHERE address = $address AND at >= $since ORDER BY id LIMIT 1",
	[RESPONSE_ADD] = "UPDATE campaign SET replies = replies + 1, opt_outs = opt_outs + $off WHERE id = $id",
	/* of schedules, behind one that left; a message that a network has begun is not taken back */
	[RESPONSE_WAITING] = "SELECT m.id, m.flow, m.state, m.key, c.schedule FROM message m JOIN campaign c ON c.flow = m.flow WHERE m.address = "
			     "$address AND m.state IN ('held', 'queued', 'retry') AND substr(m.pin, 1, 1) <> '!' AND c.schedule IS NOT NULL AND EXISTS "
			     "(SELECT 1 FROM message f WHERE f.address = m.address AND f.flow = m.flow AND f.person = m.person AND f.id < m.id AND "
			     "f.claimed_at > 0) LIMIT 32",
};
const struct sql_module response_module = { "response", response_sql, RESPONSE_SQL_COUNT };

static struct statement *bind_last(struct tick *t, const struct inbound *in)
{
	struct statement *st = store_prepare(t->in.db, &response_module, RESPONSE_LAST);
	bind_int(st, "$address", in->address);
	bind_int(st, "$since", in->received_at - REMEMBERED_MS);
	return st;
}

static struct statement *bind_waiting(struct tick *t, const struct inbound *in)
{
	struct statement *st = store_prepare(t->in.db, &response_module, RESPONSE_WAITING);
	bind_int(st, "$address", in->address);
	return st;
}

void response_ahead(struct tick *t, const struct inbound *in)
{
	if (!in->address)
		return;
	store_ahead(bind_last(t, in));
	store_ahead(bind_waiting(t, in));
}

int response_find(struct tick *t, const struct inbound *in, struct response *ret)
{
	*ret = (struct response){ 0 };
	if (!in->address)
		return 0;
	struct statement *st = bind_last(t, in);
	int r = store_row(st);
	if (r > 0 && sscanf(column_text(st, 0), "campaign:%" SCNd64, &ret->campaign) == 1)
		ret->sent_at = column_int(st, 1);
	store_reset(st);
	return r < 0 ? r : 0;
}

/* People are counted, not messages: only what made the first stop since the campaign's message. */
static int is_first_stop(struct tick *t, const struct inbound *in, int64_t since, bool *ret)
{
	struct statement *st = store_prepare(t->in.db, &response_module, RESPONSE_FIRST_STOP);
	bind_int(st, "$address", in->address);
	bind_int(st, "$since", since);
	int r = store_row(st);
	*ret = r > 0 && column_int(st, 0) == in->id;
	store_reset(st);
	return r < 0 ? r : 0;
}

/* A reminder of a turn, or one of the days around a person's date. */
static bool is_reminder(const char *key, const char *schedule)
{
	struct schedule s;
	int64_t n, wave;
	if (schedule_parse(schedule, &s) || sscanf(key, "campaign:%*d:%*d:%" SCNd64 ":%" SCNd64, &n, &wave) != 2)
		return false;
	return s.kind == SCHEDULE_FIELD || wave > 0;
}

static int by_id(const void *a, const void *b)
{
	const struct outbox_move *x = a, *y = b;
	return (x->id > y->id) - (x->id < y->id);
}

/* Whoever has answered is not reminded any more, also of what was planned before and waits for its hour or its turn. */
static int end_reminders(struct tick *t, const struct inbound *in)
{
	struct outbox_move moves[WAITING_MAX];
	int n = 0, r;
	struct statement *st = bind_waiting(t, in);
	while ((r = store_row(st)) > 0 && n < WAITING_MAX) {
		moves[n] = (struct outbox_move){ .id = column_int(st, 0), .flow = column_int(st, 1), .to = MESSAGE_CANCELLED, .reason = "answered" };
		if (message_state_parse(column_text(st, 2), &moves[n].from))
			r = E_CORRUPT;
		if (r < 0)
			break;
		n += is_reminder(column_text(st, 3), column_text(st, 4));
	}
	store_reset(st);
	r = r < 0 ? r : 0;
	qsort(moves, (size_t)n, sizeof(moves[0]), by_id); /* the engines may read them in any order */
	for (int i = 0; !r && i < n; i++)
		r = outbox_move(t, &moves[i]);
	return r;
}

int response_count(struct tick *t, const struct inbound *in, const struct response *found, const struct handled *h)
{
	bool stop = false;
	if (!in->address || !strcmp(h->kind, "duplicate") || !strcmp(h->kind, "filed"))
		return 0;
	int r = end_reminders(t, in);
	if (!r && found->campaign)
		r = is_first_stop(t, in, found->sent_at, &stop);
	if (r || !found->campaign)
		return r;
	struct statement *st = store_prepare(t->in.db, &response_module, RESPONSE_ADD);
	bind_int(st, "$id", found->campaign);
	bind_int(st, "$off", stop);
	tick_changed(t, "campaign");
	return store_write(st, -1);
}

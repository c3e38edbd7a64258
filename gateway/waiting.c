/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages whose moment has come although nothing arrived for them: held ones become ready, late ones expire. Two duties, each a bounded
 * piece a tick; what may go then is the claim's to say. */
#include "gateway/waiting.h"

#include "gateway/base/mutant.h"
#include "gateway/core.h"
#include "gateway/jump.h"
#include "gateway/outbox_row.h"
#include "gateway/route.h"
#include "gateway/store/store.h"

#define WAKE_BATCH 500

enum waiting_sql { WAITING_WAKE, WAITING_EXPIRED, WAITING_SQL_COUNT };
static const char *const waiting_sql[WAITING_SQL_COUNT] = {
	[WAITING_WAKE] = "SELECT m.id, m.flow FROM message m WHERE m.{held} AND m.due_at <= $now ORDER BY m.due_at LIMIT $n",
	[WAITING_EXPIRED] = "SELECT id, flow, state, pin FROM message WHERE {waiting} AND expires_at <= $now "
			     "ORDER BY expires_at LIMIT $n",
};
const struct sql_module waiting_module = { "waiting", waiting_sql, WAITING_SQL_COUNT };

static struct statement *bind_due(struct tick *t, size_t sql)
{
	struct statement *st = store_prepare(t->in.db, &waiting_module, sql);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$n", WAKE_BATCH);
	return st;
}

void waiting_wake_ahead(struct tick *t)
{
	store_ahead(bind_due(t, WAITING_WAKE));
}

void waiting_expire_ahead(struct tick *t)
{
	store_ahead(bind_due(t, WAITING_EXPIRED));
}

int waiting_wake_duty(struct tick *t, int64_t *ret_due_at)
{
	int64_t ids[WAKE_BATCH], flows[WAKE_BATCH];
	int n = 0, r = 0;
	*ret_due_at = t->in.now_ms + 1000;
	if (jump_in_doubt(t) || MUTANT(WOKEN_NEVER))
		return 0;
	struct statement *st = bind_due(t, WAITING_WAKE);
	while (n < WAKE_BATCH && (r = store_row(st)) > 0) {
		ids[n] = column_int(st, 0);
		flows[n++] = column_int(st, 1);
	}
	store_reset(st);
	for (int i = 0; r >= 0 && i < n; i++)
		r = outbox_move(t, &(struct outbox_move){ .id = ids[i], .flow = flows[i], .from = MESSAGE_HELD, .to = MESSAGE_QUEUED });
	*ret_due_at = n == WAKE_BATCH ? t->in.now_ms : t->in.now_ms + 1000;
	return r < 0 ? r : 0;
}

int waiting_expire_duty(struct tick *t, int64_t *ret_due_at)
{
	struct {
		int64_t id, flow;
		enum message_state state;
		bool routed; /* a message that no channel could ever take did not come too late */
	} rows[WAKE_BATCH];
	int n = 0, r = 0;
	*ret_due_at = t->in.now_ms + 5000;
	if (jump_in_doubt(t) || MUTANT(EXPIRED_SENT))
		return 0;
	struct statement *st = bind_due(t, WAITING_EXPIRED);
	while (n < WAKE_BATCH && (r = store_row(st)) > 0) {
		rows[n].id = column_int(st, 0);
		rows[n].flow = column_int(st, 1);
		rows[n].routed = route_of_pin(t->in.config, column_text(st, 3));
		if (!message_state_parse(column_text(st, 2), &rows[n].state))
			n++;
	}
	store_reset(st);
	for (int i = 0; r >= 0 && i < n; i++)
		r = outbox_move(t, &(struct outbox_move){ .id = rows[i].id, .flow = rows[i].flow, .from = rows[i].state,
							  .to = rows[i].routed ? MESSAGE_EXPIRED : MESSAGE_SUPPRESSED,
							  .reason = rows[i].routed ? "expired" : "no_route" });
	*ret_due_at = n == WAKE_BATCH ? t->in.now_ms : t->in.now_ms + 5000;
	return r < 0 ? r : 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which part waits, and whether it may go. Called by settle.c and dispatch.c within their tick. */
#include "gateway/resting.h"

#include "gateway/base/mutant.h"
#include "gateway/core.h"
#include "gateway/handover.h"
#include "gateway/outbox.h"
#include "gateway/settle.h"
#include "gateway/store/store.h"

#define REST_MS 60000

enum resting_sql { RESTING_ANSWERS, RESTING_PART, RESTING_SQL_COUNT };
static const char *const resting_sql[RESTING_SQL_COUNT] = {
	[RESTING_ANSWERS] = "SELECT queued + retry FROM flow WHERE id = $flow",
	[RESTING_PART] = "SELECT t.id, t.message, t.part, m.state_since FROM attempt t INDEXED BY attempt_open JOIN message m ON m.id = t.message "
			 "JOIN flow f ON f.id = m.flow WHERE t.outcome IS NULL AND t.handed_at IS NULL AND t.channel = $channel "
			 "AND (f.lane <= $lane OR m.state_since <= $since) AND NOT EXISTS (SELECT 1 FROM attempt o WHERE o.message = t.message "
			 "AND o.outcome IS NULL AND o.handed_at IS NOT NULL) ORDER BY t.id LIMIT 1",
};
const struct sql_module resting_module = { "resting", resting_sql, RESTING_SQL_COUNT };

static bool has_pace(const struct tick *t, const struct channel *ch, int used)
{
	return bucket_has(&ch->bucket, t->mono_ms) > used;
}

/* Answers that wait anywhere; which of them are due, and here, the claim knows. */
static int answers_wait(struct tick *t, bool *ret)
{
	struct statement *st = store_prepare(t->in.db, &resting_module, RESTING_ANSWERS);
	bind_int(st, "$flow", FLOW_ANSWERS);
	int r = store_row(st);
	*ret = r > 0 && column_int(st, 0) > 0;
	store_reset(st);
	return r < 0 ? r : 0;
}

static void note_rest(struct core *core, int64_t index, int64_t rests)
{
	core->channels[index].resting = rests != 0;
	if (rests)
		core->claim_due_at = clock_now_ms(core->clock);
}

int resting_next(struct tick *t, struct channel *ch, int64_t flow, const struct resting_part *next)
{
	bool yields = ch->resting; /* a report may have come here while another message is on the air: the claim knows the room */
	int r = yields || flow == FLOW_ANSWERS ? 0 : answers_wait(t, &yields);
	if (r)
		return r;
	if ((!yields && has_pace(t, ch, 0)) || MUTANT(RESTING_IGNORED))
		return handover_part(t, ch, next->attempt, next->message, next->part);
	return tick_after(t, note_rest, ch - t->core->channels, true);
}

/* E_NOT_FOUND: none of the lane. */
static int find(struct tick *t, const struct channel *ch, int lane, struct resting_part *ret, bool *ret_overdue)
{
	int64_t since = t->in.now_ms - REST_MS;
	struct statement *st = store_prepare(t->in.db, &resting_module, RESTING_PART);
	bind_text(st, "$channel", ch->config->name);
	bind_int(st, "$lane", lane > 0 ? INT32_MAX : 0);
	bind_int(st, "$since", since);
	int r = store_row(st);
	if (r > 0) {
		*ret = (struct resting_part){ column_int(st, 0), column_int(st, 1), (int)column_int(st, 2) };
		*ret_overdue = column_int(st, 3) <= since;
	}
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}

int resting_go_on(struct tick *t, struct channel *ch, int lane, int used, bool *ret_went)
{
	struct resting_part part;
	bool overdue = false;
	int r = 0;
	*ret_went = false;
	while (ch->resting && !r) {
		r = find(t, ch, lane, &part, &overdue);
		if (r)
			break;
		if (channel_may_go_on(ch) && !t->core->stopping) {
			/* a driver whose modem is away says itself that it cannot send */
			if (ch->in_flight + used >= (ch->credit ? ch->credit : 1) || (!overdue && !has_pace(t, ch, used)))
				return 0;
			*ret_went = true;
			return handover_part(t, ch, part.attempt, part.message, part.part);
		}
		r = settle_message(t, part.message);
	}
	if (r == E_NOT_FOUND)
		return lane > 0 ? tick_after(t, note_rest, ch - t->core->channels, false) : 0;
	return r;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jumps of the wall clock, and of the rules on hours. Called by core.c at the beginning of each tick; moves due times and the moments of
 * claims, never a state. */
#include "gateway/jump.h"

#include <string.h>

#include "gateway/base/log.h"
#include "gateway/core.h"
#include "gateway/store/store.h"

#define JUMP_MS 2000	    /* less is drift, or a tick that took long */
#define DOUBT_JUMP_MS 60000 /* a smaller step expires no crowd */
#define DOUBT_MS (10 * 60000)

#define DAY_MS (INT64_C(24) * 3600000)

#define OF_THE_DAY "id > coalesce((SELECT id FROM attempt WHERE id > 0 AND not_before <= $since ORDER BY id DESC LIMIT 1), 0)"

enum jump_sql { JUMP_CLAIMED, JUMP_ATTEMPTS, JUMP_KEYS, JUMP_PARKED, JUMP_ASKED, JUMP_PARTS, JUMP_VOTES, JUMP_CASES, JUMP_EVENTS, JUMP_RETRY, JUMP_QUEUED, JUMP_HELD, JUMP_SQL_COUNT };
static const char *const jump_sql[JUMP_SQL_COUNT] = {
	/* what went out within the day, found from the newest attempt backwards; attempts move as well, so that they are found again */
	[JUMP_CLAIMED] = "UPDATE message SET claimed_at = claimed_at + $shift WHERE claimed_at > $since AND claimed_at <= $was AND id IN "
			 "(SELECT message FROM attempt WHERE " OF_THE_DAY ")",
	[JUMP_ATTEMPTS] = "UPDATE attempt SET not_before = not_before + $shift, handed_at = handed_at + $shift WHERE " OF_THE_DAY
			  " AND not_before > $since AND not_before <= $was",
	/* what is remembered for some days is remembered for as long: a call pressed again shall not run again */
	[JUMP_KEYS] = "UPDATE request SET until_at = until_at + $shift WHERE until_at > $was",
	[JUMP_PARKED] = "UPDATE parked_receipt SET until_at = until_at + $shift WHERE until_at > $was",
	[JUMP_ASKED] = "UPDATE question SET until_at = until_at + $shift WHERE state = 'open' AND until_at > $was",
	[JUMP_PARTS] = "UPDATE inbound SET due_at = due_at + $shift WHERE state = 'waiting' AND due_at > $was",
	[JUMP_VOTES] = "UPDATE survey_answer SET drop_at = drop_at + $shift WHERE drop_at > $was",
	[JUMP_CASES] = "UPDATE casefile SET wait_at = wait_at + $shift WHERE wait_at > $was",
	[JUMP_EVENTS] = "UPDATE webhook_event SET due_at = due_at + $shift, until_at = until_at + $shift WHERE given_up_at IS NULL AND hook IN "
			"(SELECT name FROM webhook WHERE name > '')",
	[JUMP_RETRY] = "UPDATE message SET due_at = due_at + $shift WHERE id IN (SELECT id FROM message INDEXED BY message_ready "
		       "WHERE {ready} AND state = 'retry')",
	[JUMP_QUEUED] = "UPDATE message SET due_at = $now WHERE id IN (SELECT id FROM message INDEXED BY message_ready "
			"WHERE {ready} AND state = 'queued' AND due_at > $now)",
	[JUMP_HELD] = "UPDATE message SET due_at = $now WHERE id IN (SELECT id FROM message INDEXED BY message_held WHERE {held} "
		      "AND due_at > $now "
		      "AND reason IN ('quiet_hours', 'cap_24h', 'clock'))",
};
const struct sql_module jump_module = { "jump", jump_sql, JUMP_SQL_COUNT };

static void seen(struct core *core, int64_t now_ms, int64_t mono_ms)
{
	core->jump.now_ms = now_ms;
	core->jump.mono_ms = mono_ms;
	core->jump.rules_changed = false;
}

/* What was written as a moment near now keeps its distance to now: a day is a day that passed, not one that was set. "Three a day",
 * a provider's memory of keys and our own, how long a question is open and a part waits, the pause of a retry. */
static int move_moments(struct tick *t, int64_t shift_ms)
{
	int64_t was_ms = t->core->jump.now_ms;
	int r = 0;
	for (size_t i = JUMP_CLAIMED; !r && i <= JUMP_RETRY; i++) {
		struct statement *st = store_prepare(t->in.db, &jump_module, i);
		bind_int(st, "$shift", shift_ms);
		if (i <= JUMP_CASES)
			bind_int(st, "$was", was_ms);
		if (i <= JUMP_ATTEMPTS)
			bind_int(st, "$since", was_ms - DAY_MS);
		r = store_run(st);
	}
	return r;
}

/* What waits for an hour of the clock is asked again. The turns of schedules are such hours and stay; course.c begins none while
 * the clock is in doubt. */
static int ask_again(struct tick *t, enum jump_sql first)
{
	int r = 0;
	for (size_t i = first; !r && i <= JUMP_HELD; i++) {
		struct statement *st = store_prepare(t->in.db, &jump_module, i);
		bind_int(st, "$now", t->in.now_ms);
		r = store_run(st);
	}
	return r;
}

int jump_check(struct tick *t)
{
	struct core *core = t->core;
	int64_t shift_ms = (t->in.now_ms - core->jump.now_ms) - (t->mono_ms - core->jump.mono_ms);
	bool first = core->jump.now_ms == 0;
	if (!first && (shift_ms >= JUMP_MS || shift_ms <= -JUMP_MS)) {
		log_warn("clock.jumped", "by_s=%lld", (long long)(shift_ms / 1000));
		int r = move_moments(t, shift_ms);
		if (!r)
			r = ask_again(t, JUMP_QUEUED);
		candidates_look_again(core);
		if (r)
			return r;
		memset(core->duty_due_at, 0, sizeof(core->duty_due_at));
		core->jump.doubt_until_mono_ms = shift_ms >= DOUBT_JUMP_MS ? t->mono_ms + DOUBT_MS : 0;
	} else if (core->jump.rules_changed) {
		int r = ask_again(t, JUMP_HELD);
		if (r)
			return r;
	}
	return tick_after(t, seen, t->in.now_ms, t->mono_ms);
}

bool jump_in_doubt(const struct tick *t)
{
	return t->mono_ms < t->core->jump.doubt_until_mono_ms;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The duty of cases. Every moment it acts at is a column of the case; acting clears or moves it, so nothing is done twice. */
#include "handlers/casecare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/calendar.h"
#include "gateway/base/own.h"
#include "gateway/jump.h"
#include "handlers/caseclock.h"
#include "handlers/casevoice.h"

#define PER_TICK 20
#define HOUR_MS (INT64_C(60) * 60 * 1000)
#define DOUBT_MS (INT64_C(10) * 60 * 1000)
#define DAY_FROM 8
#define DAY_TO 20

enum { CASECARE_WAIT, CASECARE_SORRY, CASECARE_PROMISED, CASECARE_WAIT_SET, CASECARE_SORRY_SET, CASECARE_PROMISED_SET, CASECARE_SQL_COUNT };
static const char *const casecare_sql[CASECARE_SQL_COUNT] = {
	[CASECARE_WAIT] = "SELECT id FROM casefile WHERE wait_at IS NOT NULL AND wait_at <= $now ORDER BY wait_at, id LIMIT $limit",
	[CASECARE_SORRY] = "SELECT id FROM casefile WHERE sorry_at IS NOT NULL AND sorry_at <= $now ORDER BY sorry_at, id LIMIT $limit",
	[CASECARE_PROMISED] = "SELECT id FROM casefile WHERE promised_at IS NOT NULL AND promised_at <= $now ORDER BY promised_at, id LIMIT $limit",
	[CASECARE_WAIT_SET] = "UPDATE casefile SET wait_at = $at WHERE id = $id",
	[CASECARE_SORRY_SET] = "UPDATE casefile SET sorry_at = $at WHERE id = $id",
	[CASECARE_PROMISED_SET] = "UPDATE casefile SET promised_at = $at WHERE id = $id",
};
const struct sql_module casecare_module = { "casecare", casecare_sql, CASECARE_SQL_COUNT };

/* When to look again; 0: never. */
static int set(struct tick *t, size_t sql, int64_t id, int64_t at_ms)
{
	struct statement *st = store_prepare(t->in.db, &casecare_module, sql);
	bind_int(st, "$id", id);
	if (at_ms)
		bind_int(st, "$at", at_ms);
	else
		bind_null(st, "$at");
	return store_run(st);
}

static void format_day(const struct scope *in, int64_t at_ms, char ret[16])
{
	struct calendar at = calendar_local(in->zone, at_ms);
	snprintf(ret, 16, "%02d/%02d", at.day % 100, at.month % 100);
}

/* ---- the villager's turn is over ---- */

static int need_info(struct tick *t, struct casefile *f)
{
	int64_t reminded = 0;
	int r = casefile_events_since(&t->in, f->id, "reminded", f->changed_at - 1, &reminded);
	if (r)
		return r;
	if (reminded) {
		r = casefile_event(t, f->id, "no_info", "system", NULL, 0, 0);
		return r ? r : casefile_move(t, f, CASE_TRIAGED);
	}
	r = casevoice_tell(t, f, REPLY_REMIND, NULL, NULL);
	r = r ? r : casefile_event(t, f->id, "reminded", "system", NULL, 0, 0);
	return r ? r : set(t, CASECARE_WAIT_SET, f->id, t->in.now_ms + CASE_GO_ON_MS - CASE_REMIND_MS);
}

static int waited(struct tick *t, struct casefile *f)
{
	if (f->state == CASE_NEED_INFO)
		return need_info(t, f);
	if (f->state != CASE_NOTIFIED)
		return set(t, CASECARE_WAIT_SET, f->id, 0);
	int r = casefile_event(t, f->id, "closed", "system", "no_reply", 0, 0);
	return r ? r : casefile_move(t, f, CASE_CLOSED);
}

/* ---- late: excused after three working days, the province's after five ---- */

/* Whose answer the case waits for has the time that was promised; the villager's own is not their delay. */
static int escalate(struct tick *t, struct casefile *f)
{
	if (f->state == CASE_NEED_INFO)
		return set(t, CASECARE_SORRY_SET, f->id, caseclock_add(&t->in, t->in.now_ms, 1));
	int r = f->state == CASE_ESCALATED ? 0 : casefile_event(t, f->id, "moved", "system", case_state_name(CASE_ESCALATED), 0, 0);
	r = r || f->state == CASE_ESCALATED ? r : casefile_move(t, f, CASE_ESCALATED);
	return r ? r : set(t, CASECARE_SORRY_SET, f->id, 0);
}

static int late(struct tick *t, struct casefile *f)
{
	char due[16];
	bool open = f->state != CASE_ANSWERED && f->state != CASE_NOTIFIED && f->state != CASE_CLOSED;
	int64_t climbs_at = caseclock_climb(&t->in, f->due_at);
	if (!open || f->due_at >= t->in.now_ms)
		return set(t, CASECARE_SORRY_SET, f->id, 0);
	if (t->in.now_ms >= climbs_at)
		return escalate(t, f);
	format_day(&t->in, f->due_at, due);
	int r = casevoice_tell(t, f, REPLY_SORRY, &(struct reply_values){ .date = due }, NULL);
	return r ? r : set(t, CASECARE_SORRY_SET, f->id, climbs_at);
}

/* ---- the promised day has passed ---- */

static int ask_done(struct tick *t, const struct casefile *f, const char *date)
{
	OWN(mem) struct casevoice *list = NULL;
	size_t n = 0;
	int64_t message = 0, before = 0;
	char key[40], subject[40];
	snprintf(subject, sizeof(subject), "promise:%lld", (long long)f->id);
	int r = casevoice_list(&t->in, f->id, &list, &n);
	r = r ? r : casefile_events_since(&t->in, f->id, "promise_asked", 0, &before);
	snprintf(key, sizeof(key), "promise:%lld", (long long)before + 1);
	for (size_t i = 0; i < n && !r; i++) {
		OWN(mem) char *text = reply_text(REPLY_DONE, list[i].language, &(struct reply_values){ .code = list[i].code, .date = date });
		r = text ? casevoice_say(t, &list[i], key, text, &message) : E_NOMEM;
	}
	r = r ? r : casevoice_ask(t, list, n, subject, t->in.now_ms + CASE_SILENCE_MS);
	return r ? r : casefile_event(t, f->id, "promise_asked", "system", NULL, message, 0);
}

static int promised(struct tick *t, struct casefile *f)
{
	char date[16];
	format_day(&t->in, f->promised_at - CASE_DAY_MS, date);
	/* a case that was opened again has a new answer to come */
	bool stands = f->state == CASE_NOTIFIED || f->state == CASE_CLOSED;
	int r = stands && !f->merged_into ? ask_done(t, f, date) : 0;
	return r ? r : set(t, CASECARE_PROMISED_SET, f->id, 0);
}

int casecare_answer(struct turn *turn, int64_t id, bool yes)
{
	struct casefile c;
	int r = casefile_get(&turn->t->in, id, &c);
	r = r ? r : casefile_follow(&turn->t->in, &c);
	if (r)
		return r;
	turn->ret->casefile = c.id;
	r = casefile_event(turn->t, c.id, yes ? "promise_kept" : "promise_broken", "person", turn->in->text, 0, turn->in->id);
	if (!r && !yes && case_may_move(c.state, CASE_REOPENED))
		r = casefile_climb(turn->t, &c);
	if (r)
		return r;
	turn_result(turn, "%s %s", c.code, yes ? "was done" : "was not done");
	return turn_receipt_of(turn, yes ? REPLY_DONE_YES : REPLY_DONE_NO, &c);
}

/* ---- the duty ---- */

static int each_due(struct tick *t, size_t sql, int (*fn)(struct tick *t, struct casefile *f), bool *ret_more)
{
	int64_t ids[PER_TICK];
	size_t n = 0;
	int r = 0;
	struct statement *st = store_prepare(t->in.db, &casecare_module, sql);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$limit", PER_TICK);
	while (n < PER_TICK && (r = store_row(st)) > 0)
		ids[n++] = column_int(st, 0);
	store_reset(st);
	r = r < 0 ? r : 0;
	for (size_t i = 0; i < n && !r; i++) {
		struct casefile f;
		r = casefile_get(&t->in, ids[i], &f);
		r = r ? r : fn(t, &f);
	}
	*ret_more = *ret_more || n == PER_TICK;
	return r;
}

/* The next moment between eight in the morning and eight in the evening; now when that is one. */
static int64_t daytime(const struct scope *in)
{
	struct calendar now = calendar_local(in->zone, in->now_ms);
	if (now.hour >= DAY_FROM && now.hour < DAY_TO)
		return in->now_ms;
	return calendar_midnight_ms(in->zone, in->now_ms, now.hour >= DAY_TO) + DAY_FROM * HOUR_MS;
}

static int run_duty(struct tick *t, int64_t *ret_due_at)
{
	bool more = false;
	int64_t day = daytime(&t->in);
	if (jump_in_doubt(t) || day > t->in.now_ms) {
		*ret_due_at = day > t->in.now_ms + DOUBT_MS ? day : t->in.now_ms + DOUBT_MS;
		return 0;
	}
	int r = each_due(t, CASECARE_WAIT, waited, &more);
	r = r ? r : each_due(t, CASECARE_SORRY, late, &more);
	r = r ? r : each_due(t, CASECARE_PROMISED, promised, &more);
	/* what is set meanwhile is due the next morning at the earliest */
	if (!r)
		*ret_due_at = more ? t->in.now_ms : t->in.now_ms + HOUR_MS;
	return r;
}

const struct duty casecare_duty = { .name = "casecare", .run = run_duty };

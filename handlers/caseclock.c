/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clocks of a case's states. Called by casefile.c and the verbs that set a date. Keeps nothing. */
#include "handlers/caseclock.h"

#include <string.h>

#include "gateway/base/calendar.h"
#include "handlers/keywords.h"

#define TRIAGE_DAYS 2
#define HANDLE_DAYS 10		    /* from receipt until it is answered or forwarded */
#define HANDLE_DENUNCIATION_DAYS 5
#define VERIFY_DAYS 5
#define AWAIT_DAYS 15
#define AWAIT_COMPLAINT_DAYS 22 /* thirty days, of which eight are no working days */
#define TELL_DAYS 3
#define SORRY_DAYS 3
#define CLIMB_DAYS 5
#define MORNING_HOUR 8

int64_t caseclock_add(const struct scope *in, int64_t at_ms, int n_days)
{
	static const struct workdays weekends_only = { 0 };
	return workday_add(in->keywords ? &in->keywords->workdays : &weekends_only, in->zone, at_ms, n_days);
}

static int64_t handled_by(const struct scope *in, const struct casefile *c)
{
	int64_t at = caseclock_add(in, c->received_at, strcmp(c->kind, "denunciation") ? HANDLE_DAYS : HANDLE_DENUNCIATION_DAYS);
	/* what is sorted late, or anew, is not late at once */
	int64_t soonest = caseclock_add(in, in->now_ms, TRIAGE_DAYS);
	return at > soonest ? at : soonest;
}

int64_t caseclock_step(const struct scope *in, const struct casefile *c, enum case_state to)
{
	switch (to) {
	case CASE_RECEIVED:
	case CASE_REOPENED:
		return caseclock_add(in, in->now_ms, TRIAGE_DAYS);
	case CASE_TRIAGED:
		return handled_by(in, c);
	case CASE_VERIFYING:
		return caseclock_add(in, in->now_ms, VERIFY_DAYS);
	case CASE_FORWARDED:
	case CASE_AWAITING:
		return caseclock_add(in, in->now_ms, strcmp(c->kind, "complaint") ? AWAIT_DAYS : AWAIT_COMPLAINT_DAYS);
	case CASE_ESCALATED:
		return caseclock_add(in, in->now_ms, AWAIT_DAYS);
	case CASE_ANSWERED:
		return caseclock_add(in, in->now_ms, TELL_DAYS);
	case CASE_NEED_INFO:
	case CASE_NOTIFIED:
	case CASE_CLOSED:
	case CASE_STATES:
		break;
	}
	return 0;
}

int64_t caseclock_wait(const struct scope *in, enum case_state to)
{
	return to == CASE_NEED_INFO ? in->now_ms + CASE_REMIND_MS : to == CASE_NOTIFIED ? in->now_ms + CASE_SILENCE_MS : 0;
}

int64_t caseclock_sorry(const struct scope *in, int64_t due_at)
{
	return caseclock_add(in, due_at, SORRY_DAYS);
}

int64_t caseclock_climb(const struct scope *in, int64_t due_at)
{
	return caseclock_add(in, due_at, CLIMB_DAYS);
}

int64_t caseclock_morning_after(const struct scope *in, int64_t at_ms)
{
	struct calendar day = calendar_local(in->zone, at_ms);
	day.day++;
	day.hour = MORNING_HOUR;
	day.minute = day.second = day.ms = 0;
	return calendar_at_ms(in->zone, &day);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The beginning and the end of every verb on a case. Called by the files of these verbs. */
#include "handlers/casedesk.h"

#include <stdio.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "handlers/caselist.h"
#include "handlers/caselock.h"

static int check_lock(struct tick *t, const struct call *c, const struct casefile *f, struct refusal *why)
{
	struct caselock lock;
	int r = caselock_find(&t->in, f->id, &lock);
	if (r || strcmp(lock.holder, c->actor) == 0)
		return r == E_NOT_FOUND ? 0 : r;
	return caselock_refuse(&t->in, &lock, why);
}

int casedesk_open_named(struct tick *t, const struct call *c, const char *id, enum case_act act, struct casefile *ret, struct refusal *why)
{
	struct casefile f;
	int r = casefile_find(&t->in, id, &f);
	r = r ? r : caselist_seen(&t->in, f.id, c->unit);
	if (r == E_NOT_FOUND)
		return caselist_refuse(&t->in, id, why);
	r = r ? r : caserule_check(&t->in, &f, act, c->unit, why);
	if (!r && caserule_needs_lock(act))
		r = check_lock(t, c, &f, why);
	if (!r)
		*ret = f;
	return r;
}

int casedesk_open(struct tick *t, const struct call *c, enum case_act act, struct casefile *ret, struct refusal *why)
{
	return casedesk_open_named(t, c, json_str(c->args, "id", ""), act, ret, why);
}

int casedesk_done(struct tick *t, const struct call *c, const struct casefile *f, const char *what, const char *words, json_t **ret)
{
	char subject[32];
	snprintf(subject, sizeof(subject), "case:%lld", (long long)f->id);
	int r = casefile_event(t, f->id, what, c->actor, words, 0, 0);
	r = r ? r : audit_put(t, c->actor, c->dotted, subject, words);
	r = r ? r : caselist_one(&t->in, f->id, c->unit, ret);
	if (r != E_NOT_FOUND)
		return r;
	*ret = json_pack("{s:I, s:s, s:b}", "id", (json_int_t)f->id, "code", f->code, "hidden", 1);
	return *ret ? 0 : E_NOMEM;
}

void casedesk_join(char *out, size_t room, const char *const *parts, size_t n)
{
	size_t at = 0;
	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		if (*parts[i] && at < room) {
			int more = snprintf(out + at, room - at, "%s%s", at ? "; " : "", parts[i]);
			at += more > 0 ? (size_t)more : 0;
		}
}

int casedesk_day(struct tick *t, const char *name, const char *day, int64_t *ret, struct refusal *why)
{
	char text[24];
	snprintf(text, sizeof(text), "%.10sT17:00", day);
	if (strlen(day) != 10 || calendar_parse_iso(text, t->in.zone, ret))
		return refuse(why, E_INVALID, 422, "bad_time", name, "The day is not written as 2026-12-15.");
	if (*ret <= t->in.now_ms)
		return refuse(why, E_INVALID, 422, "out_of_range", name, "That day has passed.");
	return 0;
}

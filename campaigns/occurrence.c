/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table occurrence. Called by course.c (when), planner.c and recipient.c (who) and agenda.c (what is shown). Never sends. */
#include "campaigns/occurrence.h"

#include <stdio.h>
#include <string.h>

#include "campaigns/rule.h"
#include "config/config.h"
#include "gateway/base/json.h"
#include "gateway/base/mutant.h"
#include "gateway/base/own.h"
#include "gateway/store/store.h"

enum { OCCURRENCE_ADD, OCCURRENCE_WAITING, OCCURRENCE_PLANNING, OCCURRENCE_SET, OCCURRENCE_ANSWERED, OCCURRENCE_SQL_COUNT };
#define COLUMNS "SELECT id, n, wave, due_at FROM occurrence WHERE campaign = $campaign AND "
static const char *const occurrence_sql[OCCURRENCE_SQL_COUNT] = {
	[OCCURRENCE_ADD] = "INSERT INTO occurrence (campaign, n, wave, due_at, state) VALUES ($campaign, $n, $wave, $due, 'waiting') "
			   "ON CONFLICT (campaign, n, wave) DO NOTHING",
	[OCCURRENCE_WAITING] = COLUMNS "(state = 'waiting' OR state = 'planning') AND state = 'waiting' ORDER BY due_at, id LIMIT 1",
	[OCCURRENCE_PLANNING] = COLUMNS "(state = 'waiting' OR state = 'planning') AND state = 'planning' ORDER BY due_at, id LIMIT 1",
	[OCCURRENCE_SET] = "UPDATE occurrence SET state = $state WHERE id = $id",
	/* by the order of the ticks: no clock that was set decides whether somebody has answered */
	[OCCURRENCE_ANSWERED] = "SELECT CASE WHEN EXISTS (SELECT 1 FROM inbound i WHERE i.address = m.address AND i.seq > "
				"(SELECT min(a.seq) FROM attempt a WHERE a.message = m.id) AND coalesce(i.kind, '') NOT IN ('duplicate', 'filed')) "
				"THEN 1 ELSE 0 END FROM message m WHERE m.key = $key AND m.state IN ('sending', 'sent', 'delivered', 'unclear')",
};
const struct sql_module occurrence_module = { "occurrence", occurrence_sql, OCCURRENCE_SQL_COUNT };

static int add(struct tick *t, const struct campaign *c, int64_t n, int wave, int64_t due_at)
{
	struct statement *st = store_prepare(t->in.db, &occurrence_module, OCCURRENCE_ADD);
	bind_int(st, "$campaign", c->id);
	bind_int(st, "$n", n);
	bind_int(st, "$wave", wave);
	bind_int(st, "$due", due_at);
	return store_run(st);
}

static int set(struct tick *t, const struct occurrence *o, const char *state)
{
	struct statement *st = store_prepare(t->in.db, &occurrence_module, OCCURRENCE_SET);
	bind_int(st, "$id", o->id);
	bind_text(st, "$state", state);
	return store_run(st);
}

static int find(const struct scope *in, const struct campaign *c, size_t sql, struct occurrence *ret)
{
	struct occurrence o;
	int r = schedule_parse(c->schedule, &o.schedule);
	if (r)
		return r;
	struct statement *st = store_prepare(in->db, &occurrence_module, sql);
	bind_int(st, "$campaign", c->id);
	r = store_row(st);
	if (r > 0) {
		o.id = column_int(st, 0);
		o.n = column_int(st, 1);
		o.wave = (int)column_int(st, 2);
		o.due_at = column_int(st, 3);
		o.day = schedule_day(in->zone, o.due_at);
		*ret = o;
	}
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}

int occurrence_waiting(const struct scope *in, const struct campaign *c, struct occurrence *ret)
{
	return find(in, c, OCCURRENCE_WAITING, ret);
}

int occurrence_planning(const struct scope *in, const struct campaign *c, struct occurrence *ret)
{
	return find(in, c, OCCURRENCE_PLANNING, ret);
}

int occurrence_first(struct tick *t, const struct campaign *c, int64_t earliest, int64_t *ret_due_at)
{
	struct schedule s;
	int r = schedule_parse(c->schedule, &s);
	if (r)
		return r;
	int64_t due_at = schedule_first(&s, t->in.zone, c->start_at, earliest);
	if (due_at == SCHEDULE_NEVER)
		return E_NOT_FOUND;
	r = add(t, c, 0, 0, due_at);
	if (!r)
		*ret_due_at = due_at;
	return r;
}

bool occurrence_is_late(const struct scope *in, const struct occurrence *o)
{
	int64_t valid_ms = in->config->sending.default_validity_h * INT64_C(3600000);
	return in->now_ms - o->due_at >= (valid_ms < OCCURRENCE_LATE_MS ? valid_ms : OCCURRENCE_LATE_MS);
}

/* The next time follows from this one, also when this one was missed; a reminder has nothing behind it. */
static int follow(struct tick *t, const struct campaign *c, const struct occurrence *o)
{
	int64_t next = o->wave ? SCHEDULE_NEVER : schedule_next(&o->schedule, t->in.zone, o->n, o->due_at);
	return next == SCHEDULE_NEVER ? 0 : add(t, c, o->n + 1, 0, MUTANT(WAVE_TWICE) ? o->due_at : next);
}

int occurrence_begin(struct tick *t, const struct campaign *c, const struct occurrence *o)
{
	int r = set(t, o, "planning");
	for (int k = 1; !r && !o->wave && k <= o->schedule.reminders; k++)
		r = add(t, c, o->n, k, schedule_reminder(&o->schedule, t->in.zone, o->due_at, k));
	return r ? r : follow(t, c, o);
}

int occurrence_miss(struct tick *t, const struct campaign *c, const struct occurrence *o)
{
	int r = set(t, o, "missed");
	return r ? r : follow(t, c, o);
}

int occurrence_end(struct tick *t, const struct occurrence *o)
{
	return set(t, o, "done");
}

/* ---- whose turn ---- */

static void tail_of(int64_t a, int64_t b, char tail[OCCURRENCE_TAIL_BYTES])
{
	snprintf(tail, OCCURRENCE_TAIL_BYTES, ":%lld:%lld", (long long)a, (long long)b);
}

/* 1: it left and the person has written since; 0: left, silence; E_NOT_FOUND: it never left. */
static int answered(const struct scope *in, const struct campaign *c, int64_t person, const char *tail)
{
	char key[64 + OCCURRENCE_TAIL_BYTES];
	snprintf(key, sizeof(key), "campaign:%lld:%lld%s", (long long)c->id, (long long)person, tail);
	struct statement *st = store_prepare(in->db, &occurrence_module, OCCURRENCE_ANSWERED);
	bind_text(st, "$key", key);
	int r = store_row(st);
	r = r > 0 ? column_int(st, 0) != 0 : r == 0 ? E_NOT_FOUND : r;
	store_reset(st);
	return r;
}

int occurrence_date(const struct schedule *s, const char *fields, int64_t *ret_day)
{
	OWN(json) json_t *obj = NULL;
	if (!fields)
		return E_NOT_FOUND;
	if (json_parse(fields, strlen(fields), &obj))
		return E_CORRUPT;
	return rule_date(json_str(obj, s->field, ""), ret_day) ? E_NOT_FOUND : 0;
}

/* One of the days around the person's date, and silence since the days before it. */
static int takes_by_date(const struct scope *in, const struct campaign *c, const struct occurrence *o, int64_t person, const char *fields,
			 char tail[OCCURRENCE_TAIL_BYTES])
{
	int64_t date;
	int r = occurrence_date(&o->schedule, fields, &date);
	if (r)
		return r == E_NOT_FOUND ? 0 : r;
	for (int i = 0; i < o->schedule.n_days && o->schedule.days[i] <= o->day - date; i++) {
		tail_of(date, o->schedule.days[i], tail);
		if (o->schedule.days[i] == o->day - date)
			return 1;
		r = answered(in, c, person, tail);
		if (r && r != E_NOT_FOUND)
			return r > 0 ? 0 : r;
	}
	return 0;
}

int occurrence_takes(const struct scope *in, const struct campaign *c, const struct occurrence *o, int64_t person, const char *fields,
		     char tail[OCCURRENCE_TAIL_BYTES])
{
	tail[0] = '\0';
	if (!o->id)
		return 1;
	if (o->schedule.kind == SCHEDULE_FIELD)
		return takes_by_date(in, c, o, person, fields, tail);
	if (o->n)
		tail_of(o->n, 0, tail);
	if (!o->wave)
		return 1;
	int r = answered(in, c, person, tail);
	tail_of(o->n, o->wave, tail);
	return r == 0 ? 1 : r == 1 || r == E_NOT_FOUND ? r == 1 && MUTANT(REMINDER_TO_ALL) : r;
}

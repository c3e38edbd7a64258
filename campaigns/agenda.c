/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates to look at. Before the start they follow from the schedule alone; afterwards from what waits, and from what will follow it. */
#include "campaigns/agenda.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/store/store.h"

#define SHOWN 5
#define ROOM (2 * SHOWN * (1 + SCHEDULE_REMINDERS_MAX))
#define AHEAD_DAYS 400 /* dates of people are counted so far ahead */

enum { AGENDA_WAITING, AGENDA_MISSED, AGENDA_SQL_COUNT };
static const char *const agenda_sql[AGENDA_SQL_COUNT] = {
	[AGENDA_WAITING] = "SELECT n, wave, due_at FROM occurrence WHERE campaign = $campaign AND (state = 'waiting' OR state = 'planning') "
			   "AND state = 'waiting' ORDER BY due_at, id LIMIT $limit",
	[AGENDA_MISSED] = "SELECT count(*) FROM occurrence WHERE campaign = $campaign AND state = 'missed'",
};
const struct sql_module agenda_module = { "agenda", agenda_sql, AGENDA_SQL_COUNT };

struct date {
	int64_t at_ms;
	int wave;
};
struct dates {
	struct date all[ROOM];
	int n;
};

static void put(struct dates *d, int64_t at_ms, int wave)
{
	if (d->n < ROOM)
		d->all[d->n++] = (struct date){ at_ms, wave };
}

static void put_turn(struct dates *d, const struct schedule *s, const struct zone *zone, int64_t at_ms)
{
	put(d, at_ms, 0);
	for (int k = 1; k <= s->reminders; k++)
		put(d, schedule_reminder(s, zone, at_ms, k), k);
}

static int earlier(const void *a, const void *b)
{
	const struct date *x = a, *y = b;
	return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

/* Of a draft. */
static void foresee(const struct scope *in, const struct schedule *s, int64_t start_at, struct dates *d)
{
	int64_t at_ms = schedule_first(s, in->zone, start_at, in->now_ms);
	for (int64_t n = 0; n < SHOWN && at_ms != SCHEDULE_NEVER; n++) {
		put_turn(d, s, in->zone, at_ms);
		at_ms = schedule_next(s, in->zone, n, at_ms);
	}
}

/* Of one that was started: what waits, and behind the next time what follows it. */
static int look_up(const struct scope *in, const struct campaign *c, const struct schedule *s, struct dates *d)
{
	int64_t last_n = -1, at_ms = SCHEDULE_NEVER;
	int r;
	struct statement *st = store_prepare(in->db, &agenda_module, AGENDA_WAITING);
	bind_int(st, "$campaign", c->id);
	bind_int(st, "$limit", ROOM / 2);
	while ((r = store_row(st)) > 0) {
		int wave = (int)column_int(st, 1);
		put(d, column_int(st, 2), wave);
		if (wave)
			continue;
		last_n = column_int(st, 0);
		at_ms = column_int(st, 2);
	}
	store_reset(st);
	for (int i = 0; !r && last_n >= 0 && i < SHOWN; i++, last_n++) {
		for (int k = 1; k <= s->reminders; k++)
			put(d, schedule_reminder(s, in->zone, at_ms, k), k);
		at_ms = schedule_next(s, in->zone, last_n, at_ms);
		if (at_ms == SCHEDULE_NEVER)
			break;
		put(d, at_ms, 0);
	}
	return r;
}

static json_t *to_json(const struct scope *in, struct dates *d, int64_t people)
{
	char at[CALENDAR_ISO_BYTES];
	OWN(json) json_t *list = json_array();
	qsort(d->all, (size_t)d->n, sizeof(d->all[0]), earlier);
	for (int i = 0; list && i < d->n && i < SHOWN; i++) {
		json_t *one = json_pack("{s:s, s:i}", "at", calendar_format_iso(in->zone, d->all[i].at_ms, at), "wave", d->all[i].wave);
		if (!one || json_array_append_new(list, one) || (people >= 0 && json_set_int(one, "people", people)))
			return NULL;
	}
	return MOVE(list);
}

static bool is_over(const struct campaign *c)
{
	return c->state == CAMPAIGN_DONE || c->state == CAMPAIGN_CANCELLED;
}

static bool is_started(const struct campaign *c)
{
	return c->state >= CAMPAIGN_SCHEDULED;
}

static int dates_of(const struct scope *in, const struct campaign *c, struct schedule *s, struct dates *d)
{
	int r = schedule_parse(c->schedule, s);
	d->n = 0;
	if (r || is_over(c))
		return r;
	if (is_started(c))
		return look_up(in, c, s, d);
	foresee(in, s, c->start_at, d);
	return 0;
}

static int missed_of(const struct scope *in, const struct campaign *c, int64_t *ret)
{
	struct statement *st = store_prepare(in->db, &agenda_module, AGENDA_MISSED);
	bind_int(st, "$campaign", c->id);
	int r = store_row(st);
	*ret = r > 0 ? column_int(st, 0) : 0;
	store_reset(st);
	return r < 0 ? r : 0;
}

int agenda_of_campaign(const struct scope *in, const struct campaign *c, json_t **ret)
{
	OWN(json) json_t *obj = NULL;
	struct schedule s;
	struct dates d;
	int64_t missed = 0;
	if (!c->schedule) {
		*ret = json_null();
		return 0;
	}
	int r = dates_of(in, c, &s, &d);
	if (!r)
		r = missed_of(in, c, &missed);
	if (!r)
		r = json_parse(c->schedule, strlen(c->schedule), &obj) ? E_CORRUPT : 0;
	if (!r)
		r = json_object_set_new(obj, "next", to_json(in, &d, -1)) ? E_NOMEM : json_set_int(obj, "missed", missed);
	if (!r)
		*ret = MOVE(obj);
	return r;
}

/* ---- preview ---- */

int agenda_add(const struct scope *in, const struct campaign *c, const struct schedule *s, int64_t date, json_t *counts)
{
	char key[24];
	int64_t first = schedule_first(s, in->zone, c->start_at, in->now_ms);
	int64_t from = first == SCHEDULE_NEVER ? first : schedule_day(in->zone, first);
	for (int i = 0; date && i < s->n_days; i++) {
		int64_t day = date + s->days[i];
		if (day < from || day > s->until_day || day - from > AHEAD_DAYS)
			continue;
		snprintf(key, sizeof(key), "%lld", (long long)day);
		if (json_object_set_new(counts, key, json_integer(json_int(counts, key, 0) + 1)))
			return E_NOMEM;
	}
	return 0;
}

/* Days on which somebody has a turn, from counts by day. */
static json_t *days_json(const struct scope *in, const struct schedule *s, const json_t *counts, int64_t from)
{
	char key[24], at[CALENDAR_ISO_BYTES];
	OWN(json) json_t *list = json_array();
	for (int64_t day = from; list && day <= from + AHEAD_DAYS && json_array_size(list) < SHOWN; day++) {
		snprintf(key, sizeof(key), "%lld", (long long)day);
		int64_t n = json_int(counts, key, 0);
		if (n && json_array_append_new(list, json_pack("{s:s, s:i, s:I}", "at", calendar_format_iso(in->zone, schedule_moment(s, in->zone, day), at),
								"wave", 0, "people", (json_int_t)n)))
			return NULL;
	}
	return MOVE(list);
}

int agenda_of_preview(const struct scope *in, const struct campaign *c, const json_t *sums, json_t *preview)
{
	struct schedule s;
	struct dates d;
	int r = dates_of(in, c, &s, &d);
	if (r)
		return r;
	const json_t *excluded = json_object_get(sums, "excluded");
	int64_t people = json_int(sums, "total", 0);
	const char *reason;
	json_t *n;
	json_object_foreach((json_t *)(uintptr_t)excluded, reason, n)
		people -= json_integer_value(n);
	json_t *list = s.kind == SCHEDULE_FIELD ? days_json(in, &s, json_object_get(sums, "dates"), schedule_day(in->zone, in->now_ms))
						: to_json(in, &d, people);
	return json_object_set_new(preview, "dates", list) ? E_NOMEM : 0;
}

int64_t agenda_start(const struct scope *in, const struct campaign *c)
{
	struct schedule s;
	if (!c->schedule || is_started(c) || schedule_parse(c->schedule, &s) || s.kind == SCHEDULE_ONCE)
		return c->start_at;
	int64_t first = schedule_first(&s, in->zone, c->start_at, in->now_ms);
	return first == SCHEDULE_NEVER ? c->start_at : first;
}

/* ---- verb ---- */

int agenda_verb(const struct scope *in, const struct call *call, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	int64_t start_at = 0;
	OWN(mem) char *text = NULL;
	struct schedule s;
	struct dates d = { .n = 0 };
	*ret_next = 0;
	int r = schedule_read_start(in, call->args, &start_at, why);
	if (!r)
		r = schedule_read(in, call->args, start_at, &text, why);
	if (!r)
		r = schedule_parse(text ? text : "{}", &s);
	if (r)
		return r;
	foresee(in, &s, start_at, &d);
	json_t *list = to_json(in, &d, -1);
	*ret = json_pack("{s:o}", "dates", list);
	return *ret ? 0 : E_NOMEM;
}

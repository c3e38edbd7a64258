/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schedules: from arguments to text, from text to moments. Called by campaign new, by course.c through occurrence.c, and by whoever
 * shows dates. Reads no table. */
#include "campaigns/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/column.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define AT_OTHERWISE "08:00"
#define DAYS_FAR 3660

/* ---- from arguments ---- */

static int bad(struct refusal *why, const char *rule, const char *field, const char *text)
{
	return refuse(why, E_INVALID, 422, rule, field, "%s", text);
}

/* "8:00", "08:00"; -1. */
static int minutes_of(const char *text)
{
	int hour, minute, n = 0;
	if (sscanf(text, "%2d:%2d%n", &hour, &minute, &n) != 2 || text[n] || strspn(text, "0123456789:") != strlen(text) || hour > 23 || minute > 59)
		return -1;
	return hour * 60 + minute;
}

static int read_at(const struct scope *in, const json_t *args, int64_t start_at, json_t *obj, struct refusal *why)
{
	char text[8];
	const char *at = json_str(args, "at", NULL);
	int min = start_at && !at ? calendar_minutes(in->zone, start_at) : minutes_of(at ? at : AT_OTHERWISE);
	if (min < 0)
		return bad(why, "bad_time", "at", "The hour is written as 08:00.");
	snprintf(text, sizeof(text), "%02d:%02d", min / 60 % 24, min % 60);
	return json_set_str(obj, "at", text);
}

int schedule_read_start(const struct scope *in, const json_t *args, int64_t *ret, struct refusal *why)
{
	const char *start = json_str(args, "start", NULL);
	*ret = 0;
	if (start && calendar_parse_iso(start, in->zone, ret))
		return bad(why, "bad_time", "start", "The start is no date and time, such as 2026-12-01T08:00.");
	return 0;
}

static int ascending(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;
	return (x > y) - (x < y);
}

/* "-30,-10,-3", each once; -1 when it is none. */
static int days_of(const char *text, int ret[SCHEDULE_DAYS_MAX])
{
	int n = 0;
	for (const char *at = text;; at++) {
		char *end;
		long day = strtol(at, &end, 10);
		if (end == at || n == SCHEDULE_DAYS_MAX || day < -DAYS_FAR || day > DAYS_FAR)
			return -1;
		ret[n++] = (int)day;
		at = end;
		if (!*at)
			break;
		if (*at != ',')
			return -1;
	}
	qsort(ret, (size_t)n, sizeof(*ret), ascending);
	for (int i = 1; i < n; i++)
		if (ret[i] == ret[i - 1])
			return -1;
	return n;
}

static int put_days(json_t *obj, const int *days, int n)
{
	json_t *list = json_array();
	int r = list ? 0 : E_NOMEM;
	for (int i = 0; !r && i < n; i++)
		r = json_array_append_new(list, json_integer(days[i])) ? E_NOMEM : 0;
	return json_object_set_new(obj, "days", list) || r ? E_NOMEM : 0;
}

static int read_until(const struct scope *in, const json_t *args, json_t *obj, struct refusal *why)
{
	const char *until = json_str(args, "until", NULL);
	int64_t at_ms;
	if (!until)
		return 0;
	if (strlen(until) != 10 || calendar_parse_iso(until, in->zone, &at_ms))
		return bad(why, "bad_time", "until", "The last day is a date such as 2027-12-31.");
	return json_set_str(obj, "until", until);
}

static int read_field(const struct scope *in, const json_t *args, json_t *obj, struct refusal *why)
{
	int days[SCHEDULE_DAYS_MAX], n = days_of(json_str(args, "days", ""), days);
	OWN(mem) char *key = column_key(json_str(args, "on", ""));
	if (!key)
		return E_NOMEM;
	if (!*key || column_of(key) != COLUMN_FIELD || strlen(key) >= sizeof(((struct schedule *)0)->field))
		return bad(why, "unknown_field", "on", "This is not the name of a column that holds a date.");
	if (n < 1)
		return bad(why, "bad_days", "days", "The days are written as -30,-10,-3, at most twelve, each once.");
	int r = json_set_str(obj, "on", key);
	r = r ? r : put_days(obj, days, n);
	return r ? r : read_until(in, args, obj, why);
}

static int read_repeat(const json_t *args, json_t *obj, struct refusal *why)
{
	struct recurrence rule;
	struct complaint c = { 0 };
	const char *repeat = json_str(args, "repeat", "");
	return recurrence_parse(repeat, &rule, &c) ? bad(why, c.rule, "repeat", c.text) : json_set_str(obj, "repeat", repeat);
}

static int read_reminders(const json_t *args, json_t *obj)
{
	int r = json_set_int(obj, "remind_after", json_int(args, "remind-after", 0));
	return r ? r : json_set_int(obj, "reminders", json_int(args, "reminders", 1));
}

static int check(const json_t *args, struct refusal *why)
{
	bool repeat = json_str(args, "repeat", NULL) != NULL, on = json_str(args, "on", NULL) != NULL;
	bool remind = json_object_get(args, "remind-after") != NULL;
	if (repeat && on)
		return bad(why, "conflict", "on", "A campaign is repeated or follows a date of each person, not both.");
	if (on && remind)
		return bad(why, "conflict", "remind-after", "Days around a date are its reminders: add days.");
	if (on != (json_str(args, "days", NULL) != NULL))
		return bad(why, "missing", on ? "days" : "on", "on says which date, days how many days before (-) or after it.");
	if (!remind && json_object_get(args, "reminders"))
		return bad(why, "missing", "remind-after", "Reminders need the number of days between them.");
	if (!on && json_str(args, "until", NULL))
		return bad(why, "conflict", "until", "until goes with on; a repetition ends by UNTIL or COUNT.");
	if (!on && !repeat && json_str(args, "at", NULL))
		return bad(why, "conflict", "at", "at goes with repeat or on; otherwise start says the hour.");
	return 0;
}

int schedule_read(const struct scope *in, const json_t *args, int64_t start_at, char **ret, struct refusal *why)
{
	bool repeat = json_str(args, "repeat", NULL) != NULL, on = json_str(args, "on", NULL) != NULL;
	bool remind = json_object_get(args, "remind-after") != NULL;
	*ret = NULL;
	OWN(json) json_t *obj = json_object();
	int r = obj ? check(args, why) : E_NOMEM;
	if (!r && repeat)
		r = read_repeat(args, obj, why);
	if (!r && on)
		r = read_field(in, args, obj, why);
	if (!r && (repeat || on))
		r = read_at(in, args, start_at, obj, why);
	if (!r && remind)
		r = read_reminders(args, obj);
	if (r || (!repeat && !on && !remind))
		return r;
	*ret = json_text(obj);
	return *ret ? 0 : E_NOMEM;
}

/* ---- from text ---- */

static int parse_days(const json_t *obj, struct schedule *s)
{
	const json_t *list = json_object_get(obj, "days");
	s->n_days = (int)json_array_size(list);
	if (s->n_days < 1 || s->n_days > SCHEDULE_DAYS_MAX)
		return E_CORRUPT;
	for (int i = 0; i < s->n_days; i++)
		s->days[i] = (int)json_integer_value(json_array_get(list, (size_t)i));
	return 0;
}

static int parse_field(const json_t *obj, struct schedule *s)
{
	int year, month, day;
	const char *until = json_str(obj, "until", NULL);
	snprintf(s->field, sizeof(s->field), "%s", json_str(obj, "on", ""));
	s->kind = SCHEDULE_FIELD;
	if (until && sscanf(until, "%4d-%2d-%2d", &year, &month, &day) != 3)
		return E_CORRUPT;
	if (until)
		s->until_day = calendar_day_number(year, month, day);
	return parse_days(obj, s);
}

int schedule_parse(const char *text, struct schedule *ret)
{
	OWN(json) json_t *obj = NULL;
	struct schedule s = { .kind = SCHEDULE_ONCE, .until_day = SCHEDULE_NEVER };
	struct complaint c = { 0 };
	int r = json_parse(text, strlen(text), &obj) ? E_CORRUPT : 0;
	const char *repeat = json_str(obj, "repeat", NULL);
	if (!r && repeat) {
		s.kind = SCHEDULE_REPEAT;
		r = recurrence_parse(repeat, &s.rule, &c) ? E_CORRUPT : 0;
	} else if (!r && json_object_get(obj, "on")) {
		r = parse_field(obj, &s);
	}
	s.at_min = minutes_of(json_str(obj, "at", AT_OTHERWISE));
	s.remind_days = (int)json_int(obj, "remind_after", 0);
	s.reminders = (int)json_int(obj, "reminders", 0);
	if (!r)
		*ret = s;
	return r;
}

/* ---- moments ---- */

int64_t schedule_day(const struct zone *zone, int64_t at_ms)
{
	struct calendar k = calendar_local(zone, at_ms);
	return calendar_day_number(k.year, k.month, k.day);
}

int64_t schedule_moment(const struct schedule *s, const struct zone *zone, int64_t day)
{
	struct calendar k = calendar_of_day(day);
	k.minute = s->at_min;
	return calendar_at_ms(zone, &k);
}

static int64_t day_from(const struct schedule *s, int64_t first, int64_t from)
{
	if (s->kind == SCHEDULE_REPEAT)
		return recurrence_next(&s->rule, first, from);
	return from <= s->until_day ? from : SCHEDULE_NEVER;
}

int64_t schedule_first(const struct schedule *s, const struct zone *zone, int64_t start_at, int64_t from_ms)
{
	int64_t earliest = start_at > from_ms ? start_at : from_ms;
	if (s->kind == SCHEDULE_ONCE)
		return earliest;
	int64_t first = schedule_day(zone, start_at ? start_at : from_ms), from = schedule_day(zone, earliest);
	int64_t day = day_from(s, first, from);
	if (day != SCHEDULE_NEVER && schedule_moment(s, zone, day) < earliest)
		day = day_from(s, first, day + 1);
	return day == SCHEDULE_NEVER ? SCHEDULE_NEVER : schedule_moment(s, zone, day);
}

int64_t schedule_next(const struct schedule *s, const struct zone *zone, int64_t n, int64_t due_at)
{
	if (s->kind == SCHEDULE_ONCE || (s->kind == SCHEDULE_REPEAT && s->rule.count && n + 1 >= s->rule.count))
		return SCHEDULE_NEVER;
	int64_t last = schedule_day(zone, due_at), day = day_from(s, last, last + 1);
	return day == SCHEDULE_NEVER ? SCHEDULE_NEVER : schedule_moment(s, zone, day);
}

int64_t schedule_reminder(const struct schedule *s, const struct zone *zone, int64_t due_at, int k)
{
	struct calendar c = calendar_local(zone, due_at);
	c.day += k * s->remind_days;
	return calendar_at_ms(zone, &c);
}

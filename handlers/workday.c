/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting working days over a sorted table. Keeps nothing. */
#include "handlers/workday.h"

#include <string.h>

#include "config/settings.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"

#define OFFICE_CLOSES_HOUR 17

OWN_DEFINE(settings, struct settings *, settings_free)

static int compare_days(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static int parse_day(const char *text, int64_t *ret)
{
	int year, month, day, end = 0;
	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || text[end] || !calendar_date_exists(year, month, day))
		return E_INVALID;
	*ret = calendar_day_number(year, month, day);
	return 0;
}

static int read_days(const struct settings *s, const char *name, int64_t **ret, size_t *ret_n, struct complaint *c)
{
	const json_t *list = json_object_get(settings_root(s), name);
	size_t n = json_array_size(list);
	*ret = calloc(n + 1, sizeof(**ret));
	if (!*ret)
		return E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const json_t *item = json_array_get(list, i);
		const char *date = json_is_string(item) ? json_string_value(item) : json_str(item, "date", "");
		char path[64];
		snprintf(path, sizeof(path), "%s.[%zu]", name, i);
		if (parse_day(date, &(*ret)[i])) {
			settings_complain(s, path, c, "wrong_value", "'%s' is no date such as 2026-09-02", date);
			return E_CONFIG;
		}
		*ret_n = i + 1;
	}
	qsort(*ret, n, sizeof(**ret), compare_days);
	return 0;
}

int workdays_load(const char *config_file, const char *country, struct workdays *ret, struct complaint *c)
{
	OWN(mem) char *path = NULL;
	OWN(settings) struct settings *s = NULL;
	struct workdays w = { 0 };
	char name[64];
	snprintf(name, sizeof(name), "holidays/%s.conf", country);
	int r = settings_find(config_file, name, &path);
	if (r == E_NOT_FOUND) {
		*ret = w;
		return 0;
	}
	r = r ? r : settings_read(path, &s, c);
	if (r)
		return r == E_NOMEM ? r : E_CONFIG;
	r = read_days(s, "days", &w.rest, &w.n_rest, c);
	r = r ? r : read_days(s, "work_days", &w.work, &w.n_work, c);
	if (r) {
		workdays_done(&w);
		return r;
	}
	*ret = w;
	return 0;
}

void workdays_done(struct workdays *w)
{
	free(w->rest);
	free(w->work);
	*w = (struct workdays){ 0 };
}

static bool holds(const int64_t *days, size_t n, int64_t day)
{
	return n && bsearch(&day, days, n, sizeof(*days), compare_days);
}

bool workday_is(const struct workdays *w, int64_t day)
{
	int weekday = (int)(((day + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday; 0 = Monday */
	if (holds(w->work, w->n_work, day))
		return true;
	return weekday < 5 && !holds(w->rest, w->n_rest, day);
}

static int64_t local_day(const struct zone *zone, int64_t at_ms)
{
	struct calendar local = calendar_local(zone, at_ms);
	return calendar_day_number(local.year, local.month, local.day);
}

int64_t workday_between(const struct workdays *w, const struct zone *zone, int64_t from_ms, int64_t to_ms)
{
	int64_t n = 0, last = local_day(zone, to_ms);
	for (int64_t day = local_day(zone, from_ms) + 1; day <= last; day++)
		n += workday_is(w, day);
	return n;
}

int64_t workday_add(const struct workdays *w, const struct zone *zone, int64_t at_ms, int n)
{
	struct calendar local = calendar_local(zone, at_ms);
	int64_t first = calendar_day_number(local.year, local.month, local.day), day = first;
	while (n > 0)
		n -= workday_is(w, ++day);
	local.day += (int)(day - first);
	local.hour = OFFICE_CLOSES_HOUR;
	local.minute = local.second = local.ms = 0;
	return calendar_at_ms(zone, &local);
}

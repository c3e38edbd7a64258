/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wall time and ISO 8601. Called by schedules, quiet hours, deadlines and everything that prints a time. Keeps nothing,
 * reads no clock, does no I/O. */
#include "gateway/base/calendar.h"

#include <stdio.h>
#include <string.h>

#define DAY_S 86400
#define DAY_MS (DAY_S * INT64_C(1000))
/* Days from 0000-03-01 to 1970-01-01; years begin in March so that the leap day is the last. */
#define EPOCH_DAYS 719468
#define ERA_DAYS 146097

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t calendar_day_number(int year, int month, int day)
{
	int64_t months = (int64_t)year * 12 + month - 3;
	int64_t y = floor_div(months, 12), m = months - y * 12;
	int64_t era = floor_div(y, 400), in_era = y - era * 400;
	return era * ERA_DAYS + in_era * 365 + in_era / 4 - in_era / 100 + (153 * m + 2) / 5 + day - 1 - EPOCH_DAYS;
}

static void date_of(int64_t day_number, struct calendar *c)
{
	int64_t z = day_number + EPOCH_DAYS;
	int64_t era = floor_div(z, ERA_DAYS), in_era = z - era * ERA_DAYS;
	int64_t y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * in_year + 2) / 153;
	c->day = (int)(in_year - (153 * m + 2) / 5 + 1);
	c->month = (int)(m < 10 ? m + 3 : m - 9);
	c->year = (int)(y + era * 400 + (c->month <= 2));
	c->weekday = (int)(day_number + 3 - floor_div(day_number + 3, 7) * 7) + 1;
}

struct calendar calendar_of_day(int64_t day_number)
{
	struct calendar c = { 0 };
	date_of(day_number, &c);
	return c;
}

bool calendar_date_exists(int year, int month, int day)
{
	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	struct calendar c;
	date_of(calendar_day_number(year, month, day), &c);
	return c.month == month && c.day == day;
}

static struct calendar split(int64_t at_ms, int offset_s)
{
	int64_t s = floor_div(at_ms, 1000), local_s = s + offset_s;
	int64_t day = floor_div(local_s, DAY_S);
	int in_day = (int)(local_s - day * DAY_S);
	struct calendar c = { .hour = in_day / 3600, .minute = in_day / 60 % 60, .second = in_day % 60 };
	c.ms = (int)(at_ms - s * 1000);
	date_of(day, &c);
	return c;
}

struct calendar calendar_local(const struct zone *zone, int64_t at_ms)
{
	return split(at_ms, zone_offset_s(zone, at_ms));
}

/* Milliseconds of a wall time as if it were UTC. */
static int64_t as_utc_ms(const struct calendar *c)
{
	int64_t s = (int64_t)c->hour * 3600 + (int64_t)c->minute * 60 + c->second;
	return calendar_day_number(c->year, c->month, c->day) * DAY_MS + s * 1000 + c->ms;
}

static int64_t utc_of_local_ms(const struct zone *zone, int64_t local_ms)
{
	int before_s = zone_offset_s(zone, local_ms - DAY_MS), behind_s = zone_offset_s(zone, local_ms + DAY_MS);
	int64_t early = local_ms - before_s * INT64_C(1000), late = local_ms - behind_s * INT64_C(1000);
	if (zone_offset_s(zone, early) != before_s && zone_offset_s(zone, late) == behind_s)
		return late;
	return early; /* in a gap too: the old offset carries it forward */
}

int64_t calendar_at_ms(const struct zone *zone, const struct calendar *local)
{
	return utc_of_local_ms(zone, as_utc_ms(local));
}

int calendar_minutes(const struct zone *zone, int64_t at_ms)
{
	struct calendar c = calendar_local(zone, at_ms);
	return c.hour * 60 + c.minute;
}

int64_t calendar_midnight_ms(const struct zone *zone, int64_t at_ms, int n_days)
{
	struct calendar c = calendar_local(zone, at_ms);
	return utc_of_local_ms(zone, (calendar_day_number(c.year, c.month, c.day) + n_days) * DAY_MS);
}

const char *calendar_format_iso(const struct zone *zone, int64_t at_ms, char out[CALENDAR_ISO_BYTES])
{
	/* ISO offsets have whole minutes; local mean times of before 1920 do not, and the moment must stay right */
	int minutes = zone_offset_s(zone, at_ms) / 60, size = minutes < 0 ? -minutes : minutes;
	struct calendar c = split(at_ms, minutes * 60);
	char ms[8] = "";
	if (c.ms)
		snprintf(ms, sizeof(ms), ".%03d", c.ms);
	snprintf(out, CALENDAR_ISO_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d%s%c%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
		 c.second, ms, minutes < 0 ? '-' : '+', size / 60, size % 60);
	return out;
}

/* ---- parsing ------------------------------------------------------------------------------------------ */

/* Reads exactly n digits. */
static bool take_digits(const char **p, int n, int *ret)
{
	int v = 0;
	for (int i = 0; i < n; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		v = v * 10 + (**p - '0');
	}
	*ret = v;
	return true;
}

static bool take(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

static bool take_date(const char **p, struct calendar *c)
{
	return take_digits(p, 4, &c->year) && take(p, '-') && take_digits(p, 2, &c->month) && take(p, '-') &&
	       take_digits(p, 2, &c->day) && calendar_date_exists(c->year, c->month, c->day);
}

static bool take_fraction(const char **p, int *ret_ms)
{
	int n = 0, ms = 0;
	for (; **p >= '0' && **p <= '9'; (*p)++, n++)
		if (n < 3)
			ms = ms * 10 + (**p - '0');
	for (int i = n; i < 3; i++)
		ms *= 10;
	*ret_ms = ms;
	return n > 0 && n <= 9;
}

static bool take_time(const char **p, struct calendar *c)
{
	if (!take_digits(p, 2, &c->hour) || !take(p, ':') || !take_digits(p, 2, &c->minute))
		return false;
	if (take(p, ':')) {
		if (!take_digits(p, 2, &c->second))
			return false;
		if ((take(p, '.') || take(p, ',')) && !take_fraction(p, &c->ms))
			return false;
	}
	return c->hour < 24 && c->minute < 60 && c->second < 60;
}

/* "Z" or "+07:00"; false when malformed. *ret_has stays false when there is nothing. */
static bool take_offset(const char **p, bool *ret_has, int *ret_minutes)
{
	*ret_has = **p != '\0';
	if (!*ret_has)
		return true;
	if (take(p, 'Z') || take(p, 'z'))
		return true;
	int sign = **p == '-' ? -1 : 1, hours, minutes = 0;
	if ((!take(p, '+') && !take(p, '-')) || !take_digits(p, 2, &hours))
		return false;
	if (**p && (take(p, ':'), !take_digits(p, 2, &minutes)))
		return false;
	*ret_minutes = sign * (hours * 60 + minutes);
	return hours < 24 && minutes < 60;
}

int calendar_parse_iso(const char *text, const struct zone *zone, int64_t *ret_at_ms)
{
	struct calendar c = { 0 };
	const char *p = text;
	bool has_offset = false;
	int minutes = 0;
	if (!take_date(&p, &c))
		return E_INVALID;
	if (take(&p, 'T') || take(&p, 't') || take(&p, ' ')) {
		if (!take_time(&p, &c) || !take_offset(&p, &has_offset, &minutes))
			return E_INVALID;
	}
	if (*p)
		return E_INVALID;
	*ret_at_ms = has_offset ? as_utc_ms(&c) - minutes * INT64_C(60000) : calendar_at_ms(zone, &c);
	return 0;
}

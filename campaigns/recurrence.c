/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules of repetition. Called by schedule.c; knows neither campaigns nor clocks. Asks of each day whether it is meant: a rule is
 * looked at a few times a day, and that is what can be read. */
#include "campaigns/recurrence.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/calendar.h"

#define INTERVAL_MAX 99
#define COUNT_MAX 1000
#define LOOK_DAYS (4 * 366 * INTERVAL_MAX) /* 29 February in every 99th month comes back sooner */

static const char *const freq_names[RECURRENCE_FREQS] = {
	[RECURRENCE_DAILY] = "DAILY", [RECURRENCE_WEEKLY] = "WEEKLY", [RECURRENCE_MONTHLY] = "MONTHLY",
};
static const char *const weekday_names[] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };

static int bad(struct complaint *c, const char *what)
{
	return complaint_set(c, "repeat", "bad_repeat", "%s", what);
}

/* Reads an integer in front; *at moves behind it. */
static bool read_number(const char **at, int64_t *ret)
{
	char *end;
	const char *digits = **at == '-' || **at == '+' ? *at + 1 : *at;
	if (!isdigit((unsigned char)*digits))
		return false;
	errno = 0;
	*ret = strtoll(*at, &end, 10);
	*at = end;
	return errno == 0;
}

static bool whole_number(const char *value, int64_t max, int *ret)
{
	int64_t n;
	if (!read_number(&value, &n) || *value || n < 1 || n > max)
		return false;
	*ret = (int)n;
	return true;
}

static int read_freq(const char *value, struct recurrence *r, struct complaint *c)
{
	for (int i = 0; i < RECURRENCE_FREQS; i++)
		if (!strcmp(value, freq_names[i])) {
			r->freq = (enum recurrence_freq)i;
			return 0;
		}
	return bad(c, "FREQ is DAILY, WEEKLY or MONTHLY.");
}

static int read_until(const char *value, struct recurrence *r, struct complaint *c)
{
	int64_t n;
	if (strlen(value) != 8 || !read_number(&value, &n) || *value || n < 0)
		return bad(c, "UNTIL is a date such as 20271231.");
	int year = (int)(n / 10000), month = (int)(n / 100 % 100), day = (int)(n % 100);
	if (!calendar_date_exists(year, month, day))
		return bad(c, "UNTIL is no day of the calendar.");
	r->until_day = calendar_day_number(year, month, day);
	return 0;
}

/* One of a list: "-1SU", "MO", "15". */
static bool read_place(const char **at, bool by_day, struct recurrence *r)
{
	int64_t nth = 0;
	int weekday = 0;
	bool numbered = read_number(at, &nth);
	for (int i = 0; by_day && i < 7; i++)
		if (!strncmp(*at, weekday_names[i], 2))
			weekday = i + 1;
	if (by_day ? !weekday : !numbered)
		return false;
	*at += by_day ? 2 : 0;
	int most = by_day ? 5 : 31;
	if ((numbered && nth == 0) || nth > most || nth < -most || r->n_places == RECURRENCE_PLACES_MAX)
		return false;
	r->places[r->n_places].nth = (int)nth;
	r->places[r->n_places++].weekday = weekday;
	return true;
}

static int read_places(const char *value, bool by_day, struct recurrence *r, struct complaint *c)
{
	if (r->n_places)
		return bad(c, "Give either BYDAY or BYMONTHDAY, once.");
	do {
		if (!read_place(&value, by_day, r))
			return bad(c, by_day ? "BYDAY is MO,TU,WE,TH,FR,SA,SU; of a month 1SA is the first Saturday, -1SU the last Sunday."
					     : "BYMONTHDAY is 1 to 31, or -1 for the last day.");
	} while (*value == ',' && *++value);
	return *value || value[-1] == ',' ? bad(c, "A list of days is written with commas: MO,FR.") : 0;
}

static int read_part(char *part, struct recurrence *r, bool *has_freq, struct complaint *c)
{
	char *value = strchr(part, '=');
	if (!value)
		return bad(c, "A rule is written as FREQ=WEEKLY;BYDAY=MO.");
	*value++ = '\0';
	if (!strcmp(part, "FREQ")) {
		*has_freq = true;
		return read_freq(value, r, c);
	}
	if (!strcmp(part, "INTERVAL"))
		return whole_number(value, INTERVAL_MAX, &r->interval) ? 0 : bad(c, "INTERVAL is 1 to 99.");
	if (!strcmp(part, "COUNT"))
		return whole_number(value, COUNT_MAX, &r->count) ? 0 : bad(c, "COUNT is 1 to 1000.");
	if (!strcmp(part, "UNTIL"))
		return read_until(value, r, c);
	if (!strcmp(part, "BYDAY") || !strcmp(part, "BYMONTHDAY"))
		return read_places(value, part[2] == 'D', r, c);
	return bad(c, "A rule has FREQ, INTERVAL, BYDAY, BYMONTHDAY, COUNT and UNTIL.");
}

static int check(const struct recurrence *r, bool has_freq, struct complaint *c)
{
	if (!has_freq)
		return bad(c, "FREQ is missing: DAILY, WEEKLY or MONTHLY.");
	if (r->count && r->until_day != RECURRENCE_NEVER)
		return bad(c, "Give either COUNT or UNTIL.");
	for (int i = 0; i < r->n_places; i++) {
		bool numbered = r->places[i].nth != 0;
		if (numbered && r->freq != RECURRENCE_MONTHLY)
			return bad(c, "Days of a month and numbered weekdays are for FREQ=MONTHLY.");
	}
	return 0;
}

int recurrence_parse(const char *text, struct recurrence *ret, struct complaint *c)
{
	char copy[200], *rest = copy, *part;
	struct recurrence r = { .interval = 1, .until_day = RECURRENCE_NEVER };
	bool has_freq = false;
	size_t n = strlen(text);
	if (n >= sizeof(copy))
		return bad(c, "The rule is too long.");
	for (size_t i = 0; i <= n; i++)
		copy[i] = (char)toupper((unsigned char)text[i]);
	while ((part = strsep(&rest, ";"))) {
		int e = read_part(part, &r, &has_freq, c);
		if (e)
			return e;
	}
	int e = check(&r, has_freq, c);
	if (!e)
		*ret = r;
	return e;
}

static int days_of_month(const struct calendar *k)
{
	return (int)(calendar_day_number(k->year, k->month + 1, 1) - calendar_day_number(k->year, k->month, 1));
}

/* Does a place of the rule mean this date? */
static bool is_place(const struct recurrence *r, int i, const struct calendar *k)
{
	int nth = r->places[i].nth, weekday = r->places[i].weekday;
	if (weekday && weekday != k->weekday)
		return false;
	if (!nth)
		return true;
	int from_begin = k->day, from_end = days_of_month(k) - k->day + 1;
	if (weekday) {
		from_begin = (from_begin - 1) / 7 + 1;
		from_end = (from_end - 1) / 7 + 1;
	}
	return nth > 0 ? nth == from_begin : -nth == from_end;
}

static int64_t period_of(enum recurrence_freq freq, int64_t day, const struct calendar *k)
{
	switch (freq) {
	case RECURRENCE_DAILY: return day;
	case RECURRENCE_WEEKLY: return day - k->weekday; /* the Sunday before */
	case RECURRENCE_MONTHLY: return (int64_t)k->year * 12 + k->month;
	case RECURRENCE_FREQS: break;
	}
	return 0;
}

static bool is_meant(const struct recurrence *r, int64_t first, int64_t day)
{
	struct calendar a = calendar_of_day(first), k = calendar_of_day(day);
	int64_t length = r->freq == RECURRENCE_WEEKLY ? 7 : 1;
	if ((period_of(r->freq, day, &k) - period_of(r->freq, first, &a)) % (length * r->interval))
		return false;
	for (int i = 0; i < r->n_places; i++)
		if (is_place(r, i, &k))
			return true;
	if (r->n_places)
		return false;
	return r->freq == RECURRENCE_DAILY || (r->freq == RECURRENCE_WEEKLY ? k.weekday == a.weekday : k.day == a.day);
}

int64_t recurrence_next(const struct recurrence *r, int64_t first, int64_t from)
{
	int64_t begin = from > first ? from : first;
	for (int64_t day = begin; day <= r->until_day && day < begin + LOOK_DAYS; day++)
		if (is_meant(r, first, day))
			return day;
	return RECURRENCE_NEVER;
}

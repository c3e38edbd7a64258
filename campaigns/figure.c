/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Number formats and serial dates (ECMA-376 part 1, 18.8.30 and 18.17.4). Called by spreadsheet.c. */
#include "campaigns/figure.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/calendar.h"

#define EXACT_MOST 1e15 /* beyond it a spreadsheet has lost digits itself */
#define SERIAL_MOST 2958466.0 /* the first day behind the year 9999 */
#define LEAP_BUG_UNTIL 60.0 /* 1900 is counted as a leap year there */

bool figure_is_date(int format, const char *code)
{
	if (!code)
		return (format >= 14 && format <= 22) || (format >= 27 && format <= 36) || (format >= 45 && format <= 47) ||
		       (format >= 50 && format <= 58);
	for (const char *p = code; *p && *p != ';'; p++) {
		if (*p == '"' || *p == '[') {
			p = strchr(p + 1, *p == '"' ? '"' : ']');
			if (!p)
				return false;
		} else if (strchr("\\_*", *p)) {
			if (!*++p)
				return false;
		} else if (strchr("yYdDmMhHsS", *p)) {
			return true;
		}
	}
	return false;
}

static bool read_number(const char *raw, double *ret)
{
	char *end;
	double v = strtod(raw, &end);
	if (end == raw || *end || !isfinite(v) || strpbrk(raw, "xXnN"))
		return false;
	*ret = v;
	return true;
}

void figure_number(const char *raw, char ret[FIGURE_BYTES])
{
	double v;
	if (!read_number(raw, &v))
		snprintf(ret, FIGURE_BYTES, "%s", raw);
	else if (fabs(v) < EXACT_MOST && v == floor(v))
		snprintf(ret, FIGURE_BYTES, "%.0f", v);
	else
		snprintf(ret, FIGURE_BYTES, "%.15g", v);
}

/* Days since 1970-01-01 as a date of the Gregorian calendar. */
static void date_of(int64_t day, int *ret_year, int *ret_month, int *ret_day)
{
	int year = 1970 + (int)(day / 366), month = 1;
	while (calendar_day_number(year + 1, 1, 1) <= day)
		year++;
	while (calendar_day_number(year, 1, 1) > day)
		year--;
	while (month < 12 && calendar_day_number(year, month + 1, 1) <= day)
		month++;
	*ret_year = year;
	*ret_month = month;
	*ret_day = (int)(day - calendar_day_number(year, month, 1)) + 1;
}

void figure_date(const char *raw, bool from_1904, char ret[FIGURE_BYTES])
{
	double v;
	int year, month, day;
	if (!read_number(raw, &v) || v < 0 || v >= SERIAL_MOST) {
		figure_number(raw, ret);
		return;
	}
	int64_t days = (int64_t)floor(v), minutes = (int64_t)floor((v - floor(v)) * 1440 + 0.5);
	if (minutes == 1440) {
		days++;
		minutes = 0;
	}
	int hour = (int)(minutes / 60), minute = (int)(minutes % 60);
	if (v < 1 && !from_1904) {
		snprintf(ret, FIGURE_BYTES, "%02d:%02d", hour, minute);
		return;
	}
	int64_t epoch = from_1904 ? calendar_day_number(1904, 1, 1) : calendar_day_number(1899, 12, v < LEAP_BUG_UNTIL ? 31 : 30);
	date_of(epoch + days, &year, &month, &day);
	int n = snprintf(ret, FIGURE_BYTES, "%04d-%02d-%02d", year, month, day);
	if (minutes)
		snprintf(ret + n, (size_t)(FIGURE_BYTES - n), "T%02d:%02d", hour, minute);
}

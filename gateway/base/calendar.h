/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments (Unix ms) as local wall time of a zone and back, and as ISO 8601 text. Pure: the zone is an argument, the
 * process's TZ and the clock are never looked at. Proleptic Gregorian calendar. */
#ifndef CAUNOI_BASE_CALENDAR_H
#define CAUNOI_BASE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/base/zone.h"

#define CALENDAR_ISO_BYTES 48 /* room for any result of calendar_format_iso with its NUL */

struct calendar {
	int year, month, day; /* month 1–12, day 1–31 */
	int hour, minute, second, ms;
	int weekday; /* ISO: 1 Monday … 7 Sunday; calendar_at_ms does not read it */
};

struct calendar calendar_local(const struct zone *zone, int64_t at_ms);
/* Fields outside their range carry over (day 0 = the last of the month before, hour 24 = next midnight). A local time
 * that occurs twice means the first; one that a clock change skips moves forward by the gap. */
int64_t calendar_at_ms(const struct zone *zone, const struct calendar *local);
/* "2026-11-22T07:00:00.123+07:00"; milliseconds only when not zero. Returns out. */
const char *calendar_format_iso(const struct zone *zone, int64_t at_ms, char out[CALENDAR_ISO_BYTES]);
/* "2026-11-22", then optionally "T" or a space with "07:00", "07:00:05", "07:00:05.123456789", then optionally "Z",
 * "+07:00", "+0700" or "+07"; without an offset it is local time of zone. Digits of a fraction beyond ms are cut off.
 * E_INVALID: dates and times that do not exist, and anything before or behind. */
MUST_CHECK int calendar_parse_iso(const char *text, const struct zone *zone, int64_t *ret_at_ms);
/* Minutes since local midnight by the wall clock, 0–1439. */
int calendar_minutes(const struct zone *zone, int64_t at_ms);
/* Local midnight n_days after (before, when negative) the local day of at_ms; 0 = that day's own. */
int64_t calendar_midnight_ms(const struct zone *zone, int64_t at_ms, int n_days);

/* Days since 1970-01-01 of a date, for counting between dates; month and day may be out of range. */
int64_t calendar_day_number(int year, int month, int day);
/* The date of such a number with its weekday, at midnight. */
struct calendar calendar_of_day(int64_t day_number);
bool calendar_date_exists(int year, int month, int day);

#endif

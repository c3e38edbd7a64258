/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which days a rule means: a part of RFC 5545's RRULE, on whole days, so that no zone and no change of clocks comes in. Pure.
 *
 *   FREQ=DAILY|WEEKLY|MONTHLY   INTERVAL=1…99   COUNT=1…1000   UNTIL=20271231
 *   BYDAY=MO,FR (weekly, daily) or 1SA,-1SU (monthly)   BYMONTHDAY=1,15,-1 (monthly; -1 is the last day)
 *
 * As there, a month without the day is passed over: the 31st is no rule for month ends, -1 is. Parts in any order, ";" between them. */
#ifndef CAUNOI_CAMPAIGNS_RECURRENCE_H
#define CAUNOI_CAMPAIGNS_RECURRENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

#define RECURRENCE_PLACES_MAX 16
#define RECURRENCE_NEVER INT64_MAX

enum recurrence_freq { RECURRENCE_DAILY, RECURRENCE_WEEKLY, RECURRENCE_MONTHLY, RECURRENCE_FREQS };

struct recurrence {
	enum recurrence_freq freq;
	int interval;
	int count;         /* 0 = without end */
	int64_t until_day; /* last day that counts, as days since 1970; RECURRENCE_NEVER */
	struct {
		int nth;     /* of the month, -1 = last; 0 = each */
		int weekday; /* 1 Monday … 7 Sunday; 0 = nth is a day of the month */
	} places[RECURRENCE_PLACES_MAX];
	int n_places; /* 0: the weekday, or the day of the month, of the first day */
};

/* E_INVALID with *c: field "repeat", rule "bad_repeat". */
MUST_CHECK int recurrence_parse(const char *text, struct recurrence *ret, struct complaint *c);
/* The first day ≥ from of the rule that began on first; RECURRENCE_NEVER. COUNT is the caller's to count. */
int64_t recurrence_next(const struct recurrence *r, int64_t first, int64_t from);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
/* Rules of repetition against a calendar on paper: month ends, leap years, weeks that are left out, the weeks of Tết. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "campaigns/recurrence.h"
#include "campaigns/rule.h"
#include "gateway/base/calendar.h"
#include "gateway/base/own.h"

static int64_t day_of(const char *text)
{
	int64_t day = 0;
	assert_int_equal(rule_date(text, &day), 0);
	return day;
}

static void append(char *out, size_t room, int64_t day)
{
	struct calendar k = calendar_of_day(day == RECURRENCE_NEVER ? 0 : day);
	size_t n = strlen(out);
	if (day == RECURRENCE_NEVER)
		snprintf(out + n, room - n, "end ");
	else
		snprintf(out + n, room - n, "%04d-%02d-%02d ", k.year, k.month, k.day);
}

/* Four dates, as they follow from the first day and as they follow from one another. */
static void recurrence_means_these_dates(void **state)
{
	(void)state;
	static const struct {
		const char *rule, *first, *want;
	} cases[] = {
		{ "FREQ=DAILY;INTERVAL=10", "2027-02-20", "2027-02-20 2027-03-02 2027-03-12 2027-03-22 " },
		{ "FREQ=DAILY;BYDAY=MO,TU", "2026-11-22", "2026-11-23 2026-11-24 2026-11-30 2026-12-01 " },
		/* the first day of Tết 2027 is 6 February: nothing is shifted */
		{ "FREQ=WEEKLY;BYDAY=FR", "2027-01-27", "2027-01-29 2027-02-05 2027-02-12 2027-02-19 " },
		{ "freq=weekly", "2027-02-02", "2027-02-02 2027-02-09 2027-02-16 2027-02-23 " },
		{ "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "2026-11-25", "2026-11-26 2026-12-07 2026-12-10 2026-12-21 " },
		{ "INTERVAL=2;BYDAY=SU;FREQ=WEEKLY", "2026-11-23", "2026-11-29 2026-12-13 2026-12-27 2027-01-10 " },
		{ "FREQ=WEEKLY;BYDAY=SU;UNTIL=20261206", "2026-11-22", "2026-11-22 2026-11-29 2026-12-06 end " },
		{ "FREQ=MONTHLY;BYMONTHDAY=31", "2027-01-01", "2027-01-31 2027-03-31 2027-05-31 2027-07-31 " },
		{ "FREQ=MONTHLY;BYMONTHDAY=-1", "2027-12-31", "2027-12-31 2028-01-31 2028-02-29 2028-03-31 " },
		{ "FREQ=MONTHLY;BYMONTHDAY=15,1", "2026-11-22", "2026-12-01 2026-12-15 2027-01-01 2027-01-15 " },
		{ "FREQ=MONTHLY;BYDAY=1SA", "2026-12-01", "2026-12-05 2027-01-02 2027-02-06 2027-03-06 " },
		{ "FREQ=MONTHLY;BYDAY=-1SU", "2026-11-22", "2026-11-29 2026-12-27 2027-01-31 2027-02-28 " },
		{ "FREQ=MONTHLY", "2027-01-30", "2027-01-30 2027-03-30 2027-04-30 2027-05-30 " },
		{ "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=29", "2028-02-29", "2028-02-29 2032-02-29 2036-02-29 2040-02-29 " },
		{ "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30", "2027-02-01", "end end end end " },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char all[64] = "", chain[64] = "";
		struct recurrence r;
		struct complaint c = { 0 };
		if (recurrence_parse(cases[i].rule, &r, &c))
			fail_msg("%s: %s", cases[i].rule, c.text);
		int64_t first = day_of(cases[i].first), day = recurrence_next(&r, first, first), last = day;
		for (int k = 0; k < 4; k++) {
			append(all, sizeof(all), day);
			append(chain, sizeof(chain), last);
			day = day == RECURRENCE_NEVER ? day : recurrence_next(&r, first, day + 1);
			last = last == RECURRENCE_NEVER ? last : recurrence_next(&r, last, last + 1);
		}
		if (strcmp(all, cases[i].want) || strcmp(chain, cases[i].want))
			fail_msg("%s: %s/ %s", cases[i].rule, all, chain);
	}
}

static void recurrence_refuses_what_it_does_not_know(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "FREQ=YEARLY", "INTERVAL=2", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=100", "FREQ=DAILY;COUNT=0",
					   "FREQ=DAILY;COUNT=1001", "FREQ=DAILY;COUNT=2;UNTIL=20270101", "FREQ=DAILY;UNTIL=20270229", "FREQ=DAILY;UNTIL=2027",
					   "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=MO,", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=6MO",
					   "FREQ=MONTHLY;BYDAY=0MO", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=MONTHLY;BYMONTHDAY=0",
					   "FREQ=WEEKLY;BYMONTHDAY=3", "FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=MO", "FREQ=DAILY;BYHOUR=3", "FREQ=DAILY;",
					   "FREQ", "FREQ=DAILY;INTERVAL=99999999999999999999" };
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct recurrence r;
		struct complaint c = { 0 };
		if (recurrence_parse(bad[i], &r, &c) != E_INVALID || strcmp(c.rule, "bad_repeat") || strcmp(c.field, "repeat"))
			fail_msg("taken: %s", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recurrence_means_these_dates),
		cmocka_unit_test(recurrence_refuses_what_it_does_not_know),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

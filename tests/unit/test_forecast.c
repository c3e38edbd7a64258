/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the forecast: pace, quiet hours, the day's segments and the month's persons. The fixture's clock stands at 07:00 on Sunday
 * 22 November 2026. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "gateway/base/calendar.h"
#include "gateway/forecast.h"
#include "tests/support/fixture.h"

#define SIM(name, more) "{ name = \"" name "\"; driver = \"exec\"; program = \"/bin/true\"; " more " }"
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static void end_follows_pace_hours_and_quotas(void **state)
{
	(void)state;
	static const struct {
		const char *label, *channels;
		struct forecast what;
		int64_t after_ms; /* now; -1 = never */
	} cases[] = {
		{ "ten a minute", SIM("sim1", "rate_per_minute = 10;"), { .segments = 600, .persons = 600, .sleeps = true }, HOUR },
		{ "answers at the same pace", SIM("sim1", "rate_per_minute = 10;"), { .segments = 600, .persons = 600 }, HOUR },
		{ "two modems", SIM("sim1", "rate_per_minute = 10;") ", " SIM("sim2", "rate_per_minute = 20;"),
		  { .segments = 1800, .persons = 1800, .sleeps = true }, HOUR },
		{ "one of two", SIM("sim1", "rate_per_minute = 10;") ", " SIM("sim2", "rate_per_minute = 20;"),
		  { .segments = 600, .persons = 600, .channel = "sim1", .sleeps = true }, HOUR },
		/* 15 hours a day are open: 9000 on the first day, the last hour's on the second */
		{ "over the night", SIM("sim1", "rate_per_minute = 10;"), { .segments = 9600, .persons = 9600, .sleeps = true }, DAY + HOUR },
		{ "through the night", SIM("sim1", "rate_per_minute = 10;"), { .segments = 10200, .persons = 10200 }, 17 * HOUR },
		{ "four hundred a day", SIM("sim1", "rate_per_minute = 10; daily_segments = 400;"),
		  { .segments = 1000, .persons = 1000, .sleeps = true }, 2 * DAY + 20 * MINUTE },
		/* 250 persons until the end of November, the others from the first of December, which is nine days off */
		{ "persons a month", SIM("sim1", "rate_per_minute = 10; monthly_persons = 250;"),
		  { .segments = 600, .persons = 300, .sleeps = true }, 9 * DAY + 10 * MINUTE },
		{ "later start", SIM("sim1", "rate_per_minute = 10;"),
		  { .segments = 600, .persons = 600, .sleeps = true, .from_ms = FIXTURE_NOW_MS + 3 * HOUR }, 4 * HOUR },
		{ "started at night", SIM("sim1", "rate_per_minute = 10;"),
		  { .segments = 600, .persons = 600, .sleeps = true, .from_ms = FIXTURE_NOW_MS + 16 * HOUR }, DAY + HOUR },
		{ "not within a year", SIM("sim1", "rate_per_minute = 10; daily_segments = 1;"), { .segments = 1000, .persons = 1000 }, -1 },
		{ "no such channel", SIM("sim1", "rate_per_minute = 10;"), { .segments = 1, .persons = 1, .channel = "sim9" }, -1 },
		{ "nothing left", SIM("sim1", "rate_per_minute = 10;"), { .segments = 0 }, 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char config[600];
		int64_t end = 0;
		print_message("%s\n", cases[i].label);
		snprintf(config, sizeof(config), "channels = ( %s );\n", cases[i].channels);
		struct fixture *f = fixture_new(config);
		struct scope in = fixture_scope(f);
		assert_int_equal(forecast_end(&in, &cases[i].what, &end), 0);
		if (cases[i].after_ms < 0)
			assert_true(end == FORECAST_NEVER);
		else
			assert_in_range(end - in.now_ms, cases[i].after_ms - (cases[i].after_ms > 0), cases[i].after_ms + 1);
		fixture_free(f);
	}
}

static void what_was_sent_today_and_what_a_person_stopped_is_counted(void **state)
{
	(void)state;
	struct fixture *f = fixture_new("channels = ( " SIM("sim1", "rate_per_minute = 10; daily_segments = 400;") ", " SIM("sim2", "rate_per_minute = 100;") " );\n");
	json_t *shown = NULL;
	assert_int_equal(fixture_command(f, "channel.pause", "{\"name\":\"sim2\"}", &shown, NULL), 0);
	json_decref(shown);
	struct calendar day = calendar_local(f->zone, FIXTURE_NOW_MS);
	char sql[160];
	snprintf(sql, sizeof(sql), "UPDATE channel SET day = %lld, day_segments = 300 WHERE name = 'sim1'",
		 (long long)calendar_day_number(day.year, day.month, day.day));
	fixture_begin(f);
	assert_int_equal(store_script(f->db, sql), 0);
	fixture_commit(f);
	struct scope in = fixture_scope(f);
	int64_t end = 0;
	assert_int_equal(forecast_end(&in, &(struct forecast){ .segments = 200, .persons = 200, .sleeps = true }, &end), 0);
	assert_in_range(end - in.now_ms, DAY + 10 * MINUTE - 1, DAY + 10 * MINUTE + 1);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(end_follows_pace_hours_and_quotas),
		cmocka_unit_test(what_was_sent_today_and_what_a_person_stopped_is_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of alarms: raised once, told to the duty officer once a day, over when the cause is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/alarm.h"
#include "gateway/base/json.h"
#include "tests/support/sim_driver.h"

#define TWO "channels = ( " SIM_CHANNEL("sim1", "refusals_in_a_row = 3;") ", " SIM_CHANNEL("sim2", "") " );\n"

static void say_status(struct fixture *f, struct peer *p, const char *fields)
{
	sim_driver_say(p, "{\"op\":\"status\",\"registered\":true%s}", fields);
	sim_tick(f);
	sim_wait(f, 5000);
}

static char *open_alarms(struct fixture *f)
{
	return sim_text(f, "SELECT channel || ':' || kind FROM alarm WHERE cleared_at IS NULL");
}

static void storage_and_roaming_are_raised_and_over_with_their_cause(void **state)
{
	(void)state;
	static const struct {
		const char *fields, *alarm;
	} cases[] = {
		{ ",\"sim_used\":15,\"sim_size\":20", "" },
		{ ",\"sim_used\":16,\"sim_size\":20", "sim1:storage" },
		{ ",\"sim_used\":3,\"sim_size\":20", "" },
		{ ",\"sim_used\":0,\"sim_size\":0", "" },
		{ ",\"sim_used\":1,\"sim_size\":20,\"storage\":[{\"memory\":\"SM\",\"used\":1,\"size\":20},{\"memory\":\"ME\",\"used\":80,\"size\":100}]", "sim1:storage" },
		{ ",\"sim_used\":1,\"sim_size\":20,\"storage\":[{\"memory\":\"ME\",\"used\":79,\"size\":100}]", "" },
		{ ",\"roaming\":true", "sim1:roaming" },
		{ ",\"roaming\":false", "" },
	};
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		print_message("%s\n", cases[i].fields);
		say_status(f, p, cases[i].fields);
		assert_text(open_alarms(f), cases[i].alarm);
	}
	fixture_free(f);
}

static void channel_that_is_down_for_five_minutes_is_told_by_another_once_a_day(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(TWO);
	free(f->config->organisation.duty_number);
	f->config->organisation.duty_number = strdup("+84912345679");
	struct peer *one = sim_driver_connect(f, 0, SIM_MODEM), *two = sim_driver_connect(f, 1, SIM_MODEM);
	sim_wait(f, 6000);
	sim_driver_lose(f, one);
	for (int s = 0; s < 290; s += 10)
		sim_wait(f, 10000);
	assert_text(open_alarms(f), "");
	for (int s = 0; s < 30; s += 10)
		sim_wait(f, 10000);
	assert_text(open_alarms(f), "sim1:down");
	OWN(mem) char *text = sim_driver_field(two, "submit", 0, "text");
	assert_non_null(text);
	assert_non_null(strstr(text, "sim1"));
	assert_true(strlen(text) <= 160);
	one = sim_driver_connect(f, 0, SIM_MODEM);
	sim_wait(f, 6000);
	assert_text(open_alarms(f), "");
	sim_driver_lose(f, one); /* the same again: raised, and not told again today */
	for (int s = 0; s < 320; s += 10)
		sim_wait(f, 10000);
	assert_text(open_alarms(f), "sim1:down");
	assert_int_equal(sim_int(f, "SELECT count(*) FROM message"), 1);
	fixture_free(f);
}

static void refusals_one_after_the_other_suspend_the_channel_and_raise_an_alarm(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(TWO);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	static const struct {
		const char *outcome, *more;
	} results[] = {
		{ "refused", ",\"code\":\"cms:21\",\"fault\":\"message\"" }, { "refused", ",\"code\":\"cms:21\",\"fault\":\"message\"" },
		{ "accepted", "" }, /* begins anew */
		{ "refused", ",\"code\":\"cms:21\",\"fault\":\"message\"" }, { "refused", ",\"code\":\"cms:1\",\"fault\":\"recipient\"" },
		{ "refused", ",\"code\":\"cms:21\",\"fault\":\"message\"" }, { "refused", ",\"code\":\"cms:21\",\"fault\":\"message\"" },
	};
	for (size_t i = 0; i < COUNT_OF(results); i++) {
		char number[20];
		assert_text(sim_text(f, "SELECT state FROM channel WHERE name = 'sim1'"), "running");
		snprintf(number, sizeof(number), "+8491234500%d", (int)i);
		sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .pin = "sim1", .number = number });
		sim_wait(f, 1000);
		sim_driver_result(p, sim_driver_attempt(p), results[i].outcome, results[i].more);
		sim_tick(f);
	}
	assert_text(sim_text(f, "SELECT state || ':' || cause FROM channel WHERE name = 'sim1'"), "suspended:refusals");
	sim_wait(f, 6000);
	assert_text(open_alarms(f), "sim1:suspended");
	OWN(json) json_t *shown = NULL;
	int64_t next;
	assert_int_equal(fixture_query(f, "channel.show", "{\"name\":\"sim1\"}", &shown, &next), 0);
	assert_string_equal(json_str(shown, "state", ""), "suspended");
	assert_non_null(json_str(shown, "todo", NULL));
	assert_string_equal(json_str(json_array_get(json_object_get(shown, "alarms"), 0), "kind", ""), "suspended");
	fixture_free(f);
}

static void alarm_that_was_raised_before_a_restart_is_not_raised_again(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	say_status(f, p, ",\"roaming\":true");
	int64_t at = sim_int(f, "SELECT raised_at FROM alarm");
	fixture_close_core(f);
	fixture_open_core(f);
	p = sim_driver_connect(f, 0, NULL);
	sim_driver_say(p, "{\"op\":\"status\",\"registered\":true,\"roaming\":true}");
	sim_wait(f, 6000);
	assert_int_equal(sim_int(f, "SELECT raised_at FROM alarm"), at);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(storage_and_roaming_are_raised_and_over_with_their_cause),
		cmocka_unit_test(channel_that_is_down_for_five_minutes_is_told_by_another_once_a_day),
		cmocka_unit_test(refusals_one_after_the_other_suspend_the_channel_and_raise_an_alarm),
		cmocka_unit_test(alarm_that_was_raised_before_a_restart_is_not_raised_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

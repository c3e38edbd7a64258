/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A channel as people and programs see it: what is unknown is null and never missing, every memory has its level, and the
 * people of a month are counted for each modem, with a quota or without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/sim_driver.h"

static json_t *show(struct fixture *f, const char *name)
{
	char args[64];
	json_t *shown = NULL;
	int64_t next;
	snprintf(args, sizeof(args), "{\"name\":\"%s\"}", name);
	assert_int_equal(fixture_query(f, "channel.show", args, &shown, &next), 0);
	return shown;
}

static const char *const in_list[] = { "name", "driver", "state", "in_flight", "credit", "rate", "sent_today", "unclear", "signal_percent",
				       "network", "balance_vnd", "last_error" };
static const char *const in_show[] = { "manufacturer", "model", "firmware", "imei", "sim", "sim_accepted", "sim_used", "sim_size", "storage",
				       "storage_percent", "smsc", "registered", "roaming", "balance_at", "quotas", "todo", "todo_vi", "alarms",
				       "last_errors" };
static const char *const unknown[] = { "signal_percent", "network", "balance_vnd", "last_error", "model", "sim", "storage_percent",
				       "registered", "roaming", "balance_at" };

static void assert_fields(const json_t *obj, const char *const *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!json_object_get(obj, fields[i]))
			fail_msg("%s is missing", fields[i]);
}

static void what_is_unknown_is_null_and_never_missing(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	OWN(json) json_t *list = NULL;
	int64_t next;
	assert_int_equal(fixture_query(f, "channel.list", "{}", &list, &next), 0);
	OWN(json) json_t *shown = show(f, "sim1");
	assert_fields(json_array_get(list, 0), in_list, COUNT_OF(in_list));
	assert_fields(shown, in_list, COUNT_OF(in_list));
	assert_fields(shown, in_show, COUNT_OF(in_show));
	for (size_t i = 0; i < COUNT_OF(unknown); i++)
		if (!json_is_null(json_object_get(shown, unknown[i])))
			fail_msg("%s is not null", unknown[i]);
	assert_string_equal(json_str(shown, "state", ""), "starting");
	fixture_free(f);
}

static const struct {
	const char *label, *fields;
	int fullest, memories, me_percent;
} levels[] = {
	{ "the SIM alone", ",\"sim_used\":3,\"sim_size\":20", 15, 0, -1 },
	{ "SIM and modem", ",\"sim_used\":3,\"sim_size\":20,\"storage\":[{\"memory\":\"SM\",\"used\":3,\"size\":20},{\"memory\":\"ME\",\"used\":99,\"size\":100}]", 99, 2, 99 },
	{ "a modem without places", ",\"storage\":[{\"memory\":\"SM\",\"used\":0,\"size\":20},{\"memory\":\"ME\",\"used\":0,\"size\":0}]", 0, 2, -1 },
};

static void every_memory_has_its_level_and_the_fullest_is_the_figure(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	for (size_t i = 0; i < COUNT_OF(levels); i++) {
		print_message("%s\n", levels[i].label);
		sim_driver_say(p, "{\"op\":\"status\",\"registered\":true%s}", levels[i].fields);
		sim_tick(f);
		sim_wait(f, 5000);
		OWN(json) json_t *shown = show(f, "sim1");
		const json_t *storage = json_object_get(shown, "storage");
		assert_int_equal(json_int(shown, "storage_percent", -1), levels[i].fullest);
		assert_int_equal(json_array_size(storage), levels[i].memories);
		assert_int_equal(json_int(json_array_get(storage, 1), "percent", -1), levels[i].me_percent);
	}
	fixture_free(f);
}

static int64_t persons(struct fixture *f)
{
	OWN(json) json_t *shown = show(f, "sim1");
	const json_t *quota = json_object_get(json_object_get(shown, "quotas"), "persons_this_month");
	assert_true(json_is_null(json_object_get(quota, "limit")));
	return json_int(quota, "used", -1);
}

static void people_of_the_month_are_counted_without_a_quota(void **state)
{
	(void)state;
	static const char *const to[] = { "+84912345001", "+84912345002", "+84912345001" };
	struct fixture *f = fixture_new(SIM_CONFIG("monthly_persons = 0;"));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	assert_int_equal(persons(f), 0);
	for (size_t i = 0; i < COUNT_OF(to); i++) {
		sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .pin = "sim1", .number = to[i] });
		sim_wait(f, 1000);
		sim_driver_result(p, sim_driver_attempt(p), "accepted", "");
		sim_tick(f);
	}
	assert_int_equal(persons(f), 2);
	fixture_free(f);
}

static void assert_answered(struct fixture *f, const char *verb, const char *state)
{
	OWN(json) json_t *answer = NULL;
	assert_int_equal(fixture_command(f, verb, "{\"name\":\"sim1\"}", &answer, NULL), 0);
	OWN(json) json_t *shown = show(f, "sim1");
	assert_string_equal(json_str(answer, "state", ""), state);
	assert_string_equal(json_str(shown, "state", ""), state);
}

static void whoever_resumes_a_channel_is_told_what_it_is_then(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	sim_wait(f, 2000); /* its state is written down */
	assert_answered(f, "channel.pause", "paused");
	sim_wait(f, 2000); /* and again, while it is paused */
	assert_answered(f, "channel.resume", "up");
	assert_answered(f, "channel.pause", "paused");
	sim_driver_lose(f, p);
	sim_wait(f, 2000);
	assert_answered(f, "channel.resume", "starting");
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_unknown_is_null_and_never_missing),
		cmocka_unit_test(every_memory_has_its_level_and_the_fullest_is_the_figure),
		cmocka_unit_test(people_of_the_month_are_counted_without_a_quota),
		cmocka_unit_test(whoever_resumes_a_channel_is_told_what_it_is_then),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

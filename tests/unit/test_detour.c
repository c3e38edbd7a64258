/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of routes: cheaper and healthier channels first, answers follow the person's last channel while it is there, a failing modem's
 * messages leave by another with one history, what is known of a number goes before its prefix. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/detour.h"
#include "tests/support/sim_driver.h"

#define PAIR(first, second) "channels = ( " SIM_CHANNEL("sim1", first) ", " SIM_CHANNEL("sim2", second) " );\n"

static void channels_are_offered_messages_in_order_of_health_price_and_place(void **state)
{
	(void)state;
	static const struct {
		const char *label, *config;
		int fails; /* which one; -1 none */
		int first;
	} cases[] = {
		{ "as configured", PAIR("", ""), -1, 0 },
		{ "cheaper", PAIR("segment_price_vnd = 350;", "segment_price_vnd = 120;"), -1, 1 },
		{ "for the operator", PAIR("", "networks = [ \"vinaphone\" ];"), -1, 1 },
		{ "cheaper but failing", PAIR("segment_price_vnd = 350;", "segment_price_vnd = 120;"), 1, 0 },
		{ "first but failing", PAIR("", ""), 0, 1 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		print_message("%s\n", cases[i].label);
		struct fixture *f = fixture_new(cases[i].config);
		struct peer *p[] = { sim_driver_connect(f, 0, SIM_MODEM), sim_driver_connect(f, 1, SIM_MODEM) };
		if (cases[i].fails >= 0)
			f->core->channels[cases[i].fails].failures = 1;
		sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
		sim_tick(f);
		assert_int_not_equal(sim_driver_attempt(p[cases[i].first]), 0);
		assert_int_equal(sim_driver_attempt(p[!cases[i].first]), 0);
		fixture_free(f);
	}
}

static void answer_leaves_by_the_last_channel_and_not_by_a_cheaper_one(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(PAIR("", "segment_price_vnd = 900;"));
	struct peer *one = sim_driver_connect(f, 0, SIM_MODEM), *two = sim_driver_connect(f, 1, SIM_MODEM);
	sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .wish = "sim2" });
	sim_tick(f);
	assert_int_equal(sim_driver_attempt(one), 0);
	assert_int_not_equal(sim_driver_attempt(two), 0);
	fixture_free(f);
}

static void answers_of_a_channel_that_goes_leave_by_another_with_one_history(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(PAIR("", ""));
	struct peer *one = sim_driver_connect(f, 0, SIM_MODEM), *two = sim_driver_connect(f, 1, SIM_MODEM);
	int64_t message = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .wish = "sim2" });
	sim_tick(f);
	sim_driver_result(two, sim_driver_attempt(two), "not_sent", ",\"code\":\"cms:331\",\"fault\":\"channel\"");
	sim_tick(f);
	assert_state(f, message, "retry");
	sim_driver_lose(f, two);
	sim_wait(f, 31000);
	sim_wait(f, 6000);
	assert_int_not_equal(sim_driver_attempt(one), 0);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE message = %lld", (long long)message), 2);
	assert_text(sim_text(f, "SELECT channel FROM attempt WHERE message = %lld AND n = 2", (long long)message), "sim1");
	fixture_free(f);
}

static void what_must_leave_by_a_channel_waits_for_it(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(PAIR("", ""));
	struct peer *one = sim_driver_connect(f, 0, SIM_MODEM);
	sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .pin = "sim2" });
	sim_wait(f, 31000);
	sim_wait(f, 6000);
	assert_int_equal(sim_driver_attempt(one), 0);
	fixture_free(f);
}

static void operator_that_a_provider_names_goes_before_the_prefix(void **state)
{
	(void)state;
	/* 091… is VinaPhone's by its prefix; the report says that the number was taken along to Viettel */
	struct fixture *f = fixture_new(PAIR("networks = [ \"vinaphone\" ];", "networks = [ \"viettel\" ];"));
	struct peer *one = sim_driver_connect(f, 0, SIM_MODEM), *two = sim_driver_connect(f, 1, SIM_MODEM);
	sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(f);
	int64_t attempt = sim_driver_attempt(one);
	assert_int_not_equal(attempt, 0);
	int64_t waiting = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_driver_say(one, "{\"op\":\"receipt\",\"id\":\"r0\",\"reference\":\"x\",\"to\":\"+84912345678\",\"status\":\"buffered\",\"network\":\"no such\"}");
	sim_tick(f);
	assert_text(sim_text(f, "SELECT network FROM address"), "vinaphone");
	sim_driver_say(one, "{\"op\":\"receipt\",\"id\":\"r1\",\"reference\":\"x\",\"to\":\"+84912345678\",\"status\":\"buffered\",\"network\":\"viettel\"}");
	sim_tick(f);
	assert_text(sim_text(f, "SELECT network FROM address"), "viettel");
	sim_tick(f);
	attempt = sim_driver_attempt(two);
	assert_int_equal(sim_int(f, "SELECT message FROM attempt WHERE id = %lld", (long long)attempt), waiting);
	fixture_free(f);
}

static void landline_and_short_numbers_never_reach_a_modem(void **state)
{
	(void)state;
	static const char *const kinds[] = { "landline", "short", "emergency", "special" };
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		print_message("%s\n", kinds[i]);
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		int64_t message = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
		sim_sql(f, "UPDATE address SET kind = '%s'", kinds[i]);
		struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
		sim_tick(f);
		assert_int_equal(sim_driver_attempt(p), 0);
		assert_state(f, message, "suppressed");
		fixture_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(channels_are_offered_messages_in_order_of_health_price_and_place),
		cmocka_unit_test(answer_leaves_by_the_last_channel_and_not_by_a_cheaper_one),
		cmocka_unit_test(answers_of_a_channel_that_goes_leave_by_another_with_one_history),
		cmocka_unit_test(what_must_leave_by_a_channel_waits_for_it),
		cmocka_unit_test(operator_that_a_provider_names_goes_before_the_prefix),
		cmocka_unit_test(landline_and_short_numbers_never_reach_a_modem),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

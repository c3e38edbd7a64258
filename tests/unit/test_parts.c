/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a message in parts: in order, one at a time, and what becomes of the rest when one of them fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/sim_driver.h"

static void parts_go_in_order_and_one_at_a_time(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	int64_t id = sim_put(f, &(struct sim_message){ .text = sim_four_parts }), attempt;
	sim_tick(f);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE message = %lld", (long long)id), 4);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE handed_at IS NOT NULL"), 1);
	for (int part = 1; part <= 4; part++) {
		assert_int_equal(sim_driver_part(p, &attempt), part);
		assert_state(f, id, "sending");
		sim_driver_result(p, attempt, "accepted", ",\"reference\":\"7\"");
		sim_tick(f);
	}
	assert_int_equal(sim_driver_part(p, &attempt), 0);
	assert_state(f, id, "sent");
	assert_int_equal(f->core->channels[0].in_flight, 0);
	fixture_free(f);
}

static void parts_stop_after_a_refused_one(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	int64_t id = sim_put(f, &(struct sim_message){ .text = sim_four_parts }), attempt;
	sim_tick(f);
	assert_int_equal(sim_driver_part(p, &attempt), 1);
	sim_driver_result(p, attempt, "accepted", "");
	sim_tick(f);
	assert_int_equal(sim_driver_part(p, &attempt), 2);
	sim_driver_result(p, attempt, "refused", ",\"fault\":\"message\",\"code\":\"cms:21\"");
	sim_tick(f);
	assert_int_equal(sim_driver_part(p, &attempt), 0);
	assert_state(f, id, "failed");
	assert_outcome(f, id, 3, "not_sent");
	assert_outcome(f, id, 4, "not_sent");
	sim_wait(f, 7200000);
	assert_int_equal(sim_driver_part(p, &attempt), 0);
	fixture_free(f);
}

static void rest_is_sent_after_an_unclear_part(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	int64_t id = sim_put(f, &(struct sim_message){ .text = sim_four_parts }), attempt;
	static const char *const outcomes[] = { "accepted", "unclear", "accepted", "accepted" };
	sim_tick(f);
	for (int part = 1; part <= 4; part++) {
		assert_int_equal(sim_driver_part(p, &attempt), part);
		sim_driver_result(p, attempt, outcomes[part - 1], "");
		sim_tick(f);
	}
	assert_state(f, id, "unclear");
	sim_wait(f, 7200000);
	assert_int_equal(sim_driver_part(p, &attempt), 0);
	fixture_free(f);
}

static void not_sent_part_is_retried_on_its_channel_and_accepted_ones_are_not(void **state)
{
	(void)state;
	struct fixture *f = fixture_new("channels = ( " SIM_CHANNEL("sim1", "") ", " SIM_CHANNEL("sim2", "") " );\n");
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	int64_t id = sim_put(f, &(struct sim_message){ .text = sim_four_parts }), attempt;
	sim_tick(f);
	for (int part = 1; part <= 2; part++) {
		assert_int_equal(sim_driver_part(p, &attempt), part);
		sim_driver_result(p, attempt, "accepted", "");
		sim_tick(f);
	}
	assert_int_equal(sim_driver_part(p, &attempt), 3);
	sim_driver_result(p, attempt, "not_sent", ",\"fault\":\"channel\"");
	sim_tick(f);
	assert_state(f, id, "retry");
	struct peer *other = sim_driver_connect(f, 1, SIM_MODEM);
	sim_wait(f, 31000);
	assert_int_equal(sim_driver_count(other, "submit"), 0);
	for (int part = 3; part <= 4; part++) {
		assert_int_equal(sim_driver_part(p, &attempt), part);
		sim_driver_result(p, attempt, "accepted", "");
		sim_tick(f);
	}
	assert_state(f, id, "sent");
	assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE message = %lld AND part = 1", (long long)id), 1);
	fixture_free(f);
}

/* The second part waits for another try when the network reports that the first did not arrive. */
static void part_that_did_not_arrive_is_not_sent_again(void **state)
{
	(void)state;
	static const char *const firsts[] = { "accepted", "unclear" };
	for (size_t i = 0; i < COUNT_OF(firsts); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
		int64_t id = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .text = sim_four_parts });
		sim_tick(f);
		sim_driver_result(p, sim_driver_attempt(p), firsts[i], ",\"reference\":\"7\"");
		sim_tick(f);
		sim_driver_result(p, sim_driver_attempt(p), "not_sent", "");
		sim_tick(f);
		assert_state(f, id, "retry");
		sim_driver_say(p, "{\"op\":\"receipt\",\"id\":\"r1\",\"reference\":\"7\",\"to\":\"+84912345678\",\"status\":\"failed\"}");
		sim_tick(f);
		for (int s = 0; s < 90; s++) {
			sim_wait(f, 1000);
			assert_int_equal(sim_driver_count(p, "submit"), 0);
		}
		print_message("%s\n", firsts[i]);
		assert_state(f, id, "failed");
		assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE part = 1"), 1);
		fixture_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_go_in_order_and_one_at_a_time),
		cmocka_unit_test(parts_stop_after_a_refused_one),
		cmocka_unit_test(rest_is_sent_after_an_unclear_part),
		cmocka_unit_test(not_sent_part_is_retried_on_its_channel_and_accepted_ones_are_not),
		cmocka_unit_test(part_that_did_not_arrive_is_not_sent_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a driver that is gone: what it never got is sent by the next one, what it got is in doubt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/sim_driver.h"

static void lost_driver_unwritten_frames_are_not_sent(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
	int64_t one = sim_put(f, &(struct sim_message){ .text = "1" }), two = sim_put(f, &(struct sim_message){ .text = "2" });
	sim_tick(f);
	/* one byte of the first frame left, nothing of the second */
	peer_written(p, 1);
	sim_driver_lose(f, p);
	sim_tick(f);
	assert_state(f, one, "unclear");
	assert_state(f, two, "retry");
	assert_int_equal(f->core->channels[0].in_flight, 0);
	p = sim_driver_connect(f, 0, SIM_ONCE);
	sim_wait(f, 31000);
	OWN(mem) char *text = sim_driver_field(p, "submit", 0, "text");
	assert_string_equal(text, "2");
	fixture_free(f);
}

static void lost_driver_in_mid_message_sends_only_the_rest_again(void **state)
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
	sim_driver_lose(f, p);
	sim_tick(f);
	assert_outcome(f, id, 2, "unclear");
	assert_outcome(f, id, 3, "not_sent");
	p = sim_driver_connect(f, 0, SIM_MODEM);
	sim_wait(f, 31000);
	for (int part = 3; part <= 4; part++) {
		assert_int_equal(sim_driver_part(p, &attempt), part);
		sim_driver_result(p, attempt, "accepted", "");
		sim_tick(f);
	}
	assert_int_equal(sim_driver_part(p, &attempt), 0);
	assert_state(f, id, "unclear");
	fixture_free(f);
}

/* The store was away: the driver ended, the next one was ready, and only then a tick could say what became of the first one's work. */
static void lost_driver_leaves_nothing_to_one_that_is_there_already(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	int64_t id = sim_put(f, &(struct sim_message){ .text = sim_four_parts });
	sim_tick(f);
	assert_true(sim_driver_attempt(p) > 0);
	sim_driver_lose(f, p);
	struct peer *next = core_peer_add(f->core, PEER_DRIVER);
	assert_non_null(next);
	next->channel = 0;
	f->core->channels[0].peer = next->id;
	f->core->channels[0].ready = true;
	f->core->channels[0].credit = 1;
	sim_tick(f);
	assert_int_equal(sim_driver_count(next, "submit"), 0);
	assert_outcome(f, id, 1, "unclear");
	assert_outcome(f, id, 2, "not_sent");
	assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE outcome = 'not_sent' AND handed_at IS NOT NULL"), 0);
	assert_state(f, id, "retry");
	assert_true(f->core->channels[0].ready);
	sim_wait(f, 31000);
	OWN(json) json_t *frames = sim_driver_read(next);
	assert_int_equal(json_int(json_array_get(frames, 0), "part", 0), 2);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lost_driver_unwritten_frames_are_not_sent),
		cmocka_unit_test(lost_driver_in_mid_message_sends_only_the_rest_again),
		cmocka_unit_test(lost_driver_leaves_nothing_to_one_that_is_there_already),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

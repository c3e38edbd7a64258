/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of what waits for its moment: quiet hours, three a day, a due time; who waits and who does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/sim_driver.h"

static void quiet_hours_hold_bulk_and_pass_answers(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		int64_t at_ms;
		bool quiet;
	} cases[] = {
		{ "21:59:59.999", SIM_AT(21, 59, 59, 999), false }, { "22:00:00", SIM_AT(22, 0, 0, 0), true },
		{ "midnight", SIM_AT(24, 0, 0, 0), true },		{ "06:59:59.999", SIM_AT(30, 59, 59, 999), true },
		{ "07:00:00", SIM_AT(31, 0, 0, 0), false },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
		int64_t flow = sim_flow(f, CLASS_SOCIAL_POLICY);
		sim_set_now(f, cases[i].at_ms);
		int64_t bulk = sim_put(f, &(struct sim_message){ .flow = flow }), single = sim_put(f, &(struct sim_message){ 0 });
		int64_t answer = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
		int64_t ack = sim_put(f, &(struct sim_message){ .class = CLASS_OPTOUT_ACK });
		sim_tick(f);
		print_message("%s\n", cases[i].label);
		assert_int_equal(sim_driver_count(p, "submit"), cases[i].quiet ? 2 : 4);
		assert_state(f, answer, "sending");
		assert_state(f, ack, "sending");
		if (!cases[i].quiet)
			assert_state(f, bulk, "sending");
		else
			assert_int_equal(sim_int(f, "SELECT count(*) FROM message WHERE id IN (%lld, %lld) AND state = 'held' AND reason = 'quiet_hours'",
						 (long long)bulk, (long long)single),
					 2);
		fixture_free(f);
	}
}

static void what_waited_for_the_morning_leaves_at_seven(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	sim_set_now(f, SIM_AT(23, 0, 0, 0));
	int64_t id = sim_put(f, &(struct sim_message){ 0 });
	sim_tick(f);
	sim_set_now(f, SIM_AT(30, 59, 59, 0));
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	sim_set_now(f, SIM_AT(31, 0, 0, 0));
	sim_tick(f);
	sim_wait(f, 1000);
	assert_int_equal(sim_driver_count(p, "submit"), 1);
	assert_state(f, id, "sending");
	fixture_free(f);
}

static void retry_of_what_was_not_sent_waits_for_the_morning(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	sim_set_now(f, SIM_AT(21, 59, 50, 0));
	int64_t bulk = sim_put(f, &(struct sim_message){ 0 });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "not_sent", "");
	sim_tick(f);
	int64_t answer = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "not_sent", "");
	sim_tick(f);
	for (int minute = 0; minute < 539; minute++) {
		sim_wait(f, 60000);
		OWN(json) json_t *frames = sim_driver_read(p);
		for (size_t i = 0; i < json_array_size(frames); i++) {
			const json_t *s = json_array_get(frames, i);
			char key[40];
			snprintf(key, sizeof(key), "-%lld", (long long)bulk);
			assert_null(strstr(json_str(s, "key", ""), key));
			sim_driver_result(p, atoll(json_str(s, "attempt", "")), "accepted", "");
		}
	}
	assert_state(f, answer, "sent");
	sim_set_now(f, SIM_AT(31, 0, 1, 0));
	sim_tick(f);
	sim_wait(f, 1000);
	assert_int_equal(sim_driver_count(p, "submit"), 1);
	fixture_free(f);
}

static void retry_of_a_message_half_sent_goes_on_at_night(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	char text[200];
	memset(text, 'a', 199);
	text[199] = '\0';
	sim_set_now(f, SIM_AT(21, 59, 50, 0));
	int64_t id = sim_put(f, &(struct sim_message){ .text = text });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "accepted", "");
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "not_sent", "");
	sim_tick(f);
	sim_wait(f, 31000); /* 22:00:21: half a message is no message */
	sim_driver_result(p, sim_driver_attempt(p), "accepted", "");
	sim_tick(f);
	assert_state(f, id, "sent");
	fixture_free(f);
}

/* What was taken is not walked through each time; nobody is passed over for it. */
static void message_due_from_earlier_on_is_claimed_within_two_seconds(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	sim_driver_connect(f, 0, SIM_HTTP);
	int64_t first = sim_put(f, &(struct sim_message){ .number = "+84912000001" });
	sim_tick(f);
	assert_state(f, first, "sending");
	int64_t late = sim_put(f, &(struct sim_message){ .number = "+84912000002" });
	sim_sql(f, "UPDATE message SET due_at = 1 WHERE id = %lld", (long long)late);
	sim_wait(f, 1000);
	sim_wait(f, 1000);
	assert_state(f, late, "sending");
	fixture_free(f);
}

static void cap_of_three_in_24_h_holds_the_fourth(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t id[4];
	for (int i = 0; i < 4; i++) {
		id[i] = sim_put(f, &(struct sim_message){ .expires_at = SIM_AT(100, 0, 0, 0) });
		sim_tick(f);
		sim_wait(f, SIM_HOUR_MS);
	}
	int64_t answer = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE }),
		other = sim_put(f, &(struct sim_message){ .number = "+84912345679" });
	sim_tick(f);
	assert_state(f, id[2], "sending");
	assert_state(f, id[3], "held");
	assert_text(sim_text(f, "SELECT reason FROM message WHERE id = %lld", (long long)id[3]), "cap_24h");
	assert_state(f, answer, "sending");
	assert_state(f, other, "sending");
	OWN(json) json_t *read = sim_driver_read(p);
	sim_set_now(f, SIM_AT(31, 0, 0, -1));
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	sim_set_now(f, SIM_AT(31, 0, 2, 0));
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 1);
	assert_state(f, id[3], "sending");
	fixture_free(f);
}

static void no_window_of_24_h_holds_a_fourth_after_a_late_retry(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t late = sim_put(f, &(struct sim_message){ .expires_at = SIM_AT(100, 0, 0, 0) });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "not_sent", ",\"retry_after_s\":36000");
	sim_tick(f);
	sim_set_now(f, SIM_AT(17, 0, 1, 0));
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "accepted", ""); /* really sent at 17:00 */
	sim_tick(f);
	assert_state(f, late, "sent");
	sim_set_now(f, SIM_AT(32, 0, 0, 0)); /* 08:00 the next day: 25 h after the claim that came to nothing, 15 h after the message */
	for (int i = 0; i < 3; i++)
		sim_put(f, &(struct sim_message){ 0 });
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 2);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quiet_hours_hold_bulk_and_pass_answers),
		cmocka_unit_test(what_waited_for_the_morning_leaves_at_seven),
		cmocka_unit_test(retry_of_what_was_not_sent_waits_for_the_morning),
		cmocka_unit_test(retry_of_a_message_half_sent_goes_on_at_night),
		cmocka_unit_test(message_due_from_earlier_on_is_claimed_within_two_seconds),
		cmocka_unit_test(cap_of_three_in_24_h_holds_the_fourth),
		cmocka_unit_test(no_window_of_24_h_holds_a_fourth_after_a_late_retry),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

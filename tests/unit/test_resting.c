/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of long messages on a modem: what goes between two of their parts, in which order, and that none is left there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/sim_driver.h"

#define ASKER "+84987654321"
#define LONG_CHARS 459 /* three segments */
#define SLOW_CONFIG                                                                                                                        \
	"channels = ( { name = \"sim1\"; driver = \"exec\"; program = \"/bin/true\"; rate_per_minute = 12; burst = 1; "                    \
	"retry = { first_s = 30; factor = 2; cap_s = 3600; jitter_percent = 0; attempts = 0; }; } );\n"

static int64_t put_long(struct fixture *f, enum message_class class)
{
	char text[LONG_CHARS + 1];
	memset(text, 'a', LONG_CHARS);
	text[LONG_CHARS] = '\0';
	return sim_put(f, &(struct sim_message){ .class = class, .text = text });
}

static int64_t put_answer(struct fixture *f)
{
	return sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .number = ASKER, .text = "Da nhan" });
}

/* What the driver got since: "2" a second part, "A" the answer, in order; the last one's attempt. */
static void read_order(struct peer *p, char *order, int64_t *ret_attempt)
{
	OWN(json) json_t *frames = sim_driver_read(p);
	size_t i;
	json_t *f;
	json_array_foreach (frames, i, f) {
		if (strcmp(json_str(f, "op", ""), "submit"))
			continue;
		bool answer = !strcmp(json_str(f, "to", ""), ASKER);
		char *end = order + strlen(order);
		end[0] = answer ? 'A' : (char)('0' + json_int(f, "part", 0));
		end[1] = '\0';
		*ret_attempt = strtoll(json_str(f, "attempt", "0"), NULL, 10);
	}
}

/* Accepts whatever comes until nothing does; ticks are wait_ms apart. */
static void accept_all(struct fixture *f, struct peer *p, char *order, int64_t wait_ms, int ticks)
{
	for (int i = 0; i < ticks; i++) {
		int64_t attempt = 0;
		size_t before = strlen(order);
		read_order(p, order, &attempt);
		assert_true(strlen(order) - before <= 1); /* one at a time */
		if (attempt)
			sim_driver_result(p, attempt, "accepted", "");
		sim_wait(f, wait_ms);
	}
}

static void answer_goes_between_two_parts_of_a_campaign(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	char order[16] = "";
	int64_t id = put_long(f, CLASS_SOCIAL_POLICY), attempt;
	sim_tick(f);
	read_order(p, order, &attempt);
	int64_t answer = put_answer(f);
	sim_driver_result(p, attempt, "accepted", "");
	sim_tick(f);
	accept_all(f, p, order, 1, 10);
	assert_string_equal(order, "1A23");
	assert_state(f, id, "sent");
	assert_state(f, answer, "sent");
	assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt"), 4);
	fixture_free(f);
}

static void report_of_a_resting_message_hands_nothing_beside_what_is_on_the_air(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	char order[16] = "";
	int64_t id = put_long(f, CLASS_SOCIAL_POLICY), attempt;
	sim_tick(f);
	read_order(p, order, &attempt);
	put_answer(f);
	sim_driver_result(p, attempt, "accepted", ",\"reference\":\"R1\"");
	sim_tick(f);
	sim_tick(f);
	read_order(p, order, &attempt);
	assert_string_equal(order, "1A");
	sim_driver_say(p, "{\"op\":\"receipt\",\"id\":\"d1\",\"reference\":\"R1\",\"status\":\"delivered\",\"at_ms\":1}");
	sim_wait(f, 10);
	read_order(p, order, &attempt);
	assert_string_equal(order, "1A"); /* the answer is still open, and the modem takes one at a time */
	sim_driver_result(p, attempt, "accepted", "");
	sim_tick(f);
	accept_all(f, p, order, 1, 10);
	assert_string_equal(order, "1A23");
	assert_state(f, id, "sent");
	fixture_free(f);
}

static void long_answer_is_not_divided_by_another(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	char order[16] = "";
	put_long(f, CLASS_SERVICE);
	sim_tick(f);
	put_answer(f);
	accept_all(f, p, order, 1, 10);
	assert_string_equal(order, "123A");
	fixture_free(f);
}

static void parts_keep_the_pace_and_answers_get_its_next_segment(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SLOW_CONFIG); /* a segment every 5 s */
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	char order[16] = "";
	int64_t id = put_long(f, CLASS_SOCIAL_POLICY);
	sim_tick(f);
	accept_all(f, p, order, 400, 10);
	assert_string_equal(order, "1");
	put_answer(f);
	accept_all(f, p, order, 400, 12);
	assert_string_equal(order, "1A");
	accept_all(f, p, order, 400, 12);
	assert_string_equal(order, "1A2");
	accept_all(f, p, order, 400, 14);
	assert_string_equal(order, "1A23");
	assert_state(f, id, "sent");
	fixture_free(f);
}

static void message_that_rested_for_a_minute_goes_on_before_answers(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SLOW_CONFIG);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	char order[64] = "";
	put_long(f, CLASS_SOCIAL_POLICY);
	sim_tick(f);
	for (int s = 0; s < 140; s += 5) { /* as many answers as the pace allows */
		put_answer(f);
		accept_all(f, p, order, 1000, 5);
	}
	const char *second = strchr(order, '2'), *third = strchr(order, '3');
	assert_non_null(second);
	assert_non_null(third);
	assert_in_range(second - order, 11, 14);
	assert_in_range(third - second, 11, 14);
	fixture_free(f);
}

/* Nothing is left between two parts when the channel may not go on. */
static void rest_of_a_message_is_tried_again_when_its_channel_stopped(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		bool lost;
	} cases[] = { { "suspended", false }, { "driver lost", true } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		print_message("%s\n", cases[i].label);
		struct fixture *f = fixture_new(SLOW_CONFIG);
		struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
		char order[16] = "";
		int64_t id = put_long(f, CLASS_SOCIAL_POLICY);
		sim_tick(f);
		accept_all(f, p, order, 400, 3);
		assert_state(f, id, "sending");
		if (cases[i].lost)
			sim_driver_lose(f, p);
		else
			f->core->channels[0].suspended = true;
		sim_wait(f, 1000);
		assert_string_equal(order, "1");
		assert_state(f, id, "retry");
		assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE outcome = 'not_sent'"), 2);
		fixture_free(f);
	}
}

/* The driver knows whether its modem is there. */
static void part_goes_to_a_driver_without_credit(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SLOW_CONFIG);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	char order[16] = "";
	int64_t id = put_long(f, CLASS_SOCIAL_POLICY), attempt = 0;
	sim_tick(f);
	accept_all(f, p, order, 400, 3);
	sim_driver_say(p, "{\"op\":\"ready\",\"credit\":0,\"whole\":false,\"idempotent\":false,\"receipts\":true,\"inbound\":true,\"ussd\":true}");
	for (int i = 0; i < 20 && !attempt; i++) {
		sim_wait(f, 400);
		read_order(p, order, &attempt);
	}
	assert_string_equal(order, "12");
	sim_driver_result(p, attempt, "not_sent", ",\"fault\":\"channel\"");
	sim_tick(f);
	assert_state(f, id, "retry");
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_goes_between_two_parts_of_a_campaign),
		cmocka_unit_test(report_of_a_resting_message_hands_nothing_beside_what_is_on_the_air),
		cmocka_unit_test(long_answer_is_not_divided_by_another),
		cmocka_unit_test(parts_keep_the_pace_and_answers_get_its_next_segment),
		cmocka_unit_test(message_that_rested_for_a_minute_goes_on_before_answers),
		cmocka_unit_test(rest_of_a_message_is_tried_again_when_its_channel_stopped),
		cmocka_unit_test(part_goes_to_a_driver_without_credit),
	};
	return cmocka_run_group_tests_name("resting", tests, NULL, NULL);
}

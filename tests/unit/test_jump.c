/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a clock that is set: pauses keep their length, hours are asked again, nothing expires by a time that has not held. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/sim_driver.h"

static void bucket_gives_no_burst_after_a_clock_jump(void **state)
{
	(void)state;
	static const int64_t jumps[] = { 2 * SIM_DAY_MS, -2 * SIM_DAY_MS, -3650 * SIM_DAY_MS, SIM_HOUR_MS, -SIM_HOUR_MS, 1000 };
	for (size_t i = 0; i < COUNT_OF(jumps); i++) {
		struct fixture *f = fixture_new("channels = ( { name = \"sim1\"; driver = \"exec\"; program = \"/bin/true\"; "
						"rate_per_second = 2; burst = 2; } );\n");
		sim_set_now(f, SIM_AT(12, 0, 0, 0));
		for (int k = 0; k < 40; k++)
			sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .expires_at = SIM_AT(4000, 0, 0, 0) });
		struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
		assert_int_equal(sim_driver_count(p, "submit"), 2);
		f->clock.sim_now_ms += jumps[i];
		sim_tick(f);
		assert_int_equal(sim_driver_count(p, "submit"), 0);
		int n = 0;
		for (int k = 0; k < 100; k++) {
			sim_wait(f, 100);
			n += sim_driver_count(p, "submit");
		}
		assert_in_range(n, 19, 21);
		fixture_free(f);
	}
}

static void retry_keeps_its_pause_over_a_clock_jump(void **state)
{
	(void)state;
	static const int64_t jumps[] = { 2 * SIM_DAY_MS, -2 * SIM_DAY_MS, -3650 * SIM_DAY_MS };
	for (size_t i = 0; i < COUNT_OF(jumps); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		sim_set_now(f, SIM_AT(12, 0, 0, 0));
		struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
		sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .expires_at = SIM_AT(4000, 0, 0, 0) });
		sim_tick(f);
		sim_driver_result(p, sim_driver_attempt(p), "not_sent", "");
		sim_tick(f);
		f->clock.sim_now_ms += jumps[i];
		for (int s = 0; s < 29; s++)
			sim_wait(f, 1000);
		assert_int_equal(sim_driver_count(p, "submit"), 0);
		sim_wait(f, 1000);
		sim_wait(f, 1000);
		sim_wait(f, 1000);
		assert_int_equal(sim_driver_count(p, "submit"), 1);
		fixture_free(f);
	}
}

static void three_a_day_hold_over_a_clock_jump(void **state)
{
	(void)state;
	static const int64_t jumps[][2] = { { 2 * SIM_DAY_MS, 0 }, { -2 * SIM_DAY_MS, 0 }, { -3650 * SIM_DAY_MS, 3650 * SIM_DAY_MS }, { 2 * SIM_DAY_MS, -2 * SIM_DAY_MS },
					     { 60 * SIM_DAY_MS, 2 * SIM_DAY_MS } };
	for (size_t i = 0; i < COUNT_OF(jumps); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		sim_set_now(f, SIM_AT(9, 0, 0, 0));
		struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
		for (int k = 0; k < 3; k++)
			sim_put(f, &(struct sim_message){ .expires_at = SIM_AT(4000, 0, 0, 0) });
		sim_tick(f);
		assert_int_equal(sim_driver_count(p, "submit"), 3);
		for (int k = 0; k < 2; k++) {
			f->clock.sim_now_ms += jumps[i][k];
			sim_wait(f, 1000);
		}
		int64_t id = sim_put(f, &(struct sim_message){ .expires_at = SIM_AT(4000, 0, 0, 0) });
		for (int minute = 0; minute < 15; minute++)
			sim_wait(f, 60000);
		print_message("by %lld h and %lld h\n", (long long)(jumps[i][0] / SIM_HOUR_MS), (long long)(jumps[i][1] / SIM_HOUR_MS));
		assert_int_equal(sim_driver_count(p, "submit"), 0);
		assert_state(f, id, "held");
		fixture_free(f);
	}
}

/* A key given while the clock stood years back is still known when it is right again. */
static void keys_are_remembered_over_a_clock_jump(void **state)
{
	(void)state;
	static const int64_t jumps[] = { 3650 * SIM_DAY_MS, 30 * SIM_DAY_MS, -3650 * SIM_DAY_MS };
	for (size_t i = 0; i < COUNT_OF(jumps); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		sim_set_now(f, SIM_AT(9, 0, 0, 0));
		sim_tick(f);
		sim_sql(f, "INSERT INTO request (actor, verb, key, args_hash, result, until_at) VALUES ('a', 'v', 'fresh', x'00', '{}', %lld), "
			   "('a', 'v', 'old', x'00', '{}', %lld)", (long long)SIM_AT(9, 0, 0, 0) + 7 * SIM_DAY_MS, (long long)SIM_AT(9, 0, 0, 0) + 30000);
		f->clock.sim_now_ms += jumps[i];
		for (int minute = 0; minute < 12; minute++)
			sim_wait(f, 60000);
		assert_text(sim_text(f, "SELECT group_concat(key) FROM request"), "fresh");
		fixture_free(f);
	}
}

/* What was asked stays open, and a part waits, for as long as was meant. */
static void questions_and_parts_wait_as_long_over_a_clock_jump(void **state)
{
	(void)state;
	static const int64_t jumps[] = { 3650 * SIM_DAY_MS, -3650 * SIM_DAY_MS };
	for (size_t i = 0; i < COUNT_OF(jumps); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		int64_t now = SIM_AT(9, 0, 0, 0), address = fixture_address(f, "+84912345678");
		sim_set_now(f, now);
		sim_tick(f);
		sim_sql(f, "INSERT INTO question (address, kind, asked_at, until_at, state) VALUES (%lld, 'yes_no', 0, %lld, 'open')",
			(long long)address, (long long)now + SIM_DAY_MS);
		sim_sql(f, "INSERT INTO inbound (seq, channel, dedupe_key, state, received_at, address, text, ref, total, part, bits, due_at) "
			   "VALUES (900, 'sim1', 'a', 'waiting', %lld, %lld, 'mot', 7, 2, 1, 8, %lld)",
			(long long)now, (long long)address, (long long)now + 600000);
		f->clock.sim_now_ms += jumps[i];
		for (int minute = 0; minute < 9; minute++)
			sim_wait(f, 60000);
		assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound WHERE state = 'waiting'"), 1);
		assert_int_equal(sim_int(f, "SELECT until_at FROM question") - clock_now_ms(&f->clock), SIM_DAY_MS - 9 * 60000);
		assert_int_equal(sim_int(f, "SELECT due_at FROM inbound") - clock_now_ms(&f->clock), 60000);
		fixture_free(f);
	}
}

/* The second part is handed by a clock that shows less than when it was written. */
static void parts_are_never_handed_before_they_were_written(void **state)
{
	(void)state;
	static const int64_t back[] = { 2 * SIM_DAY_MS, 1900 /* a step that counts as drift */ };
	for (size_t i = 0; i < COUNT_OF(back); i++) {
		print_message("%lld ms\n", (long long)back[i]);
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		sim_set_now(f, SIM_AT(12, 0, 0, 0));
		struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
		char text[200];
		memset(text, 'a', 199);
		text[199] = '\0';
		sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .text = text });
		sim_tick(f);
		int64_t first = sim_driver_attempt(p);
		f->clock.sim_now_ms -= back[i];
		sim_wait(f, 1000);
		sim_driver_result(p, first, "accepted", "");
		sim_tick(f);
		assert_int_equal(sim_driver_count(p, "submit"), 1);
		assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE handed_at IS NOT NULL"), 2);
		assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE handed_at < not_before"), 0);
		fixture_free(f);
	}
}

static void quiet_hours_are_asked_again_after_a_clock_jump(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	sim_set_now(f, SIM_AT(12, 0, 0, 0));
	sim_tick(f);
	f->clock.sim_now_ms += 11 * SIM_HOUR_MS; /* 23:00, says the clock */
	sim_put(f, &(struct sim_message){ 0 });
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	f->clock.sim_now_ms -= 11 * SIM_HOUR_MS;
	sim_wait(f, 1000);
	sim_wait(f, 1000);
	assert_int_equal(sim_driver_count(p, "submit"), 1);
	fixture_free(f);
}

static void nothing_expires_until_a_new_time_has_held_ten_minutes(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	sim_set_now(f, SIM_AT(12, 0, 0, 0));
	int64_t queued = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE }),
		held = sim_put(f, &(struct sim_message){ .due_at = SIM_AT(20, 0, 0, 0) });
	sim_tick(f);
	f->clock.sim_now_ms += 2 * SIM_DAY_MS;
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	for (int minute = 0; minute < 9; minute++)
		sim_wait(f, 60000);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM message WHERE state = 'expired'"), 0);
	assert_int_equal(sim_driver_count(p, "submit"), 0); /* expired or not: it does not leave while nobody knows */
	f->clock.sim_now_ms -= 2 * SIM_DAY_MS;
	for (int s = 0; s < 70; s++)
		sim_wait(f, 1000);
	assert_int_equal(sim_driver_count(p, "submit"), 1);
	assert_state(f, queued, "sending");
	assert_state(f, held, "held");
	f->clock.sim_now_ms += 2 * SIM_DAY_MS;
	for (int minute = 0; minute < 12; minute++)
		sim_wait(f, 60000);
	assert_state(f, held, "expired");
	fixture_free(f);
}

static void duties_go_on_after_a_clock_went_back(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	sim_set_now(f, SIM_AT(12, 0, 0, 0));
	for (int i = 0; i < 3; i++)
		sim_wait(f, 1000);
	f->clock.sim_now_ms -= 2 * SIM_DAY_MS;
	sim_tick(f);
	/* held for two seconds from now on */
	int64_t id = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .due_at = clock_now_ms(&f->clock) + 2000 });
	assert_state(f, id, "held");
	for (int i = 0; i < 6; i++)
		sim_wait(f, 1000);
	assert_int_equal(sim_driver_count(p, "submit"), 1);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bucket_gives_no_burst_after_a_clock_jump),
		cmocka_unit_test(retry_keeps_its_pause_over_a_clock_jump),
		cmocka_unit_test(three_a_day_hold_over_a_clock_jump),
		cmocka_unit_test(keys_are_remembered_over_a_clock_jump),
		cmocka_unit_test(questions_and_parts_wait_as_long_over_a_clock_jump),
		cmocka_unit_test(parts_are_never_handed_before_they_were_written),
		cmocka_unit_test(quiet_hours_are_asked_again_after_a_clock_jump),
		cmocka_unit_test(nothing_expires_until_a_new_time_has_held_ten_minutes),
		cmocka_unit_test(duties_go_on_after_a_clock_went_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

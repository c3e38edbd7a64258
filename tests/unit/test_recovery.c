/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a start: a new epoch, every open attempt decided once, nothing sent twice, numbers go on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/sim_driver.h"

/* As kill -9: nothing is told to anybody, nothing is written. */
static void crash(struct fixture *f)
{
	fixture_close_core(f);
	clock_advance(&f->clock, 5000);
	fixture_open_core(f);
}

static void recovery_decides_open_attempts_by_handed_and_idempotency(void **state)
{
	(void)state;
	static const struct {
		const char *label, *ready;
		int after_h;
		const char *outcome, *state;
		int again;
	} cases[] = {
		{ "modem", SIM_MODEM, 0, "unclear", "unclear", 0 },
		{ "http without keys", SIM_ONCE, 0, "unclear", "unclear", 0 },
		{ "http with keys", SIM_HTTP, 0, "unclear", "retry", 1 },
		{ "http whose key is over", SIM_HTTP, 25, "unclear", "unclear", 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, cases[i].ready);
		int64_t id =
			sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .expires_at = FIXTURE_NOW_MS + INT64_C(90) * 3600000 });
		sim_tick(f);
		assert_int_equal(sim_driver_count(p, "submit"), 1);
		clock_advance(&f->clock, cases[i].after_h * INT64_C(3600000));
		crash(f);
		print_message("%s\n", cases[i].label);
		assert_text(sim_text(f, "SELECT outcome FROM attempt"), cases[i].outcome);
		assert_state(f, id, cases[i].state);
		p = sim_driver_connect(f, 0, cases[i].ready);
		sim_wait(f, 40000);
		assert_int_equal(sim_driver_count(p, "submit"), cases[i].again);
		/* a second crash decides nothing twice */
		crash(f);
		assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE outcome IS NULL"), 0);
		assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE n = 1 AND outcome = '%s'", cases[i].outcome), 1);
		fixture_free(f);
	}
}

static void parts_never_handed_are_not_sent_and_go_on(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	char text[400];
	memset(text, 'a', 399);
	text[399] = '\0';
	int64_t id = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .text = text });
	sim_tick(f);
	crash(f);
	assert_text(sim_text(f, "SELECT group_concat(outcome) FROM (SELECT outcome FROM attempt ORDER BY part) AS parts"),
		    "unclear,not_sent,not_sent");
	assert_state(f, id, "retry");
	p = sim_driver_connect(f, 0, SIM_MODEM);
	sim_wait(f, 40000);
	for (int part = 2; part <= 3; part++) {
		OWN(json) json_t *frames = sim_driver_read(p);
		const json_t *s = json_array_get(frames, 0);
		assert_int_equal(json_int(s, "part", 0), part);
		sim_driver_result(p, atoll(json_str(s, "attempt", "0")), "accepted", "");
		sim_tick(f);
	}
	assert_state(f, id, "unclear");
	fixture_free(f);
}

static void epoch_rises_and_numbers_go_on(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "accepted", "");
	sim_tick(f);
	int64_t epoch = sim_int(f, "SELECT epoch FROM v_meta"), seq = sim_int(f, "SELECT max(seq) FROM attempt");
	crash(f);
	assert_int_equal(sim_int(f, "SELECT epoch FROM v_meta"), epoch + 1);
	assert_int_equal(sim_int(f, "SELECT recovered FROM v_meta"), 1);
	p = sim_driver_connect(f, 0, SIM_HTTP);
	sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(f);
	assert_true(sim_int(f, "SELECT seq FROM attempt ORDER BY id DESC LIMIT 1") > seq);
	assert_int_equal(sim_int(f, "SELECT epoch FROM attempt ORDER BY id DESC LIMIT 1"), epoch + 1);
	fixture_free(f);
}

static void late_word_of_an_older_life_is_proof(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
	int64_t id = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(f);
	int64_t attempt = sim_driver_attempt(p);
	crash(f);
	p = sim_driver_connect(f, 0, SIM_ONCE);
	sim_driver_result(p, attempt, "accepted", ",\"reference\":\"R\"");
	sim_tick(f);
	assert_false(p->doomed);
	assert_state(f, id, "sent");
	fixture_free(f);
}

static void suspended_and_paused_channels_stay_so(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	OWN(json) json_t *answer = NULL;
	assert_int_equal(fixture_command(f, "channel.pause", "{\"name\":\"sim1\"}", &answer, NULL), 0);
	crash(f);
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	fixture_free(f);
}

static void held_queued_and_retry_survive_and_leave_once(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t retry = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "not_sent", "");
	sim_tick(f);
	int64_t held = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .due_at = FIXTURE_NOW_MS + 10000 });
	int64_t queued = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	crash(f);
	assert_state(f, retry, "retry");
	assert_state(f, held, "held");
	assert_state(f, queued, "queued");
	p = sim_driver_connect(f, 0, SIM_HTTP);
	int n = 0;
	for (int s = 0; s < 60; s++) {
		n += sim_driver_count(p, "submit");
		sim_wait(f, 1000);
	}
	assert_int_equal(n, 3);
	fixture_free(f);
}

static void thousands_of_open_attempts_are_all_decided(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	int64_t id = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_sql(f,
		"WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3000) INSERT INTO message (key, flow, address, "
		"class, state, "
		"state_since, channel, text, due_at, expires_at, queued_at, claimed_at, tries) SELECT 'x' || x, 1, 1, 'service', "
		"'sending', 0, 'sim1', 'a', 0, 9e15, 0, 1, 1 "
		"FROM n; INSERT INTO attempt (seq, message, part, n, channel, kind, idempotent, epoch, not_before, handed_at) SELECT id, "
		"id, 1, 1, 'sim1', 'modem', "
		"0, 1, 0, 1 FROM message WHERE id <> %lld; UPDATE flow SET sending = 3000 WHERE id = 1",
		(long long)id);
	crash(f);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE outcome = 'unclear'"), 3000);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM message WHERE state = 'unclear'"), 3000);
	assert_int_equal(sim_int(f, "SELECT unclear FROM flow WHERE id = 1"), 3000);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recovery_decides_open_attempts_by_handed_and_idempotency),
		cmocka_unit_test(parts_never_handed_are_not_sent_and_go_on),
		cmocka_unit_test(epoch_rises_and_numbers_go_on),
		cmocka_unit_test(late_word_of_an_older_life_is_proof),
		cmocka_unit_test(suspended_and_paused_channels_stay_so),
		cmocka_unit_test(held_queued_and_retry_survive_and_leave_once),
		cmocka_unit_test(thousands_of_open_attempts_are_all_decided),
	};
	return cmocka_run_group_tests_name("recovery", tests, NULL, NULL);
}

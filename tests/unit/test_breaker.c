/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a channel's breaker: five faults in a row of the channel itself open it, one message at a time finds out whether it is back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/base/own.h"
#include "tests/support/sim_driver.h"

#define FAULTS 5
#define REST_S 30
#define WAITING 6
#define CAP_S 600
#define CHANNEL_FAULT ",\"fault\":\"channel\""
#define CONFIG                                                                                                                             \
	"channels = ( { name = \"sim1\"; driver = \"exec\"; program = \"/bin/true\"; rate_per_second = 1000; burst = 1000; "                \
	"retry = { first_s = 600; factor = 1; cap_s = 600; jitter_percent = 0; attempts = 0; }; } );\n"

/* A message of its own, and what came of it. */
static void send_one(struct fixture *f, struct peer *p, const char *outcome, const char *more)
{
	sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(f);
	int64_t attempt = sim_driver_attempt(p);
	assert_true(attempt > 0);
	sim_driver_result(p, attempt, outcome, more);
	sim_tick(f);
}

static void fail_five(struct fixture *f, struct peer *p, const char *last_more)
{
	for (int i = 1; i <= FAULTS; i++)
		send_one(f, p, "not_sent", i == FAULTS ? last_more : CHANNEL_FAULT);
}

/* Seconds until something is handed out, at most most_s; most_s + 1 = nothing was. */
static int wait_for_submit(struct fixture *f, struct peer *p, int most_s, int64_t *ret_attempt)
{
	for (int s = 0; s <= most_s; s++) {
		*ret_attempt = sim_driver_attempt(p);
		if (*ret_attempt)
			return s;
		sim_wait(f, 1000);
	}
	return most_s + 1;
}

static void put_waiting(struct fixture *f)
{
	for (int i = 0; i < WAITING; i++)
		sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
}

static void breaker_opens_after_five_faults_of_the_channel_in_a_row(void **state)
{
	(void)state;
	static const struct {
		const char *label, *outcome, *more;
		bool opens;
	} cases[] = { /* what comes between three faults and two */
		{ "one in doubt is no word about the channel", "unclear", "", true },
		{ "one that went", "accepted", "", false },
		{ "one refused for its text", "refused", ",\"fault\":\"message\"", false },
		{ "one refused for its number", "refused", ",\"fault\":\"recipient\"", false },
		{ "one not sent by nobody's fault", "not_sent", "", false },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(CONFIG);
		struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
		for (int k = 0; k < FAULTS + 1; k++)
			send_one(f, p, k == 3 ? cases[i].outcome : "not_sent", k == 3 ? cases[i].more : CHANNEL_FAULT);
		put_waiting(f);
		sim_tick(f);
		int sent = sim_driver_count(p, "submit");
		if (sent != (cases[i].opens ? 0 : WAITING))
			fail_msg("%s: %d handed out", cases[i].label, sent);
		fixture_free(f);
	}
}

static void one_message_at_a_time_tries_a_channel_that_rested(void **state)
{
	(void)state;
	static const struct {
		const char *label, *outcome, *more;
		bool closes;
	} cases[] = {
		{ "accepted", "accepted", "", true },
		{ "refused for its text", "refused", ",\"fault\":\"message\"", true },
		{ "fails", "not_sent", CHANNEL_FAULT, false },
		{ "in doubt", "unclear", "", false },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(CONFIG);
		struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
		int64_t probe = 0;
		fail_five(f, p, CHANNEL_FAULT);
		put_waiting(f);
		assert_in_range(wait_for_submit(f, p, REST_S + 2, &probe), REST_S - 1, REST_S + 1);
		for (int s = 0; s < 20; s++)
			sim_wait(f, 1000); /* as long as nobody knows, no second one */
		assert_int_equal(sim_driver_count(p, "submit"), 0);
		sim_driver_result(p, probe, cases[i].outcome, cases[i].more);
		sim_tick(f);
		sim_tick(f);
		int sent = sim_driver_count(p, "submit");
		if (sent != (cases[i].closes ? WAITING - 1 : 0))
			fail_msg("%s: %d handed out", cases[i].label, sent);
		if (!cases[i].closes)
			assert_in_range(wait_for_submit(f, p, REST_S + 2, &probe), REST_S - 1, REST_S + 1);
		fixture_free(f);
	}
}

static void channel_rests_as_long_as_the_provider_asks(void **state)
{
	(void)state;
	static const struct {
		const char *label, *wish;
		int rests_s;
	} cases[] = {
		{ "not said", "", REST_S },
		{ "less than it rests anyway", ",\"retry_after_s\":3", REST_S },
		{ "a minute and a half", ",\"retry_after_s\":90", 90 },
		{ "beyond the channel's longest pause", ",\"retry_after_s\":1e12", CAP_S },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(CONFIG);
		struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
		int64_t probe = 0;
		char more[80];
		snprintf(more, sizeof(more), CHANNEL_FAULT "%s", cases[i].wish);
		fail_five(f, p, more);
		put_waiting(f);
		int s = wait_for_submit(f, p, cases[i].rests_s + 2, &probe);
		if (s < cases[i].rests_s - 1 || s > cases[i].rests_s + 1)
			fail_msg("%s: %d s", cases[i].label, s);
		fixture_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(breaker_opens_after_five_faults_of_the_channel_in_a_row),
		cmocka_unit_test(one_message_at_a_time_tries_a_channel_that_rested),
		cmocka_unit_test(channel_rests_as_long_as_the_provider_asks),
	};
	return cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
}

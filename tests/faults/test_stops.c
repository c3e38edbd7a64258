/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A core told to end in the middle of a campaign, and one that stands still for longer than anybody waits for it (SIGSTOP): the first
 * finishes what is in flight, the second goes on where it was. CAUNOI_STILL_MS says how long it stands still (12 s). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "tests/support/load.h"

#define PEOPLE 60
#define END_MS 10000   /* to finish what is in flight */
#define STILL_MS 12000 /* longer than a pong is waited for */
#define FINISH_MS 60000

static int up(void **state)
{
	static const char *const modem[] = { "--send-ms", "400", NULL };
	struct gateway *g = gateway_new(&(struct gateway_options){ .channels = load_channels, .modem_arguments = modem });
	simapi_tell(&g->api, "{\"op\":\"mode\",\"latency_ms\":200}");
	simapi_tell(&g->once, "{\"op\":\"mode\",\"latency_ms\":200}");
	*state = load_new(g);
	gateway_start(g);
	return 0;
}

static int down(void **state)
{
	struct load *l = *state;
	struct gateway *g = l->g;
	if (g->core > 0)
		kill(g->core, SIGCONT);
	load_free(l);
	gateway_free(g);
	return 0;
}

/* A campaign, and a message that the modem is about to send. */
static void be_busy(struct load *l)
{
	char sql[160];
	assert_true(load_campaign(l, "once", PEOPLE));
	load_send(l, "sim1");
	load_send(l, "api");
	assert_true(load_take(l, 5000));
	gateway_wait(l->g, "the modem is sending", "SELECT count(*) FROM v_msg WHERE channel = 'sim1' AND state = 'sending'", 20000);
	snprintf(sql, sizeof(sql),
		 "SELECT count(*) > 0 FROM v_attempt WHERE outcome IS NULL AND handed_at IS NOT NULL AND kind = 'http-once'");
	if (!gateway_waited(l->g, sql, 1000)) /* the campaign was quicker than the modem: another one */
		assert_true(load_campaign(l, "once", PEOPLE));
}

static void a_core_told_to_end_finishes_what_is_in_flight(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT };
	struct load *l = *state;
	for (size_t i = 0; i < COUNT_OF(signals); i++) {
		be_busy(l);
		int64_t began = gateway_mono_ms();
		kill(l->g->core, signals[i]);
		assert_int_equal(gateway_wait_end(l->g, END_MS), 0);
		fprintf(stderr, "signal %d: ended after %lld ms\n", signals[i], (long long)(gateway_mono_ms() - began));
		gateway_db_close(l->g);
		assert_int_equal(invariants_scalar(l->laws, "SELECT count(*) FROM v_attempt WHERE outcome = 'unclear'"), 0);
		assert_int_equal(
			invariants_scalar(l->laws, "SELECT count(*) FROM v_attempt WHERE outcome IS NULL AND handed_at IS NOT NULL"), 0);
		gateway_start(l->g);
	}
	load_finish(l, FINISH_MS);
	assert_int_equal(invariants_scalar(l->laws, "SELECT count(*) FROM v_attempt WHERE outcome = 'unclear'"), 0);
}

static void a_core_that_stood_still_goes_on_and_no_second_one_starts_meanwhile(void **state)
{
	struct load *l = *state;
	const char *given = getenv("CAUNOI_STILL_MS");
	OWN(mem) char *text = NULL;
	int64_t epoch = gateway_scalar(l->g, "SELECT epoch FROM v_meta");
	be_busy(l);
	gateway_db_close(l->g);
	kill(l->g->core, SIGSTOP);
	assert_int_equal(gateway_run(l->g, 5000, &text, NULL), 1);
	assert_non_null(strstr(text, "in use"));
	gateway_pause_ms(given && *given ? strtol(given, NULL, 10) : STILL_MS);
	kill(l->g->core, SIGCONT);
	assert_true(gateway_wait_ready(l->g, 5000));
	load_send(l, "api");
	load_say(l);
	assert_true(load_take(l, 5000));
	load_check(l, 1, "after standing still");
	assert_int_equal(gateway_scalar(l->g, "SELECT epoch FROM v_meta"), epoch);
	load_finish(l, FINISH_MS);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_core_told_to_end_finishes_what_is_in_flight, up, down),
		cmocka_unit_test_setup_teardown(a_core_that_stood_still_goes_on_and_no_second_one_starts_meanwhile, up, down),
	};
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine of the first server loses its power in the middle of campaigns; the second, which followed in step, becomes the server. The
 * core was told of both: it goes on, and what it acknowledged is there. CAUNOI_SEED repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "tests/support/pgworld.h"

#define PEOPLE 1500
#define BACK_MS 20000
#define FINISH_MS 180000

static void a_synchronous_standby_takes_over_and_the_core_goes_on(void **state)
{
	struct pgworld *w = *state;
	pgworld_talk(w, 1500);
	assert_true(gateway_scalar(w->g, "SELECT count(*) > 0 FROM v_msg WHERE state = 'queued' AND campaign IS NOT NULL"));
	gateway_db_close(w->g);
	pgserver_stop(&w->server, PGSERVER_POWER);
	int64_t began = gateway_mono_ms();
	pgworld_talk(w, (int)random_below(&w->random, 1500));
	pgserver_promote(&w->second);
	int64_t promoted = gateway_mono_ms() - began;
	pgworld_wait_back(w, BACK_MS);
	int64_t back = gateway_mono_ms() - began;
	pgworld_check(w, 0, "after the fail-over");
	assert_int_equal(pgserver_sql(&w->second, "SELECT pg_is_in_recovery()"), 0);
	pgworld_finish(w, FINISH_MS);
	fprintf(stderr, "the second server was promoted %lld ms after the first was gone, the core worked on it %lld ms after\n", (long long)promoted,
		(long long)back);
}

static int up(void **state)
{
	*state = pgworld_new(&(struct pgworld_options){ .standby = true, .people = PEOPLE });
	return 0;
}

static int down(void **state)
{
	pgworld_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_synchronous_standby_takes_over_and_the_core_goes_on, up, down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

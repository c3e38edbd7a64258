/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A real server is started again in the middle of campaigns, in good order, at once, and after its machine lost its power; its disk fills
 * up under the core, its log's too. The same core goes on every time, and no message is unclear for it. CAUNOI_PG_RESTARTS says how often
 * (3), CAUNOI_SEED repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "tests/support/pgworld.h"

#define RESTARTS 3
#define PEOPLE_A_RESTART 250
#define BACK_MS 15000
#define FINISH_MS 180000
#define DISK_BYTES (120 << 20)
#define FULL_MS 4000

static void a_server_started_again_loses_nothing_and_doubles_nothing(void **state)
{
	static const enum pgserver_end ends[] = { PGSERVER_FAST, PGSERVER_IMMEDIATE, PGSERVER_POWER };
	struct pgworld *w = *state;
	int restarts = pgworld_number("CAUNOI_PG_RESTARTS", RESTARTS);
	for (int i = 0; i < restarts; i++) {
		pgworld_talk(w, 300 + (int)random_below(&w->random, 700));
		pgserver_stop(&w->server, ends[(size_t)i % COUNT_OF(ends)]);
		pgworld_talk(w, (int)random_below(&w->random, 1500));
		pgserver_start(&w->server);
		pgworld_wait_back(w, BACK_MS);
		pgworld_check(w, 0, "after a restart of the server");
	}
	pgworld_finish(w, FINISH_MS);
	fprintf(stderr, "%d restarts of the server, longest until a command was accepted again %lld ms\n", restarts, (long long)w->worst_back_ms);
}

/* A server that cannot write its log ends by itself and comes back as soon as there is room; its administrator starts it. */
static void start_when_ended(struct pgworld *w)
{
	for (int64_t until = gateway_mono_ms() + FULL_MS; gateway_mono_ms() < until; pgworld_talk(w, 20))
		if (pgserver_has_ended(&w->server))
			break;
	pgserver_unfill(&w->server);
	if (!w->server.pid)
		pgserver_start(&w->server);
}

static void a_full_disk_of_the_server_loses_nothing_and_doubles_nothing(void **state)
{
	struct pgworld *w = *state;
	if (!w) {
		print_message("needs root: a file system of its own\n");
		skip();
	}
	for (int i = 0; i < 2; i++) {
		pgworld_talk(w, 1000);
		pgserver_fill(&w->server);
		pgserver_sql(&w->server, "SELECT pg_switch_wal()"); /* the next segment does not fit any more */
		start_when_ended(w);
		pgworld_wait_back(w, BACK_MS);
		pgworld_check(w, 0, "after the server's disk was full");
	}
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM v_inbound WHERE state = 'quarantined'"), 0);
	pgworld_finish(w, FINISH_MS);
	fprintf(stderr, "the server's disk full twice, longest until a command was accepted again %lld ms\n", (long long)w->worst_back_ms);
}

static int up(void **state)
{
	int restarts = pgworld_number("CAUNOI_PG_RESTARTS", RESTARTS);
	*state = pgworld_new(&(struct pgworld_options){ .people = 300 + restarts * PEOPLE_A_RESTART });
	return 0;
}

static int small_disk(void **state)
{
	*state = geteuid() ? NULL : pgworld_new(&(struct pgworld_options){ .people = 1500, .room_bytes = DISK_BYTES });
	return 0;
}

static int down(void **state)
{
	pgworld_free(*state);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_server_started_again_loses_nothing_and_doubles_nothing, up, down),
		cmocka_unit_test_setup_teardown(a_full_disk_of_the_server_loses_nothing_and_doubles_nothing, small_disk, down),
	};
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

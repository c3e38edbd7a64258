/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connection to a real server is lost in and around COMMIT, in the middle of campaigns: the backend is ended at random moments, at the
 * very COMMIT, or the wire breaks before it, behind it, or with its answer under way. The same core goes on every time; what became of
 * the tick is found out, and no message is unclear for it. CAUNOI_PG_KILLS says how often (20), CAUNOI_SEED repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "tests/support/pgworld.h"

#define KILLS 20
#define PEOPLE_A_KILL 60
#define CHECK_EVERY 20
#define BACK_MS 30000
#define HIT_MS 30000
#define FINISH_MS 180000

/* As the server's administrator would: the backend that holds the lease. */
static void end_backend(struct pgworld *w)
{
	engine_sql(&w->g->engine, "SELECT pg_terminate_backend(backend) FROM lease");
}

/* At one of the next commits, whatever that commit is about. */
static void break_commit(struct pgworld *w, enum pgproxy_aim aim)
{
	int64_t before = pgproxy_hits(&w->proxy), until = gateway_mono_ms() + HIT_MS;
	pgproxy_aim(&w->proxy, aim, 1 + (int)random_below(&w->random, 5), (int)random_below(&w->random, 1500));
	while (pgproxy_hits(&w->proxy) == before) {
		if (gateway_mono_ms() > until)
			fail_msg("no commit within %d ms", HIT_MS);
		pgworld_talk(w, 5);
	}
}

static void lose_connection(struct pgworld *w, int i)
{
	enum pgproxy_aim aim = (enum pgproxy_aim)(i % PGPROXY_AIMS);
	pgworld_talk(w, (int)random_below(&w->random, 150));
	if (aim == PGPROXY_NOTHING)
		end_backend(w);
	else
		break_commit(w, aim);
	pgworld_wait_back(w, BACK_MS);
}

static int count_in_log(struct pgworld *w, const char *words)
{
	OWN(mem) char *text = gateway_log(w->g);
	int n = 0;
	for (const char *p = text; (p = strstr(p, words)); p += strlen(words))
		n++;
	return n;
}

static void a_connection_lost_in_commit_loses_nothing_and_doubles_nothing(void **state)
{
	struct pgworld *w = *state;
	int kills = pgworld_number("CAUNOI_PG_KILLS", KILLS);
	for (int i = 0; i < kills; i++) {
		lose_connection(w, i);
		if (i % CHECK_EVERY == CHECK_EVERY - 1)
			pgworld_check(w, 0, "after a lost connection");
	}
	pgworld_finish(w, FINISH_MS);
	int decided = count_in_log(w, "is committed\n"), again = count_in_log(w, "is not committed, runs again");
	fprintf(stderr, "%d connections lost: %d ticks unknown and found committed, %d found not committed, longest until a command was accepted again %lld ms\n",
		kills, decided, again, (long long)w->worst_back_ms);
	assert_true(decided >= kills / PGPROXY_AIMS); /* at least those whose answer was kept back */
}

static int up(void **state)
{
	int kills = pgworld_number("CAUNOI_PG_KILLS", KILLS);
	*state = pgworld_new(&(struct pgworld_options){ .proxied = true, .people = 300 + kills * PEOPLE_A_KILL });
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
		cmocka_unit_test_setup_teardown(a_connection_lost_in_commit_loses_nothing_and_doubles_nothing, up, down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

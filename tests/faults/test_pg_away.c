/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wire to a real server is cut, stalled or half torn under load. The core goes on answering; what arrives at the modem is kept in the
 * spool, a stop among it holds from then on, and all of it is told once, in order, when the server is back, also when the core is killed
 * while the server is away or while the spool is being told. CAUNOI_PG_AWAY says how often (3), CAUNOI_SEED repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/pgworld.h"

#define ROUNDS 3
#define PEOPLE 450
#define SLOW "{\"op\":\"mode\",\"latency_ms\":2000}"
#define QUICK "{\"op\":\"mode\",\"latency_ms\":25}"
#define AWAY_MS 15000
#define ANSWER_MS 1500
#define SPOOLED_MS 40000
#define BACK_MS 30000
#define FINISH_MS 180000
#define ARRIVALS 3

enum killed { NEVER, WHILE_AWAY, WHILE_TOLD, KILLED_WAYS };

/* Entries of the spool as another process sees them. */
static int64_t spooled(struct pgworld *w)
{
	char file[GATEWAY_PATH_MAX + 16];
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	int64_t n = 0;
	snprintf(file, sizeof(file), "%s/spool.db", w->g->data);
	if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "SELECT count(*) FROM entry", -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

/* A command that the core refuses because the database is away; how long that took. */
static int64_t refused_after(struct pgworld *w)
{
	int64_t began = gateway_mono_ms();
	OWN(json) json_t *reply = gateway_command(w->g, "message.send", json_pack("{s:s,s:s,s:s}", "to", "+84911111111", "text", "Khong gui", "class", "service"));
	if (!reply)
		fail_msg("the core went away");
	if (json_flag(reply, "ok", false))
		return -1;
	assert_string_equal(json_str(json_object_get(reply, "error"), "rule", ""), "unavailable");
	return gateway_mono_ms() - began;
}

static void wait_away(struct pgworld *w)
{
	load_forget(w->load);
	int64_t until = gateway_mono_ms() + AWAY_MS;
	while (refused_after(w) < 0)
		if (gateway_mono_ms() > until)
			fail_msg("the core does not notice that the server is away");
	int64_t took = refused_after(w);
	assert_in_range(took, 0, ANSWER_MS);
}

static void deliver_stop(struct pgworld *w, int64_t person)
{
	char op[160];
	w->load->n_delivered++;
	snprintf(op, sizeof(op), "{\"op\":\"deliver\",\"from\":\"+84%lld\",\"text\":\"TC\"}", (long long)person);
	simmodem_tell(&w->g->modem, op);
}

/* What arrives at the modem while nobody can write it into the database. */
static void hear(struct pgworld *w, bool stop)
{
	int64_t want = spooled(w) + ARRIVALS + stop, until = gateway_mono_ms() + SPOOLED_MS;
	if (stop)
		deliver_stop(w, INT64_C(905000000) + PEOPLE / 3 - 1); /* the last of the slow campaign */
	for (int i = 0; i < ARRIVALS; i++)
		load_deliver(w->load);
	while (spooled(w) < want) {
		if (gateway_mono_ms() > until)
			fail_msg("%lld of %lld entries are in the spool", (long long)spooled(w), (long long)want);
		gateway_pause_ms(50);
	}
}

static void kill_core(struct pgworld *w)
{
	load_forget(w->load);
	gateway_kill(w->g);
	assert_true(gateway_children_gone(w->g, 1000));
}

static void one_round(struct pgworld *w, enum pgproxy_mode mode, enum killed killed, bool stop)
{
	pgworld_talk(w, 500);
	pgproxy_set(&w->proxy, mode);
	wait_away(w);
	hear(w, stop);
	if (killed == WHILE_AWAY)
		kill_core(w);
	pgproxy_set(&w->proxy, PGPROXY_PASS);
	if (killed == WHILE_TOLD) {
		gateway_pause_ms((long)random_below(&w->random, 400));
		kill_core(w);
	}
	if (killed != NEVER)
		gateway_start(w->g);
	pgworld_wait_back(w, BACK_MS);
	pgworld_check(w, killed != NEVER, "after the server was away");
	gateway_wait(w->g, "what waited in the spool is told", "SELECT count(*) = 0 FROM v_inbound WHERE state = 'received'", BACK_MS);
}

static void what_arrives_while_the_server_is_away_is_told_once_and_in_order(void **state)
{
	static const enum pgproxy_mode modes[] = { PGPROXY_CUT, PGPROXY_STALL, PGPROXY_HALF };
	struct pgworld *w = *state;
	int rounds = pgworld_number("CAUNOI_PG_AWAY", ROUNDS);
	for (int i = 0; i < rounds; i++)
		one_round(w, modes[(size_t)i % COUNT_OF(modes)], (enum killed)((i + i / 3) % KILLED_WAYS), i == 0);
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM v_optout WHERE lifted_seq IS NULL"), 1);
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM v_msg WHERE state = 'suppressed' AND campaign IS NOT NULL"), 1);
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM inbound a JOIN inbound b ON b.id > a.id AND b.channel = a.channel WHERE "
					      "a.channel = 'sim1' AND b.received_at < a.received_at"), 0);
	simapi_tell(&w->g->once, QUICK);
	load_finish(w->load, FINISH_MS);
	fprintf(stderr, "%d times without the server, longest until a command was accepted again %lld ms\n", rounds, (long long)w->worst_back_ms);
}

static int up(void **state)
{
	struct pgworld *w = pgworld_new(&(struct pgworld_options){ .proxied = true, .modem = true });
	*state = w;
	load_deliver(w->load);
	gateway_wait(w->g, "the modem works", "SELECT count(*) FROM inbound WHERE channel = 'sim1'", SPOOLED_MS);
	simapi_tell(&w->g->once, SLOW);
	pgworld_campaigns(w, PEOPLE);
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
		cmocka_unit_test_setup_teardown(what_arrives_while_the_server_is_away_is_told_once_and_in_order, up, down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

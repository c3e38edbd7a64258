/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine of the first server loses its power in the middle of campaigns; the second, which followed in step, becomes the server. The
 * core was told of both: it goes on, what it acknowledged is there, and a receiver of events was told how every message ended. CAUNOI_SEED
 * repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/support/pgworld.h"
#include "tests/support/receiver.h"

#define PEOPLE 1500
#define BACK_MS 20000
#define FINISH_MS 180000

#define KEY "khoa-cua-may-nhan-tin-bao"
#define HOOK "webhooks = ( { name = \"may\"; url = \"http://127.0.0.1:%d/in\"; secret = \"may.hook\"; events = [ \"message\" ]; timeout_s = 5; } );\n"

struct world {
	struct pgworld *pg;
	struct receiver *receiver;
	char folder[32], secret[48];
};

/* How many messages of which something is told are in another state than the last one that was. */
static int64_t count_told_wrong(const struct world *w)
{
	OWN(json) json_t *states = receiver_states(w->receiver);
	OWN(buffer) struct buffer sql = { 0 };
	const json_t *last;
	const char *id;
	assert_int_equal(buffer_puts(&sql, "WITH told (id, state) AS (VALUES (0, '')"), 0);
	json_object_foreach (states, id, last)
		assert_int_equal(buffer_printf(&sql, ", (%s, '%s')", id, json_string_value(last)), 0);
	assert_int_equal(buffer_puts(&sql, ") SELECT count(*) FROM message m LEFT JOIN told t ON t.id = m.id WHERE m.state IN ('sent', 'unclear', "
					   "'delivered', 'failed', 'expired', 'suppressed', 'cancelled') AND coalesce(t.state, '') <> m.state"), 0);
	return gateway_scalar(w->pg->g, buffer_text(&sql));
}

static void a_synchronous_standby_takes_over_and_the_core_goes_on(void **state)
{
	const struct world *world = *state;
	struct pgworld *w = world->pg;
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
	gateway_start(w->g); /* for what was still to be told when it stopped */
	gateway_wait(w->g, "the receiver told", "SELECT count(*) = 0 FROM webhook_event", FINISH_MS);
	assert_int_equal(count_told_wrong(world), 0);
	gateway_stop(w->g);
	assert_int_equal(receiver_n_bad(world->receiver), 0);
	fprintf(stderr, "the second server was promoted %lld ms after the first was gone, the core worked on it %lld ms after\n", (long long)promoted,
		(long long)back);
}

static int up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char more[256];
	*state = w;
	snprintf(w->folder, sizeof(w->folder), "/tmp/caunoi-hook-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->secret, sizeof(w->secret), "%s/may.hook", w->folder);
	FILE *f = fopen(w->secret, "w");
	assert_true(f && fputs(KEY "\n", f) >= 0 && !fclose(f) && !chmod(w->secret, 0600));
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", w->folder, 1), 0);
	w->receiver = receiver_start(KEY);
	snprintf(more, sizeof(more), HOOK, receiver_port(w->receiver));
	w->pg = pgworld_new(&(struct pgworld_options){ .standby = true, .people = PEOPLE, .more = more });
	return 0;
}

static int down(void **state)
{
	struct world *w = *state;
	pgworld_free(w->pg);
	receiver_stop(w->receiver);
	unlink(w->secret);
	rmdir(w->folder);
	free(w);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_synchronous_standby_takes_over_and_the_core_goes_on, up, down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a core that waits for the lease: it says who is active and refuses all else, hands its spool on, and goes on by itself when the
 * lease is free. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/spool.h"
#include "gateway/standby.h"
#include "tests/support/fake_store.h"
#include "tests/support/sim_driver.h"

struct rig {
	struct fixture *f;
	struct fake_store *fake;
	struct standby *standby;
	struct peer *cli;
};

static struct rig start(void)
{
	struct rig r = { .f = fixture_new(SIM_CONFIG("")) };
	struct complaint c = { 0 };
	r.fake = fake_store_before(r.f->db);
	r.fake->lease = E_AGAIN;
	r.fake->active = "may-a";
	assert_int_equal(standby_new(r.f->core, &r.standby), 0);
	assert_int_equal(standby_ask(r.standby, &c), E_AGAIN);
	r.cli = core_peer_add(r.f->core, PEER_CLIENT);
	return r;
}

static void end(struct rig *r)
{
	standby_free(r->standby);
	fixture_free(r->f);
}

static json_t *ask(struct rig *r, const char *frame)
{
	sim_driver_say(r->cli, "%s", frame);
	assert_int_equal(standby_tick(r->standby), 0);
	OWN(json) json_t *frames = sim_driver_read(r->cli);
	assert_int_equal(json_array_size(frames), 1);
	return json_incref(json_array_get(frames, 0));
}

static void standby_names_the_active_core_and_refuses_all_else(void **state)
{
	(void)state;
	struct rig r = start();
	static const struct {
		const char *label, *frame;
		int status;
	} cases[] = {
		{ "a status as a command", "{\"op\":\"command\",\"id\":4,\"verb\":\"status\"}", 200 },
		{ "a status as a query", "{\"op\":\"query\",\"id\":4,\"verb\":\"status\"}", 200 },
		{ "a command", "{\"op\":\"command\",\"id\":4,\"verb\":\"message.send\",\"args\":{}}", 503 },
		{ "a query", "{\"op\":\"query\",\"id\":4,\"verb\":\"inbox.list\"}", 503 },
		{ "an upload", "{\"op\":\"put\",\"id\":4,\"data\":\"\"}", 503 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		print_message("%s\n", cases[i].label);
		OWN(json) json_t *f = ask(&r, cases[i].frame);
		assert_int_equal(json_int(f, "id", 0), 4);
		const json_t *error = json_object_get(f, "error"), *rows = json_object_get(f, "rows");
		assert_int_equal(error ? json_int(error, "status", 0) : 200, cases[i].status);
		const json_t *shape = rows ? json_array_get(rows, 0) : json_object_get(f, "result");
		assert_non_null(strstr(error ? json_str(error, "text", "") : json_str(shape, "active", ""), "may-a"));
		if (!error)
			assert_string_equal(json_str(shape, "role", ""), "standby");
	}
	assert_int_equal(r.fake->commits, 0);
	end(&r);
}

static void standby_asks_twice_a_second_and_ends_with_the_lease(void **state)
{
	(void)state;
	struct rig r = start();
	r.fake->lease = 0; /* free from now on, but it is not asked at once */
	assert_int_equal(standby_tick(r.standby), 0);
	assert_int_equal(standby_due_mono_ms(r.standby) - clock_mono_ms(&r.f->clock), 500);
	clock_advance(&r.f->clock, 500);
	assert_int_equal(standby_tick(r.standby), E_EXISTS);
	end(&r);
}

static void standby_outlives_a_database_that_is_away_and_stops_where_it_is_refused(void **state)
{
	(void)state;
	struct rig r = start();
	r.fake->lease = E_UNAVAILABLE;
	for (int i = 0; i < 20; i++) {
		clock_advance(&r.f->clock, 500);
		assert_int_equal(standby_tick(r.standby), 0);
	}
	OWN(json) json_t *f = ask(&r, "{\"op\":\"query\",\"id\":4,\"verb\":\"status\"}");
	assert_false(json_flag(json_array_get(json_object_get(f, "rows"), 0), "store_reached", true));
	r.fake->lease = E_REFUSED;
	clock_advance(&r.f->clock, 500);
	assert_int_equal(standby_tick(r.standby), E_REFUSED);
	assert_true(standby_complaint(r.standby)->text[0] != '\0');
	end(&r);
}

static void put_one(struct rig *r)
{
	struct complaint c = { 0 };
	struct spool *s = NULL;
	OWN(json) json_t *said = json_pack("{s:s,s:{s:s,s:s,s:s,s:s}}", "channel", "sim1", "frame", "op", "inbound", "id", "m1", "from",
					   "+84912345678", "text", "TC");
	json_t *entries[] = { said };
	assert_int_equal(spool_open(r->f->data_dir, r->f->seal, &r->f->random, &s, &c), 0);
	assert_int_equal(spool_put(s, entries, 1, clock_now_ms(&r->f->clock)), 0);
	spool_close(s);
}

static void spool_of_a_former_active_core_is_handed_on_and_counted_until_then(void **state)
{
	(void)state;
	struct rig r = start();
	put_one(&r);
	r.fake->away = true; /* it can ask, but not write */
	clock_advance(&r.f->clock, 500);
	assert_int_equal(standby_tick(r.standby), 0);
	OWN(json) json_t *there = ask(&r, "{\"op\":\"command\",\"id\":4,\"verb\":\"status\"}");
	assert_int_equal(json_int(json_object_get(there, "result"), "spooled", -1), 1);
	r.fake->away = false;
	clock_advance(&r.f->clock, 500);
	assert_int_equal(standby_tick(r.standby), 0);
	OWN(json) json_t *after = ask(&r, "{\"op\":\"command\",\"id\":4,\"verb\":\"status\"}");
	assert_int_equal(json_int(json_object_get(after, "result"), "spooled", -1), 0);
	assert_int_equal(sim_int(r.f, "SELECT count(*) FROM spooled WHERE done_at IS NULL AND box IS NOT NULL"), 1);
	assert_int_equal(sim_int(r.f, "SELECT count(*) FROM inbound"), 0); /* the active core tells it */
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standby_names_the_active_core_and_refuses_all_else),
		cmocka_unit_test(standby_asks_twice_a_second_and_ends_with_the_lease),
		cmocka_unit_test(standby_outlives_a_database_that_is_away_and_stops_where_it_is_refused),
		cmocka_unit_test(spool_of_a_former_active_core_is_handed_on_and_counted_until_then),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

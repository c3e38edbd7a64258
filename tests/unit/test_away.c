/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a store that can be away: a commit of unknown outcome is decided before anything else, what is acknowledged is on a disk, what
 * waited is told once and in order, a stop among it holds before anything is sent, and a lost lease lets nothing out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/consent.h"
#include "gateway/registry.h"
#include "gateway/replay.h"
#include "gateway/spool.h"
#include "tests/support/fake_store.h"
#include "tests/support/sim_driver.h"

#define NUMBER "+84912345678"

struct rig {
	struct fixture *f;
	struct fake_store *fake;
	struct peer *driver, *cli, *web;
	char *own_store; /* as the fixture has it */
};

/* ---- what the commands and handlers of this test do ---- */

static void write_wording(struct store *db, const char *text)
{
	struct statement *st = store_prepare_text(db, "INSERT INTO wording (text) VALUES ($text)");
	bind_text(st, "$text", text);
	assert_int_equal(store_run(st), 0);
	store_drop(st);
}

static int put_wording(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	(void)why;
	const char *text = json_str(c->args, "text", "");
	struct statement *st = store_prepare_text(t->in.db, "INSERT INTO wording (text) VALUES ($text)");
	bind_text(st, "$text", text);
	int r = store_run(st);
	store_drop(st);
	if (!strcmp(text, "spoilt"))
		((struct fake_store *)(uintptr_t)t->in.db->ops)->spoilt = true;
	*ret = json_object();
	return r;
}

static const struct verb_arg text_arg[] = { { .name = "text", .type = ARG_TEXT, .help_en = "t", .help_vi = "t" } };
static const struct verb verbs[] = {
	{ .noun = "test", .name = "put", .kind = VERB_COMMAND, .roles = ROLES_ALL, VERB_ARGS(text_arg), .command = put_wording, .help_en = "t",
	  .help_vi = "t" },
};
static const struct verb_table table = VERB_TABLE(verbs);
static const struct verb_table *const tables[] = { &table };
static const struct registry registry = { .tables = tables, .n_tables = 1 };

static int intake(struct tick *t, const struct inbound *in, struct handled *ret)
{
	bool is_new;
	*ret = (struct handled){ .kind = "filed", .handled_by = "test", .result = "filed", .why = "test" };
	if (!strcmp(in->text, "refuse me"))
		return E_INVALID;
	return strcmp(in->text, "TC") ? 0 : consent_opt_out(t, in->address, "campaign", &(struct consent_proof){ .inbound = in->id }, &is_new);
}

/* ---- the rig ---- */

/* From here on the core takes its store for one that others know too. */
static void put_before(struct fixture *f)
{
	f->mine = fake_store_before(f->db);
	free(f->config->store);
	f->config->store = strdup("postgresql://db/caunoi");
}

static void connect_all(struct rig *r)
{
	r->fake = r->f->mine;
	r->driver = sim_driver_connect(r->f, 0, SIM_ONCE);
	r->cli = core_peer_add(r->f->core, PEER_CLIENT);
	r->web = core_peer_add(r->f->core, PEER_WEB);
	r->cli->uid = 0;
	sim_tick(r->f);
	sim_tick(r->f);
}

/* As kill -9 and a start while the store answers. */
static void restart(struct rig *r)
{
	fixture_close_core(r->f);
	clock_advance(&r->f->clock, 1000);
	free(r->f->config->store);
	r->f->config->store = strdup(r->own_store);
	fixture_open_core(r->f);
	connect_all(r);
}

static struct rig start(void)
{
	struct rig r = { .f = fixture_new(SIM_CONFIG("")) };
	r.f->wiring = (struct wiring){ .registry = &registry, .intake = intake };
	r.f->opened = put_before;
	r.own_store = strdup(r.f->config->store);
	restart(&r);
	return r;
}

static void end(struct rig *r)
{
	free(r->f->config->store);
	r->f->config->store = r->own_store;
	fixture_free(r->f);
}

static void ask(struct rig *r, int id, const char *text)
{
	sim_driver_say(r->cli, "{\"op\":\"command\",\"id\":%d,\"verb\":\"test.put\",\"args\":{\"text\":\"%s\"}}", id, text);
}

static void say(struct rig *r, const char *id, const char *text)
{
	sim_driver_say(r->driver, "{\"op\":\"inbound\",\"id\":\"%s\",\"from\":\"" NUMBER "\",\"text\":\"%s\"}", id, text);
}

static void hook(struct rig *r, int id, const char *text)
{
	sim_driver_say(r->web, "{\"op\":\"hook\",\"id\":%d,\"channel\":\"sim1\",\"items\":[{\"kind\":\"inbound\",\"inbound\":{\"id\":\"\","
			       "\"from\":\"" NUMBER "\",\"text\":\"%s\"}}]}", id, text);
}

/* The only reply that p got: its status, 200 when it went well; 0 none. */
static int64_t replied(struct peer *p, int id)
{
	OWN(json) json_t *frames = sim_driver_read(p);
	if (!json_array_size(frames))
		return 0;
	assert_int_equal(json_array_size(frames), 1);
	const json_t *f = json_array_get(frames, 0);
	assert_string_equal(json_str(f, "op", ""), "reply");
	assert_int_equal(json_int(f, "id", 0), id);
	return json_flag(f, "ok", false) ? 200 : json_int(json_object_get(f, "error"), "status", -1);
}

static void wait_back(struct rig *r)
{
	r->fake->away = false;
	for (int i = 0; i < 4; i++)
		sim_wait(r->f, 250);
}

/* All rows of one column, with commas between; the caller's. */
static char *column(struct fixture *f, const char *sql)
{
	struct statement *st = store_prepare_text(f->db, sql);
	OWN(buffer) struct buffer all = { 0 };
	assert_int_equal(buffer_puts(&all, ""), 0);
	while (store_row(st) > 0)
		assert_int_equal(buffer_printf(&all, "%s%s", buffer_left(&all) ? "," : "", column_text(st, 0)), 0);
	store_drop(st);
	return MOVE(all.data);
}

#define wordings(r) column((r)->f, "SELECT text FROM wording ORDER BY id")
#define texts(r) column((r)->f, "SELECT text FROM inbound ORDER BY seq")
#define inbounds(r) sim_int((r)->f, "SELECT count(*) FROM inbound")

/* ---- a commit of unknown outcome ---- */

static void unknown_commit_is_decided_before_anything_leaves_or_runs(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		enum fake_commit how;
		int attempts; /* one that was committed unseen is withdrawn and followed by another */
	} cases[] = { { "the server had committed", FAKE_COMMIT_UNSEEN, 2 }, { "the server had not", FAKE_COMMIT_LOST, 1 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		print_message("%s\n", cases[i].label);
		struct rig r = start();
		int64_t id = sim_put(r.f, &(struct sim_message){ .class = CLASS_SERVICE }), tick = r.f->core->tick_n;
		r.fake->next_commit = cases[i].how;
		ask(&r, 1, "one");
		say(&r, "m1", "xin chao");
		sim_tick(r.f);
		for (int k = 0; k < 3; k++) {
			sim_wait(r.f, 250);
			assert_int_equal(buffer_left(&r.cli->out) + buffer_left(&r.driver->out), 0);
		}
		assert_true(r.fake->decides >= 3);
		ask(&r, 2, "two"); /* not part of it: told at once */
		sim_tick(r.f);
		assert_int_equal(replied(r.cli, 2), 503);
		wait_back(&r);
		assert_int_equal(replied(r.cli, 1), 200);
		OWN(json) json_t *frames = sim_driver_read(r.driver);
		assert_int_equal(json_array_size(frames), 2); /* stored, submit: once each */
		assert_text(wordings(&r), "one");
		assert_int_equal(inbounds(&r), 1);
		assert_state(r.f, id, "sending");
		assert_int_equal(sim_int(r.f, "SELECT count(*) FROM attempt"), cases[i].attempts);
		assert_int_equal(sim_int(r.f, "SELECT count(*) FROM attempt WHERE outcome IS NULL"), 1);
		assert_int_equal(r.f->core->channels[0].in_flight, 1);
		assert_int_equal(sim_int(r.f, "SELECT tick FROM node"), r.f->core->tick_n);
		assert_true(r.f->core->tick_n > tick);
		end(&r);
	}
}

static void what_became_forbidden_while_undecided_does_not_leave(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		int64_t away_ms;
		bool stops;
		const char *then;
	} cases[] = {
		{ "nothing happened", 1000, false, "sending" },
		{ "night fell", INT64_C(16) * 3600000, false, "held" },
		{ "its validity ended", INT64_C(25) * 3600000, false, "expired" },
		{ "the person stopped it", 1000, true, "suppressed" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		print_message("%s\n", cases[i].label);
		struct rig r = start();
		int64_t id = sim_put(r.f, &(struct sim_message){ .class = CLASS_SOCIAL_POLICY });
		r.fake->next_commit = FAKE_COMMIT_UNSEEN;
		sim_tick(r.f);
		assert_true(r.f->core->undecided.is);
		clock_advance(&r.f->clock, cases[i].away_ms);
		if (cases[i].stops)
			say(&r, "m1", "TC");
		sim_tick(r.f);
		OWN(json) json_t *meanwhile = sim_driver_read(r.driver);
		for (size_t k = 0; k < json_array_size(meanwhile); k++)
			assert_string_not_equal(json_str(json_array_get(meanwhile, k), "op", ""), "submit");
		wait_back(&r);
		assert_state(r.f, id, cases[i].then);
		assert_text(sim_text(r.f, "SELECT outcome FROM attempt ORDER BY id LIMIT 1"), "not_sent");
		int leaves = !strcmp(cases[i].then, "sending");
		assert_int_equal(sim_driver_attempt(r.driver), leaves ? sim_int(r.f, "SELECT max(id) FROM attempt") : 0);
		assert_int_equal(r.f->core->channels[0].in_flight, leaves);
		assert_int_equal(r.f->core->withdrawn.n, 0);
		end(&r);
	}
}

static void driver_lost_while_undecided_was_never_handed_its_frames(void **state)
{
	(void)state;
	struct rig r = start();
	int64_t id = sim_put(r.f, &(struct sim_message){ .class = CLASS_SERVICE });
	r.fake->next_commit = FAKE_COMMIT_UNSEEN;
	sim_tick(r.f);
	sim_driver_lose(r.f, r.driver);
	wait_back(&r);
	assert_text(sim_text(r.f, "SELECT outcome FROM attempt"), "not_sent");
	assert_state(r.f, id, "retry");
	assert_int_equal(r.f->core->channels[0].in_flight, 0);
	end(&r);
}

static void driver_lost_while_an_earlier_loss_is_undecided_is_settled_too(void **state)
{
	(void)state;
	struct rig r = start();
	int64_t id = sim_put(r.f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(r.f);
	assert_true(sim_driver_attempt(r.driver) > 0); /* written: in doubt when the driver goes */
	sim_driver_lose(r.f, r.driver);
	r.fake->next_commit = FAKE_COMMIT_UNSEEN;
	r.driver = sim_driver_connect(r.f, 0, NULL);
	assert_true(r.f->core->undecided.is);
	sim_driver_lose(r.f, r.driver);
	wait_back(&r);
	assert_null(r.f->core->lost);
	assert_state(r.f, id, "unclear");
	end(&r);
}

/* The spool is told before the loss of the old driver is decided: what that brings to its turn is not the new one's yet. */
static void part_that_the_old_driver_was_never_handed_goes_to_the_new_one_once(void **state)
{
	(void)state;
	struct rig r = start();
	char text[200];
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	sim_driver_lose(r.f, r.driver);
	r.driver = sim_driver_connect(r.f, 0, SIM_MODEM);
	int64_t id = sim_put(r.f, &(struct sim_message){ .class = CLASS_SERVICE, .text = text });
	sim_tick(r.f);
	r.fake->away = true;
	sim_driver_result(r.driver, sim_driver_attempt(r.driver), "accepted", ",\"reference\":\"7\"");
	sim_tick(r.f);
	r.fake->away = false;
	r.fake->next_commit = FAKE_COMMIT_LOST; /* with it the second part's frame */
	sim_wait(r.f, 1000);
	r.fake->away = true;
	sim_driver_lose(r.f, r.driver);
	r.driver = sim_driver_connect(r.f, 0, SIM_MODEM);
	wait_back(&r);
	assert_int_equal(sim_driver_count(r.driver, "submit"), sim_int(r.f, "SELECT count(*) FROM attempt WHERE part = 2 AND outcome IS NULL"));
	assert_state(r.f, id, "retry");
	sim_wait(r.f, 60000);
	assert_int_equal(sim_driver_count(r.driver, "submit"), 1);
	end(&r);
}

static void undecided_tick_of_a_core_that_lost_its_lease_stops_it(void **state)
{
	(void)state;
	struct rig r = start();
	r.fake->next_commit = FAKE_COMMIT_UNSEEN;
	ask(&r, 1, "one");
	sim_tick(r.f);
	r.fake->fenced = true;
	assert_int_equal(core_tick(r.f->core), E_BROKEN);
	assert_int_equal(buffer_left(&r.cli->out), 0);
	end(&r);
}

static void lost_lease_lets_nothing_out_and_stops(void **state)
{
	(void)state;
	struct rig r = start();
	int64_t id = sim_put(r.f, &(struct sim_message){ .class = CLASS_SERVICE });
	r.fake->next_commit = FAKE_COMMIT_FENCED;
	ask(&r, 1, "one");
	say(&r, "m1", "xin chao");
	assert_int_equal(core_tick(r.f->core), E_BROKEN);
	assert_int_equal(core_tick(r.f->core), E_BROKEN); /* and stays so */
	assert_int_equal(buffer_left(&r.cli->out) + buffer_left(&r.driver->out), 0);
	assert_state(r.f, id, "queued");
	assert_int_equal(spool_count(r.f->core->spool), 0);
	end(&r);
}

/* ---- changes that show their fault late ---- */

static void late_fault_is_the_own_frames_alone(void **state)
{
	(void)state;
	struct rig r = start();
	ask(&r, 1, "one");
	ask(&r, 2, "spoilt");
	ask(&r, 3, "three");
	say(&r, "m1", "xin chao");
	sim_tick(r.f);
	OWN(json) json_t *frames = sim_driver_read(r.cli);
	assert_int_equal(json_array_size(frames), 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(json_flag(json_array_get(frames, (size_t)i), "ok", i == 1), i != 1);
	assert_text(wordings(&r), "one,three");
	assert_int_equal(inbounds(&r), 1);
	assert_int_equal(sim_driver_count(r.driver, "stored"), 1);
	end(&r);
}

static void what_a_driver_said_once_is_not_dropped_because_there_was_no_room(void **state)
{
	(void)state;
	struct rig r = start();
	r.fake->full = "inbox";
	ask(&r, 1, "spoilt"); /* the frames of this tick run one by one */
	say(&r, "m1", "xin chao");
	sim_tick(r.f);
	assert_int_equal(sim_driver_count(r.driver, "stored"), 0);
	r.fake->full = NULL;
	wait_back(&r);
	assert_int_equal(inbounds(&r), 1);
	assert_int_equal(sim_driver_count(r.driver, "stored"), 1);
	end(&r);
}

/* ---- away ---- */

static void away_store_keeps_what_is_said_and_tells_it_in_order(void **state)
{
	(void)state;
	struct rig r = start();
	r.fake->away = true;
	say(&r, "m1", "mot");
	ask(&r, 1, "never");
	sim_tick(r.f);
	assert_int_equal(replied(r.cli, 1), 503);
	assert_int_equal(sim_driver_count(r.driver, "stored"), 1);
	hook(&r, 7, "hai");
	sim_wait(r.f, 250);
	assert_int_equal(replied(r.web, 7), 200);
	say(&r, "m3", "ba");
	sim_wait(r.f, 250);
	assert_int_equal(sim_driver_count(r.driver, "stored"), 1);
	assert_int_equal(spool_count(r.f->core->spool), 3);
	assert_int_equal(inbounds(&r), 0);
	say(&r, "m4", "bon"); /* comes with the store */
	wait_back(&r);
	assert_text(texts(&r), "mot,hai,ba,bon");
	assert_int_equal(spool_count(r.f->core->spool), 0);
	assert_int_equal(sim_driver_count(r.driver, "stored"), 1);
	assert_text(wordings(&r), "");
	assert_int_equal(sim_int(r.f, "SELECT count(*) FROM inbound WHERE state <> 'handled'"), 0);
	assert_int_equal(sim_int(r.f, "SELECT count(*) FROM spooled WHERE done_at IS NULL OR box IS NOT NULL"), 0);
	/* each came when it came, not when it was told */
	assert_true(sim_int(r.f, "SELECT max(received_at) - min(received_at) FROM inbound WHERE text IN ('mot', 'ba')") >= 500);
	end(&r);
}

/* What is told under the new clock is written once under it, and not moved as if it stood there before the jump. */
static void clock_set_while_the_store_is_away_moves_nothing_that_is_told(void **state)
{
	(void)state;
	const int64_t jump_ms = INT64_C(86400000);
	struct rig r = start();
	r.fake->away = true;
	sim_driver_say(r.driver, "{\"op\":\"inbound\",\"id\":\"p1\",\"from\":\"" NUMBER "\",\"text\":\"mot\",\"udh\":{\"ref\":7,\"total\":2,\"part\":1}}");
	sim_tick(r.f);
	assert_int_equal(spool_count(r.f->core->spool), 1);
	r.f->clock.sim_now_ms += jump_ms;
	wait_back(&r);
	assert_int_equal(inbounds(&r), 1);
	int64_t due = sim_int(r.f, "SELECT due_at FROM inbound WHERE state = 'waiting'"), now = clock_now_ms(&r.f->clock);
	assert_true(due > now && due <= now + INT64_C(10) * 60000);
	end(&r);
}

static void result_and_receipt_of_an_away_time_prove_the_message(void **state)
{
	(void)state;
	static const char *const lives[] = { "the core lives", "the core is killed before the store is back" };
	for (int killed = 0; killed < 2; killed++) {
		print_message("%s\n", lives[killed]);
		struct rig r = start();
		int64_t id = sim_put(r.f, &(struct sim_message){ .class = CLASS_SERVICE });
		sim_tick(r.f);
		int64_t attempt = sim_driver_attempt(r.driver);
		assert_true(attempt > 0);
		r.fake->away = true;
		sim_driver_result(r.driver, attempt, "accepted", ",\"reference\":\"77\"");
		sim_driver_say(r.driver, "{\"op\":\"receipt\",\"id\":\"r1\",\"reference\":\"77\",\"status\":\"delivered\"}");
		sim_tick(r.f);
		assert_int_equal(sim_driver_count(r.driver, "stored"), 1);
		assert_int_equal(r.f->core->channels[0].in_flight, 0); /* it answered in time */
		assert_state(r.f, id, "sending");
		if (killed)
			restart(&r);
		wait_back(&r);
		assert_state(r.f, id, "delivered");
		assert_int_equal(sim_int(r.f, "SELECT count(*) FROM attempt"), 1);
		assert_int_equal(r.f->core->channels[0].in_flight, 0);
		end(&r);
	}
}

static void optout_in_the_spool_stops_the_claims_of_this_core(void **state)
{
	(void)state;
	static const char *const lives[] = { "the core lives", "it is found in the spool at the start" };
	for (int killed = 0; killed < 2; killed++) {
		print_message("%s\n", lives[killed]);
		struct rig r = start();
		r.fake->away = true;
		say(&r, "m1", "TC");
		sim_tick(r.f);
		assert_int_equal(sim_driver_count(r.driver, "stored"), 1);
		r.fake->away = false;
		/* 07:00 and later: campaigns may go */
		clock_advance(&r.f->clock, INT64_C(3) * 3600000);
		int64_t id = sim_put(r.f, &(struct sim_message){ .class = CLASS_SOCIAL_POLICY, .expires_at = FIXTURE_NOW_MS + INT64_C(90) * 3600000 });
		if (killed)
			restart(&r);
		for (int i = 0; i < 5; i++)
			sim_wait(r.f, 250);
		assert_state(r.f, id, "suppressed");
		assert_int_equal(sim_driver_count(r.driver, "submit"), 0);
		assert_int_equal(sim_int(r.f, "SELECT count(*) FROM optout"), 1);
		assert_false(r.f->core->behind);
		end(&r);
	}
}

/* ---- between the two databases ---- */

static void copy_file(const char *from, const char *to)
{
	char data[65536];
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	assert_non_null(in);
	assert_non_null(out);
	for (size_t n; (n = fread(data, 1, sizeof(data), in)) > 0;)
		assert_int_equal(fwrite(data, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

static void paths(const struct rig *r, char spool[128], char copy[128])
{
	snprintf(spool, 128, "%s/spool.db", r->f->data_dir);
	snprintf(copy, 128, "%s/spool.copy", r->f->dir);
}

static void kill_between_the_databases_tells_nothing_twice(void **state)
{
	(void)state;
	struct rig r = start();
	char spool[128], copy[128];
	paths(&r, spool, copy);
	r.fake->away = true;
	say(&r, "m1", "mot");
	hook(&r, 7, "khong co ma"); /* without an id: nothing else would tell the second telling */
	sim_driver_say(r.driver, "{\"op\":\"receipt\",\"id\":\"r1\",\"reference\":\"88\",\"status\":\"delivered\"}");
	sim_tick(r.f);
	assert_int_equal(spool_count(r.f->core->spool), 3);
	spool_close(r.f->core->spool);
	r.f->core->spool = NULL;
	copy_file(spool, copy);
	restart(&r);
	wait_back(&r);
	assert_int_equal(inbounds(&r), 2);
	assert_int_equal(spool_count(r.f->core->spool), 0);
	/* the commit in the database is there, the one in the spool never happened */
	spool_close(r.f->core->spool);
	r.f->core->spool = NULL;
	copy_file(copy, spool);
	restart(&r);
	assert_int_equal(spool_count(r.f->core->spool), 0);
	assert_int_equal(inbounds(&r), 2);
	assert_int_equal(sim_int(r.f, "SELECT count(*) FROM parked_receipt"), 1);
	assert_int_equal(sim_int(r.f, "SELECT count(*) FROM spooled"), 3);
	end(&r);
}

static void unknown_commit_while_telling_tells_nothing_twice(void **state)
{
	(void)state;
	static const enum fake_commit how[] = { FAKE_COMMIT_UNSEEN, FAKE_COMMIT_LOST };
	for (size_t i = 0; i < COUNT_OF(how); i++) {
		struct rig r = start();
		r.fake->away = true;
		hook(&r, 7, "khong co ma");
		sim_tick(r.f);
		r.fake->away = false;
		r.fake->next_commit = how[i];
		sim_wait(r.f, 250);
		assert_true(r.f->core->undecided.is);
		wait_back(&r);
		assert_int_equal(inbounds(&r), 1);
		assert_int_equal(spool_count(r.f->core->spool), 0);
		end(&r);
	}
}

static void entry_that_the_handlers_refuse_is_set_aside_not_lost(void **state)
{
	(void)state;
	struct rig r = start();
	OWN(json) json_t *bad = json_pack("{s:s,s:[{s:s}]}", "channel", "sim1", "items", "kind", "nothing known");
	json_t *entries[] = { bad };
	assert_int_equal(spool_put(r.f->core->spool, entries, 1, clock_now_ms(&r.f->clock)), 0);
	r.fake->away = true;
	say(&r, "m1", "mot");
	sim_tick(r.f);
	wait_back(&r);
	assert_int_equal(inbounds(&r), 1); /* the rest goes on */
	assert_int_equal(spool_count(r.f->core->spool), 0);
	assert_int_equal(sim_int(r.f, "SELECT count(*) FROM spooled WHERE error IS NOT NULL AND box IS NOT NULL"), 1);
	end(&r);
}

/* A core that stands by is killed between its two commits, and hands the same entries on again after they were told. */
static void spool_of_another_core_is_told_once(void **state)
{
	(void)state;
	struct rig r = start();
	struct complaint c = { 0 };
	char spool[128], copy[128];
	snprintf(spool, sizeof(spool), "%s/spool.db", r.f->dir); /* another folder, the same key */
	snprintf(copy, sizeof(copy), "%s/spool.copy", r.f->dir);
	OWN(json) json_t *said = json_pack("{s:s,s:[{s:s,s:{s:s,s:s}}]}", "channel", "no-longer-there", "items", "kind", "inbound", "inbound",
					   "from", NUMBER, "text", "TC");
	json_t *entries[] = { said };
	for (int twice = 0; twice < 2; twice++) {
		struct spool *theirs = NULL;
		int64_t left = -1;
		if (twice)
			copy_file(copy, spool);
		assert_int_equal(spool_open(r.f->dir, r.f->seal, &r.f->random, &theirs, &c), 0);
		if (!twice) {
			assert_int_equal(spool_put(theirs, entries, 1, clock_now_ms(&r.f->clock)), 0);
			spool_close(theirs);
			copy_file(spool, copy);
			assert_int_equal(spool_open(r.f->dir, r.f->seal, &r.f->random, &theirs, &c), 0);
		}
		assert_int_equal(replay_hand_on(r.f->db, theirs, "other", &left), 0);
		assert_int_equal(left, 0);
		spool_close(theirs);
		for (int i = 0; i < 8; i++)
			sim_wait(r.f, 500);
		assert_int_equal(inbounds(&r), 1);
		assert_int_equal(sim_int(r.f, "SELECT count(*) FROM optout"), 1);
		assert_int_equal(sim_int(r.f, "SELECT count(*) FROM spooled WHERE done_at IS NULL"), 0);
	}
	end(&r);
}

/* ---- bounds and secrecy ---- */

/* Somebody looks at a screen now: nothing of theirs is kept for later. */
static void input_of_a_menu_is_answered_that_it_cannot_be_taken(void **state)
{
	(void)state;
	struct rig r = start();
	r.fake->away = true;
	say(&r, "m1", "mot");
	sim_driver_say(r.web, "{\"op\":\"ussd\",\"id\":9,\"door\":\"main\",\"session\":\"s\",\"from\":\"" NUMBER "\",\"input\":\"\"}");
	sim_tick(r.f);
	assert_int_equal(replied(r.web, 9), 503);
	wait_back(&r);
	assert_int_equal(inbounds(&r), 1);
	end(&r);
}

static void full_disk_is_never_acknowledged(void **state)
{
	(void)state;
	struct rig r = start();
	r.fake->away = true;
	r.f->core->low_disk = true;
	say(&r, "m1", "mot");
	hook(&r, 7, "hai");
	sim_tick(r.f);
	assert_int_equal(sim_driver_count(r.driver, "stored"), 0);
	assert_int_equal(replied(r.web, 7), 503);
	for (int i = 0; i < 600; i++)
		say(&r, "m2", "nua");
	for (int i = 0; i < 4; i++)
		sim_wait(r.f, 250);
	assert_true(r.driver->doomed); /* it is started again, and says once more what nobody acknowledged */
	assert_true(r.f->core->n_frames <= 512);
	r.f->core->low_disk = false;
	wait_back(&r);
	assert_int_equal(inbounds(&r), 0);
	end(&r);
}

static bool file_holds(const char *path, const char *words)
{
	FILE *in = fopen(path, "r");
	if (!in)
		return false;
	char data[1 << 16];
	size_t n = fread(data, 1, sizeof(data), in);
	fclose(in);
	return memmem(data, n, words, strlen(words)) != NULL;
}

static void spool_holds_no_number_and_no_word_in_clear(void **state)
{
	(void)state;
	struct rig r = start();
	char file[128], log[140], copy[128];
	r.fake->away = true;
	say(&r, "m1", "mot loi rieng tu");
	sim_tick(r.f);
	assert_int_equal(spool_count(r.f->core->spool), 1);
	paths(&r, file, copy);
	snprintf(log, sizeof(log), "%s-wal", file);
	static const char *const secret[] = { "912345678", "rieng tu", "sim1" };
	for (size_t i = 0; i < COUNT_OF(secret); i++)
		assert_false(file_holds(file, secret[i]) || file_holds(log, secret[i]));
	assert_true(file_holds(log, "WAL") || file_holds(file, "SQLite"));
	end(&r);
}

static void heartbeat_is_answered_while_the_store_is_away(void **state)
{
	(void)state;
	struct rig r = start();
	r.fake->away = true;
	sim_driver_say(r.driver, "{\"op\":\"ping\",\"n\":5}");
	sim_driver_say(r.driver, "{\"op\":\"ready\",\"credit\":0}");
	sim_tick(r.f);
	assert_int_equal(sim_driver_count(r.driver, "pong"), 1);
	assert_int_equal(r.f->core->channels[0].credit, 0);
	assert_int_equal(r.f->core->n_frames, 0);
	end(&r);
}

/* A mark inside a mark whose end fails, then the outer one is taken back; how many rows and counts are left in the commit. */
static void mark_that_cannot_be_kept_takes_back_its_own_and_no_other(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		int unkept, stuck, committed;
	} cases[] = { { "kept", 0, 0, 0 }, { "not kept", 1, 0, 0 }, { "neither kept nor undone", 1, 1, E_UNAVAILABLE } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rig r = start();
		struct tick t;
		struct tick_mark *outer, *inner;
		core_tick_begin(r.f->core, &t);
		assert_int_equal(store_begin(r.f->db), 0);
		assert_int_equal(tick_mark(&t, &outer), 0);
		write_wording(r.f->db, "outer");
		tick_flow(&t, 7, MESSAGE_STATES, MESSAGE_QUEUED);
		assert_int_equal(tick_mark(&t, &inner), 0);
		write_wording(r.f->db, "inner");
		tick_flow(&t, 7, MESSAGE_STATES, MESSAGE_QUEUED);
		r.fake->unkept = cases[i].unkept;
		r.fake->stuck = cases[i].stuck;
		assert_int_equal(tick_mark_end(&t, inner, true), cases[i].unkept ? E_NOMEM : 0);
		assert_int_equal(tick_flow_pending(r.f->core, 7, MESSAGE_QUEUED), cases[i].unkept ? 1 : 2);
		assert_int_equal(tick_mark_end(&t, outer, false), 0);
		assert_int_equal(tick_flow_pending(r.f->core, 7, MESSAGE_QUEUED), 0);
		if (core_tick_commit(r.f->core, &t) != cases[i].committed)
			fail_msg("%s: the commit", cases[i].label);
		assert_int_equal(store_scalar(r.f->db, "SELECT count(*) FROM wording", -1), 0);
		end(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_commit_is_decided_before_anything_leaves_or_runs),
		cmocka_unit_test(what_became_forbidden_while_undecided_does_not_leave),
		cmocka_unit_test(driver_lost_while_undecided_was_never_handed_its_frames),
		cmocka_unit_test(driver_lost_while_an_earlier_loss_is_undecided_is_settled_too),
		cmocka_unit_test(part_that_the_old_driver_was_never_handed_goes_to_the_new_one_once),
		cmocka_unit_test(undecided_tick_of_a_core_that_lost_its_lease_stops_it),
		cmocka_unit_test(lost_lease_lets_nothing_out_and_stops),
		cmocka_unit_test(late_fault_is_the_own_frames_alone),
		cmocka_unit_test(what_a_driver_said_once_is_not_dropped_because_there_was_no_room),
		cmocka_unit_test(away_store_keeps_what_is_said_and_tells_it_in_order),
		cmocka_unit_test(clock_set_while_the_store_is_away_moves_nothing_that_is_told),
		cmocka_unit_test(result_and_receipt_of_an_away_time_prove_the_message),
		cmocka_unit_test(optout_in_the_spool_stops_the_claims_of_this_core),
		cmocka_unit_test(kill_between_the_databases_tells_nothing_twice),
		cmocka_unit_test(unknown_commit_while_telling_tells_nothing_twice),
		cmocka_unit_test(entry_that_the_handlers_refuse_is_set_aside_not_lost),
		cmocka_unit_test(spool_of_another_core_is_told_once),
		cmocka_unit_test(input_of_a_menu_is_answered_that_it_cannot_be_taken),
		cmocka_unit_test(full_disk_is_never_acknowledged),
		cmocka_unit_test(spool_holds_no_number_and_no_word_in_clear),
		cmocka_unit_test(heartbeat_is_answered_while_the_store_is_away),
		cmocka_unit_test(mark_that_cannot_be_kept_takes_back_its_own_and_no_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the tick: one transaction, nothing leaves before its commit, what is refused leaves nothing behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/registry.h"
#include "tests/support/sim_driver.h"

/* What the test's own verbs and duty do; the fixture's "mine". */
struct plan {
	bool refuse_commit; /* the duty leaves a broken reference behind: COMMIT says no */
	bool duty_fails;    /* the duty writes and fails */
	int duty_runs;
};

static int write_wording(struct tick *t, const char *text)
{
	struct statement *st = store_prepare_text(t->in.db, "INSERT INTO wording (text) VALUES ($text)");
	bind_text(st, "$text", text);
	int r = store_run(st);
	store_drop(st);
	return r;
}

static int verb_good(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	(void)why;
	*ret = json_object();
	return write_wording(t, json_str(c->args, "text", ""));
}

static int verb_bad(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	(void)ret;
	int r = write_wording(t, json_str(c->args, "text", ""));
	tick_flow(t, 1, MESSAGE_STATES, MESSAGE_QUEUED);
	tick_changed(t, "case");
	return r ? r : refuse(why, E_REFUSED, 409, "too_late", "text", "seen only after writing");
}

static int verb_unavailable(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	(void)t;
	(void)c;
	(void)ret;
	return refuse(why, E_UNAVAILABLE, 503, "asleep", "", "the other end sleeps");
}

static const struct verb_arg text_arg[] = {
	{ .name = "text", .type = ARG_TEXT, .max = 250000, .help_en = "text", .help_vi = "text" },
};
#define TEST_VERB(word, fn)                                                                                                                \
	{                                                                                                                                  \
		.noun = "test", .name = word, .kind = VERB_COMMAND, .roles = ROLES_ALL, VERB_ARGS(text_arg), .command = fn,                \
		.help_en = "t", .help_vi = "t"                                                                                             \
	}
static const struct verb verbs[] = { TEST_VERB("good", verb_good), TEST_VERB("bad", verb_bad), TEST_VERB("unavailable", verb_unavailable) };
static const struct verb_table table = VERB_TABLE(verbs);
static const struct verb_table *const tables[] = { &table };
static const struct registry registry = { .tables = tables, .n_tables = COUNT_OF(tables) };

static struct plan *plan_of(struct tick *t)
{
	return ((struct fixture *)t->core->loop)->mine;
}

static int duty(struct tick *t, int64_t *ret_due_at)
{
	struct plan *p = plan_of(t);
	p->duty_runs++;
	*ret_due_at = 0;
	if (p->duty_fails) {
		int r = write_wording(t, "duty");
		return r ? r : E_INVALID;
	}
	if (!p->refuse_commit)
		return 0;
	int r = store_script(t->in.db, engine_is_postgresql() ? "ALTER TABLE optout ALTER CONSTRAINT optout_address_fkey INITIALLY DEFERRED"
							     : "PRAGMA defer_foreign_keys=ON");
	return r ? r : store_script(t->in.db, "INSERT INTO optout (address, scope, seq, at) VALUES (999999, 'all', 1, 1)");
}

static const struct duty duties[] = { { .name = "test", .run = duty } };

static int intake(struct tick *t, const struct inbound *in, struct handled *ret)
{
	(void)t;
	(void)in;
	*ret = (struct handled){ .kind = "filed", .handled_by = "test", .result = "filed", .why = "test" };
	return 0;
}

static struct fixture *start(struct plan *p)
{
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	f->mine = p;
	f->wiring = (struct wiring){ .registry = &registry, .duties = duties, .n_duties = 1, .intake = intake };
	return f;
}

static struct peer *client(struct fixture *f, enum peer_kind kind)
{
	struct peer *p = core_peer_add(f->core, kind);
	p->uid = 0;
	return p;
}

static void ask(struct peer *p, int id, const char *verb, const char *text)
{
	sim_driver_say(p, "{\"op\":\"command\",\"id\":%d,\"verb\":\"test.%s\",\"args\":{\"text\":\"%s\"}}", id, verb, text);
}

#define wordings(f) sim_int(f, "SELECT count(*) FROM wording")

static void nothing_leaves_before_the_commit(void **state)
{
	(void)state;
	struct plan plan = { .refuse_commit = true };
	struct fixture *f = start(&plan);
	plan.refuse_commit = false;
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t id = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	plan.refuse_commit = true;
	sim_driver_say(p, "{\"op\":\"inbound\",\"id\":\"m1\",\"from\":\"+84912345678\",\"text\":\"xin chao\"}");
	for (int i = 0; i < 3; i++) {
		sim_tick(f);
		assert_int_equal(buffer_left(&p->out), 0);
		assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound"), 0);
		assert_state(f, id, "queued");
		assert_int_equal(f->core->channels[0].in_flight, 0);
	}
	plan.refuse_commit = false;
	sim_tick(f);
	OWN(json) json_t *frames = sim_driver_read(p);
	assert_int_equal(json_array_size(frames), 2); /* stored, submit */
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound WHERE state = 'handled'"), 1);
	assert_state(f, id, "sending");
	assert_int_equal(f->core->channels[0].in_flight, 1);
	fixture_free(f);
}

static void refused_commit_answers_unavailable_and_keeps_driver_frames(void **state)
{
	(void)state;
	struct plan plan = { 0 };
	struct fixture *f = start(&plan);
	struct peer *driver = sim_driver_connect(f, 0, SIM_HTTP), *cli = client(f, PEER_CLIENT), *web = client(f, PEER_WEB);
	plan.refuse_commit = true;
	ask(cli, 7, "good", "a");
	sim_driver_say(web, "{\"op\":\"hook\",\"id\":8,\"channel\":\"sim1\",\"items\":[{\"kind\":\"inbound\",\"inbound\":{\"id\":\"h\","
			    "\"from\":\"+84912345678\",\"text\":\"b\"}}]}");
	sim_driver_say(driver, "{\"op\":\"inbound\",\"id\":\"m1\",\"from\":\"+84912345678\",\"text\":\"c\"}");
	sim_tick(f);
	struct peer *const told[] = { cli, web };
	for (int i = 0; i < 2; i++) {
		OWN(json) json_t *frames = sim_driver_read(told[i]);
		assert_int_equal(json_array_size(frames), 1);
		const json_t *reply = json_array_get(frames, 0), *error = json_object_get(reply, "error");
		assert_int_equal(json_int(reply, "id", 0), 7 + i);
		assert_false(json_flag(reply, "ok", true));
		assert_int_equal(json_int(error, "status", 0), 503);
		assert_string_equal(json_str(error, "rule", ""), "unavailable");
	}
	assert_true(core_due_mono_ms(f->core) > clock_mono_ms(&f->clock)); /* not at once again and again */
	plan.refuse_commit = false;
	sim_wait(f, 200);
	assert_int_equal(sim_driver_count(driver, "stored"), 1);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound"), 1); /* the hook's is the provider's to repeat */
	assert_int_equal(wordings(f), 0);
	fixture_free(f);
}

static void answer_of_a_peer_is_kept_over_a_refused_commit(void **state)
{
	(void)state;
	struct plan plan = { 0 };
	struct fixture *f = fixture_new(NULL);
	f->mine = &plan;
	f->wiring.duties = duties;
	f->wiring.n_duties = 1;
	f->wiring.intake = intake;
	struct peer *driver = sim_driver_connect(f, 0, SIM_HTTP), *cli = client(f, PEER_CLIENT);
	sim_driver_say(cli, "{\"op\":\"command\",\"id\":5,\"verb\":\"loopback.heard\",\"args\":{\"number\":\"+84912345678\"}}");
	sim_tick(f);
	OWN(mem) char *id = sim_driver_field(driver, "heard", 0, "id");
	assert_non_null(id);
	plan.refuse_commit = true;
	sim_driver_say(driver, "{\"op\":\"answer\",\"id\":\"%s\",\"result\":[]}", id);
	sim_tick(f);
	assert_int_equal(sim_driver_count(cli, "reply"), 0);
	plan.refuse_commit = false;
	sim_wait(f, 300);
	assert_int_equal(sim_driver_count(cli, "reply"), 1);
	assert_int_equal(f->core->n_pending, 0);
	fixture_free(f);
}

static void answer_of_the_query_process_is_kept_too(void **state)
{
	(void)state;
	struct plan plan = { 0 };
	struct fixture *f = start(&plan);
	struct peer *query = client(f, PEER_QUERY);
	sim_driver_say(query, "{\"op\":\"answer\",\"id\":\"999\",\"result\":1}");
	plan.refuse_commit = true;
	sim_tick(f);
	assert_int_equal(buffer_left(&query->out), 0); /* nobody there waits for a reply */
	assert_int_equal(f->core->n_frames, 1);
	plan.refuse_commit = false;
	sim_wait(f, 300);
	assert_int_equal(f->core->n_frames, 0);
	fixture_free(f);
}

static void overdue_answer_is_told_even_when_the_first_commit_is_refused(void **state)
{
	(void)state;
	struct plan plan = { 0 };
	struct fixture *f = fixture_new(NULL);
	f->mine = &plan;
	f->wiring.duties = duties;
	f->wiring.n_duties = 1;
	sim_driver_connect(f, 0, SIM_HTTP);
	struct peer *cli = client(f, PEER_CLIENT);
	sim_driver_say(cli, "{\"op\":\"command\",\"id\":5,\"verb\":\"loopback.heard\",\"args\":{\"number\":\"+84912345678\"}}");
	sim_tick(f);
	plan.refuse_commit = true;
	sim_wait(f, 60000);
	assert_int_equal(sim_driver_count(cli, "reply"), 0);
	plan.refuse_commit = false;
	sim_wait(f, 300);
	assert_int_equal(sim_driver_count(cli, "reply"), 1);
	sim_wait(f, 300);
	assert_int_equal(sim_driver_count(cli, "reply"), 0);
	fixture_free(f);
}

static void frame_that_must_be_undone_is_rolled_back_and_run_singly(void **state)
{
	(void)state;
	struct plan plan = { 0 };
	struct fixture *f = start(&plan);
	struct peer *driver = sim_driver_connect(f, 0, SIM_HTTP), *cli = client(f, PEER_CLIENT);
	ask(cli, 1, "good", "one");
	ask(cli, 2, "bad", "two");
	ask(cli, 3, "good", "three");
	sim_driver_say(driver, "{\"op\":\"inbound\",\"id\":\"m1\",\"from\":\"+84912345678\",\"text\":\"c\"}");
	sim_tick(f);
	OWN(json) json_t *frames = sim_driver_read(cli);
	assert_int_equal(json_array_size(frames), 3);
	for (int i = 0; i < 3; i++) {
		const json_t *reply = json_array_get(frames, (size_t)i);
		assert_int_equal(json_int(reply, "id", 0), i + 1);
		assert_int_equal(json_flag(reply, "ok", i == 1), i != 1);
	}
	const json_t *error = json_object_get(json_array_get(frames, 1), "error");
	assert_string_equal(json_str(error, "rule", ""), "too_late");
	assert_string_equal(json_str(error, "field", ""), "text");
	assert_int_equal(json_int(error, "status", 0), 409);
	assert_text(sim_text(f, "SELECT group_concat(text) FROM (SELECT text FROM wording ORDER BY id) AS words"), "one,three");
	assert_int_equal(sim_int(f, "SELECT queued FROM flow WHERE id = 1"), 0); /* its counter is undone too */
	assert_int_equal(sim_driver_count(driver, "stored"), 1);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound"), 1);
	fixture_free(f);
}

static void refusal_before_any_write_leaves_the_tick_alone(void **state)
{
	(void)state;
	struct plan plan = { 0 };
	struct fixture *f = start(&plan);
	struct peer *cli = client(f, PEER_CLIENT);
	ask(cli, 1, "good", "one");
	ask(cli, 2, "unavailable", "");
	ask(cli, 3, "good", "three");
	sim_tick(f);
	OWN(json) json_t *frames = sim_driver_read(cli);
	assert_int_equal(json_array_size(frames), 3);
	assert_string_equal(json_str(json_object_get(json_array_get(frames, 1), "error"), "rule", ""), "asleep");
	assert_int_equal(wordings(f), 2);
	fixture_free(f);
}

static void duty_that_fails_loses_its_writes_and_nothing_else(void **state)
{
	(void)state;
	struct plan plan = { .duty_fails = true };
	struct fixture *f = start(&plan);
	struct peer *cli = client(f, PEER_CLIENT);
	ask(cli, 1, "good", "one");
	sim_tick(f);
	assert_int_equal(sim_driver_count(cli, "reply"), 1);
	assert_text(sim_text(f, "SELECT group_concat(text) FROM wording"), "one");
	int runs = plan.duty_runs;
	sim_wait(f, 1000);
	assert_int_equal(plan.duty_runs, runs); /* it is not tried at every tick */
	sim_wait(f, 5000);
	assert_int_equal(plan.duty_runs, runs + 1);
	fixture_free(f);
}

/* What a full disk does inside a statement: SQLite takes the whole transaction back by itself. */
static void full_disk_within_a_tick_leaves_nothing_half_done(void **state)
{
	(void)state;
	SQLITE_ONLY("a limit of pages");
	struct plan plan = { 0 };
	struct fixture *f = start(&plan);
	struct peer *driver = sim_driver_connect(f, 0, SIM_HTTP), *cli = client(f, PEER_CLIENT);
	int64_t id = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	OWN(mem) char *big = malloc(200001);
	memset(big, 'x', 200000);
	big[200000] = '\0';
	assert_int_equal(store_script(f->db, "PRAGMA max_page_count=1"), 0); /* as many as there are */
	sim_driver_say(driver, "{\"op\":\"status\",\"signal_percent\":1}");
	ask(cli, 1, "good", big);
	sim_tick(f);
	OWN(json) json_t *frames = sim_driver_read(cli);
	assert_int_equal(json_array_size(frames), 1);
	assert_int_equal(json_int(json_object_get(json_array_get(frames, 0), "error"), "status", 0), 503);
	/* whatever became of the message: what the rows say is what the driver got */
	int64_t open = sim_int(f, "SELECT count(*) FROM attempt WHERE handed_at IS NOT NULL");
	assert_int_equal(sim_driver_count(driver, "submit"), open);
	assert_int_equal(f->core->channels[0].in_flight, open);
	assert_int_equal(store_script(f->db, "PRAGMA max_page_count=1000000"), 0);
	for (int i = 0; i < 3; i++)
		sim_wait(f, 300);
	assert_state(f, id, "sending");
	assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt"), 1);
	assert_int_equal(f->core->channels[0].in_flight, 1);
	assert_int_equal(wordings(f), 0);
	fixture_free(f);
}

static void one_command_that_does_not_fit_stops_no_inbound(void **state)
{
	(void)state;
	SQLITE_ONLY("a limit of pages");
	struct plan plan = { 0 };
	struct fixture *f = start(&plan);
	struct peer *driver = sim_driver_connect(f, 0, SIM_HTTP), *cli = client(f, PEER_CLIENT);
	OWN(mem) char *big = malloc(200001);
	memset(big, 'x', 200000);
	big[200000] = '\0';
	assert_int_equal(store_script(f->db, "PRAGMA max_page_count=1"), 0);
	sim_driver_say(driver, "{\"op\":\"inbound\",\"id\":\"m1\",\"from\":\"+84912345678\",\"text\":\"c\"}");
	ask(cli, 1, "good", big);
	for (int i = 0; i < 4; i++)
		sim_wait(f, 300);
	assert_int_equal(sim_driver_count(driver, "stored"), sim_int(f, "SELECT count(*) FROM inbound"));
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound"), 1);
	assert_int_equal(sim_driver_count(cli, "reply"), 1);
	fixture_free(f);
}

static void garbage_dooms_one_peer_and_nobody_else(void **state)
{
	(void)state;
	static const char *const lines[] = { "not json", "[]", "1", "{\"op\":\"ready\",\"op\":\"ready\"}", "{", "", "{\"a\":\"\xff\"}" };
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct plan plan = { 0 };
		struct fixture *f = start(&plan);
		struct peer *driver = sim_driver_connect(f, 0, SIM_HTTP), *cli = client(f, PEER_CLIENT);
		assert_int_equal(peer_input(driver, lines[i], strlen(lines[i])), 0);
		assert_int_equal(peer_input(driver, "\n", 1), 0);
		ask(cli, 1, "good", "one");
		sim_tick(f);
		assert_true(driver->doomed);
		assert_false(cli->doomed);
		assert_int_equal(sim_driver_count(cli, "reply"), 1);
		fixture_free(f);
	}
}

static void unknown_op_is_answered_unsupported(void **state)
{
	(void)state;
	struct plan plan = { 0 };
	struct fixture *f = start(&plan);
	struct peer *driver = sim_driver_connect(f, 0, SIM_HTTP), *cli = client(f, PEER_CLIENT);
	sim_driver_say(driver, "{\"op\":\"dance\"}");
	sim_driver_say(cli, "{\"op\":\"dance\"}");
	sim_tick(f);
	assert_int_equal(sim_driver_count(driver, "unsupported"), 1);
	assert_int_equal(sim_driver_count(cli, "unsupported"), 1);
	assert_false(driver->doomed);
	fixture_free(f);
}

static void frames_beyond_one_tick_wait_for_the_next(void **state)
{
	(void)state;
	struct plan plan = { 0 };
	struct fixture *f = start(&plan);
	struct peer *cli = client(f, PEER_CLIENT);
	for (int i = 0; i < 100; i++)
		ask(cli, i, "good", "x");
	sim_tick(f);
	assert_true(core_has_work(f->core));
	while (core_has_work(f->core))
		sim_tick(f);
	assert_int_equal(sim_driver_count(cli, "reply"), 100);
	assert_int_equal(wordings(f), 100);
	fixture_free(f);
}

static void same_frames_clock_and_seed_give_the_same_bytes(void **state)
{
	(void)state;
	OWN(mem) char *first = NULL;
	for (int run = 0; run < 2; run++) {
		struct plan plan = { 0 };
		struct fixture *f = start(&plan);
		struct peer *driver = sim_driver_connect(f, 0, SIM_MODEM);
		for (int i = 0; i < 10; i++)
			sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
		OWN(buffer) struct buffer all = { 0 };
		for (int i = 0; i < 20; i++) {
			assert_int_equal(buffer_puts(&all, buffer_text(&driver->out)), 0);
			int64_t attempt = sim_driver_attempt(driver);
			if (attempt)
				sim_driver_result(driver, attempt, i % 3 ? "accepted" : "not_sent", "");
			sim_wait(f, 10000);
		}
		if (run == 0)
			first = strdup(buffer_text(&all));
		else
			assert_string_equal(first, buffer_text(&all));
		fixture_free(f);
	}
}

static void idle_tick_waits_for_a_server_a_few_times_only(void **state)
{
	(void)state;
	struct fixture *f = fixture_new("channels = ( " SIM_CHANNEL("sim1", "") ", " SIM_CHANNEL("sim2", "") ", " SIM_CHANNEL("sim3", "") " );\n");
	for (int i = 0; i < 3; i++) /* of the same networks */
		sim_driver_connect(f, i, SIM_HTTP);
	sim_tick(f);
	int64_t ticks = f->core->tick_n;
	for (int i = 0; i < 3; i++) {
		int64_t before = store_round_trips(f->db);
		clock_advance(&f->clock, 5000); /* every duty that looks at messages is due */
		sim_tick(f);
		int64_t waited = store_round_trips(f->db) - before;
		assert_in_range(waited, engine_is_postgresql(), engine_is_postgresql() ? 4 : 0);
	}
	assert_int_equal(f->core->tick_n, ticks + 3);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_leaves_before_the_commit),
		cmocka_unit_test(refused_commit_answers_unavailable_and_keeps_driver_frames),
		cmocka_unit_test(answer_of_a_peer_is_kept_over_a_refused_commit),
		cmocka_unit_test(answer_of_the_query_process_is_kept_too),
		cmocka_unit_test(overdue_answer_is_told_even_when_the_first_commit_is_refused),
		cmocka_unit_test(frame_that_must_be_undone_is_rolled_back_and_run_singly),
		cmocka_unit_test(refusal_before_any_write_leaves_the_tick_alone),
		cmocka_unit_test(duty_that_fails_loses_its_writes_and_nothing_else),
		cmocka_unit_test(full_disk_within_a_tick_leaves_nothing_half_done),
		cmocka_unit_test(one_command_that_does_not_fit_stops_no_inbound),
		cmocka_unit_test(garbage_dooms_one_peer_and_nobody_else),
		cmocka_unit_test(unknown_op_is_answered_unsupported),
		cmocka_unit_test(frames_beyond_one_tick_wait_for_the_next),
		cmocka_unit_test(same_frames_clock_and_seed_give_the_same_bytes),
		cmocka_unit_test(idle_tick_waits_for_a_server_a_few_times_only),
	};
	return cmocka_run_group_tests_name("tick", tests, NULL, NULL);
}

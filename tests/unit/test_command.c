/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of commands: keys, callers, waiting for a peer, uploads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/sim_driver.h"

static struct peer *client(struct fixture *f, enum peer_kind kind, uid_t uid)
{
	struct peer *p = core_peer_add(f->core, kind);
	p->uid = uid;
	return p;
}

/* One command and its reply; the caller's. */
static json_t *ask(struct fixture *f, struct peer *p, const char *verb, const char *args, const char *key)
{
	if (key)
		sim_driver_say(p, "{\"op\":\"command\",\"id\":1,\"verb\":\"%s\",\"args\":%s,\"key\":\"%s\"}", verb, args, key);
	else
		sim_driver_say(p, "{\"op\":\"command\",\"id\":1,\"verb\":\"%s\",\"args\":%s}", verb, args);
	sim_tick(f);
	OWN(json) json_t *frames = sim_driver_read(p);
	assert_int_equal(json_array_size(frames), 1);
	return json_incref(json_array_get(frames, 0));
}

static const char *rule_of(const json_t *reply)
{
	return json_str(json_object_get(reply, "error"), "rule", "");
}

#define SEND "{\"to\":\"+84912345678\",\"text\":\"mot\"}"

static void same_key_gives_first_result(void **state)
{
	(void)state;
	static const struct {
		const char *verb, *args, *count;
	} cases[] = {
		{ "message.send", SEND, "SELECT count(*) FROM message" },
		{ "consent.opt-out", "{\"number\":\"+84912345678\"}",
		  "SELECT count(DISTINCT subject) FROM audit WHERE verb = 'consent.opt-out'" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(NULL);
		struct peer *p = client(f, PEER_CLIENT, 0);
		OWN(json) json_t *first = ask(f, p, cases[i].verb, cases[i].args, "k1");
		print_message("%s %s\n", cases[i].verb, rule_of(first));
		assert_true(json_flag(first, "ok", false));
		fixture_close_core(f); /* the reply was lost with the core */
		clock_advance(&f->clock, 60000);
		fixture_open_core(f);
		p = client(f, PEER_CLIENT, 0);
		OWN(json) json_t *again = ask(f, p, cases[i].verb, cases[i].args, "k1");
		assert_true(json_equal(json_object_get(first, "result"), json_object_get(again, "result")));
		assert_int_equal(sim_int(f, "%s", cases[i].count), 1);
		fixture_free(f);
	}
}

static void key_reused_with_other_arguments_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *verb, *args, *other;
	} cases[] = {
		{ "message.send", SEND, "{\"to\":\"+84912345678\",\"text\":\"hai\"}" },
		{ "message.send", SEND, "{\"to\":\"+84912345679\",\"text\":\"mot\"}" },
		{ "message.send", SEND, "{\"to\":\"+84912345678\",\"text\":\"mot\",\"class\":\"service\"}" },
		{ "message.send", SEND, "{\"to\":\"+84912345678\",\"text\":\"mot\",\"channel\":\"may-ao\"}" },
		{ "message.send", SEND, "{\"to\":\"+84912345678\",\"text\":\"mot\",\"validity-h\":2}" },
		{ "channel.pause", "{\"name\":\"may-ao\"}", "{\"name\":\"may-khac\"}" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(
			"channels = ( { name = \"may-ao\"; driver = \"loopback\"; }, { name = \"may-khac\"; driver = \"loopback\"; } );\n");
		struct peer *p = client(f, PEER_CLIENT, 0);
		OWN(json)
		json_t *first = ask(f, p, cases[i].verb, cases[i].args, "k"),
		       *other = ask(f, p, cases[i].verb, cases[i].other, "k");
		print_message("%s %s\n", cases[i].verb, cases[i].other);
		assert_true(json_flag(first, "ok", false));
		assert_string_equal(rule_of(other), "key_reused");
		assert_int_equal(json_int(json_object_get(other, "error"), "status", 0), 409);
		fixture_free(f);
	}
}

/* The work is done and the file with it, and its sender has not heard. */
static void call_whose_file_is_spent_gets_its_first_result(void **state)
{
	(void)state;
	static const char import[] = "{\"file\":1,\"group\":\"A\",\"basis\":\"b\"}";
	struct fixture *f = fixture_new(NULL);
	struct peer *p = client(f, PEER_CLIENT, 0);
	sim_driver_say(p, "{\"op\":\"put\",\"id\":1,\"data\":\"cGhvbmUKMDkxMjM0NTY3OAo=\"}");
	sim_tick(f);
	json_decref(sim_driver_read(p));
	OWN(json) json_t *first = ask(f, p, "contact.import", import, "k");
	assert_true(json_flag(first, "ok", false));
	sim_sql(f, "DELETE FROM upload_chunk");
	sim_sql(f, "DELETE FROM upload");
	OWN(json) json_t *again = ask(f, p, "contact.import", import, "k"), *other = ask(f, p, "contact.import", import, "k2");
	assert_true(json_equal(json_object_get(first, "result"), json_object_get(again, "result")));
	assert_string_equal(rule_of(other), "no_upload");
	assert_int_equal(sim_int(f, "SELECT count(*) FROM job"), 1);
	fixture_free(f);
}

static void key_of_a_message_lives_as_long_as_the_message(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct peer *p = client(f, PEER_CLIENT, 0);
	OWN(json) json_t *first = ask(f, p, "message.send", SEND, "k"), *paused = ask(f, p, "channel.pause", "{\"name\":\"may-ao\"}", "k");
	for (int day = 0; day < 9; day++)
		sim_wait(f, INT64_C(86400000));
	OWN(json) json_t *again = ask(f, p, "message.send", SEND, "k");
	assert_int_equal(json_int(json_object_get(first, "result"), "id", -1), json_int(json_object_get(again, "result"), "id", -2));
	assert_int_equal(sim_int(f, "SELECT count(*) FROM request"), 0); /* others: seven days */
	fixture_free(f);
}

static void refusal_is_not_kept(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct peer *p = client(f, PEER_CLIENT, 0);
	OWN(json) json_t *first = ask(f, p, "channel.pause", "{\"name\":\"nothing\"}", "k");
	assert_string_equal(rule_of(first), "not_found");
	OWN(json) json_t *second = ask(f, p, "channel.pause", "{\"name\":\"may-ao\"}", "k");
	assert_true(json_flag(second, "ok", false));
	fixture_free(f);
}

static void keys_of_two_actors_do_not_meet(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct peer *p = client(f, PEER_CLIENT, 0);
	sim_sql(f, "INSERT INTO account (name, role, unit, created_at) VALUES ('lan', 'outreach', '02269', 0)");
	OWN(json) json_t *token = ask(f, p, "token.add", "{\"user\":\"lan\",\"name\":\"t\"}", NULL);
	const char *secret = json_str(json_object_get(token, "result"), "token", NULL);
	print_message("%s\n", rule_of(token));
	assert_non_null(secret);
	struct peer *web = client(f, PEER_WEB, 0);
	OWN(json) json_t *mine = ask(f, p, "message.send", SEND, "k");
	sim_driver_say(web, "{\"op\":\"command\",\"id\":1,\"session\":\"%s\",\"verb\":\"message.send\",\"args\":%s,\"key\":\"k\"}", secret,
		       SEND);
	sim_tick(f);
	assert_int_equal(sim_driver_count(web, "reply"), 1);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM message"), 2);
	assert_true(json_flag(mine, "ok", false));
	fixture_free(f);
}

static void nobody_asserts_who_they_are(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		enum peer_kind kind;
		uid_t uid;
		const char *more;
		int status;
	} cases[] = {
		{ "web without session", PEER_WEB, 0, "", 401 },
		{ "web with a session of nobody", PEER_WEB, 0, ",\"session\":\"abcdefghijklmnopqrstuvwxyz\"", 401 },
		{ "query process", PEER_QUERY, 0, "", 401 },
		{ "stranger's uid", PEER_CLIENT, 65533, "", 403 },
		{ "stranger who says an actor", PEER_CLIENT, 65533, ",\"actor\":\"uid:0\",\"role\":\"operator\",\"uid\":0", 403 },
		{ "stranger with an empty session", PEER_CLIENT, 65533, ",\"session\":\"\"", 401 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(NULL);
		struct peer *p = client(f, cases[i].kind, cases[i].uid);
		sim_driver_say(p, "{\"op\":\"command\",\"id\":1,\"verb\":\"message.send\",\"args\":%s%s}", SEND, cases[i].more);
		sim_driver_say(p, "{\"op\":\"put\",\"id\":2,\"data\":\"YQ==\"%s}", cases[i].more);
		sim_tick(f);
		OWN(json) json_t *frames = sim_driver_read(p);
		print_message("%s\n", cases[i].label);
		assert_int_equal(json_array_size(frames), 2);
		for (size_t k = 0; k < 2; k++)
			assert_int_equal(json_int(json_object_get(json_array_get(frames, k), "error"), "status", 0), cases[i].status);
		assert_int_equal(sim_int(f, "SELECT count(*) FROM message"), 0);
		assert_int_equal(sim_int(f, "SELECT count(*) FROM upload"), 0);
		fixture_free(f);
	}
}

static void hook_comes_from_the_web_process_only(void **state)
{
	(void)state;
	static const enum peer_kind kinds[] = { PEER_CLIENT, PEER_QUERY };
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct fixture *f = fixture_new(NULL);
		struct peer *p = client(f, kinds[i], 0);
		sim_driver_say(p, "{\"op\":\"hook\",\"id\":1,\"channel\":\"may-ao\",\"items\":[{\"kind\":\"inbound\",\"inbound\":{\"id\":"
				  "\"a\",\"from\":\"0912345678\",\"text\":\"TC\"}}]}");
		sim_tick(f);
		OWN(json) json_t *frames = sim_driver_read(p);
		assert_false(json_flag(json_array_get(frames, 0), "ok", true));
		assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound"), 0);
		fixture_free(f);
	}
}

static void answer_is_taken_from_the_peer_that_was_asked_only(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(
		"channels = ( { name = \"may-ao\"; driver = \"loopback\"; }, { name = \"may-khac\"; driver = \"loopback\"; } );\n");
	struct peer *asked = sim_driver_connect(f, 0, SIM_HTTP), *other = sim_driver_connect(f, 1, SIM_HTTP);
	struct peer *cli = client(f, PEER_CLIENT, 0), *thief = client(f, PEER_CLIENT, 65533);
	sim_driver_say(
		cli,
		"{\"op\":\"command\",\"id\":1,\"verb\":\"loopback.heard\",\"args\":{\"number\":\"+84912345678\",\"channel\":\"may-ao\"}}");
	sim_tick(f);
	OWN(mem) char *id = sim_driver_field(asked, "heard", 0, "id");
	assert_non_null(id);
	struct peer *const strangers[] = { other, thief };
	for (size_t i = 0; i < 2; i++) {
		sim_driver_say(strangers[i], "{\"op\":\"answer\",\"id\":\"%s\",\"result\":[{\"text\":\"forged\"}]}", id);
		sim_tick(f);
		assert_int_equal(sim_driver_count(cli, "reply"), 0);
	}
	sim_driver_say(asked, "{\"op\":\"answer\",\"id\":\"%s\",\"result\":[{\"text\":\"true\",\"at_ms\":1,\"channel\":\"may-ao\"}]}", id);
	sim_tick(f);
	OWN(json) json_t *frames = sim_driver_read(cli);
	assert_int_equal(json_array_size(frames), 1);
	assert_string_equal(json_str(json_array_get(json_object_get(json_array_get(frames, 0), "result"), 0), "text", ""), "true");
	sim_driver_say(asked, "{\"op\":\"answer\",\"id\":\"%s\",\"result\":[]}", id); /* once more says nothing */
	sim_tick(f);
	assert_int_equal(sim_driver_count(cli, "reply"), 0);
	fixture_free(f);
}

static void caller_that_left_costs_nothing(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct peer *driver = sim_driver_connect(f, 0, SIM_HTTP), *cli = client(f, PEER_CLIENT, 0);
	sim_driver_say(cli, "{\"op\":\"command\",\"id\":1,\"verb\":\"loopback.heard\",\"args\":{\"number\":\"+84912345678\"}}");
	sim_tick(f);
	OWN(mem) char *id = sim_driver_field(driver, "heard", 0, "id");
	core_peer_gone(f->core, cli);
	sim_driver_say(driver, "{\"op\":\"answer\",\"id\":\"%s\",\"result\":[]}", id);
	sim_tick(f);
	assert_int_equal(f->core->n_pending, 0);
	fixture_free(f);
}

static void no_answer_in_time_is_told_once(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct peer *driver = sim_driver_connect(f, 0, SIM_HTTP), *cli = client(f, PEER_CLIENT, 0);
	sim_driver_say(cli, "{\"op\":\"command\",\"id\":9,\"verb\":\"loopback.heard\",\"args\":{\"number\":\"+84912345678\"}}");
	sim_tick(f);
	OWN(mem) char *id = sim_driver_field(driver, "heard", 0, "id");
	sim_wait(f, 61000);
	OWN(json) json_t *frames = sim_driver_read(cli);
	assert_int_equal(json_array_size(frames), 1);
	assert_string_equal(rule_of(json_array_get(frames, 0)), "no_answer");
	sim_driver_say(driver, "{\"op\":\"answer\",\"id\":\"%s\",\"result\":[]}", id);
	sim_tick(f);
	assert_int_equal(sim_driver_count(cli, "reply"), 0);
	fixture_free(f);
}

static void upload_of_another_actor_is_not_found(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct peer *p = client(f, PEER_CLIENT, 0);
	sim_driver_say(p, "{\"op\":\"put\",\"id\":1,\"data\":\"YWJj\"}");
	sim_driver_say(p, "{\"op\":\"put\",\"id\":2,\"upload\":1,\"data\":\"ZGVm\"}");
	sim_driver_say(p, "{\"op\":\"put\",\"id\":3,\"upload\":2,\"data\":\"ZGVm\"}");
	sim_driver_say(p, "{\"op\":\"put\",\"id\":4,\"upload\":1,\"data\":\"!!\"}");
	sim_tick(f);
	OWN(json) json_t *frames = sim_driver_read(p);
	static const bool ok[] = { true, true, false, false };
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(json_flag(json_array_get(frames, i), "ok", !ok[i]), ok[i]);
	assert_int_equal(json_int(json_object_get(json_array_get(frames, 1), "result"), "bytes", 0), 6);
	sim_sql(f, "UPDATE upload SET actor = 'user:lan'");
	sim_driver_say(p, "{\"op\":\"put\",\"id\":5,\"upload\":1,\"data\":\"ZGVm\"}");
	sim_tick(f);
	OWN(json) json_t *last = sim_driver_read(p);
	assert_string_equal(rule_of(json_array_get(last, 0)), "not_found");
	fixture_free(f);
}

static void upload_is_for_roles_that_have_a_use_for_it(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct peer *web = client(f, PEER_WEB, 0);
	static const char *const roles[] = { "auditor", "outreach" };
	for (size_t i = 0; i < COUNT_OF(roles); i++) {
		char user[80], token[80];
		snprintf(user, sizeof(user), "{\"name\":\"%s\",\"role\":\"%s\"}", roles[i], roles[i]);
		snprintf(token, sizeof(token), "{\"user\":\"%s\"}", roles[i]);
		OWN(json) json_t *made = NULL, *given = NULL;
		assert_int_equal(fixture_command(f, "user.add", user, &made, NULL), 0);
		assert_int_equal(fixture_command(f, "token.add", token, &given, NULL), 0);
		sim_driver_say(web, "{\"op\":\"put\",\"id\":1,\"data\":\"YWJj\",\"session\":\"%s\"}", json_str(given, "token", ""));
		sim_tick(f);
		OWN(json) json_t *frames = sim_driver_read(web);
		assert_int_equal(json_array_size(frames), 1);
		assert_string_equal(rule_of(json_array_get(frames, 0)), i ? "" : "role");
		assert_int_equal(sim_int(f, "SELECT count(*) FROM upload"), i);
	}
	fixture_free(f);
}

static void forgotten_uploads_are_deleted_after_a_day(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct peer *p = client(f, PEER_CLIENT, 0);
	for (int i = 0; i < 300; i++)
		sim_driver_say(p, "{\"op\":\"put\",\"id\":1,\"upload\":%d,\"data\":\"YWJj\"}", i ? 1 : 0);
	while (core_has_work(f->core))
		sim_tick(f);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM upload_chunk"), 300);
	for (int i = 0; i < 20; i++)
		sim_wait(f, 3600000);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM upload"), 1);
	for (int i = 0; i < 8; i++)
		sim_wait(f, 3600000);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM upload") + sim_int(f, "SELECT count(*) FROM upload_chunk"), 0);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_key_gives_first_result),
		cmocka_unit_test(key_reused_with_other_arguments_is_refused),
		cmocka_unit_test(call_whose_file_is_spent_gets_its_first_result),
		cmocka_unit_test(key_of_a_message_lives_as_long_as_the_message),
		cmocka_unit_test(refusal_is_not_kept),
		cmocka_unit_test(keys_of_two_actors_do_not_meet),
		cmocka_unit_test(nobody_asserts_who_they_are),
		cmocka_unit_test(hook_comes_from_the_web_process_only),
		cmocka_unit_test(answer_is_taken_from_the_peer_that_was_asked_only),
		cmocka_unit_test(caller_that_left_costs_nothing),
		cmocka_unit_test(no_answer_in_time_is_told_once),
		cmocka_unit_test(upload_of_another_actor_is_not_found),
		cmocka_unit_test(upload_is_for_roles_that_have_a_use_for_it),
		cmocka_unit_test(forgotten_uploads_are_deleted_after_a_day),
	};
	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}

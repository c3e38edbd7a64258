/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of what somebody may not know of: no answer, no id, no code, no first result and no row of the audit tells of it, and every try is
 * in the audit of those who may know. Commands come as frames, from a reviewer of the commune that is accused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/registry.h"
#include "tests/support/sim_driver.h"
#include "tests/support/village.h"

#define ACCUSES "truong thon an chan tien ho tro cua dan"
#define PLAIN "duong thon 5 hong ca thang nay"

struct office {
	struct village *v;
	struct peer *web;
	char token[80];
	struct refusal why; /* of the last query */
};

static int open_office(void **state)
{
	struct office *o = calloc(1, sizeof(*o));
	OWN(json) json_t *given = NULL;
	void *village = NULL;
	assert_non_null(o);
	assert_int_equal(village_settle(&village), 0);
	o->v = village;
	struct fixture *f = o->v->f;
	sim_sql(f, "INSERT INTO account (name, role, unit, created_at) VALUES ('hoa', 'reviewer', '02269', 0)");
	assert_int_equal(fixture_command(f, "token.add", "{\"user\":\"hoa\",\"name\":\"t\"}", &given, NULL), 0);
	snprintf(o->token, sizeof(o->token), "%s", json_str(given, "token", ""));
	o->web = core_peer_add(f->core, PEER_WEB);
	*state = o;
	return 0;
}

static int close_office(void **state)
{
	struct office *o = *state;
	void *village = o->v;
	refusal_done(&o->why);
	free(o);
	return village_leave(&village);
}

/* As hoa; the reply, the caller's. */
static json_t *ask(struct office *o, const char *verb, const char *args, const char *key)
{
	sim_driver_say(o->web, "{\"op\":\"command\",\"id\":1,\"session\":\"%s\",\"verb\":\"%s\",\"args\":%s,\"key\":\"%s\"}", o->token, verb, args, key);
	sim_tick(o->v->f);
	OWN(json) json_t *frames = sim_driver_read(o->web);
	for (size_t i = 0; i < json_array_size(frames); i++)
		if (strcmp(json_str(json_array_get(frames, i), "op", ""), "reply") == 0)
			return json_incref(json_array_get(frames, i));
	fail_msg("%s: no reply", verb);
	return NULL;
}

/* LAN says it, and a case is opened; the id of the message. */
static int64_t say(struct office *o, const char *text)
{
	village_told(o->v, LAN, text, "case ");
	return sim_int(o->v->f, "SELECT max(id) FROM inbound");
}

static int64_t status_of(const json_t *reply)
{
	return json_int(json_object_get(reply, "error"), "status", 200);
}

/* What a query of hoa's leaves for the audit. */
static const char *attempt_of(struct office *o, const char *noun, int id)
{
	const struct verb *v = registry_find(&caunoi_registry, noun, "show");
	OWN(json) json_t *args = json_pack("{s:i}", "id", id), *out = NULL;
	struct call c = { .verb = v, .args = args, .actor = "user:hoa", .role = ROLE_REVIEWER, .unit = "02269" };
	struct scope in = fixture_scope(o->v->f);
	int64_t next;
	refusal_done(&o->why);
	o->why = (struct refusal){ 0 };
	assert_int_equal(v->query(&in, &c, &out, &next, &o->why), E_NOT_FOUND);
	return o->why.attempt;
}

static void every_try_at_a_hidden_case_is_in_the_audit(void **state)
{
	struct office *o = *state;
	static const struct {
		const char *verb, *args;
	} tries[] = {
		{ "case.note", "{\"id\":\"1\",\"text\":\"x\"}" },
		{ "case.reply", "{\"id\":\"1\",\"text\":\"x\"}" },
		{ "case.reveal", "{\"id\":\"1\",\"reason\":\"x\"}" },
		{ "case.restrict", "{\"id\":\"1\",\"lift\":true,\"reason\":\"x\"}" },
		{ "case.bulk", "{\"ids\":\"1,99\",\"do\":\"move\",\"to\":\"triaged\"}" },
	};
	say(o, ACCUSES);
	assert_int_equal(sim_int(o->v->f, "SELECT count(*) FROM casefile WHERE id = 1 AND restricted = 1"), 1);
	for (size_t i = 0; i < COUNT_OF(tries); i++) {
		OWN(json) json_t *reply = ask(o, tries[i].verb, tries[i].args, tries[i].verb);
		OWN(mem) char *text = json_text(reply);
		int64_t n = sim_int(o->v->f, "SELECT count(*) FROM audit WHERE actor = 'user:hoa' AND verb = '%s' AND subject = 'case:1'", tries[i].verb);
		if (n != 1)
			fail_msg("%s: %lld rows: %s", tries[i].verb, (long long)n, text);
	}
	OWN(json) json_t *none = ask(o, "case.note", "{\"id\":\"77\",\"text\":\"x\"}", "none");
	assert_int_equal(status_of(none), 404);
	assert_int_equal(sim_int(o->v->f, "SELECT count(*) FROM audit WHERE actor = 'user:hoa'"), COUNT_OF(tries));
	/* nor what belongs to it */
	OWN(json) json_t *refiled = ask(o, "inbox.refile", "{\"id\":1,\"kind\":\"ack\"}", "r");
	assert_int_equal(status_of(refiled), 404);
	assert_int_equal(sim_int(o->v->f, "SELECT count(*) FROM audit WHERE verb = 'inbox.refile' AND subject = 'inbound:1' AND actor = 'user:hoa'"), 1);
	assert_string_equal(attempt_of(o, "message", 1), "message:1");
	assert_string_equal(attempt_of(o, "message", 99), "");
	assert_string_equal(attempt_of(o, "inbox", 1), "inbound:1");
	assert_int_equal(sim_int(o->v->f, "SELECT count(*) FROM case_event WHERE who = 'user:hoa'"), 0);
}

static bool audit_tells(struct office *o, const char *unit, const char *what)
{
	struct call c = { .verb = registry_find(&caunoi_registry, "audit", "list"), .args = json_object(), .actor = "user:kiem", .role = ROLE_AUDITOR,
			  .unit = unit };
	OWN(json) json_t *args = (json_t *)(uintptr_t)c.args, *list = NULL;
	struct scope in = fixture_scope(o->v->f);
	int64_t next = 0;
	assert_int_equal(c.verb->query(&in, &c, &list, &next, NULL), 0);
	OWN(mem) char *text = json_text(list);
	return strstr(text, what) != NULL;
}

static void audit_rows_of_its_messages_are_hidden_as_it_is(void **state)
{
	struct office *o = *state;
	OWN(json) json_t *row = NULL, *note = NULL;
	char args[80];
	int64_t id = say(o, ACCUSES);
	snprintf(args, sizeof(args), "{\"id\":%lld,\"kind\":\"feedback\",\"topic\":\"TRUCLOI\"}", (long long)id);
	assert_int_equal(fixture_command(o->v->f, "inbox.refile", args, &row, NULL), 0);
	note = ask(o, "case.note", "{\"id\":\"1\",\"text\":\"x\"}", "k");
	static const char *const told[] = { "inbox.refile", "inbound:", "case.note", "case:1" };
	for (size_t i = 0; i < COUNT_OF(told); i++) {
		print_message("%s\n", told[i]);
		assert_true(audit_tells(o, "", told[i]));
		assert_false(audit_tells(o, "02269", told[i]));
	}
}

static void the_same_words_written_down_tell_of_no_hidden_case(void **state)
{
	struct office *o = *state;
	say(o, PLAIN);
	OWN(json) json_t *hidden = NULL;
	assert_int_equal(fixture_command(o->v->f, "case.restrict", "{\"id\":\"1\",\"accused\":\"02269\",\"reason\":\"x\"}", &hidden, NULL), 0);
	OWN(mem) char *code = sim_text(o->v->f, "SELECT code FROM casefile WHERE id = 1");
	OWN(json) json_t *reply = ask(o, "case.new", "{\"text\":\"" PLAIN "\",\"number\":\"" LAN "\"}", "k");
	OWN(mem) char *text = json_text(reply);
	assert_int_equal(status_of(reply), 200);
	assert_null(strstr(text, code));
	assert_int_equal(json_int(json_object_get(reply, "result"), "id", 0), 2);
	assert_int_equal(sim_int(o->v->f, "SELECT count(*) FROM case_event WHERE casefile = 1 AND what = 'joined'"), 0);
	/* whoever may know of it adds a voice to it */
	OWN(json) json_t *again = NULL;
	assert_int_equal(fixture_command(o->v->f, "case.new", "{\"text\":\"" PLAIN "\",\"number\":\"" LAN "\"}", &again, NULL), 0);
	assert_int_equal(json_int(again, "id", 0), 1);
}

static void a_first_result_is_not_repeated_once_its_case_is_hidden(void **state)
{
	struct office *o = *state;
	say(o, PLAIN);
	OWN(json) json_t *first = ask(o, "case.note", "{\"id\":\"1\",\"text\":\"xem\"}", "k"), *again = ask(o, "case.note", "{\"id\":\"1\",\"text\":\"xem\"}", "k");
	assert_int_equal(status_of(first), 200);
	assert_true(json_equal(json_object_get(first, "result"), json_object_get(again, "result")));
	OWN(json) json_t *hidden = NULL;
	assert_int_equal(fixture_command(o->v->f, "case.restrict", "{\"id\":\"1\",\"accused\":\"02269\",\"reason\":\"x\"}", &hidden, NULL), 0);
	OWN(json) json_t *later = ask(o, "case.note", "{\"id\":\"1\",\"text\":\"xem\"}", "k");
	OWN(json) json_t *none = ask(o, "case.note", "{\"id\":\"77\",\"text\":\"xem\"}", "k2");
	assert_true(json_equal(json_object_get(later, "error"), json_object_get(none, "error")));
	assert_int_equal(sim_int(o->v->f, "SELECT count(*) FROM audit WHERE verb = 'case.note' AND actor = 'user:hoa' AND subject = 'case:1'"), 2);
}

static void a_refiling_that_hides_is_done_and_shows_no_more(void **state)
{
	struct office *o = *state;
	char args[80];
	int64_t id = say(o, PLAIN);
	snprintf(args, sizeof(args), "{\"id\":%lld,\"kind\":\"feedback\",\"topic\":\"TRUCLOI\"}", (long long)id);
	OWN(json) json_t *reply = ask(o, "inbox.refile", args, "k"), *again = ask(o, "inbox.refile", args, "k");
	assert_true(json_flag(json_object_get(reply, "result"), "hidden", false));
	assert_true(json_equal(reply, again));
	assert_null(json_object_get(json_object_get(reply, "result"), "result"));
	assert_int_equal(sim_int(o->v->f, "SELECT restricted FROM casefile WHERE id = 1"), 1);
}

static void only_the_person_takes_back_that_nothing_may_be_sent(void **state)
{
	struct office *o = *state;
	OWN(json) json_t *stopped = NULL;
	assert_int_equal(fixture_command(o->v->f, "consent.opt-out", "{\"number\":\"" LAN "\",\"scope\":\"all\"}", &stopped, NULL), 0);
	OWN(json) json_t *reply = ask(o, "case.new", "{\"text\":\"" PLAIN "\",\"number\":\"" LAN "\"}", "k");
	assert_int_equal(status_of(reply), 200);
	assert_int_equal(sim_int(o->v->f, "SELECT count(*) FROM optout WHERE scope = 'all' AND lifted_seq IS NULL"), 1);
	say(o, "PA cau treo thon 5 sap roi");
	assert_int_equal(sim_int(o->v->f, "SELECT count(*) FROM optout WHERE scope = 'all' AND lifted_seq IS NULL"), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_office, close_office)
int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_try_at_a_hidden_case_is_in_the_audit),
		CASE(audit_rows_of_its_messages_are_hidden_as_it_is),
		CASE(the_same_words_written_down_tell_of_no_hidden_case),
		CASE(a_first_result_is_not_repeated_once_its_case_is_hidden),
		CASE(a_refiling_that_hides_is_done_and_shows_no_more),
		CASE(only_the_person_takes_back_that_nothing_may_be_sent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

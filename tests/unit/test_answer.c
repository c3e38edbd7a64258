/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of answering queries: who asks is found and never believed, roles bind, a ticket serves once, a page fits a frame. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "console/query/answer.h"
#include "gateway/base/json.h"
#include "gateway/store/store.h"
#include "gateway/ticket.h"
#include "tests/support/fake_store.h"
#include "tests/support/sim_driver.h"

#define STRANGER 4294900000u

static int disclose(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)in;
	(void)ret_next;
	(void)why;
	*ret = json_pack("{s:s,s:s}", "actor", c->actor, "number", json_str(c->args, "number", ""));
	return 0;
}

static int wide(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)in;
	(void)why;
	char text[1001];
	memset(text, 'x', sizeof(text) - 1);
	text[1000] = '\0';
	int64_t n = json_int(c->args, "limit", 0);
	*ret = json_array();
	for (int64_t i = 0; i < n; i++)
		json_array_append_new(*ret, json_string(text));
	*ret_next = n;
	return 0;
}

static int writes(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	(void)why;
	return ticket_new(t, c, ret);
}

static const struct verb_arg number[] = { { .name = "number", .type = ARG_TEXT, .rank = 1, .required = true } };
static const struct verb verbs[] = {
	{ .noun = "contact", .name = "reveal", .kind = VERB_DISCLOSURE, .roles = R_(OUTREACH), VERB_ARGS(number), .command = writes, .query = disclose },
	{ .noun = "wide", .name = "list", .kind = VERB_QUERY, .roles = R_(AUDITOR), .list = true, .query = wide },
	{ .noun = "wide", .name = "do", .kind = VERB_COMMAND, .roles = ROLES_ALL, .command = writes },
};
static const struct verb_table table = VERB_TABLE(verbs);
static const struct verb_table *const tables[] = { &table };
static const struct registry registry = { tables, 1 };

static json_t *ask(struct answerer *a, uid_t uid, bool is_web, const char *text)
{
	OWN(json) json_t *frame = NULL;
	assert_int_equal(json_parse(text, strlen(text), &frame), 0);
	json_t *out = answer_query(a, uid, is_web, frame);
	assert_non_null(out);
	assert_false(store_in_transaction(a->in->db));
	return out;
}

static void expect(struct answerer *a, const char *label, uid_t uid, bool is_web, const char *text, int status)
{
	OWN(json) json_t *out = ask(a, uid, is_web, text);
	int64_t got = strcmp(json_str(out, "op", ""), "rows") == 0 ? 200 : json_int(json_object_get(out, "error"), "status", 0);
	if (got != status || json_int(out, "id", 0) != 5)
		fail_msg("%s: %lld", label, (long long)got);
}

static void answer_finds_the_caller_and_holds_to_the_role(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *user = NULL, *token = NULL;
	char good[200], list[200];
	assert_int_equal(fixture_command(f, "user.add", "{\"name\":\"lan\",\"role\":\"reviewer\"}", &user, NULL), 0);
	assert_int_equal(fixture_command(f, "token.add", "{\"user\":\"lan\"}", &token, NULL), 0);
	const char *secret = json_str(token, "token", "");
	snprintf(good, sizeof(good), "{\"op\":\"query\",\"id\":5,\"verb\":\"job.list\",\"session\":\"%s\"}", secret);
	snprintf(list, sizeof(list), "{\"op\":\"query\",\"id\":5,\"verb\":\"user.list\",\"session\":\"%s\"}", secret);
	struct scope in = fixture_scope(f);
	struct answerer a = { .in = &in, .registry = &caunoi_registry };
	const char *plain = "{\"op\":\"query\",\"id\":5,\"verb\":\"user.list\",\"args\":{}}";
	expect(&a, "the service itself", geteuid(), false, plain, 200);
	expect(&a, "a stranger of the machine", STRANGER, false, plain, 403);
	expect(&a, "the web without session", geteuid(), true, plain, 401);
	expect(&a, "the web with a wrong one", geteuid(), true, "{\"id\":5,\"verb\":\"user.list\",\"session\":\"cn_x\"}", 401);
	expect(&a, "the web for a reviewer", geteuid(), true, good, 200);
	expect(&a, "a reviewer asks for users", geteuid(), true, list, 403);
	expect(&a, "a command", geteuid(), false, "{\"id\":5,\"verb\":\"user.add\"}", 404);
	expect(&a, "no verb", geteuid(), false, "{\"id\":5}", 404);
	expect(&a, "a wrong argument", geteuid(), false, "{\"id\":5,\"verb\":\"job.show\",\"args\":{\"id\":\"x\"}}", 422);
	expect(&a, "not there", geteuid(), false, "{\"id\":5,\"verb\":\"job.show\",\"args\":{\"id\":77}}", 404);
	fixture_free(f);
}

static char *ticket_of(struct fixture *f, const char *actor)
{
	OWN(json) json_t *args = json_pack("{s:s}", "number", "+84912345678"), *out = NULL;
	struct call c = { .verb = &verbs[0], .args = args, .actor = actor, .role = ROLE_OPERATOR, .unit = "" };
	assert_int_equal(ticket_new(fixture_begin(f), &c, &out), 0);
	fixture_commit(f);
	char *text = NULL;
	assert_true(asprintf(&text, "{\"op\":\"query\",\"id\":5,\"ticket\":\"%s\"}", json_str(out, "ticket", "")) > 0);
	return text;
}

static void answer_serves_a_ticket_once_to_its_owner_within_a_minute(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	char self[32];
	snprintf(self, sizeof(self), "uid:%u", (unsigned)geteuid());
	OWN(mem) char *mine = ticket_of(f, self), *late = ticket_of(f, self), *others = ticket_of(f, "user:lan");
	struct scope in = fixture_scope(f);
	struct answerer a = { .in = &in, .registry = &registry };
	OWN(json) json_t *out = ask(&a, geteuid(), false, mine);
	assert_string_equal(json_str(json_array_get(json_object_get(out, "rows"), 0), "number", ""), "+84912345678");
	expect(&a, "again", geteuid(), false, mine, 403);
	expect(&a, "another's", geteuid(), false, others, 403);
	expect(&a, "made up", geteuid(), false, "{\"id\":5,\"ticket\":\"ct_x\"}", 403);
	expect(&a, "without ticket", geteuid(), false, "{\"id\":5,\"verb\":\"contact.reveal\",\"args\":{\"number\":\"1\"}}", 404);
	in.now_ms += TICKET_LIFE_MS;
	expect(&a, "late", geteuid(), false, late, 403);
	fixture_free(f);
}

static void answer_pages_fit_a_frame(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct scope in = fixture_scope(f);
	struct answerer a = { .in = &in, .registry = &registry };
	OWN(json) json_t *out = ask(&a, geteuid(), false, "{\"id\":5,\"verb\":\"wide.list\",\"args\":{\"limit\":1000}}");
	assert_true(json_is_true(json_object_get(out, "more")));
	assert_int_equal(json_array_size(json_object_get(out, "rows")), 250);
	assert_int_equal(json_int(out, "next", 0), 250);
	assert_true(json_dumpb(out, NULL, 0, JSON_COMPACT) < FRAME_BYTES_MAX);
	fixture_free(f);
}

static void answer_reads_a_copy_only_while_it_is_fresh(void **state)
{
	(void)state;
	static const struct {
		const char *label, *frame;
		int64_t behind_ms, users, stale_ms;
	} cases[] = {
		{ "fresh", "{\"op\":\"query\",\"id\":5,\"verb\":\"user.list\"}", 2000, 2, 2000 },
		{ "at the limit", "{\"op\":\"query\",\"id\":5,\"verb\":\"user.list\"}", 10000, 2, 10000 },
		{ "too far behind", "{\"op\":\"query\",\"id\":5,\"verb\":\"user.list\"}", 10001, 1, 0 },
	};
	struct fixture *store = fixture_new(NULL), *copy = fixture_new(NULL);
	OWN(json) json_t *user = NULL;
	/* the two are told by what they hold */
	assert_int_equal(fixture_command(copy, "user.add", "{\"name\":\"lan\",\"role\":\"reviewer\"}", &user, NULL), 0);
	struct scope in = fixture_scope(store);
	struct answerer a = { .in = &in, .registry = &caunoi_registry, .replica = copy->db };
	sim_sql(store, "UPDATE node SET now_at = %lld", (long long)in.now_ms);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		sim_sql(copy, "UPDATE node SET now_at = %lld", (long long)(in.now_ms - cases[i].behind_ms));
		OWN(json) json_t *out = ask(&a, geteuid(), false, cases[i].frame);
		print_message("%s\n", cases[i].label);
		assert_int_equal(json_array_size(json_object_get(out, "rows")), cases[i].users);
		assert_int_equal(json_int(out, "stale_ms", -1), cases[i].stale_ms);
		assert_int_equal(json_int(out, "as_of_ms", -1), in.now_ms - cases[i].stale_ms);
		assert_false(store_in_transaction(copy->db));
	}
	fixture_free(copy);
	fixture_free(store);
}

/* The copy does not know yet that a session has ended. */
static void answer_knows_a_callers_end_at_once_although_it_reads_a_copy(void **state)
{
	(void)state;
	struct fixture *store = fixture_new(NULL), *copy = fixture_new(NULL);
	char args[120], frame[160];
	OWN(json) json_t *s = NULL;
	snprintf(args, sizeof(args), "{\"token\":\"%s\"}", copy->login);
	assert_int_equal(fixture_command(copy, "session.open", args, &s, NULL), 0);
	snprintf(frame, sizeof(frame), "{\"op\":\"query\",\"id\":5,\"verb\":\"user.list\",\"session\":\"%s\"}", json_str(s, "session", ""));
	struct scope in = fixture_scope(store);
	struct answerer a = { .in = &in, .registry = &caunoi_registry, .replica = copy->db };
	sim_sql(copy, "UPDATE node SET now_at = %lld", (long long)in.now_ms);
	expect(&a, "ended in the store", geteuid(), true, frame, 401);
	assert_false(store_in_transaction(store->db));
	/* without the store the copy is all there is */
	fake_store_before(store->db)->away = true;
	OWN(json) json_t *out = ask(&a, geteuid(), true, frame);
	assert_int_equal(json_array_size(json_object_get(out, "rows")), 1);
	fixture_free(copy);
	fixture_free(store);
}

static void answer_tells_the_machines_own_people_that_the_database_is_away(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct scope in = fixture_scope(f);
	struct answerer a = { .in = &in, .registry = &caunoi_registry };
	fake_store_before(f->db)->away = true;
	in.spooled = 3;
	const char *status = "{\"op\":\"query\",\"id\":5,\"verb\":\"status\"}";
	expect(&a, "the web", geteuid(), true, status, 503);
	expect(&a, "a stranger", STRANGER, false, status, 503);
	expect(&a, "another query", geteuid(), false, "{\"op\":\"query\",\"id\":5,\"verb\":\"user.list\"}", 503);
	OWN(json) json_t *out = ask(&a, geteuid(), false, status);
	const json_t *row = json_array_get(json_object_get(out, "rows"), 0);
	assert_int_equal(json_int(row, "spooled", -1), 3);
	assert_false(json_flag(row, "store_reached", true));
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_finds_the_caller_and_holds_to_the_role),
		cmocka_unit_test(answer_serves_a_ticket_once_to_its_owner_within_a_minute),
		cmocka_unit_test(answer_pages_fit_a_frame),
		cmocka_unit_test(answer_reads_a_copy_only_while_it_is_fresh),
		cmocka_unit_test(answer_knows_a_callers_end_at_once_although_it_reads_a_copy),
		cmocka_unit_test(answer_tells_the_machines_own_people_that_the_database_is_away),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

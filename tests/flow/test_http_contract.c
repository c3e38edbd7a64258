/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What programs rely on from the API of a whole gateway: a status for every kind of refusal, each with all fields of a problem document;
 * one effect for one key, however often and however close together it is asked; pages without a gap while rows are added; a description
 * that names every verb. One gateway, tests in this order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/gateway.h"
#include "tests/support/webrig.h"

#define PASSWORD "mot-mat-khau-that-dai-2026"
#define TOKEN_ROOM 160
#define AT_ONCE 8

static struct {
	struct gateway *gateway;
	struct webrig web; /* its address alone */
	char operator[TOKEN_ROOM], reviewer[TOKEN_ROOM], reader[TOKEN_ROOM]; /* lines of a head */
} world;

static void make_token(const char *user, const char *scopes, char ret[TOKEN_ROOM])
{
	OWN(json) json_t *token = gateway_do(world.gateway, "token.add", json_pack("{s:s,s:s}", "user", user, "scopes", scopes));
	snprintf(ret, TOKEN_ROOM, "Authorization: Bearer %s\r\n", json_str(token, "token", ""));
}

static int set_up(void **state)
{
	(void)state;
	world.gateway = gateway_new(NULL);
	gateway_start(world.gateway);
	snprintf(world.web.listen, sizeof(world.web.listen), "%.90s/web.sock", world.gateway->dir);
	json_decref(gateway_do(world.gateway, "user.add", json_pack("{s:s,s:s,s:s}", "name", "lan", "role", "operator", "password", PASSWORD)));
	json_decref(gateway_do(world.gateway, "user.add", json_pack("{s:s,s:s,s:s,s:s}", "name", "hoa", "role", "reviewer", "unit", "02200", "password", PASSWORD)));
	make_token("lan", "all", world.operator);
	make_token("hoa", "all", world.reviewer);
	make_token("lan", "read", world.reader);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gateway_free(world.gateway);
	return 0;
}

/* One request over a connection of its own; the body of the answer as JSON, NULL when it is none. */
static json_t *ask(const char *method, const char *path, const char *head, const char *body, struct webrig_answer *ret)
{
	OWN(mem) char *request = NULL;
	json_t *doc = NULL;
	assert_true(asprintf(&request, "%s %s HTTP/1.1\r\nHost: test\r\n%sContent-Length: %zu\r\n\r\n%s", method, path, head, strlen(body), body) > 0);
	webrig_ask(&world.web, request, ret);
	return ret->body && !json_parse(ret->body, strlen(ret->body), &doc) ? doc : NULL;
}

/* ---- statuses ---- */

/* RFC 9457: every field is there, and says the same as the status line. */
static void check_problem(const char *label, const struct webrig_answer *a, const json_t *doc, const char *rule)
{
	static const char *const texts[] = { "type", "title", "detail", "rule" };
	if (!webrig_has_field(a, "\r\nContent-Type: application/problem+json\r\n") || json_int(doc, "status", 0) != a->status || !json_object_get(doc, "field"))
		fail_msg("%s: %d %s", label, a->status, a->body);
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (!*json_str(doc, texts[i], ""))
			fail_msg("%s: no %s in %s", label, texts[i], a->body);
	if (strcmp(json_str(doc, "rule", ""), rule) != 0)
		fail_msg("%s: rule %s", label, a->body);
}

static void every_refusal_has_its_status_and_says_why(void **state)
{
	static const char message[] = "{\"to\":\"0912345678\",\"text\":\"a\"}";
	static const struct {
		const char *label, *method, *path, *head, *body;
		int status;
		const char *rule;
	} cases[] = {
		{ "made", "POST", "/api/v1/message", world.operator, message, 201, NULL },
		{ "made by its verb", "POST", "/api/v1/message/send", world.operator, message, 201, NULL },
		{ "a group is made by the short form", "POST", "/api/v1/group", world.operator, "{\"name\":\"to-1\"}", 201, NULL },
		{ "a campaign is made by the short form", "POST", "/api/v1/campaign", world.operator, "{\"name\":\"c\",\"text\":\"x. Tu choi: TC\",\"group\":\"to-1\"}", 201, NULL },
		{ "changed", "POST", "/api/v1/campaign/1/cancel", world.operator, "", 200, NULL },
		{ "list", "GET", "/api/v1/message?limit=1&state=queued", world.operator, "", 200, NULL },
		{ "one", "GET", "/api/v1/message/1", world.operator, "", 200, NULL },
		{ "a query of one", "GET", "/api/v1/message/1/show", world.operator, "", 200, NULL },
		{ "a verb without a noun", "GET", "/api/v1/status", world.operator, "", 200, NULL },
		{ "no JSON", "POST", "/api/v1/message", world.operator, "{\"to\":", 400, "malformed" },
		{ "no object", "POST", "/api/v1/message", world.operator, "[]", 400, "malformed" },
		{ "a field twice", "POST", "/api/v1/message", world.operator, "{\"to\":\"0912345678\",\"text\":\"a\",\"text\":\"b\"}", 400, "malformed" },
		{ "an argument twice", "GET", "/api/v1/message?limit=1&limit=2", world.operator, "", 400, "malformed" },
		{ "the id twice", "POST", "/api/v1/campaign/1/cancel", world.operator, "{\"id\":1}", 400, "malformed" },
		{ "nobody", "GET", "/api/v1/message", "", "", 401, "no_session" },
		{ "a token that nobody has", "GET", "/api/v1/message", "Authorization: Bearer ct_nobody\r\n", "", 401, "session" },
		{ "another role", "POST", "/api/v1/group", world.reviewer, "{\"name\":\"x\"}", 403, "role" },
		{ "a token for reading", "POST", "/api/v1/message", world.reader, message, 403, "scope" },
		{ "no such noun", "GET", "/api/v1/nothing", world.operator, "", 404, "not_found" },
		{ "no such verb", "POST", "/api/v1/message/1/fly", world.operator, "{}", 404, "not_found" },
		{ "no such thing", "GET", "/api/v1/message/999", world.operator, "", 404, "not_found" },
		{ "no such thing to change", "POST", "/api/v1/campaign/999/cancel", world.operator, "{}", 404, "not_found" },
		{ "no such path", "GET", "/elsewhere", "", "", 404, "not_found" },
		{ "a command read", "GET", "/api/v1/campaign/1/cancel", world.operator, "", 405, "method" },
		{ "a query posted", "POST", "/api/v1/message/list", world.operator, "{}", 405, "method" },
		{ "put", "PUT", "/api/v1/message", world.operator, message, 405, "method" },
		{ "options", "OPTIONS", "/api/v1/message", world.operator, "", 405, "method" },
		{ "its state forbids", "POST", "/api/v1/campaign/1/approve", world.operator, "{}", 409, "state" },
		{ "an unknown argument", "POST", "/api/v1/message", world.operator, "{\"to\":\"0912345678\",\"text\":\"a\",\"colour\":1}", 422, "unknown_argument" },
		{ "an unknown filter", "GET", "/api/v1/message?colour=red", world.operator, "", 422, "unknown_argument" },
		{ "missing", "POST", "/api/v1/message", world.operator, "{\"to\":\"0912345678\"}", 422, "missing" },
		{ "wrong type", "POST", "/api/v1/message", world.operator, "{\"to\":12,\"text\":\"a\"}", 422, "wrong_type" },
		{ "no number", "POST", "/api/v1/message", world.operator, "{\"to\":\"abc\",\"text\":\"a\"}", 422, "bad_number" },
		{ "no choice", "GET", "/api/v1/case?state=lost", world.operator, "", 422, "not_a_choice" },
		{ "no kind", "GET", "/api/v1/inbox?kind=bogus", world.operator, "", 422, "not_a_choice" },
		{ "no scope", "GET", "/api/v1/consent?scope=bogus", world.operator, "", 422, "not_a_choice" },
		{ "a page of nothing", "GET", "/api/v1/message?limit=0", world.operator, "", 422, "out_of_range" },
		{ "a page of too many", "GET", "/api/v1/message?limit=1001", world.operator, "", 422, "out_of_range" },
		{ "no cursor", "GET", "/api/v1/message?after=x", world.operator, "", 422, "wrong_type" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		WEBRIG_ANSWER a = { 0 };
		OWN(json) json_t *doc = ask(cases[i].method, cases[i].path, cases[i].head, cases[i].body, &a);
		if (a.status != cases[i].status)
			fail_msg("%s: %d %s", cases[i].label, a.status, a.body ? a.body : "");
		if (cases[i].rule)
			check_problem(cases[i].label, &a, doc, cases[i].rule);
		if (a.status == 405 && !webrig_has_field(&a, "\r\nAllow: "))
			fail_msg("%s: what is allowed is not said", cases[i].label);
	}
}

static void what_is_too_large_is_refused(void **state)
{
	WEBRIG_ANSWER a = { 0 };
	OWN(mem) char *body = NULL;
	(void)state;
	assert_true(asprintf(&body, "{\"to\":\"0912345678\",\"text\":\"%0300000d\"}", 0) > 0);
	OWN(json) json_t *doc = ask("POST", "/api/v1/message", world.operator, body, &a);
	assert_int_equal(a.status, 413);
	check_problem("300 kB", &a, doc, "too_big");
}

/* ---- keys ---- */

static void one_key_is_one_effect(void **state)
{
	static const struct {
		const char *body;
		int status;
	} asked[] = { { "{\"to\":\"0912345678\",\"text\":\"mot lan\"}", 201 }, { "{\"text\":\"mot lan\",\"to\":\"+84912345678\"}", 201 }, { "{\"to\":\"0912345678\",\"text\":\"khac\"}", 409 } };
	char head[TOKEN_ROOM + 64];
	int64_t first = 0;
	(void)state;
	snprintf(head, sizeof(head), "%sIdempotency-Key: k-1\r\n", world.operator);
	for (size_t i = 0; i < COUNT_OF(asked); i++) {
		WEBRIG_ANSWER a = { 0 };
		OWN(json) json_t *doc = ask("POST", "/api/v1/message", head, asked[i].body, &a);
		assert_int_equal(a.status, asked[i].status);
		if (a.status == 409)
			check_problem("another body", &a, doc, "key_reused");
		else
			assert_int_equal(json_int(doc, "id", 0), first ? first : (first = json_int(doc, "id", -1)));
	}
	assert_int_equal(gateway_scalar(world.gateway, "SELECT count(*) FROM message WHERE key = 'user:lan:k-1'"), 1);
}

static void one_key_at_once_is_one_effect(void **state)
{
	static const char body[] = "{\"name\":\"dong-thoi\"}";
	int fds[AT_ONCE];
	int64_t id = 0;
	char head[TOKEN_ROOM + 64];
	(void)state;
	snprintf(head, sizeof(head), "%sIdempotency-Key: k-2\r\n", world.operator);
	for (size_t i = 0; i < AT_ONCE; i++)
		fds[i] = webrig_call(&world.web);
	for (size_t i = 0; i < AT_ONCE; i++)
		webrig_post(fds[i], "/api/v1/group", head, body);
	for (size_t i = 0; i < AT_ONCE; i++) {
		WEBRIG_ANSWER a = { 0 };
		OWN(json) json_t *doc = NULL;
		OWN(fd) int fd = fds[i];
		webrig_read_answer(fd, &a, WEBRIG_WAIT_MS);
		assert_int_equal(a.status, 201);
		assert_int_equal(json_parse(a.body, strlen(a.body), &doc), 0);
		assert_int_equal(json_int(doc, "id", 0), id ? id : (id = json_int(doc, "id", -1)));
	}
	assert_int_equal(gateway_scalar(world.gateway, "SELECT count(*) FROM grp WHERE name = 'dong-thoi'"), 1);
}

/* ---- pages ---- */

static void pages_have_no_gap_while_rows_are_added(void **state)
{
	int64_t cursor = 0, last = 0, n = 0, before = gateway_scalar(world.gateway, "SELECT count(*) FROM grp");
	(void)state;
	for (int page = 0; page < 40; page++) {
		char path[64], name[32], body[64];
		WEBRIG_ANSWER a = { 0 }, added = { 0 };
		size_t i;
		json_t *row;
		snprintf(path, sizeof(path), "/api/v1/group?limit=2&after=%lld", (long long)cursor);
		OWN(json) json_t *doc = ask("GET", path, world.operator, "", &a);
		assert_int_equal(a.status, 200);
		json_array_foreach(json_object_get(doc, "items"), i, row) {
			assert_true(json_int(row, "id", 0) > last);
			last = json_int(row, "id", 0);
			n++;
		}
		if (json_is_null(json_object_get(doc, "next")))
			break;
		cursor = json_int(doc, "next", 0);
		if (page >= 5)
			continue;
		snprintf(name, sizeof(name), "them-%d", page);
		snprintf(body, sizeof(body), "{\"name\":\"%s\"}", name);
		OWN(json) json_t *made = ask("POST", "/api/v1/group", world.operator, body, &added);
		assert_int_equal(added.status, 201);
		before++;
	}
	assert_int_equal(n, before);
}

static void head_is_the_answer_without_its_body(void **state)
{
	char request[TOKEN_ROOM + 128];
	(void)state;
	OWN(fd) int fd = webrig_call(&world.web);
	snprintf(request, sizeof(request), "HEAD /api/v1/group HTTP/1.1\r\nHost: test\r\nConnection: close\r\n%s\r\n", world.operator);
	webrig_say(fd, request);
	char text[4096];
	size_t got = 0;
	ssize_t more;
	while (got < sizeof(text) - 1 && (more = read(fd, text + got, sizeof(text) - 1 - got)) > 0)
		got += (size_t)more;
	text[got] = '\0';
	assert_non_null(strstr(text, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(text, "\r\nContent-Length: "));
	assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\n");
}

/* ---- the description ---- */

static bool is_of_type(const json_t *value, const char *type)
{
	return !strcmp(type, "string") ? json_is_string(value) : !strcmp(type, "integer") ? json_is_integer(value) : !strcmp(type, "boolean") ? json_is_boolean(value) : json_is_real(value);
}

static void check_schema(const char *where, const json_t *schema)
{
	static const char *const types[] = { "string", "integer", "boolean", "number" };
	const char *type = json_str(schema, "type", "");
	const json_t *otherwise = json_object_get(schema, "default"), *choices = json_object_get(schema, "enum");
	bool known = false, chosen = !otherwise || !choices || !*json_string_value(otherwise);
	size_t i;
	const json_t *choice;
	for (i = 0; i < COUNT_OF(types); i++)
		known |= !strcmp(type, types[i]);
	if (!known || (otherwise && !is_of_type(otherwise, type)))
		fail_msg("%s: type %s, and what is taken for nothing", where, type);
	json_array_foreach(choices, i, choice)
		chosen |= otherwise && json_equal(choice, otherwise);
	if (!chosen || (choices && !json_array_size(choices)))
		fail_msg("%s: what is taken for nothing is no choice", where);
}

/* Arguments of an operation; is one of them required that does not stand in the path? */
static bool check_arguments(const char *path, const json_t *operation)
{
	const json_t *parameter, *schema, *body = json_object_get(json_object_get(json_object_get(operation, "requestBody"), "content"), "application/json");
	bool in_path = false, required = false;
	const char *name;
	size_t i;
	json_array_foreach(json_object_get(operation, "parameters"), i, parameter) {
		check_schema(json_str(parameter, "name", "?"), json_object_get(parameter, "schema"));
		bool is_path = !strcmp(json_str(parameter, "in", ""), "path");
		in_path |= is_path;
		required |= !is_path && json_flag(parameter, "required", false);
	}
	json_object_foreach(json_object_get(json_object_get((json_t *)(uintptr_t)body, "schema"), "properties"), name, schema)
		check_schema(name, schema);
	if (in_path != (strstr(path, "{id}") != NULL))
		fail_msg("%s: what stands in the path is not said", path);
	return required;
}

static void description_holds_for_every_verb(void **state)
{
	WEBRIG_ANSWER a = { 0 };
	OWN(json) json_t *doc = ask("GET", "/api/v1/openapi.json", "", "", &a), *seen = json_object();
	const char *path, *method;
	json_t *item, *operation;
	(void)state;
	assert_int_equal(a.status, 200);
	json_object_foreach(json_object_get(doc, "paths"), path, item)
		json_object_foreach(item, method, operation) {
			const char *id = json_str(operation, "operationId", "");
			if (!*id || json_object_get(seen, id))
				fail_msg("%s %s: its name \"%s\" is none of its own", method, path, id);
			json_object_set_new(seen, id, json_true());
			bool required = check_arguments(path, operation);
			if (strcmp(method, "get") || required || strstr(path, "{id}"))
				continue;
			WEBRIG_ANSWER got = { 0 };
			OWN(json) json_t *answer = ask("GET", path, world.operator, "", &got);
			if (got.status != 200 || !answer)
				fail_msg("GET %s: %d %s", path, got.status, got.body);
		}
	static const char *const some[] = { "message_send", "campaign_approve", "case_list", "contact_import", "consent_opt-out", "status" };
	for (size_t i = 0; i < COUNT_OF(some); i++)
		if (!json_object_get(seen, some[i]))
			fail_msg("%s is not described", some[i]);
}

/* ---- the console and what machines look at ---- */

static void page_is_as_promised(void **state)
{
	static const struct {
		const char *path, *lang;
	} pages[] = { { "/", "<html lang=\"vi\">" }, { "/?lang=en", "<html lang=\"" } };
	(void)state;
	for (size_t i = 0; i < COUNT_OF(pages); i++) {
		WEBRIG_ANSWER a = { 0 };
		OWN(json) json_t *none = ask("GET", pages[i].path, "", "", &a);
		assert_null(none);
		assert_int_equal(a.status, 200);
		assert_non_null(strstr(a.body, pages[i].lang));
		assert_true(webrig_has_field(&a, "\r\nContent-Security-Policy: default-src 'none'"));
		assert_false(webrig_has_field(&a, "unsafe-"));
		assert_null(strstr(a.body, "src='"));
		for (const char *at = a.body; (at = strstr(at, "<script")); at++)
			assert_non_null(strstr(at, " src=\"/assets/")); /* no script stands in the page */
	}
}

static void health_is_said_to_everybody_and_figures_to_friends(void **state)
{
	WEBRIG_ANSWER a = { 0 }, b = { 0 }, c = { 0 };
	(void)state;
	OWN(json) json_t *health = ask("GET", "/healthz", "", "", &a), *none = ask("GET", "/metrics", world.operator, "", &b),
			     *stranger = ask("GET", "/metrics", "Authorization: Bearer ct_nobody\r\n", "", &c);
	assert_int_equal(a.status, 200);
	assert_string_equal(json_str(health, "status", ""), "ok");
	assert_null(none);
	assert_int_equal(b.status, 200);
	assert_non_null(strstr(b.body, "\ncaunoi_web_requests_total "));
	assert_int_equal(c.status, 404); /* not even that it is there */
	check_problem("metrics", &c, stranger, "not_found");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_refusal_has_its_status_and_says_why),
		cmocka_unit_test(what_is_too_large_is_refused),
		cmocka_unit_test(one_key_is_one_effect),
		cmocka_unit_test(one_key_at_once_is_one_effect),
		cmocka_unit_test(pages_have_no_gap_while_rows_are_added),
		cmocka_unit_test(head_is_the_answer_without_its_body),
		cmocka_unit_test(description_holds_for_every_verb),
		cmocka_unit_test(page_is_as_promised),
		cmocka_unit_test(health_is_said_to_everybody_and_figures_to_friends),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

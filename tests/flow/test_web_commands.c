/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of commands over HTTP: nothing is answered before the core has answered, nobody asserts who they are, and what the API
 * refuses never reaches the core. */
/* clang-format off: cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/webrig.h"

#define AUTH WEBRIG_TOKEN
#define H WEBRIG_HOST
#define WAIT_MS WEBRIG_WAIT_MS
#define SECRET_URL WEBRIG_SECRET_URL

static void command_passes_its_arguments_and_waits_for_the_core(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_post(fd, "/api/v1/message", AUTH "Idempotency-Key: k\"1\\\r\n",
	     "{\"to\":\"0912345678\",\n \"text\":\"Ch\\u00e0o \\ud83d\\ude00\", \"session\":\"x\"}");
	OWN(json) json_t *f = webrig_core_frame(w);
	assert_string_equal(json_str(f, "op", ""), "command");
	assert_string_equal(json_str(f, "verb", ""), "message.send");
	assert_string_equal(json_str(f, "session", ""), "tok-1");
	assert_string_equal(json_str(f, "key", ""), "k\"1\\");
	json_t *args = json_object_get(f, "args");
	assert_string_equal(json_str(args, "text", ""), "Chào 😀");
	assert_string_equal(json_str(args, "session", ""), "x"); /* an argument like any other: the core refuses it */
	assert_int_equal(json_object_size(args), 3);
	assert_false(webrig_is_closed(fd, 100));
	webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":{\"id\":5,\"state\":\"queued\"}");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 201);
	assert_string_equal(a.body, "{\"id\":5,\"state\":\"queued\"}");
	assert_true(webrig_has_field(&a, "\r\nCache-Control: no-store\r\n"));
	assert_true(webrig_has_field(&a, "\r\nX-Content-Type-Options: nosniff\r\n"));
}

static void command_of_a_thing_names_it_in_the_path(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	for (int i = 0; i < 2; i++) {
		WEBRIG_ANSWER a = { 0 };
		webrig_post(fd, i ? "/api/v1/campaign/12/start" : "/api/v1/consent/%2B84912345678/opt-out", AUTH, i ? "{\"confirm\":3}" : "");
		OWN(json) json_t *f = webrig_core_frame(w);
		assert_string_equal(json_str(f, "verb", ""), i ? "campaign.start" : "consent.opt-out");
		assert_null(json_object_get(f, "key"));
		json_t *args = json_object_get(f, "args");
		if (i)
			assert_int_equal(json_int(args, "id", 0), 12);
		else
			assert_string_equal(json_str(args, "number", ""), "+84912345678");
		webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
		webrig_read_answer(fd, &a, WAIT_MS);
		assert_int_equal(a.status, 200); /* twice on one connection */
	}
}

static void refusal_becomes_a_problem_document(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_post(fd, "/api/v1/message", AUTH, "{}");
	OWN(json) json_t *f = webrig_core_frame(w);
	webrig_reply(w->core, f, "reply",
	      "\"ok\":false,\"error\":{\"rule\":\"missing\",\"status\":422,\"field\":\"to\",\"args\":null,\"text\":\"to is missing\"}");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 422);
	assert_true(webrig_has_field(&a, "\r\nContent-Type: application/problem+json\r\n"));
	OWN(json) json_t *doc = NULL;
	assert_int_equal(json_parse(a.body, strlen(a.body), &doc), 0);
	assert_string_equal(json_str(doc, "rule", ""), "missing");
	assert_string_equal(json_str(doc, "field", ""), "to");
	assert_string_equal(json_str(doc, "detail", ""), "to is missing");
	assert_int_equal(json_int(doc, "status", 0), 422);
	assert_non_null(json_str(doc, "title", NULL));
	assert_non_null(json_str(doc, "type", NULL));
}

static const struct {
	const char *label, *request;
	int status;
} refused[] = {
	{ "no token", "POST /api/v1/message HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 401 },
	{ "other scheme", "POST /api/v1/message HTTP/1.1\r\n" H "Authorization: Basic dTpw\r\nContent-Length: 2\r\n\r\n{}", 401 },
	{ "token that leaves its string",
	  "POST /api/v1/message HTTP/1.1\r\n" H "Authorization: Bearer a\",\"x\":\"\r\nContent-Length: 2\r\n\r\n{}", 401 },
	{ "query without a token", "GET /api/v1/message HTTP/1.1\r\n" H "\r\n", 401 },
	{ "events without a token", "GET /api/v1/events HTTP/1.1\r\n" H "\r\n", 401 },
	{ "body that leaves its object",
	  "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Content-Length: 28\r\n\r\n{},\"session\":\"evil\",\"args\":{}", 400 },
	{ "no JSON", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Content-Length: 3\r\n\r\nabc", 400 },
	{ "array", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Content-Length: 2\r\n\r\n[]", 400 },
	{ "twice the same name", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Content-Length: 13\r\n\r\n{\"a\":1,\"a\":2}", 400 },
	{ "id twice", "POST /api/v1/campaign/1/start HTTP/1.1\r\n" H AUTH "Content-Length: 8\r\n\r\n{\"id\":2}", 400 },
	{ "arguments in the query of a command", "POST /api/v1/message?to=1 HTTP/1.1\r\n" H AUTH "Content-Length: 2\r\n\r\n{}", 400 },
	{ "key too odd", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Idempotency-Key: \xc4\x91\r\nContent-Length: 2\r\n\r\n{}", 400 },
	{ "foreign page", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Origin: http://evil.example\r\nContent-Length: 2\r\n\r\n{}", 403 },
	{ "page from nowhere", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Origin: null\r\nContent-Length: 2\r\n\r\n{}", 403 },
	{ "command by GET", "GET /api/v1/channel/may-ao/pause HTTP/1.1\r\n" H AUTH "\r\n", 405 },
	{ "query by POST", "POST /api/v1/message/list HTTP/1.1\r\n" H AUTH "Content-Length: 2\r\n\r\n{}", 405 },
	{ "other method", "DELETE /api/v1/message/1 HTTP/1.1\r\n" H AUTH "\r\n", 405 },
	{ "local verb", "POST /api/v1/init HTTP/1.1\r\n" H AUTH "Content-Length: 2\r\n\r\n{}", 404 },
	{ "no noun", "GET /api/v1/nothing HTTP/1.1\r\n" H AUTH "\r\n", 404 },
	{ "argument twice", "GET /api/v1/message?limit=1&limit=2 HTTP/1.1\r\n" H AUTH "\r\n", 400 },
	{ "debug", "GET /debug HTTP/1.1\r\n" H "\r\n", 404 },
	{ "dots as they are", "GET /../../etc/passwd HTTP/1.1\r\n" H "\r\n", 404 },
	{ "dots in hex", "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" H "\r\n", 404 },
	{ "dots twice in hex", "GET /%252e%252e%252fetc/passwd HTTP/1.1\r\n" H "\r\n", 404 },
	{ "backslashes", "GET /..%5c..%5cetc%5cpasswd HTTP/1.1\r\n" H "\r\n", 404 },
	{ "dotfile", "GET /.env HTTP/1.1\r\n" H "\r\n", 404 },
	{ "source map", "GET /app.js.map HTTP/1.1\r\n" H "\r\n", 404 },
	{ "repository", "GET /.git/config HTTP/1.1\r\n" H "\r\n", 404 },
	{ "hook: one character off", "POST /hooks/plain/" SECRET_URL "0/inbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 404 },
	{ "hook: one character less", "POST /hooks/plain/hook%2Bsecret%2F012345678/inbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}",
	  404 },
	{ "hook: other case", "POST /hooks/plain/HOOK%2Bsecret%2F0123456789/inbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 404 },
	{ "hook: no secret", "POST /hooks/plain/inbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 404 },
	{ "hook: unknown channel", "POST /hooks/other/" SECRET_URL "/inbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 404 },
	{ "hook: loopback", "POST /hooks/may-ao/" SECRET_URL "/inbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 404 },
	{ "hook: other end", "POST /hooks/plain/" SECRET_URL "/outbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 404 },
	{ "hook: unsigned", "POST /hooks/signed/" SECRET_URL "/inbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 403 },
	{ "hook: signed wrong",
	  "POST /hooks/signed/" SECRET_URL "/inbound HTTP/1.1\r\n" H "Authorization: Basic dTpw\r\nContent-Length: 2\r\n\r\n{}", 403 },
};

static void refused_requests_never_reach_the_core(void **state)
{
	struct webrig *w = *state;
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		WEBRIG_ANSWER a = { 0 };
		webrig_ask(w, refused[i].request, &a);
		if (a.status != refused[i].status)
			fail_msg("%s: %d", refused[i].label, a.status);
		assert_true(webrig_has_field(&a, "\r\nContent-Type: application/problem+json\r\n"));
		assert_int_equal(webrig_has_field(&a, "\r\nWWW-Authenticate: Bearer\r\n"), a.status == 401);
		assert_int_equal(webrig_has_field(&a, "\r\nAllow: "), a.status == 405);
	}
	webrig_no_core_frame(w, 100);
}

static void requests_are_served_in_order_whatever_the_pieces(void **state)
{
	struct webrig *w = *state;
	static const char text[] = "GET /healthz HTTP/1.1\r\n" H "\r\nPOST /api/v1/nothing HTTP/1.1\r\n" H
				   "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
				   "GET / HTTP/1.1\r\n" H "\r\n";
	OWN(fd) int fd = webrig_call(w);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		webrig_send(fd, text + i, 1);
		usleep(200);
	}
	WEBRIG_ANSWER a = { 0 }, b = { 0 }, c = { 0 };
	webrig_read_answer(fd, &a, WAIT_MS);
	webrig_read_answer(fd, &b, WAIT_MS);
	assert_int_equal(a.status, 200);
	assert_int_equal(b.status, 404);
	if (webrig_is_closed(fd, 200))
		return; /* a refused chunked body may end the connection */
	webrig_read_answer(fd, &c, WAIT_MS);
}

static void upload_goes_in_pieces_then_the_command(void **state)
{
	struct webrig *w = *state;
	enum { BYTES = 300 * 1024 };
	OWN(fd) int fd = webrig_call(w);
	OWN(mem) char *file = malloc(BYTES);
	WEBRIG_ANSWER a = { 0 };
	memset(file, 'x', BYTES);
	webrig_say(fd, "POST /api/v1/contact/import?group=thon1&basis=h%E1%BB%8Dp HTTP/1.1\r\n" H AUTH "Content-Length: 307200\r\n\r\n");
	size_t sent = 0;
	int64_t bytes = 0;
	for (;;) {
		while (sent < BYTES) {
			ssize_t n = send(fd, file + sent, BYTES - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
			if (n <= 0)
				break;
			sent += (size_t)n;
		}
		json_t *f = webrig_core_next(w, 50);
		if (!f)
			continue;
		OWN(json) json_t *frame = f;
		if (strcmp(json_str(f, "op", ""), "put") != 0) {
			assert_string_equal(json_str(f, "verb", ""), "contact.import");
			json_t *args = json_object_get(f, "args");
			assert_int_equal(json_int(args, "file", 0), 9);
			assert_string_equal(json_str(args, "basis", ""), "họp");
			webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":{\"job\":1}");
			break;
		}
		size_t n = strlen(json_str(f, "data", ""));
		assert_true(n > 0 && n <= (128 * 1024 + 2) / 3 * 4);
		assert_int_equal(json_int(f, "upload", -1), bytes ? 9 : 0);
		assert_string_equal(json_str(f, "session", ""), "tok-1");
		bytes += (int64_t)(n / 4 * 3);
		webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":{\"upload\":9,\"bytes\":1}");
	}
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
	assert_true(bytes >= BYTES && bytes < BYTES + 10);
}

#define LAW(name) cmocka_unit_test_setup_teardown(name, webrig_greeted, webrig_end)

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		LAW(command_passes_its_arguments_and_waits_for_the_core),
		LAW(command_of_a_thing_names_it_in_the_path),
		LAW(refusal_becomes_a_problem_document),
		LAW(refused_requests_never_reach_the_core),
		LAW(requests_are_served_in_order_whatever_the_pieces),
		LAW(upload_goes_in_pieces_then_the_command),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the guard before the API: what is malformed never passes, what comes slowly or in masses keeps no provider's callback out. */
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
#include <sys/resource.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/webrig.h"

#define AUTH WEBRIG_TOKEN
#define H WEBRIG_HOST
#define WAIT_MS WEBRIG_WAIT_MS
#define SECRET_URL WEBRIG_SECRET_URL

static const struct {
	const char *label, *request;
	int status;
} attacks[] = {
	{ "length twice", "POST /api/v1/message HTTP/1.1\r\n" H "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400 },
	{ "negative length", "POST /api/v1/message HTTP/1.1\r\n" H "Content-Length: -2\r\n\r\n{}", 400 },
	{ "length and chunks", "POST /api/v1/message HTTP/1.1\r\n" H "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	  400 },
	{ "bare line feeds", "GET /healthz HTTP/1.1\nHost: a\n\n", 400 },
	{ "folded field", "GET /healthz HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n", 400 },
	{ "space before colon", "GET /healthz HTTP/1.1\r\n" H "X : a\r\n\r\n", 400 },
	{ "TRACE", "TRACE / HTTP/1.1\r\n" H "\r\n", 400 },
	{ "CONNECT", "CONNECT a:80 HTTP/1.1\r\n" H "\r\n", 400 },
	{ "absolute URI", "GET http://a/healthz HTTP/1.1\r\n" H "\r\n", 400 },
	{ "two slashes", "GET //healthz HTTP/1.1\r\n" H "\r\n", 400 },
	{ "dots", "GET /static/..%2f..%2fetc/passwd HTTP/1.1\r\n" H "\r\n", 404 },
	{ "NUL", "GET /healthz%00 HTTP/1.1\r\n" H "\r\n", 404 },
	{ "body too large", "POST /api/v1/message HTTP/1.1\r\n" H "Content-Length: 1048577\r\n\r\n", 413 },
	{ "1 GB", "POST /api/v1/message HTTP/1.1\r\n" H "Expect: 100-continue\r\nContent-Length: 1073741824\r\n\r\n", 413 },
	{ "callback too large", "POST /hooks/plain/" SECRET_URL "/inbound HTTP/1.1\r\n" H "Content-Length: 262145\r\n\r\n", 413 },
	{ "chunk too large", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Transfer-Encoding: chunked\r\n\r\n100001\r\nabc", 413 },
	{ "chunk extension", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Transfer-Encoding: chunked\r\n\r\n1;x\r\na\r\n0\r\n\r\n", 400 },
};

static void guard_refuses_and_closes(void **state)
{
	struct webrig *w = *state;
	for (size_t i = 0; i < COUNT_OF(attacks); i++) {
		OWN(fd) int fd = webrig_call(w);
		WEBRIG_ANSWER a = { 0 };
		webrig_say(fd, attacks[i].request);
		webrig_read_answer(fd, &a, WAIT_MS);
		if (a.status != attacks[i].status)
			fail_msg("%s: %d", attacks[i].label, a.status);
		if (!webrig_is_closed(fd, 1000))
			fail_msg("%s: still open", attacks[i].label);
	}
	webrig_no_core_frame(w, 100);
}

static void guard_answers_what_came_before_an_attack(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER first = { 0 }, second = { 0 };
	webrig_say(fd, "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Content-Length: 2\r\n\r\n{}GET /smuggled HTTP/1.1\r\nX : a\r\n\r\n");
	OWN(json) json_t *f = webrig_core_frame(w);
	usleep(50000);
	webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":{\"id\":1}");
	webrig_read_answer(fd, &first, WAIT_MS);
	webrig_read_answer(fd, &second, WAIT_MS);
	assert_int_equal(first.status, 201);
	assert_int_equal(second.status, 400);
	assert_true(webrig_is_closed(fd, 1000));
}

static void slow_callers_are_sent_away(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int slow = webrig_call(w);
	OWN(fd) int silent = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	int64_t from = webrig_mono_ms();
	webrig_say(slow, "GET /healthz HTT");
	for (int i = 0; i < 3; i++) {
		usleep(2500000);
		webrig_say(slow, "P");
	}
	webrig_read_answer(slow, &a, 6000);
	assert_int_equal(a.status, 408);
	assert_true(webrig_mono_ms() - from > 9000);
	assert_true(webrig_is_closed(slow, 1000));
	assert_true(webrig_is_closed(silent, 1000));
}

static void many_idle_callers_do_not_keep_a_callback_out(void **state)
{
	struct webrig *w = *state;
	enum { CALLERS = 2700 };
	struct rlimit l = { 8192, 8192 };
	static const char half[] = "POST /api/v1/message HTTP/1.1\r\n" H;
	OWN(mem) int *fds = calloc(CALLERS, sizeof(*fds));
	if (setrlimit(RLIMIT_NOFILE, &l))
		skip();
	for (int i = 0; i < CALLERS; i++) {
		fds[i] = webrig_call(w);
		if (i % 2)
			webrig_say(fds[i], half);
	}
	int64_t from = webrig_mono_ms();
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_post(fd, "/hooks/plain/" SECRET_URL "/inbound", "", "{\"id\":\"m-2\",\"from\":\"+84912345678\",\"text\":\"a\"}");
	OWN(json) json_t *f = webrig_core_frame(w);
	webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
	assert_true(webrig_mono_ms() - from < 1000);
	for (int i = 0; i < CALLERS; i++)
		close(fds[i]);
}

static void many_waiting_commands_leave_seats_for_callbacks(void **state)
{
	struct webrig *w = *state;
	enum { CALLERS = 400 };
	OWN(mem) int *fds = calloc(CALLERS, sizeof(*fds));
	for (int i = 0; i < CALLERS; i++) {
		fds[i] = webrig_call(w);
		webrig_post(fds[i], "/api/v1/message", AUTH, "{}");
	}
	for (int i = 0; i < 192; i++)
		json_decref(webrig_core_frame(w));
	webrig_no_core_frame(w, 300); /* the others wait for a seat */
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_post(fd, "/hooks/plain/" SECRET_URL "/inbound", "", "{\"id\":\"m-3\",\"from\":\"+84912345678\",\"text\":\"a\"}");
	OWN(json) json_t *f = webrig_core_frame(w);
	assert_string_equal(json_str(f, "op", ""), "hook");
	webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
	for (int i = 0; i < CALLERS; i++)
		close(fds[i]);
}

#define LAW(name) cmocka_unit_test_setup_teardown(name, webrig_greeted, webrig_end)

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		LAW(guard_refuses_and_closes),
		LAW(guard_answers_what_came_before_an_attack),
		LAW(slow_callers_are_sent_away),
		LAW(many_idle_callers_do_not_keep_a_callback_out),
		LAW(many_waiting_commands_leave_seats_for_callbacks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

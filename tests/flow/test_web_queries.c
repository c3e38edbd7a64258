/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of queries, events and health over HTTP: rows as they are, a query process that ends is asked again, a core that ends is
 * found out. */
/* clang-format off: cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <poll.h>
#include <signal.h>
#include <stdio.h>
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

static void list_has_items_and_next(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 }, b = { 0 };
	webrig_say(fd, "GET /api/v1/message?limit=2&state=sent HTTP/1.1\r\n" H AUTH "\r\n");
	OWN(json) json_t *f = webrig_query_frame(w);
	assert_string_equal(json_str(f, "op", ""), "query");
	assert_string_equal(json_str(f, "verb", ""), "message.list");
	assert_string_equal(json_str(f, "session", ""), "tok-1");
	assert_string_equal(json_str(json_object_get(f, "args"), "state", ""), "sent");
	webrig_reply(w->query, f, "rows", "\"rows\":[{\"id\":1},{\"id\":2}],\"more\":true,\"next\":2");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "{\"items\":[{\"id\":1},{\"id\":2}],\"next\":2}\n");
	webrig_say(fd, "GET /api/v1/message/7 HTTP/1.1\r\n" H AUTH "\r\n");
	OWN(json) json_t *one = webrig_query_frame(w);
	assert_string_equal(json_str(one, "verb", ""), "message.show");
	assert_int_equal(json_int(json_object_get(one, "args"), "id", 0), 7);
	webrig_reply(w->query, one, "rows", "\"rows\":[{\"id\":7}],\"more\":false,\"next\":null");
	webrig_read_answer(fd, &b, WAIT_MS);
	assert_string_equal(b.body, "{\"id\":7}\n");
}

/* A long list may be packed, a secret of the session never. */
static void only_lists_are_packed(void **state)
{
	static const struct {
		const char *path, *accept;
		bool packed, varies;
	} cases[] = {
		{ "/api/v1/message", "Accept-Encoding: gzip, deflate, br\r\n", true, true },
		{ "/api/v1/message", "", false, true },
		{ "/api/v1/message", "Accept-Encoding: gzip;q=0\r\n", false, true },
		{ "/api/v1/message/7", "Accept-Encoding: gzip\r\n", false, false },
	};
	struct webrig *w = *state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(fd) int fd = webrig_call(w);
		OWN(mem) char *request = NULL, *rest = NULL;
		WEBRIG_ANSWER a = { 0 };
		assert_true(asprintf(&request, "GET %s HTTP/1.1\r\n" H AUTH "%s\r\n", cases[i].path, cases[i].accept) > 0);
		assert_true(asprintf(&rest, "\"rows\":[{\"id\":7,\"text\":\"%02000d\"}],\"more\":false,\"next\":null", 0) > 0);
		webrig_say(fd, request);
		OWN(json) json_t *f = webrig_query_frame(w);
		webrig_reply(w->query, f, "rows", rest);
		webrig_read_answer(fd, &a, WAIT_MS);
		assert_int_equal(a.status, 200);
		assert_int_equal(webrig_has_field(&a, "\r\nContent-Encoding: gzip\r\n"), cases[i].packed);
		assert_int_equal(webrig_has_field(&a, "\r\nVary: Accept-Encoding\r\n"), cases[i].varies);
		assert_int_equal(strlen(a.body) > 2000, !cases[i].packed);
	}
}

static void queries_wait_side_by_side(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int one = webrig_call(w);
	OWN(fd) int two = webrig_call(w);
	WEBRIG_ANSWER a = { 0 }, b = { 0 };
	webrig_say(one, "GET /api/v1/message/1 HTTP/1.1\r\n" H AUTH "\r\n");
	OWN(json) json_t *first = webrig_query_frame(w);
	webrig_say(two, "GET /api/v1/message/2 HTTP/1.1\r\n" H AUTH "\r\n");
	OWN(json) json_t *second = webrig_query_frame(w);
	webrig_reply(w->query, second, "rows", "\"rows\":[{\"id\":2}],\"more\":false,\"next\":null");
	webrig_read_answer(two, &b, WAIT_MS);
	webrig_reply(w->query, first, "reply",
	      "\"ok\":false,\"error\":{\"rule\":\"not_found\",\"status\":404,\"field\":\"id\",\"args\":null,\"text\":\"none\"}");
	webrig_read_answer(one, &a, WAIT_MS);
	assert_int_equal(b.status, 200);
	assert_int_equal(a.status, 404);
}

static void query_is_asked_again_when_its_process_restarts(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_say(fd, "GET /api/v1/message/1 HTTP/1.1\r\n" H AUTH "\r\n");
	json_decref(webrig_query_frame(w));
	webrig_hang_up_query(w);
	OWN(json) json_t *again = webrig_query_frame(w);
	webrig_reply(w->query, again, "rows", "\"rows\":[{\"id\":1}],\"more\":false,\"next\":null");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
}

static void query_that_kills_its_process_twice_is_refused(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_say(fd, "GET /api/v1/message/1 HTTP/1.1\r\n" H AUTH "\r\n");
	for (int i = 0; i < 2; i++) {
		json_decref(webrig_query_frame(w));
		webrig_hang_up_query(w);
	}
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 503);
	assert_true(webrig_has_field(&a, "\r\nRetry-After: "));
}

static void query_without_a_process_ends_with_503(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_accept_query(w);
	close(w->query_door);
	webrig_hang_up_query(w);
	unlink(w->query_path);
	webrig_say(fd, "GET /api/v1/message HTTP/1.1\r\n" H AUTH "\r\n");
	webrig_read_answer(fd, &a, 8000);
	assert_int_equal(a.status, 503);
	assert_true(webrig_has_field(&a, "\r\nRetry-After: "));
	w->query_door = webrig_listen(w->query_path);
}

static void events_are_streamed_and_repeated_after_the_last_id(void **state)
{
	struct webrig *w = *state;
	char text[2048];
	for (int i = 0; i < 2; i++) {
		OWN(fd) int fd = webrig_call(w);
		webrig_say(fd, i ? "GET /api/v1/events HTTP/1.1\r\n" H AUTH "Last-Event-ID: 3\r\n\r\n"
			  : "GET /api/v1/events HTTP/1.1\r\n" H AUTH "\r\n");
		OWN(json) json_t *f = webrig_query_frame(w);
		assert_string_equal(json_str(f, "verb", ""), "status");
		webrig_reply(w->query, f, "rows", "\"rows\":[{}],\"more\":false,\"next\":null");
		usleep(100000);
		if (!i)
			webrig_say(w->core, "{\"op\":\"changed\",\"seq\":3,\"nouns\":[\"inbox\"]}\n{\"op\":\"changed\",\"seq\":4,\"nouns\":["
				     "\"message\"]}\n");
		usleep(200000);
		ssize_t n = recv(fd, text, sizeof(text) - 1, 0);
		assert_true(n > 0);
		text[n] = '\0';
		assert_non_null(strstr(text, "Content-Type: text/event-stream"));
		assert_non_null(strstr(text, "id: 4\nevent: changed\ndata: {\"seq\":4,\"nouns\":[\"message\"]}\n\n"));
		assert_int_equal(strstr(text, "id: 3\n") != NULL, !i);
	}
}

/* All that comes until nothing does, or the connection ends. */
static void read_all(int fd, struct buffer *ret, const char *until)
{
	char some[4096];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	while (!strstr(buffer_text(ret), until)) {
		ssize_t n = poll(&p, 1, WAIT_MS) > 0 ? recv(fd, some, sizeof(some), 0) : 0;
		if (n <= 0)
			fail_msg("never: %s", until);
		assert_int_equal(buffer_put(ret, some, (size_t)n), 0);
	}
}

/* A stream that was opened by somebody who is shut out a moment later. */
static void stream_ends_when_anybodys_rights_change(void **state)
{
	static const char *const nouns[] = { "user", "session", "token" };
	struct webrig *w = *state;
	for (size_t i = 0; i < COUNT_OF(nouns); i++) {
		OWN(fd) int fd = webrig_call(w);
		OWN(buffer) struct buffer seen = { 0 };
		char changed[80];
		WEBRIG_ANSWER again = { 0 };
		webrig_say(fd, "GET /api/v1/events HTTP/1.1\r\n" H AUTH "\r\n");
		OWN(json) json_t *f = webrig_query_frame(w);
		webrig_reply(w->query, f, "rows", "\"rows\":[{}],\"more\":false,\"next\":null");
		read_all(fd, &seen, "\r\n\r\n");
		snprintf(changed, sizeof(changed), "{\"op\":\"changed\",\"seq\":%zu,\"nouns\":[\"case\",\"%s\"]}\n", 5 + i, nouns[i]);
		webrig_say(w->core, changed);
		read_all(fd, &seen, "\r\n0\r\n\r\n");
		webrig_say(fd, "GET /api/v1/events HTTP/1.1\r\n" H AUTH "Last-Event-ID: 4\r\n\r\n");
		OWN(json) json_t *asked = webrig_query_frame(w);
		assert_string_equal(json_str(asked, "session", ""), "tok-1");
		webrig_reply(w->query, asked, "reply", "\"ok\":false,\"error\":{\"rule\":\"session\",\"status\":401,\"field\":\"\",\"args\":null,\"text\":\"log in\"}");
		webrig_read_answer(fd, &again, WAIT_MS);
		assert_int_equal(again.status, 401);
	}
}

static void health_follows_the_core(void **state)
{
	struct webrig *w = *state;
	WEBRIG_ANSWER before = { 0 }, after = { 0 };
	webrig_ask(w, "GET /healthz HTTP/1.1\r\n" H "\r\n", &before);
	assert_int_equal(before.status, 503);
	webrig_greet(w);
	webrig_ask(w, "GET /healthz HTTP/1.1\r\n" H "\r\n", &after);
	assert_int_equal(after.status, 200);
	assert_string_equal(after.body, "{\"status\":\"ok\"}\n");
}

static void stopped_core_is_found_out_and_nobody_waits_for_it(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int first = webrig_call(w), second = webrig_call(w), third = webrig_call(w);
	WEBRIG_ANSWER a = { 0 }, b = { 0 }, health = { 0 }, c = { 0 };
	webrig_greet(w);
	webrig_post(first, "/hooks/plain/" SECRET_URL "/inbound", "", "{\"id\":\"1\",\"from\":\"0912345678\",\"text\":\"a\"}");
	webrig_read_answer(first, &a, 2 * WAIT_MS);
	assert_int_equal(a.status, 503);
	assert_true(webrig_has_field(&a, "\r\nRetry-After: "));
	int64_t from = webrig_mono_ms();
	webrig_post(second, "/api/v1/message", AUTH, "{}");
	webrig_read_answer(second, &b, WAIT_MS);
	assert_int_equal(b.status, 503);
	assert_true(webrig_mono_ms() - from < 1000);
	webrig_ask(w, "GET /healthz HTTP/1.1\r\n" H "\r\n", &health);
	assert_int_equal(health.status, 503);
	OWN(json) json_t *hook = webrig_core_frame(w); /* it runs again and reads what was said to it */
	webrig_no_core_frame(w, 200);
	webrig_post(third, "/api/v1/message", AUTH, "{}");
	OWN(json) json_t *f = webrig_core_frame(w);
	webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":{\"id\":1}");
	webrig_read_answer(third, &c, WAIT_MS);
	assert_int_equal(c.status, 201);
}

static void end_of_the_core_ends_the_program_and_tells_who_waits(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_post(fd, "/api/v1/message", AUTH, "{}");
	json_decref(webrig_core_frame(w));
	int64_t from = webrig_mono_ms();
	assert_int_equal(webrig_exit_code(w), 0);
	assert_true(webrig_mono_ms() - from < 3000);
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 503);
}

static void page_and_description_are_there(void **state)
{
	struct webrig *w = *state;
	WEBRIG_ANSWER page = { 0 }, api = { 0 }, metrics = { 0 };
	webrig_ask(w, "GET / HTTP/1.1\r\n" H "\r\n", &page);
	assert_int_equal(page.status, 200);
	assert_non_null(strstr(page.body, "<html lang=\"vi\">"));
	assert_true(webrig_has_field(&page, "\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'"));
	assert_true(webrig_has_field(&page, "\r\nReferrer-Policy: "));
	webrig_ask(w, "GET /api/v1/openapi.json HTTP/1.1\r\n" H "\r\n", &api);
	OWN(json) json_t *doc = NULL;
	assert_int_equal(json_parse(api.body, strlen(api.body), &doc), 0);
	json_t *paths = json_object_get(doc, "paths");
	assert_non_null(json_object_get(json_object_get(paths, "/api/v1/message"), "post"));
	assert_non_null(json_object_get(json_object_get(paths, "/api/v1/message"), "get"));
	assert_non_null(json_object_get(paths, "/api/v1/message/{id}"));
	assert_non_null(json_object_get(paths, "/api/v1/campaign/{id}/start"));
	webrig_ask(w, "GET /metrics HTTP/1.1\r\n" H "\r\n", &metrics);
	assert_int_equal(metrics.status, 200);
	assert_non_null(strstr(metrics.body, "caunoi_web_requests_total "));
}

#define LAW(name) cmocka_unit_test_setup_teardown(name, webrig_greeted, webrig_end)

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		LAW(list_has_items_and_next),
		LAW(only_lists_are_packed),
		LAW(queries_wait_side_by_side),
		LAW(query_is_asked_again_when_its_process_restarts),
		LAW(query_that_kills_its_process_twice_is_refused),
		LAW(query_without_a_process_ends_with_503),
		LAW(events_are_streamed_and_repeated_after_the_last_id),
		LAW(stream_ends_when_anybodys_rights_change),
		cmocka_unit_test_setup_teardown(health_follows_the_core, webrig_begin, webrig_end),
		cmocka_unit_test_setup_teardown(stopped_core_is_found_out_and_nobody_waits_for_it, webrig_begin, webrig_end),
		LAW(end_of_the_core_ends_the_program_and_tells_who_waits),
		LAW(page_and_description_are_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

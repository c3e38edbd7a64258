/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of sessions over HTTP: the cookie is for this site alone and never what a caller brought; a command of a browser comes from a
 * page of this gateway and says so twice; logging out leaves nothing behind; nobody asks faster than allowed. */
/* clang-format off: cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/webrig.h"

#define WAIT_MS WEBRIG_WAIT_MS

static void password_that_nobody_has_never_reaches_the_core(void **state)
{
	static const struct {
		int chars;
		int status;
	} sizes[] = { { 513, 400 }, { 300000, 400 }, { 1000000, 400 } };
	struct webrig *w = *state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		OWN(fd) int fd = webrig_call(w);
		OWN(mem) char *body = NULL;
		WEBRIG_ANSWER a = { 0 };
		assert_true(asprintf(&body, "{\"user\":\"lan\",\"password\":\"%0*d\"}", sizes[i].chars, 0) > 0);
		webrig_post(fd, "/api/v1/session/open", "Content-Type: application/json\r\n", body);
		webrig_read_answer(fd, &a, WAIT_MS);
		if (a.status != sizes[i].status)
			fail_msg("%d: %d", sizes[i].chars, a.status);
	}
	webrig_no_core_frame(w, 100);
}

#define COOKIE "__Host-caunoi"
#define FLAGS "; Path=/; Secure; HttpOnly; SameSite=Strict"
#define JSON "Content-Type: application/json\r\n"
#define ORIGIN "Origin: " WEBRIG_URL "\r\n"

/* Logs in, carrying brought (lines of a head); the answer, and its csrf. */
static void log_in(struct webrig *w, const char *brought, struct webrig_answer *ret, char ret_csrf[64])
{
	OWN(fd) int fd = webrig_call(w);
	webrig_post(fd, "/api/v1/session/open", brought, "{\"user\":\"lan\",\"password\":\"mat khau rat dai\"}");
	OWN(json) json_t *f = webrig_core_frame(w);
	assert_string_equal(json_str(f, "verb", ""), "session.open");
	assert_null(json_object_get(f, "session"));
	webrig_reply(w->core, f, "reply",
		     "\"ok\":true,\"result\":{\"user\":\"lan\",\"role\":\"reviewer\",\"unit\":\"\",\"session\":\"cs_new1\",\"device\":\"cd_mark\",\"expires_at\":\"x\"}");
	webrig_read_answer(fd, ret, WEBRIG_WAIT_MS);
	assert_int_equal(ret->status, 201);
	OWN(json) json_t *doc = NULL;
	assert_int_equal(json_parse(ret->body, strlen(ret->body), &doc), 0);
	snprintf(ret_csrf, 64, "%s", json_str(doc, "csrf", ""));
	assert_int_equal(strlen(ret_csrf), 32);
}

static void cookie_is_for_this_site_alone(void **state)
{
	struct webrig *w = *state;
	WEBRIG_ANSWER a = { 0 };
	char csrf[64];
	log_in(w, JSON ORIGIN, &a, csrf);
	assert_true(webrig_has_field(&a, "\r\nSet-Cookie: " COOKIE "=cs_new1" FLAGS "\r\n"));
	assert_true(webrig_has_field(&a, "\r\nSet-Cookie: " COOKIE "-device=cd_mark" FLAGS "; Max-Age=31536000\r\n"));
	assert_true(webrig_has_field(&a, "\r\nCache-Control: no-store\r\n"));
	assert_false(webrig_has_field(&a, "Domain="));
	assert_null(strstr(a.body, "cs_new1")); /* no script reads it */
	assert_null(strstr(a.body, "cd_mark"));
}

static void session_is_never_what_the_caller_brought(void **state)
{
	static const char *const brought[] = { "Cookie: " COOKIE "=cs_old\r\n", "Authorization: Bearer cs_old\r\n", "Cookie: " COOKIE "=cs_old; " COOKIE "=cs_two\r\n" };
	struct webrig *w = *state;
	for (size_t i = 0; i < COUNT_OF(brought); i++) {
		char head[256], csrf[64];
		WEBRIG_ANSWER a = { 0 };
		snprintf(head, sizeof(head), JSON ORIGIN "%s", brought[i]);
		log_in(w, head, &a, csrf);
		assert_true(webrig_has_field(&a, "\r\nSet-Cookie: " COOKIE "=cs_new1;"));
		assert_null(strstr(buffer_text(&a.all), "cs_old"));
	}
}

static void command_of_a_browser_comes_from_a_page_of_this_gateway(void **state)
{
	static const struct {
		const char *label, *head, *rule;
	} cases[] = {
		{ "no Origin", JSON "X-CSRF-Token: %s\r\n", "origin" },
		{ "null Origin", JSON "Origin: null\r\nX-CSRF-Token: %s\r\n", "origin" },
		{ "foreign", JSON "Origin: https://evil.example\r\nX-CSRF-Token: %s\r\n", "origin" },
		{ "begins like ours", JSON "Origin: " WEBRIG_URL "0\r\nX-CSRF-Token: %s\r\n", "origin" },
		{ "only the host", JSON "Origin: http://127.0.0.1\r\nX-CSRF-Token: %s\r\n", "origin" },
		{ "its own Host is no proof", JSON "Origin: http://test\r\nX-CSRF-Token: %s\r\n", "origin" },
		{ "what a proxy might say", JSON "Origin: https://evil.example\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nX-CSRF-Token: %s\r\n", "origin" },
		{ "form", ORIGIN "Content-Type: application/x-www-form-urlencoded\r\nX-CSRF-Token: %s\r\n", "content_type" },
		{ "JSON as plain text", ORIGIN "Content-Type: text/plain\r\nX-CSRF-Token: %s\r\n", "content_type" },
		{ "multipart", ORIGIN "Content-Type: multipart/form-data; boundary=x\r\nX-CSRF-Token: %s\r\n", "content_type" },
		{ "no type", ORIGIN "X-CSRF-Token: %s\r\n", "content_type" },
		{ "no token", JSON ORIGIN, "csrf" },
		{ "token of another session", JSON ORIGIN "X-CSRF-Token: 00000000000000000000000000000000\r\n", "csrf" },
		{ "longer token", JSON ORIGIN "X-CSRF-Token: %s0\r\n", "csrf" },
	};
	struct webrig *w = *state;
	WEBRIG_ANSWER in = { 0 };
	char csrf[64], line[128], head[600];
	log_in(w, JSON ORIGIN, &in, csrf);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(fd) int fd = webrig_call(w);
		WEBRIG_ANSWER a = { 0 };
		const char *gap = strstr(cases[i].head, "%s");
		snprintf(head, sizeof(head), "Cookie: " COOKIE "=cs_new1\r\n%.*s%s%s", gap ? (int)(gap - cases[i].head) : 500, cases[i].head, gap ? csrf : "", gap ? gap + 2 : "");
		webrig_post(fd, "/api/v1/message", head, "{\"to\":\"0912345678\",\"text\":\"x\"}");
		webrig_read_answer(fd, &a, WEBRIG_WAIT_MS);
		snprintf(line, sizeof(line), "\"rule\":\"%s\"", cases[i].rule);
		if (a.status != 403 || !strstr(a.body, line))
			fail_msg("%s: %d %s", cases[i].label, a.status, a.body);
	}
	webrig_no_core_frame(w, 100);
	OWN(fd) int fd = webrig_call(w);
	snprintf(head, sizeof(head), "Cookie: " COOKIE "=cs_new1\r\n" JSON ORIGIN "X-CSRF-Token: %s\r\n", csrf);
	webrig_post(fd, "/api/v1/message", head, "{}");
	OWN(json) json_t *f = webrig_core_frame(w);
	assert_string_equal(json_str(f, "session", ""), "cs_new1");
}

static void logging_out_leaves_nothing_behind(void **state)
{
	struct webrig *w = *state;
	WEBRIG_ANSWER in = { 0 }, a = { 0 };
	char csrf[64], head[256];
	log_in(w, JSON ORIGIN, &in, csrf);
	OWN(fd) int fd = webrig_call(w);
	snprintf(head, sizeof(head), "Cookie: " COOKIE "=cs_new1\r\n" JSON ORIGIN "X-CSRF-Token: %s\r\n", csrf);
	webrig_post(fd, "/api/v1/session/close", head, "{}");
	OWN(json) json_t *f = webrig_core_frame(w);
	assert_string_equal(json_str(f, "verb", ""), "session.close");
	assert_string_equal(json_str(f, "session", ""), "cs_new1");
	webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":{\"closed\":true}");
	webrig_read_answer(fd, &a, WEBRIG_WAIT_MS);
	assert_int_equal(a.status, 200);
	assert_true(webrig_has_field(&a, "\r\nSet-Cookie: " COOKIE "=" FLAGS "; Max-Age=0\r\n"));
	assert_true(webrig_has_field(&a, "\r\nClear-Site-Data: \"cache\"\r\n"));
	assert_true(webrig_has_field(&a, "\r\nCache-Control: no-store\r\n"));
}

/* What stands in an address or a head never comes back in a page, and nothing sends a browser elsewhere. */
static void page_says_nothing_that_the_caller_brought(void **state)
{
	static const char *const requests[] = {
		"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
		"GET / HTTP/1.1\r\n" WEBRIG_HOST "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: evil.example\r\nX-Forwarded-Prefix: /evil.example\r\nForwarded: host=evil.example\r\n\r\n",
		"GET /?lang=evil.example HTTP/1.1\r\n" WEBRIG_HOST "\r\n",
		"GET /?next=https://evil.example HTTP/1.1\r\n" WEBRIG_HOST "\r\n",
		"GET /login?return_to=//evil.example HTTP/1.1\r\n" WEBRIG_HOST "\r\n",
		"GET /evil.example HTTP/1.1\r\n" WEBRIG_HOST "\r\n",
		"GET /api/v1/openapi.json HTTP/1.1\r\nHost: evil.example\r\n\r\n",
		"GET /api/v1/evil.example HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer evil.example\r\n\r\n",
	};
	struct webrig *w = *state;
	for (size_t i = 0; i < COUNT_OF(requests); i++) {
		WEBRIG_ANSWER a = { 0 };
		webrig_ask(w, requests[i], &a);
		if (!a.status || a.status / 100 == 3 || webrig_has_field(&a, "\r\nLocation:") || webrig_has_field(&a, "evil.example"))
			fail_msg("%s%s", requests[i], buffer_text(&a.all));
		if (webrig_has_field(&a, "Content-Type: text/html"))
			assert_true(webrig_has_field(&a, "frame-ancestors 'none'") && webrig_has_field(&a, "\r\nX-Frame-Options: DENY\r\n"));
	}
}

static void nobody_asks_faster_than_allowed(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	int refused = 0;
	int64_t from = webrig_mono_ms();
	for (int i = 0; i < 40; i++) {
		WEBRIG_ANSWER a = { 0 };
		webrig_post(fd, "/api/v1/message", WEBRIG_TOKEN "Idempotency-Key: \xc4\x91\r\n", "{}"); /* refused behind the pace */
		webrig_read_answer(fd, &a, WEBRIG_WAIT_MS);
		assert_int_equal(a.status, i < 10 || a.status == 400 ? 400 : 429);
		assert_int_equal(webrig_has_field(&a, "\r\nRetry-After: 1\r\n"), a.status == 429);
		refused += a.status == 429;
	}
	/* one more each second that it took */
	assert_true(refused >= 40 - 10 - (webrig_mono_ms() - from + 1000) / 1000);
	WEBRIG_ANSWER other = { 0 };
	webrig_post(fd, "/api/v1/message", "Authorization: Bearer tok-2\r\nIdempotency-Key: \xc4\x91\r\n", "{}");
	webrig_read_answer(fd, &other, WEBRIG_WAIT_MS);
	assert_int_equal(other.status, 400);
}

#define LAW(name) cmocka_unit_test_setup_teardown(name, webrig_greeted, webrig_end)

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		LAW(password_that_nobody_has_never_reaches_the_core),
		LAW(cookie_is_for_this_site_alone),
		LAW(session_is_never_what_the_caller_brought),
		LAW(command_of_a_browser_comes_from_a_page_of_this_gateway),
		LAW(logging_out_leaves_nothing_behind),
		LAW(page_says_nothing_that_the_caller_brought),
		cmocka_unit_test_setup_teardown(nobody_asks_faster_than_allowed, webrig_paced, webrig_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

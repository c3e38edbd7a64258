/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of providers' callbacks: answered after the commit only, kept whatever they hold, asked for again when they were not kept. */
/* clang-format off: cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "tests/support/webrig.h"

#define WAIT_MS WEBRIG_WAIT_MS
#define SECRET_URL WEBRIG_SECRET_URL

static void callback_is_answered_after_the_commit_only(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_post(fd, "/hooks/plain/" SECRET_URL "/inbound", "Content-Type: application/json\r\n",
	     "{\"id\":\"m-1\",\"from\":\"+84912345678\",\"to\":\"8088\",\"text\":\"TC\"}");
	OWN(json) json_t *f = webrig_core_frame(w);
	assert_string_equal(json_str(f, "op", ""), "hook");
	assert_string_equal(json_str(f, "channel", ""), "plain");
	json_t *item = json_array_get(json_object_get(f, "items"), 0), *in = json_object_get(item, "inbound");
	assert_string_equal(json_str(item, "kind", ""), "inbound");
	assert_string_equal(json_str(in, "id", ""), "m-1");
	assert_string_equal(json_str(in, "from", ""), "+84912345678");
	assert_string_equal(json_str(in, "to", ""), "8088");
	assert_string_equal(json_str(in, "text", ""), "TC");
	assert_true(json_int(in, "sent_at_ms", 0) > 0);
	assert_non_null(json_str(in, "raw", NULL));
	assert_null(json_object_get(f, "session"));
	struct pollfd p = { .fd = fd, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 150), 0);
	webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "OK");
}

static void callback_the_core_refuses_is_asked_for_again(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_post(fd, "/hooks/plain/" SECRET_URL "/receipt", "", "{\"id\":\"ref-1\",\"status\":\"DELIVRD\"}");
	OWN(json) json_t *f = webrig_core_frame(w);
	json_t *item = json_array_get(json_object_get(f, "items"), 0), *receipt = json_object_get(item, "receipt");
	assert_string_equal(json_str(receipt, "reference", ""), "ref-1");
	assert_string_equal(json_str(receipt, "status", ""), "delivered");
	assert_string_equal(json_str(receipt, "code", ""), "DELIVRD");
	webrig_reply(w->core, f, "reply",
	      "\"ok\":false,\"error\":{\"rule\":\"disk_low\",\"status\":503,\"field\":\"\",\"args\":null,\"text\":\"disk\"}");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 503);
	assert_true(webrig_has_field(&a, "\r\nRetry-After: "));
}

static void malformed_callback_is_kept_and_refused(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_post(fd, "/hooks/plain/" SECRET_URL "/inbound", "", "{\"from\":");
	OWN(json) json_t *f = webrig_core_frame(w);
	json_t *in = json_object_get(json_array_get(json_object_get(f, "items"), 0), "inbound");
	assert_true(json_flag(in, "malformed", false));
	assert_string_equal(json_str(in, "raw", ""), "7b2266726f6d223a");
	webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 400);
}

static void malformed_callback_that_was_not_kept_is_asked_for_again(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_post(fd, "/hooks/plain/" SECRET_URL "/inbound", "", "{\"from\":");
	OWN(json) json_t *f = webrig_core_frame(w);
	webrig_reply(w->core, f, "reply",
	      "\"ok\":false,\"error\":{\"rule\":\"unavailable\",\"status\":503,\"field\":\"\",\"args\":null,\"text\":\"away\"}");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 503);
	assert_true(webrig_has_field(&a, "\r\nRetry-After: "));
}

#define EVENT_REPORT "{\"type\":\"report\",\"id\":\"r-1\",\"status\":\"ok\"}"
#define EVENT_PART "{\"type\":\"sms\",\"id\":\"m-2\",\"from\":\"+84912345678\",\"text\":\"xin \",\"ref\":\"7\",\"total\":2,\"part\":1}"

static void many_events_of_one_callback_are_one_frame(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_post(fd, "/hooks/many/" SECRET_URL "/receipt", "", "{\"results\":[" EVENT_REPORT "," EVENT_PART ",{\"type\":\"ping\"}]}");
	OWN(json) json_t *f = webrig_core_frame(w);
	json_t *items = json_object_get(f, "items");
	assert_int_equal(json_array_size(items), 2);
	json_t *receipt = json_object_get(json_array_get(items, 0), "receipt"), *in = json_object_get(json_array_get(items, 1), "inbound");
	assert_string_equal(json_str(receipt, "reference", ""), "r-1");
	assert_string_equal(json_str(receipt, "status", ""), "delivered");
	assert_string_equal(json_str(in, "id", ""), "m-2");
	json_t *udh = json_object_get(in, "udh");
	assert_int_equal(json_int(udh, "ref", 0), 7);
	assert_int_equal(json_int(udh, "total", 0), 2);
	assert_int_equal(json_int(udh, "part", 0), 1);
	webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
}

#define EVENT_BAD "{\"type\":\"report\",\"status\":\"ok\"}"

/* Refused, the whole callback would come again and again, and the good events with it. */
static void event_that_cannot_be_read_is_kept_and_the_others_are_taken(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_post(fd, "/hooks/many/" SECRET_URL "/receipt", "", "{\"results\":[" EVENT_BAD "," EVENT_REPORT "]}");
	OWN(json) json_t *f = webrig_core_frame(w);
	json_t *items = json_object_get(f, "items");
	assert_int_equal(json_array_size(items), 2);
	assert_string_equal(json_str(json_object_get(json_array_get(items, 1), "receipt"), "reference", ""), "r-1");
	json_t *kept = json_object_get(json_array_get(items, 0), "inbound");
	assert_true(json_flag(kept, "malformed", false));
	OWN(mem) char *raw = text_hex(EVENT_BAD, strlen(EVENT_BAD));
	assert_string_equal(json_str(kept, "raw", ""), raw);
	webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
}

static void callback_of_which_nothing_can_be_read_is_kept_whole_and_refused(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_post(fd, "/hooks/many/" SECRET_URL "/receipt", "", "{\"results\":[" EVENT_BAD ",7]}");
	OWN(json) json_t *f = webrig_core_frame(w);
	json_t *items = json_object_get(f, "items");
	assert_int_equal(json_array_size(items), 1);
	assert_true(json_flag(json_object_get(json_array_get(items, 0), "inbound"), "malformed", false));
	webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 400);
}

static void thousand_reports_of_one_callback_are_one_frame(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	OWN(buffer) struct buffer body = { 0 };
	WEBRIG_ANSWER a = { 0 };
	assert_int_equal(buffer_puts(&body, "{\"results\":["), 0);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(buffer_printf(&body, "%s{\"type\":\"report\",\"id\":\"%08d-5cfd-4e1c-8d61-0123456789ab\",\"status\":\"ok\"}", i ? "," : "", i), 0);
	assert_int_equal(buffer_puts(&body, "]}"), 0);
	webrig_post(fd, "/hooks/many/" SECRET_URL "/receipt", "", buffer_text(&body));
	OWN(json) json_t *f = webrig_core_frame(w);
	OWN(mem) char *line = json_text(f);
	assert_int_equal(json_array_size(json_object_get(f, "items")), 1000);
	assert_true(strlen(line) < FRAME_BYTES_MAX);
	webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
}

/* Nothing that a provider may send makes a frame that the core does not take. */
static void oversize_fields_are_kept_and_the_frame_stays_within_its_bound(void **state)
{
	struct webrig *w = *state;
	static const struct {
		const char *label, *before, *after;
		size_t n;
		int status;
		bool malformed;
	} cases[] = {
		{ "a text of 64 KiB", "{\"id\":\"m\",\"from\":\"+84912345678\",\"text\":\"", "\"}", 65536, 200, false },
		{ "a text of 200 KiB", "{\"id\":\"m\",\"from\":\"+84912345678\",\"text\":\"", "\"}", 200 * 1024, 400, true },
		{ "an id of 3,000", "{\"from\":\"+84912345678\",\"text\":\"a\",\"id\":\"", "\"}", 3000, 400, true },
		{ "a sender of 3,000", "{\"id\":\"m\",\"text\":\"a\",\"from\":\"", "\"}", 3000, 400, true },
	};
	OWN(mem) char *body = malloc(256 * 1024);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(fd) int fd = webrig_call(w);
		WEBRIG_ANSWER a = { 0 };
		size_t n = strlen(cases[i].before);
		memcpy(body, cases[i].before, n);
		memset(body + n, 'a', cases[i].n);
		memcpy(body + n + cases[i].n, cases[i].after, strlen(cases[i].after) + 1);
		webrig_post(fd, "/hooks/plain/" SECRET_URL "/inbound", "", body);
		OWN(json) json_t *f = webrig_core_frame(w);
		OWN(mem) char *line = json_text(f);
		const json_t *in = json_object_get(json_array_get(json_object_get(f, "items"), 0), "inbound");
		webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
		webrig_read_answer(fd, &a, WAIT_MS);
		if (a.status != cases[i].status || strlen(line) >= FRAME_BYTES_MAX || json_flag(in, "malformed", false) != cases[i].malformed || !json_str(in, "raw", "")[0])
			fail_msg("%s: %d, a frame of %zu bytes", cases[i].label, a.status, strlen(line));
	}
}

static void signed_callback_passes(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	/* base64 of user:password-0123456789 */
	webrig_post(fd, "/hooks/signed/" SECRET_URL "/receipt", "Authorization: Basic dXNlcjpwYXNzd29yZC0wMTIzNDU2Nzg5\r\n",
	     "{\"id\":\"r\",\"status\":\"ODD\"}");
	OWN(json) json_t *f = webrig_core_frame(w);
	webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "GOT");
}

/* Does a callback of a channel that says where its provider calls from pass? More than one row: each on a connection of its own. */
struct knock {
	const char *label, *headers;
	bool passes;
};

static void knock(struct webrig *w, const struct knock *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		OWN(fd) int fd = webrig_call(w);
		WEBRIG_ANSWER a = { 0 };
		webrig_post(fd, "/hooks/fenced/" SECRET_URL "/receipt", rows[i].headers, "{\"results\":[" EVENT_REPORT "]}");
		if (rows[i].passes) {
			OWN(json) json_t *f = webrig_core_frame(w);
			webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
		}
		webrig_read_answer(fd, &a, WAIT_MS);
		if (a.status != (rows[i].passes ? 200 : 403))
			fail_msg("%s: %d", rows[i].label, a.status);
	}
	webrig_no_core_frame(w, 50);
}

static void callback_passes_from_listed_addresses_only_as_the_proxy_names_them(void **state)
{
	static const struct knock rows[] = {
		{ "listed", "X-Forwarded-For: 203.0.113.7\r\n", true },
		{ "listed, IPv6", "X-Forwarded-For: 2001:db8::5\r\n", true },
		{ "the proxy's word stands last", "X-Forwarded-For: 198.51.100.1, 203.0.113.7\r\n", true },
		{ "the proxy's line stands last", "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 203.0.113.7\r\n", true },
		{ "not listed", "X-Forwarded-For: 198.51.100.1\r\n", false },
		{ "the caller's word before the proxy's", "X-Forwarded-For: 203.0.113.7, 198.51.100.1\r\n", false },
		{ "the caller's line before the proxy's", "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-For: 198.51.100.1\r\n", false },
		{ "no header", "", false },
		{ "empty", "X-Forwarded-For: \r\n", false },
		{ "no address", "X-Forwarded-For: unknown\r\n", false },
		{ "another header", "Forwarded: for=203.0.113.7\r\nX-Real-IP: 203.0.113.7\r\n", false },
	};
	knock(*state, rows, COUNT_OF(rows));
}

static void forwarded_header_is_nothing_without_a_proxy(void **state)
{
	static const struct knock rows[] = { { "claimed", "X-Forwarded-For: 203.0.113.7\r\n", false } };
	knock(*state, rows, COUNT_OF(rows));
}

/* ---- USSD ---- */

#define USSD "/ussd/main/" SECRET_URL
#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"
#define CALL "sessionId=s-1&phoneNumber=%2B84912345678&serviceCode=*1%23&text=3*4"

static void screen_is_shown_after_the_commit_only(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_post(fd, USSD, FORM, CALL);
	OWN(json) json_t *f = webrig_core_frame(w);
	assert_string_equal(json_str(f, "op", ""), "ussd");
	assert_string_equal(json_str(f, "door", ""), "main");
	assert_string_equal(json_str(f, "session", ""), "s-1");
	assert_string_equal(json_str(f, "from", ""), "+84912345678");
	assert_string_equal(json_str(f, "input", ""), "3*4");
	assert_true(json_flag(f, "cumulative", false));
	struct pollfd p = { .fd = fd, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 150), 0);
	webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":{\"text\":\"Noi dung:\",\"more\":true}");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "CON Noi dung:");
}

/* What the core says of a call: the database is away, the call is no use, the address is not known any more. */
static void session_ends_with_a_sentence_where_the_core_cannot_answer(void **state)
{
	static const struct {
		const char *error;
		int status;
		const char *body;
	} cases[] = {
		{ "\"rule\":\"unavailable\",\"status\":503", 200, "END He thong dang ban. Xin goi lai sau it phut." },
		{ "\"rule\":\"failed\",\"status\":500", 200, "END He thong dang ban. Xin goi lai sau it phut." },
		{ "\"rule\":\"bad_number\",\"status\":422", 400, NULL },
		{ "\"rule\":\"not_found\",\"status\":404", 404, NULL },
	};
	struct webrig *w = *state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(fd) int fd = webrig_call(w);
		WEBRIG_ANSWER a = { 0 };
		OWN(mem) char *said = NULL;
		webrig_post(fd, USSD, FORM, CALL);
		OWN(json) json_t *f = webrig_core_frame(w);
		assert_true(asprintf(&said, "\"ok\":false,\"error\":{%s,\"field\":\"\",\"args\":null,\"text\":\"x\"}", cases[i].error) > 0);
		webrig_reply(w->core, f, "reply", said);
		webrig_read_answer(fd, &a, WAIT_MS);
		assert_int_equal(a.status, cases[i].status);
		if (cases[i].body)
			assert_string_equal(a.body, cases[i].body);
	}
}

static void call_that_no_style_describes_never_reaches_the_core(void **state)
{
	static const struct {
		const char *method, *path, *body;
		int status;
	} cases[] = {
		{ "POST", USSD, "sessionId=s-1", 400 },   { "POST", USSD, "{\"sessionId\":", 400 },	 { "POST", USSD "/more", CALL, 400 },
		{ "PUT", USSD, CALL, 405 },		  { "POST", "/ussd/main/hook", CALL, 404 },	 { "POST", "/ussd/other/" SECRET_URL, CALL, 404 },
		{ "POST", "/ussd/fenced/" SECRET_URL, "{}", 403 }, { "GET", USSD, "", 400 },
	};
	struct webrig *w = *state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		WEBRIG_ANSWER a = { 0 };
		OWN(mem) char *request = NULL;
		assert_true(asprintf(&request, "%s %s HTTP/1.1\r\nHost: test\r\n" FORM "Content-Length: %zu\r\n\r\n%s", cases[i].method, cases[i].path, strlen(cases[i].body), cases[i].body) > 0);
		webrig_ask(w, request, &a);
		if (a.status != cases[i].status)
			fail_msg("%s %s '%s': %d", cases[i].method, cases[i].path, cases[i].body, a.status);
	}
	webrig_no_core_frame(w, 50);
}

static void call_by_get_has_its_fields_in_the_address(void **state)
{
	struct webrig *w = *state;
	OWN(fd) int fd = webrig_call(w);
	WEBRIG_ANSWER a = { 0 };
	webrig_say(fd, "GET " USSD "?" CALL " HTTP/1.1\r\nHost: test\r\n\r\n");
	OWN(json) json_t *f = webrig_core_frame(w);
	assert_string_equal(json_str(f, "input", ""), "3*4");
	webrig_reply(w->core, f, "reply", "\"ok\":true,\"result\":{\"text\":\"Het\",\"more\":false}");
	webrig_read_answer(fd, &a, WAIT_MS);
	assert_string_equal(a.body, "END Het");
}

#define LAW(name) cmocka_unit_test_setup_teardown(name, webrig_greeted, webrig_end)

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		LAW(callback_is_answered_after_the_commit_only),
		LAW(callback_the_core_refuses_is_asked_for_again),
		LAW(malformed_callback_is_kept_and_refused),
		LAW(malformed_callback_that_was_not_kept_is_asked_for_again),
		LAW(many_events_of_one_callback_are_one_frame),
		LAW(event_that_cannot_be_read_is_kept_and_the_others_are_taken),
		LAW(callback_of_which_nothing_can_be_read_is_kept_whole_and_refused),
		LAW(thousand_reports_of_one_callback_are_one_frame),
		LAW(oversize_fields_are_kept_and_the_frame_stays_within_its_bound),
		LAW(signed_callback_passes),
		LAW(screen_is_shown_after_the_commit_only),
		LAW(session_ends_with_a_sentence_where_the_core_cannot_answer),
		LAW(call_that_no_style_describes_never_reaches_the_core),
		LAW(call_by_get_has_its_fields_in_the_address),
		LAW(forwarded_header_is_nothing_without_a_proxy),
		cmocka_unit_test_setup_teardown(callback_passes_from_listed_addresses_only_as_the_proxy_names_them, webrig_behind_proxy, webrig_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

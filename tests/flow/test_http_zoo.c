/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the HTTP driver before providers of every kind: whatever they answer, one request leaves for one message, nothing
 * is called accepted without a valid id, nothing leaves before a good certificate; tokens, batches, look-ups and balances
 * come of the profile alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/httprig.h"
#include "tests/support/scripted.h"

#define WAIT_MS 60000
#define OK_BODY "{\"status\":\"ok\",\"id\":\"A-1\"}"

/* Starts the program and sees its ready frame, the caller's. */
static json_t *start(struct httprig *d, const char *scheme, const struct scripted *s, double timeout_s, double every_h)
{
	char url[64];
	snprintf(url, sizeof(url), "%s://127.0.0.1:%d", scheme, scripted_port(s));
	return httprig_start(d, url, strcmp(scheme, "https") ? "" : d->ca_file, timeout_s, every_h);
}

static void expect(const char *label, const json_t *f, const char *outcome, const char *fault, const char *code, const char *reference)
{
	bool good = !strcmp(json_str(f, "outcome", ""), outcome) && !strcmp(json_str(f, "fault", ""), fault) &&
		    (!code || !strcmp(json_str(f, "code", ""), code)) && !strcmp(json_str(f, "reference", ""), reference);
	OWN(mem) char *text = json_text(f);
	if (!good)
		fail_msg("%s: expected %s %s %s %s, was %s", label, outcome, fault, code ? code : "any code", reference, text);
}

/* ---- the zoo ---- */

#define ZOO_PROFILE                                                                                                                  \
	"provider = { name = \"zoo\"; idempotent = { key = %s; }; submit = { path = \"/send\"; content_type = \"application/json\"; "        \
	"body = \"{\\\"to\\\":{{to|json}},\\\"text\\\":{{text|json}},\\\"key\\\":{{key|json}}}\"; }; answer = { format = \"json\"; id = \"/id\"; " \
	"rules = ( { status = \"200-299\"; at = \"/status\"; equals = \"ok\"; outcome = \"accepted\"; }, "                                \
	"{ status = 409; outcome = \"duplicate\"; }, "                                                                              \
	"{ status = 429; outcome = \"not_sent\"; fault = \"channel\"; }, "                                                          \
	"{ status = 503; at = \"/code\"; equals = \"busy\"; outcome = \"not_sent\"; fault = \"channel\"; code = \"/code\"; }, "          \
	"{ status = 401; outcome = \"refused\"; fault = \"channel\"; code = \"/code\"; }, "                                         \
	"{ status = \"4xx\"; at = \"/code\"; equals = \"number\"; outcome = \"refused\"; fault = \"recipient\"; code = \"/code\"; }, "       \
	"{ status = 400; at = \"/code\"; outcome = \"refused\"; fault = \"message\"; code = \"/code\"; }, { outcome = \"unclear\"; } ); }; };"

#define FRAMED(n) "HTTP/1.1 200 OK\r\nContent-Length: " #n "\r\n\r\n"
#define CLOSED(status) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n"
#define TEN(x) x x x x x x x x x x

static const struct {
	const char *label, *bytes;
	size_t n_bytes; /* 0 = to the NUL */
	enum scripted_end end;
	const char *outcome, *fault, *code, *reference;
	int retry_after_s;
} zoo[] = {
	{ "accepted", FRAMED(26) OK_BODY, 0, SCRIPTED_KEEP, "accepted", "", "", "A-1", 0 },
	{ "accepted in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"status\":\"ok\",\"\r\nb\r\nid\":\"A-1\"} \r\n0\r\n\r\n", 0,
	  SCRIPTED_KEEP, "accepted", "", "", "A-1", 0 },
	{ "accepted, ended by the connection", CLOSED("200 OK") OK_BODY, 0, SCRIPTED_CLOSE, "accepted", "", "", "A-1", 0 },
	{ "100 and 103 before it", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" FRAMED(26) OK_BODY, 0, SCRIPTED_KEEP,
	  "accepted", "", "", "A-1", 0 },
	{ "a second answer behind it", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 26\r\n\r\n" OK_BODY FRAMED(2) "{}", 0, SCRIPTED_CLOSE, "accepted", "", "", "A-1", 0 },
	{ "id as a number", CLOSED("201 Created") "{\"status\":\"ok\",\"id\":12345678901234567}", 0, SCRIPTED_CLOSE, "accepted", "", "",
	  "12345678901234567", 0 },
	{ "same key again", CLOSED("409 Conflict"), 0, SCRIPTED_CLOSE, "accepted", "", "http:409", "", 0 },
	{ "empty 200", FRAMED(0), 0, SCRIPTED_KEEP, "unclear", "", "", "", 0 },
	{ "204", "HTTP/1.1 204 No Content\r\n\r\n", 0, SCRIPTED_KEEP, "unclear", "", "", "", 0 },
	{ "HTML", CLOSED("200 OK") "<html><body>OK, accepted</body></html>", 0, SCRIPTED_CLOSE, "unclear", "", "", "", 0 },
	{ "text with the right words", CLOSED("200 OK") "status ok id A-1", 0, SCRIPTED_CLOSE, "unclear", "", "", "", 0 },
	{ "an answer of HTTP/0.9", OK_BODY, 0, SCRIPTED_CLOSE, "unclear", "", "bad_answer", "", 0 },
	{ "another protocol", "SSH-2.0-OpenSSH_9.2\r\n", 0, SCRIPTED_CLOSE, "unclear", "", "bad_answer", "", 0 },
	{ "a version nobody knows", "HTTP/7.7 200 OK\r\nContent-Length: 26\r\n\r\n" OK_BODY, 0, SCRIPTED_CLOSE, "unclear", "", "bad_answer", "", 0 },
	{ "half a status line", "HTTP/1.1 20", 0, SCRIPTED_CLOSE, "unclear", "", NULL, "", 0 },
	{ "half the headers", "HTTP/1.1 200 OK\r\nContent-Le", 0, SCRIPTED_CLOSE, "unclear", "", NULL, "", 0 },
	{ "half the body", FRAMED(60) OK_BODY, 0, SCRIPTED_CLOSE, "unclear", "", "connection_lost", "", 0 },
	{ "half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" OK_BODY, 0, SCRIPTED_CLOSE, "unclear", "", "connection_lost", "", 0 },
	{ "a chunk of nonsense", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" OK_BODY, 0, SCRIPTED_CLOSE, "unclear", "", NULL, "", 0 },
	{ "a length of nonsense", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n" OK_BODY, 0, SCRIPTED_RESET, "unclear", "", NULL, "", 0 },
	{ "a length beyond all bounds, yet a whole answer", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n" OK_BODY, 0,
	  SCRIPTED_CLOSE, "accepted", "", "", "A-1", 0 }, /* its id proves it */
	{ "closed without a word", "", 0, SCRIPTED_CLOSE, "unclear", "", "connection_lost", "", 0 },
	{ "reset without a word", "", 0, SCRIPTED_RESET, "unclear", "", "connection_lost", "", 0 },
	{ "silence", "", 0, SCRIPTED_HOLD, "unclear", "", "timeout", "", 0 },
	{ "silence behind the headers", FRAMED(26), 0, SCRIPTED_HOLD, "unclear", "", "timeout", "", 0 },
	{ "silence in the middle of the body", FRAMED(60) OK_BODY, 0, SCRIPTED_HOLD, "unclear", "", "timeout", "", 0 },
	{ "1xx without end", "HTTP/1.1 102 Processing\r\nX: " TEN("aaaaaaaaaa") "\r\n\r\n", 0, SCRIPTED_FLOOD, "unclear", "", "answer_too_big", "", 0 },
	{ "headers without end", "HTTP/1.1 200 OK\r\nX: " TEN("aaaaaaaaaa") "\r\n", 0, SCRIPTED_FLOOD, "unclear", "", NULL, "", 0 },
	{ "a body without end", CLOSED("200 OK") OK_BODY "          ", 0, SCRIPTED_FLOOD, "unclear", "", "answer_too_big", "", 0 },
	{ "compressed unasked", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n\x1f\x8b\x08\x01\x01\x01\x01\x01\x01\x01", 0,
	  SCRIPTED_KEEP, "unclear", "", "", "", 0 },
	{ "a key twice", CLOSED("200 OK") "{\"status\":\"ok\",\"id\":\"A\",\"id\":\"B\"}", 0, SCRIPTED_CLOSE, "unclear", "", "", "", 0 },
	{ "no id", CLOSED("200 OK") "{\"status\":\"ok\"}", 0, SCRIPTED_CLOSE, "unclear", "", "", "", 0 },
	{ "null for an id", CLOSED("200 OK") "{\"status\":\"ok\",\"id\":null}", 0, SCRIPTED_CLOSE, "unclear", "", "", "", 0 },
	{ "a list for an id", CLOSED("200 OK") "{\"status\":\"ok\",\"id\":[\"A\"]}", 0, SCRIPTED_CLOSE, "unclear", "", "", "", 0 },
	{ "an id with a line break", CLOSED("200 OK") "{\"status\":\"ok\",\"id\":\"A\\r\\nB\"}", 0, SCRIPTED_CLOSE, "unclear", "", "", "", 0 },
	{ "an id of 300 bytes", CLOSED("200 OK") "{\"status\":\"ok\",\"id\":\"" TEN("aaaaaaaaaa") TEN("aaaaaaaaaa") TEN("aaaaaaaaaa") "\"}", 0,
	  SCRIPTED_CLOSE, "unclear", "", "", "", 0 },
	{ "NaN", CLOSED("200 OK") "{\"status\":\"ok\",\"id\":NaN}", 0, SCRIPTED_CLOSE, "unclear", "", "", "", 0 },
	{ "a NUL behind the value", "HTTP/1.1 200 OK\r\nContent-Length: 27\r\n\r\n" OK_BODY "\0", sizeof("HTTP/1.1 200 OK\r\nContent-Length: 27\r\n\r\n" OK_BODY),
	  SCRIPTED_KEEP, "unclear", "", "", "", 0 },
	{ "depth 100", CLOSED("200 OK") "{\"status\":\"ok\",\"id\":\"A\",\"x\":" TEN("[[[[[[[[[[") TEN("]]]]]]]]]]") "}", 0, SCRIPTED_CLOSE, "unclear", "",
	  "", "", 0 },
	{ "another word", CLOSED("200 OK") "{\"status\":\"OK\",\"id\":\"A\"}", 0, SCRIPTED_CLOSE, "unclear", "", "", "", 0 },
	{ "redirect", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 0, SCRIPTED_KEEP, "unclear", "", "http:302", "", 0 },
	{ "redirect that keeps the method", "HTTP/1.1 307 Temporary Redirect\r\nLocation: /send\r\nContent-Length: 0\r\n\r\n", 0, SCRIPTED_KEEP,
	  "unclear", "", "http:307", "", 0 },
	{ "upgrade", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", 0, SCRIPTED_CLOSE, "unclear", "", NULL, "", 0 },
	{ "login refused", CLOSED("401 Unauthorized") "{\"code\":\"auth\"}", 0, SCRIPTED_CLOSE, "refused", "channel", "auth", "", 0 },
	{ "login refused in HTML", CLOSED("401 Unauthorized") "<html>", 0, SCRIPTED_CLOSE, "refused", "channel", "http:401", "", 0 },
	{ "bad number", CLOSED("422 X") "{\"code\":\"number\"}", 0, SCRIPTED_CLOSE, "refused", "recipient", "number", "", 0 },
	{ "bad text", CLOSED("400 X") "{\"code\":\"text\"}", 0, SCRIPTED_CLOSE, "refused", "message", "text", "", 0 },
	{ "400 of a proxy", CLOSED("400 Bad Request") "<html>", 0, SCRIPTED_CLOSE, "unclear", "", "http:400", "", 0 },
	{ "too fast", "HTTP/1.1 429 X\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", 0, SCRIPTED_KEEP, "not_sent", "channel", "http:429", "", 7 },
	{ "too fast, in HTML", CLOSED("429 X") "<html>", 0, SCRIPTED_CLOSE, "not_sent", "channel", "http:429", "", 0 },
	{ "too fast, nonsense for a time", "HTTP/1.1 429 X\r\nRetry-After: -9e99\r\nContent-Length: 0\r\n\r\n", 0, SCRIPTED_KEEP, "not_sent", "channel",
	  "http:429", "", 0 },
	{ "busy, as documented", CLOSED("503 X") "{\"code\":\"busy\"}", 0, SCRIPTED_CLOSE, "not_sent", "channel", "busy", "", 0 },
	{ "503 of a proxy", "HTTP/1.1 503 X\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n", 0, SCRIPTED_KEEP, "unclear", "", "http:503", "", 9 },
	{ "500", CLOSED("500 X") "{}", 0, SCRIPTED_CLOSE, "unclear", "", "http:500", "", 0 },
	{ "500 that says ok", CLOSED("500 X") OK_BODY, 0, SCRIPTED_CLOSE, "unclear", "", "http:500", "A-1", 0 },
};

/* The text of the message is the number of the animal. */
static void answer_zoo(void *self, const char *request, struct scripted_reply *ret)
{
	(void)self;
	const char *text = strstr(request, "\"text\":\"");
	size_t i = text ? strtoul(text + 8, NULL, 10) : COUNT_OF(zoo);
	if (i >= COUNT_OF(zoo))
		return;
	*ret = (struct scripted_reply){ .bytes = zoo[i].bytes, .n_bytes = zoo[i].n_bytes ? zoo[i].n_bytes : strlen(zoo[i].bytes), .end = zoo[i].end };
}

static void try_zoo(const char *idempotent)
{
	char profile[2048];
	struct httprig d;
	snprintf(profile, sizeof(profile), ZOO_PROFILE, idempotent);
	httprig_folder(&d, profile);
	struct scripted *s = scripted_start(SCRIPTED_PLAIN, NULL, answer_zoo, NULL);
	json_decref(start(&d, "http", s, 1.5, 12));
	for (size_t i = 0; i < COUNT_OF(zoo); i++) {
		char text[16];
		int before = scripted_requests(s);
		snprintf(text, sizeof(text), "%zu", i);
		httprig_submit(&d, (int)i, "+84912345678", text);
		OWN(json) json_t *f = httprig_read(&d);
		/* an id that came with doubt is no reference */
		bool accepted = !strcmp(zoo[i].outcome, "accepted");
		expect(zoo[i].label, f, zoo[i].outcome, zoo[i].fault, zoo[i].code, accepted ? zoo[i].reference : json_str(f, "reference", ""));
		if (json_int(f, "retry_after_s", 0) != zoo[i].retry_after_s || scripted_requests(s) != before + 1)
			fail_msg("%s: again after %d s, %d requests", zoo[i].label, (int)json_int(f, "retry_after_s", 0), scripted_requests(s) - before);
	}
	httprig_end(&d);
	scripted_stop(s);
}

static void animal_gets_its_class_and_one_request_when_not_idempotent(void **state)
{
	(void)state;
	try_zoo("false");
}

static void animal_gets_its_class_and_one_request_on_kept_connections(void **state)
{
	(void)state;
	try_zoo("true");
}

/* ---- a connection that dies when it is used again ---- */

static void answer_once(void *self, const char *request, struct scripted_reply *ret)
{
	int *n = self;
	(void)request;
	bool first = (*n)++ == 0;
	*ret = (struct scripted_reply){ .bytes = FRAMED(26) OK_BODY, .n_bytes = first ? strlen(FRAMED(26) OK_BODY) : 0,
					.end = first ? SCRIPTED_KEEP : SCRIPTED_CLOSE };
}

static void kept_connection_that_dies_is_no_second_request(void **state)
{
	(void)state;
	char profile[2048];
	struct httprig d;
	int n = 0;
	snprintf(profile, sizeof(profile), ZOO_PROFILE, "true");
	httprig_folder(&d, profile);
	struct scripted *s = scripted_start(SCRIPTED_PLAIN, NULL, answer_once, &n);
	json_decref(start(&d, "http", s, 5, 12));
	httprig_submit(&d, 1, "+84912345678", "a");
	OWN(json) json_t *first = httprig_read(&d);
	expect("first", first, "accepted", "", "", "A-1");
	httprig_submit(&d, 2, "+84912345678", "b");
	OWN(json) json_t *second = httprig_read(&d);
	expect("second", second, "unclear", "", "connection_lost", "");
	assert_int_equal(scripted_requests(s), 2);
	httprig_end(&d);
	scripted_stop(s);
}

/* ---- certificates ---- */

static void answer_ok(void *self, const char *request, struct scripted_reply *ret)
{
	(void)self, (void)request;
	*ret = (struct scripted_reply){ .bytes = FRAMED(26) OK_BODY, .n_bytes = strlen(FRAMED(26) OK_BODY), .end = SCRIPTED_KEEP };
}

static void bad_certificate_gets_no_byte_of_the_request(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		enum scripted_tls tls;
		bool good;
	} cases[] = {
		{ "good", SCRIPTED_GOOD, true },	     { "self-signed", SCRIPTED_SELF_SIGNED, false }, { "expired", SCRIPTED_EXPIRED, false },
		{ "of another host", SCRIPTED_OTHER_HOST, false }, { "TLS 1.1 at most", SCRIPTED_OLD_TLS, false }, { "weak key", SCRIPTED_WEAK_KEY, false },
		{ "of another authority", SCRIPTED_OTHER_CA, false },
	};
	char profile[2048];
	snprintf(profile, sizeof(profile), ZOO_PROFILE, "false");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct httprig d;
		httprig_folder(&d, profile);
		struct scripted *s = scripted_start(cases[i].tls, d.ca_file, answer_ok, NULL);
		json_decref(start(&d, "https", s, 20, 12));
		httprig_submit(&d, 1, "+84912345678", "a");
		OWN(json) json_t *f = httprig_read(&d);
		expect(cases[i].label, f, cases[i].good ? "accepted" : "not_sent", cases[i].good ? "" : "channel", cases[i].good ? "" : "tls",
		       cases[i].good ? "A-1" : "");
		if (scripted_requests(s) != cases[i].good)
			fail_msg("%s: %d requests arrived", cases[i].label, scripted_requests(s));
		httprig_end(&d);
		scripted_stop(s);
	}
}

/* ---- tokens ---- */

#define TOKEN_PROFILE                                                                                                     \
	"provider = { name = \"z\"; auth = { kind = \"token\"; path = \"/token\"; body = \"{{secret.mac|url}}\"; format = \"json\"; token = \"/t\"; }; " \
	"submit = { path = \"/send\"; headers = [ \"Authorization: Bearer {{auth}}\" ]; body = \"{{text|url}}\"; }; answer = { format = \"json\"; "    \
	"id = \"/id\"; rules = ( { status = 401; outcome = \"not_sent\"; fault = \"channel\"; renew = true; }, "          \
	"{ status = 200; outcome = \"accepted\"; }, { outcome = \"unclear\"; } ); }; };"

struct tokens {
	int given, good; /* tokens given; the number of the one that is good now */
	char reply[256];
};

static void reply_json(char reply[256], const char *status, const char *json, struct scripted_reply *ret)
{
	int n = snprintf(reply, 256, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(json), json);
	*ret = (struct scripted_reply){ .bytes = reply, .n_bytes = (size_t)n, .end = SCRIPTED_KEEP };
}

static void answer_tokens(void *self, const char *request, struct scripted_reply *ret)
{
	struct tokens *t = self;
	char text[64];
	if (!strncmp(request, "POST /token ", 12)) {
		snprintf(text, sizeof(text), "{\"t\":\"tok-%d\"}", ++t->given);
		reply_json(t->reply, "200 OK", text, ret);
		return;
	}
	snprintf(text, sizeof(text), "Authorization: Bearer tok-%d\r\n", t->good);
	if (strstr(request, text))
		reply_json(t->reply, "200 OK", "{\"id\":\"A-1\"}", ret);
	else
		reply_json(t->reply, "401 Unauthorized", "{}", ret);
}

static void token_is_fetched_once_and_renewed_when_refused(void **state)
{
	(void)state;
	struct tokens t = { .good = 1 };
	struct httprig d;
	httprig_folder(&d, TOKEN_PROFILE);
	struct scripted *s = scripted_start(SCRIPTED_PLAIN, NULL, answer_tokens, &t);
	json_decref(start(&d, "http", s, 20, 12));
	for (int i = 1; i <= 3; i++)
		httprig_submit(&d, i, "+84912345678", "a");
	for (int i = 1; i <= 3; i++) {
		OWN(json) json_t *f = httprig_read(&d);
		expect("first token", f, "accepted", "", "", "A-1");
	}
	assert_int_equal(scripted_requests(s), 4); /* one token, three messages */
	t.good = 2; /* nothing is under way */
	httprig_submit(&d, 4, "+84912345678", "a");
	OWN(json) json_t *renewed = httprig_read(&d);
	expect("the token ended early", renewed, "accepted", "", "", "A-1");
	assert_int_equal(t.given, 2);
	t.good = 99; /* whatever is fetched is refused: a person must act */
	httprig_submit(&d, 5, "+84912345678", "a");
	OWN(json) json_t *refused = httprig_read(&d);
	expect("no token is good", refused, "refused", "channel", "http:401", "");
	httprig_end(&d);
	scripted_stop(s);
}

/* ---- secrets ---- */

static void answer_by_secret(void *self, const char *request, struct scripted_reply *ret)
{
	const char *good = strstr(request, "X-Key: 0123456789abcdef\r\n") ? "old" : strstr(request, "X-Key: fedcba9876543210\r\n") ? "new" : "none";
	char text[64];
	snprintf(text, sizeof(text), "{\"id\":\"%s\"}", good);
	reply_json(self, "200 OK", text, ret);
}

static void new_secrets_are_used_from_the_next_message_on(void **state)
{
	(void)state;
	char reply[256];
	struct httprig d;
	httprig_folder(&d, "provider = { name = \"z\"; submit = { path = \"/send\"; headers = [ \"X-Key: {{secret.mac}}\" ]; body = \"x\"; }; answer = "
			"{ format = \"json\"; id = \"/id\"; rules = ( { status = 200; outcome = \"accepted\"; }, { outcome = \"unclear\"; } ); }; };");
	struct scripted *s = scripted_start(SCRIPTED_PLAIN, NULL, answer_by_secret, reply);
	json_decref(start(&d, "http", s, 20, 12));
	httprig_submit(&d, 1, "+84912345678", "a");
	OWN(json) json_t *before = httprig_read(&d);
	expect("before", before, "accepted", "", "", "old");
	httprig_send(&d, json_pack("{s:s,s:{s:s}}", "op", "secrets", "secrets", "mac", "fedcba9876543210"));
	httprig_submit(&d, 2, "+84912345678", "a");
	OWN(json) json_t *after = httprig_read(&d);
	expect("after", after, "accepted", "", "", "new");
	httprig_send(&d, json_pack("{s:s,s:{}}", "op", "secrets", "secrets")); /* one is missing: the old ones stay */
	OWN(json) json_t *warning = httprig_read(&d);
	assert_string_equal(json_str(warning, "event", ""), "http.secrets_incomplete");
	httprig_submit(&d, 3, "+84912345678", "a");
	OWN(json) json_t *last = httprig_read(&d);
	expect("last", last, "accepted", "", "", "new");
	httprig_end(&d);
	scripted_stop(s);
}

/* ---- batches ---- */

#define BATCH_PROFILE                                                                                                     \
	"provider = { name = \"z\"; idempotent = { key = true; }; batch = 3; submit = { path = \"/send\"; "               \
	"body = \"{\\\"text\\\":{{text|json}},\\\"to\\\":[{{recipients}}]}\"; recipient = \"{{to|json}}\"; }; "                   \
	"answer = { format = \"json\"; rules = ( { status = 200; outcome = \"each\"; }, { status = 400; outcome = \"refused\"; fault = \"message\"; }, " \
	"{ outcome = \"unclear\"; } ); "                                                                                   \
	"each = { list = \"/r\"; to = \"/to\"; id = \"/id\"; rules = ( { at = \"/ok\"; equals = true; outcome = \"accepted\"; }, " \
	"{ at = \"/ok\"; outcome = \"refused\"; fault = \"recipient\"; }, { outcome = \"unclear\"; } ); }; }; };"

struct batch {
	int together[8], n; /* recipients of each request */
	char reply[1024];
	const char *refuses; /* a request with this in it is refused as a whole */
};
#define BAD_REQUEST "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"

/* Numbers that end in 3 are refused, those that end in 4 are not spoken of. */
static void answer_batch(void *self, const char *request, struct scripted_reply *ret)
{
	struct batch *b = self;
	char json[768] = "{\"r\":[";
	int n = 0;
	for (const char *to = strstr(request, "\"+84"); to; to = strstr(to + 1, "\"+84")) {
		size_t at = strlen(json);
		n++;
		if (to[12] != '4')
			snprintf(json + at, sizeof(json) - at, "%s{\"to\":\"%.12s\",\"ok\":%s,\"id\":\"R-%c\"}", json[at - 1] == '[' ? "" : ",", to + 1,
				 to[12] == '3' ? "false" : "true", to[12]);
	}
	if (b->n < 8)
		b->together[b->n++] = n;
	if (b->refuses && strstr(request, b->refuses)) {
		*ret = (struct scripted_reply){ .bytes = BAD_REQUEST, .n_bytes = strlen(BAD_REQUEST), .end = SCRIPTED_CLOSE };
		return;
	}
	size_t at = strlen(json);
	snprintf(json + at, sizeof(json) - at, "]}");
	int length = snprintf(b->reply, sizeof(b->reply), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", strlen(json), json);
	*ret = (struct scripted_reply){ .bytes = b->reply, .n_bytes = (size_t)length, .end = SCRIPTED_CLOSE };
}

/* n messages at once, of one text; the last of another where it says so. */
static void submit_together(struct httprig *d, int n, const char *last_text)
{
	struct buffer all = { 0 };
	for (int i = 0; i < n; i++) {
		char to[16], id[2] = { (char)('1' + i), '\0' };
		snprintf(to, sizeof(to), "+8491234567%d", i + 1);
		OWN(json) json_t *f = json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:s,s:s}", "op", "submit", "attempt", id, "to", to, "text",
						i == n - 1 ? last_text : "Xin chào", "encoding", "gsm7", "part", 1, "parts", 1, "key", id, "sender", "");
		assert_int_equal(json_put_line(&all, f), 0);
	}
	assert_int_equal(write(d->in, buffer_text(&all), buffer_left(&all)), (ssize_t)buffer_left(&all));
	buffer_done(&all);
}

static void batch_that_is_refused_as_a_whole_is_tried_one_by_one(void **state)
{
	(void)state;
	struct batch b = { .refuses = "+84912345672" };
	struct httprig d;
	int good = 0;
	httprig_folder(&d, BATCH_PROFILE);
	struct scripted *s = scripted_start(SCRIPTED_PLAIN, NULL, answer_batch, &b);
	json_decref(start(&d, "http", s, 20, 12));
	submit_together(&d, 2, "Xin chào");
	for (int i = 0; i < 2; i++) {
		OWN(json) json_t *f = httprig_read(&d);
		bool first = !strcmp(json_str(f, "attempt", ""), "1");
		expect(json_str(f, "attempt", ""), f, first ? "accepted" : "refused", first ? "" : "message", NULL, first ? "R-1" : "");
		good += first;
	}
	assert_int_equal(good, 1);
	assert_int_equal(b.n, 3);
	assert_int_equal(b.together[0], 2);
	assert_int_equal(b.together[1], 1);
	assert_int_equal(b.together[2], 1);
	httprig_end(&d);
	scripted_stop(s);
}

static void batch_of_one_text_has_an_answer_for_each(void **state)
{
	(void)state;
	static const char *const outcomes[] = { "accepted", "accepted", "refused", "unclear", "accepted" };
	static const char *const ids[] = { "R-1", "R-2", "R-3", "", "R-5" };
	struct batch b = { 0 };
	struct httprig d;
	httprig_folder(&d, BATCH_PROFILE);
	struct scripted *s = scripted_start(SCRIPTED_PLAIN, NULL, answer_batch, &b);
	json_decref(start(&d, "http", s, 20, 12));
	submit_together(&d, 5, "Chào");
	for (int i = 0; i < 5; i++) {
		OWN(json) json_t *f = httprig_read(&d);
		int k = json_str(f, "attempt", "1")[0] - '1';
		assert_true(k >= 0 && k < 5);
		expect(json_str(f, "attempt", ""), f, outcomes[k], k == 2 ? "recipient" : "", NULL, ids[k]);
	}
	/* three and one of the first text, one of the second */
	int most = 0, sum = 0;
	for (int i = 0; i < b.n; i++) {
		most = b.together[i] > most ? b.together[i] : most;
		sum += b.together[i];
	}
	assert_int_equal(b.n, 3);
	assert_int_equal(most, 3);
	assert_int_equal(sum, 5);
	httprig_end(&d);
	scripted_stop(s);
}

/* ---- look-ups and balance ---- */

#define LOOKUP_PROFILE                                                                                                    \
	"provider = { name = \"z\"; submit = { path = \"/send\"; body = \"{{text|url}}\"; }; answer = { format = \"json\"; id = \"/id\"; "  \
	"rules = ( { status = 200; outcome = \"accepted\"; }, { outcome = \"unclear\"; } ); }; "                             \
	"lookup = { method = \"GET\"; path = \"/status?key={{key|url}}\"; after_s = [ 1, 2 ]; answer = { format = \"json\"; id = \"/id\"; " \
	"rules = ( { status = 404; outcome = \"not_sent\"; }, { status = 200; at = \"/state\"; equals = \"sent\"; outcome = \"accepted\"; }, " \
	"{ status = 200; at = \"/state\"; equals = \"failed\"; outcome = \"refused\"; fault = \"recipient\"; }, { outcome = \"unclear\"; } ); }; }; " \
	"balance = { path = \"/balance\"; body = \"x\"; format = \"json\"; value = \"/vnd\"; }; };"

struct questions {
	int asked[8]; /* look-ups for each key */
	char reply[256];
};

/* Submits get no answer. k1 was sent, k2 failed, k3 is not known, k4 shows up late, k5 is never answered. */
static void answer_questions(void *self, const char *request, struct scripted_reply *ret)
{
	struct questions *q = self;
	const char *key = strstr(request, "?key=k");
	ret->end = SCRIPTED_CLOSE;
	if (!strncmp(request, "POST /balance ", 14))
		reply_json(q->reply, "200 OK", "{\"vnd\":\"1,250,000 VND\"}", ret);
	if (!key)
		return;
	int k = key[6] - '0', n = k > 0 && k < 8 ? ++q->asked[k] : 0;
	if (k == 1 || (k == 4 && n == 2))
		reply_json(q->reply, "200 OK", "{\"state\":\"sent\",\"id\":\"L-1\"}", ret);
	else if (k == 2)
		reply_json(q->reply, "200 OK", "{\"state\":\"failed\",\"id\":\"L-2\"}", ret);
	else if (k == 3 || k == 4)
		reply_json(q->reply, "404 Not Found", "{}", ret);
}

static void doubt_is_lifted_by_asking_the_provider(void **state)
{
	(void)state;
	static const struct {
		const char *label, *outcome, *fault, *code, *reference;
		int asked;
	} cases[] = {
		{ "sent", "accepted", "", NULL, "L-1", 1 },
		{ "failed", "refused", "recipient", NULL, "L-2", 1 },
		{ "not known, asked to the last moment", "not_sent", "channel", "http:404", "", 2 },
		{ "known late", "accepted", "", NULL, "L-1", 2 },
		{ "no answer to that either", "unclear", "", "connection_lost", "", 2 },
	};
	struct questions q = { 0 };
	struct httprig d;
	bool balance = false;
	httprig_folder(&d, LOOKUP_PROFILE);
	struct scripted *s = scripted_start(SCRIPTED_PLAIN, NULL, answer_questions, &q);
	OWN(json) json_t *ready = start(&d, "http", s, 20, 12);
	assert_true(json_num(json_object_get(ready, "limits_s"), "submit", 0) > 22.0);
	for (int i = 1; i <= 5; i++)
		httprig_submit(&d, i, "+84912345678", "a");
	for (int results = 0; results < 5 || !balance;) {
		OWN(json) json_t *f = httprig_read(&d);
		if (!strcmp(json_str(f, "op", ""), "status")) {
			assert_int_equal(json_int(f, "balance_vnd", 0), 1250000);
			balance = true;
			continue;
		}
		int k = (int)strtol(json_str(f, "attempt", "0"), NULL, 10) - 1;
		assert_true(k >= 0 && k < 5);
		expect(cases[k].label, f, cases[k].outcome, cases[k].fault, cases[k].code, cases[k].reference);
		results++;
	}
	httprig_end(&d);
	scripted_stop(s);
	for (int k = 0; k < 5; k++)
		if (q.asked[k + 1] != cases[k].asked)
			fail_msg("%s: asked %d times", cases[k].label, q.asked[k + 1]);
}

static int set_up(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(animal_gets_its_class_and_one_request_when_not_idempotent),
		cmocka_unit_test(animal_gets_its_class_and_one_request_on_kept_connections),
		cmocka_unit_test(kept_connection_that_dies_is_no_second_request),
		cmocka_unit_test(bad_certificate_gets_no_byte_of_the_request),
		cmocka_unit_test(token_is_fetched_once_and_renewed_when_refused),
		cmocka_unit_test(new_secrets_are_used_from_the_next_message_on),
		cmocka_unit_test(batch_of_one_text_has_an_answer_for_each),
		cmocka_unit_test(batch_that_is_refused_as_a_whole_is_tried_one_by_one),
		cmocka_unit_test(doubt_is_lifted_by_asking_the_provider),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}

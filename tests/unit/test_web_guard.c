/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the guard before the HTTP library: a request that two parsers could read differently is refused, whatever the pieces
 * it arrives in; where a body ends has one answer. */
/* clang-format off: cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdlib.h>
#include <string.h>

#include "console/web/chunked.h"
#include "console/web/head.h"
#include "console/web/target.h"
#include "gateway/base/buffer.h"
#include "gateway/base/own.h"

#define H "Host: a\r\n"

static const struct {
	const char *label, *text;
	int status; /* 0 = good */
	int64_t length;
	bool chunked;
} heads[] = {
	{ "plain", "GET / HTTP/1.1\r\n" H "\r\n", 0, -1, false },
	{ "1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 0, -1, false },
	{ "query with anything", "GET /a/b?x=%00//..&y HTTP/1.1\r\n" H "\r\n", 0, -1, false },
	{ "length", "POST /a HTTP/1.1\r\n" H "Content-Length: 12\r\n\r\n", 0, 12, false },
	{ "length with spaces around", "POST /a HTTP/1.1\r\n" H "content-length: \t12 \r\n\r\n", 0, 12, false },
	{ "chunked", "POST /a HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n", 0, -1, true },
	{ "expect", "POST /a HTTP/1.1\r\n" H "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n", 0, 1, false },
	{ "escape", "GET /consent/%2B84912345678 HTTP/1.1\r\n" H "\r\n", 0, -1, false },
	{ "encoded slash", "GET /hooks/a/b%2Fc/inbound HTTP/1.1\r\n" H "\r\n", 0, -1, false },
	{ "dots in a name", "GET /a/..b/c..%2e HTTP/1.1\r\n" H "\r\n", 0, -1, false },
	{ "value in UTF-8", "GET / HTTP/1.1\r\n" H "X: \xc4\x91\r\n\r\n", 0, -1, false },

	{ "length twice", "POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400, 0, false },
	{ "length list", "POST / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n\r\n", 400, 0, false },
	{ "length negative", "POST / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n", 400, 0, false },
	{ "length plus", "POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\n", 400, 0, false },
	{ "length hex", "POST / HTTP/1.1\r\n" H "Content-Length: 0x1\r\n\r\n", 400, 0, false },
	{ "length empty", "POST / HTTP/1.1\r\n" H "Content-Length: \r\n\r\n", 400, 0, false },
	{ "length huge", "POST / HTTP/1.1\r\n" H "Content-Length: 18446744073709551617\r\n\r\n", 400, 0, false },
	{ "length and coding", "POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, 0, false },
	{ "coding and length", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400, 0, false },
	{ "coding twice", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400, 0, false },
	{ "coding list", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, 0, false },
	{ "coding with a vertical tab", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: \vchunked\r\n\r\n", 400, 0, false },
	{ "coding of 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, 0, false },
	{ "space before colon", "POST / HTTP/1.1\r\n" H "Content-Length : 1\r\n\r\n", 400, 0, false },
	{ "tab before colon", "POST / HTTP/1.1\r\n" H "Transfer-Encoding\t: chunked\r\n\r\n", 400, 0, false },
	{ "no colon", "GET / HTTP/1.1\r\n" H "abc\r\n\r\n", 400, 0, false },
	{ "no name", "GET / HTTP/1.1\r\n" H ": abc\r\n\r\n", 400, 0, false },
	{ "folded", "GET / HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n", 400, 0, false },
	{ "folded at first", "GET / HTTP/1.1\r\n " H "\r\n", 400, 0, false },
	{ "bare line feed in the request line", "GET / HTTP/1.1\n" H "\r\n", 400, 0, false },
	{ "bare line feed in a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", 400, 0, false },
	{ "bare line feed at the end", "GET / HTTP/1.1\r\n" H "\n", 400, 0, false },
	{ "bare carriage return", "GET / HTTP/1.1\r\n" H "X: a\rY: b\r\n\r\n", 400, 0, false },
	{ "empty line first", "\r\nGET / HTTP/1.1\r\n" H "\r\n", 400, 0, false },
	{ "control character", "GET / HTTP/1.1\r\n" H "X: a\x01\r\n\r\n", 400, 0, false },
	{ "no Host", "GET / HTTP/1.1\r\n\r\n", 400, 0, false },
	{ "Host twice", "GET / HTTP/1.1\r\n" H H "\r\n", 400, 0, false },
	{ "Authorization twice", "GET / HTTP/1.1\r\n" H "Authorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n", 400, 0, false },
	{ "key twice", "GET / HTTP/1.1\r\n" H "Idempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n", 400, 0, false },
	{ "TRACE", "TRACE / HTTP/1.1\r\n" H "\r\n", 400, 0, false },
	{ "CONNECT", "CONNECT a:1 HTTP/1.1\r\n" H "\r\n", 400, 0, false },
	{ "lower-case method", "get / HTTP/1.1\r\n" H "\r\n", 400, 0, false },
	{ "absolute URI", "GET http://a/ HTTP/1.1\r\n" H "\r\n", 400, 0, false },
	{ "asterisk", "OPTIONS * HTTP/1.1\r\n" H "\r\n", 400, 0, false },
	{ "two slashes", "GET //a HTTP/1.1\r\n" H "\r\n", 400, 0, false },
	{ "two slashes inside", "GET /a//b HTTP/1.1\r\n" H "\r\n", 400, 0, false },
	{ "two spaces", "GET  / HTTP/1.1\r\n" H "\r\n", 400, 0, false },
	{ "tab", "GET\t/ HTTP/1.1\r\n" H "\r\n", 400, 0, false },
	{ "space behind the version", "GET / HTTP/1.1 \r\n" H "\r\n", 400, 0, false },
	{ "backslash", "GET /a\\b HTTP/1.1\r\n" H "\r\n", 400, 0, false },
	{ "fragment", "GET /a#b HTTP/1.1\r\n" H "\r\n", 400, 0, false },
	{ "8-bit target", "GET /\xc4\x91 HTTP/1.1\r\n" H "\r\n", 400, 0, false },
	{ "broken escape", "GET /a%2 HTTP/1.1\r\n" H "\r\n", 400, 0, false },
	{ "no hex escape", "GET /a%zz HTTP/1.1\r\n" H "\r\n", 400, 0, false },
	{ "HTTP/0.9", "GET /\r\n\r\n", 400, 0, false },
	{ "HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n", 400, 0, false },
	{ "HTTP/1.2", "GET / HTTP/1.2\r\n" H "\r\n", 505, 0, false },
	{ "dots", "GET /a/../b HTTP/1.1\r\n" H "\r\n", 404, 0, false },
	{ "encoded dots", "GET /static/..%2f..%2fetc/passwd HTTP/1.1\r\n" H "\r\n", 404, 0, false },
	{ "wholly encoded dots", "GET /%2e%2E/a HTTP/1.1\r\n" H "\r\n", 404, 0, false },
	{ "encoded backslash", "GET /a/..%5cb HTTP/1.1\r\n" H "\r\n", 404, 0, false },
	{ "encoded NUL", "GET /a%00 HTTP/1.1\r\n" H "\r\n", 404, 0, false },
	{ "encoded line feed", "GET /a%0a HTTP/1.1\r\n" H "\r\n", 404, 0, false },
	{ "unknown expectation", "POST / HTTP/1.1\r\n" H "Expect: tea\r\n\r\n", 417, 0, false },
};

static void check(const char *label, const struct head *h, int r, int status, size_t n, int64_t length, bool chunked)
{
	if (r != (status ? E_REFUSED : 0) || h->status != status)
		fail_msg("%s: result %d, status %d (%s)", label, r, h->status, h->why ? h->why : "");
	if (status)
		return;
	assert_int_equal(h->n_bytes, n);
	assert_int_equal(h->content_length, length);
	assert_int_equal(h->chunked, chunked);
}

/* The same verdict at every split point; a refusal may come before the end, a "good" never. */
static void head_verdict_is_the_same_for_every_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(heads); i++) {
		size_t n = strlen(heads[i].text);
		for (size_t at = 0; at <= n; at++) {
			struct head h;
			head_init(&h);
			int r = head_feed(&h, heads[i].text, at);
			if (at < n && !heads[i].status)
				assert_int_equal(r, E_AGAIN);
			if (r == E_AGAIN)
				r = head_feed(&h, heads[i].text, n);
			check(heads[i].label, &h, r, heads[i].status, n, heads[i].length, heads[i].chunked);
		}
	}
}

static void head_verdict_is_the_same_byte_by_byte_and_ignores_what_follows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(heads); i++) {
		char more[512];
		size_t n = strlen(heads[i].text);
		struct head h;
		int r = E_AGAIN;
		head_init(&h);
		for (size_t at = 1; at <= n && r == E_AGAIN; at++)
			r = head_feed(&h, heads[i].text, at);
		check(heads[i].label, &h, r, heads[i].status, n, heads[i].length, heads[i].chunked);
		snprintf(more, sizeof(more), "%s%s", heads[i].text, "TRACE // HTTP/9\n\n");
		head_init(&h);
		check(heads[i].label, &h, head_feed(&h, more, strlen(more)), heads[i].status, n, heads[i].length, heads[i].chunked);
	}
}

static void head_says_method_and_target(void **state)
{
	static const char text[] = "POST /api/v1/message?x=1 HTTP/1.1\r\n" H "\r\n";
	struct head h;
	(void)state;
	head_init(&h);
	assert_int_equal(head_feed(&h, text, sizeof(text) - 1), 0);
	assert_string_equal(h.method, "POST");
	assert_int_equal(h.target_bytes, strlen("/api/v1/message?x=1"));
	assert_memory_equal(text + h.target_from, "/api/v1/message?x=1", h.target_bytes);
}

static void head_refuses_NUL(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", line[] = "GET /\0 HTTP/1.1\r\n" H "\r\n";
	struct head h;
	(void)state;
	head_init(&h);
	assert_int_equal(head_feed(&h, text, sizeof(text) - 1), E_REFUSED);
	assert_int_equal(h.status, 400);
	head_init(&h);
	assert_int_equal(head_feed(&h, line, sizeof(line) - 1), E_REFUSED);
	assert_int_equal(h.status, 400);
}

static void head_is_at_most_16_KiB_and_100_fields(void **state)
{
	static const char begin[] = "GET / HTTP/1.1\r\n" H;
	struct buffer b = { 0 };
	struct head h;
	(void)state;
	assert_int_equal(buffer_puts(&b, begin), 0);
	for (int i = 0; i < HEAD_FIELDS_MAX - 1; i++)
		assert_int_equal(buffer_printf(&b, "X-%d: a\r\n", i), 0);
	size_t n = buffer_left(&b);
	assert_int_equal(buffer_puts(&b, "\r\n"), 0);
	head_init(&h);
	assert_int_equal(head_feed(&h, buffer_text(&b), buffer_left(&b)), 0);
	buffer_cut(&b, n);
	assert_int_equal(buffer_puts(&b, "Y: a\r\n\r\n"), 0);
	head_init(&h);
	assert_int_equal(head_feed(&h, buffer_text(&b), buffer_left(&b)), E_REFUSED);
	assert_int_equal(h.status, 431);
	buffer_cut(&b, strlen(begin));
	while (buffer_left(&b) < HEAD_BYTES_MAX)
		assert_int_equal(buffer_puts(&b, "x"), 0);
	head_init(&h);
	assert_int_equal(head_feed(&h, buffer_text(&b), HEAD_BYTES_MAX - 1), E_AGAIN);
	assert_int_equal(head_feed(&h, buffer_text(&b), HEAD_BYTES_MAX), E_REFUSED);
	assert_int_equal(h.status, 431);
	buffer_done(&b);
}

static const struct {
	const char *label, *text;
	int result; /* 0 done, E_AGAIN not yet, E_INVALID */
	size_t body, rest;
} bodies[] = {
	{ "one chunk", "3\r\nabc\r\n0\r\n\r\n", 0, 3, 0 },
	{ "two chunks and the next request", "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nGET", 0, 13, 3 },
	{ "empty", "0\r\n\r\n", 0, 0, 0 },
	{ "leading zeros", "0003\r\nabc\r\n00\r\n\r\n", 0, 3, 0 },
	{ "unfinished", "5\r\nabc", E_AGAIN, 5, 0 },
	{ "no size", "\r\nabc", E_INVALID, 0, 0 },
	{ "negative", "-3\r\nabc", E_INVALID, 0, 0 },
	{ "0x", "0x3\r\nabc", E_INVALID, 0, 0 },
	{ "space before", " 3\r\nabc", E_INVALID, 0, 0 },
	{ "space behind", "3 \r\nabc", E_INVALID, 0, 0 },
	{ "extension", "3;a=b\r\nabc", E_INVALID, 0, 0 },
	{ "bare line feed", "3\nabc\n0\n\n", E_INVALID, 0, 0 },
	{ "carriage return alone", "3\rXabc", E_INVALID, 0, 0 },
	{ "longer than said", "3\r\nabcd\r\n0\r\n\r\n", E_INVALID, 0, 0 },
	{ "too many digits", "000000003\r\nabc", E_INVALID, 0, 0 },
	{ "overflow", "FFFFFFFFFFFFFFFF\r\n", E_INVALID, 0, 0 },
	{ "trailer", "0\r\nX: a\r\n\r\n", E_INVALID, 0, 0 },
};

static int feed_in_two(const char *text, size_t at, struct chunked *c, size_t *ret_taken)
{
	size_t first = 0, second = 0;
	int r = chunked_feed(c, text, at, &first);
	if (r == E_AGAIN)
		r = chunked_feed(c, text + at, strlen(text) - at, &second);
	*ret_taken = first + second;
	return r;
}

static void chunked_body_ends_at_one_place_for_every_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++)
		for (size_t at = 0; at <= strlen(bodies[i].text); at++) {
			struct chunked c = { 0 };
			size_t taken = 0;
			int r = feed_in_two(bodies[i].text, at, &c, &taken);
			if (r != bodies[i].result)
				fail_msg("%s at %zu: %d", bodies[i].label, at, r);
			if (r == E_INVALID)
				continue;
			assert_int_equal(taken, strlen(bodies[i].text) - bodies[i].rest);
			assert_int_equal(c.body_bytes, bodies[i].body);
		}
}

static void target_is_cut_and_decoded(void **state)
{
	struct target t = { 0 };
	(void)state;
	assert_int_equal(target_parse("/api/v1/consent/%2B84912345678/show?limit=5&x", &t), 0);
	assert_int_equal(t.n, 5);
	assert_string_equal(t.segments[0], "api");
	assert_string_equal(t.segments[3], "+84912345678");
	assert_string_equal(t.query, "limit=5&x");
	target_done(&t);
	assert_int_equal(target_parse("/", &t), 0);
	assert_int_equal(t.n, 0);
	target_done(&t);
	assert_int_equal(target_parse("/a/", &t), 0);
	assert_int_equal(t.n, 1);
	target_done(&t);
	assert_int_equal(target_parse("/%ff", &t), E_NOT_FOUND);
	assert_int_equal(target_parse("/1/2/3/4/5/6/7/8/9", &t), E_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_verdict_is_the_same_for_every_split),
		cmocka_unit_test(head_verdict_is_the_same_byte_by_byte_and_ignores_what_follows),
		cmocka_unit_test(head_says_method_and_target),
		cmocka_unit_test(head_refuses_NUL),
		cmocka_unit_test(head_is_at_most_16_KiB_and_100_fields),
		cmocka_unit_test(chunked_body_ends_at_one_place_for_every_split),
		cmocka_unit_test(target_is_cut_and_decoded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of provider profiles: templates print values once and safely, the first rule that holds decides, no message is
 * called accepted without a valid id, hostile answers and callbacks are bounded, signatures cannot be forged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/provider.h"
#include "config/verdict.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/profiles.h"

#define HEAD "provider = { name = \"t\"; "
#define ANSWER "answer = { format = \"json\"; id = \"/id\"; rules = ( { outcome = \"unclear\"; } ); }; "
#define SUBMIT "submit = { path = \"/s\"; body = \"x\"; }; "

/* ---- templates ---- */

static const struct {
	const char *label, *body, *text, *sender, *expected, *rule;
} fills[] = {
	{ "plain", "to={{to}}", "x", "", "to=+84912345678", NULL },
	{ "digits and national", "{{to_digits}} {{to_national}}", "x", "", "84912345678 0912345678", NULL },
	{ "json has its quotes", "{\\\"t\\\":{{text|json}}}", "a\"b\\c\nđ", "", "{\"t\":\"a\\\"b\\\\c\\u000ađ\"}", NULL },
	{ "url keeps unreserved", "{{text|url}}", "a-b._~ +&=/đ\r\n", "", "a-b._~%20%2B%26%3D%2F%C4%91%0D%0A", NULL },
	{ "xml", "<t>{{text|xml}}</t>", "<a b=\"'&\">\x01", "", "<t>&lt;a b=&quot;&#39;&amp;&quot;&gt;\xEF\xBF\xBD</t>", NULL },
	{ "base64", "{{text|base64}}", "abcd", "", "YWJjZA==", NULL },
	{ "hmac", "{{text|hmac_sha256:mac}}", "Hi There", "",
	  "158c003136e2dd83b253c011902a1f6403c7ac22f0292a999a60674cb59e2849", NULL },
	{ "if", "{{unicode|if:yes:no}}", "x", "", "no", NULL },
	{ "parts and unicode", "{{parts}} {{unicode}}", "x", "", "1 0", NULL },
	{ "secret", "{{secret.key}}", "x", "", "s3cret-value-0001", NULL },
	{ "values are not expanded again", "{{text|json}}", "{{to}} {{secret.key}}", "", "\"{{to}} {{secret.key}}\"", NULL },
	{ "braces alone are text", "{ {to} }", "x", "", "{ {to} }", NULL },
	{ "unfiltered blank", "{{sender}}", "x", "two words", NULL, "unsafe_value" },
	{ "unfiltered quote in a sender", "{{sender}}", "x", "A\"B", NULL, "unsafe_value" },
	{ "unfiltered line break", "{{sender}}", "x", "A\r\nB", NULL, "unsafe_value" },
	{ "unfiltered safe sender", "{{sender}}", "x", "MTTQ-1.a_b+", "MTTQ-1.a_b+", NULL },
	{ "unsafe secret in a body", "{{secret.odd}}", "x", "", NULL, "unsafe_value" },
	{ "secret that is not there", "{{secret.none}}", "x", "", NULL, "no_secret" },
};

static json_t *secrets(void)
{
	return json_pack("{s:s,s:s,s:s,s:s}", "key", "s3cret-value-0001", "odd", "dXNlcjpwYXNzd29yZA==", "mac",
			 "0123456789abcdef", "basic", "user:a long password");
}

static struct provider_message message(const char *text, const char *sender)
{
	return (struct provider_message){ .to = "+84912345678", .text = text, .sender = sender, .key = "k-1",
					  .attempt = "7", .receipt_url = "", .parts = 1 };
}

static void template_prints_each_value_once_and_safely(void **state)
{
	(void)state;
	OWN(json) json_t *s = secrets();
	for (size_t i = 0; i < COUNT_OF(fills); i++) {
		char text[1024];
		snprintf(text, sizeof(text), HEAD "submit = { path = \"/s\"; body = \"%s\"; }; " ANSWER "};", fills[i].body);
		struct provider *p = profiles_must_parse(text);
		struct provider_message m = message(fills[i].text, fills[i].sender);
		struct provider_request q = { 0 };
		struct provider_refusal why = { 0 };
		int r = provider_request(p, &m, s, &q, &why);
		if (fills[i].rule && (r != E_REFUSED || strcmp(why.rule, fills[i].rule)))
			fail_msg("%s: %d %s", fills[i].label, r, why.rule ? why.rule : "-");
		if (fills[i].expected && (r || strcmp(buffer_text(&q.body), fills[i].expected)))
			fail_msg("%s: %d %s", fills[i].label, r, buffer_text(&q.body));
		provider_request_done(&q);
		provider_free(p);
	}
}

static void request_refuses_what_the_profile_cannot_say(void **state)
{
	(void)state;
	struct provider *p = profiles_must_parse(HEAD "unicode = false; max_characters = 5; submit = { path = \"/{{to_national}}\"; "
					    "headers = [ \"X-Key: {{key}}\", \"Authorization: Basic {{secret.odd}}\", \"X-S: {{sender|xml}}\" ]; "
					    "content_type = \"text/plain\"; body = \"x\"; }; " ANSWER "};");
	OWN(json) json_t *s = secrets();
	struct provider_request q = { 0 };
	struct provider_refusal why = { 0 };
	struct provider_message m = message("chào!", "");
	assert_int_equal(provider_request(p, &m, s, &q, &why), 0); /* 5 characters, 6 bytes */
	assert_string_equal(buffer_text(&q.path), "/0912345678");
	assert_int_equal(q.n_headers, 4);
	assert_string_equal(buffer_text(&q.headers), "X-Key: k-1");
	assert_string_equal(buffer_text(&q.headers) + 11, "Authorization: Basic dXNlcjpwYXNzd29yZA==");
	assert_int_equal(provider_request(p, &m, NULL, &q, &why), E_REFUSED);
	assert_string_equal(why.rule, "no_secret");
	assert_string_equal(why.fault, "channel");
	m.unicode = true;
	assert_int_equal(provider_request(p, &m, s, &q, &why), E_REFUSED);
	assert_string_equal(why.rule, "unicode");
	m.unicode = false;
	m.text = "chào!!";
	assert_int_equal(provider_request(p, &m, s, &q, &why), E_REFUSED);
	assert_string_equal(why.rule, "too_long");
	m = message("x", "");
	m.to = "+85512345678";
	assert_int_equal(provider_request(p, &m, s, &q, &why), E_REFUSED);
	assert_string_equal(why.rule, "not_national");
	m = message("x", "");
	m.key = "k\r\nX-Evil: 1";
	assert_int_equal(provider_request(p, &m, s, &q, &why), E_REFUSED);
	assert_string_equal(why.rule, "unsafe_value");
	assert_string_equal(provider_missing_secret(p, NULL), "odd");
	assert_null(provider_missing_secret(p, s));
	provider_request_done(&q);
	provider_free(p);
}

/* ---- answers ---- */

struct headers {
	const char *const *pairs; /* name, value, …, NULL */
};

static const char *find_header(void *self, const char *name)
{
	const struct headers *h = self;
	for (size_t i = 0; h->pairs && h->pairs[i]; i += 2)
		if (!strcasecmp(h->pairs[i], name))
			return h->pairs[i + 1];
	return NULL;
}

#define RULES_JSON \
	HEAD SUBMIT "answer = { format = \"json\"; id = \"/m/0/id\"; rules = ( " \
		    "{ status = \"200-299\"; at = \"/code\"; equals = \"100\"; outcome = \"accepted\"; }, " \
		    "{ status = 201; outcome = \"accepted\"; }, " \
		    "{ at = \"/ok\"; equals = true; outcome = \"accepted\"; }, " \
		    "{ at = \"/a~1b/c~0d\"; matches = \"^x+$\"; outcome = \"refused\"; fault = \"recipient\"; code = \"/a~1b/c~0d\"; }, " \
		    "{ status = \"429\"; outcome = \"not_sent\"; retry_after = \"header:X-Rate-Limit-Reset\"; fault = \"channel\"; }, " \
		    "{ status = \"4xx\"; outcome = \"refused\"; fault = \"message\"; code = \"/code\"; }, " \
		    "{ outcome = \"unclear\"; } ); }; };"

static const char *const retry_3[] = { "Retry-After", "3", NULL };
static const char *const retry_date[] = { "retry-after", "Sun, 22 Nov 2026 00:01:00 GMT", NULL };
static const char *const retry_far[] = { "Retry-After", "99999999999", NULL };
static const char *const retry_bad[] = { "Retry-After", "soon", NULL };
static const char *const retry_millis[] = { "X-Rate-Limit-Reset", "1795305612500", NULL };
static const char *const retry_past[] = { "Retry-After", "Sat, 21 Nov 2026 23:59:00 GMT", NULL };
static const char *const retry_reset[] = { "X-Rate-Limit-Reset", "1795305605", "Retry-After", "3", NULL };

static const struct {
	const char *label;
	int status;
	const char *body;
	const char *const *headers;
	const char *outcome, *reference, *code;
	int64_t retry_after_s;
} answers[] = {
	{ "accepted with id", 200, "{\"code\":\"100\",\"m\":[{\"id\":\"A-1\"}]}", NULL, "accepted", "A-1", NULL, 0 },
	{ "number equals its text", 200, "{\"code\":100,\"m\":[{\"id\":77}]}", NULL, "accepted", "77", NULL, 0 },
	{ "boolean equals its text", 200, "{\"ok\":true,\"m\":[{\"id\":\"b\"}]}", NULL, "accepted", "b", NULL, 0 },
	{ "number with a point is its text", 200, "{\"code\":100,\"m\":[{\"id\":0.0051}]}", NULL, "accepted", "0.0051", NULL, 0 },
	{ "all digits that a number has", 200, "{\"code\":100,\"m\":[{\"id\":0.1234567890123456789}]}", NULL, "accepted", "0.1234567890123456789", NULL, 0 },
	{ "an id beyond 64 bits", 200, "{\"code\":100,\"m\":[{\"id\":340282366920938463463374607431768211455}]}", NULL, "accepted",
	  "340282366920938463463374607431768211455", NULL, 0 },
	{ "the greatest of 64 bits", 200, "{\"code\":100,\"m\":[{\"id\":18446744073709551615}]}", NULL, "accepted", "18446744073709551615", NULL, 0 },
	{ "a number that no machine holds elsewhere", 200, "{\"x\":[1e999,-0],\"code\":100,\"m\":[{\"id\":1}]}", NULL, "accepted", "1", NULL, 0 },
	{ "another way to write a hundred is another text", 200, "{\"code\":1e2,\"m\":[{\"id\":1}]}", NULL, "unclear", "1", NULL, 0 },
	{ "number with a zero before it", 200, "{\"code\":100,\"m\":[{\"id\":0123}]}", NULL, "unclear", NULL, NULL, 0 },
	{ "number that ends in letters", 200, "{\"code\":100,\"m\":[{\"id\":12345678901234567a}]}", NULL, "unclear", NULL, NULL, 0 },
	{ "digits and escapes in texts stay", 200, "{\"x\\\"1.50\":\"-1.5e3 \\\\\",\"code\":100,\"m\":[{\"id\":\"1.50\"}]}", NULL, "accepted", "1.50", NULL, 0 },
	{ "a byte order mark before it", 200, "\xEF\xBB\xBF{\"code\":100,\"m\":[{\"id\":\"B\"}]}", NULL, "accepted", "B", NULL, 0 },
	{ "a letter of Latin-1 in its words", 200, "{\"words\":\"envoy\xE9\",\"code\":100,\"m\":[{\"id\":\"L\"}]}", NULL, "accepted", "L", NULL, 0 },
	{ "no id is unclear", 200, "{\"code\":100}", NULL, "unclear", NULL, NULL, 0 },
	{ "null id is unclear", 200, "{\"code\":100,\"m\":[{\"id\":null}]}", NULL, "unclear", NULL, NULL, 0 },
	{ "empty id is unclear", 200, "{\"code\":100,\"m\":[{\"id\":\"\"}]}", NULL, "unclear", NULL, NULL, 0 },
	{ "id with CR LF is unclear", 200, "{\"code\":100,\"m\":[{\"id\":\"a\\r\\nb\"}]}", NULL, "unclear", NULL, NULL, 0 },
	{ "id with NUL is no id of ours", 200, "{\"code\":100,\"m\":[{\"id\":{\"x\":1}}]}", NULL, "unclear", NULL, NULL, 0 },
	{ "HTML with 200", 200, "<html>ok</html>", NULL, "unclear", NULL, NULL, 0 },
	{ "HTML with 201", 201, "<html>ok</html>", NULL, "unclear", NULL, NULL, 0 },
	{ "empty 200", 200, "", NULL, "unclear", NULL, NULL, 0 },
	{ "NaN", 200, "{\"code\":NaN,\"m\":[{\"id\":\"1\"}]}", NULL, "unclear", NULL, NULL, 0 },
	{ "duplicate keys", 200, "{\"code\":\"7\",\"code\":\"100\",\"m\":[{\"id\":\"1\"}]}", NULL, "unclear", NULL, NULL, 0 },
	{ "gzip", 200, "\x1f\x8b\x08", NULL, "unclear", NULL, NULL, 0 },
	{ "pattern and escaped pointer", 500, "{\"a/b\":{\"c~d\":\"xxx\"}}", NULL, "refused", NULL, "xxx", 0 },
	{ "number in a code", 400, "{\"code\":\"bad number +84 912 345 678, 21211\"}", NULL, "refused", NULL, "bad number +#, 21211", 0 },
	{ "first rule wins, 5xx", 500, "{\"code\":\"E\"}", NULL, "unclear", NULL, "http:500", 0 },
	{ "code is read", 400, "{\"code\":\"E7\"}", NULL, "refused", NULL, "E7", 0 },
	{ "code that is no line", 400, "{\"code\":\"E\\n7\"}", NULL, "refused", NULL, "http:400", 0 },
	{ "Retry-After unnamed", 429, "{}", retry_3, "not_sent", NULL, "http:429", 3 },
	{ "Retry-After as a date", 503, "{}", retry_date, "unclear", NULL, "http:503", 60 },
	{ "Retry-After far away is a day", 429, "{}", retry_far, "not_sent", NULL, "http:429", 86400 },
	{ "Retry-After nonsense", 429, "{}", retry_bad, "not_sent", NULL, "http:429", 0 },
	{ "named place first, as a moment", 429, "{}", retry_reset, "not_sent", NULL, "http:429", 5 },
	{ "a moment in milliseconds", 429, "{}", retry_millis, "not_sent", NULL, "http:429", 13 },
	{ "Retry-After that has passed", 429, "{}", retry_past, "not_sent", NULL, "http:429", 0 },
	{ "Retry-After elsewhere is ignored", 400, "{}", retry_3, "refused", NULL, "http:400", 0 },
	{ "redirect", 302, "", NULL, "unclear", NULL, "http:302", 0 },
};

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void check_answer(const struct provider *p, const char *label, const struct received *in, const char *outcome,
			 const char *reference, const char *code, int64_t retry_after_s)
{
	struct provider_answer a;
	assert_int_equal(provider_answer(p, in, &a), 0);
	if (!same(a.outcome, outcome) || !same(a.reference, reference) || !same(a.code, code) ||
	    a.retry_after_s != retry_after_s)
		fail_msg("%s: %s ref %s code %s retry %lld", label, a.outcome, a.reference ? a.reference : "-",
			 a.code ? a.code : "-", (long long)a.retry_after_s);
	provider_answer_done(&a);
}

static void answer_first_rule_that_holds_decides(void **state)
{
	(void)state;
	struct provider *p = profiles_must_parse(RULES_JSON);
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		struct headers h = { answers[i].headers };
		struct received in = { .status = answers[i].status, .body = answers[i].body,
				       .body_bytes = strlen(answers[i].body), .header = find_header, .self = &h,
				       .now_ms = 1795305600000 }; /* Sun, 22 Nov 2026 00:00:00 GMT */
		check_answer(p, answers[i].label, &in, answers[i].outcome, answers[i].reference, answers[i].code,
			     answers[i].retry_after_s);
	}
	provider_free(p);
}

/* n of fill between two texts. */
static char *filled(const char *before, const char *fill, size_t n, const char *after)
{
	struct buffer b = { 0 };
	int r = buffer_puts(&b, before);
	for (size_t i = 0; i < n; i++)
		r = r ? r : buffer_puts(&b, fill);
	assert_int_equal(r ? r : buffer_puts(&b, after), 0);
	return b.data;
}

static void code_that_quotes_a_secret_hides_it(void **state)
{
	(void)state;
	OWN(json) json_t *secrets = json_pack("{s:s,s:s,s:i}", "key", "0123456789abcdef", "user", "bearer", "n", 1);
	char quoted[] = "bearer 0123456789abcdef0123456789abcdef.", plain[] = "0123456789abcde";
	verdict_hide(quoted, secrets);
	assert_string_equal(quoted, "bearer ##.");
	verdict_hide(plain, secrets);
	assert_string_equal(plain, "0123456789abcde");
	char masked[] = "wrong key 0123456789abcdef for 0912345678";
	verdict_mask(masked); /* a number comes first: what is left of the key is one still */
	verdict_hide(masked, secrets);
	assert_string_equal(masked, "wrong key # for #");
}

static void answer_hostile_is_bounded_and_never_accepted(void **state)
{
	(void)state;
	const struct {
		const char *label, *before, *fill;
		size_t n;
		const char *after;
	} cases[] = {
		{ "id of 256 bytes", "{\"code\":100,\"m\":[{\"id\":\"", "a", 256, "\"}]}" },
		{ "id of 200 KB", "{\"code\":100,\"m\":[{\"id\":\"", "a", 200000, "\"}]}" },
		{ "depth 65", "{\"code\":100,\"m\":[{\"id\":\"1\"}],\"x\":", "[", 65, "" },
		{ "depth 100k", "{\"code\":100,\"m\":[{\"id\":\"1\"}],\"x\":", "[", 100000, "" },
		{ "depth 80 closed", "{\"code\":100,\"m\":[{\"id\":\"1\"}],\"x\":[[[[[[[[", "[[[[[[[[", 9,
		  "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}" },
		{ "over 256 KiB", "{\"code\":100,\"m\":[{\"id\":\"1\"}],\"x\":\"", "aaaaaaaaaaaaaaaa", 16400, "\"}" },
	};
	struct provider *p = profiles_must_parse(RULES_JSON);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *body = filled(cases[i].before, cases[i].fill, cases[i].n, cases[i].after);
		struct received in = { .status = 200, .body = body, .body_bytes = strlen(body) };
		check_answer(p, cases[i].label, &in, "unclear", NULL, NULL, 0);
	}
	struct received nul = { .status = 200, .body = "{\"code\":100,\"m\":[{\"id\":\"1\"}]}\0", .body_bytes = 30 };
	check_answer(p, "NUL behind the value", &nul, "unclear", NULL, NULL, 0);
	provider_free(p);
}

static const struct {
	const char *label, *answer;
	int status;
	const char *body, *outcome, *reference;
} formats[] = {
	{ "xml element", "format = \"xml\"; id = \"/Envelope/Body/r/id\"; rules = ( { at = \"/Envelope/Body/r/code\"; equals = \"1\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } );",
	  200, "<?xml version='1.0'?><s:Envelope xmlns:s='u'><s:Body><r><code>1</code><id>x&amp;7</id></r></s:Body></s:Envelope>", "accepted", "x&7" },
	{ "xml attribute", "format = \"xml\"; id = \"/r/@id\"; rules = ( { at = \"/r/@ok\"; equals = \"1\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } );",
	  200, "<r ok='1' id='q'/>", "accepted", "q" },
	{ "xml laid out, with CDATA and a prefix of its own", "format = \"xml\"; id = \"/a:r/a:id\"; rules = ( { at = \"/r/code\"; equals = \"1\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } );",
	  200, "<x:r xmlns:x='u' xmlns='v'>\n  <code>\n    1\n  </code>\n  <x:id>\n    <![CDATA[a<b&c]]>&#55;\n  </x:id>\n</x:r>", "accepted", "a<b&c7" },
	{ "xml of Latin-1", "format = \"xml\"; id = \"/r/i\"; rules = ( { at = \"/r/@t\"; equals = \"é\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } );",
	  200, "<?xml version='1.0' encoding='ISO-8859-1'?><r t='\xE9'><i>1</i></r>", "accepted", "1" },
	{ "xml with a DTD", "format = \"xml\"; id = \"/r\"; rules = ( { status = \"200\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } );",
	  200, "<!DOCTYPE r [<!ENTITY a 'aaaa'>]><r>&a;</r>", "unclear", NULL },
	{ "xml cut off", "format = \"xml\"; id = \"/r/i\"; rules = ( { status = \"200\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } );",
	  200, "<r><i>1</i>", "unclear", NULL },
	{ "form", "format = \"form\"; id = \"id\"; rules = ( { at = \"ok\"; equals = \"a b\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } );",
	  200, "ok=a+b&id=%41%2d1", "accepted", "A-1" },
	{ "form with the id twice", "format = \"form\"; id = \"id\"; rules = ( { at = \"ok\"; equals = \"1\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } );",
	  200, "ok=1&id=1&id=2", "unclear", NULL },
	{ "text pattern", "format = \"text\"; id = \"^Success \\\"([-0-9a-f]+)\\\"\"; rules = ( { at = \"^(Success)\"; equals = \"Success\"; outcome = \"accepted\"; }, { outcome = \"refused\"; } );",
	  200, "Success \"07033084-5cfd\"", "accepted", "07033084-5cfd" },
	{ "text as a whole", "format = \"text\"; rules = ( { equals = \"sent\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } );",
	  200, " sent\n", "accepted", NULL },
	{ "text of another kind", "format = \"text\"; rules = ( { matches = \"^error_\"; outcome = \"refused\"; }, { outcome = \"unclear\"; } );",
	  200, "error_user", "refused", NULL },
};

static void answer_reads_every_format(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(formats); i++) {
		OWN(mem) char *quoted = NULL;
		assert_true(asprintf(&quoted, HEAD SUBMIT "answer = { %s }; };", formats[i].answer) > 0);
		struct provider *p = profiles_must_parse(quoted);
		struct received in = { .status = formats[i].status, .body = formats[i].body,
				       .body_bytes = strlen(formats[i].body) };
		check_answer(p, formats[i].label, &in, formats[i].outcome, formats[i].reference, NULL, 0);
		provider_free(p);
	}
}

static void answer_xml_bombs_are_bounded(void **state)
{
	(void)state;
	struct provider *p = profiles_must_parse(HEAD SUBMIT "answer = { format = \"xml\"; id = \"/i\"; rules = ( { status = \"200\"; "
						   "outcome = \"accepted\"; }, { outcome = \"unclear\"; } ); }; };");
	const char *const fills_xml[] = { "<a>", "<a/>", "<a b='1'/>" };
	for (size_t i = 0; i < COUNT_OF(fills_xml); i++) {
		OWN(mem) char *body = filled("<i>", fills_xml[i], 5000, "</i>");
		struct received in = { .status = 200, .body = body, .body_bytes = strlen(body) };
		check_answer(p, fills_xml[i], &in, "unclear", NULL, NULL, 0);
	}
	provider_free(p);
}

/* ---- callbacks ---- */

/* One body with a list of each kind, at either address: the person's words are not lost at the address of the reports. */
static void callback_with_a_list_of_each_kind_loses_none(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		int result;
		size_t receipts, messages;
	} cases[] = {
		{ "{\"mo\":[{\"i\":\"m1\",\"f\":\"84912345678\",\"t\":\"TC\"}],\"st\":[{\"i\":\"r1\",\"s\":\"OK\"},{\"i\":\"r2\",\"s\":\"OK\"}]}", 0, 2, 1 },
		{ "{\"mo\":[{\"i\":\"m1\",\"f\":\"84912345678\",\"t\":\"TC\"}]}", 0, 0, 1 },
		{ "{\"st\":[{\"i\":\"r1\",\"s\":\"OK\"}]}", 0, 1, 0 },
		{ "{\"x\":[]}", E_INVALID, 0, 0 },
	};
	struct provider *p = profiles_must_parse(HEAD SUBMIT ANSWER "receipt = { format = \"json\"; each = \"/st\"; id = \"/i\"; status = \"/s\"; map = ( { value = \"OK\"; status = "
				       "\"delivered\"; } ); }; inbound = { format = \"json\"; each = \"/mo\"; id = \"/i\"; from = \"/f\"; text = \"/t\"; }; };");
	for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
		const char *body = cases[i / 2].body, *why = NULL;
		struct received in = { .method = "POST", .body = body, .body_bytes = strlen(body) };
		struct provider_events events = { 0 };
		size_t receipts = 0;
		assert_int_equal(provider_events(p, i % 2, &in, &events, &why), cases[i / 2].result);
		for (size_t k = 0; k < events.n; k++)
			receipts += events.at[k].is_receipt;
		assert_int_equal(receipts, cases[i / 2].receipts);
		assert_int_equal(events.n - receipts, cases[i / 2].messages);
		provider_events_done(&events);
	}
	provider_free(p);
}

static void callback_reads_receipt_and_inbound(void **state)
{
	(void)state;
	struct provider *p = profiles_must_parse(
		HEAD SUBMIT ANSWER "receipt = { format = \"form\"; id = \"Sid\"; status = \"St\"; to = \"To\"; reply = \"OK\"; map = ( "
		"{ value = \"DELIVRD\"; status = \"delivered\"; }, { value = 2; status = \"failed\"; } ); }; "
		"inbound = { format = \"query\"; id = \"id\"; from = \"f\"; text = \"t\"; reply = \"ACK\"; }; };");
	const struct {
		const char *label, *body;
		int result;
		const char *status, *code;
	} receipts[] = {
		{ "delivered", "Sid=A1&St=DELIVRD&To=%2B84912345678", 0, "delivered", "DELIVRD" },
		{ "number in the map", "Sid=A1&St=2", 0, "failed", "2" },
		{ "unknown word proves nothing", "Sid=A1&St=SEEN", 0, "buffered", "SEEN" },
		{ "number in the word", "Sid=A1&St=0912345678+is+off", 0, "buffered", "# is off" },
		{ "no id", "St=DELIVRD", E_INVALID, NULL, NULL },
		{ "id twice", "Sid=A1&Sid=A2&St=DELIVRD", E_INVALID, NULL, NULL },
		{ "id with a line break", "Sid=A%0D%0A1&St=DELIVRD", E_INVALID, NULL, NULL },
		{ "nothing", "", E_INVALID, NULL, NULL },
	};
	for (size_t i = 0; i < COUNT_OF(receipts); i++) {
		struct received in = { .method = "POST", .body = receipts[i].body, .body_bytes = strlen(receipts[i].body) };
		struct provider_receipt r = { 0 };
		int e = provider_receipt(p, &in, &r);
		if (e != receipts[i].result || !same(r.status, receipts[i].status) || !same(r.code, receipts[i].code))
			fail_msg("%s: %d %s %s", receipts[i].label, e, r.status ? r.status : "-", r.code ? r.code : "-");
		provider_receipt_done(&r);
	}
	struct received in = { .method = "GET", .query = "id=9&f=84912345678&t=T%E1%BB%AB+ch%E1%BB%91i%00%ff" };
	struct provider_inbound i = { 0 };
	assert_int_equal(provider_inbound(p, &in, &i), 0);
	assert_string_equal(i.id, "9");
	assert_string_equal(i.from, "84912345678");
	assert_string_equal(i.text, "Từ chối\xEF\xBF\xBD\xEF\xBF\xBD");
	assert_null(i.to);
	provider_inbound_done(&i);
	static const char *const nameless[] = { "f=84912345678&t=TC", "id=&f=84912345678&t=TC" };
	for (size_t k = 0; k < COUNT_OF(nameless); k++) {
		in.query = nameless[k];
		assert_int_equal(provider_inbound(p, &in, &i), 0);
		assert_null(i.id);
		assert_string_equal(i.text, "TC");
		provider_inbound_done(&i);
	}
	in.query = "id=9&id=8&f=84912345678&t=TC";
	assert_int_equal(provider_inbound(p, &in, &i), E_INVALID);
	in.query = "id=9&t=x";
	assert_int_equal(provider_inbound(p, &in, &i), E_INVALID);
	OWN(mem) char *many = filled("id=9&f=1&t=x", "&a=1", 300, "");
	in.query = many;
	assert_int_equal(provider_inbound(p, &in, &i), E_INVALID);
	assert_string_equal(provider_inbound_reply(p), "ACK");
	assert_string_equal(provider_receipt_reply(p), "OK");
	assert_true(provider_has_inbound(p) && provider_has_receipt(p));
	provider_free(p);
	p = profiles_must_parse(HEAD SUBMIT ANSWER "};");
	assert_int_equal(provider_inbound(p, &in, &i), E_NOT_FOUND);
	assert_false(provider_has_inbound(p) || provider_has_receipt(p));
	provider_free(p);
}

/* ---- signatures ---- */

static const char *const basic_good[] = { "authorization", "Basic dXNlcjphIGxvbmcgcGFzc3dvcmQ=", NULL };
static const char *const basic_bad[] = { "Authorization", "Basic dXNlcjphIGxvbmcgcGFzc3dvcmR=", NULL };
/* HMAC-SHA256("0123456789abcdef", "what do ya want for nothing?"), computed with openssl dgst */
#define MAC_HEX "e9265dc1bf18d4ec36915d9e82226c7ea0fa4e7f8077f611515bd5e29ec9988c"
#define MAC_BASE64 "6SZdwb8Y1Ow2kV2egiJsfqD6Tn+Ad/YRUVvV4p7JmIw="
static const char *const mac_hex[] = { "X-Signature", "sha256=" MAC_HEX, NULL };
static const char *const mac_base64[] = { "X-Signature", MAC_BASE64, NULL };
static const char *const mac_short[] = { "X-Signature", "5bdc", NULL };
/* Twilio's documented example: token 12345 */
static const char *const twilio_good[] = { "X-Twilio-Signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", NULL };

#define TWILIO_URL "https://mycompany.com/myapp.php?foo=1&bar=2"
#define TWILIO_BODY \
	"To=%2B18005551212&From=%2B14158675309&Digits=1234&Caller=%2B14158675309&CallSid=CA1234567890ABCDE"

static const struct {
	const char *label, *kind, *secret, *url, *query, *content_type, *body;
	const char *const *headers;
	int result;
} signatures[] = {
	{ "none needs nothing", "none", "", "", "", "", "", NULL, 0 },
	{ "basic", "basic", "user:a long password", "", "", "", "", basic_good, 0 },
	{ "basic wrong", "basic", "user:a long password", "", "", "", "", basic_bad, E_DENIED },
	{ "basic absent", "basic", "user:a long password", "", "", "", "", NULL, E_DENIED },
	{ "hmac in hex", "hmac_sha256_body", "0123456789abcdef", "", "", "", "what do ya want for nothing?", mac_hex, 0 },
	{ "hmac in base64", "hmac_sha256_body", "0123456789abcdef", "", "", "", "what do ya want for nothing?", mac_base64, 0 },
	{ "hmac of another body", "hmac_sha256_body", "0123456789abcdef", "", "", "", "what do ya want for nothing!", mac_hex, E_DENIED },
	{ "hmac cut short", "hmac_sha256_body", "0123456789abcdef", "", "", "", "what do ya want for nothing?", mac_short, E_DENIED },
	{ "hmac without the secret", "hmac_sha256_body", "", "", "", "", "what do ya want for nothing?", mac_hex, E_DENIED },
	{ "twilio", "twilio", "12345", TWILIO_URL, "foo=1&bar=2", "application/x-www-form-urlencoded", TWILIO_BODY, twilio_good, 0 },
	{ "twilio of another address", "twilio", "12345", "https://mycompany.com/other", "", "application/x-www-form-urlencoded", TWILIO_BODY, twilio_good, E_DENIED },
	{ "twilio with one more field", "twilio", "12345", TWILIO_URL, "foo=1&bar=2", "application/x-www-form-urlencoded", TWILIO_BODY "&A=1", twilio_good, E_DENIED },
	{ "twilio JSON without its hash", "twilio", "12345", TWILIO_URL, "foo=1&bar=2", "application/json", "{}", twilio_good, E_DENIED },
};

static void signature_forgeries_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(signatures); i++) {
		OWN(mem) char *text = NULL;
		assert_true(asprintf(&text, HEAD SUBMIT ANSWER "signature = { kind = \"%s\"; secret = \"hook\"; }; };",
				     signatures[i].kind) > 0);
		struct provider *p = profiles_must_parse(text);
		OWN(json) json_t *s = *signatures[i].secret ? json_pack("{s:s}", "hook", signatures[i].secret) : json_object();
		struct headers h = { signatures[i].headers };
		struct received in = { .method = "POST", .url = signatures[i].url, .query = signatures[i].query,
				       .content_type = signatures[i].content_type, .body = signatures[i].body,
				       .body_bytes = strlen(signatures[i].body), .header = find_header, .self = &h };
		int64_t skew_s;
		int r = provider_signature(p, true, s, &in, &skew_s);
		if (r != signatures[i].result)
			fail_msg("%s: %d", signatures[i].label, r);
		provider_free(p);
	}
}

/* ---- profiles ---- */

static const struct {
	const char *label, *text, *field;
	int line;
} faulty[] = {
	{ "unknown key at the top", "provider = { name = \"x\";\n nmae = 1; };", "provider.nmae", 2 },
	{ "unknown key beside provider", "other = 1;", "other", 1 },
	{ "unknown key in a rule", HEAD SUBMIT "answer = { format = \"json\"; rules = (\n { outcom = \"unclear\"; } ); }; };",
	  "provider.answer.rules.[0].outcom", 2 },
	{ "no submit", HEAD ANSWER "};", "provider.submit", 1 },
	{ "no answer", HEAD SUBMIT "};", "provider.answer", 1 },
	{ "unknown value in a template", HEAD "submit = {\n body = \"{{nobody}}\"; }; " ANSWER "};", "provider.submit.body", 2 },
	{ "unknown filter", HEAD "submit = { body = \"{{text|rot13}}\"; }; " ANSWER "};", "provider.submit.body", 1 },
	{ "open braces", HEAD "submit = { body = \"{{text\"; }; " ANSWER "};", "provider.submit.body", 1 },
	{ "header of the framing", HEAD "submit = { headers = [ \"content-length: 3\" ]; }; " ANSWER "};", "provider.submit.headers", 1 },
	{ "header without a colon", HEAD "submit = { headers = [ \"X\" ]; }; " ANSWER "};", "provider.submit.headers", 1 },
	{ "method", HEAD "submit = { method = \"TRACE\"; }; " ANSWER "};", "provider.submit.method", 1 },
	{ "path without slash", HEAD "submit = { path = \"x\"; }; " ANSWER "};", "provider.submit.path", 1 },
	{ "time-out", HEAD "submit = { timeout_s = 0; }; " ANSWER "};", "provider.submit.timeout_s", 1 },
	{ "batch", HEAD "batch = 2; " SUBMIT ANSWER "};", "provider.submit.recipient", 1 },
	{ "last rule with a condition", HEAD SUBMIT "answer = { format = \"json\"; rules = ( { status = \"200\"; outcome = \"accepted\"; } ); }; };",
	  "provider.answer.rules.[0]", 1 },
	{ "rule behind the last", HEAD SUBMIT "answer = { format = \"json\"; rules = ( { outcome = \"unclear\"; }, { outcome = \"unclear\"; } ); }; };",
	  "provider.answer.rules.[0]", 1 },
	{ "status", HEAD SUBMIT "answer = { format = \"json\"; rules = ( { status = \"2x\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } ); }; };",
	  "provider.answer.rules.[0].status", 1 },
	{ "outcome", HEAD SUBMIT "answer = { format = \"json\"; rules = ( { outcome = \"sent\"; } ); }; };",
	  "provider.answer.rules.[0].outcome", 1 },
	{ "equals without a place", HEAD SUBMIT "answer = { format = \"json\"; rules = ( { equals = \"1\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } ); }; };",
	  "provider.answer.rules.[0].at", 1 },
	{ "pointer", HEAD SUBMIT "answer = { format = \"json\"; id = \"id\"; rules = ( { outcome = \"unclear\"; } ); }; };", "provider.answer.id", 1 },
	{ "pattern without a group", HEAD SUBMIT "answer = { format = \"text\"; id = \"abc\"; rules = ( { outcome = \"unclear\"; } ); }; };", "provider.answer.id", 1 },
	{ "answer format", HEAD SUBMIT "answer = { format = \"query\"; rules = ( { outcome = \"unclear\"; } ); }; };", "provider.answer.format", 1 },
	{ "callback format", HEAD SUBMIT ANSWER "inbound = { format = \"text\"; }; };", "provider.inbound.format", 1 },
	{ "receipt without a map", HEAD SUBMIT ANSWER "receipt = { format = \"json\"; id = \"/i\"; status = \"/s\"; }; };", "provider.receipt.map", 1 },
	{ "signature", HEAD SUBMIT ANSWER "signature = { kind = \"md5\"; }; };", "provider.signature.kind", 1 },
	{ "what is signed without the body", HEAD SUBMIT ANSWER "signature = { kind = \"hmac_sha256_body\"; secret = \"s\"; signed = \"{{url}}\"; }; };",
	  "provider.signature.signed", 1 },
	{ "what is signed of an unknown thing", HEAD SUBMIT ANSWER "signature = { kind = \"hmac_sha256_body\"; secret = \"s\"; signed = \"{{body}}{{to}}\"; }; };",
	  "provider.signature.signed", 1 },
	{ "what is signed without its moment", HEAD SUBMIT ANSWER "signature = { kind = \"hmac_sha256_timestamp\"; secret = \"s\"; signed = \"{{body}}\"; }; };",
	  "provider.signature.signed", 1 },
	{ "a sign of the body in the body", HEAD "submit = { sign = \"{{body}}\"; body = \"{{sign|md5}}\"; }; " ANSWER "};", "provider.submit.body", 1 },
	{ "a sign of the body in the path", HEAD "submit = { path = \"/{{sign|md5}}\"; sign = \"{{body}}\"; }; " ANSWER "};", "provider.submit.path", 1 },
	{ "signature without a secret", HEAD SUBMIT ANSWER "signature = { kind = \"twilio\"; }; };", "provider.signature.secret", 1 },
};

static void profile_error_names_file_line_and_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(faulty); i++) {
		struct provider *p = NULL;
		struct complaint c = { 0 };
		int r = profiles_parse(faulty[i].text, &p, &c);
		if (r != E_CONFIG || c.line != faulty[i].line || strcmp(c.field, faulty[i].field) || !*c.file || !*c.rule)
			fail_msg("%s: %d %d:%s: %s", faulty[i].label, r, c.line, c.field, c.text);
	}
	struct provider *p = NULL;
	struct complaint c = { 0 };
	assert_int_equal(provider_load("/tmp/no-such-profile.conf", &p, &c), E_NOT_FOUND);
}

/* A channel asks for its profile by the name of a file in providers/. */
static void profile_is_called_as_its_file_is(void **state)
{
	(void)state;
	static const struct {
		const char *folder, *file;
		int result;
	} rows[] = { { "providers", "t.conf", 0 }, { "providers", "copy.conf", E_CONFIG }, { "elsewhere", "copy.conf", 0 } };
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char top[] = "/tmp/caunoi-profile-XXXXXX", folder[64], file[96];
		struct provider *p = NULL;
		struct complaint c = { 0 };
		assert_non_null(mkdtemp(top));
		snprintf(folder, sizeof(folder), "%s/%s", top, rows[i].folder);
		snprintf(file, sizeof(file), "%s/%s", folder, rows[i].file);
		assert_int_equal(mkdir(folder, 0700), 0);
		FILE *out = fopen(file, "w");
		assert_non_null(out);
		fputs("provider = {\n name = \"t\"; submit = { path = \"/s\"; }; answer = { format = \"json\"; rules = ( { outcome = \"unclear\"; } ); }; };\n", out);
		assert_int_equal(fclose(out), 0);
		assert_int_equal(provider_load(file, &p, &c), rows[i].result);
		if (rows[i].result) {
			assert_string_equal(c.rule, "name_differs");
			assert_int_equal(c.line, 2);
		}
		provider_free(p);
		unlink(file);
		rmdir(folder);
		rmdir(top);
	}
}

static void shipped_profiles_load(void **state)
{
	(void)state;
	const char *const patterns[] = { "config/providers/*.conf", "tests/fixtures/providers/*.conf" };
	for (size_t k = 0; k < COUNT_OF(patterns); k++) {
		glob_t found = { 0 };
		assert_int_equal(glob(patterns[k], 0, NULL, &found), 0);
		for (size_t i = 0; i < found.gl_pathc; i++) {
			struct provider *p = NULL;
			struct complaint c = { 0 };
			if (provider_load(found.gl_pathv[i], &p, &c))
				fail_msg("%s:%d: %s: %s", found.gl_pathv[i], c.line, c.field, c.text);
			provider_free(p);
		}
		globfree(&found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(template_prints_each_value_once_and_safely),
		cmocka_unit_test(request_refuses_what_the_profile_cannot_say),
		cmocka_unit_test(answer_first_rule_that_holds_decides),
		cmocka_unit_test(code_that_quotes_a_secret_hides_it),
		cmocka_unit_test(answer_hostile_is_bounded_and_never_accepted),
		cmocka_unit_test(answer_reads_every_format),
		cmocka_unit_test(answer_xml_bombs_are_bounded),
		cmocka_unit_test(callback_reads_receipt_and_inbound),
		cmocka_unit_test(callback_with_a_list_of_each_kind_loses_none),
		cmocka_unit_test(signature_forgeries_are_refused),
		cmocka_unit_test(profile_error_names_file_line_and_key),
		cmocka_unit_test(profile_is_called_as_its_file_is),
		cmocka_unit_test(shipped_profiles_load),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

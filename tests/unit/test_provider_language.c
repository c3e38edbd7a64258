/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of what a profile can say beyond one plain request: filters and their chains, signatures over a request, made and
 * fetched credentials, batches with an answer for each message, locked templates, look-ups, balances. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "config/provider.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/profiles.h"

#define HEAD "provider = { name = \"t\"; "
#define SUBMIT "submit = { path = \"/s\"; body = \"x\"; }; "
#define ANSWER "answer = { format = \"json\"; id = \"/id\"; rules = ( { status = \"200\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } ); }; "
#define NOW_MS 1795305600123 /* 2026-11-22T00:00:00.123Z */

static json_t *secrets(void)
{
	return json_pack("{s:s,s:s,s:s,s:s}", "sid", "SK-id-0123456789", "mac", "0123456789abcdef", "user", "Aladdin", "password",
			 "open sesame");
}

static struct provider_message message(const char *to, const char *text)
{
	return (struct provider_message){ .to = to, .text = text, .sender = "MTTQ", .key = "k-1", .attempt = "7",
					  .parts = 1, .validity_s = 3600, .now_ms = NOW_MS };
}

static struct received answered(int status, const char *body)
{
	return (struct received){ .status = status, .body = body, .body_bytes = strlen(body), .now_ms = NOW_MS };
}

/* ---- filters ---- */

static const struct {
	const char *label, *body, *text, *expected;
} filters[] = {
	{ "UTF-16 in hex", "{{text|ucs2hex}}", "đ😀a", "0111D83DDE000061" },
	{ "upper and lower change letters only", "{{text|upper}} {{text|lower}}", "aZ9đ", "AZ9đ az9đ" },
	{ "md5", "{{text|md5}}", "chào", "1b0c9960b0fe198b92abc6c88baa6cd3" },
	{ "sha1", "{{text|sha1}}", "chào", "a53d1925bda15897bb04d30c20cd20fe48c7605a" },
	{ "sha256", "{{text|sha256}}", "chào", "63212601c9d62167abf48fb83d3a8f7700ceb25493b5fa06fc4d83bf05d3d841" },
	{ "base64url has no padding", "{{text|base64url}}", "ÿþ?>", "w7_Dvj8-" },
	{ "hmac in base64", "{{text|hmac_sha256_base64:mac}}", "1795305600./s?x=1.{\"t\":\"xin\"}",
	  "oE268x4fzIpyawPCxzPoA9fqpapMbMP/MFMgYbFe58k=" },
	{ "hmac of SHA-1", "{{text|hmac_sha1:mac}}", "chào", "8b2e21d2142207befd392dfb1c816b3b9666f997" },
	{ "hmac of SHA-512 in base64", "{{text|hmac_sha512_base64:mac}}", "chào",
	  "vfGT7petx40KJVB/8HszXLNwUWWzQzSd0YQBxf2rGjLb+LhxpuUX7KMpDfdAFA0oLQw/BY05jA2ai1hYTBINgg==" },
	{ "sha512", "{{text|sha512}}", "chào",
	  "6a046951e2fab3c02a11a882c385a4384f75185f7b0ac3c44af55117f8f554a6aa2bf5831e09cc2c2edf7409509c97e8ac5adf0baa8eb3c44283d7237346d233" },
	{ "the clock of HTTP", "{{now_http|json}}", "x", "\"Sun, 22 Nov 2026 00:00:00 GMT\"" },
	{ "one behind the other", "{{text|ucs2hex|lower|json}}", "đ", "\"0111\"" },
	{ "four of them", "{{text|base64|url|upper|json}}", "?>", "\"PZ4%3D\"" },
	{ "if takes bars and braces to its end", "{{text|lower|if:a|b:c}}", "x", "a|b" },
	{ "an empty value through a chain", "[{{text|upper|lower}}]", "", "[]" },
	{ "the clock", "{{now}} {{now_ms}} {{now_iso|json}} {{validity_s}}", "x",
	  "1795305600 1795305600123 \"2026-11-22T00:00:00Z\" 3600" },
};

static void filter_prints_what_other_tools_print(void **state)
{
	(void)state;
	OWN(json) json_t *s = secrets();
	for (size_t i = 0; i < COUNT_OF(filters); i++) {
		OWN(mem) char *text = NULL;
		assert_true(asprintf(&text, HEAD "submit = { path = \"/s\"; body = \"%s\"; }; " ANSWER "};", filters[i].body) > 0);
		struct provider *p = profiles_must_parse(text);
		struct provider_message m = message("+84912345678", filters[i].text);
		struct provider_request q = { 0 };
		struct provider_refusal why = { 0 };
		int r = provider_request(p, &m, s, &q, &why);
		if (r || strcmp(buffer_text(&q.body), filters[i].expected))
			fail_msg("%s: %d %s %s", filters[i].label, r, why.rule ? why.rule : "", buffer_text(&q.body));
		provider_request_done(&q);
		provider_free(p);
	}
}

/* ---- credentials ---- */

/* What is signed may hold anything, what stands in the request may not. */
static void sign_stands_in_the_path_or_the_body_that_it_does_not_sign(void **state)
{
	(void)state;
	static const struct {
		const char *label, *submit, *path, *body, *rule;
	} cases[] = {
		{ "of values, in the body", "path = \"/s\"; sign = \"{{secret.user}}{{to}}{{text}}\"; body = \"{\\\"sign\\\":{{sign|md5|json}}}\";", "/s",
		  "{\"sign\":\"33c13c815697e5d69fe7eb4b62d2ba8c\"}", NULL },
		{ "of the path, in the body", "path = \"/s?n=1\"; sign = \"{{now}}.{{path}}\"; body = \"{{sign|hmac_sha256:mac}}\";", "/s?n=1",
		  "55dbab1a368db742e78ebabcd284b767c2cc907a4969a699fc27d0e5a9311527", NULL },
		{ "of values, in the path", "path = \"/s?sign={{sign|md5}}\"; sign = \"{{secret.user}}{{to}}{{text}}\";", "/s?sign=33c13c815697e5d69fe7eb4b62d2ba8c", "", NULL },
		{ "bare in the path", "path = \"/s?sign={{sign}}\"; sign = \"{{text}}\";", NULL, NULL, "unsafe_value" },
	};
	OWN(json) json_t *s = secrets();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *text = NULL;
		assert_true(asprintf(&text, HEAD "submit = { %s }; " ANSWER "};", cases[i].submit) > 0);
		struct provider *p = profiles_must_parse(text);
		struct provider_message m = message("+84912345678", "xin chào");
		struct provider_request q = { 0 };
		struct provider_refusal why = { .rule = "" };
		int r = provider_request(p, &m, s, &q, &why);
		if (cases[i].rule ? r != E_REFUSED || strcmp(why.rule, cases[i].rule) :
				    r || strcmp(buffer_text(&q.path), cases[i].path) || strcmp(buffer_text(&q.body), cases[i].body))
			fail_msg("%s: %d %s %s %s", cases[i].label, r, why.rule, buffer_text(&q.path), buffer_text(&q.body));
		provider_request_done(&q);
		provider_free(p);
	}
}

static const struct {
	const char *label, *profile, *header;
} credentials[] = {
	{ "basic, RFC 7617 section 2", "auth = { kind = \"basic\"; user = \"user\"; password = \"password\"; }; submit = { path = \"/s\"; "
	  "headers = [ \"Authorization: Basic {{auth}}\" ]; };", "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" },
	{ "token with an end, signed", "auth = { kind = \"jwt_hs256\"; secret = \"mac\"; lifetime_s = 3600; "
	  "header = \"{\\\"typ\\\":\\\"JWT\\\",\\\"alg\\\":\\\"HS256\\\",\\\"cty\\\":\\\"stringee-api;v=1\\\"}\"; "
	  "claims = \"{\\\"jti\\\":\\\"{{secret.sid}}-{{now}}\\\",\\\"iss\\\":{{secret.sid|json}},\\\"exp\\\":{{expires}},\\\"rest_api\\\":true}\"; }; "
	  "submit = { path = \"/s\"; headers = [ \"X-AUTH: {{auth}}\" ]; };",
	  "X-AUTH: eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImN0eSI6InN0cmluZ2VlLWFwaTt2PTEifQ.eyJqdGkiOiJTSy1pZC0wMTIzNDU2Nzg5LTE3OTUzMDU2M"
	  "DAiLCJpc3MiOiJTSy1pZC0wMTIzNDU2Nzg5IiwiZXhwIjoxNzk1MzA5MjAwLCJyZXN0X2FwaSI6dHJ1ZX0.vGxM84KJS2aNagFGcsSfOWtTw1oo4PBU9qERgkxDecs" },
	{ "HMAC of the body", "submit = { path = \"/s\"; body = \"{\\\"t\\\":{{text|json}}}\"; headers = [ \"X-Sign: {{body|hmac_sha256:mac}}\" ]; };",
	  "X-Sign: 3e2c26191bdfc80b3ffd0fe8dc3744804d34de9df202d525485d95424f41487d" },
	{ "HMAC of time, path and body", "submit = { path = \"/s?x=1\"; body = \"{\\\"t\\\":{{text|json}}}\"; sign = \"{{now}}.{{path}}.{{body}}\"; "
	  "headers = [ \"X-Sign: {{sign|hmac_sha256_base64:mac}}\" ]; };", "X-Sign: oE268x4fzIpyawPCxzPoA9fqpapMbMP/MFMgYbFe58k=" },
	{ "a header of the provider's own", "submit = { path = \"/s\"; headers = [ \"apikey: {{secret.password}}\" ]; };", "apikey: open sesame" },
};

static void credential_stands_in_the_header(void **state)
{
	(void)state;
	OWN(json) json_t *s = secrets();
	for (size_t i = 0; i < COUNT_OF(credentials); i++) {
		OWN(mem) char *text = NULL;
		assert_true(asprintf(&text, HEAD "%s" ANSWER "};", credentials[i].profile) > 0);
		struct provider *p = profiles_must_parse(text);
		struct provider_message m = message("+84912345678", "xin");
		struct provider_request q = { 0 };
		struct provider_refusal why = { 0 };
		int r = provider_request(p, &m, s, &q, &why);
		if (r || q.n_headers != 1 || strcmp(buffer_text(&q.headers), credentials[i].header))
			fail_msg("%s: %d %s\n%s", credentials[i].label, r, why.rule ? why.rule : "", buffer_text(&q.headers));
		assert_null(provider_missing_secret(p, s));
		r = provider_request(p, &m, NULL, &q, &why);
		if (r != E_REFUSED || strcmp(why.rule, "no_secret") || strcmp(why.fault, "channel") || !provider_missing_secret(p, NULL))
			fail_msg("%s without its secret: %d", credentials[i].label, r);
		provider_request_done(&q);
		provider_free(p);
	}
}

#define FETCHED                                                                                                          \
	HEAD "auth = { kind = \"token\"; path = \"/token\"; headers = [ \"Refresh-Token: {{secret.mac}}\" ]; format = \"json\"; "   \
	     "token = \"/data/access_token\"; code = \"/error\"; expires_s = \"/data/expires_in\"; lifetime_s = 900; }; "                       \
	     "submit = { path = \"/s\"; headers = [ \"Authorization: Bearer {{auth}}\" ]; }; "                               \
	     "answer = { format = \"json\"; rules = ( { status = \"401\"; outcome = \"not_sent\"; fault = \"channel\"; renew = true; }, " \
	     "{ outcome = \"unclear\"; } ); }; };"

static void token_is_fetched_before_a_message_and_given_up_when_refused(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		int status;
		const char *body, *outcome, *token;
		int64_t lifetime_s;
		const char *detail;
	} cases[] = {
		{ "good", 200, "{\"data\":{\"access_token\":\"t/0k=\",\"expires_in\":60}}", "accepted", "t/0k=", 60, NULL },
		{ "end not said", 200, "{\"data\":{\"access_token\":\"t\"}}", "accepted", "t", 900, NULL },
		{ "end as a moment", 200, "{\"data\":{\"access_token\":\"t\",\"expires_in\":1795305700}}", "accepted", "t", 100, NULL },
		{ "end as a moment in ms", 200, "{\"data\":{\"access_token\":\"t\",\"expires_in\":1795305700000}}", "accepted", "t", 100, NULL },
		{ "end that has passed", 200, "{\"data\":{\"access_token\":\"t\",\"expires_in\":-5}}", "accepted", "t", 1, NULL },
		{ "said no in an answer", 200, "{\"error\":1008}", "refused", NULL, 0, "the provider gives no token: HTTP 200, and no token at its place, code 1008" },
		{ "quotes a secret and a number", 200, "{\"error\":\"0123456789abcdef 0912345678\"}", "refused", NULL, 0,
		  "the provider gives no token: HTTP 200, and no token at its place, code # #" },
		{ "line break in it", 200, "{\"data\":{\"access_token\":\"t\\r\\nX: 1\"}}", "refused", NULL, 0, NULL },
		{ "401", 401, "{\"error\":\"invalid_client\"}", "refused", NULL, 0, "the provider gives no token: HTTP 401, code invalid_client" },
		{ "page of a proxy", 200, "<html>", "not_sent", NULL, 0, "the provider gives no token: HTTP 200, and not in the format of the profile" },
		{ "500", 500, "{}", "not_sent", NULL, 0, "the provider gives no token: HTTP 500" },
		{ "429", 429, "{}", "not_sent", NULL, 0, NULL },
	};
	OWN(json) json_t *s = secrets();
	struct provider *p = profiles_must_parse(FETCHED);
	struct provider_message m = message("+84912345678", "xin");
	struct provider_request q = { 0 };
	struct provider_refusal why = { 0 };
	assert_true(provider_needs_token(p));
	assert_int_equal(provider_request(p, &m, s, &q, &why), E_REFUSED);
	assert_string_equal(why.rule, "no_token");
	assert_int_equal(provider_token_request(p, s, NOW_MS, &q, &why), 0);
	assert_string_equal(buffer_text(&q.path), "/token");
	assert_string_equal(buffer_text(&q.headers), "Refresh-Token: 0123456789abcdef");
	m.token = "t/0k=";
	assert_int_equal(provider_request(p, &m, s, &q, &why), 0);
	assert_string_equal(buffer_text(&q.headers), "Authorization: Bearer t/0k=");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct provider_token t = { 0 };
		struct received in = answered(cases[i].status, cases[i].body);
		assert_int_equal(provider_token_answer(p, &in, s, &t), 0);
		bool same = cases[i].token ? t.token && !strcmp(t.token, cases[i].token) && t.lifetime_s == cases[i].lifetime_s : !t.token;
		same &= !cases[i].detail || (t.detail && !strcmp(t.detail, cases[i].detail));
		if (strcmp(t.outcome, cases[i].outcome) || !same)
			fail_msg("%s: %s %s %lld %s", cases[i].label, t.outcome, t.token ? t.token : "-", (long long)t.lifetime_s, t.detail ? t.detail : "-");
		provider_token_done(&t);
	}
	struct provider_answer a = { 0 };
	struct received in = answered(401, "{}");
	assert_int_equal(provider_answer(p, &in, &a), 0);
	assert_true(a.renew);
	provider_answer_done(&a);
	provider_request_done(&q);
	provider_free(p);
}

/* ---- batches ---- */

#define BATCH_SUBMIT                                                                                                     \
	"batch = 100; submit = { path = \"/s\"; body = \"{\\\"text\\\":{{text|json}},\\\"to\\\":[{{recipients}}]}\"; "       \
	"recipient = \"{\\\"n\\\":{{to_digits|json}},\\\"id\\\":{{key|json}}}\"; separator = \", \"; }; "
#define BATCH_ANSWER(which)                                                                                              \
	"answer = { format = \"json\"; rules = ( { status = \"429\"; outcome = \"not_sent\"; fault = \"channel\"; }, "         \
	"{ status = \"200-299\"; outcome = \"each\"; }, { outcome = \"unclear\"; } ); each = { list = \"/r\"; " which            \
	" id = \"/id\"; segments = \"/n\"; price = \"/cost\"; rules = ( { at = \"/code\"; equals = \"101\"; outcome = \"accepted\"; }, " \
	"{ at = \"/code\"; equals = \"403\"; outcome = \"refused\"; fault = \"recipient\"; code = \"/code\"; }, "              \
	"{ outcome = \"unclear\"; } ); }; }; "

static void batch_puts_every_recipient_into_one_request(void **state)
{
	(void)state;
	struct provider *p = profiles_must_parse(HEAD BATCH_SUBMIT BATCH_ANSWER("to = \"/to\";") "};");
	struct provider_message m[3] = { message("+84912345678", "xin \"chào\""), message("+84912345679", ""), message("+84912345670", "") };
	struct provider_request q = { 0 };
	struct provider_refusal why = { 0 };
	m[1].key = "k-2";
	m[2].key = "k\"3";
	assert_int_equal(provider_batch(p), 100);
	assert_int_equal(provider_requests(p, m, 3, NULL, &q, &why), 0);
	assert_string_equal(buffer_text(&q.body), "{\"text\":\"xin \\\"chào\\\"\",\"to\":[{\"n\":\"84912345678\",\"id\":\"k-1\"}, "
						  "{\"n\":\"84912345679\",\"id\":\"k-2\"}, {\"n\":\"84912345670\",\"id\":\"k\\\"3\"}]}");
	provider_request_done(&q);
	provider_free(p);
}

static void recipient_may_hold_the_whole_message(void **state)
{
	(void)state;
	struct provider *p = profiles_must_parse(HEAD "batch = 10; submit = { path = \"/s\"; body = \"[{{recipients}}]\"; "
					    "recipient = \"{\\\"to\\\":{{to|json}},\\\"from\\\":{{sender|json}},\\\"body\\\":{{text|json}},\\\"k\\\":{{secret.sid|json}}}\"; }; "
				       BATCH_ANSWER("to = \"/to\";") "};");
	struct provider_message m[2] = { message("+84912345678", "xin \"chào\""), message("+84912345679", "xin \"chào\"") };
	struct provider_request q = { 0 };
	struct provider_refusal why = { 0 };
	OWN(json) json_t *s = secrets();
	assert_string_equal(provider_missing_secret(p, NULL), "sid");
	assert_int_equal(provider_requests(p, m, 2, s, &q, &why), 0);
	assert_string_equal(buffer_text(&q.body),
			    "[{\"to\":\"+84912345678\",\"from\":\"MTTQ\",\"body\":\"xin \\\"chào\\\"\",\"k\":\"SK-id-0123456789\"},"
			    "{\"to\":\"+84912345679\",\"from\":\"MTTQ\",\"body\":\"xin \\\"chào\\\"\",\"k\":\"SK-id-0123456789\"}]");
	provider_request_done(&q);
	provider_free(p);
}

static const struct {
	const char *label, *which;
	int status;
	const char *body;
	const char *outcomes[3], *references[3];
} batches[] = {
	{ "each by its number, in another order and form", "to = \"/to\";", 200,
	  "{\"r\":[{\"to\":\"0912345670\",\"code\":101,\"id\":\"C\"},{\"to\":\"+84912345678\",\"code\":101,\"id\":\"A\"},{\"to\":\"84912345679\",\"code\":403}]}",
	  { "accepted", "refused", "accepted" }, { "A", NULL, "C" } },
	{ "each by its key", "key = \"/key\";", 200, "{\"r\":[{\"key\":\"k-3\",\"code\":101,\"id\":\"C\"},{\"key\":\"k-1\",\"code\":101,\"id\":\"A\"},{\"key\":\"k-2\",\"code\":7}]}",
	  { "accepted", "unclear", "accepted" }, { "A", NULL, "C" } },
	{ "each by its place", "", 200, "{\"r\":[{\"code\":101,\"id\":\"A\"},{\"code\":101,\"id\":\"B\"},{\"code\":403}]}",
	  { "accepted", "accepted", "refused" }, { "A", "B", NULL } },
	{ "by place, one is missing: nobody knows which", "", 200, "{\"r\":[{\"code\":101,\"id\":\"A\"},{\"code\":101,\"id\":\"B\"}]}",
	  { "unclear", "unclear", "unclear" }, { NULL, NULL, NULL } },
	{ "one is missing", "to = \"/to\";", 200, "{\"r\":[{\"to\":\"84912345678\",\"code\":101,\"id\":\"A\"},{\"to\":\"84912345670\",\"code\":101,\"id\":\"C\"}]}",
	  { "accepted", "unclear", "accepted" }, { "A", NULL, "C" } },
	{ "one comes twice", "to = \"/to\";", 200,
	  "{\"r\":[{\"to\":\"84912345678\",\"code\":101,\"id\":\"A\"},{\"to\":\"84912345678\",\"code\":403},{\"to\":\"84912345679\",\"code\":101,\"id\":\"B\"}]}",
	  { "unclear", "accepted", "unclear" }, { NULL, "B", NULL } },
	{ "accepted without its id", "to = \"/to\";", 200, "{\"r\":[{\"to\":\"84912345678\",\"code\":101},{\"to\":\"84912345679\",\"code\":101,\"id\":\"B\"}]}",
	  { "unclear", "accepted", "unclear" }, { NULL, "B", NULL } },
	{ "a stranger's number", "to = \"/to\";", 200, "{\"r\":[{\"to\":\"84900000000\",\"code\":101,\"id\":\"A\"}]}", { "unclear", "unclear", "unclear" },
	  { NULL, NULL, NULL } },
	{ "no list", "to = \"/to\";", 200, "{\"r\":7}", { "unclear", "unclear", "unclear" }, { NULL, NULL, NULL } },
	{ "HTML", "to = \"/to\";", 200, "<html>", { "unclear", "unclear", "unclear" }, { NULL, NULL, NULL } },
	{ "elements that are none", "to = \"/to\";", 200, "{\"r\":[1,null,[],\"x\"]}", { "unclear", "unclear", "unclear" }, { NULL, NULL, NULL } },
	{ "throttled as a whole", "to = \"/to\";", 429, "{}", { "not_sent", "not_sent", "not_sent" }, { NULL, NULL, NULL } },
	{ "500", "to = \"/to\";", 500, "{}", { "unclear", "unclear", "unclear" }, { NULL, NULL, NULL } },
};

static void batch_answer_is_judged_for_each_message(void **state)
{
	(void)state;
	struct provider_message m[3] = { message("+84912345678", "x"), message("+84912345679", "x"), message("+84912345670", "x") };
	m[1].key = "k-2";
	m[2].key = "k-3";
	for (size_t i = 0; i < COUNT_OF(batches); i++) {
		OWN(mem) char *text = NULL;
		assert_true(asprintf(&text, HEAD BATCH_SUBMIT BATCH_ANSWER("%s") "};", batches[i].which) > 0);
		struct provider *p = profiles_must_parse(text);
		struct received in = answered(batches[i].status, batches[i].body);
		struct provider_answer a[3];
		assert_int_equal(provider_answers(p, m, 3, &in, a), 0);
		for (size_t k = 0; k < 3; k++) {
			const char *id = batches[i].references[k];
			if (strcmp(a[k].outcome, batches[i].outcomes[k]) || (id ? !a[k].reference || strcmp(id, a[k].reference) : a[k].reference != NULL))
				fail_msg("%s, message %zu: %s %s", batches[i].label, k, a[k].outcome, a[k].reference ? a[k].reference : "-");
			provider_answer_done(&a[k]);
		}
		provider_free(p);
	}
}

/* {"id":"B1","to":["84…","84…"]}: one id for all people of the request. */
static void an_id_of_the_whole_answer_stands_for_all_of_a_batch(void **state)
{
	(void)state;
	static const struct {
		const char *body, *outcome, *reference;
	} cases[] = {
		{ "{\"id\":\"B1\",\"to\":[\"84912345678\",\"84912345679\"]}", "accepted", "B1" },
		{ "{\"to\":[\"84912345678\",\"84912345679\"]}", "unclear", NULL },
	};
	struct provider_message m[2] = { message("+84912345678", "x"), message("+84912345679", "x") };
	m[1].key = "k-2";
	struct provider *p = profiles_must_parse(HEAD BATCH_SUBMIT "answer = { format = \"json\"; id = \"/id\"; rules = ( { status = \"200\"; outcome = \"each\"; }, "
				       "{ outcome = \"unclear\"; } ); each = { list = \"/to\"; to = \"\"; rules = ( { outcome = \"accepted\"; } ); }; }; };");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct received in = answered(200, cases[i].body);
		struct provider_answer a[2];
		assert_int_equal(provider_answers(p, m, 2, &in, a), 0);
		for (size_t k = 0; k < 2; k++) {
			assert_string_equal(a[k].outcome, cases[i].outcome);
			assert_string_equal(a[k].reference ? a[k].reference : "-", cases[i].reference ? cases[i].reference : "-");
			provider_answer_done(&a[k]);
		}
	}
	provider_free(p);
}

static void what_the_provider_counted_is_read_back(void **state)
{
	(void)state;
	struct provider *p = profiles_must_parse(HEAD SUBMIT "answer = { format = \"json\"; id = \"/id\"; segments = \"/n\"; price = \"/cost\"; rules = ( "
						   "{ status = \"200\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } ); }; };");
	static const struct {
		const char *body, *price;
		int segments;
	} cases[] = {
		{ "{\"id\":1,\"n\":3,\"cost\":\"VND 750\"}", "VND 750", 3 }, { "{\"id\":1,\"n\":\"2\",\"cost\":0.5}", "0.5", 2 },
		{ "{\"id\":1}", NULL, 0 },				     { "{\"id\":1,\"n\":-1,\"cost\":null}", NULL, 0 },
		{ "{\"id\":1,\"n\":\"2x\",\"cost\":\"a\\nb\"}", NULL, 0 },   { "{\"id\":1,\"n\":100000}", NULL, 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct provider_answer a = { 0 };
		struct received in = answered(200, cases[i].body);
		assert_int_equal(provider_answer(p, &in, &a), 0);
		assert_string_equal(a.outcome, "accepted");
		if (a.segments != cases[i].segments || (cases[i].price ? !a.price || strcmp(a.price, cases[i].price) : a.price != NULL))
			fail_msg("%s: %d %s", cases[i].body, a.segments, a.price ? a.price : "-");
		provider_answer_done(&a);
	}
	provider_free(p);
}

static void duplicate_means_accepted_before(void **state)
{
	(void)state;
	struct provider *p = profiles_must_parse(HEAD SUBMIT "answer = { format = \"json\"; id = \"/id\"; rules = ( { status = \"409\"; outcome = \"duplicate\"; }, "
						   "{ at = \"/code\"; equals = \"124\"; outcome = \"duplicate\"; code = \"/code\"; }, { outcome = \"unclear\"; } ); }; };");
	static const struct {
		int status;
		const char *body, *reference;
	} cases[] = { { 200, "{\"code\":\"124\"}", NULL }, { 200, "{\"code\":124,\"id\":\"A\"}", "A" }, { 409, "", NULL }, { 409, "<html>", NULL } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct provider_answer a = { 0 };
		struct received in = answered(cases[i].status, cases[i].body);
		assert_int_equal(provider_answer(p, &in, &a), 0);
		assert_string_equal(a.outcome, "accepted");
		assert_string_equal(a.detail, "accepted before");
		assert_true(cases[i].reference ? a.reference && !strcmp(a.reference, cases[i].reference) : !a.reference);
		provider_answer_done(&a);
	}
	provider_free(p);
}

/* ---- locked templates and lengths ---- */

#define LOCKED                                                                                                           \
	HEAD "templates = ( { id = 101; text = \"Hồ sơ {1} đã xong ngày {2}.\"; }, { id = \"T2\"; text = \"Mời họp.\"; } ); "      \
	     "submit = { path = \"/s\"; body = \"{\\\"t\\\":{{template|json}},\\\"p\\\":[{{parameters}}]}\"; "                  \
	     "parameter = \"{\\\"NUM\\\":{{number|json}},\\\"CONTENT\\\":{{value|json}}}\"; }; " ANSWER "};"

static void locked_route_takes_its_templates_only(void **state)
{
	(void)state;
	static const struct {
		const char *text, *body;
	} cases[] = {
		{ "Hồ sơ PA-1 đã xong ngày 2/9.", "{\"t\":\"101\",\"p\":[{\"NUM\":\"1\",\"CONTENT\":\"PA-1\"},{\"NUM\":\"2\",\"CONTENT\":\"2/9\"}]}" },
		{ "Hồ sơ a \"b\" đã xong ngày ..", "{\"t\":\"101\",\"p\":[{\"NUM\":\"1\",\"CONTENT\":\"a \\\"b\\\"\"},{\"NUM\":\"2\",\"CONTENT\":\".\"}]}" },
		{ "Mời họp.", "{\"t\":\"T2\",\"p\":[]}" },
		{ "Mời họp. ", NULL },
		{ "Hồ sơ  đã xong ngày 2/9", NULL },
		{ "Hồ sơ  đã xong ngày .", NULL },
		{ "xHồ sơ 1 đã xong ngày 2.", NULL },
		{ "", NULL },
	};
	struct provider *p = profiles_must_parse(LOCKED);
	struct provider_request q = { 0 };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct provider_message m = message("+84912345678", cases[i].text);
		struct provider_refusal why = { 0 };
		int r = provider_request(p, &m, NULL, &q, &why);
		assert_int_equal(provider_takes_text(p, cases[i].text), cases[i].body != NULL);
		if (cases[i].body ? r || strcmp(buffer_text(&q.body), cases[i].body) : r != E_REFUSED || strcmp(why.rule, "no_template"))
			fail_msg("%s: %d %s", cases[i].text, r, buffer_text(&q.body));
	}
	provider_request_done(&q);
	provider_free(p);
}

static void route_refuses_what_its_carrier_would_not_bill(void **state)
{
	(void)state;
	struct provider *p = profiles_must_parse(HEAD "segments = { plain = [ 4, 8 ]; unicode = [ 2, 3 ]; }; " SUBMIT ANSWER "};");
	static const struct {
		const char *text;
		bool unicode, good;
	} cases[] = { { "12345678", false, true }, { "123456789", false, false }, { "đđđ", true, true }, { "đđđđ", true, false } };
	struct provider_request q = { 0 };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct provider_message m = message("+84912345678", cases[i].text);
		struct provider_refusal why = { 0 };
		m.unicode = cases[i].unicode;
		assert_int_equal(provider_request(p, &m, NULL, &q, &why), cases[i].good ? 0 : E_REFUSED);
		if (!cases[i].good)
			assert_string_equal(why.rule, "too_long");
	}
	provider_request_done(&q);
	provider_free(p);
}

/* ---- questions ---- */

static void lookup_asks_by_our_key_and_proves(void **state)
{
	(void)state;
	struct provider *p = profiles_must_parse(HEAD SUBMIT ANSWER
				       "lookup = { method = \"GET\"; path = \"/status?id={{key|url}}&to={{to|url}}\"; after_s = [ 2, 30 ]; timeout_s = 7; "
				       "answer = { format = \"json\"; id = \"/id\"; rules = ( { status = \"404\"; outcome = \"not_sent\"; }, "
				       "{ at = \"/st\"; equals = \"sent\"; outcome = \"accepted\"; }, { at = \"/st\"; equals = \"bad\"; outcome = \"refused\"; }, "
				       "{ outcome = \"unclear\"; } ); }; }; };");
	static const struct {
		int status;
		const char *body, *outcome;
	} cases[] = { { 404, "", "not_sent" }, { 200, "{\"id\":\"A\",\"st\":\"sent\"}", "accepted" }, { 200, "{\"st\":\"sent\"}", "unclear" },
		      { 200, "{\"id\":\"A\",\"st\":\"bad\"}", "refused" }, { 200, "<html>", "unclear" }, { 500, "", "unclear" } };
	struct provider_message m = message("+84912345678", "x");
	struct provider_request q = { 0 };
	struct provider_refusal why = { 0 };
	assert_true(provider_has_lookup(p));
	assert_int_equal(provider_lookup_after_s(p, 0), 2);
	assert_int_equal(provider_lookup_after_s(p, 1), 30);
	assert_int_equal(provider_lookup_after_s(p, 2), -1);
	assert_int_equal(provider_lookup_request(p, &m, NULL, &q, &why), 0);
	assert_string_equal(buffer_text(&q.path), "/status?id=k-1&to=%2B84912345678");
	assert_string_equal(q.method, "GET");
	assert_true(q.timeout_s > 6.9 && q.timeout_s < 7.1);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct provider_answer a = { 0 };
		struct received in = answered(cases[i].status, cases[i].body);
		assert_int_equal(provider_lookup_answer(p, &in, &a), 0);
		assert_string_equal(a.outcome, cases[i].outcome);
		provider_answer_done(&a);
	}
	provider_request_done(&q);
	provider_free(p);
}

static void balance_is_read_in_whole_units(void **state)
{
	(void)state;
	struct provider *p = profiles_must_parse(HEAD SUBMIT ANSWER "balance = { path = \"/b\"; body = \"k={{secret.mac|url}}\"; format = \"json\"; value = \"/b\"; }; };");
	static const struct {
		const char *body;
		int result;
		int64_t balance;
	} cases[] = { { "{\"b\":1785000}", 0, 1785000 }, { "{\"b\":\"KES 1,785.50\"}", 0, 1785 }, { "{\"b\":\"-20\"}", 0, -20 }, { "{\"b\":12.9}", 0, 12 },
		      { "{\"b\":\"none\"}", E_INVALID, 0 }, { "{}", E_INVALID, 0 }, { "<html>", E_INVALID, 0 } };
	OWN(json) json_t *s = secrets();
	struct provider_request q = { 0 };
	struct provider_refusal why = { 0 };
	assert_true(provider_has_balance(p));
	assert_int_equal(provider_balance_request(p, s, NULL, NOW_MS, &q, &why), 0);
	assert_string_equal(buffer_text(&q.body), "k=0123456789abcdef");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t balance = 0;
		struct received in = answered(200, cases[i].body);
		if (provider_balance_answer(p, &in, &balance) != cases[i].result || balance != cases[i].balance)
			fail_msg("%s: %lld", cases[i].body, (long long)balance);
	}
	provider_request_done(&q);
	provider_free(p);
}

/* ---- mistakes ---- */

static const struct {
	const char *label, *profile, *field, *rule;
} mistakes[] = {
	{ "a value that has no place there", SUBMIT "auth = { kind = \"token\"; path = \"/{{to}}\"; format = \"json\"; token = \"/t\"; };", "provider.auth.path", "template" },
	{ "body in the body", "submit = { path = \"/s\"; body = \"{{body}}\"; };", "provider.submit.body", "template" },
	{ "auth without its group", "submit = { path = \"/s\"; headers = [ \"A: {{auth}}\" ]; };", "provider.submit.headers", "template" },
	{ "credential of an unknown kind", "auth = { kind = \"oauth9\"; }; " SUBMIT, "provider.auth.kind", "unknown_value" },
	{ "basic without password", "auth = { kind = \"basic\"; user = \"u\"; }; " SUBMIT, "provider.auth.password", "missing" },
	{ "signed token without claims", "auth = { kind = \"jwt_hs256\"; secret = \"s\"; }; " SUBMIT, "provider.auth.claims", "missing" },
	{ "batch without recipients", "batch = 2; submit = { path = \"/s\"; body = \"{{to}}\"; };", "provider.submit.recipient", "missing" },
	{ "batch with one recipient outside", "batch = 2; submit = { path = \"/s\"; body = \"{{recipients}}{{to}}\"; recipient = \"{{to}}\"; };",
	  "provider.submit.recipient", "template" },
	{ "batch too big", "batch = 1001; " SUBMIT, "provider.batch", "out_of_range" },
	{ "parameters without templates", "submit = { path = \"/s\"; body = \"{{parameters}}\"; parameter = \"{{value|json}}\"; };",
	  "provider.submit.body", "template" },
	{ "places side by side", "templates = ( { id = 1; text = \"a{1}{2}\"; } ); " SUBMIT, "provider.templates.[0].text", "template" },
	{ "places out of order", "templates = ( { id = 1; text = \"a{2}\"; } ); " SUBMIT, "provider.templates.[0].text", "template" },
	{ "five filters", "submit = { path = \"/s\"; body = \"{{text|upper|upper|upper|upper|upper}}\"; };", "provider.submit.body", "template" },
	{ "text without a filter", "submit = { path = \"/s\"; body = \"{{text}}\"; };", "provider.submit.body", "template" },
	{ "text without a filter in a header", "submit = { path = \"/s\"; headers = [ \"X: {{text}}\" ]; };", "provider.submit.headers", "template" },
	{ "address without a filter", "submit = { path = \"/s?u={{receipt_url}}\"; };", "provider.submit.path", "template" },
	{ "a value inside a filter", "submit = { path = \"/s\"; body = \"{{text|hmac_sha256:{{now}}}}\"; };", "provider.submit.body", "template" },
	{ "filter without its secret", "submit = { path = \"/s\"; body = \"{{text|hmac_sha256}}\"; };", "provider.submit.body", "template" },
	{ "look-ups that do not rise", SUBMIT "lookup = { path = \"/l\"; after_s = [ 5, 5 ]; answer = { format = \"json\"; rules = ( { outcome = \"unclear\"; } ); }; };",
	  "provider.lookup.after_s", "out_of_range" },
	{ "balance without a place", SUBMIT "balance = { path = \"/b\"; format = \"json\"; };", "provider.balance.value", "missing" },
};

static void mistake_names_its_line_and_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
		OWN(mem) char *text = NULL;
		struct complaint c = { 0 };
		struct provider *p = NULL;
		assert_true(asprintf(&text, "provider = {\n name = \"t\";\n%s\n" ANSWER "};", mistakes[i].profile) > 0);
		int r = profiles_parse(text, &p, &c);
		if (r != E_CONFIG || strcmp(c.field, mistakes[i].field) || strcmp(c.rule, mistakes[i].rule) || c.line != 3)
			fail_msg("%s: %d, line %d, %s %s: %s", mistakes[i].label, r, c.line, c.field, c.rule, c.text);
	}
}

/* What other languages of patterns know, and what is said of it. */
static void patterns_of_other_languages_are_refused_with_words(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *words; /* NULL = is one */
	} cases[] = {
		{ "^\\\\d+$", "[0-9]" }, { "^(?:a|b)$", "( ) for (?: )" }, { "(?i)ok", "[Aa]" }, { "a.*?b", "lazy" }, { "a++b", "possessive" }, { "\\\\pL", "means nothing here" },
		{ "\\\\[[0-9]+\\\\]", NULL }, { "[(?*+]?x", NULL }, { "[]?*]", NULL }, { "[^]?*]+", NULL }, { "^OK \\\\w+$", NULL }, { "a\\\\??", NULL },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *text = NULL;
		struct complaint c = { 0 };
		struct provider *p = NULL;
		assert_true(asprintf(&text, HEAD SUBMIT "answer = { format = \"text\"; rules = ( { matches = \"%s\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } ); }; };",
				     cases[i].pattern) > 0);
		int r = profiles_parse(text, &p, &c);
		if (cases[i].words ? r != E_CONFIG || !strstr(c.text, cases[i].words) : r != 0)
			fail_msg("%s: %d %s", cases[i].pattern, r, c.text);
		provider_free(p);
	}
}

static const struct {
	const char *label, *answer, *field;
} rule_mistakes[] = {
	{ "reference back to a group", "rules = ( { matches = \"(a)\\\\1\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } );", "provider.answer.rules.[0].matches" },
	{ "count beyond bounds", "rules = ( { matches = \"a{1000}\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } );", "provider.answer.rules.[0].matches" },
	{ "counts of counts", "rules = ( { matches = \"(a{9}){9}\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } );", "provider.answer.rules.[0].matches" },
	{ "each without a list", "rules = ( { status = 200; outcome = \"each\"; }, { outcome = \"unclear\"; } );", "provider.answer.rules.[0].outcome" },
	{ "each in a text", "each = { list = \"(a)\"; rules = ( { outcome = \"unclear\"; } ); }; rules = ( { outcome = \"unclear\"; } );", "provider.answer.each.list" },
};

static void mistake_in_rules_names_its_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rule_mistakes); i++) {
		OWN(mem) char *text = NULL;
		struct complaint c = { 0 };
		struct provider *p = NULL;
		assert_true(asprintf(&text, HEAD SUBMIT "answer = { format = \"text\"; %s }; };", rule_mistakes[i].answer) > 0);
		int r = profiles_parse(text, &p, &c);
		if (r != E_CONFIG || strcmp(c.field, rule_mistakes[i].field))
			fail_msg("%s: %d, %s: %s", rule_mistakes[i].label, r, c.field, c.text);
	}
}

static void answers_for_each_that_no_rule_asks_for_are_a_mistake(void **state)
{
	(void)state;
	struct complaint c = { 0 };
	struct provider *p = NULL;
	assert_int_equal(profiles_parse(HEAD SUBMIT "answer = { format = \"json\";\n each = { list = \"/r\"; rules = ( { outcome = \"unclear\"; } ); };\n"
					  "rules = ( { outcome = \"unclear\"; } ); }; };", &p, &c), E_CONFIG);
	assert_string_equal(c.field, "provider.answer.each");
	assert_string_equal(c.rule, "unused");
	assert_true(c.line > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_prints_what_other_tools_print),
		cmocka_unit_test(credential_stands_in_the_header),
		cmocka_unit_test(token_is_fetched_before_a_message_and_given_up_when_refused),
		cmocka_unit_test(sign_stands_in_the_path_or_the_body_that_it_does_not_sign),
		cmocka_unit_test(batch_puts_every_recipient_into_one_request),
		cmocka_unit_test(recipient_may_hold_the_whole_message),
		cmocka_unit_test(batch_answer_is_judged_for_each_message),
		cmocka_unit_test(an_id_of_the_whole_answer_stands_for_all_of_a_batch),
		cmocka_unit_test(what_the_provider_counted_is_read_back),
		cmocka_unit_test(duplicate_means_accepted_before),
		cmocka_unit_test(locked_route_takes_its_templates_only),
		cmocka_unit_test(route_refuses_what_its_carrier_would_not_bill),
		cmocka_unit_test(lookup_asks_by_our_key_and_proves),
		cmocka_unit_test(balance_is_read_in_whole_units),
		cmocka_unit_test(mistake_names_its_line_and_key),
		cmocka_unit_test(patterns_of_other_languages_are_refused_with_words),
		cmocka_unit_test(mistake_in_rules_names_its_key),
		cmocka_unit_test(answers_for_each_that_no_rule_asks_for_are_a_mistake),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a channel's dry run: the request is the one that would leave, no secret is in it, a recorded answer is judged as a
 * real one, and what cannot be tried is said with its rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "console/terminal/probe.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

struct place {
	char folder[64];
	struct config *cfg;
};

static void put_file(const char *folder, const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	OWN(file) FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static const char profile[] =
	"provider = { name = \"p\"; unicode = true; max_characters = 20; auth = { kind = \"basic\"; user = \"user\"; password = \"word\"; }; "
	"submit = { path = \"/send?to={{to_national}}\"; headers = [ \"Authorization: Basic {{auth}}\", \"X-Sign: {{body|hmac_sha256:key}}\" ]; "
	"content_type = \"application/json\"; body = \"{\\\"text\\\":{{text|json}},\\\"u\\\":{{unicode}},\\\"k\\\":{{secret.key|json}},\\\"url\\\":{{receipt_url|json}}}\"; }; "
	"answer = { format = \"json\"; id = \"/id\"; segments = \"/n\"; rules = ( { status = 429; outcome = \"not_sent\"; fault = \"channel\"; retry_after = \"header:X-Reset\"; }, "
	"{ status = 200; at = \"/code\"; equals = \"0\"; outcome = \"accepted\"; }, { status = 200; at = \"/code\"; outcome = \"refused\"; fault = \"recipient\"; code = \"/code\"; }, "
	"{ outcome = \"unclear\"; } ); }; };";

static const char settings[] =
	"data_dir = \"data\"; store = \"sqlite\"; timezone = \"Asia/Ho_Chi_Minh\"; country = \"VN\"; control = \"core.sock\"; "
	"organisation = { name = \"T\"; unit = \"02269\"; reply_number = \"+84912345678\"; }; "
	"web = { listen = \"127.0.0.1:8480\"; public_url = \"https://caunoi.example.vn\"; behind_proxy = false; }; "
	"channels = ( { name = \"api\"; driver = \"http\"; provider = \"p\"; base_url = \"https://api.example.vn/v1/\"; webhook_secret = \"hook\"; "
	"secrets = { key = \"k\"; word = \"w\"; }; options = { user = \"mttq\"; }; sender = \"MTTQ\"; }, { name = \"sim\"; driver = \"loopback\"; } );";

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	char path[256];
	struct complaint c = { 0 };
	snprintf(p->folder, sizeof(p->folder), "/tmp/test-probe-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(path, sizeof(path), "%s/providers", p->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/secrets", p->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	*state = p;
	OWN(mem) char *numbers = realpath("config/numbers", NULL);
	assert_non_null(numbers);
	snprintf(path, sizeof(path), "%s/numbers", p->folder);
	assert_int_equal(symlink(numbers, path), 0);
	put_file(p->folder, "providers/p.conf", profile);
	put_file(p->folder, "secrets/k", "very-secret-key-0001");
	put_file(p->folder, "secrets/w", "very-secret-word-0001");
	put_file(p->folder, "secrets/hook", "very-secret-hook-0001");
	put_file(p->folder, "caunoi.conf", settings);
	snprintf(path, sizeof(path), "%s/caunoi.conf", p->folder);
	if (config_load(path, false, &p->cfg, &c))
		fail_msg("%s: %s", c.field, c.text);
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "providers/p.conf", "secrets/k", "secrets/w", "secrets/hook", "caunoi.conf", "numbers", "providers", "secrets", "" };
	struct place *p = *state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char path[256];
		snprintf(path, sizeof(path), "%s/%s", p->folder, names[i]);
		remove(path);
	}
	config_free(p->cfg);
	free(p);
	return 0;
}

static void dry_run_prints_the_request_with_secrets_masked(void **state)
{
	struct place *p = *state;
	struct complaint c = { 0 };
	OWN(json) json_t *out = NULL;
	assert_int_equal(probe_request(p->cfg, "api", "0912 345 678", "Chào \"bạn\"", &out, &c), 0);
	const json_t *headers = json_object_get(out, "headers");
	OWN(mem) char *all = json_text(out);
	assert_string_equal(json_str(out, "method", ""), "POST");
	assert_string_equal(json_str(out, "url", ""), "https://api.example.vn/v1/send?to=0912345678");
	assert_string_equal(json_str(out, "body", ""), "{\"text\":\"Chào \\\"bạn\\\"\",\"u\":1,\"k\":\"MASKED.key\","
						       "\"url\":\"https://caunoi.example.vn/hooks/api/MASKED.webhook_secret/receipt\"}");
	assert_int_equal(json_array_size(headers), 3);
	/* base64 of "mttq:MASKED.word" */
	assert_string_equal(json_string_value(json_array_get(headers, 0)), "Authorization: Basic bXR0cTpNQVNLRUQud29yZA==");
	assert_string_equal(json_string_value(json_array_get(headers, 2)), "Content-Type: application/json");
	assert_null(strstr(all, "very-secret"));
}

static void what_cannot_be_tried_is_said_with_its_rule(void **state)
{
	struct place *p = *state;
	static const struct {
		const char *label, *channel, *to, *text, *rule;
		int result;
	} cases[] = {
		{ "no such channel", "none", "0912345678", "x", "not_found", E_NOT_FOUND },
		{ "another kind", "sim", "0912345678", "x", "not_http", E_INVALID },
		{ "letters for a number", "api", "abc", "x", NULL, E_INVALID },
		{ "a short number", "api", "113", "x", NULL, E_INVALID },
		{ "too long for the profile", "api", "0912345678", "123456789012345678901", "too_long", E_REFUSED },
		{ "a number of another country", "api", "+85512345678", "x", "not_national", E_REFUSED },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct complaint c = { 0 };
		json_t *out = NULL;
		int r = probe_request(p->cfg, cases[i].channel, cases[i].to, cases[i].text, &out, &c);
		if (r != cases[i].result || out || !c.text[0] || (cases[i].rule && strcmp(c.rule, cases[i].rule)))
			fail_msg("%s: %d %s", cases[i].label, r, c.rule);
	}
}

static void recorded_answer_is_judged_as_a_real_one(void **state)
{
	struct place *p = *state;
	static const struct {
		const char *label, *record, *outcome, *fault, *reference, *code;
		int retry_after_s, segments;
	} cases[] = {
		{ "whole", "HTTP/1.1 200 OK\r\nContent-Type: x\r\n\r\n{\"code\":0,\"id\":\"A\",\"n\":2}", "accepted", "", "A", "", 0, 2 },
		{ "bare line ends", "HTTP/2 200\nContent-Type: x\n\n{\"code\":0,\"id\":\"A\"}", "accepted", "", "A", "", 0, 0 },
		{ "body alone", "{\"code\":7}", "refused", "recipient", "", "7", 0, 0 },
		{ "throttled", "HTTP/1.1 429 Too Many\r\nx-other: 1\r\nx-reset:  9\r\n\r\n", "not_sent", "channel", "", "http:429", 9, 0 },
		{ "without a version", "HTTP 429\nx-reset: 9\n\nabc", "not_sent", "channel", "", "http:429", 9, 0 },
		{ "no id", "{\"code\":0}", "unclear", "", "", "", 0, 0 },
		{ "HTML", "HTTP/1.1 200 OK\r\n\r\n<html>", "unclear", "", "", "", 0, 0 },
		{ "headers without an end", "HTTP/1.1 500 X\r\nA: b", "unclear", "", "", "http:500", 0, 0 },
		{ "nothing", "", "unclear", "", "", "", 0, 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct complaint c = { 0 };
		OWN(json) json_t *out = NULL;
		assert_int_equal(probe_replay(p->cfg, "api", NULL, cases[i].record, &out, &c), 0);
		OWN(mem) char *text = json_text(out);
		if (strcmp(json_str(out, "outcome", ""), cases[i].outcome) || strcmp(json_str(out, "fault", ""), cases[i].fault) ||
		    strcmp(json_str(out, "reference", ""), cases[i].reference) || strcmp(json_str(out, "code", ""), cases[i].code) ||
		    json_int(out, "retry_after_s", -1) != cases[i].retry_after_s || json_int(out, "segments", -1) != cases[i].segments)
			fail_msg("%s: %s", cases[i].label, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dry_run_prints_the_request_with_secrets_masked),
		cmocka_unit_test(what_cannot_be_tried_is_said_with_its_rule),
		cmocka_unit_test(recorded_answer_is_judged_as_a_real_one),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

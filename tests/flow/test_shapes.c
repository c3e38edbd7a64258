/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shapes that programs read, on a whole gateway: every field of the contract is there in every answer, what is absent is null, and no text
 * is empty. One gateway, things as bare as they can be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/gateway.h"

#define NUMBER "+84912000001"
#define OTHER "+84912000002"

/* A field a word: its name and what it may be: s text, n number, b flag, l list, o object; ? or null. */
#define MESSAGE "id:n key:s? person:s to:s? class:s state:s reason:s? segments:n encoding:s? channel:s? campaign:n? queued_at:s sent_at:s? final_at:s? attempts:l"
#define ATTEMPT "part:n n:n channel:s outcome:s? proof:s? reference:s? code:s? handed_at:s?"
#define CAMPAIGN "id:n name:s state:s class:s audience:s total:n? counts:o excluded:o segments:n? cost_vnd:n? replies:n opt_outs:n started_at:s? eta_at:s?"
#define COUNTS "held:n queued:n sending:n retry:n sent:n unclear:n delivered:n failed:n expired:n suppressed:n cancelled:n"
#define PREVIEW "total:n excluded:o segments:o encoding:s? cost_vnd:n folded:o samples:l lint:l"
#define LINT "rule:s severity:s text:s"
#define CASE "id:n code:s state:s topic:s? topics:l kind:s urgency:s restricted:b unit:s? person:s? received_at:s due_at:s? overdue:b text:s timeline:l"
#define EVENT "at:s what:s who:s text:s?"
#define INBOX "id:n channel:s received_at:s from_person:s? text:s kind:s? topic:s? handled_by:s? result:s?"
#define CHANNEL "name:s driver:s state:s in_flight:n credit:n rate:n? sent_today:n unclear:n signal_percent:n? network:s? balance_vnd:n? last_error:s?"
#define TOKEN "id:n user:s name:s? scopes:s? token:s? expires_at:s?"
#define USER "name:s role:s unit:s? disabled:b totp:b"
#define CONTACT "id:n person:s name:s? number:s? unit:s? groups:l basis:s? opted_out:l imported_at:s"
#define CONSENT "person:s basis:s? scopes:l"
#define SCOPE "scope:s state:s at:s channel:s? text:s?"
#define SAID "id:s channel:s from:s at:s"
#define HEARD "at:s channel:s text:s parts:n message:n?"
#define JOB "id:n verb:s state:s done:n total:n? result:o? error:o?"
#define IMPORT "rows:n added:n updated:n unchanged:n refused:l reasons:o"
#define VERIFY "ok:b first_bad:n? checked:n"
#define CLASSIFY "kind:s topic:s? topics:l answer:s? confidence:n folded:s? why:s"
#define MEASURE "encoding:s characters:n units:n segments:n left:n forcing:l folded:o"

static struct gateway *gateway;

static int set_up(void **state)
{
	(void)state;
	gateway = gateway_new(NULL);
	gateway_start(gateway);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gateway_free(gateway);
	return 0;
}

static bool fits(const json_t *value, const char *kind)
{
	if (json_is_null(value))
		return kind[1] == '?';
	switch (kind[0]) {
	case 's': return json_is_string(value) && json_string_length(value) > 0;
	case 'n': return json_is_number(value);
	case 'b': return json_is_boolean(value);
	case 'l': return json_is_array(value);
	case 'o': return json_is_object(value);
	}
	return false;
}

static void check(const char *label, const json_t *thing, const char *shape)
{
	char words[400], *rest = words;
	snprintf(words, sizeof(words), "%s", shape);
	for (char *word; (word = strsep(&rest, " "));) {
		char *kind = strchr(word, ':');
		*kind++ = '\0';
		const json_t *value = json_object_get(thing, word);
		if (value && fits(value, kind))
			continue;
		OWN(mem) char *text = json_dumps(thing, JSON_ENCODE_ANY);
		print_error("%s: %s is %s: %s\n", label, word, value ? "not what it may be" : "missing", text);
		fail();
	}
}

static void check_each(const char *label, const json_t *list, const char *shape)
{
	size_t i;
	const json_t *one;
	if (!json_array_size(list))
		fail_msg("%s: there is none", label);
	json_array_foreach(list, i, one)
		check(label, one, shape);
}

/* The answer's one thing, or the row of a query; the caller's. */
static json_t *shown(const char *verb, json_t *args)
{
	OWN(json) json_t *rows = gateway_rows(gateway, verb, args);
	return json_incref(json_array_get(rows, 0));
}

static void people(void **state)
{
	(void)state;
	OWN(json) json_t *bare = gateway_do(gateway, "contact.add", json_pack("{s:s, s:s}", "number", NUMBER, "basis", "x"));
	OWN(json) json_t *list = gateway_rows(gateway, "contact.list", NULL), *one = shown("contact.show", json_pack("{s:i}", "id", 1));
	check("contact add", bare, CONTACT);
	check_each("contact list", list, CONTACT);
	check("contact show", one, CONTACT);
	assert_true(json_is_null(json_object_get(one, "name")));
	OWN(json) json_t *unknown = shown("consent.show", json_pack("{s:s}", "number", NUMBER));
	OWN(json) json_t *off = gateway_do(gateway, "consent.opt-out", json_pack("{s:s}", "number", OTHER));
	check("consent show", unknown, CONSENT);
	check("consent opt-out", off, CONSENT);
	check_each("scope", json_object_get(off, "scopes"), SCOPE);
}

static void messages(void **state)
{
	(void)state;
	OWN(json) json_t *sent = gateway_do(gateway, "message.send", json_pack("{s:s, s:s}", "to", NUMBER, "text", "chao"));
	check("message send", sent, MESSAGE);
	gateway_wait(gateway, "delivered", "SELECT count(*) FROM message WHERE state = 'delivered'", 30000);
	OWN(json) json_t *after = shown("message.show", json_pack("{s:i}", "id", (int)json_int(sent, "id", 0)));
	OWN(json) json_t *list = gateway_rows(gateway, "message.list", NULL);
	check("message show", after, MESSAGE);
	check_each("attempt", json_object_get(after, "attempts"), ATTEMPT);
	check_each("message list", list, MESSAGE);
	OWN(json) json_t *heard = gateway_do(gateway, "loopback.heard", json_pack("{s:s}", "number", NUMBER));
	check_each("heard", heard, HEARD);
	OWN(json) json_t *channels = gateway_rows(gateway, "channel.list", NULL), *one = shown("channel.show", json_pack("{s:s}", "name", "may-ao"));
	check_each("channel list", channels, CHANNEL);
	check("channel show", one, CHANNEL);
}

static void campaigns(void **state)
{
	(void)state;
	OWN(json) json_t *bare = gateway_do(gateway, "campaign.new", json_pack("{s:s, s:s, s:s}", "name", "a", "audience", "all", "text", "Mời họp, bit.ly/hop. Từ chối: TC"));
	int id = (int)json_int(bare, "id", 0);
	check("campaign new", bare, CAMPAIGN);
	check("counts", json_object_get(bare, "counts"), COUNTS);
	OWN(json) json_t *preview = gateway_do(gateway, "campaign.preview", json_pack("{s:i}", "id", id));
	check("preview", preview, PREVIEW);
	check("preview folded", json_object_get(preview, "folded"), "segments:n cost_vnd:n text:s");
	check_each("lint", json_object_get(preview, "lint"), LINT);
	static const char *const steps[] = { "campaign.submit", "campaign.approve", "campaign.start" };
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		OWN(json) json_t *c = gateway_do(gateway, steps[i], json_pack("{s:i}", "id", id));
		check(steps[i], c, CAMPAIGN);
	}
	OWN(json) json_t *list = gateway_rows(gateway, "campaign.list", NULL);
	check_each("campaign list", list, CAMPAIGN);
}

static void cases(void **state)
{
	(void)state;
	OWN(json) json_t *said = gateway_do(gateway, "loopback.say", json_pack("{s:s, s:s}", "from", NUMBER, "text", "duong thon 5 hong"));
	check("said", said, SAID);
	OWN(json) json_t *letters = gateway_do(gateway, "loopback.say", json_pack("{s:s, s:s}", "from", "VIETTEL", "text", "khuyen mai"));
	check("said by a name", letters, SAID);
	gateway_wait(gateway, "both filed", "SELECT count(*) > 1 FROM inbound WHERE state = 'handled'", 30000);
	OWN(json) json_t *inbox = gateway_rows(gateway, "inbox.list", NULL), *list = gateway_rows(gateway, "case.list", NULL);
	check_each("inbox list", inbox, INBOX);
	check_each("case list", list, CASE);
	OWN(json) json_t *bare = gateway_do(gateway, "case.new", json_pack("{s:s}", "text", "mai nha dot nat"));
	check("case new", bare, CASE);
	check_each("timeline", json_object_get(bare, "timeline"), EVENT);
}

static void accounts(void **state)
{
	(void)state;
	OWN(json) json_t *user = gateway_do(gateway, "user.add", json_pack("{s:s, s:s}", "name", "hoa", "role", "reviewer"));
	OWN(json) json_t *token = gateway_do(gateway, "token.add", json_pack("{s:s}", "user", "hoa"));
	OWN(json) json_t *users = gateway_rows(gateway, "user.list", NULL), *tokens = gateway_rows(gateway, "token.list", NULL);
	OWN(json) json_t *verified = shown("audit.verify", NULL);
	check("user add", user, USER);
	check("token add", token, TOKEN);
	check_each("user list", users, USER);
	check_each("token list", tokens, TOKEN);
	check("audit verify", verified, VERIFY);
}

static void jobs(void **state)
{
	(void)state;
	static const char *const files[] = { "phone,name\n0912000003,Po\n", "phone\nabc\n" };
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		int64_t upload = gateway_upload(gateway, files[i], strlen(files[i]));
		OWN(json) json_t *begun = gateway_do(gateway, "contact.import", json_pack("{s:I, s:s, s:s}", "file", (json_int_t)upload, "group", "A", "basis", "x"));
		OWN(json) json_t *job = gateway_wait_job(gateway, json_int(begun, "job", 0), 30000);
		check("job", job, JOB);
		check("import", json_object_get(job, "result"), IMPORT);
	}
	OWN(json) json_t *list = gateway_rows(gateway, "job.list", NULL);
	check_each("job list", list, JOB);
}

/* These need no core. */
static json_t *typed(const char *verb, const char *text)
{
	const char *words[] = { "--config", gateway->config, "--json", "text", verb, text, NULL };
	OWN(mem) char *out = NULL;
	json_t *json = NULL;
	assert_int_equal(gateway_program(gateway, "caunoi", words, NULL, &out), 0);
	assert_int_equal(json_parse(out, strlen(out), &json), 0);
	return json;
}

static void texts(void **state)
{
	(void)state;
	static const char *const said[] = { "ok", "Đã gia hạn", "?" };
	for (size_t i = 0; i < COUNT_OF(said); i++) {
		OWN(json) json_t *classified = typed("classify", said[i]), *measured = typed("measure", said[i]);
		check("classify", classified, CLASSIFY);
		check("measure", measured, MEASURE);
		check("measure folded", json_object_get(measured, "folded"), "text:s segments:n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people), cmocka_unit_test(messages), cmocka_unit_test(campaigns), cmocka_unit_test(cases),
		cmocka_unit_test(accounts), cmocka_unit_test(jobs), cmocka_unit_test(texts),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

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
#include "gateway/registry.h"
#include "gateway/shape.h"
#include "tests/support/gateway.h"

#define NUMBER "+84912000001"
#define OTHER "+84912000002"

#define HEARD "at:s channel:s text:s parts:n message:n?"
#define CLASSIFY "kind:s topic:s? topics:l answer:s? confidence:n folded:s? why:s"

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

static bool fits(const json_t *value, const struct shape_field *f)
{
	if (json_is_null(value))
		return f->may_be_null;
	switch (f->kind) {
	case 's': return json_is_string(value) && json_string_length(value) > 0;
	case 'n': return json_is_number(value);
	case 'b': return json_is_boolean(value);
	case 'l': return json_is_array(value);
	case 'o': return json_is_object(value);
	}
	return false;
}

/* shape: the name of one in the table, or the fields themselves. */
static void check(const char *label, const json_t *thing, const char *shape)
{
	const struct shape *known = shape_find(shape);
	struct shape_field f;
	for (const char *p = known ? known->fields : shape; shape_next(&p, &f);) {
		const json_t *value = json_object_get(thing, f.name);
		if (value && fits(value, &f))
			continue;
		OWN(mem) char *text = json_dumps(thing, JSON_ENCODE_ANY);
		print_error("%s: %s is %s: %s\n", label, f.name, value ? "not what it may be" : "missing", text);
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
	check("contact add", bare, "contact");
	check_each("contact list", list, "contact");
	check("contact show", one, "contact");
	assert_true(json_is_null(json_object_get(one, "name")));
	OWN(json) json_t *unknown = shown("consent.show", json_pack("{s:s}", "number", NUMBER));
	OWN(json) json_t *off = gateway_do(gateway, "consent.opt-out", json_pack("{s:s}", "number", OTHER));
	check("consent show", unknown, "consent");
	check("consent opt-out", off, "consent");
	check_each("scope", json_object_get(off, "scopes"), "scope");
}

static void messages(void **state)
{
	(void)state;
	OWN(json) json_t *sent = gateway_do(gateway, "message.send", json_pack("{s:s, s:s}", "to", NUMBER, "text", "chao"));
	check("message send", sent, "message");
	gateway_wait(gateway, "delivered", "SELECT count(*) FROM message WHERE state = 'delivered'", 30000);
	OWN(json) json_t *after = shown("message.show", json_pack("{s:i}", "id", (int)json_int(sent, "id", 0)));
	OWN(json) json_t *list = gateway_rows(gateway, "message.list", NULL);
	check("message show", after, "message");
	check_each("attempt", json_object_get(after, "attempts"), "attempt");
	check_each("message list", list, "message");
	OWN(json) json_t *heard = gateway_do(gateway, "loopback.heard", json_pack("{s:s}", "number", NUMBER));
	check_each("heard", heard, HEARD);
	OWN(json) json_t *channels = gateway_rows(gateway, "channel.list", NULL), *one = shown("channel.show", json_pack("{s:s}", "name", "may-ao"));
	check_each("channel list", channels, "channel");
	check("channel show", one, "channel");
}

static void campaigns(void **state)
{
	(void)state;
	OWN(json) json_t *bare = gateway_do(gateway, "campaign.new", json_pack("{s:s, s:s, s:s}", "name", "a", "audience", "all", "text", "Mời họp, bit.ly/hop. Từ chối: TC"));
	int id = (int)json_int(bare, "id", 0);
	check("campaign new", bare, "campaign");
	check("counts", json_object_get(bare, "counts"), "counts");
	OWN(json) json_t *preview = gateway_do(gateway, "campaign.preview", json_pack("{s:i}", "id", id));
	check("preview", preview, "preview");
	check("preview folded", json_object_get(preview, "folded"), "folded_preview");
	check_each("lint", json_object_get(preview, "lint"), "lint");
	static const char *const steps[] = { "campaign.submit", "campaign.approve", "campaign.start" };
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		OWN(json) json_t *c = gateway_do(gateway, steps[i], json_pack("{s:i}", "id", id));
		check(steps[i], c, "campaign");
	}
	OWN(json) json_t *list = gateway_rows(gateway, "campaign.list", NULL);
	check_each("campaign list", list, "campaign");
}

static void cases(void **state)
{
	(void)state;
	OWN(json) json_t *said = gateway_do(gateway, "loopback.say", json_pack("{s:s, s:s}", "from", NUMBER, "text", "duong thon 5 hong"));
	check("said", said, "said");
	OWN(json) json_t *letters = gateway_do(gateway, "loopback.say", json_pack("{s:s, s:s}", "from", "VIETTEL", "text", "khuyen mai"));
	check("said by a name", letters, "said");
	gateway_wait(gateway, "both filed", "SELECT count(*) > 1 FROM inbound WHERE state = 'handled'", 30000);
	OWN(json) json_t *inbox = gateway_rows(gateway, "inbox.list", NULL), *list = gateway_rows(gateway, "case.list", NULL);
	check_each("inbox list", inbox, "inbox");
	check_each("case list", list, "case");
	OWN(json) json_t *bare = gateway_do(gateway, "case.new", json_pack("{s:s}", "text", "mai nha dot nat"));
	check("case new", bare, "case");
	check_each("timeline", json_object_get(bare, "timeline"), "event");
}

static void sign_ups(void **state)
{
	(void)state;
	OWN(json) json_t *hamlet = gateway_do(gateway, "unit.add", json_pack("{s:s, s:s}", "code", "02269.1", "name", "Thôn Nà Lang"));
	OWN(json) json_t *bare = gateway_do(gateway, "signup.new", json_pack("{s:s, s:s, s:s}", "programme", "nha-tam", "head", "Sùng Thị Máy", "hamlet", "Nà Lang"));
	check("signup new", bare, "signup");
	check_each("timeline of a sign-up", json_object_get(bare, "timeline"), "event");
	OWN(json) json_t *visited = gateway_do(gateway, "signup.visit", json_pack("{s:s}", "id", json_str(bare, "code", "")));
	OWN(json) json_t *decided = gateway_do(gateway, "signup.decide", json_pack("{s:s, s:s}", "id", json_str(visited, "code", ""), "result", "eligible"));
	check("signup decide", decided, "signup");
	OWN(json) json_t *list = gateway_rows(gateway, "signup.list", NULL);
	check_each("signup list", list, "signup");
}

static void accounts(void **state)
{
	(void)state;
	OWN(json) json_t *user = gateway_do(gateway, "user.add", json_pack("{s:s, s:s}", "name", "hoa", "role", "reviewer"));
	OWN(json) json_t *token = gateway_do(gateway, "token.add", json_pack("{s:s}", "user", "hoa"));
	OWN(json) json_t *users = gateway_rows(gateway, "user.list", NULL), *tokens = gateway_rows(gateway, "token.list", NULL);
	OWN(json) json_t *verified = shown("audit.verify", NULL);
	check("user add", user, "user");
	check("token add", token, "token");
	check_each("user list", users, "user");
	check_each("token list", tokens, "token");
	check("audit verify", verified, "verified");
}

static void jobs(void **state)
{
	(void)state;
	static const char *const files[] = { "phone,name\n0912000003,Po\n", "phone\nabc\n" };
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		int64_t upload = gateway_upload(gateway, files[i], strlen(files[i]));
		OWN(json) json_t *begun = gateway_do(gateway, "contact.import", json_pack("{s:I, s:s, s:s}", "file", (json_int_t)upload, "group", "A", "basis", "x"));
		OWN(json) json_t *job = gateway_wait_job(gateway, json_int(begun, "job", 0), 30000);
		check("job", job, "job");
		check("import", json_object_get(job, "result"), "import");
	}
	OWN(json) json_t *list = gateway_rows(gateway, "job.list", NULL);
	check_each("job list", list, "job");
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
		check("measure", measured, "measure");
		check("measure folded", json_object_get(measured, "folded"), "folded");
	}
}

/* Whatever verb the table names is there, and what it says stands inside is told. */
static void the_table_names_what_there_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < shape_count; i++) {
		OWN(mem) char *words = strdup(shape_table[i].verbs ? shape_table[i].verbs : "");
		char *rest = words;
		struct shape_field f;
		for (char *verb; (verb = strsep(&rest, " "));)
			if (*verb && !registry_find_dotted(&caunoi_registry, verb))
				fail_msg("%s: there is no %s", shape_table[i].name, verb);
		for (const char *p = shape_table[i].fields; shape_next(&p, &f);)
			if (!strchr("snblo", f.kind) || (f.inside[0] && !shape_find(f.inside)))
				fail_msg("%s: %s", shape_table[i].name, f.name);
	}
}

static void templates(void **state)
{
	(void)state;
	OWN(json) json_t *list = gateway_rows(gateway, "template.list", NULL);
	check_each("template list", list, "template");
}

static void menus(void **state)
{
	(void)state;
	OWN(json) json_t *list = gateway_rows(gateway, "dialogue.list", NULL), *screen = gateway_do(gateway, "ussd.try", NULL);
	check_each("dialogue list", list, "dialogue");
	check("ussd try", screen, "screen");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people), cmocka_unit_test(messages), cmocka_unit_test(campaigns), cmocka_unit_test(cases), cmocka_unit_test(sign_ups),
		cmocka_unit_test(accounts), cmocka_unit_test(jobs), cmocka_unit_test(texts),
		cmocka_unit_test(the_table_names_what_there_is), cmocka_unit_test(templates), cmocka_unit_test(menus),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the command line: options anywhere, "--", empty arguments, suggestions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "console/terminal/arguments.h"
#include "gateway/base/json.h"

static const struct verb_arg send_args[] = {
	{ .name = "to", .type = ARG_PHONE, .required = true },
	{ .name = "text", .type = ARG_TEXT, .required = true },
	{ .name = "flash", .type = ARG_FLAG },
};
static const struct verb_arg approve_args[] = { { .name = "id", .type = ARG_INT, .rank = 1, .required = true } };
static const struct verb_arg list_args[] = { { .name = "state", .type = ARG_TEXT } };
static const struct verb_arg passwd_args[] = {
	{ .name = "name", .type = ARG_NAME, .rank = 1, .required = true },
	{ .name = "password", .type = ARG_TEXT, .required = true },
};
static const struct verb verbs[] = {
	{ .noun = "", .name = "status", .kind = VERB_QUERY },
	{ .noun = "message", .name = "send", .kind = VERB_COMMAND, VERB_ARGS(send_args) },
	{ .noun = "message", .name = "list", .kind = VERB_QUERY, .list = true, VERB_ARGS(list_args) },
	{ .noun = "campaign", .name = "approve", .kind = VERB_COMMAND, VERB_ARGS(approve_args) },
	{ .noun = "user", .name = "passwd", .kind = VERB_COMMAND, VERB_ARGS(passwd_args) },
};
static const struct verb_table table = VERB_TABLE(verbs);
static const struct verb_table *const tables[] = { &table };
static const struct registry registry = { .tables = tables, .n_tables = 1 };

#define WORDS_MAX 12
static int parse(const char *const words[WORDS_MAX], struct arguments *a, struct complaint *c)
{
	char *argv[WORDS_MAX + 2] = { "caunoi" };
	int n = 1;
	for (; words[n - 1]; n++)
		argv[n] = (char *)(uintptr_t)words[n - 1];
	return arguments_parse(&registry, n, argv, a, c);
}

static void options_stand_anywhere(void **state)
{
	(void)state;
	static const struct {
		const char *label, *words[WORDS_MAX], *verb, *args;
	} cases[] = {
		{ "behind", { "message", "send", "--to", "0912", "--text", "a b" }, "send", "{\"text\":\"a b\",\"to\":\"0912\"}" },
		{ "before", { "--to", "0912", "message", "--text=x", "send" }, "send", "{\"text\":\"x\",\"to\":\"0912\"}" },
		{ "flag before the verb", { "--flash", "message", "send" }, "send", "{\"flash\":true}" },
		{ "flag with a value", { "message", "send", "--flash=false" }, "send", "{\"flash\":\"false\"}" },
		{ "common between", { "campaign", "--json", "approve", "--key", "k1", "12" }, "approve", "{\"id\":\"12\"}" },
		{ "positional by name", { "campaign", "approve", "--id", "12" }, "approve", "{\"id\":\"12\"}" },
		{ "dashes end options", { "campaign", "approve", "--", "--json" }, "approve", "{\"id\":\"--json\"}" },
		{ "dashes before the verb", { "--", "campaign", "approve", "3" }, "approve", "{\"id\":\"3\"}" },
		{ "an empty argument is one", { "campaign", "approve", "" }, "approve", "{\"id\":\"\"}" },
		{ "an empty value", { "message", "send", "--text=" }, "send", "{\"text\":\"\"}" },
		{ "a value may look like an option", { "message", "send", "--text", "--json" }, "send", "{\"text\":\"--json\"}" },
		{ "a dash alone is an argument", { "campaign", "approve", "-" }, "approve", "{\"id\":\"-\"}" },
		{ "lists have limit and after", { "message", "list", "--limit", "5", "--after=9" }, "list", "{\"after\":\"9\",\"limit\":\"5\"}" },
		{ "no noun", { "--jsonl", "status" }, "status", "{}" },
		{ "equals in the value", { "message", "send", "--text=a=b" }, "send", "{\"text\":\"a=b\"}" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arguments a;
		struct complaint c = { 0 };
		if (parse(cases[i].words, &a, &c))
			fail_msg("%s: %s", cases[i].label, c.text);
		OWN(mem) char *args = json_dumps(a.args, JSON_COMPACT | JSON_SORT_KEYS);
		if (!a.verb || strcmp(a.verb->name, cases[i].verb) || strcmp(args, cases[i].args))
			fail_msg("%s: %s %s", cases[i].label, a.verb ? a.verb->name : "no verb", args);
		arguments_done(&a);
	}
}

static void mistakes_name_what_is_near(void **state)
{
	(void)state;
	static const struct {
		const char *label, *words[WORDS_MAX], *rule, *says;
	} cases[] = {
		{ "noun", { "mesage", "send" }, "unknown_noun", "\"message\"" },
		{ "noun by swap", { "campiagn" }, "unknown_noun", "\"campaign\"" },
		{ "nothing near", { "xyzzy" }, "unknown_noun", "caunoi help" },
		{ "verb", { "campaign", "aprove", "1" }, "unknown_verb", "\"approve\"" },
		{ "verb of another noun", { "campaign", "send" }, "unknown_verb", "campaign" },
		{ "no verb", { "campaign" }, "no_verb", "campaign" },
		{ "option", { "message", "send", "--txt", "x" }, "unknown_option", "\"--text\"" },
		{ "common option", { "message", "list", "--jsonn" }, "unknown_option", "\"--json" },
		{ "short option", { "message", "list", "-x" }, "unknown_option", "--" },
		{ "no value", { "message", "send", "--text" }, "no_value", "--text" },
		{ "no key", { "message", "send", "--key" }, "no_value", "--key" },
		{ "value of a flag", { "message", "list", "--json=1" }, "has_value", "--json" },
		{ "twice", { "message", "send", "--text", "a", "--text", "b" }, "twice", "text" },
		{ "one too many", { "campaign", "approve", "1", "2" }, "too_many", "\"2\"" },
		{ "password", { "user", "passwd", "lan", "--password", "geheim" }, "password", "standard input" },
		{ "not UTF-8", { "message", "send", "--text", "a\xff" }, "wrong_type", "UTF-8" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arguments a;
		struct complaint c = { 0 };
		int r = parse(cases[i].words, &a, &c);
		if (r != E_INVALID || strcmp(c.rule, cases[i].rule) || !strstr(c.text, cases[i].says))
			fail_msg("%s: %d %s: %s", cases[i].label, r, c.rule, c.text);
		arguments_done(&a);
	}
}

static void help_is_heard_anywhere(void **state)
{
	(void)state;
	static const struct {
		const char *words[WORDS_MAX];
		bool help, verb;
	} cases[] = {
		{ { "--help" }, true, false },
		{ { "message", "--help" }, true, false },
		{ { "message", "send", "--to", "1", "--help" }, true, true },
		{ { "-h", "campaign", "approve" }, true, true },
		{ { "campaign", "approve", "--", "--help" }, false, true },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arguments a;
		struct complaint c = { 0 };
		assert_int_equal(parse(cases[i].words, &a, &c), 0);
		assert_int_equal(a.help, cases[i].help);
		assert_int_equal(a.verb != NULL, cases[i].verb);
		arguments_done(&a);
	}
}

static void common_options_are_kept_apart(void **state)
{
	(void)state;
	struct arguments a;
	struct complaint c = { 0 };
	const char *const words[WORDS_MAX] = { "--config=/x/y.conf", "status", "--json", "--no-wait", "--key", "k" };
	assert_int_equal(parse(words, &a, &c), 0);
	assert_string_equal(a.config, "/x/y.conf");
	assert_string_equal(a.key, "k");
	assert_true(a.json && a.no_wait && !a.jsonl && !a.help);
	assert_int_equal(json_object_size(a.args), 0);
	arguments_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(mistakes_name_what_is_near),
		cmocka_unit_test(help_is_heard_anywhere),
		cmocka_unit_test(common_options_are_kept_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

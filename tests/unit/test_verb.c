/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of arguments: the function sees every declared one, of its type and in range, or the caller learns which is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "gateway/verb.h"

static const char *const colours[] = { "red", "green", NULL };
static const struct verb_arg args[] = {
	{ .name = "id", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = 1000 },
	{ .name = "text", .type = ARG_TEXT, .max = 10 },
	{ .name = "colour", .type = ARG_TEXT, .choices = colours, .otherwise = "red" },
	{ .name = "dry-run", .type = ARG_FLAG, .otherwise = "false" },
	{ .name = "share", .type = ARG_NUM, .min = 0, .max = 1 },
	{ .name = "channel", .type = ARG_NAME },
	{ .name = "file", .type = ARG_UPLOAD },
	{ .name = "to", .type = ARG_PHONE },
	{ .name = "start", .type = ARG_TIME },
};
static const struct verb verb = { .noun = "thing", .name = "do", .kind = VERB_COMMAND, .roles = R_(OUTREACH), VERB_ARGS(args) };
static const struct verb list = { .noun = "thing", .name = "list", .kind = VERB_QUERY, .roles = ROLES_ALL, .list = true };

static void verb_check_refuses_with_rule_and_field(void **state)
{
	(void)state;
	static const struct {
		const char *label, *args, *rule, *field;
	} cases[] = {
		{ "no object", "[]", "malformed", "" },
		{ "nothing", "{}", "missing", "id" },
		{ "null is absent", "{\"id\":null}", "missing", "id" },
		{ "stranger", "{\"id\":1,\"x\":2}", "unknown_argument", "x" },
		{ "one argument in both spellings", "{\"id\":1,\"dry-run\":true,\"dry_run\":true}", "unknown_argument", "dry_run" },
		{ "underscore misplaced", "{\"id\":1,\"_dry-run\":true}", "unknown_argument", "_dry-run" },
		{ "limit on no list", "{\"id\":1,\"limit\":2}", "unknown_argument", "limit" },
		{ "word for number", "{\"id\":\"12a\"}", "wrong_type", "id" },
		{ "half a number", "{\"id\":1.5}", "wrong_type", "id" },
		{ "spaces", "{\"id\":\" 1\"}", "wrong_type", "id" },
		{ "hex", "{\"id\":\"0x10\"}", "wrong_type", "id" },
		{ "beyond 64 bits", "{\"id\":\"99999999999999999999\"}", "wrong_type", "id" },
		{ "too small", "{\"id\":0}", "out_of_range", "id" },
		{ "too big", "{\"id\":1001}", "out_of_range", "id" },
		{ "too long", "{\"id\":1,\"text\":\"12345678901\"}", "out_of_range", "text" },
		{ "number for text", "{\"id\":1,\"text\":5}", "wrong_type", "text" },
		{ "no choice", "{\"id\":1,\"colour\":\"blue\"}", "not_a_choice", "colour" },
		{ "flag of words", "{\"id\":1,\"dry-run\":\"maybe\"}", "wrong_type", "dry-run" },
		{ "share over one", "{\"id\":1,\"share\":1.01}", "out_of_range", "share" },
		{ "share of words", "{\"id\":1,\"share\":\"much\"}", "wrong_type", "share" },
		{ "share not a number", "{\"id\":1,\"share\":\"nan\"}", "wrong_type", "share" },
		{ "upper case name", "{\"id\":1,\"channel\":\"SIM\"}", "out_of_range", "channel" },
		{ "empty name", "{\"id\":1,\"channel\":\"\"}", "out_of_range", "channel" },
		{ "upload zero", "{\"id\":1,\"file\":0}", "wrong_type", "file" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *given = NULL;
		json_t *out = NULL;
		struct refusal why = { 0 };
		assert_int_equal(json_parse(cases[i].args, strlen(cases[i].args), &given), 0);
		if (verb_check(&verb, given, NULL, &out, &why) != E_INVALID || strcmp(why.rule, cases[i].rule) != 0 ||
		    strcmp(why.field, cases[i].field) != 0)
			fail_msg("%s: rule %s field %s", cases[i].label, why.rule, why.field);
		assert_int_equal(why.status, strcmp(cases[i].rule, "malformed") == 0 ? 400 : 422);
		if (strcmp(why.rule, "wrong_type") == 0 && strcmp(why.field, "id") == 0)
			assert_string_equal(why.text, "id must be a whole number.");
		if (strcmp(why.rule, "not_a_choice") == 0)
			assert_string_equal(why.text, "colour must be one of red, green.");
		refusal_done(&why);
	}
}

static json_t *checked(const struct verb *v, const char *text)
{
	OWN(json) json_t *given = NULL;
	json_t *out = NULL;
	struct refusal why = { 0 };
	assert_int_equal(json_parse(text, strlen(text), &given), 0);
	if (verb_check(v, given, NULL, &out, &why))
		fail_msg("%s: %s", text, why.text);
	return out;
}

static void verb_check_reads_texts_and_fills_defaults(void **state)
{
	(void)state;
	OWN(json) json_t *out = checked(&verb, "{\"id\":\"12\",\"dry-run\":\"true\",\"share\":\"0.5\",\"file\":\"7\",\"to\":\"0912\"}");
	assert_int_equal(json_int(out, "id", 0), 12);
	assert_true(json_flag(out, "dry-run", false));
	assert_true(json_num(out, "share", 0) > 0.49 && json_num(out, "share", 0) < 0.51);
	assert_int_equal(json_int(out, "file", 0), 7);
	assert_string_equal(json_str(out, "colour", ""), "red");
	assert_string_equal(json_str(out, "to", ""), "0912");
	assert_null(json_object_get(out, "text"));
	assert_null(json_object_get(out, "start"));
}

static void verb_check_reads_underscores_as_dashes(void **state)
{
	(void)state;
	OWN(json) json_t *out = checked(&verb, "{\"id\":1,\"dry_run\":true}");
	assert_true(json_flag(out, "dry-run", false));
	assert_null(json_object_get(out, "dry_run"));
}

static void verb_check_composes_text(void **state)
{
	(void)state;
	OWN(json) json_t *out = checked(&verb, "{\"id\":1,\"text\":\"Ta\\u0300y\"}");
	assert_string_equal(json_str(out, "text", ""), "Tày");
}

static void verb_lists_know_limit_and_after(void **state)
{
	(void)state;
	OWN(json) json_t *plain = checked(&list, "{}");
	assert_int_equal(json_int(plain, "limit", 0), 100);
	assert_null(json_object_get(plain, "after"));
	OWN(json) json_t *paged = checked(&list, "{\"limit\":\"1000\",\"after\":55}");
	assert_int_equal(json_int(paged, "limit", 0), 1000);
	assert_int_equal(json_int(paged, "after", 0), 55);
	OWN(json) json_t *much = json_pack("{s:i}", "limit", 1001);
	json_t *out = NULL;
	struct refusal why = { 0 };
	assert_int_equal(verb_check(&list, much, NULL, &out, &why), E_INVALID);
	assert_string_equal(why.rule, "out_of_range");
	refusal_done(&why);
}

static void verb_is_for_its_roles_and_the_operator(void **state)
{
	(void)state;
	for (unsigned r = 0; r < ROLE_COUNT; r++) {
		enum role back;
		assert_int_equal(verb_allowed(&verb, r), r == ROLE_OPERATOR || r == ROLE_OUTREACH);
		assert_int_equal(role_parse(role_name(r), &back), 0);
		assert_int_equal(back, r);
	}
	enum role none;
	assert_int_equal(role_parse("root", &none), E_INVALID);
	assert_false(verb_allowed(&verb, ROLE_COUNT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verb_check_refuses_with_rule_and_field),
		cmocka_unit_test(verb_check_reads_texts_and_fills_defaults),
		cmocka_unit_test(verb_check_reads_underscores_as_dashes),
		cmocka_unit_test(verb_check_composes_text),
		cmocka_unit_test(verb_lists_know_limit_and_after),
		cmocka_unit_test(verb_is_for_its_roles_and_the_operator),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

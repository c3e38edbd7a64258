/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of handing over: what fits goes, each case once unless somebody says again, nobody's number and nothing restricted; what they call
 * it comes back by our code, a list whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "console/report/report.h"
#include "gateway/base/json.h"
#include "gateway/base/seal.h"
#include "gateway/store/store.h"
#include "handlers/casefile.h"
#include "tests/support/fixture.h"

static int64_t open_case(struct fixture *f, const char *number, const char *unit, const char *topic, bool restricted, const char *text, char code[CASE_CODE_BYTES])
{
	struct casefile c;
	bool joined = true;
	struct casefile_new n = { .address = fixture_address(f, number), .channel = "may-ao", .unit = unit, .text = text, .fold = text, .topics = { topic },
				  .kind = "proposal", .urgency = "normal", .restricted = restricted };
	assert_int_equal(casefile_open(fixture_begin(f), &n, &c, &joined), 0);
	fixture_commit(f);
	if (code)
		memcpy(code, c.code, CASE_CODE_BYTES);
	return c.id;
}

/* A code of five digits does not tell its province. */
static struct fixture *world(void)
{
	struct fixture *f = fixture_new(NULL);
	assert_int_equal(store_script(f->db, "INSERT INTO unit (code, name, fold, kind, parent, from_day, to_day, successor) VALUES "
					     "('02269', 'a', 'a', 'commune', '08', '', '', ''), ('02266', 'b', 'b', 'commune', '08', '', '', '')"), 0);
	return f;
}

/* The order's job, or -1 with the refusal's rule in rule. */
static int64_t order(struct fixture *f, const char *args, char rule[48])
{
	OWN(json) json_t *out = NULL;
	struct refusal why = { 0 };
	int r = fixture_command(f, "case.handover", args, &out, &why);
	snprintf(rule, 48, "%s", why.rule);
	refusal_done(&why);
	return r ? -1 : json_int(out, "job", -1);
}

/* The object that the JSON file holds: read back from the file, which the caller finds gone. */
static json_t *file_of(struct fixture *f, int64_t job)
{
	struct scope in = fixture_scope(f);
	struct config shipped = *f->config;
	OWN(json) json_t *result = NULL;
	json_t *out = NULL;
	json_error_t e;
	shipped.file = (char *)"config/caunoi.conf";
	in.config = &shipped;
	assert_int_equal(report_run(&in, job, &result), 0);
	const char *file = json_str(result, "file", NULL);
	if (!file)
		fail_msg("%s", json_str(result, "text", ""));
	out = json_load_file(file, 0, &e);
	if (!out)
		fail_msg("%s: %s", file, e.text);
	return out;
}

static bool has_case(const json_t *file, const char *code)
{
	size_t i;
	const json_t *one;
	json_array_foreach(json_object_get(file, "cases"), i, one)
		if (strcmp(json_str(one, "code", ""), code) == 0)
			return true;
	return false;
}

static size_t cases_in(const json_t *file)
{
	return json_array_size(json_object_get(file, "cases"));
}

static void handed_over_once_and_again_only_when_said(void **state)
{
	(void)state;
	char a[CASE_CODE_BYTES], b[CASE_CODE_BYTES], secret[CASE_CODE_BYTES], rule[48];
	struct fixture *f = world();
	open_case(f, "+84912000101", "02269", "BHYT", false, "the het han, goi 0912 000 101", a);
	open_case(f, "+84912000102", "02266", "HATANG", false, "duong hong", b);
	open_case(f, "+84912000103", "02269", "TRUCLOI", true, "can bo an chan", secret);
	int64_t first = order(f, "{\"unit\":\"02269\"}", rule);
	assert_true(first > 0);
	OWN(json) json_t *file = file_of(f, first);
	assert_string_equal(json_str(file, "format", ""), "caunoi-handover");
	assert_int_equal(cases_in(file), 1);
	assert_true(has_case(file, a));
	OWN(mem) char *text = json_text(file);
	assert_null(strstr(text, "912000101"));
	assert_null(strstr(text, "912 000 101"));
	assert_null(strstr(text, secret));
	assert_int_equal(order(f, "{\"unit\":\"02269\"}", rule), -1);
	assert_string_equal(rule, "nothing_to_hand_over");
	int64_t second = order(f, "{\"unit\":\"08\"}", rule); /* what is below and new */
	OWN(json) json_t *other = file_of(f, second);
	assert_int_equal(cases_in(other), 1);
	assert_true(has_case(other, b));
	assert_int_equal(json_int(other, "left_out", -1), 1);
	int64_t third = order(f, "{\"unit\":\"08\",\"again\":true}", rule);
	OWN(json) json_t *again = file_of(f, third);
	assert_int_equal(cases_in(again), 2);
	assert_int_equal(json_int(json_array_get(json_object_get(again, "cases"), 0), "handed_over_before", -1), 1);
	/* the first file made once more says what it said */
	OWN(json) json_t *repeated = file_of(f, first);
	assert_int_equal(json_int(json_array_get(json_object_get(repeated, "cases"), 0), "handed_over_before", -1), 0);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM case_event WHERE what = 'handed_over'", -1), 4);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM audit WHERE verb = 'case.handover' AND subject LIKE 'job:%'", -1), 3);
	fixture_free(f);
}

static void handover_takes_what_the_filter_says(void **state)
{
	(void)state;
	static const struct {
		const char *label, *args;
		size_t want; /* 0: refused */
	} cases[] = {
		{ "topic", "{\"unit\":\"08\",\"topic\":\"BHYT\",\"again\":true}", 2 },
		{ "topic that nobody spoke of", "{\"unit\":\"08\",\"topic\":\"VANHOA\",\"again\":true}", 0 },
		{ "kind", "{\"unit\":\"08\",\"kind\":\"praise\",\"again\":true}", 0 },
		{ "state", "{\"unit\":\"08\",\"state\":\"triaged\",\"again\":true}", 1 },
		{ "days before", "{\"unit\":\"08\",\"from\":\"2026-10-01\",\"to\":\"2026-10-31\",\"again\":true}", 0 },
		{ "today", "{\"unit\":\"08\",\"from\":\"2026-11-22\",\"to\":\"2026-11-22\",\"again\":true}", 3 },
	};
	char rule[48];
	struct fixture *f = world();
	open_case(f, "+84912000101", "02269", "BHYT", false, "mot", NULL);
	open_case(f, "+84912000102", "02269", "BHYT", false, "hai", NULL);
	int64_t id = open_case(f, "+84912000103", "02266", "HATANG", false, "ba", NULL);
	struct casefile c;
	struct tick *t = fixture_begin(f);
	assert_int_equal(casefile_get(&t->in, id, &c), 0);
	assert_int_equal(casefile_move(t, &c, CASE_TRIAGED), 0);
	fixture_commit(f);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t job = order(f, cases[i].args, rule);
		OWN(json) json_t *file = job > 0 ? file_of(f, job) : NULL;
		if (cases_in(file) != cases[i].want || (!cases[i].want && strcmp(rule, "nothing_to_hand_over") != 0))
			fail_msg("%s: %zu %s", cases[i].label, cases_in(file), rule);
	}
	fixture_free(f);
}

static void what_is_restricted_before_the_file_is_made_stays_here(void **state)
{
	(void)state;
	char rule[48];
	struct fixture *f = world();
	open_case(f, "+84912000101", "02269", "BHYT", false, "mot", NULL);
	int64_t job = order(f, "{\"unit\":\"02269\"}", rule);
	assert_int_equal(store_script(f->db, "UPDATE casefile SET restricted = 1"), 0);
	OWN(json) json_t *file = file_of(f, job);
	assert_int_equal(cases_in(file), 0);
	fixture_free(f);
}

/* ---- reading back ---- */

static json_t *shown(struct fixture *f, const char *code)
{
	char args[40];
	json_t *out = NULL;
	int64_t next = 0;
	snprintf(args, sizeof(args), "{\"id\":\"%s\"}", code);
	assert_int_equal(fixture_query(f, "case.show", args, &out, &next), 0);
	return out;
}

static void their_reference_comes_back_by_our_code(void **state)
{
	(void)state;
	char a[CASE_CODE_BYTES], b[CASE_CODE_BYTES], rule[48], args[400];
	struct fixture *f = world();
	open_case(f, "+84912000101", "02269", "BHYT", false, "mot", a);
	open_case(f, "+84912000102", "02269", "BHYT", false, "hai", b);
	OWN(json) json_t *before = shown(f, a);
	assert_true(json_is_null(json_object_get(before, "handed_over_at")));
	assert_true(json_is_null(json_object_get(before, "portal_reference")));
	OWN(json) json_t *file = file_of(f, order(f, "{\"unit\":\"02269\"}", rule));
	json_object_set_new(json_array_get(json_object_get(file, "cases"), 1), "reference", json_string("MT-2026/0042"));
	OWN(mem) char *filled = json_text(file);
	OWN(json) json_t *call = json_pack("{s:s}", "file", filled);
	OWN(mem) char *call_text = json_text(call);
	OWN(json) json_t *first = NULL, *second = NULL, *third = NULL;
	assert_int_equal(fixture_command(f, "case.references", call_text, &first, NULL), 0);
	assert_int_equal(json_int(first, "updated", -1), 1);
	assert_int_equal(fixture_command(f, "case.references", call_text, &second, NULL), 0);
	assert_int_equal(json_int(second, "updated", -1), 0);
	assert_int_equal(json_int(second, "unchanged", -1), 1);
	OWN(json) json_t *after = shown(f, b), *unnamed = shown(f, a);
	assert_string_equal(json_str(after, "portal_reference", ""), "MT-2026/0042");
	assert_non_null(json_str(after, "handed_over_at", NULL));
	assert_true(json_is_null(json_object_get(unnamed, "portal_reference")));
	snprintf(args, sizeof(args), "{\"id\":\"%s\",\"reference\":\"PAKN.7\"}", a);
	assert_int_equal(fixture_command(f, "case.reference", args, &third, NULL), 0);
	assert_string_equal(json_str(third, "portal_reference", ""), "PAKN.7");
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM case_event WHERE what = 'referenced'", -1), 2);
	fixture_free(f);
}

static void a_list_with_one_bad_row_changes_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *label, *file, *rule; /* A is the case's code */
	} cases[] = {
		{ "taken", "Mã;Mã bên nhận\nA;X1\n", "" },
		{ "columns in another order, one more", "reference,note,code\nX2,abc,A\n", "" },
		{ "no code column", "so,reference\nA,X3\n", "bad_row" },
		{ "a code that is none", "code,reference\nA,X3\nPA000000,X4\n", "not_found" },
		{ "an id is no code", "code,reference\nA,X3\n1,X4\n", "not_found" },
		{ "words as a reference", "code,reference\nA,\"=cmd|' /C'!A0\"\n", "bad_row" },
		{ "too few columns", "code,reference\nA\n", "bad_row" },
		{ "other JSON", "{\"case\":[]}", "bad_row" },
		{ "nothing", " ", "bad_row" },
	};
	char code[CASE_CODE_BYTES];
	struct fixture *f = world();
	open_case(f, "+84912000101", "02269", "BHYT", false, "mot", code);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char file[200] = "";
		for (const char *at = cases[i].file; *at; at++)
			snprintf(file + strlen(file), sizeof(file) - strlen(file), *at == 'A' && (at[1] == ';' || at[1] == ',' || at[1] == '\n') ? "%.0s%s" : "%.1s", at, code);
		OWN(json) json_t *args = json_pack("{s:s}", "file", file), *out = NULL, *was = shown(f, code);
		OWN(mem) char *text = json_text(args);
		struct refusal why = { 0 };
		int r = fixture_command(f, "case.references", text, &out, &why);
		if ((r == 0) != !*cases[i].rule || strcmp(why.rule, cases[i].rule) != 0)
			fail_msg("%s: %d %s %s", cases[i].label, r, why.rule, why.text);
		OWN(json) json_t *is = shown(f, code);
		if (r && strcmp(json_str(is, "portal_reference", ""), json_str(was, "portal_reference", "")) != 0)
			fail_msg("%s: changed", cases[i].label);
		refusal_done(&why);
	}
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handed_over_once_and_again_only_when_said),
		cmocka_unit_test(handover_takes_what_the_filter_says),
		cmocka_unit_test(what_is_restricted_before_the_file_is_made_stays_here),
		cmocka_unit_test(their_reference_comes_back_by_our_code),
		cmocka_unit_test(a_list_with_one_bad_row_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

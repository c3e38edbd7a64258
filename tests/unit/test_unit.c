// SPDX-License-Identifier: GPL-3.0-or-later
/* Administrative units: written one by one or as a list, all or nothing; codes keep their zeros; what was dissolved is still found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/registry.h"
#include "gateway/unit.h"
#include "tests/support/tick_fixture.h"

static json_t *take(struct tick_fixture *f, const char *csv)
{
	OWN(json) json_t *answer = NULL;
	json_t *args = json_pack("{s:I}", "file", (json_int_t)tick_fixture_upload(f, "uid:0", csv, strlen(csv), 50));
	assert_int_equal(tick_fixture_ask(f, "unit.import", args, &answer), 0);
	return tick_fixture_job(f, json_int(answer, "job", 0));
}

static const char list[] = "Mã;Tên;Loại;Mã cấp trên;Từ ngày;Đến ngày;Mã kế thừa\n8;Tuyên Quang;;;2025-07-01;;\n2269;Thượng Lâm;;8;2025-07-01;;\n"
			   "00694;Phường Hà Giang 1;ward;08;2025-07-01;;\n02;Hà Giang;;;2004-07-01;2025-06-30;08\n02269.5;Ấp 5;;;2025-07-01;;\n";

static void list_is_taken_and_taken_again(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *first = take(f, list), *again = take(f, list), *one = NULL, *below = NULL, *then = NULL;
	assert_int_equal(json_int(json_object_get(first, "result"), "added", 0), 5);
	assert_int_equal(json_int(json_object_get(again, "result"), "unchanged", 0), 5);
	assert_int_equal(tick_fixture_ask(f, "unit.show", json_pack("{s:s}", "id", "02269"), &one), 0);
	assert_string_equal(json_str(one, "name", ""), "Thượng Lâm");
	assert_string_equal(json_str(one, "kind", ""), "commune");
	assert_string_equal(json_str(one, "parent", ""), "08");
	assert_true(json_is_null(json_object_get(one, "to")));
	assert_int_equal(tick_fixture_ask(f, "unit.list", json_pack("{s:s}", "parent", "08"), &below), 0);
	assert_int_equal(json_array_size(below), 2);
	assert_int_equal(tick_fixture_ask(f, "unit.list", json_pack("{s:s}", "day", "2025-01-01"), &then), 0);
	assert_int_equal(json_array_size(then), 1);
	assert_string_equal(json_str(json_array_get(then, 0), "successor", ""), "08");
	assert_int_equal(tick_fixture_ask(f, "unit.show", json_pack("{s:s}", "id", "99"), NULL), E_NOT_FOUND);
	assert_int_equal(tick_fixture_ask(f, "unit.list", json_pack("{s:s}", "day", "2025-02-30"), NULL), E_INVALID);
	assert_int_equal(tick_fixture_ask(f, "unit.list", json_pack("{s:s}", "day", "today"), NULL), E_INVALID);
	assert_int_equal(tick_fixture_ask(f, "unit.list", json_pack("{s:s}", "parent", "8"), NULL), E_INVALID);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM upload"), 0);
}

static void list_with_a_refused_row_changes_nothing(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *job = take(f, "code,name,parent,from\n08,Tuyên Quang,,2025-07-01\n0226x,Lỗi,08,\n02269,,08,\n02270,Ngày,08,2025-02-30\n02271,Cấp,02269,\n");
	static const struct {
		int row;
		const char *column, *value, *reason;
	} want[] = { { 3, "code", "0226x", "bad_code" }, { 4, "name", "", "no_name" }, { 5, "from", "2025-02-30", "bad_date" }, { 6, "parent", "02269", "no_parent" } };
	const json_t *refused = json_object_get(json_object_get(job, "result"), "refused");
	assert_string_equal(json_str(job, "state", ""), "failed");
	assert_int_equal(json_array_size(refused), COUNT_OF(want));
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		const json_t *one = json_array_get(refused, i);
		assert_int_equal(json_int(one, "row", 0), want[i].row);
		assert_string_equal(json_str(one, "column", ""), want[i].column);
		assert_string_equal(json_str(one, "value", ""), want[i].value);
		assert_string_equal(json_str(one, "reason", ""), want[i].reason);
	}
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM unit"), 0);
}

static void unit_is_added_and_changed(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *made = NULL, *changed = NULL;
	assert_int_equal(tick_fixture_ask(f, "unit.add", json_pack("{s:s, s:s}", "code", "02269.12", "name", "Ấp 12"), &made), 0);
	assert_string_equal(json_str(made, "kind", ""), "hamlet");
	assert_string_equal(json_str(made, "parent", ""), "02269");
	assert_int_equal(tick_fixture_ask(f, "unit.add", json_pack("{s:s, s:s, s:s}", "code", "02269.12", "name", "Ấp 12", "to", "2026-12-31"), &changed), 0);
	assert_string_equal(json_str(changed, "to", ""), "2026-12-31");
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM unit"), 1);
	assert_int_equal(tick_fixture_ask(f, "unit.add", json_pack("{s:s, s:s}", "code", "2269", "name", "x"), NULL), E_INVALID);
	assert_string_equal(f->why.rule, "bad_code");
}

static void unit_codes_tell_their_kind(void **state)
{
	(void)state;
	static const struct {
		const char *code, *kind;
	} cases[] = { { "08", "province" }, { "02269", "commune" }, { "02269.5", "hamlet" }, { "02269.12a", "hamlet" }, { "8", NULL }, { "", NULL },
		      { "022690", NULL },   { "02269.", NULL },	    { "02269.12345", NULL }, { "08.5", NULL },		{ "0226a", NULL } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *kind = unit_kind_of(cases[i].code);
		if (!kind != !cases[i].kind || (kind && strcmp(kind, cases[i].kind)))
			fail_msg("%s: %s", cases[i].code, kind ? kind : "none");
	}
}

/* "2269" is a commune whose zero a spreadsheet has eaten; what lost two is only told where the table knows it. */
static void a_code_that_lost_its_zeros_is_refused_and_proposed(void **state)
{
	struct tick_fixture *f = *state;
	static const struct {
		const char *said, *meant;
		int want;
	} cases[] = { { "02269", "", 0 }, { "02", "", 0 }, { "02269.12a", "", 0 }, { "2269", "02269", E_INVALID }, { "8", "08", E_INVALID },
		      { "2269.5", "02269.5", E_INVALID }, { "691", "00691", E_INVALID }, { "692", "", E_INVALID }, { "Thượng Lâm", "", E_INVALID },
		      { "022690", "", E_INVALID }, { "02269-5", "", E_INVALID }, { "2269.", "", E_INVALID } };
	struct scope in = { .db = f->db };
	assert_int_equal(store_script(f->db, "INSERT INTO unit (code, name, fold, kind, parent, from_day, to_day, successor) VALUES "
					     "('00691', 'Hà Giang 2', '', 'ward', '08', '', '', '')"), 0);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char meant[UNIT_CODE_MAX];
		struct complaint c = { 0 };
		print_message("%s\n", cases[i].said);
		assert_int_equal(unit_check(&in, cases[i].said, "unit", meant, &c), cases[i].want);
		assert_string_equal(meant, cases[i].meant);
		assert_true(!*cases[i].meant || strstr(c.text, cases[i].meant));
	}
}

static void a_code_that_lost_its_zeros_is_refused_wherever_it_is_typed(void **state)
{
	struct tick_fixture *f = *state;
	static const struct {
		const char *verb, *args;
	} typed[] = {
		{ "contact.add", "{\"number\":\"0912345678\",\"basis\":\"x\",\"unit\":\"2269\"}" },
		{ "user.add", "{\"name\":\"hoa\",\"role\":\"reviewer\",\"password\":\"mot cau that la dai\",\"unit\":\"2269\"}" },
		{ "case.new", "{\"text\":\"duong hong\",\"unit\":\"2269\"}" },
		{ "campaign.new", "{\"name\":\"x\",\"text\":\"y\",\"audience\":\"unit:2269\"}" },
		{ "unit.count", "{\"rule\":\"unit:2269\"}" },
	};
	for (size_t i = 0; i < COUNT_OF(typed); i++) {
		print_message("%s\n", typed[i].verb);
		assert_int_equal(tick_fixture_ask(f, typed[i].verb, json_loads(typed[i].args, 0, NULL), NULL), E_INVALID);
		assert_string_equal(f->why.rule, "unknown_unit");
		assert_non_null(strstr(f->why.text, "02269"));
	}
}

static size_t warnings_of(struct tick_fixture *f, const char *territory)
{
	const struct verb *v = registry_find(&caunoi_registry, "", "status");
	OWN(json) json_t *args = json_object(), *out = NULL;
	struct call c = { .verb = v, .args = args, .actor = "user:a", .role = ROLE_ADMINISTRATOR, .unit = territory };
	struct scope in = { .db = f->db, .config = f->config, .zone = f->zone, .seal = f->seal, .now_ms = clock_now_ms(&f->clock) };
	int64_t next;
	assert_int_equal(v->query(&in, &c, &out, &next, NULL), 0);
	return json_array_size(json_object_get(out, "warnings"));
}

static void a_province_that_sees_nothing_is_told_why(void **state)
{
	struct tick_fixture *f = *state;
	size_t others = warnings_of(f, "02269");
	assert_int_equal(warnings_of(f, "08"), others + 1);
	assert_int_equal(store_script(f->db, "INSERT INTO unit (code, name, fold, kind, parent, from_day, to_day, successor) VALUES "
					     "('02269', 'Thượng Lâm', '', 'commune', '08', '', '', '')"), 0);
	assert_int_equal(warnings_of(f, "08"), others);
	assert_int_equal(warnings_of(f, "25"), others + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(list_is_taken_and_taken_again, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(list_with_a_refused_row_changes_nothing, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(unit_is_added_and_changed, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test(unit_codes_tell_their_kind),
		cmocka_unit_test_setup_teardown(a_province_that_sees_nothing_is_told_why, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(a_code_that_lost_its_zeros_is_refused_and_proposed, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(a_code_that_lost_its_zeros_is_refused_wherever_it_is_typed, tick_fixture_set_up, tick_fixture_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

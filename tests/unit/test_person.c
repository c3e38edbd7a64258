// SPDX-License-Identifier: GPL-3.0-or-later
/* One person by hand: added, changed, shown on purpose, taken away, erased. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/csvline.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/disclosure.h"
#include "gateway/registry.h"
#include "tests/support/tick_fixture.h"

/* The id. */
static int64_t add(struct tick_fixture *f, const char *number, const char *name, const char *group)
{
	OWN(json) json_t *made = NULL;
	json_t *args = json_pack("{s:s, s:s, s:s, s:s}", "number", number, "name", name, "basis", "đơn", "field", "Hạn thẻ=2026-11-30");
	json_object_set_new(args, "group", json_string(group));
	if (tick_fixture_ask(f, "contact.add", args, &made))
		fail_msg("%s", f->why.text);
	return json_int(made, "id", 0);
}

static void contact_is_added_without_a_name(void **state)
{
	struct tick_fixture *f = *state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(tick_fixture_ask(f, "contact.add", json_pack("{s:s, s:s}", "number", "+84912345678", "basis", "x"), NULL), i ? E_EXISTS : 0);
	assert_string_equal(f->why.rule, "exists");
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM person WHERE name = '' AND fold = ''"), 1);
}

static void contact_is_added_once_and_changed(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *set = NULL;
	int64_t id = add(f, "0912 345 678", "Lò Văn Pó", "Thôn 5");
	assert_int_equal(tick_fixture_ask(f, "contact.add", json_pack("{s:s, s:s, s:s}", "number", "+84912345678", "name", "lo van po", "basis", "x"), NULL),
			 E_EXISTS);
	assert_string_equal(f->why.rule, "exists");
	int64_t version = tick_fixture_scalar(f, "SELECT version FROM grp");
	assert_int_equal(tick_fixture_ask(f, "contact.set", json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)id, "hamlet", "Ấp 5", "field", "Số thẻ=DN1",
								      "leave", "Thôn 5"), &set), 0);
	assert_string_equal(json_str(set, "hamlet", ""), "Ấp 5");
	assert_string_equal(json_str(set, "name", ""), "Lò Văn Pó");
	assert_string_equal(json_str(json_object_get(set, "fields"), "so the", ""), "DN1");
	assert_string_equal(json_str(json_object_get(set, "fields"), "han the", ""), "2026-11-30");
	assert_int_equal(json_array_size(json_object_get(set, "groups")), 0);
	assert_int_equal(tick_fixture_scalar(f, "SELECT members FROM grp"), 0);
	assert_true(tick_fixture_scalar(f, "SELECT version FROM grp") > version);
	assert_int_equal(tick_fixture_ask(f, "contact.set", json_pack("{s:i}", "id", 99), NULL), E_NOT_FOUND);
}

/* As somebody of a commune; the verb's code. */
static int ask_of(struct tick_fixture *f, const char *unit, const char *dotted, json_t *args)
{
	OWN(json) json_t *given = args, *answer = NULL;
	struct tick t;
	struct call c = { .verb = registry_find_dotted(&caunoi_registry, dotted), .args = given, .actor = "user:lan", .role = ROLE_OUTREACH, .unit = unit,
			  .dotted = dotted };
	refusal_done(&f->why);
	core_tick_begin(f->core, &t);
	assert_int_equal(store_begin(f->db), 0);
	int r = c.verb->command(&t, &c, &answer, &f->why);
	if (r)
		core_tick_undo(f->core, &t);
	else
		assert_int_equal(core_tick_commit(f->core, &t), 0);
	return r;
}

static void list_of_another_commune_is_left_alone(void **state)
{
	struct tick_fixture *f = *state;
	assert_int_equal(ask_of(f, "02269", "contact.add", json_pack("{s:s, s:s, s:s, s:s}", "number", "+84912345678", "name", "a", "basis", "x", "group", "Thôn 5")), 0);
	assert_int_equal(ask_of(f, "02270", "contact.add", json_pack("{s:s, s:s, s:s, s:s}", "number", "+84912345679", "name", "b", "basis", "x", "group", "thon 5")),
			 E_DENIED);
	assert_string_equal(f->why.rule, "territory");
	assert_int_equal(ask_of(f, "02270", "contact.add", json_pack("{s:s, s:s, s:s, s:s}", "number", "+84912345679", "name", "b", "basis", "x", "unit", "02269")),
			 E_DENIED);
	assert_int_equal(ask_of(f, "02270", "contact.set", json_pack("{s:i, s:s}", "id", 1, "name", "c")), E_NOT_FOUND);
	assert_int_equal(ask_of(f, "02270", "contact.forget", json_pack("{s:i, s:s}", "id", 1, "reason", "c")), E_NOT_FOUND);
	assert_int_equal(ask_of(f, "02270", "contact.export", json_pack("{s:s, s:s}", "group", "Thôn 5", "reason", "c")), E_NOT_FOUND);
	assert_int_equal(tick_fixture_scalar(f, "SELECT members FROM grp"), 1);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM person"), 1);
}

/* The province of a commune is what the table says: 02269 lies in 08, 08101 in 25, of 08102 nothing is known. */
static void people_of_another_province_are_not_shown(void **state)
{
	struct tick_fixture *f = *state;
	static const char *const units[] = { "02269", "08101", "08102", NULL };
	assert_int_equal(store_script(f->db, "INSERT INTO unit (code, name, fold, kind, parent, from_day, to_day, successor) VALUES "
					     "('02269', 'Thượng Lâm', '', 'commune', '08', '', '', ''), ('08101', 'Việt Trì', '', 'ward', '25', '', '', '')"), 0);
	for (int i = 0; i < 4; i++) {
		char number[20];
		snprintf(number, sizeof(number), "+8491234567%d", i);
		json_t *args = json_pack("{s:s, s:s, s:s, s:s}", "number", number, "name", "a", "basis", "x", "group", "A");
		if (units[i])
			json_object_set_new(args, "unit", json_string(units[i]));
		assert_int_equal(tick_fixture_ask(f, "contact.add", args, NULL), 0);
	}
	static const struct {
		const char *territory;
		int want[4];
	} cases[] = { { "08", { 0, E_NOT_FOUND, 0, E_NOT_FOUND } }, { "25", { E_NOT_FOUND, 0, E_NOT_FOUND, E_NOT_FOUND } }, { "02", { E_NOT_FOUND, E_NOT_FOUND, E_NOT_FOUND, E_NOT_FOUND } },
		      { "02269", { 0, E_NOT_FOUND, E_NOT_FOUND, E_NOT_FOUND } }, { "", { 0, 0, 0, 0 } } };
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (int id = 1; id <= 4; id++)
			assert_int_equal(ask_of(f, cases[i].territory, "contact.set", json_pack("{s:i, s:s}", "id", id, "hamlet", "x")), cases[i].want[id - 1]);
	static const struct {
		const char *territory, *unit;
		int want;
	} added[] = { { "08", "02269", 0 }, { "08", "08101", E_DENIED }, { "25", "08101", 0 }, { "02", "02269", E_DENIED }, { "02269", "02269.5", 0 } };
	for (size_t i = 0; i < COUNT_OF(added); i++) {
		char number[20];
		snprintf(number, sizeof(number), "+8491234568%d", (int)i);
		assert_int_equal(ask_of(f, added[i].territory, "contact.add",
					json_pack("{s:s, s:s, s:s, s:s}", "number", number, "name", "a", "basis", "x", "unit", added[i].unit)), added[i].want);
	}
}

static void number_is_revealed_with_a_reason_and_not_without_end(void **state)
{
	struct tick_fixture *f = *state;
	int64_t id = add(f, "0912345678", "Lò Văn Pó", "Thôn 5");
	OWN(json) json_t *seen = NULL;
	assert_int_equal(tick_fixture_call(f, "user:r", ROLE_REVIEWER, "contact.show", json_pack("{s:I}", "id", (json_int_t)id), &seen), 0);
	assert_true(json_is_null(json_object_get(seen, "number")));
	assert_int_equal(tick_fixture_call(f, "user:r", ROLE_REVIEWER, "contact.reveal", json_pack("{s:I}", "id", (json_int_t)id), NULL), E_INVALID);
	for (int i = 0; i < DISCLOSURE_REVEALS_A_DAY; i++) {
		OWN(json) json_t *shown = NULL;
		assert_int_equal(tick_fixture_call(f, "user:r", ROLE_REVIEWER, "contact.reveal",
						   json_pack("{s:I, s:s}", "id", (json_int_t)id, "reason", "gọi lại"), &shown), 0);
		assert_string_equal(json_str(shown, "number", ""), "+84912345678");
	}
	assert_int_equal(tick_fixture_call(f, "user:r", ROLE_REVIEWER, "contact.reveal",
					   json_pack("{s:I, s:s}", "id", (json_int_t)id, "reason", "gọi lại"), NULL), E_REFUSED);
	assert_string_equal(f->why.rule, "allowance");
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM audit WHERE verb = 'contact.reveal'"), DISCLOSURE_REVEALS_A_DAY);
	tick_fixture_run(f, 1, INT64_C(24) * 3600000);
	assert_int_equal(tick_fixture_call(f, "user:r", ROLE_REVIEWER, "contact.reveal",
					   json_pack("{s:I, s:s}", "id", (json_int_t)id, "reason", "gọi lại"), NULL), 0);
}

static void export_is_read_back_as_it_was(void **state)
{
	struct tick_fixture *f = *state;
	add(f, "0912345678", "=HYPERLINK(\"http://x\")", "Thôn 5");
	add(f, "0987654321", "Lò \"Văn\", Pó", "Thôn 5");
	OWN(json) json_t *page = NULL, *answer = NULL;
	assert_int_equal(tick_fixture_ask(f, "contact.export", json_pack("{s:s, s:s}", "group", "thon 5", "reason", "in danh sách"), &page), 0);
	const char *csv = json_str(page, "csv", "");
	assert_string_equal(csv, CSVLINE_BOM "\"phone\",\"name\",\"unit\",\"hamlet\",\"language\",\"han the\"\r\n"
				 "\"+84912345678\",\"'=HYPERLINK(\"\"http://x\"\")\",\"\",\"\",\"\",\"2026-11-30\"\r\n"
				 "\"+84987654321\",\"Lò \"\"Văn\"\", Pó\",\"\",\"\",\"\",\"2026-11-30\"\r\n");
	assert_int_equal(json_int(page, "rows", 0), 2);
	assert_true(json_is_null(json_object_get(page, "next")));
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM audit WHERE verb = 'contact.export'"), 1);
	int64_t upload = tick_fixture_upload(f, "uid:0", csv, strlen(csv), 4000);
	assert_int_equal(tick_fixture_ask(f, "contact.import", json_pack("{s:I, s:s, s:s}", "file", (json_int_t)upload, "group", "Thôn 5", "basis", "đơn"),
					  &answer), 0);
	OWN(json) json_t *job = tick_fixture_job(f, json_int(answer, "job", 0));
	assert_int_equal(json_int(json_object_get(job, "result"), "unchanged", 0), 2);
	assert_int_equal(tick_fixture_ask(f, "contact.export", json_pack("{s:s, s:s}", "group", "khác", "reason", "x"), NULL), E_NOT_FOUND);
}

static int forget(struct tick_fixture *f, int64_t id, json_t **ret)
{
	return tick_fixture_ask(f, "contact.forget", json_pack("{s:I, s:s}", "id", (json_int_t)id, "reason", "đơn xin xóa"), ret);
}

static void erasure_takes_words_and_keeps_the_refusal(void **state)
{
	struct tick_fixture *f = *state;
	int64_t id = add(f, "0912345678", "Lò Văn Pó", "Thôn 5"), other = add(f, "0912345678", "Lò Thị Mai", "Thôn 5");
	OWN(json) json_t *first = NULL, *last = NULL, *message = NULL, *list = NULL;
	assert_int_equal(tick_fixture_ask(f, "message.send", json_pack("{s:s, s:s}", "to", "0912345678", "text", "chao ong Po"), &message), 0);
	assert_int_equal(forget(f, id, NULL), E_REFUSED);
	assert_string_equal(f->why.rule, "waiting");
	assert_int_equal(tick_fixture_ask(f, "consent.opt-out", json_pack("{s:s, s:s}", "number", "0912345678", "proof", "gọi điện"), NULL), 0);
	assert_int_equal(forget(f, id, &first), 0);
	assert_false(json_flag(first, "number", true));
	assert_int_equal(tick_fixture_scalar(f, "SELECT length(sealed) > 0 FROM address"), 1);
	assert_int_equal(forget(f, other, &last), 0);
	assert_true(json_flag(last, "number", false));
	assert_int_equal(tick_fixture_scalar(f, "SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM member) + (SELECT members FROM grp)"), 0);
	assert_int_equal(tick_fixture_scalar(f, "SELECT length(sealed) FROM address"), 0);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message WHERE text IS NOT NULL"), 0);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message"), 1);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM consent WHERE text IS NOT NULL"), 0);
	assert_int_equal(tick_fixture_ask(f, "message.list", json_object(), &list), 0);
	assert_true(json_is_null(json_object_get(json_array_get(list, 0), "to")));
	/* the number comes back in a list: its refusal holds */
	add(f, "0912345678", "Lò Văn Pó", "Thôn 5");
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM address WHERE off = ' campaign ' AND length(sealed) > 0"), 1);
}

static void erasure_waits_for_an_open_case(void **state)
{
	struct tick_fixture *f = *state;
	int64_t id = add(f, "0912345678", "Lò Văn Pó", "Thôn 5");
	assert_int_equal(store_script(f->db, "INSERT INTO casefile (code, state, topics, kind, urgency, restricted, address, received_at, text, fold, changed_at) "
					     "SELECT '482918', 'received', '[]', 'report', 'normal', 0, id, 1, 'duong hong', 'duong hong', 1 FROM address"), 0);
	assert_int_equal(forget(f, id, NULL), E_REFUSED);
	assert_string_equal(f->why.rule, "open_case");
	OWN(json) json_t *noted = NULL, *whole = NULL;
	assert_int_equal(tick_fixture_ask(f, "case.note", json_pack("{s:s, s:s}", "id", "1", "text", "ông Pó kể thêm"), &noted), 0);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM audit_detail d JOIN audit a ON a.seq = d.seq WHERE a.subject = 'case:1'"), 1);
	assert_int_equal(store_script(f->db, "UPDATE casefile SET state = 'closed'; INSERT INTO survey (campaign, name, anonymous, script, created_at) VALUES "
					     "(1, 's', 0, '', 1); INSERT INTO survey_answer (survey, step, value, unit, address, at) SELECT 1, 'a', '1', '', id, 1 FROM address"), 0);
	assert_int_equal(forget(f, id, NULL), 0);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM audit_detail d JOIN audit a ON a.seq = d.seq WHERE a.subject = 'case:1'"), 0);
	assert_int_equal(tick_fixture_ask(f, "audit.verify", json_object(), &whole), 0);
	assert_true(json_flag(whole, "ok", false));
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM survey_answer WHERE address IS NULL AND value = '1'"), 1);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM casefile WHERE text = '' AND code = '482918'"), 1);
}

static void erasure_waits_for_words_that_nobody_read_yet(void **state)
{
	struct tick_fixture *f = *state;
	int64_t id = add(f, "0912345678", "Lò Văn Pó", "Thôn 5");
	assert_int_equal(store_script(f->db, "INSERT INTO inbound (seq, channel, dedupe_key, state, received_at, address, text, ref, total, part, bits, due_at) "
					     "SELECT 1, 'm', 'i1', 'waiting', 1, id, 'duong hong tu', 5, 2, 1, 8, 9999999999999 FROM address"), 0);
	assert_int_equal(forget(f, id, NULL), E_REFUSED);
	assert_string_equal(f->why.rule, "unread");
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM inbound WHERE text = 'duong hong tu'"), 1);
	assert_int_equal(store_script(f->db, "UPDATE inbound SET state = 'handled'"), 0);
	assert_int_equal(forget(f, id, NULL), 0);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM inbound WHERE text = ''"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(contact_is_added_without_a_name, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(contact_is_added_once_and_changed, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(list_of_another_commune_is_left_alone, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(people_of_another_province_are_not_shown, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(number_is_revealed_with_a_reason_and_not_without_end, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(export_is_read_back_as_it_was, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(erasure_takes_words_and_keeps_the_refusal, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(erasure_waits_for_words_that_nobody_read_yet, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(erasure_waits_for_an_open_case, tick_fixture_set_up, tick_fixture_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

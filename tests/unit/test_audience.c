// SPDX-License-Identifier: GPL-3.0-or-later
/* Audiences: rules, and the walk through lists that overlap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "campaigns/audience.h"
#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "tests/support/tick_fixture.h"

static int setup(void **state)
{
	struct tick_fixture *f = tick_fixture_new(NULL);
	const char rows[] = "INSERT INTO grp (id, name, fold, created_at, members) VALUES (1, 'Ấp 5', 'ap 5', 0, 4), (2, 'A or B', 'a or b', 0, 3);"
			    "INSERT INTO address (id, hash, hash_key, sealed, seal_key, kind, network, created_at) VALUES (1, x'01', 1, x'02', 1, "
			    "'mobile', '', 0);"
			    "INSERT INTO import (id, state, basis, created_by, created_at, seq) VALUES (1, 'done', 'b', 'x', 0, 10), "
			    "(2, 'staging', 'b', 'x', 0, NULL);"
			    "INSERT INTO member (grp, person, import) VALUES (1, 1, NULL), (1, 3, 1), (1, 5, 1), (1, 9, 2), (2, 2, 1), (2, 3, NULL), "
			    "(2, 4, 1);";
	assert_int_equal(store_script(f->db, rows), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	tick_fixture_free(*state);
	return 0;
}

static struct scope scope_of(struct tick_fixture *f)
{
	return (struct scope){ .db = f->db, .config = f->config, .zone = f->zone };
}

static void audience_rules_are_read(void **state)
{
	struct scope in = scope_of(*state);
	static const struct {
		const char *rule;
		int result;
		size_t groups;
	} cases[] = {
		{ "group:Ấp 5", 0, 1 },
		{ "group:ap 5", 0, 1 },
		{ "group:\"A or B\"", 0, 1 },
		{ "group:\"A or B\" or group:Ap 5", 0, 2 },
		{ " group:ap 5 OR group:\"Ấp 5\" ", 0, 1 },
		{ "group:Nobody", E_NOT_FOUND, 0 },
		{ "group:A or B", E_INVALID, 0 },
		{ "group:", E_INVALID, 0 },
		{ "", E_INVALID, 0 },
		{ "unit:02269", 0, 0 },
		{ "group:\"ap 5", E_INVALID, 0 },
		{ "group:\"ap 5\" and group:x", E_NOT_FOUND, 1 },
		{ "group:ap 5 or ", E_INVALID, 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct audience a = { 0 };
		struct complaint c = { 0 };
		print_message("%s\n", cases[i].rule);
		assert_int_equal(audience_parse(&in, cases[i].rule, &a, &c), cases[i].result);
		assert_int_equal(a.n_groups, cases[i].groups);
		assert_int_equal(c.rule[0] != 0, cases[i].result != 0);
	}
}

static void audience_walk_gives_each_person_once_whatever_the_page(void **state)
{
	struct scope in = scope_of(*state);
	struct audience a;
	struct complaint c = { 0 };
	assert_int_equal(audience_parse(&in, "group:ap 5 or group:\"A or B\"", &a, &c), 0);
	assert_int_equal(audience_count(&a), 7);
	for (int page = 1; page <= 7; page++) {
		int64_t people[8], at = 0;
		char all[64] = "";
		int n;
		bool end = false;
		while (!end) {
			assert_int_equal(audience_next(&in, &a, &at, INT64_MAX, page, people, &n, &end), 0);
			for (int i = 0; i < n; i++)
				snprintf(all + strlen(all), sizeof(all) - strlen(all), "%d ", (int)people[i]);
		}
		assert_string_equal(all, "1 2 3 4 5 ");
	}
}

static void audience_leaves_out_what_is_staged_or_came_later(void **state)
{
	struct scope in = scope_of(*state);
	struct audience a;
	struct complaint c = { 0 };
	int64_t people[8], at = 0;
	int n;
	bool end = false;
	assert_int_equal(audience_parse(&in, "group:ap 5", &a, &c), 0);
	assert_int_equal(audience_next(&in, &a, &at, 9, 8, people, &n, &end), 0);
	assert_int_equal(n, 1);
	assert_true(end);
	assert_int_equal(audience_has(&in, &a, 3, 10), 1);
	assert_int_equal(audience_has(&in, &a, 3, 9), 0);
	assert_int_equal(audience_has(&in, &a, 9, INT64_MAX), 0);
}

static void audience_says_where_a_rule_is_wrong(void **state)
{
	struct scope in = scope_of(*state);
	static const struct {
		const char *rule;
		int at;
	} cases[] = { { "group:\"Ấp 5\" und all", 14 }, { "not", 4 },		 { "(all or all", 12 },		      { "\"hạn thẻ\" within x days", 18 },
		      { "hạn ~ 3", 8 },		       { "all all", 5 }, { "name = ", 8 },	      { "answered:x", 10 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct audience a;
		struct complaint c = { 0 };
		assert_int_equal(audience_parse(&in, cases[i].rule, &a, &c), E_INVALID);
		if (c.column != cases[i].at)
			fail_msg("%s: %d, %s", cases[i].rule, c.column, c.text);
		assert_string_equal(c.rule, "bad_rule");
	}
}

/* Who is meant, as a text of ids, walked two at a time. */
static void means(struct tick_fixture *f, const char *rule, const char *want)
{
	struct scope in = scope_of(f);
	struct audience a;
	struct complaint c = { 0 };
	int64_t people[8], at = 0;
	char all[64] = "";
	int n;
	bool end = false;
	in.now_ms = INT64_C(1795305600000); /* 22 November 2026 */
	if (audience_parse(&in, rule, &a, &c))
		fail_msg("%s: %s", rule, c.text);
	while (!end) {
		assert_int_equal(audience_next(&in, &a, &at, INT64_MAX, 2, people, &n, &end), 0);
		for (int i = 0; i < n; i++) {
			snprintf(all + strlen(all), sizeof(all) - strlen(all), "%d ", (int)people[i]);
			assert_int_equal(audience_has(&in, &a, people[i], INT64_MAX), 1);
		}
	}
	if (strcmp(all, want))
		fail_msg("%s: %s", rule, all);
}

/* 1 to 4: cards that end on the 22nd, in 30 days, in 31 days, yesterday; 5 knows nothing. */
static void people(struct tick_fixture *f)
{
	static const char rows[] =
		"INSERT INTO address (id, hash, hash_key, sealed, seal_key, kind, network, created_at) VALUES (2, x'02', 1, x'02', 1, 'mobile', '', 0), "
		"(3, x'03', 1, x'02', 1, 'mobile', '', 0), (4, x'04', 1, x'02', 1, 'mobile', '', 0), (5, x'05', 1, x'02', 1, 'mobile', '', 0);"
		"INSERT INTO unit (code, name, fold, kind, parent, from_day, to_day, successor) VALUES ('08', 'Tuyên Quang', '', 'province', '', '', '', ''), "
		"('02269', 'Thượng Lâm', '', 'commune', '08', '', '', ''), ('02270', 'Cũ', '', 'commune', '02', '', '2025-06-30', '02269'), "
		"('02', 'Hà Giang', '', 'province', '', '', '2025-06-30', '08');"
		"INSERT INTO person (id, address, name, fold, unit, hamlet, language, fields, basis, import, imported_at) VALUES "
		"(1, 1, 'Lò Văn Pó', 'a', '02269', 'Ấp 5', 'hmong', '{\"han the\": \"2026-11-22\", \"doi tuong\": \"Hộ nghèo\", \"so nguoi\": \"9\"}', 'b', NULL, 0), "
		"(2, 1, 'Lò Thị Mai', 'b', '02269.5', 'ap 5', NULL, '{\"han the\": \"22/12/2026\", \"so nguoi\": \"10\"}', 'b', NULL, 0), "
		"(3, 2, 'Mua', 'c', '02270', NULL, NULL, '{\"han the\": \"23-12-2026\", \"so nguoi\": \"011\"}', 'b', NULL, 0), "
		"(4, 3, 'Sùng', 'd', '20854', NULL, NULL, '{\"han the\": \"2026-11-21\"}', 'b', NULL, 0), (5, 4, 'Và', 'e', NULL, NULL, NULL, NULL, 'b', NULL, 0), "
		"(9, 5, 'Staged', 'f', '02269', 'Ấp 5', 'hmong', NULL, 'b', 2, 0);"
		"INSERT INTO message (key, flow, person, address, class, state, state_since, claimed_at, text, due_at, expires_at, queued_at) VALUES "
		"('campaign:12:1', 2, 1, 1, 'social_policy', 'delivered', 0, 100, 'x', 0, 0, 0), ('campaign:12:3', 2, 3, 2, 'social_policy', 'sent', 0, 100, 'x', 0, 0, 0), "
		"('campaign:12:4', 2, 4, 3, 'social_policy', 'failed', 0, 100, 'x', 0, 0, 0);"
		"INSERT INTO inbound (seq, channel, dedupe_key, state, received_at, address, text) VALUES (1, 'a', 'k', 'done', 150, 1, '1'), "
		"(2, 'a', 'l', 'done', 50, 2, 'before');";
	assert_int_equal(store_script(f->db, rows), 0);
}

static void audience_means_what_its_words_say(void **state)
{
	static const struct {
		const char *rule, *want;
	} cases[] = {
		{ "all", "1 2 3 4 5 " },
		{ "unit:08", "1 2 3 " },
		{ "unit:02269", "1 2 3 " },
		{ "unit:02269.5", "2 " },
		{ "unit:20854", "4 " },
		{ "hamlet = \"Ấp 5\"", "1 2 " },
		{ "hamlet != ap 5", "3 4 5 " },
		{ "not hamlet = ap 5 and not hamlet is empty", "" },
		{ "\"Hạn thẻ\" within 30 days", "1 2 " },
		{ "han the within -30 days", "1 4 " },
		{ "han the < 2026-12-22", "1 4 " },
		{ "han the >= 22/12/2026", "2 3 " },
		{ "so nguoi > 9", "2 " },
		{ "so nguoi = 011", "3 " },
		{ "han the is empty", "5 " },
		{ "target:ho ngheo", "1 " },
		{ "answered:12", "1 2 " }, /* they share a telephone */
		{ "sent:12", "1 2 3 " },
		{ "sent:12 and not answered:12", "3 " },
		{ "group:ap 5 and not answered:12", "3 5 " },
		{ "group:ap 5 and (unit:08 or name = va)", "1 3 5 " },
		{ "group:ap 5 or language = Hmong", "1 3 5 " },
		{ "name = pó or all and not all", "" },
		{ "NOT (group:ap 5 OR group:\"A or B\")", "" },
	};
	people(*state);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		means(*state, cases[i].rule, cases[i].want);
}

static void audience_counts_tell_rule_and_units(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *all = NULL, *units = NULL;
	people(f);
	assert_int_equal(tick_fixture_ask(f, "group.count", json_pack("{s:s}", "rule", "unit:08"), &all), 0);
	assert_int_equal(json_int(all, "count", 0), 3);
	assert_int_equal(tick_fixture_ask(f, "unit.count", json_pack("{s:s}", "rule", "all"), &units), 0);
	assert_int_equal(json_int(units, "count", 0), 5);
	assert_int_equal(json_array_size(json_object_get(units, "units")), 5);
	assert_int_equal(tick_fixture_ask(f, "group.count", json_pack("{s:s}", "rule", "unit:"), NULL), E_INVALID);
	assert_int_equal(tick_fixture_ask(f, "group.count", json_pack("{s:s}", "rule", "group:x"), NULL), E_NOT_FOUND);
	assert_int_equal(tick_fixture_ask(f, "group.count", json_pack("{s:s}", "rule", "not answered:21"), NULL), E_NOT_FOUND);
	assert_string_equal(f->why.rule, "unknown_campaign");
	assert_int_equal(tick_fixture_ask(f, "unit.count", json_pack("{s:s}", "rule", "all and (name = a or not sent:21)"), NULL), E_NOT_FOUND);
	assert_int_equal(tick_fixture_ask(f, "campaign.new", json_pack("{s:s, s:s, s:s}", "name", "x", "text", "x", "audience", "not answered:21"), NULL), E_NOT_FOUND);
}

/* Two share a number that refused; the third has another number and no district. */
static void audience_count_says_who_is_left_out(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *all = NULL, *named = NULL;
	assert_int_equal(store_script(f->db, "INSERT INTO address (id, hash, hash_key, sealed, seal_key, kind, network, created_at, off) VALUES "
					     "(2, x'03', 1, x'04', 1, 'mobile', '', 0, ' campaign '), (3, x'05', 1, x'06', 1, 'mobile', '', 0, '');"
					     "INSERT INTO person (id, address, name, fold, basis, imported_at, fields) VALUES (21, 2, 'Pó', 'po', 'b', 0, '{}'),"
					     "(22, 2, 'Và', 'va', 'b', 0, '{}'), (23, 3, 'Lử', 'lu', 'b', 0, '{}'), (24, 3, 'Sùng', 'sung', 'b', 0, '{}');"), 0);
	assert_int_equal(tick_fixture_ask(f, "group.count", json_pack("{s:s, s:b}", "rule", "all", "left-out", 1), &all), 0);
	assert_int_equal(json_int(all, "count", 0), 4);
	assert_int_equal(json_int(json_object_get(all, "excluded"), "opted_out", 0), 2);
	/* without words both would get the same */
	assert_int_equal(json_int(json_object_get(all, "excluded"), "duplicate", 0), 1);
	const json_t *list = json_object_get(all, "left_out");
	assert_int_equal(json_array_size(list), 3);
	assert_int_equal(json_int(json_array_get(list, 0), "id", 0), 21);
	assert_string_equal(json_str(json_array_get(list, 0), "name", ""), "Pó");
	assert_string_equal(json_str(json_array_get(list, 0), "reason", ""), "opted_out");
	assert_int_equal(tick_fixture_ask(f, "group.count", json_pack("{s:s, s:b, s:s}", "rule", "all", "left-out", 1, "text", "Chao {{name}}, {{thon}}"), &named), 0);
	assert_int_equal(json_int(json_object_get(named, "excluded"), "missing_value", 0), 2);
	assert_null(json_object_get(json_object_get(named, "excluded"), "duplicate"));
}

/* More than are counted at once: a job counts the same. */
static void audience_of_many_is_counted_by_a_job(void **state)
{
	struct tick_fixture *f = *state;
	people(f);
	OWN(buffer) struct buffer sql = { 0 };
	OWN(json) json_t *answer = NULL;
	assert_int_equal(buffer_puts(&sql, "INSERT INTO person (id, address, name, fold, unit, basis, imported_at) VALUES "), 0);
	for (int i = 0; i < 2500; i++)
		assert_int_equal(buffer_printf(&sql, "%s(%d, 1, 'n%d', 'n%d', '%s', 'b', 0)", i ? ", " : "", 100 + i, i, i, i % 5 ? "20854" : "02269"), 0);
	assert_int_equal(store_script(f->db, buffer_text(&sql)), 0);
	assert_int_equal(tick_fixture_ask(f, "unit.count", json_pack("{s:s}", "rule", "unit:08 or unit:20854"), &answer), 0);
	OWN(json) json_t *job = tick_fixture_job(f, json_int(answer, "job", 0));
	const json_t *r = json_object_get(job, "result"), *units = json_object_get(r, "units");
	int64_t sum = 0;
	for (size_t i = 0; i < json_array_size(units); i++)
		sum += json_int(json_array_get(units, i), "count", 0);
	assert_int_equal(json_int(r, "count", 0), 2504);
	assert_int_equal(sum, 2504);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(audience_rules_are_read),
		T(audience_walk_gives_each_person_once_whatever_the_page),
		T(audience_leaves_out_what_is_staged_or_came_later),
		T(audience_says_where_a_rule_is_wrong),
		T(audience_means_what_its_words_say),
		T(audience_counts_tell_rule_and_units),
		T(audience_count_says_who_is_left_out),
		T(audience_of_many_is_counted_by_a_job),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

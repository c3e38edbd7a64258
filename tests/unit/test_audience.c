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
		{ "group:A or B", E_NOT_FOUND, 0 },
		{ "group:", E_INVALID, 0 },
		{ "", E_INVALID, 0 },
		{ "unit:02269", E_INVALID, 0 },
		{ "group:\"ap 5", E_INVALID, 0 },
		{ "group:\"ap 5\" and group:x", E_INVALID, 0 },
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
		do {
			assert_int_equal(audience_next(&in, &a, at, INT64_MAX, page, people, &n), 0);
			for (int i = 0; i < n; i++)
				snprintf(all + strlen(all), sizeof(all) - strlen(all), "%d ", (int)people[i]);
			if (n)
				at = people[n - 1];
		} while (n == page);
		assert_string_equal(all, "1 2 3 4 5 ");
	}
}

static void audience_leaves_out_what_is_staged_or_came_later(void **state)
{
	struct scope in = scope_of(*state);
	struct audience a;
	struct complaint c = { 0 };
	int64_t people[8];
	int n;
	assert_int_equal(audience_parse(&in, "group:ap 5", &a, &c), 0);
	assert_int_equal(audience_next(&in, &a, 0, 9, 8, people, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(audience_has(&in, &a, 3, 10), 1);
	assert_int_equal(audience_has(&in, &a, 3, 9), 0);
	assert_int_equal(audience_has(&in, &a, 9, INT64_MAX), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(audience_rules_are_read),
		T(audience_walk_gives_each_person_once_whatever_the_page),
		T(audience_leaves_out_what_is_staged_or_came_later),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of changes of single rows, which an engine may send together: values arrive as they were bound, in an order that nobody can tell from
 * one by one, and a row that is not met is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/sim_driver.h"

enum { PUT, PUT_GROUP, APPEND, RENAME, TEST_SQL_COUNT };
static const char *const sql[TEST_SQL_COUNT] = {
	[PUT] = "INSERT INTO upload (actor, created_at, n_bytes, hashed) VALUES ($actor, $at, 1 + (SELECT count(*) FROM grp WHERE name = $actor), $hashed)",
	[PUT_GROUP] = "INSERT INTO grp (name, fold, unit, created_at) VALUES ($name, $name, $unit, 0)",
	[APPEND] = "UPDATE grp SET members = members * 10 + $digit WHERE id = $id AND members < $limit",
	[RENAME] = "UPDATE grp SET unit = coalesce($unit, unit), name = CASE WHEN $name <> 'WHERE $x' THEN $name ELSE name END WHERE id = $id",
};
static const struct sql_module module = { "test", sql, TEST_SQL_COUNT };

static int64_t put_group(struct store *db, const char *name, const char *unit)
{
	struct statement *st = store_prepare(db, &module, PUT_GROUP);
	bind_text(st, "$name", name);
	bind_text(st, "$unit", unit);
	assert_int_equal(store_write_row(st), 0);
	return store_last_id(db);
}

static int append(struct store *db, int64_t id, int digit)
{
	struct statement *st = store_prepare(db, &module, APPEND);
	bind_int(st, "$id", id);
	bind_int(st, "$digit", digit);
	bind_int(st, "$limit", 1000000);
	return store_write_row(st);
}

static int64_t members(struct store *db, int64_t id)
{
	char text[80];
	snprintf(text, sizeof(text), "SELECT members FROM grp WHERE id = %lld", (long long)id);
	return store_scalar(db, text, -1);
}

struct value {
	const char *label, *text, *blob;
	size_t n_bytes;
};
static const struct value values[] = {
	{ "plain", "mot", "abc", 3 },
	{ "no blob", "hai", NULL, 0 },
	{ "quotes", "\"Ông Bảy\" nói 'không'", "\"\\{},'", 6 },
	{ "backslashes", "\\ \\\\ \\n \\x41", "\\x41", 4 },
	{ "braces and commas", "{a,b},{},NULL", "{}", 2 },
	{ "the word null", "NULL", "NULL", 4 },
	{ "nothing", "", "", 0 },
	{ "lines and blanks", "  hai\ndòng\t ", "\0\n\r\xff", 4 },
};

static void check_value(struct store *db, const struct value *v, int64_t id)
{
	struct statement *st = store_prepare_text(db, "SELECT actor, hashed, created_at, n_bytes FROM upload WHERE id = $id");
	size_t n = 99;
	bind_int(st, "$id", id);
	assert_int_equal(store_row(st), 1);
	print_message("%s\n", v->label);
	assert_string_equal(column_text(st, 0), v->text);
	assert_int_equal(column_null(st, 1), !v->blob);
	const void *blob = column_blob(st, 1, &n);
	assert_int_equal(n, v->n_bytes);
	if (n)
		assert_memory_equal(blob, v->blob, n);
	assert_int_equal(column_int(st, 2), INT64_MIN + id);
	assert_int_equal(column_int(st, 3), 1);
	store_drop(st);
}

/* Twice: an engine that does not know the types yet learns them from the first. */
static void values_arrive_as_they_were_bound(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	int64_t ids[2][COUNT_OF(values)];
	for (int round = 0; round < 2; round++) {
		assert_int_equal(store_begin(f->db), 0);
		for (size_t i = 0; i < COUNT_OF(values); i++) {
			struct statement *st = store_prepare(f->db, &module, PUT);
			bind_text(st, "$actor", values[i].text);
			bind_int(st, "$at", INT64_MIN + (int64_t)((size_t)round * COUNT_OF(values) + i) + 1);
			bind_blob(st, "$hashed", values[i].blob, values[i].n_bytes);
			assert_int_equal(store_write_row(st), 0);
			ids[round][i] = store_last_id(f->db);
		}
		assert_int_equal(store_commit(f->db), 0);
	}
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < COUNT_OF(values); i++)
			check_value(f->db, &values[i], ids[round][i]);
	fixture_free(f);
}

static void changes_of_one_row_keep_their_order(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	assert_int_equal(store_begin(f->db), 0);
	int64_t a = put_group(f->db, "a", "x"), b = put_group(f->db, "b", "x");
	assert_int_equal(append(f->db, b, 4) | append(f->db, a, 1) | append(f->db, a, 2) | append(f->db, b, 5) | append(f->db, a, 3), 0);
	assert_int_equal(members(f->db, a), 123);
	int64_t c = put_group(f->db, "c", NULL);
	assert_int_equal(append(f->db, c, 7) | append(f->db, a, 4), 0);
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(members(f->db, a), 1234);
	assert_int_equal(members(f->db, b), 45);
	assert_int_equal(members(f->db, c), 7);
	fixture_free(f);
}

static void more_rows_than_are_sent_at_once_all_arrive(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	char name[16];
	int64_t first = 0;
	assert_int_equal(store_begin(f->db), 0);
	for (int i = 0; i < 1300; i++) {
		snprintf(name, sizeof(name), "g%d", i);
		int64_t id = put_group(f->db, name, i % 3 ? "xa" : NULL);
		first = i ? first : id;
		assert_int_equal(append(f->db, id, i % 10), 0);
	}
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM grp", -1), 1300);
	assert_int_equal(store_scalar(f->db, "SELECT sum(members) FROM grp", -1), 130 * 45);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM grp WHERE unit IS NULL", -1), 434);
	assert_int_equal(members(f->db, first + 1299), 9);
	fixture_free(f);
}

static void words_of_a_statement_are_not_its_marks(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	assert_int_equal(store_begin(f->db), 0);
	int64_t a = put_group(f->db, "a", "x"), b = put_group(f->db, "b", "y");
	for (int i = 0; i < 4; i++) {
		struct statement *st = store_prepare(f->db, &module, RENAME);
		bind_int(st, "$id", i % 2 ? a : b);
		bind_text(st, "$name", i % 2 ? "WHERE $x" : "mới");
		bind_text(st, "$unit", i % 2 ? "z" : NULL);
		assert_int_equal(store_write_row(st), 0);
	}
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM grp WHERE name = 'a' AND unit = 'z'", -1), 1);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM grp WHERE name = 'mới' AND unit = 'y'", -1), 1);
	fixture_free(f);
}

static void row_that_is_not_met_is_noticed(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	assert_int_equal(store_begin(f->db), 0);
	int64_t a = put_group(f->db, "a", "x");
	assert_int_equal(store_commit(f->db), 0);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(store_begin(f->db), 0);
		int r = append(f->db, a, 1);
		if (!r)
			r = append(f->db, a + 1000, 1);
		if (!r)
			r = store_settle(f->db);
		assert_int_equal(r, E_UNDO);
		store_rollback(f->db);
		assert_int_equal(members(f->db, a), 0);
	}
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(append(f->db, a, 6), 0);
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(members(f->db, a), 6);
	fixture_free(f);
}

static void savepoint_takes_back_its_own_rows(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	assert_int_equal(store_begin(f->db), 0);
	int64_t a = put_group(f->db, "a", "x"), b = put_group(f->db, "b", "x");
	assert_int_equal(append(f->db, a, 1), 0);
	assert_int_equal(store_savepoint(f->db), 0);
	assert_int_equal(append(f->db, a, 2) | append(f->db, b, 2), 0);
	assert_int_equal(store_savepoint_undo(f->db), 0);
	assert_int_equal(store_savepoint(f->db), 0);
	assert_int_equal(append(f->db, a, 3), 0);
	assert_int_equal(store_savepoint_keep(f->db), 0);
	assert_int_equal(append(f->db, b, 4), 0);
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(members(f->db, a), 13);
	assert_int_equal(members(f->db, b), 4);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_arrive_as_they_were_bound),
		cmocka_unit_test(changes_of_one_row_keep_their_order),
		cmocka_unit_test(more_rows_than_are_sent_at_once_all_arrive),
		cmocka_unit_test(words_of_a_statement_are_not_its_marks),
		cmocka_unit_test(row_that_is_not_met_is_noticed),
		cmocka_unit_test(savepoint_takes_back_its_own_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

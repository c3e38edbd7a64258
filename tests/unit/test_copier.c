/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of copying a database: every row of every table arrives as it was whatever it holds, a copy cut short goes on without doubling
 * a row, what differs is found, and a half-filled database on a server is nobody's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/store/copier.h"
#include "gateway/store/fill.h"
#include "tests/support/engine.h"
#include "tests/support/fixture.h"

#define ROWS 5

static const int64_t numbers[ROWS] = { INT64_C(9007199254740991), 0, -1, INT64_MIN, 42 };
/* What one engine or the other could take for something else. */
static const char *const texts[ROWS] = { "Nguyễn Thị Hoà 🌾 \xcc\x81", "", "\\x4142", "it's \"quoted\", {brace}; -- $name\n\ttab", "NULL" };
static const uint8_t bytes[ROWS][4] = { { 0, 0, 0, 0 }, { 0xff, 0, 0x5c, 0x78 }, { 1, 2, 3, 4 }, { 0x27, 0x22, 0, 0x0a }, { 9, 9, 9, 9 } };

/* ---- a database in which every table has rows ---- */

/* Is this column bound to another row, or to one of a few values? Then it gets the row's own number. */
static bool is_reference(const char *name)
{
	static const char *const names[] = { "id", "address", "message", "account" };
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static bool may_be_null(struct store *file, const struct shape_table *t, int column)
{
	char sql[256];
	snprintf(sql, sizeof(sql), "SELECT \"notnull\" = 0 AND pk = 0 FROM pragma_table_info('%s') WHERE cid = %d", t->name, column);
	return store_scalar(file, sql, 0) == 1;
}

static void bind_odd(struct statement *st, const struct shape_table *t, int i, int row, int64_t id, char text[160])
{
	const char *name = shape_column_name(i);
	bool key = false;
	for (int k = 0; k < t->n_keys; k++)
		key |= t->keys[k] == i;
	switch (t->columns[i].kind) {
	case SHAPE_INT: bind_int(st, name, is_reference(t->columns[i].name) || key ? id : numbers[row]); break;
	case SHAPE_REAL: bind_real(st, name, 0.1 * row); break;
	case SHAPE_TEXT: /* unique where it must be; the empty one once */
		snprintf(text, 160, row == 1 ? "%s" : "%s %d", texts[row], row);
		bind_text(st, name, text);
		break;
	case SHAPE_BLOB: bind_blob(st, name, bytes[row], row == 0 ? 0 : sizeof(bytes[row])); break;
	}
}

static void put_odd_rows(struct store *db, struct store *file, const struct shape_table *t)
{
	for (int row = 0; row < ROWS; row++) {
		struct statement *st = store_prepare_text(db, t->sql[SHAPE_WRITE]);
		char text[SHAPE_COLUMNS_MAX][160];
		for (int i = 0; i < t->n_columns; i++)
			if (row == 4 && may_be_null(file, t, i))
				bind_null(st, shape_column_name(i));
			else
				bind_odd(st, t, i, row, 1001 + row, text[i]);
		int r = store_run(st);
		store_drop(st);
		if (r)
			fail_msg("table %s row %d: %d", t->name, row, r);
	}
}

/* The catalogue is a file's, the rows go where the fixture keeps its own. */
static struct fixture *filled(struct shape **ret_shape)
{
	struct fixture *f = fixture_new(NULL);
	struct store *file = NULL;
	struct complaint c = { 0 };
	assert_int_equal(store_open("sqlite", f->dir, STORE_CREATE, &file, &c), 0);
	assert_int_equal(shape_read(file, ret_shape), 0);
	assert_true((*ret_shape)->n_tables > 30);
	for (size_t i = 0; i < (*ret_shape)->n_tables; i++)
		if (strcmp((*ret_shape)->tables[i].name, "meta"))
			put_odd_rows(f->db, file, &(*ret_shape)->tables[i]);
	store_close(file);
	char path[160];
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/caunoi.db%s", f->dir, (const char *const[]){ "", "-wal", "-shm" }[i]);
		remove(path);
	}
	return f;
}

static char *file_of(const struct fixture *f)
{
	char *file;
	assert_true(asprintf(&file, "%s/caunoi.db", f->dir) > 0);
	return file;
}

static struct store *open_copy(const struct fixture *f)
{
	struct store *db = NULL;
	struct complaint c = { 0 };
	int r = store_open("sqlite", f->dir, STORE_READ_WRITE, &db, &c);
	if (r)
		fail_msg("%s %s", c.file, c.text);
	return db;
}

/* ---- into a file ---- */

static void copy_holds_every_row_of_every_table(void **state)
{
	(void)state;
	struct shape *shape = NULL;
	struct fixture *f = filled(&shape);
	OWN(mem) char *file = file_of(f);
	OWN(mem) struct copier_report *report = calloc(1, sizeof(*report));
	struct complaint c = { 0 };
	assert_int_equal(copier_to_file(f->db, file, NULL, report, &c), 0);
	assert_null(copier_difference(report));
	assert_int_equal(report->n_lines, shape->n_tables + 1);
	for (size_t i = 0; i + 1 < report->n_lines; i++)
		if (report->lines[i].from.n_rows != report->lines[i].to.n_rows ||
		    report->lines[i].to.n_rows < (strcmp(report->lines[i].table, "meta") ? ROWS : 1))
			fail_msg("%s: %lld rows", report->lines[i].table, (long long)report->lines[i].to.n_rows);
	struct store *copy = open_copy(f);
	char found[2048];
	assert_int_equal(store_check(copy, true, found, sizeof(found)), 0);
	static const struct {
		const char *label, *sql;
		int64_t value;
	} cases[] = {
		{ "2^53-1", "SELECT asked_at FROM question WHERE id = 1001", INT64_C(9007199254740991) },
		{ "least number", "SELECT asked_at FROM question WHERE id = 1004", INT64_MIN },
		{ "empty blob is no NULL", "SELECT length(raw) FROM inbound WHERE id = 1001", 0 },
		{ "NULL blob", "SELECT count(*) FROM inbound WHERE id = 1005 AND raw IS NULL", 1 },
		{ "bytes", "SELECT hex(raw) = 'FF005C78' FROM inbound WHERE id = 1002", 1 },
		{ "empty text is no NULL", "SELECT length(why) FROM inbound WHERE id = 1002", 0 },
		{ "a text that looks like bytes", "SELECT why = '\\x4142 2' FROM inbound WHERE id = 1003", 1 },
		{ "letters", "SELECT substr(why, 1, 6) = 'Nguyễn' FROM inbound WHERE id = 1001", 1 },
		{ "nothing but the two of the schema was there before", "SELECT count(*) FROM flow", ROWS + 2 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (store_scalar(copy, cases[i].sql, -77) != cases[i].value)
			fail_msg("%s: %lld", cases[i].label, (long long)store_scalar(copy, cases[i].sql, -77));
	store_close(copy);
	shape_free(shape);
	fixture_free(f);
}

static void copy_leaves_nothing_when_it_fails(void **state)
{
	(void)state;
	struct shape *shape = NULL;
	struct fixture *f = filled(&shape);
	struct complaint c = { 0 };
	char file[200];
	snprintf(file, sizeof(file), "%s/nowhere/caunoi.db", f->dir);
	assert_int_not_equal(copier_to_file(f->db, file, NULL, NULL, &c), 0);
	assert_false(store_in_transaction(f->db));
	OWN(mem) char *there = file_of(f);
	FILE *out = fopen(there, "w");
	fputs("mine", out);
	fclose(out);
	assert_int_equal(copier_to_file(f->db, there, NULL, NULL, &c), E_EXISTS);
	char word[8] = "";
	FILE *in = fopen(there, "r");
	assert_non_null(fgets(word, sizeof(word), in));
	fclose(in);
	assert_string_equal(word, "mine");
	shape_free(shape);
	fixture_free(f);
}

/* ---- cut short ---- */

struct cut {
	int after, n;
};

static int cut_after(void *arg, const char *table, int64_t done, int64_t total)
{
	struct cut *cut = arg;
	(void)table;
	assert_true(done <= total);
	return ++cut->n > cut->after ? E_UNAVAILABLE : 0;
}

static struct store *empty_file(const struct fixture *f)
{
	struct store *db = NULL;
	struct complaint c = { 0 };
	assert_int_equal(store_open("sqlite", f->dir, STORE_CREATE, &db, &c), 0);
	assert_int_equal(store_script(db, "DELETE FROM flow"), 0);
	return db;
}

static void copy_cut_short_anywhere_goes_on_and_doubles_nothing(void **state)
{
	(void)state;
	struct shape *shape = NULL;
	struct fixture *f = filled(&shape);
	OWN(mem) struct copier_report *report = calloc(1, sizeof(*report));
	struct store *to = empty_file(f);
	int runs = 0, r;
	do {
		struct complaint c = { 0 };
		struct cut cut = { .after = runs % 3 };
		const struct copier_watch watch = { .arg = &cut, .step = cut_after };
		struct copier m;
		assert_int_equal(copier_init(&m, f->db, to, runs < 20 ? &watch : NULL, &c), 0);
		r = copier_copy(&m);
		if (!r)
			assert_int_equal(copier_compare(&m, report), 0);
		copier_done(&m);
		assert_true(r == 0 || r == E_UNAVAILABLE);
		if (r)
			assert_non_null(strstr(c.text, "run the same again"));
	} while (r && ++runs < 40);
	assert_int_equal(runs, 20);
	assert_null(copier_difference(report));
	store_close(to);
	shape_free(shape);
	fixture_free(f);
}

/* ---- what differs, what does not fit ---- */

static void compare_finds_every_kind_of_difference(void **state)
{
	(void)state;
	static const struct {
		const char *label, *sql, *table;
	} cases[] = {
		{ "a number", "UPDATE inbound SET received_at = received_at + 1 WHERE id = 1003", "inbound" },
		{ "a letter's mark", "UPDATE inbound SET why = replace(why, 'ễ', 'ê') WHERE id = 1001", "inbound" },
		{ "empty for NULL", "UPDATE inbound SET why = '' WHERE id = 1005", "inbound" },
		{ "bytes for their letters", "UPDATE inbound SET why = 'AB 2' WHERE id = 1003", "inbound" },
		{ "two texts that meet elsewhere", "UPDATE optout SET scope = scope || 'x' WHERE id = 1001", "optout" },
		{ "a row too few", "DELETE FROM audit WHERE seq = 1001", "audit" },
		{ "a row too many", "INSERT INTO member (grp, person) VALUES (7, 7)", "member" },
		{ "a key", "UPDATE case_event SET id = 999999 WHERE id = 1003", "case_event" },
		{ "a count of ids", "UPDATE sqlite_sequence SET seq = seq - 1 WHERE name = 'message'", "ids" },
	};
	struct shape *shape = NULL;
	struct fixture *f = filled(&shape);
	OWN(mem) char *file = file_of(f);
	OWN(mem) struct copier_report *report = calloc(1, sizeof(*report));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct complaint c = { 0 };
		struct copier m;
		remove(file);
		assert_int_equal(copier_to_file(f->db, file, NULL, NULL, &c), 0);
		struct store *copy = open_copy(f);
		assert_int_equal(store_script(copy, cases[i].sql), 0);
		assert_int_equal(copier_init(&m, f->db, copy, NULL, &c), 0);
		assert_int_equal(copier_compare(&m, report), 0);
		copier_done(&m);
		store_close(copy);
		const struct copier_line *line = copier_difference(report);
		if (!line || strcmp(line->table, cases[i].table))
			fail_msg("%s: found %s", cases[i].label, line ? line->table : "nothing");
	}
	shape_free(shape);
	fixture_free(f);
}

static void text_with_a_nul_byte_is_named_and_never_cut(void **state)
{
	(void)state;
	struct shape *shape = NULL;
	struct fixture *f = filled(&shape);
	OWN(mem) char *file = file_of(f), *second = NULL;
	struct complaint c = { 0 };
	assert_int_equal(copier_to_file(f->db, file, NULL, NULL, &c), 0);
	struct store *odd = open_copy(f);
	assert_int_equal(store_script(odd, "UPDATE wording SET text = CAST(x'610062' AS TEXT) WHERE id = 1002"), 0);
	assert_true(asprintf(&second, "%s/second.db", f->dir) > 0);
	assert_int_equal(copier_to_file(odd, second, NULL, NULL, &c), E_CORRUPT);
	assert_string_equal(c.rule, "nul_byte");
	assert_non_null(strstr(c.text, "wording"));
	assert_int_equal(remove(second), -1);
	store_close(odd);
	shape_free(shape);
	fixture_free(f);
}

static void row_that_does_not_fit_is_told_from_a_full_disk(void **state)
{
	(void)state;
	struct shape *shape = NULL;
	struct fixture *f = filled(&shape);
	OWN(mem) char *file = file_of(f), *second = NULL;
	struct complaint c = { 0 };
	assert_int_equal(copier_to_file(f->db, file, NULL, NULL, &c), 0);
	struct store *odd = open_copy(f);
	assert_int_equal(store_script(odd, "PRAGMA foreign_keys=OFF; DELETE FROM message WHERE id = 1003"), 0);
	assert_true(asprintf(&second, "%s/second.db", f->dir) > 0);
	assert_int_equal(copier_to_file(odd, second, NULL, NULL, &c), E_CORRUPT);
	assert_string_equal(c.rule, "unfit_row");
	assert_non_null(strstr(c.text, "attempt"));
	store_close(odd);
	shape_free(shape);
	fixture_free(f);
}

/* ---- onto a server ---- */

struct target {
	struct engine engine;
	struct store *db;
};

static int open_target(struct target *t, enum store_mode mode, struct complaint *c)
{
	*c = (struct complaint){ 0 };
	t->db = NULL;
	return store_open(t->engine.uri, "", mode, &t->db, c);
}

/* Must not be one on which a core would work. */
static void check_refused(struct target *t, const char *rule)
{
	static const enum store_mode modes[] = { STORE_READ_WRITE, STORE_READ_ONLY };
	for (size_t i = 0; i < COUNT_OF(modes); i++) {
		struct complaint c;
		assert_int_not_equal(open_target(t, modes[i], &c), 0);
		assert_string_equal(c.rule, rule);
	}
}

static int fill(struct store *from, struct target *t, int cut_after_steps, struct copier_report *report, struct complaint *c)
{
	struct cut cut = { .after = cut_after_steps };
	const struct copier_watch watch = { .arg = &cut, .step = cut_after };
	assert_int_equal(open_target(t, STORE_FILL, c), 0);
	int r = fill_run(from, t->db, cut_after_steps < 0 ? NULL : &watch, report, c);
	if (!r)
		r = fill_finish(t->db);
	store_close(t->db);
	return r;
}

static struct store *source(struct fixture *f)
{
	struct complaint c = { 0 };
	OWN(mem) char *file = file_of(f);
	assert_int_equal(copier_to_file(f->db, file, NULL, NULL, &c), 0);
	return open_copy(f);
}

static void server_is_nobodys_until_all_of_it_is_there(void **state)
{
	(void)state;
	if (!engine_is_postgresql())
		skip();
	struct shape *shape = NULL;
	struct fixture *f = filled(&shape);
	struct store *from = source(f);
	OWN(mem) struct copier_report *report = calloc(1, sizeof(*report));
	struct target t = { 0 };
	struct complaint c = { 0 };
	engine_init(&t.engine);
	assert_int_equal(store_script(from, "UPDATE sqlite_sequence SET seq = 2000 WHERE name = 'wording'"), 0);
	for (int i = 0; i < 12; i++) {
		assert_int_equal(fill(from, &t, i * 3, report, &c), E_UNAVAILABLE);
		check_refused(&t, "unfinished");
	}
	assert_int_equal(fill(from, &t, -1, report, &c), 0);
	assert_null(copier_difference(report));
	assert_int_equal(open_target(&t, STORE_FILL, &c), E_EXISTS);
	assert_string_equal(c.rule, "not_empty");
	assert_int_equal(open_target(&t, STORE_READ_WRITE, &c), 0);
	/* ids go on where they were */
	struct statement *st = store_prepare_text(t.db, "INSERT INTO wording (text) VALUES ('x')");
	assert_int_equal(store_run(st), 0);
	store_drop(st);
	assert_int_equal(store_last_id(t.db), 2001);
	store_close(t.db);
	engine_done(&t.engine);
	store_close(from);
	shape_free(shape);
	fixture_free(f);
}

static void filling_begins_anew_when_its_source_moved_on(void **state)
{
	(void)state;
	if (!engine_is_postgresql())
		skip();
	struct shape *shape = NULL;
	struct fixture *f = filled(&shape);
	struct store *from = source(f);
	OWN(mem) struct copier_report *report = calloc(1, sizeof(*report));
	struct target t = { 0 };
	struct complaint c = { 0 };
	engine_init(&t.engine);
	assert_int_equal(fill(from, &t, 25, report, &c), E_UNAVAILABLE);
	assert_int_equal(
		store_script(
			from,
			"UPDATE person SET name = 'changed'; DELETE FROM optout WHERE id = 1002; UPDATE node SET tick = 9007199254740992"),
		0);
	assert_int_equal(fill(from, &t, -1, report, &c), 0);
	assert_null(copier_difference(report));
	/* words that are no UTF-8 */
	engine_done(&t.engine);
	engine_init(&t.engine);
	assert_int_equal(store_script(from, "UPDATE wording SET text = CAST(x'c3' AS TEXT) WHERE id = 1004"), 0);
	assert_int_equal(fill(from, &t, -1, report, &c), E_CORRUPT);
	assert_string_equal(c.rule, "unfit_row");
	assert_non_null(strstr(c.text, "wording"));
	assert_int_equal(store_script(from, "UPDATE wording SET text = 'x' WHERE id = 1004"), 0);
	/* and one of another installation is refused, with what it has already */
	engine_done(&t.engine);
	engine_init(&t.engine);
	assert_int_equal(fill(from, &t, 25, report, &c), E_UNAVAILABLE);
	assert_int_equal(store_script(from, "UPDATE meta SET instance = 'feedbeef'"), 0);
	assert_int_equal(fill(from, &t, -1, report, &c), E_REFUSED);
	assert_string_equal(c.rule, "not_empty");
	check_refused(&t, "unfinished");
	engine_done(&t.engine);
	store_close(from);
	shape_free(shape);
	fixture_free(f);
}

static void copy_that_differs_is_refused_and_begun_anew(void **state)
{
	(void)state;
	if (!engine_is_postgresql())
		skip();
	struct shape *shape = NULL;
	struct fixture *f = filled(&shape);
	struct store *from = source(f);
	OWN(mem) struct copier_report *report = calloc(1, sizeof(*report));
	struct target t = { 0 };
	struct complaint c = { 0 };
	engine_init(&t.engine);
	assert_int_equal(fill(from, &t, 30, report, &c), E_UNAVAILABLE);
	engine_sql(&t.engine, "UPDATE address SET off = ' campaign ' WHERE id = 1001");
	assert_int_equal(fill(from, &t, -1, report, &c), E_CORRUPT);
	assert_string_equal(c.rule, "copy_differs");
	check_refused(&t, "unfinished");
	assert_int_equal(fill(from, &t, -1, report, &c), 0);
	assert_null(copier_difference(report));
	/* left for a file: nobody's again, and not to be filled either */
	assert_int_equal(open_target(&t, STORE_READ_WRITE, &c), 0);
	assert_int_equal(fill_leave(t.db, "/var/lib/caunoi on may1"), 0);
	assert_int_equal(store_lease(t.db, "may2", "may2-1", &c), E_REFUSED); /* a core that stood by all the while */
	store_close(t.db);
	check_refused(&t, "moved");
	assert_int_equal(open_target(&t, STORE_FILL, &c), E_EXISTS);
	engine_done(&t.engine);
	store_close(from);
	shape_free(shape);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copy_holds_every_row_of_every_table),
		cmocka_unit_test(copy_leaves_nothing_when_it_fails),
		cmocka_unit_test(copy_cut_short_anywhere_goes_on_and_doubles_nothing),
		cmocka_unit_test(compare_finds_every_kind_of_difference),
		cmocka_unit_test(text_with_a_nul_byte_is_named_and_never_cut),
		cmocka_unit_test(row_that_does_not_fit_is_told_from_a_full_disk),
		cmocka_unit_test(server_is_nobodys_until_all_of_it_is_there),
		cmocka_unit_test(filling_begins_anew_when_its_source_moved_on),
		cmocka_unit_test(copy_that_differs_is_refused_and_begun_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

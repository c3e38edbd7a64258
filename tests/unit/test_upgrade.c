/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a database that an older release made: opened for writing it holds what this release needs, and every row it had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/buffer.h"
#include "gateway/store/upgrade.h"
#include "tests/support/fixture.h"

static int64_t number(struct fixture *f, const char *sql)
{
	return store_scalar(f->db, sql, -1);
}

static void script(struct fixture *f, const char *sql)
{
	assert_int_equal(store_script(f->db, sql), 0);
}

static void reopen(struct fixture *f)
{
	fixture_close_core(f);
	fixture_open_core(f);
}

static void what_an_older_release_lacked_is_added_and_rows_stay(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	script(f, "INSERT INTO channel (name, state, reason) VALUES ('cu', 'suspended', 'kept')");
	script(f, "DROP TABLE alarm");
	script(f, "DROP TABLE correction"); /* with ids of its own */
	if (store_is_shared(f->config->store))
		script(f, "DELETE FROM ids WHERE name = 'correction'; ALTER TABLE message DROP COLUMN waits"); /* with its indexes */
	script(f, "DROP INDEX trouble_last");
	script(f, "ALTER TABLE channel DROP COLUMN month_vnd");
	script(f, "DROP VIEW v_meta");
	assert_int_equal(number(f, "SELECT month_vnd FROM channel WHERE name = 'cu'"), -1);
	reopen(f);
	assert_int_equal(number(f, "SELECT count(*) FROM channel WHERE name = 'cu' AND reason = 'kept' AND month_vnd = 0"), 1);
	assert_int_equal(number(f, "SELECT count(*) FROM alarm"), 0);
	assert_int_equal(number(f, "SELECT count(*) FROM v_meta"), 1);
	script(f, "INSERT INTO correction (inbound, at, actor, kind_was, kind) VALUES (1, 1, 'a', 'b', 'c')");
	assert_int_equal(number(f, "SELECT id FROM correction"), 1);
	char problems[512];
	assert_int_equal(store_check(f->db, true, problems, sizeof(problems)), 0);
	fixture_free(f);
}

static void what_cannot_be_added_is_refused_and_nothing_is_changed(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	script(f, "INSERT INTO channel (name, state) VALUES ('cu', 'suspended')");
	script(f, "DROP TABLE alarm");
	script(f, "ALTER TABLE channel DROP COLUMN state"); /* which has no default */
	fixture_close_core(f);
	struct store *db = NULL;
	struct complaint c = { 0 };
	assert_true(store_open(f->config->store, f->data_dir, STORE_READ_WRITE, &db, &c) < 0);
	assert_null(db);
	assert_string_equal(c.rule, "upgrade");
	assert_int_equal(store_open(f->config->store, f->data_dir, STORE_READ_ONLY, &db, &c), 0);
	assert_int_equal(store_scalar(db, "SELECT count(*) FROM channel WHERE name = 'cu'", -1), 1);
	assert_int_equal(store_scalar(db, "SELECT count(*) FROM alarm", -1), -1);
	store_close(db);
	fixture_free(f);
}

/* ---- the database of a release that once was; a file ---- */

static char *older_schema(void)
{
	struct buffer text = { 0 };
	char block[4096];
	size_t n;
	FILE *in = fopen("tests/fixtures/schema/older.sql", "r");
	assert_non_null(in);
	while ((n = fread(block, 1, sizeof(block), in)) > 0)
		assert_int_equal(buffer_put(&text, block, n), 0);
	fclose(in);
	assert_int_equal(buffer_put(&text, "", 1), 0);
	return text.data;
}

static int64_t differences(struct store *db, const char *with)
{
	char sql[1200];
	snprintf(sql, sizeof(sql), "ATTACH '%s' AS fresh", with);
	assert_int_equal(store_script(db, sql), 0);
	static const char count[] =
		"WITH here AS (SELECT m.name AS t, c.name AS c, c.type, c.pk, c.\"notnull\", c.dflt_value FROM main.sqlite_schema m "
		"JOIN pragma_table_info(m.name, 'main') c UNION ALL SELECT name, tbl_name, '', 0, 0, '' FROM main.sqlite_schema WHERE type = 'index'), "
		"there AS (SELECT m.name AS t, c.name AS c, c.type, c.pk, c.\"notnull\", c.dflt_value FROM fresh.sqlite_schema m "
		"JOIN pragma_table_info(m.name, 'fresh') c UNION ALL SELECT name, tbl_name, '', 0, 0, '' FROM fresh.sqlite_schema WHERE type = 'index') "
		"SELECT (SELECT count(*) FROM (SELECT * FROM here EXCEPT SELECT * FROM there)) + "
		"(SELECT count(*) FROM (SELECT * FROM there EXCEPT SELECT * FROM here))";
	return store_scalar(db, count, -1);
}

static void database_of_an_older_release_becomes_as_a_new_one(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	char file[200], fresh[200];
	struct store *db = NULL;
	struct complaint c = { 0 };
	if (!store_is_shared(f->config->store)) {
		snprintf(file, sizeof(file), "%s/caunoi.db", f->data_dir);
		snprintf(fresh, sizeof(fresh), "%s/fresh.db", f->data_dir);
		fixture_close_core(f);
		assert_int_equal(rename(file, fresh), 0);
		char *schema = older_schema();
		assert_int_equal(store_open_file(file, schema, &db, &c), 0);
		free(schema);
		assert_int_equal(store_script(db, "INSERT INTO address (hash, hash_key, sealed, seal_key, kind, network, created_at) "
						  "VALUES (x'01', 1, x'02', 1, 'mobile', 'viettel', 5)"), 0);
		store_close(db);
		assert_int_equal(store_open("sqlite", f->data_dir, STORE_READ_WRITE, &db, &c), 0);
		assert_int_equal(differences(db, fresh), 0);
		assert_int_equal(store_scalar(db, "SELECT created_at FROM address WHERE hash = x'01'", -1), 5);
		store_close(db);
	}
	fixture_free(f);
}

/* ---- the text ---- */

static void text_holds_what_is_missing_and_nothing_else(void **state)
{
	(void)state;
	static const char schema[] = "-- words; and, more\nCREATE TABLE a (id {id}, b TEXT NOT NULL DEFAULT 'x', -- one, two\n\tc REAL REFERENCES d(id), UNIQUE (b, c)) {strict};\n"
				     "CREATE UNIQUE INDEX a_b ON a (b) WHERE c IN (1, 2);\nCREATE TABLE d (id {id}) {strict};\nINSERT INTO a (b) VALUES ('y');\n";
	static const struct {
		const char *label, *has[8], *want;
		int n;
	} cases[] = {
		{ "all is there", { "a.id", "a.b", "a.c", "a_b", "d.id" }, "", 0 },
		{ "nothing is there", { NULL }, "CREATE TABLE a (id {id}, b TEXT NOT NULL DEFAULT 'x', \n\tc REAL REFERENCES d(id), UNIQUE (b, c)) {strict};\n"
		  "CREATE UNIQUE INDEX a_b ON a (b) WHERE c IN (1, 2);\nCREATE TABLE d (id {id}) {strict};\nDROP VIEW IF EXISTS v_a;\nCREATE VIEW v_a AS SELECT 1;", 3 },
		{ "a column", { "a.id", "a.b", "a_b", "d.id" },
		  "ALTER TABLE a ADD COLUMN c REAL REFERENCES d(id);\nDROP VIEW IF EXISTS v_a;\nCREATE VIEW v_a AS SELECT 1;", 1 },
		{ "names that begin alike", { "a.id", "a.bc", "a.c", "a_bc", "d.id", "ab.b" },
		  "ALTER TABLE a ADD COLUMN b TEXT NOT NULL DEFAULT 'x';\nCREATE UNIQUE INDEX a_b ON a (b) WHERE c IN (1, 2);\nDROP VIEW IF EXISTS v_a;\n"
		  "CREATE VIEW v_a AS SELECT 1;", 2 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct catalogue has = { 0 };
		OWN(buffer) struct buffer out = { 0 };
		int n = -1;
		for (int k = 0; k < 8 && cases[i].has[k]; k++)
			assert_int_equal(catalogue_add(&has, cases[i].has[k]), 0);
		print_message("%s\n", cases[i].label);
		assert_int_equal(upgrade_text(schema, "CREATE VIEW v_a AS SELECT 1;", &has, &out, &n), 0);
		assert_int_equal(buffer_put(&out, "", 1), 0);
		assert_int_equal(n, cases[i].n);
		assert_string_equal(out.data, cases[i].want);
		catalogue_done(&has);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_older_release_lacked_is_added_and_rows_stay),
		cmocka_unit_test(what_cannot_be_added_is_refused_and_nothing_is_changed),
		cmocka_unit_test(database_of_an_older_release_becomes_as_a_new_one),
		cmocka_unit_test(text_holds_what_is_missing_and_nothing_else),
	};
	return cmocka_run_group_tests_name("upgrade", tests, NULL, NULL);
}

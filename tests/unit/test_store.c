/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the door to the database, and of every statement that goes through it: prepared, indexed, explained. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "tests/support/sim_driver.h"

enum { PUT, GET, ALL, TEST_SQL_COUNT };
static const char *const sql[TEST_SQL_COUNT] = {
	[PUT] = "INSERT INTO grp (name, fold, created_at) VALUES ($name, $fold, 0)",
	[GET] = "SELECT id, name FROM grp WHERE fold = $fold",
	[ALL] = "SELECT id FROM grp ORDER BY id",
};
static const struct sql_module module = { "test", sql, TEST_SQL_COUNT };

static int put(struct store *db, const char *name)
{
	struct statement *st = store_prepare(db, &module, PUT);
	bind_text(st, "$name", name);
	bind_text(st, "$fold", name);
	return store_run(st);
}

static int64_t groups(struct store *db)
{
	return store_scalar(db, "SELECT count(*) FROM grp", -1);
}

static void statement_is_used_again_without_its_old_values(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(put(f->db, "mot"), 0);
	struct statement *st = store_prepare(f->db, &module, GET);
	bind_text(st, "$fold", "mot");
	assert_int_equal(store_row(st), 1);
	assert_string_equal(column_text(st, 1), "mot");
	st = store_prepare(f->db, &module, GET); /* nothing bound: NULL equals nothing */
	assert_int_equal(store_row(st), 0);
	store_reset(st);
	store_rollback(f->db);
	assert_int_equal(groups(f->db), 0);
	fixture_free(f);
}

static void broken_rule_of_a_table_undoes_one_statement_only(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(put(f->db, "mot"), 0);
	assert_int_equal(put(f->db, "mot"), E_EXISTS);
	assert_int_equal(store_script(f->db, "INSERT INTO member (grp, person) VALUES (NULL, 1)"), E_REFUSED);
	assert_int_equal(store_script(f->db, "INSERT INTO grp (name, fold, created_at) VALUES ('a', 'a', 'no number')"), E_REFUSED);
	assert_int_equal(store_script(f->db, "INSERT INTO person (address, name, fold, basis) VALUES (999, '', '', '')"), E_REFUSED);
	assert_int_equal(put(f->db, "hai"), 0);
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(groups(f->db), 2);
	fixture_free(f);
}

static void savepoint_takes_back_its_own_part(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(put(f->db, "mot"), 0);
	assert_int_equal(store_savepoint(f->db), 0);
	assert_int_equal(put(f->db, "hai"), 0);
	assert_int_equal(store_savepoint(f->db), 0);
	assert_int_equal(put(f->db, "ba"), 0);
	assert_int_equal(store_savepoint_undo(f->db), 0);
	assert_int_equal(store_savepoint_keep(f->db), 0);
	assert_int_equal(store_savepoint(f->db), 0);
	assert_int_equal(put(f->db, "bon"), 0);
	assert_int_equal(store_savepoint_undo(f->db), 0);
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(groups(f->db), 2);
	fixture_free(f);
}

static void nothing_is_written_past_a_transaction_that_the_engine_took_back(void **state)
{
	(void)state;
	SQLITE_ONLY("a limit of pages");
	struct fixture *f = fixture_new(NULL);
	OWN(mem) char *big = malloc(300001);
	memset(big, 'x', 300000);
	big[300000] = '\0';
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(put(f->db, "mot"), 0);
	assert_int_equal(store_script(f->db, "PRAGMA max_page_count=1"), 0);
	assert_int_equal(put(f->db, big), E_UNAVAILABLE);
	if (!store_in_transaction(f->db)) {
		assert_int_equal(put(f->db, "hai"), E_UNAVAILABLE);
		assert_int_equal(store_savepoint(f->db), E_UNAVAILABLE);
		assert_int_equal(store_script(f->db, "INSERT INTO grp (name, fold, created_at) VALUES ('a', 'a', 1)"), E_UNAVAILABLE);
		assert_int_equal(store_commit(f->db), E_UNAVAILABLE);
	}
	store_rollback(f->db);
	assert_int_equal(groups(f->db), 0);
	assert_int_equal(store_script(f->db, "PRAGMA max_page_count=100000"), 0);
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(put(f->db, "hai"), 0);
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(groups(f->db), 1);
	fixture_free(f);
}

static void refused_commit_leaves_nothing(void **state)
{
	(void)state;
	SQLITE_ONLY("keys put off by PRAGMA");
	struct fixture *f = fixture_new(NULL);
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(put(f->db, "mot"), 0);
	assert_int_equal(store_script(f->db, "PRAGMA defer_foreign_keys=ON; INSERT INTO attempt (seq, message, part, n, channel, kind, "
					     "idempotent, epoch, not_before) "
					     "VALUES (0, 999999, 1, 1, '', '', 0, 0, 0)"),
			 0);
	assert_int_equal(store_commit(f->db), E_REFUSED);
	assert_false(store_in_transaction(f->db));
	assert_int_equal(groups(f->db), 0);
	fixture_free(f);
}

static void writing_connection_waits_for_the_disk(void **state)
{
	(void)state;
	SQLITE_ONLY("PRAGMAs");
	struct fixture *f = fixture_new(NULL);
	struct complaint c = { 0 };
	fixture_close_core(f);
	struct store *db = NULL;
	assert_int_equal(store_open("sqlite", f->data_dir, STORE_READ_WRITE, &db, &c), 0);
	static const struct {
		const char *pragma;
		int64_t want;
	} cases[] = { { "PRAGMA synchronous", 2 },
		      { "PRAGMA wal_autocheckpoint", 0 },
		      { "PRAGMA foreign_keys", 1 },
		      { "PRAGMA mmap_size", 0 },
		      { "PRAGMA trusted_schema", 0 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (store_scalar(db, cases[i].pragma, -1) != cases[i].want)
			fail_msg("%s", cases[i].pragma);
	/* defensive: nobody's statement writes the tables of the engine itself */
	int64_t tables = store_scalar(db, "SELECT count(*) FROM sqlite_schema", -1);
	assert_true(store_script(db, "PRAGMA writable_schema=ON; DELETE FROM sqlite_schema") < 0);
	assert_int_equal(store_scalar(db, "SELECT count(*) FROM sqlite_schema", -1), tables);
	store_close(db);
	fixture_open_core(f);
	fixture_free(f);
}

static void reader_cannot_write(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct complaint c = { 0 };
	struct store *db = NULL;
	assert_int_equal(store_open(f->config->store, f->data_dir, STORE_READ_ONLY, &db, &c), 0);
	assert_true(store_script(db, "INSERT INTO grp (name, fold, created_at) VALUES ('a', 'a', 1)") < 0);
	assert_int_equal(groups(db), 0);
	store_close(db);
	fixture_free(f);
}

static void foreign_damaged_and_newer_files_are_refused_with_the_way_back(void **state)
{
	(void)state;
	SQLITE_ONLY("the file");
	static const struct {
		const char *label, *sql;
		int want;
		const char *word;
	} cases[] = {
		{ "newer", "PRAGMA user_version=99", E_NEWER, "newer" },
		{ "another program's", "PRAGMA application_id=7", E_CORRUPT, "restore" },
		{ "with a trigger", "CREATE TRIGGER t AFTER INSERT ON grp BEGIN DELETE FROM grp; END", E_CORRUPT, "restore" },
		{ "with a view", "CREATE VIEW people AS SELECT * FROM address", E_CORRUPT, "restore" },
		{ "with a table of another kind",
		  "DROP VIEW v_meta; DROP TABLE meta; CREATE VIEW meta AS SELECT 1 AS one, 1 AS schema, 1 AS oldest_reader, 'x' AS "
		  "instance, 0 AS created_at",
		  E_CORRUPT, "restore" },
		{ "without a version", "PRAGMA user_version=0", E_CORRUPT, "restore" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(NULL);
		struct complaint c = { 0 };
		struct store *db = NULL;
		assert_int_equal(store_script(f->db, "PRAGMA foreign_keys=OFF"), 0);
		assert_int_equal(store_script(f->db, cases[i].sql), 0);
		fixture_close_core(f);
		print_message("%s\n", cases[i].label);
		assert_int_equal(store_open("sqlite", f->data_dir, STORE_READ_WRITE, &db, &c), cases[i].want);
		assert_null(db);
		assert_non_null(strstr(c.text, cases[i].word));
		assert_non_null(strstr(c.file, "caunoi.db"));
		fixture_free(f);
	}
}

static void missing_empty_or_odd_file_is_never_silently_new(void **state)
{
	(void)state;
	SQLITE_ONLY("the file");
	static const char *const labels[] = { "missing", "empty", "folder", "link", "text", "pipe", "second name" };
	for (int i = 0; i < (int)COUNT_OF(labels); i++) {
		struct fixture *f = fixture_new(NULL);
		struct complaint c = { 0 };
		struct store *db = NULL;
		char file[128], other[128];
		fixture_close_core(f);
		snprintf(file, sizeof(file), "%s/caunoi.db", f->data_dir);
		snprintf(other, sizeof(other), "%s/other.db", f->data_dir);
		assert_int_equal(rename(file, other), 0);
		if (i == 1 || i == 4) {
			FILE *out = fopen(file, "w");
			fputs(i == 4 ? "this is no database, but it is long enough to be looked at as one, and so it goes on for a while"
				     : "",
			      out);
			fclose(out);
		} else if (i == 2) {
			assert_int_equal(mkdir(file, 0700), 0);
		} else if (i == 3) {
			assert_int_equal(symlink(other, file), 0);
		} else if (i == 5) {
			assert_int_equal(mkfifo(file, 0600), 0);
		} else if (i == 6) {
			assert_int_equal(link(other, file), 0);
		}
		print_message("%s\n", labels[i]);
		assert_true(store_open("sqlite", f->data_dir, STORE_READ_WRITE, &db, &c) < 0);
		assert_null(db);
		assert_true(c.text[0] != '\0');
		struct stat st;
		assert_int_equal(stat(file, &st) == 0, i != 0); /* nothing was made */
		fixture_free(f);
	}
}

static void read_beyond_its_time_is_cut(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	store_limit_ms(f->db, 20);
	struct statement *st =
		store_prepare_text(f->db, "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n");
	assert_int_equal(store_row(st), E_UNAVAILABLE);
	store_drop(st);
	store_limit_ms(f->db, 0);
	assert_int_equal(groups(f->db), 0);
	fixture_free(f);
}

static void checkpoint_empties_the_log(void **state)
{
	(void)state;
	SQLITE_ONLY("the log beside the file");
	struct fixture *f = fixture_new(NULL);
	for (int i = 0; i < 50; i++) {
		char name[16];
		snprintf(name, sizeof(name), "g%d", i);
		assert_int_equal(store_begin(f->db), 0);
		assert_int_equal(put(f->db, name), 0);
		assert_int_equal(store_commit(f->db), 0);
	}
	assert_true(store_wal_bytes(f->db) > 0);
	assert_int_equal(store_checkpoint(f->db, false), 0);
	assert_int_equal(store_wal_bytes(f->db), 0);
	assert_int_equal(groups(f->db), 50);
	fixture_free(f);
}

/* ---- every statement of the program ---- */

#define MODULES(X)                                                                                                                         \
	X(audit) X(casepass) X(casecritique) X(critique) X(casehandover) X(casereference) X(portalfile) X(caselock) X(casevoice) X(casemerge) X(casecare) X(casereveal) X(casetopic) X(review)                                                                                                                           \
	X(group) X(contact) X(command_key) X(command_upload) X(job) X(messages) X(session) X(question) X(flow) X(recovery) X(gate) X(account) X(address)         \
		X(token) X(multipart) X(core) X(candidate) X(claim) X(dispatch) X(lineup) X(waiting) X(consent) X(inbox) X(attempt) X(settle) X(resting) X(receipt) X(handover) X(optout) X(ticket) X(channel) \
			X(outbox) X(status) X(jump) X(audience) X(reader) X(course) X(recipient) X(import) X(campaign_verbs) X(draft) X(staging)    \
				X(enrolment) X(codespace) X(hamlets) X(signuptalk) X(signuplist) X(retention) X(campaign) X(reply) X(intray) X(chain) X(caselist) X(casefile) X(attach) X(init) X(kept) X(part) X(replay)      \
				X(repeat) X(archive) X(convert) X(response) X(unclear) X(tick_lists) X(login) X(casework)    \
					X(price) X(webhook) X(webhook_upkeep) X(webhook_event) X(webhook_verbs)    \
					X(report) X(report_due) X(orders) X(report_job) X(caseload) X(topics) X(petitions) X(reach) X(honesty) X(households) X(rollup) X(places)     \
					X(dnc) X(allowance) X(erasure) X(person) X(unit) X(person_facts) X(results) X(fact) X(indicator) X(preview) X(occurrence) X(agenda)    \
					X(poll) X(ballot) X(tally) X(surveys) X(conversation)
#define DECLARE(name) extern const struct sql_module name##_module;
#define ADDRESS(name) &name##_module,
MODULES(DECLARE)
static const struct sql_module *const modules[] = { MODULES(ADDRESS) };

/* Indexes that hold only what is not finished: reading one from end to end is reading the work. */
static const char *const open_work[] = { "attempt_open",      "inbound_received",  "job_running",  "flow_running",
					 "campaign_planning", "campaign_clearing", "message_ready", "message_held", "inbound_due",
					 "spooled_pending", "job_beside" };

/* Statements that read or sort a table, by a piece of their text, and why that does no harm. None of them runs per message. */
static const struct {
	const char *module, *piece, *why;
} allowed[] = {
	{ "recovery", "FROM meta", "one row" },
	{ "recovery", "UPDATE node SET name", "one row" },
	{ "init", "FROM meta", "one row" },
	{ "multipart", "n.part, n.text FROM inbound n JOIN inbound h", "one sender's long messages of the last days" },
	{ "results", "count(DISTINCT m.address)", "one campaign's answers, asked for by a person" },
	{ "results", "count(DISTINCT m.person)", "one campaign's messages by unit, asked for by a person" },
	{ "status", "FROM node", "one row" },
	{ "status", "sum(held)", "one row a campaign, on the status page" },
	{ "status", "FROM spooled", "a narrow index of what is not told, on the status page" },
	{ "status", "FROM casefile", "a narrow index, on the status page" },
	{ "session", "FROM session s JOIN account", "people who are logged in, for a page" },
	{ "session", "UPDATE session", "people who work here; when a password or role changes" },
	{ "gate", "DELETE FROM ticket", "tickets live minutes; once a minute" },
	{ "gate", "upload", "files under way; once a minute" },
	{ "import", "state = 'staging'", "one row an import; when one begins" },
	{ "caseload", "", "a report reads its period, beside the core" },
	{ "topics", "", "a report reads its period, beside the core" },
	{ "petitions", "", "a report reads its period, beside the core" },
	{ "places", "", "a report reads all units, beside the core" },
	{ "surveys", "", "a report reads its period, beside the core" },
	{ "reach", "", "a report reads its period, beside the core" },
	{ "critique", "", "a report reads its period, beside the core" },
	{ "honesty", "", "a report reads its period, beside the core" },
	{ "households", "", "a report reads its period, beside the core" },
	{ "receipt", "t.kind = 'modem' AND t.outcome = 'unclear'", "one person's messages in doubt, for a report that names none" },
	{ "receipt", "address = $address AND at >= $since", "one person's parked reports, after an unclear answer of a modem" },
};

static bool is_allowed(const char *name, const char *text)
{
	for (size_t i = 0; i < COUNT_OF(allowed); i++)
		if (!strcmp(allowed[i].module, name) && strstr(text, allowed[i].piece))
			return true;
	return false;
}

static bool is_open_work(const char *line)
{
	for (size_t i = 0; i < COUNT_OF(open_work); i++)
		if (strstr(line, open_work[i]))
			return true;
	return false;
}

/* The engine's own reading of its plan. */
static int bad_lines_of_server(struct store *db, const char *text, char *out, size_t room)
{
	const struct sql_module one = { "plan", &text, 1 };
	char all[4000] = "", *rest = all;
	int n = 0;
	if (!store_explain(db, &one, all, sizeof(all)))
		return 0;
	for (char *line; (line = strsep(&rest, "\n")) && *line;) {
		if (is_open_work(line))
			continue;
		size_t used = strlen(out);
		snprintf(out + used, room - used, "\t%s\n", line);
		n++;
	}
	return n;
}

/* Lines of the plan that read a table from end to end or sort what they read. */
static int bad_lines(struct store *db, const char *text, char *out, size_t room)
{
	OWN(mem) char *explain = NULL;
	int n = 0;
	if (engine_is_postgresql())
		return bad_lines_of_server(db, text, out, room);
	assert_true(asprintf(&explain, "EXPLAIN QUERY PLAN %s", text) > 0);
	struct statement *st = store_prepare_text(db, explain);
	int r;
	while ((r = store_row(st)) > 0) {
		const char *line = column_text(st, 3);
		bool scans = !strncmp(line, "SCAN ", 5) && strncmp(line, "SCAN (", 6) && strcmp(line, "SCAN CONSTANT ROW") && strcmp(line, "SCAN found") &&
			     !strstr(line, "VIRTUAL TABLE");
		scans &= !is_open_work(line);
		if (!scans && !strstr(line, "TEMP B-TREE"))
			continue;
		size_t used = strlen(out);
		snprintf(out + used, room - used, "\t%s\n", line);
		n++;
	}
	if (r < 0)
		n++;
	store_drop(st);
	return n;
}

static void every_statement_uses_an_index(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	int bad = 0;
	for (size_t i = 0; i < COUNT_OF(modules); i++)
		for (size_t k = 0; k < modules[i]->n_sql; k++) {
			char lines[2000] = "";
			if (!bad_lines(f->db, modules[i]->sql[k], lines, sizeof(lines)) || is_allowed(modules[i]->name, modules[i]->sql[k]))
				continue;
			print_message("%s: %.300s\n%s", modules[i]->name, modules[i]->sql[k], lines);
			bad++;
		}
	assert_int_equal(bad, 0);
	fixture_free(f);
}

/* A reader keeps the log from being emptied when the core ends, as a crash would leave it. */
static void start_begins_a_new_log(void **state)
{
	(void)state;
	SQLITE_ONLY("the log beside the file");
	struct fixture *f = fixture_new(NULL);
	struct store *reader = NULL, *db = NULL;
	struct complaint c = { 0 };
	struct stat st;
	char log[128];
	snprintf(log, sizeof(log), "%s/caunoi.db-wal", f->data_dir);
	assert_int_equal(store_open("sqlite", f->data_dir, STORE_READ_ONLY, &reader, &c), 0);
	assert_true(groups(reader) >= 0);
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(put(f->db, "mot"), 0);
	assert_int_equal(store_commit(f->db), 0);
	fixture_close_core(f);
	assert_int_equal(stat(log, &st), 0);
	assert_true(st.st_size > 0);
	assert_int_equal(store_open("sqlite", f->data_dir, STORE_READ_WRITE, &db, &c), 0);
	assert_int_equal(stat(log, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(groups(db), 1);
	store_close(db);
	store_close(reader);
	fixture_open_core(f);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_begins_a_new_log),
		cmocka_unit_test(statement_is_used_again_without_its_old_values),
		cmocka_unit_test(broken_rule_of_a_table_undoes_one_statement_only),
		cmocka_unit_test(savepoint_takes_back_its_own_part),
		cmocka_unit_test(nothing_is_written_past_a_transaction_that_the_engine_took_back),
		cmocka_unit_test(refused_commit_leaves_nothing),
		cmocka_unit_test(writing_connection_waits_for_the_disk),
		cmocka_unit_test(reader_cannot_write),
		cmocka_unit_test(foreign_damaged_and_newer_files_are_refused_with_the_way_back),
		cmocka_unit_test(missing_empty_or_odd_file_is_never_silently_new),
		cmocka_unit_test(read_beyond_its_time_is_cut),
		cmocka_unit_test(checkpoint_empties_the_log),
		cmocka_unit_test(every_statement_uses_an_index),
	};
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}

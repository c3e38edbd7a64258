/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the engine behind a network: what is sent and not waited for, connections that end, the lease. Skipped without a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/sim_driver.h"

enum { PUT, GET, RENAME, TICK, TEST_SQL_COUNT };
static const char *const sql[TEST_SQL_COUNT] = {
	[PUT] = "INSERT INTO grp (name, fold, created_at) VALUES ($name, $fold, 0)",
	[GET] = "SELECT id, name FROM grp WHERE fold = $fold",
	[RENAME] = "UPDATE grp SET name = $name WHERE fold = $fold",
	[TICK] = "UPDATE node SET tick = tick + 1",
};
static const struct sql_module module = { "test", sql, TEST_SQL_COUNT };

static struct statement *named(struct store *db, size_t index, const char *name, const char *fold)
{
	struct statement *st = store_prepare(db, &module, index);
	if (name)
		bind_text(st, "$name", name);
	bind_text(st, "$fold", fold);
	return st;
}

static int put(struct store *db, const char *name)
{
	return store_run(named(db, PUT, name, name));
}

static int put_later(struct store *db, const char *name)
{
	return store_write(named(db, PUT, name, name), 1);
}

static int64_t groups(struct store *db)
{
	return store_scalar(db, "SELECT count(*) FROM grp", -1);
}

static void assert_name(struct store *db, const char *fold, const char *want)
{
	struct statement *st = named(db, GET, NULL, fold);
	assert_int_equal(store_row(st), 1);
	assert_string_equal(column_text(st, 1), want);
	store_reset(st);
}

static int64_t mono_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void pause_ms(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	nanosleep(&t, NULL);
}

static void end_backend(struct fixture *f)
{
	char text[80];
	snprintf(text, sizeof(text), "SELECT pg_terminate_backend(%lld)", (long long)store_scalar(f->db, "SELECT pg_backend_pid()", 0));
	engine_sql(&f->engine, text);
}

/* Asks until the database is there again; every call is short. */
static void begin_again(struct store *db)
{
	int64_t until = mono_ms() + 10000, began;
	int r;
	do {
		began = mono_ms();
		r = store_begin(db);
		assert_true(mono_ms() - began < 2000);
		if (r)
			pause_ms(20);
	} while (r == E_UNAVAILABLE && mono_ms() < until);
	assert_int_equal(r, 0);
}

/* ---- sent, not waited for ---- */

static void queued_insert_knows_its_id(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(put_later(f->db, "mot"), 0);
	assert_int_equal(store_last_id(f->db), 1);
	assert_int_equal(put_later(f->db, "hai"), 0);
	assert_int_equal(store_last_id(f->db), 2);
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(store_scalar(f->db, "SELECT id FROM grp WHERE fold = 'hai'", -1), 2);
}

static void ids_go_on_without_gaps_behind_faults_scripts_and_restarts(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(put(f->db, "mot"), 0);
	assert_int_equal(put(f->db, "mot"), E_EXISTS);
	assert_int_equal(put(f->db, "hai"), 0);
	assert_int_equal(store_last_id(f->db), 2);
	store_rollback(f->db);
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(put(f->db, "mot"), 0);
	assert_int_equal(store_last_id(f->db), 1);
	assert_int_equal(store_script(f->db, "INSERT INTO grp (name, fold, created_at) VALUES ('x', 'x', 0)"), 0);
	assert_int_equal(put(f->db, "hai"), 0);
	assert_int_equal(store_last_id(f->db), 3);
	assert_int_equal(store_script(f->db, "DELETE FROM grp WHERE id = 3"), 0);
	assert_int_equal(store_commit(f->db), 0);
	fixture_close_core(f);
	fixture_open_core(f);
	assert_int_equal(put(f->db, "ba"), 0); /* alone, outside a transaction */
	assert_int_equal(store_last_id(f->db), 4);
}

static void queued_fault_comes_out_when_it_is_asked_for_and_takes_its_frame_only(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(put_later(f->db, "mot"), 0);
	assert_int_equal(store_savepoint(f->db), 0);
	assert_int_equal(put_later(f->db, "hai"), 0);
	assert_int_equal(put_later(f->db, "mot"), 0);
	assert_int_equal(store_settle(f->db), E_UNDO);
	assert_int_equal(put(f->db, "ba"), E_UNDO);
	assert_int_equal(store_savepoint_undo(f->db), 0);
	assert_int_equal(put_later(f->db, "ba"), 0);
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(groups(f->db), 2);
	assert_name(f->db, "ba", "ba");
}

/* Undone for want of room is not undone for what it says: whoever waits for no answer must be asked again, not turned away. */
static void queued_change_without_room_says_that_the_store_failed(void **state)
{
	struct fixture *f = *state;
	engine_sql(&f->engine, "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE disk_full; END $$;"
			       "CREATE TRIGGER no_room BEFORE INSERT ON grp FOR EACH ROW WHEN (NEW.name = 'day') EXECUTE FUNCTION no_room()");
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(store_savepoint(f->db), 0);
	assert_int_equal(put_later(f->db, "day"), 0);
	assert_int_equal(store_settle(f->db), E_UNAVAILABLE);
	assert_int_equal(put(f->db, "hai"), E_UNAVAILABLE);
	assert_int_equal(store_savepoint_undo(f->db), 0);
	assert_int_equal(put_later(f->db, "ba"), 0);
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(groups(f->db), 1);
}

static void fault_before_the_savepoint_is_not_healed_by_it(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(put_later(f->db, "mot"), 0);
	assert_int_equal(put_later(f->db, "mot"), 0);
	assert_int_equal(store_savepoint(f->db), 0);
	assert_int_equal(put_later(f->db, "hai"), 0);
	assert_int_equal(store_savepoint_undo(f->db), E_UNDO);
	assert_int_equal(store_commit(f->db), E_UNDO);
	assert_false(store_in_transaction(f->db));
	assert_int_equal(groups(f->db), 0);
}

static void queued_change_that_meets_other_rows_is_undone(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *fold;
		int64_t n;
		int want;
	} cases[] = { { "mot", 1, 0 }, { "khong", 0, 0 }, { "khong", -1, 0 }, { "khong", 1, E_UNDO }, { "mot", 0, E_UNDO } };
	assert_int_equal(put(f->db, "mot"), 0);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char name[16];
		snprintf(name, sizeof(name), "n%zu", i);
		assert_int_equal(store_begin(f->db), 0);
		assert_int_equal(store_write(named(f->db, RENAME, name, cases[i].fold), cases[i].n), 0);
		assert_int_equal(put_later(f->db, name), 0);
		assert_int_equal(store_commit(f->db), cases[i].want);
		assert_int_equal(store_scalar(f->db, "SELECT max(id) FROM grp", 0), cases[i].want ? 4 : (int64_t)i + 2);
	}
	assert_name(f->db, "mot", "n0");
}

/* A transaction has a number of its own from its first change on. */
static bool changes_something(struct store *looker, int64_t backend)
{
	char text[128];
	snprintf(text, sizeof(text), "SELECT count(backend_xid) FROM pg_stat_activity WHERE pid = %lld", (long long)backend);
	return store_scalar(looker, text, 0) == 1;
}

static void server_is_at_the_first_of_many_rows_while_the_next_are_made(void **state)
{
	struct fixture *f = *state;
	struct store *looker;
	struct complaint c = { 0 };
	char name[16];
	int64_t backend = store_scalar(f->db, "SELECT pg_backend_pid()", 0);
	assert_int_equal(store_open(f->engine.uri, NULL, STORE_READ_ONLY, &looker, &c), 0);
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(store_write_row(named(f->db, PUT, "mot", "mot")), 0);
	assert_int_equal(store_commit(f->db), 0); /* from here on the types of its values are known */
	assert_int_equal(store_begin(f->db), 0);
	int64_t before = store_round_trips(f->db), until = mono_ms() + 30000;
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_int_equal(store_write_row(named(f->db, PUT, name, name)), 0);
	}
	while (!changes_something(looker, backend)) {
		assert_true(mono_ms() < until);
		pause_ms(5);
	}
	assert_int_equal(store_round_trips(f->db), before);
	store_close(looker);
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(groups(f->db), 101);
}

static void answer_asked_ahead_is_of_that_moment_and_used_once(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put(f->db, "mot"), 0);
	assert_int_equal(store_begin(f->db), 0);
	store_ahead(named(f->db, GET, NULL, "mot"));
	store_ahead(named(f->db, GET, NULL, "khong")); /* never used */
	assert_int_equal(store_write(named(f->db, RENAME, "moi", "mot"), 1), 0);
	assert_name(f->db, "mot", "mot");
	assert_name(f->db, "mot", "moi");
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(store_begin(f->db), 0);
	store_ahead(named(f->db, GET, NULL, "mot"));
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(store_run(named(f->db, RENAME, "cu", "mot")), 0);
	assert_int_equal(store_begin(f->db), 0);
	assert_name(f->db, "mot", "cu"); /* what was asked in another transaction is forgotten */
	store_rollback(f->db);
}

static void answer_that_is_forgotten_is_read_again(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put(f->db, "mot"), 0);
	assert_int_equal(put(f->db, "hai"), 0);
	assert_int_equal(store_begin(f->db), 0);
	store_ahead(named(f->db, GET, NULL, "mot"));
	store_ahead(named(f->db, GET, NULL, "hai"));
	assert_name(f->db, "hai", "hai"); /* both answers have come */
	store_ahead(named(f->db, GET, NULL, "hai")); /* this one has not */
	assert_int_equal(store_write(named(f->db, RENAME, "mot moi", "mot"), 1), 0);
	assert_int_equal(store_write(named(f->db, RENAME, "hai moi", "hai"), 1), 0);
	store_forget_aheads(f->db);
	assert_name(f->db, "mot", "mot moi");
	assert_name(f->db, "hai", "hai moi");
	assert_int_equal(store_commit(f->db), 0);
}

static void thousand_answers_asked_ahead_are_waited_for_once(void **state)
{
	struct fixture *f = *state;
	char name[16];
	assert_int_equal(store_begin(f->db), 0);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_int_equal(put_later(f->db, name), 0);
	}
	int64_t before = store_round_trips(f->db);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		store_ahead(named(f->db, GET, NULL, name));
	}
	for (int i = 999; i >= 0; i--) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_name(f->db, name, name);
	}
	assert_int_equal(store_round_trips(f->db) - before, 1);
	assert_int_equal(store_commit(f->db), 0);
}

static void values_come_back_as_they_went(void **state)
{
	struct fixture *f = *state;
	static const char text[] = "Đặng Thị Ốc 'q' \\x41 \\";
	uint8_t blob[256];
	for (int i = 0; i < 256; i++)
		blob[i] = (uint8_t)i;
	struct statement *st = store_prepare_text(f->db, "SELECT CAST($i AS BIGINT), $t || '', $b, CAST($r AS DOUBLE PRECISION), $n || '', $i = $i, x'0041ff', '$t'");
	bind_int(st, "$i", (INT64_C(1) << 53) - 1);
	bind_text(st, "$t", text);
	bind_blob(st, "$b", blob, sizeof(blob));
	bind_real(st, "$r", 0.1);
	bind_text(st, "$n", NULL);
	assert_int_equal(store_row(st), 1);
	size_t n;
	assert_true(column_int(st, 0) == (INT64_C(1) << 53) - 1);
	assert_string_equal(column_text(st, 1), text);
	assert_memory_equal(column_blob(st, 2, &n), blob, sizeof(blob));
	assert_int_equal(n, sizeof(blob));
	assert_true(column_real(st, 3) == 0.1);
	assert_true(column_null(st, 4) && !column_text(st, 4));
	assert_int_equal(column_int(st, 5), 1);
	assert_memory_equal(column_blob(st, 6, &n), "\0A\xff", 3);
	assert_int_equal(n, 3);
	assert_string_equal(column_text(st, 7), "$t");
	assert_int_equal(store_columns(st), 8);
	assert_int_equal(store_row(st), 0);
	store_drop(st);
}

static void texts_are_ordered_by_their_bytes(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "a", "\xc4\x91", "B", "_", "b" }, *const want[] = { "B", "_", "a", "b", "\xc4\x91" };
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_int_equal(put(f->db, names[i]), 0);
	struct statement *st = store_prepare_text(f->db, "SELECT fold FROM grp ORDER BY fold");
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		assert_int_equal(store_row(st), 1);
		assert_string_equal(column_text(st, 0), want[i]);
	}
	store_drop(st);
}

/* ---- connections end ---- */

static void lost_connection_leaves_nothing_and_comes_back(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put(f->db, "mot"), 0);
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(put(f->db, "hai"), 0);
	end_backend(f);
	assert_int_equal(put(f->db, "ba"), E_UNAVAILABLE);
	assert_true(store_in_transaction(f->db));
	assert_true(store_away(f->db));
	assert_int_equal(put(f->db, "bon"), E_UNAVAILABLE);
	assert_int_equal(store_commit(f->db), E_UNAVAILABLE);
	assert_false(store_in_transaction(f->db));
	begin_again(f->db);
	assert_false(store_away(f->db));
	assert_int_equal(put(f->db, "nam"), 0);
	assert_int_equal(store_last_id(f->db), 2);
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(groups(f->db), 2);
}

static void connection_that_ended_in_a_pause_is_noticed_before_a_tick(void **state)
{
	struct fixture *f = *state;
	end_backend(f);
	pause_ms(100);
	begin_again(f->db);
	assert_int_equal(put(f->db, "mot"), 0);
	assert_int_equal(store_commit(f->db), 0);
}

/* Takes the socket away while the engine waits: what the server does with what it has got is its own affair. */
static int cut(void *arg, int fd, short events, int limit_ms)
{
	int *calls = arg, pair[2];
	if ((*calls)++ == 0) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		dup2(pair[0], fd);
		close(pair[0]);
		close(pair[1]);
	}
	struct pollfd p = { .fd = fd, .events = events };
	return poll(&p, 1, limit_ms);
}

static void outcome_of_a_cut_commit_is_read_afterwards(void **state)
{
	struct fixture *f = *state;
	struct complaint c = { 0 };
	assert_int_equal(store_lease(f->db, "main", "main-1", &c), 0);
	for (int i = 0; i < 10; i++) {
		char name[16];
		int64_t before = store_scalar(f->db, "SELECT tick FROM node", -1), tick = -1, until = mono_ms() + 8000;
		int calls = 0, r;
		snprintf(name, sizeof(name), "n%d", i);
		assert_int_equal(store_begin(f->db), 0);
		assert_int_equal(put(f->db, name), 0);
		assert_int_equal(store_run(store_prepare(f->db, &module, TICK)), 0);
		store_wait_by(f->db, cut, &calls);
		assert_int_equal(store_commit(f->db), E_UNKNOWN);
		store_wait_by(f->db, NULL, NULL);
		while ((r = store_decide(f->db, &tick)) == E_UNAVAILABLE && mono_ms() < until)
			pause_ms(20);
		assert_int_equal(r, 0);
		assert_in_range(tick, before, before + 1);
		struct statement *st = named(f->db, GET, NULL, name);
		assert_int_equal(store_row(st), tick - before);
		store_reset(st);
	}
}

static void silent_server_is_left_after_its_time(void **state)
{
	struct fixture *f = *state;
	struct statement *st = store_prepare_text(f->db, "SELECT pg_sleep(20)");
	int64_t began = mono_ms();
	assert_int_equal(store_row(st), E_UNAVAILABLE);
	assert_in_range(mono_ms() - began, 4500, 7000);
	store_drop(st);
	assert_true(store_away(f->db));
	begin_again(f->db);
	store_rollback(f->db);
}

/* ---- the lease ---- */

static struct store *another(struct fixture *f)
{
	struct store *db = NULL;
	struct complaint c = { 0 };
	assert_int_equal(store_open(f->config->store, f->data_dir, STORE_READ_WRITE, &db, &c), 0);
	return db;
}

static int ask(struct store *db, const char *node, const char *holder, struct complaint *c)
{
	*c = (struct complaint){ 0 };
	return store_lease(db, node, holder, c);
}

/* Asks as a standby does until it is told something else than to wait. */
static int stand_by(struct store *db, const char *node, const char *holder, int64_t limit_ms)
{
	struct complaint c;
	int64_t until = mono_ms() + limit_ms;
	int r;
	while ((r = ask(db, node, holder, &c)) == E_AGAIN && mono_ms() < until)
		pause_ms(50);
	return r;
}

static void one_core_writes_and_the_next_takes_over_when_it_ends(void **state)
{
	struct fixture *f = *state;
	struct complaint c;
	struct store *b = another(f);
	assert_int_equal(ask(f->db, "tram-1", "tram-1:x", &c), 0);
	assert_int_equal(ask(b, "tram-2", "tram-2:y", &c), E_AGAIN);
	assert_non_null(strstr(c.text, "tram-1"));
	assert_int_equal(put(f->db, "mot"), 0);
	int64_t term = store_scalar(b, "SELECT term FROM lease", -1);
	fixture_close_core(f);
	assert_int_equal(stand_by(b, "tram-2", "tram-2:y", 3000), 0);
	assert_int_equal(store_scalar(b, "SELECT term FROM lease", -1), term + 1);
	assert_int_equal(put(b, "hai"), 0);
	store_close(b);
}

static void two_cores_of_one_name_are_refused(void **state)
{
	struct fixture *f = *state;
	struct complaint c;
	struct store *b = another(f);
	assert_int_equal(ask(f->db, "tram-1", "tram-1:x", &c), 0);
	assert_int_equal(ask(b, "tram-1", "tram-1:y", &c), E_AGAIN); /* it may be the one that just ended */
	assert_int_equal(put(f->db, "mot"), 0);
	assert_int_equal(ask(b, "tram-1", "tram-1:y", &c), E_REFUSED);
	assert_non_null(strstr(c.text, "another name"));
	store_close(b);
}

static void core_whose_lease_went_on_cannot_commit(void **state)
{
	struct fixture *f = *state;
	struct complaint c;
	assert_int_equal(ask(f->db, "tram-1", "tram-1:x", &c), 0);
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(put(f->db, "mot"), 0);
	engine_sql(&f->engine, "UPDATE lease SET term = term + 1, holder = 'tram-2:y'");
	assert_int_equal(store_commit(f->db), E_BROKEN);
	assert_int_equal(groups(f->db), 0);
}

static void frozen_core_is_replaced_and_shut_out(void **state)
{
	struct fixture *f = *state;
	struct complaint c;
	struct store *b = another(f);
	assert_int_equal(ask(f->db, "tram-1", "tram-1:x", &c), 0);
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(put(f->db, "mot"), 0);
	assert_int_equal(ask(b, "tram-2", "tram-2:y", &c), E_AGAIN);
	engine_sql(&f->engine, "UPDATE lease SET at = at - interval '7 seconds'");
	assert_int_equal(stand_by(b, "tram-2", "tram-2:y", 3000), 0);
	int r = store_commit(f->db);
	assert_true(r == E_UNAVAILABLE || r == E_BROKEN);
	for (int64_t until = mono_ms() + 8000; (r = store_begin(f->db)) == E_UNAVAILABLE && mono_ms() < until;)
		pause_ms(20);
	assert_int_equal(r, E_BROKEN);
	assert_int_equal(groups(b), 0);
	store_close(b);
}

static void lease_is_taken_again_after_a_lost_connection(void **state)
{
	struct fixture *f = *state;
	struct complaint c;
	assert_int_equal(ask(f->db, "tram-1", "tram-1:x", &c), 0);
	int64_t term = store_scalar(f->db, "SELECT term FROM lease", -1);
	end_backend(f);
	pause_ms(100);
	begin_again(f->db);
	assert_int_equal(put(f->db, "mot"), 0);
	assert_int_equal(store_commit(f->db), 0);
	assert_int_equal(store_scalar(f->db, "SELECT term FROM lease", -1), term);
	struct store *b = another(f);
	assert_int_equal(ask(b, "tram-2", "tram-2:y", &c), E_AGAIN);
	store_close(b);
}

/* ---- opening ---- */

static void wrong_addresses_and_databases_are_refused_with_what_to_do(void **state)
{
	struct fixture *f = *state;
	char role[ENGINE_URI_MAX + 64], base[ENGINE_URI_MAX + 64], closed[ENGINE_URI_MAX + 64];
	snprintf(role, sizeof(role), "%s&user=nobody_here&password=bimat", f->engine.uri);
	snprintf(base, sizeof(base), "%s&dbname=no_such_database", f->engine.uri);
	snprintf(closed, sizeof(closed), "%s%%20-cdefault_transaction_read_only%%3Don", f->engine.uri);
	const struct {
		const char *label, *uri, *change, *back, *word;
		int want;
	} cases[] = {
		{ "malformed", "postgresql://a:bimat@[broken/x", NULL, NULL, "malformed", E_CONFIG },
		{ "unreachable", "postgresql://a:bimat@/x?host=/nonexistent", NULL, NULL, "reached", E_UNAVAILABLE },
		{ "nobody there", "postgresql://a:bimat@127.0.0.1:1/x", NULL, NULL, "reached", E_UNAVAILABLE },
		{ "unknown role", role, NULL, NULL, "nobody_here", E_UNAVAILABLE },
		{ "unknown database", base, NULL, NULL, "no_such_database", E_UNAVAILABLE },
		{ "read-only server", closed, NULL, NULL, "primary", E_REFUSED },
		{ "newer", f->engine.uri, "UPDATE caunoi SET version = 99", "UPDATE caunoi SET version = 1", "newer", E_NEWER },
		{ "another program's", f->engine.uri, "UPDATE caunoi SET application = 7", "UPDATE caunoi SET application = 1128353359", "another", E_CORRUPT },
		{ "not ours", f->engine.uri, "ALTER TABLE caunoi RENAME TO other", "ALTER TABLE other RENAME TO caunoi", "another", E_CORRUPT },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct store *db = NULL;
		struct complaint c = { 0 };
		print_message("%s\n", cases[i].label);
		if (cases[i].change)
			engine_sql(&f->engine, cases[i].change);
		assert_int_equal(store_open(cases[i].uri, f->data_dir, STORE_READ_WRITE, &db, &c), cases[i].want);
		assert_null(db);
		assert_string_equal(c.field, "store");
		assert_non_null(strstr(c.text, cases[i].word));
		assert_null(strstr(c.text, "bimat"));
		if (cases[i].back)
			engine_sql(&f->engine, cases[i].back);
	}
}

static void hosts_are_tried_one_after_the_other(void **state)
{
	struct fixture *f = *state;
	char uri[ENGINE_URI_MAX + 64];
	const char *hosts = strstr(f->engine.uri, "host=");
	struct store *db = NULL;
	struct complaint c = { 0 };
	assert_non_null(hosts);
	hosts += strlen("host=");
	snprintf(uri, sizeof(uri), "%.*s/nonexistent,/nonexistent/too,%s", (int)(hosts - f->engine.uri), f->engine.uri, hosts);
	assert_int_equal(store_open(uri, f->data_dir, STORE_READ_WRITE, &db, &c), 0);
	assert_int_equal(groups(db), 0);
	store_close(db);
}

static void database_is_made_once_and_only_where_nothing_is(void **state)
{
	struct fixture *f = *state;
	struct store *db = NULL;
	struct complaint c = { 0 };
	assert_int_equal(store_open(f->engine.uri, f->data_dir, STORE_CREATE, &db, &c), E_EXISTS);
	struct engine other;
	engine_init(&other);
	engine_sql(&other, "CREATE TABLE foreign_thing (a integer)");
	c = (struct complaint){ 0 };
	assert_int_equal(store_open(other.uri, f->data_dir, STORE_CREATE, &db, &c), E_REFUSED);
	assert_non_null(strstr(c.text, "another program"));
	engine_sql(&other, "DROP TABLE foreign_thing; CREATE TYPE job AS ENUM ('x')"); /* in the way, halfway */
	c = (struct complaint){ 0 };
	assert_true(store_open(other.uri, f->data_dir, STORE_CREATE, &db, &c) < 0);
	engine_sql(&other, "DROP TYPE job");
	c = (struct complaint){ 0 };
	assert_int_equal(store_open(other.uri, f->data_dir, STORE_READ_WRITE, &db, &c), E_CORRUPT);
	assert_non_null(strstr(c.text, "empty"));
	assert_int_equal(store_open(other.uri, f->data_dir, STORE_CREATE, &db, &c), 0);
	store_close(db);
	engine_done(&other);
}

static void soundness_is_told_and_a_row_without_its_half_is_found(void **state)
{
	struct fixture *f = *state;
	char out[1000];
	assert_int_equal(store_check(f->db, true, out, sizeof(out)), 0);
	engine_sql(&f->engine, "ALTER TABLE optout DROP CONSTRAINT optout_address_fkey; INSERT INTO optout (address, scope, seq, at) VALUES (77, 'all', 1, 1);"
			       "ALTER TABLE optout ADD CONSTRAINT optout_address_fkey FOREIGN KEY (address) REFERENCES address (id) NOT VALID");
	assert_int_equal(store_check(f->db, true, out, sizeof(out)), 1);
	assert_non_null(strstr(out, "optout_address_fkey"));
	engine_sql(&f->engine, "INSERT INTO message (key, flow, address, class, state, state_since, due_at, expires_at, queued_at) VALUES ('k', 1, 77, 'service', "
			       "'held', 1, 1, 1, 1); INSERT INTO attempt (seq, message, part, n, channel, kind, idempotent, epoch, not_before) "
			       "VALUES (1, 99, 1, 1, 'a', 'modem', 0, 1, 1)");
	assert_int_equal(store_check(f->db, true, out, sizeof(out)), 3);
	assert_non_null(strstr(out, "half: attempt"));
	assert_non_null(strstr(out, "half: message"));
}

/* ---- what a message costs ---- */

static void tick_full_of_messages_waits_for_the_server_as_often_as_one_with_few(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	char number[24], key[24];
	for (int i = 0; i < 200; i++) {
		snprintf(number, sizeof(number), "+849123%05d", i);
		snprintf(key, sizeof(key), "k%d", i);
		sim_put(f, &(struct sim_message){ .number = number, .key = key, .class = CLASS_SOCIAL_POLICY });
	}
	sim_tick(f);
	OWN(json) json_t *frames = sim_driver_read(p);
	size_t i;
	json_t *frame;
	json_array_foreach(frames, i, frame)
		if (!strcmp(json_str(frame, "op", ""), "submit"))
			sim_driver_result(p, strtoll(json_str(frame, "attempt", "0"), NULL, 10), "accepted", "");
	assert_int_equal(sim_int(f, "SELECT count(*) FROM message WHERE state = 'sending'"), 200);
	int64_t before = store_round_trips(f->db);
	sim_tick(f);
	assert_in_range(store_round_trips(f->db) - before, 1, 8);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM message WHERE state = 'sent'"), 200);
	fixture_free(f);
}

static void new_state_of_a_message_that_left_writes_no_index(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM pg_depend d JOIN pg_index i ON i.indexrelid = d.objid JOIN pg_attribute a ON "
					     "a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE d.classid = 'pg_class'::regclass AND "
					     "i.indrelid = 'message'::regclass AND a.attname IN ('state', 'state_since', 'sent_at', 'final_at', 'reason')",
				      -1),
			 0);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM pg_index WHERE indrelid = 'message'::regclass AND "
					     "pg_get_expr(indpred, indrelid) LIKE '%waits%'", -1), 5);
}

static int set_up(void **state)
{
	*state = engine_is_postgresql() ? fixture_new(NULL) : NULL;
	return 0;
}

static int tear_down(void **state)
{
	if (*state)
		fixture_free(*state);
	return 0;
}

#define LAW(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAW(queued_insert_knows_its_id),
		LAW(ids_go_on_without_gaps_behind_faults_scripts_and_restarts),
		LAW(queued_fault_comes_out_when_it_is_asked_for_and_takes_its_frame_only),
		LAW(queued_change_without_room_says_that_the_store_failed),
		LAW(fault_before_the_savepoint_is_not_healed_by_it),
		LAW(queued_change_that_meets_other_rows_is_undone),
		LAW(server_is_at_the_first_of_many_rows_while_the_next_are_made),
		LAW(answer_asked_ahead_is_of_that_moment_and_used_once),
		LAW(answer_that_is_forgotten_is_read_again),
		LAW(thousand_answers_asked_ahead_are_waited_for_once),
		LAW(values_come_back_as_they_went),
		LAW(texts_are_ordered_by_their_bytes),
		LAW(lost_connection_leaves_nothing_and_comes_back),
		LAW(connection_that_ended_in_a_pause_is_noticed_before_a_tick),
		LAW(outcome_of_a_cut_commit_is_read_afterwards),
		LAW(silent_server_is_left_after_its_time),
		LAW(one_core_writes_and_the_next_takes_over_when_it_ends),
		LAW(two_cores_of_one_name_are_refused),
		LAW(core_whose_lease_went_on_cannot_commit),
		LAW(frozen_core_is_replaced_and_shut_out),
		LAW(lease_is_taken_again_after_a_lost_connection),
		LAW(wrong_addresses_and_databases_are_refused_with_what_to_do),
		LAW(hosts_are_tried_one_after_the_other),
		LAW(database_is_made_once_and_only_where_nothing_is),
		LAW(soundness_is_told_and_a_row_without_its_half_is_found),
		cmocka_unit_test(tick_full_of_messages_waits_for_the_server_as_often_as_one_with_few),
		LAW(new_state_of_a_message_that_left_writes_no_index),
	};
	if (!engine_is_postgresql()) {
		print_message("no server: %zu laws are not looked at\n", COUNT_OF(tests));
		return 0;
	}
	return cmocka_run_group_tests_name("store_pgsql", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the log and the disk: the log stays small also under readers, and a low disk stops sending only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/sim_driver.h"

#define MIB (1 << 20)

/* Pages of rows in one commit. */
static void grow(struct fixture *f, int mib)
{
	sim_sql(f,
		"WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < %d) INSERT INTO wording (text) SELECT "
		"hex(zeroblob(2000)) FROM n",
		mib * 256);
}

static void log_is_emptied_between_ticks_from_two_mib_on(void **state)
{
	(void)state;
	SQLITE_ONLY("the log beside the file");
	struct fixture *f = fixture_new(NULL);
	sim_tick(f);
	grow(f, 1);
	sim_tick(f);
	assert_true(store_wal_bytes(f->db) > 0);
	grow(f, 2);
	sim_tick(f);
	assert_int_equal(store_wal_bytes(f->db), 0);
	fixture_free(f);
}

static struct store *reader(struct fixture *f)
{
	struct store *db = NULL;
	struct complaint c = { 0 };
	assert_int_equal(store_open("sqlite", f->data_dir, STORE_READ_ONLY, &db, &c), 0);
	assert_int_equal(store_begin(db), 0);
	assert_true(store_scalar(db, "SELECT count(*) FROM wording", -1) >= 0);
	return db;
}

static void reader_is_asked_to_wait_when_the_log_is_long_and_let_in_again(void **state)
{
	(void)state;
	SQLITE_ONLY("the log beside the file");
	struct fixture *f = fixture_new(NULL);
	struct peer *query = core_peer_add(f->core, PEER_QUERY);
	sim_tick(f);
	struct store *r = reader(f);
	for (int i = 0; i < 10 && store_wal_bytes(f->db) < 8 * MIB; i++) {
		grow(f, 1);
		sim_tick(f);
	}
	OWN(json) json_t *frames = sim_driver_read(query);
	const json_t *gate = json_array_get(frames, 0);
	assert_string_equal(json_str(gate, "op", ""), "gate");
	assert_true(json_flag(gate, "closed", false));
	sim_tick(f);
	assert_int_equal(sim_driver_count(query, "gate"), 0);
	store_rollback(r);
	sim_driver_say(query, "{\"op\":\"gate\",\"closed\":true}");
	sim_tick(f);
	OWN(json) json_t *after = sim_driver_read(query);
	assert_int_equal(json_array_size(after), 1);
	assert_false(json_flag(json_array_get(after, 0), "closed", true));
	assert_int_equal(store_wal_bytes(f->db), 0);
	store_close(r);
	fixture_free(f);
}

/* The query process does as it is asked, a tick long: how often it was. */
static int asked_to_wait(struct fixture *f, struct peer *query)
{
	int n = sim_driver_count(query, "gate");
	if (n)
		sim_driver_say(query, "{\"op\":\"gate\",\"closed\":true}");
	sim_tick(f);
	sim_driver_count(query, "gate");
	return n;
}

static void reader_of_another_program_keeps_nobody_waiting_and_is_told(void **state)
{
	(void)state;
	SQLITE_ONLY("the log beside the file");
	struct fixture *f = fixture_new(NULL);
	struct peer *query = core_peer_add(f->core, PEER_QUERY);
	OWN(fd) int log = memfd_create("log", MFD_CLOEXEC);
	int before = dup(STDERR_FILENO), asked = 0;
	char said[4096] = "";
	sim_tick(f);
	struct store *r = reader(f);
	assert_true(log >= 0 && before >= 0 && dup2(log, STDERR_FILENO) >= 0);
	for (int i = 0; i < 72; i++) {
		grow(f, 1);
		sim_tick(f);
		for (int k = 0; k < 5; k++)
			asked += asked_to_wait(f, query);
	}
	dup2(before, STDERR_FILENO);
	close(before);
	assert_true(pread(log, said, sizeof(said) - 1, 0) >= 0);
	assert_in_range(asked, 1, 12); /* once for so much more, not at every tick */
	const char *told = strstr(said, "log.held");
	assert_non_null(told);
	assert_null(strstr(told + 1, "log.held"));
	store_close(r);
	grow(f, 3); /* as soon as it is gone the log is emptied, and asked for as before */
	for (int k = 0; k < 5; k++) {
		sim_tick(f);
		asked_to_wait(f, query);
	}
	assert_true(store_wal_bytes(f->db) < 3 * MIB);
	fixture_free(f);
}

static void without_a_query_process_nobody_is_waited_for(void **state)
{
	(void)state;
	SQLITE_ONLY("the log beside the file");
	struct fixture *f = fixture_new(NULL);
	sim_tick(f);
	grow(f, 12);
	for (int i = 0; i < 3; i++)
		sim_tick(f);
	assert_true(store_wal_bytes(f->db) < MIB / 16);
	fixture_free(f);
}

static void query_process_that_dies_closes_the_gate_for_good(void **state)
{
	(void)state;
	SQLITE_ONLY("the log beside the file");
	struct fixture *f = fixture_new(NULL);
	struct peer *query = core_peer_add(f->core, PEER_QUERY);
	sim_tick(f);
	struct store *r = reader(f);
	for (int i = 0; i < 10 && store_wal_bytes(f->db) < 8 * MIB; i++) {
		grow(f, 1);
		sim_tick(f);
	}
	store_close(r);
	core_peer_gone(f->core, query);
	sim_tick(f);
	assert_int_equal(store_wal_bytes(f->db), 0);
	fixture_free(f);
}

static bool low(void *loop, const char *data_dir)
{
	(void)data_dir;
	return ((struct fixture *)loop)->mine != NULL;
}

static void disk_is_looked_at_once_a_second_and_stops_sending_while_it_is_low(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct core_ops ops = *f->core->ops;
	ops.disk_low = low;
	f->core->ops = &ops;
	f->mine = f;
	sim_wait(f, 1000);
	assert_true(f->core->low_disk);
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	f->mine = NULL;
	sim_wait(f, 1000);
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 1); /* by itself, without a restart */
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(log_is_emptied_between_ticks_from_two_mib_on),
		cmocka_unit_test(reader_is_asked_to_wait_when_the_log_is_long_and_let_in_again),
		cmocka_unit_test(reader_of_another_program_keeps_nobody_waiting_and_is_told),
		cmocka_unit_test(without_a_query_process_nobody_is_waited_for),
		cmocka_unit_test(query_process_that_dies_closes_the_gate_for_good),
		cmocka_unit_test(disk_is_looked_at_once_a_second_and_stops_sending_while_it_is_low),
	};
	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}

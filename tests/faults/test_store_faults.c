/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the core does when its database is missing, foreign, damaged, locked, shared or out of room: it refuses with the way back
 * where it cannot go on, and loses nothing where it waits. Runs the real programs; the full disk needs root (tmpfs). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/support/gateway.h"
#include "tests/support/invariants.h"

#define TEXT "Tin BHYT moi cua xa. Tu choi: TC"
#define WAITING "state IN ('held', 'queued', 'sending', 'retry')"

static int setup(void **state)
{
	*state = gateway_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	gateway_free(*state);
	return 0;
}

/* ---- a database that cannot be used ---- */

static void run_sql(const struct gateway *g, const char *sql)
{
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(g->database, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void remove_it(const struct gateway *g)
{
	char path[GATEWAY_PATH_MAX + 8];
	assert_int_equal(unlink(g->database), 0);
	snprintf(path, sizeof(path), "%s-wal", g->database);
	unlink(path);
	snprintf(path, sizeof(path), "%s-shm", g->database);
	unlink(path);
}

static void write_garbage(const struct gateway *g)
{
	char noise[8192];
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)(i * 37 + 11);
	remove_it(g);
	OWN(file) FILE *f = fopen(g->database, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(noise, 1, sizeof(noise), f), sizeof(noise));
}

static void make_empty(const struct gateway *g)
{
	assert_int_equal(truncate(g->database, 0), 0);
}

static void cut_in_half(const struct gateway *g)
{
	struct stat st;
	assert_int_equal(stat(g->database, &st), 0);
	assert_int_equal(truncate(g->database, st.st_size / 2 / 4096 * 4096), 0);
}

static void cut_by_a_page(const struct gateway *g)
{
	struct stat st;
	assert_int_equal(stat(g->database, &st), 0);
	assert_int_equal(truncate(g->database, st.st_size - 4096), 0);
}

static void make_newer(const struct gateway *g)
{
	run_sql(g, "PRAGMA user_version = 99");
}

static void make_foreign(const struct gateway *g)
{
	run_sql(g, "PRAGMA application_id = 123456");
}

static void add_trigger(const struct gateway *g)
{
	run_sql(g, "CREATE TRIGGER t AFTER INSERT ON message BEGIN DELETE FROM optout; END");
}

static void replace_by_another_program(const struct gateway *g)
{
	remove_it(g);
	run_sql(g, "CREATE TABLE notes (text TEXT)");
}

static void lose_the_key(const struct gateway *g)
{
	char path[GATEWAY_PATH_MAX + 16];
	snprintf(path, sizeof(path), "%s/identity.key", g->data);
	assert_int_equal(unlink(path), 0);
}

static void damage_a_page(const struct gateway *g)
{
	char noise[4096];
	memset(noise, 0xA5, sizeof(noise));
	OWN(fd) int fd = open(g->database, O_WRONLY | O_CLOEXEC);
	struct stat st;
	assert_int_equal(fstat(fd, &st), 0);
	for (off_t at = 4096; at + 4096 <= st.st_size; at += 4096) /* all but the first: its header stays right */
		assert_int_equal(pwrite(fd, noise, sizeof(noise), at), sizeof(noise));
}

static const struct ruin {
	const char *label;
	void (*ruin)(const struct gateway *g);
	const char *says; /* the way back */
} ruins[] = {
	{ "missing", remove_it, "caunoi restore" },
	{ "empty", make_empty, "caunoi restore" },
	{ "cut in half", cut_in_half, "caunoi restore" },
	{ "its last page cut off", cut_by_a_page, "caunoi restore" },
	{ "garbage", write_garbage, "caunoi restore" },
	{ "newer", make_newer, "newer release" },
	{ "foreign application id", make_foreign, "caunoi restore" },
	{ "another program's", replace_by_another_program, "caunoi restore" },
	{ "a trigger inside", add_trigger, "caunoi restore" },
	{ "pages damaged", damage_a_page, "caunoi restore" },
	{ "key missing", lose_the_key, "identity.key" },
};

static int64_t size_of(const struct gateway *g)
{
	struct stat st;
	return stat(g->database, &st) ? -1 : (int64_t)st.st_size;
}

static void check_ruin(const struct ruin *r)
{
	struct gateway *g = gateway_new(NULL);
	OWN(mem) char *text = NULL;
	r->ruin(g);
	int64_t before = size_of(g);
	int code = gateway_run(g, 10000, &text, NULL);
	int64_t after = size_of(g);
	bool said = strstr(text, r->says) && strstr(text, "caunoi.db");
	said |= r->ruin == lose_the_key && strstr(text, r->says);
	gateway_free(g);
	if (code != 6 || !said || before != after)
		fail_msg("%s: exit %d, size %lld then %lld: %s", r->label, code, (long long)before, (long long)after, text);
}

static void a_database_that_cannot_be_used_stops_the_start_with_the_way_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(ruins); i++)
		check_ruin(&ruins[i]);
}

/* ---- two cores ---- */

static void a_second_core_ends_within_a_second_and_touches_nothing(void **state)
{
	struct gateway *g = *state;
	OWN(mem) char *text = NULL;
	int64_t took_ms;
	gateway_start(g);
	int64_t epoch = gateway_scalar(g, "SELECT epoch FROM v_meta");
	assert_int_equal(gateway_run(g, 5000, &text, &took_ms), 1);
	assert_in_range(took_ms, 0, 1000);
	assert_non_null(strstr(text, "in use"));
	assert_int_equal(gateway_scalar(g, "SELECT epoch FROM v_meta"), epoch);
	assert_true(gateway_wait_ready(g, 2000));
	json_decref(gateway_do(g, "loopback.say", json_pack("{s:s,s:s}", "from", "+84931111111", "text", "Nha toi con do")));
	gateway_stop(g);
}

/* The same folder by another path: its lock hangs on the file, not on the name. */
static void a_folder_mounted_elsewhere_is_in_use_too(void **state)
{
	struct gateway *g = *state;
	char at[GATEWAY_PATH_MAX];
	OWN(mem) char *text = NULL;
	int64_t took_ms;
	snprintf(at, sizeof(at), "%.100s/elsewhere", g->dir);
	assert_int_equal(mkdir(at, 0700), 0);
	if (mount(g->data, at, NULL, MS_BIND, NULL)) {
		fprintf(stderr, "skipped: nothing can be mounted here: %s\n", strerror(errno));
		skip();
	}
	gateway_start(g);
	OWN(file) FILE *f = fopen(g->config, "w"); /* the first core has read it */
	assert_non_null(f);
	fprintf(f, "data_dir = \"%s\"; control = \"other.sock\"; web = { listen = \"unix:other-web.sock\"; };\n"
		"organisation = { name = \"Thon Na Lang\"; unit = \"02269\"; reply_number = \"+84912345678\"; };\n"
		"channels = ( { name = \"may-ao\"; driver = \"loopback\"; } );\n", at);
	assert_int_equal(fflush(f), 0);
	int64_t epoch = gateway_scalar(g, "SELECT epoch FROM v_meta");
	int code = gateway_run(g, 5000, &text, &took_ms);
	umount(at);
	assert_int_equal(code, 1);
	assert_in_range(took_ms, 0, 1000);
	assert_non_null(strstr(text, "in use"));
	assert_int_equal(gateway_scalar(g, "SELECT epoch FROM v_meta"), epoch);
	gateway_stop(g);
}

/* ---- locked ---- */

struct lock_hold {
	pthread_t thread;
	const char *database;
	long hold_ms;
	atomic_bool held;
};

static void *hold_lock(void *arg)
{
	struct lock_hold *h = arg;
	sqlite3 *db = NULL;
	if (sqlite3_open(h->database, &db) == SQLITE_OK) {
		sqlite3_busy_timeout(db, 20000);
		if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK) {
			atomic_store(&h->held, true);
			gateway_pause_ms(h->hold_ms);
			sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
		}
	}
	sqlite3_close(db);
	return NULL;
}

static int64_t message_asked(struct gateway *g, const char *key, int *ret_status)
{
	int64_t began = gateway_mono_ms();
	OWN(json) json_t *reply = gateway_command_key(g, key, "message.send", json_pack("{s:s,s:s,s:s}", "to", "+84912000001", "text", TEXT, "class",
										       "service"));
	assert_non_null(reply);
	*ret_status = json_flag(reply, "ok", false) ? 200 : (int)json_int(json_object_get(reply, "error"), "status", 0);
	return gateway_mono_ms() - began;
}

static void a_locked_database_is_waited_for_then_refused_and_nothing_is_lost(void **state)
{
	struct gateway *g = *state;
	struct lock_hold h = { .database = g->database, .hold_ms = 8000 };
	char oracle[GATEWAY_PATH_MAX + 16], key[64];
	int status;
	gateway_start(g);
	gateway_people(g, "g", 0, 3000);
	snprintf(oracle, sizeof(oracle), "%s/oracle.db", g->dir);
	struct invariants *laws = invariants_new(g->data, oracle);
	gateway_campaign(g, "g", NULL, TEXT, 3000);
	gateway_wait(g, "the campaign is under way", "SELECT count(*) > 200 FROM v_msg WHERE state IN ('sent', 'delivered')", 20000);
	assert_int_equal(pthread_create(&h.thread, NULL, hold_lock, &h), 0);
	for (int64_t until = gateway_mono_ms() + 15000; !atomic_load(&h.held);)
		if (gateway_mono_ms() > until)
			fail_msg("the lock was never free");
	int64_t took_ms = message_asked(g, "locked", &status);
	pthread_join(h.thread, NULL);
	assert_int_equal(status, 503);
	assert_in_range(took_ms, 0, 6500);
	message_asked(g, "locked", &status);
	assert_int_equal(status, 200);
	snprintf(key, sizeof(key), "uid:%u:locked", (unsigned)geteuid());
	invariants_accepted(laws, key, 201);
	gateway_wait(g, "all left", "SELECT count(*) = 0 FROM v_msg WHERE " WAITING, 60000);
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM v_msg WHERE state IN ('sent', 'delivered')"), 3001);
	assert_int_equal(gateway_scalar(g, "SELECT epoch FROM v_meta"), 1);
	assert_int_equal(invariants_check(laws), 0);
	invariants_free(laws);
	gateway_stop(g);
}

/* ---- a full disk ---- */

#define DISK_MIB 420
#define LOW_MIB 100 /* below the 256 that the core wants free */

static int64_t free_bytes(const struct gateway *g)
{
	struct statvfs v;
	assert_int_equal(statvfs(g->data, &v), 0);
	return (int64_t)v.f_bavail * (int64_t)v.f_frsize;
}

/* A file that leaves so many bytes; 0 = none at all. */
static void fill_until(const struct gateway *g, int64_t leave_bytes)
{
	char path[GATEWAY_PATH_MAX + 16], zero[65536] = { 0 };
	snprintf(path, sizeof(path), "%s/filler", g->data);
	OWN(fd) int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	while (free_bytes(g) > leave_bytes) {
		int64_t left = free_bytes(g) - leave_bytes;
		if (write(fd, zero, (size_t)(left < (int64_t)sizeof(zero) ? left : (int64_t)sizeof(zero))) <= 0)
			break;
	}
}

static void give_room(const struct gateway *g)
{
	char path[GATEWAY_PATH_MAX + 16];
	snprintf(path, sizeof(path), "%s/filler", g->data);
	assert_int_equal(unlink(path), 0);
}

static bool wait_status(struct gateway *g, int wanted, int limit_ms)
{
	int64_t until = gateway_mono_ms() + limit_ms;
	int status = 0;
	for (int n = 0; status != wanted && gateway_mono_ms() < until; n++, gateway_pause_ms(100)) {
		char key[32];
		snprintf(key, sizeof(key), "disk-%d-%d", wanted, n);
		message_asked(g, key, &status);
	}
	return status == wanted;
}

/* Says it until it is taken: while the disk fills up, the command that asks the simulated phone to speak may be refused. */
static void say(struct gateway *g, int n)
{
	char from[32];
	snprintf(from, sizeof(from), "+8493%07d", n);
	for (int64_t until = gateway_mono_ms() + 10000; gateway_mono_ms() < until; gateway_pause_ms(50)) {
		OWN(json) json_t *reply = gateway_command(g, "loopback.say", json_pack("{s:s,s:s}", "from", from, "text",
										       "Nha toi muon hoi ve the bao hiem y te"));
		if (json_flag(reply, "ok", false))
			return;
	}
	fail_msg("message %d of a villager was not taken", n);
}

static void count_inbound(struct gateway *g, int n)
{
	char sql[96];
	snprintf(sql, sizeof(sql), "SELECT count(*) = %d FROM v_inbound WHERE state <> 'received'", n);
	gateway_wait(g, "what people said is stored and handled", sql, 10000);
}

static int setup_disk(void **state)
{
	char size[32];
	struct gateway *g = gateway_new(&(struct gateway_options){ .no_init = true });
	snprintf(size, sizeof(size), "size=%dm,mode=0700", DISK_MIB);
	*state = NULL;
	assert_int_equal(mkdir(g->data, 0700), 0);
	if (mount("tmpfs", g->data, "tmpfs", MS_NOSUID | MS_NODEV, size)) {
		fprintf(stderr, "skipped: a small disk cannot be mounted here: %s\n", strerror(errno));
		gateway_free(g);
		return 0;
	}
	gateway_init(g);
	*state = g;
	return 0;
}

static void a_full_disk_stops_sending_but_not_what_people_say(void **state)
{
	struct gateway *g = *state;
	int said = 0, status;
	if (!g)
		skip();
	gateway_start(g);
	message_asked(g, "first", &status);
	assert_int_equal(status, 200);
	say(g, said++);

	fill_until(g, (int64_t)LOW_MIB << 20);
	assert_true(wait_status(g, 503, 5000));
	int64_t messages = gateway_scalar(g, "SELECT count(*) FROM v_msg WHERE class <> 'optout_ack' AND client_key LIKE 'uid:%'");
	for (int i = 0; i < 20; i++)
		say(g, said++);
	count_inbound(g, said);

	fill_until(g, 0); /* nothing is left but the reserve */
	for (int i = 0; i < 200; i++)
		say(g, said++);
	count_inbound(g, said);
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM v_msg WHERE class <> 'optout_ack' AND client_key LIKE 'uid:%'"), messages);
	assert_int_equal(gateway_scalar(g, "SELECT epoch FROM v_meta"), 1);

	OWN(mem) char *log = gateway_log(g);
	assert_non_null(strstr(log, "disk.low"));
	assert_non_null(strstr(log, "disk.reserve"));

	give_room(g);
	assert_true(wait_status(g, 200, 5000));
	gateway_wait(g, "everything left in the end", "SELECT count(*) = 0 FROM v_msg WHERE " WAITING, 60000);
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM v_inbound"), said);
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
	gateway_stop(g);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_database_that_cannot_be_used_stops_the_start_with_the_way_back),
		cmocka_unit_test_setup_teardown(a_second_core_ends_within_a_second_and_touches_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_folder_mounted_elsewhere_is_in_use_too, setup, teardown),
		cmocka_unit_test_setup_teardown(a_locked_database_is_waited_for_then_refused_and_nothing_is_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_disk_stops_sending_but_not_what_people_say, setup_disk, teardown),
	};
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

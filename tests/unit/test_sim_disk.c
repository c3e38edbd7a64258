/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulator's disk: what it may lose and what not, and the real store on it. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/own.h"
#include "gateway/store/store.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/vfs.h"

#define ROOT "/sim"
#define FOLDER ROOT "/data"
#define DATABASE FOLDER "/caunoi.db"

struct place {
	struct disk *disk;
	struct random random;
	struct clock clock;
};

static void place_init(struct place *p, uint64_t seed)
{
	p->random = random_seeded(seed);
	p->clock = clock_simulated(1790000000000);
	assert_int_equal(disk_new(ROOT, &p->random, &p->disk), 0);
	assert_int_equal(disk_make_folder(p->disk, FOLDER), 0);
	assert_int_equal(disk_sync_all(p->disk), 0);
	vfs_use(&p->clock, &p->random, p->disk);
}

static void place_done(struct place *p)
{
	vfs_use(NULL, NULL, NULL);
	disk_free(p->disk);
}

static int install(void **state)
{
	(void)state;
	return vfs_install();
}

/* ---- plain files ---- */

static void write_file(const char *path, const char *text, bool sync)
{
	OWN(fd) int fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	if (sync)
		assert_int_equal(fdatasync(fd), 0);
}

static void read_file(const char *path, char *out, size_t room)
{
	OWN(fd) int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, out, room - 1);
	assert_true(n >= 0);
	out[n] = '\0';
}

static void cut_keeps_what_was_synced_and_may_lose_the_rest(void **state)
{
	(void)state;
	int kept = 0, lost = 0;
	for (uint64_t seed = 1; seed <= 64; seed++) {
		struct place p;
		char text[64];
		place_init(&p, seed);
		write_file(FOLDER "/ledger", "one\n", true);
		write_file(FOLDER "/ledger", "two\n", false);
		disk_halt(p.disk);
		disk_start(p.disk, DISK_POWER_CUT);
		read_file(FOLDER "/ledger", text, sizeof(text));
		assert_memory_equal(text, "one\n", 4);
		kept += !strcmp(text, "one\ntwo\n");
		lost += !strcmp(text, "one\n");
		place_done(&p);
	}
	assert_true(kept > 0);
	assert_true(lost > 0);
}

static void kill_loses_nothing(void **state)
{
	(void)state;
	struct place p;
	char text[64];
	place_init(&p, 1);
	write_file(FOLDER "/ledger", "one\n", false);
	disk_halt(p.disk);
	disk_start(p.disk, DISK_KILLED);
	read_file(FOLDER "/ledger", text, sizeof(text));
	assert_string_equal(text, "one\n");
	place_done(&p);
}

static void rename_is_sure_when_its_folder_is_synced(void **state)
{
	(void)state;
	for (int synced = 0; synced <= 1; synced++) {
		int undone = 0;
		for (uint64_t seed = 1; seed <= 32; seed++) {
			struct place p;
			place_init(&p, seed);
			write_file(FOLDER "/new", "x", true);
			assert_int_equal(rename(FOLDER "/new", FOLDER "/old"), 0);
			OWN(fd) int folder = open(FOLDER, O_RDONLY | O_DIRECTORY);
			if (synced)
				assert_int_equal(fsync(folder), 0);
			disk_halt(p.disk);
			disk_start(p.disk, DISK_POWER_CUT);
			undone += access(FOLDER "/new", F_OK) == 0;
			assert_true((access(FOLDER "/new", F_OK) == 0) != (access(FOLDER "/old", F_OK) == 0));
			place_done(&p);
		}
		assert_true(synced ? undone == 0 : undone > 0);
	}
}

static void file_made_anew_and_synced_survives_what_its_name_stood_for(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 16; seed++) {
		struct place p;
		char text[64];
		place_init(&p, seed);
		write_file(FOLDER "/log", "old\n", false);
		assert_int_equal(unlink(FOLDER "/log"), 0);
		write_file(FOLDER "/log", "new\n", true);
		OWN(fd) int folder = open(FOLDER, O_RDONLY | O_DIRECTORY);
		if (seed % 2)
			assert_int_equal(fsync(folder), 0);
		disk_halt(p.disk);
		disk_start(p.disk, DISK_POWER_CUT);
		read_file(FOLDER "/log", text, sizeof(text));
		assert_string_equal(text, "new\n");
		place_done(&p);
	}
}

static void failed_sync_is_not_made_good_by_a_later_one(void **state)
{
	(void)state;
	int lost = 0;
	for (uint64_t seed = 1; seed <= 32; seed++) {
		struct place p;
		char text[64];
		place_init(&p, seed);
		write_file(FOLDER "/ledger", "one\n", true);
		OWN(fd) int fd = open(FOLDER "/ledger", O_WRONLY | O_APPEND);
		assert_int_equal(write(fd, "two\n", 4), 4);
		disk_set_fault(p.disk, &(struct disk_fault){ .call = DISK_SYNC, .after = 1, .error = EIO });
		assert_int_equal(fdatasync(fd), -1);
		assert_int_equal(errno, EIO);
		assert_int_equal(fdatasync(fd), 0);
		read_file(FOLDER "/ledger", text, sizeof(text));
		assert_string_equal(text, "one\ntwo\n");
		disk_halt(p.disk);
		disk_start(p.disk, DISK_POWER_CUT);
		read_file(FOLDER "/ledger", text, sizeof(text));
		lost += strcmp(text, "one\ntwo\n") != 0;
		place_done(&p);
	}
	assert_true(lost > 0);
}

/* ---- the store ---- */

static struct store *open_store(enum store_mode mode)
{
	struct store *db = NULL;
	struct complaint c = { 0 };
	int r = store_open("sqlite", FOLDER, mode, &db, &c);
	if (r)
		fail_msg("%s: %s", c.file, c.text);
	return db;
}

static void make_store(struct place *p)
{
	struct store *db = open_store(STORE_CREATE);
	assert_int_equal(store_script(db, "CREATE TABLE pair (n INTEGER PRIMARY KEY, one BLOB, two BLOB) STRICT"), 0);
	store_close(db);
	assert_int_equal(disk_sync_all(p->disk), 0);
}

/* Commits until the fault strikes; how many said yes. */
static int64_t commit_pairs(struct store *db, int64_t n)
{
	for (int64_t i = 1; i <= n; i++) {
		char sql[200];
		snprintf(sql, sizeof(sql), "INSERT INTO pair (one, two) VALUES (zeroblob(%d), zeroblob(%d))", (int)(i * 37 % 3000),
			 (int)(i * 371 % 9000));
		int r = store_begin(db);
		if (!r)
			r = store_script(db, sql);
		if (!r)
			r = store_commit(db);
		if (!r && i % 5 == 0)
			r = store_checkpoint(db, i % 10 == 0);
		if (r)
			return store_rollback(db), i - 1;
	}
	return n;
}

static void committed_rows_survive_a_cut_at_every_call(void **state)
{
	(void)state;
	int64_t cuts = 0;
	for (int64_t after = 1;; after++) {
		struct place p;
		char problems[512];
		place_init(&p, (uint64_t)after);
		make_store(&p);
		struct store *db = open_store(STORE_READ_WRITE);
		disk_set_fault(p.disk, &(struct disk_fault){ .call = DISK_ANY, .after = after, .error = EIO, .lasting = true });
		int64_t sure = commit_pairs(db, 25);
		bool struck = disk_fault_struck(p.disk);
		disk_halt(p.disk);
		store_close(db);
		disk_start(p.disk, DISK_POWER_CUT);
		db = open_store(STORE_READ_WRITE);
		int64_t there = store_scalar(db, "SELECT count(*) FROM pair", -1);
		assert_true(there >= sure && there <= sure + 1);
		assert_int_equal(store_scalar(db, "SELECT max(n) FROM pair", 0), there);
		assert_int_equal(store_check(db, true, problems, sizeof(problems)), 0);
		store_close(db);
		place_done(&p);
		cuts++;
		if (!struck)
			break;
	}
	assert_true(cuts > 100);
	print_message("%lld cuts\n", (long long)cuts);
}

static void read_schema(char *ret, size_t room)
{
	OWN(fd) int fd = open("tests/fixtures/schema/older.sql", O_RDONLY);
	ssize_t n = read(fd, ret, room - 1);
	assert_true(n > 0 && (size_t)n < room - 1);
	ret[n] = '\0';
}

static void make_older_store(struct place *p, const char *schema)
{
	struct store *db = NULL;
	struct complaint c = { 0 };
	assert_int_equal(store_open_file(DATABASE, schema, &db, &c), 0);
	assert_int_equal(store_script(db, "INSERT INTO channel (name, state) VALUES ('cu', 'kept')"), 0);
	store_close(db);
	assert_int_equal(disk_sync_all(p->disk), 0);
}

/* As it was or as it shall be, never between; and the next start finishes it. */
static void upgrade_cut_anywhere_is_whole_or_has_not_begun(void **state)
{
	(void)state;
	static char schema[65536];
	int64_t before = 0, done = 0;
	read_schema(schema, sizeof(schema));
	for (int64_t after = 1;; after += after < 10 ? 1 : 4) {
		struct place p;
		struct store *db = NULL;
		struct complaint c = { 0 };
		char problems[512];
		place_init(&p, (uint64_t)after);
		make_older_store(&p, schema);
		disk_set_fault(p.disk, &(struct disk_fault){ .call = DISK_ANY, .after = after, .error = EIO, .lasting = true });
		int r = store_open("sqlite", FOLDER, STORE_READ_WRITE, &db, &c);
		bool struck = disk_fault_struck(p.disk);
		assert_true(struck || !r);
		disk_halt(p.disk);
		store_close(db);
		disk_start(p.disk, DISK_POWER_CUT);
		db = open_store(STORE_READ_ONLY);
		bool table = store_scalar(db, "SELECT count(*) FROM alarm", -1) == 0, column = store_scalar(db, "SELECT month_vnd FROM channel", -1) == 0;
		assert_true(table == column);
		before += !table;
		done += table;
		store_close(db);
		db = open_store(STORE_READ_WRITE);
		assert_int_equal(store_scalar(db, "SELECT count(*) FROM channel WHERE name = 'cu' AND state = 'kept' AND month_vnd = 0", -1), 1);
		assert_int_equal(store_scalar(db, "SELECT count(*) FROM alarm", -1), 0);
		assert_int_equal(store_check(db, true, problems, sizeof(problems)), 0);
		store_close(db);
		place_done(&p);
		if (!struck)
			break;
	}
	print_message("%lld cuts before, %lld after\n", (long long)before, (long long)done);
	assert_true(before > 10 && done > 0);
}

static void rows_written_without_sync_are_lost_by_some_cuts(void **state)
{
	(void)state;
	int lost = 0;
	for (uint64_t seed = 1; seed <= 16; seed++) {
		struct place p;
		place_init(&p, seed);
		make_store(&p);
		struct store *db = open_store(STORE_READ_WRITE);
		assert_int_equal(store_script(db, "PRAGMA synchronous=OFF"), 0);
		assert_int_equal(commit_pairs(db, 4), 4);
		assert_true(disk_unsynced_bytes(p.disk, DATABASE "-wal") > 0);
		disk_halt(p.disk);
		store_close(db);
		disk_start(p.disk, DISK_POWER_CUT);
		db = open_store(STORE_READ_WRITE);
		lost += store_scalar(db, "SELECT count(*) FROM pair", -1) < 4;
		store_close(db);
		place_done(&p);
	}
	assert_true(lost > 0);
}

/* The cache of a process that outlived its own failed sync shows what the disk never got. */
static void commits_after_a_failed_sync_and_a_restart_survive_a_cut(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 48; seed++) {
		struct place p;
		place_init(&p, seed);
		make_store(&p);
		struct store *db = open_store(STORE_READ_WRITE);
		assert_int_equal(commit_pairs(db, 3), 3);
		disk_set_fault(p.disk, &(struct disk_fault){ .call = DISK_SYNC, .after = 1, .error = EIO });
		assert_int_equal(commit_pairs(db, 1), 0);
		disk_halt(p.disk);
		store_close(db);
		disk_start(p.disk, DISK_KILLED);
		db = open_store(STORE_READ_WRITE);
		int64_t seen = store_scalar(db, "SELECT count(*) FROM pair", -1);
		assert_int_equal(commit_pairs(db, 3), 3);
		disk_halt(p.disk);
		store_close(db);
		disk_start(p.disk, DISK_POWER_CUT);
		db = open_store(STORE_READ_WRITE);
		assert_int_equal(store_scalar(db, "SELECT count(*) FROM pair", -1), seen + 3);
		store_close(db);
		place_done(&p);
	}
}

/* Changes many pages of the database in the first commit of a new log, whose sync fails. */
static void fail_the_first_commit_of_a_log(struct place *p, struct store *db, int64_t which)
{
	assert_int_equal(store_script(db, "CREATE INDEX pair_one ON pair (one)"), 0);
	assert_int_equal(commit_pairs(db, 40), 40);
	assert_int_equal(store_checkpoint(db, true), 0);
	disk_set_fault(p->disk, &(struct disk_fault){ .call = DISK_SYNC, .after = which, .error = EIO });
	assert_int_equal(store_begin(db), 0);
	assert_int_equal(store_script(db, "UPDATE pair SET one = randomblob(700), two = NULL"), 0);
	assert_int_equal(store_commit(db), E_BROKEN);
	disk_halt(p->disk);
	store_close(db);
	disk_start(p->disk, DISK_KILLED);
}

static void a_start_cut_short_after_a_failed_sync_leaves_a_sound_database(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 240; seed++) {
		struct place p;
		char problems[512];
		place_init(&p, seed);
		make_store(&p);
		fail_the_first_commit_of_a_log(&p, open_store(STORE_READ_WRITE), 1 + (int64_t)(seed % 2));
		disk_set_fault(p.disk, &(struct disk_fault){ .call = DISK_WRITE, .after = 1 + (int64_t)(seed % 60), .error = EIO, .lasting = true });
		struct complaint c = { 0 };
		struct store *db = NULL;
		if (!store_open("sqlite", FOLDER, STORE_READ_WRITE, &db, &c) && store_checkpoint(db, true))
			store_rollback(db);
		disk_halt(p.disk);
		store_close(db);
		disk_start(p.disk, DISK_POWER_CUT);
		db = open_store(STORE_READ_WRITE);
		if (store_check(db, true, problems, sizeof(problems)))
			fail_msg("seed %d: %s", (int)seed, problems);
		assert_int_equal(store_scalar(db, "SELECT count(*) FROM pair", -1), 40);
		store_close(db);
		place_done(&p);
	}
}

static void a_second_connection_reads_beside_the_first(void **state)
{
	(void)state;
	struct place p;
	place_init(&p, 3);
	make_store(&p);
	struct store *db = open_store(STORE_READ_WRITE), *look = open_store(STORE_READ_ONLY);
	assert_int_equal(store_begin(db), 0);
	assert_int_equal(store_script(db, "INSERT INTO pair (one) VALUES (x'00')"), 0);
	assert_int_equal(store_scalar(look, "SELECT count(*) FROM pair", -1), 0);
	assert_int_equal(store_commit(db), 0);
	assert_int_equal(store_scalar(look, "SELECT count(*) FROM pair", -1), 1);
	store_close(look);
	store_close(db);
	place_done(&p);
}

static void full_disk_refuses_and_recovers(void **state)
{
	(void)state;
	struct place p;
	place_init(&p, 4);
	make_store(&p);
	struct store *db = open_store(STORE_READ_WRITE);
	assert_int_equal(store_begin(db), 0);
	assert_int_equal(store_script(db, "INSERT INTO pair (one) VALUES (x'00')"), 0);
	disk_set_fault(p.disk, &(struct disk_fault){ .call = DISK_WRITE, .after = 1, .error = ENOSPC, .lasting = true });
	assert_int_equal(store_commit(db), E_UNAVAILABLE);
	disk_set_fault(p.disk, NULL);
	assert_int_equal(commit_pairs(db, 3), 3);
	assert_int_equal(store_scalar(db, "SELECT count(*) FROM pair", -1), 3);
	store_close(db);
	place_done(&p);
}

static void every_failed_allocation_ends_in_an_error_and_leaves_the_rows_whole(void **state)
{
	(void)state;
	for (int64_t after = 1; after < 400; after += 7) {
		struct place p;
		char problems[512];
		place_init(&p, (uint64_t)after);
		make_store(&p);
		struct store *db = open_store(STORE_READ_WRITE);
		disk_set_fault(p.disk, &(struct disk_fault){ .call = DISK_ALLOCATE, .after = after, .error = ENOMEM });
		int64_t sure = commit_pairs(db, 12);
		disk_set_fault(p.disk, NULL);
		store_rollback(db);
		store_close(db);
		db = open_store(STORE_READ_WRITE);
		int64_t there = store_scalar(db, "SELECT count(*) FROM pair", -1);
		assert_true(there >= sure && there <= sure + 1);
		assert_int_equal(store_check(db, true, problems, sizeof(problems)), 0);
		store_close(db);
		place_done(&p);
	}
}

/* E_INVALID would blame what was asked for, and what was said once would be set aside. */
static void statement_that_memory_did_not_suffice_for_says_so(void **state)
{
	(void)state;
	static const char *const sql[] = { "SELECT count(*) FROM pair WHERE n > $n" };
	static const struct sql_module module = { "test", sql, 1 };
	struct place p;
	place_init(&p, 6);
	make_store(&p);
	struct store *db = open_store(STORE_READ_WRITE);
	disk_set_fault(p.disk, &(struct disk_fault){ .call = DISK_ALLOCATE, .after = 1, .error = ENOMEM, .lasting = true });
	struct statement *st = store_prepare(db, &module, 0);
	bind_int(st, "$n", 0);
	assert_int_equal(store_row(st), E_NOMEM);
	disk_set_fault(p.disk, NULL);
	st = store_prepare(db, &module, 0);
	bind_int(st, "$n", 0);
	assert_int_equal(store_row(st), 1);
	store_reset(st);
	store_close(db);
	place_done(&p);
}

static void same_seed_same_bytes(void **state)
{
	(void)state;
	uint64_t hash[2];
	for (int i = 0; i < 2; i++) {
		struct place p;
		place_init(&p, 11);
		make_store(&p);
		struct store *db = open_store(STORE_READ_WRITE);
		assert_int_equal(commit_pairs(db, 9), 9);
		disk_halt(p.disk);
		store_close(db);
		disk_start(p.disk, DISK_POWER_CUT);
		hash[i] = disk_hash(p.disk);
		place_done(&p);
	}
	assert_true(hash[0] == hash[1]);
}

static void copy_holds_only_what_is_synced(void **state)
{
	(void)state;
	struct place p;
	struct disk *copy;
	struct random random = random_seeded(1);
	char text[64];
	place_init(&p, 5);
	write_file(FOLDER "/ledger", "one\n", true);
	write_file(FOLDER "/ledger", "two\n", false);
	assert_int_equal(disk_copy_durable(p.disk, "/look", &random, &copy), 0);
	read_file("/look/data/ledger", text, sizeof(text));
	assert_string_equal(text, "one\n");
	read_file(FOLDER "/ledger", text, sizeof(text));
	assert_string_equal(text, "one\ntwo\n");
	disk_free(copy);
	place_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_keeps_what_was_synced_and_may_lose_the_rest),
		cmocka_unit_test(kill_loses_nothing),
		cmocka_unit_test(rename_is_sure_when_its_folder_is_synced),
		cmocka_unit_test(file_made_anew_and_synced_survives_what_its_name_stood_for),
		cmocka_unit_test(failed_sync_is_not_made_good_by_a_later_one),
		cmocka_unit_test(committed_rows_survive_a_cut_at_every_call),
		cmocka_unit_test(upgrade_cut_anywhere_is_whole_or_has_not_begun),
		cmocka_unit_test(rows_written_without_sync_are_lost_by_some_cuts),
		cmocka_unit_test(commits_after_a_failed_sync_and_a_restart_survive_a_cut),
		cmocka_unit_test(a_start_cut_short_after_a_failed_sync_leaves_a_sound_database),
		cmocka_unit_test(a_second_connection_reads_beside_the_first),
		cmocka_unit_test(full_disk_refuses_and_recovers),
		cmocka_unit_test(every_failed_allocation_ends_in_an_error_and_leaves_the_rows_whole),
		cmocka_unit_test(statement_that_memory_did_not_suffice_for_says_so),
		cmocka_unit_test(same_seed_same_bytes),
		cmocka_unit_test(copy_holds_only_what_is_synced),
	};
	return cmocka_run_group_tests(tests, install, NULL);
}

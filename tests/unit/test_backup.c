/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of init, backup and restore: a data folder is never made over another, a backup is whole or not there, a restore
 * changes nothing until all is known to be good and forgets no stop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/backup.h"
#include "gateway/base/json.h"
#include "gateway/consent.h"
#include "gateway/flow.h"
#include "gateway/folder.h"
#include "gateway/init.h"
#include "gateway/lock.h"
#include "gateway/outbox.h"
#include "gateway/restore.h"
#include "gateway/store/store.h"
#include "tests/support/fixture.h"

static int local(struct fixture *f, const char *verb, const char *file, json_t **ret, struct complaint *c)
{
	struct local l = { .config = f->config, .clock = &f->clock, .random = &f->random };
	OWN(json) json_t *args = file ? json_pack("{s:s}", "file", file) : json_object();
	*c = (struct complaint){ 0 };
	return local_run(&l, verb, args, ret, c);
}

static void path_of(struct fixture *f, const char *name, char ret[160])
{
	snprintf(ret, 160, "%s/%s", f->data_dir, name);
}

static void opt_out(struct fixture *f, const char *number)
{
	int64_t address = fixture_address(f, number);
	assert_int_equal(consent_opt_out(fixture_begin(f), address, "campaign", NULL, NULL), 0);
	fixture_commit(f);
	clock_advance(&f->clock, 1000);
}

static void write_file(const char *file, const char *text)
{
	FILE *out = fopen(file, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void init_on_a_made_folder_changes_nothing(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *out = NULL;
	struct complaint c;
	struct stat st;
	assert_int_equal(strncmp(f->login, "cn_", 3), 0);
	assert_int_equal(stat(f->data_dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(store_scalar(f->db, "SELECT length(instance) FROM meta", 0), 8);
	assert_int_equal(local(f, "init", NULL, &out, &c), 0); /* also while a core has it open */
	assert_true(json_is_false(json_object_get(out, "changed")));
	assert_true(json_is_null(json_object_get(out, "login")));
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM account", 0), 1);
	fixture_free(f);
}

static void init_refuses_what_is_half_there_or_foreign(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	json_t *out = NULL;
	struct complaint c;
	char db[160], key[160], aside[160], tmp[160];
	fixture_close_core(f);
	path_of(f, "caunoi.db", db);
	path_of(f, "identity.key", key);
	path_of(f, "aside", aside);
	path_of(f, "init.tmp", tmp);
	assert_int_equal(rename(db, aside), 0);
	assert_int_equal(local(f, "init", NULL, &out, &c), E_CORRUPT);
	assert_non_null(strstr(c.text, "restore"));
	assert_int_equal(access(db, F_OK), -1);
	assert_int_equal(rename(aside, db), 0);
	assert_int_equal(rename(key, aside), 0);
	assert_int_equal(local(f, "init", NULL, &out, &c), E_CORRUPT);
	assert_int_equal(access(key, F_OK), -1);
	assert_int_equal(rename(aside, key), 0);
	/* cut short between key and database: begun again with the same key */
	unlink(db);
	assert_int_equal(mkdir(tmp, 0700), 0);
	assert_int_equal(local(f, "init", NULL, &out, &c), 0);
	assert_true(json_flag(out, "changed", false));
	json_decref(out);
	/* the folder itself a symlink */
	char real[160];
	snprintf(real, sizeof(real), "%s/real", f->dir);
	assert_int_equal(rename(f->data_dir, real), 0);
	assert_int_equal(symlink(real, f->data_dir), 0);
	assert_int_equal(local(f, "init", NULL, &out, &c), E_CORRUPT);
	unlink(f->data_dir);
	assert_int_equal(rename(real, f->data_dir), 0);
	fixture_free(f);
}

static void lock_is_one_holders(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct complaint c = { 0 };
	int one, two;
	assert_int_equal(lock_take(f->data_dir, &one, &c), 0);
	assert_int_equal(lock_take(f->data_dir, &two, &c), E_EXISTS);
	close(one);
	assert_int_equal(lock_take(f->data_dir, &two, &c), 0);
	close(two);
	assert_int_equal(lock_take_drivers(f->data_dir, 0, &one, &c), 0);
	assert_int_equal(lock_take_drivers(f->data_dir, 40, &two, &c), E_EXISTS);
	close(one);
	assert_int_equal(lock_take("/nonexistent/x", &one, &c), E_CORRUPT);
	assert_int_equal(chmod(f->data_dir, 0777), 0);
	assert_int_equal(lock_take(f->data_dir, &one, &c), E_CORRUPT);
	fixture_free(f);
}

static void backup_is_a_whole_private_copy(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *out = NULL, *again = NULL;
	json_t *no = NULL;
	struct complaint c;
	struct stat st;
	char file[160], inside[160];
	snprintf(file, sizeof(file), "%s/backup.db", f->dir);
	opt_out(f, "0912345601");
	assert_int_equal(local(f, "backup", file, &out, &c), 0); /* the core has the database open */
	assert_string_equal(json_str(out, "file", ""), file);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(local(f, "backup", file, &again, &c), 0); /* a backup may replace a backup */
	path_of(f, "backup.db", inside);
	assert_int_equal(local(f, "backup", inside, &no, &c), E_REFUSED);
	path_of(f, "caunoi.db", inside);
	assert_int_equal(local(f, "backup", inside, &no, &c), E_REFUSED);
	write_file(file, "letters of my grandmother");
	assert_int_equal(local(f, "backup", file, &no, &c), E_EXISTS);
	assert_int_equal(local(f, "backup", "/nonexistent/x.db", &no, &c), E_IO);
	assert_string_equal(c.file, "/nonexistent");
	fixture_free(f);
}

static void restore_keeps_the_old_and_todays_stops(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *made = NULL, *out = NULL, *checked = NULL, *chain = NULL;
	json_t *no = NULL;
	struct complaint c;
	char file[160], kept[200], off[64];
	int fd;
	snprintf(file, sizeof(file), "%s/backup.db", f->dir);
	opt_out(f, "0912345601");
	assert_int_equal(local(f, "backup", file, &made, &c), 0);
	opt_out(f, "0912345602");
	fixture_close_core(f);
	assert_int_equal(lock_take(f->data_dir, &fd, &c), 0);
	assert_int_equal(local(f, "restore", file, &no, &c), E_REFUSED); /* a core runs */
	close(fd);
	int r = local(f, "restore", file, &out, &c);
	if (r)
		fail_msg("restore: %d %s %s", r, c.file, c.text);
	snprintf(kept, sizeof(kept), "%s/%s", f->data_dir, json_str(out, "kept", ""));
	assert_int_equal(access(kept, F_OK), 0);
	fixture_open_core(f);
	struct scope in = fixture_scope(f);
	assert_int_equal(consent_scopes(&in, fixture_address(f, "0912345602"), off, sizeof(off)), 0);
	assert_string_equal(off, " campaign ");
	assert_int_equal(fixture_query(f, "audit.verify", "{}", &chain, NULL), 0);
	assert_true(json_flag(chain, "ok", false));
	fixture_close_core(f);
	assert_int_equal(local(f, "db.check", NULL, &checked, &c), 0);
	assert_true(json_flag(checked, "ok", false));
	fixture_open_core(f);
	fixture_free(f);
}

static int64_t put_message(struct fixture *f, const char *key, int64_t flow, const char *number)
{
	int64_t id = 0, address = fixture_address(f, number);
	assert_int_equal(outbox_put(fixture_begin(f), &(struct outbox_put){ .key = key, .flow = flow, .address = address, .text = "x",
									     .class = CLASS_SOCIAL_POLICY }, &id), 0);
	fixture_commit(f);
	return id;
}

static const char *state_of(struct fixture *f, int64_t id, json_t **keep)
{
	struct scope in = fixture_scope(f);
	json_decref(*keep);
	*keep = NULL;
	assert_int_equal(outbox_json(&in, id, false, keep), 0);
	return json_str(*keep, "state", "");
}

/* It may have left after the backup was made: nothing of it goes out again unless a person says so. */
static void restore_holds_back_what_waited(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *made = NULL, *out = NULL, *shown = NULL;
	struct complaint c;
	char file[160];
	int64_t flow = 0;
	snprintf(file, sizeof(file), "%s/backup.db", f->dir);
	assert_int_equal(flow_new(fixture_begin(f), "c", CLASS_SOCIAL_POLICY, &flow), 0);
	assert_int_equal(flow_set_state(&f->tick, flow, FLOW_RUNNING, 0), 0);
	fixture_commit(f);
	int64_t of_campaign = put_message(f, "k1", flow, "0912345601"), single = put_message(f, "k2", FLOW_SINGLE, "0912345602");
	OWN(json) json_t *group = NULL, *campaign = NULL;
	assert_int_equal(fixture_command(f, "group.add", "{\"name\":\"g\"}", &group, NULL), 0);
	assert_int_equal(fixture_command(f, "campaign.new", "{\"name\":\"later\",\"group\":\"g\",\"text\":\"a. TC\"}", &campaign, NULL), 0);
	assert_int_equal(store_script(f->db, "UPDATE campaign SET state = 'scheduled', start_at = 1"), 0);
	assert_int_equal(local(f, "backup", file, &made, &c), 0);
	fixture_close_core(f);
	assert_int_equal(local(f, "restore", file, &out, &c), 0);
	fixture_open_core(f);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM campaign WHERE state = 'approved'", -1), 1);
	assert_string_equal(state_of(f, of_campaign, &shown), "queued");
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM flow WHERE id > 2 AND state NOT IN ('paused', 'draft')", -1), 0);
	assert_string_equal(state_of(f, single, &shown), "cancelled");
	assert_string_equal(json_str(shown, "reason", ""), "restored");
	assert_int_equal(store_scalar(f->db, "SELECT cancelled * 10 + queued FROM flow WHERE id = 2", -1), 10);
	fixture_free(f);
}

static void harm_page(const char *file)
{
	FILE *out = fopen(file, "r+");
	assert_non_null(out);
	for (long at = 4096; at < 4096 * 30; at += 4096) {
		fseek(out, at, SEEK_SET);
		fputs("damage damage damage damage damage", out);
	}
	fclose(out);
}
static void harm_short(const char *file)
{
	assert_int_equal(truncate(file, 6000), 0);
}
static void harm_text(const char *file)
{
	write_file(file, "no database at all, but a text that is long enough to have a header of one hundred bytes and then some");
}
static void harm_missing(const char *file)
{
	unlink(file);
}
static void harm_empty(const char *file)
{
	assert_int_equal(truncate(file, 0), 0);
}
static void harm_version(const char *file)
{
	FILE *out = fopen(file, "r+");
	assert_non_null(out);
	fseek(out, 60, SEEK_SET);
	fwrite("\0\0\0\x63", 1, 4, out);
	fclose(out);
}

static void restore_refuses_what_is_not_good_and_changes_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		void (*harm)(const char *file);
		int result;
	} cases[] = {
		{ "pages damaged", harm_page, E_CORRUPT }, { "cut short", harm_short, E_CORRUPT }, { "a text", harm_text, E_CORRUPT },
		{ "missing", harm_missing, E_NOT_FOUND },  { "empty", harm_empty, E_CORRUPT },     { "newer", harm_version, E_NEWER },
	};
	struct fixture *f = fixture_new(NULL);
	char file[160];
	snprintf(file, sizeof(file), "%s/backup.db", f->dir);
	opt_out(f, "0912345601");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *made = NULL;
		json_t *no = NULL;
		struct complaint c;
		unlink(file);
		assert_int_equal(local(f, "backup", file, &made, &c), 0);
		fixture_close_core(f);
		cases[i].harm(file);
		int r = local(f, "restore", file, &no, &c);
		if (r != cases[i].result || strcmp(c.file, file) != 0)
			fail_msg("%s: %d %s %s", cases[i].label, r, c.file, c.text);
		fixture_open_core(f);
		assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM optout", -1), 1);
	}
	fixture_free(f);
}

static void init_says_what_is_wrong_with_a_database_that_is_there(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		void (*harm)(const char *file);
		int result;
	} cases[] = {
		{ "a text", harm_text, E_CORRUPT }, { "empty", harm_empty, E_CORRUPT }, { "newer", harm_version, E_NEWER },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(NULL);
		json_t *no = NULL;
		struct complaint c;
		char db[160];
		fixture_close_core(f);
		path_of(f, "caunoi.db", db);
		cases[i].harm(db);
		int r = local(f, "init", NULL, &no, &c);
		if (r != cases[i].result || strcmp(c.file, db) != 0 || strstr(c.text, "caunoi init"))
			fail_msg("%s: %d %s %s", cases[i].label, r, c.file, c.text);
		fixture_free(f);
	}
}

static void a_restore_into_no_folder_says_how_to_make_one(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *made = NULL;
	json_t *no = NULL;
	struct complaint c;
	char file[160], aside[160];
	snprintf(file, sizeof(file), "%s/backup.db", f->dir);
	snprintf(aside, sizeof(aside), "%s/aside", f->dir);
	assert_int_equal(local(f, "backup", file, &made, &c), 0);
	fixture_close_core(f);
	assert_int_equal(rename(f->data_dir, aside), 0);
	assert_int_equal(local(f, "restore", file, &no, &c), E_CORRUPT);
	assert_string_equal(c.file, f->data_dir);
	assert_non_null(strstr(c.text, "caunoi init"));
	assert_int_equal(rename(aside, f->data_dir), 0);
	fixture_free(f);
}

static void restore_refuses_the_backup_of_another_key(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL), *other = fixture_new(NULL);
	OWN(json) json_t *made = NULL;
	json_t *no = NULL;
	struct complaint c;
	char file[160], key[160];
	snprintf(file, sizeof(file), "%s/backup.db", f->dir);
	opt_out(f, "0912345601");
	assert_int_equal(local(f, "backup", file, &made, &c), 0);
	fixture_close_core(other);
	path_of(other, "identity.key", key);
	unlink(key);
	struct random r = random_seeded(99);
	assert_int_equal(seal_create(key, &r), 0);
	assert_int_equal(local(other, "restore", file, &no, &c), E_CORRUPT);
	assert_string_equal(c.rule, "other_key");
	fixture_free(f);
	fixture_free(other);
}

/* What stands in a file anywhere. */
static bool holds(const char *file, const char *text)
{
	OWN(mem) char *bytes = NULL;
	size_t n = 0, room = 0;
	FILE *in = fopen(file, "rb");
	assert_non_null(in);
	ssize_t got = getdelim(&bytes, &room, EOF, in);
	fclose(in);
	n = got > 0 ? (size_t)got : 0;
	return memmem(bytes, n, text, strlen(text)) != NULL;
}

static void backup_is_sealed_to_a_key_that_is_not_here(void **state)
{
	(void)state;
	char key[160], other[160], file[160], config[200];
	OWN(json) json_t *pair = NULL, *again = NULL, *second = NULL, *out = NULL, *in = NULL, *none = NULL;
	struct complaint c;
	struct fixture *maker = fixture_new(NULL);
	snprintf(key, sizeof(key), "/tmp/caunoi-test-%d.key", (int)getpid());
	snprintf(other, sizeof(other), "/tmp/caunoi-test-%d.other", (int)getpid());
	snprintf(file, sizeof(file), "/tmp/caunoi-test-%d.sealed", (int)getpid());
	assert_int_equal(local(maker, "backup-key", key, &pair, &c), 0);
	assert_int_equal(local(maker, "backup-key", key, &again, &c), E_EXISTS);
	assert_int_equal(local(maker, "backup-key", other, &second, &c), 0);
	fixture_free(maker);

	snprintf(config, sizeof(config), "backup = { public_key = \"%s\"; };", json_str(pair, "public_key", ""));
	struct fixture *f = fixture_new(config);
	opt_out(f, "+84912345678");
	assert_int_equal(local(f, "backup", file, &out, &c), 0);
	assert_false(holds(file, "SQLite format"));
	assert_false(holds(file, "CREATE TABLE"));
	assert_int_equal(local(f, "backup", file, &in, &c), 0); /* a sealed backup may replace one */
	fixture_close_core(f);
	struct local l = { .config = f->config, .clock = &f->clock, .random = &f->random };
	static const struct {
		const char *label;
		int key, cut, err;
	} cases[] = { { "no key", 0, 0, E_REFUSED }, { "another key", 2, 0, E_CORRUPT }, { "cut at a piece", 1, 1, E_CORRUPT }, { "right", 1, 0, 0 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *args = json_pack("{s:s}", "file", file), *restored = NULL;
		if (cases[i].key)
			json_object_set_new(args, "key-file", json_string(cases[i].key == 1 ? key : other));
		if (cases[i].cut) /* exactly behind the first piece: every box that is left is whole */
			assert_int_equal(truncate(file, 16 + 32 + 48 + 65536 + 16), 0);
		c = (struct complaint){ 0 };
		int r = local_run(&l, "restore", args, &restored, &c);
		if (r != cases[i].err)
			fail_msg("%s: %d %s %s", cases[i].label, r, c.file, c.text);
		if (cases[i].cut) {
			OWN(json) json_t *made = NULL;
			assert_int_equal(unlink(file), 0);
			assert_int_equal(local(f, "backup", file, &made, &c), 0);
		}
	}
	fixture_open_core(f);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM optout", -1), 1);
	fixture_free(f);
	unlink(key);
	unlink(other);
	unlink(file);
}

static bool there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* A plain copy of everything must not lie about because somebody pulled the plug. */
static void what_a_killed_backup_left_goes_and_what_is_being_written_stays(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	static const char *const left[] = { "backup.tmp-aaaaaa", "restore.tmp", "migrate.tmp" };
	OWN(mem) char *busy = NULL;
	int held = -1;
	assert_int_equal(folder_temporary(f->data_dir, "backup.tmp-", &busy, &held), 0);
	for (size_t i = 0; i < COUNT_OF(left); i++) {
		char folder[160], file[200];
		path_of(f, left[i], folder);
		snprintf(file, sizeof(file), "%s/caunoi.db", folder);
		assert_int_equal(mkdir(folder, 0700), 0);
		write_file(file, "plain");
	}
	backup_tidy(f->data_dir);
	for (size_t i = 0; i < COUNT_OF(left); i++) {
		char folder[160];
		path_of(f, left[i], folder);
		assert_false(there(folder));
	}
	assert_true(there(busy));
	close(held);
	/* the next backup does the same, also beside the file it writes */
	char file[160], beside[200], old[240];
	snprintf(file, sizeof(file), "%s/ngay.db", f->dir);
	snprintf(beside, sizeof(beside), "%s.tmp-bbbbbb", file);
	snprintf(old, sizeof(old), "%s/caunoi.db", beside);
	assert_int_equal(mkdir(beside, 0700), 0);
	write_file(old, "plain");
	OWN(json) json_t *out = NULL;
	struct complaint c;
	assert_int_equal(local(f, "backup", file, &out, &c), 0);
	assert_false(there(beside));
	assert_true(there(file));
	backup_tidy(f->data_dir);
	assert_false(there(busy));
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(init_on_a_made_folder_changes_nothing),
		cmocka_unit_test(init_refuses_what_is_half_there_or_foreign),
		cmocka_unit_test(lock_is_one_holders),
		cmocka_unit_test(backup_is_a_whole_private_copy),
		cmocka_unit_test(restore_keeps_the_old_and_todays_stops),
		cmocka_unit_test(restore_holds_back_what_waited),
		cmocka_unit_test(restore_refuses_what_is_not_good_and_changes_nothing),
		cmocka_unit_test(init_says_what_is_wrong_with_a_database_that_is_there),
		cmocka_unit_test(a_restore_into_no_folder_says_how_to_make_one),
		cmocka_unit_test(restore_refuses_the_backup_of_another_key),
		cmocka_unit_test(backup_is_sealed_to_a_key_that_is_not_here),
		cmocka_unit_test(what_a_killed_backup_left_goes_and_what_is_being_written_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

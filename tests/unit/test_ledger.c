/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the ledger: what was said survives a database that has forgotten it, in both directions, whatever tore the file. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "gateway/consent.h"
#include "gateway/ledger.h"
#include "gateway/ledger_line.h"
#include "gateway/store/store.h"
#include "tests/support/fixture.h"

/* The ledger's own calls, with a disk that fails once (the database's are the library's). */
static int sync_error, write_error;
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
ssize_t __real_write(int fd, const void *data, size_t n_bytes);
ssize_t __wrap_write(int fd, const void *data, size_t n_bytes);

int __wrap_fdatasync(int fd)
{
	if (!sync_error)
		return __real_fdatasync(fd);
	errno = sync_error;
	sync_error = 0;
	return -1;
}

ssize_t __wrap_write(int fd, const void *data, size_t n_bytes)
{
	if (!write_error)
		return __real_write(fd, data, n_bytes);
	errno = write_error;
	write_error = 0;
	return -1;
}

static void say(struct fixture *f, const char *number, const char *what)
{
	int64_t address = fixture_address(f, number);
	struct tick *t = fixture_begin(f);
	assert_int_equal(what[0] == '-' ? consent_opt_out(t, address, what + 1, NULL, NULL) : consent_opt_in(t, address, what + 1, NULL, NULL), 0);
	fixture_commit(f);
	clock_advance(&f->clock, 1000);
}

static void scopes_of(struct fixture *f, const char *number, char ret[200])
{
	struct scope in = fixture_scope(f);
	assert_int_equal(consent_scopes(&in, fixture_address(f, number), ret, 200), 0);
}

static int copy_file(const char *from, const char *to)
{
	char block[65536];
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	size_t n;
	while (in && out && (n = fread(block, 1, sizeof(block), in)) > 0)
		assert_int_equal(fwrite(block, 1, n, out), n);
	return in && out && !fclose(in) && !fclose(out) ? 0 : -1;
}

static void path_of(struct fixture *f, const char *name, char ret[160])
{
	snprintf(ret, 160, "%s/%s", f->data_dir, name);
}

/* The database as it was at this moment: closed, so that the log is in it. */
static void keep_database(struct fixture *f)
{
	char db[160], kept[160];
	path_of(f, "caunoi.db", db);
	path_of(f, "kept.db", kept);
	fixture_close_core(f);
	assert_int_equal(copy_file(db, kept), 0);
	fixture_open_core(f);
}

static void put_back_database(struct fixture *f)
{
	char db[160], kept[160], wal[160];
	path_of(f, "caunoi.db", db);
	path_of(f, "kept.db", kept);
	path_of(f, "caunoi.db-wal", wal);
	fixture_close_core(f);
	unlink(wal);
	assert_int_equal(copy_file(kept, db), 0);
	fixture_open_core(f);
}

static void ledger_old_database_honours_what_was_said_since(void **state)
{
	(void)state;
	SQLITE_ONLY("the file is put back");
	struct fixture *f = fixture_new(NULL);
	char off[200];
	say(f, "0912345601", "-campaign");
	say(f, "0912345602", "-topic:BHYT");
	keep_database(f);
	say(f, "0912345601", "+campaign");
	say(f, "0912345603", "-all");
	say(f, "0912345604", "-campaign");
	say(f, "0912345604", "+campaign");
	say(f, "0912345604", "-topic:NHAO");
	int64_t seq = f->core->seq;
	put_back_database(f);
	assert_true(f->core->seq >= seq);
	scopes_of(f, "0912345601", off);
	assert_string_equal(off, "");
	scopes_of(f, "0912345602", off);
	assert_string_equal(off, " topic:BHYT ");
	scopes_of(f, "0912345603", off);
	assert_string_equal(off, " all ");
	scopes_of(f, "0912345604", off);
	assert_string_equal(off, " topic:NHAO ");
	int64_t rows = store_scalar(f->db, "SELECT count(*) FROM optout", -1);
	assert_int_equal(rows, 5);
	fixture_close_core(f);
	fixture_open_core(f);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM optout", -1), rows);
	fixture_free(f);
}

static void ledger_number_put_back_can_be_written_to_again(void **state)
{
	(void)state;
	SQLITE_ONLY("the file is put back");
	struct fixture *f = fixture_new(NULL);
	keep_database(f);
	say(f, "0912345601", "-campaign");
	put_back_database(f);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM address WHERE length(sealed) = 0", -1), 1);
	fixture_address(f, "0912345601");
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM address", -1), 1);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM address WHERE length(sealed) = 0", -1), 0);
	fixture_free(f);
}

static void ledger_life_after_a_restore_without_it_is_told_apart(void **state)
{
	(void)state;
	SQLITE_ONLY("the file is put back");
	struct fixture *f = fixture_new(NULL);
	char off[200], ledger[160], aside[160];
	path_of(f, "ledger.log", ledger);
	path_of(f, "aside.log", aside);
	keep_database(f);
	say(f, "0912345601", "-campaign");
	assert_int_equal(rename(ledger, aside), 0); /* without it nothing is put back */
	put_back_database(f);
	scopes_of(f, "0912345601", off);
	assert_string_equal(off, "");
	for (int i = 0; i < 5; i++)
		say(f, "0912345602", i % 2 ? "+campaign" : "-campaign");
	int64_t seq = f->core->seq;
	fixture_close_core(f);
	assert_int_equal(rename(aside, ledger), 0);
	fixture_open_core(f);
	scopes_of(f, "0912345601", off);
	assert_string_equal(off, " campaign ");
	assert_true(store_scalar(f->db, "SELECT max(seq) FROM optout", -1) > seq);
	for (int i = 0; i < 2; i++) {
		int64_t rows = store_scalar(f->db, "SELECT count(*) FROM optout", -1);
		fixture_close_core(f);
		fixture_open_core(f);
		assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM optout", -1), rows);
	}
	fixture_free(f);
}

static int64_t add_person(struct fixture *f, const char *number, const char *name)
{
	char args[200];
	OWN(json) json_t *out = NULL;
	snprintf(args, sizeof(args), "{\"number\":\"%s\",\"name\":\"%s\",\"basis\":\"don\",\"group\":\"Thon 5\"}", number, name);
	assert_int_equal(fixture_command(f, "contact.add", args, &out, NULL), 0);
	return json_int(out, "id", 0);
}

static void erase(struct fixture *f, int64_t id)
{
	char args[100];
	OWN(json) json_t *out = NULL;
	snprintf(args, sizeof(args), "{\"id\":%lld,\"reason\":\"don xin xoa\"}", (long long)id);
	assert_int_equal(fixture_command(f, "contact.forget", args, &out, NULL), 0);
	clock_advance(&f->clock, 1000);
}

static int64_t of(struct fixture *f, const char *sql)
{
	return store_scalar(f->db, sql, -1);
}

static void ledger_old_database_forgets_who_was_erased_since(void **state)
{
	(void)state;
	SQLITE_ONLY("the file is put back");
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *sent = NULL;
	int64_t alone = add_person(f, "0912345601", "Po"), shared = add_person(f, "0912345602", "Mai");
	int64_t stays = add_person(f, "0912345602", "Lan"), waits = add_person(f, "0912345603", "Sin");
	assert_int_equal(fixture_command(f, "message.send", "{\"to\":\"0912345603\",\"text\":\"chao Sin\"}", &sent, NULL), 0);
	assert_int_equal(store_script(f->db, "INSERT INTO casefile (code, state, topics, kind, urgency, restricted, address, received_at, text, fold, changed_at, "
					     "wait_at) SELECT '482918', 'received', '[]', 'report', 'normal', 0, address, 1, 'duong hong', 'duong hong', 1, 5 "
					     "FROM person WHERE name = 'Sin'"), 0);
	keep_database(f);
	assert_int_equal(store_script(f->db, "UPDATE casefile SET state = 'closed'; UPDATE message SET state = 'sent'"), 0);
	erase(f, alone);
	erase(f, shared);
	erase(f, waits);
	assert_int_equal(of(f, "SELECT count(*) FROM person"), 1);
	put_back_database(f);
	assert_int_equal(of(f, "SELECT count(*) FROM person"), 1);
	assert_int_equal(of(f, "SELECT id FROM person"), stays);
	assert_int_equal(of(f, "SELECT members FROM grp"), 1);
	assert_int_equal(of(f, "SELECT count(*) FROM address WHERE length(sealed) > 0"), 1);
	assert_int_equal(of(f, "SELECT count(*) FROM message WHERE text IS NULL AND state = 'cancelled' AND reason = 'erased'"), 1);
	assert_int_equal(of(f, "SELECT cancelled FROM flow WHERE id = 2"), 1);
	assert_int_equal(of(f, "SELECT count(*) FROM casefile WHERE text = '' AND state = 'closed' AND wait_at IS NULL"), 1);
	assert_int_equal(of(f, "SELECT count(*) FROM case_move WHERE state_was = 'received' AND state = 'closed'"), 1);
	assert_int_equal(of(f, "SELECT count(*) FROM audit WHERE verb = 'contact.forget' AND actor = 'ledger'"), 3);
	fixture_free(f);
}

static void ledger_erasure_holds_for_those_who_were_there_and_once(void **state)
{
	(void)state;
	SQLITE_ONLY("the file is put back");
	struct fixture *f = fixture_new(NULL);
	char ledger[160], text[4000];
	int64_t first = add_person(f, "0912345601", "Po");
	keep_database(f);
	erase(f, first);
	put_back_database(f);
	int64_t again = add_person(f, "0912345601", "Po");
	int64_t audit = of(f, "SELECT max(seq) FROM audit"), seq = f->core->seq;
	for (int i = 0; i < 2; i++) {
		fixture_close_core(f);
		fixture_open_core(f);
		assert_int_equal(of(f, "SELECT count(*) FROM person"), 1);
		assert_int_equal(of(f, "SELECT id FROM person"), again);
	}
	assert_int_equal(of(f, "SELECT max(seq) FROM audit"), audit);
	assert_int_equal(f->core->seq, seq);
	assert_int_equal(of(f, "SELECT count(*) FROM erasure"), 1);
	path_of(f, "ledger.log", ledger);
	FILE *in = fopen(ledger, "r");
	assert_non_null(in);
	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	fclose(in);
	assert_non_null(strstr(text, "forget 1:"));
	assert_null(strstr(text, "912345601"));
	fixture_free(f);
}

static void ledger_that_lost_an_erasure_gets_it_again(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	char ledger[160];
	erase(f, add_person(f, "0912345601", "Po"));
	path_of(f, "ledger.log", ledger);
	fixture_close_core(f);
	assert_int_equal(truncate(ledger, 0), 0);
	fixture_open_core(f);
	fixture_close_core(f);
	fixture_open_core(f);
	/* a database that knows nothing of it, on a server as well as in a file */
	assert_int_equal(store_script(f->db, "INSERT INTO person (id, address, name, fold, basis, imported_at) SELECT person, address, 'Po', 'po', 'x', 0 FROM erasure;"
					     "DELETE FROM erasure"), 0);
	fixture_close_core(f);
	fixture_open_core(f);
	assert_int_equal(of(f, "SELECT count(*) FROM erasure WHERE number = 1"), 1);
	assert_int_equal(of(f, "SELECT count(*) FROM person"), 0);
	fixture_free(f);
}

static long size_of(const char *file)
{
	FILE *in = fopen(file, "r");
	assert_non_null(in);
	fseek(in, 0, SEEK_END);
	long n = ftell(in);
	fclose(in);
	return n;
}

static void ledger_lost_torn_or_damaged_file_is_made_whole(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	char ledger[160];
	path_of(f, "ledger.log", ledger);
	for (int i = 0; i < 10; i++) {
		char number[16];
		snprintf(number, sizeof(number), "09123456%02d", i);
		say(f, number, "-campaign");
	}
	long whole = size_of(ledger);
	for (long cut = whole; cut >= 0; cut -= 37) {
		fixture_close_core(f);
		assert_int_equal(truncate(ledger, cut), 0);
		fixture_open_core(f);
		assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM optout WHERE lifted_seq IS NULL", -1), 10);
		fixture_close_core(f);
		/* every row is said in the file again: an empty database learns all of them */
		fixture_open_core(f);
		assert_int_equal(store_script(f->db, "DELETE FROM optout; UPDATE address SET off = ''"), 0);
		fixture_close_core(f);
		fixture_open_core(f);
		if (store_scalar(f->db, "SELECT count(*) FROM address WHERE off = ' campaign '", -1) != 10)
			fail_msg("cut at %ld", cut);
	}
	fixture_free(f);
}

static int count_lines(struct fixture *f, const char *kind)
{
	char ledger[160], line[400];
	int n = 0;
	path_of(f, "ledger.log", ledger);
	FILE *in = fopen(ledger, "r");
	while (in && fgets(line, sizeof(line), in))
		n += !strncmp(line, kind, strlen(kind));
	if (in)
		fclose(in);
	return n;
}

static void ledger_that_cannot_be_kept_stops_the_core_and_is_made_whole_at_the_start(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		int write, sync;
	} cases[] = { { "write", EIO, 0 }, { "sync", 0, EIO }, { "sync, no room", 0, ENOSPC } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(NULL);
		say(f, "0912345601", "-campaign");
		int64_t address = fixture_address(f, "0912345602");
		struct tick *t = fixture_begin(f);
		assert_int_equal(consent_opt_out(t, address, "campaign", NULL, NULL), 0);
		write_error = cases[i].write;
		sync_error = cases[i].sync;
		print_message("%s\n", cases[i].label);
		assert_int_equal(core_tick_commit(f->core, t), E_BROKEN);
		assert_true(ledger_failed(f->core->ledger));
		fixture_close_core(f);
		fixture_open_core(f);
		assert_false(ledger_failed(f->core->ledger));
		assert_int_equal(count_lines(f, "off "), 2);
		assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM optout", -1), 2);
		fixture_free(f);
	}
}

static void ledger_without_room_waits_for_it_and_loses_no_line(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	int64_t due;
	write_error = ENOSPC;
	say(f, "0912345601", "-campaign");
	assert_true(ledger_waits(f->core->ledger));
	assert_false(ledger_failed(f->core->ledger));
	assert_int_equal(count_lines(f, "off "), 0);
	write_error = ENOSPC;
	say(f, "0912345602", "-campaign");
	assert_int_equal(count_lines(f, "off "), 0);
	assert_int_equal(ledger_duty(fixture_begin(f), &due), 0);
	fixture_commit(f);
	assert_false(ledger_waits(f->core->ledger));
	assert_int_equal(count_lines(f, "off "), 2);
	fixture_free(f);
}

static void ledger_symlink_is_refused(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct ledger *l = NULL;
	struct complaint c = { 0 };
	char ledger[160], real[160];
	path_of(f, "ledger.log", ledger);
	path_of(f, "real.log", real);
	assert_int_equal(rename(ledger, real), 0);
	assert_int_equal(symlink(real, ledger), 0);
	assert_int_equal(ledger_open(f->data_dir, &l, &c), E_CORRUPT);
	unlink(ledger);
	assert_int_equal(link(real, ledger), 0);
	assert_int_equal(ledger_open(f->data_dir, &l, &c), E_CORRUPT);
	fixture_free(f);
}

static void anchor(struct fixture *f)
{
	int64_t due;
	struct tick *t = fixture_begin(f);
	assert_int_equal(ledger_duty(t, &due), 0);
	assert_true(due > f->clock.sim_now_ms && due <= f->clock.sim_now_ms + 300000);
	fixture_commit(f);
}

static bool chain_good(struct fixture *f)
{
	OWN(json) json_t *out = NULL;
	assert_int_equal(fixture_query(f, "audit.verify", "{}", &out, NULL), 0);
	return json_flag(out, "ok", false);
}

static void ledger_heads_show_a_cut_audit(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	say(f, "0912345601", "-campaign");
	say(f, "0912345602", "-campaign");
	anchor(f);
	assert_true(chain_good(f));
	int64_t last = store_scalar(f->db, "SELECT max(seq) FROM audit", -1);
	assert_int_equal(store_script(f->db, "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)"), 0);
	assert_false(chain_good(f));
	OWN(json) json_t *out = NULL;
	assert_int_equal(fixture_query(f, "audit.verify", "{}", &out, NULL), 0);
	assert_int_equal(json_int(out, "first_bad", 0), last);
	assert_int_equal(ledger_note_restored(f->data_dir, last - 1, 0), 0);
	assert_true(chain_good(f));
	fixture_free(f);
}

static void ledger_lines_come_back(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "off", "off 1:00 campaign 1 2 00000000", "audit 1 2 3 4", "nothing 1 2 12345678" };
	struct ledger_line line = { .kind = LEDGER_LIFT, .optout = { .scope = "topic:BHYT", .seq = 5, .at = 6, .lifted_seq = 7, .lifted_at = 8,
								       .hash_key = 1, .hash = { 1, 2, 3 } } };
	struct ledger_line back;
	OWN(buffer) struct buffer b = { 0 };
	assert_int_equal(ledger_line_format(&line, &b), 0);
	b.data[b.n_bytes - 1] = '\0';
	assert_int_equal(ledger_line_parse(b.data, &back), 0);
	assert_int_equal(back.kind, LEDGER_LIFT);
	assert_string_equal(back.optout.scope, "topic:BHYT");
	assert_memory_equal(back.optout.hash, line.optout.hash, sizeof(line.optout.hash));
	assert_int_equal(ledger_line_seq(&back), 7);
	for (size_t i = 0; i + 1 < b.n_bytes; i++) {
		b.data[i] ^= 1;
		assert_int_equal(ledger_line_parse(b.data, &back), E_INVALID);
		b.data[i] ^= 1;
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(ledger_line_parse(bad[i], &back), E_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ledger_old_database_honours_what_was_said_since),
		cmocka_unit_test(ledger_number_put_back_can_be_written_to_again),
		cmocka_unit_test(ledger_life_after_a_restore_without_it_is_told_apart),
		cmocka_unit_test(ledger_old_database_forgets_who_was_erased_since),
		cmocka_unit_test(ledger_erasure_holds_for_those_who_were_there_and_once),
		cmocka_unit_test(ledger_that_lost_an_erasure_gets_it_again),
		cmocka_unit_test(ledger_lost_torn_or_damaged_file_is_made_whole),
		cmocka_unit_test(ledger_that_cannot_be_kept_stops_the_core_and_is_made_whole_at_the_start),
		cmocka_unit_test(ledger_without_room_waits_for_it_and_loses_no_line),
		cmocka_unit_test(ledger_symlink_is_refused),
		cmocka_unit_test(ledger_heads_show_a_cut_audit),
		cmocka_unit_test(ledger_lines_come_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

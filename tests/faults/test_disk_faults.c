/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk that fails under a running core: calls that end in EIO or ENOSPC at a chosen place (strace), and a drive that refuses writes
 * or flushes, upon which the kernel makes its file system read-only. After an error of input or output the core ends within a second and never
 * syncs again what failed once; after a full disk it goes on. Either way a start recovers and nothing acknowledged is missing.
 * What is not allowed here (tracing, mounting) is skipped with the reason. CAUNOI_FAULTS says how many places (4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/random.h"
#include "tests/support/drive.h"
#include "tests/support/load.h"
#include "tests/support/tracer.h"

#define FAULTS 4
#define DRIVE_BYTES ((int64_t)1 << 30)
#define END_MS 1000  /* from the fault to the end of the core */
#define LIFE_MS 2500 /* a core that lives longer than this after its drive broke does not stop */
#define FINISH_MS 60000
#define PAGE_BYTES 4096
#define NOISE_PAGES 12
#define NOISE_MS 700 /* a core that still runs then did not meet the noise */
#define FULL_CALLS 6 /* so many writes find no room, then there is some again */

struct faults {
	struct gateway *g;
	struct load *load;
	struct tracer tracer;
	struct drive *drive;
	struct random random;
	int n;
};

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

static void skip_because(const char *reason)
{
	if (!reason)
		return;
	fprintf(stderr, "skipped: %s\n", reason);
	skip();
}

/* Talks until the core is gone; true when it went. */
static bool talk(struct faults *f, int limit_ms)
{
	int64_t until = gateway_mono_ms() + limit_ms;
	for (int i = 0; tracer_lives(f->g) && gateway_mono_ms() < until; i++) {
		load_send(f->load, i % 2 ? "once" : "api");
		load_say(f->load);
		load_take(f->load, 200);
		gateway_pause_ms(5);
	}
	return !tracer_lives(f->g);
}

static void recover(struct faults *f, const char *where)
{
	gateway_db_close(f->g);
	assert_true(gateway_children_gone(f->g, 3000));
	gateway_start(f->g);
	load_check(f->load, 1, where);
}

/* ---- calls that fail ---- */

/* What a failed call of the database demands: the end, within a second, without another sync. */
static void check_end(const struct tracer_fault *fault, const char *where, int code)
{
	if (code <= 0)
		fail_msg("%s: the core ended with %d", where, code);
	if (fault->end_after_ms < 0 || fault->end_after_ms > END_MS)
		fail_msg("%s: the core ended %lld ms later", where, (long long)fault->end_after_ms);
	if (fault->syncs_after)
		fail_msg("%s: synced %d times after the error", where, fault->syncs_after);
}

/* One call of a running core fails with EIO. The database decides; without the ledger beside it, and without the folder's sync that
 * SQLite does not ask about, the core may go on. */
static void fail_call(struct faults *f, const char *call, int n)
{
	char where[64], inject[64];
	snprintf(where, sizeof(where), "EIO at %s %d", call, n);
	snprintf(inject, sizeof(inject), "%s:error=EIO:when=%d", call, n);
	tracer_arm(&f->tracer, f->g, "pwrite64,pread64,fdatasync,fsync", inject);
	gateway_spawn(f->g);
	bool gone = !gateway_wait_ready(f->g, 5000) || talk(f, LIFE_MS);
	load_forget(f->load);
	struct tracer_fault fault = tracer_fault(&f->tracer);
	assert_true(fault.seen);
	bool database = strstr(fault.file, "caunoi.db") != NULL;
	if (database && !gone)
		fail_msg("%s: the core went on after %s failed", where, fault.file);
	if (!gone)
		kill(f->g->core, SIGTERM);
	int code = gateway_wait_end(f->g, 15000);
	tracer_disarm(&f->tracer, f->g);
	if (database)
		check_end(&fault, where, code);
	recover(f, where);
	gateway_stop(f->g);
}

static void fail_calls(struct faults *f, const char *call, int first, uint32_t among)
{
	skip_because(tracer_why_not());
	for (int i = 0; i < f->n; i++)
		fail_call(f, call, first + (int)random_below(&f->random, among));
	gateway_start(f->g);
	load_finish(f->load, FINISH_MS);
}

static void a_sync_that_fails_ends_the_core_at_once_and_is_never_repeated(void **state)
{
	fail_calls(*state, "fdatasync", 1, 30);
}

static void a_write_that_fails_ends_the_core_at_once(void **state)
{
	fail_calls(*state, "pwrite64", 1, 200);
}

/* ---- a disk that is full for a while ---- */

static void fill_at(struct faults *f, int n)
{
	char where[64], inject[96];
	snprintf(where, sizeof(where), "ENOSPC at pwrite64 %d", n);
	snprintf(inject, sizeof(inject), "pwrite64:error=ENOSPC:when=%d..%d", n, n + FULL_CALLS - 1);
	tracer_arm(&f->tracer, f->g, "pwrite64", inject);
	gateway_spawn(f->g);
	if (!gateway_wait_ready(f->g, 5000))
		fail_msg("%s: the core did not become ready", where);
	if (talk(f, 1500))
		fail_msg("%s: the core ended", where);
	assert_true(load_take(f->load, 5000)); /* everybody got an answer */
	tracer_disarm(&f->tracer, f->g);
	load_check(f->load, 0, where);
	if (invariants_scalar(f->load->laws, "SELECT count(*) FROM o.accepted WHERE status NOT IN (201, 503)"))
		fail_msg("%s: a caller was told something else than done or unavailable", where);
	gateway_stop(f->g);
	assert_true(tracer_fault(&f->tracer).seen);
}

static void a_disk_that_is_full_for_a_moment_is_survived(void **state)
{
	struct faults *f = *state;
	skip_because(tracer_why_not());
	for (int i = 0; i < f->n; i++)
		fill_at(f, 60 + (int)random_below(&f->random, 200)); /* once it is ready */
	gateway_start(f->g);
	load_finish(f->load, FINISH_MS);
}

/* ---- a drive that breaks ---- */

static void refuse_writes(struct drive *d)
{
	drive_fail_writes(d, -1);
}

static void refuse_flushes(struct drive *d)
{
	drive_fail_flushes(d, -1);
}

static void refuse_one_flush(struct drive *d)
{
	drive_fail_flushes(d, 1);
}

static const struct {
	const char *label;
	void (*refuse)(struct drive *d);
} breaks[] = {
	{ "all writes fail", refuse_writes },
	{ "all flushes fail", refuse_flushes },
	{ "one flush fails, the next would work", refuse_one_flush },
};

static void break_drive(struct faults *f, size_t i)
{
	drive_plug(f->drive, f->g->data);
	invariants_open_again(f->load->laws);
	gateway_start(f->g);
	load_check(f->load, i ? 1 : 0, breaks[i].label);
	talk(f, 300);
	assert_true(load_take(f->load, 2000));
	breaks[i].refuse(f->drive);
	int64_t began = gateway_mono_ms();
	if (!talk(f, LIFE_MS))
		fail_msg("%s: the core went on", breaks[i].label);
	int64_t took = gateway_mono_ms() - began;
	load_forget(f->load);
	int code = gateway_wait_end(f->g, 5000);
	if (code <= 0 || took > END_MS)
		fail_msg("%s: the core ended with %d after %lld ms", breaks[i].label, code, (long long)took);
	fprintf(stderr, "%s: ended with %d after %lld ms\n", breaks[i].label, code, (long long)took);
	invariants_let_go(f->load->laws);
	gateway_db_close(f->g);
	drive_unplug(f->drive);
}

static void a_drive_that_breaks_ends_the_core_and_loses_nothing_acknowledged(void **state)
{
	struct faults *f = *state;
	skip_because(f->drive ? NULL : "no drive can be made here");
	for (size_t i = 0; i < COUNT_OF(breaks); i++)
		break_drive(f, i);
	drive_plug(f->drive, f->g->data);
	invariants_open_again(f->load->laws);
	gateway_start(f->g);
	load_check(f->load, 1, "the drive is whole again");
	load_finish(f->load, FINISH_MS);
}

/* ---- bytes that changed on the disk ---- */

static int64_t size_of(const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	return (int64_t)st.st_size;
}

static void swap_page(const char *path, int64_t at, uint8_t page[PAGE_BYTES], const uint8_t *other)
{
	OWN(fd) int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(pread(fd, page, PAGE_BYTES, at), PAGE_BYTES);
	assert_int_equal(pwrite(fd, other, PAGE_BYTES, at), PAGE_BYTES);
}

/* A core on a database with one page of noise: it ends with the way back, or has not read that page yet. True when it ended. */
static bool start_on_noise(struct faults *f, int64_t at)
{
	OWN(mem) char *text = NULL;
	int code = gateway_run(f->g, NOISE_MS, &text, NULL);
	if (code == -1)
		return false;
	if (code != 6 || !strstr(text, "caunoi restore") || !strstr(text, "caunoi.db"))
		fail_msg("page at %lld: the core ended with %d: %s", (long long)at, code, text);
	return true;
}

static void a_damaged_page_is_told_when_it_is_read_with_the_way_back(void **state)
{
	struct faults *f = *state;
	uint8_t noise[PAGE_BYTES], was[PAGE_BYTES], unused[PAGE_BYTES];
	int told = 0;
	gateway_start(f->g);
	load_campaign(f->load, "api", 5);
	talk(f, 500);
	load_finish(f->load, FINISH_MS);
	gateway_db_close(f->g);
	invariants_let_go(f->load->laws);
	random_fill(&f->random, noise, sizeof(noise));
	for (int i = 0; i < NOISE_PAGES; i++) {
		int64_t at = PAGE_BYTES * (1 + (int64_t)random_below(&f->random, (uint32_t)(size_of(f->g->database) / PAGE_BYTES - 1)));
		swap_page(f->g->database, at, was, noise);
		told += start_on_noise(f, at);
		assert_true(gateway_children_gone(f->g, 3000));
		swap_page(f->g->database, at, unused, was);
	}
	fprintf(stderr, "%d of %d damaged pages were told at the start\n", told, NOISE_PAGES);
	invariants_open_again(f->load->laws);
	assert_true(told > 0);
}

static void drop_log(const char *path)
{
	assert_int_equal(unlink(path), 0);
}

static void cut_log(const char *path)
{
	assert_int_equal(truncate(path, size_of(path) / 4), 0);
}

static size_t count_of(const char *text, const char *word)
{
	size_t n = 0;
	for (; (text = strstr(text, word)); text += strlen(word))
		n++;
	return n;
}

/* The end of the log cannot be told from commits that never were; what the ledger beside it holds is, and is put back. */
static void a_log_that_lost_its_end_is_told_by_the_ledger_and_opt_outs_hold(void **state)
{
	static void (*const harms[])(const char *path) = { cut_log, drop_log };
	struct faults *f = *state;
	char path[GATEWAY_PATH_MAX + 8];
	snprintf(path, sizeof(path), "%s-wal", f->g->database);
	for (size_t i = 0; i < COUNT_OF(harms); i++) {
		gateway_start(f->g); /* the log is empty, so what follows is in it */
		f->load->n_groups = (int)i + 1;
		load_opt_out(f->load);
		assert_true(load_take(f->load, 2000));
		gateway_pause_ms(100);
		gateway_kill(f->g);
		assert_true(gateway_children_gone(f->g, 3000));
		gateway_db_close(f->g);
		invariants_let_go(f->load->laws);
		harms[i](path);
		gateway_start(f->g);
		invariants_open_again(f->load->laws);
		assert_int_equal(invariants_scalar(f->load->laws, "SELECT count(*) FROM v_optout WHERE lifted_seq IS NULL"), i + 1);
		OWN(mem) char *log = gateway_log(f->g);
		assert_int_equal(count_of(log, "ledger.older"), i + 1);
		gateway_stop(f->g);
	}
}

/* ---- the world ---- */

static struct faults *faults_new(bool init)
{
	struct faults *f = calloc(1, sizeof(*f));
	struct random real = random_real();
	assert_non_null(f);
	uint64_t seed = number_of("CAUNOI_SEED", 1 + random_below(&real, 1000000000));
	fprintf(stderr, "CAUNOI_SEED=%llu\n", (unsigned long long)seed);
	f->random = random_seeded(seed);
	f->n = (int)number_of("CAUNOI_FAULTS", FAULTS);
	f->g = gateway_new(&(struct gateway_options){ .channels = load_channels_no_modem, .no_init = !init });
	return f;
}

static int up(void **state)
{
	struct faults *f = faults_new(true);
	f->load = load_new(f->g);
	*state = f;
	return 0;
}

static int up_on_drive(void **state)
{
	struct faults *f = faults_new(false);
	const char *lacks = NULL;
	*state = f;
	assert_int_equal(mkdir(f->g->data, 0700), 0);
	f->drive = drive_new(f->g->dir, DRIVE_BYTES, &lacks);
	if (!f->drive) {
		fprintf(stderr, "%s\n", lacks);
		return 0;
	}
	drive_plug(f->drive, f->g->data);
	gateway_init(f->g);
	f->load = load_new(f->g);
	invariants_let_go(f->load->laws);
	drive_eject(f->drive);
	return 0;
}

static int down(void **state)
{
	struct faults *f = *state;
	load_free(f->load);
	gateway_kill(f->g);
	gateway_db_close(f->g);
	drive_free(f->drive);
	gateway_free(f->g);
	free(f);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_sync_that_fails_ends_the_core_at_once_and_is_never_repeated, up, down),
		cmocka_unit_test_setup_teardown(a_write_that_fails_ends_the_core_at_once, up, down),
		cmocka_unit_test_setup_teardown(a_disk_that_is_full_for_a_moment_is_survived, up, down),
		cmocka_unit_test_setup_teardown(a_damaged_page_is_told_when_it_is_read_with_the_way_back, up, down),
		cmocka_unit_test_setup_teardown(a_log_that_lost_its_end_is_told_by_the_ledger_and_opt_outs_hold, up, down),
		cmocka_unit_test_setup_teardown(a_drive_that_breaks_ends_the_core_and_loses_nothing_acknowledged, up_on_drive, down),
	};
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The spool's file on a disk that may be cut at every call: what was put stays, what was cut short stops no start. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/spool.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/vfs.h"

#define ROOT "/sim"
#define FOLDER ROOT "/data"
#define ENTRIES_MAX 16

struct place {
	struct disk *disk;
	struct random random;
	struct clock clock;
	struct seal *seal;
};

static void place_init(struct place *p, uint64_t seed)
{
	static const uint8_t key[32] = { 7 };
	p->random = random_seeded(seed);
	p->clock = clock_simulated(1790000000000);
	assert_int_equal(seal_from_bytes(key, &p->seal), 0);
	assert_int_equal(disk_new(ROOT, &p->random, &p->disk), 0);
	assert_int_equal(disk_make_folder(p->disk, FOLDER), 0);
	assert_int_equal(disk_sync_all(p->disk), 0);
	vfs_use(&p->clock, &p->random, p->disk);
}

static void place_done(struct place *p)
{
	vfs_use(NULL, NULL, NULL);
	disk_free(p->disk);
	seal_free(p->seal);
}

static int install(void **state)
{
	(void)state;
	return vfs_install();
}

static void set_fault(struct place *p, int64_t after)
{
	disk_set_fault(p->disk, &(struct disk_fault){ .call = DISK_ANY, .after = after, .error = EIO, .lasting = true });
}

static struct spool *open_spool(struct place *p)
{
	struct spool *s = NULL;
	struct complaint c = { 0 };
	int r = spool_open(FOLDER, p->seal, &p->random, &s, &c);
	if (r)
		fail_msg("%s: %s: %s", c.file, c.text, err_text(r));
	return s;
}

static int put(struct spool *s, int n)
{
	OWN(json) json_t *entry = json_pack("{s:s,s:i}", "channel", "sim1", "n", n);
	assert_non_null(entry);
	return spool_put(s, (json_t *[]){ entry }, 1, 1790000000000);
}

static int forget_all(struct spool *s)
{
	struct spooled e[ENTRIES_MAX];
	size_t n = 0;
	int r = spool_read(s, e, ENTRIES_MAX, &n);
	int64_t last = !r && n ? e[n - 1].id : 0;
	for (size_t i = 0; !r && i < n; i++)
		spooled_done(&e[i]);
	return r ? r : spool_forget(s, last);
}

static bool holds(struct place *p, struct spool *s, int n)
{
	struct spooled e[ENTRIES_MAX];
	size_t n_read = 0;
	bool found = false;
	assert_int_equal(spool_read(s, e, ENTRIES_MAX, &n_read), 0);
	for (size_t i = 0; i < n_read; i++) {
		OWN(json) json_t *entry = NULL;
		assert_int_equal(spooled_open(p->seal, e[i].box, e[i].n_box, &entry), 0);
		found = found || json_int(entry, "n", -1) == n;
		spooled_done(&e[i]);
	}
	return found;
}

/* The last entry that was taken in (0: none) in a first life, from no file to a second opening and a new log. */
static int live(struct place *p)
{
	struct spool *s = NULL;
	struct complaint c = { 0 };
	int kept = 0;
	int r = spool_open(FOLDER, p->seal, &p->random, &s, &c);
	if (!r && !(r = put(s, 1)))
		kept = 1;
	if (!r) {
		r = forget_all(s);
		kept = 0; /* what was to be forgotten may be, even if that failed */
	}
	spool_close(MOVE(s));
	if (!r)
		r = spool_open(FOLDER, p->seal, &p->random, &s, &c);
	if (!r && !(r = put(s, 2)))
		kept = 2;
	if (disk_fault_struck(p->disk))
		disk_halt(p->disk);
	spool_close(s);
	return kept;
}

static void what_was_put_survives_an_end_at_every_call(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		enum disk_end end;
	} cases[] = { { "power cut", DISK_POWER_CUT }, { "killed", DISK_KILLED } };
	for (size_t i = 0; i < 2; i++) {
		bool struck = true;
		int64_t ends = 0;
		for (int64_t after = 1; struck; after++, ends++) {
			struct place p;
			place_init(&p, (uint64_t)after);
			set_fault(&p, after);
			int kept = live(&p);
			struck = disk_fault_struck(p.disk);
			disk_halt(p.disk);
			disk_start(p.disk, cases[i].end);
			struct spool *s = open_spool(&p);
			if (kept && !holds(&p, s, kept))
				fail_msg("%s at call %lld: entry %d is lost", cases[i].label, (long long)after, kept);
			assert_int_equal(put(s, 3), 0);
			assert_true(holds(&p, s, 3));
			spool_close(s);
			place_done(&p);
		}
		assert_true(ends > 30);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_survives_an_end_at_every_call),
	};
	return cmocka_run_group_tests(tests, install, NULL);
}

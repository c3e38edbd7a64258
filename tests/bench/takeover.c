/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a dead core is missed: from its SIGKILL in the middle of campaigns to the first message that the core standing by hands to a
 * channel. On a server of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tests/bench/rig.h"
#include "tests/support/pgworld.h"

#define PEOPLE 3000
#define BUSY_MS 1500
#define LIMIT_MS 60000

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* When the core of a later epoch handed over its first message. */
static int64_t first_of(struct gateway *g, int64_t epoch)
{
	char sql[128];
	snprintf(sql, sizeof(sql), "SELECT coalesce(min(handed_at), 0) FROM v_attempt WHERE epoch > %lld", (long long)epoch);
	for (int64_t until = gateway_mono_ms() + LIMIT_MS, at = 0; gateway_mono_ms() < until; gateway_pause_ms(100))
		if ((at = gateway_scalar(g, sql)) > 0)
			return at;
	fail_msg("nobody took over");
	return 0;
}

void takeover_run(struct bench *b)
{
	if (!getenv("CAUNOI_TEST_SERVER")) {
		report_say(&b->report, "takeover: PostgreSQL is not installed");
		return;
	}
	report_say(&b->report, "takeover: the active core is killed in the middle of campaigns");
	struct pgworld *w = pgworld_new(&(struct pgworld_options){ .people = PEOPLE });
	struct gateway *first = w->g, *other = pgworld_join(w, "hai");
	gateway_start(other);
	pgworld_talk(w, BUSY_MS);
	int64_t epoch = gateway_scalar(first, "SELECT max(epoch) FROM v_attempt"), killed = now_ms();
	kill(first->core, SIGKILL);
	gateway_kill(first);
	int64_t at = first_of(other, epoch);
	report_add(&b->report, (struct figure){ "takeover", "killed -> first message of the other core", "s", (double)(at - killed) / 1000.0,
						.aim = "<= 10 s", .aim_value = 10 });
	pgworld_leave(other);
	pgworld_free(w);
}

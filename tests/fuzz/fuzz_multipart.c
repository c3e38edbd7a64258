// SPDX-License-Identifier: GPL-3.0-or-later
/* Parts of long messages as a script of six bytes each: sender, reference, total, part, width, text. In the end nothing waits
 * and nothing is lost: every row was handled, joined to another, or put aside with a reason. */
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/inbox.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/sim_driver.h"

#define STEP_BYTES 6
#define STEPS_MAX 24
#define WAIT_MS (11 * 60000)
#define RUNS_A_CORE 64 /* then a new database: rows of old runs would slow the new ones */

static int intake(struct tick *t, const struct inbound *in, struct handled *ret)
{
	(void)t;
	LAW(in->parts_missing >= 0 && in->parts_missing < 255);
	*ret = (struct handled){ .kind = "filed", .handled_by = "test", .result = "filed", .why = "test" };
	return 0;
}

struct bench {
	struct fixture *f;
	struct peer *p;
	int runs;
};

static void renew(struct bench *b)
{
	if (b->f)
		fixture_free(b->f);
	b->f = fixture_new(SIM_CONFIG(""));
	b->f->wiring.intake = intake;
	b->p = sim_driver_connect(b->f, 0, SIM_MODEM);
	b->runs = 0;
}

static void bring(struct bench *b, const uint8_t *step)
{
	static const char *const texts[] = { "mot ", "hai ", "ba", "", "tc", "\xE1\xBA\xA1", "nha toi bi dot", "mot " };
	/* mostly headers that could be true, sometimes any */
	int total = step[2] & 0x80 ? step[2] & 0x7F : 1 + step[2] % 5, part = step[3] & 0x80 ? step[3] & 0x7F : 1 + step[3] % 5;
	sim_driver_say(b->p,
		       "{\"op\":\"inbound\",\"id\":\"i%lld\",\"from\":\"09123456%02d\",\"text\":\"%s\",\"udh\":{\"ref\":%d,\"total\":%d,"
		       "\"part\":%d,\"bits\":%d}}",
		       (long long)sim_int(b->f, "SELECT count(*) FROM inbound"), step[0] % 3, texts[step[5] % COUNT_OF(texts)], step[1] % 4,
		       total == 0x7F ? 255 : total, part, step[4] & 1 ? 16 : 8);
	sim_tick(b->f);
	sim_driver_count(b->p, "stored"); /* reads what the core answered */
	if (step[4] & 0x40)
		sim_wait(b->f, step[4] & 0x20 ? WAIT_MS : 60000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bench b;
	if (!b.f || ++b.runs > RUNS_A_CORE)
		renew(&b);
	for (size_t i = 0; i < STEPS_MAX && (i + 1) * STEP_BYTES <= size; i++)
		bring(&b, data + i * STEP_BYTES);
	for (int i = 0; i < 40 && sim_int(b.f, "SELECT count(*) FROM inbound WHERE state = 'waiting'"); i++)
		sim_wait(b.f, WAIT_MS);
	LAW(sim_int(b.f, "SELECT count(*) FROM inbound WHERE state = 'waiting'") == 0);
	LAW(sim_int(b.f, "SELECT count(*) FROM inbound WHERE state = 'joined' AND joined_to IS NULL") == 0);
	LAW(sim_int(b.f, "SELECT count(*) FROM inbound i LEFT JOIN inbound h ON h.id = i.joined_to WHERE i.state = 'joined' AND "
			 "(h.id IS NULL OR h.state IN ('waiting', 'joined'))") == 0);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eight drivers on eight simulated modems, faults at random for as long as it is told, messages both ways. In the end: no
 * attempt without exactly one result, no text shown twice, what was accepted was shown and what was not sent was not,
 * nothing that villagers wrote is missing, memory and descriptors as at the start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/support/modemrig.h"

#define MODEMS 8
#define DEADLINE_S 12
#define ROUND_MS 500
#define HEAL_MS 120000
#define MEMORY_KB (16 * 1024)
#define DESCRIPTORS 16

#define FAULT(text) "{\"op\":\"script\",\"clear\":true,\"faults\":[{" text "}]}"
static const char *const faults[] = {
	FAULT("\"on\":\"cmgs\",\"action\":\"cms\",\"code\":38"),
	FAULT("\"on\":\"cmgs\",\"action\":\"cms\",\"code\":500"),
	FAULT("\"on\":\"cmgs\",\"action\":\"cms_at_prompt\",\"code\":302"),
	FAULT("\"on\":\"cmgs\",\"action\":\"no_prompt\""),
	FAULT("\"on\":\"cmgs\",\"action\":\"silent\""),
	FAULT("\"on\":\"cmgs\",\"action\":\"drop\""),
	FAULT("\"on\":\"cmgs\",\"action\":\"garbage\",\"accept\":true"),
	FAULT("\"on\":\"cmgs\",\"action\":\"half\",\"accept\":true"),
	FAULT("\"on\":\"cmgs\",\"action\":\"no_ok\""),
	FAULT("\"on\":\"cmgs\",\"action\":\"dup_answer\""),
	FAULT("\"on\":\"cmgs\",\"action\":\"slow\",\"ms\":1500"),
	FAULT("\"on\":\"cmgs\",\"action\":\"urc_inside\""),
	FAULT("\"on\":\"cmgs\",\"action\":\"reset\""),
	FAULT("\"on\":\"cmgs\",\"action\":\"unplug\",\"ms\":1000,\"accept\":true"),
	FAULT("\"on\":\"csq\",\"action\":\"drop\""),
	FAULT("\"on\":\"cmgd\",\"action\":\"cms\",\"code\":500"),
	FAULT("\"on\":\"cmgl\",\"action\":\"drop\""),
	"{\"op\":\"unplug\",\"ms\":1500}",
	"{\"op\":\"hang\",\"ms\":3000}",
	"{\"op\":\"reset\"}",
	"{\"op\":\"registration\",\"stat\":2}",
	"{\"op\":\"registration\",\"stat\":1}",
	"{\"op\":\"urc\",\"text\":\"Call Ready\",\"times\":50}",
	"{\"op\":\"urc\",\"text\":\"\\u0001\\u007fJ>> 0791\",\"raw\":true}",
};

struct station {
	struct modemrig rig;
	size_t from;      /* frames before the attempt under way */
	int starts;       /* drivers started before it */
	int n_sent, n_written;
	int counts[4];    /* accepted, refused, not_sent, unclear */
	char outcome[65536]; /* of each attempt: a r n u, e = the driver ended before */
};

static uint32_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*seed >> 33);
}

static void name_attempt(const struct station *s, int n, char ret[32])
{
	snprintf(ret, 32, "a%d of %zu", n, (size_t)s->rig.modem.pid);
}

static void send_one(struct station *s)
{
	char attempt[32];
	name_attempt(s, s->n_sent, attempt);
	modemrig_listen(&s->rig, 0);
	s->from = modemrig_n(&s->rig);
	s->starts = s->rig.n_starts;
	modemrig_say(&s->rig, json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i}", "op", "submit", "attempt", attempt, "to", HANDSET, "text", attempt,
					"encoding", "gsm7", "part", 1, "parts", 1));
}

static void wait_result(struct station *s)
{
	char attempt[32], kind = 'e';
	name_attempt(s, s->n_sent, attempt);
	for (int64_t until = modemrig_now_ms() + HEAL_MS; kind == 'e'; modemrig_listen(&s->rig, 20)) {
		for (size_t i = s->from; i < modemrig_n(&s->rig) && kind == 'e'; i++)
			if (modemrig_fits(json_array_get(s->rig.frames, i), "result", "attempt", attempt))
				kind = *json_str(json_array_get(s->rig.frames, i), "outcome", "?");
		if (kind == 'e' && s->rig.n_starts != s->starts)
			break; /* its driver ended before it had the frame */
		if (modemrig_now_ms() > until)
			fail_msg("no result of %s", attempt);
	}
	s->outcome[s->n_sent++] = kind;
}

static void villager_writes(struct station *s)
{
	char text[32];
	snprintf(text, sizeof(text), "dan viet %d", s->n_written++);
	modemrig_tell(&s->rig, json_pack("{s:s,s:s,s:s}", "op", "deliver", "from", VILLAGER, "text", text));
}

/* Everything mended; a message goes out, and the SIM is empty. */
static void heal(struct station *s)
{
	simmodem_tell(&s->rig.modem, "{\"op\":\"script\",\"clear\":true}");
	simmodem_tell(&s->rig.modem, "{\"op\":\"release\"}");
	simmodem_tell(&s->rig.modem, "{\"op\":\"plug\"}");
	simmodem_tell(&s->rig.modem, "{\"op\":\"registration\",\"stat\":1}");
	for (int64_t until = modemrig_now_ms() + HEAL_MS; s->outcome[s->n_sent ? s->n_sent - 1 : 0] != 'a';) {
		if (modemrig_now_ms() > until)
			fail_msg("a modem does not work again");
		modemrig_listen(&s->rig, ROUND_MS);
		send_one(s);
		wait_result(s);
	}
	modemrig_wait_empty(&s->rig);
}

static int descriptors(pid_t pid)
{
	char path[64];
	int n = -2;
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	DIR *d = opendir(path);
	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static long resident_kb(pid_t pid)
{
	char path[64], line[128];
	long kb = -1;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) && sscanf(line, "VmHWM: %ld kB", &kb) != 1)
		;
	fclose(f);
	return kb;
}

static void check(struct station *s)
{
	for (int i = 0; i < s->n_sent; i++) {
		char attempt[32];
		name_attempt(s, i, attempt);
		int heard = modemrig_heard(&s->rig, attempt);
		size_t results = modemrig_count(&s->rig, "result", "attempt", attempt);
		char kind = s->outcome[i];
		if (results != (kind != 'e'))
			fail_msg("%s: %zu results", attempt, results);
		if (heard > 1 || (kind == 'a' && heard != 1) || (kind == 'n' && heard) || (kind == 'r' && heard))
			fail_msg("%s: outcome %c, heard %d times", attempt, kind, heard);
		s->counts[kind == 'a' ? 0 : kind == 'r' ? 1 : kind == 'n' ? 2 : 3]++;
	}
	for (int i = 0; i < s->n_written; i++) {
		char text[32];
		snprintf(text, sizeof(text), "dan viet %d", i);
		if (!modemrig_count(&s->rig, "inbound", "text", text))
			fail_msg("%s is missing", text);
	}
	long kb = resident_kb(s->rig.driver);
	int open = descriptors(s->rig.driver);
	printf("  %5d sent: %d accepted, %d not sent, %d in doubt; %4d received; %3d starts; %ld KiB, %d descriptors\n", s->n_sent, s->counts[0],
	       s->counts[2], s->counts[3], s->n_written, s->rig.n_starts, kb, open);
	if (kb > MEMORY_KB || open > DESCRIPTORS)
		fail_msg("a driver holds %ld KiB and %d descriptors", kb, open);
}

struct soak {
	int64_t for_ms;
	uint64_t seed;
};

static void one_round(struct station *stations, uint64_t *seed)
{
	struct station *broken = &stations[next_random(seed) % MODEMS];
	simmodem_tell(&broken->rig.modem, faults[next_random(seed) % COUNT_OF(faults)]);
	villager_writes(&stations[next_random(seed) % MODEMS]);
	for (int i = 0; i < MODEMS; i++)
		send_one(&stations[i]);
	for (int i = 0; i < MODEMS; i++)
		wait_result(&stations[i]);
}

static void modems_outlive_their_faults(void **state)
{
	struct soak *soak = *state;
	struct station *stations = calloc(MODEMS, sizeof(*stations));
	assert_non_null(stations);
	for (int i = 0; i < MODEMS; i++)
		modemrig_start(&stations[i].rig, NULL, json_pack("{s:s,s:i}", "connection", "at115200", "submit_deadline_s", DEADLINE_S), NULL);
	for (int64_t until = modemrig_now_ms() + soak->for_ms; modemrig_now_ms() < until;) {
		one_round(stations, &soak->seed);
		for (int i = 0; i < MODEMS; i++)
			modemrig_listen(&stations[i].rig, ROUND_MS / MODEMS);
		if (stations[0].n_sent + 1000 > (int)sizeof(stations[0].outcome))
			break;
	}
	for (int i = 0; i < MODEMS; i++)
		heal(&stations[i]);
	for (int i = 0; i < MODEMS; i++)
		check(&stations[i]);
	for (int i = 0; i < MODEMS; i++)
		modemrig_stop(&stations[i].rig);
	free(stations);
}

int main(int argc, char **argv)
{
	struct soak soak = { .for_ms = argc > 1 ? (int64_t)(strtod(argv[1], NULL) * 60000) : 60000,
			     .seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1 };
	const struct CMUnitTest tests[] = { cmocka_unit_test_prestate(modems_outlive_their_faults, &soak) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Four readers ask without a pause while a campaign runs: the write-ahead log stays small, no tick is late, nobody is cut
 * off. The log is looked at from outside, by its size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "gateway/base/json.h"
#include "tests/support/gateway.h"

#define READERS 4
#define PEOPLE 15000
#define WAL_BYTES_MAX ((int64_t)16 << 20)
#ifdef __SANITIZE_ADDRESS__
#define TICK_MS_MAX 1000 /* the programs under test are several times slower then */
#else
#define TICK_MS_MAX 100
#endif
#define ROUNDS 3 /* a busy machine may make one tick late: of three rounds one must be good */
#define FINISH_MS 120000
#define LOOK_MS 2

struct reader {
	pthread_t thread;
	const char *socket;
	int number;
	atomic_bool *stop;
	int64_t answered, refused, broken;
};

static const struct {
	const char *verb, *args;
} questions[] = {
	{ "message.list", "{\"limit\":500}" },
	{ "status", "{}" },
	{ "campaign.list", "{}" },
	{ "contact.list", "{\"limit\":300}" },
	{ "message.list", "{\"limit\":200,\"campaign\":1,\"state\":\"delivered\"}" },
	{ "channel.list", "{}" },
};

static void *read_on(void *arg)
{
	struct reader *r = arg;
	struct client c = { .fd = -1 };
	for (size_t i = (size_t)r->number; !atomic_load(r->stop); i++) {
		if (c.fd < 0 && client_open(&c, r->socket, true, 2000)) {
			r->broken++;
			gateway_pause_ms(20);
			continue;
		}
		json_t *args = NULL;
		const char *text = questions[i % COUNT_OF(questions)].args;
		if (json_parse(text, strlen(text), &args))
			break;
		json_t *reply = client_call(&c, "query", questions[i % COUNT_OF(questions)].verb, args, NULL, 10000);
		r->answered += reply && !strcmp(json_str(reply, "op", ""), "rows");
		r->refused += reply && strcmp(json_str(reply, "op", ""), "rows") != 0;
		r->broken += !reply;
		json_decref(reply);
	}
	client_close(&c);
	return NULL;
}

static int64_t wal_bytes(const struct gateway *g)
{
	char path[GATEWAY_PATH_MAX + 8];
	struct stat st;
	snprintf(path, sizeof(path), "%s-wal", g->database);
	return stat(path, &st) ? 0 : (int64_t)st.st_size;
}

static bool is_done(struct gateway *g, int64_t campaign)
{
	OWN(json) json_t *row = gateway_row(g, "campaign.show", json_pack("{s:I}", "id", (json_int_t)campaign));
	return !strcmp(json_str(row, "state", ""), "done");
}

/* Watches until the campaign is done; the largest size seen. */
static int64_t watch(struct gateway *g, int64_t campaign)
{
	int64_t most = 0, until = gateway_mono_ms() + FINISH_MS, ask_at = 0;
	for (;;) {
		int64_t now = gateway_mono_ms(), n = wal_bytes(g);
		most = n > most ? n : most;
		if (now > until)
			fail_msg("the campaign was not done within %d ms", FINISH_MS);
		if (now >= ask_at && is_done(g, campaign))
			return most;
		ask_at = now >= ask_at ? now + 200 : ask_at;
		gateway_pause_ms(LOOK_MS);
	}
}

static int64_t worst_tick_ms(struct gateway *g)
{
	static const char mark[] = "worst_tick_ms=";
	OWN(mem) char *log = gateway_log(g);
	const char *at = strstr(log, mark);
	assert_non_null(at);
	return strtoll(at + sizeof(mark) - 1, NULL, 10);
}

static int64_t one_round(void)
{
	struct gateway *g = gateway_new(NULL);
	struct reader readers[READERS];
	atomic_bool stop = false;
	int64_t answered = 0, refused = 0, broken = 0;
	gateway_start(g);
	gateway_people(g, "all", 0, PEOPLE);
	for (int i = 0; i < READERS; i++) {
		readers[i] = (struct reader){ .socket = g->query_path, .number = i, .stop = &stop };
		assert_int_equal(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]), 0);
	}
	int64_t began = gateway_mono_ms();
	int64_t most = watch(g, gateway_campaign(g, "all", NULL, "Tin BHYT moi cua xa. Tu choi: TC", PEOPLE));
	int64_t took = gateway_mono_ms() - began;
	atomic_store(&stop, true);
	for (int i = 0; i < READERS; i++) {
		pthread_join(readers[i].thread, NULL);
		answered += readers[i].answered;
		refused += readers[i].refused;
		broken += readers[i].broken;
	}
	gateway_stop(g);
	int64_t tick_ms = worst_tick_ms(g);
	fprintf(stderr, "%d messages in %lld ms, %lld queries answered, log at most %lld KiB, worst tick %lld ms\n", PEOPLE, (long long)took,
		(long long)answered, (long long)(most >> 10), (long long)tick_ms);
	gateway_free(g);
	assert_true(most <= WAL_BYTES_MAX);
	assert_true(answered > 100);
	assert_int_equal(refused, 0);
	assert_int_equal(broken, 0);
	return tick_ms;
}

static void readers_neither_let_the_log_grow_nor_make_a_tick_late(void **state)
{
	(void)state;
	int64_t best = INT64_MAX;
	for (int i = 0; i < ROUNDS && best > TICK_MS_MAX; i++) {
		int64_t ms = one_round();
		best = ms < best ? ms : best;
	}
	assert_in_range(best, 0, TICK_MS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(readers_neither_let_the_log_grow_nor_make_a_tick_late) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

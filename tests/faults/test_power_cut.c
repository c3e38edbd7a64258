/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The power of the drive with the data folder goes at random writes and flushes while messages, campaigns, opt-outs and what people
 * write come in. What the drive's cache held is lost, kept in part or torn (drive.h says what is modelled); then the machine
 * starts again on what is left. Nothing that was acknowledged may be missing, nothing may leave twice. CAUNOI_CUTS says
 * how often (10), CAUNOI_SEED repeats a run's dice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "gateway/base/json.h"
#include "gateway/base/random.h"
#include "tests/support/drive.h"
#include "tests/support/load.h"

#define CUTS 10
#define DRIVE_BYTES ((int64_t)1 << 30) /* the core wants 256 MiB free and keeps a reserve of 64 */
#define OPERATIONS_MAX 250
#define BURST_MAX 12
#define LIFE_MS 4000 /* then the power goes, whatever was written */
#define ECHO_MS 60   /* what may still be said by a machine whose drive stands still */
#define READY_LIMIT_MS 5000
#define FINISH_MS 120000
#define CHANNELS_PAUSE_MS 12

struct cutting {
	struct gateway *g;
	struct load *load;
	struct drive *drive;
	const char *lacks; /* why this machine cannot do it */
	struct random random;
	int cuts;
	int64_t cached, lost, operations, flushes, worst_ready_ms, echoes;
};

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

/* ---- one life ---- */

static void say_something(struct cutting *c)
{
	static const char *const channels[] = { "once", "api", "may-ao" };
	struct load *l = c->load;
	switch (random_below(&c->random, 10)) {
	case 0:
	case 1: load_say(l); break;
	case 2: load_send_again(l); break;
	case 3: load_say_stop(l); break;
	case 4: load_opt_out(l); break;
	case 5:
		if (!random_below(&c->random, 4))
			load_campaign(l, channels[random_below(&c->random, 2)], 5 + (int)random_below(&c->random, 20));
		break;
	default:
		for (uint32_t n = 1 + random_below(&c->random, BURST_MAX); n; n--)
			load_send(l, channels[random_below(&c->random, 3)]);
		break;
	}
}

/* Until the drive stands still. What is said from then on was flushed before. */
static void live(struct cutting *c)
{
	int64_t until = gateway_mono_ms() + LIFE_MS;
	uint64_t seed;
	random_fill(&c->random, &seed, sizeof(seed));
	drive_cut_at(c->drive, 1 + random_below(&c->random, OPERATIONS_MAX), seed);
	load_campaign(c->load, random_below(&c->random, 2) ? "once" : "api", 10);
	while (!drive_is_cut(c->drive) && gateway_mono_ms() < until) {
		say_something(c);
		load_take(c->load, 1);
		gateway_pause_ms((long)random_below(&c->random, CHANNELS_PAUSE_MS));
	}
	if (!drive_is_cut(c->drive))
		drive_cut_at(c->drive, 0, seed);
	int64_t before = c->load->acknowledged[LOAD_SEND] + c->load->acknowledged[LOAD_SAY];
	load_take(c->load, ECHO_MS);
	c->echoes += c->load->acknowledged[LOAD_SEND] + c->load->acknowledged[LOAD_SAY] - before;
}

static void plug(struct cutting *c)
{
	drive_plug(c->drive, c->g->data);
	invariants_open_again(c->load->laws);
}

static void unplug(struct cutting *c)
{
	int64_t cached, lost;
	kill(c->g->core, SIGKILL);
	invariants_let_go(c->load->laws);
	gateway_db_close(c->g);
	drive_kill(c->drive); /* or the core would hang in a call for ever */
	load_forget(c->load);
	gateway_kill(c->g);
	c->operations += drive_operations(c->drive);
	c->flushes += drive_flushes(c->drive);
	drive_unplug(c->drive);
	drive_losses(c->drive, &cached, &lost);
	c->cached += cached;
	c->lost += lost;
}

static void start_again(struct cutting *c)
{
	gateway_start(c->g);
	c->worst_ready_ms = c->g->ready_after_ms > c->worst_ready_ms ? c->g->ready_after_ms : c->worst_ready_ms;
	assert_in_range(c->g->ready_after_ms, 0, READY_LIMIT_MS);
}

static void a_power_cut_loses_nothing_that_was_acknowledged(void **state)
{
	struct cutting *c = *state;
	char where[32];
	if (c->lacks) {
		fprintf(stderr, "skipped: %s\n", c->lacks);
		skip();
	}
	for (int i = 0; i < c->cuts; i++) {
		live(c);
		unplug(c);
		plug(c);
		start_again(c);
		snprintf(where, sizeof(where), "cut %d", i + 1);
		load_check(c->load, 1, where);
	}
	load_finish(c->load, FINISH_MS);
	fprintf(stderr,
		"power cuts: %d, %lld of %lld cached writes lost, %lld writes and flushes seen, %lld keyed messages and %lld inbound "
		"acknowledged (%lld while the drive stood still), unclear in one cut: API %lld, slowest start %lld ms\n",
		c->cuts, (long long)c->lost, (long long)c->cached, (long long)c->operations, (long long)c->load->acknowledged[LOAD_SEND],
		(long long)c->load->acknowledged[LOAD_SAY], (long long)c->echoes, (long long)c->load->worst[1],
		(long long)c->worst_ready_ms);
	assert_true(c->cached > 0);
}

/* ---- the world ---- */

static bool is_cut(void *drive)
{
	return drive_is_cut(drive);
}

static int world_up(void **state)
{
	struct cutting *c = calloc(1, sizeof(*c));
	struct random real = random_real();
	assert_non_null(c);
	*state = c;
	uint64_t seed = number_of("CAUNOI_SEED", 1 + random_below(&real, 1000000000));
	fprintf(stderr, "CAUNOI_SEED=%llu\n", (unsigned long long)seed);
	c->random = random_seeded(seed);
	c->cuts = (int)number_of("CAUNOI_CUTS", CUTS);
	c->g = gateway_new(&(struct gateway_options){ .channels = load_channels_no_modem, .no_init = true });
	assert_int_equal(mkdir(c->g->data, 0700), 0);
	c->drive = drive_new(c->g->dir, DRIVE_BYTES, &c->lacks);
	if (!c->drive)
		return 0;
	drive_plug(c->drive, c->g->data);
	simapi_tell(&c->g->api, "{\"op\":\"mode\",\"latency_ms\":5}");
	simapi_tell(&c->g->once, "{\"op\":\"mode\",\"latency_ms\":5}");
	gateway_init(c->g);
	c->load = load_new(c->g);
	c->load->is_over = is_cut;
	c->load->is_over_arg = c->drive;
	gateway_start(c->g);
	return 0;
}

static int world_down(void **state)
{
	struct cutting *c = *state;
	load_free(c->load);
	gateway_kill(c->g);
	gateway_db_close(c->g);
	drive_free(c->drive);
	gateway_free(c->g);
	free(c);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_power_cut_loses_nothing_that_was_acknowledged, world_up, world_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

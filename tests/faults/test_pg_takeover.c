/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two cores of one database on a real server, in the middle of campaigns: the active one is killed, or stands still for longer than its lease
 * (SIGSTOP) and wakes up again. The other takes over within 10 s; the one that woke up commits nothing, sends nothing and ends. Nothing
 * acknowledged is lost, and only the counted window of a crash may be unclear. CAUNOI_SEED repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/pgworld.h"

#define PEOPLE 1500
#define TAKEOVER_MS 10000
#define FINISH_MS 180000
#define THAWED_MS 5000

struct pair {
	struct pgworld *w;
	struct gateway *first, *other; /* first: the world's at the beginning */
};

static const char *role(struct gateway *g, char ret[32])
{
	OWN(json) json_t *rows = gateway_rows(g, "status", NULL);
	snprintf(ret, 32, "%s", json_str(json_array_get(rows, 0), "role", ""));
	return ret;
}

/* Both run, the first is active and busy. */
static void be_two(struct pair *p)
{
	char said[32];
	gateway_start(p->other);
	assert_string_equal(role(p->other, said), "standby");
	OWN(json) json_t *refused = gateway_command(p->other, "message.send", json_pack("{s:s,s:s,s:s}", "to", "+84911111111", "text", "Khong duoc gui", "class", "service"));
	assert_string_equal(json_str(json_object_get(refused, "error"), "rule", ""), "unavailable");
	pgworld_talk(p->w, 1500);
	assert_true(gateway_scalar(p->first, "SELECT count(*) > 0 FROM v_msg WHERE state = 'queued' AND campaign IS NOT NULL"));
}

/* From now on the other core is the world's. */
static void change_over(struct pair *p)
{
	load_forget(p->w->load);
	p->w->g = p->w->load->g = p->other;
}

/* Until the other core accepts a command. */
static int64_t wait_takeover(struct pair *p, int64_t began)
{
	struct load *l = p->w->load;
	int64_t before = l->acknowledged[LOAD_SEND];
	while (l->acknowledged[LOAD_SEND] == before) {
		if (gateway_mono_ms() - began > 2 * TAKEOVER_MS)
			fail_msg("nobody took over");
		load_send(l, "api");
		load_take(l, 500);
		gateway_pause_ms(20);
	}
	return gateway_mono_ms() - began;
}

static void account(struct pair *p, int64_t epoch)
{
	pgworld_talk(p->w, 500);
	pgworld_check(p->w, 1, "after the take-over");
	assert_true(gateway_scalar(p->w->g, "SELECT max(epoch) FROM v_meta") > epoch);
	load_finish(p->w->load, FINISH_MS);
}

static void a_standby_takes_over_from_a_core_that_was_killed(void **state)
{
	struct pair *p = *state;
	int64_t epoch = p->w->epoch;
	be_two(p);
	int64_t began = gateway_mono_ms();
	kill(p->first->core, SIGKILL);
	load_forget(p->w->load);
	gateway_kill(p->first);
	change_over(p);
	int64_t took = wait_takeover(p, began);
	fprintf(stderr, "taken over from a dead core after %lld ms\n", (long long)took);
	assert_true(took <= TAKEOVER_MS);
	account(p, epoch);
}

static void a_core_that_stood_still_past_its_lease_sends_and_commits_nothing_more(void **state)
{
	struct pair *p = *state;
	int64_t epoch = p->w->epoch;
	be_two(p);
	int64_t began = gateway_mono_ms();
	kill(p->first->core, SIGSTOP);
	change_over(p);
	int64_t took = wait_takeover(p, began);
	fprintf(stderr, "taken over from a frozen core after %lld ms\n", (long long)took);
	assert_true(took <= TAKEOVER_MS);
	int64_t ticks = gateway_scalar(p->other, "SELECT count(*) FROM v_attempt a WHERE a.node = 'mot'");
	kill(p->first->core, SIGCONT);
	assert_int_equal(gateway_wait_end(p->first, THAWED_MS), 1);
	assert_true(gateway_children_gone(p->first, 1000));
	assert_int_equal(gateway_scalar(p->other, "SELECT count(*) FROM v_attempt a WHERE a.node = 'mot'"), ticks);
	account(p, epoch);
}

static int up(void **state)
{
	struct pair *p = test_calloc(1, sizeof(*p));
	p->w = pgworld_new(&(struct pgworld_options){ .people = PEOPLE });
	p->first = p->w->g;
	*state = p;
	p->other = pgworld_join(p->w, "hai");
	return 0;
}

static int down(void **state)
{
	struct pair *p = *state;
	pgworld_leave(p->other);
	if (p->first->core > 0)
		kill(p->first->core, SIGCONT);
	p->w->g = p->first;
	pgworld_free(p->w);
	test_free(p);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_standby_takes_over_from_a_core_that_was_killed, up, down),
		cmocka_unit_test_setup_teardown(a_core_that_stood_still_past_its_lease_sends_and_commits_nothing_more, up, down),
	};
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

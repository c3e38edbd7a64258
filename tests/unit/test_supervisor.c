/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the programs beside the core: started, watched, killed, started again with longer and longer pauses. No process runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/supervisor.h"
#include "tests/support/sim_driver.h"

struct machine {
	int started, killed;
	pid_t pid;
	struct peer *driver; /* the running driver's */
};

static struct machine *machine_of(void *loop)
{
	return ((struct fixture *)loop)->mine;
}

static int start_program(void *loop, struct peer *p, const char *program, char *const argv[], pid_t *ret_pid)
{
	struct machine *m = machine_of(loop);
	(void)program;
	(void)argv;
	if (p->kind != PEER_DRIVER)
		return E_UNAVAILABLE;
	m->started++;
	m->driver = p;
	*ret_pid = m->pid = 1000 + m->started;
	return 0;
}

static void kill_program(void *loop, pid_t pid, int sig)
{
	struct machine *m = machine_of(loop);
	assert_int_equal(sig, SIGKILL);
	assert_int_equal(pid, m->pid);
	m->killed++;
}

static const struct core_ops ops = { .start = start_program, .kill = kill_program };

static struct fixture *start(struct machine *m, const char *more)
{
	struct fixture *f = fixture_new(more);
	f->mine = m;
	f->core->ops = &ops;
	assert_int_equal(supervisor_plan(f->core->supervisor, f->core, false), 0);
	sim_tick(f);
	assert_int_equal(m->started, 1);
	return f;
}

static void say_ready(struct fixture *f, struct machine *m, const char *ready)
{
	assert_int_equal(sim_driver_count(m->driver, "hello"), 1);
	sim_driver_say(m->driver, "%s", ready);
	sim_tick(f);
}

/* The process is gone: its connection ends and the loop reaps it. */
static void end_program(struct fixture *f, struct machine *m)
{
	core_peer_gone(f->core, m->driver);
	m->driver = NULL;
	supervisor_reaped(f->core->supervisor, f->core, m->pid, 0);
}

static void ended_driver_is_started_again_with_doubled_pauses(void **state)
{
	(void)state;
	struct machine m = { 0 };
	struct fixture *f = start(&m, SIM_CONFIG(""));
	static const int64_t pauses_ms[] = { 200, 400, 800, 1600 };
	for (size_t i = 0; i < COUNT_OF(pauses_ms); i++) {
		end_program(f, &m);
		sim_wait(f, pauses_ms[i] - 1);
		assert_int_equal(m.started, (int)i + 1);
		sim_wait(f, 1);
		assert_int_equal(m.started, (int)i + 2);
	}
	end_program(f, &m); /* the fifth end within a minute */
	sim_wait(f, 59000);
	assert_int_equal(m.started, 5);
	sim_wait(f, 1000);
	assert_int_equal(m.started, 6);
	fixture_free(f);
}

static void silent_driver_is_killed_ten_seconds_after_a_ping(void **state)
{
	(void)state;
	struct machine m = { 0 };
	struct fixture *f = start(&m, SIM_CONFIG(""));
	say_ready(f, &m, SIM_HTTP);
	for (int s = 0; s < 100; s++) {
		sim_wait(f, 1000);
		if (sim_driver_count(m.driver, "ping"))
			sim_driver_say(m.driver, "{\"op\":\"pong\",\"n\":1}");
	}
	assert_int_equal(m.killed, 0);
	for (int s = 0; s < 25; s++)
		sim_wait(f, 1000);
	assert_int_equal(m.killed, 1); /* once */
	fixture_free(f);
}

static void pong_behind_frames_that_wait_is_no_silence(void **state)
{
	(void)state;
	struct machine m = { 0 };
	struct fixture *f = start(&m, SIM_CONFIG(""));
	say_ready(f, &m, SIM_HTTP);
	for (int s = 0; s < 30 && !sim_driver_count(m.driver, "ping"); s++)
		sim_wait(f, 1000);
	for (int i = 0; i < 3000; i++)
		sim_driver_say(m.driver, "{\"op\":\"log\",\"level\":\"debug\",\"event\":\"x\"}");
	sim_driver_say(m.driver, "{\"op\":\"pong\",\"n\":1}");
	sim_wait(f, 11000);
	assert_true(peer_has_line(m.driver));
	assert_int_equal(m.killed, 0);
	while (peer_has_line(m.driver))
		sim_tick(f);
	assert_int_equal(m.killed, 0);
	fixture_free(f);
}

static void driver_that_breaks_the_protocol_is_killed_at_once(void **state)
{
	(void)state;
	struct machine m = { 0 };
	struct fixture *f = start(&m, SIM_CONFIG(""));
	say_ready(f, &m, SIM_HTTP);
	sim_driver_say(m.driver, "garbage");
	sim_tick(f);
	assert_int_equal(m.killed, 1);
	fixture_free(f);
}

static void keep_alive(struct machine *m)
{
	OWN(json) json_t *frames = sim_driver_read(m->driver);
	for (size_t i = 0; i < json_array_size(frames); i++) {
		const json_t *s = json_array_get(frames, i);
		const char *op = json_str(s, "op", "");
		if (!strcmp(op, "ping"))
			sim_driver_say(m->driver, "{\"op\":\"pong\",\"n\":1}");
		/* every message gets its answer but the first */
		else if (!strcmp(op, "submit") && strcmp(json_str(s, "attempt", ""), "1"))
			sim_driver_result(m->driver, atoll(json_str(s, "attempt", "")), "accepted", "");
	}
}

static void attempt_without_an_answer_ends_its_driver_at_the_deadline(void **state)
{
	(void)state;
	/* among others it may have waited within the driver: two minutes more */
	static const struct {
		bool busy;
		int from_s, to_s;
	} cases[] = { { false, 39, 45 }, { true, 159, 165 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct machine m = { 0 };
		struct fixture *f = start(&m, SIM_CONFIG("submit_deadline_s = 40;"));
		say_ready(f, &m, SIM_ONCE);
		int64_t id = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
		int s = 0;
		for (; s < 180 && !m.killed; s++) {
			if (cases[i].busy) /* others come and go all the while */
				sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
			sim_wait(f, 1000);
			keep_alive(&m);
		}
		print_message("%s: %d s\n", cases[i].busy ? "among others" : "alone", s);
		assert_in_range(s, cases[i].from_s, cases[i].to_s);
		end_program(f, &m);
		sim_tick(f);
		assert_state(f, id, "unclear");
		fixture_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ended_driver_is_started_again_with_doubled_pauses),
		cmocka_unit_test(silent_driver_is_killed_ten_seconds_after_a_ping),
		cmocka_unit_test(pong_behind_frames_that_wait_is_no_silence),
		cmocka_unit_test(driver_that_breaks_the_protocol_is_killed_at_once),
		cmocka_unit_test(attempt_without_an_answer_ends_its_driver_at_the_deadline),
	};
	return cmocka_run_group_tests_name("supervisor", tests, NULL, NULL);
}

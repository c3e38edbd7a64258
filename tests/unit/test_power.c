/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the power command: only where it is configured, only when the driver has tried the rest, more and more seldom, never two at
 * once, and killed when it takes too long. No process runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/power.h"
#include "tests/support/sim_driver.h"

#define MINUTE_MS 60000
#define POWER "power = [ \"/bin/true\", \"-p\", \"2\" ];"

struct machine {
	int runs, kills;
	char command[64];
};

static int no_start(void *loop, struct peer *p, const char *program, char *const argv[], pid_t *ret_pid)
{
	(void)loop, (void)p, (void)program, (void)argv, (void)ret_pid;
	return E_UNAVAILABLE;
}

static int run_command(void *loop, char *const argv[], pid_t *ret_pid)
{
	struct machine *m = ((struct fixture *)loop)->mine;
	snprintf(m->command, sizeof(m->command), "%s %s %s", argv[0], argv[1], argv[2]);
	*ret_pid = 4000 + ++m->runs;
	return 0;
}

static void kill_command(void *loop, pid_t pid, int sig)
{
	struct machine *m = ((struct fixture *)loop)->mine;
	assert_int_equal(pid, 4000 + m->runs);
	assert_int_equal(sig, SIGKILL);
	m->kills++;
}

static const struct core_ops ops = { .start = no_start, .run = run_command, .kill = kill_command };

static struct fixture *start(struct machine *m, const char *more, struct peer **ret)
{
	char config[800];
	snprintf(config, sizeof(config), "channels = ( " SIM_CHANNEL("sim1", "%s") " );\n", more);
	struct fixture *f = fixture_new(config);
	f->mine = m;
	f->core->ops = &ops;
	*ret = sim_driver_connect(f, 0, SIM_MODEM);
	return f;
}

static void ask(struct fixture *f, struct peer *p)
{
	sim_driver_say(p, "{\"op\":\"log\",\"level\":\"info\",\"event\":\"ladder.power\",\"fields\":{\"reason\":\"the modem does not answer\"}}");
	sim_tick(f);
}

static void command_runs_as_it_is_written_where_it_is_written(void **state)
{
	(void)state;
	static const struct {
		const char *config, *command;
	} cases[] = { { "", "" }, { POWER, "/bin/true -p 2" } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct machine m = { 0 };
		struct peer *p;
		struct fixture *f = start(&m, cases[i].config, &p);
		ask(f, p);
		assert_string_equal(m.command, cases[i].command);
		fixture_free(f);
	}
}

static void command_runs_more_and_more_seldom(void **state)
{
	(void)state;
	struct machine m = { 0 };
	struct peer *p;
	struct fixture *f = start(&m, POWER, &p);
	int at_min[8] = { 0 };
	for (int minute = 0; minute < 100 && m.runs < 8; minute++) {
		int before = m.runs;
		ask(f, p);
		if (m.runs > before)
			at_min[before] = minute;
		if (m.runs > before)
			assert_true(power_reaped(f->core, 4000 + m.runs, 0));
		sim_wait(f, MINUTE_MS);
	}
	assert_int_equal(m.runs, 4); /* after 10, 20 and 40 minutes */
	assert_int_equal(at_min[1], 10);
	assert_int_equal(at_min[2], 30);
	assert_int_equal(at_min[3], 70);
	fixture_free(f);
}

static void command_that_hangs_is_killed_and_one_that_fails_is_told(void **state)
{
	(void)state;
	struct machine m = { 0 };
	struct peer *p;
	struct fixture *f = start(&m, POWER, &p);
	ask(f, p);
	for (int s = 0; s < 60; s += 10)
		sim_wait(f, 10000);
	assert_int_equal(m.kills, 0);
	sim_wait(f, 2000);
	power_tend(f->core);
	assert_int_equal(m.kills > 0, 1);
	assert_true(power_reaped(f->core, 4001, 9));
	assert_non_null(strstr(f->core->channels[0].last_error, "power command failed"));
	assert_false(power_reaped(f->core, 4001, 0));
	fixture_free(f);
}

static void paused_channel_keeps_its_power(void **state)
{
	(void)state;
	struct machine m = { 0 };
	struct peer *p;
	struct fixture *f = start(&m, POWER, &p);
	f->core->channels[0].paused = true;
	ask(f, p);
	assert_int_equal(m.runs, 0);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_runs_as_it_is_written_where_it_is_written),
		cmocka_unit_test(command_runs_more_and_more_seldom),
		cmocka_unit_test(command_that_hangs_is_killed_and_one_that_fails_is_told),
		cmocka_unit_test(paused_channel_keeps_its_power),
	};
	return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a configuration read anew: channels come and go without a restart, those that stay notice nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/supervisor.h"
#include "tests/support/sim_driver.h"

#define CHANNELS(list) "channels = ( " list " );\n"
#define ONE SIM_CHANNEL("sim1", "")
#define TWO SIM_CHANNEL("sim2", "")
#define THREE SIM_CHANNEL("sim3", "")

/* Writes the file anew with other channels, and reads it as SIGHUP does. */
static int reload(struct fixture *f, const char *channels)
{
	char text[8192] = "";
	FILE *file = fopen(f->file, "r");
	assert_non_null(file);
	size_t n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	char *from = strstr(text, "channels = (");
	assert_non_null(from);
	*from = '\0';
	file = fopen(f->file, "w");
	assert_non_null(file);
	fprintf(file, "%s%s", text, channels);
	fclose(file);
	struct config *cfg = NULL;
	struct complaint c = { 0 };
	assert_int_equal(config_load(f->file, true, &cfg, &c), 0);
	int r = core_reload(f->core, cfg);
	if (r) {
		config_free(cfg);
		return r;
	}
	config_free(f->config);
	f->config = cfg;
	return 0;
}

static int64_t put_for(struct fixture *f, const char *channel)
{
	return sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .pin = channel });
}

static void added_channel_sends_and_the_others_go_on(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(CHANNELS(ONE));
	struct peer *one = sim_driver_connect(f, 0, SIM_MODEM);
	put_for(f, "sim1");
	sim_tick(f);
	int64_t open = sim_driver_attempt(one);
	assert_int_not_equal(open, 0);
	assert_int_equal(reload(f, CHANNELS(TWO ", " ONE)), 0);
	sim_wait(f, 1000);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM channel"), 2);
	struct peer *two = sim_driver_connect(f, 0, SIM_MODEM);
	sim_driver_result(one, open, "accepted", ",\"reference\":\"7\"");
	sim_tick(f);
	int64_t first = put_for(f, "sim1"), second = put_for(f, "sim2");
	sim_wait(f, 1000);
	int64_t a = sim_driver_attempt(one), b = sim_driver_attempt(two);
	assert_int_equal(sim_int(f, "SELECT message FROM attempt WHERE id = %lld", (long long)a), first);
	assert_int_equal(sim_int(f, "SELECT message FROM attempt WHERE id = %lld", (long long)b), second);
	assert_text(sim_text(f, "SELECT outcome FROM attempt WHERE id = %lld", (long long)open), "accepted");
	fixture_free(f);
}

static void removed_channel_is_refused_while_it_sends_and_goes_when_it_is_done(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(CHANNELS(ONE ", " TWO));
	struct peer *one = sim_driver_connect(f, 0, SIM_MODEM), *two = sim_driver_connect(f, 1, SIM_MODEM);
	put_for(f, "sim1");
	sim_tick(f);
	int64_t open = sim_driver_attempt(one);
	assert_int_equal(reload(f, CHANNELS(TWO)), E_REFUSED);
	assert_int_equal(f->core->n_channels, 2);
	sim_driver_result(one, open, "accepted", "");
	sim_tick(f);
	assert_int_equal(reload(f, CHANNELS(TWO)), 0);
	assert_int_equal(f->core->n_channels, 1);
	assert_true(one->doomed);
	sim_driver_say(one, "{\"op\":\"ready\",\"credit\":1}"); /* nobody listens any more */
	sim_wait(f, 1000);
	sim_driver_lose(f, one);
	int64_t message = put_for(f, "sim2");
	sim_wait(f, 1000);
	assert_int_equal(sim_int(f, "SELECT message FROM attempt WHERE id = %lld", (long long)sim_driver_attempt(two)), message);
	OWN(json) json_t *rows = NULL;
	int64_t next;
	assert_int_equal(fixture_query(f, "channel.list", "{}", &rows, &next), 0);
	assert_int_equal(json_array_size(rows), 1);
	fixture_free(f);
}

static void added_channel_that_was_paused_before_stays_paused(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(CHANNELS(ONE ", " TWO));
	OWN(json) json_t *shown = NULL;
	assert_int_equal(fixture_command(f, "channel.pause", "{\"name\":\"sim2\"}", &shown, NULL), 0);
	assert_int_equal(reload(f, CHANNELS(ONE)), 0);
	sim_wait(f, 1000);
	assert_int_equal(reload(f, CHANNELS(ONE ", " TWO ", " THREE)), 0);
	struct peer *two = sim_driver_connect(f, 1, SIM_MODEM);
	put_for(f, "sim2");
	sim_wait(f, 1000);
	assert_int_equal(sim_driver_attempt(two), 0);
	fixture_free(f);
}

/* ---- the programs ---- */

struct machine {
	int started, killed;
};

static int start_program(void *loop, struct peer *p, const char *program, char *const argv[], pid_t *ret_pid)
{
	struct machine *m = ((struct fixture *)loop)->mine;
	(void)program;
	(void)argv;
	if (p->kind != PEER_DRIVER)
		return E_UNAVAILABLE;
	*ret_pid = 1000 + ++m->started;
	return 0;
}

static void kill_program(void *loop, pid_t pid, int sig)
{
	(void)pid;
	(void)sig;
	((struct machine *)((struct fixture *)loop)->mine)->killed++;
}

static const struct core_ops ops = { .start = start_program, .kill = kill_program };

static void programs_of_added_channels_start_and_those_of_removed_ones_end(void **state)
{
	(void)state;
	struct machine m = { 0 };
	struct fixture *f = fixture_new(CHANNELS(ONE ", " TWO));
	f->mine = &m;
	f->core->ops = &ops;
	assert_int_equal(supervisor_plan(f->core->supervisor, f->core, false), 0);
	sim_tick(f);
	assert_int_equal(m.started, 2);
	assert_int_equal(reload(f, CHANNELS(TWO ", " THREE)), 0);
	assert_int_equal(m.killed, 1);
	sim_wait(f, 1000);
	assert_int_equal(m.started, 3);
	for (struct peer *p = f->core->peers, *next; p; p = next) {
		next = p->next;
		if (p->doomed)
			core_peer_gone(f->core, p);
	}
	supervisor_reaped(f->core->supervisor, f->core, 1001, 9);
	for (int i = 0; i < 5; i++)
		sim_wait(f, 1000);
	assert_int_equal(m.started, 3); /* the one that was taken out does not come back */
	fixture_free(f);
}

/* The configuration of an exec channel is more than its group "settings". */
static void program_with_other_arguments_starts_again_and_another_speed_holds_at_once(void **state)
{
	(void)state;
	struct machine m = { 0 };
	struct fixture *f = fixture_new(CHANNELS(ONE));
	f->mine = &m;
	f->core->ops = &ops;
	assert_int_equal(supervisor_plan(f->core->supervisor, f->core, false), 0);
	sim_tick(f);
	assert_int_equal(reload(f, CHANNELS(ONE)), 0);
	assert_int_equal(m.killed, 0);
	assert_int_equal(reload(f, CHANNELS("{ name = \"sim1\"; driver = \"exec\"; program = \"/bin/true\"; rate_per_second = 2; burst = 3; }")), 0);
	assert_int_equal(m.killed, 0);
	assert_true(f->core->channels[0].bucket.per_s < 2.5);
	assert_true(f->core->channels[0].bucket.burst < 3.5);
	assert_int_equal(reload(f, CHANNELS(SIM_CHANNEL("sim1", "arguments = [ \"--port\", \"7\" ];"))), 0);
	assert_int_equal(m.killed, 1);
	fixture_free(f);
}

/* What a person was promised by the old file, another hour or another number a day, is not waited for. */
static void changed_hours_and_limits_hold_for_what_waits_already(void **state)
{
	(void)state;
	static const struct {
		const char *label, *before, *reason, *after;
	} cases[] = {
		{ "quiet hours over", "sending = { quiet_hours = [ \"06:00\", \"12:00\" ]; };\n", "quiet_hours", "sending = { quiet_hours = [ \"22:00\", \"06:00\" ]; };\n" },
		{ "no quiet hours", "sending = { quiet_hours = [ \"06:00\", \"12:00\" ]; };\n", "quiet_hours", "sending = { quiet_hours = [ \"00:00\", \"00:00\" ]; };\n" },
		{ "more a day", "sending = { max_per_person_24h = 1; };\n", "cap_24h", "sending = { max_per_person_24h = 2; };\n" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char text[512];
		snprintf(text, sizeof(text), CHANNELS(ONE) "%s", cases[i].before);
		struct fixture *f = fixture_new(text);
		sim_driver_connect(f, 0, SIM_HTTP);
		int64_t message = 0;
		for (int k = 0; k < 2; k++) {
			message = sim_put(f, &(struct sim_message){ .class = CLASS_SOCIAL_POLICY });
			sim_wait(f, 1000);
		}
		assert_state(f, message, "held");
		assert_text(sim_text(f, "SELECT reason FROM message WHERE id = %lld", (long long)message), cases[i].reason);
		sim_wait(f, 60000);
		assert_state(f, message, "held");
		snprintf(text, sizeof(text), CHANNELS(ONE) "%s", cases[i].after);
		assert_int_equal(reload(f, text), 0);
		for (int k = 0; k < 3; k++)
			sim_wait(f, 1000);
		assert_state(f, message, "sending");
		fixture_free(f);
	}
}

/* A reload that changes neither has nothing to ask again; hours that became longer hold it until their new end. */
static void hours_that_go_on_are_waited_for(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(CHANNELS(ONE) "sending = { quiet_hours = [ \"06:00\", \"12:00\" ]; };\n");
	sim_driver_connect(f, 0, SIM_HTTP);
	int64_t message = sim_put(f, &(struct sim_message){ .class = CLASS_SOCIAL_POLICY });
	sim_wait(f, 1000);
	int64_t due_at = sim_int(f, "SELECT due_at FROM message WHERE id = %lld", (long long)message);
	assert_int_equal(due_at, FIXTURE_NOW_MS + INT64_C(5) * 3600000);
	assert_int_equal(reload(f, CHANNELS(ONE) "sending = { quiet_hours = [ \"06:00\", \"12:00\" ]; default_validity_h = 30; };\n"), 0);
	sim_wait(f, 1000);
	assert_int_equal(sim_int(f, "SELECT due_at FROM message WHERE id = %lld", (long long)message), due_at);
	assert_int_equal(reload(f, CHANNELS(ONE) "sending = { quiet_hours = [ \"06:00\", \"13:00\" ]; };\n"), 0);
	for (int k = 0; k < 3; k++)
		sim_wait(f, 1000);
	assert_state(f, message, "held");
	assert_int_equal(sim_int(f, "SELECT due_at FROM message WHERE id = %lld", (long long)message), due_at + 3600000);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(added_channel_sends_and_the_others_go_on),
		cmocka_unit_test(removed_channel_is_refused_while_it_sends_and_goes_when_it_is_done),
		cmocka_unit_test(added_channel_that_was_paused_before_stays_paused),
		cmocka_unit_test(programs_of_added_channels_start_and_those_of_removed_ones_end),
		cmocka_unit_test(program_with_other_arguments_starts_again_and_another_speed_holds_at_once),
		cmocka_unit_test(changed_hours_and_limits_hold_for_what_waits_already),
		cmocka_unit_test(hours_that_go_on_are_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the SIM behind a channel: nothing leaves by one that nobody accepted, abroad no campaign leaves, a PIN is told once. */
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

#define OLD "8984048000012345678"
#define NEW "8984048000087654321"

static void show_sim(struct peer *p, const char *sim)
{
	sim_driver_say(p, "{\"op\":\"status\",\"registered\":true,\"sim\":\"%s\"}", sim);
}

static char *channel_state_of(struct fixture *f)
{
	return sim_text(f, "SELECT state || ':' || coalesce(cause, '') FROM channel WHERE name = 'sim1'");
}

static int64_t put_answer(struct fixture *f)
{
	return sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
}

static void first_sim_is_taken_as_it_is(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	show_sim(p, OLD);
	sim_tick(f);
	assert_text(sim_text(f, "SELECT sim FROM channel"), OLD);
	assert_text(channel_state_of(f), "running:");
	put_answer(f);
	sim_tick(f);
	assert_int_not_equal(sim_driver_attempt(p), 0);
	fixture_free(f);
}

static void nothing_leaves_by_another_sim_until_a_person_accepts_it(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	show_sim(p, OLD);
	sim_tick(f);
	sim_driver_lose(f, p);
	put_answer(f);
	p = sim_driver_connect(f, 0, NULL);
	show_sim(p, NEW); /* its identity and its readiness come in one tick */
	sim_driver_say(p, "%s", SIM_MODEM);
	sim_tick(f);
	for (int i = 0; i < 5; i++)
		sim_wait(f, 10000);
	assert_int_equal(sim_driver_attempt(p), 0);
	assert_text(channel_state_of(f), "suspended:sim");
	assert_text(sim_text(f, "SELECT sim FROM channel"), OLD);
	OWN(json) json_t *shown = NULL;
	assert_int_equal(fixture_command(f, "channel.resume", "{\"name\":\"sim1\"}", &shown, NULL), 0);
	sim_wait(f, 1000);
	assert_int_not_equal(sim_driver_attempt(p), 0);
	assert_text(sim_text(f, "SELECT sim FROM channel"), NEW);
	assert_text(channel_state_of(f), "running:");
	fixture_free(f);
}

static void suspension_by_a_sim_outlives_a_restart(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	show_sim(p, OLD);
	sim_tick(f);
	show_sim(p, NEW);
	sim_tick(f);
	fixture_close_core(f);
	fixture_open_core(f);
	put_answer(f);
	p = sim_driver_connect(f, 0, SIM_MODEM);
	sim_wait(f, 1000);
	assert_int_equal(sim_driver_attempt(p), 0);
	assert_text(channel_state_of(f), "suspended:sim");
	fixture_free(f);
}

static void accepted_sim_put_back_goes_on_by_itself(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	show_sim(p, OLD);
	sim_tick(f);
	show_sim(p, NEW);
	sim_tick(f);
	assert_text(channel_state_of(f), "suspended:sim");
	show_sim(p, OLD);
	sim_tick(f);
	assert_text(channel_state_of(f), "running:");
	put_answer(f);
	sim_tick(f);
	assert_int_not_equal(sim_driver_attempt(p), 0);
	fixture_free(f);
}

static void another_reason_to_wait_is_not_lifted_by_a_sim(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	show_sim(p, OLD);
	sim_tick(f);
	OWN(json) json_t *shown = NULL;
	assert_int_equal(fixture_command(f, "channel.pause", "{\"name\":\"sim1\"}", &shown, NULL), 0);
	show_sim(p, OLD);
	sim_tick(f);
	assert_text(channel_state_of(f), "paused:");
	fixture_free(f);
}

static void what_is_no_identity_changes_nothing(void **state)
{
	(void)state;
	static const char *const sims[] = { "", "ERROR", "123", "89840480000123456789012345678901234567890" };
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	show_sim(p, OLD);
	sim_tick(f);
	for (size_t i = 0; i < COUNT_OF(sims); i++) {
		show_sim(p, sims[i]);
		sim_tick(f);
		assert_text(channel_state_of(f), "running:");
	}
	assert_text(sim_text(f, "SELECT sim FROM channel"), OLD);
	fixture_free(f);
}

static void abroad_answers_go_and_campaigns_wait(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	sim_driver_say(p, "{\"op\":\"status\",\"registered\":true,\"roaming\":true,\"sim\":\"" OLD "\"}");
	int64_t campaign = sim_put(f, &(struct sim_message){ .class = CLASS_SOCIAL_POLICY }), answer = put_answer(f);
	sim_tick(f);
	int64_t attempt = sim_driver_attempt(p);
	assert_int_equal(sim_int(f, "SELECT message FROM attempt WHERE id = %lld", (long long)attempt), answer);
	sim_driver_result(p, attempt, "accepted", "");
	sim_wait(f, 1000);
	assert_state(f, campaign, "queued");
	show_sim(p, OLD);
	sim_tick(f);
	sim_wait(f, 1000);
	assert_int_not_equal(sim_driver_attempt(p), 0);
	fixture_free(f);
}

/* ---- the PIN ---- */

struct machine {
	struct peer *driver;
	int started;
};

static int start_program(void *loop, struct peer *p, const char *program, char *const argv[], pid_t *ret_pid)
{
	struct machine *m = ((struct fixture *)loop)->mine;
	(void)program;
	(void)argv;
	if (p->kind != PEER_DRIVER)
		return E_UNAVAILABLE;
	m->driver = p;
	*ret_pid = 1000 + ++m->started;
	return 0;
}

static void kill_program(void *loop, pid_t pid, int sig)
{
	(void)loop;
	(void)pid;
	(void)sig;
}

static const struct core_ops ops = { .start = start_program, .kill = kill_program };

static void start_driver(struct fixture *f, struct machine *m)
{
	if (m->driver) {
		core_peer_gone(f->core, m->driver);
		m->driver = NULL;
		supervisor_reaped(f->core->supervisor, f->core, 1000 + m->started, 0);
	}
	for (int i = 0; i < 70 && !m->driver; i++)
		sim_wait(f, 1000);
	assert_non_null(m->driver);
}

static bool was_told_a_pin(struct machine *m)
{
	OWN(json) json_t *frames = sim_driver_read(m->driver);
	size_t i;
	const json_t *h;
	json_array_foreach (frames, i, h)
		if (!strcmp(json_str(h, "op", ""), "hello"))
			return json_str(json_object_get(h, "secrets"), "pin", NULL) != NULL;
	fail_msg("no hello");
	return false;
}

static void use(struct fixture *f, struct machine *m)
{
	f->mine = m;
	f->core->ops = &ops;
	/* the secret as it would be read: the fixture has no files of secrets */
	struct channel_config *cfg = &f->config->channels[0];
	json_decref(cfg->secrets);
	cfg->secrets = json_pack("{s:s}", "pin", "1234");
	assert_int_equal(supervisor_plan(f->core->supervisor, f->core, false), 0);
}

static void tried_pin_is_not_told_again_until_a_person_says_so(void **state)
{
	(void)state;
	struct machine m = { 0 };
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	use(f, &m);
	start_driver(f, &m);
	assert_true(was_told_a_pin(&m));
	start_driver(f, &m); /* it ended before it tried */
	assert_true(was_told_a_pin(&m));
	sim_driver_say(m.driver, "{\"op\":\"log\",\"level\":\"info\",\"event\":\"pin.tried\"}");
	sim_tick(f);
	start_driver(f, &m);
	assert_false(was_told_a_pin(&m));
	assert_int_equal(sim_int(f, "SELECT count(*) FROM channel WHERE pin_tried IS NOT NULL"), 1);
	json_object_set_new(f->config->channels[0].secrets, "pin", json_string("4321"));
	start_driver(f, &m); /* another PIN is another try */
	assert_true(was_told_a_pin(&m));
	json_object_set_new(f->config->channels[0].secrets, "pin", json_string("1234"));
	OWN(json) json_t *shown = NULL;
	assert_int_equal(fixture_command(f, "channel.resume", "{\"name\":\"sim1\"}", &shown, NULL), 0);
	start_driver(f, &m);
	assert_true(was_told_a_pin(&m));
	fixture_free(f);
}

static void pin_that_opened_the_sim_is_told_again(void **state)
{
	(void)state;
	struct machine m = { 0 };
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	use(f, &m);
	start_driver(f, &m);
	sim_driver_say(m.driver, "{\"op\":\"log\",\"level\":\"info\",\"event\":\"pin.tried\"}");
	sim_driver_say(m.driver, "%s", SIM_MODEM);
	sim_tick(f);
	start_driver(f, &m);
	assert_true(was_told_a_pin(&m));
	assert_int_equal(sim_int(f, "SELECT count(*) FROM channel WHERE pin_tried IS NOT NULL"), 0);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_sim_is_taken_as_it_is),
		cmocka_unit_test(nothing_leaves_by_another_sim_until_a_person_accepts_it),
		cmocka_unit_test(suspension_by_a_sim_outlives_a_restart),
		cmocka_unit_test(accepted_sim_put_back_goes_on_by_itself),
		cmocka_unit_test(another_reason_to_wait_is_not_lifted_by_a_sim),
		cmocka_unit_test(what_is_no_identity_changes_nothing),
		cmocka_unit_test(abroad_answers_go_and_campaigns_wait),
		cmocka_unit_test(tried_pin_is_not_told_again_until_a_person_says_so),
		cmocka_unit_test(pin_that_opened_the_sim_is_told_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

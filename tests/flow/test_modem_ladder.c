/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A modem that cannot be brought up: which rung is tried when, with its line, and that the modem works again afterwards. Then those
 * that only a person can help: text mode alone, no messages at all, another program, no serial port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/modemrig.h"

#define DEADLINE_S 12

static int rig_up(void **state)
{
	struct modemrig *r = calloc(1, sizeof(*r));
	assert_non_null(r);
	modemrig_start(r, NULL, json_pack("{s:s,s:i,s:b}", "connection", "at115200", "submit_deadline_s", DEADLINE_S, "reset", 1), NULL);
	*state = r;
	return 0;
}

/* What was said before a test is none of its business. */
static struct modemrig *rig(void **state)
{
	struct modemrig *r = *state;
	json_array_clear(r->frames);
	return r;
}

static const json_t *fields_of(const json_t *log)
{
	return json_object_get(log, "fields");
}

/* Started anew; what was said when it was down. The driver must do nothing but wait then. */
static void expect_person(struct modemrig *r, const char *words)
{
	modemrig_kill_driver(r);
	size_t from = modemrig_n(r);
	modemrig_start_driver(r);
	const char *reason = json_str(fields_of(modemrig_expect(r, from, "log", "event", "ladder.person")), "reason", "");
	if (!strstr(reason, words))
		fail_msg("\"%s\" does not say \"%s\"", reason, words);
	assert_int_equal(modemrig_count(r, "log", "event", "ladder.power"), 0);
}

static void modem_pulled_out_climbs_to_its_power_and_comes_back(void **state)
{
	struct modemrig *r = rig(state);
	size_t from = modemrig_n(r);
	modemrig_tell(r, json_pack("{s:s}", "op", "unplug"));
	const json_t *power = modemrig_expect(r, from, "log", "event", "ladder.power");
	assert_non_null(strstr(json_str(fields_of(power), "reason", ""), "no such device"));
	assert_int_equal(modemrig_count(r, "log", "event", "ladder.reopen"), 4);
	assert_int_equal(modemrig_count(r, "log", "event", "ladder.reset"), 0); /* nothing there to restart */
	const json_t *rung = modemrig_expect(r, from, "log", "event", "ladder.reopen");
	assert_int_equal(json_int(fields_of(rung), "wait_ms", 0), 500);
	assert_int_equal(json_int(fields_of(rung), "deadline_s", 0), 120);
	from = modemrig_n(r);
	modemrig_tell(r, json_pack("{s:s}", "op", "plug"));
	modemrig_expect_credit(r, from, 1);
	assert_string_equal(json_str(modemrig_submit_text(r, "lai chay"), "outcome", ""), "accepted");
}

/* It answers, but will not do: its memory cannot be asked for, until its radio part is restarted. */
static void modem_that_will_not_initialise_is_restarted_where_that_is_allowed(void **state)
{
	struct modemrig *r = rig(state);
	modemrig_kill_driver(r);
	modemrig_script(r, json_pack("{s:s,s:s,s:i}", "on", "csca", "action", "error", "times", 3));
	size_t from = modemrig_n(r);
	modemrig_start_driver(r);
	modemrig_expect(r, from, "log", "event", "ladder.reset");
	modemrig_expect_credit(r, from, 1);
	assert_int_equal(modemrig_count(r, "log", "event", "ladder.power"), 0);
	assert_string_equal(json_str(modemrig_submit_text(r, "sau khi khoi dong lai"), "outcome", ""), "accepted");
}

static void modem_that_cannot_do_it_waits_for_a_person(void **state)
{
	struct modemrig *r = rig(state);
	modemrig_script(r, json_pack("{s:s,s:s,s:i}", "on", "cmgf", "action", "error", "times", -1));
	expect_person(r, "text mode only");
}

static void device_that_is_none_or_not_ours_waits_for_a_person(void **state)
{
	struct modemrig *r = rig(state);
	modemrig_kill_driver(r);
	int fd = open(r->modem.link, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	expect_person(r, "another program uses the device");
	close(fd);
	snprintf(r->device, sizeof(r->device), "%s", r->modem.journal);
	expect_person(r, "no serial port");
	snprintf(r->device, sizeof(r->device), "%s", r->modem.dir);
	expect_person(r, "no serial port");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modem_pulled_out_climbs_to_its_power_and_comes_back),
		cmocka_unit_test(modem_that_will_not_initialise_is_restarted_where_that_is_allowed),
		cmocka_unit_test(modem_that_cannot_do_it_waits_for_a_person),
		cmocka_unit_test(device_that_is_none_or_not_ours_waits_for_a_person),
	};
	return cmocka_run_group_tests(tests, rig_up, modemrig_tear_down);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SIM in the modem, as the driver sees it: PIN and PUK, none at all, its number, a foreign network. A PIN that was
 * wrong once must never be tried again, whoever starts the driver anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/support/modemrig.h"

static void begin(struct modemrig *r)
{
	modemrig_start(r, NULL, json_pack("{s:s}", "connection", "at115200"), NULL);
	json_set_str(r->config, "data_dir", r->modem.dir);
}

static void end(struct modemrig *r)
{
	char mark[SIMMODEM_PATH_MAX + 32];
	snprintf(mark, sizeof(mark), "%s/sim1.pin-tried", r->modem.dir);
	unlink(mark);
	modemrig_stop(r);
}

/* The driver with this PIN ("" = none) on a SIM in this state; until it has said why it is down. */
static void start_locked(struct modemrig *r, const char *pin, json_t *sim, const char *words)
{
	modemrig_kill_driver(r);
	modemrig_tell(r, sim);
	json_decref(r->secrets);
	r->secrets = *pin ? json_pack("{s:s}", "pin", pin) : json_object();
	size_t from = modemrig_n(r);
	modemrig_start_driver(r);
	if (!words)
		return;
	for (size_t i = from;; i = modemrig_n(r)) {
		const json_t *log = modemrig_expect(r, i, "log", "event", "modem.down");
		const char *reason = json_str(json_object_get(log, "fields"), "reason", "");
		if (strstr(reason, words))
			return;
		fail_msg("\"%s\" does not say \"%s\"", reason, words);
	}
}

static int tried(struct modemrig *r)
{
	json_t *a = modemrig_ask(r, json_pack("{s:s}", "op", "sim"));
	int n = (int)json_int(a, "pin_tried", -1);
	json_decref(a);
	return n;
}

static json_t *with_pin(int left)
{
	return json_pack("{s:s,s:s,s:i}", "op", "sim", "pin", "1234", "left", left);
}

static void a_wrong_pin_is_tried_once_ever(void **state)
{
	struct modemrig r;
	(void)state;
	begin(&r);
	start_locked(&r, "9999", with_pin(3), "not accepted");
	assert_int_equal(tried(&r), 1);
	start_locked(&r, "9999", with_pin(3), "tried once");
	assert_int_equal(tried(&r), 1);
	start_locked(&r, "1234", with_pin(3), NULL);
	modemrig_expect_credit(&r, modemrig_n(&r), 1);
	assert_int_equal(tried(&r), 2);
	start_locked(&r, "1234", with_pin(3), NULL); /* the right one opens the SIM at every start */
	modemrig_expect_credit(&r, modemrig_n(&r), 1);
	end(&r);
}

static void a_pin_is_not_tried_where_it_could_not_be_remembered(void **state)
{
	struct modemrig r;
	(void)state;
	begin(&r);
	json_set_str(r.config, "data_dir", "/nonexistent/folder");
	start_locked(&r, "1234", with_pin(3), "could not be remembered");
	assert_int_equal(tried(&r), 0);
	end(&r);
}

static void a_sim_that_needs_a_person_is_told_in_words(void **state)
{
	struct modemrig r;
	(void)state;
	begin(&r);
	start_locked(&r, "", with_pin(3), "none is configured");
	start_locked(&r, "1234", with_pin(2), "seen a wrong PIN");
	start_locked(&r, "1234", json_pack("{s:s,s:s}", "op", "sim", "puk", "12345678"), "PUK");
	start_locked(&r, "1234", json_pack("{s:s,s:b}", "op", "sim", "absent", 1), "no SIM");
	assert_int_equal(tried(&r), 0);
	end(&r);
}

static void status_names_modem_and_sim_and_roaming(void **state)
{
	struct modemrig r;
	(void)state;
	begin(&r);
	const json_t *s = modemrig_expect(&r, 0, "status", "sim", "8984049000000000001");
	assert_string_equal(json_str(s, "imsi", ""), "452040000000001");
	assert_string_equal(json_str(s, "imei", ""), "359000000000001");
	assert_string_equal(json_str(s, "model", ""), "SIMULATOR");
	assert_true(json_flag(s, "registered", false));
	assert_false(json_flag(s, "roaming", true));
	size_t from = modemrig_n(&r);
	modemrig_tell(&r, json_pack("{s:s,s:i}", "op", "registration", "stat", 5));
	modemrig_kill_driver(&r);
	modemrig_start_driver(&r);
	s = modemrig_expect(&r, from, "status", "sim", "8984049000000000001");
	assert_true(json_flag(s, "roaming", false));
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_pin_is_tried_once_ever),
		cmocka_unit_test(a_pin_is_not_tried_where_it_could_not_be_remembered),
		cmocka_unit_test(a_sim_that_needs_a_person_is_told_in_words),
		cmocka_unit_test(status_names_modem_and_sim_and_roaming),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of USSD that people dial: one dialogue a modem, a call that waits for the network's words, nothing dialled twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/dial.h"
#include "tests/support/sim_driver.h"

struct call_of {
	struct fixture *f;
	struct peer *driver, *person;
};

static struct call_of start(const char *ready)
{
	struct call_of c = { .f = fixture_new(SIM_CONFIG("")) };
	c.driver = sim_driver_connect(c.f, 0, ready);
	c.person = core_peer_add(c.f->core, PEER_CLIENT);
	assert_non_null(c.person);
	return c;
}

static void ask(struct call_of *c, int id, const char *verb, const char *args, const char *key)
{
	sim_driver_say(c->person, "{\"op\":\"command\",\"id\":%d,\"verb\":\"%s\",\"args\":%s,\"key\":\"%s\"}", id, verb, args, key);
	sim_tick(c->f);
}

/* The one reply that waits; NULL none. */
static json_t *reply(struct call_of *c)
{
	OWN(json) json_t *frames = sim_driver_read(c->person);
	size_t i;
	json_t *f, *found = NULL;
	json_array_foreach (frames, i, f)
		if (!strcmp(json_str(f, "op", ""), "reply")) {
			assert_null(found);
			found = json_incref(f);
		}
	return found;
}

static void assert_refused(struct call_of *c, const char *rule)
{
	OWN(json) json_t *r = reply(c);
	assert_non_null(r);
	assert_false(json_flag(r, "ok", true));
	assert_string_equal(json_str(json_object_get(r, "error"), "rule", ""), rule);
}

/* The reply's result; the caller's. */
static json_t *result(struct call_of *c)
{
	OWN(json) json_t *r = reply(c);
	assert_non_null(r);
	assert_true(json_flag(r, "ok", false));
	return json_incref(json_object_get(r, "result"));
}

/* The number under which the driver was asked by op, whose field is value; the caller's. */
static char *dialled(struct call_of *c, const char *op, const char *field, const char *value)
{
	OWN(json) json_t *frames = sim_driver_read(c->driver);
	size_t i;
	const json_t *f;
	json_array_foreach (frames, i, f)
		if (!strcmp(json_str(f, "op", ""), op)) {
			assert_string_equal(json_str(f, field, ""), value);
			return strdup(json_str(f, "id", ""));
		}
	fail_msg("the driver was not told %s", op);
	return NULL;
}

static void network_says(struct call_of *c, const char *id, const char *text, bool more)
{
	sim_driver_say(c->driver, "{\"op\":\"ussd_text\",\"id\":\"%s\",\"text\":\"%s\",\"more\":%s}", id, text, more ? "true" : "false");
	sim_tick(c->f);
}

static void call_waits_for_what_the_network_says(void **state)
{
	(void)state;
	struct call_of c = start(SIM_MODEM);
	ask(&c, 1, "ussd.send", "{\"channel\":\"sim1\",\"code\":\"*101#\"}", "");
	assert_null(reply(&c));
	OWN(mem) char *id = dialled(&c, "ussd", "code", "*101#");
	network_says(&c, id, "TK goc: 12.345d", false);
	OWN(json) json_t *r = result(&c);
	assert_string_equal(json_str(r, "channel", ""), "sim1");
	assert_string_equal(json_str(r, "code", ""), "*101#");
	assert_string_equal(json_str(r, "text", ""), "TK goc: 12.345d");
	assert_false(json_flag(r, "more", true));
	assert_int_equal(json_int(r, "id", 0), atoll(id));
	ask(&c, 2, "ussd.answer", "{\"channel\":\"sim1\",\"text\":\"1\"}", "");
	assert_refused(&c, "no_dialogue");
	fixture_free(c.f);
}

static void menu_is_answered_under_its_own_number_until_it_ends(void **state)
{
	(void)state;
	struct call_of c = start(SIM_MODEM);
	ask(&c, 1, "ussd.send", "{\"channel\":\"sim1\",\"code\":\"*098#\"}", "");
	OWN(mem) char *id = dialled(&c, "ussd", "code", "*098#");
	network_says(&c, id, "1.Goi cuoc 2.Ung tien", true);
	OWN(json) json_t *first = result(&c);
	assert_true(json_flag(first, "more", false));
	ask(&c, 2, "ussd.send", "{\"channel\":\"sim1\",\"code\":\"*101#\"}", "");
	assert_refused(&c, "ussd_busy");
	ask(&c, 3, "ussd.answer", "{\"channel\":\"sim1\",\"text\":\"2\"}", "");
	OWN(mem) char *same = dialled(&c, "ussd_reply", "text", "2");
	assert_string_equal(same, id);
	network_says(&c, id, "Da ung 10.000d", false);
	OWN(json) json_t *last = result(&c);
	assert_string_equal(json_str(last, "text", ""), "Da ung 10.000d");
	assert_string_equal(json_str(last, "code", ""), "*098#");
	assert_int_equal(json_int(last, "id", 0), json_int(first, "id", -1));
	fixture_free(c.f);
}

static void cancel_ends_the_dialogue_at_the_driver(void **state)
{
	(void)state;
	struct call_of c = start(SIM_MODEM);
	ask(&c, 1, "ussd.send", "{\"channel\":\"sim1\",\"code\":\"*098#\"}", "");
	OWN(mem) char *id = dialled(&c, "ussd", "code", "*098#");
	network_says(&c, id, "1.A 2.B", true);
	json_decref(result(&c));
	ask(&c, 2, "ussd.cancel", "{\"channel\":\"sim1\"}", "");
	json_decref(result(&c));
	OWN(mem) char *same = dialled(&c, "ussd_cancel", "op", "ussd_cancel");
	assert_string_equal(same, id);
	ask(&c, 3, "ussd.send", "{\"channel\":\"sim1\",\"code\":\"*101#\"}", "");
	free(dialled(&c, "ussd", "code", "*101#"));
	fixture_free(c.f);
}

static void what_is_no_code_never_reaches_the_modem(void **state)
{
	(void)state;
	static const struct {
		const char *label, *args, *rule;
	} cases[] = {
		{ "line break and a command", "{\"channel\":\"sim1\",\"code\":\"*101#\\rAT+CMGD=1,4\"}", "bad_code" },
		{ "Ctrl-Z", "{\"channel\":\"sim1\",\"code\":\"*101\\u001a#\"}", "bad_code" },
		{ "quote", "{\"channel\":\"sim1\",\"code\":\"*1\\\"#\"}", "bad_code" },
		{ "a number to call", "{\"channel\":\"sim1\",\"code\":\"0912345678\"}", "bad_code" },
		{ "letters", "{\"channel\":\"sim1\",\"code\":\"*abc#\"}", "bad_code" },
		{ "nothing", "{\"channel\":\"sim1\",\"code\":\"\"}", "bad_code" },
		{ "unknown channel", "{\"channel\":\"sim9\",\"code\":\"*101#\"}", "not_found" },
	};
	struct call_of c = start(SIM_MODEM);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		print_message("%s\n", cases[i].label);
		ask(&c, (int)i, "ussd.send", cases[i].args, "");
		assert_refused(&c, cases[i].rule);
		assert_int_equal(sim_driver_count(c.driver, "ussd"), 0);
	}
	fixture_free(c.f);
}

static void answer_with_control_characters_is_refused(void **state)
{
	(void)state;
	struct call_of c = start(SIM_MODEM);
	ask(&c, 1, "ussd.send", "{\"channel\":\"sim1\",\"code\":\"*098#\"}", "");
	OWN(mem) char *id = dialled(&c, "ussd", "code", "*098#");
	network_says(&c, id, "1.A", true);
	json_decref(result(&c));
	ask(&c, 2, "ussd.answer", "{\"channel\":\"sim1\",\"text\":\"1\\u001b\"}", "");
	assert_refused(&c, "bad_answer");
	assert_int_equal(sim_driver_count(c.driver, "ussd_reply"), 0);
	fixture_free(c.f);
}

static void same_key_dials_once(void **state)
{
	(void)state;
	static const char voucher[] = "{\"channel\":\"sim1\",\"code\":\"*100*1234567890123#\"}";
	struct call_of c = start(SIM_MODEM);
	ask(&c, 1, "ussd.send", voucher, "nap-1");
	OWN(mem) char *id = dialled(&c, "ussd", "code", "*100*1234567890123#");
	network_says(&c, id, "Nap thanh cong", false);
	json_decref(result(&c));
	ask(&c, 2, "ussd.send", voucher, "nap-1");
	OWN(json) json_t *again = result(&c);
	assert_string_equal(json_str(again, "text", ""), "Nap thanh cong");
	assert_int_equal(sim_driver_count(c.driver, "ussd"), 0);
	ask(&c, 3, "ussd.send", "{\"channel\":\"sim1\",\"code\":\"*101#\"}", "nap-1");
	assert_refused(&c, "key_reused");
	fixture_free(c.f);
}

static void channels_that_cannot_dial_say_so(void **state)
{
	(void)state;
	struct call_of c = start(SIM_ONCE);
	ask(&c, 1, "ussd.send", "{\"channel\":\"sim1\",\"code\":\"*101#\"}", "");
	assert_refused(&c, "no_ussd");
	sim_driver_lose(c.f, c.driver);
	ask(&c, 2, "ussd.send", "{\"channel\":\"sim1\",\"code\":\"*101#\"}", "");
	assert_refused(&c, "channel_down");
	fixture_free(c.f);
}

static void call_fails_when_the_driver_goes_or_the_network_is_silent(void **state)
{
	(void)state;
	struct call_of c = start(SIM_MODEM);
	ask(&c, 1, "ussd.send", "{\"channel\":\"sim1\",\"code\":\"*101#\"}", "");
	sim_driver_lose(c.f, c.driver);
	sim_tick(c.f);
	assert_refused(&c, "no_answer");
	c.driver = sim_driver_connect(c.f, 0, SIM_MODEM);
	ask(&c, 2, "ussd.send", "{\"channel\":\"sim1\",\"code\":\"*101#\"}", "");
	sim_wait(c.f, 59000);
	assert_null(reply(&c));
	sim_wait(c.f, 1000);
	assert_refused(&c, "no_answer");
	sim_wait(c.f, 11000); /* the dialogue is given up at the modem as well */
	sim_tick(c.f);
	assert_int_equal(sim_driver_count(c.driver, "ussd_cancel"), 1);
	ask(&c, 3, "ussd.send", "{\"channel\":\"sim1\",\"code\":\"*101#\"}", "");
	OWN(mem) char *id = dialled(&c, "ussd", "code", "*101#");
	network_says(&c, id, "", false);
	assert_refused(&c, "no_answer");
	fixture_free(c.f);
}

static void words_of_another_dialogue_answer_nobody(void **state)
{
	(void)state;
	struct call_of c = start(SIM_MODEM);
	network_says(&c, "77", "Khuyen mai!", false);
	ask(&c, 1, "ussd.send", "{\"channel\":\"sim1\",\"code\":\"*101#\"}", "");
	OWN(mem) char *id = dialled(&c, "ussd", "code", "*101#");
	network_says(&c, "77", "Khuyen mai!", false);
	assert_null(reply(&c));
	network_says(&c, id, "TK goc: 5d", false);
	json_decref(result(&c));
	fixture_free(c.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_waits_for_what_the_network_says),
		cmocka_unit_test(menu_is_answered_under_its_own_number_until_it_ends),
		cmocka_unit_test(cancel_ends_the_dialogue_at_the_driver),
		cmocka_unit_test(what_is_no_code_never_reaches_the_modem),
		cmocka_unit_test(answer_with_control_characters_is_refused),
		cmocka_unit_test(same_key_dials_once),
		cmocka_unit_test(channels_that_cannot_dial_say_so),
		cmocka_unit_test(call_fails_when_the_driver_goes_or_the_network_is_silent),
		cmocka_unit_test(words_of_another_dialogue_answer_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

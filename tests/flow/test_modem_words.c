/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an operator reads when a code or a look at a modem comes to nothing: the program's exit code and its words, for each
 * thing that can be wrong, on a whole gateway with a simulated modem. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/gateway.h"

#define WORDS 8
#define WAIT_MS 60000

/* In this order, on one gateway. */
static const struct {
	const char *label;
	const char *operation; /* of the modem, before; NULL = none */
	const char *until;     /* what is waited for after it, of the row of the channel "modem"; NULL = nothing */
	const char *arguments[WORDS];
	int code;
	const char *words; /* on standard output or standard error */
} cases[] = {
	{ "answered", "{\"op\":\"ussd\",\"code\":\"*101#\",\"reply\":\"Tai khoan goc: 12.345d\"}", NULL, { "ussd", "send", "modem", "*101#" }, 0, "12.345d" },
	{ "a code that the network refuses", "{\"op\":\"script\",\"clear\":true,\"faults\":[{\"on\":\"cusd\",\"action\":\"cme\",\"code\":100}]}", NULL,
	  { "ussd", "send", "modem", "*999#" }, 1, "the network gave no answer to the code" },
	{ "no code", NULL, NULL, { "ussd", "send", "modem", "hello" }, 2, "begins with * or #" },
	{ "a command in place of a code", NULL, NULL, { "ussd", "send", "modem", "*101#\rAT+CMGD=1,4" }, 2, "begins with * or #" },
	{ "a code for nobody", NULL, NULL, { "ussd", "send", "sim9", "*101#" }, 3, "no channel of that name" },
	{ "a code for a channel that has none", NULL, NULL, { "ussd", "send", "may-ao", "*101#" }, 4, "only modems" },
	{ "a menu", "{\"op\":\"ussd\",\"code\":\"*098#\",\"reply\":\"1. Nap the\",\"more\":true}", NULL, { "ussd", "send", "modem", "*098#" }, 0, "1. Nap the" },
	{ "a code inside a menu", NULL, NULL, { "ussd", "send", "modem", "*101#" }, 4, "ussd answer, or ussd cancel" },
	{ "the menu cancelled", NULL, NULL, { "ussd", "cancel", "modem" }, 0, NULL },
	{ "looked at", NULL, NULL, { "channel", "probe", "modem" }, 0, "SIMULATOR" },
	{ "nobody looked at", NULL, NULL, { "channel", "probe", "sim9" }, 3, "no channel of that name" },
	{ "a device that is not there", NULL, NULL, { "channel", "probe", "/dev/ttyUSB99" }, 1, "plug the modem in, or correct the path" },
	{ "a device that is none", NULL, NULL, { "channel", "probe", "/etc/passwd" }, 1, "name the modem's tty" },
	{ "the device in use", NULL, NULL, { "channel", "probe", "@MODEM@" }, 1, "another program uses the device" },
	{ "pulled out, looked at", "{\"op\":\"unplug\"}", "live LIKE '%\"credit\":0%' AND last_error <> ''", { "channel", "probe", "modem" }, 1, "no such device" },
	{ "pulled out, a code", NULL, NULL, { "ussd", "send", "modem", "*101#" }, 1, "no such device" },
	{ "pulled out, shown", NULL, NULL, { "channel", "show", "modem" }, 0, "plug" },
};

static int gateway_up(void **state)
{
	struct gateway *g = gateway_new(&(struct gateway_options){
		.channels = "{ name = \"modem\"; driver = \"gammu\"; device = \"@MODEM@\"; connection = \"at115200\"; },"
			    "{ name = \"may-ao\"; driver = \"loopback\"; }" });
	gateway_start(g);
	gateway_wait(g, "the modem is up", "SELECT count(*) FROM channel WHERE name = 'modem' AND live LIKE '%\"up\"%'", WAIT_MS);
	*state = g;
	return 0;
}

static int gateway_down(void **state)
{
	gateway_free(*state);
	return 0;
}

static int type(struct gateway *g, const char *const *arguments, char **ret_out)
{
	const char *all[WORDS + 4] = { "--config", g->config, "--json" };
	for (size_t i = 0; i < WORDS && arguments[i]; i++)
		all[3 + i] = strcmp(arguments[i], "@MODEM@") ? arguments[i] : g->modem.link;
	return gateway_program(g, "caunoi", all, NULL, ret_out);
}

static void every_failure_has_its_code_and_its_words(void **state)
{
	struct gateway *g = *state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *before = gateway_log(g);
		char sql[200];
		if (cases[i].operation)
			simmodem_tell(&g->modem, cases[i].operation);
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM channel WHERE name = 'modem' AND %s", cases[i].until ? cases[i].until : "1 = 1");
		gateway_wait(g, cases[i].label, sql, WAIT_MS);
		OWN(mem) char *out = NULL;
		int code = type(g, cases[i].arguments, &out);
		OWN(mem) char *log = gateway_log(g);
		const char *said = log + strlen(before);
		if (code != cases[i].code)
			fail_msg("%s: exit %d, %s%s", cases[i].label, code, out, said);
		if (cases[i].words && !strstr(out, cases[i].words) && !strstr(said, cases[i].words))
			fail_msg("%s: \"%s\" is not in: %s%s", cases[i].label, cases[i].words, out, said);
	}
}

static void without_a_core_only_a_device_is_looked_at(void **state)
{
	struct gateway *g = *state;
	gateway_stop(g);
	simmodem_tell(&g->modem, "{\"op\":\"plug\"}");
	OWN(mem) char *device = NULL, *channel = NULL, *code = NULL;
	assert_int_equal(type(g, (const char *const[WORDS]){ "channel", "probe", "@MODEM@" }, &device), 0);
	assert_non_null(strstr(device, "\"usable\""));
	assert_int_equal(type(g, (const char *const[WORDS]){ "channel", "probe", "modem" }, &channel), 5);
	assert_int_equal(type(g, (const char *const[WORDS]){ "ussd", "send", "modem", "*101#" }, &code), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_failure_has_its_code_and_its_words),
		cmocka_unit_test(without_a_core_only_a_device_is_looked_at),
	};
	return cmocka_run_group_tests(tests, gateway_up, gateway_down);
}

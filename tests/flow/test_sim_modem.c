/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim-modem itself, spoken to as a terminal program would: what the AT standards ask, and each scripted fault as the
 * client and the network see it. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/own.h"
#include "tests/support/simmodem.h"

#define PDU "0021000B914819325476F8000002C834" /* "Hi" to +84912345678, report wanted */
#define CMGS "AT+CMGS=15\r"
#define BODY PDU "\x1a"
#define QUIET_MS 250
#define DIALS 3000

struct terminal {
	struct simmodem modem;
	int fd;
	char heard[65536]; /* by the last say */
};

static void dial(struct terminal *t)
{
	/* after a hang-up the modem makes its line anew */
	for (int i = 0; i < DIALS && (t->fd = open(t->modem.link, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0; i++)
		usleep(10000);
	assert_true(t->fd >= 0);
}

static void start(struct terminal *t, const char *const *arguments)
{
	simmodem_start(&t->modem, arguments);
	dial(t);
}

static void stop(struct terminal *t)
{
	if (t->fd >= 0)
		close(t->fd);
	simmodem_stop(&t->modem);
}

static bool is_final(const char *heard)
{
	return strstr(heard, "\r\nOK\r\n") || strstr(heard, "ERROR") || strstr(heard, "\r\n> ");
}

/* Reads until a final answer or, with until_quiet, until nothing came for a while. */
static void listen_for(struct terminal *t, bool until_quiet)
{
	size_t n = 0;
	t->heard[0] = '\0';
	struct pollfd p = { .fd = t->fd, .events = POLLIN };
	while (n + 1 < sizeof(t->heard) && poll(&p, 1, until_quiet ? QUIET_MS : 3000) > 0) {
		ssize_t got = read(t->fd, t->heard + n, sizeof(t->heard) - 1 - n);
		if (got <= 0)
			return;
		for (ssize_t i = 0; i < got; i++)
			if (!t->heard[n + (size_t)i])
				t->heard[n + (size_t)i] = '?';
		n += (size_t)got;
		t->heard[n] = '\0';
		if (!until_quiet && is_final(t->heard))
			return;
	}
}

static const char *say(struct terminal *t, const char *text)
{
	assert_true(write(t->fd, text, strlen(text)) == (ssize_t)strlen(text));
	listen_for(t, false);
	return t->heard;
}

static const char *say_and_wait(struct terminal *t, const char *text)
{
	assert_true(write(t->fd, text, strlen(text)) == (ssize_t)strlen(text));
	listen_for(t, true);
	return t->heard;
}

struct exchange {
	const char *say, *expect;
};

static void exchange_all(struct terminal *t, const struct exchange *e, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *heard = say(t, e[i].say);
		if (!strstr(heard, e[i].expect))
			fail_msg("%s: heard \"%s\", expected \"%s\"", e[i].say, heard, e[i].expect);
	}
}

static void commands_answer_as_the_standard_says(void **state)
{
	(void)state;
	static const struct exchange dialogue[] = {
		{ "AT\r", "AT\r\r\nOK\r\n" },
		{ "ATE1V1;+CMEE=1\r", "OK" },
		{ "AT+CPIN?\r", "+CPIN: READY" },
		{ "AT+CSQ;+CREG?\r", "\r\n+CSQ: 22,99\r\n\r\n+CREG: 0,1\r\n\r\nOK" },
		{ "AT+NOSUCH\r", "\r\nERROR\r\n" },
		{ "AT+CSCS=\"HEX\"\r", "ERROR" },
		{ "AT+CSCS=\"UCS2\"\r", "OK" },
		{ "AT+CSCS?\r", "+CSCS: \"UCS2\"" },
		{ "AT+CPMS=\"SM\",\"SM\",\"SM\"\r", "+CPMS: 0,20,0,20,0,20" },
		{ "AT+CPMS=\"XX\"\r", "+CMS ERROR: 303" },
		{ "AT+CNMI=2,1,0,2,0\r", "OK" },
		{ "AT+CNMI=9\r", "+CMS ERROR: 303" },
		{ "AT+CMGR=1\r", "+CMS ERROR: 321" },
		{ "AT+CMGD=99\r", "+CMS ERROR: 321" },
		{ "AT+CMGS=3\r", "+CMS ERROR: 304" },
		{ "AT+CMGS=16\r", "> " },
		{ BODY, "+CMS ERROR: 304" },
		{ CMGS, "> " },
		{ "001100\x1b", "OK" },
		{ CMGS, "> " },
		{ BODY, "+CMGS: 1\r\n\r\nOK" },
		{ "AT+CMGF=1;+CMGS=\"+84912345678\"\r", "> " },
		{ "Text mode\x1a", "+CMGS: 2" },
		{ "ATE0\r", "OK" },
	};
	struct terminal t;
	start(&t, NULL);
	exchange_all(&t, dialogue, COUNT_OF(dialogue));
	assert_string_equal(say(&t, "AT\r"), "\r\nOK\r\n");
	assert_int_equal(simmodem_sent(&t.modem), 2);
	stop(&t);
}

static void wrong_pins_lead_to_the_puk(void **state)
{
	(void)state;
	static const struct exchange dialogue[] = {
		{ "AT+CMEE=1\r", "OK" },
		{ "AT+CPIN?\r", "+CPIN: SIM PIN" },
		{ "AT+CMGL=4\r", "+CMS ERROR: 311" },
		{ "AT+CIMI\r", "+CME ERROR: 11" },
		{ "AT+CPIN=\"0000\"\r", "+CME ERROR: 16" },
		{ "AT+CPIN=\"0001\"\r", "+CME ERROR: 16" },
		{ "AT+CPIN=\"0002\"\r", "+CME ERROR: 12" },
		{ "AT+CPIN?\r", "+CPIN: SIM PUK" },
		{ "AT+CPIN=\"4321\"\r", "+CME ERROR: 16" },
		{ "AT+CPIN=\"12345678\",\"1111\"\r", "OK" },
		{ "AT+CPIN?\r", "+CPIN: READY" },
	};
	struct terminal t;
	start(&t, NULL);
	simmodem_tell(&t.modem, "{\"op\":\"sim\",\"pin\":\"4321\"}");
	exchange_all(&t, dialogue, COUNT_OF(dialogue));
	json_t *sim = simmodem_ask(&t.modem, "{\"op\":\"sim\"}");
	assert_int_equal(json_integer_value(json_object_get(sim, "pin_tried")), 3);
	json_decref(sim);
	stop(&t);
}

static void each_fault_shows_what_it_says(void **state)
{
	(void)state;
	static const struct {
		const char *fault, *prompt, *answer; /* NULL prompt = none comes */
		int accepted;
	} cases[] = {
		{ "{\"action\":\"pass\"}", "> ", "OK", 1 },
		{ "{\"action\":\"cms\",\"code\":38}", "> ", "+CMS ERROR: 38", 0 },
		{ "{\"action\":\"cms\",\"code\":332,\"accept\":true}", "> ", "+CMS ERROR: 332", 1 },
		{ "{\"action\":\"cms\",\"code\":21,\"to\":\"+84912345678\"}", "> ", "+CMS ERROR: 21", 0 },
		{ "{\"action\":\"error\"}", "> ", "\r\nERROR\r\n", 0 },
		{ "{\"action\":\"cms_at_prompt\",\"code\":302}", "+CMS ERROR: 302", NULL, 0 },
		{ "{\"action\":\"no_prompt\"}", NULL, NULL, 0 },
		{ "{\"action\":\"silent\"}", "> ", "", 1 },
		{ "{\"action\":\"drop\"}", "> ", "", 0 },
		{ "{\"action\":\"hang\",\"ms\":100}", "> ", "", 0 },
		{ "{\"action\":\"garbage\"}", "> ", "garb", 0 },
		{ "{\"action\":\"half\"}", "> ", "\r\n+CMG", 0 },
		{ "{\"action\":\"no_ok\"}", "> ", "+CMGS: ", 1 },
		{ "{\"action\":\"slow\",\"ms\":200}", "> ", "OK", 1 },
		{ "{\"action\":\"dup_answer\"}", "> ", "OK\r\n\r\n+CMGS: ", 1 },
		{ "{\"action\":\"urc_inside\",\"text\":\"+XYZ: 1\"}", "> ", "\r\n+XYZ: 1\r\n\r\n+CMGS: ", 1 },
		{ "{\"action\":\"report_first\"}", "> ", "\r\n+CDS: ", 1 },
		{ "{\"action\":\"reset\"}", "> ", "", 0 },
	};
	struct terminal t;
	start(&t, (const char *[]){ "--boot-ms", "1000", NULL });
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char script[256];
		assert_true(strstr(say(&t, "ATE0;+CNMI=2,1,0,1,0\r"), "OK"));
		long before = simmodem_sent(&t.modem);
		snprintf(script, sizeof(script), "{\"op\":\"script\",\"clear\":true,\"faults\":[%s]}", cases[i].fault);
		simmodem_tell(&t.modem, script);
		say_and_wait(&t, CMGS);
		if (!(cases[i].prompt ? strstr(t.heard, cases[i].prompt) != NULL : !*t.heard))
			fail_msg("%s: prompt \"%s\"", cases[i].fault, t.heard);
		if (cases[i].answer)
			say_and_wait(&t, BODY);
		if (cases[i].answer && !(*cases[i].answer ? strstr(t.heard, cases[i].answer) != NULL : !*t.heard))
			fail_msg("%s: answer \"%s\"", cases[i].fault, t.heard);
		if (simmodem_sent(&t.modem) - before != cases[i].accepted)
			fail_msg("%s: accepted %ld", cases[i].fault, simmodem_sent(&t.modem) - before);
	}
	stop(&t);
}

/* No reference without a network that took the message, whatever is scripted. */
static void off_the_network_no_fault_shows_a_reference(void **state)
{
	(void)state;
	static const char *const actions[] = { "pass", "no_ok", "dup_answer", "urc_inside", "slow" };
	struct terminal t;
	start(&t, NULL);
	say(&t, "ATE0\r");
	simmodem_tell(&t.modem, "{\"op\":\"registration\",\"stat\":2}");
	for (size_t i = 0; i < COUNT_OF(actions); i++) {
		char script[160];
		snprintf(script, sizeof(script), "{\"op\":\"script\",\"clear\":true,\"faults\":[{\"action\":\"%s\",\"ms\":50}]}", actions[i]);
		simmodem_tell(&t.modem, script);
		say_and_wait(&t, CMGS);
		say_and_wait(&t, BODY);
		if (strstr(t.heard, "+CMGS:") || !strstr(t.heard, "+CMS ERROR: 331"))
			fail_msg("%s: \"%s\"", actions[i], t.heard);
	}
	assert_int_equal(simmodem_sent(&t.modem), 0);
	stop(&t);
}

static void fill_and_drain(struct terminal *t)
{
	simmodem_tell(&t->modem, "{\"op\":\"fill\"}");
	simmodem_tell(&t->modem, "{\"op\":\"deliver\",\"from\":\"+84987654321\",\"text\":\"cho\"}");
	listen_for(t, true);
	assert_non_null(strstr(t->heard, "^SMMEMFULL"));
	assert_null(strstr(t->heard, "+CMTI"));
	assert_non_null(strstr(say(t, "AT+CMGW=15\r"), "+CMS ERROR: 322"));
	assert_non_null(strstr(say_and_wait(t, "AT+CMGD=3\r"), "+CMTI: \"SM\",3"));
	assert_non_null(strstr(say(t, "AT+CMGR=3\r"), "+CMGR: 0,,"));
	assert_non_null(strstr(say(t, "AT+CMGR=3\r"), "+CMGR: 1,,"));
}

static void full_memory_keeps_messages_in_the_network(void **state)
{
	(void)state;
	struct terminal t;
	start(&t, (const char *[]){ "--profile", "huawei", "--storage", "5", NULL });
	say(&t, "AT+CNMI=2,1,0,2,0\r");
	fill_and_drain(&t);
	stop(&t);
}

static void reports_come_as_cnmi_asks(void **state)
{
	(void)state;
	static const struct {
		const char *label, *cnmi, *expect; /* NULL = nothing */
	} cases[] = {
		{ "direct", "AT+CNMI=2,1,0,1,0\r", "\r\n+CDS: 25\r\n07914889200030F006" },
		{ "stored", "AT+CNMI=2,1,0,2,0\r", "\r\n+CDSI: \"SM\",1\r\n" },
		{ "not asked for", "AT+CNMI=2,1,0,0,0\r", NULL },
	};
	struct terminal t;
	start(&t, (const char *[]){ "--report-delay-ms", "100", NULL });
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		say(&t, cases[i].cnmi);
		say(&t, CMGS);
		say_and_wait(&t, BODY);
		if (cases[i].expect ? !strstr(t.heard, cases[i].expect) : strstr(t.heard, "+CDS") != NULL)
			fail_msg("%s: \"%s\"", cases[i].label, t.heard);
	}
	stop(&t);
}

static void unplugged_port_is_gone_and_comes_back_new(void **state)
{
	(void)state;
	struct terminal t;
	start(&t, NULL);
	simmodem_tell(&t.modem, "{\"op\":\"script\",\"faults\":[{\"action\":\"unplug\",\"when\":\"after\"}]}");
	say(&t, CMGS);
	say_and_wait(&t, BODY);
	assert_int_equal(simmodem_sent(&t.modem), 1);
	assert_int_equal(access(t.modem.link, F_OK), -1);
	assert_true(write(t.fd, "AT\r", 3) < 0);
	close(t.fd);
	simmodem_tell(&t.modem, "{\"op\":\"plug\"}");
	dial(&t);
	assert_non_null(strstr(say(&t, "AT\r"), "AT\r\r\nOK"));
	stop(&t);
}

static void client_killed_behind_ctrl_z_has_sent(void **state)
{
	(void)state;
	struct terminal t;
	start(&t, (const char *[]){ "--send-ms", "100", NULL });
	say(&t, CMGS);
	assert_true(write(t.fd, BODY, sizeof(BODY) - 1) == sizeof(BODY) - 1);
	close(t.fd);
	for (int i = 0; i < DIALS && simmodem_sent(&t.modem) < 1; i++)
		usleep(10000);
	assert_int_equal(simmodem_sent(&t.modem), 1);
	dial(&t);
	say(&t, CMGS);
	assert_true(write(t.fd, PDU, 8) == 8);
	close(t.fd);
	usleep(300000);
	dial(&t);
	assert_non_null(strstr(say(&t, "AT\r"), "OK"));
	assert_int_equal(simmodem_sent(&t.modem), 1);
	stop(&t);
}

static void ussd_menus_go_on_until_they_end(void **state)
{
	(void)state;
	static const struct exchange dialogue[] = {
		{ "AT+CUSD=1\r", "OK" },
		{ "AT+CUSD=1,\"*098#\",15\r", "OK" },
	};
	struct terminal t;
	start(&t, NULL);
	simmodem_tell(&t.modem, "{\"op\":\"ussd\",\"code\":\"*098#\",\"reply\":\"1. So du\",\"more\":true,\"after_ms\":10}");
	simmodem_tell(&t.modem, "{\"op\":\"ussd\",\"code\":\"*098#>1\",\"reply\":\"Còn 5000đ\",\"after_ms\":10}");
	exchange_all(&t, dialogue, COUNT_OF(dialogue));
	listen_for(&t, true);
	assert_non_null(strstr(t.heard, "+CUSD: 1,\"1. So du\",15"));
	say_and_wait(&t, "AT+CUSD=1,\"1\",15\r");
	assert_non_null(strstr(t.heard, "+CUSD: 0,\"004300F2006E002000350030003000300111\",72"));
	say_and_wait(&t, "AT+CUSD=1,\"1\",15\r");
	assert_non_null(strstr(t.heard, "+CUSD: 4"));
	stop(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_answer_as_the_standard_says),
		cmocka_unit_test(wrong_pins_lead_to_the_puk),
		cmocka_unit_test(each_fault_shows_what_it_says),
		cmocka_unit_test(off_the_network_no_fault_shows_a_reference),
		cmocka_unit_test(full_memory_keeps_messages_in_the_network),
		cmocka_unit_test(reports_come_as_cnmi_asks),
		cmocka_unit_test(unplugged_port_is_gone_and_comes_back_new),
		cmocka_unit_test(client_killed_behind_ctrl_z_has_sent),
		cmocka_unit_test(ussd_menus_go_on_until_they_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

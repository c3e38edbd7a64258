/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The filter between line and library: byte streams in all chunkings, outcomes by the wire alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/drivers/gammu/line_guard.h"

static const uint8_t tpdu[] = { 0x11, 0x00, 0x05, 0x81, 0x21, 0x43, 0xF5, 0x00, 0x00, 0xA7, 0x01, 0x41 };
#define TPDU "1100058121" "43F50000A70141"
#define LIBRARY_PDU "00" TPDU

static struct line_guard *new_guard_with(const struct guard_limits *limits)
{
	struct line_guard *g = malloc(sizeof(*g));
	assert_non_null(g);
	line_guard_init(g, limits);
	return g;
}

static struct line_guard *new_guard(void)
{
	return new_guard_with(NULL);
}

static void free_guard(struct line_guard *g)
{
	for (size_t i = 0; i < g->n_urcs; i++)
		free(g->urcs[i].text);
	g->n_urcs = 0;
	line_guard_done(g);
	free(g);
}

static void modem(struct line_guard *g, const char *text, size_t chunk)
{
	for (size_t n = strlen(text), at = 0; at < n; at += chunk)
		line_guard_from_modem(g, text + at, n - at < chunk ? n - at : chunk, 0);
}

static void library(struct line_guard *g, const char *text, size_t chunk)
{
	for (size_t n = strlen(text), at = 0; at < n; at += chunk)
		line_guard_from_library(g, text + at, n - at < chunk ? n - at : chunk, 0);
}

static void expect_out(struct buffer *b, const char *text, const char *label)
{
	if (strcmp(buffer_text(b), text))
		fail_msg("%s: got \"%s\" instead of \"%s\"", label, buffer_text(b), text);
	buffer_done(b);
}

/* ---- commands ------------------------------------------------------------------------------------------------- */

static const struct {
	const char *label, *command, *from_modem, *to_library;
} commands[] = {
	{ "plain", "AT+CSQ", "\r\n+CSQ: 18,0\r\n\r\nOK\r\n", "AT+CSQ\r\r\n+CSQ: 18,0\r\n\r\nOK\r\n" },
	{ "with the modem's own echo", "AT+CSQ", "AT+CSQ\r\r\n+CSQ: 18,0\r\n\r\nOK\r\n", "AT+CSQ\r\r\n+CSQ: 18,0\r\n\r\nOK\r\n" },
	{ "unknown line before", "AT+CSQ", "\r\n+XYZ: 1\r\n\r\nCall Ready\r\n\r\n+CSQ: 18,0\r\n\r\nOK\r\n", "AT+CSQ\r\r\n+CSQ: 18,0\r\n\r\nOK\r\n" },
	{ "notification inside", "AT+CSQ", "\r\n+CSQ: 18,0\r\n\r\n+CMTI: \"SM\",3\r\n\r\nOK\r\n", "AT+CSQ\r\r\n+CSQ: 18,0\r\n\r\nOK\r\n" },
	{ "error", "AT+CPBS?", "\r\n+CME ERROR: 3\r\n", "AT+CPBS?\r\r\n+CME ERROR: 3\r\n" },
	{ "no prefix", "AT+CGMM", "\r\nE173\r\n\r\nOK\r\n", "AT+CGMM\r\r\nE173\r\n\r\nOK\r\n" },
	{ "registration asked", "AT+CREG?", "\r\n+CREG: 2,1\r\n\r\nOK\r\n", "AT+CREG?\r\r\n+CREG: 2,1\r\n\r\nOK\r\n" },
	{ "spaces behind", "AT+CSQ", "\r\n+CSQ: 18,0  \r\n\r\nOK \r\n", "AT+CSQ\r\r\n+CSQ: 18,0\r\n\r\nOK\r\n" },
	{ "a refusal that does not matter", "AT+CFUN=1", "\r\nERROR\r\n", "AT+CFUN=1\r\r\nOK\r\n" },
	{ "a refusal that matters", "AT+CSCA?", "\r\nERROR\r\n", "AT+CSCA?\r\r\nERROR\r\n" },
	{ "a list that is none", "AT+CSCS=?", "\r\nOK\r\n", "AT+CSCS=?\r\r\nERROR\r\n" },
	{ "a list", "AT+CSCS=?", "\r\n+CSCS: (\"GSM\")\r\n\r\nOK\r\n", "AT+CSCS=?\r\r\n+CSCS: (\"GSM\")\r\n\r\nOK\r\n" },
	{ "NULs and line feeds", "AT", "\n\n\nOK\n", "AT\r\r\nOK\r\n" },
};

static void guard_replies_are_the_same_in_any_chunking(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		for (size_t chunk = 1; chunk < 40; chunk++) {
			struct line_guard *g = new_guard();
			char line[64];
			snprintf(line, sizeof(line), "%s\r", commands[i].command);
			library(g, line, chunk);
			expect_out(&g->to_modem, line, commands[i].label);
			modem(g, commands[i].from_modem, chunk);
			expect_out(&g->to_library, commands[i].to_library, commands[i].label);
			assert_int_equal(g->state, GUARD_IDLE);
			free_guard(g);
		}
}

static void guard_keeps_dangerous_commands_from_the_modem(void **state)
{
	(void)state;
	static const char *const refused[] = { "AT+CFUN=1,1\r", "AT^SRESET\r", "AT+CPIN=\"1234\"\r", "AT+CMGS=12\r", "AT+CMGD=1,4\r",
					       "AT+CMGF=1\r", "ATD112;\r", "ATZ\r", "AT+CMGW=3\r", "0791AT+CPIN=\"1234\"\r", "079148AT+CFUN=1,1\r",
					       "AT+CSQAT+CMGD=1,4\r", "AT+CSQ;+CMGS=12\r", "AT+CPIN=?4\r", "hello\r" };
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		struct line_guard *g = new_guard();
		library(g, refused[i], 100);
		expect_out(&g->to_modem, "", refused[i]);
		assert_non_null(strstr(buffer_text(&g->to_library), "ERROR"));
		free_guard(g);
	}
	static const char *const passed[] = { "AT+CPIN?\r", "AT+CMGF=0\r", "AT+CFUN=1\r", "AT+CMGD=?\r", "AT+CSCA?\r" };
	for (size_t i = 0; i < COUNT_OF(passed); i++) {
		struct line_guard *g = new_guard();
		library(g, passed[i], 100);
		expect_out(&g->to_modem, passed[i], passed[i]);
		free_guard(g);
	}
}

static void guard_echo_is_the_guards_own(void **state)
{
	(void)state;
	struct line_guard *g = new_guard();
	library(g, "ATE1\r", 1);
	expect_out(&g->to_modem, "", "echo");
	expect_out(&g->to_library, "ATE1\r\r\nOK\r\n", "echo");
	free_guard(g);
}

static void guard_silence_ends_and_blocks_until_healed(void **state)
{
	(void)state;
	struct line_guard *g = new_guard();
	library(g, "AT+CSQ\r", 10);
	buffer_done(&g->to_library);
	line_guard_tick(g, line_guard_due_ms(g));
	expect_out(&g->to_library, "\r\nERROR\r\n", "silence");
	assert_true(g->sick);
	buffer_done(&g->to_modem);
	library(g, "AT+CSQ\r", 10);
	expect_out(&g->to_modem, "", "sick");
	modem(g, "\r\n+CSQ: 18,0\r\n\r\nOK\r\n", 5);
	line_guard_heal(g);
	buffer_done(&g->to_library);
	library(g, "AT+CSQ\r", 10);
	expect_out(&g->to_modem, "AT+CSQ\r", "healed");
	free_guard(g);
}

/* ---- sending -------------------------------------------------------------------------------------------------- */

static const struct {
	const char *label, *before, *after; /* what the modem says until the prompt, and behind Ctrl-Z; NULL = nothing */
	enum guard_sent sent;
	bool handed;
	int mr, code;
} sends[] = {
	{ "plain", "\r\n> ", "\r\n+CMGS: 37\r\n\r\nOK\r\n", GUARD_SENT_ACCEPTED, true, 37, 0 },
	{ "echoing modem", "AT+CMGS=12\r\r\n> ", LIBRARY_PDU "\x1a\r\n+CMGS: 37\r\n\r\nOK\r\n", GUARD_SENT_ACCEPTED, true, 37, 0 },
	{ "prompt without a space", "\r\n>", "\r\n+CMGS: 0\r\n\r\nOK\r\n", GUARD_SENT_ACCEPTED, true, 0, 0 },
	{ "report inside", "\r\n> ", "\r\n+CDS: 25\r\n0006\r\n\r\n+CMGS: 5\r\n\r\nOK\r\n", GUARD_SENT_ACCEPTED, true, 5, 0 },
	{ "OK is lost", "\r\n> ", "\r\n+CMGS: 5\r\n", GUARD_SENT_ACCEPTED, true, 5, 0 },
	{ "answered twice", "\r\n> ", "\r\n+CMGS: 5\r\n\r\nOK\r\n\r\n+CMGS: 6\r\n\r\nOK\r\n", GUARD_SENT_ACCEPTED, true, 5, 0 },
	{ "forged answer before the prompt", "\r\n+CMGS: 5\r\n\r\nOK\r\n\r\n> ", "\r\n+CMS ERROR: 38\r\n", GUARD_SENT_ERROR, true, -1, 38 },
	{ "forged answer, no prompt", "\r\n+CMGS: 5\r\n\r\nOK\r\n", NULL, GUARD_SENT_NO_PROMPT, false, -1, 0 },
	{ "error at the prompt", "\r\n+CMS ERROR: 302\r\n", NULL, GUARD_SENT_ERROR, false, -1, 302 },
	{ "plain error at the end", "\r\n> ", "\r\nERROR\r\n", GUARD_SENT_ERROR, true, -1, -1 },
	{ "OK without a reference", "\r\n> ", "\r\nOK\r\n", GUARD_SENT_NO_ANSWER, true, -1, 0 },
	{ "reference out of range", "\r\n> ", "\r\n+CMGS: 300\r\n\r\nOK\r\n", GUARD_SENT_NO_ANSWER, true, -1, 0 },
	{ "no prompt", "", NULL, GUARD_SENT_NO_PROMPT, false, -1, 0 },
	{ "no answer", "\r\n> ", "", GUARD_SENT_NO_ANSWER, true, -1, 0 },
	{ "the message echoed, its end too", "\r\n> ", "0011000B\x1a+CMGS: 7\r\nOK\r\n", GUARD_SENT_ACCEPTED, true, 7, 0 },
	{ "half an answer", "\r\n> ", "\r\n+CMG", GUARD_SENT_NO_ANSWER, true, -1, 0 },
};

static void guard_the_wire_decides_how_a_send_ended(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(sends); i++)
		for (size_t chunk = 1; chunk < 30; chunk += 3) {
			struct line_guard *g = new_guard();
			assert_int_equal(line_guard_arm(g, tpdu, sizeof(tpdu)), 0);
			library(g, "AT+CMGS=99\r", chunk);
			expect_out(&g->to_modem, "AT+CMGS=12\r", sends[i].label);
			modem(g, sends[i].before, chunk);
			library(g, LIBRARY_PDU "\x1a", chunk);
			if (sends[i].after)
				expect_out(&g->to_modem, LIBRARY_PDU "\x1a", sends[i].label);
			modem(g, sends[i].after ? sends[i].after : "", chunk);
			while (g->state != GUARD_IDLE)
				line_guard_tick(g, line_guard_due_ms(g));
			if (g->send.sent != sends[i].sent || g->send.handed != sends[i].handed || g->send.mr != sends[i].mr ||
			    (sends[i].code && g->send.code != sends[i].code))
				fail_msg("%s: sent %d handed %d mr %d code %d", sends[i].label, (int)g->send.sent, g->send.handed, g->send.mr,
					 g->send.code);
			bool open = sends[i].sent == GUARD_SENT_NO_PROMPT || sends[i].sent == GUARD_SENT_NO_ANSWER;
			if (g->sick != open)
				fail_msg("%s: what may still be answered must be waited for", sends[i].label);
			if (!sends[i].handed)
				assert_null(strchr(buffer_text(&g->to_modem), '\x1a'));
			free_guard(g);
		}
}

static void guard_sends_what_was_armed_and_only_once(void **state)
{
	(void)state;
	struct line_guard *g = new_guard();
	assert_int_equal(line_guard_arm(g, tpdu, sizeof(tpdu)), 0);
	library(g, "AT+CMGS=9\r", 100);
	modem(g, "\r\n> ", 100);
	buffer_done(&g->to_modem);
	library(g, "0791488920003" "0F011000581AABBCC\x1a", 100);
	expect_out(&g->to_modem, "07914889200030F0" TPDU "\x1a", "the library's centre, our segment");
	assert_true(g->send.differs);
	modem(g, "\r\n+CMS ERROR: 500\r\n", 100);
	library(g, "\x1b\rAT+CMGS=9\r", 100);
	expect_out(&g->to_modem, "", "second send");
	assert_int_equal(g->send.sent, GUARD_SENT_ERROR);
	free_guard(g);
}

static void guard_losing_the_line_tells_before_or_after(void **state)
{
	(void)state;
	for (int handed = 0; handed < 2; handed++) {
		struct line_guard *g = new_guard();
		assert_int_equal(line_guard_arm(g, tpdu, sizeof(tpdu)), 0);
		library(g, "AT+CMGS=12\r", 100);
		modem(g, "\r\n> ", 100);
		if (handed)
			library(g, LIBRARY_PDU "\x1a", 100);
		line_guard_lose(g);
		assert_int_equal(g->send.sent, GUARD_SENT_LOST);
		assert_int_equal(g->send.handed, handed);
		free_guard(g);
	}
}

/* A guard that has asked for the prompt; entered: it has the prompt, and the message is written. */
static struct line_guard *in_the_middle(bool entered)
{
	struct line_guard *g = new_guard();
	assert_int_equal(line_guard_arm(g, tpdu, sizeof(tpdu)), 0);
	library(g, "AT+CMGS=12\r", 100);
	if (entered) {
		modem(g, "\r\n> ", 100);
		library(g, LIBRARY_PDU "\x1a", 100);
	}
	return g;
}

static void guard_a_line_lost_at_any_octet_is_accepted_only_after_the_whole_reference(void **state)
{
	(void)state;
	static const char prompt[] = "\r\n> ", answer[] = "\r\n+CMGS: 37\r\n\r\nOK\r\n";
	const size_t whole = strlen("\r\n+CMGS: 37\r");
	for (size_t n = 0; n < sizeof(prompt); n++) {
		struct line_guard *g = in_the_middle(false);
		line_guard_from_modem(g, prompt, n, 0);
		line_guard_lose(g);
		assert_int_equal(g->send.sent, GUARD_SENT_LOST);
		assert_false(g->send.handed);
		free_guard(g);
	}
	for (size_t n = 0; n < sizeof(answer); n++) {
		struct line_guard *g = in_the_middle(true);
		line_guard_from_modem(g, answer, n, 0);
		line_guard_lose(g);
		assert_int_equal(g->send.sent, n < whole ? GUARD_SENT_LOST : GUARD_SENT_ACCEPTED);
		assert_int_equal(g->send.mr, n < whole ? -1 : 37);
		assert_true(g->send.handed);
		free_guard(g);
	}
}

/* ---- modems that want to be spoken to slowly -------------------------------------------------------------------- */

static const struct guard_limits slow = { .prompt_ms = 5000, .answer_ms = 20000, .pause_ms = 50 };

static void guard_pauses_before_commands_of_either_owner(void **state)
{
	(void)state;
	for (int raw = 0; raw < 2; raw++) {
		struct line_guard *g = new_guard_with(&slow);
		if (raw)
			assert_int_equal(line_guard_raw(g, "AT+CSQ", 1000, 0), 0);
		else
			library(g, "AT+CSQ\r", 3);
		expect_out(&g->to_modem, "", "held");
		assert_int_equal(line_guard_due_ms(g), 50);
		line_guard_tick(g, 49);
		expect_out(&g->to_modem, "", "still held");
		line_guard_tick(g, 50);
		expect_out(&g->to_modem, "AT+CSQ\r", "after the pause");
		modem(g, "\r\n+CSQ: 18,0\r\n\r\nOK\r\n", 4);
		assert_int_equal(g->state, GUARD_IDLE);
		free_guard(g);
	}
}

/* A slow guard whose PDU is written and whose Ctrl-Z waits. */
static struct line_guard *before_ctrl_z(void)
{
	struct line_guard *g = new_guard_with(&slow);
	assert_int_equal(line_guard_arm(g, tpdu, sizeof(tpdu)), 0);
	library(g, "AT+CMGS=12\r", 100);
	line_guard_tick(g, 50);
	modem(g, "\r\n> ", 100);
	buffer_done(&g->to_modem);
	library(g, LIBRARY_PDU "\x1a", 100);
	expect_out(&g->to_modem, LIBRARY_PDU, "without its end");
	return g;
}

static void guard_pauses_between_segment_and_its_end(void **state)
{
	(void)state;
	struct line_guard *g = before_ctrl_z();
	assert_false(g->send.handed);
	line_guard_tick(g, line_guard_due_ms(g));
	expect_out(&g->to_modem, "\x1a", "the end");
	assert_true(g->send.handed);
	modem(g, "\r\n+CMGS: 9\r\n\r\nOK\r\n", 100);
	assert_int_equal(g->send.sent, GUARD_SENT_ACCEPTED);
	assert_int_equal(g->send.mr, 9);
	free_guard(g);
}

static void guard_what_ends_in_the_pause_was_never_handed_over(void **state)
{
	(void)state;
	struct line_guard *refused = before_ctrl_z(), *lost = before_ctrl_z();
	modem(refused, "\r\n+CMS ERROR: 500\r\n", 100);
	line_guard_tick(refused, 100000);
	expect_out(&refused->to_modem, "", "refused");
	assert_int_equal(refused->send.sent, GUARD_SENT_ERROR);
	assert_false(refused->send.handed);
	line_guard_lose(lost);
	line_guard_tick(lost, 100000);
	expect_out(&lost->to_modem, "", "lost");
	assert_int_equal(lost->send.sent, GUARD_SENT_LOST);
	assert_false(lost->send.handed);
	free_guard(refused);
	free_guard(lost);
}

/* ---- notifications and bounds --------------------------------------------------------------------------------- */

static const struct {
	const char *label, *text, *urc;
	enum guard_urc_kind kind;
} notes[] = {
	{ "stored", "\r\n+CMTI: \"SM\",3\r\n", "\"SM\",3", GUARD_STORED },
	{ "stored report", "\r\n+CDSI: \"SR\",1\r\n", "\"SR\",1", GUARD_STORED },
	{ "direct", "\r\n+CMT: ,24\r\n0791AB\r\n", "0791AB", GUARD_DELIVER },
	{ "direct report", "\r\n+CDS: 25\r\n0006AB\r\n", "0006AB", GUARD_REPORT },
	{ "something thrown in before the PDU", "\r\n+CMT: ,24\r\n^RSSI: 12\r\nRING\r\n0791AB\r\n", "0791AB", GUARD_DELIVER },
	{ "not even hex", "\r\n+CMT: ,24\r\nZZZ\r\n", "ZZZ", GUARD_DELIVER },
	{ "ussd", "\r\n+CUSD: 1,\"menu\",15\r\n", "1,\"menu\",15", GUARD_USSD },
	{ "ussd of two lines", "\r\n+CUSD: 1,\"one\r\ntwo\",15\r\n", "1,\"one\ntwo\",15", GUARD_USSD },
	{ "ussd without text", "\r\n+CUSD: 2\r\n", "2", GUARD_USSD },
};

static void guard_notifications_arrive_whole_at_any_moment(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(notes); i++)
		for (size_t chunk = 1; chunk < 20; chunk++)
			for (int busy = 0; busy < 2; busy++) {
				struct line_guard *g = new_guard();
				if (busy)
					library(g, "AT+CSQ\r", 10);
				modem(g, notes[i].text, chunk);
				modem(g, busy ? "\r\n+CSQ: 1,0\r\n\r\nOK\r\n" : "", chunk);
				if (g->n_urcs != 1 || g->urcs[0].kind != notes[i].kind || strcmp(g->urcs[0].text, notes[i].urc))
					fail_msg("%s: %zu, \"%s\"", notes[i].label, g->n_urcs, g->n_urcs ? g->urcs[0].text : "");
				if (busy)
					expect_out(&g->to_library, "AT+CSQ\r\r\n+CSQ: 1,0\r\n\r\nOK\r\n", notes[i].label);
				free_guard(g);
			}
}

static void guard_a_lost_pdu_does_not_swallow_the_answer(void **state)
{
	(void)state;
	struct line_guard *g = new_guard();
	library(g, "AT\r", 10);
	modem(g, "\r\n+CDS: 25\r\n\r\nOK\r\n", 3);
	expect_out(&g->to_library, "AT\r\r\nOK\r\n", "lost PDU");
	free_guard(g);
}

static void guard_endless_lines_and_floods_are_bounded(void **state)
{
	(void)state;
	struct line_guard *g = new_guard();
	char noise[4096];
	memset(noise, 'A', sizeof(noise));
	for (int i = 0; i < 2560; i++)
		line_guard_from_modem(g, noise, sizeof(noise), 0);
	assert_true(g->dropped_bytes > 10 * 1000 * 1000);
	modem(g, "\r\n", 2);
	for (int i = 0; i < 10000; i++)
		modem(g, "\r\n+CMTI: \"SM\",3\r\n\r\n^BOOT:1,0\r\n", 100);
	assert_int_equal(g->n_urcs, GUARD_URCS / 2);
	assert_int_equal(buffer_left(&g->to_library), 0);
	assert_int_equal(line_guard_raw(g, "AT+CMGL=4", 1000, 0), 0);
	for (int i = 0; i < 100000; i++)
		modem(g, "0791488920003\r\n", 100);
	assert_true(buffer_left(&g->reply) <= GUARD_REPLY_BYTES);
	modem(g, "OK\r\n", 4);
	assert_int_equal(g->raw, GUARD_RAW_OK);
	free_guard(g);
}

static void guard_raw_commands_hold_no_control_characters(void **state)
{
	(void)state;
	struct line_guard *g = new_guard();
	assert_int_equal(line_guard_raw(g, "AT+CUSD=1,\"*1#\rAT+CMGD=1,4\"", 1000, 0), E_INVALID);
	assert_int_equal(line_guard_raw(g, "AT\x1a", 1000, 0), E_INVALID);
	assert_int_equal(line_guard_raw(g, "AT", 1000, 0), 0);
	assert_int_equal(line_guard_raw(g, "AT", 1000, 0), E_UNAVAILABLE);
	free_guard(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guard_replies_are_the_same_in_any_chunking),
		cmocka_unit_test(guard_keeps_dangerous_commands_from_the_modem),
		cmocka_unit_test(guard_echo_is_the_guards_own),
		cmocka_unit_test(guard_silence_ends_and_blocks_until_healed),
		cmocka_unit_test(guard_the_wire_decides_how_a_send_ended),
		cmocka_unit_test(guard_sends_what_was_armed_and_only_once),
		cmocka_unit_test(guard_a_line_lost_at_any_octet_is_accepted_only_after_the_whole_reference),
		cmocka_unit_test(guard_losing_the_line_tells_before_or_after),
		cmocka_unit_test(guard_pauses_before_commands_of_either_owner),
		cmocka_unit_test(guard_pauses_between_segment_and_its_end),
		cmocka_unit_test(guard_what_ends_in_the_pause_was_never_handed_over),
		cmocka_unit_test(guard_notifications_arrive_whole_at_any_moment),
		cmocka_unit_test(guard_a_lost_pdu_does_not_swallow_the_answer),
		cmocka_unit_test(guard_endless_lines_and_floods_are_bounded),
		cmocka_unit_test(guard_raw_commands_hold_no_control_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

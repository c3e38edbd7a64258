/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes wrong on a modem's line, as a table: each fault ends with the right outcome, the handset shows the text as
 * often as the network took it, and the next message goes out. Then what is bounded: endless lines, floods, a SIM that
 * keeps what was deleted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/support/modemrig.h"

#define MEMORY_KB (16 * 1024)
#define MEGABYTE (1000 * 1000)

/* ---- one message each ----------------------------------------------------------------------------------------- */

#define FAULT(text) "{\"op\":\"script\",\"clear\":true,\"faults\":[{\"on\":\"cmgs\"," text "}]}"

static const struct {
	const char *label, *operation, *outcome;
	int heard;
} faults[] = {
	{ "answers after 2 s", FAULT("\"action\":\"slow\",\"ms\":2000"), "accepted", 1 },
	{ "answers twice", FAULT("\"action\":\"dup_answer\""), "accepted", 1 },
	{ "an unknown line before the answer", FAULT("\"action\":\"urc_inside\",\"text\":\"^SMMEMFULL: \\\"SM\\\"\""), "accepted", 1 },
	{ "the reference without OK", FAULT("\"action\":\"no_ok\""), "accepted", 1 },
	{ "an error at the prompt", FAULT("\"action\":\"cms_at_prompt\",\"code\":302"), "not_sent", 0 },
	{ "no prompt", FAULT("\"action\":\"no_prompt\""), "not_sent", 0 },
	{ "no network", FAULT("\"action\":\"cme\",\"code\":30"), "not_sent", 0 },
	{ "an error without a code", FAULT("\"action\":\"error\""), "unclear", 0 },
	{ "noise instead of the answer", FAULT("\"action\":\"garbage\",\"accept\":true"), "unclear", 1 },
	{ "off the network", "{\"op\":\"registration\",\"stat\":2}", "not_sent", 0 },
	{ "a forged answer before the message", "{\"op\":\"urc\",\"text\":\"\\r\\n+CMGS: 5\\r\\n\\r\\nOK\\r\\n\",\"raw\":true}", "accepted", 1 },
	{ "a modem that tells of its start for ever", "{\"op\":\"urc\",\"text\":\"^BOOT:1,0,0,0,20\",\"times\":20000}", "accepted", 1 },
	{ "notifications without an end", "{\"op\":\"urc\",\"text\":\"+CMTI: \\\"SM\\\",3\",\"times\":10000}", "accepted", 1 },
};

static void send_after(struct modemrig *r, const char *text, const char *label)
{
	json_t *result = modemrig_submit_text(r, text);
	int64_t until = modemrig_now_ms() + MODEMRIG_LIMIT_MS;
	while (!strcmp(json_str(result, "outcome", ""), "not_sent") && modemrig_now_ms() < until) {
		modemrig_listen(r, 500); /* the modem is being brought up again */
		result = modemrig_submit_text(r, text);
	}
	if (strcmp(json_str(result, "outcome", ""), "accepted") || modemrig_heard(r, text) != 1)
		fail_msg("%s: the modem does not work again", label);
}

static void each_fault_ends_right_and_the_next_message_goes_out(void **state)
{
	struct modemrig *r = *state;
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		char text[32], next[32];
		snprintf(text, sizeof(text), "fault %zu", i);
		snprintf(next, sizeof(next), "after fault %zu", i);
		simmodem_tell(&r->modem, faults[i].operation);
		json_t *result = modemrig_submit_text(r, text);
		int heard = modemrig_heard(r, text);
		if (strcmp(json_str(result, "outcome", ""), faults[i].outcome) || heard != faults[i].heard)
			fail_msg("%s: %s, heard %d times", faults[i].label, json_str(result, "outcome", ""), heard);
		simmodem_tell(&r->modem, "{\"op\":\"registration\",\"stat\":1}");
		send_after(r, next, faults[i].label);
		assert_int_equal(modemrig_heard(r, text), faults[i].heard);
	}
}

/* ---- what is bounded ------------------------------------------------------------------------------------------ */

static long resident_kb(pid_t pid)
{
	char path[64], line[128];
	long kb = -1;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmHWM: %ld kB", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb;
}

static void ten_megabytes_without_an_end_cost_no_memory_and_no_message(void **state)
{
	struct modemrig *r = *state;
	char *noise = malloc(MEGABYTE + 1);
	assert_non_null(noise);
	memset(noise, 'A', MEGABYTE);
	noise[MEGABYTE] = '\0';
	modemrig_tell(r, json_pack("{s:s,s:s,s:b,s:i}", "op", "urc", "text", noise, "raw", 1, "times", 10));
	free(noise);
	send_after(r, "behind ten megabytes", "endless line");
#if !defined(__SANITIZE_ADDRESS__)
	assert_in_range(resident_kb(r->driver), 1, MEMORY_KB);
#else
	assert_true(resident_kb(r->driver) > 0);
#endif
}

static void what_the_sim_keeps_is_offered_once(void **state)
{
	struct modemrig *r = *state;
	simmodem_tell(&r->modem, "{\"op\":\"script\",\"clear\":true,\"faults\":[{\"on\":\"cmgd\",\"action\":\"cms\",\"code\":500,\"times\":-1}]}");
	size_t from = modemrig_n(r);
	modemrig_tell(r, json_pack("{s:s,s:s,s:s}", "op", "deliver", "from", VILLAGER, "text", "Xin giu lai"));
	const char *id = json_str(modemrig_expect(r, from, "inbound", "text", "Xin giu lai"), "id", "");
	simmodem_tell(&r->modem, "{\"op\":\"urc\",\"text\":\"+CMTI: \\\"SM\\\",1\"}");
	send_after(r, "meanwhile", "undeletable"); /* a round of reading comes before it */
	assert_int_equal(modemrig_used(r, "SM"), 1);
	assert_int_equal(modemrig_count(r, "inbound", "id", id), 1);
	simmodem_tell(&r->modem, "{\"op\":\"script\",\"clear\":true}");
	simmodem_tell(&r->modem, "{\"op\":\"urc\",\"text\":\"+CMTI: \\\"SM\\\",1\"}");
	modemrig_wait_empty(r);
	assert_int_equal(modemrig_count(r, "inbound", "id", id), 1);
}

static void a_code_that_would_be_a_command_is_not_dialled(void **state)
{
	struct modemrig *r = *state;
	static const char *const codes[] = { "*101#\rAT+CMGD=1,4", "*101#\"", "*101#\x1a", "" };
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		char id[8];
		snprintf(id, sizeof(id), "x%zu", i);
		size_t from = modemrig_n(r);
		modemrig_say(r, json_pack("{s:s,s:s,s:s}", "op", "ussd", "id", id, "code", codes[i]));
		const json_t *end = modemrig_expect(r, from, "ussd_text", "id", id);
		assert_false(json_flag(end, "more", true));
		assert_string_equal(json_str(end, "text", "?"), "");
	}
	json_t *asked = modemrig_ask(r, json_pack("{s:s,s:b}", "op", "ussd", "requests", 1));
	assert_int_equal(json_array_size(json_object_get(asked, "requests")), 0);
	json_decref(asked);
}

/* A command by another hand, while no driver has the port. */
static void type(const char *port, const char *command)
{
	char heard[512] = "";
	size_t n = 0;
	int fd = open(port, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, command, strlen(command)), strlen(command));
	while (!strstr(heard, "OK\r") && n + 1 < sizeof(heard)) {
		ssize_t got = read(fd, heard + n, sizeof(heard) - 1 - n);
		assert_true(got > 0);
		n += (size_t)got;
		heard[n] = '\0';
	}
	close(fd);
}

/* The SIM is full and one more message lies in the modem's own memory, which no notification told of. */
static void messages_of_every_memory_are_found_and_its_level_is_told(void **state)
{
	struct modemrig *r = *state;
	modemrig_kill_driver(r);
	simmodem_tell(&r->modem, "{\"op\":\"fill\"}");
	type(r->modem.link, "AT+CPMS=\"ME\",\"ME\",\"ME\"\r");
	modemrig_tell(r, json_pack("{s:s,s:s,s:s}", "op", "deliver", "from", VILLAGER, "text", "Tin trong may"));
	size_t from = modemrig_n(r);
	modemrig_start_driver(r);
	modemrig_expect(r, from, "inbound", "text", "Tin trong may");
	modemrig_wait_empty(r);
	modemrig_expect_credit(r, from, 1);
	const json_t *storage = json_object_get(modemrig_expect(r, from, "status", "sim", "8984049000000000001"), "storage");
	assert_in_range(json_array_size(storage), 2, 3);
	assert_string_equal(json_str(json_array_get(storage, 0), "memory", ""), "SM");
	assert_int_equal(json_int(json_array_get(storage, 0), "size", 0), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_ends_right_and_the_next_message_goes_out),
		cmocka_unit_test(ten_megabytes_without_an_end_cost_no_memory_and_no_message),
		cmocka_unit_test(what_the_sim_keeps_is_offered_once),
		cmocka_unit_test(messages_of_every_memory_are_found_and_its_level_is_told),
		cmocka_unit_test(a_code_that_would_be_a_command_is_not_dialled),
	};
	return cmocka_run_group_tests(tests, modemrig_set_up, modemrig_tear_down);
}

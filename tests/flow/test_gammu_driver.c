/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi-gammu against the simulated modem: sending, receiving, USSD, and the faults that a driver meets daily. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/modemrig.h"


static void assert_outcome(const json_t *result, const char *outcome)
{
	assert_string_equal(json_str(result, "outcome", ""), outcome);
}

/* ---- sending -------------------------------------------------------------------------------------------------- */

static void driver_sends_single_messages_exactly(void **state)
{
	struct modemrig *r = *state;
	static const char *const texts[][2] = {
		{ "hello {x} @ \xe2\x82\xac ~", "gsm7" },
		{ "Xin ch\xc3\xa0o b\xc3\xa0 con ~ ~~ \xf0\x9f\x98\x80", "ucs2" },
		{ "", "gsm7" },
	};
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		json_t *result = modemrig_submit(r, HANDSET, &(struct modemrig_message){ texts[i][0], texts[i][1], 1, 1, 0, false });
		assert_outcome(result, "accepted");
		assert_true(!strncmp(json_str(result, "reference", ""), "mr:", 3));
		assert_int_equal(modemrig_heard(r, texts[i][0]), 1);
	}
}

static void driver_parts_are_joined_by_our_reference(void **state)
{
	struct modemrig *r = *state;
	char text[3][160] = { "", "", "end" }, whole[sizeof(text)];
	memset(text[0], 'A', 153);
	memset(text[1], 'B', 153);
	snprintf(whole, sizeof(whole), "%s%s%s", text[0], text[1], text[2]);
	for (int i = 0; i < 3; i++)
		assert_outcome(modemrig_submit(r, HANDSET, &(struct modemrig_message){ text[i], "gsm7", i + 1, 3, 177, false }), "accepted");
	assert_int_equal(modemrig_heard(r, whole), 1);
}

static void driver_what_is_no_number_never_reaches_the_modem(void **state)
{
	struct modemrig *r = *state;
	static const char *const numbers[] = { "+84\"\rAT+CMGD=1,4", "+84912\x1a", "", "113 4" };
	size_t before = modemrig_sent(r);
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		json_t *result = modemrig_submit(r, numbers[i], &(struct modemrig_message){ "x", "gsm7", 1, 1, 0, false });
		assert_outcome(result, "refused");
		assert_string_equal(json_str(result, "fault", ""), "recipient");
	}
	assert_int_equal(modemrig_sent(r), before);
}

static const struct {
	int code;
	const char *outcome, *fault;
} errors[] = {
	{ 21, "refused", "message" },  { 30, "refused", "recipient" }, { 38, "not_sent", "channel" }, { 41, "not_sent", "channel" },
	{ 42, "not_sent", "channel" }, { 50, "refused", "message" },   { 304, "refused", "message" }, { 322, "not_sent", "channel" },
	{ 330, "refused", "channel" }, { 332, "unclear", "" },	       { 500, "unclear", "" },	      { 512, "not_sent", "channel" },
	{ 515, "not_sent", "channel" }, { 777, "unclear", "" },
};

static void driver_errors_follow_the_table_and_are_not_repeated(void **state)
{
	struct modemrig *r = *state;
	for (size_t i = 0; i < COUNT_OF(errors); i++) {
		char code[16];
		size_t before = modemrig_sent(r);
		snprintf(code, sizeof(code), "cms:%d", errors[i].code);
		modemrig_script(r, json_pack("{s:s,s:s,s:i,s:i}", "on", "cmgs", "action", "cms", "code", errors[i].code, "times", 1));
		json_t *result = modemrig_submit_text(r, "table");
		assert_outcome(result, errors[i].outcome);
		assert_string_equal(json_str(result, "fault", ""), errors[i].fault);
		assert_string_equal(json_str(result, "code", ""), code);
		assert_int_equal(modemrig_sent(r), before);
	}
	modemrig_script(r, json_pack("{s:s,s:s,s:i,s:i}", "on", "cmgs", "action", "cms_at_prompt", "code", 302, "times", 1));
	assert_outcome(modemrig_submit_text(r, "at the prompt"), "not_sent");
	assert_int_equal(modemrig_heard(r, "at the prompt"), 0);
	assert_outcome(modemrig_submit_text(r, "after the table"), "accepted");
}

static void driver_is_confined_while_it_works(void **state)
{
	struct modemrig *r = *state;
	char path[64], line[128];
	int found = 0;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)r->driver);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		found += !strcmp(line, "NoNewPrivs:\t1\n") || !strcmp(line, "Seccomp:\t2\n");
	fclose(f);
	assert_int_equal(found, 2);
	assert_outcome(modemrig_submit_text(r, "from behind bars"), "accepted");
}

/* ---- receiving ------------------------------------------------------------------------------------------------ */

static void driver_parts_come_singly_and_are_deleted_when_stored(void **state)
{
	struct modemrig *r = *state;
	r->mute = true;
	size_t from = modemrig_n(r);
	modemrig_tell(r, json_pack("{s:s,s:s,s:s,s:s}", "op", "deliver", "from", VILLAGER, "encoding", "ucs2", "text",
			  "T\xc3\xb4i mu\xe1\xbb\x91n \xc4\x91\xc4\x83ng k\xc3\xbd b\xe1\xba\xa3o hi\xe1\xbb\x83m y t\xe1\xba\xbf cho c\xe1\xba\xa3 "
			  "nh\xc3\xa0, g\xe1\xbb\x93m n\xc4\x83m ng\xc6\xb0\xe1\xbb\x9di, xin h\xc6\xb0\xe1\xbb\x9bng d\xe1\xba\xabn"));
	modemrig_expect(r, from, "inbound", NULL, NULL);
	modemrig_listen(r, 1500);
	modemrig_listen(r, 500);
	const json_t *parts[2] = { NULL };
	size_t n = 0;
	for (size_t i = from; i < modemrig_n(r) && n < 2; i++)
		if (modemrig_fits(json_array_get(r->frames, i), "inbound", NULL, NULL))
			parts[n++] = json_array_get(r->frames, i);
	assert_int_equal(n, 2);
	for (int i = 0; i < 2; i++) {
		const json_t *udh = json_object_get(parts[i], "udh");
		assert_int_equal(json_int(udh, "total", 0), 2);
		assert_int_equal(json_int(udh, "part", 0), i + 1);
		assert_int_equal(json_int(udh, "bits", 0), 8);
		assert_string_equal(json_str(parts[i], "from", ""), VILLAGER);
		assert_true(*json_str(parts[i], "raw", ""));
	}
	assert_int_equal(modemrig_used(r, "SM"), 2);
	for (int i = 0; i < 2; i++)
		modemrig_say(r, json_pack("{s:s,s:s}", "op", "stored", "id", json_str(parts[i], "id", "")));
	r->mute = false;
	modemrig_wait_empty(r);
}

#define PDU "07914889200030F0040B914889674523F1000062112270955082"

static void driver_the_same_message_is_offered_once(void **state)
{
	struct modemrig *r = *state;
	size_t from = modemrig_n(r);
	for (int i = 0; i < 3; i++)
		modemrig_tell(r, json_pack("{s:s,s:s}", "op", "deliver_pdu", "pdu", PDU "05E8329BFD06"));
	const char *id = json_str(modemrig_expect(r, from, "inbound", "text", "hello"), "id", "");
	modemrig_wait_empty(r);
	assert_int_equal(modemrig_count(r, "inbound", "id", id), 1);
}

static void driver_a_bad_pdu_is_kept_raw_and_stops_nothing(void **state)
{
	struct modemrig *r = *state;
	static const char *const bad[] = { "07914889200030F004FF914889674523F1", "00", "ABC", "ZZZZ", PDU "FFE832" };
	size_t from = modemrig_n(r), before = modemrig_count(r, "inbound", "text", "");
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		modemrig_tell(r, json_pack("{s:s,s:s}", "op", "deliver_pdu", "pdu", bad[i]));
	modemrig_tell(r, json_pack("{s:s,s:s,s:s}", "op", "deliver", "from", VILLAGER, "text", "behind them"));
	modemrig_expect(r, from, "inbound", "text", "behind them");
	modemrig_wait_empty(r);
	assert_int_equal(modemrig_count(r, "inbound", "text", "") - before, COUNT_OF(bad));
}

static void check_report(struct modemrig *r, const char *mode, int status, const char *expected)
{
	modemrig_tell(r, json_pack("{s:s,s:s,s:i,s:i}", "op", "report", "mode", mode, "status", status, "after_ms", 300));
	size_t from = modemrig_n(r);
	json_t *result = modemrig_submit(r, HANDSET, &(struct modemrig_message){ "with a report", "gsm7", 1, 1, 0, true });
	assert_outcome(result, "accepted");
	json_t *receipt = modemrig_expect(r, from, "receipt", "reference", json_str(result, "reference", ""));
	assert_string_equal(json_str(receipt, "to", ""), HANDSET);
	assert_string_equal(json_str(receipt, "status", ""), expected);
	modemrig_wait_empty(r);
}

static void driver_reports_come_by_either_way(void **state)
{
	struct modemrig *r = *state;
	check_report(r, "cds", 0, "delivered");
	check_report(r, "cdsi", 0, "delivered");
	check_report(r, "cds", 70, "failed");
	check_report(r, "cdsi", 48, "buffered");
	modemrig_tell(r, json_pack("{s:s,s:s,s:i}", "op", "report", "mode", "cnmi", "status", 0));
	size_t from = modemrig_n(r);
	modemrig_script(r, json_pack("{s:s,s:s,s:i,s:b}", "on", "cmgs", "action", "report_first", "times", 1, "accept", 1));
	json_t *result = modemrig_submit(r, HANDSET, &(struct modemrig_message){ "report first", "gsm7", 1, 1, 0, true });
	modemrig_expect(r, from, "receipt", "reference", json_str(result, "reference", "?"));
	for (size_t i = from; i < modemrig_n(r) && json_array_get(r->frames, i) != result; i++)
		assert_false(modemrig_fits(json_array_get(r->frames, i), "receipt", "reference", json_str(result, "reference", "")));
}

static void driver_ussd_menus_work(void **state)
{
	struct modemrig *r = *state;
	modemrig_tell(r, json_pack("{s:s,s:s,s:s,s:b}", "op", "ussd", "code", "*101#", "reply", "1. S\xe1\xbb\x91 d\xc6\xb0", "more", 1));
	modemrig_tell(r, json_pack("{s:s,s:s,s:s}", "op", "ussd", "code", "*101#>1", "reply", "12345 dong"));
	size_t from = modemrig_n(r);
	modemrig_say(r, json_pack("{s:s,s:s,s:s}", "op", "ussd", "id", "u1", "code", "*101#"));
	json_t *menu = modemrig_expect(r, from, "ussd_text", "id", "u1");
	assert_string_equal(json_str(menu, "text", ""), "1. S\xe1\xbb\x91 d\xc6\xb0");
	assert_true(json_flag(menu, "more", false));
	from = modemrig_n(r);
	modemrig_say(r, json_pack("{s:s,s:s,s:s}", "op", "ussd_reply", "id", "u1", "text", "1"));
	json_t *end = modemrig_expect(r, from, "ussd_text", "id", "u1");
	assert_string_equal(json_str(end, "text", ""), "12345 dong");
	assert_false(json_flag(end, "more", true));
}

/* ---- faults of the modem -------------------------------------------------------------------------------------- */

static void driver_no_prompt_is_not_sent_and_heals(void **state)
{
	struct modemrig *r = *state;
	size_t from = modemrig_n(r);
	modemrig_script(r, json_pack("{s:s,s:s,s:i}", "on", "cmgs", "action", "no_prompt", "times", 1));
	assert_outcome(modemrig_submit_text(r, "no prompt"), "not_sent");
	modemrig_expect_credit(r, from, 1);
	assert_int_equal(modemrig_heard(r, "no prompt"), 0);
	assert_outcome(modemrig_submit_text(r, "after no prompt"), "accepted");
}

static void driver_a_lost_answer_is_unclear_and_never_sent_twice(void **state)
{
	struct modemrig *r = *state;
	size_t from = modemrig_n(r);
	modemrig_script(r, json_pack("{s:s,s:s,s:i,s:b}", "on", "cmgs", "action", "silent", "times", 1, "accept", 1));
	char attempt[16];
	snprintf(attempt, sizeof(attempt), "a%d", r->n_attempts + 1);
	json_t *result = modemrig_submit_text(r, "answer lost");
	assert_outcome(result, "unclear");
	modemrig_expect_credit(r, from, 1);
	assert_outcome(modemrig_submit_text(r, "after the lost answer"), "accepted");
	assert_int_equal(modemrig_heard(r, "answer lost"), 1);
	assert_int_equal(modemrig_count(r, "result", "attempt", attempt), 1);
}

static void driver_answers_ping_while_the_modem_hangs(void **state)
{
	struct modemrig *r = *state;
	size_t from = modemrig_n(r);
	modemrig_tell(r, json_pack("{s:s}", "op", "hang"));
	modemrig_say(r, json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i}", "op", "submit", "attempt", "hung", "to", HANDSET, "text", "hung", "encoding",
			 "gsm7", "part", 1, "parts", 1));
	int64_t until = modemrig_now_ms() + 500;
	while (modemrig_now_ms() < until)
		modemrig_listen(r, 50);
	int64_t asked = modemrig_now_ms();
	modemrig_say(r, json_pack("{s:s,s:i}", "op", "ping", "n", 7));
	json_t *pong = modemrig_expect(r, from, "pong", NULL, NULL);
	assert_true(modemrig_now_ms() - asked < 1000);
	assert_string_equal(json_str(pong, "busy", ""), "cmgs");
	assert_string_equal(json_str(pong, "attempt", ""), "hung");
	assert_outcome(modemrig_expect(r, from, "result", "attempt", "hung"), "not_sent");
	modemrig_tell(r, json_pack("{s:s}", "op", "release"));
	modemrig_expect_credit(r, from, 1);
	assert_outcome(modemrig_submit_text(r, "after the hang"), "accepted");
}

static void driver_unplug_in_the_middle_is_unclear_and_reopens(void **state)
{
	struct modemrig *r = *state;
	size_t from = modemrig_n(r);
	modemrig_script(r, json_pack("{s:s,s:s,s:i,s:i,s:b}", "on", "cmgs", "action", "unplug", "times", 1, "ms", 2000, "accept", 1));
	int64_t asked = modemrig_now_ms();
	assert_outcome(modemrig_submit_text(r, "unplugged"), "unclear");
	assert_true(modemrig_now_ms() - asked < 5000);
	modemrig_expect_credit(r, from, 0);
	modemrig_expect_credit(r, modemrig_n(r) - 1, 1);
	assert_outcome(modemrig_submit_text(r, "after the unplug"), "accepted");
	assert_int_equal(modemrig_heard(r, "unplugged"), 1);
	assert_int_equal(r->n_starts, 2); /* what was plugged in is a device that the old program could not open */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(driver_sends_single_messages_exactly),
		cmocka_unit_test(driver_parts_are_joined_by_our_reference),
		cmocka_unit_test(driver_what_is_no_number_never_reaches_the_modem),
		cmocka_unit_test(driver_errors_follow_the_table_and_are_not_repeated),
		cmocka_unit_test(driver_is_confined_while_it_works),
		cmocka_unit_test(driver_parts_come_singly_and_are_deleted_when_stored),
		cmocka_unit_test(driver_the_same_message_is_offered_once),
		cmocka_unit_test(driver_a_bad_pdu_is_kept_raw_and_stops_nothing),
		cmocka_unit_test(driver_reports_come_by_either_way),
		cmocka_unit_test(driver_ussd_menus_work),
		cmocka_unit_test(driver_no_prompt_is_not_sent_and_heals),
		cmocka_unit_test(driver_a_lost_answer_is_unclear_and_never_sent_twice),
		cmocka_unit_test(driver_answers_ping_while_the_modem_hangs),
		cmocka_unit_test(driver_unplug_in_the_middle_is_unclear_and_reopens),
	};
	return cmocka_run_group_tests(tests, modemrig_set_up, modemrig_tear_down);
}

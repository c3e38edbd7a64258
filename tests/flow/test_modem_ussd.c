/* SPDX-License-Identifier: GPL-3.0-or-later */
/* USSD through driver and simulated modem: every make in every form in which modems write answers, texts of several lines, refusals,
 * cancelling, what is no code; and that a silent network or an odd answer leaves the modem able to dial and to send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/modemrig.h"

#define ASCII "So du TK chinh: 12345d, HSD 31/12/2026"
#define VIETNAMESE "S\xe1\xbb\x91 d\xc6\xb0: 12.345\xc4\x91"
#define LINES "1. So du\n2. Nap the\n3. Tro giup"

static void start(struct modemrig *r, const char *profile)
{
	modemrig_start(r, (const char *[]){ "--profile", profile, NULL }, json_pack("{s:s,s:i}", "connection", "at115200", "submit_deadline_s", 12),
		       NULL);
}

static void program(struct modemrig *r, const char *code, const char *reply, const char *form, int status)
{
	modemrig_tell(r, json_pack("{s:s,s:s,s:s,s:s,s:i}", "op", "ussd", "code", code, "reply", reply, "form", form, "status", status));
}

/* Dials and waits for what the network says; borrowed. */
static json_t *dial(struct modemrig *r, const char *id, const char *code)
{
	size_t from = modemrig_n(r);
	modemrig_say(r, json_pack("{s:s,s:s,s:s}", "op", "ussd", "id", id, "code", code));
	return modemrig_expect(r, from, "ussd_text", "id", id);
}

static size_t requests(struct modemrig *r)
{
	OWN(json) json_t *a = modemrig_ask(r, json_pack("{s:s,s:b}", "op", "ussd", "requests", 1));
	return json_array_size(json_object_get(a, "requests"));
}

static const struct {
	const char *form, *reply;
} forms[] = {
	{ "auto", ASCII },   { "auto", VIETNAMESE }, { "auto", LINES },		{ "ucs2", ASCII },  { "ucs2", VIETNAMESE },
	{ "ucs2", LINES },   { "ucs2_15", ASCII },   { "ucs2_15", VIETNAMESE }, { "packed", ASCII }, { "packed", LINES },
	{ "plain", ASCII },  { "plain", LINES },     { "plain_no_dcs", ASCII }, { "plain_no_dcs", LINES }, { "bytes", ASCII },
};

static void every_form_is_read(struct modemrig *r, const char *profile)
{
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		char id[16];
		snprintf(id, sizeof(id), "f%zu", i);
		program(r, "*101#", forms[i].reply, forms[i].form, 0);
		const json_t *said = dial(r, id, "*101#");
		if (strcmp(json_str(said, "text", ""), forms[i].reply) || json_flag(said, "more", true))
			fail_msg("%s, %s: \"%s\"", profile, forms[i].form, json_str(said, "text", ""));
	}
}

static void every_make_is_understood_in_every_form(void **state)
{
	(void)state;
	static const char *const profiles[] = { "huawei", "sim800", "quectel" };
	for (size_t i = 0; i < COUNT_OF(profiles); i++) {
		struct modemrig r;
		start(&r, profiles[i]);
		every_form_is_read(&r, profiles[i]);
		assert_string_equal(json_str(modemrig_submit_text(&r, "sau ussd"), "outcome", ""), "accepted");
		modemrig_stop(&r);
	}
}

static void what_the_network_refuses_ends_the_session(struct modemrig *r)
{
	static const struct {
		const char *label;
		int status, cme;
	} cases[] = { { "not supported", 4, 0 }, { "timed out", 5, 0 }, { "ended", 2, 0 }, { "CME 100", 0, 100 }, { "CME 258", 0, 258 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		print_message("%s\n", cases[i].label);
		modemrig_tell(r, json_pack("{s:s,s:s,s:s,s:i,s:i}", "op", "ussd", "code", "*999#", "reply", "", "status", cases[i].status, "cme",
					   cases[i].cme));
		const json_t *said = dial(r, cases[i].label, "*999#");
		assert_string_equal(json_str(said, "text", "?"), "");
		assert_false(json_flag(said, "more", true));
	}
}

/* Three steps, then a menu that is left without an answer; afterwards a new dialogue begins at its beginning. */
static void dialogues_go_on_and_are_cancelled(struct modemrig *r)
{
	program(r, "*100#", LINES, "auto", 1);
	program(r, "*100#>1", "1. Ngay 2. Thang", "auto", 1);
	program(r, "*100#>1>2", VIETNAMESE, "auto", 0);
	assert_true(json_flag(dial(r, "d1", "*100#"), "more", false));
	static const struct {
		const char *answer, *text;
	} steps[] = { { "1", "1. Ngay 2. Thang" }, { "2", VIETNAMESE } };
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		size_t from = modemrig_n(r);
		modemrig_say(r, json_pack("{s:s,s:s,s:s}", "op", "ussd_reply", "id", "d1", "text", steps[i].answer));
		assert_string_equal(json_str(modemrig_expect(r, from, "ussd_text", "id", "d1"), "text", ""), steps[i].text);
	}
	assert_true(json_flag(dial(r, "d2", "*100#"), "more", false));
	modemrig_say(r, json_pack("{s:s,s:s}", "op", "ussd_cancel", "id", "d2"));
	assert_string_equal(json_str(dial(r, "d3", "*100#"), "text", ""), LINES);
	size_t from = modemrig_n(r);
	modemrig_say(r, json_pack("{s:s,s:s,s:s}", "op", "ussd_reply", "id", "d2", "text", "1")); /* over */
	assert_string_equal(json_str(modemrig_expect(r, from, "ussd_text", "id", "d2"), "text", "?"), "");
	modemrig_say(r, json_pack("{s:s,s:s}", "op", "ussd_cancel", "id", "d3"));
}

static void what_is_no_code_never_reaches_the_modem(struct modemrig *r)
{
	static const char *const codes[] = { "", "*101#\"\rAT+CMGD=1,4", "*101#\x1a", "\x1b", "*1\n01#", "*101#\",15", "*1\xc3\xa1#" };
	size_t before = requests(r);
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		char id[16];
		snprintf(id, sizeof(id), "bad%zu", i);
		assert_string_equal(json_str(dial(r, id, codes[i]), "text", "?"), "");
	}
	assert_int_equal(requests(r), before);
}

/* What the network begins by itself belongs to no dialogue of ours. */
static void the_network_may_speak_first(struct modemrig *r)
{
	size_t before = modemrig_count(r, "ussd_text", NULL, NULL);
	modemrig_tell(r, json_pack("{s:s,s:b,s:s}", "op", "ussd", "push", 1, "reply", "Quang cao"));
	modemrig_expect(r, 0, "log", "event", "ussd.unasked");
	assert_int_equal(modemrig_count(r, "ussd_text", NULL, NULL), before);
}

static void dialogues_end_cleanly_whatever_happens(void **state)
{
	(void)state;
	struct modemrig r;
	start(&r, "generic");
	every_form_is_read(&r, "generic");
	what_the_network_refuses_ends_the_session(&r);
	dialogues_go_on_and_are_cancelled(&r);
	what_is_no_code_never_reaches_the_modem(&r);
	the_network_may_speak_first(&r);
	assert_string_equal(json_str(modemrig_submit_text(&r, "van gui duoc"), "outcome", ""), "accepted");
	modemrig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_make_is_understood_in_every_form),
		cmocka_unit_test(dialogues_end_cleanly_whatever_happens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

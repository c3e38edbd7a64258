/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of menus: what a file must be, how each kind of step is answered, how a session goes on, is repeated, taken up and given up, and that the
 * same tree is walked by SMS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/menu.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/store/store.h"
#include "handlers/dialogue.h"
#include "handlers/ussd.h"
#include "tests/support/village.h"

#define ROOT "1.Gia han BHYT 2.Xoa nha tam 3.Gui phan anh 4.Xem ket qua 5.Khao sat 6.Dung tin 9.Tieng Mong"
#define FIELDS "Chon: 1.BHYT 2.Nha o 3.Ho ngheo 4.Duong/nuoc 5.Can bo 6.Khac 0.Quay lai"
#define WORDS "Noi dung (toi da 120 ky tu), khong ghi so CCCD:"
#define RESUME "Phien truoc chua xong. 1=Tiep tuc 2=Lam lai tu dau"
#define EXPIRED "Phien nay khong con hieu luc. Xin goi lai."
#define MINUTE_MS (INT64_C(60) * 1000)

/* ---- files ---- */

#define HEAD "name = \"m\";\nmenu = true;\nback = \"Lai\";\nbye = \"Chao\";\nsteps = (\n"
#define LEAF "{ id = \"het\"; kind = \"end\"; text = \"Het\"; }\n"
#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789X"

static void a_faulty_menu_is_refused_at_its_line(void **state)
{
	static const struct {
		const char *label, *steps, *rule;
		int line;
	} cases[] = {
		{ "unknown step", "{ id = \"a\"; kind = \"text\"; text = \"T\"; next = \"b\"; },\n" LEAF ");", "unknown_step", 6 },
		{ "unknown step of an option", "{ id = \"a\"; kind = \"choice\"; options = (\n{ value = \"1\"; label = \"x\"; next = \"y\"; } ); },\n" LEAF ");", "unknown_step", 7 },
		{ "unreachable", "{ id = \"a\"; kind = \"text\"; text = \"T\"; next = \"het\"; },\n{ id = \"b\"; kind = \"text\"; text = \"T\"; },\n" LEAF ");", "unreachable", 7 },
		{ "no way out", "{ id = \"a\"; kind = \"choice\"; options = ( { value = \"1\"; label = \"x\"; next = \"het\"; }, { value = \"2\"; label = \"y\"; next = \"b\"; } ); },\n" LEAF ",\n{ id = \"b\"; kind = \"text\"; text = \"T\"; next = \"b\"; } );", "no_way_out", 9 },
		{ "too long", "{ id = \"a\"; kind = \"text\"; text = \"" LONG "\"; },\n" LEAF ");", "too_long", 6 },
		{ "too long with its options", "{ id = \"a\"; kind = \"choice\"; text = \"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\";\noptions = ( { value = \"1\"; label = \"x\"; next = \"het\"; } ); },\n" LEAF ");", "too_long", 6 },
		{ "too long once the code stands in it", "{ id = \"a\"; kind = \"end\"; action = \"call_back\"; text = \"{code} 45678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678\"; } );", "too_long", 6 },
		{ "accents", "{ id = \"a\"; kind = \"text\"; text = \"Nội dung\"; },\n" LEAF ");", "alphabet", 6 },
		{ "a label twice", "{ id = \"a\"; kind = \"choice\"; options = ( { value = \"1\"; label = \"Nha o\"; next = \"het\"; },\n{ value = \"2\"; label = \"nha  O\"; next = \"het\"; } ); },\n" LEAF ");", "twice", 7 },
		{ "a digit twice", "{ id = \"a\"; kind = \"choice\"; options = ( { value = \"1\"; label = \"x\"; next = \"het\"; },\n{ value = \"1\"; label = \"y\"; next = \"het\"; } ); },\n" LEAF ");", "wrong_value", 7 },
		{ "zero as an option", "{ id = \"a\"; kind = \"choice\"; options = (\n{ value = \"0\"; label = \"x\"; next = \"het\"; } ); },\n" LEAF ");", "wrong_value", 7 },
		{ "unknown kind", "{ id = \"a\"; kind = \"dance\"; text = \"T\"; },\n" LEAF ");", "wrong_value", 6 },
		{ "unknown action", "{ id = \"a\"; kind = \"end\"; action = \"dance\"; text = \"T\"; } );", "wrong_value", 6 },
		{ "an action in the middle", "{ id = \"a\"; kind = \"text\"; action = \"case\"; text = \"T\"; },\n" LEAF ");", "wrong_value", 6 },
		{ "no text", "{ id = \"a\"; kind = \"text\"; text = { en = \"T\"; }; },\n" LEAF ");", "missing", 6 },
		{ "a branch to nowhere", "{ id = \"a\"; kind = \"text\"; text = \"T\"; when = (\n{ step = \"a\"; is = \"1\"; next = \"z\"; } ); },\n" LEAF ");", "unknown_step", 7 },
		{ "an id twice", "{ id = \"a\"; kind = \"text\"; text = \"T\"; },\n{ id = \"a\"; kind = \"end\"; text = \"T\"; } );", "wrong_value", 7 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *text = NULL;
		json_t *menu = NULL;
		struct complaint c = { 0 };
		assert_true(asprintf(&text, HEAD "%s", cases[i].steps) > 0);
		int r = menu_parse(text, &menu, &c);
		bool named = strstr(c.text, "'a'") || strstr(c.text, "'b'") || strcmp(c.rule, "wrong_value") == 0 || strcmp(c.rule, "twice") == 0 || strcmp(c.rule, "missing") == 0;
		if (r != E_INVALID || strcmp(c.rule, cases[i].rule) != 0 || c.line != cases[i].line || !named)
			fail_msg("%s: %d %s line %d: %s", cases[i].label, r, c.rule, c.line, c.text);
	}
}

static json_t *shipped(const char *name)
{
	char file[64];
	json_t *menu = NULL;
	struct complaint c = { 0 };
	snprintf(file, sizeof(file), "config/menus/%s.conf", name);
	if (menu_read(file, &menu, &c))
		fail_msg("%s:%d: %s", file, c.line, c.text);
	return menu;
}

/* Measured here, not by the rule of the check. */
static void every_shipped_screen_is_one_plain_string(void **state)
{
	static const char *const languages[] = { "vi", "en", "hmn" };
	OWN(json) json_t *menu = shipped("main");
	const json_t *step;
	size_t i;
	(void)state;
	json_array_foreach(json_object_get(menu, "steps"), i, step)
		for (size_t k = 0; k < COUNT_OF(languages); k++) {
			char screen[MENU_SCREEN_BYTES];
			uint8_t septets[161];
			menu_screen(menu, step, languages[k], screen);
			if (gsm7_encode(screen, septets, 160) < 0)
				fail_msg("%s: %s", json_str(step, "id", ""), screen);
		}
}

static void the_menu_of_the_manual_is_one(void **state)
{
	OWN(mem) char *page = calloc(1, 40000);
	OWN(json) json_t *menu = NULL;
	struct complaint c = { 0 };
	FILE *f = fopen("docs/ussd.md", "r");
	(void)state;
	assert_true(page && f && fread(page, 1, 39999, f) > 0);
	assert_int_equal(fclose(f), 0);
	char *begin = strstr(page, "\nname = \""), *end = begin ? strstr(begin, "\n```") : NULL;
	assert_true(begin && end);
	*end = '\0';
	if (menu_parse(begin, &menu, &c))
		fail_msg("line %d: %s", c.line, c.text);
	assert_string_equal(json_str(menu, "name", ""), "nuoc");
}

/* ---- steps ---- */

#define KINDS HEAD \
	"{ id = \"tuoi\"; kind = \"number\"; least = 1; most = 120; text = \"Tuoi?\"; wrong = \"Tuoi tu 1 den 120\"; },\n" \
	"{ id = \"ngay\"; kind = \"date\"; text = \"Ngay?\"; },\n" \
	"{ id = \"ma\"; kind = \"code\"; text = \"Ma?\"; },\n" \
	"{ id = \"thon\"; kind = \"hamlet\"; text = \"Thon?\"; },\n" \
	"{ id = \"ten\"; kind = \"text\"; least = 3; text = \"Ten?\"; when = ( { step = \"tuoi\"; is = \"18\"; next = \"tre\"; } ); next = \"het\"; },\n" \
	"{ id = \"tre\"; kind = \"end\"; text = \"Tre\"; },\n" LEAF ");"

static int two_hamlets(void *self, const char *name, json_t *list)
{
	(void)self;
	if (strcmp(name, "na lang") == 0)
		return json_array_append_new(list, json_pack("{s:s,s:s}", "value", "02269.01", "label", "Na Lang")) ? E_NOMEM : 0;
	for (int i = 1; !strcmp(name, "ban phiet") && i <= 2; i++) {
		char code[16];
		snprintf(code, sizeof(code), "0226%d.07", i);
		assert_int_equal(json_array_append_new(list, json_pack("{s:s,s:s}", "value", code, "label", i == 1 ? "Ban Phiet A" : "Ban Phiet B")), 0);
	}
	return 0;
}

static void each_kind_takes_what_it_asks_for(void **state)
{
	static const struct {
		const char *label, *inputs[8], *screen;
		enum dialogue_outcome outcome;
		const char *step, *answer;
	} cases[] = {
		{ "a number", { "47" }, "Ngay?", DIALOGUE_ASKS, "tuoi", "47" },
		{ "with its unit", { " 5 tuoi " }, "Ngay?", DIALOGUE_ASKS, "tuoi", "5" },
		{ "beyond its range", { "121" }, "Tuoi tu 1 den 120", DIALOGUE_ASKS, "tuoi", NULL },
		{ "no number", { "x" }, "Tuoi tu 1 den 120", DIALOGUE_ASKS, "tuoi", NULL },
		{ "a minus", { "-5" }, "Tuoi tu 1 den 120", DIALOGUE_ASKS, "tuoi", NULL },
		{ "more digits than a number has", { "99999999999999999999" }, "Tuoi tu 1 den 120", DIALOGUE_ASKS, "tuoi", NULL },
		{ "twice wrong", { "x", "y" }, "Tuoi tu 1 den 120", DIALOGUE_LOST, "tuoi", NULL },
		{ "wrong once, then right", { "x", "18" }, "Ngay?", DIALOGUE_ASKS, "tuoi", "18" },
		{ "a date", { "1", "5/12/2026" }, "Ma?", DIALOGUE_ASKS, "ngay", "2026-12-05" },
		{ "a date in one", { "1", "05122026" }, "Ma?", DIALOGUE_ASKS, "ngay", "2026-12-05" },
		{ "no day of the calendar", { "1", "30/2/2026" }, "Ngay?", DIALOGUE_ASKS, "ngay", NULL },
		{ "a code", { "1", "1/1/2026", "PA 482 918" }, "Thon?", DIALOGUE_ASKS, "ma", "482918" },
		{ "two digits of a code swapped", { "1", "1/1/2026", "482981" }, "Ma?", DIALOGUE_ASKS, "ma", NULL },
		{ "back from a date", { "1", "0" }, "Tuoi?", DIALOGUE_ASKS, "tuoi", NULL },
		{ "out of the first", { "0" }, "Tuoi?", DIALOGUE_LEFT, "tuoi", NULL },
	};
	struct complaint c = { 0 };
	OWN(json) json_t *menu = NULL;
	(void)state;
	if (menu_parse(KINDS, &menu, &c))
		fail_msg("%d: %s", c.line, c.text);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *place = NULL;
		struct dialogue_world world = { .hamlets = two_hamlets };
		enum dialogue_outcome outcome = DIALOGUE_ASKS;
		char screen[MENU_SCREEN_BYTES];
		assert_int_equal(dialogue_begin(menu, "vi", &place), 0);
		for (size_t k = 0; cases[i].inputs[k]; k++)
			assert_int_equal(dialogue_take(menu, &world, cases[i].inputs[k], place, &outcome), 0);
		dialogue_screen(menu, place, screen);
		const char *answer = json_str(json_object_get(place, "answers"), cases[i].step, NULL);
		if (strcmp(screen, cases[i].screen) != 0 || outcome != cases[i].outcome || !answer != !cases[i].answer || (answer && strcmp(answer, cases[i].answer) != 0))
			fail_msg("%s: '%s' outcome %d answer %s", cases[i].label, screen, (int)outcome, answer ? answer : "-");
	}
}

static void a_choice_is_made_by_digit_label_or_words(void **state)
{
	static const struct {
		const char *input, *answer;
	} cases[] = {
		{ "2", "2" }, { " 2. ", "2" }, { "so 2", "2" }, { "2)", "2" }, { "Thiếu", "2" }, { "THIEU", "2" }, { "chua du", "2" }, { "nhan du", "1" },
		{ "4", NULL }, { "9*4", NULL }, { "12", NULL }, { "#", NULL }, { "", NULL }, { ".", NULL }, { "so", NULL }, { "thieu lam", NULL },
	};
	OWN(json) json_t *menu = shipped("cap-gao");
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *place = NULL;
		enum dialogue_outcome outcome;
		assert_int_equal(dialogue_begin(menu, "vi", &place), 0);
		assert_int_equal(dialogue_take(menu, &(struct dialogue_world){ 0 }, cases[i].input, place, &outcome), 0);
		const char *answer = json_str(json_object_get(place, "answers"), "nhan", NULL);
		if (!answer != !cases[i].answer || (answer && strcmp(answer, cases[i].answer) != 0))
			fail_msg("'%s': %s", cases[i].input, answer ? answer : "nothing");
	}
}

/* 572 is followed by the digit that H. M. Damm's own example gives: 5724. */
#define RIGHT_CODE "005724"

static void a_hamlet_of_which_there_are_two_is_chosen_and_an_answer_of_before_decides_the_way(void **state)
{
	static const char *const inputs[] = { "18", "1/1/2026", RIGHT_CODE, "nowhere", "ban phiet", "2", "ab", "Lan" };
	static const char *const screens[] = { "Ngay?", "Ma?", "Thon?", "Thon?", "Thon? 1.Ban Phiet A 2.Ban Phiet B", "Ten?", "Ten?", "Tre" };
	struct complaint c = { 0 };
	OWN(json) json_t *menu = NULL, *place = NULL;
	enum dialogue_outcome outcome;
	(void)state;
	if (menu_parse(KINDS, &menu, &c))
		fail_msg("%d: %s", c.line, c.text);
	assert_int_equal(dialogue_begin(menu, "vi", &place), 0);
	for (size_t i = 0; i < COUNT_OF(inputs); i++) {
		char screen[MENU_SCREEN_BYTES];
		struct dialogue_world world = { .hamlets = two_hamlets };
		assert_int_equal(dialogue_take(menu, &world, inputs[i], place, &outcome), 0);
		dialogue_screen(menu, place, screen);
		assert_string_equal(screen, screens[i]);
	}
	assert_int_equal(outcome, DIALOGUE_ENDS);
	assert_string_equal(json_str(json_object_get(place, "answers"), "thon", ""), "02262.07");
}

/* ---- sessions ---- */

struct caller {
	const char *session, *number;
	bool cumulative;
	int64_t sequence; /* of the next input; -1 = not told */
};

static void call(struct village *v, const struct caller *c, const char *input, bool first, const char *text, bool more)
{
	struct ussd_answer a = { 0 };
	struct ussd_step s = { .door = "tong-dai", .menu = "main", .session = c->session, .input = input, .cumulative = c->cumulative, .first = first,
			       .says_first = !c->cumulative, .sequence = c->sequence, .address = fixture_address(v->f, c->number) };
	assert_int_equal(ussd_take(fixture_begin(v->f), &s, &a), 0);
	fixture_commit(v->f);
	if (strcmp(a.text, text) != 0 || a.more != more)
		fail_msg("'%s': %s '%s', not '%s'", input, a.more ? "goes on" : "ends", a.text, text);
}

static void a_session_is_offered_again_for_a_quarter_of_an_hour(void **state)
{
	struct village *v = *state;
	struct caller one = { "s1", LAN, true, -1 }, two = { "s2", LAN, true, -1 }, three = { "s3", LAN, true, -1 }, other = { "s4", HOA, true, -1 };
	call(v, &one, "", true, ROOT, true);
	call(v, &one, "3", false, FIELDS, true);
	clock_advance(&v->f->clock, 15 * MINUTE_MS - 1000);
	call(v, &other, "", true, ROOT, true); /* another's is nobody else's */
	call(v, &two, "", true, RESUME, true);
	call(v, &two, "x", false, RESUME, true);
	call(v, &two, "x*1", false, FIELDS, true);
	call(v, &two, "x*1*4", false, WORDS, true);
	village_wait(v, 15 * MINUTE_MS + 1000);
	call(v, &three, "", true, ROOT, true);
}

static void an_id_comes_again_when_no_network_keeps_the_session_any_more(void **state)
{
	struct village *v = *state;
	struct caller one = { "s1", LAN, true, -1 }, other = { "s1", HOA, true, -1 };
	call(v, &one, "", true, ROOT, true);
	call(v, &one, "0", false, "Cam on ong/ba.", false);
	call(v, &one, "0", false, "Cam on ong/ba.", false);
	call(v, &one, "", true, EXPIRED, false);
	call(v, &other, "", true, EXPIRED, false);
	clock_advance(&v->f->clock, 61 * 1000);
	call(v, &one, "", true, ROOT, true);
	clock_advance(&v->f->clock, 11 * MINUTE_MS);
	call(v, &other, "", true, ROOT, true);
	call(v, &other, "3", false, FIELDS, true);
}

static void the_latest_input_again_at_once_is_the_networks_and_later_the_persons(void **state)
{
	struct village *v = *state;
	struct caller c = { "s1", LAN, false, -1 };
	call(v, &c, "*123#", true, ROOT, true);
	call(v, &c, "*123#", true, ROOT, true);
	call(v, &c, "3", false, FIELDS, true);
	call(v, &c, "3", false, FIELDS, true);
	clock_advance(&v->f->clock, 5000);
	call(v, &c, "3", false, WORDS, true);
	call(v, &(struct caller){ "s2", LAN, false, -1 }, "3", false, EXPIRED, false); /* no session began */
}

static void a_number_of_the_input_tells_a_repetition_whatever_it_holds(void **state)
{
	struct village *v = *state;
	struct caller c = { "s1", LAN, false, 1 };
	call(v, &c, "*713#", true, ROOT, true);
	c.sequence = 2;
	call(v, &c, "3", false, FIELDS, true);
	call(v, &c, "3", false, FIELDS, true);
	c.sequence = 3;
	call(v, &c, "3", false, WORDS, true);
	c.sequence = 1;
	call(v, &c, "3", false, EXPIRED, false);
	c.sequence = 4;
	call(v, &c, "0", false, FIELDS, true);
}

/* A menu that asks once more before it sends. */
#define ASKS_AGAIN HEAD \
	"{ id = \"loi\"; kind = \"text\"; text = \"Noi dung?\"; },\n" \
	"{ id = \"gui\"; kind = \"choice\"; text = \"Gui?\"; options = ( { value = \"1\"; label = \"Gui\"; next = \"da\"; } ); },\n" \
	"{ id = \"da\"; kind = \"end\"; action = \"case\"; text = \"Ma {code}\"; } );"

static void words_typed_before_a_drop_are_a_case_once_the_session_is_given_up(void **state)
{
	struct village *v = *state;
	struct caller c = { "s1", LAN, true, -1 };
	struct complaint bad = { 0 };
	json_t *menu = NULL;
	assert_int_equal(menu_parse(ASKS_AGAIN, &menu, &bad), 0);
	assert_int_equal(json_object_set_new(v->f->config->menus, "main", menu), 0);
	call(v, &c, "", true, "Noi dung?", true);
	call(v, &c, "duong thon 5 hong nang", false, "Gui? 1.Gui 0.Lai", true);
	village_wait(v, 14 * MINUTE_MS);
	assert_int_equal(village_count(v, "SELECT count(*) FROM casefile"), 0);
	village_wait(v, 2 * MINUTE_MS);
	assert_int_equal(village_count(v, "SELECT count(*) FROM casefile WHERE text = 'duong thon 5 hong nang'"), 1);
	village_heard(v, "da ghi nhan. Ma PA");
	village_wait(v, 2 * MINUTE_MS);
	assert_int_equal(village_count(v, "SELECT count(*) FROM casefile"), 1);
	assert_int_equal(village_count(v, "SELECT count(*) FROM conversation"), 1);
	village_wait(v, 25 * HOUR_MS);
	assert_int_equal(village_count(v, "SELECT count(*) FROM conversation"), 0);
}

static void danger_and_refusals_are_what_they_are_by_sms(void **state)
{
	struct village *v = *state;
	struct caller danger = { "s1", LAN, true, -1 }, stop = { "s2", HOA, true, -1 };
	struct ussd_answer a = { 0 };
	call(v, &danger, "", true, ROOT, true);
	call(v, &danger, "3", false, FIELDS, true);
	call(v, &danger, "3*6", false, WORDS, true);
	struct ussd_step s = { .door = "tong-dai", .menu = "main", .session = "s1", .input = "3*6*nha toi bi lu cuon, cuu voi", .cumulative = true, .sequence = -1,
			       .address = fixture_address(v->f, LAN) };
	assert_int_equal(ussd_take(fixture_begin(v->f), &s, &a), 0);
	fixture_commit(v->f);
	assert_non_null(strstr(a.text, "112"));
	assert_int_equal(village_count(v, "SELECT count(*) FROM casefile WHERE urgency = 'urgent'"), 1);
	call(v, &stop, "", true, ROOT, true);
	call(v, &stop, "6", false, "Dung nhan tin tuyen truyen? 1.Dung tin 2.Nhan lai tin 0.Quay lai", true);
	call(v, &stop, "6*1", false, "Da dung gui tin tuyen truyen toi so nay. Van tra loi phan anh cua ong/ba.", false);
	village_heard(v, "khong gui tin tuyen truyen toi so nay nua");
	assert_int_equal(village_count(v, "SELECT count(*) FROM optout o JOIN inbound i ON i.id = o.inbound WHERE o.scope = 'campaign' AND o.channel = 'ussd:tong-dai' AND i.kind = 'optout'"), 1);
}

static void a_person_is_shown_their_language_where_the_menu_has_it(void **state)
{
	struct village *v = *state;
	struct caller lan = { "s1", LAN, true, -1 }, hoa = { "s2", HOA, true, -1 };
	json_decref(village_do(v, "contact.add", "{\"number\":\"" LAN "\",\"name\":\"Lan\",\"basis\":\"x\",\"language\":\"en\"}"));
	json_decref(village_do(v, "contact.add", "{\"number\":\"" HOA "\",\"name\":\"Hoa\",\"basis\":\"x\",\"language\":\"tay\"}"));
	call(v, &lan, "", true, "1.Renew BHYT 2.Housing 3.Send feedback 4.See result 5.Survey 6.Stop texts 9.Hmong", true);
	call(v, &lan, "3", false, "About: 1.BHYT 2.Housing 3.Poor household 4.Road/water 5.Officials 6.Other 0.Back", true);
	call(v, &hoa, "", true, ROOT, true);
}

static void who_is_erased_leaves_no_session_behind(void **state)
{
	struct village *v = *state;
	struct caller c = { "s1", LAN, true, -1 }, other = { "s2", HOA, true, -1 };
	OWN(json) json_t *person = village_do(v, "contact.add", "{\"number\":\"" LAN "\",\"name\":\"Lan\",\"basis\":\"x\"}");
	OWN(mem) char *args = NULL;
	call(v, &c, "", true, ROOT, true);
	call(v, &c, "3", false, FIELDS, true);
	call(v, &other, "", true, ROOT, true);
	assert_true(asprintf(&args, "{\"id\":%lld,\"reason\":\"x\"}", (long long)json_int(person, "id", 0)) > 0);
	OWN(json) json_t *gone = village_do(v, "contact.forget", args);
	assert_int_equal(village_count(v, "SELECT count(*) FROM conversation"), 1);
}

/* ---- by SMS ---- */

static void the_same_tree_is_walked_by_sms(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "Menu", "menu main, goc");
	village_heard(v, ROOT);
	village_told(v, LAN, "3", "menu main, linhvuc");
	village_heard(v, FIELDS);
	village_told(v, LAN, "duong/nuoc", "menu main, noidung");
	village_heard(v, WORDS);
	village_told(v, LAN, "duong thon 5 hong", "case PA");
	village_heard(v, "MTTQ xa da ghi nhan. Ma PA");
	assert_int_equal(village_count(v, "SELECT count(*) FROM casefile WHERE topic = 'HATANG'"), 1);
	assert_int_equal(village_count(v, "SELECT count(*) FROM message"), 4);
}

static void a_menu_by_sms_waits_a_week_and_then_no_more(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "MENU", "menu main, goc");
	village_wait(v, 6 * DAY_MS);
	village_told(v, LAN, "6", "menu main, dung");
	village_wait(v, 8 * DAY_MS);
	village_told(v, LAN, "1", "hint");
	assert_int_equal(village_count(v, "SELECT count(*) FROM optout"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_faulty_menu_is_refused_at_its_line),
		cmocka_unit_test(every_shipped_screen_is_one_plain_string),
		cmocka_unit_test(the_menu_of_the_manual_is_one),
		cmocka_unit_test(each_kind_takes_what_it_asks_for),
		cmocka_unit_test(a_choice_is_made_by_digit_label_or_words),
		cmocka_unit_test(a_hamlet_of_which_there_are_two_is_chosen_and_an_answer_of_before_decides_the_way),
		cmocka_unit_test_setup_teardown(a_session_is_offered_again_for_a_quarter_of_an_hour, village_settle, village_leave),
		cmocka_unit_test_setup_teardown(an_id_comes_again_when_no_network_keeps_the_session_any_more, village_settle, village_leave),
		cmocka_unit_test_setup_teardown(the_latest_input_again_at_once_is_the_networks_and_later_the_persons, village_settle, village_leave),
		cmocka_unit_test_setup_teardown(a_number_of_the_input_tells_a_repetition_whatever_it_holds, village_settle, village_leave),
		cmocka_unit_test_setup_teardown(words_typed_before_a_drop_are_a_case_once_the_session_is_given_up, village_settle, village_leave),
		cmocka_unit_test_setup_teardown(danger_and_refusals_are_what_they_are_by_sms, village_settle, village_leave),
		cmocka_unit_test_setup_teardown(a_person_is_shown_their_language_where_the_menu_has_it, village_settle, village_leave),
		cmocka_unit_test_setup_teardown(who_is_erased_leaves_no_session_behind, village_settle, village_leave),
		cmocka_unit_test_setup_teardown(the_same_tree_is_walked_by_sms, village_settle, village_leave),
		cmocka_unit_test_setup_teardown(a_menu_by_sms_waits_a_week_and_then_no_more, village_settle, village_leave),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

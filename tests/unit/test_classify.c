// SPDX-License-Identifier: GPL-3.0-or-later
/* Understanding replies: every row of the tables of messages (fixtures/replies.tsv, villagers.tsv, traps.tsv), by kind, primary topic
 * and answer; and what must hold for any message: forms of Unicode, marks, files that are wrong. Runs from the repository's root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/calendar.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "handlers/workday.h"
#include "tests/support/shipped.h"


/* One row: id, text, context, kind ("!kind" = anything else), topic or "ANS=2|BHYT" or "EXIT", note. */
static bool row_holds(const struct keywords *k, char *fields[6], char *out, size_t out_bytes)
{
	struct classified c = shipped_understand(k, fields[1], fields[2]);
	const char *want = fields[3], *topic = fields[4];
	size_t n = strcspn(topic, "|");
	bool holds = *want == '!' ? strcmp(classified_kind(&c), want + 1) != 0 : strcmp(classified_kind(&c), want) == 0;
	if (strncmp(topic, "ANS=", 4) == 0)
		holds = holds && strlen(c.answer) == n - 4 && strncmp(c.answer, topic + 4, n - 4) == 0;
	else if (strcmp(topic, "EXIT") == 0)
		holds = holds && strcmp(c.answer, "EXIT") == 0;
	else if (n)
		holds = holds && c.n_topics && strlen(c.topics[0]) == n && strncmp(c.topics[0], topic, n) == 0;
	snprintf(out, out_bytes, "%s '%s' in %s: %s %s %s (%s)", fields[0], fields[1], fields[2], classified_kind(&c),
		 c.n_topics ? c.topics[0] : "-", c.answer, c.why);
	classified_done(&c);
	return holds;
}

static void check_table(const struct keywords *k, const char *file, int at_least)
{
	OWN(file) FILE *in = fopen(file, "r");
	OWN(mem) char *line = NULL;
	size_t room = 0;
	int n = 0, wrong = 0;
	assert_non_null(in);
	while (getline(&line, &room, in) > 0) {
		char *fields[6] = { "", "", "", "", "", "" }, *p = line, said[1024];
		line[strcspn(line, "\r\n")] = '\0';
		for (int i = 0; i < 6 && p; i++)
			fields[i] = strsep(&p, "\t");
		if (strcmp(fields[0], "id") == 0)
			continue;
		n++;
		if (!row_holds(k, fields, said, sizeof(said))) {
			print_error("wanted %s %s, got %s\n", fields[3], fields[4], said);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
	assert_true(n >= at_least);
}

static void replies_are_understood(void **state)
{
	check_table(*state, "tests/fixtures/replies.tsv", 30);
}

static void villagers_are_understood(void **state)
{
	check_table(*state, "tests/fixtures/villagers.tsv", 250);
}

static void words_with_two_meanings_are_told_apart(void **state)
{
	check_table(*state, "tests/fixtures/traps.tsv", 600);
}

/* The reason that is kept with a message names the rule and the words. */
static void every_decision_says_why(void **state)
{
	static const struct {
		const char *text, *context, *why;
	} rows[] = {
		{ "tu choi", "NONE", "optout: whole message 'tu choi'" },
		{ "TC BHYT", "NONE", "optout: one topic, 'tc bhyt'" },
		{ "TC HET", "NONE", "optout: everything, 'tc het'" },
		{ "tc tc tc", "NONE", "optout: whole message 'tc tc tc'" },
		{ "stop stop stop", "S-BHYT", "optout: whole message 'stop stop stop'" },
		{ "tc tc 3 nguoi", "NONE", "feedback: topic TGXH by 'tc 3 nguoi'" },
		{ "tc hết tất cả", "NONE", "optout: everything, 'tc het tat ca'" },
		{ "bỏ đăng ký", "NONE", "optout: whole message 'bo dang ky'" },
		{ "bo dang ky bhyt", "NONE", "feedback: topic BHYT by 'bhyt'" },
		{ "hoi xong roi dung gui tin nua", "NONE", "optout: words 'dung gui tin'" },
		{ "phien qua. stop", "NONE", "optout: a clause of its own, 'stop'" },
		{ "nhan tin", "OPTED-OUT", "optin: 'nhan tin'" },
		{ "xem 482918", "NONE", "code: status of a code" },
		{ "xem 482981", "NONE", "code: status of a code, check digit wrong" },
		{ "482918", "NONE", "code: a bare code" },
		{ "482981", "NONE", "code: perhaps a code, check digit wrong" },
		{ "PA duong hong", "NONE", "prefix: begins with 'pa'" },
		{ "2", "S-BHYT", "answer: choice question, by digit" },
		{ "chua co the", "S-BHYT", "answer: choice question, by label" },
		{ "khong", "S-YN", "answer: yes_no question, by no" },
		{ "bhyt", "NONE", "keyword: topic BHYT" },
		{ "bhty", "NONE", "near: nearly 'bhyt', asked once" },
		{ "bhty sap het han", "NONE", "near: 'bhty' is nearly 'bhyt'" },
		{ "tu coi", "NONE", "near: nearly 'tu choi', asked once" },
		{ "cuu voi", "NONE", "urgent: life in danger, 'cuu voi'" },
		{ "nham so roi", "NONE", "wrong: 'nham so'" },
		{ "cam on", "NONE", "ack: thanks or a nod" },
		{ "...", "NONE", "empty: no words" },
		{ "abc", "NONE", "unknown: nothing fits" },
		{ "Nyob zoo, kuv tsis paub ntawv", "NONE", "language: another language" },
		{ "duong thon 5 hong", "NONE", "feedback: topic HATANG by 'duong thon'" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct classified c = shipped_understand(*state, rows[i].text, rows[i].context);
		if (strcmp(c.why, rows[i].why) != 0)
			fail_msg("'%s' in %s: %s", rows[i].text, rows[i].context, c.why);
		classified_done(&c);
	}
}

static void two_things_are_read_out_of_one_reply(void **state)
{
	static const struct {
		const char *text, *context;
		enum kind kind;
		const char *answer, *scope;
		bool need;
	} rows[] = {
		{ "2, dung gui nua", "S-BHYT", KIND_OPTOUT, "2", "campaign", false },
		{ "dung gui tin nua, 2", "S-BHYT", KIND_OPTOUT, "2", "campaign", false },
		{ "co, dung nhan tin nua", "S-YN", KIND_OPTOUT, "YES", "campaign", false },
		{ "dung gui nua", "S-YN", KIND_OPTOUT, "", "campaign", false },
		{ "duong thon 5 hong mai khong ai sua, dung gui tin nua", "NONE", KIND_OPTOUT, "", "campaign", true },
		{ "toi co the roi dung gui tin nua", "C-BHYT", KIND_OPTOUT, "", "campaign", false },
		{ "2 duong thon 5 hong ca thang nay", "S-BHYT", KIND_SURVEY_ANSWER, "2", "", true },
		{ "2 bao gio duoc cap the", "S-BHYT", KIND_SURVEY_ANSWER, "2", "", true },
		{ "the het han roi", "S-BHYT", KIND_SURVEY_ANSWER, "3", "", false },
		{ "2 cam on can bo", "S-BHYT", KIND_SURVEY_ANSWER, "2", "", false },
		{ "PA duong hong, dung gui tin nua", "NONE", KIND_FEEDBACK, "", "campaign", true },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct classified c = shipped_understand(*state, rows[i].text, rows[i].context);
		if (c.kind != rows[i].kind || strcmp(c.answer, rows[i].answer) != 0 || strcmp(c.scope, rows[i].scope) != 0 || c.need != rows[i].need)
			fail_msg("'%s': %s, answer %s, scope %s, need %d (%s)", rows[i].text, kind_name(c.kind), c.answer, c.scope, c.need, c.why);
		classified_done(&c);
	}
}

static void primary_and_secondary_topics_come_in_order(void **state)
{
	static const struct {
		const char *text, *topics;
	} rows[] = {
		{ "da nop ho so sua nha tu thang 3, voi lai nuoc sinh hoat mat 2 tuan nay", "NHAO|NUOCSACH" },
		{ "ho ngheo ma k dc binh xet, truong thon toan dua ng nha vao", "GIAMNGHEO|TRUCLOI" },
		{ "dm may bon an het tien ho tro nha cua dan", "TRUCLOI|NHAO" },
		{ "mua nha o xa hoi can giay to gi", "NOXH" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char topics[96];
		struct classified c = shipped_understand(*state, rows[i].text, "NONE");
		classified_topics(&c, topics, sizeof(topics));
		if (strcmp(topics, rows[i].topics) != 0)
			fail_msg("'%s': %s", rows[i].text, topics);
		classified_done(&c);
	}
}

static void accusations_are_restricted_and_abuse_is_flagged(void **state)
{
	struct classified c = shipped_understand(*state, "dm may bon an het tien ho tro nha cua dan", "NONE");
	assert_true(c.restricted && c.abusive);
	assert_int_equal(c.nature, NATURE_DENUNCIATION);
	classified_done(&c);
	c = shipped_understand(*state, "PA to cao ong truong thon lay dat cua dan", "NONE");
	assert_true(c.restricted);
	classified_done(&c);
	c = shipped_understand(*state, "duong thon 5 hong", "NONE");
	assert_false(c.restricted || c.abusive);
	assert_int_equal(c.nature, NATURE_REPORT);
	classified_done(&c);
}

static void scopes_of_a_refusal_are_told_apart(void **state)
{
	static const struct {
		const char *text, *scope;
	} rows[] = {
		{ "TC", "campaign" },	{ "TC BHYT", "topic:BHYT" }, { "tu choi bhxh", "topic:BHXH" }, { "TC HET", "all" },
		{ "tc tat ca", "all" }, { "tu choi het", "all" },    { "stop all", "all" },
		{ "dung gui tin bao hiem y te nua", "topic:BHYT" },
		{ "đừng gửi tin về bhxh nữa", "topic:BHXH" },
		{ "toi khong muon nhan tin bhyt nua", "topic:BHYT" },
		{ "dung gui tin nua", "campaign" },
		{ "toi co the bhyt roi dung gui tin nua", "campaign" },
		{ "dung gui tin nua, toi mua bhyt roi", "campaign" },
		{ "dung gui tin bhyt voi bhxh nua", "topic:BHYT topic:BHXH" },
		{ "tc bhyt bhxh", "topic:BHYT topic:BHXH" },
		{ "Từ chối BHYT và nhà ở", "topic:BHYT topic:NHAO" },
		{ "tc bhyt duong", "" },
		{ "tc bhty", "" },
		{ "tu cohi", "" },
		{ "PA tc", "campaign" },
		{ "PA dung gui tin nua", "campaign" },
		{ "t.c", "campaign" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct classified c = shipped_understand(*state, rows[i].text, "NONE");
		if ((c.kind == KIND_OPTOUT) != (rows[i].scope[0] != '\0') || strcmp(c.scope, rows[i].scope) != 0)
			fail_msg("'%s': %s %s", rows[i].text, kind_name(c.kind), c.scope);
		classified_done(&c);
	}
}

static void codes_are_read_with_spaces_and_checked(void **state)
{
	static const struct {
		const char *text, *code;
		enum command command;
		bool valid;
	} rows[] = {
		{ "xem 482 918", "482918", COMMAND_STATUS, true },
		{ "KQ PA 123 450", "123450", COMMAND_STATUS, false }, { "nhac 572 400", "572400", COMMAND_NUDGE, false },
		{ "pa 482 918", "482918", COMMAND_STATUS, true },	 { "ma so 482918.", "482918", COMMAND_STATUS, true },
		{ "PA４８２９１８", "482918", COMMAND_STATUS, true },	 { "Mã 482 918 ạ", "482918", COMMAND_STATUS, true },
		{ "482981", "482981", COMMAND_STATUS, false },		 { "PA482918 toi dau roi", "482918", COMMAND_STATUS, true },
		{ "PA482918 hom nay xe van khong vao duoc", "482918", COMMAND_CASE, true },
		{ "PA 5 nha mat nuoc 3 ngay", "", COMMAND_CASE, false }, { "pa 500000 dong tro cap chua co", "", COMMAND_CASE, false },
		{ "0912345678", "", COMMAND_NONE, false },		 { "500000 tien dien", "", COMMAND_NONE, false },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct classified c = shipped_understand(*state, rows[i].text, "NONE");
		if (strcmp(c.code, rows[i].code) != 0 || c.command != rows[i].command || (rows[i].valid && !c.code_valid))
			fail_msg("'%s': %s %d", rows[i].text, c.code, (int)c.command);
		classified_done(&c);
	}
}

/* Every message of the table, decomposed and without marks, comes out as the same kind. */
static void forms_of_unicode_make_no_difference(void **state)
{
	static const char *const texts[] = { "Nhà em dột nát lắm rồi ạ", "Từ chối nhận tin", "Bệnh viện từ chối thẻ bhyt của mẹ tôi",
					     "Cứu với, mắc kẹt trên mái nhà", "Đường thôn em hỏng hết rồi" };
	static const char *const decomposed[] = { "Nha\xCC\x80 em do\xCC\xA3\xCC\x82t na\xCC\x81t la\xCC\x86\xCC\x81m ro\xCC\x82\xCC\x80i a\xCC\xA3", NULL };
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		OWN(mem) char *plain = fold_plain(texts[i]);
		struct classified a = shipped_understand(*state, texts[i], "C-BHYT"), b = shipped_understand(*state, plain, "C-BHYT");
		if (a.kind != b.kind || strcmp(a.topics[0], b.topics[0]) != 0)
			fail_msg("'%s': %s, plain %s", texts[i], a.why, b.why);
		classified_done(&a);
		classified_done(&b);
	}
	struct classified a = shipped_understand(*state, texts[0], "NONE"), b = shipped_understand(*state, decomposed[0], "NONE");
	assert_int_equal(a.kind, b.kind);
	assert_string_equal(a.folded, b.folded);
	assert_string_equal(a.topics[0], b.topics[0]);
	classified_done(&a);
	classified_done(&b);
}

static void any_bytes_are_read_to_the_end(void **state)
{
	char long_text[40001];
	memset(long_text, 'a', sizeof(long_text) - 1);
	for (size_t i = 0; i < sizeof(long_text) - 1; i += 3)
		long_text[i] = ' ';
	long_text[sizeof(long_text) - 1] = '\0';
	const char *const texts[] = { long_text, "\xEF\xBF\xBD", "'''", "a'b'c", "0", "😀😀", "\xE2\x80\x8B", "....... 1", "| @ # .. ... ^ $ a|b _" };
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct classified c = shipped_understand(*state, texts[i], "S-BHYT");
		assert_non_null(c.folded);
		assert_true(c.why[0]);
		OWN(json) json_t *shape = classified_json(&c);
		assert_non_null(shape);
		classified_done(&c);
	}
}

static void an_unknown_context_is_not_found(void **state)
{
	(void)state;
	struct context x;
	struct complaint c = { 0 };
	assert_int_equal(context_load(SHIPPED_CONFIG, "NO-SUCH", &x, &c), E_NOT_FOUND);
	assert_int_equal(context_load(SHIPPED_CONFIG, "", &x, &c), E_NOT_FOUND);
	assert_int_equal(context_load(SHIPPED_CONFIG, "/nowhere/x.conf", &x, &c), E_NOT_FOUND);
	assert_int_equal(context_load(SHIPPED_CONFIG, "config/contexts/S-SAT.conf", &x, &c), 0);
	assert_int_equal(x.question, QUESTION_NUMBER);
	context_done(&x);
}

static void a_wrong_phrase_is_refused(void **state)
{
	(void)state;
	struct pattern p;
	static const char *const wrong[] = { "", " ", "@nobody", "|", "a|@nobody" };
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_int_equal(pattern_parse(wrong[i], NULL, &p), E_INVALID);
}

static void phrases_match_as_they_say(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *text;
		bool found;
	} rows[] = {
		{ "dừng", "dung lai", true },	    { "dừng", "đúng rồi", false },	{ "dừng", "Dừng!", true },
		{ "dung", "đúng", true },	    { "a .. b", "a x y z b", true },	{ "a .. b", "a x y z t b", false },
		{ "a ... b", "a x y z t b", true }, { "a .. b", "a, b", false },	{ "a b", "a. b", false },
		{ "a b", "a b", true },		    { "^ a", "b a", false },		{ "a $", "a b", false },
		{ "a # b", "a 12 b", true },	    { "a x? b", "a b", true },		{ "a|c_d e", "c d e", true },
		{ "hòa", "hoà", true },		    { "nha", "nhà", true },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct pattern p;
		struct words *w = NULL;
		struct span s;
		assert_int_equal(pattern_parse(rows[i].pattern, NULL, &p), 0);
		assert_int_equal(words_new(rows[i].text, NULL, &w), 0);
		if (pattern_find(&p, w, 0, &s) != rows[i].found)
			fail_msg("'%s' in '%s'", rows[i].pattern, rows[i].text);
		words_free(w);
		pattern_done(&p);
	}
}

static void deadlines_skip_weekends_and_holidays(void **state)
{
	const struct keywords *k = *state;
	static const struct {
		const char *from, *due;
		int days;
	} rows[] = {
		{ "2026-11-20T10:00+07:00", "2026-11-23T17:00:00+07:00", 1 },  /* Friday → Monday */
		{ "2026-11-22T10:00+07:00", "2026-12-11T17:00:00+07:00", 15 }, /* Sunday */
		{ "2026-02-13T10:00+07:00", "2026-02-23T17:00:00+07:00", 1 },  /* Tết */
		{ "2026-08-21T10:00+07:00", "2026-08-22T17:00:00+07:00", 1 },  /* a Saturday that is worked */
	};
	struct zone *zone = NULL;
	assert_int_equal(zone_load("Asia/Ho_Chi_Minh", &zone), 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t at;
		char due[CALENDAR_ISO_BYTES];
		assert_int_equal(calendar_parse_iso(rows[i].from, zone, &at), 0);
		calendar_format_iso(zone, workday_add(&k->workdays, zone, at, rows[i].days), due);
		assert_string_equal(due, rows[i].due);
	}
	zone_free(zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_understood),
		cmocka_unit_test(villagers_are_understood),
		cmocka_unit_test(words_with_two_meanings_are_told_apart),
		cmocka_unit_test(every_decision_says_why),
		cmocka_unit_test(two_things_are_read_out_of_one_reply),
		cmocka_unit_test(primary_and_secondary_topics_come_in_order),
		cmocka_unit_test(accusations_are_restricted_and_abuse_is_flagged),
		cmocka_unit_test(scopes_of_a_refusal_are_told_apart),
		cmocka_unit_test(codes_are_read_with_spaces_and_checked),
		cmocka_unit_test(forms_of_unicode_make_no_difference),
		cmocka_unit_test(any_bytes_are_read_to_the_end),
		cmocka_unit_test(an_unknown_context_is_not_found),
		cmocka_unit_test(a_wrong_phrase_is_refused),
		cmocka_unit_test(phrases_match_as_they_say),
		cmocka_unit_test(deadlines_skip_weekends_and_holidays),
	};
	return cmocka_run_group_tests(tests, shipped_load, shipped_unload);
}

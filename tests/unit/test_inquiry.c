/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Do you ask about BHYT?": what is asked, what counts as an answer, what follows, and which choices a file may hold. Runs from the
 * repository's root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/settings.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "handlers/topicchoice.h"
#include "tests/support/shipped.h"
#include "tests/support/village.h"

#define STORY "bhty sap het han lam sao"
#define ASKED "Ong/ba hoi ve BHYT? 1=Han the 2=Muc dong 3=Noi nop 0=Gap can bo."
#define EXPIRY "Han the: xem tren the BHYT, ung dung VssID hoac hoi Diem thu BHYT cua xa. Gia han truoc khi the het han. Da ghi nhan, ma "

/* ---- what follows ---- */

/* The newest text as a whole; NULL: nothing was ever said. The caller's. */
static char *last_said(struct village *v)
{
	char *text = NULL;
	struct statement *st = store_prepare_text(v->f->db, "SELECT text FROM message ORDER BY id DESC LIMIT 1");
	if (store_row(st) > 0)
		text = strdup(column_text(st, 0));
	store_drop(st);
	return text;
}

static void must_have_said(struct village *v, const char *whole)
{
	OWN(mem) char *text = last_said(v);
	assert_non_null(text);
	assert_string_equal(text, whole);
}

static int64_t cases(struct village *v)
{
	return village_count(v, "SELECT count(*) FROM casefile");
}

static int64_t stories(struct village *v)
{
	return village_count(v, "SELECT count(*) FROM casefile WHERE topic = 'BHYT' AND text = '" STORY "' AND state = 'received'");
}

static int64_t chose(struct village *v, const char *text)
{
	int64_t n = 0;
	struct statement *st = store_prepare_text(v->f->db, "SELECT count(*) FROM case_event WHERE what = 'chosen' AND who = 'person' AND text = $text");
	bind_text(st, "$text", text);
	if (store_row(st) > 0)
		n = column_int(st, 0);
	store_drop(st);
	return n;
}

static void a_swapped_name_is_asked_about_and_two_misses_go_to_a_person(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, STORY, "asked: about BHYT?");
	must_have_said(v, ASKED);
	assert_int_equal(cases(v), 0);
	village_told(v, LAN, "abc", "hint");
	must_have_said(v, "Chua hieu tin nhan. Tra loi: 1=BHYT 2=Nha o 3=Gui phan anh 0=Gap can bo.");
	village_told(v, LAN, "xyz", "to a person: not understood twice");
	assert_int_equal(village_count(v, "SELECT count(*) FROM message"), 2);
	assert_int_equal(cases(v), 1); /* what they asked first, and what nobody understood beside it */
	assert_int_equal(stories(v), 1);
	assert_int_equal(village_count(v, "SELECT count(*) FROM case_event WHERE what = 'unclear' AND text = 'xyz'"), 1);
	assert_int_equal(village_count(v, "SELECT count(*) FROM inbound WHERE casefile IS NULL AND text <> 'abc'"), 0);
	village_wait(v, 25 * HOUR_MS);
	assert_int_equal(cases(v), 1);
	assert_int_equal(village_count(v, "SELECT count(*) FROM message"), 2);
}

static void numbers_that_stand_for_nothing_are_misses_too(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, STORY, "asked: about BHYT?");
	village_told(v, LAN, "7", "hint");
	village_told(v, LAN, "9", "to a person: not understood twice");
	assert_int_equal(village_count(v, "SELECT count(*) FROM message"), 2);
	assert_int_equal(stories(v), 1);
	assert_int_equal(cases(v), 1);
}

static void a_choice_is_answered_at_once_and_noted_in_a_case(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, STORY, "asked: about BHYT?");
	village_told(v, LAN, "1", "case PA");
	OWN(mem) char *text = last_said(v);
	struct measure m;
	assert_non_null(text);
	assert_int_equal(strncmp(text, EXPIRY "PA", strlen(EXPIRY "PA")), 0);
	gsm7_measure(text, 8, &m);
	assert_int_equal(m.n_segments, 1);
	assert_int_equal(m.encoding, ENCODING_GSM7);
	assert_int_equal(stories(v), 1);
	assert_int_equal(chose(v, "Han the"), 1);
	assert_int_equal(village_count(v, "SELECT count(*) FROM case_event WHERE what = 'receipt' AND message IS NOT NULL"), 1);
	assert_int_equal(village_count(v, "SELECT count(*) FROM message"), 2);
	assert_int_equal(village_count(v, "SELECT count(*) FROM inbound WHERE casefile = 1"), 2);
	assert_int_equal(village_count(v, "SELECT count(*) FROM question WHERE state = 'open'"), 0);
}

static void a_wish_for_a_person_and_a_choice_without_a_reply_are_cases_with_a_receipt(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, STORY, "asked: about BHYT?");
	village_told(v, LAN, "cho toi gap can bo xa", "case PA");
	village_heard(v, "MTTQ xa da ghi nhan. Ma PA");
	assert_int_equal(stories(v), 1);
	assert_int_equal(chose(v, "Gap can bo: cho toi gap can bo xa"), 1);
	village_told(v, HOA, "bhxhh", "asked: about BHXH?");
	must_have_said(v, "Ong/ba hoi ve BHXH? 1=Muc dong 2=Noi nop 3=Luong huu 4=Rut 1 lan 0=Gap can bo.");
	village_told(v, HOA, "4", "case PA");
	village_heard(v, "MTTQ xa da ghi nhan. Ma PA");
	assert_int_equal(chose(v, "Rut 1 lan"), 1);
	assert_int_equal(village_count(v, "SELECT count(*) FROM casefile WHERE topic = 'BHXH' AND text = 'bhxhh'"), 1);
}

static void what_is_said_beside_a_choice_stands_in_its_case(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, STORY, "asked: about BHYT?");
	village_told(v, LAN, "2 nghen chu, nam nay bao nhieu mot nguoi", "case PA");
	assert_int_equal(cases(v), 1);
	assert_int_equal(chose(v, "Muc dong: 2 nghen chu, nam nay bao nhieu mot nguoi"), 1);
	village_told(v, "+84912000003", STORY, "asked: about BHYT?");
	village_told(v, "+84912000003", "1, the me toi dong lien tuc", "case PA");
	assert_int_equal(chose(v, "Han the: 1, the me toi dong lien tuc"), 1);
	village_told(v, HOA, STORY, "asked: about BHYT?");
	village_told(v, HOA, "1, truong thon an chan tien the bao hiem cua dan", "case PA"); /* not where the accused may read it */
	assert_int_equal(cases(v), 4);
	assert_int_equal(village_count(v, "SELECT count(*) FROM casefile WHERE restricted = 1"), 1);
	assert_int_equal(village_count(v, "SELECT count(*) FROM case_event WHERE what = 'chosen' AND text LIKE '%an chan%'"), 0);
}

static void other_words_go_their_own_way_and_the_question_stays(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, STORY, "asked: about BHYT?");
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	assert_int_equal(stories(v), 0);
	village_told(v, LAN, "3", "case PA");
	assert_int_equal(stories(v), 1);
	assert_int_equal(chose(v, "Noi nop"), 1);
}

static void whoever_never_answers_is_heard_after_a_day(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, STORY, "asked: about BHYT?");
	village_wait(v, 23 * HOUR_MS);
	assert_int_equal(cases(v), 0);
	village_wait(v, 2 * HOUR_MS);
	assert_int_equal(stories(v), 1);
	village_heard(v, "MTTQ xa da ghi nhan. Ma PA");
}

static void a_person_wanted_after_the_hint_reads_the_question_first(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, STORY, "asked: about BHYT?");
	village_told(v, LAN, "abc", "hint");
	village_told(v, LAN, "0", "case PA");
	assert_int_equal(stories(v), 1);
	assert_int_equal(cases(v), 1);
	assert_int_equal(village_count(v, "SELECT count(*) FROM inbound WHERE text IN ('abc', '" STORY "') AND casefile = 1"), 2);
}

static void a_topic_without_choices_is_asked_about_by_yes_or_no(void **state)
{
	struct village *v = *state;
	for (size_t i = 0; i < v->keywords->n_topics; i++) {
		json_decref(v->keywords->topics[i].choices);
		v->keywords->topics[i].choices = NULL;
	}
	village_told(v, LAN, STORY, "asked: about BHYT?");
	must_have_said(v, "Ong/ba hoi ve BHYT? Tra loi: 1=Dung 2=Khong phai. Muon hoi viec khac: soan PA + noi dung.");
	village_told(v, LAN, "1", "case PA");
	assert_int_equal(stories(v), 1);
	village_told(v, HOA, "bhty", "asked: about BHYT?");
	village_told(v, HOA, "1", "topic BHYT");
}

/* ---- what answers ---- */

struct answered {
	const char *topic, *text, *answer; /* "" = it is none */
};

static void choices_are_answered_by_digits_labels_and_words(void **state)
{
	static const struct answered rows[] = {
		{ "BHYT", "1", "1" }, { "BHYT", "2.", "2" }, { "BHYT", "so 3", "3" }, { "BHYT", "mot", "1" }, { "BHYT", "Hạn thẻ", "1" },
		{ "BHYT", "hanthe", "1" }, { "BHYT", "the toi het han", "1" }, { "BHYT", "gia han o dau", "1" }, { "BHYT", "muc dong nha", "2" },
		{ "BHYT", "bao nhieu tien mot nguoi", "2" }, { "BHYT", "mua o dau vay chau", "3" }, { "BHYT", "nộp ở đâu", "3" },
		{ "BHYT", "1 nha, the cua me toi", "1" }, { "BHYT", "2 nghen", "2" }, { "BHYT", "1, nham, 2", "2" },
		{ "BHYT", "0", "0" }, { "BHYT", "gap can bo", "0" }, { "BHYT", "cho toi gap can bo xa", "0" }, { "BHYT", "goi lai cho toi", "0" },
		{ "BHYT", "dung roi", "YES" }, { "BHYT", "vang a", "YES" },
		{ "BHYT", "4", "" }, { "BHYT", "1 va 2", "" },
		{ "BHYT", "abc", "" }, { "BHYT", "khong phai", "" }, { "BHYT", "cam on", "" }, { "BHYT", "bhyt", "" }, { "BHYT", "TC", "" },
		{ "BHYT", "con giong bao nhieu tien", "" }, { "BHYT", "dong bao hiem xa hoi o dau", "" }, { "BHYT", "can bo xa hach sach dan", "" },
		{ "BHYT", "truong thon an chan tien dong bao hiem, muc dong bao nhieu", "" }, { "BHYT", "can bo xa an tien cua dan, cho toi gap can bo", "" },
		{ "BHXH", "luong huu", "3" }, { "BHXH", "toi muon rut 1 lan", "4" }, { "BHXH", "dong bao nhieu mot thang", "1" },
		{ "NHAO", "nha toi co duoc khong", "1" }, { "NHAO", "lam don o dau", "2" }, { "NHAO", "bao gio co danh sach", "3" },
	};
	const struct keywords *k = *state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct classified c = { 0 };
		struct context x = { .most = -1, .question = QUESTION_ABOUT };
		snprintf(x.topic, sizeof(x.topic), "%s", rows[i].topic);
		assert_int_equal(context_add_options(&x, keywords_topic(k, rows[i].topic)->choices), 0);
		assert_int_equal(classify(k, rows[i].text, &x, &c), 0);
		if (strcmp(c.answer, rows[i].answer) != 0 || (c.kind == KIND_SURVEY_ANSWER) != (*rows[i].answer != '\0'))
			fail_msg("%s, '%s' says '%s', %s", rows[i].topic, rows[i].text, c.answer, c.why);
		classified_done(&c);
		context_done(&x);
	}
}

/* ---- what a file may hold ---- */

OWN_DEFINE(settings, struct settings *, settings_free)

static int read_choices(const char *choices, json_t **ret, struct complaint *c)
{
	OWN(settings) struct settings *s = NULL;
	OWN(mem) char *text = NULL;
	assert_true(asprintf(&text, "topics = (\n{ code = \"BHYT\";\n%s }\n);\n", choices) > 0);
	assert_int_equal(settings_parse("topics.conf", text, &s, c), 0);
	const struct keyfile f = { .settings = s, .root = settings_root(s), .complaint = c };
	return topicchoice_read(&f, "topics.[0]", json_array_get(json_object_get(f.root, "topics"), 0), ret);
}

#define LONG20 "Aaaaaaaaaaaaaaaaaaa"
static void faulty_choices_are_refused_with_their_place(void **state)
{
	(void)state;
	static const struct {
		const char *label, *choices, *says, *rule;
	} rows[] = {
		{ "no list", "choices = \"a\";", "1 to 8", "wrong_value" },
		{ "none", "choices = ( );", "1 to 8", "wrong_value" },
		{ "nine", "choices = ( { label = \"A\"; }, { label = \"B\"; }, { label = \"C\"; }, { label = \"D\"; }, { label = \"E\"; }, { label = \"F\"; }, "
			  "{ label = \"G\"; }, { label = \"H\"; }, { label = \"I\"; } );", "1 to 8", "wrong_value" },
		{ "no group", "choices = ( \"Han the\" );", "a group", "wrong_value" },
		{ "no label", "choices = ( { words = [ \"a\" ]; } );", "needs a label", "wrong_value" },
		{ "empty label", "choices = ( { label = \"\"; } );", "needs a label", "wrong_value" },
		{ "blank label", "choices = ( { label = \" \"; } );", "begins with a letter", "wrong_value" },
		{ "accents", "choices = ( { label = \"Hạn thẻ\"; } );", "accents", "wrong_value" },
		{ "a number", "choices = ( { label = \"2 nam\"; } );", "begins with a letter", "wrong_value" },
		{ "a sign", "choices = ( { label = \"Han=the\"; } );", "nothing but letters", "wrong_value" },
		{ "long label", "choices = ( { label = \"" LONG20 "bc\"; } );", "at most 20", "too_long" },
		{ "label twice", "choices = ( { label = \"Han the\"; }, { label = \"han the\"; } );", "already", "duplicate" },
		{ "the person's", "choices = ( { label = \"Gap can bo\"; } );", "already", "duplicate" },
		{ "words twice", "choices = ( { label = \"A\"; words = [ \"het_han\" ]; }, { label = \"B\"; words = [ \"het han\" ]; } );", "already", "duplicate" },
		{ "no phrase", "choices = ( { label = \"A\"; words = [ \"@gi\" ]; } );", "no phrase", "wrong_value" },
		{ "no words", "choices = ( { label = \"A\"; words = \"a\"; } );", "list of phrases", "wrong_value" },
		{ "unknown key", "choices = ( { label = \"A\"; answer = \"a\"; } );", "nothing else", "unknown_key" },
		{ "empty reply", "choices = ( { label = \"A\"; reply = \"\"; } );", "needs its words", "wrong_value" },
		{ "a reply that is none", "choices = ( { label = \"A\"; reply = 3; } );", "is a text", "wrong_value" },
		{ "accents in a reply", "choices = ( { label = \"A\"; reply = \"Hỏi xã.\"; } );", "more than one SMS", "too_long" },
		{ "a long reply", "choices = ( { label = \"A\"; reply = \"" LONG20 LONG20 LONG20 LONG20 LONG20 LONG20 LONG20 "\"; } );", "more than one SMS", "too_long" },
		{ "a long question", "choices = ( { label = \"" LONG20 "b\"; }, { label = \"" LONG20 "c\"; }, { label = \"" LONG20 "d\"; }, { label = \"" LONG20
				     "e\"; }, { label = \"" LONG20 "f\"; }, { label = \"" LONG20 "g\"; } );", "all these labels", "too_long" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct complaint c = { 0 };
		json_t *none = NULL;
		int r = read_choices(rows[i].choices, &none, &c);
		if (r != E_CONFIG || none || !strstr(c.text, rows[i].says) || strcmp(c.rule, rows[i].rule) != 0 || c.line != 3 || c.column < 1)
			fail_msg("%s: %d, %d:%d: %s, %s", rows[i].label, r, c.line, c.column, c.rule, c.text);
	}
}

static void a_file_of_before_has_no_choices(void **state)
{
	(void)state;
	struct complaint c = { 0 };
	json_t *none = NULL;
	assert_int_equal(read_choices("vi = \"Bảo hiểm y tế\";", &none, &c), 0);
	assert_null(none);
}

static void every_shipped_question_names_all_its_choices(void **state)
{
	const struct keywords *k = *state;
	size_t n = 0, at;
	for (size_t i = 0; i < k->n_topics; i++)
		for (int language = 0; language < LANGUAGE_COUNT && k->topics[i].choices; language++, n++) {
			OWN(mem) char *text = topicchoice_question(k->topics[i].choices, k->topics[i].code, (enum language)language);
			const json_t *option;
			assert_non_null(text);
			assert_non_null(strstr(text, " 0="));
			json_array_foreach(k->topics[i].choices, at, option)
				assert_true(at == 0 || strstr(text, json_str(option, "label", "?")));
		}
	assert_int_equal(n, 3 * LANGUAGE_COUNT);
}

#define LAW(fn) cmocka_unit_test_setup_teardown(fn, village_settle, village_leave)
#define WORDS(fn) cmocka_unit_test_setup_teardown(fn, shipped_load, shipped_unload)
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAW(a_swapped_name_is_asked_about_and_two_misses_go_to_a_person),
		LAW(numbers_that_stand_for_nothing_are_misses_too),
		LAW(a_choice_is_answered_at_once_and_noted_in_a_case),
		LAW(a_wish_for_a_person_and_a_choice_without_a_reply_are_cases_with_a_receipt),
		LAW(what_is_said_beside_a_choice_stands_in_its_case),
		LAW(other_words_go_their_own_way_and_the_question_stays),
		LAW(whoever_never_answers_is_heard_after_a_day),
		LAW(a_person_wanted_after_the_hint_reads_the_question_first),
		LAW(a_topic_without_choices_is_asked_about_by_yes_or_no),
		WORDS(choices_are_answered_by_digits_labels_and_words),
		WORDS(every_shipped_question_names_all_its_choices),
		cmocka_unit_test(faulty_choices_are_refused_with_their_place),
		cmocka_unit_test(a_file_of_before_has_no_choices),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

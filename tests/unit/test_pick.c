// SPDX-License-Identifier: GPL-3.0-or-later
/* Answers in sentences, taken back and corrected, written without spaces; refusals of the centre; other languages in Latin letters; and
 * beside each what only looks like it. Runs from the repository's root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "tests/support/shipped.h"


struct answered {
	const char *context, *text, *answer; /* "" = it is none */
};

static void check_answers(const struct keywords *k, const struct answered *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct classified c = shipped_understand(k, rows[i].text, rows[i].context);
		if (strcmp(c.answer, rows[i].answer) != 0 || (c.kind == KIND_SURVEY_ANSWER) != (*rows[i].answer != '\0'))
			fail_msg("'%s' says '%s', %s", rows[i].text, c.answer, c.why);
		classified_done(&c);
	}
}

static void an_answer_in_a_sentence_is_one(void **state)
{
	static const struct answered rows[] = {
		{ "S-BHYT", "toi chon so 2 nhe chau", "2" },	   { "S-BHYT", "minh dong y phuong an 3", "3" },
		{ "S-BHYT", "nha toi chon phuong an 1 nha con", "1" }, { "S-BHYT", "bac chon so 1 nhe can bo", "1" },
		{ "S-BHYT", "toi xin chon y 3", "3" },		   { "S-BHYT", "em dong y so 2 a", "2" },
		{ "S-BHYT", "tui lua so 2 nghen", "2" },	   { "S-BHYT", "con tra loi so 1 nha chu", "1" },
		{ "S-BHYT", "theo toi la so 2", "2" },		   { "S-SAT", "toi cham 4 sao nhe chau", "4" },
		{ "S-BHYT", "2 chau nho dang om", "" },		   { "S-BHYT", "3 nguoi trong nha", "" },
	};
	check_answers(*state, rows, COUNT_OF(rows));
}

static void polite_words_behind_a_digit_count_nothing(void **state)
{
	static const struct answered rows[] = {
		{ "S-BHYT", "1 nha, con the thi sao", "1" },	     { "S-BHYT", "1 nha con, toi hoi them", "1" },
		{ "S-BHYT", "2 nha em, moi sua xong", "2" },	     { "S-BHYT", "3 nha. cam on", "3" },
		{ "S-BHYT", "2 nghen, the cua con toi thi sao", "2" }, { "S-BHYT", "2 nghen chu, muc dong bao nhieu", "2" },
		{ "S-BHYT", "2 nha con oi, mua the o dau", "2" },    { "S-NHAO", "1 nha, can bo xuong coi giup", "1" },
		{ "S-YN", "1 nha, toi o thon 5", "YES" },	     { "S-BHYT", "2 nha dot nat", "" },
		{ "S-BHYT", "2 nha dot nat, mai thung", "" },	     { "S-BHYT", "2 con, 1 chau", "" },
		{ "S-BHYT", "2 nha toi, dot ca roi", "" },
	};
	check_answers(*state, rows, COUNT_OF(rows));
}

static void what_is_taken_back_is_not_the_answer(void **state)
{
	static const struct answered rows[] = {
		{ "S-BHYT", "1, khong phai, 3 moi dung", "3" },	      { "S-BHYT", "nham, 2", "2" },
		{ "S-BHYT", "1. xin loi toi nham, 2 moi dung", "2" }, { "S-BHYT", "2, khong, 1", "1" },
		{ "S-BHYT", "3 khong phai, 1 moi dung", "1" },	      { "S-BHYT", "toi nham, so 3", "3" },
		{ "S-BHYT", "nham roi, 1 moi dung", "1" },	      { "S-BHYT", "khong phai 1, 2 moi dung", "2" },
		{ "S-BHYT", "2 sai, 3 moi dung", "3" },		      { "S-BHYT", "bam nham, 2 nhe", "2" },
		{ "S-BHYT", "2 khong phai 3", "2" },		      { "S-BHYT", "nham so roi", "" },
		{ "S-YN", "1, nham, 2", "NO" },			      { "S-SAT", "2, xin loi, 4 sao", "4" },
	};
	check_answers(*state, rows, COUNT_OF(rows));
}

static void a_label_without_its_spaces_is_one(void **state)
{
	static const struct answered rows[] = {
		{ "S-BHYT", "thehethan", "3" },	 { "S-BHYT", "hethanroi", "3" }, { "S-BHYT", "chuaco", "2" }, { "S-NHAO", "nhatam", "2" },
		{ "S-NHAO", "nhakienco", "1" },	 { "S-BHYT", "conthe", "" },	 { "S-BHYT", "khonghethan", "" },
	};
	check_answers(*state, rows, COUNT_OF(rows));
}

static void a_question_beside_an_answer_is_heard_too(void **state)
{
	static const struct answered rows[] = {
		{ "S-BHYT", "2 nhe can bo, chua co, di mua o dau het bao nhieu", "2" },
		{ "S-BHYT", "toi chon so 2, mua the o dau vay", "2" },
		{ "S-BHYT", "3 roi, gia han o dau bao nhieu tien", "3" },
		{ "S-NHAO", "2, xin hoi bao gio xet xoa nha tam", "2" },
	};
	check_answers(*state, rows, COUNT_OF(rows));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct classified c = shipped_understand(*state, rows[i].text, rows[i].context);
		assert_true(c.need);
		classified_done(&c);
	}
}

static void refusals_of_the_centre_and_what_sounds_like_them(void **state)
{
	static const struct {
		const char *text;
		bool refuses;
	} rows[] = {
		{ "choa no muon nhan tin nua mo", true },	 { "no muon nhan tin nua", true },
		{ "choa nỏ muốn nhận mô", true },		 { "no thich nhan tin mo", true },
		{ "tui no can nhan tin nua", true },		 { "tau no muon nhan tin mo", true },
		{ "hẻm muốn nhận tin nữa", true },		 { "khoong muốn nhận tin", true },
		{ "đừng gửi cho choa nữa", true },		 { "no muon nghe tin nua mo", true },
		{ "an no roi muon nhan qua", false },		 { "no muon nhan the ma chua duoc", false },
		{ "con tui no muon nhan tin nhan cua xa", false }, { "tui no ngan hang can nhan tin dung", false },
		{ "chong toi no nhan tien roi", false },	 { "em no can nhan qua tet", false },
		{ "toi muon tra no ngan hang", false },		 { "trong hem nuoc ngap", false },
		{ "hem muon lam duong be tong", false },	 { "bung no", false },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct classified c = shipped_understand(*state, rows[i].text, "C-BHXH");
		if ((c.kind == KIND_OPTOUT || c.stop) != rows[i].refuses)
			fail_msg("'%s': %s", rows[i].text, c.why);
		classified_done(&c);
	}
}

static void other_languages_go_to_a_person(void **state)
{
	static const struct {
		const char *text;
		bool foreign;
	} rows[] = {
		{ "Khỏi bấu hụ lẻo tiểng Keo", true },		   { "Hây bấu hụ cằm Keo lố", true },
		{ "Khỏi xằng hụ nhằng tởi vạ rầu", true },	   { "Noọng bấu chắc slư Keo, khỏi lủc lan", true },
		{ "Knhom jong niyeay pheasa khmae", true },	   { "Soum tos, knhom min yol te", true },
		{ "knhom ot jeh phasa yuon te", true },		   { "arkun chraen knhom ban tetuol haey", true },
		{ "Kâo amâo thâo klei Yuan ôh", true },		   { "Lač jăk kơ diih, kâo ka mâo mdrao ôh", true },
		{ "khoi bao hiem het han roi lam sao", false },	   { "toi o buon Ea Drang chua co the bhyt", false },
		{ "lang toi o Dak Pek chua co nuoc", false },	   { "Thạch Sóc Kha ấp Tân Điền xin vay vốn", false },
		{ "nguowif dan khoong cos nuowcs sachj", false },  { "em khongnhantin duoc nuaa", false },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct classified c = shipped_understand(*state, rows[i].text, "C-BHXH");
		if (c.foreign != rows[i].foreign || (rows[i].foreign && (c.kind != KIND_UNKNOWN || c.n_topics)))
			fail_msg("'%s': %s", rows[i].text, c.why);
		classified_done(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_in_a_sentence_is_one),
		cmocka_unit_test(polite_words_behind_a_digit_count_nothing),
		cmocka_unit_test(what_is_taken_back_is_not_the_answer),
		cmocka_unit_test(a_label_without_its_spaces_is_one),
		cmocka_unit_test(a_question_beside_an_answer_is_heard_too),
		cmocka_unit_test(refusals_of_the_centre_and_what_sounds_like_them),
		cmocka_unit_test(other_languages_go_to_a_person),
	};
	return cmocka_run_group_tests(tests, shipped_load, shipped_unload);
}

// SPDX-License-Identifier: GPL-3.0-or-later
/* Spelling: what a syllable is, keystrokes that were never composed, names that stay, short forms by their neighbours, lost
 * encodings. Runs from the repository's root. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "handlers/keystroke.h"
#include "handlers/keywords.h"
#include "handlers/residue.h"
#include "handlers/words.h"
#include "tests/support/shipped.h"

/* Folds of all words, joined by spaces; with marks: keys of them. */
static char *read_words(const struct keywords *k, const char *text, bool keys)
{
	struct words *w = NULL;
	assert_int_equal(words_new(text, &k->abbreviations, &w), 0);
	char *out = calloc(4096, 1);
	assert_non_null(out);
	for (size_t i = 0; i < w->n; i++)
		snprintf(out + strlen(out), 4096 - strlen(out), "%s%s", i ? " " : "", keys ? w->at[i].key : w->at[i].fold);
	words_free(w);
	return out;
}

struct spelling_case {
	const char *label, *in, *out;
};

static void check(const struct keywords *k, const struct spelling_case *cases, size_t n, bool keys)
{
	int wrong = 0;
	for (size_t i = 0; i < n; i++) {
		OWN(mem) char *out = read_words(k, cases[i].in, keys);
		if (strcmp(out, cases[i].out) == 0)
			continue;
		print_error("%s: '%s': '%s'\n", cases[i].label, cases[i].in, out);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void keystrokes_become_the_syllables_they_meant(void **state)
{
	static const struct spelling_case cases[] = {
		{ "Telex", "Nhaf tooi bij dootj", "nha2 tOi bi5 dOt5" },
		{ "Telex, tone at the end", "khoong ddoongf ys", "khOng DOng2 y1" },
		{ "Telex, two hooks by one key", "dduowngf nguwowif dduwowcj", "DUQng2 ngUQi2 DUQc5" },
		{ "Telex, hook at the end", "nguoiwf muanw", "ngUQi2 muanw" },
		{ "Telex, a w of its own", "tw tuwr", "tU tU3" },
		{ "Telex, ưa and oă", "nuwax muwa xoawn hoawcj quawn", "nUa4 mUa xoWn hoWc5 quWn" },
		{ "Telex, ươ without coda", "thuowr", "thuQ3" },
		{ "Telex, uu", "luuw huuw", "lUu hUu" },
		{ "Telex, đ at the end", "dangd", "Dang" },
		{ "VNI", "kho6ng d9o6ng y1", "khOng DOng2" },
		{ "VNI, all at the end", "khong6 dong962 vie6t5", "khOng DOng2 viEt5" },
		{ "VNI, horns", "d9u7o7ng2 nguoi72 d9u7o7c5", "DUQng2 ngUQi2 DUQc5" },
		{ "VNI, breve", "na8m nam8", "nWm nWm" },
		{ "composed in part", "đuowcj", "DUQc5" },
		{ "no tone where one must be: letters only", "duowc", "duoc" },
	};
	const struct spelling_case vni = { "VNI ý beside others", "kho6ng d9o6ng2 y1", "khOng DOng2 y1" };
	check(*state, cases, 9, true);
	check(*state, cases + 10, COUNT_OF(cases) - 10, true);
	check(*state, &vni, 1, true);
}

static void what_is_a_word_stays(void **state)
{
	static const struct spelling_case cases[] = {
		{ "plain words", "toi muon hoi ve the bao hiem", "toi muon hoi ve the bao hiem" },
		{ "loan words", "cai xoong, xe ro mooc, coong", "cai xoong xe ro mooc coong" },
		{ "a commune", "xa La Êê, la ee, la dee", "xa la ee la ee la dee" },
		{ "words from abroad", "goi taxi sos visa gas", "goi taxi sos visa gas" },
		{ "names", "Ksor H'Bung, Max, Lee", "ksor h'bung max lee" },
		{ "a hamlet's number", "thon5 to12 xa3", "thon to xa" },
		{ "an answer", "so2 cau3 y2", "so cau y2" },
		{ "codes", "pa482918 xem482918", "pa482918 xem482918" },
		{ "other languages", "nyob zoo kuv tsis paub ntawv", "nyob zoo kuv tsis paub ntawv" },
		{ "English", "hello how are you", "hello how are you" },
		{ "numbers", "35t 500k 2tr", "35t 500k 2tr" },
	};
	check(*state, cases, COUNT_OF(cases), false);
}

static void loan_words_are_keystrokes_beside_others(void **state)
{
	static const struct spelling_case cases[] = {
		{ "công an xã", "coong an xax", "cOng an xa4" },
		{ "tổng cộng", "toong coongj", "tOng cOng5" },
		{ "xoong stays without", "cai xoong hong", "cai xoong hong" },
		{ "number beside VNI", "d9u7o7ng2 thon6", "DUQng2 thOn" },
	};
	check(*state, cases, COUNT_OF(cases), true);
}

static void short_forms_hang_on_their_neighbours(void **state)
{
	static const struct spelling_case cases[] = {
		{ "không", "k ko kg hok khum", "khong khong khong khong khong" },
		{ "thousands", "500 k, k co", "500 k khong co" },
		{ "million", "2 tr", "2 trieu" },
		{ "before", "thang tr", "thang truoc" },
		{ "how much", "dong bn 1 thang v", "dong bao nhieu 1 thang vay" },
		{ "friends", "cac bn oi", "cac ban oi" },
		{ "condition", "k du dk", "khong du dieu kien" },
		{ "sign up", "dk bhyt", "dk bhyt" },
		{ "people", "dong bao dt thieu so", "dong bao dan toc thieu so" },
		{ "telephone", "so dt cua toi", "so dien thoai cua toi" },
		{ "được", "dc đc", "duoc duoc" },
		{ "age", "35 t", "35 tuoi" },
		{ "how", "lam ntn", "lam nhu the nao" },
	};
	check(*state, cases, COUNT_OF(cases), false);
}

static void glued_words_come_apart(void **state)
{
	static const struct spelling_case cases[] = {
		{ "a refusal", "dungguitinnua", "dung gui tin nua" },
		{ "a refusal, three", "khongnhantinnua", "khong nhan tin nua" },
		{ "a command and its object", "tuchoinhantin", "tu choi nhan tin" },
		{ "two of four", "dunggui tinnua", "dung gui tin nua" },
		{ "a short form", "konhantinnua", "khong nhan tin nua" },
		{ "a letter for a word", "knhantinnua kmuonnhan", "khong nhan tin nua khong muon nhan" },
		{ "a word that is no syllable", "hoibhyt, bhytbaonhieu", "hoi bhyt bhyt bao nhieu" },
		{ "a command of two letters", "tcbhyt TCHET", "tc bhyt tc het" },
		{ "danger", "cuuvoi", "cuu voi" },
		{ "a complaint", "nhatoibidot", "nha toi bi dot" },
		{ "which word ends where", "baohiemyte khonguoi", "bao hiem y te kho nguoi" },
		{ "capitals", "KhongNhanTinNua", "khong nhan tin nua" },
	};
	static const struct spelling_case marked[] = {
		{ "with marks", "đừnggửitinnữa", "DUng2 gUi3 tin nUa4" },
		{ "with some", "đừngguitin", "DUng2 gui tin" },
		{ "mixed forms of Unicode", "đu\u031B\u0300nggu\u031B\u0309i", "DUng2 gUi3" },
	};
	check(*state, cases, COUNT_OF(cases), false);
	check(*state, marked, COUNT_OF(marked), true);
}

static void letters_held_too_long_count_once(void **state)
{
	static const struct spelling_case cases[] = {
		{ "two", "guii tinn nuaa", "gui tin nua" },
		{ "three", "dunggg khonggg", "dung khong" },
		{ "in the middle", "khhhong nhhan", "khong nhan" },
		{ "a short form", "kooo dcc", "khong duoc" },
		{ "and glued", "dungggguiii", "dung gui" },
		{ "two that belong", "cuuuu voiii", "cuu voi" },
		{ "accents", "rồiiii quáaaa đừnggg", "roi qua dung" },
		{ "Telex stays Telex", "khoong tooi", "khong toi" },
		{ "a command is not guessed", "bhytt stopp tcc", "bhytt stopp tcc" },
		{ "unless it cannot be a slip", "stopppp tccc", "stop tc" },
	};
	check(*state, cases, COUNT_OF(cases), false);
}

static void letters_with_spaces_are_a_word(void **state)
{
	static const struct spelling_case cases[] = {
		{ "spaces", "t u c h o i", "tu choi" },
		{ "full stops", "S.T.O.P", "stop" },
		{ "hyphens", "s-t-o-p", "stop" },
		{ "the whole message", "h u y", "huy" },
		{ "words apart", "d u n g  g u i  t i n", "dung gui tin" },
		{ "marks", "đ ừ n g g ử i", "dung gui" },
		{ "within others", "xin d u n g gui nua", "xin dung gui nua" },
		{ "short forms side by side", "e k o nha, a c k co", "e khong o nha a c khong co" },
		{ "three among others", "toi h u y nha", "toi h u y nha" },
		{ "letters of no word", "x q g z p", "x q g z p" },
		{ "an enumeration", "a, b, c, d", "a b c d" },
	};
	check(*state, cases, COUNT_OF(cases), false);
}

static void letters_in_each_others_place_are_a_common_word(void **state)
{
	static const struct spelling_case cases[] = {
		{ "a refusal", "dugn gui tin nua", "dung gui tin nua" },
		{ "each word", "khogn nahn tni", "khong nhan tni" },
		{ "short words stay", "tni gai iac", "tni gai iac" },
		{ "a syllable stays", "chau nhan cahu", "chau nhan chau" },
		{ "names stay", "Ksor H'Bung Ploong", "ksor h'bung ploong" },
		{ "other languages stay", "please sending nyob paub ntawv", "please sending nyob paub ntawv" },
	};
	check(*state, cases, COUNT_OF(cases), false);
}

static void what_only_looks_glued_stays(void **state)
{
	static const struct spelling_case cases[] = {
		{ "from abroad", "into today human radio video camera", "into today human radio video camera" },
		{ "brands", "vietcombank viettel mobifone zalo facebook", "vietcombank viettel mobifone zalo facebook" },
		{ "names", "Bhling Zơrâm Ploong Hiih", "bhling zoram ploong hiih" },
		{ "Hmong", "koj nyob qhov twg, kuv tsis paub ntawv", "koj nyob qhov twg kuv tsis paub ntawv" },
		{ "typing errors of no common word", "bhiem ngoeoh dnugg", "bhiem ngoeoh dnugg" },
		{ "noise", "asdfgh qwertyu hjkl", "asdfgh qwertyu hjkl" },
	};
	check(*state, cases, COUNT_OF(cases), false);
}

static void lost_encodings_are_found(void **state)
{
	(void)state;
	static const struct spelling_case cases[] = {
		{ "TCVN3", "Nhµ bÞ dét", "Nhà bị dột" },
		{ "TCVN3, a stroke as soft hyphen", "®\u00ADêng th«n háng", "đường thôn hỏng" },
		{ "VNI-Windows", "Nhaø bò doät", "Nhà bị dột" },
		{ "VNI-Windows, capitals", "ÑÖÔØNG THOÂN hoûng roài", "ĐƯỜNG THÔN hỏng rồi" },
		{ "UTF-8 as Windows-1252", "NhÃ\u00A0 bá»‹ dá»™t", "Nhà bị dột" },
		{ "its no-break space lost", "NhÃ tÃ´i bá»‹", "Nhà tôi bị" },
		{ "punctuation around", "(NhÃ\u00A0) bá»‹, dá»™t!", "(Nhà) bị, dột!" },
		{ "one token among plain ones", "nha toi bÞ hong", "nha toi bị hong" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *out = NULL;
		assert_int_equal(residue_decode(cases[i].in, &out), 0);
		if (!out || strcmp(out, cases[i].out) != 0)
			fail_msg("%s: '%s'", cases[i].label, out ? out : "(as it was)");
	}
}

static void sound_text_is_never_decoded(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"", "Nhà tôi bị dột, đường thôn 5 hỏng", "nha toi", "Từ chối", "«ai»", "20°", "½ kg", "5 µg", "· một · hai", "Bh’riu Pơloong", "été à Noël",
		"señor", "TC®", "Đắk Lắk", "ÑANDÚ", "Übung für Größe", "a\u00ADb", "©2026", "\u00A0\u00A0", "£ ¥ §", "é", "ÁO ÀO", "xã La Êê",
	};
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		OWN(mem) char *out = NULL;
		assert_int_equal(residue_decode(texts[i], &out), 0);
		if (out && strcmp(out, texts[i]) != 0)
			fail_msg("'%s': '%s'", texts[i], out);
	}
}

static void syllables_follow_the_rules(void **state)
{
	(void)state;
	static const struct {
		const char *key;
		enum syllable is;
	} rows[] = {
		{ "nghiEng", SYLLABLE_WHOLE }, { "ngiEng", SYLLABLE_WHOLE }, { "quynh2", SYLLABLE_WHOLE }, { "gi2", SYLLABLE_WHOLE }, { "giEng", SYLLABLE_WHOLE },
		{ "khuyu3", SYLLABLE_WHOLE },  { "DUQc5", SYLLABLE_WHOLE },  { "DUQc", SYLLABLE_TONELESS }, { "DUQc2", SYLLABLE_NONE }, { "tich3", SYLLABLE_NONE },
		{ "ka", SYLLABLE_NONE },	{ "ki", SYLLABLE_WHOLE },     { "ce", SYLLABLE_NONE },	   { "ghi", SYLLABLE_WHOLE },	{ "gha", SYLLABLE_NONE },
		{ "xoong", SYLLABLE_LOAN },	{ "khoong", SYLLABLE_NONE },  { "", SYLLABLE_NONE },	   { "1", SYLLABLE_NONE },	{ "W", SYLLABLE_NONE },
		{ "fa", SYLLABLE_NONE },	{ "q", SYLLABLE_NONE },	      { "b", SYLLABLE_NONE },	   { "quOc1", SYLLABLE_WHOLE }, { "y1", SYLLABLE_WHOLE },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (syllable_check(rows[i].key) != rows[i].is)
			fail_msg("'%s': %d", rows[i].key, (int)syllable_check(rows[i].key));
	static const char *const no[] = { "khoong", "nhaf", "bhyt", "ko", "dc", "qa", "zoo", "ngh", "", "nghx" };
	static const char *const yes[] = { "nghieng", "quynh", "gi", "gieng", "khuyu", "xoong", "mooc", "e", "uy", "thuo", "ly", "Quy" + 1 };
	for (size_t i = 0; i < COUNT_OF(no); i++)
		assert_false(syllable_valid(no[i]));
	for (size_t i = 0; i < COUNT_OF(yes); i++)
		if (!syllable_valid(yes[i]))
			fail_msg("'%s'", yes[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keystrokes_become_the_syllables_they_meant),
		cmocka_unit_test(what_is_a_word_stays),
		cmocka_unit_test(loan_words_are_keystrokes_beside_others),
		cmocka_unit_test(short_forms_hang_on_their_neighbours),
		cmocka_unit_test(glued_words_come_apart),
		cmocka_unit_test(letters_held_too_long_count_once),
		cmocka_unit_test(letters_with_spaces_are_a_word),
		cmocka_unit_test(letters_in_each_others_place_are_a_common_word),
		cmocka_unit_test(what_only_looks_glued_stays),
		cmocka_unit_test(lost_encodings_are_found),
		cmocka_unit_test(sound_text_is_never_decoded),
		cmocka_unit_test(syllables_follow_the_rules),
	};
	return cmocka_run_group_tests(tests, shipped_load, shipped_unload);
}

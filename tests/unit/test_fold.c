// SPDX-License-Identifier: GPL-3.0-or-later
/* Folding for matching, and the plain text that is sent instead of an accented one. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/fold.h"
#include "gateway/base/own.h"

struct fold_case {
	const char *label, *in, *out;
};

static void check(char *(*how)(const char *), const struct fold_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		OWN(mem) char *out = how(cases[i].in);
		if (!out || strcmp(out, cases[i].out) != 0)
			fail_msg("%s: \"%s\"", cases[i].label, out ? out : "(null)");
	}
}

static void fold_makes_all_spellings_alike(void **state)
{
	(void)state;
	static const struct fold_case cases[] = {
		{ "empty", "", "" },
		{ "only space", " \t\r\n\u00A0\u3000", "" },
		{ "accented", "Từ chối nhận tin", "tu choi nhan tin" },
		{ "decomposed", "Tu\u031B\u0300 cho\u0302\u0301i", "tu choi" },
		{ "all kinds of d", "đĐðÐƉɖ", "dddddd" },
		{ "ethnic letters", "Ƀuôn ƀon Bh’riu Zơrâm Pơloong", "buon bon bh'riu zoram poloong" },
		{ "tone placement", "HOÀ hòa Thuý thúy", "hoa hoa thuy thuy" },
		{ "full width", "ＴＣ　１２", "tc 12" },
		{ "Arabic-Indic", "٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹", "0123456789 0123456789" },
		{ "space runs", "  a \u00A0\u2003 b\r\n\r\nc\t ", "a b c" },
		{ "zero width", "d\u200Bu\u200Cn\u200Dg\uFEFF\u00AD\u2060", "dung" },
		{ "bidi controls", "\u202Eabc\u2066", "abc" },
		{ "control characters", "a\x01\x7F" "b\xC2\x80", "ab" },
		{ "quotes and dashes", "“a” ‘b’ – — …", "\"a\" 'b' - - ..." },
		{ "ligature, superscript, fraction", "ﬁ m² ½", "fi m2 1/2" },
		{ "hook and breve", "Ặ ẵ Ợ ữ Ỹ", "a a o u y" },
		{ "500 marks", "a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "a" },
		{ "marks alone", "\u0301\u0323", "" },
		{ "Cyrillic lower-cased", "Й ДА", "и да" },
		{ "emoji stays", "OK \U0001F44D", "ok \U0001F44D" },
		{ "Kelvin, Angstrom", "\u212A\u212B", "ka" },
		{ "Turkish İ ı", "İI ı", "ii ı" },
		{ "acute as apostrophe", "Bh´riu \u1FFD", "bh'riu '" },
	};
	check(fold, cases, COUNT_OF(cases));
}

static void fold_plain_keeps_case_and_lines(void **state)
{
	(void)state;
	static const struct fold_case cases[] = {
		{ "empty", "", "" },
		{ "accented", "Kính gửi Bà con Ấp 5,\r\nĐã có thẻ BHYT?", "Kinh gui Ba con Ap 5,\r\nDa co the BHYT?" },
		{ "decomposed", "Đu\u031Bo\u031B\u0300ng", "Duong" },
		{ "spaces kept", "  a  b ", "  a  b " },
		{ "NBSP and tab", "a\u00A0b\tc", "a b c" },
		{ "line separators", "a\u2028b\u2029c\xC2\x85" "d", "a\nb\nc\nd" },
		{ "typography", "“Nhà” – ‘đất’… 5′", "\"Nha\" - 'dat'... 5'" },
		{ "the sign of the dong, bullets", "• 500.000₫\n● 300.000đ", "* 500.000d\n* 300.000d" },
		{ "GSM letters lose marks too", "à é ü ñ Ç", "a e u n C" },
		{ "signs of the alphabet stay", "€ £ @ _ § ß ø Æ", "€ £ @ _ § ß ø Æ" },
		{ "zero width", "a\u200Bb", "ab" },
	};
	check(fold_plain, cases, COUNT_OF(cases));
}

static void fold_grows_for_long_decompositions(void **state)
{
	(void)state;
	enum { COUNT = 1000 };
	OWN(mem) char *text = malloc(COUNT * 3 + 1); /* U+FDFA is eighteen code points, 33 bytes */
	assert_non_null(text);
	for (size_t i = 0; i < COUNT; i++)
		memcpy(text + i * 3, "\uFDFA", 3);
	text[COUNT * 3] = '\0';
	OWN(mem) char *one = fold("\uFDFA"), *many = fold(text);
	assert_int_equal(strlen(one), 33);
	assert_int_equal(strlen(many), 33 * COUNT);
}

static void fold_part_looks_no_farther(void **state)
{
	(void)state;
	OWN(mem) char *part = fold_part("Đường số 5", strlen("Đường")), *none = fold_part("Đường", 0);
	assert_string_equal(part, "duong");
	assert_string_equal(none, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fold_makes_all_spellings_alike),
		cmocka_unit_test(fold_plain_keeps_case_and_lines),
		cmocka_unit_test(fold_grows_for_long_decompositions),
		cmocka_unit_test(fold_part_looks_no_farther),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

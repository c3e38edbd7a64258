// SPDX-License-Identifier: GPL-3.0-or-later
/* UTF-8 made valid, NFC, cutting, hex. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define FFFD "\xEF\xBF\xBD"

static void text_valid_replaces_each_maximal_ill_formed_part(void **state)
{
	(void)state;
	static const struct {
		const char *label, *in;
		size_t n;
		const char *out;
	} cases[] = {
		{ "empty", "", 0, "" },
		{ "ascii", "abc", 3, "abc" },
		{ "vietnamese", "Bảo hiểm", 12, "Bảo hiểm" },
		{ "NUL", "a\0b", 3, "a" FFFD "b" },
		{ "NUL behind eight", "abcdefgh\0b", 10, "abcdefgh" FFFD "b" },
		{ "lone continuation", "a\x80" "b", 3, "a" FFFD "b" },
		{ "overlong slash", "\xC0\xAF", 2, FFFD FFFD },
		{ "overlong three", "\xE0\x80\xAF", 3, FFFD FFFD FFFD },
		{ "surrogate", "\xED\xA0\x80", 3, FFFD FFFD FFFD },
		{ "above 10FFFF", "\xF4\x90\x80\x80", 4, FFFD FFFD FFFD FFFD },
		{ "F5", "\xF5", 1, FFFD },
		{ "cut off at the end", "a\xE1\xBA", 3, "a" FFFD },
		{ "cut off within", "\xE1\xBA" "b", 3, FFFD "b" },
		{ "cut off four", "\xF0\x9F\x98" "x", 4, FFFD "x" },
		{ "Unicode table 3-8", "\xE1\x80\xE2\xF0\x91\x92\xF1\xBF" "A", 9, FFFD FFFD FFFD FFFD "A" },
		{ "noncharacter stays", "\xEF\xBF\xBF", 3, "\xEF\xBF\xBF" },
		{ "emoji and bidi stay", "\xF0\x9F\x98\x80\xE2\x80\xAE", 7, "\xF0\x9F\x98\x80\xE2\x80\xAE" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *out = text_valid(cases[i].in, cases[i].n);
		if (!out || strcmp(out, cases[i].out) != 0)
			fail_msg("%s: \"%s\"", cases[i].label, out ? out : "(null)");
		bool same = cases[i].n == strlen(cases[i].out) && memcmp(cases[i].in, cases[i].out, cases[i].n) == 0;
		if (text_is_valid(cases[i].in, cases[i].n) != same)
			fail_msg("%s: text_is_valid", cases[i].label);
		assert_true(text_is_valid(out, strlen(out)));
	}
}

static void text_next_gives_what_text_put_wrote(void **state)
{
	(void)state;
	for (uint32_t c = 1; c < 0x110000; c++) {
		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		char out[5] = "";
		size_t n = text_put(out, c);
		const char *p = out;
		assert_int_equal(text_next(&p), c);
		assert_ptr_equal(p, out + n);
		assert_int_equal(text_next(&p), 0);
	}
	char out[5] = "";
	assert_int_equal(text_put(out, 0xD800), 3);
	assert_string_equal(out, FFFD);
	assert_int_equal(text_put(out, 0x110000), 3);
	assert_string_equal(out, FFFD);
}

static void text_next_never_passes_the_end(void **state)
{
	(void)state;
	static const char *const cases[] = { "\xF0", "\xF0\x9F", "\xF0\x9F\x98", "\xE1", "\xE1\xBA", "\xC3" };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		size_t n = strlen(cases[i]);
		OWN(mem) char *own = malloc(n + 1); /* so that the sanitizer sees a step too far */
		assert_non_null(own);
		memcpy(own, cases[i], n + 1);
		const char *p = own;
		assert_int_equal(text_next(&p), 0xFFFD);
		assert_ptr_equal(p, own + n);
	}
}

static void text_nfc_composes_as_unicode_says(void **state)
{
	(void)state;
	static const struct {
		const char *label, *in, *out;
	} cases[] = {
		{ "plain", "Xin chao", "Xin chao" },
		{ "precomposed stays", "Đường số 5", "Đường số 5" },
		{ "two marks", "e\u0302\u0301", "\u1EBF" },
		{ "marks in the other order", "a\u0323\u0302", "\u1EAD" },
		{ "marks out of order", "a\u0302\u0323", "\u1EAD" },
		{ "horn", "u\u031B\u031B", "\u01B0\u031B" },
		{ "singleton", "\u212B", "\u00C5" },
		{ "composition exclusion", "\u0958", "\u0915\u093C" },
		{ "hangul", "\u1112\u1161\u11AB", "\uD55C" },
		{ "compatibility stays", "\uFB01", "\uFB01" },
		{ "emoji", "\U0001F600", "\U0001F600" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *out = text_nfc(cases[i].in);
		if (!out || strcmp(out, cases[i].out) != 0)
			fail_msg("%s: \"%s\"", cases[i].label, out ? out : "(null)");
		if (text_is_nfc(cases[i].in) && strcmp(cases[i].in, cases[i].out) != 0)
			fail_msg("%s: taken for NFC", cases[i].label);
	}
	assert_true(text_is_nfc("Xin chao") && text_is_nfc("Đường số 5, cảm ơn"));
}

static void text_nfc_of_nothing_but_marks_takes_linear_time(void **state)
{
	(void)state;
	enum { MARKS = 200000 };
	OWN(mem) char *text = malloc(MARKS * 2 + 1);
	assert_non_null(text);
	for (size_t i = 0; i < MARKS; i++)
		memcpy(text + i * 2, i % 2 ? "\u0323" : "\u0301", 2);
	text[MARKS * 2] = '\0';
	OWN(mem) char *out = text_nfc(text); /* quadratic would be minutes */
	assert_non_null(out);
	assert_int_equal(strlen(out), MARKS * 2);
	assert_memory_equal(out, "\u0323\u0323", 4);
	assert_string_equal(out + MARKS * 2 - 4, "\u0301\u0301");
}

static void text_cut_ends_between_code_points(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t at, cut;
	} cases[] = {
		{ "", 0, 0 }, { "", 5, 0 }, { "abc", 2, 2 }, { "abc", 3, 3 }, { "abc", 9, 3 },
		{ "bả", 1, 1 }, { "bả", 2, 1 }, { "bả", 3, 1 }, { "bả", 4, 4 }, { "\U0001F600", 3, 0 }, { "\U0001F600", 4, 4 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(text_cut(cases[i].text, cases[i].at), cases[i].cut);
	assert_int_equal(text_chars("Bảo hiểm \U0001F600"), 10);
	assert_int_equal(text_chars(""), 0);
}

static void text_unhex_undoes_text_hex(void **state)
{
	(void)state;
	uint8_t all[256], *back;
	size_t n;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	OWN(mem) char *hex = text_hex(all, sizeof(all));
	assert_non_null(hex);
	assert_memory_equal(hex, "000102", 6);
	assert_string_equal(hex + 506, "fdfeff");
	assert_int_equal(text_unhex(hex, &back, &n), 0);
	assert_int_equal(n, 256);
	assert_memory_equal(back, all, 256);
	free(back);
	assert_int_equal(text_unhex("aB", &back, &n), 0);
	assert_int_equal(back[0], 0xAB);
	free(back);
	assert_int_equal(text_unhex("", &back, &n), 0);
	assert_int_equal(n, 0);
	free(back);
	static const char *const wrong[] = { "a", "0g", "g0", " 0", "0x", "@A", "`a" };
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_int_equal(text_unhex(wrong[i], &back, &n), E_INVALID);
}

static void text_read_keeps_legacy_letters_apart(void **state)
{
	(void)state;
	static const struct {
		const char *label, *bytes;
		size_t n;
		const char *text;
	} cases[] = {
		{ "UTF-8", "Nhà", 4, "Nhà" },
		{ "one byte a letter", "Nh\xB5 b\xDE d\xE9t", 10, "Nhµ bÞ dét" },
		{ "a mixture is made valid", "Nh\xC3\xA0 b\xFF", 7, "Nhà b\uFFFD" },
		{ "NUL", "a\0b", 3, "a\uFFFDb" },
		{ "NUL among legacy letters", "\xB5\0", 2, "µ\uFFFD" },
		{ "nothing", "", 0, "" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *text = text_read(cases[i].bytes, cases[i].n);
		if (!text || strcmp(text, cases[i].text) != 0)
			fail_msg("%s: '%s'", cases[i].label, text ? text : "(null)");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_read_keeps_legacy_letters_apart),
		cmocka_unit_test(text_valid_replaces_each_maximal_ill_formed_part),
		cmocka_unit_test(text_next_gives_what_text_put_wrote),
		cmocka_unit_test(text_next_never_passes_the_end),
		cmocka_unit_test(text_nfc_composes_as_unicode_says),
		cmocka_unit_test(text_nfc_of_nothing_but_marks_takes_linear_time),
		cmocka_unit_test(text_cut_ends_between_code_points),
		cmocka_unit_test(text_unhex_undoes_text_hex),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

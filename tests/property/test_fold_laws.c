// SPDX-License-Identifier: GPL-3.0-or-later
/* Laws of folding, over every code point, every Vietnamese letter and seeded random text. */
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
#include "gateway/base/random.h"
#include "gateway/base/text.h"

#define SEED 20261122

/* Everything a text must satisfy; text is valid UTF-8. */
static void check_laws(const char *text)
{
	OWN(mem) char *folded = fold(text), *plain = fold_plain(text), *nfc = text_nfc(text);
	assert_true(folded && plain && nfc);
	OWN(mem) char *twice = fold(folded), *of_plain = fold(plain), *of_nfc = fold(nfc), *plain_twice = fold_plain(plain);
	OWN(mem) char *nfc_twice = text_nfc(nfc);
	const struct {
		const char *law, *a, *b;
	} laws[] = {
		{ "fold is idempotent", folded, twice },
		{ "fold of plain is fold", folded, of_plain },
		{ "fold of NFC is fold", folded, of_nfc },
		{ "plain is idempotent", plain, plain_twice },
		{ "NFC is idempotent", nfc, nfc_twice },
	};
	for (size_t i = 0; i < COUNT_OF(laws); i++)
		if (!laws[i].b || strcmp(laws[i].a, laws[i].b) != 0)
			fail_msg("%s: \"%s\" \"%s\" of \"%s\"", laws[i].law, laws[i].a, laws[i].b ? laws[i].b : "", text);
	size_t n = strlen(folded);
	assert_true(text_is_valid(folded, n) && text_is_valid(plain, strlen(plain)));
	assert_false(n && (folded[0] == ' ' || folded[n - 1] == ' '));
	assert_null(strstr(folded, "  "));
}

static void fold_laws_hold_for_every_code_point(void **state)
{
	(void)state;
	for (uint32_t c = 1; c < 0x110000; c += c < 0x3400 || c > 0xA000 ? 1 : 7) {
		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		if (c == 0x20000)
			c = 0xE0000; /* between: ideographs and nothing */
		char text[8] = "x";
		text[1 + text_put(text + 1, c)] = 'Y';
		check_laws(text);
	}
}

/* 12 vowels by 6 tones in 2 cases without the 12 that are plain, and đ Đ: 134 letters beyond ASCII. */
static void fold_makes_all_vietnamese_letters_plain_in_both_forms(void **state)
{
	(void)state;
	static const struct {
		char plain;
		const char *marks; /* of the vowel */
	} vowels[] = {
		{ 'a', "" }, { 'a', "\u0306" }, { 'a', "\u0302" }, { 'e', "" }, { 'e', "\u0302" }, { 'i', "" },
		{ 'o', "" }, { 'o', "\u0302" }, { 'o', "\u031B" }, { 'u', "" }, { 'u', "\u031B" }, { 'y', "" },
	};
	static const char *const tones[] = { "", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323" };
	size_t n_letters = 2; /* đ Đ */
	for (size_t v = 0; v < COUNT_OF(vowels) * 2; v++) {
		char letter = (char)(v % 2 ? vowels[v / 2].plain - 0x20 : vowels[v / 2].plain);
		for (size_t t = 0; t < COUNT_OF(tones); t++) {
			char nfd[16], other[16], plain[2] = { letter, '\0' }, low[2] = { vowels[v / 2].plain, '\0' };
			snprintf(nfd, sizeof(nfd), "%c%s%s", letter, vowels[v / 2].marks, tones[t]);
			snprintf(other, sizeof(other), "%c%s%s", letter, tones[t], vowels[v / 2].marks);
			if (!nfd[1])
				continue;
			OWN(mem) char *nfc = text_nfc(nfd), *of_nfc = fold(nfc), *of_nfd = fold(nfd), *of_other = fold(other);
			OWN(mem) char *plain_nfc = fold_plain(nfc), *plain_nfd = fold_plain(nfd);
			assert_int_equal(text_chars(nfc), 1);
			assert_string_equal(of_nfc, low);
			assert_string_equal(of_nfd, low);
			assert_string_equal(of_other, low);
			assert_string_equal(plain_nfc, plain);
			assert_string_equal(plain_nfd, plain);
			n_letters++;
		}
	}
	assert_int_equal(n_letters, 134);
	OWN(mem) char *d = fold_plain("đĐ");
	assert_string_equal(d, "dD");
}

/* Code points that meet each other badly, and any. */
static uint32_t any_code_point(struct random *r)
{
	static const uint32_t hard[] = { ' ', '\n', '\t', 'a', 'D', 0xA0, 0xAD, 0xB4, 0x110, 0x111, 0x300, 0x301, 0x31B, 0x323, 0x34F,
					 0x3A3, 0x130, 0x131, 0x660, 0x1EBF, 0x1161, 0x11A8, 0x1100, 0xAC00, 0x200B, 0x2028, 0x2044,
					 0xFDFA, 0xFEFF, 0xFF11, 0x1F600, 0xE0041, 0x0F73, 0x0344, 0x1D15E, 0xFFFD };
	uint32_t c;
	switch (random_below(r, 4)) {
	case 0:
		return 0x20 + random_below(r, 0x5F);
	case 1:
		return hard[random_below(r, COUNT_OF(hard))];
	case 2:
		return 0xA0 + random_below(r, 0x300);
	default:
		do
			c = 1 + random_below(r, 0x10FFFF);
		while (c >= 0xD800 && c <= 0xDFFF);
		return c;
	}
}

static void fold_laws_hold_for_random_text(void **state)
{
	(void)state;
	struct random r = random_seeded(SEED);
	for (int i = 0; i < 20000; i++) {
		char text[64 * 4 + 1];
		size_t n = 0;
		for (uint32_t chars = random_below(&r, 64); chars; chars--)
			n += text_put(text + n, any_code_point(&r));
		text[n] = '\0';
		check_laws(text);
	}
}

static void text_valid_of_random_bytes_is_valid(void **state)
{
	(void)state;
	static const uint8_t often[8] = { 0xE1, 0xBA, 0xA1, 0xF0, 0x9F, 0x98, 0x80, 0xED };
	struct random r = random_seeded(SEED + 1);
	for (int i = 0; i < 20000; i++) {
		uint8_t bytes[64];
		size_t n = random_below(&r, sizeof(bytes));
		random_fill(&r, bytes, n);
		for (size_t k = 0; k < n; k++) /* lead and continuation bytes more often than chance has them */
			bytes[k] = bytes[k] < 64 ? often[bytes[k] & 7] : bytes[k];
		OWN(mem) char *text = text_valid(bytes, n);
		assert_non_null(text);
		assert_true(text_is_valid(text, strlen(text)));
		if (text_is_valid(bytes, n))
			assert_memory_equal(text, bytes, n);
		else
			assert_non_null(strstr(text, "\uFFFD"));
		check_laws(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fold_laws_hold_for_every_code_point),
		cmocka_unit_test(fold_makes_all_vietnamese_letters_plain_in_both_forms),
		cmocka_unit_test(fold_laws_hold_for_random_text),
		cmocka_unit_test(text_valid_of_random_bytes_is_valid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

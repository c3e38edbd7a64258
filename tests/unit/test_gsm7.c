// SPDX-License-Identifier: GPL-3.0-or-later
/* The GSM alphabet, measuring and splitting. Figures are those of 3GPP TS 23.038 and 23.040. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/gsm7.h"
#include "gateway/base/own.h"

/* n times unit, then tail; the caller's. */
static char *repeat(const char *unit, size_t n, const char *tail)
{
	size_t unit_bytes = strlen(unit), tail_bytes = strlen(tail);
	char *text = malloc(unit_bytes * n + tail_bytes + 1);
	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * unit_bytes, unit, unit_bytes);
	memcpy(text + unit_bytes * n, tail, tail_bytes + 1);
	return text;
}

static void gsm7_measure_counts_segments(void **state)
{
	(void)state;
	static const struct {
		const char *label, *unit;
		size_t n;
		const char *tail;
		int ref_bits;
		struct measure m;
	} cases[] = {
		{ "empty", "", 0, "", 8, { ENCODING_GSM7, 0, 0, 1, 160 } },
		{ "160 fit", "a", 160, "", 8, { ENCODING_GSM7, 160, 160, 1, 0 } },
		{ "161 take two", "a", 161, "", 8, { ENCODING_GSM7, 161, 161, 2, 145 } },
		{ "161, long reference", "a", 161, "", 16, { ENCODING_GSM7, 161, 161, 2, 143 } },
		{ "306 take two", "a", 306, "", 8, { ENCODING_GSM7, 306, 306, 2, 0 } },
		{ "307 take three", "a", 307, "", 8, { ENCODING_GSM7, 307, 307, 3, 152 } },
		{ "305, long reference", "a", 305, "", 16, { ENCODING_GSM7, 305, 305, 3, 151 } },
		{ "80 euros", "€", 80, "", 8, { ENCODING_GSM7, 80, 160, 1, 0 } },
		{ "81 euros: none is split", "€", 81, "", 8, { ENCODING_GSM7, 81, 162, 2, 143 } },
		{ "escape over the edge", "a", 152, "€aaaaaaaaaa", 8, { ENCODING_GSM7, 163, 164, 2, 141 } },
		{ "70 fit", "ạ", 70, "", 8, { ENCODING_UCS2, 70, 70, 1, 0 } },
		{ "71 take two", "ạ", 71, "", 8, { ENCODING_UCS2, 71, 71, 2, 63 } },
		{ "71, long reference", "ạ", 71, "", 16, { ENCODING_UCS2, 71, 71, 2, 61 } },
		{ "134 take two", "ạ", 134, "", 8, { ENCODING_UCS2, 134, 134, 2, 0 } },
		{ "35 emoji", "\U0001F600", 35, "", 8, { ENCODING_UCS2, 35, 70, 1, 0 } },
		{ "36 emoji: no pair is split", "\U0001F600", 36, "", 8, { ENCODING_UCS2, 36, 72, 2, 61 } },
		{ "one accent makes three of one", "a", 149, "ạ", 8, { ENCODING_UCS2, 150, 150, 3, 51 } },
		{ "GSM-7 letters with marks", "à è é ì ò ù", 1, "", 8, { ENCODING_GSM7, 11, 11, 1, 149 } },
		{ "backtick and ç are not there", "`", 1, "", 8, { ENCODING_UCS2, 1, 1, 1, 69 } },
		{ "tab is not there", "a\t", 1, "", 8, { ENCODING_UCS2, 2, 2, 1, 68 } },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *text = repeat(cases[i].unit, cases[i].n, cases[i].tail);
		struct measure m, want = cases[i].m;
		gsm7_measure(text, cases[i].ref_bits, &m);
		if (m.encoding != want.encoding || m.n_chars != want.n_chars || m.n_units != want.n_units ||
		    m.n_segments != want.n_segments || m.left != want.left)
			fail_msg("%s: %s chars %d units %d segments %d left %d", cases[i].label, encoding_name(m.encoding), m.n_chars,
				 m.n_units, m.n_segments, m.left);
	}
}

static void gsm7_split_keeps_escapes_and_pairs_whole(void **state)
{
	(void)state;
	size_t at[SEGMENTS_MAX + 1];
	OWN(mem) char *euro = repeat("a", 152, "€aaaaaaaaaa");
	assert_int_equal(gsm7_split(euro, ENCODING_GSM7, 8, at), 2);
	assert_int_equal(at[0], 0);
	assert_int_equal(at[1], 152);
	assert_int_equal(at[2], strlen(euro));
	OWN(mem) char *emoji = repeat("\U0001F600", 36, "");
	assert_int_equal(gsm7_split(emoji, ENCODING_UCS2, 8, at), 2);
	assert_int_equal(at[1], 33 * 4);
	assert_int_equal(gsm7_split("", ENCODING_GSM7, 8, at), 1);
	assert_int_equal(at[1], 0);
	OWN(mem) char *plain = repeat("a", 71, "");
	assert_int_equal(gsm7_split(plain, ENCODING_UCS2, 8, at), 2);
	assert_int_equal(at[1], 67);
}

static void gsm7_split_refuses_what_cannot_be(void **state)
{
	(void)state;
	size_t at[SEGMENTS_MAX + 1] = { 77 };
	assert_int_equal(gsm7_split("ạ", ENCODING_GSM7, 8, at), E_INVALID);
	OWN(mem) char *most = repeat("a", 153 * 255, ""), *more = repeat("a", 153 * 255, "b");
	assert_int_equal(gsm7_split(more, ENCODING_GSM7, 8, at), E_TOO_BIG);
	assert_int_equal(at[0], 77);
	assert_int_equal(gsm7_split(most, ENCODING_GSM7, 8, at), 255);
	assert_int_equal(at[254], 153 * 254);
	assert_int_equal(at[255], 153 * 255);
	struct measure m;
	gsm7_measure(more, 8, &m);
	assert_int_equal(m.n_segments, 256);
}

static void gsm7_forcing_names_each_letter_once(void **state)
{
	(void)state;
	char found[3][5];
	assert_int_equal(gsm7_forcing("Xin chào bà con", found, 3), 0);
	assert_int_equal(gsm7_forcing("Bạn bạn được\U0001F600ç", found, 3), 6);
	assert_string_equal(found[0], "ạ");
	assert_string_equal(found[1], "đ");
	assert_string_equal(found[2], "ư");
	assert_int_equal(gsm7_forcing("\U0001F600", found, 3), 1);
	assert_string_equal(found[0], "\U0001F600");
	assert_int_equal(gsm7_forcing("ạ", NULL, 0), 1);
}

static void gsm7_decode_undoes_encode_for_the_whole_alphabet(void **state)
{
	(void)state;
	static const char *const all = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
				       "abcdefghijklmnopqrstuvwxyzäöñüà\f^{}\\[~]|€";
	uint8_t codes[200];
	int n = gsm7_encode(all, codes, sizeof(codes));
	assert_int_equal(n, 127 + 10 * 2);
	for (int i = 0; i < 127; i++)
		assert_int_equal(codes[i], i < 0x1B ? i : i + 1); /* the table in order, without the escape */
	OWN(mem) char *back = gsm7_decode(codes, (size_t)n);
	assert_string_equal(back, all);
	assert_int_equal(gsm7_encode(all, codes, 146), E_TOO_BIG);
	assert_int_equal(gsm7_encode("ạ", codes, sizeof(codes)), E_INVALID);
	assert_int_equal(gsm7_encode("", codes, 0), 0);
	assert_int_equal(gsm7_encode("€", codes, 1), E_TOO_BIG);
}

static void gsm7_decode_follows_the_rules_for_escapes(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		uint8_t codes[4];
		size_t n;
		const char *text;
	} cases[] = {
		{ "at sign is zero", { 0x00, 'a' }, 2, "@a" },
		{ "unknown extension shows the basic table", { 0x1B, 'a' }, 2, "a" },
		{ "escape escape", { 0x1B, 0x1B, 'a' }, 3, " a" },
		{ "escape at the end", { 'a', 0x1B }, 2, "a " },
		{ "eighth bit ignored", { 0x80 | 'a' }, 1, "a" },
		{ "nothing", { 0 }, 0, "" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *text = gsm7_decode(cases[i].codes, cases[i].n);
		if (!text || strcmp(text, cases[i].text) != 0)
			fail_msg("%s: \"%s\"", cases[i].label, text ? text : "(null)");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gsm7_measure_counts_segments),
		cmocka_unit_test(gsm7_split_keeps_escapes_and_pairs_whole),
		cmocka_unit_test(gsm7_split_refuses_what_cannot_be),
		cmocka_unit_test(gsm7_forcing_names_each_letter_once),
		cmocka_unit_test(gsm7_decode_undoes_encode_for_the_whole_alphabet),
		cmocka_unit_test(gsm7_decode_follows_the_rules_for_escapes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

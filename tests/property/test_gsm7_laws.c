// SPDX-License-Identifier: GPL-3.0-or-later
/* Laws of measuring, splitting and the alphabet, over seeded random text. */
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
#include "gateway/base/random.h"
#include "gateway/base/text.h"

#define SEED 20380340
#define CHARS_MAX 700

/* A text of 0 to CHARS_MAX code points; in_alphabet: of the GSM alphabet only. */
static void make_text(struct random *r, bool in_alphabet, char text[CHARS_MAX * 4 + 1])
{
	static const uint32_t gsm[] = { '@', 0xA3, 0xE8, '\n', '\r', 0x394, 0x3A9, 0xC9, 0xA1, 0xBF, 0xE0, '^', '{', '}', '\\', '[', '~',
					']', '|', 0x20AC, '\f' };
	static const uint32_t other[] = { 0x1EA1, 0x111, 0x1F600, 0x10FFFF, 0xE7, '`', '\t', 0x301, 0xFFFF };
	size_t n = 0;
	uint32_t chars = random_below(r, random_below(r, 3) ? 200 : CHARS_MAX);
	for (; chars; chars--) {
		uint32_t kind = random_below(r, 10), c = 'a' + random_below(r, 26);
		if (kind < 4)
			c = gsm[random_below(r, COUNT_OF(gsm))];
		else if (kind == 4 && !in_alphabet)
			c = other[random_below(r, COUNT_OF(other))];
		n += text_put(text + n, c);
	}
	text[n] = '\0';
}

static int units_of(const char *from, const char *end, enum encoding encoding)
{
	int units = 0;
	while (from < end) {
		uint32_t c = text_next(&from);
		units += encoding == ENCODING_GSM7 ? gsm7_septets(c) : 1 + (c > 0xFFFF);
	}
	return units;
}

static void check_split(const char *text, enum encoding encoding, int ref_bits, int n_measured)
{
	static const int whole[] = { [ENCODING_GSM7] = 160, [ENCODING_UCS2] = 70 };
	static const int part[] = { [ENCODING_GSM7] = 153, [ENCODING_UCS2] = 67 };
	size_t at[SEGMENTS_MAX + 1];
	int n = gsm7_split(text, encoding, ref_bits, at), total = 0;
	assert_in_range(n, 1, SEGMENTS_MAX);
	if (n_measured)
		assert_int_equal(n, n_measured);
	int limit = n == 1 ? whole[encoding] : part[encoding] - (ref_bits == 16);
	assert_int_equal(at[0], 0);
	assert_int_equal(at[n], strlen(text)); /* with rising offsets: joined, the segments are the text */
	for (int i = 0; i < n; i++) {
		int units = units_of(text + at[i], text + at[i + 1], encoding);
		assert_true(at[i] < at[i + 1] || n == 1);
		assert_true(text_is_valid(text + at[i], at[i + 1] - at[i])); /* so no pair is cut, nor a code point */
		assert_true(units <= limit && (i == n - 1 || units >= limit - 1));
		total += units;
	}
	assert_int_equal(total, units_of(text, text + strlen(text), encoding));
}

static void gsm7_split_then_join_is_the_text(void **state)
{
	(void)state;
	struct random r = random_seeded(SEED);
	for (int i = 0; i < 20000; i++) {
		char text[CHARS_MAX * 4 + 1];
		make_text(&r, i % 2, text);
		for (int ref_bits = 8; ref_bits <= 16; ref_bits += 8) {
			struct measure m;
			gsm7_measure(text, ref_bits, &m);
			assert_int_equal(m.n_chars, text_chars(text));
			assert_int_equal(m.n_units, units_of(text, text + strlen(text), m.encoding));
			assert_int_equal(m.encoding == ENCODING_UCS2, gsm7_forcing(text, NULL, 0) > 0);
			check_split(text, m.encoding, ref_bits, m.n_segments);
			check_split(text, ENCODING_UCS2, ref_bits, m.encoding == ENCODING_UCS2 ? m.n_segments : 0);
		}
	}
}

static void gsm7_left_is_what_still_fits(void **state)
{
	(void)state;
	struct random r = random_seeded(SEED + 1);
	for (int i = 0; i < 5000; i++) {
		char text[CHARS_MAX * 4 + 256];
		struct measure m, more;
		make_text(&r, true, text);
		gsm7_measure(text, 8, &m);
		size_t n = strlen(text);
		memset(text + n, 'a', (size_t)m.left + 1);
		text[n + (size_t)m.left] = '\0';
		gsm7_measure(text, 8, &more);
		assert_int_equal(more.n_segments, m.n_segments);
		assert_int_equal(more.left, 0);
		text[n + (size_t)m.left] = 'a';
		text[n + (size_t)m.left + 1] = '\0';
		gsm7_measure(text, 8, &more);
		assert_int_equal(more.n_segments, m.n_segments + 1);
	}
}

static void gsm7_decode_undoes_encode(void **state)
{
	(void)state;
	struct random r = random_seeded(SEED + 2);
	for (int i = 0; i < 20000; i++) {
		char text[CHARS_MAX * 4 + 1];
		uint8_t codes[CHARS_MAX * 2];
		struct measure m;
		make_text(&r, true, text);
		gsm7_measure(text, 8, &m);
		int n = gsm7_encode(text, codes, sizeof(codes));
		assert_int_equal(n, m.n_units);
		OWN(mem) char *back = gsm7_decode(codes, (size_t)n);
		assert_string_equal(back, text);
		if (n)
			assert_int_equal(gsm7_encode(text, codes, (size_t)n - 1), E_TOO_BIG);
	}
}

static void gsm7_decode_takes_any_codes(void **state)
{
	(void)state;
	struct random r = random_seeded(SEED + 3);
	for (int i = 0; i < 20000; i++) {
		uint8_t codes[200];
		size_t n = random_below(&r, sizeof(codes));
		random_fill(&r, codes, n);
		for (size_t k = 0; k < n; k++)
			codes[k] = codes[k] < 32 ? 0x1B : codes[k];
		OWN(mem) char *text = gsm7_decode(codes, n);
		assert_non_null(text);
		assert_true(text_is_valid(text, strlen(text)));
		assert_int_equal(gsm7_forcing(text, NULL, 0), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gsm7_split_then_join_is_the_text),
		cmocka_unit_test(gsm7_left_is_what_still_fits),
		cmocka_unit_test(gsm7_decode_undoes_encode),
		cmocka_unit_test(gsm7_decode_takes_any_codes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

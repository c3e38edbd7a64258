// SPDX-License-Identifier: GPL-3.0-or-later
/* The GSM alphabet against libosmocore, segments against libgammu. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gammu.h>
#include <osmocom/gsm/gsm_utils.h>

#include "gateway/base/gsm7.h"
#include "gateway/base/own.h"
#include "gateway/base/random.h"
#include "gateway/base/text.h"

#define SEED 23038
#define CHARS_MAX 600 /* below libgammu's fifty parts */

/* libosmocore takes single bytes; its table is Latin-1 where Latin-1 has the letter, and its own elsewhere. */
static bool osmo_means_latin1(uint32_t c)
{
	return (c < 0x7F && c != '\f') || c == 0xA1 || c == 0xA3 || c == 0xA5 || (c >= 0xC0 && c <= 0xFE);
}

static void gsm7_encode_agrees_with_libosmocore(void **state)
{
	(void)state;
	int n_agreed = 0;
	for (uint32_t c = 1; c < 0x100; c++) {
		if (!osmo_means_latin1(c))
			continue;
		char text[5] = "", byte[2] = { (char)c, '\0' };
		uint8_t ours[4], theirs[4];
		text[text_put(text, c)] = '\0';
		int n = gsm7_encode(text, ours, sizeof(ours)), n_theirs = gsm_septet_encode(theirs, byte);
		if (theirs[0] == 0xFF) {
			assert_int_equal(n, E_INVALID);
			assert_int_equal(gsm7_septets(c), 0);
			continue;
		}
		assert_int_equal(n, n_theirs);
		assert_memory_equal(ours, theirs, (size_t)n);
		assert_int_equal(gsm7_septets(c), n);
		n_agreed++;
	}
	assert_int_equal(n_agreed, 96 + 3 + 23); /* ASCII without the backtick and with LF and CR; ¡ £ ¥; letters */
}

static void gsm7_decode_agrees_with_libosmocore(void **state)
{
	(void)state;
	int n_agreed = 0;
	for (int code = 0; code < 256; code++) {
		uint8_t septets[2] = { 0x1B, (uint8_t)(code & 0x7F) }, packed[4];
		const uint8_t *from = code < 128 ? septets + 1 : septets;
		uint8_t n = code < 128 ? 1 : 2;
		char theirs[8] = "";
		assert_true(gsm_septet_pack(packed, from, n, 0) > 0);
		int n_theirs = gsm_7bit_decode_n(theirs, sizeof(theirs), packed, n);
		OWN(mem) char *ours = gsm7_decode(from, n);
		const char *p = ours;
		uint32_t c = text_next(&p);
		assert_int_equal(n_theirs, 1);
		/* it shows what it likes for what it has not, and where its table has a letter twice, the other one */
		if (gsm7_septets(c) != n || c > 0xFF || !osmo_means_latin1((uint8_t)theirs[0]) || code == 0x14 || code == 0x40)
			continue;
		assert_int_equal(c, (uint8_t)theirs[0]);
		n_agreed++;
		assert_string_equal(p, "");
	}
	assert_in_range(n_agreed, 100, 137);
}

/* Code points in an encoding; text as UTF-8 and as libgammu wants it, big endian. */
struct sample {
	char text[CHARS_MAX * 4 + 1];
	unsigned char units[(CHARS_MAX * 2 + 1) * 2];
};

static void add(struct sample *s, size_t *n_bytes, size_t *n_units, uint32_t c)
{
	uint32_t pair[2] = { c, 0 };
	*n_bytes += text_put(s->text + *n_bytes, c);
	if (c > 0xFFFF) {
		pair[0] = 0xD800 + ((c - 0x10000) >> 10);
		pair[1] = 0xDC00 + ((c - 0x10000) & 0x3FF);
	}
	for (int i = 0; i < 2 && pair[i]; i++, (*n_units)++) {
		s->units[*n_units * 2] = (unsigned char)(pair[i] >> 8);
		s->units[*n_units * 2 + 1] = (unsigned char)pair[i];
	}
}

static void make_sample(struct random *r, enum encoding encoding, struct sample *s)
{
	static const uint32_t gsm[] = { '^', '{', '}', '\\', '[', '~', ']', '|', 0x20AC, '@', '\n', 0xE0, 0x394 };
	static const uint32_t wide[] = { 0x1EA1, 0x111, 0x1B0, 0x1F600, 0x1F44D };
	size_t n_bytes = 0, n_units = 0;
	memset(s, 0, sizeof(*s));
	if (encoding == ENCODING_UCS2)
		add(s, &n_bytes, &n_units, 0x1EA1);
	uint32_t chars = 1 + random_below(r, encoding == ENCODING_GSM7 ? CHARS_MAX - 2 : 300);
	for (; chars; chars--) {
		uint32_t c = 'a' + random_below(r, 26), kind = random_below(r, 4);
		if (kind == 0)
			c = gsm[random_below(r, COUNT_OF(gsm))];
		else if (kind == 1 && encoding == ENCODING_UCS2)
			c = wide[random_below(r, COUNT_OF(wide))];
		add(s, &n_bytes, &n_units, c);
	}
}

/* libgammu counts a single message as one part of several when asked for parts: ask for a single one first. */
static void gammu_count(struct sample *s, enum encoding encoding, GSM_UDH parts, int *ret_n, size_t *ret_left)
{
	GSM_Coding_Type coding = encoding == ENCODING_GSM7 ? SMS_Coding_Default_No_Compression : SMS_Coding_Unicode_No_Compression;
	GSM_SMSCounter(GSM_GetGlobalDebug(), s->units, UDH_NoUDH, coding, ret_n, ret_left);
	if (*ret_n > 1)
		GSM_SMSCounter(GSM_GetGlobalDebug(), s->units, parts, coding, ret_n, ret_left);
}

static void gsm7_measure_agrees_with_libgammu(void **state)
{
	(void)state;
	struct random r = random_seeded(SEED);
	GSM_SetDebugFileDescriptor(NULL, FALSE, GSM_GetGlobalDebug());
	for (int i = 0; i < 2000; i++) {
		struct sample s;
		enum encoding encoding = i % 2 ? ENCODING_UCS2 : ENCODING_GSM7;
		int ref_bits = i & 2 ? 16 : 8, n = 0;
		size_t left = 0;
		struct measure m;
		make_sample(&r, encoding, &s);
		gsm7_measure(s.text, ref_bits, &m);
		assert_int_equal(m.encoding, encoding);
		gammu_count(&s, encoding, ref_bits == 8 ? UDH_ConcatenatedMessages : UDH_ConcatenatedMessages16bit, &n, &left);
		if (n != m.n_segments || left != (size_t)m.left)
			fail_msg("%s, reference of %d bits: %d segments with %zu left, ours %d with %d: %s", encoding_name(encoding),
				 ref_bits, n, left, m.n_segments, m.left, s.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gsm7_encode_agrees_with_libosmocore),
		cmocka_unit_test(gsm7_decode_agrees_with_libosmocore),
		cmocka_unit_test(gsm7_measure_agrees_with_libgammu),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
/* Measuring, splitting, the alphabet: split and joined is the text, each segment fits, what is encoded is decoded. */
#include <string.h>

#include "gateway/base/gsm7.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "tests/fuzz/fuzz.h"

static int units(const char *from, const char *end, enum encoding encoding)
{
	int n = 0;
	while (from < end) {
		uint32_t c = text_next(&from);
		n += encoding == ENCODING_GSM7 ? gsm7_septets(c) : 1 + (c > 0xFFFF);
	}
	return n;
}

static void split(const char *text, enum encoding encoding, int ref_bits, const struct measure *m)
{
	size_t at[SEGMENTS_MAX + 1];
	int n = gsm7_split(text, encoding, ref_bits, at);
	if (n < 0) {
		LAW(n == E_TOO_BIG ? m->encoding != encoding || m->n_segments > SEGMENTS_MAX : n == E_INVALID);
		LAW(n != E_INVALID || (encoding == ENCODING_GSM7 && m->encoding == ENCODING_UCS2));
		return;
	}
	int limit = n == 1 ? (encoding == ENCODING_GSM7 ? 160 : 70) : (encoding == ENCODING_GSM7 ? 153 : 67) - (ref_bits == 16);
	LAW(at[0] == 0 && at[n] == strlen(text));
	LAW(m->encoding != encoding || m->n_segments == n);
	for (int i = 0; i < n; i++) {
		LAW(at[i] <= at[i + 1] && text_is_valid(text + at[i], at[i + 1] - at[i]));
		LAW(units(text + at[i], text + at[i + 1], encoding) <= limit);
	}
}

static void code(const char *text, const struct measure *m)
{
	OWN(mem) uint8_t *codes = malloc((size_t)m->n_units + 1);
	int n = gsm7_encode(text, codes, (size_t)m->n_units);
	LAW((n == m->n_units) == (m->encoding == ENCODING_GSM7));
	if (n < 0)
		return;
	OWN(mem) char *back = gsm7_decode(codes, (size_t)n);
	LAW(strcmp(back, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN(mem) char *text = text_valid(data, size), *shown = gsm7_decode(data, size);
	for (int ref_bits = 8; ref_bits <= 16; ref_bits += 8) {
		struct measure m;
		gsm7_measure(text, ref_bits, &m);
		LAW(m.left >= 0 && m.n_segments >= 1);
		LAW((gsm7_forcing(text, NULL, 0) > 0) == (m.encoding == ENCODING_UCS2));
		split(text, ENCODING_GSM7, ref_bits, &m);
		split(text, ENCODING_UCS2, ref_bits, &m);
		code(text, &m);
	}
	LAW(text_is_valid(shown, strlen(shown)) && gsm7_forcing(shown, NULL, 0) == 0);
	return 0;
}

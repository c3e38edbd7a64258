/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The GSM 7-bit alphabet, and how many segments a text takes. Called by previews, the outbox and the drivers' sides.
 * Keeps nothing, does no I/O. */
#include "gateway/base/gsm7.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/text.h"

#define ESC 0x1B
#define NONE 0xFF /* not in the alphabet */
#define EXT 0x80  /* code of the extension table, behind an escape */
#define CODE_POINTS 0x110000u

/* Code point of each septet (TS 23.038 §6.2.1). */
static const uint16_t basic[128] = {
	'@', 0xA3, '$', 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, '\n', 0xD8, 0xF8, '\r', 0xC5, 0xE5,
	0x394, '_', 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E, ' ', 0xC6, 0xE6, 0xDF, 0xC9,
	' ', '!', '"', '#', 0xA4, '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
	'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
	0xA1, 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
	'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 0xC4, 0xD6, 0xD1, 0xDC, 0xA7,
	0xBF, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
	'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 0xE4, 0xF6, 0xF1, 0xFC, 0xE0,
};
/* Code point behind an escape; 0 = none, the basic table is shown. */
static const uint16_t extension[128] = {
	[0x0A] = '\f', [0x14] = '^', [0x1B] = ' ', [0x28] = '{', [0x29] = '}', [0x2F] = '\\',
	[0x3C] = '[', [0x3D] = '~', [0x3E] = ']', [0x40] = '|', [0x65] = 0x20AC,
};
/* The other way round for U+0000–00FF: septet, EXT | septet, or NONE. */
static const uint8_t codes[256] = {
#define N8 NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE
	NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 0x0A, NONE, EXT | 0x0A, 0x0D, NONE, NONE,
	N8, N8,
	0x20, 0x21, 0x22, 0x23, 0x02, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x2C, 0x2D, 0x2E, 0x2F,
	0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F,
	0x00, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F,
	0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, EXT | 0x3C, EXT | 0x2F, EXT | 0x3E, EXT | 0x14, 0x11,
	NONE, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F,
	0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, EXT | 0x28, EXT | 0x40, EXT | 0x29, EXT | 0x3D, NONE,
	N8, N8, N8, N8,
	NONE, 0x40, NONE, 0x01, 0x24, 0x03, NONE, 0x5F, N8, N8, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 0x60,
	NONE, NONE, NONE, NONE, 0x5B, 0x0E, 0x1C, 0x09, NONE, 0x1F, NONE, NONE, NONE, NONE, NONE, NONE,
	NONE, 0x5D, NONE, NONE, NONE, NONE, 0x5C, NONE, 0x0B, NONE, NONE, NONE, 0x5E, NONE, NONE, 0x1E,
	0x7F, NONE, NONE, NONE, 0x7B, 0x0F, 0x1D, NONE, 0x04, 0x05, NONE, NONE, 0x07, NONE, NONE, NONE,
	NONE, 0x7D, 0x08, NONE, NONE, NONE, 0x7C, NONE, 0x0C, 0x06, NONE, NONE, 0x7E, NONE, NONE, NONE,
#undef N8
};

static uint8_t code_of(uint32_t c)
{
	if (c < 0x100)
		return codes[c];
	switch (c) {
	case 0x393: return 0x13;
	case 0x394: return 0x10;
	case 0x398: return 0x19;
	case 0x39B: return 0x14;
	case 0x39E: return 0x1A;
	case 0x3A0: return 0x16;
	case 0x3A3: return 0x18;
	case 0x3A6: return 0x12;
	case 0x3A8: return 0x17;
	case 0x3A9: return 0x15;
	case 0x20AC: return EXT | 0x65;
	default: return NONE;
	}
}

int gsm7_septets(uint32_t code_point)
{
	uint8_t code = code_of(code_point);
	return code == NONE ? 0 : 1 + (code >> 7);
}

static int units_of(uint32_t c, enum encoding encoding)
{
	return encoding == ENCODING_GSM7 ? gsm7_septets(c) : 1 + (c > 0xFFFF);
}

static int whole_units(enum encoding encoding)
{
	return encoding == ENCODING_GSM7 ? 160 : 70;
}

static int part_units(enum encoding encoding, int ref_bits)
{
	if (encoding == ENCODING_GSM7)
		return ref_bits == 16 ? 152 : 153;
	return ref_bits == 16 ? 66 : 67;
}

struct sums {
	int n_chars, n_septets, n_units;
	bool all_gsm7;
};

static struct sums sum(const char *text)
{
	struct sums s = { .all_gsm7 = true };
	for (;;) {
		uint8_t b = (uint8_t)*text;
		uint32_t c = b;
		if (b < 0x80)
			text++;
		else
			c = text_next(&text);
		if (!c)
			return s;
		uint8_t code = code_of(c);
		s.n_chars++;
		s.n_septets += 1 + (code >> 7);
		s.n_units += 1 + (c > 0xFFFF);
		s.all_gsm7 &= code != NONE;
	}
}

/* Fills segments of at most limit units; ret[i] (when asked for) is where segment i begins. Result = segments, with the
 * units of the last one. */
static int fill(const char *text, enum encoding encoding, int limit, size_t *ret, int *ret_last)
{
	int n = 1, used = 0;
	const char *p = text;
	for (;;) {
		const char *at = p;
		uint32_t c = text_next(&p);
		if (!c)
			break;
		int units = units_of(c, encoding);
		if (used + units > limit) {
			if (ret && n < SEGMENTS_MAX)
				ret[n] = (size_t)(at - text);
			n++;
			used = 0;
		}
		used += units;
	}
	*ret_last = used;
	return n;
}

void gsm7_measure(const char *text, int ref_bits, struct measure *ret)
{
	struct sums s = sum(text);
	ret->encoding = s.all_gsm7 ? ENCODING_GSM7 : ENCODING_UCS2;
	ret->n_chars = s.n_chars;
	ret->n_units = s.all_gsm7 ? s.n_septets : s.n_units;
	ret->n_segments = 1;
	ret->left = whole_units(ret->encoding) - ret->n_units;
	if (ret->left >= 0)
		return;
	int limit = part_units(ret->encoding, ref_bits), last;
	ret->n_segments = fill(text, ret->encoding, limit, NULL, &last);
	ret->left = limit - last;
}

int gsm7_split(const char *text, enum encoding encoding, int ref_bits, size_t ret[SEGMENTS_MAX + 1])
{
	struct sums s = sum(text);
	if (encoding == ENCODING_GSM7 && !s.all_gsm7)
		return E_INVALID;
	int units = encoding == ENCODING_GSM7 ? s.n_septets : s.n_units, n = 1, last;
	size_t at[SEGMENTS_MAX + 1] = { 0 };
	if (units > whole_units(encoding))
		n = fill(text, encoding, part_units(encoding, ref_bits), at, &last);
	if (n > SEGMENTS_MAX)
		return E_TOO_BIG;
	at[n] = strlen(text);
	memcpy(ret, at, ((size_t)n + 1) * sizeof(*at));
	return n;
}

int gsm7_forcing(const char *text, char (*ret)[5], int max)
{
	uint8_t *seen = NULL;
	int n = 0;
	for (uint32_t c; (c = text_next(&text));) {
		if (gsm7_septets(c))
			continue;
		if (!seen && !(seen = calloc(1, CODE_POINTS / 8)))
			return E_NOMEM;
		if (seen[c >> 3] & 1u << (c & 7))
			continue;
		seen[c >> 3] |= (uint8_t)(1u << (c & 7));
		if (n < max)
			ret[n][text_put(ret[n], c)] = '\0';
		n++;
	}
	free(seen);
	return n;
}

int gsm7_encode(const char *text, uint8_t *ret, size_t room)
{
	size_t n = 0;
	for (uint32_t c; (c = text_next(&text));) {
		uint8_t code = code_of(c);
		if (code == NONE)
			return E_INVALID;
		if (n + 1 + (code >> 7) > room)
			return E_TOO_BIG;
		if (code & EXT)
			ret[n++] = ESC;
		ret[n++] = code & 0x7F;
	}
	return (int)n;
}

char *gsm7_decode(const uint8_t *septets, size_t n)
{
	/* a code point of the tables takes three bytes at most */
	char *out = n < SIZE_MAX / 4 ? malloc(n * 3 + 1) : NULL;
	if (!out)
		return NULL;
	size_t at = 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t code = septets[i] & 0x7F;
		uint32_t c = basic[code];
		if (code == ESC && i + 1 < n) {
			code = septets[++i] & 0x7F;
			c = extension[code] ? extension[code] : basic[code];
		}
		at += text_put(out + at, c);
	}
	out[at] = '\0';
	return out;
}

const char *encoding_name(enum encoding e)
{
	switch (e) {
	case ENCODING_GSM7: return "gsm7";
	case ENCODING_UCS2: return "ucs2";
	}
	return "gsm7";
}

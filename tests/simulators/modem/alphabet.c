/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The GSM alphabet, UTF-16 and septet packing. Called by the TPDU codec, the part splitter and USSD; keeps nothing. */
#include "tests/simulators/modem/alphabet.h"

#include <stdbool.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/own.h"
#include "tests/simulators/modem/need.h"

#define REPLACEMENT 0xFFFDu

/* 3GPP TS 23.038 §6.2.1; the place of the escape itself is 0. */
static const uint16_t basic[128] = {
	'@', 0xA3, '$', 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, '\n', 0xD8, 0xF8, '\r', 0xC5, 0xE5,
	0x394, '_', 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E, 0, 0xC6, 0xE6, 0xDF, 0xC9,
	' ', '!', '"', '#', 0xA4, '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
	'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
	0xA1, 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
	'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 0xC4, 0xD6, 0xD1, 0xDC, 0xA7,
	0xBF, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
	'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 0xE4, 0xF6, 0xF1, 0xFC, 0xE0,
};

/* §6.2.1.1: code behind the escape → character. */
static const struct {
	uint8_t code;
	uint16_t character;
} extension[] = {
	{ 0x0A, '\f' }, { 0x14, '^' }, { 0x28, '{' }, { 0x29, '}' },  { 0x2F, '\\' },
	{ 0x3C, '[' },  { 0x3D, '~' }, { 0x3E, ']' }, { 0x40, '|' }, { 0x65, 0x20AC },
};

uint32_t alphabet_next(const char **p)
{
	const unsigned char *s = (const unsigned char *)*p;
	if (!*s)
		return 0;
	int more = *s < 0x80 ? 0 : (*s & 0xE0) == 0xC0 ? 1 : (*s & 0xF0) == 0xE0 ? 2 : (*s & 0xF8) == 0xF0 ? 3 : -1;
	uint32_t c = more <= 0 ? *s : *s & (0x3Fu >> more);
	for (int i = 1; i <= more; i++) {
		if ((s[i] & 0xC0) != 0x80)
			more = -1;
		else
			c = c << 6 | (s[i] & 0x3Fu);
	}
	*p += more < 0 ? 1 : 1 + more;
	return more < 0 || c > 0x10FFFF ? REPLACEMENT : c;
}

static void put_utf8(struct buffer *out, uint32_t c)
{
	char b[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
	for (size_t i = n; i-- > 1; c >>= 6)
		b[i] = (char)(0x80 | (c & 0x3F));
	b[0] = (char)(lead[n] | c);
	must(buffer_put(out, b, n));
}

static char *text_of(struct buffer *b)
{
	char *text = b->data;
	if (!text)
		text = need(strdup(""));
	*b = (struct buffer){ 0 };
	return text;
}

static int extension_code(uint32_t c)
{
	for (size_t i = 0; i < COUNT_OF(extension); i++)
		if (extension[i].character == c)
			return extension[i].code;
	return -1;
}

static int basic_code(uint32_t c)
{
	for (int i = 0; i < 128; i++)
		if (basic[i] == c && i != ALPHABET_ESCAPE)
			return i;
	return -1;
}

int alphabet_septets(const char *text, uint16_t *ret, size_t room)
{
	size_t n = 0;
	for (uint32_t c; (c = alphabet_next(&text)) != 0;) {
		int code = basic_code(c);
		bool escaped = code < 0;
		if (escaped)
			code = extension_code(c);
		if (code < 0)
			return E_INVALID;
		if (n + 1 + escaped > room)
			return E_TOO_BIG;
		if (escaped)
			ret[n++] = ALPHABET_ESCAPE;
		ret[n++] = (uint16_t)code;
	}
	return (int)n;
}

int alphabet_units(const char *text, uint16_t *ret, size_t room)
{
	size_t n = 0;
	for (uint32_t c; (c = alphabet_next(&text)) != 0;) {
		if (n + 1 + (c > 0xFFFF) > room)
			return E_TOO_BIG;
		if (c > 0xFFFF) {
			ret[n++] = (uint16_t)(0xD800 + ((c - 0x10000) >> 10));
			ret[n++] = (uint16_t)(0xDC00 + ((c - 0x10000) & 0x3FF));
		} else {
			ret[n++] = (uint16_t)c;
		}
	}
	return (int)n;
}

static uint32_t extended(uint16_t code)
{
	for (size_t i = 0; i < COUNT_OF(extension); i++)
		if (extension[i].code == code)
			return extension[i].character;
	return code == ALPHABET_ESCAPE ? ' ' : basic[code];
}

char *alphabet_septets_text(const uint16_t *septets, size_t n)
{
	struct buffer out = { 0 };
	for (size_t i = 0; i < n; i++) {
		uint16_t code = septets[i] & 0x7F;
		if (code != ALPHABET_ESCAPE)
			put_utf8(&out, basic[code]);
		else if (i + 1 < n)
			put_utf8(&out, extended(septets[++i] & 0x7F));
		else
			put_utf8(&out, REPLACEMENT);
	}
	return text_of(&out);
}

char *alphabet_units_text(const uint16_t *units, size_t n)
{
	struct buffer out = { 0 };
	for (size_t i = 0; i < n; i++) {
		uint32_t c = units[i];
		bool high = c >= 0xD800 && c < 0xDC00;
		bool paired = high && i + 1 < n && units[i + 1] >= 0xDC00 && units[i + 1] < 0xE000;
		if (paired)
			c = 0x10000 + ((c - 0xD800) << 10) + (units[++i] - 0xDC00u);
		else if (c == 0 || (c >= 0xD800 && c < 0xE000))
			c = REPLACEMENT;
		put_utf8(&out, c);
	}
	return text_of(&out);
}

size_t alphabet_pack(const uint16_t *septets, size_t n, int fill_bits, uint8_t *ret)
{
	size_t bits = (size_t)fill_bits + n * 7, octets = (bits + 7) / 8;
	memset(ret, 0, octets);
	for (size_t i = 0; i < n * 7; i++) {
		size_t at = (size_t)fill_bits + i;
		if (septets[i / 7] >> (i % 7) & 1)
			ret[at / 8] = (uint8_t)(ret[at / 8] | 1u << (at % 8));
	}
	return octets;
}

void alphabet_unpack(const uint8_t *octets, size_t n_octets, int fill_bits, uint16_t *ret, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ret[i] = 0;
	for (size_t i = 0; i < n * 7; i++) {
		size_t at = (size_t)fill_bits + i;
		if (at / 8 < n_octets && (octets[at / 8] >> (at % 8) & 1))
			ret[i / 7] = (uint16_t)(ret[i / 7] | 1u << (i % 7));
	}
}

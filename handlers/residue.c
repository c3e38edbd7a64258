/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two passes: how many tokens each encoding explains, then the text by the one that explains most. Sources: TCVN 5712:1993 VN3;
 * the character table of the VNI Windows fonts; Windows-1252. Keeps nothing, does no I/O. */
#include "handlers/residue.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "handlers/letter.h"
#include "handlers/syllable.h"

#define CHUNK_MAX 64 /* code points; no token of people's is longer */
#define DECODED_BYTES (CHUNK_MAX * 8)

/* One token between spaces. */
struct chunk {
	uint32_t at[CHUNK_MAX];
	size_t n;
	const char *from, *end; /* in the text; behind it a space or the end */
};

/* Letters of TCVN3 at 0xA1–0xFE; 0 = not used. */
static const uint16_t tcvn3[] = {
	0x102, 0xC2, 0xCA, 0xD4, 0x1A0, 0x1AF, 0x110, 0x103, 0xE2, 0xEA, 0xF4, 0x1A1, 0x1B0, 0x111, 0, /* A1–AF */
	0, 0, 0, 0, 0, 0xE0, 0x1EA3, 0xE3, 0xE1, 0x1EA1, 0, 0x1EB1, 0x1EB3, 0x1EB5, 0x1EAF, 0, /* B0–BF */
	0, 0, 0, 0, 0, 0, 0x1EB7, 0x1EA7, 0x1EA9, 0x1EAB, 0x1EA5, 0x1EAD, 0xE8, 0, 0x1EBB, 0x1EBD, /* C0–CF */
	0xE9, 0x1EB9, 0x1EC1, 0x1EC3, 0x1EC5, 0x1EBF, 0x1EC7, 0xEC, 0x1EC9, 0, 0, 0, 0x129, 0xED, 0x1ECB, 0xF2, /* D0–DF */
	0, 0x1ECF, 0xF5, 0xF3, 0x1ECD, 0x1ED3, 0x1ED5, 0x1ED7, 0x1ED1, 0x1ED9, 0x1EDD, 0x1EDF, 0x1EE1, 0x1EDB, 0x1EE3, 0xF9, /* E0–EF */
	0, 0x1EE7, 0x169, 0xFA, 0x1EE5, 0x1EEB, 0x1EED, 0x1EEF, 0x1EE9, 0x1EF1, 0x1EF3, 0x1EF7, 0x1EF9, 0xFD, 0x1EF5, /* F0–FE */
};

static bool read_tcvn3(const struct chunk *c, char *ret)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n; i++) {
		uint32_t letter = c->at[i];
		if (letter >= 0x80)
			letter = letter >= 0xA1 && letter <= 0xFE ? tcvn3[letter - 0xA1] : 0;
		if (!letter)
			return false;
		n += text_put(ret + n, letter);
	}
	ret[n] = '\0';
	return true;
}

/* VNI-Windows: a letter that stands for itself; 0 = as it is. */
static uint32_t vni_letter(uint32_t c)
{
	switch (c) {
	case 0xF1: return 0x111;
	case 0xD1: return 0x110;
	case 0xF4: return 0x1A1;
	case 0xD4: return 0x1A0;
	case 0xF6: return 0x1B0;
	case 0xD6: return 0x1AF;
	case 0xE6: case 0xC6: return 0x1EC9;
	case 0xF3: case 0xD3: return 0x129;
	case 0xF2: case 0xD2: return 0x1ECB;
	case 0xEE: case 0xCE: return 0x1EF5;
	case 0xEC: case 0xED: case 0xCC: case 0xCD: return c;
	default: return c < 0x80 ? c : 0;
	}
}

/* What a sign behind a vowel adds, as combining marks; NULL = it is no such sign. */
static const char *vni_sign(uint32_t c)
{
	switch (c | 0x20) {
	case 0xF9: return "\u0301";
	case 0xF8: return "\u0300";
	case 0xFB: return "\u0309";
	case 0xF5: return "\u0303";
	case 0xEF: return "\u0323";
	case 0xE2: return "\u0302";
	case 0xE1: return "\u0302\u0301";
	case 0xE0: return "\u0302\u0300";
	case 0xE5: return "\u0302\u0309";
	case 0xE3: return "\u0302\u0303";
	case 0xE4: return "\u0302\u0323";
	case 0xEA: return "\u0306";
	case 0xE9: return "\u0306\u0301";
	case 0xE8: return "\u0306\u0300";
	case 0xFA: return "\u0306\u0309";
	case 0xFC: return "\u0306\u0303";
	case 0xEB: return "\u0306\u0323";
	default: return NULL;
	}
}

static bool read_vni(const struct chunk *c, char *ret)
{
	size_t n = 0;
	bool vowel = false;
	for (size_t i = 0; i < c->n; i++) {
		uint32_t code = c->at[i], letter;
		const char *sign = code > 0x7F && code < 0x100 && vowel ? vni_sign(code) : NULL;
		if (sign) {
			memcpy(ret + n, sign, strlen(sign));
			n += strlen(sign);
			vowel = false;
			continue;
		}
		if (!(letter = vni_letter(code)))
			return false;
		vowel = letter == 0x1A0 || letter == 0x1A1 || letter == 0x1AF || letter == 0x1B0 ||
			(letter < 0x80 && letter && strchr("aeouyAEOUY", (int)letter));
		n += text_put(ret + n, letter);
	}
	ret[n] = '\0';
	return true;
}

/* The byte that Windows-1252 shows as c; -1 = none. */
static int byte_of(uint32_t c)
{
	static const uint16_t shown[] = {
		0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
		0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
	};
	if (c < 0x100)
		return (int)c;
	for (size_t i = 0; i < COUNT_OF(shown); i++)
		if (shown[i] == c)
			return (int)(0x80 + i);
	return -1;
}

static bool read_bytes(const struct chunk *c, char *ret)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n; i++) {
		int byte = byte_of(c->at[i]);
		if (byte < 0)
			return false;
		ret[n++] = (char)byte;
	}
	/* "Ã" and a no-break space were "à"; the space was taken for an ordinary one */
	if (n && (uint8_t)ret[n - 1] == 0xC3)
		ret[n++] = (char)0xA0;
	ret[n] = '\0';
	return text_is_valid(ret, n);
}

static bool (*const decoders[])(const struct chunk *c, char *ret) = { read_bytes, read_tcvn3, read_vni };
#define DECODERS COUNT_OF(decoders)

/* Letters [from, end) as a syllable; *ret_marked learns whether it has marks. */
static bool is_syllable(const char *from, const char *end, bool *ret_marked)
{
	char key[SYLLABLE_BYTES], plain[SYLLABLE_BYTES];
	bool marked = syllable_key(from, (size_t)(end - from), key);
	syllable_fold(key, plain);
	*ret_marked = *ret_marked || marked;
	return *key && (marked ? syllable_check(key) != SYLLABLE_NONE : syllable_valid(plain));
}

/* Are all its words syllables, one of them with marks? Signs between words may only be ASCII. */
static bool makes_sense(const char *text)
{
	const char *word = NULL, *p = text;
	bool marked = false;
	for (;;) {
		const char *here = p;
		uint32_t c = *p ? text_next(&p) : 0;
		if (c && letter_is(c) && !(c >= '0' && c <= '9')) {
			word = word ? word : here;
			continue;
		}
		if ((word && !is_syllable(word, here, &marked)) || c > 0x7F)
			return false;
		word = NULL;
		if (!c)
			return marked;
	}
}

static bool is_space(uint32_t c, uint32_t before)
{
	if (c == 0xA0) /* may be the last byte of à Ơ Ạ Ỡ */
		return before != 0xC3 && before != 0xC6 && before != 0xBA && before != 0xBB;
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next token at or behind *p, which moves behind it; c->n is 0 for one that is too long or plain ASCII. */
static bool next_chunk(const char **p, struct chunk *c)
{
	uint32_t code = 0, before = 0;
	bool high = false;
	c->n = 0;
	c->from = c->end = *p;
	while (*c->end) {
		const char *behind = c->end;
		code = text_next(&behind);
		if (is_space(code, before)) {
			if (c->end > c->from)
				break;
			c->from = c->end = behind;
			continue;
		}
		if (c->n < CHUNK_MAX)
			c->at[c->n] = code;
		c->n++;
		high = high || code > 0x7F;
		before = code;
		c->end = behind;
	}
	*p = c->end;
	if (!high || c->n >= CHUNK_MAX)
		c->n = 0;
	return c->end > c->from;
}

static bool chunk_made_sense(const struct chunk *c)
{
	char text[CHUNK_MAX * 4 + 1];
	for (size_t i = 1; i < c->n; i++) /* "NhÃ": nobody writes so */
		if (c->at[i] >= 0xC0 && c->at[i] <= 0xDE && c->at[i - 1] >= 'a' && c->at[i - 1] <= 'z')
			return false;
	memcpy(text, c->from, (size_t)(c->end - c->from));
	text[c->end - c->from] = '\0';
	return makes_sense(text);
}

static bool decode(size_t how, const struct chunk *c, char ret[DECODED_BYTES])
{
	if (!c->n || !decoders[how](c, ret))
		return false;
	OWN(mem) char *nfc = text_nfc(ret);
	if (!nfc || strlen(nfc) >= DECODED_BYTES || !makes_sense(nfc))
		return false;
	memcpy(ret, nfc, strlen(nfc) + 1);
	return true;
}

/* Which encoding explains the message: that of most tokens that make no sense as they stand; DECODERS = none. *ret_whole: it
 * explains all that is not ASCII. */
static size_t choose(const char *text, bool *ret_whole)
{
	size_t sure[DECODERS] = { 0 }, wrong[DECODERS] = { 0 }, best = 0;
	char decoded[DECODED_BYTES];
	struct chunk c;
	for (const char *p = text; next_chunk(&p, &c);) {
		if (c.n < 2)
			continue; /* a letter by itself proves nothing: "·" is a dot and "ã" */
		bool sense = chunk_made_sense(&c);
		for (size_t how = 0; how < DECODERS; how++) {
			bool reads = decode(how, &c, decoded);
			sure[how] += reads && !sense;
			wrong[how] += !reads;
		}
	}
	for (size_t how = 1; how < DECODERS; how++)
		if (sure[how] > sure[best])
			best = how;
	*ret_whole = !wrong[best];
	return sure[best] ? best : DECODERS;
}

int residue_decode(const char *nfc, char **ret)
{
	bool whole = false;
	struct chunk c;
	char decoded[DECODED_BYTES];
	OWN(buffer) struct buffer out = { 0 };
	*ret = NULL;
	size_t how = choose(nfc, &whole);
	if (how == DECODERS)
		return 0;
	const char *copied = nfc;
	for (const char *p = nfc; next_chunk(&p, &c); copied = c.end) {
		bool reads = c.n && (whole || (c.n > 1 && !chunk_made_sense(&c))) && decode(how, &c, decoded);
		int r = buffer_put(&out, copied, (size_t)(c.from - copied));
		r = r ? r : reads ? buffer_puts(&out, decoded) : buffer_put(&out, c.from, (size_t)(c.end - c.from));
		if (r)
			return r;
	}
	int r = buffer_puts(&out, copied);
	*ret = r ? NULL : MOVE(out.data);
	return r;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8 made valid, normalised and cut. Called by everything that takes text from outside. utf8proc gives the
 * decompositions; the ordering of marks is done here, because the library's own takes quadratic time on a text that is
 * nothing but marks. Keeps nothing, does no I/O. */
#include "gateway/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define REPLACEMENT 0xFFFDu
#define CLASSES 256

struct codes {
	utf8proc_int32_t *at;
	size_t n, room;
};

/* Bytes of the sequence that begins at p (at most n bytes are there): positive when well-formed, with its code point;
 * negative the length of the maximal ill-formed part (Unicode 15 table 3-7). n ≥ 1. */
static int decode(const uint8_t *p, size_t n, uint32_t *ret)
{
	uint8_t lead = p[0];
	if (lead < 0x80) {
		*ret = lead;
		return 1;
	}
	if (lead < 0xC2 || lead > 0xF4)
		return -1;
	int more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
	uint8_t least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
	uint8_t most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
	uint32_t c = lead & (0x3Fu >> more);
	for (int i = 1; i <= more; i++) {
		if ((size_t)i >= n || p[i] < least || p[i] > most)
			return -i;
		c = c << 6 | (p[i] & 0x3F);
		least = 0x80;
		most = 0xBF;
	}
	*ret = c;
	return more + 1;
}

static size_t ascii_run(const uint8_t *p, size_t n)
{
	size_t i = 0;
	for (; i + 8 <= n; i += 8) {
		uint64_t w;
		memcpy(&w, p + i, 8);
		bool has_zero = (w - 0x0101010101010101u) & ~w & 0x8080808080808080u;
		if (has_zero || (w & 0x8080808080808080u))
			break;
	}
	while (i < n && p[i] && p[i] < 0x80)
		i++;
	return i;
}

bool text_is_valid(const void *bytes, size_t n_bytes)
{
	const uint8_t *p = bytes;
	for (size_t i = 0; i < n_bytes;) {
		i += ascii_run(p + i, n_bytes - i);
		if (i == n_bytes)
			break;
		uint32_t c;
		int n = decode(p + i, n_bytes - i, &c);
		if (n < 0 || c == 0)
			return false;
		i += (size_t)n;
	}
	return true;
}

char *text_valid(const void *bytes, size_t n_bytes)
{
	if (n_bytes > SIZE_MAX / 4)
		return NULL;
	/* one ill-formed byte becomes three */
	char *out = malloc((n_bytes && text_is_valid(bytes, n_bytes) ? n_bytes : n_bytes * 3) + 1);
	if (!out)
		return NULL;
	const uint8_t *p = bytes;
	size_t at = 0;
	for (size_t i = 0; i < n_bytes;) {
		size_t run = ascii_run(p + i, n_bytes - i);
		if (run)
			memcpy(out + at, p + i, run);
		at += run;
		i += run;
		if (i == n_bytes)
			break;
		uint32_t c = REPLACEMENT;
		int n = decode(p + i, n_bytes - i, &c);
		at += text_put(out + at, n < 0 || c == 0 ? REPLACEMENT : c);
		i += (size_t)(n < 0 ? -n : n);
	}
	out[at] = '\0';
	return out;
}

/* Is any part of it UTF-8 that a single byte is not? */
static bool has_sequence(const uint8_t *p, size_t n_bytes)
{
	for (size_t i = 0; i < n_bytes;) {
		uint32_t c;
		int n = decode(p + i, n_bytes - i, &c);
		if (n > 1)
			return true;
		i += (size_t)(n < 0 ? -n : n);
	}
	return false;
}

char *text_read(const void *bytes, size_t n_bytes)
{
	const uint8_t *p = bytes;
	if (text_is_valid(bytes, n_bytes) || has_sequence(p, n_bytes) || n_bytes > SIZE_MAX / 4)
		return text_valid(bytes, n_bytes);
	char *out = malloc(n_bytes * 3 + 1);
	size_t at = 0;
	for (size_t i = 0; out && i < n_bytes; i++)
		at += text_put(out + at, p[i] ? p[i] : REPLACEMENT);
	if (out)
		out[at] = '\0';
	return out;
}

uint32_t text_next(const char **p)
{
	const uint8_t *s = (const uint8_t *)*p;
	if (s[0] < 0x80) {
		*p += s[0] != 0;
		return s[0];
	}
	/* Latin letters with marks, by far the most of what is not ASCII */
	if (s[0] >= 0xC2 && s[0] < 0xE0 && (s[1] & 0xC0) == 0x80) {
		*p += 2;
		return (s[0] & 0x1Fu) << 6 | (s[1] & 0x3F);
	}
	if (s[0] == 0xE1 && (s[1] & 0xC0) == 0x80 && (s[2] & 0xC0) == 0x80) {
		*p += 3;
		return 0x1000u | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3F);
	}
	uint32_t c;
	/* the NUL behind the text ends any sequence, so there is no length to pass */
	int n = decode(s, 4, &c);
	*p += n < 0 ? -n : n;
	return n < 0 ? REPLACEMENT : c;
}

size_t text_put(char out[4], uint32_t code_point)
{
	uint32_t c = code_point;
	if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		c = REPLACEMENT;
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3F));
	out[0] = (char)((0xF00u >> n & 0xFF) | c);
	return n;
}

size_t text_chars(const char *text)
{
	size_t n = 0;
	while (text_next(&text))
		n++;
	return n;
}

size_t text_cut(const char *text, size_t n_bytes)
{
	size_t n = strnlen(text, n_bytes);
	if (n < n_bytes)
		return n;
	while (n > 0 && ((uint8_t)text[n] & 0xC0) == 0x80)
		n--;
	return n;
}

/* ---- NFC ---------------------------------------------------------------------------------------------- */

/* Nothing composes with, or decomposes from, code points below U+0300 or the precomposed Vietnamese block alone. */
bool text_is_nfc(const char *text)
{
	while (*text) {
		if ((uint8_t)*text < 0xCC) { /* U+0300 begins so */
			text++;
			continue;
		}
		uint32_t c = text_next(&text);
		if (c >= 0x300 && (c < 0x1EA0 || c > 0x1EFF))
			return false;
	}
	return true;
}

static int codes_reserve(struct codes *out, size_t n)
{
	if (out->n + n <= out->room)
		return 0;
	size_t room = (out->n + n) * 2;
	utf8proc_int32_t *at = reallocarray(out->at, room, sizeof(*at));
	if (!at)
		return E_NOMEM;
	out->at = at;
	out->room = room;
	return 0;
}

static int decompose(const char *text, struct codes *out)
{
	for (uint32_t c; (c = text_next(&text));) {
		if (codes_reserve(out, 32))
			return E_NOMEM;
		int bound = 0;
		utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)c, out->at + out->n, 32, UTF8PROC_DECOMPOSE, &bound);
		if (n < 0 || n > 32)
			out->at[out->n++] = REPLACEMENT;
		else
			out->n += (size_t)n;
	}
	return 0;
}

static unsigned class_of(utf8proc_int32_t c)
{
	return c < 0x300 ? 0 : (unsigned)utf8proc_get_property(c)->combining_class;
}

/* Stable counting sort of one run of marks by combining class: linear for any length. */
static int order_run(utf8proc_int32_t *run, size_t n)
{
	size_t start[CLASSES + 1] = { 0 };
	utf8proc_int32_t few[32], *sorted = n <= 32 ? few : reallocarray(NULL, n, sizeof(*sorted));
	if (!sorted)
		return E_NOMEM;
	for (size_t i = 0; i < n; i++)
		start[(class_of(run[i]) & 0xFF) + 1]++;
	for (size_t i = 1; i <= CLASSES; i++)
		start[i] += start[i - 1];
	for (size_t i = 0; i < n; i++)
		sorted[start[class_of(run[i]) & 0xFF]++] = run[i];
	memcpy(run, sorted, n * sizeof(*run));
	if (sorted != few)
		free(sorted);
	return 0;
}

static int order_marks(struct codes *c)
{
	for (size_t i = 0; i < c->n;) {
		size_t n = 0;
		while (i + n < c->n && class_of(c->at[i + n]))
			n++;
		if (n > 1 && order_run(c->at + i, n))
			return E_NOMEM;
		i += n + 1;
	}
	return 0;
}

static char *encode(const utf8proc_int32_t *at, size_t n)
{
	char *out = malloc(n * 4 + 1);
	if (!out)
		return NULL;
	size_t bytes = 0;
	for (size_t i = 0; i < n; i++)
		bytes += text_put(out + bytes, (uint32_t)at[i]);
	out[bytes] = '\0';
	return out;
}

char *text_nfc(const char *text)
{
	if (text_is_nfc(text))
		return strdup(text);
	struct codes c = { 0 };
	char *out = NULL;
	if (!decompose(text, &c) && !order_marks(&c)) {
		utf8proc_ssize_t n =
			utf8proc_normalize_utf32(c.at, (utf8proc_ssize_t)c.n, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
		if (n >= 0)
			out = encode(c.at, (size_t)n);
	}
	free(c.at);
	return out;
}

char *text_lower(const char *text)
{
	size_t n = 0;
	char *out = malloc(strlen(text) * 2 + 4); /* some letters grow from two bytes to three */
	if (!out)
		return NULL;
	for (uint32_t c; (c = text_next(&text));)
		n += text_put(out + n, (uint32_t)utf8proc_tolower((utf8proc_int32_t)c));
	out[n] = '\0';
	return out;
}

/* ---- hex ---------------------------------------------------------------------------------------------- */

char *text_hex(const void *bytes, size_t n_bytes)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = bytes;
	char *out = n_bytes < SIZE_MAX / 2 ? malloc(n_bytes * 2 + 1) : NULL;
	if (!out)
		return NULL;
	for (size_t i = 0; i < n_bytes; i++) {
		out[i * 2] = digits[p[i] >> 4];
		out[i * 2 + 1] = digits[p[i] & 15];
	}
	out[n_bytes * 2] = '\0';
	return out;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	char lower = (char)(c | 0x20);
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int text_unhex(const char *hex, uint8_t **ret, size_t *ret_bytes)
{
	size_t n = strlen(hex);
	if (n % 2)
		return E_INVALID;
	uint8_t *out = malloc(n / 2 + 1);
	if (!out)
		return E_NOMEM;
	for (size_t i = 0; i < n / 2; i++) {
		int high = nibble(hex[i * 2]), low = nibble(hex[i * 2 + 1]);
		if (high < 0 || low < 0) {
			free(out);
			return E_INVALID;
		}
		out[i] = (uint8_t)(high << 4 | low);
	}
	*ret = out;
	*ret_bytes = n / 2;
	return 0;
}

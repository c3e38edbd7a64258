/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folding of text: ASCII by arithmetic, Latin letters by table, the rest by utf8proc one code point at a time. Marks
 * vanish, so their order never matters and nothing has to be sorted. Keeps nothing, does no I/O. */
#include "gateway/base/fold.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "gateway/base/text.h"

#define DECOMPOSED_MAX 32 /* code points; Unicode's longest is 18 */
#define NOT_THERE '.'

/* The ASCII letter under U+00C0–024F and U+1E00–1EFF; '.' = look closer. */
static const char latin_low[] =
	"AAAAAA.CEEEEIIIIDNOOOOO..UUUUY..aaaaaa.ceeeeiiiidnooooo..uuuuy.y"
	"AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHh..IiIiIiIiI...JjKk.LlLlLl."
	"...NnNnNn...OoOoOo..RrRrRrSsSsSsSsTtTt..UuUuUuUuUuUuWwYyYZzZzZzs"
	"b........D......................Oo.............Uu..............."
	".............AaIiOoUuUuUuUuUu.AaAa....GgKkOoOo..j...Gg..NnAa...."
	"AaAaEeEeIiIiOoOoRrRrUuUuSsTt..Hh......AaEeOoOoOoOoYy............"
	"...B............";
static const char latin_high[] =
	"AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMm"
	"MmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVv"
	"WwWwWwWwWwXxXxYyZzZzZzhtwy.s....AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe"
	"EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy......";

/* Text under construction. room always holds what is written, what the rest of the input needs at most one byte for one,
 * and a NUL; only decompositions can need more. */
struct sink {
	char *text;
	size_t n, room;
	bool whole; /* fold: lower case, runs of space as one */
	bool gap;   /* fold: a space is due before the next letter */
};

static char latin(uint32_t c)
{
	if (c >= 0xC0 && c < 0x250)
		return latin_low[c - 0xC0];
	if (c >= 0x1E00 && c < 0x1F00)
		return latin_high[c - 0x1E00];
	return NOT_THERE;
}

static uint32_t sign(uint32_t c)
{
	switch (c) {
	case 0x00B4: case 0x02B9: case 0x02BB: case 0x02BC: case 0x02BD:
	case 0x1FFD: case 0x2018: case 0x2019: case 0x201A: case 0x201B: case 0x2032: case 0x2035: case 0x2039: case 0x203A:
		return '\'';
	case 0x00AB: case 0x00BB: case 0x201C: case 0x201D: case 0x201E: case 0x201F: case 0x2033: case 0x2036:
		return '"';
	case 0x2010: case 0x2011: case 0x2012: case 0x2013: case 0x2014: case 0x2015: case 0x2212:
		return '-';
	case 0x2044:
		return '/';
	case 0x2022: case 0x2023: case 0x25AA: case 0x25A0: case 0x25CF: case 0x25E6:
		return '*';
	case 0x20AB: /* the dong's sign is its letter */
		return 'd';
	default:
		return c;
	}
}

/* What a code point without decomposition stands for; 0 = nothing. */
static uint32_t substitute(uint32_t c)
{
	if (c >= 0x660 && c <= 0x669)
		return '0' + (c - 0x660);
	if (c >= 0x6F0 && c <= 0x6F9)
		return '0' + (c - 0x6F0);
	if (c == 0x256)
		return 'd';
	char letter = latin(c);
	if (letter != NOT_THERE)
		return (uint32_t)letter;
	const utf8proc_property_t *of = utf8proc_get_property((utf8proc_int32_t)c);
	switch (of->category) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CC:
		return c == 0x85 ? '\n' : 0;
	case UTF8PROC_CATEGORY_ZS:
		return ' ';
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return '\n';
	default: /* the library's categories, not an enum of ours */
		return of->combining_class ? 0 : sign(c);
	}
}

static void put_ascii(struct sink *s, uint8_t c)
{
	bool space = c == ' ' || (c >= '\t' && c <= '\r');
	if (s->whole && space) {
		s->gap = s->n > 0;
		return;
	}
	if (c == '\t' || c == '\v')
		c = ' ';
	else if (c == 0x7F || (c < ' ' && !space))
		return;
	if (s->gap)
		s->text[s->n++] = ' ';
	s->gap = false;
	s->text[s->n++] = (char)(s->whole && c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static void put_code(struct sink *s, uint32_t code_point)
{
	uint32_t c = substitute(code_point);
	if (c < 0x80) {
		if (c)
			put_ascii(s, (uint8_t)c);
		return;
	}
	if (s->gap)
		s->text[s->n++] = ' ';
	s->gap = false;
	s->n += text_put(s->text + s->n, s->whole ? (uint32_t)utf8proc_tolower((utf8proc_int32_t)c) : c);
}

static int reserve(struct sink *s, size_t left)
{
	size_t need = s->n + left + DECOMPOSED_MAX * 4 + 2;
	if (need <= s->room)
		return 0;
	size_t room = need + need / 2;
	char *text = realloc(s->text, room);
	if (!text)
		return E_NOMEM;
	s->text = text;
	s->room = room;
	return 0;
}

static int put_decomposed(struct sink *s, uint32_t c, size_t left)
{
	utf8proc_int32_t parts[DECOMPOSED_MAX];
	int bound = 0;
	if (reserve(s, left))
		return E_NOMEM;
	c = sign(c);
	utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)c, parts, DECOMPOSED_MAX,
						     UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &bound);
	if (n < 0 || n > DECOMPOSED_MAX)
		parts[0] = (utf8proc_int32_t)c, n = 1;
	for (utf8proc_ssize_t i = 0; i < n; i++)
		put_code(s, (uint32_t)parts[i]);
	return 0;
}

static int put_text(struct sink *s, const char *text, const char *end)
{
	while (text < end) {
		uint8_t b = (uint8_t)*text;
		if (b > ' ' && b < 0x7F) {
			if (s->gap)
				s->text[s->n++] = ' ';
			s->gap = false;
			s->text[s->n++] = (char)(s->whole && b >= 'A' && b <= 'Z' ? b | 0x20 : b);
			text++;
			continue;
		}
		if (b < 0x80) {
			put_ascii(s, b);
			text++;
			continue;
		}
		uint32_t c = text_next(&text);
		char letter = latin(c);
		if (letter != NOT_THERE)
			put_ascii(s, (uint8_t)letter);
		else if ((c < 0x300 || c > 0x36F) && put_decomposed(s, c, (size_t)(end - text)))
			return E_NOMEM;
	}
	return 0;
}

static char *run(const char *text, size_t n_bytes, bool whole)
{
	struct sink s = { .text = malloc(n_bytes + 1), .room = n_bytes + 1, .whole = whole };
	if (s.text && put_text(&s, text, text + n_bytes)) {
		free(s.text);
		return NULL;
	}
	if (s.text)
		s.text[s.n] = '\0';
	return s.text;
}

char *fold(const char *text)
{
	return run(text, strlen(text), true);
}

char *fold_part(const char *text, size_t n_bytes)
{
	return run(text, n_bytes, true);
}

char *fold_plain(const char *text)
{
	return run(text, strlen(text), false);
}

int fold_word(const char *word, size_t n_bytes, char *ret, size_t room)
{
	const char *end = word + n_bytes;
	size_t n = 0;
	while (word < end) {
		char letter = *word;
		if ((uint8_t)letter < 0x80) {
			word++;
			if (letter <= ' ' || letter == 0x7F)
				return -1;
		} else {
			uint32_t c = text_next(&word);
			if (c >= 0x300 && c <= 0x36F)
				continue;
			letter = latin(c);
		}
		if (n + 2 > room || letter == NOT_THERE)
			return -1;
		ret[n++] = (char)(letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter);
	}
	if (!room)
		return -1;
	ret[n] = '\0';
	return (int)n;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the tokens of a message, for scribe.c to make words of. Called by parse.c once a message and by pattern.c once a pattern word;
 * keeps nothing. */
#include "handlers/words.h"

#include <stdint.h>
#include <string.h>

#include "gateway/base/text.h"
#include "handlers/residue.h"
#include "handlers/scribe.h"

void words_free(struct words *w)
{
	if (!w)
		return;
	free(w->at);
	free(w->may);
	arena_done(&w->texts);
	free(w);
}

static bool is_one_letter(const char *from, const char *end)
{
	return end - from <= 4 && (text_next(&from), from == end);
}

/* "0 nhan tin": a lone zero before such a word is "không". */
static void read_zeros(struct words *w, const struct abbreviations *a)
{
	for (size_t i = 0; a && a->not_zero_before && i + 1 < w->n; i++) {
		if (w->at[i].fold[0] != '0' || w->at[i].fold[1] || (i && w->at[i - 1].number))
			continue;
		for (char **p = a->not_zero_before; *p; p++)
			if (strcmp(*p, w->at[i + 1].fold) == 0) {
				w->at[i].fold = w->at[i].key = "khong";
				w->at[i].number = false;
			}
	}
}

/* The character at *p, which moves behind it; 0 at the end. */
static inline uint32_t take(const char **p)
{
	uint8_t c = (uint8_t)**p;
	if (c >= 0x80)
		return text_next(p);
	*p += c != 0;
	return c;
}

static inline uint32_t peek(const char *p)
{
	return take(&p);
}

static int read_text(struct scribe *r, const char *text)
{
	struct words *w = r->out;
	bool other = false, asked = false;
	const char *from = NULL, *p = text;
	for (uint32_t c = 0, before;;) {
		const char *here = p;
		before = c;
		c = take(&p);
		if (c > 0x7F && letter_is_invisible(c)) {
			r->odd = r->odd || c == 0xAD;
			continue;
		}
		if (letter_is(c) || (c == '\'' && from && letter_is(peek(p)))) {
			from = from ? from : here;
			w->any = true;
			for (; letter_is_ascii((uint8_t)*p); p++)
				c = (uint8_t)*p;
			continue;
		}
		r->rest = here;
		if (from && w->n < WORDS_MAX) {
			int e = 0;
			if (is_one_letter(from, here) && scribe_spaced(r, from, &p, &e)) {
				from = NULL;
				c = ' ';
				if (e)
					return e;
				continue;
			}
			e = scribe_token(r, from, (size_t)(here - from));
			if (e)
				return e;
		}
		from = NULL;
		if (!c)
			break;
		enum mark mark = c == ' ' ? MARK_NONE : letter_parts(c, peek(p));
		r->before = mark > r->before ? mark : r->before;
		r->odd = r->odd || (c > 0x7F && c < 0xC0 && (c != 0xA0 || before == 0xC3));
		w->any = w->any || c > ' ';
		w->emoji = w->emoji || (c > 0x7F && letter_is_emoji(c));
		asked = asked || c == '?' || c == 0xFF1F;
		other = other || (c > ' ' && c != '?' && c != 0xFF1F);
	}
	w->only_question_marks = asked && !other && !w->n;
	return scribe_settle(r);
}

uint32_t word_hash(const char *fold)
{
	uint32_t h = 2166136261u;
	for (; *fold; fold++)
		h = (h ^ (unsigned char)*fold) * 16777619u;
	return h;
}

struct words words_part(const struct words *w, size_t from, size_t to)
{
	/* where phrases begin is counted from the first word */
	struct words part = { .at = w->at + from, .n = to - from, .has = w->has, .may = w->may, .starts = from ? NULL : w->starts,
			      .cut = w->cut || from || to < w->n };
	memcpy(part.lists, w->lists, sizeof(part.lists));
	return part;
}

struct words words_until(const struct words *w, size_t n)
{
	return words_part(w, 0, n);
}

/* Reads text, and once more when its encoding was lost and is found. */
static int read_message(struct scribe *r, const char *text)
{
	OWN(mem) char *decoded = NULL;
	int e = read_text(r, text);
	if (e || !r->odd || !r->abbreviations || !r->abbreviations->spelling)
		return e;
	e = residue_decode(text, &decoded);
	if (e || !decoded)
		return e;
	scribe_done(r);
	*r->out = (struct words){ .at = r->out->at, .texts = r->out->texts };
	*r = (struct scribe){ .abbreviations = r->abbreviations, .out = r->out, .room = r->room, .before = MARK_STRONG };
	return read_text(r, decoded);
}

int words_new(const char *text, const struct abbreviations *a, struct words **ret)
{
	OWN(words) struct words *w = malloc(sizeof(*w));
	bool is_nfc = text_is_nfc(text);
	OWN(mem) char *nfc = is_nfc ? NULL : text_nfc(text);
	struct scribe r = { .abbreviations = a, .out = w, .before = MARK_STRONG };
	if (w)
		*w = (struct words){ 0 };
	int e = w && (nfc || is_nfc) ? scribe_begin(&r) : E_NOMEM;
	e = e ? e : read_message(&r, nfc ? nfc : text);
	scribe_done(&r);
	if (e)
		return e;
	read_zeros(w, a);
	for (size_t i = 0; i < w->n; i++) {
		w->at[i].hash = w->at[i].hash ? w->at[i].hash : word_hash(w->at[i].fold);
		w->has |= word_bit(w->at[i].hash);
	}
	*ret = MOVE(w);
	return 0;
}

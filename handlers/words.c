/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Splits a message into words. Called by parse.c once a message and by pattern.c once a pattern word; keeps nothing. */
#include "handlers/words.h"

#include <stdint.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/fold.h"
#include "gateway/base/text.h"
#include "handlers/syllable.h"

void words_free(struct words *w)
{
	if (!w)
		return;
	free(w->at);
	free(w->may);
	free(w->arena);
	free(w);
}

static bool is_letter(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
	if (c < 0xC0 || c == 0xD7 || c == 0xF7)
		return c == 0xAA || c == 0xBA;
	return c < 0x2000 || (c >= 0x3040 && c < 0xE000) || (c >= 0xFF10 && c <= 0xFF5A && c != 0xFF1F);
}

static bool is_invisible(uint32_t c)
{
	return c == 0xAD || (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF || (c >= 0xFE00 && c <= 0xFE0F);
}

static bool is_emoji(uint32_t c)
{
	return (c >= 0x1F300 && c < 0x1FB00) || (c >= 0x2600 && c < 0x2800) || c == 0x2B50;
}

static enum mark mark_of(uint32_t c, uint32_t next)
{
	if (c == '\n' || c == ';' || c == '!' || c == '?' || c == 0xFF1F || c == 0x2026)
		return MARK_STRONG;
	if (c == '.')
		return next == ' ' || next == 0 || next == '.' || next == '\n' || next > 0x7F || next >= 'A' ? MARK_STRONG : MARK_WEAK;
	return c > ' ' && c != '\'' && c != 0xA0 && c != '-' && c != '_' ? MARK_WEAK : MARK_NONE;
}

/* Where a word's texts lie in the arena, which moves while it grows. */
struct spot {
	size_t fold, key, raw;
};

/* While a message is read. */
struct reader {
	const struct abbreviations *abbreviations;
	struct words *out;
	struct buffer arena, spots; /* spots: one struct spot a word */
	size_t room;
	enum mark before;
};

static int put_word(struct reader *r, const char *fold, const char *key, const char *raw, struct word flags)
{
	struct words *w = r->out;
	if (w->n == r->room) {
		size_t room = r->room ? r->room * 2 : 32;
		struct word *at = realloc(w->at, room * sizeof(*at));
		if (!at)
			return E_NOMEM;
		w->at = at;
		r->room = room;
	}
	struct spot spot;
	const char *parts[3] = { fold, key, raw };
	size_t *offsets[3] = { &spot.fold, &spot.key, &spot.raw };
	for (int i = 0; i < 3; i++) {
		*offsets[i] = r->arena.n_bytes;
		if (buffer_put(&r->arena, parts[i], strlen(parts[i]) + 1))
			return E_NOMEM;
	}
	if (buffer_put(&r->spots, &spot, sizeof(spot)))
		return E_NOMEM;
	flags.before = r->before;
	r->before = MARK_NONE;
	w->at[w->n++] = flags;
	return 0;
}

static bool all_digits(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

static int compare_brief(const void *key, const void *row)
{
	return strcmp(key, ((const struct abbreviation *)row)->brief);
}

static const char *full_form(const struct reader *r, const char *fold)
{
	const struct abbreviations *a = r->abbreviations;
	if (!a || !a->n)
		return NULL;
	bool after_number = r->out->n && r->out->at[r->out->n - 1].number && r->before == MARK_NONE;
	if (after_number && (strcmp(fold, "k") == 0 || strcmp(fold, "kg") == 0))
		return NULL; /* 500 k: thousands, kilograms */
	const struct abbreviation *found = bsearch(fold, a->at, a->n, sizeof(a->at[0]), compare_brief);
	return found ? found->full : NULL;
}

static int put_full(struct reader *r, const char *full, const char *raw)
{
	while (*full) {
		size_t n = strcspn(full, " ");
		char one[SYLLABLE_BYTES] = "";
		memcpy(one, full, n < sizeof(one) ? n : sizeof(one) - 1);
		int e = put_word(r, one, one, raw, (struct word){ 0 });
		if (e)
			return e;
		full += n + (full[n] == ' ');
	}
	return 0;
}

static int put_token(struct reader *r, const char *text, size_t n_bytes)
{
	char key[SYLLABLE_BYTES], plain[SYLLABLE_BYTES];
	OWN(mem) char *token = strndup(text, n_bytes);
	OWN(mem) char *folded = token ? fold(token) : NULL;
	if (!folded)
		return E_NOMEM;
	if (!*folded)
		return 0;
	struct word flags = { .number = all_digits(folded) };
	r->out->n_letters += !flags.number;
	const char *full = full_form(r, folded);
	if (full)
		return put_full(r, full, folded);
	flags.marked = syllable_key(text, n_bytes, key);
	const char *seen = folded;
	if (!flags.marked && syllable_residue(folded, plain))
		seen = plain;
	bool digits = strpbrk(folded, "0123456789") != NULL;
	flags.foreign = !flags.number && !digits && folded[1] && !syllable_valid(seen);
	return put_word(r, seen, flags.marked ? key : seen, folded, flags);
}

/* "0 nhan tin": a lone zero before such a word is "không". */
static void read_zeros(struct words *w, const struct abbreviations *a)
{
	for (size_t i = 0; a && a->not_zero_before && i + 1 < w->n; i++) {
		if (strcmp(w->at[i].fold, "0") != 0 || (i && w->at[i - 1].number))
			continue;
		for (char **p = a->not_zero_before; *p; p++)
			if (strcmp(*p, w->at[i + 1].fold) == 0) {
				w->at[i].fold = w->at[i].key = "khong";
				w->at[i].number = false;
			}
	}
}

static void settle(struct reader *r)
{
	struct words *w = r->out;
	w->arena = MOVE(r->arena.data);
	r->arena = (struct buffer){ 0 };
	for (size_t i = 0; i < w->n; i++) {
		struct spot spot;
		memcpy(&spot, r->spots.data + i * sizeof(spot), sizeof(spot));
		w->at[i].fold = w->arena + spot.fold;
		w->at[i].key = w->arena + spot.key;
		w->at[i].raw = w->arena + spot.raw;
	}
}

static uint32_t peek(const char *p)
{
	return *p ? text_next(&p) : 0;
}

static int read_text(struct reader *r, const char *text)
{
	struct words *w = r->out;
	bool other = false, asked = false;
	const char *from = NULL, *p = text;
	for (;;) {
		const char *here = p;
		uint32_t c = *p ? text_next(&p) : 0;
		if (c && is_invisible(c))
			continue;
		uint32_t next = c ? peek(p) : 0;
		if (is_letter(c) || (c == '\'' && from && is_letter(next))) {
			from = from ? from : here;
			w->any = true;
			continue;
		}
		if (from && w->n < WORDS_MAX) {
			int e = put_token(r, from, (size_t)(here - from));
			if (e)
				return e;
		}
		from = NULL;
		if (!c)
			break;
		enum mark mark = mark_of(c, next);
		r->before = mark > r->before ? mark : r->before;
		w->any = w->any || c > ' ';
		w->emoji = w->emoji || is_emoji(c);
		asked = asked || c == '?' || c == 0xFF1F;
		other = other || (c > ' ' && c != '?' && c != 0xFF1F);
	}
	w->only_question_marks = asked && !other && !w->n;
	return 0;
}

uint32_t word_hash(const char *fold)
{
	uint32_t h = 2166136261u;
	for (; *fold; fold++)
		h = (h ^ (unsigned char)*fold) * 16777619u;
	return h;
}

uint64_t word_bit(uint32_t hash)
{
	return UINT64_C(1) << (hash >> 26);
}

struct words words_until(const struct words *w, size_t n)
{
	return (struct words){ .at = w->at, .n = n, .has = w->has, .may = w->may };
}

int words_new(const char *text, const struct abbreviations *a, struct words **ret)
{
	OWN(words) struct words *w = calloc(1, sizeof(*w));
	OWN(mem) char *nfc = text_nfc(text);
	struct reader r = { .abbreviations = a, .out = w, .before = MARK_STRONG };
	int e = w && nfc ? read_text(&r, nfc) : E_NOMEM;
	if (!e) {
		settle(&r);
		read_zeros(w, a);
		for (size_t i = 0; i < w->n; i++) {
			w->at[i].hash = word_hash(w->at[i].fold);
			w->has |= word_bit(w->at[i].hash);
		}
	}
	buffer_done(&r.arena);
	buffer_done(&r.spots);
	if (e)
		return e;
	*ret = MOVE(w);
	return 0;
}

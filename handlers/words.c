/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Splits a message into words. Called by parse.c once a message and by pattern.c once a pattern word; keeps nothing. */
#include "handlers/words.h"

#include <stdint.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/fold.h"
#include "gateway/base/text.h"
#include "handlers/keystroke.h"
#include "handlers/residue.h"
#include "handlers/spelling.h"
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

/* Where a word's texts lie in the arena, which moves while it grows. */
struct spot {
	size_t fold, key, raw;
};

/* A word that is what it seems, or keystrokes if others of the message are. */
struct doubt {
	size_t word;
	char key[SYLLABLE_BYTES];
};

/* While a message is read. */
struct reader {
	const struct abbreviations *abbreviations;
	struct words *out;
	struct buffer arena, spots, doubts; /* one struct spot a word; doubts: of struct doubt */
	size_t room;
	enum mark before;
	bool keystrokes; /* some word can be nothing else */
	bool odd;        /* some word is no Vietnamese: its encoding may have been lost */
	const char *rest; /* of the text, behind the word at hand */
};

static int put_text(struct reader *r, const char *text, size_t *ret)
{
	*ret = r->arena.n_bytes;
	return buffer_put(&r->arena, text, strlen(text) + 1);
}

static int put_spot(struct reader *r, const char *fold, const char *key, const char *raw, struct spot *ret)
{
	int e = put_text(r, raw, &ret->raw);
	ret->fold = ret->raw;
	if (!e && fold != raw)
		e = put_text(r, fold, &ret->fold);
	ret->key = ret->fold;
	return e || key == fold ? e : put_text(r, key, &ret->key);
}

static int put_word(struct reader *r, const char *fold, const char *key, const char *raw, struct word flags)
{
	struct words *w = r->out;
	struct spot spot;
	if (w->n == r->room) {
		size_t room = r->room ? r->room * 2 : 32;
		struct word *at = realloc(w->at, room * sizeof(*at));
		if (!at)
			return E_NOMEM;
		w->at = at;
		r->room = room;
	}
	if (put_spot(r, fold, key, raw, &spot) || buffer_put(&r->spots, &spot, sizeof(spot)))
		return E_NOMEM;
	flags.before = r->before;
	r->before = MARK_NONE;
	w->at[w->n++] = flags;
	return 0;
}

static const char *fold_behind(const struct reader *r)
{
	struct spot spot;
	if (!r->out->n)
		return NULL;
	memcpy(&spot, r->spots.data + (r->out->n - 1) * sizeof(spot), sizeof(spot));
	return r->arena.data + spot.fold;
}

/* Fold of the word that comes next; NULL when there is none, or a long one. */
static const char *fold_ahead(const struct reader *r, char room[SYLLABLE_BYTES])
{
	const char *from = r->rest, *end;
	for (uint32_t c; *from; from = end) {
		end = from;
		c = text_next(&end);
		if (letter_is(c))
			break;
	}
	for (end = from; *end;) {
		const char *next = end;
		if (!letter_is(text_next(&next)))
			break;
		end = next;
	}
	return end > from && fold_word(from, (size_t)(end - from), room, SYLLABLE_BYTES) > 0 ? room : NULL;
}

static bool all_digits(const char *text)
{
	const char *p = text;
	while (*p >= '0' && *p <= '9')
		p++;
	return p > text && !*p;
}

static const struct abbreviation *find_abbreviation(const struct abbreviations *a, const char *brief)
{
	size_t low = 0, high = a->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const char *here = a->at[middle].brief;
		/* a call of strcmp costs more than all the rest of it */
		int order = brief[0] != here[0] ? (unsigned char)brief[0] - (unsigned char)here[0] : strcmp(brief, here);
		if (!order)
			return &a->at[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static const char *full_form(const struct reader *r, const char *fold)
{
	const struct abbreviations *a = r->abbreviations;
	if (!a || !a->n || strlen(fold) >= SYLLABLE_BYTES)
		return NULL;
	bool after_number = r->out->n && r->out->at[r->out->n - 1].number && r->before == MARK_NONE;
	if (after_number && (strcmp(fold, "k") == 0 || strcmp(fold, "kg") == 0))
		return NULL; /* 500 k: thousands, kilograms */
	if (a->spelling && spelling_depends(a->spelling, fold)) {
		char room[SYLLABLE_BYTES];
		struct neighbours at = { .behind = fold_behind(r), .behind_number = after_number, .before = fold_ahead(r, room) };
		at.before_number = at.before && all_digits(at.before);
		const char *full = spelling_full(a->spelling, fold, &at);
		if (full)
			return full;
	}
	const struct abbreviation *found = find_abbreviation(a, fold);
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

/* Letters of "thon5", "to12": a syllable and up to two digits; 0 = something else. */
static size_t counted(const char *fold)
{
	char letters[SYLLABLE_BYTES];
	size_t n = strcspn(fold, "0123456789"), digits = strspn(fold + n, "123456789");
	if (n < 2 || n >= sizeof(letters) || !digits || digits > 2 || fold[n + digits])
		return 0;
	memcpy(letters, fold, n);
	letters[n] = '\0';
	return syllable_native(letters) ? n : 0;
}

/* What the keys were, when they were never composed. written: the fold, or the key of what was composed in part. */
static enum keystroke keystrokes(const struct reader *r, const char *written, const char *fold, char ret[SYLLABLE_BYTES])
{
	const struct spelling *s = r->abbreviations ? r->abbreviations->spelling : NULL;
	enum keystroke k = s ? keystroke_read(written, ret) : KEYSTROKE_NONE;
	if (k == KEYSTROKE_NONE || spelling_spares(s, fold_behind(r), fold))
		return KEYSTROKE_NONE;
	size_t letters = strcspn(fold, "0123456789"), digits = strspn(fold + letters, "0123456789");
	bool abroad = spelling_abroad(s, fold);
	bool counts = digits && !fold[letters + digits] && (letters == 1 || (counted(fold) && spelling_numbers(s, fold, letters)));
	return counts || abroad ? KEYSTROKE_DOUBTFUL : k;
}

static int put_keystrokes(struct reader *r, const char *key, const char *raw)
{
	char plain[SYLLABLE_BYTES];
	syllable_fold(key, plain);
	r->keystrokes = true;
	return put_word(r, plain, key, raw, (struct word){ .marked = strcmp(plain, key) != 0 });
}

/* A word as it stands. */
static int put_plain(struct reader *r, const char *folded, const char *key, bool marked)
{
	char letters[SYLLABLE_BYTES];
	struct word flags = { .marked = marked, .number = all_digits(folded) };
	size_t n = marked || flags.number ? 0 : counted(folded);
	if (n) {
		memcpy(letters, folded, n);
		letters[n] = '\0';
		return put_word(r, letters, letters, folded, flags);
	}
	flags.foreign = !flags.number && folded[1] && !strpbrk(folded, "0123456789") && !syllable_valid(folded);
	return put_word(r, folded, marked ? key : folded, folded, flags);
}

static int put_folded(struct reader *r, const char *text, size_t n_bytes, const char *folded)
{
	char key[SYLLABLE_BYTES], read[SYLLABLE_BYTES];
	r->out->n_letters += !all_digits(folded);
	const char *full = full_form(r, folded);
	if (full)
		return put_full(r, full, folded);
	bool marked = syllable_key(text, n_bytes, key), sound = marked && syllable_check(key) != SYLLABLE_NONE;
	r->odd = r->odd || (!sound && (marked || !*key));
	switch (sound ? KEYSTROKE_NONE : keystrokes(r, marked ? key : folded, folded, read)) {
	case KEYSTROKE_SURE: return put_keystrokes(r, read, folded);
	case KEYSTROKE_NONE: return put_plain(r, folded, key, marked);
	case KEYSTROKE_DOUBTFUL: break;
	}
	struct doubt d = { .word = r->out->n };
	memcpy(d.key, read, sizeof(d.key));
	int e = put_plain(r, folded, key, marked);
	return e ? e : buffer_put(&r->doubts, &d, sizeof(d));
}

/* Most words: plain letters that make a syllable. */
static int put_native(struct reader *r, const char *folded)
{
	const char *full = full_form(r, folded);
	r->out->n_letters++;
	return full ? put_full(r, full, folded) : put_word(r, folded, folded, folded, (struct word){ 0 });
}

static int put_token(struct reader *r, const char *text, size_t n_bytes)
{
	char brief[SYLLABLE_BYTES * 2];
	int n = fold_word(text, n_bytes, brief, sizeof(brief));
	if (n > 0 && (size_t)n == n_bytes && syllable_native(brief))
		return put_native(r, brief);
	if (n > 0)
		return put_folded(r, text, n_bytes, brief);
	OWN(mem) char *token = strndup(text, n_bytes);
	OWN(mem) char *folded = token ? fold(token) : NULL;
	if (!folded)
		return E_NOMEM;
	return *folded ? put_folded(r, text, n_bytes, folded) : 0;
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

/* Beside keystrokes that are sure, doubtful ones are keystrokes too. */
static int settle_doubts(struct reader *r)
{
	struct doubt d;
	for (size_t i = 0; r->keystrokes && i < r->doubts.n_bytes / sizeof(d); i++) {
		char plain[SYLLABLE_BYTES];
		struct spot spot;
		memcpy(&d, r->doubts.data + i * sizeof(d), sizeof(d));
		memcpy(&spot, r->spots.data + d.word * sizeof(spot), sizeof(spot));
		syllable_fold(d.key, plain);
		if (put_text(r, plain, &spot.fold) || put_text(r, d.key, &spot.key))
			return E_NOMEM;
		memcpy(r->spots.data + d.word * sizeof(spot), &spot, sizeof(spot));
		r->out->at[d.word].marked = strcmp(plain, d.key) != 0;
		r->out->at[d.word].foreign = false;
	}
	return 0;
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

static int read_text(struct reader *r, const char *text)
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
		uint32_t next = peek(p);
		if (letter_is(c) || (c == '\'' && from && letter_is(next))) {
			from = from ? from : here;
			w->any = true;
			continue;
		}
		r->rest = here;
		if (from && w->n < WORDS_MAX) {
			int e = put_token(r, from, (size_t)(here - from));
			if (e)
				return e;
		}
		from = NULL;
		if (!c)
			break;
		enum mark mark = letter_parts(c, next);
		r->before = mark > r->before ? mark : r->before;
		r->odd = r->odd || (c > 0x7F && c < 0xC0 && (c != 0xA0 || before == 0xC3));
		w->any = w->any || c > ' ';
		w->emoji = w->emoji || (c > 0x7F && letter_is_emoji(c));
		asked = asked || c == '?' || c == 0xFF1F;
		other = other || (c > ' ' && c != '?' && c != 0xFF1F);
	}
	w->only_question_marks = asked && !other && !w->n;
	return settle_doubts(r);
}

uint32_t word_hash(const char *fold)
{
	uint32_t h = 2166136261u;
	for (; *fold; fold++)
		h = (h ^ (unsigned char)*fold) * 16777619u;
	return h;
}

struct words words_until(const struct words *w, size_t n)
{
	return (struct words){ .at = w->at, .n = n, .has = w->has, .may = w->may };
}

static void forget(struct reader *r)
{
	buffer_done(&r->arena);
	buffer_done(&r->spots);
	buffer_done(&r->doubts);
}

/* Reads text, and once more when its encoding was lost and is found. */
static int read_message(struct reader *r, const char *text)
{
	OWN(mem) char *decoded = NULL;
	struct reader again = { .abbreviations = r->abbreviations, .out = r->out, .room = 0, .before = MARK_STRONG };
	int e = read_text(r, text);
	if (e || !r->odd || !r->abbreviations || !r->abbreviations->spelling)
		return e;
	e = residue_decode(text, &decoded);
	if (e || !decoded)
		return e;
	forget(r);
	again.room = r->room;
	*again.out = (struct words){ .at = r->out->at };
	*r = again;
	return read_text(r, decoded);
}

int words_new(const char *text, const struct abbreviations *a, struct words **ret)
{
	OWN(words) struct words *w = calloc(1, sizeof(*w));
	OWN(mem) char *nfc = text_nfc(text);
	struct reader r = { .abbreviations = a, .out = w, .before = MARK_STRONG };
	int e = w && nfc ? read_message(&r, nfc) : E_NOMEM;
	if (!e) {
		settle(&r);
		read_zeros(w, a);
		for (size_t i = 0; i < w->n; i++) {
			w->at[i].hash = word_hash(w->at[i].fold);
			w->has |= word_bit(w->at[i].hash);
		}
	}
	forget(&r);
	if (e)
		return e;
	*ret = MOVE(w);
	return 0;
}

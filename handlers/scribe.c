/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the words of a message, token by token. Keeps nothing besides them, does no I/O. */
#include "handlers/scribe.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/fold.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "handlers/keystroke.h"
#include "handlers/lexicon.h"
#include "handlers/mend.h"
#include "handlers/respell.h"
#include "handlers/spaced.h"
#include "handlers/spelling.h"
#include "handlers/syllable.h"

#define FIRST_WORDS 16
#define KEPT_BYTES 1024

/* A word that is what it seems, or keystrokes if others of the message are. */
struct doubt {
	size_t word;
	char key[SYLLABLE_BYTES];
};

static int make_room(struct scribe *r, size_t room)
{
	struct word *at = realloc(r->out->at, room * sizeof(*at));
	if (!at)
		return E_NOMEM;
	r->out->at = at;
	r->room = room;
	return 0;
}

int scribe_begin(struct scribe *r)
{
	return make_room(r, FIRST_WORDS);
}

void scribe_done(struct scribe *r)
{
	buffer_done(&r->doubts);
}

/* Of a word longer than any that is looked for, its beginning is kept. */
static const char *keep(struct scribe *r, const char *text)
{
	return arena_put(&r->out->texts, text, text_cut(text, KEPT_BYTES));
}

static int put_word(struct scribe *r, const char *fold, const char *key, const char *raw, struct word flags)
{
	struct words *w = r->out;
	if (w->n == r->room && make_room(r, r->room * 2))
		return E_NOMEM;
	flags.raw = keep(r, raw);
	flags.fold = fold == raw ? flags.raw : keep(r, fold);
	flags.key = key == fold ? flags.fold : keep(r, key);
	if (!flags.raw || !flags.fold || !flags.key)
		return E_NOMEM;
	flags.before = r->before;
	r->before = MARK_NONE;
	w->at[w->n++] = flags;
	return 0;
}

static const char *fold_behind(const struct scribe *r)
{
	return r->out->n ? r->out->at[r->out->n - 1].fold : NULL;
}

/* Fold of the word that comes next; NULL when there is none, or a long one. */
static const char *fold_ahead(const struct scribe *r, char room[SYLLABLE_BYTES])
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

/* "20kg", "5tr": a number with what it counts. */
static bool is_figure(const char *fold)
{
	static const char *const units[] = { "", "kg", "k", "g", "tr", "trieu", "ty", "m", "m2", "ha", "lit", "bao", "suat", "con" };
	size_t n = strspn(fold, "0123456789");
	for (size_t i = 0; n && i < COUNT_OF(units); i++)
		if (strcmp(fold + n, units[i]) == 0)
			return true;
	return false;
}

static const char *full_form(const struct scribe *r, const char *fold)
{
	const struct abbreviations *a = r->abbreviations;
	size_t n_bytes = strlen(fold);
	if (!a || !a->n || n_bytes >= SYLLABLE_BYTES || !abbreviations_may(a, fold, n_bytes))
		return NULL;
	bool after_number = r->out->n && all_digits(fold_behind(r)) && r->before == MARK_NONE;
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
	return abbreviations_full(a, fold);
}

static int put_full(struct scribe *r, const char *full, const char *raw)
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
static enum keystroke keystrokes(const struct scribe *r, const char *written, const char *fold, char ret[SYLLABLE_BYTES])
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

/* What a word of a dialect is elsewhere: "nỏ" is "không", while "no" may be much else. */
static const char *full_of_marked(const struct scribe *r, const char *key)
{
	const struct abbreviations *a = r->abbreviations;
	return a && abbreviations_may(a, key, strlen(key)) ? abbreviations_full(a, key) : NULL;
}

static int put_keystrokes(struct scribe *r, const char *key, const char *raw)
{
	char plain[SYLLABLE_BYTES];
	const char *full = full_of_marked(r, key);
	if (full)
		return put_full(r, full, raw);
	syllable_fold(key, plain);
	r->keystrokes = true;
	bool marked = strcmp(plain, key) != 0;
	return put_word(r, plain, key, raw, (struct word){ .marked = marked, .typed = marked });
}

static bool is_foreign(const char *folded)
{
	return folded[1] && !strpbrk(folded, "0123456789") && !syllable_valid(folded);
}

static int put_mended(struct scribe *r, const struct mended *m)
{
	int e = 0;
	size_t first = r->out->n;
	for (size_t i = 0; i < m->n && !e; i++) {
		const struct mend_piece *p = &m->at[i];
		r->out->n_letters += i > 0;
		e = p->full ? put_full(r, p->full, p->fold) : put_word(r, p->fold, p->marked ? p->key : p->fold, p->fold, (struct word){ .marked = p->marked });
	}
	for (size_t i = first + 1; i < r->out->n; i++)
		r->out->at[i].glued = true;
	return e;
}

/* Glued words, letters held too long: never a name, nor a word that phrases know as it stands. */
static bool mend(const struct scribe *r, const char *text, size_t n_bytes, const char *folded, struct mended *ret)
{
	const struct abbreviations *a = r->abbreviations;
	return a && a->lexicon && is_foreign(folded) && !lexicon_uses(a->lexicon, folded) &&
	       !(a->spelling && (spelling_spares(a->spelling, fold_behind(r), folded) || spelling_abroad(a->spelling, folded))) &&
	       mend_read(a, text, n_bytes, ret);
}

/* Is it a common word in other letters, or with two in each other's place, and no name? */
static bool misspelt(const struct scribe *r, const char *folded, bool marked, char ret[SYLLABLE_BYTES], bool *ret_swapped)
{
	const struct abbreviations *a = r->abbreviations;
	if (!a || !a->lexicon || lexicon_uses(a->lexicon, folded) ||
	    (a->spelling && (spelling_spares(a->spelling, fold_behind(r), folded) || spelling_abroad(a->spelling, folded))))
		return false;
	if (respell_read(a->lexicon, folded, ret))
		return true;
	*ret_swapped = !marked && mend_swapped(a, folded, ret);
	return *ret_swapped;
}

/* A word as it stands. */
static int put_plain(struct scribe *r, const char *folded, const char *key, bool marked)
{
	char letters[SYLLABLE_BYTES];
	struct word flags = { .marked = marked, .number = is_figure(folded) };
	size_t n = marked || flags.number ? 0 : counted(folded);
	if (n) {
		memcpy(letters, folded, n);
		letters[n] = '\0';
		return put_word(r, letters, letters, folded, flags);
	}
	flags.foreign = is_foreign(folded) && !flags.number;
	if (flags.foreign && misspelt(r, folded, marked, letters, &flags.swapped)) {
		flags.foreign = flags.marked = false;
		return put_word(r, letters, letters, folded, flags);
	}
	return put_word(r, folded, marked ? key : folded, folded, flags);
}

static int put_folded(struct scribe *r, const char *text, size_t n_bytes, const char *folded)
{
	char key[SYLLABLE_BYTES], read[SYLLABLE_BYTES];
	struct mended mended;
	r->out->n_letters += !all_digits(folded);
	const char *full = full_form(r, folded);
	if (full)
		return put_full(r, full, folded);
	bool marked = syllable_key(text, n_bytes, key), sound = marked && syllable_check(key) != SYLLABLE_NONE;
	r->odd = r->odd || (!sound && (marked || !*key));
	full = sound ? full_of_marked(r, key) : NULL;
	if (full)
		return put_full(r, full, folded);
	switch (sound ? KEYSTROKE_NONE : keystrokes(r, marked ? key : folded, folded, read)) {
	case KEYSTROKE_SURE: return put_keystrokes(r, read, folded);
	case KEYSTROKE_NONE: return !sound && mend(r, text, n_bytes, folded, &mended) ? put_mended(r, &mended) : put_plain(r, folded, key, marked);
	case KEYSTROKE_DOUBTFUL: break;
	}
	struct doubt d = { .word = r->out->n };
	memcpy(d.key, read, sizeof(d.key));
	int e = put_plain(r, folded, key, marked);
	return e ? e : buffer_put(&r->doubts, &d, sizeof(d));
}

/* Plain letters that make a syllable. */
static int put_native(struct scribe *r, const char *folded)
{
	const char *full = full_form(r, folded);
	r->out->n_letters++;
	return full ? put_full(r, full, folded) : put_word(r, folded, folded, folded, (struct word){ 0 });
}

/* Reads the marks of a common word. 1 = it stays one, 0 = they make it another word or none, E_NOMEM. */
static int read_marks(struct scribe *r, const char *text, size_t n_bytes, struct word *w)
{
	char key[SYLLABLE_BYTES];
	if (!syllable_key(text, n_bytes, key) || syllable_check(key) == SYLLABLE_NONE || full_of_marked(r, key))
		return 0;
	w->marked = true;
	w->key = keep(r, key);
	return w->key ? 1 : E_NOMEM;
}

/* Nearly all words: common ones that are read as they stand, folded to n_folded bytes. 1 = it is one, 0 = it is none, E_NOMEM. */
static int put_known(struct scribe *r, const char *text, size_t n_bytes, const char *folded, size_t n_folded)
{
	const struct abbreviations *a = r->abbreviations;
	struct words *w = r->out;
	struct word known = { .hash = word_hash(folded), .before = r->before };
	known.fold = a && a->lexicon ? lexicon_ordinary(a->lexicon, folded, known.hash, &known.id) : NULL;
	if (!known.fold)
		return 0;
	known.key = known.raw = known.fold;
	int e = n_folded == n_bytes ? 1 : read_marks(r, text, n_bytes, &known);
	if (e <= 0)
		return e;
	if (w->n == r->room && make_room(r, r->room * 2))
		return E_NOMEM;
	r->before = MARK_NONE;
	w->n_letters++;
	w->at[w->n++] = known;
	return 1;
}

int scribe_token(struct scribe *r, const char *text, size_t n_bytes)
{
	char brief[SYLLABLE_BYTES * 2];
	int n = fold_word(text, n_bytes, brief, sizeof(brief));
	int known = n > 0 ? put_known(r, text, n_bytes, brief, (size_t)n) : 0;
	if (known)
		return known < 0 ? known : 0;
	if (n > 0 && (size_t)n == n_bytes && syllable_native(brief))
		return put_native(r, brief);
	if (n > 0)
		return put_folded(r, text, n_bytes, brief);
	OWN(mem) char *folded = fold_part(text, n_bytes);
	if (!folded)
		return E_NOMEM;
	return *folded ? put_folded(r, text, n_bytes, folded) : 0;
}

bool scribe_spaced(struct scribe *r, const char *from, const char **p, int *ret)
{
	const struct abbreviations *a = r->abbreviations;
	struct spaced s;
	struct mended m;
	char folded[SYLLABLE_BYTES * 2];
	if (!a || !a->lexicon || from < r->unspaced)
		return false;
	spaced_read(from, &s);
	r->unspaced = s.end;
	bool whole = !r->out->n && s.last && s.n_letters >= SPACED_MIN_WHOLE;
	if ((!whole && s.n_letters < SPACED_MIN) || fold_word(s.text, s.n_bytes, folded, sizeof(folded)) < 0)
		return false;
	if (lexicon_uses(a->lexicon, folded))
		*ret = scribe_token(r, s.text, s.n_bytes);
	else if (mend_read(a, s.text, s.n_bytes, &m))
		*ret = put_mended(r, &m);
	else
		return false;
	*p = s.end;
	return true;
}

int scribe_settle(struct scribe *r)
{
	struct doubt d;
	for (size_t i = 0; r->keystrokes && i < r->doubts.n_bytes / sizeof(d); i++) {
		char plain[SYLLABLE_BYTES];
		memcpy(&d, r->doubts.data + i * sizeof(d), sizeof(d));
		syllable_fold(d.key, plain);
		struct word *w = &r->out->at[d.word];
		w->fold = keep(r, plain);
		w->key = keep(r, d.key);
		if (!w->fold || !w->key)
			return E_NOMEM;
		w->marked = w->typed = strcmp(plain, d.key) != 0;
		w->foreign = false;
	}
	return 0;
}


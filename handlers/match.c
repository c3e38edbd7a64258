/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two ways to match. From the first word on, backtracking over gaps and optional words only. Around a word that is known to be of the
 * phrase: sets of places that the elements behind it may end at, then sets that those before it may begin at; both are small. */
#include "handlers/match.h"

#include <string.h>

#include "handlers/syllable.h"

/* Of two words of the same fold, both with marks. */
static bool keys_match(const struct choice_word *p, const struct word *w)
{
	return strcmp(p->key, w->key) == 0 || (w->typed && !p->exact && syllable_omits(w->key, p->key));
}

static inline bool word_matches(const struct choice_word *p, const struct word *w)
{
	/* nearly all words differ, and this is asked a hundred times a message */
	if (p->id && w->id ? p->id != w->id : p->hash != w->hash || strcmp(p->fold, w->fold) != 0)
		return false;
	return !p->marked || !w->marked ? !p->exact || w->marked : keys_match(p, w);
}

/* The words of a choice behind its first one. */
static bool others_match(const struct choice *c, const struct words *w, size_t from)
{
	for (size_t i = 1; i < c->n; i++)
		if (from + i == w->n || !word_matches(&c->words[i], &w->at[from + i]) || w->at[from + i].before == MARK_STRONG)
			return false;
	return true;
}

/* Word from is there. */
static inline bool choice_at(const struct choice *c, const struct words *w, size_t from, bool first)
{
	const struct word *at = &w->at[from];
	if (!first && at->before == MARK_STRONG)
		return false;
	/* nearly all choices are one word of the lexicon without marks */
	if (c->plain && c->words[0].id && at->id)
		return c->words[0].id == at->id;
	return word_matches(&c->words[0], at) && (c->n == 1 || others_match(c, w, from));
}

bool match_choice(const struct choice *c, const struct words *w, size_t from)
{
	return choice_at(c, w, from, true);
}

/* The first choice whose first word has this hash, or where it would stand. */
static inline size_t first_choice(const struct choices *c, uint32_t hash)
{
	size_t low = 0, high = c->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (c->at[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Is the element one word of the lexicon without marks, as nearly half of all are? Then a word's place there tells all. */
static inline bool is_told(const struct pattern_element *e, const struct word *w)
{
	return e->id && w->id;
}

/* Can the element i stand at word at? A quick no for nearly all. */
static inline bool may_begin(const struct pattern *p, size_t i, const struct words *w, size_t at)
{
	const struct pattern_element *e = i < p->n ? &p->at[i] : NULL;
	if (!e || e->kind != ELEMENT_CHOICE || e->optional)
		return true;
	if (at >= w->n)
		return false;
	return is_told(e, &w->at[at]) ? e->id == w->at[at].id : choices_among(e->choices->starts, w->at[at].hash);
}

/* How a match goes on: with the element i, the first word still to come or not, the rest to be empty or not. */
struct course {
	size_t i;
	bool first, whole;
};

/* Elements from course.i on at word from. */
static bool match(const struct pattern *p, struct course c, const struct words *w, size_t from, size_t *ret_to)
{
	if (c.i == p->n) {
		*ret_to = from;
		return !c.whole || from == w->n;
	}
	struct course next = { c.i + 1, c.first, c.whole }, behind = { c.i + 1, false, c.whole };
	const struct pattern_element *e = &p->at[c.i];
	switch (e->kind) {
	case ELEMENT_START:
		return from == 0 && match(p, next, w, from, ret_to);
	case ELEMENT_END:
		return from == w->n && match(p, next, w, from, ret_to);
	case ELEMENT_NUMBER:
		return from < w->n && w->at[from].number && match(p, behind, w, from + 1, ret_to);
	case ELEMENT_GAP:
		for (size_t k = 0; k <= e->gap && from + k <= w->n; k++) {
			if (k == 0 && !c.first && from < w->n && w->at[from].before != MARK_NONE)
				return false;
			if (may_begin(p, next.i, w, from + k) && match(p, next, w, from + k, ret_to))
				return true;
			if (from + k == w->n || w->at[from + k].before != MARK_NONE)
				return false;
		}
		return false;
	case ELEMENT_CHOICE:
		if (from < w->n && is_told(e, &w->at[from])) {
			if (e->id == w->at[from].id && (c.first || w->at[from].before != MARK_STRONG) && match(p, behind, w, from + 1, ret_to))
				return true;
		} else if (from < w->n && choices_among(e->choices->starts, w->at[from].hash))
			for (size_t k = first_choice(e->choices, w->at[from].hash); k < e->choices->n && e->choices->at[k].hash == w->at[from].hash; k++)
				if (choice_at(&e->choices->at[k], w, from, c.first) && match(p, behind, w, from + e->choices->at[k].n, ret_to))
					return true;
		return e->optional && match(p, next, w, from, ret_to);
	}
	return false;
}

bool match_at(const struct pattern *p, const struct words *w, size_t from, bool whole, size_t *ret_to)
{
	return may_begin(p, 0, w, from) && match(p, (struct course){ .first = true, .whole = whole }, w, from, ret_to);
}

/* Words around the one that is known; places in them are bits, the lowest one that of word base. */
struct view {
	const struct words *w;
	size_t base;
	uint64_t parted, strong; /* those with a mark before them, with a strong one */
	uint64_t all;		 /* those of words, and the one behind the last word */
};

static inline uint64_t place(const struct view *v, size_t at)
{
	return UINT64_C(1) << (at - v->base);
}

/* The word of the lowest bit. */
static inline size_t word_of(const struct view *v, uint64_t places)
{
	return v->base + (size_t)__builtin_ctzll(places);
}

static uint64_t behind_choice(const struct view *v, const struct pattern_element *e, uint64_t from)
{
	uint64_t to = e->optional ? from : 0;
	for (; from; from &= from - 1) {
		size_t at = word_of(v, from);
		if (at == v->w->n)
			break;
		if (is_told(e, &v->w->at[at])) {
			to |= e->id == v->w->at[at].id ? (from & -from & ~v->strong) << 1 : 0;
			continue;
		}
		if (!choices_among(e->choices->starts, v->w->at[at].hash))
			continue;
		for (size_t k = first_choice(e->choices, v->w->at[at].hash); k < e->choices->n && e->choices->at[k].hash == v->w->at[at].hash; k++)
			if (choice_at(&e->choices->at[k], v->w, at, false))
				to |= place(v, at + e->choices->at[k].n);
	}
	return to;
}

static uint64_t behind_number(const struct view *v, uint64_t from)
{
	uint64_t to = 0;
	for (; from; from &= from - 1) {
		size_t at = word_of(v, from);
		to |= at < v->w->n && v->w->at[at].number ? place(v, at + 1) : 0;
	}
	return to;
}

static uint64_t behind_gap(const struct view *v, size_t gap, uint64_t from)
{
	uint64_t to = from &= ~v->parted;
	for (; gap && from; gap--) {
		to |= from = from << 1 & v->all;
		from &= ~v->parted;
	}
	return to;
}

/* Where an element may end that begins at one of these places. */
static uint64_t places_behind(const struct view *v, const struct pattern_element *e, uint64_t from)
{
	switch (e->kind) {
	case ELEMENT_CHOICE: return behind_choice(v, e, from);
	case ELEMENT_NUMBER: return behind_number(v, from);
	case ELEMENT_GAP: return behind_gap(v, e->gap, from);
	case ELEMENT_START:
	case ELEMENT_END: break;
	}
	return from;
}

/* Where the rest of a phrase may begin: when it is the phrase's beginning, and when words of the phrase stand before it. */
struct rest {
	uint64_t first, inner;
};

static bool ends_with(const struct pattern_element *e, const struct words *w, size_t at, size_t n_words)
{
	if (is_told(e, &w->at[at]))
		return n_words == 1 && e->id == w->at[at].id;
	if (!choices_among(e->choices->starts, w->at[at].hash))
		return false;
	for (size_t k = first_choice(e->choices, w->at[at].hash); k < e->choices->n && e->choices->at[k].hash == w->at[at].hash; k++)
		if (e->choices->at[k].n == n_words && choice_at(&e->choices->at[k], w, at, true))
			return true;
	return false;
}

static struct rest before_choice(const struct view *v, const struct pattern_element *e, struct rest r)
{
	struct rest ret = e->optional ? r : (struct rest){ 0 };
	uint64_t from = 0;
	for (uint64_t to = r.inner; to; to &= to - 1)
		for (size_t at = word_of(v, to), n = 1; n <= e->most && at >= v->base + n; n++)
			if (ends_with(e, v->w, at - n, n))
				from |= place(v, at - n);
	ret.first |= from;
	ret.inner |= from & ~v->strong;
	return ret;
}

static struct rest before_number(const struct view *v, struct rest r)
{
	struct rest ret = { 0 };
	for (uint64_t to = r.inner; to; to &= to - 1) {
		size_t at = word_of(v, to);
		ret.first |= at > v->base && v->w->at[at - 1].number ? place(v, at - 1) : 0;
	}
	ret.inner = ret.first;
	return ret;
}

/* Places from which a gap leads to one of these, words between. */
static uint64_t across_gap(const struct view *v, size_t gap, uint64_t to)
{
	uint64_t from = 0;
	for (; gap && to; gap--)
		from |= to = to >> 1 & ~v->parted;
	return from;
}

static struct rest before_gap(const struct view *v, size_t gap, struct rest r)
{
	return (struct rest){ r.first | across_gap(v, gap, r.first), (r.inner & ~v->parted) | across_gap(v, gap, r.inner) };
}

/* Where it may begin with one more element, which stands before the rest. */
static struct rest places_before(const struct view *v, const struct pattern_element *e, struct rest r)
{
	switch (e->kind) {
	case ELEMENT_CHOICE: return before_choice(v, e, r);
	case ELEMENT_NUMBER: return before_number(v, r);
	case ELEMENT_GAP: return before_gap(v, e->gap, r);
	case ELEMENT_START:
	case ELEMENT_END: break;
	}
	return r;
}

uint64_t match_around(const struct pattern_element *elements, size_t n, size_t i, const struct choice *c, const struct words *w,
		      const struct vicinity *near, size_t at, size_t *ret_base)
{
	if (c && !choice_at(c, w, at, true))
		return 0;
	size_t base = at > elements[i].back ? at - elements[i].back : 0, places = w->n - base < MATCH_WORDS_MAX ? w->n - base : MATCH_WORDS_MAX;
	const struct view v = { w, base, vicinity_places(near->parted, base), vicinity_places(near->strong, base), (UINT64_C(2) << places) - 1 };
	uint64_t to = place(&v, at + (c ? c->n : 1));
	for (size_t k = i + 1; k < n && to; k++)
		to = places_behind(&v, &elements[k], to);
	if (!to)
		return 0;
	struct rest r = { place(&v, at), place(&v, at) & ~v.strong };
	while (i > 0 && r.first)
		r = places_before(&v, &elements[--i], r);
	*ret_base = v.base;
	return r.first;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A phrase to look for in words, written as data: words in order; a|b one of them (several words joined by _); @name a class of
 * the keyword file; # a number; .. up to three words between, ... up to seven (never across a comma or full stop); word? may be
 * absent; ^ and $ the message's ends. A word written with marks matches marked words exactly and unmarked ones by fold; a
 * word written without marks matches by fold alone. Pure. */
#ifndef CAUNOI_HANDLERS_PATTERN_H
#define CAUNOI_HANDLERS_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "handlers/choices.h"
#include "handlers/words.h"

#define PATTERN_NEEDS 4

enum element_kind { ELEMENT_CHOICE, ELEMENT_NUMBER, ELEMENT_GAP, ELEMENT_START, ELEMENT_END };
struct pattern_element {
	struct choices *choices; /* of ELEMENT_CHOICE, else NULL */
	enum element_kind kind;
	uint32_t id; /* where it is one word without marks: that word's place in the lexicon; 0 = look at choices */
	bool optional;
	uint8_t gap; /* words that may lie between */
	uint16_t least, most; /* words it takes */
	uint16_t back; /* words that stand before it, at most */
};
struct pattern {
	char *text; /* as written */
	uint64_t need[PATTERN_NEEDS]; /* a message lacks the phrase when it has no bit of one of these; 0 = nothing needed */
	struct pattern_element *at;
	size_t n;
	uint32_t phrase; /* its place in the lexicon where a word tells of it; 0 = none does */
	uint16_t least, most; /* words it takes */
	bool bound; /* where a text begins or ends matters to it */
};
/* Words [from, to) of a message. */
struct span {
	size_t from, to;
};

/* classes may be NULL. E_INVALID unknown class or empty, E_NOMEM. */
MUST_CHECK int pattern_parse(const char *text, struct word_classes *classes, struct pattern *ret);
void pattern_done(struct pattern *p);
/* First place at or behind from. */
bool pattern_find(const struct pattern *p, const struct words *w, size_t from, struct span *ret);
/* The same, its first word among those of starts_in. */
bool pattern_find_in(const struct pattern *p, const struct words *w, struct span starts_in, struct span *ret);
/* At exactly this word; *ret_to behind it. */
bool pattern_at(const struct pattern *p, const struct words *w, size_t from, size_t *ret_to);

/* A list of them. */
struct patterns {
	struct pattern *at;
	size_t n;
	size_t base; /* place of the first one in its lexicon; 0: in none */
	size_t list; /* its own place there */
};
MUST_CHECK int patterns_add(struct patterns *list, const char *text, struct word_classes *classes);
void patterns_done(struct patterns *list);
/* The first bit set in [from, to); to when there is none. */
static inline size_t pattern_bit(const uint64_t *bits, size_t from, size_t to)
{
	while (from < to) {
		uint64_t rest = bits[from / 64] >> from % 64;
		if (rest) {
			from += (size_t)__builtin_ctzll(rest);
			break;
		}
		from += 64 - from % 64;
	}
	return from < to ? from : to;
}
/* May any phrase of the lists from first to last, neighbours in their lexicon, occur in w? */
static inline bool patterns_may(const struct patterns *first, const struct patterns *last, const struct words *w)
{
	if (!w->may || !first->base)
		return true;
	return first == last ? w->lists[first->list / 64] >> first->list % 64 & 1 : pattern_bit(w->lists, first->list, last->list + 1) <= last->list;
}
/* Of n lists, neighbours in their lexicon, the first from list i on that a phrase of may occur in w; n when there is none. */
static inline size_t patterns_list(const struct patterns *first, size_t i, size_t n, const struct words *w)
{
	return !w->may || !first->base ? i : pattern_bit(w->lists, first->list + i, first->list + n) - first->list;
}
/* The list's first phrase from *i on that may occur in w at all, *i then behind it; NULL when there is no more. */
static inline const struct pattern *patterns_next(const struct patterns *list, const struct words *w, size_t *i)
{
	size_t at = *i;
	if (w->may && list->base) {
		if (!(w->lists[list->list / 64] >> list->list % 64 & 1))
			return NULL;
		at = pattern_bit(w->may, list->base + at, list->base + list->n) - list->base;
	}
	*i = at + 1;
	return at < list->n ? &list->at[at] : NULL;
}
/* The longest phrase of the list at this word, *ret_to behind it; NULL none. */
const struct pattern *patterns_at(const struct patterns *list, const struct words *w, size_t from, size_t *ret_to);
/* The first of the list that occurs at or behind from; NULL none. ret may be NULL. */
const struct pattern *patterns_search(const struct patterns *list, const struct words *w, size_t from, struct span *ret);
/* The same; no more than one look for nearly all lists. */
static inline const struct pattern *patterns_find(const struct patterns *list, const struct words *w, size_t from, struct span *ret)
{
	return patterns_may(list, list, w) ? patterns_search(list, w, from, ret) : NULL;
}
/* One that takes exactly the words of whole; compared with every phrase, and the same with one look for nearly all lists. */
const struct pattern *patterns_compare(const struct patterns *list, const struct words *w, struct span whole);
static inline const struct pattern *patterns_whole(const struct patterns *list, const struct words *w, struct span whole)
{
	return patterns_may(list, list, w) ? patterns_compare(list, w, whole) : NULL;
}

#endif

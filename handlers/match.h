/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a phrase stand at some words? From its first word on, as rules ask, or around a word of it, as the lexicon does for all phrases
 * that a message may hold. Called by pattern.c and lexicon.c; pure. */
#ifndef CAUNOI_HANDLERS_MATCH_H
#define CAUNOI_HANDLERS_MATCH_H

#include "handlers/pattern.h"
#include "handlers/vicinity.h"

#define MATCH_WORDS_MAX 60 /* that a phrase may take */

/* Does the choice stand at word from of w? */
bool match_choice(const struct choice *c, const struct words *w, size_t from);
/* At word from, the shortest gaps first; *ret_to behind it. whole: it ends where w does. */
bool match_at(const struct pattern *p, const struct words *w, size_t from, bool whole, size_t *ret_to);
/* Where a phrase of n elements begins when the element i stands at word at as this choice of it (NULL: as that word, which is known); ^ and $ hold anywhere, as a rule may look at a part of w.
 * Bits of words, the lowest one that of word *ret_base; 0 = it does not stand so in any part of w. */
uint64_t match_around(const struct pattern_element *elements, size_t n, size_t i, const struct choice *c, const struct words *w,
		      const struct vicinity *near, size_t at, size_t *ret_base);

#endif

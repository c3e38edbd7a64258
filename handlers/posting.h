/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A phrase under one word of it, with what must stand beside that word. Made by lexicon.c for each word that gives a phrase away, asked for
 * every such word of a message; most are passed over by their gates alone. */
#ifndef CAUNOI_HANDLERS_POSTING_H
#define CAUNOI_HANDLERS_POSTING_H

#include "handlers/pattern.h"
#include "handlers/vicinity.h"

/* As bits of words: one of before within that reach before the word, one of behind within that reach behind it, one of need
 * anywhere, and by word_bit_too one of too, which another element asks for where there is one, or a number. Those of a word's
 * postings lie side by side. */
struct gate {
	uint64_t before, behind, need, too;
	enum reach before_reach : 16, behind_reach : 16;
};
struct posting {
	const struct pattern_element *elements; /* the phrase's; without a look at the phrase itself, as each look is far */
	const struct choice *choice; /* the one that holds the word */
	uint32_t phrase;
	uint16_t list;
	uint16_t n, element; /* of the elements; the one that holds the choice */
	uint16_t place; /* of the word in its choice */
	bool bare;	/* the choice is this word, whatever marks it has */
	bool single;	/* the phrase is nothing but its choice */
};

/* Fills what follows from elements, element, choice and place. */
void posting_settle(struct posting *p, struct gate *ret_gate);
/* has, too: what the message holds, by word_bit and by word_bit_too. */
static inline bool gate_open(const struct gate *g, const struct near *near, uint64_t has, uint64_t too)
{
	return (g->behind & near->behind[g->behind_reach]) && (g->before & near->before[g->before_reach]) && (g->need & has) &&
	       (g->too & too);
}
/* Where the phrase may begin when its word is word at: bits of words, the lowest one that of word *ret_base; 0 = it does not stand there. */
uint64_t posting_starts(const struct posting *p, const struct words *w, const struct vicinity *v, size_t at, size_t *ret_base);

#endif

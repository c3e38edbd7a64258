/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands near each word of a message, and where marks part them: as bits, made once a message by lexicon.c for all phrases that it
 * looks at. Words are bits by their hash (word_bit), places are bits by their order. */
#ifndef CAUNOI_HANDLERS_VICINITY_H
#define CAUNOI_HANDLERS_VICINITY_H

#include "handlers/words.h"

#define VICINITY_NUMBER UINT64_C(1) /* a bit that all numbers have besides their own */

/* How far from a word another one is looked for. */
enum reach { REACH_NEXT, REACH_SHORT, REACH_LONG, REACH_ALL, REACH_COUNT };
#define REACH_SHORT_WORDS 4
#define REACH_LONG_WORDS 8

/* Words from some place on: the first, the first four, the first eight. */
struct vicinity_run {
	uint64_t words[REACH_ALL];
};
struct vicinity {
	struct vicinity_run *runs; /* the first one is that of the place REACH_LONG_WORDS before the first word */
	uint64_t has; /* all words, by word_bit_too, and VICINITY_NUMBER */
	uint64_t *parted, *strong; /* words with a mark before them, with a strong one */
};
/* Words on either side of one, by reach. */
struct near {
	uint64_t before[REACH_COUNT], behind[REACH_COUNT];
};

/* The least reach of so many words; 0 or too many: REACH_ALL. */
static inline enum reach vicinity_reach(uint32_t words)
{
	return words == 1 ? REACH_NEXT : !words || words > REACH_LONG_WORDS ? REACH_ALL : words > REACH_SHORT_WORDS ? REACH_LONG : REACH_SHORT;
}
/* Room that it needs for n words. */
size_t vicinity_bytes(size_t n);
/* room: aligned to 8 bytes, borrowed. */
void vicinity_read(const struct words *w, void *room, struct vicinity *ret);
static inline struct near vicinity_near(const struct vicinity *v, size_t at)
{
	const struct vicinity_run *here = &v->runs[REACH_LONG_WORDS + at];
	return (struct near){
		{ here[-1].words[REACH_NEXT], here[-REACH_SHORT_WORDS].words[REACH_SHORT], here[-REACH_LONG_WORDS].words[REACH_LONG], UINT64_MAX },
		{ here[1].words[REACH_NEXT], here[1].words[REACH_SHORT], here[1].words[REACH_LONG], UINT64_MAX },
	};
}
/* 64 places of parted or strong from word base on. */
static inline uint64_t vicinity_places(const uint64_t *bits, size_t base)
{
	size_t at = base / 64, shift = base % 64;
	return shift ? bits[at] >> shift | bits[at + 1] << (64 - shift) : bits[at];
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message as the words that rules look at: folded, keyboards' residue decoded, abbreviations written out, glued ones apart. Each word
 * remembers whether its author wrote marks, so that "đúng" never passes for "dừng" while "dung" may be either. */
#ifndef CAUNOI_HANDLERS_WORDS_H
#define CAUNOI_HANDLERS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "handlers/abbreviation.h"
#include "handlers/arena.h"
#include "handlers/letter.h"

#define WORDS_MAX 1500 /* what follows is kept but not looked at */
#define WORDS_LISTS 4	/* times 64 lists of phrases */

struct word {
	const char *fold; /* as matched */
	const char *key;  /* syllable_key of it, or the fold when unmarked */
	const char *raw;  /* fold as written, before decoding and abbreviations */
	uint32_t hash;    /* word_hash of fold */
	uint32_t id;      /* its place in the lexicon; 0 = not looked up, or not there */
	bool marked, number, foreign; /* number: with its unit, too ("20kg"); foreign: no syllable, no abbreviation, no number */
	bool typed;   /* marks of a keyboard that composed none: some may be left out */
	bool swapped; /* two of its letters changed places */
	bool glued; /* written without a space behind the word before it */
	enum mark before;
};

/* Where a phrase begins: at word from first, at word to last. */
struct words_start {
	uint16_t from, to;
};

struct words {
	struct word *at;
	size_t n;
	size_t n_letters; /* tokens that hold a letter */
	uint64_t has;  /* bits of the words it holds (word_bit); 0 = not known: a phrase whose words are not among them cannot occur */
	uint64_t *may; /* bits of the phrases that may occur, written by lexicon.c; NULL = any may */
	uint64_t lists[WORDS_LISTS]; /* bits of the lists that hold one of those */
	struct words_start *starts; /* of those phrases; behind may in its memory */
	bool cut; /* a part of a message: phrases that stand in the whole may not stand here */
	bool only_question_marks, emoji, any; /* any: something besides space was written */
	struct arena texts;
};

/* A folded word as a number, and that as one of 64 bits. */
uint32_t word_hash(const char *fold);
static inline uint64_t word_bit(uint32_t hash)
{
	return UINT64_C(1) << (hash >> 26);
}
/* The same by another part of the hash: few words share both. */
static inline uint64_t word_bit_too(uint32_t hash)
{
	return UINT64_C(1) << (hash >> 20) % 64;
}
/* The words [from, to) alone, or the first n; borrowed from w. */
struct words words_part(const struct words *w, size_t from, size_t to);
struct words words_until(const struct words *w, size_t n);
/* text is valid UTF-8; abbreviations may be NULL. E_NOMEM. *ret is the caller's. */
MUST_CHECK int words_new(const char *text, const struct abbreviations *a, struct words **ret);
void words_free(struct words *w);
OWN_DEFINE(words, struct words *, words_free)

#endif

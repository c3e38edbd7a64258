/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one element of a phrase may be: words or short runs of words, "gui|nhan_tin|@stop" with the classes written out. Phrases that ask
 * for the same share one set of them, which lies in memory as one piece. Made by pattern.c, looked into by match.c, lexicon.c and forms.c;
 * but for the words' places in the lexicon it never changes. */
#ifndef CAUNOI_HANDLERS_CHOICES_H
#define CAUNOI_HANDLERS_CHOICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"

struct choice_word {
	const char *fold, *key;
	uint32_t hash; /* word_hash of fold */
	uint32_t id;   /* its place in the lexicon; 0 = in none */
	bool marked;
	bool exact; /* matches marked words only */
};
struct choice {
	struct choice_word *words;
	uint32_t hash; /* of its first word */
	uint16_t n;
	bool plain; /* one word without marks */
};
struct choices {
	uint64_t starts[4]; /* bits of the words that choices begin with (choices_among) */
	uint64_t ends[4];   /* of those that they end with */
	uint64_t begins;    /* word_bit of the former */
	uint16_t least, most; /* words that one takes */
	uint32_t n;
	uint32_t n_holders;
	struct choice at[]; /* by hash, those that share it as they were written; their words and texts lie behind */
};

/* Words a class stands for, each as a choice is written. */
struct word_class {
	char *name;
	char **members;
	size_t n;
};
/* Classes of a file by their names, and what its phrases asked for so far. All zero: none. */
struct word_classes {
	struct word_class *at;
	size_t n;
	struct shared_choices *shared; /* a hash table */
	size_t n_shared, room;
};

/* May a word of this hash be in a set of words as starts and ends keep it? */
static inline bool choices_among(const uint64_t set[4], uint32_t hash)
{
	return set[hash >> 30] >> (hash >> 24) % 64 & 1;
}
/* text: n_bytes of it count. classes may be NULL, else they keep a hold on *ret for the next who asks for the same. E_INVALID unknown
 * class, no word; E_NOMEM. *ret is to be dropped. */
MUST_CHECK int choices_parse(const char *text, size_t n_bytes, struct word_classes *classes, struct choices **ret);
/* The last one to drop it frees it; NULL is none. */
void choices_drop(struct choices *c);
void word_classes_done(struct word_classes *c);

#endif

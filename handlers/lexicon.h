/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which phrases may occur in a message at all: from each word of the keyword files to the phrases that cannot do without it.
 * Built once by keywords.c, asked once a message by parse.c; the phrases left are the only ones that are looked for. */
#ifndef CAUNOI_HANDLERS_LEXICON_H
#define CAUNOI_HANDLERS_LEXICON_H

#include "handlers/pattern.h"

struct lexicon;

/* Over all phrases of these lists, which learn their place in it and must not change while it lives. E_NOMEM. */
MUST_CHECK int lexicon_new(struct patterns *const *lists, size_t n_lists, struct lexicon **ret);
void lexicon_free(struct lexicon *l);
OWN_DEFINE(lexicon, struct lexicon *, lexicon_free)
/* How many times phrases name this word; 0 = none does. */
uint32_t lexicon_uses(const struct lexicon *l, const char *fold);
/* Learns which of its words are syllables that no short form hides. */
void lexicon_settle(struct lexicon *l, const struct abbreviations *a);
/* Such a word, with its place in the lexicon; NULL when it is none. hash: word_hash of fold. */
const char *lexicon_ordinary(const struct lexicon *l, const char *fold, uint32_t hash, uint32_t *ret_id);
/* Notes in w which phrases may occur in it. E_NOMEM. */
MUST_CHECK int lexicon_mark(const struct lexicon *l, struct words *w);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A short line as the words of names: each as it was written and folded, numbers that name a person left out, what only leads to a name or
 * is polite behind it taken off. Pure; made for household.c. */
#ifndef CAUNOI_HANDLERS_NAMELINE_H
#define CAUNOI_HANDLERS_NAMELINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/err.h"

#define NAMELINE_WORDS 24
#define NAMELINE_WORD_BYTES 48

struct name_word {
	char raw[NAMELINE_WORD_BYTES], fold[NAMELINE_WORD_BYTES];
	bool apart; /* a comma, a dash or a line break stands before it */
};

struct nameline {
	struct name_word at[NAMELINE_WORDS];
	size_t from, n; /* the words [from, n) */
};

/* What is behind the NAMELINE_WORDS-th word is left out. E_NOMEM. */
MUST_CHECK int nameline_read(const char *text, struct nameline *ret);
/* Takes off "dk", phrases of the list (may be NULL) and "chu ho ten la" in front, "nhe can bo" behind. */
MUST_CHECK int nameline_strip(struct nameline *l, const json_t *phrases);
/* The same for an answer that is a place: "em o …". */
void nameline_strip_place(struct nameline *l);
/* The folds of [from, to) with a space between, or with none. False: no room. */
bool nameline_join(const struct nameline *l, size_t from, size_t to, const char *between, char *out, size_t room);
/* The words as they were written; a word all small or all capital begins with a capital. */
void nameline_title(const struct nameline *l, size_t from, size_t to, char *out, size_t room);

#endif

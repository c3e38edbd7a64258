/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How people's spelling is read: the file keywords/spelling.conf. Names that no decoder may touch, words that a number follows
 * ("thon5" is a hamlet, not a tone), and short forms whose meaning hangs on their neighbours. Read by keywords.c, asked by
 * words.c; const for the life of a configuration. */
#ifndef CAUNOI_HANDLERS_SPELLING_H
#define CAUNOI_HANDLERS_SPELLING_H

#include <stdbool.h>
#include <stddef.h>

#include "config/wordset.h"
#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

struct shelf;

/* A short form and where it means what: any one neighbour suffices. "#" a number, "^" and "$" the message's ends. */
struct short_form {
	char *brief, *full;
	struct wordset behind, before;
};

struct spelling {
	struct wordset spared, abroad, numbered;
	struct short_form *forms; /* those of one brief in the order of the file */
	size_t n_forms;
};

/* A word's neighbours: folds, NULL = the message's end. */
struct neighbours {
	const char *behind; /* the word before it */
	bool behind_number;
	const char *before;
	bool before_number;
};

/* E_CONFIG with *c filled, E_NOMEM. */
MUST_CHECK int spelling_load(const struct shelf *shelf, struct spelling *ret, struct complaint *c);
void spelling_done(struct spelling *s);
/* Is there a short form of this name that depends on its place? */
bool spelling_depends(const struct spelling *s, const char *brief);
/* What brief stands for there; NULL when no row fits. Borrowed. */
const char *spelling_full(const struct spelling *s, const char *brief, const struct neighbours *at);
/* Does fold stay as it is written: a name by itself, or with the word before it? */
bool spelling_spares(const struct spelling *s, const char *behind, const char *fold);
/* Is fold a word from abroad, which stays unless others around it are keystrokes? */
bool spelling_abroad(const struct spelling *s, const char *fold);
/* Does a number follow these letters without a space? n_bytes of them count. */
bool spelling_numbers(const struct spelling *s, const char *letters, size_t n_bytes);

#endif

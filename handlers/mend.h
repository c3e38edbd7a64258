/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was meant by a token that is no word: words written without spaces ("dungguitinnua"), letters held too long ("guiii",
 * "khonggg"). It must come apart into syllables, most of them words that the phrases name; else it stays as it is. Called by
 * words.c for the few tokens that are nothing else; pure. */
#ifndef CAUNOI_HANDLERS_MEND_H
#define CAUNOI_HANDLERS_MEND_H

#include <stdbool.h>
#include <stddef.h>

#include "handlers/abbreviation.h"
#include "handlers/syllable.h"

#define MEND_LETTERS 48 /* longer tokens stay */
#define MEND_PIECES 16

struct mend_piece {
	char fold[SYLLABLE_BYTES], key[SYLLABLE_BYTES]; /* key: the fold when unmarked */
	bool marked;
	const char *full; /* of a short form, borrowed; NULL = it stands for itself */
};
struct mended {
	struct mend_piece at[MEND_PIECES];
	size_t n;
};

/* token: letters of NFC text. False = nothing better is known than what stands there. */
bool mend_read(const struct abbreviations *a, const char *token, size_t n_bytes, struct mended *ret);
/* fold is no syllable: the common word that it is when two neighbouring letters change places ("dugn"). False = none. */
bool mend_swapped(const struct abbreviations *a, const char *fold, char ret[SYLLABLE_BYTES]);

#endif

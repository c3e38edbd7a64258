/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Short forms people write: "ko" is "khong". Filled by keyfile.c, asked by words.c and mend.c for nearly every word of every
 * message; const for the life of a configuration. */
#ifndef CAUNOI_HANDLERS_ABBREVIATION_H
#define CAUNOI_HANDLERS_ABBREVIATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ABBREVIATION_LENGTHS 8 /* forms of this length or more share a row */

struct lexicon;
struct spelling;

/* brief: a fold, or the key of a word that has marks and means it only with them ("nỏ"); full: several words with spaces. */
struct abbreviation {
	char *brief, *full;
};
struct abbreviations {
	struct abbreviation *at; /* sorted by brief */
	size_t n;
	char **not_zero_before; /* words before which a lone 0 means "không"; NULL-terminated */
	const struct spelling *spelling; /* borrowed; NULL = keystrokes are not read, nothing hangs on its place */
	const struct lexicon *lexicon;   /* borrowed; words that phrases name. NULL = nothing is mended */
	bool ready; /* the masks below are filled */
	uint32_t first[ABBREVIATION_LENGTHS], last[ABBREVIATION_LENGTHS]; /* letters that forms of a length begin and end with */
};

/* To be called when at and spelling hold all they will. */
void abbreviations_ready(struct abbreviations *a);
/* Could fold be a short form, or one whose meaning hangs on its place? A quick no for nearly all words. */
bool abbreviations_may(const struct abbreviations *a, const char *fold, size_t n_bytes);
/* What brief stands for by itself; NULL = it is none. */
const char *abbreviations_full(const struct abbreviations *a, const char *brief);
void abbreviations_done(struct abbreviations *a);

#endif

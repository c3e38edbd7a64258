/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters written one by one: "t u c h o i", "S.T.O.P". Gathers them, words.c judges whether they are a word together. Pure. */
#ifndef CAUNOI_HANDLERS_SPACED_H
#define CAUNOI_HANDLERS_SPACED_H

#include <stdbool.h>
#include <stddef.h>

#include "handlers/mend.h"

#define SPACED_MIN 4	   /* letters; fewer are short forms side by side: "e k o" */
#define SPACED_MIN_WHOLE 2 /* the same where the message is nothing else */

struct spaced {
	char text[MEND_LETTERS * 4 + 1]; /* the letters without what stood between, as they were written */
	size_t n_bytes, n_letters;
	const char *end; /* behind the last one */
	bool last;	 /* no letter or digit stands behind it */
};

/* from: a letter at a word's beginning, in NFC text. Letters that stand in a word with others are not taken. */
void spaced_read(const char *from, struct spaced *ret);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a message answer the open question, and how: digit, spelled number, label, words of an option, yes or no. Pure; called
 * by parse.c. */
#ifndef CAUNOI_HANDLERS_PICK_H
#define CAUNOI_HANDLERS_PICK_H

#include "handlers/context.h"
#include "handlers/keywords.h"
#include "handlers/words.h"

struct pick {
	char value[16];       /* an option's value, "YES", "NO", "EXIT", "INVALID" */
	const char *topic;    /* of a menu's option; "" none */
	const char *how;      /* "digit", "spelled", "label", "yes", "no", "several", "range", "corrected" */
	bool trailing;        /* more was said than the answer */
	struct span at;       /* the words of the answer */
};

/* Reads words [part.from, part.to) of w. */
bool pick_read_part(const struct keywords *k, const struct words *w, struct span part, const struct context *x, struct pick *ret);
bool pick_read(const struct keywords *k, const struct words *w, const struct context *x, struct pick *ret);

/* The words of a message without lead and tail words of the given lists. */
struct span pick_strip(const struct words *w, const struct patterns *lead, const struct patterns *tail);
/* The same of a part of it. */
struct span pick_strip_part(const struct words *w, struct span part, const struct patterns *lead, const struct patterns *tail);

#endif

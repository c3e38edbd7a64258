/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands misspelt by one letter, or with two swapped: "bhty", "tu coi". Only ever a reason to ask back. Pure; its list is
 * gathered by keywords.c out of the phrases that stand for a command. */
#ifndef CAUNOI_HANDLERS_NEARWORD_H
#define CAUNOI_HANDLERS_NEARWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/err.h"
#include "handlers/pattern.h"

#define NEARWORD_CHARS_MIN 4
#define NEARWORD_BYTES 48

struct nearword {
	char text[NEARWORD_BYTES]; /* "tu choi", "bhyt" */
	int action;                /* the caller's: a list, or LIST_COUNT and a topic's index */
	bool single;               /* one word */
};
struct nearwords {
	struct nearword *at;
	size_t n;
};

/* Adds every form that a phrase without gaps stands for. E_NOMEM. */
MUST_CHECK int nearwords_add(struct nearwords *list, const struct patterns *phrases, int action);
void nearwords_done(struct nearwords *list);
/* The first at distance 1 of text; NULL none. */
const struct nearword *nearwords_find(const struct nearwords *list, const char *text, bool single);
/* One letter more, less or other, or two neighbours swapped; false for equal texts. */
bool nearword_differs_by_one(const char *a, const char *b);

#endif

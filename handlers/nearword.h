/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands misspelt by one letter, or with two swapped: "bhty", "tu coi". Only ever a reason to ask back. Pure. */
#ifndef CAUNOI_HANDLERS_NEARWORD_H
#define CAUNOI_HANDLERS_NEARWORD_H

#include "handlers/forms.h"

#define NEARWORD_CHARS_MIN 4

/* The first form of four letters or more at distance 1 of text, single: among single words; NULL none. */
const struct form *nearword_find(const struct forms *list, const char *text, bool single);
/* One letter more, less or other, or two neighbours swapped; false for equal texts. */
bool nearword_differs_by_one(const char *a, const char *b);

#endif

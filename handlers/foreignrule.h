/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rule for messages in another language: kept for a person, never guessed at. A row of the table of parse.c. */
#ifndef CAUNOI_HANDLERS_FOREIGNRULE_H
#define CAUNOI_HANDLERS_FOREIGNRULE_H

#include "handlers/reading.h"

/* How many of the words are no syllable, no short form and no number. */
size_t foreignrule_count(const struct words *w);
/* Nothing in Vietnamese is said, or the message names its language. */
bool foreignrule_language(struct reading *r);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was learnt of words (weights.h) has its say beside the rules: about which topic comes first, about charges, danger and refusals
 * that no phrase of the files knows, and about phrases of theirs that mean something else. Private to parse.c and its rules. */
#ifndef CAUNOI_HANDLERS_LEARNT_H
#define CAUNOI_HANDLERS_LEARNT_H

#include "handlers/reading.h"
#include "handlers/weights.h"

/* How the words lean; a phrase of the files that says yes is believed unless they lean far against it. */
enum leaning { LEARNT_NEVER, LEARNT_NOTHING, LEARNT_PERHAPS, LEARNT_SURELY };

enum leaning learnt_leans(struct reading *r, enum weights_flag flag);
/* Do the words of the whole message, and of the clauses where a phrase said so, lean far against it? */
bool learnt_denies(struct reading *r, enum weights_flag flag, struct span said);
/* Keeps the words that lean so most. */
void learnt_quote(struct reading *r, enum weights_flag flag);
/* Orders the topics that scored; adds one that no phrase knows. */
void learnt_topics(struct reading *r);
/* All topics and the nature of what is told; the campaign's topic stands in where the words name none. */
void learnt_settle(struct reading *r);

#endif

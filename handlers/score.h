/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a text is about: phrases of topics.conf found in its words, the longest first, each word spoken for once. Pure. */
#ifndef CAUNOI_HANDLERS_SCORE_H
#define CAUNOI_HANDLERS_SCORE_H

#include "handlers/keywords.h"
#include "handlers/words.h"

#define SCORE_TOPICS_MAX 6

struct score_row {
	const struct topic *topic;
	int points;
	struct span at; /* words of its first phrase */
};
struct score {
	struct score_row rows[SCORE_TOPICS_MAX]; /* the strongest first */
	size_t n;
};

/* preferred ("" none) decides between equals; the words of the n spans of except speak for nothing. */
void score_topics(const struct keywords *k, const struct words *w, const char *preferred, const struct span *except, size_t n, struct score *ret);
/* As if no phrase had spoken for it. */
void score_drop(struct score *s, const struct topic *t);
/* Puts a topic first, with its own points, or these when none of its phrases spoke for it; reviewed = before it comes what is
 * before_charge. */
void score_favour(struct score *s, const struct topic *t, int points, struct span at, bool reviewed);

#endif

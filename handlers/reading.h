/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One message while the rules look at it: its words, its context, what was decided. Private to parse.c, optwords.c, coderule.c,
 * foreignrule.c, nearrule.c, answerrule.c and suspicion.c; the helpers look things up and keep the words that led to a decision. */
#ifndef CAUNOI_HANDLERS_READING_H
#define CAUNOI_HANDLERS_READING_H

#include "handlers/classified.h"
#include "handlers/context.h"
#include "handlers/keywords.h"
#include "handlers/score.h"
#include "handlers/weights.h"
#include "handlers/words.h"

/* How far a guard reaches: over its own words, over them where no mark parts them, over its clause. */
enum reach { REACH_WORDS, REACH_UNBROKEN, REACH_CLAUSE };

struct reading {
	const struct keywords *k;
	const struct context *x;
	const struct words *w;
	struct span core; /* without lead and tail words */
	struct score score;
	struct classified *out;
	const char *rule;
	bool asks; /* a question mark was written */
	bool suspected; /* it may accuse somebody in office: for the restricted track, whatever else it is */
	char words[64]; /* those that led to the rule */
	struct span found; /* where they stand */
	bool summed;
	float flags[WEIGHTS_FLAGS]; /* of learnt.c, once summed */
};

/* A rule fires: sets kind, confidence and "rule: reason"; always true. */
bool reading_decide(struct reading *r, enum kind kind, double confidence, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Keeps the words of s, as they are matched, for the reason. */
void reading_quote(struct reading *r, struct span s);
bool reading_has(const struct reading *r, enum list list);
/* Like reading_has, and keeps the words that led to it. */
bool reading_find(struct reading *r, enum list list);
/* Is s as a whole one of the list? Kept. */
bool reading_is(struct reading *r, enum list list, struct span s);
/* The whole message, or the whole without polite words around it. */
bool reading_whole(struct reading *r, enum list list);
void reading_add_topic(struct reading *r, const char *code);
/* All topics that scored, and whether one of them is restricted. */
void reading_add_scored(struct reading *r);
/* Question, complaint, accusation …, and whether it abuses; an accusation is restricted. */
void reading_tell_nature(struct reading *r);
/* Points of the strongest topic. */
int reading_points(const struct reading *r);
/* The topic that these words command ("bhyt"); NULL none. */
const struct topic *reading_commanded(const struct reading *r, struct span s);
/* A question whose answer is a word or number. */
bool reading_question_open(const struct reading *r);
/* A question, a wish, a complaint. */
bool reading_needs(const struct reading *r);
/* Does a phrase of the list reach the words that were said? */
bool reading_guarded(const struct reading *r, enum list list, struct span said, enum reach reach);
/* Like reading_find, but for the first phrase that no guard reaches. */
bool reading_find_free(struct reading *r, enum list list, enum list guards, enum reach reach);
/* Does what is said besides the words of a and b ask or tell something that a person must see? */
bool reading_tells_more(struct reading *r, struct span a, struct span b);

#endif

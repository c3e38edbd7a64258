/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stop and go on, in commands and in plain words. Guards come first: a complaint that holds such words is none. */
#include "handlers/optwords.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/mutant.h"
#include "handlers/pick.h"

#define CLAUSES_WORDS_MAX 14 /* a longer message tells a story: its clauses are no commands */

static bool opt_out(struct reading *r, const char *scope, double confidence, const char *form)
{
	snprintf(r->out->scope, sizeof(r->out->scope), "%s", scope);
	if (strncmp(scope, "topic:", 6) == 0)
		reading_add_topic(r, scope + 6);
	return reading_decide(r, KIND_OPTOUT, confidence, "%s '%s'", form, r->words);
}

/* "TC BHYT", "TC HET": a command and what it is limited or extended to. */
static bool opt_out_scoped(struct reading *r)
{
	const struct patterns *list = &r->k->lists[LIST_OPTOUT_WHOLE];
	for (size_t i = 0; i < list->n; i++) {
		size_t to = 0;
		if (!pattern_at(&list->at[i], r->w, r->core.from, &to) || to <= r->core.from || to >= r->core.to)
			continue;
		struct span rest = { to, r->core.to };
		reading_quote(r, r->core);
		if (patterns_whole(&r->k->lists[LIST_OPTOUT_ALL], r->w, rest))
			return opt_out(r, "all", 1, "everything,");
		const struct topic *t = reading_commanded(r, rest);
		char scope[8 + TOPIC_BYTES];
		snprintf(scope, sizeof(scope), "topic:%s", t ? t->code : "");
		if (t)
			return opt_out(r, scope, 1, "one topic,");
	}
	return false;
}

/* First or last clause of a short message: "tc, phien qua". */
static bool clause_command(struct reading *r)
{
	const struct words *w = r->w;
	size_t first = 1, last = w->n;
	while (first < w->n && w->at[first].before == MARK_NONE)
		first++;
	while (last > 1 && w->at[last - 1].before == MARK_NONE)
		last--;
	if (first >= w->n || w->n > CLAUSES_WORDS_MAX || MUTANT(CLAUSE_IGNORED))
		return false;
	return reading_is(r, LIST_OPTOUT_WHOLE, (struct span){ 0, first }) ||
	       reading_is(r, LIST_OPTOUT_WHOLE, (struct span){ last - 1, w->n });
}

/* "huy", "dung": stop, but also a name and "right". */
static bool ambiguous_command(struct reading *r)
{
	const struct words *w = r->w;
	if (!reading_is(r, LIST_OPTOUT_ALONE, pick_strip(w, NULL, &r->k->lists[LIST_TAIL])) || r->x->question == QUESTION_TEXT)
		return false;
	if (w->n > 1 && strcmp(w->at[w->n - 1].fold, "roi") == 0)
		return false; /* "dung roi" is "đúng rồi" */
	return w->at[0].marked || !reading_question_open(r) || strcmp(w->at[0].fold, "dung") != 0;
}

bool optwords_whole(struct reading *r)
{
	if (reading_whole(r, LIST_OPTOUT_WHOLE))
		return opt_out(r, "campaign", 1, "whole message");
	if (ambiguous_command(r))
		return opt_out(r, "campaign", 0.95, "whole message");
	if (opt_out_scoped(r))
		return true;
	return clause_command(r) && opt_out(r, "campaign", 0.95, "a clause of its own,");
}

/* "nhan tin bhyt": one topic again. */
static bool opt_in_scoped(struct reading *r)
{
	const struct patterns *list = &r->k->lists[LIST_OPTIN_WHOLE];
	for (size_t i = 0; i < list->n; i++) {
		size_t to = 0;
		const struct topic *t = NULL;
		if (pattern_at(&list->at[i], r->w, 0, &to) && to > 1 && to < r->core.to)
			t = reading_commanded(r, (struct span){ to, r->core.to });
		if (!t)
			continue;
		snprintf(r->out->scope, sizeof(r->out->scope), "topic:%s", t->code);
		reading_add_topic(r, t->code);
		return reading_decide(r, KIND_OPTIN, 0.95, "one topic, %s", t->code);
	}
	return false;
}

bool optwords_resume(struct reading *r)
{
	bool found = reading_whole(r, LIST_OPTIN_WHOLE) || (r->x->opted_out && reading_whole(r, LIST_OPTIN_RESUME));
	if (!found && !reading_has(r, LIST_OPTOUT_SURE) && !reading_has(r, LIST_OPTOUT_PHRASES) && !r->asks && r->w->n <= CLAUSES_WORDS_MAX)
		found = reading_find(r, LIST_OPTIN_PHRASES);
	if (!found)
		return opt_in_scoped(r);
	snprintf(r->out->scope, sizeof(r->out->scope), "campaign");
	return reading_decide(r, KIND_OPTIN, 0.95, "'%s'", r->words);
}

/* "PA …" says itself what it is, whatever words follow. */
static bool explicit_case(const struct reading *r)
{
	return r->w->n > 3 && (strcmp(r->w->at[0].raw, "pa") == 0 || strcmp(r->w->at[0].raw, "yk") == 0);
}

bool optwords_phrases(struct reading *r)
{
	if (explicit_case(r))
		return false;
	if (reading_has(r, LIST_OPTOUT_NEVER))
		return false;
	if (reading_find(r, LIST_OPTOUT_SURE))
		return opt_out(r, "campaign", 0.97, "words");
	return reading_find(r, LIST_OPTOUT_PHRASES) && opt_out(r, "campaign", 0.9, "words");
}

bool optwords_doubt(struct reading *r)
{
	if (!reading_find(r, LIST_OPTOUT_DOUBT) && !reading_find(r, LIST_OPTOUT_PHRASES))
		return false;
	r->out->doubt = true;
	return reading_decide(r, KIND_UNKNOWN, 0.5, "perhaps a refusal, '%s', asked once", r->words);
}

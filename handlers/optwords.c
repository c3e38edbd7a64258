/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stop and go on, in commands and in plain words. Guards come first: a complaint that holds such words is none. */
#include "handlers/optwords.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/mutant.h"
#include "gateway/base/own.h"
#include "handlers/pick.h"

#define MORE_WORDS_MIN 3 /* fewer words beside a refusal are no complaint */
#define CLAUSES_WORDS_MAX 14 /* a longer message tells a story: its clauses are no commands */

static bool opt_out(struct reading *r, const char *scope, double confidence, const char *form)
{
	snprintf(r->out->scope, sizeof(r->out->scope), "%s", scope);
	if (strncmp(scope, "topic:", 6) == 0)
		reading_add_topic(r, scope + 6);
	return reading_decide(r, KIND_OPTOUT, confidence, "%s '%s'", form, r->words);
}

/* "TC TC TC", "stop tc": nothing but the command, said more than once. */
static bool repeated(struct reading *r)
{
	size_t from = r->core.from, to = from;
	while (from < r->core.to && patterns_at(&r->k->lists[LIST_OPTOUT_WHOLE], r->w, from, &to) && to > from)
		from = to;
	if (from == r->core.from || from != r->core.to)
		return false;
	reading_quote(r, r->core);
	return true;
}

/* "TC BHYT", "TC HET": a command and what it is limited or extended to. */
static bool opt_out_scoped(struct reading *r)
{
	const struct patterns *list = &r->k->lists[LIST_OPTOUT_WHOLE];
	const struct pattern *p;
	for (size_t i = 0, to = 0; (p = patterns_next(list, r->w, &i));) {
		if (!pattern_at(p, r->w, r->core.from, &to) || to <= r->core.from || to >= r->core.to)
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

/* Topics that are named beside a refusal: for the record, and for the case where one is to be opened. */
static void note_topics(struct reading *r)
{
	for (size_t i = 0; i < r->score.n; i++) {
		const struct score_row *row = &r->score.rows[i];
		if (r->out->need || (row->points >= 2 && !row->topic->restricted))
			reading_add_topic(r, row->topic->code);
		r->out->restricted = r->out->restricted || (r->out->need && row->topic->restricted);
	}
}

/* Words between a refusal and what it refuses: "đừng gửi tin về bảo hiểm". */
static bool leads_to_topic(const char *fold)
{
	static const char *const leads[] = { "tin", "nhan", "gui", "sms", "bao", "ve", "cua", "noi", "den", "vu", "chuyen", "goi" };
	for (size_t i = 0; i < COUNT_OF(leads); i++)
		if (strcmp(leads[i], fold) == 0)
			return true;
	return false;
}

/* "dung gui tin bao hiem nua": the one topic that is refused; NULL = none is, or it is not this alone. */
static const struct topic *refused_topic(struct reading *r)
{
	const struct words *w = r->w;
	size_t end = r->found.from + 1;
	struct score score;
	while (end < w->n && w->at[end].before == MARK_NONE)
		end++;
	const struct span besides[2] = { { 0, r->found.from }, { end, w->n } };
	r->failed = score_topics(r->k, w, r->x->topic, besides, COUNT_OF(besides), &score);
	if (r->failed || score.n != 1 || score.rows[0].topic->restricted)
		return NULL;
	size_t at = score.rows[0].at.from;
	bool object = at > r->found.from && at < end && leads_to_topic(w->at[at - 1].fold);
	return object && patterns_whole(&r->k->lists[LIST_TAIL], w, (struct span){ end - 1, end }) ? score.rows[0].topic : NULL;
}

/* From the next clause on, or all the rest of this one. */
static struct span next_clause(const struct reading *r)
{
	size_t from = r->found.to;
	while (from < r->w->n && r->w->at[from].before == MARK_NONE)
		from++;
	return (struct span){ from < r->w->n ? from : r->found.to, r->w->n };
}

/* "2, dung gui nua": what stands before or behind the refusal may answer the open question, or be a complaint. */
static void read_beside(struct reading *r)
{
	struct pick a = { .at = { 0 } };
	struct span before = { 0, r->found.from }, behind = next_clause(r);
	if (reading_question_open(r) && !r->x->menu &&
	    (pick_read_part(r->k, r->w, before, r->x, &a) || pick_read_part(r->k, r->w, behind, r->x, &a)) && strcmp(a.value, "INVALID") != 0)
		snprintf(r->out->answer, sizeof(r->out->answer), "%s", a.value);
	size_t said = r->found.to - r->found.from + (a.at.to - a.at.from);
	r->out->need = r->w->n > said + MORE_WORDS_MIN && reading_tells_more(r, r->found, a.at);
	note_topics(r);
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
	if (reading_whole(r, LIST_OPTOUT_WHOLE) || repeated(r))
		return opt_out(r, "campaign", 1, "whole message");
	if (ambiguous_command(r))
		return opt_out(r, "campaign", 0.95, "whole message");
	if (opt_out_scoped(r))
		return true;
	if (!clause_command(r))
		return false;
	read_beside(r);
	return opt_out(r, "campaign", 0.95, "a clause of its own,");
}

/* "nhan tin bhyt": one topic again. */
static bool opt_in_scoped(struct reading *r)
{
	const struct patterns *list = &r->k->lists[LIST_OPTIN_WHOLE];
	const struct pattern *p;
	for (size_t i = 0, to = 0; (p = patterns_next(list, r->w, &i));) {
		const struct topic *t = NULL;
		if (pattern_at(p, r->w, 0, &to) && to > 1 && to < r->core.to)
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

/* "PA …" says itself that it is a case, whatever words follow. */
static bool explicit_case(const struct reading *r)
{
	size_t to = 0;
	return patterns_at(&r->k->lists[LIST_CASE_PREFIX], r->w, 0, &to) && to < r->w->n;
}

/* The first phrase of the list in w that no guard forbids; its words are kept. */
static bool refusal_in(struct reading *r, const struct words *w, enum list list)
{
	const struct pattern *p;
	for (size_t i = 0; (p = patterns_next(&r->k->lists[list], w, &i));) {
		struct span at = { 0 };
		for (size_t from = 0; pattern_find(p, w, from, &at); from = at.from + 1)
			if (!reading_guarded(r, LIST_OPTOUT_NEVER, at, list == LIST_OPTOUT_SURE ? REACH_WORDS : REACH_CLAUSE) &&
			    !reading_guarded(r, LIST_OPTOUT_OTHER, at, REACH_UNBROKEN)) {
				reading_quote(r, at);
				return true;
			}
	}
	return false;
}

/* Polite words behind it are not its end: "dung gui nhe anh" ends as "dung gui" does. */
static bool find_refusal(struct reading *r, enum list list)
{
	const struct words bare = words_until(r->w, r->core.to);
	return refusal_in(r, r->w, list) || (r->core.to < r->w->n && refusal_in(r, &bare, list));
}

bool optwords_phrases(struct reading *r)
{
	bool sure = find_refusal(r, LIST_OPTOUT_SURE);
	if (!sure && !find_refusal(r, LIST_OPTOUT_PHRASES))
		return false;
	if (explicit_case(r)) {
		r->out->stop = sure || r->w->at[r->found.from].before != MARK_NONE;
		snprintf(r->out->scope, sizeof(r->out->scope), "%s", r->out->stop ? "campaign" : "");
		return false;
	}
	const struct topic *t = refused_topic(r);
	char scope[8 + TOPIC_BYTES];
	snprintf(scope, sizeof(scope), "%s%s", t ? "topic:" : "campaign", t ? t->code : "");
	read_beside(r);
	return opt_out(r, scope, 0.95, "words");
}

bool optwords_doubt(struct reading *r)
{
	if (!reading_find(r, LIST_OPTOUT_DOUBT) && !reading_find(r, LIST_OPTOUT_PHRASES))
		return false;
	r->out->doubt = true;
	return reading_decide(r, KIND_UNKNOWN, 0.5, "perhaps a refusal, '%s', asked once", r->words);
}

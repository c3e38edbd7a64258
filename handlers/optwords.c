/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stop and go on, in commands and in plain words. Guards come first: a complaint that holds such words is none. */
#include "handlers/optwords.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/mutant.h"
#include "gateway/base/own.h"
#include "handlers/learnt.h"
#include "handlers/nearword.h"
#include "handlers/pick.h"
#include "handlers/suspicion.h"

#define TOPIC_POINTS 3 /* of a topic that is surely spoken of */
#define MORE_WORDS_MIN 3 /* fewer words beside a refusal are no complaint */
#define COMMAND_WORDS_MAX 6 /* of a command's own words, before what it is limited to */
#define COMMAND_WORDS_NEAR 2 /* in so few words a slip may have been another word */
#define ANSWERED_WORDS_MAX 8 /* an answer and a command */
#define CLAUSES_WORDS_MAX 14 /* a longer message tells a story: its clauses are no commands */

static bool opt_out(struct reading *r, const char *scope, double confidence, const char *form)
{
	snprintf(r->out->scope, sizeof(r->out->scope), "%s", scope);
	for (const char *at = scope; (at = strstr(at, "topic:"));) {
		char code[TOPIC_BYTES];
		at += strlen("topic:");
		snprintf(code, sizeof(code), "%.*s", (int)strcspn(at, " "), at);
		reading_add_topic(r, code);
	}
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

/* The longest command of a topic at a place, *ret_to behind it; NULL none. */
static const struct topic *topic_at(const struct reading *r, struct span s, size_t *ret_to)
{
	for (size_t to = s.to; to > s.from; to--) {
		const struct topic *t = reading_commanded(r, (struct span){ s.from, to });
		if (!t)
			continue;
		*ret_to = to;
		return t;
	}
	return NULL;
}

/* "bhyt va bhxh": topics and nothing but what joins them, as scopes. False = something else is said. */
static bool read_topics(const struct reading *r, struct span s, char ret_scope[SCOPE_BYTES])
{
	const struct topic *t;
	size_t n = 0;
	while (s.from < s.to && n + 8 + TOPIC_BYTES < SCOPE_BYTES && (t = topic_at(r, s, &s.from))) {
		n += (size_t)snprintf(ret_scope + n, SCOPE_BYTES - n, "%stopic:%s", n ? " " : "", t->code);
		s.from += s.from + 1 < s.to && (strcmp(r->w->at[s.from].fold, "va") == 0 || strcmp(r->w->at[s.from].fold, "voi") == 0);
	}
	return n && s.from == s.to;
}

/* "TC BHYT", "TC HET": a command and what it is limited or extended to, as all of s. */
static bool scoped(struct reading *r, struct span s, char ret_scope[SCOPE_BYTES])
{
	const struct patterns *commands = &r->k->lists[LIST_OPTOUT_WHOLE];
	if (!patterns_may(commands, commands, r->w))
		return false;
	for (size_t to = s.from + 1; to < s.to && to <= s.from + COMMAND_WORDS_MAX; to++) {
		const struct span rest = { to, s.to };
		if (!patterns_whole(commands, r->w, (struct span){ s.from, to }))
			continue;
		bool all = patterns_whole(&r->k->lists[LIST_OPTOUT_ALL], r->w, rest);
		if (all)
			snprintf(ret_scope, SCOPE_BYTES, "all");
		if (!all && !read_topics(r, rest, ret_scope))
			continue;
		reading_quote(r, s);
		return true;
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
	score_topics(r->k, w, r->x->topic, besides, COUNT_OF(besides), &score);
	if (score.n != 1 || score.rows[0].topic->restricted)
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

/* Is it one more refusal? "dừng" is no "đúng" then. */
static bool refuses(const struct reading *r, struct span s)
{
	const struct words part = words_part(r->w, s.from, s.to);
	return patterns_find(&r->k->lists[LIST_OPTOUT_SURE], &part, 0, NULL) || patterns_find(&r->k->lists[LIST_OPTOUT_PHRASES], &part, 0, NULL);
}

static bool answers(const struct reading *r, struct span s, struct pick *ret)
{
	return s.from < s.to && !refuses(r, s) && pick_read_part(r->k, r->w, s, r->x, ret) && strcmp(ret->value, "INVALID") != 0;
}

/* "2, dung gui nua": what stands before or behind the refusal may answer the open question, or be a complaint. */
static void read_beside(struct reading *r)
{
	struct pick a = { .at = { 0 } };
	struct span before = { 0, r->found.from }, behind = next_clause(r);
	if (reading_question_open(r) && !r->x->menu && (answers(r, before, &a) || answers(r, behind, &a)))
		snprintf(r->out->answer, sizeof(r->out->answer), "%s", a.value);
	size_t said = r->found.to - r->found.from + (a.at.to - a.at.from);
	r->out->need = r->w->n > said + MORE_WORDS_MIN && reading_tells_more(r, r->found, a.at);
	note_topics(r);
}

/* A clause is a command as a whole, scoped or not, polite words aside; "stop it" alone is one where somebody is tired of messages. */
static bool clause_is(struct reading *r, struct span s, char ret_scope[SCOPE_BYTES])
{
	const struct patterns *lists = r->k->lists;
	if (!patterns_may(&lists[LIST_OPTOUT_WHOLE], &lists[LIST_OPTOUT_WHOLE], r->w) && !patterns_may(&lists[LIST_OPTOUT_ALONE], &lists[LIST_OPTOUT_ALONE], r->w))
		return false;
	struct span bare = pick_strip_part(r->w, s, &lists[LIST_LEAD], &lists[LIST_TAIL]);
	bool command = reading_is(r, LIST_OPTOUT_WHOLE, s) || reading_is(r, LIST_OPTOUT_WHOLE, bare) ||
		       (reading_has(r, LIST_OPTOUT_WEARY) && (reading_is(r, LIST_OPTOUT_ALONE, s) || reading_is(r, LIST_OPTOUT_ALONE, bare)));
	if (!command)
		return scoped(r, s, ret_scope);
	if (reading_points(r) >= TOPIC_POINTS && reading_is(r, LIST_OPTOUT_BARE, bare))
		return false; /* what is spoken of besides shall stop */
	snprintf(ret_scope, SCOPE_BYTES, "campaign");
	return true;
}

/* First or last clause of a short message: "tc, phien qua". */
static bool clause_command(struct reading *r, char ret_scope[SCOPE_BYTES])
{
	const struct words *w = r->w;
	size_t first = 1, last = w->n;
	while (first < w->n && w->at[first].before == MARK_NONE)
		first++;
	while (last > 1 && w->at[last - 1].before == MARK_NONE)
		last--;
	if (first >= w->n || w->n > CLAUSES_WORDS_MAX || MUTANT(CLAUSE_IGNORED))
		return false;
	return clause_is(r, (struct span){ 0, first }, ret_scope) || clause_is(r, (struct span){ last - 1, r->core.to > last ? r->core.to : w->n }, ret_scope);
}

/* "2 tc": the answer to the open question, and behind it nothing but the command, no mark between. */
static bool behind_answer(struct reading *r, char ret_scope[SCOPE_BYTES])
{
	struct pick a;
	if (!reading_question_open(r) || r->x->menu || r->w->n > ANSWERED_WORDS_MAX)
		return false;
	for (size_t at = 1; at < r->w->n; at++) {
		size_t from = at + (at + 1 < r->w->n && strcmp(r->w->at[at].fold, "va") == 0);
		if (!clause_is(r, (struct span){ from, r->w->n }, ret_scope) || !pick_read_part(r->k, r->w, (struct span){ 0, at }, r->x, &a) ||
		    a.trailing || strcmp(a.value, "INVALID") == 0)
			continue;
		snprintf(r->out->answer, sizeof(r->out->answer), "%s", a.value);
		return true;
	}
	return false;
}

/* "huy", "dung": stop, but also a name and "right". */
static bool ambiguous_command(struct reading *r)
{
	const struct words *w = r->w;
	const struct patterns *list = &r->k->lists[LIST_OPTOUT_ALONE];
	if (!patterns_may(list, list, w) || !reading_is(r, LIST_OPTOUT_ALONE, pick_strip(w, NULL, &r->k->lists[LIST_TAIL])) || r->x->question == QUESTION_TEXT ||
	    r->x->question == QUESTION_NAME)
		return false;
	if (w->n > 1 && strcmp(w->at[w->n - 1].fold, "roi") == 0)
		return false; /* "dung roi" is "đúng rồi" */
	return w->at[0].marked || !reading_question_open(r) || strcmp(w->at[0].fold, "dung") != 0;
}

/* Behind "PA", which says itself that a case follows; 0 = the message does not begin so. */
static size_t behind_prefix(const struct reading *r)
{
	size_t to = 0;
	return patterns_at(&r->k->lists[LIST_CASE_PREFIX], r->w, 0, &to) && to < r->w->n ? to : 0;
}

/* "tc bhty": a command, and behind it what is nearly a topic's name. */
static bool nearly_scoped(struct reading *r)
{
	size_t last = r->core.to - 1;
	const struct span before = { r->core.from, last };
	if (r->core.to < r->core.from + 2 || !r->w->at[last].foreign || !reading_is(r, LIST_OPTOUT_WHOLE, before))
		return false;
	const struct form *near = nearword_find(&r->k->near, r->w->at[last].fold, true);
	r->out->doubt = near && near->action >= LIST_COUNT;
	return r->out->doubt && reading_decide(r, KIND_UNKNOWN, 0.5, "'%s' and nearly '%s', asked once", r->words, near->text);
}

/* "tu cohi": nearly a command, which is asked about and never done. */
static bool nearly_whole(struct reading *r)
{
	bool swapped = false;
	for (size_t i = r->core.from; i < r->core.to; i++)
		swapped = swapped || r->w->at[i].swapped;
	if (!swapped || r->core.to - r->core.from > COMMAND_WORDS_NEAR || !reading_whole(r, LIST_OPTOUT_WHOLE))
		return false;
	r->out->doubt = true;
	return reading_decide(r, KIND_UNKNOWN, 0.5, "nearly '%s', asked once", r->words);
}

bool optwords_whole(struct reading *r)
{
	if (nearly_whole(r) || nearly_scoped(r))
		return true;
	size_t behind = behind_prefix(r);
	if (behind && reading_is(r, LIST_OPTOUT_WHOLE, (struct span){ behind, r->core.to }))
		return opt_out(r, "campaign", 0.95, "nothing else behind a prefix,");
	if (reading_whole(r, LIST_OPTOUT_WHOLE) || repeated(r))
		return opt_out(r, "campaign", 1, "whole message");
	if (ambiguous_command(r))
		return opt_out(r, "campaign", 0.95, "whole message");
	char scope[SCOPE_BYTES];
	if (scoped(r, r->core, scope))
		return opt_out(r, scope, 1, strcmp(scope, "all") == 0 ? "everything," : strchr(scope, ' ') ? "some topics," : "one topic,");
	if (!behind && behind_answer(r, scope))
		return opt_out(r, scope, 0.95, "behind an answer,");
	if (!clause_command(r, scope))
		return false;
	if (behind) { /* "PA duong hong. TC": a case all the same */
		r->out->stop = true;
		snprintf(r->out->scope, sizeof(r->out->scope), "%s", scope);
		return false;
	}
	read_beside(r);
	return opt_out(r, scope, 0.95, "a clause of its own,");
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
	bool found = reading_whole(r, LIST_OPTIN_WHOLE) ||
		     (r->x->opted_out && (reading_whole(r, LIST_OPTIN_RESUME) || (MUTANT(OPT_IN_GUESSED) && r->w->n == 1)));
	bool refused = learnt_leans(r, WEIGHTS_OPTOUT) >= LEARNT_PERHAPS || reading_has(r, LIST_OPTOUT_SURE) || reading_has(r, LIST_OPTOUT_PHRASES);
	bool tells = r->asks || learnt_leans(r, WEIGHTS_MATTER) == LEARNT_SURELY; /* a complaint re-subscribes nobody */
	if (!found && !refused && !tells && r->w->n <= CLAUSES_WORDS_MAX)
		found = reading_find(r, LIST_OPTIN_PHRASES);
	if (!found)
		return opt_in_scoped(r);
	snprintf(r->out->scope, sizeof(r->out->scope), "campaign");
	return reading_decide(r, KIND_OPTIN, 0.95, "'%s'", r->words);
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
	const struct patterns *phrases = &r->k->lists[list];
	if (!patterns_may(phrases, phrases, r->w))
		return false;
	const struct words bare = words_until(r->w, r->core.to);
	return refusal_in(r, r->w, list) || (r->core.to < r->w->n && refusal_in(r, &bare, list));
}

bool optwords_phrases(struct reading *r)
{
	bool sure = find_refusal(r, LIST_OPTOUT_SURE);
	if (!sure && (!find_refusal(r, LIST_OPTOUT_PHRASES) || learnt_denies(r, WEIGHTS_OPTOUT, r->found)))
		return false;
	size_t behind = behind_prefix(r);
	if (behind && (r->found.from > behind || r->found.to < r->core.to)) {
		r->out->stop = r->out->stop || sure || r->found.from <= behind || r->w->at[r->found.from].before != MARK_NONE;
		if (!r->out->scope[0] && r->out->stop)
			snprintf(r->out->scope, sizeof(r->out->scope), "campaign");
		return false;
	}
	if (reading_guarded(r, LIST_OPTOUT_IF, r->found, REACH_WORDS)) {
		r->out->doubt = true;
		return reading_decide(r, KIND_UNKNOWN, 0.5, "perhaps a wish, '%s', asked once", r->words);
	}
	const struct topic *t = refused_topic(r);
	char scope[8 + TOPIC_BYTES];
	snprintf(scope, sizeof(scope), "%s%s", t ? "topic:" : "campaign", t ? t->code : "");
	read_beside(r);
	return opt_out(r, scope, 0.95, "words");
}

bool optwords_beside(struct reading *r)
{
	char scope[SCOPE_BYTES] = "campaign";
	r->out->stop = clause_command(r, scope) || find_refusal(r, LIST_OPTOUT_SURE) || find_refusal(r, LIST_OPTOUT_PHRASES) ||
		       learnt_leans(r, WEIGHTS_OPTOUT) == LEARNT_SURELY;
	if (r->out->stop)
		snprintf(r->out->scope, sizeof(r->out->scope), "%s", scope);
	return true;
}

bool optwords_learnt(struct reading *r)
{
	enum leaning leaning = learnt_leans(r, WEIGHTS_OPTOUT);
	bool else_said = suspicion_accuses(r) || learnt_leans(r, WEIGHTS_MATTER) == LEARNT_SURELY;
	if (leaning < LEARNT_PERHAPS || (leaning == LEARNT_PERHAPS && else_said)) /* a charge or a matter is heard, not asked about */
		return false;
	learnt_quote(r, WEIGHTS_OPTOUT);
	if (leaning == LEARNT_SURELY && !reading_has(r, LIST_OPTOUT_PHRASES)) { /* a phrase that refuses and yet did not decide says something else */
		read_beside(r);
		return opt_out(r, "campaign", 0.8, "words that refuse,");
	}
	r->out->doubt = true;
	return reading_decide(r, KIND_UNKNOWN, 0.5, "perhaps a refusal, '%s', asked once", r->words);
}

bool optwords_weary(struct reading *r)
{
	if (r->score.n || !(reading_find(r, LIST_OPTOUT_WEARY) || reading_whole(r, LIST_OPTOUT_DOUBT)))
		return false;
	r->out->doubt = true;
	return reading_decide(r, KIND_UNKNOWN, 0.5, "tired of messages or of something else, '%s', asked once", r->words);
}

bool optwords_doubt(struct reading *r)
{
	if (!reading_find_free(r, LIST_OPTOUT_DOUBT, LIST_OPTOUT_NEVER, REACH_WORDS) && !reading_find(r, LIST_OPTOUT_PHRASES))
		return false;
	r->out->doubt = true;
	return reading_decide(r, KIND_UNKNOWN, 0.5, "perhaps a refusal, '%s', asked once", r->words);
}

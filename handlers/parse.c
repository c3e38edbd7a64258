/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules in their order: the first that fires decides, and says why. Keeps nothing, does no I/O. */
#include "handlers/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/fold.h"
#include "handlers/answerrule.h"
#include "handlers/coderule.h"
#include "handlers/foreignrule.h"
#include "handlers/learnt.h"
#include "handlers/nearrule.h"
#include "handlers/optwords.h"
#include "handlers/pick.h"
#include "handlers/reading.h"
#include "handlers/suspicion.h"

#define TALE_WORDS 8 /* from so many on a sentence needs no word that the lists know */
#define STORY_WORDS 5 /* from so many on even one weak word tells the topic */
#define AUTOMATIC_WORDS_MAX 24 /* of what a telephone answers by itself */
#define SIGNUP_WORDS_MAX 12 /* a name and a hamlet */
#define NAME_WORDS_MAX 8 /* one of them */
#define THANKS_WORDS_MAX 14 /* who writes more tells something */
#define QUESTION_WORDS_MAX 12 /* how to write is asked in few words */

static bool rule_empty(struct reading *r)
{
	if (r->w->n)
		return false;
	if (r->w->emoji)
		return reading_decide(r, KIND_ACK, 0.8, "nothing but a picture");
	if (r->w->only_question_marks)
		return reading_decide(r, KIND_HELP, 0.9, "nothing but a question mark");
	return reading_decide(r, KIND_EMPTY, 1, "no words");
}

static bool rule_urgent(struct reading *r)
{
	bool said = reading_find_free(r, LIST_URGENT, LIST_URGENT_NOT, REACH_CLAUSE) && !learnt_denies(r, WEIGHTS_URGENT, r->found);
	if (!said && learnt_leans(r, WEIGHTS_URGENT) != LEARNT_SURELY)
		return false;
	if (!said)
		learnt_quote(r, WEIGHTS_URGENT);
	learnt_topics(r);
	reading_add_topic(r, "THIENTAI"); /* whoever is on duty answers for it, whatever it is about */
	reading_add_scored(r);
	reading_decide(r, KIND_URGENT, 0.95, "life in danger, '%s'", r->words);
	return optwords_beside(r);
}

static bool rule_prefix(struct reading *r)
{
	size_t to = 0;
	const struct pattern *p = patterns_at(&r->k->lists[LIST_CASE_PREFIX], r->w, 0, &to);
	bool named = r->out->command == COMMAND_CASE && r->out->code[0];
	if ((!p && !named) || (!named && answerrule_alone(r)))
		return false;
	learnt_settle(r);
	r->out->need = true;
	if (named)
		return reading_decide(r, KIND_FEEDBACK, 0.98, "more about a code");
	r->out->command = COMMAND_CASE;
	if (to == r->w->n) {
		r->out->n_topics = 0;
		return reading_decide(r, KIND_KEYWORD, 1, "'%s' and nothing else", p->text);
	}
	return reading_decide(r, KIND_FEEDBACK, 0.98, "begins with '%s'", p->text);
}

static bool rule_privacy(struct reading *r)
{
	return learnt_leans(r, WEIGHTS_MATTER) != LEARNT_SURELY && reading_find(r, LIST_PRIVACY) && reading_decide(r, KIND_PRIVACY_REQUEST, 0.9, "'%s'", r->words);
}

static bool rule_wrong(struct reading *r)
{
	return learnt_leans(r, WEIGHTS_MATTER) != LEARNT_SURELY && !reading_has(r, LIST_WRONG_NOT) && reading_find(r, LIST_WRONG) && !answerrule_corrects(r) &&
	       reading_decide(r, KIND_WRONG_NUMBER, 0.9, "'%s'", r->words);
}

static bool rule_automatic(struct reading *r)
{
	if (r->suspected || r->asks || r->w->n > AUTOMATIC_WORDS_MAX || !reading_find(r, LIST_AUTOMATIC))
		return false;
	r->out->automatic = true;
	return reading_decide(r, KIND_UNKNOWN, 0.8, "a machine's answer, '%s'", r->words);
}

/* A need, question or complaint in two words or more; one alone may be part of a name: "Hồng", "Khuổi Hói". */
static bool says_need(const struct reading *r)
{
	static const enum list lists[] = { LIST_NEED, LIST_QUESTION, LIST_COMPLAINT };
	const struct pattern *p;
	for (size_t k = 0; k < COUNT_OF(lists); k++)
		for (size_t i = 0; (p = patterns_next(&r->k->lists[lists[k]], r->w, &i));) {
			struct span at = { 0 };
			for (size_t from = 0; pattern_find(p, r->w, from, &at); from = at.from + 1)
				if (at.to > at.from + 1)
					return true;
		}
	return false;
}

/* Does it tell something, so that "dk" before it is no command? Who was invited to write a name and a hamlet mostly does. */
static bool tells_besides(const struct reading *r)
{
	if (!r->x->signup)
		return reading_needs(r);
	return r->asks || suspicion_accuses(r) || says_need(r) || (reading_points(r) >= 2 && reading_needs(r));
}

/* "dk bhyt": a wish to sign up for what follows; "dk" in a sentence is none. */
static bool signs_up(struct reading *r)
{
	struct span rest = r->core;
	size_t to = 0;
	const struct pattern *p = patterns_at(&r->k->lists[LIST_SIGNUP_PREFIX], r->w, rest.from, &to);
	if (!p || to > rest.to)
		return false;
	const struct topic *t = reading_commanded(r, (struct span){ to, rest.to });
	bool brief = r->x->signup || strcmp(r->w->at[0].raw, "dk") == 0 || strcmp(r->w->at[0].raw, "dki") == 0;
	if (!t && to < rest.to && (tells_besides(r) || r->w->n > SIGNUP_WORDS_MAX || !brief))
		return false;
	r->out->command = to == rest.to && !r->x->signup ? COMMAND_TOPIC : COMMAND_SIGNUP;
	r->out->topical = t != NULL;
	reading_add_topic(r, t ? t->code : r->score.n && to < rest.to ? r->score.rows[0].topic->code : r->x->topic);
	return reading_decide(r, KIND_KEYWORD, 0.95, "'%s'", p->text);
}

static bool rule_keyword(struct reading *r)
{
	const struct topic *t = reading_commanded(r, r->core);
	if (!t)
		return signs_up(r);
	r->out->command = COMMAND_TOPIC;
	reading_add_topic(r, t->code);
	return reading_decide(r, KIND_KEYWORD, 1, "topic %s", t->code);
}

/* "na lang", "Vang A Phu", "huy" to "which hamlet?", "which name?": few words that are neither a command nor a complaint. */
static bool rule_name(struct reading *r)
{
	if (r->x->question != QUESTION_NAME || r->w->n > NAME_WORDS_MAX || r->asks || suspicion_accuses(r) || reading_points(r) >= 3)
		return false;
	if (patterns_at(&r->k->lists[LIST_SIGNUP_PREFIX], r->w, 0, &(size_t){ 0 }) || says_need(r) || reading_has(r, LIST_THANKS) || reading_commanded(r, r->core))
		return false;
	snprintf(r->out->answer, sizeof(r->out->answer), "%.15s", r->out->folded);
	return reading_decide(r, KIND_SURVEY_ANSWER, 0.9, "a name was asked for");
}

static bool rule_help(struct reading *r)
{
	if (reading_whole(r, LIST_HELP_WHOLE))
		return reading_decide(r, KIND_HELP, 1, "whole message '%s'", r->words);
	return reading_points(r) < 2 && r->w->n <= QUESTION_WORDS_MAX && reading_find(r, LIST_HELP_PHRASES) && reading_decide(r, KIND_HELP, 0.85, "'%s'", r->words);
}

/* Every word is thanks, a nod, or something polite around it. */
static bool rule_ack(struct reading *r)
{
	bool thanks = false;
	for (size_t i = 0; i < r->w->n;) {
		size_t to = i, filler = i;
		thanks = patterns_at(&r->k->lists[LIST_ACK], r->w, i, &to) || thanks;
		if (patterns_at(&r->k->lists[LIST_ACK_FILLER], r->w, i, &filler) && filler > to)
			to = filler;
		if (to == i)
			return false;
		i = to;
	}
	return thanks && !r->asks && reading_decide(r, KIND_ACK, 0.95, "thanks or a nod");
}

/* Thanks with words that the lists do not know, but none that asks, wants or names a topic. */
static bool rule_thanks(struct reading *r)
{
	if (r->score.n || r->asks || r->w->n > THANKS_WORDS_MAX || !reading_find(r, LIST_THANKS))
		return false;
	if (reading_has(r, LIST_QUESTION) || reading_has(r, LIST_OPTOUT_DOUBT) || (reading_has(r, LIST_NEED) && !reading_has(r, LIST_PRAISE)))
		return false;
	return reading_decide(r, KIND_ACK, 0.8, "'%s'", r->words);
}

static bool rule_status_words(struct reading *r)
{
	if (reading_points(r) >= 2 || !reading_find(r, LIST_STATUS_PHRASES))
		return false;
	r->out->command = COMMAND_STATUS;
	return reading_decide(r, KIND_KEYWORD, 0.8, "'%s'", r->words);
}

static bool rule_abuse(struct reading *r)
{
	bool all = reading_whole(r, LIST_ABUSE);
	if (!all && (reading_points(r) >= 2 || learnt_leans(r, WEIGHTS_MATTER) == LEARNT_SURELY || (reading_needs(r) && r->w->n >= 10) || !reading_find(r, LIST_ABUSE)))
		return false;
	r->out->abusive = true;
	return reading_decide(r, KIND_ABUSE, 0.9, "'%s'", r->words);
}

static bool rule_case_info(struct reading *r)
{
	if (r->x->question != QUESTION_NEED_INFO)
		return false;
	if (learnt_leans(r, WEIGHTS_OPTOUT) == LEARNT_SURELY)
		return optwords_learnt(r);
	bool place = reading_has(r, LIST_PLACE);
	if (suspicion_accuses(r)) { /* it joins no case that the level it accuses may read */
		learnt_settle(r);
		r->out->need = true;
		return reading_decide(r, KIND_FEEDBACK, 0.9, "asked for more, but it accuses");
	}
	if (!place && reading_points(r) >= 3 && (r->asks || reading_has(r, LIST_QUESTION)))
		return false;
	return reading_decide(r, KIND_CASE_INFO, 0.9, "asked for it%s", place ? ", names a place" : "");
}

static bool rule_text_answer(struct reading *r)
{
	if (r->x->question != QUESTION_TEXT)
		return false;
	snprintf(r->out->answer, sizeof(r->out->answer), "%.15s", r->out->folded);
	return reading_decide(r, KIND_SURVEY_ANSWER, 0.8, "free text asked for");
}

static bool rule_feedback(struct reading *r)
{
	bool need = reading_needs(r);
	if (!r->w->n_letters)
		return false;
	bool matter = reading_points(r) >= 2 || (reading_points(r) && r->w->n >= STORY_WORDS) || (need && (reading_points(r) || r->w->n >= 3));
	if (!matter && learnt_leans(r, WEIGHTS_MATTER) != LEARNT_SURELY)
		return false;
	r->out->need = need;
	learnt_settle(r);
	if (!r->score.n)
		return reading_decide(r, KIND_FEEDBACK, 0.6, "a need or question");
	reading_quote(r, r->score.rows[0].at);
	return reading_decide(r, KIND_FEEDBACK, reading_points(r) >= 3 ? 0.9 : 0.7, "topic %s by '%s'", r->score.rows[0].topic->code, r->words);
}

/* Many words of the language that none of the lists knows: somebody tells something, and a person shall read it. */
static bool rule_story(struct reading *r)
{
	size_t foreign = foreignrule_count(r->w);
	if (r->w->n_letters < TALE_WORDS || reading_has(r, LIST_CHATTER))
		return false;
	if (foreign > 1 && foreign * 4 > r->w->n_letters) {
		r->out->foreign = true;
		return reading_decide(r, KIND_UNKNOWN, 0.6, "perhaps another language");
	}
	learnt_settle(r);
	return reading_decide(r, KIND_FEEDBACK, 0.5, "a story of %zu words", r->w->n_letters);
}

static bool rule_unknown(struct reading *r)
{
	return reading_decide(r, KIND_UNKNOWN, 0.3, "nothing fits");
}

static const struct {
	const char *name;
	bool (*fn)(struct reading *r);
} rules[] = {
	{ "empty", rule_empty },
	{ "urgent", rule_urgent },
	{ "optout", optwords_whole },
	{ "optin", optwords_resume },
	{ "code", coderule_read },
	{ "optout", optwords_phrases },
	{ "prefix", rule_prefix },
	{ "automatic", rule_automatic },
	{ "privacy", rule_privacy },
	{ "wrong", rule_wrong },
	{ "answer", answerrule_read },
	{ "name", rule_name },
	{ "keyword", rule_keyword },
	{ "help", rule_help },
	{ "ack", rule_ack },
	{ "ack", rule_thanks },
	{ "status", rule_status_words },
	{ "abuse", rule_abuse },
	{ "language", foreignrule_language },
	{ "case_info", rule_case_info },
	{ "text", rule_text_answer },
	{ "near", nearrule_command },
	{ "near", nearrule_topic },
	{ "optout", optwords_learnt },
	{ "doubt", optwords_weary },
	{ "feedback", rule_feedback },
	{ "doubt", optwords_doubt },
	{ "story", rule_story },
	{ "code", coderule_mistyped },
	{ "unknown", rule_unknown },
};

int classify(const struct keywords *k, const char *text, const struct context *x, struct classified *ret)
{
	OWN(words) struct words *w = NULL;
	OWN(mem) char *folded = fold(text);
	struct reading r = { .k = k, .x = x, .out = ret, .asks = strchr(text, '?') != NULL };
	int e = folded ? words_new(text, &k->abbreviations, &w) : E_NOMEM;
	e = e ? e : lexicon_mark(k->lexicon, w);
	if (e)
		return e;
	*ret = (struct classified){ .folded = MOVE(folded) };
	r.w = w;
	score_topics(k, w, x->topic, NULL, 0, &r.score);
	suspicion_weigh(&r);
	r.core = pick_strip(w, &k->lists[LIST_LEAD], &k->lists[LIST_TAIL]);
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		r.rule = rules[i].name;
		if (rules[i].fn(&r))
			break;
	}
	return 0;
}

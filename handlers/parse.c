/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules in their order: the first that fires decides, and says why. Keeps nothing, does no I/O. */
#include "handlers/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/fold.h"
#include "handlers/damm.h"
#include "handlers/optwords.h"
#include "handlers/pick.h"
#include "handlers/reading.h"

#define STORY_WORDS 5 /* from so many on even one weak word tells the topic */
#define QUESTION_WORDS_MAX 9 /* how to write is asked in few words */

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
	if (reading_has(r, LIST_URGENT_NOT) || !reading_find(r, LIST_URGENT))
		return false;
	for (size_t i = 0; i < r->score.n; i++)
		if (strcmp(r->score.rows[i].topic->code, "THIENTAI") == 0)
			reading_add_topic(r, "THIENTAI");
	reading_add_scored(r);
	return reading_decide(r, KIND_URGENT, 0.95, "life in danger, '%s'", r->words);
}

/* Digits of a code from word from on: "482 918", "PA482918". False when anything else stands there. */
static bool code_digits(const struct words *w, size_t from, char ret[12])
{
	size_t n = 0;
	for (size_t i = from; i < w->n; i++) {
		const char *p = w->at[i].raw;
		if (strcmp(p, "ma") == 0 || (n == 0 && i + 1 < w->n && (strcmp(p, "pa") == 0 || strcmp(p, "nt") == 0)))
			continue;
		if (n == 0 && p[0] >= 'a' && p[0] <= 'z' && p[1] >= 'a' && p[1] <= 'z' && p[2] >= '0' && p[2] <= '9')
			p += 2;
		size_t more = strspn(p, "0123456789");
		if (!more || p[more] || n + more > 10)
			return false;
		memcpy(ret + n, p, more);
		n += more;
	}
	ret[n] = '\0';
	return n > 0;
}

static bool status(struct reading *r, enum command command, const char *text, const char *digits)
{
	r->out->command = command;
	snprintf(r->out->code, sizeof(r->out->code), "%s", digits);
	r->out->code_valid = strlen(digits) >= 6 && strlen(digits) <= 8 && damm_valid(digits);
	return reading_decide(r, KIND_KEYWORD, 1, "%s", text);
}

/* "xem482918": a prefix and its code written as one word. */
static bool glued(const struct patterns *list, const struct words *w, char ret_digits[12])
{
	char letters[8];
	size_t n = w->n ? strspn(w->at[0].raw, "abcdefghijklmnopqrstuvwxyz") : 0, to = 0;
	if (!n || n >= sizeof(letters) || !w->at[0].raw[n])
		return false;
	snprintf(letters, sizeof(letters), "%.*s", (int)n, w->at[0].raw);
	struct word first = { .fold = letters, .key = letters, .raw = letters, .hash = word_hash(letters) }, rest = w->at[0];
	rest.raw += n;
	for (size_t p = 0; p < list->n; p++)
		if (pattern_at(&list->at[p], &(struct words){ .at = &first, .n = 1 }, 0, &to) && to)
			return code_digits(&(struct words){ .at = &rest, .n = 1 }, 0, ret_digits) && w->n == 1 && strlen(ret_digits) >= 5;
	return false;
}

static bool rule_status(struct reading *r)
{
	static const struct {
		enum list list;
		enum command command;
		const char *text;
	} prefixes[] = { { LIST_STATUS_PREFIX, COMMAND_STATUS, "status of a code" }, { LIST_NUDGE_PREFIX, COMMAND_NUDGE, "reminder" } };
	char digits[12] = "";
	if (code_digits(r->w, 0, digits) && damm_valid(digits) && strlen(digits) >= 6 && strlen(digits) <= 8)
		return status(r, COMMAND_STATUS, "a bare code", digits);
	for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
		const struct patterns *list = &r->k->lists[prefixes[i].list];
		if (patterns_whole(list, r->w, r->core))
			return status(r, prefixes[i].command, "status, no code", "");
		for (size_t p = 0; p < list->n; p++) {
			size_t to = 0;
			if (pattern_at(&list->at[p], r->w, 0, &to) && to && code_digits(r->w, to, digits) && strlen(digits) >= 5)
				return status(r, prefixes[i].command, prefixes[i].text, digits);
		}
		if (glued(list, r->w, digits))
			return status(r, prefixes[i].command, prefixes[i].text, digits);
	}
	return false;
}

static void tell_nature(struct reading *r)
{
	struct classified *c = r->out;
	if (c->restricted || reading_has(r, LIST_DENUNCIATION))
		c->nature = NATURE_DENUNCIATION;
	else if (reading_has(r, LIST_COMPLAINT))
		c->nature = NATURE_COMPLAINT;
	else if (reading_has(r, LIST_PROPOSAL))
		c->nature = NATURE_PROPOSAL;
	else if (r->asks || reading_has(r, LIST_QUESTION))
		c->nature = NATURE_QUESTION;
	else
		c->nature = reading_has(r, LIST_PRAISE) && !reading_has(r, LIST_NEED) ? NATURE_PRAISE : NATURE_REPORT;
	c->restricted = c->restricted || c->nature == NATURE_DENUNCIATION;
	c->abusive = reading_has(r, LIST_ABUSE);
}

/* The campaign's topic stands in where the words name none. */
static void settle_topics(struct reading *r)
{
	reading_add_scored(r);
	if (!r->out->n_topics)
		reading_add_topic(r, *r->x->topic ? r->x->topic : "KHAC");
	tell_nature(r);
}

static bool rule_prefix(struct reading *r)
{
	const struct patterns *list = &r->k->lists[LIST_CASE_PREFIX];
	for (size_t i = 0; i < list->n; i++) {
		size_t to = 0;
		if (!pattern_at(&list->at[i], r->w, 0, &to) || !to)
			continue;
		if (to == r->w->n) {
			r->out->command = COMMAND_CASE;
			return reading_decide(r, KIND_KEYWORD, 1, "'%s' and nothing else", list->at[i].text);
		}
		settle_topics(r);
		r->out->need = true;
		return reading_decide(r, KIND_FEEDBACK, 0.98, "begins with '%s'", list->at[i].text);
	}
	return false;
}

static bool rule_privacy(struct reading *r)
{
	return reading_find(r, LIST_PRIVACY) && reading_decide(r, KIND_PRIVACY_REQUEST, 0.9, "'%s'", r->words);
}

static bool rule_wrong(struct reading *r)
{
	return !reading_has(r, LIST_WRONG_NOT) && reading_find(r, LIST_WRONG) && reading_decide(r, KIND_WRONG_NUMBER, 0.9, "'%s'", r->words);
}

static bool rule_answer(struct reading *r)
{
	struct pick a;
	struct classified *c = r->out;
	if (!pick_read(r->k, r->w, r->x, &a))
		return false;
	snprintf(c->answer, sizeof(c->answer), "%s", a.value);
	if (r->x->menu) {
		reading_add_topic(r, a.topic);
		c->command = COMMAND_MENU;
		return reading_decide(r, strcmp(a.value, "INVALID") == 0 ? KIND_UNKNOWN : KIND_KEYWORD, 1, "menu, by %s", a.how);
	}
	if (a.trailing && (reading_has(r, LIST_QUESTION) || r->asks || reading_points(r) >= 3 || (reading_points(r) >= 2 && reading_has(r, LIST_NEED)))) {
		c->need = true;
		settle_topics(r);
	}
	return reading_decide(r, KIND_SURVEY_ANSWER, strcmp(a.how, "label") == 0 ? 0.9 : 1, "%s question, by %s",
		      question_kind_name(r->x->question), a.how);
}

static bool rule_keyword(struct reading *r)
{
	struct span rest = r->core;
	size_t to = 0;
	const struct patterns *signup = &r->k->lists[LIST_SIGNUP_PREFIX];
	const struct topic *t = reading_commanded(r, rest);
	for (size_t i = 0; i < signup->n && !t; i++) {
		if (!pattern_at(&signup->at[i], r->w, rest.from, &to) || to <= rest.from)
			continue;
		r->out->command = to == rest.to ? COMMAND_TOPIC : COMMAND_SIGNUP;
		t = reading_commanded(r, (struct span){ to, rest.to });
		if (!t && to < rest.to && (reading_needs(r) || r->w->n > 12 || r->w->at[0].raw[1] != 'k'))
			return false;
		reading_add_topic(r, t ? t->code : r->score.n && to < rest.to ? r->score.rows[0].topic->code : r->x->topic);
		return reading_decide(r, KIND_KEYWORD, 0.95, "'%s'", signup->at[i].text);
	}
	if (!t)
		return false;
	r->out->command = COMMAND_TOPIC;
	reading_add_topic(r, t->code);
	return reading_decide(r, KIND_KEYWORD, 1, "topic %s", t->code);
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
	if (!all && (reading_points(r) >= 2 || (reading_needs(r) && r->w->n >= 10) || !reading_find(r, LIST_ABUSE)))
		return false;
	r->out->abusive = true;
	return reading_decide(r, KIND_ABUSE, 0.9, "'%s'", r->words);
}

static bool rule_language(struct reading *r)
{
	size_t foreign = 0;
	for (size_t i = 0; i < r->w->n; i++)
		foreign += r->w->at[i].foreign;
	if (foreign < 3 || foreign * 2 < r->w->n_letters || reading_points(r) >= 3)
		return false;
	r->out->foreign = true;
	return reading_decide(r, KIND_UNKNOWN, 0.9, "another language");
}

static bool rule_case_info(struct reading *r)
{
	if (r->x->question != QUESTION_NEED_INFO)
		return false;
	bool place = reading_has(r, LIST_PLACE);
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
	if (reading_points(r) < 2 && !(reading_points(r) && r->w->n >= STORY_WORDS) && !(need && (reading_points(r) || r->w->n >= 3)))
		return false;
	r->out->need = need;
	settle_topics(r);
	if (!r->score.n)
		return reading_decide(r, KIND_FEEDBACK, 0.6, "a need or question");
	reading_quote(r, r->score.rows[0].at);
	return reading_decide(r, KIND_FEEDBACK, reading_points(r) >= 3 ? 0.9 : 0.7, "topic %s by '%s'", r->score.rows[0].topic->code, r->words);
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
	{ "code", rule_status },
	{ "optout", optwords_phrases },
	{ "prefix", rule_prefix },
	{ "privacy", rule_privacy },
	{ "wrong", rule_wrong },
	{ "answer", rule_answer },
	{ "keyword", rule_keyword },
	{ "help", rule_help },
	{ "ack", rule_ack },
	{ "status", rule_status_words },
	{ "abuse", rule_abuse },
	{ "language", rule_language },
	{ "case_info", rule_case_info },
	{ "text", rule_text_answer },
	{ "feedback", rule_feedback },
	{ "doubt", optwords_doubt },
	{ "unknown", rule_unknown },
};

int classify(const struct keywords *k, const char *text, const struct context *x, struct classified *ret)
{
	OWN(words) struct words *w = NULL;
	struct classified c = { .folded = fold(text) };
	struct reading r = { .k = k, .x = x, .out = &c, .asks = strchr(text, '?') != NULL };
	int e = c.folded ? words_new(text, &k->abbreviations, &w) : E_NOMEM;
	e = e ? e : lexicon_mark(k->lexicon, w);
	e = e ? e : score_topics(k, w, x->topic, &r.score);
	if (e) {
		free(c.folded);
		return e;
	}
	r.w = w;
	r.core = pick_strip(w, &k->lists[LIST_LEAD], &k->lists[LIST_TAIL]);
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		r.rule = rules[i].name;
		if (rules[i].fn(&r))
			break;
	}
	*ret = c;
	return 0;
}

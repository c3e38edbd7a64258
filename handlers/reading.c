/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Look-ups and decisions shared by the rules. Keeps nothing, does no I/O. */
#include "handlers/reading.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/text.h"

#define GUARD_WORDS 32 /* a guard farther off says something else; and a long text takes no longer than its length */

/* Appends what there is room for; the new length. Printing would cost more than understanding does. */
static size_t append(char *to, size_t n, size_t room, const char *text)
{
	size_t more = strnlen(text, room - 1 - n);
	memcpy(to + n, text, more);
	to[n + more] = '\0';
	return n + more;
}

void reading_quote(struct reading *r, struct span s)
{
	size_t n = 0;
	r->found = s;
	r->words[0] = '\0';
	for (size_t i = s.from; i < s.to && n < sizeof(r->words) - 2; i++) {
		n = append(r->words, n, sizeof(r->words), i > s.from ? " " : "");
		n = append(r->words, n, sizeof(r->words), r->w->at[i].fold);
	}
	r->words[text_cut(r->words, sizeof(r->words) - 1)] = '\0';
}

/* Texts and the words between them; anything else is left to the library. */
static void say(char *to, size_t room, const char *fmt, va_list args)
{
	size_t n = 0;
	const char *start = fmt;
	va_list copy;
	va_copy(copy, args);
	while (*fmt) {
		const char *behind = strchrnul(fmt, '%');
		size_t words = (size_t)(behind - fmt);
		words = words < room - 1 - n ? words : room - 1 - n;
		memcpy(to + n, fmt, words);
		to[n += words] = '\0';
		fmt = behind;
		if (!*fmt)
			break;
		if (fmt[1] != 's') {
			vsnprintf(to, room, start, copy);
			break;
		}
		n = append(to, n, room, va_arg(args, const char *));
		fmt += 2;
	}
	va_end(copy);
}

bool reading_decide(struct reading *r, enum kind kind, double confidence, const char *fmt, ...)
{
	struct classified *c = r->out;
	c->kind = kind;
	c->confidence = confidence;
	size_t n = append(c->why, 0, sizeof(c->why), r->rule);
	n = append(c->why, n, sizeof(c->why), ": ");
	va_list args;
	va_start(args, fmt);
	say(c->why + n, sizeof(c->why) - n, fmt, args);
	va_end(args);
	c->why[text_cut(c->why, sizeof(c->why) - 1)] = '\0';
	return true;
}

bool reading_has(const struct reading *r, enum list list)
{
	return patterns_find(&r->k->lists[list], r->w, 0, NULL) != NULL;
}

bool reading_find(struct reading *r, enum list list)
{
	struct span s = { 0 };
	if (!patterns_find(&r->k->lists[list], r->w, 0, &s))
		return false;
	reading_quote(r, s);
	return true;
}

bool reading_is(struct reading *r, enum list list, struct span s)
{
	if (!patterns_whole(&r->k->lists[list], r->w, s))
		return false;
	reading_quote(r, s);
	return true;
}

bool reading_whole(struct reading *r, enum list list)
{
	bool bare = !r->core.from && r->core.to == r->w->n;
	return reading_is(r, list, r->core) || (!bare && reading_is(r, list, (struct span){ 0, r->w->n }));
}

void reading_add_topic(struct reading *r, const char *code)
{
	struct classified *c = r->out;
	for (size_t i = 0; i < c->n_topics; i++)
		if (strcmp(c->topics[i], code) == 0)
			return;
	if (*code && c->n_topics < SCORE_TOPICS_MAX)
		append(c->topics[c->n_topics++], 0, TOPIC_BYTES, code);
}

void reading_add_scored(struct reading *r)
{
	for (size_t i = 0; i < r->score.n; i++) {
		reading_add_topic(r, r->score.rows[i].topic->code);
		r->out->restricted = r->out->restricted || r->score.rows[i].topic->restricted;
	}
}

int reading_points(const struct reading *r)
{
	return r->score.n ? r->score.rows[0].points : 0;
}

const struct topic *reading_commanded(const struct reading *r, struct span s)
{
	const struct topic *all = r->k->topics;
	size_t n = r->k->n_topics;
	for (size_t i = 0; i < n && (i = patterns_list(&all[0].commands, i, n, r->w)) < n; i++)
		if (patterns_whole(&all[i].commands, r->w, s))
			return &all[i];
	return NULL;
}

bool reading_question_open(const struct reading *r)
{
	return r->x->question != QUESTION_NONE && r->x->question != QUESTION_NEED_INFO;
}

bool reading_needs(const struct reading *r)
{
	return r->asks || reading_has(r, LIST_QUESTION) || reading_has(r, LIST_NEED);
}

static bool overlap(struct span a, struct span b)
{
	return a.from < b.to && b.from < a.to;
}

/* Is a phrase of the list said outside both spans? */
static bool outside(const struct reading *r, enum list list, const struct span said[2])
{
	const struct pattern *p;
	for (size_t i = 0; (p = patterns_next(&r->k->lists[list], r->w, &i));) {
		struct span at = { 0 };
		for (size_t from = 0; pattern_find(p, r->w, from, &at); from = at.from + 1)
			if (!overlap(at, said[0]) && !overlap(at, said[1]))
				return true;
	}
	return false;
}

/* Is nothing but words between two places: no comma, no full stop? */
static bool one_clause(const struct words *w, struct span a, struct span b)
{
	size_t from = a.to < b.to ? a.to : b.to, to = a.from > b.from ? a.from : b.from;
	for (size_t i = from; i <= to && i < w->n; i++)
		if (w->at[i].before != MARK_NONE)
			return false;
	return true;
}

static bool unbroken(const struct words *w, struct span s)
{
	for (size_t i = s.from + 1; i < s.to; i++)
		if (w->at[i].before != MARK_NONE)
			return false;
	return true;
}

bool reading_guarded(const struct reading *r, enum list list, struct span said, enum reach reach)
{
	const struct pattern *p;
	for (size_t i = 0; (p = patterns_next(&r->k->lists[list], r->w, &i));) {
		struct span at = { 0 }, near = { said.from > GUARD_WORDS ? said.from - GUARD_WORDS : 0, said.to + GUARD_WORDS };
		for (; pattern_find_in(p, r->w, near, &at); near.from = at.from + 1) {
			if (overlap(at, said) && (reach != REACH_UNBROKEN || unbroken(r->w, at)))
				return true;
			if (reach == REACH_CLAUSE && one_clause(r->w, at, said))
				return true;
		}
	}
	return false;
}

bool reading_find_free(struct reading *r, enum list list, enum list guards, enum reach reach)
{
	const struct pattern *p;
	for (size_t i = 0; (p = patterns_next(&r->k->lists[list], r->w, &i));) {
		struct span at = { 0 };
		for (size_t from = 0; pattern_find(p, r->w, from, &at); from = at.from + 1)
			if (!reading_guarded(r, guards, at, reach)) {
				reading_quote(r, at);
				return true;
			}
	}
	return false;
}

bool reading_tells_more(struct reading *r, struct span a, struct span b)
{
	struct score rest;
	if (r->suspected)
		return true;
	const struct span said[2] = { a, b };
	score_topics(r->k, r->w, r->x->topic, said, 2, &rest);
	int points = rest.n ? rest.rows[0].points : 0;
	return r->asks || outside(r, LIST_QUESTION, said) || points >= 3 || (points >= 2 && outside(r, LIST_NEED, said));
}

void reading_tell_nature(struct reading *r)
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

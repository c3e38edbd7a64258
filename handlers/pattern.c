/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Phrases compiled once by keywords.c and looked for in every message. Backtracks over gaps and optional words only. */
#include "handlers/pattern.h"

#include <string.h>

#include "gateway/base/own.h"
#include "handlers/match.h"
#include "handlers/syllable.h"

#define GAP_SHORT 3
#define GAP_LONG 7

void pattern_done(struct pattern *p)
{
	for (size_t i = 0; i < p->n; i++)
		choices_drop(p->at[i].choices);
	free(p->at);
	free(p->text);
	*p = (struct pattern){ 0 };
}

static int parse_element(struct pattern_element *e, const char *text, size_t n, struct word_classes *classes)
{
	*e = (struct pattern_element){ 0 };
	if (n == 1 && (*text == '^' || *text == '$' || *text == '#')) {
		e->kind = *text == '^' ? ELEMENT_START : *text == '$' ? ELEMENT_END : ELEMENT_NUMBER;
		e->least = e->most = *text == '#';
		return 0;
	}
	if ((n == 2 || n == 3) && strspn(text, ".") >= n) {
		e->kind = ELEMENT_GAP;
		e->gap = n == 2 ? GAP_SHORT : GAP_LONG;
		e->most = e->gap;
		return 0;
	}
	e->kind = ELEMENT_CHOICE;
	e->optional = text[n - 1] == '?';
	int r = choices_parse(text, n - e->optional, classes, &e->choices);
	if (r)
		return r;
	e->least = e->optional ? 0 : e->choices->least;
	e->most = e->choices->most;
	return 0;
}

/* Bits of the words of which one must occur, for the elements that must; how many words it takes in all. */
static void note_needs(struct pattern *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n; i++) {
		struct pattern_element *e = &p->at[i];
		e->back = p->most;
		p->least = (uint16_t)(p->least + e->least);
		p->most = (uint16_t)(p->most + e->most);
		p->bound = p->bound || e->kind == ELEMENT_START || e->kind == ELEMENT_END;
		if (e->kind == ELEMENT_CHOICE && !e->optional && n < PATTERN_NEEDS)
			p->need[n++] = e->choices->begins;
	}
}

static bool may_occur(const struct pattern *p, const struct words *w)
{
	for (size_t i = 0; w->has && i < PATTERN_NEEDS && p->need[i]; i++)
		if (!(p->need[i] & w->has))
			return false;
	return true;
}

static size_t count_elements(const char *text)
{
	size_t n = 0;
	for (const char *p = text; *p; p++)
		n += *p != ' ' && (p == text || p[-1] == ' ');
	return n;
}

static int parse_elements(struct pattern *p, struct word_classes *classes)
{
	int r = 0;
	p->at = calloc(count_elements(p->text) + 1, sizeof(*p->at));
	if (!p->at)
		return E_NOMEM;
	for (const char *at = p->text + strspn(p->text, " "); *at && !r; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");
		r = parse_element(&p->at[p->n++], at, n, classes);
		at += n;
	}
	return r ? r : p->n ? 0 : E_INVALID;
}

int pattern_parse(const char *text, struct word_classes *classes, struct pattern *ret)
{
	struct pattern p = { .text = strdup(text) };
	int r = p.text ? parse_elements(&p, classes) : E_NOMEM;
	if (!r)
		note_needs(&p);
	if (r || p.most > MATCH_WORDS_MAX) {
		pattern_done(&p);
		return r ? r : E_INVALID;
	}
	*ret = p;
	return 0;
}

/* The words among those of in that the phrase may begin at; the lexicon has looked at what else it needs. */
static inline struct span starts_of(const struct pattern *p, const struct words *w, struct span in)
{
	if (w->starts && p->phrase) {
		const struct words_start *start = &w->starts[p->phrase];
		if (!(w->may[p->phrase / 64] >> p->phrase % 64 & 1))
			return (struct span){ 0 };
		in.from = in.from > start->from ? in.from : start->from;
		in.to = in.to < start->to + 1u ? in.to : start->to + 1u;
	} else if (!may_occur(p, w)) {
		return (struct span){ 0 };
	}
	return in;
}

static inline bool may_start(const struct pattern *p, const struct words *w, size_t from)
{
	struct span in = starts_of(p, w, (struct span){ from, from + 1 });
	return in.from < in.to;
}

bool pattern_at(const struct pattern *p, const struct words *w, size_t from, size_t *ret_to)
{
	return may_start(p, w, from) && match_at(p, w, from, false, ret_to);
}

bool pattern_find_in(const struct pattern *p, const struct words *w, struct span starts_in, struct span *ret)
{
	struct span in = starts_of(p, w, starts_in);
	for (size_t i = in.from; i < in.to && i < w->n; i++) {
		size_t to = 0;
		if (match_at(p, w, i, false, &to) && to > i) {
			*ret = (struct span){ i, to };
			return true;
		}
	}
	return false;
}

bool pattern_find(const struct pattern *p, const struct words *w, size_t from, struct span *ret)
{
	return pattern_find_in(p, w, (struct span){ from, w->n }, ret);
}

int patterns_add(struct patterns *list, const char *text, struct word_classes *classes)
{
	struct pattern *grown = realloc(list->at, (list->n + 1) * sizeof(*grown));
	if (!grown)
		return E_NOMEM;
	list->at = grown;
	int r = pattern_parse(text, classes, &list->at[list->n]);
	list->n += r == 0;
	return r;
}

void patterns_done(struct patterns *list)
{
	for (size_t i = 0; i < list->n; i++)
		pattern_done(&list->at[i]);
	free(list->at);
	*list = (struct patterns){ 0 };
}

/* Has the lexicon found it already, where any rule would? */
static inline bool stands(const struct pattern *p, const struct words *w)
{
	return w->starts && p->phrase && !p->bound && !w->cut;
}

const struct pattern *patterns_search(const struct patterns *list, const struct words *w, size_t from, struct span *ret)
{
	const struct pattern *p;
	struct span found = { 0 };
	for (size_t i = 0; (p = patterns_next(list, w, &i));) {
		if (!ret && !from && stands(p, w))
			return p;
		if (!pattern_find(p, w, from, &found))
			continue;
		if (ret)
			*ret = found;
		return p;
	}
	return NULL;
}

const struct pattern *patterns_at(const struct patterns *list, const struct words *w, size_t from, size_t *ret_to)
{
	const struct pattern *p, *best = NULL;
	size_t longest = from;
	for (size_t i = 0, to = 0; (p = patterns_next(list, w, &i));) {
		if (!pattern_at(p, w, from, &to) || to <= longest)
			continue;
		longest = to;
		best = p;
	}
	if (best)
		*ret_to = longest;
	return best;
}

static bool takes_whole(const struct pattern *p, const struct words *w, struct span whole)
{
	size_t n = whole.to - whole.from;
	if (n < p->least || n > p->most || !may_start(p, w, whole.from))
		return false;
	struct words cut = words_until(w, whole.to);
	size_t to = 0;
	return match_at(p, &cut, whole.from, true, &to);
}

const struct pattern *patterns_compare(const struct patterns *list, const struct words *w, struct span whole)
{
	const struct pattern *p;
	for (size_t i = 0; whole.from < whole.to && (p = patterns_next(list, w, &i));)
		if (takes_whole(p, w, whole))
			return p;
	return NULL;
}

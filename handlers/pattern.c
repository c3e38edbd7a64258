/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Phrases compiled once by keywords.c and looked for in every message. Backtracks over gaps and optional words only. */
#include "handlers/pattern.h"

#include <string.h>

#include "gateway/base/own.h"
#include "handlers/match.h"
#include "handlers/syllable.h"

#define GAP_SHORT 3
#define GAP_LONG 7

static void choice_done(struct pattern_choice *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->words[i].fold);
		free(c->words[i].key);
	}
	free(c->words);
}

void pattern_done(struct pattern *p)
{
	for (size_t i = 0; i < p->n; i++) {
		for (size_t k = 0; k < p->at[i].n; k++)
			choice_done(&p->at[i].choices[k]);
		free(p->at[i].choices);
	}
	free(p->at);
	free(p->text);
	*p = (struct pattern){ 0 };
}

static int add_choice(struct pattern_element *e, const char *text, size_t n_bytes)
{
	OWN(mem) char *copy = strndup(text, n_bytes);
	struct pattern_choice *grown = realloc(e->choices, (e->n + 1) * sizeof(*grown));
	OWN(words) struct words *w = NULL;
	if (grown)
		e->choices = grown;
	if (!copy || !grown)
		return E_NOMEM;
	for (char *p = copy; *p; p++)
		*p = *p == '_' ? ' ' : *p;
	int r = words_new(copy, NULL, &w);
	if (r || !w->n)
		return r ? r : E_INVALID;
	struct pattern_choice *c = &e->choices[e->n];
	*c = (struct pattern_choice){ .words = calloc(w->n, sizeof(*c->words)) };
	if (!c->words)
		return E_NOMEM;
	e->n++;
	for (; c->n < w->n; c->n++) {
		struct pattern_word *to = &c->words[c->n];
		const struct word *from = &w->at[c->n];
		/* a pattern says what it means: nothing of it is residue */
		*to = (struct pattern_word){ .fold = strdup(from->marked ? from->fold : from->raw), .key = strdup(from->key),
					     .marked = from->marked, .exact = text[0] == '!' && from->marked };
		if (!to->fold || !to->key) {
			c->n++;
			return E_NOMEM;
		}
		to->hash = word_hash(to->fold);
	}
	return 0;
}

static int add_class(struct pattern_element *e, const char *name, size_t n_bytes, const struct word_class *classes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(classes[i].name) != n_bytes || strncmp(classes[i].name, name, n_bytes) != 0)
			continue;
		int r = 0;
		for (size_t k = 0; k < classes[i].n && !r; k++)
			r = add_choice(e, classes[i].members[k], strlen(classes[i].members[k]));
		return r;
	}
	return E_INVALID;
}

static int parse_choices(struct pattern_element *e, const char *text, size_t n, const struct word_class *classes, size_t n_classes)
{
	int r = 0;
	e->kind = ELEMENT_CHOICE;
	if (text[n - 1] == '?') {
		e->optional = true;
		n--;
	}
	for (size_t from = 0; from < n && !r;) {
		size_t to = from;
		while (to < n && text[to] != '|')
			to++;
		if (text[from] == '@')
			r = add_class(e, text + from + 1, to - from - 1, classes, n_classes);
		else
			r = add_choice(e, text + from, to - from);
		from = to + 1;
	}
	return r ? r : e->n ? 0 : E_INVALID;
}

static int parse_element(struct pattern_element *e, const char *text, size_t n, const struct word_class *classes, size_t n_classes)
{
	*e = (struct pattern_element){ 0 };
	if (n == 1 && (*text == '^' || *text == '$' || *text == '#')) {
		e->kind = *text == '^' ? ELEMENT_START : *text == '$' ? ELEMENT_END : ELEMENT_NUMBER;
		return 0;
	}
	if ((n == 2 || n == 3) && strspn(text, ".") >= n) {
		e->kind = ELEMENT_GAP;
		e->gap = n == 2 ? GAP_SHORT : GAP_LONG;
		return 0;
	}
	return parse_choices(e, text, n, classes, n_classes);
}

/* Choices by the hash of their first word, those that share it as they were written. */
static void sort_choices(struct pattern_element *e)
{
	for (size_t i = 1; i < e->n; i++)
		for (size_t k = i; k > 0 && e->choices[k].hash < e->choices[k - 1].hash; k--) {
			struct pattern_choice c = e->choices[k];
			e->choices[k] = e->choices[k - 1];
			e->choices[k - 1] = c;
		}
}

/* How many words an element takes. */
static void note_words(struct pattern_element *e)
{
	size_t least = e->kind == ELEMENT_NUMBER, most = e->kind == ELEMENT_GAP ? e->gap : least;
	for (size_t i = 0; i < e->n; i++) {
		least = !i || e->choices[i].n < least ? e->choices[i].n : least;
		most = e->choices[i].n > most ? e->choices[i].n : most;
	}
	e->least = (uint16_t)(e->optional ? 0 : least);
	e->most = (uint16_t)most;
}

static void note_word(uint64_t set[4], uint32_t hash)
{
	set[hash >> 30] |= UINT64_C(1) << (hash >> 24) % 64;
}

/* Bits of the words of which one must occur, for the elements that must; how many words it takes in all. */
static void note_needs(struct pattern *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n; i++) {
		struct pattern_element *e = &p->at[i];
		note_words(e);
		e->back = p->most;
		p->least = (uint16_t)(p->least + e->least);
		p->most = (uint16_t)(p->most + e->most);
		p->bound = p->bound || e->kind == ELEMENT_START || e->kind == ELEMENT_END;
		for (size_t k = 0; k < e->n; k++) {
			e->choices[k].hash = e->choices[k].words[0].hash;
			e->begins |= word_bit(e->choices[k].hash);
			note_word(e->starts, e->choices[k].hash);
			note_word(e->ends, e->choices[k].words[e->choices[k].n - 1].hash);
		}
		sort_choices(e);
		if (e->kind == ELEMENT_CHOICE && !e->optional && n < PATTERN_NEEDS)
			p->need[n++] = e->begins;
	}
}

static bool may_occur(const struct pattern *p, const struct words *w)
{
	for (size_t i = 0; w->has && i < PATTERN_NEEDS && p->need[i]; i++)
		if (!(p->need[i] & w->has))
			return false;
	return true;
}

int pattern_parse(const char *text, const struct word_class *classes, size_t n_classes, struct pattern *ret)
{
	struct pattern p = { .text = strdup(text) };
	int r = p.text ? 0 : E_NOMEM;
	for (const char *at = text; !r && *at;) {
		size_t n = strcspn(at, " ");
		if (n) {
			struct pattern_element *grown = realloc(p.at, (p.n + 1) * sizeof(*grown));
			p.at = grown ? grown : p.at;
			r = grown ? parse_element(&p.at[p.n], at, n, classes, n_classes) : E_NOMEM;
			p.n += grown != NULL;
		}
		at += n + (at[n] == ' ');
	}
	if (!r && !p.n)
		r = E_INVALID;
	if (r) {
		pattern_done(&p);
		return r;
	}
	note_needs(&p);
	if (p.most > MATCH_WORDS_MAX) {
		pattern_done(&p);
		return E_INVALID;
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

int patterns_add(struct patterns *list, const char *text, const struct word_class *classes, size_t n_classes)
{
	struct pattern *grown = realloc(list->at, (list->n + 1) * sizeof(*grown));
	if (!grown)
		return E_NOMEM;
	list->at = grown;
	int r = pattern_parse(text, classes, n_classes, &list->at[list->n]);
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

const struct pattern *patterns_find(const struct patterns *list, const struct words *w, size_t from, struct span *ret)
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

const struct pattern *patterns_whole(const struct patterns *list, const struct words *w, struct span whole)
{
	const struct pattern *p;
	for (size_t i = 0; whole.from < whole.to && (p = patterns_next(list, w, &i));)
		if (takes_whole(p, w, whole))
			return p;
	return NULL;
}

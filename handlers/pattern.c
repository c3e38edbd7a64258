/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Phrases compiled once by keywords.c and looked for in every message. Backtracks over gaps and optional words only. */
#include "handlers/pattern.h"

#include <string.h>

#include "gateway/base/own.h"
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

/* The first choice whose first word has this hash, or where it would stand. */
static inline size_t first_choice(const struct pattern_element *e, uint32_t hash)
{
	size_t low = 0, high = e->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (e->choices[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Bits of the words of which one must occur, for the elements that must. */
static void note_needs(struct pattern *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n; i++) {
		struct pattern_element *e = &p->at[i];
		for (size_t k = 0; k < e->n; k++) {
			e->choices[k].hash = e->choices[k].words[0].hash;
			e->begins |= word_bit(e->choices[k].hash);
			e->starts[e->choices[k].hash >> 30] |= UINT64_C(1) << (e->choices[k].hash >> 24) % 64;
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
	*ret = p;
	return 0;
}

static bool word_matches(const struct pattern_word *p, const struct word *w)
{
	/* nearly all words differ, and this is asked a thousand times a message */
	if (p->hash != w->hash || (p->exact && !w->marked))
		return false;
	if (p->id && w->id ? p->id != w->id : strcmp(p->fold, w->fold) != 0)
		return false;
	if (!p->marked || !w->marked || strcmp(p->key, w->key) == 0)
		return true;
	return w->typed && !p->exact && syllable_omits(w->key, p->key);
}

static bool choice_at(const struct pattern_choice *c, const struct words *w, size_t from, bool first)
{
	if (from + c->n > w->n)
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (!word_matches(&c->words[i], &w->at[from + i]) ||
		    (!(first && i == 0) && w->at[from + i].before == MARK_STRONG))
			return false;
	return true;
}

static inline bool starts(const struct pattern_element *e, const struct word *w)
{
	return e->starts[w->hash >> 30] & UINT64_C(1) << (w->hash >> 24) % 64;
}

/* Can the element i stand at word at? A quick no for nearly all. */
static inline bool may_begin(const struct pattern *p, size_t i, const struct words *w, size_t at)
{
	const struct pattern_element *e = i < p->n ? &p->at[i] : NULL;
	return !e || e->kind != ELEMENT_CHOICE || e->optional || (at < w->n && starts(e, &w->at[at]));
}

/* How a match goes on: with the element i, the first word still to come or not, the rest to be empty or not. */
struct course {
	size_t i;
	bool first, whole;
};

/* Elements from course.i on at word from. */
static bool match(const struct pattern *p, struct course c, const struct words *w, size_t from, size_t *ret_to)
{
	if (c.i == p->n) {
		*ret_to = from;
		return !c.whole || from == w->n;
	}
	struct course next = { c.i + 1, c.first, c.whole }, behind = { c.i + 1, false, c.whole };
	const struct pattern_element *e = &p->at[c.i];
	switch (e->kind) {
	case ELEMENT_START:
		return from == 0 && match(p, next, w, from, ret_to);
	case ELEMENT_END:
		return from == w->n && match(p, next, w, from, ret_to);
	case ELEMENT_NUMBER:
		return from < w->n && w->at[from].number && match(p, behind, w, from + 1, ret_to);
	case ELEMENT_GAP:
		for (size_t k = 0; k <= e->gap && from + k <= w->n; k++) {
			if (k == 0 && !c.first && from < w->n && w->at[from].before != MARK_NONE)
				return false;
			if (may_begin(p, next.i, w, from + k) && match(p, next, w, from + k, ret_to))
				return true;
			if (from + k == w->n || w->at[from + k].before != MARK_NONE)
				return false;
		}
		return false;
	case ELEMENT_CHOICE:
		if (from < w->n && starts(e, &w->at[from]))
			for (size_t k = first_choice(e, w->at[from].hash); k < e->n && e->choices[k].hash == w->at[from].hash; k++)
				if (choice_at(&e->choices[k], w, from, c.first) && match(p, behind, w, from + e->choices[k].n, ret_to))
					return true;
		return e->optional && match(p, next, w, from, ret_to);
	}
	return false;
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
	return may_start(p, w, from) && may_begin(p, 0, w, from) && match(p, (struct course){ 0, true, false }, w, from, ret_to);
}

bool pattern_find_in(const struct pattern *p, const struct words *w, struct span starts_in, struct span *ret)
{
	struct span in = starts_of(p, w, starts_in);
	for (size_t i = in.from; i < in.to && i < w->n; i++) {
		size_t to = 0;
		if (may_begin(p, 0, w, i) && match(p, (struct course){ 0, true, false }, w, i, &to) && to > i) {
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

const struct pattern *patterns_find(const struct patterns *list, const struct words *w, size_t from, struct span *ret)
{
	const struct pattern *p;
	struct span found = { 0 };
	for (size_t i = 0; (p = patterns_next(list, w, &i));) {
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
	if (!may_start(p, w, whole.from) || !may_begin(p, 0, w, whole.from))
		return false;
	struct words cut = words_until(w, whole.to);
	size_t to = 0;
	return match(p, (struct course){ 0, true, true }, &cut, whole.from, &to);
}

const struct pattern *patterns_whole(const struct patterns *list, const struct words *w, struct span whole)
{
	const struct pattern *p;
	for (size_t i = 0; whole.from < whole.to && (p = patterns_next(list, w, &i));)
		if (takes_whole(p, w, whole))
			return p;
	return NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks for the words of the open question's options. Keeps nothing, does no I/O. */
#include "handlers/label.h"

#include <stdio.h>
#include <string.h>

#include "handlers/glue.h"

#define LABEL_EARLY 4 /* words before a label in a long message */
#define LABEL_SHORT 11 /* words of a message in which a label may stand anywhere */
#define LABEL_BYTES 32 /* of one that is written without its spaces */
#define LATER_WORDS 5 /* from what takes one label back to the next */

static bool is_any(const struct words *w, size_t i, const char *const *list, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (strcmp(w->at[i].fold, list[k]) == 0)
			return true;
	return false;
}

/* "khong hai long", "chua he duoc ho tro": does a "not" stand before these words? */
static bool denied(const struct words *w, struct span s)
{
	static const char *const nots[] = { "khong", "chua", "chang", "hong" };
	static const char *const between[] = { "he", "duoc", "that", "thay", "phai", "la", "may", "ai", "co" };
	if (!s.from || w->at[s.from].before != MARK_NONE)
		return false;
	if (is_any(w, s.from - 1, nots, COUNT_OF(nots)))
		return true;
	return s.from > 1 && w->at[s.from - 1].before == MARK_NONE && is_any(w, s.from - 1, between, COUNT_OF(between)) &&
	       is_any(w, s.from - 2, nots, COUNT_OF(nots));
}

/* Where an option's words stand, not denied. */
static bool find_label(const struct option *o, const struct words *w, size_t from, struct span *ret)
{
	bool found = false;
	for (size_t i = 0; i < o->words.n; i++) {
		struct span s;
		if (!pattern_find(&o->words.at[i], w, from, &s) || denied(w, s))
			continue;
		if (!found || s.from < ret->from || (s.from == ret->from && s.to > ret->to))
			*ret = s;
		found = true;
	}
	return found;
}

static const struct option *first_label(const struct context *x, const struct words *w, size_t from, struct span *ret)
{
	const struct option *best = NULL;
	for (size_t i = 0; i < x->n_options; i++) {
		struct span s;
		if (!find_label(&x->options[i], w, from, &s))
			continue;
		bool covers = best && s.from <= ret->from && s.to >= ret->to && s.to - s.from > ret->to - ret->from;
		bool earlier = best && s.from < ret->from && !(ret->from < s.to && ret->to - ret->from > s.to - s.from);
		if (!best || covers || earlier || (s.from == ret->from && s.to > ret->to)) {
			best = &x->options[i];
			*ret = s;
		}
	}
	return best;
}

/* "I have one, but it expired", "no, wrong, I have one": what follows such words is meant. */
static const struct option *later_label(const struct keywords *k, const struct words *w, const struct context *x, struct span *ret)
{
	static const char *const but[] = { "nhung", "ma" };
	struct span later = { 0 };
	for (size_t i = ret->to, to; i < w->n && i < ret->to + 3; i++) {
		bool other = is_any(w, i, but, COUNT_OF(but)) || patterns_at(&k->lists[LIST_ANSWER_INSTEAD], w, i, &to);
		const struct option *meant = other ? first_label(x, w, i, &later) : NULL;
		if (!meant || later.from >= i + LATER_WORDS)
			continue;
		*ret = later;
		return meant;
	}
	return NULL;
}

static bool read_label(const struct keywords *k, const struct words *w, const struct context *x, struct pick *ret)
{
	struct span s = { 0 };
	const struct option *o = first_label(x, w, 0, &s);
	if (!o || (s.from >= LABEL_EARLY && w->n > LABEL_SHORT))
		return false;
	const struct option *meant = later_label(k, w, x, &s);
	o = meant ? meant : o;
	bool leaves = x->menu && strcmp(o->value, x->exit_input) == 0;
	snprintf(ret->value, sizeof(ret->value), "%s", leaves ? "EXIT" : o->value);
	ret->topic = o->topic;
	ret->how = "label";
	ret->at = s;
	ret->trailing = s.to < w->n;
	return true;
}

/* An option for the words that a glued one comes apart into, and where its own words stand among them. */
struct glued_label {
	const struct keywords *k;
	const struct context *x;
	struct pick *ret;
};

static bool is_label(const struct words *w, void *arg)
{
	const struct glued_label *g = arg;
	struct pick a = { .topic = "" };
	if (!read_label(g->k, w, g->x, &a))
		return false;
	for (size_t to; a.at.to < w->n; a.at.to = to)
		if (!patterns_at(&g->k->lists[LIST_TAIL], w, a.at.to, &to))
			return false; /* "chuahethan": more was said than "chua" */
	*g->ret = a;
	return true;
}

/* "thehethan": the open question tells which of many ways apart is meant. */
static bool read_glued(const struct keywords *k, const struct words *w, const struct context *x, struct pick *ret)
{
	struct glued_label g = { k, x, ret };
	char token[LABEL_BYTES] = "";
	size_t n = 0;
	for (size_t i = 0; i < w->n; i++) { /* it may have come apart already, and wrongly: "the he than" */
		size_t more = strlen(w->at[i].raw);
		if (w->at[i].marked || w->at[i].glued != (i > 0) || n + more >= sizeof(token))
			return false;
		memcpy(token + n, w->at[i].raw, more + 1);
		n += more;
	}
	if (!n || !glue_apart(token, is_label, &g))
		return false;
	ret->at = (struct span){ 0, w->n };
	ret->trailing = false;
	return true;
}

bool label_read(const struct keywords *k, const struct words *w, const struct context *x, struct pick *ret)
{
	return read_label(k, w, x, ret) || read_glued(k, w, x, ret);
}

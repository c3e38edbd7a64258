/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a phrase asks for around a word. Keeps nothing, does no I/O. */
#include "handlers/posting.h"

#include <assert.h>

#include "handlers/match.h"

static_assert(sizeof(struct posting) == 64, "a posting fills a line of the processor's cache");

/* What stands beside the element at, in steps of -1 or 1. */
static struct side beside(const struct pattern *p, size_t at, int step)
{
	size_t i = at + (size_t)step, gap = 0;
	while (i < p->n && p->at[i].kind == ELEMENT_GAP) {
		gap += p->at[i].gap;
		i += (size_t)step;
	}
	if (i >= p->n || p->at[i].kind != ELEMENT_CHOICE || p->at[i].optional)
		return (struct side){ 0 };
	const struct choices *all = p->at[i].choices;
	const struct choice *c = &all->at[0];
	const struct choice_word *word = step > 0 ? &c->words[0] : &c->words[c->n - 1];
	return (struct side){ all->n == 1 ? NULL : all, word->hash, (uint32_t)gap + 1 };
}

/* What stands beside a word of a choice: another word of it, or what the next element asks for. */
static struct side side_of(const struct posting *p, int step)
{
	size_t next = p->place + (size_t)step;
	if (next < p->choice->n)
		return (struct side){ NULL, p->choice->words[next].hash, 1 };
	return beside(p->of, p->element, step);
}

static uint64_t bits_of(const struct side *s, int step)
{
	uint64_t bits = 0;
	if (!s->farthest)
		return UINT64_MAX;
	for (uint32_t i = 0; s->of && i < s->of->n; i++)
		bits |= word_bit(s->of->at[i].words[step > 0 ? 0 : s->of->at[i].n - 1].hash);
	return s->of ? bits : word_bit(s->hash);
}

/* Of which words the phrase needs one besides the element told: the fewest that any element asks for. */
static uint64_t need_of(const struct pattern *p, const struct pattern_element *told)
{
	uint64_t need = UINT64_MAX;
	for (size_t i = 0; i < p->n; i++) {
		const struct pattern_element *e = &p->at[i];
		bool must = e->kind == ELEMENT_CHOICE && !e->optional && e != told;
		if (must && __builtin_popcountll(e->choices->begins) < __builtin_popcountll(need))
			need = e->choices->begins;
	}
	return need;
}

void posting_make(struct posting *p, struct gate *ret_gate)
{
	p->before = side_of(p, -1);
	p->behind = side_of(p, 1);
	p->bare = p->choice->n == 1 && !p->choice->words[0].marked;
	p->single = p->of->n == 1;
	*ret_gate = (struct gate){ bits_of(&p->before, -1), bits_of(&p->behind, 1), need_of(p->of, &p->of->at[p->element]),
				   vicinity_reach(p->before.farthest), vicinity_reach(p->behind.farthest) };
}

/* Is one of the side's words there, seen from word at in steps of -1 or 1? */
static inline bool stands(const struct side *s, const struct words *w, size_t at, int step)
{
	const uint64_t *set = s->of ? step > 0 ? s->of->starts : s->of->ends : NULL;
	for (uint32_t i = 0; i < s->farthest; i++) {
		at += (size_t)step;
		if (at >= w->n)
			return false;
		if (set ? choices_among(set, w->at[at].hash) : s->hash == w->at[at].hash)
			return true;
	}
	return !s->farthest;
}

uint64_t posting_starts(const struct posting *p, const struct words *w, const struct vicinity *v, size_t at, size_t *ret_base)
{
	if (at < p->place)
		return 0;
	*ret_base = at - p->place;
	if (p->single)
		return p->bare || match_choice(p->choice, w, at - p->place);
	if (!stands(&p->behind, w, at, 1) || !stands(&p->before, w, at, -1))
		return 0;
	return match_around(p->of, p->element, p->bare ? NULL : p->choice, w, v, at - p->place, ret_base);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a phrase asks for around a word. Keeps nothing, does no I/O. */
#include "handlers/posting.h"

#include "handlers/match.h"

/* Words of which one must stand on one side of a word, so many places on at the farthest; 0 = nothing is known. */
struct side {
	uint64_t bits;
	uint32_t farthest;
};

/* Bits of the words of an element that stand next to one before it (step 1) or behind it (-1). */
static uint64_t edge(const struct pattern_element *e, int step)
{
	uint64_t bits = e->kind == ELEMENT_NUMBER ? VICINITY_NUMBER : 0;
	for (size_t k = 0; e->kind == ELEMENT_CHOICE && k < e->choices->n; k++) {
		const struct choice *c = &e->choices->at[k];
		bits |= word_bit(c->words[step > 0 ? 0 : c->n - 1].hash);
	}
	return bits;
}

/* What stands beside the element, in steps of -1 or 1: what the next one that must be there asks for, or one between that may be. */
static struct side beside(const struct posting *p, int step)
{
	struct side s = { 0, 1 };
	for (size_t i = p->element + (size_t)step; i < p->n; i += (size_t)step) {
		const struct pattern_element *e = &p->elements[i];
		if (e->kind == ELEMENT_START || e->kind == ELEMENT_END)
			break;
		s.bits |= edge(e, step);
		if (e->least)
			return s;
		s.farthest += e->most;
	}
	return (struct side){ UINT64_MAX, 0 };
}

/* What stands beside a word of a choice: another word of it, or what the next element asks for. */
static struct side side_of(const struct posting *p, int step)
{
	size_t next = p->place + (size_t)step;
	if (next < p->choice->n)
		return (struct side){ word_bit(p->choice->words[next].hash), 1 };
	return beside(p, step);
}

/* The element besides the posting's that asks for the fewest words, but not this one; NULL when there is none. */
static const struct pattern_element *fewest(const struct posting *p, const struct pattern_element *but)
{
	const struct pattern_element *best = NULL;
	for (const struct pattern_element *e = p->elements; e < p->elements + p->n; e++) {
		bool must = e->kind == ELEMENT_CHOICE && !e->optional && e != p->elements + p->element && e != but;
		if (must && (!best || e->choices->n < best->choices->n))
			best = e;
	}
	return best;
}

/* Bits of the words that the element may begin with, by another part of their hashes. */
static uint64_t begins_too(const struct pattern_element *e)
{
	uint64_t bits = 0;
	for (size_t k = 0; k < e->choices->n; k++)
		bits |= word_bit_too(e->choices->at[k].hash);
	return bits;
}

static bool has_number(const struct posting *p)
{
	size_t i = 0;
	while (i < p->n && p->elements[i].kind != ELEMENT_NUMBER)
		i++;
	return i < p->n;
}

void posting_settle(struct posting *p, struct gate *ret_gate)
{
	struct side before = side_of(p, -1), behind = side_of(p, 1);
	p->bare = p->choice->n == 1 && !p->choice->words[0].marked;
	p->single = p->n == 1;
	const struct pattern_element *need = fewest(p, NULL), *other = need ? fewest(p, need) : NULL;
	uint64_t too = has_number(p) ? VICINITY_NUMBER : need ? begins_too(other ? other : need) : UINT64_MAX;
	*ret_gate = (struct gate){ .before = before.bits, .behind = behind.bits, .need = need ? need->choices->begins : UINT64_MAX, .too = too,
				   .before_reach = vicinity_reach(before.farthest), .behind_reach = vicinity_reach(behind.farthest) };
}

uint64_t posting_starts(const struct posting *p, const struct words *w, const struct vicinity *v, size_t at, size_t *ret_base)
{
	if (at < p->place)
		return 0;
	*ret_base = at -= p->place;
	if (p->single)
		return p->bare || match_choice(p->choice, w, at);
	return match_around(p->elements, p->n, p->element, p->bare ? NULL : p->choice, w, v, at, ret_base);
}

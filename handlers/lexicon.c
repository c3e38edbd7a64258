/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table from folded words to phrases. A phrase stands under one of its elements: the one whose words the fewest phrases
 * share, as rare words of the files are rare in messages too. Keeps nothing of a message. */
#include "handlers/lexicon.h"

#include <string.h>

#define BITS 64

struct slot {
	const char *fold; /* of the pattern that brought it; NULL: free */
	uint32_t uses;    /* phrases that name it */
	uint32_t from, n; /* its phrases: postings[from] … */
};

/* One of these words must stand on one side of the word, so many places on at the nearest and at the farthest. */
struct side {
	uint64_t of; /* bits of the words; 0 = nothing is known */
	uint8_t nearest, farthest;
};

/* A phrase under a word. What else it needs stands beside it, so that nearly all are passed over without a look at them. */
struct posting {
	uint64_t needs[2]; /* 0 = nothing more */
	struct side before, behind;
	uint32_t phrase;
};

/* Which words' bits a phrase needs one of, for each of its elements that must occur; finer than what stands beside a posting. */
struct need {
	uint64_t of[2][4];
	uint32_t n;
};

struct lexicon {
	struct slot *slots;
	size_t n_slots; /* a power of two */
	struct posting *postings;
	struct need *needs; /* by phrase */
	uint64_t *always; /* phrases that no word gives away */
	size_t n_phrases;
};

static struct slot *slot_of(const struct lexicon *l, const char *fold, uint32_t hash)
{
	size_t i = hash & (l->n_slots - 1);
	while (l->slots[i].fold && strcmp(l->slots[i].fold, fold) != 0)
		i = (i + 1) & (l->n_slots - 1);
	return &l->slots[i];
}

static void note_uses(struct lexicon *l, struct pattern *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->at[i].n; k++)
			for (size_t w = 0; w < p->at[i].choices[k].n; w++) {
				struct pattern_word *word = &p->at[i].choices[k].words[w];
				struct slot *s = slot_of(l, word->fold, word->hash);
				word->id = (uint32_t)(s - l->slots) + 1;
				s->fold = word->fold;
				s->uses++;
			}
}

/* Of a choice of several words the rarest gives it away. */
static struct slot *rarest(const struct lexicon *l, const struct pattern_choice *c)
{
	struct slot *best = NULL;
	for (size_t i = 0; i < c->n; i++) {
		struct slot *s = slot_of(l, c->words[i].fold, c->words[i].hash);
		if (!best || s->uses < best->uses)
			best = s;
	}
	return best;
}

/* The element that the phrase stands under; NULL when none must occur. */
static const struct pattern_element *telling(const struct lexicon *l, const struct pattern *p)
{
	const struct pattern_element *best = NULL;
	size_t least = SIZE_MAX;
	for (size_t i = 0; i < p->n; i++) {
		const struct pattern_element *e = &p->at[i];
		size_t uses = 0;
		if (e->kind != ELEMENT_CHOICE || e->optional)
			continue;
		for (size_t k = 0; k < e->n; k++)
			uses += rarest(l, &e->choices[k])->uses;
		if (uses < least) {
			least = uses;
			best = e;
		}
	}
	return best;
}

static struct need need_of(const struct pattern *p, const struct pattern_element *told)
{
	struct need need = { .n = 0 };
	for (size_t i = 0; i < p->n && need.n < COUNT_OF(need.of); i++)
		if (p->at[i].kind == ELEMENT_CHOICE && !p->at[i].optional && &p->at[i] != told)
			memcpy(need.of[need.n++], p->at[i].starts, sizeof(need.of[0]));
	return need;
}

/* Bits of the words that choices of an element end with. */
static uint64_t ends_of(const struct pattern_element *e)
{
	uint64_t bits = 0;
	for (size_t i = 0; i < e->n; i++)
		bits |= word_bit(e->choices[i].words[e->choices[i].n - 1].hash);
	return bits;
}

/* What stands beside the element at, in steps of -1 or 1, with so many words of its own choice between. */
static struct side side_of(const struct pattern *p, size_t at, int step, size_t between)
{
	size_t i = at + (size_t)step, gap = 0;
	while (i < p->n && p->at[i].kind == ELEMENT_GAP) {
		gap += p->at[i].gap;
		i += (size_t)step;
	}
	if (i >= p->n || p->at[i].kind != ELEMENT_CHOICE || p->at[i].optional || between + gap + 1 > UINT8_MAX)
		return (struct side){ 0 };
	return (struct side){ step > 0 ? p->at[i].begins : ends_of(&p->at[i]), (uint8_t)(between + 1), (uint8_t)(between + 1 + gap) };
}

/* Where in its choice the word stands that gives it away; SIZE_MAX: at more places than one. */
static size_t place_of(const struct lexicon *l, const struct pattern_choice *c, const struct slot *s)
{
	size_t at = SIZE_MAX, n = 0;
	for (size_t i = 0; i < c->n; i++)
		if (slot_of(l, c->words[i].fold, c->words[i].hash) == s) {
			at = i;
			n++;
		}
	return n == 1 ? at : SIZE_MAX;
}

static struct posting posting_of(const struct pattern *p, const struct pattern_element *told, uint32_t phrase)
{
	struct posting posting = { .phrase = phrase };
	size_t n = 0;
	for (size_t i = 0; i < p->n && n < COUNT_OF(posting.needs); i++)
		if (p->at[i].kind == ELEMENT_CHOICE && !p->at[i].optional && &p->at[i] != told)
			posting.needs[n++] = p->at[i].begins;
	return posting;
}

/* Counts the postings of each word, or writes them when told to. */
static void post(struct lexicon *l, const struct pattern *p, uint32_t phrase, bool write)
{
	const struct pattern_element *e = telling(l, p);
	if (e && write)
		l->needs[phrase] = need_of(p, e);
	if (!e)
		l->always[phrase / BITS] |= UINT64_C(1) << phrase % BITS;
	for (size_t k = 0; e && k < e->n; k++) {
		const struct pattern_choice *c = &e->choices[k];
		struct slot *s = rarest(l, c);
		size_t place = write ? place_of(l, c, s) : SIZE_MAX;
		if (write)
			l->postings[s->from + s->n] = posting_of(p, e, phrase);
		if (place != SIZE_MAX) {
			l->postings[s->from + s->n].before = side_of(p, (size_t)(e - p->at), -1, place);
			l->postings[s->from + s->n].behind = side_of(p, (size_t)(e - p->at), 1, c->n - 1 - place);
		}
		s->n++;
	}
}

static void post_all(struct lexicon *l, struct patterns *const *lists, size_t n_lists, bool write)
{
	for (size_t i = 0; i < n_lists; i++)
		for (size_t k = 0; k < lists[i]->n; k++)
			post(l, &lists[i]->at[k], (uint32_t)(lists[i]->base + k), write);
}

static int make_room(struct lexicon *l, struct patterns *const *lists, size_t n_lists)
{
	size_t n_words = 0;
	l->n_phrases = 1; /* base 0 means: not in a lexicon */
	for (size_t i = 0; i < n_lists; i++) {
		lists[i]->base = l->n_phrases;
		l->n_phrases += lists[i]->n;
		for (size_t k = 0; k < lists[i]->n; k++)
			for (size_t e = 0; e < lists[i]->at[k].n; e++)
				for (size_t c = 0; c < lists[i]->at[k].at[e].n; c++)
					n_words += lists[i]->at[k].at[e].choices[c].n;
	}
	for (l->n_slots = BITS; l->n_slots < 2 * n_words;)
		l->n_slots *= 2;
	l->slots = calloc(l->n_slots, sizeof(*l->slots));
	l->always = calloc(l->n_phrases / BITS + 1, sizeof(*l->always));
	l->needs = calloc(l->n_phrases, sizeof(*l->needs));
	return l->slots && l->always && l->needs ? 0 : E_NOMEM;
}

int lexicon_new(struct patterns *const *lists, size_t n_lists, struct lexicon **ret)
{
	OWN(lexicon) struct lexicon *l = calloc(1, sizeof(*l));
	int r = l ? make_room(l, lists, n_lists) : E_NOMEM;
	if (r)
		return r;
	for (size_t i = 0; i < n_lists; i++)
		for (size_t k = 0; k < lists[i]->n; k++)
			note_uses(l, &lists[i]->at[k]);
	post_all(l, lists, n_lists, false);
	uint32_t total = 0;
	for (size_t i = 0; i < l->n_slots; i++) {
		l->slots[i].from = total;
		total += l->slots[i].n;
		l->slots[i].n = 0;
	}
	l->postings = calloc(total + 1u, sizeof(*l->postings));
	if (!l->postings)
		return E_NOMEM;
	post_all(l, lists, n_lists, true);
	*ret = MOVE(l);
	return 0;
}

void lexicon_free(struct lexicon *l)
{
	if (!l)
		return;
	free(l->slots);
	free(l->postings);
	free(l->always);
	free(l->needs);
	free(l);
}

uint32_t lexicon_uses(const struct lexicon *l, const char *fold)
{
	const struct slot *s = slot_of(l, fold, word_hash(fold));
	return s->fold ? s->uses : 0;
}

/* Is of each element that must occur some word there? */
static bool met(const struct need *need, const uint64_t there[4])
{
	for (uint32_t i = 0; i < need->n; i++) {
		const uint64_t *of = need->of[i];
		if (!((of[0] & there[0]) | (of[1] & there[1]) | (of[2] & there[2]) | (of[3] & there[3])))
			return false;
	}
	return true;
}

static bool stands_before(const struct side *s, const struct words *w, size_t at)
{
	for (size_t i = s->nearest; s->of && i <= s->farthest && i <= at; i++)
		if (word_bit(w->at[at - i].hash) & s->of)
			return true;
	return !s->of;
}

static bool stands_behind(const struct side *s, const struct words *w, size_t at)
{
	for (size_t i = s->nearest; s->of && i <= s->farthest && at + i < w->n; i++)
		if (word_bit(w->at[at + i].hash) & s->of)
			return true;
	return !s->of;
}

int lexicon_mark(const struct lexicon *l, struct words *w)
{
	size_t n = l->n_phrases / BITS + 1;
	uint64_t *may = malloc(n * sizeof(*may));
	if (!may)
		return E_NOMEM;
	memcpy(may, l->always, n * sizeof(*may));
	uint64_t there[4] = { 0 };
	for (size_t i = 0; i < w->n; i++)
		there[w->at[i].hash >> 30] |= UINT64_C(1) << (w->at[i].hash >> 24) % 64;
	for (size_t i = 0; i < w->n; i++) {
		const struct slot *s = slot_of(l, w->at[i].fold, w->at[i].hash);
		w->at[i].id = s->fold ? (uint32_t)(s - l->slots) + 1 : 0;
		for (uint32_t k = 0; s->fold && k < s->n; k++) {
			const struct posting *p = &l->postings[s->from + k];
			if ((!p->needs[0] || (p->needs[0] & w->has)) && (!p->needs[1] || (p->needs[1] & w->has)) &&
			    stands_behind(&p->behind, w, i) && stands_before(&p->before, w, i) && met(&l->needs[p->phrase], there))
				may[p->phrase / BITS] |= UINT64_C(1) << p->phrase % BITS;
		}
	}
	free(w->may);
	w->may = may;
	return 0;
}

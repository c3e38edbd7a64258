/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table from folded words to phrases. A phrase stands under one of its elements: the one whose words the fewest phrases
 * share, as rare words of the files are rare in messages too. Keeps nothing of a message. */
#include "handlers/lexicon.h"

#include <string.h>

#include "handlers/spelling.h"
#include "handlers/syllable.h"

#define BITS 64

struct slot {
	const char *fold; /* of the pattern that brought it; NULL: free */
	uint32_t uses;    /* phrases that name it */
	uint32_t from, n; /* its phrases: postings[from] … */
	bool ordinary;	  /* it is read as it stands */
};

/* One of these words must stand on one side of the word, so many places on at the nearest and at the farthest. */
struct side {
	uint64_t of; /* bits of the words; 0 = nothing is known */
	uint8_t nearest, farthest;
};

/* A phrase under a word. What else it needs stands beside it, so that nearly all are passed over without a look at them. */
struct posting {
	uint64_t needs; /* besides what stands in keys; all bits = nothing more */
	struct side before, behind;
	uint32_t phrase;
	uint16_t list;
	uint16_t back_least, back_most; /* so many words before this one the phrase begins */
};

/* Which words' bits a phrase needs one of, for each of its elements that must occur; finer than what stands beside a posting. */
struct need {
	uint64_t of[2][4];
	uint32_t n;
};

struct lexicon {
	struct slot *slots;
	size_t n_slots; /* a power of two */
	uint64_t *keys; /* bits of the words of which each posting needs one, read for all of a word's postings */
	struct posting *postings;
	struct need *needs; /* by phrase */
	uint64_t *always; /* phrases that no word gives away */
	uint64_t always_lists[WORDS_LISTS]; /* lists of such */
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

/* What the phrase needs besides the element it stands under: the two rarest things, the rarest first. */
static void rarest_needs(const struct pattern *p, const struct pattern_element *told, uint64_t ret[2])
{
	ret[0] = ret[1] = UINT64_MAX;
	for (size_t i = 0; i < p->n; i++) {
		uint64_t begins = p->at[i].begins;
		if (p->at[i].kind != ELEMENT_CHOICE || p->at[i].optional || &p->at[i] == told)
			continue;
		if (__builtin_popcountll(begins) < __builtin_popcountll(ret[0])) {
			ret[1] = ret[0];
			ret[0] = begins;
		} else if (__builtin_popcountll(begins) < __builtin_popcountll(ret[1])) {
			ret[1] = begins;
		}
	}
}

/* How many words the elements before one take, at least or at most. */
static size_t words_before(const struct pattern *p, const struct pattern_element *told, bool most)
{
	size_t n = 0;
	for (const struct pattern_element *e = p->at; e < told; e++) {
		size_t least = e->n ? SIZE_MAX : 0, longest = 0;
		for (size_t i = 0; i < e->n; i++) {
			least = e->choices[i].n < least ? e->choices[i].n : least;
			longest = e->choices[i].n > longest ? e->choices[i].n : longest;
		}
		switch (e->kind) {
		case ELEMENT_CHOICE: n += most ? longest : e->optional ? 0 : least; break;
		case ELEMENT_NUMBER: n++; break;
		case ELEMENT_GAP: n += most ? e->gap : 0; break;
		case ELEMENT_START:
		case ELEMENT_END: break;
		}
	}
	return n;
}

/* Where a posting goes, what of, and where in its choice the word stands (SIZE_MAX: at more places than one). */
struct place {
	uint32_t at, phrase;
	uint16_t list;
	size_t word;
};

static void write_posting(struct lexicon *l, const struct pattern *p, const struct pattern_element *e, struct place to,
			  const struct pattern_choice *c)
{
	uint64_t needs[2];
	size_t element = (size_t)(e - p->at), first = to.word == SIZE_MAX ? 0 : to.word, last = to.word == SIZE_MAX ? c->n - 1 : to.word;
	struct posting *posting = &l->postings[to.at];
	rarest_needs(p, e, needs);
	l->keys[to.at] = needs[0];
	*posting = (struct posting){ .needs = needs[1], .phrase = to.phrase, .list = to.list };
	posting->back_least = (uint16_t)(words_before(p, e, false) + first);
	posting->back_most = (uint16_t)(words_before(p, e, true) + last);
	if (to.word == SIZE_MAX)
		return;
	posting->before = side_of(p, element, -1, to.word);
	posting->behind = side_of(p, element, 1, c->n - 1 - to.word);
}

/* Counts the postings of each word, or writes them when told to. */
static void post(struct lexicon *l, struct pattern *p, uint32_t phrase, size_t list, bool write)
{
	const struct pattern_element *e = telling(l, p);
	p->phrase = e ? phrase : 0;
	if (e && write)
		l->needs[phrase] = need_of(p, e);
	if (!e) {
		l->always[phrase / BITS] |= UINT64_C(1) << phrase % BITS;
		l->always_lists[list / BITS] |= UINT64_C(1) << list % BITS;
	}
	for (size_t k = 0; e && k < e->n; k++) {
		const struct pattern_choice *c = &e->choices[k];
		struct slot *s = rarest(l, c);
		if (write)
			write_posting(l, p, e, (struct place){ s->from + s->n, phrase, (uint16_t)list, place_of(l, c, s) }, c);
		s->n++;
	}
}

static void post_all(struct lexicon *l, struct patterns *const *lists, size_t n_lists, bool write)
{
	for (size_t i = 0; i < n_lists; i++)
		for (size_t k = 0; k < lists[i]->n; k++)
			post(l, &lists[i]->at[k], (uint32_t)(lists[i]->base + k), lists[i]->list, write);
}

static int make_room(struct lexicon *l, struct patterns *const *lists, size_t n_lists)
{
	size_t n_words = 0;
	if (n_lists > WORDS_LISTS * BITS)
		return E_TOO_BIG;
	l->n_phrases = 1; /* base 0 means: not in a lexicon */
	for (size_t i = 0; i < n_lists; i++) {
		lists[i]->base = l->n_phrases;
		lists[i]->list = i;
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
	l->keys = calloc(total + 1u, sizeof(*l->keys));
	if (!l->postings || !l->keys)
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
	free(l->keys);
	free(l->always);
	free(l->needs);
	free(l);
}

uint32_t lexicon_uses(const struct lexicon *l, const char *fold)
{
	const struct slot *s = slot_of(l, fold, word_hash(fold));
	return s->fold ? s->uses : 0;
}

void lexicon_settle(struct lexicon *l, const struct abbreviations *a)
{
	for (size_t i = 0; i < l->n_slots; i++) {
		const char *fold = l->slots[i].fold;
		l->slots[i].ordinary = fold && syllable_native(fold) && !abbreviations_full(a, fold) && !(a->spelling && spelling_depends(a->spelling, fold));
	}
}

const char *lexicon_ordinary(const struct lexicon *l, const char *fold, uint32_t hash, uint32_t *ret_id)
{
	const struct slot *s = slot_of(l, fold, hash);
	if (!s->ordinary)
		return NULL;
	*ret_id = (uint32_t)(s - l->slots) + 1;
	return s->fold;
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

/* A phrase may begin as far before word at as its posting says. */
static void note_start(struct words *w, const struct posting *p, size_t at)
{
	struct words_start *start = &w->starts[p->phrase];
	uint64_t *may = &w->may[p->phrase / BITS], bit = UINT64_C(1) << p->phrase % BITS;
	uint16_t from = (uint16_t)(at > p->back_most ? at - p->back_most : 0), to = (uint16_t)(at > p->back_least ? at - p->back_least : 0);
	if (!(*may & bit))
		*start = (struct words_start){ from, to };
	start->from = from < start->from ? from : start->from;
	start->to = to > start->to ? to : start->to;
	*may |= bit;
	w->lists[p->list / BITS] |= UINT64_C(1) << p->list % BITS;
}

int lexicon_mark(const struct lexicon *l, struct words *w)
{
	size_t n = l->n_phrases / BITS + 1;
	uint64_t *may = malloc(n * sizeof(*may) + l->n_phrases * sizeof(*w->starts));
	if (!may)
		return E_NOMEM;
	free(w->may);
	w->may = memcpy(may, l->always, n * sizeof(*may));
	memcpy(w->lists, l->always_lists, sizeof(w->lists));
	w->starts = (struct words_start *)(may + n);
	uint64_t there[4] = { 0 };
	for (size_t i = 0; i < w->n; i++)
		there[w->at[i].hash >> 30] |= UINT64_C(1) << (w->at[i].hash >> 24) % 64;
	for (size_t i = 0; i < w->n; i++) {
		const struct slot *s = w->at[i].id ? &l->slots[w->at[i].id - 1] : slot_of(l, w->at[i].fold, w->at[i].hash);
		w->at[i].id = s->fold ? (uint32_t)(s - l->slots) + 1 : 0;
		const uint64_t *keys = l->keys + s->from;
		for (uint32_t k = 0; s->fold && k < s->n; k++) {
			if (!(keys[k] & w->has))
				continue;
			const struct posting *p = &l->postings[s->from + k];
			if ((p->needs & w->has) && stands_behind(&p->behind, w, i) && stands_before(&p->before, w, i) && met(&l->needs[p->phrase], there))
				note_start(w, p, i);
		}
	}
	return 0;
}

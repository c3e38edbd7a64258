/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table from folded words to phrases. A phrase stands under one of its elements: the one whose words the fewest phrases
 * share, as rare words of the files are rare in messages too. Keeps nothing of a message. */
#include "handlers/lexicon.h"

#include <string.h>

#include "handlers/posting.h"
#include "handlers/spelling.h"
#include "handlers/syllable.h"

#define BITS 64

struct slot {
	const char *fold; /* of the pattern that brought it; NULL: free */
	uint32_t uses;    /* phrases that name it */
	uint32_t from, n; /* its phrases: postings[from] … */
	bool ordinary;	  /* it is read as it stands */
};

struct lexicon {
	struct slot *slots;
	size_t n_slots; /* a power of two */
	size_t n_words; /* in them, at most half as many */
	struct gate *gates; /* one a posting */
	struct posting *postings;
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

/* Twice the room; the words stand where they belong in it. */
static int grow(struct lexicon *l)
{
	const struct lexicon before = *l;
	l->slots = calloc(2 * before.n_slots, sizeof(*l->slots));
	if (!l->slots) {
		l->slots = before.slots;
		return E_NOMEM;
	}
	l->n_slots = 2 * before.n_slots;
	for (size_t i = 0; i < before.n_slots; i++)
		if (before.slots[i].fold)
			*slot_of(l, before.slots[i].fold, word_hash(before.slots[i].fold)) = before.slots[i];
	free(before.slots);
	return 0;
}

static int note_use(struct lexicon *l, struct choice_word *word)
{
	struct slot *s = slot_of(l, word->fold, word->hash);
	l->n_words += !s->fold;
	s->fold = word->fold;
	s->uses++;
	return 2 * l->n_words > l->n_slots ? grow(l) : 0;
}

static int note_uses(struct lexicon *l, struct pattern_element *e)
{
	for (size_t k = 0; k < e->choices->n; k++)
		for (size_t w = 0; w < e->choices->at[k].n; w++) {
			int r = note_use(l, &e->choices->at[k].words[w]);
			if (r)
				return r;
		}
	return 0;
}

/* A word's place is its id, once all are there. */
static int note_ids(struct lexicon *l, struct pattern_element *e)
{
	for (size_t k = 0; k < e->choices->n; k++)
		for (size_t w = 0; w < e->choices->at[k].n; w++) {
			struct choice_word *word = &e->choices->at[k].words[w];
			word->id = (uint32_t)(slot_of(l, word->fold, word->hash) - l->slots) + 1;
		}
	e->id = e->choices->n == 1 && e->choices->at[0].plain ? e->choices->at[0].words[0].id : 0;
	return 0;
}

/* Every element of words. */
static int each(struct lexicon *l, struct patterns *const *lists, size_t n_lists, int (*note)(struct lexicon *l, struct pattern_element *e))
{
	int r = 0;
	for (size_t i = 0; i < n_lists; i++)
		for (size_t k = 0; k < lists[i]->n; k++)
			for (size_t e = 0; e < lists[i]->at[k].n && !r; e++)
				r = lists[i]->at[k].at[e].choices ? note(l, &lists[i]->at[k].at[e]) : 0;
	return r;
}

/* Of a choice of several words the rarest gives it away. */
static struct slot *rarest(const struct lexicon *l, const struct choice *c)
{
	struct slot *best = NULL;
	for (size_t i = 0; i < c->n; i++) {
		struct slot *s = slot_of(l, c->words[i].fold, c->words[i].hash);
		if (!best || s->uses < best->uses)
			best = s;
	}
	return best;
}

/* The element that the phrase stands under; NULL when none must occur. A word that twice as many phrases name
 * counts four times, as common words cost most. */
static const struct pattern_element *telling(const struct lexicon *l, const struct pattern *p)
{
	const struct pattern_element *best = NULL;
	size_t least = SIZE_MAX;
	for (size_t i = 0; i < p->n; i++) {
		const struct pattern_element *e = &p->at[i];
		size_t uses = 0;
		if (e->kind != ELEMENT_CHOICE || e->optional)
			continue;
		for (size_t k = 0; k < e->choices->n; k++) {
			size_t n = rarest(l, &e->choices->at[k])->uses;
			uses += n * n;
		}
		if (uses < least) {
			least = uses;
			best = e;
		}
	}
	return best;
}

/* Counts the postings of each word, or writes them when told to. */
static void post(struct lexicon *l, struct pattern *p, uint32_t phrase, size_t list, bool write)
{
	const struct pattern_element *e = telling(l, p);
	p->phrase = e ? phrase : 0;
	if (!e) {
		l->always[phrase / BITS] |= UINT64_C(1) << phrase % BITS;
		l->always_lists[list / BITS] |= UINT64_C(1) << list % BITS;
		return;
	}
	struct posting posting = { .elements = p->at, .n = (uint16_t)p->n, .phrase = phrase, .list = (uint16_t)list, .element = (uint16_t)(e - p->at) };
	for (size_t k = 0; k < e->choices->n; k++) {
		posting.choice = &e->choices->at[k];
		struct slot *s = rarest(l, posting.choice);
		for (posting.place = 0; posting.place < posting.choice->n; posting.place++) {
			const struct choice_word *word = &posting.choice->words[posting.place];
			if (slot_of(l, word->fold, word->hash) != s)
				continue;
			if (write) {
				l->postings[s->from + s->n] = posting;
				posting_settle(&l->postings[s->from + s->n], &l->gates[s->from + s->n]);
			}
			s->n++;
		}
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
	if (n_lists > WORDS_LISTS * BITS)
		return E_TOO_BIG;
	l->n_phrases = 1; /* base 0 means: not in a lexicon */
	for (size_t i = 0; i < n_lists; i++) {
		lists[i]->base = l->n_phrases;
		lists[i]->list = i;
		l->n_phrases += lists[i]->n;
	}
	l->n_slots = BITS;
	l->slots = calloc(l->n_slots, sizeof(*l->slots));
	l->always = calloc(l->n_phrases / BITS + 1, sizeof(*l->always));
	return l->slots && l->always ? 0 : E_NOMEM;
}

int lexicon_new(struct patterns *const *lists, size_t n_lists, struct lexicon **ret)
{
	OWN(lexicon) struct lexicon *l = calloc(1, sizeof(*l));
	int r = l ? make_room(l, lists, n_lists) : E_NOMEM;
	if (r)
		return r;
	r = each(l, lists, n_lists, note_uses);
	r = r ? r : each(l, lists, n_lists, note_ids);
	if (r)
		return r;
	post_all(l, lists, n_lists, false);
	uint32_t total = 0;
	for (size_t i = 0; i < l->n_slots; i++) {
		l->slots[i].from = total;
		total += l->slots[i].n;
		l->slots[i].n = 0;
	}
	l->postings = calloc(total + 1u, sizeof(*l->postings));
	l->gates = calloc(total + 1u, sizeof(*l->gates));
	if (!l->postings || !l->gates)
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
	free(l->gates);
	free(l->always);
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

/* The phrase begins at from, and perhaps at other words up to to. */
static inline void note_start(struct words *w, const struct posting *p, size_t from, size_t to)
{
	struct words_start *start = &w->starts[p->phrase];
	uint64_t *may = &w->may[p->phrase / BITS], bit = UINT64_C(1) << p->phrase % BITS;
	if (!(*may & bit))
		*start = (struct words_start){ (uint16_t)from, (uint16_t)to };
	start->from = from < start->from ? (uint16_t)from : start->from;
	start->to = to > start->to ? (uint16_t)to : start->to;
	*may |= bit;
	w->lists[p->list / BITS] |= UINT64_C(1) << p->list % BITS;
}

static void note_phrases(const struct lexicon *l, struct words *w, const struct vicinity *v, size_t at)
{
	const struct slot *s = &l->slots[w->at[at].id - 1];
	const struct gate *gates = &l->gates[s->from];
	const struct near near = vicinity_near(v, at);
	for (uint32_t k = 0; k < s->n; k++) {
		size_t base = 0;
		if (!gate_open(&gates[k], &near, w->has, v->has))
			continue;
		const struct posting *p = &l->postings[s->from + k];
		if (p->single && p->bare) {
			note_start(w, p, at, at);
			continue;
		}
		uint64_t starts = posting_starts(p, w, v, at, &base);
		if (starts)
			note_start(w, p, base + (size_t)__builtin_ctzll(starts), base + 63 - (size_t)__builtin_clzll(starts));
	}
}

/* Bits of phrases, where they start, and what is near each word: all in one piece, of which the last part is for the time being. */
static int begin(const struct lexicon *l, struct words *w, struct vicinity *ret)
{
	size_t n = l->n_phrases / BITS + 1, n_starts = (l->n_phrases + 1) / 2 * 2;
	uint64_t *may = malloc(n * sizeof(*may) + n_starts * sizeof(*w->starts) + vicinity_bytes(w->n));
	if (!may)
		return E_NOMEM;
	free(w->may);
	w->may = memcpy(may, l->always, n * sizeof(*may));
	memcpy(w->lists, l->always_lists, sizeof(w->lists));
	w->starts = (struct words_start *)(may + n);
	vicinity_read(w, w->starts + n_starts, ret);
	return 0;
}

int lexicon_mark(const struct lexicon *l, struct words *w)
{
	struct vicinity v;
	if (begin(l, w, &v))
		return E_NOMEM;
	for (size_t i = 0; i < w->n; i++) {
		const struct slot *s = w->at[i].id ? NULL : slot_of(l, w->at[i].fold, w->at[i].hash);
		if (s && s->fold)
			w->at[i].id = (uint32_t)(s - l->slots) + 1;
	}
	for (size_t i = 0; i < w->n; i++)
		if (w->at[i].id)
			note_phrases(l, w, &v, i);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table from folded words to phrases. A phrase stands under one of its elements: the one whose words the fewest phrases
 * share, as rare words of the files are rare in messages too. Keeps nothing of a message. */
#include "handlers/lexicon.h"

#include <assert.h>
#include <string.h>

#include "handlers/match.h"
#include "handlers/spelling.h"
#include "handlers/syllable.h"

#define BITS 64

struct slot {
	const char *fold; /* of the pattern that brought it; NULL: free */
	uint32_t uses;    /* phrases that name it */
	uint32_t from, n; /* its phrases: postings[from] … */
	bool ordinary;	  /* it is read as it stands */
};

/* How far from a word another one is looked for. */
enum reach { REACH_NEXT, REACH_SHORT, REACH_LONG, REACH_ALL, REACH_COUNT };
static const uint32_t reaches[] = { [REACH_NEXT] = 1, [REACH_SHORT] = 4, [REACH_LONG] = 8 };

/* What a posting asks for, as bits of words (word_bit): one of before within that reach before the word, one of behind within that
 * reach behind it, one of need anywhere. Gates of a word lie side by side: most postings are passed over by theirs alone. */
struct gate {
	uint64_t before, behind, need;
	enum reach before_reach : 16, behind_reach : 16;
};

/* Words around one, as bits, by reach. */
struct near {
	uint64_t before[REACH_COUNT], behind[REACH_COUNT];
};

/* One of some words must stand on one side of the word, so many places on at the farthest; 0 = nothing is known. */
struct side {
	const struct choices *of; /* NULL = it is one word */
	uint32_t hash;		  /* of that */
	uint32_t farthest;
};

/* A phrase under a word, as one line of the processor's cache. */
struct posting {
	struct side before, behind;
	const struct pattern *of;
	const struct choice *choice; /* the one that holds the word */
	uint32_t phrase;
	uint16_t list, element;
	uint16_t place; /* of the word in its choice */
	bool bare;	/* the choice is this word, whatever marks it has */
	bool single;	/* the phrase is nothing but its choice; with bare: this word */
};
#define LINE_BYTES 64
static_assert(sizeof(struct posting) == LINE_BYTES, "a posting fills a line");

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

static int each_word(struct lexicon *l, const struct pattern *p, int (*note)(struct lexicon *l, struct choice_word *word))
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; p->at[i].choices && k < p->at[i].choices->n; k++)
			for (size_t w = 0; w < p->at[i].choices->at[k].n; w++) {
				int r = note(l, &p->at[i].choices->at[k].words[w]);
				if (r)
					return r;
			}
	return 0;
}

/* Its place is its id, once all are there. */
static int note_id(struct lexicon *l, struct choice_word *word)
{
	word->id = (uint32_t)(slot_of(l, word->fold, word->hash) - l->slots) + 1;
	return 0;
}

static int note_words(struct lexicon *l, struct patterns *const *lists, size_t n_lists, int (*note)(struct lexicon *l, struct choice_word *word))
{
	int r = 0;
	for (size_t i = 0; i < n_lists; i++)
		for (size_t k = 0; k < lists[i]->n && !r; k++)
			r = each_word(l, &lists[i]->at[k], note);
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
		for (size_t k = 0; k < e->choices->n; k++)
			uses += rarest(l, &e->choices->at[k])->uses;
		if (uses < least) {
			least = uses;
			best = e;
		}
	}
	return best;
}

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

/* Bits of the words of which the phrase needs one besides the element it stands under: the fewest that any element asks for. */
static uint64_t key_of(const struct pattern *p, const struct pattern_element *told)
{
	uint64_t key = UINT64_MAX;
	for (size_t i = 0; i < p->n; i++) {
		const struct pattern_element *e = &p->at[i];
		bool must = e->kind == ELEMENT_CHOICE && !e->optional && e != told;
		if (must && __builtin_popcountll(e->choices->begins) < __builtin_popcountll(key))
			key = e->choices->begins;
	}
	return key;
}

static enum reach reach_of(const struct side *s)
{
	enum reach r = REACH_NEXT;
	while (r < REACH_ALL && (!s->farthest || reaches[r] < s->farthest))
		r++;
	return r;
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

static void write_posting(struct lexicon *l, uint32_t at, const struct posting *posting)
{
	struct posting *to = &l->postings[at];
	*to = *posting;
	to->before = side_of(posting, -1);
	to->behind = side_of(posting, 1);
	to->bare = posting->choice->n == 1 && !posting->choice->words[0].marked;
	to->single = posting->of->n == 1;
	l->gates[at] = (struct gate){ bits_of(&to->before, -1), bits_of(&to->behind, 1), key_of(posting->of, &posting->of->at[posting->element]),
				      reach_of(&to->before), reach_of(&to->behind) };
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
	struct posting posting = { .of = p, .phrase = phrase, .list = (uint16_t)list, .element = (uint16_t)(e - p->at) };
	for (size_t k = 0; k < e->choices->n; k++) {
		posting.choice = &e->choices->at[k];
		struct slot *s = rarest(l, posting.choice);
		for (posting.place = 0; posting.place < posting.choice->n; posting.place++) {
			const struct choice_word *word = &posting.choice->words[posting.place];
			if (slot_of(l, word->fold, word->hash) != s)
				continue;
			if (write)
				write_posting(l, s->from + s->n, &posting);
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
	r = note_words(l, lists, n_lists, note_use);
	r = r ? r : note_words(l, lists, n_lists, note_id);
	if (r)
		return r;
	post_all(l, lists, n_lists, false);
	uint32_t total = 0;
	for (size_t i = 0; i < l->n_slots; i++) {
		l->slots[i].from = total;
		total += l->slots[i].n;
		l->slots[i].n = 0;
	}
	l->postings = aligned_alloc(LINE_BYTES, (total + 1u) * sizeof(*l->postings));
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

/* Is one of the side's words there, seen from word at in steps of -1 or 1? */
static inline bool stands(const struct side *s, const struct words *w, size_t at, int step)
{
	for (uint32_t i = 0; i < s->farthest; i++) {
		at += (size_t)step;
		if (at >= w->n)
			return false;
		const uint64_t *set = s->of ? step > 0 ? s->of->starts : s->of->ends : NULL;
		if (set ? choices_among(set, w->at[at].hash) : s->hash == w->at[at].hash)
			return true;
	}
	return !s->farthest;
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

/* Where the phrase begins whose word stands at word at. */
static void note_starts(struct words *w, const struct posting *p, size_t at)
{
	size_t base = at -= p->place;
	uint64_t starts = match_around(p->of, p->element, p->bare ? NULL : p->choice, w, at, &base);
	if (starts)
		note_start(w, p, base + (size_t)__builtin_ctzll(starts), base + 63 - (size_t)__builtin_clzll(starts));
}

static uint64_t words_near(const struct words *w, size_t at, int step, uint32_t farthest)
{
	uint64_t bits = 0;
	for (uint32_t i = 0; i < farthest && (at += (size_t)step) < w->n; i++)
		bits |= word_bit(w->at[at].hash);
	return bits;
}

static void look_around(const struct words *w, size_t at, struct near *ret)
{
	for (size_t i = 0; i < COUNT_OF(reaches); i++) {
		ret->before[i] = words_near(w, at, -1, reaches[i]);
		ret->behind[i] = words_near(w, at, 1, reaches[i]);
	}
	ret->before[REACH_ALL] = ret->behind[REACH_ALL] = UINT64_MAX;
}

static void note_phrases(const struct lexicon *l, struct words *w, size_t at)
{
	const struct slot *s = &l->slots[w->at[at].id - 1];
	const struct gate *gates = l->gates + s->from;
	struct near near;
	look_around(w, at, &near);
	for (uint32_t k = 0; k < s->n; k++) {
		const struct gate *g = &gates[k];
		if (!(g->behind & near.behind[g->behind_reach]) || !(g->before & near.before[g->before_reach]) || !(g->need & w->has))
			continue;
		const struct posting *p = &l->postings[s->from + k];
		if (at < p->place)
			continue;
		if (p->single && (p->bare || match_choice(p->choice, w, at - p->place)))
			note_start(w, p, at - p->place, at - p->place);
		else if (!p->single && stands(&p->behind, w, at, 1) && stands(&p->before, w, at, -1))
			note_starts(w, p, at);
	}
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
	for (size_t i = 0; i < w->n; i++) {
		const struct slot *s = w->at[i].id ? NULL : slot_of(l, w->at[i].fold, w->at[i].hash);
		if (s && s->fold)
			w->at[i].id = (uint32_t)(s - l->slots) + 1;
	}
	for (size_t i = 0; i < w->n; i++)
		if (w->at[i].id)
			note_phrases(l, w, i);
	return 0;
}

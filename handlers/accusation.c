/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks for families of phrases near each other. Keeps nothing of a message, does no I/O besides reading its file. */
#include "handlers/accusation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "handlers/keyfile.h"

#define FILE_NAME "keywords/accusation.conf"
#define REACH_WORDS_MAX 22 /* from a charge's first word to its last */
#define HITS_MAX 400	   /* a text with more has said whom it blames */
#define OTHER_WORDS_MAX 3 /* before a phrase, where one that says something else may begin */
#define NEAR_MAX 40	   /* hits that are looked at together */

/* A phrase of a family. */
struct hit {
	struct span at;
	uint64_t family; /* its bit */
};

struct hits {
	struct hit at[HITS_MAX];
	size_t n;
};

void accusation_done(struct accusation *a)
{
	for (size_t i = 0; i < a->n_families; i++) {
		free(a->families[i].name);
		patterns_done(&a->families[i].phrases);
	}
	free(a->charges);
	patterns_done(&a->other);
	patterns_done(&a->plain);
	patterns_done(&a->review);
	*a = (struct accusation){ .n_families = 0 };
}

static uint64_t family_bit(const struct accusation *a, const char *name, size_t n_bytes)
{
	for (size_t i = 0; i < a->n_families; i++)
		if (strlen(a->families[i].name) == n_bytes && strncmp(a->families[i].name, name, n_bytes) == 0)
			return UINT64_C(1) << i;
	return 0;
}

/* "office take good": the bits of its families; 0 = it names another. */
static uint64_t read_charge(const struct accusation *a, const char *text)
{
	uint64_t bits = 0;
	for (size_t n; *text; text += n + (text[n] == ' ')) {
		n = strcspn(text, " ");
		uint64_t bit = family_bit(a, text, n);
		if (!bit)
			return 0;
		bits |= bit;
	}
	return bits;
}

static int read_families(const struct keyfile *f, struct word_classes *classes, struct accusation *a)
{
	const char *name;
	json_t *group = json_object_get(f->root, "families"), *value;
	if (!json_object_size(group) || json_object_size(group) > ACCUSATION_FAMILIES_MAX)
		return keyfile_complain(f, "families", "wrong_value", "a group of 1 to 63 families is wanted here");
	json_object_foreach(group, name, value) {
		struct accusation_family *to = &a->families[a->n_families++];
		char path[96];
		snprintf(path, sizeof(path), "families.%s", name);
		to->name = strdup(name);
		int r = to->name ? keyfile_patterns(f, path, value, classes, &to->phrases) : E_NOMEM;
		if (r)
			return r;
	}
	return 0;
}

static int read_charges(const struct keyfile *f, struct accusation *a)
{
	const json_t *array = json_object_get(f->root, "charges");
	size_t n = json_array_size(array);
	if (!n || n > ACCUSATION_CHARGES_MAX)
		return keyfile_complain(f, "charges", "wrong_value", "a list of charges is wanted here, 1 to 256 of them");
	a->charges = calloc(n, sizeof(*a->charges));
	if (!a->charges)
		return E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		char path[96];
		const char *text = json_string_value(json_array_get(array, i));
		snprintf(path, sizeof(path), "charges.[%zu]", i);
		a->charges[i] = text ? read_charge(a, text) : 0;
		if (!a->charges[i])
			return keyfile_complain(f, path, "wrong_value", "names of families are wanted here, a space between them");
		a->alone |= __builtin_popcountll(a->charges[i]) == 1 ? a->charges[i] : 0;
	}
	a->n_charges = n;
	return 0;
}

int accusation_load(const struct shelf *shelf, struct accusation *ret, struct complaint *c)
{
	struct keyfile f = { .complaint = c };
	struct word_classes classes = { .n = 0 };
	int r = keyfile_open(shelf, FILE_NAME, &f);
	r = r ? r : keyfile_classes(&f, &classes);
	r = r ? r : read_families(&f, &classes, ret);
	r = r ? r : read_charges(&f, ret);
	r = r ? r : keyfile_patterns(&f, "other", json_object_get(f.root, "other"), &classes, &ret->other);
	r = r ? r : keyfile_patterns(&f, "review", json_object_get(f.root, "review"), &classes, &ret->review);
	r = r ? r : keyfile_patterns(&f, "plain", json_object_get(f.root, "plain"), &classes, &ret->plain);
	word_classes_done(&classes);
	keyfile_close(&f);
	return r;
}

/* Families that w may hold a phrase of: their lists are neighbours in the lexicon. */
static uint64_t possible(const struct accusation *a, const struct words *w)
{
	const struct patterns *first = &a->families[0].phrases;
	size_t at = first->list / 64, shift = first->list % 64;
	if (!w->may || !first->base)
		return UINT64_MAX;
	uint64_t behind = shift && at + 1 < WORDS_LISTS ? w->lists[at + 1] << (64 - shift) : 0;
	return w->lists[at] >> shift | behind;
}

/* Charges that can still be made. */
struct open {
	size_t n;
	uint64_t charges[ACCUSATION_CHARGES_MAX];
};

/* Leaves out the charges that need a family which is not there; the families of the others. */
static uint64_t narrow(struct open *o, uint64_t there)
{
	uint64_t families = 0;
	size_t n = 0;
	for (size_t i = 0; i < o->n; i++)
		if ((o->charges[i] & there) == o->charges[i]) {
			families |= o->charges[i];
			o->charges[n++] = o->charges[i];
		}
	o->n = n;
	return families;
}

/* The charges that families which may be there leave open. */
static uint64_t open_charges(const struct accusation *a, uint64_t there, struct open *ret)
{
	uint64_t families = 0;
	ret->n = 0;
	bool any = there & a->alone || __builtin_popcountll(there) > 1;
	for (size_t i = 0; any && i < a->n_charges; i++)
		if ((a->charges[i] & there) == a->charges[i]) {
			families |= a->charges[i];
			ret->charges[ret->n++] = a->charges[i];
		}
	return families;
}

/* Is s a part of a phrase that says something else? */
static bool is_other(const struct accusation *a, const struct words *w, struct span s)
{
	const struct pattern *p;
	struct span starts = { s.from > OTHER_WORDS_MAX ? s.from - OTHER_WORDS_MAX : 0, s.from + 1 };
	for (size_t i = 0; (p = patterns_next(&a->other, w, &i));) {
		struct span at = { 0 }, in = starts;
		for (; pattern_find_in(p, w, in, &at); in.from = at.from + 1)
			if (at.from <= s.from && at.to >= s.to && (at.from < s.from || at.to > s.to))
				return true;
	}
	return false;
}

bool accusation_reviews(const struct accusation *a, const struct words *w)
{
	struct span s = { 0 };
	return patterns_find(&a->review, w, 0, &s) && !is_other(a, w, s);
}

/* Adds a family's phrases; false = there are none. */
static bool gather_family(const struct accusation *a, const struct words *w, size_t family, struct hits *h)
{
	const struct pattern *p;
	size_t before = h->n;
	const struct patterns *list = &a->families[family].phrases;
	for (size_t i = 0; (p = patterns_next(list, w, &i));) {
		struct span s = { 0 };
		for (size_t from = 0; h->n < HITS_MAX && pattern_find(p, w, from, &s); from = s.from + 1)
			if (!is_other(a, w, s))
				h->at[h->n++] = (struct hit){ s, UINT64_C(1) << family };
	}
	return h->n > before;
}

/* Gathers families as long as a charge can be made of them. */
static void gather(const struct accusation *a, const struct words *w, uint64_t there, struct open *o, struct hits *h)
{
	uint64_t families = open_charges(a, there, o), done = 0;
	while (families & ~done) {
		size_t family = (size_t)__builtin_ctzll(families & ~done);
		done |= UINT64_C(1) << family;
		if (gather_family(a, w, family, h))
			continue;
		there &= ~(UINT64_C(1) << family);
		families = narrow(o, there);
	}
	size_t n = 0; /* what no charge asks for tells nothing of where one begins */
	for (size_t i = 0; i < h->n; i++)
		if (h->at[i].family & families)
			h->at[n++] = h->at[i];
	h->n = n;
}

static int compare_hits(const void *x, const void *y)
{
	const struct hit *a = x, *b = y;
	if (a->at.from != b->at.from)
		return a->at.from < b->at.from ? -1 : 1;
	return a->at.to < b->at.to ? -1 : a->at.to > b->at.to;
}

/* Hits from the first one on that are near it. */
static size_t near(const struct hit *first, size_t n)
{
	size_t i = 0;
	while (i < n && i < NEAR_MAX && first[i].at.from < first->at.from + REACH_WORDS_MAX)
		i++;
	return i;
}

static bool overlaps(const struct span *said, size_t n, struct span s)
{
	for (size_t i = 0; i < n; i++)
		if (said[i].from < s.to && s.from < said[i].to)
			return true;
	return false;
}

/* Is there a hit for each family of rest, none over another's words? said: room for all families of the charge. */
static bool make(const struct hit *hits, size_t n, uint64_t rest, struct span *said, size_t n_said)
{
	if (!rest)
		return true;
	for (size_t i = 0; i < n; i++) {
		uint64_t bit = hits[i].family;
		if (bit != (rest & -rest) || overlaps(said, n_said, hits[i].at))
			continue;
		said[n_said] = hits[i].at;
		if (make(hits, n, rest & ~bit, said, n_said + 1))
			return true;
	}
	return false;
}

static struct span cover(const struct span *said, size_t n)
{
	struct span all = said[0];
	for (size_t i = 1; i < n; i++) {
		all.from = said[i].from < all.from ? said[i].from : all.from;
		all.to = said[i].to > all.to ? said[i].to : all.to;
	}
	return all;
}

bool accusation_plain(const struct accusation *a, const struct words *w, struct span s)
{
	const struct pattern *p;
	while (s.from && w->at[s.from].before != MARK_STRONG)
		s.from--;
	while (s.to < w->n && w->at[s.to].before != MARK_STRONG)
		s.to++;
	for (size_t i = 0; (p = patterns_next(&a->plain, w, &i));) {
		struct span at = { 0 };
		if (pattern_find_in(p, w, s, &at))
			return true;
	}
	return false;
}

static bool charged(const struct accusation *a, const struct words *w, const struct open *o, const struct hit *hits, size_t n, struct span *ret)
{
	uint64_t there = 0;
	struct span said[ACCUSATION_FAMILIES_MAX];
	for (size_t i = 0; i < n; i++)
		there |= hits[i].family;
	for (size_t i = 0; i < o->n; i++) {
		if ((o->charges[i] & there) != o->charges[i] || !make(hits, n, o->charges[i], said, 0))
			continue;
		*ret = cover(said, (size_t)__builtin_popcountll(o->charges[i]));
		if (!accusation_plain(a, w, *ret))
			return true;
	}
	return false;
}

bool accusation_find(const struct accusation *a, const struct words *w, struct span *ret)
{
	struct hits h;   /* written before it is read */
	struct open o;
	h.n = 0;
	gather(a, w, possible(a, w), &o, &h);
	if (!o.n)
		return false;
	qsort(h.at, h.n, sizeof(h.at[0]), compare_hits);
	for (size_t i = 0; i < h.n; i++)
		if (charged(a, w, &o, &h.at[i], near(&h.at[i], h.n - i), ret))
			return true;
	return false;
}

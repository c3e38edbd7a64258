/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What makes an accusation: the file keywords/accusation.conf. Families of phrases (who holds an office, what a hand does, whose goods
 * they are …) and charges: families that stand near each other, in any order. Loaded by keywords.c, asked by suspicion.c. */
#ifndef CAUNOI_HANDLERS_ACCUSATION_H
#define CAUNOI_HANDLERS_ACCUSATION_H

#include "gateway/base/complaint.h"
#include "handlers/pattern.h"

struct shelf;

#define ACCUSATION_FAMILIES_MAX 63
#define ACCUSATION_CHARGES_MAX 256

struct accusation_family {
	char *name;
	struct patterns phrases;
};

struct accusation {
	struct accusation_family families[ACCUSATION_FAMILIES_MAX];
	size_t n_families;
	uint64_t *charges; /* each a bit for each of its families */
	size_t n_charges;
	uint64_t alone; /* families that are a charge by themselves */
	struct patterns other; /* other words: a phrase of a family within one of these is none */
	struct patterns review; /* of a list that is reviewed: the charge is about that */
	struct patterns plain; /* said in the same sentence: a question, thanks, a denial */
};

/* E_CONFIG with *c filled, E_NOMEM. To be done with in any case. */
MUST_CHECK int accusation_load(const struct shelf *shelf, struct accusation *ret, struct complaint *c);
void accusation_done(struct accusation *a);
/* The words of a charge, from its first family to its last; false = w makes none, or says that it is plain. */
bool accusation_find(const struct accusation *a, const struct words *w, struct span *ret);
/* Does w speak of a list that is reviewed? */
bool accusation_reviews(const struct accusation *a, const struct words *w);
/* Is a phrase of plain said in the sentences of s? */
bool accusation_plain(const struct accusation *a, const struct words *w, struct span s);

#endif

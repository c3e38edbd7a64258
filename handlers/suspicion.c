/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks for the phrases of suspicion that no guard takes back. Keeps nothing, does no I/O. */
#include "handlers/suspicion.h"

#define POINTS 3 /* as a strong phrase of the topic */

static const struct topic *restricted_topic(const struct keywords *k)
{
	for (size_t i = 0; i < k->n_topics; i++)
		if (k->topics[i].restricted)
			return &k->topics[i];
	return NULL;
}

static bool accused_already(const struct score *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].topic->restricted)
			return true;
	return false;
}

void suspicion_weigh(struct reading *r)
{
	const struct topic *t = restricted_topic(r->k);
	if (!t || accused_already(&r->score) || !reading_find_free(r, LIST_SUSPICION, LIST_SUSPICION_NOT, REACH_CLAUSE))
		return;
	r->suspected = true;
	score_add(&r->score, t, POINTS, r->found, r->x->topic);
}

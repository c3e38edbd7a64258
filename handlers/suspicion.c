/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks whether a charge is made; what accuses is what the message is about. Keeps nothing, does no I/O. */
#include "handlers/suspicion.h"

#include "handlers/learnt.h"

#define POINTS 3 /* as a strong phrase of the topic */

static const struct score_row *restricted_row(const struct score *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].topic->restricted)
			return &s->rows[i];
	return NULL;
}

void suspicion_weigh(struct reading *r)
{
	const struct topic *t = r->k->restricted;
	const struct score_row *row = restricted_row(&r->score);
	struct span charge = { 0 };
	if (!t)
		return;
	if (row && learnt_denies(r, WEIGHTS_RESTRICTED, row->at)) {
		score_drop(&r->score, row->topic);
		row = NULL;
	}
	r->suspected = !row && accusation_find(&r->k->accusation, r->w, &charge) && !learnt_denies(r, WEIGHTS_RESTRICTED, charge);
	if (!r->suspected && !row && learnt_leans(r, WEIGHTS_RESTRICTED) == LEARNT_SURELY) {
		r->suspected = true;
		charge = weights_reason(r->k->weights, r->w, weights_flag(WEIGHTS_RESTRICTED));
	}
	if (r->suspected || (row && row->points >= POINTS && !accusation_plain(&r->k->accusation, r->w, row->at)))
		score_favour(&r->score, t, POINTS, charge, accusation_reviews(&r->k->accusation, r->w));
}

bool suspicion_accuses(const struct reading *r)
{
	if (r->suspected)
		return true;
	for (size_t i = 0; i < r->score.n; i++)
		if (r->score.rows[i].topic->restricted && r->score.rows[i].points >= POINTS)
			return true;
	return reading_has(r, LIST_DENUNCIATION);
}

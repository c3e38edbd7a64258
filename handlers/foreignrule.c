/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages in another language, by words that are no syllables. Keeps nothing, does no I/O. */
#include "handlers/foreignrule.h"

#include "handlers/syllable.h"

size_t foreignrule_count(const struct words *w)
{
	size_t n = 0;
	for (size_t i = 0; i < w->n; i++)
		n += w->at[i].foreign;
	return n;
}

/* "Soum tos, knhom min yol te": some tokens are foreign, and nearly all others became syllables only by being read as something else. */
static bool hardly_written(const struct words *w)
{
	size_t tokens = 0, written = 0;
	for (size_t i = 0; i < w->n; i++) {
		bool apart = w->at[i].glued || (i + 1 < w->n && w->at[i + 1].glued);
		tokens += !w->at[i].glued && !w->at[i].number;
		written += !apart && !w->at[i].number && syllable_valid(w->at[i].raw);
	}
	return tokens >= 4 && written * 3 <= tokens;
}

bool foreignrule_language(struct reading *r)
{
	size_t foreign = foreignrule_count(r->w);
	bool place = r->x->question == QUESTION_NEED_INFO && reading_has(r, LIST_PLACE);
	bool most = foreign >= 3 && foreign * 2 >= r->w->n_letters;
	if (place || reading_points(r) >= 3 || !(most || (foreign >= 2 && hardly_written(r->w)) || reading_has(r, LIST_LANGUAGE)))
		return false;
	r->out->foreign = true;
	return reading_decide(r, KIND_UNKNOWN, 0.9, "another language");
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words and phrases are found as in a message of a villager; no rule of answering takes part. Called where a campaign is written. Pure. */
#include "handlers/about.h"

#include "handlers/lexicon.h"
#include "handlers/score.h"
#include "handlers/words.h"

int about_topic(const struct keywords *k, const char *text, const char **ret)
{
	OWN(words) struct words *w = NULL;
	struct score s = { 0 };
	int r = words_new(text, &k->abbreviations, &w);
	r = r ? r : lexicon_mark(k->lexicon, w);
	if (r)
		return r;
	score_topics(k, w, "", NULL, 0, &s);
	*ret = NULL;
	for (size_t i = 0; i < s.n && !*ret; i++)
		if (!s.rows[i].topic->restricted)
			*ret = s.rows[i].topic->code;
	return 0;
}

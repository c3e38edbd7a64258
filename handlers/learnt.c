/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was learnt, beside the rules. Keeps nothing, does no I/O. */
#include "handlers/learnt.h"

#include <math.h>
#include <string.h>

#define FIRST 15 /* of the topic that the phrases put first */
#define CAMPAIGN 25 /* of the last campaign's */
#define WORDS_LEAST 4 /* fewer are read by the rules alone, and so are more than lessons have: each word adds to the sums */
#define WORDS_MOST 60

/* Where words lean to, found on messages nobody had tuned for: passing a phrase over costs hardly one true reading of it in a hundred,
 * "surely" is wrong less than once in two thousand messages. */
static const struct {
	float never, denied; /* a phrase is passed over where the whole message leans below the first and its own clauses below the second */
	float perhaps, surely, clause; /* clause: of one of several clauses, whatever is said besides */
} bounds[WEIGHTS_FLAGS] = {
	[WEIGHTS_MATTER] = { -60, -60, 20, 20, INFINITY },
	[WEIGHTS_URGENT] = { -80, -30, 5, 5, 30 },
	[WEIGHTS_RESTRICTED] = { -60, -20, -5, -5, 10 }, /* wrongly restricted costs little: a higher level reads it */
	[WEIGHTS_OPTOUT] = { -80, -40, -5, 10, INFINITY },
};

/* NULL: nothing was learnt. */
static const float *flags_of(struct reading *r)
{
	if (!r->k->weights)
		return NULL;
	if (!r->summed)
		weights_flags(r->k->weights, r->w, r->flags);
	r->summed = true;
	return r->flags;
}

/* The clause around word at: from mark to mark. */
static struct span clause_of(const struct words *w, size_t at)
{
	struct span s = { at, at + 1 };
	while (s.from > 0 && w->at[s.from].before == MARK_NONE)
		s.from--;
	while (s.to < w->n && w->at[s.to].before == MARK_NONE)
		s.to++;
	return s;
}

static float clause_sum(const struct reading *r, struct span s, enum weights_flag flag)
{
	const struct words part = words_part(r->w, s.from, s.to);
	float sums[WEIGHTS_FLAGS];
	weights_flags(r->k->weights, &part, sums);
	return sums[flag];
}

/* Of several clauses the one that leans most: what is said besides does not drown it. */
static float best_clause(const struct reading *r, enum weights_flag flag)
{
	float best = -INFINITY;
	for (struct span s = { 0 }; s.from < r->w->n; s.from = s.to) {
		s = clause_of(r->w, s.from);
		if (s.to - s.from < r->w->n && s.to - s.from > WORDS_LEAST)
			best = fmaxf(best, clause_sum(r, s, flag));
	}
	return best;
}

static bool is_short_or_long(const struct reading *r)
{
	return r->w->n < WORDS_LEAST || r->w->n > WORDS_MOST;
}

enum leaning learnt_leans(struct reading *r, enum weights_flag flag)
{
	const float *sums = is_short_or_long(r) ? NULL : flags_of(r);
	if (!sums)
		return LEARNT_NOTHING;
	if (sums[flag] > bounds[flag].surely || (!isinf(bounds[flag].clause) && best_clause(r, flag) > bounds[flag].clause))
		return LEARNT_SURELY;
	return sums[flag] > bounds[flag].perhaps ? LEARNT_PERHAPS : sums[flag] < bounds[flag].never ? LEARNT_NEVER : LEARNT_NOTHING;
}

bool learnt_denies(struct reading *r, enum weights_flag flag, struct span said)
{
	const float *sums = is_short_or_long(r) ? NULL : flags_of(r);
	if (!sums || sums[flag] >= bounds[flag].never)
		return false;
	struct span s = { clause_of(r->w, said.from).from, clause_of(r->w, said.to > said.from ? said.to - 1 : said.from).to };
	return s.to - s.from >= WORDS_LEAST && clause_sum(r, s, flag) < bounds[flag].denied;
}

void learnt_quote(struct reading *r, enum weights_flag flag)
{
	reading_quote(r, weights_reason(r->k->weights, r->w, weights_flag(flag)));
}

static bool scored(const struct score *s, const struct topic *t)
{
	size_t i = 0;
	while (i < s->n && s->rows[i].topic != t)
		i++;
	return i < s->n;
}

/* May it come first? Nobody is accused by a topic alone; and whoever is surely accused, or the list that the charge is about, is what
 * the message is about. */
static bool may_lead(const struct reading *r, const struct topic *t)
{
	bool charge = scored(&r->score, r->k->restricted) && r->flags[WEIGHTS_RESTRICTED] > 0;
	return t->restricted ? scored(&r->score, t) : !charge || t->before_charge;
}

/* Speaks for a topic, NULL none. */
static void favour(const struct keywords *k, const struct topic *t, float by, float sums[WEIGHTS_TOPICS_MAX])
{
	if (t && t - k->topics < WEIGHTS_TOPICS_MAX)
		sums[t - k->topics] += by;
}

void learnt_topics(struct reading *r)
{
	const struct topic *topics = r->k->topics, *first = r->score.n ? r->score.rows[0].topic : NULL;
	size_t best = r->k->n_topics;
	float sums[WEIGHTS_TOPICS_MAX], most = -INFINITY;
	if (!flags_of(r) || (first && !weights_know(r->k->weights, (size_t)(first - topics)))) /* what nobody taught its phrases tell */
		return;
	weights_topics(r->k->weights, r->w, sums);
	favour(r->k, first, FIRST, sums);
	favour(r->k, *r->x->topic ? keywords_topic(r->k, r->x->topic) : NULL, CAMPAIGN, sums);
	for (size_t t = 0; t < r->k->n_topics && t < WEIGHTS_TOPICS_MAX; t++) {
		if (sums[t] <= most || !may_lead(r, &topics[t]))
			continue;
		most = sums[t];
		best = t;
	}
	if (best < r->k->n_topics && &topics[best] != first)
		score_favour(&r->score, &topics[best], reading_points(r), weights_reason(r->k->weights, r->w, best), false);
}

void learnt_settle(struct reading *r)
{
	learnt_topics(r);
	reading_add_scored(r);
	if (!r->out->n_topics)
		reading_add_topic(r, *r->x->topic ? r->x->topic : "KHAC");
	reading_tell_nature(r);
}

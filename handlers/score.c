/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Topic scoring: gather every phrase, let long ones win over short ones, add up. Keeps nothing between messages. */
#include "handlers/score.h"

#include <string.h>

#define CAMPAIGN_WEIGHT 2 /* of what is said of a campaign to whoever sent it */
#define HITS_MAX 600 /* a text with more has said what it is about */
#define FEW_HITS 16  /* are in order sooner without the library */

struct hit {
	const struct topic *topic; /* NULL: a decoy */
	size_t order; /* of the files: where all else is equal the first wins */
	struct span at;
	size_t says;  /* how much it says: its words, or the parts around its gaps */
	bool ends;    /* a gap lies between: it speaks for its first and last word alone */
	int weight;
	bool like; /* of the preferred topic */
};

struct hits {
	struct hit at[HITS_MAX];
	size_t n;
};

/* The parts of a phrase around its gaps; 0 when it has none. */
static size_t parts(const struct pattern *p)
{
	size_t n = 0, gaps = 0;
	for (size_t i = 0; i < p->n; i++) {
		gaps += p->at[i].kind == ELEMENT_GAP;
		n += p->at[i].kind == ELEMENT_CHOICE && !p->at[i].optional;
	}
	return gaps ? n : 0;
}

static void gather(struct hits *h, const struct patterns *list, const struct words *w, const struct topic *t, int weight,
		   const struct topic *like)
{
	const struct pattern *p;
	for (size_t i = 0; (p = patterns_next(list, w, &i));) {
		struct span s = { 0 };
		for (size_t from = 0; h->n < HITS_MAX && pattern_find(p, w, from, &s) && s.to <= WORDS_MAX; from = s.from + 1) {
			size_t n = s.to - s.from, around = parts(p);
			h->at[h->n] = (struct hit){ .topic = t, .order = h->n, .at = s, .says = around && n > around ? around : n,
						      .ends = around && n > 2, .weight = weight, .like = t && t == like };
			h->n++;
			if (t)
				break; /* a topic's phrase counts once */
		}
	}
}

static void gather_topics(struct hits *h, const struct keywords *k, const struct words *w, const struct topic *like)
{
	size_t n = k->n_topics * TOPIC_WEIGHTS;
	const struct patterns *first = n ? &k->topics[0].phrases[0] : NULL;
	if (like)
		gather(h, &like->campaign, w, like, CAMPAIGN_WEIGHT, like);
	for (size_t i = 0; i < n && (i = patterns_list(first, i, n, w)) < n; i++) {
		const struct topic *t = &k->topics[i / TOPIC_WEIGHTS];
		size_t weight = i % TOPIC_WEIGHTS;
		gather(h, &t->phrases[weight], w, t, TOPIC_WEIGHTS - (int)weight, like);
	}
}

static int compare_hits(const void *x, const void *y)
{
	const struct hit *a = x, *b = y;
	if (a->says != b->says)
		return a->says > b->says ? -1 : 1;
	if (!a->topic != !b->topic)
		return a->topic ? 1 : -1;
	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	if (a->at.from != b->at.from)
		return a->at.from < b->at.from ? -1 : 1;
	if (a->like != b->like)
		return a->like ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Who has which words: the longest phrases, and apart from them those that accuse and the decoys. An accusation is heard even where
 * a longer phrase of another topic takes its words: it must never reach whom it accuses because of what else was said. */
struct claims {
	bool taken[WORDS_MAX], accused[WORDS_MAX];
};

/* The words a hit needs: all, or the first and the last one. */
static size_t step_of(const struct hit *h)
{
	return h->ends ? h->at.to - h->at.from - 1 : 1;
}

static bool is_free(const bool *taken, const struct hit *h)
{
	for (size_t i = h->at.from; i < h->at.to; i += step_of(h))
		if (taken[i])
			return false;
	return true;
}

static void take(bool *taken, const struct hit *h)
{
	for (size_t i = h->at.from; i < h->at.to; i += step_of(h))
		taken[i] = true;
}

/* Takes the hit's words when nobody has them. */
static bool claim(struct claims *c, const struct hit *h)
{
	bool accuses = h->topic && h->topic->restricted;
	if (!h->topic) /* what it says is no charge, whoever has its words */
		take(c->accused, h);
	if (!is_free(accuses ? c->accused : c->taken, h))
		return false;
	take(c->taken, h);
	if (accuses) /* said once, however many phrases say it */
		memset(c->accused + h->at.from, true, h->at.to - h->at.from);
	return true;
}

static void add(struct score *s, const struct hit *h)
{
	size_t i = 0;
	while (i < s->n && s->rows[i].topic != h->topic)
		i++;
	if (i == SCORE_TOPICS_MAX && !h->topic->restricted)
		return;
	if (i == SCORE_TOPICS_MAX) /* an accusation is never one topic too many */
		s->n = --i;
	if (i == s->n)
		s->rows[s->n++] = (struct score_row){ h->topic, 0, h->at };
	struct score_row *row = &s->rows[i];
	row->points += h->weight;
	if (h->at.from < row->at.from)
		row->at = h->at;
}

static bool stronger(const struct score_row *a, const struct score_row *b, const struct topic *like)
{
	if (a->points != b->points)
		return a->points > b->points;
	if ((a->topic == like) != (b->topic == like))
		return a->topic == like;
	return a->at.from < b->at.from;
}

static void sort_rows(struct score *s, const struct topic *like)
{
	for (size_t i = 1; i < s->n; i++)
		for (size_t k = i; k > 0 && stronger(&s->rows[k], &s->rows[k - 1], like); k--) {
			struct score_row row = s->rows[k];
			s->rows[k] = s->rows[k - 1];
			s->rows[k - 1] = row;
		}
	/* beside a sure topic a single weak word is no second one */
	while (s->n > 1 && s->rows[s->n - 1].points < 2)
		s->n--;
}

/* Puts row i before all others. */
static void lift(struct score *s, size_t i)
{
	struct score_row row = s->rows[i];
	for (; i > 0; i--)
		s->rows[i] = s->rows[i - 1];
	s->rows[0] = row;
}

void score_drop(struct score *s, const struct topic *t)
{
	size_t to = 0;
	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].topic != t)
			s->rows[to++] = s->rows[i];
	s->n = to;
}

void score_favour(struct score *s, const struct topic *t, int points, struct span at, bool reviewed)
{
	size_t i = 0;
	while (i < s->n && s->rows[i].topic != t)
		i++;
	if (i == s->n) {
		if (s->n < SCORE_TOPICS_MAX)
			s->n++;
		else
			i -= s->rows[i - 1].topic->restricted ? 2 : 1; /* nor does an accusation make room */
		s->rows[i] = (struct score_row){ t, points, at };
	}
	lift(s, i);
	for (i = 1; reviewed && i < s->n; i++)
		if (s->rows[i].topic->before_charge)
			lift(s, i);
}

/* The claims of a message of which the words of except speak for nothing. */
static void begin(struct claims *c, const struct words *w, const struct span *except, size_t n)
{
	size_t words = w->n < WORDS_MAX ? w->n : WORDS_MAX;
	memset(c->taken, 0, words * sizeof(c->taken[0]));
	memset(c->accused, 0, words * sizeof(c->accused[0]));
	for (size_t e = 0; e < n; e++)
		for (size_t i = except[e].from; i < except[e].to && i < words; i++)
			c->taken[i] = c->accused[i] = true;
}

static void sort_hits(struct hits *h)
{
	if (h->n > FEW_HITS) {
		qsort(h->at, h->n, sizeof(h->at[0]), compare_hits);
		return;
	}
	for (size_t i = 1; i < h->n; i++) {
		struct hit one = h->at[i];
		size_t k = i;
		for (; k > 0 && compare_hits(&one, &h->at[k - 1]) < 0; k--)
			h->at[k] = h->at[k - 1];
		h->at[k] = one;
	}
}

void score_topics(const struct keywords *k, const struct words *w, const char *preferred, const struct span *except, size_t n, struct score *ret)
{
	struct hits h; /* written before they are read */
	struct claims claims;
	const struct topic *like = *preferred ? keywords_topic(k, preferred) : NULL;
	ret->n = h.n = 0;
	gather(&h, &k->decoys, w, NULL, 0, like);
	gather_topics(&h, k, w, like);
	if (!h.n)
		return;
	begin(&claims, w, except, n);
	sort_hits(&h);
	for (size_t i = 0; i < h.n; i++)
		if (claim(&claims, &h.at[i]) && h.at[i].topic)
			add(ret, &h.at[i]);
	sort_rows(ret, like);
}

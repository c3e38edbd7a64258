/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns what words say about topics: reads labelled messages, prints topics/weights.tsv. Part of the build (`make weights`), not
 * installed. Usage: teach CONFIG LESSONS… */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "handlers/teach/lessons.h"
#include "handlers/weights.h"

#define LEAST 2 /* less says next to nothing and is as much to look up */

/* A table of weights: a row for every message, then one for each feature. */
struct learnt {
	float *at;
	size_t n_columns;
};

static float weight(const struct learnt *l, size_t row, size_t column)
{
	return l->at[row * l->n_columns + column];
}

/* Fits the lessons that pass has a class for. Class SIZE_MAX: not of these. */
static int fit(const struct lessons *l, size_t (*class_of)(const struct lesson *one, unsigned flag), unsigned flag, struct learnt *ret)
{
	OWN(mem) struct example *examples = calloc(l->n + 1, sizeof(*examples));
	size_t n = 0;
	ret->at = calloc((l->n_features + 1) * ret->n_columns, sizeof(*ret->at));
	if (!examples || !ret->at)
		return E_NOMEM;
	for (size_t i = 0; i < l->n; i++) {
		size_t class = class_of(&l->at[i], flag);
		if (class != SIZE_MAX)
			examples[n++] = (struct example){ l->at[i].features, l->at[i].counts, l->at[i].n_features, class };
	}
	return learner_fit(examples, n, l->n_features, ret->n_columns, ret->at);
}

static size_t topic_of(const struct lesson *one, unsigned flag)
{
	(void)flag;
	return one->topic; /* LESSON_NO_TOPIC is SIZE_MAX */
}

static size_t flag_of(const struct lesson *one, unsigned flag)
{
	return one->flags >> flag & 1;
}

static int rounded(float by)
{
	long n = lroundf(by * WEIGHTS_PER_UNIT);
	if (n > -LEAST && n < LEAST)
		return 0;
	return (int)(n > WEIGHTS_LARGEST ? WEIGHTS_LARGEST : n < -WEIGHTS_LARGEST ? -WEIGHTS_LARGEST : n);
}

/* What a row says of one; begun = it has said something. */
static bool print_weight(bool begun, const char *words, const char *of, int by)
{
	if (!by)
		return begun;
	if (!begun)
		printf("%s\t", words);
	printf("%s%s%+d", begun ? " " : "", of, by);
	return true;
}

/* words: those of the row, "" the one for every message, which is the first. */
static void print_row(const struct keywords *k, const struct learnt *topics, const struct learnt *flags, size_t row, const char *words)
{
	bool begun = false;
	for (size_t t = 0; t < k->n_topics; t++)
		begun = print_weight(begun, words, k->topics[t].code, rounded(weight(topics, row, t)));
	for (size_t i = 0; i < WEIGHTS_FLAGS; i++)
		begun = print_weight(begun, words, weights_flag_name((enum weights_flag)i), rounded(weight(&flags[i], row, 1) - weight(&flags[i], row, 0)));
	if (begun)
		printf("\n");
}

static int compare_texts(const void *a, const void *b)
{
	const struct feature *const *x = a, *const *y = b;
	return strcmp((*x)->text, (*y)->text);
}

static int print_all(const struct keywords *k, const struct lessons *l, const struct learnt *topics, const struct learnt *flags)
{
	OWN(mem) const struct feature **sorted = calloc(l->n_features + 1, sizeof(*sorted));
	if (!sorted)
		return E_NOMEM;
	for (size_t i = 0; i < l->n_features; i++)
		sorted[i] = &l->features[i];
	qsort(sorted, l->n_features, sizeof(*sorted), compare_texts);
	printf("# What words and pairs of neighbours say for or against a topic, and of life in danger, of charges and of refusals, in tenths; 0 is any\n"
	       "# number. Learnt from %zu messages by `make weights`: whoever wants other weights teaches other lessons (topics/lessons.tsv).\n", l->n);
	print_row(k, topics, flags, 0, "");
	for (size_t i = 0; i < l->n_features; i++)
		print_row(k, topics, flags, (size_t)(sorted[i] - l->features) + 1, sorted[i]->text);
	printf("end\n");
	return 0;
}

static int teach(const struct keywords *k, struct lessons *l)
{
	struct learnt topics = { .n_columns = k->n_topics }, flags[WEIGHTS_FLAGS] = { { NULL, 0 } };
	int r = lessons_settle(l);
	r = r ? r : fit(l, topic_of, 0, &topics);
	for (unsigned i = 0; i < WEIGHTS_FLAGS && !r; i++) {
		flags[i].n_columns = 2;
		r = fit(l, flag_of, i, &flags[i]);
	}
	r = r ? r : print_all(k, l, &topics, flags);
	free(topics.at);
	for (size_t i = 0; i < WEIGHTS_FLAGS; i++)
		free(flags[i].at);
	return r;
}

int main(int argc, char **argv)
{
	OWN(keywords) struct keywords *k = NULL;
	struct lessons l = { .n = 0 };
	struct complaint c = { 0 };
	char text[1024];
	if (argc < 3)
		return fprintf(stderr, "usage: teach CONFIG LESSONS...\n"), 2;
	int r = keywords_load(argv[1], &k, &c);
	for (int i = 2; i < argc && !r; i++)
		r = lessons_read(argv[i], k, &l, &c);
	r = r ? r : teach(k, &l);
	lessons_done(&l);
	if (!r && fflush(stdout) == 0)
		return 0;
	complaint_format(&c, text, sizeof(text));
	fprintf(stderr, "teach: %s\n", r == E_NOMEM ? "no memory" : text);
	return 1;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All examples at once, each weight with a step of its own (Adam). Keeps nothing, does no I/O. */
#include "handlers/teach/learner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

#define ROUNDS 300
#define STEP 0.15f
#define DECAY 0.2f /* pull of each weight towards nought */
#define FIRST 0.9f  /* what of the older slopes is kept, and of their squares */
#define SECOND 0.999f

struct fit {
	float *w, *slope, *first, *second;
	size_t n_weights, n_classes;
	float *likely; /* of one example's classes */
};

static void predict(const struct fit *f, const struct example *e)
{
	float *z = f->likely, most, sum = 0;
	memcpy(z, f->w, f->n_classes * sizeof(*z));
	for (size_t i = 0; i < e->n_features; i++) {
		const float *w = f->w + (e->features[i] + 1) * f->n_classes;
		for (size_t c = 0; c < f->n_classes; c++)
			z[c] += e->counts[i] * w[c];
	}
	most = z[0];
	for (size_t c = 1; c < f->n_classes; c++)
		most = z[c] > most ? z[c] : most;
	for (size_t c = 0; c < f->n_classes; c++)
		sum += z[c] = expf(z[c] - most);
	for (size_t c = 0; c < f->n_classes; c++)
		z[c] /= sum;
}

static void add_slope(const struct fit *f, const struct example *e)
{
	predict(f, e);
	f->likely[e->class] -= 1;
	for (size_t c = 0; c < f->n_classes; c++)
		f->slope[c] += f->likely[c];
	for (size_t i = 0; i < e->n_features; i++) {
		float *s = f->slope + (e->features[i] + 1) * f->n_classes;
		for (size_t c = 0; c < f->n_classes; c++)
			s[c] += e->counts[i] * f->likely[c];
	}
}

static void step(const struct fit *f, int round)
{
	float rate = STEP * (1 - 0.9f * (float)round / ROUNDS), young = 1 - powf(FIRST, (float)round), young_too = 1 - powf(SECOND, (float)round);
	for (size_t i = 0; i < f->n_weights; i++) {
		f->first[i] = FIRST * f->first[i] + (1 - FIRST) * f->slope[i];
		f->second[i] = SECOND * f->second[i] + (1 - SECOND) * f->slope[i] * f->slope[i];
		f->w[i] -= rate * (f->first[i] / young) / (sqrtf(f->second[i] / young_too) + 1e-6f);
	}
}

int learner_fit(const struct example *examples, size_t n_examples, size_t n_features, size_t n_classes, float *ret)
{
	size_t n = (n_features + 1) * n_classes;
	OWN(mem) float *room = calloc(3 * n + n_classes, sizeof(*room));
	if (!room)
		return E_NOMEM;
	struct fit f = { .w = ret, .slope = room, .first = room + n, .second = room + 2 * n, .likely = room + 3 * n, .n_weights = n, .n_classes = n_classes };
	memset(ret, 0, n * sizeof(*ret));
	for (int round = 1; round <= ROUNDS; round++) {
		for (size_t i = 0; i < n; i++)
			f.slope[i] = i < n_classes ? 0 : DECAY * f.w[i];
		for (size_t i = 0; i < n_examples; i++)
			add_slope(&f, &examples[i]);
		step(&f, round);
	}
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Multinomial logistic regression over sparse examples: finds the weights under which the examples'
 * classes are likeliest, large weights held down. The same examples give the same weights. */
#ifndef CAUNOI_HANDLERS_TEACH_LEARNER_H
#define CAUNOI_HANDLERS_TEACH_LEARNER_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

struct example {
	const uint32_t *features; /* counted from 0 */
	const float *counts;      /* how much each counts */
	size_t n_features;
	size_t class;
};

/* ret: (n_features + 1) rows of n_classes, the first one what holds for every example. E_NOMEM. */
MUST_CHECK int learner_fit(const struct example *examples, size_t n_examples, size_t n_features, size_t n_classes, float *ret);

#endif
